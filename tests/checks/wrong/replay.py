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


@wrong(checks.store, "the action in the buffer is 0.0, a float")
def st_float_action(b: Any, s: Any, a: Any, r: Any, n: Any, te: Any, _tr: Any) -> None:
    b.append((s, float(a), r, n, te))


@wrong(checks.store, "the action in the buffer is False, a bool")
def st_bool_action(b: Any, s: Any, a: Any, r: Any, n: Any, te: Any, _tr: Any) -> None:
    b.append((s, bool(a), r, n, te))


@wrong(checks.store, "you store another action than the one you were given")
def st_no_action(b: Any, s: Any, a: Any, r: Any, n: Any, te: Any, _tr: Any) -> None:
    b.append((s, 0, r, n, te))


@wrong(checks.store, "you store another reward than the one you were given")
def st_penalty(b: Any, s: Any, a: Any, r: Any, n: Any, te: Any, _tr: Any) -> None:
    b.append((s, a, -10.0 if te else r, n, te))


@wrong(checks.store, "you store another reward than the one you were given")
def st_absolute_reward(b: Any, s: Any, a: Any, r: Any, n: Any, te: Any, _tr: Any) -> None:
    b.append((s, a, abs(r), n, te))


@wrong(checks.store, "you store another next state than the one you were given")
def st_zeros(b: Any, s: Any, a: Any, r: Any, n: Any, te: Any, _tr: Any) -> None:
    b.append((s, a, r, np.zeros_like(n) if te else n, te))


@wrong(checks.store, "you store the state in place of the next state")
def st_state_at_an_end(b: Any, s: Any, a: Any, r: Any, n: Any, te: Any, _tr: Any) -> None:
    if te:
        n = s
    b.append((s, a, r, n, te))


@wrong(checks.store, "the result of the case below is not right")
def st_only_rewarded(b: Any, s: Any, a: Any, r: Any, n: Any, te: Any, _tr: Any) -> None:
    if r > 0:
        b.append((s, a, r, n, te))


@wrong(checks.store, "The smallest case that fails: a buffer without a limit")
def st_never_more_than_three(b: Any, s: Any, a: Any, r: Any, n: Any, te: Any, _tr: Any) -> None:
    if len(b) >= 3:
        b.popleft()
    b.append((s, a, r, n, te))


_scratch: list[Any] = [None] * 5


@wrong(checks.store, "the next call changes what this one has stored")
def st_scratch(b: Any, s: Any, a: Any, r: Any, n: Any, te: Any, _tr: Any) -> None:
    _scratch[:] = s, a, r, n, te
    b.append(_scratch)


@wrong(checks.store, "the flag and the next state have changed places")
def st_flag_fourth(b: Any, s: Any, a: Any, r: Any, n: Any, te: Any, _tr: Any) -> None:
    b.append((s, a, r, te, n))


@wrong(checks.store, "the reward and the next state have changed places")
def st_reward_fourth(b: Any, s: Any, a: Any, r: Any, n: Any, te: Any, _tr: Any) -> None:
    b.append((s, a, n, r, te))


@wrong(checks.store, "the flag in the buffer is None, a NoneType, and no bool. The smallest case")
def st_none_flag(b: Any, s: Any, a: Any, r: Any, n: Any, te: Any, _tr: Any) -> None:
    b.append((s, a, r, n, te or None))


@wrong(checks.store, "what follows a fall before the time limit?")
def st_both_flags(b: Any, s: Any, a: Any, r: Any, n: Any, te: Any, tr: Any) -> None:
    b.append((s, a, r, n, te & tr))


@wrong(checks.store, "you stored whether the episode goes on")
def st_mask(b: Any, s: Any, a: Any, r: Any, n: Any, te: Any, tr: Any) -> None:
    b.append((s, a, r, n, not te and not tr))


@wrong(checks.store, "the flag you store is never set")
def st_false(b: Any, s: Any, a: Any, r: Any, n: Any, te: Any, _tr: Any) -> None:
    b.append((s, a, r, n, False))


@wrong(checks.store, "the flag you store is always set")
def st_true(b: Any, s: Any, a: Any, r: Any, n: Any, te: Any, _tr: Any) -> None:
    b.append((s, a, r, n, True))


@wrong(checks.store, "is not stored, however it ends")
def st_skips_ends(b: Any, s: Any, a: Any, r: Any, n: Any, te: Any, tr: Any) -> None:
    if te or tr:
        return
    b.append((s, a, r, n, te))


@wrong(checks.store, "the step that meets the time limit is not stored")
def st_skips_limit(b: Any, s: Any, a: Any, r: Any, n: Any, te: Any, tr: Any) -> None:
    if not tr:
        b.append((s, a, r, n, te))


