"""Linear methods: thresholds of divergence on either side, by formulas from the literature."""

from typing import Any, Literal

import gymnasium as gym
import numpy as np
import numpy.typing as npt
import pytest

from dqn.envs import baird_features, baird_policies, baird_star, baird_weights, two_states
from dqn.linear import (
    linear_q_learning,
    per_action,
    q_learning_update,
    residual_gradient_update,
    semi_gradient_update,
    td_prediction,
)
from dqn.linear_systems import (
    LinearSystem,
    least_squares_iteration,
    monte_carlo_system,
    on_policy_weighting,
    residual_gradient_system,
    semi_gradient_system,
)
from dqn.mdp import FiniteMDP
from dqn.planning import policy_evaluation, value_iteration

Floats = npt.NDArray[np.float64]
W_2W = np.array([[1.0], [2.0]])
FOREVER = two_states().mdp.under(np.ones((2, 1)))  # chain and rewards of w -> 2w
FIRST_ONLY = np.array([1.0, 0.0])
EVERY_STATE = np.full(7, 1 / 7)


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def random_problem(states: int, features: int, seed: int) -> tuple[Floats, Floats, Floats, Floats]:
    dice = rng(seed)
    chain = 0.9 * dice.dirichlet(np.ones(states), size=states)
    return (
        dice.normal(size=(states, features)),
        chain,
        dice.normal(size=states),
        dice.dirichlet(np.ones(states)),
    )


# --- expected updates -----------------------------------------------------------------------------


@pytest.mark.parametrize(("states", "features"), [(1, 1), (2, 1), (5, 3), (7, 8)])
def test_systems_are_the_mean_of_sampled_updates(states: int, features: int) -> None:
    x, chain, reward, weighting = random_problem(states, features, seed=states)
    w, gamma, alpha = rng(9).normal(size=features), 0.8, 0.1
    semi, residual = np.zeros(features), np.zeros(features)
    for s in range(states):
        end = 1 - chain[s].sum()
        expected_x = chain[s] @ x  # given s, the residual needs the mean next feature
        residual += weighting[s] * residual_gradient_update(
            w, x[s], reward[s], gamma, expected_x, alpha
        )
        for s_next in range(states):
            after = semi_gradient_update(w, x[s], reward[s], gamma, x[s_next], alpha)
            semi += weighting[s] * chain[s, s_next] * after
        semi += weighting[s] * end * semi_gradient_update(w, x[s], reward[s], 0.0, x[s], alpha)
    for make, mean in ((semi_gradient_system, semi), (residual_gradient_system, residual)):
        system = make(x, chain, reward, weighting, gamma)
        np.testing.assert_allclose(system.iterate(w, alpha, 1)[1], mean, atol=1e-12)


def test_tables_find_the_values_whatever_the_method_and_the_weighting() -> None:
    _, chain, reward, weighting = random_problem(5, 5, seed=3)
    values = np.linalg.solve(np.eye(5) - 0.9 * chain, reward)
    for system in (
        semi_gradient_system(np.eye(5), chain, reward, weighting, 0.9),
        residual_gradient_system(np.eye(5), chain, reward, weighting, 0.9),
        monte_carlo_system(np.eye(5), values, weighting),
    ):
        np.testing.assert_allclose(system.fixed_point(), values)
        assert system.growth(0.01) < 1
        np.testing.assert_allclose(system.iterate(np.ones(5), 1.0, 20_000)[-1], values, atol=1e-6)


@pytest.mark.parametrize("alpha", [0.001, 0.1, 0.5])
@pytest.mark.parametrize("gamma", [0.0, 0.49, 0.5, 0.51, 1.0])
def test_w_to_2w_diverges_exactly_above_one_half(gamma: float, alpha: float) -> None:
    system = semi_gradient_system(W_2W, *FOREVER, FIRST_ONLY, gamma)
    factor = 1 + alpha * (2 * gamma - 1)  # Sutton & Barto, sec. 11.2
    path = system.iterate([3.0], alpha, 5)
    np.testing.assert_allclose(path[:, 0], 3.0 * factor ** np.arange(6))
    assert system.growth(alpha) == pytest.approx(factor)
    if gamma != 0.5:
        assert (system.growth(alpha) > 1) == (gamma > 0.5)


