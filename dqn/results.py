"""Results too slow to make while a page builds, stored with all that is needed to doubt them.

A stored result knows the command that made it, the versions, the random seeds, and a digest of the
code it came from. When that code changes, the result is stale and says so. Comments, docstrings and
layout do not count, nor do checks that only refuse: a number that has been computed, none of them
has touched.

Chapter: `Experiments you can trust`.
"""

import ast
import datetime as dt
import hashlib
import importlib.metadata
import importlib.util
import json
import os
import platform
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np

from dqn._arguments import check_path, check_whole
from dqn._files import write_atomically

__all__ = [
    "PACKAGES",
    "Provenance",
    "Result",
    "changed_code",
    "check_fresh",
    "code_digest",
    "code_digests",
    "load_result",
    "save_result",
    "stored",
]

#: Packages whose versions a result is stored with.
PACKAGES = ("gymnasium", "numba", "numpy", "torch")
_THIS_PACKAGE = __name__.partition(".")[0]
# Imported by code that makes results, yet without a say in their numbers. They count if named.
_WITHOUT_A_SAY = {
    f"{_THIS_PACKAGE}.{name}"
    for name in (
        "_arguments",
        "_files",
        "checkpoint",
        "plots",
        "progress",
        "results",
        "runs",
        "video",
    )
}


# What a condition may call and still change nothing.
_HARMLESS = (
    "abs all any array_equal asarray bool callable can_cast dtype endswith enumerate float hasattr "
    "id int is_integer isfinite isin isinstance isnan items keys len list max min set shape sorted "
    "startswith str sum tuple type unique values zip"
)


class Provenance(NamedTuple):
    """Where a result comes from."""

    command: str
    """What to run, from the repository's root, to make it again."""
    seeds: list[int]
    """Random seeds used."""
    created: str
    """Date and time, UTC, ISO 8601."""
    python: str
    """Version of Python."""
    packages: dict[str, str]
    """Versions of the packages that matter."""
    machine: str
    """Operating system, architecture and number of cores."""
    code: dict[str, str]
    """Digest of each module by its name, and of each other file by its path from the result."""
    data_digest: str
    """Digest of the data, so that an edit by hand is found."""


class Result(NamedTuple):
    """A stored result."""

    data: Any
    """As it was saved; tuples have become lists."""
    provenance: Provenance
    """Where it comes from."""


def save_result(
    path: str | os.PathLike[str],
    data: Any,
    *,
    command: str,
    seeds: Iterable[int],
    code: Sequence[ModuleType | str | os.PathLike[str]],
) -> None:
    """Store a result as JSON, in one step.

    Args:
        path: The file; its folder is made if need be.
        data: Numbers, strings, bools, ``None``, NumPy arrays, and lists and dicts (with strings as
            keys) of them. Tuples become lists.
        command: What makes this result, as typed at the repository's root.
        seeds: Random seeds used.
        code: Modules and Python files the result comes from. What they import from this package,
            by its full name, belongs to it too and need not be named; modules that only check
            arguments, draw, or read and write files are left out.

    Raises:
        TypeError: If ``data`` holds anything else, a seed is no whole number, or ``path`` or
            ``code`` is of another kind.
        ValueError: If ``command`` is no text, it or ``code`` is empty, a seed is negative, or a
            file isn't Python.
        ModuleNotFoundError: If there is no such module.
        OSError: If the file can't be written, or a code file can't be read.

    >>> import tempfile
    >>> from dqn import statistics
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "scores.json"
    ...     command = "python -m experiments.scores"
    ...     save_result(file, {"x": np.arange(2)}, command=command, seeds=[0], code=[statistics])
    ...     check_fresh(file)
    ...     result = load_result(file)
    >>> result.data["x"], list(result.provenance.code)
    (array([0, 1]), ['dqn.statistics'])
    """
    target = check_path("path", path)
    if not isinstance(command, str) or not command.strip():
        raise ValueError(f"command must say what makes the result, got {command!r}")
    if not isinstance(seeds, Iterable):
        raise TypeError(f"seeds must be a sequence of whole numbers of at least 0, got {seeds!r}")
    checked_seeds = [check_whole("seeds", seed, low=0) for seed in seeds]
    if not isinstance(code, Sequence) or isinstance(code, str):
        raise TypeError(f"code must be a list of modules and files, got {code!r}")
    if not code:
        raise ValueError("code must name what the result comes from, got nothing")
    try:
        digests = code_digests(code, target.parent)
    except (SyntaxError, UnicodeDecodeError) as error:
        raise ValueError(f"code must be Python, got {code!r}: {error}") from error
    stored = json.dumps(_to_json(data, "data"))
    provenance = Provenance(
        command=command,
        seeds=checked_seeds,
        created=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        python=platform.python_version(),
        packages={name: importlib.metadata.version(name) for name in PACKAGES},
        machine=f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        code=digests,
        data_digest=_digest(stored),
    )
    about = json.dumps(provenance._asdict(), indent=2)
    target.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(target, f'{{"provenance": {about},\n"data": {stored}}}\n'.encode())


