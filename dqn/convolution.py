"""A Q-network that looks at pictures: one convolution, and dense layers on what it finds.

It is used like :class:`dqn.networks.QNetwork`, a pure function of a matrix of parameters with a row
for each learner. Chapter: `Beyond`.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from dqn._arguments import check_row, check_whole
from dqn.networks import Layers, QNetwork, check_parameters, slope_before

__all__ = ["SIDE", "ConvolutionalQNetwork", "patches"]

SIDE = 3
"""Height and width of a filter, in pixels."""


def patches(images: Tensor) -> Tensor:
    """Cut out every 3 x 3 square of an image, all channels of it.

    A convolution is a dense layer that is applied to each of these rows: the same weights
    everywhere.

    Args:
        images: ``[S, B, channels, height, width]``.

    Returns:
        ``[S, B * places, channels * 9]``, places = (height - 2) (width - 2), row by row.

    Raises:
        TypeError: If the images are no tensor.
        ValueError: If they have another number of axes, or are smaller than a square.

    Chapter: `Beyond`.

    >>> patches(torch.arange(12.0).view(1, 1, 1, 3, 4))
    tensor([[[ 0.,  1.,  2.,  4.,  5.,  6.,  8.,  9., 10.],
             [ 1.,  2.,  3.,  5.,  6.,  7.,  9., 10., 11.]]])
    """
    if not isinstance(images, Tensor):
        raise TypeError(f"images must be a tensor, got {images!r}")
    if images.ndim != 5 or min(images.shape[3:]) < SIDE:
        raise ValueError(
            f"images must be [S, B, channels, height, width], at least {SIDE} high and wide, "
            f"got shape {list(images.shape)}"
        )
    learners, _, channels = images.shape[:3]
    squares = images.unfold(3, SIDE, 1).unfold(4, SIDE, 1)  # [S, B, channels, rows, columns, 3, 3]
    return squares.permute(0, 1, 3, 4, 2, 5, 6).reshape(learners, -1, channels * SIDE**2)


class ConvolutionalQNetwork:
    """Filters of 3 x 3 pixels over a stack of frames, ReLU, then a :class:`QNetwork`.

    There is no padding, and the filters move by one pixel. Source: the idea is that of Mnih et al.
    (2015), who have three such layers on larger images. Chapter: `Beyond`.

    Args:
        obs_shape: ``(channels, height, width)``; a stack of frames has a channel a frame.
        num_actions: Number of actions.
        hidden: Widths of the dense hidden layers.
        filters: Number of filters.
        dueling: As in :class:`~dqn.networks.QNetwork`.

    Raises:
        TypeError: If a size is not a whole number.
        ValueError: If a size is too small or ``obs_shape`` does not have three.

    >>> network = ConvolutionalQNetwork((2, 10, 7), num_actions=3, hidden=(16,), filters=4)
    >>> parameters = network.init([torch.Generator().manual_seed(0)])
    >>> parameters.shape  # 4 * (2 * 9 + 1), 16 * (4 * 8 * 5 + 1) and 3 * (16 + 1)
    torch.Size([1, 2703])
    >>> network(parameters, torch.zeros(1, 5, 2, 10, 7)).shape
    torch.Size([1, 5, 3])
    """

    def __init__(
        self,
        obs_shape: Sequence[int],
        num_actions: int,
        hidden: Sequence[int] = (64,),
        *,
        filters: int = 8,
        dueling: bool = False,
    ) -> None:
        check_row("obs_shape", obs_shape)
        self.obs_shape = tuple(obs_shape)
        if len(self.obs_shape) != 3:
            raise ValueError(
                f"obs_shape must be (channels, height, width) for a convolution, got {obs_shape!r}"
            )
        channels, height, width = self.obs_shape
        check_whole("obs_shape[0]", channels)
        check_whole("obs_shape[1]", height, low=SIDE)
        check_whole("obs_shape[2]", width, low=SIDE)
        self.filters = check_whole("filters", filters)
        places = (height - SIDE + 1) * (width - SIDE + 1)
        self._filter = QNetwork(channels * SIDE**2, filters, hidden=())  # for one patch
        self.head = QNetwork(places * filters, num_actions, hidden, dueling=dueling)

    @property
    def num_parameters(self) -> int:
        """P, the number of weights and biases of one learner."""
        return self._filter.num_parameters + self.head.num_parameters

    def init(self, generators: Sequence[torch.Generator]) -> Tensor:
        """Draw fresh parameters ``[S, P]`` by the rule of :meth:`dqn.networks.QNetwork.init`."""
        return torch.cat([self._filter.init(generators), self.head.init(generators)], dim=1)

    def layers(self, parameters: Tensor) -> Layers:
        """View ``parameters [S, P]`` as weights ``[S, in, out]`` and biases ``[S, 1, out]``.

        Raises:
            TypeError: If the parameters are no tensor.
            ValueError: If they have another shape.
        """
        check_parameters(parameters, self.num_parameters)
        split = self._filter.num_parameters
        return self._filter.layers(parameters[:, :split]) + self.head.layers(parameters[:, split:])

    def __call__(self, parameters: Tensor, obs: Tensor) -> Tensor:
        """Action values ``[S, B, A]`` of each learner for its own batch.

        Args:
            parameters: ``[S, P]``.
            obs: ``[S, B, channels, height, width]``.

        Raises:
            TypeError: If an argument is no tensor.
            ValueError: If an observation or ``parameters`` has another shape.
        """
        return self.forward(self.layers(parameters), obs)

    def forward(self, layers: Layers, obs: Tensor, inputs: list[Tensor] | None = None) -> Tensor:
        """As :meth:`dqn.networks.QNetwork.forward`."""
        if not isinstance(obs, Tensor):
            raise TypeError(f"obs must be a tensor, got {obs!r}")
        if tuple(obs.shape[2:]) != self.obs_shape:
            raise ValueError(
                f"obs must be stacks of shape {self.obs_shape}, got shape {tuple(obs.shape)}"
            )
        inputs = [] if inputs is None else inputs
        (weight, bias), *dense = layers
        inputs.append(patches(obs))
        found = torch.baddbmm(bias, inputs[-1], weight).relu_()
        return self.head.forward(dense, found.view(*obs.shape[:2], -1), inputs)

    def backward(self, layers: Layers, inputs: Sequence[Tensor], slope: Tensor) -> Tensor:
        """As :meth:`dqn.networks.QNetwork.backward`."""
        (squares, found, *_), (_, *dense) = inputs, layers
        parts, slope = self.head.parts_of_gradient(dense, inputs[1:], slope)
        slope = slope_before(dense[0], found, slope).view(*squares.shape[:2], self.filters)
        filter_parts, _ = self._filter.parts_of_gradient(layers[:1], [squares], slope)
        return torch.cat(filter_parts + parts, dim=1)