@pytest.mark.parametrize("epsilon", [0.0, 0.1, 0.25, 0.5, 1.0])
def test_least_squares_diverges_exactly_above_its_own_threshold(epsilon: float) -> None:
    chain, reward = two_states(epsilon).mdp.under(np.ones((2, 1)))
    threshold = 5 / (6 - 4 * epsilon)  # Sutton & Barto, Example 11.1
    for gamma in (0.0, 0.5, min(threshold * 0.99, 1.0), min(threshold * 1.01, 1.0), 1.0):
        path = least_squares_iteration(W_2W, chain, reward, [1, 1], gamma, [2.0], steps=4)[:, 0]
        np.testing.assert_allclose(path, 2.0 * ((6 - 4 * epsilon) / 5 * gamma) ** np.arange(5))
        if gamma > threshold + 1e-9:
            assert path[-1] > path[0]
        elif gamma < threshold - 1e-9:
            assert path[-1] < path[0]


def test_least_squares_takes_its_weighting_to_heart() -> None:
    path = least_squares_iteration(W_2W, np.zeros((2, 2)), [1.0, 0.0], [3, 1], 0.9, [0.0], steps=1)
    assert path[1, 0] == pytest.approx(3 / (3 + 4))  # minimises 3 (w - 1)^2 + (2 w)^2


@pytest.mark.parametrize("alpha", [1e-4, 0.01, 0.1])
def test_baird_diverges_for_every_step_size_and_the_residual_gradient_does_not(
    alpha: float,
) -> None:
    _, target = baird_policies()
    chain, reward = baird_star().mdp.under(target)
    problem = (baird_features(), chain, reward, EVERY_STATE, 0.99)
    semi = semi_gradient_system(*problem)
    assert semi.growth(alpha) > 1 + 1e-6
    residual = residual_gradient_system(*problem)
    assert residual.growth(alpha) < 1 + 1e-12
    start = baird_weights()
    sweeps = semi.iterate(start, 0.01, 1000)
    assert np.abs(sweeps[-1]).max() > 10 * np.abs(start).max()
    step = np.eye(8) - 0.1 * residual.matrix  # slow, but sure: ten million steps at once
    settled = np.linalg.matrix_power(step, 10**7) @ start
    np.testing.assert_allclose(baird_features() @ settled, 0, atol=1e-6)


def test_a_baird_sweep_by_hand() -> None:
    # All w'x are 3 but the centre's 12: every error is 0.99 * 12 less the state's own value.
    _, target = baird_policies()
    system = semi_gradient_system(
        baird_features(), *baird_star().mdp.under(target), EVERY_STATE, 0.99
    )
    outer, centre = 0.99 * 12 - 3, 0.99 * 12 - 12
    change = np.array([2 * outer] * 6 + [centre, 6 * outer + 2 * centre])
    after = baird_weights() + 0.01 / 7 * change
    np.testing.assert_allclose(system.iterate(baird_weights(), 0.01, 1)[1], after)


def test_each_leg_of_the_triad_taken_away_stops_the_divergence() -> None:
    _, target = baird_policies()
    mdp = baird_star().mdp
    chain, reward = mdp.under(target)
    x, gamma, alpha = baird_features(), 0.99, 0.01
    assert semi_gradient_system(x, chain, reward, EVERY_STATE, gamma).growth(alpha) > 1 + 1e-6
    on_policy = on_policy_weighting(mdp, target)
    np.testing.assert_allclose(on_policy, np.eye(7)[6], atol=1e-12)
    values = policy_evaluation(mdp, target, gamma)
    for system in (
        semi_gradient_system(x, chain, reward, on_policy, gamma),
        semi_gradient_system(np.eye(7), chain, reward, EVERY_STATE, gamma),
        monte_carlo_system(x, values, EVERY_STATE),
    ):
        assert system.growth(alpha) < 1 + 1e-12
    # And w -> 2w, weighted as it is visited, for every discount below 1.
    mdp = two_states(0.1).mdp
    often = on_policy_weighting(mdp, np.ones((2, 1)))
    np.testing.assert_allclose(often, [1 / 11, 10 / 11])  # one step, then ten on average
    for gamma in (0.4, 0.6, 0.999):
        assert semi_gradient_system(W_2W, *mdp.under(np.ones((2, 1))), often, gamma).growth(0.1) < 1


