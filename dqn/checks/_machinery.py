"""How a checker calls a student's function, compares, and words what went wrong.

An exercise is a list of cases, a reference and a list of *mistakes*: plausible wrong answers, each
with a sentence for the student. Every case turns a function into an outcome: named arrays, or what
made them impossible. A student whose outcomes equal a mistake's on every case hears that mistake's
sentence; any other wrong answer is shown the smallest case that fails.
"""

import copy
import ctypes
import inspect
import io
import linecache
import numbers
import random
import sys
import sysconfig
import textwrap
import threading
import time
import traceback
import warnings
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, redirect_stdout
from dataclasses import dataclass, field
from functools import cache
from itertools import islice
from pathlib import Path
from types import FrameType, GeneratorType
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

__all__ = ["Case", "Complaint", "Exercise", "Mistake", "Outcome", "Wrong", "check"]

Outcome = dict[str, NDArray[Any]]
AnyFunction = Callable[..., Any]

# Seconds of wall-clock time for one case: far more than any right answer needs.
TIME_LIMIT = 10.0
PRINTED_LINES = 20


class Wrong(AssertionError):
    """An answer is wrong; the message says how, in a notebook without a traceback."""

    def _render_traceback_(self) -> list[str]:
        return str(self).splitlines()


Wrong.__module__ = "dqn.checks"


class Complaint(Exception):
    """What a returned value cannot be, whatever its numbers."""


class _OutOfTime(Exception):
    pass


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


class Call:
    """The student's function, watched: it may not change its arguments."""

    def __init__(self, function: AnyFunction, names: tuple[str, ...], may_change: frozenset[str]):
        self._function = function
        self._names = names
        self._may_change = may_change

    def __call__(self, *arguments: Any) -> Any:
        before = copy.deepcopy(arguments)
        value = self.bare(*arguments)
        for name, old, new in zip(self._names, before, arguments, strict=True):
            if name not in self._may_change and not _same(old, new):
                raise Complaint(_changed(name, old, new))
        return value

    def bare(self, *arguments: Any) -> Any:
        """Call it without a look at its arguments, for the thousands of a statistical case."""
        value = self._function(*arguments)
        # Gradients are switched for each thread alone, so this has to be asked where it ran.
        if not torch.is_grad_enabled():
            raise Complaint(
                "your function switches gradients off and leaves them off, so nothing after it "
                "could be trained. A `with` block would switch them on again at its end."
            )
        return value


def returned_array(call: Call, *arguments: Any) -> Outcome:
    """Observe what a function returns: an array or a tensor."""
    return {"the result": as_array(call(*arguments))}


def returned_probabilities(call: Call, *arguments: Any) -> Outcome:
    """Observe what a function returns: probabilities, one for each entry of its first argument.

    They have to be as exact as ``rng.choice`` wants them, which comes next: it makes allowances for
    a coarse type if it is NumPy's.
    """
    returned = call(*arguments)
    shares = as_array(returned)
    if shares.shape == np.shape(arguments[0]) and shares.dtype.kind == "f":
        coarse = shares.dtype.itemsize < 8
        if coarse and not isinstance(returned, np.ndarray):
            raise Complaint(
                f"your probabilities are {shares.dtype}, which is too coarse: `rng.choice` wants "
                "eight digits of their sum to be right, as float64 has them."
            )
        total = float(shares.sum(dtype=np.float64))
        if abs(total - 1) > 1e-3:
            raise Complaint(f"your probabilities add up to {total:.4g}, not to one.")
        if not coarse and abs(total - 1) > np.sqrt(np.finfo(np.float64).eps):
            raise Complaint(
                "your probabilities add up to nearly one, and `rng.choice` wants eight digits of "
                "their sum to be right: is something rounded, or added to it?"
            )
    return {"the result": shares}


def returned_number(call: Call, *arguments: Any) -> Outcome:
    """Observe what a function returns: a number."""
    return {"the result": as_number(call(*arguments))}


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
    printed = _Printed()
    try:
        with warnings.catch_warnings(), redirect_stdout(printed), _confined() as complaints:
            warnings.simplefilter("ignore")
            outcome: Outcome = _within(TIME_LIMIT, lambda: exercise.observe(call, *arguments))
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
    except _OutOfTime:
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


SEEDERS = (
    (random, "seed"),
    (np.random, "seed"),
    (torch, "manual_seed"),
    (torch.random, "manual_seed"),
)
ENDS = (
    "your code ends the whole program, as exit(), quit() and sys.exit() do: a function should "
    "return."
)


