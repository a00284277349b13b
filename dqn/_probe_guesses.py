"""What an agent's wrong answers to a probe look like: one mistake in a Bellman equation, or more.

Used by :mod:`dqn.probes`. Chapter: `The bug gallery`.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dqn.probe_tasks import Floats, Task, solve

GAMMA = 0.8
"""The discount at which all probes can tell right from wrong."""

CLOSE = 0.05
"""Two action values closer than this do not decide what an agent should do."""


class Answers(NamedTuple):
    """What an agent said to one probe of S states and A actions."""

    values: Floats | None
    """Action values ``[S, A]``, NaN for states not asked about."""
    actions: NDArray[np.int64]
    """Action most often given, ``[S]``."""


Evidence = tuple[Task, Answers]
Table = Callable[[Task], Floats]


def _mistakes(gamma: float, one_reward: float | None = None) -> list[tuple[str, Table]]:
    """Say in words what may be wrong, and give for each the action values that it would lead to.

    Most are Bellman equations with one thing wrong. What rewards are multiplied by or clipped to
    can be any number: it is read off the first probe, in which ``one_reward`` should be 1.
    """

    def bellman(**change: Any) -> Table:
        return lambda task: solve(task, **({"gamma": gamma} | change))

    mistakes = [
        (
            "nothing is bootstrapped: the value of the next state never enters",
            bellman(gamma=0.0),
        ),
        ("nothing is discounted, gamma is 1", bellman(gamma=1.0)),
        ("the discount is applied twice", bellman(gamma=gamma**2)),
        ("bootstrapping goes on past a terminal state", bellman(mask=lambda _outcome: True)),
        (
            "a truncation counts as a terminal state",
            bellman(mask=lambda outcome: not (outcome.terminated or outcome.truncated)),
        ),
        (
            "bootstrapping goes on where both flags are set",
            bellman(mask=lambda outcome: outcome.truncated or not outcome.terminated),
        ),
        (
            "`truncated` is used where `terminated` counts",
            bellman(mask=lambda outcome: not outcome.truncated),
        ),
        ("the target takes the mean of the next action values", bellman(backup=np.mean)),
        ("the target takes the smallest of the next action values", bellman(backup=np.min)),
        (
            "the next observation of an episode's last step is the first one of the next episode, "
            "or a window of several steps reaches into it",
            bellman(after_reset=True),
        ),
        ("the next observation is the one that was acted on", bellman(itself=True)),
        (
            "actions are numbered in another order where they are asked for",
            lambda task: solve(task, gamma)[:, ::-1],
        ),
        ("the sign of the error, or of the rewards, is reversed", lambda t: -solve(t, gamma)),
        (
            "nothing is learned at all, or rewards have their mean taken off",
            lambda task: np.zeros_like(solve(task, gamma)),
        ),
    ]
    if one_reward is not None and 0.02 < one_reward < 10 and abs(one_reward - 1) > CLOSE:
        size = one_reward
        words = f"every reward counts {size:.2f} times"
        if gamma < 1 and abs(size - gamma) < 0.03:
            words += ", as if it were discounted, too"
        mistakes.append((words, lambda task: size * solve(task, gamma)))
        if size < 1:
            clipped = bellman(reward=lambda reward: float(np.clip(reward, -size, size)))
            mistakes.append((f"rewards are clipped at {size:.2f}", clipped))
    return mistakes


def _tells(task: Task, table: Floats, right: Floats) -> bool:
    """Whether an agent that believes in this table would be found out by the task."""
    return bool(np.abs(table - right)[task.asked].max() > 1.1 * task.tolerance)


def cannot_tell(task: Task, gamma: float) -> str:
    """A mistake that this task finds at the default discount, and not at this one."""
    if gamma == GAMMA:
        return ""
    here, usual = (
        [words for words, table in _mistakes(g) if _tells(task, table(task), solve(task, g))]
        for g in (gamma, GAMMA)
    )
    return " or ".join(words for words in usual if words not in here)


def fits(task: Task, answers: Answers, table: Floats) -> bool:
    """Whether these could be the answers of an agent that believes in this table."""
    asked = task.asked
    if answers.values is None:
        return all(answers.actions[s] == table[s].argmax() or gap(table[s]) <= CLOSE for s in asked)
    off = np.abs(answers.values[asked] - table[asked])
    return bool((off <= task.tolerance + 0.05 * np.abs(table[asked])).all())


def resembles(task: Task, answers: Answers, gamma: float, earlier: Sequence[Evidence]) -> list[str]:
    """Say of which mistakes these could be the answers, and those of the earlier probes, too."""
    asked = task.asked
    got = None if answers.values is None else answers.values[asked]
    if got is not None and not np.isfinite(got).all():
        return ["values have run off to infinity, or something was divided by zero"]
    right = solve(task, gamma)
    found = []
    for words, table in _mistakes(gamma, _one_reward([*earlier, (task, answers)])):
        here = table(task)
        if (
            _tells(task, here, right)
            and fits(task, answers, here)
            and (got is not None or any(gap(here[s]) > CLOSE for s in asked))
            and all(fits(probe, given, table(probe)) for probe, given in earlier)
        ):
            found.append(words)
    if got is None:
        return found
    right = right[asked]
    if not found and np.ptp(right) > 4 * task.tolerance and np.ptp(got) < 0.15 * np.ptp(right):
        found = ["all values are pulled to one number, as by a batch's mean"]
    if not found and np.abs(got).max() > 10 * max(np.abs(right).max(), 1):
        found = ["values are running off"]
    return found


def _one_reward(evidence: Sequence[Evidence]) -> float | None:
    """What the agent makes of the one reward of the first probe, which is 1."""
    for task, answers in evidence:
        if task.name == "constant" and answers.values is not None:
            return float(answers.values[task.asked].mean())
    return None


def gap(values: Floats) -> float:
    """By how much the best action value exceeds the second."""
    second, best = np.sort(values)[-2:]
    return float(best - second)
