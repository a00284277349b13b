"""Statistics against rliable, enumeration and numbers by hand; how often an interval covers."""

import itertools
import warnings
from typing import Any

import numpy as np
import pytest

from dqn.statistics import (
    bootstrap_interval,
    curve_interval,
    improvement_interval,
    iqm,
    performance_profile,
    probability_of_improvement,
)

with warnings.catch_warnings():
    # The oracle and its plotting libraries warn on import about matters of their own.
    warnings.simplefilter("ignore")
    from rliable import library, metrics  # type: ignore[import-untyped]

SHAPES = [(1,), (2,), (3,), (5,), (7,), (10,), (2, 1), (3, 5), (7, 3), (10, 26)]
INTERVAL_FUNCTIONS = [bootstrap_interval, curve_interval]


def scores_of(shape: tuple[int, ...], seed: int = 0) -> np.ndarray:
    # Rounded, so that ties occur.
    return np.random.default_rng(seed).normal(size=shape).round(1)


# -- point estimates


@pytest.mark.parametrize("shape", SHAPES)
def test_iqm_is_the_oracles(shape: tuple[int, ...]) -> None:
    scores = scores_of(shape)
    assert iqm(scores) == pytest.approx(metrics.aggregate_iqm(scores), abs=1e-12)


def test_iqm_by_hand() -> None:
    assert iqm([5.0]) == 5
    assert iqm([1, 3]) == 2  # too few to leave any out
    assert iqm([-100, 1, 2, 100]) == 1.5
    assert iqm([9, 1, 2, 3, 4, 5, 6, 700]) == pytest.approx((3 + 4 + 5 + 6) / 4)


@pytest.mark.parametrize("axis", [0, 1, -1, (0, 1), (1, 2), (2, 0)])
def test_iqm_along_axes_is_iqm_of_each_slice(axis: int | tuple[int, ...]) -> None:
    scores = scores_of((5, 6, 7))
    reduced = {a % 3 for a in ((axis,) if isinstance(axis, int) else axis)}
    kept = [a for a in range(3) if a not in reduced]
    slices = scores.transpose(*kept, *reduced).reshape(*(scores.shape[a] for a in kept), -1)
    expected = np.apply_along_axis(iqm, -1, slices)
    np.testing.assert_allclose(iqm(scores, axis=axis), expected)


@pytest.mark.parametrize(
    ("shape_x", "shape_y"), [((5, 3), (7, 3)), ((1, 2), (4, 2)), ((10, 1), (10, 1))]
)
def test_probability_of_improvement_is_the_oracles(
    shape_x: tuple[int, ...], shape_y: tuple[int, ...]
) -> None:
    x, y = scores_of(shape_x, 1), scores_of(shape_y, 2)
    assert np.intersect1d(x, y).size or x.size * y.size < 10
    expected = metrics.probability_of_improvement(x, y)
    assert probability_of_improvement(x, y) == pytest.approx(expected)


def test_probability_of_improvement_by_counting() -> None:
    x, y = [3, 1, 2, 2], [2, 0, 3]
    counted = np.mean([(a > b) + (a == b) / 2 for a, b in itertools.product(x, y)])
    assert probability_of_improvement(x, y) == pytest.approx(counted)
    assert probability_of_improvement(y, x) == pytest.approx(1 - counted)
    assert probability_of_improvement(x, x) == 0.5


def test_performance_profile_is_the_oracles() -> None:
    scores, thresholds = scores_of((6, 4)), np.linspace(-2, 2, 9).round(1)
    expected = [library.run_score_deviation(scores, threshold) for threshold in thresholds]
    np.testing.assert_allclose(performance_profile(scores, thresholds), expected)


# -- intervals


def exact_distribution(scores: np.ndarray) -> np.ndarray:
    """The IQM of every one of the equally likely resamples of a few runs."""
    return np.array(
        [iqm(np.array(drawn)) for drawn in itertools.product(scores, repeat=len(scores))]
    )


@pytest.mark.parametrize("confidence", [0.5, 0.8, 0.95])
def test_interval_agrees_with_enumeration(confidence: float) -> None:
    scores = np.array([0.0, 1.0, 4.0, 9.0, 16.0])
    estimates = exact_distribution(scores)
    tail = (1 - confidence) / 2
    low, high = bootstrap_interval(
        scores, rng=np.random.default_rng(0), confidence=confidence, resamples=20_000
    )
    # The distribution is discrete: the sampled quantile lies between its neighbours.
    assert np.quantile(estimates, tail - 0.015) <= low <= np.quantile(estimates, tail + 0.015)
    assert (
        np.quantile(estimates, 1 - tail - 0.015) <= high <= np.quantile(estimates, 1 - tail + 0.015)
    )


