"""Claims that were judged before are found again, where their key says all they follow from."""

import dataclasses
import importlib
from pathlib import Path

import pytest

from sim.engine.store import Store
from tests.validate import toy
from tests.validate.run.test_runner import Inline
from validate.registry import Claim
from validate.results.records import Results
from validate.run.claim_progress import Options
from validate.run.kept_claims import JudgedClaims
from validate.run.opened_files import opened_files
from validate.run.runner import Runner

built: list[str] = []


def plain_coins():
    built.append("plain_coins")
    return toy.body()


def broken_coins():
    return toy.body(broken=1)


def coins_of_a_file():
    built.append("coins_of_a_file")
    Path(__file__).with_name("__init__.py").read_text()
    return toy.body(rate=float(COINS.read_text()))


def declared(monkeypatch: pytest.MonkeyPatch, build, **named) -> Claim:
    """A claim as a module has it: its builder's name is the claim."""
    made = dataclasses.replace(toy.claim(), build=build, **named)
    monkeypatch.setattr(f"{__name__}.{build.__name__}", made)
    return made


COINS = Path("set by the test")


def run(folder: Path, claim: Claim, **options) -> Results:
    built.clear()
    chosen = Options(**options)
    with Store(folder / "results.sqlite") as store:
        before = JudgedClaims(store, chosen)
        return Runner([claim], chosen, store, Inline(), judged_before=before).results()


def test_a_judged_claim_is_not_built_again_and_says_the_same(tmp_path, monkeypatch):
    claim = declared(monkeypatch, plain_coins)
    first = run(tmp_path, claim)
    assert built
    second = run(tmp_path, claim)
    assert not built
    assert second.claims == first.claims
    assert second.run.reused == first.run.computed > 0
    assert second.run.same_as(first.run)
    assert second.run.decisions == first.run.decisions


@pytest.mark.parametrize("options", [{"seed": 1}, {"alpha": 0.02}, {"budget": "standard"}])
def test_other_options_are_judged(tmp_path, monkeypatch, options):
    claim = declared(monkeypatch, plain_coins)
    run(tmp_path, claim)
    run(tmp_path, claim, **options)
    assert built


def test_a_claim_whose_blocks_are_gone_is_judged(tmp_path, monkeypatch):
    claim = declared(monkeypatch, plain_coins)
    run(tmp_path, claim)
    with Store(tmp_path / "results.sqlite") as store:
        store._database.execute("DELETE FROM results WHERE experiment = ?", (toy.Coins.name,))
    assert run(tmp_path, claim).run.computed > 0
    assert built


def test_edited_code_is_judged(tmp_path, monkeypatch):
    claim = declared(monkeypatch, plain_coins)
    run(tmp_path, claim)
    monkeypatch.setattr("validate.run.kept_claims.digest", lambda sources: "of other source")
    run(tmp_path, claim)
    assert built


def test_a_builder_made_by_a_function_is_judged_every_time(tmp_path):
    for rate in (0.0, 1.0):
        result = run(tmp_path, toy.claim(rate=rate, positive_rate=0.0))
        assert result.claims[0].observations[0].measured == rate


def test_an_error_is_not_kept(tmp_path, monkeypatch):
    claim = declared(monkeypatch, broken_coins)
    run(tmp_path, claim)
    with Store(tmp_path / "results.sqlite") as store:
        assert JudgedClaims(store, Options()).find(claim) is None


def test_a_claim_that_reads_a_file_says_which_or_is_judged_every_time(tmp_path, monkeypatch):
    file = tmp_path / "rate.txt"
    monkeypatch.setattr(f"{__name__}.COINS", file)
    file.write_text("0.0")
    silent = declared(monkeypatch, coins_of_a_file)
    for _ in range(2):
        run(tmp_path, silent)
        assert built
    monkeypatch.undo()
    monkeypatch.setattr(f"{__name__}.COINS", file)
    telling = declared(monkeypatch, coins_of_a_file, reads=file.read_text)
    run(tmp_path, telling)
    run(tmp_path, telling)
    assert not built
    file.write_text("0.5")
    run(tmp_path, telling)
    assert built


def test_a_damaged_record_is_judged_anew(tmp_path, monkeypatch):
    claim = declared(monkeypatch, plain_coins)
    first = run(tmp_path, claim)
    with Store(tmp_path / "results.sqlite") as store:
        kept = JudgedClaims(store, Options())
        store.put(kept._key(claim), "judged claim", [{"result": {}}], 0.0)
    assert run(tmp_path, claim).claims == first.claims
    assert built


def test_source_and_libraries_are_no_inputs(tmp_path):
    opened: set[str] = set()
    (tmp_path / "data.csv").write_text("1")
    with opened_files(opened):
        Path(__file__).read_text()
        Path(pytest.__file__).read_text()
        (tmp_path / "data.csv").read_text()
    (tmp_path / "data.csv").read_text()
    assert opened == {str(tmp_path / "data.csv")}


def test_compiling_what_a_claim_imports_is_no_reading(tmp_path, monkeypatch):
    """Else nothing is kept in the first run of a clone, when Python writes its compiled files."""
    (tmp_path / "just_written.py").write_text("VALUE = 1\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr("sys.dont_write_bytecode", False)
    opened: set[str] = set()
    with opened_files(opened):
        importlib.import_module("just_written")
    assert list(tmp_path.glob("__pycache__/just_written.*.pyc"))
    assert not opened
