"""Checkers of the chapter `Experience replay`: what is stored, and what is drawn."""

from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dqn.checks import _references as right
from dqn.checks._calling import Call, Complaint, Outcome, as_array, as_items, named
from dqn.checks._machinery import Case, Exercise, Mistake, check
from dqn.checks.online import hint

CHAPTER = "Experience replay"

FIELDS = ("states", "actions", "rewards", "next_states", "terminated")
# To find out what the flag is, is the exercise `store`.
STORED = (*FIELDS[:-1], "flags")


def transition(number: int) -> tuple[Any, ...]:
    """A transition whose five items all tell its number."""
    state = np.array([number, -number, 2 * number, 0.5], dtype=np.float32)
    next_state = np.array([100 + number, number, -number, 0.25], dtype=np.float32)
    return state, number % 3, 10.0 * number + 0.5, next_state, number % 2 == 1


# --- store ----------------------------------------------------------------------------------------


def _observe_store(call: Call, buffer: deque[Any], *items: Any) -> Outcome:
    """What the buffer holds afterwards, item by item."""
    call(buffer, *items)
    for stored in buffer:
        if not isinstance(stored, (tuple, list)):
            raise Complaint(
                f"the buffer now holds {named(stored)}: each of its items should be one tuple "
                "(state, action, reward, next_state, flag)."
            )
        *numbers, flag = as_items(
            stored,
            5,
            "state, action, reward, next_state, flag",
            what="a transition in the buffer has",
        )
        if np.asarray(numbers[3]).dtype.kind == "b" and np.ndim(flag) == 1:
            raise Complaint("the flag and the next state have changed places.")
        for name, value in zip(STORED, numbers, strict=False):
            if np.asarray(value).dtype.kind not in "biuf":
                raise Complaint(
                    f"the {name} in the buffer should be numbers, and one is {value!r}."
                )
        if np.asarray(flag).dtype.kind != "b":
            said = f"the flag in the buffer is {flag!r}, {named(flag)}, and no bool."
            if np.asarray(flag).dtype.kind in "iu":
                said += " The loss inverts it with `~`, which is right for a bool only: `~1` is -2."
            raise Complaint(said)
    if buffer:
        _compare_with_given(buffer[-1], items)
    outcome = _contents(buffer)
    call.bare(deque(), *transition(6)[:4], False, False)
    if any(not np.array_equal(after, outcome[key]) for key, after in _contents(buffer).items()):
        raise Complaint(
            "the next call changes what this one has stored: make a new tuple for each transition."
        )
    return outcome


def _compare_with_given(stored: Any, given: tuple[Any, ...]) -> None:
    """Complain where just one item is another than the one given, and which it is."""
    if any(np.shape(kept) != np.shape(item) for kept, item in zip(stored, given, strict=False)):
        return
    others = [i for i in range(4) if not np.allclose(stored[i], given[i])]
    if not others and np.asarray(stored[1]).dtype.kind not in "iu":
        raise Complaint(
            f"the action in the buffer is {stored[1]!r}, {named(stored[1])}: it should be a whole "
            "number, as it indexes an array."
        )
    # The state in place of the next one is a mistake of its own.
    if len(others) == 1 and not np.array_equal(stored[others[0]], given[0]):
        name = STORED[others[0]].removesuffix("s").replace("_", " ")
        raise Complaint(f"you store another {name} than the one you were given.")


def _contents(buffer: deque[Any]) -> Outcome:
    """What a buffer holds, field by field."""
    outcome = {"the number of transitions in the buffer": np.array(len(buffer))}
    for i, name in enumerate(STORED):
        try:
            outcome[f"{name} in the buffer"] = np.array(
                [np.asarray(stored[i]) for stored in buffer]
            )
        except ValueError:
            raise Complaint(f"the {name} in the buffer have different shapes.") from None
    return outcome


def _storing(
    title: str,
    size: int,
    maxlen: int | None,
    terminated: bool,
    truncated: bool,
    number: int = 9,
) -> Case:
    buffer = deque((transition(i) for i in range(size)), maxlen=maxlen)
    state, action, reward, next_state, _ = transition(number)
    return Case(title, (buffer, state, action, reward, next_state, terminated, truncated))


