"""The homework's online agent, beside one that learns from the same stream and does well.

Chapter: `Beyond`. Takes some four minutes of one core.
"""

from dataclasses import replace
from pathlib import Path

import joblib
import numpy as np

from dqn import streaming, training
from dqn.presets import homework_online
from dqn.results import save_result
from dqn.streaming import StreamConfig

COMMAND = "python book/experiments/streaming.py"
RESULT = Path(__file__).parent.parent / "results" / "streaming.json"
SEEDS = tuple(range(10))
STEPS, EVERY, EPISODES = 20_000, 1_000, 10

FULL = StreamConfig()
CONFIGS = {
    "streaming": FULL,
    "without traces": replace(FULL, trace=0.0),
    "without layer norm": replace(FULL, layer_norm=False),
    "without a sparse start": replace(FULL, sparsity=0.0),
    "without scaling": replace(FULL, scaled=False),
} | {
    f"without the bound, step {step:g}": replace(FULL, bounded=False, step_size=step)
    for step in (1e-4, 1e-3, 1e-2, 1e-1)
}
# The homework's step size is known to be too small (chapter `A network that learns online`).
HOMEWORK = {
    "the homework's": homework_online(),
    "the homework's, step x 10": replace(homework_online(), learning_rate=1e-3),
}


def run(name: str) -> np.ndarray:
    """Scores of ten learners, ``[seed, time]``."""
    how = {"evaluate_every": EVERY, "evaluate_episodes": EPISODES}
    if name in CONFIGS:
        return streaming.train_streaming(CONFIGS[name], "CartPole-v1", SEEDS, STEPS, **how)
    return training.train(HOMEWORK[name], "CartPole-v1", SEEDS, STEPS, **how)[1].scores


def acrobot() -> np.ndarray:
    """Scores on another task, as often and as long as those of the ladder of four ideas."""
    how = {"evaluate_every": EVERY, "evaluate_episodes": 5}
    return streaming.train_streaming(FULL, "Acrobot-v1", SEEDS, 12_000, **how)


def main() -> None:
    """Run the homework's agents, the repaired one, and the latter without each of its parts."""
    names = [*HOMEWORK, *CONFIGS]
    jobs = [*(joblib.delayed(run)(name) for name in names), joblib.delayed(acrobot)()]
    *scores, elsewhere = joblib.Parallel(n_jobs=-1, verbose=5)(jobs)
    data = {
        "configs": {name: repr(config) for name, config in {**HOMEWORK, **CONFIGS}.items()},
        "steps": list(range(EVERY, STEPS + 1, EVERY)),
        "scores": {name: part.round(2) for name, part in zip(names, scores, strict=True)},
        "acrobot": elsewhere.round(2),  # the streaming agent's, every 1,000 steps
    }
    code = [streaming, training, "dqn.presets", __file__]
    save_result(RESULT, data, command=COMMAND, seeds=SEEDS, code=code)


if __name__ == "__main__":
    main()
