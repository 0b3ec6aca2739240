"""Post-shifted batch normalization is torch's BatchNorm plus a constant, in every mode."""

import copy
import itertools
import math

import pytest
import torch
from torch import nn

from sim.post_shifted import PostShiftedBatchNorm1d, PostShiftedBatchNorm2d

PAIRS = [
    (PostShiftedBatchNorm1d, nn.BatchNorm1d, (16, 5)),
    (PostShiftedBatchNorm1d, nn.BatchNorm1d, (16, 5, 7)),
    (PostShiftedBatchNorm2d, nn.BatchNorm2d, (8, 5, 4, 3)),
]
EACH = pytest.mark.parametrize(("shifted", "plain", "shape"), PAIRS)


def draws(shape, number, dtype=torch.float32):
    generator = torch.Generator().manual_seed(0)
    return [2 + 3 * torch.randn(shape, generator=generator, dtype=dtype) for _ in range(number)]


def randomize(module):
    generator = torch.Generator().manual_seed(1)
    if module.affine:
        for parameter in module.parameters():
            parameter.data.copy_(torch.randn(parameter.shape, generator=generator))


@EACH
@pytest.mark.parametrize(
    ("momentum", "affine", "track"),
    list(itertools.product([0.1, 0.5, None], [True, False], [True, False])),
)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_output_gradients_and_statistics_are_those_of_torch(
    shifted, plain, shape, momentum, affine, track, dtype
):
    settings = {
        "eps": 1e-3,
        "momentum": momentum,
        "affine": affine,
        "track_running_stats": track,
        "dtype": dtype,
    }
    ours, theirs = shifted(shape[1], shift=0.25, **settings), plain(shape[1], **settings)
    for module in (ours, theirs):
        randomize(module)
    for x in draws(shape, 3, dtype):
        inputs = [x.clone().requires_grad_() for _ in range(2)]
        outputs = [module(one) for module, one in zip((ours, theirs), inputs, strict=True)]
        assert torch.equal(outputs[0], outputs[1] + 0.25)
        assert outputs[0].dtype == dtype
        weights = torch.randn(shape, generator=torch.Generator().manual_seed(2), dtype=dtype)
        grads = [
            torch.autograd.grad((output * weights).sum(), [one, *module.parameters()])
            for module, one, output in zip((ours, theirs), inputs, outputs, strict=True)
        ]
        assert all(torch.equal(a, b) for a, b in zip(*grads, strict=True))
    for module in (ours, theirs):
        module.eval()
    x = draws(shape, 1, dtype)[0] - 1
    assert torch.equal(ours(x), theirs(x) + 0.25)
    assert list(ours.state_dict()) == list(theirs.state_dict())
    for mine, other in zip(ours.state_dict().values(), theirs.state_dict().values(), strict=True):
        assert torch.equal(mine, other)


@EACH
def test_weights_of_a_trained_batch_norm_load_and_keep_the_function(shifted, plain, shape):
    trained, ours = plain(shape[1]), shifted(shape[1])
    randomize(trained)
    for x in draws(shape, 3):
        trained(x)
    ours.load_state_dict(trained.state_dict())
    ours.bias.data -= ours.shift
    trained.eval()
    ours.eval()
    x = draws(shape, 1)[0]
    torch.testing.assert_close(ours(x), trained(x))


@EACH
def test_gradients_are_the_derivatives(shifted, plain, shape):
    module = shifted(shape[1], track_running_stats=False, dtype=torch.float64)
    randomize(module)
    x = draws(shape, 1, torch.float64)[0].requires_grad_()
    assert torch.autograd.gradcheck(
        lambda x, gamma, beta: torch.func.functional_call(
            module, {"weight": gamma, "bias": beta}, x
        ),
        (x, module.weight, module.bias),
    )


@EACH
def test_replaces_batch_norm_in_a_network(shifted, plain, shape):
    module = shifted(shape[1], momentum=None, affine=False)
    assert isinstance(module, plain)
    assert "shift=0.1" in repr(module)
    assert copy.deepcopy(module).shift == 0.1
    (x,) = draws(shape, 1)
    assert torch.equal(shifted(shape[1], shift=0.0)(x), plain(shape[1])(x))
    with pytest.raises(ValueError, match="expected"):
        module(torch.zeros(3))


@pytest.mark.parametrize("module", [PostShiftedBatchNorm1d, PostShiftedBatchNorm2d])
@pytest.mark.parametrize("shift", [-0.1, math.nan, math.inf])
def test_other_shifts_are_refused(module, shift):
    with pytest.raises(ValueError, match="finite number ≥ 0"):
        module(3, shift=shift)
