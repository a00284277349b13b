"""What linear methods do on average: expected updates as matrices, and the deadly triad in them.

The expected update of a linear method is ``w <- w + alpha (b - A w)``. Whether it converges is a
question about ``A`` alone, and what goes into ``A`` are the three legs of the triad: the features
(approximation), the weighting of states (off-policy training) and the chain (bootstrapping). Take a
chain and its rewards from :meth:`dqn.mdp.FiniteMDP.under`. Chapter: `From tables to functions`.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dqn._arguments import check_number, check_numbers, check_whole
from dqn.mdp import FiniteMDP, FloatArray, check_mdp, spread

__all__ = [
    "LinearSystem",
    "least_squares_iteration",
    "monte_carlo_system",
    "on_policy_weighting",
    "residual_gradient_system",
    "semi_gradient_system",
]


class LinearSystem(NamedTuple):
    """The expected update ``w <- w + alpha (b - A w)`` of a linear method.

    Chapter: `From tables to functions`.

    Attributes:
        matrix: ``A``, ``[d, d]``.
        vector: ``b``, ``[d]``.

    >>> system = LinearSystem(np.array([[2.0]]), np.array([1.0]))
    >>> system.iterate(np.array([0.0]), alpha=0.25, steps=2)[:, 0]
    array([0.   , 0.25 , 0.375])
    >>> system.fixed_point(), system.growth(alpha=0.25)
    (array([0.5]), 0.5)
    """

    matrix: FloatArray
    vector: FloatArray

    def iterate(self, weights: npt.ArrayLike, alpha: float, steps: int) -> FloatArray:
        """Return the weights before and after each of these updates, ``[steps + 1, d]``.

        A diverging sequence ends in ``inf`` or ``nan``, without a warning.

        Raises:
            TypeError: If an argument is of the wrong kind.
            ValueError: If ``alpha`` is no finite number, ``steps`` are negative, or
                ``weights`` are not ``[d]`` of them.
        """
        check_number("alpha", alpha)
        check_whole("steps", steps, low=0)
        path = weight_path(weights, steps, len(self.vector))
        with np.errstate(over="ignore", invalid="ignore"):
            for k in range(steps):
                path[k + 1] = path[k] + alpha * (self.vector - self.matrix @ path[k])
        return path

    def growth(self, alpha: float) -> float:
        """Return the spectral radius of ``I - alpha A``: above 1, almost all weights diverge.

        It is 1 at least when the features are linearly dependent; along those directions the
        weights matter to no value, and stay.

        Raises:
            TypeError: If ``alpha`` is no number.
            ValueError: If ``alpha`` is no finite number.
        """
        check_number("alpha", alpha)
        return float(
            np.abs(np.linalg.eigvals(np.eye(len(self.vector)) - alpha * self.matrix)).max()
        )

    def fixed_point(self) -> FloatArray:
        """Return the smallest ``w`` with ``A w = b``, or with the least error in it; ``[d]``."""
        return np.asarray(np.linalg.lstsq(self.matrix, self.vector, rcond=None)[0])


def semi_gradient_system(
    features: npt.ArrayLike,
    chain: npt.ArrayLike,
    reward: npt.ArrayLike,
    weighting: npt.ArrayLike,
    gamma: float,
) -> LinearSystem:
    """Return the expected semi-gradient TD(0) update: ``A = X' D (I - gamma P) X``, ``b = X' D r``.

    Sutton & Barto, eqs. 9.9-9.11 and, off-policy, 11.9. With equal weights this is the sweep over
    all states of dynamic programming. Chapter: `From tables to functions`.

    Args:
        features: ``X``, ``[S, d]``.
        chain: ``P``, ``[S, S]``, the target policy's; rows may lack to 1 what terminates.
        reward: ``r``, ``[S]``.
        weighting: The diagonal of ``D``, ``[S]``: how much each state is updated.
        gamma: The discount, in [0, 1].

    Raises:
        TypeError: If an argument holds no numbers.
        ValueError: If shapes disagree or a number lies outside its range.

    >>> growth = [  # w -> 2w: only the first state is updated
    ...     semi_gradient_system([[1], [2]], [[0, 1], [0, 1]], [0, 0], [1, 0], gamma).growth(0.1)
    ...     for gamma in (0.4, 0.5, 0.6)]
    >>> np.round(growth, 6)  # 1 + alpha (2 gamma - 1)
    array([0.98, 1.  , 1.02])
    """
    x, p, r, d = check_chain(features, chain, reward, weighting, gamma)
    weighted = x.T * d
    return LinearSystem(weighted @ (x - gamma * p @ x), weighted @ r)


def residual_gradient_system(
    features: npt.ArrayLike,
    chain: npt.ArrayLike,
    reward: npt.ArrayLike,
    weighting: npt.ArrayLike,
    gamma: float,
) -> LinearSystem:
    """Return the expected residual-gradient update, true descent on the Bellman error.

    With ``Y = X - gamma P X``: ``A = Y' D Y``, which is never negative, and ``b = Y' D r``.
    Baird (1995); Sutton & Barto, sec. 11.5. Chapter: `From tables to functions`.

    Args:
        features: ``X``, ``[S, d]``.
        chain: ``P``, ``[S, S]``, the target policy's; rows may lack to 1 what terminates.
        reward: ``r``, ``[S]``.
        weighting: The diagonal of ``D``, ``[S]``.
        gamma: The discount, in [0, 1].

    Raises:
        TypeError: As in :func:`semi_gradient_system`.
        ValueError: As in :func:`semi_gradient_system`.

    >>> residual_gradient_system([[1.0], [2.0]], [[0, 1], [0, 1]], [0, 0], [1, 0], 0.9).matrix
    array([[0.64]])
    """
    x, p, r, d = check_chain(features, chain, reward, weighting, gamma)
    slope = x - gamma * p @ x
    return LinearSystem((slope.T * d) @ slope, (slope.T * d) @ r)


def monte_carlo_system(
    features: npt.ArrayLike, values: npt.ArrayLike, weighting: npt.ArrayLike
) -> LinearSystem:
    """Return the expected update towards returns, with nothing bootstrapped.

    ``A = X' D X`` and ``b = X' D v``. Sutton & Barto, sec. 9.3. Chapter: `From tables to
    functions`.

    Args:
        features: ``X``, ``[S, d]``.
        values: ``v``, ``[S]``, the expected returns; see :func:`dqn.planning.policy_evaluation`.
        weighting: The diagonal of ``D``, ``[S]``.

    Raises:
        TypeError: As in :func:`semi_gradient_system`.
        ValueError: As in :func:`semi_gradient_system`.

    >>> monte_carlo_system([[1.0], [2.0]], values=[1.0, 2.0], weighting=[0.5, 0.5]).fixed_point()
    array([1.])
    """
    check_numbers("features", features)
    states = len(np.atleast_1d(np.asarray(features)))
    x, _, _, d = check_chain(
        features, np.zeros((states, states)), np.zeros(states), weighting, gamma=0.0
    )
    check_numbers("values", values)
    v = np.asarray(values, dtype=np.float64)
    if v.shape != (states,) or not np.isfinite(v).all():
        raise ValueError(f"values must be finite and of shape {(states,)}, got {values!r}")
    return LinearSystem((x.T * d) @ x, (x.T * d) @ v)


def least_squares_iteration(
    features: npt.ArrayLike,
    chain: npt.ArrayLike,
    reward: npt.ArrayLike,
    weighting: npt.ArrayLike,
    gamma: float,
    weights: npt.ArrayLike,
    steps: int,
) -> FloatArray:
    """Fit the features to the backed-up values, again and again; ``[steps + 1, d]``.

    Each step is the best fit there is, with no step size, and the sequence may still diverge:
    Tsitsiklis & Van Roy (1996); Sutton & Barto, eq. 11.10. Chapter: `From tables to functions`.

    Args:
        features: ``X``, ``[S, d]``, of full rank where ``weighting`` is above 0.
        chain: ``P``, ``[S, S]``, the target policy's; rows may lack to 1 what terminates.
        reward: ``r``, ``[S]``.
        weighting: How much each state's error counts, ``[S]``.
        gamma: The discount, in [0, 1].
        weights: The first ones, ``[d]``.
        steps: How many fits.

    Raises:
        TypeError: As in :func:`semi_gradient_system`.
        ValueError: As in :func:`semi_gradient_system`, or if the best fit is not the only one.

    >>> epsilon = 0.25  # w_(k+1) = (6 - 4 epsilon) / 5 gamma w_k
    >>> chain = [[0, 1], [0, 1 - epsilon]]
    >>> least_squares_iteration([[1.0], [2.0]], chain, [0, 0], [1, 1], 0.9, [1.0], steps=2)[:, 0]
    array([1.  , 0.9 , 0.81])
    """
    x, p, r, d = check_chain(features, chain, reward, weighting, gamma)
    check_whole("steps", steps, low=0)
    path = weight_path(weights, steps, x.shape[1])
    if np.linalg.matrix_rank(np.sqrt(d)[:, None] * x) < x.shape[1]:
        raise ValueError(
            f"features must have full rank where weighting is above 0, got {features!r}"
        )
    fit = np.linalg.pinv(np.sqrt(d)[:, None] * x) * np.sqrt(d)
    with np.errstate(over="ignore", invalid="ignore"):
        for k in range(steps):
            path[k + 1] = fit @ (r + gamma * p @ (x @ path[k]))
    return path


def on_policy_weighting(mdp: FiniteMDP, policy: npt.ArrayLike) -> FloatArray:
    """Return the share of its time that a policy spends in each state, ``[S]``.

    Episodes follow one another without end: Sutton & Barto, sec. 9.2. With this weighting
    semi-gradient TD converges (Tsitsiklis & Van Roy 1997). Chapter: `From tables to functions`.

    Args:
        mdp: The process.
        policy: ``[S, A]``.

    Raises:
        TypeError: If an argument is of the wrong kind.
        ValueError: If the share depends on chance, as where the policy can end in either of two
            places for ever, or ``policy`` is not one.

    >>> mdp = FiniteMDP.from_arrays([[[0.0, 1.0]], [[0.0, 0.5]]], [[0.0], [0.0]], start=[1.0, 0.0])
    >>> on_policy_weighting(mdp, [[1.0], [1.0]]).round(6)
    array([0.333333, 0.666667])
    """
    check_mdp(mdp)
    chain, _ = mdp.under(policy)
    restarted = chain + np.outer(1.0 - chain.sum(axis=1), mdp.start)
    # States that are never met have no share, wherever they lead.
    met = spread(mdp.start > 0, *np.nonzero(restarted > 0))
    among = restarted[np.ix_(met, met)]
    system = np.vstack([np.eye(len(among)) - among.T, np.ones(len(among))])
    if np.linalg.matrix_rank(system) < len(among):
        raise ValueError("policy must lead to one set of states for good, whatever happens first")
    solution, *_ = np.linalg.lstsq(system, np.eye(len(among) + 1)[-1], rcond=None)
    shares = np.zeros(mdp.num_states)
    shares[met] = np.maximum(solution, 0.0)
    return shares


def weight_path(weights: npt.ArrayLike, steps: int, size: int) -> FloatArray:
    """Room for the weights before and after each step, ``[steps + 1, size]``, the first filled in.

    Raises:
        TypeError: If the first weights are no array of numbers.
        ValueError: If they are not ``size`` finite ones.
    """
    check_numbers("weights", weights)
    first = np.array(weights, dtype=np.float64)
    if first.shape != (size,) or not np.isfinite(first).all():
        raise ValueError(f"weights must be {size} finite numbers, got {weights!r}")
    path = np.empty((steps + 1, size))
    path[0] = first
    return path


def check_chain(
    features: npt.ArrayLike,
    chain: npt.ArrayLike,
    reward: npt.ArrayLike,
    weighting: npt.ArrayLike,
    gamma: float,
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    for name, given in (
        ("features", features),
        ("chain", chain),
        ("reward", reward),
        ("weighting", weighting),
    ):
        check_numbers(name, given)
    x = np.asarray(features, dtype=np.float64)
    if x.ndim != 2 or 0 in x.shape:
        raise ValueError(f"features must have shape [S, d], got {x.shape}")
    if not np.isfinite(x).all():
        raise ValueError(f"features must be finite, got {features!r}")
    p, r, d = (np.asarray(each, dtype=np.float64) for each in (chain, reward, weighting))
    for name, array, shape in (
        ("chain", p, (len(x), len(x))),
        ("reward", r, (len(x),)),
        ("weighting", d, (len(x),)),
    ):
        if array.shape != shape or not np.isfinite(array).all():
            raise ValueError(f"{name} must be finite and of shape {shape}, got {array!r}")
    if (p < 0).any() or (p.sum(axis=1) > 1 + 1e-6).any():
        raise ValueError(f"chain must hold probabilities, rows of 1 at most, got {chain!r}")
    if (d < 0).any() or not d.any():
        raise ValueError(f"weighting must be non-negative and not all zero, got {weighting!r}")
    check_number("gamma", gamma, low=0, high=1)
    return x, p, r, d
