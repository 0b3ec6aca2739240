"""Frameworks do the same arithmetic, and who does not is found out."""

import dataclasses

import pytest
import torch

from sim.activation.compiled import compile
from sim.native import EAGER
from tests.validate.command.frameworks.small import BOTH, COUPLED, SINGLE
from theory.symbolic.activation import activation
from validate.claims.condensation.measured.timings import workloads
from validate.command.frameworks.comparison import DifferentWeightsError, compare
from validate.command.frameworks.jax_process import JaxProcess, is_installed
from validate.command.frameworks.limits import Limits, limits
from validate.command.frameworks.workload import Workload


def silent(_: str) -> None:
    pass


@pytest.mark.parametrize("workload", workloads(), ids=lambda one: one.name)
def test_activations_by_hand(workload: Workload):
    z = torch.linspace(-2, 2, 33, dtype=torch.float64)
    for mine, expected in zip(
        workload.by_hand(z.clone()), compile(activation(workload.activation))(z), strict=True
    ):
        torch.testing.assert_close(mine, expected, rtol=1e-13, atol=1e-14)


@pytest.mark.parametrize("eager", [False, True])
def test_ours_and_one_by_one_agree(monkeypatch: pytest.MonkeyPatch, eager: bool):
    if eager:
        monkeypatch.setenv(EAGER, "1")
    found = compare(BOTH, None, silent, rounds=1)
    assert [one.dtype for one in found] == ["float64", "float32"] * 2
    for one in found:
        assert one.seconds > 0
        for other in (one.one_by_one, one.by_hand):
            assert other.difference < (1e-13 if one.dtype == "float64" else 1e-5)
        assert one.one_by_one.ratio == pytest.approx(one.one_by_one.seconds / one.seconds)
        assert one.share == pytest.approx(one.limit_seconds / one.seconds)
        assert one.jax is None
        assert (one.compiled is None) == eager
        assert one.compiled is None or 0 < one.compiled.warm < one.compiled.cold


def test_other_arithmetic_is_refused():
    wrong = dataclasses.replace(COUPLED, by_hand=lambda z: (z * z.tanh(), z.tanh()))
    with pytest.raises(DifferentWeightsError, match="torch by hand ends at other weights"):
        compare([wrong], None, silent, rounds=1)


@pytest.mark.skipif(not is_installed(), reason="JAX is not installed")
def test_jax_agrees():
    with JaxProcess() as jax:
        found = compare(BOTH, jax, silent, rounds=1)
        assert jax.memory() > 2**20
    for one in found:
        assert one.jax is not None
        assert one.jax.difference < (1e-13 if one.dtype == "float64" else 1e-5)
        assert one.jax.compile_seconds


def test_counts_of_a_unit():
    """By hand: 9 neurons, 7 samples; w·x̃ and its gradient, a·σ and its gradient."""
    assert COUPLED.evaluations == SINGLE.evaluations == 63
    assert COUPLED.multiply_adds == 63 * (6 + 6 + 1 + 1)
    assert COUPLED.units == 3 * 6
    assert Limits(multiply_adds=1e9, tanh=1e8).seconds(COUPLED) == pytest.approx(
        63 * 14 / 1e9 + 63 / 1e8
    )


def test_limits_are_those_of_a_processor():
    found = limits("float32")
    assert 1e7 < found.tanh < found.multiply_adds < 1e14
