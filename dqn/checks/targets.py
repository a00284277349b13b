"""Checkers of the chapters `Target networks` and `Double DQN`."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from dqn.checks import _references as right
from dqn.checks._machinery import (
    Call,
    Case,
    Complaint,
    Exercise,
    Mistake,
    Outcome,
    as_array,
    check,
    floats,
    not_a,
)
from dqn.checks.online_loss import (
    LOSS_BATCHES,
    LOSS_MISTAKES,
    loss_and_gradients,
    loss_case,
)

# --- update_target --------------------------------------------------------------------------------


def _weights(network: nn.Module) -> Any:
    return np.concatenate([p.detach().numpy().ravel() for p in network.parameters()])


def _observe_target(call: Call, target: nn.Module, online: nn.Module, tau: float) -> Outcome:
    """Both networks' weights after the call, and whether one still follows the other."""
    before, held = _weights(target), [id(p) for p in target.parameters()]
    returned = call(target, online, tau)
    if (
        isinstance(returned, nn.Module)
        and returned is not target
        and np.array_equal(_weights(target), before)
    ):
        raise Complaint(
            "your function returns a network and leaves `target` as it was: change the weights of "
            "`target` itself."
        )
    if any(p.grad_fn is not None for p in (*target.parameters(), *online.parameters())):
        raise Complaint(
            "the weights now have a history: their average was recorded in a graph, which would "
            "grow with every update. Compute it without gradients."
        )
    if held != [id(p) for p in target.parameters()] and not _shares(target, online):
        raise Complaint(
            "target has new parameters now, and whoever holds the old ones has a stale network: "
            "change their numbers in place."
        )
    outcome = {
        "the weights of target": _weights(target),
        "the weights of online": _weights(online),
    }
    with torch.no_grad():
        for parameter in online.parameters():
            parameter.add_(1.0)
    changed = _weights(target)
    outcome["target changes when online learns"] = np.array(
        not np.array_equal(changed, outcome["the weights of target"])
    )
    return outcome


def _shares(target: nn.Module, online: nn.Module) -> bool:
    return bool({id(p) for p in target.parameters()} & {id(p) for p in online.parameters()})


def _averaged(share: Callable[[float], float]) -> Callable[..., None]:
    """A wrong update: the online network's share of the average is not tau."""
    return lambda target, online, tau: right.update_target(target, online, share(tau))


def _both_ways(target: nn.Module, online: nn.Module, tau: float) -> None:
    right.update_target(online, target, tau)


def _aliased(target: nn.Module, online: nn.Module, _tau: float) -> None:
    for module, other in zip(target.modules(), online.modules(), strict=True):
        for name, parameter in other.named_parameters(recurse=False):
            setattr(module, name, parameter)


def _weights_only(target: nn.Module, online: nn.Module, tau: float) -> None:
    with torch.no_grad():
        for old, new in zip(target.parameters(), online.parameters(), strict=True):
            if old.ndim > 1:
                old.copy_((1 - tau) * old + tau * new)


def _first_layer_only(target: nn.Module, online: nn.Module, tau: float) -> None:
    first = (next(target.children()), next(online.children()))
    right.update_target(*first, tau)


def _added(target: nn.Module, online: nn.Module, tau: float) -> None:
    with torch.no_grad():
        for old, new in zip(target.parameters(), online.parameters(), strict=True):
            old.copy_(old + tau * new)


def _network(seed: int, *sizes: int) -> nn.Module:
    rng = np.random.default_rng(seed)
    network = right.create_network(sizes[0], list(sizes[1:-1]), sizes[-1])
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.copy_(floats(np.round(rng.normal(size=parameter.shape), 1)))
    return network


def _updating(title: str, tau: float, *sizes: int) -> Case:
    target, online = _network(1, *sizes), _network(2, *sizes)
    shown = {"target's weights": _weights(target), "online's weights": _weights(online), "tau": tau}
    return Case(title, (target, online, tau), shown)


