"""Catch: a game in pixels that is small enough to learn while you wait. Chapter: `Beyond`.

It is registered as ``dqn/Catch-v0`` when this module is imported.
"""

from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium.wrappers import FrameStackObservation
from numpy.typing import NDArray

from dqn._arguments import check_choice, check_whole

__all__ = ["Catch", "stacked_catch"]

Frame = NDArray[np.uint8]
ZOOM = 16
FASTEST = 2


class Catch(gym.Env[Frame, Any]):
    """A ball falls and bounces off the walls; be under it when it lands.

    The observation is a frame ``[rows, columns]`` of bytes, black but for the ball and, in the
    bottom row, the paddle, one white pixel each. The ball starts anywhere in the top row, moves a
    row a step and from two columns to the left to two to the right, always as many but for the
    bounces. Actions: 0 left, 1 stay, 2 right, a column a step. The episode ends when the ball
    reaches the bottom row, with reward 1 if the paddle is there and -1 if it is not.

    A single frame does not tell where the ball is going. Two do.

    Chapter: `Beyond`.

    Args:
        rows: Height, at least 3; an episode has ``rows - 1`` steps.
        columns: Width, at least 3; from the middle every column must be within reach, so no more
            than ``2 * rows - 1``.
        render_mode: None or ``"rgb_array"``.

    Raises:
        ValueError: If an argument is out of range.

    >>> env = Catch(rows=4, columns=5)
    >>> frame, _ = env.reset(seed=3)
    >>> frame.shape, int((frame > 0).sum())
    ((4, 5), 2)
    >>> [env.step(1)[1:3] for _ in range(3)]
    [(0.0, False), (0.0, False), (1.0, True)]
    """

    metadata = {"render_modes": ["rgb_array"], "render_fps": 8}  # noqa: RUF012 (Gymnasium's own)

    def __init__(self, rows: int = 10, columns: int = 10, render_mode: str | None = None) -> None:
        self.rows = check_whole("rows", rows, low=3)
        self.columns = check_whole("columns", columns, low=3)
        if columns > 2 * rows - 1:
            raise ValueError(f"columns must be at most 2 * rows - 1, got {columns} with {rows}")
        if render_mode is not None:
            check_choice("render_mode", render_mode, ("rgb_array",))
        self.render_mode = render_mode
        self.observation_space = gym.spaces.Box(0, 255, (rows, columns), np.uint8)
        self.action_space = gym.spaces.Discrete(3)
        self._row = rows  # before the first reset there is no game
        self._ball = self._speed = self._paddle = 0

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Frame, dict[str, Any]]:
        """Drop a new ball."""
        super().reset(seed=seed, options=options)
        self._row, self._paddle = 0, self.columns // 2
        self._ball = int(self.np_random.integers(self.columns))
        self._speed = int(self.np_random.integers(-FASTEST, FASTEST + 1))
        return self._frame(), {}

    def step(self, action: int) -> tuple[Frame, float, bool, bool, dict[str, Any]]:
        """Move the paddle, then the ball.

        Raises:
            ValueError: If there is no such action or the game is over.
        """
        if not self.action_space.contains(action):
            raise ValueError(f"action must be 0, 1 or 2, got {action!r}")
        if self._row >= self.rows - 1:
            raise ValueError("the game is over: call reset")
        last = self.columns - 1
        self._paddle = min(max(self._paddle + int(action) - 1, 0), last)
        self._row += 1
        self._ball += self._speed
        if not 0 <= self._ball <= last:
            self._ball = -self._ball if self._ball < 0 else 2 * last - self._ball
            self._speed = -self._speed
        landed = self._row == self.rows - 1
        caught = self._ball == self._paddle
        reward = (1.0 if caught else -1.0) if landed else 0.0
        return self._frame(), reward, landed, False, {}

    def render(self) -> Any:
        """Return the frame, enlarged, ``[16 * rows, 16 * columns, 3]``."""
        large = self._frame().repeat(ZOOM, axis=0).repeat(ZOOM, axis=1)
        return np.repeat(large[..., None], 3, axis=2)

    def _frame(self) -> Frame:
        frame = np.zeros((self.rows, self.columns), np.uint8)
        frame[min(self._row, self.rows - 1), self._ball] = 255
        frame[-1, self._paddle] = 255
        return frame


def stacked_catch(frames: int = 2, rows: int = 10, columns: int = 10) -> gym.Env[Frame, Any]:
    """Make Catch with the last few frames as observation, ``[frames, rows, columns]``, newest last.

    An episode begins with copies of its first frame.

    Raises:
        ValueError: If an argument is out of range.

    Chapter: `Beyond`.

    >>> stacked_catch(frames=4).observation_space.shape
    (4, 10, 10)
    """
    return FrameStackObservation(Catch(rows, columns), check_whole("frames", frames))


gym.register("dqn/Catch-v0", entry_point="dqn.pixels:Catch")