@wrong(checks.store, "you evict the newest transition")
def st_pops(b: Any, s: Any, a: Any, r: Any, n: Any, te: Any, _tr: Any) -> None:
    if b.maxlen is not None and len(b) >= b.maxlen:
        b.pop()
    b.append((s, a, r, n, te))


@wrong(checks.store, "the buffer is empty after the end of an episode")
def st_one_episode(b: Any, s: Any, a: Any, r: Any, n: Any, te: Any, tr: Any) -> None:
    b.append((s, a, r, n, te))
    if te or tr:
        b.clear()


# --- sample_batch ---------------------------------------------------------------------------------


@wrong(checks.sample_batch, "the flags are the wrong way round")
def sb_inverted(buf: Any, n: Any, rng: Any) -> Any:
    s, a, r, s2, d = columns([buf[i] for i in rng.integers(len(buf), size=n)])
    return s, a, r, s2, ~d


@wrong(checks.sample_batch, "does it draw from another generator than `rng`")
def sb_random_module(buf: Any, n: Any, rng: Any) -> Any:
    return columns(random.sample(list(buf), n))


@wrong(checks.sample_batch, "always the newest")
def sb_newest(buf: Any, n: Any, rng: Any) -> Any:
    return columns(list(buf)[-n:])


@wrong(checks.sample_batch, "in a run of neighbours")
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


@wrong(checks.sample_batch, "in a run of neighbours")
def sb_run_round_the_end(b: Any, n: Any, rng: Any) -> Any:
    start = int(rng.integers(len(b)))
    return columns([b[(start + k) % len(b)] for k in range(n)])


@wrong(checks.sample_batch, "in a run of neighbours")
def sb_backwards(b: Any, n: Any, rng: Any) -> Any:
    start = int(rng.integers(len(b)))
    return columns([b[start - k] for k in range(n)])


@wrong(checks.sample_batch, "the others follow from it")
def sb_every_second(b: Any, n: Any, rng: Any) -> Any:
    start = int(rng.integers(len(b)))
    return columns([b[(start + 2 * k) % len(b)] for k in range(n)])


@wrong(checks.sample_batch, "the newest transition is never drawn")
def sb_unguarded_end(b: Any, n: Any, rng: Any) -> Any:
    return columns([b[i] for i in rng.integers(len(b) - 1, size=n)])


@wrong(checks.sample_batch, "the oldest transition is never drawn")
def sb_from_one(b: Any, n: Any, rng: Any) -> Any:
    return columns([b[i] for i in rng.integers(1, len(b), size=n)])


@wrong(checks.sample_batch, "drawn half as often")
def sb_rounds(b: Any, n: Any, rng: Any) -> Any:
    return columns([b[round(u * (len(b) - 1))] for u in rng.random(n)])


@wrong(checks.sample_batch, "the newest transition is in every batch")
def sb_combined(b: Any, n: Any, rng: Any) -> Any:
    return columns([b[-1], *(b[i] for i in rng.integers(len(b), size=n - 1))])


_pass: list[Any] = []


@wrong(checks.sample_batch, "remember something from call to call?")
def sb_epochs(b: Any, n: Any, rng: Any) -> Any:
    rows: list[Any] = []
    while len(rows) < n:
        _pass[:] = [i for i in _pass if i < len(b)] or rng.permutation(len(b)).tolist()
        rows.append(b[_pass.pop()])
    return columns(rows)


@wrong(checks.sample_batch, "the rewards of one row are 0, which no transition in the buffer holds")
def sb_whole_rewards(b: Any, n: Any, rng: Any) -> Any:
    s, a, r, s2, d = columns([b[i] for i in rng.integers(len(b), size=n)])
    return s, a, r.astype(int), s2, d


@wrong(checks.sample_batch, "the states of one row are [0 0 0 0], which no transition")
def sb_whole_states(b: Any, n: Any, rng: Any) -> Any:
    s, a, r, s2, d = columns([b[i] for i in rng.integers(len(b), size=n)])
    return s.astype(int), a, r, s2.astype(int), d


@wrong(checks.sample_batch, "the flags `terminated` should be bools")
def sb_float_flags(b: Any, n: Any, rng: Any) -> Any:
    s, a, r, s2, d = columns([b[i] for i in rng.integers(len(b), size=n)])
    return s, a, r, s2, d.astype(np.float32)


@wrong(checks.store, "exactly one of the two flags")
def st_either_flag(
    buffer: Any, s: Any, a: Any, r: Any, n: Any, terminated: Any, truncated: Any
) -> Any:  # fmt: skip
    buffer.append((s, a, r, n, terminated ^ truncated))


@wrong(checks.store, "at the left end of the buffer")
def st_inserted(
    buffer: Any, s: Any, a: Any, r: Any, n: Any, terminated: Any, truncated: Any
) -> Any:  # fmt: skip
    buffer.insert(0, (s, a, r, n, bool(terminated)))
