"""Layers, as in ``nn.ELU(0.5)(x)``: their arguments are not always those of the function."""

import re

import pytest

from theory.symbolic.activation import ActivationError, parse
from theory.symbolic.parsing import read

SLOPE = "Piecewise((x, x > 0), ({}*x, True))"


@pytest.mark.parametrize(
    ("text", "slope", "noted"),
    [
        ("nn.PReLU()(x)", "0.25", True),
        ("nn.PReLU(1)(x)", "0.25", True),
        ("PReLU(1)(x)", "0.25", True),
        ("torch.nn.PReLU(3)(x)", "0.25", True),
        ("nn.PReLU(1, 0.1)(x)", "0.1", False),
        ("nn.PReLU(init=0.1)(x)", "0.1", False),
        ("nn.PReLU(num_parameters=1, init=0.1)(x)", "0.1", False),
        ("F.prelu(x, 0.1)", "0.1", False),
        ("flax.linen.PReLU()(x)", "0.01", True),
        ("linen.PReLU(negative_slope_init=0.2)(x)", "0.2", False),
    ],
)
def test_the_slope_of_prelu(text: str, slope: str, noted: bool) -> None:
    found = read(text)
    assert found.expression == parse(SLOPE.format(slope))
    assert bool(found.notes) is noted


def test_the_number_of_slopes_is_no_slope() -> None:
    with pytest.raises(ActivationError, match=re.escape("num_parameters must be a whole number")):
        parse("nn.PReLU(0.1)(x)")


@pytest.mark.parametrize(
    "text",
    [
        "nn.ELU(0.5)",
        "nn.ELU()",
        "torch.nn.LeakyReLU(negative_slope=0.2)",
        "nn.Softplus(2)",
        "keras.layers.LeakyReLU(0.3)",
        "ReLU()",
    ],
)
def test_a_layer_without_its_argument_is_no_constant(text: str) -> None:
    for written in (text, f"x + {text}"):
        with pytest.raises(ActivationError, match=re.escape(f"needs an argument, as in {text}(x)")):
            parse(written)


def test_what_has_x_in_its_brackets_is_called() -> None:
    assert parse("nn.ReLU(x)") == parse("relu(x)")
    assert parse("lambda t: nn.ReLU(2*t)") == parse("relu(2*x)")


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("nn.ReLU(True)(x)", "relu(x)"),
        ("nn.ReLU6(inplace=True)(x)", "relu6(x)"),
        ("nn.LeakyReLU(0.2, True)(x)", "leaky_relu(x, 0.2)"),
        ("nn.ELU(1.0, True)(x)", "elu(x)"),
        ("nn.CELU(2, False)(x)", "celu(x, 2)"),
        ("nn.SELU(True)(x)", "selu(x)"),
        ("nn.Mish(inplace=True)(x)", "mish(x)"),
        ("nn.Hardtanh(-2, 2, True)(x)", "hardtanh(x, -2, 2)"),
        ("nn.Threshold(0.1, 20, True)(x)", "threshold(x, 0.1, 20)"),
        ("F.relu(x, True)", "relu(x)"),
        ("F.leaky_relu(x, 0.1, True)", "leaky_relu(x, 0.1)"),
        ("F.hardswish(x, inplace=True)", "hardswish(x)"),
    ],
)
def test_inplace_changes_no_function(text: str, plain: str) -> None:
    assert parse(text) == parse(plain)


@pytest.mark.parametrize("text", ["nn.ReLU(5)(x)", "F.relu(x, 0.1)", "F.tanh(x, True)"])
def test_relu_of_torch_has_no_slope(text: str) -> None:
    with pytest.raises(ActivationError, match="takes 1 argument, not 2"):
        parse(text)
