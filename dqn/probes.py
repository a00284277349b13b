"""A probe suite for any agent: tiny environments whose right answers are known.

When an agent does not learn CartPole, any of its parts may be wrong. Each probe here needs one part
more than the one before, so the first that fails points at the culprit. :mod:`dqn.probe_tasks` has
the environments. Chapter: `The bug gallery`.
"""

import threading
import time
import traceback
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import gymnasium as gym
import numpy as np
import torch
from numpy.typing import NDArray

from dqn._arguments import check_number, check_whole
from dqn._probe_guesses import CLOSE, GAMMA, Answers, Evidence, cannot_tell, fits, gap, resembles
from dqn._threads import end_thread
from dqn.probe_tasks import TASKS, Floats, Log, ProbeEnv, Task, solve

__all__ = ["Finding", "Report", "run_probes"]

Env = gym.Env[NDArray[np.float32], int]
Train = Callable[[Env, int, float, int], Any]


class Finding(NamedTuple):
    """What one probe found."""

    name: str
    """The probe's name, a key of :data:`dqn.probe_tasks.TASKS`."""
    passed: bool | None
    """None if it cannot be told, as with an agent that gives actions and no values."""
    steps: int
    """Environment steps of the attempt that is reported."""
    lines: tuple[str, ...]
    """Expected and got, what it looks like, what the environment noticed; in words."""


@dataclass(frozen=True)
class Report:
    """What all probes found; ``print`` it."""

    findings: tuple[Finding, ...]

    @property
    def passed(self) -> bool:
        """Whether no probe failed, and not all of them are unclear."""
        return not self.failed and any(found.passed for found in self.findings)

    @property
    def failed(self) -> tuple[str, ...]:
        """Names of the probes that failed, the simplest first."""
        return tuple(found.name for found in self.findings if found.passed is False)

    def __getitem__(self, name: str) -> Finding:
        """The finding of the probe of this name."""
        return next(found for found in self.findings if found.name == name)

    def __str__(self) -> str:
        words = {True: "passed", False: "FAILED", None: "unclear"}
        lines = []
        for found in self.findings:
            lines.append(f"{words[found.passed]}  {found.name:12}{TASKS[found.name].question}")
            lines += [f"        {line}" for line in found.lines]
        if len(self.failed) > 1:
            lines.append(
                f"Begin with {self.failed[0]!r}: a later probe needs what an earlier one tests."
            )
        return "\n".join(lines)

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:  # noqa: ARG002 - IPython's rule
        printer.text(str(self))


def run_probes(
    train: Train,
    *,
    only: Sequence[str] | None = None,
    steps: int = 3_000,
    gamma: float = GAMMA,
    seed: int = 0,
    attempts: int = 2,
    time_limit: float = 120.0,
) -> Report:
    """Train an agent on each probe and say what it got right.

    Any agent will do that can be put behind one function, ``train(env, steps, gamma, seed)``. It
    makes a fresh agent, trains it for ``steps`` environment steps with discount ``gamma`` and
    returns what to ask: a function of one observation ``[features]`` that gives its action values
    ``[A]`` (most telling) or an action. An object with a method ``q_values``, ``act`` or
    ``predict`` will do too, if it takes a single observation, and so will a ``torch.nn.Module``.
    (Of this package's agent return ``lambda obs: agent.q_values(obs[None, None])[0, 0]``.) An agent
    that makes its own environments finds their name in ``env.spec.id``. Stable-Baselines3::

        def train(env, steps, gamma, seed):
            model = DQN("MlpPolicy", env, gamma=gamma, seed=seed, learning_rate=1e-3,
                        learning_starts=100, train_freq=1, target_update_interval=100)
            model.learn(steps)
            return model.q_net  # or model itself, for its actions

    A probe that fails is repeated with four times the steps and another seed, and fails if that
    does not help. No error in ``train`` ends the suite; each is reported.

    Args:
        train: As above.
        only: Names of the probes to run, keys of :data:`dqn.probe_tasks.TASKS`; None for all.
        steps: Environment steps of the first attempt.
        gamma: Discount, from 0.3 to 1. The right answers are computed for it. At 0.8 all probes
            can tell right from wrong; towards 1 that of the discount cannot.
        seed: Handed to ``train``; the next attempts get the next numbers.
        attempts: How often to try before a probe counts as failed.
        time_limit: Seconds without a single environment step after which an attempt is given up.
            One that takes more than twenty times ``steps`` is ended, too.

    Raises:
        TypeError: If ``train`` cannot be called, or a number has the wrong type.
        ValueError: If a probe is unknown or a number out of range.

    Chapter: `The bug gallery`.

    >>> print(run_probes(lambda env, steps, gamma, seed: lambda obs: [1.0, 1.0], only=["constant"]))
    passed  constant    Does a value reach the one reward there is?
    >>> print(run_probes(lambda env, steps, gamma, seed: lambda obs: [0.0, 0.0], only=["constant"]))
    FAILED  constant    Does a value reach the one reward there is?
            start: expected values 1.00 1.00, got 0.00 0.00
            It looks as if nothing is learned at all, or rewards have their mean taken off.
            ...
    """
    if not callable(train):
        raise TypeError(f"train must be a function (env, steps, gamma, seed), got {train!r}")
    check_whole("steps", steps)
    check_whole("seed", seed, low=0)
    check_whole("attempts", attempts)
    check_number("gamma", gamma, low=0.3, high=1)
    check_number("time_limit", time_limit, low=0, open_low=True)
    if only is not None and not isinstance(only, Iterable):
        raise TypeError(f"only must be a list of probes, got {only!r}")
    names = list(TASKS) if only is None else [only] if isinstance(only, str) else list(only)
    if not names:
        raise ValueError("only must name at least one probe, got none")
    for name in names:
        if name not in tuple(TASKS):
            raise ValueError(f"only must name probes among {', '.join(TASKS)}, got {name!r}")
    findings: list[Finding] = []
    earlier: list[Evidence] = []
    for task in (TASKS[name] for name in names):
        finding, answers = _run(task, train, steps, gamma, seed, attempts, time_limit, earlier)
        findings.append(finding)
        if answers is not None:
            earlier.append((task, answers))
    return Report(tuple(findings))


