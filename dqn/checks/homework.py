"""Checkers of the homework's prioritized replay, in the chapter `Prioritized replay II: how`.

Its buffer is a ``deque`` of tuples (loss, state, action, reward, next_state, terminated). To sort
it is an exercise with a checker in :mod:`dqn.checks.homework_sort`.
"""

from collections import deque
from collections.abc import Callable
from itertools import permutations
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from dqn.checks import _references as right
from dqn.checks._calling import (
    Call,
    Complaint,
    Outcome,
    as_array,
    as_items,
    named,
    returned_probabilities,
)
from dqn.checks._machinery import Case, Exercise, Mistake, check
from dqn.checks.replay import (
    FIELDS,
    ROWS,
    draw_statistics,
    expected_statistics,
    read_batch,
    transition,
)

CHAPTER = "Prioritized replay II: how"

Array = NDArray[Any]


def buffer_of(losses: list[float], maxlen: int | None = None) -> deque[Any]:
    """A memory of as many transitions as there are losses."""
    return deque(((loss, *transition(i)) for i, loss in enumerate(losses)), maxlen=maxlen)


_TYPES = {"states": "float32", "next_states": "float32", "actions": "int", "terminated": "bool"}


def refuse_other_types(columns: Any, where: str) -> None:
    """Refuse what the network, an index or a ``~`` of the chapter's session would not take.

    Raises:
        Complaint: If a column is of another type than ``np.array`` makes of stored transitions.
    """
    for name, column in zip(FIELDS, columns, strict=True):
        dtype = np.asarray(column).dtype
        if name in _TYPES and not str(dtype).lstrip("u").startswith(_TYPES[name]):
            raise Complaint(
                f"`{name}` {where} has become {dtype}: what comes next needs it as it was, "
                f"{_TYPES[name]}."
            )


# --- softmax --------------------------------------------------------------------------------------


def _plain(powers: Array) -> Array:
    result: Array = powers / powers.sum()
    return result


