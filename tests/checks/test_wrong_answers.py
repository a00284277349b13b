"""Wrong answers as students write them, written without a look at the checkers' own lists.

Each comes with a piece of what its checker should answer: rejected, and for its own reason.
"""

# ruff: noqa: ARG001 - a student need not use every argument

import random
from collections import Counter, deque
from collections.abc import Callable
from itertools import pairwise
from typing import Any, TypeVar

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from dqn import checks
from tests.checks.test_catalogue import said

Answer = TypeVar("Answer", bound=Callable[..., Any])
WRONG: list[tuple[Any, Any, str]] = []


def wrong(checker: Any, reason: str) -> Callable[[Answer], Answer]:
    """Note down a wrong answer and what should be said about it."""

    def note(function: Answer) -> Answer:
        WRONG.append((checker, function, reason))
        return function

    return note


# --- discounted_return ----------------------------------------------------------------------------


@wrong(checks.discounted_return, "gamma has no effect")
def just_the_sum(rewards: Any, gamma: Any) -> Any:
    total = 0.0
    for r in rewards:
        total += r
    return total


@wrong(checks.discounted_return, "the first reward counts in full")
def powers_from_one(rewards: Any, gamma: Any) -> Any:
    return sum(r * gamma**i for i, r in enumerate(rewards, start=1))


@wrong(checks.discounted_return, "the other way round")
def forgot_reversed(rewards: Any, gamma: Any) -> Any:
    G = 0.0
    for r in rewards:
        G = r + gamma * G
    return G


@wrong(checks.discounted_return, "without rewards the return is 0")
def starts_from_the_last(rewards: Any, gamma: Any) -> Any:
    G = rewards[-1]
    for r in rewards[-2::-1]:
        G = r + gamma * G
    return G


@wrong(checks.discounted_return, "returned None: is a `return` missing?")
def forgot_return(rewards: Any, gamma: Any) -> Any:
    sum(gamma**i * r for i, r in enumerate(rewards))


@wrong(checks.discounted_return, "a single number is expected")
def returns_every_step(rewards: Any, gamma: Any) -> Any:
    G = 0.0
    out: list[float] = []
    for r in rewards[::-1]:
        G = r + gamma * G
        out.insert(0, G)
    return np.array(out)


@wrong(checks.discounted_return, "discounted by the same factor")
def discount_does_not_shrink(rewards: Any, gamma: Any) -> Any:
    return (rewards[0] if rewards else 0.0) + gamma * sum(rewards[1:])


@wrong(checks.discounted_return, "the last reward is left out")
def off_by_one(rewards: Any, gamma: Any) -> Any:
    total = 0.0
    for i in range(len(rewards) - 1):
        total += gamma**i * rewards[i]
    return total


# --- play_episode ---------------------------------------------------------------------------------


@wrong(checks.play_episode, "goes on stepping after a truncation")
def while_not_terminated(env: Any, policy: Any) -> Any:
    s, _ = env.reset()
    total, n, terminated = 0, 0, False
    while not terminated:
        s, r, terminated, _truncated, _ = env.step(policy(s))
        total += r
        n += 1
    return total, n


@wrong(checks.play_episode, "either of them ends the episode")
def while_neither(env: Any, policy: Any) -> Any:
    s, _ = env.reset()
    total, n, terminated, truncated = 0, 0, False, False
    while not (terminated and truncated):
        s, r, terminated, truncated, _ = env.step(policy(s))
        total, n = total + r, n + 1
    return total, n


@wrong(checks.play_episode, "carry the new one over to the next step")
def forgets_to_move_on(env: Any, policy: Any) -> Any:
    s, _ = env.reset()
    total, n, done = 0, 0, False
    while not done:
        _s2, r, te, tr, _ = env.step(policy(s))
        total, n, done = total + r, n + 1, te or tr
    return total, n


@wrong(checks.play_episode, "you leave the loop before adding it")
def breaks_too_early(env: Any, policy: Any) -> Any:
    s, _ = env.reset()
    total, n = 0, 0
    while True:
        s, r, te, tr, _ = env.step(policy(s))
        n += 1
        if te or tr:
            return total, n
        total += r


@wrong(checks.play_episode, "env.reset() returns an observation and a dictionary")
def old_gym_reset(env: Any, policy: Any) -> Any:
    s = env.reset()
    total, n, done = 0, 0, False
    while not done:
        s, r, te, tr, _ = env.step(policy(s))
        total, n, done = total + r, n + 1, te or tr
    return total, n


@wrong(checks.play_episode, "too many values to unpack")
def old_gym_step(env: Any, policy: Any) -> Any:
    s, _ = env.reset()
    total, n, done = 0, 0, False
    while not done:
        s, r, done, _ = env.step(policy(s))
        total, n = total + r, n + 1
    return total, n


@wrong(checks.play_episode, "env.step() before env.reset()")
def forgets_to_reset(env: Any, policy: Any) -> Any:
    total, n, done, s = 0, 0, False, np.zeros(1)
    while not done:
        s, r, te, tr, _ = env.step(policy(s))
        total, n, done = total + r, n + 1, te or tr
    return total, n


@wrong(checks.play_episode, "the total reward and the number of steps")
def returns_the_total_only(env: Any, policy: Any) -> Any:
    s, _ = env.reset()
    total, done = 0, False
    while not done:
        s, r, te, tr, _ = env.step(policy(s))
        total, done = total + r, te or tr
    return total


@wrong(checks.play_episode, "calls of env.reset(): 2, expected 1")
def resets_twice(env: Any, policy: Any) -> Any:
    env.reset()
    s, _ = env.reset()
    total, n, done = 0, 0, False
    while not done:
        s, r, te, tr, _ = env.step(policy(s))
        total, n, done = total + r, n + 1, te or tr
    return total, n


# --- bellman_optimality_backup --------------------------------------------------------------------


@wrong(checks.bellman_optimality_backup, "the maximum over the states")
def wrong_axis(P: Any, R: Any, q: Any, gamma: Any) -> Any:
    v = np.max(q, axis=0)
    out = np.zeros_like(R)
    for s, a in np.ndindex(R.shape):
        out[s, a] = R[s, a] + gamma * np.sum(P[s, a]) * v[a]
    return out


@wrong(checks.bellman_optimality_backup, "averaged over the next actions")
def expectation(P: Any, R: Any, q: Any, gamma: Any) -> Any:
    return R + gamma * P.dot(q.mean(1))


@wrong(checks.bellman_optimality_backup, "gamma has no effect")
def undiscounted(P: Any, R: Any, q: Any, gamma: Any) -> Any:
    return R + P.dot(q.max(1))


@wrong(checks.bellman_optimality_backup, "changes its argument `q`")
def in_place_sweep(P: Any, R: Any, q: Any, gamma: Any) -> Any:
    for s in range(q.shape[0]):
        for a in range(q.shape[1]):
            q[s, a] = R[s, a] + gamma * np.dot(P[s, a], q.max(axis=1))
    return q


@wrong(checks.bellman_optimality_backup, "one number for each state")
def state_values(P: Any, R: Any, q: Any, gamma: Any) -> Any:
    return np.max(R + gamma * P @ q.max(axis=1), axis=1)


@wrong(checks.bellman_optimality_backup, "gamma multiplies the reward too")
def discounts_everything(P: Any, R: Any, q: Any, gamma: Any) -> Any:
    return gamma * (R + P @ np.amax(q, 1))


@wrong(checks.bellman_optimality_backup, "the largest entry of the whole table")
def global_maximum(P: Any, R: Any, q: Any, gamma: Any) -> Any:
    return R + gamma * P.sum(-1) * q.max()


# --- q_learning_update and sarsa_update -----------------------------------------------------------


@wrong(checks.q_learning_update, "must not count: nothing follows")
def q_without_mask(q: Any, s: Any, a: Any, r: Any, n: Any, d: Any, alpha: Any, gamma: Any) -> Any:
    q[s, a] += alpha * (r + gamma * q[n].max() - q[s, a])


@wrong(checks.q_learning_update, "the whole row of the state changes")
def q_whole_row(q: Any, s: Any, a: Any, r: Any, n: Any, d: Any, alpha: Any, gamma: Any) -> Any:
    q[s] = (1 - alpha) * q[s] + alpha * (r + gamma * q[n].max() * (not d))


@wrong(checks.q_learning_update, "should make it move only part of the way")
def q_assigns(q: Any, s: Any, a: Any, r: Any, n: Any, d: Any, alpha: Any, gamma: Any) -> Any:
    q[s, a] = r if d else r + gamma * max(q[n])


@wrong(checks.q_learning_update, "grows without end")
def q_only_adds(q: Any, s: Any, a: Any, r: Any, n: Any, d: Any, alpha: Any, gamma: Any) -> Any:
    q[s, a] = q[s, a] + alpha * (r + (0 if d else gamma * np.max(q[n])))


@wrong(checks.q_learning_update, "moves away from its target")
def q_sign(q: Any, s: Any, a: Any, r: Any, n: Any, d: Any, alpha: Any, gamma: Any) -> Any:
    td_error = q[s, a] - (r + gamma * (1 - d) * np.max(q[n]))
    q[s, a] += alpha * td_error


@wrong(checks.q_learning_update, "returns a new table and leaves `q` as it was")
def q_copies(q: Any, s: Any, a: Any, r: Any, n: Any, d: Any, alpha: Any, gamma: Any) -> Any:
    q = q.copy()
    q[s, a] += alpha * (r + gamma * (1 - d) * np.max(q[n]) - q[s, a])
    return q


@wrong(checks.q_learning_update, "the row of the state itself")
def q_same_state(q: Any, s: Any, a: Any, r: Any, n: Any, d: Any, alpha: Any, gamma: Any) -> Any:
    q[s, a] += alpha * (r + gamma * (1 - d) * np.max(q[s]) - q[s, a])


@wrong(checks.q_learning_update, "nothing is learned")
def q_skips_the_end(q: Any, s: Any, a: Any, r: Any, n: Any, d: Any, alpha: Any, gamma: Any) -> Any:
    if d:
        return
    q[s, a] += alpha * (r + gamma * np.max(q[n]) - q[s, a])


@wrong(checks.sarsa_update, "that is Q-learning")
def s_max(
    q: Any, s: Any, a: Any, r: Any, n: Any, b: Any, d: Any, alpha: Any, gamma: Any
) -> Any:  # fmt: skip
    q[s, a] += alpha * (r + gamma * (1 - d) * np.max(q[n]) - q[s, a])


