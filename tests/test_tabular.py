"""Tabular learning, against hand-made updates, enumeration and exact answers."""

import itertools
from typing import Any

import gymnasium as gym
import numpy as np
import pytest

from dqn.envs import maximization_bias
from dqn.exploration import PerEpisodeDecay
from dqn.mdp import FiniteMDP
from dqn.planning import (
    value_iteration,
)
from dqn.tabular import (
    Method,
    double_q_learning,
    expected_sarsa,
    learn,
    max_error,
    q_learning,
    sarsa,
    synchronous_q_learning,
    visit_count,
)
from dqn.tabular_targets import (
    double_q_target,
    expected_sarsa_target,
    q_learning_target,
    sarsa_target,
)

METHODS: tuple[Method, ...] = ("q_learning", "sarsa", "expected_sarsa", "double_q_learning")


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def model(name: str, **kwargs: Any) -> FiniteMDP:
    return FiniteMDP.from_gymnasium(gym.make(name, **kwargs))


CLIFF = model("CliffWalking-v1")


# --- single updates, by hand ----------------------------------------------------------------------


def corridor(*rewards: float) -> FiniteMDP:
    """One state after another, with a single action; after the last the episode terminates."""
    states = len(rewards)
    return FiniteMDP.from_arrays(
        np.eye(states, k=1)[:, None, :], np.array(rewards)[:, None], start=np.eye(states)[0]
    )


@pytest.mark.parametrize("method", ["q_learning", "sarsa", "expected_sarsa"])
def test_two_episodes_by_hand(method: Method) -> None:
    result = learn(corridor(1, 2), method, gamma=0.5, step_size=0.5, episodes=2, rng=rng())
    # first episode: 0.5 (1 + 0), 0.5 (2); second: 0.5 + 0.5 (1 + 0.5 - 0.5), 1 + 0.5 (2 - 1)
    np.testing.assert_array_equal(result.q[0, :, 0], [1.0, 1.5])
    np.testing.assert_array_equal(result.visits[0, :, 0], [2, 2])
    np.testing.assert_array_equal(result.returns, [[3.0, 3.0]])
    np.testing.assert_array_equal(result.lengths, [[2, 2]])


def test_double_q_learning_by_enumerating_its_coins() -> None:
    gamma, alpha, steps = 0.5, 0.5, 4
    expected = []
    for coins in itertools.product(range(2), repeat=steps):
        tables = [0.0, 0.0]  # of the one state, which pays 1 and leads to itself
        for coin in coins:
            tables[coin] += alpha * (1.0 + gamma * tables[1 - coin] - tables[coin])
        expected.append(sum(tables) / 2)
    runs = 4000
    loop = FiniteMDP.from_arrays([[[1.0]]], [[1.0]])
    result = double_q_learning(
        loop, gamma=gamma, step_size=alpha, steps=steps, runs=runs, rng=rng()
    )
    seen = result.q[:, 0, 0].tolist()
    assert set(seen) == set(expected)
    for value in set(expected):
        p = expected.count(value) / len(expected)
        assert abs(seen.count(value) / runs - p) < 4 * np.sqrt(p * (1 - p) / runs)


def test_double_q_learning_acts_on_both_tables() -> None:
    # Worth 1 in both, and -1.5 in the one updated first: their sum is below the other action's 0.
    mdp = FiniteMDP.from_arrays(np.zeros((1, 2, 1)), [[-1.5, 0.0]])
    result = double_q_learning(
        mdp,
        gamma=1.0,
        step_size=1.0,
        epsilon=0.0,
        initial_q=[1, 0],
        episodes=2,
        runs=64,
        rng=rng(),
    )
    np.testing.assert_array_equal(result.first_actions, [[0, 1]] * 64)


