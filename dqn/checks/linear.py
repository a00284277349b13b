"""Checkers of the chapter `From tables to functions`."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from dqn.checks import _references as right
from dqn.checks._calling import Call, Complaint, Outcome, as_array
from dqn.checks._machinery import Case, Exercise, Mistake, check

CHAPTER = "From tables to functions"

Array = NDArray[Any]


def _observe_weights(call: Call, *arguments: Any) -> Outcome:
    weights = call(*arguments)
    if isinstance(weights, Tensor):
        raise Complaint(
            "your function returned a tensor; the weights are a NumPy array, and go on as one."
        )
    return {"the result": as_array(weights)}


def _delta(w: Array, x: Array, r: float, discount: float, y: Array) -> float:
    return float(r + discount * y @ w - x @ w)


def _step(change: Callable[..., Any]) -> Callable[..., Any]:
    """A wrong step: change(delta, w, x, r, discount, y) is not the right direction."""
    return lambda w, x, r, discount, y, alpha: (
        w + alpha * change(_delta(w, x, r, discount, y), w, x, r, discount, y)
    )


def _one_by_one(w: Array, x: Array, r: float, discount: float, y: Array, alpha: float) -> Array:
    new = w.copy()
    for i in range(len(w)):
        new[i] += alpha * _delta(new, x, r, discount, y) * x[i]
    return new


def _case(
    title: str, w: list[float], x: list[float], r: float, discount: float, y: list[float],
    alpha: float,
) -> Case:  # fmt: skip
    w_, x_, y_ = (np.array(vector, dtype=np.float64) for vector in (w, x, y))
    return Case(title, (w_, x_, float(r), discount, y_, alpha))


SEMI_GRADIENT_STEP = Exercise(
    name="semi_gradient_step",
    chapter=CHAPTER,
    arguments=("w", "features_tm1", "reward", "discount", "features_t", "alpha"),
    reference=right.semi_gradient_step,
    observe=_observe_weights,
    cases=(
        _case("a single weight", [3.0], [1.0], 1.0, 0.5, [2.0], 0.1),
        _case("a single weight, the episode ends", [3.0], [2.0], 1.0, 0.0, [2.0], 0.1),
        _case("one-hot features: a table", [1, 5, -2.0], [0, 1, 0.0], 2, 0.9, [1, 0, 0], 0.5),
        _case("features that overlap", [1, -2.0], [1, 2.0], 0.5, 0.9, [2, 1.0], 0.1),
        _case("from w to 2w without a reward", [1.0], [1.0], 0.0, 0.9, [2.0], 0.1),
        _case("four features", [1, -2, 0.5, 3], [0.2, 1, -1, 0.0], -1, 0.8, [1, 0.3, 0, -2], 0.05),
    ),
    mistakes=(
        Mistake(
            "the full gradient",
            "your step differentiates the target too: that is the residual gradient. A "
            "semi-gradient step holds the target fixed.",
            _step(lambda delta, _w, x, _r, discount, y: delta * (x - discount * y)),
        ),
        Mistake(
            "the next state's features as the direction",
            "the weights move along the features of the next state; the prediction to be changed "
            "is that of the first one.",
            _step(lambda delta, _w, _x, _r, _d, y: delta * y),
        ),
        Mistake(
            "no features in the direction",
            "every weight moves by the same amount: a weight should move by its feature's share.",
            _step(lambda delta, _w, _x, _r, _d, _y: delta),
        ),
        Mistake(
            "along the weights",
            "the weights move along themselves; the gradient of a linear prediction is something "
            "else.",
            _step(lambda delta, w, _x, _r, _d, _y: delta * w),
        ),
        Mistake(
            "the wrong sign",
            "the prediction moves away from its target: a sign is wrong.",
            _step(lambda delta, _w, x, _r, _d, _y: -delta * x),
        ),
        Mistake(
            "the discount is missing",
            "the discount has no effect on your step.",
            _step(lambda _, w, x, r, _d, y: _delta(w, x, r, 1.0, y) * x),
        ),
        Mistake(
            "the discount as a mask",
            "you use the discount as a mask: where it is not 0, its size has no effect.",
            _step(lambda _, w, x, r, d, y: _delta(w, x, r, float(d > 0), y) * x),
        ),
        Mistake(
            "the reward is discounted",
            "the discount multiplies the reward too: only what follows is discounted.",
            _step(lambda _, w, x, r, d, y: (d * (r + y @ w) - x @ w) * x),
        ),
        Mistake(
            "the reward is missing",
            "the reward has no effect on your step.",
            _step(lambda delta, _w, x, r, _d, _y: (delta - r) * x),
        ),
        Mistake(
            "the prediction is not subtracted",
            "you step by the target instead of by the TD error: the prediction is not subtracted.",
            _step(lambda delta, w, x, _r, _d, _y: (delta + x @ w) * x),
        ),
        Mistake(
            "the bootstrap term is missing",
            "the next state has no effect on your step.",
            _step(lambda _, w, x, r, _d, _y: (r - x @ w) * x),
        ),
        Mistake(
            "alpha is missing",
            "alpha has no effect on your step.",
            lambda w, x, r, d, y, _alpha: w + _delta(w, x, r, d, y) * x,
        ),
        Mistake(
            "a factor of 2",
            "your step is twice as long as it should be: the 2 of the squared error's derivative "
            "belongs to alpha.",
            _step(lambda delta, _w, x, _r, _d, _y: 2 * delta * x),
        ),
        Mistake(
            "only the change is returned",
            "your function returns the change of the weights; return the new weights.",
            lambda w, x, r, d, y, alpha: alpha * _delta(w, x, r, d, y) * x,
        ),
        Mistake(
            "the two states exchanged",
            "the two states have changed places: features_tm1 are those of the state that is "
            "corrected.",
            lambda w, x, r, d, y, alpha: right.semi_gradient_step(w, y, r, d, x, alpha),
        ),
        Mistake(
            "the discount multiplies the prediction",
            "the discount multiplies the prediction too: it belongs to what follows only.",
            _step(lambda _, w, x, r, d, y: (r + d * (y @ w - x @ w)) * x),
        ),
        Mistake(
            "alpha and the discount exchanged",
            "alpha and the discount have changed places: mind the order of the arguments.",
            lambda w, x, r, d, y, alpha: right.semi_gradient_step(w, x, r, alpha, y, d),
        ),
        Mistake(
            "products without a sum",
            "your predictions are products that nobody adds up: the value of a state is one "
            "number.",
            _step(lambda _, w, x, r, d, y: (r + d * y * w - x * w) * x),
        ),
        Mistake(
            "no step at the end",
            "where the episode has terminated your weights stay: that step has a target too, its "
            "reward.",
            lambda w, x, r, d, y, alpha: (
                right.semi_gradient_step(w, x, r, d, y, alpha) if d else w.copy()
            ),
        ),
        Mistake(
            "one weight after the other",
            "the TD error changes while you go through the weights: compute it once, then change "
            "all of them.",
            _one_by_one,
        ),
        Mistake(
            "the TD error is returned",
            "your function returns the TD error; return the new weights.",
            lambda w, x, r, d, y, _alpha: np.asarray(_delta(w, x, r, d, y)),
        ),
        Mistake(
            "the prediction is added",
            "the prediction is added to the target; the TD error is their difference.",
            _step(lambda delta, w, x, _r, _d, _y: (delta + 2 * x @ w) * x),
        ),
    ),
)  # fmt: skip


# --- what students call ---------------------------------------------------------------------------

EXERCISES = (SEMI_GRADIENT_STEP,)


def semi_gradient_step(function: Any) -> None:
    """Check ``semi_gradient_step(w, features_tm1, reward, discount, features_t, alpha)``.

    NumPy arrays: ``w``, ``features_tm1`` and ``features_t`` [d]; ``discount`` is gamma, and 0
    where the episode terminated. The result is the new weights [d]; ``w`` stays as it is.

    Raises:
        Wrong: If the new weights are not right, saying why.

    Chapter: `From tables to functions`.

    >>> semi_gradient_step(lambda w, features_tm1, reward, discount, features_t, alpha: None)
    Traceback (most recent call last):
        ...
    dqn.checks.Wrong: ✗ semi_gradient_step: your function returned None: is a `return` missing?...
    """
    check(SEMI_GRADIENT_STEP, function)