def load_result(path: str | os.PathLike[str]) -> Result:
    """Load a stored result, stale or not (:func:`check_fresh` tells).

    Raises:
        TypeError: If ``path`` is none.
        ValueError: If the file is damaged or its data was edited after it was made.
        OSError: If the file can't be read.
    """
    file = check_path("path", path)
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        data, provenance = content["data"], Provenance(**content["provenance"])
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{path} is not a stored result, or is damaged: {error}") from error
    if _digest(json.dumps(data)) != provenance.data_digest:
        raise ValueError(f"{path} was edited: make it again with `{provenance.command}`")
    return Result(_from_json(data), provenance)


def stored(name: str) -> Path:
    """Where the book's stored result ``name`` lies: in its repository, or in the installed package.

    A chapter opened elsewhere, in Colab say, has the package but not the repository.

    Raises:
        ValueError: If there is no such result, listing those there are.

    >>> stored("no such result")
    Traceback (most recent call last):
        ...
    ValueError: name must be one of ..., got 'no such result'
    """
    package = Path(__file__).parent
    folders = (package.parent / "book" / "results", package / "stored")
    known = {path.name: path for folder in folders[::-1] for path in folder.glob("*.json")}
    if name not in known:
        raise ValueError(f"name must be one of {', '.join(map(repr, sorted(known)))}, got {name!r}")
    return known[name]


def changed_code(path: str | os.PathLike[str]) -> list[str]:
    """Name the modules and files that are not what they were when a result was made.

    Among them are those that have gone, and those that the code has come to import since.

    Raises:
        TypeError: If ``path`` is none.
        ValueError: As :func:`load_result`.
        OSError: If the file can't be read.
    """
    folder = check_path("path", path).parent
    before = load_result(path).provenance.code
    if not before:
        raise ValueError(f"{path} does not say what code it comes from: make it again")
    now: dict[str, str] = {}
    for name in before:
        try:
            source = folder / name if name.endswith(".py") else name
            now |= code_digests([source], folder)
        except (OSError, ModuleNotFoundError, ValueError, SyntaxError):
            continue  # then it has changed
    return sorted(name for name in before | now if before.get(name) != now.get(name))


def check_fresh(path: str | os.PathLike[str]) -> None:
    """Refuse a result whose code has changed since.

    Raises:
        TypeError: If ``path`` is none.
        ValueError: If it is stale, naming what changed and the command that makes it again.
        OSError: If the file can't be read.
    """
    changed = changed_code(path)
    if changed:
        command = load_result(path).provenance.command
        raise ValueError(
            f"{path} is stale, {', '.join(changed)} changed: make it again with `{command}`"
        )


