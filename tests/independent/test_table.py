"""The table of functions is what its rule says, and its functions are those of the corpus."""

import ast
import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from tests.independent.functions import KINKED, MODULES, OFFSET, SMOOTH, TAKEN, Written
from tests.independent.network import PROBE, sigma

HERE = Path(__file__).parent
CORPUS = json.loads((HERE.parent / "data" / "activations.json").read_text(encoding="utf-8"))
FIRST = {entry["name"]: entry for entry in reversed(CORPUS)}


def kind(entry: dict) -> str | None:
    """The class of an entry by the values that the corpus gives; None for what has no power law."""
    sides = [entry["right"], entry["left"]]
    powers = [side for side in sides if side and side["kind"] == "power"]
    zero = [side for side in sides if side and side["kind"] == "zero"]
    if entry["value_at_zero"] is None or not powers or len(powers) + len(zero) < 2:
        return None
    before = "σ(0) ≠ 0, " if float(entry["value_at_zero"]) else ""
    if zero:
        return f"{before}one side"
    if powers[0]["order"] != powers[1]["order"]:
        return f"{before}orders differ"
    kinked = "" if entry["multiplicity"] else ", kinked"
    return f"{before}order {powers[0]['order']}{kinked}"


def test_the_functions_are_the_first_of_every_class():
    taken, wanted = Counter[str](), list[str]()
    for name in dict.fromkeys(entry["name"] for entry in CORPUS):
        its = kind(FIRST[name])
        if its is not None and taken[its] < TAKEN.get(its, 0):
            taken[its] += 1
            wanted.append(name)
    assert sorted(wanted) == sorted(one.name for one in (*SMOOTH, *KINKED, *OFFSET))
    assert len(wanted) + len(MODULES) >= 40


@pytest.mark.parametrize("written", [*SMOOTH, *KINKED, *OFFSET], ids=lambda one: one.name)
def test_its_leading_part_is_that_of_the_corpus(written: Written):
    of, entry = sigma(written.function), FIRST[written.name]
    assert of.at_zero == pytest.approx(float(entry["value_at_zero"]), abs=1e-12)
    z = PROBE * of.reach
    for side, order, known in zip((1, -1), of.orders, (entry["right"], entry["left"]), strict=True):
        assert order == known["order"]
        if order is not None:
            power = float(of.beyond(side * z)) / z**order
            assert power == pytest.approx(float(known["coefficient"]), rel=1e-2)


def test_nothing_of_the_project_is_imported():
    for file in HERE.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            for name in names:
                assert name.split(".")[0] not in ("sim", "theory", "validate", "reports"), file


def test_orders_are_told_from_values():
    assert sigma(lambda x: x * x.abs()).orders == (2, 2)
    assert sigma(lambda x: x.clamp(min=0) ** 3).orders == (3, None)
    steep = sigma(lambda x: x * np.tanh(1) * (1 + 100 * x))
    assert steep.reach < 0.01
