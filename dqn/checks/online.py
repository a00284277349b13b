"""Checkers of the chapter `A network that learns online`: the network and the action."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from dqn.checks import _references as right
from dqn.checks._calling import Call, Complaint, Outcome, as_array, as_whole, counted, not_a
from dqn.checks._machinery import Case, Exercise, Mistake, attempt, check, floats

CHAPTER = "A network that learns online"


# --- create_network -------------------------------------------------------------------------------

_UNSEEN = (
    "torch does not see all of your layers: those kept in a plain Python list, or made in "
    "forward(), are not among the network's parameters, and an optimizer would not train them."
)


def _observe_network(
    call: Call, input_dim: int, hidden_dims: list[int], output_dim: int
) -> Outcome:
    """The layers' sizes, and the outputs once every linear layer holds known weights."""
    network = call(input_dim, hidden_dims, output_dim)
    if isinstance(network, type):
        raise Complaint("your function returned a class: return a network made from it.")
    if not isinstance(network, nn.Module):
        raise Complaint(not_a(network, "a torch network, an nn.Module", "your function"))
    for module in network.modules():
        if isinstance(module, (nn.Dropout, nn.BatchNorm1d, nn.LayerNorm, nn.Flatten)):
            raise Complaint(f"there is a {type(module).__name__} in it that nobody asked for.")
    again = call(input_dim, hidden_dims, output_dim)
    if set(network.parameters()) & set(again.parameters()):
        raise Complaint(
            "two calls give networks with the same weights: make new layers in every call. (A "
            "default such as `layers=[]` is made only once.)"
        )
    rng = np.random.default_rng(0)
    states = floats(rng.normal(size=(6, input_dim)))
    for weights in network.parameters():
        if isinstance(weights, nn.UninitializedParameter):
            raise Complaint(
                "the first pass has to tell its layers how many numbers they take, so there are no "
                "weights yet: name the inputs of each layer as well as its outputs."
            )
        # The notebook's default may be another.
        if weights.dtype not in (torch.float32, torch.get_default_dtype()):
            name = str(weights.dtype).removeprefix("torch.")
            raise Complaint(f"its weights are {name}; the states of this book are float32.")
        states = states.to(weights.dtype)
    with torch.no_grad():
        layers = _linear_layers(network, states)
        for layer in layers:
            for parameter in (layer.weight, layer.bias):
                if parameter is not None:
                    parameter.copy_(floats(rng.normal(size=parameter.shape)))
    outputs = network(states)
    if not isinstance(outputs, Tensor):
        raise Complaint(not_a(outputs, "a tensor", "your network"))
    if not _trainable(outputs, layers):
        raise Complaint(
            "no gradient reaches some of the weights, so they would never be trained: the forward "
            "pass should neither detach anything nor run under torch.no_grad()."
        )
    return {
        "the number of linear layers": np.array(len(layers)),
        **{
            f"the inputs and outputs of linear layer {k}": np.array(
                [layer.in_features, layer.out_features]
            )
            for k, layer in enumerate(layers, start=1)
        },
        "what the network returns": as_array(outputs, what="your network"),
    }


def _trainable(outputs: Tensor, layers: list[nn.Linear]) -> bool:
    if not outputs.requires_grad:
        return False
    weights = [parameter for layer in layers for parameter in layer.parameters()]
    gradients = torch.autograd.grad(outputs.sum(), weights, allow_unused=True)
    return all(gradient is not None for gradient in gradients)


def _observe_walk(call: Call, *arguments: Any) -> Outcome:
    """Whether one cannot go through the network layer by layer, as some cells do."""
    network = call(*arguments)
    walks = isinstance(network, nn.Sequential) and all(
        isinstance(layer, (nn.Linear, nn.ReLU)) for layer in network
    )
    return {"there is no way through it layer by layer": np.array(not walks)}


