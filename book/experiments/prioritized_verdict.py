"""Four ways to draw from a memory, on three tasks, with equal budgets and equal tuning.

`second_trial.py` takes the rates chosen here to fresh seeds.
Chapter: `Prioritized replay III: does it help?`. Takes about an hour of one core.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import gymnasium as gym
import joblib
import numpy as np
import torch
from numpy.typing import NDArray

from dqn import training
from dqn.agent import DQN
from dqn.config import DQNConfig
from dqn.exploration import LinearSchedule
from dqn.losses import double_q_target, td_error
from dqn.prioritized import effective_sample_size
from dqn.results import save_result
from dqn.worlds import Worlds

COMMAND = "python book/experiments/prioritized_verdict.py"
RESULT = Path(__file__).parent.parent / "results" / "prioritized_verdict.json"
SEEDS = tuple(range(20))
TUNING_SEEDS = tuple(range(1_000, 1_010))
RATES = (1e-4, 3e-4, 1e-3, 3e-3, 1e-2)
LAKE = ["SFFFFF", "FFHFFF", "FFFFHF", "HFFFFF", "FFFHFF", "FHFFFG"]

# What all share: a Double DQN with one-step targets, one environment, an update every second step.
SHARED = DQNConfig(
    n_step=1,
    double=True,
    target="soft",
    tau=0.01,
    capacity=5_000,
    batch_size=32,
    learning_starts=500,
    train_every=2,
    num_envs=1,
)
Env = gym.Env[Any, Any]


def lake() -> Env:
    """FrozenLake without slipping, wide enough that a random walk seldom reaches the goal."""
    env: Env = gym.make("FrozenLake-v1", desc=LAKE, is_slippery=False, max_episode_steps=200)
    return env


TASKS: dict[str, tuple[str | Callable[[], Env], int, dict[str, Any]]] = {
    # environment, steps, and what its learners have in common
    "CartPole": ("CartPole-v1", 10_000, {"epsilon": LinearSchedule(1.0, 0.05, 3_000)}),
    "Acrobot": ("Acrobot-v1", 12_000, {"epsilon": LinearSchedule(1.0, 0.05, 3_000)}),
    # Behaviour stays random, so that all see the same walks and differ in what they make of them;
    # and no success is forgotten.
    "wide lake": (
        lake,
        12_000,
        {"epsilon": LinearSchedule(1.0, 1.0, 1), "gamma": 0.95, "capacity": 12_000},
    ),
}


def agents(steps: int) -> dict[str, DQNConfig]:
    """The four ways, with the papers' exponents; the homework's mended, at temperature 1."""
    return {
        "uniform": SHARED,
        "proportional": replace(
            SHARED, replay="proportional", alpha=0.6, beta=LinearSchedule(0.4, 1.0, steps)
        ),
        "rank-based": replace(
            SHARED, replay="rank", alpha=0.7, beta=LinearSchedule(0.5, 1.0, steps)
        ),
        "homework, mended": replace(SHARED, replay="softmax_mended", temperature=1.0),
    }


def config_for(task: str, agent: str, rate: float) -> DQNConfig:
    """The config of an agent on a task."""
    _, steps, common = TASKS[task]
    return replace(agents(steps)[agent], learning_rate=rate, **common)


def run(task: str, agent: str, rate: float, seeds: tuple[int, ...], look_inside: bool) -> Any:
    """Train these learners together: their scores, and how they drew, each ``[seed, time]``."""
    source, steps, _ = TASKS[task]
    looks: list[list[dict[str, float]]] = []

    def look(agent: DQN, _: Worlds) -> None:
        if look_inside and agent.steps % 1_000 == 0:
            looks.append([look_at(agent, s) for s in range(len(seeds))])

    _, history = training.train(
        config_for(task, agent, rate),
        source,
        seeds,
        steps,
        evaluate_every=1_000,
        evaluate_episodes=5,
        on_step=look,
    )
    inside = {
        name: np.array([[one[name] for one in row] for row in looks]).T
        for name in (looks[0][0] if looks else ())
    }
    return {"scores": history.scores} | inside


def look_at(agent: DQN, s: int) -> dict[str, float]:
    """What learner s draws by, beside what it would draw by if it looked at everything now."""
    config, buffer = agent.config, agent.buffers[s]
    n = len(buffer)
    batch = _everything(buffer)
    errors = _errors(agent, s, batch)
    noted = _probabilities(buffer)
    if config.replay == "proportional":
        weights = (errors + 1e-6) ** config.alpha
    elif config.replay == "rank":
        weights = np.empty(n)
        weights[np.argsort(-errors)] = np.arange(1.0, n + 1) ** -config.alpha
    elif config.replay == "softmax_mended":
        weights = np.exp((errors - errors.max()) / config.temperature)
    else:
        weights = np.ones(n)
    fresh = weights / weights.sum()
    success = batch.reward_t > 0
    largest = np.sort(errors)[-max(1, n // 100) :]
    drawn = np.random.default_rng([s, agent.steps]).choice(n, 32 * 30, p=noted).reshape(30, 32)
    raw = (n * noted[drawn]) ** -config.beta(agent.steps)  # importance weights of thirty batches
    weighted = config.replay in ("proportional", "rank")
    return {
        "shares": effective_sample_size(noted) / n,
        "misplaced": float(abs(noted - fresh).sum() / 2),
        "top": float(largest.sum() / errors.sum()),  # of all errors, the largest 1 % of them
        "weight": float((raw / raw.max(axis=1, keepdims=True)).mean()) if weighted else 1.0,
        "successes": float(success.sum()),
        "successes drawn": float(n * noted[success].sum()),  # in n draws
        "ends": float((batch.discount_t == 0).mean()),
    }


def _everything(buffer: Any) -> Any:
    """All transitions of a memory, in their slots' order."""
    source = buffer._stored if hasattr(buffer, "losses") else buffer
    return source.take(np.arange(len(buffer)), np.ones(len(buffer), np.float32))


