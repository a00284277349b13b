"""Wrong answers to the exercises of :mod:`dqn.checks.homework_step`."""

# ruff: noqa: ARG001 - a student need not use every argument

from collections import deque
from typing import Any

import numpy as np

from dqn import checks
from tests.checks.wrong import wrong

# --- prioritized_step -----------------------------------------------------------------------------


def ps_rows(buf: Any, indices: Any) -> Any:
    return tuple(np.array(column) for column in zip(*(buf[i][1:] for i in indices), strict=True))


@wrong(checks.prioritized_step, "as if all losses were equal")
def ps_fair_dice(buf: Any, new: Any, loss_of: Any, learn: Any, n: Any, rng: Any) -> None:
    buf.append((loss_of([[x] for x in new])[0], *new))
    if len(buf) >= n:
        where = rng.choice(len(buf), n, replace=False)
        batch = ps_rows(buf, where)
        learn(batch)
        for i, loss in zip(where, loss_of(batch), strict=True):
            buf[i] = (loss, *buf[i][1:])


def ps_dice(buf: Any, n: Any, rng: Any) -> Any:
    losses = np.array([stored[0] for stored in buf])
    weights = np.exp((losses - losses.max()) / 1000)
    return rng.choice(len(buf), n, p=weights / weights.sum())


@wrong(checks.prioritized_step, "out of date already")
def ps_scored_first(buf: Any, new: Any, loss_of: Any, learn: Any, n: Any, rng: Any) -> None:
    buf.append((loss_of([np.array([x]) for x in new])[0], *new))
    if len(buf) >= n:
        where = ps_dice(buf, n, rng)
        batch = ps_rows(buf, where)
        losses = loss_of(batch)
        for i, loss in zip(where, losses, strict=True):
            buf[i] = (loss, *buf[i][1:])
        learn(batch)


@wrong(checks.prioritized_step, "still have their old losses")
def ps_on_a_copy(buf: Any, new: Any, loss_of: Any, learn: Any, n: Any, rng: Any) -> None:
    buf.append((loss_of([[x] for x in new])[0], *new))
    if len(buf) >= n:
        where = ps_dice(buf, n, rng)
        batch = ps_rows(buf, where)
        learn(batch)
        for i, loss in zip(where, loss_of(batch), strict=True):
            stored = list(buf[i])
            stored[0] = loss


@wrong(checks.prioritized_step, "not in the buffer afterwards")
def ps_forgets(buf: Any, new: Any, loss_of: Any, learn: Any, n: Any, rng: Any) -> None:
    if len(buf) >= n:
        where = ps_dice(buf, n, rng)
        batch = ps_rows(buf, where)
        learn(batch)
        for i, loss in zip(where, loss_of(batch), strict=True):
            buf[i] = (loss, *buf[i][1:])


@wrong(checks.prioritized_step, "before there is a whole batch")
def ps_at_once(buf: Any, new: Any, loss_of: Any, learn: Any, n: Any, rng: Any) -> None:
    buf.append((loss_of([[x] for x in new])[0], *new))
    if buf:  # as in the homework's second part
        where = ps_dice(buf, n, rng)
        batch = ps_rows(buf, where)
        learn(batch)
        for i, loss in zip(where, loss_of(batch), strict=True):
            buf[i] = (loss, *buf[i][1:])


@wrong(checks.prioritized_step, "you should learn already")
def ps_more_than(buf: Any, new: Any, loss_of: Any, learn: Any, n: Any, rng: Any) -> None:
    buf.append((loss_of([[x] for x in new])[0], *new))
    if len(buf) > n:
        where = ps_dice(buf, n, rng)
        batch = ps_rows(buf, where)
        learn(batch)
        for i, loss in zip(where, loss_of(batch), strict=True):
            buf[i] = (loss, *buf[i][1:])


@wrong(checks.prioritized_step, "one row for each transition")
def ps_no_rows(buf: Any, new: Any, loss_of: Any, learn: Any, n: Any, rng: Any) -> None:
    buf.append((loss_of(new), *new))


@wrong(checks.prioritized_step, "`learn` is never called")
def ps_only_stores(buf: Any, new: Any, loss_of: Any, learn: Any, n: Any, rng: Any) -> None:
    buf.append((loss_of([[x] for x in new])[0], *new))


