"""Dynamic programming: the exact answers, for whoever knows the model. Chapter: `Q-learning`.

What learns without a model is in :mod:`dqn.tabular`, and judged against what is computed here.
"""

import numpy as np
import numpy.typing as npt

from dqn._arguments import check_number, check_numbers, check_whole
from dqn.mdp import FiniteMDP, FloatArray, check_mdp, spread

__all__ = [
    "epsilon_greedy_policy",
    "greedy_policy",
    "policy_evaluation",
    "policy_iteration",
    "value_iteration",
]


def epsilon_greedy_policy(q: npt.ArrayLike, epsilon: float) -> FloatArray:
    """Return the epsilon-greedy policy of a table, ``[..., A]``: best actions share their part.

    Ties are exact equality. An action worth ``-inf`` is not offered and never taken.

    Args:
        q: ``[..., A]``.
        epsilon: The probability of a uniformly random action, in [0, 1].

    Raises:
        TypeError: If an argument holds no numbers.
        ValueError: If ``epsilon`` lies elsewhere, or a row of ``q`` offers no action or holds NaN.

    >>> epsilon_greedy_policy([[1.0, 3.0, 3.0, -np.inf]], epsilon=0.3)
    array([[0.1 , 0.45, 0.45, 0. ]])
    """
    check_number("epsilon", epsilon, low=0, high=1)
    check_numbers("q", q)
    values = np.asarray(q, dtype=np.float64)
    if not (values.ndim and values.shape[-1] and (values.max(axis=-1) > -np.inf).all()):
        raise ValueError(
            f"q must have an action worth more than -inf in every row, and no NaN, got {q!r}"
        )
    return epsilon_greedy(values, np.float64(epsilon))


def epsilon_greedy(values: FloatArray, epsilon: FloatArray | np.float64) -> FloatArray:
    """:func:`epsilon_greedy_policy` without its checks, for loops that have asked them before."""
    best = values == values.max(axis=-1, keepdims=True)
    offered = values > -np.inf
    return np.asarray(
        (1.0 - epsilon) * best / best.sum(axis=-1, keepdims=True)
        + epsilon * offered / offered.sum(axis=-1, keepdims=True)
    )


def greedy_policy(q: npt.ArrayLike) -> FloatArray:
    """Return the greedy policy of a table, ``[..., A]``; best actions share the probability.

    Args:
        q: ``[..., A]``.

    Raises:
        TypeError: If ``q`` holds no numbers.
        ValueError: If a row offers no action, or holds NaN.

    >>> greedy_policy([[1.0, 2.0], [2.0, 2.0]])
    array([[0. , 1. ], [0.5, 0.5]])
    """
    return epsilon_greedy_policy(q, 0.0)


def policy_evaluation(mdp: FiniteMDP, policy: npt.ArrayLike, gamma: float) -> FloatArray:
    """Solve the Bellman equation of a policy: ``v = r + gamma P v`` (Sutton & Barto, eq. 4.4).

    Args:
        mdp: The process.
        policy: ``[S, A]``, the probability of each action.
        gamma: The discount, in [0, 1]. At 1 the policy must terminate from every state that an
            episode can be in; states that no episode visits and that never terminate get ``nan``.

    Returns:
        ``[S]``, exact but for rounding. ``mdp.start @ v`` is the expected return; where some are
        ``nan``, ``begun = mdp.start > 0`` and then ``mdp.start[begun] @ v[begun]``.

    Raises:
        TypeError: If an argument is of the wrong kind.
        ValueError: If ``gamma`` is 1 and the policy may never terminate, or ``policy`` is not one.

    >>> mdp = FiniteMDP.from_arrays(transition=[[[1.0]]], reward=[[1.0]])
    >>> policy_evaluation(mdp, [[1.0]], gamma=0.9).round(6)
    array([10.])
    >>> policy_evaluation(mdp, [[1.0]], gamma=1.0)
    Traceback (most recent call last):
        ...
    ValueError: gamma must be below 1: from state 0 this policy never terminates
    """
    check_mdp(mdp)
    check_number("gamma", gamma, low=0, high=1)
    chain, reward = mdp.under(policy)
    solvable = np.ones(mdp.num_states, dtype=np.bool_)
    if gamma == 1:
        pi = np.asarray(policy, dtype=np.float64)[:, :, None]
        source, target = np.nonzero(chain)
        ends = np.asarray(((pi * mdp.probability > 0) & mdp.terminated).any(axis=(1, 2)))
        solvable = spread(ends, target, source)
        # A state that may wander into a trap has no finite value either.
        solvable = ~spread(~solvable, target, source)
        trapped = np.flatnonzero(spread(mdp.start > 0, source, target) & ~solvable)
        if trapped.size:
            raise ValueError(
                f"gamma must be below 1: from state {trapped[0]} this policy never terminates"
            )
    values = np.full(mdp.num_states, np.nan)
    system = np.eye(int(solvable.sum())) - gamma * chain[np.ix_(solvable, solvable)]
    values[solvable] = np.linalg.solve(system, reward[solvable])
    return values


