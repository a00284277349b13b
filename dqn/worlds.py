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

from dqn._arguments import check_actions, check_array, check_seeds, check_whole

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
        TypeError: If ``source`` is neither a name nor a function that makes an environment.
        ValueError: If there is no such environment, its actions are not ``Discrete``, its
            observations cannot be flattened to a ``Box``, or ``max_episode_steps`` is below 1.
        ModuleNotFoundError: If the name asks for a module, as in ``"module:Env-v0"``, that is not
            installed.

    >>> make_env("FrozenLake-v1").observation_space.shape
    (16,)
    >>> make_env("Pendulum-v1")
    Traceback (most recent call last):
        ...
    ValueError: env must have Discrete actions, got Box(-2.0, 2.0, (1,), float32) in Pendulum-v1
    """
    if "max_episode_steps" in kwargs and kwargs["max_episode_steps"] is not None:
        check_whole("max_episode_steps", kwargs["max_episode_steps"])
    if callable(source):
        env = source(**kwargs)
    elif not isinstance(source, str):
        raise TypeError(f"env must be a name or a function that makes one, got {source!r}")
    else:
        try:
            env = gym.make(source, disable_env_checker=True, **kwargs)
        except gym.error.DependencyNotInstalled:
            raise
        except gym.error.Error as error:
            raise ValueError(
                f"env must be a registered environment, got {source!r}: {error}"
            ) from None
    if not isinstance(env, gym.Env):
        raise TypeError(f"env must be made by the function given, got {env!r} from {source!r}")
    if not isinstance(env.action_space, gym.spaces.Discrete):
        name = env.spec.id if env.spec else type(env).__name__
        raise ValueError(f"env must have Discrete actions, got {env.action_space} in {name}")
    if not isinstance(env.observation_space, gym.spaces.Box):
        env = FlattenObservation(env)
    if not isinstance(env.observation_space, gym.spaces.Box):
        raise ValueError(f"env must observe a fixed size, got {env.observation_space}")
    return env


def check_source(source: EnvSource, **kwargs: Any) -> None:
    """Say what is wrong with a source, or with the environments that it makes.

    An environment that is used twice at a time, as by training and by an evaluation in between,
    would be stepped and reset behind each user's back.

    Raises:
        TypeError: As :func:`make_env`.
        ValueError: As :func:`make_env`, or if it makes the same environment every time.

    >>> env = gym.make("CartPole-v1")
    >>> check_source(lambda: env)
    Traceback (most recent call last):
        ...
    ValueError: source must make another environment each time, got <function <lambda> at ...>
    """
    first = make_env(source, **kwargs)
    if callable(source):
        second = make_env(source, **kwargs)
        if first.unwrapped is second.unwrapped:
            raise ValueError(f"source must make another environment each time, got {source!r}")
        second.close()
    first.close()


def make_vector_env(
    source: EnvSource, num_envs: int, **kwargs: Any
) -> gym.vector.VectorEnv[Any, Any, Any]:
    """Make copies that step together, on the environment's own fast path if any.

    Args:
        source: What to make, as in :func:`make_env`.
        num_envs: How many.
        **kwargs: Passed to :func:`make_env`.

    Raises:
        TypeError: As :func:`make_env`, or if ``num_envs`` is no whole number.
        ValueError: As :func:`make_env`, or if ``source`` makes the same environment every time, or
            ``num_envs`` is below 1.

    >>> make_vector_env("FrozenLake-v1", 3).single_observation_space.shape
    (16,)
    """
    check_whole("num_envs", num_envs)
    check_source(source, **kwargs)
    if callable(source):
        return gym.vector.SyncVectorEnv([lambda: make_env(source, **kwargs)] * num_envs)
    envs = gym.make_vec(source, num_envs, **kwargs)
    if not isinstance(envs.single_observation_space, gym.spaces.Box):
        envs = FlattenVectorObservation(envs)
    return envs


def _check_known(actions: NDArray[np.integer], space: Any) -> None:
    """Raise unless a ``Discrete`` space, which all environments here have, has these actions."""
    check_actions(actions, int(space.n), int(space.start), name="actions")


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

    Raises:
        TypeError: If an argument has the wrong type.
        ValueError: If an argument is out of range, or ``source`` makes one environment twice.

    Attributes:
        envs: The environments, N for each of S learners.
        observation_space: That of a single environment, a ``Box``.
        action_space: That of a single environment, ``Discrete``.
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
        seeds = check_seeds(seeds)
        check_source(source, **kwargs)
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
        """Take ``actions [S, N]``; environments whose episode ended are reset at once.

        Raises:
            TypeError: If the actions are no array of whole numbers.
            ValueError: If the array has another shape, or an action is unknown. No environment
                takes a step then.
        """
        check_array("actions", actions)
        if actions.shape != self._lengths.shape:
            raise ValueError(f"actions must have shape {self._lengths.shape}, got {actions.shape}")
        _check_known(actions, self.action_space)
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
