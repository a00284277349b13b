"""Wrong answers to the exercises of :mod:`dqn.checks.tables`."""

# ruff: noqa: ARG001 - a student need not use every argument

from typing import Any

import numpy as np

from dqn import checks
from tests.checks.wrong import wrong

# --- bellman_optimality_backup --------------------------------------------------------------------


@wrong(checks.bellman_optimality_backup, "the maximum over the states")
def wrong_axis(P: Any, R: Any, q: Any, gamma: Any) -> Any:
    v = np.max(q, axis=0)
    out = np.zeros_like(R)
    for s, a in np.ndindex(R.shape):
        out[s, a] = R[s, a] + gamma * np.sum(P[s, a]) * v[a]
    return out


@wrong(checks.bellman_optimality_backup, "averaged over the next actions")
def expectation(P: Any, R: Any, q: Any, gamma: Any) -> Any:
    return R + gamma * P.dot(q.mean(1))


@wrong(checks.bellman_optimality_backup, "gamma has no effect")
def undiscounted(P: Any, R: Any, q: Any, gamma: Any) -> Any:
    return R + P.dot(q.max(1))


@wrong(checks.bellman_optimality_backup, "changes its argument `q`")
def in_place_sweep(P: Any, R: Any, q: Any, gamma: Any) -> Any:
    for s in range(q.shape[0]):
        for a in range(q.shape[1]):
            q[s, a] = R[s, a] + gamma * np.dot(P[s, a], q.max(axis=1))
    return q


@wrong(checks.bellman_optimality_backup, "one number for each state")
def state_values(P: Any, R: Any, q: Any, gamma: Any) -> Any:
    return np.max(R + gamma * P @ q.max(axis=1), axis=1)


@wrong(checks.bellman_optimality_backup, "gamma multiplies the reward too")
def discounts_everything(P: Any, R: Any, q: Any, gamma: Any) -> Any:
    return gamma * (R + P @ np.amax(q, 1))


@wrong(checks.bellman_optimality_backup, "the largest entry of the whole table")
def global_maximum(P: Any, R: Any, q: Any, gamma: Any) -> Any:
    return R + gamma * P.sum(-1) * q.max()


@wrong(checks.bellman_optimality_backup, "P and R have changed places")
def bo_exchanged(R: Any, P: Any, q: Any, gamma: Any) -> Any:
    return R + gamma * P.dot(q.max(-1))


@wrong(checks.bellman_optimality_backup, "you used the value of the state itself")
def bo_own_row(P: Any, R: Any, q: Any, gamma: Any) -> Any:
    new = np.zeros_like(R)
    for s, a in np.ndindex(q.shape):
        new[s, a] = R[s, a] + gamma * sum(P[s, a, t] * max(q[s]) for t in range(len(q)))
    return new


@wrong(checks.bellman_optimality_backup, "two states, three actions")
def bo_first_or_last(P: Any, R: Any, q: Any, gamma: Any) -> Any:
    return R + gamma * P @ np.maximum(q[:, 0], q[:, -1])


@wrong(checks.bellman_optimality_backup, "two states, three actions")
def bo_two_actions(P: Any, R: Any, q: Any, gamma: Any) -> Any:
    return R + gamma * P @ q[:, :2].max(axis=1)


@wrong(checks.bellman_optimality_backup, "your maximum starts at zero")
def bo_from_zero(P: Any, R: Any, q: Any, gamma: Any) -> Any:
    best = np.zeros(len(q))
    for a in range(q.shape[1]):
        best = np.maximum(best, q[:, a])
    return R + gamma * P @ best


@wrong(checks.bellman_optimality_backup, "the number of the best action")
def bo_argmax(P: Any, R: Any, q: Any, gamma: Any) -> Any:
    return R + gamma * P @ np.argmax(q, axis=1)


@wrong(checks.bellman_optimality_backup, "do not fill it up")
def bo_filled_up(P: Any, R: Any, q: Any, gamma: Any) -> Any:
    total = P.sum(-1, keepdims=True)
    return R + gamma * np.divide(P, total, out=np.zeros_like(P), where=total > 0) @ q.max(1)


@wrong(checks.bellman_optimality_backup, "not once for each next state")
def bo_weighed_reward(P: Any, R: Any, q: Any, gamma: Any) -> Any:
    return (P * (R[:, :, None] + gamma * q.max(1))).sum(axis=-1)