@pytest.mark.parametrize("shape", [(5, 1), (10, 4), (3, 7)])
def test_interval_agrees_with_the_oracle(shape: tuple[int, ...]) -> None:
    scores = scores_of(shape)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        _, expected = library.get_interval_estimates(
            {"x": scores}, lambda x: np.array([metrics.aggregate_iqm(x)]), reps=4000
        )
    interval = bootstrap_interval(scores, rng=np.random.default_rng(0), resamples=4000)
    width = float(np.ptp(expected["x"]))
    np.testing.assert_allclose(interval, expected["x"][:, 0], atol=0.1 * width)


def test_improvement_interval_agrees_with_the_oracle() -> None:
    x, y = scores_of((8, 3), 1) + 0.5, scores_of((6, 3), 2)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        _, expected = library.get_interval_estimates(
            {"x,y": (x, y)},
            lambda a, b: np.array([metrics.probability_of_improvement(a, b)]),
            reps=500,
        )
    interval = improvement_interval(x, y, rng=np.random.default_rng(0), resamples=4000)
    np.testing.assert_allclose(interval, expected["x,y"][:, 0], atol=0.04)


def test_resampling_is_within_tasks() -> None:
    # Tasks differ a hundredfold, runs not at all: nothing can vary, unless tasks are mixed.
    scores = np.tile([1.0, 10.0, 100.0], (5, 1))
    low, high = bootstrap_interval(scores, np.mean, rng=np.random.default_rng(0))
    assert low == pytest.approx(37) == high


def test_comparison_resamples_each_task_apart() -> None:
    # A run good at one task is as bad at the other: drawn together, nothing would ever vary.
    x = np.array([[0.0, 1.0], [1.0, 0.0], [0.0, 1.0], [1.0, 0.0]])
    middle = np.full((4, 2), 0.5)
    for first, second in ((x, middle), (middle, x)):
        low, high = improvement_interval(first, second, rng=np.random.default_rng(0))
        assert low < 0.4
        assert high > 0.6


def test_resampling_is_over_runs_not_time() -> None:
    # Every run is flat in time and far from the others: resampling time would see no spread.
    curves = np.repeat([[0.0], [10.0], [20.0]], 50, axis=1)
    low, high = curve_interval(curves, np.mean, rng=np.random.default_rng(0))
    assert low.shape == high.shape == (50,)
    assert (low == 0).all()
    assert (high == 20).all()


def test_a_run_is_drawn_with_all_its_time_points() -> None:
    # Each run's curve sums to zero, so each resampled mean curve does, and its ends mirror.
    first = np.random.default_rng(0).normal(size=9)
    curves = np.stack([first, -first], axis=1)
    low, high = curve_interval(curves, np.mean, rng=np.random.default_rng(1))
    np.testing.assert_allclose(low, -high[::-1])


def test_curve_over_tasks_keeps_each_task_apart() -> None:
    curves = np.tile([[[1.0], [10.0]]], (4, 1, 6))
    low, high = curve_interval(curves, np.mean, rng=np.random.default_rng(0))
    np.testing.assert_allclose([low, high], 5.5)


def test_curve_is_its_points_when_resamples_are_shared() -> None:
    curves = scores_of((7, 5))
    low, high = curve_interval(curves, rng=np.random.default_rng(3))
    for t in range(5):
        point = bootstrap_interval(curves[:, t], rng=np.random.default_rng(3))
        assert point == pytest.approx((low[t], high[t]))


def test_memory_limit_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    curves = scores_of((7, 5))
    whole = curve_interval(curves, rng=np.random.default_rng(3), resamples=101)
    monkeypatch.setattr("dqn.statistics._NUMBERS_AT_ONCE", 100)
    parts = curve_interval(curves, rng=np.random.default_rng(3), resamples=101)
    np.testing.assert_array_equal(whole, parts)


def test_interval_covers_as_often_as_it_says() -> None:
    # A percentile interval from 20 runs is a little too narrow; far from 95% would be a fault.
    rng = np.random.default_rng(0)
    hits = 0
    for _ in range(300):
        low, high = bootstrap_interval(rng.normal(size=20), np.mean, rng=rng, resamples=500)
        hits += low <= 0 <= high
    assert 0.87 <= hits / 300 <= 0.98


