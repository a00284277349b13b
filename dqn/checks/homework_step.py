"""Checker of the homework's training step, in the chapter `Prioritized replay II: how`.

The network is left out: what it thinks of a batch comes from ``loss_of``, and ``learn`` teaches it.
"""

from collections import deque
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dqn.checks import _references as right
from dqn.checks._calling import Call, Complaint, Outcome, as_items
from dqn.checks._machinery import Case, Exercise, Mistake, check
from dqn.checks.homework import WHOLE_COLUMNS, refuse_other_types
from dqn.checks.replay import FIELDS, transition

CHAPTER = "Prioritized replay II: how"

Array = NDArray[Any]

_NOT_STORED = (
    "the new transition is not in the buffer afterwards. (`replay_buffer = ...` gives the name to "
    "another object; the caller has the one you were given.)"
)
_CERTAIN = 1e9
"""A loss so far above the others that a softmax at temperature 1000 draws nothing else."""
_MANY = 20
"""Of so many transitions of about the same loss, no sampler draws nine times the same one."""


class _Network:
    """Says of a batch what its losses are, and is taught: then all its losses are others."""

    def __init__(self) -> None:
        self.lessons: list[Array] = []  # the rewards in each batch, which tell its transitions

    def loss_of(self, batch: Any) -> Array:
        losses: Array = self._rewards(batch) + 1.0 + 0.5 * len(self.lessons)
        return losses

    def learn(self, batch: Any) -> None:
        self.lessons.append(self._rewards(batch))

    @staticmethod
    def _rewards(batch: Any) -> Array:
        what = "the batch that you gave to `loss_of` or to `learn` holds"
        columns = as_items(batch, 5, ", ".join(FIELDS), what=what)
        rewards = np.asarray(columns[2], dtype=np.float64)
        for name, column in [("rewards", rewards), *zip(FIELDS, columns, strict=True)]:
            rows = np.shape(column)
            if rewards.ndim != 1 or rows[:1] != rewards.shape:
                raise Complaint(
                    "a batch is five arrays with one row for each transition, also if it is a "
                    f"single one; its {name} had shape {tuple(rows)}."
                )
        refuse_other_types(columns, "of a batch")
        return rewards


def _observe_step(
    call: Call, buffer: deque[Any], new: Any, loss_of: Any, learn: Any, n_samples: int, rng: Any
) -> Outcome:
    lessons = loss_of.__self__.lessons
    before = {stored[3]: stored[0] for stored in buffer}
    state = rng.bit_generator.state
    call(buffer, new, loss_of, learn, n_samples, rng)
    if not lessons and len(buffer) < n_samples and rng.bit_generator.state != state:
        raise Complaint(
            "you draw a batch before you know that there are enough transitions, and throw it "
            "away. A caller may ask for a billion, so that a step only stores: your function would "
            "try to draw them."
        )
    enough = len(buffer) >= n_samples and len(buffer) > 1
    if lessons and enough and rng.bit_generator.state == state:
        raise Complaint(
            "your function does not draw from `rng`: every run would learn from other batches than "
            "its seed says, or all from the same."
        )
    now: dict[float, float] = {}
    for stored in buffer:
        names = ", ".join(("loss", *FIELDS))
        loss, _, _, reward, _, flag = as_items(stored, 6, names, what="a tuple in the buffer holds")
        if np.size(loss) > 1:
            raise Complaint("the loss is the first item of a stored tuple, not the last.")
        if np.ndim(loss) > 0:
            raise Complaint(
                "a loss in the buffer is an array: `loss_of` gives one for each row of a batch, "
                "also if there is one row only. Store the number."
            )
        if np.ndim(flag) > 0:
            raise Complaint(WHOLE_COLUMNS)
        now[float(np.asarray(reward).reshape(-1)[0])] = float(loss)
    newest = float(new[2])
    rows = [row for row in buffer if any(np.ndim(x) == 0 and x == newest for x in row[1:])]
    if rows and not all(map(np.array_equal, rows[0][1:], new)):
        raise Complaint(
            "the items of the new transition are not stored as they came: after the loss, "
            f"{', '.join(FIELDS)}."
        )
    if newest not in now:
        raise Complaint(_NOT_STORED)
    drawn = set(lessons[0].tolist()) if lessons else set()
    old = [reward for reward in drawn if reward in now and reward != newest]
    rest = [reward for reward in now if reward not in drawn and reward != newest]
    outcome = {
        "the transitions stored, by their rewards": np.array(list(now)),
        "the number of calls of learn": np.array(len(lessons)),
        "the size of the batch learned from": np.array(len(lessons[0]) if lessons else 0),
        "the number of transitions drawn that are not stored": np.array(len(drawn - set(now))),
    }
    certain = [reward for reward, loss in before.items() if loss == _CERTAIN]
    if certain and lessons:
        outcome["whether all draws fall on the transition that has all the probability"] = np.array(
            np.isin(lessons[0], certain).all()
        )
    elif lessons and len(before) >= _MANY:
        outcome["whether different transitions are drawn"] = np.array(len(drawn) > 1)
    if not lessons:
        outcome["the loss of the new transition"] = np.array(now[newest])
    if len(lessons) < 2:
        # Shares, not numbers: which transitions are drawn is up to chance.
        outcome |= {
            "the share of drawn transitions with a loss from after the step": _share(
                [now[reward] == reward + 1.5 for reward in old]
            ),
            "the share of drawn transitions with a loss from before the step": _share(
                [now[reward] == reward + 1.0 for reward in old]
            ),
            "the share of other transitions with their old loss": _share(
                [now[reward] == before[reward] for reward in rest]
            ),
            "whether the loss of the new transition comes from loss_of": np.array(
                now[newest] == newest + 1.0 or (newest in drawn and now[newest] == newest + 1.5)
            ),
        }
    return outcome


