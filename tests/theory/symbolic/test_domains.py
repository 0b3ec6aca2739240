"""Roots and logarithms are undefined for negative arguments, whatever cancels them."""

import pytest

from theory.symbolic.activation import activation, parse


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("sqrt(x)*sqrt(x)", 1),
        ("sqrt(x)**2", 1),
        ("x**0.5*x**0.5", 1),
        ("(x**0.5)**4", 2),
        ("x**(1/3)*x**(2/3)", 1),
        ("x*sqrt(x)/sqrt(x)", 1),
    ],
)
def test_a_root_that_cancels_has_no_left_side(text: str, order: int) -> None:
    found = activation(text)
    assert found.multiplicity is None
    assert "negative argument is not real" in (found.reason or "")
    assert found.left is None
    assert found.right is not None
    assert found.right.order == order


@pytest.mark.parametrize("text", ["log(x) - log(x) + x", "x*log(x)/log(x)", "x**x*x/x**x"])
def test_a_logarithm_that_cancels_is_undefined(text: str) -> None:
    found = activation(text)
    assert found.multiplicity is None
    assert found.left is None
    assert "not real" in (found.reason or "")


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("sqrt(x**2)", "abs(x)"),
        ("sqrt(1+x**2)*sqrt(1+x**2)", "1+x**2"),
        ("cbrt(x)*cbrt(x)*cbrt(x)", "sign(x)**3*abs(x)"),
        ("sqrt(relu(x))**2", "relu(x)"),
        ("log(1+exp(x)) - log(1+exp(x)) + x", "x"),
    ],
)
def test_what_is_defined_everywhere_is_simplified(text: str, plain: str) -> None:
    assert parse(text) == parse(plain)


def test_a_root_that_is_defined_around_zero_has_both_sides() -> None:
    assert activation("sqrt(1+x)*sqrt(1+x)").multiplicity == 1
    assert activation("log(1+x) - log(1+x) + x**2").multiplicity == 2