def _linear_layers(network: nn.Module, states: Tensor) -> list[nn.Linear]:
    """The linear layers in the order in which ``network(states)`` uses them."""
    used: list[nn.Linear] = []

    def note(module: nn.Module, inputs: tuple[Any, ...]) -> None:
        if isinstance(module, nn.Linear):
            given = np.shape(inputs[0])[-1]
            if given != module.in_features:
                takes = counted(module.in_features, "number")
                if not used:
                    raise Complaint(f"the first layer takes {takes}; the state has {given}.")
                raise Complaint(
                    f"a layer that takes {takes} is given {given}: each layer takes as many as the "
                    "one before it gives."
                )
            used.append(module)

    hook = nn.modules.module.register_module_forward_pre_hook(note)
    try:
        network(states)
    finally:
        hook.remove()
    registered = set(network.modules())
    if not used:
        raise Complaint("your network calls no nn.Linear layer.")
    if any(layer not in registered for layer in used):
        raise Complaint(_UNSEEN)
    if len(set(used)) < len(used):
        raise Complaint("one linear layer is used twice: every layer needs weights of its own.")
    if not all(parameter.requires_grad for layer in used for parameter in layer.parameters()):
        raise Complaint("some weights do not require a gradient: they would never be trained.")
    for layer in used[:-1]:  # of the last one's units, only that of the action taken learns
        if layer.out_features > 1 and (layer.weight == layer.weight[0]).all():
            raise Complaint(
                "all units of a layer begin alike, and would for ever: leave the first weights as "
                "nn.Linear draws them."
            )
    return used


def _chain(sizes: Sequence[int], *activations: Callable[[], nn.Module]) -> nn.Module:
    layers: list[nn.Module] = []
    for left, following in pairwise(sizes):
        layers.append(nn.Linear(left, following))
        layers += [activation() for activation in activations]
    return nn.Sequential(*layers[: len(layers) - len(activations)])


def _relu_first(i: int, hidden: list[int], o: int) -> nn.Module:
    layers: list[nn.Module] = []
    for left, following in pairwise([i, *hidden]):
        layers += [nn.ReLU(), nn.Linear(left, following)]
    return nn.Sequential(*layers, nn.Linear([i, *hidden][-1], o))


def _no_last_relu(i: int, hidden: list[int], o: int) -> nn.Module:
    layers = list(_chain([i, *hidden, o], nn.ReLU).children())
    return nn.Sequential(*layers[:-2], layers[-1]) if hidden else layers[0]


class _Unregistered(nn.Module):
    """A network whose hidden layers torch does not see."""

    def __init__(self, sizes: Sequence[int]):
        super().__init__()
        self.hidden = [nn.Linear(a, b) for a, b in pairwise(sizes[:-1])]
        self.last = nn.Linear(sizes[-2], sizes[-1])

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.hidden:
            x = torch.relu(layer(x))
        return self.last(x)  # type: ignore[no-any-return]


def _after_output(last: Callable[[], nn.Module]) -> Callable[[int, list[int], int], nn.Module]:
    return lambda i, hidden, o: nn.Sequential(_chain([i, *hidden, o], nn.ReLU), last())


def _no_bias(i: int, hidden: list[int], o: int) -> nn.Module:
    network = _chain([i, *hidden, o], nn.ReLU)
    for layer in network.modules():
        if isinstance(layer, nn.Linear):
            layer.register_parameter("bias", None)
    return network


