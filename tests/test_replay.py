"""The ring against a list, n-step windows against brute force, uniform sampling by chi-square."""

import itertools
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import chi2  # type: ignore[import-untyped]

from dqn.prioritized import ProportionalSampler
from dqn.replay import Batch, NStepWindow, ReplayBuffer, Transitions, UniformSampler

CAPACITIES = (1, 2, 3, 5, 7, 100, 1000)


def numbered(
    first: int, count: int, obs_shape: tuple[int, ...] = (), obs_dtype: Any = np.float32
) -> Transitions:
    """Transitions that say in every field which one they are."""
    number = np.arange(first, first + count)
    wide = number.reshape(-1, *(1 for _ in obs_shape)) + np.zeros(obs_shape, int)
    return Transitions(
        (wide % 100).astype(obs_dtype),
        number % 3,
        number + 0.5,
        (number % 7) / 8,
        (wide % 100 + 1).astype(obs_dtype),
    )


def assert_same(left: Transitions | Batch, right: Transitions) -> None:
    for name in Transitions._fields:
        np.testing.assert_array_equal(getattr(left, name), getattr(right, name), err_msg=name)


@pytest.mark.parametrize("capacity", [1, 2, 3, 5, 7, 64])
@pytest.mark.parametrize(
    ("obs_shape", "obs_dtype"),
    [((), np.int64), ((), bool), ((4,), np.float32), ((2, 3), np.uint8), ((0,), np.float64)],
)
def test_ring_holds_the_latest_whatever_the_sizes_added(
    capacity: int, obs_shape: tuple[int, ...], obs_dtype: Any
) -> None:
    buffer = ReplayBuffer(capacity, obs_shape, obs_dtype, num_actions=3)
    assert len(buffer) == 0
    added = 0
    for count in (1, 0, 2, 1, 3, capacity, capacity + 1, 1, 3 * capacity + 2, 5):
        slots = buffer.add(numbered(added, count, obs_shape, obs_dtype))
        np.testing.assert_array_equal(slots, np.arange(added, added + count) % capacity)
        added += count
        held = min(added, capacity)
        assert len(buffer) == held
        assert_same(buffer.contents(), numbered(added - held, held, obs_shape, obs_dtype))


def test_batch_holds_what_lies_in_its_slots_as_copies_in_the_promised_types() -> None:
    buffer = ReplayBuffer(7, (2, 3), np.uint8, num_actions=3)
    buffer.add(numbered(0, 10, (2, 3), np.uint8))
    before = buffer.contents()
    batch = buffer.sample(6, np.random.default_rng(1))
    newest_in_slot = np.array([7, 8, 9, 3, 4, 5, 6])
    expected = numbered(0, 10, (2, 3), np.uint8)
    assert_same(batch, Transitions(*(field[newest_in_slot[batch.slots]] for field in expected)))
    dtypes = [field.dtype for field in batch]
    assert dtypes == [np.uint8, np.int64, np.float32, np.float32, np.uint8, np.int64, np.float32]
    assert batch.obs_tm1.shape == (6, 2, 3)
    np.testing.assert_array_equal(batch.weights, 1)
    for field in batch:
        assert field.flags.c_contiguous
        field[...] = 0
    assert_same(buffer.contents(), before)


