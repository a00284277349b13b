"""Films: what an episode's film holds, how a page shows it, and what is refused beforehand."""

import base64
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import gymnasium as gym
import imageio_ffmpeg  # type: ignore[import-untyped]
import numpy as np
import pytest
import torch
from gymnasium import spaces
from numpy.typing import NDArray
from PIL import Image

from dqn.video import Video, record_episode, show, side_by_side


class Drawn(gym.Env[int, Any]):
    """Ends after ``length`` steps; its picture has the size asked for, first red and then blue."""

    observation_space: spaces.Space[Any] = spaces.Discrete(100)
    action_space: spaces.Space[Any] = spaces.Discrete(3)

    def __init__(self, size: tuple[int, ...], length: int = 3, render_mode: str = "rgb_array"):
        self.metadata = {"render_modes": ["rgb_array", "human"], "render_fps": 5}
        self.render_mode, self.size, self.length = render_mode, size, length
        self.closed = False

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[int, dict[str, Any]]:
        super().reset(seed=seed, options=options)
        self.time = 0
        self.actions: list[Any] = []
        return 0, {}

    def step(self, action: Any) -> tuple[int, float, bool, bool, dict[str, Any]]:
        self.time += 1
        self.actions.append(action)
        done = self.time >= self.length
        return self.time, 0.5, done, done, {}

    def render(self) -> NDArray[np.uint8]:
        frame = np.zeros(self.size, np.uint8)
        if frame.ndim == 3:
            frame[..., 0 if self.time == 0 else 2] = 255
        return frame

    def close(self) -> None:
        self.closed = True


