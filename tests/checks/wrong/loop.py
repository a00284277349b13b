"""Wrong answers to the exercises of :mod:`dqn.checks.loop`."""

# ruff: noqa: ARG001 - a student need not use every argument

import contextlib
from typing import Any

import gymnasium as gym
import numpy as np

from dqn import checks
from tests.checks.wrong import wrong

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


@wrong(checks.discounted_return, "the result of the case below is not right")
def dr_zeros_skipped(rewards: Any, gamma: Any) -> Any:
    total = 0.0
    for reward in reversed(rewards):
        if reward:
            total = reward + gamma * total
    return total


@wrong(checks.discounted_return, "calls numpy.random.seed()")
def dr_seeds_and_hides_it(rewards: Any, gamma: Any) -> Any:
    with contextlib.suppress(Exception):
        np.random.seed(0)  # noqa: NPY002 (the mistake)
    return sum(gamma**k * reward for k, reward in enumerate(rewards))


@wrong(checks.discounted_return, "the powers of gamma run backwards")
def dr_powers_backwards(rewards: Any, gamma: Any) -> Any:
    return sum(gamma ** (len(rewards) - k) * reward for k, reward in enumerate(rewards))


@wrong(checks.discounted_return, "0.99 is written into it")
def dr_fixed_gamma(rewards: Any, gamma: Any) -> Any:
    return float(np.dot(0.99 ** np.arange(len(rewards)), rewards))


@wrong(checks.discounted_return, "for rewards of 1 only")
def dr_closed_form(rewards: Any, gamma: Any) -> Any:
    T = len(rewards)
    return (1 - gamma**T) / (1 - gamma)


@wrong(checks.discounted_return, "where the rewards are whole numbers, so is your return")
def dr_whole_buffer(rewards: Any, gamma: Any) -> Any:
    G = np.zeros_like(rewards)
    for t in range(len(rewards) - 1, -1, -1):
        G[t] = rewards[t] + (gamma * G[t + 1] if t + 1 < len(rewards) else 0)
    return G[0] if len(rewards) else 0.0


@wrong(checks.discounted_return, "a return below zero")
def dr_absolute(rewards: Any, gamma: Any) -> Any:
    return abs(sum(gamma**k * reward for k, reward in enumerate(rewards)))


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


@wrong(checks.play_episode, "is env.reset() missing")
def forgets_to_reset(env: Any, policy: Any) -> Any:
    total, n, done, s = 0, 0, False, np.zeros(2)
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


@wrong(checks.play_episode, "neither flag ends it")
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


@wrong(checks.play_episode, "the policy was asked 2 times in 1 step")
def pe_asks_once_more(env: Any, policy: Any) -> Any:
    obs, _ = env.reset()
    total, steps, over, action = 0.0, 0, False, policy(obs)
    while not over:
        obs, reward, terminated, truncated, _ = env.step(action)
        total, steps, over = total + reward, steps + 1, terminated or truncated
        action = policy(obs)
    return total, steps


def playing(
    *, start: Any = None, see: Any = None, act: Any = None, over: Any = None, give: Any = None
) -> Any:
    """A right loop with one piece replaced."""

    def play(env: Any, policy: Any) -> Any:
        obs = start(env) if start else env.reset()[0]
        total, steps, done = 0.0, 0, False
        while not done:
            action = policy(see(obs) if see else obs)
            obs, reward, terminated, truncated, _ = env.step(act(action, policy) if act else action)
            done = over(terminated, truncated) if over else terminated or truncated
            total += reward
            steps += 1
        return give(env, total, steps) if give else (total, steps)

    return play


@wrong(checks.play_episode, "env.step() was given a function")
def pe_steps_with_the_policy(env: Any, policy: Any) -> Any:
    return playing(act=lambda _action, p: p)(env, policy)


@wrong(checks.play_episode, "env.step() was given a NoneType")
def pe_steps_with_none(env: Any, policy: Any) -> Any:
    return playing(act=lambda *_: None)(env, policy)


@wrong(checks.play_episode, "env.step() was given a float")
def pe_steps_with_a_float(env: Any, policy: Any) -> Any:
    return playing(act=lambda action, _: float(action))(env, policy)


@wrong(checks.play_episode, "the policy was given a float32")
def pe_first_number(env: Any, policy: Any) -> Any:
    return playing(start=lambda e: e.reset(), see=lambda obs: obs[0])(env, policy)


@wrong(checks.play_episode, "the policy was given an array of shape (1, 2)")
def pe_batch_axis(env: Any, policy: Any) -> Any:
    return playing(see=lambda obs: obs[None])(env, policy)


@wrong(checks.play_episode, "the policy was given a list")
def pe_list(env: Any, policy: Any) -> Any:
    return playing(see=lambda obs: obs.tolist())(env, policy)


@wrong(checks.play_episode, "TypeError")
def pe_by_keyword(env: Any, policy: Any) -> Any:
    return playing()(env, lambda obs: policy(observation=obs))


