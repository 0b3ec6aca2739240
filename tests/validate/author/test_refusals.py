"""Faults of an author's file: each is one line with the file and the line that is at fault."""

import importlib
from pathlib import Path

import pytest

from tests.validate.author.written import CHECK, claims_in, run, text
from validate.author.faults import AuthorError
from validate.author.loading import claims_of_files
from validate.results.records import Verdict

CHECKED = "theory.check("
REFUSED = {
    "no margin": ({"margin": ""}, CHECKED, "a margin and its reason are needed"),
    "no reason": ({"margin": "Margin(0.1, ' ')"}, "Margin(", "a margin needs a written reason"),
    "negative margin": ({"margin": "Margin(-1, 'why')"}, "Margin(", "no number of at least 0"),
    "no wrong law": ({"wrong": "{}"}, CHECKED, "at least one wrong law"),
    "no experiment control": ({"wrong_experiment": ""}, CHECKED, "an experiment control is needed"),
    "no meaning": ({"given": "(Given(M, 'size', ''),)"}, "Given(", "needs a meaning in words"),
    "a symbol without a meaning": ({"given": "()"}, CHECKED, "the symbol m has no meaning"),
    "of a wrong law": ({"wrong": "{'t': sp.Symbol('t')}"}, CHECKED, "wrong law 't': the symbol t"),
    "no source": (
        {"given": "(Given(M, None, 'a constant'),)"},
        CHECKED,
        "no setting or measured number gives the symbol m",
    ),
    "a control that is near": (
        {"wrong": "{'nearly': M + 0.15}"},
        CHECKED,
        "tell the control 'nearly' apart: it is at most 0.15 away from the law, and twice the "
        "margin 0.1 is needed; at small the law says 4 and the control 4.15",
    ),
    "a weaker bound": ({"wrong": "{'more': M + 1}, bound=True"}, CHECKED, "'more' apart"),
    "nothing is trained": ({"on": "{}"}, CHECKED, "on: there is no simulation"),
    "another law there": (
        {"wrong_experiment": "{'size 5': Noise(size=5)}"},
        CHECKED,
        "wrong_experiment 'size 5': for its settings the law says 5, which is claimed nowhere",
    ),
    "the claim's own": (
        {"wrong_experiment": "{'x': Noise()}"},
        CHECKED,
        "wrong_experiment 'x' is the simulation 'small' of on: nothing is wrong with it",
    ),
    "a bound that holds of few": (
        {"wrong": "{'half': M / 2}, bound=0.9"},
        CHECKED,
        "bound: 0.9 is the share of replicates that may exceed the law",
    ),
    "no finite law": ({"wrong": "{'none': 1 / (M - 4)}"}, CHECKED, "no finite value at m = 4"),
    "an equal pair": (
        {"on": "{'twice': (Noise(), Noise())}, ordering=True"},
        CHECKED,
        "an ordering is of two different simulations: both are Noise(",
    ),
    "a pair without an order": (
        {
            "on": "{'tie': (Noise(), Noise(shift=1.0))}, ordering=True",
            "wrong_experiment": "{'small': (Noise(size=2), Noise(size=3))}",
        },
        CHECKED,
        "law: it is 4 for both of a pair, and gives no order",
    ),
    "another axis": (
        {"on": "Noise(), exponent=Power('shift', (1.0, 2.0))", "given": "(Given(M, None, 'c'),)"},
        CHECKED,
        "gives m, nor cancels it; no symbol stands for the setting 'shift' of Power",
    ),
    "two kinds": ({"on": "Noise(), curve=True, count=True"}, CHECKED, "not of curve and count"),
    "a list": ({"on": "{'a': Noise(grid=[1.0])}"}, CHECKED, "grid of Noise is a list"),
    "a name that hides": ({"on": "{'a': Hidden()}"}, CHECKED, "the setting cost of Hidden hides"),
    "no text": ({"statement": "''"}, CHECKED, "needs a statement in words"),
}


@pytest.mark.parametrize("fault", REFUSED)
def test_what_is_missing_is_refused_with_its_line(tmp_path: Path, fault: str):
    changed, at, message = REFUSED[fault]
    written = text(**changed)
    line = 1 + written[: written.index(at)].count("\n")
    assert_refused(tmp_path, written, line, message)


def assert_refused(folder: Path, written: str, line: int, message: str) -> None:
    with pytest.raises(AuthorError) as refused:
        claims_in(folder, written)
    said = str(refused.value)
    assert said.startswith(f"{folder / 'noise.py'}:{line}: ")
    assert message in said
    assert "\n" not in said


PLAIN = text(on="Noise()", wrong_experiment="{'the same': Noise()}")
SIGNED = text().replace("def measure(self, rng)", "def measure(ARGUMENTS)")
FAULTY = {
    "syntax": ("\n\ndef law(:\n", 3, "SyntaxError"),
    "import": ("import numpy\nimport nothing_of_that_name\n", 2, "ModuleNotFoundError: No module"),
    "while loaded": ("x = 1\n\n\n1 / 0\n", 4, "ZeroDivisionError: division by zero"),
    "ends the program": ("import sys\nsys.exit(3)\n", 2, "ends the program"),
    "no theory": ("x = 1\n", 1, "there is no Theory in it"),
    "no law": (text().replace("law=law", "law=lambda: ()"), 30, "the last formula is None"),
    "no check": (text(check=""), 29, "checks nothing"),
    "an id of ours": (text().replace('Theory("noise"', 'Theory("batchnorm"'), 29, "is taken"),
    "not frozen": (PLAIN.replace("@dataclass(frozen=True)", ""), 36, "@dataclass(frozen=True)"),
    "no dataclass": (
        text().replace("@dataclass(frozen=True)\nclass Noise", "class Noise"),
        35,
        "Noise lacks @dataclass(frozen=True)",
    ),
    "no self": (SIGNED.replace("ARGUMENTS", "rng"), 16, "write def measure(self, rng)"),
    "no rng": (SIGNED.replace("ARGUMENTS", "self"), 16, "write def measure(self, rng)"),
    "static": (
        text().replace("    def measure", "    @staticmethod\n    def measure"),
        16,
        "write def measure(self, rng)",
    ),
    "no measure": (text().replace("def measure", "def measured"), 30, "has no measure(self, rng)"),
}


