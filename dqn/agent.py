"""DQN: acting, remembering and learning, for one learner or many side by side.

Chapters: `Target networks` (the whole algorithm), `Double DQN`, `Prioritized replay II: how`.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import gymnasium as gym
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from dqn import checkpoint
from dqn._arguments import check_actions, check_seeds, check_summable, check_whole
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
    as_stored,
)
from dqn.softmax_replay import SoftmaxReplay

__all__ = ["DQN", "Update", "as_input"]


class Update(NamedTuple):
    """What one gradient step saw, for plots and diagnosis.

    Where learners have unequal batches, as they may without replay, the shorter ones are filled up
    with transitions of weight 0, and those have entries here, too.
    """

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

    Copy an agent with ``copy.deepcopy``, and keep one in a file with :meth:`save`. Do not pickle
    it: pickle stores tensors that share memory as if they did not, so what comes back can act, but
    learns nothing.

    Args:
        config: All choices of the algorithm.
        observation_space: A ``Box``; other spaces are flattened first
            (:func:`dqn.worlds.make_env`). Bytes are taken for pixels, and divided by 255.
        action_space: A ``Discrete`` space.
        seeds: One whole number per learner.

    Raises:
        TypeError: If ``config`` is none, or a space is of another kind.
        ValueError: If ``seeds`` is empty, or one of them negative.

    Attributes:
        config: As given.
        seeds: As given.
        network: What the parameters mean, a :class:`~dqn.networks.QNetwork` or a convolutional one.
        online: The online networks' parameters, ``[S, P]``.
        target: The target networks' parameters, ``[S, P]``; with target off, the same tensor.
        buffers: The learners' memories, S of them; ``contents()`` shows what one holds.
        steps: Environment steps of each learner so far.
        updates: Gradient steps so far.
        episodes: Episodes that each learner has finished, ``[S]``.

    >>> from gymnasium.spaces import Box, Discrete
    >>> agent = DQN(DQNConfig(), Box(-1, 1, (4,)), Discrete(2), seeds=[0, 1, 2])
    >>> agent.act(np.zeros((3, 8, 4), np.float32)).shape  # three learners, eight environments each
    (3, 8)

    A loop of your own, here for one learner and one environment, whose axes lead every array:

    >>> env = gym.make("CartPole-v1", disable_env_checker=True)
    >>> agent = DQN(DQNConfig(num_envs=1), env.observation_space, env.action_space, seeds=[0])
    >>> obs, _ = env.reset(seed=0)
    >>> for _ in range(5):
    ...     action = agent.act(obs[None, None])
    ...     obs_t, reward, terminated, truncated, _ = env.step(action[0, 0])
    ...     step = ([[value]] for value in (reward, bool(terminated), bool(truncated)))
    ...     agent.observe(obs[None, None], action, *map(np.array, step), obs_t[None, None])
    ...     agent.learn_if_due()
    ...     obs = env.reset()[0] if terminated or truncated else obs_t
    >>> agent.steps, len(agent.buffers[0])  # a window of five steps is full
    (5, 1)
    """

    def __init__(
        self,
        config: DQNConfig,
        observation_space: gym.Space,  # type: ignore[type-arg]  # any space, checked below
        action_space: gym.Space,  # type: ignore[type-arg]
        seeds: Sequence[int],
    ) -> None:
        if not isinstance(config, DQNConfig):
            raise TypeError(f"config must be a DQNConfig, got {config!r}")
        if not isinstance(observation_space, gym.spaces.Box):
            raise TypeError(f"observation_space must be a Box, got {observation_space}")
        if not isinstance(action_space, gym.spaces.Discrete):
            raise TypeError(f"action_space must be Discrete, got {action_space}")
        self.config = config
        self.seeds = check_seeds(seeds)
        self.obs_shape = observation_space.shape
        self.num_actions = int(action_space.n)
        self._first_action = int(action_space.start)
        self._obs_dtype = np.dtype(observation_space.dtype or np.float32)

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
        """Action values ``[S, B, A]`` of observations ``[S, B, *obs]``, by the online networks.

        Raises:
            TypeError: If these are no numbers, or bytes and the observation space's are not, or the
                other way about: bytes are divided by 255.
            ValueError: If they have another shape.
        """
        self._check_kind(obs)
        check_side_by_side(np.shape(obs), len(self.seeds), self.obs_shape)
        return np.asarray(self.network.forward(self._online_layers, as_input(obs)))

    def greedy(self, obs: NDArray[np.generic]) -> NDArray[np.int64]:
        """The best actions ``[S, B]`` for observations ``[S, B, *obs]``."""
        actions: NDArray[np.int64] = self.q_values(obs).argmax(-1) + self._first_action
        return actions

    def policy(self, learner: int = 0) -> Callable[[NDArray[np.generic]], int]:
        """One learner's greedy policy, from a single observation to a single action.

        For films and loops of your own. :func:`dqn.evaluation.evaluate` takes :meth:`greedy`, all
        learners at once.

        The policy refuses what is no observation: TypeError if it is of another type, ValueError
        if it has another shape.

        Raises:
            TypeError: If ``learner`` is no whole number.
            ValueError: If there is no such learner.
        """
        check_whole("learner", learner, low=0)
        if not 0 <= learner < len(self.seeds):
            raise ValueError(f"learner must lie in 0..{len(self.seeds) - 1}, got {learner!r}")
        parameters = self.online[learner : learner + 1]

        def act(obs: NDArray[np.generic]) -> int:
            self._check_kind(obs)
            if np.shape(obs) != self.obs_shape:
                raise ValueError(
                    f"obs must be one observation of shape {self.obs_shape}, got {np.shape(obs)}"
                )
            values = self.network(parameters, as_input(np.asarray(obs)[None, None]))
            return int(values.argmax()) + self._first_action

        return act

    def _check_kind(self, obs: NDArray[np.generic]) -> None:
        given = np.asarray(obs).dtype
        if given.kind not in "biuf":
            raise TypeError(f"obs must be an array of numbers, got {obs!r}")
        if (given == np.uint8) != (self._obs_dtype == np.uint8):
            raise TypeError(f"obs must be {self._obs_dtype} as in the space, got {given}")

    def epsilon(self) -> NDArray[np.float64]:
        """Each learner's probability of a random action now, ``[S]``."""
        return np.array([self.config.epsilon(self.steps, int(count)) for count in self.episodes])

    def act(self, obs: NDArray[np.generic]) -> NDArray[np.int64]:
        """Epsilon-greedy actions ``[S, N]`` for observations ``[S, N, *obs]``.

        For a single one see :meth:`policy`, or give it two leading axes.
        """
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
            TypeError: If actions are no whole numbers, flags no bools, or observations of a type
                that cannot be stored as the space's.
            ValueError: If a shape is wrong, a number is not finite or too large, or an action
                unknown. Nothing is stored then, by any learner.
        """
        columns = self._checked_step(
            obs_tm1=obs_tm1,
            action_tm1=action_tm1,
            reward_t=reward_t,
            terminated=terminated,
            truncated=truncated,
            obs_t=obs_t,
        )
        _check_stacks(self.buffers, columns[0], columns[5])
        ended = columns[3] | columns[4]
        self._newest = [
            _as_batch(window.push(*(column[s] for column in columns)))
            for s, window in enumerate(self._windows)
        ]
        if self.config.replay in ("softmax", "softmax_mended"):
            self._remember_with_loss(ended)
        elif self.config.replay != "off":
            for s, (buffer, batch) in enumerate(zip(self.buffers, self._newest, strict=True)):
                if isinstance(buffer, FrameReplayBuffer):
                    buffer.push(*(column[s] for column in columns))
                else:
                    buffer.add(Transitions(*batch[:5]))
        self.steps += self.config.num_envs
        self.episodes += ended.sum(1)

    def _checked_step(self, **step: NDArray[Any]) -> list[NDArray[Any]]:
        """Return the arguments of :meth:`observe` as what is stored, or raise as it does."""
        grid = (len(self.seeds), self.config.num_envs)
        columns = []
        for name, given in step.items():
            column, is_obs = np.asarray(given), name.startswith("obs")
            shape = (*grid, *self.obs_shape) if is_obs else grid
            if column.shape != shape:
                raise ValueError(f"{name} must have shape {shape}, got {column.shape}")
            if name in ("terminated", "truncated") and column.dtype != np.bool_:
                raise TypeError(f"{name} must be bools, got {column.dtype}")
            if name == "reward_t":
                check_summable(name, column, self.config.n_step)
            if name == "action_tm1":
                check_actions(column, self.num_actions, self._first_action)
                column = as_stored(name, column, np.dtype(np.int64)) - self._first_action
            elif name in ("terminated", "truncated"):
                column = column.astype(np.bool_, copy=False)
            else:
                if not is_obs or column.dtype.kind == "f":
                    as_stored(name, column, np.dtype(np.float32))  # what networks compute with
                if is_obs:
                    column = as_stored(name, column, self._obs_dtype)
            columns.append(column)
        return columns

    def _remember_with_loss(self, ended: NDArray[np.bool_]) -> None:
        """Store the newest transitions as the homework does: each with its loss as it is now."""
        errors = self._td_errors(self._newest).numpy()
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
        full batch, however its episodes ended. Without replay one is due after each step of all
        environments that completed a window.

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
            ValueError: If a memory holds fewer transitions than a batch, or none without replay.
                Also with proportional replay and ``alpha`` of 1 or more, if an error is too large
                for its power to fit a float32. Nothing changes then.
            ArithmeticError: If an error or the gradient of a learner is not finite. Nothing changes
                then.
        """
        config = self.config
        if config.replay == "off" and not any(len(batch.reward_t) for batch in self._newest):
            raise ValueError("learn must come after observe: there is no transition yet")
        if config.replay == "off":
            batches = self._newest
        else:
            beta = config.beta(self.steps)
            batches = [
                buffer.sample(config.batch_size, rng, beta=beta)
                for buffer, rng in zip(self.buffers, self._replay, strict=True)
            ]
        gradient, seen = self.gradient(batches)
        if not (seen.grad_norm.isfinite().all() and seen.td_error.isfinite().all()):
            finite = (seen.grad_norm.isfinite() & seen.td_error.isfinite().all(1)).tolist()
            lost = [seed for seed, ok in zip(self.seeds, finite, strict=True) if not ok]
            raise ArithmeticError(f"learning diverged at update {self.updates}, with seeds {lost}")
        _check_priorities(self.buffers, seen.td_error)
        if config.max_grad_norm is not None:
            gradient *= (config.max_grad_norm / seen.grad_norm).clamp(max=1).unsqueeze(1)
        self._optimizer.step(gradient)
        self.updates += 1
        self._update_target()

        if config.replay not in ("off", "uniform"):
            # The homework scores a batch anew after the step; the paper keeps what the step saw.
            scored = self._td_errors(batches) if "softmax" in config.replay else seen.td_error
            for buffer, sampled, errors in zip(self.buffers, batches, scored.numpy(), strict=True):
                buffer.update_priorities(sampled.slots, errors)
        return seen

    def gradient(self, batches: Sequence[Batch]) -> tuple[Tensor, Update]:
        """The gradient of each learner's loss on its own batch, ``[S, P]``; nothing changes.

        With it comes what it was computed from.
        """
        config, batch = self.config, _stack(batches)
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
        return gradient, Update(delta, target - delta, gradient.norm(dim=1))

    def _td_errors(self, batches: Sequence[Batch]) -> Tensor:
        """The errors ``[S, B]`` of these batches as the networks are now."""
        batch = _stack(batches)
        q_tm1 = self.network.forward(self._online_layers, batch.obs_tm1)
        return td_error(q_tm1, batch.action_tm1, self._targets(batch))

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
        """Write the config and all networks to one file, atomically.

        A loaded agent acts as the saved one did. Not kept are the memory, the optimiser's means,
        the counts of steps (so epsilon, beta and ``learning_starts`` begin again) and the random
        streams. As a start for more training it explores and fills its memory anew.

        Raises:
            OSError: If the file cannot be written, as where its folder is missing.
        """
        tensors = {"online": self.online, "target": self.target}
        checkpoint.write(path, tensors, self.config)

    def load(self, path: str | Path) -> None:
        """Take over the networks stored by :meth:`save`.

        Raises:
            ValueError: If the file is damaged, or was made with another config or other shapes;
                nothing is changed then. Seeds may differ.
            OSError: If the file cannot be read.
        """
        tensors = {"online": self.online, "target": self.target}
        stored = checkpoint.read(path, tensors, self.config)
        self.online.copy_(stored["online"])
        self.target.copy_(stored["target"])


