"""Checker of the sorted memory of the homework, in the chapter `Prioritized replay II: how`."""

from collections import deque
from collections.abc import Callable
from typing import Any

import numpy as np

from dqn.checks import _references as right
from dqn.checks._calling import Call, Complaint, Outcome, named
from dqn.checks._machinery import Case, Exercise, Mistake, check
from dqn.checks.homework import CHAPTER, buffer_of, stored_items
from dqn.checks.replay import FIELDS

# --- sort_replay_buffer ---------------------------------------------------------------------------


def _observe_sorted(call: Call, buffer: deque[Any]) -> Outcome:
    returned = call(buffer)
    if returned is None:
        raise Complaint("your function returned None: return the sorted buffer.")
    if not isinstance(returned, deque):
        raise Complaint(
            f"your function returned {named(returned)}: the next transition could not push out "
            "the oldest. Return a deque."
        )
    maxlen = -1 if returned.maxlen is None else returned.maxlen
    outcome = {"maxlen of the sorted buffer": np.array(maxlen), **stored_items(returned)}
    losses = outcome["losses in the buffer"]
    # The order among equal losses is nobody's business: put it right before it is compared.
    order = np.lexsort((outcome["rewards in the buffer"], losses))
    in_place = np.array_equal(losses, losses[order])
    if in_place:
        for name in FIELDS:
            key = f"{name} in the buffer"
            outcome[key] = outcome[key][order]
    return outcome


def _ordered(key: Callable[[Any], Any], *, reverse: bool = False) -> Callable[..., deque[Any]]:
    return lambda buffer: deque(sorted(buffer, key=key, reverse=reverse), maxlen=buffer.maxlen)


def _only_losses(buffer: deque[Any]) -> deque[Any]:
    losses = sorted(stored[0] for stored in buffer)
    pairs = zip(losses, buffer, strict=True)
    return deque(((loss, *stored[1:]) for loss, stored in pairs), maxlen=buffer.maxlen)


def _one_for_each_loss(buffer: deque[Any]) -> deque[Any]:
    by_loss = {stored[0]: stored for stored in buffer}
    return deque((by_loss[loss] for loss in sorted(by_loss)), maxlen=buffer.maxlen)


def _sorting(title: str, losses: list[float], maxlen: int | None) -> Case:
    buffer = buffer_of(losses, maxlen)
    return Case(title, (buffer,), {"the losses in replay_buffer": losses, "its maxlen": maxlen})


SORT_REPLAY_BUFFER = Exercise(
    name="sort_replay_buffer",
    chapter=CHAPTER,
    arguments=("replay_buffer",),
    reference=right.sort_replay_buffer,
    observe=_observe_sorted,
    cases=(
        _sorting("a single transition", [1.0], 4),
        _sorting("two transitions", [2.0, 1.0], 2),
        _sorting("four transitions, and room for more", [3.0, 0.5, 2.0, 1.0], 6),
        _sorting("two equal losses", [2.0, 5.0, 2.0], 5),
        _sorting("losses with one and with two digits", [10.0, 9.5, 9.25], 4),
        _sorting("sorted already", [1.0, 2.0, 3.0], 5),
        _sorting("a buffer without a limit", [4.0, 0.0, 1.0], None),
    ),
    mistakes=(
        Mistake(
            "the largest loss first",
            "the largest loss comes first, so that the next transition pushes out the one with the "
            "most to teach.",
            _ordered(lambda stored: stored[0], reverse=True),
        ),
        Mistake(
            "maxlen is lost",
            "the sorted buffer has no maxlen: it would grow without end.",
            lambda buffer: deque(sorted(buffer, key=lambda stored: stored[0])),
        ),
        Mistake(
            "maxlen is what it holds now",
            "the sorted buffer's maxlen is the number of transitions it holds now: it could never "
            "grow again.",
            lambda buffer: deque(sorted(buffer, key=lambda stored: stored[0]), maxlen=len(buffer)),
        ),
        Mistake(
            "equal losses break it",
            "two equal losses break it: whole tuples are compared then, down to their states. "
            "Compare the losses only.",
            lambda buffer: deque(sorted(buffer), maxlen=buffer.maxlen),
        ),
        Mistake(
            "not sorted",
            "the buffer is in the same order as before.",
            lambda buffer: buffer,
        ),
        Mistake(
            "one for each loss",
            "of two transitions with equal losses only one is left: a dictionary has one value for "
            "each key, and a set holds nothing twice.",
            _one_for_each_loss,
        ),
        Mistake(
            "only the losses are sorted",
            "the losses are sorted, but not the transitions they belong to.",
            _only_losses,
        ),
        Mistake(
            "a list",
            "your function returned a list: the next transition could not push out the oldest. "
            "Return a deque.",
            lambda buffer: sorted(buffer, key=lambda stored: stored[0]),
        ),
        Mistake(
            "the largest is dropped",
            "a transition is lost in sorting.",
            lambda buffer: deque(
                sorted(buffer, key=lambda stored: stored[0])[: max(len(buffer) - 1, 1)],
                maxlen=buffer.maxlen,
            ),
        ),
    ),
)


# --- what students call ---------------------------------------------------------------------------

EXERCISES = (SORT_REPLAY_BUFFER,)


def sort_replay_buffer(function: Any) -> None:
    """Check ``sort_replay_buffer(replay_buffer)``, which returns a ``deque``, smallest loss first.

    Its ``maxlen`` is that of the buffer, which itself stays as it was.

    Raises:
        Wrong: If it is not sorted, or lost something on the way.

    Chapter: `Prioritized replay II: how`.

    >>> sort_replay_buffer(lambda replay_buffer: sorted(replay_buffer, key=lambda t: t[0]))
    Traceback (most recent call last):
        ...
    dqn.checks.Wrong: ✗ sort_replay_buffer: your function returned a list...
    """
    check(SORT_REPLAY_BUFFER, function)
