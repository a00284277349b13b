"""What the push, the step size and the loss do to the homework's online agent.

Equal budgets: every learner takes the same number of environment steps and, without replay, as many
gradient steps. Chapter: `A network that learns online`.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dqn import evaluation, presets, training
from dqn.agent import DQN
from dqn.config import DQNConfig
from dqn.results import save_result
from dqn.worlds import Worlds

SEEDS = range(10)
STEPS, EVERY, EPISODES, STEP_LIMIT = 30_000, 2_500, 20, 300

HOMEWORK = presets.homework_online()
CONDITIONS = {
    "homework": HOMEWORK,
    "no push": replace(HOMEWORK, q_penalty=0.0),
    "step size x10": replace(HOMEWORK, learning_rate=10 * HOMEWORK.learning_rate),
    "huber": replace(HOMEWORK, loss="huber"),
}


# CartPole starts anywhere in this box; both averages below are over starts.
STARTS = np.random.default_rng(0).uniform(-0.05, 0.05, (EPISODES, 4)).astype(np.float32)


def run(config: DQNConfig) -> dict[str, NDArray[np.float64]]:
    """Scores, and the return that the networks predict at the start beside the one they earn.

    Each ``[S, T]``; the last two discounted.
    """
    judges = [np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(6,))) for seed in SEEDS]
    predicted: list[NDArray[np.floating]] = []
    earned: list[NDArray[np.floating]] = []

    def on_step(agent: DQN, _worlds: Worlds) -> None:
        if agent.steps % EVERY:
            return
        starts = np.broadcast_to(STARTS, (len(SEEDS), *STARTS.shape)).copy()
        predicted.append(agent.q_values(starts).max(-1).mean(1))
        returns = evaluation.evaluate(
            agent.greedy,
            "CartPole-v1",
            judges,
            EPISODES,
            gamma=config.gamma,
            max_episode_steps=STEP_LIMIT,
        )
        earned.append(returns.mean(1))

    _, history = training.train(
        config,
        "CartPole-v1",
        SEEDS,
        STEPS,
        evaluate_every=EVERY,
        evaluate_episodes=EPISODES,
        on_step=on_step,
        max_episode_steps=STEP_LIMIT,
    )
    return {
        "scores": history.scores,
        "predicted": np.stack(predicted, 1),
        "earned": np.stack(earned, 1),
    }


def main() -> None:
    """Run all conditions and store them."""
    conditions = {name: run(config) for name, config in CONDITIONS.items()}
    save_result(
        Path(__file__).parents[1] / "results" / "online_ablation.json",
        {
            "steps": np.arange(EVERY, STEPS + 1, EVERY),
            "step_limit": STEP_LIMIT,
            "episodes": EPISODES,
            "conditions": conditions,
        },
        command="python book/experiments/online_ablation.py",
        seeds=SEEDS,
        code=[__file__, training, evaluation, presets],
    )


if __name__ == "__main__":
    main()
