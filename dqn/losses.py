"""Targets, errors and losses: each published equation is one function on tensors.

``...`` in a shape stands for any leading axes; the agent has one, an axis of learners. Shapes are
checked and must agree exactly: a column of rewards ``[B, 1]`` against values ``[B]`` would
otherwise broadcast to ``[B, B]`` without a word, and learn the batch's mean.
Arrays and lists are refused, too: make tensors of them first.
"""

import torch
from torch import Tensor

from dqn._arguments import check_number

__all__ = [
    "double_q_target",
    "huber",
    "huber_slope",
    "q_learning_target",
    "squared",
    "squared_slope",
    "td_error",
]


def _check_tensor(name: str, tensor: Tensor) -> None:
    if not isinstance(tensor, Tensor):
        raise TypeError(f"{name} must be a tensor, got {tensor!r}")


def _check_shape(name: str, tensor: Tensor, expected: torch.Size) -> None:
    _check_tensor(name, tensor)
    if tensor.shape != expected:
        raise ValueError(f"{name} must have shape {list(expected)}, got {list(tensor.shape)}")


def _check_values(name: str, values: Tensor) -> None:
    _check_tensor(name, values)
    if values.ndim < 2:
        raise ValueError(f"{name} must have shape [..., B, A], got {list(values.shape)}")


def q_learning_target(reward_t: Tensor, discount_t: Tensor, q_t: Tensor) -> Tensor:
    """R + discount * max_a Q(S', a), the target of Q-learning and DQN.

    With ``discount_t`` = gamma^k and the k-step return as ``reward_t`` it is the n-step target.

    Args:
        reward_t: Reward, or discounted sum of k rewards, ``[..., B]``.
        discount_t: gamma^k, and 0 where the episode terminated, ``[..., B]``.
        q_t: Values of the next observation, ``[..., B, A]``.

    Returns:
        ``[..., B]``, cut from the graph, since semi-gradient methods hold the target fixed.

    Raises:
        TypeError: If an argument is no tensor.
        ValueError: If the shapes disagree.

    Source: Watkins & Dayan (1992), eq. 1; Mnih et al. (2015), Algorithm 1.
    Chapters: `Q-learning`, `A network that learns online`.

    >>> q_t = torch.tensor([[1.0, 3.0], [5.0, 2.0]])
    >>> q_learning_target(torch.tensor([1.0, 1.0]), torch.tensor([0.5, 0.0]), q_t)
    tensor([2.5000, 1.0000])
    """
    _check_values("q_t", q_t)
    _check_shape("reward_t", reward_t, q_t.shape[:-1])
    _check_shape("discount_t", discount_t, q_t.shape[:-1])
    return (reward_t + discount_t * q_t.amax(-1)).detach()


def double_q_target(
    reward_t: Tensor, discount_t: Tensor, q_t_selector: Tensor, q_t_value: Tensor
) -> Tensor:
    """R + discount * Q_value(S', argmax_a Q_selector(S', a)), the target of Double DQN.

    Args:
        reward_t: Reward, or discounted sum of k rewards, ``[..., B]``.
        discount_t: gamma^k, and 0 where the episode terminated, ``[..., B]``.
        q_t_selector: Values that choose the next action, the online network's, ``[..., B, A]``.
        q_t_value: Values that judge it, the target network's, ``[..., B, A]``.

    Returns:
        ``[..., B]``, cut from the graph.

    Raises:
        TypeError: If an argument is no tensor.
        ValueError: If the shapes disagree.

    Source: van Hasselt, Guez & Silver (2016), section "Double DQN": their eq. 4 with the target
    network as the judge. Chapter: `Double DQN`.

    >>> selector, value = torch.tensor([[1.0, 3.0]]), torch.tensor([[7.0, 2.0]])
    >>> double_q_target(torch.tensor([1.0]), torch.tensor([0.5]), selector, value)
    tensor([2.])
    """
    _check_values("q_t_selector", q_t_selector)
    _check_shape("q_t_value", q_t_value, q_t_selector.shape)
    _check_shape("reward_t", reward_t, q_t_selector.shape[:-1])
    _check_shape("discount_t", discount_t, q_t_selector.shape[:-1])
    best = q_t_selector.argmax(-1, keepdim=True)
    return (reward_t + discount_t * q_t_value.gather(-1, best).squeeze(-1)).detach()


