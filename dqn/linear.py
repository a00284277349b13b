"""Linear function approximation from samples: TD prediction off-policy, and Q-learning.

What these updates do on average, and when they diverge, is in :mod:`dqn.linear_systems`.
Chapter: `From tables to functions`.
"""

import math
from collections.abc import Callable
from typing import Any, Literal, NamedTuple

import gymnasium as gym
import numpy as np
import numpy.typing as npt

from dqn._arguments import (
    check_array,
    check_choice,
    check_generator,
    check_number,
    check_numbers,
    check_whole,
)
from dqn._lockstep import check_budget, epsilon_schedule
from dqn.linear_systems import check_chain, weight_path
from dqn.mdp import FiniteMDP, FloatArray, check_mdp, cumulative

__all__ = [
    "LinearResult",
    "linear_q_learning",
    "per_action",
    "q_learning_update",
    "residual_gradient_update",
    "semi_gradient_update",
    "td_prediction",
]


def semi_gradient_update(
    weights: FloatArray,
    x_tm1: FloatArray,
    reward_t: float,
    discount_t: float,
    x_t: FloatArray,
    alpha: float,
    rho: float = 1.0,
) -> FloatArray:
    """Return the weights after one semi-gradient TD(0) update: Sutton & Barto, eq. 11.2.

    ``w + alpha rho (r + gamma w'x_t - w'x_tm1) x_tm1``: the target is taken for a constant.
    Chapter: `From tables to functions`.

    Args:
        weights: ``[d]``.
        x_tm1: ``[d]``, the features of the state.
        reward_t: The reward.
        discount_t: gamma, in [0, 1], or 0 where the episode terminated.
        x_t: ``[d]``, the features of the next state.
        alpha: The step size.
        rho: The importance ratio, target over behaviour policy.

    Raises:
        TypeError: If weights or features are no arrays of numbers, or what else is given no number.
        ValueError: If a shape is another, or a number out of range.

    >>> semi_gradient_update(np.array([10.0]), np.array([1.0]), 0.0, 1.0, np.array([2.0]), 0.1)
    array([11.])
    """
    _check_vectors(weights, x_tm1=x_tm1, x_t=x_t)
    _check_scalars(reward_t, discount_t, alpha, rho)
    delta = reward_t + discount_t * weights @ x_t - weights @ x_tm1
    return np.asarray(weights + alpha * rho * delta * x_tm1)


def residual_gradient_update(
    weights: FloatArray,
    x_tm1: FloatArray,
    reward_t: float,
    discount_t: float,
    x_t: FloatArray,
    alpha: float,
    rho: float = 1.0,
) -> FloatArray:
    """Return the weights after one residual-gradient update: Sutton & Barto, sec. 11.5.

    ``w + alpha rho delta (x_tm1 - gamma x_t)``: the gradient goes through the target too. Where
    next states are random this descends the mean squared TD error, not the Bellman error, for
    which two independent next states are needed. Chapter: `From tables to functions`.

    Args:
        weights: ``[d]``.
        x_tm1: ``[d]``, the features of the state.
        reward_t: The reward.
        discount_t: gamma, in [0, 1], or 0 where the episode terminated.
        x_t: ``[d]``, the features of the next state.
        alpha: The step size.
        rho: The importance ratio, target over behaviour policy.

    Raises:
        TypeError: If weights or features are no arrays of numbers, or what else is given no number.
        ValueError: If a shape is another, or a number out of range.

    >>> residual_gradient_update(np.array([10.0]), np.array([1.0]), 0.0, 1.0, np.array([2.0]), 0.1)
    array([9.])
    """
    _check_vectors(weights, x_tm1=x_tm1, x_t=x_t)
    _check_scalars(reward_t, discount_t, alpha, rho)
    delta = reward_t + discount_t * weights @ x_t - weights @ x_tm1
    return np.asarray(weights + alpha * rho * delta * (x_tm1 - discount_t * x_t))


UPDATES = {"semi_gradient": semi_gradient_update, "residual_gradient": residual_gradient_update}