def _share(true: list[bool]) -> Array:
    return np.array(float(np.mean(true)) if true else 1.0)


def _case(title: str, stored: int, maxlen: int, n_samples: int, certain: int = -1) -> Case:
    network = _Network()
    # The oldest have the largest losses: who sorts before a full buffer forgets loses others.
    losses = [_CERTAIN if i == certain else 400.0 - i for i in range(stored)]
    buffer = deque(((losses[i], *transition(i)) for i in range(stored)), maxlen=maxlen)
    arguments = (
        buffer,
        transition(stored),
        network.loss_of,
        network.learn,
        n_samples,
        np.random.default_rng(1),
    )
    shown = {
        "the number of transitions in replay_buffer": stored,
        "its maxlen": maxlen,
        "n_samples": n_samples,
    }
    return Case(title, arguments, shown)


def _sort(buffer: deque[Any]) -> None:
    ordered = sorted(buffer, key=lambda stored: stored[0])
    buffer.clear()
    buffer.extend(ordered)


def _step(
    *,
    score: Callable[[Any, Any, deque[Any]], float] = lambda loss_of, batch, _buffer: loss_of(batch)[
        0
    ],
    store: bool = True,
    store_last: bool = False,
    score_last: bool = False,
    look_first: bool = False,
    sort: str = "never",
    wait: int = 0,
    refresh: str = "after",
    lessons: int = 1,
    temperature: float = 1000.0,
) -> Callable[..., None]:
    """A step with one thing wrong."""

    def step(
        buffer: deque[Any], new: Any, loss_of: Any, learn: Any, n_samples: int, rng: Any
    ) -> None:
        newest = tuple(np.array([item]) for item in new)
        stored = (score(loss_of, newest, buffer), *new)
        before = len(buffer)
        if sort == "before" or (sort == "when full" and before == buffer.maxlen):
            _sort(buffer)
        if store and not store_last:
            buffer.append(stored)
        enough = (before if look_first else len(buffer)) >= max(n_samples - wait, 1)
        if enough:
            for _ in range(lessons):
                batch, indices = right.sample_prioritized_batch(buffer, n_samples, rng, temperature)
                early = loss_of(batch)
                learn(batch)
                if refresh != "never":
                    losses = early if refresh == "before" else loss_of(batch)
                    right.update_batch(buffer, indices, batch, losses)
        if store_last:
            buffer.append((loss_of(newest)[0], *new) if score_last else stored)
        if sort == "always" or (sort == "after learning" and enough):
            _sort(buffer)

    return step


