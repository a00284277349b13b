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


@wrong(checks.accepted_at, "end before the newest evaluation")
def aa_without_the_newest(returns: Any, mark: Any, window: Any) -> Any:
    for k in range(window - 1, len(returns)):
        if np.mean(returns[k - window + 1 : k]) >= mark:
            return k
    return None


@wrong(checks.accepted_at, "one evaluation too many")
def aa_one_more(returns: Any, mark: Any, window: Any) -> Any:
    for k in range(window, len(returns)):
        if returns[k - window : k + 1].mean() >= mark:
            return k
    return None


@wrong(checks.accepted_at, "the window that ends with the last evaluation")
def aa_without_the_last(returns: Any, mark: Any, window: Any) -> Any:
    for start in range(len(returns) - window):
        if np.mean(returns[start : start + window]) >= mark:
            return start + window - 1
    return None


@wrong(checks.accepted_at, "there may be others")
def aa_gives_up(returns: Any, mark: Any, window: Any) -> Any:
    for k in range(window - 1, len(returns)):
        return k if sum(returns[k + 1 - window : k + 1]) >= mark * window else None
    return None


@wrong(checks.accepted_at, "zeros are better than any of them")
def aa_buffer_of_zeros(returns: Any, mark: Any, window: Any) -> Any:
    last = [0.0] * window
    for k, value in enumerate(returns):
        last = [*last[1:], value]
        if sum(last) / window >= mark:
            return k
    return None


@wrong(checks.accepted_at, "zeros are better than any of them")
def aa_full_convolution(returns: Any, mark: Any, window: Any) -> Any:
    if window > len(returns):
        return None
    means = np.convolve(returns, np.ones(window) / window)[: len(returns)]
    passing = np.flatnonzero(means >= mark)
    return int(passing[0]) if len(passing) else None


@wrong(checks.accepted_at, "`argmax` of nothing but False")
def aa_argmax(returns: Any, mark: Any, window: Any) -> Any:
    if len(returns) < window:
        return None
    means = np.lib.stride_tricks.sliding_window_view(returns, window).mean(-1)
    return int((means >= mark).argmax()) + window - 1


@wrong(checks.accepted_at, "returns = [-150.5 , -99.5 , -100.75, -90. ]")
def aa_whole_returns(returns: Any, mark: Any, window: Any) -> Any:
    whole = [int(value) for value in returns]
    for k in range(window - 1, len(whole)):
        if sum(whole[k + 1 - window : k + 1]) / window >= mark:
            return k
    return None


@wrong(checks.accepted_at, "cut the mean down to a whole number")
def aa_whole_division(returns: Any, mark: Any, window: Any) -> Any:
    for k in range(window - 1, len(returns)):
        if sum(returns[k + 1 - window : k + 1]) // window >= mark:
            return k
    return None


@wrong(checks.accepted_at, "one evaluation fewer than the window")
def aa_wraps_around(returns: Any, mark: Any, window: Any) -> Any:
    for k in range(window - 2, len(returns)):  # the first slice begins at -1
        if np.mean(returns[k + 1 - window : k + 1]) >= mark:
            return k
    return None


@wrong(checks.accepted_at, "below zero, never good enough")
def aa_past_the_end(returns: Any, mark: Any, window: Any) -> Any:
    for stop in range(window, len(returns) + 2):
        if sum(returns[stop - window : stop]) / window >= mark:
            return stop - 1
    return None


@wrong(checks.accepted_at, "ends before the evaluation that you return")
def aa_one_behind(returns: Any, mark: Any, window: Any) -> Any:
    for k, _ in enumerate(returns):
        if k >= window and sum(returns[k - window : k]) / window >= mark:
            return k
    return None


@wrong(checks.accepted_at, "nothing has been summed up before it")
def aa_sums_from_the_end(returns: Any, mark: Any, window: Any) -> Any:
    total = np.cumsum(returns)
    ends = range(window - 1, len(returns))
    return next((k for k in ends if total[k] - total[k - window] >= mark * window), None)


@wrong(checks.accepted_at, "your slice begins at a negative number")
def aa_negative_slices(returns: Any, mark: Any, window: Any) -> Any:
    for k in range(len(returns)):
        if np.average(returns[k - window + 1 : k + 1] if k else returns[1 - window : 1]) >= mark:
            return k
    return None


@wrong(checks.accepted_at, "go on beyond the last evaluation")
def aa_until_it_passes(returns: Any, mark: Any, window: Any) -> Any:
    end = window
    while returns[end - window : end].mean() < mark:
        end += 1
    return end - 1


@wrong(checks.accepted_at, "you compare the sum of the window")
def aa_sum(returns: Any, mark: Any, window: Any) -> Any:
    for k in range(window, len(returns) + 1):
        if sum(returns[k - window : k]) >= mark:
            return k - 1
    return None


@wrong(checks.accepted_at, "you cut the mean down")
def aa_int(returns: Any, mark: Any, window: Any) -> Any:
    for k in range(window, len(returns) + 1):
        if int(sum(returns[k - window : k]) / window) >= mark:
            return k - 1
    return None


@wrong(checks.accepted_at, "a mark with a fraction")
def aa_full_when_nothing_is_zero(returns: Any, mark: Any, window: Any) -> Any:
    last = [0] * window
    for k, value in enumerate(returns):
        last = [*last[1:], value]
        if 0 not in last and sum(last) >= mark * window:
            return k
    return None


@wrong(checks.accepted_at, "if their sum is large enough")
def aa_running_total(returns: Any, mark: Any, window: Any) -> Any:
    total = sum(returns[:window])
    if total >= mark * window:
        return window - 1
    for k in range(window, len(returns)):
        total += returns[k] - returns[k - window]
        if total >= mark * window:
            return k
    return None
