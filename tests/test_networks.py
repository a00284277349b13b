"""Parallel networks against PyTorch's own layers, one learner at a time."""

import math
from typing import Any

import pytest
import torch
from torch import nn

from dqn.networks import QNetwork


def generators(count: int) -> list[torch.Generator]:
    return [torch.Generator().manual_seed(seed) for seed in range(count)]


def as_sequential(network: QNetwork, row: torch.Tensor) -> nn.Sequential:
    """The same function built from PyTorch's layers."""
    modules: list[nn.Module] = []
    for weight, bias in network.layers(row.unsqueeze(0)):
        layer = nn.Linear(weight.shape[1], weight.shape[2])
        with torch.no_grad():
            layer.weight.copy_(weight[0].T)
            layer.bias.copy_(bias[0, 0])
        modules += [layer, nn.ReLU()]
    return nn.Sequential(*modules[:-1])


@pytest.mark.parametrize("hidden", [(), (1,), (5,), (7, 3), (4, 4, 4)])
@pytest.mark.parametrize("learners", [1, 2, 3])
def test_each_learner_computes_what_its_own_layers_would(hidden, learners):
    network = QNetwork(3, 2, hidden)
    parameters = network.init(generators(learners))
    obs = torch.randn(learners, 5, 3, generator=torch.Generator().manual_seed(9))
    values = network(parameters, obs)
    for s in range(learners):
        torch.testing.assert_close(values[s], as_sequential(network, parameters[s])(obs[s]))


def test_initial_weights_depend_on_the_learners_own_generator_only():
    network = QNetwork(4, 2, (8,))
    together = network.init(generators(3))
    alone = network.init([torch.Generator().manual_seed(1)])
    assert torch.equal(together[1:2], alone)
    assert not torch.equal(together[0], together[1])


def test_initial_weights_fill_the_interval_that_pytorch_uses():
    network = QNetwork(16, 3, (100,))
    (first, bias), (second, _) = network.layers(network.init(generators(1)))
    for values, n_in in ((first, 16), (bias, 16), (second, 100)):
        bound = 1 / math.sqrt(n_in)
        assert values.abs().max() <= bound
        assert values.max() > 0.8 * bound
        assert values.min() < -0.8 * bound


def test_dueling_values_average_to_the_state_value():
    network = QNetwork(3, 4, (6,), dueling=True)
    parameters = network.init(generators(2))
    obs = torch.randn(2, 5, 3)
    *_, (weight, bias) = network.layers(parameters)
    (first, first_bias), _ = network.layers(parameters)
    features = torch.relu(obs @ first + first_bias)
    state_value = (features @ weight + bias)[..., 0]
    torch.testing.assert_close(network(parameters, obs).mean(-1), state_value)


def test_dueling_ignores_a_constant_added_to_all_advantages():
    network = QNetwork(3, 4, (6,), dueling=True)
    parameters = network.init(generators(1))
    shifted = parameters.clone()
    shifted[:, -4:] += 10  # the biases of the four advantages
    obs = torch.randn(1, 5, 3)
    torch.testing.assert_close(network(shifted, obs), network(parameters, obs))


def test_observations_of_any_shape_are_flattened():
    network = QNetwork(12, 2, (5,))
    parameters = network.init(generators(1))
    obs = torch.randn(1, 4, 2, 3, 2)
    torch.testing.assert_close(network(parameters, obs), network(parameters, obs.reshape(1, 4, 12)))


def test_wrong_observation_size_is_named():
    network = QNetwork(4, 2)
    with pytest.raises(ValueError, match="obs must hold 4 numbers each"):
        network(network.init(generators(1)), torch.zeros(1, 2, 3))


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"obs_size": 0, "num_actions": 2}, ValueError),
        ({"obs_size": 4, "num_actions": 0}, ValueError),
        ({"obs_size": 4, "num_actions": 2, "hidden": (0,)}, ValueError),
        ({"obs_size": 4.5, "num_actions": 2}, TypeError),
    ],
)
def test_bad_sizes_are_refused(arguments, error):
    with pytest.raises(error, match="must be a whole number of at least 1"):
        QNetwork(**arguments)


@pytest.mark.parametrize("hidden", [(), (1,), (5,), (7, 3), (4, 4, 4)])
@pytest.mark.parametrize("dueling", [False, True])
@pytest.mark.parametrize(("learners", "batch"), [(1, 1), (1, 5), (3, 4)])
def test_backward_is_what_autograd_computes(hidden, dueling, learners, batch):
    network = QNetwork(3, 2, hidden, dueling=dueling)
    parameters = network.init(generators(learners))
    rng = torch.Generator().manual_seed(9)
    obs = torch.randn(learners, batch, 3, generator=rng)
    slope = torch.randn(learners, batch, 2, generator=rng)
    obs_before, slope_before = obs.clone(), slope.clone()

    inputs: list[torch.Tensor] = []
    layers = network.layers(parameters)
    values = network.forward(layers, obs, inputs)
    gradient = network.backward(layers, inputs, slope)

    tracked = parameters.clone().requires_grad_()
    (expected,) = torch.autograd.grad(network(tracked, obs), tracked, slope)
    torch.testing.assert_close(gradient, expected)
    assert torch.equal(values, network(parameters, obs))  # and it leaves what it was given alone
    assert torch.equal(obs, obs_before)
    assert torch.equal(slope, slope_before)


def test_no_slope_passes_through_a_unit_that_is_zero():
    network = QNetwork(1, 1, (2,))
    # Units 3 x - 1 and -x; at x = 1 the second is off, at x = 0 both are, the second just so.
    parameters = torch.tensor([[3.0, -1.0, -1.0, 0.0, 5.0, 7.0, 0.0]])
    inputs: list[torch.Tensor] = []
    layers = network.layers(parameters)
    assert network.forward(layers, torch.tensor([[[1.0], [0.0]]]), inputs).tolist() == [[[10], [0]]]
    gradient = network.backward(layers, inputs, torch.ones(1, 2, 1))
    assert gradient.tolist() == [[5, 0, 5, 0, 2, 0, 2]]


@pytest.mark.parametrize(
    ("wrong", "error"),
    [([None], TypeError), (None, TypeError), ([0], TypeError), ([], ValueError)],
)
def test_what_is_no_generator_is_refused_and_nothing_drawn_from_the_shared_stream(wrong, error):
    before = torch.get_rng_state()
    with pytest.raises(error, match="generators must"):
        QNetwork(4, 2).init(wrong)
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("hidden", [None, 64, "64"])
def test_widths_must_be_a_sequence(hidden):
    with pytest.raises(TypeError, match="hidden must be a sequence of whole numbers"):
        QNetwork(4, 2, hidden)


def test_parameters_and_observations_must_be_tensors_that_fit():
    network = QNetwork(4, 2, ())
    parameters, obs = network.init(generators(1)), torch.zeros(1, 3, 4)
    wrong: Any
    for wrong in (None, parameters.numpy(), [[0.0] * 10]):
        with pytest.raises(TypeError, match="parameters must be a tensor"):
            network(wrong, obs)
        with pytest.raises(TypeError, match="obs must be a tensor"):
            network(parameters, wrong)
    for wrong in (parameters[0], parameters[:, 1:], parameters[None]):
        with pytest.raises(ValueError, match=r"parameters must have shape \[S, 10\]"):
            network(wrong, obs)
