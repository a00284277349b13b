"""Wrong answers to the exercises of :mod:`dqn.checks.endings`."""

# ruff: noqa: ARG001 - a student need not use every argument

from typing import Any

import numpy as np
import torch

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


@wrong(checks.bootstrap_mask, "returned a list; it should return a NumPy array")
def bm_not(te: Any, tr: Any) -> Any:
    return [not flag for flag in te]


@wrong(checks.bootstrap_mask, "a mask has only two values")
def bm_discount(te: Any, tr: Any) -> Any:
    return 0.99 * ~te


@wrong(checks.bootstrap_mask, "a fall before the time limit?")
def bm_both(te: Any, tr: Any) -> Any:
    return np.logical_not(te * tr)


@wrong(checks.bootstrap_mask, "returned a tensor; it should return a NumPy array")
def bm_tensor(te: Any, tr: Any) -> Any:
    return ~torch.from_numpy(te)


@wrong(checks.bootstrap_mask, "`~` inverts bools only")
def bm_ints(te: Any, tr: Any) -> Any:
    return np.array([~bool(flag) for flag in te])


@wrong(checks.bootstrap_mask, "the result of the case below is not right")
def bm_backwards(te: Any, tr: Any) -> Any:
    return (~te)[::-1]


@wrong(checks.bootstrap_mask, "1 only at a time limit")
def bm_only_truncated(te: Any, tr: Any) -> Any:
    return np.where(tr, 1.0, 0.0)


@wrong(checks.bootstrap_mask, "the mask is the wrong way round, and a time limit does not raise")
def bm_homeworks_flag(te: Any, tr: Any) -> Any:
    return np.logical_and(te, np.logical_not(tr))


@wrong(checks.bootstrap_mask, "0 at a time limit alone")
def bm_or_not(te: Any, tr: Any) -> Any:
    return te | ~tr


@wrong(checks.bootstrap_mask, "your mask is 1 where exactly one flag is set")
def bm_xor(te: Any, tr: Any) -> Any:
    return te ^ tr


@wrong(checks.bootstrap_mask, "numbers of rows")
def bm_rows(te: Any, tr: Any) -> Any:
    return np.where(~te)[0]


@wrong(checks.bootstrap_mask, "a column of shape (B, 1)")
def bm_column(te: Any, tr: Any) -> Any:
    return 1 - te.reshape(-1, 1)


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


def right_window(rewards: Any, te: Any, tr: Any, gamma: Any) -> Any:
    """A right answer, to be spoilt."""
    n = next((k for k in range(len(te)) if te[k] or tr[k]), len(te) - 1) + 1
    return sum(gamma**k * r for k, r in enumerate(rewards[:n])), gamma**n * (not te[n - 1]), n


@wrong(checks.n_step_transition, "flags also come as NumPy's")
def ns_is_true(rewards: Any, te: Any, tr: Any, gamma: Any) -> Any:
    total, discount = 0.0, 1.0
    for k, reward in enumerate(rewards, 1):
        total += discount * reward
        discount *= gamma
        if te[k - 1] is True:
            return total, 0.0, k
        if tr[k - 1] is True:
            return total, discount, k
    return total, discount, k


@wrong(checks.n_step_transition, "`index` finds the first reward")
def ns_index(rewards: Any, te: Any, tr: Any, gamma: Any) -> Any:
    total = 0.0
    for reward in rewards:
        i = rewards.index(reward)
        total += gamma**i * reward
        if te[i]:
            return total, 0.0, i + 1
        if tr[i]:
            return total, gamma ** (i + 1), i + 1
    return total, gamma ** len(rewards), len(rewards)


@wrong(checks.n_step_transition, "The smallest case that fails: terminated at the last step")
def ns_full_window(rewards: Any, te: Any, tr: Any, gamma: Any) -> Any:
    total, discount, n = right_window(rewards, te, tr, gamma)
    return total, discount if n < len(rewards) or n == 1 else gamma**n, n


@wrong(checks.n_step_transition, "you look for a truncation first")
def ns_truncation_first(rewards: Any, te: Any, tr: Any, gamma: Any) -> Any:
    if any(tr):
        n = tr.index(True) + 1
    elif any(te):
        n = te.index(True) + 1
    else:
        n = len(rewards)
    total = sum(gamma**k * r for k, r in enumerate(rewards[:n]))
    return total, gamma**n * (not te[n - 1]), n


@wrong(checks.n_step_transition, "The smallest case that fails: the next episode terminates too")
def ns_last_ends(rewards: Any, te: Any, tr: Any, gamma: Any) -> Any:
    terminated = truncated = len(rewards)
    for k in range(len(rewards)):
        if te[k]:
            terminated = k + 1
        if tr[k]:
            truncated = k + 1
    n = min(terminated, truncated)
    total = sum(gamma**k * r for k, r in enumerate(rewards[:n]))
    return total, gamma**n * (not te[n - 1]), n


@wrong(checks.n_step_transition, "stops the sum, but the steps are counted on")
def ns_no_break(rewards: Any, te: Any, tr: Any, gamma: Any) -> Any:
    total, discount, n = 0.0, 1.0, 0
    for r, end, cut in zip(rewards, te, tr, strict=True):
        total, discount, n = total + discount * r, discount * gamma, n + 1
        if end:
            discount = 0.0
        if cut:
            break
    return total, discount, n


