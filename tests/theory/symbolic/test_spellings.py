"""506 spellings of 257 published activations, in the words of their sources.

``tests/data/activations.json`` has σ(0), order and coefficient on each side, computed at 1000
digits independently of this project.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from theory.symbolic.activation import Leading, activation
from theory.symbolic.leading_terms import first_terms

CORPUS = json.loads((Path(__file__).parents[2] / "data" / "activations.json").read_text("utf-8"))
TOLERANCE = 1e-10  # of coefficients, relative


def close(found: Any, wanted: Any) -> bool:
    return abs(float(found) - float(wanted)) <= TOLERANCE * max(abs(float(wanted)), 1e-3)


@pytest.mark.parametrize("known", CORPUS, ids=[known["expression"] for known in CORPUS])
def test_is_read_and_right(known: dict[str, Any]) -> None:
    found = activation(known["expression"])
    limits = known["right"]["limit"], known["left"]["limit"]
    if None in limits or not close(*limits):
        assert found.value_at_zero is None
    else:
        assert close(found.value_at_zero, limits[0])
    assert found.multiplicity == known["multiplicity"]
    for side in ("right", "left"):
        check_side(getattr(found, side), known[side])


def check_side(found: Leading | None, known: dict[str, Any]) -> None:
    if known["kind"] == "power":
        assert found is not None
        assert found.order == known["order"]
        assert close(found.coefficient, known["coefficient"])
    elif known["kind"] == "zero":
        assert found is None or found.coefficient == 0
    else:
        assert found is None


def test_a_fractional_order_is_told_with_its_size() -> None:
    for known in CORPUS:
        if known["right"]["kind"] == "fractional":
            found = activation(known["expression"])
            order = known["right"]["order"]
            assert f"the leading order is {int(2 * order)}/2" in (found.reason or "")
            assert first_terms(found.expression, 1) == ()
