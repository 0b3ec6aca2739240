"""Gradients of multilayer networks in machine code against those in torch calls."""

import itertools
from collections.abc import Sequence
from typing import cast

import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st
from torch import Tensor

from sim.activation.compiled import TorchActivation
from sim.native.multilayer.gradients import NativeGradients
from sim.networks.multilayer import Net, Parameters, _gradients, _with_ones
from tests.sim.activation.test_compiled import build

DTYPES = pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
RESIDUAL = pytest.mark.parametrize("residual", [False, True])
ACTIVATIONS = ("x*tanh(x)+0.5", "log(1+exp(x))", "x*tanh(x)+0.5")  # σ(0) ≠ 0
FAR = (
    30.0  # targets, so that outputs never nearly meet them, where no digit of a difference is left
)


def problem(
    networks: int, samples: int, widths: Sequence[int], dtype: torch.dtype
) -> tuple[Parameters, Tensor, Tensor]:
    """Weights and data; widths are those of the inputs and of the hidden layers."""
    generator = torch.Generator().manual_seed(samples + 100 * sum(widths))

    def drawn(*shape: int) -> Tensor:
        return torch.randn(*shape, dtype=torch.float64, generator=generator).to(dtype)

    pairs = itertools.pairwise(widths)
    layers = tuple(0.7 / fan**0.5 * drawn(networks, width, fan + 1) for fan, width in pairs)
    output = 0.7 * drawn(networks, widths[-1])
    x, y = drawn(networks, samples, widths[0]), FAR + drawn(networks, samples)
    return Parameters(layers, output), x, y


def native(net: Net, parameters: Parameters, x: Tensor, y: Tensor) -> list[Tensor]:
    known = [cast(TorchActivation, one) for one in net.activations]
    made = NativeGradients(known, net.residual, x, y)
    layers, output = made(parameters.layers, parameters.output)
    return [*layers, output]


def net(residual: bool, activations: Sequence[str] = ACTIVATIONS) -> Net:
    return Net(tuple(map(build, activations)), residual)


def assert_close(found: Sequence[Tensor], expected: Sequence[Tensor]) -> None:
    """To the rounding of sums, on the scale of a network's largest gradient: others may cancel."""
    mine, torchs = (torch.cat([one.flatten(1) for one in all_], 1) for all_ in (found, expected))
    close = 1e-12 if mine.dtype == torch.float64 else 1e-5
    away = (mine - torchs).abs().amax(1) / torchs.abs().amax(1)
    assert away.max() <= close


@DTYPES
@RESIDUAL
@settings(max_examples=40, deadline=None)
@given(
    networks=st.integers(1, 3),
    samples=st.integers(1, 37),
    widths=st.lists(st.integers(1, 14), min_size=4, max_size=4),
)
@example(networks=2, samples=80, widths=[3, 18, 18, 18])
@example(networks=2, samples=33, widths=[7, 7, 7, 7])
@example(networks=1, samples=16, widths=[1, 1, 1, 1])
@example(networks=1, samples=1, widths=[9, 5, 5, 13])
def test_any_size(residual, dtype, networks, samples, widths):
    """What only fills up must not count, and σ(0) ≠ 0."""
    parameters, x, y = problem(networks, samples, widths, dtype)
    expected = _gradients(net(residual), parameters, _with_ones(x), y)
    assert_close(native(net(residual), parameters, x, y), [*expected.layers, expected.output])


@DTYPES
@pytest.mark.parametrize("widths", [(1, 30), (5, 50), (64, 30), (13, 13)])
def test_one_hidden_layer(dtype: torch.dtype, widths: tuple[int, int]):
    """Residual too where the inputs are as many as the units."""
    parameters, x, y = problem(2, 41, widths, dtype)
    one = net(True, ["tanh(x)"])
    expected = _gradients(one, parameters, _with_ones(x), y)
    assert_close(native(one, parameters, x, y), [*expected.layers, expected.output])


def test_an_activation_meets_only_what_samples_make():
    """√z is a number on the data, and not at x = 0."""
    parameters, x, y = problem(2, 13, (3, 5), torch.float64)
    (w,) = parameters.layers
    w = torch.cat([w[..., :-1].abs() + 0.5, torch.full_like(w[..., :1], -0.5)], -1)
    one, parameters, x = net(False, ["sqrt(x)"]), Parameters((w,), parameters.output), x.abs() + 1
    expected = _gradients(one, parameters, _with_ones(x), y)
    assert_close(native(one, parameters, x, y), [*expected.layers, expected.output])


def test_a_network_does_not_see_the_others():
    parameters, x, y = problem(5, 19, (4, 4, 6, 6), torch.float32)
    whole = native(net(True), parameters, x, y)
    for i in range(5):
        here = slice(i, i + 1)
        part = native(net(True), parameters.part(here), x[here], y[here])
        for one, every in zip(part, whole, strict=True):
            assert torch.equal(one, every[here])


def test_memory_may_be_laid_out_otherwise():
    parameters, x, y = problem(3, 19, (4, 4, 6, 6), torch.float64)

    def turned(one: Tensor) -> Tensor:
        return one.transpose(0, -1).contiguous().transpose(0, -1)

    other = Parameters(tuple(map(turned, parameters.layers)), turned(parameters.output))
    assert not other.layers[0].is_contiguous()
    found = native(net(False), other, turned(x), turned(y))
    for one, same in zip(found, native(net(False), parameters, x, y), strict=True):
        assert torch.equal(one, same)


def test_weights_that_do_not_fit_are_refused():
    parameters, x, y = problem(3, 19, (4, 4, 6, 6), torch.float64)
    layers, output = parameters.layers, parameters.output
    made = NativeGradients(list(map(build, ACTIVATIONS)), False, x, y)
    for wrong in (layers[:2], layers[::-1], tuple(w[:2] for w in layers)):
        with pytest.raises(ValueError, match="shapes"):
            made(wrong, output)
    with pytest.raises(ValueError, match="shapes"):
        made(layers, output[:, :-1])
    with pytest.raises(ValueError, match="float64"):
        made(layers, output.float())
