"""Instruments against an environment, brute force, and the update they look into."""

from itertools import product
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
import torch
from gymnasium.spaces import Box, Discrete

from dqn.agent import DQN
from dqn.config import DQNConfig
from dqn.diagnosis import (
    action_gap,
    balance,
    cartpole_step,
    dead_units,
    examine_update,
    memory,
    steps_left,
    value_of_steps,
)
from dqn.replay import Batch, Transitions

LIMIT = np.deg2rad(12)


def carts(count, rng):
    return rng.uniform([-2.4, -3, -LIMIT, -3], [2.4, 3, LIMIT, 3], (count, 4))


def test_cartpole_step_is_gymnasiums():
    env: Any = gym.make("CartPole-v1").unwrapped
    env.reset(seed=0)
    states = carts(100, np.random.default_rng(0))
    actions = np.random.default_rng(1).integers(2, size=100)
    moved, failed = cartpole_step(states, actions)
    for k in range(100):
        env.state, env.steps_beyond_terminated = tuple(states[k]), None
        _, _, terminated, _, _ = env.step(int(actions[k]))
        np.testing.assert_allclose(moved[k], env.state, rtol=1e-12, atol=1e-12)
        assert failed[k] == terminated
    assert 0.02 < failed.mean() < 0.9


@pytest.mark.parametrize("horizon", [1, 2, 3, 5])
def test_steps_left_is_what_every_sequence_gets(horizon):
    states = carts(12, np.random.default_rng(horizon))
    best = np.zeros((12, 2), int)
    for k, sequence in product(range(12), product(range(2), repeat=horizon)):
        cart, steps = states[k], 0
        for action in sequence:
            cart, failed = cartpole_step(cart, np.array(action))
            steps += 1
            if failed:
                break
        best[k, sequence[0]] = max(best[k, sequence[0]], steps)
    np.testing.assert_array_equal(steps_left(states, horizon), best)


def test_what_an_agent_sees_is_what_is_examined():
    """Bytes are pixels to an agent, and whole numbers are allowed."""
    rng = np.random.default_rng(0)
    pixels = Box(0, 255, (6,), np.uint8)
    agent = DQN(DQNConfig(hidden=(16,)), pixels, Discrete(2), seeds=[0])
    obs = rng.integers(256, size=(1, 3, 6), dtype=np.uint8)
    seen = (obs / 255).astype(np.float32)
    assert dead_units(agent, obs) == dead_units(agent, seen)

    def batch(states: np.ndarray) -> Batch:
        one = np.ones(3, np.float32)
        return Batch(states, np.zeros(3, int), one, one, states, np.arange(3), one)

    for given in (obs[0], seen[0].astype(np.float64)):
        np.testing.assert_allclose(
            examine_update(agent, [batch(given)]),
            examine_update(agent, [batch(seen[0])]),
            rtol=1e-5,
        )


def test_steps_left_mirrors():
    states = carts(100, np.random.default_rng(3))
    np.testing.assert_array_equal(steps_left(-states, 8), steps_left(states, 8)[:, ::-1])
    assert steps_left(np.empty((0, 4)), 8).shape == (0, 2)


def test_doomed_carts_fall_in_the_environment_too():
    states = carts(400, np.random.default_rng(4))
    left = steps_left(states, 10).max(1)
    doomed = states[left < 10]
    assert 50 < len(doomed) < 350
    env: Any = gym.make("CartPole-v1").unwrapped
    rng = np.random.default_rng(5)
    env.reset(seed=0)
    for state, most in zip(doomed[:20], left[left < 10], strict=False):
        for _ in range(10):
            env.state, env.steps_beyond_terminated, steps, over = tuple(state), None, 0, False
            while not over:
                _, _, over, _, _ = env.step(int(rng.integers(2)))
                steps += 1
            assert steps <= most


def lean(obs):
    """Push where the pole leans and falls to; with care the cart stays on the track for long."""
    return (obs[..., 2] + obs[..., 3] > 0).astype(int)


def run_away(obs):
    """Balance the pole, leaning to the right: off the track before long."""
    return (obs[..., 2] - 0.05 + 0.3 * obs[..., 3] > 0).astype(int)


@pytest.mark.parametrize("act", [lean, run_away, lambda obs: np.ones(obs.shape[:-1], int)])
def test_balance_plays_gymnasiums_episodes(act):
    starts = np.random.default_rng(6).uniform(-0.05, 0.05, (2, 4, 4))
    seen = balance(act, starts, limit=300)
    env: Any = gym.make("CartPole-v1").unwrapped
    env.reset(seed=0)
    for place in np.ndindex(2, 4):
        env.state, env.steps_beyond_terminated = tuple(starts[place]), None
        obs, steps, over = starts[place].astype(np.float32), 0, False
        while not over and steps < 300:
            obs, _, over, _, _ = env.step(int(act(obs)))
            steps += 1
        assert seen.steps[place] == steps
        assert seen.off_track[place] == (over and abs(obs[0]) > 2.4)
    if act is run_away:
        assert seen.off_track.all()