@wrong(checks.sarsa_update, "must not count: nothing follows")
def s_mask(
    q: Any, s: Any, a: Any, r: Any, n: Any, b: Any, d: Any, alpha: Any, gamma: Any
) -> Any:  # fmt: skip
    q[s, a] += alpha * (r + gamma * q[n, b] - q[s, a])


@wrong(checks.sarsa_update, "gamma has no effect")
def s_gamma(
    q: Any, s: Any, a: Any, r: Any, n: Any, b: Any, d: Any, alpha: Any, gamma: Any
) -> Any:  # fmt: skip
    q[s, a] += alpha * (r + (1 - d) * q[n, b] - q[s, a])


@wrong(checks.sarsa_update, "averages over the next actions")
def s_expected(
    q: Any, s: Any, a: Any, r: Any, n: Any, b: Any, d: Any, alpha: Any, gamma: Any
) -> Any:  # fmt: skip
    q[s, a] += alpha * (r + gamma * (1 - d) * np.average(q[n]) - q[s, a])


@wrong(checks.sarsa_update, "alpha = 0 should change nothing")
def s_alpha(
    q: Any, s: Any, a: Any, r: Any, n: Any, b: Any, d: Any, alpha: Any, gamma: Any
) -> Any:  # fmt: skip
    q[s, a] = alpha * q[s, a] + (1 - alpha) * (r + gamma * (1 - d) * q[n, b])


# --- semi_gradient_step ---------------------------------------------------------------------------


@wrong(checks.semi_gradient_step, "your step differentiates the target too")
def residual(w: Any, x: Any, r: Any, d: Any, y: Any, alpha: Any) -> Any:
    v = torch.tensor(w, requires_grad=True)
    error = r + d * (v @ torch.tensor(y)) - v @ torch.tensor(x)
    (gradient,) = torch.autograd.grad(0.5 * error**2, v)
    return w - alpha * gradient.numpy()


@wrong(checks.semi_gradient_step, "changes its argument `w`")
def in_place_step(w: Any, x: Any, r: Any, d: Any, y: Any, alpha: Any) -> Any:
    w += alpha * (r + d * y.dot(w) - x.dot(w)) * x
    return w


@wrong(checks.semi_gradient_step, "twice as long")
def with_the_two(w: Any, x: Any, r: Any, d: Any, y: Any, alpha: Any) -> Any:
    return w + 2 * alpha * (r + d * y.dot(w) - x.dot(w)) * x


@wrong(checks.semi_gradient_step, "moves away from its target")
def descends_the_wrong_way(w: Any, x: Any, r: Any, d: Any, y: Any, alpha: Any) -> Any:
    return w - alpha * (r + d * y.dot(w) - x.dot(w)) * x


@wrong(checks.semi_gradient_step, "every weight moves by the same amount")
def forgets_the_features(w: Any, x: Any, r: Any, d: Any, y: Any, alpha: Any) -> Any:
    return w + alpha * (r + d * y.dot(w) - x.dot(w))


@wrong(checks.semi_gradient_step, "the change of the weights")
def only_the_difference(w: Any, x: Any, r: Any, d: Any, y: Any, alpha: Any) -> Any:
    return alpha * (r + d * y.dot(w) - x.dot(w)) * x


@wrong(checks.semi_gradient_step, "the prediction is not subtracted")
def step_by_target(w: Any, x: Any, r: Any, d: Any, y: Any, alpha: Any) -> Any:
    return w + alpha * (r + d * y.dot(w)) * x


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


@wrong(checks.create_network, "mat1 and mat2 shapes cannot be multiplied")
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


# --- select_action_eps_greedy ---------------------------------------------------------------------


@wrong(checks.select_action_eps_greedy, "are exchanged")
def exploits_with_epsilon(network: Any, state: Any, epsilon: Any, rng: Any) -> Any:
    q = network(torch.tensor(state)).detach().numpy()
    return int(np.argmax(q)) if rng.random() < epsilon else int(rng.integers(len(q)))


@wrong(checks.select_action_eps_greedy, "does not draw from `rng`")
def numpys_global_state(network: Any, state: Any, epsilon: Any, rng: Any) -> Any:
    q = network(torch.tensor(state)).detach().numpy()
    if np.random.random() < epsilon:  # noqa: NPY002
        return int(np.random.choice(len(q)))  # noqa: NPY002
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


# --- td_loss and td_loss_with_target --------------------------------------------------------------


def batch_loss(q: Any, next_q: Any, a: Any, r: Any, d: Any, g: Any) -> Any:
    """A right loss, to be spoilt."""
    target = r + g * next_q.max(1)[0] * (1 - d.float())
    return F.mse_loss(q.gather(1, a[:, None])[:, 0], target)


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


@wrong(checks.td_loss_with_target, "the target network has no effect")
def lt_online_only(
    net: Any, tgt: Any, s: Any, a: Any, r: Any, n: Any, d: Any, g: Any
) -> Any:  # fmt: skip
    return batch_loss(net(s), net(n).detach(), a, r, d, g)


@wrong(checks.td_loss_with_target, "have changed places")
def lt_swapped(net: Any, tgt: Any, s: Any, a: Any, r: Any, n: Any, d: Any, g: Any) -> Any:
    return batch_loss(tgt(s), net(n).detach(), a, r, d, g)


@wrong(checks.td_loss_with_target, "your target lets gradient through")
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


# --- store ----------------------------------------------------------------------------------------


@wrong(checks.store, "What would have come after it?")
def st_done(buf: Any, s: Any, a: Any, r: Any, n: Any, te: Any, tr: Any) -> Any:
    done = te or tr
    buf.append((s, a, r, n, done))


@wrong(checks.store, "does a time limit raise a fallen pole")
def st_homework(buf: Any, s: Any, a: Any, r: Any, n: Any, te: Any, tr: Any) -> Any:
    buf.append((s, a, r, n, te and not tr))


@wrong(checks.store, "not the local name")
def st_rebinds(buf: Any, s: Any, a: Any, r: Any, n: Any, te: Any, tr: Any) -> Any:
    buf = deque([*buf, (s, a, r, n, te)], maxlen=buf.maxlen)


@wrong(checks.store, "stored as five items")
def st_six(buf: Any, s: Any, a: Any, r: Any, n: Any, te: Any, tr: Any) -> Any:
    buf.append((s, a, r, n, te, tr))


@wrong(checks.store, "each of its items should be one tuple")
def st_dict(buf: Any, s: Any, a: Any, r: Any, n: Any, te: Any, tr: Any) -> Any:
    buf.append({"s": s, "a": a, "r": r, "n": n, "te": te})


@wrong(checks.store, "there the oldest one belongs")
def st_left(buf: Any, s: Any, a: Any, r: Any, n: Any, te: Any, tr: Any) -> Any:
    buf.insert(0, (s, a, r, n, te)) if len(buf) != buf.maxlen else buf.appendleft((s, a, r, n, te))


@wrong(checks.store, "the next state not at all")
def st_state_twice(buf: Any, s: Any, a: Any, r: Any, n: Any, te: Any, tr: Any) -> Any:
    n = s
    buf.append((s, a, r, n, te))


@wrong(checks.store, "should forget its oldest transition")
def st_stops_when_full(buf: Any, s: Any, a: Any, r: Any, n: Any, te: Any, tr: Any) -> Any:
    if buf.maxlen is None or len(buf) < buf.maxlen:
        buf.append((s, a, r, n, te))


# --- sample_batch ---------------------------------------------------------------------------------


def columns(rows: Any) -> Any:
    return tuple(np.array([row[i] for row in rows]) for i in range(5))


@wrong(checks.sample_batch, "does not draw from `rng`")
def sb_random_module(buf: Any, n: Any, rng: Any) -> Any:
    return columns(random.sample(list(buf), n))


@wrong(checks.sample_batch, "always the newest")
def sb_newest(buf: Any, n: Any, rng: Any) -> Any:
    return columns(list(buf)[-n:])


@wrong(checks.sample_batch, "run of neighbours")
def sb_slice(buf: Any, n: Any, rng: Any) -> Any:
    start = rng.integers(0, len(buf) - n + 1)
    return columns([buf[i] for i in range(start, start + n)])


@wrong(checks.sample_batch, "takes transitions out of the buffer")
def sb_pops(buf: Any, n: Any, rng: Any) -> Any:
    rows = [buf[i] for i in rng.integers(len(buf), size=n)]
    buf.popleft()
    return columns(rows)


@wrong(checks.sample_batch, "the newest transition is never drawn")
def sb_open_end(buf: Any, n: Any, rng: Any) -> Any:
    last = len(buf) - 1
    return columns([buf[i] for i in (rng.integers(0, last, n) if last else [0] * n)])


@wrong(checks.sample_batch, "do not belong together")
def sb_shuffled_columns(buf: Any, n: Any, rng: Any) -> Any:
    rows = [buf[i] for i in rng.integers(len(buf), size=n)]
    s, a, r, s2, d = columns(rows)
    order = rng.permutation(n)
    return s, a[order], r[order], s2, d


@wrong(checks.sample_batch, "not plain numbers")
def sb_objects(buf: Any, n: Any, rng: Any) -> Any:
    rows = [buf[i] for i in rng.integers(len(buf), size=n)]
    table = np.empty((n, 5), dtype=object)
    for i, row in enumerate(rows):
        for j, item in enumerate(row):
            table[i, j] = item
    return tuple(table.T)


@wrong(checks.sample_batch, "have shape (1, 4), expected (3, 4)")
def sb_ignores_n(buf: Any, n: Any, rng: Any) -> Any:
    return columns([buf[int(rng.integers(len(buf)))]])


@wrong(checks.sample_batch, "return five arrays, one for all states")
def sb_rows(buf: Any, n: Any, rng: Any) -> Any:
    return [buf[i] for i in rng.integers(len(buf), size=n)]


# --- ring_slots -----------------------------------------------------------------------------------


@wrong(checks.ring_slots, "run past the end")
def rs_no_modulo(p: Any, k: Any, c: Any) -> Any:
    return [p + i for i in range(k)]


@wrong(checks.ring_slots, "keep writing to the last slot")
def rs_clip(p: Any, k: Any, c: Any) -> Any:
    return np.clip(p + np.arange(k), 0, c - 1)


@wrong(checks.ring_slots, "one after `position`")
def rs_moves_first(p: Any, k: Any, c: Any) -> Any:
    slots = []
    for _ in range(k):
        p = (p + 1) % c
        slots.append(p)
    return slots


