"""Films of agents at work, small enough to live inside a page.

A film is recorded by Gymnasium's ``RecordVideo`` as H.264, which every browser plays, and embedded
as text, so that a page or a notebook needs no file beside it. Nothing plays by itself: who asked
for less motion gets none, and everyone gets a still picture before and a caption below.
"""

import base64
import contextlib
import html
import io
import operator
import os
import tempfile
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gymnasium as gym
import numpy as np
from gymnasium.wrappers import RecordVideo
from numpy.typing import NDArray
from PIL import Image

from dqn._arguments import check_number, check_path, check_whole
from dqn._files import write_atomically

if TYPE_CHECKING:
    from IPython.display import HTML

__all__ = ["Video", "record_episode", "show", "side_by_side"]

Frame = NDArray[np.uint8]

# No window, no sound device and no greeting, which pygame would otherwise open and print.
_QUIET_PYGAME = {
    "SDL_VIDEODRIVER": "dummy",
    "SDL_AUDIODRIVER": "dummy",
    "PYGAME_HIDE_SUPPORT_PROMPT": "1",
}
# Narrower frames, those of pixel games, are enlarged.
_MIN_WIDTH = 200


@dataclass(frozen=True)
class Video:
    """One recorded episode."""

    mp4: bytes = field(repr=False)
    """The film, H.264 in an MP4 container."""
    poster: bytes = field(repr=False)
    """Its first frame as JPEG, shown until it plays."""
    width: int
    """Pixels."""
    height: int
    """Pixels."""
    episode_return: float
    """Undiscounted sum of rewards."""
    steps: int
    """Environment steps."""
    terminated: bool
    """Whether the last step ended the episode by the task's own rules."""
    truncated: bool
    """Whether the last step ran into the environment's time limit."""


