"""A right answer to every exercise, in the simplest words that are right.

Kept apart from the checkers' messages, and independent of the rest of the package: the tests
compare the two.
"""

from collections import deque
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

Array = NDArray[Any]

# --- A network that learns online -----------------------------------------------------------------


def create_network(input_dim: int, hidden_dims: list[int], output_dim: int) -> nn.Module:
    """Linear layers with a ReLU between each two."""
    sizes = [input_dim, *hidden_dims, output_dim]
    layers: list[nn.Module] = []
    for left, right in pairwise(sizes):
        layers += [nn.Linear(left, right), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def select_action_eps_greedy(
    network: nn.Module, state: Array, epsilon: float, rng: np.random.Generator
) -> int:
    """A uniformly random action with probability ``epsilon``, else the best one."""
    with torch.no_grad():
        q = network(torch.as_tensor(state, dtype=torch.float32))
    if rng.random() < epsilon:
        return int(rng.integers(q.shape[-1]))
    return int(q.argmax())


def td_target(rewards: Tensor, next_q: Tensor, terminated: Tensor, gamma: float) -> Tensor:
    """The Q-learning target."""
    return rewards + gamma * next_q.max(dim=1).values * (~terminated).float()


def td_loss(
    network: nn.Module,
    states: Tensor,
    actions: Tensor,
    rewards: Tensor,
    next_states: Tensor,
    terminated: Tensor,
    gamma: float,
) -> Tensor:
    """The mean squared TD error, with the network's own values as the target."""
    q = network(states)[torch.arange(len(actions)), actions]
    with torch.no_grad():
        target = td_target(rewards, network(next_states), terminated, gamma)
    loss: Tensor = ((q - target) ** 2).mean()
    return loss


# --- Experience replay ----------------------------------------------------------------------------


def store(
    replay_buffer: deque[Any],
    state: Array,
    action: int,
    reward: float,
    next_state: Array,
    terminated: bool,
    truncated: bool,  # noqa: ARG001 - the point of the exercise
) -> None:
    """Append one transition."""
    replay_buffer.append((state, action, reward, next_state, terminated))


def sample_batch(
    replay_buffer: deque[Any], n_samples: int, rng: np.random.Generator
) -> tuple[Array, ...]:
    """Uniformly drawn transitions as five arrays."""
    indices = rng.integers(len(replay_buffer), size=n_samples)
    columns = zip(*(replay_buffer[i] for i in indices), strict=True)
    return tuple(np.array(column) for column in columns)


def ring_slots(position: int, count: int, capacity: int) -> Array:
    """Where ``count`` new transitions go."""
    return (position + np.arange(count)) % capacity


# --- The loop -------------------------------------------------------------------------------------


def discounted_return(rewards: list[float], gamma: float) -> float:
    """The discounted sum, backwards."""
    total = 0.0
    for reward in reversed(rewards):
        total = reward + gamma * total
    return total


def play_episode(env: Any, policy: Any) -> tuple[float, int]:
    """One episode, to its end of either kind."""
    observation, _ = env.reset()
    total, steps, over = 0.0, 0, False
    while not over:
        observation, reward, terminated, truncated, _ = env.step(policy(observation))
        total += reward
        steps += 1
        over = terminated or truncated
    return total, steps


# --- Q-learning -----------------------------------------------------------------------------------


def bellman_optimality_backup(P: Array, R: Array, q: Array, gamma: float) -> Array:
    """One synchronous sweep of value iteration."""
    result: Array = R + gamma * P @ q.max(axis=1)
    return result


def q_learning_update(
    q: Array,
    s: int,
    a: int,
    r: float,
    s_next: int,
    terminated: bool,
    alpha: float,
    gamma: float,
) -> None:
    """One step of tabular Q-learning, in place."""
    target = r if terminated else r + gamma * q[s_next].max()
    q[s, a] += alpha * (target - q[s, a])


def sarsa_update(
    q: Array,
    s: int,
    a: int,
    r: float,
    s_next: int,
    a_next: int,
    terminated: bool,
    alpha: float,
    gamma: float,
) -> None:
    """One step of tabular Sarsa, in place."""
    target = r if terminated else r + gamma * q[s_next, a_next]
    q[s, a] += alpha * (target - q[s, a])


# --- From tables to functions ---------------------------------------------------------------------


def semi_gradient_step(
    w: Array, features_tm1: Array, reward: float, discount: float, features_t: Array, alpha: float
) -> Array:
    """One step of linear TD(0)."""
    delta = reward + discount * features_t @ w - features_tm1 @ w
    result: Array = w + alpha * delta * features_tm1
    return result


# --- Target networks ------------------------------------------------------------------------------


def update_target(target: nn.Module, online: nn.Module, tau: float) -> None:
    """Polyak averaging, in place."""
    with torch.no_grad():
        for old, new in zip(target.parameters(), online.parameters(), strict=True):
            old.copy_((1 - tau) * old + tau * new)


def td_loss_with_target(
    network: nn.Module,
    target_network: nn.Module,
    states: Tensor,
    actions: Tensor,
    rewards: Tensor,
    next_states: Tensor,
    terminated: Tensor,
    gamma: float,
) -> Tensor:
    """The mean squared TD error, with the target network's values as the target."""
    q = network(states)[torch.arange(len(actions)), actions]
    with torch.no_grad():
        target = td_target(rewards, target_network(next_states), terminated, gamma)
    loss: Tensor = ((q - target) ** 2).mean()
    return loss


# --- How episodes end -----------------------------------------------------------------------------


def bootstrap_mask(terminated: Array, truncated: Array) -> Array:  # noqa: ARG001 - the point of it
    """Where the next state has a value."""
    return 1.0 - terminated.astype(np.float64)


def n_step_transition(
    rewards: list[float], terminated: list[bool], truncated: list[bool], gamma: float
) -> tuple[float, float, int]:
    """The transition from the first step of a window to its last, or to the episode's end."""
    total, discount = 0.0, 1.0
    for steps, reward in enumerate(rewards, start=1):
        total += discount * reward
        discount *= gamma
        if terminated[steps - 1]:
            return total, 0.0, steps
        if truncated[steps - 1]:
            break
    return total, discount, steps


# --- Double DQN -----------------------------------------------------------------------------------


def double_q_target(
    rewards: Tensor, discounts: Tensor, online_next_q: Tensor, target_next_q: Tensor
) -> Tensor:
    """One network chooses, the other judges."""
    best = online_next_q.argmax(dim=1)
    return rewards + discounts * target_next_q[torch.arange(len(best)), best]


# --- Prioritized replay ---------------------------------------------------------------------------


def greedy_index(td_errors: Array) -> int:
    """The most surprising transition."""
    return int(np.abs(td_errors).argmax())


def proportional_probabilities(td_errors: Array, alpha: float, epsilon: float) -> Array:
    """Schaul et al. 2016, equation 1 with the proportional priorities."""
    powers = (np.abs(td_errors) + epsilon) ** alpha
    result: Array = powers / powers.sum()
    return result


def importance_weights(probabilities: Array, size: int, beta: float) -> Array:
    """Schaul et al. 2016, section 3.4."""
    weights = (size * probabilities) ** -beta
    result: Array = weights / weights.max()
    return result


def sum_tree_build(leaves: Array) -> Array:
    """All nodes of a sum tree, the root at 1."""
    tree = np.concatenate([np.zeros(len(leaves)), leaves])
    for node in range(len(leaves) - 1, 0, -1):
        tree[node] = tree[2 * node] + tree[2 * node + 1]
    return tree


def sum_tree_find(tree: Array, mass: float) -> int:
    """The leaf at which the running sum passes ``mass``."""
    node = 1
    while node < len(tree) // 2:
        node *= 2
        if mass >= tree[node]:
            mass -= tree[node]
            node += 1
    return node - len(tree) // 2


def softmax(xs: Any, temperature: float) -> Array:
    """The homework's softmax."""
    powers = np.exp((np.asarray(xs) - np.max(xs)) / temperature)
    result: Array = powers / powers.sum()
    return result


def sample_prioritized_batch(
    replay_buffer: deque[Any], n_samples: int, rng: np.random.Generator
) -> tuple[tuple[Array, ...], Array]:
    """The homework's sampling, at its temperature."""
    probabilities = softmax([transition[0] for transition in replay_buffer], 1000.0)
    indices = rng.choice(len(replay_buffer), size=n_samples, p=probabilities)
    columns = zip(*(replay_buffer[i][1:] for i in indices), strict=True)
    return tuple(np.array(column) for column in columns), indices


def update_batch(
    replay_buffer: deque[Any], indices: Array, batch: tuple[Array, ...], new_losses: Array
) -> None:
    """New losses for the transitions of a batch, in place."""
    for index, loss, *items in zip(indices, new_losses, *batch, strict=True):
        replay_buffer[index] = (loss, *items)


def sort_replay_buffer(replay_buffer: deque[Any]) -> deque[Any]:
    """The smallest loss first, where it is the next to be forgotten."""
    ordered = sorted(replay_buffer, key=lambda transition: transition[0])
    return deque(ordered, maxlen=replay_buffer.maxlen)
