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
from dqn._arguments import check_seeds
from dqn.config import DQNConfig
from dqn.convolution import ConvolutionalQNetwork
from dqn.exploration import epsilon_greedy
from dqn.frames import FrameReplayBuffer
from dqn.losses import (
    double_q_target,
    huber_slope,
    q_learning_target,
    squared_slope,
    td_error,
)
from dqn.networks import QNetwork
from dqn.optimizers import Adam, RMSProp
from dqn.prioritized import ProportionalSampler, RankBasedSampler
from dqn.replay import (
    Batch,
    NStepWindow,
    ReplayBuffer,
    Sampler,
    Transitions,
    UniformSampler,
    check_actions,
)
from dqn.softmax_replay import SoftmaxReplay

__all__ = ["DQN", "Update"]


class Update(NamedTuple):
    """What one gradient step saw, for plots and diagnosis."""

    td_error: Tensor
    """target - Q(S, A) before the step, ``[S, B]``."""
    q_tm1: Tensor
    """Q(S, A) before the step, ``[S, B]``."""
    grad_norm: Tensor
    """Length of each learner's gradient before it is clipped, ``[S]``."""


class DQN:
    """S independent learners that share nothing but the calls they are computed in.

    Learner i draws its initial weights, its exploration and its minibatches from streams made of
    ``seeds[i]`` alone, so those do not depend on its company. Its arithmetic is the same too, up to
    float rounding: matrix products may be ordered differently for another number of learners. With
    the same seeds on the same machine, results repeat bit for bit. (One exception: without replay
    and with ``n_step`` above 1, all take a step when one of them has something new to learn from.
    The others have no gradient then, but Adam's momentum moves them.)

    Args:
        config: All choices of the algorithm.
        observation_space: A ``Box``; other spaces are flattened first
            (:func:`dqn.worlds.make_env`). Bytes are taken for pixels, and divided by 255.
        action_space: A ``Discrete`` space.
        seeds: One whole number per learner.

    Raises:
        TypeError: If a space is of another kind.
        ValueError: If ``seeds`` is empty, or one of them negative.

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
        self.config = config
        self.seeds = check_seeds(seeds)
        self.obs_shape = observation_space.shape
        self.num_actions = int(action_space.n)
        self._first_action = int(action_space.start)

        streams = [np.random.SeedSequence(seed).spawn(3) for seed in self.seeds]
        self._explore = [np.random.default_rng(explore) for explore, _, _ in streams]
        self._replay = [np.random.default_rng(replay) for _, replay, _ in streams]
        self.network = _make_network(config, self.obs_shape, self.num_actions)
        self.online = self.network.init(
            [torch.Generator().manual_seed(int(init.generate_state(1)[0])) for *_, init in streams]
        )
        self.target = self.online if config.target == "off" else self.online.clone()
        # Views that share memory with the matrices above.
        self._online_layers = self.network.layers(self.online)
        self._target_layers = self.network.layers(self.target)
        self._optimizer = _make_optimizer(config, self.online)

        self.buffers = [
            _make_buffer(config, observation_space, self.num_actions) for _ in self.seeds
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
        return np.asarray(self.network.forward(self._online_layers, as_input(obs)))

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
            values = self.network(parameters, as_input(np.asarray(obs)[None, None]))
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

        Raises:
            TypeError: If actions are no whole numbers.
            ValueError: If a shape is wrong, a number is not finite, or an action unknown. Nothing
                is stored then, by any learner.
        """
        self._check_shapes(obs_tm1, action_tm1, reward_t, terminated, truncated, obs_t)
        check_actions(np.asarray(action_tm1) - self._first_action, self.num_actions)
        with np.errstate(over="ignore"):
            stored = np.asarray(reward_t, np.float32)
        for name, values in (("obs_tm1", obs_tm1), ("reward_t", stored), ("obs_t", obs_t)):
            if not np.isfinite(values).all():
                raise ValueError(f"{name} must be finite, got {values!r}")
        columns = (obs_tm1, action_tm1 - self._first_action, reward_t, terminated, truncated, obs_t)
        self._newest = [
            _as_batch(window.push(*(column[s] for column in columns)))
            for s, window in enumerate(self._windows)
        ]
        if self.config.replay in ("softmax", "softmax_mended"):
            self._remember_with_loss(terminated | truncated)
        elif self.config.replay != "off":
            for s, (buffer, batch) in enumerate(zip(self.buffers, self._newest, strict=True)):
                if isinstance(buffer, FrameReplayBuffer):
                    buffer.push(*(column[s] for column in columns))
                else:
                    buffer.add(Transitions(*batch[:5]))
        self.steps += self.config.num_envs
        self.episodes += (terminated | truncated).sum(1)

    def _check_shapes(self, *step: NDArray[np.generic]) -> None:
        """Raise unless the arguments of :meth:`observe` are what its memory can hold."""
        names = ("obs_tm1", "action_tm1", "reward_t", "terminated", "truncated", "obs_t")
        grid = (len(self.seeds), self.config.num_envs)
        for name, values in zip(names, step, strict=True):
            shape = (*grid, *self.obs_shape) if name.startswith("obs") else grid
            if np.shape(values) != shape:
                raise ValueError(f"{name} must have shape {shape}, got {np.shape(values)}")
            wide = name.startswith("obs") and np.asarray(values).dtype == np.float64
            if wide and not (np.abs(values) <= np.finfo(np.float32).max).all():
                raise ValueError(f"{name} must be finite, and fit a float32, got {values!r}")

    def _remember_with_loss(self, ended: NDArray[np.bool_]) -> None:
        """Store the newest transitions as the homework does: each with its loss as it is now."""
        errors = self._td_errors(self._newest)
        for s, (buffer, batch) in enumerate(zip(self.buffers, self._newest, strict=True)):
            assert isinstance(buffer, SoftmaxReplay)
            slots = buffer.add(Transitions(*batch[:5]))
            buffer.update_priorities(slots, errors[s, : len(slots)])
            if ended[s].any():
                buffer.end_episode()

    # -- learning

    def break_off(self) -> None:
        """Drop unfinished n-step windows: the next step begins an episode, whatever came before."""
        for window, buffer in zip(self._windows, self.buffers, strict=True):
            window.reset()
            if isinstance(buffer, FrameReplayBuffer):
                buffer.reset()
            elif isinstance(buffer, SoftmaxReplay):
                buffer.end_episode()

    def learn_if_due(self) -> None:
        """Do the updates that the last step made due: one per ``train_every`` steps.

        None are due before ``learning_starts`` steps, or before every learner is sure to hold a
        full batch, however its episodes ended. Without replay one is due after each step.

        Raises:
            ArithmeticError: As :meth:`learn`.
        """
        config = self.config
        if config.replay == "off":
            if any(len(batch.reward_t) for batch in self._newest):
                self.learn()
            return
        held_back = (config.n_step - 1) * config.num_envs  # at most so many wait in the windows
        if self.steps < config.batch_size + held_back:
            return
        if min(len(buffer) for buffer in self.buffers) < config.batch_size:
            return  # the homework's memory loses some of what it is given
        now = max(self.steps - config.learning_starts, 0)
        before = max(now - config.num_envs, 0)
        for _ in range(now // config.train_every - before // config.train_every):
            self.learn()

    def learn(self) -> Update:
        """One gradient step of every learner, each on a minibatch of its own.

        Raises:
            ValueError: If a memory holds no transition yet.
            ArithmeticError: If the gradient of a learner is not finite. Nothing changes then.
        """
        config = self.config
        if config.replay == "off" and not self._newest:
            raise ValueError("learn must come after observe: there is no transition yet")
        if config.replay == "off":
            batches = self._newest
        else:
            beta = config.beta(self.steps)
            batches = [
                buffer.sample(config.batch_size, rng, beta=beta)
                for buffer, rng in zip(self.buffers, self._replay, strict=True)
            ]
        batch = _stack(batches)

        target = self._targets(batch)
        inputs: list[Tensor] = []
        q_tm1 = self.network.forward(self._online_layers, batch.obs_tm1, inputs)
        delta = td_error(q_tm1, batch.action_tm1, target)
        # The loss enters by its slope at Q(S, A), which is a formula. A learner's values depend on
        # its own row of parameters only, so every learner's own gradient comes out in its row.
        slope = huber_slope(delta) if config.loss == "huber" else squared_slope(delta)
        slope = batch.weights * (slope + config.q_penalty) / batch.sizes
        slopes = torch.zeros_like(q_tm1).scatter_(
            -1, batch.action_tm1.unsqueeze(-1), slope.unsqueeze(-1)
        )
        gradient = self.network.backward(self._online_layers, inputs, slopes)
        grad_norm = gradient.norm(dim=1)
        if not grad_norm.isfinite().all():
            lost = [
                seed for seed, ok in zip(self.seeds, grad_norm.isfinite(), strict=True) if not ok
            ]
            raise ArithmeticError(f"learning diverged at update {self.updates}, with seeds {lost}")
        if config.max_grad_norm is not None:
            gradient *= (config.max_grad_norm / grad_norm).clamp(max=1).unsqueeze(1)
        self._optimizer.step(gradient)
        self.updates += 1
        self._update_target()

        if config.replay not in ("off", "uniform"):
            # The homework scores a batch anew after the step; the paper keeps what the step saw.
            scores = self._td_errors(batches) if "softmax" in config.replay else delta.numpy()
            for buffer, sampled, errors in zip(self.buffers, batches, scores, strict=True):
                buffer.update_priorities(sampled.slots, errors)
        return Update(delta, target - delta, grad_norm)

    def _td_errors(self, batches: Sequence[Batch]) -> NDArray[np.float32]:
        """The errors ``[S, B]`` of these batches as the networks are now."""
        batch = _stack(batches)
        q_tm1 = self.network.forward(self._online_layers, batch.obs_tm1)
        return np.asarray(td_error(q_tm1, batch.action_tm1, self._targets(batch)))

    def _targets(self, batch: "_Stacked") -> Tensor:
        """What Q(S, A) is pulled towards, ``[S, B]``."""
        q_t = self.network.forward(self._target_layers, batch.obs_t)
        if not self.config.double:
            return q_learning_target(batch.reward_t, batch.discount_t, q_t)
        selector = self.network.forward(self._online_layers, batch.obs_t)
        return double_q_target(batch.reward_t, batch.discount_t, selector, q_t)

    def _update_target(self) -> None:
        if self.config.target == "soft":
            self.target.lerp_(self.online, self.config.tau)
        elif self.config.target == "hard" and self.updates % self.config.target_period == 0:
            self.target.copy_(self.online)

    # -- keeping

    def save(self, path: str | Path) -> None:
        """Write the config and all networks to one file, atomically."""
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
    """The learners' batches as tensors, ``[S, B, ...]``; ``sizes [S, 1]`` of the real ones."""

    obs_tm1: Tensor
    action_tm1: Tensor
    reward_t: Tensor
    discount_t: Tensor
    obs_t: Tensor
    weights: Tensor
    sizes: Tensor


def _stack(batches: Sequence[Batch]) -> _Stacked:
    sizes = np.array([[len(batch.reward_t)] for batch in batches], np.float32)
    longest = int(sizes.max())
    if sizes.min() < longest:  # without replay a step may bring one learner more than another
        batches = [_pad(batch, longest) for batch in batches]
    columns = [
        np.stack(column) if len(column) > 1 else column[0][None]
        for column in zip(*batches, strict=True)
    ]
    obs_tm1, action_tm1, reward_t, discount_t, obs_t, _, weights = columns
    return _Stacked(
        as_input(obs_tm1),
        torch.from_numpy(action_tm1),
        torch.from_numpy(reward_t),
        torch.from_numpy(discount_t),
        as_input(obs_t),
        torch.from_numpy(weights),
        torch.from_numpy(sizes.clip(min=1)),
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


def as_input(obs: NDArray[np.generic]) -> Tensor:
    """Observations as float32; bytes, which are pixels, as fractions of 255."""
    tensor = torch.from_numpy(obs)
    return tensor / 255 if tensor.dtype == torch.uint8 else tensor.to(torch.float32)


def _as_batch(transitions: Transitions) -> Batch:
    """Transitions that are no sample: in no slot, each of weight one."""
    size = len(transitions.reward_t)
    return Batch(*transitions, np.zeros(size, np.int64), np.ones(size, np.float32))


def _make_network(
    config: DQNConfig, obs_shape: tuple[int, ...], num_actions: int
) -> QNetwork | ConvolutionalQNetwork:
    if config.filters:
        return ConvolutionalQNetwork(
            obs_shape, num_actions, config.hidden, filters=config.filters, dueling=config.dueling
        )
    size = int(np.prod(obs_shape))
    return QNetwork(size, num_actions, config.hidden, dueling=config.dueling)


def _make_buffer(
    config: DQNConfig, observation_space: gym.spaces.Box, num_actions: int
) -> ReplayBuffer | SoftmaxReplay | FrameReplayBuffer:
    shape, dtype = observation_space.shape, observation_space.dtype or np.float32
    if config.replay in ("softmax", "softmax_mended"):
        mended = config.replay == "softmax_mended"
        return SoftmaxReplay(
            config.capacity,
            shape,
            dtype,
            num_actions=num_actions,
            temperature=config.temperature,
            priority="absolute" if mended else "squared",
            sort_every=25 * config.train_every if mended else 25,
            sort_is_lost=not mended,
            sort_from=config.batch_size,
        )
    sampler: Sampler = UniformSampler()
    if config.replay == "proportional":
        sampler = ProportionalSampler(config.capacity, alpha=config.alpha)
    elif config.replay == "rank":
        # Sorting is the costly part; a hundred updates move few ranks.
        sampler = RankBasedSampler(config.capacity, alpha=config.alpha, sort_every=100)
    if config.frames:
        if len(shape) < 2:
            raise ValueError(f"frames needs observations that are stacks of frames, got {shape}")
        return FrameReplayBuffer(
            config.capacity,
            shape[1:],
            dtype,
            stack=shape[0],
            num_envs=config.num_envs,
            n=config.n_step,
            gamma=config.gamma,
            num_actions=num_actions,
            sampler=sampler,
            combined=config.combined,
        )
    return ReplayBuffer(
        config.capacity,
        shape,
        dtype,
        num_actions=num_actions,
        sampler=sampler,
        combined=config.combined,
    )


def _make_optimizer(config: DQNConfig, parameters: Tensor) -> Adam | RMSProp:
    optimizer = Adam if config.optimizer == "adam" else RMSProp
    return optimizer(parameters, config.learning_rate)