def td_error(q_tm1: Tensor, action_tm1: Tensor, target: Tensor) -> Tensor:
    """The error delta = target - Q(S, A), positive when the outcome was better than predicted.

    Args:
        q_tm1: Values of the observation acted on, ``[..., B, A]``.
        action_tm1: Actions taken, int64, ``[..., B]``.
        target: From one of the target functions, ``[..., B]``.

    Returns:
        ``[..., B]``; gradients flow through ``q_tm1`` alone when the target carries none.

    Raises:
        TypeError: If an argument is no tensor, or actions are no whole numbers.
        ValueError: If the shapes disagree.

    Source: Sutton & Barto (2018), eq. 6.8 with the Q-learning target. Chapter: `Q-learning`.

    >>> td_error(torch.tensor([[1.0, 3.0]]), torch.tensor([1]), torch.tensor([2.5]))
    tensor([-0.5000])
    """
    _check_values("q_tm1", q_tm1)
    _check_shape("action_tm1", action_tm1, q_tm1.shape[:-1])
    if action_tm1.dtype not in (torch.int64, torch.int32):
        raise TypeError(f"action_tm1 must be whole numbers, int64, got {action_tm1.dtype}")
    _check_shape("target", target, q_tm1.shape[:-1])
    return target - q_tm1.gather(-1, action_tm1.unsqueeze(-1)).squeeze(-1)


def squared(delta: Tensor) -> Tensor:
    """The square of the error, delta^2, element by element.

    Raises:
        TypeError: If ``delta`` is no tensor.

    Source: Mnih et al. (2015), Algorithm 1. Chapter: `A network that learns online`.

    >>> squared(torch.tensor([0.5, -3.0]))
    tensor([0.2500, 9.0000])
    """
    _check_tensor("delta", delta)
    return delta.square()


def squared_slope(delta: Tensor) -> Tensor:
    """The derivative of :func:`squared` with respect to Q(S, A), the target held fixed: -2 delta.

    Raises:
        TypeError: If ``delta`` is no tensor.

    Chapter: `A network that learns online`.

    >>> squared_slope(torch.tensor([0.5, -3.0]))
    tensor([-1.,  6.])
    """
    _check_tensor("delta", delta)
    return -2 * delta


def huber(delta: Tensor, threshold: float = 1.0) -> Tensor:
    """Half of delta^2 up to ``threshold``, linear beyond, so that the gradient is clipped there.

    This is what "clipping the error to [-1, 1]" means in the 2015 paper: the gradient saturates,
    the loss itself goes on growing.

    Raises:
        TypeError: If ``delta`` is no tensor or ``threshold`` no number.
        ValueError: If ``threshold`` is not positive.

    Source: Mnih et al. (2015), Methods. Chapter: `Target networks`.

    >>> huber(torch.tensor([0.5, -3.0]))
    tensor([0.1250, 2.5000])
    """
    check_number("threshold", threshold, low=0, open_low=True)
    _check_tensor("delta", delta)
    size = delta.abs()
    clipped = size.clamp(max=threshold)
    return clipped * (size - 0.5 * clipped)


def huber_slope(delta: Tensor, threshold: float = 1.0) -> Tensor:
    """The derivative of :func:`huber` with respect to Q(S, A): the negated error, clipped.

    Raises:
        TypeError: If ``delta`` is no tensor or ``threshold`` no number.
        ValueError: If ``threshold`` is not positive.

    Source: Mnih et al. (2015), Methods. Chapter: `Target networks`.

    >>> huber_slope(torch.tensor([0.5, -3.0]))
    tensor([-0.5000,  1.0000])
    """
    check_number("threshold", threshold, low=0, open_low=True)
    _check_tensor("delta", delta)
    return -delta.clamp(-threshold, threshold)
