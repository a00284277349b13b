"""Every checker against its own list of wrong answers, and against what it must not say."""

import ast
import inspect
from collections import Counter
from typing import Any

import pytest

from dqn import checks
from dqn.checks import Exercise, Mistake, _references

CATALOGUE = checks.catalogue()
MISTAKES = [
    pytest.param(exercise, mistake, id=f"{exercise.name}-{mistake.name}")
    for exercise, mistakes in CATALOGUE
    for mistake in mistakes
]


def said(checker: Any, function: Any) -> str:
    """What the checker answers, on one line."""
    with pytest.raises(checks.Wrong) as caught:
        checker(function)
    return " ".join(str(caught.value).split())


@pytest.mark.parametrize(("exercise", "mistake"), MISTAKES)
def test_mistake_is_told_by_its_own_sentence(exercise: Exercise, mistake: Mistake) -> None:
    assert mistake.message in said(getattr(checks, exercise.name), mistake.function)


@pytest.mark.parametrize("exercise", [exercise for exercise, _ in CATALOGUE], ids=lambda e: e.name)
def test_exercise(exercise: Exercise, capsys: pytest.CaptureFixture[str]) -> None:
    assert len(exercise.mistakes) >= 5
    # Two rows of the table may share a name or a sentence, never both.
    rows = Counter((mistake.name, mistake.message) for mistake in exercise.mistakes)
    assert max(rows.values()) == 1
    checker = getattr(checks, exercise.name)
    checker(exercise.reference)
    printed = capsys.readouterr().out
    assert printed == f"✓ {exercise.name}: {len(exercise.cases)} cases, all right.\n"
    assert f"Chapter: `{exercise.chapter}`" in (inspect.getdoc(checker) or "")


def test_catalogue_lists_every_checker_once() -> None:
    names = [exercise.name for exercise, _ in CATALOGUE]
    functions = {n for n in checks.__all__ if inspect.isfunction(getattr(checks, n))}
    assert sorted(names) == sorted(functions - {"catalogue"})


def expressions(function: Any) -> set[str]:
    """The expressions of a reference that would give it away, without their blanks."""
    tree = ast.parse(inspect.getsource(function))
    nodes = [n for n in ast.walk(tree) if isinstance(n, (ast.BinOp, ast.Call, ast.Compare))]
    texts = {"".join(ast.unparse(node).split()) for node in nodes}
    return {text for text in texts if len(text) >= 10}


@pytest.mark.parametrize("exercise", [exercise for exercise, _ in CATALOGUE], ids=lambda e: e.name)
def test_no_sentence_gives_the_answer_away(exercise: Exercise) -> None:
    answers = expressions(getattr(_references, exercise.name))
    for mistake in exercise.mistakes:
        sentence = "".join(mistake.message.split())
        assert not [answer for answer in answers if answer in sentence], mistake.message


def test_expressions_would_be_found() -> None:
    assert "(q-target)**2" in expressions(_references.td_loss)