def _probabilities(buffer: Any) -> NDArray[np.float64]:
    source = buffer if hasattr(buffer, "losses") else buffer.sampler
    if hasattr(source, "probabilities"):
        return np.asarray(source.probabilities(len(buffer)))
    return np.full(len(buffer), 1 / len(buffer))


def _errors(agent: DQN, s: int, batch: Any) -> NDArray[np.float64]:
    """The size of learner s's TD error at each transition, as its networks are now."""
    tensors = [torch.from_numpy(np.asarray(field))[None] for field in batch[:5]]
    obs_tm1, action_tm1, reward_t, discount_t, obs_t = tensors
    obs_tm1, obs_t = obs_tm1.float(), obs_t.float()
    online, target = agent.online[[s]], agent.target[[s]]
    with torch.no_grad():
        goal = double_q_target(
            reward_t, discount_t, agent.network(online, obs_t), agent.network(target, obs_t)
        )
        delta = td_error(agent.network(online, obs_tm1), action_tm1, goal)[0]
    return np.abs(np.asarray(delta, np.float64))


def main() -> None:
    """Tune each agent on each task in the same way, then compare them on fresh seeds."""
    names = list(agents(1))
    jobs = [(task, agent, rate) for task in TASKS for agent in names for rate in RATES]
    parallel = joblib.Parallel(n_jobs=-1, verbose=5)
    tried = parallel(joblib.delayed(run)(*job, TUNING_SEEDS, False) for job in jobs)
    tuning = {
        task: {
            agent: [
                np.round(outcome["scores"].mean(axis=1), 4)
                for job, outcome in zip(jobs, tried, strict=True)
                if job[:2] == (task, agent)
            ]
            for agent in names
        }
        for task in TASKS
    }
    best = [
        (task, agent, RATES[int(np.argmax([s.mean() for s in tuning[task][agent]]))])
        for task in TASKS
        for agent in names
    ]
    done = parallel(joblib.delayed(run)(*job, SEEDS, True) for job in best)
    runs: dict[str, dict[str, Any]] = {task: {} for task in TASKS}
    for (task, agent, rate), outcome in zip(best, done, strict=True):
        kept = {key: np.round(values, 4) for key, values in outcome.items()}
        runs[task][agent] = {"rate": rate} | kept
    data = {
        "configs": {
            task: {agent: repr(config_for(task, agent, 1.0)) for agent in names} for task in TASKS
        },
        "steps": {task: steps for task, (_, steps, _) in TASKS.items()},
        "lake": LAKE,
        "rates": list(RATES),
        "tuning seeds": list(TUNING_SEEDS),
        "tuning": tuning,  # score, mean over training, of each rate and seed
        "runs": runs,
    }
    save_result(RESULT, data, command=COMMAND, seeds=SEEDS, code=[training, __file__])


if __name__ == "__main__":
    main()