@wrong(checks.bellman_optimality_backup, "the maximum after the average")
def bo_late_maximum(P: Any, R: Any, q: Any, gamma: Any) -> Any:
    return R + gamma * np.max(P.dot(q), axis=-1)


@wrong(checks.bellman_optimality_backup, "0.99 is written into it")
def bo_fixed_gamma(P: Any, R: Any, q: Any, gamma: Any) -> Any:
    return R + 0.99 * P.dot(q.max(1))


# --- q_learning_update ----------------------------------------------------------------------------


@wrong(checks.q_learning_update, "must not count: nothing follows")
def q_without_mask(q: Any, s: Any, a: Any, r: Any, n: Any, d: Any, alpha: Any, gamma: Any) -> Any:
    q[s, a] += alpha * (r + gamma * q[n].max() - q[s, a])


@wrong(checks.q_learning_update, "the whole row of the state changes")
def q_whole_row(q: Any, s: Any, a: Any, r: Any, n: Any, d: Any, alpha: Any, gamma: Any) -> Any:
    q[s] = (1 - alpha) * q[s] + alpha * (r + gamma * q[n].max() * (not d))


@wrong(checks.q_learning_update, "should make it move only part of the way")
def q_assigns(q: Any, s: Any, a: Any, r: Any, n: Any, d: Any, alpha: Any, gamma: Any) -> Any:
    q[s, a] = r if d else r + gamma * max(q[n])


@wrong(checks.q_learning_update, "grows without end")
def q_only_adds(q: Any, s: Any, a: Any, r: Any, n: Any, d: Any, alpha: Any, gamma: Any) -> Any:
    q[s, a] = q[s, a] + alpha * (r + (0 if d else gamma * np.max(q[n])))


@wrong(checks.q_learning_update, "moves away from its target")
def q_sign(q: Any, s: Any, a: Any, r: Any, n: Any, d: Any, alpha: Any, gamma: Any) -> Any:
    td_error = q[s, a] - (r + gamma * (1 - d) * np.max(q[n]))
    q[s, a] += alpha * td_error


@wrong(checks.q_learning_update, "returns a new table and leaves `q` as it was")
def q_copies(q: Any, s: Any, a: Any, r: Any, n: Any, d: Any, alpha: Any, gamma: Any) -> Any:
    q = q.copy()
    q[s, a] += alpha * (r + gamma * (1 - d) * np.max(q[n]) - q[s, a])
    return q


@wrong(checks.q_learning_update, "the row of the state itself")
def q_same_state(q: Any, s: Any, a: Any, r: Any, n: Any, d: Any, alpha: Any, gamma: Any) -> Any:
    q[s, a] += alpha * (r + gamma * (1 - d) * np.max(q[s]) - q[s, a])


@wrong(checks.q_learning_update, "nothing is learned")
def q_skips_the_end(q: Any, s: Any, a: Any, r: Any, n: Any, d: Any, alpha: Any, gamma: Any) -> Any:
    if d:
        return
    q[s, a] += alpha * (r + gamma * np.max(q[n]) - q[s, a])


@wrong(checks.q_learning_update, "your entry becomes the reward at once")
def qu_at_once(
    q: Any, s: Any, a: Any, r: Any, n: Any, terminated: Any, alpha: Any, gamma: Any
) -> None:
    if terminated:
        q[s, a] = r
    else:
        q[s, a] += alpha * (r + gamma * q[n].max() - q[s, a])


@wrong(checks.q_learning_update, "every next value is negative")
def ql_middle(q: Any, s: Any, a: Any, r: Any, n: Any, d: Any, alpha: Any, gamma: Any) -> Any:
    q[s, a] += alpha * (r + gamma * q[n, 1] * (not d) - q[s, a])


@wrong(checks.q_learning_update, "every next value is negative")
def ql_off_by_one(q: Any, s: Any, a: Any, r: Any, n: Any, d: Any, alpha: Any, gamma: Any) -> Any:
    q[s, a] += alpha * (r + gamma * max(q[n, b] for b in range(q.shape[1] - 1)) * (not d) - q[s, a])


@wrong(checks.q_learning_update, "to a state whose first action is the best")
def ql_skips_the_first(
    q: Any, s: Any, a: Any, r: Any, n: Any, d: Any, alpha: Any, gamma: Any
) -> Any:
    q[s, a] += alpha * (r + gamma * max(q[n, b] for b in range(1, q.shape[1])) * (not d) - q[s, a])


