"""The agent against a plain single-learner update written with PyTorch's own parts."""

import copy
from dataclasses import replace
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from dqn.agent import DQN
from dqn.config import DQNConfig
from dqn.exploration import LinearSchedule, PerEpisodeDecay
from dqn.networks import QNetwork
from dqn.prioritized import ProportionalSampler
from dqn.replay import Batch
from tests.test_networks import as_sequential

BOX = gym.spaces.Box(-1, 1, (3,))
ACTIONS = gym.spaces.Discrete(2)
SMALL = DQNConfig(hidden=(8, 6), batch_size=5, capacity=40, num_envs=2, learning_starts=0)


def random_batch(rng: np.random.Generator, size: int = 5) -> Batch:
    discount = rng.choice([0.0, 0.9, 0.81], size)
    return Batch(
        rng.normal(size=(size, 3)).astype(np.float32),
        rng.integers(2, size=size),
        (3 * rng.normal(size=size)).astype(np.float32),
        discount.astype(np.float32),
        rng.normal(size=(size, 3)).astype(np.float32),
        np.arange(size),
        rng.uniform(0.2, 1, size).astype(np.float32),
    )


class PlainLearner:
    """DQN as a tutorial would write it: one network, one optimiser, no axis of learners."""

    def __init__(self, agent: DQN, learner: int) -> None:
        self.config = agent.config
        assert isinstance(agent.network, QNetwork)
        self.online = as_sequential(agent.network, agent.online[learner])
        self.target = self.online if agent.config.target == "off" else copy.deepcopy(self.online)
        self.optimizer = torch.optim.Adam(self.online.parameters(), lr=agent.config.learning_rate)
        self.updates = 0

    def learn(self, batch: Batch) -> Any:
        config = self.config
        obs_tm1, obs_t = torch.tensor(batch.obs_tm1), torch.tensor(batch.obs_t)
        target = torch.zeros(len(batch.reward_t))
        for i in range(len(batch.reward_t)):
            q_t = self.target(obs_t[i]).detach()
            judge = self.online(obs_t[i]).detach() if config.double else q_t
            bootstrap = q_t[judge.argmax()] if config.double else q_t.max()
            target[i] = batch.reward_t[i] + batch.discount_t[i] * bootstrap
        q = self.online(obs_tm1)[range(len(target)), batch.action_tm1]
        error = (
            F.smooth_l1_loss(q, target, reduction="none")
            if config.loss == "huber"
            else F.mse_loss(q, target, reduction="none")
        )
        loss = (torch.tensor(batch.weights) * (error + config.q_penalty * q)).mean()
        self.optimizer.zero_grad()
        loss.backward()
        if config.max_grad_norm is not None:
            nn.utils.clip_grad_norm_(self.online.parameters(), config.max_grad_norm)
        self.optimizer.step()
        self.updates += 1
        with torch.no_grad():
            for old, new in zip(self.target.parameters(), self.online.parameters(), strict=True):
                if config.target == "soft":
                    old.copy_((1 - config.tau) * old + config.tau * new)
                elif config.target == "hard" and self.updates % config.target_period == 0:
                    old.copy_(new)
        return (target - q).detach().numpy()


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"double": False},
        {"loss": "squared", "max_grad_norm": None},
        {"loss": "squared", "max_grad_norm": 0.3},
        {"target": "hard", "target_period": 2},
        {"target": "hard", "target_period": 1, "double": False},
        {"target": "off", "double": False},
        {"target": "off", "double": True},
        {"q_penalty": 0.1, "max_grad_norm": None},
        {"tau": 1.0},
    ],
)
@pytest.mark.parametrize("learners", [1, 3])
def test_updates_agree_with_a_plain_learner(changes, learners, monkeypatch):
    agent = DQN(replace(SMALL, **changes), BOX, ACTIONS, seeds=range(learners))
    plain = [PlainLearner(agent, s) for s in range(learners)]
    rng = np.random.default_rng(0)
    for _ in range(5):
        batches = [random_batch(rng) for _ in range(learners)]
        for buffer, batch in zip(agent.buffers, batches, strict=True):
            monkeypatch.setattr(buffer, "sample", lambda *_, batch=batch, **__: batch)
            monkeypatch.setattr(buffer, "update_priorities", lambda *_: None)
        update = agent.learn()
        for s in range(learners):
            error = plain[s].learn(batches[s])
            np.testing.assert_allclose(update.td_error[s].numpy(), error, rtol=1e-4, atol=1e-5)
    probe = torch.randn(learners, 4, 3, generator=torch.Generator().manual_seed(1))
    for s in range(learners):
        for parameters, module in (
            (agent.online, plain[s].online),
            (agent.target, plain[s].target),
        ):
            got = agent.network(parameters, probe)[s]
            torch.testing.assert_close(got, module(probe[s]), rtol=1e-4, atol=1e-5)


