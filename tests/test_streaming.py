"""Learning from a stream: each part by hand, and the whole by what it learns."""

from dataclasses import replace

import gymnasium as gym
import numpy as np
import pytest
import torch

from dqn.exploration import LinearSchedule
from dqn.streaming import (
    RunningScale,
    StreamConfig,
    _StreamQ,
    bounded_step,
    sparse_layers,
    train_streaming,
)
from dqn.worlds import Worlds


@pytest.mark.parametrize("count", [2, 3, 50])
def test_running_scale_is_numpys(count):
    numbers = np.random.default_rng(count).normal(3, 20, (count, 2, 3))
    scale = RunningScale((2, 3))
    for x in numbers:
        scale.update(x)
    np.testing.assert_allclose(scale.mean, numbers.mean(0))
    np.testing.assert_allclose(scale.std, numbers.std(0, ddof=1))


def test_running_scale_divides_by_no_zero():
    scale = RunningScale((2,))
    assert (scale.std == 1).all()
    for _ in range(3):
        scale.update(np.array([7.0, 7.0]))
    assert (scale.std > 0).all()


def test_sparse_layers_leave_each_unit_its_share():
    weight, bias = sparse_layers([3, 4], [20, 5], 0.9)[0]
    assert ((weight != 0).sum(1) == 2).all()
    assert (weight.abs() <= 20**-0.5).all()
    assert not bias.any()
    assert not torch.equal(weight[0], weight[1])
    assert torch.equal(weight[1], sparse_layers([4], [20, 5], 0.9)[0][0][0])
    assert (sparse_layers([0], [20, 5], 0.0)[0][0] != 0).all()


def test_bounded_step_by_hand():
    step = bounded_step(torch.tensor([0.5, -3.0]), torch.tensor([4.0, 0.1]), 1.0, 2.0)
    # max(0.5, 1) * 4 * 2 = 8; 3 * 0.1 * 2 = 0.6, which is below one
    torch.testing.assert_close(step, torch.tensor([1 / 8, 1.0]))


class Corridor(gym.Env):
    """Two states, then the end: rewards 1 and 5; one action."""

    observation_space = gym.spaces.Box(0, 1, (2,), np.float64)
    action_space = gym.spaces.Discrete(1)

    def reset(self, *, seed=None, options=None):  # noqa: ARG002
        super().reset(seed=seed)
        self.at = 0
        return np.array([1.0, 0.0]), {}

    def step(self, action):  # noqa: ARG002
        self.at += 1
        reward = 1.0 if self.at == 1 else 5.0
        return np.array([0.0, 1.0]), reward, self.at == 2, False, {}


def linear(trace: float) -> StreamConfig:
    return StreamConfig(
        hidden=(), gamma=0.5, trace=trace, bounded=False, step_size=0.1, sparsity=0.0, scaled=False
    )


@pytest.mark.parametrize("trace", [0.0, 0.8])
def test_two_steps_by_hand(trace):
    worlds = Worlds(Corridor, [0], 1)
    learner = _StreamQ(linear(trace), worlds, [0])
    ((weight, bias),) = learner.layers
    w, b = weight.detach().numpy().reshape(2).astype(float), float(bias.detach())

    first, second = np.array([1.0, 0.0]), np.array([0.0, 1.0])
    q = lambda x: w @ x + b  # noqa: E731
    z, zb = first, 1.0
    delta = 1 + 0.5 * q(second) - q(first)
    w, b = w + 0.1 * delta * z, b + 0.1 * delta * zb
    learner.step(worlds)
    np.testing.assert_allclose(weight.detach().numpy().reshape(2), w, rtol=1e-5)

    z, zb = 0.5 * trace * z + second, 0.5 * trace * zb + 1
    delta = 5 - q(second)  # the end is worth nothing
    w, b = w + 0.1 * delta * z, b + 0.1 * delta * zb
    learner.step(worlds)
    np.testing.assert_allclose(weight.detach().numpy().reshape(2), w, rtol=1e-5)
    np.testing.assert_allclose(float(bias.detach()), b, rtol=1e-5)
    assert not any(part.any() for part in learner.traces)  # another episode begins


def test_an_exploring_action_cuts_the_trace():
    config = StreamConfig(epsilon=LinearSchedule(1.0, 1.0, 1), trace=1.0, gamma=1.0)
    worlds = Worlds("CartPole-v1", [0], 1)
    learner = _StreamQ(config, worlds, [0])
    cut = []
    for _ in range(5):
        best = learner.greedy(worlds.obs)[0, 0]
        q = learner.q_values(worlds.obs)[0, 0]
        gradients = [torch.autograd.grad(v, learner.weights, retain_graph=True) for v in q]
        before = [trace.clone() for trace in learner.traces]
        learner.step(worlds)
        after = [float(trace.abs().sum()) for trace in learner.traces]
        other = [float(part.abs().sum()) for part in gradients[1 - best]]
        followed = [
            float((trace + part).abs().sum())
            for trace, part in zip(before, gradients[best], strict=True)
        ]
        # Which action was taken nobody says, but by these sums it is one or the other.
        cut.append(np.allclose(after, other, rtol=1e-3))
        assert cut[-1] or np.allclose(after, followed, rtol=1e-3)
    assert True in cut[1:]  # at first there is no trace to be cut
    assert False in cut


