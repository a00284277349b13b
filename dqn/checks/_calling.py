"""From a student's function to an outcome: call it, watched and within bounds, and read the result.

What a function may not do (change its arguments, seed what all share, end the program), and what it
returned that cannot be read, become a :class:`Complaint`, whose text is a sentence for the student.
"""

import copy
import io
import numbers
import random
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import islice
from types import GeneratorType
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from dqn._threads import end_thread

Outcome = dict[str, NDArray[Any]]
AnyFunction = Callable[..., Any]

PRINTED_LINES = 20


class Complaint(Exception):
    """What is wrong with a call, or with what it returned whatever the numbers, in a sentence."""


class OutOfTime(Exception):
    """A call has not come back in time."""


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


# --- within bounds --------------------------------------------------------------------------------


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
def confined() -> Iterator[list[Complaint]]:
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


def within(seconds: float, function: Callable[[], Any]) -> Any:
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
        end_thread(worker)
    if not in_time:
        raise OutOfTime
    if "error" in box:
        raise box["error"]
    return box["value"]


class Printed(io.StringIO):
    """What a student's function prints, cut short: a print in a loop must not fill the page."""

    def write(self, text: str, /) -> int:
        return super().write(text) if self.tell() < 10_000 else len(text)

    def flush_to(self, stream: Any) -> None:
        lines = self.getvalue().splitlines()
        for line in lines[:PRINTED_LINES]:
            stream.write(line + "\n")
        if len(lines) > PRINTED_LINES:
            stream.write("... (the rest of what your function prints is left out)\n")


# --- arguments left as they were ------------------------------------------------------------------


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
