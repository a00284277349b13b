"""The small environments on which the literature makes its points, registered with Gymnasium.

======================== ====================================================== =======
name                     what it is for                                         chapter
======================== ====================================================== =======
dqn/BlindCliffwalk-v0    one success among ``2^n`` action sequences             9
dqn/MaximizationBias-v0  a loss that looks like a gain to a maximum             8
dqn/BairdStar-v0         off-policy semi-gradient TD diverges                   3
dqn/TwoStates-v0         one weight, two states: the deadly triad at its least  3
dqn/Loop-v0              one state, left by a time limit alone                  7
======================== ====================================================== =======

They are registered when this module is imported. Each is a :class:`FiniteEnv`: its model is
``env.unwrapped.mdp``, and also ``env.unwrapped.P`` as in Gymnasium's own toy-text environments. No
state stands for the end: the observation that comes with ``terminated`` is the state just left, so
that whoever bootstraps from it sees the harm.
"""

from typing import Any

import gymnasium as gym
import numpy as np

from dqn._arguments import check_choice, check_generator, check_number, check_whole
from dqn.mdp import FiniteMDP, FloatArray, check_mdp
from dqn.replay import Transitions

__all__ = [
    "FiniteEnv",
    "baird_features",
    "baird_policies",
    "baird_star",
    "baird_weights",
    "blind_cliffwalk",
    "blind_cliffwalk_features",
    "blind_cliffwalk_transitions",
    "blind_cliffwalk_values",
    "loop",
    "maximization_bias",
    "two_states",
]


class FiniteEnv(gym.Env[Any, Any]):
    """A Gymnasium environment that samples a :class:`~dqn.mdp.FiniteMDP`.

    A state may offer fewer actions than the action space has; ``info["action_mask"]`` says which,
    and an action beyond the last one offered counts as that one.

    Args:
        mdp: The model.

    Raises:
        TypeError: If ``mdp`` is no such process.

    Attributes:
        mdp: The model.
        P: The same as ``P[state][action] = [(probability, next_state, reward, terminated), ...]``.
        initial_state_distrib: ``[S]``.
        reward_std: ``[S, A]``.

    >>> env = loop(reward=2.0)
    >>> env.reset(seed=0)[0], env.step(0)[:4]
    (0, (0, 2.0, False, False))
    >>> env.P
    {0: {0: [(1.0, 0, 2.0, False)]}}
    """

    def __init__(self, mdp: FiniteMDP) -> None:
        check_mdp(mdp)
        self.mdp = mdp
        self.observation_space = gym.spaces.Discrete(mdp.num_states)
        self.action_space = gym.spaces.Discrete(mdp.num_actions)
        self.initial_state_distrib, self.reward_std = mdp.start, mdp.reward_std
        self.P = {
            s: {int(a): _outcomes(mdp, s, int(a)) for a in np.flatnonzero(mdp.offered[s])}
            for s in range(mdp.num_states)
        }
        self._state: int | None = None

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[int, dict[str, Any]]:
        """Draw a first state; see :meth:`gymnasium.Env.reset`."""
        super().reset(seed=seed, options=options)
        state = int(np.searchsorted(self.mdp.start_cumulative, self.np_random.random(), "right"))
        self._state = state
        return state, self._info(state)

    def step(self, action: int) -> tuple[int, float, bool, bool, dict[str, Any]]:
        """Draw an outcome; see :meth:`gymnasium.Env.step`.

        Raises:
            ValueError: If the action is not in the action space, or lies between those offered.
            gymnasium.error.ResetNeeded: If no episode is under way.
        """
        if not self.action_space.contains(action):
            raise ValueError(f"action must be in {self.action_space}, got {action!r}")
        if self._state is None:
            raise gym.error.ResetNeeded("reset() must be called before step(): no episode is on")
        s, a = self._state, min(int(action), max(self.P[self._state]))
        if a not in self.P[s]:
            raise ValueError(f"action must be one that state {s} offers, {[*self.P[s]]}, got {a}")
        k = int(np.searchsorted(self.mdp.cumulative[s, a], self.np_random.random(), "right"))
        reward, terminated = float(self.mdp.reward[s, a, k]), bool(self.mdp.terminated[s, a, k])
        if self.reward_std[s, a] > 0:
            reward += float(self.reward_std[s, a] * self.np_random.standard_normal())
        state = int(self.mdp.next_state[s, a, k])
        self._state = None if terminated else state
        return state, reward, terminated, False, self._info(state)

    def _info(self, state: int) -> dict[str, Any]:
        return {"action_mask": self.mdp.offered[state].astype(np.int8)}


