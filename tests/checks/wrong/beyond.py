"""Wrong answers to the exercises of :mod:`dqn.checks.beyond`."""

# ruff: noqa: ARG001 - a student need not use every argument

from typing import Any

import numpy as np
import torch

from dqn import checks
from tests.checks.wrong import wrong

# --- dueling_values -------------------------------------------------------------------------------


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


@wrong(checks.dueling_values, "returned a NumPy array; it should return a tensor")
def dv_numpy(value: Any, advantages: Any) -> Any:
    v, a = value.detach().numpy(), advantages.detach().numpy()
    return v + a - a.mean(1)[:, None]


# --- n_step_backup --------------------------------------------------------------------------------


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


@wrong(checks.n_step_backup, "n rewards come before the value")
def nsb_one_step_less(
    reward: Any, transition: Any, behaviour: Any, q: Any, gamma: Any, n: Any
) -> Any:
    values = q.max(1)
    for _ in range(n - 2):
        values = (behaviour * (reward + gamma * transition @ values)).sum(1)
    return reward + gamma * transition @ values


@wrong(checks.n_step_backup, "gamma has no effect")
def nsb_no_gamma(reward: Any, transition: Any, behaviour: Any, q: Any, gamma: Any, n: Any) -> Any:
    values = q.max(1)
    for _ in range(n - 1):
        values = (behaviour * (reward + transition @ values)).sum(1)
    return reward + transition @ values


@wrong(checks.dueling_values, "how many actions are there")
def dv_by_the_states(value: Any, advantages: Any) -> Any:
    mean = advantages.sum(dim=1) / advantages.shape[0]
    return value + advantages - mean.unsqueeze(1)


@wrong(checks.dueling_values, "your means have shape [B]")
def dv_no_column(value: Any, advantages: Any) -> Any:
    return value + (advantages - torch.mean(advantages, dim=1))


@wrong(checks.dueling_values, "your V has shape [B]")
def dv_squeezed(value: Any, advantages: Any) -> Any:
    return value.flatten() + advantages - advantages.mean(dim=1, keepdim=True)


@wrong(checks.dueling_values, "none comes back to V")
def dv_value_cut(value: Any, advantages: Any) -> Any:
    level = torch.tensor(value.tolist())
    return level + advantages - advantages.mean(dim=1, keepdim=True)


@wrong(checks.n_step_backup, "you follow the best action of q")
def nsb_greedy(reward: Any, transition: Any, behaviour: Any, q: Any, gamma: Any, n: Any) -> Any:
    best, values = np.argmax(q, axis=1), np.max(q, axis=1)
    for _ in range(1, n):
        targets = reward + gamma * transition @ values
        values = targets[np.arange(len(q)), best]
    return reward + gamma * transition @ values


@wrong(checks.n_step_backup, "you follow the likeliest action")
def nsb_likeliest(reward: Any, transition: Any, behaviour: Any, q: Any, gamma: Any, n: Any) -> Any:
    likeliest, values = np.argmax(behaviour, axis=1), np.max(q, axis=1)
    for _ in range(1, n):
        targets = reward + gamma * transition @ values
        values = targets[np.arange(len(q)), likeliest]
    return reward + gamma * transition @ values


@wrong(checks.n_step_backup, "it is the other way round")
def nsb_best_first(reward: Any, transition: Any, behaviour: Any, q: Any, gamma: Any, n: Any) -> Any:
    if n == 1:
        return reward + gamma * np.dot(transition, np.max(q, axis=1))
    expected = np.einsum("sa,sa->s", behaviour, q)
    following = reward + gamma * np.dot(transition, expected)
    return nsb_best_first(reward, transition, behaviour, following, gamma, n - 1)


@wrong(checks.n_step_backup, "is not discounted")
def nsb_end_as_it_is(
    reward: Any, transition: Any, behaviour: Any, q: Any, gamma: Any, n: Any
) -> Any:
    targets, reach, discount = reward.copy(), transition, 1.0
    for _ in range(n - 1):
        discount *= gamma
        targets = targets + discount * reach @ (behaviour * reward).sum(1)
        reach = reach @ np.einsum("sa,sat->st", behaviour, transition)
    return targets + reach @ q.max(1)