def test_on_policy_weighting_is_the_share_of_simulated_time() -> None:
    mdp = FiniteMDP.from_gymnasium(gym.make("FrozenLake-v1"))
    policy = np.full((16, 4), 0.25)
    state, dice, visits = 0, rng(), np.zeros(16)
    for _ in range(20_000):
        visits[state] += 1
        _, after, ends = mdp.sample(np.array([state]), dice.integers(4, size=1), dice.random(1))
        state = 0 if ends[0] else int(after[0])
    np.testing.assert_allclose(on_policy_weighting(mdp, policy), visits / visits.sum(), atol=0.02)
    split = FiniteMDP.from_arrays(np.eye(2)[:, None, :], np.zeros((2, 1)))
    with pytest.raises(ValueError, match="policy"):
        on_policy_weighting(split, np.ones((2, 1)))


def test_a_divergence_ends_without_a_warning() -> None:
    path = LinearSystem(np.array([[-1.0]]), np.zeros(1)).iterate([1.0], 1.0, 2000)
    assert not np.isfinite(path[-1, 0])
    fits = least_squares_iteration(W_2W, *FOREVER, [1, 1], 1.0, [1.0], 5000)
    assert not np.isfinite(fits[-1, 0])


# --- sampled updates ------------------------------------------------------------------------------


def test_single_updates_by_hand() -> None:
    w, x, x_t = np.array([1.0, 2.0]), np.array([1.0, 0.0]), np.array([1.0, 1.0])
    delta = 1.0 + 0.5 * 3.0 - 1.0
    np.testing.assert_allclose(
        semi_gradient_update(w, x, 1.0, 0.5, x_t, alpha=0.1, rho=2.0), [1 + 0.2 * delta, 2.0]
    )
    np.testing.assert_allclose(
        residual_gradient_update(w, x, 1.0, 0.5, x_t, alpha=0.1, rho=2.0),
        [1 + 0.2 * delta * 0.5, 2 - 0.2 * delta * 0.5],
    )
    np.testing.assert_array_equal(w, [1.0, 2.0])  # nothing is changed in place
    phi_t = np.array([[0.0, 1.0], [1.0, 1.0]])  # worth 2 and 3
    np.testing.assert_allclose(
        q_learning_update(w, x, 1.0, 0.5, phi_t, alpha=0.1), [1 + 0.1 * delta, 2.0]
    )
    np.testing.assert_allclose(q_learning_update(w, x, 4.0, 0.0, phi_t, alpha=0.1), [1.3, 2.0])


def test_sampled_semi_gradients_diverge_on_bairds_star_and_residual_ones_do_not() -> None:
    behaviour, target = baird_policies()
    mdp = baird_star().mdp
    largest: dict[str, list[float]] = {"semi_gradient": [], "residual_gradient": []}
    methods: tuple[Literal["semi_gradient", "residual_gradient"], ...] = (
        "semi_gradient",
        "residual_gradient",
    )
    for method in methods:
        for seed in range(5):
            path = td_prediction(
                mdp,
                baird_features(),
                method,
                target=target,
                behaviour=behaviour,
                gamma=0.99,
                alpha=0.01,
                steps=1000,
                weights=baird_weights(),
                rng=rng(seed),
            )
            assert path.shape == (1001, 8)
            largest[method].append(float(np.abs(path[-1]).max()))
    assert min(largest["semi_gradient"]) > 30  # begun at 10
    assert max(largest["residual_gradient"]) < 11
    assert len(set(largest["semi_gradient"])) == 5


