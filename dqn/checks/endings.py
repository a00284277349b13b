"""Checkers of the chapter `How episodes end`."""

from collections.abc import Callable
from typing import Any

import numpy as np

from dqn.checks import _references as right
from dqn.checks._calling import (
    Call,
    Complaint,
    Outcome,
    as_array,
    as_items,
    as_number,
    as_whole,
    not_a,
)
from dqn.checks._machinery import Case, Exercise, Mistake, check

CHAPTER = "How episodes end"


# --- bootstrap_mask -------------------------------------------------------------------------------


def _observe_mask(call: Call, terminated: Any, truncated: Any) -> Outcome:
    mask = call(terminated, truncated)
    if not isinstance(mask, np.ndarray):  # a tensor would not go with the arrays of a target
        raise Complaint(not_a(mask, "a NumPy array, as its arguments are", "your function"))
    mask = as_array(mask)
    if np.array_equal(mask, ~terminated.astype(np.int64)):
        raise Complaint(
            "`~` inverts bools only: of the numbers 0 and 1 it makes -1 and -2, and a mask has "
            "neither of them."
        )
    if not np.isin(mask, (0, 1)).all():
        raise Complaint("a mask has only two values, 0 and 1 (or False and True).")
    return {"the mask": mask.astype(np.int64)}


def _flags(title: str, *pairs: tuple[int, int]) -> Case:
    terminated, truncated = np.array(pairs, dtype=bool).reshape(-1, 2).T
    return Case(title, (terminated.copy(), truncated.copy()))


BOOTSTRAP_MASK = Exercise(
    name="bootstrap_mask",
    chapter=CHAPTER,
    arguments=("terminated", "truncated"),
    reference=right.bootstrap_mask,
    observe=_observe_mask,
    cases=(
        _flags("an episode that goes on", (0, 0)),
        _flags("an episode that terminates", (1, 0)),
        _flags("an episode cut off by a time limit", (0, 1)),
        _flags("an episode that ends on the very step of its time limit", (1, 1)),
        _flags("five transitions", (0, 1), (1, 1), (0, 0), (0, 1), (1, 0)),
    ),
    mistakes=(
        Mistake(
            "truncation taken for termination",
            "your mask stops bootstrapping at a time limit. Is the next state worth nothing "
            "because nobody looked on?",
            lambda te, tr: ~(te | tr),
        ),
        Mistake(
            "both flags at once",
            "when both flags are set you bootstrap: does a time limit raise a fallen pole?",
            lambda te, tr: ~(te & ~tr),
        ),
        Mistake(
            "only truncation stops it",
            "you look at the wrong one of the two flags. After which of them does nothing follow?",
            lambda _te, tr: ~tr,
        ),
        Mistake(
            "the mask reversed",
            "the mask is the wrong way round: it should be 1 where you bootstrap.",
            lambda te, _tr: te,
        ),
        Mistake(
            "nothing stops it",
            "your mask bootstraps everywhere: is there no end after which nothing follows?",
            lambda te, _tr: np.ones(te.shape),
        ),
        Mistake(
            "never",
            "your mask never bootstraps.",
            lambda te, _tr: np.zeros(te.shape),
        ),
        Mistake(
            "only where both flags are set",
            "your mask stops bootstrapping only where both flags are set: what follows a fall "
            "before the time limit?",
            lambda te, tr: ~(te & tr),
        ),
        Mistake(
            "the episode's end",
            "your mask is 1 where the episode is over.",
            lambda te, tr: te | tr,
        ),
        Mistake(
            "both flags are subtracted",
            "you subtract both flags, and where both are set your mask is not even 0. Are both "
            "kinds of end alike?",
            lambda te, tr: 1 - te.astype(int) - tr.astype(int),
        ),
        Mistake(
            "exclusive or",
            "your mask stops bootstrapping where exactly one flag is set.",
            lambda te, tr: te == tr,
        ),
        Mistake(
            "exclusive or, reversed",
            "your mask is 1 where exactly one flag is set.",
            lambda te, tr: te != tr,
        ),
        Mistake(
            "only at a time limit",
            "your mask is 1 only at a time limit: what of a step after which the episode goes on?",
            lambda _te, tr: tr,
        ),
        Mistake(
            "both flags at once, reversed",
            "the mask is the wrong way round, and a time limit does not raise a fallen pole.",
            lambda te, tr: te & ~tr,
        ),
        Mistake(
            "all but a time limit",
            "your mask is 0 at a time limit alone, and 1 even where nothing follows.",
            lambda te, tr: te | ~tr,
        ),
        Mistake(
            "row numbers",
            "your function returns numbers of rows: return one number for every row, 0 or 1.",
            lambda te, _tr: np.flatnonzero(~te),
        ),
        Mistake(
            "a column",
            "your mask is a column of shape (B, 1), and with the values of shape (B,) it would "
            "broadcast to (B, B): return one axis.",
            lambda te, _tr: ~te[:, None],
        ),
    ),
)