@wrong(checks.q_learning_update, "every next value is negative")
def ql_two_actions(q: Any, s: Any, a: Any, r: Any, n: Any, d: Any, alpha: Any, gamma: Any) -> Any:
    q[s, a] += alpha * (r + gamma * max(q[n, 0], q[n, 1]) * (not d) - q[s, a])


@wrong(checks.q_learning_update, "every next value is negative")
def ql_argmax_of_s(q: Any, s: Any, a: Any, r: Any, n: Any, d: Any, alpha: Any, gamma: Any) -> Any:
    q[s, a] += alpha * (r + gamma * q[n, q[s].argmax()] * (not d) - q[s, a])


@wrong(checks.q_learning_update, "a last step without a reward")
def ql_unpaid_ends_go_on(
    q: Any, s: Any, a: Any, r: Any, n: Any, d: Any, alpha: Any, gamma: Any
) -> Any:
    target = r if d and r > 0 else r + gamma * q[n].max()
    q[s, a] += alpha * (target - q[s, a])


@wrong(checks.q_learning_update, "your entry has already changed")
def ql_shrinks_first(q: Any, s: Any, a: Any, r: Any, n: Any, d: Any, alpha: Any, gamma: Any) -> Any:
    q[s, a] *= 1 - alpha
    q[s, a] += alpha * (r + (0 if d else gamma * q[n].max()))


@wrong(checks.q_learning_update, "`~` is no `not` here")
def ql_tilde(q: Any, s: Any, a: Any, r: Any, n: Any, d: Any, alpha: Any, gamma: Any) -> Any:
    q[s, a] += alpha * (r + gamma * q[n].max() * (-2 if d else -1) - q[s, a])  # what ~d gives


@wrong(checks.q_learning_update, "every step has its own")
def ql_pays_at_the_end(
    q: Any, s: Any, a: Any, r: Any, n: Any, d: Any, alpha: Any, gamma: Any
) -> Any:
    target = r if d else gamma * max(q[n])
    q[s, a] += alpha * (target - q[s, a])


@wrong(checks.q_learning_update, "the reward has no effect")
def ql_without_reward(
    q: Any, s: Any, a: Any, r: Any, n: Any, d: Any, alpha: Any, gamma: Any
) -> Any:
    q[s, a] += alpha * (gamma * np.max(q[n]) * (not d) - q[s, a])


@wrong(checks.q_learning_update, "alpha and gamma have changed places")
def ql_exchanged(q: Any, s: Any, a: Any, r: Any, n: Any, d: Any, alpha: Any, gamma: Any) -> Any:
    q[s, a] += gamma * (r + alpha * np.max(q[n]) * (not d) - q[s, a])


@wrong(checks.q_learning_update, "0.99 is written into it")
def ql_fixed_gamma(q: Any, s: Any, a: Any, r: Any, n: Any, d: Any, alpha: Any, gamma: Any) -> Any:
    q[s, a] += alpha * (r + 0.99 * np.max(q[n]) * (not d) - q[s, a])


@wrong(checks.q_learning_update, "your entry loses its old value")
def ql_forgets_the_old(
    q: Any, s: Any, a: Any, r: Any, n: Any, d: Any, alpha: Any, gamma: Any
) -> Any:
    q[s, a] = alpha * (r + gamma * np.max(q[n]) * (not d))


@wrong(checks.q_learning_update, "every entry of the table moves")
def ql_whole_table(q: Any, s: Any, a: Any, r: Any, n: Any, d: Any, alpha: Any, gamma: Any) -> Any:
    q += alpha * (r + gamma * np.max(q[n]) * (not d) - q)


@wrong(checks.q_learning_update, "your maximum starts at zero")
def ql_from_zero(q: Any, s: Any, a: Any, r: Any, n: Any, d: Any, alpha: Any, gamma: Any) -> Any:
    best = 0.0
    for b in range(q.shape[1]):
        best = max(best, q[n, b])
    q[s, a] += alpha * (r + gamma * best * (not d) - q[s, a])


@wrong(checks.q_learning_update, "the target looks along a column")
def ql_column(q: Any, s: Any, a: Any, r: Any, n: Any, d: Any, alpha: Any, gamma: Any) -> Any:
    q[s, a] += alpha * (r + gamma * q[:, n].max() * (not d) - q[s, a])


