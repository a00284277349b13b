"""Wrong answers to the exercises of :mod:`dqn.checks.replay`."""

# ruff: noqa: ARG001 - a student need not use every argument

import random
from collections import deque
from typing import Any

import numpy as np

from dqn import checks
from tests.checks.wrong import columns, wrong

# --- store ----------------------------------------------------------------------------------------


@wrong(checks.store, "What would have come after it?")
def st_done(buf: Any, s: Any, a: Any, r: Any, n: Any, te: Any, tr: Any) -> Any:
    done = te or tr
    buf.append((s, a, r, n, done))


@wrong(checks.store, "does a time limit raise a fallen pole")
def st_homework(buf: Any, s: Any, a: Any, r: Any, n: Any, te: Any, tr: Any) -> Any:
    buf.append((s, a, r, n, te and not tr))


@wrong(checks.store, "not the local name")
def st_rebinds(buf: Any, s: Any, a: Any, r: Any, n: Any, te: Any, tr: Any) -> Any:
    buf = deque([*buf, (s, a, r, n, te)], maxlen=buf.maxlen)


@wrong(checks.store, "stored as five items")
def st_six(buf: Any, s: Any, a: Any, r: Any, n: Any, te: Any, tr: Any) -> Any:
    buf.append((s, a, r, n, te, tr))


@wrong(checks.store, "each of its items should be one tuple")
def st_dict(buf: Any, s: Any, a: Any, r: Any, n: Any, te: Any, tr: Any) -> Any:
    buf.append({"s": s, "a": a, "r": r, "n": n, "te": te})


@wrong(checks.store, "there the oldest one belongs")
def st_left(buf: Any, s: Any, a: Any, r: Any, n: Any, te: Any, tr: Any) -> Any:
    buf.insert(0, (s, a, r, n, te)) if len(buf) != buf.maxlen else buf.appendleft((s, a, r, n, te))


@wrong(checks.store, "the next state not at all")
def st_state_twice(buf: Any, s: Any, a: Any, r: Any, n: Any, te: Any, tr: Any) -> Any:
    n = s
    buf.append((s, a, r, n, te))


@wrong(checks.store, "should forget its oldest transition")
def st_stops_when_full(buf: Any, s: Any, a: Any, r: Any, n: Any, te: Any, tr: Any) -> Any:
    if buf.maxlen is None or len(buf) < buf.maxlen:
        buf.append((s, a, r, n, te))


@wrong(checks.store, "The loss inverts it with `~`")
def st_int_flag(b: Any, s: Any, a: Any, r: Any, n: Any, te: Any, _tr: Any) -> None:
    b.append((s, a, r, n, int(te)))


@wrong(checks.store, "the flag in the buffer is 'False', a str")
def st_text_flag(b: Any, s: Any, a: Any, r: Any, n: Any, te: Any, _tr: Any) -> None:
    b.append((s, a, r, n, str(te)))


@wrong(checks.store, "the rewards in the buffer should be numbers")
def st_text_reward(b: Any, s: Any, a: Any, r: Any, n: Any, te: Any, _tr: Any) -> None:
    b.append((s, a, str(r), n, te))


@wrong(checks.store, "which of them tells that nothing follows?")
def st_truncated(b: Any, s: Any, a: Any, r: Any, n: Any, _te: Any, tr: Any) -> None:
    b.append((s, a, r, n, tr))


@wrong(checks.store, "when is the value of the next state zero?")
def st_reversed(b: Any, s: Any, a: Any, r: Any, n: Any, te: Any, _tr: Any) -> None:
    b.append((s, a, r, n, not te))


@wrong(checks.store, "the buffer now holds a NumPy array")
def st_array(b: Any, s: Any, a: Any, r: Any, n: Any, te: Any, _tr: Any) -> None:
    b.append(np.array([*s, a, r, *n, te]))


@wrong(checks.store, "the flag in the buffer is 0, an int")
def st_zero(b: Any, s: Any, a: Any, r: Any, n: Any, te: Any, _tr: Any) -> None:
    b.append((s, a, r, n, 1 if te else 0))


@wrong(checks.store, "a transition in the buffer has 4 things instead of 5")
def st_four(b: Any, s: Any, a: Any, r: Any, n: Any, te: Any, _tr: Any) -> None:
    b.append((s, a, r, n))


# --- sample_batch ---------------------------------------------------------------------------------


