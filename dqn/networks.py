"""Q-networks as pure functions of their parameters, for one learner or many at once.

The parameters of S learners lie in one matrix ``[S, P]``, a row a learner. A target network is then
just another matrix, and the optimiser, the gradient clip and the target update are one call each.
Chapters: `A network that learns online` (the network), `Beyond` (the dueling head).
"""

import math
from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor

from dqn._arguments import check_flag, check_row, check_whole

__all__ = ["QNetwork"]

Layers = list[tuple[Tensor, Tensor]]
"""Of each layer the weights ``[S, in, out]`` and biases ``[S, 1, out]``."""


class QNetwork:
    """Fully connected layers with ReLU between them, and one output per action.

    With ``dueling`` the last hidden layer feeds a state value V and advantages A instead, joined as
    Q = V + A - mean(A) (Wang et al. 2016, eq. 9), which leaves V and A identifiable.

    Args:
        obs_size: Numbers in one observation.
        num_actions: Number of actions, the width of the output.
        hidden: Widths of the hidden layers; empty for a linear function.
        dueling: Whether to split the output into value and advantages.

    Raises:
        TypeError: If a size is not a whole number.
        ValueError: If a size is smaller than one.

    >>> network = QNetwork(obs_size=4, num_actions=2, hidden=(8,))
    >>> parameters = network.init([torch.Generator().manual_seed(0)])
    >>> parameters.shape  # one learner; 4 * 8 + 8 weights and biases, then 8 * 2 + 2
    torch.Size([1, 58])
    >>> network(parameters, torch.zeros(1, 3, 4)).shape  # a batch of three observations
    torch.Size([1, 3, 2])
    """

    def __init__(
        self,
        obs_size: int,
        num_actions: int,
        hidden: Sequence[int] = (64, 64),
        *,
        dueling: bool = False,
    ) -> None:
        self.obs_size = check_whole("obs_size", obs_size)
        self.num_actions = check_whole("num_actions", num_actions)
        check_row("hidden", hidden)
        self.hidden = tuple(check_whole("hidden", width) for width in hidden)
        check_flag("dueling", dueling)
        self.dueling = dueling
        outputs = num_actions + 1 if dueling else num_actions
        widths = [self.obs_size, *self.hidden, outputs]
        self._layers = list(pairwise(widths))
        self._splits = [size for n_in, n_out in self._layers for size in (n_in * n_out, n_out)]

    @property
    def num_parameters(self) -> int:
        """P, the number of weights and biases of one learner."""
        return sum(self._splits)

    def init(self, generators: Sequence[torch.Generator]) -> Tensor:
        """Draw fresh parameters, each learner's from its own generator.

        Weights and biases are uniform within 1 / sqrt(inputs), PyTorch's own rule for
        ``nn.Linear``.

        Returns:
            A float32 matrix ``[S, P]``, S = ``len(generators)``.

        Raises:
            TypeError: If there is no sequence, or it holds anything but generators.
            ValueError: If there are none.
        """
        _check_generators(generators)
        rows = []
        for generator in generators:
            pieces = []
            for n_in, n_out in self._layers:
                bound = 1 / math.sqrt(n_in)
                uniform = torch.rand(n_in * n_out + n_out, generator=generator)
                pieces.append((2 * uniform - 1) * bound)
            rows.append(torch.cat(pieces))
        return torch.stack(rows)

    def layers(self, parameters: Tensor) -> Layers:
        """View ``parameters [S, P]`` as weights ``[S, in, out]`` and biases ``[S, 1, out]``.

        Raises:
            TypeError: If the parameters are no tensor.
            ValueError: If they have another shape.
        """
        check_parameters(parameters, self.num_parameters)
        pieces = torch.split(parameters, self._splits, dim=1)
        return [
            (weight.view(-1, *shape), bias.unsqueeze(1))
            for weight, bias, shape in zip(pieces[::2], pieces[1::2], self._layers, strict=True)
        ]

    def __call__(self, parameters: Tensor, obs: Tensor) -> Tensor:
        """Action values of each learner for its own batch.

        Args:
            parameters: ``[S, P]``.
            obs: ``[S, B, *obs]``, flattened to ``[S, B, obs_size]``.

        Returns:
            ``[S, B, A]``.

        Raises:
            TypeError: If an argument is no tensor.
            ValueError: If an observation does not have ``obs_size`` numbers, or ``parameters`` has
                another shape.
        """
        return self.forward(self.layers(parameters), obs)

    def forward(self, layers: Layers, obs: Tensor, inputs: list[Tensor] | None = None) -> Tensor:
        """The same from the views that :meth:`layers` gives, for a caller who keeps them.

        What each layer is fed is appended to ``inputs``, for :meth:`backward`.

        Raises:
            TypeError: If ``obs`` is no tensor.
            ValueError: If an observation does not have ``obs_size`` numbers.
        """
        if not isinstance(obs, Tensor):
            raise TypeError(f"obs must be a tensor, got {obs!r}")
        x = obs.flatten(2) if obs.dim() > 2 else obs.unsqueeze(-1)
        if x.shape[-1] != self.obs_size:
            raise ValueError(
                f"obs must hold {self.obs_size} numbers each, got shape {tuple(obs.shape)}"
            )
        inputs = [] if inputs is None else inputs
        *hidden, (weight, bias) = layers
        for inner_weight, inner_bias in hidden:
            inputs.append(x)
            x = torch.baddbmm(inner_bias, x, inner_weight).relu_()
        inputs.append(x)
        x = torch.baddbmm(bias, x, weight)
        if not self.dueling:
            return x
        value, advantages = x[..., :1], x[..., 1:]
        return value + advantages - advantages.mean(-1, keepdim=True)

    def backward(self, layers: Layers, inputs: Sequence[Tensor], slope: Tensor) -> Tensor:
        """Take a loss's slope at the values back to the parameters.

        PyTorch's autograd does the same; for networks this small its bookkeeping takes as long as
        its sums.

        Args:
            layers: As given to :meth:`forward`.
            inputs: As filled by it.
            slope: dL/dQ, ``[S, B, A]``.

        Returns:
            dL/dparameters, ``[S, P]``.

        Source: Rumelhart, Hinton & Williams (1986). Chapter: `A network that learns online`.

        >>> network = QNetwork(obs_size=1, num_actions=1, hidden=())
        >>> layers, inputs = network.layers(torch.tensor([[3.0, 1.0]])), []
        >>> network.forward(layers, torch.tensor([[[2.0], [5.0]]]), inputs)  # 3 x + 1
        tensor([[[ 7.],
                 [16.]]])
        >>> network.backward(layers, inputs, torch.ones(1, 2, 1))  # of the values' sum
        tensor([[7., 2.]])
        """
        return torch.cat(self.parts_of_gradient(layers, inputs, slope)[0], dim=1)

    def parts_of_gradient(
        self, layers: Layers, inputs: Sequence[Tensor], slope: Tensor
    ) -> tuple[list[Tensor], Tensor]:
        """The gradient of each weight and bias, and the slope at the first layer's output."""
        if self.dueling:
            mean = slope.mean(-1, keepdim=True)
            slope = torch.cat([slope.sum(-1, keepdim=True), slope - mean], dim=-1)
        parts: list[Tensor] = []
        for k in reversed(range(len(layers))):
            parts = [torch.bmm(inputs[k].mT, slope).flatten(1), slope.sum(1), *parts]
            if k > 0:
                slope = slope_before(layers[k], inputs[k], slope)
        return parts, slope