UPDATE_TARGET = Exercise(
    name="update_target",
    chapter="Target networks",
    arguments=("target", "online", "tau"),
    reference=right.update_target,
    observe=_observe_target,
    may_change=frozenset({"target", "online"}),
    cases=(
        _updating("tau = 1: a copy", 1.0, 1, 2),
        _updating("tau = 0: nothing changes", 0.0, 1, 2),
        _updating("tau = 0.25", 0.25, 1, 2),
        _updating("tau = 0.01, a network with a hidden layer", 0.01, 2, 3, 2),
        _updating("tau = 0.5, a network with two hidden layers", 0.5, 2, 3, 3, 2),
    ),
    mistakes=(
        Mistake(
            "tau and 1 - tau exchanged",
            "tau and 1 - tau are exchanged: with a small tau the target should move slowly.",
            _averaged(lambda tau: 1 - tau),
        ),
        Mistake(
            "the wrong network changes",
            "your function changes the online network; the target should follow it.",
            _both_ways,
        ),
        Mistake(
            "always a full copy",
            "tau has no effect: the target becomes a full copy every time.",
            _averaged(lambda _tau: 1.0),
        ),
        Mistake(
            "one network under two names",
            "the two networks now share their weights: when the online one learns, the target "
            "moves along at once. Copy numbers, not tensors.",
            _aliased,
        ),
        Mistake(
            "added instead of averaged",
            "the target's old weights are kept in full: it is an average, so its shares add up to "
            "one.",
            _added,
        ),
        Mistake(
            "biases are forgotten",
            "only the weight matrices are updated: a network has biases too.",
            _weights_only,
        ),
        Mistake(
            "only the first layer",
            "only the first layer is updated.",
            _first_layer_only,
        ),
        Mistake(
            "nothing changes",
            "the target is the same after the call as before: change its weights in place.",
            lambda _target, _online, _tau: None,
        ),
    ),
)


# --- td_loss_with_target --------------------------------------------------------------------------


def _observe_loss(call: Call, network: nn.Module, target: nn.Module, *batch: Any) -> Outcome:
    value = call(network, target, *batch)
    return loss_and_gradients(value, network=network, target_network=target)


def _with_target(loss: Callable[..., Tensor]) -> Callable[..., Tensor]:
    return lambda network, target, s, a, r, s_next, t, g: loss(
        network(s), target(s_next), a, r, t, g
    )


def _double(
    network: nn.Module, target: nn.Module, s: Tensor, a: Tensor, r: Tensor, s_next: Tensor,
    t: Tensor, g: float,
) -> Tensor:  # fmt: skip
    with torch.no_grad():
        discounts = g * (~t).float()
        y = right.double_q_target(r, discounts, network(s_next), target(s_next))
    loss: Tensor = ((network(s)[torch.arange(len(a)), a] - y) ** 2).mean()
    return loss


_Q = [[0.5, 2.0], [4.0, 1.0], [-1.0, -2.0]]
_TARGET_Q = [[1.0, -0.5], [2.0, 3.0], [-4.0, -3.0]]

TD_LOSS_WITH_TARGET = Exercise(
    name="td_loss_with_target",
    chapter="Target networks",
    arguments=(
        "network", "target_network", "states", "actions", "rewards", "next_states", "terminated",
        "gamma",
    ),
    reference=right.td_loss_with_target,
    observe=_observe_loss,
    cases=(
        *(
            loss_case(title, {"network": _Q, "target_network": _TARGET_Q}, *batch)
            for title, *batch in LOSS_BATCHES
        ),
        loss_case(
            "three actions, every Q-value negative",
            {
                "network": [[-1.0, -3.0, -2.0], [-6.0, -5.0, -4.0]],
                "target_network": [[-2.0, -1.0, -4.0], [-3.0, -7.0, -5.0]],
            },
            [0, 1, 1, 0], [2, 0, 1, 1], [1.0, 0.0, -1.0, 0.5], [1, 0, 1, 0],
            [False, False, True, False], 0.9,
        ),
    ),
    mistakes=(
        Mistake(
            "bootstrapping from the network itself",
            "the target network has no effect: your target comes from the network that is being "
            "trained.",
            lambda network, _target, *batch: right.td_loss(network, *batch),
        ),
        Mistake(
            "the networks exchanged",
            "the two networks have changed places: the loss should train `network`.",
            lambda network, target, *batch: right.td_loss_with_target(target, network, *batch),
        ),
        Mistake(
            "the target network predicts too",
            "both the prediction and the target come from the target network: nothing trains "
            "`network`.",
            lambda _network, target, *batch: right.td_loss(target, *batch),
        ),
        Mistake(
            "double Q-learning",
            "the network chooses the next action and the target network judges it: that is Double "
            "DQN, two chapters from here. Now the target network does both.",
            _double,
        ),
        *(Mistake(name, text, _with_target(loss)) for name, text, loss in LOSS_MISTAKES),
    ),
)  # fmt: skip


