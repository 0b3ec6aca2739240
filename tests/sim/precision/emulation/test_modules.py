"""Torch modules in emulated arithmetic against loops over numbers, and against torch itself."""

from itertools import product as grid

import ml_dtypes
import numpy as np
import pytest
import torch
from torch import Tensor, nn

from sim.precision.emulation.modules import emulated
from sim.precision.emulation.products import Arithmetic, arithmetic_in
from sim.precision.emulation.rounding import rounded, rounding

TYPES = {
    "bfloat16": ml_dtypes.bfloat16,
    "float8_e4m3fn": ml_dtypes.float8_e4m3fn,
    "float16": np.float16,
}


@pytest.fixture(autouse=True)
def seeded() -> None:
    torch.manual_seed(0)


def mlp() -> nn.Sequential:
    return nn.Sequential(nn.Linear(6, 5), nn.Tanh(), nn.Linear(5, 3, bias=False))


def cnn() -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(2, 3, 3, stride=2, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2, stride=1),
        nn.Flatten(),
        nn.Linear(12, 2),
    )


class Scalars:
    """Sums of products of single numbers, each operation in a type of numpy or ml_dtypes."""

    def __init__(self, name: str) -> None:
        self.type = TYPES[name]

    def __call__(self, value) -> np.float32:
        return np.float32(self.type(np.float32(value)))

    def sum(self, pairs, bias=None) -> np.float32:
        total = np.float32(0)
        for a, b in pairs:
            total = self(total + self(self(a) * self(b)))
        return total if bias is None else self(total + self(bias))


def by_hand_mlp(network: nn.Sequential, x: Tensor, name: str) -> list[list[float]]:
    """Units and terms one by one."""
    to_type = Scalars(name)
    (w1, b1, w2), found = [p.detach().numpy() for p in network.parameters()], []
    for row in x.numpy():
        hidden = [to_type.sum(zip(row, w, strict=True), b) for w, b in zip(w1, b1, strict=True)]
        hidden = [to_type(torch.tanh(torch.tensor(h)).item()) for h in hidden]
        found.append([to_type.sum(zip(hidden, w, strict=True)) for w in w2])
    return found


def by_hand_cnn(network: nn.Sequential, x: Tensor, name: str) -> list[list[float]]:
    """6 × 6 pixels, stride 2, a border of zeros."""
    to_type = Scalars(name)
    w, b, v, c = (p.detach().numpy() for p in network.parameters())
    found = []
    for image in x.numpy():
        wide = np.zeros((2, 8, 8), np.float32)
        wide[:, 1:7, 1:7] = image
        kernel = [*grid(range(2), range(3), range(3))]
        maps = np.zeros((3, 3, 3), np.float32)
        for o, i, j in grid(range(3), repeat=3):
            pairs = ((wide[k, 2 * i + m, 2 * j + n], w[o, k, m, n]) for k, m, n in kernel)
            maps[o, i, j] = max(0, to_type.sum(pairs, b[o]))
        pooled = [
            maps[o, i : i + 2, j : j + 2].max() for o, i, j in grid(range(3), range(2), range(2))
        ]
        found.append(
            [to_type.sum(zip(pooled, u, strict=True), d) for u, d in zip(v, c, strict=True)]
        )
    return found


@pytest.mark.parametrize("name", TYPES)
def test_a_multilayer_perceptron_by_hand(name: str):
    network, x = mlp(), torch.randn(4, 6)
    with emulated(network, name):
        found = network(x)
    np.testing.assert_array_equal(found, by_hand_mlp(network, x, name))
    assert found.dtype == torch.float32


@pytest.mark.parametrize("name", TYPES)
def test_a_convolutional_network_by_hand(name: str):
    network, x = cnn(), torch.randn(3, 2, 6, 6)
    with emulated(network, name):
        found = network(x)
    np.testing.assert_array_equal(found, by_hand_cnn(network, x, name))


CONVOLUTIONS = [
    (nn.Conv1d(4, 6, 3, stride=2, padding=2, dilation=2, groups=2), (4, 17)),
    (nn.Conv2d(4, 6, (3, 2), stride=(1, 2), padding=(0, 1), groups=2), (4, 7, 8)),
    (nn.Conv2d(3, 4, (4, 3), padding="same", dilation=(1, 2)), (3, 8, 9)),
    (nn.Conv2d(3, 4, 3, padding="valid", bias=False), (3, 8, 9)),
    (nn.Conv2d(3, 4, 3, padding=2, padding_mode="reflect"), (3, 8, 9)),
    (nn.Conv2d(3, 4, 3, padding=(1, 2), padding_mode="circular"), (3, 8, 9)),
    (nn.Conv2d(3, 4, (2, 4), padding="same", padding_mode="replicate"), (3, 8, 9)),
    (nn.Conv3d(2, 4, (1, 2, 3), stride=(2, 1, 1), padding=(0, 0, 1), groups=2), (2, 4, 5, 6)),
]


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths")
@pytest.mark.parametrize(("layer", "shape"), CONVOLUTIONS)
@pytest.mark.parametrize("batched", [True, False])
def test_every_kind_of_convolution(layer: nn.Module, shape: tuple[int, ...], batched: bool):
    """In float64 without rounding, as torch; in float32 to its rounding."""
    layer = layer.double()
    x = torch.randn(*([3] if batched else []), *shape, dtype=torch.float64)
    expected = layer(x)
    for arithmetic, off in ((Arithmetic(), 1e-14), (arithmetic_in("float32"), 1e-6)):
        with emulated(layer, arithmetic) as running:
            torch.testing.assert_close(running(x), expected.detach(), rtol=off, atol=off)


