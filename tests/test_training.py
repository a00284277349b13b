"""Training: what is random, what repeats, and that it learns."""

from dataclasses import replace
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
import torch

from dqn.agent import DQN
from dqn.config import DQNConfig
from dqn.evaluation import evaluate
from dqn.presets import (
    homework_online,
    homework_prioritized,
    homework_replay,
    nature_2015,
    plain_dqn,
)
from dqn.training import train
from dqn.worlds import Worlds

QUICK = DQNConfig(hidden=(16,), learning_starts=64, batch_size=16, num_envs=4)


def test_the_same_seed_gives_the_same_result_bit_for_bit():
    runs = [train(QUICK, "CartPole-v1", [0, 1], 400, evaluate_every=200) for _ in range(2)]
    (first, first_history), (second, second_history) = runs
    assert torch.equal(first.online, second.online)
    np.testing.assert_array_equal(first_history.scores, second_history.scores)
    assert first_history.episodes == second_history.episodes


def test_different_seeds_give_different_results():
    agent, history = train(QUICK, "CartPole-v1", [0, 1], 200)
    assert not torch.equal(agent.online[0], agent.online[1])
    assert history.episodes[0] != history.episodes[1]


def test_a_learner_alone_repeats_what_it_did_in_company():
    together, history = train(QUICK, "CartPole-v1", [0, 1, 2], 160, evaluate_every=80)
    alone, alone_history = train(QUICK, "CartPole-v1", [1], 160, evaluate_every=80)
    torch.testing.assert_close(together.online[1], alone.online[0], rtol=1e-3, atol=1e-4)
    assert history.episodes[1] == alone_history.episodes[0]
    np.testing.assert_array_equal(history.scores[1], alone_history.scores[0])


def test_no_global_generator_is_touched():
    before, torch_before = np.random.get_state(legacy=False), torch.get_rng_state()  # noqa: NPY002
    train(replace(QUICK, replay="proportional"), "CartPole-v1", [0], 120, evaluate_every=60)
    after, torch_after = np.random.get_state(legacy=False), torch.get_rng_state()  # noqa: NPY002
    np.testing.assert_equal(after, before)
    assert torch.equal(torch_before, torch_after)


def test_evaluation_does_not_change_training():
    often, _ = train(QUICK, "CartPole-v1", [0], 200, evaluate_every=20, evaluate_episodes=2)
    never, history = train(QUICK, "CartPole-v1", [0], 200, evaluate_every=None)
    assert torch.equal(often.online, never.online)
    assert history.scores.shape == (1, 0)


def test_budgets_are_counted_in_environment_steps():
    agent, history = train(QUICK, "CartPole-v1", [0, 1], 100, evaluate_every=32)
    assert agent.steps == 100
    assert history.steps == [32, 64, 96]
    for episodes in history.episodes:
        assert sum(episode.length for episode in episodes) <= 100
        assert all(episode.total == episode.length for episode in episodes)


def test_training_goes_on_with_given_learners():
    agent, _ = train(QUICK, "CartPole-v1", [0], 100)
    again, history = train(QUICK, "CartPole-v1", [0], 100, agent=agent, evaluate_every=50)
    assert again is agent
    assert history.steps == [152, 200]


class Count(gym.Env[Any, Any]):
    """Observes how many steps the episode has taken; nothing ends it."""

    observation_space = gym.spaces.Box(-1e9, 1e9, (1,), np.float32)
    action_space = gym.spaces.Discrete(2)

    def reset(self, *, seed: int | None = None, options: Any = None) -> Any:
        super().reset(seed=seed, options=options)
        self.step_count = 0
        return np.zeros(1, np.float32), {}

    def step(self, action: int) -> Any:  # noqa: ARG002  (all actions count alike)
        self.step_count += 1
        return np.full(1, self.step_count, np.float32), 1.0, False, False, {}


@pytest.mark.parametrize("frames", [False, True])
def test_no_transition_leads_from_one_call_to_the_next(frames):
    def stacked() -> gym.Env[Any, Any]:
        return gym.wrappers.FrameStackObservation(Count(), 2)

    config = replace(QUICK, num_envs=1, n_step=3, frames=frames, learning_starts=1_000)
    source = stacked if frames else Count
    agent, _ = train(config, source, [0], 20, evaluate_every=None)
    for _ in range(2):
        train(config, source, [0], 20, evaluate_every=None, agent=agent)
    held = agent.buffers[0].contents()
    assert len(held.reward_t) == 3 * 18
    newest = [obs.reshape(-1)[-1] for obs in (*held.obs_tm1, *held.obs_t)]
    before, after = np.array(newest).reshape(2, -1)
    np.testing.assert_array_equal(after, before + 3)
    if frames:  # a stack is two successive counts, or the padded start
        first, second = held.obs_tm1[:, 0, 0], held.obs_tm1[:, 1, 0]
        assert (((second - first) == 1) | ((first == 0) & (second == 0))).all()


def test_learners_that_train_on_meet_other_starts():
    seen: list[Any] = []

    def look(agent: DQN, worlds: Worlds) -> None:
        if agent.steps % 40 == 4:  # the first step of each call
            seen.append(worlds.obs.copy())

    def twice() -> tuple[DQN, list[Any]]:
        agent, first = train(QUICK, "CartPole-v1", [0, 1], 40, evaluate_every=40, on_step=look)
        how: dict[str, Any] = {"evaluate_every": 40, "on_step": look}
        _, second = train(QUICK, "CartPole-v1", [0, 1], 40, agent=agent, **how)
        return agent, [first.returns[0], second.returns[0]]

    agent, scores = twice()
    again, same_scores = twice()
    assert not np.array_equal(seen[0], seen[1])
    assert torch.equal(agent.online, again.online)  # and the same ones every time
    np.testing.assert_array_equal(scores, same_scores)
    np.testing.assert_array_equal(seen[1], seen[3])


