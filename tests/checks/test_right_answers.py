"""Right answers as students may write them: none of them looks like ours."""

# ruff: noqa: ARG001 - a student need not use every argument

import random
from collections import Counter, deque
from collections.abc import Callable
from functools import partial
from itertools import accumulate, pairwise
from typing import Any, TypeVar

import gymnasium as gym
import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from dqn import checks, losses
from dqn.prioritized import SumTree

Answer = TypeVar("Answer", bound=Callable[..., Any])
RIGHT: list[tuple[Any, Any]] = []


def right(checker: Any) -> Callable[[Answer], Answer]:
    """Note down a right answer to the exercise."""

    def note(function: Answer) -> Answer:
        RIGHT.append((checker, function))
        return function

    return note


@right(checks.discounted_return)
def with_numpy(rewards: Any, gamma: Any) -> Any:
    return np.sum(np.array(rewards) * gamma ** np.arange(len(rewards)))


@right(checks.discounted_return)
def with_torch(rewards: Any, gamma: Any) -> Any:
    return sum((torch.tensor(r) * gamma**k for k, r in enumerate(rewards)), torch.tensor(0.0))


@right(checks.discounted_return)
def recursively(rewards: Any, gamma: Any) -> Any:
    return rewards[0] + gamma * recursively(rewards[1:], gamma) if rewards else 0


@right(checks.play_episode)
def with_break(env: Any, policy: Any) -> Any:
    obs, _ = env.reset()
    rewards = []
    while True:
        obs, reward, terminated, truncated, _ = env.step(policy(obs))
        rewards.append(reward)
        if terminated or truncated:
            break
    env.close()
    return np.sum(rewards), len(rewards)


@right(checks.play_episode)
def with_gymnasiums_own_statistics(env: Any, policy: Any) -> Any:
    env = gym.wrappers.RecordEpisodeStatistics(env)
    obs, _ = env.reset()
    over = False
    while not over:
        obs, _, terminated, truncated, info = env.step(policy(obs))
        over = terminated or truncated
    return info["episode"]["r"], info["episode"]["l"]


@right(checks.bellman_optimality_backup)
def with_loops(P: Any, R: Any, q: Any, gamma: Any) -> Any:
    new = np.zeros_like(R)
    for s, a in np.ndindex(q.shape):
        new[s, a] = R[s, a] + gamma * sum(P[s, a, t] * max(q[t]) for t in range(len(q)))
    return new


@right(checks.bellman_optimality_backup)
def with_einsum(P: Any, R: Any, q: Any, gamma: Any) -> Any:
    return (R + gamma * np.einsum("sat,t->sa", P, q.max(-1))).astype(np.float32)


@right(checks.q_learning_update)
def as_an_average(
    q: Any, s: Any, a: Any, r: Any, s_next: Any, terminated: Any, alpha: Any, gamma: Any
) -> Any:
    q[s][a] = (1 - alpha) * q[s][a] + alpha * (r + gamma * np.max(q[s_next]) * (1 - terminated))
    return q


@right(checks.q_learning_update)
def returning_the_error(
    q: Any, s: Any, a: Any, r: Any, s_next: Any, terminated: Any, alpha: Any, gamma: Any
) -> Any:
    delta = r - q[s, a]
    if not terminated:
        delta += gamma * q[s_next].max()
    q[s, a] += alpha * delta
    return delta


@right(checks.sarsa_update)
def by_the_book(
    q: Any,
    s: Any,
    a: Any,
    r: Any,
    s_next: Any,
    a_next: Any,
    terminated: Any,
    alpha: Any,
    gamma: Any,
) -> Any:
    following = 0 if terminated else q[s_next, a_next]
    q[s, a] = q[s, a] + alpha * (r + gamma * following - q[s, a])


@right(checks.semi_gradient_step)
def with_autograd(w: Any, x: Any, reward: Any, discount: Any, y: Any, alpha: Any) -> Any:
    weights = torch.tensor(w, requires_grad=True)
    prediction = torch.dot(weights, torch.tensor(x))
    target = reward + discount * float(np.dot(w, y))
    (0.5 * (target - prediction) ** 2).backward()
    return weights.detach().numpy() - alpha * weights.grad.numpy()  # type: ignore[union-attr]


