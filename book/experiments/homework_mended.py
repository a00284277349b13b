"""The homework's third agent, mended one defect at a time, under equal budgets.

Chapter: `Prioritized replay II: how`. Takes some six minutes of processor time.
"""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dqn import training
from dqn.agent import DQN
from dqn.exploration import LinearSchedule
from dqn.presets import homework_prioritized, homework_replay
from dqn.prioritized import effective_sample_size
from dqn.results import save_result
from dqn.worlds import Worlds, make_env

COMMAND = "python book/experiments/homework_mended.py"
RESULT = Path(__file__).parent.parent / "results" / "homework_mended.json"
SEEDS = tuple(range(10))
STEPS, LOOK_EVERY = 12_000, 2_000
# Each row keeps what the rows before it mended. The first is the homework's.
MENDED: dict[str, dict[str, Any]] = {
    "as written": {},
    "the caller gets the sorted memory": {"sort_is_lost": False},
    "sorted every 100 steps": {"sort_every": 100},
    "absolute errors": {"priority": "absolute"},
    "temperature 1": {"temperature": 1.0},
    "a queue, never sorted": {"sort_every": None},
}
PAPERS = replace(
    homework_replay(), replay="proportional", alpha=0.6, beta=LinearSchedule(0.4, 1.0, STEPS)
)


def run(config: Any, mended: dict[str, Any]) -> dict[str, NDArray[np.float64]]:
    """Train one learner per seed; what it scored, and what its memory was like, ``[S, T]``."""
    env = make_env("CartPole-v1")
    agent = DQN(config, env.observation_space, env.action_space, SEEDS)
    for buffer in agent.buffers:
        for name, value in mended.items():
            if not hasattr(buffer, name):
                raise AttributeError(f"the buffer has no {name}")
            setattr(buffer, name, value)
    sizes, shares = [], []

    def look(agent: DQN, _: Worlds) -> None:
        if agent.steps % LOOK_EVERY == 0:
            held = [len(buffer) for buffer in agent.buffers]
            sizes.append(held)
            shares.append(
                [
                    effective_sample_size(_probabilities(buffer, size)) / size
                    for buffer, size in zip(agent.buffers, held, strict=True)
                ]
            )

    _, history = training.train(
        config,
        "CartPole-v1",
        SEEDS,
        STEPS,
        evaluate_every=STEPS // 2,
        evaluate_episodes=10,
        on_step=look,
        agent=agent,
    )
    return {
        "scores": history.scores,
        "sizes": np.array(sizes, np.float64).T,
        "shares": np.array(shares).T,
    }


def _probabilities(buffer: Any, size: int) -> NDArray[np.float64]:
    source = buffer if hasattr(buffer, "probabilities") else buffer.sampler
    return np.asarray(source.probabilities(size))


def main() -> None:
    """Train all of them and store their scores and memories."""
    runs = {"uniform": run(homework_replay(), {})}
    so_far: dict[str, Any] = {}
    for name, change in MENDED.items():
        so_far |= change
        runs[name] = run(homework_prioritized(), so_far)
    runs["proportional"] = run(PAPERS, {})
    data = {"steps": STEPS, "look_every": LOOK_EVERY, "runs": runs}
    save_result(
        RESULT, data, command=COMMAND, seeds=SEEDS, code=[training, "dqn.presets", __file__]
    )


if __name__ == "__main__":
    main()
