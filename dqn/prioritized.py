"""Prioritized experience replay: sampling in proportion to, or by the rank of, the TD error.

Source of all equations: Schaul, Quan, Antonoglou & Silver 2016, "Prioritized experience replay".
Chapters: `Prioritized replay I: why` and `Prioritized replay II: how`.
"""

import math
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from dqn._arguments import (
    check_choice,
    check_draw,
    check_flag,
    check_number,
    check_numbers,
    check_slots,
    check_whole,
)

__all__ = [
    "ProportionalSampler",
    "RankBasedSampler",
    "SumTree",
    "effective_sample_size",
]

Floats = NDArray[np.float64]
Slots = NDArray[np.int64]

#: Children of a node of the sum tree.
_WIDTH = 8
_NORMALIZERS = ("batch", "buffer", "none")
_LARGEST_LEAF = float(np.finfo(np.float32).max)
_SMALLEST_LEAF = float(np.finfo(np.float32).tiny)


class SumTree:
    """A tree whose leaves hold values and whose every other node is its children's sum.

    Finding the leaf at which the running sum of all leaves passes a given mass, and changing a
    leaf, take one step a level: O(log capacity). Sums are computed anew from the children, never
    by adding a difference, so that they do not drift. All calls take whole batches.

    The paper's tree is binary. This one has eight children a node: it is a third as high, and the
    children lie side by side in memory, so that a step down costs one look at it. Leaves are
    float32, which halves their memory; sums are float64.

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
        blocks = -(-self.capacity // _WIDTH)
        self._leaves = np.zeros(blocks * _WIDTH, np.float32)
        # Sums of the leaves' blocks, then of those sums' blocks, and so on up to the root, all in
        # one array. Each level below the root is filled up with zeros to whole blocks.
        starts = [0]
        while blocks > 1:
            blocks = -(-blocks // _WIDTH)
            starts.append(starts[-1] + blocks * _WIDTH)
        self._sums = np.zeros(starts[-1] + 1)
        self._starts = np.array(starts)  # of each level in that array, the lowest first

    @property
    def total(self) -> float:
        """The sum of all leaves."""
        return float(self._sums[-1])

    @property
    def leaves(self) -> NDArray[np.float32]:
        """The leaves, ``[capacity]``, a view to be read only."""
        return self._leaves[: self.capacity]

    @property
    def nbytes(self) -> int:
        """Memory in bytes."""
        return self._leaves.nbytes + self._sums.nbytes + self._starts.nbytes

    def set(self, indices: ArrayLike, values: ArrayLike) -> None:
        """Make ``values`` ``[k]`` the leaves at ``indices`` ``[k]``; of duplicates the last counts.

        Raises:
            TypeError: If an argument is no array of numbers.
            ValueError: If an index is out of range, or a value is negative or nothing that a
                float32 can hold.
        """
        self._set(*_checked_leaves(indices, values, self.capacity))

    def find(self, masses: ArrayLike) -> Slots:
        """Return for each mass ``[k]`` the first leaf at which the running sum exceeds it.

        A mass equal to the total gives the last leaf that is not 0. Both are meant up to rounding,
        but a leaf of 0 is never given.

        Raises:
            TypeError: If the masses are no array of numbers.
            ValueError: If a mass is not in [0, total], or the total is 0.
        """
        return self._find(_checked_masses(masses, self.total))

    def _set(self, indices: Slots, values: Floats) -> None:
        _set_leaves(self._leaves, self._sums, self._starts, indices, values)

    def _find(self, masses: Floats) -> Slots:
        return _find_leaves(self._leaves, self._sums, self._starts, masses)


# What follows is compiled to machine code when it is first called: loops over single numbers, which
# Python itself would take a hundred times as long for. The whole batch takes one level at a time,
# so that the processor waits for many places in memory at once, not for one after the other.


@njit()
def _find_leaves(leaves: NDArray[np.float32], sums: Floats, starts: Slots, masses: Floats) -> Slots:
    """Walk down from the root."""
    nodes, masses = np.zeros(len(masses), np.int64), masses.copy()
    for level in range(len(starts) - 2, -1, -1):
        _descend(sums[starts[level] :], nodes, masses)
    _descend(leaves, nodes, masses)
    return nodes


@njit()
def _descend(values: NDArray[Any], nodes: Slots, masses: Floats) -> None:
    """Go from each node to the child its mass falls into, and keep the part that lies in there.

    That is the last child that begins at or before the mass, of those that are not empty: rounding
    can leave a mass beyond the end of its node, and an empty child must never be found.
    """
    for k in range(len(nodes)):
        first, mass = nodes[k] * _WIDTH, masses[k]
        chosen, before, begin = 0, 0.0, 0.0
        for child in range(_WIDTH):
            size = values[first + child]
            if (begin <= mass) & (size > 0):  # not `and`: a choice is quicker than a jump
                chosen, before = child, begin
            begin += size
        nodes[k] = first + chosen
        masses[k] = mass - before


@njit()
def _set_leaves(
    leaves: NDArray[np.float32],
    sums: Floats,
    starts: Slots,
    indices: Slots,
    values: Floats,
) -> None:
    """Write the leaves, then all sums above them, from the bottom up."""
    for k in range(len(indices)):
        leaves[indices[k]] = values[k]
    nodes = indices // _WIDTH
    _add_up(leaves, nodes, sums)
    for level in range(1, len(starts)):
        nodes //= _WIDTH
        _add_up(sums[starts[level - 1] :], nodes, sums[starts[level] :])


@njit()
def _add_up(values: NDArray[Any], nodes: Slots, sums: Floats) -> None:
    """Make each node's sum that of its children."""
    for node in nodes:
        total = 0.0
        for child in range(node * _WIDTH, (node + 1) * _WIDTH):
            total += values[child]
        sums[node] = total


