"""Wrong answers to the exercises of :mod:`dqn.checks.homework`."""

# ruff: noqa: ARG001 - a student need not use every argument

from collections import deque
from typing import Any

import numpy as np
import torch

from dqn import checks
from tests.checks.wrong import columns, wrong

# --- softmax --------------------------------------------------------------------------------------


@wrong(checks.softmax, "exp() of a thousand is infinite")
def sm_overflows(xs: Any, t: Any) -> Any:
    e = np.exp(xs / t)
    return e / np.sum(e)


@wrong(checks.softmax, "the temperature has no effect")
def sm_no_temperature(xs: Any, t: Any) -> Any:
    e = np.exp(xs - np.max(xs))
    return e / np.sum(e)


@wrong(checks.softmax, "more equal")
def sm_multiplies(xs: Any, t: Any) -> Any:
    e = np.exp(t * (xs - np.max(xs)))
    return e / np.sum(e)


@wrong(checks.softmax, "do not add up to one")
def sm_unnormalized(xs: Any, t: Any) -> Any:
    return np.exp((xs - np.max(xs)) / t)


@wrong(checks.softmax, "a sign is wrong")
def sm_sign(xs: Any, t: Any) -> Any:
    e = np.exp(-(xs - np.min(xs)) / t)
    return e / e.sum()


@wrong(checks.softmax, "changes its argument `xs`")
def sm_in_place(xs: Any, t: Any) -> Any:
    xs -= xs.max()
    e = np.exp(xs / t)
    return e / e.sum()


@wrong(checks.softmax, "must be divided by the temperature, too")
def sm_undivided(xs: Any, temperature: Any) -> Any:
    e = np.exp(xs / temperature - np.max(xs))
    return e / np.sum(e)


@wrong(checks.softmax, "some exponents far above 0")
def sm_minimum(xs: Any, temperature: Any) -> Any:
    e = np.exp((xs - np.min(xs)) / temperature)
    return e / e.sum()


# --- sample_prioritized_batch ---------------------------------------------------------------------


def chosen(buf: Any, indices: Any) -> Any:
    return columns([buf[int(i)][1:] for i in indices]), np.array(indices)


@wrong(checks.sample_prioritized_batch, "the losses have no effect")
def sp_uniform(buf: Any, n: Any, rng: Any) -> Any:
    return chosen(buf, rng.integers(0, len(buf), n))


@wrong(checks.sample_prioritized_batch, "always the transitions with the largest losses")
def sp_top(buf: Any, n: Any, rng: Any) -> Any:
    return chosen(buf, sorted(range(len(buf)), key=lambda i: -buf[i][0])[:n])


@wrong(checks.sample_prioritized_batch, "proportional to the losses")
def sp_proportional(buf: Any, n: Any, rng: Any) -> Any:
    p = np.array([t[0] for t in buf])
    return chosen(buf, rng.choice(len(buf), n, p=p / p.sum()))


@wrong(checks.sample_prioritized_batch, "temperature 1")
def sp_temperature(buf: Any, n: Any, rng: Any) -> Any:
    p = torch.softmax(torch.tensor([t[0] for t in buf], dtype=torch.float64), 0).numpy()
    return chosen(buf, rng.choice(len(buf), n, p=p))


def weighted(buf: Any, n: Any, rng: Any) -> Any:
    e = np.exp(np.array([t[0] for t in buf]) / 1000)
    return rng.choice(len(buf), n, p=e / e.sum())


@wrong(checks.sample_prioritized_batch, "where each row stands in the buffer")
def sp_indices(buf: Any, n: Any, rng: Any) -> Any:
    return chosen(buf, weighted(buf, n, rng))[0], np.arange(n)


@wrong(checks.sample_prioritized_batch, "the loss stays behind")
def sp_six(buf: Any, n: Any, rng: Any) -> Any:
    i = weighted(buf, n, rng)
    return tuple(np.array([buf[k][j] for k in i]) for j in range(6)), i


@wrong(checks.sample_prioritized_batch, "return two things, the batch and the indices")
def sp_no_indices(buf: Any, n: Any, rng: Any) -> Any:
    return chosen(buf, weighted(buf, n, rng))[0]


# --- update_batch ---------------------------------------------------------------------------------


@wrong(checks.update_batch, "`indices` says where each row stands")
def ub_first_rows(buf: Any, idx: Any, batch: Any, new: Any) -> Any:
    for i in range(len(idx)):
        buf[i] = (new[i], *(column[i] for column in batch))


@wrong(checks.update_batch, "the buffer has grown")
def ub_appends(buf: Any, idx: Any, batch: Any, new: Any) -> Any:
    for i in range(len(idx)):
        buf.append((new[i], *(column[i] for column in batch)))


