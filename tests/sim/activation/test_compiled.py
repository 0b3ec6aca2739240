"""σ and σ' in torch against mpmath, at ordinary points and where formulas lose digits."""

import math
import pickle
from collections.abc import Callable
from typing import Any

import mpmath
import pytest
import torch
from torch import Tensor

from sim.activation.compiled import TorchActivation, compile
from theory.symbolic.activation import ActivationError, activation

MP: Any = mpmath.mp.clone()
MP.dps = 60

# No point is a kink of any function below.
ORDINARY = torch.linspace(-6.0, 6.0, 49, dtype=torch.float64) + 0.013
TINY = torch.tensor([s * t for t in (1e-9, 1e-6, 1e-4, 1e-2) for s in (1, -1)]).double()
KINKS = torch.tensor([0.0, 3.0, -3.0, 1.0, -1.0], dtype=torch.float64)


def sigmoid(x: Any) -> Any:
    return 1 / (1 + MP.exp(-x))


def softplus(x: Any) -> Any:
    return MP.log(1 + MP.exp(x))


def selu(x: Any) -> Any:
    scale, alpha = MP.mpf("1.0507009873554805"), MP.mpf("1.6732632423543772")
    return scale * (x if x > 0 else alpha * MP.expm1(x))


FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "tanh(x)": MP.tanh,
    "x*tanh(x)": lambda x: x * MP.tanh(x),
    "x**2*tanh(x)": lambda x: x**2 * MP.tanh(x),
    "x**3*tanh(x)": lambda x: x**3 * MP.tanh(x),
    "sin(x)": MP.sin,
    "1-cos(x)": lambda x: 1 - MP.cos(x),
    "cos(x)": MP.cos,
    "3*cos(2*x) - 4": lambda x: 3 * MP.cos(2 * x) - 4,
    "exp(x)-1": MP.expm1,
    "2*exp(-x)-2+x": lambda x: 2 * MP.exp(-x) - 2 + x,
    "sigmoid(x)": sigmoid,
    "exp(x)/(1+exp(x))": sigmoid,
    "softplus(x)": softplus,
    "softplus(2*x)/2": lambda x: softplus(2 * x) / 2,
    "gelu(x)": lambda x: x * MP.ncdf(x),
    "silu(x)": lambda x: x * sigmoid(x),
    "x*sigmoid(1.702*x)": lambda x: x * sigmoid(x * 1702 / 1000),
    "mish(x)": lambda x: x * MP.tanh(softplus(x)),
    "relu(x)": lambda x: max(x, MP.mpf(0)),
    "relu(x)**2": lambda x: max(x, MP.mpf(0)) ** 2,
    "relu6(x)": lambda x: min(max(x, MP.mpf(0)), MP.mpf(6)),
    "Max(x, 0.5*x, sin(x))": lambda x: max(x, x / 2, MP.sin(x)),
    "leaky_relu(x)": lambda x: x if x > 0 else x / 100,
    "abs(x)": abs,
    "x*abs(x)": lambda x: x * abs(x),
    "sign(x)*x**2": lambda x: MP.sign(x) * x**2,
    "x*Heaviside(x)": lambda x: max(x, MP.mpf(0)),
    "x": lambda x: x,
    "x**2": lambda x: x**2,
    "x**3": lambda x: x**3,
    "3*x": lambda x: 3 * x,
    "x**2+x**5": lambda x: x**2 + x**5,
    "(x+1)**7/5": lambda x: (x + 1) ** 7 / 5,
    "1/(1+x**2)": lambda x: 1 / (1 + x**2),
    "(1+x**2)**-2": lambda x: (1 + x**2) ** -2,
    "sqrt(1+x**2)-1": lambda x: MP.sqrt(1 + x**2) - 1,
    "(1+x**2)**(1/3)": lambda x: MP.cbrt(1 + x**2),
    "abs(x)**1.5": lambda x: abs(x) ** MP.mpf("1.5"),
    "sqrt(x**2/4)": lambda x: abs(x) / 2,
    "2**x": lambda x: MP.mpf(2) ** x,
    "(1+x**2)**sin(x)": lambda x: (1 + x**2) ** MP.sin(x),
    "sinc(x)": lambda x: MP.sinc(x),
    "sin(x)/x": lambda x: MP.sinc(x),
    "exp(-x**2)-1": lambda x: MP.expm1(-(x**2)),
    "elu(x)": lambda x: x if x > 0 else MP.expm1(x),
    "elu(x, 0.3)": lambda x: x if x > 0 else MP.expm1(x) * 3 / 10,
    "celu(x, 2)": lambda x: x if x > 0 else 2 * MP.expm1(x / 2),
    "selu(x)": selu,
    "softsign(x)": lambda x: x / (1 + abs(x)),
    "hardswish(x)": lambda x: x * min(max(x + 3, MP.mpf(0)), MP.mpf(6)) / 6,
    "hardsigmoid(x)": lambda x: min(max(x + 3, MP.mpf(0)), MP.mpf(6)) / 6,
    "hardtanh(x)": lambda x: min(max(x, MP.mpf(-1)), MP.mpf(1)),
    "Piecewise((log(x), x > 1), (0, True))": lambda x: MP.log(x) if x > 1 else MP.mpf(0),
    "Piecewise((sqrt(x), (x > 0) & (x < 2)), (exp(-x), x >= 2), (x, True))": lambda x: (
        MP.sqrt(x) if 0 < x < 2 else MP.exp(-x) if x >= 2 else x
    ),
    "Piecewise((0, not x > -1), (x + 1, 0 > x), (1, True))": lambda x: (
        MP.mpf(0) if x <= -1 else x + 1 if x < 0 else MP.mpf(1)
    ),
    "atan(x)": MP.atan,
    "asinh(x)": MP.asinh,
    "sinh(x)/cosh(x)": MP.tanh,
    "tan(x/8 - pi/2 - 1)": lambda x: MP.tan(x / 8 - MP.pi / 2 - 1),
    "tan(x/8)": lambda x: MP.tan(x / 8),
    "erf(x)": MP.erf,
    "erfc(x)": MP.erfc,
    "1-erf(x)": MP.erfc,
    "log1p(x**2)": lambda x: MP.log(1 + x**2),
    "log(cosh(x))": lambda x: MP.log(MP.cosh(x)),
    "tanhshrink(x)": lambda x: x - MP.tanh(x),
    "asinh(x)-sin(x)": lambda x: MP.asinh(x) - MP.sin(x),
    "exp(x)+exp(-x)-2": lambda x: MP.exp(x) + MP.exp(-x) - 2,
    "celu(x, 2)-x": lambda x: MP.mpf(0) if x > 0 else 2 * MP.expm1(x / 2) - x,
    "x**3*Max(x, -2*x)": lambda x: x**3 * max(x, -2 * x),
}


