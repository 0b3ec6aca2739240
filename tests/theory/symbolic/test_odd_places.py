"""Ties, sides that are exactly 0, infinite arguments, limits without a series, exact literals."""

import pytest

from theory.symbolic.activation import Activation, ActivationError, activation


def sides(found: Activation) -> list[tuple[int, str] | None]:
    pairs = (found.right, found.left)
    return [None if side is None else (side.order, str(side.coefficient)) for side in pairs]


@pytest.mark.parametrize(
    ("text", "right", "left"),
    [
        ("relu(relu(x))", (1, "1"), (1, "0")),
        ("Max(x, abs(x))", (1, "1"), (1, "1")),
        ("Min(Max(relu(x)**2, 0), 1)", (2, "1"), (2, "0")),
        ("tanh(x) + relu(x)**1.5", (1, "1"), (1, "-1")),
        ("x*atan(1/x)", (1, "pi/2"), (1, "pi/2")),
        ("x*tanh(1/x)", (1, "1"), (1, "1")),
        ("x*sigmoid(1/x)", (1, "1"), (1, "0")),
        ("elu(elu(x))", (1, "1"), (1, "-1")),
        ("elu(relu(x))", (1, "1"), (1, "0")),
        ("where(relu(x) > 0, x, sin(x))", (1, "1"), (1, "-1")),
        ("where(sin(x)**2 + cos(x)**2 > 1, sinh(x)/cosh(x), tanh(x))", (1, "1"), (1, "-1")),
        ("sinc(relu(x))", (2, "-1/6"), (2, "0")),
        ("1.00000000000000000001*x - tanh(x)", (1, "1/" + "1" + "0" * 20), (1, "-1/1" + "0" * 20)),
    ],
)
def test_leading_parts(text: str, right: tuple[int, str], left: tuple[int, str]) -> None:
    assert sides(activation(text)) == [right, left]


def test_a_power_of_what_is_exactly_zero_is_zero() -> None:
    found = activation("relu(x)**1.5")
    assert found.value_at_zero == 0
    assert found.reason == "for x>0: the leading order is 3/2, no integer"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("x*log(abs(x))", 0),
        ("x*sin(1/x)", 0),
        ("x**2*sin(1/x) + 3", 3),
        ("abs(x)**x", 1),
        ("cos(x*log(abs(x))**3)", 1),
        ("x*exp(-1/x**2)", 0),
    ],
)
def test_limits_without_a_power_series(text: str, value: int) -> None:
    found = activation(text)
    assert found.value_at_zero == value
    assert found.multiplicity is None


@pytest.mark.parametrize("text", ["log(abs(x))", "sin(1/x)", "1/x", "exp(1/x) - exp(2/x)"])
def test_no_limit_is_claimed_where_none_is_found(text: str) -> None:
    assert activation(text).value_at_zero is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("x + sign(x)", "discontinuous at 0: 1 from the right, -1 from the left"),
        ("sigmoid(1/x)", "discontinuous at 0: 1 from the right, 0 from the left"),
        ("heaviside(relu(x))", "discontinuous at 0: 1 from the right, 0.5 from the left"),
        ("x/relu(x)", "for x<0: it divides by 0 beside 0"),
        ("where(sin(x)**2 + cos(x)**2 > 1, x, -x)", "no expansion at 0 within 36 orders"),
    ],
)
def test_reasons(text: str, reason: str) -> None:
    assert activation(text).reason == reason


@pytest.mark.parametrize("exponent", ["pi", "sqrt(3)", "e", "(1 + x)"])
def test_any_positive_power_of_what_is_exactly_zero_is_zero(exponent: str) -> None:
    found = activation(f"x + relu(x)**{exponent}")
    assert found.left is not None
    assert (found.left.order, found.left.coefficient) == (1, -1)
    assert found.value_at_zero == 0
    assert found.reason is not None
    assert found.reason.startswith(
        "for x>0: no expansion at 0: an exponent is no constant fraction"
    )


def test_a_power_that_is_no_fraction_has_a_limit_and_no_expansion() -> None:
    found = activation("x + abs(x)**pi")
    assert found.value_at_zero == 0
    assert activation("x + abs(x)**3.1").multiplicity == 1
    assert found.reason is not None
    assert "such as 3.1 for pi" in found.reason


@pytest.mark.parametrize("constant", ["exp(-200)", "exp(-1000)", "erfc(30)"])
def test_a_constant_that_is_small_and_not_zero_is_refused(constant: str) -> None:
    with pytest.raises(ActivationError, match=r"outside 1e-30 to 1e\+30"):
        activation(f"{constant}*x + x**2")
    assert activation("(sin(1)**2 + cos(1)**2 - 1)*x + x**2").multiplicity == 2
