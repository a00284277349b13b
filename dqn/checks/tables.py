"""Checkers of the chapter `Q-learning`."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dqn.checks import _references as right
from dqn.checks._calling import Call, Complaint, Outcome
from dqn.checks._machinery import Case, Exercise, Mistake, check

CHAPTER = "Q-learning"

Array = NDArray[Any]


# --- bellman_optimality_backup --------------------------------------------------------------------

_TWO_STATES = (
    np.array([[[0.0, 1.0], [0.5, 0.5]], [[0.0, 0.0], [1.0, 0.0]]]),
    np.array([[1.0, 0.0], [5.0, -1.0]]),
)
_THREE_STATES = (
    np.array(
        [[[0.2, 0.3, 0.5], [0.0, 1.0, 0.0]], [[0, 0, 0], [0.1, 0, 0.9]], [[1, 0, 0], [0, 0.4, 0.2]]]
    ),
    np.array([[0.5, -1.0], [2.0, 0.0], [1.0, 3.0]]),
)
_THREE_ACTIONS = (
    np.array([[[0.5, 0.5], [1, 0], [0, 0.25]], [[0, 0], [0.3, 0.7], [0, 1]]]),
    np.array([[1.0, 0.0, -1.0], [2.0, -2.0, 0.5]]),
)


def _backed_up(value: Callable[[Array], Array]) -> Callable[..., Array]:
    """A wrong backup: the next states have the wrong values."""
    return lambda P, R, q, gamma: R + gamma * P @ value(q)


def _in_turn(P: Array, R: Array, q: Array, gamma: float) -> Array:
    new = q.copy()
    for s in range(len(q)):
        for a in range(q.shape[1]):
            new[s, a] = R[s, a] + gamma * P[s, a] @ new.max(axis=1)
    return new


def _most_likely(P: Array, R: Array, q: Array, gamma: float) -> Array:
    following = q.max(axis=1)[P.argmax(axis=2)]
    result: Array = R + gamma * following
    return result


def _filled_up(P: Array, R: Array, q: Array, gamma: float) -> Array:
    total = P.sum(axis=2, keepdims=True)
    return right.bellman_optimality_backup(P / np.where(total > 0, total, 1.0), R, q, gamma)


def _reversed_transitions(P: Array, R: Array, q: Array, gamma: float) -> Array:
    result: Array = R + gamma * np.einsum("tas,t->sa", P, q.max(axis=1))
    return result


BELLMAN_OPTIMALITY_BACKUP = Exercise(
    name="bellman_optimality_backup",
    chapter=CHAPTER,
    arguments=("P", "R", "q", "gamma"),
    reference=right.bellman_optimality_backup,
    cases=(
        Case(
            "one state, one action", (np.ones((1, 1, 1)), np.array([[2.0]]), np.array([[4.0]]), 0.5)
        ),
        Case("gamma = 0", (*_TWO_STATES, np.array([[1.0, 3.0], [2.0, 8.0]]), 0.0)),
        Case("two states", (*_TWO_STATES, np.array([[1.0, 3.0], [2.0, 8.0]]), 0.5)),
        Case("every Q-value is negative", (*_TWO_STATES, np.array([[-1, -3.0], [-7, -2]]), 0.9)),
        Case(
            "three states, two actions",
            (*_THREE_STATES, np.array([[4.0, 1.0], [-2.0, 6.0], [3.0, -5.0]]), 0.8),
        ),
        Case(
            "two states, three actions",
            (*_THREE_ACTIONS, np.array([[1.0, 2.0, 7.0], [-5.0, -3.0, -6.0]]), 0.5),
        ),
    ),
    mistakes=(
        Mistake(
            "maximum over the states",
            "you took the maximum over the states: each next state has its own best action.",
            lambda P, R, q, gamma: R + gamma * (P * q.max(axis=0)[None, :, None]).sum(axis=2),
        ),
        Mistake(
            "maximum over the states, as values of states",
            "you took the maximum over the states: each next state has its own best action.",
            _backed_up(lambda q: q.max(axis=0)),
        ),
        Mistake(
            "summed over the actions",
            "the sum runs over the axis of the actions: the last axis of P is the next state.",
            lambda P, R, q, gamma: R + gamma * q.max(axis=1) @ P,
        ),
        Mistake(
            "averaged over the states",
            "you divide by the number of states: to weigh by probabilities is to average already.",
            lambda P, R, q, gamma: R + gamma * (P * q.max(axis=1)).mean(axis=2),
        ),
        Mistake(
            "maximum over everything",
            "you took the largest entry of the whole table: each next state has its own best "
            "action.",
            _backed_up(lambda q: np.full(len(q), q.max())),
        ),
        Mistake(
            "mean over the actions",
            "you averaged over the next actions: that evaluates the random policy. The optimal "
            "one takes the best.",
            _backed_up(lambda q: q.mean(axis=1)),
        ),
        Mistake(
            "minimum over the actions",
            "you took the worst of the next actions.",
            _backed_up(lambda q: q.min(axis=1)),
        ),
        Mistake(
            "no discount",
            "gamma has no effect on your sweep.",
            lambda P, R, q, _gamma: R + P @ q.max(axis=1),
        ),
        Mistake(
            "the reward is discounted",
            "gamma multiplies the reward too: only what follows is discounted.",
            lambda P, R, q, gamma: gamma * (R + P @ q.max(axis=1)),
        ),
        Mistake(
            "no reward",
            "the rewards are missing.",
            lambda P, _R, q, gamma: gamma * P @ q.max(axis=1),
        ),
        Mistake(
            "transitions reversed",
            "you used the transition probabilities backwards: the last axis of P is the next "
            "state.",
            _reversed_transitions,
        ),
        Mistake(
            "only the most likely next state",
            "you looked at the most likely next state only: weigh all of them by their "
            "probability, and mind that what a row lacks to 1 ends the episode.",
            _most_likely,
        ),
        Mistake(
            "the state's own value",
            "you used the value of the state itself; what counts is the value of the states it "
            "leads to.",
            lambda _P, R, q, gamma: R + gamma * q.max(axis=1, keepdims=True),
        ),
        Mistake(
            "the state's own value, weighed",
            "you used the value of the state itself; what counts is the value of the states it "
            "leads to.",
            lambda P, R, q, gamma: R + gamma * P.sum(axis=2) * q.max(axis=1, keepdims=True),
        ),
        Mistake(
            "P and R exchanged",
            "P and R have changed places: mind the order of the arguments.",
            lambda P, R, q, gamma: right.bellman_optimality_backup(R, P, q, gamma),
        ),
        Mistake(
            "state by state",
            "your sweep uses values that it has just changed: every entry of the new table comes "
            "from the old one.",
            _in_turn,
        ),
        Mistake(
            "added to the old table",
            "you added the backup to the old table; it replaces it.",
            lambda P, R, q, gamma: q + right.bellman_optimality_backup(P, R, q, gamma),
        ),
        Mistake(
            "values of states",
            "your result has one number for each state; it should have one for each state and "
            "action.",
            lambda P, R, q, gamma: right.bellman_optimality_backup(P, R, q, gamma).max(axis=1),
        ),
        Mistake(
            "the maximum starts at zero",
            "your maximum starts at zero: where every value is negative, the largest of them is "
            "below it.",
            _backed_up(lambda q: q.max(axis=1, initial=0.0)),
        ),
        Mistake(
            "the action's index instead of its value",
            "you used the number of the best action where its value belongs.",
            _backed_up(lambda q: q.argmax(axis=1)),
        ),
        Mistake(
            "rows made to add up to 1",
            "what a row of P lacks to 1 ends the episode: do not fill it up.",
            _filled_up,
        ),
        Mistake(
            "the reward is weighed too",
            "the reward is earned even where the episode ends: add it once, not once for each next "
            "state with its probability.",
            lambda P, R, q, gamma: R * P.sum(axis=2) + gamma * P @ q.max(axis=1),
        ),
        Mistake(
            "the reward is added for every state",
            "the reward is added once for each state that might follow: add it once.",
            lambda P, R, q, gamma: R * len(q) + gamma * P @ q.max(axis=1),
        ),
        Mistake(
            "only the last next state",
            "only the last of the next states counts: each overwrites the one before.",
            lambda P, R, q, gamma: R + gamma * P[:, :, -1] * q[-1].max(),
        ),
        Mistake(
            "the maximum of the averages",
            "you took the maximum after the average: each next state has its own best action, so "
            "the maximum comes first.",
            lambda P, R, q, gamma: R + gamma * (P @ q).max(axis=2),
        ),
        Mistake(
            "gamma is fixed",
            "gamma has no effect on your sweep: 0.99 is written into it.",
            lambda P, R, q, _gamma: right.bellman_optimality_backup(P, R, q, 0.99),
        ),
    ),
)


# --- q_learning_update and sarsa_update -----------------------------------------------------------


def _observe_update(call: Call, q: Array, *step: Any) -> Outcome:
    """The table after the call. Whatever the function returns is ignored."""
    before = q.copy()
    returned = call(q, *step)
    s, a, _, s_next, *_ = step
    alpha = step[-2]
    changed = q != before
    if changed.any() and not changed[s, a]:
        raise Complaint(
            "your function changes another entry than that of the state that was left and the "
            "action that was taken there."
        )
    if s != s_next and changed[s_next].any() and not changed.all(axis=1)[s]:
        raise Complaint(
            "your function changes the row of the next state, too, and nothing has been learned "
            "about that one yet."
        )
    if (
        alpha > 0
        and np.array_equal(q, before)
        and isinstance(returned, np.ndarray)
        and returned.shape == q.shape
        and not np.array_equal(returned, before)
    ):
        raise Complaint(
            "your function returns a new table and leaves `q` as it was: change `q` itself, in "
            "place."
        )
    return {"the table after the update": q}


Target = Callable[[Array, int, float, int, int, bool, float], float]


def _updater(target: Target) -> Callable[..., None]:
    """A wrong update by a wrong target(q, s, r, s_next, a_next, terminated, gamma).

    It takes the steps of both algorithms; for Q-learning ``a_next`` is the action itself.
    """

    def update(q: Array, s: int, a: int, r: float, s_next: int, *rest: Any) -> None:
        *next_action, terminated, alpha, gamma = rest
        a_next = next_action[0] if next_action else a
        q[s, a] += alpha * (target(q, s, r, s_next, a_next, terminated, gamma) - q[s, a])

    return update


def _update_of(step: tuple[Any, ...]) -> Callable[..., None]:
    """The algorithm whose step this is: Sarsa's has one argument more."""
    return right.sarsa_update if len(step) == 8 else right.q_learning_update