CREATE_NETWORK = Exercise(
    name="create_network",
    chapter=CHAPTER,
    arguments=("input_dim", "hidden_dims", "output_dim"),
    reference=right.create_network,
    observe=_observe_network,
    cases=(
        Case("no hidden layer", (3, [], 2)),
        Case("one hidden layer of a single unit", (2, [1], 3)),
        Case("two hidden layers", (4, [6, 6], 2)),
        Case("three hidden layers of different sizes", (1, [5, 3, 7], 4)),
        Case("three hidden layers of one size", (4, [6, 6, 6], 2)),
    ),
    mistakes=(
        Mistake(
            "ReLU after the output",
            "there is a ReLU after the last layer, so no Q-value can ever be negative.",
            _after_output(nn.ReLU),
        ),
        Mistake(
            "softmax after the output",
            "there is a softmax after the last layer. Q-values are returns, not probabilities: "
            "nothing makes them positive or sum to one.",
            _after_output(lambda: nn.Softmax(dim=-1)),
        ),
        Mistake(
            "tanh after the output",
            "there is a tanh after the last layer: Q-values are not confined to (-1, 1).",
            _after_output(nn.Tanh),
        ),
        Mistake(
            "sigmoid after the output",
            "there is a sigmoid after the last layer: Q-values are not confined to (0, 1).",
            _after_output(nn.Sigmoid),
        ),
        Mistake(
            "ReLU before the first layer",
            "there is a ReLU before the first layer: it throws away every negative number of the "
            "state.",
            lambda i, hidden, o: nn.Sequential(nn.ReLU(), _chain([i, *hidden, o], nn.ReLU)),
        ),
        Mistake(
            "ReLU before each hidden layer",
            "your ReLUs come before the hidden layers and not after them: the first throws away "
            "every negative number of the state, and between the last two layers there is none.",
            _relu_first,
        ),
        Mistake(
            "no ReLU before the last layer",
            "between the last two layers there is no ReLU.",
            _no_last_relu,
        ),
        Mistake(
            "no activation",
            "there is nothing between the linear layers, and a chain of linear layers is just one "
            "linear function.",
            lambda i, hidden, o: _chain([i, *hidden, o]),
        ),
        *(
            Mistake(
                "another activation",
                f"between the layers there is {name}; the exercise asks for ReLU.",
                lambda i, hidden, o, kind=kind: _chain([i, *hidden, o], kind),
            )
            for name, kind in (
                ("a tanh", nn.Tanh),
                ("a sigmoid", nn.Sigmoid),
                ("a LeakyReLU", nn.LeakyReLU),
                ("an ELU", nn.ELU),
                ("a GELU", nn.GELU),
                ("a SiLU", nn.SiLU),
            )
        ),
        Mistake(
            "only the first hidden layer",
            "only the first entry of hidden_dims becomes a layer; the list can have any length.",
            lambda i, hidden, o: _chain([i, *hidden[:1], o], nn.ReLU),
        ),
        Mistake(
            "only the last hidden layer",
            "only the last entry of hidden_dims becomes a layer; the list can have any length.",
            lambda i, hidden, o: _chain([i, *hidden[-1:], o], nn.ReLU),
        ),
        Mistake(
            "the first hidden layer is missing",
            "the first entry of hidden_dims does not become a layer.",
            lambda i, hidden, o: _chain([i, *hidden[1:], o], nn.ReLU),
        ),
        Mistake(
            "the last hidden layer is missing",
            "the last entry of hidden_dims does not become a layer.",
            lambda i, hidden, o: _chain([i, *hidden[:-1], o], nn.ReLU),
        ),
        Mistake(
            "always two hidden layers",
            "your network is written for exactly two hidden layers; hidden_dims can have any "
            "length, zero included.",
            lambda i, hidden, o: _chain([i, hidden[0], hidden[1], o], nn.ReLU),
        ),
        Mistake(
            "at least one hidden layer",
            "an empty hidden_dims breaks it: then a single linear layer leads from the input to "
            "the output.",
            lambda i, hidden, o: _chain([i, hidden[0], *hidden[1:], o], nn.ReLU),
        ),
        Mistake(
            "the output layer is missing",
            "the last layer, the one with output_dim outputs, is missing.",
            lambda i, hidden, _o: nn.Sequential(_chain([i, *hidden], nn.ReLU), nn.ReLU()),
        ),
        Mistake(
            "an extra hidden layer",
            "there is one layer too many: hidden_dims lists every hidden layer.",
            lambda i, hidden, o: _chain([i, *hidden, *(hidden[-1:] or [o]), o], nn.ReLU),
        ),
        Mistake(
            "hidden sizes reversed",
            "the hidden layers are in the reverse order.",
            lambda i, hidden, o: _chain([i, *hidden[::-1], o], nn.ReLU),
        ),
        Mistake(
            "layers in a plain list",
            _UNSEEN,
            lambda i, hidden, o: _Unregistered([i, *hidden, o]),
        ),
        Mistake("no bias", "the linear layers have no bias; leave it at its default.", _no_bias),
    ),
)


# --- select_action_eps_greedy ---------------------------------------------------------------------

DRAWS = 1500


