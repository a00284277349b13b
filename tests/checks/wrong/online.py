"""Wrong answers to the exercises of :mod:`dqn.checks.online`."""

# ruff: noqa: ARG001 - a student need not use every argument

from itertools import pairwise
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from dqn import checks
from tests.checks.wrong import wrong

# --- create_network -------------------------------------------------------------------------------


@wrong(checks.create_network, "written for exactly two hidden layers")
def the_homeworks_own(input_dim: Any, hidden_dims: Any, output_dim: Any) -> Any:
    return nn.Sequential(
        nn.Linear(input_dim, hidden_dims[0]),
        nn.ReLU(),
        nn.Linear(hidden_dims[0], hidden_dims[1]),
        nn.ReLU(),
        nn.Linear(hidden_dims[1], output_dim),
    )


@wrong(checks.create_network, "no Q-value can ever be negative")
def relu_everywhere(input_dim: Any, hidden_dims: Any, output_dim: Any) -> Any:
    layers: list[Any] = []
    for size in [*hidden_dims, output_dim]:
        layers += [nn.Linear(input_dim, size), nn.ReLU()]
        input_dim = size
    return nn.Sequential(*layers)


@wrong(checks.create_network, "is just one linear function")
def no_relu(input_dim: Any, hidden_dims: Any, output_dim: Any) -> Any:
    sizes = [input_dim, *hidden_dims, output_dim]
    return nn.Sequential(*[nn.Linear(a, b) for a, b in pairwise(sizes)])


class PlainList(nn.Module):
    def __init__(self, sizes: Any):
        super().__init__()
        self.layers = [nn.Linear(a, b) for a, b in pairwise(sizes)]

    def forward(self, x: Any) -> Any:
        for layer in self.layers[:-1]:
            x = layer(x).relu()
        return self.layers[-1](x)


@wrong(checks.create_network, "plain Python list")
def plain_list(input_dim: Any, hidden_dims: Any, output_dim: Any) -> Any:
    return PlainList([input_dim, *hidden_dims, output_dim])


@wrong(checks.create_network, "Q-values are returns, not probabilities")
def softmax_at_the_end(input_dim: Any, hidden_dims: Any, output_dim: Any) -> Any:
    layers: list[Any] = []
    for size in hidden_dims:
        layers += [nn.Linear(input_dim, size), nn.ReLU()]
        input_dim = size
    return nn.Sequential(*layers, nn.Linear(input_dim, output_dim), nn.Softmax(dim=1))


@wrong(checks.create_network, "returned a list; it should return a torch network")
def forgets_sequential(input_dim: Any, hidden_dims: Any, output_dim: Any) -> Any:
    return [nn.Linear(input_dim, output_dim)]


@wrong(checks.create_network, "each layer takes as many as the one before it gives")
def sizes_do_not_fit(input_dim: Any, hidden_dims: Any, output_dim: Any) -> Any:
    return nn.Sequential(*[nn.Linear(input_dim, size) for size in [*hidden_dims, output_dim]])


@wrong(checks.create_network, "one linear layer is used twice")
def shares_a_layer(input_dim: Any, hidden_dims: Any, output_dim: Any) -> Any:
    layers: list[Any] = []
    shared: dict[Any, Any] = {}
    for size in hidden_dims:
        layer = shared.setdefault((input_dim, size), nn.Linear(input_dim, size))
        layers += [layer, nn.ReLU()]
        input_dim = size
    if len(hidden_dims) == 2:
        layers += [layers[2], nn.ReLU()]
    return nn.Sequential(*layers, nn.Linear(input_dim, output_dim))