def test_profile_has_an_interval_too() -> None:
    scores, thresholds = scores_of((10, 3)), np.linspace(-1, 1, 5)
    low, high = curve_interval(
        scores[..., None] > thresholds, np.mean, rng=np.random.default_rng(0)
    )
    profile = performance_profile(scores, thresholds)
    assert (low <= profile).all()
    assert (profile <= high).all()


def test_repeats_with_its_generator_and_leaves_the_global_one() -> None:
    before = str(np.random.get_state())  # noqa: NPY002  # the state that must not change
    first = bootstrap_interval([1, 2, 3, 4], rng=np.random.default_rng(5))
    assert first == bootstrap_interval([1, 2, 3, 4], rng=np.random.default_rng(5))
    assert str(np.random.get_state()) == before  # noqa: NPY002


# -- bad input


@pytest.mark.parametrize("function", INTERVAL_FUNCTIONS)
@pytest.mark.parametrize("setting", [{"confidence": 0}, {"confidence": 1.0}, {"resamples": 0}])
def test_refuses_settings(function, setting: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(setting))):
        function(np.ones((3, 2)), rng=np.random.default_rng(0), **setting)


def test_refuses_scores_that_say_nothing() -> None:
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="scores must hold at least one score"):
        iqm([])
    with pytest.raises(ValueError, match=r"NaN, got 1"):
        iqm([1.0, np.nan])
    with pytest.raises(ValueError, match="at least 2 runs"):
        bootstrap_interval([1.0], rng=rng)
    with pytest.raises(ValueError, match="curves must be 2-D or 3-D"):
        curve_interval([1.0, 2.0], rng=rng)
    with pytest.raises(ValueError, match="scores must be 1-D or 2-D"):
        bootstrap_interval(np.ones((2, 2, 2)), rng=rng)
    with pytest.raises(ValueError, match="same tasks"):
        probability_of_improvement(np.ones((3, 2)), np.ones((3, 4)))
    with pytest.raises(ValueError, match="x must hold at least 2 runs"):
        improvement_interval([1.0], [1.0, 2.0], rng=rng)
    with pytest.raises(ValueError, match="thresholds"):
        performance_profile([1.0], 3.0)


def test_refuses_a_statistic_that_ignores_the_axes() -> None:
    rng = np.random.default_rng(0)
    quartile = lambda a, axis=None: np.percentile(a, 75)  # noqa: ARG005, E731
    with pytest.raises(ValueError, match="statistic must reduce the axes that it is given"):
        bootstrap_interval(rng.normal(size=20), quartile, rng=rng)
    kept = lambda a, axis: np.percentile(a, 75, axis=axis)  # noqa: E731
    low, high = bootstrap_interval(rng.normal(size=20), kept, rng=rng)
    assert high - low > 0.1


def test_axes_may_be_numpys_numbers() -> None:
    scores = np.arange(12.0).reshape(3, 4)
    np.testing.assert_array_equal(iqm(scores, axis=np.int64(0)), iqm(scores, axis=0))  # type: ignore[arg-type]
    assert iqm(scores, axis=(0, 1)) == iqm(scores)


@pytest.mark.parametrize("axis", ["a", 0.5, 2, -3, (0, 0), [[0], [0, 1]]])
def test_axes_that_are_none_are_named(axis: Any) -> None:
    with pytest.raises(
        (TypeError, ValueError), match=r"axis must name axes of shape \(3, 4\), got"
    ):
        iqm(np.ones((3, 4)), axis=axis)


def test_intervals_want_finite_numbers_and_a_generator():
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="scores must be finite, got inf"):
        bootstrap_interval([1, np.inf], rng=rng)
    with pytest.raises(ValueError, match="what statistic returns must be finite, got nan"):
        bootstrap_interval(
            [1.0, 2.0], lambda scores, axis: scores.mean(axis=axis) * np.nan, rng=rng
        )
    for interval in (
        lambda r: bootstrap_interval([1, 2], rng=r),
        lambda r: improvement_interval([1, 2], [1, 2], rng=r),
    ):
        with pytest.raises(TypeError, match="rng must be a numpy"):
            interval(np.random)


@pytest.mark.parametrize("statistic", [None, 0, "mean"])
def test_a_statistic_is_a_function(statistic):
    rng = np.random.default_rng(0)
    for interval, scores in ((bootstrap_interval, [1.0, 2.0]), (curve_interval, [[1.0], [2.0]])):
        with pytest.raises(TypeError, match=f"statistic must be a function, got {statistic!r}"):
            interval(scores, statistic, rng=rng)
