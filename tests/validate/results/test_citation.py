"""A verdict is cited by all that it follows from."""

import pytest

from tests.reports.synthetic import results
from tests.validate.results.comparison.changed import with_run
from validate.results.citation import citation, example
from validate.run.versions import versions

RELEASE = {"theorycheck": "0.1.0"}
FIELDS = {
    "versions": {"theorycheck": "7.8.9"},
    "seed": 41,
    "budget": "thorough",
    "alpha": 0.05,
    "device": "cuda",
    "settings_hash": "0123456789abcdef",
    "code": "fedcba9876543210",
    "started": "2031-02-03T04:05:06+00:00",
}


def test_a_verdict_is_one_line():
    made = with_run(results(), versions=RELEASE, code="8f14e45f", settings_hash="c9f0f895")
    assert citation(made.claims[0], made.run) == (
        "theorycheck 0.1.0, claim condensation.orientations: AGREE. Run of 2025-03-01, seed 1, "
        "budget quick, α = 0.01, device cpu, settings c9f0f895, code 8f14e45f."
    )


@pytest.mark.parametrize("field", FIELDS)
def test_whatever_decides_it_is_in_it(field: str):
    before = with_run(results(), versions=RELEASE)
    other = with_run(before, **{field: FIELDS[field]})
    assert example(other) != example(before)


def test_older_files_do_not_tell_the_version():
    assert example(results()).startswith("theorycheck (version not recorded), claim ")


def test_nothing_is_cited_of_a_run_without_claims():
    assert example(results().model_copy(update={"claims": ()})) == ""


def test_runs_tell_the_version_of_theorycheck():
    from importlib.metadata import version

    assert versions()["theorycheck"] == version("theorycheck")