@pytest.mark.parametrize("capacity", CAPACITIES)
def test_uniform_sampling_by_chi_square_after_wrap_around(capacity: int) -> None:
    buffer = ReplayBuffer(capacity, ())
    buffer.add(numbered(0, capacity + capacity // 2 + 1))
    rng = np.random.default_rng(0)
    draws = np.concatenate(
        [buffer.sample(min(32, capacity), rng).slots for _ in range(40 * capacity)]
    )
    counts = np.bincount(draws, minlength=capacity)
    expected = len(draws) / capacity
    statistic = ((counts - expected) ** 2 / expected).sum()
    assert len(counts) == capacity
    assert capacity == 1 or 1e-5 < chi2.sf(statistic, capacity - 1) < 1 - 1e-5
    np.testing.assert_array_equal(
        UniformSampler().probabilities(capacity), np.full(capacity, 1 / capacity)
    )


def test_uniform_slots_stay_below_the_size_for_the_largest_random_number() -> None:
    class LargestNumbers(np.random.Generator):
        def random(self, *args: Any, **_: Any) -> Any:
            return np.full(args[0], np.nextafter(1.0, 0.0))

    rng = LargestNumbers(np.random.PCG64())
    sizes = np.unique(
        np.concatenate([2 ** np.arange(40), 2 ** np.arange(40) + 1, 3 ** np.arange(25)])
    )
    for size in sizes.tolist():
        assert UniformSampler().sample(1, size, rng)[0][0] == size - 1


@pytest.mark.parametrize("capacity", [1, 3, 8])
def test_combined_replay_puts_the_newest_last(capacity: int) -> None:
    plain = ReplayBuffer(capacity, (), num_actions=3)
    combined = ReplayBuffer(capacity, (), num_actions=3, combined=True)
    rngs = np.random.default_rng(2), np.random.default_rng(2)
    for first in range(0, 20, 2):
        for buffer in (plain, combined):
            buffer.add(numbered(first, 2))
        size = min(2, capacity)
        ordinary, batch = plain.sample(size, rngs[0]), combined.sample(size, rngs[1])
        assert batch.reward_t[-1] == first + 1.5
        assert batch.slots[-1] == (first + 1) % capacity
        np.testing.assert_array_equal(batch.reward_t[:-1], ordinary.reward_t[:-1])


def test_sampling_more_than_is_stored_is_refused() -> None:
    buffer = ReplayBuffer(5, ())
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="batch_size must be at most the 0 transitions stored"):
        buffer.sample(1, rng)
    buffer.add(numbered(0, 3))
    assert len(buffer.sample(3, rng).slots) == 3
    with pytest.raises(ValueError, match="at most the 3 transitions stored, got 4"):
        buffer.sample(4, rng)
    with pytest.raises(ValueError, match="batch_size must be a whole number of at least 1, got 0"):
        buffer.sample(0, rng)
    with pytest.raises(TypeError, match="batch_size"):
        buffer.sample(1.0, rng)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("num_actions", "size"), [(1, 1), (2, 1), (256, 1), (257, 2), (65537, 4), (None, 8)]
)
def test_actions_take_the_smallest_type(num_actions: int | None, size: int) -> None:
    buffer = ReplayBuffer(10, (), np.uint8, num_actions=num_actions)
    assert buffer.nbytes == 10 * (1 + size + 4 + 4 + 1)
    last = 70000 if num_actions is None else num_actions - 1
    buffer.add(numbered(0, 1, (), np.uint8)._replace(action_tm1=np.array([last])))
    assert buffer.sample(1, np.random.default_rng(0)).action_tm1[0] == last


def test_bytes_of_a_prioritized_transition_of_four_floats() -> None:
    capacity = 100_000
    sampler = ProportionalSampler(capacity)
    buffer = ReplayBuffer(capacity, (4,), num_actions=2, sampler=sampler)
    assert buffer.nbytes <= 48 * capacity


@pytest.mark.parametrize(
    ("change", "error", "match"),
    [
        ({"reward_t": np.array([1.0, np.nan])}, ValueError, "reward_t must be finite"),
        ({"reward_t": np.array([1.0, 1e39])}, ValueError, "reward_t must be finite"),
        ({"reward_t": np.ones((2, 1))}, ValueError, r"reward_t must have shape \[k\]"),
        ({"reward_t": np.ones(1)}, ValueError, "reward_t must have shape"),
        ({"reward_t": np.array([1j, 1j])}, TypeError, "reward_t"),
        ({"discount_t": np.array([0.5, 1.5])}, ValueError, r"discount_t must be in \[0, 1\]"),
        ({"discount_t": np.array([-0.1, 0.5])}, ValueError, r"discount_t must be in \[0, 1\]"),
        ({"discount_t": np.array([np.nan, 0.5])}, ValueError, "discount_t must be finite"),
        ({"action_tm1": np.array([0, 3])}, ValueError, "action_tm1 must be in 0 .. 2"),
        ({"action_tm1": np.array([-1, 0])}, ValueError, "action_tm1 must be in 0 .. 2"),
        ({"action_tm1": np.array([0.0, 1.0])}, TypeError, "action_tm1 must be whole numbers"),
        ({"action_tm1": np.array(0)}, ValueError, "must have shape"),
        ({"action_tm1": np.array([[0], [1]])}, ValueError, "must have shape"),
        ({"obs_tm1": np.array([[0.0, np.inf]] * 2)}, ValueError, "obs_tm1 must be finite"),
        ({"obs_t": np.zeros((2, 3))}, ValueError, r"obs_t must have shape \[k, 2\]"),
        ({"obs_t": np.zeros(2)}, ValueError, "obs_t must have shape"),
        ({"obs_t": np.array([["a", "b"]] * 2)}, TypeError, "obs_t"),
    ],
)
def test_bad_transitions_are_refused_before_anything_is_stored(
    change: dict[str, Any], error: type[Exception], match: str
) -> None:
    buffer = ReplayBuffer(3, (2,), num_actions=3, sampler=ProportionalSampler(3))
    buffer.add(numbered(0, 2, (2,)))
    before, chances = buffer.contents(), buffer.sampler.probabilities(2)
    with pytest.raises(error, match=match):
        buffer.add(numbered(5, 2, (2,))._replace(**change))
    assert len(buffer) == 2
    assert_same(buffer.contents(), before)
    np.testing.assert_array_equal(buffer.sampler.probabilities(2), chances)
    np.testing.assert_array_equal(buffer.add(numbered(2, 1, (2,))), [2])