# --- n_step_transition ----------------------------------------------------------------------------


def _observe_n_step(call: Call, *window: Any) -> Outcome:
    returned = call(*window)
    if isinstance(returned, np.ndarray) and returned.dtype.kind == "f":
        raise Complaint(
            "an array makes floats of all it holds, of the number of steps too: return a tuple."
        )
    total, discount, steps = as_items(
        returned, 3, "the discounted sum of rewards, the discount, the number of steps"
    )
    if isinstance(discount, (bool, np.bool_)) and not discount:
        discount = 0.0  # False is the number 0; True would be a mask, and no discount
    return {
        "the number of steps": as_whole(
            steps, what="as the last of its three results, the number of steps, your function"
        ),
        "the discounted sum of rewards": as_number(total, what="as the sum your function"),
        "the discount": as_number(discount, what="as the discount your function"),
    }


def _n_step(
    *,
    end: Callable[[bool, bool], bool] = lambda te, tr: te or tr,
    zero: Callable[[bool, bool], bool] = lambda te, _tr: te,
    power: int = 0,
    gamma_in_sum: bool = True,
    count: int = 0,
    drop: int = 0,
) -> Callable[..., tuple[float, float, int]]:
    """An n-step transition that goes wrong in one respect."""

    def build(
        rewards: list[float], terminated: list[bool], truncated: list[bool], gamma: float
    ) -> tuple[float, float, int]:
        flags = list(zip(terminated, truncated, strict=True))
        ends = [i for i, pair in enumerate(flags) if end(*pair)]
        steps = ends[0] + 1 if ends else len(rewards)
        kept = rewards[: steps - drop] if ends else rewards
        total = right.discounted_return(kept, gamma if gamma_in_sum else 1.0)
        discount = 0.0 if zero(*flags[steps - 1]) else gamma ** (steps + power)
        return total, discount, steps + count

    return build


def _window(
    title: str, gamma: float, *steps: tuple[float, int, int], flag: Callable[[int], Any] = bool
) -> Case:
    rewards = [float(reward) for reward, _, _ in steps]
    return Case(
        title,
        (rewards, [flag(t) for _, t, _ in steps], [flag(t) for _, _, t in steps], gamma),
    )


def _changed(change: Callable[..., tuple[float, float, int]]) -> Callable[..., Any]:
    """A wrong answer from the right one: change(total, discount, steps, *arguments)."""
    return lambda *window: change(*right.n_step_transition(*window), *window)


def _left_early(zero: Callable[[bool], bool]) -> Callable[..., tuple[float, float, int]]:
    """The step that ends the episode is left out; zero(its flag) tells where nothing follows."""

    def build(
        rewards: list[float], terminated: list[bool], truncated: list[bool], gamma: float
    ) -> tuple[float, float, int]:
        total, steps = 0.0, 0
        for reward, te, tr in zip(rewards, terminated, truncated, strict=True):
            if te or tr:
                return total, 0.0 if zero(te) else gamma**steps, steps
            total += gamma**steps * reward
            steps += 1
        return total, gamma**steps, steps

    return build


def _never_left(
    rewards: list[float], terminated: list[bool], truncated: list[bool], gamma: float
) -> tuple[float, float, int]:
    """A discount of 0 ends the sum, but not the loop."""
    total, discount, steps = 0.0, 1.0, 0
    for reward, te, tr in zip(rewards, terminated, truncated, strict=True):
        total += discount * reward
        discount *= 0.0 if te else gamma
        steps += 1
        if tr:
            break
    return total, discount, steps