class _Rows(nn.Sequential):
    """Q-values read from a table by the state's one-hot vector; remembers if a graph was built.

    It is built as ``create_network`` builds networks, so that it can be asked for its last layer.
    The hidden layer hands the state on, and has units to spare: the layers differ in width.
    """

    def __init__(self, q: list[list[float]]):
        states, actions, hidden = len(q), len(q[0]), len(q) + 2
        first = nn.Linear(states, hidden, device="cpu", dtype=torch.float32)
        last = nn.Linear(hidden, actions, device="cpu", dtype=torch.float32)
        with torch.no_grad():
            first.weight.copy_(torch.eye(hidden, states, device="cpu"))
            last.weight.copy_(nn.functional.pad(floats(q).T, (0, hidden - states)))
            for layer in (first, last):
                layer.bias.zero_()
        super().__init__(first, nn.ReLU(), last)
        self.built_graph = False
        self.q = floats(q)

    def forward(self, states: Tensor) -> Tensor:
        self.built_graph = self.built_graph or torch.is_grad_enabled()
        values: Tensor = super().forward(states)  # type: ignore[no-untyped-call]
        return values


def _as_action(action: Any) -> None:
    """Refuse what an environment does not take, or a tensor of actions cannot be made of."""
    as_whole(action)
    if not isinstance(action, (int, np.int64, np.int32)):
        raise Complaint(not_a(action, "an int", "your function"))


def _observe_selection(
    call: Call, network: _Rows, state: Any, epsilon: float, rng: np.random.Generator
) -> Outcome:
    """How often each action is chosen, and whether the generator alone decides."""
    twin = np.random.default_rng(7)
    _as_action(call(network, state, epsilon, rng))
    draws = DRAWS if epsilon > 0 else 20
    actions = [call.bare(network, state, epsilon, rng) for _ in range(draws)]
    again = [
        [call.bare(network, state, epsilon, generator) for _ in range(40)]
        for generator in (twin, np.random.default_rng(7))
    ]
    for action in actions:
        _as_action(action)
    if not all(parameter.requires_grad for parameter in network.parameters()):
        raise Complaint(
            "after your function the network's weights require no gradient, and it would not learn "
            "any more: leave the network as it is."
        )
    count = network.q.shape[1]
    if epsilon > 0 and len(set(map(int, actions))) == 1:
        raise Complaint(
            f"with epsilon = {epsilon:g}, all {draws} calls chose action {actions[0]}. Does each "
            "call draw anew from `rng`, and among all the actions? (The `len` of a batch of one "
            "state is 1.)"
        )
    if not all(0 <= action < count for action in actions):
        raise Complaint(
            f"your function returned action {next(a for a in actions if not 0 <= a < count)}; "
            f"this network has {count} actions, numbered from 0."
        )
    return {
        "how often each action is chosen": np.bincount(actions, minlength=count) / draws,
        "the same generator gives the same actions": np.array(again[0] == again[1]),
    }


def _observe_graph(call: Call, network: _Rows, *rest: Any) -> Outcome:
    call(network, *rest)
    return {"a graph was built": np.array(network.built_graph)}


def _expected_selection(network: _Rows, state: Any, epsilon: float, _rng: Any) -> Outcome:
    q = _q(network, state)
    frequencies = np.full(len(q), epsilon / len(q))
    frequencies[int(q.argmax())] += 1 - epsilon
    return {
        "how often each action is chosen": frequencies,
        "the same generator gives the same actions": np.array(True),
    }


def _q(network: nn.Module, state: Any) -> Tensor:
    with torch.no_grad():
        q: Tensor = network(torch.as_tensor(state, dtype=torch.float32))
    return q


def _other_generator(network: nn.Module, state: Any, epsilon: float, _rng: Any) -> int:
    return right.select_action_eps_greedy(network, state, epsilon, np.random.default_rng())


def _reversed(network: nn.Module, state: Any, epsilon: float, rng: np.random.Generator) -> int:
    return right.select_action_eps_greedy(network, state, 1 - epsilon, rng)


Draw = Callable[[Tensor, np.random.Generator], int]


def _any(q: Tensor, rng: np.random.Generator) -> int:
    return int(rng.integers(len(q)))


def _best(q: Tensor, _rng: np.random.Generator) -> int:
    return int(q.argmax())


def _by_softmax(q: Tensor, rng: np.random.Generator) -> int:
    p = torch.softmax(q.double(), dim=-1).numpy()
    return int(rng.choice(len(q), p=p / p.sum()))