def _outcomes(mdp: FiniteMDP, s: int, a: int) -> list[tuple[float, int, float, bool]]:
    columns = (mdp.probability, mdp.next_state, mdp.reward, mdp.terminated)
    rows = zip(*(column[s, a].tolist() for column in columns), strict=True)
    return [row for row in rows if row[0] > 0]


def _deterministic(
    next_state: list[list[int]],
    reward: list[list[float]],
    terminated: list[list[bool]],
    **fields: Any,
) -> FiniteMDP:
    return FiniteMDP(
        probability=np.ones((len(reward), len(reward[0]), 1)),
        next_state=np.array(next_state)[:, :, None],
        reward=np.array(reward)[:, :, None],
        terminated=np.array(terminated)[:, :, None],
        **fields,
    )


def blind_cliffwalk(n: int = 8) -> FiniteEnv:
    """Make the chain on which one wrong step ends all: Schaul et al. (2016), sec. 3.1.

    In state ``i`` the right action is ``i % 2``: it leads on, and from the last state to a reward
    of 1 and the end. The other action ends the episode with nothing. As the right action alternates
    nothing can be learned about an action as such. The paper discounts by ``1 - 1/n``. Chapter:
    `Prioritized replay I: why`.

    Args:
        n: The number of states.

    Raises:
        TypeError: If an argument is of the wrong kind.
        ValueError: If an argument lies outside its range.

    >>> env = blind_cliffwalk(2)
    >>> env.P[0], env.P[1]
    ({0: [(1.0, 1, 0.0, False)], 1: [(1.0, 0, 0.0, True)]},
     {0: [(1.0, 1, 0.0, True)], 1: [(1.0, 1, 1.0, True)]})
    """
    check_whole("n", n)
    last = n - 1
    right = [[a == i % 2 for a in range(2)] for i in range(n)]
    return FiniteEnv(
        _deterministic(
            next_state=[[min(i + 1, last) if yes else i for yes in right[i]] for i in range(n)],
            reward=[[float(yes and i == last) for yes in right[i]] for i in range(n)],
            terminated=[[not yes or i == last for yes in right[i]] for i in range(n)],
            start=np.eye(n)[0],
        )
    )


def blind_cliffwalk_values(n: int, gamma: float | None = None) -> FloatArray:
    """Return Q* of the Blind Cliffwalk, ``[n, 2]``: ``gamma^(n - 1 - i)`` for right, 0 for wrong.

    Args:
        n: The number of states.
        gamma: The discount; ``1 - 1/n`` if left out.

    Raises:
        TypeError: If an argument is of the wrong kind.
        ValueError: If an argument lies outside its range.

    >>> blind_cliffwalk_values(3, gamma=0.5)
    array([[0.25, 0.  ], [0.  , 0.5 ], [1.  , 0.  ]])
    """
    check_whole("n", n)
    discount = 1 - 1 / n if gamma is None else check_number("gamma", gamma, low=0, high=1)
    states = np.arange(n)
    q = np.zeros((n, 2))
    q[states, states % 2] = discount ** (n - 1.0 - states)
    return q


def blind_cliffwalk_transitions(
    n: int, rng: np.random.Generator | None = None, gamma: float | None = None
) -> Transitions:
    """Return the memory of all ``2^n`` action sequences, ``2^(n + 1) - 2`` transitions.

    Each sequence is carried out until its episode ends; one succeeds. State ``i`` is met
    ``2^(n - i)`` times, half of them followed by the right action. Schaul et al. (2016), sec. 3.1
    and app. B.1. Chapter: `Prioritized replay I: why`.

    Args:
        n: The number of states, up to 20.
        rng: Shuffles the episodes, as the paper does; they are in the order of their actions, read
            as a binary number, if left out.
        gamma: The discount; ``1 - 1/n`` if left out.

    Returns:
        The transitions, episode after episode, with states and actions as whole numbers.

    Raises:
        TypeError: If an argument is of the wrong kind.
        ValueError: If an argument lies outside its range.

    >>> memory = blind_cliffwalk_transitions(2)
    >>> memory.obs_tm1, memory.action_tm1, memory.reward_t, memory.discount_t
    (array([0, 1, 0, 1, 0, 0]), array([0, 0, 0, 1, 1, 1]), array([0., 0., 0., 1., 0., 0.]),
     array([0.5, 0. , 0.5, 0. , 0. , 0. ]))
    """
    if rng is not None:
        check_generator("rng", rng)
    if check_whole("n", n) > 20:
        raise ValueError(f"n must be at most 20 (two million transitions), got {n}")
    discount = 1 - 1 / n if gamma is None else check_number("gamma", gamma, low=0, high=1)
    states = np.arange(n)
    sequences = np.arange(2**n) if rng is None else rng.permutation(2**n)
    actions = sequences[:, None] >> (n - 1 - states) & 1  # [2^n, n]
    right = actions == states % 2
    arrived = np.ones_like(right)  # whether the sequence comes to state i at all
    arrived[:, 1:] = np.logical_and.accumulate(right, axis=1)[:, :-1]
    sequence, state = np.nonzero(arrived)
    is_right = right[sequence, state]
    goes_on = is_right & (state < n - 1)
    return Transitions(
        obs_tm1=state,
        action_tm1=actions[sequence, state],
        reward_t=(is_right & ~goes_on).astype(np.float64),
        discount_t=np.where(goes_on, discount, 0.0),
        obs_t=state + goes_on,
    )


