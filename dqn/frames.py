"""Replay of stacked frames, each frame stored once.

An agent that sees the last four frames would store each of them eight times: in four stacks, as
the observation before a step and as the one after. Here a transition stores which frames it is
made of, and the stacks are built when it is drawn. Chapter: `Beyond`.
"""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from dqn._arguments import check_actions, check_row, check_whole
from dqn.replay import Batch, NStepWindow, ReplayBuffer, Sampler, Transitions

__all__ = ["FrameReplayBuffer"]


class FrameReplayBuffer:
    """A :class:`~dqn.replay.ReplayBuffer` of stacked frames in an eighth of the memory.

    It takes steps of environments (it has an :class:`~dqn.replay.NStepWindow` inside) whose
    observations are stacks, newest frame last, as Gymnasium's ``FrameStackObservation`` makes
    them. Batches hold exactly the stacks that were pushed, whatever the padding at an episode's
    start. Frames of different episodes never share a stack, and the last frame of an episode is
    kept, so that bootstrapping at a truncation sees it.

    There is room for one frame a transition and 0.4 % more for last frames. Where episodes are
    shorter than 256 steps on average that is not enough, and the store grows as far as it must.

    Source: the idea is the Nature DQN's, Mnih et al. 2015, Methods. Chapter: `Beyond`.

    Args:
        capacity: How many transitions it holds.
        frame_shape: Shape of one frame.
        frame_dtype: What frames are stored as; those pushed must have this type.
        stack: How many frames make an observation.
        num_envs: E, the number of environments stepped together.
        n: The longest window, in steps.
        gamma: Discount of one step.
        num_actions: As in :class:`~dqn.replay.ReplayBuffer`.
        sampler: As in :class:`~dqn.replay.ReplayBuffer`.
        combined: As in :class:`~dqn.replay.ReplayBuffer`.

    Raises:
        ValueError: If a number is out of range.

    >>> buffer = FrameReplayBuffer(5, frame_shape=(), stack=2, gamma=0.9)
    >>> def step(before, after, terminated):
    ...     observations = np.array([before], np.uint8), np.array([after], np.uint8)
    ...     buffer.push(observations[0], [0], [1.0], [terminated], [False], observations[1])
    >>> step([7, 7], [7, 8], False)
    >>> step([7, 8], [8, 9], True)
    >>> buffer.contents().obs_tm1
    array([[7, 7], [7, 8]], dtype=uint8)
    >>> buffer.frames_stored
    3
    """

    def __init__(
        self,
        capacity: int,
        frame_shape: tuple[int, ...],
        frame_dtype: DTypeLike = np.uint8,
        *,
        stack: int = 4,
        num_envs: int = 1,
        n: int = 1,
        gamma: float = 0.99,
        num_actions: int | None = None,
        sampler: Sampler | None = None,
        combined: bool = False,
    ) -> None:
        check_row("frame_shape", frame_shape, low=0)
        self.stack = check_whole("stack", stack)
        self._window = NStepWindow(num_envs, n, gamma)
        # A transition's observations are the places of its frames.
        self._transitions = ReplayBuffer(
            capacity,
            (self.stack,),
            np.int32,
            num_actions=num_actions,
            sampler=sampler,
            combined=combined,
        )
        # Frames are numbered as they come; number i lies at place (i - base) % len(frames).
        # Before the frame of the oldest transition there may be others still in use, at most
        # so many; and one push brings at most so many new ones.
        self._in_use_before = self.stack - 1
        if self._window.num_envs > 1:
            self._in_use_before = (n + self.stack) * self._window.num_envs * (self.stack + 1)
        self._most_new = self._window.num_envs * (self.stack + 1)
        room = self.capacity + self.capacity // 256 + n + self._in_use_before + self._most_new
        self._frames: NDArray[Any] = np.zeros((room, *frame_shape), frame_dtype)
        self._base = 0
        self.frames_stored = 0
        """How many frames have been stored since the beginning."""
        # The frames each environment's current observation is made of; None between episodes.
        self._current: list[list[int] | None] = [None] * self._window.num_envs

    def __len__(self) -> int:
        return len(self._transitions)

    @property
    def capacity(self) -> int:
        """How many transitions it holds."""
        return self._transitions.capacity

    @property
    def sampler(self) -> Sampler:
        """Which transitions to replay."""
        return self._transitions.sampler

    @property
    def nbytes(self) -> int:
        """Memory of the frames, the transitions and the sampler, in bytes."""
        return self._frames.nbytes + self._transitions.nbytes

    def push(
        self,
        obs_tm1: ArrayLike,
        action: ArrayLike,
        reward: ArrayLike,
        terminated: ArrayLike,
        truncated: ArrayLike,
        obs_t: ArrayLike,
        valid: ArrayLike | None = None,
    ) -> None:
        """Take one step of each environment; arguments as in :meth:`dqn.replay.NStepWindow.push`.

        Args:
            obs_tm1: Stacks before the step, ``[E, stack, *frame]``. Inside an episode they are the
                last step's ``obs_t``.
            action: Actions, ``[E]``.
            reward: Rewards, ``[E]``.
            terminated: Whether the episode reached a terminal state, ``[E]``.
            truncated: Whether it was cut short, ``[E]``.
            obs_t: Stacks after the step, ``[E, stack, *frame]``; only the newest frame is new, the
                others are those of ``obs_tm1`` moved on by one place.
            valid: Which rows are real steps, ``[E]``; all if not given.

        Raises:
            ValueError: If a shape is wrong, a reward is not finite, an action is unknown, or the
                stacks do not follow from those before; nothing is stored then.
            TypeError: If frames are not of the buffer's type, actions no whole numbers, rewards no
                numbers, or a flag is no bool.
        """
        before, after = np.asarray(obs_tm1), np.asarray(obs_t)
        shape = (self._window.num_envs, self.stack, *self._frames.shape[1:])
        for name, stacks in (("obs_tm1", before), ("obs_t", after)):
            if stacks.shape != shape:
                raise ValueError(f"{name} must have shape {shape}, got {stacks.shape}")
            if stacks.dtype != self._frames.dtype:
                raise TypeError(f"{name} must be {self._frames.dtype}, got {stacks.dtype}")
        check_actions(action, self._transitions.num_actions)
        if valid is not None and np.asarray(valid).dtype != np.bool_:
            raise TypeError(f"valid must be bools, got {valid!r}")
        real = np.ones(shape[0], bool) if valid is None else np.asarray(valid, bool)
        if real.shape != shape[:1]:
            raise ValueError(f"valid must have shape {shape[:1]}, got {real.shape}")
        self.check_stacks(before, after, real)

        # Number the frames this step brings, give the numbers to the window (which refuses bad
        # input), and only then store anything.
        new_frames: list[NDArray[Any]] = []
        numbers = np.zeros((2, shape[0], self.stack), np.int64)
        for env in np.flatnonzero(real).tolist():
            current = self._current[env]
            if current is None:
                current = []
                for k, frame in enumerate(before[env]):
                    if k == 0 or not np.array_equal(frame, before[env, k - 1]):
                        new_frames.append(frame)
                    current.append(self.frames_stored + len(new_frames) - 1)
            new_frames.append(after[env, -1])
            numbers[0, env] = current
            numbers[1, env] = [*current[1:], self.frames_stored + len(new_frames) - 1]
        steps = self._window.push(
            numbers[0], action, reward, terminated, truncated, numbers[1], real
        )
        self._store(new_frames)
        self._transitions.add(
            steps._replace(obs_tm1=self._places(steps.obs_tm1), obs_t=self._places(steps.obs_t))
        )
        goes_on = real & ~(np.asarray(terminated, bool) | np.asarray(truncated, bool))
        for env, same_episode in enumerate(goes_on.tolist()):
            self._current[env] = numbers[1, env].tolist() if same_episode else None

    def check_stacks(
        self, obs_tm1: NDArray[Any], obs_t: NDArray[Any], valid: NDArray[np.bool_]
    ) -> None:
        """Raise ``ValueError`` unless stacks are made of the frames of those before, and a new one.

        Arguments are as in :meth:`push`.
        """
        for env in np.flatnonzero(valid).tolist():
            current = self._current[env]
            if current is not None and not np.array_equal(
                obs_tm1[env], self._frames[self._places(np.array(current))]
            ):
                raise ValueError(
                    f"obs_tm1[{env}] must be the last step's obs_t, as its episode goes on; "
                    "call reset() when the environments were reset from outside"
                )
            if not np.array_equal(obs_t[env, :-1], obs_tm1[env, 1:]):
                raise ValueError(
                    f"obs_t[{env}] must be obs_tm1[{env}] moved on by one frame, the newest last"
                )

    def reset(self) -> None:
        """Drop the steps held, for when all environments are reset from outside."""
        self._window.reset()
        self._current = [None] * self._window.num_envs

    def sample(self, batch_size: int, rng: np.random.Generator, *, beta: float = 1.0) -> Batch:
        """Draw a batch as :meth:`dqn.replay.ReplayBuffer.sample`; ``[B, stack, *frame]``."""
        batch = self._transitions.sample(batch_size, rng, beta=beta)
        return batch._replace(
            obs_tm1=self._frames.take(batch.obs_tm1, axis=0),
            obs_t=self._frames.take(batch.obs_t, axis=0),
        )

    def update_priorities(self, slots: ArrayLike, td_errors: ArrayLike) -> None:
        """Tell the sampler, as :meth:`dqn.replay.ReplayBuffer.update_priorities`."""
        self._transitions.update_priorities(slots, td_errors)

    def contents(self) -> Transitions:
        """Return a copy of all that is stored, oldest first."""
        stored = self._transitions.contents()
        return stored._replace(
            obs_tm1=self._frames.take(stored.obs_tm1, axis=0),
            obs_t=self._frames.take(stored.obs_t, axis=0),
        )

    def _places(self, numbers: Any) -> Any:
        return (numbers - self._base) % len(self._frames)

    def _store(self, new_frames: list[NDArray[Any]]) -> None:
        """Write frames over the oldest ones, having made sure that nothing needs those."""
        if len(self._transitions):
            oldest = self._transitions._stored.obs_tm1[self._transitions._oldest, -1]
            writes_until_oldest = (oldest - self._places(self.frames_stored)) % len(self._frames)
            if writes_until_oldest - self._in_use_before < self._most_new:
                self._grow()
        for frame in new_frames:
            self._frames[self._places(self.frames_stored)] = frame
            self.frames_stored += 1

    def _grow(self) -> None:
        """Make room behind the newest frame: the oldest one moves to place 0."""
        room, first = len(self._frames), self._places(self.frames_stored)
        more = np.zeros_like(
            self._frames, shape=(room // 128 + 4 * self._most_new, *self._frames.shape[1:])
        )
        self._frames = np.concatenate((self._frames[first:], self._frames[:first], more))
        self._base = self.frames_stored - room
        stored = self._transitions._stored
        for places in (stored.obs_tm1, stored.obs_t):
            places[...] = (places - first) % room