@pytest.mark.parametrize("build", [mlp, cnn])
def test_float32_is_that_of_torch(build):
    network = build()
    x = torch.randn(9, 6) if build is mlp else torch.randn(9, 2, 6, 6)
    with emulated(network, "float32"):
        found = network(x)
    torch.testing.assert_close(found, network(x).detach(), rtol=1e-5, atol=1e-6)


def test_the_module_is_what_it_was():
    """Also after an error within the context, and with a forward of a module's own."""
    network, x = cnn(), torch.randn(3, 2, 6, 6)
    network[1].forward = lambda input: 2 * input
    expected = network(x)
    before = {name: values.clone() for name, values in network.state_dict().items()}
    keys = [set(vars(one)) for one in network.modules()]
    with emulated(network, "float4_e2m1fn") as running:
        assert running is network
        assert not torch.equal(network(x), expected)
        assert not network(x).requires_grad
    with pytest.raises(RuntimeError, match="within"), emulated(network, "m3"):
        raise RuntimeError("within")
    assert [set(vars(one)) for one in network.modules()] == keys
    assert all(torch.equal(before[name], one) for name, one in network.state_dict().items())
    assert torch.equal(network(x), expected)
    network(x).sum().backward()
    assert network[0].weight.grad is not None


class Residual(nn.Module):
    """A layer used twice, a sum beside it, and outputs of several kinds."""

    def __init__(self) -> None:
        super().__init__()
        self.layer, self.norm = nn.Linear(4, 4), Several()

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        return self.norm(x + self.layer(torch.relu(self.layer(x))))


class Several(nn.Module):
    def forward(self, x: Tensor) -> dict:
        return {"pair": (x / 3, [x / 7]), "best": x.argmax(-1), "name": "outputs"}


def test_modules_of_ones_own():
    network, x = Residual().double(), torch.randn(5, 4, dtype=torch.float64)
    with emulated(network, "bfloat16"):
        found = network(x)
        linear = network.layer
        total = x + linear(torch.relu(linear(x)))
    assert torch.equal(found["pair"][0], rounded(total / 3, "bfloat16"))
    assert torch.equal(found["pair"][1][0], rounded(total / 7, "bfloat16"))
    assert torch.equal(found["best"], total.argmax(-1))
    assert found["name"] == "outputs"


def test_formats_of_operands_and_sums():
    """As tensor cores do: operands of 8 bits, exact products, sums and outputs of their own."""
    arithmetic = Arithmetic(
        operands=rounding("float8_e4m3fn"), sums=rounding("float32"), outputs=rounding("bfloat16")
    )
    layer, x = nn.Linear(20, 30), torch.randn(8, 20)
    with emulated(layer, arithmetic):
        found = layer(x)
    a, w, b = (rounded(one, "float8_e4m3fn").float() for one in (x, layer.weight, layer.bias))
    expected = torch.nn.functional.linear(a, w, b).double()
    off = (found.double() - expected).abs()
    assert (off <= 2.0**-8 * expected.abs() + 1e-6).all()
    assert torch.equal(rounded(found, "bfloat16"), found.double())


def test_blocks_leave_biases():
    layer, x = nn.Linear(64, 3), torch.randn(5, 64)
    nn.init.constant_(layer.bias, 1e-3)
    with emulated(layer, "mxfp4_e2m1"):
        found = layer(x)
    a, w = rounded(x, "mxfp4_e2m1"), rounded(layer.weight, "mxfp4_e2m1")
    torch.testing.assert_close(found, (a @ w.T + layer.bias.detach().double()).float())


def test_stochastic_rounding_has_the_right_mean():
    """Of 20,000 rows at 6 standard deviations: 2e-9 for each of 3 outputs.

    Weights are numbers of the format: they are drawn once a call, with errors common to all rows.
    """
    layer, x = nn.Linear(16, 3).double(), torch.randn(1, 16, dtype=torch.float64)
    for one in layer.parameters():
        one.data = rounded(one.data, "m4")
    with emulated(layer, "m4", "stochastic", torch.Generator().manual_seed(1)):
        found = layer(x.expand(20_000, -1))
    assert found.std(0).min() > 0.01
    off = (found.mean(0) - layer(x)[0].detach()).abs()
    assert (off <= 6 * found.std(0) / 20_000**0.5).all()


@pytest.mark.parametrize(
    ("module", "message"),
    [
        (nn.Sequential(nn.LSTM(2, 2)), "0 (LSTM) cannot be emulated"),
        (nn.MultiheadAttention(4, 2), "the module (MultiheadAttention) cannot be emulated"),
        (nn.Sequential(nn.ConvTranspose2d(2, 2, 2)), "0 (ConvTranspose2d) cannot be emulated"),
        (type("Own", (nn.Linear,), {"forward": lambda s, x: x})(2, 2), "a forward of its own"),
    ],
)
def test_modules_that_are_refused(module: nn.Module, message: str):
    with pytest.raises(ValueError, match="cannot be emulated") as caught, emulated(module, "m7"):
        pass
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_is_refused():
    layer = nn.Linear(3, 2)
    with pytest.raises(ValueError, match="unknown format 'fp8': give bfloat16"):
        emulated(layer, "fp8").__enter__()
    with pytest.raises(ValueError, match="an Arithmetic has its own"):
        emulated(layer, Arithmetic(), "truncation").__enter__()
    with emulated(layer, "m7"), pytest.raises(ValueError, match="4 features for a layer of 3"):
        layer(torch.ones(2, 4))
    convolution = nn.Conv1d(3, 2, 1)
    with emulated(convolution, "m7"):
        with pytest.raises(ValueError, match="4 channels for a layer of 3"):
            convolution(torch.ones(2, 4, 5))
        with pytest.raises(ValueError, match="4 axes for a convolution over 1"):
            convolution(torch.ones(2, 3, 5, 5))