def test_it_learns_cartpole_where_a_large_fixed_step_does_not():
    # A dozen seeds, as runs differ widely, and by rounding from machine to machine.
    config = StreamConfig(epsilon=LinearSchedule(1.0, 0.01, 2_000))
    kwargs = {"evaluate_every": 6_000, "evaluate_episodes": 10}
    learned = train_streaming(config, "CartPole-v1", range(12), 6_000, **kwargs)[:, -1]
    careless = replace(config, bounded=False, step_size=1e-1)
    lost = train_streaming(careless, "CartPole-v1", range(12), 6_000, **kwargs)[:, -1]
    assert np.mean(learned) > 100
    assert np.mean(learned) > 2 * np.mean(lost)


def test_same_seed_same_result_and_no_company_counts():
    run = lambda seeds: train_streaming(  # noqa: E731
        StreamConfig(), "CartPole-v1", seeds, 60, evaluate_every=30
    )
    both = run([0, 1])
    np.testing.assert_array_equal(both, run([0, 1]))
    np.testing.assert_array_equal(both[1:], run([1]))


def test_no_global_generator_is_touched():
    before = repr(np.random.get_state()), torch.get_rng_state()  # noqa: NPY002
    train_streaming(StreamConfig(), "CartPole-v1", [0], 30, evaluate_every=30)
    assert repr(np.random.get_state()) == before[0]  # noqa: NPY002
    assert torch.equal(torch.get_rng_state(), before[1])


def test_observations_of_any_shape():
    scores = train_streaming(StreamConfig(), "FrozenLake-v1", [0], 30, evaluate_every=30)
    assert scores.shape == (1, 1)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("gamma", 1.1),
        ("trace", -0.1),
        ("step_size", 0.0),
        ("kappa", 0.0),
        ("sparsity", 1.0),
        ("hidden", (0,)),
        ("epsilon", LinearSchedule(5.0, 0.0, 10)),
        ("epsilon", LinearSchedule(1.0, -0.1, 10)),
    ],
)
def test_bad_choices_are_named(field, value):
    with pytest.raises(ValueError, match=field):
        StreamConfig(**{field: value})


@pytest.mark.parametrize(
    ("field", "value"),
    [("hidden", 32), ("hidden", "32"), ("bounded", "no"), ("scaled", 1), ("epsilon", 0.5)],
)
def test_wrong_types_are_named(field, value):
    with pytest.raises(TypeError, match=f"{field} must be"):
        StreamConfig(**{field: value})


@pytest.mark.parametrize("name", ["steps", "evaluate_every", "evaluate_episodes"])
def test_bad_numbers_are_named(name):
    arguments = {"steps": 10, "evaluate_every": 10, "evaluate_episodes": 1} | {name: 0}
    with pytest.raises(ValueError, match=name):
        train_streaming(StreamConfig(), "CartPole-v1", [0], **arguments)


def test_no_seeds_are_refused():
    with pytest.raises(ValueError, match="seeds"):
        train_streaming(StreamConfig(), "CartPole-v1", [], 10)


def test_an_observation_that_is_no_number_is_refused():
    def broken() -> gym.Env:
        env = gym.make("CartPole-v1")
        return gym.wrappers.TransformObservation(
            env, lambda obs: obs * np.nan, env.observation_space
        )

    with pytest.raises(ValueError, match="obs_t must be finite"):
        train_streaming(StreamConfig(), broken, [0], 3)
    with pytest.raises(TypeError, match="config must be a StreamConfig"):
        train_streaming(None, "CartPole-v1", [0], 3)  # type: ignore[arg-type]


def test_what_would_broadcast_is_refused():
    scale = RunningScale((2,))
    for x in (0.0, np.zeros((2, 2)), np.zeros(1)):
        with pytest.raises(ValueError, match=r"x must have shape \(2,\), got"):
            scale.update(x)  # type: ignore[arg-type]
    assert scale.count == 0
    one, two = torch.ones(1), torch.ones(2)
    with pytest.raises(ValueError, match="trace_size must have the shape of delta"):
        bounded_step(one, two, 1.0, 2.0)
    with pytest.raises(TypeError, match=r"delta must be a tensor, got 1\.0"):
        bounded_step(1.0, two, 1.0, 2.0)  # type: ignore[arg-type]
    for shape in (2, "2", (0.5,), (-1,)):
        with pytest.raises((TypeError, ValueError), match="shape must be a"):
            RunningScale(shape)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("arguments", "error", "name"),
    [
        (([], [4, 3], 0.5), ValueError, "seeds"),
        (([0.5], [4, 3], 0.5), TypeError, "seeds"),
        (([0], [4], 0.5), ValueError, "widths"),
        (([0], [0, 3], 0.5), ValueError, "widths"),
        (([0], 4, 0.5), TypeError, "widths"),
        (([0], [4, 3], 1.5), ValueError, "sparsity"),
        (([0], [4, 3], None), TypeError, "sparsity"),
        ((iter([0]), [4, 3], 0.5), TypeError, "seeds"),
        (([0], iter([4, 3]), 0.5), TypeError, "widths"),
    ],
)
def test_layers_that_cannot_be_are_named(arguments, error, name):
    with pytest.raises(error, match=f"{name} must"):
        sparse_layers(*arguments)