def test_the_target_is_a_copy_unless_it_is_off():
    for target in ("hard", "soft"):
        agent = DQN(replace(SMALL, target=target), BOX, ACTIONS, seeds=[0])
        assert agent.target.data_ptr() != agent.online.data_ptr()
        assert torch.equal(agent.target, agent.online)
    agent = DQN(replace(SMALL, target="off"), BOX, ACTIONS, seeds=[0])
    assert agent.target is agent.online


def fill(agent: DQN, steps: int, rng: np.random.Generator) -> None:
    shape = (len(agent.seeds), agent.config.num_envs)
    for _ in range(steps):
        obs, obs_t = rng.normal(size=(2, *shape, 3)).astype(np.float32)
        terminated, truncated = rng.random((2, *shape)) < 0.1
        actions, rewards = rng.integers(2, size=shape), rng.normal(size=shape)
        agent.observe(obs, actions, rewards, terminated, truncated, obs_t)


@pytest.mark.parametrize("replay", ["proportional", "rank"])
def test_priorities_come_from_the_unweighted_error(replay, monkeypatch):
    agent = DQN(replace(SMALL, replay=replay), BOX, ACTIONS, seeds=[0, 1])
    fill(agent, 20, np.random.default_rng(0))
    told = []
    for buffer in agent.buffers:
        size = len(buffer)
        buffer.update_priorities(np.arange(size), np.linspace(0.1, 3, size))  # unequal weights
        monkeypatch.setattr(
            buffer, "update_priorities", lambda slots, errors: told.append((slots, errors))
        )
    update = agent.learn()
    assert len(told) == 2
    for s, (_, errors) in enumerate(told):
        np.testing.assert_array_equal(errors, update.td_error[s].numpy())


def test_beta_is_annealed_by_steps(monkeypatch):
    config = replace(SMALL, replay="proportional", beta=LinearSchedule(0.4, 1.0, 40))
    agent = DQN(config, BOX, ACTIONS, seeds=[0])
    rng = np.random.default_rng(0)
    betas = []
    sample = agent.buffers[0].sample

    def spy(size, rng, *, beta):
        betas.append(beta)
        return sample(size, rng, beta=beta)

    monkeypatch.setattr(agent.buffers[0], "sample", spy)
    for _ in range(3):
        fill(agent, 10, rng)  # twenty steps, two environments
        agent.learn()
    assert betas == pytest.approx([0.7, 1.0, 1.0])


@pytest.mark.parametrize(
    ("train_every", "num_envs", "starts", "expected"),
    [(1, 2, 0, 20 - 4), (4, 2, 0, 5 - 1), (1, 2, 10, 10), (3, 2, 10, 3), (40, 2, 0, 0)],
)
def test_updates_come_every_so_many_steps(train_every, num_envs, starts, expected):
    config = replace(
        SMALL, train_every=train_every, num_envs=num_envs, learning_starts=starts, n_step=1
    )
    agent = DQN(config, BOX, ACTIONS, seeds=[0])
    rng = np.random.default_rng(0)
    for _ in range(10):  # twenty steps; the first full batch of five is there after six
        fill(agent, 1, rng)
        agent.learn_if_due()
    assert agent.updates == expected


def test_without_replay_only_the_newest_step_is_learned_from():
    config = replace(SMALL, replay="off", n_step=1)
    agent = DQN(config, BOX, ACTIONS, seeds=[0, 1])
    rng = np.random.default_rng(0)
    fill(agent, 1, rng)
    assert len(agent.buffers[0]) == 0
    assert agent.learn().td_error.shape == (2, 2)
    for _ in range(4):
        fill(agent, 1, rng)
        agent.learn_if_due()
    assert agent.updates == 5


