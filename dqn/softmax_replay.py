"""The homework's prioritized replay: a softmax over stored losses, and a memory kept sorted.

It is not the prioritized replay of Schaul et al. 2016, and as written it hardly prioritizes. This
module keeps it so that it can be measured: each of its defects is one keyword, and the defaults are
the homework's. Chapter: `Prioritized replay II: how`.
"""

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from dqn._arguments import check_choice, check_flag, check_generator, check_number, check_whole
from dqn.replay import Batch, ReplayBuffer, Transitions

__all__ = ["SoftmaxReplay"]

_LARGEST_ERROR = float(np.sqrt(np.finfo(np.float64).max))


class SoftmaxReplay:
    """Draws transition i with probability exp(loss_i / T) / sum_k exp(loss_k / T).

    Every so many steps the memory is sorted by loss, smallest first, and new transitions take
    the place of the first ones: a second algorithm, one of forgetting.

    It is used like a :class:`~dqn.replay.ReplayBuffer`, by one environment at a time, with two more
    calls: score new transitions by ``update_priorities(add(...), td_errors)``, as the homework
    does, and report each episode's end by :meth:`end_episode`. Sampling and sorting take O(N).

    Args:
        capacity: N, how many transitions it holds; the homework's is 4000.
        obs_shape: Shape of one observation.
        obs_dtype: What observations are stored as.
        num_actions: As in :class:`~dqn.replay.ReplayBuffer`.
        temperature: T. The homework's 1000, over errors of about 1, is next to uniform.
        priority: Whether the loss is the ``"squared"`` TD error, as in the homework's code, or the
            ``"absolute"`` one, as in its text.
        sort_every: Steps from one sort to the next, or None to never sort and forget the oldest.
            The homework's condition ``(step + 1) % 25*train_schedule == 0`` means, with the
            precedence of Python, 25; meant was ``(step + 1) % (25*train_schedule)``, which is 100.
        sort_is_lost: Whether a sorted memory is used only until its episode ends. The homework
            gives it to a local name, so the caller keeps the unsorted one, without anything that
            was stored or scored after an episode's first sort.
        sort_from: The memory is sorted only if it holds at least so many transitions (the
            homework's batch size).

    Raises:
        ValueError: If a number is out of range or ``priority`` is unknown.

    >>> buffer = SoftmaxReplay(4, obs_shape=(), temperature=1.0)
    >>> steps = Transitions(np.arange(2), np.zeros(2, int), np.ones(2), np.ones(2), np.arange(2))
    >>> buffer.update_priorities(buffer.add(steps), [0.0, np.sqrt(np.log(3.0))])
    >>> buffer.probabilities(2)
    array([0.25, 0.75])
    """

    def __init__(
        self,
        capacity: int,
        obs_shape: tuple[int, ...],
        obs_dtype: DTypeLike = np.float32,
        *,
        num_actions: int | None = None,
        temperature: float = 1000.0,
        priority: str = "squared",
        sort_every: int | None = 25,
        sort_is_lost: bool = True,
        sort_from: int = 32,
    ) -> None:
        self.temperature = check_number("temperature", temperature, low=0, open_low=True)
        self.priority = check_choice("priority", priority, ("squared", "absolute"))
        self.sort_every = None if sort_every is None else check_whole("sort_every", sort_every)
        check_flag("sort_is_lost", sort_is_lost)
        self.sort_is_lost = sort_is_lost
        self.sort_from = check_whole("sort_from", sort_from)
        self._stored = ReplayBuffer(capacity, obs_shape, obs_dtype, num_actions=num_actions)
        self.losses = np.zeros(self._stored.capacity)
        """What each slot's transition is drawn by, ``[capacity]``; to be read only."""
        self.steps = 0
        """Transitions ever added."""
        self._checked_at = 0  # the step after which it was last asked whether to sort
        self._caller: tuple[Transitions, NDArray[np.float64]] | None = None

    def __len__(self) -> int:
        return len(self._stored)

    @property
    def capacity(self) -> int:
        """How many transitions it holds."""
        return self._stored.capacity

    @property
    def nbytes(self) -> int:
        """Memory in bytes, without the copy of an unsorted memory that ``sort_is_lost`` needs."""
        return self._stored.nbytes + self.losses.nbytes

    def add(self, transitions: Transitions) -> NDArray[np.int64]:
        """Store k transitions and return their slots, ``[k]``.

        A sort that the steps before made due comes first, so slots drawn earlier are valid no
        more. Until they are scored, new transitions have the largest loss stored.

        Raises:
            ValueError: As in :meth:`dqn.replay.ReplayBuffer.add`.
            TypeError: As in :meth:`dqn.replay.ReplayBuffer.add`.
        """
        transitions = self._stored.checked(transitions)
        self._sort_if_due()
        largest = self.losses[: len(self)].max(initial=0)
        slots = self._stored.add(transitions)
        self.losses[slots] = largest
        self.steps += len(slots)
        return slots

    def sample(
        self,
        batch_size: int,
        rng: np.random.Generator,
        *,
        beta: float = 1.0,  # noqa: ARG002  (the homework has no importance weights)
    ) -> Batch:
        """Draw a batch, with replacement; the weights are 1 whatever ``beta``.

        Raises:
            TypeError: If ``batch_size`` is no whole number, or ``rng`` no generator.
            ValueError: If ``batch_size`` is below 1 or more than is stored.
        """
        check_generator("rng", rng)
        size = len(self)
        if check_whole("batch_size", batch_size) > size:
            raise ValueError(
                f"batch_size must be at most the {size} transitions stored, got {batch_size}"
            )
        oldest_first = self._stored.slots_by_age()
        probabilities = _softmax(self.losses[oldest_first], self.temperature)
        slots = oldest_first[rng.choice(size, batch_size, p=probabilities)]
        return self._stored.take(slots, np.ones(batch_size, np.float32))

    def update_priorities(self, slots: ArrayLike, td_errors: ArrayLike) -> None:
        """Score the transitions ``[k]`` in these slots by their TD errors ``[k]``, of either sign.

        Raises:
            ValueError: If the shapes differ, a slot is empty, or an error is not finite or too
                large to be squared.
            TypeError: If slots are not whole numbers.
        """
        places, errors = self._stored.checked_priorities(slots, td_errors)
        errors = np.abs(errors, dtype=np.float64)
        if not errors.max(initial=0) < _LARGEST_ERROR:
            raise ValueError(
                f"td_errors must be finite and below {_LARGEST_ERROR:.3g}, got {td_errors!r}"
            )
        self.losses[places] = errors**2 if self.priority == "squared" else errors

    def probabilities(self, size: int) -> NDArray[np.float64]:
        """Return the probability of the slots ``0 .. size - 1``, ``[size]``; size is ``len``.

        Raises:
            TypeError: If ``size`` is no whole number.
            ValueError: If it is another number than ``len``, or nothing is stored.
        """
        if check_whole("size", size) != len(self):
            raise ValueError(f"size must be the number of transitions, {len(self)}, got {size}")
        return _softmax(self.losses[:size], self.temperature)

    def end_episode(self) -> None:
        """Say that the step added last ended its episode."""
        self._sort_if_due()
        if self._caller is not None:
            self._write(*self._caller)
            self._caller = None

    def contents(self) -> Transitions:
        """Return a copy of all that is stored, in the order in which it will be forgotten."""
        return self._stored.contents()

    def _sort_if_due(self) -> None:
        before, self._checked_at = self._checked_at, self.steps
        if self.sort_every is None or before // self.sort_every == self.steps // self.sort_every:
            return
        if len(self) >= self.sort_from:
            transitions = self._stored.contents()
            losses = self.losses[self._stored.slots_by_age()]
            if self.sort_is_lost and self._caller is None:
                self._caller = transitions, losses
            order = np.argsort(losses, kind="stable")
            self._write(Transitions(*(field[order] for field in transitions)), losses[order])

    def _write(self, transitions: Transitions, losses: NDArray[np.float64]) -> None:
        """Replace all that is stored; the first will be forgotten first."""
        self._stored._size = self._stored._next = 0
        self._stored.add(transitions)
        self.losses[: len(losses)] = losses


def _softmax(losses: NDArray[np.float64], temperature: float) -> NDArray[np.float64]:
    """Return exp(loss / T) over its sum; the largest is taken off first, so nothing overflows."""
    shares: NDArray[np.float64] = np.exp((losses - losses.max(initial=0)) / temperature)
    shares /= shares.sum()
    return shares
