"""A right answer to every exercise, in the simplest words that are right.

Kept apart from the checkers' messages, and independent of the rest of the package: the tests
compare the two.
"""

from collections import deque
from collections.abc import Callable
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
    replay_buffer: deque[Any],
    n_samples: int,
    rng: np.random.Generator,
    temperature: float = 1000.0,
) -> tuple[tuple[Array, ...], Array]:
    """The homework's sampling, at its temperature if no other is given."""
    probabilities = softmax([transition[0] for transition in replay_buffer], temperature)
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


def prioritized_step(
    replay_buffer: deque[Any],
    transition: tuple[Any, ...],
    loss_of: Callable[[Any], Array],
    learn: Callable[[Any], None],
    n_samples: int,
    rng: np.random.Generator,
) -> None:
    """Score and store, then draw, learn and score again."""
    newest = tuple(np.array([item]) for item in transition)
    replay_buffer.append((loss_of(newest)[0], *transition))
    if len(replay_buffer) >= n_samples:
        batch, indices = sample_prioritized_batch(replay_buffer, n_samples, rng)
        learn(batch)
        update_batch(replay_buffer, indices, batch, loss_of(batch))


# --- Prioritized replay III: does it help? --------------------------------------------------------


def misplaced_share(noted: Array, current: Array, alpha: float) -> float:
    """Total variation distance between the dice as noted and as they should be."""
    dice = [priorities**alpha / (priorities**alpha).sum() for priorities in (noted, current)]
    return float(np.abs(dice[0] - dice[1]).sum() / 2)


# --- Experiments you can trust --------------------------------------------------------------------


def interquartile_mean(scores: Array) -> float:
    """The mean without the lowest and the highest quarter."""
    cut = len(scores) // 4
    return float(np.sort(scores)[cut : len(scores) - cut].mean())


def bootstrap_interval(scores: Array, draws: Array) -> tuple[float, float]:
    """Where 95 % of the resamples' means lie; each task is resampled by draws of its own."""
    tasks = np.arange(scores.shape[1])
    means = scores[draws, tasks].mean(axis=(1, 2))
    low, high = np.quantile(means, [0.025, 0.975])
    return float(low), float(high)


def probability_of_improvement(x: Array, y: Array) -> float:
    """The share of pairs that X wins; ties count one half."""
    won = [(a > b) + 0.5 * (a == b) for a in x for b in y]
    return float(np.mean(won))


def accepted_at(returns: Array, mark: float, window: int) -> int | None:
    """The first evaluation at which the last ``window`` of them average ``mark``."""
    for k in range(window - 1, len(returns)):
        if np.mean(returns[k - window + 1 : k + 1]) >= mark:
            return k
    return None


# --- The bug gallery ------------------------------------------------------------------------------


def chi_square(counts: Array, probabilities: Array) -> float:
    """Squared differences from the expected counts, each over the expected count."""
    expected = counts.sum() * probabilities
    return float(((counts - expected) ** 2 / expected).sum())


def known_answers(reward: Array, next_state: Array, terminated: Array, gamma: float) -> Array:
    """Sweeps of value iteration, until nothing changes any more."""
    q: Array = np.zeros(reward.shape)
    for _ in range(200):
        q = reward + gamma * ~terminated * q.max(axis=1)[next_state]
    return q


# --- Anatomy of a collapse ------------------------------------------------------------------------


def longest_survival(step: Callable[[Any, int], tuple[Any, bool]], state: Any, horizon: int) -> int:
    """One step, and then as many as the better action leaves."""
    best = 0
    for action in (0, 1):
        following, failed = step(state, action)
        more = 0 if failed or horizon == 1 else longest_survival(step, following, horizon - 1)
        best = max(best, 1 + more)
    return best


# --- Beyond ---------------------------------------------------------------------------------------


def dueling_values(value: Tensor, advantages: Tensor) -> Tensor:
    """The value, and by how much each advantage differs from their mean."""
    return value + advantages - advantages.mean(-1, keepdim=True)


def n_step_backup(
    reward: Array, transition: Array, behaviour: Array, q: Array, gamma: float, n: int
) -> Array:
    """From the last state backwards: the best action there, the behaviour's before."""
    values = q.max(axis=1)
    for _ in range(n - 1):
        values = (behaviour * (reward + gamma * transition @ values)).sum(axis=1)
    return np.asarray(reward + gamma * transition @ values)
