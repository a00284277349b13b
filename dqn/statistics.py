"""What a set of runs says, and how sure it is: robust means with bootstrap intervals.

Axis 0 of every array is the **run** (one random seed each): it is the axis that is resampled. A
second axis is the task for :func:`bootstrap_interval` and time, which comes last, for
:func:`curve_interval`; two functions, because ``[runs, tasks]`` and ``[runs, time]`` look alike and
resampling the wrong axis gives narrow, wrong intervals without a word of complaint.

Source: Agarwal et al. (2021), "Deep reinforcement learning at the edge of the statistical
precipice". Chapter: `Experiments you can trust`.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dqn._arguments import check_generator, check_number, check_numbers, check_whole

__all__ = [
    "bootstrap_interval",
    "curve_interval",
    "improvement_interval",
    "iqm",
    "performance_profile",
    "probability_of_improvement",
]

Floats = NDArray[np.float64]
# Like np.mean and np.median: reduces the given axes of an array.
Statistic = Callable[..., NDArray[np.floating] | float]

# Resampled curves are held in memory a part at a time: this many numbers, 32 MB.
_NUMBERS_AT_ONCE = 4_000_000


def iqm(scores: ArrayLike, axis: int | tuple[int, ...] | None = None) -> Floats:
    """Interquartile mean: the mean of the middle half.

    As robust to a few odd runs as the median, with much less noise. With ``n`` scores the
    ``n // 4`` lowest and as many of the highest are left out.

    Source: Agarwal et al. (2021), Section 4.3. Chapter: `Experiments you can trust`.

    Args:
        scores: Any shape; runs and tasks are pooled.
        axis: The axes to average over, all of them by default, as in :func:`numpy.mean`.

    Returns:
        The array without these axes.

    Raises:
        TypeError: If scores are no numbers, or an axis is no whole number.
        ValueError: If there is nothing to average, a score is NaN, or there is no such axis.

    >>> float(iqm([0, 1, 2, 3, 100]))
    2.0
    """
    check_numbers("scores", scores)
    values = np.asarray(scores, dtype=np.float64)
    try:
        axes = range(values.ndim) if axis is None else np.atleast_1d(axis).tolist()
        values = np.moveaxis(values, tuple(axes), range(-len(axes), 0))
    except (TypeError, ValueError) as error:
        kind = TypeError if isinstance(error, TypeError) else ValueError
        raise kind(f"axis must name axes of shape {values.shape}, got {axis!r}: {error}") from error
    kept = values.shape[: values.ndim - len(axes)]
    count = int(np.prod(values.shape[len(kept) :]))
    if count == 0:
        raise ValueError(f"scores must hold at least one score, got shape {np.shape(scores)}")
    values = _no_nan("scores", values).reshape(*kept, count)
    cut = count // 4
    middle: Floats = np.sort(values, axis=-1)[..., cut : count - cut].mean(axis=-1)
    return middle


def bootstrap_interval(
    scores: ArrayLike,
    statistic: Statistic = iqm,
    *,
    rng: np.random.Generator,
    confidence: float = 0.95,
    resamples: int = 2000,
) -> tuple[float, float]:
    """Percentile interval of a statistic, from runs resampled with replacement.

    The resampling is stratified: every task keeps its own runs and its number of runs.

    Source: Agarwal et al. (2021), Section 4.1. Chapter: `Experiments you can trust`.

    Args:
        scores: ``[runs]`` or ``[runs, tasks]``, at least two runs.
        statistic: Called with resampled scores and the axes to reduce, as in
            ``np.mean(array, axis=(1, 2))``.
        rng: Draws the runs.
        confidence: Share of the bootstrap distribution inside the interval.
        resamples: Number of bootstrap samples.

    Returns:
        Lower and upper end.

    Raises:
        TypeError: If an argument is of the wrong kind.
        ValueError: If there are fewer than two runs, a score is not finite, or ``statistic``
            reduces other axes than it is told to, or returns what is not finite.

    >>> rng = np.random.default_rng(0)
    >>> low, high = bootstrap_interval(rng.normal(size=100), np.mean, rng=rng)
    >>> low < 0 < high
    True
    """
    values = _finite("scores", _runs("scores", scores, (1, 2)))
    low, high = curve_interval(
        values[..., None], statistic, rng=rng, confidence=confidence, resamples=resamples
    )
    return float(low[0]), float(high[0])


def curve_interval(
    curves: ArrayLike,
    statistic: Statistic = iqm,
    *,
    rng: np.random.Generator,
    confidence: float = 0.95,
    resamples: int = 2000,
) -> tuple[Floats, Floats]:
    """Percentile interval at every point of a curve.

    A run is drawn or left out as a whole, with all its points in time, since that is how another
    set of seeds would differ. The intervals hold point by point, not for the curve as one.

    Source: Agarwal et al. (2021), Section 4.1. Chapter: `Experiments you can trust`.

    Args:
        curves: ``[runs, time]`` or ``[runs, tasks, time]``, at least two runs.
        statistic: As in :func:`bootstrap_interval`.
        rng: Draws the runs.
        confidence: Share of the bootstrap distribution inside the interval.
        resamples: Number of bootstrap samples.

    Returns:
        Lower and upper ends, each ``[time]``.

    Raises:
        TypeError: If an argument is of the wrong kind.
        ValueError: If there are fewer than two runs, a score is not finite, or ``statistic``
            reduces other axes than it is told to, or returns what is not finite.

    >>> rng = np.random.default_rng(0)
    >>> low, high = curve_interval([[0.0, 5.0], [1.0, 5.0], [2.0, 5.0]], rng=rng)
    >>> low.tolist(), high.tolist()
    ([0.0, 5.0], [2.0, 5.0])
    """
    values = _finite("curves", _runs("curves", curves, (2, 3)))
    check_generator("rng", rng)
    if not callable(statistic):
        raise TypeError(f"statistic must be a function, got {statistic!r}")
    share, count = _bootstrap_settings(confidence, resamples)
    if values.ndim == 2:
        values = values[:, None, :]
    runs, tasks, times = values.shape
    drawn = rng.integers(runs, size=(count, runs, tasks))
    estimates = np.empty((count, times))
    part = max(1, _NUMBERS_AT_ONCE // values.size)
    for start in range(0, count, part):
        resampled = values[drawn[start : start + part], np.arange(tasks)]
        reduced = np.asarray(statistic(resampled, axis=(1, 2)))
        if reduced.shape != (len(resampled), times):
            raise ValueError(
                "statistic must reduce the axes that it is given, from [resamples, runs, tasks, "
                f"time] to [resamples, time], got shape {reduced.shape}"
            )
        estimates[start : start + part] = _finite("what statistic returns", reduced)
    low, high = _percentiles(estimates, share)
    return low, high


def probability_of_improvement(x: ArrayLike, y: ArrayLike) -> float:
    """How often a run of X beats a run of Y; a tie counts one half. Averaged over tasks.

    It says how likely X is better, not by how much.

    Source: Agarwal et al. (2021), Section 4.3. Chapter: `Experiments you can trust`.

    Args:
        x: Scores of X, ``[runs]`` or ``[runs, tasks]``.
        y: Scores of Y, with the same tasks; the number of runs may differ.

    Raises:
        TypeError: If an argument is of the wrong kind.
        ValueError: If the tasks differ or a score is NaN.

    >>> probability_of_improvement([3, 5], [1, 3])
    0.875
    """
    return float(_wins(x, y, at_least=1).mean())


def improvement_interval(
    x: ArrayLike,
    y: ArrayLike,
    *,
    rng: np.random.Generator,
    confidence: float = 0.95,
    resamples: int = 2000,
) -> tuple[float, float]:
    """Interval of :func:`probability_of_improvement`; runs of X and Y are resampled apart.

    Source: Agarwal et al. (2021), Section 4.3. Chapter: `Experiments you can trust`.

    Args:
        x: Scores of X, ``[runs]`` or ``[runs, tasks]``, at least two runs.
        y: Scores of Y, likewise.
        rng: Draws the runs.
        confidence: Share of the bootstrap distribution inside the interval.
        resamples: Number of bootstrap samples.

    Returns:
        Lower and upper end.

    Raises:
        TypeError: If an argument is of the wrong kind.
        ValueError: If the tasks differ, there are fewer than two runs, or a score is NaN.

    >>> improvement_interval([3, 4, 5], [0, 1, 2], rng=np.random.default_rng(0))
    (1.0, 1.0)
    """
    wins = _wins(x, y, at_least=2)
    check_generator("rng", rng)
    share, count = _bootstrap_settings(confidence, resamples)
    tasks, runs_x, runs_y = wins.shape
    # How often each run is drawn is all that matters, and saves the comparisons again.
    times_x = rng.multinomial(runs_x, np.full(runs_x, 1 / runs_x), size=(count, tasks))
    times_y = rng.multinomial(runs_y, np.full(runs_y, 1 / runs_y), size=(count, tasks))
    won = np.einsum("bmi,mij,bmj->b", times_x, wins, times_y, optimize=True)
    low, high = _percentiles(won / (tasks * runs_x * runs_y), share)
    return float(low), float(high)


def performance_profile(scores: ArrayLike, thresholds: ArrayLike) -> Floats:
    """Share of runs that score more than each threshold: every quantile in one curve.

    An interval is that of a curve over thresholds instead of time, of an array of scores:
    ``curve_interval(scores[..., None] > thresholds, np.mean, rng=rng)``. So is the picture, by
    :func:`dqn.plots.learning_curves` with ``statistic=np.mean``.

    Source: Agarwal et al. (2021), Section 4.2. Chapter: `Experiments you can trust`.

    Args:
        scores: ``[runs]`` or ``[runs, tasks]``.
        thresholds: ``[thresholds]``.

    Returns:
        ``[thresholds]``, each in [0, 1].

    Raises:
        TypeError: If an argument is of the wrong kind.
        ValueError: If a score or a threshold is NaN.

    >>> performance_profile([100, 200, 200, 500], [0, 150, 200, 500]).tolist()
    [1.0, 0.75, 0.25, 0.0]
    """
    values = _runs("scores", scores, (1, 2), at_least=1)
    check_numbers("thresholds", thresholds)
    limits = _no_nan("thresholds", np.asarray(thresholds, dtype=np.float64))
    if limits.ndim != 1:
        raise ValueError(f"thresholds must have shape [thresholds], got {limits.shape}")
    shares: Floats = (values.reshape(-1, 1) > limits).mean(axis=0)
    return shares


def _wins(x: ArrayLike, y: ArrayLike, *, at_least: int) -> Floats:
    """One for each pair of runs that X wins, one half for a tie, as ``[tasks, runs_x, runs_y]``."""
    first = _runs("x", x, (1, 2), at_least=at_least)
    second = _runs("y", y, (1, 2), at_least=at_least)
    if first.shape[1:] != second.shape[1:]:
        raise ValueError(
            f"x and y must have the same tasks, got shapes {first.shape} and {second.shape}"
        )
    left = first.reshape(len(first), -1).T[:, :, None]
    right = second.reshape(len(second), -1).T[:, None, :]
    wins: Floats = (left > right) + 0.5 * (left == right)
    return wins


def _percentiles(estimates: Floats, confidence: float) -> Floats:
    tail = (1 - confidence) / 2
    return np.quantile(estimates, [tail, 1 - tail], axis=0)


def _bootstrap_settings(confidence: float, resamples: int) -> tuple[float, int]:
    share = check_number("confidence", confidence, low=0, high=1, open_low=True, open_high=True)
    return share, check_whole("resamples", resamples)


def _runs(name: str, values: ArrayLike, ranks: tuple[int, ...], *, at_least: int = 2) -> Floats:
    check_numbers(name, values)
    array = np.asarray(values, dtype=np.float64)
    if array.ndim not in ranks:
        wanted = " or ".join(f"{rank}-D" for rank in ranks)
        raise ValueError(f"{name} must be {wanted} with runs first, got shape {array.shape}")
    if len(array) < at_least:
        raise ValueError(f"{name} must hold at least {at_least} runs, got shape {array.shape}")
    if array.size == 0:
        raise ValueError(f"{name} must hold at least one score, got shape {array.shape}")
    return _no_nan(name, array)


def _finite(name: str, array: Floats) -> Floats:
    if not np.isfinite(array).all():
        raise ValueError(f"{name} must be finite, got {array[~np.isfinite(array)][0]}")
    return array


def _no_nan(name: str, array: Floats) -> Floats:
    if np.isnan(array).any():
        raise ValueError(f"{name} must not hold NaN, got {int(np.isnan(array).sum())} of them")
    return array