def _looked_up(
    rewards: list[float], terminated: list[bool], truncated: list[bool], gamma: float
) -> tuple[float, float, int]:
    total = 0.0
    for reward in rewards:
        i = rewards.index(reward)
        total += gamma**i * reward
        if terminated[i] or truncated[i]:
            return total, 0.0 if terminated[i] else gamma ** (i + 1), i + 1
    return total, gamma ** len(rewards), len(rewards)


def _one_step_without_an_end(
    rewards: list[float], terminated: list[bool], truncated: list[bool], gamma: float
) -> tuple[float, float, int]:
    steps = int(np.argmax(np.logical_or(terminated, truncated))) + 1
    return right.n_step_transition(rewards[:steps], terminated, truncated, gamma)


def _one_flag_first(truncation: bool) -> Callable[..., tuple[float, float, int]]:
    """A truncation is looked for before a termination, or the other way round."""

    def build(
        rewards: list[float], terminated: list[bool], truncated: list[bool], gamma: float
    ) -> tuple[float, float, int]:
        first, then = (truncated, terminated) if truncation else (terminated, truncated)
        flags = first if any(first) else then
        steps = flags.index(True) + 1 if any(flags) else len(rewards)
        total = right.discounted_return(rewards[:steps], gamma)
        return total, 0.0 if terminated[steps - 1] else gamma**steps, steps

    return build


