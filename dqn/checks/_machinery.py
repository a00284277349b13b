"""How a checker puts cases to a student's function, compares, and words what went wrong.

An exercise is a list of cases, a reference and a list of *mistakes*: plausible wrong answers, each
with a sentence for the student. Every case turns a function into an outcome: named arrays, or what
made them impossible. A student whose outcomes equal a mistake's on every case hears that mistake's
sentence; any other wrong answer is shown the smallest case that fails. How a function becomes an
outcome is in ``_calling.py``.
"""

import copy
import inspect
import io
import linecache
import sys
import sysconfig
import textwrap
import traceback
import warnings
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from dqn.checks._calling import (
    AnyFunction,
    Call,
    Complaint,
    Outcome,
    OutOfTime,
    Printed,
    confined,
    counted,
    named,
    returned_array,
    within,
)

# Seconds of wall-clock time for one case: far more than any right answer needs.
TIME_LIMIT = 10.0


class Wrong(AssertionError):
    """An answer is wrong; the message says how, in a notebook without a traceback."""

    def _render_traceback_(self) -> list[str]:
        return str(self).splitlines()


Wrong.__module__ = "dqn.checks"


@dataclass(frozen=True)
class Mistake:
    """A plausible wrong answer.

    Attributes:
        name: A few words, for the table of exercises and wrong answers.
        message: What to tell the student who made it; never the answer itself.
        function: The wrong answer, to compare outcomes with.
    """

    name: str
    message: str
    function: AnyFunction


@dataclass(frozen=True)
class Case:
    """One call: what it is about, in words, and its arguments (copied for every call).

    ``shown`` replaces the arguments in messages where they would not be readable, as networks.
    """

    title: str
    arguments: tuple[Any, ...]
    shown: Mapping[str, Any] | None = None


@dataclass(frozen=True, eq=False)
class Exercise:
    """What a checker needs to know about an exercise.

    Attributes:
        name: The checker's name.
        chapter: The chapter that sets the exercise.
        arguments: The names of the arguments, in order.
        reference: A right answer.
        cases: Calls, from the smallest to the largest.
        mistakes: Wrong answers to recognise, the most telling first.
        observe: Calls a function with a case's arguments and names what matters of the result.
        may_change: The arguments that the function is meant to change in place.
        expected: A right outcome from a case's arguments, where sampling it would add noise.
        tolerance: The absolute difference allowed; the relative one is 1e-4.
    """

    name: str
    chapter: str
    arguments: tuple[str, ...]
    reference: AnyFunction
    cases: tuple[Case, ...]
    mistakes: tuple[Mistake, ...]
    observe: Callable[..., Outcome] = returned_array
    may_change: frozenset[str] = field(default_factory=frozenset)
    expected: Callable[..., Outcome] | None = None
    tolerance: float = 1e-5

    @property
    def signature(self) -> str:
        """The call as the student has to define it."""
        return f"({', '.join(self.arguments)})"


def check(exercise: Exercise, function: Any) -> None:
    """Print one line if ``function`` is right.

    Raises:
        Wrong: If it is not, saying how.
    """
    problem = _uncallable(exercise, function)
    if problem is not None:
        raise Wrong(_message(exercise, problem))
    got = [attempt(exercise, function, case) for case in exercise.cases]
    expected = [_expected(exercise, i) for i in range(len(got))]
    right = [_agree(exercise, a, b) for a, b in zip(got, expected, strict=True)]
    if not all(right):
        first = right.index(False)
        outcome = got[first]
        details = _details(exercise, exercise.cases[first], got[first], expected[first])
        found = _recognised(exercise, got)
        if found is None and _wavers(exercise, function, exercise.cases[first], got[first]):
            headline = (
                "called twice with the same arguments, your function does two different things: it "
                "keeps something from call to call (a default such as `rewards=[]`, a global), "
                "leaves an `empty` array unfilled, or draws random numbers."
            )
        elif found is None:
            headline = _headline(exercise, outcome, expected[first])
        else:
            headline = found.message
            if isinstance(outcome, Exception) and not isinstance(outcome, Complaint):
                error = textwrap.indent(textwrap.fill(_raised(outcome), 90), "  ")
                details = [error, *details]
        raise Wrong(_message(exercise, headline, details)) from None
    count = len(exercise.cases)
    print(f"✓ {exercise.name}: {count} cases, all right.")  # noqa: T201 - a student reads it


# --- calling ------------------------------------------------------------------------------------


