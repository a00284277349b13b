"""Bins for a Box of numbers, so that a table can stand for a function of it.

Chapter: `Q-learning`.
"""

import math
from bisect import bisect_right
from collections.abc import Sequence
from typing import Any

import gymnasium as gym
import numpy as np
import numpy.typing as npt

from dqn._arguments import check_numbers, check_whole

__all__ = ["Discretizer"]


class Discretizer(
    gym.ObservationWrapper[Any, Any, npt.NDArray[Any]], gym.utils.RecordConstructorArgs
):
    """An environment whose ``Box`` observation has become the number of a bin.

    Each of the ``d`` numbers of an observation is put into one of its bins, which are equally wide
    between two bounds; what lies outside goes into the outermost bin. The state is the bins' place
    in an array of that shape, so there are as many states as the product of the numbers of bins;
    ``np.unravel_index(state, env.bins)`` gives the bins back.
    Chapter: `Q-learning`.

    Args:
        env: An environment with a ``Box`` observation.
        bins: How many bins each number gets, or a list of ``d``; 1 leaves a number out.
        low: The lower bounds, ``d`` numbers; ``None`` for the ``Box``'s own, for each or for all.
        high: The upper bounds, likewise.

    Raises:
        TypeError: If ``env`` does not observe a ``Box``, or a bound is no number.
        ValueError: If a bound is infinite or not below its partner, or an argument does not fit
            the observation.

    >>> env = Discretizer(gym.make("CartPole-v1"), bins=[1, 3, 6, 3],
    ...     low=[None, -2.0, -0.21, -2.0], high=[None, 2.0, 0.21, 2.0])
    >>> env.observation_space
    Discrete(54)
    >>> env.observation(np.array([0.0, 0.1, -0.2, 9.0]))  # bins 0, 1, 0 and 2
    20
    >>> Discretizer(gym.make("CartPole-v1"), bins=3)
    Traceback (most recent call last):
        ...
    ValueError: low must be given for observation[1]: the space has no lower bound there, got -inf
    """

    def __init__(
        self,
        env: gym.Env[Any, Any],
        bins: int | Sequence[int],
        low: Sequence[float | None] | None = None,
        high: Sequence[float | None] | None = None,
    ) -> None:
        if not isinstance(env, gym.Env):
            raise TypeError(f"env must be a Gymnasium environment, got {env!r}")
        box = env.observation_space
        if not isinstance(box, gym.spaces.Box):
            raise TypeError(f"env must observe a Box, got {box}")
        size = int(np.prod(box.shape))
        listed = isinstance(bins, Sequence) or (isinstance(bins, np.ndarray) and bins.ndim > 0)
        each: list[Any] = list(bins) if listed else [bins] * size  # type: ignore[arg-type]  # as `listed` tells
        if len(each) != size:
            raise ValueError(f"bins must be one number or {size}, got {bins!r}")
        counts = tuple(check_whole("bins", count) for count in each)
        if math.prod(counts) > np.iinfo(np.int64).max:
            raise ValueError(f"bins must make no more states than fit a table, got {bins!r}")
        self.low = _bounds("low", low, box.low)
        self.high = _bounds("high", high, box.high)
        for i, count in enumerate(counts):
            for name, side, value in (
                ("low", "lower", self.low[i]),
                ("high", "upper", self.high[i]),
            ):
                if count > 1 and not np.isfinite(value):
                    raise ValueError(
                        f"{name} must be given for observation[{i}]: "
                        f"the space has no {side} bound there, got {value}"
                    )
            if count > 1 and not math.isfinite(float(self.high[i]) - float(self.low[i])):
                raise ValueError(
                    f"low and high must be nearer to each other, got {self.low[i]} and "
                    f"{self.high[i]} for observation[{i}]"
                )
            if count > 1 and not self.low[i] < self.high[i]:
                raise ValueError(
                    f"low must be below high, got {self.low[i]} and {self.high[i]} "
                    f"for observation[{i}]"
                )
        gym.utils.RecordConstructorArgs.__init__(self, bins=bins, low=low, high=high)
        super().__init__(env)
        self.bins = counts
        self._inner = [  # the bounds between bins
            np.linspace(low, high, count + 1)[1:-1].tolist() if count > 1 else []
            for low, high, count in zip(self.low, self.high, counts, strict=True)
        ]
        self.observation_space = gym.spaces.Discrete(math.prod(counts))

    def observation(self, observation: npt.NDArray[Any]) -> int:
        """Return the number of the bin of an observation.

        Raises:
            TypeError: If it holds no numbers.
            ValueError: If it has another size or holds a NaN.
        """
        check_numbers("observation", observation)
        numbers = np.asarray(observation, dtype=np.float64).ravel().tolist()
        if len(numbers) != len(self.bins) or any(map(math.isnan, numbers)):
            raise ValueError(
                f"observation must be {len(self.bins)} numbers and no NaN, got {observation!r}"
            )
        state = 0
        for number, inner, count in zip(numbers, self._inner, self.bins, strict=True):
            state = state * count + bisect_right(inner, number)
        return state


def _bounds(
    name: str, given: Sequence[float | None] | None, own: npt.NDArray[Any]
) -> npt.NDArray[np.float64]:
    bounds = own.ravel().astype(np.float64)
    if given is None:
        return bounds
    if np.shape(np.asarray(given, object)) != bounds.shape:
        raise ValueError(f"{name} must be {bounds.size} numbers, got {given!r}")
    check_numbers(name, [b if g is None else g for g, b in zip(given, bounds, strict=True)])
    return np.array([b if g is None else g for g, b in zip(given, bounds, strict=True)], float)
