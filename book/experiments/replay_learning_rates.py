"""The four ways to choose what an update sees, at four learning rates each.

Chapter: `Experience replay`. Takes some three minutes.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np

from dqn import training
from dqn.config import DQNConfig
from dqn.exploration import LinearSchedule
from dqn.results import save_result

COMMAND = "python book/experiments/replay_learning_rates.py"
RESULT = Path(__file__).parent.parent / "results" / "replay_learning_rates.json"
RATES = (3e-4, 1e-3, 3e-3, 1e-2)
SEEDS = tuple(range(10))
STEPS = 6_000

REPLAY = DQNConfig(
    n_step=1,
    double=False,
    target="off",
    loss="squared",
    max_grad_norm=None,
    learning_rate=1e-3,
    batch_size=32,
    learning_starts=32,
    num_envs=1,
    epsilon=LinearSchedule(1.0, 0.05, 3_000),
)
CONDITIONS = {
    "newest 1": replace(REPLAY, replay="off", batch_size=1),
    "any 1": replace(REPLAY, batch_size=1),
    "newest 32": replace(REPLAY, capacity=32),
    "any 32": REPLAY,
}


def main() -> None:
    """Train ten agents for each condition and learning rate, and store their scores."""
    scores = {}
    for name, config in CONDITIONS.items():
        scores[name] = np.stack(
            [
                training.train(
                    replace(config, learning_rate=rate),
                    "CartPole-v1",
                    SEEDS,
                    STEPS,
                    evaluate_every=1_000,
                    evaluate_episodes=10,
                )[1].scores
                for rate in RATES
            ]
        )
    data = {
        "config": repr(REPLAY),
        "rates": list(RATES),
        "steps": list(range(1_000, STEPS + 1, 1_000)),
        "scores": scores,  # [rate, seed, time]
    }
    save_result(RESULT, data, command=COMMAND, seeds=SEEDS, code=[training, __file__])


if __name__ == "__main__":
    main()
