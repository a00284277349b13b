"""Grids of environments: streams, episode ends and what a step reports."""

import gymnasium as gym
import numpy as np
import pytest

from dqn.worlds import Worlds, make_env, make_vector_env


class Countdown(gym.Env):
    """Terminates after ``length`` steps; observation = steps taken; reward = 10 * observation."""

    observation_space = gym.spaces.Box(0, 100, (1,), np.float32)
    action_space = gym.spaces.Discrete(3, start=5)

    def __init__(self, length: int = 3) -> None:
        self.length = length

    def reset(self, *, seed=None, options=None):  # noqa: ARG002 (Gymnasium's signature)
        super().reset(seed=seed)
        self.time = 0
        return np.zeros(1, np.float32), {}

    def step(self, action):  # noqa: ARG002 (all actions are alike)
        self.time += 1
        return (
            np.full(1, self.time, np.float32),
            10.0 * self.time,
            self.time == self.length,
            False,
            {},
        )


def test_the_last_observation_is_reported_and_the_next_episode_begins():
    worlds = Worlds(lambda: Countdown(3), seeds=[0], num_envs=1)
    seen = []
    for _ in range(4):
        step = worlds.step(np.array([[5]]))
        seen.append(
            (step.obs_tm1.item(), step.obs_t.item(), step.terminated.item(), worlds.obs.item())
        )
    assert seen == [(0, 1, False, 1), (1, 2, False, 2), (2, 3, True, 0), (0, 1, False, 1)]


def test_finished_episodes_are_reported_once_with_return_and_length():
    worlds = Worlds(lambda: Countdown(2), seeds=[0, 1], num_envs=2)
    worlds.step(np.full((2, 2), 5))
    assert worlds.finished == []
    worlds.step(np.full((2, 2), 5))
    assert worlds.finished == [(0, 30.0, 2), (0, 30.0, 2), (1, 30.0, 2), (1, 30.0, 2)]
    worlds.step(np.full((2, 2), 5))
    assert worlds.finished == []


def test_truncation_ends_an_episode_without_termination():
    worlds = Worlds("CartPole-v1", seeds=[0], num_envs=1, max_episode_steps=3)
    steps = [worlds.step(np.array([[t % 2]])) for t in range(3)]
    assert [bool(step.truncated) for step in steps] == [False, False, True]
    assert not any(step.terminated.any() for step in steps)
    assert worlds.finished == [(0, 3.0, 3)]


def test_a_learners_worlds_do_not_depend_on_its_company():
    together = Worlds("CartPole-v1", seeds=[3, 4, 5], num_envs=2)
    alone = Worlds("CartPole-v1", seeds=[4], num_envs=2)
    rng = np.random.default_rng(0)
    for _ in range(60):  # several episodes, so that restarts are covered
        actions = rng.integers(2, size=(3, 2))
        a, b = together.step(actions), alone.step(actions[1:2])
        assert (a.obs_t[1] == b.obs_t[0]).all()
    assert (together.obs[1] == alone.obs[0]).all()


def test_no_two_episodes_start_alike():
    worlds = Worlds("CartPole-v1", seeds=[0, 1], num_envs=3)
    starts = [*worlds.obs.reshape(-1, 4)]
    for _ in range(60):
        step = worlds.step(np.zeros((2, 3), int))
        starts += [*worlds.obs[step.terminated]]
    assert len(starts) > 30
    assert len(np.unique(np.array(starts), axis=0)) == len(starts)


def test_steps_already_taken_are_not_overwritten():
    worlds = Worlds(lambda: Countdown(2), seeds=[0], num_envs=1)
    first = worlds.step(np.array([[5]]))
    second = worlds.step(np.array([[5]]))
    worlds.step(np.array([[5]]))
    assert (first.obs_t.item(), second.obs_tm1.item(), second.obs_t.item()) == (1, 1, 2)


def test_discrete_observations_become_one_hot():
    env = make_env("CliffWalking-v1")
    obs, _ = env.reset(seed=0)
    assert obs.shape == (48,)
    assert obs.sum() == 1
    vector = make_vector_env("CliffWalking-v1", 3)
    assert vector.reset(seed=0)[0].shape == (3, 48)


