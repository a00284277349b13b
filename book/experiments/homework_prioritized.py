"""The homework's third agent by the homework's own protocol, ten times.

Chapter: `Prioritized replay II: how`. Takes some five minutes of processor time.
"""

from pathlib import Path

from dqn import homework
from dqn.presets import homework_prioritized
from dqn.results import save_result

COMMAND = "python book/experiments/homework_prioritized.py"
RESULT = Path(__file__).parent.parent / "results" / "homework_prioritized.json"
SEEDS = tuple(range(10))


def main() -> None:
    """Play 1000 episodes for each seed and store what would have been printed."""
    log = homework.homework_log(homework_prioritized(), SEEDS, episodes=1_000)
    data = {
        "config": repr(homework_prioritized()),
        "single": log.single,
        "steps": log.steps,
        "passed": log.passed,
    }
    save_result(
        RESULT, data, command=COMMAND, seeds=SEEDS, code=[homework, "dqn.presets", __file__]
    )


if __name__ == "__main__":
    main()