# --- double_q_target ------------------------------------------------------------------------------


def _judged(q: Tensor, best: Tensor) -> Tensor:
    return q[torch.arange(len(best)), best]


def _best_own(q: Tensor) -> Tensor:
    return q.max(dim=1).values


def _observe_target_values(call: Call, rewards: Tensor, *rest: Any) -> Outcome:
    """The targets, which the loss compares with a prediction: a tensor of the same type."""
    targets = call(rewards, *rest)
    if not isinstance(targets, Tensor):
        raise Complaint(not_a(targets, "a torch tensor", "your function"))
    if targets.dtype != rewards.dtype:
        raise Complaint(
            f"your targets are of type {targets.dtype} and the rewards of type {rewards.dtype}: "
            "the loss compares only what is of one type."
        )
    return {"the result": as_array(targets)}


DOUBLE_Q_TARGET = Exercise(
    name="double_q_target",
    chapter="Double DQN",
    arguments=("rewards", "discounts", "online_next_q", "target_next_q"),
    reference=right.double_q_target,
    observe=_observe_target_values,
    cases=(
        Case(
            "one transition",
            (floats([1.0]), floats([0.5]), floats([[1.0, 3.0, 2.0]]), floats([[8.0, 2.0, 4.0]])),
        ),
        Case(
            "one transition that ends the episode",
            (floats([1.0]), floats([0.0]), floats([[1.0, 3.0]]), floats([[8.0, 2.0]])),
        ),
        Case(
            "every Q-value is negative",
            (
                floats([0.0, 1.0]), floats([0.9, 0.9]),
                floats([[-5.0, -1.0, -2.0], [-1.0, -4.0, -3.0]]),
                floats([[-1.0, -3.0, -6.0], [-8.0, -2.0, -4.0]]),
            ),
        ),
        Case(
            "as many transitions as actions",
            (
                floats([1.0, -1.0]), floats([0.9, 0.81]),
                floats([[4.0, 1.0], [2.0, 3.0]]), floats([[-2.0, 5.0], [6.0, 1.0]]),
            ),
        ),
        Case(
            "four transitions, three actions",
            (
                floats([0.5, -1.0, 3.0, 0.0]), floats([0.8, 0.0, 0.5, 1.0]),
                floats([[1, 7, 2], [-2, 5, 6], [9, 8, -4], [0, 1, 2]]),
                floats([[3, 4, 9], [7, -1, 2], [0.5, 6, 1], [5, 8, -6]]),
            ),
        ),
    ),
    mistakes=(
        Mistake(
            "the target network chooses too",
            "the target network both chooses and judges: that is the ordinary DQN target. Let the "
            "online network choose.",
            lambda r, d, _o, t: r + d * _best_own(t),
        ),
        Mistake(
            "the online network judges too",
            "the online network both chooses and judges: let the target network judge.",
            lambda r, d, o, _t: r + d * _best_own(o),
        ),
        Mistake(
            "roles exchanged",
            "the roles are exchanged: the online network chooses the action, the target network "
            "judges it.",
            lambda r, d, o, t: r + d * _judged(o, t.argmax(dim=1)),
        ),
        Mistake(
            "the smaller of the two maxima",
            "you took the smaller of the two networks' best values; here one chooses an action "
            "and the other judges that very action.",
            lambda r, d, o, t: r + d * torch.minimum(_best_own(o), _best_own(t)),
        ),
        Mistake(
            "the mean of the two networks",
            "you averaged the two networks; one should choose and the other judge.",
            lambda r, d, o, t: r + d * _best_own((o + t) / 2),
        ),
        Mistake(
            "the discounts are missing",
            "the discounts have no effect, so an episode's end is bootstrapped through.",
            lambda r, _d, o, t: r + _judged(t, o.argmax(dim=1)),
        ),
        Mistake(
            "the reward is discounted",
            "the discounts multiply the rewards too: only what follows is discounted.",
            lambda r, d, o, t: d * (r + _judged(t, o.argmax(dim=1))),
        ),
        Mistake(
            "a (B, B) target",
            "an axis of length 1 was left over, and the rewards of shape (B,) broadcast with it "
            "to shape (B, B): look at the shapes of all three terms.",
            lambda r, d, o, t: r + d * t.gather(1, o.argmax(dim=1, keepdim=True)),
        ),
        Mistake(
            "[:, actions]",
            "your result has shape (B, B): `[:, actions]` picks every action for every row. You "
            "want one action per row.",
            lambda r, d, o, t: r + d * t[:, o.argmax(dim=1)],
        ),
        Mistake(
            "argmax over the batch",
            "you looked for the best over the batch axis: every transition needs the best of its "
            "own actions.",
            lambda r, d, o, t: r + d * _judged(t, o.argmax(dim=0)),
        ),
        Mistake(
            "the action's index instead of its value",
            "you used the number of the chosen action where its value belongs.",
            lambda r, d, o, _t: r + d * o.argmax(dim=1).float(),
        ),
        Mistake(
            "no reward",
            "the rewards are missing from your target.",
            lambda _r, d, o, t: d * _judged(t, o.argmax(dim=1)),
        ),
    ),
)  # fmt: skip


