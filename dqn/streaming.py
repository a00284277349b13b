"""Stream Q(lambda): learning from each step as it comes, without memory, batch or target network.

Source: Elsayed, Vasan & Mahmood 2024, "Streaming deep reinforcement learning finally works".
Chapter: `Beyond`.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import gymnasium as gym
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from dqn._arguments import (
    check_flag,
    check_number,
    check_seeds,
    check_whole,
    check_widths,
    keep_checked,
)
from dqn.evaluation import evaluate
from dqn.exploration import LinearSchedule, check_schedule
from dqn.progress import progress
from dqn.worlds import EnvSource, Worlds

__all__ = ["RunningScale", "StreamConfig", "bounded_step", "sparse_layers", "train_streaming"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class StreamConfig:
    """The paper's choices, each with a switch to do without it.

    Raises:
        TypeError: If a field has the wrong type.
        ValueError: If a field is out of range.

    >>> StreamConfig(trace=1.5)
    Traceback (most recent call last):
        ...
    ValueError: trace must be a number in [0, 1], got 1.5
    """

    hidden: tuple[int, ...] = (32, 32)
    """Widths of the hidden layers."""
    gamma: float = 0.99
    """Discount per step."""
    trace: float = 0.8
    """Lambda, how fast the memory of past gradients fades; 0 for none."""
    bounded: bool = True
    """Whether the step is bounded so that an update cannot overshoot; else it is ``step_size``."""
    step_size: float = 1.0
    """Alpha, the longest step if bounded, or the step if not."""
    kappa: float = 2.0
    """How far below overshooting a bounded step stays."""
    sparsity: float = 0.9
    """Share of each unit's incoming weights that begin at zero, rounded up; with few inputs all."""
    layer_norm: bool = True
    """Whether each hidden layer's sums are normalised before the activation."""
    scaled: bool = True
    """Whether observations and rewards are brought to unit spread as they come."""
    epsilon: LinearSchedule = LinearSchedule(1.0, 0.01, 5_000)
    """Probability of a random action."""

    def __post_init__(self) -> None:
        keep_checked(
            self,
            hidden=check_widths("hidden", self.hidden),
            bounded=check_flag("bounded", self.bounded),
            layer_norm=check_flag("layer_norm", self.layer_norm),
            scaled=check_flag("scaled", self.scaled),
            gamma=check_number("gamma", self.gamma, low=0, high=1),
            trace=check_number("trace", self.trace, low=0, high=1),
            step_size=check_number("step_size", self.step_size, low=0, open_low=True),
            kappa=check_number("kappa", self.kappa, low=0, open_low=True),
            sparsity=check_number("sparsity", self.sparsity, low=0, high=1, open_high=True),
        )
        check_schedule("epsilon", self.epsilon)


class RunningScale:
    """Mean and spread of all that has been seen so far, of each entry of an array its own.

    Source: Welford's (1962) recursion.

    Args:
        shape: Of one observation.

    Raises:
        TypeError: If ``shape`` is no sequence of whole numbers.
        ValueError: If one of them is below 1.

    >>> scale = RunningScale(())
    >>> for x in (1.0, 2.0, 6.0):
    ...     scale.update(np.array(x))
    >>> float(scale.mean), float(scale.std.round(3))
    (3.0, 2.646)
    """

    def __init__(self, shape: tuple[int, ...]) -> None:
        check_widths("shape", shape)
        self.count = 0
        self.mean = np.zeros(shape)
        self._squares = np.zeros(shape)  # sum of squared distances from the mean

    def update(self, x: Floats) -> None:
        """Take in one more.

        Raises:
            ValueError: If it has another shape.
        """
        if np.shape(x) != self.mean.shape:
            raise ValueError(f"x must have shape {self.mean.shape}, got {np.shape(x)}")
        self.count += 1
        distance = x - self.mean
        self.mean = self.mean + distance / self.count
        self._squares = self._squares + distance * (x - self.mean)

    @property
    def std(self) -> Floats:
        """Sample standard deviation, 1 before there are two numbers, and 1e-4 at least."""
        if self.count < 2:
            return np.ones_like(self._squares)
        return np.asarray(np.sqrt(self._squares / (self.count - 1)).clip(1e-4))


