"""Checkers of the chapter `The bug gallery`."""

from collections.abc import Callable
from typing import Any

import numpy as np

from dqn.checks import _references as right
from dqn.checks._calling import returned_array, returned_number
from dqn.checks._machinery import Case, Exercise, Mistake, check

CHAPTER = "The bug gallery"


# --- chi_square -----------------------------------------------------------------------------------


def _counted(title: str, counts: list[int], probabilities: list[float]) -> Case:
    return Case(title, (np.array(counts), np.array(probabilities)))


CHI_SQUARE = Exercise(
    name="chi_square",
    chapter=CHAPTER,
    arguments=("counts", "probabilities"),
    reference=right.chi_square,
    observe=returned_number,
    cases=(
        _counted("counts exactly as expected", [5, 5], [0.5, 0.5]),
        _counted("a coin that prefers heads", [6, 4], [0.5, 0.5]),
        _counted("expected counts that are not whole", [7, 3], [0.75, 0.25]),
        _counted("three slots, one of them never drawn", [30, 10, 0], [0.5, 0.25, 0.25]),
        _counted("five slots", [9, 21, 105, 28, 37], [0.05, 0.1, 0.5, 0.15, 0.2]),
    ),
    mistakes=(
        Mistake(
            "probabilities for counts",
            "you compare the counts with the probabilities themselves: how many of *all* draws "
            "should have gone to each slot?",
            lambda c, p: ((c - p) ** 2 / p).sum(),
        ),
        Mistake(
            "the number of slots for that of draws",
            "your n is the number of slots: how many draws were there?",
            lambda c, p: ((c - len(c) * p) ** 2 / (len(c) * p)).sum(),
        ),
        Mistake(
            "shares for counts",
            "you compare shares and not counts, so the result does not grow with the number of "
            "draws: a thousand draws would be no better evidence than ten.",
            lambda c, p: ((c / c.sum() - p) ** 2 / p).sum(),
        ),
        Mistake(
            "divided by what was counted",
            "you divide by the count that was observed, which may be zero, where the expected one "
            "belongs.",
            lambda c, p: ((c - c.sum() * p) ** 2 / c).sum(),
        ),
        Mistake(
            "divided by what was counted, where it was",
            "you divide by the count that was observed, which may be zero, where the expected one "
            "belongs.",
            lambda c, p: ((c - c.sum() * p) ** 2 / np.where(c == 0, np.inf, c)).sum(),
        ),
        Mistake(
            "rounded",
            "you round the expected counts: they need not be whole.",
            lambda c, p: ((c - np.round(c.sum() * p)) ** 2 / np.round(c.sum() * p)).sum(),
        ),
        Mistake(
            "rounded down",
            "you cut the expected counts down to whole numbers: they need not be whole.",
            lambda c, p: ((c - np.floor(c.sum() * p)) ** 2 / np.floor(c.sum() * p)).sum(),
        ),
        Mistake(
            "the expected count squared, too",
            "you square the whole fraction: the expected count is divided by as it is.",
            lambda c, p: ((c / (c.sum() * p) - 1) ** 2).sum(),
        ),
        Mistake(
            "a product that is not in the denominator",
            "`/ n * p` divides by n and then multiplies by p: brackets are missing.",
            lambda c, p: ((c - c.sum() * p) ** 2 / c.sum() * p).sum(),
        ),
        Mistake(
            "divided by a count's variance",
            "you divide by n P (1 - P), the variance of a count: the equation has no 1 - P.",
            lambda c, p: ((c - c.sum() * p) ** 2 / (c.sum() * p * (1 - p))).sum(),
        ),
        Mistake(
            "all slots alike",
            "you expect all slots to be drawn equally often: look at `probabilities`.",
            lambda c, _p: ((c - c.mean()) ** 2 / c.mean()).sum(),
        ),
        Mistake(
            "the first slot only",
            "only the first slot counts: is there a `return` in the first turn of your loop?",
            lambda c, p: ((c - c.sum() * p) ** 2 / (c.sum() * p))[0],
        ),
        Mistake(
            "the last slot only",
            "only the last slot counts: does your loop add up?",
            lambda c, p: ((c - c.sum() * p) ** 2 / (c.sum() * p))[-1],
        ),
        Mistake(
            "over the degrees of freedom",
            "you divide by the number of slots less one. The statistic is about as large as that, "
            "so what you return is about 1: leave it out.",
            lambda c, p: ((c - c.sum() * p) ** 2 / (c.sum() * p)).sum() / (len(c) - 1),
        ),
        Mistake(
            "not divided",
            "you do not divide by the expected count: a difference of ten would be as surprising "
            "among ten draws as among ten thousand.",
            lambda c, p: ((c - c.sum() * p) ** 2).sum(),
        ),
        Mistake(
            "not squared",
            "you do not square the differences: with their signs they cancel out.",
            lambda c, p: ((c - c.sum() * p) / (c.sum() * p)).sum(),
        ),
        Mistake(
            "absolute differences",
            "you take absolute differences where their squares are wanted.",
            lambda c, p: (abs(c - c.sum() * p) / (c.sum() * p)).sum(),
        ),
        Mistake(
            "all divided by all draws",
            "you divide by the number of all draws instead of each slot's own expected count.",
            lambda c, p: ((c - c.sum() * p) ** 2).sum() / c.sum(),
        ),
        Mistake(
            "the mean over slots",
            "you return a mean over the slots; the sum is wanted.",
            lambda c, p: ((c - c.sum() * p) ** 2 / (c.sum() * p)).mean(),
        ),
        Mistake(
            "slots that were never drawn left out",
            "you leave out slots that were never drawn. Those are the ones to be found.",
            lambda c, p: ((c - c.sum() * p) ** 2 / (c.sum() * p))[c > 0].sum(),
        ),
    ),
)


