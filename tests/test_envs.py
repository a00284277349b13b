"""The book's small environments: Gymnasium's own check, their models, and the paper's memory."""

import itertools
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

from dqn.envs import (
    FiniteEnv,
    baird_features,
    baird_policies,
    baird_star,
    baird_weights,
    blind_cliffwalk,
    blind_cliffwalk_features,
    blind_cliffwalk_transitions,
    blind_cliffwalk_values,
    loop,
    maximization_bias,
    two_states,
)
from dqn.mdp import FiniteMDP
from dqn.planning import policy_evaluation, value_iteration
from dqn.tabular import q_learning

IDS = [
    f"dqn/{n}-v0" for n in ("BlindCliffwalk", "MaximizationBias", "BairdStar", "TwoStates", "Loop")
]


@pytest.mark.parametrize("name", IDS)
def test_gymnasium_accepts_it(name: str) -> None:
    env = gym.make(name)
    for _ in range(5):  # the check samples actions
        check_env(env.unwrapped)


@pytest.mark.parametrize("name", IDS)
def test_the_model_survives_the_way_through_p(name: str) -> None:
    env: Any = gym.make(name).unwrapped
    mdp, again = env.mdp, FiniteMDP.from_gymnasium(env)
    for part in ("transition", "expected_reward", "offered", "start", "reward_std"):
        np.testing.assert_array_equal(getattr(again, part), getattr(mdp, part))


@pytest.mark.parametrize("name", IDS)
def test_steps_follow_the_model(name: str) -> None:
    env: Any = gym.make(name).unwrapped
    env.action_space.seed(0)
    state, info = env.reset(seed=0)
    seen: dict[tuple[int, int], list[int]] = {}
    for _ in range(6000):
        action = int(env.action_space.sample(info["action_mask"]))
        outcomes = env.P[state][action]
        next_state, reward, terminated, truncated, info = env.step(action)
        noisy = env.reward_std[state, action] > 0
        which = [
            k
            for k, (_, to, pay, ends) in enumerate(outcomes)
            if (to, ends) == (next_state, terminated) and (noisy or pay == reward)
        ]
        assert len(which) == 1
        assert not truncated
        seen.setdefault((state, action), []).append(which[0])
        state, info = env.reset() if terminated else (next_state, info)
    for (s, a), draws in seen.items():
        for k, (p, *_) in enumerate(env.P[s][a]):
            allowed = 5 * np.sqrt(p * (1 - p) / len(draws)) + 1e-12
            assert abs(np.mean(np.array(draws) == k) - p) <= allowed


def test_an_action_between_those_offered_is_refused() -> None:
    gap = FiniteMDP(
        probability=[[[1.0], [0.0], [1.0]]],  # type: ignore[arg-type]
        next_state=np.zeros((1, 3, 1), int),
        reward=np.ones((1, 3, 1)),
        terminated=np.zeros((1, 3, 1), bool),
        start=[1.0],  # type: ignore[arg-type]
    )
    env = FiniteEnv(gap)
    env.reset(seed=0)
    assert env.step(0)[1] == env.step(2)[1] == 1
    with pytest.raises(ValueError, match=r"state 0 offers, \[0, 2\], got 1"):
        env.step(1)


def test_stepping_out_of_turn_is_refused() -> None:
    env = blind_cliffwalk(1)
    with pytest.raises(gym.error.ResetNeeded):
        env.step(0)
    env.reset(seed=0)
    for action in (2, -1, 0.5, None):
        with pytest.raises(ValueError, match="action"):
            env.step(action)  # type: ignore[arg-type]
    assert env.step(0)[1:4] == (1.0, True, False)
    with pytest.raises(gym.error.ResetNeeded):
        env.step(0)


@pytest.mark.parametrize(
    ("name", "kwargs", "names"),
    [
        ("dqn/BlindCliffwalk-v0", {"n": 0}, "n"),
        ("dqn/MaximizationBias-v0", {"num_actions": 1}, "num_actions"),
        ("dqn/MaximizationBias-v0", {"std": -1.0}, "std"),
        ("dqn/TwoStates-v0", {"epsilon": 1.5}, "epsilon"),
        ("dqn/Loop-v0", {"reward": float("nan")}, "reward"),
    ],
)
def test_bad_arguments(name: str, kwargs: dict[str, Any], names: str) -> None:
    with pytest.raises(ValueError, match=names):
        gym.make(name, **kwargs)


# --- Blind Cliffwalk ------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [1, 2, 3, 5, 7, 16])
def test_cliffwalk_values(n: int) -> None:
    gamma = 1 - 1 / n
    mdp = blind_cliffwalk(n).mdp
    np.testing.assert_allclose(
        value_iteration(mdp, gamma, tolerance=1e-13), blind_cliffwalk_values(n), atol=1e-12
    )
    assert blind_cliffwalk_values(n, gamma=0.9)[0, 0] == pytest.approx(0.9 ** (n - 1))


@pytest.mark.parametrize(("n", "value"), [(2, 0.500), (4, 0.422), (8, 0.393), (16, 0.380)])
def test_cliffwalk_start(n: int, value: float) -> None:
    assert round(float(blind_cliffwalk_values(n)[0].max()), 3) == value


@pytest.mark.parametrize("n", [1, 2, 3, 5, 7])
def test_the_memory_is_what_all_action_sequences_live_through(n: int) -> None:
    env: FiniteEnv = blind_cliffwalk(n)
    lived = []
    for actions in itertools.product(range(2), repeat=n):
        state, _ = env.reset(seed=0)
        for action in actions:
            next_state, reward, terminated, _, _ = env.step(action)
            discount = 0.0 if terminated else 1 - 1 / n
            lived.append((state, action, reward, discount, next_state))
            state = next_state
            if terminated:
                break
    memory = blind_cliffwalk_transitions(n)
    assert list(zip(*(column.tolist() for column in memory), strict=True)) == lived


