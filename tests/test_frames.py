"""Stacks put together from single frames against a list of whole transitions."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from dqn.frames import FrameReplayBuffer
from dqn.prioritized import ProportionalSampler, RankBasedSampler
from dqn.replay import NStepWindow, Transitions

_ONES = np.ones((1, 4, 2), np.uint8)


class Stacks:
    """Random episodes of stacked frames, as a vector environment with a stacking wrapper has."""

    def __init__(
        self, num_envs: int, stack: int, shape: tuple[int, ...], padding: str, end: float
    ) -> None:
        self.rng = np.random.default_rng([num_envs, stack, int(100 * end)])
        self.num_envs, self.stack, self.shape = num_envs, stack, shape
        self.padding, self.end = padding, end
        self.obs = np.stack([self._first() for _ in range(num_envs)])
        self.was_reset = np.zeros(num_envs, bool)

    def _frame(self) -> NDArray[np.uint8]:
        # Few values, so that equal neighbours occur.
        return self.rng.integers(0, 4, size=self.shape, dtype=np.uint8)

    def _first(self) -> NDArray[np.uint8]:
        frame = self._frame()
        if self.padding == "random":  # an episode that is joined in the middle
            return np.stack([*(self._frame() for _ in range(self.stack - 1)), frame])
        pad = frame if self.padding == "reset" else np.zeros_like(frame)
        return np.stack([pad] * (self.stack - 1) + [frame])

    def step(self) -> dict[str, NDArray[Any]]:
        """One push: steps, or resets where an episode has just ended (auto-reset NEXT_STEP)."""
        before, valid = self.obs, ~self.was_reset
        after = np.stack(
            [
                np.concatenate((obs[1:], self._frame()[None])) if real else self._first()
                for obs, real in zip(before, valid, strict=True)
            ]
        )
        terminated = valid & (self.rng.random(self.num_envs) < self.end)
        truncated = valid & (self.rng.random(self.num_envs) < self.end / 2)
        self.obs, self.was_reset = after, terminated | truncated
        return {
            "obs_tm1": before,
            "action": self.rng.integers(3, size=self.num_envs),
            "reward": self.rng.normal(size=self.num_envs),
            "terminated": terminated,
            "truncated": truncated,
            "obs_t": after,
            "valid": valid,
        }


def last_of(parts: list[Transitions], count: int) -> Transitions:
    return Transitions(*(np.concatenate(field)[-count:] for field in zip(*parts, strict=True)))


def assert_same(left: Any, right: Transitions) -> None:
    for name in Transitions._fields:
        np.testing.assert_array_equal(getattr(left, name), getattr(right, name), err_msg=name)


@pytest.mark.parametrize("padding", ["reset", "zero", "random"])
@pytest.mark.parametrize("end", [0.02, 0.3, 0.9])
@pytest.mark.parametrize(("num_envs", "n"), [(1, 1), (1, 3), (2, 1), (3, 4)])
@pytest.mark.parametrize(
    ("capacity", "stack", "shape"), [(1, 1, ()), (7, 4, (2,)), (40, 3, (2, 3))]
)
def test_batches_are_those_of_a_plain_list(
    capacity: int,
    stack: int,
    shape: tuple[int, ...],
    num_envs: int,
    n: int,
    end: float,
    padding: str,
) -> None:
    """Compared after every push, far past wrap-around, with episodes from one step to long."""
    world = Stacks(num_envs, stack, shape, padding, end)
    buffer = FrameReplayBuffer(
        capacity, shape, stack=stack, num_envs=num_envs, n=n, gamma=0.9, num_actions=3
    )
    window, total = NStepWindow(num_envs, n, 0.9), 0
    expected: Transitions | None = None
    rng = np.random.default_rng(0)
    for _ in range(20 + 4 * capacity // num_envs):
        step = world.step()
        buffer.push(**step)
        added = window.push(**step)
        total += len(added.reward_t)
        expected = last_of([added] if expected is None else [expected, added], capacity)
        assert len(buffer) == len(expected.reward_t)
        assert_same(buffer.contents(), expected)
        if len(buffer):
            batch = buffer.sample(min(3, len(buffer)), rng)
            # Slots are given out in turn, so they tell which transition of all a row must be.
            oldest = total % capacity if total > capacity else 0
            age = (batch.slots - oldest) % capacity
            assert_same(batch, Transitions(*(field[age] for field in expected)))


def test_the_last_frame_of_a_truncated_episode_is_what_bootstraps() -> None:
    buffer = FrameReplayBuffer(4, (), stack=3, gamma=0.5)

    def push(before: list[int], after: list[int], terminated: bool, truncated: bool) -> None:
        stacks = np.array([before], np.uint8), np.array([after], np.uint8)
        buffer.push(stacks[0], [0], [1.0], [terminated], [truncated], stacks[1])

    push([5, 5, 5], [5, 5, 6], False, False)
    push([5, 5, 6], [5, 6, 7], False, True)
    push([1, 1, 1], [1, 1, 2], True, True)
    push([3, 3, 3], [3, 3, 4], False, False)
    stored = buffer.contents()
    assert stored.obs_tm1.tolist() == [[5, 5, 5], [5, 5, 6], [1, 1, 1], [3, 3, 3]]
    assert stored.obs_t.tolist() == [[5, 5, 6], [5, 6, 7], [1, 1, 2], [3, 3, 4]]
    assert stored.discount_t.tolist() == [0.5, 0.5, 0.0, 0.5]
    assert buffer.frames_stored == 7  # 5 6 7 | 1 2 | 3 4


def test_reset_begins_a_new_episode() -> None:
    buffer = FrameReplayBuffer(9, (), stack=2, n=2, gamma=0.5)
    for first in (10, 20):
        for t in (first, first + 1):
            before = np.array([[max(t - 1, first), t]], np.uint8)
            after = np.array([[t, t + 1]], np.uint8)
            buffer.push(before, [0], [1.0], [False], [False], after)
        buffer.reset()
    assert buffer.contents().obs_tm1.tolist() == [[10, 10], [20, 20]]
    assert buffer.contents().obs_t.tolist() == [[11, 12], [21, 22]]


@pytest.mark.parametrize("make", [ProportionalSampler, RankBasedSampler])
def test_samplers_compose(make: Any) -> None:
    world = Stacks(1, 4, (2,), "reset", 0.2)
    sampler = make(10, alpha=20.0, epsilon=0.1) if make is ProportionalSampler else make(10, 20.0)
    buffer = FrameReplayBuffer(10, (2,), sampler=sampler)
    while buffer.frames_stored < 40:
        buffer.push(**world.step())
    assert buffer.sampler is sampler
    buffer.update_priorities(np.arange(10), np.zeros(10))
    buffer.update_priorities([6], [-5.0])
    batch = buffer.sample(8, np.random.default_rng(0), beta=0.4)
    assert batch.slots.tolist() == [6] * 8
    np.testing.assert_array_equal(batch.weights, 1)


def test_bytes_of_a_transition_of_84_by_84_by_4() -> None:
    """Memory that nobody has written to is not taken, so large buffers cost nothing here."""
    for capacity in (1000, 10_000):
        for n in (1, 3):
            buffer = FrameReplayBuffer(
                capacity,
                (84, 84),
                n=n,
                num_actions=18,
                sampler=ProportionalSampler(capacity) if capacity == 10_000 else None,
            )
            assert buffer.nbytes <= 7200 * capacity


def test_memory_grows_no_more_than_short_episodes_need() -> None:
    def frames_of_room(length: int) -> float:
        buffer = FrameReplayBuffer(500, (100,), stack=1)
        frame = np.zeros((1, 1, 100), np.uint8)
        for t in range(1200):
            buffer.push(frame, [0], [0.0], [False], [(t + 1) % length == 0], frame)
        return (buffer.nbytes - buffer._transitions.nbytes) / 100 / 500

    assert frames_of_room(1000) < 1.03
    assert 1.1 < frames_of_room(10) < 1.14
    assert 2 < frames_of_room(1) < 2.06


@pytest.mark.parametrize(
    ("change", "error", "match"),
    [
        ({"obs_tm1": np.zeros((1, 4), np.uint8)}, ValueError, "obs_tm1 must have shape"),
        ({"obs_t": np.zeros((2, 4, 2), np.uint8)}, ValueError, "obs_t must have shape"),
        ({"obs_t": np.zeros((1, 4, 2), np.float32)}, TypeError, "obs_t must be uint8"),
        ({"obs_t": _ONES}, ValueError, r"obs_t\[0\] must be obs_tm1\[0\] moved on by one frame"),
        ({"obs_tm1": _ONES, "obs_t": _ONES}, ValueError, r"obs_tm1\[0\] must be the last step's"),
        ({"action": [2]}, ValueError, "action_tm1 must be in 0 .. 1"),
        ({"action": [0.5]}, TypeError, "action_tm1 must be whole numbers"),
        ({"action": [[0]]}, ValueError, "action must have shape"),
        ({"reward": [np.nan]}, ValueError, "reward must be finite"),
        ({"reward": [[1.0]]}, ValueError, "reward must have shape"),
        ({"terminated": [False] * 2}, ValueError, "terminated must have shape"),
        ({"valid": [True, True]}, ValueError, "valid must have shape"),
    ],
)
def test_bad_steps_are_refused_and_leave_no_trace(
    change: dict[str, Any], error: type[Exception], match: str
) -> None:
    buffer = FrameReplayBuffer(3, (2,), n=2, num_actions=2)
    good: dict[str, Any] = {
        "obs_tm1": np.zeros((1, 4, 2), np.uint8),
        "action": [1],
        "reward": [1.0],
        "terminated": [False],
        "truncated": [False],
        "obs_t": np.zeros((1, 4, 2), np.uint8),
    }
    buffer.push(**good)
    with pytest.raises(error, match=match):
        buffer.push(**{**good, **change})
    assert (len(buffer), buffer.frames_stored) == (0, 2)
    buffer.push(**good)
    assert (len(buffer), buffer.frames_stored) == (1, 3)
    np.testing.assert_allclose(buffer.contents().reward_t, [1.99])


@pytest.mark.parametrize(
    "arguments", [{"capacity": 0}, {"stack": 0}, {"num_envs": 0}, {"n": 0}, {"gamma": 2.0}]
)
def test_bad_constructor_arguments(arguments: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(arguments))):
        FrameReplayBuffer(**{"capacity": 3, "frame_shape": (2,), **arguments})


@pytest.mark.parametrize("wrong", [None, 4, "44"])
def test_the_shape_of_a_frame_must_be_a_sequence(wrong: Any) -> None:
    with pytest.raises(TypeError, match="frame_shape must be a sequence of whole numbers"):
        FrameReplayBuffer(4, wrong)


@pytest.mark.parametrize("valid", [[1], [None], ["yes"]])
def test_which_steps_are_real_must_be_said_in_bools(valid: Any) -> None:
    buffer, stacks = FrameReplayBuffer(4, (), stack=2), np.zeros((1, 2), np.uint8)
    with pytest.raises(TypeError, match="valid must be bools"):
        buffer.push(stacks, [0], [1.0], [True], [False], stacks, valid)
    assert buffer.frames_stored == 0
