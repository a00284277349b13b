"""Checkers of the chapter `A network that learns online`: the target and the loss.

The mistakes of a loss are shared with the chapter `Target networks`.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from dqn.checks import _references as right
from dqn.checks._calling import Call, Complaint, Outcome, as_array, counted, not_a
from dqn.checks._machinery import Case, Exercise, Mistake, check, flags, floats, wholes

CHAPTER = "A network that learns online"


# --- td_target ------------------------------------------------------------------------------------


def _bootstrap(rewards: Tensor, value: Tensor, terminated: Tensor, gamma: float) -> Tensor:
    return rewards + gamma * value * (~terminated).float()


def _observe_target(call: Call, *arguments: Any) -> Outcome:
    target = call(*arguments)
    if not isinstance(target, Tensor):
        raise Complaint(not_a(target, "a torch tensor", "your function"))
    return {"the result": as_array(target)}


TD_TARGET = Exercise(
    name="td_target",
    chapter=CHAPTER,
    arguments=("rewards", "next_q", "terminated", "gamma"),
    reference=right.td_target,
    observe=_observe_target,
    cases=(
        Case(
            "one transition, the episode goes on",
            (floats([1.0]), floats([[2.0, 5.0]]), flags([False]), 0.5),
        ),
        Case(
            "one transition that ends the episode",
            (floats([1.0]), floats([[2.0, 5.0]]), flags([True]), 0.5),
        ),
        Case(
            "every Q-value is negative",
            (floats([0.0, 2.0]), floats([[-1, -3, -2], [-6, -5, -4]]), flags([False, False]), 0.9),
        ),
        Case(
            "as many transitions as actions",
            (floats([1.0, -1.0]), floats([[4, 1], [2, 3]]), flags([False, True]), 0.5),
        ),
        Case(
            "three transitions, four actions",
            (
                floats([0.5, -1, 3]),
                floats([[1, 7, 2, 0], [-2, 5, 6, 3], [9, 8, -4, 1]]),
                flags([True, False, False]),
                0.8,
            ),
        ),
    ),
    mistakes=(
        Mistake(
            "bootstrapping past the end",
            "the bootstrap term must vanish where `terminated`: no reward follows the end of an "
            "episode.",
            lambda r, q, _t, g: r + g * q.max(dim=1).values,
        ),
        Mistake(
            "the mask reversed",
            "the mask is the wrong way round: you bootstrap where the episode has terminated, and "
            "only there.",
            lambda r, q, t, g: _bootstrap(r, q.max(dim=1).values, ~t, g),
        ),
        Mistake(
            "the mask takes the reward too",
            "where `terminated`, your target loses its reward as well: the last step still pays.",
            lambda r, q, t, g: (r + g * q.max(dim=1).values) * (~t).float(),
        ),
        Mistake(
            "maximum over the batch",
            "you took the maximum over the batch axis: every transition needs the best of its own "
            "actions.",
            lambda r, q, t, g: _bootstrap(r, q.max(dim=0).values, t, g),
        ),
        Mistake(
            "maximum over everything",
            "you took the maximum over the whole batch: every transition needs the best of its "
            "own actions.",
            lambda r, q, t, g: _bootstrap(r, q.max(), t, g),
        ),
        Mistake(
            "a (B, B) target",
            "an axis of length 1 was left over, and the rewards of shape (B,) broadcast with it "
            "to shape (B, B): look at the shapes of all three terms.",
            lambda r, q, t, g: r + g * q.max(dim=1, keepdim=True).values * (~t).float(),
        ),
        Mistake(
            "no discount",
            "gamma has no effect on your target.",
            lambda r, q, t, _g: _bootstrap(r, q.max(dim=1).values, t, 1.0),
        ),
        Mistake(
            "the reward is discounted",
            "gamma multiplies the reward too: the reward is paid now, only what follows is "
            "discounted.",
            lambda r, q, t, g: g * _bootstrap(r, q.max(dim=1).values, t, 1.0),
        ),
        Mistake(
            "mean over the actions",
            "you averaged over the actions; Q-learning looks at the best one.",
            lambda r, q, t, g: _bootstrap(r, q.mean(dim=1), t, g),
        ),
        Mistake(
            "minimum over the actions",
            "you took the smallest Q-value of the actions; Q-learning looks at the best one.",
            lambda r, q, t, g: _bootstrap(r, q.min(dim=1).values, t, g),
        ),
        Mistake(
            "largest magnitude",
            "you took the largest absolute value: with negative Q-values that is the worst action.",
            lambda r, q, t, g: _bootstrap(r, q.abs().max(dim=1).values, t, g),
        ),
        Mistake(
            "the action's index instead of its value",
            "you used the number of the best action where its value belongs.",
            lambda r, q, t, g: _bootstrap(r, q.argmax(dim=1).float(), t, g),
        ),
        Mistake(
            "no reward", "the reward is missing from your target.",
            lambda r, q, t, g: _bootstrap(0 * r, q.max(dim=1).values, t, g),
        ),
        Mistake(
            "one target for every action",
            "your target has one number for every action: take one value per transition.",
            lambda r, q, t, g: r[:, None] + g * q * (~t).float()[:, None],
        ),
        Mistake(
            "the maximum starts at zero",
            "your maximum starts at zero: where every Q-value is negative, the best of them is "
            "below it.",
            lambda r, q, t, g: _bootstrap(r, q.max(dim=1).values.clamp(min=0), t, g),
        ),
        Mistake(
            "the mask on the reward",
            "the mask multiplies the reward; it belongs to the bootstrap term.",
            lambda r, q, t, g: r * (~t).float() + g * q.max(dim=1).values,
        ),
        Mistake(
            "the reward counts at the end only",
            "the reward counts only where the episode ends: every step has its own.",
            lambda r, q, t, g: torch.where(t, r, g * q.max(dim=1).values),
        ),
        Mistake(
            "one flag for all",
            "one terminated transition ends all of them in your target: every transition has a "
            "flag of its own.",
            lambda r, q, t, g: r if t.any() else r + g * q.max(dim=1).values,
        ),
        Mistake(
            "~ of a number",
            "`~` of a number is no `not`: ~0 is -1. Take it of the bools, before they are numbers.",
            lambda r, q, t, g: r + g * q.max(dim=1).values * ~t.int(),
        ),
        Mistake(
            "gamma is fixed",
            "gamma has no effect on your target: 0.99 is written into it.",
            lambda r, q, t, _g: _bootstrap(r, q.max(dim=1).values, t, 0.99),
        ),
        Mistake(
            "minus infinity",
            "where `terminated`, what follows is worth 0, and not minus infinity.",
            lambda r, q, t, g: r + g * q.max(dim=1).values.masked_fill(t, -torch.inf),
        ),
    ),
)  # fmt: skip


# --- td_loss --------------------------------------------------------------------------------------


def loss_and_gradients(value: Any, **networks: nn.Module) -> Outcome:
    """The loss that a student's function returned, and its gradient in each network.

    Raises:
        Complaint: If it is not a loss that could be trained.
    """
    if isinstance(value, tuple) and value:
        raise Complaint(
            f"your function returned {counted(len(value), 'thing')}: return the loss alone, which "
            "is what backward() will be called on."
        )
    if isinstance(value, (int, float, np.generic)) and not isinstance(value, bool):
        raise Complaint(
            "your function returned a plain number: return the loss as a tensor, without .item() "
            "or float(), or there is nothing to call backward() on."
        )
    if not isinstance(value, Tensor):
        raise Complaint(not_a(value, "a torch tensor", "your function"))
    if not any(p.requires_grad for p in networks["network"].parameters()):
        raise Complaint(
            "after your function the network's weights require no gradient: it would not learn any "
            "more. It is enough to compute the target under torch.no_grad(), or to detach it."
        )
    loss = as_array(value)
    if not value.requires_grad:
        raise Complaint(
            "your loss carries no gradient, so backward() would fail: the prediction Q(s, a) was "
            "detached, or computed under torch.no_grad()."
        )
    outcome = {"the loss": loss}
    connected = False
    for name, network in networks.items():
        parameters = [p for p in network.parameters() if p.requires_grad]
        if not parameters:  # frozen, as a target network may be
            outcome[f"the gradient of the loss in {name}"] = np.zeros(
                sum(p.numel() for p in network.parameters())
            )
            continue
        # the sum, so that a loss with too many elements is told by its shape instead
        gradients = torch.autograd.grad(
            value.sum(), parameters, retain_graph=True, allow_unused=True
        )
        connected |= any(g is not None for g in gradients)
        outcome[f"the gradient of the loss in {name}"] = np.concatenate(
            [
                np.zeros(p.numel()) if g is None else g.numpy().ravel()
                for p, g in zip(parameters, gradients, strict=True)
            ]
        )
    if not connected:
        raise Complaint(
            "your loss has no connection to the network's weights: torch.tensor(...), .item() and "
            ".detach() cut it, and requires_grad=True does not mend it."
        )
    return outcome


def _observe_loss(call: Call, network: nn.Module, *batch: Any) -> Outcome:
    return loss_and_gradients(call(network, *batch), network=network)


def network_of(q: list[list[float]]) -> nn.Linear:
    """A linear network whose output for the i-th one-hot state is the i-th row of ``q``."""
    network = nn.Linear(len(q), len(q[0]), device="cpu", dtype=torch.float32)
    with torch.no_grad():
        # As with real networks, a state of zeros is worth something.
        network.bias.copy_(floats(q[0]) + 0.25)
        network.weight.copy_((floats(q) - network.bias).T)
    return network


def loss_case(
    title: str,
    tables: dict[str, list[list[float]]],
    states: list[int],
    actions: list[int],
    rewards: list[float],
    next_states: list[int],
    terminated: list[bool],
    gamma: float,
) -> Case:
    """A batch for a TD loss: states are rows of the networks' tables, handed over as one-hot."""
    size = len(next(iter(tables.values())))
    networks = {name: network_of(q) for name, q in tables.items()}
    one_hot = torch.eye(size, dtype=torch.float32, device="cpu")
    shown: dict[str, Any] = {}
    for name, q in tables.items():
        shown[f"{name}(states)"] = floats(q)[states]
        shown[f"{name}(next_states)"] = floats(q)[next_states]
    shown |= {"actions": actions, "rewards": rewards, "terminated": terminated, "gamma": gamma}
    batch = (
        one_hot[states],
        wholes(actions),
        floats(rewards),
        one_hot[next_states],
        flags(terminated),
    )
    return Case(title, (*networks.values(), *batch, gamma), shown)


