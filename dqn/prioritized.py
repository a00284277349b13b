"""Prioritized experience replay: sampling in proportion to, or by the rank of, the TD error.

Source of all equations: Schaul, Quan, Antonoglou & Silver 2016, "Prioritized experience replay".
Chapters: `Prioritized replay I: why` and `Prioritized replay II: how`.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dqn._arguments import check_choice, check_flag, check_number, check_whole

__all__ = [
    "ProportionalSampler",
    "RankBasedSampler",
    "SumTree",
    "WideSumTree",
    "effective_sample_size",
]

Floats = NDArray[np.float64]
Slots = NDArray[np.int64]

_NORMALIZERS = ("batch", "buffer", "none")
_LARGEST_LEAF = float(np.finfo(np.float32).max)
_SMALLEST_LEAF = float(np.finfo(np.float32).tiny)


class SumTree:
    """A binary tree whose leaves hold values and whose every other node is its children's sum.

    Finding the leaf at which the running sum of all leaves passes a given mass, and changing a
    leaf, take one step a level: O(log capacity). Sums are computed anew from the children, never
    by adding a difference, so that they do not drift. All calls take whole batches.

    Source: Schaul et al. 2016, Appendix B.2.1. Chapter: `Prioritized replay II: how`.

    Args:
        capacity: Number of leaves, any whole number of at least 1; all are 0 at first.

    >>> tree = SumTree(3)
    >>> tree.set([0, 1, 2], [1.0, 0.0, 3.0])
    >>> tree.total
    4.0
    >>> tree.find([0.0, 0.5, 1.0, 4.0])
    array([0, 0, 2, 2])
    """

    def __init__(self, capacity: int) -> None:
        self.capacity = check_whole("capacity", capacity)
        # The root is node 1 and the children of node i are 2 i and 2 i + 1, so all leaves of the
        # next power of two lie side by side at the end.
        self._depth = (self.capacity - 1).bit_length()
        self._first_leaf = 2**self._depth
        self._nodes = np.zeros(2 * self._first_leaf)

    @property
    def total(self) -> float:
        """The sum of all leaves."""
        return float(self._nodes[1])

    @property
    def leaves(self) -> NDArray[Any]:
        """The leaves, ``[capacity]``: a view, to be read only."""
        return self._nodes[self._first_leaf : self._first_leaf + self.capacity]

    @property
    def nbytes(self) -> int:
        """Memory in bytes."""
        return self._nodes.nbytes

    def set(self, indices: ArrayLike, values: ArrayLike) -> None:
        """Make ``values`` ``[k]`` the leaves at ``indices`` ``[k]``; of duplicates the last counts.

        Raises:
            ValueError: If an index or a value is out of range or a value is negative or not finite.
        """
        self._set(*_checked_leaves(indices, values, self.capacity))

    def find(self, masses: ArrayLike) -> Slots:
        """Return for each mass ``[k]`` the first leaf at which the running sum exceeds it.

        A mass equal to the total gives the last leaf that is not 0; a leaf of 0 is never given.

        Raises:
            ValueError: If a mass is not in [0, total], or the total is 0.
        """
        return self._find(_checked_masses(masses, self.total))

    def _set(self, leaves: Slots, values: Floats) -> None:
        nodes = self._first_leaf + leaves
        self._nodes[nodes] = values
        for _ in range(self._depth):
            nodes = nodes // 2
            self._nodes[nodes] = self._nodes[2 * nodes] + self._nodes[2 * nodes + 1]

    def _find(self, masses: Floats) -> Slots:
        nodes: Slots = np.ones(len(masses), np.int64)
        for _ in range(self._depth):
            left, right = self._nodes[2 * nodes], self._nodes[2 * nodes + 1]
            # Rounding can leave a mass at the end of an empty branch: never enter one.
            go_right = (masses >= left) & (right > 0)
            masses = np.where(go_right, masses - left, masses)
            nodes = 2 * nodes + go_right
        leaves: Slots = nodes - self._first_leaf
        return leaves


class WideSumTree(SumTree):
    """A :class:`SumTree` for NumPy: sixteen children a node, so few levels, each a few calls.

    Leaves are float32 (half the memory), sums float64. At the top, at most 4096 sums are simply
    added up. Same interface, same results; several times faster than the binary tree.

    Args:
        capacity: Number of leaves, any whole number of at least 1; all are 0 at first.

    >>> tree = WideSumTree(3)
    >>> tree.set([0, 1, 2], [1.0, 0.0, 3.0])
    >>> tree.total
    4.0
    >>> tree.find([0.0, 0.5, 1.0, 4.0])
    array([0, 0, 2, 2])
    """

    _WIDTH = 16
    _TOP = 4096
    # A row times this matrix is the row's running sum, in one call for all rows.
    _RUNNING_SUM = np.triu(np.ones((_WIDTH + 1, _WIDTH + 1)))
    _SUM = np.ones(_WIDTH)

    def __init__(self, capacity: int) -> None:
        self.capacity = check_whole("capacity", capacity)
        blocks, depth = -(-self.capacity // self._WIDTH), 0
        while blocks > self._TOP:
            blocks, depth = -(-blocks // self._WIDTH), depth + 1
        # From the leaves up: a level is an array [blocks, width], and the sums of its blocks, one
        # after the other, are the level above.
        self._levels: list[NDArray[Any]] = [
            np.zeros(
                (blocks * self._WIDTH**below, self._WIDTH),
                np.float64 if below < depth else np.float32,
            )
            for below in range(depth, -1, -1)
        ]
        top = np.zeros(blocks)
        self._sums = [level.reshape(-1) for level in self._levels[1:]] + [top]
        self._before = np.zeros(blocks + 1)  # sum of the top before each of its blocks, and of all
        self._before_is_current = True

    @property
    def total(self) -> float:
        """The sum of all leaves."""
        if not self._before_is_current:
            np.cumsum(self._sums[-1], out=self._before[1:])
            self._before_is_current = True
        return float(self._before[-1])

    @property
    def leaves(self) -> NDArray[Any]:
        """The leaves, ``[capacity]`` float32: a view, to be read only."""
        return self._levels[0].reshape(-1)[: self.capacity]

    @property
    def nbytes(self) -> int:
        """Memory in bytes."""
        return sum(array.nbytes for array in (*self._levels, self._sums[-1], self._before))

    def _set(self, leaves: Slots, values: Floats) -> None:
        self._levels[0].reshape(-1)[leaves] = values
        nodes = leaves
        for level, sums in zip(self._levels, self._sums, strict=True):
            nodes = nodes // self._WIDTH
            sums[nodes] = level.take(nodes, axis=0).dot(self._SUM)
        self._before_is_current = False

    def _find(self, masses: Floats) -> Slots:
        nodes = self._before[1:-1].searchsorted(masses, side="right")
        missing = self._before.take(nodes) - masses
        walk = np.empty((len(masses), self._WIDTH + 1))
        row_starts = np.arange(0, walk.size, self._WIDTH + 1)
        for level in reversed(self._levels):
            # Walk through each block: minus what is still missing of the mass, plus value after
            # value. The first to bring it above 0 is the child to go to, or the last of all.
            walk[:, 0] = missing
            walk[:, 1:] = level.take(nodes, axis=0)
            sums = walk.dot(self._RUNNING_SUM)
            above = sums > 0
            above[:, -1] = True
            child = above.argmax(axis=1) - 1
            missing = sums.take(row_starts + child)
            nodes = nodes * self._WIDTH + child
        # A mass at the very end of a block can be rounded onto an empty leaf: go back from there.
        leaves = self._levels[0].reshape(-1)
        if not leaves.take(nodes).all():
            for k in np.flatnonzero(leaves.take(nodes) == 0):
                nodes[k] = leaves[: nodes[k]].nonzero()[0][-1]
        return nodes


class ProportionalSampler:
    """Draws transition i with probability P(i) = p_i^alpha / sum_k p_k^alpha, p = abs(delta) + eps.

    A new transition gets the largest p seen so far (1 before any). Its importance weight is
    (N P(i))^-beta, divided by the largest such weight. Schaul et al. 2016, equations 1 and 2,
    Section 3.4 and Algorithm 1. Chapter: `Prioritized replay II: how`.

    Args:
        capacity: The buffer's capacity.
        alpha: How much to prioritize; 0 is uniform.
        epsilon: Added to every absolute error, so that none is never replayed. The paper gives no
            value; 1e-6 is OpenAI Baselines'.
        stratified: Whether each of the batch's B draws falls into its own B-th part of the
            cumulative distribution, as in the paper, instead of anywhere in it.
        normalize: What the weights are divided by: the largest in the ``"batch"``, the largest of
            any transition in the ``"buffer"`` (a pass over all leaves), or ``"none"``. Divided by
            the buffer's maximum or not at all, the weighted update at beta = 1 is the uniform one
            in expectation, up to a constant; the batch's maximum depends on the batch, so that
            batches without a rare transition weigh more, and a bias remains.
        tree: :class:`WideSumTree` or :class:`SumTree`.

    Raises:
        ValueError: If a number is out of range, or epsilon^alpha is too small for a float32.

    >>> sampler = ProportionalSampler(4, alpha=1.0, epsilon=0.0)
    >>> sampler.added(np.array([0, 1]))
    >>> sampler.update(np.array([0]), np.array([-3.0]))
    >>> sampler.probabilities(2)
    array([0.75, 0.25])
    >>> sampler.sample(4, 2, np.random.default_rng(0), beta=1.0)
    (array([0, 0, 0, 1]), array([0.333..., 0.333..., 0.333..., 1. ], dtype=float32))
    """

    def __init__(
        self,
        capacity: int,
        alpha: float = 0.6,
        epsilon: float = 1e-6,
        *,
        stratified: bool = True,
        normalize: str = "batch",
        tree: type[SumTree] = WideSumTree,
    ) -> None:
        self.tree = tree(capacity)
        self.capacity = self.tree.capacity
        self.alpha = check_number("alpha", alpha, low=0)
        self.epsilon = check_number("epsilon", epsilon, low=0)
        check_flag("stratified", stratified)
        self.stratified = stratified
        self.normalize = check_choice("normalize", normalize, _NORMALIZERS)
        if self.epsilon > 0 and self.alpha * math.log(self.epsilon) < math.log(_SMALLEST_LEAF):
            raise ValueError(
                f"epsilon must be large enough for epsilon**alpha to be at least {_SMALLEST_LEAF}, "
                f"got epsilon={epsilon!r} with alpha={alpha!r}"
            )
        self._largest = 1.0  # p^alpha of the largest p so far; p of the first transition is 1
        # The absolute error whose p^alpha still fits a leaf.
        exponent = math.log(_LARGEST_LEAF) / max(self.alpha, 0.125)
        self._error_limit = math.exp(exponent) * (1 - 1e-9)

    @property
    def nbytes(self) -> int:
        """Memory of the tree, in bytes."""
        return self.tree.nbytes

    def added(self, slots: Slots) -> None:
        """Give new transitions the largest priority so far, so that each is soon replayed."""
        self.tree._set(slots, np.full(len(slots), self._largest))

    def sample(
        self, batch_size: int, size: int, rng: np.random.Generator, beta: float = 1.0
    ) -> tuple[Slots, NDArray[np.float32]]:
        """Draw ``batch_size`` slots and their importance weights.

        Raises:
            ValueError: If ``beta`` is outside [0, 1], or all priorities are 0.
        """
        check_number("beta", beta, low=0, high=1)
        total = self.tree.total
        if total == 0:
            raise ValueError("td_errors must not all be 0 when epsilon is 0: nothing to sample")
        slots = self.tree._find(_uniform(batch_size, total, self.stratified, rng))
        leaves = self.tree.leaves
        drawn = leaves.take(slots)
        if self.normalize == "batch":
            reference = float(drawn.min())
        elif self.normalize == "buffer":
            reference = float(leaves[:size].min(where=leaves[:size] > 0, initial=np.inf))
        else:
            reference = total / size
        # (N P)^-beta over the largest such weight, without computing either.
        return slots, ((reference / drawn) ** beta).astype(np.float32, copy=False)

    def update(self, slots: Slots, td_errors: NDArray[Any]) -> None:
        """Make the TD errors ``[k]`` (not weighted, either sign) the priorities of these slots.

        Raises:
            ValueError: If an error is not finite, or too large for p^alpha to fit a float32.
        """
        errors = np.abs(td_errors, dtype=np.float64)
        largest = float(errors.max(initial=0))
        if not largest <= self._error_limit:
            raise ValueError(
                f"td_errors must be finite and at most {self._error_limit:.3g} in absolute value, "
                f"got {td_errors!r}"
            )
        self.tree._set(slots, (errors + self.epsilon) ** self.alpha)
        self._largest = max(self._largest, (largest + self.epsilon) ** self.alpha)

    def probabilities(self, size: int) -> Floats:
        """Return P(i) of the slots ``0 .. size - 1``."""
        shares: Floats = self.tree.leaves[:size] / np.float64(self.tree.total)
        return shares


class RankBasedSampler:
    """Draws transition i with probability P(i) proportional to rank(i)^-alpha.

    Ranks count from 1, the largest absolute TD error; only the order of the errors matters, so
    one huge error changes nothing. A new transition enters with the largest error so far, ahead
    of its equals. Schaul et al. 2016, Section 3.3. Chapter: `Prioritized replay II: how`.

    Args:
        capacity: The buffer's capacity.
        alpha: How much to prioritize; 0 is uniform.
        sort_every: Ranks are sorted before the first of every so many samples. With 1 they are
            always exact. Sorting N transitions takes O(N log N), so large buffers want more; in
            between, new transitions come first at once, and other ranks wait for the next sort.
        stratified: Whether each of the batch's B draws falls into its own segment of probability
            1 / B, as in the paper.
        normalize: As in :class:`ProportionalSampler`.

    Raises:
        ValueError: If a number is out of range.

    >>> sampler = RankBasedSampler(3, alpha=1.0)
    >>> sampler.added(np.arange(3))
    >>> sampler.update(np.arange(3), np.array([0.1, -50.0, 2.0]))
    >>> sampler.probabilities(3) * 11
    array([2., 6., 3.])
    """

    def __init__(
        self,
        capacity: int,
        alpha: float = 0.7,
        *,
        sort_every: int = 1,
        stratified: bool = True,
        normalize: str = "batch",
    ) -> None:
        self.capacity = check_whole("capacity", capacity)
        self.alpha = check_number("alpha", alpha, low=0)
        self.sort_every = check_whole("sort_every", sort_every)
        check_flag("stratified", stratified)
        self.stratified = stratified
        self.normalize = check_choice("normalize", normalize, _NORMALIZERS)
        self._shares = np.arange(1.0, self.capacity + 1) ** -self.alpha  # of ranks 1, 2, ...
        self._running = self._shares.cumsum()
        self._errors = np.zeros(self.capacity)
        self._by_rank = np.zeros(self.capacity, np.int64)  # slots, best rank first
        self._rank = np.full(self.capacity, -1)  # of each slot, from 0; -1 while it is empty
        self._count = 0
        self._largest = 1.0
        self._samples = 0

    @property
    def nbytes(self) -> int:
        """Memory in bytes."""
        arrays = (self._shares, self._running, self._errors, self._by_rank, self._rank)
        return sum(array.nbytes for array in arrays)

    def added(self, slots: Slots) -> None:
        """Rank new transitions first."""
        self._errors[slots] = self._largest
        for slot in slots.tolist():
            if self._rank[slot] < 0:
                self._rank[slot] = self._count
                self._count += 1
            # Read as a binary heap, the order stays nearly sorted when each ancestor of the new
            # first moves one place down: log2(N) moves instead of N.
            place = int(self._rank[slot]) + 1
            path = (place >> np.arange(place.bit_length())) - 1
            self._by_rank[path] = np.append(self._by_rank[path[1:]], slot)
            self._rank[self._by_rank[path]] = path

    def sample(
        self, batch_size: int, size: int, rng: np.random.Generator, beta: float = 1.0
    ) -> tuple[Slots, NDArray[np.float32]]:
        """Draw ``batch_size`` slots and their importance weights.

        Raises:
            ValueError: If ``beta`` is outside [0, 1].
        """
        check_number("beta", beta, low=0, high=1)
        self._sort_if_due()
        self._samples += 1
        running = self._running[:size]
        masses = _uniform(batch_size, running[-1], self.stratified, rng)
        ranks = np.minimum(running.searchsorted(masses, side="right"), size - 1)
        drawn = self._shares[ranks]
        if self.normalize == "batch":
            reference = float(drawn.min())
        elif self.normalize == "buffer":
            reference = self._shares[size - 1]
        else:
            reference = running[-1] / size
        return self._by_rank[ranks], ((reference / drawn) ** beta).astype(np.float32)

    def update(self, slots: Slots, td_errors: NDArray[Any]) -> None:
        """Take the TD errors ``[k]`` (not weighted, either sign) last seen at these slots.

        Raises:
            ValueError: If an error is not finite.
        """
        errors = np.abs(td_errors, dtype=np.float64)
        if not errors.max(initial=0) < np.inf:
            raise ValueError(f"td_errors must be finite, got {td_errors!r}")
        self._errors[slots] = errors
        self._largest = max(self._largest, float(errors.max(initial=0)))

    def probabilities(self, size: int) -> Floats:
        """Return P(i) of the slots ``0 .. size - 1``, for the sample that comes next."""
        self._sort_if_due()
        shares: Floats = self._shares[self._rank[:size]] / self._running[size - 1]
        return shares

    def _sort_if_due(self) -> None:
        if self._samples % self.sort_every == 0:
            by_rank = self._by_rank[: self._count]
            # A stable sort of what is nearly sorted is fast, and keeps the newest of equals first.
            by_rank[:] = by_rank[np.argsort(-self._errors[by_rank], kind="stable")]
            self._rank[by_rank] = np.arange(self._count)


def effective_sample_size(probabilities: ArrayLike) -> float:
    """Return 1 / sum_i P(i)^2: how many equally likely transitions would repeat as often.

    It is N for the uniform distribution over N transitions and 1 if one takes all (Kish 1965).
    Chapter: `Prioritized replay II: how`.

    Args:
        probabilities: ``[N]``, not negative; they are divided by their sum first.

    Raises:
        ValueError: If one is negative or not finite, or all are 0.

    >>> effective_sample_size([0.25, 0.25, 0.25, 0.25])
    4.0
    """
    shares = np.asarray(probabilities, np.float64)
    largest = shares.max(initial=0)
    if shares.ndim != 1 or not (shares >= 0).all() or not 0 < largest < np.inf:
        raise ValueError(
            f"probabilities must be [N] numbers of at least 0, not all 0, got {probabilities!r}"
        )
    shares = shares / largest  # so that squares neither overflow nor vanish
    return float(shares.sum() ** 2 / (shares**2).sum())


def _uniform(count: int, total: float, stratified: bool, rng: np.random.Generator) -> Floats:
    """Return ``count`` uniform masses below ``total``; if stratified, one from each equal part."""
    numbers = rng.random(count)
    return (np.arange(count) + numbers) * (total / count) if stratified else numbers * total


def _checked_leaves(
    indices: ArrayLike, values: ArrayLike, capacity: int
) -> tuple[Slots, NDArray[np.float64]]:
    """Return the arguments of ``set`` as arrays, or raise ``ValueError``."""
    places, numbers = np.asarray(indices), np.asarray(values, np.float64)
    if places.ndim != 1 or places.shape != numbers.shape:
        raise ValueError(
            f"indices and values must both have shape [k], got {places.shape} and {numbers.shape}"
        )
    if places.size:
        if places.dtype.kind not in "iu" or places.min() < 0 or places.max() >= capacity:
            raise ValueError(
                f"indices must be whole numbers in 0 .. {capacity - 1}, got {indices!r}"
            )
        if not (numbers.min() >= 0 and numbers.max() <= _LARGEST_LEAF):
            raise ValueError(
                f"values must be in [0, {_LARGEST_LEAF:.3g}], "
                f"got some from {numbers.min()} to {numbers.max()}"
            )
    return places.astype(np.int64, copy=False), numbers


def _checked_masses(masses: ArrayLike, total: float) -> Floats:
    """Return the argument of ``find`` as an array, or raise ``ValueError``."""
    numbers = np.asarray(masses, np.float64)
    if numbers.ndim != 1:
        raise ValueError(f"masses must have shape [k], got {numbers.shape}")
    if total <= 0:
        raise ValueError(f"the total must be above 0 to find a mass in it, got {total}")
    if numbers.size and not (numbers.min() >= 0 and numbers.max() <= total):
        raise ValueError(
            f"masses must be in [0, {total}], got some from {numbers.min()} to {numbers.max()}"
        )
    return numbers