# --- what students call ---------------------------------------------------------------------------

EXERCISES = (UPDATE_TARGET, TD_LOSS_WITH_TARGET, DOUBLE_Q_TARGET)


def update_target(function: Any) -> None:
    """Check ``update_target(target, online, tau)``, which changes ``target`` in place.

    Two networks of the same shape; ``tau`` is the online network's share, in [0, 1].

    Raises:
        Wrong: If the target is not the average afterwards, or is tied to the online network.

    Chapter: `Target networks`.

    >>> update_target(lambda target, online, tau: None)
    Traceback (most recent call last):
        ...
    dqn.checks.Wrong: ✗ update_target: the target is the same after the call as before...
    """
    check(UPDATE_TARGET, function)


def td_loss_with_target(function: Any) -> None:
    """Check ``td_loss(network, target_network, states, actions, rewards, next_states, ...)``.

    Then come ``terminated`` and ``gamma``: :func:`td_loss` with one argument more, all of them
    by position. The loss is checked with its gradient in both networks.

    Raises:
        Wrong: If the loss or a gradient is not right, saying why.

    Chapter: `Target networks`.

    >>> td_loss_with_target(None)
    Traceback (most recent call last):
        ...
    dqn.checks.Wrong: ✗ td_loss_with_target: there is no function to check: you passed None...
    """
    check(TD_LOSS_WITH_TARGET, function)


def double_q_target(function: Any) -> None:
    """Check ``double_q_target(rewards, discounts, online_next_q, target_next_q) -> Tensor``.

    Tensors: ``rewards`` and ``discounts`` float32 [B], the discounts 0 where the episode
    terminated; both tables of values float32 [B, A]; the result is [B].

    Raises:
        Wrong: If a target is not right, saying why.

    Chapter: `Double DQN`.

    >>> double_q_target(lambda rewards, discounts, online_next_q, target_next_q: rewards)
    Traceback (most recent call last):
        ...
    dqn.checks.Wrong: ✗ double_q_target: the result of the case below is not right...
    """
    check(DOUBLE_Q_TARGET, function)