@pytest.mark.parametrize("fault", FAULTY)
def test_a_file_that_cannot_be_loaded_is_refused_with_its_line(tmp_path: Path, fault: str):
    assert_refused(tmp_path, *FAULTY[fault])


def test_a_fault_in_a_module_beside_it_is_told_there(tmp_path: Path):
    (tmp_path / "helper_with_fault.py").write_text("\nraise ValueError('half done')\n")
    with pytest.raises(AuthorError, match=r"helper_with_fault\.py:2: ValueError: half done"):
        claims_in(tmp_path, "import helper_with_fault\n")


def test_a_namesake_of_a_module_beside_it_is_not_taken_for_it(tmp_path: Path):
    """The second file would get the first one's module, and nobody could tell."""
    for name in ("first", "second"):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "helper_of_two.py").write_text(f"WHOSE = '{name}'\n")
        (folder / "noise.py").write_text("import helper_of_two\n" + text())
    assert claims_of_files([str(tmp_path / "first/noise.py")])
    with pytest.raises(AuthorError, match="imports helper_of_two, and got"):
        claims_of_files([str(tmp_path / "second/noise.py")])


def test_two_files_may_not_have_claims_of_one_id(tmp_path: Path):
    for name in ("one.py", "other.py"):
        claims_in(tmp_path, text(), name)
    with pytest.raises(
        AuthorError, match=r"other\.py:29: the id 'noise' is taken, at .*one\.py:29"
    ):
        claims_of_files([str(tmp_path / "one.py"), str(tmp_path / "other.py")])


def test_more_shares_of_α_than_a_book_has_are_refused(tmp_path: Path, monkeypatch):
    """Two checks of five shares each, in a book of nine: ours are not counted with them."""
    monkeypatch.setattr("validate.book.SHARES", 9)
    two = CHECK + CHECK.replace('"mean",\n    st', '"again",\n    st')
    with pytest.raises(AuthorError, match=r"noise\.again: it asks for shares 6 to 10"):
        claims_in(tmp_path, text(check=two))


FAILING = {
    "NaN": ("float('nan')", "replicate 0: 'mean' is nan, and no finite number"),
    "other names": (
        "0.0, 'x' if rng.random() < 0.5 else 'y': 1.0",
        "and replicate 0 'mean', ",
    ),
    "another shape": ("np.zeros(1 + int(rng.integers(2)))", "'mean' has the shape (2,), and"),
    "text": ("'many'", "'mean' is 'many', and no number"),
    "the name of a setting": ("0.0, 'size': 1.0", "'size' is measured, and the name of a setting"),
    "the end": ("__import__('sys').exit(0)", "noise.py:16: it ends the program"),
    "an exception": ("self.nothing", "AttributeError: 'Noise' object has no attribute 'nothing'"),
}


@pytest.mark.parametrize("fault", FAILING)
def test_a_simulation_that_fails_is_an_error_of_its_claim_with_its_line(tmp_path: Path, fault: str):
    mean, message = FAILING[fault]
    (result,) = run(tmp_path, claims_in(tmp_path, text(mean=mean))).claims
    assert result.verdict is Verdict.ERROR
    assert message in result.reason
    assert "noise.py:" in result.reason
    assert "\n" not in result.reason


def test_a_name_that_is_not_measured_is_an_error_with_what_is(tmp_path: Path):
    (result,) = run(tmp_path, claims_in(tmp_path, text(observe="'median'"))).claims
    assert result.verdict is Verdict.ERROR
    assert "there is no 'median', measured is 'mean'" in result.reason
    assert "noise.py:30" in result.reason


def test_a_symbol_that_nothing_gives_is_refused_before_anything_runs(tmp_path: Path):
    """It is no setting: whether it is measured is told by a trial."""
    (claim,) = claims_in(tmp_path, text(given="(Given(M, 'sise', 'size'),)"))
    with pytest.raises(AuthorError, match=r"noise\.py:30: law: .* no 'sise' among block, size"):
        claim.build()


def test_a_file_may_have_the_name_of_a_library_and_hides_nothing(tmp_path: Path):
    import random

    (claim,) = claims_in(tmp_path, text(), "random.py")
    (simulation,) = {one.name for one in claim.build().grid}
    assert simulation == "random.Noise"
    assert importlib.import_module("random") is random


def test_settings_by_place_are_those_of_the_author(tmp_path: Path):
    """And not the number of replicates that are trained together, which every simulation has."""
    (claim,) = claims_in(tmp_path, text(on="{'small': Noise(4), 'large': Noise(9)}"))
    assert {one.size for one in claim.build().grid} == {4, 9}


def test_a_single_symbol_needs_no_tuple(tmp_path: Path):
    given = {"given": "Given(M, 'size', 'size of the noise')"}
    alone, in_tuple = (claims_in(tmp_path, text(**one))[0].build() for one in (given, {}))
    assert alone.decisions[0].prediction == in_tuple.decisions[0].prediction