def sparse_layers(
    seeds: Sequence[int], widths: Sequence[int], sparsity: float
) -> list[tuple[Tensor, Tensor]]:
    """Weights ``[S, in, out]`` and biases ``[S, 1, out]`` of layers that begin mostly at zero.

    What is not zero is uniform within 1 / sqrt(in); biases are zero. Each unit gets its own
    ``ceil(sparsity * in)`` zeros, so that units begin with little in common.

    Args:
        seeds: One whole number per learner.
        widths: Of the layers, from the first's inputs to the last's outputs; at least two.
        sparsity: Share of zeros, in [0, 1].

    Raises:
        TypeError: If an argument has the wrong type.
        ValueError: If an argument is out of range.

    >>> weight, bias = sparse_layers([0], [10, 3], 0.9)[0]
    >>> weight.shape, (weight == 0).sum(1).tolist()
    (torch.Size([1, 10, 3]), [[9, 9, 9]])
    """
    for name, given in (("seeds", seeds), ("widths", widths)):
        if not hasattr(given, "__len__"):  # a generator would be used up by the checks
            raise TypeError(f"{name} must be a sequence of whole numbers, got {given!r}")
    check_seeds(seeds)
    check_widths("widths", widths)
    if len(widths) < 2:
        raise ValueError(f"widths must hold those of inputs and outputs, got {widths!r}")
    check_number("sparsity", sparsity, low=0, high=1)
    rngs = [np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(2,))) for seed in seeds]
    layers = []
    for n_in, n_out in pairwise(widths):
        zeros = math.ceil(sparsity * n_in)
        weights = np.empty((len(seeds), n_in, n_out), np.float32)
        for weight, rng in zip(weights, rngs, strict=True):
            weight[:] = rng.uniform(-1, 1, (n_in, n_out)) / math.sqrt(n_in)
            for unit in range(n_out):
                weight[rng.permutation(n_in)[:zeros], unit] = 0
        layers.append((torch.from_numpy(weights), torch.zeros(len(seeds), 1, n_out)))
    return layers


def bounded_step(delta: Tensor, trace_size: Tensor, alpha: float, kappa: float) -> Tensor:
    """Step size that shrinks where the error or the trace is large: the paper's ObGD.

    alpha / max(1, alpha * kappa * max(abs(delta), 1) * trace_size).

    Args:
        delta: TD errors, ``[S]``.
        trace_size: Sum of the absolute entries of each learner's trace, ``[S]``.
        alpha: The longest step.
        kappa: How far below overshooting to stay.

    Raises:
        TypeError: If ``delta`` or ``trace_size`` is no tensor.
        ValueError: If they differ in shape.

    >>> bounded_step(torch.tensor([0.1, 4.0]), torch.tensor([0.2, 10.0]), alpha=1.0, kappa=2.0)
    tensor([1.0000, 0.0125])
    """
    for name, given in (("delta", delta), ("trace_size", trace_size)):
        if not isinstance(given, Tensor):
            raise TypeError(f"{name} must be a tensor, got {given!r}")
    if delta.shape != trace_size.shape:
        raise ValueError(
            f"trace_size must have the shape of delta, {delta.shape}, got {trace_size.shape}"
        )
    return alpha / (alpha * kappa * delta.abs().clamp(min=1) * trace_size).clamp(min=1)


def train_streaming(
    config: StreamConfig,
    source: EnvSource,
    seeds: Sequence[int],
    steps: int,
    *,
    evaluate_every: int = 1_000,
    evaluate_episodes: int = 10,
) -> Floats:
    """Train one learner per seed on its own stream; each step is used once and forgotten.

    Args:
        config: All choices of the algorithm.
        source: The environment, as in :func:`dqn.worlds.make_env`. It takes no settings; for a
            time limit pass a function that makes the environment with it.
        seeds: One whole number per learner.
        steps: Environment steps of each learner, and updates.
        evaluate_every: Steps between evaluations; with fewer steps than this there is none.
        evaluate_episodes: Greedy episodes per learner and evaluation.

    Returns:
        Mean greedy return of each learner at each evaluation, ``[S, T]``. The learners themselves
        are not kept.

    Raises:
        TypeError: If an argument has the wrong type.
        ValueError: If an argument is out of range, or the environment unknown or unfit.

    >>> train_streaming(StreamConfig(), "CartPole-v1", [0, 1], 20, evaluate_every=10).shape
    (2, 2)
    """
    check_whole("steps", steps)
    check_whole("evaluate_every", evaluate_every)
    check_whole("evaluate_episodes", evaluate_episodes)
    check_seeds(seeds)
    if not isinstance(config, StreamConfig):
        raise TypeError(f"config must be a StreamConfig, got {config!r}")
    worlds = Worlds(source, seeds, 1)
    learner = _StreamQ(config, worlds, seeds)
    judges = [np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(4,))) for seed in seeds]
    scores = []
    try:
        for step in progress(range(1, steps + 1), f"streaming {len(seeds)} x {steps} steps"):
            learner.step(worlds)
            if step % evaluate_every == 0:
                returns = evaluate(learner.greedy, source, judges, evaluate_episodes)
                scores.append(returns.mean(1))
    finally:
        worlds.close()
    return np.array(scores).reshape(-1, len(seeds)).T


