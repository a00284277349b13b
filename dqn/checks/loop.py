"""Checkers of the chapter `The loop`."""

from collections.abc import Callable
from typing import Any

import numpy as np

from dqn.checks import _references as right
from dqn.checks._machinery import (
    Call,
    Case,
    Complaint,
    Exercise,
    Mistake,
    Outcome,
    as_items,
    as_number,
    check,
    counted,
    returned_number,
)

CHAPTER = "The loop"


# --- discounted_return ----------------------------------------------------------------------------


def _powers(
    power: Callable[[int, int], float],
) -> Callable[[list[float], float], float]:
    """A wrong return: the k-th of n rewards is discounted by gamma to the wrong power."""
    return lambda rewards, gamma: float(
        sum(gamma ** power(k, len(rewards)) * r for k, r in enumerate(rewards))
    )


def _horner_forwards(rewards: list[float], gamma: float) -> float:
    total = 0.0
    for reward in rewards:
        total = reward + gamma * total
    return total


DISCOUNTED_RETURN = Exercise(
    name="discounted_return",
    chapter=CHAPTER,
    arguments=("rewards", "gamma"),
    reference=right.discounted_return,
    observe=returned_number,
    cases=(
        Case("no reward at all", ([], 0.9)),
        Case("a single reward", ([5.0], 0.5)),
        Case("three rewards", ([1.0, 2.0, 4.0], 0.5)),
        Case("gamma = 0", ([3.0, 7.0, 8.0], 0.0)),
        Case("gamma = 1", ([3.0, -7.0, 8.0, 1.0], 1.0)),
        Case("rewards of zero among others", ([0.0, 0.0, 1.0, 0.0, 2.0], 0.5)),
        Case("two hundred rewards", ([1.0, -0.5] * 100, 0.99)),
    ),
    mistakes=(
        Mistake(
            "no discount",
            "gamma has no effect on your return.",
            lambda rewards, _gamma: float(sum(rewards)),
        ),
        Mistake(
            "the first reward is discounted",
            "your discounting starts one step early: the first reward counts in full.",
            _powers(lambda k, _n: k + 1),
        ),
        Mistake(
            "backwards",
            "your return discounts the first reward most and the last one not at all: it is the "
            "other way round.",
            _horner_forwards,
        ),
        Mistake(
            "every reward discounted alike",
            "every reward but the first is discounted by the same factor: the further away it is, "
            "the less it counts.",
            _powers(lambda k, _n: min(k, 1)),
        ),
        Mistake(
            "gamma times k",
            "the discount should shrink by the factor gamma from step to step; yours is a "
            "multiple of gamma.",
            lambda rewards, gamma: float(
                sum((gamma * k if k else 1.0) * r for k, r in enumerate(rewards))
            ),
        ),
        Mistake(
            "the last reward is missing",
            "the last reward is left out.",
            lambda rewards, gamma: right.discounted_return(rewards[:-1], gamma),
        ),
        Mistake(
            "the first reward is missing",
            "the first reward is left out.",
            lambda rewards, gamma: float(sum(gamma**k * r for k, r in enumerate(rewards) if k > 0)),
        ),
        Mistake(
            "an average",
            "you averaged the discounted rewards; the return is their sum.",
            lambda rewards, gamma: right.discounted_return(rewards, gamma) / max(len(rewards), 1),
        ),
        Mistake(
            "the sum is discounted as a whole",
            "you discounted the sum of the rewards, by their number; each reward has a discount "
            "of its own.",
            lambda rewards, gamma: (
                float(gamma ** (len(rewards) - 1) * sum(rewards)) if rewards else 0.0
            ),
        ),
        Mistake(
            "a list without rewards breaks it",
            "an empty list breaks it: without rewards the return is 0.",
            lambda rewards, gamma: right.discounted_return([rewards[0], *rewards[1:]], gamma),
        ),
    ),
)


# --- play_episode ---------------------------------------------------------------------------------