def test_whole_number_observations_are_stored_exactly_or_refused() -> None:
    buffer = ReplayBuffer(2, (), np.uint8)
    steps = numbered(0, 1, (), np.int64)
    buffer.add(steps._replace(obs_tm1=np.array([255])))
    assert buffer.contents().obs_tm1.tolist() == [255]
    with pytest.raises(ValueError, match="obs_tm1 must fit uint8"):
        buffer.add(steps._replace(obs_tm1=np.array([256])))
    with pytest.raises(TypeError, match="obs_t must be of a type that can be stored as uint8"):
        buffer.add(steps._replace(obs_t=np.array([0.5])))


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"capacity": 0}, ValueError),
        ({"capacity": 2.5}, TypeError),
        ({"capacity": True}, TypeError),
        ({"obs_shape": (-1,)}, ValueError),
        ({"obs_dtype": object}, TypeError),
        ({"obs_dtype": np.complex64}, TypeError),
        ({"num_actions": 0}, ValueError),
        ({"sampler": ProportionalSampler(4)}, ValueError),
    ],
)
def test_bad_constructor_arguments(arguments: dict[str, Any], error: type[Exception]) -> None:
    good: dict[str, Any] = {"capacity": 3, "obs_shape": (2,)}
    with pytest.raises(error, match=next(iter(arguments))):
        ReplayBuffer(**{**good, **arguments})


@pytest.mark.parametrize(
    ("slots", "errors", "error"),
    [
        ([0, 3], [1.0, 1.0], ValueError),
        ([-1], [1.0], ValueError),
        ([0], [1.0, 2.0], ValueError),
        ([0], [[1.0]], ValueError),
        ([0.0], [1.0], TypeError),
    ],
)
def test_bad_slots_are_refused(slots: Any, errors: Any, error: type[Exception]) -> None:
    buffer = ReplayBuffer(5, (), sampler=ProportionalSampler(5))
    buffer.add(numbered(0, 3))
    with pytest.raises(error, match="slots"):
        buffer.update_priorities(slots, errors)
    np.testing.assert_array_equal(buffer.sampler.probabilities(3), np.full(3, 1 / 3))
    buffer.update_priorities(np.array([], int), np.array([]))
    buffer.update_priorities(np.array([2], np.uint8), np.array([0.0], np.float32))
    assert buffer.sampler.probabilities(3)[2] < 0.01


# -- n-step windows


