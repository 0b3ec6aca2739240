"""Spellings of libraries against the libraries themselves, defaults and keywords included."""

import math
from collections.abc import Iterator

import numpy as np
import pytest
import scipy.special
import scipy.stats
import torch
from torch import nn
from torch.nn import functional as F  # noqa: N812, as people import it

from sim.activation.compiled import compile
from theory.symbolic.activation import activation

POINTS = np.array([-7.3, -3.1, -2.2, -1.0, -0.6, -0.31, 0.17, 0.47, 0.9, 1.6, 2.7, 3.4, 6.8])

TORCH = [
    *("F.relu(x)", "F.relu6(x)", "F.leaky_relu(x)", "F.leaky_relu(x, 0.2)", "F.elu(x)"),
    *("F.elu(x, alpha=0.5)", "F.celu(x)", "F.celu(x, 2.0)", "F.selu(x)", "F.gelu(x)", "F.silu(x)"),
    *("F.gelu(x, approximate='tanh')", "F.mish(x)", "F.softplus(x)", "F.softplus(x, beta=2)"),
    *("F.softplus(x, 2, 3)", "F.softsign(x)", "F.tanhshrink(x)", "F.hardtanh(x)", "F.hardswish(x)"),
    *("F.hardtanh(x, -2, 2.5)", "F.hardsigmoid(x)", "F.logsigmoid(x)", "F.hardshrink(x)"),
    *("F.hardshrink(x, lambd=0.7)", "F.softshrink(x)", "F.softshrink(x, 0.7)", "F.rrelu(x)"),
    *("F.rrelu(x, 0.1, 0.3)", "F.threshold(x, 0.1, 20)", "F.prelu(x, torch.tensor(0.25))"),
    *(
        "nn.ReLU()(x)",
        "nn.LeakyReLU()(x)",
        "nn.LeakyReLU(0.3)(x)",
        "nn.ELU(0.5)(x)",
        "nn.CELU(2)(x)",
    ),
    *(
        "nn.Softplus(beta=3)(x)",
        "nn.Hardtanh(-2, 2)(x)",
        "nn.Threshold(0.1, 20)(x)",
        "nn.SELU()(x)",
    ),
    *("nn.PReLU()(x)", "nn.Softshrink(0.2)(x)", "nn.Hardshrink()(x)", "nn.Softsign()(x)"),
    *("torch.sigmoid(x)", "torch.tanh(x)", "torch.clamp(x, min=0)", "torch.clamp(x, -1, 2)"),
    *("torch.sinc(x)", "torch.sign(x)", "torch.heaviside(x, torch.tensor(0.5))", "torch.erf(x)"),
    *(
        "torch.square(x)",
        "torch.pow(x, 3)",
        "torch.rsqrt(1 + x**2)",
        "torch.floor(x)",
        "torch.ceil(x)",
    ),
    *(
        "torch.round(x)",
        "torch.trunc(x)",
        "torch.frac(x)",
        "torch.fmod(x, 2)",
        "torch.remainder(x, 2)",
    ),
    *(
        "torch.atan2(x, torch.tensor(-1.0))",
        "torch.hypot(x, torch.tensor(2.0))",
        "torch.lgamma(x + 9)",
    ),
    *(
        "torch.logaddexp(x, torch.zeros_like(x))",
        "torch.where(x > 0, x, 0.1*x)",
        "torch.digamma(x + 9)",
    ),
    *(
        "torch.special.expit(x)",
        "torch.special.log_ndtr(x)",
        "torch.special.erfcx(x/3)",
        "torch.abs(x)",
    ),
    *(
        "torch.special.bessel_j0(x)",
        "torch.special.bessel_j1(x)",
        "torch.special.i0(x)",
        "x.relu()",
    ),
    *(
        "torch.special.i0e(x)",
        "torch.special.i1(x)",
        "x.clamp(0, 2)",
        "(x > 0).double()*x",
        "x % 2",
    ),
    *("torch.special.ndtri(torch.sigmoid(x))", "torch.copysign(torch.tensor(1.0), x)", "x // 2"),
    *("torch.logit(torch.sigmoid(x))", "torch.exp2(x)", "torch.expm1(x)", "torch.deg2rad(x)"),
    *("torch.xlogy(x, 1 + x**2)", "torch.asinh(x)"),
]
NUMPY = [
    *("np.sinc(x)", "np.sign(x)", "np.heaviside(x, 0.5)", "np.clip(x, 0, None)", "np.cbrt(x)"),
    *("np.maximum(0, x)", "np.minimum(x, 1)", "np.fmax(x, 0)", "np.where(x > 0, x, 0.1*x)"),
    *("np.logaddexp(0, x)", "np.logaddexp2(0, x)", "np.log1p(np.exp(x))", "np.arctan2(x, 1)"),
    *("np.arctan2(x, -1)", "np.hypot(x, 1)", "np.mod(x, 2)", "np.fmod(x, 2)", "np.remainder(x, 2)"),
    *(
        "np.floor_divide(x, 2)",
        "np.rint(x)",
        "np.round(x, 1)",
        "np.fix(x)",
        "np.power(x, 3)",
        "np.i0(x)",
    ),
    *(
        "np.piecewise(x, [x < 0, x > 1], [0, lambda x: x, 2])",
        "np.select([x < 0, x < 1], [0, x], 1)",
    ),
    *("np.sign(x)*np.log1p(np.abs(x))", "np.copysign(1, x)", "np.radians(x)", "np.exp2(x)"),
    *(
        "scipy.special.expit(x)",
        "scipy.special.erf(x)",
        "scipy.special.ndtr(x)",
        "scipy.special.j0(x)",
    ),
    *("scipy.special.log_ndtr(x)", "scipy.special.gammaln(x + 9)", "scipy.special.jv(1, x)"),
    *(
        "scipy.special.iv(0, x)",
        "scipy.special.eval_legendre(4, x)",
        "scipy.special.eval_hermite(3, x)",
    ),
    *(
        "scipy.special.eval_hermitenorm(4, x)",
        "scipy.special.eval_chebyt(5, x)",
        "scipy.special.i1e(x)",
    ),
    *(
        "scipy.special.eval_chebyu(3, x)",
        "scipy.special.eval_laguerre(3, x)",
        "scipy.special.exp10(x)",
    ),
    *("scipy.special.xlog1py(x, x**2)", "scipy.stats.norm.cdf(x)", "scipy.stats.norm.pdf(x, 1, 2)"),
    *("scipy.special.digamma(x + 9)", "scipy.special.gamma(x + 9)", "scipy.special.erfi(x/4)"),
    *(
        "scipy.stats.norm.sf(x)",
        "scipy.special.cbrt(x)",
        "scipy.special.logit(scipy.special.expit(x))",
    ),
]
TOLERANCE = 1e-8
# ln Φ loses digits to cancellation far left, as we write it; torch's J₁ has fewer.
LOOSE = {
    "torch.special.log_ndtr(x)": 1e-6,
    "scipy.special.log_ndtr(x)": 1e-6,
    "torch.special.bessel_j1(x)": 1e-6,
}


@pytest.fixture(autouse=True)
def double() -> Iterator[None]:
    """Parameters of modules and tensors of numbers in double precision."""
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


def check(text: str, wanted: object) -> None:
    found = compile(activation(text)).value_only(torch.from_numpy(POINTS)).numpy()
    tolerance = LOOSE.get(text, TOLERANCE)
    np.testing.assert_allclose(found, np.asarray(wanted), rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("text", TORCH)
def test_torch(text: str) -> None:
    names = {"torch": torch, "F": F, "nn": nn, "math": math, "x": torch.from_numpy(POINTS)}
    wanted = eval(text, names)  # texts of this file
    check(text, wanted.detach().numpy())


@pytest.mark.parametrize("text", NUMPY)
def test_numpy_and_scipy(text: str) -> None:
    wanted = eval(text, {"np": np, "scipy": scipy, "x": POINTS})  # texts of this file
    check(text, wanted)


@pytest.mark.parametrize(
    "text", ["math.erf(x)", "math.fmod(x, 2)", "math.remainder(x, 2)", "math.tanh(x)"]
)
def test_math(text: str) -> None:
    wanted = [eval(text, {"math": math, "x": point}) for point in POINTS.tolist()]
    check(text, wanted)