# What may go wrong in a loss, whichever network gives the next values. Each function is given
# the predictions of the states [B, A], what bootstraps [B, A] (with its gradient), and the batch.
def _own(q: Tensor, actions: Tensor) -> Tensor:
    return q[torch.arange(len(actions)), actions]


def _squared(prediction: Tensor, target: Tensor) -> Tensor:
    return ((prediction - target) ** 2).mean()


LOSS_MISTAKES: tuple[tuple[str, str, Callable[..., Tensor]], ...] = (
    (
        "gradient through the target",
        "your target lets gradient through: it must be a constant, or the network is trained to "
        "move the target as well.",
        lambda q, nq, a, r, t, g: _squared(_own(q, a), right.td_target(r, nq, t, g)),
    ),
    (
        "the target overwrites the prediction",
        "your loss is 0 whatever the batch: prediction and target share their numbers. What "
        "`detach()` returns is no copy, so whoever writes into it changes both.",
        lambda q, _nq, _a, _r, _t, _g: _squared(q, q.detach()),
    ),
    (
        "the prediction is detached",
        "the gradient flows through the target only: you detached the prediction Q(s, a) and not "
        "the target.",
        lambda q, nq, a, r, t, g: _squared(_own(q, a).detach(), right.td_target(r, nq, t, g)),
    ),
    (
        "bootstrapping past the end",
        "the bootstrap term must vanish where `terminated`: no reward follows the end of an "
        "episode.",
        lambda q, nq, a, r, t, g: _squared(_own(q, a), right.td_target(r, nq.detach(), t & ~t, g)),
    ),
    (
        "the mask reversed",
        "the mask is the wrong way round: you bootstrap where the episode has terminated, and only "
        "there.",
        lambda q, nq, a, r, t, g: _squared(_own(q, a), right.td_target(r, nq.detach(), ~t, g)),
    ),
    (
        "the mask takes the reward too",
        "where `terminated`, your target loses its reward as well: the last step still pays.",
        lambda q, nq, a, r, t, g: _squared(
            _own(q, a), right.td_target(r, nq.detach(), t & ~t, g) * (~t).float()
        ),
    ),
    (
        "the mask takes the whole error",
        "where `terminated`, your loss ignores the transition: the end of an episode has a target "
        "too, its reward.",
        lambda q, nq, a, r, t, g: (
            ((_own(q, a) - right.td_target(r, nq.detach(), t, g)) * (~t).float()) ** 2
        ).mean(),
    ),
    (
        "maximum over the batch",
        "you took the maximum over the batch axis: every transition needs the best of its own "
        "actions.",
        lambda q, nq, a, r, t, g: _squared(
            _own(q, a), r + g * nq.detach().max(dim=0).values * (~t).float()
        ),
    ),
    (
        "maximum over everything",
        "you took the maximum over the whole batch: every transition needs the best of its own "
        "actions.",
        lambda q, nq, a, r, t, g: _squared(_own(q, a), r + g * nq.detach().max() * (~t).float()),
    ),
    (
        "a (B, B) loss",
        "a column of shape (B, 1) met a vector of shape (B,), and the errors broadcast to (B, B): "
        "every prediction is compared with every target. Look at the shapes before you subtract.",
        lambda q, nq, a, r, t, g: _squared(
            _own(q, a)[:, None], right.td_target(r, nq.detach(), t, g)
        ),
    ),
    (
        "q[:, actions]",
        "the predictions have shape (B, B): `[:, actions]` picks every action for every row. You "
        "want one action per row.",
        lambda q, nq, a, r, t, g: _squared(q[:, a], right.td_target(r, nq.detach(), t, g)),
    ),
    (
        "the best action's prediction",
        "the prediction is the largest Q-value of the state; it should be that of the action "
        "taken.",
        lambda q, nq, _a, r, t, g: _squared(
            q.max(dim=1).values, right.td_target(r, nq.detach(), t, g)
        ),
    ),
    (
        "every action's prediction",
        "the loss involves the Q-values of all actions; only that of the action taken was tried.",
        lambda q, nq, _a, r, t, g: _squared(q, right.td_target(r, nq.detach(), t, g)[:, None]),
    ),
    (
        "q[actions]",
        "`[actions]` picks rows, as if the actions were numbers of transitions: you want one entry "
        "of every row.",
        lambda q, nq, a, r, t, g: _squared(q[a], right.td_target(r, nq.detach(), t, g)),
    ),
    (
        "the action's index instead of its value",
        "the target uses the number of the best action where its value belongs.",
        lambda q, nq, a, r, t, g: _squared(
            _own(q, a), r + g * nq.argmax(dim=1).float() * (~t).float()
        ),
    ),
    (
        "the reward is discounted",
        "gamma multiplies the reward too: the reward is paid now, only what follows is discounted.",
        lambda q, nq, a, r, t, g: _squared(_own(q, a), right.td_target(g * r, nq.detach(), t, g)),
    ),
    (
        "the next state's value of the same action",
        "the target uses the old action in the next state; there, Q-learning looks at the best "
        "action.",
        lambda q, nq, a, r, t, g: _squared(_own(q, a), r + g * _own(nq.detach(), a) * (~t).float()),
    ),
    (
        "the state's own value in the target",
        "the target uses the Q-values of `states`; what follows is worth the Q-values of "
        "`next_states`.",
        lambda q, _nq, a, r, t, g: _squared(_own(q, a), right.td_target(r, q.detach(), t, g)),
    ),
    (
        "minimum over the actions",
        "you took the smallest Q-value of the next actions; Q-learning looks at the best one.",
        lambda q, nq, a, r, t, g: _squared(
            _own(q, a), r + g * nq.detach().min(dim=1).values * (~t).float()
        ),
    ),
    (
        "mean over the actions",
        "you averaged over the next actions; Q-learning looks at the best one.",
        lambda q, nq, a, r, t, g: _squared(
            _own(q, a), r + g * nq.detach().mean(dim=1) * (~t).float()
        ),
    ),
    (
        "no discount",
        "gamma has no effect on your loss.",
        lambda q, nq, a, r, t, g: _squared(
            _own(q, a), right.td_target(r, nq.detach(), t, 1.0 + 0 * g)
        ),
    ),
    (
        "no reward",
        "the reward has no effect on your loss.",
        lambda q, nq, a, r, t, g: _squared(_own(q, a), right.td_target(0 * r, nq.detach(), t, g)),
    ),
    (
        "the sum instead of the mean",
        "the squared errors are added up; average them, or the step grows with the batch.",
        lambda q, nq, a, r, t, g: (
            _squared(_own(q, a), right.td_target(r, nq.detach(), t, g)) * len(a)
        ),
    ),
    (
        "no mean",
        "your loss has one number per transition; average them to a single one.",
        lambda q, nq, a, r, t, g: (_own(q, a) - right.td_target(r, nq.detach(), t, g)) ** 2,
    ),
    (
        "half of it",
        "your loss is half of what it should be: here the mean squared error has no factor of 1/2.",
        lambda q, nq, a, r, t, g: _squared(_own(q, a), right.td_target(r, nq.detach(), t, g)) / 2,
    ),
    (
        "absolute errors",
        "your loss averages absolute errors; the exercise asks for squared ones.",
        lambda q, nq, a, r, t, g: (_own(q, a) - right.td_target(r, nq.detach(), t, g)).abs().mean(),
    ),
    (
        "the Huber loss",
        "your loss is the Huber (smooth L1) loss; the exercise asks for the mean squared error.",
        lambda q, nq, a, r, t, g: functional.smooth_l1_loss(
            _own(q, a), right.td_target(r, nq.detach(), t, g)
        ),
    ),
    (
        "the mean is squared",
        "you squared the mean error: errors of opposite signs cancel. Square each one first.",
        lambda q, nq, a, r, t, g: (_own(q, a) - right.td_target(r, nq.detach(), t, g)).mean() ** 2,
    ),
    (
        "the square is missing",
        "your loss is the mean error itself: errors of opposite signs cancel, and the smallest "
        "loss would be minus infinity.",
        lambda q, nq, a, r, t, g: (_own(q, a) - right.td_target(r, nq.detach(), t, g)).mean(),
    ),
    (
        "the homework's regularizer",
        "something proportional to the mean Q-value is added to your loss. It is not a "
        "regularizer: it pushes every Q-value down at a constant rate.",
        lambda q, nq, a, r, t, g: (
            _squared(_own(q, a), right.td_target(r, nq.detach(), t, g)) + 0.1 * _own(q, a).mean()
        ),
    ),
    (
        "the mean over all actions",
        "your loss averages over all actions of all transitions; only one of each was tried, so "
        "divide by the number of transitions.",
        lambda q, nq, a, r, t, g: (
            _squared(_own(q, a), right.td_target(r, nq.detach(), t, g)) / q.shape[1]
        ),
    ),
    (
        "a column of rewards",
        "a column of rewards met a vector of values: every prediction is compared with the rewards "
        "of the whole batch. Look at the shapes.",
        lambda q, nq, a, r, t, g: _squared(
            _own(q, a), right.td_target(r[:, None], nq.detach(), t, g)
        ),
    ),
    (
        "the first row",
        "the predictions are all read from the first row of the batch: you want one entry of every "
        "row.",
        lambda q, nq, a, r, t, g: _squared(q[0, a], right.td_target(r, nq.detach(), t, g)),
    ),
    (
        "the reward counts at the end only",
        "the reward counts only where the episode ends: every step has its own.",
        lambda q, nq, a, r, t, g: _squared(_own(q, a), right.td_target(r * t, nq.detach(), t, g)),
    ),
    (
        "~ of a number",
        "`~` of a number is no `not`: ~0 is -1. Take it of the bools, before they are numbers.",
        lambda q, nq, a, r, t, g: _squared(
            _own(q, a), r + g * nq.detach().max(dim=1).values * ~t.int()
        ),
    ),
    (
        "the maximum starts at zero",
        "your maximum starts at zero: where every Q-value is negative, the best of them is below "
        "it.",
        lambda q, nq, a, r, t, g: _squared(
            _own(q, a), right.td_target(r, nq.detach().clamp(min=0), t, g)
        ),
    ),
    (
        "gamma is fixed",
        "gamma has no effect on your loss: 0.99 is written into it.",
        lambda q, nq, a, r, t, _g: _squared(_own(q, a), right.td_target(r, nq.detach(), t, 0.99)),
    ),
    (
        "rewards clipped",
        "you clipped the rewards to between -1 and 1; here they count as they are.",
        lambda q, nq, a, r, t, g: _squared(
            _own(q, a), right.td_target(r.clamp(-1, 1), nq.detach(), t, g)
        ),
    ),
    (
        "errors clipped",
        "you clipped the errors before squaring them: beyond 1 nothing is learned from them. The "
        "exercise asks for the plain square.",
        lambda q, nq, a, r, t, g: (
            (_own(q, a) - right.td_target(r, nq.detach(), t, g)).clamp(-1, 1) ** 2
        ).mean(),
    ),
    (
        "the root",
        "you took the root of the mean squared error.",
        lambda q, nq, a, r, t, g: _squared(
            _own(q, a), right.td_target(r, nq.detach(), t, g)
        ).sqrt(),
    ),
    (
        "a negative loss",
        "your loss is negative: to make it small, the errors would have to grow.",
        lambda q, nq, a, r, t, g: -_squared(_own(q, a), right.td_target(r, nq.detach(), t, g)),
    ),
)


