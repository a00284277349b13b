"""Wrong answers to the exercises of :mod:`dqn.checks.verdict`."""

# ruff: noqa: ARG001 - a student need not use every argument

from typing import Any

import numpy as np

from dqn import checks
from tests.checks.wrong import wrong

# --- misplaced_share ------------------------------------------------------------------------------


@wrong(checks.misplaced_share, "what one transition has too much others lack")
def ms_both_sides(noted: Any, current: Any, alpha: Any) -> Any:
    a, b = np.power(noted, alpha), np.power(current, alpha)
    return sum(abs(x / a.sum() - y / b.sum()) for x, y in zip(a, b, strict=True))


@wrong(checks.misplaced_share, "alpha has no effect")
def ms_no_alpha(noted: Any, current: Any, alpha: Any) -> Any:
    return (noted / noted.sum() - current / current.sum()).clip(min=0).sum()


@wrong(checks.misplaced_share, "They have to become probabilities first")
def ms_raw(noted: Any, current: Any, alpha: Any) -> Any:
    return 0.5 * np.linalg.norm(noted**alpha - current**alpha, ord=1)


@wrong(checks.misplaced_share, "divide after raising to alpha")
def ms_early(noted: Any, current: Any, alpha: Any) -> Any:
    p, q = noted / noted.sum(), current / current.sum()
    return 0.5 * np.abs(p**alpha - q**alpha).sum()


@wrong(checks.misplaced_share, "cancel")
def ms_signed(noted: Any, current: Any, alpha: Any) -> Any:
    p, q = noted**alpha, current**alpha
    return float(np.sum(p / p.sum() - q / q.sum()))


@wrong(checks.misplaced_share, "one transition only")
def ms_largest(noted: Any, current: Any, alpha: Any) -> Any:
    p, q = noted**alpha, current**alpha
    return max(abs(p / p.sum() - q / q.sum()))


@wrong(checks.misplaced_share, "you average the differences")
def ms_mean(noted: Any, current: Any, alpha: Any) -> Any:
    p, q = noted**alpha, current**alpha
    return 0.5 * abs(p / p.sum() - q / q.sum()).mean()


@wrong(checks.misplaced_share, "you average the differences")
def ms_mean_of_all(noted: Any, current: Any, alpha: Any) -> Any:
    p, q = noted**alpha, current**alpha
    return np.mean(np.abs(p / p.sum() - q / q.sum()))


@wrong(checks.misplaced_share, "squares of differences")
def ms_squares(noted: Any, current: Any, alpha: Any) -> Any:
    p, q = noted**alpha, current**alpha
    d = p / p.sum() - q / q.sum()
    return d @ d


@wrong(checks.misplaced_share, "squares of differences")
def ms_half_squares(noted: Any, current: Any, alpha: Any) -> Any:
    return ms_squares(noted, current, alpha) / 2


@wrong(checks.misplaced_share, "Euclidean")
def ms_euclidean(noted: Any, current: Any, alpha: Any) -> Any:
    p, q = noted**alpha, current**alpha
    return np.linalg.norm(p / p.sum() - q / q.sum())


@wrong(checks.misplaced_share, "alpha is applied to the current priorities only")
def ms_current_only(noted: Any, current: Any, alpha: Any) -> Any:
    q = current**alpha
    return 0.5 * abs(noted / noted.sum() - q / q.sum()).sum()


@wrong(checks.misplaced_share, "alpha is applied to the notes only")
def ms_notes_only(noted: Any, current: Any, alpha: Any) -> Any:
    p = noted**alpha
    return 0.5 * abs(p / p.sum() - current / current.sum()).sum()


@wrong(checks.misplaced_share, "has nothing left to halve")
def ms_halved_twice(noted: Any, current: Any, alpha: Any) -> Any:
    p, q = noted**alpha, current**alpha
    return np.maximum(p / p.sum() - q / q.sum(), 0).sum() / 2


@wrong(checks.misplaced_share, "you sort before you compare")
def ms_sorted(noted: Any, current: Any, alpha: Any) -> Any:
    p, q = np.sort(noted**alpha), np.sort(current**alpha)
    return 0.5 * abs(p / p.sum() - q / q.sum()).sum()


@wrong(checks.misplaced_share, "in per cent")
def ms_per_cent(noted: Any, current: Any, alpha: Any) -> Any:
    p, q = noted**alpha, current**alpha
    return 100 * (p / p.sum() - q / q.sum()).clip(min=0).sum()


@wrong(checks.misplaced_share, "it is an exponent")
def ms_product(noted: Any, current: Any, alpha: Any) -> Any:
    p, q = alpha * noted, alpha * current
    return 0.5 * abs(p / p.sum() - q / q.sum()).sum()


@wrong(checks.misplaced_share, "you raise to 1 / alpha")
def ms_root(noted: Any, current: Any, alpha: Any) -> Any:
    p, q = noted ** (1 / alpha), current ** (1 / alpha)
    return 0.5 * abs(p / p.sum() - q / q.sum()).sum()


@wrong(checks.misplaced_share, "changes its argument `noted`")
def ms_in_place(noted: Any, current: Any, alpha: Any) -> Any:
    noted **= alpha
    noted /= noted.sum()
    q = current**alpha
    return 0.5 * abs(noted - q / q.sum()).sum()


@wrong(checks.misplaced_share, "what is asked for is the rest")
def ms_overlap(noted: Any, current: Any, alpha: Any) -> Any:
    p, q = noted**alpha, current**alpha
    return np.minimum(p / p.sum(), q / q.sum()).sum()


@wrong(checks.misplaced_share, "a single number is expected")
def ms_each(noted: Any, current: Any, alpha: Any) -> Any:
    p, q = noted**alpha, current**alpha
    return 0.5 * abs(p / p.sum() - q / q.sum())


@wrong(checks.misplaced_share, "you count all draws of transitions that are drawn too often")
def ms_all_of_their_draws(noted: Any, current: Any, alpha: Any) -> Any:
    p, q = noted**alpha / sum(noted**alpha), current**alpha / sum(current**alpha)
    return sum(a for a, b in zip(p, q, strict=True) if a > b)


@wrong(checks.misplaced_share, "you divide by the largest priority")
def ms_over_the_largest(noted: Any, current: Any, alpha: Any) -> Any:
    p, q = (noted / noted.max()) ** alpha, (current / current.max()) ** alpha
    return 0.5 * abs(p - q).sum()


@wrong(checks.misplaced_share, "where *priorities* have fallen")
def ms_fallen_priorities(noted: Any, current: Any, alpha: Any) -> Any:
    p, q = noted**alpha / sum(noted**alpha), current**alpha / sum(current**alpha)
    return sum(p[i] - q[i] for i in range(len(p)) if noted[i] > current[i])


@wrong(checks.misplaced_share, "this is a divergence")
def ms_divergence(noted: Any, current: Any, alpha: Any) -> Any:
    p, q = noted**alpha, current**alpha
    p, q = p / p.sum(), q / q.sum()
    return -np.sum(p * (np.log(q) - np.log(p)))