@wrong(checks.create_network, "there is a Dropout in it that nobody asked for")
def cn_dropout(i: Any, hidden: Any, o: Any) -> Any:
    sizes = [i, *hidden, o]
    layers: list[Any] = [nn.Dropout(0.5)]
    for a, b in pairwise(sizes):
        layers += [nn.Linear(a, b), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


@wrong(checks.create_network, "all units of a layer begin alike")
def cn_alike(i: Any, hidden: Any, o: Any) -> Any:
    sizes = [i, *hidden, o]
    layers: list[Any] = []
    for a, b in pairwise(sizes):
        linear = nn.Linear(a, b)
        nn.init.constant_(linear.weight, 0.1)
        layers += [linear, nn.ReLU()]
    return nn.Sequential(*layers[:-1])


@wrong(checks.create_network, "one linear layer is used twice")
def cn_one_inner_layer(i: Any, hidden: Any, o: Any) -> Any:
    known: dict[tuple[int, int], Any] = {}
    sizes = [i, *hidden, o]
    layers: list[Any] = []
    for k, (a, b) in enumerate(pairwise(sizes)):
        inner = 0 < k < len(sizes) - 2
        layer = known.setdefault((a, b), nn.Linear(a, b)) if inner else nn.Linear(a, b)
        layers += [layer, nn.ReLU()]
    return nn.Sequential(*layers[:-1])


@wrong(checks.create_network, "a layer that takes 4 numbers is given 6")
def cn_always_from_the_input(i: Any, hidden: Any, o: Any) -> Any:
    layers: list[nn.Module] = []
    for width in hidden:
        layers += [nn.Linear(i, width), nn.ReLU()]
    return nn.Sequential(*layers, nn.Linear(hidden[-1] if hidden else i, o))


# --- select_action_eps_greedy ---------------------------------------------------------------------


@wrong(checks.select_action_eps_greedy, "are exchanged")
def exploits_with_epsilon(network: Any, state: Any, epsilon: Any, rng: Any) -> Any:
    q = network(torch.tensor(state)).detach().numpy()
    return int(np.argmax(q)) if rng.random() < epsilon else int(rng.integers(len(q)))


@wrong(checks.select_action_eps_greedy, "does not draw from `rng`")
def numpys_global_state(network: Any, state: Any, epsilon: Any, rng: Any) -> Any:
    q = network(torch.tensor(state)).detach().numpy()
    if np.random.random() < epsilon:  # noqa: NPY002 (the mistake)
        return int(np.random.choice(len(q)))  # noqa: NPY002 (the mistake)
    return int(q.argmax())


@wrong(checks.select_action_eps_greedy, "never explores")
def greedy(network: Any, state: Any, epsilon: Any, rng: Any) -> Any:
    return network(torch.tensor(state)).argmax().item()


@wrong(checks.select_action_eps_greedy, "never exploits")
def uniform(network: Any, state: Any, epsilon: Any, rng: Any) -> Any:
    return int(rng.integers(0, network(torch.tensor(state)).shape[0]))


@wrong(checks.select_action_eps_greedy, "two actions only")
def coin_flip(network: Any, state: Any, epsilon: Any, rng: Any) -> Any:
    if rng.random() < epsilon:
        return int(rng.choice([0, 1]))
    return int(network(torch.tensor(state)).argmax())


@wrong(checks.select_action_eps_greedy, "returned a tensor; an int is expected")
def returns_a_tensor(network: Any, state: Any, epsilon: Any, rng: Any) -> Any:
    q = network(torch.tensor(state))
    if rng.random() < epsilon:
        return torch.tensor(int(rng.integers(len(q))))
    return q.argmax()


@wrong(checks.select_action_eps_greedy, "leaves out the best action")
def explores_elsewhere(network: Any, state: Any, epsilon: Any, rng: Any) -> Any:
    q = network(torch.tensor(state)).detach().numpy()
    if rng.random() >= epsilon:
        return int(q.argmax())
    return int(rng.choice(np.delete(np.arange(len(q)), q.argmax())))


@wrong(checks.select_action_eps_greedy, "an int is expected")
def returns_the_value(network: Any, state: Any, epsilon: Any, rng: Any) -> Any:
    q = network(torch.tensor(state))
    return float(rng.choice(q.detach().numpy())) if rng.random() < epsilon else float(q.max())


@wrong(checks.select_action_eps_greedy, "must be Tensor, not numpy.ndarray")
def forgets_the_tensor(network: Any, state: Any, epsilon: Any, rng: Any) -> Any:
    return int(F.linear(state, network.q.T).argmax())


@wrong(checks.select_action_eps_greedy, "as many actions as the state has numbers")
def sa_size_of_the_state(network: Any, state: Any, epsilon: Any, rng: Any) -> Any:
    if rng.random() < epsilon:
        return int(rng.integers(len(state)))
    with torch.no_grad():
        return int(network(torch.as_tensor(state)).argmax())
