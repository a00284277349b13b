"""Checkers of the chapter `The loop`."""

from collections.abc import Callable
from typing import Any

import gymnasium as gym
import numpy as np
from numpy.typing import NDArray

from dqn.checks import _references as right
from dqn.checks._calling import (
    Call,
    Complaint,
    Outcome,
    as_items,
    as_number,
    counted,
    named,
    returned_number,
)
from dqn.checks._machinery import Case, Exercise, Mistake, check

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


def _in_a_buffer(rewards: list[float], gamma: float) -> float:
    returns = np.zeros_like([*rewards, 0])
    for k in reversed(range(len(rewards))):
        returns[k] = rewards[k] + gamma * returns[k + 1]
    return float(returns[0])


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
        Case("whole numbers, and a return below zero", ([1, -3, -1], 0.5)),
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
            "+= in the recursion",
            "what you have so far counts twice, in full and discounted: `+=` adds to what is there "
            "already.",
            lambda rewards, gamma: right.discounted_return(rewards, 1 + gamma),
        ),
        Mistake(
            "a power too few",
            "your discounting starts one step late: your first reward is divided by gamma.",
            _powers(lambda k, _n: k - 1),
        ),
        Mistake(
            "a reward is looked up by its value",
            "`index` finds the first reward of that value, and rewards may be equal.",
            lambda rewards, gamma: float(sum(gamma ** rewards.index(r) * r for r in rewards)),
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
            "every reward discounted alike, the first one too",
            "every reward is discounted by the same factor: the first one counts in full, and the "
            "further away another is, the less it counts.",
            _powers(lambda _k, _n: 1),
        ),
        Mistake(
            "gamma times k from the start",
            "the discount should shrink by the factor gamma from step to step; yours is a "
            "multiple of gamma, and the first reward does not count at all.",
            lambda rewards, gamma: float(sum(gamma * k * r for k, r in enumerate(rewards))),
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
        Mistake(
            "the powers run backwards",
            "the powers of gamma run backwards: the first reward counts in full, the last one "
            "least.",
            _powers(lambda k, n: n - k),
        ),
        Mistake(
            "gamma is fixed",
            "gamma has no effect on your return: 0.99 is written into it.",
            lambda rewards, _gamma: right.discounted_return(rewards, 0.99),
        ),
        Mistake(
            "a formula for rewards of 1",
            "your return holds for rewards of 1 only: use the rewards.",
            lambda rewards, gamma: (1 - gamma ** len(rewards)) / (1 - gamma),
        ),
        Mistake(
            "a buffer of whole numbers",
            "where the rewards are whole numbers, so is your return: an array made like theirs "
            "cuts off the rest.",
            _in_a_buffer,
        ),
    ),
)


# --- play_episode ---------------------------------------------------------------------------------


class ScriptedEnv(gym.Env[NDArray[np.float32], np.int64]):
    """An environment that follows a script and writes down what it is asked.

    ``script`` lists (reward, terminated, truncated). After its last entry come more steps of
    reward 1000, from the fifth on with the flags set in one way after the other, so that a loop
    that misses the end does not run for ever, but shows.
    """

    observation_space = gym.spaces.Box(0, np.inf, (2,), np.float32)
    action_space = gym.spaces.Discrete(10_000)

    def __init__(self, script: list[tuple[float, bool, bool]]):
        self.script = script
        self.resets = 0
        self.steps = 0
        self.actions: list[Any] = []
        self.seeds: list[int | None] = []

    def reset(
        self,
        *,
        seed: int | None = None,
        options: dict[str, Any] | None = None,  # noqa: ARG002 - Gymnasium's signature
    ) -> tuple[NDArray[np.float32], dict[str, Any]]:
        """Start over, as a Gymnasium environment does."""
        self.seeds.append(seed)
        self.resets += 1
        self.steps = 0
        if self.resets > 1_000:
            raise Complaint(
                "your function resets the environment again and again: env.reset() belongs before "
                "the loop."
            )
        return self._observation(), {}

    def step(self, action: Any) -> tuple[NDArray[np.float32], float, bool, bool, dict[str, Any]]:
        """Follow the script, as a Gymnasium environment does."""
        if self.resets == 0:
            raise Complaint("your function calls env.step() before env.reset().")
        if isinstance(action, bool) or not isinstance(action, (int, np.integer)):
            raise Complaint(
                f"env.step() was given {named(action)}; give it the action that the policy chose."
            )
        self.actions.append(action)
        self.steps += 1
        late = self.steps - len(self.script)
        if late > 2_000:
            raise Complaint("your loop goes on and on: neither flag ends it.")
        if late > 0:
            ends = ((True, True), (True, False), (False, True))
            flags = ends[(late - 5) % 3] if late >= 5 else (False, False)
            return (self._observation(), 1000.0, *flags, {})
        return (self._observation(), *self.script[self.steps - 1], {})

    def _observation(self) -> NDArray[np.float32]:
        # Two numbers, or the first of them would do for the whole.
        return np.array([self.steps, 0.5], dtype=np.float32)

    def close(self) -> None:
        """Do nothing: some close what they used."""