@wrong(checks.prioritized_step, "Store the number")
def ps_array(buf: Any, transition: Any, loss_of: Any, learn: Any, n_samples: Any, rng: Any) -> None:
    newest = tuple(np.array([x]) for x in transition)
    buf.append((loss_of(newest), *transition))


@wrong(checks.prioritized_step, "gives the name to another object")
def ps_rebinds(buf: Any, new: Any, loss_of: Any, learn: Any, n: Any, rng: Any) -> None:
    loss = loss_of([[x] for x in new])[0]
    buf = deque([*buf, (loss, *new)], maxlen=buf.maxlen)
    if len(buf) >= n:
        indices = ps_dice(buf, n, rng)
        batch = ps_rows(buf, indices)
        learn(batch)
        for i, fresh in zip(indices, loss_of(batch), strict=True):
            buf[i] = (fresh, *buf[i][1:])


@wrong(checks.prioritized_step, "the loss is the first item")
def ps_loss_last(buf: Any, new: Any, loss_of: Any, learn: Any, n: Any, rng: Any) -> None:
    buf.append((*new, loss_of([[x] for x in new])[0]))


@wrong(checks.prioritized_step, "does not draw from `rng`")
def ps_own_generator(buf: Any, new: Any, loss_of: Any, learn: Any, n: Any, rng: Any) -> None:
    rng = np.random.default_rng(0)
    buf.append((loss_of([[x] for x in new])[0], *new))
    if len(buf) >= n:
        indices = ps_dice(buf, n, rng)
        batch = ps_rows(buf, indices)
        learn(batch)
        for i, fresh in zip(indices, loss_of(batch), strict=True):
            buf[i] = (fresh, *buf[i][1:])


def ps_learns(buf: Any, loss_of: Any, learn: Any, n: Any, rng: Any) -> None:
    indices = ps_dice(buf, n, rng)
    batch = ps_rows(buf, indices)
    learn(batch)
    for i, fresh in zip(indices, loss_of(batch), strict=True):
        buf[i] = (fresh, *buf[i][1:])


def ps_scored(new: Any, loss_of: Any) -> Any:
    return (float(loss_of([np.array([x]) for x in new])[0]), *new)


@wrong(checks.prioritized_step, "it should have its chance in this very batch")
def ps_stores_at_the_end(buf: Any, new: Any, loss_of: Any, learn: Any, n: Any, rng: Any) -> None:
    if len(buf) >= n:
        ps_learns(buf, loss_of, learn, n, rng)
    buf.append(ps_scored(new, loss_of))


@wrong(checks.prioritized_step, "it counts, too")
def ps_looks_first(buf: Any, new: Any, loss_of: Any, learn: Any, n: Any, rng: Any) -> None:
    ready = len(buf) >= n
    buf.append(ps_scored(new, loss_of))
    if ready:
        ps_learns(buf, loss_of, learn, n, rng)


def ps_sorted(buf: Any) -> None:
    by_loss = sorted(buf, key=lambda stored: stored[0])
    for i, stored in enumerate(by_loss):
        buf[i] = stored


@wrong(checks.prioritized_step, "leaves its order alone")
def ps_sorts(buf: Any, new: Any, loss_of: Any, learn: Any, n: Any, rng: Any) -> None:
    buf.append(ps_scored(new, loss_of))
    if len(buf) >= n:
        ps_learns(buf, loss_of, learn, n, rng)
        ps_sorted(buf)


@wrong(checks.prioritized_step, "leaves its order alone")
def ps_always_sorts(buf: Any, new: Any, loss_of: Any, learn: Any, n: Any, rng: Any) -> None:
    buf.append(ps_scored(new, loss_of))
    if len(buf) >= n:
        ps_learns(buf, loss_of, learn, n, rng)
    ps_sorted(buf)


@wrong(checks.prioritized_step, "`terminated` of a batch has become float64")
def ps_float_flag(buf: Any, new: Any, loss_of: Any, learn: Any, n: Any, rng: Any) -> None:
    loss, *items, terminated = ps_scored(new, loss_of)
    buf.append((loss, *items, float(terminated)))
    if len(buf) >= n:
        ps_learns(buf, loss_of, learn, n, rng)


@wrong(checks.prioritized_step, "whole columns of a batch")
def ps_stores_a_batch(buf: Any, new: Any, loss_of: Any, learn: Any, n: Any, rng: Any) -> None:
    newest = [np.array([x]) for x in new]
    buf.append((loss_of(newest)[0], *newest))
    if len(buf) >= n:
        ps_learns(buf, loss_of, learn, n, rng)