def _variant(change: Callable[[Array, int, int, float, float], None]) -> Callable[..., None]:
    """A wrong update that knows the right target: change(q, s, a, target, alpha)."""

    def update(q: Array, s: int, a: int, *rest: Any) -> None:
        right_table = q.copy()
        step = (s, a, *rest[:-2], 1.0, rest[-1])  # with alpha = 1 the entry is the target
        _update_of(step)(right_table, *step)
        change(q, s, a, float(right_table[s, a]), rest[-2])

    return update


def _becoming(value: Callable[[float, float, float], float]) -> Callable[..., None]:
    """A wrong update of the right entry, which becomes value(old value, target, alpha)."""

    def change(q: Array, s: int, a: int, target: float, alpha: float) -> None:
        q[s, a] = value(float(q[s, a]), target, alpha)

    return _variant(change)


def _whole_row(q: Array, s: int, _a: int, target: float, alpha: float) -> None:
    q[s] += alpha * (target - q[s])


def _whole_table(q: Array, _s: int, _a: int, target: float, alpha: float) -> None:
    q += alpha * (target - q)


def _exchanged(q: Array, *step: Any) -> None:
    *rest, alpha, gamma = step
    _update_of(step)(q, *rest, gamma, alpha)


def _shrunk_first(q: Array, s: int, a: int, *rest: Any) -> None:
    q[s, a] *= 1 - rest[-2]
    _becoming(lambda old, target, alpha: old + alpha * target)(q, s, a, *rest)