@pytest.mark.parametrize(
    ("method", "target"), [("q_learning", 5.0), ("sarsa", 1.0), ("expected_sarsa", 4.0)]
)
def test_what_each_method_bootstraps_from(method: Method, target: float) -> None:
    mdp = FiniteMDP.from_arrays([[[0, 1]] * 2, [[0, 0]] * 2], np.ones((2, 2)), start=[1, 0])
    behaviour = {
        "q_learning": [[1.0, 0.0], [1.0, 0.0]],
        "sarsa": [[1.0, 0.0], [1.0, 0.0]],  # takes the action worth 1
        "expected_sarsa": [[1.0, 0.0], [0.25, 0.75]],  # 1/4 1 + 3/4 5
    }[method]
    result = learn(
        mdp,
        method,
        gamma=0.5,
        step_size=0.5,
        steps=1,
        behaviour=behaviour,
        initial_q=[[2.0, 7.0], [1.0, 5.0]],
        rng=rng(),
    )
    updated = 2.0 + 0.5 * (1.0 + 0.5 * target - 2.0)
    np.testing.assert_allclose(result.q[0], [[updated, 7.0], [1.0, 5.0]])


def test_expected_sarsa_expects_its_own_epsilon_greedy_policy() -> None:
    mdp = FiniteMDP.from_arrays([[[0, 1]] * 2, [[0, 0]] * 2], np.zeros((2, 2)), start=[1, 0])
    result = expected_sarsa(
        mdp, gamma=1.0, step_size=1.0, steps=1, epsilon=0.4, initial_q=[[0, 0], [1, 5]], rng=rng()
    )
    assert result.q[0, 0].max() == pytest.approx(0.2 * 1 + 0.8 * 5)


def test_sarsa_takes_the_action_it_has_valued() -> None:
    # One state for ever; the value of what comes next is known from the initial table, and what is
    # taken next shows in the visits.
    mdp = FiniteMDP.from_arrays(np.ones((1, 2, 1)), np.zeros((1, 2)))
    initial = [[1.0, 10.0]]
    result = sarsa(
        mdp,
        gamma=1.0,
        step_size=1.0,
        steps=2,
        epsilon=1.0,
        initial_q=initial,
        runs=64,
        snapshot_steps=[0, 1, 2],
        rng=rng(),
    )
    first, second = result.snapshots[1], result.snapshots[2]
    for run in range(64):
        visits = result.visits[run, 0]
        if visits.max() == 2:  # the same action twice: worth itself, nothing moves
            np.testing.assert_array_equal(first[run], initial)
        else:  # the first action took on the value of the second
            changed = int(np.flatnonzero(first[run, 0] != initial[0])[0])
            assert first[run, 0, changed] == initial[0][1 - changed]
            assert second[run, 0, 1 - changed] in (1.0, 10.0)


def test_robbins_monro_steps_make_the_mean() -> None:
    rewards = FiniteMDP(
        probability=np.array([[[0.5, 0.5]]]),
        next_state=np.zeros((1, 1, 2), dtype=np.int64),
        reward=np.array([[[0.0, 1.0]]]),
        terminated=np.ones((1, 1, 2), dtype=np.bool_),
        start=np.ones(1),
    )
    result = q_learning(rewards, gamma=1.0, step_size=visit_count(), episodes=37, runs=5, rng=rng())
    np.testing.assert_allclose(result.q[:, 0, 0], result.returns.mean(axis=1))


# --- behaviour, episodes, streams -----------------------------------------------------------------


def test_epsilon_greedy_frequencies_with_ties() -> None:
    mdp = FiniteMDP.from_arrays(np.zeros((1, 3, 1)), np.zeros((1, 3)))
    n = 20_000
    result = q_learning(
        mdp, gamma=0, step_size=0, epsilon=0.3, initial_q=[1, 1, 0], episodes=1, runs=n, rng=rng()
    )
    for action, p in enumerate([0.45, 0.45, 0.1]):
        assert abs(np.mean(result.first_actions == action) - p) < 4 * np.sqrt(p * (1 - p) / n)


