"""The command that a report prints runs again what was run."""

import pytest

from tests.reports.synthetic import PARTS, results
from validate.results.records import Results, ResultsError
from validate.results.reproduce import command

SETTINGS = " --seed 1 --budget quick --alpha 0.01 --device cpu"


def everything(ran: bool) -> Results:
    run = results().run.model_copy(update={"everything": ran})
    return results().model_copy(update={"run": run})


def test_all_claims_are_all():
    assert command(everything(True)) == f"python -m validate all{SETTINGS}"


def test_some_claims_are_named():
    made = results().only(["condensation.bound", "lowrank.rank"])
    told = "run condensation.bound lowrank.rank"
    assert command(made) == f"python -m validate {told}{SETTINGS}"


def test_an_extract_of_all_claims_is_not_all():
    made = everything(True).only(["lowrank"])
    assert command(made) == f"python -m validate run lowrank.rank{SETTINGS}"


def test_a_family_is_named_where_all_its_claims_were_run():
    ran = ("condensation.orientations", "condensation.bound")
    whole = PARTS[1].model_copy(update={"claims": ran})
    made = results().only(["condensation"]).model_copy(update={"parts": (whole,)})
    assert command(made) == f"python -m validate run condensation{SETTINGS}"
    # a third one is registered
    more = PARTS[1].model_copy(update={"claims": (*ran, "condensation.time")})
    made = made.model_copy(update={"parts": (more,)})
    assert command(made) == f"python -m validate run {' '.join(ran)}{SETTINGS}"


def test_files_of_earlier_versions_name_what_was_run():
    data = results().model_dump(mode="json")
    del data["run"]["everything"]
    assert " run condensation.orientations " in command(Results.model_validate(data))


def test_odd_names_are_quoted():
    odd = results().claims[4].model_copy(update={"id": "a b; c"})
    made = results().model_copy(update={"claims": (odd,)})
    assert command(made) == f"python -m validate run 'a b; c'{SETTINGS}"


def test_an_extract_has_the_named_claims_in_the_order_of_the_record():
    made = results().only(["lowrank", "condensation.bound"])
    assert [claim.id for claim in made.claims] == ["condensation.bound", "lowrank.rank"]
    assert [part.id for part in made.parts] == ["condensation"]
    assert results().only(["condensation"]).claims == results().claims[:2]


def test_a_claim_that_is_not_there_is_named_with_those_that_are():
    with pytest.raises(ResultsError, match=r"unknown claim 'condens'.*condensation.orientations"):
        results().only(["condens"])


def test_files_of_claims_from_outside_are_named_once():
    made = results().only(["lowrank.rank"])
    of_file = "python -m validate run lowrank.rank --seed 1 --claims 'my claims.py'"
    claims = tuple(one.model_copy(update={"reproduce": of_file}) for one in (*made.claims,) * 2)
    said = command(made.model_copy(update={"claims": claims}))
    assert said.endswith(f"{SETTINGS} --claims 'my claims.py'")
