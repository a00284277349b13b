"""How good is a policy: greedy episodes on separate environments.

Chapters: `A network that learns online`, `Experiments you can trust`.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dqn._arguments import check_actions, check_generators, check_number, check_whole
from dqn.worlds import EnvSource, make_vector_env

__all__ = ["evaluate"]


def evaluate(
    act: Callable[[NDArray[np.generic]], NDArray[np.integer]],
    source: EnvSource,
    rngs: Sequence[np.random.Generator],
    episodes: int,
    *,
    gamma: float = 1.0,
    max_steps: int = 27_000,
    **kwargs: Any,
) -> NDArray[np.float64]:
    """Play whole episodes on environments made for the purpose, so that training is not disturbed.

    Each learner plays ``episodes`` environments side by side and only the first episode of each
    counts. Taking the first k episodes to *finish* instead would favour short ones. Every call
    draws new starts from ``rngs``: reseeding to one number would test on the same few starts
    for ever.

    Args:
        act: From observations ``[S, episodes, *obs]`` to actions ``[S, episodes]``, such as
            :meth:`dqn.agent.DQN.greedy`. Discrete observations come one-hot.
        source: The environment, as in :func:`dqn.worlds.make_env`.
        rngs: One generator per learner, S of them.
        episodes: Episodes per learner.
        gamma: Discount of the returns that are reported; 1 sums the rewards.
        max_steps: Where an episode is cut if the environment does not cut it: a policy that walks
            in circles would never return. The default is half an hour of an Atari game.
        **kwargs: Passed on to the environment, such as ``max_episode_steps``, or to ``source`` if
            it is a function.

    Returns:
        Returns ``[S, episodes]``.

    Raises:
        ValueError: If ``episodes``, ``gamma`` or ``max_steps`` is out of range, ``source`` is
            unknown or makes the same environment every time, ``rngs`` is empty, or ``act`` returns
            another shape, or an action that there is not.
        TypeError: If ``act`` is no function, or returns no whole numbers, or ``rngs`` is no
            sequence of generators.

    >>> left = lambda obs: np.zeros(obs.shape[:2], int)
    >>> returns = evaluate(left, "CartPole-v1", [np.random.default_rng(0)], episodes=50)
    >>> returns.shape, 8 <= returns.mean() <= 10.5  # the pole falls within ten steps
    ((1, 50), np.True_)
    """
    if not callable(act):
        raise TypeError(f"act must be a function, got {act!r}")
    check_whole("episodes", episodes)
    check_number("gamma", gamma, low=0, high=1)
    check_whole("max_steps", max_steps)
    if isinstance(rngs, np.ndarray):
        raise TypeError(f"rngs must be a sequence of numpy.random.Generator, got {rngs!r}")
    if isinstance(rngs, np.random.Generator) or not rngs:
        raise ValueError(f"rngs must hold one generator per learner, got {rngs!r}")
    check_generators("rngs", rngs)
    vectors = [make_vector_env(source, episodes, **kwargs) for _ in rngs]
    try:
        starts = [
            envs.reset(seed=int(rng.integers(2**31)))[0]
            for envs, rng in zip(vectors, rngs, strict=True)
        ]
        obs = np.stack(starts)
        returns = np.zeros((len(vectors), episodes))
        running = np.ones((len(vectors), episodes), np.bool_)
        weight = 1.0
        for _ in range(max_steps):
            actions = act(obs)
            if np.shape(actions) != running.shape:
                raise ValueError(
                    f"act must return one action per observation, {running.shape}, "
                    f"got shape {np.shape(actions)}"
                )
            if np.asarray(actions).dtype.kind not in "iu":
                raise TypeError(f"act must return whole numbers, got {actions!r}")
            _check_offered(actions, vectors[0].single_action_space)
            for s in np.flatnonzero(running.any(1)):
                obs[s], reward, terminated, truncated, _ = vectors[s].step(actions[s])
                returns[s] += weight * reward * running[s]
                running[s] &= ~(terminated | truncated)
            if not running.any():
                break
            weight *= gamma
    finally:
        for envs in vectors:
            envs.close()
    return returns


def _check_offered(actions: NDArray[np.integer[Any]], space: Any) -> None:
    """Raise unless a ``Discrete`` space, which all environments here have, has these actions."""
    check_actions(actions, int(space.n), int(space.start), name="what act returns")