def test_epsilon_may_change_from_episode_to_episode() -> None:
    mdp = FiniteMDP.from_arrays(np.zeros((1, 2, 1)), np.zeros((1, 2)))
    result = q_learning(
        mdp,
        gamma=0,
        step_size=0,
        epsilon=lambda episode: float(episode == 1),
        initial_q=[1, 0],
        episodes=3,
        runs=1000,
        rng=rng(),
    )
    share = (result.first_actions == 0).mean(axis=0)
    assert share[0] == share[2] == 1.0
    assert 0.4 < share[1] < 0.6
    with pytest.raises(ValueError, match=r"epsilon\(1\)"):
        q_learning(mdp, gamma=0, step_size=0, epsilon=lambda e: 2.0 * e, episodes=3, rng=rng())


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("budget", [{"episodes": 9}, {"steps": 1100}])  # past a block of 1024
def test_a_run_does_not_depend_on_its_company(method: Method, budget: dict[str, Any]) -> None:
    for mdp in (CLIFF, maximization_bias(3).mdp):
        few, many = (
            learn(mdp, method, gamma=1.0, step_size=0.3, runs=runs, rng=rng(5), **budget)
            for runs in (2, 5)
        )
        np.testing.assert_array_equal(few.q, many.q[:2])
        episodes = few.returns.shape[1]
        np.testing.assert_array_equal(few.returns, many.returns[:2, :episodes])
        assert not np.array_equal(many.q[0], many.q[1])


def test_truncation_ends_the_episode_and_not_the_bootstrapping() -> None:
    endless = FiniteMDP.from_arrays([[[1.0]]], [[1.0]])
    kwargs: dict[str, Any] = {"gamma": 0.5, "step_size": 0.5, "steps": 200, "rng": rng()}
    limited = q_learning(endless, max_episode_steps=3, **kwargs)
    assert limited.q.item() == pytest.approx(2.0)  # 1 / (1 - gamma)
    assert set(limited.lengths.ravel()) == {3}
    env = gym.make("dqn/Loop-v0", max_episode_steps=3)
    for method in METHODS:
        assert learn(env, method, **kwargs).q.item() == pytest.approx(2.0)


class Odd(gym.Env[Any, Any]):
    """States 3 and 4, actions 5 and 6; the second step sets both flags, or pays what it is told."""

    def __init__(self, reward: float = 1.0) -> None:
        self.observation_space = gym.spaces.Discrete(2, start=3)
        self.action_space = gym.spaces.Discrete(2, start=5)
        self.reward, self.actions = reward, set[int]()
        self.seeds: list[int | None] = []

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[int, dict[str, Any]]:
        super().reset(seed=seed, options=options)
        self.seeds.append(seed)
        self.state = 3
        return 3, {}

    def step(self, action: int) -> tuple[int, float, bool, bool, dict[str, Any]]:
        self.actions.add(action)
        ends = self.state == 4
        self.state = 4
        return 4, self.reward, ends, ends, {}


@pytest.mark.parametrize("method", METHODS)
def test_any_discrete_environment_with_both_flags_set(method: Method) -> None:
    env = Odd()
    result = learn(
        env, method, gamma=1.0, step_size=0.5, epsilon=1.0, initial_q=8, episodes=200, rng=rng()
    )
    np.testing.assert_allclose(result.q[0, 1], [1.0, 1.0], atol=1e-3)  # were 2 with bootstrapping
    np.testing.assert_allclose(result.q[0, 0], [2.0, 2.0], atol=1e-2)
    assert env.actions == {5, 6}
    assert env.seeds[0] is not None
    assert set(env.seeds[1:]) == {None}  # one seed a run, not one an episode


def test_environments_and_models_agree() -> None:
    envs = [gym.make("CliffWalking-v1") for _ in range(3)]
    kwargs: dict[str, Any] = {"gamma": 1.0, "step_size": 0.5, "steps": 500}
    for method in METHODS:  # nothing in this environment is random, so the streams are the same
        stepped = learn(envs, method, rng=rng(3), **kwargs)
        sampled = learn(CLIFF, method, rng=rng(3), runs=3, **kwargs)
        np.testing.assert_array_equal(stepped.q, sampled.q)


def test_snapshots_and_records() -> None:
    result = q_learning(
        CLIFF,
        gamma=1.0,
        step_size=0.5,
        episodes=5,
        runs=2,
        initial_q=1.5,
        snapshot_steps=[0, 10, 100_000],
        rng=rng(),
    )
    assert result.snapshots.shape == (3, 2, 48, 4)
    assert (result.snapshots[0] == 1.5).all()
    assert (result.snapshots[1] != 1.5).sum(axis=(1, 2)).max() <= 10
    np.testing.assert_array_equal(result.snapshots[2], result.q)
    np.testing.assert_array_equal(result.visits.sum(axis=(1, 2)), result.lengths.sum(axis=1))
    assert result.returns.shape == (2, 5)
    cut = q_learning(CLIFF, gamma=1.0, step_size=0.5, steps=400, runs=3, rng=rng())
    unfinished = np.isnan(cut.returns)
    assert (unfinished == (cut.lengths == 0)).all()
    assert (unfinished == (cut.first_actions == -1)).all()
    assert (cut.visits.sum(axis=(1, 2)) == 400).all()


