"""How many updates does each way of replaying need to learn the Blind Cliffwalk?

Reproduces Fig. 1 and Fig. 2 of Schaul, Quan, Antonoglou & Silver (2016), "Prioritized experience
replay". What the paper leaves open is an argument of :func:`learn`. A million updates of a few
numbers, one at a time, are quicker on Python's lists than on NumPy's arrays, hence the lists; the
samplers that agents use, for batches, are in :mod:`dqn.prioritized`.

Chapter: `Prioritized replay I: why`.
"""

import heapq
from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterator
from typing import Literal, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from dqn._arguments import check_choice, check_generator, check_number, check_whole
from dqn.envs import (
    blind_cliffwalk_features,
    blind_cliffwalk_transitions,
    blind_cliffwalk_values,
)

__all__ = ["METHODS", "Run", "learn"]

METHODS = ("uniform", "oracle", "fresh", "greedy", "proportional", "rank")
"""Ways to choose the transition to replay; :func:`learn` explains them."""
_ALPHA = {"proportional": 0.6, "rank": 0.7}  # the paper's on Atari, Table 3
_BLOCK = 4096  # random numbers drawn at a time


class Run(NamedTuple):
    """What :func:`learn` returns."""

    updates: int
    """Updates made."""
    learned: bool
    """Whether the error came below the tolerance."""
    mse: float
    """Mean squared error at the end."""
    replays: NDArray[np.int64]
    """``[n, 2]``, how often each action in each state was replayed."""


def learn(
    n: int,
    method: str = "uniform",
    *,
    rng: np.random.Generator,
    features: str = "none",
    initial_std: float = 0.1,
    error: str = "pairs",
    first_priority: float | Literal["error"] = 1.0,
    alpha: float | None = None,
    beta: float = 0.0,
    epsilon: float = 1e-6,
    noise: float = 0.0,
    step_size: float = 0.25,
    tolerance: float = 1e-3,
    max_updates: int = 10_000_000,
) -> Run:
    """Learn the values of the Blind Cliffwalk from all its transitions, one update at a time.

    The memory holds the transitions of all ``2^n`` action sequences. An update replays one of them
    by Q-learning without a target network. It ends when the mean squared error to Q* is below the
    tolerance. Schaul et al. 2016, sec. 3.1 and app. B.1. Chapter: `Prioritized replay I: why`.

    Args:
        n: The number of states, up to 20; the discount is ``1 - 1/n``.
        method: Which transition to replay. ``"uniform"``: any. ``"oracle"``: the one whose update
            lowers the error most, known only to who knows Q*. ``"fresh"``: the one whose absolute
            TD error is largest now. ``"greedy"``: the one whose absolute TD error was largest when
            last seen. ``"proportional"`` and ``"rank"``: drawn by that error's size (plus
            ``epsilon``) or rank, as in :mod:`dqn.prioritized`.
        rng: Shuffles the memory, then draws the weights, then the transitions.
        features: ``bias`` of :func:`dqn.envs.blind_cliffwalk_features`; ``"none"`` is a table.
        initial_std: Standard deviation of the initial weights.
        error: What the squared error is averaged over: ``"pairs"`` of state and action, or
            ``"transitions"``, so that a pair counts as often as it is stored.
        first_priority: Stands for the absolute TD error of what was never replayed; with
            ``"error"`` each transition starts with its own.
        alpha: Exponent of the priorities; 0.6 by size and 0.7 by rank if left out.
        beta: Exponent of the importance weights, which are divided by the memory's largest.
        epsilon: Added to absolute errors by ``"proportional"``.
        noise: Standard deviation of the stored rewards after a wrong first step, mean 0. The mean
            squared error then leaves this pair out, for it never settles.
        step_size: Of Q-learning.
        tolerance: The mean squared error to come below, tested before each update.
        max_updates: When to give up.

    Raises:
        TypeError: If an argument is of the wrong kind.
        ValueError: If an argument lies outside its range.

    >>> runs = [learn(8, method, rng=np.random.default_rng(0)) for method in ("uniform", "oracle")]
    >>> [run.learned for run in runs], runs[0].updates > 10 * runs[1].updates
    ([True, True], True)
    """
    check_choice("method", method, METHODS)
    check_choice("features", features, ("action", "shared", "none"))
    check_choice("error", error, ("pairs", "transitions"))
    check_number("initial_std", initial_std, low=0)
    check_generator("rng", rng)
    if not isinstance(first_priority, str) or first_priority != "error":
        check_number("first_priority", first_priority, low=0)
    alpha = check_number("alpha", _ALPHA.get(method, 0.0) if alpha is None else alpha, low=0)
    check_number("beta", beta, low=0, high=1)
    check_number("epsilon", epsilon, low=0)
    check_number("noise", noise, low=0)
    check_number("step_size", step_size, low=0)
    check_number("tolerance", tolerance, low=0)
    check_whole("max_updates", max_updates, low=0)
    phi = blind_cliffwalk_features(n, features).reshape(2 * n, -1)
    memory = blind_cliffwalk_transitions(n, rng)

    pair = 2 * memory.obs_tm1 + memory.action_tm1
    share = np.bincount(pair).astype(np.float64) if error == "transitions" else np.ones(2 * n)
    reward = memory.reward_t.copy()
    if noise > 0:
        wrong = 1  # state 0, action 1
        reward[pair == wrong] = rng.normal(0.0, noise, int((pair == wrong).sum()))
        share[wrong] = 0.0
    first_q = phi @ rng.normal(0.0, initial_std, phi.shape[1])
    learner = _Learner(phi, first_q, blind_cliffwalk_values(n).ravel(), share / share.sum())
    transitions = list(zip(pair.tolist(), reward.tolist(), memory.discount_t.tolist(), strict=True))
    first = [
        abs(learner.td_error(*transition)) if first_priority == "error" else float(first_priority)
        for transition in transitions
    ]
    replay: _Replay
    if method == "uniform":
        replay = _Uniform(len(transitions), rng)
    elif method == "oracle":
        replay = _Best(
            transitions, lambda k, *rest: learner.gain(k, step_size * learner.td_error(k, *rest))
        )
    elif method == "fresh":
        replay = _Best(transitions, lambda *transition: abs(learner.td_error(*transition)))
    elif method == "greedy":
        replay = _Greedy(first)
    elif method == "proportional":
        replay = _Proportional(first, alpha, beta, epsilon, rng)
    else:
        replay = _RankBased(first, alpha, beta, rng)

    replays = [0] * (2 * n)
    updates = 0
    while not learner.is_below(tolerance) and updates < max_updates:
        index, weight = replay.pick()
        k, reward_t, discount_t = transitions[index]
        td_error = learner.td_error(k, reward_t, discount_t)
        replay.saw(index, td_error)
        learner.move(k, step_size * weight * td_error)
        replays[k] += 1
        updates += 1
    learned = learner.is_below(tolerance)
    return Run(updates, learned, learner.exact_mse(), np.array(replays).reshape(n, 2))


