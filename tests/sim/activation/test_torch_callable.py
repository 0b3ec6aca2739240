"""Torch callables as activations: what is found by name, what is refused, σ and σ'."""

import subprocess
import sys
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F  # noqa: N812

from sim.activation.compiled import compile
from sim.activation.numerical import analyze_callable
from sim.activation.sigma import sigma_of
from sim.activation.torch_callable import TorchCallable, in_hand, resolve
from sim.condensation.lost_digits import lost_digits
from theory.symbolic.activation import ActivationError, activation
from theory.symbolic.leading_part import LeadingPart

Z = torch.linspace(-3, 3, 25, dtype=torch.float64).reshape(5, 5)

MODULE = """
import os, sys, torch, torch.nn.functional as F
print("printed at import")
value = 3.0
def cubic(x): print("printed in a call"); return x**2 * torch.tanh(x)
def softmax(x): return F.softmax(x, -1)
def normalized(x): return x / x.norm()
def dropout(x): return F.dropout(x, 0.5, training=True)
def single(x): return x.float()
def summed(x): return x.sum(-1)
def array(x): return x.numpy()
def two(x, y): return x + y
def inverse(x): return 1 / x
def undefined(x): return torch.sin(x) / x
def root(x): return x.sqrt()
def leaves(x): sys.exit("bye")
def detached(x): return x.detach().tanh()
def straight_through(x): return x.sign().detach() + x - x.detach()
class Slopeless(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x): return torch.tanh(x)
    @staticmethod
    def backward(ctx, g): return g * float("nan")
def slopeless(x): return Slopeless.apply(x)
def forks(x):
    if not (child := os.fork()): os._exit(0)
    os.waitpid(child, 0)
    return torch.tanh(x)
class Needs(torch.nn.Module):
    def __init__(self, a): super().__init__()
class Outer:
    class Inner(torch.nn.Module):
        def forward(self, x): return x + torch.sin(x) ** 2
"""


@pytest.fixture(scope="module", autouse=True)
def folder(tmp_path_factory):
    """A folder of modules that can be imported."""
    made: Path = tmp_path_factory.mktemp("modules")
    (made / "tc_functions.py").write_text(MODULE)
    (made / "tc_raises.py").write_text("raise ValueError('two\\n lines \\x1b[31m')")
    (made / "tc_exits.py").write_text("import sys; sys.exit(3)")
    (made / "tc_syntax.py").write_text("def f(:")
    sys.path.insert(0, str(made))
    yield made
    sys.path.remove(str(made))


@pytest.mark.parametrize(
    ("name", "expression"),
    [
        ("torch:tanh", "tanh(x)"),
        ("torch:relu_", "relu(x)"),
        ("torch.nn:Mish", "mish(x)"),
        ("torch.nn:PReLU", "leaky_relu(x, 1/4)"),
        ("torch:nn.functional.gelu", "gelu(x)"),
        ("torch.nn:Identity", "x"),
        ("torch:zeros_like", "0*x"),
        ("tc_functions:cubic", "x**2*tanh(x)"),
        ("tc_functions:Outer.Inner", "x+sin(x)**2"),
    ],
)
def test_values_and_derivatives(name: str, expression: str):
    found, exact = resolve(name), compile(activation(expression))
    assert found.importable
    z = Z.clone()
    for mine, of in zip(found(z), exact(z), strict=True):
        torch.testing.assert_close(mine, of, rtol=1e-12, atol=1e-12)
        assert not mine.requires_grad
    torch.testing.assert_close(found.value_only(z), exact.value_only(z), rtol=1e-12, atol=1e-12)
    assert torch.equal(z, Z)
    assert {part.dtype for part in found(z.float())} == {torch.float32}
    with torch.inference_mode():
        torch.testing.assert_close(found(z)[1], exact(z)[1], rtol=1e-12, atol=1e-12)


