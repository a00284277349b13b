"""Exploration: epsilon-greedy actions and how epsilon falls.

Chapter: `A network that learns online`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dqn._arguments import check_generators, check_number, check_whole, keep_checked

__all__ = ["LinearSchedule", "PerEpisodeDecay", "check_schedule", "epsilon_greedy"]


@dataclass(frozen=True)
class LinearSchedule:
    """A straight line from ``start`` to ``end`` over ``duration`` environment steps, flat after.

    Raises:
        TypeError: If a field is no number, or ``duration`` no whole one.
        ValueError: If a number is not finite, or ``duration`` is below 1.

    Source: Mnih et al. (2015), Extended Data Table 1. Also the schedule of beta in Schaul et al.
    (2016), Sec. 3.4.

    >>> epsilon = LinearSchedule(1.0, 0.1, duration=90)
    >>> [round(epsilon(step), 2) for step in (0, 45, 90, 1000)]
    [1.0, 0.55, 0.1, 0.1]
    """

    start: float
    end: float
    duration: int

    def __post_init__(self) -> None:
        keep_checked(
            self,
            start=check_number("start", self.start),
            end=check_number("end", self.end),
            duration=check_whole("duration", self.duration),
        )

    def __call__(self, step: int, episode: int = 0) -> float:  # noqa: ARG002 (one signature for all)
        """The value at environment step ``step``, counted from 0."""
        done = min(max(step / self.duration, 0.0), 1.0)
        return self.start + done * (self.end - self.start)


@dataclass(frozen=True)
class PerEpisodeDecay:
    """``start`` times ``factor`` to the number of finished episodes: the homework's schedule.

    How much an agent explores then depends on how long its episodes are.

    Raises:
        TypeError: If a field is no number.
        ValueError: If a field lies outside [0, 1].

    >>> epsilon = PerEpisodeDecay(0.5, 0.998)
    >>> round(epsilon(step=0, episode=50), 3)
    0.452
    """

    start: float
    factor: float

    def __post_init__(self) -> None:
        keep_checked(
            self,
            start=check_number("start", self.start, low=0, high=1),
            factor=check_number("factor", self.factor, low=0, high=1),
        )

    def __call__(self, step: int, episode: int = 0) -> float:  # noqa: ARG002 (one signature for all)
        """The value after ``episode`` finished episodes."""
        return self.start * self.factor**episode


def check_schedule(name: str, schedule: object, *, or_else: str = "") -> None:
    """Say what is wrong with a linear schedule of probabilities.

    Args:
        name: The argument's name, as its caller knows it.
        schedule: What was given.
        or_else: What else would have done, for the message.

    Raises:
        TypeError: If it is no :class:`LinearSchedule`.
        ValueError: If it leaves [0, 1].

    >>> check_schedule("epsilon", LinearSchedule(2.0, 0.05, 1_000))
    Traceback (most recent call last):
        ...
    ValueError: epsilon.start must be a number in [0, 1], got 2.0
    """
    if not isinstance(schedule, LinearSchedule):
        raise TypeError(f"{name} must be a LinearSchedule{or_else}, got {schedule!r}")
    check_number(f"{name}.start", schedule.start, low=0, high=1)
    check_number(f"{name}.end", schedule.end, low=0, high=1)


def epsilon_greedy(
    q: NDArray[np.floating],
    epsilon: NDArray[np.floating] | float,
    rngs: Sequence[np.random.Generator],
) -> NDArray[np.int64]:
    """With probability epsilon a uniformly random action, else the greedy one.

    A random action may happen to be the greedy one, so the greedy action is taken with probability
    1 - epsilon + epsilon / A.

    Args:
        q: Action values, ``[S, N, A]``: N situations of each of S learners.
        epsilon: Probability of a random action, a number or ``[S]``.
        rngs: One generator per learner. Each is used alike whatever epsilon is, so that a
            learner's random stream does not depend on its schedule or its company.

    Returns:
        Actions ``[S, N]``.

    Raises:
        TypeError: If ``q`` is no array of numbers, ``epsilon`` holds none, or ``rngs`` is no
            sequence of generators.
        ValueError: If an epsilon lies outside [0, 1], or a shape or the number of generators is
            another.

    Source: Sutton & Barto (2018), Sec. 2.2 and 5.4.

    >>> q = np.array([[[0.0, 1.0, 0.5]]])
    >>> epsilon_greedy(q, 0.0, [np.random.default_rng(0)])
    array([[1]])
    """
    if not isinstance(q, np.ndarray):
        raise TypeError(f"q must be an array [S, N, A], got {q!r}")
    if q.dtype.kind not in "biuf":
        raise TypeError(f"q must be an array of numbers, got {q!r}")
    if q.ndim != 3 or q.shape[2] == 0:
        raise ValueError(f"q must be an array [S, N, A], got one of shape {q.shape}")
    learners, situations, num_actions = q.shape
    check_generators("rngs", rngs)
    if len(rngs) != learners:
        raise ValueError(f"rngs must hold {learners} generators, one per learner, got {len(rngs)}")
    if np.asarray(epsilon).dtype.kind not in "iuf":
        raise TypeError(f"epsilon must be a number in [0, 1], got {epsilon!r}")
    if np.shape(epsilon) not in ((), (learners,)):
        raise ValueError(f"epsilon must be a number or hold {learners}, got {epsilon!r}")
    levels = np.broadcast_to(epsilon, learners)
    if not np.all((levels >= 0) & (levels <= 1)):
        raise ValueError(f"epsilon must be a number in [0, 1], got {epsilon!r}")
    actions: NDArray[np.int64] = np.asarray(q.argmax(-1))
    for s, rng in enumerate(rngs):
        explore = rng.random(situations) < levels[s]
        actions[s] = np.where(explore, rng.integers(num_actions, size=situations), actions[s])
    return actions