def test_no_global_generator_is_touched() -> None:
    before = np.random.get_state(legacy=False)  # noqa: NPY002
    q_learning(gym.make("FrozenLake-v1"), gamma=0.9, step_size=0.1, episodes=3, rng=rng())
    after = np.random.get_state(legacy=False)  # noqa: NPY002
    np.testing.assert_equal(before, after)


BAD: list[tuple[dict[str, Any], type[Exception], str]] = [
    ({"step_size": -0.1}, ValueError, "step_size"),
    ({"step_size": 1.5}, ValueError, "step_size"),
    ({"epsilon": 2.0}, ValueError, "epsilon"),
    ({"episodes": 0}, ValueError, "episodes"),
    ({"episodes": None}, ValueError, "episodes or steps"),
    ({"steps": 0}, ValueError, "steps"),
    ({"runs": 0}, ValueError, "runs"),
    ({"runs": 1.5}, TypeError, "runs"),
    ({"rng": 0}, TypeError, "rng"),
    ({"initial_q": np.zeros((5, 4))}, ValueError, "initial_q"),
    ({"initial_q": np.nan}, ValueError, "initial_q"),
    ({"max_episode_steps": 0}, ValueError, "max_episode_steps"),
    ({"epsilon": PerEpisodeDecay(0.5, 0.9)}, TypeError, r"lambda episode: decay\(0, episode\)"),
    ({"snapshot_steps": [3, 2]}, ValueError, "snapshot_steps"),
    ({"snapshot_steps": [-1]}, ValueError, "snapshot_steps"),
    ({"snapshot_steps": 3}, TypeError, "snapshot_steps"),
    ({"snapshot_steps": [0, 2.5]}, TypeError, r"snapshot_steps\[1\] must be a whole number"),
    ({"snapshot_steps": [10**6], "steps": 5}, ValueError, "snapshot_steps must be at most 5"),
    ({"step_size": lambda n: 1.5 * n}, ValueError, r"step_size\(visits\)"),
    ({"step_size": lambda n: n * np.nan}, ValueError, r"step_size\(visits\)"),
]


@pytest.mark.parametrize(("change", "error", "names"), BAD)
def test_bad_arguments(change: dict[str, Any], error: type[Exception], names: str) -> None:
    good: dict[str, Any] = {"gamma": 0.9, "step_size": 0.1, "episodes": 1, "rng": rng()}
    with pytest.raises(error, match=names):
        q_learning(CLIFF, **(good | change))


def test_bad_tasks() -> None:
    kwargs: dict[str, Any] = {"gamma": 0.9, "step_size": 0.1, "episodes": 1, "rng": rng()}
    cliff = gym.make("CliffWalking-v1")
    for task in ("CliffWalking-v1", [], [cliff, None], gym.make("CartPole-v1")):
        with pytest.raises(TypeError, match="task"):
            q_learning(task, **kwargs)  # type: ignore[arg-type]
    for envs in ([cliff, cliff], [cliff, gym.make("FrozenLake-v1")]):
        with pytest.raises(ValueError, match="task"):
            q_learning(envs, **kwargs)
    with pytest.raises(ValueError, match="runs"):
        q_learning(cliff, runs=2, **kwargs)
    with pytest.raises(ValueError, match="max_episode_steps"):
        q_learning(cliff, max_episode_steps=2, **kwargs)
    with pytest.raises(ValueError, match="method"):
        learn(cliff, "td", **kwargs)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="reward must be finite"):
        q_learning(Odd(reward=float("nan")), **kwargs)
    with pytest.raises(ValueError, match="updated"):
        synchronous_q_learning(CLIFF, gamma=1, step_size=1, sweeps=1, updated=[True], rng=rng())
    with pytest.raises(ValueError, match="omega"):
        visit_count(-1)
    with pytest.raises(ValueError, match="q_star"):
        max_error(np.zeros((2, 3)), np.zeros((3, 2)))


