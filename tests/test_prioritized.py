"""Trees against running sums, samplers by chi-square and by enumeration."""

import itertools
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import chi2  # type: ignore[import-untyped]

from dqn.prioritized import (
    ProportionalSampler,
    RankBasedSampler,
    SumTree,
    effective_sample_size,
)
from dqn.replay import ReplayBuffer, Transitions

CAPACITIES = (1, 2, 3, 5, 7, 100, 1000)


Floats = NDArray[np.float64]


def first_above(leaves: Floats, masses: Floats) -> NDArray[np.int64]:
    """The definition: first index whose running sum exceeds the mass, the last positive at most."""
    running = np.cumsum(leaves, dtype=np.float64)
    last = np.flatnonzero(leaves)[-1]
    found: NDArray[np.int64] = np.minimum(np.searchsorted(running, masses, side="right"), last)
    return found


# -- trees


@given(data=st.data(), capacity=st.integers(1, 70) | st.integers(510, 520))
@settings(max_examples=150, deadline=None)
def test_any_operations_agree_with_running_sums(data: st.DataObject, capacity: int) -> None:
    """Whole values, so that sums are exact and every boundary between leaves is hit."""
    subject, leaves = SumTree(capacity), np.zeros(capacity)
    for _ in range(data.draw(st.integers(1, 5))):
        pairs = data.draw(
            st.lists(st.tuples(st.integers(0, capacity - 1), st.integers(0, 9)), max_size=20)
        )
        subject.set([i for i, _ in pairs], [v for _, v in pairs])
        for index, value in pairs:
            leaves[index] = value
        np.testing.assert_array_equal(subject.leaves, leaves)
        assert subject.total == leaves.sum()
        if subject.total:
            masses = np.arange(0, subject.total + 0.25, 0.5)
            np.testing.assert_array_equal(subject.find(masses), first_above(leaves, masses))


@pytest.mark.parametrize("capacity", [*CAPACITIES, 4097, 70_001])
def test_every_leaf_is_reached_the_last_included(capacity: int) -> None:
    subject = SumTree(capacity)
    subject.set(np.arange(capacity), np.ones(capacity))
    np.testing.assert_array_equal(subject.find(np.arange(capacity) + 0.5), np.arange(capacity))
    np.testing.assert_array_equal(subject.find([0.0, subject.total]), [0, capacity - 1])