def push_all(
    window: NStepWindow, log: dict[str, NDArray[Any]], pushes: int
) -> list[list[tuple[float, ...]]]:
    """Push a log step by step; list each environment's transitions in the order they came."""
    given: list[list[tuple[float, ...]]] = [[] for _ in range(window.num_envs)]
    for t in range(pushes):
        steps = window.push(**{name: column[t] for name, column in log.items()})
        assert steps.reward_t.dtype == steps.discount_t.dtype == np.float32
        for row in zip(*(field.tolist() for field in steps), strict=True):
            given[int(row[0]) // 1000].append(row)
    return given


def brute_force(
    log: dict[str, NDArray[Any]], env: int, n: int, gamma: float
) -> list[tuple[float, ...]]:
    """Cut one environment's log into episodes, and each episode into windows, one by one."""
    expected: list[tuple[float, ...]] = []
    episode: list[dict[str, Any]] = []
    for t in range(len(log["reward"])):
        step = {name: column[t, env] for name, column in log.items()}
        if not step["valid"]:
            episode = []
            continue
        episode.append(step)
        ends = step["terminated"] or step["truncated"]
        starts = range(len(episode)) if ends else range(len(episode) - n + 1)
        for start in starts:
            window = episode[start : start + n]
            if window[-1] is not step:
                continue  # given out before
            ret = 0.0
            for later in reversed(window):
                ret = later["reward"] + gamma * ret
            discount = 0.0 if step["terminated"] else gamma ** len(window)
            expected.append(
                (window[0]["obs_tm1"], window[0]["action"], ret, discount, step["obs_t"])
            )
        if ends:
            episode = []
    return expected


@pytest.mark.parametrize("num_envs", [1, 2, 3])
@pytest.mark.parametrize("n", [1, 2, 3, 5, 8])
@pytest.mark.parametrize("gamma", [0.0, 0.5, 0.9, 1.0])
@pytest.mark.parametrize("end_chance", [0.05, 0.3, 0.8])
@pytest.mark.parametrize("reset_rows", [True, False])
def test_windows_against_brute_force(
    num_envs: int, n: int, gamma: float, end_chance: float, reset_rows: bool
) -> None:
    """Random lengths and all four pairs of flags, with a reset row after each end or without."""
    rng = np.random.default_rng([num_envs, n, int(10 * gamma), int(100 * end_chance)])
    pushes = 60
    shape = (pushes, num_envs)
    log: dict[str, NDArray[Any]] = {
        "obs_tm1": np.arange(pushes)[:, None] + 1000 * np.arange(num_envs),
        "action": rng.integers(4, size=shape),
        "reward": rng.normal(size=shape),
        "terminated": rng.random(shape) < end_chance / 2,
        "truncated": rng.random(shape) < end_chance / 2,
        "valid": np.ones(shape, bool),
    }
    log["obs_t"] = log["obs_tm1"] + 1
    for t, env in itertools.product(range(1, pushes), range(num_envs)):
        ended = log["terminated"][t - 1, env] or log["truncated"][t - 1, env]
        if reset_rows and ended and log["valid"][t - 1, env]:
            log["valid"][t, env] = False  # the reset: flags and reward there mean nothing
    given = push_all(NStepWindow(num_envs, n, gamma), log, pushes)
    for env in range(num_envs):
        expected = brute_force(log, env, n, gamma)
        assert len(given[env]) == len(expected) > 0
        np.testing.assert_allclose(given[env], expected, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize(
    ("terminated", "truncated", "bootstraps", "ends"),
    [
        (False, False, 1, False),
        (True, False, 0, True),
        (False, True, 1, True),
        (True, True, 0, True),
    ],
)
def test_both_flags_by_hand(terminated: bool, truncated: bool, bootstraps: int, ends: bool) -> None:
    """Three steps with rewards 1, 2, 4 and gamma 1/2; the flags are set at the third."""
    window = NStepWindow(1, 2, 0.5)

    def push(t: int, reward: float, terminated: bool, truncated: bool) -> list[tuple[float, ...]]:
        steps = window.push([t], [t], [reward], [terminated], [truncated], [t + 1])
        return list(zip(*(field.tolist() for field in steps), strict=True))

    assert push(0, 1, False, False) == []
    assert push(1, 2, False, False) == [(0, 0, 2.0, 0.25, 2)]
    last = push(2, 4, terminated, truncated)
    assert last[0] == (1, 1, 4.0, 0.25 * bootstraps, 3)
    assert last[1:] == ([(2, 2, 4.0, 0.5 * bootstraps, 3)] if ends else [])
    following = push(3, 8, False, False)
    assert following == ([] if ends else [(2, 2, 8.0, 0.25, 4)])


def test_reset_and_rows_left_out_drop_what_is_held() -> None:
    def push(window: NStepWindow, t: int, **more: Any) -> list[int]:
        steps = window.push([t], [0], [1.0], [False], [False], [t + 1], **more)
        starts: list[int] = steps.obs_tm1.tolist()
        return starts

    window = NStepWindow(1, 3, 0.9)
    assert [push(window, t) for t in (0, 1)] == [[], []]
    window.reset()
    assert [push(window, t) for t in (2, 3, 4)] == [[], [], [2]]
    assert push(window, 5, valid=[False]) == []
    assert [push(window, t) for t in (6, 7, 8)] == [[], [], [6]]


@pytest.mark.parametrize("n", [1, 3])
@pytest.mark.parametrize(("first", "later"), [(0, 0.7), (np.uint8(1), 300), (0.5, 2)])
def test_a_window_rounds_nothing_that_comes_later(n: int, first: Any, later: Any) -> None:
    window = NStepWindow(1, n, 0.5)
    got = []
    for value in (first, later, later):
        steps = window.push([value], [0], [1.0], [False], [False], [value])
        got += [float(obs) for obs in steps.obs_tm1]
    got += [float(obs) for obs in window.push([first], [0], [1.0], [True], [False], [1]).obs_tm1]
    assert got == [float(first), later, later, float(first)]


def test_a_reward_too_large_to_store_leaves_the_window_as_it_was() -> None:
    window = NStepWindow(1, 2, 0.5)
    with pytest.raises(ValueError, match="reward must be finite"):
        window.push([0.0], [0], [1e39], [False], [False], [1.0])
    assert len(window.push([0.0], [0], [1.0], [False], [False], [1.0]).reward_t) == 0


def test_one_step_window_gives_the_step_and_skips_rows_left_out() -> None:
    window = NStepWindow(3, 1, 0.9)
    obs = np.arange(6.0).reshape(3, 2)
    flags = [True, False, False], [False, True, False]
    steps = window.push(obs, [0, 1, 2], [1.0, 2.0, 3.0], *flags, obs + 1)
    np.testing.assert_array_equal(steps.obs_tm1, obs)
    np.testing.assert_allclose(steps.discount_t, [0, 0.9, 0.9])
    steps = window.push(obs, [0, 1, 2], [1.0, np.nan, 3.0], *flags, obs + 1, [True, False, True])
    np.testing.assert_array_equal(steps.obs_t, obs[[0, 2]] + 1)
    assert steps.action_tm1.tolist() == [0, 2]


@pytest.mark.parametrize("n", [1, 3])
@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"reward": [[1.0], [1.0]]}, "reward must have shape"),
        ({"reward": [1.0]}, "reward must have shape"),
        ({"reward": [1.0, np.nan]}, "reward must be finite"),
        ({"reward": [1.0, -np.inf]}, "reward must be finite"),
        ({"action": [[0, 1]]}, "action must have shape"),
        ({"terminated": False}, "terminated must have shape"),
        ({"truncated": [False] * 3}, "truncated must have shape"),
        ({"valid": [True]}, "valid must have shape"),
        ({"obs_t": [0, 0, 0]}, "obs_t must have shape"),
        ({"obs_t": [[0], [0]]}, "obs_t must have shape"),
    ],
)
def test_bad_steps_are_refused_and_leave_no_trace(
    n: int, change: dict[str, Any], match: str
) -> None:
    window = NStepWindow(2, n, 0.5)
    good: dict[str, Any] = {
        "obs_tm1": [0, 1000],
        "action": [0, 1],
        "reward": [1.0, 1.0],
        "terminated": [False, False],
        "truncated": [False, False],
        "obs_t": [1, 1001],
    }
    for _ in range(n - 1):
        assert len(window.push(**good).reward_t) == 0
    with pytest.raises(ValueError, match=match):
        window.push(**{**good, **change})
    steps = window.push(**good)
    np.testing.assert_allclose(steps.reward_t, [2 - 0.5 ** (n - 1)] * 2)


