"""Catch: its rules, played by somebody who knows where the ball lands."""

from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

from dqn.pixels import Catch, stacked_catch


def landing(ball: int, speed: int, steps: int, columns: int) -> int:
    """Where it lands: unfold the walls, go straight, fold back."""
    period = 2 * (columns - 1)
    place = (ball + speed * steps) % period
    return min(place, period - place)


@pytest.mark.parametrize(("rows", "columns"), [(3, 3), (4, 7), (10, 10), (5, 3), (7, 13)])
def test_whoever_knows_the_speed_catches_every_ball(rows, columns):
    env = Catch(rows, columns)
    speeds = set()
    for seed in range(60):
        frame, _ = env.reset(seed=seed)
        start, paddle = int(frame[0].argmax()), columns // 2
        assert frame[-1, paddle] == 255
        assert np.count_nonzero(frame) == 2
        speeds.add(env._speed)
        goal = landing(start, env._speed, rows - 1, columns)
        for step in range(1, rows):
            frame, reward, terminated, truncated, _ = env.step(int(np.sign(goal - paddle)) + 1)
            paddle += int(np.sign(goal - paddle))
            assert not truncated
            assert terminated == (step == rows - 1)
            assert reward == (1.0 if terminated else 0.0)
            if not terminated:
                assert np.flatnonzero(frame[-1]).tolist() == [paddle]
                assert np.count_nonzero(frame[step]) == 1
    assert speeds == {-2, -1, 0, 1, 2}


def test_a_miss_costs_one_and_walls_stop_the_paddle():
    env, totals = Catch(), []
    for seed in range(300):
        env.reset(seed=seed)
        rewards = [env.step(0)[1] for _ in range(9)]
        assert env._paddle == 0
        totals.append(sum(rewards))
    assert set(totals) == {-1.0, 1.0}
    assert np.mean(totals) < -0.6


def test_it_is_an_environment_as_gymnasium_wants_it():
    env = gym.make("dqn/Catch-v0", render_mode="rgb_array", rows=5, columns=4)
    check_env(env.unwrapped, skip_render_check=True)
    env.reset(seed=0)
    picture: Any = env.render()
    assert picture.shape == (80, 64, 3)


def test_stacks_begin_with_copies_and_end_with_the_newest():
    env = stacked_catch(3)
    first, _ = env.reset(seed=1)
    assert (first == first[0]).all()
    second = env.step(1)[0]
    np.testing.assert_array_equal(second[:2], first[1:])
    assert (second[2] != first[2]).any()


def test_bad_input_is_refused():
    for arguments, name in (((2, 5), "rows"), ((5, 2), "columns"), ((5, 10), "columns")):
        with pytest.raises(ValueError, match=name):
            Catch(*arguments)
    with pytest.raises(ValueError, match="render_mode"):
        Catch(render_mode="human")
    with pytest.raises(ValueError, match="frames"):
        stacked_catch(0)
    env = Catch()
    with pytest.raises(ValueError, match="call reset"):
        env.step(1)
    env.reset(seed=0)
    with pytest.raises(ValueError, match="action"):
        env.step(3)
