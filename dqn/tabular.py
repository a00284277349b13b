"""Learning a table of action values from experience: Q-learning, Sarsa and their relatives.

Many independent runs learn in lockstep, as one more axis of every array, so that a figure over
fifty runs costs little more than one run. The methods differ in one line, their target; the loop
that carries it out is :func:`learn`, the same for all.

Chapters: `Q-learning`, `Double DQN`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import gymnasium as gym
import numpy as np
import numpy.typing as npt

from dqn._arguments import check_choice, check_number, check_numbers, check_whole
from dqn._lockstep import (
    Episodes,
    ModelWorld,
    Streams,
    Uniforms,
    World,
    check_budget,
    check_snapshots,
    choose,
    epsilon_schedule,
    fixed_policy,
    initial_tables,
    make_world,
    normal,
    step_size_function,
)
from dqn.mdp import FiniteMDP, FloatArray, IntArray, check_mdp, cumulative
from dqn.planning import (
    epsilon_greedy,
    epsilon_greedy_policy,
    greedy_policy,
    policy_evaluation,
    policy_iteration,
    value_iteration,
)
from dqn.tabular_targets import (
    StepSize,
    constant,
    double_q_target,
    expected_sarsa_target,
    q_learning_target,
    sarsa_target,
    visit_count,
)

# The models and the exact answers are named here too: a chapter about tables needs one import.
__all__ = [
    "FiniteMDP",
    "TabularResult",
    "constant",
    "double_q_learning",
    "double_q_target",
    "epsilon_greedy_policy",
    "expected_sarsa",
    "expected_sarsa_target",
    "greedy_policy",
    "learn",
    "max_error",
    "policy_evaluation",
    "policy_iteration",
    "q_learning",
    "q_learning_target",
    "sarsa",
    "sarsa_target",
    "synchronous_q_learning",
    "value_iteration",
    "visit_count",
]

Task = FiniteMDP | gym.Env[Any, Any] | Sequence[gym.Env[Any, Any]]
Method = Literal["q_learning", "sarsa", "expected_sarsa", "double_q_learning"]
METHODS = ("q_learning", "sarsa", "expected_sarsa", "double_q_learning")


@dataclass(frozen=True, eq=False)
class TabularResult:
    """What ``R`` runs have learned and lived through.

    Attributes:
        q: ``[R, S, A]``, the learned values; of two tables, their mean. ``-inf`` where an action is
            not offered.
        visits: ``[R, S, A]``, how often each pair was updated.
        returns: ``[R, E]``, the undiscounted return of each finished episode; ``nan`` past a run's
            last one.
        lengths: ``[R, E]``, steps in each; 0 past the last one.
        first_actions: ``[R, E]``, the action each began with; -1 past the last one.
        snapshots: ``[N, R, S, A]``, copies of ``q`` after the steps asked for.
    """

    q: FloatArray
    visits: IntArray
    returns: FloatArray
    lengths: IntArray
    first_actions: IntArray
    snapshots: FloatArray


def learn(
    task: Task,
    method: Method,
    *,
    gamma: float,
    step_size: float | StepSize,
    rng: np.random.Generator,
    epsilon: float | Callable[[int], float] = 0.1,
    episodes: int | None = None,
    steps: int | None = None,
    runs: int | None = None,
    initial_q: npt.ArrayLike = 0.0,
    behaviour: npt.ArrayLike | None = None,
    max_episode_steps: int | None = None,
    snapshot_steps: Sequence[int] = (),
) -> TabularResult:
    """Learn tables of action values by one of four methods, in many independent runs at once.

    Each run has its own random stream, spawned from ``rng``: on a :class:`FiniteMDP`, run ``i`` is
    the same, bit for bit, whatever the number of runs beside it. Truncation ends an episode but
    not the bootstrapping. Chapter: `Q-learning`.

    Args:
        task: A model to be sampled (fast), a Gymnasium environment with Discrete spaces, or a list
            of separate environments, one a run. The first reset of an environment is seeded.
        method: ``"q_learning"`` (Watkins; Sutton & Barto, eq. 6.8), ``"sarsa"`` (6.7),
            ``"expected_sarsa"`` (6.9) or ``"double_q_learning"`` (6.10, with two tables).
        gamma: The discount, in [0, 1].
        step_size: A number in [0, 1], or a function of the visits of each pair, this one included;
            see :func:`visit_count`.
        rng: Where all randomness comes from.
        epsilon: The probability of a random action, or a function of the episode's number, from 0,
            which a :class:`~dqn.exploration.LinearSchedule` then counts in, too. Ties between best
            actions are broken at random.
        episodes: How many episodes each run lives through. A model's may be endless: where a policy
            can fail to reach the end, give ``max_episode_steps`` or ``steps`` as well.
        steps: How many steps each run takes at most. At least one of the two must be given.
        runs: The number of runs of a model, 1 by default; for environments, their number.
        initial_q: Broadcastable to ``[R, S, A]``.
        behaviour: ``[S, A]``, a fixed policy to follow instead of the epsilon-greedy one; Sarsa and
            Expected Sarsa then evaluate it.
        max_episode_steps: Truncates the episodes of a model; environments have their own limit.
        snapshot_steps: After how many steps of each run its table is copied; increasing, and no
            more than ``steps``.

    Raises:
        TypeError: If an argument is of the wrong kind, among them spaces that are not Discrete.
        ValueError: If an argument lies outside its range, or a reward is not finite.

    >>> mdp = FiniteMDP.from_arrays(transition=[[[0.0], [0.5]]], reward=[[0.0, 1.0]])
    >>> result = learn(mdp, "q_learning", gamma=1.0, step_size=visit_count(0.8), epsilon=0.5,
    ...     steps=5000, runs=3, rng=np.random.default_rng(0))
    >>> result.q.round(1)  # Q* = 0, 2
    array([[[0., 2.]], [[0., 2.]], [[0., 2.]]])
    """
    check_choice("method", method, METHODS)
    check_number("gamma", gamma, low=0, high=1)
    alpha_of = step_size_function(step_size)
    epsilon_of = epsilon_schedule(epsilon)
    first_epsilon = epsilon_of(0)
    last_episode, last_step = check_budget(episodes, steps)
    copy_at = check_snapshots("snapshot_steps", snapshot_steps, last_step)
    world = make_world(task, runs, max_episode_steps)
    states, actions = world.offered.shape
    tables = 2 if method == "double_q_learning" else 1
    q = initial_tables(world, initial_q, tables)  # [tables, R * S, A]
    q_rows, q_cells = q.reshape(-1, actions), q.reshape(-1)  # views: one index is the fastest
    visits = np.zeros(q_cells.size, dtype=np.int64)
    fixed = None if behaviour is None else fixed_policy(world, behaviour)
    streams = Streams(rng, world.runs, columns=len(Uniforms._fields))
    log = Episodes(world.runs)
    epsilon_now = np.full(world.runs, first_epsilon)

    def values(row: IntArray) -> FloatArray:  # of both tables, the sum
        return q_rows.take(row, axis=0) if tables == 1 else q[:, row].sum(axis=0)

    def act(row: IntArray, explore: FloatArray, pick: FloatArray) -> IntArray:
        if fixed is not None:
            return np.asarray((pick[:, None] >= cumulative(fixed[row % states])).sum(axis=1))
        return choose(values(row), epsilon_now[who], explore, pick)

    run = np.arange(world.runs)  # the runs that still learn; arrays below have one entry for each
    who: IntArray | slice = slice(None)  # the same, as an index
    u = Uniforms(*streams.draw().T)
    row = run * states + world.reset(run, u.start)  # the state, as a row among those of all runs
    action = act(row, u.explore, u.pick)
    log.begin(run, action)
    snapshots = [q.mean(axis=0)] if 0 in copy_at else []
    step = 0
    while run.size and step < last_step:
        step += 1
        u = Uniforms(*streams.draw()[who].T)
        reward, next_state, terminated, truncated = world.step(
            run, row % states, action, log.length[who], u
        )
        discount = np.where(terminated, 0.0, gamma)
        next_row = run * states + next_state
        table = np.zeros_like(run)  # of the two, the one to update

        if method == "q_learning":
            target = q_learning_target(reward, discount, q_rows.take(next_row, axis=0))
        elif method == "sarsa":
            next_action = act(next_row, u.explore, u.pick)
            target = sarsa_target(reward, discount, q_rows.take(next_row, axis=0), next_action)
        elif method == "expected_sarsa":
            q_t = q_rows.take(next_row, axis=0)
            pi = epsilon_greedy(q_t, epsilon_now[who, None]) if fixed is None else fixed[next_state]
            target = expected_sarsa_target(reward, discount, q_t, pi)
        else:
            table = (u.coin < 0.5).astype(np.int64)
            best = choose(q[table, next_row], 0.0, u.explore, u.tie)
            target = double_q_target(reward, discount, q[1 - table, next_row], best)

        cell = (table * len(q[0]) + row) * actions + action
        visits[cell] += 1
        q_cells[cell] += alpha_of(visits[cell]) * (target - q_cells[cell])

        if step in copy_at:
            snapshots.append(q.mean(axis=0))
        log.add(who, reward)
        row, done = next_row, terminated | truncated
        over = done.any()
        if over:
            ended = run[done]
            log.end(ended)
            begun = np.minimum(log.finished[ended], last_episode - 1)  # there is none after it
            epsilon_now[ended] = [epsilon_of(int(episode)) for episode in begun]
            row[done] = ended * states + world.reset(ended, u.start[done])
        if method != "sarsa":
            action = act(row, u.explore, u.pick)
        else:  # take the action just valued, or the first of a new episode
            action = np.where(done, act(row, u.tie, u.coin), next_action) if over else next_action
        if over:
            log.begin(ended, action[done])
            if log.finished[ended].max() >= last_episode:
                going_on = log.finished[run] < last_episode
                run, row, action = run[going_on], row[going_on], action[going_on]
                who = run
    return _result(world, q, visits, log, snapshots, len(copy_at))


def q_learning(task: Task, **options: Any) -> TabularResult:
    """Learn by Q-learning, whatever the policy followed; see :func:`learn`.

    Watkins & Dayan (1992); Sutton & Barto, sec. 6.5. Chapter: `Q-learning`.

    Args:
        task: As in :func:`learn`.
        **options: As in :func:`learn`.

    >>> cliff = gym.make("CliffWalking-v1")
    >>> result = q_learning(FiniteMDP.from_gymnasium(cliff), gamma=1.0, step_size=0.5,
    ...     episodes=200, rng=np.random.default_rng(0))
    >>> result.q[0, 36].max() > -14.0  # on the way to -13, the length of the shortest path
    np.True_
    """
    return learn(task, "q_learning", **options)


def sarsa(task: Task, **options: Any) -> TabularResult:
    """Learn by Sarsa, the value of the policy followed; see :func:`learn`.

    Rummery & Niranjan (1994); Sutton & Barto, sec. 6.4. Chapter: `Q-learning`.

    Args:
        task: As in :func:`learn`.
        **options: As in :func:`learn`.
    """
    return learn(task, "sarsa", **options)


def expected_sarsa(task: Task, **options: Any) -> TabularResult:
    """Learn by Expected Sarsa, without the noise of the next action; see :func:`learn`.

    van Seijen et al. (2009); Sutton & Barto, sec. 6.6. Chapter: `Q-learning`.

    Args:
        task: As in :func:`learn`.
        **options: As in :func:`learn`.
    """
    return learn(task, "expected_sarsa", **options)


def double_q_learning(task: Task, **options: Any) -> TabularResult:
    """Learn by double Q-learning: two tables, a coin, and actions by their sum; see :func:`learn`.

    van Hasselt (2010); Sutton & Barto, sec. 6.7. Chapter: `Double DQN`.

    Args:
        task: As in :func:`learn`.
        **options: As in :func:`learn`.
    """
    return learn(task, "double_q_learning", **options)


def synchronous_q_learning(
    mdp: FiniteMDP,
    *,
    gamma: float,
    step_size: float | StepSize,
    sweeps: int,
    rng: np.random.Generator,
    runs: int = 1,
    initial_q: npt.ArrayLike = 0.0,
    updated: npt.ArrayLike | None = None,
    snapshot_sweeps: Sequence[int] = (),
) -> TabularResult:
    """Update every pair once a sweep, each from one sampled outcome, all from the same table.

    Exploration is taken out of the question, and a million updates take a second: the way to look
    at convergence. Even-Dar & Mansour (2003). Chapter: `Q-learning`.

    Args:
        mdp: The process, sampled at every pair.
        gamma: The discount, in [0, 1].
        step_size: As in :func:`learn`.
        sweeps: How many updates each pair gets.
        rng: Where all randomness comes from; each run has a stream of its own.
        runs: The number of independent runs.
        initial_q: Broadcastable to ``[R, S, A]``.
        updated: ``[S, A]`` of ``bool``; pairs left out keep their initial value.
        snapshot_sweeps: After how many sweeps the tables are copied; increasing.

    Returns:
        As :func:`learn`, without episodes.

    Raises:
        TypeError: If an argument is of the wrong kind.
        ValueError: If an argument lies outside its range.

    >>> mdp = FiniteMDP.from_gymnasium(gym.make("FrozenLake-v1"))
    >>> result = synchronous_q_learning(mdp, gamma=0.9, step_size=visit_count(0.7), sweeps=20_000,
    ...     rng=np.random.default_rng(0))
    >>> bool(max_error(result.q, value_iteration(mdp, 0.9))[0] < 0.02)
    True
    """
    check_mdp(mdp)
    check_number("gamma", gamma, low=0, high=1)
    alpha_of = step_size_function(step_size)
    check_whole("sweeps", sweeps)
    copy_at = check_snapshots("snapshot_sweeps", snapshot_sweeps, sweeps)
    world = ModelWorld(mdp, check_whole("runs", runs), None)
    try:
        chosen = mdp.offered if updated is None else np.asarray(updated)
    except ValueError:  # rows of different lengths
        raise ValueError(f"updated must be [S, A] of bool, got {updated!r}") from None
    if chosen.dtype != np.bool_ or chosen.shape != mdp.offered.shape:
        raise ValueError(f"updated must be [S, A] of bool, got {chosen.dtype} {chosen.shape}")
    state, action = np.nonzero(chosen & mdp.offered)  # [M] pairs
    q = initial_tables(world, initial_q, tables=1).reshape(runs, mdp.num_states, -1)
    visits = np.zeros(q.shape, dtype=np.int64)
    streams = Streams(rng, runs, columns=3 * state.size)
    snapshots = [q.copy()] if 0 in copy_at else []
    every_run = np.arange(runs)[:, None]
    states, actions = np.tile(state, runs), np.tile(action, runs)
    for sweep in range(1, sweeps + 1):
        u = streams.draw().reshape(runs, 3, state.size).swapaxes(0, 1).reshape(3, -1)
        noise = normal(u[1], u[2]) if mdp.noisy else None
        reward, next_state, terminated = mdp.sample(states, actions, u[0], noise)
        discount = np.where(terminated, 0.0, gamma)
        q_t = q[every_run, next_state.reshape(runs, -1)].reshape(-1, mdp.num_actions)
        target = q_learning_target(reward, discount, q_t).reshape(runs, -1)
        visits[:, state, action] += 1
        alpha = alpha_of(visits[:, state, action])
        q[:, state, action] += alpha * (target - q[:, state, action])
        if sweep in copy_at:
            snapshots.append(q.copy())
    return _result(world, q[None], visits[None], Episodes(runs), snapshots, len(copy_at))


def max_error(q: npt.ArrayLike, q_star: npt.ArrayLike, where: npt.ArrayLike = True) -> FloatArray:
    """Return ``max |Q - Q*|`` over the pairs of each table, ``[...]``.

    Args:
        q: ``[..., S, A]``: tables of many runs, or snapshots.
        q_star: ``[S, A]``; pairs of ``-inf``, which are not offered, are left out.
        where: Broadcastable to ``[S, A]``, the pairs that count, as in
            ``mdp.reachable[:, None]``, which leaves out terminal states. Their values never change,
            and count if they began elsewhere than at 0.

    Raises:
        TypeError: If an argument is of the wrong kind.
        ValueError: If shapes disagree, no pair counts, or ``q_star`` holds NaN or ``inf``.

    >>> max_error([[[1.0, 2.0]], [[0.0, 0.0]]], [[1.0, 1.5]])
    array([0.5, 1.5])
    """
    check_numbers("q", q)
    check_numbers("q_star", q_star)
    values, exact = np.asarray(q, dtype=np.float64), np.asarray(q_star, dtype=np.float64)
    if values.shape[-2:] != exact.shape:
        raise ValueError(f"q_star must have shape {values.shape[-2:]}, got {exact.shape}")
    if not (exact < np.inf).all():
        raise ValueError(f"q_star must be finite, or -inf where nothing is offered, got {q_star!r}")
    try:
        counts = np.asarray(where)
        np.broadcast_to(counts, exact.shape)
    except ValueError:
        raise ValueError(
            f"where must fit {exact.shape}, as reachable[:, None] does, got {where!r}"
        ) from None
    if counts.dtype != np.bool_:
        raise TypeError(f"where must hold nothing but True and False, got {where!r}")
    counts = (exact > -np.inf) & counts
    if not counts.any():
        raise ValueError(f"where must leave at least one pair that is offered, got {where!r}")
    gap = np.subtract(values, exact, where=counts, out=np.zeros(values.shape))
    return np.asarray(np.abs(gap).max(axis=(-2, -1)))


def _result(
    world: World,
    q: FloatArray,
    visits: IntArray,
    log: Episodes,
    snapshots: list[FloatArray],
    wanted: int,
) -> TabularResult:
    shape = (world.runs, world.num_states, world.num_actions)
    final = q.mean(axis=0)
    # Runs that had all their episodes before a snapshot was due keep what they had.
    snapshots += [final] * (wanted - len(snapshots))
    returns, lengths, first_actions = log.tables()
    return TabularResult(
        q=final.reshape(shape),
        visits=visits.reshape((len(q), *shape)).sum(axis=0),
        returns=returns,
        lengths=lengths,
        first_actions=first_actions,
        snapshots=np.array(snapshots).reshape((wanted, *shape)),
    )