def test_without_replay_a_learner_is_not_disturbed_by_what_another_lacks():
    # With two-step windows the first step completes nothing unless an episode ends.
    config = replace(SMALL, replay="off", n_step=2, num_envs=1)
    obs, obs_t = np.random.default_rng(0).normal(size=(2, 2, 1, 3)).astype(np.float32)
    ends = np.array([[True], [False]])
    agent = DQN(config, BOX, ACTIONS, seeds=[0, 1])
    alone = DQN(config, BOX, ACTIONS, seeds=[0])
    before = agent.online.clone()
    for learners, who in ((slice(0, 2), agent), (slice(0, 1), alone)):
        actions, truncated = np.zeros((2, 1), int), np.zeros((2, 1), bool)
        columns: list[Any] = [obs, actions, np.ones((2, 1)), ends, truncated, obs_t]
        who.observe(*(column[learners] for column in columns))
        who.learn()
    torch.testing.assert_close(agent.online[0], alone.online[0])
    assert torch.equal(agent.online[1], before[1])


@pytest.mark.parametrize("first", [7, -1])
def test_actions_of_a_shifted_space_are_counted_from_its_start(first):
    agent = DQN(SMALL, BOX, gym.spaces.Discrete(2, start=first), seeds=[0])
    obs = np.random.default_rng(0).normal(size=(1, 50, 3)).astype(np.float32)
    known = [first, first + 1]
    assert np.unique(agent.act(obs)).tolist() == known
    assert agent.policy()(obs[0, 0]) in known
    ends = np.ones((1, 2), bool)
    for unknown in (first - 1, first + 2):
        actions = np.array([[first, unknown]])
        with pytest.raises(ValueError, match=f"action_tm1 must be in {first} .. {first + 1}, got"):
            agent.observe(obs[:, :2], actions, np.ones((1, 2)), ends, ~ends, obs[:, 2:4])
    agent.observe(obs[:, :2], np.array([known]), np.ones((1, 2)), ends, ~ends, obs[:, 2:4])
    assert agent.buffers[0].contents().action_tm1.tolist() == [0, 1]


def test_policy_agrees_with_greedy_for_each_learner():
    agent = DQN(SMALL, BOX, ACTIONS, seeds=[0, 1, 2])
    obs = np.random.default_rng(0).normal(size=(3, 20, 3)).astype(np.float32)
    greedy = agent.greedy(obs)
    for s in range(3):
        assert [agent.policy(s)(row) for row in obs[s]] == greedy[s].tolist()
    with pytest.raises(ValueError, match=r"learner must lie in 0\.\.2, got 3"):
        agent.policy(3)


def test_pixels_are_scaled_to_fractions():
    space = gym.spaces.Box(0, 255, (2, 2), np.uint8)
    agent = DQN(SMALL, space, ACTIONS, seeds=[0])
    white = np.full((1, 1, 2, 2), 255, np.uint8)
    expected = agent.network(agent.online, torch.ones(1, 1, 4)).detach().numpy()
    np.testing.assert_allclose(agent.q_values(white), expected, rtol=1e-6)
    assert agent.buffers[0].contents().obs_t.dtype == np.uint8


def test_saved_networks_come_back_and_wrong_ones_are_refused(tmp_path):
    agent = DQN(SMALL, BOX, ACTIONS, seeds=[0, 1])
    fill(agent, 10, np.random.default_rng(0))
    agent.learn()
    agent.save(tmp_path / "agent.safetensors")
    fresh = DQN(SMALL, BOX, ACTIONS, seeds=[5, 6])
    fresh.load(tmp_path / "agent.safetensors")
    assert torch.equal(fresh.online, agent.online)
    assert torch.equal(fresh.target, agent.target)

    for other in (
        DQN(SMALL, BOX, ACTIONS, seeds=[0]),
        DQN(replace(SMALL, gamma=0.9), BOX, ACTIONS, seeds=[0, 1]),
        DQN(SMALL, BOX, gym.spaces.Discrete(3), seeds=[0, 1]),
    ):
        before = other.online.clone()
        with pytest.raises(ValueError, match="does not fit"):
            other.load(tmp_path / "agent.safetensors")
        assert torch.equal(other.online, before)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("gamma", -0.1),
        ("gamma", float("nan")),
        ("n_step", 0),
        ("capacity", 0),
        ("batch_size", 0),
        ("learning_rate", 0.0),
        ("alpha", -1.0),
        ("tau", 0.0),
        ("target", "copy"),
        ("replay", "per"),
        ("loss", "l1"),
        ("optimizer", "sgd"),
        ("hidden", (64, 0)),
        ("max_grad_norm", 0.0),
        ("epsilon", LinearSchedule(2.0, 0.0, 1)),
        ("beta", LinearSchedule(0.0, 1.5, 1)),
        ("learning_rate", 10**400),  # beyond every float
        ("capacity", 127),  # less than a batch: nothing would ever be learned
    ],
)
def test_bad_configs_are_refused_by_name(field, value):
    with pytest.raises(ValueError, match=field):
        DQNConfig(**{field: value})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("capacity", 2.5),
        ("epsilon", 0.1),
        ("beta", 0.4),
        ("gamma", "0.9"),
        ("gamma", np.True_),
        ("gamma", np.array("0.9")),
        ("gamma", np.complex64(0.9)),
        ("alpha", bytearray(b"0.6")),
        ("double", "no"),
        ("dueling", 1),
        ("hidden", 64),
        ("hidden", ""),
    ],
)
def test_bad_types_are_refused_by_name(field, value):
    with pytest.raises(TypeError, match=field):
        DQNConfig(**{field: value})


