"""Agents that solve CartPole and forget it again, looked at from inside, and what prevents it.

Chapter: `Anatomy of a collapse`. Takes some twenty minutes of one core. Interrupted, it
goes on where it was.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from dqn import diagnosis, experiment, training
from dqn.agent import DQN
from dqn.config import DQNConfig
from dqn.exploration import LinearSchedule
from dqn.results import save_result
from dqn.worlds import Worlds

COMMAND = "python book/experiments/collapse.py"
BOOK = Path(__file__).parent.parent
RESULT = BOOK / "results" / "collapse.json"
TABLE = BOOK / "_build" / "collapse.sqlite"
SEEDS = tuple(range(80))  # of the default; the others have the first 20 of them
STEPS, EVERY, EPISODES = 19_200, 320, 20


@dataclass(frozen=True)
class Condition:
    """What to train."""

    config: DQNConfig
    decay: bool = False
    """Whether the learning rate falls to zero, in a straight line to the last step."""
    inside: bool = False
    """Whether to look inside at each evaluation, or at the scores only."""


DEFAULT = DQNConfig()
CONDITIONS = {
    "default": Condition(DEFAULT, inside=True),
    "learning rate / 4": Condition(replace(DEFAULT, learning_rate=1e-3)),
    "learning rate to 0": Condition(DEFAULT, decay=True),
    "target 5 x slower": Condition(replace(DEFAULT, tau=0.001)),
    "batch 256": Condition(replace(DEFAULT, batch_size=256)),
    "no clipping": Condition(replace(DEFAULT, max_grad_norm=None)),
    "memory of 2,000": Condition(replace(DEFAULT, capacity=2_000)),
    "epsilon to 0": Condition(replace(DEFAULT, epsilon=LinearSchedule(1.0, 0.0, 2_000))),
    "epsilon to 0.2": Condition(replace(DEFAULT, epsilon=LinearSchedule(1.0, 0.2, 2_000))),
    "prioritized": Condition(
        replace(DEFAULT, replay="proportional", beta=LinearSchedule(0.4, 1.0, STEPS))
    ),
    "one-step": Condition(replace(DEFAULT, n_step=1)),
}


def watch(
    condition: Condition,
    env: str,
    seeds: Sequence[int],
    *,
    steps: int,
    every: int,
    episodes: int,
    horizon: int,
    fine: int,
) -> list[dict[str, Any]]:
    """Train learners together and examine them now and then.

    Returns:
        For each seed: ``looks``, from a measurement's name to its values over time; ``closely``,
        the scores of the online and of the target network after each of 80 rounds of updates;
        ``fresh``, the returns of the last, of the best, and of the target network in 100 further
        episodes.
    """
    config = condition.config
    # Carts whose answers an exhaustive search knows: some that are lost whatever is done, some more
    # at the end of the track, and some that one push loses while the other does not (mirrored, so
    # that it is always the left one).
    rng = np.random.default_rng(0)
    carts = rng.uniform(-1, 1, (6_000, 4)) * [1.0, 1.5, np.deg2rad(11), 2.0]
    edge = rng.uniform([2.1, 1.0, -0.1, -0.5], [2.4, 2.5, 0.1, 0.5], (1_000, 4))
    left, left_there = (diagnosis.steps_left(some, horizon) for some in (carts, edge))
    lost, lost_there = left.max(1) < horizon, left_there.max(1) < horizon
    critical = (left.max(1) == horizon) & (left.min(1) < horizon)
    sides = np.where(left[critical].argmin(1) == 0, 1.0, -1.0)[:, None]
    upright = rng.uniform(-0.05, 0.05, (200, 4))
    # Carts that are being balanced somewhere on the track: how does the preference for the right
    # push depend on the four numbers?
    balanced = rng.uniform(-1, 1, (500, 4)) * [1.5, 0.5, 0.05, 0.5]
    slopes = np.linalg.pinv(np.column_stack([np.ones(500), balanced]))  # [5, 500]
    asked = [upright, carts[lost], edge[lost_there], carts[critical] * sides]
    asked = np.concatenate([some[:200] for some in asked]).astype(np.float32)
    asked = np.repeat(asked[None], len(seeds), axis=0)
    balanced = np.repeat(balanced.astype(np.float32)[None], len(seeds), axis=0)
    worth, worth_there = (
        diagnosis.value_of_steps(steps[:200], config.gamma)
        for steps in (left.max(1)[lost], left_there.max(1)[lost_there])
    )

    judges = [np.random.default_rng([seed, 140]) for seed in seeds]
    draws = [np.random.default_rng([seed, 141]) for seed in seeds]
    looks: dict[str, list[Any]] = {}
    looks_closely: list[Any] = []
    best_scores = np.full(len(seeds), -np.inf)
    kept: dict[str, torch.Tensor] = {}

    def greedy(network: Any, parameters: torch.Tensor) -> Any:
        def act(obs: Any) -> Any:
            with torch.no_grad():
                return np.asarray(network(parameters, torch.from_numpy(obs)).argmax(-1))

        return act

    def slow(agent: DQN) -> Any:
        return greedy(agent.network, agent.target)

    def exam(act: Any, count: int) -> diagnosis.Balance:
        starts = np.stack([judge.uniform(-0.05, 0.05, (count, 4)) for judge in judges])
        return diagnosis.balance(act, starts)

    def inside(agent: DQN) -> dict[str, Any]:
        start, falling, leaving, forked = np.split(agent.q_values(asked), 4, axis=1)
        size = min(256, *(len(buffer) for buffer in agent.buffers))
        batches = [
            buffer.sample(size, draw) for buffer, draw in zip(agent.buffers, draws, strict=True)
        ]
        update, held = diagnosis.examine_update(agent, batches), diagnosis.memory(agent)
        visited = np.stack([batch.obs_tm1 for batch in batches])
        values = agent.q_values(visited)
        offset, spring, damping, tilt, _ = slopes @ np.diff(agent.q_values(balanced))[..., 0].T
        with torch.no_grad():
            before = np.asarray(agent.network(kept["previous"], torch.from_numpy(visited)))
        return {
            "value of the start": start.max(-1).mean(1),
            "falling, too high by": (falling.max(-1) - worth).mean(1),
            "leaving, too high by": (leaving.max(-1) - worth_there).mean(1),
            "fatal choices": (forked.argmax(-1) == 0).mean(1),
            "action gap": diagnosis.action_gap(values).mean(1),
            "churn": (values.argmax(-1) != before.argmax(-1)).mean(1),
            "failures in memory": held.failures,
            "since a failure": held.last_failure,
            "TD error": update.error,
            "errors carried by": update.carried_by,
            "gradient": update.grad_norm,
            "weights": update.weight_norm,
            "dead units": diagnosis.dead_units(agent, visited),
            "offset": offset / tilt,
            "spring": spring / tilt,
            "damping": damping / tilt,
        }

    def look(agent: DQN, _: Worlds) -> None:
        if condition.decay:
            left_to_go = max(1 - agent.steps / steps, 1e-9)
            agent._optimizer.learning_rate = config.learning_rate * left_to_go
        if not kept:
            kept["previous"] = agent.online.detach().clone()
            kept["best"] = kept["previous"].clone()
        if 0 < agent.steps - fine <= 640 and condition.inside:
            looks_closely.append(
                [exam(act, 10).steps.mean(1) for act in (agent.greedy, slow(agent))]
            )
        if agent.steps % every:
            return
        played = exam(agent.greedy, episodes)
        scores = played.steps.mean(1)
        seen = {
            "score": scores,
            "worst": played.steps.min(1),
            "off track": played.off_track.mean(1),
            "target's score": exam(slow(agent), episodes).steps.mean(1),
        }
        if condition.inside:
            seen |= inside(agent)
        for name, numbers in seen.items():
            looks.setdefault(name, []).append(numbers)
        online = agent.online.detach()
        better = scores > best_scores
        best_scores[better] = scores[better]
        kept["best"][torch.from_numpy(better)] = online[torch.from_numpy(better)]
        kept["previous"] = online.clone()

    agent, _ = training.train(config, env, seeds, steps, evaluate_every=None, on_step=look)

    policies = {
        "last": agent.greedy,
        "best": greedy(agent.network, kept["best"]),
        "target": slow(agent),
    }
    fresh = {name: exam(act, 100).steps for name, act in policies.items()}
    return [
        {
            "looks": {
                name: [float(f"{numbers[s]:.3g}") for numbers in rows]
                for name, rows in looks.items()
            },
            "closely": {
                name: [float(f"{pair[k][s]:.3g}") for pair in looks_closely]
                for k, name in enumerate(("online", "target"))
            },
            "fresh": {name: float(returns[s].mean()) for name, returns in fresh.items()},
        }
        for s in range(len(seeds))
    ]


def main() -> None:
    """Watch eighty learners with the default config, and twenty with each change."""
    options: dict[str, Any] = {
        "steps": STEPS,
        "every": EVERY,
        "episodes": EPISODES,
        "horizon": 12,  # steps that the exhaustive search looks ahead
        "fine": 16_000,  # from here on learners are looked at more often
    }
    skipped = 16  # looks after which measurements other than the scores are stored
    runs: dict[str, Any] = {}
    for name, condition in CONDITIONS.items():
        found = experiment.sweep(
            TABLE,
            {name: condition},
            ["CartPole-v1"],
            SEEDS if condition.inside else SEEDS[:20],
            task=watch,
            together=20,
            code=("dqn.training", "dqn.diagnosis"),
            **options,
        )
        results = [run.result for run in found]
        runs[name] = {  # [seed, time] and [seed]
            key: {
                each: np.array([result[key][each] for result in results])
                for each in results[0][key]
                if condition.inside or each not in ("worst", "off track")
            }
            for key in ("looks", "closely", "fresh")
        }
        # To keep the file small: scores are counted in whole steps; of the other measurements two
        # digits are as many as a look at 256 transitions can hold, from when learners are good.
        looks, closely = runs[name]["looks"], runs[name]["closely"]
        for scores in (looks, closely):
            for each in scores.keys() & {"score", "worst", "target's score", "online", "target"}:
                scores[each] = scores[each].round().astype(np.int64)
        for each in looks.keys() - {"score", "worst", "target's score", "off track"}:
            values = looks[each][:, skipped:]
            digits = np.array([float(f"{value:.2g}") for value in values.ravel()])
            whole = (digits == digits.round()).all()
            looks[each] = digits.reshape(values.shape).astype(np.int64 if whole else np.float64)
    data = {
        "options": options,
        "skipped": skipped,
        "steps": list(range(EVERY, STEPS + 1, EVERY)),
        "conditions": {name: repr(condition) for name, condition in CONDITIONS.items()},
        "runs": runs,
    }
    save_result(RESULT, data, command=COMMAND, seeds=SEEDS, code=[experiment, diagnosis, __file__])


if __name__ == "__main__":
    main()