def value_iteration(
    mdp: FiniteMDP, gamma: float, tolerance: float = 1e-10, max_sweeps: int = 100_000
) -> FloatArray:
    """Apply the Bellman optimality operator until it stands still (Sutton & Barto, sec. 4.4).

    Args:
        mdp: The process.
        gamma: The discount, in [0, 1].
        tolerance: Below a discount of 1, a bound on the error of every value, by contraction, or
            what rounding allows if that is more: some 1e-15 times the largest value, over
            ``1 - gamma``. At 1, where nothing contracts, the largest change in the last sweep.
        max_sweeps: After so many sweeps the search is given up.

    Returns:
        Q*, ``[S, A]``; ``-inf`` for an action that is not offered.

    Raises:
        TypeError: If an argument is of the wrong kind.
        ValueError: If an argument lies outside its range.
        ArithmeticError: If ``max_sweeps`` did not suffice: at ``gamma = 1`` a reward may be
            collected for ever. Or if values grow beyond all numbers.

    >>> import gymnasium
    >>> mdp = FiniteMDP.from_gymnasium(gymnasium.make("CliffWalking-v1"))
    >>> value_iteration(mdp, gamma=1.0)[36]  # the start: up, right, down, left
    array([ -13., -113.,  -14.,  -14.])
    """
    check_mdp(mdp)
    check_number("gamma", gamma, low=0, high=1)
    check_number("tolerance", tolerance, low=0, open_low=True)
    check_whole("max_sweeps", max_sweeps)
    values = np.zeros(mdp.num_states)
    for _ in range(max_sweeps):
        with np.errstate(over="ignore", invalid="ignore"):
            q = mdp.backup(values, gamma)
            change = np.abs(q.max(axis=1) - values).max()
        values = q.max(axis=1)
        if not np.isfinite(change):
            raise ArithmeticError(f"the values overflow, to {values.min()} and {values.max()}")
        # |v - v*| <= gamma / (1 - gamma) * change: what the sweeps still to come can add up to.
        bound = tolerance if gamma in (0.0, 1.0) else tolerance * (1 - gamma) / gamma
        if change <= max(bound, 4 * np.finfo(float).eps * np.abs(values).max()):
            return mdp.backup(values, gamma)
    raise ArithmeticError(f"no convergence within max_sweeps = {max_sweeps}, change {change:.3g}")


def policy_iteration(mdp: FiniteMDP, gamma: float) -> FloatArray:
    """Evaluate exactly, become greedy, and repeat until nothing improves (ibid., sec. 4.3).

    It begins with the uniformly random policy, which terminates wherever any policy does.

    Args:
        mdp: The process.
        gamma: The discount, in [0, 1]; at 1, no policy on the way may fail to terminate.

    Returns:
        Q*, ``[S, A]``; ``-inf`` for an action that is not offered.

    Raises:
        TypeError: As in :func:`policy_evaluation`.
        ValueError: As in :func:`policy_evaluation`.

    >>> import gymnasium
    >>> mdp = FiniteMDP.from_gymnasium(gymnasium.make("FrozenLake-v1"))
    >>> bool(np.allclose(policy_iteration(mdp, 0.9), value_iteration(mdp, 0.9)))
    True
    """
    check_mdp(mdp)
    policy = mdp.offered / mdp.offered.sum(axis=1, keepdims=True)
    while True:
        values = policy_evaluation(mdp, policy, gamma)
        if np.isnan(values).any():
            raise ValueError("gamma must be below 1: a policy on the way may never terminate")
        q = mdp.backup(values, gamma)
        # An action gives way only to one better by more than rounding, or ties would swap for ever.
        kept = np.where(policy == 1.0, q + 1e-10 * (1.0 + np.abs(values[:, None])), q)
        improved = np.eye(mdp.num_actions)[kept.argmax(axis=1)]
        if (improved == policy).all():
            return q
        policy = improved