def blind_cliffwalk_features(n: int, bias: str = "action") -> FloatArray:
    """Return features of every pair of the Blind Cliffwalk, ``[n, 2, d]``.

    The paper has "one-hot state plus a constant bias feature", which must be made a feature of the
    pair; it does not say how. Here each action has weights of its own for all of it, as the outputs
    of a linear network do, unless ``bias`` says otherwise.

    Args:
        n: The number of states.
        bias: ``"action"``: a bias for each action, ``d = 2n + 2``; ``"shared"``: one bias for both,
            ``d = 2n + 1``; ``"none"``: a table, ``d = 2n``.

    Raises:
        TypeError: If an argument is of the wrong kind.
        ValueError: If an argument lies outside its range.

    >>> blind_cliffwalk_features(2)[1]  # of state 1: its own, then the bias, for each action
    array([[0., 1., 1., 0., 0., 0.], [0., 0., 0., 0., 1., 1.]])
    """
    check_whole("n", n)
    check_choice("bias", bias, ("action", "shared", "none"))
    state = np.ones((n, n + 1)) if bias == "action" else np.eye(n)
    state[:, :n] = np.eye(n)
    d = state.shape[1]
    features = np.zeros((n, 2, 2 * d))
    features[:, 0, :d] = features[:, 1, d:] = state
    if bias == "shared":
        features = np.concatenate([features, np.ones((n, 2, 1))], axis=2)
    return features


def maximization_bias(num_actions: int = 10, mean: float = -0.1, std: float = 1.0) -> FiniteEnv:
    """Make Sutton & Barto's Example 6.7 (Fig. 6.5), where going left looks better than it is.

    From A (state 0), right (action 1) ends the episode, left (action 0) leads to B (state 1); both
    pay nothing. From B every action ends it, with a normal reward of mean -0.1 and variance 1. The
    book calls B's actions many, without a number. A offers two actions only. Chapter: `Double DQN`.

    Args:
        num_actions: Actions in B, at least 2.
        mean: Mean reward from B.
        std: Standard deviation of it.

    Raises:
        TypeError: If an argument is of the wrong kind.
        ValueError: If an argument lies outside its range.

    >>> maximization_bias(3).P[0]
    {0: [(1.0, 1, 0.0, False)], 1: [(1.0, 0, 0.0, True)]}
    """
    check_whole("num_actions", num_actions, low=2)
    check_number("mean", mean)
    check_number("std", std, low=0)
    shape = (2, num_actions)
    probability, next_state, reward = (
        np.ones(shape),
        np.ones(shape, dtype=np.int64),
        np.zeros(shape),
    )
    terminated, noise = np.ones(shape, dtype=np.bool_), np.zeros(shape)
    probability[0, 2:] = 0.0
    next_state[0, 1:] = 0
    terminated[0, 0] = False
    reward[1], noise[1] = mean, std
    return FiniteEnv(
        FiniteMDP(
            probability=probability[:, :, None],
            next_state=next_state[:, :, None],
            reward=reward[:, :, None],
            terminated=terminated[:, :, None],
            start=np.array([1.0, 0.0]),
            reward_std=noise,
        )
    )


