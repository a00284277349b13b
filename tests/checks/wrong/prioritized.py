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


@wrong(checks.greedy_index, "where every error is 0 you find none")
def gi_larger_than_nothing(td_errors: Any) -> Any:
    size, found = 0.0, None
    for i in range(len(td_errors)):
        if td_errors[i] > size or -td_errors[i] > size:
            size, found = abs(td_errors[i]), i
    return found


@wrong(checks.greedy_index, "keep the largest so far with its sign")
def gi_largest_so_far(td_errors: Any) -> Any:
    found = 0
    largest = -1
    for i, error in enumerate(td_errors):
        if np.abs(error) > largest:
            largest, found = error, i
    return found


@wrong(checks.greedy_index, "only where none is positive")
def gi_positive_first(td_errors: Any) -> Any:
    if any(td_errors > 0):
        return int(np.argmax(td_errors))
    return int(np.argmax(-td_errors))


@wrong(checks.proportional_probabilities, "only epsilon is raised")
def pp_without_brackets(td_errors: Any, alpha: Any, epsilon: Any) -> Any:
    p = [abs(error) + epsilon**alpha for error in td_errors]
    return np.array(p) / sum(p)


@wrong(checks.proportional_probabilities, "epsilon is added to probabilities")
def pp_epsilon_at_the_end(td_errors: Any, alpha: Any, epsilon: Any) -> Any:
    p = np.abs(td_errors) ** alpha
    p = p / p.sum() + epsilon
    return p / p.sum()


@wrong(checks.proportional_probabilities, "what has been divided by the sum already")
def pp_epsilon_on_shares(td_errors: Any, alpha: Any, epsilon: Any) -> Any:
    sizes = np.abs(td_errors)
    p = np.power(sizes / sum(sizes) + epsilon, alpha)
    return p / sum(p)


@wrong(checks.proportional_probabilities, "only errors of 0 get epsilon")
def pp_epsilon_for_none(td_errors: Any, alpha: Any, epsilon: Any) -> Any:
    p = np.array([(abs(error) or epsilon) ** alpha for error in td_errors])
    return p / p.sum()


@wrong(checks.proportional_probabilities, "errors above 1 all count alike")
def pp_at_most_one(td_errors: Any, alpha: Any, epsilon: Any) -> Any:
    p = np.clip(np.abs(td_errors) + epsilon, 0, 1) ** alpha
    return p / p.sum()


@wrong(checks.importance_weights, "has not been raised to beta")
def iw_largest_before_the_power(probabilities: Any, size: Any, beta: Any) -> Any:
    w = 1 / (size * probabilities)
    return w**beta / max(w)


@wrong(checks.importance_weights, "you cut your weights off")
def iw_at_most_one(probabilities: Any, size: Any, beta: Any) -> Any:
    return np.minimum(1, (1 / (size * probabilities)) ** beta)


@wrong(checks.importance_weights, "you divide by the first weight")
def iw_first(probabilities: Any, size: Any, beta: Any) -> Any:
    w = np.power(size * probabilities, -beta)
    return w / w[0]


@wrong(checks.proportional_probabilities, "your priorities are ranks")
def pp_ranks_and_epsilon(td_errors: Any, alpha: Any, epsilon: Any) -> Any:
    p = np.zeros(len(td_errors))
    for rank, i in enumerate(np.argsort(-np.abs(td_errors)), start=1):
        p[i] = (1 / rank + epsilon) ** alpha
    return p / p.sum()


@wrong(checks.proportional_probabilities, "your priorities are ranks")
def pp_argsort_for_ranks(td_errors: Any, alpha: Any, epsilon: Any) -> Any:
    ranks = np.argsort(-np.abs(td_errors)) + 1
    p = (1 / ranks) ** alpha
    return p / p.sum()
