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

from dqn._arguments import check_whole

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


@contextlib.contextmanager
def open_table(path: str | os.PathLike[str]) -> Iterator[sqlite3.Connection]:
    """Open a table, made if need be, and close it in the end.

    Raises:
        ValueError: If the file is something else, a database of other tables included.
        OSError: If its folder is missing.
    """
    if not Path(path).parent.is_dir():
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
        TypeError: If a seed is not a whole number.

    >>> run = Run("DQN", "CartPole-v1", 0, "", {}, "", [0], {}, "", {"score": 500.0})
    >>> with open_table(":memory:") as table:
    ...     add_runs(table, [run])
    ...     find_runs(table) == [run]
    True
    """
    rows = [
        [_to_json(value) if name in _AS_JSON else value for name, value in run._asdict().items()]
        for run in (run._replace(seed=check_whole("seed", run.seed, low=0)) for run in runs)
    ]
    places = ", ".join("?" * len(Run._fields))
    with table:  # a transaction, on the disk when it ends
        table.executemany(f"INSERT INTO runs ({_COLUMNS}) VALUES ({places})", rows)


def find_runs(
    table: sqlite3.Connection, options: dict[str, Any] | None = None, code: str | None = None
) -> list[Run]:
    """Find the runs with these options and this code (with any, if None), oldest first."""
    found = table.execute(
        f"SELECT {_COLUMNS} FROM runs WHERE options = ifnull(?, options) "
        "AND code = ifnull(?, code) ORDER BY rowid",
        (None if options is None else _to_json(options), code),
    )
    rows = [Run(*row) for row in found]
    return [
        row._replace(**{name: json.loads(getattr(row, name)) for name in _AS_JSON}) for row in rows
    ]


def read_runs(path: str | os.PathLike[str]) -> list[Run]:
    """Read all runs of a table, also while a sweep writes to it.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is not a table of runs.
    """
    if not Path(path).is_file():
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


def _to_json(value: Any) -> str:
    return json.dumps(value, sort_keys=True)
