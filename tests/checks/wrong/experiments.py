"""Wrong answers to the exercises of :mod:`dqn.checks.experiments`."""

# ruff: noqa: ARG001 - a student need not use every argument

from typing import Any

import numpy as np

from dqn import checks
from tests.checks.wrong import wrong

# --- interquartile_mean ---------------------------------------------------------------------------


@wrong(checks.interquartile_mean, "none is left out")
def iqm_mean(scores: Any) -> Any:
    return sum(scores) / len(scores)


@wrong(checks.interquartile_mean, "this is the median")
def iqm_median(scores: Any) -> Any:
    ordered = sorted(scores)
    return (ordered[(len(scores) - 1) // 2] + ordered[len(scores) // 2]) / 2


@wrong(checks.interquartile_mean, "as they stand")
def iqm_forgets_to_sort(scores: Any) -> Any:
    quarter = len(scores) // 4
    return np.mean(scores[quarter:-quarter] if quarter else scores)


@wrong(checks.interquartile_mean, "the lowest quarter only")
def iqm_upper(scores: Any) -> Any:
    return np.mean(sorted(scores)[len(scores) // 4 :])


@wrong(checks.interquartile_mean, "divide by the number of all")
def iqm_divides_by_all(scores: Any) -> Any:
    quarter = len(scores) // 4
    return sum(sorted(scores)[quarter : len(scores) - quarter]) / len(scores)


@wrong(checks.interquartile_mean, "you compare scores with the quartiles")
def iqm_mask(scores: Any) -> Any:
    low, high = np.quantile(scores, 0.25), np.quantile(scores, 0.75)
    return scores[(low <= scores) & (scores <= high)].mean()


@wrong(checks.interquartile_mean, "says how wide the middle half is")
def iqm_range(scores: Any) -> Any:
    return np.quantile(scores, 0.75) - np.quantile(scores, 0.25)


@wrong(checks.interquartile_mean, "your slice keeps nothing")
def iqm_minus_zero(scores: Any) -> Any:
    quarter = len(scores) // 4
    with np.errstate(all="ignore"):
        return np.sum(np.sort(scores)[quarter:-quarter]) / np.float64(len(scores[quarter:-quarter]))


# --- bootstrap_interval ---------------------------------------------------------------------------


@wrong(checks.bootstrap_interval, "by the draws of the first")
def bi_not_stratified(scores: Any, draws: Any) -> Any:
    means = [scores[draw[:, 0]].mean() for draw in draws]
    return np.percentile(means, 2.5), np.percentile(means, 97.5)


def resample(scores: Any, draws: Any) -> Any:
    return np.array([[scores[row, range(len(row))] for row in draw] for draw in draws])


@wrong(checks.bootstrap_interval, "your interval holds all resamples")
def bi_extremes(scores: Any, draws: Any) -> Any:
    means = [sample.mean() for sample in resample(scores, draws)]
    return min(means), max(means)


@wrong(checks.bootstrap_interval, "an interval of 90 %")
def bi_ninety(scores: Any, draws: Any) -> Any:
    means = [sample.mean() for sample in resample(scores, draws)]
    return np.percentile(means, 5), np.percentile(means, 95)


@wrong(checks.bootstrap_interval, "counted up to 100")
def bi_percentile(scores: Any, draws: Any) -> Any:
    means = [sample.mean() for sample in resample(scores, draws)]
    return np.percentile(means, 0.025), np.percentile(means, 0.975)


@wrong(checks.bootstrap_interval, "quantiles of the resampled scores")
def bi_scores(scores: Any, draws: Any) -> Any:
    return tuple(np.quantile(resample(scores, draws), [0.025, 0.975]))


@wrong(checks.bootstrap_interval, "only runs can")
def bi_standard_error(scores: Any, draws: Any) -> Any:
    means = resample(scores, draws).mean((1, 2))
    error = np.std(means) / len(means) ** 0.5
    return means.mean() - 1.96 * error, means.mean() + 1.96 * error


@wrong(checks.bootstrap_interval, "the draws have no effect")
def bi_no_bootstrap(scores: Any, draws: Any) -> Any:
    return np.quantile(scores, 0.025), np.quantile(scores, 0.975)


@wrong(checks.bootstrap_interval, "Quantiles must be in the range [0, 1]")
def bi_quantile_of_100(scores: Any, draws: Any) -> Any:
    means = resample(scores, draws).mean((1, 2))
    return np.quantile(means, 2.5), np.quantile(means, 97.5)


@wrong(checks.bootstrap_interval, "each draw picks a whole row")
def bi_whole_rows(scores: Any, draws: Any) -> Any:
    return np.quantile([scores[draw].mean() for draw in draws], [0.025, 0.975])


# --- probability_of_improvement -------------------------------------------------------------------


@wrong(checks.probability_of_improvement, "a tie counts nothing")
def pi_strict(x: Any, y: Any) -> Any:
    return np.mean([a > b for a in x for b in y])


@wrong(checks.probability_of_improvement, "a tie counts as a win")
def pi_at_least(x: Any, y: Any) -> Any:
    return (x[:, None] >= y).mean()


@wrong(checks.probability_of_improvement, "how likely Y beats X")
def pi_swapped(x: Any, y: Any) -> Any:
    return np.mean([(b > a) + (a == b) / 2 for a in x for b in y])


@wrong(checks.probability_of_improvement, "Runs have no partners")
def pi_partners(x: Any, y: Any) -> Any:
    n = min(len(x), len(y))
    return np.mean((x[:n] > y[:n]) + 0.5 * (x[:n] == y[:n]))


@wrong(checks.probability_of_improvement, "two runs each")
def pi_arrays(x: Any, y: Any) -> Any:
    return ((x > y) + 0.5 * (x == y)).mean()


@wrong(checks.probability_of_improvement, "not how often")
def pi_difference(x: Any, y: Any) -> Any:
    return np.mean(x) - np.mean(y)


@wrong(checks.probability_of_improvement, "divide by how many there are")
def pi_count(x: Any, y: Any) -> Any:
    return sum((a > b) + 0.5 * (a == b) for a in x for b in y)


@wrong(checks.probability_of_improvement, "compared element by element")
def poi_elementwise(x: Any, y: Any) -> Any:
    return np.mean((x > y) + 0.5 * (x == y))


@wrong(checks.interquartile_mean, "your slice ends at three quarters")
def iqm_three_quarters(scores: Any) -> Any:
    n = len(scores)
    return np.sort(scores)[n // 4 : 3 * n // 4].mean()


@wrong(checks.interquartile_mean, "is not right")
def iqm_whole_scores(scores: Any) -> Any:
    cut = len(scores) // 4
    return np.sort(scores.astype(int))[cut : len(scores) - cut].mean()


@wrong(checks.bootstrap_interval, "an interval for each task")
def bi_each_task(scores: Any, draws: Any) -> Any:
    r = np.take_along_axis(scores[None], draws, axis=1)
    return np.quantile(r.mean(axis=1), [0.025, 0.975], axis=0)


@wrong(checks.interquartile_mean, "round down")
def iqm_ceiling(scores: Any) -> Any:
    ordered, cut = np.sort(scores), int(np.ceil(len(scores) / 4))
    return ordered[cut : len(scores) - cut].mean()


@wrong(checks.interquartile_mean, "three scores lose one at each end")
def iqm_nearest(scores: Any) -> Any:
    ordered, cut = sorted(scores), round(0.25 * len(scores))
    kept = ordered[cut : len(scores) - cut]
    return sum(kept) / len(kept)


@wrong(checks.interquartile_mean, "the equation counts from 1")
def iqm_from_one(scores: Any) -> Any:
    c, s = len(scores) // 4, len(scores)
    return np.mean(np.sort(scores)[c + 1 : s - c])


@wrong(checks.interquartile_mean, "which is not part of it")
def iqm_up_to_the_last(scores: Any) -> Any:
    c, ordered = len(scores) // 4, np.sort(scores)
    return np.mean(ordered[c : len(ordered) - c - 1])


@wrong(checks.interquartile_mean, "the score of another run")
def iqm_unique(scores: Any) -> Any:
    ordered = sorted(set(scores.tolist()))
    for _ in range(len(ordered) // 4):
        ordered = ordered[1:-1]
    return sum(ordered) / len(ordered)


@wrong(checks.interquartile_mean, "half way between the two quartiles")
def iqm_midhinge(scores: Any) -> Any:
    return (np.quantile(scores, 0.25) + np.quantile(scores, 0.75)) / 2


@wrong(checks.interquartile_mean, "scores = [-120., 30., -500., -80., 95.]")
def iqm_of_sizes(scores: Any) -> Any:
    cut = len(scores) // 4
    return np.sort(np.abs(scores))[cut : len(scores) - cut].mean()


@wrong(checks.bootstrap_interval, "an interval of 50 %")
def bi_quartiles(scores: Any, draws: Any) -> Any:
    means = [sample.mean() for sample in resample(scores, draws)]
    return np.percentile(means, 25), np.percentile(means, 75)


@wrong(checks.bootstrap_interval, "here the mean is asked for")
def bi_iqm(scores: Any, draws: Any) -> Any:
    middles = []
    for sample in resample(scores, draws):
        ordered = sorted(sample.flatten().tolist())
        cut = len(ordered) // 4
        middles.append(np.mean(ordered[cut : len(ordered) - cut]))
    return tuple(np.quantile(middles, (0.025, 0.975)))


@wrong(checks.bootstrap_interval, "the tasks' own intervals")
def bi_task_by_task(scores: Any, draws: Any) -> Any:
    ends = []
    for m in range(scores.shape[1]):
        means = [scores[draw[:, m], m].mean() for draw in draws]
        ends.append(np.quantile(means, [0.025, 0.975]))
    return np.mean([low for low, _ in ends]), np.mean([high for _, high in ends])


@wrong(checks.bootstrap_interval, "it is the number of a run")
def bi_flattened(scores: Any, draws: Any) -> Any:
    return np.quantile(np.take(scores, draws).mean((1, 2)), [0.025, 0.975])


@wrong(checks.bootstrap_interval, "Take `np.quantile` as it is")
def bi_by_place(scores: Any, draws: Any) -> Any:
    means = sorted(sample.mean() for sample in resample(scores, draws))
    return means[int(0.025 * len(means))], means[int(0.975 * len(means))]


@wrong(checks.bootstrap_interval, "needs no bell curve")
def bi_bell_curve(scores: Any, draws: Any) -> Any:
    means = np.array([sample.mean() for sample in resample(scores, draws)])
    return means.mean() - 1.96 * means.std(), means.mean() + 1.96 * means.std()


@wrong(checks.probability_of_improvement, "one and a half")
def poi_at_least_and_half(x: Any, y: Any) -> Any:
    return np.mean([(a >= b) + 0.5 * (a == b) for a in x for b in y])


@wrong(checks.probability_of_improvement, "pairs that are no tie")
def poi_decided(x: Any, y: Any) -> Any:
    difference = np.subtract.outer(x, y)
    decided = difference[difference != 0]
    return (decided > 0).mean()


@wrong(checks.probability_of_improvement, "merely close")
def poi_close(x: Any, y: Any) -> Any:
    pairs = [(a, b) for a in x for b in y]
    return np.mean([0.5 if np.isclose(a, b) else float(a > b) for a, b in pairs])


@wrong(checks.probability_of_improvement, "the square of the number of X's runs")
def poi_square(x: Any, y: Any) -> Any:
    return sum((a > b) + (a == b) / 2 for a in x for b in y) / len(x) ** 2


@wrong(checks.probability_of_improvement, "which gives 0 or 1.")
def poi_by_means(x: Any, y: Any) -> Any:
    return 1.0 if np.mean(x) > np.mean(y) else 0.0


@wrong(checks.bootstrap_interval, "returned 3 things instead of 2")
def bi_with_the_median(scores: Any, draws: Any) -> Any:
    means = resample(scores, draws).mean((1, 2))
    return np.quantile(means, [0.025, 0.5, 0.975])


@wrong(checks.interquartile_mean, "you keep half of the number of scores")
def iqm_half_in_a_row(scores: Any) -> Any:
    ordered, n = sorted(scores), len(scores)
    middle = ordered[n // 4 : n // 4 + n // 2]
    return sum(middle) / len(middle) if middle else float("nan")


@wrong(checks.interquartile_mean, "ends at three times a quarter")
def iqm_quarters(scores: Any) -> Any:
    quarter = len(scores) // 4
    return np.sort(scores)[quarter : quarter * 3].mean()


@wrong(checks.interquartile_mean, "divide by half of the number")
def iqm_over_half(scores: Any) -> Any:
    n = len(scores)
    return 2 / n * sum(sorted(scores)[n // 4 : n - n // 4])


@wrong(checks.interquartile_mean, "you replace the outer quarters")
def iqm_winsorized(scores: Any) -> Any:
    ordered, cut = np.sort(scores), len(scores) // 4
    for i in range(cut):
        ordered[i] = ordered[cut]
        ordered[-1 - i] = ordered[-1 - cut]
    return ordered.mean()


@wrong(checks.bootstrap_interval, "each draw picks a whole row")
def bi_whole_rows_by_task(scores: Any, draws: Any) -> Any:
    means = np.array([scores[draw].mean((0, 1)) for draw in draws])
    return np.quantile(means, 0.025), np.quantile(means, 0.975)


@wrong(checks.bootstrap_interval, "you average over the resamples")
def bi_task_means(scores: Any, draws: Any) -> Any:
    means = resample(scores, draws).mean(axis=0).mean(axis=0)
    return np.quantile(means, 0.025), np.quantile(means, 0.975)


@wrong(checks.bootstrap_interval, "this is the spread of single runs")
def bi_run_means(scores: Any, draws: Any) -> Any:
    return tuple(np.quantile(resample(scores, draws).mean(-1), (0.025, 0.975)))


@wrong(checks.bootstrap_interval, "quantiles of the runs' own means")
def bi_of_the_runs(scores: Any, draws: Any) -> Any:
    return tuple(np.percentile(scores.mean(1), (2.5, 97.5)))


@wrong(checks.bootstrap_interval, "you mirror the quantiles")
def bi_pivot(scores: Any, draws: Any) -> Any:
    off = resample(scores, draws).mean((1, 2)) - scores.mean()
    return scores.mean() - np.quantile(off, 0.975), scores.mean() - np.quantile(off, 0.025)


@wrong(checks.probability_of_improvement, "And what does a tie count?")
def poi_pairs_that_are_won(x: Any, y: Any) -> Any:
    n = min(len(x), len(y))
    return sum(x[i] > y[i] for i in range(n)) / n


@wrong(checks.probability_of_improvement, "how many pairs do they make")
def poi_over_all_runs(x: Any, y: Any) -> Any:
    won = sum((a > b) + (a == b) / 2 for a in x for b in y)
    return won / (len(x) + len(y))


@wrong(checks.probability_of_improvement, "with the mean of Y's")
def poi_beats_the_mean(x: Any, y: Any) -> Any:
    return sum(a > sum(y) / len(y) for a in x) / len(x)
