"""The homework's own functions, as they were printed, beside ours, step by step."""

from collections import deque
from typing import Any

import numpy as np
import pytest

from dqn.prioritized import effective_sample_size
from dqn.replay import Transitions
from dqn.softmax_replay import SoftmaxReplay

# -- the homework's code; randomness is passed in, and its default temperature with it


def softmax(xs: Any, temp: float) -> Any:
    if not isinstance(xs, np.ndarray):
        xs = np.array(xs)
    exp_xs = np.exp((xs - xs.max()) / temp)
    return exp_xs / exp_xs.sum()


def sample_prioritized_batch(replay_buffer: Any, n_samples: int, rng: Any, temp: float) -> Any:
    losses = [sample[0] for sample in replay_buffer]
    probs = softmax(losses, temp)
    indices = rng.choice(len(replay_buffer), n_samples, p=probs)
    return [replay_buffer[i] for i in indices], indices


def update_batch(replay_buffer: Any, indices: Any, batch: Any, new_losses: Any) -> None:
    for i in range(len(indices)):
        replay_buffer[indices[i]] = (new_losses[i], *batch[i][1:])


def sort_replay_buffer(replay_buffer: Any) -> Any:
    new_rb: Any = deque(maxlen=replay_buffer.maxlen)
    new_rb.extend(sorted(replay_buffer, key=lambda sample: sample[0]))
    return new_rb


# -- one run of each, with made-up errors


def error_of(number: int, step: int) -> float:
    """Some TD error of a transition, another one each time it is asked for."""
    return float(np.random.default_rng([number, step]).normal() * (1 + number % 5))


@pytest.mark.parametrize("capacity", [40, 100, 1000])
@pytest.mark.parametrize("temperature", [1.0, 1000.0])
@pytest.mark.parametrize(
    ("rebinding", "precedence", "squared"),
    [(True, True, True), (False, True, True), (False, False, True), (False, False, False)],
)
def test_every_step_is_the_homeworks(
    capacity: int, temperature: float, rebinding: bool, precedence: bool, squared: bool
) -> None:
    """As written, then mended one defect after the other; episodes of 1 to 80 steps."""
    batch_size, train_schedule = 32, 4
    lengths = np.random.default_rng(capacity).integers(1, 80, size=7).tolist()
    power = 2 if squared else 1
    ours = SoftmaxReplay(
        capacity,
        (),
        np.int64,
        temperature=temperature,
        priority="squared" if squared else "absolute",
        sort_every=25 if precedence else 25 * train_schedule,
        sort_is_lost=rebinding,
        sort_from=batch_size,
    )
    rngs = np.random.default_rng(5), np.random.default_rng(5)

    def play(replay_buffer: Any, glob_step: int, length: int) -> Any:
        """The homework's inner loop; returns its own last buffer for the mended version."""
        for _ in range(length):
            number = glob_step
            error = error_of(number, glob_step)
            replay_buffer.append((abs(error) ** power, number))

            one = np.array([number])
            steps = Transitions(one, np.zeros(1, int), np.zeros(1), np.zeros(1), one)
            ours.update_priorities(ours.add(steps), [error])

            if len(replay_buffer) >= batch_size and (glob_step + 1) % train_schedule == 0:
                batch, indices = sample_prioritized_batch(
                    replay_buffer, batch_size, rngs[0], temperature
                )
                errors = [error_of(entry[1], glob_step + 1) for entry in batch]
                update_batch(replay_buffer, indices, batch, [abs(e) ** power for e in errors])

                drawn = ours.sample(batch_size, rngs[1])
                assert drawn.obs_tm1.tolist() == [entry[1] for entry in batch]
                ours.update_priorities(drawn.slots, errors)

            stored = ours.contents().obs_tm1
            assert stored.tolist() == [entry[1] for entry in replay_buffer]
            in_order = ours.losses[(np.arange(len(ours)) + ours._stored._oldest) % capacity]
            np.testing.assert_allclose(in_order, [entry[0] for entry in replay_buffer])

            if precedence:
                due = (glob_step + 1) % 25*train_schedule == 0  # fmt: skip
            else:
                due = (glob_step + 1) % (25 * train_schedule) == 0
            if len(replay_buffer) >= batch_size and due:
                replay_buffer = sort_replay_buffer(replay_buffer)
            glob_step += 1
        ours.end_episode()
        return replay_buffer, glob_step

    callers_buffer: Any = deque(maxlen=capacity)
    glob_step = 0
    for length in lengths:
        used, glob_step = play(callers_buffer, glob_step, length)
        if not rebinding:
            callers_buffer = used
        assert ours.contents().obs_tm1.tolist() == [entry[1] for entry in callers_buffer]
    assert ours.steps == glob_step