def _alpha_on_the_reward(q: Array, s: int, a: int, r: float, *rest: Any) -> None:
    _becoming(lambda _old, target, alpha: target - r + alpha * r)(q, s, a, r, *rest)


def _kept_at_the_end(q: Array, s: int, a: int, *rest: Any) -> None:
    kept = rest[-2] * q[s, a] if rest[-3] else 0.0
    _update_of((s, a, *rest))(q, s, a, *rest)
    q[s, a] += kept


def _subtracting(value: Callable[[Array, int, int, float], float]) -> Callable[..., None]:
    """A wrong update: value(q, s, a, gamma) is subtracted from the target, and not the entry."""

    def update(q: Array, s: int, a: int, *rest: Any) -> None:
        *_, alpha, gamma = rest
        difference = q[s, a] - value(q, s, a, gamma)
        _update_of((s, a, *rest))(q, s, a, *rest)
        q[s, a] += alpha * difference

    return update


def _updated_copy(q: Array, *step: Any) -> Array:
    new = q.copy()
    _update_of(step)(new, *step)
    return new


_COMMON = (
    Mistake(
        "alpha has no effect",
        "the entry becomes the target at once: alpha should make it move only part of the way.",
        _becoming(lambda _old, target, _alpha: target),
    ),
    Mistake(
        "alpha and 1 - alpha exchanged",
        "alpha and 1 - alpha are exchanged: alpha = 0 should change nothing.",
        _becoming(lambda old, target, alpha: alpha * old + (1 - alpha) * target),
    ),
    Mistake(
        "the old value is not subtracted",
        "the target is added instead of the difference between target and table: the entry grows "
        "without end.",
        _becoming(lambda old, target, alpha: old + alpha * target),
    ),
    Mistake(
        "the old value is added again",
        "your entry keeps its old value and gets a part of it once more: alpha = 0 should change "
        "nothing.",
        _becoming(lambda old, target, alpha: old + (1 - alpha) * old + alpha * target),
    ),
    Mistake(
        "only the change is kept",
        "your entry becomes the change itself; it should change by it.",
        _becoming(lambda old, target, alpha: alpha * (target - old)),
    ),
    Mistake(
        "alpha on the reward alone",
        "alpha multiplies the reward alone: does a bracket end too early?",
        _alpha_on_the_reward,
    ),
    Mistake(
        "not subtracted at the end",
        "where the episode has terminated, the old value is not subtracted: nothing follows, but "
        "there is an error to correct.",
        _kept_at_the_end,
    ),
    Mistake(
        "the discount multiplies the old value",
        "gamma multiplies the old value too: it belongs to what follows only.",
        _subtracting(lambda q, s, a, gamma: gamma * float(q[s, a])),
    ),
    Mistake(
        "the wrong sign",
        "the entry moves away from its target: the sign of the TD error is wrong.",
        _becoming(lambda old, target, alpha: old - alpha * (target - old)),
    ),
    Mistake(
        "every action is updated",
        "the whole row of the state changes; only the action taken has been tried.",
        _variant(_whole_row),
    ),
    Mistake(
        "every entry is updated",
        "every entry of the table moves; only that of the pair taken has been tried.",
        _variant(_whole_table),
    ),
    Mistake(
        "the old value is forgotten",
        "your entry loses its old value: alpha = 0 should change nothing.",
        _becoming(lambda _old, target, alpha: alpha * target),
    ),
    Mistake(
        "the old value shrinks first",
        "your entry has already changed when the target is read: where a step leads back to its "
        "own state, the target uses the new value. Compute the target first.",
        _shrunk_first,
    ),
    Mistake(
        "alpha and gamma exchanged",
        "alpha and gamma have changed places: mind the order of the arguments.",
        _exchanged,
    ),
    Mistake(
        "a new table is returned",
        "your function returns a new table and leaves `q` as it was: change `q` itself, in place.",
        _updated_copy,
    ),
    Mistake(
        "nothing changes",
        "the table is the same after the call as before.",
        lambda _q, *_step: None,
    ),
)


