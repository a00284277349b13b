"""Checker of the chapter `Experience replay`: the ring."""

from typing import Any

import numpy as np

from dqn.checks import _references as right
from dqn.checks._calling import Call, Complaint, Outcome, as_array
from dqn.checks._machinery import Case, Exercise, Mistake, check

CHAPTER = "Experience replay"


# --- ring_slots -----------------------------------------------------------------------------------


def _observe_slots(call: Call, position: int, count: int, capacity: int) -> Outcome:
    slots = call(position, count, capacity)
    if isinstance(slots, tuple):
        raise Complaint(
            "your function returns a tuple, and an array takes that for one index an axis: return "
            "a list or an array."
        )
    slots = as_array(np.array(slots) if isinstance(slots, (list, range)) else slots)
    if not slots.size:  # NumPy makes floats of nothing
        slots = slots.astype(np.int64)
    if slots.dtype.kind not in "iu":
        raise Complaint(
            f"slots are whole numbers, as they index an array; yours are of type {slots.dtype}."
        )
    return {"the slots": slots.astype(np.float64)}


RING_SLOTS = Exercise(
    name="ring_slots",
    chapter=CHAPTER,
    arguments=("position", "count", "capacity"),
    reference=right.ring_slots,
    observe=_observe_slots,
    cases=(
        Case("one transition into an empty memory", (0, 1, 4)),
        Case("a memory of one slot", (0, 1, 1)),
        Case("two transitions in the middle", (1, 2, 5)),
        Case("up to the last slot exactly", (3, 2, 5)),
        Case("past the end", (4, 3, 5)),
        Case("as many as there are slots", (3, 7, 7)),
    ),
    mistakes=(
        Mistake(
            "no wrapping",
            "the slots run past the end of the memory: after the last slot comes the first.",
            lambda position, count, _capacity: np.arange(position, position + count),
        ),
        Mistake(
            "stuck at the last slot",
            "past the end you keep writing to the last slot: after it comes the first.",
            lambda position, count, capacity: np.minimum(
                np.arange(position, position + count), capacity - 1
            ),
        ),
        Mistake(
            "cut off at the end",
            "what does not fit before the end is dropped: it continues at the first slot.",
            lambda position, count, capacity: np.arange(position, min(position + count, capacity)),
        ),
        Mistake(
            "one too late",
            "your slots start one after `position`: it is where the next transition goes.",
            lambda position, count, capacity: (position + 1 + np.arange(count)) % capacity,
        ),
        Mistake(
            "always from the start",
            "your slots start at 0, wherever `position` is.",
            lambda _position, count, capacity: np.arange(count) % capacity,
        ),
        Mistake(
            "the last slot is never used",
            "the last slot is never used: you wrap around one too early.",
            lambda position, count, capacity: (position + np.arange(count)) % max(capacity - 1, 1),
        ),
        Mistake(
            "one slot too many used before wrapping",
            "you wrap around one too late: `capacity` is not a slot.",
            lambda position, count, capacity: (position + np.arange(count)) % (capacity + 1),
        ),
        Mistake(
            "`capacity` taken for a slot",
            "you wrap around one too late: `capacity` is not a slot.",
            lambda position, count, capacity: [
                slot - capacity if slot > capacity else slot
                for slot in range(position, position + count)
            ],
        ),
        Mistake(
            "the end of the range wraps",
            "you wrap the end of your range and nothing else: where the slots start over, it ends "
            "before it begins.",
            lambda position, count, capacity: np.arange(position, (position + count) % capacity),
        ),
        Mistake(
            "always up to the end",
            "your slots always run to the end of the memory, even if fewer are wanted.",
            lambda position, count, capacity: [
                *range(position, capacity),
                *range(position + count - capacity),
            ],
        ),
        Mistake(
            "backwards",
            "your slots run backwards from `position`.",
            lambda position, count, capacity: (position - np.arange(count)) % capacity,
        ),
        Mistake(
            "all back to the start",
            "when the new transitions do not all fit before the end, you start over with all of "
            "them; only the rest belongs at the start.",
            lambda position, count, capacity: (
                (position if position + count <= capacity else 0) + np.arange(count)
            ),
        ),
        Mistake(
            "sorted",
            "your slots are sorted: their order has to be that of the transitions.",
            lambda position, count, capacity: np.sort((position + np.arange(count)) % capacity),
        ),
        Mistake(
            "one too many",
            "there is one slot too many: one for each of `count` transitions.",
            lambda position, count, capacity: (position + np.arange(count + 1)) % capacity,
        ),
        Mistake(
            "one too few",
            "there is one slot too few: one for each of `count` transitions.",
            lambda position, count, capacity: (position + np.arange(count - 1)) % capacity,
        ),
        Mistake(
            "all slots of the ring",
            "your function returns all slots of the ring, however few transitions there are.",
            lambda position, _count, capacity: (position + np.arange(capacity)) % capacity,
        ),
        Mistake(
            "position and count exchanged",
            "`position` and `count` have changed places.",
            lambda position, count, capacity: (count + np.arange(position)) % capacity,
        ),
        Mistake(
            "wrapping to the second slot",
            "after the last slot you go on at slot 1: the first one is number 0.",
            lambda position, count, capacity: [
                slot if slot < capacity else slot - capacity + 1
                for slot in range(position, position + count)
            ],
        ),
        Mistake(
            "wrapping to position",
            "after the last slot you go back to `position`, and overwrite what has just been "
            "written.",
            lambda position, count, capacity: position + np.arange(count) % (capacity - position),
        ),
        Mistake(
            "the right slots reversed",
            "these are the right slots in reverse order: the first is that of the first "
            "transition.",
            lambda position, count, capacity: ((position + np.arange(count)) % capacity)[::-1],
        ),
        Mistake(
            "negative slots",
            "your slots are negative: NumPy would count them from the end, but slots are numbered "
            "from 0.",
            lambda position, count, capacity: np.arange(position, position + count) - capacity,
        ),
    ),
)


# --- what students call ---------------------------------------------------------------------------

EXERCISES = (RING_SLOTS,)


def ring_slots(function: Any) -> None:
    """Check ``ring_slots(position, count, capacity)``, which returns ``count`` slots.

    ``position`` is where the next transition goes, 0 to ``capacity - 1``; ``count`` is 1 to
    ``capacity``. A list will do, too.

    Raises:
        Wrong: If a slot is not right, saying why.

    Chapter: `Experience replay`.

    >>> ring_slots(lambda position, count, capacity: list(range(position, position + count)))
    Traceback (most recent call last):
        ...
    dqn.checks.Wrong: ✗ ring_slots: the slots run past the end of the memory...
    """
    check(RING_SLOTS, function)
