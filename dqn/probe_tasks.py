"""Environments of a few states with known answers, one for each thing a DQN must get right.

:mod:`dqn.probes` trains an agent on each and compares. A task is a table, so its right answers are
a few sweeps of the Bellman equation, and so are the answers that a *wrong* Bellman equation gives:
that is how a report can say which mistake a number looks like. Chapter: `The bug gallery`.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar, NamedTuple

import gymnasium as gym
import numpy as np
from numpy.typing import NDArray

from dqn._arguments import check_choice, check_number

__all__ = ["TASKS", "Log", "Outcome", "ProbeEnv", "Task", "solve"]

Floats = NDArray[np.float64]


class Outcome(NamedTuple):
    """What an action may lead to; the outcomes of an action are equally likely."""

    reward: float
    next_state: int
    """The state whose observation is returned, also where the episode ends."""
    terminated: bool = False
    truncated: bool = False


Choice = tuple[Outcome, ...]


@dataclass(frozen=True)
class Task:
    """A table of S states and A actions, and what to ask about it.

    Attributes:
        name: One word.
        question: What it asks of an agent.
        states: A name for each state; its observation is one-hot unless given.
        outcomes: ``[state][action]``, the equally likely outcomes.
        starts: States in which episodes begin, equally likely.
        failure: What a failure usually means.
        tolerance: How far a value may be from the right one.
        observations: ``[S, features]``.
        stretch: For so many steps all episodes begin in the first start, from then on in the last
            one; 0 draws each start anew.
    """

    name: str
    question: str
    states: tuple[str, ...]
    outcomes: tuple[tuple[Choice, ...], ...]
    starts: tuple[int, ...]
    failure: str
    tolerance: float = 0.1
    observations: tuple[tuple[float, ...], ...] = ()
    stretch: int = 0

    @property
    def num_actions(self) -> int:
        """Actions to choose from, in every state."""
        return len(self.outcomes[0])

    @property
    def features(self) -> NDArray[np.float32]:
        """The observations, ``[S, features]``."""
        if self.observations:
            return np.array(self.observations, np.float32)
        return np.eye(len(self.states), dtype=np.float32)

    @property
    def asked(self) -> list[int]:
        """States in which an agent gets to act; others are only shown when an episode is over."""
        seen = list(self.starts)
        for state in seen:
            for choice in self.outcomes[state]:
                for outcome in choice:
                    over = outcome.terminated or outcome.truncated
                    if not over and outcome.next_state not in seen:
                        seen.append(outcome.next_state)
        return sorted(seen)


def solve(
    task: Task,
    gamma: float,
    *,
    mask: Callable[[Outcome], bool] = lambda outcome: not outcome.terminated,
    backup: Callable[[Floats], float] = np.max,
    reward: Callable[[float], float] = lambda reward: reward,
    after_reset: bool = False,
    itself: bool = False,
) -> Floats:
    """Return the action values ``[S, A]`` that a Bellman equation has for its solution.

    Args:
        task: The table.
        gamma: Discount per step.
        mask: Whether to bootstrap after an outcome; anything else than the default is a mistake.
        backup: From the next state's action values to one number, likewise.
        reward: What becomes of a reward, likewise.
        after_reset: Whether an episode's last observation is mistaken for the next one's first.
        itself: Whether the next observation is mistaken for the one acted on.

    Raises:
        TypeError: If ``task`` is no task, or ``gamma`` no number.
        ValueError: If ``gamma`` is outside [0, 1].

    >>> solve(TASKS["terminated"], gamma=0.8)[0]  # losing pays nothing, being bought off 0.3
    array([0. , 0.3])
    >>> solve(TASKS["terminated"], gamma=0.8, mask=lambda outcome: True)[0].round(2)
    array([4. , 0.3])
    """
    if not isinstance(task, Task):
        raise TypeError(f"task must be a Task, got {task!r}")
    check_number("gamma", gamma, low=0, high=1)
    q = np.zeros((len(task.states), task.num_actions))
    for _ in range(300):
        start = float(np.mean([backup(q[state]) for state in task.starts]))
        new = np.empty_like(q)
        for state, action in np.ndindex(q.shape):
            values = []
            for outcome in task.outcomes[state][action]:
                over = outcome.terminated or outcome.truncated
                if itself:
                    following = backup(q[state])
                elif after_reset and over:
                    following = start
                else:
                    following = backup(q[outcome.next_state])
                values.append(reward(outcome.reward) + gamma * mask(outcome) * following)
            new[state, action] = np.mean(values)
        settled = np.abs(new - q).max() < 1e-12
        q = new.clip(-1e3, 1e3)  # wrong equations may have no solution
        if settled:
            break
    return q


@dataclass
class Log:
    """What the environments of a task saw of the program that stepped them."""

    steps: int = 0
    """Of all environments together."""
    steps_past_end: int = 0
    reset_seeds: list[int | None] = field(default_factory=list)
    tried: set[tuple[int, int]] = field(default_factory=set)
    """Pairs of state and action."""
    visited: set[int] = field(default_factory=set)
    limit: float = math.inf
    """Steps after which the next one raises, so that no program steps for ever."""


class ProbeEnv(gym.Env[NDArray[np.float32], np.int64]):
    """A :class:`Task` as a Gymnasium environment, ``gymnasium.make("dqn/Probe-<name>-v0")``.

    Args:
        name: Of the task, a key of :data:`TASKS`.

    Raises:
        ValueError: If there is no such task.

    Attributes:
        logs: A log for each task, shared by all its environments in this process, so that an
            agent that makes its own environments is seen as well.

    >>> env = ProbeEnv("discount")
    >>> env.reset(seed=0)[0].shape, env.action_space
    ((6,), Discrete(2))
    """

    logs: ClassVar[dict[str, Log]] = {}

    def __init__(self, name: str) -> None:
        self.task = TASKS[check_choice("name", name, tuple(TASKS))]
        self.action_space = gym.spaces.Discrete(self.task.num_actions)
        self._features = self.task.features
        self.observation_space = gym.spaces.Box(-1, 1, self._features.shape[1:], np.float32)
        if name not in self.logs or self.logs[name].limit == 0:  # that attempt is over
            self.logs[name] = Log()
        self.log = self.logs[name]
        self._rng = np.random.default_rng()
        self._state, self._over = 0, True

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[NDArray[np.float32], dict[str, Any]]:
        """Begin an episode."""
        super().reset(seed=seed, options=options)
        if seed is not None:
            # Not the seed itself: an agent that seeds its exploration with the same number would
            # draw the same random numbers, and its actions would depend on the chance here.
            self._rng = np.random.default_rng([seed, 13])
        starts = self.task.starts
        if self.task.stretch:
            turn = 0 if self.log.steps < self.task.stretch else -1
        else:
            turn = int(self._rng.integers(len(starts)))
        self._state, self._over = starts[turn], False
        self.log.reset_seeds.append(seed)
        self.log.visited.add(self._state)
        return self._features[self._state].copy(), {}

    def step(
        self, action: np.int64 | int
    ) -> tuple[NDArray[np.float32], float, bool, bool, dict[str, Any]]:
        """Take an action; whoever goes on after the end stays where the table leads."""
        if self.log.steps >= self.log.limit:
            raise TimeoutError("this probe is over: far more steps were taken than asked for")
        action = int(np.asarray(action).item())
        if not 0 <= action < self.task.num_actions:
            raise ValueError(f"action must be in 0..{self.task.num_actions - 1}, got {action}")
        choice = self.task.outcomes[self._state][action]
        outcome = choice[int(self._rng.integers(len(choice)))]
        self.log.steps += 1
        self.log.steps_past_end += self._over
        self.log.tried.add((self._state, action))
        self._state, self._over = outcome.next_state, outcome.terminated or outcome.truncated
        self.log.visited.add(self._state)
        observation = self._features[self._state].copy()
        return observation, outcome.reward, outcome.terminated, outcome.truncated, {}


# --- the tasks ----------------------------------------------------------------------------------


def _ends(*rewards: float, shows: int, truncated: bool = False) -> Choice:
    return tuple(Outcome(reward, shows, True, truncated) for reward in rewards)


def _leads(*states: int) -> Choice:
    return tuple(Outcome(0.0, state) for state in states)


def _tasks() -> list[Task]:
    both = 2  # actions; where a task asks about values alone they do the same
    return [
        Task(
            "constant",
            "Does a value reach the one reward there is?",
            ("start", "over"),
            ((_ends(1, shows=1),) * both, (_ends(0, shows=1),) * both),
            starts=(0,),
            tolerance=0.04,
            failure="The loss, the optimiser or the storing of rewards: nothing else is involved. "
            "A value a little off, always in the same direction: an extra term in the loss.",
        ),
        Task(
            "observation",
            "Do values depend on the observation?",
            ("good", "bad", "over"),
            (
                (_ends(1, shows=2),) * both,
                (_ends(-1, shows=2),) * both,
                (_ends(0, shows=2),) * both,
            ),
            starts=(0, 1),
            failure="Observations and rewards of different transitions have been mixed: a (B, 1) "
            "that met a (B,), or an index that is off by one.",
        ),
        Task(
            "action",
            "Do actions depend on the observation, and are all of them tried?",
            ("red", "green", "blue", "over"),
            (
                *(
                    tuple(_ends(1.0 if action == state else 0.5, shows=3) for action in range(3))
                    for state in range(3)
                ),
                (_ends(0, shows=3),) * 3,
            ),
            starts=(0, 1, 2),
            failure="The action is stored, picked out or chosen wrongly, or there is no "
            "exploration: an action that was never tried is worth what the network guesses.",
        ),
        Task(
            "discount",
            "Is a reward three steps later worth gamma^3?",
            ("tempted", "patient", "1st", "2nd", "3rd", "over"),
            (
                (_ends(0.75, shows=5), _leads(2)),
                (_ends(0.25, shows=5), _leads(2)),
                (_leads(3),) * both,
                (_leads(4),) * both,
                (_ends(1, shows=5),) * both,
                (_ends(0, shows=5),) * both,
            ),
            starts=(0, 1),
            tolerance=0.08,
            failure="The target: its discount, its power in n-step targets, the next observation, "
            "or a target network that is never updated.",
        ),
        Task(
            "maximum",
            "Does the target look at the best next action?",
            ("before", "choice", "over"),
            (
                (_leads(1),) * both,
                (_ends(0, shows=2), _ends(1, shows=2)),
                (_ends(0, shows=2),) * both,
            ),
            starts=(0,),
            tolerance=0.3,
            failure="The target averages over actions or takes a wrong one. An n-step target with "
            "much exploration is too low here as well: it contains what was done, not the best.",
        ),
        Task(
            "terminated",
            "Does bootstrapping stop at a terminal state?",
            ("offer", "rich", "over"),
            (
                # Both actions end the episode; the first shows a state that is rich elsewhere.
                (_ends(0, shows=1), _ends(0.3, shows=2)),
                (_ends(1, shows=1),) * both,
                (_ends(0, shows=2),) * both,
            ),
            starts=(0, 1),
            failure="The mask: the value of what comes after the end is counted, or a window of "
            "several steps runs on into the next episode.",
        ),
        Task(
            "truncated",
            "Does bootstrapping go on at a truncation?",
            ("cut off", "rich", "over"),
            (
                ((Outcome(0.0, 1, truncated=True),), _ends(0.3, shows=2)),
                (_ends(1, shows=1),) * both,
                (_ends(0, shows=2),) * both,
            ),
            starts=(0, 1),
            failure="The mask counts a truncation as an end, or the observation stored there is "
            "the first of the next episode, or a window runs on into that episode.",
        ),
        Task(
            "both",
            "Does bootstrapping stop where an episode is terminated and truncated at once?",
            ("offer", "rich", "over"),
            (
                (_ends(0, shows=1, truncated=True), _ends(0.3, shows=2, truncated=True)),
                (_ends(1, shows=1, truncated=True),) * both,
                (_ends(0, shows=2),) * both,
            ),
            starts=(0, 1),
            failure="The mask lets the truncation undo the termination: `terminated` decides.",
        ),
        Task(
            "chance",
            "Do two states keep their own values where chance decides which of them is next?",
            ("fork", "good", "bad", "over"),
            (
                (_leads(1, 2),) * both,
                (_ends(1, shows=3),) * both,
                (_ends(-1, shows=3),) * both,
                (_ends(0, shows=3),) * both,
            ),
            starts=(0,),
            tolerance=0.2,
            failure="Gradient flows through the target: the values after a fork are pulled "
            "towards each other to make the one before it easier to predict.",
        ),
        Task(
            "average",
            "Is the value of a lottery its mean?",
            ("fair", "over"),
            (
                (_ends(1, 0, 0, 0, 0, shows=1), _ends(0.3, shows=1)),
                (_ends(0, shows=1),) * both,
            ),
            starts=(0,),
            tolerance=0.08,
            failure="Surprising outcomes are learned from too often (prioritized replay without "
            "importance weights, or with a small beta) or too little (a loss that clips early).",
        ),
        Task(
            "memory",
            "Is something remembered that has not happened lately?",
            ("morning", "evening", "over"),
            (
                (_ends(1, shows=2), _ends(-1, shows=2)),
                (_ends(-1, shows=2), _ends(1, shows=2)),
                (_ends(0, shows=2),) * both,
            ),
            starts=(0, 1),
            observations=((1.0, 0.3), (1.0, -0.3), (0.0, 0.0)),
            stretch=600,
            tolerance=0.3,
            failure="There is no replay, its memory is tiny, or only its newest part is sampled: "
            "what was learned first has been overwritten.",
        ),
    ]


TASKS = {task.name: task for task in _tasks()}
"""All tasks, from the simplest on; each builds on those before it."""

for _name in TASKS:
    gym.register(
        f"dqn/Probe-{_name}-v0", entry_point="dqn.probe_tasks:ProbeEnv", kwargs={"name": _name}
    )