def _online(loss: Callable[..., Tensor]) -> Callable[..., Tensor]:
    return lambda network, s, a, r, s_next, t, g: loss(network(s), network(s_next), a, r, t, g)


LOSS_BATCHES: tuple[tuple[Any, ...], ...] = (
    ("one transition, the episode goes on", [0], [0], [1.0], [1], [False], 0.5),
    ("one transition that ends the episode", [0], [1], [1.0], [1], [True], 0.5),
    (
        "two transitions, as many as actions",
        [0, 2],
        [1, 0],
        [1.0, -1.0],
        [1, 0],
        [False, True],
        0.5,
    ),
    ("every transition returns to its state", [0, 1], [0, 1], [0.5, 2.0], [0, 1], [False] * 2, 0.9),
    (
        "three transitions, two actions",
        [2, 0, 1],
        [1, 0, 1],
        [0.0, 2.0, -3.0],
        [0, 2, 1],
        [False, True, False],
        0.8,
    ),
)

TD_LOSS = Exercise(
    name="td_loss",
    chapter=CHAPTER,
    arguments=(
        "network", "states", "actions", "rewards", "next_states", "terminated", "gamma",
    ),
    reference=right.td_loss,
    observe=_observe_loss,
    cases=(
        *(
            loss_case(title, {"network": [[0.5, 2.0], [4.0, 1.0], [-1.0, -2.0]]}, *batch)
            for title, *batch in LOSS_BATCHES
        ),
        loss_case(
            "three actions, every Q-value negative",
            {"network": [[-1.0, -3.0, -2.0], [-6.0, -5.0, -4.0]]},
            [0, 1, 1, 0], [2, 0, 1, 1], [1.0, 0.0, -1.0, 0.5], [1, 0, 1, 0],
            [False, False, True, False], 0.9,
        ),
    ),
    mistakes=(
        *(Mistake(name, text, _online(loss)) for name, text, loss in LOSS_MISTAKES),
        Mistake(
            "the states exchanged",
            "`states` and `next_states` have changed places.",
            lambda network, s, a, r, s_next, t, g: right.td_loss(network, s_next, a, r, s, t, g),
        ),
        Mistake(
            "the end as a state of zeros",
            "where `terminated`, you let the network judge a state of zeros, and its value there "
            "is anything. Mask the value, not the state.",
            lambda network, s, a, r, s_next, t, g: right.td_loss(
                network, s, a, r, s_next * ~t[:, None], t & ~t, g
            ),
        ),
    ),
)  # fmt: skip


