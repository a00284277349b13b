"""Fingerprints of what a build is made from: they differ as soon as one of its ingredients does."""

import hashlib
import platform
import re
from collections.abc import Iterable, Iterator
from importlib import metadata
from pathlib import Path

__all__ = ["of_code", "of_files", "of_text"]

# What a build writes, or another tool keeps for itself.
_NOT_SOURCES = {"_build", "__pycache__", ".ipynb_checkpoints"}


def of_text(*parts: str) -> str:
    """Return sixteen hexadecimal digits that stand for ``parts``, in order."""
    mixed = hashlib.sha256()
    for part in parts:
        mixed.update(hashlib.sha256(part.encode()).digest())
    return mixed.hexdigest()[:16]


def of_files(paths: Iterable[Path], base: Path) -> str:
    """Return one fingerprint of the names (below ``base``) and the contents of ``paths``."""
    return of_text(
        *(
            part
            for path in sorted(paths)
            for part in (
                path.relative_to(base).as_posix(),
                hashlib.sha256(path.read_bytes()).hexdigest(),
            )
        )
    )


def of_code(root: Path, *settings: str) -> str:
    """Return a fingerprint of all that a chapter's outputs hang on, its own cells excepted.

    That is: the package `dqn`, the results stored under ``book/results``, the pins and the versions
    installed in their place, Python itself, and ``settings``.
    """
    pins = root / "requirements.txt"
    return of_text(
        of_files([*(root / "dqn").rglob("*.py"), *sources(root / "book" / "results")], root),
        pins.read_text("utf8") if pins.exists() else "",
        *_installed(pins),
        platform.python_version(),
        platform.machine(),
        *settings,
    )


def sources(folder: Path) -> Iterator[Path]:
    """Yield the files below ``folder`` that people write, in no order."""
    for path in folder.rglob("*"):
        if path.is_file() and not _NOT_SOURCES.intersection(path.relative_to(folder).parts):
            yield path


def _installed(pins: Path) -> Iterator[str]:
    lines = pins.read_text("utf8").splitlines() if pins.exists() else []
    for name in (match[0] for line in lines if (match := re.match(r"[A-Za-z0-9][\w.-]*", line))):
        try:
            yield f"{name} {metadata.version(name)}"
        except metadata.PackageNotFoundError:
            yield f"{name} is not installed"
