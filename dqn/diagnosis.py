"""Instruments for an agent that has learned: what does it still know?

Most of them need a task whose answers are known. CartPole's dynamics are, so states from which
nothing can save the pole are found by trying everything. Chapter: `Anatomy of a collapse`.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray

from dqn._arguments import check_number, check_numbers, check_whole
from dqn.agent import DQN, as_input
from dqn.networks import QNetwork
from dqn.replay import Batch

__all__ = [
    "Balance",
    "Examination",
    "Memory",
    "action_gap",
    "balance",
    "cartpole_step",
    "dead_units",
    "examine_update",
    "memory",
    "steps_left",
    "value_of_steps",
]

Floats = NDArray[np.float64]


def action_gap(q: ArrayLike) -> Floats:
    """Return the best value minus the second best, ``[...]`` from ``q [..., A]``.

    Raises:
        TypeError: If ``q`` holds no numbers.
        ValueError: If there are fewer than two actions.

    >>> action_gap([[1.0, 4.0, 3.5], [2.0, 2.0, 0.0]])
    array([0.5, 0. ])
    """
    check_numbers("q", q)
    values = np.asarray(q, np.float64)
    if values.ndim == 0 or values.shape[-1] < 2:
        raise ValueError(f"q must have at least two actions on its last axis, got {values.shape}")
    second, best = np.moveaxis(np.partition(values, -2), -1, 0)[-2:]
    return np.asarray(best - second)


# --- a task with known answers --------------------------------------------------------------------


def cartpole_step(states: Floats, actions: NDArray[Any]) -> tuple[Floats, NDArray[np.bool_]]:
    """Move carts ``[..., 4]`` by one step: the next states, and whether each has failed.

    Source: Gymnasium's ``CartPole-v1``, after Barto, Sutton & Anderson (1983), by Euler's rule.

    Args:
        states: Position, velocity, angle and angular velocity, in m, m/s, rad, rad/s.
        actions: 0 pushes left, 1 right, ``[...]``.

    Raises:
        TypeError: If ``states`` are no numbers.
        ValueError: If an action is neither, or a shape is another.

    >>> states, failed = cartpole_step(np.array([[0, 0, 0.2, 1.0]]), np.array([0]))
    >>> states.round(2), failed
    (array([[ 0.  , -0.2 ,  0.22,  1.35]]), array([ True]))
    """
    check_carts("states", states)
    check_pushes(actions, np.shape(states)[:-1])
    if not np.isin(actions, (0, 1)).all():
        raise ValueError(f"actions must be 0 or 1, got {actions!r}")
    x, v, angle, spin = np.moveaxis(np.asarray(states, np.float64), -1, 0)
    force = np.where(np.asarray(actions) == 1, 10.0, -10.0)
    cos, sin = np.cos(angle), np.sin(angle)
    # The cart weighs 1 kg, the pole 0.1 kg; half of the pole is 0.5 m long.
    push = (force + 0.05 * spin**2 * sin) / 1.1
    spin_up = (9.8 * sin - cos * push) / (0.5 * (4 / 3 - 0.1 * cos**2 / 1.1))
    speed_up = push - 0.05 * spin_up * cos / 1.1
    tau = 0.02
    moved = np.stack(
        [x + tau * v, v + tau * speed_up, angle + tau * spin, spin + tau * spin_up], -1
    )
    failed = (abs(moved[..., 0]) > 2.4) | (abs(moved[..., 2]) > np.deg2rad(12))
    return moved, failed


def steps_left(states: Floats, horizon: int) -> NDArray[np.int64]:
    """Count the steps that each first action can still get, by trying every sequence of actions.

    The step that fails counts, as it earns a reward of 1. What is below ``horizon`` is exact: no
    policy gets more. What equals it may be anything from there on.

    Args:
        states: Carts that have not failed, ``[k, 4]``.
        horizon: Length of the sequences; there are 2 to this power.

    Returns:
        Whole numbers ``[k, 2]`` from 1 to ``horizon``.

    Raises:
        TypeError: If an argument is of the wrong kind.
        ValueError: If ``horizon`` is not in 1 to 20 or ``states`` not finite and of shape [k, 4].

    >>> upright, falling = [0, 0, 0, 0], [0, 0, 0.15, 2.0]
    >>> steps_left(np.array([upright, falling]), horizon=8)
    array([[8, 8],
           [2, 2]])
    """
    if check_whole("horizon", horizon) > 20:
        raise ValueError(f"horizon must be at most 20, got {horizon}")
    check_numbers("states", states)
    carts = np.asarray(states, np.float64)
    if carts.ndim != 2 or carts.shape[1] != 4:
        raise ValueError(f"states must have shape [k, 4], got {carts.shape}")
    if not np.isfinite(carts).all():
        raise ValueError(f"states must be finite, got {states!r}")
    left = np.ones((len(carts), 2), np.int64)
    if horizon > 1 and len(carts):
        pushed = np.repeat(carts[:, None], 2, axis=1)  # left and right
        moved, failed = cartpole_step(pushed, np.arange(2))
        left[~failed] += steps_left(moved[~failed], horizon - 1).max(-1)
    return left


def value_of_steps(steps: ArrayLike, gamma: float) -> Floats:
    """Return the value of this many more steps at a reward of 1 each, (1 - gamma^k) / (1 - gamma).

    Raises:
        TypeError: If an argument holds no numbers.
        ValueError: If ``gamma`` is outside [0, 1], or ``steps`` are negative or NaN.

    >>> value_of_steps([1, 2, 1000], 0.9)
    array([ 1. , 1.9, 10. ])
    """
    check_numbers("steps", steps)
    k = np.asarray(steps, np.float64)
    if not (k >= 0).all():
        raise ValueError(f"steps must not be negative, got {steps!r}")
    if check_number("gamma", gamma, low=0, high=1) == 1:
        return k
    return np.asarray((1 - gamma**k) / (1 - gamma))


class Balance(NamedTuple):
    """How carts fared, arrays like their starts without the last axis."""

    steps: NDArray[np.int64]
    """Steps that each stayed up, which is its return; at most the limit."""
    off_track: NDArray[np.bool_]
    """Whether the cart ran off the track; if it did not and steps are few, the pole fell."""


def balance(
    act: Callable[[NDArray[np.float32]], NDArray[Any]], starts: ArrayLike, limit: int = 500
) -> Balance:
    """Play one episode from each start, all of them side by side.

    Args:
        act: From observations ``[..., 4]`` to actions ``[...]``.
        starts: Carts ``[..., 4]``.
        limit: Steps after which an episode is cut off.

    Raises:
        TypeError: If an argument is of the wrong kind.
        ValueError: If ``limit`` is below 1, ``starts`` are not finite and of shape [..., 4], or
            ``act`` returns what is no action or of another shape.

    >>> always_left = lambda obs: np.zeros(obs.shape[:-1], int)
    >>> balance(always_left, np.zeros((1, 4))).steps  # the pole falls to the right
    array([9])
    """
    check_whole("limit", limit)
    if not callable(act):
        raise TypeError(f"act must be a function, got {act!r}")
    check_carts("starts", starts)
    if not np.isfinite(starts).all():
        raise ValueError(f"starts must be finite, got {starts!r}")
    carts = np.asarray(starts, np.float64)
    steps = np.zeros(carts.shape[:-1], np.int64)
    up, off_track = np.ones(steps.shape, np.bool_), np.zeros(steps.shape, np.bool_)
    for _ in range(limit):
        moved, failed = cartpole_step(carts, act(carts.astype(np.float32)))
        carts = np.where(up[..., None], moved, carts)  # who has failed stays where that was
        steps += up
        off_track |= up & failed & (abs(carts[..., 0]) > 2.4)
        up &= ~failed
        if not up.any():
            break
    return Balance(steps, off_track)


# --- an agent from inside -------------------------------------------------------------------------


class Memory(NamedTuple):
    """What a replay buffer of CartPole holds, a number for each learner, ``[S]``."""

    failures: Floats
    """Share of transitions after which nothing counts, as the pole or the cart is lost."""
    tilted: Floats
    """Share of transitions that start with the pole past half of the angle it may have."""
    calm: Floats
    """Share that start with the pole within a tenth of that angle."""
    last_failure: Floats
    """Age of the newest failure, as a number of transitions stored since."""


def memory(agent: DQN) -> Memory:
    """Look through the replay buffers of learners on CartPole.

    Raises:
        TypeError: If ``agent`` is no DQN.
        ValueError: If the agent keeps no memory, or an empty one, or if its discount is 0, so that
            the memory cannot tell a failure from any other step.

    >>> from dqn.training import train
    >>> from dqn.config import DQNConfig
    >>> agent, _ = train(DQNConfig(), "CartPole-v1", [0, 1], 200, evaluate_every=None)
    >>> memory(agent).failures.shape
    (2,)
    """
    check_agent(agent)
    if agent.config.replay == "off" or not all(len(buffer) for buffer in agent.buffers):
        raise ValueError("agent must have stored transitions, got an empty memory")
    if agent.config.gamma == 0:
        raise ValueError("agent must have a gamma above 0, got 0")
    rows = []
    for buffer in agent.buffers:
        held = buffer.contents()
        tilt, failed = abs(held.obs_tm1[:, 2]) / np.deg2rad(12), held.discount_t == 0
        since = len(failed) - 1 - np.flatnonzero(failed)[-1] if failed.any() else len(failed)
        rows.append((failed.mean(), (tilt > 0.5).mean(), (tilt < 0.1).mean(), since))
    return Memory(*np.array(rows, np.float64).T)


class Examination(NamedTuple):
    """What an update would see, a number for each learner, ``[S]``; nothing is updated."""

    error: Floats
    """Mean absolute TD error, which the loss is made of."""
    carried_by: Floats
    """Effective sample size of the absolute errors, as a share of the batch."""
    grad_norm: Floats
    """Length of the gradient, unclipped."""
    weight_norm: Floats
    """Length of the parameters."""


def examine_update(agent: DQN, batches: list[Batch]) -> Examination:
    """Compute errors and gradients on given batches, one per learner, without learning from them.

    Raises:
        TypeError: If ``agent`` is no DQN, or ``batches`` hold anything else.
        ValueError: If there is not one batch per learner, or they are empty or of different sizes.

    >>> from gymnasium.spaces import Box, Discrete
    >>> from dqn.config import DQNConfig
    >>> agent = DQN(DQNConfig(), Box(-1, 1, (4,)), Discrete(2), seeds=[0])
    >>> one, zeros = np.ones(3, np.float32), np.zeros((3, 4), np.float32)
    >>> batch = Batch(zeros, np.zeros(3, int), one, 0 * one, zeros, np.arange(3), one)
    >>> examine_update(agent, [batch]).carried_by  # three equal errors
    array([1.])
    """
    check_agent(agent)
    if not isinstance(batches, (list, tuple)) or not all(isinstance(b, Batch) for b in batches):
        raise TypeError(f"batches must be a list of Batch, got {batches!r}")
    if len(batches) != len(agent.seeds):
        raise ValueError(f"batches must hold {len(agent.seeds)}, one a learner, got {len(batches)}")
    if not all(len(batch.reward_t) == len(batches[0].reward_t) > 0 for batch in batches):
        sizes = [len(batch.reward_t) for batch in batches]
        raise ValueError(f"batches must be of one size, at least 1, got {sizes}")
    _, seen = agent.gradient(batches)
    size = seen.td_error.abs().double()
    share = size.sum(1) ** 2 / (size**2).sum(1).clamp(min=1e-30) / size.shape[1]
    figures = (size.mean(1), share, seen.grad_norm, agent.online.norm(dim=1))
    return Examination(*(np.asarray(figure, np.float64) for figure in figures))


def dead_units(agent: DQN, obs: NDArray[np.generic]) -> Floats:
    """Return the share of hidden units that are zero for all of these observations, ``[S]``.

    Such a unit passes no gradient on, so that nothing learned here can revive it.

    Args:
        agent: Learners with fully connected layers.
        obs: Observations ``[S, B, *obs]``.

    Raises:
        TypeError: If ``agent`` is no DQN, or ``obs`` holds no numbers.
        ValueError: If the network has no hidden layer, or convolutions, or ``obs`` has another
            shape, or holds nothing.

    >>> from gymnasium.spaces import Box, Discrete
    >>> from dqn.config import DQNConfig
    >>> agent = DQN(DQNConfig(), Box(-1, 1, (4,)), Discrete(2), seeds=[0])
    >>> dead_units(agent, np.ones((1, 1, 4))).shape  # one observation: about half are zero
    (1,)
    """
    check_agent(agent)
    network = agent.network
    if not isinstance(network, QNetwork) or not network.hidden:
        raise ValueError("agent must have fully connected hidden layers, and no other ones")
    check_observations(obs, agent, network)
    x, dead = as_input(np.asarray(obs)).flatten(2), []
    with torch.no_grad():
        for weight, bias in network.layers(agent.online)[:-1]:
            x = torch.baddbmm(bias, x, weight).relu()
            dead.append((x == 0).all(dim=1))
    return np.asarray(torch.cat(dead, dim=1).double().mean(dim=1))


# --- what a caller passes in ----------------------------------------------------------------------


def check_carts(name: str, carts: ArrayLike) -> None:
    check_numbers(name, carts)
    if np.shape(carts)[-1:] != (4,):
        raise ValueError(f"{name} must have shape [..., 4], got {np.shape(carts)}")


def check_pushes(actions: ArrayLike, shape: tuple[int, ...]) -> None:
    check_numbers("actions", actions)
    try:
        np.broadcast_to(actions, shape)
    except ValueError:
        raise ValueError(f"actions must have shape {shape}, got {np.shape(actions)}") from None


def check_agent(agent: DQN) -> None:
    if not isinstance(agent, DQN):
        raise TypeError(f"agent must be a DQN, got {agent!r}")


def check_observations(obs: NDArray[np.generic], agent: DQN, network: QNetwork) -> None:
    check_numbers("obs", obs)
    shape, learners = np.shape(obs), len(agent.seeds)
    inputs = network.layers(agent.online)[0][0].shape[1]
    if len(shape) < 2 or shape[0] != learners or not shape[1] or np.prod(shape[2:]) != inputs:
        raise ValueError(
            f"obs must have shape [{learners}, B, *obs], {inputs} numbers each, got {shape}"
        )