PRIORITIZED_STEP = Exercise(
    name="prioritized_step",
    chapter=CHAPTER,
    arguments=("replay_buffer", "transition", "loss_of", "learn", "n_samples", "rng"),
    reference=right.prioritized_step,
    observe=_observe_step,
    may_change=frozenset({"replay_buffer", "rng"}),
    cases=(
        _case("less than a batch is stored", 1, 4, 4),
        _case("the new transition completes the first batch", 3, 9, 4),
        _case("there is more than a batch", 7, 9, 4),
        _case("the buffer is full", 5, 5, 3),
        _case("there is room for one transition only", 1, 1, 1),
        _case("there is much to choose from", _MANY, 30, 9),
        _case("one loss is so large that all the probability is its own", _MANY, 30, 9, certain=4),
    ),
    mistakes=(
        Mistake(
            "the losses from before the step",
            "the refreshed losses are those from before the gradient step: they are out of date "
            "already.",
            _step(refresh="before"),
        ),
        Mistake(
            "the losses are not refreshed",
            "after the gradient step, the drawn transitions still have their old losses.",
            _step(refresh="never"),
        ),
        Mistake(
            "the new transition is not stored",
            _NOT_STORED,
            _step(store=False),
        ),
        Mistake(
            "stored after learning",
            "the new transition is stored after the batch is drawn: it should have its chance in "
            "this very batch.",
            _step(store_last=True),
        ),
        Mistake(
            "scored and stored after learning",
            "the new transition is stored after the batch is drawn: it should have its chance in "
            "this very batch.",
            _step(store_last=True, score_last=True),
        ),
        Mistake(
            "counted before storing",
            "you ask whether there is a whole batch before the new transition is stored; it "
            "counts, too.",
            _step(look_first=True),
        ),
        Mistake(
            "sorted",
            "you sort the buffer in each step; the step that is asked for leaves its order alone.",
            _step(sort="always"),
        ),
        Mistake(
            "sorted after learning",
            "you sort the buffer in each step; the step that is asked for leaves its order alone.",
            _step(sort="after learning"),
        ),
        *(
            Mistake(
                f"sorted before storing{how}",
                "you sort the buffer before you store, so that a full one forgets another "
                "transition than its oldest: the step that is asked for leaves its order alone.",
                _step(sort=when),
            )
            for how, when in (("", "before"), (", when it is full", "when full"))
        ),
        Mistake(
            "learns too early",
            "you learn before there is a whole batch in the buffer.",
            _step(wait=99),
        ),
        Mistake(
            "starts one too late",
            "with exactly a batch in the buffer you should learn already.",
            _step(wait=-1),
        ),
        Mistake(
            "a loss of 0",
            "the new transition is stored with a loss of 0; ask `loss_of` for it.",
            _step(score=lambda *_: 0.0),
        ),
        Mistake(
            "the largest loss",
            "the new transition gets the largest loss in the buffer, as in the paper; the homework "
            "asks `loss_of` for it.",
            _step(score=lambda _loss_of, _batch, buffer: max(item[0] for item in buffer)),
        ),
        Mistake(
            "learns twice",
            "you learn twice in one step.",
            _step(lessons=2),
        ),
        Mistake(
            "drawn without regard to the losses",
            "the batch is drawn as if all losses were equal: draw it with "
            "`sample_prioritized_batch`.",
            _step(temperature=np.inf),  # all alike
        ),
        Mistake(
            "never learns",
            "`learn` is never called.",
            _step(wait=-99),
        ),
    ),
)

EXERCISES = (PRIORITIZED_STEP,)


def prioritized_step(function: Any) -> None:
    """Check ``prioritized_step(replay_buffer, transition, loss_of, learn, n_samples, rng)``.

    ``transition`` is a tuple (state, action, reward, next_state, terminated). ``loss_of(batch)``
    returns the losses [B] of a batch of five arrays, ``learn(batch)`` takes a gradient step on it.
    The function stores the transition with its loss; if then at least ``n_samples`` are stored, it
    draws that many, learns from them and refreshes their losses. It returns nothing.

    Raises:
        Wrong: If the buffer does not hold what it should afterwards, saying why.

    Chapter: `Prioritized replay II: how`.

    >>> prioritized_step(lambda replay_buffer, transition, loss_of, learn, n_samples, rng: None)
    Traceback (most recent call last):
        ...
    dqn.checks.Wrong: ✗ prioritized_step: ...
    """
    check(PRIORITIZED_STEP, function)