@wrong(checks.n_step_backup, "n rewards are not all that is to come")
def nsb_rewards_alone(
    reward: Any, transition: Any, behaviour: Any, q: Any, gamma: Any, n: Any
) -> Any:
    targets = np.zeros_like(reward)
    for _ in range(n):
        targets = reward + gamma * transition @ (behaviour * targets).sum(1)
    return targets


@wrong(checks.n_step_backup, "by a power of gamma once more")
def nsb_twice_discounted(
    reward: Any, transition: Any, behaviour: Any, q: Any, gamma: Any, n: Any
) -> Any:
    values = q.max(1)
    for _ in range(n - 1):
        values = np.sum(behaviour * (reward + gamma * transition @ values), axis=1)
    return reward + gamma**n * transition @ values


@wrong(checks.n_step_backup, "the mean instead of the sum")
def nsb_mean_of_weighted(
    reward: Any, transition: Any, behaviour: Any, q: Any, gamma: Any, n: Any
) -> Any:
    values = q.max(1)
    for _ in range(n - 1):
        values = np.mean(behaviour * (reward + gamma * transition @ values), axis=1)
    return reward + gamma * transition @ values


@wrong(checks.n_step_backup, "the result, element")
def nsb_whole_values(
    reward: Any, transition: Any, behaviour: Any, q: Any, gamma: Any, n: Any
) -> Any:
    values = np.array([int(max(row)) for row in q])
    for _ in range(n - 1):
        values = (behaviour * (reward + gamma * transition @ values)).sum(1)
    return reward + gamma * transition @ values


@wrong(checks.n_step_backup, "as many targets as actions")
def nsb_a_number_for_each_state(
    reward: Any, transition: Any, behaviour: Any, q: Any, gamma: Any, n: Any
) -> Any:
    values = q.max(1)
    for _ in range(n):
        values = np.einsum("sa,sa->s", behaviour, reward + gamma * transition @ values)
    return values


@wrong(checks.dueling_values, "changes one of its arguments in place")
def dv_in_place(value: Any, advantages: Any) -> Any:
    advantages -= advantages.mean(dim=1, keepdim=True)
    return value + advantages


@wrong(checks.dueling_values, "one less than the number of actions")
def dv_mean_of_the_others(value: Any, advantages: Any) -> Any:
    count = advantages.shape[1] - 1
    return value + (advantages - torch.sum(advantages, 1)[:, None] / count)


@wrong(checks.dueling_values, "which is V itself")
def dv_mean_of_the_wrong_stream(value: Any, advantages: Any) -> Any:
    return value + (advantages - torch.mean(value, dim=1, keepdim=True))


@wrong(checks.n_step_backup, "a table made like theirs")
def nsb_whole_numbers(
    reward: Any, transition: Any, behaviour: Any, q: Any, gamma: Any, n: Any
) -> Any:
    values = q.max(1)
    for left in range(n, 0, -1):
        targets = reward + gamma * transition @ values
        values = (behaviour * targets).sum(1)
        if left == 1:
            table = np.empty_like(reward)
            for s, a in np.ndindex(*table.shape):
                table[s, a] = targets[s, a]
    return table


@wrong(checks.dueling_values, "make no new tensor of their numbers")
def dv_new_tensor(value: Any, advantages: Any) -> Any:
    rows = [
        [float(v + a - sum(row) / len(row)) for a in row]
        for v, row in zip(value, advantages, strict=True)
    ]
    return torch.tensor(rows, requires_grad=True)


@wrong(checks.n_step_backup, "every later reward is that of the state after the first step")
def nsb_one_transition(
    reward: Any, transition: Any, behaviour: Any, q: Any, gamma: Any, n: Any
) -> Any:
    targets = reward.astype(float)
    for k in range(1, n):
        targets += gamma**k * transition @ np.sum(behaviour * reward, axis=1)
    return targets + gamma**n * transition @ np.max(q, axis=1)


@wrong(checks.n_step_backup, "a state too late")
def nsb_powers_from_one(
    reward: Any, transition: Any, behaviour: Any, q: Any, gamma: Any, n: Any
) -> Any:
    chain = np.einsum("sa,sat->st", behaviour, transition)
    targets = reward.astype(float)
    for k in range(1, n):
        ahead = transition @ np.linalg.matrix_power(chain, k)
        targets += gamma**k * ahead @ np.sum(behaviour * reward, axis=1)
    return targets + gamma**n * transition @ np.linalg.matrix_power(chain, n) @ q.max(1)
