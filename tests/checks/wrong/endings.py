"""Wrong answers to the exercises of :mod:`dqn.checks.endings`."""

# ruff: noqa: ARG001 - a student need not use every argument

from typing import Any

import numpy as np

from dqn import checks
from tests.checks.wrong import wrong

# --- bootstrap_mask -------------------------------------------------------------------------------


@wrong(checks.bootstrap_mask, "worth nothing because nobody looked on?")
def bm_done(te: Any, tr: Any) -> Any:
    return 1 - np.logical_or(te, tr)


@wrong(checks.bootstrap_mask, "does a time limit raise a fallen pole?")
def bm_homework(te: Any, tr: Any) -> Any:
    is_done = np.logical_and(te, np.logical_not(tr))
    return 1.0 - is_done


@wrong(checks.bootstrap_mask, "the wrong way round")
def bm_reversed(te: Any, tr: Any) -> Any:
    return te.astype(float)


@wrong(checks.bootstrap_mask, "After which of them does nothing follow?")
def bm_truncated(te: Any, tr: Any) -> Any:
    return 1.0 * ~tr


@wrong(checks.bootstrap_mask, "bootstraps everywhere")
def bm_ones(te: Any, tr: Any) -> Any:
    return np.ones_like(te, dtype=float)


@wrong(checks.bootstrap_mask, "Are both kinds of end alike?")
def bm_minus(te: Any, tr: Any) -> Any:
    return 1 - te.astype(int) - tr.astype(int)


@wrong(
    checks.bootstrap_mask, "should return an array or tensor, as np.array(...) or torch.tensor(...)"
)
def bm_not(te: Any, tr: Any) -> Any:
    return [not flag for flag in te]


@wrong(checks.bootstrap_mask, "a mask has only two values")
def bm_discount(te: Any, tr: Any) -> Any:
    return 0.99 * ~te


@wrong(checks.bootstrap_mask, "a fall before the time limit?")
def bm_both(te: Any, tr: Any) -> Any:
    return np.logical_not(te * tr)


# --- n_step_transition ----------------------------------------------------------------------------


@wrong(checks.n_step_transition, "on past a truncation")
def ns_ignores_truncated(rewards: Any, te: Any, tr: Any, gamma: Any) -> Any:
    total, discount, steps = 0.0, 1.0, 0
    for r, end in zip(rewards, te, strict=True):
        total, discount, steps = total + discount * r, discount * gamma, steps + 1
        if end:
            return total, 0.0, steps
    return total, discount, steps


@wrong(checks.n_step_transition, "your discount is 0 after a truncation")
def ns_done(rewards: Any, te: Any, tr: Any, gamma: Any) -> Any:
    total, discount, steps = 0.0, 1.0, 0
    for i, r in enumerate(rewards):
        total, discount, steps = total + discount * r, discount * gamma, steps + 1
        if te[i] or tr[i]:
            return total, 0.0, steps
    return total, discount, steps


@wrong(checks.n_step_transition, "your discount is not 0 after a termination")
def ns_never_zero(rewards: Any, te: Any, tr: Any, gamma: Any) -> Any:
    total, steps = 0.0, 0
    for i, r in enumerate(rewards):
        total += gamma**i * r
        steps += 1
        if te[i] or tr[i]:
            break
    return total, gamma**steps, steps


@wrong(checks.n_step_transition, "past the episode's end, into rewards of the next episode")
def ns_ignores_ends(rewards: Any, te: Any, tr: Any, gamma: Any) -> Any:
    n = len(rewards)
    total = sum(gamma**i * r for i, r in enumerate(rewards))
    return total, gamma**n * (1 - te[-1]), n


@wrong(checks.n_step_transition, "one power of gamma too few")
def ns_power(rewards: Any, te: Any, tr: Any, gamma: Any) -> Any:
    total = 0.0
    for i, r in enumerate(rewards):
        total += gamma**i * r
        if te[i]:
            return total, 0.0, i + 1
        if tr[i]:
            break
    return total, gamma**i, i + 1


@wrong(checks.n_step_transition, "returned 2 things instead of 3")
def ns_two(rewards: Any, te: Any, tr: Any, gamma: Any) -> Any:
    return sum(rewards), len(rewards)


@wrong(checks.n_step_transition, "you leave the loop before its reward is added")
def ns_breaks_early(rewards: Any, te: Any, tr: Any, gamma: Any) -> Any:
    total, k = 0.0, 0
    for reward in rewards:
        if te[k] or tr[k]:
            return total, gamma**k * (1 - te[k]), k
        total += gamma**k * reward
        k += 1
    return total, gamma**k, k


@wrong(checks.n_step_transition, "how far away is the next state?")
def ns_plain_gamma(rewards: Any, te: Any, tr: Any, gamma: Any) -> Any:
    total = 0.0
    for k, reward in enumerate(rewards):
        total += gamma**k * reward
        if te[k] or tr[k]:
            return total, 0.0 if te[k] else gamma, k + 1
    return total, gamma, len(rewards)


@wrong(checks.n_step_transition, "all but the first reward are discounted alike")
def ns_rewards_alike(rewards: Any, te: Any, tr: Any, gamma: Any) -> Any:
    total = 0.0
    for k, reward in enumerate(rewards):
        total += gamma * reward if k else reward
        if te[k] or tr[k]:
            break
    return total, 0.0 if te[k] else gamma ** (k + 1), k + 1


@wrong(checks.n_step_transition, "the first reward counts in full")
def ns_one_power_more(rewards: Any, te: Any, tr: Any, gamma: Any) -> Any:
    total, discount, k = 0.0, 1.0, 0
    while True:
        discount *= gamma
        total += discount * rewards[k]
        k += 1
        if te[k - 1] or tr[k - 1] or k == len(rewards):
            return total, discount * (not te[k - 1]), k


@wrong(checks.n_step_transition, "To which episode does it belong?")
def ns_last_flag(rewards: Any, te: Any, tr: Any, gamma: Any) -> Any:
    ends = np.flatnonzero(np.logical_or(te, tr))
    n = int(ends[0]) + 1 if len(ends) else len(rewards)
    total = sum(gamma**k * r for k, r in enumerate(rewards[:n]))
    return total, 0.0 if te[-1] else gamma**n, n


@wrong(checks.n_step_transition, "wherever in the window an episode terminates")
def ns_any_flag(rewards: Any, te: Any, tr: Any, gamma: Any) -> Any:
    ends = np.flatnonzero(np.logical_or(te, tr))
    n = int(ends[0]) + 1 if len(ends) else len(rewards)
    total = sum(gamma**k * r for k, r in enumerate(rewards[:n]))
    return total, 0.0 if any(te) else gamma**n, n


@wrong(checks.n_step_transition, "the sum and the discount have changed places")
def ns_exchanged(rewards: Any, te: Any, tr: Any, gamma: Any) -> Any:
    total, discount, n = 0.0, 1.0, 0
    for r, end, cut in zip(rewards, te, tr, strict=True):
        total, discount, n = total + discount * r, discount * gamma, n + 1
        if end or cut:
            return 0.0 if end else discount, total, n
    return discount, total, n


@wrong(checks.n_step_transition, "as the discount your function returned True")
def ns_true(rewards: Any, te: Any, tr: Any, gamma: Any) -> Any:
    n = next((k for k in range(len(te)) if te[k] or tr[k]), len(te) - 1) + 1
    return sum(gamma**k * r for k, r in enumerate(rewards[:n])), not te[n - 1], n
