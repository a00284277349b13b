"""Three agents that differ a little, from many seeds each.

Chapter: `Experiments you can trust`. Takes some eight minutes of one core. Interrupted, it goes on
where it was.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np

from dqn import experiment
from dqn.config import DQNConfig
from dqn.results import save_result

COMMAND = "python book/experiments/many_seeds.py"
BOOK = Path(__file__).parent.parent
RESULT = BOOK / "results" / "many_seeds.json"
TABLE = BOOK / "_build" / "many_seeds.sqlite"
SEEDS = tuple(range(80))
STEPS, EVERY, EPISODES = 6_000, 500, 20

CONFIGS = {
    "default": DQNConfig(),
    "not double": replace(DQNConfig(), double=False),
    "one-step": replace(DQNConfig(), n_step=1),
}


def main() -> None:
    """Train them all and store the return of every evaluation episode."""
    runs = experiment.sweep(
        TABLE,
        CONFIGS,
        ["CartPole-v1"],
        SEEDS,
        together=20,
        steps=STEPS,
        evaluate_every=EVERY,
        evaluate_episodes=EPISODES,
    )
    by_config = {name: [run.result for run in runs if run.config == name] for name in CONFIGS}
    data = {
        "configs": {name: repr(config) for name, config in CONFIGS.items()},
        "steps": runs[0].result["steps"],
        "returns": {  # [seed, time, episode]; a return of CartPole counts steps
            name: np.array([result["returns"] for result in results], dtype=np.int64)
            for name, results in by_config.items()
        },
        "episodes": {  # training episodes so far, [seed, time]
            name: np.array([result["episodes"] for result in results])
            for name, results in by_config.items()
        },
    }
    save_result(RESULT, data, command=COMMAND, seeds=SEEDS, code=[experiment, __file__])


if __name__ == "__main__":
    main()
