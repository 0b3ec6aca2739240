"""Taylor coefficients of special functions against mpmath's own."""

from collections.abc import Callable
from typing import Any

import mpmath
import pytest

from theory.symbolic.activation import activation

MP: Any = mpmath.mp.clone()
MP.dps = 60

KNOWN: dict[str, Callable[[Any], Any]] = {
    "gamma(x+2)": lambda x: MP.gamma(x + 2),
    "gamma(x-0.5)": lambda x: MP.gamma(x - MP.mpf(1) / 2),
    "x*gamma(x)": lambda x: MP.gamma(x + 1),
    "lgamma(x+0.3)": lambda x: MP.loggamma(x + MP.mpf(3) / 10),
    "digamma(x+1)": lambda x: MP.psi(0, x + 1),
    "x*digamma(x)": lambda x: x * MP.psi(0, x + 1) - 1,
    "lambertw(x+1)": lambda x: MP.lambertw(x + 1),
    "lambertw(sin(x))": lambda x: MP.lambertw(MP.sin(x)),
    "erfinv(x+0.5)": lambda x: MP.erfinv(x + MP.mpf(1) / 2),
    "erfi(x)": MP.erfi,
    "Si(x)": MP.si,
    "j0(x)": lambda x: MP.besselj(0, x),
    "j1(x+1)": lambda x: MP.besselj(1, x + 1),
    "i0(x-2)": lambda x: MP.besseli(0, x - 2),
    "i1(x)": lambda x: MP.besseli(1, x),
    "airyai(x)": MP.airyai,
    "airybi(tanh(x)+1)": lambda x: MP.airybi(MP.tanh(x) + 1),
    "asin(x)": MP.asin,
    "acos(tanh(x))": lambda x: MP.acos(MP.tanh(x)),
    "atanh(x)": MP.atanh,
    "acosh(x+2)": lambda x: MP.acosh(x + 2),
    "normcdf(x)": MP.ncdf,
    "erfcx(x)": lambda x: MP.exp(x**2) * MP.erfc(x),
    "frac(x+0.3)": lambda x: x + MP.mpf(3) / 10,
    "legendre(4, x+0.1)": lambda x: MP.legendre(4, x + MP.mpf(1) / 10),
    "x*floor(x+0.5)+tanh(x)": MP.tanh,
}


@pytest.mark.parametrize("text", KNOWN)
def test_first_terms_are_taylors(text: str) -> None:
    found, coefficients = activation(text), MP.taylor(KNOWN[text], 0, 4)
    assert found.value_at_zero is not None
    assert abs(MP.mpf(str(found.value_at_zero.evalf(30))) - coefficients[0].real) < 1e-25
    for term in found.terms(3):
        if term.order <= 4:
            wanted = coefficients[term.order].real
            assert term.monomial
            assert abs(MP.mpf(str(term.right.evalf(30))) - wanted) < 1e-24 * max(1, abs(wanted))


@pytest.mark.parametrize(
    ("text", "right", "left"),
    [("floor(x)", 0, -1), ("ceil(x)", 1, 0), ("round(x+0.5)", 1, 0), ("x // 2", 0, -1)],
)
def test_steps_jump(text: str, right: float, left: float) -> None:
    reason = activation(text).reason
    assert reason == f"discontinuous at 0: {right:g} from the right, {left:g} from the left"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("gamma(x)", "infinite at 0"),
        ("lambertw(x-1)", "LambertW is not real below -1/e"),
        ("erfinv(x+1)", "no expansion at 0: erfinv of an argument that tends to ±1"),
        ("gamma(1/x)", "no expansion at 0: gamma of an infinite argument"),
    ],
)
def test_no_series(text: str, reason: str) -> None:
    assert activation(text).reason == reason