@contextmanager
def _confined() -> Iterator[list[Complaint]]:
    """Refuse what reaches beyond a function: seeding generators that all share, and exit().

    Yields the list of what has been refused.

    To draw from these generators is no offence. What is refused does not happen, so that nothing
    has to be put back.
    """
    from IPython import get_ipython

    refused: list[tuple[Any, str, str]] = [
        (
            module,
            name,
            f"your function calls {module.__name__}.{name}(), and everybody's random numbers start "
            "over with each call: seeding is left to whoever runs the program.",
        )
        for module, name in SEEDERS
    ]
    shell = get_ipython()
    if hasattr(shell, "ask_exit"):  # what exit() does in a notebook, where it raises nothing
        refused.append((shell, "ask_exit", ENDS))
    complaints: list[Complaint] = []
    with ExitStack() as stack:
        for owner, name, message in refused:
            stack.callback(setattr, owner, name, getattr(owner, name))
            setattr(owner, name, _complains(message, complaints))
        yield complaints


def _complains(message: str, complaints: list[Complaint]) -> AnyFunction:
    def complain(*_arguments: Any, **_keywords: Any) -> None:
        complaints.append(Complaint(message))
        raise complaints[-1]

    return complain


@cache
def _known(exercise: Exercise, function: AnyFunction, i: int) -> Outcome | Exception:
    """Observe the i-th case with a function of ours, once."""
    return attempt(exercise, function, exercise.cases[i])


def _within(seconds: float, function: Callable[[], Any]) -> Any:
    """Return ``function()``, or give up on it.

    A thread rather than an alarm signal: it works under any system and from any thread, and takes
    no timer away from a test runner. A function that cannot be stopped is left behind. One that the
    processor has hardly run (the computer is busy, or waits for a compiler) has thrice the time.
    """
    box: dict[str, Any] = {}

    def work() -> None:
        try:
            box["value"] = function()
        except Exception as error:
            box["error"] = error
        except SystemExit:  # it must not end the notebook
            box["error"] = Complaint(ENDS)
        except BaseException as error:
            stopped = RuntimeError(type(error).__name__)
            box["error"] = stopped.with_traceback(error.__traceback__)

    worker = threading.Thread(target=work, daemon=True)
    worked = time.process_time()
    worker.start()
    try:
        worker.join(seconds)
        if time.process_time() - worked < seconds / 2:
            worker.join(2 * seconds)
        in_time = not worker.is_alive()
    finally:
        for _ in range(4):  # an `except:` in the student's loop may swallow some
            if not worker.is_alive():
                break
            ctypes.pythonapi.PyThreadState_SetAsyncExc(
                ctypes.c_ulong(worker.ident or 0), ctypes.py_object(SystemExit)
            )
            worker.join(0.5)
    if not in_time:
        raise _OutOfTime
    if "error" in box:
        raise box["error"]
    return box["value"]


class _Printed(io.StringIO):
    """What a student's function prints, cut short: a print in a loop must not fill the page."""

    def write(self, text: str, /) -> int:
        return super().write(text) if self.tell() < 10_000 else len(text)

    def flush_to(self, stream: Any) -> None:
        lines = self.getvalue().splitlines()
        for line in lines[:PRINTED_LINES]:
            stream.write(line + "\n")
        if len(lines) > PRINTED_LINES:
            stream.write("... (the rest of what your function prints is left out)\n")


def _same(old: Any, new: Any) -> bool:
    """Whether a call left an argument as it was; what cannot be compared counts as the same."""
    if type(old) is not type(new):
        return False
    if isinstance(old, torch.Tensor):
        return old.shape == new.shape and old.dtype == new.dtype and bool(torch.equal(old, new))
    if isinstance(old, np.ndarray):
        return old.shape == new.shape and old.dtype == new.dtype and bool(np.array_equal(old, new))
    if isinstance(old, nn.Module):
        states = zip(old.state_dict().values(), new.state_dict().values(), strict=True)
        return all(_same(a, b) for a, b in states) and not _has_gradients(new)
    if isinstance(old, (list, tuple, deque)):
        return len(old) == len(new) and all(_same(a, b) for a, b in zip(old, new, strict=True))
    if isinstance(old, (int, float, str, np.generic)):
        return bool(old == new)
    return True


def _has_gradients(network: nn.Module) -> bool:
    return any(p.grad is not None for p in network.parameters())