@wrong(checks.prioritized_step, "the number of calls of learn: 1, expected 0")
def ps_learns_the_newest(buf: Any, new: Any, loss_of: Any, learn: Any, n: Any, rng: Any) -> None:
    buf.append(ps_scored(new, loss_of))
    learn([np.array([x]) for x in new])
    if len(buf) >= n:
        ps_learns(buf, loss_of, learn, n, rng)


@wrong(checks.prioritized_step, "`states` of a batch has become float64")
def ps_double_states(buf: Any, new: Any, loss_of: Any, learn: Any, n: Any, rng: Any) -> None:
    state, action, reward, next_state, terminated = new
    newest = (
        np.array([state], dtype=float),
        [action],
        [reward],
        np.array([next_state]),
        [terminated],
    )
    buf.append((loss_of(newest)[0], *new))
    if len(buf) >= n:
        ps_learns(buf, loss_of, learn, n, rng)


@wrong(checks.prioritized_step, "are not stored as they came")
def ps_states_exchanged(buf: Any, new: Any, loss_of: Any, learn: Any, n: Any, rng: Any) -> None:
    next_state, action, reward, state, terminated = new
    loss = loss_of([np.array([x]) for x in new])[0]
    buf.append((loss, state, action, reward, next_state, terminated))
    if len(buf) >= n:
        ps_learns(buf, loss_of, learn, n, rng)


@wrong(checks.prioritized_step, "are not stored as they came")
def ps_reward_last(buf: Any, new: Any, loss_of: Any, learn: Any, n: Any, rng: Any) -> None:
    state, action, reward, next_state, terminated = new
    loss = loss_of([np.array([x]) for x in new])[0]
    buf.append((loss, state, action, next_state, reward, terminated))


@wrong(checks.prioritized_step, "its states had shape (4,)")
def ps_state_without_an_axis(
    buf: Any, new: Any, loss_of: Any, learn: Any, n: Any, rng: Any
) -> None:
    state, action, reward, next_state, done = new
    alone = (state, np.array([action]), np.array([reward]), next_state, np.array([done]))
    buf.append((loss_of(alone)[0], *new))
    if len(buf) >= n:
        ps_learns(buf, loss_of, learn, n, rng)


@wrong(checks.prioritized_step, "whether different transitions are drawn: False")
def ps_inverts_what_is_no_distribution(
    buf: Any, new: Any, loss_of: Any, learn: Any, n: Any, rng: Any
) -> None:
    buf.append((loss_of([np.array([x]) for x in new])[0], *new))
    if len(buf) >= n:
        losses = np.array([stored[0] for stored in buf])
        running = np.cumsum(np.exp((losses - losses.max()) / 1000))  # of the wrong sum
        where = np.searchsorted(running, 0.9 * rng.random(n))
        batch = ps_rows(buf, where)
        learn(batch)
        for i, loss in zip(where, loss_of(batch), strict=True):
            buf[i] = (loss, *buf[i][1:])


@wrong(checks.prioritized_step, "A caller may ask for a billion")
def ps_draws_before_it_asks(buf: Any, new: Any, loss_of: Any, learn: Any, n: Any, rng: Any) -> None:
    buf.append(ps_scored(new, loss_of))
    where = ps_dice(buf, n, rng)
    if n <= len(buf):
        batch = ps_rows(buf, where)
        learn(batch)
        for i, loss in zip(where, loss_of(batch), strict=True):
            buf[i] = (loss, *buf[i][1:])


@wrong(checks.prioritized_step, "you sort the buffer before you store")
def ps_sorts_first(buf: Any, new: Any, loss_of: Any, learn: Any, n: Any, rng: Any) -> None:
    ps_sorted(buf)
    buf.append(ps_scored(new, loss_of))
    if n <= len(buf):
        ps_learns(buf, loss_of, learn, n, rng)


@wrong(checks.prioritized_step, "forgets another transition than its oldest")
def ps_forgets_the_smallest(buf: Any, new: Any, loss_of: Any, learn: Any, n: Any, rng: Any) -> None:
    if len(buf) == buf.maxlen:
        ps_sorted(buf)
    buf.append(ps_scored(new, loss_of))
    if n <= len(buf):
        ps_learns(buf, loss_of, learn, n, rng)