@wrong(checks.update_batch, "it replaces it")
def ub_adds(buf: Any, idx: Any, batch: Any, new: Any) -> Any:
    for i, loss in zip(idx, new, strict=True):
        buf[i] = (buf[i][0] + loss, *buf[i][1:])


@wrong(checks.update_batch, "'tuple' object does not support item assignment")
def ub_tuple(buf: Any, idx: Any, batch: Any, new: Any) -> Any:
    for i, loss in zip(idx, new, strict=True):
        buf[i][0] = loss


@wrong(checks.update_batch, "leaves `replay_buffer` as it was")
def ub_copies(buf: Any, idx: Any, batch: Any, new: Any) -> Any:
    buf = buf.copy()
    for i, loss in zip(idx, new, strict=True):
        buf[i] = (loss, *buf[i][1:])
    return buf


@wrong(checks.update_batch, "first item of a stored tuple, not the last")
def ub_loss_last(buf: Any, idx: Any, batch: Any, new: Any) -> Any:
    for i, loss in zip(idx, new, strict=True):
        buf[i] = (*buf[i][1:], loss)


@wrong(checks.update_batch, "an array of one")
def ub_array_of_one(replay_buffer: Any, indices: Any, batch: Any, new_losses: Any) -> None:
    for k, i in enumerate(indices):
        replay_buffer[i] = (new_losses[k : k + 1], *replay_buffer[i][1:])


@wrong(checks.update_batch, "a tuple in the buffer holds 2 things")
def ub_forgot_the_star(replay_buffer: Any, indices: Any, batch: Any, new_losses: Any) -> None:
    for k, i in enumerate(indices):
        replay_buffer[i] = (float(new_losses[k]), replay_buffer[i][1:])


@wrong(checks.update_batch, "the buffer now holds a NumPy array among its tuples")
def ub_arrays(buf: Any, idx: Any, batch: Any, new: Any) -> None:
    for k, i in enumerate(idx):
        buf[i] = np.array([new[k], *buf[i][1:]], dtype=object)


@wrong(checks.sample_prioritized_batch, "the batch comes first")
def spb_exchanged(buf: Any, n: Any, rng: Any) -> Any:
    indices = weighted(buf, n, rng)
    return indices, chosen(buf, indices)[0]


@wrong(checks.sample_prioritized_batch, "the batch is a list of rows")
def spb_rows(buf: Any, n: Any, rng: Any) -> Any:
    indices = weighted(buf, n, rng)
    return [buf[i][1:] for i in indices], indices


@wrong(checks.sample_prioritized_batch, "the indices are floats")
def spb_float_indices(buf: Any, n: Any, rng: Any) -> Any:
    indices = np.zeros(n)
    for k in range(n):
        indices[k] = weighted(buf, 1, rng)[0]
    return chosen(buf, indices)[0], indices


@wrong(checks.sample_prioritized_batch, "the batch holds tensors")
def spb_tensors(buf: Any, n: Any, rng: Any) -> Any:
    batch, indices = chosen(buf, weighted(buf, n, rng))
    return tuple(torch.as_tensor(column) for column in batch), indices


@wrong(checks.sample_prioritized_batch, "another temperature")
def spb_cooler(buf: Any, n: Any, rng: Any) -> Any:
    losses = np.array([t[0] for t in buf]) / 100
    p = np.exp(losses - losses.max())
    return chosen(buf, rng.choice(len(buf), n, p=p / p.sum()))


@wrong(checks.sample_prioritized_batch, "`index` stops there")
def spb_by_value(buf: Any, n: Any, rng: Any) -> Any:
    losses = [t[0] for t in buf]
    e = np.exp(np.array(losses) / 1000)
    drawn = rng.choice(losses, n, p=e / e.sum())
    return chosen(buf, [losses.index(x) for x in drawn])


@wrong(checks.update_batch, "gives the name to another object")
def ub_another_object(buf: Any, indices: Any, batch: Any, losses: Any) -> None:
    rows = list(buf)
    for i, loss in zip(indices, losses, strict=True):
        rows[i] = (loss, *rows[i][1:])
    buf = deque(rows, maxlen=buf.maxlen)


@wrong(checks.softmax, "a sign is wrong")
def sm_minus_in_front(xs: Any, temperature: Any) -> Any:
    e = np.exp(-(xs - xs.max()) / temperature)
    return e / e.sum()


@wrong(checks.softmax, "too coarse")
def sm_float32(xs: Any, temperature: Any) -> Any:
    return torch.softmax(torch.as_tensor(xs / temperature, dtype=torch.float32), 0)


@wrong(checks.softmax, "some exponents far above 0")
def sm_last_subtracted(xs: Any, temperature: Any) -> Any:
    e = np.exp((xs - xs[-1]) / temperature)
    return e / e.sum()