def code_digest(source: str) -> str:
    r"""Digest of what computes: comments, docstrings, layout and refusals do not count.

    A refusal is an ``if`` or ``for`` that can do nothing but raise, a call of a function named
    ``check...`` whose value is not used, and the definition of one that returns none. What was
    computed with it or without it is the same. Conditions that might change something, as
    ``rng.random() < x`` does, are no refusals, whatever follows. Nor are those inside of ``try``,
    where somebody waits for the error. All this goes by form and names alone: a ``check_x`` that
    changes its argument, ``sum`` of a generator, or a refusal whose caller goes on without it would
    pass for one.

    Raises:
        TypeError: If ``source`` is no text.
        SyntaxError: If it is not Python.

    >>> code_digest("x = 1  # one") == code_digest("'''About x.'''\nx   = (1)")
    True
    >>> code_digest("x = 1") == code_digest("x = 2")
    False
    >>> code_digest("y = 1 / x") == code_digest("if x <= 0:\n    raise ValueError(x)\ny = 1 / x")
    True
    """
    if not isinstance(source, str):
        raise TypeError(f"source must be the text of a module, got {source!r}")
    return _digest(repr(_executed(ast.parse(source))))


def code_digests(
    code: Iterable[ModuleType | str | os.PathLike[str]], folder: Path = Path()
) -> dict[str, str]:
    """Digest of each module or Python file, and of all they import from this package.

    Args:
        code: As for :func:`save_result`.
        folder: Where the names of files start from.

    Returns:
        From names to digests, sorted.

    Raises:
        TypeError: If ``code`` is no list, or holds anything else.
        ValueError: If a file is not named ``*.py``.
        OSError: If a file can't be read.
        ModuleNotFoundError: If there is no such module.
        SyntaxError: If a file is not Python.

    >>> list(code_digests(["dqn.statistics"]))
    ['dqn.statistics']
    """
    if not isinstance(code, Iterable) or isinstance(code, str):
        raise TypeError(f"code must be a list of modules and files, got {code!r}")
    digests: dict[str, str] = {}
    waiting = list(code)
    while waiting:
        item = waiting.pop()
        name, file = _locate(item, folder)
        if name in digests:
            continue
        source = file.read_text(encoding="utf-8")
        digests[name] = code_digest(source)
        waiting += _imports(source)
    return dict(sorted(digests.items()))


def _executed(node: object, *, caught: bool = False) -> object:
    """Return a syntax tree as nested tuples, without what computes nothing and empty fields.

    ``ast.dump`` writes empty fields or not by the version of Python; this does not change.
    """
    if isinstance(node, list):
        kept = [item for item in node if not _computes_nothing(item, caught=caught)]
        return [_executed(item, caught=caught) for item in kept]
    if not isinstance(node, ast.AST):
        return node
    if isinstance(node, ast.ImportFrom):
        used = [alias for alias in node.names if not _is_check(alias.name)]
        node = ast.ImportFrom(node.module, used, node.level)
    # Where somebody waits for an error, to raise one is no mere refusal.
    caught = caught or (isinstance(node, ast.Try) and node.handlers != [])
    fields = [
        (name, _executed(value, caught=caught))
        for name, value in ast.iter_fields(node)
        if name != "kind"
    ]
    return (type(node).__name__, [field for field in fields if field[1] not in (None, [])])


def _computes_nothing(node: object, *, caught: bool) -> bool:
    """Whether it is a bare string, a refusal, or an import of what has no say."""
    match node:
        case ast.Expr(ast.Constant(str())):
            return True
        case ast.ImportFrom(module=str(module), level=0):
            return module in _WITHOUT_A_SAY
        case ast.FunctionDef(name=name):
            inside = list(ast.walk(node))
            returns = any(isinstance(n, ast.Return) and n.value is not None for n in inside)
            yields = any(isinstance(n, (ast.Yield, ast.YieldFrom)) for n in inside)
            return _is_check(name) and not returns and not yields
        case _:
            return not caught and _only_refuses(node)