def _all_but_the_best(q: Tensor, rng: np.random.Generator) -> int:
    return int(rng.choice([a for a in range(len(q)) if a != int(q.argmax())]))


def _branches(explore: Draw = _any, exploit: Draw = _best) -> Callable[..., int]:
    """A choice of which one branch is wrong."""

    def select(network: nn.Module, state: Any, epsilon: float, rng: np.random.Generator) -> int:
        q = _q(network, state)
        return explore(q, rng) if rng.random() < epsilon else exploit(q, rng)

    return select


def _other_coin(network: nn.Module, state: Any, epsilon: float, rng: np.random.Generator) -> int:
    q = _q(network, state)
    coin = np.random.default_rng().random()
    return int(rng.integers(len(q))) if coin < epsilon else int(q.argmax())


def _one_draw(network: nn.Module, state: Any, epsilon: float, rng: np.random.Generator) -> int:
    q = _q(network, state)
    draw = rng.random()
    return int(draw * len(q)) if draw < epsilon else int(q.argmax())


def _same_draw(network: nn.Module, state: Any, epsilon: float, _rng: Any) -> int:
    return right.select_action_eps_greedy(network, state, epsilon, np.random.default_rng(3))


# Not as many states as actions, nor one more.
_NETWORK = _Rows([[0.5, -1.0, 2.0, 1.0], [-3.0, -2.0, -4.0, -5.0], *[[0.0] * 4] * 5])
_THREE_ACTIONS = _Rows([[1.0, 2.5, 2.0], *[[0.0] * 3] * 6])


def _selection(title: str, row: int, epsilon: float, network: _Rows = _NETWORK) -> Case:
    state = np.eye(7, dtype=np.float32)[row]
    q = network.q[row]
    return Case(
        title,
        (network, state, epsilon, np.random.default_rng(11)),
        {"network(state)": q, "epsilon": epsilon},
    )


SELECT_ACTION = Exercise(
    name="select_action_eps_greedy",
    chapter=CHAPTER,
    arguments=("network", "state", "epsilon", "rng"),
    reference=right.select_action_eps_greedy,
    observe=_observe_selection,
    may_change=frozenset({"rng"}),
    expected=_expected_selection,
    tolerance=0.06,  # five standard deviations of a frequency
    cases=(
        _selection("epsilon = 0: nothing is left to chance", 0, 0.0),
        _selection("epsilon = 0 and every Q-value negative", 1, 0.0),
        _selection("epsilon = 1: every action is equally likely", 0, 1.0),
        _selection("epsilon = 0.4", 1, 0.4),
        _selection("epsilon = 0.4, three actions", 0, 0.4, _THREE_ACTIONS),
    ),
    mistakes=(
        Mistake(
            "epsilon reversed",
            "epsilon and 1 - epsilon are exchanged: epsilon is the probability of a random action.",
            _reversed,
        ),
        Mistake(
            "always greedy",
            "your function never explores: the action is the best one whatever epsilon is. (If it "
            "does draw, then not from `rng`, or from the same start each time.)",
            lambda network, state, _epsilon, _rng: int(_q(network, state).argmax()),
        ),
        Mistake(
            "always random",
            "your function never exploits: the action is random whatever epsilon is.",
            lambda network, state, _epsilon, rng: int(rng.integers(len(_q(network, state)))),
        ),
        Mistake(
            "the worst action",
            "the greedy branch takes the action with the smallest Q-value.",
            _branches(exploit=lambda q, _rng: int(q.argmin())),
        ),
        Mistake(
            "the random action is never the best one",
            "the random branch leaves out the best action; a random action is any of them.",
            _branches(_all_but_the_best),
        ),
        Mistake(
            "only two actions are explored",
            "the random branch draws among two actions only: not every environment has two.",
            _branches(lambda _q, rng: int(rng.integers(2))),
        ),
        Mistake(
            "as many actions as the state has numbers",
            "the random branch draws among as many actions as the state has numbers: ask the "
            "network how many actions there are.",
            lambda network, state, epsilon, rng: (
                int(rng.integers(len(state)))
                if rng.random() < epsilon
                else int(_q(network, state).argmax())
            ),
        ),
        Mistake(
            "the last action is never explored",
            "the random branch never draws the last action: mind whether the end of the range "
            "belongs to it.",
            _branches(lambda q, rng: int(rng.integers(len(q) - 1))),
        ),
        Mistake(
            "the first action is never explored",
            "the random branch never draws action 0: mind where the range starts.",
            _branches(lambda q, rng: int(rng.integers(1, len(q)))),
        ),
        Mistake(
            "one action too many",
            "the random branch draws one action too many: actions are numbered from 0. Mind "
            "whether the end of the range belongs to it.",
            _branches(lambda q, rng: int(rng.integers(len(q) + 1))),
        ),
        Mistake(
            "softmax instead of the best action",
            "the greedy branch draws by a softmax; it takes the best action.",
            _branches(exploit=_by_softmax),
        ),
        Mistake(
            "exploring by softmax",
            "the random branch prefers actions with larger Q-values; here every action is equally "
            "likely.",
            _branches(_by_softmax),
        ),
        Mistake(
            "one draw for two questions",
            "one draw decides both whether to explore and which action to take: when it is below "
            "epsilon, it is no longer any number between 0 and 1.",
            _one_draw,
        ),
        Mistake(
            "another random generator",
            "your function does not draw from `rng`: called twice with equal generators it "
            "behaves differently, and no experiment could be repeated.",
            _other_generator,
        ),
        Mistake(
            "another generator for the coin",
            "the coin is not tossed with `rng`: called twice with equal generators your function "
            "behaves differently, and no experiment could be repeated.",
            _other_coin,
        ),
        Mistake(
            "a generator made anew",
            "every call draws the same number: a generator with a fixed seed is made inside the "
            "function. Draw from `rng`.",
            _same_draw,
        ),
        Mistake(
            "the best Q-value instead of its action",
            "your function returns the largest Q-value; the action is where it stands.",
            lambda network, state, _epsilon, _rng: float(_q(network, state).max()),
        ),
    ),
)


