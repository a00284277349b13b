"""Wrong answers to the exercises of :mod:`dqn.checks.online_loss`."""

# ruff: noqa: ARG001 - a student need not use every argument

from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

from dqn import checks
from tests.checks.wrong import batch_loss, wrong

# --- td_target ------------------------------------------------------------------------------------


@wrong(checks.td_target, "must vanish where `terminated`")
def t_no_mask(r: Any, q: Any, d: Any, g: Any) -> Any:
    return r + g * torch.max(q, dim=-1)[0]


@wrong(checks.td_target, "the maximum over the batch axis")
def t_axis_zero(r: Any, q: Any, d: Any, g: Any) -> Any:
    return r + g * torch.max(q, 0)[0] * d.logical_not()


@wrong(checks.td_target, "the maximum over the whole batch")
def t_no_axis(r: Any, q: Any, d: Any, g: Any) -> Any:
    return torch.where(d, r, r + g * q.max())


@wrong(checks.td_target, "broadcast with it to shape (B, B)")
def t_keepdim(r: Any, q: Any, d: Any, g: Any) -> Any:
    best = torch.amax(q, dim=1, keepdim=True)
    return r + g * best * ~d


@wrong(checks.td_target, "the last step still pays")
def t_reward_masked(r: Any, q: Any, d: Any, g: Any) -> Any:
    return torch.where(d, torch.zeros_like(r), r + g * q.max(dim=1)[0])


@wrong(checks.td_target, "the wrong way round")
def t_mask_reversed(r: Any, q: Any, d: Any, g: Any) -> Any:
    return torch.where(d, r + g * q.max(dim=1)[0], r)


@wrong(checks.td_target, "changes its argument `rewards`")
def t_in_place(r: Any, q: Any, d: Any, g: Any) -> Any:
    r[~d] += g * q.max(dim=1)[0][~d]
    return r


@wrong(checks.td_target, "TypeError")
def t_forgets_values(r: Any, q: Any, d: Any, g: Any) -> Any:
    return r + g * q.max(dim=1)


@wrong(checks.td_target, "gamma multiplies the reward too")
def t_discounts_all(r: Any, q: Any, d: Any, g: Any) -> Any:
    return g * (r + q.max(dim=1)[0] * ~d)


@wrong(checks.td_target, "returned a NumPy array; it should return a torch tensor")
def t_numpy(r: Any, q: Any, d: Any, g: Any) -> Any:
    return r.numpy() + g * q.numpy().max(1) * ~d.numpy()


@wrong(checks.td_target, "your maximum starts at zero")
def t_from_zero(r: Any, q: Any, d: Any, g: Any) -> Any:
    return r + g * F.relu(q).amax(1) * ~d


@wrong(checks.td_target, "the mask multiplies the reward")
def t_masks_the_reward(r: Any, q: Any, d: Any, g: Any) -> Any:
    return (1 - d.float()) * r + g * q.amax(1)


@wrong(checks.td_target, "every step has its own")
def t_pays_at_the_end(r: Any, q: Any, d: Any, g: Any) -> Any:
    return r * d + g * q.amax(1) * ~d


@wrong(checks.td_target, "one terminated transition ends all of them")
def t_any(r: Any, q: Any, d: Any, g: Any) -> Any:
    return r if any(d) else r + g * q.amax(1)


@wrong(checks.td_target, "~0 is -1")
def t_tilde(r: Any, q: Any, d: Any, g: Any) -> Any:
    return r + g * q.amax(1) * (~d.long())


@wrong(checks.td_target, "0.99 is written into it")
def t_fixed_gamma(r: Any, q: Any, d: Any, g: Any) -> Any:
    return r + 0.99 * q.amax(1) * ~d


@wrong(checks.td_target, "not minus infinity")
def t_minus_infinity(r: Any, q: Any, d: Any, g: Any) -> Any:
    return r + g * q.amax(1).masked_fill(d, float("-inf"))


# --- td_loss --------------------------------------------------------------------------------------


@wrong(checks.td_loss, "your target lets gradient through")
def l_no_detach(net: Any, s: Any, a: Any, r: Any, n: Any, d: Any, g: Any) -> Any:
    return batch_loss(net(s), net(n), a, r, d, g)


@wrong(checks.td_loss, "the errors broadcast to (B, B)")
def l_column(net: Any, s: Any, a: Any, r: Any, n: Any, d: Any, g: Any) -> Any:
    q = net(s).gather(1, a.view(-1, 1))
    with torch.no_grad():
        y = r + g * net(n).max(1)[0] * (1 - d.float())
    return F.mse_loss(q, y)


@wrong(checks.td_loss, "the errors broadcast to (B, B)")
def l_column_of_rewards(net: Any, s: Any, a: Any, r: Any, n: Any, d: Any, g: Any) -> Any:
    q = net(s)[torch.arange(len(a)), a]
    with torch.no_grad():
        y = r[:, None] + g * net(n).max(1, keepdim=True)[0] * (1 - d.float())[:, None]
    return ((q - y) ** 2).mean()