def test_importance_ratios_make_off_policy_updates_those_of_the_target() -> None:
    dice = rng(2)
    transition = 0.9 * dice.dirichlet(np.ones(3), size=(3, 2))
    mdp = FiniteMDP.from_arrays(transition, dice.normal(size=(3, 2)))
    target, behaviour = np.tile([0.8, 0.2], (3, 1)), np.tile([0.4, 0.6], (3, 1))
    path = td_prediction(
        mdp,
        np.eye(3),
        target=target,
        behaviour=behaviour,
        gamma=0.9,
        alpha=0.01,
        steps=20_000,
        weights=np.zeros(3),
        rng=rng(),
    )
    np.testing.assert_allclose(
        path[10_000:].mean(axis=0), policy_evaluation(mdp, target, 0.9), atol=0.1
    )


# --- Q-learning -----------------------------------------------------------------------------------


def test_with_a_table_for_features_it_is_q_learning() -> None:
    env = gym.make("FrozenLake-v1", is_slippery=False)
    table = per_action(np.eye(16), 4)
    assert table.shape == (16, 4, 64)
    q_star = value_iteration(FiniteMDP.from_gymnasium(env), 0.9)
    kwargs: dict[str, Any] = {"gamma": 0.9, "alpha": 0.5, "episodes": 1200, "epsilon": 0.9}
    result = linear_q_learning(env, table, rng=rng(), **kwargs)
    # The six states of the shortest paths.
    path = [0, 4, 8, 9, 13, 14]
    np.testing.assert_allclose(
        (table @ result.weights)[path].max(axis=1), q_star[path].max(axis=1), atol=0.02
    )
    same = linear_q_learning(env, lambda obs: table[obs], rng=rng(), **kwargs)
    np.testing.assert_array_equal(same.weights, result.weights)
    assert result.returns.shape == (1200,)


@pytest.mark.parametrize("first", [-1, 0, 1, 7])
def test_a_discrete_observation_may_begin_anywhere(first: int) -> None:
    env = gym.make("FrozenLake-v1", is_slippery=False)
    shifted = gym.wrappers.TransformObservation(
        env, lambda obs: obs + first, gym.spaces.Discrete(16, start=first)
    )
    table = per_action(np.eye(16), 4)
    kwargs: dict[str, Any] = {"gamma": 0.9, "alpha": 0.5, "episodes": 200, "epsilon": 0.9}
    weights = [linear_q_learning(e, table, rng=rng(), **kwargs).weights for e in (env, shifted)]
    np.testing.assert_array_equal(weights[0], weights[1])


@pytest.mark.parametrize("steps", [1, 4])
def test_truncation_does_not_stop_the_bootstrapping(steps: int) -> None:
    env = gym.make("dqn/Loop-v0", max_episode_steps=steps)
    result = linear_q_learning(env, [[[1.0]]], gamma=0.5, alpha=0.5, episodes=100, rng=rng())
    np.testing.assert_allclose(result.weights, [2.0])
    assert (result.returns == steps).all()


def test_q_learning_ends_where_its_budget_does() -> None:
    env = gym.make("dqn/Loop-v0", max_episode_steps=3)
    kwargs: dict[str, Any] = {"gamma": 0.0, "alpha": 0.5}
    for budget, updates, finished in (
        ({"steps": 1}, 1, 0),
        ({"steps": 3}, 3, 1),
        ({"steps": 7}, 7, 2),
        ({"steps": 7, "episodes": 1}, 3, 1),
        ({"steps": 5, "episodes": 9}, 5, 1),
    ):
        result = linear_q_learning(env, [[[1.0]]], rng=rng(), **kwargs, **budget)
        np.testing.assert_allclose(result.weights, [1 - 0.5**updates])  # towards a reward of 1
        np.testing.assert_array_equal(result.returns, [3.0] * finished)
    with pytest.raises(ValueError, match="episodes or steps"):
        linear_q_learning(env, [[[1.0]]], rng=rng(), **kwargs)