# --- what students call ---------------------------------------------------------------------------

EXERCISES = (CREATE_NETWORK, SELECT_ACTION)


def hint(watched: Exercise, function: Any, text: str) -> None:
    """Print what a right answer may still be told, if all is so that is watched for."""
    observed = attempt(watched, function, watched.cases[0])
    if isinstance(observed, dict) and all(observed.values()):
        print(text)  # noqa: T201 - a student reads it


def create_network(function: Any) -> None:
    """Check ``create_network(input_dim, hidden_dims, output_dim) -> nn.Module``.

    Linear layers with a ReLU between each two; ``hidden_dims`` is a list of any length. A class
    derived from ``nn.Module`` that takes these arguments passes as well, with a hint: not every
    cell can go through its layers.

    Raises:
        Wrong: If the network is not the one asked for, saying why.

    Chapter: `A network that learns online`.

    >>> from torch import nn
    >>> create_network(lambda input_dim, hidden_dims, output_dim: nn.Linear(input_dim, output_dim))
    Traceback (most recent call last):
        ...
    dqn.checks.Wrong: ✗ create_network: the result of the case below is not right...
    """
    check(CREATE_NETWORK, function)
    hint(
        replace(CREATE_NETWORK, observe=_observe_walk, cases=CREATE_NETWORK.cases[1:]),
        function,
        "  A hint: later cells of the page go through the network layer by layer. They need an "
        "nn.Sequential\n  with nothing but nn.Linear and nn.ReLU in it.",
    )


def select_action_eps_greedy(function: Any) -> None:
    """Check ``select_action_eps_greedy(network, state, epsilon, rng) -> int``.

    ``state`` is a float32 NumPy array [obs], as an environment returns it; ``rng`` a NumPy
    ``Generator``, the only source of chance. Frequencies are compared over 1500 draws.

    Raises:
        Wrong: If an action is chosen too often or too seldom, or the answer is no action.

    Chapter: `A network that learns online`.

    >>> select_action_eps_greedy(lambda network, state, epsilon, rng: 1.5)
    Traceback (most recent call last):
        ...
    dqn.checks.Wrong: ✗ select_action_eps_greedy: your function returned 1.5, a float; an int ...
    """
    check(SELECT_ACTION, function)
    hint(
        replace(SELECT_ACTION, observe=_observe_graph),
        function,
        "  A hint: it builds a graph that nobody needs. Under torch.no_grad() it is quicker.",
    )