def _storer(
    pick: Callable[[Any, Any, Any, Any, Any, Any], tuple[Any, ...]],
) -> Callable[..., None]:
    return lambda buffer, *items: buffer.append(pick(*items))


def _cleared(buffer: deque[Any], *items: Any) -> None:
    buffer.clear()
    right.store(buffer, *items)


def _unless_full(buffer: deque[Any], *items: Any) -> None:
    if len(buffer) != buffer.maxlen:
        right.store(buffer, *items)


def _unless(skipped: Callable[[bool, bool], bool]) -> Callable[..., None]:
    """A wrong answer that leaves out some transitions, as their flags say."""

    def store(buffer: deque[Any], *items: Any) -> None:
        if not skipped(*items[4:]):
            right.store(buffer, *items)

    return store


def _newest_evicted(buffer: deque[Any], *items: Any) -> None:
    if len(buffer) == buffer.maxlen:
        buffer.pop()
    right.store(buffer, *items)


def _cleared_at_an_end(buffer: deque[Any], *items: Any) -> None:
    right.store(buffer, *items)
    if items[4] or items[5]:
        buffer.clear()


STORE = Exercise(
    name="store",
    chapter=CHAPTER,
    arguments=(
        "replay_buffer", "state", "action", "reward", "next_state", "terminated", "truncated",
    ),
    reference=right.store,
    observe=_observe_store,
    may_change=frozenset({"replay_buffer"}),
    cases=(
        _storing("an empty buffer", 0, 4, False, False),
        _storing("the last step of an episode", 0, 4, True, False),
        _storing("an episode cut off by a time limit", 0, 4, False, True),
        _storing("an episode that ends on the very step of its time limit", 0, 4, True, True),
        _storing("a buffer with two transitions", 2, 4, False, False),
        _storing("a full buffer", 3, 3, False, False, number=-4),
        _storing("a buffer without a limit", 4, None, True, False, number=-4),
    ),
    mistakes=(
        Mistake(
            "truncation stored as termination",
            "a time limit is stored as if the pole had fallen. What would have come after it?",
            _storer(lambda s, a, r, n, te, tr: (s, a, r, n, te or tr)),
        ),
        Mistake(
            "terminated and not truncated",
            "when both flags are set, the end is stored as if the episode went on: does a time "
            "limit raise a fallen pole?",
            _storer(lambda s, a, r, n, te, tr: (s, a, r, n, te and not tr)),
        ),
        Mistake(
            "truncated instead of terminated",
            "you stored the wrong one of the two flags: which of them tells that nothing follows?",
            _storer(lambda s, a, r, n, _te, tr: (s, a, r, n, tr)),
        ),
        Mistake(
            "the flag reversed",
            "the stored flag is the wrong way round: when is the value of the next state zero?",
            _storer(lambda s, a, r, n, te, _tr: (s, a, r, n, not te)),
        ),
        Mistake(
            "only where both flags are set",
            "the stored flag is set only where both flags are: what follows a fall before the time "
            "limit?",
            _storer(lambda s, a, r, n, te, tr: (s, a, r, n, te and tr)),
        ),
        Mistake(
            "exactly one flag",
            "the stored flag is set only where exactly one of the two flags is: what do both at "
            "once tell you, and what does either alone?",
            _storer(lambda s, a, r, n, te, tr: (s, a, r, n, te != tr)),
        ),
        Mistake(
            "the episode goes on",
            "you stored whether the episode goes on, which is another question: when is the value "
            "of the next state zero?",
            _storer(lambda s, a, r, n, te, tr: (s, a, r, n, not (te or tr))),
        ),
        Mistake(
            "never set",
            "the flag you store is never set: is there no end after which nothing follows?",
            _storer(lambda s, a, r, n, _te, _tr: (s, a, r, n, False)),
        ),
        Mistake(
            "always set",
            "the flag you store is always set: does nothing ever follow?",
            _storer(lambda s, a, r, n, _te, _tr: (s, a, r, n, True)),
        ),
        Mistake(
            "the next state is the state",
            "you stored the state twice, and the next state not at all.",
            _storer(lambda s, a, r, _n, te, _tr: (s, a, r, s, te)),
        ),
        Mistake(
            "the next state is the state at an end",
            "at an end you store the state in place of the next state: store what you were given, "
            "the flag says the rest.",
            _storer(lambda s, a, r, n, te, _tr: (s, a, r, s if te else n, te)),
        ),
        Mistake(
            "states exchanged",
            "the state and the next state have changed places.",
            _storer(lambda s, a, r, n, te, _tr: (n, a, r, s, te)),
        ),
        Mistake(
            "action and reward exchanged",
            "the action and the reward have changed places.",
            _storer(lambda s, a, r, n, te, _tr: (s, r, a, n, te)),
        ),
        Mistake(
            "reward and next state exchanged",
            "the reward and the next state have changed places.",
            _storer(lambda s, a, r, n, te, _tr: (s, a, n, r, te)),
        ),
        Mistake(
            "nothing is stored",
            "the buffer is the same after the call as before: change the buffer you are given, "
            "not a copy and not the local name.",
            lambda _buffer, *_items: None,
        ),
        Mistake(
            "at the wrong end",
            "the new transition is at the left end of the buffer: there the oldest one belongs.",
            lambda buffer, s, a, r, n, te, _tr: buffer.appendleft((s, a, r, n, te)),
        ),
        Mistake(
            "inserted at the wrong end",
            "the new transition is at the left end of the buffer: there the oldest one belongs.",
            lambda buffer, s, a, r, n, te, _tr: buffer.insert(0, (s, a, r, n, te)),
        ),
        Mistake(
            "five loose items",
            "the buffer now holds the parts of the transition one by one; store one tuple.",
            lambda buffer, s, a, r, n, te, _tr: buffer.extend((s, a, r, n, te)),
        ),
        Mistake(
            "six items",
            "each transition should be stored as five items.",
            _storer(lambda s, a, r, n, te, tr: (s, a, r, n, te, tr)),
        ),
        Mistake(
            "stored twice",
            "the transition is stored twice.",
            lambda buffer, s, a, r, n, te, _tr: buffer.extend(((s, a, r, n, te), (s, a, r, n, te))),
        ),
        Mistake(
            "ends are not stored",
            "the last transition of an episode is not stored: it is the one that anchors all "
            "the others.",
            _unless(lambda te, _tr: te),
        ),
        Mistake(
            "ends of either kind are not stored",
            "the last transition of an episode is not stored, however it ends.",
            _unless(lambda te, tr: te or tr),
        ),
        Mistake(
            "steps at the time limit are not stored",
            "the step that meets the time limit is not stored: it is a transition like any other.",
            _unless(lambda _te, tr: tr),
        ),
        Mistake(
            "not when full",
            "a full buffer takes nothing new: it should forget its oldest transition instead.",
            _unless_full,
        ),
        Mistake(
            "the newest is evicted",
            "when the buffer is full you evict the newest transition: forget the oldest.",
            _newest_evicted,
        ),
        Mistake("the past is forgotten", "everything stored before is gone.", _cleared),
        Mistake(
            "the past is forgotten at an end",
            "the buffer is empty after the end of an episode: a memory spans many of them.",
            _cleared_at_an_end,
        ),
    ),
)  # fmt: skip