@wrong(checks.ring_slots, "the last slot is never used")
def rs_minus_one(p: Any, k: Any, c: Any) -> Any:
    return [(p + i) % (c - 1) if c > 1 else 0 for i in range(k)]


@wrong(checks.ring_slots, "dropped")
def rs_drops(p: Any, k: Any, c: Any) -> Any:
    return [i for i in range(p, p + k) if i < c]


@wrong(checks.ring_slots, "the slots: shape (), expected (1,)")
def rs_only_the_next(p: Any, k: Any, c: Any) -> Any:
    return (p + k) % c


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


# --- bootstrap_mask and n_step_transition ---------------------------------------------------------


@wrong(checks.bootstrap_mask, "worth nothing because nobody looked on?")
def bm_done(te: Any, tr: Any) -> Any:
    return 1 - np.logical_or(te, tr)


@wrong(checks.bootstrap_mask, "does a time limit raise a fallen pole?")
def bm_homework(te: Any, tr: Any) -> Any:
    is_done = np.logical_and(te, np.logical_not(tr))
    return 1.0 - is_done


@wrong(checks.bootstrap_mask, "the wrong way round")
def bm_reversed(te: Any, tr: Any) -> Any:
    return te.astype(float)


@wrong(checks.bootstrap_mask, "After which of them does nothing follow?")
def bm_truncated(te: Any, tr: Any) -> Any:
    return 1.0 * ~tr


@wrong(checks.bootstrap_mask, "bootstraps everywhere")
def bm_ones(te: Any, tr: Any) -> Any:
    return np.ones_like(te, dtype=float)


@wrong(checks.bootstrap_mask, "Are both kinds of end alike?")
def bm_minus(te: Any, tr: Any) -> Any:
    return 1 - te.astype(int) - tr.astype(int)


@wrong(
    checks.bootstrap_mask, "should return an array or tensor, as np.array(...) or torch.tensor(...)"
)
def bm_not(te: Any, tr: Any) -> Any:
    return [not flag for flag in te]


@wrong(checks.bootstrap_mask, "a mask has only two values")
def bm_discount(te: Any, tr: Any) -> Any:
    return 0.99 * ~te


@wrong(checks.n_step_transition, "on past a truncation")
def ns_ignores_truncated(rewards: Any, te: Any, tr: Any, gamma: Any) -> Any:
    total, discount, steps = 0.0, 1.0, 0
    for r, end in zip(rewards, te, strict=True):
        total, discount, steps = total + discount * r, discount * gamma, steps + 1
        if end:
            return total, 0.0, steps
    return total, discount, steps


@wrong(checks.n_step_transition, "your discount is 0 after a truncation")
def ns_done(rewards: Any, te: Any, tr: Any, gamma: Any) -> Any:
    total, discount, steps = 0.0, 1.0, 0
    for i, r in enumerate(rewards):
        total, discount, steps = total + discount * r, discount * gamma, steps + 1
        if te[i] or tr[i]:
            return total, 0.0, steps
    return total, discount, steps


@wrong(checks.n_step_transition, "your discount is not 0 after a termination")
def ns_never_zero(rewards: Any, te: Any, tr: Any, gamma: Any) -> Any:
    total, steps = 0.0, 0
    for i, r in enumerate(rewards):
        total += gamma**i * r
        steps += 1
        if te[i] or tr[i]:
            break
    return total, gamma**steps, steps


@wrong(checks.n_step_transition, "past the episode's end, into rewards of the next episode")
def ns_ignores_ends(rewards: Any, te: Any, tr: Any, gamma: Any) -> Any:
    n = len(rewards)
    total = sum(gamma**i * r for i, r in enumerate(rewards))
    return total, gamma**n * (1 - te[-1]), n


@wrong(checks.n_step_transition, "one power of gamma too few")
def ns_power(rewards: Any, te: Any, tr: Any, gamma: Any) -> Any:
    total = 0.0
    for i, r in enumerate(rewards):
        total += gamma**i * r
        if te[i]:
            return total, 0.0, i + 1
        if tr[i]:
            break
    return total, gamma**i, i + 1


@wrong(checks.n_step_transition, "returned 2 things instead of 3")
def ns_two(rewards: Any, te: Any, tr: Any, gamma: Any) -> Any:
    return sum(rewards), len(rewards)


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


# --- prioritized replay ---------------------------------------------------------------------------


@wrong(checks.greedy_index, "sign included")
def gi_sign(e: Any) -> Any:
    return int(np.argmax(e))


@wrong(checks.greedy_index, "the least to teach")
def gi_min(e: Any) -> Any:
    return int(np.argmin(e**2))


@wrong(checks.greedy_index, "an int is expected")
def gi_value(e: Any) -> Any:
    return float(np.max(np.abs(e)))


@wrong(checks.greedy_index, "always the last one")
def gi_last(e: Any) -> Any:
    return e.shape[0] - 1


@wrong(checks.greedy_index, "a single index is wanted")
def gi_mask(e: Any) -> Any:
    return np.abs(e) == np.abs(e).max()


@wrong(checks.proportional_probabilities, "gets less than a positive one of the same size")
def pp_clipped(e: Any, alpha: Any, eps: Any) -> Any:
    p = (np.maximum(e, 0) + eps) ** alpha
    return p / p.sum()


@wrong(checks.proportional_probabilities, "a negative error makes a negative probability")
def pp_no_abs(e: Any, alpha: Any, eps: Any) -> Any:
    p = np.power(e + eps, alpha)
    return p / p.sum()


@wrong(checks.proportional_probabilities, "then alpha counts twice")
def pp_squared(e: Any, alpha: Any, eps: Any) -> Any:
    p = np.power(np.square(e) + eps, alpha)
    return p / p.sum()


@wrong(checks.proportional_probabilities, "before it")
def pp_epsilon_late(e: Any, alpha: Any, eps: Any) -> Any:
    p = np.power(np.abs(e), alpha) + eps
    return p / p.sum()


@wrong(checks.proportional_probabilities, "would never be drawn again")
def pp_no_epsilon(e: Any, alpha: Any, eps: Any) -> Any:
    p = np.power(np.abs(e), alpha)
    return p / p.sum()


@wrong(checks.proportional_probabilities, "do not add up to one")
def pp_unnormalized(e: Any, alpha: Any, eps: Any) -> Any:
    return np.power(np.abs(e) + eps, alpha)


@wrong(checks.proportional_probabilities, "alpha has no effect")
def pp_no_alpha(e: Any, alpha: Any, eps: Any) -> Any:
    return (np.abs(e) + eps) / np.sum(np.abs(e) + eps)


@wrong(checks.misplaced_share, "what one transition has too much others lack")
def ms_both_sides(noted: Any, current: Any, alpha: Any) -> Any:
    a, b = np.power(noted, alpha), np.power(current, alpha)
    return sum(abs(x / a.sum() - y / b.sum()) for x, y in zip(a, b, strict=True))


@wrong(checks.misplaced_share, "alpha has no effect")
def ms_no_alpha(noted: Any, current: Any, alpha: Any) -> Any:
    return (noted / noted.sum() - current / current.sum()).clip(min=0).sum()


@wrong(checks.misplaced_share, "They have to become probabilities first")
def ms_raw(noted: Any, current: Any, alpha: Any) -> Any:
    return 0.5 * np.linalg.norm(noted**alpha - current**alpha, ord=1)


@wrong(checks.misplaced_share, "divide after raising to alpha")
def ms_early(noted: Any, current: Any, alpha: Any) -> Any:
    p, q = noted / noted.sum(), current / current.sum()
    return 0.5 * np.abs(p**alpha - q**alpha).sum()


@wrong(checks.misplaced_share, "cancel")
def ms_signed(noted: Any, current: Any, alpha: Any) -> Any:
    p, q = noted**alpha, current**alpha
    return float(np.sum(p / p.sum() - q / q.sum()))


@wrong(checks.misplaced_share, "one transition only")
def ms_largest(noted: Any, current: Any, alpha: Any) -> Any:
    p, q = noted**alpha, current**alpha
    return max(abs(p / p.sum() - q / q.sum()))


@wrong(checks.misplaced_share, "you average the differences")
def ms_mean(noted: Any, current: Any, alpha: Any) -> Any:
    p, q = noted**alpha, current**alpha
    return 0.5 * abs(p / p.sum() - q / q.sum()).mean()


@wrong(checks.misplaced_share, "you average the differences")
def ms_mean_of_all(noted: Any, current: Any, alpha: Any) -> Any:
    p, q = noted**alpha, current**alpha
    return np.mean(np.abs(p / p.sum() - q / q.sum()))


@wrong(checks.misplaced_share, "squares of differences")
def ms_squares(noted: Any, current: Any, alpha: Any) -> Any:
    p, q = noted**alpha, current**alpha
    d = p / p.sum() - q / q.sum()
    return d @ d


@wrong(checks.misplaced_share, "squares of differences")
def ms_half_squares(noted: Any, current: Any, alpha: Any) -> Any:
    return ms_squares(noted, current, alpha) / 2


@wrong(checks.misplaced_share, "Euclidean")
def ms_euclidean(noted: Any, current: Any, alpha: Any) -> Any:
    p, q = noted**alpha, current**alpha
    return np.linalg.norm(p / p.sum() - q / q.sum())


@wrong(checks.misplaced_share, "alpha is applied to the current priorities only")
def ms_current_only(noted: Any, current: Any, alpha: Any) -> Any:
    q = current**alpha
    return 0.5 * abs(noted / noted.sum() - q / q.sum()).sum()


@wrong(checks.misplaced_share, "alpha is applied to the notes only")
def ms_notes_only(noted: Any, current: Any, alpha: Any) -> Any:
    p = noted**alpha
    return 0.5 * abs(p / p.sum() - current / current.sum()).sum()


@wrong(checks.misplaced_share, "has nothing left to halve")
def ms_halved_twice(noted: Any, current: Any, alpha: Any) -> Any:
    p, q = noted**alpha, current**alpha
    return np.maximum(p / p.sum() - q / q.sum(), 0).sum() / 2


@wrong(checks.misplaced_share, "you sort before you compare")
def ms_sorted(noted: Any, current: Any, alpha: Any) -> Any:
    p, q = np.sort(noted**alpha), np.sort(current**alpha)
    return 0.5 * abs(p / p.sum() - q / q.sum()).sum()