def _only_refuses(node: object) -> bool:
    match node:
        case ast.Expr(ast.Call(func=ast.Name(name) | ast.Attribute(attr=name)) as call):
            parts = [*call.args, *(keyword.value for keyword in call.keywords)]
            return _is_check(name) and all(map(_is_harmless, parts))
        case ast.If(test=test, body=[*before, ast.Raise()], orelse=[]):
            return _is_harmless(test) and all(isinstance(line, ast.Assign) for line in before)
        case ast.If(test=test, body=body, orelse=[]) | ast.For(iter=test, body=body, orelse=[]):
            return _is_harmless(test) and all(map(_only_refuses, body))
        case _:
            return False


def _is_harmless(expression: ast.AST) -> bool:
    """Whether evaluating it can change nothing, as far as its form can tell."""
    for node in ast.walk(expression):
        match node:
            case ast.NamedExpr() | ast.Await() | ast.Yield() | ast.YieldFrom():
                return False
            case ast.Call(func=ast.Name(name) | ast.Attribute(attr=name)):
                if name not in _HARMLESS.split() and not _is_check(name):
                    return False
            case ast.Call():
                return False
    return True


def _is_check(name: str) -> bool:
    return name.lstrip("_") == "check" or name.lstrip("_").startswith("check_")


def _locate(item: ModuleType | str | os.PathLike[str], folder: Path) -> tuple[str, Path]:
    """Return a module's name, or a file's path from ``folder``, with the file."""
    if isinstance(item, ModuleType):
        item = item.__name__
    if not isinstance(item, (str, os.PathLike)):
        raise TypeError(f"code must name modules and files, got {item!r}")
    if isinstance(item, str) and not item.endswith(".py"):
        try:
            spec = importlib.util.find_spec(item)
        except (ImportError, ValueError):  # such as ".x", or a module that has no file
            spec = None
        if spec is None or spec.origin is None or not spec.origin.endswith(".py"):
            raise ModuleNotFoundError(f"code must name modules and files, no module {item!r}")
        return item, Path(spec.origin)
    file = Path(item)
    if file.suffix != ".py":
        raise ValueError(f"code must name modules and Python files, got {str(item)!r}")
    return Path(os.path.relpath(file.resolve(), folder.resolve())).as_posix(), file


def _imports(source: str) -> list[str]:
    """Modules of this package that a source imports, wherever in it."""
    names = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            # `from dqn import replay` names a module, `from dqn.replay import Batch` does not.
            inside = [f"{node.module}.{alias.name}" for alias in node.names]
            names += [name if _is_ours(name) else node.module for name in inside]
    return [name for name in names if _is_ours(name) and name not in _WITHOUT_A_SAY]


def _is_ours(name: str) -> bool:
    if name.partition(".")[0] != _THIS_PACKAGE:
        return False
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:  # its parent is a module, not a package
        return False


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _to_json(value: Any, name: str) -> Any:
    if isinstance(value, np.ma.MaskedArray):
        raise TypeError(f"{name} must not be masked: a mask would be lost, got {value!r}")
    if isinstance(value, np.ndarray):
        if value.dtype.kind not in "biuf":
            raise TypeError(f"{name} must be an array of numbers or bools, got {value.dtype}")
        # Shape as well: an empty list does not tell it.
        return {"dtype": str(value.dtype), "shape": value.shape, "values": value.ravel().tolist()}
    if isinstance(value, np.generic):
        return _to_json(float(value) if isinstance(value, np.longdouble) else value.item(), name)
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (list, tuple)):
        return [_to_json(item, f"{name}[{i}]") for i, item in enumerate(value)]
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        if value.keys() == {"dtype", "shape", "values"}:
            raise TypeError(f"{name} must not have just the keys dtype, shape and values")
        return {key: _to_json(item, f"{name}[{key!r}]") for key, item in value.items()}
    raise TypeError(
        f"{name} must be a number, a string, a bool, None, an array, or a list or a dict (with "
        f"strings as keys) of them, got {value!r}"
    )


def _from_json(value: Any) -> Any:
    if isinstance(value, list):
        return [_from_json(item) for item in value]
    if isinstance(value, dict):
        if value.keys() == {"dtype", "shape", "values"}:
            return np.array(value["values"], value["dtype"]).reshape(value["shape"])
        return {key: _from_json(item) for key, item in value.items()}
    return value
