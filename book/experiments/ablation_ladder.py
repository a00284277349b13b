"""Four ideas, each added to a plain DQN and each taken away from an agent that has them all.

Chapter: `Beyond`. Takes some fifteen minutes of one core.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import gymnasium as gym
import joblib

from dqn import training
from dqn.config import DQNConfig
from dqn.exploration import LinearSchedule
from dqn.pixels import stacked_catch
from dqn.results import save_result

COMMAND = "python book/experiments/ablation_ladder.py"
RESULT = Path(__file__).parent.parent / "results" / "ablation_ladder.json"
SEEDS = tuple(range(10))

PLAIN = DQNConfig(
    n_step=1,
    double=False,
    target="hard",
    target_period=100,
    capacity=20_000,
    batch_size=32,
    learning_starts=500,
    train_every=2,
    learning_rate=1e-3,
    epsilon=LinearSchedule(1.0, 0.05, 3_000),
)
TASKS: dict[str, tuple[str | Callable[[], gym.Env[Any, Any]], int]] = {
    "CartPole": ("CartPole-v1", 12_000),
    "Acrobot": ("Acrobot-v1", 12_000),
    "Catch": (stacked_catch, 12_000),
}


def ideas(steps: int) -> dict[str, dict[str, Any]]:
    """What each idea changes in the config."""
    return {
        "double": {"double": True},
        "prioritized": {"replay": "proportional", "beta": LinearSchedule(0.4, 1.0, steps)},
        "n-step": {"n_step": 3},
        "dueling": {"dueling": True},
    }


def ladder(steps: int) -> dict[str, DQNConfig]:
    """None, each alone, all but each, and all."""
    switches = ideas(steps)
    rungs = {"none": PLAIN}
    rungs |= {f"+ {name}": replace(PLAIN, **change) for name, change in switches.items()}
    for left_out in switches:
        kept = [change for name, change in switches.items() if name != left_out]
        rungs[f"- {left_out}"] = replace(PLAIN, **{k: v for part in kept for k, v in part.items()})
    rungs["all"] = replace(PLAIN, **{k: v for part in switches.values() for k, v in part.items()})
    return rungs


def run(task: str, rung: str) -> Any:
    """Scores of ten learners, ``[seed, time]``."""
    source, steps = TASKS[task]
    _, history = training.train(
        ladder(steps)[rung],
        source,
        SEEDS,
        steps,
        evaluate_every=1_000,
        evaluate_episodes=10 if task != "Acrobot" else 5,
    )
    return history.scores


def main() -> None:
    """Train every rung on every task."""
    jobs = [(task, rung) for task in TASKS for rung in ladder(1)]
    parts = joblib.Parallel(n_jobs=-1, verbose=5)(joblib.delayed(run)(*job) for job in jobs)
    scores: dict[str, dict[str, Any]] = {task: {} for task in TASKS}
    for (task, rung), part in zip(jobs, parts, strict=True):
        scores[task][rung] = part.round(2)
    data = {
        "configs": {rung: repr(config) for rung, config in ladder(12_000).items()},
        "steps": {task: steps for task, (_, steps) in TASKS.items()},
        "scores": scores,
    }
    save_result(RESULT, data, command=COMMAND, seeds=SEEDS, code=[training, "dqn.pixels", __file__])


if __name__ == "__main__":
    main()