def test_a_learner_does_not_wait_for_the_memory_of_another():
    config = replace(QUICK, n_step=5, num_envs=1, learning_starts=0)
    kwargs: dict[str, Any] = {"evaluate_every": None, "max_episode_steps": 7}
    together, _ = train(config, "CartPole-v1", [0, 1, 2], 60, **kwargs)
    alone, _ = train(config, "CartPole-v1", [1], 60, **kwargs)
    assert together.updates == alone.updates == 60 - (16 + 4) + 1
    torch.testing.assert_close(together.online[1], alone.online[0], rtol=1e-3, atol=1e-4)


def test_an_environment_without_a_limit_is_evaluated_all_the_same():
    config = replace(QUICK, learning_starts=1_000)
    _, history = train(config, "CliffWalking-v1", [0], 40, evaluate_every=40, evaluate_episodes=1)
    assert np.isfinite(history.scores).all()


def test_on_step_can_stop_training():
    agent, _ = train(QUICK, "CartPole-v1", [0], 400, on_step=lambda agent, _: agent.steps >= 40)
    assert agent.steps == 40


@pytest.mark.parametrize("env", ["FrozenLake-v1", "Acrobot-v1", "MountainCar-v0"])
@pytest.mark.parametrize("replay", ["uniform", "rank"])
def test_other_environments_train(env, replay):
    config = replace(QUICK, replay=replay, dueling=True)
    agent, history = train(
        config, env, [0, 1], 120, evaluate_every=60, evaluate_episodes=2, max_episode_steps=30
    )
    assert np.isfinite(history.scores).all()
    assert torch.isfinite(agent.online).all()
    assert agent.updates > 0


@pytest.mark.parametrize(
    "preset", [homework_online, homework_replay, homework_prioritized, plain_dqn]
)
def test_presets_train(preset):
    agent, _ = train(preset(), "CartPole-v1", [0], 520, evaluate_every=None, max_episode_steps=300)
    assert agent.updates > 0
    assert torch.isfinite(agent.online).all()


def test_the_nature_preset_holds_the_papers_numbers():
    # Mnih et al. 2015, Extended Data Table 1.
    config = nature_2015()
    assert (config.batch_size, config.capacity, config.target_period) == (32, 10**6, 10_000)
    assert (config.gamma, config.train_every, config.learning_rate) == (0.99, 4, 0.00025)
    assert (config.epsilon.start, config.epsilon.end) == (1.0, 0.1)  # type: ignore[union-attr]
    assert config.epsilon.duration == 10**6  # type: ignore[union-attr]
    assert config.learning_starts == 50_000
    assert (config.n_step, config.double, config.dueling) == (1, False, False)


def test_bad_arguments_are_refused_before_anything_runs():
    with pytest.raises(ValueError, match="steps must be"):
        train(QUICK, "CartPole-v1", [0], 0)
    with pytest.raises(ValueError, match="evaluate_every must be"):
        train(QUICK, "CartPole-v1", [0], 10, evaluate_every=0)
    with pytest.raises(ValueError, match="env must be a registered environment"):
        train(QUICK, "NoSuch-v0", [0], 10)
    with pytest.raises(ValueError, match="Discrete actions"):
        train(QUICK, "Pendulum-v1", [0], 10)
    with pytest.raises(TypeError, match="seeds must be a sequence"):
        train(QUICK, "CartPole-v1", 3, 10)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"config must be a DQNConfig, got \{\}"):
        train({}, "CartPole-v1", [0], 10)  # type: ignore[arg-type]
    agent, _ = train(QUICK, "CartPole-v1", np.arange(2), 10)  # type: ignore[arg-type]
    assert agent.seeds == (0, 1)
    shared = gym.make("CartPole-v1")
    with pytest.raises(ValueError, match="source must make another environment"):
        train(QUICK, lambda: shared, [0], 10)


def test_unequal_agents_are_refused():
    agent, _ = train(QUICK, "CartPole-v1", [0], 40)
    with pytest.raises(ValueError, match=r"agent must .* these seeds"):
        train(QUICK, "CartPole-v1", [0, 1], 40, agent=agent)
    with pytest.raises(ValueError, match=r"agent must have been made with DQNConfig"):
        train(replace(QUICK, gamma=0.5), "CartPole-v1", [0], 40, agent=agent)


def test_training_and_evaluation_never_share_an_environment():
    shared = gym.make("CartPole-v1")
    with pytest.raises(ValueError, match="source must make another environment"):
        train(replace(QUICK, num_envs=1), lambda: shared, [0], 10, evaluate_every=4)
    act = lambda obs: np.zeros(obs.shape[:2], int)  # noqa: E731
    with pytest.raises(ValueError, match="source must make another environment"):
        evaluate(act, lambda: shared, [np.random.default_rng(0)], 2)


@pytest.mark.parametrize("wrong", ["agent", 3, [], QUICK])
def test_what_is_no_agent_or_no_function_is_refused(wrong: Any):
    with pytest.raises(TypeError, match="agent must be a DQN or None"):
        train(QUICK, "CartPole-v1", [0], 8, agent=wrong)
    with pytest.raises(TypeError, match="on_step must be a function or None"):
        train(QUICK, "CartPole-v1", [0], 8, on_step=wrong)