def _targets(value: Callable[[Array, int, int], float], rule: str) -> tuple[Mistake, ...]:
    """Mistakes of the target that both algorithms share; value(q, s_next, a_next) is right."""
    return (
        Mistake(
            "bootstrapping past the end",
            "where the episode has terminated, the value of the next state must not count: "
            "nothing follows.",
            _updater(lambda q, _s, r, n, b, _t, gamma: r + gamma * value(q, n, b)),
        ),
        Mistake(
            "no step size at the end",
            "where the episode has terminated, your entry becomes the reward at once: alpha counts "
            "there, too.",
            lambda q, s, a, r, n, *rest: (
                q.__setitem__((s, a), r)
                if rest[-3]
                else _updater(lambda q, _s, r, n, b, _t, gamma: r + gamma * value(q, n, b))(
                    q, s, a, r, n, *rest
                )
            ),
        ),
        Mistake(
            "the mask reversed",
            "you bootstrap where the episode has terminated, and only there: it is the other way "
            "round.",
            _updater(lambda q, _s, r, n, b, t, gamma: r + gamma * value(q, n, b) * t),
        ),
        Mistake(
            "the last reward is lost",
            "where the episode has terminated, your target loses its reward as well.",
            _updater(lambda q, _s, r, n, b, t, gamma: (1 - t) * (r + gamma * value(q, n, b))),
        ),
        Mistake(
            "the last step is skipped",
            "where the episode has terminated, nothing is learned: the last reward is the one that "
            "anchors all the others.",
            lambda q, s, a, r, n, *rest: (
                None
                if rest[-3]
                else _updater(lambda q, _s, r, n, b, _t, gamma: r + gamma * value(q, n, b))(
                    q, s, a, r, n, *rest
                )
            ),
        ),
        Mistake(
            "no discount",
            "gamma has no effect on your update.",
            _updater(lambda q, _s, r, n, b, t, _gamma: r + (1 - t) * value(q, n, b)),
        ),
        Mistake(
            "gamma is fixed",
            "gamma has no effect on your update: 0.99 is written into it.",
            _updater(lambda q, _s, r, n, b, t, _gamma: r + 0.99 * (1 - t) * value(q, n, b)),
        ),
        Mistake(
            "~ instead of not",
            "`~` is no `not` here: of Python's True and False it makes the numbers -2 and -1.",
            _updater(lambda q, _s, r, n, b, t, gamma: r + gamma * value(q, n, b) * (-1 - t)),
        ),
        Mistake(
            "the reward counts at the end only",
            "the reward counts on the last step only: every step has its own.",
            _updater(lambda q, _s, r, n, b, t, gamma: r if t else gamma * value(q, n, b)),
        ),
        Mistake(
            "no reward",
            "the reward has no effect on your update.",
            _updater(lambda q, _s, _r, n, b, t, gamma: gamma * (1 - t) * value(q, n, b)),
        ),
        Mistake(
            "the reward is discounted",
            "gamma multiplies the reward too: only what follows is discounted.",
            _updater(lambda q, _s, r, n, b, t, gamma: gamma * (r + (1 - t) * value(q, n, b))),
        ),
        Mistake(
            "the state itself instead of the next one",
            "the target looks at the row of the state itself; what follows is the row of the next "
            "state.",
            _updater(lambda q, s, r, _n, b, t, gamma: r + gamma * (1 - t) * value(q, s, b)),
        ),
        Mistake(
            "mean over the actions",
            f"the target averages over the next actions; {rule}.",
            _updater(lambda q, _s, r, n, _b, t, gamma: r + gamma * (1 - t) * float(q[n].mean())),
        ),
    )


