"""Names of torch callables with arguments: literals are read, nothing is evaluated."""

import pytest
import torch

from sim.activation.torch_arguments import Named, named
from sim.activation.torch_callable import resolve
from theory.symbolic.functions import ActivationError


def test_parts_of_a_name():
    assert named("torch.nn:GELU") == Named("torch.nn", "GELU", (), {}, called=False)
    given = named('my.own:Outer.Inner(-0.5, "a(b", key=[1, None], flag=True)')
    assert given == Named(
        *("my.own", "Outer.Inner", (-0.5, "a(b")), {"key": [1, None], "flag": True}, called=True
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("torch.nn:PReLU(init=__import__('os'))", "\"__import__('os')\" is no literal"),
        ("torch.nn:PReLU(init=1+1)", "'1+1' is no literal"),
        ("torch.nn:PReLU(init=x)", "'x' is no literal"),
        ("torch.nn:PReLU(init=f'{1}')", "is no literal"),
        ("torch.nn:PReLU(*[1])", "no * or **"),
        ("torch.nn:PReLU(**{'init': 1})", "no * or **"),
        ("torch.nn:PReLU(init=0.1", "what stands in brackets are literals"),
        ("torch.nn:PReLU(0.1)(0.2)", "brackets are opened once"),
        ("torch.nn:PReLU(0.1) + f(2)", "brackets are opened once"),
        ("torch.nn:PReLU(0.1); f(2)", "what stands in brackets are literals"),
        ("torch.nn:PReLU(" + "(" * 300 + ")" * 300 + ")", "in brackets are literals"),
        ("torch.nn:PReLU(\n1)", "no name of the form"),
        ("torch.nn:PReLU(" + "9" * 2000 + ")", "no name of the form"),
        ("torch.nn:ELU(bogus=1)", "cannot be created with these arguments: TypeError"),
        ("torch.nn.functional:leaky_relu(0.2)", "given by their keywords"),
        ("torch.nn.functional:leaky_relu()", "given by their keywords"),
        ("subprocess:Popen(['touch', 'made'])", "to torch modules and functions alone"),
    ],
)
def test_refused_in_one_line_and_nothing_is_run(text: str, message: str, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ActivationError) as caught:
        resolve(text)
    assert message in str(caught.value)
    assert str(caught.value).isprintable()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("torch.nn:LeakyReLU(0.5)", -1.0),
        ("torch.nn:PReLU(init=0.25)", -0.5),
        ("torch.nn:Hardtanh(min_val=-1.5, max_val=2)", -1.5),
        ("torch.nn.functional:leaky_relu(negative_slope=0.125)", -0.25),
    ],
)
def test_arguments_reach_the_function(text: str, value: float):
    found = resolve(text)
    assert (found.importable, found.name) == (True, text)
    assert float(found.value_only(torch.tensor([-2.0]).double())) == value