def _check_stacks(buffers: Sequence[object], obs_tm1: NDArray[Any], obs_t: NDArray[Any]) -> None:
    """Ask every memory of frames before any of them, or a window, takes the step in."""
    for buffer, before, after in zip(buffers, obs_tm1, obs_t, strict=True):
        if isinstance(buffer, FrameReplayBuffer):
            buffer.check_stacks(before, after, np.ones(len(before), bool))


def _check_priorities(buffers: Sequence[object], td_error: Tensor) -> None:
    """Raise unless these errors ``[S, B]`` can become priorities, before anything has changed."""
    for buffer, errors in zip(buffers, td_error, strict=True):
        sampler = getattr(buffer, "sampler", None)
        # With a smaller alpha any finite float32 will do.
        if isinstance(sampler, ProportionalSampler) and sampler.alpha >= 1:
            sampler.check_errors(errors.numpy())


def check_side_by_side(shape: tuple[int, ...], learners: int, obs_shape: tuple[int, ...]) -> None:
    """Raise unless observations of this shape are ``[S, B, *obs]``, a batch for each learner."""
    if len(shape) < 2 or shape[0] != learners or shape[2:] != obs_shape:
        expected = ", ".join(map(str, (learners, "B", *obs_shape)))
        raise ValueError(
            f"obs must have shape [{expected}], got {shape}; for one observation use policy()"
        )


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
