"""Training: what is random, what repeats, and that it learns."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from dqn.config import DQNConfig
from dqn.presets import homework_online, homework_replay, nature_2015, plain_dqn
from dqn.training import train

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


@pytest.mark.parametrize("preset", [homework_online, homework_replay, plain_dqn])
def test_presets_train(preset):
    agent, _ = train(preset(), "CartPole-v1", [0], 64, evaluate_every=None, max_episode_steps=300)
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


def test_unequal_agents_are_refused():
    agent, _ = train(QUICK, "CartPole-v1", [0], 40)
    with pytest.raises(ValueError, match="agent"):
        train(QUICK, "CartPole-v1", [0, 1], 40, agent=agent)
