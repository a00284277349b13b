"""Replay and target network, on and off, at three learning rates; then every age of the target.

Chapter: `Target networks`. Takes some seven minutes.
"""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from dqn import training
from dqn.agent import DQN
from dqn.config import DQNConfig
from dqn.exploration import LinearSchedule
from dqn.results import save_result
from dqn.worlds import Worlds

COMMAND = "python book/experiments/target_networks.py"
RESULT = Path(__file__).parent.parent / "results" / "target_networks.json"
SEEDS = tuple(range(10))
STEPS, EVERY, EPISODES = 6_000, 1_000, 5

# The paper's algorithm at CartPole's size: one environment, one update a step.
BOTH = DQNConfig(
    n_step=1,
    double=False,
    target="hard",
    target_period=250,
    loss="huber",
    max_grad_norm=None,
    batch_size=32,
    learning_starts=32,
    num_envs=1,
    epsilon=LinearSchedule(1.0, 0.05, 3_000),
)
CONDITIONS = {
    "replay, target": BOTH,
    "replay, no target": replace(BOTH, target="off"),
    "no replay, target": replace(BOTH, replay="off", batch_size=1, learning_starts=0),
    "neither": replace(BOTH, replay="off", batch_size=1, learning_starts=0, target="off"),
}
RATES = (3e-4, 1e-3, 3e-3)  # the paper tried three, too

PERIODS = (1, 10, 100, 1_000)
TAUS = (1.0, 0.2, 0.02, 0.002)
SWEEP_STEPS = 6_000
SWEPT = DQNConfig(
    n_step=1, double=False, batch_size=64, learning_rate=1e-3, learning_starts=200, num_envs=8
)


def run(config: DQNConfig, steps: int) -> dict[str, Any]:
    """Train ten agents; keep their scores and what they believe at the start, each [seed, time]."""
    starts = np.random.default_rng(0).uniform(-0.05, 0.05, (1, 100, 4)).astype(np.float32)
    starts = np.repeat(starts, len(SEEDS), axis=0)
    values = []

    def look(agent: DQN, _: Worlds) -> None:
        if agent.steps % EVERY == 0:
            values.append(agent.q_values(starts).max(axis=-1).mean(axis=1))

    agent, history = training.train(
        config,
        "CartPole-v1",
        SEEDS,
        steps,
        evaluate_every=EVERY,
        evaluate_episodes=EPISODES,
        on_step=look,
    )
    return {
        "scores": history.scores,
        "values": np.stack(values, axis=1),
        "updates": agent.updates,
    }


def main() -> None:
    """Run the square, its first cell with squared errors, and both sweeps; ten agents a setting."""
    square = {
        name: [run(replace(config, learning_rate=rate), STEPS) for rate in RATES]
        for name, config in CONDITIONS.items()
    }
    squared = [run(replace(BOTH, loss="squared", learning_rate=rate), STEPS) for rate in RATES]
    hard = [run(replace(SWEPT, target="hard", target_period=c), SWEEP_STEPS) for c in PERIODS]
    soft = [run(replace(SWEPT, target="soft", tau=tau), SWEEP_STEPS) for tau in TAUS]
    data = {
        "config": repr(BOTH),
        "swept config": repr(SWEPT),
        "steps": list(range(EVERY, STEPS + 1, EVERY)),
        "rates": list(RATES),
        "periods": list(PERIODS),
        "taus": list(TAUS),
        "square": square,  # [rate] of each condition
        "both, squared error": squared,  # [rate]
        "hard": hard,  # [period]
        "soft": soft,  # [tau]
    }
    save_result(RESULT, data, command=COMMAND, seeds=SEEDS, code=[training, __file__])


if __name__ == "__main__":
    main()
