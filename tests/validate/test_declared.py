"""What is declared of claims is read without importing their modules; what cannot be is refused."""

import re
import sys
from pathlib import Path

import pytest

from validate import registry
from validate.declared import DeclarationError, declarations
from validate.registry import MADE_OF, Reading, claims

LIGHT = "PAPER = 'a paper'\n"
SAID = """
import no_such_module
from validate.registry import Reading, claim, family

FIGURE = "Fig. {n}"

def files():
    return "content"

family("toys", title="Toys", place=1)

@claim(
    "toys.one",
    title="One" " toy",
    source=f"{SOURCE}, p. 1",
    statement=FIGURE.format(n="2"),
    place=2.5,
    shares=3,
    readings=(Reading("Text.", where="here"),),
    reads=files,
)
def one():
    ...

def files():
    return "content"
"""


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Writes modules of a package of their own."""
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "declaring").mkdir()
    (tmp_path / "declaring" / "__init__.py").touch()

    def write(name: str, text: str) -> str:
        (tmp_path / "declaring" / f"{name}.py").write_text(text)
        return f"declaring.{name}"

    yield write
    for name in [one for one in sys.modules if one.split(".")[0] == "declaring"]:
        del sys.modules[name]


def test_a_module_is_read_and_not_imported(module):
    name = module("toys", SAID.replace("{SOURCE}", "A book"))
    about, made = declarations(name, MADE_OF)
    assert (about.what, about.id, about.said) == ("family", "toys", {"title": "Toys", "place": 1})
    reads = made.said.pop("reads")
    assert made.said == {
        "title": "One toy",
        "source": "A book, p. 1",
        "statement": "Fig. 2",
        "place": 2.5,
        "shares": 3,
        "readings": (Reading("Text.", where="here"),),
    }
    assert name not in sys.modules
    with pytest.raises(ModuleNotFoundError):
        reads()


def test_a_claim_is_built_by_importing_its_module(module):
    text = SAID.replace("import no_such_module", LIGHT).replace("SOURCE", "PAPER")
    name = module("built", text.replace("    ...", "    return 'the body'"))
    _, made = declarations(name, MADE_OF)
    assert made.said["source"] == "a paper, p. 1"
    assert (made.build.__module__, made.build.__qualname__) == (name, "one")
    assert (made.build(), made.said["reads"]()) == ("the body", "content")


@pytest.mark.parametrize("argument", ["1 + 1", "print('x')", "unknown", "[x for x in 'ab']"])
def test_what_is_not_written_out_is_refused(module, argument: str):
    name = module("odd", f"@claim('toys.odd', title={argument})\ndef odd():\n    ...\n")
    with pytest.raises(DeclarationError, match=r"^odd\.py, line 1: .* is not written out"):
        list(declarations(name, MADE_OF))


def test_read_and_imported_declarations_are_the_same():
    """The claims that are listed are those that the modules make when they are imported."""
    for one in claims():
        made = getattr(__import__(one.build.__module__, fromlist=["x"]), one.build.__qualname__)
        for name in ("id", "title", "source", "statement", "tier", "may_disagree", "contradicts"):
            assert getattr(made, name) == getattr(one, name), f"{one.id}: {name}"
        assert (made.place, made.readings, made.shares) == (one.place, one.readings, one.shares)


def test_an_id_is_declared_once():
    register = {one.id: one for one in claims()}
    with pytest.raises(ValueError, match=re.escape("condensation.bound-1d is declared twice")):
        registry.add(register, registry.select(("condensation.bound-1d",))[0])
