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


def stacked(sizes: Any, activation: Any = nn.ReLU) -> Any:
    """Linear layers with an activation between each two."""
    layers: list[Any] = []
    for a, b in pairwise(sizes):
        layers += [nn.Linear(a, b), activation()]
    return nn.Sequential(*layers[:-1])


@wrong(checks.create_network, "name the inputs of each layer")
def cn_lazily(i: Any, hidden: Any, o: Any) -> Any:
    layers: list[Any] = []
    for width in hidden:
        layers += [nn.LazyLinear(width), nn.ReLU()]
    return nn.Sequential(*layers, nn.LazyLinear(o))


@wrong(checks.create_network, "its weights are float64")
def cn_in_double_precision(i: Any, hidden: Any, o: Any) -> Any:
    return stacked([i, *hidden, o]).double()


KEPT: dict[Any, Any] = {}


@wrong(checks.create_network, "two calls give networks with the same weights")
def cn_kept(i: Any, hidden: Any, o: Any) -> Any:
    return KEPT.setdefault((i, *hidden, o), stacked([i, *hidden, o]))


@wrong(checks.create_network, "two calls give networks with the same weights")
def cn_one_list(i: Any, hidden: Any, o: Any, layers: Any = []) -> Any:  # noqa: B006 (the mistake)
    for width in hidden:
        layers += [nn.Linear(i, width), nn.ReLU()]
        i = width
    layers.append(nn.Linear(i, o))
    return nn.Sequential(*layers)


class Cut(nn.Module):
    def __init__(self, sizes: Any):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in pairwise(sizes))

    def forward(self, x: Any) -> Any:
        for layer in list(self.layers)[:-1]:
            x = layer(x).relu().detach()
        return self.layers[-1](x)


@wrong(checks.create_network, "no gradient reaches some of the weights")
def cn_detached(i: Any, hidden: Any, o: Any) -> Any:
    return Cut([i, *hidden, o])


class Ungraded(Cut):
    @torch.no_grad()
    def forward(self, x: Any) -> Any:
        return super().forward(x)


@wrong(checks.create_network, "no gradient reaches some of the weights")
def cn_without_gradients(i: Any, hidden: Any, o: Any) -> Any:
    return Ungraded([i, *hidden, o])


class Numbers(Cut):
    def forward(self, x: Any) -> Any:
        return super().forward(x).detach().numpy()


@wrong(checks.create_network, "your network returned a NumPy array")
def cn_numpy(i: Any, hidden: Any, o: Any) -> Any:
    return Numbers([i, *hidden, o])


class Anew(nn.Module):
    def __init__(self, sizes: Any):
        super().__init__()
        self.sizes = sizes

    def forward(self, x: Any) -> Any:
        return stacked(self.sizes)(x)


@wrong(checks.create_network, "or made in forward()")
def cn_made_in_forward(i: Any, hidden: Any, o: Any) -> Any:
    return Anew([i, *hidden, o])


@wrong(checks.create_network, "the first layer takes 2 numbers; the state has 3")
def cn_arguments_of_linear(i: Any, hidden: Any, o: Any) -> Any:
    return nn.Sequential(*[nn.Linear(b, a) for a, b in pairwise([i, *hidden, o])])


@wrong(checks.create_network, "between the layers there is a LeakyReLU")
def cn_leaky(i: Any, hidden: Any, o: Any) -> Any:
    return stacked([i, *hidden, o], nn.LeakyReLU)


@wrong(checks.create_network, "between the layers there is an ELU")
def cn_elu(i: Any, hidden: Any, o: Any) -> Any:
    return stacked([i, *hidden, o], nn.ELU)


@wrong(checks.create_network, "there is a ReLU before the first layer")
def cn_relu_first(i: Any, hidden: Any, o: Any) -> Any:
    layers: list[Any] = []
    for width in hidden:
        layers += [nn.ReLU(), nn.Linear(i, width)]
        i = width
    return nn.Sequential(*layers, nn.ReLU(), nn.Linear(i, o))


@wrong(checks.create_network, "there is a sigmoid after the last layer")
def cn_sigmoid(i: Any, hidden: Any, o: Any) -> Any:
    return nn.Sequential(*stacked([i, *hidden, o]), nn.Sigmoid())


@wrong(checks.create_network, "between the last two layers there is no ReLU")
def cn_no_last_relu(i: Any, hidden: Any, o: Any) -> Any:
    layers = list(stacked([i, *hidden]))
    return nn.Sequential(*layers, nn.Linear([i, *hidden][-1], o))


@wrong(checks.create_network, "the first entry of hidden_dims does not become a layer")
def cn_first_missing(i: Any, hidden: Any, o: Any) -> Any:
    return stacked([i, *hidden[1:], o])