@pytest.mark.parametrize("capacity", [1, 2, 3, 7, 16, 17, 300, 70_000])
def test_a_leaf_of_zero_is_never_found(capacity: int) -> None:
    rng = np.random.default_rng(capacity)
    for positive in (1, min(2, capacity), capacity // 3 + 1):
        subject = SumTree(capacity)
        where = np.sort(rng.choice(capacity, positive, replace=False))
        subject.set(where, rng.lognormal(sigma=5, size=positive))
        total = subject.total
        masses = np.concatenate(
            (np.linspace(0, total, 500), total * (1 - 2.0 ** -np.arange(40.0, 54)))
        )
        found = subject.find(np.minimum(masses, total))
        assert set(found) <= set(where)
        assert found[0] == where[0]
        assert subject.find([total])[0] == where[-1]


@pytest.mark.parametrize("capacity", [1, 3, 50, 1000, 70_000])
def test_real_values_are_found_up_to_rounding(capacity: int) -> None:
    rng = np.random.default_rng(0)
    subject = SumTree(capacity)
    subject.set(np.arange(capacity), rng.lognormal(sigma=3, size=capacity))
    leaves = subject.leaves.astype(np.float64)
    running = leaves.cumsum()
    assert math.isclose(subject.total, math.fsum(leaves), rel_tol=1e-13)
    masses = rng.random(2000) * subject.total
    found = subject.find(masses)
    slack = 1e-12 * subject.total
    assert (masses <= running[found] + slack).all()
    assert (masses >= running[found] - leaves[found] - slack).all()


@pytest.mark.parametrize("order", list(itertools.permutations([1e-15, 1.0, 1e15])))
def test_values_of_ratio_1e30(order: tuple[float, ...]) -> None:
    """Each leaf's own share, placed as a plain running sum places it, for each order."""
    leaves = np.zeros(40)
    leaves[[3, 18, 37]] = order
    subject = SumTree(40)
    subject.set(np.arange(40), leaves)
    leaves = subject.leaves.astype(np.float64)
    masses = np.array([0.0, 0.5e-15, 0.5, 0.5e15, 0.999e15])
    np.testing.assert_array_equal(subject.find(masses), first_above(leaves, masses))
    assert subject.find([subject.total])[0] in (18, 37)  # the rest may vanish in the rounding
    # One batch must not let a huge block blur a small one: each mass alone gives the same.
    np.testing.assert_array_equal(subject.find(masses), [subject.find([m])[0] for m in masses])
    subject.set([3, 18, 37], [1e-15] * 3)
    assert math.isclose(subject.total, 3e-15, rel_tol=1e-6)  # no trace of what was there


def test_no_drift_after_a_million_updates() -> None:
    rng = np.random.default_rng(0)
    subject = SumTree(777)
    for _ in range(500):
        subject.set(rng.integers(777, size=2000), 10 ** rng.uniform(-6, 6, size=2000))
    leaves = subject.leaves.astype(np.float64)
    assert math.isclose(subject.total, math.fsum(leaves), rel_tol=1e-14)
    subject.set(np.arange(777), np.ones(777))
    assert subject.total == 777
    subject.set(np.arange(776), np.zeros(776))
    assert subject.total == 1
    assert subject.find([0.0, 1.0]).tolist() == [776, 776]


@pytest.mark.parametrize(
    ("indices", "values"),
    [
        ([5], [1.0]),
        ([-1], [1.0]),
        ([0.0], [1.0]),
        ([0, 1], [1.0]),
        ([[0]], [[1.0]]),
        ([0, 1], [1.0, -1.0]),
        ([0, 1], [1.0, np.nan]),
        ([0, 1], [1.0, np.inf]),
        ([0, 1], [1.0, 1e39]),
        ([0, 1], [1.0, 1e-39]),  # a float32 would be less exact, or 0
    ],
)
def test_bad_leaves_are_refused(indices: Any, values: Any) -> None:
    subject = SumTree(5)
    subject.set(np.arange(5), np.arange(5.0))
    with pytest.raises(ValueError, match=r"indices|values"):
        subject.set(indices, values)
    np.testing.assert_array_equal(subject.leaves, np.arange(5.0))
    assert subject.total == 10


def test_bad_masses_are_refused() -> None:
    subject = SumTree(3)
    with pytest.raises(ValueError, match="total must be above 0"):
        subject.find([0.0])
    subject.set([1], [2.0])
    for masses in ([-0.1], [2.1], [np.nan], [[1.0]]):
        with pytest.raises(ValueError, match="masses"):
            subject.find(masses)
    assert subject.find([]).tolist() == []
    subject.set([], [])
    with pytest.raises(ValueError, match="capacity"):
        SumTree(0)


# -- samplers in a buffer


def filled(sampler: Any, added: int, errors: Floats | None = None) -> ReplayBuffer:
    """A buffer to which so many transitions were added, the last ones with these errors."""
    buffer = ReplayBuffer(sampler.capacity, (), np.int64, sampler=sampler)
    number = np.arange(added)
    for part in np.array_split(number, 3):
        zeros = np.zeros(len(part))
        buffer.add(Transitions(part, zeros.astype(int), zeros, zeros, part))
    if errors is not None:
        slots = number[-len(errors) :] % sampler.capacity
        buffer.update_priorities(slots, errors)
    return buffer


def proportional(errors: Floats, alpha: float, epsilon: float = 1e-6) -> Floats:
    shares = np.array([(abs(error) + epsilon) ** alpha for error in errors.tolist()])
    shares /= shares.sum()
    return shares


def rank_based(errors: Floats, alpha: float) -> Floats:
    ranks = [1 + sum(abs(other) > abs(error) for other in errors) for error in errors]
    shares = np.array([float(rank) ** -alpha for rank in ranks])
    shares /= shares.sum()
    return shares


def chi_square_p(counts: NDArray[np.int64], expected: Floats) -> float:
    """Chance of a fit at least as bad; rare cells are pooled until each expects 5 or more."""
    order = np.argsort(expected)
    pools = np.cumsum(expected[order]) // 5
    observed = np.bincount(pools.astype(int), counts[order])
    expects = np.bincount(pools.astype(int), expected[order])
    used = expects > 0
    statistic = ((observed[used] - expects[used]) ** 2 / expects[used]).sum()
    return float(chi2.sf(statistic, max(used.sum() - 1, 1)))


def draw(buffer: ReplayBuffer, batches: int) -> NDArray[np.int64]:
    rng = np.random.default_rng(0)
    batch = min(32, len(buffer))
    slots = [buffer.sample(batch, rng).slots for _ in range(batches)]
    return np.bincount(np.concatenate(slots), minlength=buffer.capacity)


@pytest.mark.parametrize("stratified", [True, False])
@pytest.mark.parametrize("wrapped", [False, True])
@pytest.mark.parametrize("capacity", CAPACITIES)
@pytest.mark.parametrize("kind", ["proportional", "rank"])
def test_chi_square(kind: str, capacity: int, wrapped: bool, stratified: bool) -> None:
    rng = np.random.default_rng(capacity)
    errors = rng.normal(size=capacity) * 2 + np.linspace(0, 3, capacity)
    added = capacity + (capacity // 2 + 1 if wrapped else 0)
    by_slot = np.empty(capacity)
    by_slot[np.arange(added - capacity, added) % capacity] = errors
    sampler: Any
    if kind == "rank":
        sampler = RankBasedSampler(capacity, alpha=0.7, stratified=stratified)
        expected = rank_based(by_slot, 0.7)
    else:
        sampler = ProportionalSampler(capacity, alpha=0.5, stratified=stratified)
        expected = proportional(by_slot, 0.5)
    buffer = filled(sampler, added, errors)
    np.testing.assert_allclose(sampler.probabilities(capacity), expected, rtol=1e-6)
    counts = draw(buffer, 1000)
    p = chi_square_p(counts, expected * counts.sum())
    assert p > 1e-5
    if not stratified and capacity > 10:
        assert p < 1 - 1e-5  # independent draws do not fit better than they should


@pytest.mark.parametrize("capacity", [c for c in CAPACITIES if c > 1])
def test_the_chi_square_test_sees_wrong_samplers(capacity: int) -> None:
    """Uniform draws, alpha applied twice, and a last leaf that is never drawn are all rejected."""
    rng = np.random.default_rng(1)
    errors = np.linspace(1, 4, capacity)
    right = proportional(errors, 0.5)
    without_last = np.where(np.arange(capacity) < capacity - 1, right, 0)
    for wrong in (np.full(capacity, 1 / capacity), proportional(errors, 0.25), without_last):
        draws = 1000 * min(32, capacity)
        counts = rng.multinomial(draws, wrong / wrong.sum())
        if capacity == 1000 and wrong is without_last:
            assert counts[-1] == 0
            continue  # one cell of a thousand: seen by the test of every leaf instead
        assert chi_square_p(counts, right * draws) < 1e-5


@pytest.mark.parametrize("sampler", [ProportionalSampler(8), RankBasedSampler(8, alpha=0)])
def test_a_stratified_batch_takes_one_from_each_equal_part(sampler: Any) -> None:
    buffer = filled(sampler, 11)
    for seed in range(20):
        slots = buffer.sample(8, np.random.default_rng(seed)).slots
        assert sorted(slots) == list(range(8))


@pytest.mark.parametrize("make", [ProportionalSampler, RankBasedSampler])
@pytest.mark.parametrize(
    ("slots", "error"),
    [
        (np.array([10**9]), ValueError),
        (np.array([-1]), ValueError),
        (np.array([3]), ValueError),
        (np.array([0], np.uint64), TypeError),
        (np.array([0.0]), TypeError),
        ([0], TypeError),
        (np.array([[0]]), ValueError),
        (np.array(0), ValueError),
    ],
)
def test_samplers_refuse_slots_that_are_none(make: Any, slots: Any, error: Any) -> None:
    """Compiled code does not look where it writes."""
    sampler = make(3)
    sampler.added(np.arange(3))
    before = sampler.probabilities(3)
    with pytest.raises(error, match="slots must"):
        sampler.added(slots)
    with pytest.raises(error, match="slots must"):
        sampler.update(slots, np.ones(np.shape(slots)))
    with pytest.raises(ValueError, match="slots must have shape"):
        sampler.update(np.arange(3), np.ones(1))
    np.testing.assert_array_equal(sampler.probabilities(3), before)


def test_a_stratified_batch_is_not_cut_by_rounding() -> None:
    """With random numbers just below 1 the last draw stays inside, at any batch size."""

    class LargestNumbers(np.random.Generator):
        def random(self, *args: Any, **_: Any) -> Any:
            return np.full(args[0], np.nextafter(1.0, 0.0))

    rng = LargestNumbers(np.random.PCG64())
    for capacity, batch in itertools.product((1, 3, 10, 1000), (1, 3, 7, 32, 100)):
        for stratified in (True, False):
            errors = np.arange(capacity, 0, -1) / 7
            for sampler in (
                ProportionalSampler(capacity, stratified=stratified),
                RankBasedSampler(capacity, stratified=stratified),
            ):
                sampler.added(np.arange(capacity))
                sampler.update(np.arange(capacity), errors)
                assert sampler.sample(batch, capacity, rng)[0][-1] == capacity - 1


@pytest.mark.parametrize("alpha", [0.0, 0.5, 1.0, 2.0])
@pytest.mark.parametrize("epsilon", [1e-6, 0.1])
def test_priorities_by_definition(alpha: float, epsilon: float) -> None:
    errors = np.array([0.0, -2.0, 0.5, 3.0])
    sampler = ProportionalSampler(5, alpha, epsilon)
    filled(sampler, 4, errors)
    expected = proportional(errors, alpha, epsilon)
    np.testing.assert_allclose(sampler.probabilities(4), expected, rtol=1e-6)


@pytest.mark.parametrize("alpha", [0.5, 1.0])
def test_new_transitions_enter_at_the_largest_priority_so_far(alpha: float) -> None:
    sampler = ProportionalSampler(3, alpha, epsilon=0)
    buffer = filled(sampler, 3, np.array([0.25, 0.5, 0.0]))
    zero = np.zeros(1, int)
    step = Transitions(zero, zero, zero, zero, zero)
    buffer.add(step)  # p_1 = 1 is the largest so far; it takes slot 0
    shares = np.array([1.0, 0.5, 0.0]) ** alpha
    np.testing.assert_allclose(sampler.probabilities(3), shares / shares.sum(), rtol=1e-6)
    buffer.update_priorities([2], [-9.0])
    buffer.update_priorities([2], [0.0])
    buffer.add(step)  # 9 was seen, though it is no longer there
    shares = np.array([1.0, 9.0, 0.0]) ** alpha
    np.testing.assert_allclose(sampler.probabilities(3), shares / shares.sum(), rtol=1e-6)


def test_priorities_of_ratio_1e30_and_of_zero() -> None:
    sampler = ProportionalSampler(3, alpha=1.0, epsilon=0)
    buffer = filled(sampler, 3, np.array([1e-15, 1e15, 0.0]))
    np.testing.assert_allclose(sampler.probabilities(3), [1e-30, 1, 0], rtol=1e-6)
    for seed in range(50):
        batch = buffer.sample(3, np.random.default_rng(seed))
        assert set(batch.slots) <= {0, 1}
        assert np.isfinite(batch.weights).all()
    buffer.update_priorities([0, 1, 2], [0.0, 0.0, 0.0])
    with pytest.raises(ValueError, match="all be 0"):
        buffer.sample(1, np.random.default_rng(0))
    buffer.update_priorities([2], [1e-3])
    assert set(buffer.sample(3, np.random.default_rng(0)).slots) == {2}


# -- importance weights


class Numbers(np.random.Generator):
    """Gives chosen numbers instead of random ones."""

    def __init__(self, numbers: Any) -> None:
        super().__init__(np.random.PCG64())
        self._numbers = np.array(numbers)

    def random(self, *args: Any, **_: Any) -> Any:
        assert args == (len(self._numbers),)
        return self._numbers.copy()


def samplers_with(normalize: str) -> list[tuple[Any, Floats]]:
    """Samplers of independent draws over five transitions, and their probabilities."""
    errors = np.array([0.5, 3.0, 0.1, 1.0, 2.0])
    by_error = ProportionalSampler(9, 0.7, stratified=False, normalize=normalize)
    filled(by_error, 5, errors)
    ranked = RankBasedSampler(9, 0.7, stratified=False, normalize=normalize)
    filled(ranked, 5, errors)
    return [(by_error, proportional(errors, 0.7)), (ranked, rank_based(errors, 0.7))]


def batches_of_two(sampler: Any, p: Floats) -> list[tuple[float, NDArray[Any], NDArray[Any]]]:
    """Every batch of two independent draws: its probability, its slots and its weights."""
    order = np.argsort(-p) if isinstance(sampler, RankBasedSampler) else np.arange(5)
    middle = np.cumsum(p[order]) - p[order] / 2
    batches = []
    for first, second in itertools.product(range(5), repeat=2):
        slots, weights = sampler.sample(2, 5, Numbers(middle[[first, second]]), 1.0)
        np.testing.assert_array_equal(slots, order[[first, second]])
        batches.append((p[slots[0]] * p[slots[1]], slots, weights.astype(np.float64)))
    return batches


def expected_update(sampler: Any, p: Floats, gradients: Floats) -> Any:
    return sum(
        chance * (weights * gradients[slots]).mean()
        for chance, slots, weights in batches_of_two(sampler, p)
    )


GRADIENTS = (np.array([1.0, -2.0, 5.0, 0.5, 3.0]), np.array([2.0, 1.0, -4.0, 1.0, 1.0]))


@pytest.mark.parametrize("gradients", GRADIENTS)
def test_beta_one_is_exactly_unbiased_by_enumeration(gradients: Floats) -> None:
    """sum_i P(i) w_i g_i is the plain mean; over the buffer's largest weight, a multiple of it."""
    for sampler, p in samplers_with("none"):
        update = expected_update(sampler, p, gradients)
        np.testing.assert_allclose(update, gradients.mean(), rtol=1e-5)
    for sampler, p in samplers_with("buffer"):
        update = expected_update(sampler, p, gradients)
        largest = (1 / (5 * p)).max()
        np.testing.assert_allclose(update, gradients.mean() / largest, rtol=1e-5)


def test_the_batch_maximum_brings_a_bias() -> None:
    """Whatever constant one allows for, two gradients do not agree on it."""
    for sampler, p in samplers_with("batch"):
        ratios = [expected_update(sampler, p, g) / g.mean() for g in GRADIENTS]
        assert abs(ratios[0] / ratios[1] - 1) > 0.1
    for sampler, p in samplers_with("buffer"):
        ratios = [expected_update(sampler, p, g) / g.mean() for g in GRADIENTS]
        assert abs(ratios[0] / ratios[1] - 1) < 1e-5


@pytest.mark.parametrize("beta", [0.0, 0.4, 1.0])
@pytest.mark.parametrize("normalize", ["batch", "buffer", "none"])
def test_weights_by_definition(normalize: str, beta: float) -> None:
    for sampler, p in samplers_with(normalize):
        slots, weights = sampler.sample(4, 5, np.random.default_rng(3), beta)
        all_weights = (5 * p) ** -beta
        largest = {"batch": all_weights[slots].max(), "buffer": all_weights.max(), "none": 1.0}
        np.testing.assert_allclose(weights, all_weights[slots] / largest[normalize], rtol=1e-5)
        assert weights.dtype == np.float32


@pytest.mark.parametrize("make", [ProportionalSampler, RankBasedSampler])
def test_alpha_zero_is_uniform_with_weights_of_one(make: Any) -> None:
    sampler = make(7, alpha=0)
    filled(sampler, 7, np.arange(7.0) * 100)
    np.testing.assert_allclose(sampler.probabilities(7), np.full(7, 1 / 7))
    np.testing.assert_array_equal(sampler.sample(7, 7, np.random.default_rng(0), 1.0)[1], 1)


# -- rank-based


def test_ranks_count_only_the_order() -> None:
    mild, wild = RankBasedSampler(4), RankBasedSampler(4)
    filled(mild, 4, np.array([1.0, -2.0, 3.0, 0.5]))
    filled(wild, 4, np.array([1.0, -1e9, 1e30, 0.0]))
    np.testing.assert_array_equal(mild.probabilities(4), wild.probabilities(4))
    np.testing.assert_allclose(
        mild.probabilities(4) / mild.probabilities(4)[2],
        [3**-0.7, 2**-0.7, 1, 4**-0.7],
    )


@pytest.mark.parametrize("sort_every", [1, 1000])
@pytest.mark.parametrize("capacity", [1, 2, 3, 7, 20])
def test_new_transitions_rank_first_at_once(capacity: int, sort_every: int) -> None:
    one = np.ones(1, int)
    sampler = RankBasedSampler(capacity, alpha=1.0, sort_every=sort_every)
    buffer = filled(sampler, capacity, 0.5 + np.arange(float(capacity)))
    rng = np.random.default_rng(0)
    buffer.sample(1, rng)
    for _ in range(3 * capacity):
        slot = buffer.add(Transitions(one, one, one, one, one))
        chances = sampler.probabilities(capacity)
        assert chances.argmax() == slot[0]
        # Every rank is still taken exactly once.
        harmonic = 1 / np.arange(1.0, capacity + 1)
        np.testing.assert_allclose(np.sort(chances)[::-1], harmonic / harmonic.sum())


def test_ranks_wait_for_the_sort_that_is_due() -> None:
    sampler = RankBasedSampler(3, alpha=1.0, sort_every=3)
    buffer = filled(sampler, 3, np.array([3.0, 2.0, 1.0]))
    rng = np.random.default_rng(0)
    buffer.sample(1, rng)
    buffer.update_priorities([2], [9.0])
    for _ in range(2):
        assert sampler.probabilities(3).argmax() == 0
        buffer.sample(1, rng)
    assert sampler.probabilities(3).argmax() == 2


# -- bad input


@pytest.mark.parametrize("make", [ProportionalSampler, RankBasedSampler])
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("alpha", [0.0, 0.6])
def test_bad_errors_are_refused_before_anything_changes(
    make: Any, bad: float, alpha: float
) -> None:
    sampler = make(5, alpha=alpha)
    buffer = filled(sampler, 4, np.array([0.5, 1.0, 2.0, 0.1]))
    before = sampler.probabilities(4)
    with pytest.raises(ValueError, match="td_errors must be finite"):
        buffer.update_priorities([0, 1], [7.0, bad])
    np.testing.assert_array_equal(sampler.probabilities(4), before)


def test_priorities_that_fit_no_leaf_are_refused() -> None:
    sampler = ProportionalSampler(2, alpha=2.0)
    sampler.added(np.arange(2))
    sampler.update(np.array([0]), np.array([1e19]))
    with pytest.raises(ValueError, match="td_errors"):
        sampler.update(np.array([0]), np.array([1e20]))
    assert sampler.probabilities(2)[0] == 1
    with pytest.raises(ValueError, match="epsilon"):
        ProportionalSampler(2, alpha=10, epsilon=1e-6)
    for alpha in (0.0, 0.01, 0.6, 1.0):
        huge = ProportionalSampler(2, alpha=alpha, epsilon=0)
        huge.added(np.arange(2))
        huge.update(np.array([0]), np.array([3e38]))
        assert np.isfinite(huge.probabilities(2)).all()


@pytest.mark.parametrize("make", [ProportionalSampler, RankBasedSampler])
@pytest.mark.parametrize(
    "arguments",
    [
        {"capacity": 0},
        {"alpha": -0.1},
        {"alpha": np.nan},
        {"normalize": "maximum"},
        {"beta": -0.1},
        {"beta": 1.1},
        {"beta": np.nan},
    ],
)
def test_bad_arguments(make: Any, arguments: dict[str, Any]) -> None:
    name = next(iter(arguments))
    with pytest.raises(ValueError, match=name):
        filled(make(**{"capacity": 3, **arguments}), 3) if name != "beta" else filled(
            make(3), 3
        ).sample(1, np.random.default_rng(0), **arguments)


def test_bad_arguments_of_one_sampler() -> None:
    with pytest.raises(ValueError, match="epsilon"):
        ProportionalSampler(3, epsilon=-1.0)
    with pytest.raises(ValueError, match="sort_every"):
        RankBasedSampler(3, sort_every=0)


# -- effective sample size


def test_effective_sample_size() -> None:
    assert effective_sample_size(np.full(7, 1 / 7)) == pytest.approx(7)
    assert effective_sample_size([0, 0, 5.0]) == 1
    assert effective_sample_size([0.5, 0.25, 0.25]) == pytest.approx(8 / 3)
    assert effective_sample_size([1e-200, 1e-200]) == pytest.approx(2)
    assert effective_sample_size([1e200, 1e200]) == pytest.approx(2)
    for bad in ([], [0.0, 0.0], [1.0, -1.0], [np.nan], [np.inf, 1.0], [[1.0]]):
        with pytest.raises(ValueError, match="probabilities"):
            effective_sample_size(bad)


@pytest.mark.parametrize("make", [ProportionalSampler, RankBasedSampler])
@pytest.mark.parametrize("wrong", [0, -1, True, 1.5, None, [1]])
def test_bad_sizes_are_refused_by_name(make: Any, wrong: Any) -> None:
    sampler, rng = make(4), np.random.default_rng(0)
    sampler.added(np.arange(3))
    with pytest.raises((TypeError, ValueError), match="batch_size must be a whole number"):
        sampler.sample(wrong, 3, rng)
    with pytest.raises((TypeError, ValueError), match=r"^size must be a whole number"):
        sampler.sample(2, wrong, rng)
    with pytest.raises((TypeError, ValueError), match=r"^size must be a whole number"):
        sampler.probabilities(wrong)
    with pytest.raises(TypeError, match=r"rng must be a numpy\.random\.Generator"):
        sampler.sample(2, 3, wrong)
    with pytest.raises(TypeError, match="td_errors must be an array of numbers"):
        sampler.update(np.array([0]), np.array([None]))


@pytest.mark.parametrize("wrong", [["1"], [None], [{}], [[1.0], [1.0, 2.0]]])
def test_text_and_ragged_rows_are_refused_by_name(wrong: Any) -> None:
    tree = SumTree(3)
    tree.set([0], [1.0])
    with pytest.raises(TypeError, match="indices must be an array of numbers"):
        tree.set(wrong, [1.0])
    with pytest.raises(TypeError, match="values must be an array of numbers"):
        tree.set([0], wrong)
    with pytest.raises(TypeError, match="masses must be an array of numbers"):
        tree.find(wrong)
    with pytest.raises(TypeError, match="probabilities must be an array of numbers"):
        effective_sample_size(wrong)


def test_a_new_transition_ranks_above_errors_below_one() -> None:
    sampler = RankBasedSampler(3, alpha=1.0)
    sampler.added(np.arange(3))
    sampler.update(np.array([0, 1]), np.array([0.5, 1.5]))  # the third counts as 1
    np.testing.assert_allclose(sampler.probabilities(3) * 11, [2, 6, 3])