def steps_numbered(numbers: Any) -> Transitions:
    numbers = np.asarray(numbers)
    zeros = np.zeros(len(numbers))
    return Transitions(numbers, zeros.astype(int), zeros, zeros, numbers)


def test_as_written_an_episode_keeps_only_what_came_before_its_first_sort() -> None:
    buffer = SoftmaxReplay(1000, (), np.int64)
    for number in range(200):
        buffer.add(steps_numbered([number]))
    assert len(buffer) == 200
    buffer.end_episode()
    assert buffer.contents().obs_tm1.tolist() == list(range(50))  # at 25 there were no 32 yet


def test_the_homeworks_temperature_is_next_to_uniform() -> None:
    """Errors up to 10 give chances within a ratio of exp(100 / 1000)."""
    errors = np.linspace(0, 10, 500)
    hot, cold = SoftmaxReplay(500, ()), SoftmaxReplay(500, (), temperature=1.0)
    for buffer in (hot, cold):
        buffer.update_priorities(buffer.add(steps_numbered(np.arange(500.0))), errors)
    chances = hot.probabilities(500)
    assert chances.max() / chances.min() == pytest.approx(np.exp(0.1))
    assert effective_sample_size(chances) > 499
    assert effective_sample_size(cold.probabilities(500)) < 10


def test_huge_losses_do_not_overflow() -> None:
    buffer = SoftmaxReplay(3, (), temperature=1e-3)
    slots = buffer.add(steps_numbered(np.arange(3.0)))
    buffer.update_priorities(slots, [1e30, -1e100, 0.0])
    assert buffer.probabilities(3).tolist() == [0, 1, 0]
    assert buffer.sample(3, np.random.default_rng(0)).slots.tolist() == [1, 1, 1]


def test_new_transitions_have_the_largest_loss_until_they_are_scored() -> None:
    buffer = SoftmaxReplay(4, (), sort_every=None)
    buffer.add(steps_numbered([0.0]))
    buffer.update_priorities([0], [3.0])
    buffer.add(steps_numbered([1.0, 2.0]))
    assert buffer.losses.tolist() == [9, 9, 9, 0]


def test_without_sorting_the_oldest_go_first() -> None:
    buffer = SoftmaxReplay(5, (), np.int64, sort_every=None, sort_from=1)
    for number in range(13):
        buffer.update_priorities(buffer.add(steps_numbered([number])), [20.0 - number])
    assert buffer.contents().obs_tm1.tolist() == [8, 9, 10, 11, 12]


def test_sorted_memory_forgets_the_smallest_loss() -> None:
    buffer = SoftmaxReplay(5, (), np.int64, sort_every=5, sort_from=5, sort_is_lost=False)
    buffer.update_priorities(buffer.add(steps_numbered(range(5))), [3.0, 1.0, -9.0, 0.0, 2.0])
    buffer.add(steps_numbered([5, 6]))
    assert buffer.contents().obs_tm1.tolist() == [4, 0, 2, 5, 6]


def test_bad_input_is_refused() -> None:
    buffer = SoftmaxReplay(4, ())
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="batch_size must be at most the 0"):
        buffer.sample(1, rng)
    buffer.add(steps_numbered(np.arange(3.0)))
    for errors in ([1.0, np.nan], [1.0, np.inf], [1.0, 1e200]):
        with pytest.raises(ValueError, match="td_errors"):
            buffer.update_priorities([0, 1], errors)
    with pytest.raises(ValueError, match="slots"):
        buffer.update_priorities([3], [1.0])
    with pytest.raises(ValueError, match="reward_t must be finite"):
        buffer.add(steps_numbered([1.0])._replace(reward_t=np.array([np.nan])))
    assert buffer.losses.tolist() == [0, 0, 0, 0]
    assert (len(buffer), buffer.steps) == (3, 3)


@pytest.mark.parametrize(
    "arguments",
    [
        {"capacity": 0},
        {"temperature": 0.0},
        {"temperature": -1.0},
        {"priority": "cubed"},
        {"sort_every": 0},
        {"sort_from": 0},
    ],
)
def test_bad_constructor_arguments(arguments: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(arguments))):
        SoftmaxReplay(**{"capacity": 3, "obs_shape": (), **arguments})


@pytest.mark.parametrize("size", [0, 2, 4, True, None, 1.5])
def test_probabilities_are_of_all_that_is_stored(size: Any) -> None:
    buffer = SoftmaxReplay(4, obs_shape=())
    zeros = np.zeros(3)
    buffer.add(Transitions(zeros, np.zeros(3, int), zeros, zeros, zeros))
    with pytest.raises((TypeError, ValueError), match="size must be"):
        buffer.probabilities(size)
    with pytest.raises(TypeError, match=r"rng must be a numpy\.random\.Generator"):
        buffer.sample(2, None)  # type: ignore[arg-type]  # on purpose
