"""Complete runs in every noise: α is kept, broken rules are found, guards are counted.

Where α must be kept the limit is one of confidence 1 − 1e-8, so that all tests together fail
falsely with a chance of at most 1e-6 even for rules that just keep it.
"""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

import reports
from theory.prediction import Curve, Value
from validate.decisions import guards
from validate.decisions.case import TEST
from validate.decisions.noise import BOUNDED, FOR_MEANS, NORMAL, Noise
from validate.decisions.rules.base import kind_of
from validate.decisions.ruling import OPEN
from validate.decisions.sample import summary
from validate.trust import calibration
from validate.trust.calibration import lower_limit, upper_limit, verdicts
from validate.trust.complete_runs import (
    Familywise,
    Planned,
    _decides,
    every_kind,
    familywise,
    noises,
    registered,
)
from validate.trust.complete_runs_text import by_guard, mark, row, text

BY_NAME = {noise.name: noise for noise in noises()}
EXPONENTIAL, CAUCHY = BY_NAME["skewed: exponential"], BY_NAME["no mean: Cauchy"]


@pytest.fixture
def strict(monkeypatch):
    monkeypatch.setattr(calibration, "CONFIDENCE", 1 - 1e-8)


def test_every_noise_of_means_has_its_runs():
    assert {n.name for n in FOR_MEANS + BOUNDED} <= set(BY_NAME)
    assert "−(skewed: log-normal)" in BY_NAME
    admitted = [noise.usable for noise in noises()]
    assert admitted == sorted(admitted, reverse=True)
    assert 0 < admitted.count(False) < len(admitted)


@pytest.mark.usefixtures("strict")
@pytest.mark.parametrize("noise", noises(), ids=lambda noise: noise.name)
def test_complete_runs_keep_alpha_in_every_noise(noise: Noise):
    """Of every kind of decision; where the noise is not admitted guards refuse nearly all."""
    found = familywise("test", every_kind(0.01), noise, 0.01, 300, np.random.default_rng(9))
    assert found.passed
    assert found.admitted is noise.usable
    assert found.decisions >= 15


@pytest.mark.usefixtures("strict")
@pytest.mark.parametrize("noise", [NORMAL, EXPONENTIAL], ids=lambda noise: noise.name)
def test_complete_runs_of_registered_claims_keep_alpha(noise: Noise):
    found = familywise("test", registered(0.01), noise, 0.01, 100, np.random.default_rng(9))
    assert found.passed
    assert found.decisions >= 100


def test_complete_runs_at_a_hundred_times_the_level_fail():
    found = familywise("test", every_kind(0.9), NORMAL, 0.01, 200, np.random.default_rng(10))
    assert mark(found) == "FAIL"


def test_without_guards_complete_runs_fail_in_skewed_noise(monkeypatch):
    """The negative control of guards: they are why skewed noise passes with few units too."""
    log_normal = BY_NAME["skewed: log-normal"]
    early = [dataclasses.replace(one, looks=(16, 32, 64, 128)) for one in every_kind(0.01)]
    kept = familywise("test", early, log_normal, 0.01, 300, np.random.default_rng(11))
    assert mark(kept) != "FAIL"
    monkeypatch.setattr(guards, "STUDENT", guards.ANY)
    found = familywise("test", early, log_normal, 0.01, 300, np.random.default_rng(11))
    assert mark(found) == "FAIL"


@pytest.mark.parametrize("name", ["Gaussian", "heavy: Student 5", "discrete: coin"])
@pytest.mark.parametrize("decision", range(len(every_kind(0.5)) // 4))
def test_the_quick_sums_find_the_runs_that_decide(name: str, decision: int):
    """The same runs as the code that judges finds in all of them."""
    one = Planned(every_kind(0.5)[decision].prediction, (160, 200, 300), 0.5)
    kind = kind_of(one.prediction)
    outcomes = kind.at_edge(np.random.default_rng(12), (400, 300), BY_NAME[name])
    samples = [summary(outcomes[:, :look]) for look in one.looks]
    expected = verdicts(one.prediction, samples, one.alpha)[0] != OPEN
    assert (_decides(kind, one, outcomes) == expected).all()
    wide = getattr(one.prediction, "bounded", None) is not None  # too wide a range to decide
    assert expected.any() or wide or name != "Gaussian"


@pytest.mark.parametrize("kind", [Value, Curve])
def test_declared_ranges_have_their_ends_with_the_edge_as_mean(kind):
    """Mean within 6 standard errors, 2e-9."""
    bounded = kind(*TEST, bounded=(-2.0, 3.0))
    outcomes = kind_of(bounded).at_edge(np.random.default_rng(13), (100, 400), EXPONENTIAL)
    assert set(np.unique(outcomes)) == {-2.0, 3.0}
    assert abs(outcomes.mean() - 1.0) < 6 * 2.5 / 40_000**0.5


def test_guards_are_counted_by_who_refuses_first():
    planned = [
        Planned(Value(*TEST), (300,), 1e-3),
        Planned(Value(*TEST, bounded=(-9.0, 9.0)), (9,), 0.5),
    ]
    found = familywise("test", planned, CAUCHY, 0.01, 60, np.random.default_rng(14))
    assert found.refused >= 0.9
    assert next(iter(found.guards)) == "heavy-tailed"
    assert "heavy-tailed" in by_guard(found)
    few = familywise("test", [Planned(Value(*TEST), (20,), 1e-3)], NORMAL, 0.01, 60,
                     np.random.default_rng(15))  # fmt: skip
    assert (few.refused, few.guards) == (1.0, {"too few": 50})


def measured(false: int, runs: int, refused: float = 1.0, admitted: bool = True) -> Familywise:
    limits = (lower_limit(false, runs), upper_limit(false, runs))
    return Familywise(
        "test", "noise", admitted, 0.01, 10, runs, false / runs, *limits, refused, {"skewed": 3}
    )


def test_alpha_is_kept_where_the_upper_limit_says_so():
    assert mark(measured(20, 5000)) == "pass"
    assert mark(measured(45, 5000)) == "more runs needed"
    assert mark(measured(0, 100)) == "more runs needed"
    assert mark(measured(80, 5000)) == "FAIL"
    assert mark(measured(0, 5000, refused=0.5, admitted=False)) == "FAIL"
    assert row(measured(20, 5000))[2:] == ("0.40%", "0.66%", "100%", "skewed 100%", "pass")
    assert "(not admitted)" in row(measured(0, 5000, admitted=False))[1]


def test_it_says_how_many_rows_show_it_and_which_is_worst():
    told = text([measured(20, 5000), measured(45, 5000), measured(0, 5000, admitted=False)])
    assert "Of 2 rows in noise that t intervals admit this is shown in 1" in told[1]
    assert "the largest limit is 1.26%" in told[1]


def test_the_report_says_which_noise():
    """The words of its methods part are those of the noises here."""
    template = (Path(reports.__file__ or "").parent / "templates" / "methods.typ").read_text(
        "utf-8"
    )
    said = " ".join(template.split())
    for noise in noises():
        words = noise.name.strip("−()").partition(": ")
        for word in (words[0], words[2].partition("(")[0].partition(",")[0]):
            assert word.removesuffix(" variance").strip() in said, (noise.name, word)
