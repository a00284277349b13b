"""DQN: acting, remembering and learning, for one learner or many side by side.

Chapters: `Target networks` (the whole algorithm), `Double DQN`, `Prioritized replay II: how`.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import gymnasium as gym
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from dqn import checkpoint
from dqn._arguments import check_whole
from dqn.config import DQNConfig
from dqn.exploration import epsilon_greedy
from dqn.losses import double_q_target, huber, q_learning_target, squared, td_error
from dqn.networks import QNetwork
from dqn.prioritized import ProportionalSampler, RankBasedSampler
from dqn.replay import Batch, NStepWindow, ReplayBuffer, Sampler, UniformSampler

__all__ = ["DQN", "Update"]


class Update(NamedTuple):
    """What one gradient step saw, for plots and diagnosis; tensors without a graph."""

    td_error: Tensor
    """target - Q(S, A) before the step, ``[S, B]``."""
    q_tm1: Tensor
    """Q(S, A) before the step, ``[S, B]``."""
    loss: Tensor
    """Mean loss of each learner, ``[S]``."""
    grad_norm: Tensor
    """Length of each learner's gradient before it is clipped, ``[S]``."""


class DQN:
    """S independent learners that share nothing but the calls they are computed in.

    Learner i draws its initial weights, its exploration and its minibatches from streams made of
    ``seeds[i]`` alone, so those do not depend on its company. Its arithmetic is the same too, up to
    float rounding: matrix products may be ordered differently for another number of learners. With
    the same seeds on the same machine, results repeat bit for bit.

    Args:
        config: All choices of the algorithm.
        observation_space: A ``Box``; other spaces are flattened first
            (:func:`dqn.worlds.make_env`).
        action_space: A ``Discrete`` space.
        seeds: One whole number per learner.

    Raises:
        TypeError: If a space is of another kind.
        ValueError: If ``seeds`` is empty.

    >>> from gymnasium.spaces import Box, Discrete
    >>> agent = DQN(DQNConfig(), Box(-1, 1, (4,)), Discrete(2), seeds=[0, 1, 2])
    >>> agent.act(np.zeros((3, 8, 4), np.float32)).shape  # three learners, eight environments each
    (3, 8)
    """

    def __init__(
        self,
        config: DQNConfig,
        observation_space: gym.Space,  # type: ignore[type-arg]  # any space, checked below
        action_space: gym.Space,  # type: ignore[type-arg]
        seeds: Sequence[int],
    ) -> None:
        if not isinstance(observation_space, gym.spaces.Box):
            raise TypeError(f"observation_space must be a Box, got {observation_space}")
        if not isinstance(action_space, gym.spaces.Discrete):
            raise TypeError(f"action_space must be Discrete, got {action_space}")
        if not seeds:
            raise ValueError("seeds must hold at least one seed, got none")
        self.config = config
        self.seeds = tuple(check_whole("seeds", seed, low=0) for seed in seeds)
        self.obs_shape = observation_space.shape
        self.num_actions = int(action_space.n)
        self._first_action = int(action_space.start)

        streams = [np.random.SeedSequence(seed).spawn(3) for seed in self.seeds]
        self._explore = [np.random.default_rng(explore) for explore, _, _ in streams]
        self._replay = [np.random.default_rng(replay) for _, replay, _ in streams]
        self.network = QNetwork(
            int(np.prod(self.obs_shape)), self.num_actions, config.hidden, dueling=config.dueling
        )
        self.online = self.network.init(
            [torch.Generator().manual_seed(int(init.generate_state(1)[0])) for *_, init in streams]
        )
        self.target = self.online if config.target == "off" else self.online.clone()
        # Views that share memory with the matrices above; gradients are taken with respect to them.
        self._online_layers = self.network.layers(self.online)
        self._weights = [view.requires_grad_() for layer in self._online_layers for view in layer]
        self._target_layers = self.network.layers(self.target)
        self._optimizer = _make_optimizer(config, self.online)

        self.buffers = [
            ReplayBuffer(
                config.capacity,
                self.obs_shape,
                observation_space.dtype or np.float32,
                num_actions=self.num_actions,
                sampler=_make_sampler(config),
                combined=config.combined,
            )
            for _ in self.seeds
        ]
        self._windows = [
            NStepWindow(config.num_envs, config.n_step, config.gamma) for _ in self.seeds
        ]
        self._newest: list[Batch] = []
        self.steps = 0
        self.updates = 0
        self.episodes = np.zeros(len(self.seeds), np.int64)

    # -- acting

    def q_values(self, obs: NDArray[np.generic]) -> NDArray[np.float32]:
        """Action values ``[S, B, A]`` of observations ``[S, B, *obs]``, by the online networks."""
        with torch.inference_mode():
            values = self.network.forward(self._online_layers, _as_input(obs))
        return np.asarray(values)

    def greedy(self, obs: NDArray[np.generic]) -> NDArray[np.int64]:
        """The best actions ``[S, B]`` for observations ``[S, B, *obs]``."""
        actions: NDArray[np.int64] = self.q_values(obs).argmax(-1) + self._first_action
        return actions

    def policy(self, learner: int = 0) -> Callable[[NDArray[np.generic]], int]:
        """One learner's greedy policy, from a single observation to a single action.

        Raises:
            ValueError: If there is no such learner.
        """
        if not 0 <= learner < len(self.seeds):
            raise ValueError(f"learner must lie in 0..{len(self.seeds) - 1}, got {learner!r}")
        parameters = self.online[learner : learner + 1]

        def act(obs: NDArray[np.generic]) -> int:
            values = self.network(parameters, _as_input(np.asarray(obs)[None, None]))
            return int(values.argmax()) + self._first_action

        return act

    def epsilon(self) -> NDArray[np.float64]:
        """Each learner's probability of a random action now, ``[S]``."""
        return np.array([self.config.epsilon(self.steps, int(count)) for count in self.episodes])

    def act(self, obs: NDArray[np.generic]) -> NDArray[np.int64]:
        """Epsilon-greedy actions ``[S, N]`` for observations ``[S, N, *obs]``."""
        return (
            epsilon_greedy(self.q_values(obs), self.epsilon(), self._explore) + self._first_action
        )

    # -- remembering

    def observe(
        self,
        obs_tm1: NDArray[np.generic],
        action_tm1: NDArray[np.integer],
        reward_t: NDArray[np.floating],
        terminated: NDArray[np.bool_],
        truncated: NDArray[np.bool_],
        obs_t: NDArray[np.generic],
    ) -> None:
        """Store one step of every environment; all arrays have leading axes ``[S, N]``.

        ``obs_t`` is the observation the step led to, the last of its episode included, never the
        first one of the next.
        """
        columns = (obs_tm1, action_tm1 - self._first_action, reward_t, terminated, truncated, obs_t)
        self._newest = []
        for s, (window, buffer) in enumerate(zip(self._windows, self.buffers, strict=True)):
            transitions = window.push(*(column[s] for column in columns))
            if self.config.replay == "off":
                size = len(transitions.reward_t)
                self._newest.append(
                    Batch(*transitions, np.zeros(size, np.int64), np.ones(size, np.float32))
                )
            else:
                buffer.add(transitions)
        self.steps += self.config.num_envs
        self.episodes += (terminated | truncated).sum(1)

    # -- learning

    def learn_if_due(self) -> None:
        """Do the updates that the last step made due: one per ``train_every`` steps.

        None are due before ``learning_starts`` steps, or before a first full batch is stored.
        """
        config = self.config
        if config.replay == "off":
            if any(len(batch.reward_t) for batch in self._newest):
                self.learn()
            return
        if min(len(buffer) for buffer in self.buffers) < config.batch_size:
            return
        now = max(self.steps - config.learning_starts, 0)
        before = max(now - config.num_envs, 0)
        for _ in range(now // config.train_every - before // config.train_every):
            self.learn()

    def learn(self) -> Update:
        """One gradient step of every learner, each on a minibatch of its own.

        Raises:
            ValueError: If a memory holds no transition yet.
        """
        config = self.config
        if config.replay == "off":
            batches = self._newest
        else:
            beta = config.beta(self.steps)
            batches = [
                buffer.sample(config.batch_size, rng, beta=beta)
                for buffer, rng in zip(self.buffers, self._replay, strict=True)
            ]
        batch = _stack(batches)

        with torch.no_grad():
            q_t = self.network.forward(self._target_layers, batch.obs_t)
            if config.double:
                selector = self.network.forward(self._online_layers, batch.obs_t)
                target = double_q_target(batch.reward_t, batch.discount_t, selector, q_t)
            else:
                target = q_learning_target(batch.reward_t, batch.discount_t, q_t)
        q_tm1 = self.network.forward(self._online_layers, batch.obs_tm1)
        delta = td_error(q_tm1, batch.action_tm1, target)
        losses = huber(delta) if config.loss == "huber" else squared(delta)
        chosen = target - delta  # Q(S, A), with its gradient
        size = batch.sizes.clamp(min=1)
        loss = (batch.weights * (losses + config.q_penalty * chosen)).sum(-1) / size
        # A learner's loss depends on its own row of parameters only, so the gradient of the sum
        # holds every learner's own gradient in its row.
        gradients = torch.autograd.grad(loss.sum(), self._weights)
        gradient = torch.cat([part.flatten(1) for part in gradients], dim=1)
        grad_norm = gradient.norm(dim=1)
        if config.max_grad_norm is not None:
            gradient *= (config.max_grad_norm / grad_norm).clamp(max=1).unsqueeze(1)
        self.online.grad = gradient
        self._optimizer.step()
        self.updates += 1
        self._update_target()

        delta = delta.detach()
        if config.replay != "off":
            for buffer, sampled, errors in zip(self.buffers, batches, delta.numpy(), strict=True):
                buffer.update_priorities(sampled.slots, errors)
        return Update(delta, chosen.detach(), loss.detach(), grad_norm)

    def _update_target(self) -> None:
        if self.config.target == "soft":
            self.target.lerp_(self.online, self.config.tau)
        elif self.config.target == "hard" and self.updates % self.config.target_period == 0:
            self.target.copy_(self.online)

    # -- keeping

    def save(self, path: str | Path) -> None:
        """Write the config, the seeds and all networks to one file, atomically."""
        tensors = {"online": self.online, "target": self.target}
        checkpoint.write(path, tensors, self.config)

    def load(self, path: str | Path) -> None:
        """Take over the networks stored by :meth:`save`.

        Raises:
            ValueError: If the file is damaged, or was made with another config or other shapes;
                nothing is changed then.
        """
        tensors = {"online": self.online, "target": self.target}
        stored = checkpoint.read(path, tensors, self.config)
        self.online.copy_(stored["online"])
        self.target.copy_(stored["target"])


class _Stacked(NamedTuple):
    """The learners' batches as tensors, ``[S, B, ...]``; ``sizes [S]`` without padding."""

    obs_tm1: Tensor
    action_tm1: Tensor
    reward_t: Tensor
    discount_t: Tensor
    obs_t: Tensor
    weights: Tensor
    sizes: Tensor


def _stack(batches: Sequence[Batch]) -> _Stacked:
    sizes = [len(batch.reward_t) for batch in batches]
    longest = max(sizes)
    if min(sizes) < longest:  # without replay a step may bring one learner more than another
        batches = [_pad(batch, longest) for batch in batches]
    columns = [
        np.stack(column) if len(column) > 1 else column[0][None]
        for column in zip(*batches, strict=True)
    ]
    obs_tm1, action_tm1, reward_t, discount_t, obs_t, _, weights = columns
    return _Stacked(
        _as_input(obs_tm1),
        torch.from_numpy(action_tm1),
        torch.from_numpy(reward_t),
        torch.from_numpy(discount_t),
        _as_input(obs_t),
        torch.from_numpy(weights),
        torch.tensor(sizes),
    )


def _pad(batch: Batch, size: int) -> Batch:
    """Fill up with transitions of weight zero."""
    missing = size - len(batch.reward_t)
    return Batch(
        *(
            np.concatenate([field, np.zeros((missing, *field.shape[1:]), field.dtype)])
            for field in batch
        )
    )


def _as_input(obs: NDArray[np.generic]) -> Tensor:
    """Observations as float32; bytes, which are pixels, as fractions of 255."""
    tensor = torch.from_numpy(obs)
    return tensor / 255 if tensor.dtype == torch.uint8 else tensor.to(torch.float32)


def _make_sampler(config: DQNConfig) -> Sampler:
    if config.replay == "proportional":
        return ProportionalSampler(config.capacity, alpha=config.alpha)
    if config.replay == "rank":
        # Sorting is the costly part; a hundred updates move few ranks.
        return RankBasedSampler(config.capacity, alpha=config.alpha, sort_every=100)
    return UniformSampler()


def _make_optimizer(config: DQNConfig, parameters: Tensor) -> torch.optim.Optimizer:
    if config.optimizer == "adam":
        return torch.optim.Adam([parameters], lr=config.learning_rate, fused=True)
    # The paper's RMSProp subtracts the mean gradient and adds 0.01 under the root.
    return torch.optim.RMSprop(
        [parameters], lr=config.learning_rate, alpha=0.95, eps=0.01, centered=True
    )
