"""Checkers of the chapter `Prioritized replay III: does it help?`."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dqn.checks import _references as right
from dqn.checks._calling import returned_number
from dqn.checks._machinery import Case, Exercise, Mistake, check

CHAPTER = "Prioritized replay III: does it help?"
Array = NDArray[Any]


# --- misplaced_share ------------------------------------------------------------------------------


def _normalized(values: Array) -> Array:
    result: Array = values / values.sum()
    return result


def _dice(noted: Array, current: Array, alpha: float) -> Array:
    """By how much each probability is too high."""
    return _normalized(noted**alpha) - _normalized(current**alpha)


def _case(title: str, noted: list[float], current: list[float], alpha: float) -> Case:
    return Case(title, (np.array(noted, float), np.array(current, float), alpha))


MISPLACED_SHARE = Exercise(
    name="misplaced_share",
    chapter=CHAPTER,
    arguments=("noted", "current", "alpha"),
    reference=right.misplaced_share,
    observe=returned_number,
    cases=(
        _case("a single transition, whose share cannot be wrong", [3], [1], 0.6),
        _case("two transitions have changed places", [1, 3], [3, 1], 1.0),
        _case("every error has doubled: the dice stay the same", [1, 2, 4], [2, 4, 8], 1.0),
        _case("one note in three is stale", [9, 1, 1], [1, 1, 1], 0.5),
        _case("every error has grown, not all alike", [1, 3], [4, 6], 1.0),
        _case("alpha = 0, where errors do not count", [1, 2, 4], [9, 1, 1], 0.0),
        _case("five notes", [0.1, 4, 2, 1, 0.3], [0.4, 1, 2, 0.2, 0.3], 0.7),
    ),
    mistakes=(
        Mistake(
            "counted twice",
            "your share is twice as large: what one transition has too much others lack, and you "
            "count both.",
            lambda noted, current, alpha: np.abs(_dice(noted, current, alpha)).sum(),
        ),
        Mistake(
            "alpha has no effect",
            "alpha has no effect on your share.",
            lambda noted, current, _alpha: np.abs(_dice(noted, current, 1.0)).sum() / 2,
        ),
        Mistake(
            "priorities, not probabilities",
            "you compare priorities. They have to become probabilities first: if all errors "
            "double, the dice stay the same.",
            lambda noted, current, alpha: np.abs(noted**alpha - current**alpha).sum() / 2,
        ),
        Mistake(
            "divided by the wrong sum",
            "what you compare does not add up to one: divide after raising to alpha, not before.",
            lambda noted, current, alpha: (
                np.abs(_normalized(noted) ** alpha - _normalized(current) ** alpha).sum() / 2
            ),
        ),
        Mistake(
            "too much and too little cancel",
            "too much here and too little there cancel in your sum, so it is always 0.",
            lambda noted, current, alpha: _dice(noted, current, alpha).sum() / 2,
        ),
        Mistake(
            "the worst transition only",
            "you look at one transition only, the one with the largest difference.",
            lambda noted, current, alpha: np.abs(_dice(noted, current, alpha)).max(),
        ),
        Mistake(
            "all draws of what is drawn too often",
            "you count all draws of transitions that are drawn too often; some of them are where "
            "they should be.",
            lambda noted, current, alpha: _normalized(noted**alpha)[
                _dice(noted, current, alpha) > 0
            ].sum(),
        ),
        Mistake(
            "which priorities have fallen",
            "you look for what is drawn too often where *priorities* have fallen. If all have "
            "grown, none has, and some are drawn too often all the same: compare probabilities.",
            lambda noted, current, alpha: _dice(noted, current, alpha)[noted > current].sum(),
        ),
        Mistake(
            "the divergence of Kullback and Leibler",
            "you take logarithms: this is a divergence, which can be larger than one. A share of "
            "draws is asked for.",
            lambda noted, current, alpha: (
                _normalized(noted**alpha)
                * np.log(_normalized(noted**alpha) / _normalized(current**alpha))
            ).sum(),
        ),
        Mistake(
            "divided by the largest",
            "you divide by the largest priority: then what you compare does not add up to one.",
            lambda noted, current, alpha: (
                np.abs(
                    noted**alpha / (noted**alpha).max() - current**alpha / (current**alpha).max()
                ).sum()
                / 2
            ),
        ),
        Mistake(
            "half of what is too much",
            "your share is half of what it should be: whoever adds up only what is too much has "
            "nothing left to halve.",
            lambda noted, current, alpha: np.abs(_dice(noted, current, alpha)).sum() / 4,
        ),
        Mistake(
            "the average difference",
            "you average the differences; they have to be added up, or a large memory looks fine.",
            lambda noted, current, alpha: np.abs(_dice(noted, current, alpha)).mean(),
        ),
        Mistake(
            "the average difference, halved",
            "you average the differences; they have to be added up, or a large memory looks fine.",
            lambda noted, current, alpha: np.abs(_dice(noted, current, alpha)).mean() / 2,
        ),
        Mistake(
            "squares",
            "you add up squares of differences, which is not a share of anything.",
            lambda noted, current, alpha: (_dice(noted, current, alpha) ** 2).sum(),
        ),
        Mistake(
            "squares, halved",
            "you add up squares of differences, which is not a share of anything.",
            lambda noted, current, alpha: (_dice(noted, current, alpha) ** 2).sum() / 2,
        ),
        Mistake(
            "the Euclidean distance",
            "this is the Euclidean distance; a share adds up the differences, not their squares.",
            lambda noted, current, alpha: np.sqrt((_dice(noted, current, alpha) ** 2).sum()),
        ),
        Mistake(
            "sorted first",
            "you sort before you compare; who holds a priority matters, not only how large it is.",
            lambda noted, current, alpha: (
                np.abs(_dice(np.sort(noted), np.sort(current), alpha)).sum() / 2
            ),
        ),
        Mistake(
            "per cent",
            "your share is in per cent; a number from 0 to 1 is asked for.",
            lambda noted, current, alpha: 50 * np.abs(_dice(noted, current, alpha)).sum(),
        ),
        Mistake(
            "the share in its place",
            "this is the share that lies where it should; what is asked for is the rest.",
            lambda noted, current, alpha: 1 - np.abs(_dice(noted, current, alpha)).sum() / 2,
        ),
        Mistake(
            "alpha on the notes only",
            "alpha is applied to the notes only.",
            lambda noted, current, alpha: (
                np.abs(_normalized(noted**alpha) - _normalized(current)).sum() / 2
            ),
        ),
        Mistake(
            "alpha on the current ones only",
            "alpha is applied to the current priorities only.",
            lambda noted, current, alpha: (
                np.abs(_normalized(noted) - _normalized(current**alpha)).sum() / 2
            ),
        ),
        Mistake(
            "times alpha",
            "you multiply by alpha, which cancels; it is an exponent.",
            lambda noted, current, alpha: (
                np.abs(_normalized(noted * alpha) - _normalized(current * alpha)).sum() / 2
            ),
        ),
        Mistake(
            "alpha on its head",
            "you raise to 1 / alpha; a larger alpha should load the dice more.",
            lambda noted, current, alpha: np.abs(_dice(noted, current, 1 / alpha)).sum() / 2,
        ),
        Mistake(
            "changed priorities counted",
            "you count how many priorities have changed; how far the probabilities are off is "
            "asked for.",
            lambda noted, current, _alpha: float((noted != current).mean()),
        ),
    ),
)


# --- what students call ---------------------------------------------------------------------------

EXERCISES = (MISPLACED_SHARE,)


def misplaced_share(function: Any) -> None:
    """Check ``misplaced_share(noted, current, alpha)``: how much probability lies in wrong places.

    NumPy arrays [N] of positive priorities, as the memory notes them and as they would be now. It
    returns a number from 0 to 1: the total variation distance of the two distributions P(i), each
    proportional to a priority to the power alpha.

    Raises:
        Wrong: If the number is not right, saying why.

    Chapter: `Prioritized replay III: does it help?`.

    >>> misplaced_share(lambda noted, current, alpha: 1.0)
    Traceback (most recent call last):
        ...
    dqn.checks.Wrong: ✗ misplaced_share: the result of the case below is not right...
    """
    check(MISPLACED_SHARE, function)