# --- learning -------------------------------------------------------------------------------------


def from_anywhere(name: str) -> FiniteMDP:
    """The environment's model, begun in any state that an episode can be in."""
    reachable = model(name).reachable
    return FiniteMDP.from_gymnasium(gym.make(name), start=reachable / reachable.sum())


def test_q_learning_reaches_q_star_on_the_cliff() -> None:
    mdp = from_anywhere("CliffWalking-v1")
    result = q_learning(
        mdp,
        gamma=0.95,
        step_size=1.0,  # nothing is random here
        epsilon=1.0,
        initial_q=-2000.0,
        steps=12_000,
        max_episode_steps=30,
        rng=rng(),
    )
    q_star = value_iteration(mdp, 0.95)
    np.testing.assert_allclose(max_error(result.q, q_star, mdp.reachable[:, None]), 0, atol=1e-9)


def test_q_learning_reaches_q_star_on_the_frozen_lake() -> None:
    mdp = from_anywhere("FrozenLake-v1")
    result = q_learning(
        mdp, gamma=0.8, step_size=visit_count(0.7), epsilon=1.0, steps=8000, runs=5, rng=rng()
    )
    assert max_error(result.q, value_iteration(mdp, 0.8)).mean() < 0.1


def test_q_learning_reaches_q_star_on_taxi() -> None:
    mdp = model("Taxi-v4")
    result = synchronous_q_learning(mdp, gamma=0.9, step_size=1.0, sweeps=200, rng=rng())
    assert max_error(result.q, value_iteration(mdp, 0.9)) < 1e-9
    # From nothing but its own experience it comes to deliver the passenger.
    result = q_learning(
        mdp,
        gamma=0.95,
        step_size=1.0,
        epsilon=0.05,
        steps=20_000,
        max_episode_steps=200,
        runs=3,
        rng=rng(),
    )
    for returns in result.returns:
        late = returns[~np.isnan(returns)][-50:]
        assert late.mean() > -50  # a random policy earns about -770, the best about 8


def test_robbins_monro_steps_converge_and_constant_ones_hover() -> None:
    mdp = model("FrozenLake-v1")
    q_star = value_iteration(mdp, 0.9)
    kwargs: dict[str, Any] = {
        "gamma": 0.9,
        "sweeps": 3000,
        "runs": 4,
        "snapshot_sweeps": [30, 3000],
    }
    shrinking = synchronous_q_learning(mdp, step_size=visit_count(0.8), rng=rng(), **kwargs)
    constant = synchronous_q_learning(mdp, step_size=0.2, rng=rng(), **kwargs)
    early, late = max_error(shrinking.snapshots, q_star).mean(axis=1)
    assert late < 0.03 < 0.06 < early
    assert max_error(constant.snapshots, q_star)[1].min() > 3 * late
    assert (shrinking.visits == 3000).all()


def test_a_pair_never_updated_spoils_what_leads_to_it() -> None:
    mdp = model("FrozenLake-v1")
    q_star = value_iteration(mdp, 0.9)
    updated = np.ones((16, 4), dtype=np.bool_)
    updated[14] = False  # the state before the goal
    result = synchronous_q_learning(
        mdp, gamma=0.9, step_size=visit_count(0.8), sweeps=500, updated=updated, rng=rng()
    )
    assert (result.q[0, 14] == 0).all()
    assert (result.visits[0, 14] == 0).all()
    # Its neighbours, worth something, now look worthless: the goal is reached through it alone.
    assert result.q[0, 13].max() == 0 < q_star[13].max()


def test_the_cliff_online() -> None:
    # Simulated elsewhere with alpha 0.5, once learned: -49.1 +- 1.1 and -28.4 +- 1.5 an episode.
    kwargs: dict[str, Any] = {"gamma": 1.0, "step_size": 0.5, "episodes": 400, "runs": 8}
    greedy, safe = (
        float(method(CLIFF, rng=rng(), **kwargs).returns[:, -100:].mean())
        for method in (q_learning, sarsa)
    )
    assert greedy == pytest.approx(-49.1, abs=4)
    assert safe == pytest.approx(-28.4, abs=4)


