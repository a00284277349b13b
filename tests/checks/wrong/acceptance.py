"""Wrong answers to the exercise of :mod:`dqn.checks.acceptance`."""

# ruff: noqa: ARG001 - a student need not use every argument

from typing import Any

import numpy as np

from dqn import checks
from tests.checks.wrong import wrong


@wrong(checks.accepted_at, "The homework does just that")
def aa_the_homeworks(returns: Any, mark: Any, window: Any) -> Any:
    for k in range(len(returns)):
        if np.mean(returns[: k + 1][-window:]) >= mark:
            return k
    return None


@wrong(checks.accepted_at, "a mean that equals the mark passes")
def aa_strict(returns: Any, mark: Any, window: Any) -> Any:
    for k in range(len(returns) - window + 1):
        if sum(returns[k : k + window]) > mark * window:
            return k + window - 1
    return None


@wrong(checks.accepted_at, "the first single return")
def aa_single(returns: Any, mark: Any, window: Any) -> Any:
    return next((k for k, value in enumerate(returns) if value >= mark), None)


@wrong(checks.accepted_at, "where the passing window begins")
def aa_begins(returns: Any, mark: Any, window: Any) -> Any:
    for k in range(len(returns) - window + 1):
        if np.mean(returns[k : k + window]) >= mark:
            return k
    return None


@wrong(checks.accepted_at, "counted from zero")
def aa_counts(returns: Any, mark: Any, window: Any) -> Any:
    for count in range(window, len(returns) + 1):
        if np.mean(returns[count - window : count]) >= mark:
            return count
    return None


@wrong(checks.accepted_at, "which also means the last of a list")
def aa_minus_one(returns: Any, mark: Any, window: Any) -> Any:
    for k in range(window - 1, len(returns)):
        if np.mean(returns[k + 1 - window : k + 1]) >= mark:
            return k
    return -1


@wrong(checks.accepted_at, "all evaluations so far")
def aa_running_mean(returns: Any, mark: Any, window: Any) -> Any:
    for k in range(window - 1, len(returns)):
        if np.mean(returns[: k + 1]) >= mark:
            return k
    return None


@wrong(checks.accepted_at, "a number is expected")
def aa_whether(returns: Any, mark: Any, window: Any) -> Any:
    ends = range(window, len(returns) + 1)
    return any(np.mean(returns[e - window : e]) >= mark for e in ends)


@wrong(checks.accepted_at, "never try the first full window")
def aa_first_left_out(returns: Any, mark: Any, window: Any) -> Any:
    for k in range(window, len(returns)):
        if np.mean(returns[k + 1 - window : k + 1]) >= mark:
            return k
    return None


@wrong(checks.accepted_at, "one evaluation less than the window holds")
def aa_one_short(returns: Any, mark: Any, window: Any) -> Any:
    for k in range(max(0, window - 2), len(returns)):
        if np.mean(returns[max(0, k + 1 - window) : k + 1]) >= mark:
            return k
    return None


@wrong(checks.accepted_at, "close to the mark is not at it")
def aa_rounded(returns: Any, mark: Any, window: Any) -> Any:
    for k in range(window - 1, len(returns)):
        if round(sum(returns[k + 1 - window : k + 1]) / window) >= mark:
            return k
    return None


@wrong(checks.accepted_at, "where the best window ends")
def aa_best(returns: Any, mark: Any, window: Any) -> Any:
    x = [np.mean(returns[k + 1 - window : k + 1]) for k in range(window - 1, len(returns))]
    if not x or max(x) < mark:
        return None
    return int(np.argmax(x)) + window - 1


@wrong(checks.accepted_at, "counts as false")
def aa_zero_is_false(returns: Any, mark: Any, window: Any) -> Any:
    found = None
    for k in range(window - 1, len(returns)):
        if returns[k + 1 - window : k + 1].mean() >= mark:
            found = k
            break
    return found or None