class ProportionalSampler:
    """Draws transition i with probability P(i) = p_i^alpha / sum_k p_k^alpha, p = abs(delta) + eps.

    A new transition gets the largest p so far, which is at least 1, that of the first. Its
    importance weight is (N P(i))^-beta, divided by the largest such weight. Schaul et al. 2016,
    equations 1 and 2, Section 3.4 and Algorithm 1. Chapter: `Prioritized replay II: how`.

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
    ) -> None:
        self.tree = SumTree(capacity)
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
        """Give new transitions the largest priority so far, so that each is soon replayed.

        Raises:
            TypeError: If the slots are no int64 array.
            ValueError: If they are not of shape ``[k]``, or one is out of range.
        """
        _check_slots(slots, self.capacity)
        self.tree._set(slots, np.full(len(slots), self._largest))

    def sample(
        self, batch_size: int, size: int, rng: np.random.Generator, beta: float = 1.0
    ) -> tuple[Slots, NDArray[np.float32]]:
        """Draw ``batch_size`` slots and their importance weights.

        Raises:
            TypeError: If a size is no whole number, or ``rng`` no generator.
            ValueError: If a size is below 1, ``beta`` is outside [0, 1], or all priorities are 0.
        """
        check_draw(batch_size, size, rng, beta)
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
            TypeError: If the slots are no int64 array, or the errors no numbers.
            ValueError: If an error is not finite, or too large for p^alpha to fit a float32, or the
                slots are of another shape or out of range.
        """
        _check_slots(slots, self.capacity, td_errors)
        check_numbers("td_errors", td_errors)
        errors = np.abs(td_errors, dtype=np.float64)
        largest = float(errors.max(initial=0))
        self._check_largest(largest, td_errors)
        self.tree._set(slots, (errors + self.epsilon) ** self.alpha)
        self._largest = max(self._largest, (largest + self.epsilon) ** self.alpha)

    def check_errors(self, td_errors: NDArray[Any]) -> None:
        """Say what is wrong with TD errors that :meth:`update` would not take.

        Raises:
            TypeError: If they are no numbers.
            ValueError: If one is not finite, or too large for p^alpha to fit a float32.
        """
        check_numbers("td_errors", td_errors)
        self._check_largest(float(np.abs(td_errors, dtype=np.float64).max(initial=0)), td_errors)

    def _check_largest(self, largest: float, td_errors: NDArray[Any]) -> None:
        """Raise unless p^alpha of the largest absolute error fits a leaf."""
        if not largest + self.epsilon <= self._error_limit:
            raise ValueError(
                f"td_errors must be finite and at most {self._error_limit:.3g} in absolute value, "
                f"got {td_errors!r}"
            )

    def probabilities(self, size: int) -> Floats:
        """Return P(i) of the slots ``0 .. size - 1``.

        Raises:
            TypeError: If ``size`` is no whole number.
            ValueError: If it is below 1.
        """
        check_whole("size", size)
        shares: Floats = self.tree.leaves[:size] / np.float64(self.tree.total)
        return shares


