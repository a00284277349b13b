"""What `benchmarks/README.md` says is what was measured, and what was measured is today's code."""

import statistics
from pathlib import Path
from typing import Any

import pytest

from dqn.results import check_fresh, load_result

FOLDER = Path(__file__).parent.parent / "benchmarks"
README = (FOLDER / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["solve", "replay"])
def test_measurements_are_fresh_and_the_readme_has_their_command(name: str) -> None:
    check_fresh(FOLDER / f"{name}.json")
    assert f"`{load_result(FOLDER / f'{name}.json').provenance.command}`" in README


def row(label: str) -> list[str]:
    """The cells of a row of the README."""
    (line,) = [line for line in README.splitlines() if line.startswith(f"| {label} |")]
    return [cell.strip() for cell in line.strip("|").split("|")][1:]


def test_readme_on_solving() -> None:
    measured = load_result(FOLDER / "solve.json").data
    rows: dict[str, Any] = measured["rows"]
    never = float("inf")
    median = {
        name: [
            statistics.median(never if run[k] is None else run[k] for run in runs) for k in range(3)
        ]
        for name, runs in rows.items()
    }
    peer = median["Stable-Baselines3, its own settings"][1]
    for name, runs in rows.items():
        steps, cpu, per_step = median[name]
        solved = sum(run[0] is not None for run in runs)
        ratio = "1" if cpu == peer else f"1/{peer / cpu:.1f}"
        assert row(name) == [
            f"{solved}/{len(runs)}",
            f"{steps:,.0f}",
            f"{cpu:.1f}",
            ratio,
            f"{1e6 * per_step:.0f}",
        ]
    engine = median["Stable-Baselines3, our settings"][2] / median["dqn, one learner"][2]
    assert f"costs ours {engine:.1f} times less" in README
    one, ten = (
        median["dqn, one learner"][2],
        10 * median["dqn, 10 learners together, per learner"][2],
    )
    products = measured["matrix products"]
    least = 1 + (products["10"] - products["1"]) / one
    said = README.replace("\n", " ")
    assert f"Ten learners together take {ten / one:.1f} times the time of one" in said
    assert f"it would still be {least:.1f} times" in said


def test_readme_on_replay() -> None:
    measured = load_result(FOLDER / "replay.json").data
    times = {
        (entry["memory"], entry["transitions"], entry["batch"]): entry for entry in measured["rows"]
    }
    for name in {name for name, size, _ in times if size == 10**6}:
        small, large = (times[name, 10**6, batch] for batch in (32, 256))
        size = "" if small["bytes"] is None else f"{small['bytes']:.1f}"
        assert row(name) == [f"{small['median_us']:.1f}", f"{large['median_us']:.1f}", size]


def test_readme_on_the_growth_of_a_replay_memory() -> None:
    grown = {
        (entry["memory"], entry["transitions"]): entry["median_us"]
        for entry in load_result(FOLDER / "replay.json").data["growth"]
        if entry["batch"] == 32
    }
    ours, theirs = (
        grown[name, 10**7] / grown[name, 10**4] for name in ("dqn, proportional", "cpprb")
    )
    said = f"becomes {ours:.1f} times dearer in ours, and {theirs:.1f} times in cpprb"
    assert said in README.replace("\n", " ")
    few, many = (
        grown["homework", size] / grown["dqn, proportional", size] for size in (10**4, 10**6)
    )
    lists = f"take {few:.0f} times as long as the tree at ten thousand transitions, and {many:,.0f}"
    assert f"{lists} times at a million" in README.replace("\n", " ")
