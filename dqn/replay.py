"""Experience replay: transitions in preallocated arrays, drawn again to learn from.

Storing, choosing and windowing are three things. :class:`ReplayBuffer` stores, a :class:`Sampler`
chooses which slots to replay (:mod:`dqn.prioritized` has others), and :class:`NStepWindow` turns
steps of an environment into transitions. Chapter: `Experience replay`.
"""

from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from dqn._arguments import (
    check_actions,
    check_draw,
    check_finite,
    check_flag,
    check_generator,
    check_number,
    check_numbers,
    check_row,
    check_slots,
    check_whole,
)

__all__ = [
    "Batch",
    "NStepWindow",
    "ReplayBuffer",
    "Sampler",
    "Transitions",
    "UniformSampler",
    "as_stored",
    "check_actions",
]

Array = NDArray[Any]


class Transitions(NamedTuple):
    """k transitions, from one to many steps long each.

    Attributes:
        obs_tm1: Observation before the action, ``[k, *obs]``.
        action_tm1: Action taken there, ``[k]``.
        reward_t: Discounted sum of the rewards that followed, ``[k]``.
        discount_t: What the value of ``obs_t`` is multiplied by, ``[k]``: gamma to the power of the
            number of steps, 0 where the episode terminated (truncation alone leaves it as it is).
        obs_t: Observation after the last of those rewards, ``[k, *obs]``.
    """

    obs_tm1: Array
    action_tm1: Array
    reward_t: Array
    discount_t: Array
    obs_t: Array


class Batch(NamedTuple):
    """What :meth:`ReplayBuffer.sample` returns: copies, free to be changed.

    Attributes:
        obs_tm1: ``[B, *obs]``, in the buffer's dtype.
        action_tm1: ``[B]`` int64.
        reward_t: ``[B]`` float32.
        discount_t: ``[B]`` float32.
        obs_t: ``[B, *obs]``, in the buffer's dtype.
        slots: ``[B]`` int64, where each transition lies; valid until the next ``add``.
        weights: ``[B]`` float32, importance weights; multiply each transition's *loss* by them.
    """

    obs_tm1: Array
    action_tm1: NDArray[np.int64]
    reward_t: NDArray[np.float32]
    discount_t: NDArray[np.float32]
    obs_t: Array
    slots: NDArray[np.int64]
    weights: NDArray[np.float32]


