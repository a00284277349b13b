"""Finite processes: what they read from Gymnasium, what they draw, what they refuse."""

import itertools
from typing import Any

import gymnasium as gym
import numpy as np
import pytest

from dqn.mdp import FiniteMDP
from dqn.planning import (
    policy_iteration,
    value_iteration,
)


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def model(name: str, **kwargs: Any) -> FiniteMDP:
    return FiniteMDP.from_gymnasium(gym.make(name, **kwargs))


CLIFF = model("CliffWalking-v1")
START = 36


@pytest.mark.parametrize(
    ("name", "kwargs"),
    [
        ("FrozenLake-v1", {}),
        ("FrozenLake-v1", {"map_name": "8x8", "success_rate": 0.7}),
        ("FrozenLake-v1", {"is_slippery": False}),
        ("CliffWalking-v1", {"is_slippery": True}),
        ("Taxi-v4", {"is_rainy": True}),
    ],
)
def test_model_has_the_moments_of_the_environment_s_own(name: str, kwargs: dict[str, Any]) -> None:
    env: Any = gym.make(name, **kwargs).unwrapped
    mdp = FiniteMDP.from_gymnasium(env)
    states, actions = env.observation_space.n, env.action_space.n
    onward, reward = np.zeros((states, actions, states)), np.zeros((states, actions))
    for s, a in itertools.product(range(states), range(actions)):
        for probability, next_state, pay, terminated in env.P[s][a]:
            reward[s, a] += probability * pay
            if not terminated:
                onward[s, a, next_state] += probability
    np.testing.assert_allclose(mdp.transition, onward, atol=1e-12)
    np.testing.assert_allclose(mdp.expected_reward, reward, atol=1e-12)
    np.testing.assert_array_equal(mdp.start, env.initial_state_distrib)


def test_samples_keep_two_rewards_on_the_way_to_one_state_apart() -> None:
    mdp = model("CliffWalking-v1", is_slippery=True)
    n = 30_000
    at, right = np.full(n, START), np.ones(n, dtype=np.int64)
    reward, next_state, terminated = mdp.sample(at, right, rng().random(n))
    # Right of the start is the cliff (back to the start, -100); down is the edge (stays, -1).
    outcomes = {(-100.0, START): 1 / 3, (-1.0, START): 1 / 3, (-1.0, START - 12): 1 / 3}
    assert not terminated.any()
    for (pay, state), p in outcomes.items():
        seen = np.mean((reward == pay) & (next_state == state))
        assert abs(seen - p) < 4 * np.sqrt(p * (1 - p) / n)


def test_impossible_outcomes_are_never_drawn_whatever_rounding_does() -> None:
    thirds = [0.0, 1 / 3, 1 / 3, 1 / 3 - 1e-9, 0.0]
    mdp = FiniteMDP(
        probability=np.array([[thirds]]),
        next_state=np.zeros((1, 1, 5), dtype=np.int64),
        reward=np.arange(5.0).reshape(1, 1, 5),
        terminated=np.zeros((1, 1, 5), dtype=np.bool_),
        start=np.ones(1),
    )
    u = np.array([0.0, np.nextafter(1.0, 0.0)])
    reward, _, _ = mdp.sample(np.zeros(2, dtype=np.int64), np.zeros(2, dtype=np.int64), u)
    assert reward.tolist() == [1.0, 3.0]


def test_reachable_states() -> None:
    assert CLIFF.reachable.sum() == 37  # three rows of twelve, and the start
    assert model("Taxi-v4").reachable.sum() == 400
    assert model("FrozenLake-v1").reachable.sum() == 11  # 16 less four holes and the goal


def test_a_reward_that_terminates_is_earned_once() -> None:
    mdp = FiniteMDP.from_arrays([[[0.0]]], [[3.0]])
    assert value_iteration(mdp, 1.0) == policy_iteration(mdp, 1.0) == 3.0


@pytest.mark.parametrize(
    ("change", "names"),
    [
        ({"probability": np.ones((1, 1))}, "probability"),
        ({"probability": np.full((1, 1, 1), 0.5)}, "probability"),
        ({"probability": np.array([[[1.5, -0.5]]])}, "next_state"),
        ({"probability": np.zeros((1, 1, 1))}, "probability"),
        ({"probability": np.full((1, 1, 1), np.nan)}, "probability"),
        ({"next_state": np.array([[[1]]])}, "next_state"),
        ({"next_state": np.array([[[-1]]])}, "next_state"),
        ({"next_state": np.array([[[0.5]]])}, "next_state"),
        ({"reward": np.array([[[np.inf]]])}, "reward"),
        ({"reward": np.array([[0.0]])}, "reward"),
        ({"start": np.array([0.5])}, "start"),
        ({"reward_std": np.array([[-1.0]])}, "reward_std"),
    ],
)
def test_a_process_that_is_none_is_refused(change: dict[str, Any], names: str) -> None:
    fields: dict[str, Any] = {
        "probability": np.ones((1, 1, 1)),
        "next_state": np.zeros((1, 1, 1), dtype=np.int64),
        "reward": np.zeros((1, 1, 1)),
        "terminated": np.zeros((1, 1, 1), dtype=np.bool_),
        "start": np.ones(1),
    }
    FiniteMDP(**fields)
    with pytest.raises(ValueError, match=names):
        FiniteMDP(**(fields | change))


