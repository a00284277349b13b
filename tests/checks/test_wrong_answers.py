"""Every wrong answer of :mod:`tests.checks.wrong` is rejected, and for its own reason."""

import importlib
import pkgutil
from collections import Counter
from typing import Any

import pytest

from dqn import checks
from tests.checks import wrong
from tests.checks.test_catalogue import said
from tests.checks.wrong import WRONG

for _module in pkgutil.iter_modules(wrong.__path__):
    importlib.import_module(f"{wrong.__name__}.{_module.name}")


@pytest.fixture(autouse=True)
def short_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dqn.checks._machinery.TIME_LIMIT", 3.0)


@pytest.mark.parametrize("exercise", ["store", "bootstrap_mask"])
def test_what_decides_is_asked_and_not_told(exercise: str) -> None:
    """To find out which of the two flags it is, is all there is to these exercises."""
    answers = [function for checker, function, _ in WRONG if checker.__name__ == exercise]
    (mistakes,) = (m for e, m in checks.catalogue() if e.name == exercise)
    for function in [*answers, *(mistake.function for mistake in mistakes)]:
        message = said(getattr(checks, exercise), function)
        message = message.replace("terminated = ", "").replace("truncated = ", "")  # the inputs
        assert "terminated" not in message
        assert "truncated" not in message


@pytest.mark.parametrize(
    ("checker", "function", "reason"), WRONG, ids=[function.__name__ for _, function, _ in WRONG]
)
def test_wrong_answer_is_rejected_for_its_own_reason(
    checker: Any, function: Any, reason: str
) -> None:
    assert reason in said(checker, function)


def test_at_least_five_for_every_exercise() -> None:
    counts = Counter(checker.__name__ for checker, _, _ in WRONG)
    assert counts.keys() == {exercise.name for exercise, _ in checks.catalogue()}
    assert min(counts.values()) >= 5