@pytest.mark.parametrize("n", [1, 2, 6, 16])
def test_the_memory_s_size_and_counts(n: int) -> None:
    memory = blind_cliffwalk_transitions(n)
    assert len(memory.obs_tm1) == 2 ** (n + 1) - 2
    assert memory.reward_t.sum() == 1
    for state in range(n):
        actions = memory.action_tm1[memory.obs_tm1 == state]
        assert len(actions) == 2 ** (n - state)
        assert actions.mean() == 0.5


def test_shuffling_keeps_episodes_whole() -> None:
    plain, shuffled = (blind_cliffwalk_transitions(6, r) for r in (None, np.random.default_rng(1)))
    rows = [sorted(zip(*(c.tolist() for c in m), strict=True)) for m in (plain, shuffled)]
    assert rows[0] == rows[1]
    assert not np.array_equal(plain.action_tm1, shuffled.action_tm1)
    goes_on = shuffled.discount_t[:-1] > 0
    follows = shuffled.obs_tm1[1:] == np.where(goes_on, shuffled.obs_t[:-1], 0)
    assert follows.all()
    again = blind_cliffwalk_transitions(6, np.random.default_rng(1))
    np.testing.assert_array_equal(again.action_tm1, shuffled.action_tm1)


def test_memory_s_arguments() -> None:
    for n in (0, 21):
        with pytest.raises(ValueError, match="n must be"):
            blind_cliffwalk_transitions(n)
    with pytest.raises(ValueError, match="gamma"):
        blind_cliffwalk_transitions(2, gamma=2.0)
    assert set(blind_cliffwalk_transitions(2, gamma=0.9).discount_t) == {0.0, 0.9}
    with pytest.raises(ValueError, match="bias"):
        blind_cliffwalk_features(2, bias="both")


@pytest.mark.parametrize(
    ("bias", "length", "rank"), [("none", 10, 10), ("shared", 11, 10), ("action", 12, 10)]
)
def test_cliffwalk_features(bias: str, length: int, rank: int) -> None:
    features = blind_cliffwalk_features(5, bias)
    assert features.shape == (5, 2, length)
    assert np.linalg.matrix_rank(features.reshape(10, length)) == rank  # every table can be had
    inner = features.reshape(10, length) @ features.reshape(10, length).T
    same_action = np.equal.outer(np.tile([0, 1], 5), np.tile([0, 1], 5))
    shared = {"none": 0, "shared": 1, "action": same_action}[bias]
    np.testing.assert_array_equal(inner, np.eye(10) + shared)


# --- the others -----------------------------------------------------------------------------------


def test_baird_behaviour_visits_all_states_alike() -> None:
    mdp, (behaviour, target) = baird_star().mdp, baird_policies()
    chain, reward = mdp.under(behaviour)
    np.testing.assert_allclose(chain, 1 / 7)
    always, _ = mdp.under(target)
    np.testing.assert_array_equal(always, np.eye(7)[[6] * 7])
    assert not reward.any()
    # All values are 0, and the features can say so in infinitely many ways.
    np.testing.assert_array_equal(policy_evaluation(mdp, target, 0.99), np.zeros(7))
    assert np.linalg.matrix_rank(baird_features()) == 7
    np.testing.assert_array_equal(baird_features() @ baird_weights(), [3.0] * 6 + [12.0])


def test_maximization_bias_s_model() -> None:
    mdp = maximization_bias(4, mean=-0.5, std=2.0).mdp
    np.testing.assert_array_equal(mdp.offered.sum(axis=1), [2, 4])
    q = value_iteration(mdp, 1.0)
    np.testing.assert_array_equal(q, [[-0.5, 0, -np.inf, -np.inf], [-0.5] * 4])
    env = maximization_bias(4, mean=-0.5, std=2.0)
    rewards = []
    for episode in range(4000):
        assert env.reset(seed=0 if episode == 0 else None)[1]["action_mask"].tolist() == [
            1,
            1,
            0,
            0,
        ]
        assert env.step(0)[:4] == (1, 0.0, False, False)
        rewards.append(env.step(3)[1])
    assert abs(np.mean(rewards) + 0.5) < 4 * 2 / np.sqrt(4000)
    assert abs(np.std(rewards) - 2.0) < 0.1
    env.reset()
    assert env.step(3)[:4] == (0, 0.0, True, False)  # beyond the two that A offers: right


def test_loop_and_its_limits() -> None:
    env = gym.make("dqn/Loop-v0", max_episode_steps=4, reward=2.0)
    env.reset(seed=0)
    assert [env.step(0)[1:4] for _ in range(4)] == [(2.0, False, False)] * 3 + [(2.0, False, True)]
    gamma, limit = 0.9, 4
    np.testing.assert_allclose(value_iteration(loop().mdp, gamma), 1 / (1 - gamma))
    # Whoever takes a limit for an end, not seeing the time, learns from one end in every T steps.
    mistaken = FiniteMDP.from_arrays([[[1 - 1 / limit]]], [[1.0]])
    result = q_learning(
        mistaken,
        gamma=gamma,
        step_size=lambda n: 10 / (10.0 + n),
        steps=8000,
        rng=np.random.default_rng(0),
    )
    assert result.q.item() == pytest.approx(1 / (1 - gamma * (1 - 1 / limit)), abs=0.15)


def test_two_states_end_with_probability_epsilon() -> None:
    mdp = two_states(0.2).mdp
    np.testing.assert_allclose(mdp.transition[:, 0], np.array([[0, 1], [0, 0.8]]))
    np.testing.assert_array_equal(two_states().mdp.transition[:, 0], [[0, 1], [0, 1]])