@wrong(checks.create_network, "the last entry of hidden_dims does not become a layer")
def cn_last_missing(i: Any, hidden: Any, o: Any) -> Any:
    return stacked([i, *hidden[:-1], o])


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


@wrong(checks.select_action_eps_greedy, "this network has 4 actions")
def asks_the_first_layer(network: Any, state: Any, epsilon: Any, rng: Any) -> Any:
    if rng.random() < epsilon:
        return int(rng.integers(network[0].out_features))
    with torch.no_grad():
        return int(network(torch.as_tensor(state)).argmax())


@wrong(checks.select_action_eps_greedy, "as many actions as the state has numbers")
def sa_size_of_the_state(network: Any, state: Any, epsilon: Any, rng: Any) -> Any:
    if rng.random() < epsilon:
        return int(rng.integers(len(state)))
    with torch.no_grad():
        return int(network(torch.as_tensor(state)).argmax())


def values(network: Any, state: Any) -> Any:
    with torch.no_grad():
        return network(torch.as_tensor(state))


@wrong(checks.select_action_eps_greedy, "one action too many")
def sa_endpoint(network: Any, state: Any, epsilon: Any, rng: Any) -> Any:
    q = values(network, state)
    if rng.random() < epsilon:
        return int(rng.integers(0, len(q), endpoint=True))
    return int(q.argmax())


@wrong(checks.select_action_eps_greedy, "never draws action 0")
def sa_from_one(network: Any, state: Any, epsilon: Any, rng: Any) -> Any:
    q = values(network, state)
    return int(rng.integers(1, len(q))) if rng.random() < epsilon else int(q.argmax())


@wrong(checks.select_action_eps_greedy, "and among all the actions?")
def sa_counts_the_batch(network: Any, state: Any, epsilon: Any, rng: Any) -> Any:
    q = values(network, state[None])
    return int(rng.integers(len(q))) if rng.random() < epsilon else int(q.argmax())


@wrong(checks.select_action_eps_greedy, "three actions")
def sa_always_four(network: Any, state: Any, epsilon: Any, rng: Any) -> Any:
    return int(rng.integers(4)) if rng.random() < epsilon else int(values(network, state).argmax())


@wrong(checks.select_action_eps_greedy, "draws by a softmax")
def sa_softmax(network: Any, state: Any, epsilon: Any, rng: Any) -> Any:
    q = values(network, state).double()
    if rng.random() < epsilon:
        return int(rng.integers(len(q)))
    return int(rng.choice(len(q), p=F.softmax(q, dim=0).numpy()))


@wrong(checks.select_action_eps_greedy, "the coin is not tossed with `rng`")
def sa_another_coin(network: Any, state: Any, epsilon: Any, rng: Any) -> Any:
    q = values(network, state)
    return int(rng.integers(len(q))) if torch.rand(1).item() < epsilon else int(q.argmax())


@wrong(checks.select_action_eps_greedy, "returned a NumPy array; an int is expected")
def sa_array(network: Any, state: Any, epsilon: Any, rng: Any) -> Any:
    q = values(network, state)
    return np.array(rng.integers(len(q)) if rng.random() < epsilon else q.argmax())


@wrong(checks.select_action_eps_greedy, "returned an uint8; it should return an int")
def sa_byte(network: Any, state: Any, epsilon: Any, rng: Any) -> Any:
    q = values(network, state)
    return np.uint8(rng.integers(len(q)) if rng.random() < epsilon else q.argmax())


@wrong(checks.create_network, "your ReLUs come before the hidden layers")
def cn_relus_first(input_dim: Any, hidden_dims: Any, output_dim: Any) -> Any:
    network, width = nn.Sequential(), input_dim
    for hidden in hidden_dims:
        network.append(nn.ReLU()).append(nn.Linear(width, hidden))
        width = hidden
    return network.append(nn.Linear(width, output_dim))


@wrong(checks.select_action_eps_greedy, "the network's weights require no gradient")
def sa_freezes(network: Any, state: Any, epsilon: Any, rng: Any) -> Any:
    for weights in network.parameters():
        weights.requires_grad = False  # no graph, as the exercise asks
    q = network(torch.tensor(state))
    return int(rng.integers(len(q))) if rng.random() < epsilon else q.argmax().item()


@wrong(checks.select_action_eps_greedy, "one draw decides both")
def sa_one_draw(network: Any, state: Any, epsilon: Any, rng: Any) -> Any:
    q, u = values(network, state), rng.uniform()
    return int(np.floor(u * len(q))) if u < epsilon else int(q.argmax())
