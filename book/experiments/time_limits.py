"""A time limit taken for an end: limits, starts, masks and losses, ten agents each, on CartPole.

Chapter: `How episodes end`. Takes some three minutes.
"""

from dataclasses import replace
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np

from dqn import training
from dqn.agent import DQN
from dqn.config import DQNConfig
from dqn.evaluation import evaluate
from dqn.results import save_result
from dqn.worlds import Worlds

COMMAND = "python book/experiments/time_limits.py"
RESULT = Path(__file__).parent.parent / "results" / "time_limits.json"
TASKS: dict[str, dict[str, Any]] = {
    "limit 500": {"limit": 500, "spread": 0.0},
    "limit 50": {"limit": 50, "spread": 0.0},
    "limit 50, starts all over the track": {"limit": 50, "spread": 2.2},
}
LOSSES = ("squared", "huber")
SEEDS = tuple(range(10))
STEPS, EVERY, EPISODES = 10_000, 1_000, 5
CONFIG = DQNConfig(n_step=3, tau=0.01, batch_size=64, learning_rate=3e-3)
TRACK = np.linspace(-2.2, 2.2, 23)  # places of the cart at which values are read, pole upright


class LimitIsDeath(gym.Wrapper[Any, Any, Any, Any]):
    """Reports a time limit as if the task had ended: the classic wrong mask, in one place."""

    def step(self, action: Any) -> tuple[Any, Any, bool, bool, dict[str, Any]]:
        """Take one step; a truncated episode is called terminated."""
        obs, reward, terminated, truncated, info = self.env.step(action)
        return obs, reward, terminated or truncated, truncated, info


class SpreadStarts(gym.Wrapper[Any, Any, Any, Any]):
    """Puts the cart anywhere within ``spread`` of the middle, at up to one unit of speed."""

    def __init__(self, env: gym.Env[Any, Any], spread: float) -> None:
        super().__init__(env)
        self.spread = spread

    def reset(self, **kwargs: Any) -> tuple[Any, dict[str, Any]]:
        """Begin an episode elsewhere."""
        obs, info = self.env.reset(**kwargs)
        cart: Any = self.env.unwrapped
        obs[:2] += cart.np_random.uniform((-self.spread, -1.0), (self.spread, 1.0))
        cart.state = np.array(obs, dtype=np.float64)
        return obs, info


def cartpole(limit: int, spread: float = 0.0, *, death: bool = False) -> gym.Env[Any, Any]:
    """CartPole with this time limit, reported as it is or as a death."""
    env: gym.Env[Any, Any] = gym.make("CartPole-v1", max_episode_steps=limit)
    if spread:
        env = SpreadStarts(env, spread)
    return LimitIsDeath(env) if death else env


def off_track(agent: DQN, episodes: int = 10) -> list[float]:
    """Of each learner's greedy episodes of the plain task, the share that leaves the track."""
    worlds = Worlds("CartPole-v1", [1_000 + seed for seed in SEEDS], num_envs=episodes)
    over, left = np.zeros((2, len(SEEDS), episodes), bool)
    while not over.all():
        step = worlds.step(agent.greedy(worlds.obs))
        left |= ~over & step.terminated & (abs(step.obs_t[..., 0]) > 2.4)
        over |= step.terminated | step.truncated
    return [float(share) for share in left.mean(axis=1)]


def run(config: DQNConfig, task: dict[str, Any], *, death: bool) -> dict[str, Any]:
    """Train ten agents under a limit, and judge them by the task's own 500 steps."""
    judges = [np.random.default_rng([seed, 1]) for seed in SEEDS]
    starts = np.random.default_rng(0).uniform(-0.05, 0.05, (1, 100, 4)).astype(np.float32)
    starts = np.repeat(starts, len(SEEDS), axis=0)
    scores, values = [], []

    def look(agent: DQN, _: Worlds) -> None:
        if agent.steps % EVERY == 0:
            scores.append(evaluate(agent.greedy, "CartPole-v1", judges, EPISODES).mean(axis=1))
            values.append(agent.q_values(starts).max(axis=-1).mean(axis=1))

    agent, history = training.train(
        config, cartpole, SEEDS, STEPS, evaluate_every=None, on_step=look, death=death, **task
    )
    places = np.zeros((len(SEEDS), len(TRACK), 4), np.float32)
    places[:, :, 0] = TRACK
    cut = [sum(e.length == task["limit"] for e in episodes) for episodes in history.episodes]
    return {
        "scores": np.stack(scores, axis=1),  # [seed, time]
        "values": np.stack(values, axis=1),  # [seed, time]
        "along": agent.q_values(places).max(axis=-1),  # [seed, place], at the end of training
        "off track": off_track(agent),  # [seed], at the end of training
        "cut": cut,  # [seed], training episodes that came to the limit
        "episodes": [len(episodes) for episodes in history.episodes],
    }


def main() -> None:
    """Train ten agents for each task, loss and mask, and store what they earn and believe."""
    data: dict[str, Any] = {
        "config": repr(CONFIG),
        "gamma": CONFIG.gamma,
        "n_step": CONFIG.n_step,
        "track": TRACK,
        "steps": list(range(EVERY, STEPS + 1, EVERY)),
    }
    for name, task in TASKS.items():
        for loss in LOSSES:
            for mask in ("right", "wrong"):
                config = replace(CONFIG, loss=loss)
                data[f"{name}; {loss}; {mask}"] = run(config, task, death=mask == "wrong")
    save_result(RESULT, data, command=COMMAND, seeds=SEEDS, code=[training, __file__])


if __name__ == "__main__":
    main()
