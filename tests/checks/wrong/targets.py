"""Wrong answers to the exercises of :mod:`dqn.checks.targets`."""

# ruff: noqa: ARG001 - a student need not use every argument

from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from dqn import checks
from tests.checks.wrong import batch_loss, wrong

# --- td_loss_with_target --------------------------------------------------------------------------


@wrong(checks.td_loss_with_target, "the target network has no effect")
def lt_online_only(
    net: Any, tgt: Any, s: Any, a: Any, r: Any, n: Any, d: Any, g: Any
) -> Any:  # fmt: skip
    return batch_loss(net(s), net(n).detach(), a, r, d, g)


@wrong(checks.td_loss_with_target, "have changed places")
def lt_swapped(net: Any, tgt: Any, s: Any, a: Any, r: Any, n: Any, d: Any, g: Any) -> Any:
    return batch_loss(tgt(s), net(n).detach(), a, r, d, g)


@wrong(checks.td_loss_with_target, "so the work is only wasted")
def lt_no_detach(net: Any, tgt: Any, s: Any, a: Any, r: Any, n: Any, d: Any, g: Any) -> Any:
    return batch_loss(net(s), tgt(n), a, r, d, g)


@wrong(checks.td_loss_with_target, "that is Double DQN")
def lt_double(net: Any, tgt: Any, s: Any, a: Any, r: Any, n: Any, d: Any, g: Any) -> Any:
    best = net(n).argmax(1)
    y = r + g * tgt(n).detach()[range(len(a)), best] * (1 - d.float())
    return F.mse_loss(net(s)[range(len(a)), a], y)


@wrong(checks.td_loss_with_target, "must vanish where `terminated`")
def lt_no_mask(net: Any, tgt: Any, s: Any, a: Any, r: Any, n: Any, d: Any, g: Any) -> Any:
    return batch_loss(net(s), tgt(n).detach(), a, r, torch.zeros_like(d), g)


@wrong(checks.td_loss_with_target, "nothing trains `network`")
def lt_target_only(
    net: Any, tgt: Any, s: Any, a: Any, r: Any, n: Any, d: Any, g: Any
) -> Any:  # fmt: skip
    return batch_loss(tgt(s), tgt(n).detach(), a, r, d, g)


@wrong(checks.td_loss_with_target, "your function returned 2 things: return the loss alone")
def lt_with_errors(
    net: Any, tgt: Any, s: Any, a: Any, r: Any, n: Any, d: Any, g: Any
) -> Any:  # fmt: skip
    loss = batch_loss(net(s), tgt(n).detach(), a, r, d, g)
    return loss, loss.detach()


@wrong(checks.td_loss_with_target, "the Q-values of `states`")
def lt_own_states(net: Any, tgt: Any, s: Any, a: Any, r: Any, n: Any, d: Any, g: Any) -> Any:
    return batch_loss(net(s), tgt(s).detach(), a, r, d, g)


@wrong(checks.td_loss_with_target, "the target network has no effect")
def lt_chapter_four(net: Any, tgt: Any, s: Any, a: Any, r: Any, n: Any, d: Any, g: Any) -> Any:
    return batch_loss(net(s), net(n), a, r, d, g)


@wrong(
    checks.td_loss_with_target, "the target network chooses the next action and the network judges"
)
def lt_roles(net: Any, tgt: Any, s: Any, a: Any, r: Any, n: Any, d: Any, g: Any) -> Any:
    best = net(n).gather(1, tgt(n).argmax(1, keepdim=True)).squeeze(1).detach()
    return F.mse_loss(net(s)[range(len(a)), a], r + g * ~d * best)


@wrong(checks.td_loss_with_target, "the smaller of the two networks' best values")
def lt_smaller(net: Any, tgt: Any, s: Any, a: Any, r: Any, n: Any, d: Any, g: Any) -> Any:
    with torch.no_grad():
        best = torch.min(net(n).max(1)[0], tgt(n).max(1)[0])
    return F.mse_loss(net(s)[range(len(a)), a], r + g * ~d * best)


@wrong(checks.td_loss_with_target, "your loss leaves the transition out")
def lt_without_ends(net: Any, tgt: Any, s: Any, a: Any, r: Any, n: Any, d: Any, g: Any) -> Any:
    going_on = ~d
    y = (r + g * tgt(n).max(1)[0]).detach()
    return F.mse_loss(net(s)[range(len(a)), a][going_on], y[going_on])


