"""Targets and losses against values worked out by hand."""

import pytest
import torch

from dqn.losses import (
    double_q_target,
    huber,
    huber_slope,
    q_learning_target,
    squared,
    squared_slope,
    td_error,
)

REWARD = torch.tensor([1.0, -2.0, 0.5])
DISCOUNT = torch.tensor([0.9, 0.0, 0.81])  # one step, terminated, two steps
Q_ONLINE = torch.tensor([[1.0, 2.0, 0.0], [9.0, 9.0, 9.0], [0.0, -1.0, 4.0]])
Q_TARGET = torch.tensor([[5.0, 3.0, 1.0], [7.0, 8.0, 9.0], [6.0, 2.0, -2.0]])


def test_q_learning_target_takes_the_best_action_of_each_row():
    # 1 + 0.9 * 5; terminated: the reward alone; 0.5 + 0.81 * 6
    expected = torch.tensor([5.5, -2.0, 5.36])
    torch.testing.assert_close(q_learning_target(REWARD, DISCOUNT, Q_TARGET), expected)


def test_double_q_target_selects_with_one_network_and_evaluates_with_the_other():
    # argmax of online: 1, (any), 2; their values in target: 3, -, -2
    expected = torch.tensor([1 + 0.9 * 3, -2.0, 0.5 + 0.81 * -2])
    got = double_q_target(REWARD, DISCOUNT, Q_ONLINE, Q_TARGET)
    torch.testing.assert_close(got, expected)


def test_targets_carry_no_gradient():
    q = Q_TARGET.clone().requires_grad_()
    assert not q_learning_target(REWARD, DISCOUNT, q).requires_grad
    assert not double_q_target(REWARD, DISCOUNT, q, q).requires_grad


def test_td_error_is_target_minus_prediction():
    delta = td_error(Q_ONLINE, torch.tensor([1, 0, 2]), torch.tensor([2.5, 9.0, 3.0]))
    torch.testing.assert_close(delta, torch.tensor([0.5, 0.0, -1.0]))


def test_td_error_sends_its_gradient_to_the_chosen_values_only():
    q = Q_ONLINE.clone().requires_grad_()
    td_error(q, torch.tensor([1, 0, 2]), torch.zeros(3)).sum().backward()
    assert q.grad is not None
    expected = torch.zeros(3, 3)
    expected[0, 1] = expected[1, 0] = expected[2, 2] = -1
    torch.testing.assert_close(q.grad, expected)


def test_leading_axes_do_not_mix():
    stacked = q_learning_target(
        torch.stack([REWARD, 2 * REWARD]),
        torch.stack([DISCOUNT, DISCOUNT]),
        torch.stack([Q_TARGET, Q_ONLINE]),
    )
    torch.testing.assert_close(stacked[0], q_learning_target(REWARD, DISCOUNT, Q_TARGET))
    torch.testing.assert_close(stacked[1], q_learning_target(2 * REWARD, DISCOUNT, Q_ONLINE))


@pytest.mark.parametrize("column", ["reward_t", "discount_t"])
def test_a_column_is_refused_instead_of_broadcast(column):
    arguments = {"reward_t": REWARD, "discount_t": DISCOUNT}
    arguments[column] = arguments[column].unsqueeze(1)
    with pytest.raises(ValueError, match=rf"{column} must have shape \[3\], got \[3, 1\]"):
        q_learning_target(**arguments, q_t=Q_TARGET)
    with pytest.raises(ValueError, match=rf"{column} must have shape \[3\], got \[3, 1\]"):
        double_q_target(**arguments, q_t_selector=Q_ONLINE, q_t_value=Q_TARGET)


def test_a_column_of_targets_or_actions_is_refused():
    actions = torch.tensor([1, 0, 2])
    with pytest.raises(ValueError, match=r"target must have shape \[3\], got \[3, 1\]"):
        td_error(Q_ONLINE, actions, REWARD.unsqueeze(1))
    with pytest.raises(ValueError, match=r"action_tm1 must have shape \[3\], got \[3, 1\]"):
        td_error(Q_ONLINE, actions.unsqueeze(1), REWARD)


def test_values_need_an_axis_of_actions():
    with pytest.raises(ValueError, match=r"q_t must have shape \[\.\.\., B, A\], got \[3\]"):
        q_learning_target(REWARD, DISCOUNT, torch.zeros(3))


def test_double_q_networks_must_agree_in_shape():
    with pytest.raises(ValueError, match="q_t_value must have shape"):
        double_q_target(REWARD, DISCOUNT, Q_ONLINE, Q_TARGET[:, :2])


@pytest.mark.parametrize("threshold", [0.5, 1.0, 3.0])
def test_huber_gradient_is_the_clipped_error(threshold):
    delta = torch.tensor([-4.0, -0.4, 0.0, 0.4, 4.0], requires_grad=True)
    huber(delta, threshold).sum().backward()
    torch.testing.assert_close(delta.grad, delta.detach().clamp(-threshold, threshold))


def test_huber_meets_half_the_square_inside():
    delta = torch.linspace(-1, 1, 7)
    torch.testing.assert_close(huber(delta), squared(delta) / 2)


@pytest.mark.parametrize("threshold", [0.0, -1.0, float("nan")])
def test_huber_threshold_must_be_positive(threshold):
    with pytest.raises(ValueError, match="threshold must be a number in"):
        huber(torch.zeros(1), threshold)


@pytest.mark.parametrize("wrong", [None, [1.0, 2.0, 3.0], "x", REWARD.numpy()])
def test_what_is_no_tensor_is_refused(wrong):
    actions = torch.zeros(3, dtype=torch.int64)
    calls = {
        "reward_t": lambda: q_learning_target(wrong, DISCOUNT, Q_TARGET),
        "discount_t": lambda: double_q_target(REWARD, wrong, Q_TARGET, Q_TARGET),
        "q_t": lambda: q_learning_target(REWARD, DISCOUNT, wrong),
        "q_t_value": lambda: double_q_target(REWARD, DISCOUNT, Q_TARGET, wrong),
        "action_tm1": lambda: td_error(Q_TARGET, wrong, REWARD),
        "target": lambda: td_error(Q_TARGET, actions, wrong),
    }
    for name, call in calls.items():
        with pytest.raises(TypeError, match=f"{name} must be a tensor"):
            call()
    for function in (squared, squared_slope, huber, huber_slope):
        with pytest.raises(TypeError, match="delta must be a tensor"):
            function(wrong)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bool, torch.uint8])
def test_actions_that_are_no_whole_numbers_are_refused(dtype):
    with pytest.raises(TypeError, match="action_tm1 must be whole numbers"):
        td_error(Q_TARGET, torch.zeros(3, dtype=dtype), REWARD)