def test_a_divergence_of_q_learning_is_said() -> None:
    env = gym.make("dqn/Loop-v0", max_episode_steps=100)
    with pytest.raises(ArithmeticError, match="diverged"):
        linear_q_learning(env, [[[10.0]]], gamma=0.9, alpha=1.0, episodes=10, rng=rng())


def test_bad_arguments() -> None:
    chain, reward = FOREVER
    good: dict[str, Any] = {
        "features": W_2W,
        "chain": chain,
        "reward": reward,
        "weighting": FIRST_ONLY,
        "gamma": 0.9,
    }
    for name, value in (
        ("features", np.ones(2)),
        ("chain", np.eye(3)),
        ("chain", 2 * np.eye(2)),
        ("chain", np.array([[-1.0, 1.0], [0.0, 1.0]])),
        ("reward", [[0.0], [0.0]]),
        ("reward", [np.nan, 0.0]),
        ("weighting", [-1.0, 2.0]),
        ("weighting", [0.0, 0.0]),
        ("gamma", 1.1),
    ):
        with pytest.raises(ValueError, match=name):
            semi_gradient_system(**(good | {name: value}))
    with pytest.raises(ValueError, match="weights"):
        least_squares_iteration(**good, weights=[1.0, 2.0], steps=1)
    with pytest.raises(ValueError, match="steps"):
        semi_gradient_system(**good).iterate([1.0], 0.1, -1)
    behaviour, target = baird_policies()
    td: dict[str, Any] = {
        "mdp": baird_star().mdp,
        "features": baird_features(),
        "target": target,
        "behaviour": behaviour,
        "gamma": 0.9,
        "alpha": 0.1,
        "steps": 1,
        "weights": baird_weights(),
        "rng": rng(),
    }
    changes: dict[str, Any] = {
        "behaviour": np.tile([1.0, 0.0], (7, 1)),
        "target": behaviour[:3],
        "alpha": -1.0,
        "method": "gradient",
        "weights": np.full(8, np.nan),
    }
    for name, value in changes.items():
        with pytest.raises(ValueError, match=name if name != "target" else "policy"):
            td_prediction(**(td | {name: value}))
    env = gym.make("FrozenLake-v1")
    learn: dict[str, Any] = {"gamma": 0.9, "alpha": 0.1, "episodes": 1, "rng": rng()}
    with pytest.raises(ValueError, match="features"):
        linear_q_learning(env, np.ones((16, 3, 2)), **learn)
    with pytest.raises(ValueError, match="episodes"):
        linear_q_learning(env, np.ones((16, 4, 2)), **(learn | {"episodes": 0}))
    with pytest.raises(ValueError, match=r"features must have shape \(16, 4, 'd'\)"):
        linear_q_learning(env, np.ones((5, 4, 2)), **learn)
    for weights in (np.full(2, np.nan), np.ones((1, 2))):
        with pytest.raises(ValueError, match="weights must be"):
            linear_q_learning(env, np.ones((16, 4, 2)), weights=weights, **learn)
    with pytest.raises(ValueError, match="weights must be 2 numbers"):
        linear_q_learning(env, np.ones((16, 4, 2)), weights=np.ones(3), **learn)
    wrong: Any
    for wrong in (np.ones((4, 2)), np.ones(4), np.float64(1), np.full((4, 3), np.nan)):
        with pytest.raises(ValueError, match="features must"):
            linear_q_learning(env, {0: wrong}.__getitem__, weights=np.ones(3), **learn)
    with pytest.raises(TypeError, match="Discrete"):
        linear_q_learning(gym.make("Pendulum-v1"), np.ones((1, 1, 1)), **learn)
    with pytest.raises(TypeError, match="features must be a function"):
        linear_q_learning(gym.make("CartPole-v1"), np.ones((1, 2, 1)), **learn)
    with pytest.raises(TypeError, match="rng"):
        linear_q_learning(env, np.ones((16, 4, 2)), **(learn | {"rng": 3}))
    with pytest.raises(ValueError, match="num_actions"):
        per_action([1.0], 0)