@right(checks.create_network)
class Network(nn.Module):
    def __init__(self, input_dim: Any, hidden_dims: Any, output_dim: Any):
        super().__init__()
        sizes = [input_dim, *hidden_dims]
        pairs = pairwise(sizes)
        self.last = nn.Linear(sizes[-1], output_dim)
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in pairs)

    def forward(self, x: Any) -> Any:
        for layer in self.layers:
            x = F.relu(layer(x))
        return self.last(x)


@right(checks.create_network)
def in_place(input_dim: Any, hidden_dims: Any, output_dim: Any) -> Any:
    layers: list[nn.Module] = []
    for left, following in pairwise([input_dim, *hidden_dims]):
        layers.extend([nn.Linear(left, following), nn.ReLU(inplace=True)])
    return nn.Sequential(*layers, nn.Linear([input_dim, *hidden_dims][-1], output_dim))


@right(checks.create_network)
def from_zero(input_dim: Any, hidden_dims: Any, output_dim: Any) -> Any:
    network = in_place(input_dim, hidden_dims, output_dim)
    nn.init.zeros_(network[-1].weight)
    nn.init.zeros_(network[-1].bias)
    return network


@right(checks.select_action_eps_greedy)
def the_homeworks(network: Any, state: Any, epsilon: Any, rng: Any) -> Any:
    if not isinstance(state, torch.Tensor):
        state = torch.tensor(state, dtype=torch.float32)
    Q_s = network(state).detach().numpy()
    if epsilon < rng.random():  # noqa: SIM108
        action = np.argmax(Q_s)
    else:
        action = rng.choice(Q_s.shape[-1])
    return int(action)


@right(checks.select_action_eps_greedy)
@torch.inference_mode()
def with_a_batch_axis(network: Any, state: Any, epsilon: Any, rng: Any) -> Any:
    q = network(torch.from_numpy(state)[None])
    probabilities = np.full(q.shape[1], epsilon / q.shape[1])
    probabilities[q.argmax(1).item()] += 1 - epsilon
    return rng.choice(q.shape[1], p=probabilities)  # np.int64


@right(checks.td_target)
def with_where(rewards: Any, next_q: Any, terminated: Any, gamma: Any) -> Any:
    best, _ = torch.max(next_q, axis=-1)  # type: ignore[call-overload]
    return torch.where(terminated, rewards, rewards + gamma * best)


@right(checks.td_target)
def with_masked_fill(rewards: Any, next_q: Any, terminated: Any, gamma: Any) -> Any:
    return rewards.double() + gamma * next_q.amax(1).masked_fill(terminated, 0)


@right(checks.td_target)
def the_packages(rewards: Any, next_q: Any, terminated: Any, gamma: Any) -> Any:
    return losses.q_learning_target(rewards, gamma * (1 - terminated.float()), next_q)


@right(checks.td_loss)
def the_homeworks_four_lines(
    network: Any, states: Any, actions: Any, rewards: Any, next_states: Any, is_done: Any,
    gamma: Any = 0.99, check_shapes: Any = False,
) -> Any:  # fmt: skip
    states = torch.tensor(np.array(states), dtype=torch.float32)
    actions = torch.tensor(actions, dtype=torch.long)
    rewards = torch.tensor(rewards, dtype=torch.float32)
    next_states = torch.tensor(np.array(next_states), dtype=torch.float32)
    is_done = torch.tensor(is_done, dtype=torch.bool)
    predicted_qvalues = network(states)
    predicted = predicted_qvalues[range(states.shape[0]), actions]
    predicted_next_qvalues = network(next_states)
    next_state_values = torch.max(predicted_next_qvalues.detach(), axis=-1)[0]  # type: ignore[call-overload]
    target = rewards + gamma * next_state_values
    target = torch.where(is_done, rewards, target)
    losses = (predicted - target.detach()) ** 2
    if check_shapes:
        assert target.dim() == 1
    return torch.mean(losses)


@right(checks.select_action_eps_greedy)
def asking_the_last_layer(network: Any, state: Any, epsilon: Any, rng: Any) -> Any:
    if rng.random() < epsilon:
        return int(rng.integers(network[-1].out_features))
    with torch.no_grad():
        return int(network(torch.as_tensor(state)).argmax())


@right(checks.sample_batch)
def four_numbers_a_state(replay_buffer: Any, n_samples: Any, rng: Any) -> Any:
    s, n = np.zeros((2, n_samples, 4), np.float32)
    a, r, d = np.zeros(n_samples, int), np.zeros(n_samples, np.float32), np.zeros(n_samples, bool)
    for k in range(n_samples):
        s[k], a[k], r[k], n[k], d[k] = replay_buffer[rng.integers(len(replay_buffer))]
    return s, a, r, n, d


