"""The homework's own protocol: how its printed logs come about, for many seeds at once.

Every 50 training episodes one greedy episode is played; the mean of the last five such episodes is
printed, and the agent passes when it reaches 200. Episodes are cut at 300 steps.
Chapters: `A network that learns online`, `Experience replay`, `Prioritized replay II: how`.
"""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dqn._arguments import check_seeds, check_whole
from dqn.agent import DQN
from dqn.config import DQNConfig
from dqn.training import train
from dqn.worlds import Worlds, make_env

__all__ = ["PRINTED_ONLINE", "PRINTED_PRIORITIZED", "PRINTED_REPLAY", "HomeworkLog", "homework_log"]

EVERY, LAST, PASS_MARK, STEP_LIMIT = 50, 5, 200.0, 300

# What the homework printed, at episodes 50, 100, ..., 1000; one run each, seed unknown.
PRINTED_ONLINE = (
    *(9.0, 9.0, 9.333, 9.25, 9.6, 9.6, 10.0, 10.6, 10.8, 13.0),
    *(14.0, 15.2, 16.4, 19.2, 20.0, 20.8, 31.2, 38.4, 51.2, 49.0),
)
PRINTED_REPLAY = (
    *(9.0, 9.0, 8.667, 9.0, 9.8, 10.0, 12.2, 17.4, 18.4, 20.0),
    *(26.8, 36.0, 37.6, 59.4, 83.8, 100.0, 121.8, 146.4, 129.8, 133.0),
)
PRINTED_PRIORITIZED = (
    *(9.0, 9.5, 9.667, 9.75, 10.2, 10.0, 13.0, 15.2, 19.0, 21.0),
    *(36.4, 45.2, 66.2, 120.4, 120.8, 115.2, 113.4, 101.0, 56.6, 65.4),
)


@dataclass(frozen=True)
class HomeworkLog:
    """What S learners would have printed; column k stands after 50 (k + 1) episodes."""

    single: NDArray[np.float64]
    """Return of the one greedy episode, ``[S, K]``; NaN where a learner did not get that far."""
    passed: NDArray[np.bool_]
    """Whether each learner was accepted within these episodes, ``[S]``."""
    steps: NDArray[np.int64]
    """Environment steps each learner had taken by then, ``[S, K]``; 0 where none."""

    @property
    def printed(self) -> NDArray[np.float64]:
        """Mean of the last five single episodes, ``[S, K]``; the homework's "mean reward".

        >>> single = np.array([[9.0, 11.0, 13.0]])
        >>> HomeworkLog(single, np.array([False]), np.zeros((1, 3), int)).printed
        array([[ 9., 10., 11.]])
        """
        rows = [
            self.single[:, max(0, k + 1 - LAST) : k + 1].mean(1)
            for k in range(self.single.shape[1])
        ]
        return np.stack(rows, 1)


def homework_log(config: DQNConfig, seeds: Sequence[int], episodes: int = 1_000) -> HomeworkLog:
    """Train by the homework's protocol on CartPole-v1 and keep what it would have printed.

    All learners step together until each has passed or played ``episodes`` episodes. What a learner
    does after its own end is not recorded.

    Args:
        config: One of the homework's presets, or a variation; ``num_envs`` must be 1.
        seeds: One whole number per learner.
        episodes: Training episodes per learner, a multiple of 50.

    Raises:
        TypeError: If an argument is of the wrong type.
        ValueError: If ``episodes`` is not a positive multiple of 50 or ``num_envs`` is not 1.

    >>> from dqn.presets import homework_online
    >>> homework_log(homework_online(), seeds=[0], episodes=50).single.shape
    (1, 1)
    """
    if not isinstance(config, DQNConfig):
        raise TypeError(f"config must be a DQNConfig, got {config!r}")
    seeds = check_seeds(seeds)
    check_whole("episodes", episodes)
    if episodes % EVERY:
        raise ValueError(f"episodes must be a multiple of {EVERY}, got {episodes}")
    if config.num_envs != 1:
        raise ValueError(f"num_envs must be 1, one episode at a time, got {config.num_envs}")
    count = episodes // EVERY
    single = np.full((len(seeds), count), np.nan)
    steps = np.zeros((len(seeds), count), np.int64)
    passed = np.zeros(len(seeds), np.bool_)
    finished = np.zeros(len(seeds), np.bool_)
    judges = [np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(5,))) for seed in seeds]
    env = make_env("CartPole-v1", max_episode_steps=STEP_LIMIT)

    def on_step(agent: DQN, worlds: Worlds) -> bool:
        for learner, _, _ in worlds.finished:
            played = int(agent.episodes[learner])
            if finished[learner] or played % EVERY:
                continue
            k = played // EVERY - 1
            single[learner, k] = _play(agent, learner, judges[learner])
            steps[learner, k] = agent.steps
            passed[learner] = single[learner, max(0, k + 1 - LAST) : k + 1].mean() >= PASS_MARK
            finished[learner] = passed[learner] or k + 1 == count
        return bool(finished.all())

    def _play(agent: DQN, learner: int, rng: np.random.Generator) -> float:
        policy = agent.policy(learner)
        obs, _ = env.reset(seed=int(rng.integers(2**31)))
        total, ended = 0.0, False
        while not ended:
            obs, reward, terminated, truncated, _ = env.step(policy(obs))
            total += float(reward)
            ended = terminated or truncated
        return total

    longest = episodes * STEP_LIMIT
    with closing(env):
        train(
            config,
            "CartPole-v1",
            seeds,
            longest,
            evaluate_every=None,
            on_step=on_step,
            max_episode_steps=STEP_LIMIT,
        )
    return HomeworkLog(single, passed, steps)
