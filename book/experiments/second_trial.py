"""CartPole once more, with seeds that nobody has seen, and fair dice at the others' learning rates.

The first trial chose the rates (`prioritized_verdict.py`, which has the lake's second trial too).
Chapter: `Prioritized replay III: does it help?`. Takes some ten minutes of one core.
"""

from pathlib import Path

import joblib
import numpy as np
import prioritized_verdict
from prioritized_verdict import RATES, RETRIAL_SEEDS, run

from dqn import training
from dqn.results import load_result, save_result

COMMAND = "python book/experiments/second_trial.py"
RESULT = Path(__file__).parent.parent / "results" / "second_trial.json"
TASK = "CartPole"


def main() -> None:
    """Run the four agents at the rates they chose, and fair dice at each of these rates."""
    verdict = load_result(prioritized_verdict.RESULT).data["runs"][TASK]
    again = [(agent, of["rate"]) for agent, of in verdict.items()]
    again += [("uniform", rate) for rate in RATES if rate in {rate for _, rate in again}]
    again = list(dict.fromkeys(again))
    parallel = joblib.Parallel(n_jobs=-1, verbose=5)
    done = parallel(joblib.delayed(run)(TASK, *one, RETRIAL_SEEDS, False) for one in again)
    data = {
        "task": TASK,
        "retrial": [
            {"agent": agent, "rate": rate, "scores": np.round(outcome["scores"], 4)}
            for (agent, rate), outcome in zip(again, done, strict=True)
        ],
    }
    code = [training, prioritized_verdict.__file__, __file__]
    save_result(RESULT, data, command=COMMAND, seeds=RETRIAL_SEEDS, code=code)


if __name__ == "__main__":
    main()