def record_episode(
    act: Callable[[Any], Any],
    env: str | gym.Env[Any, Any],
    *,
    seed: int,
    max_steps: int = 500,
    fps: float | None = None,
    max_width: int = 600,
    max_bytes: int = 300_000,
    path: str | os.PathLike[str] | None = None,
    **env_kwargs: Any,
) -> Video:
    """Film one episode, from its first observation; the film rests on the last frame for a second.

    Chapter: `The loop`.

    Args:
        act: From an observation to an action; a 0-dimensional array or tensor will do. One learner
            of a :class:`~dqn.agent.DQN` acts by its ``policy()``.
        env: An environment's id, which is made as Gymnasium does, its observations unchanged, or an
            environment made with ``render_mode="rgb_array"``, which is left open. Where an agent
            sees flattened observations, pass ``make_env(name, render_mode="rgb_array")``.
        seed: Of the episode's start.
        max_steps: Where to stop when the episode goes on.
        fps: Steps per second. By default the environment's own: 4 for the grid worlds, 50 for
            CartPole, which is real time.
        max_width: Pixels; wider frames are scaled down.
        max_bytes: The largest film accepted.
        path: Where to keep the film as a file, too.
        **env_kwargs: For :func:`gymnasium.make`; ``render_mode`` is not among them.

    Raises:
        TypeError: If ``env`` is neither, or another argument is of another kind.
        ValueError: If a number is out of range, the environment can't be drawn, an action
            lies outside its space, or the film is larger than ``max_bytes``.
        OSError: If the film can't be kept at ``path``; found out before the filming where possible.
        gymnasium.error.Error: If there is no such environment.

    >>> video = record_episode(lambda obs: 1, "CartPole-v1", seed=0)
    >>> video.steps, video.episode_return, video.terminated, len(video.mp4) < 300_000
    (8, 8.0, True, True)
    """
    if not callable(act):
        raise TypeError(f"act must be a function from an observation to an action, got {act!r}")
    check_whole("max_steps", max_steps)
    check_whole("max_width", max_width, low=_MIN_WIDTH)
    check_whole("max_bytes", max_bytes)
    seed = check_whole("seed", seed, low=0)
    if fps is not None:
        check_number("fps", fps, low=0.01)
    if path is not None:
        _check_place(check_path("path", path))
    if not isinstance(env, (str, gym.Env)):
        raise TypeError(f"env must be a name or a Gymnasium environment, got {env!r}")
    if env_kwargs and not isinstance(env, str):
        raise ValueError(f"env must be a name for its settings to be used, got {env_kwargs}")
    if "render_mode" in env_kwargs:
        mode = env_kwargs["render_mode"]
        raise ValueError(f"render_mode must be left out, as a film needs rgb_array, got {mode!r}")
    with contextlib.ExitStack() as stack:
        stack.enter_context(_environment_variables(_QUIET_PYGAME))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()), "film")
        if isinstance(env, str):
            with warnings.catch_warnings():
                # Said below, as an error.
                warnings.filterwarnings("ignore", ".*render_mode", UserWarning)
                env = gym.make(env, render_mode="rgb_array", **env_kwargs)
            stack.callback(env.close)
        if env.render_mode != "rgb_array" or "rgb_array" not in env.metadata["render_modes"]:
            raise ValueError(f"env must be able to draw itself as an rgb_array, got {env}")
        recorder = RecordVideo(env, str(folder), episode_trigger=lambda _: True)
        if fps is not None:
            recorder.frames_per_sec = fps  # type: ignore[assignment]  # ffmpeg takes fractions
        try:
            episode = _play(act, recorder, seed, max_steps)
            frames: list[Any] = recorder.recorded_frames
            for i, frame in enumerate(frames):
                frames[i] = _fit(frame, max_width)
            poster, (height, width, _) = frames[0], frames[0].shape
            frames += [frames[-1]] * max(1, round(recorder.frames_per_sec))
            recorder.stop_recording()  # type: ignore[no-untyped-call]
        finally:
            recorder.recorded_frames = []  # after an error, or it complains of an unsaved film
        [film] = folder.iterdir()
        mp4 = film.read_bytes()
    if len(mp4) > max_bytes:
        raise ValueError(
            f"max_bytes is {max_bytes}, but the film of {episode[1]} steps takes {len(mp4)}: "
            "lower max_steps or max_width, or allow more"
        )
    if path is not None:
        write_atomically(path, mp4)
    return Video(mp4, _jpeg(poster), width, height, *episode)


def show(video: Video, description: str) -> "HTML":
    """Embed a film in a page or notebook, with a line that says what happens in it.

    Make it a cell's last line, or pass it to :func:`IPython.display.display`.

    Args:
        video: The film.
        description: For those who read, and for those who can't see it.

    Raises:
        TypeError: If ``video`` is none.
        ValueError: If ``description`` is empty or no text.

    >>> film = Video(b"...", b"...", 600, 400, 9.0, 9, True, False)
    >>> show(film, "The pole falls to the right within 9 steps.")
    <IPython.core.display.HTML object>
    """
    from IPython.display import HTML

    return HTML(_figure(video, description))  # type: ignore[no-untyped-call]


def side_by_side(*films: tuple[Video, str]) -> "HTML":
    """Embed films in one row, which becomes a column on a narrow screen.

    Args:
        *films: Each with its description, as for :func:`show`.

    Raises:
        TypeError: If ``films`` are no pairs, or one has no film in it.
        ValueError: If there is no film, or a description is empty or no text.

    >>> film = Video(b"...", b"...", 600, 400, 9.0, 9, True, False)
    >>> side_by_side((film, "Untrained: falls."), (film, "Trained: stands."))
    <IPython.core.display.HTML object>
    """
    from IPython.display import HTML

    if not films:
        raise ValueError("films must hold at least one film, got none")
    for film in films:
        if not isinstance(film, (tuple, list)) or len(film) != 2:
            raise TypeError(f"films must be pairs of a film and its description, got {film!r}")
    figures = "\n".join(_figure(*film) for film in films)
    row = f'<div style="display:flex;flex-wrap:wrap;gap:1rem">\n{figures}\n</div>'
    return HTML(row)  # type: ignore[no-untyped-call]


