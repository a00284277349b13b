"""Wrong answers to the exercise of :mod:`dqn.checks.ring`."""

# ruff: noqa: ARG001 - a student need not use every argument

from typing import Any

import numpy as np

from dqn import checks
from tests.checks.wrong import wrong


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


@wrong(checks.ring_slots, "your function returns a tuple")
def rs_tuple(position: Any, count: Any, capacity: Any) -> Any:
    return tuple((position + i) % capacity for i in range(count))


@wrong(checks.ring_slots, "there is one slot too few")
def rs_one_too_few(position: Any, count: Any, capacity: Any) -> Any:
    return np.array([(position + i) % capacity for i in range(count - 1)])


@wrong(checks.ring_slots, "returns all slots of the ring")
def rs_all(position: Any, count: Any, capacity: Any) -> Any:
    return np.roll(np.arange(capacity), -position)


@wrong(checks.ring_slots, "`position` and `count` have changed places")
def rs_exchanged(count: Any, position: Any, capacity: Any) -> Any:
    return [(position + i) % capacity for i in range(count)]


@wrong(checks.ring_slots, "you go on at slot 1")
def rs_from_one(position: Any, count: Any, capacity: Any) -> Any:
    slots = range(position, position + count)
    return [slot % capacity + 1 if slot >= capacity else slot for slot in slots]


@wrong(checks.ring_slots, "you go back to `position`")
def rs_back_to_position(position: Any, count: Any, capacity: Any) -> Any:
    slots, slot = [], position
    for _ in range(count):
        slots.append(slot)
        slot = slot + 1 if slot + 1 < capacity else position
    return slots


@wrong(checks.ring_slots, "the right slots in reverse order")
def rs_reversed(position: Any, count: Any, capacity: Any) -> Any:
    return [(position + i) % capacity for i in reversed(range(count))]


@wrong(checks.ring_slots, "your slots are negative")
def rs_negative(position: Any, count: Any, capacity: Any) -> Any:
    return [position - capacity + i for i in range(count)]


@wrong(checks.ring_slots, "`capacity` is not a slot")
def rs_greater_than(position: Any, count: Any, capacity: Any) -> Any:
    slots = position + np.arange(count)
    return np.where(slots > capacity, slots - capacity, slots)


@wrong(checks.ring_slots, "it ends before it begins")
def rs_end_wraps(position: Any, count: Any, capacity: Any) -> Any:
    end = (position + count) % capacity
    return list(range(position, end))


@wrong(checks.ring_slots, "always run to the end of the memory")
def rs_two_pieces(position: Any, count: Any, capacity: Any) -> Any:
    fits = np.arange(position, capacity)
    return np.concatenate([fits, np.arange(count - len(fits))])
