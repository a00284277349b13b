"""Wrong answers to the exercises of :mod:`dqn.checks.prioritized`."""

# ruff: noqa: ARG001 - a student need not use every argument

from typing import Any

import numpy as np
import torch

from dqn import checks
from tests.checks.wrong import wrong

# --- greedy_index ---------------------------------------------------------------------------------


@wrong(checks.greedy_index, "sign included")
def gi_sign(e: Any) -> Any:
    return int(np.argmax(e))


@wrong(checks.greedy_index, "the least to teach")
def gi_min(e: Any) -> Any:
    return int(np.argmin(e**2))


@wrong(checks.greedy_index, "an int is expected")
def gi_value(e: Any) -> Any:
    return float(np.max(np.abs(e)))


@wrong(checks.greedy_index, "always the last one")
def gi_last(e: Any) -> Any:
    return e.shape[0] - 1


@wrong(checks.greedy_index, "a single index is wanted")
def gi_mask(e: Any) -> Any:
    return np.abs(e) == np.abs(e).max()


@wrong(checks.greedy_index, "you count from 1")
def gi_from_one(e: Any) -> Any:
    return int(np.argmax(abs(e))) + 1


# --- proportional_probabilities -------------------------------------------------------------------


@wrong(checks.proportional_probabilities, "gets less than a positive one of the same size")
def pp_clipped(e: Any, alpha: Any, eps: Any) -> Any:
    p = (np.maximum(e, 0) + eps) ** alpha
    return p / p.sum()


@wrong(checks.proportional_probabilities, "a negative error makes a negative probability")
def pp_no_abs(e: Any, alpha: Any, eps: Any) -> Any:
    p = np.power(e + eps, alpha)
    return p / p.sum()


@wrong(checks.proportional_probabilities, "then alpha counts twice")
def pp_squared(e: Any, alpha: Any, eps: Any) -> Any:
    p = np.power(np.square(e) + eps, alpha)
    return p / p.sum()


@wrong(checks.proportional_probabilities, "before it")
def pp_epsilon_late(e: Any, alpha: Any, eps: Any) -> Any:
    p = np.power(np.abs(e), alpha) + eps
    return p / p.sum()


@wrong(checks.proportional_probabilities, "would never be drawn again")
def pp_no_epsilon(e: Any, alpha: Any, eps: Any) -> Any:
    p = np.power(np.abs(e), alpha)
    return p / p.sum()


@wrong(checks.proportional_probabilities, "do not add up to one")
def pp_unnormalized(e: Any, alpha: Any, eps: Any) -> Any:
    return np.power(np.abs(e) + eps, alpha)


@wrong(checks.proportional_probabilities, "alpha has no effect")
def pp_no_alpha(e: Any, alpha: Any, eps: Any) -> Any:
    return (np.abs(e) + eps) / np.sum(np.abs(e) + eps)


# --- importance_weights ---------------------------------------------------------------------------


@wrong(checks.importance_weights, "the largest of your weights is not 1")
def iw_raw(p: Any, n: Any, beta: Any) -> Any:
    return (1 / (n * p)) ** beta


@wrong(checks.importance_weights, "get the largest weights")
def iw_sign(p: Any, n: Any, beta: Any) -> Any:
    w = (n * p) ** beta
    return w / w.max()


@wrong(checks.importance_weights, "beta has no effect")
def iw_no_beta(p: Any, n: Any, beta: Any) -> Any:
    w = 1 / (n * p)
    return w / w.max()


@wrong(checks.importance_weights, "your weights add up to one")
def iw_sum(p: Any, n: Any, beta: Any) -> Any:
    w = (n * p) ** -beta
    return w / w.sum()


@wrong(checks.importance_weights, "at beta = 1 the correction is complete")
def iw_one_minus(p: Any, n: Any, beta: Any) -> Any:
    w = (n * p) ** -(1 - beta)
    return w / w.max()


@wrong(checks.importance_weights, "all 1")
def iw_ones(p: Any, n: Any, beta: Any) -> Any:
    return p / p


@wrong(checks.importance_weights, "your function returned a tensor")
def iw_tensor(p: Any, size: Any, beta: Any) -> Any:
    weights = torch.as_tensor((size * p) ** -beta)
    return weights / weights.max()


@wrong(checks.proportional_probabilities, "your probabilities add up to")
def pp_over_the_mean(td: Any, alpha: Any, eps: Any) -> Any:
    p = (np.abs(td) + eps) ** alpha
    return p / p.mean()


@wrong(checks.proportional_probabilities, "your probabilities add up to")
def pp_power_of_one_only(td: Any, alpha: Any, eps: Any) -> Any:
    p = np.abs(td) + eps
    return p**alpha / p.sum()


@wrong(checks.greedy_index, "is not right")
def gi_never_looks_at_the_last(e: Any) -> Any:
    best = 0
    for i in range(1, len(e) - 1):
        if abs(e[i]) > abs(e[best]):
            best = i
    return best if len(e) > 3 else int(np.argmax(abs(e)))


@wrong(checks.greedy_index, "is not right")
def gi_larger_than_the_one_before(e: Any) -> Any:
    best = 0
    for i in range(1, len(e)):
        if abs(e[i]) > abs(e[i - 1]):
            best = i
    return best


@wrong(checks.greedy_index, "is not right")
def gi_rounded(e: Any) -> Any:
    return int(np.abs(e.round()).argmax())


@wrong(checks.proportional_probabilities, "the sign is dropped after epsilon")
def pp_abs_of_the_sum(td: Any, alpha: Any, eps: Any) -> Any:
    p = [abs(x + eps) ** alpha for x in td]
    return np.array(p) / sum(p)


@wrong(checks.proportional_probabilities, "your priorities are ranks")
def pp_ranks(td: Any, alpha: Any, eps: Any) -> Any:
    p = np.empty(len(td))
    p[np.argsort(-np.abs(td), kind="stable")] = 1 / np.arange(1, len(td) + 1)
    return p**alpha / np.sum(p**alpha)


@wrong(checks.proportional_probabilities, "you take the larger of error and epsilon")
def pp_at_least_epsilon(td: Any, alpha: Any, eps: Any) -> Any:
    p = np.abs(td).clip(min=eps) ** alpha
    return p / p.sum()


@wrong(checks.proportional_probabilities, "which is too coarse")
def pp_float32(td: Any, alpha: Any, eps: Any) -> Any:
    p = (torch.tensor(td, dtype=torch.float32).abs() + eps) ** alpha
    return p / p.sum()


@wrong(checks.proportional_probabilities, "add up to nearly one")
def pp_rounded(td: Any, alpha: Any, eps: Any) -> Any:
    p = (np.abs(td) + eps) ** alpha
    return np.round(p / p.sum(), 6)