# --- sarsa_update ---------------------------------------------------------------------------------


@wrong(checks.sarsa_update, "that is Q-learning")
def s_max(
    q: Any, s: Any, a: Any, r: Any, n: Any, b: Any, d: Any, alpha: Any, gamma: Any
) -> Any:  # fmt: skip
    q[s, a] += alpha * (r + gamma * (1 - d) * np.max(q[n]) - q[s, a])


@wrong(checks.sarsa_update, "must not count: nothing follows")
def s_mask(
    q: Any, s: Any, a: Any, r: Any, n: Any, b: Any, d: Any, alpha: Any, gamma: Any
) -> Any:  # fmt: skip
    q[s, a] += alpha * (r + gamma * q[n, b] - q[s, a])


@wrong(checks.sarsa_update, "gamma has no effect")
def s_gamma(
    q: Any, s: Any, a: Any, r: Any, n: Any, b: Any, d: Any, alpha: Any, gamma: Any
) -> Any:  # fmt: skip
    q[s, a] += alpha * (r + (1 - d) * q[n, b] - q[s, a])


@wrong(checks.sarsa_update, "averages over the next actions")
def s_expected(
    q: Any, s: Any, a: Any, r: Any, n: Any, b: Any, d: Any, alpha: Any, gamma: Any
) -> Any:  # fmt: skip
    q[s, a] += alpha * (r + gamma * (1 - d) * np.average(q[n]) - q[s, a])


@wrong(checks.sarsa_update, "alpha = 0 should change nothing")
def s_alpha(
    q: Any, s: Any, a: Any, r: Any, n: Any, b: Any, d: Any, alpha: Any, gamma: Any
) -> Any:  # fmt: skip
    q[s, a] = alpha * q[s, a] + (1 - alpha) * (r + gamma * (1 - d) * q[n, b])


@wrong(checks.sarsa_update, "your entry has already changed")
def sarsa_shrinks_first(
    q: Any, s: Any, a: Any, r: Any, n: Any, b: Any, d: Any, alpha: Any, gamma: Any
) -> Any:  # fmt: skip
    q[s, a] *= 1 - alpha
    q[s, a] += alpha * (r + (0 if d else gamma * q[n, b]))


@wrong(checks.sarsa_update, "the old action in the next state")
def sarsa_old_action(
    q: Any, s: Any, a: Any, r: Any, n: Any, b: Any, d: Any, alpha: Any, gamma: Any
) -> Any:  # fmt: skip
    q[s, a] += alpha * (r + gamma * q[n, a] * (not d) - q[s, a])


@wrong(checks.sarsa_update, "alpha and gamma have changed places")
def sarsa_exchanged(
    q: Any, s: Any, a: Any, r: Any, n: Any, b: Any, d: Any, gamma: Any, alpha: Any
) -> Any:  # fmt: skip
    q[s, a] += alpha * (r + gamma * q[n, b] * (not d) - q[s, a])


@wrong(checks.bellman_optimality_backup, "the maximum over the states")
def bb_wrong_axis(P: Any, R: Any, q: Any, gamma: Any) -> Any:
    return R + gamma * P.dot(np.amax(q, 0))


@wrong(checks.bellman_optimality_backup, "the last axis of P is the next state")
def bb_vector_first(P: Any, R: Any, q: Any, gamma: Any) -> Any:
    return R + gamma * np.matmul(np.amax(q, 1), P)


@wrong(checks.bellman_optimality_backup, "you divide by the number of states")
def bb_mean_for_expectation(P: Any, R: Any, q: Any, gamma: Any) -> Any:
    return R + gamma * np.mean(P * np.amax(q, 1), axis=-1)


@wrong(checks.q_learning_update, "the largest value of the state that was left")
def ql_best_subtracted(
    q: Any, s: Any, a: Any, r: Any, n: Any, d: Any, alpha: Any, gamma: Any
) -> Any:
    goes_on = 0 if d else 1
    q[s, a] = q[s, a] + alpha * (r + gamma * goes_on * max(q[n]) - max(q[s]))


@wrong(checks.q_learning_update, "the number of the best next action")
def ql_argmax(q: Any, s: Any, a: Any, r: Any, n: Any, d: Any, alpha: Any, gamma: Any) -> Any:
    q[s, a] += alpha * (r + gamma * (not d) * np.argmax(q[n]) - q[s, a])


