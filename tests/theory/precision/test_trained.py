"""The constants of the law of rounded sums."""

import math
from typing import Any

import pytest

from theory.precision.trained import HIDDEN, INPUTS, M, independent_terms, rounding_noise


def test_noise_of_one_rounding():
    found: Any = rounding_noise().subs(M, 0)
    assert float(found) == pytest.approx(1 / (32 * math.log(2)), rel=1e-12)


def test_independent_terms_of_two_layers():
    law: Any = independent_terms().subs({M: 0, INPUTS: 3, HIDDEN: 5})
    assert float(law * 32 * math.log(2)) == pytest.approx(2 + 3 + 2, rel=1e-9)
