"""What a claim needs before it may give verdicts."""

import dataclasses
import json
import subprocess
import sys

import pytest
from click.testing import CliRunner

from tests.validate import toy
from theory.condensation.forms.leading_form import Geometry
from theory.condensation.laws import orientations_prediction
from theory.prediction import Identity, Value
from validate.__main__ import cli
from validate.claim import Body, Outcome, Role, Unit
from validate.registry import UnknownClaimError, claim, claims, select
from validate.results.records import Verdict
from validate.trust.registration import RegistrationError, check, checked


@pytest.mark.parametrize("registered", claims(), ids=lambda c: c.id)
def test_registered_claims_pass(registered):
    body = check(registered, registered.build())
    assert sum(d.role is Role.RESOLUTION for d in body.decisions) >= 1
    names = [d.name for d in body.decisions]
    assert len(set(names)) == len(names)


# its own experiment is the wrong one for its prediction: a measured assumption puts it out of scope
OUT_OF_SCOPE = {"batchnorm.true-labels"}


@pytest.mark.parametrize("registered", claims(), ids=lambda c: c.id)
def test_what_may_agree_could_have_failed(registered):
    """By training something else: controls of resolution follow from AGREE by arithmetic.

    Not where all that is claimed is an exact identity, which nothing random could refute.
    """
    decisions = registered.build().decisions
    claimed = [d.prediction for d in decisions if d.role is Role.CLAIM]
    exact = all(isinstance(prediction, Identity) for prediction in claimed)
    has_control = any(d.role is Role.EXPERIMENT for d in decisions)
    assert has_control or exact or registered.id in OUT_OF_SCOPE


def refused(body, match, **claim_fields):
    made = dataclasses.replace(toy.claim(), **claim_fields)
    with pytest.raises(RegistrationError, match=match):
        check(made, body)


def changed(**fields):
    """The toy body with its main decision changed."""
    body = toy.body()
    main = dataclasses.replace(body.decisions[0], **fields)
    return dataclasses.replace(body, decisions=(main, *body.decisions[1:]))


def test_without_resolution_control():
    body = toy.body()
    refused(dataclasses.replace(body, decisions=body.decisions[:1]), "no resolution control")


def test_decisions_have_names_of_their_own():
    """Else a wrong prediction would be told with the numbers of the other."""
    main, control = toy.body().decisions
    for other in (dataclasses.replace(main), dataclasses.replace(control, name=main.name)):
        body = dataclasses.replace(toy.body(), decisions=(main, other, control))
        refused(body, f"2 decisions are named '{main.name}'")


def broken() -> Body:
    raise KeyError("nothing")


def test_a_claim_that_cannot_be_built_is_told_by_name_and_place():
    with pytest.raises(RegistrationError, match=r"toy\.coins cannot be built: KeyError: .*py:\d+"):
        checked(dataclasses.replace(toy.claim(), build=broken))


@pytest.mark.parametrize("command", [["show", "toy"], ["run", "toy", "--dry-run"], ["run", "toy"]])
def test_every_command_refuses_in_one_line(command, tmp_path, monkeypatch):
    claim = dataclasses.replace(toy.claim(), build=broken)
    monkeypatch.setattr("validate.__main__._select", lambda *asked: (claim,))
    done = CliRunner().invoke(cli, [*command, "--out", str(tmp_path)])
    assert done.exit_code == 2, done.output
    assert done.stderr.strip().splitlines()[-1].startswith("Error: toy.coins cannot be built")
    assert "Traceback" not in done.output


def test_without_claim():
    body = toy.body()
    refused(dataclasses.replace(body, decisions=body.decisions[1:]), "claim itself")


def test_possible_disagreement_without_positive_control():
    refused(toy.body(), "positive control", may_disagree=True)
    check(dataclasses.replace(toy.claim(), may_disagree=True), toy.body(positive_rate=0.0))


@pytest.mark.parametrize("looks", [(), (1, 2, 3, 4, 5), (3, 2), (2, 2), (0, 1)])
def test_looks_are_few_and_growing(looks):
    refused(changed(looks=looks), "plan")


def test_experiments_outside_the_grid():
    refused(changed(experiments=(toy.Coins(block=7),)), "grid")


