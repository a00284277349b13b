"""Finite Markov decision processes as arrays.

:mod:`dqn.planning` solves them exactly; :mod:`dqn.tabular` learns from samples of them.
Chapter: `Q-learning`.
"""

import operator
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import gymnasium as gym
import numpy as np
import numpy.typing as npt

from dqn._arguments import check_array, check_number, check_numbers

__all__ = ["FiniteMDP"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class FiniteMDP:
    """A Markov decision process with ``S`` states, ``A`` actions and up to ``K`` outcomes a pair.

    Outcome ``k`` of the pair ``(s, a)`` has a probability, a next state, a reward and says whether
    the episode terminates; a value is never bootstrapped through an outcome that does. The list of
    outcomes, unlike a dense ``[S, A, S]`` tensor, keeps two rewards on the way to one state apart,
    and stays small: 3,000 numbers instead of 1,500,000 for Taxi. Pairs with fewer outcomes are
    padded with probability 0. A pair of probability 0 throughout is an action its state does not
    offer; its value is ``-inf``. Chapter: `Q-learning`.

    Args:
        probability: ``[S, A, K]``, non-negative, adding up to 1 (or to 0) over ``K``.
        next_state: ``[S, A, K]`` whole numbers in ``[0, S)``.
        reward: ``[S, A, K]``, the outcome's mean reward.
        terminated: ``[S, A, K]`` of ``bool``.
        start: ``[S]``, the distribution of an episode's first state.
        reward_std: ``[S, A]``, the standard deviation of normal noise on the reward; none if left
            out.

    Raises:
        TypeError: If an argument holds no numbers, or rows of different lengths.
        ValueError: If shapes disagree or a number is not what is described above.

    >>> coin = FiniteMDP(
    ...     probability=[[[0.5, 0.5]]], next_state=[[[0, 0]]], reward=[[[1.0, 0.0]]],
    ...     terminated=[[[False, True]]], start=[1.0])
    >>> coin.num_states, coin.num_actions
    (1, 1)
    >>> coin.expected_reward
    array([[0.5]])
    """

    probability: FloatArray
    next_state: IntArray
    reward: FloatArray
    terminated: BoolArray
    start: FloatArray
    reward_std: FloatArray = None  # type: ignore[assignment]  # zeros, once the shape is known

    def __post_init__(self) -> None:
        check_numbers("probability", self.probability)
        check_numbers("next_state", self.next_state)
        check_numbers("terminated", self.terminated)
        check_numbers("reward", self.reward)
        check_numbers("start", self.start)
        if self.reward_std is not None:
            check_numbers("reward_std", self.reward_std)
        probability = np.array(self.probability, dtype=np.float64)
        if probability.ndim != 3 or 0 in probability.shape:
            raise ValueError(f"probability must have shape [S, A, K], got {probability.shape}")
        shape = probability.shape
        next_state = np.array(self.next_state)
        if next_state.dtype.kind not in "iu":
            raise ValueError(f"next_state must hold whole numbers, got {next_state.dtype}")
        terminated = np.array(self.terminated)
        if terminated.dtype != np.bool_:
            raise ValueError(f"terminated must hold bools, got {terminated.dtype}")
        std = np.zeros(shape[:2]) if self.reward_std is None else np.array(self.reward_std, float)
        fields: dict[str, tuple[npt.NDArray[Any], tuple[int, ...]]] = {
            "probability": (probability, shape),
            "next_state": (next_state.astype(np.int64), shape),
            "reward": (np.array(self.reward, dtype=np.float64), shape),
            "terminated": (terminated, shape),
            "start": (np.array(self.start, dtype=np.float64), shape[:1]),
            "reward_std": (std, shape[:2]),
        }
        for name, (array, expected) in fields.items():
            if array.shape != expected:
                raise ValueError(f"{name} must have shape {expected}, got {array.shape}")
            if not np.isfinite(array).all():
                raise ValueError(f"{name} must be finite, got {array[~np.isfinite(array)][0]}")
        if next_state.min() < 0 or next_state.max() >= shape[0]:
            raise ValueError(f"next_state must lie in [0, {shape[0]}), got {next_state!r}")
        if (std < 0).any():
            raise ValueError(f"reward_std must not be negative, got {std.min()}")
        if (probability < 0).any():
            raise ValueError(f"probability must not be negative, got {probability.min()}")
        check_distribution("start", fields["start"][0])
        offered = np.asarray((probability > 0).any(axis=2))
        check_distribution("probability", probability[offered])
        if not offered.any(axis=1).all():
            state = int(np.flatnonzero(~offered.any(axis=1))[0])
            raise ValueError(f"probability must offer an action in every state, none in {state}")
        for name, (array, _) in fields.items():
            object.__setattr__(self, name, _read_only(array))

    @classmethod
    def from_arrays(
        cls, transition: npt.ArrayLike, reward: npt.ArrayLike, start: npt.ArrayLike | None = None
    ) -> "FiniteMDP":
        """Build the process from dense arrays; what a row lacks to 1 ends the episode.

        Less than 1e-9 is taken for rounding.

        Args:
            transition: ``[S, A, S]``, the probability of going on in each state.
            reward: ``[S, A]``, the expected reward.
            start: ``[S]``; uniform if left out.

        Raises:
            TypeError: As for the class.
            ValueError: As for the class, or if a row of ``transition`` adds up to more than 1.

        >>> mdp = FiniteMDP.from_arrays(transition=[[[0.9]]], reward=[[1.0]])
        >>> mdp.sample(np.array([0, 0]), np.array([0, 0]), uniform=np.array([0.89, 0.91]))
        (array([1., 1.]), array([0, 0]), array([False,  True]))
        """
        check_numbers("transition", transition)
        check_numbers("reward", reward)
        if start is not None:
            check_numbers("start", start)
        dense = np.array(transition, dtype=np.float64)
        if dense.ndim != 3 or dense.shape[0] != dense.shape[2] or 0 in dense.shape:
            raise ValueError(f"transition must have shape [S, A, S], got {dense.shape}")
        states, actions, _ = dense.shape
        mean = np.array(reward, dtype=np.float64)
        if mean.shape != (states, actions):
            raise ValueError(f"reward must have shape {(states, actions)}, got {mean.shape}")
        if (dense < 0).any():
            raise ValueError(f"transition must not be negative, got {dense.min()}")
        end = 1.0 - dense.sum(axis=2, keepdims=True)
        if not end.min() >= -1e-9:
            raise ValueError(f"transition must not add up to more than 1, got {1.0 - end.min()}")
        shape = (states, actions, states + 1)
        itself = np.broadcast_to(np.arange(states)[:, None, None], (states, actions, 1))
        onward = np.broadcast_to(np.arange(states), dense.shape)
        return cls(
            probability=np.concatenate([dense, np.where(end > 1e-9, end, 0.0)], axis=2),
            next_state=np.concatenate([onward, itself], axis=2),
            reward=np.broadcast_to(mean[:, :, None], shape),
            terminated=np.broadcast_to(np.arange(states + 1) == states, shape),
            start=np.full(states, 1.0 / states) if start is None else np.array(start, float),
        )

    @classmethod
    def from_gymnasium(
        cls, env: gym.Env[Any, Any], start: npt.ArrayLike | None = None
    ) -> "FiniteMDP":
        """Read the process from ``env.unwrapped.P``, as Gymnasium's toy-text environments have it.

        The model is that of the bare environment: a time limit, or whatever else a wrapper adds, is
        not part of it.

        Args:
            env: An environment whose ``P[s][a]`` lists ``(probability, next_state, reward,
                terminated)``. Actions missing from ``P[s]`` are not offered in ``s``.
            start: ``[S]``; if left out, the environment's ``initial_state_distrib``.

        Raises:
            TypeError: If ``env`` is not an environment.
            ValueError: If it has no such model, or does not follow it.

        >>> FiniteMDP.from_gymnasium(gym.make("Taxi-v4")).probability.shape
        (500, 6, 1)
        """
        if not isinstance(env, gym.Env):
            raise TypeError(f"env must be a Gymnasium environment, got {env!r}")
        bare: Any = env.unwrapped
        if not hasattr(bare, "P"):
            raise ValueError(f"env must have its transition model as env.unwrapped.P, got {env}")
        if getattr(bare, "fickle_passenger", False):
            raise ValueError("env must follow its own model; a fickle passenger is not part of P")
        spaces = (bare.observation_space, bare.action_space)
        if not all(isinstance(space, gym.spaces.Discrete) and space.start == 0 for space in spaces):
            raise ValueError(f"env must have Discrete spaces that start at 0, got {spaces}")
        if start is not None:
            check_numbers("start", start)
        if start is None and not hasattr(bare, "initial_state_distrib"):
            raise ValueError("start must be given: env has no initial_state_distrib")
        check_model(bare.P, int(bare.observation_space.n))
        pairs = {
            (s, a): outcomes
            for s in range(int(bare.observation_space.n))
            for a, outcomes in _items(bare.P[s])
        }
        for s, a in pairs:
            if not 0 <= operator.index(a) < int(bare.action_space.n):
                raise ValueError(f"env must follow its own model: P[{s}] has an action {a!r}")
        shape = (
            int(bare.observation_space.n),
            int(bare.action_space.n),
            max(map(len, pairs.values())),
        )
        probability, reward = np.zeros(shape), np.zeros(shape)
        next_state, terminated = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.bool_)
        for (s, a), outcomes in pairs.items():
            for k, outcome in enumerate(outcomes):
                probability[s, a, k], where, reward[s, a, k], ends = outcome
                next_state[s, a, k], terminated[s, a, k] = operator.index(where), bool(ends)
        return cls(
            probability=probability,
            next_state=next_state,
            reward=reward,
            terminated=terminated,
            start=np.array(bare.initial_state_distrib if start is None else start, float),
            reward_std=getattr(bare, "reward_std", None),  # type: ignore[arg-type]
        )

    @property
    def num_states(self) -> int:
        """The number of states, ``S``."""
        return len(self.probability)

    @property
    def num_actions(self) -> int:
        """The number of actions, ``A``."""
        return len(self.probability[0])

    @cached_property
    def offered(self) -> BoolArray:
        """Which actions each state offers, ``[S, A]``."""
        return _read_only(np.asarray((self.probability > 0).any(axis=2)))

    @cached_property
    def going_on(self) -> FloatArray:
        """The probability of each outcome that does not end the episode, ``[S, A, K]``."""
        return _read_only(np.where(self.terminated, 0.0, self.probability))

    @cached_property
    def cumulative(self) -> FloatArray:
        """The cumulative probability of the outcomes of each pair, ``[S, A, K]``."""
        return _read_only(cumulative(self.probability))

    @cached_property
    def start_cumulative(self) -> FloatArray:
        """The cumulative probability of the first state, ``[S]``."""
        return _read_only(cumulative(self.start))

    @cached_property
    def noisy(self) -> bool:
        """Whether any reward carries noise."""
        return bool(self.reward_std.any())

    @cached_property
    def expected_reward(self) -> FloatArray:
        """``r(s, a)``, ``[S, A]``; 0 where the action is not offered."""
        return _read_only(np.asarray((self.probability * self.reward).sum(axis=2)))

    @cached_property
    def transition(self) -> FloatArray:
        """``[S, A, S]``, the probability of going on in each state; what lacks to 1 terminates."""
        dense = np.zeros((self.num_states, self.num_actions, self.num_states))
        s, a, _ = np.indices(self.probability.shape)
        np.add.at(dense, (s, a, self.next_state), self.going_on)
        return _read_only(dense)

    @cached_property
    def reachable(self) -> BoolArray:
        """Which states an episode can be in before it ends, ``[S]``; only their values matter."""
        s, a, k = np.nonzero(self.going_on)
        return _read_only(spread(self.start > 0, s, self.next_state[s, a, k]))

    def sample(
        self,
        state: IntArray,
        action: IntArray,
        uniform: FloatArray,
        noise: FloatArray | None = None,
    ) -> tuple[FloatArray, IntArray, BoolArray]:
        """Return rewards, next states and whether each episode terminates, each ``[N]``.

        Args:
            state: ``[N]``.
            action: ``[N]``, offered ones.
            uniform: ``[N]`` numbers in [0, 1) that choose the outcomes.
            noise: ``[N]`` standard normal numbers, scaled by ``reward_std``; no noise if left out.

        Nothing is checked: every step of every learner comes through here.

        >>> mdp = FiniteMDP.from_gymnasium(gym.make("CliffWalking-v1"))
        >>> mdp.sample(np.array([36, 36]), np.array([0, 1]), uniform=np.array([0.2, 0.7]))
        (array([  -1., -100.]), array([24, 36]), array([False, False]))
        """
        pair = state * self.num_actions + action
        outcomes = self.probability.shape[2]
        index = pair * outcomes  # into flat arrays, the quickest to read from
        if outcomes > 1:
            above = uniform[:, None] >= self.cumulative.reshape(-1, outcomes).take(pair, axis=0)
            index = index + above.sum(axis=1)
        reward = self.reward.take(index)
        if noise is not None:
            reward = reward + noise * self.reward_std.take(pair)
        return reward, self.next_state.take(index), self.terminated.take(index)

    def backup(self, values: FloatArray, gamma: float) -> FloatArray:
        """Return ``r(s, a) + gamma E[v(s')]``, ``[S, A]``: Sutton & Barto, eq. 4.6.

        Args:
            values: ``[S]``.
            gamma: The discount, in [0, 1].

        Raises:
            TypeError: If ``values`` is no array of numbers.
            ValueError: If ``values`` has another shape, or ``gamma`` is outside [0, 1].
        """
        check_array("values", values)
        if np.shape(values) != (self.num_states,):
            raise ValueError(f"values must have shape {(self.num_states,)}, got {np.shape(values)}")
        check_number("gamma", gamma, low=0, high=1)
        following = (self.going_on * values[self.next_state]).sum(axis=2)
        return np.where(self.offered, self.expected_reward + gamma * following, -np.inf)

    def under(self, policy: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
        """Return the chain that a policy makes of the process: ``[S, S]`` and rewards ``[S]``.

        What a row of the matrix lacks to 1 is the probability of terminating.

        Args:
            policy: ``[S, A]``, the probability of each action.

        Raises:
            TypeError: If ``policy`` holds no numbers.
            ValueError: If ``policy`` has another shape, its rows are not distributions, or it takes
                an action that is not offered.
        """
        check_numbers("policy", policy)
        pi = np.asarray(policy, dtype=np.float64)
        if pi.shape != self.offered.shape:
            raise ValueError(f"policy must have shape {self.offered.shape}, got {pi.shape}")
        check_distribution("policy", pi)
        if (pi[~self.offered] > 0).any():
            raise ValueError("policy must take only actions that are offered")
        weight = pi[:, :, None] * self.going_on
        chain = np.zeros((self.num_states, self.num_states))
        np.add.at(chain, (np.indices(weight.shape)[0], self.next_state), weight)
        return chain, (pi * self.expected_reward).sum(axis=1)


def cumulative(probability: FloatArray) -> FloatArray:
    """Return cumulative sums over the last axis, exactly 1 from the last possible outcome on.

    ``(u >= cumulative(p)).sum()`` is then a possible outcome for every ``u`` in [0, 1), whatever
    rounding did to the sums.

    >>> cumulative(np.array([0.0, 0.25, 0.75, 0.0]))
    array([0.  , 0.25, 1.  , 1.  ])
    """
    remaining = np.flip(np.flip(probability, -1).cumsum(axis=-1), -1) - probability
    return np.where(remaining > 0, probability.cumsum(axis=-1), 1.0)


def _read_only(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    array.flags.writeable = False
    return array


def _items(actions: Any) -> list[tuple[int, Any]]:
    return list(actions.items() if isinstance(actions, Mapping) else enumerate(actions))


def check_distribution(name: str, rows: FloatArray) -> None:
    if not (rows >= 0).all() or not np.allclose(rows.sum(axis=-1), 1.0, rtol=0, atol=1e-6):
        raise ValueError(f"{name} must hold non-negative numbers that add up to 1, got {rows!r}")


def check_model(model: Any, num_states: int) -> None:
    """Refuse what is no ``P[s][a]`` of Gymnasium's kind, before it is read."""
    for s in range(num_states):
        try:
            actions = _items(model[s])
            if not actions:
                raise ValueError("no action is offered")
            for a, outcomes in actions:
                operator.index(a)
                for probability, next_state, reward, _ in outcomes:
                    operator.index(next_state)
                    float(probability), float(reward)
        except (TypeError, ValueError, LookupError) as error:
            raise ValueError(
                "env must list (probability, next_state, reward, terminated) in "
                f"env.unwrapped.P[s][a], got {type(error).__name__} in P[{s}]: {error}"
            ) from error


def check_mdp(mdp: FiniteMDP) -> None:
    if not isinstance(mdp, FiniteMDP):
        raise TypeError(f"mdp must be a FiniteMDP, got {mdp!r}")


def spread(marked: BoolArray, source: IntArray, target: IntArray) -> BoolArray:
    """Mark whatever the edges ``source -> target`` lead to from what is marked."""
    while True:
        wider = marked.copy()
        wider[target[marked[source]]] = True
        if (wider == marked).all():
            return marked
        marked = wider
