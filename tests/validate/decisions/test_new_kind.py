"""A kind of prediction that the project does not have is one file: nothing else knows of it."""

import dataclasses
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import sympy

from sim.engine.store import Store
from tests.validate import toy
from tests.validate.run.test_runner import Inline
from theory.prediction import Successes
from validate.claim import Body
from validate.decisions.judge import judge, outcome
from validate.decisions.noise import NORMAL
from validate.decisions.rules.base import KINDS, Contribution, kind_of, register
from validate.decisions.rules.changed_numbers import Change
from validate.decisions.rules.shares_of_units import ShareOfSuccesses
from validate.results.records import Verdict
from validate.run.claim_progress import Options
from validate.run.runner import Runner
from validate.trust.calibration import cases, sizes
from validate.trust.complete_runs import Planned, every_kind, familywise
from validate.trust.mutation import mutants


@dataclass(frozen=True)
class Parity(Successes):
    """Whether a number is even or odd; ``predicted`` is any number of that parity."""


class ParityKind(ShareOfSuccesses[Parity]):
    decides = Parity
    margin_is_distance = False

    @property
    def shown(self) -> str:
        return "have the predicted parity"

    def outcome(self, predicted: Any, observed: Any) -> Contribution:
        return float((observed - predicted) % 2 == 0)

    def changes(self) -> dict[str, Change]:
        return {"other parity": lambda number: number + 1, "two more": lambda number: number + 2}

    def distance(self, first: Any, second: Any) -> float:
        return float((first - second) % 2)


PARITY = Parity(sympy.Symbol("N"), (), (), 1.0, "there are two")


@pytest.fixture(autouse=True)
def known():
    """The kind is known while a test of this file runs."""
    register(ParityKind)
    yield
    del KINDS[Parity]


def body() -> Body:
    """Coins that never show heads, which is even; those that always do are the control."""
    plain = toy.body()
    decisions = [dataclasses.replace(d, prediction=PARITY) for d in plain.decisions]
    return dataclasses.replace(plain, decisions=tuple(decisions))


def test_it_is_unknown_unless_registered():
    del KINDS[Parity]
    with pytest.raises(TypeError, match="Parity"):
        outcome(PARITY, 1, 1)
    register(ParityKind)
    with pytest.raises(ValueError, match="two kinds"):
        register(ParityKind)


def test_it_is_judged_with_its_own_sentence():
    found = judge(PARITY, [outcome(PARITY, 1, number) for number in [3, 5] * 100], 0.01)
    assert found.verdict is Verdict.AGREE
    assert found.reason.startswith("200 of 200 units have the predicted parity: share in ")


def test_it_says_what_would_change_the_verdict_and_how_many_units_would_decide():
    found = judge(PARITY, [1.0] * 30, 0.01)
    assert found.verdict is Verdict.INCONCLUSIVE
    assert "units would probably decide it" in found.reason
    assert kind_of(PARITY).would_change(found.n, 0.01).startswith("30 units are too few")
    assert kind_of(PARITY).threshold() == (0.9, "above")


def test_its_claim_runs_and_its_mutants_are_judged(tmp_path):
    with Store(tmp_path / "results.sqlite") as store:
        claim = dataclasses.replace(toy.claim(), build=body)
        runner = Runner([claim], Options(), store, Inline())
        (result,) = runner.results().claims
    assert result.verdict is Verdict.AGREE
    assert result.observations[0].kind == "Parity"
    assert result.controls[0].as_required
    (mutant,) = mutants(runner.states[0], runner.options)  # two more is the same parity
    assert (mutant.change, mutant.rejected) == ("other parity", True)


def test_it_is_calibrated_like_the_others():
    """Last, for it has no place."""
    case = cases()[-1]
    assert case.name == "Parity"
    for row in sizes(case, case.noises[0], 10, np.random.default_rng(0)):
        assert (row.rule, row.refused) == ("Parity", 0)


def test_its_complete_runs_have_the_truth_at_its_edge():
    """At required_share = ½ a thousand runs of 64 have a share within 10 standard errors of it."""
    half = dataclasses.replace(PARITY, required_share=0.5)
    outcomes = kind_of(half).at_edge(np.random.default_rng(0), (1000, 64))
    assert abs(outcomes.mean() - 0.5) < 10 * 0.5 / 64_000**0.5
    assert Parity in {type(planned.prediction) for planned in every_kind(0.01)}
    planned = [Planned(half, (64,), 1e-9)]
    found = familywise("test", planned, NORMAL, 0.01, 100, np.random.default_rng(1))
    assert found.share == 0


NEW_FILE = '''
from dataclasses import dataclass
import math

from theory.prediction import Prediction
from validate.decisions.case import TEST, Case
from validate.decisions.rules.base import register
from validate.decisions.rules.means import BOTH_EDGES, LOOKS, Equivalence
from validate.decisions.noise import FOR_MEANS


@dataclass(frozen=True)
class Ratio(Prediction):
    """The mean logarithm of measured over predicted lies within the margin of 0."""


@register
class RatioKind(Equivalence[Ratio]):
    decides = Ratio

    @classmethod
    def cases(cls):
        return (Case("Ratio", Ratio(*TEST), LOOKS, FOR_MEANS, BOTH_EDGES, BOTH_EDGES),)

    def outcome(self, predicted, observed):
        return math.log(observed / predicted)

    def statement(self, sample, ruling):
        return self.at_point(0, 0.0, "mean log ratio", sample, ruling)
'''
USE = """
import sys, validate.decisions.kinds as package
package.__path__.append(sys.argv[1])
from validate.trust.calibration import cases
from validate.decisions.judge import judge, outcome
ratio = cases()[-1].prediction
told = judge(ratio, [outcome(ratio, 2.0, 4.0 + (k * 7 % 64) / 100) for k in range(64)], 0.01)
print(type(ratio).__name__, told.verdict, told.reason)
"""


def test_a_new_file_is_found_by_being_there(tmp_path):
    """In a process of its own, with one more folder on the path of the kinds."""
    (tmp_path / "ratio.py").write_text(NEW_FILE)
    done = subprocess.run(
        [sys.executable, "-c", USE, str(tmp_path)], capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Ratio AGREE mean log ratio 0.7")