# --- one probe ----------------------------------------------------------------------------------


def _run(
    task: Task,
    train: Train,
    steps: int,
    gamma: float,
    seed: int,
    attempts: int,
    time_limit: float,
    earlier: Sequence[Evidence],
) -> tuple[Finding, Answers | None]:
    """What one probe found, and the last answers that were given."""
    before: float | None = None
    finding, answers = Finding(task.name, False, steps, ()), None
    for attempt in range(attempts):
        taken = steps * 4**attempt
        log = ProbeEnv.logs[task.name] = Log(limit=20 * taken)
        env = gym.make(f"dqn/Probe-{task.name}-v0", disable_env_checker=True)
        work = partial(_train_and_ask, task, train, env, taken, gamma, seed + attempt)
        try:
            answers = _watched(work, log, time_limit)
        except _StandsStill:
            line = f"No step for {time_limit:g} seconds, nor an answer; {log.steps} steps before."
            return Finding(task.name, False, taken, (line,)), None
        except Exception as error:
            lines = [f"No answer: {type(error).__name__}: {_short(error)}", *_where(error)]
            lines += _noticed(task, log, stopped=True)
            return Finding(task.name, False, taken, tuple(lines)), None
        finally:
            log.limit = 0  # whoever is still stepping is not waited for
        passed, error_size, lines = _judge(task, answers, gamma, earlier)
        if passed is not False:
            lines += [f"(needed {taken} steps)"] if attempt else []
            return Finding(task.name, passed, taken, tuple(lines)), answers
        if before is not None and error_size < 0.6 * before and log.steps:
            lines.append(
                f"With {taken} steps it was closer than with {taken // 4}: perhaps only slow. "
                "Try more steps, a higher learning rate, a target network that follows sooner."
            )
        before = error_size
        finding = Finding(task.name, False, taken, (*lines, *_noticed(task, log)))
    return finding, answers


class _StandsStill(Exception):
    pass


def _watched(work: Callable[[], Answers], log: Log, time_limit: float) -> Answers:
    """Return ``work()``, or give up once no environment has been stepped for ``time_limit``."""
    answers: list[Answers] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            answers.append(work())
        except BaseException as error:  # sys.exit() must not end the notebook
            errors.append(error)

    worker = threading.Thread(target=run, daemon=True)
    worker.start()
    steps, since = 0, time.monotonic()
    try:
        while worker.is_alive() and time.monotonic() - since < time_limit:
            worker.join(min(0.1, time_limit))
            if log.steps != steps:
                steps, since = log.steps, time.monotonic()
        stuck = worker.is_alive()
    finally:
        end_thread(worker)
    if answers:
        return answers[0]
    if stuck:
        raise _StandsStill
    if isinstance(errors[0], Exception):
        raise errors[0]
    raise RuntimeError(f"{type(errors[0]).__name__}: {errors[0]}")


def _train_and_ask(
    task: Task, train: Train, env: Env, steps: int, gamma: float, seed: int
) -> Answers:
    """Put every observation to the trained agent and bring its answers into one form."""
    function = _function(train(env, steps, gamma, seed))
    values = np.full((len(task.states), task.num_actions), np.nan)
    actions = np.zeros(len(task.states), np.int64)
    kinds: set[bool] = set()
    for state in task.asked:
        # An agent that explores while it is asked is asked more than once.
        tries = [_one_answer(function(task.features[state].copy()), task) for _ in range(9)]
        kinds.update(isinstance(answer, int) for answer in tries)
        if kinds == {False}:
            values[state] = np.mean(np.array(tries), axis=0)
        elif kinds == {True}:
            actions[state] = np.bincount(np.array(tries)).argmax()
        else:
            raise TypeError("the agent gives an action for one observation, values for another")
    if kinds == {False}:
        return Answers(values, np.where(np.isnan(values), -np.inf, values).argmax(1))
    return Answers(None, actions)