class _StreamQ:
    """S learners with their networks, traces and scales."""

    def __init__(self, config: StreamConfig, worlds: Worlds, seeds: Sequence[int]) -> None:
        self.config = config
        obs_size = math.prod(worlds.observation_space.shape or ())
        assert isinstance(worlds.action_space, gym.spaces.Discrete)  # make_env has seen to it
        self.num_actions = int(worlds.action_space.n)
        self._first_action = int(worlds.action_space.start)
        widths = [obs_size, *config.hidden, self.num_actions]
        self.layers = sparse_layers(seeds, widths, config.sparsity)
        self.weights = [part.requires_grad_() for layer in self.layers for part in layer]
        self.traces = [torch.zeros_like(weight) for weight in self.weights]
        self.rngs = [
            np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(0,))) for seed in seeds
        ]
        self.obs_scale = RunningScale((len(seeds), 1, obs_size))
        self.reward_scale = RunningScale((len(seeds),))
        self.rewards = np.zeros(len(seeds))  # discounted sum of the past rewards of the episode
        self.steps = 0
        self._see(worlds.obs)

    def q_values(self, obs: NDArray[np.generic]) -> Tensor:
        """Values ``[S, B, A]`` of observations ``[S, B, *obs]``."""
        x = np.asarray(obs, np.float64).reshape(*obs.shape[:2], -1)
        if self.config.scaled:
            x = (x - self.obs_scale.mean) / self.obs_scale.std
        h = torch.from_numpy(x.astype(np.float32))
        *hidden, (weight, bias) = self.layers
        for w, b in hidden:
            h = torch.baddbmm(b, h, w)
            if self.config.layer_norm:
                h = torch.nn.functional.layer_norm(h, h.shape[-1:])
            h = torch.nn.functional.leaky_relu(h)
        return torch.baddbmm(bias, h, weight)

    def greedy(self, obs: NDArray[np.generic]) -> NDArray[np.int64]:
        """The best actions ``[S, B]``."""
        with torch.no_grad():
            return np.asarray(self.q_values(obs).argmax(-1)) + self._first_action

    def step(self, worlds: Worlds) -> None:
        """Act once and learn from it."""
        config, everyone = self.config, torch.arange(len(self.rngs))
        q_tm1 = self.q_values(worlds.obs)[:, 0]
        best = np.asarray(q_tm1.detach().argmax(-1))
        epsilon = config.epsilon(self.steps)
        explores = np.array([rng.random() < epsilon for rng in self.rngs])
        anything = np.array([rng.integers(self.num_actions) for rng in self.rngs])
        action = np.where(explores, anything, best)
        chosen = q_tm1[everyone, torch.from_numpy(action)]
        gradients = torch.autograd.grad(chosen.sum(), self.weights)

        moved = worlds.step(action[:, None] + self._first_action)
        if not np.isfinite(moved.reward_t).all():
            raise ValueError(f"reward_t must be finite, got {moved.reward_t!r}")
        if not np.isfinite(moved.obs_t).all():
            raise ValueError(f"obs_t must be finite, got {moved.obs_t!r}")
        terminated, truncated = moved.terminated[:, 0], moved.truncated[:, 0]
        reward = self._scaled(moved.reward_t[:, 0], terminated | truncated)
        self._see(moved.obs_t)
        with torch.no_grad():
            next_value = np.asarray(self.q_values(moved.obs_t)[:, 0].amax(-1))
            target = reward + config.gamma * ~terminated * next_value
            delta = torch.from_numpy(target.astype(np.float32)) - chosen
            # Watkins: what came before is no cause of what follows an action that is not greedy.
            fade = torch.from_numpy(config.gamma * config.trace * (action == best))
            for trace, gradient in zip(self.traces, gradients, strict=True):
                trace.mul_(fade[:, None, None]).add_(gradient)
            size = torch.stack([trace.abs().sum((1, 2)) for trace in self.traces]).sum(0)
            alpha = (
                bounded_step(delta, size, config.step_size, config.kappa)
                if config.bounded
                else torch.full_like(delta, config.step_size)
            )
            goes_on = torch.from_numpy(~(terminated | truncated))[:, None, None]
            for weight, trace in zip(self.weights, self.traces, strict=True):
                weight += (alpha * delta)[:, None, None] * trace
                trace *= goes_on
        self.steps += 1

    def _see(self, obs: NDArray[np.generic]) -> None:
        """Enter what a step led to; what a reset gives is left out, as one count serves all."""
        self.obs_scale.update(np.asarray(obs, np.float64).reshape(*obs.shape[:2], -1))

    def _scaled(self, reward: Floats, ended: NDArray[np.bool_]) -> Floats:
        """Rewards divided by the spread of the discounted sums of past ones."""
        if not self.config.scaled:
            return reward
        self.rewards = self.config.gamma * self.rewards + reward
        self.reward_scale.update(self.rewards)
        self.rewards = self.rewards * ~ended
        return np.asarray(reward / self.reward_scale.std)