@wrong(checks.softmax, "is not the largest of them")
def sm_largest_from_zero(xs: Any, temperature: Any) -> Any:
    largest = 0
    for x in xs:
        largest = max(largest, x)
    e = np.exp((xs - largest) / temperature)
    return e / e.sum()


@wrong(checks.softmax, "is not the largest of them")
def sm_largest_size(xs: Any, temperature: Any) -> Any:
    z = xs / temperature
    e = np.exp(z - np.linalg.norm(z, np.inf))
    return e / e.sum()


@wrong(checks.softmax, "you cut large numbers off")
def sm_clipped(xs: Any, temperature: Any) -> Any:
    e = np.exp((xs / temperature).clip(-100, 100))
    return e / e.sum()


@wrong(checks.softmax, "you cut large numbers off")
def sm_at_most_700(xs: Any, temperature: Any) -> Any:
    e = np.array([np.exp(min(x / temperature, 700)) for x in xs])
    return e / e.sum()


@wrong(checks.softmax, "you divide by the largest number")
def sm_over_the_largest(xs: Any, temperature: Any) -> Any:
    e = np.exp(xs / (max(xs) * temperature))
    return e / e.sum()


@wrong(checks.softmax, "add up to nearly one")
def sm_guarded_sum(xs: Any, temperature: Any) -> Any:
    e = np.exp((xs - xs.max()) / temperature)
    return e / (e.sum() + 1e-6)


@wrong(checks.sample_prioritized_batch, "from a piece of its own")
def spb_one_from_each_piece(buf: Any, n: Any, rng: Any) -> Any:
    e = np.exp(np.array([t[0] for t in buf]) / 1000)
    ends = list(np.cumsum(e / e.sum()))
    masses = [(j + rng.random()) / n for j in range(n)]
    return chosen(buf, [min(int(np.digitize(m, ends)), len(buf) - 1) for m in masses])


@wrong(checks.sample_prioritized_batch, "the states are a list; return an array")
def spb_columns_as_lists(buf: Any, n: Any, rng: Any) -> Any:
    indices = weighted(buf, n, rng)
    return tuple([buf[i][k] for i in indices] for k in range(1, 6)), indices


@wrong(checks.update_batch, "`indices` says where each row stands")
def ub_losses_of_the_first(buf: Any, idx: Any, batch: Any, new: Any) -> None:
    for k, loss in enumerate(new):
        buf[k] = (loss, *buf[k][1:])


@wrong(checks.update_batch, "the buffer has grown")
def ub_inserted(buf: Any, idx: Any, batch: Any, new: Any) -> None:
    for i, loss in zip(idx, new, strict=True):
        buf.insert(i, (loss, *buf[i][1:]))


@wrong(checks.update_batch, "whole columns of a batch")
def ub_whole_batch(buf: Any, idx: Any, batch: Any, new: Any) -> None:
    for i, loss in zip(idx, new, strict=True):
        buf[i] = (loss, *batch)


@wrong(checks.update_batch, "have changed places")
def ub_exchanged(buf: Any, idx: Any, batch: Any, new: Any) -> None:
    states, actions, rewards, next_states, terminated = batch
    for k, i in enumerate(idx):
        buf[i] = (new[k], next_states[k], actions[k], rewards[k], states[k], terminated[k])


@wrong(checks.sample_prioritized_batch, "`states` of the batch has become float64")
def spb_double_states(buf: Any, n: Any, rng: Any) -> Any:
    (states, actions, rewards, next_states, flags), i = chosen(buf, weighted(buf, n, rng))
    return (states.astype(float), actions, rewards, next_states.astype(float), flags), i


@wrong(checks.update_batch, "`actions` in the buffer has become float64")
def ub_all_floats(buf: Any, idx: Any, batch: Any, new: Any) -> None:
    states, actions, rewards, next_states, terminated = batch
    for k, i in enumerate(idx):
        numbers = [float(x[k]) for x in (new, actions, rewards, terminated)]
        buf[i] = (numbers[0], states[k], *numbers[1:3], next_states[k], numbers[3])


@wrong(checks.update_batch, "`states` in the buffer has become float64")
def ub_lists_of_numbers(buf: Any, idx: Any, batch: Any, new: Any) -> None:
    rows = zip(*(column.tolist() for column in batch), strict=True)
    for i, loss, row in zip(idx, new.tolist(), rows, strict=True):
        buf[i] = (loss, *row)


@wrong(checks.softmax, "only what you subtract is divided")
def sm_without_brackets(xs: Any, t: Any) -> Any:
    powers = [np.exp(x - max(xs) / t) for x in xs]
    return np.array(powers) / sum(powers)