def _changed(name: str, old: Any, new: Any) -> str:
    if isinstance(new, nn.Module) and _has_gradients(new):
        return (
            f"after your function, `{name}` holds gradients: leave backward() and the optimizer's "
            "step to the training loop."
        )
    how = ""
    if isinstance(old, (list, deque)) and len(old) != len(new):
        how = f" (it had {counted(len(old), 'item')} and now has {len(new)})"
    return (
        f"your function changes its argument `{name}`{how}. Whoever called it still needs it "
        "as it was: work on a copy, or avoid operations in place."
    )


# --- reading what came back -----------------------------------------------------------------------


def as_array(value: Any, *, lists: bool = False, what: str = "your function") -> NDArray[Any]:
    """Return ``value``, an array or a tensor, as an array of numbers.

    Raises:
        Complaint: If it is neither; ``lists`` says whether a list of numbers will do.
    """
    if isinstance(value, torch.Tensor):
        value = value.detach().cpu()
        value = np.asarray(value.float() if value.dtype == torch.bfloat16 else value)
    if lists and isinstance(value, (list, tuple)):
        try:
            value = np.array([float(item) for item in value])
        except (TypeError, ValueError):
            raise Complaint(f"{what} returned a list of things that are not numbers.") from None
    if isinstance(value, np.ndarray):
        if value.dtype.kind not in "biuf":
            raise Complaint(
                f"{what} returned an array of dtype {value.dtype}: its items are not plain numbers."
            )
        return value
    if isinstance(value, numbers.Real) and not isinstance(value, bool):
        return np.asarray(value if isinstance(value, (np.generic, int)) else float(value))
    expected = "an array or tensor"
    if isinstance(value, (list, tuple)):
        expected += ", as np.array(...) or torch.tensor(...) would make of it"
    raise Complaint(not_a(value, expected, what))


def as_number(value: Any, *, what: str = "your function") -> NDArray[Any]:
    """Return ``value``, a number of any library, as an array without axes.

    Raises:
        Complaint: If it is not a single number.
    """
    if isinstance(value, (bool, np.bool_)):
        raise Complaint(f"{what} returned {value}; a number is expected.")
    if isinstance(value, (torch.Tensor, np.ndarray)) and value.ndim > 0:
        raise Complaint(f"{what} returned shape {tuple(value.shape)}; a single number is expected.")
    if isinstance(value, (numbers.Real, torch.Tensor, np.ndarray)):
        return as_array(value, what=what)
    raise Complaint(not_a(value, "a number", what))


def as_whole(value: Any, *, what: str = "your function") -> NDArray[Any]:
    """Return ``value``, an integer that indexes, as an array without axes.

    Raises:
        Complaint: If it is not one.
    """
    if isinstance(value, (torch.Tensor, np.ndarray)):
        raise Complaint(f"{what} returned {named(value)}; an int is expected (see `int(...)`).")
    number = as_number(value, what=what)
    if number.dtype.kind not in "iu":
        raise Complaint(f"{what} returned {value!r}, {named(value)}; an int is expected.")
    return number


def as_items(
    value: Any, count: int, names: str, *, what: str = "your function returned"
) -> tuple[Any, ...]:
    """Return the ``count`` things that a function returned together; ``what`` if not returned.

    Raises:
        Complaint: If it returned something else.
    """
    if isinstance(value, (np.ndarray, torch.Tensor)) and value.ndim == 1:  # numbers in a row
        value = tuple(value)
    if isinstance(value, (map, zip, GeneratorType)):
        value = tuple(islice(value, count + 1))
    if isinstance(value, (tuple, list)) and len(value) == count:
        return tuple(value)
    if isinstance(value, (tuple, list)):
        raise Complaint(f"{what} {counted(len(value), 'thing')} instead of {count}: {names}.")
    if what.endswith("returned"):
        raise Complaint(not_a(value, f"{count} things, {names}", what.removesuffix(" returned")))
    raise Complaint(f"{what} {named(value)} instead of {count} things: {names}.")


def not_a(value: Any, expected: str, what: str) -> str:
    if value is None:
        return f"{what} returned None: is a `return` missing?"
    return f"{what} returned {named(value)}; it should return {expected}."


def named(value: Any) -> str:
    """What kind of thing a value is, with its article.

    >>> named(1), named(np.zeros(2))
    ('an int', 'a NumPy array')
    """
    kind = type(value).__name__
    name = {"ndarray": "NumPy array", "Tensor": "tensor"}.get(kind, kind)
    return f"{'an' if name[0] in 'aeiouAEIOU' else 'a'} {name}"


def counted(number: int, noun: str) -> str:
    """How many there are of something.

    >>> counted(1, "thing"), counted(2, "thing")
    ('1 thing', '2 things')
    """
    return f"{number} {noun}{'' if number == 1 else 's'}"


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
