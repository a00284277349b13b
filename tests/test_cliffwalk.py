"""The quick learner of the Blind Cliffwalk against a slow and simple one."""

import math
from typing import Any

import numpy as np
import pytest

from dqn.cliffwalk import METHODS, learn
from dqn.envs import (
    blind_cliffwalk_features,
    blind_cliffwalk_transitions,
    blind_cliffwalk_values,
)
from dqn.prioritized import ProportionalSampler, RankBasedSampler

# Medians over five random seeds of an implementation that was written before this one: a table,
# weights of standard deviation 0.1, the mean over the 2 n pairs.
WRITTEN_BEFORE = {
    "uniform": {2: 71, 4: 303, 6: 1807, 8: 6357},
    "greedy": {2: 34, 4: 108, 6: 267, 8: 809},
    "oracle": {2: 31, 4: 93, 6: 187, 8: 315},
}


def slow_learn(
    n: int,
    method: str,
    rng: np.random.Generator,
    *,
    features: str = "none",
    initial_std: float = 0.1,
    error: str = "pairs",
    first_priority: float | str = 1.0,
    alpha: float = 0.6,
    beta: float = 0.0,
    noise: float = 0.0,
    max_updates: int = 20_000,
) -> tuple[int, float]:
    """Weights, features and errors of the whole memory, as one would write them down first."""
    memory = blind_cliffwalk_transitions(n, rng)
    phi, truth = blind_cliffwalk_features(n, features), blind_cliffwalk_values(n)
    s, a, s_next = memory.obs_tm1, memory.action_tm1, memory.obs_t
    count = len(s)
    reward = memory.reward_t.copy()
    counted = np.ones((n, 2))
    if error == "transitions":
        counted = np.array([[np.sum((s == i) & (a == b)) for b in range(2)] for i in range(n)])
    first_and_wrong = (s == 0) & (a == 1)
    if noise:
        reward[first_and_wrong] = noise * rng.standard_normal(first_and_wrong.sum())
        counted = counted * np.array([[1, 0]] + [[1, 1]] * (n - 1))
    w = initial_std * rng.standard_normal(phi.shape[2])

    def td_errors() -> Any:
        q = phi @ w
        return reward + memory.discount_t * q[s_next].max(1) - q[s, a]

    def mse(weights: Any) -> float:
        return float((counted * (phi @ weights - truth) ** 2).sum() / counted.sum())

    sampler: Any = None
    if method == "proportional":
        sampler = ProportionalSampler(count, alpha, normalize="buffer", stratified=False)
    if method == "rank":
        sampler = RankBasedSampler(count, alpha, normalize="buffer", stratified=False)
    if sampler:
        sampler.added(np.arange(count))
    last = np.abs(td_errors()) if first_priority == "error" else np.full(count, first_priority)
    for update in range(max_updates):
        if mse(w) < 1e-3:
            return update, mse(w)
        errors, weight = td_errors(), 1.0
        if method == "uniform":
            i = int(rng.integers(count))
        elif method == "oracle":
            after = [mse(w + 0.25 * errors[i] * phi[s[i], a[i]]) for i in range(count)]
            i = int(np.argmin(after))
        elif method == "fresh":
            i = int(np.abs(errors).argmax())
        elif method == "greedy":
            i = int(last.argmax())
            last[i] = abs(errors[i])
        else:
            slots, weights = sampler.sample(1, count, rng, beta)
            i, weight = int(slots[0]), float(weights[0])
            sampler.update(slots, errors[slots])
        w = w + 0.25 * weight * errors[i] * phi[s[i], a[i]]
    return max_updates, mse(w)


@pytest.mark.parametrize("features", ["none", "action", "shared"])
@pytest.mark.parametrize("method", ["oracle", "fresh", "greedy"])
@pytest.mark.parametrize("n", [1, 2, 3, 5])
def test_same_number_of_updates_as_the_slow_learner(n: int, method: str, features: str) -> None:
    for seed in range(2):
        run = learn(n, method, rng=np.random.default_rng(seed), features=features, max_updates=400)
        slow = slow_learn(
            n, method, np.random.default_rng(seed), features=features, max_updates=400
        )
        assert run.updates == slow[0]
        assert run.mse == pytest.approx(slow[1], rel=1e-6)