def test_numbers_of_numpy_become_pythons(tmp_path):
    # Types that the signatures do not name, on purpose: they are what is tested.
    odd: dict[str, Any] = {
        "hidden": [np.int64(4), 3],
        "n_step": np.int64(3),
        "gamma": np.float64(1),
        "beta": LinearSchedule(np.float32(0.5), 1, np.int64(9)),  # type: ignore[arg-type]
        "epsilon": PerEpisodeDecay(np.float64(0.5), np.float32(0.25)),  # type: ignore[arg-type]
    }
    config = DQNConfig(**odd, double=np.bool_(False))  # type: ignore[arg-type]
    plain = DQNConfig(
        hidden=(4, 3),
        n_step=3,
        gamma=1.0,
        double=False,
        beta=LinearSchedule(0.5, 1.0, 9),
        epsilon=PerEpisodeDecay(0.5, 0.25),
    )
    assert config == plain
    assert repr(config) == repr(plain)
    DQN(config, BOX, ACTIONS, seeds=[0]).save(tmp_path / "agent")
    DQN(plain, BOX, ACTIONS, seeds=[1]).load(tmp_path / "agent")


@pytest.mark.parametrize("replay", ["off", "softmax", "softmax_mended"])
def test_a_switch_that_would_do_nothing_is_refused(replay):
    with pytest.raises(ValueError, match="combined must be False"):
        DQNConfig(replay=replay, num_envs=1, combined=True)


def test_an_observation_may_be_a_single_number():
    agent = DQN(SMALL, gym.spaces.Box(-1, 1, ()), ACTIONS, seeds=[0, 1])
    obs = np.zeros((2, 2), np.float32)
    assert agent.act(obs).shape == (2, 2)
    flags = np.zeros((2, 2), bool)
    for _ in range(20):
        agent.observe(obs, agent.act(obs), np.ones((2, 2)), flags, flags, obs)
        agent.learn_if_due()
    assert agent.updates > 0


def a_step() -> dict[str, Any]:
    """A step of two learners with two environments each, as ``observe`` takes it."""
    return {
        "obs_tm1": np.zeros((2, 2, 3), np.float32),
        "action_tm1": np.zeros((2, 2), int),
        "reward_t": np.ones((2, 2)),
        "terminated": np.zeros((2, 2), bool),
        "truncated": np.ones((2, 2), bool),
        "obs_t": np.zeros((2, 2, 3), np.float32),
    }


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("obs_tm1", np.nan, ValueError),
        ("obs_t", np.inf, ValueError),
        ("reward_t", np.nan, ValueError),
        ("reward_t", 1e39, ValueError),
        ("reward_t", 2e38, ValueError),  # three of them would not fit a float32
        ("action_tm1", 2, ValueError),
        ("action_tm1", 0.5, TypeError),
        ("terminated", 1.0, TypeError),
        ("truncated", np.nan, TypeError),
    ],
)
@pytest.mark.parametrize("n_step", [1, 3])
def test_a_refused_step_is_taken_in_by_nobody(name, value, error, n_step):
    if value == 2e38:
        n_step = 3
    agent = DQN(replace(SMALL, n_step=n_step), BOX, ACTIONS, seeds=[0, 1])
    wrong = a_step()[name].astype(float if name != "obs_tm1" else np.float32)
    wrong[1] = value  # the second learner's
    if name == "action_tm1" and error is ValueError:
        wrong = wrong.astype(int)
    with pytest.raises(error, match=name):
        agent.observe(**(a_step() | {name: wrong}))
    assert [len(buffer) for buffer in agent.buffers] == [0, 0]
    assert agent.steps == 0
    agent.observe(**a_step())
    assert [len(buffer) for buffer in agent.buffers] == [2, 2]


