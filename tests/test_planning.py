"""Dynamic programming against brute force, simulation and known numbers."""

import itertools
from typing import Any

import gymnasium as gym
import numpy as np
import numpy.typing as npt
import pytest

from dqn.envs import FiniteEnv
from dqn.linear_systems import on_policy_weighting
from dqn.mdp import FiniteMDP
from dqn.planning import (
    epsilon_greedy_policy,
    greedy_policy,
    policy_evaluation,
    policy_iteration,
    value_iteration,
)
from dqn.statistics import iqm
from dqn.tabular import learn, max_error, q_learning

Floats = npt.NDArray[np.float64]


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def model(name: str, **kwargs: Any) -> FiniteMDP:
    return FiniteMDP.from_gymnasium(gym.make(name, **kwargs))


def random_mdp(states: int, actions: int, seed: int) -> FiniteMDP:
    """Every pair terminates with probability 0.1 to 0.3 and else goes on anywhere."""
    dice = rng(seed)
    transition = dice.dirichlet(np.ones(states), size=(states, actions))
    transition *= dice.uniform(0.7, 0.9, size=(states, actions, 1))
    return FiniteMDP.from_arrays(transition, dice.normal(size=(states, actions)))


CLIFF = model("CliffWalking-v1")
START = 36


@pytest.mark.parametrize("gamma", [0.0, 0.5, 0.95, 1.0])
@pytest.mark.parametrize(("states", "actions"), [(1, 1), (1, 3), (2, 2), (3, 2), (5, 2)])
def test_three_ways_to_q_star(states: int, actions: int, gamma: float) -> None:
    mdp = random_mdp(states, actions, seed=states)
    best = np.full(states, -np.inf)
    for choice in itertools.product(range(actions), repeat=states):  # every deterministic policy
        picked = np.arange(states), np.array(choice)
        system = np.eye(states) - gamma * mdp.transition[picked]
        best = np.maximum(best, np.linalg.solve(system, mdp.expected_reward[picked]))
    q_star = mdp.expected_reward + gamma * mdp.transition @ best
    np.testing.assert_allclose(value_iteration(mdp, gamma, tolerance=1e-12), q_star, atol=1e-10)
    np.testing.assert_allclose(policy_iteration(mdp, gamma), q_star, atol=1e-10)


@pytest.mark.parametrize(
    ("name", "gamma"),
    [("FrozenLake-v1", 0.99), ("FrozenLake-v1", 1.0), ("CliffWalking-v1", 1.0), ("Taxi-v4", 0.9)],
)
def test_value_and_policy_iteration_agree_on_toy_text(name: str, gamma: float) -> None:
    mdp = model(name)
    q = value_iteration(mdp, gamma, tolerance=1e-12)
    np.testing.assert_allclose(policy_iteration(mdp, gamma), q, atol=1e-8)


def test_tolerance_bounds_the_error() -> None:
    mdp = FiniteMDP.from_arrays([[[1.0]]], [[1.0]])  # worth 1 / (1 - gamma), slowly found
    for tolerance in (1.0, 1e-3):
        assert abs(value_iteration(mdp, 0.99, tolerance).item() - 100.0) <= tolerance


def test_policy_evaluation_is_the_mean_of_simulated_returns() -> None:
    mdp = random_mdp(4, 3, seed=7)
    policy = rng(1).dirichlet(np.ones(3), size=4)
    result = learn(
        mdp, "sarsa", gamma=1.0, step_size=0.0, behaviour=policy, episodes=200, runs=100, rng=rng()
    )
    exact = mdp.start @ policy_evaluation(mdp, policy, 1.0)
    error = result.returns.std() / np.sqrt(result.returns.size)
    assert abs(result.returns.mean() - exact) < 4 * error


def test_the_cliff_s_exact_returns() -> None:
    # A fall costs 100, leads back to the start and ends nothing: Sutton & Barto, Example 6.6.
    q = value_iteration(CLIFF, 1.0)
    assert q[START].max() == -13.0
    careless = policy_evaluation(CLIFF, epsilon_greedy_policy(q, 0.1), 1.0)
    assert round(float(careless[START]), 2) == -50.80
    # The best epsilon-soft policy: policy iteration within that class.
    policy = epsilon_greedy_policy(np.zeros_like(q), 0.1)
    for _ in range(50):
        soft = CLIFF.backup(policy_evaluation(CLIFF, policy, 1.0), 1.0)
        policy = epsilon_greedy_policy(soft, 0.1)
    assert round(float(policy_evaluation(CLIFF, policy, 1.0)[START]), 2) == -20.71


def test_an_endless_policy_has_no_undiscounted_value() -> None:
    back_and_forth = FiniteMDP.from_arrays(
        [[[0, 1, 0], [0, 0, 0]], [[1, 0, 0], [1, 0, 0]], [[0, 0, 1], [0, 0, 1]]],
        -np.ones((3, 2)),
        start=[1, 0, 0],
    )
    with pytest.raises(ValueError, match="never terminates"):
        policy_evaluation(back_and_forth, [[1, 0], [1, 0], [1, 0]], 1.0)
    half = np.array([[0.5, 0.5], [1, 0], [1, 0]])
    values = policy_evaluation(back_and_forth, half, 1.0)
    # v0 = -1 + v1 / 2, v1 = -1 + v0; no episode ever comes to the third state.
    np.testing.assert_allclose(values, [-3.0, -4.0, np.nan])
    with pytest.raises(ArithmeticError, match="max_sweeps"):
        value_iteration(FiniteMDP.from_arrays([[[1.0]]], [[1.0]]), 1.0, max_sweeps=100)


