"""The convolutional Q-network against PyTorch's own convolution, and the agent that uses it."""

from dataclasses import replace
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
import torch
import torch.nn.functional as F

from dqn.agent import DQN
from dqn.config import DQNConfig
from dqn.convolution import ConvolutionalQNetwork, patches
from dqn.frames import FrameReplayBuffer
from dqn.replay import NStepWindow, ReplayBuffer

SHAPE = (2, 5, 7)
PIXELS = gym.spaces.Box(0, 255, SHAPE, np.uint8)
SMALL = DQNConfig(
    hidden=(6,), filters=3, frames=True, batch_size=5, capacity=40, num_envs=2, learning_starts=0
)


def generators(count: int) -> list[torch.Generator]:
    return [torch.Generator().manual_seed(seed) for seed in range(count)]


@pytest.mark.parametrize("dueling", [False, True])
@pytest.mark.parametrize("shape", [(1, 3, 3), (2, 5, 7), (3, 4, 3), (4, 10, 10)])
def test_it_computes_what_a_convolution_and_dense_layers_do(shape, dueling):
    network = ConvolutionalQNetwork(shape, 3, (6,), filters=5, dueling=dueling)
    parameters = network.init(generators(3))
    assert parameters.shape == (3, network.num_parameters)
    images = torch.rand(3, 4, *shape, generator=torch.Generator().manual_seed(9))
    values = network(parameters, images)
    for s in range(3):
        (kernel, kernel_bias), *dense = [
            (w[s], b[s, 0]) for w, b in network.layers(parameters[s : s + 1].expand(3, -1))
        ]
        kernel = kernel.T.reshape(5, shape[0], 3, 3)
        found = F.conv2d(images[s], kernel, kernel_bias).relu()  # [B, filters, rows, columns]
        x = found.permute(0, 2, 3, 1).flatten(1)
        x = F.relu(x @ dense[0][0] + dense[0][1])
        x = x @ dense[1][0] + dense[1][1]
        if dueling:
            x = x[:, :1] + x[:, 1:] - x[:, 1:].mean(1, keepdim=True)
        torch.testing.assert_close(values[s], x)


@pytest.mark.parametrize("dueling", [False, True])
@pytest.mark.parametrize("hidden", [(), (6,), (5, 4)])
@pytest.mark.parametrize("shape", [(1, 3, 3), (2, 5, 7)])
def test_backward_is_what_autograd_computes(shape, hidden, dueling):
    network = ConvolutionalQNetwork(shape, 3, hidden, filters=5, dueling=dueling)
    parameters = network.init(generators(2))
    rng = torch.Generator().manual_seed(9)
    images = torch.randn(2, 4, *shape, generator=rng)
    slope = torch.randn(2, 4, 3, generator=rng)
    inputs: list[torch.Tensor] = []
    layers = network.layers(parameters)
    network.forward(layers, images, inputs)
    gradient = network.backward(layers, inputs, slope)
    tracked = parameters.clone().requires_grad_()
    (expected,) = torch.autograd.grad(network(tracked, images), tracked, slope)
    torch.testing.assert_close(gradient, expected)


def test_a_learner_depends_on_its_own_parameters_and_images():
    network = ConvolutionalQNetwork(SHAPE, 2, (4,), filters=2)
    parameters = network.init(generators(2))
    torch.testing.assert_close(parameters[1:], network.init(generators(2)[1:]))
    images = torch.rand(2, 3, *SHAPE)
    together = network(parameters, images)
    torch.testing.assert_close(network(parameters[1:], images[1:]), together[1:])


def test_the_same_filter_sees_a_thing_wherever_it_is():
    image = torch.zeros(1, 2, 1, 6, 6)
    image[0, 0, 0, 1, 1] = image[0, 1, 0, 3, 2] = 1  # the same dot, two lower and one to the right
    squares = patches(image).view(2, 4, 4, 9)
    assert torch.equal(squares[0, :2, :3], squares[1, 2:, 1:])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (((5, 7), 2), r"obs_shape must be \(channels, height, width\)"),
        (((1, 2, 7), 2), r"obs_shape\[1\]"),
        (((1, 5, 2), 2), r"obs_shape\[2\]"),
        (((0, 5, 5), 2), r"obs_shape\[0\]"),
        (((1, 5, 5), 0), "num_actions"),
    ],
)
def test_bad_arguments_are_refused_by_name(arguments, message):
    with pytest.raises(ValueError, match=message):
        ConvolutionalQNetwork(*arguments)


def test_images_of_another_shape_are_refused():
    network = ConvolutionalQNetwork(SHAPE, 2)
    with pytest.raises(ValueError, match=r"obs must be stacks of shape \(2, 5, 7\)"):
        network(network.init(generators(1)), torch.zeros(1, 3, 2, 7, 5))


