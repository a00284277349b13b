"""The loop: act, observe, learn, and now and then evaluate.

Chapters: `A network that learns online`, `Experience replay`, `Target networks`.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from dqn._arguments import check_seeds, check_whole
from dqn.agent import DQN
from dqn.config import DQNConfig
from dqn.evaluation import evaluate
from dqn.progress import progress
from dqn.worlds import EnvSource, Worlds

__all__ = ["Episode", "History", "train"]


class Episode(NamedTuple):
    """One finished training episode of one learner."""

    step: int
    """Environment steps the learner had taken when it ended."""
    total: float
    """Sum of its rewards."""
    length: int
    """Its number of steps."""


@dataclass
class History:
    """What was measured while S learners trained.

    >>> history = History(seeds=(0, 1))
    >>> history.scores.shape  # no evaluation yet
    (2, 0)
    """

    seeds: tuple[int, ...]
    """The learners' seeds, S of them."""
    steps: list[int] = field(default_factory=list)
    """Environment steps per learner at each of T evaluations, counted since the agent was made."""
    returns: list[NDArray[np.float64]] = field(default_factory=list)
    """Returns ``[S, episodes]`` of the greedy policies at each evaluation."""
    episodes: list[list[Episode]] = field(init=False)
    """Each learner's training episodes, exploration included."""

    def __post_init__(self) -> None:
        self.episodes = [[] for _ in self.seeds]

    @property
    def scores(self) -> NDArray[np.float64]:
        """Mean greedy return of each learner at each evaluation, ``[S, T]``."""
        if not self.returns:
            return np.empty((len(self.seeds), 0))
        scores: NDArray[np.float64] = np.stack(self.returns, 1).mean(2)
        return scores


def train(
    config: DQNConfig,
    source: EnvSource,
    seeds: Sequence[int],
    steps: int,
    *,
    evaluate_every: int | None = 1_000,
    evaluate_episodes: int = 20,
    on_step: Callable[[DQN, Worlds], bool | None] | None = None,
    agent: DQN | None = None,
    **kwargs: Any,
) -> tuple[DQN, History]:
    """Train one learner per seed for ``steps`` environment steps each.

    Args:
        config: All choices of the algorithm.
        source: The environment, as in :func:`dqn.worlds.make_env`.
        seeds: One whole number per learner. What a learner draws does not depend on the others.
        steps: Environment steps per learner, rounded up to a multiple of ``config.num_envs``, and
            on top of those that ``agent`` has had.
        evaluate_every: Steps between evaluations, from this call's start; None for none. With fewer
            steps than this there is none.
        evaluate_episodes: Greedy episodes per learner and evaluation.
        on_step: Called after every step, to look inside; training stops early if it returns True.
        agent: Learners to train on with, made for the same seeds; fresh ones if None. They begin
            new episodes, with other starts than they had before.
        **kwargs: Passed on to the environment, such as ``max_episode_steps``, or to ``source`` if
            it is a function.

    Returns:
        The trained learners and what was measured.

    Raises:
        TypeError: If an argument has the wrong type.
        ValueError: If an argument is out of range, or the environment unknown or unfit.
        ArithmeticError: If a learner diverges until its gradient is no number.

    >>> config = DQNConfig(hidden=(8,), learning_starts=64)
    >>> agent, history = train(config, "CartPole-v1", seeds=[0, 1], steps=96, evaluate_every=48)
    >>> history.steps, history.scores.shape
    ([48, 96], (2, 2))
    """
    if not isinstance(config, DQNConfig):
        raise TypeError(f"config must be a DQNConfig, got {config!r}")
    check_whole("steps", steps)
    if evaluate_every is not None:
        check_whole("evaluate_every", evaluate_every)
    check_whole("evaluate_episodes", evaluate_episodes)
    seeds = check_seeds(seeds)
    if on_step is not None and not callable(on_step):
        raise TypeError(f"on_step must be a function or None, got {on_step!r}")
    if agent is not None and not isinstance(agent, DQN):
        raise TypeError(f"agent must be a DQN or None, got {agent!r}")
    if agent is not None and agent.seeds != seeds:
        raise ValueError(f"agent must have been made with these seeds, {seeds}, got {agent.seeds}")
    if agent is not None and agent.config != config:
        raise ValueError(f"agent must have been made with {config}, got {agent.config}")
    taken = 0 if agent is None else agent.steps
    starts = [_later(seed, taken) for seed in seeds] if taken else seeds
    worlds = Worlds(source, starts, config.num_envs, **kwargs)
    if agent is None:
        agent = DQN(config, worlds.observation_space, worlds.action_space, seeds)
    agent.break_off()
    history = History(agent.seeds)
    # The fifth child stream of a seed; worlds take the fourth.
    judges = [
        np.random.default_rng(np.random.SeedSequence(start, spawn_key=(4,))) for start in starts
    ]
    rounds = -(-steps // config.num_envs)
    next_evaluation = agent.steps + (evaluate_every or math.inf)
    with _small_networks(), closing(worlds):
        for _ in progress(rounds, f"training {len(agent.seeds)} x {steps} steps"):
            actions = agent.act(worlds.obs)
            step = worlds.step(actions)
            agent.observe(
                step.obs_tm1, actions, step.reward_t, step.terminated, step.truncated, step.obs_t
            )
            agent.learn_if_due()
            for learner, total, length in worlds.finished:
                history.episodes[learner].append(Episode(agent.steps, total, length))
            if agent.steps >= next_evaluation:
                next_evaluation += evaluate_every or math.inf
                history.steps.append(agent.steps)
                history.returns.append(
                    evaluate(agent.greedy, source, judges, evaluate_episodes, **kwargs)
                )
            if on_step is not None and on_step(agent, worlds):
                break
    return agent, history


def _later(seed: int, steps: int) -> int:
    """A seed for what a learner meets after so many steps."""
    return int(np.random.SeedSequence([seed, steps]).generate_state(1, np.uint64)[0])


@contextmanager
def _small_networks() -> Iterator[None]:
    """Settings of PyTorch under which small networks compute quickly, put back at the end.

    A second thread would only wait for the first. And where a hidden unit is never active its
    gradient is zero: the optimiser's averages of it shrink below 1e-38, where a processor computes
    several times slower, unless such numbers are taken for zero.
    """
    threads = torch.get_num_threads()
    flushed = float(torch.tensor(1e-40).mul_(1)) == 0
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
        torch.set_flush_denormal(flushed)
