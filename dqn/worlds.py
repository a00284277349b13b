"""Environments by the grid: N for each of S learners, each with a random stream of its own.

Chapters: `The loop`, `How episodes end`.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import gymnasium as gym
import numpy as np
from gymnasium.wrappers import FlattenObservation
from gymnasium.wrappers.vector import FlattenObservation as FlattenVectorObservation
from numpy.typing import NDArray

from dqn._arguments import check_whole

__all__ = ["EnvSource", "Step", "Worlds", "make_env", "make_vector_env"]

Env = gym.Env[Any, Any]
EnvSource = str | Callable[[], Env]
"""A registered name such as ``"CartPole-v1"``, or a function that makes an environment."""


def make_env(source: EnvSource, **kwargs: Any) -> Env:
    """Make one environment whose observations are an array and whose actions are numbered.

    Observations that are not a ``Box`` are flattened to one; a ``Discrete`` one becomes one-hot.

    Args:
        source: A registered name, or a function that makes one.
        **kwargs: Passed to ``gymnasium.make``, such as ``max_episode_steps``, or to the function.

    Raises:
        ValueError: If there is no such environment, or its actions are not ``Discrete``.

    >>> make_env("FrozenLake-v1").observation_space.shape
    (16,)
    >>> make_env("Pendulum-v1")
    Traceback (most recent call last):
        ...
    ValueError: env must have Discrete actions, got Box(-2.0, 2.0, (1,), float32) in Pendulum-v1
    """
    if callable(source):
        env = source(**kwargs)
    else:
        try:
            env = gym.make(source, disable_env_checker=True, **kwargs)
        except gym.error.UnregisteredEnv as error:
            raise ValueError(
                f"env must be a registered environment, got {source!r}: {error}"
            ) from None
    if not isinstance(env.action_space, gym.spaces.Discrete):
        name = env.spec.id if env.spec else type(env).__name__
        raise ValueError(f"env must have Discrete actions, got {env.action_space} in {name}")
    if not isinstance(env.observation_space, gym.spaces.Box):
        env = FlattenObservation(env)
    return env


def make_vector_env(
    source: EnvSource, num_envs: int, **kwargs: Any
) -> gym.vector.VectorEnv[Any, Any, Any]:
    """Make ``num_envs`` copies that step together, on the environment's own fast path if any.

    Raises:
        ValueError: As :func:`make_env`.
    """
    make_env(source, **kwargs).close()  # the checks, and their messages
    if callable(source):
        return gym.vector.SyncVectorEnv([lambda: make_env(source, **kwargs)] * num_envs)
    envs = gym.make_vec(source, num_envs, **kwargs)
    if not isinstance(envs.single_observation_space, gym.spaces.Box):
        envs = FlattenVectorObservation(envs)
    return envs


class Step(NamedTuple):
    """One step of every environment, arrays with leading axes ``[S, N]``."""

    obs_tm1: NDArray[np.generic]
    reward_t: NDArray[np.float64]
    terminated: NDArray[np.bool_]
    truncated: NDArray[np.bool_]
    obs_t: NDArray[np.generic]
    """What the step led to; the last observation of the episode where it ended."""


class Worlds:
    """S times N environments that restart themselves when an episode ends.

    Environment n of learner s is seeded by ``seeds[s]`` and n alone, once; its later episodes go on
    with the same stream, so that no two start alike.

    Args:
        source: What to make, as in :func:`make_env`.
        seeds: One whole number per learner.
        num_envs: N, environments per learner.
        **kwargs: Passed to :func:`make_env`.

    Attributes:
        obs: The observations to act on now, ``[S, N, *obs]``.
        finished: Episodes that ended in the last step, as (learner, return, length).

    >>> worlds = Worlds("CartPole-v1", seeds=[0, 1], num_envs=3)
    >>> step = worlds.step(np.zeros((2, 3), int))
    >>> step.obs_t.shape, step.reward_t.sum()
    ((2, 3, 4), np.float64(6.0))
    """

    def __init__(
        self, source: EnvSource, seeds: Sequence[int], num_envs: int, **kwargs: Any
    ) -> None:
        check_whole("num_envs", num_envs)
        if not seeds:
            raise ValueError("seeds must hold at least one seed, got none")
        for seed in seeds:
            check_whole("seeds", seed, low=0)
        self.envs = [[make_env(source, **kwargs) for _ in range(num_envs)] for _ in seeds]
        self.observation_space = self.envs[0][0].observation_space
        self.action_space = self.envs[0][0].action_space
        self.finished: list[tuple[int, float, int]] = []
        shape = (len(seeds), num_envs)
        self._returns, self._lengths = np.zeros(shape), np.zeros(shape, np.int64)
        # The fourth child stream of a seed; an agent's own streams are the first three.
        states = [
            np.random.SeedSequence(seed, spawn_key=(3,)).generate_state(num_envs) for seed in seeds
        ]
        self.obs = np.array(
            [
                [env.reset(seed=int(state))[0] for env, state in zip(row, state_row, strict=True)]
                for row, state_row in zip(self.envs, states, strict=True)
            ],
            dtype=self.observation_space.dtype,
        )

    def step(self, actions: NDArray[np.integer]) -> Step:
        """Take ``actions [S, N]``; environments whose episode ended are reset at once."""
        obs_tm1, obs_t = self.obs, np.empty_like(self.obs)
        reward = np.empty(actions.shape)
        terminated, truncated = np.empty((2, *actions.shape), np.bool_)
        self.finished = []
        for s, row in enumerate(self.envs):
            for n, env in enumerate(row):
                obs_t[s, n], reward[s, n], terminated[s, n], truncated[s, n], _ = env.step(
                    actions[s, n]
                )
        self._returns += reward
        self._lengths += 1
        self.obs = obs_t
        ended = terminated | truncated
        if ended.any():
            self.obs = obs_t.copy()
            for s, n in zip(*ended.nonzero(), strict=True):
                self.obs[s, n], _ = self.envs[s][n].reset()
                self.finished.append((int(s), float(self._returns[s, n]), int(self._lengths[s, n])))
            self._returns[ended], self._lengths[ended] = 0, 0
        return Step(obs_tm1, reward, terminated, truncated, obs_t)

    def close(self) -> None:
        """Free what the environments hold."""
        for row in self.envs:
            for env in row:
                env.close()