def test_a_function_may_give_the_same_array_every_time():
    """What it gave for the last step must not change when it is asked about the next one."""
    env, shared = gym.make("FrozenLake-v1", is_slippery=False), np.empty((4, 64))
    table = np.eye(64).reshape(16, 4, 64)

    def features(state: int) -> npt.NDArray[np.float64]:
        shared[:] = table[state]
        return shared

    learn: dict[str, Any] = {"gamma": 0.9, "alpha": 0.5, "episodes": 100, "epsilon": 0.5}
    one = linear_q_learning(env, features, rng=np.random.default_rng(0), **learn)
    other = linear_q_learning(env, table, rng=np.random.default_rng(0), **learn)
    np.testing.assert_array_equal(one.weights, other.weights)
    assert one.weights.any()


def test_a_reward_that_is_no_number_is_refused():
    env = gym.wrappers.TransformReward(gym.make("FrozenLake-v1"), lambda _: np.nan)
    with pytest.raises(ValueError, match="reward must be finite, got nan"):
        linear_q_learning(
            env, np.eye(64).reshape(16, 4, 64), gamma=0.9, alpha=0.1, episodes=1, rng=rng()
        )


def test_states_that_are_never_met_have_no_share():
    apart = FiniteMDP.from_arrays([[[0.5, 0.0]], [[0.0, 1.0]]], np.zeros((2, 1)), start=[1.0, 0.0])
    np.testing.assert_allclose(on_policy_weighting(apart, np.ones((2, 1))), [1.0, 0.0])
    cliff = FiniteMDP.from_gymnasium(gym.make("CliffWalking-v1"))
    policy = np.zeros((48, 4))
    policy[np.arange(48), value_iteration(cliff, 1.0).argmax(1)] = 1  # thirteen steps, over again
    share = on_policy_weighting(cliff, policy)
    np.testing.assert_allclose(share[[36, *range(24, 36)]], 1 / 13)
    assert np.isclose(share.sum(), 1)


def test_global_numbers_are_no_generator():
    chain = {"target": [[1.0]], "behaviour": [[1.0]], "gamma": 1.0, "alpha": 0.1, "steps": 1}
    mdp = FiniteMDP.from_arrays([[[0.5]]], [[1.0]])
    with pytest.raises(TypeError, match="rng must be a numpy"):
        td_prediction(mdp, [[1.0]], weights=[0.0], rng=np.random, **chain)  # type: ignore[arg-type]


def test_a_step_size_must_be_a_number():
    system = semi_gradient_system([[1.0]], [[0.5]], [1.0], [1.0], 0.9)
    for ask in (lambda a: system.growth(a), lambda a: system.iterate([0.0], a, 1)):
        with pytest.raises(ValueError, match="alpha must be a number"):
            ask(np.nan)


