"""Sweeps, killed in several ways: every run is recorded, none twice, and none is done again."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import joblib  # type: ignore[import-untyped]
import numpy as np
import pytest
from filelock import FileLock, Timeout
from joblib.externals.loky.process_executor import (  # type: ignore[import-untyped]
    TerminatedWorkerError,
)

from dqn import experiment
from dqn.config import DQNConfig
from dqn.experiment import sweep, train_and_evaluate
from dqn.runs import Run, add_runs, find_runs, open_table, read_runs
from dqn.training import train

ENVS = ["CartPole-v1", "Acrobot-v1"]
CONFIGS = {"one": {"x": 1}, "two": {"x": 2}}
SMALL = DQNConfig(hidden=(8,), learning_starts=64)


def note(config: Any, env: str, seeds: Sequence[int], *, log: str, seconds: float = 0.0) -> Any:
    """A task that takes down what it begins, so that a run done twice is found."""
    with Path(log).open("a") as file:
        file.write("".join(f"{config['x']} {env} {seed}\n" for seed in seeds))
    time.sleep(seconds)
    return [{"value": 100 * config["x"] + seed, "env": env} for seed in seeds]


def note_and_die(config: Any, env: str, seeds: Sequence[int], *, log: str) -> Any:
    """The same, but the worker that first comes to seed 3 dies in the middle of it."""
    marker = Path(f"{log}.died")
    if 3 in seeds and not marker.exists():
        marker.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return note(config, env, seeds, log=log)


def begun(log: Path) -> Counter[str]:
    return Counter(log.read_text().splitlines())


def name(run: Run) -> str:
    return f"{run.result['value'] // 100} {run.env} {run.seed}"


def check_complete(runs: list[Run], envs: Sequence[str], seeds: Sequence[int]) -> None:
    asked = [(c, e, s) for c in CONFIGS for e in envs for s in seeds]
    assert [(run.config, run.env, run.seed) for run in runs] == asked
    for run in runs:
        assert run.result == {"value": 100 * CONFIGS[run.config]["x"] + run.seed, "env": run.env}


# -- what a sweep does


def test_the_rows_are_all_runs_and_say_where_they_come_from(tmp_path: Path) -> None:
    table, log = tmp_path / "new" / "runs.sqlite", tmp_path / "log"
    runs = sweep(table, CONFIGS, ENVS, range(5), task=note, together=2, jobs=1, log=str(log))
    check_complete(runs, ENVS, range(5))
    assert sorted(read_runs(table)) == sorted(runs)
    assert set(begun(log).values()) == {1}
    assert [run.company for run in runs[:5]] == [[0, 1], [0, 1], [2, 3], [2, 3], [4]]
    first = runs[0]
    assert first.settings == "{'x': 1}"
    assert first.options == {"log": str(log)}
    assert first.versions["numpy"] == np.__version__
    assert first.versions.keys() >= {"python", "torch", "gymnasium"}
    assert len(first.code) == 64
    assert first.finished.startswith("20")


def test_only_what_is_missing_is_done(tmp_path: Path) -> None:
    table, log = tmp_path / "runs.sqlite", tmp_path / "log"

    def ask(seeds: Sequence[int], envs: list[str], configs: dict[str, Any] = CONFIGS) -> list[Run]:
        return sweep(table, configs, envs, seeds, task=note, together=3, jobs=1, log=str(log))

    ask([4, 1], ENVS[:1])
    assert sum(begun(log).values()) == 4
    ask([1, 4, 7], ENVS[:1])  # one seed more
    assert sum(begun(log).values()) == 6
    check_complete(ask([7, 1], ENVS), ENVS, [7, 1])  # one environment more
    assert sum(begun(log).values()) == 10
    check_complete(ask([1, 4, 7], ENVS[:1]), ENVS[:1], [1, 4, 7])  # nothing more
    assert sum(begun(log).values()) == 10
    assert set(begun(log).values()) == {1}
    # Another config under an old name is another run, and so is another option.
    changed = ask([1], ENVS[:1], {"one": {"x": 5}})
    assert [run.result["value"] for run in changed] == [501]
    sweep(table, CONFIGS, ENVS[:1], [1], task=note, jobs=1, log=str(log), seconds=0.001)
    assert sum(begun(log).values()) == 13


def test_other_code_is_another_run(tmp_path: Path) -> None:
    def task(config: Any, env: str, seeds: Sequence[int]) -> Any:  # noqa: ARG001
        return list(seeds)

    old = sweep(tmp_path / "t", CONFIGS, ENVS[:1], [0], task=task, jobs=1)

    def task(config: Any, env: str, seeds: Sequence[int]) -> Any:  # type: ignore[no-redef]  # noqa: ARG001
        return [seed + 1 for seed in seeds]

    new = sweep(tmp_path / "t", CONFIGS, ENVS[:1], [0], task=task, jobs=1)
    assert [run.result for run in old + new] == [0, 0, 1, 1]
    wider = sweep(tmp_path / "t", CONFIGS, ENVS[:1], [0], task=task, jobs=1, code=["dqn.cliffwalk"])
    assert len({run.code for run in (*old, *new, *wider)}) == 3
    assert len(read_runs(tmp_path / "t")) == 6


def test_a_worker_with_other_code_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter(["old", "new"])
    monkeypatch.setattr(experiment, "_digest", lambda _: next(answers))
    with pytest.raises(RuntimeError, match="runs other code than its caller"):
        sweep(tmp_path / "t", CONFIGS, ENVS, [0], task=note, jobs=1, log=str(tmp_path / "log"))
    assert read_runs(tmp_path / "t") == []


def test_training_in_two_goes_is_training_in_one(tmp_path: Path) -> None:
    def ask(table: str, seeds: Sequence[int], together: int = 2) -> list[Any]:
        runs = sweep(
            tmp_path / table,
            {"small": SMALL},
            ["CartPole-v1"],
            seeds,
            together=together,
            jobs=1,
            steps=192,
            evaluate_every=96,
            evaluate_episodes=3,
        )
        return [run.result for run in runs]

    whole = ask("whole", range(4))
    ask("parts", range(2))
    assert ask("parts", range(4)) == whole
    alone = ask("alone", [3], together=1)
    _, history = train(SMALL, "CartPole-v1", [3], 192, evaluate_every=96, evaluate_episodes=3)
    assert alone == [
        {
            "steps": [96, 192],
            "returns": [returns[0].tolist() for returns in history.returns],
            "episodes": [sum(e.step <= step for e in history.episodes[0]) for step in (96, 192)],
        }
    ]


# -- what is killed


def test_a_sweep_that_is_killed_goes_on_where_it_was(tmp_path: Path) -> None:
    table, log = tmp_path / "runs.sqlite", tmp_path / "log"
    log.touch()
    program = (
        "from tests.test_experiment import *\n"
        f"sweep({str(table)!r}, CONFIGS, ENVS, range(8), task=note, together=2, jobs=2, "
        f"log={str(log)!r}, seconds=0.1)\n"
    )
    root = Path(__file__).parents[1]
    victim = subprocess.Popen([sys.executable, "-c", program], cwd=root, start_new_session=True)
    try:
        while not table.exists() or len(read_runs(table)) < 6:
            assert victim.poll() is None, "the sweep ended by itself"
            time.sleep(0.02)
        victim.kill()  # the caller alone; its workers find out by and by
        victim.wait()
        before = read_runs(table)
        assert 6 <= len(before) < 32
        runs = sweep(
            table, CONFIGS, ENVS, range(8), task=note, together=2, jobs=1,
            log=str(log), seconds=0.1,
        )  # fmt: skip
    finally:
        os.killpg(victim.pid, signal.SIGKILL)
    check_complete(runs, ENVS, range(8))
    after = read_runs(table)
    assert len(after) == 32
    assert after[: len(before)] == before
    assert {tuple(run.company) for run in after} == {(s, s + 1) for s in range(0, 8, 2)}
    assert all(begun(log)[name(run)] == 1 for run in before), "done again though recorded"
    # At most what two workers had in hand, and as much again waiting for them, was begun twice.
    assert set(begun(log).values()) <= {1, 2}
    assert sum(begun(log).values()) - 32 <= 2 * 2 * 2


def test_a_local_worker_that_is_killed_costs_its_task_only(tmp_path: Path) -> None:
    table, log = tmp_path / "runs.sqlite", tmp_path / "log"
    log.touch()

    def ask(jobs: int) -> list[Run]:
        return sweep(
            table, CONFIGS, ENVS[:1], range(6), task=note_and_die, together=1, jobs=jobs,
            log=str(log),
        )  # fmt: skip

    with pytest.raises(TerminatedWorkerError):
        ask(jobs=2)
    before = read_runs(table)
    assert len(before) < 12
    check_complete(ask(jobs=1), ENVS[:1], range(6))
    assert len(read_runs(table)) == 12
    assert all(begun(log)[name(run)] == 1 for run in before)


def test_a_cluster_survives_the_death_of_a_worker(tmp_path: Path) -> None:
    import distributed  # slow, and for this test alone

    table, log = tmp_path / "runs.sqlite", tmp_path / "log"
    log.touch()
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=None, local_directory=tmp_path
        ) as cluster,
        distributed.Client(cluster),
        joblib.parallel_config(backend="dask"),
    ):
        runs = sweep(table, CONFIGS, ENVS, range(6), task=note_and_die, together=2, log=str(log))
    assert Path(f"{log}.died").exists()
    check_complete(runs, ENVS, range(6))
    assert len(read_runs(table)) == 24


# -- several at once


def test_two_sweeps_on_one_table_share_the_work(tmp_path: Path) -> None:
    table, log = tmp_path / "runs.sqlite", tmp_path / "log"
    found: list[list[Run]] = []

    def ask() -> None:
        runs = sweep(
            table,
            CONFIGS,
            ENVS,
            range(3),
            task=note,
            together=1,
            jobs=1,
            log=str(log),
            seconds=0.01,
        )
        found.append(runs)

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 3
    assert found[0] == found[1] == found[2]
    check_complete(found[0], ENVS, range(3))
    assert len(read_runs(table)) == 12
    assert set(begun(log).values()) == {1}


def test_a_sweep_holds_its_turn_and_gives_it_back(tmp_path: Path) -> None:
    table = tmp_path / "runs.sqlite"

    def task(config: Any, env: str, seeds: Sequence[int], *, path: str) -> Any:  # noqa: ARG001
        with pytest.raises(Timeout):
            FileLock(f"{path}.lock").acquire(timeout=0)
        return list(seeds)

    sweep(table, CONFIGS, ENVS[:1], [0], task=task, jobs=1, path=str(table))


def test_a_table_can_be_read_while_a_sweep_writes(tmp_path: Path) -> None:
    table = tmp_path / "runs.sqlite"

    def task(config: Any, env: str, seeds: Sequence[int], *, path: str) -> Any:  # noqa: ARG001
        return [len(read_runs(path)) for _ in seeds]

    runs = sweep(table, CONFIGS, ENVS, [0, 1], task=task, jobs=1, together=1, path=str(table))
    assert [run.result for run in runs] == list(range(8))


# -- what goes wrong


def test_an_error_names_its_task_and_keeps_the_rest(tmp_path: Path) -> None:
    table, log = tmp_path / "runs.sqlite", tmp_path / "log"

    def task(config: Any, env: str, seeds: Sequence[int], *, broken: str) -> Any:  # noqa: ARG001
        if 3 in seeds and Path(broken).exists():
            raise ZeroDivisionError("of mine")
        return list(seeds)

    def ask() -> list[Run]:
        return sweep(
            table, CONFIGS, ENVS[:1], range(5), task=task, together=1, jobs=1, broken=str(log)
        )

    log.touch()
    with pytest.raises(ZeroDivisionError) as caught:
        ask()
    assert caught.value.__notes__ == ["in config 'one', env 'CartPole-v1', seeds [3]"]
    assert [run.seed for run in read_runs(table)] == [0, 1, 2]
    log.unlink()
    assert [run.result for run in ask()] == [*range(5), *range(5)]


@pytest.mark.parametrize(
    ("returned", "error", "message"),
    [
        ([1], ValueError, "one result for each of 2 seeds, got 1"),
        ([1, 2, 3], ValueError, "one result for each of 2 seeds, got 3"),
        ([1, np.zeros(2)], TypeError, "what JSON can hold"),
        (None, TypeError, "NoneType"),
    ],
)
def test_a_task_that_returns_something_else_is_refused(
    tmp_path: Path, returned: Any, error: type[Exception], message: str
) -> None:
    def task(config: Any, env: str, seeds: Sequence[int]) -> Any:  # noqa: ARG001
        return returned

    with pytest.raises(error, match=message):
        sweep(tmp_path / "t", CONFIGS, ENVS, [0, 1], task=task, jobs=1)
    assert read_runs(tmp_path / "t") == []


BAD: list[tuple[dict[str, Any], type[Exception], str]] = [
    ({"configs": {}}, ValueError, "configs must be"),
    ({"table": None}, TypeError, "table must be the path of a file, got None"),
    ({"configs": [SMALL]}, TypeError, "configs must be a mapping"),
    ({"configs": {1: SMALL}}, TypeError, "configs must be a mapping from names to configs, got"),
    ({"envs": [lambda: None]}, TypeError, "envs must be a list of names, got"),
    ({"envs": [ENVS[:1]]}, TypeError, "envs must be a list of names, got"),
    ({"configs": {"a": object()}}, ValueError, r"configs\['a'\] must have a repr"),
    ({"envs": "CartPole-v1"}, TypeError, "envs must be a list of names"),
    ({"envs": []}, ValueError, "envs must be"),
    ({"envs": ["CartPole-v1"] * 2}, ValueError, "none twice"),
    ({"envs": ["CartPole-v99"]}, ValueError, "CartPole-v99"),
    ({"envs": ["Pendulum-v1"]}, ValueError, "Discrete actions"),
    ({"seeds": []}, ValueError, "seeds must hold at least one seed, got none"),
    ({"seeds": iter([])}, ValueError, "seeds must hold at least one seed, got none"),
    ({"seeds": [1, 1]}, ValueError, r"seeds must hold none twice, got \[1, 1\]"),
    ({"seeds": [-1]}, ValueError, "seeds must be a whole number of at least 0, got -1"),
    ({"seeds": [0.5]}, TypeError, "seeds must be a whole number"),
    ({"seeds": 3}, TypeError, "seeds must be a sequence of whole numbers of at least 0, got 3"),
    ({"seeds": "3"}, TypeError, "seeds must be a sequence of whole numbers of at least 0, got '3'"),
    ({"together": 0}, ValueError, "together must be a whole number of at least 1, got 0"),
    ({"together": 1.5}, TypeError, "together"),
    ({"jobs": 0}, ValueError, "jobs must be a whole number of at least 1, got 0"),
    ({"jobs": -1}, ValueError, "jobs must be"),
    ({"jobs": 1.5}, TypeError, "jobs must be"),
    ({"code": "dqn.training"}, TypeError, "code must be"),
    ({"code": ["dqn.no_such_module"]}, ModuleNotFoundError, "dqn.no_such_module"),
    ({"task": None}, TypeError, "task must be a function"),
    ({"task": print}, TypeError, "task must be a function"),
    ({"steps": np.arange(2)}, TypeError, "options must be what JSON can hold"),
    ({"no_such_option": 1}, TypeError, "no_such_option"),
]


@pytest.mark.parametrize(("changed", "error", "message"), BAD, ids=lambda value: str(value)[:30])
def test_bad_arguments_are_refused_before_anything_is_made(
    tmp_path: Path, changed: dict[str, Any], error: type[Exception], message: str
) -> None:
    good: dict[str, Any] = {
        "table": tmp_path / "folder" / "runs.sqlite",
        "configs": {"small": SMALL},
        "envs": ENVS[:1],
        "seeds": [0],
        "steps": 96,
        "jobs": 1,
    }
    with pytest.raises(error, match=message):
        sweep(**(good | changed))
    assert not list(tmp_path.iterdir())


def test_a_forgotten_option_is_named(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="steps"):
        sweep(tmp_path / "t", {"small": SMALL}, ENVS, [0], task=train_and_evaluate, jobs=1)


def test_a_file_of_something_else_is_left_alone(tmp_path: Path) -> None:
    text, other, elses = tmp_path / "text", tmp_path / "other", tmp_path / "else"
    text.write_text("what I wrote last summer\n" * 100)
    for path, name in ((other, "runs"), (elses, "trips")):
        with closing(sqlite3.connect(path)) as connection:
            connection.execute(f"CREATE TABLE {name} (distance)")
    for path in (text, other, elses):
        before = path.read_bytes()
        with pytest.raises(ValueError, match="table must be"):
            sweep(path, CONFIGS, ENVS, [0], task=note, jobs=1, log="log")
        with pytest.raises(ValueError, match="table must be"):
            read_runs(path)
        assert path.read_bytes() == before


def test_there_is_nothing_to_read_where_nothing_was_written(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="table must be"):
        read_runs(tmp_path / "runs.sqlite")
    assert not list(tmp_path.iterdir())


def test_reading_writes_nothing(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()  # as a sweep leaves it for a moment
    assert read_runs(tmp_path / "empty") == []
    assert (tmp_path / "empty").read_bytes() == b""


def test_a_damaged_table_is_said_to_be_one(tmp_path: Path) -> None:
    table = tmp_path / "t"
    with open_table(table) as connection:
        add_runs(connection, [Run("a", "b", seed, "", {}, "", [0], {}, "", 1.5) for seed in (0, 1)])
    whole = table.read_bytes()
    rng = np.random.default_rng(0)
    refused = []
    for _ in range(40):
        damaged = bytearray(whole)
        for place in rng.integers(100, len(whole), 64):
            damaged[place] = rng.integers(256)
        table.write_bytes(damaged)
        try:
            read_runs(table)
        except ValueError as error:
            refused.append(str(error))
    assert refused
    assert all("table must be" in message for message in refused)


def test_a_seed_is_stored_as_a_number(tmp_path: Path) -> None:
    with open_table(tmp_path / "t") as table:
        numpys: Any = np.int64(3)
        fraction: Any = 1.5
        add_runs(table, [Run("a", "b", numpys, "", {}, "", [3], {}, "", 1.5)])
        with pytest.raises(TypeError, match="seed"):
            add_runs(table, [Run("a", "b", fraction, "", {}, "", [3], {}, "", 1.5)])
    assert [run.seed for run in read_runs(tmp_path / "t")] == [3]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"seed": 2**63}, r"seed must be below 2\*\*63, which a table can hold, got 9223372036854"),
        ({"options": {1: 2}}, r"options must be a dict with strings as keys, got \{1: 2\}"),
        ({"options": None}, "options must be a dict with strings as keys, got None"),
        ({"options": {"x": {1}}}, r"options must be what JSON can hold, got \{'x': \{1\}\}"),
        ({"result": np.zeros(1)}, r"result must be what JSON can hold, got array\(\[0\.\]\)"),
        ({"result": {1: 2, "1": 3}}, "result must be what JSON can hold"),
        ({"config": None}, "config must be text, got None"),  # NULL would be no row's double
        ({"env": 1}, "env must be text, got 1"),
        ({"settings": b"x"}, "settings must be text, got b'x'"),
        ({"code": ["x"]}, r"code must be text, got \['x'\]"),
        ({"finished": 0.5}, "finished must be text, got 0.5"),
    ],
)
def test_what_a_table_cannot_hold_is_refused(
    tmp_path: Path, change: dict[str, Any], message: str
) -> None:
    good = Run("a", "b", 0, "", {}, "", [0], {}, "", 1.5)
    with open_table(tmp_path / "t") as table:
        with pytest.raises((TypeError, ValueError), match=message):
            add_runs(table, [good, good._replace(**change)])
        if change.keys() <= {"options", "code"} and change != {"options": None}:
            with pytest.raises(TypeError, match=message):
                find_runs(table, **change)
    assert read_runs(tmp_path / "t") == []


def test_tables_and_runs_of_another_kind_are_named(tmp_path: Path) -> None:
    nothing: Any = None
    with open_table(tmp_path / "t") as table:
        for runs in (None, [None]):
            with pytest.raises(TypeError, match="runs must be a sequence of Run, got None"):
                add_runs(table, runs)  # type: ignore[arg-type]
    for call in (lambda: add_runs(nothing, []), lambda: find_runs(nothing)):
        with pytest.raises(TypeError, match="table must be one that open_table has opened"):
            call()
    for opened in (lambda: open_table(nothing).__enter__(), lambda: read_runs(nothing)):
        with pytest.raises(TypeError, match="table must be the path of a file, got None"):
            opened()


def test_runs_are_added_all_or_none(tmp_path: Path) -> None:
    def run(seed: int) -> Run:
        return Run("a", "b", seed, "", {}, "", [0], {}, "", 1.5)

    with open_table(tmp_path / "t") as table:
        add_runs(table, [run(0), run(1)])
        with pytest.raises(sqlite3.IntegrityError):
            add_runs(table, [run(2), run(1)])
    assert read_runs(tmp_path / "t") == [run(0), run(1)]
    with pytest.raises(FileNotFoundError), open_table(tmp_path / "no" / "t"):
        pass


def test_the_table_is_plain_sqlite(tmp_path: Path) -> None:
    table, log = tmp_path / "runs.sqlite", tmp_path / "log"
    sweep(table, CONFIGS, ENVS[:1], [0, 1], task=note, jobs=1, log=str(log))
    with closing(sqlite3.connect(table)) as connection:
        rows = connection.execute("SELECT config, seed, result FROM runs ORDER BY rowid").fetchall()
    assert [(c, s, json.loads(r)["value"]) for c, s, r in rows] == [
        ("one", 0, 100), ("one", 1, 101), ("two", 0, 200), ("two", 1, 201),
    ]  # fmt: skip


def by_seed(_config: Any, _env: str, seeds: Sequence[int]) -> Any:
    return {seed: 100.0 + seed for seed in seeds}


def test_a_mapping_is_no_list_of_results(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="task must return a list with a result for each seed"):
        sweep(tmp_path / "t.sqlite", {"a": 1}, ["CartPole-v1"], [7, 9], task=by_seed, jobs=1)
    assert read_runs(tmp_path / "t.sqlite") == []


def test_a_seed_that_no_table_holds_is_refused_before_the_work(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="seeds must be below"):
        sweep(tmp_path / "t.sqlite", {"a": 1}, ["CartPole-v1"], [2**63], task=by_seed, jobs=1)
    assert not (tmp_path / "t.sqlite").exists()


def test_a_folder_is_no_table(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="table must be a file"), open_table(tmp_path):
        pass
