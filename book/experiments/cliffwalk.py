"""Updates that the costly Blind Cliffwalks take: Figs. 1 and 2 of Schaul et al. (2016), and beyond.

The chapter itself runs the smaller ones, in the same way. Chapter: `Prioritized replay I: why`.
"""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dqn import cliffwalk
from dqn.results import save_result

SEEDS = range(10)
SIZES = (14, 16)
METHODS = {
    "none": ("uniform", "greedy", "fresh", "oracle"),
    "action": ("uniform", "rank", "proportional", "greedy"),
}
STEP_SIZES = (1 / 4, 1 / 16, 1 / 64)
STATES_FOR_STEP_SIZES = 12


def updates(n: int, method: str, **choices: Any) -> NDArray[np.int64]:
    """Return the updates of each run, ``[seeds]``."""
    runs = [
        cliffwalk.learn(n, method, rng=np.random.default_rng([n, seed]), **choices)
        for seed in SEEDS
    ]
    if not all(run.learned for run in runs):
        raise RuntimeError(f"{method} did not learn {n} states with {choices}")
    return np.array([run.updates for run in runs])


def main() -> None:
    """Run all and store how many updates each took."""
    by_size = {
        features: {
            method: np.stack([updates(n, method, features=features) for n in SIZES])
            for method in methods
        }
        for features, methods in METHODS.items()
    }
    by_step_size = {
        method: np.stack(
            [updates(STATES_FOR_STEP_SIZES, method, step_size=size) for size in STEP_SIZES]
        )
        for method in ("uniform", "proportional", "greedy")
    }
    save_result(
        Path(__file__).parents[1] / "results" / "cliffwalk.json",
        {
            "sizes": SIZES,
            "updates": by_size,
            "step_sizes": STEP_SIZES,
            "states_for_step_sizes": STATES_FOR_STEP_SIZES,
            "updates_by_step_size": by_step_size,
        },
        command="python book/experiments/cliffwalk.py",
        seeds=SEEDS,
        code=[__file__, cliffwalk],
    )


if __name__ == "__main__":
    main()