@wrong(checks.play_episode, "such as the notebook's")
def pe_another_env(env: Any, policy: Any) -> Any:
    return playing(act=lambda *_: 0)(gym.make("CartPole-v1"), policy)


@wrong(checks.play_episode, "env.step() before env.reset()")
def pe_steps_at_once(env: Any, policy: Any) -> Any:
    return playing(start=lambda e: e.step(0)[0])(env, policy)


@wrong(checks.play_episode, "does not ask the policy")
def pe_at_random(env: Any, policy: Any) -> Any:
    return playing()(env, lambda _obs: env.action_space.sample())


@wrong(checks.play_episode, "when both flags are set at once, or after a truncation")
def pe_the_homeworks_flag(env: Any, policy: Any) -> Any:
    return playing(over=lambda terminated, truncated: terminated and not truncated)(env, policy)


@wrong(checks.play_episode, "when both flags are set at once, or after a termination")
def pe_the_other_flag(env: Any, policy: Any) -> Any:
    return playing(over=lambda terminated, truncated: truncated and not terminated)(env, policy)


@wrong(checks.play_episode, "when both flags are set at once: either of them")
def pe_one_flag(env: Any, policy: Any) -> Any:
    return playing(over=lambda terminated, truncated: terminated + truncated == 1)(env, policy)


@wrong(checks.play_episode, "your loop stops after 1000 steps of an episode that goes on")
def pe_a_thousand(env: Any, policy: Any) -> Any:
    obs, _ = env.reset()
    total, steps, over = 0.0, 0, False
    while not over and steps < 1000:
        obs, reward, terminated, truncated, _ = env.step(policy(obs))
        total, steps, over = total + reward, steps + 1, terminated or truncated
    return total, steps


@wrong(checks.play_episode, "your total adds 1 for every step")
def pe_adds_one(env: Any, policy: Any) -> Any:
    return playing(give=lambda _env, _total, steps: (steps, steps))(env, policy)


@wrong(checks.play_episode, "your number of steps is the total reward")
def pe_total_twice(env: Any, policy: Any) -> Any:
    return playing(give=lambda _env, total, _steps: (total, total))(env, policy)


@wrong(checks.play_episode, "the mean reward of a step")
def pe_mean(env: Any, policy: Any) -> Any:
    return playing(give=lambda _env, total, steps: (total / steps, steps))(env, policy)


@wrong(checks.play_episode, "resets the environment at the end")
def pe_resets_again(env: Any, policy: Any) -> Any:
    return playing(give=lambda e, total, steps: e.reset() and (total, steps))(env, policy)


@wrong(checks.play_episode, "the policy is asked once, before the loop")
def pe_asks_once(env: Any, policy: Any) -> Any:
    obs, _ = env.reset()
    action = policy(obs)
    total, steps, over = 0.0, 0, False
    while not over:
        obs, reward, terminated, truncated, _ = env.step(action)
        total, steps, over = total + reward, steps + 1, terminated or truncated
    return total, steps


@wrong(checks.play_episode, "not counted where the episode is cut off")
def pe_truncated_unpaid(env: Any, policy: Any) -> Any:
    obs, _ = env.reset()
    total, steps = 0.0, 0
    while True:
        obs, reward, terminated, truncated, _ = env.step(policy(obs))
        steps += 1
        if terminated:
            return total + reward, steps
        if truncated:
            return total, steps
        total += reward


@wrong(checks.discounted_return, "the first one counts in full")
def dr_all_alike(rewards: Any, gamma: Any) -> Any:
    total = 0.0
    for reward in rewards:
        total += gamma * reward
    return total


@wrong(checks.discounted_return, "the first reward does not count at all")
def dr_times_for_power(rewards: Any, gamma: Any) -> Any:
    return sum(gamma * k * rewards[k] for k in range(len(rewards)))


@wrong(checks.discounted_return, "starts one step late")
def dr_power_too_few(rewards: Any, gamma: Any) -> Any:
    return sum(reward * gamma ** (t - 1) for t, reward in enumerate(rewards))


@wrong(checks.discounted_return, "rewards may be equal")
def dr_looked_up(rewards: Any, gamma: Any) -> Any:
    total = 0.0
    for reward in rewards:
        total += gamma ** rewards.index(reward) * reward
    return total


@wrong(checks.discounted_return, "what you have so far counts twice")
def dr_plus_equals(rewards: Any, gamma: Any) -> Any:
    G = 0.0
    for reward in rewards[::-1]:
        G += reward + gamma * G
    return G


@wrong(checks.play_episode, "never calls env.step()")
def pe_never_enters(env: Any, policy: Any) -> Any:
    obs, _ = env.reset()
    total, steps, terminated, truncated = 0.0, 0, False, False
    while not terminated and truncated:
        obs, reward, terminated, truncated, _ = env.step(policy(obs))
        total, steps = total + reward, steps + 1
    return total, steps
