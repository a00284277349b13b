"""Epsilon-greedy frequencies and schedules."""

from typing import Any

import numpy as np
import pytest

from dqn.exploration import LinearSchedule, PerEpisodeDecay, epsilon_greedy


def rngs(count: int) -> list[np.random.Generator]:
    return [np.random.default_rng(seed) for seed in range(count)]


@pytest.mark.parametrize("num_actions", [1, 2, 3, 5])
def test_zero_is_greedy_and_one_is_uniform(num_actions):
    q = np.tile(np.arange(num_actions, dtype=float), (1, 20_000, 1))
    assert (epsilon_greedy(q, 0.0, rngs(1)) == num_actions - 1).all()
    counts = np.bincount(epsilon_greedy(q, 1.0, rngs(1)).ravel(), minlength=num_actions)
    share = 1 / num_actions
    spread = 5 * np.sqrt(20_000 * share * (1 - share))
    assert np.abs(counts - 20_000 * share).max() <= spread


def test_the_greedy_action_is_also_among_the_random_ones():
    q = np.tile([0.0, 1.0, 0.0, 0.0], (1, 40_000, 1))
    share = (epsilon_greedy(q, 0.4, rngs(1)) == 1).mean()
    assert abs(share - (1 - 0.4 + 0.4 / 4)) < 5 * np.sqrt(0.7 * 0.3 / 40_000)


def test_each_learner_has_its_own_level_and_stream():
    q = np.zeros((3, 50, 2))
    q[..., 1] = 1
    together = epsilon_greedy(q, np.array([0.0, 1.0, 0.5]), rngs(3))
    assert (together[0] == 1).all()
    alone = epsilon_greedy(q[1:2], 1.0, [np.random.default_rng(1)])
    assert (together[1] == alone[0]).all()


def test_the_values_passed_in_are_left_alone():
    q = np.array([[[0.0, 1.0]]])
    epsilon_greedy(q, 1.0, rngs(1))
    assert (q == [[[0.0, 1.0]]]).all()


@pytest.mark.parametrize("epsilon", [-0.1, 1.1, float("nan"), np.array([0.5, 2.0])])
def test_probabilities_outside_the_interval_are_refused(epsilon):
    with pytest.raises(ValueError, match=r"epsilon must be a number in \[0, 1\]"):
        epsilon_greedy(np.zeros((2, 1, 2)), epsilon, rngs(2))


@pytest.mark.parametrize("epsilon", ["a", None, [0.1, 0.2, 0.3], [[0.1, 0.2]], True])
def test_what_is_no_probability_per_learner_is_refused(epsilon):
    with pytest.raises((TypeError, ValueError), match="epsilon must be a number"):
        epsilon_greedy(np.zeros((2, 1, 2)), epsilon, rngs(2))


@pytest.mark.parametrize("q", [np.zeros(2), np.zeros((2, 3)), [[[0.0, 1.0]]]])
def test_values_of_another_shape_are_refused(q):
    with pytest.raises((TypeError, ValueError), match=r"q must be an array \[S, N, A\]"):
        epsilon_greedy(q, 0.1, rngs(1))


def test_generators_must_match_the_learners():
    with pytest.raises(ValueError, match="rngs must hold 2 generators"):
        epsilon_greedy(np.zeros((2, 1, 2)), 0.1, rngs(1))


def test_linear_schedule_is_flat_outside_its_duration():
    schedule = LinearSchedule(1.0, 0.2, 8)
    assert [schedule(step) for step in (-5, 0, 4, 8, 10**9)] == pytest.approx([1, 1, 0.6, 0.2, 0.2])


def test_per_episode_decay_prints_the_homeworks_epsilons():
    schedule = PerEpisodeDecay(0.5, 0.998)
    # Printed before the decay of the episode: 0.453 at #49, 0.184 at #499, 0.068 at #999.
    printed = [round(schedule(0, episode), 3) for episode in (49, 499, 999)]
    assert printed == [0.453, 0.184, 0.068]


def test_bad_schedules_are_refused():
    with pytest.raises(ValueError, match="duration must be"):
        LinearSchedule(1.0, 0.1, 0)
    with pytest.raises(ValueError, match="start must be"):
        LinearSchedule(float("nan"), 0.1, 10)
    with pytest.raises(ValueError, match="factor must be"):
        PerEpisodeDecay(0.5, 1.5)


def test_what_cannot_be_chosen_from_is_refused():
    rng = np.random.default_rng(0)
    q = np.zeros((1, 2, 3))
    wrongs: list[Any] = [None, [None], rng, (each for each in [rng])]
    for wrong in wrongs:
        with pytest.raises(TypeError, match=r"rngs must be a sequence of numpy\.random\.Generator"):
            epsilon_greedy(q, 0.1, wrong)
    with pytest.raises(
        ValueError, match=r"q must be an array \[S, N, A\], got one of shape \(1, 2, 0\)"
    ):
        epsilon_greedy(q[:, :, :0], 0.1, [rng])
    with pytest.raises(TypeError, match="q must be an array of numbers"):
        epsilon_greedy(q.astype(str), 0.1, [rng])
