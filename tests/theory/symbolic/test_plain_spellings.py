"""Plain spellings that people type: each is read, with its orders and coefficients at 0."""

import math

import pytest

from theory.symbolic.activation import activation

# text -> order and coefficient for x > 0, the same for x < 0 in |x|; None: nothing there
PLAIN: dict[str, tuple[tuple[int, float] | None, tuple[int, float] | None]] = {
    "max(0,x)": ((1, 1), (1, 0)),
    "min(0,x)": ((1, 0), (1, -1)),
    "maximum(x, 0)": ((1, 1), (1, 0)),
    "where(x>0,x,0.1*x)": ((1, 1), (1, -0.1)),
    "x if x>0 else 0.1*x": ((1, 1), (1, -0.1)),
    "x*(x>0)": ((1, 1), (1, 0)),
    "np.tanh(x)": ((1, 1), (1, -1)),
    "torch.relu(x)": ((1, 1), (1, 0)),
    "F.gelu(x)": ((1, 0.5), (1, -0.5)),
    "nn.ReLU()(x)": ((1, 1), (1, 0)),
    "math.erf(x)": ((1, 2 / math.sqrt(math.pi)), (1, -2 / math.sqrt(math.pi))),
    "clip(x,0,6)": ((1, 1), (1, 0)),
    "clamp(x, -1, 1)": ((1, 1), (1, -1)),
    "square(x)": ((2, 1), (2, 1)),
    "pow(x,2)": ((2, 1), (2, 1)),
    "cbrt(x)**3": ((1, 1), (1, -1)),
    "log2(1+x)": ((1, 1 / math.log(2)), (1, -1 / math.log(2))),
    "log(x+2,2)": ((1, 1 / math.log(4)), (1, -1 / math.log(4))),
    "logaddexp(x,0)": ((1, 0.5), (1, -0.5)),
    "ln(1+x)": ((1, 1), (1, -1)),
    "x*sgn(x)": ((1, 1), (1, 1)),
    "fabs(x)": ((1, 1), (1, 1)),
    "expit(x)": ((1, 0.25), (1, -0.25)),
    "x*heaviside(x)": ((1, 1), (1, 0)),
    "sech(x)": ((2, -0.5), (2, -0.5)),
    "|x|": ((1, 1), (1, 1)),
    "2x": ((1, 2), (1, -2)),
    "x^2": ((2, 1), (2, 1)),
    "e**x": ((1, 1), (1, -1)),
    "x²": ((2, 1), (2, 1)),
    "√(1+x)": ((1, 0.5), (1, -0.5)),
    "sin(πx)": ((1, math.pi), (1, -math.pi)),
    "ReLU(x)": ((1, 1), (1, 0)),
    "LeakyReLU(x)": ((1, 1), (1, -0.01)),
    "hard_swish(x)": ((1, 0.5), (1, -0.5)),
    "quick_gelu(x)": ((1, 0.5), (1, -0.5)),
    "hardtanh(x,-2,2)": ((1, 1), (1, -1)),
    "swish(x,1.5)": ((1, 0.5), (1, -0.5)),
    "elu(x, alpha=1)": ((1, 1), (1, -1)),
    "gelu(x, approximate='tanh')": ((1, 0.5), (1, -0.5)),
    "elu(elu(x))": ((1, 1), (1, -1)),
    "tanh(z)": ((1, 1), (1, -1)),
}


@pytest.mark.parametrize("text", PLAIN)
def test_is_read(text: str) -> None:
    found = activation(text)
    for side, wanted in zip((found.right, found.left), PLAIN[text], strict=True):
        assert (side is None) == (wanted is None)
        if side is not None and wanted is not None:
            assert side.order == wanted[0]
            assert float(side.coefficient) == pytest.approx(wanted[1], rel=1e-12, abs=0)


def test_a_jump_alone_is_read() -> None:
    assert (activation("heaviside(x)").reason or "").startswith("discontinuous at 0")
