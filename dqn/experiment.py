"""Many runs, each recorded once: {config x environment x seed}, mapped over cores or machines.

Workers compute, and the caller alone writes: each finished task is added to a table of runs
(:mod:`dqn.runs`) at once. Whatever is killed, the same call again does what is missing.

Without more ado, tasks run in processes on this machine. The same call uses a cluster when it
stands inside of joblib's own context, as in ``with joblib.parallel_config(backend="dask")``. The
table lies on the caller's disk either way.

Chapter: `Experiments you can trust`.
"""

import datetime as dt
import hashlib
import importlib.metadata
import inspect
import json
import os
import platform
import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from filelock import FileLock
from joblib import Parallel, delayed  # type: ignore[import-untyped]

from dqn._arguments import check_path, check_row, check_seeds, check_whole
from dqn.config import DQNConfig
from dqn.progress import progress
from dqn.results import PACKAGES, code_digest, code_digests
from dqn.runs import Run, add_runs, find_runs, open_table
from dqn.training import train
from dqn.worlds import make_env

__all__ = ["sweep", "train_and_evaluate"]

Task = Callable[..., Sequence[Any]]


def train_and_evaluate(
    config: DQNConfig,
    env: str,
    seeds: Sequence[int],
    *,
    steps: int,
    evaluate_every: int = 1_000,
    evaluate_episodes: int = 20,
) -> list[dict[str, Any]]:
    """Train a learner from each seed, evaluating it now and then: the usual task of a sweep.

    All environments of a learner move together, so an evaluation may come up to ``num_envs - 1``
    steps late.

    Args:
        config: All choices of the algorithm.
        env: Registered name of the environment.
        seeds: One whole number per learner.
        steps: Environment steps per learner.
        evaluate_every: Steps between evaluations.
        evaluate_episodes: Greedy episodes per evaluation.

    Returns:
        For each seed the ``steps`` of its evaluations ``[T]``, the ``returns`` of their episodes
        ``[T, episodes]``, and the training ``episodes`` it had finished by then ``[T]``.

    Raises:
        TypeError: As :func:`dqn.training.train`.
        ValueError: As :func:`dqn.training.train`.
    """
    _, history = train(
        config,
        env,
        seeds,
        steps,
        evaluate_every=evaluate_every,
        evaluate_episodes=evaluate_episodes,
    )
    return [
        {
            "steps": history.steps,
            "returns": [returns[s].tolist() for returns in history.returns],
            "episodes": [sum(e.step <= step for e in episodes) for step in history.steps],
        }
        for s, episodes in enumerate(history.episodes)
    ]


