"""Checkers of the chapters `Target networks` and `Double DQN`."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from dqn.checks import _references as right
from dqn.checks._calling import Call, Complaint, Outcome, as_array, not_a
from dqn.checks._machinery import Case, Exercise, Mistake, check, floats
from dqn.checks.online_loss import (
    LOSS_BATCHES,
    LOSS_MISTAKES,
    loss_and_gradients,
    loss_case,
)

# --- update_target --------------------------------------------------------------------------------


def _weights(network: nn.Module) -> Any:
    return np.concatenate([p.detach().numpy().ravel() for p in network.parameters()])


SHARED = (
    "the two networks now share their weights: when the online one learns, the target moves along "
    "at once. Copy numbers, not tensors."
)


def _observe_target(call: Call, target: nn.Module, online: nn.Module, tau: float) -> Outcome:
    """Both networks' weights after the call, which must not follow one another from then on."""
    before, held = _weights(target), list(target.parameters())
    led = _weights(online)
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
    if not np.array_equal(_weights(online), led):
        raise Complaint("your function changes the online network; the target should follow it.")
    if any(p.is_inference() for p in target.parameters()):
        raise Complaint(
            "the target's weights were made in inference mode, and torch refuses them where it "
            "records a graph: torch.no_grad() is what you want."
        )
    if any(p.grad_fn is not None for p in (*target.parameters(), *online.parameters())):
        raise Complaint(
            "the weights now have a history: their average was recorded in a graph, which would "
            "grow with every update. Compute it without gradients."
        )
    if not all(p.requires_grad for p in online.parameters()):
        raise Complaint("your function freezes the online network, which has to go on learning.")
    outcome = {"the weights of target": _weights(target)}
    with torch.no_grad():
        for parameter in online.parameters():
            parameter.add_(1.0)
    if not np.array_equal(_weights(target), outcome["the weights of target"]):
        raise Complaint(SHARED)
    if any(old is not new for old, new in zip(held, target.parameters(), strict=True)):
        raise Complaint(
            "target has new parameters now, and whoever holds the old ones has a stale network: "
            "change their numbers in place."
        )
    return outcome


def _averaged(share: Callable[[float], float]) -> Callable[..., None]:
    """A wrong update: the online network's share of the average is not tau."""
    return lambda target, online, tau: right.update_target(target, online, share(tau))


def _both_ways(target: nn.Module, online: nn.Module, tau: float) -> None:
    right.update_target(online, target, tau)


def _aliased(target: nn.Module, online: nn.Module, _tau: float) -> None:
    for module, other in zip(target.modules(), online.modules(), strict=True):
        for name, parameter in other.named_parameters(recurse=False):
            setattr(module, name, parameter)


def _polyak(old: Tensor, new: Tensor, tau: float) -> Tensor:
    return (1 - tau) * old + tau * new


def _each(
    change: Callable[[Tensor, Tensor, float], Tensor],
    where: Callable[[int, Tensor], bool] = lambda _i, _parameter: True,
) -> Callable[..., None]:
    """A wrong update of the target's parameters, or of some of them only."""

    def update(target: nn.Module, online: nn.Module, tau: float) -> None:
        pairs = zip(target.parameters(), online.parameters(), strict=True)
        with torch.no_grad():
            for i, (old, new) in enumerate(pairs):
                if where(i, old):
                    old.copy_(change(old, new, tau))

    return update


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
            "the average goes to the wrong network",
            "your function changes the online network; the target should follow it.",
            lambda target, online, tau: right.update_target(online, target, 1 - tau),
        ),
        Mistake(
            "always a full copy",
            "tau has no effect: the target becomes a full copy every time.",
            _averaged(lambda _tau: 1.0),
        ),
        Mistake(
            "one network under two names",
            SHARED,
            _aliased,
        ),
        Mistake(
            "added instead of averaged",
            "the target's old weights are kept in full: it is an average, so its shares add up to "
            "one.",
            _each(lambda old, new, tau: old + tau * new),
        ),
        Mistake(
            "the old weights are lost",
            "the target's old weights are lost: it is an average, so its shares add up to one.",
            _each(lambda _old, new, tau: tau * new),
        ),
        Mistake(
            "the average is added",
            "the average is added to the target's old weights; it should take their place.",
            _each(lambda old, new, tau: old + _polyak(old, new, tau)),
        ),
        Mistake(
            "the online weights in full",
            "the online network's weights are added in full: it is an average, so its shares add "
            "up to one.",
            _each(lambda old, new, tau: (1 - tau) * old + new),
        ),
        Mistake(
            "the old weights shrink twice",
            "the target's old weights shrink twice: it is an average, so its shares add up to one.",
            _each(lambda old, new, tau: torch.lerp((1 - tau) * old, new, tau)),
        ),
        Mistake(
            "the wrong direction",
            "the target moves away from the online network: look at the sign of their difference.",
            _each(lambda old, new, tau: old + tau * (old - new)),
        ),
        Mistake(
            "only with tau = 1",
            "your function does something with tau = 1 only.",
            _averaged(lambda tau: float(tau == 1)),
        ),
        Mistake(
            "another tau",
            "your function does not use the tau it is given.",
            _averaged(lambda _tau: 0.01),
        ),
        Mistake(
            "biases are forgotten",
            "only the weight matrices are updated: a network has biases too.",
            _each(_polyak, lambda _i, old: old.ndim > 1),
        ),
        Mistake(
            "only the biases",
            "only the biases are updated: a network has weight matrices too.",
            _each(_polyak, lambda _i, old: old.ndim == 1),
        ),
        Mistake(
            "only the first parameter",
            "only the first parameter is updated: is there a `return` inside your loop?",
            _each(_polyak, lambda i, _old: i == 0),
        ),
        Mistake(
            "only the first layer",
            "only the first layer is updated.",
            _each(_polyak, lambda i, _old: i < 2),
        ),
        Mistake(
            "nothing changes",
            "the target is the same after the call as before: change its weights in place.",
            lambda _target, _online, _tau: None,
        ),
    ),
)


