"""What decisions can reach before a run: the stated limits are those of the rules.

Shares are summed over the binomial distribution. Means are simulated: each test there fails falsely
with a chance of at most 1e-6.
"""

import dataclasses
import json
import re

import numpy as np
import pytest
import sympy
from scipy import stats

from tests.validate import toy
from theory.prediction import Bound, Curve, Identity, Ordering, Prediction, Shares, Value
from validate.claim import Role
from validate.command.describe import description, text
from validate.command.progress import print_plan
from validate.decisions.judge import judge
from validate.decisions.rules.base import NEARLY_SURE, kind_of
from validate.decisions.ruling import AGREE, DISAGREE
from validate.decisions.sample import summary
from validate.registry import select
from validate.results.records import Verdict
from validate.run.claim_progress import Options
from validate.run.plan import plan
from validate.run.pool import planned
from validate.run.prospects import Prospect, prospects, rows

TEST = (sympy.Symbol("m"), (), (), 0.5, "a test")
LEVEL = 1e-4
RUNS = 4000


def share(sentence: str) -> float:
    found = re.search(r"at most ([\d.e+-]+) % of the units", sentence)
    assert found is not None, sentence
    return float(found[1]) / 100


@pytest.mark.parametrize("n", [200, 900])
@pytest.mark.parametrize("agree", [True, False])
@pytest.mark.parametrize("prediction", [Bound(*TEST), Shares(*TEST)])
def test_shares_have_the_power_that_is_told(prediction: Prediction, agree: bool, n: int):
    limit = share(kind_of(prediction).power(n, LEVEL, agree, None))
    wanted = Verdict.AGREE if agree else Verdict.DISAGREE
    ones = np.array(
        [
            judge(prediction, [1.0] * k + [0.0] * (n - k), LEVEL).verdict is wanted
            for k in range(n + 1)
        ]
    )
    # two digits are printed: 1 where the units show what a successes count
    exceptions_are_ones = isinstance(prediction, Bound) == agree
    for factor, reached in ((0.94, True), (1.06, False)):
        rate = limit * factor if exceptions_are_ones else 1 - limit * factor
        chance = stats.binom.pmf(np.arange(n + 1), n, rate)[ones].sum()
        assert bool(chance >= NEARLY_SURE) is reached


def sd_told(sentence: str) -> float:
    found = re.search(r"at most ([\d.e+-]+) margins", sentence)
    assert found is not None, sentence
    return float(found[1])


@pytest.mark.parametrize(
    ("prediction", "agree"),
    [
        (Value(*TEST), True),
        (Value(*TEST), False),
        (Curve(*TEST, expected=(0.0, 0.0, 0.0)), True),
        (Curve(*TEST, expected=(0.0, 0.0, 0.0)), False),
    ],
)
def test_means_have_the_power_that_is_told(prediction: Prediction, agree: bool):
    n, kind = 300, kind_of(prediction)
    sd = 0.95 * sd_told(kind.power(n, LEVEL, agree, 1.0))  # two digits are printed
    rng = np.random.default_rng(5)
    outcomes = (0.0 if agree else 1.0) + 0.5 * sd * rng.standard_normal((RUNS, n, kind.points))
    found = kind.rule(summary(outcomes), LEVEL).verdict == (AGREE if agree else DISAGREE)
    assert (~found).sum() <= stats.binom.isf(1e-6, RUNS, 1 - NEARLY_SURE)


@pytest.mark.parametrize("agree", [True, False])
def test_orders_have_the_power_that_is_told(agree: bool):
    n, kind = 300, kind_of(Ordering(*TEST))
    found = re.search(r"effect of ([\d.]+) sd", kind.power(n, LEVEL, agree, None))
    assert found is not None
    effect = 1.05 * float(found[1])
    outcomes = np.random.default_rng(6).standard_normal((RUNS, n, 1))
    outcomes += 0.5 + effect if agree else -effect
    reached = kind.rule(summary(outcomes), LEVEL).verdict == (AGREE if agree else DISAGREE)
    assert (~reached).sum() <= stats.binom.isf(1e-6, RUNS, 1 - NEARLY_SURE)


def coins(looks: tuple[int, ...]) -> tuple[Prospect, ...]:
    return prospects(toy.body(looks=looks), Options())


def test_too_few_units_are_out_of_reach():
    main, control = coins((1,))
    assert main.looks == (50,)
    assert main.fewest_to_agree > 50
    assert (main.in_reach, control.in_reach) == (False, True)
    assert main.power == "out of reach, the opposite is not"
    assert rows((main,))[0][3] == "AGREE: out of reach, the opposite is not"
    main, _ = coins((6,))
    assert main.in_reach
    assert main.looks[-1] >= main.fewest_to_agree


def test_an_identity_needs_no_units_and_takes_no_share():
    body = toy.body()
    exact = dataclasses.replace(body.decisions[0], prediction=Identity(*TEST))
    (one, _) = prospects(dataclasses.replace(body, decisions=(exact, body.decisions[1])), Options())
    assert (one.fewest_to_agree, one.in_reach) == (1, True)
    assert "nothing is random" in one.power


@pytest.mark.parametrize("budget", ["quick", "standard"])
def test_every_decision_is_told_cells_and_controls_included(budget: str):
    (claim,) = select(("condensation.bound-1d",))
    options = Options(budget=budget)
    body = planned(claim, budget, options.alpha)
    found = prospects(body, options)
    assert [one.name for one in found] == [d.name for d in body.decisions]
    assert all(one.in_reach and one.power for one in found)
    for one in found:
        assert one.wanted == ("AGREE" if one.role == str(Role.CLAIM) else "DISAGREE")
    data = description(claim, None, options)
    assert [d["power"] for d in data["decisions"]] == [one.power for one in found]
    assert json.dumps(data)
    shown = text(claim, None, options)
    assert f"Decisions, with budget {budget}" in shown
    assert all(one.power in shown for one in found)


def test_the_plan_tells_them(capsys):
    made = plan([toy.claim()], Options(), None, 1)
    assert made[0].decisions == coins((2, 6, 12))
    print_plan(made)
    shown = " ".join(capsys.readouterr().out.replace("│", " ").split())
    assert "100, 300, 600" in shown
    assert "resolution control" in shown


def test_a_run_of_registered_claims_has_what_it_needs():
    """Where AGREE is wanted and out of reach DISAGREE is what the claim expects."""
    from validate.registry import affordable, claims
    from validate.trust.registration import checked

    for claim in affordable(claims(), "quick"):
        for one in prospects(checked(claim), Options()):
            assert one.in_reach or claim.may_disagree, (claim.id, one)
