"""`--seeds`: one table of verdicts, the results of each seed in a folder, one exit status."""

import json
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from tests.validate import toy
from tests.validate.run.test_runner import run
from validate.__main__ import cli
from validate.command.running import run_claims
from validate.command.seeds import as_data, at_seeds, folder_of, seeds_of, verdicts_of
from validate.results.guarantee import CONDITION
from validate.results.records import Results, Verdict
from validate.run.plan import PlannedClaim
from validate.run.plan import at_seeds as plans_at_seeds


def parsed(text: str | None) -> tuple[int, ...]:
    option = click.Option(["--seeds"])
    return seeds_of(click.Context(click.Command("run")), option, text)


def test_seeds_are_read_in_their_order():
    assert parsed("0,1,2") == (0, 1, 2)
    assert parsed(" 7, 3") == (7, 3)
    assert parsed(None) == ()


@pytest.mark.parametrize("text", ["", "0,,1", "-1", "1.5", "a", "1,1", "²"])
def test_what_is_no_list_of_seeds_is_refused(text):
    with pytest.raises(click.BadParameter):
        parsed(text)


@pytest.fixture
def runs(tmp_path) -> dict[int, Results]:
    """Coins that keep the claim at seed 0, break it at 1 and 2; others are the same at all."""
    kept, broken, same = toy.claim(), toy.claim(rate=0.5, positive_rate=0.0), toy.claim("toy.same")
    return {
        seed: run(tmp_path / str(seed), one, same, seed=seed)
        for seed, one in ((0, kept), (1, broken), (2, broken))
    }


def test_verdicts_are_told_by_claim_and_seed(runs, tmp_path, capsys):
    found = verdicts_of(runs)
    assert found["toy.coins"] == {0: Verdict.AGREE, 1: Verdict.DISAGREE, 2: Verdict.DISAGREE}
    assert set(found["toy.same"].values()) == {Verdict.AGREE}
    data = as_data(runs, tmp_path)
    assert data["seeds"] == [0, 1, 2]
    assert [claim["same"] for claim in data["claims"]] == [False, True]
    assert data["claims"][0]["verdicts"]["1"] == "DISAGREE"
    made = at_seeds((0, 1, 2), lambda seed, out: runs[seed], tmp_path, False, False)
    assert made == list(runs.values())
    printed = " ".join(capsys.readouterr().out.split())
    assert "1 of 2 claims have the same verdict at every seed" in printed
    assert "AGREE against DISAGREE: toy.coins" in printed
    assert f"most 3 × 0.01, {CONDITION}" in printed
    assert json.loads((tmp_path / "seeds.json").read_text(encoding="utf-8")) == data


def test_json_is_the_same_data(runs, tmp_path, capsys):
    at_seeds((0, 1, 2), lambda seed, out: runs[seed], tmp_path, True, True)
    assert json.loads(capsys.readouterr().out) == as_data(runs, tmp_path)


@pytest.mark.usefixtures("trained_here")
def test_each_seed_has_a_folder_and_is_run_once(tmp_path, capsys):
    """A real run of a cheap claim; the second one finds everything."""
    from validate.registry import select

    options = {
        "out": tmp_path, "workers": 1, "executor": "local", "scheduler": None, "as_json": True,
        "dry_run": False, "fail_on": (), "verbose": False, "budget": "quick", "seed": 0,
        "alpha": 0.01, "device": "cpu",
    }  # fmt: skip
    for computed in (True, False):
        with pytest.raises(SystemExit) as exit_:
            run_claims(select(("batchnorm.coordinate",)), seeds=(3, 4), **options)
        assert exit_.value.code == 0
        data = json.loads(capsys.readouterr().out)
        assert data["claims"][0]["verdicts"] == {"3": "AGREE", "4": "AGREE"}
        for seed in (3, 4):
            one = Path(data["results"][str(seed)])
            assert one.parent == folder_of(seed, tmp_path)
            record = json.loads(one.read_text(encoding="utf-8"))["run"]
            assert record["seed"] == seed
            assert bool(record["computed"]) is computed
            assert (one.parent / "report.pdf").read_bytes().startswith(b"%PDF")


@pytest.mark.parametrize(("fail_on", "status"), [((), 0), (("disagree",), 1)])
def test_the_exit_status_is_that_of_the_worst_seed(runs, tmp_path, monkeypatch, fail_on, status):
    """As for one seed, over all of them."""
    monkeypatch.setattr("validate.command.seeds.at_seeds", lambda *_: list(runs.values()))
    with pytest.raises(SystemExit) as exit_:
        run_claims(
            (toy.claim(),), out=tmp_path, workers=1, executor="local", scheduler=None,
            as_json=False, dry_run=False, fail_on=fail_on, verbose=False, seeds=(0, 1, 2),
            budget="quick", seed=0, alpha=0.01, device="cpu",
        )  # fmt: skip
    assert exit_.value.code == status


def test_plans_of_all_seeds_are_added_up():
    one = PlannedClaim(id="a", looks=(64,), blocks=2, stored=1, seconds=1.0)
    (both,) = plans_at_seeds([[one], [one]])
    assert (both.blocks, both.stored, both.seconds, both.looks) == (4, 2, 2.0, (64,))


def test_the_option_is_there():
    for command in ("all", "run"):
        shown = CliRunner().invoke(cli, [command, "--help"]).output
        assert "seed-S of --out" in " ".join(shown.split())
