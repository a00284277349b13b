"""Checkers of the chapters `Prioritized replay I: why` and `Prioritized replay II: how`.

The tree is in :mod:`dqn.checks.sum_tree`, the homework's own functions in
:mod:`dqn.checks.homework`.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from dqn.checks import _references as right
from dqn.checks._calling import Call, Complaint, Outcome, as_array, as_whole, returned_probabilities
from dqn.checks._machinery import Case, Exercise, Mistake, check

WHY = "Prioritized replay I: why"
HOW = "Prioritized replay II: how"

Array = NDArray[Any]


# --- greedy_index ---------------------------------------------------------------------------------


def _observe_index(call: Call, *arguments: Any) -> Outcome:
    return {"the index": as_whole(call(*arguments))}


def _larger_than(best: float, *, signed: bool = False) -> Callable[[Array], int | None]:
    """A search that begins with a ``best`` of its own, and may forget to take a size."""

    def search(errors: Array) -> int | None:
        largest, index = best, None
        for i, error in enumerate(errors):
            if abs(error) > largest:
                largest, index = error if signed else abs(error), i
        return index

    return search


GREEDY_INDEX = Exercise(
    name="greedy_index",
    chapter=WHY,
    arguments=("td_errors",),
    reference=right.greedy_index,
    observe=_observe_index,
    cases=(
        Case("a single transition", (np.array([-0.5]),)),
        Case("a single transition that has nothing to teach", (np.array([0.0]),)),
        Case("two errors, the larger one first", (np.array([2.0, 1.0]),)),
        Case("a large negative error", (np.array([1.0, -3.0, 2.0]),)),
        Case("every error is negative", (np.array([-1.0, -0.2, -4.0, -2.0]),)),
        Case("one error is 0", (np.array([0.3, 0.0, -0.1, 0.7, 0.2, -0.4]),)),
        Case("small errors, the largest last", (np.array([0.3, 0.2, -0.4, 0.1, 0.45]),)),
    ),
    mistakes=(
        Mistake(
            "the sign counts",
            "you looked for the largest error, sign included: a large negative error is just as "
            "much of a surprise.",
            lambda errors: int(errors.argmax()),
        ),
        Mistake(
            "the smallest error",
            "you took the transition with the smallest error: that is the one with the least to "
            "teach.",
            lambda errors: int(np.abs(errors).argmin()),
        ),
        Mistake(
            "the most negative",
            "you took the most negative error: a large positive one counts as much.",
            lambda errors: int(errors.argmin()),
        ),
        Mistake("always the first", "your index is always 0.", lambda _errors: 0),
        Mistake(
            "counted from 1",
            "your index is one too large: you count from 1.",
            lambda errors: int(np.abs(errors).argmax()) + 1,
        ),
        Mistake(
            "always the last",
            "your index is always the last one.",
            lambda errors: len(errors) - 1,
        ),
        Mistake(
            "larger than 0",
            "where every error is 0 you find none: your search begins with a size that they do not "
            "exceed.",
            _larger_than(0.0),
        ),
        *(
            Mistake(
                f"the largest so far keeps its sign, from {best:g}",
                "you compare sizes but keep the largest so far with its sign, so a negative one is "
                "soon outdone.",
                _larger_than(best, signed=True),
            )
            for best in (-1.0, -np.inf)
        ),
        Mistake(
            "negative ones if there is no other",
            "you look at negative errors only where none is positive: size is all that counts.",
            lambda errors: int(errors.argmax() if errors.max() > 0 else errors.argmin()),
        ),
        Mistake(
            "a whole ranking",
            "your function returned an array; a single index is wanted.",
            lambda errors: np.argsort(-np.abs(errors)),
        ),
    ),
)


# --- proportional_probabilities -------------------------------------------------------------------


def _normalized(powers: Array) -> Array:
    result: Array = powers / powers.sum()
    return result


_RANKS = (
    "your priorities are ranks; the proportional variant is asked for, where the size of an error "
    "counts."
)


def _by_rank(errors: Array, alpha: float, epsilon: float, *, once: bool = False) -> Array:
    order = (-np.abs(errors)).argsort()
    ranks = 1.0 + (order if once else order.argsort())
    return _normalized((1 / ranks + epsilon) ** alpha)


PROPORTIONAL_PROBABILITIES = Exercise(
    name="proportional_probabilities",
    chapter=WHY,
    arguments=("td_errors", "alpha", "epsilon"),
    reference=right.proportional_probabilities,
    observe=returned_probabilities,
    cases=(
        Case("a single transition", (np.array([2.0]), 0.6, 0.01)),
        Case("alpha = 1, epsilon = 0", (np.array([1.0, 3.0]), 1.0, 0.0)),
        Case("alpha = 0: all alike", (np.array([1.0, 3.0, 0.5]), 0.0, 0.1)),
        Case("a negative error", (np.array([1.0, -2.0, 0.5]), 1.0, 0.1)),
        Case("an error of 0", (np.array([0.0, 4.0, 1.0]), 0.5, 0.5)),
        Case("six transitions", (np.array([0.1, -5.0, 2.0, 0.0, -0.3, 7.0]), 0.7, 0.2)),
    ),
    mistakes=(
        Mistake(
            "the sign counts",
            "a negative error gets less than a positive one of the same size: both surprise alike.",
            lambda errors, alpha, epsilon: _normalized((errors.clip(0) + epsilon) ** alpha),
        ),
        Mistake(
            "negative errors break it",
            "a negative error makes a negative probability, or none at all: both signs surprise "
            "alike.",
            lambda errors, alpha, epsilon: _normalized((errors + epsilon) ** alpha),
        ),
        Mistake(
            "the sign is dropped too late",
            "the sign is dropped after epsilon is added, so a negative error loses what a positive "
            "one gains.",
            lambda errors, alpha, epsilon: _normalized(np.abs(errors + epsilon) ** alpha),
        ),
        Mistake(
            "by rank",
            _RANKS,
            lambda errors, alpha, _epsilon: _by_rank(errors, alpha, 0.0),
        ),
        Mistake(
            "by rank, with epsilon",
            _RANKS,
            lambda errors, alpha, epsilon: _by_rank(errors, alpha, epsilon),
        ),
        Mistake(
            "by rank, sorted once",
            _RANKS,
            lambda errors, alpha, _epsilon: _by_rank(errors, alpha, 0.0, once=True),
        ),
        Mistake(
            "alpha has no effect",
            "alpha has no effect on your probabilities.",
            lambda errors, _alpha, epsilon: _normalized(np.abs(errors) + epsilon),
        ),
        Mistake(
            "epsilon is missing",
            "epsilon has no effect, so a transition whose error is 0 would never be drawn again.",
            lambda errors, alpha, _epsilon: _normalized(np.abs(errors) ** alpha),
        ),
        Mistake(
            "the larger of error and epsilon",
            "you take the larger of error and epsilon; every error gets epsilon on top.",
            lambda errors, alpha, epsilon: _normalized(
                np.maximum(np.abs(errors), epsilon) ** alpha
            ),
        ),
        Mistake(
            "epsilon after the power",
            "epsilon is added after the power; it belongs to the priority, before it.",
            lambda errors, alpha, epsilon: _normalized(np.abs(errors) ** alpha + epsilon),
        ),
        Mistake(
            "only epsilon is raised",
            "only epsilon is raised to the power of alpha: `**` comes before `+`, so brackets are "
            "missing.",
            lambda errors, alpha, epsilon: _normalized(np.abs(errors) + epsilon**alpha),
        ),
        Mistake(
            "epsilon on the probabilities",
            "epsilon is added to probabilities; it belongs to the priority, before the power.",
            lambda errors, alpha, epsilon: _normalized(
                _normalized(np.abs(errors) ** alpha) + epsilon
            ),
        ),
        Mistake(
            "epsilon on the shares",
            "epsilon is added to what has been divided by the sum already: it belongs to the error "
            "as it is.",
            lambda errors, alpha, epsilon: _normalized(
                (_normalized(np.abs(errors)) + epsilon) ** alpha
            ),
        ),
        Mistake(
            "epsilon instead of 0",
            "only errors of 0 get epsilon; every error gets it on top.",
            lambda errors, alpha, epsilon: _normalized(
                np.where(errors == 0, epsilon, np.abs(errors)) ** alpha
            ),
        ),
        Mistake(
            "cut off at 1",
            "errors above 1 all count alike: they are cut off, which the equation does not do.",
            lambda errors, alpha, epsilon: _normalized(
                np.minimum(np.abs(errors) + epsilon, 1.0) ** alpha
            ),
        ),
        Mistake(
            "squared errors",
            "your priorities are squared errors: then alpha counts twice.",
            lambda errors, alpha, epsilon: _normalized((errors**2 + epsilon) ** alpha),
        ),
        Mistake(
            "not normalized",
            "your probabilities do not add up to one.",
            lambda errors, alpha, epsilon: (np.abs(errors) + epsilon) ** alpha,
        ),
        Mistake(
            "normalized by the largest",
            "you divided by the largest priority: then they do not add up to one.",
            lambda errors, alpha, epsilon: (
                ((np.abs(errors) + epsilon) ** alpha) / ((np.abs(errors) + epsilon) ** alpha).max()
            ),
        ),
        Mistake(
            "normalized before the power",
            "you normalized before taking the power: afterwards they no longer add up to one.",
            lambda errors, alpha, epsilon: _normalized(np.abs(errors) + epsilon) ** alpha,
        ),
        Mistake(
            "a softmax",
            "you took a softmax: probabilities should be proportional to a power of the priority.",
            lambda errors, alpha, epsilon: right.softmax(alpha * (np.abs(errors) + epsilon), 1.0),
        ),
        Mistake(
            "alpha as a factor",
            "alpha multiplies your priorities, and the normalization removes it again; it is a "
            "power.",
            lambda errors, alpha, epsilon: _normalized(alpha * (np.abs(errors) + epsilon)),
        ),
        Mistake(
            "1/alpha",
            "your power is the inverse of alpha: a larger alpha should prioritize more.",
            lambda errors, alpha, epsilon: _normalized(
                (np.abs(errors) + epsilon) ** (1 / alpha if alpha else 0.0)
            ),
        ),
    ),
)


# --- importance_weights ---------------------------------------------------------------------------


def numpy_array(value: Any) -> Array:
    """Return ``value``, an array of NumPy.

    Raises:
        Complaint: If it is something else.
    """
    if isinstance(value, torch.Tensor):
        raise Complaint(
            "your function returned a tensor. What comes next takes a NumPy array, which "
            "`.numpy()` makes of it."
        )
    return as_array(value)


def _observe_weights(call: Call, *arguments: Any) -> Outcome:
    return {"the result": numpy_array(call(*arguments))}


def _at_most_one(weights: Array) -> Array:
    result: Array = weights / weights.max()
    return result


IMPORTANCE_WEIGHTS = Exercise(
    name="importance_weights",
    chapter=HOW,
    arguments=("probabilities", "size", "beta"),
    reference=right.importance_weights,
    observe=_observe_weights,
    cases=(
        Case("a single transition", (np.array([0.3]), 5, 0.5)),
        Case("beta = 0: no correction", (np.array([0.5, 0.1]), 4, 0.0)),
        Case("beta = 1: the full correction", (np.array([0.5, 0.1]), 4, 1.0)),
        Case("beta = 0.4", (np.array([0.2, 0.4, 0.05]), 6, 0.4)),
        Case("five of a hundred", (np.array([0.02, 0.001, 0.3, 0.01, 0.02]), 100, 0.7)),
    ),
    mistakes=(
        Mistake(
            "not normalized",
            "the largest of your weights is not 1: divide by it, so that weights only ever scale "
            "a step down.",
            lambda p, size, beta: (size * p) ** -beta,
        ),
        Mistake(
            "not normalized, and without the size",
            "the largest of your weights is not 1: divide by it, so that weights only ever scale "
            "a step down.",
            lambda p, _size, beta: p**-beta,
        ),
        Mistake(
            "the wrong way round",
            "the transitions that are drawn most get the largest weights: it is the other way "
            "round.",
            lambda p, size, beta: _at_most_one((size * p) ** beta),
        ),
        Mistake(
            "beta has no effect",
            "beta has no effect on your weights.",
            lambda p, _size, _beta: _at_most_one(1 / p),
        ),
        Mistake(
            "1 - beta",
            "beta is the wrong way round: at beta = 1 the correction is complete, at 0 there is "
            "none.",
            lambda p, _size, beta: _at_most_one(p ** (beta - 1)),
        ),
        Mistake(
            "they add up to one",
            "your weights add up to one: divide by the largest instead.",
            lambda p, _size, beta: _normalized(p**-beta),
        ),
        Mistake(
            "their mean is one",
            "the mean of your weights is one: divide by the largest instead.",
            lambda p, _size, beta: p**-beta / (p**-beta).mean(),
        ),
        Mistake(
            "normalized by the smallest",
            "you divided by the smallest weight: then none is below 1, and steps are scaled up.",
            lambda p, _size, beta: p**-beta / (p**-beta).min(),
        ),
        Mistake(
            "divided by the largest before the power",
            "what you divide by has not been raised to beta: then the largest of your weights is "
            "not 1.",
            lambda p, size, beta: (size * p) ** -beta / (1 / (size * p)).max(),
        ),
        Mistake(
            "cut off at 1",
            "you cut your weights off at 1: they have to be divided by the largest, all of them.",
            lambda p, size, beta: ((size * p) ** -beta).clip(max=1.0),
        ),
        Mistake(
            "divided by the first",
            "you divide by the first weight of the batch, which need not be the largest.",
            lambda p, _size, beta: p**-beta / p[0] ** -beta,
        ),
        Mistake(
            "beta as a factor",
            "beta multiplies; it is a power.",
            lambda p, _size, beta: beta * _at_most_one(1 / p),
        ),
        Mistake(
            "all ones",
            "your weights are all 1, whatever beta is.",
            lambda p, _size, _beta: np.ones(p.shape),
        ),
    ),
)


# --- what students call ---------------------------------------------------------------------------

EXERCISES = (GREEDY_INDEX, PROPORTIONAL_PROBABILITIES, IMPORTANCE_WEIGHTS)


def greedy_index(function: Any) -> None:
    """Check ``greedy_index(td_errors) -> int``: which transition surprises most.

    ``td_errors`` is a NumPy array [N] of either sign.

    Raises:
        Wrong: If another transition is chosen, saying why.

    Chapter: `Prioritized replay I: why`.

    >>> greedy_index(lambda td_errors: int(td_errors.argmax()))
    Traceback (most recent call last):
        ...
    dqn.checks.Wrong: ✗ greedy_index: you looked for the largest error, sign included...
    """
    check(GREEDY_INDEX, function)


def proportional_probabilities(function: Any) -> None:
    """Check ``proportional_probabilities(td_errors, alpha, epsilon)``.

    ``td_errors`` is a NumPy array [N] of either sign; the result [N] adds up to one.

    Raises:
        Wrong: If a probability is not right, saying why.

    Chapter: `Prioritized replay I: why`.

    >>> proportional_probabilities(lambda td_errors, alpha, epsilon: abs(td_errors) ** alpha)
    Traceback (most recent call last):
        ...
    dqn.checks.Wrong: ✗ proportional_probabilities: your probabilities add up to 1.516, not to...
    """
    check(PROPORTIONAL_PROBABILITIES, function)


def importance_weights(function: Any) -> None:
    """Check ``importance_weights(probabilities, size, beta)``.

    ``probabilities`` is a NumPy array [B], those of the drawn transitions among ``size``; the
    result [B] is scaled so that its largest entry is 1.

    Raises:
        Wrong: If a weight is not right, saying why.

    Chapter: `Prioritized replay II: how`.

    >>> importance_weights(lambda probabilities, size, beta: (size * probabilities) ** beta)
    Traceback (most recent call last):
        ...
    dqn.checks.Wrong: ✗ importance_weights: the result of the case below is not right...
    """
    check(IMPORTANCE_WEIGHTS, function)
