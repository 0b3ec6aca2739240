"""No claim that budget quick can decide is left out of the tests that train, and none is in two."""

from collections import Counter

import pytest

from tests.validate.claims.batchnorm import (
    test_networks,
    test_passage,
    test_recovery,
    test_reopening,
    test_step,
)
from tests.validate.claims.condensation import (
    test_duration,
    test_orientations,
    test_shares,
    test_square,
    test_time,
)
from tests.validate.claims.lowrank import test_spectra, test_training
from tests.validate.claims.precision import test_networks as test_rounded_networks
from tests.validate.claims.precision import test_quantization, test_sums
from theory.symbolic.expression import dump, load
from validate.registry import affordable, claims

SEVERAL = (test_networks.EXPECTED, *(t.IDS for t in (test_passage, test_recovery, test_step)))
SEVERAL += (test_orientations.IDS, test_time.IDS)
SEVERAL += (test_sums.EXPECTED, test_rounded_networks.EXPECTED, test_quantization.IDS)
SEVERAL += (test_spectra.EXPECTED, test_training.EXPECTED)
SINGLE = (test_duration.ID, test_reopening.ID, test_shares.ID, test_square.ID)


def test_every_claim_is_trained_by_one_file():
    named = Counter(SINGLE) + Counter(id for ids in SEVERAL for id in ids)
    assert named == Counter(c.id for c in affordable(claims(), "quick"))


@pytest.mark.parametrize("claim", claims(), ids=lambda claim: claim.id)
def test_reports_can_read_every_formula(claim):
    body = claim.build()
    formulas = [step.formula for step in body.derivation() if step.formula is not None]
    formulas += [one.prediction.formula for one in body.decisions]
    for formula in formulas:
        assert dump(load(dump(formula))) == dump(formula)