def baird_star() -> FiniteEnv:
    """Make Baird's counterexample (1995) as in Sutton & Barto, sec. 11.2.

    Of seven states the last is the centre. Dashed (action 0) leads to one of the six others at
    random, solid (action 1) to the centre. Nothing is ever paid, and no episode ends. The first
    state is uniform, as all later ones are under the behaviour policy. Chapter: `From tables to
    functions`.

    >>> len(baird_star().P[0][0]), baird_star().P[0][1]
    (6, [(1.0, 6, 0.0, False)])
    """
    transition = np.zeros((7, 2, 7))
    transition[:, 0, :6] = 1 / 6
    transition[:, 1, 6] = 1.0
    return FiniteEnv(FiniteMDP.from_arrays(transition, np.zeros((7, 2))))


def baird_features() -> FloatArray:
    """Return the features of Baird's star, ``[7, 8]``: ``2 w_i + w_8``, and ``w_7 + 2 w_8``.

    >>> baird_features()[[0, 6]]
    array([[2., 0., 0., 0., 0., 0., 0., 1.], [0., 0., 0., 0., 0., 0., 1., 2.]])
    """
    features = np.zeros((7, 8))
    features[:, :7] = np.diag([2.0] * 6 + [1.0])
    features[:, 7] = [1.0] * 6 + [2.0]
    return features


def baird_weights() -> FloatArray:
    """Return the initial weights of Sutton & Barto's Fig. 11.2, ``[8]``.

    >>> baird_weights()
    array([ 1.,  1.,  1.,  1.,  1.,  1., 10.,  1.])
    """
    return np.array([1.0] * 6 + [10.0, 1.0])


def baird_policies() -> tuple[FloatArray, FloatArray]:
    """Return the behaviour policy, dashed 6/7 of the time, and the target, always solid.

    Each is ``[7, 2]``.

    >>> behaviour, target = baird_policies()
    >>> (target / behaviour)[0].round(6)  # the importance ratios of sec. 11.2
    array([0., 7.])
    """
    return np.tile([6 / 7, 1 / 7], (7, 1)), np.tile([0.0, 1.0], (7, 1))


def two_states(epsilon: float = 0.0) -> FiniteEnv:
    """Make the two states whose values are estimated as ``w`` and ``2w``.

    The first leads to the second. That one stays where it is but for a probability ``epsilon`` of
    the end (Tsitsiklis & Van Roy 1996; Sutton & Barto, Example 11.1); without it, this is the
    fragment with which sec. 11.2 begins. Nothing is ever paid. Chapter: `From tables to functions`.

    Args:
        epsilon: The probability of terminating from the second state, in [0, 1].

    Raises:
        TypeError: If an argument is of the wrong kind.
        ValueError: If an argument lies outside its range.

    >>> two_states(0.25).P
    {0: {0: [(1.0, 1, 0.0, False)]}, 1: {0: [(0.75, 1, 0.0, False), (0.25, 1, 0.0, True)]}}
    """
    check_number("epsilon", epsilon, low=0, high=1)
    transition = [[[0.0, 1.0]], [[0.0, 1.0 - epsilon]]]
    return FiniteEnv(FiniteMDP.from_arrays(transition, np.zeros((2, 1)), start=[1.0, 0.0]))


def loop(reward: float = 1.0) -> FiniteEnv:
    """Make one state that leads to itself for ever, with the same reward every time.

    ``gymnasium.make("dqn/Loop-v0", max_episode_steps=T)`` limits it. Its value is
    ``reward / (1 - gamma)``. An episode of ``T`` steps returns ``1 - gamma^T`` times
    that, and who takes the limit for an end, without seeing the time, settles at
    ``reward / (1 - gamma (1 - 1/T))``. Pardo et al. (2018). Chapter: `How episodes end`.

    Args:
        reward: The reward of every step.

    Raises:
        TypeError: If ``reward`` is no number.
        ValueError: If it is not finite.

    >>> from dqn.planning import value_iteration
    >>> value_iteration(loop().mdp, gamma=0.9).round(6)
    array([[10.]])
    """
    check_number("reward", reward)
    return FiniteEnv(FiniteMDP.from_arrays([[[1.0]]], [[reward]]))


gym.register("dqn/BlindCliffwalk-v0", entry_point="dqn.envs:blind_cliffwalk")
gym.register("dqn/MaximizationBias-v0", entry_point="dqn.envs:maximization_bias")
gym.register("dqn/BairdStar-v0", entry_point="dqn.envs:baird_star")
gym.register("dqn/TwoStates-v0", entry_point="dqn.envs:two_states")
gym.register("dqn/Loop-v0", entry_point="dqn.envs:loop")
