"""Wrong answers to the exercises of :mod:`dqn.checks.linear`."""

from typing import Any

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
