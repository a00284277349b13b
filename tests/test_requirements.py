"""requirements.txt pins what the ranges in pyproject.toml allow, one for one, each for a reason."""

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
LINES = (ROOT / "requirements.txt").read_text().splitlines()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
RANGES = [
    Requirement(text)
    for texts in (PROJECT["dependencies"], *PROJECT["optional-dependencies"].values())
    for text in texts
]
PINS = [Requirement(line.split("#")[0]) for line in LINES if re.match(r"\w", line)]


def test_each_line_is_an_exact_pin_with_its_reason() -> None:
    for line in LINES:
        if not line or line.startswith(("#", "-e .")):
            continue
        assert re.fullmatch(r"[\w.-]+(\[[\w,-]+\])?==\w[\w.]*\s+# \w.+", line), line


def test_the_same_packages_are_pinned_and_ranged_once() -> None:
    pinned = [canonicalize_name(pin.name) for pin in PINS]
    ranged = [canonicalize_name(range_.name) for range_ in RANGES]
    assert sorted(pinned) == sorted(ranged)
    assert len(set(pinned)) == len(pinned)


@pytest.mark.parametrize("pin", PINS, ids=str)
def test_pin_lies_in_its_range(pin: Requirement) -> None:
    (range_,) = (
        range_ for range_ in RANGES if canonicalize_name(range_.name) == canonicalize_name(pin.name)
    )
    (version,) = (specifier.version for specifier in pin.specifier)
    assert version in range_.specifier
    assert pin.extras == range_.extras


def test_what_is_imported_is_declared() -> None:
    modules = {"dqn", "tests"}
    modules |= {path.stem for path in (ROOT / "book" / "_ext").glob("*.py")}
    provided = {
        module: {canonicalize_name(name) for name in names}
        for module, names in packages_distributions().items()
    }
    declared = {canonicalize_name(range_.name) for range_ in RANGES}
    for path in (*(ROOT / "dqn").rglob("*.py"), *(ROOT / "tests").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names = [node.module]
            for name in (name.partition(".")[0] for name in names):
                if name not in sys.stdlib_module_names and name not in modules:
                    assert provided.get(name, {name}) & declared, f"{path}: {name}"


def test_one_version() -> None:
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"\nversion: {PROJECT['version']}\n" in citation