@wrong(checks.q_learning_update, "gamma multiplies the old value too")
def ql_bracket(q: Any, s: Any, a: Any, r: Any, n: Any, d: Any, alpha: Any, gamma: Any) -> Any:
    best = 0.0 if d else max(q[n])
    q[s, a] += alpha * (r + gamma * (best - q[s, a]))


@wrong(checks.q_learning_update, "changes the row of the next state, too")
def ql_next_row_cleared(
    q: Any, s: Any, a: Any, r: Any, n: Any, d: Any, alpha: Any, gamma: Any
) -> Any:
    if d:
        q[n] = 0.0
    q[s, a] += alpha * (r + gamma * max(q[n]) - q[s, a])


@wrong(checks.q_learning_update, "another entry than that of the state that was left")
def ql_indices_exchanged(
    q: Any, s: Any, a: Any, r: Any, n: Any, d: Any, alpha: Any, gamma: Any
) -> Any:
    q[a, s] += alpha * (r + gamma * (not d) * max(q[n]) - q[a, s])


@wrong(checks.sarsa_update, "another entry than that of the state that was left")
def sarsa_next_action_updated(
    q: Any, s: Any, a: Any, r: Any, n: Any, b: Any, d: Any, alpha: Any, gamma: Any
) -> Any:  # fmt: skip
    q[s, b] += alpha * (r + gamma * q[n, b] * (not d) - q[s, b])


@wrong(checks.sarsa_update, "changes the row of the next state, too")
def sarsa_next_entry_cleared(
    q: Any, s: Any, a: Any, r: Any, n: Any, b: Any, d: Any, alpha: Any, gamma: Any
) -> Any:  # fmt: skip
    if d:
        q[n, b] = 0.0
    q[s, a] += alpha * (r + gamma * q[n, b] - q[s, a])


@wrong(checks.sarsa_update, "gamma multiplies the old value too")
def sarsa_bracket(
    q: Any, s: Any, a: Any, r: Any, n: Any, b: Any, d: Any, alpha: Any, gamma: Any
) -> Any:  # fmt: skip
    following = 0.0 if d else q[n, b]
    q[s, a] += alpha * (r + gamma * (following - q[s, a]))


@wrong(checks.bellman_optimality_backup, "each overwrites the one before")
def bb_overwritten(P: Any, R: Any, q: Any, gamma: Any) -> Any:
    new = np.zeros(q.shape)
    for s, a, n in np.ndindex(P.shape):
        new[s, a] = R[s, a] + gamma * P[s, a, n] * max(q[n])
    return new


@wrong(checks.bellman_optimality_backup, "once for each state that might follow")
def bb_reward_in_the_sum(P: Any, R: Any, q: Any, gamma: Any) -> Any:
    new = np.zeros(q.shape)
    for s, a, n in np.ndindex(P.shape):
        new[s, a] += R[s, a] + gamma * P[s, a, n] * max(q[n])
    return new


@wrong(checks.q_learning_update, "gets a part of it once more")
def ql_two_forms_mixed(
    q: Any, s: Any, a: Any, r: Any, n: Any, d: Any, alpha: Any, gamma: Any
) -> Any:
    q[s, a] += (1 - alpha) * q[s, a] + alpha * (r + gamma * max(q[n]) * (not d))


@wrong(checks.q_learning_update, "your entry becomes the change itself")
def ql_assigned(q: Any, s: Any, a: Any, r: Any, n: Any, d: Any, alpha: Any, gamma: Any) -> Any:
    q[s, a] = alpha * (r + gamma * max(q[n]) * (not d) - q[s, a])


@wrong(checks.q_learning_update, "alpha multiplies the reward alone")
def ql_no_brackets(q: Any, s: Any, a: Any, r: Any, n: Any, d: Any, alpha: Any, gamma: Any) -> Any:
    q[s, a] += alpha * r + gamma * max(q[n]) * (not d) - q[s, a]


@wrong(checks.sarsa_update, "the old value is not subtracted: nothing follows")
def sarsa_end_adds_up(
    q: Any, s: Any, a: Any, r: Any, n: Any, b: Any, d: Any, alpha: Any, gamma: Any
) -> Any:  # fmt: skip
    if d:
        q[s, a] += alpha * r
    else:
        q[s, a] += alpha * (r + gamma * q[n, b] - q[s, a])