# --- sample_batch ---------------------------------------------------------------------------------


def read_batch(
    batch: tuple[Any, ...], n_samples: int, transitions: list[tuple[Any, ...]]
) -> list[int]:
    """Return which of the ``transitions`` are the rows of a batch of five arrays.

    Raises:
        Complaint: If the batch does not consist of such rows.
    """
    arrays = []
    for name, values in zip(FIELDS, batch, strict=True):
        if isinstance(values, (list, tuple)):
            raise Complaint(f"the {_spoken(name)} are {named(values)}; return an array.")
        array = as_array(values, what=f"for the {_spoken(name)} your function")
        shape = (n_samples, *np.shape(transitions[0][FIELDS.index(name)]))
        if array.shape != shape:
            raise Complaint(f"the {_spoken(name)} have shape {array.shape}, expected {shape}.")
        kinds = {
            "actions": ("iu", "whole numbers, as they index an array"),
            "terminated": ("b", "bools"),
        }
        kind, wanted = kinds.get(name, ("biuf", "numbers"))
        if array.dtype.kind not in kind:
            raise Complaint(
                f"the {_spoken(name)} should be {wanted}, and are of type {array.dtype}."
            )
        arrays.append(array)
    known = {_key(t): i for i, t in enumerate(transitions)}
    numbers = []
    for row in zip(*arrays, strict=True):
        if _key(row) not in known:
            raise Complaint(_not_a_transition(row, transitions))
        numbers.append(known[_key(row)])
    return numbers