class Sampler(Protocol):
    """A sampling distribution over the slots ``0 .. size - 1`` of a buffer."""

    @property
    def nbytes(self) -> int:
        """Memory its arrays take, in bytes."""

    def added(self, slots: NDArray[np.int64]) -> None:
        """Take note that these slots now hold new transitions, in this order."""

    def sample(
        self, batch_size: int, size: int, rng: np.random.Generator, beta: float
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Draw slots ``[batch_size]`` and their importance weights ``[batch_size]``."""

    def update(self, slots: NDArray[np.int64], td_errors: Array) -> None:
        """Take note of the errors ``[k]`` last seen at these slots ``[k]``."""

    def probabilities(self, size: int) -> NDArray[np.float64]:
        """Return the probability of each slot, ``[size]``."""


class UniformSampler:
    """Every stored transition is equally likely; draws are independent (with replacement).

    Source: Lin 1992, "Self-improving reactive agents"; Mnih et al. 2015, Algorithm 1.
    Chapter: `Experience replay`.

    >>> UniformSampler().probabilities(4)
    array([0.25, 0.25, 0.25, 0.25])
    """

    nbytes = 0

    def added(self, slots: NDArray[np.int64]) -> None:
        """Do nothing: a uniform distribution does not look at what is stored."""

    def sample(
        self,
        batch_size: int,
        size: int,
        rng: np.random.Generator,
        beta: float = 1.0,
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Draw ``batch_size`` of the slots ``0 .. size - 1``; the weights are 1, whatever beta.

        Raises:
            TypeError: If a size is no whole number, or ``rng`` no generator.
            ValueError: If a size is below 1, or ``beta`` is outside [0, 1].
        """
        check_draw(batch_size, size, rng, beta)
        # The floor of a uniform number times size: never size itself, even after rounding, and
        # drawn in half the time of rng.integers.
        slots = (rng.random(batch_size) * size).astype(np.int64)
        return slots, np.ones(batch_size, np.float32)

    def update(self, slots: NDArray[np.int64], td_errors: Array) -> None:
        """Do nothing: a uniform distribution does not look at errors."""

    def probabilities(self, size: int) -> NDArray[np.float64]:
        """Return 1 / size for each slot, ``[size]``.

        Raises:
            TypeError: If ``size`` is no whole number.
            ValueError: If it is below 1.
        """
        check_whole("size", size)
        return np.full(size, 1 / size)


class ReplayBuffer:
    """A ring of transitions: the newest one replaces the oldest one once the buffer is full.

    Sources: Lin 1992; Mnih et al. 2015. Chapter: `Experience replay`.

    Args:
        capacity: How many transitions it holds.
        obs_shape: Shape of one observation, ``()`` for a single number.
        obs_dtype: What observations are stored as.
        num_actions: Number of actions; they are then stored in the smallest unsigned type that
            fits, and any other action is refused. Without it actions take 8 bytes.
        sampler: Which slots to replay; :class:`UniformSampler` if not given.
        combined: Whether the newest transition takes the last place of every batch, with weight 1
            (combined experience replay, Zhang & Sutton 2017).

    Raises:
        ValueError: If ``capacity`` is below 1 or not the sampler's own.
        TypeError: If an argument is of the wrong type.

    >>> buffer = ReplayBuffer(3, obs_shape=(2,), num_actions=2)
    >>> step = Transitions(np.zeros((1, 2)), np.array([1]), np.ones(1), np.ones(1), np.ones((1, 2)))
    >>> [int(buffer.add(step)[0]) for _ in range(4)]
    [0, 1, 2, 0]
    >>> len(buffer), buffer.nbytes
    (3, 75)
    >>> buffer.sample(2, np.random.default_rng(0)).obs_t
    array([[1., 1.], [1., 1.]], dtype=float32)
    """

    def __init__(
        self,
        capacity: int,
        obs_shape: tuple[int, ...],
        obs_dtype: DTypeLike = np.float32,
        *,
        num_actions: int | None = None,
        sampler: Sampler | None = None,
        combined: bool = False,
    ) -> None:
        self.capacity = check_whole("capacity", capacity)
        check_row("obs_shape", obs_shape, low=0)
        self.obs_shape = tuple(check_whole("obs_shape", side, low=0) for side in obs_shape)
        self.num_actions = None if num_actions is None else check_whole("num_actions", num_actions)
        _check_sampler(sampler)
        self.sampler: Sampler = UniformSampler() if sampler is None else sampler
        check_flag("combined", combined)
        self.combined = combined
        covered = getattr(self.sampler, "capacity", self.capacity)
        if covered != self.capacity:
            raise ValueError(
                f"sampler must have the buffer's capacity, {self.capacity}, got one of {covered}"
            )
        obs_type = np.dtype(obs_dtype)
        if obs_type.kind not in "biuf":
            raise TypeError(f"obs_dtype must be a real number type, got {obs_type}")
        action_type = (
            np.dtype(np.int64)
            if self.num_actions is None
            else np.min_scalar_type(self.num_actions - 1)
        )
        self._stored = Transitions(
            obs_tm1=np.zeros((self.capacity, *self.obs_shape), obs_type),
            action_tm1=np.zeros(self.capacity, action_type),
            reward_t=np.zeros(self.capacity, np.float32),
            discount_t=np.zeros(self.capacity, np.float32),
            obs_t=np.zeros((self.capacity, *self.obs_shape), obs_type),
        )
        self._size = 0
        self._next = 0  # the slot that the next transition goes to

    def __len__(self) -> int:
        return self._size

    @property
    def nbytes(self) -> int:
        """Memory of the stored transitions and of the sampler, in bytes."""
        return sum(column.nbytes for column in self._stored) + self.sampler.nbytes

    def add(self, transitions: Transitions) -> NDArray[np.int64]:
        """Store k transitions, oldest first, and return their slots, ``[k]``.

        It is as if they came one by one: with ``k > capacity`` only the last ``capacity`` remain.

        Raises:
            ValueError: If a shape is wrong, a number is not finite, a discount is outside [0, 1],
                an action is unknown, or a whole number does not fit. Nothing is stored then.
            TypeError: If these are no transitions, or a field's type cannot be stored as the
                buffer's.
        """
        columns = self.checked(transitions)
        slots = np.arange(self._next, self._next + len(columns.reward_t)) % self.capacity
        for stored, column in zip(self._stored, columns, strict=True):
            stored[slots] = column  # of two values for one slot, the later one stays
        self._next = (self._next + len(slots)) % self.capacity
        self._size = min(self._size + len(slots), self.capacity)
        self.sampler.added(slots)
        return slots

    def sample(self, batch_size: int, rng: np.random.Generator, *, beta: float = 1.0) -> Batch:
        """Draw a batch of transitions, with replacement.

        Args:
            batch_size: B, no more than is stored.
            rng: The source of randomness.
            beta: How much of the sampling bias the weights correct, from 0 to 1.

        Raises:
            TypeError: If ``batch_size`` is no whole number, or ``rng`` no generator.
            ValueError: If ``batch_size`` is below 1 or more than is stored, or ``beta`` outside
                [0, 1].
        """
        check_generator("rng", rng)
        if check_whole("batch_size", batch_size) > self._size:
            raise ValueError(
                f"batch_size must be at most the {self._size} transitions stored, got {batch_size}"
            )
        slots, weights = self.sampler.sample(batch_size, self._size, rng, beta)
        if self.combined:
            slots[-1] = (self._next - 1) % self.capacity
            weights[-1] = 1
        return self.take(slots, weights)

    def take(self, slots: NDArray[np.int64], weights: NDArray[np.float32]) -> Batch:
        """Return the transitions in these slots ``[B]`` as a batch with these weights ``[B]``."""
        stored = self._stored
        return Batch(
            stored.obs_tm1.take(slots, axis=0),
            stored.action_tm1.take(slots).astype(np.int64),
            stored.reward_t.take(slots),
            stored.discount_t.take(slots),
            stored.obs_t.take(slots, axis=0),
            slots,
            weights,
        )

    def update_priorities(self, slots: ArrayLike, td_errors: ArrayLike) -> None:
        """Tell the sampler the TD errors ``[k]`` (not weighted, either sign) seen at these slots.

        Raises:
            ValueError: If the shapes differ, a slot is empty, or an error is not finite.
            TypeError: If slots are not whole numbers, or errors no numbers.
        """
        places, errors = self.checked_priorities(slots, td_errors)
        if places.size:
            self.sampler.update(places, errors)

    def checked_priorities(
        self, slots: ArrayLike, td_errors: ArrayLike
    ) -> tuple[NDArray[np.int64], Array]:
        """Return the arguments of :meth:`update_priorities` as arrays, or raise as it does."""
        check_numbers("slots", slots)
        check_numbers("td_errors", td_errors)
        places, errors = np.asarray(slots), np.asarray(td_errors)
        check_slots(places, self._size, errors)
        check_finite("td_errors", errors)
        return places.astype(np.int64, copy=False), errors

    def contents(self) -> Transitions:
        """Return a copy of all that is stored, oldest first."""
        slots = self.slots_by_age()
        return Transitions(*(column[slots] for column in self._stored))

    def slots_by_age(self) -> NDArray[np.int64]:
        """Return the slots in use, that of the oldest transition first."""
        return (self._oldest + np.arange(self._size)) % self.capacity

    @property
    def _oldest(self) -> int:
        """The slot of the oldest transition."""
        return self._next if self._size == self.capacity else 0

    def checked(self, transitions: Transitions) -> Transitions:
        """Return the fields as arrays in the stored types, or raise before anything is stored."""
        if not isinstance(transitions, Transitions):
            raise TypeError(f"transitions must be Transitions, got {transitions!r}")
        check_actions(transitions.action_tm1, self.num_actions)
        count = np.shape(transitions.action_tm1)[:1]
        columns = []
        for name, field, stored in zip(Transitions._fields, transitions, self._stored, strict=True):
            given = np.asarray(field)
            shape = count + stored.shape[1:]
            if given.ndim == 0 or given.shape != shape:
                expected = ", ".join(["k", *map(str, stored.shape[1:])])
                raise ValueError(
                    f"{name} must have shape [{expected}] with the same k as action_tm1's shape "
                    f"{np.shape(transitions.action_tm1)}, got {given.shape}"
                )
            columns.append(as_stored(name, given, stored.dtype))
        discounts = columns[3]
        if discounts.size and (discounts.min() < 0 or discounts.max() > 1):
            raise ValueError(f"discount_t must be in [0, 1], got {transitions.discount_t!r}")
        return Transitions(*columns)


def _check_sampler(sampler: Sampler | None) -> None:
    """Raise unless this is a sampler, or None for the uniform one."""
    needed = ("nbytes", "added", "sample", "update", "probabilities")
    if sampler is not None and not all(hasattr(sampler, name) for name in needed):
        raise TypeError(f"sampler must be a Sampler, got {sampler!r}")


def as_stored(name: str, given: Array, dtype: np.dtype[Any]) -> Array:
    """Return ``given`` as ``dtype``: whole numbers exactly, others rounded and finite, or raise."""
    if given.dtype != dtype:
        if given.dtype.kind not in "biuf" or (given.dtype.kind == "f" and dtype.kind != "f"):
            raise TypeError(
                f"{name} must be of a type that can be stored as {dtype}, got {given.dtype}"
            )
        with np.errstate(over="ignore"):
            converted = given.astype(dtype)
        if dtype.kind != "f" and not (converted == given).all():
            raise ValueError(f"{name} must fit {dtype}, got {given!r}")
        given = converted
    if dtype.kind == "f" and not np.isfinite(given).all():
        raise ValueError(f"{name} must be finite, got {given!r}")
    return given


class NStepWindow:
    """Turns the steps of several environments into n-step transitions.

    A transition that starts at time t carries ``r + gamma r' + ...`` over its k <= n steps, the
    observation after them, and the discount gamma^k (0 if the episode terminated there). Windows
    are n long inside an episode; where one ends, terminated or truncated, all the shorter windows
    that end there are given out too, so no window reaches into the next episode.

    Sources: Watkins 1989 (n-step returns); Mnih et al. 2016. Chapter: `How episodes end`.

    Args:
        num_envs: E, the number of environments stepped together.
        n: The longest window, in steps.
        gamma: Discount of one step, from 0 to 1.

    Raises:
        ValueError: If ``num_envs`` or ``n`` is below 1, or ``gamma`` is outside [0, 1].

    >>> window = NStepWindow(num_envs=1, n=2, gamma=0.5)
    >>> def push(t, terminated):
    ...     steps = window.push([t], [0], [1.0], [terminated], [False], [t + 1])
    ...     return list(zip(steps.obs_tm1, steps.reward_t, steps.discount_t, steps.obs_t))
    >>> len(push(0, False))
    0
    >>> [tuple(map(float, step)) for step in push(1, False)]
    [(0.0, 1.5, 0.25, 2.0)]
    >>> [tuple(map(float, step)) for step in push(2, True)]
    [(1.0, 1.5, 0.0, 3.0), (2.0, 1.0, 0.0, 3.0)]
    """

    def __init__(self, num_envs: int, n: int, gamma: float) -> None:
        self.num_envs = check_whole("num_envs", num_envs)
        self.n = check_whole("n", n)
        self.gamma = check_number("gamma", gamma, low=0, high=1)
        self._powers = self.gamma ** np.arange(self.n + 1)
        self._actions = np.zeros((self.n, self.num_envs), np.int64)
        self._rewards = np.zeros((self.n, self.num_envs))
        self._observations: Array | None = None  # [n, E, *obs], made when the first one comes
        self._row = 0  # where the next step goes
        self._length = np.zeros(self.num_envs, np.int64)  # steps held of each current episode

    def push(
        self,
        obs_tm1: ArrayLike,
        action: ArrayLike,
        reward: ArrayLike,
        terminated: ArrayLike,
        truncated: ArrayLike,
        obs_t: ArrayLike,
        valid: ArrayLike | None = None,
    ) -> Transitions:
        """Take one step of each environment and return the transitions it completes.

        Args:
            obs_tm1: Observations before the step, ``[E, *obs]``.
            action: Actions, ``[E]``.
            reward: Rewards, ``[E]``.
            terminated: Whether the episode reached a terminal state, ``[E]``.
            truncated: Whether it was cut short, ``[E]``. With both flags set it is terminated.
            obs_t: Observations after the step, ``[E, *obs]``; where an episode ended, its last one
                and not the first of the next.
            valid: Which rows are real steps, ``[E]``; all if not given. Gymnasium's vector
                environments (auto-reset mode NEXT_STEP) spend the step after an episode's end on
                the reset, and that row is no step. A row left out also drops the steps held of
                that environment, since no window may jump over it.

        Returns:
            Transitions, those of one environment in the order in which they began; rewards and
            discounts in float32, computed in float64. With ``n = 1`` the observations may share
            memory with the arguments.

        Raises:
            ValueError: If a shape is wrong or a reward is not finite; nothing is taken in then.
            TypeError: If actions are not whole numbers, rewards no numbers, or a flag is no bool.
        """
        if np.asarray(action).dtype == np.bool_:
            raise TypeError(f"action must be whole numbers, got {action!r}")
        for name, flags in (("terminated", terminated), ("truncated", truncated), ("valid", valid)):
            if flags is not None and np.asarray(flags).dtype != np.bool_:
                raise TypeError(f"{name} must be bools, got {flags!r}")
        check_numbers("reward", reward)
        obs_tm1, obs_t = np.asarray(obs_tm1), np.asarray(obs_t)
        action = as_stored("action", np.asarray(action), np.dtype(np.int64))
        reward = np.asarray(reward, np.float64)
        terminated, truncated = np.asarray(terminated, bool), np.asarray(truncated, bool)
        valid = np.ones(self.num_envs, bool) if valid is None else np.asarray(valid, bool)
        self._check(obs_tm1, action, reward, terminated, truncated, obs_t, valid)

        if self.n == 1:
            discount = self.gamma * ~terminated
            steps = Transitions(
                obs_tm1, action, reward.astype(np.float32), discount.astype(np.float32), obs_t
            )
            return steps if valid.all() else Transitions(*(field[valid] for field in steps))

        if self._observations is None:
            self._observations = np.zeros((self.n, *obs_tm1.shape), obs_tm1.dtype)
        if obs_tm1.dtype != self._observations.dtype:  # what is held must not be rounded
            self._observations = self._observations.astype(
                np.result_type(self._observations, obs_tm1)
            )
        row = self._row
        self._observations[row], self._actions[row], self._rewards[row] = obs_tm1, action, reward
        self._row = (row + 1) % self.n
        self._length = np.where(valid, np.minimum(self._length + 1, self.n), 0)

        ended = valid & (terminated | truncated)
        windows = []
        for steps_back in range(self.n - 1, -1, -1) if ended.any() else (self.n - 1,):
            given_out = ended if steps_back < self.n - 1 else valid
            envs = np.flatnonzero(given_out & (self._length > steps_back))
            rows = (row - steps_back + np.arange(steps_back + 1)) % self.n
            windows.append(
                Transitions(
                    self._observations[rows[0], envs],
                    self._actions[rows[0], envs],
                    self._powers[: steps_back + 1] @ self._rewards[rows][:, envs],
                    self._powers[steps_back + 1] * ~terminated[envs],
                    obs_t[envs],
                )
            )
        self._length[ended] = 0
        joined = Transitions(*map(np.concatenate, zip(*windows, strict=True)))
        return joined._replace(
            reward_t=joined.reward_t.astype(np.float32),
            discount_t=joined.discount_t.astype(np.float32),
        )

    def reset(self) -> None:
        """Drop the steps held, for when all environments are reset from outside."""
        self._length[:] = 0

    def _check(
        self,
        obs_tm1: Array,
        action: Array,
        reward: Array,
        terminated: Array,
        truncated: Array,
        obs_t: Array,
        valid: Array,
    ) -> None:
        """Raise unless the arguments of one push fit together, and the ones before."""
        for name, values in (
            ("action", action),
            ("reward", reward),
            ("terminated", terminated),
            ("truncated", truncated),
            ("valid", valid),
        ):
            if values.shape != (self.num_envs,):
                raise ValueError(f"{name} must have shape [{self.num_envs}], got {values.shape}")
        if self._observations is None:
            obs_shape = (self.num_envs, *obs_tm1.shape[1:])
        else:
            obs_shape = self._observations.shape[1:]
        for name, values in (("obs_tm1", obs_tm1), ("obs_t", obs_t)):
            if values.shape != obs_shape:
                raise ValueError(f"{name} must have shape {obs_shape}, got {values.shape}")
        with np.errstate(over="ignore"):
            stored = reward[valid].astype(np.float32)
        if not np.isfinite(stored).all():
            raise ValueError(f"reward must be finite, and fit a float32, got {reward!r}")