class _Learner:
    """Linear estimates of all pairs, kept instead of the weights behind them.

    Where the weights move by ``c phi(k)``, the estimate of pair j moves by ``c phi(j)'phi(k)``.
    """

    def __init__(
        self,
        phi: NDArray[np.float64],
        first_q: NDArray[np.float64],
        truth: NDArray[np.float64],
        share: NDArray[np.float64],
    ) -> None:
        self.q: list[float] = first_q.tolist()
        self.truth: list[float] = truth.tolist()
        self.share: list[float] = share.tolist()
        self.touched: list[list[tuple[int, float]]] = [
            [(int(j), float(row[j])) for j in np.flatnonzero(row)] for row in phi @ phi.T
        ]
        self.mse = self.exact_mse()

    def td_error(self, k: int, reward_t: float, discount_t: float) -> float:
        if discount_t == 0.0:
            return reward_t - self.q[k]
        after = 2 * (k // 2 + 1)  # the first pair of the next state
        return reward_t + discount_t * max(self.q[after], self.q[after + 1]) - self.q[k]

    def gain(self, k: int, step: float) -> float:
        """By how much the mean squared error falls when the weights move by ``step phi(k)``."""
        gain = 0.0
        for j, inner in self.touched[k]:
            move = step * inner
            gain -= self.share[j] * move * (2.0 * (self.q[j] - self.truth[j]) + move)
        return gain

    def move(self, k: int, step: float) -> None:
        self.mse -= self.gain(k, step)
        for j, inner in self.touched[k]:
            self.q[j] += step * inner

    def exact_mse(self) -> float:
        triples = zip(self.share, self.q, self.truth, strict=True)
        return sum(share * (q - truth) ** 2 for share, q, truth in triples)

    def is_below(self, tolerance: float) -> bool:
        if self.mse >= tolerance:
            return False
        self.mse = self.exact_mse()  # rounding errors of the many differences do not decide
        return self.mse < tolerance


class _Replay(Protocol):
    def pick(self) -> tuple[int, float]:
        """Return the index of the transition to replay and its importance weight."""

    def saw(self, index: int, td_error: float) -> None:
        """Take note of the TD error found there."""


class _Uniform:
    def __init__(self, count: int, rng: np.random.Generator) -> None:
        self.indices = _whole_numbers(count, rng)

    def pick(self) -> tuple[int, float]:
        return next(self.indices), 1.0

    def saw(self, index: int, td_error: float) -> None:
        pass


class _Best:
    """Of all distinct transitions the one with the highest score, computed anew every time."""

    def __init__(
        self,
        transitions: list[tuple[int, float, float]],
        score: Callable[[int, float, float], float],
    ) -> None:
        self.index_of = {transition: index for index, transition in enumerate(transitions)}
        self.score = score

    def pick(self) -> tuple[int, float]:
        best = max(self.index_of, key=lambda transition: self.score(*transition))
        return self.index_of[best], 1.0

    def saw(self, index: int, td_error: float) -> None:
        pass


class _Greedy:
    """A heap with the largest absolute error on top."""

    def __init__(self, first: list[float]) -> None:
        self.heap = [(-error, index) for index, error in enumerate(first)]
        heapq.heapify(self.heap)

    def pick(self) -> tuple[int, float]:
        return self.heap[0][1], 1.0

    def saw(self, index: int, td_error: float) -> None:
        heapq.heapreplace(self.heap, (-abs(td_error), index))


class _Proportional:
    """A sum tree: node i is the sum of its children, 2 i and 2 i + 1; leaves are p^alpha."""

    def __init__(
        self,
        first: list[float],
        alpha: float,
        beta: float,
        epsilon: float,
        rng: np.random.Generator,
    ) -> None:
        self.alpha, self.beta, self.epsilon = alpha, beta, epsilon
        self.count = len(first)
        self.first_leaf = 1 << (self.count - 1).bit_length()
        self.nodes = [0.0] * (2 * self.first_leaf)
        for leaf, error in enumerate(first, self.first_leaf):
            self.nodes[leaf] = (error + epsilon) ** alpha
        for node in range(self.first_leaf - 1, 0, -1):
            self.nodes[node] = self.nodes[2 * node] + self.nodes[2 * node + 1]
        self.numbers = _numbers(rng)

    def pick(self) -> tuple[int, float]:
        nodes, node = self.nodes, 1
        if nodes[1] == 0.0:
            raise ValueError("epsilon must be above 0 where all priorities are 0, got 0")
        mass = next(self.numbers) * nodes[1]
        while node < self.first_leaf:
            node *= 2
            if mass >= nodes[node] and nodes[node + 1] > 0.0:
                mass -= nodes[node]
                node += 1
        weight = 1.0
        if self.beta > 0.0:
            least = min(nodes[self.first_leaf : self.first_leaf + self.count])
            weight = (least / nodes[node]) ** self.beta
        return node - self.first_leaf, weight

    def saw(self, index: int, td_error: float) -> None:
        nodes, node = self.nodes, self.first_leaf + index
        nodes[node] = (abs(td_error) + self.epsilon) ** self.alpha
        while node > 1:
            node //= 2
            nodes[node] = nodes[2 * node] + nodes[2 * node + 1]


class _RankBased:
    """A list of all transitions that stays sorted; rank 1 has the largest absolute error."""

    def __init__(
        self, first: list[float], alpha: float, beta: float, rng: np.random.Generator
    ) -> None:
        self.beta = beta
        self.keys = [(-error, index) for index, error in enumerate(first)]
        self.ranked = sorted(self.keys)
        share = np.arange(1.0, len(first) + 1.0) ** -alpha
        self.share: list[float] = share.tolist()
        self.running: list[float] = share.cumsum().tolist()
        self.numbers = _numbers(rng)

    def pick(self) -> tuple[int, float]:
        place = bisect_right(self.running, next(self.numbers) * self.running[-1])
        place = min(place, len(self.ranked) - 1)
        weight = (self.share[-1] / self.share[place]) ** self.beta if self.beta > 0.0 else 1.0
        return self.ranked[place][1], weight

    def saw(self, index: int, td_error: float) -> None:
        del self.ranked[bisect_left(self.ranked, self.keys[index])]
        self.keys[index] = (-abs(td_error), index)
        insort(self.ranked, self.keys[index])


def _numbers(rng: np.random.Generator) -> Iterator[float]:
    while True:
        yield from rng.random(_BLOCK).tolist()


def _whole_numbers(below: int, rng: np.random.Generator) -> Iterator[int]:
    while True:
        yield from rng.integers(below, size=_BLOCK).tolist()