def td_prediction(
    mdp: FiniteMDP,
    features: npt.ArrayLike,
    method: Literal["semi_gradient", "residual_gradient"] = "semi_gradient",
    *,
    target: npt.ArrayLike,
    behaviour: npt.ArrayLike,
    gamma: float,
    alpha: float,
    steps: int,
    weights: npt.ArrayLike,
    rng: np.random.Generator,
) -> FloatArray:
    """Estimate a policy's values from the experience of another; ``[steps + 1, d]``.

    Each step is weighted by the importance ratio of its action (Sutton & Barto, eq. 11.1).
    Chapter: `From tables to functions`.

    Args:
        mdp: The process; a new episode begins where one terminates.
        features: ``[S, d]``.
        method: Which of the two updates.
        target: ``[S, A]``, the policy that is evaluated.
        behaviour: ``[S, A]``, the policy that is followed; it must take whatever ``target`` does.
        gamma: The discount, in [0, 1].
        alpha: The step size.
        steps: How many updates.
        weights: The first ones, ``[d]``.
        rng: Where all randomness comes from.

    Raises:
        TypeError: If an argument is of the wrong kind.
        ValueError: If shapes disagree, a number lies outside its range, or ``behaviour`` never
            takes an action that ``target`` does.

    >>> mdp = FiniteMDP.from_arrays(transition=[[[0.5]]], reward=[[1.0]])
    >>> path = td_prediction(mdp, [[1.0]], target=[[1.0]], behaviour=[[1.0]], gamma=1.0, alpha=0.01,
    ...     steps=2000, weights=[0.0], rng=np.random.default_rng(0))
    >>> bool(abs(path[-1000:].mean() - 2.0) < 0.2)
    True
    """
    check_mdp(mdp)
    check_choice("method", method, tuple(UPDATES))
    check_generator("rng", rng)
    check_number("alpha", alpha, low=0)
    check_whole("steps", steps, low=0)
    x, _, _, _ = check_chain(
        features, *_under(mdp, "target", target), np.ones(mdp.num_states), gamma
    )
    if len(x) != mdp.num_states:
        raise ValueError(f"features must have {mdp.num_states} rows, got shape {x.shape}")
    _under(mdp, "behaviour", behaviour)  # for its checks
    pi, mu = np.asarray(target, dtype=np.float64), np.asarray(behaviour, dtype=np.float64)
    if ((pi > 0) & (mu == 0)).any():
        raise ValueError(f"behaviour must take every action that target takes, got {behaviour!r}")
    ratio = np.divide(pi, mu, where=mu > 0, out=np.zeros_like(pi))
    update, choice = UPDATES[method], cumulative(mu)
    path = weight_path(weights, steps, x.shape[1])
    state = int((rng.random() >= mdp.start_cumulative).sum())
    # Drawn at once, and compared with cumulative sums: much faster than a choice at a time.
    uniform, noise = rng.random((steps, 3)), rng.standard_normal(steps)
    with np.errstate(over="ignore", invalid="ignore"):
        for k, (which_action, which_outcome, which_start) in enumerate(uniform):
            action = int((which_action >= choice[state]).sum())
            pair = state, action
            outcome = *pair, int((which_outcome >= mdp.cumulative[pair]).sum())
            reward = float(mdp.reward[outcome] + noise[k] * mdp.reward_std[pair])
            ends, next_state = mdp.terminated[outcome], int(mdp.next_state[outcome])
            discount = 0.0 if ends else gamma
            path[k + 1] = update(
                path[k], x[state], reward, discount, x[next_state], alpha, float(ratio[pair])
            )
            state = int((which_start >= mdp.start_cumulative).sum()) if ends else next_state
    return path


