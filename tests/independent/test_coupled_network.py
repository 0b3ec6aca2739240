"""Verdicts of the checker on a few functions, against networks that share no code with it.

Both sides are seeded. Over seeds 0 to 39 of the independent networks none of the four rows fails
(0 of 160: by Clopper and Pearson a false alarm at another seed is below 1.9 % a row at 95 %); the
checker's own verdict is wrong with a chance of at most its α, 0.01.
"""

import numpy as np
import pytest

from tests.independent.clustering import gathered
from tests.independent.comparison import Predicted, missing, unexpected
from tests.independent.coupled_network import built_in, checked, compared, networks
from tests.independent.functions import WRITTEN
from tests.independent.network import Trained, sigma

NAMES = ("tanh", "ReLU", "vReLU", "relu + x^2")


@pytest.fixture(scope="module")
def records():
    chosen = [one for one in WRITTEN if one.name in NAMES]
    return list(checked(chosen, ["--workers=1", "--optimizer=gd"]))


def test_every_agreement_is_confirmed(records):
    rows = [row for written, record in records for row in compared(written, record, *built_in(), 0)]
    assert len(rows) == len(NAMES)
    for row in rows:
        assert (row.verdict, row.outcome) == ("AGREE", "confirmed"), row


def test_those_far_behind_a_blow_up_do_not_count():
    w = np.array([[[1.0, 0.0], [0.0, 0.05], [0.0, 0.5]]] * 3)
    trained = Trained(w, np.ones((3, 3)), np.array([[1000.0, 50.0, 500.0]] * 3), 1.0, 1)
    assert {a for a, _, _ in gathered(trained, "gd").clusters} == {0.0, 90.0}
    shares = [share for _, _, share in gathered(trained, "gd").clusters]
    assert shares == pytest.approx([2 / 3, 1 / 3])
    shares = [share for _, _, share in gathered(trained, "gd", blows_up=True).clusters]
    assert shares == pytest.approx([1 / 2, 1 / 2])


def test_wrong_predictions_are_told():
    x, y = built_in()
    of = sigma(next(one.function for one in WRITTEN if one.name == "vReLU"))
    seen = networks(of, x, y, "gd", 0)
    clusters = [(angle, sign) for angle, sign, _ in seen[0].gathered.clusters]
    assert len(clusters) == 4
    right = [Predicted(angle, sign, 0.25, 1.0) for angle, sign in clusters]
    assert not unexpected(right, seen)
    assert not missing(right, seen)
    turned = [Predicted(angle + 8, sign, 0.25, 1.0) for angle, sign in clusters]
    assert len(unexpected(turned, seen)) == len(missing(turned, seen)) == 4
    flipped = [Predicted(angle, -sign, 0.25, 1.0) for angle, sign in clusters]
    assert len(unexpected(flipped, seen)) == len(missing(flipped, seen)) == 4
    assert len(unexpected(right[1:], seen)) == 1