def ffmpeg(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    command = [imageio_ffmpeg.get_ffmpeg_exe(), *arguments]
    return subprocess.run(command, capture_output=True, check=False)


def ffmpeg_says(mp4: bytes, folder: Path) -> str:
    """ffmpeg's own description of the film."""
    file = folder / "film.mp4"
    file.write_bytes(mp4)
    return ffmpeg("-i", str(file)).stderr.decode()


def frames_of(video: Video, folder: Path) -> NDArray[np.uint8]:
    file = folder / "film.mp4"
    file.write_bytes(video.mp4)
    raw = ("-fps_mode", "passthrough", "-f", "rawvideo", "-pix_fmt", "rgb24", "-")
    pixels = ffmpeg("-i", str(file), *raw).stdout
    return np.frombuffer(pixels, np.uint8).reshape(-1, video.height, video.width, 3)


class Tags(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def attributes(self, tag: str) -> dict[str, str | None]:
        [found] = [attributes for name, attributes in self.found if name == tag]
        return found


@pytest.mark.parametrize(
    ("env_id", "kwargs", "fps"),
    [
        ("CartPole-v1", {}, 50),
        ("Acrobot-v1", {}, 15),
        ("FrozenLake-v1", {"map_name": "8x8", "is_slippery": False}, 4),
        ("CliffWalking-v1", {}, 4),
        ("Taxi-v4", {}, 4),
    ],
)
def test_films_play_in_browsers(
    tmp_path: Path, env_id: str, kwargs: dict[str, Any], fps: int
) -> None:
    video = record_episode(lambda _: 0, env_id, seed=0, max_steps=20, **kwargs)
    described = ffmpeg_says(video.mp4, tmp_path)
    assert re.search(r"Video: h264 .*avc1.*yuv420p", described)
    assert f"{video.width}x{video.height}" in described
    assert re.search(rf"\b{fps} fps", described)
    assert "Audio" not in described
    assert len(video.mp4) < 300_000
    # One frame for the start, one a step, and a second of rest; rounding may cost the very last.
    assert len(frames_of(video, tmp_path)) - (1 + video.steps + fps) in (0, -1)


def test_a_whole_cartpole_episode_stays_small() -> None:
    def balance(obs: NDArray[np.float32]) -> int:
        return int(0.1 * obs[0] + 0.3 * obs[1] + 3 * obs[2] + obs[3] > 0)

    video = record_episode(balance, "CartPole-v1", seed=0)
    assert (video.steps, video.episode_return) == (500, 500)
    assert video.truncated
    assert len(video.mp4) + len(video.poster) < 100_000


def test_what_the_episode_was() -> None:
    env = Drawn((200, 300, 3), length=3)
    video = record_episode(lambda obs: obs, env, seed=0)
    assert (video.episode_return, video.steps) == (1.5, 3)
    assert (video.terminated, video.truncated) == (True, True)
    assert env.actions == [0, 1, 2]
    assert not env.closed
    cut = record_episode(lambda _: 0, env, seed=0, max_steps=2)
    assert (cut.steps, cut.terminated, cut.truncated) == (2, False, False)


def test_the_seed_is_the_episodes() -> None:
    def first_observation(seed: int) -> list[float]:
        seen: list[list[float]] = []

        def act(obs: NDArray[np.float32]) -> int:
            seen.append(obs.tolist())
            return 0

        record_episode(act, "CartPole-v1", seed=seed, max_steps=1)
        return seen[0]

    for seed in (3, 4):
        expected, _ = gym.make("CartPole-v1").reset(seed=seed)
        assert first_observation(seed) == expected.tolist()


def test_first_frame_last_frame_and_poster(tmp_path: Path) -> None:
    video = record_episode(lambda _: 0, Drawn((200, 300, 3), length=2), seed=0)
    frames = frames_of(video, tmp_path)
    strongest = frames.mean(axis=(1, 2)).argmax(axis=1)
    assert strongest.tolist() in ([0] + [2] * 7, [0] + [2] * 6)
    (tmp_path / "poster.jpg").write_bytes(video.poster)
    poster = np.asarray(Image.open(tmp_path / "poster.jpg"))
    assert poster.shape == (video.height, video.width, 3)
    assert poster.mean(axis=(0, 1)).argmax() == 0


@pytest.mark.parametrize(
    ("size", "width", "height"),
    [
        ((200, 300, 3), 300, 200),
        ((201, 301, 3), 300, 200),
        ((7, 5, 3), 200, 280),  # enlarged forty times
        ((10, 11), 208, 190),  # grey, nineteen times, then made even
        ((400, 1201, 4), 600, 200),  # with opacity, scaled down
        ((1, 900, 3), 600, 2),
    ],
)
def test_any_picture_becomes_a_film(
    tmp_path: Path, size: tuple[int, ...], width: int, height: int
) -> None:
    video = record_episode(lambda _: 0, Drawn(size), seed=0, fps=2.5)
    described = ffmpeg_says(video.mp4, tmp_path)
    assert "yuv420p" in described
    assert "2.50 fps" in described
    assert (video.width, video.height) == (width, height)
    assert f"{width}x{height}" in described


def test_film_is_kept_as_a_file(tmp_path: Path) -> None:
    path = tmp_path / "kept.mp4"
    video = record_episode(lambda _: 0, Drawn((200, 300, 3)), seed=0, path=path)
    assert path.read_bytes() == video.mp4


@pytest.mark.parametrize("action", [1, np.int64(1), np.array(1), torch.tensor(1)])
def test_any_kind_of_action(action: Any) -> None:
    env = Drawn((200, 300, 3), length=1)
    record_episode(lambda _: action, env, seed=0)
    assert env.actions == [1]


def test_actions_that_are_not_discrete() -> None:
    env = Drawn((200, 300, 3), length=1)
    env.action_space = spaces.Box(-1, 1, (2,))
    record_episode(lambda _: np.zeros(2, np.float32), env, seed=0)
    assert env.actions[0].shape == (2,)


@pytest.mark.parametrize("action", [3, -1, 0.5, None, "left", np.array([0, 1])])
def test_refuses_actions_outside_the_space(action: Any) -> None:
    with pytest.raises(ValueError, match=r"act must return an action in .*Discrete\(3\)"):
        record_episode(lambda _: action, Drawn((200, 300, 3)), seed=0)


class Blind(gym.Env[int, int]):
    metadata = {"render_modes": []}  # noqa: RUF012  # as Gymnasium has it
    observation_space: spaces.Space[Any] = spaces.Discrete(1)
    action_space: spaces.Space[Any] = spaces.Discrete(1)

    def __init__(self, render_mode: str | None = None):
        self.render_mode = render_mode


def test_refuses_what_it_can_not_film(tmp_path: Path) -> None:
    def record(env: Any = "CartPole-v1", **kwargs: Any) -> Video:
        return record_episode(lambda _: 0, env, seed=0, **kwargs)

    gym.register("test/Blind-v0", lambda **kwargs: Blind(**kwargs))
    try:
        for blind in ("test/Blind-v0", Blind(), gym.make("CartPole-v1")):
            with pytest.raises(ValueError, match="env must be able to draw itself"):
                record(blind)
    finally:
        del gym.registry["test/Blind-v0"]
    with pytest.raises(gym.error.NameNotFound):
        record("NoSuchEnv-v0")
    with pytest.raises(ValueError, match=r"render_mode must be left out, .* got 'human'"):
        record(render_mode="human")
    for name, value in {"max_steps": 0, "fps": 0, "max_width": 10}.items():
        with pytest.raises(ValueError, match=name):
            record(**{name: value})
    with pytest.raises(ValueError, match="max_bytes is 100, but the film of 3 steps takes"):
        record(max_steps=3, max_bytes=100, path=tmp_path / "film.mp4")
    assert not list(tmp_path.iterdir())


def test_an_error_while_acting_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SDL_VIDEODRIVER", raising=False)

    def act(obs: int) -> int:
        if obs:
            raise KeyError("mine")
        return 0

    env = Drawn((200, 300, 3))
    # Gymnasium warns of a film that was not saved, which would be an error here.
    with pytest.raises(KeyError, match="mine"):
        record_episode(act, env, seed=0)
    assert "SDL_VIDEODRIVER" not in os.environ


def test_nothing_is_printed_and_no_variable_stays() -> None:
    code = (
        "import os; before = dict(os.environ)\n"
        "from dqn.video import record_episode\n"
        "for env in 'CartPole-v1', 'FrozenLake-v1':\n"
        "    record_episode(lambda _: 0, env, seed=0, max_steps=2)\n"
        "assert dict(os.environ).items() >= before.items()\n"
        "assert 'SDL_VIDEODRIVER' not in os.environ, 'windows would never open again'\n"
    )
    hidden = {"SDL_VIDEODRIVER", "SDL_AUDIODRIVER", "PYGAME_HIDE_SUPPORT_PROMPT", "DISPLAY"}
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        env={name: value for name, value in os.environ.items() if name not in hidden},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")


# -- on the page

FILM = Video(b"film", b"poster", 600, 400, 9.0, 9, True, False)


def test_page_holds_the_film_and_says_what_it_shows() -> None:
    page = Tags(str(show(FILM, 'Falls "left" <fast> & far').data))
    player = page.attributes("video")
    assert {"controls", "muted", "loop", "playsinline"} <= player.keys()
    assert "autoplay" not in player
    assert player["aria-label"] == page.text.strip() == 'Falls "left" <fast> & far'
    assert (player["width"], player["height"]) == ("600", "400")
    assert "width:100%;height:auto" in (player["style"] or "")
    assert "max-width:600px" in (page.attributes("figure")["style"] or "")
    kind, poster = (player["poster"] or "").split(",")
    assert kind == "data:image/jpeg;base64"
    assert base64.b64decode(poster) == b"poster"
    source = page.attributes("source")
    assert source["type"] == "video/mp4"
    kind, film = (source["src"] or "").split(",")
    assert kind == "data:video/mp4;base64"
    assert base64.b64decode(film) == b"film"


def test_films_in_a_row() -> None:
    page = Tags(str(side_by_side((FILM, "one"), (FILM, "two")).data))
    assert [name for name, _ in page.found].count("video") == 2
    assert "flex-wrap:wrap" in (page.attributes("div")["style"] or "")
    assert page.text.split() == ["one", "two"]


def test_a_film_needs_words() -> None:
    with pytest.raises(ValueError, match="description must say what happens"):
        show(FILM, " ")
    with pytest.raises(ValueError, match="films must hold at least one"):
        side_by_side()


@pytest.mark.parametrize(
    ("change", "name"),
    [({"seed": -1}, "seed"), ({"max_bytes": 0}, "max_bytes"), ({"fps": 0.001}, "fps")],
)
def test_odd_numbers_are_refused_before_the_filming(change: dict[str, Any], name: str) -> None:
    with pytest.raises(ValueError, match=f"{name} must be"):
        record_episode(lambda _: 1, "CartPole-v1", **({"seed": 0} | change))


@pytest.mark.parametrize(
    ("films", "message"),
    [
        ([None], "films must be pairs of a film and its description, got None"),
        ([FILM, "one"], r"films must be pairs of a film and its description, got Video\(width=600"),
        ([(FILM,)], "films must be pairs of a film and its description, got"),
        ([(FILM, "one"), (None, "two")], "video must be a Video, .* got None"),
        ([(FILM, None)], "description must say what happens in the film, got None"),
    ],
)
def test_films_without_a_film_or_words_are_refused(films: list[Any], message: str) -> None:
    with pytest.raises((TypeError, ValueError), match=message):
        side_by_side(*films)


def test_only_a_film_can_be_shown() -> None:
    with pytest.raises(TypeError, match=r"video must be a Video, .* got b'film'"):
        show(b"film", "Falls.")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("place", "error", "message"),
    [
        ("no/film.mp4", FileNotFoundError, "path must lie in a folder that exists, got"),
        (".", IsADirectoryError, "path must be a file, got the folder"),
        (None, TypeError, "path must be the path of a file, got 3"),
    ],
)
def test_a_place_for_the_film_is_looked_at_before_the_filming(
    tmp_path: Path, place: str | None, error: type[Exception], message: str
) -> None:
    env = Drawn((200, 300, 3))
    path: Any = 3 if place is None else tmp_path / place
    with pytest.raises(error, match=message):
        record_episode(lambda _: 0, env, seed=0, path=path)
    assert not hasattr(env, "time")  # it was never reset


def test_a_folder_that_may_not_be_written_is_refused_before_the_filming(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    env = Drawn((200, 300, 3))
    monkeypatch.setattr(os, "access", lambda *_: False)  # nothing is forbidden to root
    with pytest.raises(PermissionError, match="path must lie in a folder you may write to"):
        record_episode(lambda _: 0, env, seed=0, path=tmp_path / "film.mp4")
    assert not hasattr(env, "time")


def test_what_cannot_act_is_refused() -> None:
    nobody: Any = None
    with pytest.raises(TypeError, match="act must be a function from an observation to an action"):
        record_episode(nobody, "CartPole-v1", seed=0)


def test_what_is_no_environment_is_refused() -> None:
    with pytest.raises(TypeError, match="env must be a name or a Gymnasium environment"):
        record_episode(lambda _: 1, lambda: gym.make("CartPole-v1"), seed=0)  # type: ignore[arg-type]


def test_settings_of_an_environment_that_is_there_already_are_refused() -> None:
    env = gym.make("CartPole-v1", render_mode="rgb_array")
    with pytest.raises(ValueError, match="env must be a name"):
        record_episode(lambda _: 1, env, seed=0, sutton_barto_reward=True)