def test_maximization_bias() -> None:
    # Simulated elsewhere with ten actions: at most 94 % left, 12 % in the last 20 of 300 episodes;
    # double Q-learning 51 % and 7 %.
    mdp = maximization_bias(10).mdp
    for method, most, last in ((q_learning, 0.94, 0.12), (double_q_learning, 0.51, 0.07)):
        result = method(mdp, gamma=1.0, step_size=0.1, episodes=300, runs=600, rng=rng())
        left = np.mean(result.first_actions == 0, axis=0)
        assert left.max() == pytest.approx(most, abs=0.07)
        assert left[-20:].mean() == pytest.approx(last, abs=0.02)
        assert set(np.unique(result.first_actions)) == {0, 1}  # A offers no more
        assert (result.q[:, 0, 2:] == -np.inf).all()
        assert np.isfinite(result.q[:, 1]).all()


@pytest.mark.parametrize("strange", [0, 6])
def test_an_observation_outside_of_its_space_is_refused(strange: int) -> None:
    class Stray(gym.Env[Any, Any]):
        observation_space = gym.spaces.Discrete(5, start=1)
        action_space = gym.spaces.Discrete(2)

        def reset(self, *, seed: int | None = None, options: Any = None) -> Any:
            super().reset(seed=seed, options=options)
            return 1, {}

        def step(self, action: int) -> Any:  # noqa: ARG002  (all actions stray)
            return strange, 0.0, False, False, {}

    with pytest.raises(ValueError, match="task must observe what its space holds"):
        q_learning(Stray(), gamma=0.9, step_size=0.1, steps=3, rng=np.random.default_rng(0))


@pytest.mark.parametrize("target", [q_learning_target, sarsa_target, double_q_target])
def test_a_column_among_rows_is_refused(target: Any) -> None:
    rewards, discounts, q = np.ones(3), np.ones(3), np.ones((3, 2))
    more = () if target is q_learning_target else (np.zeros(3, int),)
    assert target(rewards, discounts, q, *more).shape == (3,)
    with pytest.raises(ValueError, match="reward_t must have shape"):
        target(rewards[:, None], discounts, q, *more)
    with pytest.raises(ValueError, match="discount_t must have shape"):
        target(rewards, np.ones(1), q, *more)
    if more:
        name = "best_t" if target is double_q_target else "action_t"
        with pytest.raises(ValueError, match=f"{name} must have shape"):
            target(rewards, discounts, q, np.zeros(1, int))
    with pytest.raises(ValueError, match="q_t must have shape"):
        target(rewards, discounts, np.ones(3), *more)


def test_an_error_over_no_pairs_is_no_zero() -> None:
    with pytest.raises(ValueError, match="where must leave at least one pair"):
        max_error([[1.0]], [[1.0]], where=False)


def test_targets_refuse_what_would_broadcast():
    row, one = np.array([[2.0, 4.0]]), np.ones(1)
    for policy in (np.array([[1.0]]), np.array([1.0]), np.ones((1, 3))):
        with pytest.raises(ValueError, match=r"policy_t must have shape \(1, 2\)"):
            expected_sarsa_target(one, one, row, policy)
    whole = expected_sarsa_target(one, one, np.array([[2, 4]]), np.array([[0.5, 0.5]]))
    assert whole.tolist() == [4.0]


@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_the_truth_must_be_finite_where_there_is_one(wrong):
    with pytest.raises(ValueError, match="q_star must be finite"):
        max_error([[5.0, 2.0]], [[wrong, 2.0]])
    assert max_error([[5.0, 2.0]], [[-np.inf, 2.0]]) == 0


def test_nothing_to_update_leaves_the_table_alone():
    mdp = FiniteMDP.from_arrays([[[0.5]]], [[1.0]])
    result = synchronous_q_learning(
        mdp, gamma=0.9, step_size=0.5, sweeps=3, rng=np.random.default_rng(0), updated=[[False]]
    )
    assert result.q.tolist() == [[[0.0]]]