def _uncallable(exercise: Exercise, function: Any) -> str | None:
    """Say why ``function`` cannot even be called, or return None."""
    if isinstance(function, type) and not issubclass(function, nn.Module):
        return f"you passed the class {function.__name__}; pass a function."
    if not callable(function) or isinstance(function, nn.Module):
        what = "None" if function is None else named(function)
        return (
            f"there is no function to check: you passed {what}. "
            "Pass the function itself, by its name and without calling it."
        )
    for kind, test in (
        ("an async function", inspect.iscoroutinefunction),
        ("a generator (it contains a `yield`)", inspect.isgeneratorfunction),
        ("an async generator", inspect.isasyncgenfunction),
    ):
        if test(function):
            return f"your function is {kind}; a plain function is expected."
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return None
    try:
        signature.bind(*exercise.arguments)
    except TypeError:
        return (
            f"it is called with {counted(len(exercise.arguments), 'argument')}, "
            f"{exercise.signature}; yours takes {signature}."
        )
    return None


def attempt(exercise: Exercise, function: AnyFunction, case: Case) -> Outcome | Exception:
    """Observe one case; whatever stops it becomes the outcome.

    Raises:
        Wrong: If the function is still a blank or does not come back; more cases would not help.
    """
    call = Call(function, exercise.arguments, exercise.may_change)
    # Generators and networks are copied too: every function meets the same case.
    arguments = copy.deepcopy(case.arguments)
    printed = Printed()
    try:
        with warnings.catch_warnings(), redirect_stdout(printed), confined() as complaints:
            warnings.simplefilter("ignore")
            outcome: Outcome = within(TIME_LIMIT, lambda: exercise.observe(call, *arguments))
        # The student's own `except` may have caught them.
        return complaints[0] if complaints else outcome
    except Complaint as complaint:
        return complaint
    except NotImplementedError as error:
        *_, (frame, _) = traceback.walk_tb(error.__traceback__)
        if not _is_students(frame):
            return error  # raised by a library on the student's behalf
        text = "there is still a blank in your function: fill it, run its cell, then check again."
        raise Wrong(_message(exercise, text)) from None
    except OutOfTime:
        text = (
            f"your function had not come back after {TIME_LIMIT:g} seconds: is there a loop that "
            "never ends, or that waits for something?"
        )
        raise Wrong(_message(exercise, text, _inputs(exercise, case))) from None
    except Exception as error:
        return error
    finally:
        printed.flush_to(sys.stdout)


def _wavers(
    exercise: Exercise, function: AnyFunction, case: Case, got: Outcome | Exception
) -> bool:
    """Whether a second call comes out otherwise. Where outcomes are sampled, nobody can tell."""
    if exercise.expected is not None:
        return False
    with redirect_stdout(io.StringIO()):  # what it prints has been seen
        return not _agree(exercise, got, attempt(exercise, function, case))


def _expected(exercise: Exercise, i: int) -> Outcome | Exception:
    if exercise.expected is not None:
        return exercise.expected(*exercise.cases[i].arguments)
    return _known(exercise, exercise.reference, i)


@cache
def _known(exercise: Exercise, function: AnyFunction, i: int) -> Outcome | Exception:
    """Observe the i-th case with a function of ours, once."""
    return attempt(exercise, function, exercise.cases[i])


# --- comparing ------------------------------------------------------------------------------------


def _close(a: NDArray[Any], b: NDArray[Any], tolerance: float) -> NDArray[Any]:
    if a.dtype.kind not in "biuf":  # whatever a student's function passed on
        return np.zeros(a.shape, dtype=np.bool_)
    return np.isclose(
        a.astype(np.float64), b.astype(np.float64), rtol=1e-4, atol=tolerance, equal_nan=True
    )


def _agree(
    exercise: Exercise, a: Outcome | Exception, b: Outcome | Exception, slack: float = 1.0
) -> bool:
    if isinstance(a, Exception) or isinstance(b, Exception):
        if isinstance(a, Complaint) or isinstance(b, Complaint):
            return type(a) is type(b) and str(a) == str(b)
        return type(a) is type(b)
    return a.keys() == b.keys() and all(
        a[key].shape == b[key].shape
        and bool(_close(a[key], b[key], slack * exercise.tolerance).all())
        for key in a
    )


def _recognised(exercise: Exercise, got: list[Outcome | Exception]) -> Mistake | None:
    """Return the first mistake that does on every case what the student's function did."""
    if all(isinstance(o, Exception) and not isinstance(o, Complaint) for o in got):
        return None  # it never ran: its own error says more
    # Where the right outcome is known exactly, a mistake's is still sampled: noise on both sides.
    slack = 1.0 if exercise.expected is None else 1.5
    for mistake in exercise.mistakes:
        if all(
            _agree(exercise, outcome, _known(exercise, mistake.function, i), slack)
            for i, outcome in enumerate(got)
        ):
            return mistake
    return None


# --- wording --------------------------------------------------------------------------------------


def _message(exercise: Exercise, headline: str, details: list[str] | None = None) -> str:
    first = textwrap.fill(f"✗ {exercise.name}: {headline}", 92, subsequent_indent="  ")
    return "\n".join([first, *(details or [])])