def _spoken(name: str) -> str:
    return "flags `terminated`" if name == "terminated" else name


def _key(row: tuple[Any, ...]) -> tuple[bytes, ...]:
    return tuple(np.asarray(item, dtype=np.float32).tobytes() for item in row)


def _not_a_transition(row: tuple[Any, ...], known: list[tuple[Any, ...]]) -> str:
    if any(_key((*row[:4], not row[4])) == _key(t) for t in known):
        return "the flags are the wrong way round: `True` is a terminal state."
    if any(np.array_equal(row[0], t[3]) and np.array_equal(row[3], t[0]) for t in known):
        return "the states and the next states have changed places."
    if any(np.array_equal(row[0], row[3]) and np.array_equal(row[0], t[0]) for t in known):
        return "the next states are the states again."
    columns = zip(*map(_key, known), strict=True)
    for name, item, key, column in zip(FIELDS, row, _key(row), columns, strict=True):
        if key not in column:
            return (
                f"the {_spoken(name)} of one row are {item}, which no transition in the buffer "
                "holds: is something changed on the way, as by a cast to int?"
            )
    if any(np.array_equal(row[0], t[0]) and np.array_equal(row[2], t[2]) for t in known):
        return (
            "the items of one row do not belong together: a row starts with the state of a "
            "transition and does not go on with the rest of it."
        )
    return (
        "the items of one row do not belong together: draw transitions, and not their states, "
        "actions and rewards each on its own."
    )


ROWS = 600


def draw_statistics(
    draw: Callable[[np.random.Generator], list[int]], size: int, n_samples: int, batches: int
) -> Outcome:
    """How often each transition is drawn, and whether chance is where it should be."""
    rng = np.random.default_rng(5)
    drawn = [draw(rng) for _ in range(batches)]
    again = [
        # So many that they agree by no chance; a prime, so that no pass through the buffer is full.
        [draw(generator) for _ in range(41)]
        for generator in (np.random.default_rng(6), np.random.default_rng(6))
    ]
    if len(set(map(tuple, drawn))) == 1:
        raise Complaint(
            f"{batches} batches were all the same, {drawn[0]} counted from the oldest: does each "
            "call draw from all of the buffer, and anew from `rng`?"
        )
    counts = Counter(number for batch in drawn for number in batch)
    pairs = [(a, b) for batch in drawn for a, b in pairwise(batch)]
    # From one row to the next; sorted draws without replacement take many steps of 1, not all.
    steps = Counter((b - a) % size for a, b in pairs)
    often = {step for step, count in steps.items() if count > 0.9 * len(pairs)}
    return {
        "how often each transition is drawn": np.array([counts[i] for i in range(size)])
        / (batches * n_samples),
        "a whole batch is one transition repeated": np.array(0 in often),
        "the batch is a run of neighbours": np.array(bool(often - {0})),
        "the same generator draws the same batch": np.array(again[0] == again[1]),
    }


def expected_statistics(probabilities: NDArray[Any]) -> Outcome:
    """What :func:`draw_statistics` would find, were it not for chance."""
    if len(probabilities) == 1:
        return {"the transition drawn": np.array([0])}
    return {
        "how often each transition is drawn": probabilities,
        "a whole batch is one transition repeated": np.array(False),
        "the batch is a run of neighbours": np.array(False),
        "the same generator draws the same batch": np.array(True),
    }


def _expected_sample(buffer: deque[Any], _n_samples: int, _rng: Any) -> Outcome:
    return expected_statistics(np.full(len(buffer), 1 / len(buffer)))


