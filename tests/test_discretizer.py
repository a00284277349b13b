"""Bins, by hand, and a pole balanced by a table."""

from typing import Any

import gymnasium as gym
import numpy as np
import pytest

from dqn.discretizer import Discretizer
from dqn.tabular import q_learning


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


class Numbers(gym.Env[Any, Any]):
    """Two numbers, the second unbounded above."""

    def __init__(self) -> None:
        low, high = np.array([0, -1], np.float32), np.array([1, np.inf], np.float32)
        self.observation_space = gym.spaces.Box(low, high)
        self.action_space = gym.spaces.Discrete(2)


def test_bins_of_all_axes_become_one_number() -> None:
    env = Discretizer(Numbers(), bins=[2, 3], low=None, high=[None, 2.0])
    assert env.observation_space == gym.spaces.Discrete(6)
    cases = {  # bins [0, 0.5, 1] and [-1, 0, 1, 2]
        (0.0, -1.0): 0,
        (0.49, -0.01): 0,
        (0.49, 0.0): 1,
        (0.5, 1.0): 5,
        (1.0, 2.0): 5,
        (-9.0, 9.0): 2,
        (9.0, -np.inf): 3,
    }
    for observation, state in cases.items():
        assert env.observation(np.array(observation)) == state
    assert Discretizer(Numbers(), bins=[2, 1]).observation_space == gym.spaces.Discrete(2)


def test_bad_bins() -> None:
    with pytest.raises(TypeError, match="Box"):
        Discretizer(gym.make("FrozenLake-v1"), bins=2)
    with pytest.raises(TypeError, match="env must be a Gymnasium environment, got 'CartPole-v1'"):
        Discretizer("CartPole-v1", bins=2)  # type: ignore[arg-type]
    cases: list[tuple[dict[str, Any], type[Exception], str]] = [
        ({"bins": 2}, ValueError, r"high must be given for observation\[1\]"),
        ({"bins": [2]}, ValueError, "bins"),
        ({"bins": [2, 0]}, ValueError, "bins"),
        ({"bins": [2, 1.5]}, TypeError, "bins"),
        ({"bins": 2, "high": [1.0]}, ValueError, "high"),
        ({"bins": 2, "high": [0.0, 1.0]}, ValueError, "low must be below high"),
        ({"bins": 2, "high": [1.0, np.nan]}, ValueError, "high"),
    ]
    for kwargs, error, names in cases:
        with pytest.raises(error, match=names):
            Discretizer(Numbers(), **kwargs)
    env = Discretizer(Numbers(), bins=[2, 1])
    for observation in ([np.nan, 0.0], [0.0]):
        with pytest.raises(ValueError, match="observation"):
            env.observation(np.array(observation))


def test_one_number_of_bins_may_be_numpys_and_makes_no_more_states_than_can_be_counted() -> None:
    class Wide(gym.Env[Any, Any]):
        observation_space = gym.spaces.Box(-1, 1, (41,))
        action_space = gym.spaces.Discrete(2)

    thumb: Any = np.int64(1)
    half: Any = 2.5
    one_for_all: Any = -1.0
    assert Discretizer(Wide(), bins=thumb).observation_space == gym.spaces.Discrete(1)
    with pytest.raises(ValueError, match="bins must make no more states"):
        Discretizer(Wide(), bins=3)
    with pytest.raises(TypeError, match="bins must be a whole number"):
        Discretizer(Wide(), bins=half)
    for ragged in ([[1], [1, 2]], [[1] * 41]):
        with pytest.raises((TypeError, ValueError), match="bins must be"):
            Discretizer(Wide(), bins=ragged)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="low must be 41 numbers"):
        Discretizer(Wide(), bins=2, low=one_for_all)


def test_q_learning_balances_a_discretised_pole() -> None:
    envs = [
        Discretizer(
            gym.make("CartPole-v1"),
            bins=[1, 3, 6, 6],
            low=[None, -2.0, -0.21, -2.5],
            high=[None, 2.0, 0.21, 2.5],
        )
        for _ in range(3)
    ]
    result = q_learning(
        envs,
        gamma=0.99,
        step_size=0.2,
        epsilon=lambda episode: max(0.02, 0.97**episode),
        episodes=100,
        rng=rng(),
    )
    assert result.returns[:, -20:].mean() > 50  # a random policy lasts about 22 steps


def test_bounds_too_far_apart_for_any_bin_are_refused():
    env = gym.make("CartPole-v1")
    with pytest.raises(ValueError, match="nearer to each other"):
        Discretizer(env, 2, low=[-1.7e308] * 4, high=[1.7e308] * 4)
    assert Discretizer(env, np.array(1)).bins == (1, 1, 1, 1)  # type: ignore[arg-type]


def test_text_is_no_bound_and_no_observation():
    for name in ("low", "high"):
        with pytest.raises(TypeError, match=f"{name} must be an array of numbers"):
            Discretizer(gym.make("MountainCar-v0"), bins=3, **{name: ["0", "1"]})  # type: ignore[arg-type]
    env = Discretizer(gym.make("MountainCar-v0"), bins=3)
    for strange in (["0", "0"], {}, [[0.0], [0.0, 1.0]]):  # type: ignore[var-annotated]
        with pytest.raises(TypeError, match="observation must be an array of numbers"):
            env.observation(strange)  # type: ignore[arg-type]