def test_dead_units_are_never_active():
    agent = an_agent()  # one hidden layer of 8
    obs = np.random.default_rng(7).normal(size=(3, 50, 4)).astype(np.float32)
    weight, bias = agent.network.layers(agent.online)[0]
    with torch.no_grad():
        weight[0, :, :2], bias[0, :, :2] = 0, -1  # two units that can never be active
        weight[1, :, :], bias[1, :, :] = 0, 1  # none
        weight[2, :, :], bias[2, :, :] = 0, -1  # all
    np.testing.assert_allclose(dead_units(agent, obs), [2 / 8, 0, 1])
    assert dead_units(an_agent(dueling=True), obs).shape == (3,)


def test_action_gap_by_sorting():
    q = np.random.default_rng(0).normal(size=(3, 5, 7))
    ordered = np.sort(q, axis=-1)
    np.testing.assert_allclose(action_gap(q), ordered[..., -1] - ordered[..., -2])
    assert action_gap([3.0, 1.0]) == 2


def test_value_of_steps_sums_rewards():
    for k in (1, 2, 3, 5, 7):
        assert value_of_steps(k, 0.9) == pytest.approx(sum(0.9**i for i in range(k)))
    assert value_of_steps(5, 1.0) == 5


def an_agent(**changes):
    settings: dict[str, Any] = {"hidden": (8,), "batch_size": 5} | changes
    config = DQNConfig(**settings)
    return DQN(config, Box(-1, 1, (4,)), Discrete(2), seeds=[0, 1, 2])


def a_batch(rng, size=5):
    return Batch(
        rng.normal(size=(size, 4)).astype(np.float32),
        rng.integers(2, size=size),
        10 * rng.normal(size=size).astype(np.float32),
        np.where(rng.random(size) < 0.3, 0, 0.9).astype(np.float32),
        rng.normal(size=(size, 4)).astype(np.float32),
        np.arange(size),
        rng.random(size).astype(np.float32),
    )


@pytest.mark.parametrize("loss", ["huber", "squared"])
@pytest.mark.parametrize("double", [False, True])
def test_examine_update_sees_what_learning_sees(monkeypatch, loss, double):
    agent = an_agent(loss=loss, double=double, q_penalty=0.1)
    agent.target.mul_(0.7)
    rng = np.random.default_rng(0)
    batches = [a_batch(rng) for _ in agent.seeds]
    before = agent.online.clone()
    seen = examine_update(agent, batches)
    assert torch.equal(before, agent.online)
    assert agent.updates == 0

    waiting = iter(batches)
    for buffer in agent.buffers:
        monkeypatch.setattr(buffer, "sample", lambda *_, **__: next(waiting))
    update = agent.learn()
    np.testing.assert_allclose(seen.error, update.td_error.abs().mean(1), rtol=1e-5)
    np.testing.assert_allclose(seen.grad_norm, update.grad_norm, rtol=1e-4)
    np.testing.assert_allclose(seen.weight_norm, before.detach().norm(dim=1), rtol=1e-5)
    size = update.td_error.abs().numpy()
    for share, errors in zip(seen.carried_by, size, strict=True):
        weights = errors / errors.sum()
        assert share == pytest.approx(1 / (weights**2).sum() / 5, rel=1e-4)


def test_batches_of_unequal_size_are_not_examined():
    agent, rng = an_agent(), np.random.default_rng(0)
    whole = [a_batch(rng) for _ in agent.seeds]
    short = Batch(*(column[:2] for column in whole[0]))
    with pytest.raises(ValueError, match=r"batches must be of one size, at least 1, got \[2, 5"):
        examine_update(agent, [short, *whole[1:]])
    empty = Batch(*(column[:0] for column in whole[0]))
    with pytest.raises(ValueError, match="at least 1"):
        examine_update(agent, [empty] * len(whole))