def _check_place(path: Path) -> None:
    """Raise unless a file can be put there, as far as can be told beforehand."""
    if not path.parent.is_dir():
        raise FileNotFoundError(f"path must lie in a folder that exists, got {str(path)!r}")
    if path.is_dir():
        raise IsADirectoryError(f"path must be a file, got the folder {str(path)!r}")
    if not os.access(path.parent, os.W_OK):
        raise PermissionError(f"path must lie in a folder you may write to, got {str(path)!r}")


def _play(
    act: Callable[[Any], Any], env: RecordVideo[Any, Any], seed: int, max_steps: int
) -> tuple[float, int, bool, bool]:
    """Play one episode; its return, number of steps and both flags at the end."""
    obs, _ = env.reset(seed=seed)
    if not env.recording:
        raise ValueError(f"env must be able to draw itself as an rgb_array, got {env}")
    total = 0.0
    terminated = truncated = False
    steps = 0
    while not (terminated or truncated) and steps < max_steps:
        action = act(obs)
        if isinstance(env.action_space, gym.spaces.Discrete):
            # Also from a 0-dimensional array or tensor.
            with contextlib.suppress(TypeError):
                action = operator.index(action)
        if not env.action_space.contains(action):
            raise ValueError(f"act must return an action in {env.action_space}, got {action!r}")
        obs, reward, terminated, truncated, _ = env.step(action)
        total += float(reward)
        steps += 1
    return total, steps, terminated, truncated


def _fit(frame: Frame, max_width: int) -> Frame:
    """Scale a frame; players want an even number of rows and columns."""
    image = Image.fromarray(frame).convert("RGB")
    if image.width < _MIN_WIDTH:
        # By a whole number, so that pixels stay squares.
        factor = -(-_MIN_WIDTH // image.width)
        image = image.resize(
            (factor * image.width, factor * image.height), Image.Resampling.NEAREST
        )
    scale = min(1.0, max_width / image.width)
    size = (2 * round(scale * image.width / 2), max(2, 2 * round(scale * image.height / 2)))
    return np.asarray(image if size == image.size else image.resize(size))


def _jpeg(frame: Frame) -> bytes:
    file = io.BytesIO()
    Image.fromarray(frame).save(file, "JPEG", quality=80, optimize=True)
    return file.getvalue()


def _figure(video: Video, description: str) -> str:
    if not isinstance(video, Video):
        raise TypeError(f"video must be a Video, as record_episode makes it, got {video!r}")
    if not isinstance(description, str) or not description.strip():
        raise ValueError(f"description must say what happens in the film, got {description!r}")
    text = html.escape(description)
    film, poster = (base64.b64encode(data).decode() for data in (video.mp4, video.poster))
    # Sizes twice: the attributes keep the place free before the film is there, the style lets it
    # shrink. min() lets films stack where there is no room for two. The ground is the figure's own,
    # since themes paint all kinds of it behind a cell's output.
    return (
        f'<figure style="flex:1 1 min(280px,100%);max-width:{video.width}px;margin:0 0 1rem;'
        f'background:white;border:1px solid #ccc">'
        f'<video controls muted loop playsinline preload="metadata" aria-label="{text}"'
        f' width="{video.width}" height="{video.height}"'
        f' style="display:block;width:100%;height:auto"'
        f' poster="data:image/jpeg;base64,{poster}">'
        f'<source type="video/mp4" src="data:video/mp4;base64,{film}">'
        f'</video><figcaption style="margin:0;padding:0.5rem;color:#222;background:white">{text}'
        f"</figcaption></figure>"
    )


@contextlib.contextmanager
def _environment_variables(wanted: dict[str, str]) -> Iterator[None]:
    """Set variables that aren't set, and forget them afterwards: windows may be wanted later."""
    added = {name: value for name, value in wanted.items() if name not in os.environ}
    os.environ.update(added)
    try:
        yield
    finally:
        for name in added:
            os.environ.pop(name, None)