N_STEP_TRANSITION = Exercise(
    name="n_step_transition",
    chapter=CHAPTER,
    arguments=("rewards", "terminated", "truncated", "gamma"),
    reference=right.n_step_transition,
    observe=_observe_n_step,
    cases=(
        _window("a window of one step", 0.5, (3, 0, 0)),
        _window("one step that terminates", 0.5, (3, 1, 0)),
        _window("one step that is truncated", 0.5, (3, 0, 1)),
        _window("three steps, the episode goes on", 0.5, (1, 0, 0), (2, 0, 0), (4, 0, 0)),
        _window("terminated at the second of three", 0.5, (1, 0, 0), (2, 1, 0), (4, 0, 0)),
        _window("truncated at the second of three", 0.5, (1, 0, 0), (2, 0, 1), (4, 0, 0)),
        _window(
            "both flags at the second of four", 0.9, (1, 0, 0), (2, 1, 1), (4, 0, 0), (8, 0, 0)
        ),
        _window("the next episode ends in the window too", 0.8, (1, 0, 1), (2, 0, 0), (4, 1, 0)),
        _window("terminated at the last step", 0.5, (1, 0, 0), (2, 0, 0), (4, 1, 0)),
        _window("truncated at the last step", 0.9, (1, 0, 0), (-2, 0, 0), (0, 0, 0), (5, 0, 1)),
        _window("the next episode is truncated", 0.8, (1, 1, 0), (2, 0, 0), (4, 0, 1)),
        _window("the next episode terminates too", 0.8, (1, 0, 0), (2, 1, 0), (4, 1, 0)),
        _window("rewards that are equal", 0.5, (1, 0, 0), (1, 0, 0), (1, 0, 0)),
        _window("flags of NumPy", 0.5, (1, 0, 0), (2, 1, 0), (4, 0, 0), flag=np.bool_),
    ),
    mistakes=(
        Mistake(
            "across a truncation",
            "your sum runs on past a truncation, into rewards of the next episode: either flag "
            "ends the window.",
            _n_step(end=lambda te, _tr: te),
        ),
        Mistake(
            "across a termination",
            "your sum runs on past a termination, into rewards of the next episode: either flag "
            "ends the window.",
            _n_step(end=lambda _te, tr: tr),
        ),
        Mistake(
            "across both",
            "your sum runs on past the episode's end, into rewards of the next episode.",
            _n_step(end=lambda _te, _tr: False),
        ),
        Mistake(
            "across both, until any flag",
            "your sum runs on past the episode's end, into rewards of the next episode.",
            lambda r, te, _tr, gamma: (
                right.discounted_return(r, gamma),
                0.0 if any(te) else gamma ** len(r),
                len(r),
            ),
        ),
        Mistake(
            "no bootstrapping after a truncation",
            "your discount is 0 after a truncation: the next state still has a value there.",
            _n_step(zero=lambda te, tr: te or tr),
        ),
        Mistake(
            "bootstrapping past the end",
            "your discount is not 0 after a termination: nothing follows it.",
            _n_step(zero=lambda _te, _tr: False),
        ),
        Mistake(
            "the flags exchanged",
            "the two flags are exchanged: your discount is 0 after a truncation, and not after a "
            "termination.",
            _n_step(zero=lambda _te, tr: tr),
        ),
        Mistake(
            "is True",
            "`is True` holds for Python's own True only, and flags also come as NumPy's: ask for "
            "the flag itself.",
            _n_step(end=lambda te, tr: te is True or tr is True, zero=lambda te, _tr: te is True),
        ),
        Mistake(
            "both flags at once",
            "when both flags are set your discount is not 0: the time limit does not undo the "
            "termination.",
            _n_step(zero=lambda te, tr: te and not tr),
        ),
        Mistake(
            "one power too few",
            "your discount has one power of gamma too few: the next state is `steps` steps away.",
            _n_step(power=-1),
        ),
        Mistake(
            "one power too few at a truncation",
            "your discount has one power of gamma too few where the window is cut short: you leave "
            "the loop before the last step is in it.",
            _changed(lambda g, d, k, _r, _te, tr, gamma: (g, d / gamma if tr[k - 1] else d, k)),
        ),
        Mistake(
            "the discount reversed",
            "your discount is 0 where the episode goes on, and only there: it is the other way "
            "round.",
            _n_step(zero=lambda te, _tr: not te),
        ),
        Mistake(
            "one power too many",
            "your discount has one power of gamma too many: the next state is `steps` steps away.",
            _n_step(power=1),
        ),
        Mistake(
            "discount of the full window",
            "your discount has the power of the full window even where the episode ended earlier.",
            _changed(lambda g, d, k, r, _te, _tr, gamma: (g, gamma ** len(r) if d else 0.0, k)),
        ),
        Mistake(
            "rewards are not discounted",
            "your sum does not discount the rewards.",
            _n_step(gamma_in_sum=False),
        ),
        Mistake(
            "the last reward is missing",
            "the reward of the step that ends the episode is missing from your sum.",
            _n_step(drop=1),
        ),
        Mistake(
            "steps off by one",
            "your number of steps is one too small: the step that ends the episode counts.",
            _n_step(count=-1),
        ),
        Mistake(
            "steps counted from zero",
            "your number of steps is one too small, and your discount has one power of gamma too "
            "few: the step that ends the window counts.",
            _n_step(count=-1, power=-1),
        ),
        Mistake(
            "one step too many",
            "your number of steps is one too large.",
            _n_step(count=1),
        ),
        Mistake(
            "the steps of the full window",
            "your number of steps is that of the full window even where the episode ended earlier.",
            _changed(lambda g, d, _k, r, *_flags: (g, d, len(r))),
        ),
        Mistake(
            "the loop is not left",
            "after a termination your discount of 0 stops the sum, but the steps are counted on.",
            _never_left,
        ),
        Mistake(
            "the loop is never left",
            "a discount of 0 stops your sum, but the steps are counted on, and at a truncation "
            "nothing stops at all.",
            lambda r, te, _tr, gamma: _never_left(r, te, [False] * len(r), gamma),
        ),
        Mistake(
            "one step where nothing ends",
            "where no step of the window ends the episode, you take only its first step: what does "
            "a search answer when there is nothing to find?",
            _one_step_without_an_end,
        ),
        Mistake(
            "the first truncation, else the first termination",
            "you look for a truncation first, even if the episode has terminated before it: the "
            "first end of either kind ends the window.",
            _one_flag_first(truncation=True),
        ),
        Mistake(
            "the first termination, else the first truncation",
            "you look for a termination first, even if the episode was truncated before it: the "
            "first end of either kind ends the window.",
            _one_flag_first(truncation=False),
        ),
        Mistake(
            "the loop is left early",
            "the step that ends the episode does not count with you: you leave the loop before its "
            "reward is added.",
            _left_early(lambda te: te),
        ),
        Mistake(
            "the loop is left early, and bootstraps",
            "the step that ends the episode does not count with you: you leave the loop before its "
            "reward is added, and before its flag is looked at.",
            _left_early(lambda _te: False),
        ),
        Mistake(
            "gamma as the discount",
            "your discount is gamma, however many steps there are: how far away is the next state?",
            _changed(lambda g, d, k, _r, _te, _tr, gamma: (g, gamma if d else 0.0, k)),
        ),
        Mistake(
            "a mask as the discount",
            "your discount is only 1 or 0: how far away is the next state?",
            _changed(lambda g, d, k, *_window: (g, float(d != 0), k)),
        ),
        Mistake(
            "gamma times the steps",
            "your discount is a multiple of gamma: each step multiplies it by gamma again.",
            _changed(lambda g, d, k, _r, _te, _tr, gamma: (g, gamma * k if d else 0.0, k)),
        ),
        Mistake(
            "rewards discounted alike",
            "in your sum all but the first reward are discounted alike: the further away one is, "
            "the less it counts.",
            _changed(lambda _g, d, k, r, _te, _tr, gamma: (r[0] + gamma * sum(r[1:k]), d, k)),
        ),
        Mistake(
            "discounted from the wrong end",
            "in your sum the first reward is discounted most: it is the one that comes at once.",
            _changed(
                lambda _g, d, k, r, _te, _tr, gamma: (
                    right.discounted_return(r[:k][::-1], gamma),
                    d,
                    k,
                )
            ),
        ),
        Mistake(
            "a reward is looked up by its value",
            "`index` finds the first reward of that value, and rewards of a window may be equal.",
            _looked_up,
        ),
        Mistake(
            "the first reward is discounted",
            "your sum starts discounting one step early: the first reward counts in full.",
            _changed(lambda g, d, k, _r, _te, _tr, gamma: (gamma * g, d, k)),
        ),
        Mistake(
            "the last flag of the window",
            "your discount depends on the flags of the window's last step. To which episode does "
            "it belong?",
            _changed(lambda g, _d, k, _r, te, _tr, gamma: (g, 0.0 if te[-1] else gamma**k, k)),
        ),
        Mistake(
            "any flag of the window",
            "your discount is 0 wherever in the window an episode terminates, even if it is the "
            "next one.",
            _changed(lambda g, _d, k, _r, te, _tr, gamma: (g, 0.0 if any(te) else gamma**k, k)),
        ),
        Mistake(
            "results exchanged",
            "the sum and the discount have changed places.",
            _changed(lambda g, d, k, *_window: (d, g, k)),
        ),
    ),
)