# --- known_answers --------------------------------------------------------------------------------


def _solve(
    *,
    mask: Callable[[Any], Any] = lambda terminated: ~terminated,
    pick: Callable[[Any], Any] = lambda q: q.max(axis=1),
    discount: Callable[[float], float] = lambda gamma: gamma,
    sweeps: int = 200,
    own: bool = False,
) -> Callable[..., Any]:
    """Known answers that are wrong in one respect."""

    def solve(reward: Any, next_state: Any, terminated: Any, gamma: float) -> Any:
        q = np.zeros(reward.shape)
        for _ in range(sweeps):
            values = pick(q)
            following = np.broadcast_to(values[:, None], q.shape) if own else values[next_state]
            q = reward + discount(gamma) * mask(terminated) * following
        return q

    return solve


def _read_while_written(reward: Any, next_state: Any, terminated: Any, gamma: float) -> Any:
    q = np.zeros(reward.shape)
    for _ in range(200):
        for s, a in np.ndindex(*reward.shape):
            q[s, a] = reward[s, a]
            if not terminated[s, a]:
                q[s, a] += gamma * q[next_state[s, a]].max()
    return q


def _over_the_wrong_axis(reward: Any, next_state: Any, terminated: Any, gamma: float) -> Any:
    q = np.zeros(reward.shape)
    for _ in range(200):
        q = reward + gamma * ~terminated * q[next_state].max(axis=1)
    return q


def _while_something_grows(reward: Any, next_state: Any, terminated: Any, gamma: float) -> Any:
    q, grown = np.zeros(reward.shape), np.inf
    while grown > 1e-8:
        new = reward + gamma * ~terminated * q.max(axis=1)[next_state]
        q, grown = new, (new - q).max()
    return q


def _written_in_place(
    reward: Any, next_state: Any, terminated: Any, gamma: float, *, sweeps: int
) -> Any:
    q = np.zeros(reward.shape)
    for _ in range(sweeps):
        for s, a in np.ndindex(*reward.shape):
            q[s, a] = reward[s, a] + gamma * (not terminated[s, a]) * q[next_state[s, a]].max()
    return q


def _while_the_best_actions_change(
    reward: Any, next_state: Any, terminated: Any, gamma: float
) -> Any:
    q, changed = np.zeros(reward.shape), True
    while changed:
        new = reward + gamma * ~terminated * q.max(axis=1)[next_state]
        q, changed = new, bool((new.argmax(axis=1) != q.argmax(axis=1)).any())
    return q


def _by_reward(reward: Any, next_state: Any, terminated: Any, gamma: float) -> Any:
    q, states = np.zeros(reward.shape), np.arange(len(reward))
    for _ in range(200):
        values = q[states, reward.argmax(axis=1)]
        q = reward + gamma * ~terminated * values[next_state]
    return q


