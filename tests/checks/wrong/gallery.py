"""Wrong answers to the exercises of :mod:`dqn.checks.gallery`."""

# ruff: noqa: ARG001 - a student need not use every argument

from typing import Any

import numpy as np

from dqn import checks
from tests.checks.wrong import wrong

# --- chi_square -----------------------------------------------------------------------------------


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


# --- known_answers --------------------------------------------------------------------------------


@wrong(checks.known_answers, "nothing follows it")
def ka_no_mask(reward: Any, next_state: Any, terminated: Any, gamma: Any) -> Any:
    q = np.zeros_like(reward)
    for _ in range(100):
        q = reward + gamma * np.max(q, axis=1)[next_state]
    return q


@wrong(checks.known_answers, "does `return` stand behind it")
def ka_rewards(reward: Any, next_state: Any, terminated: Any, gamma: Any) -> Any:
    return reward.copy()


@wrong(checks.known_answers, "you do not discount")
def ka_undiscounted(reward: Any, next_state: Any, terminated: Any, gamma: Any) -> Any:
    q = np.zeros_like(reward)
    for _ in range(100):
        q = reward + np.where(terminated, 0, np.max(q, axis=1)[next_state])
    return q


@wrong(checks.known_answers, "the mean over the next")
def ka_mean(reward: Any, next_state: Any, terminated: Any, gamma: Any) -> Any:
    q = np.zeros_like(reward)
    for _ in range(100):
        q = reward + gamma * np.where(terminated, 0, np.mean(q[next_state], axis=-1))
    return q


@wrong(checks.known_answers, "what its best action is worth")
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


@wrong(checks.known_answers, "20 sweeps are not enough")
def ka_twenty(reward: Any, next_state: Any, terminated: Any, gamma: Any) -> Any:
    q = np.zeros(reward.shape)
    for _ in range(20):
        q = reward + gamma * ~terminated * q.max(axis=1)[next_state]
    return q


@wrong(checks.chi_square, "you round the expected counts")
def cs_rounded(counts: Any, probabilities: Any) -> Any:
    expected = np.round(counts.sum() * probabilities)
    return ((counts - expected) ** 2 / expected).sum()


@wrong(checks.chi_square, "you divide by the count that was observed")
def cs_observed(counts: Any, probabilities: Any) -> Any:
    return ((counts - counts.sum() * probabilities) ** 2 / counts).sum()


@wrong(checks.known_answers, "where everything costs, even the best does")
def ka_from_zero(reward: Any, following: Any, terminated: Any, gamma: Any) -> Any:
    q = np.zeros(reward.shape)
    for _ in range(300):
        new = np.zeros(reward.shape)
        for s, a in np.ndindex(*reward.shape):
            best = 0.0
            for b in range(reward.shape[1]):
                best = max(best, q[following[s, a], b])
            new[s, a] = reward[s, a] + gamma * best * (not terminated[s, a])
        q = new
    return q


@wrong(checks.known_answers, "does `return` stand behind it")
def ka_returns_early(reward: Any, following: Any, terminated: Any, gamma: Any) -> Any:
    q = np.zeros(reward.shape)
    for _ in range(300):
        q = reward + gamma * q.max(1)[following] * ~terminated
        return q  # noqa: RET504 (in the loop: the mistake)
    return q


@wrong(checks.chi_square, "cut the expected counts down")
def cs_whole(counts: Any, probabilities: Any) -> Any:
    expected = np.array([int(sum(counts) * p) for p in probabilities])
    return np.sum((counts - expected) ** 2 / expected)


@wrong(checks.chi_square, "you square the whole fraction")
def cs_relative(counts: Any, probabilities: Any) -> Any:
    expected = counts.sum() * probabilities
    return np.sum(((counts - expected) / expected) ** 2)


@wrong(checks.chi_square, "brackets are missing")
def cs_brackets(counts: Any, probabilities: Any) -> Any:
    n, total = sum(counts), 0.0
    for c, p in zip(counts, probabilities, strict=True):
        total += (c - n * p) ** 2 / n * p
    return total


@wrong(checks.chi_square, "the variance of a count")
def cs_variance(counts: Any, probabilities: Any) -> Any:
    n = np.sum(counts)
    spread = np.sqrt(n * probabilities * (1 - probabilities))
    return float((((counts - n * probabilities) / spread) ** 2).sum())


@wrong(checks.chi_square, "look at `probabilities`")
def cs_uniform(counts: Any, probabilities: Any) -> Any:
    expected = sum(counts) / len(counts)
    return sum((c - expected) ** 2 / expected for c in counts)


@wrong(checks.chi_square, "only the first slot")
def cs_returns_at_once(counts: Any, probabilities: Any) -> Any:
    n, total = counts.sum(), 0
    for c, p in zip(counts, probabilities, strict=True):
        total += (c - n * p) ** 2 / (n * p)
        return total
    return total


@wrong(checks.chi_square, "does your loop add up")
def cs_overwrites(counts: Any, probabilities: Any) -> Any:
    n, total = counts.sum(), 0
    for c, p in zip(counts, probabilities, strict=True):
        total = (c - n * p) ** 2 / (n * p)
    return total