def play(agent: DQN, steps: int, rng: np.random.Generator) -> list[tuple[np.ndarray, ...]]:
    """Feed random films, cut into episodes, as environments would."""
    learners, envs = len(agent.seeds), agent.config.num_envs
    stacks = np.zeros((learners, envs, *SHAPE), np.uint8)
    fresh = np.ones((learners, envs), bool)
    told = []
    for _ in range(steps):
        first = rng.integers(256, size=(learners, envs, *SHAPE[1:])).astype(np.uint8)
        stacks = np.where(fresh[..., None, None, None], first[:, :, None], stacks)
        new = rng.integers(256, size=first.shape).astype(np.uint8)
        after = np.concatenate([stacks[:, :, 1:], new[:, :, None]], axis=2)
        ends = rng.random((2, learners, envs)) < 0.15
        step = (stacks, agent.act(stacks), rng.normal(size=fresh.shape), *ends, after)
        agent.observe(*step)
        told.append(step)
        stacks, fresh = after, np.asarray(ends.any(0))
    return told


@pytest.mark.parametrize("n", [1, 3])
def test_frames_are_kept_once_and_come_back_as_the_stacks_they_were(n):
    agent = DQN(replace(SMALL, n_step=n), PIXELS, gym.spaces.Discrete(3, start=4), seeds=[0, 1])
    told = play(agent, 30, np.random.default_rng(0))
    for s, buffer in enumerate(agent.buffers):
        assert isinstance(buffer, FrameReplayBuffer)
        plain = ReplayBuffer(SMALL.capacity, SHAPE, np.uint8, num_actions=3)
        window = NStepWindow(2, n, SMALL.gamma)
        for before, action, *rest in told:
            plain.add(window.push(before[s], action[s] - 4, *(column[s] for column in rest)))
        for kept, expected in zip(buffer.contents(), plain.contents(), strict=True):
            np.testing.assert_array_equal(kept, expected)


def test_stacks_that_do_not_follow_are_refused_before_any_learner_stores_them():
    agent = DQN(replace(SMALL, n_step=1), PIXELS, gym.spaces.Discrete(3), seeds=[0, 1])
    before = np.zeros((2, 2, *SHAPE), np.uint8)
    after = before.copy()
    after[1, 1] = 7  # a picture that is no stack moved on by one frame
    nothing = np.zeros((2, 2), bool)
    with pytest.raises(ValueError, match=r"obs_t\[1\] must be obs_tm1\[1\] moved on"):
        agent.observe(before, agent.act(before), np.zeros((2, 2)), nothing, nothing, after)
    assert ([len(buffer) for buffer in agent.buffers], agent.steps) == ([0, 0], 0)


@pytest.mark.parametrize("changes", [{}, {"replay": "proportional", "dueling": True}])
def test_every_layer_learns(changes):
    agent = DQN(replace(SMALL, n_step=1, **changes), PIXELS, gym.spaces.Discrete(3), seeds=[0, 1])
    before = agent.online.detach().clone()
    play(agent, 10, np.random.default_rng(1))
    for _ in range(30):
        agent.learn()
    after = agent.network.layers(agent.online.detach())
    for (weight, bias), (old_weight, old_bias) in zip(
        after, agent.network.layers(before), strict=True
    ):
        for s in range(2):  # some units may be dead, never a whole layer
            assert (weight[s] != old_weight[s]).any()
            assert (bias[s] != old_bias[s]).any()
    assert agent.policy(1)(np.zeros(SHAPE, np.uint8)) in {0, 1, 2}


def test_misfits_are_refused():
    with pytest.raises(ValueError, match="filters must be a whole number of at least 0, got -1"):
        DQNConfig(filters=-1)
    with pytest.raises(ValueError, match="frames must be False with 'off' replay"):
        DQNConfig(frames=True, replay="off")
    line = gym.spaces.Box(-1, 1, (4,))
    with pytest.raises(ValueError, match="frames needs observations that are stacks"):
        DQN(DQNConfig(frames=True), line, gym.spaces.Discrete(2), seeds=[0])
    with pytest.raises(ValueError, match="obs_shape must be"):
        DQN(DQNConfig(filters=2), line, gym.spaces.Discrete(2), seeds=[0])


def test_the_shape_of_an_observation_must_be_a_sequence():
    with pytest.raises(TypeError, match="obs_shape must be a sequence of whole numbers"):
        ConvolutionalQNetwork(3, 2)  # type: ignore[arg-type]  # on purpose


def test_parameters_images_and_observations_must_be_tensors_that_fit():
    network = ConvolutionalQNetwork(SHAPE, 2, filters=2)
    parameters, images = network.init([torch.Generator()]), torch.zeros(1, 3, *SHAPE)
    wrong: Any
    for wrong in (None, np.zeros((1, 3, *SHAPE))):
        with pytest.raises(TypeError, match="parameters must be a tensor"):
            network(wrong, images)
        with pytest.raises(TypeError, match="obs must be a tensor"):
            network(parameters, wrong)
        with pytest.raises(TypeError, match="images must be a tensor"):
            patches(wrong)
    with pytest.raises(ValueError, match="parameters must have shape"):
        network(parameters[:, 1:], images)
    for wrong in (images[0], images[..., :2], images[..., :2, :]):
        with pytest.raises(ValueError, match="images must be"):
            patches(wrong)