# --- td_loss_with_target --------------------------------------------------------------------------


def _judged(q: Tensor, best: Tensor) -> Tensor:
    return q[torch.arange(len(best)), best]


def _best_own(q: Tensor) -> Tensor:
    return q.max(dim=1).values


def _observe_loss(call: Call, network: nn.Module, target: nn.Module, *batch: Any) -> Outcome:
    value = call(network, target, *batch)
    return loss_and_gradients(value, network=network, target_network=target)


def _with_target(loss: Callable[..., Tensor]) -> Callable[..., Tensor]:
    return lambda network, target, s, a, r, s_next, t, g: loss(
        network(s), target(s_next), a, r, t, g
    )


def _valued(value: Callable[[Tensor, Tensor], Tensor]) -> Callable[..., Tensor]:
    """A wrong loss whose next values come from both networks: value(network's, target's)."""

    def loss(
        network: nn.Module, target: nn.Module, s: Tensor, a: Tensor, r: Tensor, s_next: Tensor,
        t: Tensor, g: float,
    ) -> Tensor:  # fmt: skip
        with torch.no_grad():
            y = r + g * (~t).float() * value(network(s_next), target(s_next))
        result: Tensor = ((_judged(network(s), a) - y) ** 2).mean()
        return result

    return loss


def _leaking(
    network: nn.Module, _target: nn.Module, s: Tensor, a: Tensor, r: Tensor, s_next: Tensor,
    t: Tensor, g: float,
) -> Tensor:  # fmt: skip
    y = right.td_target(r, network(s_next), t, g)
    loss: Tensor = ((_judged(network(s), a) - y) ** 2).mean()
    return loss


# Where the chapter before has other reasons.
OWN_WORDS = {
    "gradient through the target": "your target lets gradient through, into the target network. No "
    "optimizer moves it, so the work is only wasted; still the target must be a constant.",
}

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
            _valued(lambda q, target_q: _judged(target_q, q.argmax(dim=1))),
        ),
        Mistake(
            "double Q-learning, the roles exchanged",
            "the target network chooses the next action and the network judges it: here the target "
            "network does both.",
            _valued(lambda q, target_q: _judged(q, target_q.argmax(dim=1))),
        ),
        Mistake(
            "the smaller of the two maxima",
            "you took the smaller of the two networks' best values: here only the target network "
            "says what follows.",
            _valued(lambda q, target_q: torch.minimum(_best_own(q), _best_own(target_q))),
        ),
        Mistake(
            "bootstrapping from the network itself, with its gradient",
            "the target network has no effect: your target comes from the network that is being "
            "trained, and lets gradient through as well.",
            _leaking,
        ),
        Mistake(
            "the target network's values of the states",
            "the target uses the Q-values of `states`; what follows is worth the Q-values of "
            "`next_states`.",
            lambda network, target, s, a, r, _s_next, t, g: right.td_loss_with_target(
                network, target, s, a, r, s, t, g
            ),
        ),
        Mistake(
            "ends are left out",
            "where `terminated`, your loss leaves the transition out: the end of an episode has a "
            "target too, its reward.",
            lambda network, target, s, a, r, s_next, t, g: right.td_loss_with_target(
                network, target, s[~t], a[~t], r[~t], s_next[~t], t[~t], g
            ),
        ),
        *(
            Mistake(name, OWN_WORDS.get(name, text), _with_target(loss))
            for name, text, loss in LOSS_MISTAKES
        ),
    ),
)  # fmt: skip