W, X, PHI = np.array([1.0, 2.0]), np.array([1.0, 0.0]), np.eye(3, 2)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: semi_gradient_update([1.0], X, 0, 1, X, 0.1), TypeError, "weights must be an arr"),  # type: ignore[arg-type]
        (lambda: semi_gradient_update(W, X[:, None], 0, 1, X, 0.1), ValueError, r"x_tm1 .*\[2\]"),
        (lambda: residual_gradient_update(W, X, 0, 1, X[:1], 0.1), ValueError, r"x_t .*got \(1,\)"),
        (lambda: residual_gradient_update(W, X, 0, 1, None, 0.1), TypeError, "x_t .*got None"),  # type: ignore[arg-type]
        (lambda: q_learning_update(W, PHI, 0, 1, PHI, 0.1), ValueError, r"phi_tm1 .*\[2\]"),
        (
            lambda: q_learning_update(W, X, 0, 1, X, 0.1),
            ValueError,
            r"phi_t .*\[A, 2\], got \(2,\)",
        ),
        (lambda: q_learning_update(W, X, 0, 1, PHI[:0], 0.1), ValueError, "phi_t must have shape"),
        (lambda: q_learning_update(PHI, X, 0, 1, PHI, 0.1), ValueError, r"weights .*\[d\]"),
        (lambda: semi_gradient_update(W, X, W, 1, X, 0.1), TypeError, "reward_t must be a number"),  # type: ignore[arg-type]
        (lambda: residual_gradient_update(W, X, 0, W, X, 0.1), TypeError, "discount_t must be a n"),  # type: ignore[arg-type]
        (lambda: semi_gradient_update(W, X, 0, 1.5, X, 0.1), ValueError, r"discount_t .*\[0, 1\]"),
        (
            lambda: semi_gradient_update(W, X, 0, 1, X, 0.1, -1.0),
            ValueError,
            "rho must be a number",
        ),
        (lambda: semi_gradient_update(W, X, 0, 1, X, None), TypeError, "alpha must be a number"),  # type: ignore[arg-type]
        (lambda: q_learning_update(W, X, np.nan, 1, PHI, 0.1), ValueError, "reward_t must be a nu"),
        (lambda: q_learning_update(W, X, 0, 1, PHI, -0.1), ValueError, "alpha must be a number"),
    ],
)
def test_updates_name_what_would_broadcast(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_each_argument_is_called_by_its_own_name():
    mdp = FiniteMDP.from_arrays([[[0.5]]], [[1.0]])
    given = {
        "features": [[1.0]],
        "target": [[1.0]],
        "behaviour": [[1.0]],
        "gamma": 0.9,
        "alpha": 0.1,
        "steps": 1,
        "weights": [0.0],
        "rng": np.random.default_rng(0),
    }
    td_prediction(mdp, **given)  # type: ignore[arg-type]
    for name, wrong, message in (
        ("target", [[0.5]], "target must be a policy: "),
        ("behaviour", [[1.0, 0.0]], "behaviour must be a policy: "),
        ("features", [[1.0], [1.0]], r"features must have 1 rows|chain"),
    ):
        with pytest.raises(ValueError, match=message):
            td_prediction(mdp, **{**given, name: wrong})  # type: ignore[arg-type]
    with pytest.raises(
        ValueError, match=r"values must be finite and of shape \(2,\), got \[1\.0\]"
    ):
        monte_carlo_system([[1.0], [2.0]], [1.0], [0.5, 0.5])
    with pytest.raises(ValueError, match=r"features must have shape \[S, d\], got \(\)"):
        monte_carlo_system(1.0, [1.0], [1.0])
    with pytest.raises(ValueError, match=r"features must have shape \[S, d\], got \(\)"):
        monte_carlo_system(1.0, [1.0, 2.0], [1.0])
    with pytest.raises(ValueError, match=r"features must have shape \[S, d\], got \(2, 0\)"):
        monte_carlo_system([[], []], [1.0, 1.0], [1.0, 1.0])
    frozen = gym.make("FrozenLake-v1")
    rng = np.random.default_rng(0)
    for features in ("x", [[1, 2], [3]], lambda _: "x"):
        with pytest.raises(TypeError, match="features must be an array of numbers"):
            linear_q_learning(frozen, features, gamma=0.9, alpha=0.1, steps=1, rng=rng)  # type: ignore[arg-type]
    table = np.zeros((16, 4, 2))
    with pytest.raises(TypeError, match="weights must be an array of numbers, got 'x'"):
        linear_q_learning(frozen, table, gamma=0.9, alpha=0.1, steps=1, rng=rng, weights="x")


@pytest.mark.parametrize(
    ("features", "weighting"), [([[1, 1], [1, 1]], [1, 1]), ([[1, 0], [0, 1]], [1, 0])]
)
def test_a_fit_that_is_not_the_only_one_is_refused(features, weighting):
    with pytest.raises(ValueError, match="features must have full rank"):
        least_squares_iteration(
            features, np.zeros((2, 2)), [1, 1], weighting, 0.9, [0.0, 0.0], steps=1
        )