SOFTMAX = Exercise(
    name="softmax",
    chapter=CHAPTER,
    arguments=("xs", "temperature"),
    reference=right.softmax,
    observe=returned_probabilities,
    cases=(
        Case("a single number", (np.array([3.0]), 1.0)),
        Case("two equal numbers", (np.array([2.0, 2.0]), 5.0)),
        Case("temperature 1", (np.array([0.0, 1.0, -1.0]), 1.0)),
        Case("temperature 10", (np.array([0.0, 10.0, 25.0]), 10.0)),
        Case("temperature 0.5", (np.array([0.1, 0.7, 0.3, -0.2]), 0.5)),
        Case("numbers too large for exp", (np.array([1000.0, 999.0, 1001.0]), 1.0)),
        Case("numbers far below 0", (np.array([-2000.0, -2001.0]), 1.0)),
        Case("numbers in the thousands, at 1000", (np.array([2000.0, 1000.0]), 1000.0)),
        Case("numbers far apart", (np.array([0.0, 4000.0, 0.0, 0.0]), 1.0)),
    ),
    mistakes=(
        Mistake(
            "too large for exp",
            "large numbers break it: exp() of a thousand is infinite. A softmax does not change "
            "when the same number is subtracted from every input, and that is the way out.",
            lambda xs, temperature: _plain(np.exp(xs / temperature)),
        ),
        Mistake(
            "subtracted undivided",
            "numbers in the thousands break it at a high temperature: what you subtract must be "
            "divided by the temperature, too.",
            lambda xs, temperature: _plain(np.exp(xs / temperature - xs.max())),
        ),
        Mistake(
            "something smaller subtracted",
            "numbers that are far apart break it: what you subtract leaves some exponents far "
            "above 0. Which number leaves none there?",
            lambda xs, temperature: _plain(np.exp((xs - xs.min()) / temperature)),
        ),
        Mistake(
            "the largest size subtracted",
            "numbers far below 0 break it: what you subtract is not the largest of them.",
            lambda xs, temperature: _plain(np.exp((xs - np.abs(xs).max()) / temperature)),
        ),
        Mistake(
            "the largest subtracted, if it is above 0",
            "numbers far below 0 break it: what you subtract is not the largest of them.",
            lambda xs, temperature: _plain(np.exp((xs - max(xs.max(), 0.0)) / temperature)),
        ),
        Mistake(
            "clipped",
            "you cut large numbers off: those beyond the limit get equal probabilities, whatever "
            "they are.",
            lambda xs, temperature: _plain(np.exp(np.clip(xs / temperature, -500, 500))),
        ),
        Mistake(
            "clipped from above",
            "you cut large numbers off: those beyond the limit get equal probabilities, whatever "
            "they are.",
            lambda xs, temperature: _plain(np.exp(np.minimum(xs / temperature, 500))),
        ),
        Mistake(
            "divided by the largest",
            "you divide by the largest number: that changes what the temperature means.",
            lambda xs, temperature: _plain(np.exp(xs / xs.max() / temperature)),
        ),
        Mistake(
            "temperature has no effect",
            "the temperature has no effect.",
            lambda xs, _temperature: _plain(np.exp(xs - xs.max())),
        ),
        Mistake(
            "only the largest is divided",
            "only what you subtract is divided by the temperature: `/` comes before `-`, so "
            "brackets are missing.",
            lambda xs, temperature: _plain(np.exp(xs - xs.max() / temperature)),
        ),
        Mistake(
            "temperature multiplies",
            "the temperature is the wrong way round: a higher one should make the probabilities "
            "more equal.",
            lambda xs, temperature: _plain(np.exp((xs - xs.max()) * temperature)),
        ),
        Mistake(
            "not normalized",
            "your probabilities do not add up to one.",
            lambda xs, temperature: np.exp((xs - xs.max()) / temperature),
        ),
        Mistake(
            "the sign",
            "smaller numbers get the larger probabilities: a sign is wrong.",
            lambda xs, temperature: _plain(np.exp((xs.min() - xs) / temperature)),
        ),
        Mistake(
            "the sign, after the largest was subtracted",
            "smaller numbers get the larger probabilities: a sign is wrong.",
            lambda xs, temperature: _plain(np.exp((xs.max() - xs) / temperature)),
        ),
        Mistake(
            "proportional",
            "your probabilities are proportional to the numbers themselves, without an "
            "exponential.",
            lambda xs, _temperature: _plain(xs),
        ),
        Mistake(
            "logarithms",
            "your function returns the logarithms of the probabilities.",
            lambda xs, temperature: np.log(right.softmax(xs, temperature).clip(1e-300)),
        ),
        Mistake(
            "hard maximum",
            "all the probability is on the largest number: that is the limit of temperature 0.",
            lambda xs, _temperature: _plain((xs == xs.max()).astype(float)),
        ),
    ),
)


# --- sample_prioritized_batch ---------------------------------------------------------------------


