"""Real bugs, switched in one at a time: what each does to ten agents on CartPole.

Every agent takes the same number of environment steps and as many gradient steps. A bug is one
line: its text in the package is replaced while its agents train. Chapter: `The bug gallery`. Takes
some five minutes.
"""

import importlib
import inspect
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from functools import reduce
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dqn import evaluation, training
from dqn.agent import DQN
from dqn.config import DQNConfig
from dqn.exploration import LinearSchedule
from dqn.results import save_result
from dqn.worlds import Worlds

COMMAND = "python book/experiments/bug_gallery.py"
RESULT = Path(__file__).parent.parent / "results" / "bug_gallery.json"
SEEDS = range(10)
STEPS, EVERY, EPISODES = 6_000, 600, 10

ONE_STEP = DQNConfig(
    n_step=1,
    double=False,
    target="hard",
    target_period=100,
    batch_size=64,
    learning_rate=3e-3,
    epsilon=LinearSchedule(1.0, 0.1, 2_000),
)
AGENTS = {
    "one step": ONE_STEP,
    "three steps": replace(ONE_STEP, n_step=3),
    "prioritized": replace(ONE_STEP, replay="proportional"),
}


@dataclass(frozen=True)
class Bug:
    """One line of the package, and what becomes of it.

    Attributes:
        agent: Which of the agents has it.
        where: Module and function, ``"dqn.agent:DQN.learn"``.
        before: A part of its source that occurs once.
        after: What it is replaced by.
    """

    agent: str
    where: str
    before: str
    after: str


BUGS = {
    "broadcast": Bug(
        "one step",
        "dqn.agent:DQN.gradient",
        'slope = huber_slope(delta) if config.loss == "huber" else squared_slope(delta)',
        "slope = huber_slope(target[:, None] - (target - delta)[:, :, None]).mean(-1)",
    ),
    "sign": Bug(
        "one step",
        "dqn.agent:DQN.learn",
        "self._optimizer.step(gradient)",
        "self._optimizer.step(-gradient)",
    ),
    "aliased": Bug(
        "one step",
        "dqn.agent:DQN.__init__",
        "self.online.clone()",
        "self.online",
    ),
    "truncation": Bug(
        "one step",
        "dqn.replay:NStepWindow.push",
        "discount = self.gamma * ~terminated",
        "discount = self.gamma * ~(terminated | truncated)",
    ),
    "both flags": Bug(
        "one step",
        "dqn.replay:NStepWindow.push",
        "discount = self.gamma * ~terminated",
        "discount = self.gamma * ~(terminated & ~truncated)",
    ),
    "straddling": Bug(
        "three steps",
        "dqn.replay:NStepWindow.push",
        "self._length[ended] = 0",
        "pass",
    ),
    "push": Bug(
        "one step",
        "dqn.agent:DQN.gradient",
        "(slope + config.q_penalty)",
        "(slope + 0.1)",
    ),
    "one start": Bug(
        "one step",
        "dqn.worlds:Worlds.step",
        "self.envs[s][n].reset()",
        "self.envs[s][n].reset(seed=777)",
    ),
    "exploring exam": Bug(
        "one step",
        "dqn.training:train",
        "evaluate(agent.greedy, ",
        "evaluate(agent.act, ",
    ),
    "whole total": Bug(
        "prioritized",
        "dqn.prioritized:ProportionalSampler.sample",
        "_uniform(batch_size, total, self.stratified, rng)",
        "_uniform(batch_size, int(total), self.stratified, rng)",
    ),
    "weighted priority": Bug(
        "prioritized",
        "dqn.agent:DQN.learn",
        "(sampled.slots, errors)",
        "(sampled.slots, sampled.weights * errors**2)",
    ),
    "squared weights": Bug(
        "prioritized",
        "dqn.agent:DQN.gradient",
        "slope = batch.weights * (",
        "slope = batch.weights**2 * (",
    ),
}


@contextmanager
def one_line_changed(where: str, before: str, after: str) -> Iterator[None]:
    """Change one line of a function of the package, for as long as the with block lasts."""
    module, _, path = where.partition(":")
    *owners, name = path.split(".")
    owner: Any = reduce(getattr, owners, importlib.import_module(module))
    right = getattr(owner, name)
    source = textwrap.dedent(inspect.getsource(right))
    if source.count(before) != 1:
        raise ValueError(f"before must occur once in {where}, got {before!r}")
    wrong: dict[str, Any] = {}
    exec(source.replace(before, after), right.__globals__, wrong)  # noqa: S102 - our own source
    setattr(owner, name, wrong[name])
    try:
        yield
    finally:
        setattr(owner, name, right)


def run(config: DQNConfig) -> dict[str, NDArray[np.float64]]:
    """Scores and the value that the networks see in the starting states, both ``[S, T]``."""
    starts = np.random.default_rng(0).uniform(-0.05, 0.05, (EPISODES, 4)).astype(np.float32)
    starts = np.broadcast_to(starts, (len(SEEDS), *starts.shape)).copy()
    believed: list[NDArray[Any]] = []

    def on_step(agent: DQN, _worlds: Worlds) -> None:
        if agent.steps % EVERY == 0:
            believed.append(agent.q_values(starts).max(-1).mean(1))

    _, history = training.train(
        config,
        "CartPole-v1",
        SEEDS,
        STEPS,
        evaluate_every=EVERY,
        evaluate_episodes=EPISODES,
        on_step=on_step,
    )
    return {"scores": history.scores, "believed": np.stack(believed, 1)}


def main() -> None:
    """Train ten agents with each bug, and ten without any, and store what was measured."""
    runs = {name: run(config) for name, config in AGENTS.items()}
    for name, bug in BUGS.items():
        with one_line_changed(bug.where, bug.before, bug.after):
            runs[name] = run(AGENTS[bug.agent])
    save_result(
        RESULT,
        {
            "bugs": {name: asdict(bug) for name, bug in BUGS.items()},
            "agents": {name: repr(config) for name, config in AGENTS.items()},
            "steps": np.arange(EVERY, STEPS + 1, EVERY),
            "episodes": EPISODES,
            "runs": runs,
        },
        command=COMMAND,
        seeds=SEEDS,
        code=[__file__, training, evaluation],
    )


if __name__ == "__main__":
    main()
