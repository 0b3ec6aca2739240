"""What an exception is told as: one line, and lack of memory by name."""

import numpy as np
import pytest
import torch

from sim.engine.errors import described


def told(work) -> str:
    try:
        work()
    except Exception as error:
        return described(error)
    raise AssertionError("nothing was raised")


@pytest.mark.parametrize(
    "work", [lambda: np.empty((2**40, 2**12)), lambda: torch.empty(2**50)], ids=["numpy", "torch"]
)
def test_lack_of_memory_is_told_as_such(work):
    assert told(work).startswith("out of memory: ")


def test_others_are_told_by_type_and_place():
    line = told(lambda: [][1])
    assert line.startswith("IndexError: ")
    assert "engine/test_errors.py:" in line