def _headline(
    exercise: Exercise, outcome: Outcome | Exception, expected: Outcome | Exception
) -> str:
    if isinstance(outcome, Complaint):
        return str(outcome)
    if isinstance(outcome, Exception):
        return _raised(outcome)
    if any(np.isnan(array).any() for array in outcome.values() if array.dtype.kind == "f"):
        return "there is a NaN in the result of the case below."
    if not isinstance(expected, Exception):
        key = _differing(exercise, outcome, expected)
        if key is not None and outcome[key].shape != expected[key].shape:
            return "a shape is not right in the case below."
    return "the result of the case below is not right."


def _differing(exercise: Exercise, got: Outcome, expected: Outcome) -> str | None:
    """What is the first to differ."""
    for key in (key for key in expected if key in got):
        a, b = got[key], expected[key]
        if a.shape != b.shape or not _close(a, b, exercise.tolerance).all():
            return key
    return None


def _raised(error: Exception) -> str:
    """Name an error of the student's code and the line it comes from."""
    text = str(error).strip().splitlines()
    said = f"{type(error).__name__}: {text[0]}" if text else type(error).__name__
    frames = list(traceback.walk_tb(error.__traceback__))
    own = [(f.f_code.co_filename, line) for f, line in frames if _is_students(f)]
    if not own:
        return f"what your function returned cannot be used ({said})."
    filename, number = own[-1]
    line = linecache.getline(filename, number).strip()
    quoted = f", `{line}`" if line else ""
    return f"your code stops with {said} (line {number} of its cell or file{quoted})."


def _is_students(frame: FrameType) -> bool:
    return _is_students_file(frame.f_code.co_filename)


@cache
def _is_students_file(filename: str) -> bool:
    library = (sysconfig.get_path("stdlib"), str(Path(__file__).parent), "<frozen", "<__array")
    return (
        not filename.startswith(library)
        and not filename.endswith((".pyx", ".pxd", ".pyi"))  # NumPy's own, without their folder
        and not any(folder in filename for folder in ("site-packages", "dist-packages"))
    )


def _details(
    exercise: Exercise, case: Case, got: Outcome | Exception, expected: Outcome | Exception
) -> list[str]:
    lines = _inputs(exercise, case)
    if isinstance(got, Exception) or isinstance(expected, Exception):
        return lines
    key = _differing(exercise, got, expected)
    if key is None:
        return lines
    a, b = got[key], expected[key]
    if a.shape != b.shape:
        return [*lines, f"  {key}: shape {a.shape}, expected {b.shape}."]
    where = tuple(int(i) for i in np.argwhere(~_close(a, b, exercise.tolerance))[0])
    element = f", element {list(where)}" if where else ""
    return [*lines, f"  {key}{element}: {_scalar(a[where])}, expected {_scalar(b[where])}."]


def _inputs(exercise: Exercise, case: Case) -> list[str]:
    shown = case.shown or dict(zip(exercise.arguments, case.arguments, strict=True))
    lines = [f"  The smallest case that fails: {case.title}."]
    for name, value in shown.items():
        if isinstance(value, np.random.Generator):
            continue
        indent = " " * (len(name) + 7)
        rows = [row for row in f"    {name} = {_text(value)}".splitlines() if row.strip()]
        lines.append(("\n" + indent).join(rows))
    return lines


def _scalar(value: Any) -> str:
    if np.asarray(value).dtype.kind not in "biuf":
        return named(value)
    return str(bool(value)) if np.asarray(value).dtype.kind == "b" else f"{float(value) + 0.0:.6g}"


def _text(value: Any) -> str:
    if isinstance(value, torch.Tensor):
        value = value.detach().cpu().numpy()
    if isinstance(value, np.ndarray):
        return np.array2string(value, precision=4, threshold=24, separator=", ")
    if isinstance(value, deque):
        return f"a deque of {counted(len(value), 'item')}, maxlen {value.maxlen}"
    if isinstance(value, (list, tuple)) and len(value) > 12:
        return f"{type(value).__name__} of {len(value)} items"
    if isinstance(value, nn.Module):
        return type(value).__name__
    return value if isinstance(value, str) else repr(value)


def floats(values: Any) -> torch.Tensor:
    """A float32 tensor on the CPU, whatever the defaults of the notebook are."""
    return torch.tensor(values, dtype=torch.float32, device="cpu")


def wholes(values: Any) -> torch.Tensor:
    """An int64 tensor on the CPU."""
    return torch.tensor(values, dtype=torch.int64, device="cpu")


def flags(values: Any) -> torch.Tensor:
    """A bool tensor on the CPU."""
    return torch.tensor(values, dtype=torch.bool, device="cpu")