# --- update_target --------------------------------------------------------------------------------


@wrong(checks.update_target, "share their weights")
def ut_alias(target: Any, online: Any, tau: Any) -> Any:
    for t, o in zip(target.parameters(), online.parameters(), strict=True):
        t.data = o.data


@wrong(checks.update_target, "tau and 1 - tau are exchanged")
def ut_exchanged(target: Any, online: Any, tau: Any) -> Any:
    for t, o in zip(target.parameters(), online.parameters(), strict=True):
        t.data.mul_(tau).add_(o.data, alpha=1 - tau)


@wrong(checks.update_target, "tau has no effect")
def ut_hard(target: Any, online: Any, tau: Any) -> Any:
    target.load_state_dict(online.state_dict())


@wrong(checks.update_target, "the target is the same after the call")
def ut_rebinds(target: Any, online: Any, tau: Any) -> Any:
    for t, o in zip(target.parameters(), online.parameters(), strict=True):
        t = (1 - tau) * t + tau * o


@wrong(checks.update_target, "changes the online network")
def ut_wrong_way(target: Any, online: Any, tau: Any) -> Any:
    for t, o in zip(target.parameters(), online.parameters(), strict=True):
        o.data.copy_(tau * t.data + (1 - tau) * o.data)


@wrong(checks.update_target, "a leaf Variable that requires grad")
def ut_forgets_no_grad(target: Any, online: Any, tau: Any) -> Any:
    for t, o in zip(target.parameters(), online.parameters(), strict=True):
        t.mul_(1 - tau).add_(tau * o)


@wrong(checks.update_target, "old weights are kept in full")
def ut_adds(target: Any, online: Any, tau: Any) -> Any:
    for t, o in zip(target.parameters(), online.parameters(), strict=True):
        t.data += tau * o.data


@wrong(checks.update_target, "the result of the case below is not right")
def ut_two_layers(target: Any, online: Any, tau: Any) -> None:
    linear = [[m for m in net.modules() if isinstance(m, nn.Linear)] for net in (target, online)]
    with torch.no_grad():
        for old, new in list(zip(*linear, strict=True))[:2]:
            for p, q in zip(old.parameters(), new.parameters(), strict=True):
                p.copy_((1 - tau) * p + tau * q)


@wrong(checks.update_target, "share their weights")
def ut_assigns(target: Any, online: Any, tau: Any) -> None:
    target.load_state_dict(online.state_dict(), assign=True)


@wrong(checks.update_target, "share their weights")
def ut_hard_by_name(target: Any, online: Any, tau: Any) -> None:
    for t, o in zip(target.parameters(), online.parameters(), strict=True):
        t.data = o.data if tau == 1 else (1 - tau) * t.data + tau * o.data


@wrong(checks.update_target, "share their weights")
def ut_one_shared_bias(target: Any, online: Any, tau: Any) -> None:
    for t, o in zip(target.parameters(), online.parameters(), strict=True):
        t.data.lerp_(o.data, tau)
    target[-1].bias = online[-1].bias


@wrong(checks.update_target, "freezes the online network")
def ut_freezes(target: Any, online: Any, tau: Any) -> None:
    for t, o in zip(target.parameters(), online.parameters(), strict=True):
        t.requires_grad = o.requires_grad = False
        t.mul_(1 - tau).add_(tau * o)


@wrong(checks.update_target, "changes the online network; the target should follow it")
def ut_loads_the_wrong_way(target: Any, online: Any, tau: Any) -> None:
    online.load_state_dict(target.state_dict())


@wrong(checks.update_target, "old weights are lost")
def ut_forgets(target: Any, online: Any, tau: Any) -> None:
    for t, o in zip(target.parameters(), online.parameters(), strict=True):
        t.data = tau * o.data


@wrong(checks.update_target, "old weights shrink twice")
def ut_shrinks_twice(target: Any, online: Any, tau: Any) -> None:
    for t, o in zip(target.parameters(), online.parameters(), strict=True):
        t.data.mul_(1 - tau)
        t.data.lerp_(o.data, tau)


@wrong(checks.update_target, "moves away from the online network")
def ut_sign(target: Any, online: Any, tau: Any) -> None:
    for t, o in zip(target.parameters(), online.parameters(), strict=True):
        t.data -= tau * (o.data - t.data)


