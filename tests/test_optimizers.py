"""Our optimisers against PyTorch's, and against the formulas written out with plain numbers."""

import math

import pytest
import torch

from dqn.optimizers import Adam, RMSProp


def gradients(shape: tuple[int, ...], count: int = 20) -> list[torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    scale = 10 ** torch.linspace(-4, 2, count)
    return [size * torch.randn(shape, generator=generator) for size in scale]


@pytest.mark.parametrize("shape", [(1,), (3, 7), (2, 1, 5)])
@pytest.mark.parametrize("settings", [{}, {"beta1": 0.5, "beta2": 0.9, "eps": 1e-3}])
def test_adam_steps_as_pytorchs_does(shape, settings):
    ours = torch.ones(shape)
    theirs = torch.ones(shape, requires_grad=True)
    adam = Adam(ours, 0.01, **settings)
    betas = settings.get("beta1", 0.9), settings.get("beta2", 0.999)
    reference = torch.optim.Adam([theirs], 0.01, betas=betas, eps=settings.get("eps", 1e-8))
    for gradient in gradients(shape):
        theirs.grad = gradient.clone()
        reference.step()
        adam.step(gradient)
        torch.testing.assert_close(ours, theirs.detach(), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("eps", [0.0, 1e-8])
def test_adam_leaves_what_never_had_a_gradient(eps):
    """A dead unit's weights, also where nothing keeps the root from zero."""
    weights = torch.tensor([1.0, 1.0])
    adam = Adam(weights, 0.1, eps=eps)
    for _ in range(3):
        adam.step(torch.tensor([0.0, 1.0]))
    assert weights[0] == 1
    torch.testing.assert_close(weights[1], torch.tensor(0.7))


def test_rmsprop_by_the_formula():
    weights = torch.tensor([1.0, -2.0])
    rmsprop = RMSProp(weights, 0.1, decay=0.95, eps=0.01)
    expected, mean, square = [1.0, -2.0], [0.0, 0.0], [0.0, 0.0]
    for gradient in gradients((2,)):
        rmsprop.step(gradient)
        for i, g in enumerate(gradient.tolist()):
            mean[i] = 0.95 * mean[i] + 0.05 * g
            square[i] = 0.95 * square[i] + 0.05 * g * g
            expected[i] -= 0.1 * g / math.sqrt(square[i] - mean[i] ** 2 + 0.01)
    torch.testing.assert_close(weights, torch.tensor(expected), rtol=1e-4, atol=1e-4)


def test_rmsprop_stays_finite_where_the_gradient_never_changes():
    """The mean square then equals the squared mean, and rounding may make it the smaller one."""
    weights = torch.zeros(3)
    rmsprop = RMSProp(weights, 1e-3, eps=1e-6)
    for _ in range(500):
        rmsprop.step(torch.tensor([1e3, -777.7, 0.0]))
    assert weights.isfinite().all()
    assert weights[2] == 0


@pytest.mark.parametrize("learner", range(3))
def test_rows_do_not_touch_each_other(learner):
    together, alone = torch.ones(3, 4), torch.ones(1, 4)
    both, one = Adam(together, 0.1), Adam(alone, 0.1)
    for gradient in gradients((3, 4), 5):
        both.step(gradient)
        one.step(gradient[learner : learner + 1])
    assert torch.equal(together[learner], alone[0])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda w: Adam(w, 0.0), r"learning_rate must be a number in \(0, inf\), got 0.0"),
        (lambda w: Adam(w, 0.1, beta1=1.0), r"beta1 must be a number in \[0, 1\), got 1.0"),
        (lambda w: Adam(w, 0.1, eps=-1.0), r"eps must be a number in \[0, inf\), got -1.0"),
        (lambda w: RMSProp(w, float("nan")), "learning_rate must be a number"),
        (lambda w: RMSProp(w, 0.1, decay=2.0), r"decay must be a number in \[0, 1\), got 2.0"),
    ],
)
def test_what_is_out_of_range_is_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make(torch.ones(2))


@pytest.mark.parametrize("optimizer", [Adam, RMSProp])
def test_a_gradient_of_another_shape_changes_nothing(optimizer):
    weights = torch.ones(2, 3)
    chosen = optimizer(weights, 0.1)
    with pytest.raises(ValueError, match=r"gradient must have shape \(2, 3\), got \(3,\)"):
        chosen.step(torch.ones(3))
    chosen.step(torch.ones(2, 3))
    fresh = torch.ones(2, 3)
    optimizer(fresh, 0.1).step(torch.ones(2, 3))
    assert torch.equal(weights, fresh)


@pytest.mark.parametrize("optimizer", [Adam, RMSProp])
def test_parameters_must_be_a_tensor_of_floats_without_gradient(optimizer):
    for wrong in (None, [1.0], torch.ones(2, dtype=torch.int64), torch.ones(2).numpy()):
        with pytest.raises(TypeError, match="parameters must be a tensor of floats"):
            optimizer(wrong, 0.1)
    with pytest.raises(ValueError, match="parameters must be without gradient"):
        optimizer(torch.ones(2, requires_grad=True), 0.1)
    weights = torch.ones(2)
    for wrong in (None, [1.0, 1.0], weights.numpy()):
        with pytest.raises(TypeError, match="gradient must be a tensor"):
            optimizer(weights, 0.1).step(wrong)
    assert torch.equal(weights, torch.ones(2))