@pytest.mark.parametrize("gamma", [-0.1, 1.1, np.nan])
def test_a_discount_outside_its_range_is_refused(gamma: float) -> None:
    for solve in (
        lambda: value_iteration(CLIFF, gamma),
        lambda: policy_iteration(CLIFF, gamma),
        lambda: q_learning(CLIFF, gamma=gamma, step_size=0.1, episodes=1, rng=rng()),
    ):
        with pytest.raises(ValueError, match="gamma"):
            solve()


def test_policies_of_a_table() -> None:
    q = [[1.0, 2.0, 2.0], [0.0, -np.inf, -1.0]]
    np.testing.assert_allclose(epsilon_greedy_policy(q, 0.3), [[0.1, 0.45, 0.45], [0.85, 0, 0.15]])
    np.testing.assert_array_equal(greedy_policy(q), [[0, 0.5, 0.5], [1, 0, 0]])
    with pytest.raises(ValueError, match="NaN"):
        greedy_policy([[np.nan, 1.0]])
    with pytest.raises(ValueError, match="epsilon"):
        epsilon_greedy_policy(q, 1.5)


@pytest.mark.parametrize("given", [3, None, gym.make("CliffWalking-v1")])
def test_what_is_no_process_is_refused(given: Any) -> None:
    for use in (
        lambda: value_iteration(given, 0.9),
        lambda: policy_iteration(given, 0.9),
        lambda: policy_evaluation(given, [[1.0]], 0.9),
        lambda: on_policy_weighting(given, [[1.0]]),
        lambda: FiniteEnv(given),
    ):
        with pytest.raises(TypeError, match="mdp must be a FiniteMDP, got"):
            use()


@pytest.mark.parametrize(
    "given",
    [
        "a", [["1", "2"]], [[1], [1, 2]], [[1j]], object(),
        None, [[None]], [[0.0, None]], np.array([["1", 2]], object), np.array([[b"1"]], object),
    ],
)  # fmt: skip
def test_what_holds_no_numbers_is_refused_by_name(given: Any) -> None:
    for name, use in (
        ("q", lambda: greedy_policy(given)),
        ("q", lambda: max_error(given, [[1.0]])),
        ("q_star", lambda: max_error([[1.0]], given)),
        ("policy", lambda: policy_evaluation(CLIFF, given, 0.9)),
        ("transition", lambda: FiniteMDP.from_arrays(given, [[0.0]])),
        ("reward", lambda: FiniteMDP.from_arrays([[[1.0]]], given)),
        ("start", lambda: FiniteMDP.from_arrays([[[1.0]]], [[0.0]], start=[given])),
        ("scores", lambda: iqm(given)),
    ):
        with pytest.raises(TypeError, match=f"{name} must be an array of numbers"):
            use()
    masked = np.ma.masked_array([[1.0]], mask=True)
    for name, call in (("q", lambda: greedy_policy(masked)), ("scores", lambda: iqm(masked))):
        with pytest.raises(TypeError, match=f"{name} must not be masked: a mask would be lost"):
            call()
    with pytest.raises(ValueError, match=r"where must fit \(1, 1\)"):
        max_error([[1.0]], [[1.0]], where=[True, False])
    with pytest.raises(TypeError, match=r"values must be an array of numbers, got \[0\.0,"):
        CLIFF.backup([0.0] * 48, 0.9)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "policy", [np.ones((48, 4)), np.full((48, 3), 1 / 3), np.full((48, 4), np.nan)]
)
def test_what_is_no_policy_is_refused(policy: Floats) -> None:
    with pytest.raises(ValueError, match="policy"):
        policy_evaluation(CLIFF, policy, 0.9)
    with pytest.raises(ValueError, match="behaviour"):
        q_learning(CLIFF, gamma=0.9, step_size=0.1, steps=1, behaviour=policy, rng=rng())


@pytest.mark.parametrize("q", [[], [[]], 3.0, [[np.nan, 1.0]], [[-np.inf, -np.inf]]])
def test_a_table_without_actions_is_named_with_what_it_holds(q):
    with pytest.raises(ValueError, match=r"q must have an action worth more .* got "):
        greedy_policy(q)


def test_the_expected_return_leaves_out_what_no_episode_visits():
    mdp = FiniteMDP.from_arrays([[[0.0, 0.0]], [[0.0, 1.0]]], [[3.0], [1.0]], start=[1.0, 0.0])
    values, begun = policy_evaluation(mdp, [[1.0], [1.0]], 1.0), mdp.start > 0
    assert np.isnan(values[1]), "the second state is never left, and never met"
    assert mdp.start[begun] @ values[begun] == 3.0