def _in_the_rewards_type(reward: Any, next_state: Any, terminated: Any, gamma: float) -> Any:
    q = np.zeros_like(reward)
    for _ in range(200):
        q[:] = reward + gamma * ~terminated * q.max(axis=1)[next_state]
    return q


def _table(
    title: str, gamma: float, *rows: list[tuple[float, int, int]], dtype: Any = np.float64
) -> Case:
    reward, next_state, terminated = (
        np.array([[step[k] for step in row] for row in rows]) for k in range(3)
    )
    return Case(
        title,
        (reward.astype(dtype), next_state.astype(np.int64), terminated.astype(bool), gamma),
    )


KNOWN_ANSWERS = Exercise(
    name="known_answers",
    chapter=CHAPTER,
    arguments=("reward", "next_state", "terminated", "gamma"),
    reference=right.known_answers,
    observe=returned_array,
    tolerance=1e-3,
    cases=(
        _table("one state, the episode ends at once", 0.5, [(1, 0, 1), (0, 0, 1)]),
        _table("one state that leads to itself", 0.5, [(1, 0, 0), (0, 0, 1)]),
        _table(
            "the end is the first state's neighbour",
            0.5,
            [(0, 1, 1), (0, 1, 0)],
            [(4, 0, 1), (-4, 0, 1)],
        ),
        _table(
            "four states in a row, three actions",
            0.8,
            [(0, 1, 0), (0.25, 0, 1), (-1, 0, 0)],
            [(0, 2, 0), (0, 0, 0), (0, 1, 0)],
            [(0, 1, 0), (0, 3, 0), (-1, 3, 1)],
            [(1, 3, 1), (0, 2, 0), (0.5, 0, 0)],
        ),
        _table("one state where everything costs", 0.5, [(-1, 0, 0), (-2, 0, 0)]),
        _table(
            "one state where everything costs, and one where everything pays",
            0.5,
            [(-1, 0, 0), (-2, 0, 0)],
            [(1, 1, 0), (2, 1, 0)],
        ),
        _table(
            "two states that lead to each other",
            0.9,
            [(1, 1, 0), (0, 1, 1)],
            [(0, 0, 0), (0.5, 0, 1)],
        ),
        _table(
            "rewards that are whole numbers",
            0.5,
            [(1, 1, 0), (0, 0, 1)],
            [(1, 0, 1), (0, 0, 0)],
            dtype=np.int64,
        ),
    ),
    mistakes=(
        Mistake(
            "no mask",
            "your values go on past a terminal state: nothing follows it.",
            _solve(mask=lambda terminated: np.ones(terminated.shape)),
        ),
        Mistake(
            "the mask reversed",
            "your mask is the wrong way round: you bootstrap exactly where the episode ended.",
            _solve(mask=lambda terminated: terminated),
        ),
        Mistake(
            "nothing bootstrapped",
            "your values are the rewards alone, which is all that the first of many sweeps can "
            "see: is there a loop, and does `return` stand behind it?",
            _solve(sweeps=1),
        ),
        Mistake(
            "nothing below zero",
            "your best value is never below 0: where everything costs, even the best does.",
            _solve(pick=lambda q: q.max(axis=1).clip(0)),
        ),
        Mistake(
            "the reward masked, too",
            "you leave out the reward of a last step: only what would follow it is left out.",
            lambda reward, next_state, terminated, gamma: right.known_answers(
                np.where(terminated, 0.0, reward), next_state, terminated, gamma
            ),
        ),
        *(
            Mistake(
                f"{sweeps} sweeps",
                f"{sweeps} sweeps are not enough where rewards go round: sweep until nothing "
                "changes.",
                _solve(sweeps=sweeps),
            )
            for sweeps in (10, 20, 50)
        ),
        Mistake(
            "as many sweeps as states",
            "as many sweeps as there are states are not enough where rewards go round: sweep until "
            "nothing changes.",
            lambda reward, *rest: _solve(sweeps=len(reward))(reward, *rest),
        ),
        Mistake(
            "as many sweeps as pairs",
            "as many sweeps as there are values are not enough where rewards go round: sweep until "
            "nothing changes.",
            lambda reward, *rest: _solve(sweeps=reward.size)(reward, *rest),
        ),
        Mistake(
            "two sweeps",
            "two sweeps carry a reward back by one step only: sweep until nothing changes.",
            _solve(sweeps=2),
        ),
        *(
            Mistake(
                f"no discount, {sweeps} sweeps",
                "you do not discount the next state's value.",
                _solve(discount=lambda _gamma: 1.0, sweeps=sweeps),
            )
            for sweeps in (100, 300, 1000)
        ),
        Mistake(
            "an entry is read while it is written",
            "you store the reward first and then read the table to add to it: a state that leads "
            "to itself has lost its value by then.",
            _read_while_written,
        ),
        Mistake(
            "sweeps while something grows",
            "you stop when no value grows any more: where everything costs they fall, and have "
            "not settled yet.",
            _while_something_grows,
        ),
        Mistake(
            "the maximum over the wrong actions",
            "`q[next_state]` has three axes, and you take the maximum over the second, the actions "
            "that lead to the next states.",
            _over_the_wrong_axis,
        ),
        Mistake(
            "a table of whole numbers",
            "where the rewards are whole numbers, so are your values: a table made like theirs "
            "keeps their type.",
            _in_the_rewards_type,
        ),
        Mistake(
            "a value for each state",
            "you return one number for each state, what its best action is worth: the values of "
            "all its actions are asked for, shape [S, A].",
            lambda *arguments: right.known_answers(*arguments).max(axis=1),
        ),
        Mistake(
            "states that have ended",
            "you ask whether the next state ends whatever is done there; `terminated[s, a]` tells "
            "it of the step that leads to it.",
            lambda reward, next_state, terminated, gamma: right.known_answers(
                reward, next_state, terminated.all(axis=1)[next_state], gamma
            ),
        ),
        Mistake(
            "the mean of the next values",
            "you take the mean over the next state's actions: the best policy takes the best one.",
            _solve(pick=lambda q: q.mean(axis=1)),
        ),
        Mistake(
            "the smallest of the next values",
            "you take the smallest of the next state's values.",
            _solve(pick=lambda q: q.min(axis=1)),
        ),
        Mistake(
            "the first of the next values",
            "you take the value of action 0 in the next state, whatever the others are worth.",
            _solve(pick=lambda q: q[:, 0]),
        ),
        Mistake(
            "the state's own value",
            "you bootstrap from the state itself and not from the one it leads to.",
            _solve(own=True),
        ),
        Mistake(
            "the reward discounted, too",
            "you discount the reward as well: it comes at once, and only what follows is later.",
            lambda reward, *rest: rest[-1] * right.known_answers(reward, *rest),
        ),
        Mistake(
            "stops after a sweep of its own",
            "you stop after a single sweep through a table that is read and written at once. Is "
            "what you compare it with a copy, or the same table by another name?",
            lambda *arguments: _written_in_place(*arguments, sweeps=1),
        ),
        Mistake(
            "stops when the best actions stay",
            "you stop as soon as the best actions no longer change: their values still do.",
            _while_the_best_actions_change,
        ),
        Mistake(
            "the largest reward is the best action",
            "in the next state you take the action with the largest reward; the best one may pay "
            "later.",
            _by_reward,
        ),
        Mistake(
            "discounted twice",
            "you discount twice: the next state is one step away.",
            _solve(discount=lambda gamma: gamma**2),
        ),
    ),
)


