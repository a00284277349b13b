"""Greedy evaluation: whole episodes, each counted once."""

from typing import Any

import numpy as np
import pytest

from dqn.evaluation import evaluate
from tests.test_worlds import Countdown


def rngs(*seeds: int) -> list[np.random.Generator]:
    return [np.random.default_rng(seed) for seed in seeds]


def first_action(obs):
    return np.full(obs.shape[:2], 5)


def test_returns_are_those_of_one_whole_episode():
    returns = evaluate(first_action, Countdown, rngs(0, 1), episodes=3)
    assert (returns == 10 + 20 + 30).all()
    assert returns.shape == (2, 3)


def test_discounted_returns():
    returns = evaluate(first_action, Countdown, rngs(0), episodes=1, gamma=0.5)
    assert returns.item() == pytest.approx(10 + 0.5 * 20 + 0.25 * 30)


def test_long_episodes_are_not_cut_out_by_short_ones():
    # Left always falls after 8 to 10 steps; a policy that balances some of them must show both.
    def act(obs):
        actions = (obs[..., 2] + obs[..., 3] > 0).astype(int)
        actions[:, ::2] = 0
        return actions

    returns = evaluate(act, "CartPole-v1", rngs(0), episodes=10)
    assert (returns[:, ::2] <= 11).all()
    assert (returns[:, 1::2] > 100).all()


def test_truncation_ends_an_episode():
    balance = lambda obs: (obs[..., 2] + obs[..., 3] > 0).astype(int)  # noqa: E731
    returns = evaluate(balance, "CartPole-v1", rngs(0), episodes=4, max_episode_steps=17)
    assert (returns == 17).all()


def test_every_call_starts_somewhere_new_and_a_learner_alone_the_same():
    obs_seen = []

    def act(obs):
        obs_seen.append(obs.copy())
        return np.zeros(obs.shape[:2], int)

    generators = rngs(0, 1)
    evaluate(act, "CartPole-v1", generators, episodes=2)
    first = obs_seen[0]
    obs_seen.clear()
    evaluate(act, "CartPole-v1", generators, episodes=2)
    assert not np.isclose(first, obs_seen[0]).any()
    obs_seen.clear()
    evaluate(act, "CartPole-v1", rngs(1), episodes=2)
    assert (obs_seen[0][0] == first[1]).all()


def test_a_policy_that_never_ends_an_episode_is_stopped():
    act = lambda obs: np.zeros(obs.shape[:2], int)  # noqa: E731
    returns = evaluate(act, "dqn/Loop-v0", [np.random.default_rng(0)], 2, max_steps=7)
    np.testing.assert_array_equal(returns, [[7, 7]])
    with pytest.raises(ValueError, match="max_steps"):
        evaluate(act, "dqn/Loop-v0", [np.random.default_rng(0)], 2, max_steps=0)
    with pytest.raises(ValueError, match="rngs"):
        evaluate(act, "dqn/Loop-v0", [], 2)


def test_environments_with_discrete_observations():
    way = np.zeros(16, int)  # to the goal: down, down, right, down, right, right
    way[[0, 4, 9]], way[[8, 13, 14]] = 1, 2
    go = lambda obs: way[obs.argmax(-1)]  # noqa: E731
    returns = evaluate(go, "FrozenLake-v1", rngs(0), episodes=3, is_slippery=False)
    assert (returns == 1).all()
    returns = evaluate(go, "FrozenLake-v1", rngs(0), episodes=3, gamma=0.5, is_slippery=False)
    assert (returns == 0.5**5).all()


@pytest.mark.parametrize("shape", [(3,), (3, 2), (1, 3, 1), (2, 3), ()])
def test_another_shape_of_actions_is_refused(shape):
    with pytest.raises(ValueError, match=r"act must return one action per observation, \(1, 3\)"):
        evaluate(lambda _: np.zeros(shape, int), Countdown, rngs(0), episodes=3)


def test_what_is_no_policy_is_refused():
    fractions: Any = lambda obs: np.zeros(obs.shape[:2])  # noqa: E731
    with pytest.raises(TypeError, match="act must return whole numbers"):
        evaluate(fractions, Countdown, rngs(0), episodes=3)
    with pytest.raises(TypeError, match="act must be a function, got 3"):
        evaluate(3, Countdown, rngs(0), episodes=3)  # type: ignore[arg-type]


@pytest.mark.parametrize("episodes", [0, -1])
def test_no_episodes_is_an_error(episodes):
    with pytest.raises(ValueError, match="episodes must be a whole number of at least 1"):
        evaluate(first_action, Countdown, rngs(0), episodes=episodes)


@pytest.mark.parametrize("action", [-1, 2, 7])
def test_an_action_that_there_is_not_is_refused(action):
    with pytest.raises(ValueError, match=r"what act returns must be in 0 \.\. 1, got"):
        evaluate(lambda obs: np.full(obs.shape[:2], action), "CartPole-v1", rngs(0), episodes=2)


@pytest.mark.parametrize("wrong", [[None], [0], "x", (rng for rng in rngs(0))])
def test_what_are_no_generators_is_refused(wrong):
    with pytest.raises(
        TypeError, match=r"rngs must be a sequence of numpy\.random\.Generator, got"
    ):
        evaluate(first_action, Countdown, wrong, episodes=2)


def test_an_array_is_no_sequence_of_generators():
    with pytest.raises(TypeError, match="rngs must be a sequence of"):
        evaluate(first_action, "CartPole-v1", np.arange(2), 1)  # type: ignore[arg-type]
