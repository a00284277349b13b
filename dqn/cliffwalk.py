"""How many updates each way of replaying needs to learn the Blind Cliffwalk from a full memory.

Reproduces Fig. 1 and Fig. 2 of Schaul, Quan, Antonoglou & Silver (2016), "Prioritized experience
replay". What the paper leaves open is an argument of :func:`learn`. A hundred thousand single
updates on a few numbers are quicker in plain Python than in NumPy, so lists are used; the samplers
that agents use, and whole batches, are in :mod:`dqn.prioritized`.

Chapter: `Prioritized replay I: why`.
"""

import heapq
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from dqn._arguments import check_choice, check_number, check_whole
from dqn.envs import (
    blind_cliffwalk_features,
    blind_cliffwalk_transitions,
    blind_cliffwalk_values,
)

__all__ = ["METHODS", "Run", "learn"]

METHODS = ("uniform", "oracle", "greedy", "proportional", "rank")
"""Ways of choosing the transition to replay."""
_ALPHA = {"proportional": 0.6, "rank": 0.7}  # Schaul et al. 2016, Table 3, for both on Atari
_BLOCK = 4096  # random numbers drawn at a time


class Run(NamedTuple):
    """What :func:`learn` returns."""

    updates: int
    """Updates made: those needed, or ``max_updates``."""
    learned: bool
    """Whether the error came below the tolerance."""
    mse: float
    """Mean squared error to Q* at the end."""
    replays: NDArray[np.int64]
    """``[n, 2]``, how often a transition of each pair of state and action was replayed."""


class _Replay(Protocol):
    """Chooses which transition of the memory to learn from next."""

    def pick(self) -> tuple[int, float]:
        """Return the transition's index and its importance weight."""

    def saw(self, index: int, td_error: float) -> None:
        """Take note of the TD error found there."""