# --- what students call ---------------------------------------------------------------------------

EXERCISES = (CHI_SQUARE, KNOWN_ANSWERS)


def chi_square(function: Any) -> None:
    """Check ``chi_square(counts, probabilities)``: Pearson's statistic, a number.

    How often each slot was drawn, ``[N]`` whole numbers, and how likely each is, ``[N]``.

    Raises:
        Wrong: If the number is not right, saying why.

    Chapter: `The bug gallery`.

    >>> chi_square(lambda counts, probabilities: ((counts - probabilities) ** 2).sum())
    Traceback (most recent call last):
        ...
    dqn.checks.Wrong: ✗ chi_square: ...
    """
    check(CHI_SQUARE, function)


def known_answers(function: Any) -> None:
    """Check ``known_answers(reward, next_state, terminated, gamma)``: action values, ``[S, A]``.

    Three arrays ``[S, A]``: the reward of an action, the state it leads to and whether the episode
    terminates there.

    Raises:
        Wrong: If the values are not those of the best policy, saying why.

    Chapter: `The bug gallery`.

    >>> known_answers(lambda reward, next_state, terminated, gamma: reward)
    Traceback (most recent call last):
        ...
    dqn.checks.Wrong: ✗ known_answers: your values are the rewards alone, which is all that the...
    """
    check(KNOWN_ANSWERS, function)