def test_a_negative_probability_is_refused_where_no_action_is_offered_too() -> None:
    with pytest.raises(ValueError, match=r"probability must not be negative, got -1\.0"):
        FiniteMDP(
            probability=[[[1.0, 0.0], [-1.0, 0.0]]],  # type: ignore[arg-type]
            next_state=np.zeros((1, 2, 2), int),
            reward=np.zeros((1, 2, 2)),
            terminated=np.zeros((1, 2, 2), bool),
            start=[1.0],  # type: ignore[arg-type]
        )


def test_environments_without_a_model_are_refused() -> None:
    for env in (gym.make("CartPole-v1"), gym.make("Blackjack-v1")):
        with pytest.raises(ValueError, match=r"unwrapped\.P"):
            FiniteMDP.from_gymnasium(env)
    with pytest.raises(ValueError, match="fickle"):
        model("Taxi-v4", fickle_passenger=True)
    with pytest.raises(TypeError, match="env"):
        FiniteMDP.from_gymnasium("Taxi-v4")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="reward must have shape"):
        FiniteMDP.from_arrays([[[1.0]]], [1.0])
    with pytest.raises(ValueError, match="more than 1"):
        FiniteMDP.from_arrays([[[1.1]]], [[1.0]])


def test_what_was_computed_once_cannot_be_changed() -> None:
    mdp = FiniteMDP.from_arrays(np.full((2, 1, 2), 0.25), np.ones((2, 1)))
    for name in (
        "probability",
        "offered",
        "going_on",
        "cumulative",
        "start_cumulative",
        "expected_reward",
        "transition",
        "reachable",
    ):
        with pytest.raises(ValueError, match="read-only"):
            getattr(mdp, name)[...] = 0


@pytest.mark.parametrize("terminated", [[[["False"]]], [[[2.5]]], [[[np.nan]]], [[[1]]]])
def test_the_end_is_a_bool(terminated: Any) -> None:
    with pytest.raises((TypeError, ValueError), match="terminated must"):
        FiniteMDP([[[1.0]]], [[[0]]], [[[0.0]]], terminated, [1.0])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "model", [{0: {-1: [(1.0, 0, 0.0, True)]}}, {0: {0: [(1.0, 0.9, 0.0, True)]}}]
)
def test_a_model_in_other_numbers_is_refused(model: Any) -> None:
    env = gym.make("FrozenLake-v1")
    bare: Any = env.unwrapped
    bare.P = dict.fromkeys(range(16), model[0])
    with pytest.raises(ValueError, match="env must"):
        FiniteMDP.from_gymnasium(env)


def test_values_beyond_all_numbers_are_no_answer() -> None:
    with pytest.raises(ArithmeticError, match="overflow"):
        value_iteration(FiniteMDP.from_arrays([[[1.0]]], [[1e308]]), 0.9)


@pytest.mark.parametrize(
    ("model", "fault"),
    [
        (None, "TypeError in P"),
        ({}, "KeyError in P"),
        ([], "IndexError in P"),
        ({0: None}, "TypeError in P"),
        ({0: {}}, "no action is offered"),
        ({0: {0: None}}, "TypeError in P"),
        ({0: {0: [(1.0, 0, 1.0)]}}, "ValueError in P"),
        ({0: {0: [(1.0, 0.5, 1.0, True)]}}, "TypeError in P"),
        ({0: {0: [("all", 0, 1.0, True)]}}, "ValueError in P"),
        ({0: {"left": [(1.0, 0, 1.0, True)]}}, "TypeError in P"),
    ],
)
def test_a_model_of_another_form_is_refused(model, fault):
    class Odd(gym.Env):
        observation_space, action_space = gym.spaces.Discrete(1), gym.spaces.Discrete(1)
        P, initial_state_distrib = model, np.ones(1)

    with pytest.raises(ValueError, match=f"env must list .* got .*{fault}"):
        FiniteMDP.from_gymnasium(Odd())


def test_arrays_that_are_none_are_named():
    coin: dict[str, Any] = {
        "probability": [[[1.0]]],
        "next_state": [[[0]]],
        "reward": [[[1.0]]],
        "terminated": [[[True]]],
        "start": [1.0],
    }
    FiniteMDP(**coin)
    for name in ("next_state", "terminated"):
        with pytest.raises(TypeError, match=f"{name} must be an array of numbers"):
            FiniteMDP(**{**coin, name: [[1, 2], [3]]})
    with pytest.raises(TypeError, match="values must be an array of numbers"):
        FiniteMDP(**coin).backup(np.array(["high"]), 0.9)
    with pytest.raises(ValueError, match=r"transition must not be negative, got -0\.5"):
        FiniteMDP.from_arrays([[[-0.5]]], [[1.0]])
    with pytest.raises(
        ValueError, match=r"transition must have shape \[S, A, S\], got \(0, 0, 0\)"
    ):
        FiniteMDP.from_arrays(np.zeros((0, 0, 0)), np.zeros((0, 0)))