@right(checks.sample_batch)
def sorted_draws(replay_buffer: Any, n_samples: Any, rng: Any) -> Any:
    chosen = sorted(rng.choice(len(replay_buffer), n_samples, replace=False))
    return map(np.array, zip(*(replay_buffer[i] for i in chosen), strict=True))


@right(checks.ring_slots)
def as_a_list(position: Any, count: Any, capacity: Any) -> Any:
    return [(position + i) % capacity for i in range(count)]


@right(checks.td_loss_with_target)
def frozen_target(
    network: Any, target: Any, s: Any, a: Any, r: Any, n: Any, d: Any, gamma: Any
) -> Any:
    target.requires_grad_(False)
    y = r + gamma * ~d * target(n).max(1).values
    return ((y - network(s)[torch.arange(len(a)), a]) ** 2).mean()


@right(checks.td_loss)
def with_mse_loss(
    network: Any, states: Any, actions: Any, rewards: Any, next_states: Any, terminated: Any,
    gamma: Any,
) -> Any:  # fmt: skip
    prediction = network(states).gather(1, actions.unsqueeze(1)).squeeze(1)
    target = rewards + gamma * network(next_states).max(1)[0] * (1 - terminated.int())
    return F.mse_loss(prediction, target.detach())


@right(checks.td_loss)
def with_one_hot(
    network: Any, states: Any, actions: Any, rewards: Any, next_states: Any, terminated: Any,
    gamma: Any,
) -> Any:  # fmt: skip
    q = network(states)
    prediction = (q * F.one_hot(actions, q.shape[1])).sum(-1)
    with torch.no_grad():
        target = rewards.clone()
        going_on = ~terminated
        target[going_on] += gamma * network(next_states)[going_on].amax(-1)
    return (target - prediction).square().mean()


@right(checks.td_loss_with_target)
def both_networks(
    network: Any, target_network: Any, states: Any, actions: Any, rewards: Any, next_states: Any,
    terminated: Any, gamma: Any,
) -> Any:  # fmt: skip
    q = torch.take_along_dim(network(states), actions[:, None], dim=1)[:, 0]
    best = target_network(next_states).max(dim=-1).values.detach()
    return F.mse_loss(q, rewards + gamma * (1.0 - terminated.float()) * best)


@right(checks.store)
def appending(
    buffer: Any, state: Any, action: Any, reward: Any, next_state: Any, terminated: Any, _: Any
) -> Any:
    buffer.append([np.copy(state), int(action), float(reward), next_state, bool(terminated)])
    return len(buffer)


@right(checks.sample_batch)
def with_choice(replay_buffer: Any, n_samples: Any, rng: Any) -> Any:
    states, actions, rewards, next_states, dones = [], [], [], [], []
    for i in rng.choice(len(replay_buffer), n_samples):
        s, a, r, n_s, done = replay_buffer[i]
        states.append(s)
        actions.append(a)
        rewards.append(r)
        next_states.append(n_s)
        dones.append(done)
    return (
        np.array(states), np.array(actions), np.array(rewards), np.array(next_states),
        np.array(dones),
    )  # fmt: skip


@right(checks.sample_batch)
def without_replacement(replay_buffer: Any, n_samples: Any, rng: Any) -> Any:
    order = rng.permutation(len(replay_buffer))[:n_samples]
    rows = [replay_buffer[i] for i in order]
    return [torch.as_tensor(np.stack(column)) for column in zip(*rows, strict=True)]


@right(checks.sample_batch)
def with_pythons_random(replay_buffer: Any, n_samples: Any, rng: Any) -> Any:
    generator = random.Random(int(rng.integers(2**32)))
    rows = generator.sample(list(replay_buffer), n_samples)
    return tuple(map(np.array, zip(*rows, strict=True)))


@right(checks.ring_slots)
def as_an_array_of_a_list(position: Any, count: Any, capacity: Any) -> Any:
    return np.array([(position + i) % capacity for i in range(count)])


@right(checks.ring_slots)
def asking_afterwards(position: Any, count: Any, capacity: Any) -> Any:
    slots = []
    while True:
        slots.append(position)
        position = (position + 1) % capacity
        if len(slots) >= count:
            return slots


@right(checks.ring_slots)
def one_by_one(position: Any, count: Any, capacity: Any) -> Any:
    slots = []
    for _ in range(count):
        slots.append(position)
        position = position + 1 if position + 1 < capacity else 0
    return slots