@wrong(checks.td_loss, "the maximum over the batch axis")
def l_axis(net: Any, s: Any, a: Any, r: Any, n: Any, d: Any, g: Any) -> Any:
    q = net(s)[range(len(a)), a]
    y = r + g * net(n).detach().max(0)[0] * (~d)
    return torch.mean((q - y) ** 2)


@wrong(checks.td_loss, "the maximum over the whole batch")
def l_no_axis(net: Any, s: Any, a: Any, r: Any, n: Any, d: Any, g: Any) -> Any:
    q = net(s)[range(len(a)), a]
    y = r + g * net(n).detach().max() * (~d)
    return torch.mean((q - y) ** 2)


@wrong(checks.td_loss, "must vanish where `terminated`")
def l_no_mask(net: Any, s: Any, a: Any, r: Any, n: Any, d: Any, g: Any) -> Any:
    q = net(s)[range(len(a)), a]
    return torch.mean((q - (r + g * net(n).detach().max(1)[0])) ** 2)


@wrong(checks.td_loss, "proportional to the mean Q-value")
def l_homeworks_regularizer(net: Any, s: Any, a: Any, r: Any, n: Any, d: Any, g: Any) -> Any:
    loss = batch_loss(net(s), net(n).detach(), a, r, d, g)
    return loss + 0.1 * net(s)[range(len(a)), a].mean()


@wrong(checks.td_loss, "your function returned 2 things: return the loss alone")
def l_with_errors(net: Any, s: Any, a: Any, r: Any, n: Any, d: Any, g: Any) -> Any:
    loss = batch_loss(net(s), net(n).detach(), a, r, d, g)
    return loss, loss.detach()


@wrong(checks.td_loss, "return the loss as a tensor")
def l_item(net: Any, s: Any, a: Any, r: Any, n: Any, d: Any, g: Any) -> Any:
    return batch_loss(net(s), net(n).detach(), a, r, d, g).item()


@wrong(checks.td_loss, "your loss carries no gradient")
def l_no_grad(net: Any, s: Any, a: Any, r: Any, n: Any, d: Any, g: Any) -> Any:
    with torch.no_grad():
        return batch_loss(net(s), net(n), a, r, d, g)


@wrong(checks.td_loss, "you detached the prediction")
def l_detached_prediction(net: Any, s: Any, a: Any, r: Any, n: Any, d: Any, g: Any) -> Any:
    return batch_loss(net(s).detach(), net(n), a, r, d, g)


@wrong(checks.td_loss, "the step grows with the batch")
def l_sum(net: Any, s: Any, a: Any, r: Any, n: Any, d: Any, g: Any) -> Any:
    return len(a) * batch_loss(net(s), net(n).detach(), a, r, d, g)


@wrong(checks.td_loss, "Huber")
def l_huber(net: Any, s: Any, a: Any, r: Any, n: Any, d: Any, g: Any) -> Any:
    y = r + g * net(n).detach().max(1)[0] * (1 - d.float())
    return nn.HuberLoss()(net(s)[range(len(a)), a], y)


@wrong(checks.td_loss, "you squared the mean error")
def l_square_of_mean(net: Any, s: Any, a: Any, r: Any, n: Any, d: Any, g: Any) -> Any:
    y = r + g * net(n).detach().max(1)[0] * (1 - d.float())
    return torch.mean(net(s)[range(len(a)), a] - y).pow(2)


@wrong(checks.td_loss, "picks rows")
def l_rows(net: Any, s: Any, a: Any, r: Any, n: Any, d: Any, g: Any) -> Any:
    y = r + g * net(n).detach().max(1)[0] * (1 - d.float())
    return ((net(s)[a] - y) ** 2).mean()


@wrong(checks.td_loss, "Subtraction, the `-` operator, with a bool tensor")
def l_one_minus_bool(net: Any, s: Any, a: Any, r: Any, n: Any, d: Any, g: Any) -> Any:
    y = r + g * net(n).detach().max(1)[0] * (1 - d)
    return ((net(s)[range(len(a)), a] - y) ** 2).mean()


@wrong(checks.td_loss, "your function returned 1 thing: return the loss alone")
def l_trailing_comma(net: Any, s: Any, a: Any, r: Any, n: Any, d: Any, g: Any) -> Any:
    return (batch_loss(net(s), net(n).detach(), a, r, d, g),)


@wrong(checks.td_loss, "Mask the value, not the state")
def l_zero_states(net: Any, s: Any, a: Any, r: Any, n: Any, d: Any, g: Any) -> Any:
    n = torch.where(d[:, None], 0.0, n)
    return batch_loss(net(s), net(n).detach(), a, r, torch.zeros_like(d), g)


