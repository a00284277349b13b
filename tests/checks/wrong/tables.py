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
