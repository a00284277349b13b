"""The wide lake once more: a placebo, and how often each agent draws a success.

The placebo is uniform replay by other dice: the homework's replay at a temperature at which all
transitions are drawn alike, on a task where nothing is forgotten. It is tuned as the others were.
Chapter: `Prioritized replay III: does it help?`. Takes some fifteen minutes of one core.
"""

from dataclasses import replace
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import prioritized_verdict
from numpy.typing import NDArray
from prioritized_verdict import RATES, SEEDS, TASKS, TUNING_SEEDS, config_for

from dqn import training
from dqn.agent import DQN
from dqn.config import DQNConfig
from dqn.results import load_result, save_result
from dqn.worlds import Worlds

COMMAND = "python book/experiments/wide_lake.py"
RESULT = Path(__file__).parent.parent / "results" / "wide_lake.json"
TASK = "wide lake"


def placebo(rate: float) -> DQNConfig:
    """The homework's agent, so hot that its softmax is flat."""
    return replace(config_for(TASK, "homework, mended", rate), temperature=1000.0)


def run(config: DQNConfig, seeds: tuple[int, ...]) -> dict[str, NDArray[np.float64]]:
    """Train these learners together: scores and draws, ``[seed, time]``."""
    source, steps, _ = TASKS[TASK]
    looks: list[list[dict[str, float]]] = []

    def look(agent: DQN, _: Worlds) -> None:
        if agent.steps % 1_000 == 0:
            looks.append([look_at(buffer) for buffer in agent.buffers])

    _, history = training.train(
        config, source, seeds, steps, evaluate_every=1_000, evaluate_episodes=5, on_step=look
    )
    drawn = {
        name: np.array([[one[name] for one in row] for row in looks]).T for name in looks[0][0]
    }
    return {"scores": history.scores} | drawn


def look_at(buffer: Any) -> dict[str, float]:
    """Successes stored, how many of N draws would be one, and how fair the dice are at worst."""
    size = len(buffer)
    stored = buffer._stored if hasattr(buffer, "losses") else buffer
    success = stored.take(np.arange(size), np.ones(size, np.float32)).reward_t > 0
    chances = prioritized_verdict._probabilities(buffer)
    return {
        "successes": float(success.sum()),
        "successes drawn": float(size * chances[success].sum()),
        "largest chance": float(size * chances.max()),
        "smallest chance": float(size * chances.min()),
    }


def main() -> None:
    """Tune the placebo, then look at it and the others on the fresh seeds."""
    verdict = load_result(prioritized_verdict.RESULT).data["runs"][TASK]
    parallel = joblib.Parallel(n_jobs=-1, verbose=5)
    tried = parallel(joblib.delayed(run)(placebo(rate), TUNING_SEEDS) for rate in RATES)
    tuning = [np.round(outcome["scores"].mean(axis=1), 4) for outcome in tried]
    rate = RATES[int(np.argmax([scores.mean() for scores in tuning]))]
    configs = {name: config_for(TASK, name, of["rate"]) for name, of in verdict.items()}
    configs["placebo"] = placebo(rate)
    done = parallel(joblib.delayed(run)(config, SEEDS) for config in configs.values())
    data = {
        "config": repr(placebo(1.0)),
        "rate": rate,
        "rates": list(RATES),
        "tuning seeds": list(TUNING_SEEDS),
        "tuning": tuning,  # score, mean over training, of each rate and seed
        "runs": {
            name: {key: np.round(values, 4) for key, values in outcome.items()}
            for name, outcome in zip(configs, done, strict=True)
        },
    }
    code = [training, prioritized_verdict.__file__, __file__]
    save_result(RESULT, data, command=COMMAND, seeds=SEEDS, code=code)


if __name__ == "__main__":
    main()