def check_parameters(parameters: Tensor, count: int) -> None:
    """Raise unless this is a tensor ``[S, P]`` with so many numbers a learner."""
    if not isinstance(parameters, Tensor):
        raise TypeError(f"parameters must be a tensor [S, P], got {parameters!r}")
    if parameters.ndim != 2 or parameters.shape[1] != count:
        raise ValueError(f"parameters must have shape [S, {count}], got {list(parameters.shape)}")


def _check_generators(generators: Sequence[torch.Generator]) -> None:
    """With None in place of one, PyTorch would draw from the stream that everybody shares."""
    if not isinstance(generators, Sequence):
        raise TypeError(f"generators must be a sequence of torch.Generator, got {generators!r}")
    if not all(isinstance(generator, torch.Generator) for generator in generators):
        raise TypeError(f"generators must be a sequence of torch.Generator, got {generators!r}")
    if not generators:
        raise ValueError("generators must hold one for each learner, got none")


def slope_before(layer: tuple[Tensor, Tensor], x: Tensor, slope: Tensor) -> Tensor:
    """Take a slope at the output of ``x W + b`` back through it, and through the ReLU before it.

    ReLU lets through what made its output positive; as that is never negative, its sign is 1 or 0.
    """
    weight, _ = layer
    return torch.bmm(slope, weight.mT).mul_(x.sign())