@wrong(checks.sample_batch, "the flags are the wrong way round")
def sb_inverted(buf: Any, n: Any, rng: Any) -> Any:
    s, a, r, s2, d = columns([buf[i] for i in rng.integers(len(buf), size=n)])
    return s, a, r, s2, ~d


@wrong(checks.sample_batch, "does not draw from `rng`")
def sb_random_module(buf: Any, n: Any, rng: Any) -> Any:
    return columns(random.sample(list(buf), n))


@wrong(checks.sample_batch, "always the newest")
def sb_newest(buf: Any, n: Any, rng: Any) -> Any:
    return columns(list(buf)[-n:])


@wrong(checks.sample_batch, "run of neighbours")
def sb_slice(buf: Any, n: Any, rng: Any) -> Any:
    start = rng.integers(0, len(buf) - n + 1)
    return columns([buf[i] for i in range(start, start + n)])


@wrong(checks.sample_batch, "takes transitions out of the buffer")
def sb_pops(buf: Any, n: Any, rng: Any) -> Any:
    rows = [buf[i] for i in rng.integers(len(buf), size=n)]
    buf.popleft()
    return columns(rows)


@wrong(checks.sample_batch, "the newest transition is never drawn")
def sb_open_end(buf: Any, n: Any, rng: Any) -> Any:
    last = len(buf) - 1
    return columns([buf[i] for i in (rng.integers(0, last, n) if last else [0] * n)])


@wrong(checks.sample_batch, "do not belong together")
def sb_shuffled_columns(buf: Any, n: Any, rng: Any) -> Any:
    rows = [buf[i] for i in rng.integers(len(buf), size=n)]
    s, a, r, s2, d = columns(rows)
    order = rng.permutation(n)
    return s, a[order], r[order], s2, d


@wrong(checks.sample_batch, "not plain numbers")
def sb_objects(buf: Any, n: Any, rng: Any) -> Any:
    rows = [buf[i] for i in rng.integers(len(buf), size=n)]
    table = np.empty((n, 5), dtype=object)
    for i, row in enumerate(rows):
        for j, item in enumerate(row):
            table[i, j] = item
    return tuple(table.T)


@wrong(checks.sample_batch, "have shape (1, 4), expected (3, 4)")
def sb_ignores_n(buf: Any, n: Any, rng: Any) -> Any:
    return columns([buf[int(rng.integers(len(buf)))]])


@wrong(checks.sample_batch, "return five arrays, one for all states")
def sb_rows(buf: Any, n: Any, rng: Any) -> Any:
    return [buf[i] for i in rng.integers(len(buf), size=n)]


@wrong(checks.sample_batch, "the actions should be whole numbers")
def sb_all_floats(b: Any, n: Any, rng: Any) -> Any:
    rows = [b[i] for i in rng.integers(len(b), size=n)]
    return tuple(np.array(column, dtype=np.float32) for column in zip(*rows, strict=True))


# --- ring_slots -----------------------------------------------------------------------------------


@wrong(checks.ring_slots, "run past the end")
def rs_no_modulo(p: Any, k: Any, c: Any) -> Any:
    return [p + i for i in range(k)]


@wrong(checks.ring_slots, "keep writing to the last slot")
def rs_clip(p: Any, k: Any, c: Any) -> Any:
    return np.clip(p + np.arange(k), 0, c - 1)


@wrong(checks.ring_slots, "one after `position`")
def rs_moves_first(p: Any, k: Any, c: Any) -> Any:
    slots = []
    for _ in range(k):
        p = (p + 1) % c
        slots.append(p)
    return slots


@wrong(checks.ring_slots, "the last slot is never used")
def rs_minus_one(p: Any, k: Any, c: Any) -> Any:
    return [(p + i) % (c - 1) if c > 1 else 0 for i in range(k)]


@wrong(checks.ring_slots, "dropped")
def rs_drops(p: Any, k: Any, c: Any) -> Any:
    return [i for i in range(p, p + k) if i < c]


@wrong(checks.ring_slots, "the slots: shape (), expected (1,)")
def rs_only_the_next(p: Any, k: Any, c: Any) -> Any:
    return (p + k) % c


@wrong(checks.ring_slots, "yours are of type float64")
def rs_floats(position: Any, count: Any, capacity: Any) -> Any:
    slots = np.zeros(count)
    for i in range(count):
        slots[i] = (position + i) % capacity
    return slots


@wrong(checks.ring_slots, "run past the end")
def rs_range(position: Any, count: Any, capacity: Any) -> Any:
    return range(position, position + count)
