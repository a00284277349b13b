"""What :mod:`dqn.tabular` needs to run many independent learners as one: streams, worlds, a log."""

import functools
import operator
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple, Protocol

import gymnasium as gym
import numpy as np
import numpy.typing as npt

from dqn._arguments import check_generator, check_number, check_numbers, check_whole
from dqn.exploration import PerEpisodeDecay
from dqn.mdp import BoolArray, FiniteMDP, FloatArray, IntArray, check_distribution
from dqn.tabular_targets import StepSize, constant

Step = tuple[FloatArray, IntArray, BoolArray, BoolArray]


class Uniforms(NamedTuple):
    """The random numbers of one step, each ``[N]`` and uniform on [0, 1)."""

    explore: FloatArray
    pick: FloatArray
    tie: FloatArray
    coin: FloatArray
    start: FloatArray
    outcome: FloatArray
    noise_radius: FloatArray
    noise_angle: FloatArray


class Streams:
    """One stream of uniform numbers a run, each the same whatever streams are drawn beside it.

    Every step takes the same number of them, needed or not, so that no run gets out of step.
    """

    def __init__(self, rng: np.random.Generator, runs: int, columns: int) -> None:
        check_generator("rng", rng)
        self._generators = rng.spawn(runs)
        # Blocks save calls, and do not change the numbers; 16 MiB are enough of them.
        length = max(1, min(1024, 2**21 // max(1, runs * columns)))
        self._block = np.empty((runs, length, columns))
        self._next = length

    def draw(self) -> FloatArray:
        """Return the numbers of the next step, ``[R, columns]``; a view, soon overwritten."""
        if self._next == self._block.shape[1]:
            for generator, block in zip(self._generators, self._block, strict=True):
                generator.random(out=block)
            self._next = 0
        self._next += 1
        return self._block[:, self._next - 1]


def normal(radius: FloatArray, angle: FloatArray) -> FloatArray:
    """Turn two uniform numbers into a standard normal one (Box & Muller 1958)."""
    return np.sqrt(-2.0 * np.log1p(-radius)) * np.cos(2.0 * np.pi * angle)


def choose(
    values: FloatArray, epsilon: FloatArray | float, explore: FloatArray, pick: FloatArray
) -> IntArray:
    """Return epsilon-greedy actions, ``[N]``; ties, and exploration, are uniform.

    Args:
        values: ``[N, A]``; ``-inf`` where an action is not offered.
        epsilon: ``[N]`` or one number.
        explore: ``[N]`` uniform numbers: below epsilon, every action is a candidate.
        pick: ``[N]`` uniform numbers that choose among the candidates.
    """
    candidates = values == values.max(axis=1, keepdims=True)
    candidates |= (explore < epsilon)[:, None] & (values > -np.inf)
    rank = candidates.cumsum(axis=1)
    return np.asarray((rank > (pick * rank[:, -1])[:, None]).argmax(axis=1))


class World(Protocol):
    """What learners live in: ``R`` separate copies, of which any subset can be stepped."""

    runs: int
    num_states: int
    num_actions: int
    offered: BoolArray

    def reset(self, run: IntArray, start: FloatArray) -> IntArray:
        """Begin an episode in each of these runs and return its state."""

    def step(
        self, run: IntArray, state: IntArray, action: IntArray, length: IntArray, u: Uniforms
    ) -> Step:
        """Return reward, next state, terminated and truncated of each of these runs."""


class ModelWorld:
    """Copies of a finite process, sampled all at once."""

    def __init__(self, mdp: FiniteMDP, runs: int, max_episode_steps: int | None) -> None:
        self.runs, self.offered = runs, mdp.offered
        self.num_states, self.num_actions = mdp.num_states, mdp.num_actions
        self._mdp = mdp
        self._limit = np.inf if max_episode_steps is None else max_episode_steps
        self._start = mdp.start_cumulative

    def reset(self, run: IntArray, start: FloatArray) -> IntArray:
        """Draw from the start distribution."""
        del run
        return np.searchsorted(self._start, start, side="right")

    def step(
        self, run: IntArray, state: IntArray, action: IntArray, length: IntArray, u: Uniforms
    ) -> Step:
        """Draw from the model; the last step that the limit allows is truncated."""
        del run
        noise = normal(u.noise_radius, u.noise_angle) if self._mdp.noisy else None
        return *self._mdp.sample(state, action, u.outcome, noise), length + 1 >= self._limit


class EnvWorld:
    """Separate Gymnasium environments with Discrete spaces, stepped one after another."""

    def __init__(self, envs: Sequence[gym.Env[Any, Any]]) -> None:
        first = envs[0]
        for env in envs:
            for name in ("observation_space", "action_space"):
                space = getattr(env, name)
                if not isinstance(space, gym.spaces.Discrete):
                    raise TypeError(
                        f"task must have a Discrete {name}, got {space}; "
                        "dqn.discretizer.Discretizer makes one of a Box"
                    )
                if space != getattr(first, name):
                    raise ValueError(f"task must hold environments of one {name}, got {space}")
        if len({id(env.unwrapped) for env in envs}) < len(envs):
            raise ValueError("task must hold separate environments, got one of them twice")
        self.runs = len(envs)
        self._state_0, self._action_0 = (
            int(first.observation_space.start),  # type: ignore[attr-defined]
            int(first.action_space.start),  # type: ignore[attr-defined]
        )
        self.num_states = int(first.observation_space.n)  # type: ignore[attr-defined]
        self.num_actions = int(first.action_space.n)  # type: ignore[attr-defined]
        self.offered = np.ones((self.num_states, self.num_actions), dtype=np.bool_)
        self._envs = envs
        self._seeded = [False] * self.runs

    def reset(self, run: IntArray, start: FloatArray) -> IntArray:
        """Reset each environment; only its first reset is seeded."""
        states = np.empty(run.size, dtype=np.int64)
        for i, (r, uniform) in enumerate(zip(run.tolist(), start.tolist(), strict=True)):
            seed = None if self._seeded[r] else int(uniform * 2**31)
            self._seeded[r] = True
            states[i] = self._numbered(self._envs[r].reset(seed=seed)[0])
        return states

    def step(
        self, run: IntArray, state: IntArray, action: IntArray, length: IntArray, u: Uniforms
    ) -> Step:
        """Step each environment."""
        del state, length, u
        rewards, states = np.empty(run.size), np.empty(run.size, dtype=np.int64)
        terminated, truncated = np.empty((2, run.size), dtype=np.bool_)
        for i, (r, a) in enumerate(zip(run.tolist(), action.tolist(), strict=True)):
            obs, reward, terminated[i], truncated[i], _ = self._envs[r].step(a + self._action_0)
            states[i], rewards[i] = self._numbered(obs), reward
        if not np.isfinite(rewards).all():
            raise ValueError(f"reward must be finite, got {rewards[~np.isfinite(rewards)][0]}")
        return rewards, states, terminated, truncated

    def _numbered(self, obs: Any) -> int:
        """Count states from 0; a number outside of the space would be another state's row."""
        try:
            state = operator.index(obs) - self._state_0
        except TypeError:
            state = -1
        if not 0 <= state < self.num_states:
            raise ValueError(f"task must observe what its space holds, got {obs!r}")
        return state


def make_world(task: object, runs: int | None, max_episode_steps: int | None) -> World:
    """Return the world that a task describes, with its number of runs.

    Raises:
        TypeError: If it is neither a model nor one or more environments with Discrete spaces.
        ValueError: If ``runs`` or ``max_episode_steps`` do not go with it.
    """
    if runs is not None:
        check_whole("runs", runs)
    if max_episode_steps is not None:
        check_whole("max_episode_steps", max_episode_steps)
    if isinstance(task, FiniteMDP):
        return ModelWorld(task, 1 if runs is None else runs, max_episode_steps)
    given = list(task) if isinstance(task, (list, tuple)) else [task]
    envs = [env for env in given if isinstance(env, gym.Env)]
    if not envs or len(envs) < len(given):
        raise TypeError(f"task must be a FiniteMDP or Gymnasium environment(s), got {task!r}")
    if runs not in (None, len(envs)):
        raise ValueError(f"runs must be the number of environments, {len(envs)}, got {runs}")
    if max_episode_steps is not None:
        raise ValueError(
            "max_episode_steps must be given to gymnasium.make for an environment, "
            f"got {max_episode_steps}"
        )
    return EnvWorld(envs)


class Episodes:
    """The episodes of each run: their returns, lengths and first actions, as they end."""

    def __init__(self, runs: int) -> None:
        self.finished = np.zeros(runs, dtype=np.int64)
        self.length = np.zeros(runs, dtype=np.int64)
        self._return = np.zeros(runs)
        self._first = np.zeros(runs, dtype=np.int64)
        self._returns = np.full((runs, 16), np.nan)
        self._lengths = np.zeros((runs, 16), dtype=np.int64)
        self._first_actions = np.full((runs, 16), -1)

    def begin(self, run: IntArray, action: IntArray) -> None:
        """Begin an episode in each of these runs with these actions."""
        self._first[run] = action
        self._return[run] = 0.0
        self.length[run] = 0

    def add(self, run: IntArray | slice, reward: FloatArray) -> None:
        """Count one step of each of these runs."""
        self._return[run] += reward
        self.length[run] += 1

    def end(self, run: IntArray) -> None:
        """Note the episodes that have ended in these runs."""
        episode = self.finished[run]
        width = self._returns.shape[1]
        if episode.max() == width:
            wider = ((0, 0), (0, width))
            self._returns = np.pad(self._returns, wider, constant_values=np.nan)
            self._lengths = np.pad(self._lengths, wider)
            self._first_actions = np.pad(self._first_actions, wider, constant_values=-1)
        self._returns[run, episode] = self._return[run]
        self._lengths[run, episode] = self.length[run]
        self._first_actions[run, episode] = self._first[run]
        self.finished[run] += 1

    def tables(self) -> tuple[FloatArray, IntArray, IntArray]:
        """Return returns, lengths and first actions, each ``[R, E]``."""
        most = int(self.finished.max())
        return self._returns[:, :most], self._lengths[:, :most], self._first_actions[:, :most]


def epsilon_schedule(epsilon: float | Callable[[int], float]) -> Callable[[int], float]:
    if not callable(epsilon):
        fixed = check_number("epsilon", epsilon, low=0, high=1)
        return lambda _: fixed
    if isinstance(epsilon, PerEpisodeDecay):  # it would take the episode for a step
        raise TypeError(
            "epsilon must be a number or a function of the episode's number, such as "
            f"lambda episode: decay(0, episode), got {epsilon!r}"
        )
    schedule = epsilon
    return functools.cache(
        lambda episode: check_number(f"epsilon({episode})", schedule(episode), low=0, high=1)
    )


def check_budget(episodes: int | None, steps: int | None) -> tuple[float, float]:
    if episodes is None and steps is None:
        raise ValueError("episodes or steps must be given, got neither")
    return (
        np.inf if episodes is None else check_whole("episodes", episodes),
        np.inf if steps is None else check_whole("steps", steps),
    )


def step_size_function(step_size: float | StepSize) -> StepSize:
    if not callable(step_size):
        return constant(check_number("step_size", step_size, low=0, high=1))
    given = step_size

    def checked(visits: IntArray) -> FloatArray:
        alpha = np.asarray(given(visits))
        if alpha.dtype.kind not in "biuf" or alpha.shape not in ((), visits.shape):
            raise TypeError(f"step_size(visits) must be a number for each visit, got {alpha!r}")
        if not ((alpha >= 0) & (alpha <= 1)).all():
            raise ValueError(f"step_size(visits) must lie in [0, 1], got {alpha!r}")
        return alpha

    return checked


def check_snapshots(name: str, at: Sequence[int], last: float) -> set[int]:
    if not isinstance(at, Iterable):
        raise TypeError(f"{name} must be a sequence of whole numbers, got {at!r}")
    wanted = [check_whole(f"{name}[{i}]", each, low=0) for i, each in enumerate(at)]
    if wanted != sorted(set(wanted)):
        raise ValueError(f"{name} must increase, got {at!r}")
    if wanted and wanted[-1] > last:
        raise ValueError(f"{name} must be at most {last}, where learning ends, got {at!r}")
    return set(wanted)


def initial_tables(world: World, initial_q: npt.ArrayLike, tables: int) -> FloatArray:
    shape = (world.runs, world.num_states, world.num_actions)
    check_numbers("initial_q", initial_q)
    try:
        initial = np.broadcast_to(np.asarray(initial_q, dtype=np.float64), shape)
    except ValueError:
        raise ValueError(f"initial_q must fit [R, S, A] = {shape}, got {initial_q!r}") from None
    if not np.isfinite(initial[:, world.offered]).all():
        raise ValueError(f"initial_q must be finite, got {initial_q!r}")
    offered = np.where(world.offered, initial, -np.inf).reshape(-1, world.num_actions)
    return np.stack([offered] * tables)


def fixed_policy(world: World, behaviour: npt.ArrayLike) -> FloatArray:
    check_numbers("behaviour", behaviour)
    policy = np.asarray(behaviour, dtype=np.float64)
    if policy.shape != world.offered.shape:
        raise ValueError(f"behaviour must have shape {world.offered.shape}, got {policy.shape}")
    check_distribution("behaviour", policy)
    if (policy[~world.offered] > 0).any():
        raise ValueError("behaviour must take only actions that are offered")
    return policy