@right(checks.ring_slots)
def in_two_pieces(position: Any, count: Any, capacity: Any) -> Any:
    first = min(count, capacity - position)
    return np.concatenate([np.arange(position, position + first), np.arange(count - first)])


@right(checks.ring_slots)
def as_a_range(position: Any, count: Any, capacity: Any) -> Any:
    slots = range(position, position + count)
    return slots if position + count <= capacity else [slot % capacity for slot in slots]


@right(checks.update_target)
def with_lerp(target: Any, online: Any, tau: Any) -> Any:
    for p, q in zip(target.parameters(), online.parameters(), strict=True):
        p.data.lerp_(q.data, tau)
    return target


@right(checks.update_target)
def with_new_data(target: Any, online: Any, tau: Any) -> Any:
    for p, q in zip(target.parameters(), online.parameters(), strict=True):
        p.requires_grad_(False)
        p.data = (1 - tau) * p.data + tau * q.data


@right(checks.update_target)
def with_state_dict(target: Any, online: Any, tau: Any) -> Any:
    old, new = target.state_dict(), online.state_dict()
    target.load_state_dict({key: tau * new[key] + (1 - tau) * old[key] for key in old})


@right(checks.bootstrap_mask)
def inverted(terminated: Any, truncated: Any) -> Any:
    return ~terminated


@right(checks.bootstrap_mask)
def row_by_row(terminated: Any, _truncated: Any) -> Any:
    return np.array([0 if flag else 1 for flag in terminated])


@right(checks.n_step_transition)
def by_cutting_the_window(rewards: Any, terminated: Any, truncated: Any, gamma: Any) -> Any:
    over = np.logical_or(terminated, truncated)
    n = int(over.argmax()) + 1 if over.any() else len(rewards)
    total = np.dot(rewards[:n], gamma ** np.arange(n))
    return total, gamma**n * (not terminated[n - 1]), n


@right(checks.n_step_transition)
def with_false_for_zero(rewards: Any, terminated: Any, truncated: Any, gamma: Any) -> Any:
    total, discount = 0.0, 1.0
    for k, (reward, te, tr) in enumerate(zip(rewards, terminated, truncated, strict=True)):
        total += discount * reward
        discount = not te and discount * gamma
        if te or tr:
            return total, discount, k + 1
    return total, discount, len(rewards)


@right(checks.double_q_target)
def with_gather(rewards: Any, discounts: Any, online_next_q: Any, target_next_q: Any) -> Any:
    best = online_next_q.argmax(1, keepdim=True)
    return rewards + discounts * target_next_q.gather(1, best).squeeze(1)


@right(checks.double_q_target)
def the_packages_double(rewards: Any, discounts: Any, online: Any, target: Any) -> Any:
    return losses.double_q_target(rewards, discounts, online, target)


@right(checks.greedy_index)
def with_max(td_errors: Any) -> Any:
    return max(range(len(td_errors)), key=lambda i: abs(td_errors[i]))


@right(checks.greedy_index)
def with_argmax(td_errors: Any) -> Any:
    return np.argmax(td_errors**2)  # np.int64


@right(checks.proportional_probabilities)
def with_exp_and_log(td_errors: Any, alpha: Any, epsilon: Any) -> Any:
    p = np.exp(alpha * np.log(np.abs(td_errors) + epsilon))
    return (p / np.sum(p)).astype(np.float32)


@right(checks.misplaced_share)
def what_is_too_much(noted: Any, current: Any, alpha: Any) -> Any:
    p, q = noted**alpha, current**alpha
    return np.maximum(p / p.sum() - q / q.sum(), 0).sum()


@right(checks.misplaced_share)
def one_minus_the_overlap(noted: Any, current: Any, alpha: Any) -> Any:
    p, q = (torch.tensor(x, dtype=torch.float64) ** alpha for x in (noted, current))
    return 1 - torch.minimum(p / p.sum(), q / q.sum()).sum()


@right(checks.importance_weights)
def without_the_size(probabilities: Any, size: Any, beta: Any) -> Any:
    return (probabilities.min() / probabilities) ** beta


@right(checks.importance_weights)
def as_the_paper_writes_it(probabilities: Any, size: Any, beta: Any) -> Any:
    w = (1 / size * 1 / probabilities) ** beta
    return w / np.max(w)


