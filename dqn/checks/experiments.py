"""Checkers of the chapter `Experiments you can trust`."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dqn.checks import _references as right
from dqn.checks._calling import Call, Complaint, Outcome, as_items, as_number, returned_number
from dqn.checks._machinery import Case, Exercise, Mistake, check

CHAPTER = "Experiments you can trust"
Array = NDArray[Any]


# --- interquartile_mean ---------------------------------------------------------------------------


def _scores(title: str, *values: float) -> Case:
    return Case(title, (np.array(values, dtype=np.float64),))


def _middle(low: Callable[[int], int], high: Callable[[int], int]) -> Callable[[Array], float]:
    """The mean without the ``low(n)`` lowest and ``high(n)`` highest scores."""

    def mean(scores: Array) -> float:
        n = len(scores)
        return float(np.sort(scores)[low(n) : n - high(n)].mean())

    return mean


def _sliced_by_minus_cut(scores: Array) -> float:
    cut = len(scores) // 4
    return float(np.sort(scores)[cut:-cut].mean()) if cut else math.nan


def _unsorted(scores: Array) -> float:
    cut = len(scores) // 4
    return float(scores[cut : len(scores) - cut].mean())


def _tails(scores: Array) -> float:
    cut, ordered = len(scores) // 4, np.sort(scores)
    outer = [*ordered[:cut], *ordered[len(scores) - cut :]]
    return float(np.mean(outer)) if outer else 0.0


def _replaced(scores: Array) -> float:
    cut, ordered = len(scores) // 4, np.sort(scores)
    return float(ordered.clip(ordered[cut], ordered[len(scores) - cut - 1]).mean())


def _between_quartiles(scores: Array) -> float:
    low, high = np.percentile(scores, [25, 75])
    return float(scores[(scores >= low) & (scores <= high)].mean())


def _strictly_between_quartiles(scores: Array) -> float:
    low, high = np.percentile(scores, [25, 75])
    kept = scores[(scores > low) & (scores < high)]
    return float(kept.mean()) if len(kept) else math.nan


INTERQUARTILE_MEAN = Exercise(
    name="interquartile_mean",
    chapter=CHAPTER,
    arguments=("scores",),
    reference=right.interquartile_mean,
    observe=returned_number,
    cases=(
        _scores("a single score", 7),
        _scores("three scores, too few to leave any out", 9, 1, 2),
        _scores("four scores, one of them far off", 3, 500, 1, 2),
        _scores("five scores, in order", 10, 20, 40, 70, 500),
        _scores("seven scores", 1, 200, 9, 30, 12, 500, 90),
        _scores("five scores with fractions", 0.5, 9.75, 1.5, 2.25, 3.75),
        _scores("five scores, most of them below zero", -120, 30, -500, -80, 95),
        _scores("eight scores, in disorder", 500, 9, 120, 60, 500, 80, 10, 200),
        _scores("eleven scores", 31, 2, 77, 5, 500, 11, 230, 17, 3, 121, 60),
        _scores("ten scores, many of them equal", 500, 500, 9, 500, 500, 500, 100, 500, 9, 500),
    ),
    mistakes=(
        Mistake(
            "the mean",
            "this is the mean of all scores: none is left out.",
            lambda scores: scores.mean(),
        ),
        Mistake("the median", "this is the median.", lambda scores: float(np.median(scores))),
        Mistake(
            "an end of minus zero",
            "with few scores nothing is to be left out, and your slice keeps nothing: what is its "
            "end then?",
            _sliced_by_minus_cut,
        ),
        Mistake(
            "not sorted",
            "you leave out the first and the last scores as they stand: they have to be the lowest "
            "and the highest.",
            _unsorted,
        ),
        Mistake(
            "only the lowest",
            "you leave out the lowest quarter only: luck goes both ways.",
            _middle(lambda n: n // 4, lambda _n: 0),
        ),
        Mistake(
            "only the highest",
            "you leave out the highest quarter only: bad luck goes both ways.",
            _middle(lambda _n: 0, lambda n: n // 4),
        ),
        Mistake(
            "a quarter in all",
            "you leave out a quarter of the scores in all: it is a quarter at each end.",
            _middle(lambda n: n // 8, lambda n: n // 8),
        ),
        Mistake(
            "rounded up",
            "where the number of scores is no multiple of four you leave out one too many at each "
            "end: round down.",
            _middle(lambda n: -(-n // 4), lambda n: -(-n // 4)),
        ),
        Mistake(
            "rounded to the nearest",
            "you round a quarter of the number to the nearest whole number, so that three scores "
            "lose one at each end: round down.",
            _middle(lambda n: round(n / 4), lambda n: round(n / 4)),
        ),
        Mistake(
            "a slice that begins too late",
            "you leave out one score too many at the lower end: the equation counts from 1, Python "
            "from 0.",
            _middle(lambda n: n // 4 + 1, lambda n: n // 4),
        ),
        Mistake(
            "a slice that ends too early",
            "you leave out one score too many at the upper end: a slice goes on up to its end, "
            "which is not part of it.",
            _middle(lambda n: n // 4, lambda n: n // 4 + 1),
        ),
        Mistake(
            "equal scores taken for one",
            "scores that are equal count once in your answer: each is the score of another run.",
            lambda scores: right.interquartile_mean(np.unique(scores)),
        ),
        Mistake(
            "a slice up to three quarters",
            "your slice ends at three quarters of the number, rounded down: with five scores that "
            "leaves out one below and two above. Leave out as many at each end.",
            lambda scores: float(
                np.sort(scores)[len(scores) // 4 : 3 * len(scores) // 4].mean()
                if len(scores) > 1
                else math.nan
            ),
        ),
        Mistake(
            "half of the number in a row",
            "you keep half of the number of scores, rounded down: with seven of them that leaves "
            "out one below and three above. Leave out as many at each end.",
            lambda scores: float(
                np.sort(scores)[len(scores) // 4 :][: len(scores) // 2].mean()
                if len(scores) > 1
                else math.nan
            ),
        ),
        Mistake(
            "a slice up to three quarters, each rounded down",
            "your slice ends at three times a quarter that was rounded down: with seven scores "
            "that leaves out one below and four above. Leave out as many at each end.",
            lambda scores: float(
                np.sort(scores)[len(scores) // 4 : 3 * (len(scores) // 4)].mean()
                if len(scores) > 3
                else math.nan
            ),
        ),
        Mistake(
            "divided by half of the number",
            "you add up the right scores but divide by half of the number of all: if that is no "
            "multiple of four, more of them are left.",
            lambda scores: (
                right.interquartile_mean(scores)
                * (len(scores) - 2 * (len(scores) // 4))
                / (len(scores) / 2)
            ),
        ),
        Mistake(
            "replaced instead of left out",
            "you replace the outer quarters by the nearest score that stays: they have to be left "
            "out.",
            _replaced,
        ),
        Mistake(
            "the tails",
            "you average what should be left out: the lowest and the highest quarter.",
            _tails,
        ),
        Mistake(
            "divided by all",
            "you add up the middle half but divide by the number of all scores.",
            lambda scores: (
                right.interquartile_mean(scores)
                * (len(scores) - 2 * (len(scores) // 4))
                / len(scores)
            ),
        ),
        Mistake(
            "between the quartiles",
            "you compare scores with the quartiles. Where scores are few or equal, this leaves out "
            "another number of them than a quarter: sort, and count.",
            _between_quartiles,
        ),
        Mistake(
            "strictly between the quartiles",
            "you keep only what lies strictly between the quartiles. Where many scores are equal, "
            "nothing may be left: sort, and count.",
            _strictly_between_quartiles,
        ),
        Mistake(
            "the interquartile range",
            "this is the interquartile range, which says how wide the middle half is; its mean is "
            "asked for.",
            lambda scores: float(np.subtract(*np.percentile(scores, [75, 25]))),
        ),
        Mistake(
            "half way between the quartiles",
            "this lies half way between the two quartiles: average the scores themselves.",
            lambda scores: float(np.percentile(scores, [25, 75]).mean()),
        ),
    ),
)


# --- bootstrap_interval ---------------------------------------------------------------------------


def _observe_interval(call: Call, scores: Any, draws: Any) -> Outcome:
    value = call(scores, draws)
    if isinstance(value, np.ndarray) and value.ndim == 2 and len(value) == 2:
        raise Complaint(
            f"your function returned shape {value.shape}, an interval for each task: a resample "
            "has one mean, of all its runs and tasks."
        )
    low, high = as_items(value, 2, "the lower and the upper end")
    return {
        "the lower end": as_number(low, what="as the lower end your function"),
        "the upper end": as_number(high, what="as the upper end your function"),
    }


def _case(title: str, seed: int, runs: int, tasks: int, resamples: int) -> Case:
    rng = np.random.default_rng(seed)
    # Tasks of very different height, so that mixing them up shows.
    scores = np.round(rng.gamma(2.0, 10.0, (runs, tasks)), 1) + 100.0 * np.arange(tasks)
    draws = rng.integers(runs, size=(resamples, runs, tasks))
    return Case(title, (scores, draws))


def _interval(
    *,
    pick: Callable[[Array, Array], Array] = lambda scores, draws: np.take_along_axis(
        scores[None], draws, axis=1
    ),
    statistic: Callable[[Array], Array] = lambda resampled: resampled.mean(axis=(1, 2)),
    ends: Sequence[float] = (0.025, 0.975),
) -> Callable[[Array, Array], tuple[float, float]]:
    """A bootstrap interval that goes wrong in one respect."""

    def interval(scores: Array, draws: Array) -> tuple[float, float]:
        low, high = np.quantile(statistic(pick(scores, draws)), ends)
        return float(low), float(high)

    return interval


def _normal(*, divide: bool = False, around: str = "means") -> Callable[..., Any]:
    def interval(scores: Array, draws: Array) -> tuple[float, float]:
        means = np.take_along_axis(scores[None], draws, axis=1).mean(axis=(1, 2))
        half = 1.96 * means.std() / (math.sqrt(len(draws)) if divide else 1)
        middle = means.mean() if around == "means" else scores.mean()
        return float(middle - half), float(middle + half)

    return interval


def _by_place(scores: Array, draws: Array) -> tuple[float, float]:
    means = np.sort(np.take_along_axis(scores[None], draws, axis=1).mean(axis=(1, 2)))
    low, high = (means[int(share * len(means))] for share in (0.025, 0.975))
    return float(low), float(high)


def _mirrored(scores: Array, draws: Array) -> tuple[float, float]:
    low, high = right.bootstrap_interval(scores, draws)
    return 2 * scores.mean() - high, 2 * scores.mean() - low


def _mean_of_intervals(scores: Array, draws: Array) -> tuple[float, float]:
    means = np.take_along_axis(scores[None], draws, axis=1).mean(axis=1)
    low, high = np.quantile(means, (0.025, 0.975), axis=0).mean(axis=1)
    return float(low), float(high)


BOOTSTRAP_INTERVAL = Exercise(
    name="bootstrap_interval",
    chapter=CHAPTER,
    arguments=("scores", "draws"),
    reference=right.bootstrap_interval,
    observe=_observe_interval,
    cases=(
        Case(
            "two runs of one task, three resamples",
            (np.array([[10.0], [20.0]]), np.array([[[0], [0]], [[0], [1]], [[1], [1]]])),
        ),
        Case(
            "two runs of two tasks, four resamples",
            (
                np.array([[1.0, 100.0], [5.0, 300.0]]),
                np.array([[[0, 1], [1, 1]], [[0, 0], [0, 1]], [[1, 0], [1, 0]], [[1, 1], [0, 1]]]),
            ),
        ),
        _case("three runs of two tasks", 1, 3, 2, 20),
        _case("seven runs of one task", 2, 7, 1, 40),
        _case("five runs of three tasks", 3, 5, 3, 60),
    ),
    mistakes=(
        Mistake(
            "the same runs for all tasks",
            "you resample all tasks by the draws of the first: each task has its own.",
            _interval(pick=lambda scores, draws: scores[draws[:, :, 0]]),
        ),
        Mistake(
            "every task for every place",
            "each draw picks a whole row, the scores of all tasks: place i of task m takes one "
            "score, and it is one of task m.",
            _interval(
                pick=lambda scores, draws: scores[draws],
                statistic=lambda resampled: resampled.mean(axis=(1, 2, 3)),
            ),
        ),
        Mistake(
            "every task for every place, and for each task a mean",
            "each draw picks a whole row, the scores of all tasks: place i of task m takes one "
            "score, and it is one of task m.",
            _interval(
                pick=lambda scores, draws: scores[draws],
                statistic=lambda resampled: resampled.mean(axis=(1, 2)),
            ),
        ),
        Mistake(
            "only the first resample counts",
            "all your resamples are the first one: nothing varies but the runs in it.",
            _interval(
                pick=lambda scores, draws: np.take_along_axis(
                    scores[None], np.broadcast_to(draws[:1], draws.shape), axis=1
                )
            ),
        ),
        Mistake(
            "from the lowest to the highest",
            "your interval holds all resamples: it grows with their number. It should hold 95 % of "
            "them.",
            _interval(ends=(0.0, 1.0)),
        ),
        Mistake(
            "ninety percent",
            "you leave out 5 % at each end, which makes an interval of 90 %.",
            _interval(ends=(0.05, 0.95)),
        ),
        Mistake(
            "fifty percent",
            "you leave out a quarter at each end, which makes an interval of 50 %.",
            _interval(ends=(0.25, 0.75)),
        ),
        Mistake(
            "percent of percent",
            "both ends are next to the lowest resample: percentiles are counted up to 100, "
            "quantiles up to 1.",
            _interval(ends=(0.00025, 0.00975)),
        ),
        Mistake(
            "the wrong way round",
            "your upper end is the lower one.",
            _interval(ends=(0.975, 0.025)),
        ),
        Mistake(
            "one-sided",
            "you leave out 5 % at the lower end and nothing at the upper one.",
            _interval(ends=(0.05, 1.0)),
        ),
        Mistake(
            "spread of the scores",
            "you take quantiles of the resampled scores. First comes one mean for each resample, "
            "then the quantiles of these means.",
            _interval(statistic=lambda resampled: resampled),
        ),
        Mistake(
            "spread of the tasks too",
            "you average over runs only, so that the differences between tasks widen the interval: "
            "a resample has one mean, of all its runs and tasks.",
            _interval(statistic=lambda resampled: resampled.mean(axis=1)),
        ),
        Mistake(
            "averaged over resamples",
            "you average over the resamples, the very thing whose spread is wanted.",
            _interval(statistic=lambda resampled: resampled.mean(axis=0)),
        ),
        Mistake(
            "averaged over resamples and runs",
            "you average over the resamples, the very thing whose spread is wanted.",
            _interval(statistic=lambda resampled: resampled.mean(axis=(0, 1))),
        ),
        Mistake(
            "a mean for each run",
            "you average over tasks only, so that this is the spread of single runs: a resample "
            "has one mean, of all its runs and tasks.",
            _interval(statistic=lambda resampled: resampled.mean(axis=2)),
        ),
        Mistake(
            "medians",
            "you take the median of each resample; the exercise asks for the mean.",
            _interval(statistic=lambda resampled: np.median(resampled, axis=(1, 2))),
        ),
        Mistake(
            "interquartile means",
            "you take the interquartile mean of each resample; here the mean is asked for.",
            _interval(
                statistic=lambda resampled: np.array(
                    [right.interquartile_mean(one.ravel()) for one in resampled]
                )
            ),
        ),
        Mistake(
            "an interval for each task",
            "you average the tasks' own intervals: a resample has one mean, of all its runs and "
            "tasks.",
            _mean_of_intervals,
        ),
        Mistake(
            "numbers of flattened scores",
            "you take a draw for a place among all scores, one task's after the other's: it is the "
            "number of a run.",
            _interval(pick=lambda scores, draws: scores.ravel()[draws]),
        ),
        Mistake(
            "two of the means",
            "both your ends are means of resamples, picked by their place in order; a quantile "
            "mostly lies between two. Take `np.quantile` as it is.",
            _by_place,
        ),
        Mistake(
            "nothing is resampled",
            "the draws have no effect: these are quantiles of the scores themselves.",
            _interval(pick=lambda scores, _draws: scores, statistic=lambda scores: scores),
        ),
        Mistake(
            "nothing is resampled, a mean for each run",
            "the draws have no effect: these are quantiles of the runs' own means.",
            _interval(
                pick=lambda scores, _draws: scores, statistic=lambda scores: scores.mean(axis=1)
            ),
        ),
        Mistake(
            "mirrored",
            "you mirror the quantiles at the mean of the scores. That is another bootstrap; take "
            "them as they are.",
            _mirrored,
        ),
        Mistake(
            "a normal interval",
            "you go 1.96 standard deviations to each side. The bootstrap needs no bell curve: take "
            "quantiles of the resamples' means.",
            _normal(around="scores"),
        ),
        Mistake(
            "a normal interval around the resamples",
            "you go 1.96 standard deviations to each side. The bootstrap needs no bell curve: take "
            "quantiles of the resamples' means.",
            _normal(),
        ),
        Mistake(
            "shrinks with the resamples",
            "your interval shrinks as resamples are added. They cost nothing, so they can't make "
            "anything surer: only runs can.",
            _normal(divide=True),
        ),
    ),
)


# --- probability_of_improvement -------------------------------------------------------------------


def _pair(title: str, x: Sequence[float], y: Sequence[float]) -> Case:
    return Case(title, (np.array(x, dtype=np.float64), np.array(y, dtype=np.float64)))


def _wins(tie: float) -> Callable[[Array, Array], float]:
    def share(x: Array, y: Array) -> float:
        left, right_ = x[:, None], y[None, :]
        return float(((left > right_) + tie * (left == right_)).mean())

    return share


PROBABILITY_OF_IMPROVEMENT = Exercise(
    name="probability_of_improvement",
    chapter=CHAPTER,
    arguments=("x", "y"),
    reference=right.probability_of_improvement,
    observe=returned_number,
    cases=(
        _pair("one run each, X is better", [3], [1]),
        _pair("one run each, a tie", [500], [500]),
        _pair("two runs each", [3, 5], [1, 4]),
        _pair("X wins often, and loses by much", [11, 12, 13, 0], [10, 10, 10, 10]),
        _pair("three runs against two", [10, 20, 30], [15, 25]),
        _pair("scores with fractions", [0.5, 1.5, 0.25], [0.75, 1.25]),
        _pair("nearly a tie", [200.001, 9], [200, 100]),
        _pair("many ties", [500, 500, 120, 500, 40], [500, 90, 500, 500]),
        _pair("two runs against five", [200, 9], [9, 10, 150, 500, 200]),
    ),
    mistakes=(
        Mistake("ties lost", "a tie counts nothing in your answer; it counts one half.", _wins(0)),
        Mistake("ties won", "a tie counts as a win in your answer; it counts one half.", _wins(1)),
        Mistake(
            "ties won and halved",
            "a tie counts one and a half in your answer: once as a win, and then again.",
            _wins(1.5),
        ),
        Mistake(
            "only pairs that are decided",
            "you divide by the number of pairs that are no tie: divide by that of all pairs, and "
            "let a tie count one half.",
            lambda x, y: float((x[:, None] > y).sum() / np.float64((x[:, None] != y).sum())),
        ),
        Mistake(
            "nearly equal is equal",
            "scores that are merely close count as a tie in your answer.",
            lambda x, y: float(
                np.where(np.isclose(x[:, None], y), 0.5, np.greater.outer(x, y)).mean()
            ),
        ),
        Mistake(
            "the wrong way round",
            "this says how likely Y beats X.",
            lambda x, y: right.probability_of_improvement(y, x),
        ),
        Mistake(
            "run by run",
            "you compare the first run with the first, the second with the second, and so on. Runs "
            "have no partners: compare each with each.",
            lambda x, y: float(
                np.mean([(a > b) + 0.5 * (a == b) for a, b in zip(x, y, strict=False)])
            ),
        ),
        Mistake(
            "run by run, ties lost",
            "you compare the first run with the first, the second with the second, and so on. Runs "
            "have no partners: compare each with each. And what does a tie count?",
            lambda x, y: float(np.mean([a > b for a, b in zip(x, y, strict=False)])),
        ),
        Mistake(
            "element by element",
            "arrays of equal length are compared element by element, and others not at all. Runs "
            "have no partners: compare each of X's with each of Y's.",
            lambda x, y: float(((x > y) + 0.5 * (x == y)).mean()),
        ),
        Mistake(
            "by the means",
            "you compare two means, which gives 0, 1 or one half. The share of all pairs of runs "
            "that X wins is asked for.",
            lambda x, y: float(x.mean() > y.mean()) + 0.5 * float(x.mean() == y.mean()),
        ),
        Mistake(
            "by the means, ties lost",
            "you compare two means, which gives 0 or 1. The share of all pairs of runs that X wins "
            "is asked for.",
            lambda x, y: float(x.mean() > y.mean()),
        ),
        Mistake(
            "against the mean, ties lost",
            "you compare X's runs with the mean of Y's: compare them with each of Y's runs.",
            lambda x, y: float((x > y.mean()).mean()),
        ),
        Mistake(
            "against the mean",
            "you compare X's runs with the mean of Y's: compare them with each of Y's runs.",
            lambda x, y: float(((x > y.mean()) + 0.5 * (x == y.mean())).mean()),
        ),
        Mistake(
            "the difference",
            "this says by how much X is better, not how often.",
            lambda x, y: float(x.mean() - y.mean()),
        ),
        Mistake(
            "not a share",
            "you count pairs; divide by how many there are.",
            lambda x, y: float(_wins(0.5)(x, y) * len(x) * len(y)),
        ),
        Mistake(
            "a square of runs",
            "you divide by the square of the number of X's runs: Y may have more of them, or less.",
            lambda x, y: float(_wins(0.5)(x, y) * len(y) / len(x)),
        ),
        Mistake(
            "divided by the number of runs",
            "you divide by the number of all runs, X's and Y's: how many pairs do they make?",
            lambda x, y: float(_wins(0.5)(x, y) * len(x) * len(y) / (len(x) + len(y))),
        ),
        Mistake(
            "a difference of shares",
            "you subtract the lost pairs from the won ones, which lies between -1 and 1.",
            lambda x, y: 2 * _wins(0.5)(x, y) - 1,
        ),
    ),
)


# --- what students call ---------------------------------------------------------------------------

EXERCISES = (INTERQUARTILE_MEAN, BOOTSTRAP_INTERVAL, PROBABILITY_OF_IMPROVEMENT)


def interquartile_mean(function: Any) -> None:
    """Check ``interquartile_mean(scores)``: the mean of the middle half.

    ``scores`` is an array [n] in any order; the n // 4 lowest and as many of the highest are left
    out.

    Raises:
        Wrong: If the number is not right, saying why.

    Chapter: `Experiments you can trust`.

    >>> interquartile_mean(lambda scores: scores.mean())
    Traceback (most recent call last):
        ...
    dqn.checks.Wrong: ✗ interquartile_mean: this is the mean of all scores: none is left out...
    """
    check(INTERQUARTILE_MEAN, function)


def bootstrap_interval(function: Any) -> None:
    """Check ``bootstrap_interval(scores, draws)``: the 95 % interval of the mean, (low, high).

    ``scores`` is [runs, tasks]; ``draws[b, i, m]`` is the run that takes place i of task m in
    resample b, [resamples, runs, tasks].

    Raises:
        Wrong: If an end is not right, saying why.

    Chapter: `Experiments you can trust`.

    >>> bootstrap_interval(lambda scores, draws: (scores.min(), scores.max()))
    Traceback (most recent call last):
        ...
    dqn.checks.Wrong: ✗ bootstrap_interval: ...
    """
    check(BOOTSTRAP_INTERVAL, function)


def probability_of_improvement(function: Any) -> None:
    """Check ``probability_of_improvement(x, y)``: how often a run of X beats a run of Y.

    Scores [n] and [m]; a tie counts one half.

    Raises:
        Wrong: If the number is not right, saying why.

    Chapter: `Experiments you can trust`.

    >>> probability_of_improvement(lambda x, y: x.mean() - y.mean())
    Traceback (most recent call last):
        ...
    dqn.checks.Wrong: ✗ probability_of_improvement: this says by how much X is better, not how...
    """
    check(PROBABILITY_OF_IMPROVEMENT, function)