class ScriptedEnv:
    """An environment that follows a script and writes down what it is asked.

    ``script`` lists (reward, terminated, truncated). After its last entry come five more steps of
    reward 1000, so that a loop that misses the end does not run for ever, but shows.
    """

    def __init__(self, script: list[tuple[float, bool, bool]]):
        self.script = script
        self.resets = 0
        self.steps = 0
        self.actions: list[Any] = []
        self.seeds: list[int | None] = []

    def reset(self, *, seed: int | None = None, options: Any = None) -> tuple[Any, dict[str, Any]]:  # noqa: ARG002
        """Start over, as a Gymnasium environment does."""
        self.seeds.append(seed)
        self.resets += 1
        self.steps = 0
        if self.resets > 1_000:
            raise Complaint(
                "your function resets the environment again and again: env.reset() belongs before "
                "the loop."
            )
        return np.array([0.0], dtype=np.float32), {}

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        """Follow the script, as a Gymnasium environment does."""
        if self.resets == 0:
            raise Complaint("your function calls env.step() before env.reset().")
        self.actions.append(action)
        self.steps += 1
        observation = np.array([float(self.steps)], dtype=np.float32)
        if self.steps > len(self.script) + 2_000:
            raise Complaint("your loop goes on and on: it never looks at the two flags.")
        if self.steps > len(self.script):
            over = self.steps >= len(self.script) + 5
            return observation, 1000.0, over, over, {}
        return (observation, *self.script[self.steps - 1], {})

    def close(self) -> None:
        """Do nothing: some close what they used."""


def _observe_episode(call: Call, env: ScriptedEnv, _policy: Any) -> Outcome:
    seen: list[float] = []

    def policy(observation: Any) -> int:
        if isinstance(observation, tuple):
            raise Complaint(
                "the policy was given a tuple: env.reset() returns an observation and a "
                "dictionary, and the policy wants the observation only."
            )
        seen.append(float(np.asarray(observation).reshape(-1)[0]))
        return 10 + len(seen)

    total, steps = as_items(call(env, policy), 2, "the total reward and the number of steps")
    if any(seed is not None for seed in env.seeds):
        raise Complaint(
            "you give env.reset() a seed, so every episode would begin alike: leave it out."
        )
    if len(seen) > len(env.actions):
        raise Complaint(
            f"the policy was asked {counted(len(seen), 'time')} in "
            f"{counted(len(env.actions), 'step')}: once a step is enough, and when the episode is "
            "over there is nothing left to decide."
        )
    if 100 <= len(env.actions) < len(env.script):
        raise Complaint(
            f"your loop stops after {len(env.actions)} steps of an episode that goes on: only the "
            "flags end it."
        )
    return {
        "the number of calls of env.step()": np.array(len(env.actions)),
        "the number of calls of env.reset()": np.array(env.resets),
        "the total reward": as_number(total, what="as the total reward your function"),
        "the number of steps": as_number(steps, what="as the number of steps your function"),
        "the observations that the policy was asked about": np.array(seen),
        "the actions that were taken": np.array(env.actions),
    }


def _player(
    over: Callable[[bool, bool, int], bool],
    *,
    late_reward: bool = True,
    stale: bool = False,
    constant: bool = False,
    first_step: int = 0,
    gamma: float = 1.0,
) -> Callable[[Any, Any], tuple[float, int]]:
    """A loop that goes wrong in one respect."""

    def play(env: Any, policy: Any) -> tuple[float, int]:
        observation, _ = env.reset()
        total, steps = 0.0, first_step
        while steps < 2_000:
            action = 11 if constant else policy(observation)
            following, reward, terminated, truncated, _ = env.step(action)
            steps += 1
            end = over(terminated, truncated, steps)
            if late_reward or not end:
                total = total + gamma ** (steps - 1) * reward
            if end:
                break
            observation = observation if stale else following
        return total, steps

    return play


def _either(terminated: bool, truncated: bool, _steps: int) -> bool:
    return terminated or truncated


def _late(env: Any, policy: Any) -> tuple[float, int]:
    observation, _ = env.reset()
    total, steps, over = 0.0, 0, False
    while True:
        observation, reward, terminated, truncated, _ = env.step(policy(observation))
        total += reward
        steps += 1
        if over:
            return total, steps
        over = terminated or truncated


def _exchanged(env: Any, policy: Any) -> tuple[float, float]:
    total, steps = right.play_episode(env, policy)
    return steps, total


def _last_reward_only(env: Any, policy: Any) -> tuple[float, int]:
    rewards: list[float] = []
    step = env.step

    def watched(action: Any) -> Any:
        result = step(action)
        rewards.append(result[1])
        return result

    env.step = watched
    _, steps = right.play_episode(env, policy)
    return rewards[-1], steps


def _episode(title: str, *script: tuple[float, bool, bool]) -> Case:
    steps = [f"step {i + 1}: (reward, terminated, truncated) = {s}" for i, s in enumerate(script)]
    return Case(title, (ScriptedEnv(list(script)), None), {"the episode": "; ".join(steps)})


