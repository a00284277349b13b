"""requirements.txt pins what the ranges in pyproject.toml allow, one for one, each for a reason."""

import re
import tomllib
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