# --- double_q_target ------------------------------------------------------------------------------


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
    if targets.is_inference():
        raise Complaint(
            "your targets were made in inference mode, and no loss can be trained with them: "
            "torch.no_grad() is what you want, if anything."
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
            "two actions that are equally good, to both networks",
            (floats([1.0]), floats([0.5]), floats([[3.0, 3.0, 1.0]]), floats([[2.0, 2.0, 6.0]])),
        ),
        Case(
            "the judge thinks more of the action than the chooser",
            (
                floats([1.0, 0.0]), floats([0.5, 0.9]),
                floats([[1.0, 2.0], [0.0, -3.0]]), floats([[7.0, 6.0], [4.0, 5.0]]),
            ),
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
            "the smaller of the two opinions",
            "you took the smaller of the two networks' values of the chosen action: only one of "
            "them judges.",
            lambda r, d, o, t: r + d * torch.minimum(_best_own(o), _judged(t, o.argmax(dim=1))),
        ),
        Mistake(
            "the smaller values, action by action",
            "you took the smaller of the two networks' values of each action; one should choose "
            "and the other judge.",
            lambda r, d, o, t: r + d * _best_own(torch.minimum(o, t)),
        ),
        Mistake(
            "the mean of the two networks",
            "you averaged the two networks; one should choose and the other judge.",
            lambda r, d, o, t: r + d * _best_own((o + t) / 2),
        ),
        Mistake(
            "the sum of the two networks",
            "you added the two networks; one should choose and the other judge.",
            lambda r, d, o, t: r + d * _best_own(o + t),
        ),
        Mistake(
            "the discounts are missing",
            "the discounts have no effect, so an episode's end is bootstrapped through.",
            lambda r, _d, o, t: r + _judged(t, o.argmax(dim=1)),
        ),
        Mistake(
            "the discounts as a mask",
            "you use the discounts as a mask: where they are not 0, their size has no effect.",
            lambda r, d, o, t: r + (d > 0) * _judged(t, o.argmax(dim=1)),
        ),
        Mistake(
            "a discount of one's own",
            "the discounts have no effect: a number of your own stands in their place.",
            lambda r, _d, o, t: r + 0.99 * _judged(t, o.argmax(dim=1)),
        ),
        Mistake(
            "discounted twice",
            "you discount twice: gamma is in the discounts already.",
            lambda r, d, o, t: r + 0.99 * d * _judged(t, o.argmax(dim=1)),
        ),
        Mistake(
            "a sum where actions are equally good",
            "where two actions are equally good to the chooser, you add up what both are worth: "
            "choose one of them.",
            lambda r, d, o, t: r + d * ((o == o.max(dim=1, keepdim=True).values) * t).sum(dim=1),
        ),
        Mistake(
            "rewards and discounts exchanged",
            "the rewards and the discounts have changed places.",
            lambda r, d, o, t: d + r * _judged(t, o.argmax(dim=1)),
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
            "squeeze(0)",
            "an axis of length 1 was left over, except in a batch of one: `squeeze` took away the "
            "wrong axis.",
            lambda r, d, o, t: r + d * t.gather(1, o.argmax(dim=1, keepdim=True)).squeeze(0),
        ),
        Mistake(
            "a column",
            "your result is a column of shape (B, 1): one number for each transition is wanted.",
            lambda r, d, o, t: (
                r[:, None] + d[:, None] * t.gather(1, o.argmax(dim=1, keepdim=True))
            ),
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
            "argmax over everything",
            "you looked for the best in the whole batch: every transition needs the best of its "
            "own actions.",
            lambda r, d, o, t: r + d * t[torch.arange(len(o)), o.argmax()],
        ),
        Mistake(
            "argmin",
            "you chose the worst action.",
            lambda r, d, o, t: r + d * _judged(t, o.argmin(dim=1)),
        ),
        Mistake(
            "largest magnitude",
            "you chose by the largest absolute value: with negative Q-values that is the worst "
            "action.",
            lambda r, d, o, t: r + d * _judged(t, o.abs().argmax(dim=1)),
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