def _function(agent: Any) -> Callable[[NDArray[np.float32]], Any]:
    if isinstance(agent, torch.nn.Module):
        like = next(agent.parameters(), torch.zeros(0))  # for its device and its type
        agent.eval()  # dropout is for training
        return lambda obs: agent(torch.as_tensor(obs).to(like)[None])
    methods = [getattr(agent, name, None) for name in ("q_values", "act", "predict")]
    for function in (agent, *methods):
        if callable(function):
            answer: Callable[[NDArray[np.float32]], Any] = function
            return answer
    raise TypeError(
        "train must return a function from an observation to action values or an action, "
        f"got {type(agent).__name__}"
    )


def _one_answer(answer: Any, task: Task) -> int | Floats:
    """Return an action as an int, action values as an array ``[A]``."""
    if isinstance(answer, tuple):  # such as (action, state of a recurrent policy)
        answer = answer[0] if answer else None
    if isinstance(answer, torch.Tensor):
        answer = answer.detach().cpu().numpy()
    try:
        array = np.asarray(answer, np.float64)
    except (TypeError, ValueError):
        raise TypeError(f"the agent answered {_short(repr(answer))}, no numbers") from None
    count = task.num_actions
    if array.ndim and array.size == count:
        return array.reshape(count)
    # A single 1.0 is no action: it comes from a network with one output.
    whole = np.asarray(answer).dtype.kind in "iub"
    if array.size == 1 and whole and array.item() in range(count):
        return int(array.item())
    raise ValueError(
        f"the agent answered {_short(repr(answer))}; expected {count} action values or an action, "
        f"a whole number in 0..{count - 1}"
    )


# --- judging ------------------------------------------------------------------------------------


def _judge(
    task: Task, answers: Answers, gamma: float, earlier: Sequence[Evidence]
) -> tuple[bool | None, float, list[str]]:
    """Whether the answers are right, how wrong they are at most, and both in words."""
    right = solve(task, gamma)
    asked = task.asked
    deciding = [state for state in asked if gap(right[state]) > CLOSE]
    if answers.values is None:
        if not deciding:
            return None, 0.0, ["The agent gives no action values, and its actions tell nothing."]
        wrong = [s for s in deciding if answers.actions[s] != right[s].argmax()]
        error = float(len(wrong))
        lines = [
            f"{task.states[s]}: expected action {right[s].argmax()}, got {answers.actions[s]}"
            for s in wrong
        ]
    else:
        errors = np.abs(answers.values[asked] - right[asked])
        error = float(np.nan_to_num(errors, nan=np.inf).max())
        wrong = [
            s for s in asked if not (np.abs(answers.values[s] - right[s]) <= task.tolerance).all()
        ]
        lines = [
            f"{task.states[s]}: expected values {_numbers(right[s])}, "
            f"got {_numbers(answers.values[s])}"
            for s in wrong
        ]
    if not wrong:
        unseen = cannot_tell(task, gamma)
        notes = [f"(At gamma = {gamma:g} it cannot tell whether {unseen}.)"] if unseen else []
        return True, error, notes
    found = resembles(task, answers, gamma, earlier)
    if found:
        lines.append("It looks as if " + ", or ".join(found) + ".")
    explained = found and not all(fits(t, given, solve(t, gamma)) for t, given in earlier)
    if not explained:  # by what an earlier probe has found already
        lines.append(task.failure)
    return False, error, lines


def _where(error: BaseException) -> list[str]:
    """The deepest line of the agent's own code in a traceback."""
    here = Path(__file__).parent
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        path = Path(frame.filename)
        if here not in path.parents and "site-packages" not in path.parts:
            return [f"In {frame.name}, line {frame.lineno}: {_short(frame.line)}"]
    return []


def _noticed(task: Task, log: Log, *, stopped: bool = False) -> list[str]:
    """What the environments saw of a program that failed, or that an error stopped."""
    if not log.steps:
        return ["No environment of this probe was ever stepped, not in this process at least."]
    lines = []
    seeds = [seed for seed in log.reset_seeds if seed is not None]
    if len(seeds) > 5 and len(set(seeds)) < len(seeds) / 2:
        lines.append("It resets to the same seed again and again: episodes begin alike.")
    if log.steps_past_end:
        lines.append(f"It stepped on {log.steps_past_end} times after an episode had ended.")
    if stopped:  # what it would still have come to nobody knows
        return lines
    missing = [
        f"{task.states[state]} {action}"
        for state in task.asked
        for action in range(task.num_actions)
        if state in log.visited and (state, action) not in log.tried
    ]
    never = [task.states[state] for state in task.asked if state not in log.visited]
    if never:
        lines.append(f"It never came to: {', '.join(never)}.")
    if missing:
        lines.append(f"It never tried (state and action): {', '.join(missing)}.")
    return lines


def _numbers(values: Floats) -> str:
    return " ".join(f"{value:.2f}" for value in values)


def _short(thing: object) -> str:
    text = " ".join(str(thing).split())
    return text if len(text) <= 160 else text[:157] + "..."