@wrong(checks.td_loss, "require no gradient")
def l_freezes(net: Any, s: Any, a: Any, r: Any, n: Any, d: Any, g: Any) -> Any:
    q = net(s)
    net.requires_grad_(False)
    return batch_loss(q, net(n), a, r, d, g)


@wrong(checks.td_loss, "no connection to the network's weights")
def l_made_anew(net: Any, s: Any, a: Any, r: Any, n: Any, d: Any, g: Any) -> Any:
    loss = batch_loss(net(s), net(n), a, r, d, g)
    return torch.tensor(loss.item(), requires_grad=True)


@wrong(checks.td_loss, "no connection to the network's weights")
def l_requires_grad(net: Any, s: Any, a: Any, r: Any, n: Any, d: Any, g: Any) -> Any:
    return batch_loss(net(s), net(n), a, r, d, g).detach().requires_grad_()


@wrong(checks.td_loss, "averages over all actions")
def l_keras(net: Any, s: Any, a: Any, r: Any, n: Any, d: Any, g: Any) -> Any:
    q = net(s)
    y = q.detach().clone()
    y[range(len(a)), a] = r + g * net(n).detach().amax(1) * ~d
    return F.mse_loss(q, y)


@wrong(checks.td_loss, "a column of rewards met a vector")
def l_reward_column(net: Any, s: Any, a: Any, r: Any, n: Any, d: Any, g: Any) -> Any:
    q = net(s)[range(len(a)), a]
    y = r[:, None] + g * net(n).detach().amax(1) * ~d
    return ((q - y) ** 2).mean()


@wrong(checks.td_loss, "from the first row of the batch")
def l_first_row(net: Any, s: Any, a: Any, r: Any, n: Any, d: Any, g: Any) -> Any:
    q = net(s)[0, a]
    y = r + g * net(n).detach().amax(1) * ~d
    return ((q - y) ** 2).mean()


@wrong(checks.td_loss, "every step has its own")
def l_pays_at_the_end(net: Any, s: Any, a: Any, r: Any, n: Any, d: Any, g: Any) -> Any:
    q = net(s)[range(len(a)), a]
    y = torch.where(d, r, g * net(n).detach().amax(1))
    return ((q - y) ** 2).mean()


@wrong(checks.td_loss, "~0 is -1")
def l_tilde(net: Any, s: Any, a: Any, r: Any, n: Any, d: Any, g: Any) -> Any:
    q = net(s)[range(len(a)), a]
    y = r + g * net(n).detach().amax(1) * ~d.long()
    return ((q - y) ** 2).mean()


@wrong(checks.td_loss, "your maximum starts at zero")
def l_from_zero(net: Any, s: Any, a: Any, r: Any, n: Any, d: Any, g: Any) -> Any:
    return batch_loss(net(s), net(n).detach().relu(), a, r, d, g)


@wrong(checks.td_loss, "0.99 is written into it")
def l_fixed_gamma(net: Any, s: Any, a: Any, r: Any, n: Any, d: Any, g: Any) -> Any:
    return batch_loss(net(s), net(n).detach(), a, r, d, 0.99)


@wrong(checks.td_loss, "you clipped the rewards")
def l_clips_rewards(net: Any, s: Any, a: Any, r: Any, n: Any, d: Any, g: Any) -> Any:
    return batch_loss(net(s), net(n).detach(), a, r.clip(-1, 1), d, g)


@wrong(checks.td_loss, "you clipped the errors")
def l_clips_errors(net: Any, s: Any, a: Any, r: Any, n: Any, d: Any, g: Any) -> Any:
    q = net(s)[range(len(a)), a]
    y = r + g * net(n).detach().amax(1) * ~d
    return (q - y).clip(-1, 1).square().mean()


@wrong(checks.td_loss, "you took the root")
def l_root(net: Any, s: Any, a: Any, r: Any, n: Any, d: Any, g: Any) -> Any:
    return torch.sqrt(batch_loss(net(s), net(n).detach(), a, r, d, g))


@wrong(checks.td_loss, "the errors would have to grow")
def l_negative(net: Any, s: Any, a: Any, r: Any, n: Any, d: Any, g: Any) -> Any:
    return -batch_loss(net(s), net(n).detach(), a, r, d, g)


@wrong(checks.td_loss, "`states` and `next_states` have changed places")
def l_states_exchanged(net: Any, s: Any, a: Any, r: Any, n: Any, d: Any, g: Any) -> Any:
    return batch_loss(net(n), net(s).detach(), a, r, d, g)


@wrong(checks.td_loss, "your loss is 0 whatever the batch")
def l_written_over(net: Any, s: Any, a: Any, r: Any, n: Any, d: Any, g: Any) -> Any:
    q = net(s)
    wanted = q.detach()
    wanted[range(len(a)), a] = r + g * net(n).detach().max(1)[0] * ~d
    return F.mse_loss(q, wanted)