def _observe_prioritized(
    call: Call, buffer: deque[Any], n_samples: int, _rng: np.random.Generator
) -> Outcome:
    transitions = [stored[1:] for stored in buffer]
    names = ", ".join(FIELDS)
    calls = 0

    def draw(rng: np.random.Generator) -> list[int]:
        nonlocal calls
        calls += 1
        function = call if calls <= 3 else call.bare
        returned = as_items(function(buffer, n_samples, rng), 2, "the batch and the indices")
        batch = returned[0]
        if isinstance(returned[1], (tuple, list)) and len(returned[1]) == 5 != n_samples:
            raise Complaint("the batch comes first, and the indices after it.")
        rows = isinstance(batch, (tuple, list)) and len(batch) == n_samples != 5
        if rows and isinstance(batch[0], (tuple, list)):
            raise Complaint(
                f"the batch is a list of rows; return five arrays, {names}: one for all states, "
                "and so on."
            )
        if isinstance(batch, (tuple, list)) and any(isinstance(b, torch.Tensor) for b in batch):
            raise Complaint("the batch holds tensors; what comes next works with NumPy arrays.")
        if isinstance(batch, (tuple, list)) and len(batch) == 6:
            raise Complaint(f"the batch should hold five arrays, {names}: the loss stays behind.")
        columns = as_items(batch, 5, names)
        numbers = read_batch(columns, n_samples, transitions)
        refuse_other_types(columns, "of the batch")
        indices = as_array(returned[1], lists=True, what="as the indices your function")
        if np.asarray(returned[1]).dtype.kind == "f":
            raise Complaint(
                "the indices are floats, which index nothing: whole numbers are wanted."
            )
        if not np.array_equal(indices, numbers):
            raise Complaint(
                f"the indices are {indices.tolist()}, but the batch holds transitions {numbers}: "
                "index i should say where row i stands in the buffer."
            )
        return numbers

    if len(transitions) == n_samples == 1:
        return {"the transition drawn": np.array(draw(np.random.default_rng(3)))}
    batches: list[list[int]] = []

    def noted(rng: np.random.Generator) -> list[int]:
        batches.append(draw(rng))
        return batches[-1]

    outcome = draw_statistics(noted, len(transitions), n_samples, ROWS // n_samples)
    outcome[_TWICE] = np.array(np.mean([len(set(batch)) < n_samples for batch in batches]))
    return outcome


_TWICE = "how often a batch holds a transition twice"


def _expected_prioritized(buffer: deque[Any], n_samples: int, _rng: Any) -> Outcome:
    p = right.softmax([stored[0] for stored in buffer], 1000.0)
    outcome = expected_statistics(p)
    if len(p) > 1:
        different = sum(p[list(rows)].prod() for rows in permutations(range(len(p)), n_samples))
        outcome[_TWICE] = np.array(1 - different)
    return outcome


def _drawn(probabilities: Callable[[Array], Array]) -> Callable[..., Any]:
    """A sampler with the wrong probabilities of its losses."""

    def sample(buffer: deque[Any], n_samples: int, rng: np.random.Generator) -> Any:
        p = probabilities(np.array([stored[0] for stored in buffer]))
        return _gathered(buffer, rng.choice(len(buffer), size=n_samples, p=p))

    return sample


def _gathered(buffer: deque[Any], indices: Any) -> tuple[tuple[Array, ...], Array]:
    columns = zip(*(buffer[int(i)][1:] for i in indices), strict=True)
    return tuple(np.array(column) for column in columns), np.asarray(indices)


def _with_losses(buffer: deque[Any], n_samples: int, rng: np.random.Generator) -> Any:
    _, indices = right.sample_prioritized_batch(buffer, n_samples, rng)
    columns = zip(*(buffer[int(i)] for i in indices), strict=True)
    return tuple(np.array(column) for column in columns), indices


def _other_indices(buffer: deque[Any], n_samples: int, rng: np.random.Generator) -> Any:
    batch, _ = right.sample_prioritized_batch(buffer, n_samples, rng)
    return batch, np.arange(n_samples)


def _other_generator(buffer: deque[Any], n_samples: int, _rng: np.random.Generator) -> Any:
    return right.sample_prioritized_batch(buffer, n_samples, np.random.default_rng())


def _top(buffer: deque[Any], n_samples: int, _rng: np.random.Generator) -> Any:
    losses = np.array([stored[0] for stored in buffer])
    return _gathered(buffer, np.argsort(-losses, kind="stable")[:n_samples])


def _first_of_equals(buffer: deque[Any], n_samples: int, rng: np.random.Generator) -> Any:
    losses = [stored[0] for stored in buffer]
    drawn = rng.choice(losses, size=n_samples, p=right.softmax(losses, 1000.0))
    return _gathered(buffer, [losses.index(loss) for loss in drawn])


def _no_replacement(buffer: deque[Any], n_samples: int, rng: np.random.Generator) -> Any:
    p = right.softmax([stored[0] for stored in buffer], 1000.0)
    return _gathered(buffer, rng.choice(len(buffer), size=n_samples, p=p, replace=False))


def _stratified(buffer: deque[Any], n_samples: int, rng: np.random.Generator) -> Any:
    ends = np.cumsum(right.softmax([stored[0] for stored in buffer], 1000.0))
    masses = (np.arange(n_samples) + rng.random(n_samples)) * ends[-1] / n_samples
    return _gathered(buffer, ends.searchsorted(masses, side="right"))


def _no_indices(buffer: deque[Any], n_samples: int, rng: np.random.Generator) -> Any:
    return right.sample_prioritized_batch(buffer, n_samples, rng)[0]


def _sampling(title: str, losses: list[float], n_samples: int) -> Case:
    arguments = (buffer_of(losses, len(losses) + 2), n_samples, np.random.default_rng(0))
    return Case(title, arguments, {"the losses in replay_buffer": losses, "n_samples": n_samples})


SAMPLE_PRIORITIZED_BATCH = Exercise(
    name="sample_prioritized_batch",
    chapter=CHAPTER,
    arguments=("replay_buffer", "n_samples", "rng"),
    reference=right.sample_prioritized_batch,
    observe=_observe_prioritized,
    may_change=frozenset({"rng"}),
    expected=_expected_prioritized,
    tolerance=0.1,
    cases=(
        _sampling("the only transition of a buffer", [3.0], 1),
        _sampling("equal losses", [1.0, 1.0, 1.0], 2),
        _sampling("losses so large that the temperature matters", [0.0, 1500.0, 3000.0], 1),
        _sampling("one loss far above the others", [500.0, 0.0, 4000.0, 1000.0, 0.0], 3),
        _sampling("small losses: almost uniform", [0.0, 8.0, 2.0, 1.0], 1),
    ),
    mistakes=(
        Mistake(
            "uniform",
            "your batch is drawn uniformly: the losses have no effect.",
            _drawn(lambda losses: np.full(len(losses), 1 / len(losses))),
        ),
        Mistake(
            "always the largest losses",
            "your batch is always the transitions with the largest losses: draw by chance, with "
            "probabilities.",
            _top,
        ),
        Mistake(
            "proportional to the loss",
            "your probabilities are proportional to the losses; the exercise asks for their "
            "softmax.",
            _drawn(lambda losses: _plain(losses + 1e-9)),
        ),
        Mistake(
            "temperature 1",
            "your softmax has temperature 1; the homework's is 1000.",
            _drawn(lambda losses: right.softmax(losses, 1.0)),
        ),
        Mistake(
            "temperature 10",
            "your softmax has another temperature than the homework's, which is 1000.",
            _drawn(lambda losses: right.softmax(losses, 10.0)),
        ),
        Mistake(
            "temperature 100",
            "your softmax has another temperature than the homework's, which is 1000.",
            _drawn(lambda losses: right.softmax(losses, 100.0)),
        ),
        Mistake(
            "the first of equal losses",
            "of several transitions with one loss only the first is ever drawn: `index` stops "
            "there. Draw indices, and not losses.",
            _first_of_equals,
        ),
        Mistake(
            "small losses preferred",
            "transitions with small losses are drawn most: it is the other way round.",
            _drawn(lambda losses: right.softmax(-losses, 1000.0)),
        ),
        Mistake(
            "without replacement",
            "no transition comes twice in your batches, so the largest losses get less than their "
            "share: draw every row anew.",
            _no_replacement,
        ),
        Mistake(
            "stratified",
            "each row is drawn from a piece of its own, as in the paper; here all rows are drawn "
            "from all of the buffer.",
            _stratified,
        ),
        Mistake(
            "ranks",
            "you took the softmax of the wrong numbers: it is the losses that count, not their "
            "order.",
            _drawn(lambda losses: right.softmax(losses.argsort().argsort(), 1.0)),
        ),
        Mistake(
            "losses in the batch",
            "the batch should hold five arrays, states, actions, rewards, next_states, terminated: "
            "the loss stays behind.",
            _with_losses,
        ),
        Mistake(
            "indices of the batch",
            "your indices count the rows of the batch; they should say where each row stands in "
            "the buffer.",
            _other_indices,
        ),
        Mistake(
            "the indices are missing",
            "return two things, the batch and the indices: without them no loss can be refreshed.",
            _no_indices,
        ),
        Mistake(
            "another random generator",
            "your function does not draw from `rng`: called twice with equal generators it draws "
            "different batches, and no experiment could be repeated.",
            _other_generator,
        ),
    ),
)


# --- update_batch ---------------------------------------------------------------------------------


WHOLE_COLUMNS = (
    "a tuple in the buffer holds whole columns of a batch, and its flag is an array: it should "
    "hold one transition, a row of each."
)


def stored_items(buffer: Any) -> Outcome:
    """What a prioritized buffer holds, item by item.

    Raises:
        Complaint: If it holds something else than transitions with losses.
    """
    names = ", ".join(("loss", *FIELDS))
    for stored in buffer:
        if not isinstance(stored, (tuple, list)):
            raise Complaint(f"the buffer now holds {named(stored)} among its tuples.")
        as_items(stored, 6, names, what="a tuple in the buffer holds")
        if np.ndim(stored[0]) > 0 and np.size(stored[0]) == 1:
            raise Complaint("a loss in the buffer is an array of one: take the number out of it.")
        if np.ndim(stored[3]) and np.ndim(stored[5]):
            raise Complaint(WHOLE_COLUMNS)
    outcome = {"the number of transitions in the buffer": np.array(len(buffer))}
    try:
        losses = np.array([float(stored[0]) for stored in buffer])
    except (TypeError, ValueError):
        raise Complaint("the first item of each tuple should be its loss, a number.") from None
    outcome["losses in the buffer"] = losses
    for i, name in enumerate(FIELDS, start=1):
        try:
            outcome[f"{name} in the buffer"] = np.array(
                [np.asarray(stored[i], dtype=np.float64) for stored in buffer]
            )
        except (TypeError, ValueError):
            raise Complaint(f"the {name} in the buffer are not what they were.") from None
    for stored in buffer:
        refuse_other_types(stored[1:], "in the buffer")
    return outcome


_GROWN = "the buffer has grown: the losses of the transitions that are there should be refreshed."


def _observe_refreshed(call: Call, buffer: deque[Any], *rest: Any) -> Outcome:
    before = list(buffer)
    returned = call(buffer, *rest)
    if isinstance(returned, deque) and returned is not buffer and list(buffer) == before:
        raise Complaint(
            "your function returns a new buffer and leaves `replay_buffer` as it was: change "
            "`replay_buffer` itself."
        )
    if len(buffer) > len(before):
        raise Complaint(_GROWN)
    return stored_items(buffer)


def _writer(write: Callable[[deque[Any], int, int, float, tuple[Any, ...]], None]) -> Any:
    """A wrong update: write(buffer, row, index, loss, items) is called for every row."""

    def update(buffer: deque[Any], indices: Any, batch: Any, losses: Any) -> None:
        rows = zip(*batch, strict=True)
        for row, (index, loss, items) in enumerate(zip(indices, losses, rows, strict=True)):
            write(buffer, row, int(index), float(loss), items)

    return update


def _put(buffer: deque[Any], index: int, item: tuple[Any, ...]) -> None:
    buffer[index] = item


def _kept(buffer: deque[Any], index: int, *change: Any) -> None:
    buffer[index] = (*change, *buffer[index][1:])


def _emptied(buffer: deque[Any], _indices: Any, batch: Any, losses: Any) -> None:
    buffer.clear()
    buffer.extend(zip(losses, *batch, strict=True))


def _refreshing(title: str, losses: list[float], indices: list[int], new: list[float]) -> Case:
    buffer = buffer_of(losses, len(losses) + 1)
    batch, where = _gathered(buffer, np.array(indices))
    return Case(
        title,
        (buffer, where, batch, np.array(new, dtype=np.float32)),
        {"the losses in replay_buffer": losses, "indices": indices, "new_losses": new},
    )


UPDATE_BATCH = Exercise(
    name="update_batch",
    chapter=CHAPTER,
    arguments=("replay_buffer", "indices", "batch", "new_losses"),
    reference=right.update_batch,
    observe=_observe_refreshed,
    may_change=frozenset({"replay_buffer"}),
    cases=(
        _refreshing("the only transition", [1.0], [0], [5.0]),
        _refreshing("one of three", [1.0, 2.0, 3.0], [1], [0.25]),
        _refreshing("two of four, not in order", [1.0, 2.0, 3.0, 4.0], [3, 0], [9.0, 7.0]),
        _refreshing("one transition twice", [1.0, 2.0, 3.0, 4.0], [2, 1, 2], [8.0, 6.0, 8.0]),
    ),
    mistakes=(
        Mistake(
            "the first rows of the buffer",
            "you wrote to the first places of the buffer; `indices` says where each row stands.",
            _writer(lambda buffer, row, _i, loss, items: _put(buffer, row, (loss, *items))),
        ),
        Mistake(
            "the losses of the first rows",
            "you wrote to the first places of the buffer; `indices` says where each row stands.",
            _writer(lambda buffer, row, _i, loss, _items: _kept(buffer, row, loss)),
        ),
        Mistake(
            "the old loss stays",
            "the losses are the same after the call as before. (`replay_buffer = ...` gives the "
            "name to another object; the caller has the one you were given.)",
            lambda _buffer, _indices, _batch, _losses: None,
        ),
        Mistake(
            "only the first",
            "only the first transition of the batch is refreshed.",
            lambda buffer, indices, batch, losses: right.update_batch(
                buffer, indices[:1], tuple(x[:1] for x in batch), losses[:1]
            ),
        ),
        Mistake(
            "only the last",
            "only the last transition of the batch is refreshed.",
            lambda buffer, indices, batch, losses: right.update_batch(
                buffer, indices[-1:], tuple(x[-1:] for x in batch), losses[-1:]
            ),
        ),
        Mistake(
            "appended",
            _GROWN,
            _writer(lambda buffer, _row, _i, loss, items: buffer.append((loss, *items))),
        ),
        Mistake(
            "added to the old loss",
            "you added the new loss to the old one; it replaces it.",
            _writer(lambda buffer, _row, i, loss, _items: _kept(buffer, i, loss + buffer[i][0])),
        ),
        Mistake(
            "the loss at the end",
            "the loss is the first item of a stored tuple, not the last.",
            _writer(lambda buffer, _row, i, loss, items: _put(buffer, i, (*items, loss))),
        ),
        Mistake(
            "only the loss is left",
            "you replaced the whole transition by its loss.",
            _writer(lambda buffer, _row, i, loss, _items: _put(buffer, i, (loss,))),
        ),
        Mistake(
            "rows mixed up",
            "the losses arrive in the wrong order: row i of the batch has new_losses[i].",
            lambda buffer, indices, batch, losses: right.update_batch(
                buffer, indices, batch, losses[::-1]
            ),
        ),
        Mistake(
            "states exchanged",
            "the states and the next states have changed places.",
            _writer(
                lambda buffer, _row, i, loss, items: _put(
                    buffer, i, (loss, items[3], *items[1:3], items[0], items[4])
                )
            ),
        ),
        Mistake(
            "the buffer is emptied",
            "the rest of the buffer is gone.",
            _emptied,
        ),
    ),
)


# --- what students call ---------------------------------------------------------------------------

EXERCISES = (SOFTMAX, SAMPLE_PRIORITIZED_BATCH, UPDATE_BATCH)


def softmax(function: Any) -> None:
    """Check ``softmax(xs, temperature)``; ``xs`` is a NumPy array [N], as is the result.

    Raises:
        Wrong: If a probability is not right, saying why.

    Chapter: `Prioritized replay II: how`.

    >>> softmax(lambda xs, temperature: xs / xs.sum())
    Traceback (most recent call last):
        ...
    dqn.checks.Wrong: ✗ softmax: your probabilities are proportional to the numbers themselves...
    """
    check(SOFTMAX, function)


def sample_prioritized_batch(function: Any) -> None:
    """Check ``sample_prioritized_batch(replay_buffer, n_samples, rng) -> (batch, indices)``.

    Probabilities are the softmax of the losses at the homework's temperature, 1000. The batch is
    five arrays, states, actions, rewards, next states and terminated; ``indices`` [n_samples] says
    where its rows stand in the buffer. Rows are drawn with replacement.

    Raises:
        Wrong: If rows are no transitions, or some are drawn too often.

    Chapter: `Prioritized replay II: how`.

    >>> sample_prioritized_batch(lambda replay_buffer, n_samples, rng: None)
    Traceback (most recent call last):
        ...
    dqn.checks.Wrong: ✗ sample_prioritized_batch: your function returned None...
    """
    check(SAMPLE_PRIORITIZED_BATCH, function)


def update_batch(function: Any) -> None:
    """Check ``update_batch(replay_buffer, indices, batch, new_losses)``, which works in place.

    Raises:
        Wrong: If the buffer does not hold the new losses afterwards, and all else as before.

    Chapter: `Prioritized replay II: how`.

    >>> update_batch(lambda replay_buffer, indices, batch, new_losses: None)
    Traceback (most recent call last):
        ...
    dqn.checks.Wrong: ✗ update_batch: the losses are the same after the call as before...
    """
    check(UPDATE_BATCH, function)