# The best action of a row is the first, the second or the last.
_Q = np.array([[0.0, 1.0, -1.0], [2.0, 6.0, 4.0], [-3.0, -5.0, -2.0], [9.0, 0.5, 1.0]])

_STEPS = (
    # title, s, a, r, s_next, a_next, terminated, alpha, gamma
    ("alpha = 0", 0, 2, 2.5, 1, 0, False, 0.0, 0.5),
    ("one step, the episode goes on", 0, 2, 2.5, 1, 0, False, 0.25, 0.5),
    ("the last step of an episode", 0, 1, 3.0, 1, 0, True, 0.25, 0.5),
    ("a last step without a reward", 3, 0, 0.0, 1, 2, True, 0.5, 0.9),
    ("every next value is negative", 1, 1, 0.5, 2, 0, False, 0.1, 0.9),
    ("to a state whose first action is the best", 1, 1, -0.5, 3, 2, False, 0.5, 0.9),
    ("back to the same state", 1, 0, -1.0, 1, 2, False, 0.5, 0.8),
    ("back to the same state and action", 1, 1, -1.0, 1, 1, False, 0.5, 0.8),
)

Q_LEARNING_UPDATE = Exercise(
    name="q_learning_update",
    chapter=CHAPTER,
    arguments=("q", "s", "a", "r", "s_next", "terminated", "alpha", "gamma"),
    reference=right.q_learning_update,
    observe=_observe_update,
    may_change=frozenset({"q"}),
    cases=tuple(
        Case(title, (_Q, s, a, r, n, terminated, alpha, gamma))
        for title, s, a, r, n, _, terminated, alpha, gamma in _STEPS
    ),
    mistakes=(
        *_targets(lambda q, n, _b: float(q[n].max()), "Q-learning looks at the best one"),
        Mistake(
            "maximum over the whole table",
            "the target takes the largest entry of the whole table; only the next state's row "
            "counts.",
            _updater(lambda q, _s, r, _n, _b, t, gamma: r + gamma * (1 - t) * float(q.max())),
        ),
        Mistake(
            "the same action again",
            "the target uses the old action in the next state; there, Q-learning looks at the "
            "best action.",
            _updater(lambda q, _s, r, n, b, t, gamma: r + gamma * (1 - t) * float(q[n, b])),
        ),
        Mistake(
            "the best value is subtracted",
            "you subtract the largest value of the state that was left; only that of the action "
            "taken is to be corrected.",
            _subtracting(lambda q, s, _a, _gamma: float(q[s].max())),
        ),
        Mistake(
            "the action's index instead of its value",
            "the target uses the number of the best next action where its value belongs.",
            _updater(lambda q, _s, r, n, _b, t, gamma: r + gamma * (1 - t) * int(q[n].argmax())),
        ),
        Mistake(
            "minimum over the actions",
            "the target takes the worst of the next actions.",
            _updater(lambda q, _s, r, n, _b, t, gamma: r + gamma * (1 - t) * float(q[n].min())),
        ),
        Mistake(
            "the maximum starts at zero",
            "your maximum starts at zero: where every next value is negative, the largest of them "
            "is below it.",
            _updater(
                lambda q, _s, r, n, _b, t, gamma: r + gamma * (1 - t) * max(0.0, float(q[n].max()))
            ),
        ),
        Mistake(
            "a column of the table",
            "the target looks along a column; a state is a row, with one entry for each action.",
            _updater(lambda q, _s, r, n, _b, t, gamma: r + gamma * (1 - t) * float(q[:, n].max())),
        ),
        *_COMMON,
    ),
)

