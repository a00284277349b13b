"""What each tabular method moves its estimate towards, and how far: one equation a function.

:func:`dqn.tabular.learn` carries them out; :mod:`dqn.losses` has the same for networks.
Chapters: `Q-learning`, `Double DQN`.
"""

from collections.abc import Callable

import numpy as np

from dqn._arguments import check_actions, check_array, check_number
from dqn.mdp import FloatArray, IntArray

__all__ = [
    "StepSize",
    "constant",
    "double_q_target",
    "expected_sarsa_target",
    "q_learning_target",
    "sarsa_target",
    "visit_count",
]

StepSize = Callable[[IntArray], FloatArray]
"""From how often each pair has been updated, this time included, to the step sizes."""


def constant(alpha: float) -> StepSize:
    """Return the step size that is ``alpha`` at every visit. Chapter: `Q-learning`.

    Raises:
        TypeError: If ``alpha`` is no number.
        ValueError: If ``alpha`` lies outside [0, 1].

    >>> constant(0.1)(np.array([1, 2, 100]))
    array([0.1, 0.1, 0.1])
    """
    check_number("alpha", alpha, low=0, high=1)
    return lambda visits: np.full(visits.shape, float(alpha))


def visit_count(omega: float = 1.0) -> StepSize:
    """Return the step size ``1 / n(s, a)^omega`` of the n-th visit. Chapter: `Q-learning`.

    The conditions of Robbins and Monro, sum alpha = inf and sum alpha^2 < inf, hold for ``omega``
    in (1/2, 1]. Watkins & Dayan (1992) also ask for alpha < 1: the first step, which is 1, only
    trades the initial value for another, and their theorem holds from the second on.

    Raises:
        TypeError: If ``omega`` is no number.
        ValueError: If ``omega`` is negative.

    >>> visit_count(0.5)(np.array([1, 4, 100]))
    array([1. , 0.5, 0.1])
    """
    check_number("omega", omega, low=0)
    return lambda visits: np.power(visits, -float(omega), dtype=np.float64)


def q_learning_target(reward_t: FloatArray, discount_t: FloatArray, q_t: FloatArray) -> FloatArray:
    """Return ``r + gamma max_a Q(s', a)``: Watkins (1989); Sutton & Barto, eq. 6.8.

    Chapter: `Q-learning`.

    Args:
        reward_t: ``[N]``.
        discount_t: ``[N]``, gamma, or 0 where the episode terminated.
        q_t: ``[N, A]``, the row of the next state.

    Raises:
        TypeError: If an argument is no array of numbers.
        ValueError: If a shape is another.

    >>> q_learning_target(np.array([1.0]), np.array([0.5]), np.array([[2.0, 4.0]]))
    array([3.])
    """
    _check_rows(q_t, reward_t=reward_t, discount_t=discount_t)
    return np.asarray(reward_t + discount_t * q_t.max(axis=1))


def sarsa_target(
    reward_t: FloatArray, discount_t: FloatArray, q_t: FloatArray, action_t: IntArray
) -> FloatArray:
    """Return ``r + gamma Q(s', a')``, with the action taken next: Sutton & Barto, eq. 6.7.

    Chapter: `Q-learning`.

    Args:
        reward_t: ``[N]``.
        discount_t: ``[N]``, gamma, or 0 where the episode terminated.
        q_t: ``[N, A]``, the row of the next state.
        action_t: ``[N]`` whole numbers.

    Raises:
        TypeError: If an argument is no array of numbers.
        ValueError: If a shape is another, or there is no such action.

    >>> sarsa_target(np.array([1.0]), np.array([0.5]), np.array([[2.0, 4.0]]), np.array([0]))
    array([2.])
    """
    _check_rows(q_t, reward_t=reward_t, discount_t=discount_t, action_t=action_t)
    check_actions(action_t, q_t.shape[1], name="action_t")
    return reward_t + discount_t * q_t[np.arange(action_t.size), action_t]


def expected_sarsa_target(
    reward_t: FloatArray, discount_t: FloatArray, q_t: FloatArray, policy_t: FloatArray
) -> FloatArray:
    """Return ``r + gamma sum_a pi(a|s') Q(s', a)``: Sutton & Barto, eq. 6.9.

    Chapter: `Q-learning`.

    Args:
        reward_t: ``[N]``.
        discount_t: ``[N]``, gamma, or 0 where the episode terminated.
        q_t: ``[N, A]``, the row of the next state; where ``policy_t`` is 0 it may be ``-inf``.
        policy_t: ``[N, A]``, the probability of each action there.

    Raises:
        TypeError: If an argument is no array of numbers.
        ValueError: If a shape is another.

    >>> policy_t = np.array([[0.25, 0.75]])
    >>> expected_sarsa_target(np.array([1.0]), np.array([0.5]), np.array([[2.0, 4.0]]), policy_t)
    array([2.75])
    """
    _check_rows(q_t, reward_t=reward_t, discount_t=discount_t)
    check_array("policy_t", policy_t)
    if policy_t.shape != q_t.shape:
        raise ValueError(f"policy_t must have shape {q_t.shape}, got {policy_t.shape}")
    weighted = np.multiply(policy_t, q_t, where=policy_t > 0, out=np.zeros(q_t.shape))
    return np.asarray(reward_t + discount_t * weighted.sum(axis=1))


def double_q_target(
    reward_t: FloatArray, discount_t: FloatArray, q_t: FloatArray, best_t: IntArray
) -> FloatArray:
    """Return ``r + gamma Q2(s', argmax_a Q1(s', a))``: van Hasselt (2010); S & B, eq. 6.10.

    Chapter: `Double DQN`.

    Args:
        reward_t: ``[N]``.
        discount_t: ``[N]``, gamma, or 0 where the episode terminated.
        q_t: ``[N, A]``, the row of the next state in the table that is *not* updated.
        best_t: ``[N]`` whole numbers, the best action there by the table that is.

    Raises:
        TypeError: If an argument is no array of numbers.
        ValueError: If a shape is another, or there is no such action.

    >>> double_q_target(np.array([1.0]), np.array([0.5]), np.array([[2.0, 4.0]]), np.array([0]))
    array([2.])
    """
    _check_rows(q_t, reward_t=reward_t, discount_t=discount_t, best_t=best_t)
    check_actions(best_t, q_t.shape[1], name="best_t")
    return reward_t + discount_t * q_t[np.arange(best_t.size), best_t]


def _check_rows(q_t: FloatArray, **columns: FloatArray | IntArray) -> None:
    """Refuse what would broadcast: a column against a row makes a table, and nobody notices."""
    check_array("q_t", q_t)
    if q_t.ndim != 2 or q_t.shape[1] == 0:
        raise ValueError(f"q_t must have shape [N, A], got {q_t.shape}")
    for name, column in columns.items():
        check_array(name, column)
        if column.shape != q_t.shape[:1]:
            raise ValueError(f"{name} must have shape {q_t.shape[:1]}, got {column.shape}")