def test_memory_counts():
    agent = an_agent(capacity=4, batch_size=4)
    tilts = np.array([0.0, 0.01, 0.6, 0.7, 0.2, 0.05]) * LIMIT
    obs = np.zeros((6, 4), np.float32)
    obs[:, 2] = tilts
    discount = np.array([0.0, 0.9, 0.0, 0.9, 0.9, 0.9])
    for buffer, until in zip(agent.buffers, (6, 3, 2), strict=True):
        rows = Transitions(obs, np.zeros(6, int), np.ones(6), discount, obs)
        buffer.add(Transitions(*(column[:until] for column in rows)))
    seen = memory(agent)
    np.testing.assert_allclose(seen.failures, [1 / 4, 2 / 3, 1 / 2])
    np.testing.assert_allclose(seen.tilted, [2 / 4, 1 / 3, 0])
    np.testing.assert_allclose(seen.calm, [1 / 4, 2 / 3, 1])
    np.testing.assert_allclose(seen.last_failure, [3, 0, 1])
    agent.buffers[0].add(Transitions(*(column[3:] for column in rows)))
    assert memory(agent).last_failure[0] == 4  # none is left: as many as there are


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda: action_gap([1.0]), "q"),
        (lambda: action_gap(1.0), "q"),
        (lambda: steps_left(np.zeros(4), 3), "states"),
        (lambda: steps_left(np.zeros((1, 4)), 0), "horizon"),
        (lambda: steps_left(np.zeros((1, 4)), 21), "horizon"),
        (lambda: value_of_steps(1, 1.5), "gamma"),
        (lambda: memory(an_agent()), "agent"),
        (lambda: memory(an_agent(replay="off")), "agent"),
        (lambda: examine_update(an_agent(), []), "batches"),
        (lambda: balance(lean, np.zeros((1, 4)), limit=0), "limit"),
    ],
)
def test_bad_input_is_named(call, name):
    with pytest.raises(ValueError, match=f"^{name} must"):
        call()


def test_dead_units_want_hidden_layers():
    agent = DQN(DQNConfig(hidden=()), Box(-1, 1, (4,)), Discrete(2), seeds=[0])
    with pytest.raises(ValueError, match=r"^agent must"):
        dead_units(agent, np.zeros((1, 1, 4)))


UPRIGHT = np.zeros((2, 4))


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: cartpole_step(UPRIGHT[:, :3], np.zeros(2)), ValueError, r"states .*got \(2, 3\)"),
        (
            lambda: cartpole_step(None, np.zeros(2)),  # type: ignore[arg-type]
            TypeError,
            "states must be an array of numbers, got None",
        ),
        (
            lambda: cartpole_step(UPRIGHT, np.zeros(3)),
            ValueError,
            r"actions must have shape \(2,\)",
        ),
        (lambda: steps_left("upright", 3), TypeError, "states must be an array of numbers"),  # type: ignore[arg-type]
        (lambda: value_of_steps([-1], 0.9), ValueError, r"steps must not be negative, got \[-1\]"),
        (lambda: value_of_steps([np.nan], 1.0), ValueError, "steps must not be negative"),
        (lambda: value_of_steps("many", 0.9), TypeError, "steps must be an array of numbers"),
        (lambda: balance(None, UPRIGHT), TypeError, "act must be a function, got None"),  # type: ignore[arg-type]
        (lambda: balance(len, UPRIGHT[:, :3]), ValueError, r"starts must have shape \[\.\.\., 4\]"),  # type: ignore[arg-type]
        (lambda: balance(len, UPRIGHT + np.nan), ValueError, "starts must be finite"),  # type: ignore[arg-type]
        (
            lambda: balance(lambda _: None, UPRIGHT),  # type: ignore[arg-type, return-value]
            TypeError,
            "actions must be an array of numbers",
        ),
        (lambda: memory(None), TypeError, "agent must be a DQN, got None"),  # type: ignore[arg-type]
        (lambda: examine_update(None, []), TypeError, "agent must be a DQN, got None"),  # type: ignore[arg-type]
        (lambda: dead_units(None, UPRIGHT), TypeError, "agent must be a DQN, got None"),  # type: ignore[arg-type]
    ],
)
def test_what_cannot_be_examined_is_named(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_batches_and_observations_must_fit_the_agent():
    agent = DQN(DQNConfig(), Box(-1, 1, (4,)), Discrete(2), seeds=[0])
    for batches in (None, [None], "x"):
        with pytest.raises(TypeError, match="batches must be a list of Batch"):
            examine_update(agent, batches)  # type: ignore[arg-type]
    for shape in ((4,), (2, 4), (2, 3, 4), (1, 0, 4), (1, 3, 5)):
        with pytest.raises(
            ValueError, match=r"obs must have shape \[1, B, \*obs\], 4 numbers each"
        ):
            dead_units(agent, np.ones(shape))
    with pytest.raises(TypeError, match="obs must be an array of numbers"):
        dead_units(agent, "seen")  # type: ignore[arg-type]