def reference(function: Callable[[Any], Any], points: Tensor) -> tuple[Tensor, Tensor]:
    """Value and derivative; the central difference errs by 1e-40 of the third derivative."""
    exact, step = [MP.mpf(float(z)) for z in points], MP.mpf(10) ** -20
    values = [float(function(z)) for z in exact]
    slopes = [float((function(z + step) - function(z - step)) / (2 * step)) for z in exact]
    return torch.tensor(values, dtype=torch.float64), torch.tensor(slopes, dtype=torch.float64)


def build(text: str) -> TorchActivation:
    return compile(activation(text))


@pytest.mark.parametrize("text", FUNCTIONS)
def test_values_and_derivatives(text: str) -> None:
    for found, expected in zip(
        build(text)(ORDINARY), reference(FUNCTIONS[text], ORDINARY), strict=True
    ):
        torch.testing.assert_close(found, expected, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("text", FUNCTIONS)
def test_digits_near_zero(text: str) -> None:
    for found, expected in zip(build(text)(TINY), reference(FUNCTIONS[text], TINY), strict=True):
        torch.testing.assert_close(found, expected, rtol=1e-8, atol=0.0)


@pytest.mark.parametrize("text", FUNCTIONS)
def test_derivative_is_autograd(text: str) -> None:
    compiled = build(text)
    z = ORDINARY.clone().requires_grad_()
    value = compiled.value_only(z)
    (gradient,) = torch.autograd.grad(value.sum(), z)
    value_too, slope = compiled(ORDINARY)
    torch.testing.assert_close(gradient, slope, rtol=1e-10, atol=1e-13)
    torch.testing.assert_close(value.detach(), value_too, rtol=1e-15, atol=0.0)


@pytest.mark.parametrize("text", FUNCTIONS)
def test_type_and_shape_are_kept_and_memory_is_not_shared(text: str) -> None:
    compiled = build(text)
    for dtype in (torch.float32, torch.float64):
        z = torch.randn(2, 3, 4, dtype=dtype, generator=torch.Generator().manual_seed(1))
        for result in (*compiled(z), compiled.value_only(z)):
            assert result.dtype == dtype
            assert result.shape == z.shape
            assert result.data_ptr() != z.data_ptr()
            assert result.is_contiguous()
    assert compiled(torch.zeros(0))[0].shape == (0,)
    assert compiled(torch.tensor(0.7))[1].shape == ()


@pytest.mark.parametrize("text", FUNCTIONS)
def test_float32_is_close_to_float64(text: str) -> None:
    compiled = build(text)
    for single, double in zip(compiled(ORDINARY.float()), compiled(ORDINARY), strict=True):
        scale = double.abs().clamp(min=1.0)
        assert ((single.double() - double).abs() / scale).max() < 2e-5


@pytest.mark.parametrize("text", FUNCTIONS)
def test_finite_at_zero_and_at_kinks(text: str) -> None:
    for result in build(text)(KINKS):
        assert result.isfinite().all()


@pytest.mark.parametrize(
    "text", ["elu(x)", "selu(x)", "celu(x, 2)", "softplus(x)", "mish(x)", "silu(x)", "gelu(x)"]
)
def test_large_arguments_do_not_overflow(text: str) -> None:
    compiled = build(text)
    z = torch.tensor([-2000.0, 2000.0], dtype=torch.float64, requires_grad=True)
    value, slope = compiled(z.detach())
    (gradient,) = torch.autograd.grad(compiled.value_only(z).sum(), z)
    torch.testing.assert_close(slope[1] * 2000.0, value[1])
    assert abs(float(slope[0])) < 1e-12
    torch.testing.assert_close(gradient, slope)


def test_relu_and_abs_at_the_kink_follow_torch() -> None:
    zero = torch.zeros(1, dtype=torch.float64)
    assert float(build("relu(x)")(zero)[1]) == 0.0
    assert float(build("abs(x)")(zero)[1]) == 0.0


def test_relu_is_torchs_everywhere() -> None:
    torch.testing.assert_close(build("relu(x)")(ORDINARY)[0], ORDINARY.relu(), rtol=0, atol=0)


@pytest.mark.parametrize("text", ["sin(x)/x", "sinc(x)", "elu(x)", "tanhshrink(x)"])
def test_autograd_at_zero(text: str) -> None:
    compiled = build(text)
    z = torch.zeros(3, dtype=torch.float64, requires_grad=True)
    (gradient,) = torch.autograd.grad(compiled.value_only(z).sum(), z)
    torch.testing.assert_close(gradient, compiled(z.detach())[1])


@pytest.mark.parametrize(
    ("text", "most"),
    [
        ("tanh(x)", 2),
        ("x*tanh(x)", 4),
        ("x**2*tanh(x)", 6),
        ("x**3*tanh(x)", 7),
        ("sigmoid(x)", 2),
        ("softplus(x)", 2),
        ("silu(x)", 4),
        ("relu(x)", 3),
        ("gelu(x)", 9),
        ("elu(x)", 6),
    ],
)
def test_operations_are_shared(text: str, most: int) -> None:
    assert build(text).operations <= most


def test_works_under_vmap_and_pickling() -> None:
    compiled = build("x**2*tanh(x)")
    z = torch.randn(3, 5, dtype=torch.float64, generator=torch.Generator().manual_seed(2))
    torch.testing.assert_close(torch.vmap(compiled)(z)[1], compiled(z)[1])
    again = pickle.loads(pickle.dumps(compiled))
    torch.testing.assert_close(again(z)[0], compiled(z)[0])


def test_what_has_no_translation_is_refused() -> None:
    import sympy

    with pytest.raises(ActivationError, match="zeta has no translation"):
        compile(activation(sympy.zeta(sympy.Symbol("x") + 2)))


@pytest.mark.cuda
@pytest.mark.parametrize("text", FUNCTIONS)
def test_on_a_card(text: str) -> None:
    compiled = build(text)
    points = torch.cat([ORDINARY, TINY])
    for there, here in zip(compiled(points.cuda()), compiled(points), strict=True):
        assert there.device.type == "cuda"
        torch.testing.assert_close(there.cpu(), here, rtol=1e-12, atol=1e-14)


def test_constants_have_full_shape() -> None:
    value, slope = build("pi/2")(ORDINARY)
    assert float(value.min()) == float(value.max()) == math.pi / 2
    assert float(slope.abs().max()) == 0.0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # Both cases are x, so that a constant is left where the graph knows it and sympy did not.
        ("sign(Piecewise((x, x < 1/2), (x, True)) - x)", 0.0),
        ("relu6(-Piecewise((x, x >= 33), (x, True))/x)", 0.0),
        ("(x + 8 - Piecewise((x, x > 2), (x, True)))**(1/3)", 2.0),
        ("(x - 8 - Piecewise((x, x > 2), (x, True)))**(1/3)", math.nan),
        ("(x - Piecewise((x, x > 2), (x, True)))**(-1)", math.inf),
        ("(x + 1e-29 - Piecewise((x, x > 2), (x, True)))**(-16)", math.inf),
    ],
)
def test_a_constant_left_by_cancellation_has_the_shape_of_its_argument(text: str, expected: float):
    for dtype in (torch.float64, torch.float32):
        z = torch.tensor([[-3.0, -1e-9, 0.4], [1.0, 2.5, 40.0]], dtype=dtype)
        value, slope = compile(activation(text))(z)
        assert value.dtype == slope.dtype == dtype
        torch.testing.assert_close(value, torch.full_like(z, expected), equal_nan=True)
        assert slope.shape == z.shape