class _Learner:
    """Q-learning with linear features, one transition at a time: Schaul et al. 2016, app. B.1.

    It holds the estimates of all pairs instead of the weights w: the update w + eta delta phi(k)
    moves the estimate of pair j by eta delta times the inner product of phi(j) and phi(k).
    """

    def __init__(
        self, n: int, features: str, scale: float, share: NDArray[np.float64], step_size: float,
        rng: np.random.Generator,
    ) -> None:
        phi = blind_cliffwalk_features(n, features).reshape(2 * n, -1)
        first = phi @ rng.normal(0.0, scale, phi.shape[1])
        self.q: list[float] = first.tolist()
        self.truth: list[float] = blind_cliffwalk_values(n).ravel().tolist()
        self.share: list[float] = share.tolist()
        gram = phi @ phi.T
        self.moves: list[list[tuple[int, float]]] = [
            [(int(j), float(step_size * row[j])) for j in np.flatnonzero(row)] for row in gram
        ]
        self.mse = self.exact_mse()

    def exact_mse(self) -> float:
        return sum(
            s * (q - truth) ** 2
            for s, q, truth in zip(self.share, self.q, self.truth, strict=True)
        )

    def td_error(self, pair: int, reward: float, discount: float) -> float:
        if discount == 0.0:
            return reward - self.q[pair]
        after = 2 * (pair // 2) + 2  # the next state's first pair
        return reward + discount * max(self.q[after], self.q[after + 1]) - self.q[pair]

    def gain(self, pair: int, td_error: float) -> float:
        """Return by how much an update would lower the mean squared error."""
        return -sum(
            self.share[j] * move * td_error * (2 * (self.q[j] - self.truth[j]) + move * td_error)
            for j, move in self.moves[pair]
        )

    def update(self, pair: int, td_error: float) -> None:
        self.mse -= self.gain(pair, td_error)
        for j, move in self.moves[pair]:
            self.q[j] += move * td_error


class _Uniform:
    def __init__(self, count: int, rng: np.random.Generator) -> None:
        self.numbers = _whole_numbers(count, rng)

    def pick(self) -> tuple[int, float]:
        return next(self.numbers), 1.0

    def saw(self, index: int, td_error: float) -> None:
        pass


class _Oracle:
    """Tries every distinct transition and takes the one that helps most; not a real algorithm."""

    def __init__(
        self, learner: _Learner, pairs: list[int], rewards: list[float], discounts: list[float]
    ) -> None:
        self.learner = learner
        index_of = {pair: index for index, pair in enumerate(pairs)}
        self.candidates = [
            (index, pair, rewards[index], discounts[index]) for pair, index in index_of.items()
        ]

    def pick(self) -> tuple[int, float]:
        gain, td_error = self.learner.gain, self.learner.td_error
        best = max(self.candidates, key=lambda c: gain(c[1], td_error(c[1], c[2], c[3])))
        return best[0], 1.0

    def saw(self, index: int, td_error: float) -> None:
        pass


class _Greedy:
    """Always the transition whose last seen absolute TD error is largest: a heap."""

    def __init__(self, first: list[float]) -> None:
        self.heap = [(-priority, index) for index, priority in enumerate(first)]
        heapq.heapify(self.heap)

    def pick(self) -> tuple[int, float]:
        return self.heap[0][1], 1.0

    def saw(self, index: int, td_error: float) -> None:
        heapq.heapreplace(self.heap, (-abs(td_error), index))


class _Proportional:
    """P(i) proportional to p^alpha, p = |delta| + epsilon: a sum tree of plain numbers."""

    def __init__(
        self, first: list[float], alpha: float, epsilon: float, beta: float,
        rng: np.random.Generator,
    ) -> None:
        self.alpha, self.epsilon, self.beta = alpha, epsilon, beta
        self.leaf = 1 << (len(first) - 1).bit_length()
        self.count = len(first)
        leaves = [(priority + epsilon) ** alpha for priority in first]
        self.tree = [0.0] * self.leaf + leaves + [0.0] * (self.leaf - len(first))
        for node in range(self.leaf - 1, 0, -1):
            self.tree[node] = self.tree[2 * node] + self.tree[2 * node + 1]
        self.numbers = _numbers(rng)

    def pick(self) -> tuple[int, float]:
        tree, node = self.tree, 1
        mass = next(self.numbers) * tree[1]
        while node < self.leaf:
            node *= 2
            if mass >= tree[node] and tree[node + 1] > 0:
                mass -= tree[node]
                node += 1
        weight = 1.0
        if self.beta:
            smallest = min(tree[self.leaf : self.leaf + self.count])
            weight = (smallest / tree[node]) ** self.beta
        return node - self.leaf, weight

    def saw(self, index: int, td_error: float) -> None:
        tree, node = self.tree, index + self.leaf
        tree[node] = (abs(td_error) + self.epsilon) ** self.alpha
        while node > 1:
            node //= 2
            tree[node] = tree[2 * node] + tree[2 * node + 1]


class _RankBased:
    """P(i) proportional to rank(i)^-alpha: a list that is kept sorted."""

    def __init__(
        self, first: list[float], alpha: float, beta: float, rng: np.random.Generator
    ) -> None:
        self.beta = beta
        self.keys = [(-priority, index) for index, priority in enumerate(first)]
        self.order = sorted(self.keys)
        share = np.arange(1.0, len(first) + 1) ** -alpha
        self.share: list[float] = share.tolist()
        self.running: list[float] = share.cumsum().tolist()
        self.numbers = _numbers(rng)

    def pick(self) -> tuple[int, float]:
        rank = bisect_right(self.running, next(self.numbers) * self.running[-1])
        rank = min(rank, len(self.running) - 1)
        weight = (self.share[-1] / self.share[rank]) ** self.beta if self.beta else 1.0
        return self.order[rank][1], weight

    def saw(self, index: int, td_error: float) -> None:
        del self.order[bisect_left(self.order, self.keys[index])]
        self.keys[index] = (-abs(td_error), index)
        insort(self.order, self.keys[index])


def _whole_numbers(below: int, rng: np.random.Generator) -> Iterator[int]:
    while True:
        yield from rng.integers(below, size=_BLOCK).tolist()


def _numbers(rng: np.random.Generator) -> Iterator[float]:
    while True:
        yield from rng.random(_BLOCK).tolist()


def learn(
    n, method="uniform", *, rng, features="none", scale=0.1, error="pairs",
    first_priority="largest", alpha=None, beta=0.0, epsilon=1e-6, noise=0.0, step_size=0.25,
    tolerance=1e-3, max_updates=10**8,
):
    memory = blind_cliffwalk_transitions(n, rng)
    pair = 2 * memory.obs_tm1 + memory.action_tm1
    count = len(pair)
    if error == "pairs":
        share = np.ones(2 * n)
    else:
        share = np.bincount(pair, minlength=2 * n).astype(float)
    reward = memory.reward_t.copy()
    if noise > 0:
        noisy = 1  # state 0, wrong action
        reward[pair == noisy] += rng.normal(0, noise, (pair == noisy).sum())
        share[noisy] = 0
    share /= share.sum()
    learner = _Learner(n, features, scale, share, step_size, rng)
    pairs, rewards, discounts = pair.tolist(), reward.tolist(), memory.discount_t.tolist()
    if first_priority == "largest":
        first = [1.0] * count if method != "greedy" else [float("inf")] * count
    elif first_priority == "error":
        first = [abs(learner.td_error(*x)) for x in zip(pairs, rewards, discounts)]
    elif first_priority == "zero":
        first = [0.0] * count
    a = _ALPHA.get(method, 0) if alpha is None else alpha
    if method == "uniform": replay = _Uniform(count, rng)
    elif method == "oracle": replay = _Oracle(learner, pairs, rewards, discounts)
    elif method == "greedy": replay = _Greedy(first)
    elif method == "proportional": replay = _Proportional(first, a, epsilon, beta, rng)
    else: replay = _RankBased(first, a, beta, rng)
    replays = [0] * (2 * n)
    updates = 0
    while updates < max_updates:
        if learner.mse < tolerance:
            learner.mse = learner.exact_mse()
            if learner.mse < tolerance: break
        index, weight = replay.pick()
        k = pairs[index]
        delta = learner.td_error(k, rewards[index], discounts[index])
        replay.saw(index, delta)
        learner.update(k, weight * delta)
        replays[k] += 1
        updates += 1
    return Run(updates, learner.mse < tolerance, learner.mse, np.array(replays).reshape(n, 2))