PLAY_EPISODE = Exercise(
    name="play_episode",
    chapter=CHAPTER,
    arguments=("env", "policy"),
    reference=right.play_episode,
    observe=_observe_episode,
    may_change=frozenset({"env"}),
    cases=(
        _episode("an episode of a single step", (3.0, True, False)),
        _episode("an episode cut off after one step", (3.0, False, True)),
        _episode(
            "an episode that terminates",
            (1.0, False, False), (2.0, False, False), (5.0, True, False),
        ),
        _episode(
            "an episode cut off by a time limit",
            (1.0, False, False), (-2.0, False, False), (0.5, False, False), (4.0, False, True),
        ),
        _episode(
            "an episode that ends on the very step of its time limit",
            (1.0, False, False), (7.0, True, True),
        ),
        Case(
            "a long episode",
            (ScriptedEnv([(1.0, False, False)] * 999 + [(1.0, True, False)]), None),
            {"the episode": "1,000 steps that earn 1 each"},
        ),
    ),
    mistakes=(
        Mistake(
            "truncated is ignored",
            "your loop ends on `terminated` only and goes on stepping after a truncation: the "
            "episode is over then too.",
            _player(lambda terminated, _truncated, _steps: terminated),
        ),
        Mistake(
            "terminated is ignored",
            "your loop ends on `truncated` only and goes on stepping after a termination.",
            _player(lambda _terminated, truncated, _steps: truncated),
        ),
        Mistake(
            "both flags are waited for",
            "your loop goes on until both flags are set: either of them ends the episode.",
            _player(lambda terminated, truncated, _steps: terminated and truncated),
        ),
        Mistake(
            "terminated and not truncated",
            "your loop goes on when both flags are set at once: either of them ends the episode.",
            _player(lambda terminated, truncated, _steps: terminated != truncated),
        ),
        Mistake(
            "a single step",
            "your function takes one step only: go on until the episode is over.",
            _player(lambda _terminated, _truncated, _steps: True),
        ),
        Mistake(
            "one step too many",
            "your loop takes a step after the episode is over.",
            _late,
        ),
        Mistake(
            "the last reward is missing",
            "the reward of the last step is not counted: you leave the loop before adding it.",
            _player(_either, late_reward=False),
        ),
        Mistake(
            "the observation stays the first one",
            "the policy is asked about the first observation again and again: carry the new one "
            "over to the next step.",
            _player(_either, stale=True),
        ),
        Mistake(
            "the policy is not asked",
            "your function does not ask the policy for its actions.",
            _player(_either, constant=True),
        ),
        Mistake(
            "steps off by one",
            "the number of steps is one too large: count calls of env.step().",
            _player(_either, first_step=1),
        ),
        Mistake(
            "the last step is not counted",
            "the number of steps is one too small: count calls of env.step().",
            _player(_either, first_step=-1),
        ),
        Mistake(
            "results exchanged",
            "the total reward and the number of steps have changed places.",
            _exchanged,
        ),
        Mistake(
            "only the last reward",
            "the total is the last reward only: add the rewards up.",
            _last_reward_only,
        ),
    ),
)  # fmt: skip


# --- what students call ---------------------------------------------------------------------------

EXERCISES = (DISCOUNTED_RETURN, PLAY_EPISODE)


def discounted_return(function: Any) -> None:
    """Check ``discounted_return(rewards, gamma) -> float``; ``rewards`` is a list of any length.

    Raises:
        Wrong: If a return is not right, saying why.

    Chapter: `The loop`.

    >>> discounted_return(lambda rewards, gamma: sum(rewards))
    Traceback (most recent call last):
        ...
    dqn.checks.Wrong: ✗ discounted_return: gamma has no effect on your return...
    """
    check(DISCOUNTED_RETURN, function)


def play_episode(function: Any) -> None:
    """Check ``play_episode(env, policy) -> (total_reward, steps)``.

    ``env`` has Gymnasium's ``reset`` and ``step``; ``policy(observation)`` returns an action.

    Raises:
        Wrong: If the episode is not played to its end and no further, saying why.

    Chapter: `The loop`.

    >>> play_episode(lambda env, policy: env.step(policy(None)))
    Traceback (most recent call last):
        ...
    dqn.checks.Wrong: ✗ play_episode: ...
    """
    check(PLAY_EPISODE, function)