@wrong(checks.update_target, "does something with tau = 1 only")
def ut_whole_tau(target: Any, online: Any, tau: Any) -> None:
    for t, o in zip(target.parameters(), online.parameters(), strict=True):
        t.data.lerp_(o.data, int(tau))


@wrong(checks.update_target, "does not use the tau it is given")
def ut_fixed_tau(target: Any, online: Any, tau: Any) -> None:
    for t, o in zip(target.parameters(), online.parameters(), strict=True):
        t.data.lerp_(o.data, 0.01)


@wrong(checks.update_target, "only the biases are updated")
def ut_biases(target: Any, online: Any, tau: Any) -> None:
    for old, new in zip(target.modules(), online.modules(), strict=True):
        if isinstance(old, nn.Linear):
            old.bias.data.lerp_(new.bias.data, tau)


@wrong(checks.update_target, "is there a `return` inside your loop?")
def ut_returns(target: Any, online: Any, tau: Any) -> None:
    for t, o in zip(target.parameters(), online.parameters(), strict=True):
        t.data.lerp_(o.data, tau)
        return


@wrong(checks.update_target, "target has new parameters now")
def ut_new_parameters(target: Any, online: Any, tau: Any) -> None:
    for old, new in zip(target.modules(), online.modules(), strict=True):
        for name, p in list(old.named_parameters(recurse=False)):
            q = getattr(new, name)
            setattr(old, name, nn.Parameter(((1 - tau) * p + tau * q).detach()))


# --- double_q_target ------------------------------------------------------------------------------


@wrong(checks.double_q_target, "that is the ordinary DQN target")
def dq_target_only(r: Any, d: Any, o: Any, t: Any) -> Any:
    return r + d * torch.max(t, dim=1)[0]


@wrong(checks.double_q_target, "let the target network judge")
def dq_online_only(r: Any, d: Any, o: Any, t: Any) -> Any:
    return r + d * o.max(1)[0]


@wrong(checks.double_q_target, "the roles are exchanged")
def dq_roles(r: Any, d: Any, o: Any, t: Any) -> Any:
    return r + d * o.gather(1, t.argmax(1, keepdim=True)).squeeze(1)


@wrong(checks.double_q_target, "broadcast with it to shape (B, B)")
def dq_no_squeeze(r: Any, d: Any, o: Any, t: Any) -> Any:
    return r + d * torch.gather(t, 1, o.argmax(1).unsqueeze(1))


@wrong(checks.double_q_target, "the smaller of the two networks' best values")
def dq_clipped(r: Any, d: Any, o: Any, t: Any) -> Any:
    return r + d * torch.min(o.max(1)[0], t.max(1)[0])


@wrong(checks.double_q_target, "picks every action for every row")
def dq_columns(r: Any, d: Any, o: Any, t: Any) -> Any:
    return r + d * t[:, torch.argmax(o, dim=-1)]


@wrong(checks.double_q_target, "the discounts have no effect")
def dq_no_discount(r: Any, d: Any, o: Any, t: Any) -> Any:
    return r + t[range(len(r)), o.argmax(1)]


@wrong(checks.double_q_target, "returned a NumPy array; it should return a torch tensor")
def dq_array(r: Any, d: Any, o: Any, t: Any) -> Any:
    r, d, o, t = (x.numpy() for x in (r, d, o, t))
    return r + d * t[np.arange(len(r)), o.argmax(1)]


@wrong(checks.double_q_target, "your targets are of type torch.float64")
def dq_double(r: Any, d: Any, o: Any, t: Any) -> Any:
    return r.double() + d * t[torch.arange(len(r)), o.argmax(1)]


@wrong(checks.double_q_target, "the smaller of the two networks' values of the chosen action")
def dq_clipped_double(r: Any, d: Any, o: Any, t: Any) -> Any:
    judged = t.gather(1, o.argmax(1, keepdim=True)).squeeze(1)
    return r + d * torch.minimum(judged, o.max(1).values)


@wrong(checks.double_q_target, "The smallest case that fails: two actions that are equally good")
def dq_adds_equals(r: Any, d: Any, o: Any, t: Any) -> Any:
    return r + d * (t * (o == o.max(1, keepdim=True).values)).sum(1)


