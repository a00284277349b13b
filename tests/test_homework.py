"""The homework's protocol: when it looks, what it prints, and when it stops."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from dqn import homework
from dqn.homework import homework_log
from dqn.presets import homework_online


class OneStep:
    """An environment whose episodes are one step long and earn what the action says."""

    closed = False

    def reset(self, *, seed: int) -> Any:
        return seed, {}

    def step(self, action: float) -> Any:
        return 0, action, True, False, {}

    def close(self) -> None:
        self.closed = True


def log_of(
    monkeypatch: pytest.MonkeyPatch, returns: list[list[float]], episodes: int
) -> homework.HomeworkLog:
    """What is logged if learner s earns ``returns[s]`` in its greedy episodes, in turn."""
    env, earned = OneStep(), [iter(row) for row in returns]
    agent: Any = SimpleNamespace(episodes=np.zeros(len(returns), int), steps=0)
    agent.policy = lambda s: lambda _: next(earned[s])

    def train(config: Any, source: Any, seeds: Any, steps: int, **given: Any) -> None:
        assert (config.num_envs, source, steps) == (1, "CartPole-v1", episodes * 300)
        worlds = SimpleNamespace(finished=[(s, 10.0, 10) for s in range(len(seeds))])
        for _ in range(episodes):  # episodes of ten steps, all learners in step
            agent.steps += 10
            agent.episodes += 1
            if given["on_step"](agent, worlds):
                break
        else:
            raise AssertionError("training went on though all had ended")

    monkeypatch.setattr(homework, "train", train)
    monkeypatch.setattr(homework, "make_env", lambda *_, **__: env)
    log = homework_log(homework_online(), seeds=range(len(returns)), episodes=episodes)
    assert env.closed
    return log


def test_a_learner_stops_at_its_first_mean_of_200_and_no_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Windows are short at first: 100, then (100 + 200) / 2, then 600 / 3.
    early = [100.0, 200.0, 300.0, 9.0, 9.0]
    # A window of five: 1000 among zeros is 200, exactly.
    late = [0.0] * 5 + [1_000.0]
    never = [199.0] * 10
    log = log_of(monkeypatch, [early, late, never], episodes=500)
    assert log.passed.tolist() == [True, True, False]
    assert np.isfinite(log.single).sum(1).tolist() == [3, 6, 10]
    np.testing.assert_array_equal(log.single[0, :3], early[:3])
    np.testing.assert_array_equal(log.printed[1, :6], [0, 0, 0, 0, 0, 200])
    np.testing.assert_array_equal(log.printed[2], [199] * 10)
    np.testing.assert_array_equal(log.steps[2], 500 * np.arange(1, 11))
    assert (log.steps[0, 3:] == 0).all()


def test_training_ends_when_the_last_learner_has_passed(monkeypatch: pytest.MonkeyPatch) -> None:
    log = log_of(monkeypatch, [[200.0], [100.0, 300.0]], episodes=1_000)
    assert log.passed.all()
    assert np.isfinite(log.single).sum(1).tolist() == [1, 2]


@pytest.mark.parametrize("episodes", [0, 49, -50])
def test_bad_numbers_of_episodes_are_refused(episodes: int) -> None:
    with pytest.raises(ValueError, match="episodes must be"):
        homework_log(homework_online(), [0], episodes)


def test_bad_seeds_are_refused() -> None:
    with pytest.raises(ValueError, match="seeds must hold at least one"):
        homework_log(homework_online(), [], 50)
    with pytest.raises(ValueError, match="seeds must be"):
        homework_log(homework_online(), [-1], 50)


def test_what_is_no_config_is_refused() -> None:
    with pytest.raises(TypeError, match="config must be a DQNConfig"):
        homework_log(None, [0])  # type: ignore[arg-type]  # on purpose
