"""Two of the tasks once more, with seeds that nobody has seen, and fair dice at the others' rates.

The first trial, `prioritized_verdict.py`, chose the learning rates. Acrobot, where it chose one and
the same for all, is left out.
Chapter: `Prioritized replay III: does it help?`. Takes some twenty minutes of one core.
"""

from pathlib import Path

import joblib
import numpy as np
import prioritized_verdict
from prioritized_verdict import run

from dqn import training
from dqn.results import load_result, save_result

COMMAND = "python book/experiments/second_trial.py"
RESULT = Path(__file__).parent.parent / "results" / "second_trial.json"
SEEDS = tuple(range(2_000, 2_060))
TASKS = ("CartPole", "wide lake")


def main() -> None:
    """Run the four agents at the rates they chose, and fair dice at each of these rates."""
    contestants = []
    for task in TASKS:
        chosen = load_result(prioritized_verdict.RESULT).data["runs"][task]
        agents = [(task, agent, of["rate"]) for agent, of in chosen.items()]
        dice = [(task, "uniform", rate) for rate in sorted({rate for *_, rate in agents})]
        contestants += list(dict.fromkeys(agents + dice))  # each once
    parallel = joblib.Parallel(n_jobs=-1, verbose=5)
    done = parallel(joblib.delayed(run)(*one, SEEDS, False) for one in contestants)
    data = {
        task: [
            {"agent": agent, "rate": rate, "scores": np.round(outcome["scores"], 4)}
            for (its_task, agent, rate), outcome in zip(contestants, done, strict=True)
            if its_task == task
        ]
        for task in TASKS
    }
    code = [training, prioritized_verdict.__file__, __file__]
    save_result(RESULT, data, command=COMMAND, seeds=SEEDS, code=code)


if __name__ == "__main__":
    main()
