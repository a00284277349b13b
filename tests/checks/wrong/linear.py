"""Wrong answers to the exercises of :mod:`dqn.checks.linear`."""

# ruff: noqa: ARG001 - a student need not use every argument

from typing import Any

import numpy as np
import torch

from dqn import checks
from tests.checks.wrong import wrong

# --- semi_gradient_step ---------------------------------------------------------------------------


@wrong(checks.semi_gradient_step, "your step differentiates the target too")
def residual(w: Any, x: Any, r: Any, d: Any, y: Any, alpha: Any) -> Any:
    v = torch.tensor(w, requires_grad=True)
    error = r + d * (v @ torch.tensor(y)) - v @ torch.tensor(x)
    (gradient,) = torch.autograd.grad(0.5 * error**2, v)
    return w - alpha * gradient.numpy()


@wrong(checks.semi_gradient_step, "changes its argument `w`")
def in_place_step(w: Any, x: Any, r: Any, d: Any, y: Any, alpha: Any) -> Any:
    w += alpha * (r + d * y.dot(w) - x.dot(w)) * x
    return w


@wrong(checks.semi_gradient_step, "twice as long")
def with_the_two(w: Any, x: Any, r: Any, d: Any, y: Any, alpha: Any) -> Any:
    return w + 2 * alpha * (r + d * y.dot(w) - x.dot(w)) * x


@wrong(checks.semi_gradient_step, "moves away from its target")
def descends_the_wrong_way(w: Any, x: Any, r: Any, d: Any, y: Any, alpha: Any) -> Any:
    return w - alpha * (r + d * y.dot(w) - x.dot(w)) * x


@wrong(checks.semi_gradient_step, "every weight moves by the same amount")
def forgets_the_features(w: Any, x: Any, r: Any, d: Any, y: Any, alpha: Any) -> Any:
    return w + alpha * (r + d * y.dot(w) - x.dot(w))


@wrong(checks.semi_gradient_step, "the change of the weights")
def only_the_difference(w: Any, x: Any, r: Any, d: Any, y: Any, alpha: Any) -> Any:
    return alpha * (r + d * y.dot(w) - x.dot(w)) * x


@wrong(checks.semi_gradient_step, "the prediction is not subtracted")
def step_by_target(w: Any, x: Any, r: Any, d: Any, y: Any, alpha: Any) -> Any:
    return w + alpha * (r + d * y.dot(w)) * x


@wrong(checks.semi_gradient_step, "returned a tensor")
def sg_tensor(w: Any, x: Any, r: Any, d: Any, y: Any, alpha: Any) -> Any:
    w, x, y = (torch.as_tensor(vector) for vector in (w, x, y))
    return w + alpha * (r + d * (w @ y) - w @ x) * x


@wrong(checks.semi_gradient_step, "the two states have changed places")
def sg_states_exchanged(w: Any, y: Any, r: Any, d: Any, x: Any, alpha: Any) -> Any:
    return w + alpha * (r + d * y.dot(w) - x.dot(w)) * x


@wrong(checks.semi_gradient_step, "the discount multiplies the prediction too")
def sg_discounts_both(w: Any, x: Any, r: Any, d: Any, y: Any, alpha: Any) -> Any:
    return w + alpha * (r + d * np.dot(w, y - x)) * x


@wrong(checks.semi_gradient_step, "alpha and the discount have changed places")
def sg_alpha_exchanged(w: Any, x: Any, r: Any, alpha: Any, y: Any, d: Any) -> Any:
    return w + alpha * (r + d * y.dot(w) - x.dot(w)) * x


@wrong(checks.semi_gradient_step, "the value of a state is one number")
def sg_star_for_at(w: Any, x: Any, r: Any, d: Any, y: Any, alpha: Any) -> Any:
    return w + alpha * (r + d * (w * y) - w * x) * x


@wrong(checks.semi_gradient_step, "that step has a target too")
def sg_skips_the_end(w: Any, x: Any, r: Any, d: Any, y: Any, alpha: Any) -> Any:
    if d == 0:
        return w
    return w + alpha * (r + d * y.dot(w) - x.dot(w)) * x


@wrong(checks.semi_gradient_step, "compute it once")
def sg_in_a_loop(w: Any, x: Any, r: Any, d: Any, y: Any, alpha: Any) -> Any:
    w = list(w)
    for i, share in enumerate(x):
        w[i] = w[i] + alpha * (r + d * np.dot(w, y) - np.dot(w, x)) * share
    return np.array(w)


@wrong(checks.semi_gradient_step, "returns the TD error")
def sg_only_the_error(w: Any, x: Any, r: Any, d: Any, y: Any, alpha: Any) -> Any:
    return r + d * y.dot(w) - x.dot(w)


@wrong(checks.semi_gradient_step, "the prediction is added")
def sg_plus(w: Any, x: Any, r: Any, d: Any, y: Any, alpha: Any) -> Any:
    return w + alpha * (r + d * y.dot(w) + x.dot(w)) * x


@wrong(checks.semi_gradient_step, "you use the discount as a mask")
def sg_mask(w: Any, x: Any, r: Any, d: Any, y: Any, alpha: Any) -> Any:
    target = r + np.dot(w, y) if d else r
    return w + alpha * (target - np.dot(w, x)) * x