SARSA_UPDATE = Exercise(
    name="sarsa_update",
    chapter=CHAPTER,
    arguments=("q", "s", "a", "r", "s_next", "a_next", "terminated", "alpha", "gamma"),
    reference=right.sarsa_update,
    observe=_observe_update,
    may_change=frozenset({"q"}),
    cases=tuple(Case(title, (_Q, *step)) for title, *step in _STEPS),
    mistakes=(
        Mistake(
            "Q-learning instead of Sarsa",
            "the target takes the best next action: that is Q-learning. Sarsa takes the action "
            "that will be taken.",
            _updater(lambda q, _s, r, n, _b, t, gamma: r + gamma * (1 - t) * float(q[n].max())),
        ),
        Mistake(
            "the same action again",
            "the target uses the old action in the next state; Sarsa takes the action that will be "
            "taken there.",
            lambda q, s, a, r, n, _b, *rest: right.sarsa_update(q, s, a, r, n, a, *rest),
        ),
        *_targets(lambda q, n, b: float(q[n, b]), "Sarsa takes the one that will be taken"),
        *_COMMON,
    ),
)


# --- what students call ---------------------------------------------------------------------------

EXERCISES = (BELLMAN_OPTIMALITY_BACKUP, Q_LEARNING_UPDATE, SARSA_UPDATE)


def bellman_optimality_backup(function: Any) -> None:
    """Check ``bellman_optimality_backup(P, R, q, gamma)``, one sweep of value iteration.

    NumPy arrays: ``P`` [S, A, S] probabilities of the next states, ``R`` [S, A] expected rewards,
    ``q`` [S, A]. What a row of ``P`` lacks to 1 ends the episode. The result is a new table
    [S, A]; ``q`` stays as it is.

    Raises:
        Wrong: If the new table is not right, saying why.

    Chapter: `Q-learning`.

    >>> bellman_optimality_backup(lambda P, R, q, gamma: R)
    Traceback (most recent call last):
        ...
    dqn.checks.Wrong: ✗ bellman_optimality_backup: the result of the case below is not right...
    """
    check(BELLMAN_OPTIMALITY_BACKUP, function)


def q_learning_update(function: Any) -> None:
    """Check ``q_learning_update(q, s, a, r, s_next, terminated, alpha, gamma)``.

    It changes the table ``q`` [S, A] in place; what it returns is ignored.

    Raises:
        Wrong: If the table is not right afterwards, saying why.

    Chapter: `Q-learning`.

    >>> q_learning_update(lambda q, s, a, r, s_next, terminated, alpha, gamma: None)
    Traceback (most recent call last):
        ...
    dqn.checks.Wrong: ✗ q_learning_update: the table is the same after the call as before...
    """
    check(Q_LEARNING_UPDATE, function)


def sarsa_update(function: Any) -> None:
    """Check ``sarsa_update(q, s, a, r, s_next, a_next, terminated, alpha, gamma)``.

    It changes the table ``q`` [S, A] in place; what it returns is ignored.

    Raises:
        Wrong: If the table is not right afterwards, saying why.

    Chapter: `Q-learning`.

    >>> sarsa_update(lambda q, s, a, r, s_next, a_next, terminated, alpha, gamma: None)
    Traceback (most recent call last):
        ...
    dqn.checks.Wrong: ✗ sarsa_update: the table is the same after the call as before...
    """
    check(SARSA_UPDATE, function)