def test_bad_spaces_and_seeds_are_refused():
    with pytest.raises(TypeError, match="action_space must be Discrete"):
        DQN(SMALL, BOX, BOX, seeds=[0])
    with pytest.raises(TypeError, match="observation_space must be a Box"):
        DQN(SMALL, ACTIONS, ACTIONS, seeds=[0])
    with pytest.raises(ValueError, match="seeds must hold at least one seed"):
        DQN(SMALL, BOX, ACTIONS, seeds=[])
    with pytest.raises(ValueError, match="seeds must be a whole number of at least 0, got -1"):
        DQN(SMALL, BOX, ACTIONS, seeds=[-1])


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("obs_tm1", np.zeros((2, 2, 5), np.float32)),
        ("obs_t", np.zeros((3, 2, 3), np.float32)),
        ("obs_t", np.where(np.arange(2)[:, None, None] == 1, 1e300, np.zeros((2, 2, 3)))),
        ("reward_t", np.ones((2, 2, 1))),
        ("action_tm1", np.zeros(2, int)),
        ("terminated", np.zeros((2, 3), bool)),
        ("truncated", np.zeros((1, 2), bool)),
    ],
)
@pytest.mark.parametrize("n_step", [1, 3])
def test_a_step_of_another_shape_is_taken_in_by_nobody(name, wrong, n_step):
    agent = DQN(replace(SMALL, n_step=n_step), BOX, ACTIONS, seeds=[0, 1])
    with pytest.raises(ValueError, match=name):
        agent.observe(**(a_step() | {name: wrong}))
    assert [len(buffer) for buffer in agent.buffers] == [0, 0]
    agent.observe(**a_step())
    assert [len(buffer) for buffer in agent.buffers] == [2, 2]


def test_learning_that_diverges_says_so_and_whose():
    config = replace(SMALL, replay="uniform", loss="squared", max_grad_norm=None)
    agent = DQN(config, BOX, ACTIONS, seeds=[7, 8])
    fill(agent, 20, np.random.default_rng(0))
    agent.online[1] *= 1e30  # the second learner's values are beyond float32
    before = agent.online.clone()
    with pytest.raises(ArithmeticError, match=r"diverged at update 0, with seeds \[8\]"):
        agent.learn()
    assert torch.equal(agent.online, before)


def test_an_infinite_error_is_not_learned_from():
    """Huber's gradient of it is finite."""
    agent = DQN(replace(SMALL, n_step=1, num_envs=5), BOX, ACTIONS, seeds=[3])
    step = {name: np.repeat(column[:1, :1], 5, 1) for name, column in a_step().items()}
    agent.observe(**(step | {"reward_t": np.full((1, 5), 3e38)}))
    agent.network.layers(agent.target)[-1][1].fill_(
        2e38
    )  # what the target network makes of anything
    before = agent.online.clone()
    with pytest.raises(ArithmeticError, match=r"with seeds \[3\]"):
        agent.learn()
    assert torch.equal(agent.online, before)


def test_pixels_and_other_numbers_are_not_confused():
    """Bytes are divided by 255, so an agent of bytes must not be asked about anything else."""
    pixels = DQN(SMALL, gym.spaces.Box(0, 255, (3,), np.uint8), ACTIONS, seeds=[0])
    states = DQN(SMALL, BOX, ACTIONS, seeds=[0])
    for agent, wrong in (
        (pixels, np.zeros((1, 1, 3), int)),
        (states, np.zeros((1, 1, 3), np.uint8)),
    ):
        for ask in (agent.q_values, agent.greedy, agent.act):
            with pytest.raises(TypeError, match="obs must be"):
                ask(wrong)
        with pytest.raises(TypeError, match="obs must be"):
            agent.policy()(wrong[0, 0])


@pytest.mark.parametrize("shape", [(4,), (3,), (1, 3), (1, 2, 3), (2, 3), (2, 1, 4), (2, 1, 1, 3)])
def test_observations_of_another_shape_are_refused(shape):
    agent = DQN(SMALL, BOX, ACTIONS, seeds=[0, 1])
    for ask in (agent.q_values, agent.greedy, agent.act):
        with pytest.raises(ValueError, match=r"obs must have shape \[2, B, 3\], got .* use policy"):
            ask(np.zeros(shape, np.float32))


