"""Checker of `accepted_at`, of the chapter `Experiments you can trust`."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dqn.checks import _references as right
from dqn.checks._calling import Call, Outcome, as_whole
from dqn.checks._machinery import Case, Exercise, Mistake, check

CHAPTER = "Experiments you can trust"
Array = NDArray[Any]


def _observe_accepted(call: Call, returns: Any, mark: float, window: int) -> Outcome:
    value = call(returns, mark, window)
    if value is None:
        return {"whether it is accepted": np.array(False)}
    index = as_whole(value, what="as the evaluation your function")
    return {"whether it is accepted": np.array(True), "the evaluation": index}


def _returns(title: str, mark: float, window: int, *values: float) -> Case:
    return Case(title, (np.array(values, dtype=np.float64), mark, window))


def _accepted(
    passes: Callable[[Array, float], bool] = lambda last, mark: float(np.mean(last)) >= mark,
    *,
    short: bool = False,
    start: int = 0,
    shift: int = 0,
    never: int | None = None,
    all_so_far: bool = False,
) -> Callable[..., int | None]:
    """A rule of acceptance that goes wrong in one respect."""

    def accepted_at(returns: Array, mark: float, window: int) -> int | None:
        for k in range(0 if short else max(window - 1 + start, 0), len(returns)):
            first = 0 if all_so_far else max(0, k + 1 - window)
            if passes(returns[first : k + 1], mark):
                return k + shift
        return never

    return accepted_at


def _window_starts(returns: Array, mark: float, window: int) -> int | None:
    found = right.accepted_at(returns, mark, window)
    return None if found is None else found + 1 - window


def _every_window(pick: Callable[[list[int]], int]) -> Callable[..., int | None]:
    def accepted_at(returns: Array, mark: float, window: int) -> int | None:
        ends = range(window - 1, len(returns))
        passing = [k for k in ends if np.mean(returns[k + 1 - window : k + 1]) >= mark]
        return pick(passing) if passing else None

    return accepted_at


def _best_window(returns: Array, mark: float, window: int) -> int | None:
    means = [np.mean(returns[k + 1 - window : k + 1]) for k in range(window - 1, len(returns))]
    return int(np.argmax(means)) + window - 1 if means and max(means) >= mark else None


def _separate_windows(returns: Array, mark: float, window: int) -> int | None:
    for k in range(window - 1, len(returns), window):
        if np.mean(returns[k + 1 - window : k + 1]) >= mark:
            return k
    return None


def _zeros_before(returns: Array, mark: float, window: int) -> int | None:
    padded = np.concatenate([np.zeros(window - 1), returns])
    found = right.accepted_at(padded, mark, window)
    return None if found is None else found + 1 - window


def _argmax(returns: Array, mark: float, window: int) -> int | None:
    if len(returns) < window:
        return None
    found = right.accepted_at(returns, mark, window)
    return window - 1 if found is None else found


def _one_behind(returns: Array, mark: float, window: int) -> int | None:
    for k in range(window, len(returns)):
        if np.mean(returns[k - window : k]) >= mark:
            return k
    return None


def _running_sums(returns: Array, mark: float, window: int) -> int | None:
    sums = np.cumsum(returns)
    for k in range(window - 1, len(returns)):
        if (sums[k] - sums[k - window]) / window >= mark:
            return k
    return None


def _negative_slices(returns: Array, mark: float, window: int) -> int | None:
    for k in range(len(returns)):
        last = returns[k + 1 - window : k + 1]
        if len(last) > 0 and last.mean() >= mark:
            return k
    return None


def _beyond_the_end(returns: Array, mark: float, window: int) -> int:
    k = window - 1
    while np.mean(returns[k + 1 - window : k + 1]) < mark:
        k += 1
    return k


ACCEPTED_AT = Exercise(
    name="accepted_at",
    chapter=CHAPTER,
    arguments=("returns", "mark", "window"),
    reference=right.accepted_at,
    observe=_observe_accepted,
    cases=(
        _returns("no evaluation yet", 200, 5),
        _returns("windows of one evaluation", 10, 1, 3, 12, 30),
        _returns("the very first evaluation passes", 10, 1, 12, 3),
        _returns("fewer evaluations than the window", 200, 5, 500, 500),
        _returns("one evaluation fewer than the window", 200, 3, 190, 250),
        _returns("the mean is exactly the mark", 200, 2, 100, 150, 250, 260),
        _returns("never good enough", 200, 3, 10, 190, 210, 195, 180),
        _returns("a mark with a fraction", 0.5, 2, 0, 1, 1, 1),
        _returns("returns below zero", -100, 2, -150.5, -99.5, -100.75, -90),
        _returns("returns below zero, never good enough", -100, 2, -120.5, -150, -99.75),
        _returns("a return of 0 counts like any other", 20, 2, 0, 50, 60),
        _returns("two windows pass", 20, 2, 10, 25, 30, 5, 90, 90),
        _returns("one high return carries its window", 200, 5, 9, 80, 100, 110, 150, 500, 190, 205),
        _returns("the first window passes", 200, 2, 300, 250),
        _returns("two good returns are no window of three", 200, 3, 250, 250, 50, 260, 300),
        _returns("all but the mark", 200, 5, 199, 200, 200, 200, 200, 0),
        _returns("a better window comes later", 20, 2, 10, 30, 40, 60, 25, 15, 30),
        _returns("it comes to the end before it passes", 100, 3, 120, 60, 90, 110, 80, 90, 130),
    ),
    mistakes=(
        Mistake(
            "short windows",
            "you accept before there are as many evaluations as the window holds: the mean of one "
            "or two lucky episodes will do. (The homework does just that.)",
            _accepted(short=True),
        ),
        Mistake(
            "the first window is left out",
            "you never try the first full window: it is full at evaluation `window - 1`, counted "
            "from zero.",
            _accepted(start=1),
        ),
        Mistake(
            "one evaluation short of a window",
            "you accept with one evaluation less than the window holds.",
            _accepted(start=-1),
        ),
        Mistake(
            "the newest evaluation is left out",
            "your windows end before the newest evaluation: it belongs to the last `window`, too.",
            _accepted(lambda last, mark: float(np.mean(last[:-1])) >= mark),
        ),
        Mistake(
            "one evaluation more than a window",
            "your windows hold one evaluation too many.",
            lambda returns, mark, window: right.accepted_at(returns, mark, window + 1),
        ),
        Mistake(
            "the last window is left out",
            "you never try the window that ends with the last evaluation.",
            lambda returns, mark, window: right.accepted_at(returns[:-1], mark, window),
        ),
        Mistake(
            "gives up at once",
            "you give up when the first window fails: there may be others.",
            lambda returns, mark, window: right.accepted_at(returns[:window], mark, window),
        ),
        Mistake(
            "evaluation 0 is lost",
            "the very first evaluation passes, and you return None: its number is 0, which counts "
            "as false in `or`, `and` and `if`.",
            lambda *arguments: right.accepted_at(*arguments) or None,
        ),
        Mistake(
            "the mean is rounded",
            "you round the mean before you compare it: close to the mark is not at it.",
            _accepted(lambda last, mark: round(float(np.mean(last))) >= mark),
        ),
        Mistake(
            "the mean is cut down",
            "you cut the mean down to a whole number before you compare it with the mark.",
            _accepted(lambda last, mark: math.floor(np.mean(last)) >= mark),
        ),
        Mistake(
            "the mean is cut towards zero",
            "you cut the mean down to a whole number before you compare it with the mark.",
            _accepted(lambda last, mark: int(np.mean(last)) >= mark),
        ),
        Mistake(
            "the sum",
            "you compare the sum of the window with the mark: it is the mean that has to reach it.",
            _accepted(lambda last, mark: float(np.sum(last)) >= mark),
        ),
        Mistake(
            "one behind",
            "the window that you average ends before the evaluation that you return: the last of "
            "it is where training stops, and evaluations are counted from zero.",
            _one_behind,
        ),
        Mistake(
            "what lies before the first running sum",
            "the first full window is wrong: nothing has been summed up before it, and element -1 "
            "of your running sums is the last of all.",
            _running_sums,
        ),
        Mistake(
            "slices that begin below zero",
            "before the first full window your slice begins at a negative number, which is counted "
            "from the end: what it holds is not a window.",
            _negative_slices,
        ),
        Mistake(
            "fewer than the window, and zeros for the rest",
            "you accept fewer evaluations than the window holds, if their sum is large enough: "
            "first ask how many there are.",
            lambda returns, mark, window: (
                window - 1
                if len(returns) < window and returns.sum() / window >= mark
                else right.accepted_at(returns, mark, window)
            ),
        ),
        Mistake(
            "beyond the last evaluation",
            "when no window passes you go on beyond the last evaluation: the mean of nothing is "
            "NaN, which is not below any mark.",
            _beyond_the_end,
        ),
        Mistake(
            "the best window",
            "you return where the best window ends: the rule stops at the first that passes.",
            _best_window,
        ),
        Mistake(
            "above the mark",
            "a mean that equals the mark passes, too.",
            _accepted(lambda last, mark: float(np.mean(last)) > mark),
        ),
        Mistake(
            "one evaluation is enough",
            "you accept at the first single return that reaches the mark: average the window.",
            _accepted(lambda last, mark: last[-1] >= mark, short=True),
        ),
        Mistake(
            "every one of them",
            "you ask that every return of the window reach the mark: it is their mean.",
            _accepted(lambda last, mark: min(last) >= mark),
        ),
        Mistake(
            "the median",
            "you ask for the window's median: it is the mean.",
            _accepted(lambda last, mark: float(np.median(last)) >= mark),
        ),
        Mistake(
            "all so far",
            "you average all evaluations so far: only those of the window count.",
            _accepted(all_so_far=True),
        ),
        Mistake(
            "where the window begins",
            "you return where the passing window begins: training stops where it ends.",
            _window_starts,
        ),
        Mistake(
            "counted from one",
            "your number is one too high: evaluations are counted from zero.",
            _accepted(shift=1),
        ),
        Mistake(
            "the last window that passes",
            "you return the last window that passes: the rule stops at the first.",
            _every_window(max),
        ),
        Mistake(
            "windows do not overlap",
            "your windows stand side by side: a new one ends at every evaluation.",
            _separate_windows,
        ),
        Mistake(
            "zeros before the first evaluation",
            "you fill the window with zeros before there are enough evaluations: where returns are "
            "negative, zeros are better than any of them.",
            _zeros_before,
        ),
        Mistake(
            "zeros before the first evaluation, if there are enough",
            "you fill the window with zeros before there are enough evaluations: where returns are "
            "negative, zeros are better than any of them.",
            lambda returns, mark, window: (
                _zeros_before(returns, mark, window) if len(returns) >= window else None
            ),
        ),
        Mistake(
            "argmax of False",
            "where no window passes you return the number of the first: `argmax` of nothing but "
            "False is 0. Ask first whether there is one.",
            _argmax,
        ),
        Mistake(
            "never is a number",
            "when no window passes you return -1, which also means the last of a list: return "
            "None.",
            _accepted(never=-1),
        ),
    ),
)


# --- what students call ---------------------------------------------------------------------------

EXERCISES = (ACCEPTED_AT,)


def accepted_at(function: Any) -> None:
    """Check ``accepted_at(returns, mark, window)``: when a run is accepted, or None.

    ``returns`` is an array of single evaluations; the index is asked for at which the mean of the
    last ``window`` of them first reaches ``mark``.

    Raises:
        Wrong: If the index is not right, saying why.

    Chapter: `Experiments you can trust`.

    >>> accepted_at(lambda returns, mark, window: -1)
    Traceback (most recent call last):
        ...
    dqn.checks.Wrong: ✗ accepted_at: ...
    """
    check(ACCEPTED_AT, function)