def sweep(
    table: str | os.PathLike[str],
    configs: Mapping[str, Any],
    envs: Sequence[str],
    seeds: Iterable[int],
    *,
    task: Task = train_and_evaluate,
    together: int = 10,
    jobs: int | None = None,
    code: Sequence[str] = ("dqn.training",),
    **options: Any,
) -> list[Run]:
    """Do all runs of {config x environment x seed} that the table does not hold yet.

    A run is the same run if its config (name and settings), environment, seed, options and code
    are; versions of packages are recorded only. Sweeps on one table take turns. A worker's death
    costs what it was working on, which a cluster starts again; with local processes joblib raises,
    and the same call goes on. (A task that kills every worker it meets is given up by Dask without
    joblib's noticing: interrupt the call, then.)

    Seeds go to the task in groups, since learners trained side by side cost a fraction of learners
    trained one by one. Their company changes a learner's numbers within float rounding only, which
    over thousands of updates may grow. So the groups are fixed by the call, a group is recorded as
    a whole, and a sweep that was killed ends with the very numbers of one that was not.

    Args:
        table: The SQLite file, made with its folder if need be, on a local disk. A ``.lock`` beside
            it stays.
        configs: From names to configs, whose ``repr`` must tell all their settings.
        envs: Registered names.
        seeds: Whole numbers.
        task: ``task(config, env, seeds, **options)``, a function that returns a list with, for each
            seed, what JSON can hold. It may use modules and its arguments only: values that it
            sees elsewhere are not recorded.
        together: Seeds per call of the task; 1 makes a run's numbers depend on nothing else.
        jobs: Processes at a time, as many as there are cores if None. A cluster uses all workers.
        code: Modules the numbers come from; what they import from this package is included.
        **options: For the task; JSON must be able to hold them.

    Returns:
        The runs asked for, new and old, by config, environment and seed.

    Raises:
        TypeError: If an argument has the wrong type, or the task does not take the options.
        ValueError: If an argument is out of range, or the table is a file of another kind.
        RuntimeError: If a worker runs other code than the caller.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     ask = lambda seeds: sweep(f"{folder}/runs.sqlite", {"small": DQNConfig(hidden=(8,))},
    ...                               ["CartPole-v1"], seeds, jobs=1, steps=96, evaluate_every=48)
    ...     first, more = ask([0]), ask([0, 1])  # one run each, since seed 0 is there
    >>> first[0] == more[0], [run.seed for run in more], more[1].result["steps"]
    (True, [0, 1], [48, 96])
    """
    check_path("table", table)
    check_row("seeds", seeds, low=0)
    seeds = [check_whole("seeds", seed, low=0) for seed in seeds]
    check_seeds(seeds)
    check_whole("together", together)
    workers = -1 if jobs is None else check_whole("jobs", jobs)
    _check_some("configs", configs, Mapping, "a mapping from names to configs")
    _check_some("envs", envs, (list, tuple), "a list of names")
    if len(set(seeds)) < len(seeds):
        raise ValueError(f"seeds must hold none twice, got {seeds!r}")
    if max(seeds) >= 2**63:
        raise ValueError(f"seeds must be below 2**63, which a table can hold, got {max(seeds)}")
    _check_some("code", code, (list, tuple), "a list of modules' names")
    _check_json("options", options)
    settings = {name: _settings(name, config) for name, config in configs.items()}
    for env in envs:
        make_env(env).close()
    modules = _digest(tuple(code))
    digest = hashlib.sha256((_own_digest(task) + modules).encode()).hexdigest()
    for config in configs.values():
        inspect.signature(task).bind(config, envs[0], seeds, **options)
    path = Path(table)
    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{path}.lock"), open_table(path) as connection:

        def find() -> dict[tuple[str, str, str, int], Run]:
            found = find_runs(connection, options, digest)
            return {(run.config, run.settings, run.env, run.seed): run for run in found}

        done = find()
        tasks = []
        for name, config in configs.items():
            for env in envs:
                for start in range(0, len(seeds), together):
                    group = seeds[start : start + together]
                    missing = [s for s in group if (name, settings[name], env, s) not in done]
                    if missing:
                        tasks.append((name, config, env, missing))
        perform = delayed(_perform)
        todo = (perform(task, options, tuple(code), modules, os.getpid(), *each) for each in tasks)
        # One task at a time to a worker, and its results as soon as they are there.
        finished = Parallel(workers, return_as="generator_unordered", batch_size=1)(todo)
        for (name, env, company), versions, results in progress(finished, "tasks", len(tasks)):
            if not isinstance(results, (list, tuple)):
                raise TypeError(
                    f"task must return a list with a result for each seed, got {results!r} in "
                    f"config {name!r}, env {env!r}, seeds {company}"
                )
            now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
            about = (settings[name], options, digest, company, versions, now)
            each = zip(company, results, strict=True)
            add_runs(connection, [Run(name, env, seed, *about, result) for seed, result in each])
        done = find()
        return [done[c, settings[c], e, seed] for c in configs for e in envs for seed in seeds]


def _perform(
    task: Task,
    options: dict[str, Any],
    code: tuple[str, ...],
    modules: str,
    caller: int,
    name: str,
    config: Any,
    env: str,
    seeds: list[int],
) -> tuple[tuple[str, str, list[int]], dict[str, str], Sequence[Any]]:
    """Do one task, wherever this is."""
    if os.getpid() != caller:
        os.environ["DQN_PROGRESS"] = "off"  # the bars of several processes would mix
    if _digest(code) != modules:
        raise RuntimeError(
            f"the worker on {platform.node()} runs other code than its caller: bring it up to "
            "date, or restart what has been running since the code changed"
        )
    try:
        results = task(config, env, seeds, **options)
        if len(results) != len(seeds):
            raise ValueError(
                f"task must return one result for each of {len(seeds)} seeds, got {len(results)}"
            )
        _check_json("task's results", results)
    except Exception as error:
        error.add_note(f"in config {name!r}, env {env!r}, seeds {seeds}")
        raise
    versions = {package: importlib.metadata.version(package) for package in PACKAGES}
    return (name, env, seeds), {"python": platform.python_version(), **versions}, results


@cache  # so it tells what a process has loaded, though the files may have changed since
def _digest(code: tuple[str, ...]) -> str:
    return hashlib.sha256(json.dumps(code_digests(code)).encode()).hexdigest()


def _own_digest(task: Task) -> str:
    if not inspect.isfunction(task):
        raise TypeError(f"task must be a function, got {task!r}")
    try:
        return code_digest(textwrap.dedent(inspect.getsource(task)))
    except (OSError, SyntaxError) as error:
        raise ValueError(f"task must be a function with a readable source, got {task!r}") from error


def _settings(name: str, config: Any) -> str:
    text = repr(config)
    if " at 0x" in text:  # an address, which is another one next time
        raise ValueError(f"configs[{name!r}] must have a repr that tells its settings, got {text}")
    return text


def _check_some(name: str, value: Any, kind: Any, allowed: str) -> None:
    if not isinstance(value, kind) or not all(isinstance(item, str) for item in value):
        raise TypeError(f"{name} must be {allowed}, got {value!r}")
    if not value or len(set(value)) != len(value):
        raise ValueError(f"{name} must be {allowed}, at least one and none twice, got {value!r}")


def _check_json(name: str, value: Any) -> None:
    try:
        json.dumps(value)
    except (TypeError, ValueError) as error:
        raise TypeError(f"{name} must be what JSON can hold, got {value!r}: {error}") from error