def _observe_sample(
    call: Call, buffer: deque[Any], n_samples: int, _rng: np.random.Generator
) -> Outcome:
    transitions = list(buffer)
    names = ", ".join(FIELDS)
    calls = 0

    def draw(rng: np.random.Generator) -> list[int]:
        nonlocal calls
        calls += 1
        function = call if calls <= 3 else call.bare
        return read_batch(
            as_items(function(buffer, n_samples, rng), 5, names), n_samples, transitions
        )

    if len(transitions) == n_samples == 1:
        return {"the transition drawn": np.array(draw(np.random.default_rng(3)))}
    return draw_statistics(draw, len(transitions), n_samples, ROWS // n_samples)


def _rows(buffer: deque[Any], indices: Any) -> tuple[NDArray[Any], ...]:
    columns = zip(*(buffer[int(i)] for i in indices), strict=True)
    return tuple(np.array(column) for column in columns)


def _sampler(indices: Callable[[int, int, np.random.Generator], Any]) -> Callable[..., Any]:
    return lambda buffer, n, rng: _rows(buffer, indices(len(buffer), n, rng))


def _independent_columns(buffer: deque[Any], n: int, rng: np.random.Generator) -> tuple[Any, ...]:
    size = len(buffer)
    return tuple(_rows(buffer, rng.integers(size, size=n))[i] for i in range(5))


def _removing(buffer: deque[Any], n: int, rng: np.random.Generator) -> tuple[Any, ...]:
    batch = right.sample_batch(buffer, n, rng)
    buffer.popleft()
    return batch


def _run(size: int, n: int, rng: np.random.Generator) -> Any:
    return int(rng.integers(size - n + 1)) + np.arange(n)


def _with_the_newest(size: int, n: int, rng: np.random.Generator) -> Any:
    return [*rng.integers(size, size=n - 1), size - 1]


def _lists(buffer: deque[Any], n: int, rng: np.random.Generator) -> tuple[Any, ...]:
    return tuple(column.tolist() for column in right.sample_batch(buffer, n, rng))


def _transitions(buffer: deque[Any], n: int, rng: np.random.Generator) -> list[Any]:
    return [buffer[int(i)] for i in rng.integers(len(buffer), size=n)]


def _exchanged(buffer: deque[Any], n: int, rng: np.random.Generator) -> tuple[Any, ...]:
    s, a, r, s_next, t = right.sample_batch(buffer, n, rng)
    return s_next, a, r, s, t


def _twice(buffer: deque[Any], n: int, rng: np.random.Generator) -> tuple[Any, ...]:
    s, a, r, _, t = right.sample_batch(buffer, n, rng)
    return s, a, r, s, t


def _sampling(title: str, size: int, n_samples: int) -> Case:
    buffer = deque((transition(i) for i in range(size)), maxlen=size + 3)
    return Case(title, (buffer, n_samples, np.random.default_rng(0)))


class _Watched(deque[Any]):
    """A buffer that knows whether somebody has gone through all of it."""

    walked = False

    def __iter__(self) -> Iterator[Any]:
        self.walked = True
        return super().__iter__()


def _observe_walk(call: Call, buffer: deque[Any], *rest: Any) -> Outcome:
    watched = _Watched(buffer)
    call.bare(watched, *rest)
    return {"the whole buffer was read": np.array(watched.walked)}


SAMPLE_BATCH = Exercise(
    name="sample_batch",
    chapter=CHAPTER,
    arguments=("replay_buffer", "n_samples", "rng"),
    reference=right.sample_batch,
    observe=_observe_sample,
    may_change=frozenset({"rng"}),
    expected=_expected_sample,
    tolerance=0.1,  # five standard deviations of a frequency
    cases=(
        _sampling("the only transition of a buffer", 1, 1),
        _sampling("one of three transitions", 3, 1),
        _sampling("three of five transitions", 5, 3),
        _sampling("two of four transitions", 4, 2),
    ),
    mistakes=(
        Mistake(
            "always the newest",
            "your batch is always the newest transitions: draw among all of them, or the batch is "
            "as correlated as without a memory.",
            _sampler(lambda size, n, _rng: np.arange(size - n, size)),
        ),
        Mistake(
            "always the oldest",
            "your batch is always the oldest transitions: draw among all of them.",
            _sampler(lambda _size, n, _rng: np.arange(n)),
        ),
        Mistake(
            "a run of neighbours",
            "only the first transition of your batch is drawn, and the others follow from it, as "
            "in a run of neighbours: they are as correlated as without a memory.",
            _sampler(_run),
        ),
        Mistake(
            "one transition repeated",
            "your batch is one transition repeated: draw each row.",
            _sampler(lambda size, n, rng: np.full(n, rng.integers(size))),
        ),
        Mistake(
            "the newest is never drawn",
            "the newest transition is never drawn: mind whether the end of the range belongs to "
            "it.",
            _sampler(lambda size, n, rng: rng.integers(max(size - 1, 1), size=n)),
        ),
        Mistake(
            "the newest is never drawn, not even alone",
            "the newest transition is never drawn: mind whether the end of the range belongs to "
            "it.",
            _sampler(lambda size, n, rng: rng.integers(size - 1, size=n)),
        ),
        Mistake(
            "the oldest is never drawn",
            "the oldest transition is never drawn: indices start at 0.",
            _sampler(lambda size, n, rng: rng.integers(min(1, size - 1), size, size=n)),
        ),
        Mistake(
            "the oldest is never drawn, not even alone",
            "the oldest transition is never drawn: indices start at 0.",
            _sampler(lambda size, n, rng: rng.integers(1, size, size=n)),
        ),
        Mistake(
            "the newest is always drawn",
            "the newest transition is in every batch: the exercise asks for uniform draws.",
            _sampler(_with_the_newest),
        ),
        Mistake(
            "both ends are drawn half as often",
            "the oldest and the newest transition are drawn half as often as the others: rounding "
            "gives the ends of a range only half an interval.",
            _sampler(lambda size, n, rng: np.rint(rng.random(n) * (size - 1))),
        ),
        Mistake(
            "columns drawn one by one",
            "the items of one row do not belong together: draw transitions, and not their states, "
            "actions and rewards each on its own.",
            _independent_columns,
        ),
        Mistake(
            "states exchanged",
            "the states and the next states have changed places.",
            _exchanged,
        ),
        Mistake(
            "the states twice",
            "the next states are the states again.",
            _twice,
        ),
        Mistake(
            "drawn transitions leave the buffer",
            "your function takes transitions out of the buffer: sampling should leave it as it is.",
            _removing,
        ),
        Mistake(
            "another random generator",
            "called twice with equal generators, your function draws different batches, and no "
            "experiment could be repeated: does it draw from another generator than `rng`, or "
            "remember something from call to call?",
            _sampler(lambda size, n, _rng: np.random.default_rng().integers(size, size=n)),
        ),
        Mistake(
            "lists instead of arrays",
            "your function returns lists; turn each of them into an array.",
            _lists,
        ),
        Mistake(
            "a list of transitions",
            "your function returns the transitions as they were stored; return five arrays, one "
            "for all states, one for all actions, and so on.",
            _transitions,
        ),
    ),
)


# --- what students call ---------------------------------------------------------------------------

EXERCISES = (STORE, SAMPLE_BATCH)


def store(function: Any) -> None:
    """Check ``store(replay_buffer, state, action, reward, next_state, terminated, truncated)``.

    It appends one tuple of five items to a ``deque``, and returns nothing that matters.

    Raises:
        Wrong: If the buffer does not hold the right transition afterwards, saying why.

    Chapter: `Experience replay`.

    >>> store(lambda *transition: None)
    Traceback (most recent call last):
        ...
    dqn.checks.Wrong: ✗ store: the buffer is the same after the call as before...
    """
    check(STORE, function)


def sample_batch(function: Any) -> None:
    """Check ``sample_batch(replay_buffer, n_samples, rng)``, which returns five arrays.

    The buffer is a ``deque`` of tuples (state, action, reward, next_state, terminated); with and
    without replacement are both right. ``rng`` is a NumPy ``Generator``, the only source of chance.
    To go through the whole buffer for every batch is right as well, and earns a hint.

    Raises:
        Wrong: If rows are no transitions, or some are drawn more often than others.

    Chapter: `Experience replay`.

    >>> sample_batch(lambda replay_buffer, n_samples, rng: list(replay_buffer)[-n_samples:])
    Traceback (most recent call last):
        ...
    dqn.checks.Wrong: ✗ sample_batch: ...
    """
    check(SAMPLE_BATCH, function)
    hint(
        replace(SAMPLE_BATCH, observe=_observe_walk),
        function,
        "  A hint: it goes through the whole buffer for every batch. A later cell draws from a "
        "million\n  transitions, many times over, and would keep you waiting.",
    )