@right(checks.sum_tree_build)
def level_by_level(leaves: Any) -> Any:
    levels = [np.array(leaves, dtype=float)]
    while len(levels[0]) > 1:
        levels.insert(0, levels[0][::2] + levels[0][1::2])
    return np.concatenate([[np.nan], *levels])  # node 0 is nobody's business


@right(checks.sum_tree_find)
def by_running_sums(tree: Any, mass: Any) -> Any:
    leaves = tree[len(tree) // 2 :]
    return int(np.searchsorted(np.cumsum(leaves), mass, side="right"))


@right(checks.sum_tree_find)
def recursively_down(tree: Any, mass: Any, node: Any = 1) -> Any:
    if 2 * node >= len(tree):
        return node - len(tree) // 2
    if mass < tree[2 * node]:
        return recursively_down(tree, mass, 2 * node)
    return recursively_down(tree, mass - tree[2 * node], 2 * node + 1)


@right(checks.sum_tree_find)
def the_packages_tree(tree: Any, mass: Any) -> Any:
    leaves = tree[len(tree) // 2 :]
    ours = SumTree(len(leaves))
    ours.set(np.arange(len(leaves)), leaves)
    return int(ours.find([mass])[0])


@right(checks.softmax)
def with_torchs_softmax(xs: Any, temperature: Any) -> Any:
    return torch.softmax(torch.as_tensor(xs) / temperature, dim=0)


@right(checks.softmax)
def with_torchs_softmax_in_single_precision(xs: Any, temperature: Any) -> Any:
    scaled = torch.tensor((xs - xs.max()) / temperature, dtype=torch.float32)
    return F.softmax(scaled, dim=-1).numpy()  # `rng.choice` takes these


@right(checks.softmax)
def the_homeworks_softmax(xs: Any, temp: Any = 1000.0) -> Any:
    if not isinstance(xs, np.ndarray):
        xs = np.array(xs)
    exp_xs = np.exp((xs - xs.max()) / temp)
    return exp_xs / exp_xs.sum()


@right(checks.sample_prioritized_batch)
def the_homeworks_sampling(replay_buffer: Any, n_samples: Any, rng: Any) -> Any:
    losses = [sample[0] for sample in replay_buffer]
    indices = rng.choice(len(replay_buffer), n_samples, p=the_homeworks_softmax(losses))
    states, actions, rewards, next_states, dones = [], [], [], [], []
    for i in indices:
        _, s, a, r, n_s, done = replay_buffer[i]
        states.append(s)
        actions.append(a)
        rewards.append(r)
        next_states.append(n_s)
        dones.append(done)
    batch = (
        np.array(states), np.array(actions), np.array(rewards), np.array(next_states),
        np.array(dones),
    )  # fmt: skip
    return batch, indices


@right(checks.sample_prioritized_batch)
def by_inversion(replay_buffer: Any, n_samples: Any, rng: Any) -> Any:
    p = the_homeworks_softmax(np.array([sample[0] for sample in replay_buffer]))
    edges = list(accumulate(p))
    indices = [int(np.searchsorted(edges, u * edges[-1])) for u in rng.random(n_samples)]
    columns = list(zip(*[list(replay_buffer)[i][1:] for i in indices], strict=True))
    return [np.stack(column) for column in columns], indices


@right(checks.update_batch)
def the_homeworks_update(replay_buffer: Any, indices: Any, batch: Any, new_losses: Any) -> Any:
    states, actions, rewards, next_states, is_done = batch
    for i in range(len(indices)):
        new_batch = new_losses[i], states[i], actions[i], rewards[i], next_states[i], is_done[i]
        replay_buffer[indices[i]] = new_batch


@right(checks.update_batch)
def keeping_what_is_there(replay_buffer: Any, indices: Any, batch: Any, new_losses: Any) -> Any:
    for i, loss in zip(indices, new_losses, strict=True):
        replay_buffer[i] = (float(loss), *replay_buffer[i][1:])


@right(checks.update_batch)
def with_pythons_own_numbers(replay_buffer: Any, indices: Any, batch: Any, new_losses: Any) -> Any:
    for i, loss, s, a, r, next_s, done in zip(indices, new_losses, *batch, strict=True):
        replay_buffer[int(i)] = (float(loss), s, int(a), float(r), next_s, bool(done))


@right(checks.sort_replay_buffer)
def the_homeworks_sort(replay_buffer: Any) -> Any:
    new_rb: deque[Any] = deque(maxlen=replay_buffer.maxlen)
    new_rb.extend(sorted(replay_buffer, key=lambda sample: sample[0]))
    return new_rb


@right(checks.prioritized_step)
def the_homeworks_step(
    replay_buffer: Any, transition: Any, loss_of: Any, learn: Any, n_samples: Any, rng: Any
) -> None:
    s, a, r, next_s, done = transition
    loss = loss_of(([s], [a], [r], [next_s], [done]))
    replay_buffer.append((float(loss[0]), s, a, r, next_s, done))
    if len(replay_buffer) < n_samples:
        return
    batch, indices = the_homeworks_sampling(replay_buffer, n_samples, rng)
    learn(batch)
    for i, loss in zip(indices, loss_of(batch), strict=True):
        replay_buffer[i] = [loss, *replay_buffer[i][1:]]


@right(checks.longest_survival)
def layer_by_layer(step: Any, state: Any, horizon: Any) -> Any:
    alive = [state]
    for taken in range(1, horizon + 1):
        tried = [step(one, action) for one in alive for action in (0, 1)]
        alive = [moved for moved, failed in tried if not failed]
        if not alive:
            return taken
    return horizon


@right(checks.interquartile_mean)
def dropping_both_ends(scores: Any) -> Any:
    left = sorted(scores.tolist())
    for _ in range(len(scores) // 4):
        left.pop(0)
        left.pop()
    return sum(left) / len(left)


@right(checks.interquartile_mean)
def by_partition(scores: Any) -> Any:
    k = scores.size // 4
    return np.partition(scores, [k, scores.size - k - 1])[k : scores.size - k].mean()


@right(checks.bootstrap_interval)
def task_by_task(scores: Any, draws: Any) -> Any:
    means = []
    for draw in draws:
        columns = [scores[draw[:, m], m] for m in range(scores.shape[1])]
        means.append(np.mean(columns))
    return np.percentile(means, 2.5), np.percentile(means, 97.5)


@right(checks.bootstrap_interval)
def as_a_list_of_two(scores: Any, draws: Any) -> Any:
    resampled = np.stack([scores[:, m][draws[..., m]] for m in range(scores.shape[1])])
    return list(np.quantile(resampled.mean((0, 2)), (0.025, 0.975)))


@right(checks.probability_of_improvement)
def by_signs(x: Any, y: Any) -> Any:
    return (np.sign(np.subtract.outer(x, y)).mean() + 1) / 2


@right(checks.accepted_at)
def with_a_running_window(returns: Any, mark: Any, window: Any) -> Any:
    last: deque[float] = deque(maxlen=window)
    for k, value in enumerate(returns):
        last.append(value)
        if len(last) == window and sum(last) / window >= mark:
            return k
    return None


@right(checks.accepted_at)
def by_convolution(returns: Any, mark: Any, window: Any) -> Any:
    if len(returns) < window:
        return None
    means = np.convolve(returns, np.ones(window), "valid") / window
    passing = np.flatnonzero(means >= mark)
    return passing[0] + window - 1 if passing.size else None


@right(checks.bootstrap_interval)
def interval_as_an_array(scores: Any, draws: Any) -> Any:
    means = scores[draws, np.arange(scores.shape[1])].mean((1, 2))
    return np.quantile(means, [0.025, 0.975])


@right(checks.bootstrap_interval)
def interval_as_a_tensor(scores: Any, draws: Any) -> Any:
    s = torch.as_tensor(scores).expand(len(draws), *scores.shape)
    means = s.gather(1, torch.as_tensor(draws)).mean((1, 2))
    return means.quantile(torch.tensor([0.025, 0.975], dtype=torch.float64))


@right(checks.dueling_values)
def dueling_by_action(value: Any, advantages: Any) -> Any:
    mean = sum(advantages[:, a] for a in range(advantages.shape[1])) / advantages.shape[1]
    return torch.stack([value[:, 0] + column - mean for column in advantages.T], dim=1)


@right(checks.chi_square)
def slot_by_slot(counts: Any, probabilities: Any) -> Any:
    draws = sum(counts)
    total = 0.0
    for count, probability in zip(counts, probabilities, strict=True):
        total += count**2 / (draws * probability)
    return total - draws


@right(checks.known_answers)
def until_nothing_changes(reward: Any, next_state: Any, terminated: Any, gamma: Any) -> Any:
    v, before = np.zeros(len(reward)), np.full(len(reward), np.inf)
    while np.abs(v - before).max() > 1e-10:
        before = v
        v = (reward + gamma * np.where(terminated, 0.0, v[next_state])).max(axis=1)
    return reward + gamma * np.where(terminated, 0.0, v[next_state])


@right(checks.n_step_backup)
def backup_by_a_matrix(
    reward: Any, transition: Any, behaviour: Any, q: Any, gamma: Any, n: Any
) -> Any:
    chain = np.einsum("sa,sat->st", behaviour, transition)
    pay = np.einsum("sa,sa->s", behaviour, reward)
    values = np.linalg.matrix_power(gamma * chain, n - 1) @ q.max(1)
    for k in range(n - 1):
        values = values + np.linalg.matrix_power(gamma * chain, k) @ pay
    return reward + gamma * np.einsum("sat,t->sa", transition, values)


@right(checks.sarsa_update)
def in_two_cases(
    q: Any, s: Any, a: Any, r: Any, s_next: Any, a_next: Any, terminated: Any, alpha: Any,
    gamma: Any,
) -> Any:  # fmt: skip
    if terminated:
        q[s, a] += alpha * (r - q[s, a])
    else:
        q[s, a] += alpha * (r + gamma * q[s_next, a_next] - q[s, a])


@right(checks.semi_gradient_step)
def by_a_matrix(w: Any, x: Any, reward: Any, discount: Any, y: Any, alpha: Any) -> Any:
    return w + alpha * (reward * x - np.outer(x, x - discount * y) @ w)


@right(checks.store)
def by_cases(
    buffer: Any, state: Any, action: Any, reward: Any, next_state: Any, terminated: Any,
    truncated: Any,
) -> Any:  # fmt: skip
    if terminated:
        buffer += [(state, action, reward, next_state, True)]
    elif truncated:
        buffer += [(state, action, reward, next_state, False)]
    else:
        buffer += [(state, action, reward, next_state, False)]


@right(checks.proportional_probabilities)
def in_plain_python(td_errors: Any, alpha: Any, epsilon: Any) -> Any:
    powers = [(max(error, -error) + epsilon) ** alpha for error in td_errors]
    return np.array([power / sum(powers) for power in powers])


@right(checks.sum_tree_build)
def half_by_half(leaves: Any) -> Any:
    if len(leaves) == 1:
        return np.array([0, leaves[0]])
    return np.append(half_by_half(leaves[::2] + leaves[1::2]), leaves)


@right(checks.sort_replay_buffer)
def one_smallest_after_another(replay_buffer: Any) -> Any:
    rest, ordered = list(replay_buffer), replay_buffer.copy()
    ordered.clear()
    while rest:
        ordered.append(rest.pop(min(range(len(rest)), key=lambda i: rest[i][0])))
    return ordered


@right(checks.prioritized_step)
def refreshing_row_by_row(
    replay_buffer: Any, transition: Any, loss_of: Any, learn: Any, n_samples: Any, rng: Any
) -> Any:
    def alone(row: Any) -> Any:
        return loss_of([np.array([item]) for item in row])[0]

    replay_buffer.append((alone(transition), *transition))
    if len(replay_buffer) >= n_samples:
        batch, indices = by_inversion(replay_buffer, n_samples, rng)
        learn(batch)
        for i in indices:
            replay_buffer[i] = (alone(replay_buffer[i][1:]), *replay_buffer[i][1:])
    return replay_buffer


@right(checks.probability_of_improvement)
def by_rank(x: Any, y: Any) -> Any:
    ordered = np.sort(y)
    places = (np.searchsorted(ordered, x, side) for side in ("left", "right"))
    return sum(places).mean() / (2 * len(y))


@right(checks.known_answers)
def by_policy_iteration(reward: Any, next_state: Any, terminated: Any, gamma: Any) -> Any:
    rows = np.arange(len(reward))
    policy = np.zeros(len(reward), dtype=int)
    while True:
        moves = np.zeros((len(rows), len(rows)))
        moves[rows, next_state[rows, policy]] = ~terminated[rows, policy]
        v = np.linalg.solve(np.eye(len(rows)) - gamma * moves, reward[rows, policy])
        q = reward + gamma * ~terminated * v[next_state]
        if np.all(q.max(axis=1) <= v + 1e-9):
            return q
        policy = q.argmax(axis=1)


@right(checks.chi_square)
def by_frequencies(counts: Any, probabilities: Any) -> Any:
    n = sum(counts)
    return n * torch.tensor((counts / n - probabilities) ** 2 / probabilities).sum()


@right(checks.longest_survival)
def each_place_once_a_step(step: Any, state: Any, horizon: Any) -> Any:
    places, taken = {state}, 0
    while places and taken < horizon:
        tried = [step(place, action) for place in places for action in (0, 1)]
        places = {moved for moved, failed in tried if not failed}
        taken += 1
    return taken


@right(checks.greedy_index)
def search_from_the_first(td_errors: Any) -> Any:
    found = 0
    for i, error in enumerate(td_errors):
        if error**2 > td_errors[found] ** 2:
            found = i
    return found


@right(checks.longest_survival)
def depth_first(step: Any, state: Any, horizon: Any, taken: Any = 0) -> Any:
    if taken == horizon:
        return taken
    ends = []
    for action in (1, 0):
        after, failed = step(state, action)
        ends.append(taken + 1 if failed else depth_first(step, after, horizon, taken + 1))
    return max(ends)


@right(checks.dueling_values)
def dueling_by_a_matrix(value: Any, advantages: Any) -> Any:
    n = advantages.shape[1]
    return value + advantages @ (torch.eye(n) - torch.full((n, n), 1 / n))


@right(checks.n_step_backup)
def backup_recursively(
    reward: Any, transition: Any, behaviour: Any, q: Any, gamma: Any, n: Any
) -> Any:
    if n == 1:
        return reward + gamma * np.dot(transition, np.amax(q, axis=1))
    following = backup_recursively(reward, transition, behaviour, q, gamma, n - 1)
    return reward + gamma * np.dot(transition, np.sum(behaviour * following, axis=1))


@pytest.mark.parametrize(("checker", "function"), RIGHT, ids=lambda value: value.__name__)
def test_right_answer_passes(
    checker: Any, function: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    checker(function)
    assert capsys.readouterr().out.startswith("✓ ")


class Notebook:
    """A student who writes classes."""

    def __init__(self, function: Any):
        self.function = function

    def answer(self, *arguments: Any) -> Any:
        return self.function(*arguments)


@pytest.mark.parametrize(
    ("checker", "function"), dict(RIGHT).items(), ids=lambda value: value.__name__
)
def test_what_kind_of_callable_it_is_does_not_matter(
    checker: Any, function: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    checker(partial(Notebook(function).answer))
    assert capsys.readouterr().out.startswith("✓ ")


def test_every_exercise_has_at_least_two() -> None:
    counts = Counter(checker.__name__ for checker, _ in RIGHT)
    assert counts.keys() == {exercise.name for exercise, _ in checks.catalogue()}
    assert min(counts.values()) >= 2


def test_a_graph_built_in_vain_earns_a_hint(capsys: pytest.CaptureFixture[str]) -> None:
    checks.select_action_eps_greedy(the_homeworks)
    assert "torch.no_grad()" in capsys.readouterr().out
    checks.select_action_eps_greedy(with_a_batch_axis)
    assert "torch.no_grad()" not in capsys.readouterr().out


def test_a_network_that_no_cell_can_walk_through_earns_a_hint(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for network in (Network, lambda *sizes: nn.Sequential(nn.Identity(), *in_place(*sizes))):
        checks.create_network(network)
        assert "layer by layer" in capsys.readouterr().out
    checks.create_network(in_place)
    assert "layer by layer" not in capsys.readouterr().out


def test_a_batch_that_costs_the_whole_buffer_earns_a_hint(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def all_columns_first(buffer: Any, n: Any, rng: Any) -> Any:
        chosen = rng.integers(len(buffer), size=n)
        return tuple(np.array(column)[chosen] for column in zip(*buffer, strict=True))

    checks.sample_batch(all_columns_first)
    assert "the whole buffer" in capsys.readouterr().out
    checks.sample_batch(with_choice)
    assert "the whole buffer" not in capsys.readouterr().out


def test_statistical_checkers_do_not_depend_on_luck(capsys: pytest.CaptureFixture[str]) -> None:
    """A right answer with other random numbers, eight times over."""
    for seed in range(8):

        def sample(buffer: Any, n: Any, rng: Any, seed: int = seed) -> Any:
            fresh = np.random.default_rng([seed, int(rng.integers(2**40))])
            return with_choice(buffer, n, fresh)

        def action(network: Any, state: Any, epsilon: Any, rng: Any, seed: int = seed) -> Any:
            fresh = np.random.default_rng([seed, int(rng.integers(2**40))])
            return with_a_batch_axis(network, state, epsilon, fresh)

        checks.sample_batch(sample)
        if seed < 3:
            checks.select_action_eps_greedy(action)
    assert capsys.readouterr().out.count("✓") == 11