def test_keyword_arguments_reach_names_and_functions():
    env = make_env(Countdown, length=7)
    assert env.unwrapped.length == 7  # type: ignore[attr-defined]
    spec = make_env("CartPole-v1", max_episode_steps=9).spec
    assert spec is not None
    assert spec.max_episode_steps == 9
    vector = make_vector_env("CartPole-v1", 2, max_episode_steps=9)
    assert vector.max_episode_steps == 9  # type: ignore[attr-defined]


def test_an_unknown_environment_is_named():
    with pytest.raises(ValueError, match="env must be a registered environment, got 'NoSuch-v0'"):
        make_env("NoSuch-v0")
    with pytest.raises(
        ValueError, match="env must be a registered environment, got 'nowhere/A-v0'"
    ):
        make_env("nowhere/A-v0")


@pytest.mark.filterwarnings("ignore:.*out of date:DeprecationWarning")
@pytest.mark.parametrize("name", ["FrozenLake-v0", "", "bad name!", "NoSuch-v0"])
def test_a_name_without_an_environment_is_refused(name):
    with pytest.raises(ValueError, match="env must be a registered environment"):
        make_env(name)


@pytest.mark.parametrize("source", [None, 5, lambda: None])
def test_what_makes_no_environment_is_refused(source):
    with pytest.raises(TypeError, match="env must be"):
        make_env(source)


@pytest.mark.parametrize("limit", [0, -1])
def test_a_limit_of_no_steps_is_refused(limit):
    """Gymnasium takes -1 for no limit in one environment, and CartPole's fast path for one step."""
    with pytest.raises(ValueError, match=f"max_episode_steps .* at least 1, got {limit}"):
        make_env("CartPole-v1", max_episode_steps=limit)
    with pytest.raises(ValueError, match=f"max_episode_steps .* at least 1, got {limit}"):
        make_vector_env("CartPole-v1", 2, max_episode_steps=limit)
    spec = make_env("CartPole-v1", max_episode_steps=None).spec
    assert spec is not None
    assert spec.max_episode_steps == 500


def test_continuous_actions_are_refused():
    with pytest.raises(ValueError, match="env must have Discrete actions"):
        make_env("Pendulum-v1")
    with pytest.raises(ValueError, match="env must have Discrete actions"):
        make_vector_env("Pendulum-v1", 2)


def test_observations_of_no_fixed_size_are_refused():
    words = gym.spaces.Sequence(gym.spaces.Discrete(3))
    source = lambda: gym.wrappers.TransformObservation(Countdown(), lambda _: (), words)  # noqa: E731
    with pytest.raises(ValueError, match=r"env must observe a fixed size, got Sequence"):
        make_env(source)


def test_one_environment_for_two_uses_is_refused():
    shared = Countdown()
    with pytest.raises(ValueError, match="source must make another environment each time"):
        Worlds(lambda: shared, seeds=[0], num_envs=1)


@pytest.mark.parametrize(
    ("actions", "error"),
    [
        (None, TypeError),
        ([[0, 0]], TypeError),
        (np.zeros((1, 2)), TypeError),
        (np.zeros((1, 2), bool), TypeError),
        (np.zeros((1, 1), int), ValueError),
        (np.zeros((2, 2), int), ValueError),
        (np.array([[0, 2]]), ValueError),
        (np.array([[0, -1]]), ValueError),
    ],
)
def test_bad_actions_are_refused_before_anyone_moves(actions, error):
    worlds, twin = (Worlds("CartPole-v1", seeds=[0], num_envs=2) for _ in range(2))
    with pytest.raises(error, match="actions must"):
        worlds.step(actions)
    moves = np.ones((1, 2), int)
    np.testing.assert_array_equal(worlds.step(moves).obs_t, twin.step(moves).obs_t)


@pytest.mark.parametrize("num_envs", [0, -1, True, 1.5, None])
def test_environments_side_by_side_are_at_least_one(num_envs):
    for source in ("CartPole-v1", lambda: gym.make("CartPole-v1")):
        with pytest.raises((TypeError, ValueError), match="num_envs must be a whole number"):
            make_vector_env(source, num_envs)