@pytest.mark.parametrize("arguments", [(0, 1, 0.9), (1, 0, 0.9), (1, 1, 1.1), (1, 1, -0.1)])
def test_bad_window_arguments(arguments: tuple[int, int, float]) -> None:
    with pytest.raises(ValueError, match="must be"):
        NStepWindow(*arguments)


@pytest.mark.parametrize("n", [1, 2])
@pytest.mark.parametrize(
    "change", [{"terminated": [1]}, {"truncated": ["False"]}, {"action": [True]}]
)
def test_a_window_confuses_no_flags_and_numbers(n: int, change: dict[str, Any]) -> None:
    window = NStepWindow(1, n, 0.5)
    good: dict[str, Any] = {
        "obs_tm1": [0],
        "action": [0],
        "reward": [1.0],
        "terminated": [False],
        "truncated": [False],
        "obs_t": [1],
    }
    with pytest.raises(TypeError, match=next(iter(change))):
        window.push(**{**good, **change})


def test_a_window_lets_no_action_wrap_around() -> None:
    window = NStepWindow(1, 2, 0.5)
    obs, no = np.zeros((1, 1)), [False]
    window.push(obs, np.array([3], np.int8), [0.0], no, no, obs)
    for action, before in ((300, 3), (5, 300)):
        given = window.push(obs, np.array([action]), [0.0], no, no, obs)
        assert given.action_tm1.tolist() == [before]
    with pytest.raises(TypeError, match="action must be of a type that can be stored as int64"):
        window.push(obs, np.array([0.5]), [0.0], no, no, obs)
    with pytest.raises(ValueError, match="action must fit int64"):
        window.push(obs, np.array([2**63 + 5], np.uint64), [0.0], no, no, obs)
    assert window.push(obs, [1], [0.0], no, no, obs).action_tm1.tolist() == [5]