def test_without_replay_nothing_is_learned_before_a_window_is_full():
    agent = DQN(replace(SMALL, replay="off", n_step=3), BOX, ACTIONS, seeds=[0, 1])
    agent.observe(**(a_step() | {"truncated": np.zeros((2, 2), bool)}))
    with pytest.raises(ValueError, match="learn must come after observe"):
        agent.learn()
    assert agent.updates == 0


def test_learning_before_anything_was_seen_is_refused():
    with pytest.raises(ValueError, match="learn must come after observe"):
        DQN(replace(SMALL, replay="off"), BOX, ACTIONS, seeds=[0]).learn()


def test_what_is_no_config_is_refused():
    spaces = gym.spaces.Box(-1, 1, (2,)), gym.spaces.Discrete(2)
    with pytest.raises(TypeError, match="config must be a DQNConfig, got None"):
        DQN(None, *spaces, seeds=[0])  # type: ignore[arg-type]  # on purpose


@pytest.mark.parametrize("learner", [True, 1.0, None, "0", -1])
def test_a_learner_is_named_by_a_whole_number(learner: Any):
    agent = DQN(DQNConfig(), gym.spaces.Box(-1, 1, (2,)), gym.spaces.Discrete(2), seeds=[0, 1])
    with pytest.raises((TypeError, ValueError), match="learner must"):
        agent.policy(learner)


def test_an_error_too_large_for_its_priority_changes_nothing():
    config = DQNConfig(
        hidden=(4,), replay="proportional", alpha=5.0, num_envs=1, n_step=1, batch_size=4
    )
    config = replace(config, capacity=8, learning_starts=1)
    spaces = gym.spaces.Box(-1, 1, (2,)), gym.spaces.Discrete(2)
    agent = DQN(config, *spaces, seeds=[0, 1])
    obs, yes = np.zeros((2, 1, 2), np.float32), np.ones((2, 1), bool)
    for _ in range(8):
        agent.observe(obs, np.zeros((2, 1), int), np.array([[1.0], [1e8]]), yes, ~yes, obs)
    online = agent.online.clone()
    samplers: list[Any] = [getattr(buffer, "sampler", None) for buffer in agent.buffers]
    assert all(isinstance(sampler, ProportionalSampler) for sampler in samplers)
    before = [sampler.probabilities(8) for sampler in samplers]
    with pytest.raises(ValueError, match="td_errors must be finite and at most"):
        agent.learn()
    assert agent.updates == 0
    assert torch.equal(agent.online, online)
    after = [sampler.probabilities(8) for sampler in samplers]
    np.testing.assert_array_equal(after, before)


def test_a_deep_copy_learns_what_the_original_would():
    agent = DQN(DQNConfig(), gym.spaces.Box(-1, 1, (2,)), gym.spaces.Discrete(2), seeds=[0])
    rng, no = np.random.default_rng(0), np.zeros((1, 8), bool)
    for _ in range(30):
        obs = rng.normal(size=(1, 8, 2)).astype(np.float32)
        agent.observe(obs, np.zeros((1, 8), int), rng.normal(size=(1, 8)), no, no, obs)
    twin = copy.deepcopy(agent)
    for one in (agent, twin):
        for _ in range(3):
            one.learn()
    assert torch.equal(twin.online, agent.online)
    np.testing.assert_array_equal(twin.q_values(obs), agent.q_values(obs))


def test_a_policy_takes_one_observation_of_numbers():
    agent = DQN(DQNConfig(), gym.spaces.Box(-1, 1, (4,)), gym.spaces.Discrete(2), seeds=[0])
    policy, wrong = agent.policy(), np.zeros(4, complex)
    assert policy(np.zeros(4)) in (0, 1)
    for shape in ((2, 2), (1, 4), (4, 1), (3,), ()):
        with pytest.raises(ValueError, match=r"obs must be one observation of shape \(4,\)"):
            policy(np.zeros(shape))
    for values in (wrong, np.array([None] * 4), np.array(["0"] * 4)):
        with pytest.raises(TypeError, match="obs must be an array of numbers"):
            policy(values)
        with pytest.raises(TypeError, match="obs must be an array of numbers"):
            agent.q_values(values.reshape(1, 1, 4))
