"""The same agent on pixels: Catch with a convolution, without one, and from single frames.

Chapter: `Beyond`. Takes some four minutes of one core.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import gymnasium as gym
import joblib
import numpy as np

from dqn import training
from dqn.config import DQNConfig
from dqn.exploration import LinearSchedule
from dqn.pixels import stacked_catch
from dqn.results import save_result

COMMAND = "python book/experiments/pixels.py"
RESULT = Path(__file__).parent.parent / "results" / "pixels.json"
SEEDS = tuple(range(10))
STEPS, EVERY, EPISODES = 24_000, 2_000, 20

SHARED = DQNConfig(
    filters=8,
    hidden=(64,),
    frames=True,
    n_step=3,
    tau=0.01,
    capacity=20_000,
    batch_size=32,
    train_every=2,
    learning_rate=1e-3,
    epsilon=LinearSchedule(1.0, 0.05, 5_000),
)
AGENTS: dict[str, tuple[DQNConfig, Callable[[], gym.Env[Any, Any]]]] = {
    "convolution, two frames": (SHARED, stacked_catch),
    "dense, two frames": (replace(SHARED, filters=0, hidden=(64, 64)), stacked_catch),
    "convolution, one frame": (SHARED, partial(stacked_catch, 1)),
}


def run(name: str) -> np.ndarray:
    """Scores of ten learners, ``[seed, time]``."""
    config, source = AGENTS[name]
    _, history = training.train(
        config, source, SEEDS, STEPS, evaluate_every=EVERY, evaluate_episodes=EPISODES
    )
    return history.scores


def main() -> None:
    """Train the three agents."""
    scores = joblib.Parallel(n_jobs=-1, verbose=5)(joblib.delayed(run)(name) for name in AGENTS)
    data = {
        "configs": {name: repr(config) for name, (config, _) in AGENTS.items()},
        "steps": list(range(EVERY, STEPS + 1, EVERY)),
        "scores": {name: part.round(3) for name, part in zip(AGENTS, scores, strict=True)},
    }
    save_result(RESULT, data, command=COMMAND, seeds=SEEDS, code=[training, "dqn.pixels", __file__])


if __name__ == "__main__":
    main()