@wrong(checks.n_step_transition, "at a truncation nothing stops at all")
def ns_only_zero(rewards: Any, te: Any, tr: Any, gamma: Any) -> Any:
    total, discount = 0.0, 1.0
    for r, end in zip(rewards, te, strict=True):
        total += discount * r
        discount *= gamma * (not end)
    return total, discount, len(rewards)


@wrong(checks.n_step_transition, "your number of steps is that of the full window")
def ns_all_steps(rewards: Any, te: Any, tr: Any, gamma: Any) -> Any:
    total, discount, _ = right_window(rewards, te, tr, gamma)
    return total, discount, len(rewards)


@wrong(checks.n_step_transition, "when there is nothing to find")
def ns_argmax(rewards: Any, te: Any, tr: Any, gamma: Any) -> Any:
    n = int(np.argmax(np.array(te) | np.array(tr))) + 1
    return np.dot(rewards[:n], gamma ** np.arange(n)), 0.0 if te[n - 1] else gamma**n, n


@wrong(checks.n_step_transition, "your number of steps is one too large")
def ns_counts_from_one(rewards: Any, te: Any, tr: Any, gamma: Any) -> Any:
    total, discount, n = right_window(rewards, te, tr, gamma)
    return total, discount, n + 1


@wrong(checks.n_step_transition, "the two flags are exchanged")
def ns_flags(rewards: Any, te: Any, tr: Any, gamma: Any) -> Any:
    return right_window(rewards, tr, te, gamma)


@wrong(checks.n_step_transition, "your discount is only 1 or 0")
def ns_mask(rewards: Any, te: Any, tr: Any, gamma: Any) -> Any:
    total, discount, n = right_window(rewards, te, tr, gamma)
    return total, 1.0 if discount else 0.0, n


@wrong(checks.n_step_transition, "your discount is a multiple of gamma")
def ns_times(rewards: Any, te: Any, tr: Any, gamma: Any) -> Any:
    total, _, n = right_window(rewards, te, tr, gamma)
    return total, gamma * n * (1 - te[n - 1]), n


@wrong(checks.n_step_transition, "the first reward is discounted most")
def ns_forwards(rewards: Any, te: Any, tr: Any, gamma: Any) -> Any:
    _, discount, n = right_window(rewards, te, tr, gamma)
    total = 0.0
    for r in rewards[:n]:
        total = r + gamma * total
    return total, discount, n


@wrong(checks.n_step_transition, "and before its flag is looked at")
def ns_while(rewards: Any, te: Any, tr: Any, gamma: Any) -> Any:
    total, k = 0.0, 0
    while k < len(rewards) and not (te[k] or tr[k]):
        total += gamma**k * rewards[k]
        k += 1
    return total, gamma**k, k


@wrong(checks.n_step_transition, "as the last of its three results, the number of steps")
def ns_steps_first(rewards: Any, te: Any, tr: Any, gamma: Any) -> Any:
    total, discount, n = right_window(rewards, te, tr, gamma)
    return n, total, discount


@wrong(checks.n_step_transition, "an array makes floats of all it holds")
def ns_array(rewards: Any, te: Any, tr: Any, gamma: Any) -> Any:
    return np.array(right_window(rewards, te, tr, gamma))


@wrong(checks.n_step_transition, "runs on past the episode's end")
def ns_any_flag_ends_it(rewards: Any, te: Any, tr: Any, gamma: Any) -> Any:
    n = len(rewards)
    total = sum(gamma**i * reward for i, reward in enumerate(rewards))
    return total, gamma**n * (True not in te), n


@wrong(checks.n_step_transition, "one power of gamma too few where the window is cut short")
def ns_left_before_the_discount(rewards: Any, te: Any, tr: Any, gamma: Any) -> Any:
    total, discount, k = 0.0, 1.0, 0
    for reward, died, stopped in zip(rewards, te, tr, strict=True):
        total += discount * reward
        k += 1
        if died:
            return total, 0.0, k
        if stopped:
            break
        discount *= gamma
    return total, discount, k


@wrong(checks.n_step_transition, "it is the other way round")
def ns_discount_reversed(rewards: Any, te: Any, tr: Any, gamma: Any) -> Any:
    total, _, k = right_window(rewards, te, tr, gamma)
    return total, gamma**k * te[k - 1], k


@wrong(checks.n_step_transition, "you look for a termination first")
def ns_termination_first(rewards: Any, te: Any, tr: Any, gamma: Any) -> Any:
    flags = [bool(flag) for flag in (te if any(te) else tr)]
    k = flags.index(True) + 1 if any(flags) else len(rewards)
    total = sum(gamma**i * rewards[i] for i in range(k))
    return total, 0.0 if te[k - 1] else gamma**k, k


@wrong(checks.n_step_transition, "one too small, and your discount has one power of gamma too few")
def ns_index_for_steps(rewards: Any, te: Any, tr: Any, gamma: Any) -> Any:
    total = 0.0
    for k in range(len(rewards)):
        total += gamma**k * rewards[k]
        if te[k] or tr[k]:
            break
    return total, 0.0 if te[k] else gamma**k, k