@wrong(checks.misplaced_share, "in per cent")
def ms_per_cent(noted: Any, current: Any, alpha: Any) -> Any:
    p, q = noted**alpha, current**alpha
    return 100 * (p / p.sum() - q / q.sum()).clip(min=0).sum()


@wrong(checks.misplaced_share, "it is an exponent")
def ms_product(noted: Any, current: Any, alpha: Any) -> Any:
    p, q = alpha * noted, alpha * current
    return 0.5 * abs(p / p.sum() - q / q.sum()).sum()


@wrong(checks.misplaced_share, "you raise to 1 / alpha")
def ms_root(noted: Any, current: Any, alpha: Any) -> Any:
    p, q = noted ** (1 / alpha), current ** (1 / alpha)
    return 0.5 * abs(p / p.sum() - q / q.sum()).sum()


@wrong(checks.misplaced_share, "changes its argument `noted`")
def ms_in_place(noted: Any, current: Any, alpha: Any) -> Any:
    noted **= alpha
    noted /= noted.sum()
    q = current**alpha
    return 0.5 * abs(noted - q / q.sum()).sum()


@wrong(checks.misplaced_share, "what is asked for is the rest")
def ms_overlap(noted: Any, current: Any, alpha: Any) -> Any:
    p, q = noted**alpha, current**alpha
    return np.minimum(p / p.sum(), q / q.sum()).sum()


@wrong(checks.misplaced_share, "a single number is expected")
def ms_each(noted: Any, current: Any, alpha: Any) -> Any:
    p, q = noted**alpha, current**alpha
    return 0.5 * abs(p / p.sum() - q / q.sum())


@wrong(checks.importance_weights, "the largest of your weights is not 1")
def iw_raw(p: Any, n: Any, beta: Any) -> Any:
    return (1 / (n * p)) ** beta


@wrong(checks.importance_weights, "get the largest weights")
def iw_sign(p: Any, n: Any, beta: Any) -> Any:
    w = (n * p) ** beta
    return w / w.max()


@wrong(checks.importance_weights, "beta has no effect")
def iw_no_beta(p: Any, n: Any, beta: Any) -> Any:
    w = 1 / (n * p)
    return w / w.max()


@wrong(checks.importance_weights, "your weights add up to one")
def iw_sum(p: Any, n: Any, beta: Any) -> Any:
    w = (n * p) ** -beta
    return w / w.sum()


@wrong(checks.importance_weights, "at beta = 1 the correction is complete")
def iw_one_minus(p: Any, n: Any, beta: Any) -> Any:
    w = (n * p) ** -(1 - beta)
    return w / w.max()


@wrong(checks.importance_weights, "all 1")
def iw_ones(p: Any, n: Any, beta: Any) -> Any:
    return p / p


@wrong(checks.sum_tree_build, "start at the leaves")
def tb_forwards(leaves: Any) -> Any:
    n = len(leaves)
    tree = [0.0] * n + list(leaves)
    for i in range(1, n):
        tree[i] = tree[2 * i] + tree[2 * i + 1]
    return np.array(tree)


@wrong(checks.sum_tree_build, "your loop ends one too early")
def tb_no_root(leaves: Any) -> Any:
    n = len(leaves)
    tree = np.append(np.zeros(n), leaves)
    for i in reversed(range(2, n)):
        tree[i] = tree[2 * i : 2 * i + 2].sum()
    return tree


@wrong(checks.sum_tree_build, "it should hold their sum")
def tb_max(leaves: Any) -> Any:
    n = len(leaves)
    tree = np.append(np.zeros(n), leaves)
    for i in range(n - 1, 0, -1):
        tree[i] = tree[2 * i : 2 * i + 2].max()
    return tree


@wrong(checks.sum_tree_build, "expected (")
def tb_root_zero(leaves: Any) -> Any:
    n = len(leaves)
    tree = np.append(np.zeros(n - 1), leaves)
    for i in range(n - 2, -1, -1):
        tree[i] = tree[2 * i + 1] + tree[2 * i + 2]
    return tree


@wrong(checks.sum_tree_build, "still 0")
def tb_leaves_only(leaves: Any) -> Any:
    tree = np.zeros(2 * len(leaves))
    tree[len(leaves) :] = leaves
    return tree


@wrong(checks.sum_tree_build, "returned a list; it should return an array")
def tb_list(leaves: Any) -> Any:
    return [0.0, sum(leaves), *leaves]


@wrong(checks.sum_tree_find, "you keep the whole mass")
def tf_keeps_mass(tree: Any, mass: Any) -> Any:
    i, n = 1, len(tree) // 2
    while i < n:
        i = 2 * i if mass < tree[2 * i] else 2 * i + 1
    return i - n


@wrong(checks.sum_tree_find, "a leaf of priority 0 can be drawn")
def tf_boundary(tree: Any, mass: Any) -> Any:
    i, n = 1, len(tree) // 2
    while i < n:
        i *= 2
        if mass > tree[i]:
            mass -= tree[i]
            i += 1
    return i - n


@wrong(checks.sum_tree_find, "the number of the node")
def tf_node(tree: Any, mass: Any) -> Any:
    i, n = 1, len(tree) // 2
    while i < n:
        i *= 2
        if mass >= tree[i]:
            mass, i = mass - tree[i], i + 1
    return i


@wrong(checks.sum_tree_find, "it is the left one that has been passed")
def tf_right(tree: Any, mass: Any) -> Any:
    i, n = 1, len(tree) // 2
    while i < n:
        if mass < tree[2 * i]:
            i = 2 * i
        else:
            i = 2 * i + 1
            mass -= tree[i]
    return i - n


@wrong(checks.sum_tree_find, "had not come back")
def tf_hangs(tree: Any, mass: Any) -> Any:
    i = 0
    while i < len(tree) // 2:
        i = 2 * i
    return i