@wrong(checks.double_q_target, "made in inference mode")
@torch.inference_mode()
def dq_inference(r: Any, d: Any, o: Any, t: Any) -> Any:
    return r + d * t.gather(1, o.argmax(1, keepdim=True)).squeeze(1)


@wrong(checks.double_q_target, "you chose the worst action")
def dq_argmin(r: Any, d: Any, o: Any, t: Any) -> Any:
    return r + d * t[range(len(r)), o.argmin(1)]


@wrong(checks.double_q_target, "the best in the whole batch")
def dq_argmax_of_all(r: Any, d: Any, o: Any, t: Any) -> Any:
    return r + d * t[range(len(r)), torch.argmax(o)]


@wrong(checks.double_q_target, "by the largest absolute value")
def dq_magnitude(r: Any, d: Any, o: Any, t: Any) -> Any:
    return r + d * t[range(len(r)), abs(o).argmax(1)]


@wrong(checks.double_q_target, "values of each action")
def dq_smaller_of_each(r: Any, d: Any, o: Any, t: Any) -> Any:
    return r + d * torch.min(o, t).amax(1)


@wrong(checks.double_q_target, "you added the two networks")
def dq_sum(r: Any, d: Any, o: Any, t: Any) -> Any:
    return r + d * (o + t).amax(1)


@wrong(checks.double_q_target, "you use the discounts as a mask")
def dq_mask(r: Any, d: Any, o: Any, t: Any) -> Any:
    return torch.where(d == 0, r, r + t[range(len(r)), o.argmax(1)])


@wrong(checks.double_q_target, "a number of your own stands in their place")
def dq_gamma(r: Any, d: Any, o: Any, t: Any) -> Any:
    return r + 0.99 * t[range(len(r)), o.argmax(1)]


@wrong(checks.double_q_target, "the rewards and the discounts have changed places")
def dq_first_two(d: Any, r: Any, o: Any, t: Any) -> Any:
    return r + d * t[range(len(r)), o.argmax(1)]


@wrong(checks.double_q_target, "`squeeze` took away the wrong axis")
def dq_squeeze(r: Any, d: Any, o: Any, t: Any) -> Any:
    return r + d * t.gather(1, o.argmax(1, keepdim=True)).squeeze(0)


@wrong(checks.double_q_target, "a column of shape (B, 1)")
def dq_column(r: Any, d: Any, o: Any, t: Any) -> Any:
    return r.view(-1, 1) + d.view(-1, 1) * t.gather(1, o.argmax(1, keepdim=True))


@wrong(checks.update_target, "changes the online network; the target should follow it")
def ut_online_shrinks(target: Any, online: Any, tau: Any) -> Any:
    for old, new in zip(target.parameters(), online.parameters(), strict=True):
        old.data.mul_(1 - tau).add_(new.data.mul_(tau))


@wrong(checks.update_target, "changes the online network; the target should follow it")
def ut_written_to_online(target: Any, online: Any, tau: Any) -> Any:
    for old, new in zip(target.parameters(), online.parameters(), strict=True):
        new.data.copy_(tau * new.data + (1 - tau) * old.data)


@wrong(checks.update_target, "made in inference mode")
def ut_inference(target: Any, online: Any, tau: Any) -> Any:
    with torch.inference_mode():
        for old, new in zip(target.parameters(), online.parameters(), strict=True):
            old.data = tau * new + (1 - tau) * old


@wrong(checks.double_q_target, "you discount twice")
def dq_gamma_again(r: Any, d: Any, o: Any, t: Any) -> Any:
    gamma = 0.99
    return r + gamma * d * t[range(len(r)), o.argmax(1)]


@wrong(checks.double_q_target, "you add up what both are worth")
def dq_all_the_best(r: Any, d: Any, o: Any, t: Any) -> Any:
    best = o == o.amax(1, keepdim=True)
    return r + d * torch.einsum("ba,ba->b", best.float(), t)


@wrong(checks.update_target, "it should take their place")
def ut_plus_equals(target: Any, online: Any, tau: Any) -> Any:
    for old, new in zip(target.parameters(), online.parameters(), strict=True):
        old.data += tau * new.data + (1 - tau) * old.data


@wrong(checks.update_target, "added in full")
def ut_alpha_forgotten(target: Any, online: Any, tau: Any) -> Any:
    for old, new in zip(target.parameters(), online.parameters(), strict=True):
        old.data.mul_(1 - tau).add_(new.data)