@wrong(checks.chi_square, "the number of slots less one")
def cs_per_degree(counts: Any, probabilities: Any) -> Any:
    expected = probabilities * counts.sum()
    return sum((counts - expected) ** 2 / expected) / (counts.size - 1)


@wrong(checks.known_answers, "as many sweeps as there are states")
def ka_once_for_each_state(reward: Any, following: Any, terminated: Any, gamma: Any) -> Any:
    q = np.zeros(reward.shape)
    for _ in following:
        q = reward + np.where(terminated, 0, gamma * q[following].max(-1))
    return q


@wrong(checks.known_answers, "as many sweeps as there are values")
def ka_once_for_each_pair(reward: Any, following: Any, terminated: Any, gamma: Any) -> Any:
    q = np.zeros(reward.shape)
    for _ in range(reward.shape[0] * reward.shape[1]):
        q = reward + np.where(terminated, 0, gamma * q[following].max(-1))
    return q


@wrong(checks.known_answers, "you do not discount")
def ka_undiscounted_for_long(reward: Any, following: Any, terminated: Any, gamma: Any) -> Any:
    values = np.zeros(len(reward))
    for _ in range(999):
        values = np.max(reward + values[following] * (1 - terminated), axis=1)
    return reward + values[following] * (1 - terminated)


@wrong(checks.known_answers, "has lost its value by then")
def ka_in_two_lines(reward: Any, following: Any, terminated: Any, gamma: Any) -> Any:
    q = np.zeros(reward.shape)
    for _ in range(500):
        for s in range(len(q)):
            for a in range(len(q[s])):
                q[s, a] = reward[s, a]
                q[s, a] += 0 if terminated[s, a] else gamma * max(q[following[s, a]])
    return q


@wrong(checks.known_answers, "keeps their type")
def ka_zeros_like(reward: Any, following: Any, terminated: Any, gamma: Any) -> Any:
    q = np.zeros_like(reward)
    for _ in range(300):
        for s, a in np.ndindex(*reward.shape):
            after = 0 if terminated[s, a] else max(q[following[s, a]])
            q[s, a] = reward[s, a] + gamma * after
    return q


@wrong(checks.known_answers, "of the step that leads to it")
def ka_ended_states(reward: Any, following: Any, terminated: Any, gamma: Any) -> Any:
    over = np.array([all(row) for row in terminated])
    q = np.zeros(reward.shape)
    for _ in range(300):
        best = np.where(over, 0, q.max(1))
        q = reward + gamma * best[following]
    return q


@wrong(checks.chi_square, "the result of the case below is not right")
def cs_largest(counts: Any, probabilities: Any) -> Any:
    expected = np.sum(counts) * probabilities
    return max((counts - expected) ** 2 / expected)


@wrong(checks.known_answers, "have not settled yet")
def ka_without_abs(reward: Any, following: Any, terminated: Any, gamma: Any) -> Any:
    values = np.zeros(len(reward))
    while True:
        q = reward + gamma * np.where(terminated, 0, values[following])
        if np.max(q.max(1) - values) < 1e-6:
            return q
        values = q.max(1)


@wrong(checks.known_answers, "has three axes")
def ka_wrong_axis(reward: Any, following: Any, terminated: Any, gamma: Any) -> Any:
    q = np.zeros(reward.shape)
    for _ in range(400):
        after = np.max(q[following], axis=1)
        q = reward + gamma * (1 - terminated) * after
    return q


@wrong(checks.chi_square, "how many draws were there")
def cs_slots(counts: Any, probabilities: Any) -> Any:
    n, total = len(counts), 0.0
    for i in range(n):
        total += (counts[i] - n * probabilities[i]) ** 2 / (n * probabilities[i])
    return total


@wrong(checks.known_answers, "you discount the reward as well")
def ka_bracket(reward: Any, following: Any, terminated: Any, gamma: Any) -> Any:
    q = np.zeros(reward.shape)
    for _ in range(400):
        q = gamma * (reward + np.where(terminated, 0, q.max(axis=1)[following]))
    return q


@wrong(checks.known_answers, "the same table by another name")
def ka_compared_with_itself(reward: Any, following: Any, terminated: Any, gamma: Any) -> Any:
    q = np.zeros(reward.shape)
    while True:
        before = q
        for s in range(q.shape[0]):
            for a in range(q.shape[1]):
                more = 0 if terminated[s, a] else max(q[following[s, a]])
                q[s, a] = reward[s, a] + gamma * more
        if np.allclose(before, q):
            return q


@wrong(checks.known_answers, "as soon as the best actions no longer change")
def ka_until_the_policy_stays(reward: Any, following: Any, terminated: Any, gamma: Any) -> Any:
    q, policy = np.zeros(reward.shape), np.zeros(len(reward), int)
    while True:
        q = reward + gamma * (1 - terminated) * q.max(axis=1)[following]
        if np.array_equal(q.argmax(axis=1), policy):
            return q
        policy = q.argmax(axis=1)


@wrong(checks.known_answers, "the action with the largest reward")
def ka_greedy_for_rewards(reward: Any, following: Any, terminated: Any, gamma: Any) -> Any:
    q, tempting = np.zeros(reward.shape), reward.argmax(axis=1)
    for _ in range(400):
        q = reward + gamma * (1 - terminated) * q[following, tempting[following]]
    return q