def test_nothing_is_printed_on_standard_output(capsys):
    resolve.cache_clear()
    sys.modules.pop("tc_functions", None)
    resolve("tc_functions:cubic")(Z)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == "printed at import\n"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("tanh", "no name of the form"),
        ("os;x:y", "no name of the form"),
        ("__import__('os'):x", "no name of the form"),
        ("tc_missing.sub:f", "importing tc_missing.sub failed: ModuleNotFoundError"),
        ("tc_raises:f", "importing tc_raises failed: ValueError: two lines"),
        ("tc_exits:f", "importing tc_exits failed: SystemExit: 3"),
        ("tc_syntax:f", "importing tc_syntax failed: SyntaxError"),
        ("tc_functions:missing", "tc_functions has no missing"),
        ("tc_functions:value", "is not callable but a float"),
        ("torch.nn:functional", "is not callable but a module"),
        (
            "tc_functions:Needs",
            "cannot be created without arguments (give them as in",
        ),
        ("tc_functions:two", "fails on a float64 tensor: TypeError"),
        ("tc_functions:leaves", "fails on a float64 tensor: SystemExit: bye"),
        ("tc_functions:softmax", "an output depends on other elements"),
        ("torch.nn:Softmax", "an output depends on other elements"),
        ("tc_functions:normalized", "an output depends on other elements"),
        ("tc_functions:dropout", "is random"),
        ("tc_functions:single", "gives torch.float32 for torch.float64"),
        ("torch.fft:fft", "gives torch.complex128"),
        ("tc_functions:summed", "shape (4, 3, 5) becomes (4, 3)"),
        ("tc_functions:array", "gives a ndarray, not a tensor"),
        ("builtins:print", "gives a NoneType, not a tensor"),
        ("tc_functions:inverse", "is not finite at 0"),
        ("tc_functions:undefined", "is not finite at 0"),
        ("tc_functions:root", "is not finite near 0"),
        ("tc_functions:detached", "is not differentiable by autograd"),
        ("torch.special:bessel_j0", "is not differentiable by autograd"),
        ("tc_functions:slopeless", "has no finite derivative by autograd at"),
        ("tc_functions:forks", "starts a process when it is called"),
        ("tc_functions:straight_through", "derivative is not the one that autograd gives"),
    ],
)
def test_refused_in_one_line(name: str, message: str):
    with pytest.raises(ActivationError) as caught:
        resolve(name)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("error", [RuntimeError("too\nmany"), SystemExit(3)], ids=repr)
def test_what_fails_in_the_analysis_only_is_one_line(error: BaseException):
    def few(x: torch.Tensor) -> torch.Tensor:
        if x.numel() > 60:
            raise error
        return x.tanh()

    with pytest.raises(ActivationError, match=r"few fails on a float64 tensor of \d+ numbers"):
        analyze_callable(in_hand(few))


FORKS_ONCE = """
import os, sys, torch
from sim.activation.torch_callable import in_hand
calls, at = [], int(sys.argv[1])
def forks(x):
    calls.append(1)
    if len(calls) == at: os.fork()
    return torch.tanh(x)
try:
    in_hand(forks)(torch.ones(2))
except Exception as error:
    print(error, flush=True)
print("the end")
"""


@pytest.mark.parametrize(
    ("call", "message"),
    [(60, "forks starts a process when it is called"), (78, "a call starts a process")],
    ids=["in the check", "later"],
)
def test_a_process_that_is_forked_in_a_call_ends_there(call: int, message: str):
    command = [sys.executable, "-c", FORKS_ONCE, str(call)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.stdout == f"{message}\nthe end\n", done.stderr


def test_callables_in_hand_get_the_name_by_which_they_can_be_imported():
    assert in_hand(F.mish).name == "torch.nn.functional:mish"
    assert in_hand(F.mish).importable
    assert in_hand(torch.tanh).name == "torch:tanh"
    assert in_hand(torch.nn.Mish).importable
    module = in_hand(torch.nn.GELU("tanh"))
    assert (module.name, module.short) == ("GELU(approximate='tanh')", "GELU")
    assert not module.importable
    assert not in_hand(lambda x: torch.tanh(x)).importable
    assert in_hand(module) is module
    with pytest.raises(ActivationError, match="random"):
        in_hand(lambda x: F.dropout(x))


def test_a_module_in_hand_is_not_changed():
    module = torch.nn.PReLU(init=0.1)
    found = in_hand(module)
    with torch.no_grad():
        module.weight.fill_(0.5)
    assert float(found.value_only(torch.tensor([-1.0]).double())) == pytest.approx(-0.1)
    assert module.weight.dtype == torch.float32
    assert module.weight.requires_grad
    assert module.training


def test_the_derivative_is_zero_where_it_is_undefined_at_zero():
    function = TorchCallable(lambda x: torch.exp(-1 / x**2), "flat")
    assert float(function(torch.zeros(1).double())[1]) == 0


def test_lost_digits_are_seen():
    naive = analyze_callable(in_hand(lambda x: 1 - torch.cos(x)))
    part = LeadingPart(2, 0.5, 0.5)
    assert lost_digits(sigma_of(naive), part, 0.0, 1e-4) is None
    assert "lost its digits" in str(lost_digits(sigma_of(naive), part, 0.0, 1e-8))
    stable = compile(activation("1-cos(x)"))
    assert lost_digits(stable, part, 0.0, 1e-8) is None