def _under(mdp: FiniteMDP, name: str, policy: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Say which of two policies is none."""
    try:
        return mdp.under(policy)
    except (TypeError, ValueError) as error:
        raise type(error)(f"{name} must be a policy: {error}") from None


def per_action(x: npt.ArrayLike, num_actions: int) -> FloatArray:
    """Give each action weights of its own for features of the state, ``[..., A, A * d]``.

    Args:
        x: ``[..., d]``.
        num_actions: ``A``.

    Raises:
        TypeError: If ``x`` holds no numbers, or ``num_actions`` is none.
        ValueError: If ``x`` is a single number, or ``num_actions`` is below 1.

    >>> per_action([3.0, 4.0], num_actions=2)
    array([[3., 4., 0., 0.], [0., 0., 3., 4.]])
    """
    check_whole("num_actions", num_actions)
    check_numbers("x", x)
    state = np.asarray(x, dtype=np.float64)
    if state.ndim == 0:
        raise ValueError(f"x must have shape [..., d], got {x!r}")
    blocks = np.eye(num_actions)[:, :, None] * state[..., None, None, :]
    return blocks.reshape(*state.shape[:-1], num_actions, num_actions * state.shape[-1])


def q_learning_update(
    weights: FloatArray,
    phi_tm1: FloatArray,
    reward_t: float,
    discount_t: float,
    phi_t: FloatArray,
    alpha: float,
) -> FloatArray:
    """Return the weights after one semi-gradient Q-learning update: Sutton & Barto, sec. 11.1.

    ``w + alpha (r + gamma max_a w'phi_t[a] - w'phi_tm1) phi_tm1``. Chapter: `From tables to
    functions`.

    Args:
        weights: ``[d]``.
        phi_tm1: ``[d]``, the features of the state and the action taken there.
        reward_t: The reward.
        discount_t: gamma, in [0, 1], or 0 where the episode terminated.
        phi_t: ``[A, d]``, the features of the next state with each action.
        alpha: The step size.

    Raises:
        TypeError: If weights or features are no arrays of numbers, or what else is given no number.
        ValueError: If a shape is another, or a number out of range.

    >>> phi_t = np.array([[1.0, 0.0], [0.0, 1.0]])
    >>> q_learning_update(np.array([1.0, 3.0]), phi_t[0], 1.0, 0.5, phi_t, alpha=0.1)
    array([1.15, 3.  ])
    """
    _check_vectors(weights, phi_tm1=phi_tm1)
    _check_vectors(weights, phi_t=phi_t, rows=True)
    _check_scalars(reward_t, discount_t, alpha)
    delta = reward_t + discount_t * (phi_t @ weights).max() - phi_tm1 @ weights
    return np.asarray(weights + alpha * delta * phi_tm1)


class LinearResult(NamedTuple):
    """What :func:`linear_q_learning` returns.

    Attributes:
        weights: ``[d]``.
        returns: ``[E]``, the undiscounted return of each finished episode.
    """

    weights: FloatArray
    returns: FloatArray


@np.errstate(over="ignore", invalid="ignore")  # a divergence is said in words
def linear_q_learning(
    env: gym.Env[Any, Any],
    features: Callable[[Any], FloatArray] | npt.ArrayLike,
    *,
    gamma: float,
    alpha: float,
    rng: np.random.Generator,
    episodes: int | None = None,
    steps: int | None = None,
    epsilon: float | Callable[[int], float] = 0.1,
    weights: npt.ArrayLike | None = None,
) -> LinearResult:
    """Learn by semi-gradient Q-learning on features of observation and action.

    Truncation ends an episode but not the bootstrapping; ties are broken at random. Chapter: `From
    tables to functions`.

    Args:
        env: An environment with ``Discrete`` actions. Its first reset is seeded.
        features: From an observation to ``[A, d]``; or, where observations are ``Discrete``, an
            array ``[S, A, d]``. See :func:`per_action`.
        gamma: The discount, in [0, 1].
        alpha: The step size as it is used; nothing is divided. It should stay below 1 over the
            squared length of a feature vector.
        rng: Where all randomness comes from.
        episodes: How many episodes at most.
        steps: How many steps, with one update each, at most. At least one of the two must be given.
        epsilon: The probability of a random action, or a function of the episode's number, from 0,
            as in :func:`dqn.tabular.learn`.
        weights: The first ones, ``[d]``; zeros if left out.

    Raises:
        TypeError: If ``env`` has no ``Discrete`` actions, ``features`` is an array where
            observations are not ``Discrete``, or ``rng`` is no generator.
        ValueError: If an argument lies outside its range, shapes disagree, or a reward or feature
            is not finite.
        ArithmeticError: If the weights diverge beyond all numbers.

    >>> env = gym.make("FrozenLake-v1", is_slippery=False)
    >>> table = np.eye(64).reshape(16, 4, 64)
    >>> result = linear_q_learning(env, table, gamma=0.9, alpha=0.5, episodes=300, epsilon=0.5,
    ...     rng=np.random.default_rng(0))
    >>> (table @ result.weights).max(axis=1)[14].round(3)  # one step from the goal
    np.float64(1.0)
    """
    if not isinstance(env, gym.Env) or not isinstance(env.action_space, gym.spaces.Discrete):
        raise TypeError(f"env must be an environment with Discrete actions, got {env!r}")
    check_number("gamma", gamma, low=0, high=1)
    check_number("alpha", alpha, low=0)
    last_episode, last_step = check_budget(episodes, steps)
    epsilon_of = epsilon_schedule(epsilon)
    check_generator("rng", rng)
    actions, first = int(env.action_space.n), int(env.action_space.start)
    returns: list[float] = []
    step = 0
    if weights is not None:
        check_numbers("weights", weights)
    w: FloatArray | None = None if weights is None else np.array(weights, dtype=np.float64)
    if w is not None and not (w.ndim == 1 and np.isfinite(w).all()):
        raise ValueError(f"weights must be [d] finite numbers, got {weights!r}")
    row_of = features if callable(features) else _rows(features, env.observation_space, actions)
    if not callable(features) and w is not None and w.shape != np.shape(features)[2:]:
        raise ValueError(f"weights must be {np.shape(features)[2]} numbers, got {weights!r}")

    def phi_of(obs: Any) -> FloatArray:
        given = row_of(obs)
        check_numbers("features", given)
        phi = np.array(given, dtype=np.float64)  # a copy: the function may reuse its array
        size = phi.shape[-1:] if w is None else w.shape
        if phi.shape != (actions, *size):
            raise ValueError(f"features must give {(actions, *(size or 'd'))}, got {phi.shape}")
        if not np.isfinite(phi).all():
            raise ValueError(f"features must be finite, got {phi!r}")
        return phi

    while len(returns) < last_episode and step < last_step:
        episode, total, ended = len(returns), 0.0, False
        obs, _ = env.reset(seed=int(rng.integers(2**31)) if episode == 0 else None)
        phi = phi_of(obs)
        w = np.zeros(phi.shape[-1]) if w is None else w
        while not ended and step < last_step:
            step += 1
            q = phi @ w
            explore = rng.random() < epsilon_of(episode)
            candidates = np.arange(actions) if explore else np.flatnonzero(q == q.max())
            action = candidates[rng.integers(candidates.size)]
            obs, reward, terminated, truncated, _ = env.step(int(action) + first)
            if not math.isfinite(reward):
                raise ValueError(f"reward must be finite, got {reward!r}")
            phi_t = phi_of(obs)
            discount = 0.0 if terminated else gamma
            w = q_learning_update(w, phi[action], float(reward), discount, phi_t, alpha)
            if not np.isfinite(w).all():
                raise ArithmeticError(f"the weights diverged in episode {episode}")
            total += float(reward)
            phi, ended = phi_t, terminated or truncated
        if ended:
            returns.append(total)
    assert w is not None
    return LinearResult(w, np.array(returns))


def _rows(
    features: npt.ArrayLike, observations: gym.Space[Any], num_actions: int
) -> Callable[[Any], FloatArray]:
    """Look up the features of a ``Discrete`` observation, whatever number the space begins with."""
    if not isinstance(observations, gym.spaces.Discrete):
        raise TypeError(
            f"features must be a function unless observations are Discrete, got {observations}"
        )
    check_numbers("features", features)
    table, first = np.asarray(features, dtype=np.float64), int(observations.start)
    if table.ndim != 3 or table.shape[:2] != (observations.n, num_actions):
        raise ValueError(
            f"features must have shape {(int(observations.n), num_actions, 'd')}, got {table.shape}"
        )
    return lambda obs: np.asarray(table[int(obs) - first])


def _check_vectors(weights: FloatArray, *, rows: bool = False, **features: FloatArray) -> None:
    """Refuse what would broadcast: features in a column would make a table of the weights."""
    for name, array in {"weights": weights, **features}.items():
        check_array(name, array)
    if weights.ndim != 1:
        raise ValueError(f"weights must have shape [d], got {weights.shape}")
    for name, array in features.items():
        if array.shape[-1:] != weights.shape or array.ndim != 1 + rows or not len(array):
            wanted = f"[{'A, ' if rows else ''}{weights.size}]"
            raise ValueError(f"{name} must have shape {wanted}, got {array.shape}")


def _check_scalars(reward_t: float, discount_t: float, alpha: float, rho: float = 1.0) -> None:
    """Refuse what would broadcast here, too: two rewards would each move one of two weights."""
    check_number("reward_t", reward_t)
    check_number("discount_t", discount_t, low=0, high=1)
    check_number("alpha", alpha, low=0)
    check_number("rho", rho, low=0)