@pytest.mark.parametrize(
    "choices",
    [
        {"error": "transitions"},
        {"first_priority": "error"},
        {"first_priority": 0.05},
        {"initial_std": 0.3},
        {"noise": 0.3, "max_updates": 100},
    ],
    ids=str,
)
@pytest.mark.parametrize("method", ["oracle", "greedy"])
def test_every_choice_as_in_the_slow_learner(method: str, choices: dict[str, Any]) -> None:
    run = learn(4, method, rng=np.random.default_rng(3), **choices)
    slow = slow_learn(4, method, np.random.default_rng(3), **choices)
    assert run.updates == slow[0]
    assert run.mse == pytest.approx(slow[1], rel=1e-6)


@pytest.mark.parametrize(
    ("method", "choices"),
    [
        ("uniform", {}),
        ("proportional", {"alpha": 0.6}),
        ("proportional", {"alpha": 1.5, "features": "action"}),
        ("proportional", {"alpha": 0.6, "beta": 0.3}),
        ("rank", {"alpha": 0.6}),
        ("rank", {"alpha": 1.5, "features": "action"}),
        ("rank", {"alpha": 0.6, "beta": 0.3}),
    ],
    ids=str,
)
def test_draws_as_the_samplers_of_the_package(method: str, choices: dict[str, Any]) -> None:
    """The logarithm of the updates has the same mean, within four standard errors."""
    n, runs = 3, 40
    quick = [learn(n, method, rng=np.random.default_rng(i), **choices) for i in range(4 * runs)]
    slow = [slow_learn(n, method, np.random.default_rng(500 + i), **choices) for i in range(runs)]
    ours, theirs = (np.log([run[0] for run in many]) for many in (quick, slow))
    error = math.sqrt(ours.var() / len(ours) + theirs.var() / len(theirs))
    assert abs(ours.mean() - theirs.mean()) < 4 * error
    assert error < 0.08  # fine enough to see a difference


@pytest.mark.parametrize("method", WRITTEN_BEFORE)
@pytest.mark.parametrize("n", [2, 4, 6, 8])
def test_medians_as_written_before(method: str, n: int) -> None:
    updates = [learn(n, method, rng=np.random.default_rng(i)).updates for i in range(15)]
    assert np.median(updates) == pytest.approx(WRITTEN_BEFORE[method][n], rel=0.3)


@pytest.mark.parametrize("method", METHODS)
def test_what_a_run_reports(method: str) -> None:
    run = learn(4, method, rng=np.random.default_rng(0))
    assert run.learned
    assert run.mse < 1e-3
    assert run.replays.shape == (4, 2)
    assert run.replays.sum() == run.updates
    assert run.replays[3, 1] > 0, "the one rewarded transition must have been replayed"
    again = learn(4, method, rng=np.random.default_rng(0))
    assert again.updates == run.updates
    short = learn(4, method, rng=np.random.default_rng(0), max_updates=run.updates - 1)
    assert (short.learned, short.updates) == (False, run.updates - 1)
    assert short.mse >= 1e-3
    assert learn(4, method, rng=np.random.default_rng(0), tolerance=1.0).updates == 0


def test_uniform_replays_each_pair_as_often_as_it_is_stored() -> None:
    runs = [learn(6, rng=np.random.default_rng(i)) for i in range(5)]
    replays = sum(run.replays.sum(1) for run in runs)
    expected = 2.0 ** (6 - np.arange(6)) / 126 * replays.sum()
    chi_square = ((replays - expected) ** 2 / expected).sum()
    assert chi_square < 20.5  # 0.1 % of chances, 5 degrees of freedom


@pytest.mark.parametrize(
    ("argument", "value", "error"),
    [
        ("n", 0, ValueError),
        ("n", 21, ValueError),
        ("method", "random", ValueError),
        ("features", "all", ValueError),
        ("error", "states", ValueError),
        ("initial_std", -0.1, ValueError),
        ("first_priority", -1.0, ValueError),
        ("first_priority", "largest", TypeError),
        ("alpha", -0.1, ValueError),
        ("beta", 1.1, ValueError),
        ("epsilon", float("nan"), ValueError),
        ("noise", -1.0, ValueError),
        ("step_size", -1.0, ValueError),
        ("tolerance", -1.0, ValueError),
        ("max_updates", -1, ValueError),
        ("method", np.array(["rank", "uniform"]), ValueError),
        ("first_priority", np.ones(2), TypeError),
        ("rng", np.random, TypeError),
    ],
)
def test_refuses_bad_arguments(argument: str, value: object, error: type[Exception]) -> None:
    arguments: dict[str, Any] = {"n": 3, argument: value}
    rng = np.random.default_rng(0)
    with pytest.raises(error, match=f"{argument} must be"):
        learn(**({"rng": rng} | arguments))
    assert rng.bit_generator.state == np.random.default_rng(0).bit_generator.state
