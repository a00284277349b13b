"""Adam and the 2015 paper's RMSProp, on a whole matrix of parameters in place.

PyTorch's own optimisers compute the same, but on networks this small they spend most of their time
on bookkeeping. Chapters: `A network that learns online` (Adam), `Target networks` (RMSProp).
"""

import math

import torch
from torch import Tensor

from dqn._arguments import check_number

__all__ = ["Adam", "RMSProp"]

_TINY = torch.finfo(torch.float32).tiny


class Adam:
    """Steps along the mean gradient, each weight's divided by the root of its mean square.

    Both means decay exponentially and are corrected for their start at zero.

    Args:
        parameters: The tensor to change, of floats, without gradient, of any shape: of a module
            ``parameter.data``.
        learning_rate: Size of a step.
        beta1: Decay of the mean gradient.
        beta2: Decay of its mean square.
        eps: Added to the root.

    Raises:
        TypeError: If ``parameters`` is no tensor of floats, or a number is none.
        ValueError: If a number is out of range, or ``parameters`` carries a gradient.

    Source: Kingma & Ba (2015), Algorithm 1. Chapter: `A network that learns online`.

    >>> weights = torch.tensor([1.0, 1.0])
    >>> Adam(weights, learning_rate=0.1).step(torch.tensor([2.0, -0.02]))
    >>> weights  # the first step is the learning rate long, whatever the gradient
    tensor([0.9000, 1.1000])
    """

    def __init__(
        self,
        parameters: Tensor,
        learning_rate: float,
        *,
        beta1: float = 0.9,
        beta2: float = 0.999,
        eps: float = 1e-8,
    ) -> None:
        _check_parameters(parameters)
        self.learning_rate = check_number("learning_rate", learning_rate, low=0, open_low=True)
        self.beta1 = check_number("beta1", beta1, low=0, high=1, open_high=True)
        self.beta2 = check_number("beta2", beta2, low=0, high=1, open_high=True)
        self.eps = check_number("eps", eps, low=0)
        self.parameters = parameters
        self.mean = torch.zeros_like(parameters)
        self.square = torch.zeros_like(parameters)
        self._root = torch.zeros_like(parameters)  # kept: a fresh one would cost as much as the sum
        self.steps = 0

    def step(self, gradient: Tensor) -> None:
        """Change the parameters by one step down ``gradient``, of the same shape.

        Raises:
            TypeError: If ``gradient`` is no tensor.
            ValueError: If it has another shape.
        """
        _check_shape(gradient, self.parameters)
        self.steps += 1
        self.mean.lerp_(gradient, 1 - self.beta1)
        self.square.mul_(self.beta2).addcmul_(gradient, gradient, value=1 - self.beta2)
        # Roots of zeros, which dead units have, take ten times as long as those of numbers.
        torch.clamp(self.square, min=_TINY, out=self._root).sqrt_()
        self._root.div_(math.sqrt(1 - self.beta2**self.steps)).add_(self.eps)
        size = self.learning_rate / (1 - self.beta1**self.steps)
        self.parameters.addcdiv_(self.mean, self._root, value=-size)


class RMSProp:
    """Divides each weight's gradient by the root of its mean square deviation from its mean.

    The 2015 paper's version: centred, with ``eps`` under the root, and no momentum. (PyTorch adds
    its ``eps`` outside of the root.)

    Args:
        parameters: The tensor to change, as for :class:`Adam`.
        learning_rate: Size of a step.
        decay: Decay of the mean gradient and of its mean square; 0.95 in the paper.
        eps: Added under the root; 0.01 in the paper.

    Raises:
        TypeError: If ``parameters`` is no tensor of floats, or a number is none.
        ValueError: If a number is out of range, or ``parameters`` carries a gradient.

    Source: Mnih et al. (2015), Extended Data Table 1, and the code published with it.
    Chapter: `Target networks`.

    >>> weights = torch.tensor([1.0])
    >>> RMSProp(weights, learning_rate=0.1, decay=0.0, eps=0.01).step(torch.tensor([2.0]))
    >>> weights  # without memory the deviation is zero: 0.1 * 2 / sqrt(0.01)
    tensor([-1.])
    """

    def __init__(
        self, parameters: Tensor, learning_rate: float, *, decay: float = 0.95, eps: float = 0.01
    ) -> None:
        _check_parameters(parameters)
        self.learning_rate = check_number("learning_rate", learning_rate, low=0, open_low=True)
        self.decay = check_number("decay", decay, low=0, high=1, open_high=True)
        self.eps = check_number("eps", eps, low=0, open_low=True)
        self.parameters = parameters
        self.mean = torch.zeros_like(parameters)
        self.square = torch.zeros_like(parameters)

    def step(self, gradient: Tensor) -> None:
        """Change the parameters by one step down ``gradient``, of the same shape.

        Raises:
            TypeError: If ``gradient`` is no tensor.
            ValueError: If it has another shape.
        """
        _check_shape(gradient, self.parameters)
        self.mean.lerp_(gradient, 1 - self.decay)
        self.square.mul_(self.decay).addcmul_(gradient, gradient, value=1 - self.decay)
        root = self.square.addcmul(self.mean, self.mean, value=-1).clamp_(min=0)
        root.add_(self.eps).sqrt_()
        self.parameters.addcdiv_(gradient, root, value=-self.learning_rate)


def _check_parameters(parameters: Tensor) -> None:
    if not isinstance(parameters, Tensor) or not parameters.is_floating_point():
        raise TypeError(f"parameters must be a tensor of floats, got {parameters!r}")
    if parameters.requires_grad:
        raise ValueError(
            "parameters must be without gradient, as parameter.data is, to be changed in place, "
            f"got {parameters!r}"
        )


def _check_shape(gradient: Tensor, parameters: Tensor) -> None:
    if not isinstance(gradient, Tensor):
        raise TypeError(f"gradient must be a tensor, got {gradient!r}")
    if gradient.shape != parameters.shape:
        raise ValueError(
            f"gradient must have shape {tuple(parameters.shape)}, got {tuple(gradient.shape)}"
        )