class Halfway(gym.Env[Any, Any]):
    """Observes a number between two states."""

    observation_space, action_space = gym.spaces.Discrete(9), gym.spaces.Discrete(2)

    def reset(self, *, seed: int | None = None, options: Any = None) -> Any:  # noqa: ARG002 (the interface's)
        super().reset(seed=seed)
        return 0, {}

    def step(self, action: Any) -> Any:  # noqa: ARG002 (the interface's)
        return 5.5, 0.0, False, False, {}


def test_a_state_between_two_states_is_none():
    with pytest.raises(ValueError, match=r"task must observe what its space holds, got 5\.5"):
        q_learning(Halfway(), gamma=0.9, step_size=0.5, steps=3, rng=np.random.default_rng(0))


def test_a_schedule_is_asked_for_no_episode_beyond_the_last():
    mdp = FiniteMDP.from_arrays([[[0.5]]], [[1.0]])
    plan = [0.3, 0.2, 0.1]
    result = learn(
        mdp,
        "sarsa",
        gamma=0.9,
        step_size=0.5,
        epsilon=plan.__getitem__,
        episodes=3,
        runs=4,
        rng=np.random.default_rng(0),
    )
    assert result.returns.shape == (4, 3)


ROW, ONE, FIRST = np.array([[2.0, 4.0]]), np.ones(1), np.array([0])


@pytest.mark.parametrize(
    ("target", "arguments", "error", "message"),
    [
        (q_learning_target, ([1.0], ONE, ROW), TypeError, r"reward_t must be an array .*\[1\.0\]"),
        (q_learning_target, (ONE, None, ROW), TypeError, "discount_t must be an array"),
        (q_learning_target, (ONE, ONE, np.array([["a"]])), TypeError, "q_t must be an array"),
        (q_learning_target, (ONE, ONE, ROW[:, :0]), ValueError, r"q_t must have shape \[N, A\]"),
        (sarsa_target, (ONE, ONE, ROW, FIRST - 1), ValueError, "action_t must be in 0 .. 1"),
        (sarsa_target, (ONE, ONE, ROW, FIRST + 2), ValueError, "action_t must be in 0 .. 1"),
        (sarsa_target, (ONE, ONE, ROW, ONE), TypeError, "action_t must be whole numbers"),
        (sarsa_target, (ONE, ONE, ROW, FIRST > 0), TypeError, "action_t must be whole numbers"),
        (double_q_target, (ONE, ONE, ROW, FIRST - 1), ValueError, "best_t must be in 0 .. 1"),
        (double_q_target, (ONE, ONE, ROW, 0), TypeError, "best_t must be an array"),
        (expected_sarsa_target, (ONE, ONE, ROW, None), TypeError, "policy_t must be an array"),
    ],
)
def test_targets_name_what_they_cannot_take(target, arguments, error, message):
    with pytest.raises(error, match=message):
        target(*arguments)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"initial_q": {}}, TypeError, r"initial_q must be an array of numbers, got \{\}"),
        ({"behaviour": "up"}, TypeError, "behaviour must be an array of numbers, got 'up'"),
        ({"step_size": lambda _: None}, TypeError, r"step_size\(visits\) .* got array\(None"),
        ({"step_size": lambda n: n[:0]}, TypeError, r"step_size\(visits\) must be a number for"),
        ({"step_size": lambda n: n + 0.5}, ValueError, r"step_size\(visits\) must lie in"),
    ],
)
def test_learn_names_what_it_cannot_take(options, error, message):
    mdp = FiniteMDP.from_arrays([[[0.5]]], [[1.0]])
    given = {"gamma": 0.9, "step_size": 0.5, "steps": 2, "rng": np.random.default_rng(0), **options}
    with pytest.raises(error, match=message):
        learn(mdp, "q_learning", **given)
    with pytest.raises(ValueError, match="updated must be"):
        synchronous_q_learning(
            mdp,
            gamma=0.9,
            step_size=0.5,
            sweeps=1,
            rng=np.random.default_rng(0),
            updated=[[True], [True, False]],
        )


@pytest.mark.parametrize("where", [np.nan, "everywhere", [[1.0, 1.0]], [[1, 0]]])
def test_where_must_be_yes_or_no(where):
    with pytest.raises(TypeError, match="where must hold nothing but True and False"):
        max_error([[5.0, 2.0]], [[5.0, 2.0]], where)