# --- what students call ---------------------------------------------------------------------------

EXERCISES = (BOOTSTRAP_MASK, N_STEP_TRANSITION)


def bootstrap_mask(function: Any) -> None:
    """Check ``bootstrap_mask(terminated, truncated)``: 1 where the target bootstraps, else 0.

    NumPy arrays of bool, [B], as the mask is; it may be of numbers, too.

    Raises:
        Wrong: If the mask is not right, saying why.

    Chapter: `How episodes end`.

    >>> bootstrap_mask(lambda terminated, truncated: terminated)
    Traceback (most recent call last):
        ...
    dqn.checks.Wrong: ✗ bootstrap_mask: the mask is the wrong way round...
    """
    check(BOOTSTRAP_MASK, function)


def n_step_transition(function: Any) -> None:
    """Check ``n_step_transition(rewards, terminated, truncated, gamma)``.

    Three lists of the same length n >= 1, from consecutive steps of an environment; what comes
    after the first end belongs to another episode. It returns (discounted sum of rewards, discount
    of the next state's value, number of steps).

    Raises:
        Wrong: If one of the three is not right, saying why.

    Chapter: `How episodes end`.

    >>> n_step_transition(lambda rewards, terminated, truncated, gamma: sum(rewards))
    Traceback (most recent call last):
        ...
    dqn.checks.Wrong: ✗ n_step_transition: your function returned a float; it should return 3...
    """
    check(N_STEP_TRANSITION, function)