def test_bad_draws_are_refused() -> None:
    buffer = ReplayBuffer(3, ())
    step = Transitions(np.zeros(1), np.array([1]), np.ones(1), np.ones(1), np.ones(1))
    buffer.add(step)
    with pytest.raises(ValueError, match="beta"):
        buffer.sample(1, np.random.default_rng(0), beta=7)
    with pytest.raises(ValueError, match="td_errors must be finite"):
        buffer.update_priorities([0], [np.nan])
    with pytest.raises(TypeError, match="combined"):
        ReplayBuffer(3, (), combined="no")  # type: ignore[arg-type]


@pytest.mark.parametrize("wrong", [None, 0, np.random, "rng"])
def test_what_is_no_generator_is_refused(wrong: Any) -> None:
    buffer = ReplayBuffer(4, obs_shape=())
    buffer.add(numbered(0, 3))
    with pytest.raises(TypeError, match=r"rng must be a numpy\.random\.Generator"):
        buffer.sample(1, wrong)
    with pytest.raises(TypeError, match=r"rng must be a numpy\.random\.Generator"):
        UniformSampler().sample(1, 3, wrong)


@pytest.mark.parametrize("size", [0, -1, True, 1.5, None])
def test_a_uniform_sampler_refuses_sizes_below_one(size: Any) -> None:
    rng = np.random.default_rng(0)
    with pytest.raises((TypeError, ValueError), match="size must be a whole number"):
        UniformSampler().sample(1, size, rng)
    with pytest.raises((TypeError, ValueError), match="batch_size must be a whole number"):
        UniformSampler().sample(size, 1, rng)
    with pytest.raises((TypeError, ValueError), match="size must be a whole number"):
        UniformSampler().probabilities(size)


@pytest.mark.parametrize("wrong", ["uniform", 3, {}, ReplayBuffer])
def test_what_is_no_sampler_is_refused(wrong: Any) -> None:
    with pytest.raises(TypeError, match="sampler must be a Sampler"):
        ReplayBuffer(4, obs_shape=(), sampler=wrong)


@pytest.mark.parametrize("wrong", [None, 4, "4"])
def test_the_shape_of_an_observation_must_be_a_sequence(wrong: Any) -> None:
    with pytest.raises(TypeError, match="obs_shape must be a sequence of whole numbers"):
        ReplayBuffer(4, obs_shape=wrong)


@pytest.mark.parametrize("wrong", [None, (), 3, [np.zeros(1)] * 5])
def test_what_are_no_transitions_is_refused(wrong: Any) -> None:
    buffer = ReplayBuffer(4, obs_shape=())
    with pytest.raises(TypeError, match="transitions must be Transitions"):
        buffer.add(wrong)
    assert len(buffer) == 0


@pytest.mark.parametrize("wrong", [[None], ["1"], [[1.0], [1.0, 2.0]]])
def test_errors_that_are_no_numbers_are_refused(wrong: Any) -> None:
    buffer = ReplayBuffer(4, obs_shape=(), sampler=ProportionalSampler(4))
    buffer.add(numbered(0, 3))
    with pytest.raises(TypeError, match="td_errors must be an array of numbers"):
        buffer.update_priorities([0], wrong)


@pytest.mark.parametrize("valid", [[1], [None], ["yes"], [float("nan")]])
def test_which_steps_are_real_must_be_said_in_bools(valid: Any) -> None:
    window = NStepWindow(num_envs=1, n=2, gamma=0.5)
    with pytest.raises(TypeError, match="valid must be bools"):
        window.push([0.0], [0], [1.0], [True], [False], [1.0], valid)
    assert len(window.push([1.0], [0], [1.0], [True], [False], [2.0]).reward_t) == 1
    with pytest.raises(TypeError, match="reward must be an array of numbers"):
        window.push([0.0], [0], ["1"], [True], [False], [1.0])