@wrong(checks.sum_tree_find, "the running sum that counts")
def tf_first_larger(tree: Any, mass: Any) -> Any:
    leaves = list(tree[len(tree) // 2 :])
    return next((i for i, leaf in enumerate(leaves) if leaf > mass), 0)


@wrong(checks.softmax, "exp() of a thousand is infinite")
def sm_overflows(xs: Any, t: Any) -> Any:
    e = np.exp(xs / t)
    return e / np.sum(e)


@wrong(checks.softmax, "the temperature has no effect")
def sm_no_temperature(xs: Any, t: Any) -> Any:
    e = np.exp(xs - np.max(xs))
    return e / np.sum(e)


@wrong(checks.softmax, "more equal")
def sm_multiplies(xs: Any, t: Any) -> Any:
    e = np.exp(t * (xs - np.max(xs)))
    return e / np.sum(e)


@wrong(checks.softmax, "do not add up to one")
def sm_unnormalized(xs: Any, t: Any) -> Any:
    return np.exp((xs - np.max(xs)) / t)


@wrong(checks.softmax, "a sign is wrong")
def sm_sign(xs: Any, t: Any) -> Any:
    e = np.exp(-(xs - np.min(xs)) / t)
    return e / e.sum()


@wrong(checks.softmax, "changes its argument `xs`")
def sm_in_place(xs: Any, t: Any) -> Any:
    xs -= xs.max()
    e = np.exp(xs / t)
    return e / e.sum()


# --- the homework's prioritized replay ------------------------------------------------------------


def chosen(buf: Any, indices: Any) -> Any:
    return columns([buf[int(i)][1:] for i in indices]), np.array(indices)


@wrong(checks.sample_prioritized_batch, "the losses have no effect")
def sp_uniform(buf: Any, n: Any, rng: Any) -> Any:
    return chosen(buf, rng.integers(0, len(buf), n))


@wrong(checks.sample_prioritized_batch, "always the transitions with the largest losses")
def sp_top(buf: Any, n: Any, rng: Any) -> Any:
    return chosen(buf, sorted(range(len(buf)), key=lambda i: -buf[i][0])[:n])


@wrong(checks.sample_prioritized_batch, "proportional to the losses")
def sp_proportional(buf: Any, n: Any, rng: Any) -> Any:
    p = np.array([t[0] for t in buf])
    return chosen(buf, rng.choice(len(buf), n, p=p / p.sum()))


@wrong(checks.sample_prioritized_batch, "temperature 1")
def sp_temperature(buf: Any, n: Any, rng: Any) -> Any:
    p = torch.softmax(torch.tensor([t[0] for t in buf], dtype=torch.float64), 0).numpy()
    return chosen(buf, rng.choice(len(buf), n, p=p))


def weighted(buf: Any, n: Any, rng: Any) -> Any:
    e = np.exp(np.array([t[0] for t in buf]) / 1000)
    return rng.choice(len(buf), n, p=e / e.sum())


@wrong(checks.sample_prioritized_batch, "where each row stands in the buffer")
def sp_indices(buf: Any, n: Any, rng: Any) -> Any:
    return chosen(buf, weighted(buf, n, rng))[0], np.arange(n)


@wrong(checks.sample_prioritized_batch, "the loss stays behind")
def sp_six(buf: Any, n: Any, rng: Any) -> Any:
    i = weighted(buf, n, rng)
    return tuple(np.array([buf[k][j] for k in i]) for j in range(6)), i


@wrong(checks.sample_prioritized_batch, "return two things, the batch and the indices")
def sp_no_indices(buf: Any, n: Any, rng: Any) -> Any:
    return chosen(buf, weighted(buf, n, rng))[0]


@wrong(checks.update_batch, "`indices` says where each row stands")
def ub_first_rows(buf: Any, idx: Any, batch: Any, new: Any) -> Any:
    for i in range(len(idx)):
        buf[i] = (new[i], *(column[i] for column in batch))


@wrong(checks.update_batch, "stored a second time")
def ub_appends(buf: Any, idx: Any, batch: Any, new: Any) -> Any:
    for i in range(len(idx)):
        buf.append((new[i], *(column[i] for column in batch)))


@wrong(checks.update_batch, "it replaces it")
def ub_adds(buf: Any, idx: Any, batch: Any, new: Any) -> Any:
    for i, loss in zip(idx, new, strict=True):
        buf[i] = (buf[i][0] + loss, *buf[i][1:])


@wrong(checks.update_batch, "'tuple' object does not support item assignment")
def ub_tuple(buf: Any, idx: Any, batch: Any, new: Any) -> Any:
    for i, loss in zip(idx, new, strict=True):
        buf[i][0] = loss


@wrong(checks.update_batch, "leaves `replay_buffer` as it was")
def ub_copies(buf: Any, idx: Any, batch: Any, new: Any) -> Any:
    buf = buf.copy()
    for i, loss in zip(idx, new, strict=True):
        buf[i] = (loss, *buf[i][1:])
    return buf


@wrong(checks.update_batch, "first item of a stored tuple, not the last")
def ub_loss_last(buf: Any, idx: Any, batch: Any, new: Any) -> Any:
    for i, loss in zip(idx, new, strict=True):
        buf[i] = (*buf[i][1:], loss)


@wrong(checks.sort_replay_buffer, "pushes out the one with the most to teach")
def so_descending(buf: Any) -> Any:
    return deque(sorted(buf, key=lambda t: -t[0]), maxlen=buf.maxlen)


@wrong(checks.sort_replay_buffer, "grow without end")
def so_no_maxlen(buf: Any) -> Any:
    return deque(sorted(buf, key=lambda t: t[0]))


@wrong(checks.sort_replay_buffer, "two equal losses break it")
def so_whole_tuples(buf: Any) -> Any:
    out: deque[Any] = deque(maxlen=buf.maxlen)
    out.extend(sorted(buf))
    return out


@wrong(checks.sort_replay_buffer, "returned None: return the sorted buffer")
def so_none(buf: Any) -> Any:
    items = sorted(buf, key=lambda t: t[0])
    buf.clear()
    buf.extend(items)


@wrong(checks.sort_replay_buffer, "returned a list")
def so_list(buf: Any) -> Any:
    return sorted(buf, key=lambda t: t[0])


@wrong(checks.sort_replay_buffer, "the same order as before")
def so_rebinds(buf: Any) -> Any:
    ordered = deque(sorted(buf, key=lambda t: t[0]), maxlen=buf.maxlen)
    del ordered
    return buf


# --- prioritized_step -----------------------------------------------------------------------------


def ps_rows(buf: Any, indices: Any) -> Any:
    return tuple(np.array(column) for column in zip(*(buf[i][1:] for i in indices), strict=True))


def ps_dice(buf: Any, n: Any, rng: Any) -> Any:
    losses = np.array([stored[0] for stored in buf])
    weights = np.exp((losses - losses.max()) / 1000)
    return rng.choice(len(buf), n, p=weights / weights.sum())


@wrong(checks.prioritized_step, "as if all losses were equal")
def ps_fair_dice(buf: Any, new: Any, loss_of: Any, learn: Any, n: Any, rng: Any) -> None:
    buf.append((loss_of([[x] for x in new])[0], *new))
    if len(buf) >= n:
        where = rng.choice(len(buf), n, replace=False)
        batch = ps_rows(buf, where)
        learn(batch)
        for i, loss in zip(where, loss_of(batch), strict=True):
            buf[i] = (loss, *buf[i][1:])


@wrong(checks.prioritized_step, "out of date already")
def ps_scored_first(buf: Any, new: Any, loss_of: Any, learn: Any, n: Any, rng: Any) -> None:
    buf.append((loss_of([np.array([x]) for x in new])[0], *new))
    if len(buf) >= n:
        where = ps_dice(buf, n, rng)
        batch = ps_rows(buf, where)
        losses = loss_of(batch)
        for i, loss in zip(where, losses, strict=True):
            buf[i] = (loss, *buf[i][1:])
        learn(batch)


@wrong(checks.prioritized_step, "still have their old losses")
def ps_on_a_copy(buf: Any, new: Any, loss_of: Any, learn: Any, n: Any, rng: Any) -> None:
    buf.append((loss_of([[x] for x in new])[0], *new))
    if len(buf) >= n:
        where = ps_dice(buf, n, rng)
        batch = ps_rows(buf, where)
        learn(batch)
        for i, loss in zip(where, loss_of(batch), strict=True):
            stored = list(buf[i])
            stored[0] = loss


@wrong(checks.prioritized_step, "not in the buffer afterwards")
def ps_forgets(buf: Any, new: Any, loss_of: Any, learn: Any, n: Any, rng: Any) -> None:
    if len(buf) >= n:
        where = ps_dice(buf, n, rng)
        batch = ps_rows(buf, where)
        learn(batch)
        for i, loss in zip(where, loss_of(batch), strict=True):
            buf[i] = (loss, *buf[i][1:])


@wrong(checks.prioritized_step, "before there is a whole batch")
def ps_at_once(buf: Any, new: Any, loss_of: Any, learn: Any, n: Any, rng: Any) -> None:
    buf.append((loss_of([[x] for x in new])[0], *new))
    if buf:  # as in the homework's second part
        where = ps_dice(buf, n, rng)
        batch = ps_rows(buf, where)
        learn(batch)
        for i, loss in zip(where, loss_of(batch), strict=True):
            buf[i] = (loss, *buf[i][1:])


@wrong(checks.prioritized_step, "you should learn already")
def ps_more_than(buf: Any, new: Any, loss_of: Any, learn: Any, n: Any, rng: Any) -> None:
    buf.append((loss_of([[x] for x in new])[0], *new))
    if len(buf) > n:
        where = ps_dice(buf, n, rng)
        batch = ps_rows(buf, where)
        learn(batch)
        for i, loss in zip(where, loss_of(batch), strict=True):
            buf[i] = (loss, *buf[i][1:])


@wrong(checks.prioritized_step, "one row for each transition")
def ps_no_rows(buf: Any, new: Any, loss_of: Any, learn: Any, n: Any, rng: Any) -> None:
    buf.append((loss_of(new), *new))


@wrong(checks.prioritized_step, "`learn` is never called")
def ps_only_stores(buf: Any, new: Any, loss_of: Any, learn: Any, n: Any, rng: Any) -> None:
    buf.append((loss_of([[x] for x in new])[0], *new))


# --- interquartile_mean ---------------------------------------------------------------------------


@wrong(checks.interquartile_mean, "none is left out")
def iqm_mean(scores: Any) -> Any:
    return sum(scores) / len(scores)


@wrong(checks.interquartile_mean, "this is the median")
def iqm_median(scores: Any) -> Any:
    ordered = sorted(scores)
    return (ordered[(len(scores) - 1) // 2] + ordered[len(scores) // 2]) / 2


@wrong(checks.interquartile_mean, "as they stand")
def iqm_forgets_to_sort(scores: Any) -> Any:
    quarter = len(scores) // 4
    return np.mean(scores[quarter:-quarter] if quarter else scores)


@wrong(checks.interquartile_mean, "the lowest quarter only")
def iqm_upper(scores: Any) -> Any:
    return np.mean(sorted(scores)[len(scores) // 4 :])


@wrong(checks.interquartile_mean, "divide by the number of all")
def iqm_divides_by_all(scores: Any) -> Any:
    quarter = len(scores) // 4
    return sum(sorted(scores)[quarter : len(scores) - quarter]) / len(scores)


@wrong(checks.interquartile_mean, "you compare scores with the quartiles")
def iqm_mask(scores: Any) -> Any:
    low, high = np.quantile(scores, 0.25), np.quantile(scores, 0.75)
    return scores[(low <= scores) & (scores <= high)].mean()


@wrong(checks.interquartile_mean, "says how wide the middle half is")
def iqm_range(scores: Any) -> Any:
    return np.quantile(scores, 0.75) - np.quantile(scores, 0.25)


@wrong(checks.interquartile_mean, "your slice keeps nothing")
def iqm_minus_zero(scores: Any) -> Any:
    quarter = len(scores) // 4
    with np.errstate(all="ignore"):
        return np.sum(np.sort(scores)[quarter:-quarter]) / np.float64(len(scores[quarter:-quarter]))


# --- bootstrap_interval ---------------------------------------------------------------------------


def resample(scores: Any, draws: Any) -> Any:
    return np.array([[scores[row, range(len(row))] for row in draw] for draw in draws])


@wrong(checks.bootstrap_interval, "by the draws of the first")
def bi_not_stratified(scores: Any, draws: Any) -> Any:
    means = [scores[draw[:, 0]].mean() for draw in draws]
    return np.percentile(means, 2.5), np.percentile(means, 97.5)


@wrong(checks.bootstrap_interval, "your interval holds all resamples")
def bi_extremes(scores: Any, draws: Any) -> Any:
    means = [sample.mean() for sample in resample(scores, draws)]
    return min(means), max(means)


@wrong(checks.bootstrap_interval, "an interval of 90 %")
def bi_ninety(scores: Any, draws: Any) -> Any:
    means = [sample.mean() for sample in resample(scores, draws)]
    return np.percentile(means, 5), np.percentile(means, 95)


@wrong(checks.bootstrap_interval, "counted up to 100")
def bi_percentile(scores: Any, draws: Any) -> Any:
    means = [sample.mean() for sample in resample(scores, draws)]
    return np.percentile(means, 0.025), np.percentile(means, 0.975)


@wrong(checks.bootstrap_interval, "quantiles of the resampled scores")
def bi_scores(scores: Any, draws: Any) -> Any:
    return tuple(np.quantile(resample(scores, draws), [0.025, 0.975]))


@wrong(checks.bootstrap_interval, "only runs can")
def bi_standard_error(scores: Any, draws: Any) -> Any:
    means = resample(scores, draws).mean((1, 2))
    error = np.std(means) / len(means) ** 0.5
    return means.mean() - 1.96 * error, means.mean() + 1.96 * error


@wrong(checks.bootstrap_interval, "the draws have no effect")
def bi_no_bootstrap(scores: Any, draws: Any) -> Any:
    return np.quantile(scores, 0.025), np.quantile(scores, 0.975)


@wrong(checks.bootstrap_interval, "Quantiles must be in the range [0, 1]")
def bi_quantile_of_100(scores: Any, draws: Any) -> Any:
    means = resample(scores, draws).mean((1, 2))
    return np.quantile(means, 2.5), np.quantile(means, 97.5)


# --- probability_of_improvement -------------------------------------------------------------------


@wrong(checks.probability_of_improvement, "a tie counts nothing")
def pi_strict(x: Any, y: Any) -> Any:
    return np.mean([a > b for a in x for b in y])


@wrong(checks.probability_of_improvement, "a tie counts as a win")
def pi_at_least(x: Any, y: Any) -> Any:
    return (x[:, None] >= y).mean()


@wrong(checks.probability_of_improvement, "how likely Y beats X")
def pi_swapped(x: Any, y: Any) -> Any:
    return np.mean([(b > a) + (a == b) / 2 for a in x for b in y])


@wrong(checks.probability_of_improvement, "Runs have no partners")
def pi_partners(x: Any, y: Any) -> Any:
    n = min(len(x), len(y))
    return np.mean((x[:n] > y[:n]) + 0.5 * (x[:n] == y[:n]))


@wrong(checks.probability_of_improvement, "two runs each")
def pi_arrays(x: Any, y: Any) -> Any:
    return ((x > y) + 0.5 * (x == y)).mean()


@wrong(checks.probability_of_improvement, "not how often")
def pi_difference(x: Any, y: Any) -> Any:
    return np.mean(x) - np.mean(y)


@wrong(checks.probability_of_improvement, "divide by how many there are")
def pi_count(x: Any, y: Any) -> Any:
    return sum((a > b) + 0.5 * (a == b) for a in x for b in y)


# --- accepted_at ----------------------------------------------------------------------------------


@wrong(checks.accepted_at, "The homework does just that")
def aa_the_homeworks(returns: Any, mark: Any, window: Any) -> Any:
    for k in range(len(returns)):
        if np.mean(returns[: k + 1][-window:]) >= mark:
            return k
    return None


@wrong(checks.accepted_at, "a mean that equals the mark passes")
def aa_strict(returns: Any, mark: Any, window: Any) -> Any:
    for k in range(len(returns) - window + 1):
        if sum(returns[k : k + window]) > mark * window:
            return k + window - 1
    return None


@wrong(checks.accepted_at, "the first single return")
def aa_single(returns: Any, mark: Any, window: Any) -> Any:
    return next((k for k, value in enumerate(returns) if value >= mark), None)


@wrong(checks.accepted_at, "where the passing window begins")
def aa_begins(returns: Any, mark: Any, window: Any) -> Any:
    for k in range(len(returns) - window + 1):
        if np.mean(returns[k : k + window]) >= mark:
            return k
    return None


@wrong(checks.accepted_at, "counted from zero")
def aa_counts(returns: Any, mark: Any, window: Any) -> Any:
    for count in range(window, len(returns) + 1):
        if np.mean(returns[count - window : count]) >= mark:
            return count
    return None


@wrong(checks.accepted_at, "which also means the last of a list")
def aa_minus_one(returns: Any, mark: Any, window: Any) -> Any:
    for k in range(window - 1, len(returns)):
        if np.mean(returns[k + 1 - window : k + 1]) >= mark:
            return k
    return -1


@wrong(checks.accepted_at, "all evaluations so far")
def aa_running_mean(returns: Any, mark: Any, window: Any) -> Any:
    for k in range(window - 1, len(returns)):
        if np.mean(returns[: k + 1]) >= mark:
            return k
    return None


@wrong(checks.accepted_at, "a number is expected")
def aa_whether(returns: Any, mark: Any, window: Any) -> Any:
    ends = range(window, len(returns) + 1)
    return any(np.mean(returns[e - window : e]) >= mark for e in ends)


# --- The bug gallery ------------------------------------------------------------------------------


@wrong(checks.chi_square, "how many of *all* draws")
def cs_counts_minus_probabilities(counts: Any, probabilities: Any) -> Any:
    return sum((c - p) ** 2 / p for c, p in zip(counts, probabilities, strict=True))


@wrong(checks.chi_square, "a thousand draws would be no better evidence")
def cs_shares(counts: Any, probabilities: Any) -> Any:
    shares = counts / np.sum(counts)
    return float(np.sum((shares - probabilities) ** 2 / probabilities))


@wrong(checks.chi_square, "you do not divide")
def cs_sum_of_squares(counts: Any, probabilities: Any) -> Any:
    return float(np.square(counts - len(counts) * np.mean(counts) * probabilities).sum())


@wrong(checks.chi_square, "cancel out")
def cs_signed(counts: Any, probabilities: Any) -> Any:
    return float(np.sum(counts / (np.sum(counts) * probabilities) - 1))


@wrong(checks.chi_square, "you return a mean")
def cs_mean(counts: Any, probabilities: Any) -> Any:
    expected = np.sum(counts) * probabilities
    return float(np.mean(np.square(counts - expected) / expected))


@wrong(checks.chi_square, "your function returned")
def cs_each(counts: Any, probabilities: Any) -> Any:
    expected = np.sum(counts) * probabilities
    return np.square(counts - expected) / expected


@wrong(checks.known_answers, "nothing follows it")
def ka_no_mask(reward: Any, next_state: Any, terminated: Any, gamma: Any) -> Any:
    q = np.zeros_like(reward)
    for _ in range(100):
        q = reward + gamma * np.max(q, axis=1)[next_state]
    return q


@wrong(checks.known_answers, "where is the value of the next")
def ka_rewards(reward: Any, next_state: Any, terminated: Any, gamma: Any) -> Any:
    return reward.copy()


@wrong(checks.known_answers, "you do not discount")
def ka_undiscounted(reward: Any, next_state: Any, terminated: Any, gamma: Any) -> Any:
    q = np.zeros_like(reward)
    for _ in range(50):
        q = reward + np.where(terminated, 0, np.max(q, axis=1)[next_state])
    return q


@wrong(checks.known_answers, "the mean over the next")
def ka_mean(reward: Any, next_state: Any, terminated: Any, gamma: Any) -> Any:
    q = np.zeros_like(reward)
    for _ in range(100):
        q = reward + gamma * np.where(terminated, 0, np.mean(q[next_state], axis=-1))
    return q


@wrong(checks.known_answers, "shape")
def ka_state_values(reward: Any, next_state: Any, terminated: Any, gamma: Any) -> Any:
    q = np.zeros_like(reward)
    for _ in range(100):
        q = reward + gamma * np.where(terminated, 0, np.max(q, axis=1)[next_state])
    return q.max(axis=1)


@wrong(checks.known_answers, "is not right")
def ka_half(reward: Any, next_state: Any, terminated: Any, gamma: Any) -> Any:
    q = np.zeros_like(reward)
    for _ in range(200):
        q = reward + 0.7 * gamma * np.where(terminated, 0, np.max(q, axis=1)[next_state])
    return q


# --- longest_survival -----------------------------------------------------------------------------


@wrong(checks.longest_survival, "keep to it")
def ls_constant(step: Any, state: Any, horizon: Any) -> Any:
    best = 0
    for action in (0, 1):
        s, count = state, 0
        while count < horizon:
            s, failed = step(s, action)
            count += 1
            if failed:
                break
        best = max(best, count)
    return best


@wrong(checks.longest_survival, "follow the worst sequence")
def ls_worst(step: Any, state: Any, horizon: Any) -> Any:
    if horizon == 0:
        return 0
    options = []
    for action in (0, 1):
        s, failed = step(state, action)
        options.append(1 if failed else 1 + ls_worst(step, s, horizon - 1))
    return min(options)


@wrong(checks.longest_survival, "the step that fails is missing")
def ls_survived(step: Any, state: Any, horizon: Any) -> Any:
    alive, count = [state], 0
    while alive and count < horizon:
        tried = [step(s, a) for s in alive for a in (0, 1)]
        alive = [s for s, failed in tried if not failed]
        count += bool(alive)
    return count


@wrong(checks.longest_survival, "one step further than")
def ls_too_far(step: Any, state: Any, horizon: Any) -> Any:
    most, stack = 0, [(state, 0)]
    while stack:
        s, count = stack.pop()
        most = max(most, count)
        if count > horizon:
            continue
        for a in (0, 1):
            moved, failed = step(s, a)
            if failed:
                most = max(most, count + 1)
            else:
                stack.append((moved, count + 1))
    return most


@wrong(checks.longest_survival, "go on from where it failed")
def ls_blind(step: Any, state: Any, horizon: Any) -> Any:
    steps = 0
    for _ in range(horizon):
        state, _ = step(state, 0)
        steps += 1
    return steps


@wrong(checks.longest_survival, "never come back to the other")
def ls_greedy(step: Any, state: Any, horizon: Any) -> Any:
    for count in range(1, horizon + 1):
        left, left_failed = step(state, 0)
        right, right_failed = step(state, 1)
        if left_failed and right_failed:
            return count
        state = right if left_failed else left
    return horizon


@wrong(checks.longest_survival, "returned True")
def ls_lost_or_not(step: Any, state: Any, horizon: Any) -> Any:
    return all(step(state, action)[1] for action in (0, 1))


@wrong(checks.longest_survival, "RecursionError")
def ls_endless(step: Any, state: Any, horizon: Any) -> Any:
    return max(
        1 if step(state, a)[1] else 1 + ls_endless(step, step(state, a)[0], horizon) for a in (0, 1)
    )


@wrong(checks.longest_survival, "both actions start from")
def ls_overwritten(step: Any, state: Any, horizon: Any) -> Any:
    if horizon == 0:
        return 0
    results = []
    for a in (0, 1):
        state, failed = step(state, a)
        results.append(1 + (0 if failed else ls_overwritten(step, state, horizon - 1)))
    return max(results)


@wrong(checks.longest_survival, "goes beyond `horizon`")
def ls_remembered(step: Any, state: Any, horizon: Any) -> Any:
    memo: dict[Any, int] = {}

    def go(s: Any, h: int) -> int:
        if h == 0:
            return 0
        if s in memo:
            return memo[s]
        memo[s] = max((1 if f else 1 + go(t, h - 1)) for t, f in (step(s, a) for a in (0, 1)))
        return memo[s]

    return go(state, horizon)


# --- Beyond ---------------------------------------------------------------------------------------


@wrong(checks.dueling_values, "no gradient comes back")
def dv_detached(value: Any, advantages: Any) -> Any:
    return (value + advantages - advantages.mean(-1, keepdim=True)).detach()


@wrong(checks.dueling_values, "should return a tensor")
def dv_array(value: Any, advantages: Any) -> Any:
    v, a = value.detach().numpy(), advantages.detach().numpy()
    return v + a - a.mean(axis=1, keepdims=True)


@wrong(checks.dueling_values, "must stay in the graph")
def dv_cut_mean(value: Any, advantages: Any) -> Any:
    with torch.no_grad():
        mean = advantages.mean(dim=1, keepdim=True)
    return value + advantages - mean


@wrong(checks.n_step_backup, "it lies n steps ahead.")
def nb_gamma_once(reward: Any, transition: Any, behaviour: Any, q: Any, gamma: Any, n: Any) -> Any:
    rewards, reach = np.zeros(len(q)), q.max(1)
    for _ in range(n - 1):
        rewards = (behaviour * (reward + gamma * transition @ rewards)).sum(1)
        reach = (behaviour * (transition @ reach)).sum(1)
    return reward + gamma * transition @ rewards + gamma * transition @ reach


@wrong(checks.n_step_backup, "ends the episode")
def nb_endless(reward: Any, transition: Any, behaviour: Any, q: Any, gamma: Any, n: Any) -> Any:
    sums = transition.sum(-1, keepdims=True)
    transition = transition / np.where(sums == 0, 1, sums)
    values = q.max(1)
    for _ in range(n - 1):
        values = (behaviour * (reward + gamma * transition @ values)).sum(1)
    return reward + gamma * transition @ values


@wrong(checks.n_step_backup, "differ by action")
def nb_first_drawn(reward: Any, transition: Any, behaviour: Any, q: Any, gamma: Any, n: Any) -> Any:
    values = q.max(1)
    for _ in range(n):
        values = (behaviour * (reward + gamma * transition @ values)).sum(1)
    return np.stack([values] * q.shape[1], axis=1)


@wrong(checks.softmax, "must be divided by the temperature, too")
def sm_undivided(xs: Any, temperature: Any) -> Any:
    e = np.exp(xs / temperature - np.max(xs))
    return e / np.sum(e)


@wrong(checks.softmax, "some exponents far above 0")
def sm_minimum(xs: Any, temperature: Any) -> Any:
    e = np.exp((xs - np.min(xs)) / temperature)
    return e / e.sum()


@wrong(checks.sort_replay_buffer, "your function changes")
def srb_in_place(replay_buffer: Any) -> Any:
    ordered = sorted(replay_buffer, key=lambda stored: stored[0])
    replay_buffer.clear()
    replay_buffer.extend(ordered)
    return replay_buffer


@wrong(checks.update_batch, "an array of one")
def ub_array_of_one(replay_buffer: Any, indices: Any, batch: Any, new_losses: Any) -> None:
    for k, i in enumerate(indices):
        replay_buffer[i] = (new_losses[k : k + 1], *replay_buffer[i][1:])


@wrong(checks.update_batch, "a tuple in the buffer holds 2 things")
def ub_forgot_the_star(replay_buffer: Any, indices: Any, batch: Any, new_losses: Any) -> None:
    for k, i in enumerate(indices):
        replay_buffer[i] = (float(new_losses[k]), replay_buffer[i][1:])


@wrong(checks.prioritized_step, "Store the number")
def ps_array(buf: Any, transition: Any, loss_of: Any, learn: Any, n_samples: Any, rng: Any) -> None:
    newest = tuple(np.array([x]) for x in transition)
    buf.append((loss_of(newest), *transition))


@wrong(checks.dueling_values, "nothing says which is which")
def dv_only_added(value: Any, advantages: Any) -> Any:
    return torch.add(advantages, value)


@wrong(checks.dueling_values, "the paper's other version")
def dv_largest(value: Any, advantages: Any) -> Any:
    return value + (advantages - advantages.max(dim=1, keepdim=True).values)


@wrong(checks.dueling_values, "depend on its company")
def dv_over_the_batch(value: Any, advantages: Any) -> Any:
    return value + advantages - sum(advantages) / len(advantages)


@wrong(checks.dueling_values, "each state has its own")
def dv_over_everything(value: Any, advantages: Any) -> Any:
    return value + advantages - torch.mean(advantages)


@wrong(checks.dueling_values, "the state's value is missing")
def dv_without_value(value: Any, advantages: Any) -> Any:
    q = value + advantages
    return q - q.mean(dim=1, keepdim=True)


@wrong(checks.dueling_values, "shape (1, 1)")
def dv_transposed(value: Any, advantages: Any) -> Any:
    return (value + advantages - advantages.mean(1, keepdim=True)).T[:1]


@wrong(checks.n_step_backup, "holds what the agent *did*")
def nb_best_everywhere(
    reward: Any, transition: Any, behaviour: Any, q: Any, gamma: Any, n: Any
) -> Any:
    for _ in range(n):
        q = reward + gamma * np.einsum("sat,t->sa", transition, q.max(1))
    return q


@wrong(checks.n_step_backup, "n-step expected Sarsa")
def nb_sarsa(reward: Any, transition: Any, behaviour: Any, q: Any, gamma: Any, n: Any) -> Any:
    for _ in range(n):
        q = reward + gamma * np.einsum("sat,t->sa", transition, (behaviour * q).sum(1))
    return q


@wrong(checks.n_step_backup, "it must be Q-learning's own")
def nb_one_more(reward: Any, transition: Any, behaviour: Any, q: Any, gamma: Any, n: Any) -> Any:
    values = q.max(1)
    for _ in range(n):
        values = (behaviour * (reward + gamma * transition @ values)).sum(1)
    return reward + gamma * transition @ values


@wrong(checks.n_step_backup, "one step, whatever n is")
def nb_one(reward: Any, transition: Any, behaviour: Any, q: Any, gamma: Any, n: Any) -> Any:
    return reward + gamma * transition @ q.max(1)


@wrong(checks.n_step_backup, "you leave out the rewards")
def nb_no_rewards(reward: Any, transition: Any, behaviour: Any, q: Any, gamma: Any, n: Any) -> Any:
    values = q.max(1)
    for _ in range(n - 1):
        values = gamma * (behaviour * (transition @ values)).sum(1)
    return reward + gamma * transition @ values


@wrong(checks.n_step_backup, "you discount once")
def nb_discounted_once(
    reward: Any, transition: Any, behaviour: Any, q: Any, gamma: Any, n: Any
) -> Any:
    values = q.max(1)
    for _ in range(n - 1):
        values = (behaviour * (reward + transition @ values)).sum(1)
    return reward + gamma * transition @ values


@wrong(checks.accepted_at, "never try the first full window")
def aa_first_left_out(returns: Any, mark: Any, window: Any) -> Any:
    for k in range(window, len(returns)):
        if np.mean(returns[k + 1 - window : k + 1]) >= mark:
            return k
    return None


@wrong(checks.accepted_at, "one evaluation less than the window holds")
def aa_one_short(returns: Any, mark: Any, window: Any) -> Any:
    for k in range(max(0, window - 2), len(returns)):
        if np.mean(returns[max(0, k + 1 - window) : k + 1]) >= mark:
            return k
    return None


@wrong(checks.accepted_at, "close to the mark is not at it")
def aa_rounded(returns: Any, mark: Any, window: Any) -> Any:
    for k in range(window - 1, len(returns)):
        if round(sum(returns[k + 1 - window : k + 1]) / window) >= mark:
            return k
    return None


@wrong(checks.accepted_at, "where the best window ends")
def aa_best(returns: Any, mark: Any, window: Any) -> Any:
    x = [np.mean(returns[k + 1 - window : k + 1]) for k in range(window - 1, len(returns))]
    if not x or max(x) < mark:
        return None
    return int(np.argmax(x)) + window - 1


@wrong(checks.bootstrap_interval, "each draw picks a whole row")
def bi_whole_rows(scores: Any, draws: Any) -> Any:
    return np.quantile([scores[draw].mean() for draw in draws], [0.025, 0.975])


@wrong(checks.probability_of_improvement, "compared element by element")
def poi_elementwise(x: Any, y: Any) -> Any:
    return np.mean((x > y) + 0.5 * (x == y))


# --------------------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def short_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dqn.checks._machinery.TIME_LIMIT", 3.0)


@wrong(checks.play_episode, "you give env.reset() a seed")
def pe_seeded(env: Any, policy: Any) -> Any:
    obs, _ = env.reset(seed=0)
    total, steps, over = 0.0, 0, False
    while not over:
        obs, reward, terminated, truncated, _ = env.step(policy(obs))
        total, steps, over = total + reward, steps + 1, terminated or truncated
    return total, steps


@wrong(checks.play_episode, "your loop stops after 300 steps of an episode that goes on")
def pe_bounded(env: Any, policy: Any) -> Any:
    obs, _ = env.reset()
    total, steps = 0.0, 0
    for _ in range(300):
        obs, reward, terminated, truncated, _ = env.step(policy(obs))
        total, steps = total + reward, steps + 1
        if terminated or truncated:
            break
    return total, steps


@wrong(checks.play_episode, "it never looks at the two flags")
def pe_for_ever(env: Any, policy: Any) -> Any:
    obs, _ = env.reset()
    while True:
        obs, *_ = env.step(policy(obs))


@wrong(checks.play_episode, "env.reset() belongs before the loop")
def pe_resets(env: Any, policy: Any) -> Any:
    total, steps, over = 0.0, 0, False
    while not over:
        obs, _ = env.reset()
        _, reward, terminated, truncated, _ = env.step(policy(obs))
        total, steps, over = total + reward, steps + 1, terminated or truncated
    return total, steps


@wrong(checks.discounted_return, "the result of the case below is not right")
def dr_zeros_skipped(rewards: Any, gamma: Any) -> Any:
    total = 0.0
    for reward in reversed(rewards):
        if reward:
            total = reward + gamma * total
    return total


@wrong(checks.store, "The loss inverts it with `~`")
def st_int_flag(b: Any, s: Any, a: Any, r: Any, n: Any, te: Any, _tr: Any) -> None:
    b.append((s, a, r, n, int(te)))


@wrong(checks.store, "the flag in the buffer is 'False', a str")
def st_text_flag(b: Any, s: Any, a: Any, r: Any, n: Any, te: Any, _tr: Any) -> None:
    b.append((s, a, r, n, str(te)))


@wrong(checks.store, "the rewards in the buffer should be numbers")
def st_text_reward(b: Any, s: Any, a: Any, r: Any, n: Any, te: Any, _tr: Any) -> None:
    b.append((s, a, str(r), n, te))


@wrong(checks.sample_batch, "the actions should be whole numbers")
def sb_all_floats(b: Any, n: Any, rng: Any) -> Any:
    rows = [b[i] for i in rng.integers(len(b), size=n)]
    return tuple(np.array(column, dtype=np.float32) for column in zip(*rows, strict=True))


@wrong(checks.ring_slots, "yours are of type float64")
def rs_floats(position: Any, count: Any, capacity: Any) -> Any:
    slots = np.zeros(count)
    for i in range(count):
        slots[i] = (position + i) % capacity
    return slots


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


@wrong(checks.update_target, "the result of the case below is not right")
def ut_two_layers(target: Any, online: Any, tau: Any) -> None:
    linear = [[m for m in net.modules() if isinstance(m, nn.Linear)] for net in (target, online)]
    with torch.no_grad():
        for old, new in list(zip(*linear, strict=True))[:2]:
            for p, q in zip(old.parameters(), new.parameters(), strict=True):
                p.copy_((1 - tau) * p + tau * q)


@wrong(checks.update_target, "target has new parameters now")
def ut_new_parameters(target: Any, online: Any, tau: Any) -> None:
    for old, new in zip(target.modules(), online.modules(), strict=True):
        for name, p in list(old.named_parameters(recurse=False)):
            q = getattr(new, name)
            setattr(old, name, nn.Parameter(((1 - tau) * p + tau * q).detach()))


@wrong(checks.known_answers, "a dozen sweeps are not enough")
def ka_dozen(reward: Any, next_state: Any, terminated: Any, gamma: Any) -> Any:
    q = np.zeros(reward.shape)
    for _ in range(12):
        q = reward + gamma * ~terminated * q.max(axis=1)[next_state]
    return q


@wrong(checks.q_learning_update, "your entry becomes the reward at once")
def qu_at_once(
    q: Any, s: Any, a: Any, r: Any, n: Any, terminated: Any, alpha: Any, gamma: Any
) -> None:
    if terminated:
        q[s, a] = r
    else:
        q[s, a] += alpha * (r + gamma * q[n].max() - q[s, a])


@wrong(checks.select_action_eps_greedy, "as many actions as the state has numbers")
def sa_size_of_the_state(network: Any, state: Any, epsilon: Any, rng: Any) -> Any:
    if rng.random() < epsilon:
        return int(rng.integers(len(state)))
    with torch.no_grad():
        return int(network(torch.as_tensor(state)).argmax())


@wrong(checks.td_loss, "your function returned 1 thing: return the loss alone")
def l_trailing_comma(net: Any, s: Any, a: Any, r: Any, n: Any, d: Any, g: Any) -> Any:
    return (batch_loss(net(s), net(n).detach(), a, r, d, g),)


@wrong(checks.td_loss_with_target, "your function returned 2 things: return the loss alone")
def lt_with_errors(
    net: Any, tgt: Any, s: Any, a: Any, r: Any, n: Any, d: Any, g: Any
) -> Any:  # fmt: skip
    loss = batch_loss(net(s), tgt(n).detach(), a, r, d, g)
    return loss, loss.detach()


@wrong(checks.double_q_target, "returned a NumPy array; it should return a torch tensor")
def dq_array(r: Any, d: Any, o: Any, t: Any) -> Any:
    r, d, o, t = (x.numpy() for x in (r, d, o, t))
    return r + d * t[np.arange(len(r)), o.argmax(1)]


@wrong(checks.double_q_target, "your targets are of type torch.float64")
def dq_double(r: Any, d: Any, o: Any, t: Any) -> Any:
    return r.double() + d * t[torch.arange(len(r)), o.argmax(1)]


@wrong(checks.store, "which of them tells that nothing follows?")
def st_truncated(b: Any, s: Any, a: Any, r: Any, n: Any, _te: Any, tr: Any) -> None:
    b.append((s, a, r, n, tr))


@wrong(checks.store, "when is the value of the next state zero?")
def st_reversed(b: Any, s: Any, a: Any, r: Any, n: Any, te: Any, _tr: Any) -> None:
    b.append((s, a, r, n, not te))


@wrong(checks.store, "the buffer now holds a NumPy array")
def st_array(b: Any, s: Any, a: Any, r: Any, n: Any, te: Any, _tr: Any) -> None:
    b.append(np.array([*s, a, r, *n, te]))


@wrong(checks.store, "the flag in the buffer is 0, an int")
def st_zero(b: Any, s: Any, a: Any, r: Any, n: Any, te: Any, _tr: Any) -> None:
    b.append((s, a, r, n, 1 if te else 0))


@wrong(checks.store, "a transition in the buffer has 4 things instead of 5")
def st_four(b: Any, s: Any, a: Any, r: Any, n: Any, te: Any, _tr: Any) -> None:
    b.append((s, a, r, n))


@wrong(checks.bootstrap_mask, "a fall before the time limit?")
def bm_both(te: Any, tr: Any) -> Any:
    return np.logical_not(te * tr)


@wrong(checks.ring_slots, "run past the end")
def rs_range(position: Any, count: Any, capacity: Any) -> Any:
    return range(position, position + count)


@wrong(checks.greedy_index, "you count from 1")
def gi_from_one(e: Any) -> Any:
    return int(np.argmax(abs(e))) + 1


@wrong(checks.play_episode, "the number of steps is one too small")
def pe_counts_late(env: Any, policy: Any) -> Any:
    obs, _ = env.reset()
    total, steps = 0.0, 0
    while True:
        obs, reward, terminated, truncated, _ = env.step(policy(obs))
        total += reward
        if terminated or truncated:
            return total, steps
        steps += 1


@wrong(checks.bellman_optimality_backup, "P and R have changed places")
def bo_exchanged(R: Any, P: Any, q: Any, gamma: Any) -> Any:
    return R + gamma * P.dot(q.max(-1))


@wrong(checks.bellman_optimality_backup, "you used the value of the state itself")
def bo_own_row(P: Any, R: Any, q: Any, gamma: Any) -> Any:
    new = np.zeros_like(R)
    for s, a in np.ndindex(q.shape):
        new[s, a] = R[s, a] + gamma * sum(P[s, a, t] * max(q[s]) for t in range(len(q)))
    return new


@wrong(checks.n_step_transition, "you leave the loop before its reward is added")
def ns_breaks_early(rewards: Any, te: Any, tr: Any, gamma: Any) -> Any:
    total, k = 0.0, 0
    for reward in rewards:
        if te[k] or tr[k]:
            return total, gamma**k * (1 - te[k]), k
        total += gamma**k * reward
        k += 1
    return total, gamma**k, k


@wrong(checks.n_step_transition, "how far away is the next state?")
def ns_plain_gamma(rewards: Any, te: Any, tr: Any, gamma: Any) -> Any:
    total = 0.0
    for k, reward in enumerate(rewards):
        total += gamma**k * reward
        if te[k] or tr[k]:
            return total, 0.0 if te[k] else gamma, k + 1
    return total, gamma, len(rewards)


@wrong(checks.n_step_transition, "all but the first reward are discounted alike")
def ns_rewards_alike(rewards: Any, te: Any, tr: Any, gamma: Any) -> Any:
    total = 0.0
    for k, reward in enumerate(rewards):
        total += gamma * reward if k else reward
        if te[k] or tr[k]:
            break
    return total, 0.0 if te[k] else gamma ** (k + 1), k + 1


@wrong(checks.n_step_transition, "the first reward counts in full")
def ns_one_power_more(rewards: Any, te: Any, tr: Any, gamma: Any) -> Any:
    total, discount, k = 0.0, 1.0, 0
    while True:
        discount *= gamma
        total += discount * rewards[k]
        k += 1
        if te[k - 1] or tr[k - 1] or k == len(rewards):
            return total, discount * (not te[k - 1]), k


@wrong(checks.n_step_transition, "To which episode does it belong?")
def ns_last_flag(rewards: Any, te: Any, tr: Any, gamma: Any) -> Any:
    ends = np.flatnonzero(np.logical_or(te, tr))
    n = int(ends[0]) + 1 if len(ends) else len(rewards)
    total = sum(gamma**k * r for k, r in enumerate(rewards[:n]))
    return total, 0.0 if te[-1] else gamma**n, n


@wrong(checks.n_step_transition, "wherever in the window an episode terminates")
def ns_any_flag(rewards: Any, te: Any, tr: Any, gamma: Any) -> Any:
    ends = np.flatnonzero(np.logical_or(te, tr))
    n = int(ends[0]) + 1 if len(ends) else len(rewards)
    total = sum(gamma**k * r for k, r in enumerate(rewards[:n]))
    return total, 0.0 if any(te) else gamma**n, n


@wrong(checks.n_step_transition, "the sum and the discount have changed places")
def ns_exchanged(rewards: Any, te: Any, tr: Any, gamma: Any) -> Any:
    total, discount, n = 0.0, 1.0, 0
    for r, end, cut in zip(rewards, te, tr, strict=True):
        total, discount, n = total + discount * r, discount * gamma, n + 1
        if end or cut:
            return 0.0 if end else discount, total, n
    return discount, total, n


@wrong(checks.n_step_transition, "as the discount your function returned True")
def ns_true(rewards: Any, te: Any, tr: Any, gamma: Any) -> Any:
    n = next((k for k in range(len(te)) if te[k] or tr[k]), len(te) - 1) + 1
    return sum(gamma**k * r for k, r in enumerate(rewards[:n])), not te[n - 1], n


@wrong(checks.dueling_values, "returned a NumPy array; it should return a tensor")
def dv_numpy(value: Any, advantages: Any) -> Any:
    v, a = value.detach().numpy(), advantages.detach().numpy()
    return v + a - a.mean(1)[:, None]


@wrong(checks.sort_replay_buffer, "returned a NumPy array")
def srb_array(buf: Any) -> Any:
    items = np.empty(len(buf), dtype=object)
    items[:] = sorted(buf, key=lambda stored: stored[0])
    return items


@wrong(checks.update_batch, "the buffer now holds a NumPy array among its tuples")
def ub_arrays(buf: Any, idx: Any, batch: Any, new: Any) -> None:
    for k, i in enumerate(idx):
        buf[i] = np.array([new[k], *buf[i][1:]], dtype=object)


@pytest.mark.parametrize("exercise", ["store", "bootstrap_mask"])
def test_what_decides_is_asked_and_not_told(exercise: str) -> None:
    """To find out which of the two flags it is, is all there is to these exercises."""
    answers = [function for checker, function, _ in WRONG if checker.__name__ == exercise]
    (mistakes,) = (m for e, m in checks.catalogue() if e.name == exercise)
    for function in [*answers, *(mistake.function for mistake in mistakes)]:
        message = said(getattr(checks, exercise), function)
        message = message.replace("terminated = ", "").replace("truncated = ", "")  # the inputs
        assert "terminated" not in message
        assert "truncated" not in message


@pytest.mark.parametrize(
    ("checker", "function", "reason"), WRONG, ids=[function.__name__ for _, function, _ in WRONG]
)
def test_wrong_answer_is_rejected_for_its_own_reason(
    checker: Any, function: Any, reason: str
) -> None:
    assert reason in said(checker, function)


def test_at_least_five_for_every_exercise() -> None:
    counts = Counter(checker.__name__ for checker, _, _ in WRONG)
    assert counts.keys() == {exercise.name for exercise, _ in checks.catalogue()}
    assert min(counts.values()) >= 5
