"""Plain and shuffled layers of a teacher's students."""

from typing import Any

import pytest

from sim.lowrank.teacher import RANKS, Stability

SMALL: dict[str, Any] = {"samples": 128, "steps": 5, "batch": 32}


@pytest.mark.parametrize("source", ["teacher", "digits"])
def test_entries_in_place_are_a_plain_layer(source):
    (unit,) = Stability(block=1, source=source, shuffle=False, **SMALL).run(0, 0)
    assert unit["plain"] == unit["shuffled"]
    assert len(unit["plain"]) == len(RANKS)


def test_permuted_entries_are_another_layer():
    (unit,) = Stability(block=1, **SMALL).run(0, 0)
    assert unit["plain"] != unit["shuffled"]
    assert 0 <= unit["frozen"] <= 1


def test_replicates_are_tasks_of_their_own():
    one, two = Stability(block=2, **SMALL).run(0, 0)
    assert one != two