# --- what students call ---------------------------------------------------------------------------

EXERCISES = (TD_TARGET, TD_LOSS)


def td_target(function: Any) -> None:
    """Check ``td_target(rewards, next_q, terminated, gamma) -> Tensor``.

    Tensors: ``rewards`` float32 [B], ``next_q`` float32 [B, A], ``terminated`` bool [B]; the
    result is [B].

    Raises:
        Wrong: If a target is not right, saying why.

    Chapter: `A network that learns online`.

    >>> td_target(lambda rewards, next_q, terminated, gamma: rewards)
    Traceback (most recent call last):
        ...
    dqn.checks.Wrong: ✗ td_target: ...
    """
    check(TD_TARGET, function)


def td_loss(function: Any) -> None:
    """Check ``compute_td_loss(network, states, actions, rewards, next_states, terminated, gamma)``.

    Tensors: ``states`` and ``next_states`` float32 [B, obs], ``actions`` int64 [B], ``rewards``
    float32 [B], ``terminated`` bool [B]. The result is the loss, a tensor with gradient.

    Raises:
        Wrong: If the loss or its gradient is not right, saying why.

    Chapter: `A network that learns online`.

    >>> td_loss(None)
    Traceback (most recent call last):
        ...
    dqn.checks.Wrong: ✗ td_loss: there is no function to check: you passed None...
    """
    check(TD_LOSS, function)
