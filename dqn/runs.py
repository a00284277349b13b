"""A table of runs in one SQLite file, which survives whatever kills its writer.

Runs are added in transactions: all of a call's or none, and none twice. Readers may come at any
time.

Chapter: `Experiments you can trust`.
"""

import contextlib
import json
import os
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from dqn._arguments import check_path, check_whole

__all__ = ["Run", "add_runs", "find_runs", "open_table", "read_runs"]


class Run(NamedTuple):
    """One row: one config in one environment from one seed."""

    config: str
    """Name of the config."""
    env: str
    """Registered name of the environment."""
    seed: int
    """The run's seed."""
    settings: str
    """The config itself, as text."""
    options: dict[str, Any]
    """What else the task was told, such as the number of steps."""
    code: str
    """Digest of the task and of the modules its numbers come from."""
    company: list[int]
    """Seeds that one call of the task worked on, this one among them."""
    versions: dict[str, str]
    """Versions of Python and of the packages that matter, where the run took place."""
    finished: str
    """Date and time, UTC, ISO 8601."""
    result: Any
    """What the task returned for this seed; tuples have become lists."""


_COLUMNS = ", ".join(Run._fields)
_IDENTITY = "config, settings, env, seed, options, code"
_AS_JSON = ("options", "company", "versions", "result")
_AS_TEXT = ("config", "env", "settings", "code", "finished")


@contextlib.contextmanager
def open_table(path: str | os.PathLike[str]) -> Iterator[sqlite3.Connection]:
    """Open a table, made if need be, and close it in the end.

    Raises:
        TypeError: If ``path`` is none.
        ValueError: If the file is something else, a database of other tables included.
        OSError: If its folder is missing.
    """
    if not check_path("table", path).parent.is_dir():
        raise FileNotFoundError(f"table must lie in a folder that exists, got {os.fspath(path)!r}")
    if Path(path).is_dir():
        raise ValueError(f"table must be a file, got the folder {os.fspath(path)!r}")
    with contextlib.closing(sqlite3.connect(path, timeout=60)) as table:
        try:
            if _tables(table) not in (set(), {"runs"}):
                raise sqlite3.DatabaseError("it holds other tables")
            table.execute(
                f"CREATE TABLE IF NOT EXISTS runs ({_COLUMNS}, PRIMARY KEY ({_IDENTITY}))"
            )
            table.execute(f"SELECT {_COLUMNS} FROM runs LIMIT 0")
        except sqlite3.DatabaseError as error:
            raise ValueError(f"table must be new or hold runs, got {path}: {error}") from error
        yield table


def add_runs(table: sqlite3.Connection, runs: Iterable[Run]) -> None:
    """Add runs, all or none.

    Raises:
        sqlite3.IntegrityError: If one of them is in the table already.
        TypeError: If ``table`` is no connection, ``runs`` holds anything but runs, a seed is not a
            whole number, an option's name or what is to be text is none, or JSON cannot hold what
            it is to hold.
        ValueError: If a seed is negative, or larger than SQLite can store.

    >>> run = Run("DQN", "CartPole-v1", 0, "", {}, "", [0], {}, "", {"score": 500.0})
    >>> with open_table(":memory:") as table:
    ...     add_runs(table, [run])
    ...     find_runs(table) == [run]
    True
    """
    _check_open(table)
    if not isinstance(runs, Iterable):
        raise TypeError(f"runs must be a sequence of Run, got {runs!r}")
    rows = [
        [_to_json(n, value) if n in _AS_JSON else value for n, value in _checked(run).items()]
        for run in runs
    ]
    places = ", ".join("?" * len(Run._fields))
    with table:  # a transaction, on the disk when it ends
        table.executemany(f"INSERT INTO runs ({_COLUMNS}) VALUES ({places})", rows)


def find_runs(
    table: sqlite3.Connection, options: dict[str, Any] | None = None, code: str | None = None
) -> list[Run]:
    """Find the runs with these options and this code (with any, if None), oldest first.

    Raises:
        TypeError: If ``table`` is no connection, ``code`` or an option's name is no text, or JSON
            cannot hold the options.
    """
    _check_open(table)
    if code is not None:
        _check_text("code", code)
    found = table.execute(
        f"SELECT {_COLUMNS} FROM runs WHERE options = ifnull(?, options) "
        "AND code = ifnull(?, code) ORDER BY rowid",
        (None if options is None else _to_json("options", options), code),
    )
    rows = [Run(*row) for row in found]
    return [
        row._replace(**{name: json.loads(getattr(row, name)) for name in _AS_JSON}) for row in rows
    ]


def read_runs(path: str | os.PathLike[str]) -> list[Run]:
    """Read all runs of a table, also while a sweep writes to it.

    Raises:
        TypeError: If ``path`` is none.
        FileNotFoundError: If there is no such file.
        ValueError: If it is not a table of runs.
    """
    if not check_path("table", path).is_file():
        raise FileNotFoundError(f"table must be a file that exists, got {os.fspath(path)!r}")
    # Not read-only: what a killed writer left half done has to be taken back before reading.
    place = f"{Path(path).absolute().as_uri()}?mode=rw"
    with contextlib.closing(sqlite3.connect(place, uri=True, timeout=60)) as table:
        try:
            return find_runs(table) if _tables(table) else []
        except (sqlite3.DatabaseError, TypeError, ValueError) as error:
            raise ValueError(
                f"table must be one of runs, got {os.fspath(path)}: {error}"
            ) from error


def _tables(table: sqlite3.Connection) -> set[str]:
    found = table.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    return {name for (name,) in found if not name.startswith("sqlite_")}


def _check_open(table: sqlite3.Connection) -> None:
    if not isinstance(table, sqlite3.Connection):
        raise TypeError(f"table must be one that open_table has opened, got {table!r}")


def _checked(run: Run) -> dict[str, Any]:
    if not isinstance(run, Run):
        raise TypeError(f"runs must be a sequence of Run, got {run!r} in it")
    seed = check_whole("seed", run.seed, low=0)
    if seed >= 2**63:
        raise ValueError(f"seed must be below 2**63, which a table can hold, got {seed}")
    for name in _AS_TEXT:
        _check_text(name, getattr(run, name))
    return run._replace(seed=seed)._asdict()


def _check_text(name: str, value: str) -> None:
    if not isinstance(value, str):
        raise TypeError(f"{name} must be text, got {value!r}")


def _to_json(name: str, value: Any) -> str:
    if name == "options" and not (isinstance(value, dict) and all(type(k) is str for k in value)):
        raise TypeError(f"options must be a dict with strings as keys, got {value!r}")
    try:
        return json.dumps(value, sort_keys=True)
    except (TypeError, ValueError) as error:
        raise TypeError(f"{name} must be what JSON can hold, got {value!r}: {error}") from error