def _observe_episode(call: Call, env: ScriptedEnv, _policy: Any) -> Outcome:
    seen: list[float] = []

    def policy(observation: Any, /) -> int:
        if isinstance(observation, tuple):
            raise Complaint(
                "the policy was given a tuple: env.reset() returns an observation and a "
                "dictionary, and the policy wants the observation only."
            )
        if env.resets == 0:
            raise Complaint(
                "the policy is asked before the environment that your function was given has been "
                "reset: is env.reset() missing, or does your function use another environment, "
                "such as the notebook's?"
            )
        if not isinstance(observation, np.ndarray) or observation.shape != (2,):
            what = named(observation)
            if isinstance(observation, np.ndarray):
                what = f"an array of shape {observation.shape}"
            raise Complaint(
                f"the policy was given {what}; give it the observation as the environment returns "
                "it, here a NumPy array of shape (2,)."
            )
        seen.append(float(observation[0]))
        return 10 + len(seen)

    total, steps = as_items(call(env, policy), 2, "the total reward and the number of steps")
    if any(seed is not None for seed in env.seeds):
        raise Complaint(
            "you give env.reset() a seed, so every episode would begin alike: leave it out."
        )
    if not env.actions:
        raise Complaint(
            "your function never calls env.step(): is the condition of your loop true when it "
            "begins?"
        )
    if not seen:
        raise Complaint("your function does not ask the policy for its actions.")
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
        while True:
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


def _asked_once(env: Any, policy: Any) -> tuple[float, int]:
    observation, _ = env.reset()
    action = policy(observation)
    total, steps, over = 0.0, 0, False
    while not over:
        _, reward, terminated, truncated, _ = env.step(action)
        total, steps, over = total + reward, steps + 1, terminated or truncated
    return total, steps


def _reset_again(env: Any, policy: Any) -> tuple[float, int]:
    played = right.play_episode(env, policy)
    env.reset()
    return played


def _cut_off_unpaid(env: Any, policy: Any) -> tuple[float, int]:
    observation, _ = env.reset()
    total, steps = 0.0, 0
    while True:
        observation, reward, terminated, truncated, _ = env.step(policy(observation))
        steps += 1
        if terminated or not truncated:
            total += reward
        if terminated or truncated:
            return total, steps


def _told(change: Callable[[float, int], tuple[float, float]]) -> Callable[[Any, Any], Any]:
    """The episode is played rightly, and the wrong two numbers of it are returned."""
    return lambda env, policy: change(*right.play_episode(env, policy))


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
            (ScriptedEnv([(1.0, False, False)] * 1_233 + [(1.0, True, False)]), None),
            {"the episode": "1,234 steps that earn 1 each"},
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
            "one flag but not both",
            "your loop goes on when both flags are set at once: either of them ends the episode.",
            _player(lambda terminated, truncated, _steps: terminated != truncated),
        ),
        Mistake(
            "terminated and not truncated",
            "your loop goes on when both flags are set at once, or after a truncation: either of "
            "them ends the episode.",
            _player(lambda terminated, truncated, _steps: terminated and not truncated),
        ),
        Mistake(
            "truncated and not terminated",
            "your loop goes on when both flags are set at once, or after a termination: either of "
            "them ends the episode.",
            _player(lambda terminated, truncated, _steps: truncated and not terminated),
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
            _told(lambda total, steps: (steps, total)),
        ),
        Mistake(
            "only the last reward",
            "the total is the last reward only: add the rewards up.",
            _last_reward_only,
        ),
        Mistake(
            "one for every step",
            "your total adds 1 for every step: add the rewards that env.step() returns.",
            _told(lambda _total, steps: (steps, steps)),
        ),
        Mistake(
            "the total twice",
            "your number of steps is the total reward: count the calls of env.step().",
            _told(lambda total, _steps: (total, total)),
        ),
        Mistake(
            "the mean reward",
            "your total is the mean reward of a step: add the rewards up.",
            _told(lambda total, steps: (total / steps, steps)),
        ),
        Mistake(
            "another reset at the end",
            "your function resets the environment at the end, too: one reset an episode, before "
            "the loop, is enough.",
            _reset_again,
        ),
        Mistake(
            "the policy is asked once",
            "the policy is asked once, before the loop: ask it before every step.",
            _asked_once,
        ),
        Mistake(
            "the reward of a cut-off step",
            "the last reward is not counted where the episode is cut off: it was earned like any "
            "other.",
            _cut_off_unpaid,
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