def test_a_fitted_law_is_judged_on_other_data():
    (experiment,) = toy.body().decisions[0].experiments
    refused(changed(fitted_on=(experiment,)), "fitted on")
    other = changed(fitted_on=(toy.Coins(block=7),))
    assert check(toy.claim(), other) is other


@pytest.mark.parametrize("distance", [None, 0.0, 9.0])
def test_margin_at_most_half_the_distance_to_the_control(distance):
    wide = orientations_prediction(Geometry.L2)  # margin 5°
    body = toy.body()
    control = dataclasses.replace(body.decisions[1], prediction=wide, distance=distance)
    refused(dataclasses.replace(body, decisions=(body.decisions[0], control)), "distance")


def test_a_margin_needs_a_reason():
    with pytest.raises(ValueError, match="reason"):
        Value(toy.bound().formula, (), (), 1.0, " ")


def test_selection_by_id_and_prefix():
    assert {c.id for c in select(("condensation",))} >= {"condensation.bound-1d"}
    assert [c.id for c in select(("condensation.bound-nd",))] == ["condensation.bound-nd"]
    with pytest.raises(UnknownClaimError, match=r"unknown claim 'condens'.*condensation\.bound-1d"):
        select(("condens",))


FAMILY = """
from validate.registry import claim

@claim("newcomer.first", title="New", source="our derivation", statement="It is found.")
def first():
    from tests.validate import toy
    return toy.body()
"""


def test_a_tier_is_a_budget():
    with pytest.raises(ValueError, match="one of quick, standard, thorough, not 'big'"):
        claim("toy.big", title="t", source="s", statement="c", tier="big")


def test_a_new_family_is_found_by_being_there(tmp_path):
    """In a process of its own, with one more folder on the path of `validate.claims`."""
    (tmp_path / "newcomer").mkdir()
    (tmp_path / "newcomer" / "__init__.py").write_text("")
    (tmp_path / "newcomer" / "first.py").write_text(FAMILY)
    code = (
        "import sys, validate.claims as c, validate.__main__ as m; "
        f"c.__path__.append({str(tmp_path)!r}); sys.argv[1:] = ['run', 'newcomer', '--json', "
        f"'--out', {str(tmp_path / 'out')!r}]; m.main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", f"if __name__ == '__main__':\n    {code}"],
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    (claim,) = json.loads(done.stdout)["claims"]
    assert (claim["id"], claim["verdict"]) == ("newcomer.first", "AGREE")
    assert (tmp_path / "out" / "report.pdf").exists()


def with_experiment_control(**changes):
    """The toy body with a control on coins that do show heads."""
    body = toy.body()
    main, control = body.decisions
    (bad,) = control.experiments
    made = main.wrong_experiment("coins that show heads", bad, looks=(2,))
    made = dataclasses.replace(made, **changes)
    return dataclasses.replace(body, decisions=(main, control, made))


def test_an_experiment_control_is_the_same_prediction_on_another_experiment():
    body = with_experiment_control()
    assert check(toy.claim(), body) is body
    (coins,) = body.decisions[0].experiments
    refused(with_experiment_control(experiments=(coins,)), "not claimed for")
    wider = dataclasses.replace(toy.bound(), margin=1.0)
    refused(with_experiment_control(prediction=wider), "leaves the prediction")


def test_units_of_a_wrong_experiment_are_told_apart():
    """Regime checks and notes speak of the claim's own units; decisions have all of theirs."""
    body = with_experiment_control()
    main, _resolution, wrong = body.decisions
    (coins,), (bad,) = main.experiments, wrong.experiments
    units = [Unit(one, 0, 0, {"count": 0}) for one in (coins, bad)]
    assert body.for_controls == frozenset()  # a resolution control uses it too
    alone = dataclasses.replace(body, decisions=(main, wrong))
    assert alone.for_controls == {bad}
    own, apart = alone.split(units)
    assert [unit.experiment for unit in own] == [coins]
    assert [unit.experiment for unit in apart] == [bad]
    outcome = Outcome(Verdict.AGREE, own, (), (), apart)
    assert outcome.of(wrong) == apart
    assert outcome.of(main) == own