class RankBasedSampler:
    """Draws transition i with probability P(i) proportional to rank(i)^-alpha.

    Ranks count from 1, the largest absolute TD error; only the order of the errors matters, so
    one huge error changes nothing. A new transition enters with the largest error so far,
    which is at least 1, ahead of its equals. Schaul et al. 2016, Section 3.3.
    Chapter: `Prioritized replay II: how`.

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
        """Rank new transitions first.

        Raises:
            TypeError: If the slots are no int64 array.
            ValueError: If they are not of shape ``[k]``, or one is out of range.
        """
        _check_slots(slots, self.capacity)
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
            TypeError: If a size is no whole number, or ``rng`` no generator.
            ValueError: If a size is below 1, or ``beta`` is outside [0, 1].
        """
        check_draw(batch_size, size, rng, beta)
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
            TypeError: If the slots are no int64 array, or the errors no numbers.
            ValueError: If an error is not finite, or the slots are of another shape or out of
                range.
        """
        _check_slots(slots, self.capacity, td_errors)
        check_numbers("td_errors", td_errors)
        errors = np.abs(td_errors, dtype=np.float64)
        if not errors.max(initial=0) < np.inf:
            raise ValueError(f"td_errors must be finite, got {td_errors!r}")
        self._errors[slots] = errors
        self._largest = max(self._largest, float(errors.max(initial=0)))

    def probabilities(self, size: int) -> Floats:
        """Return P(i) of the slots ``0 .. size - 1``, for the sample that comes next.

        Raises:
            TypeError: If ``size`` is no whole number.
            ValueError: If it is below 1.
        """
        check_whole("size", size)
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
        TypeError: If they are no array of numbers.
        ValueError: If one is negative or not finite, or all are 0.

    >>> effective_sample_size([0.25, 0.25, 0.25, 0.25])
    4.0
    """
    check_numbers("probabilities", probabilities)
    shares = np.asarray(probabilities, np.float64)
    largest = shares.max(initial=0)
    if shares.ndim != 1 or not (shares >= 0).all() or not 0 < largest < np.inf:
        raise ValueError(
            f"probabilities must be [N] numbers of at least 0, not all 0, got {probabilities!r}"
        )
    shares = shares / largest  # so that squares neither overflow nor vanish
    return float(shares.sum() ** 2 / (shares**2).sum())


def _check_slots(slots: Slots, capacity: int, td_errors: ArrayLike | None = None) -> None:
    """Raise unless these are slots ``[k]`` of a memory: compiled code would write anywhere."""
    if not isinstance(slots, np.ndarray) or slots.dtype != np.int64:
        raise TypeError(f"slots must be an int64 array, got {slots!r}")
    check_slots(slots, capacity, td_errors)


def _uniform(count: int, total: float, stratified: bool, rng: np.random.Generator) -> Floats:
    """Return ``count`` uniform masses below ``total``; if stratified, one from each equal part."""
    numbers = rng.random(count)
    return (np.arange(count) + numbers) * (total / count) if stratified else numbers * total


def _checked_leaves(
    indices: ArrayLike, values: ArrayLike, capacity: int
) -> tuple[Slots, NDArray[np.float64]]:
    """Return the arguments of ``set`` as arrays, or raise ``ValueError``."""
    check_numbers("indices", indices)
    check_numbers("values", values)
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
        smallest = numbers.min(where=numbers > 0, initial=np.inf)
        in_range = numbers.min() >= 0 and numbers.max() <= _LARGEST_LEAF
        if not (in_range and smallest >= _SMALLEST_LEAF):
            raise ValueError(
                f"values must be 0 or in [{_SMALLEST_LEAF:.3g}, {_LARGEST_LEAF:.3g}], "
                f"got some from {numbers.min()} to {numbers.max()}"
            )
    return places.astype(np.int64, copy=False), numbers


def _checked_masses(masses: ArrayLike, total: float) -> Floats:
    """Return the argument of ``find`` as an array, or raise ``ValueError``."""
    check_numbers("masses", masses)
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
