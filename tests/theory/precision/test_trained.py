"""The constants of the law of rounded sums."""

import math
from typing import Any

import pytest

from theory.precision.rounding import M
from theory.precision.trained import HIDDEN, INPUTS, independent_terms


def test_independent_terms_of_two_layers():
    law: Any = independent_terms().subs({M: 0, INPUTS: 3, HIDDEN: 5})
    assert float(law * 32 * math.log(2)) == pytest.approx(2 + 3 + 2, rel=1e-9)
