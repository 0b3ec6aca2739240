"""Many inputs: quick where the answer is a sum, else refused before anything large is made."""

import time

import numpy as np
import pytest

from theory.symbolic.functions import ActivationError
from validate import check_activation

RNG = np.random.default_rng(0)
WIDE = RNG.normal(size=(20, 10_000)), RNG.normal(size=20)


def test_order_1_is_answered_at_once():
    began = time.process_time()
    check = check_activation("tanh(x)", WIDE, train=False, optimizers=["gd"])
    assert time.process_time() - began < 20  # 2 s when this was written, minutes before
    assert not check.verdicts
    mean = WIDE[1] @ np.column_stack([WIDE[0], np.ones(20)])
    found = np.array([at.direction for at in check.optimizers["gd"].predicted])
    np.testing.assert_allclose(np.abs(found @ mean) / np.linalg.norm(mean), 1.0)


@pytest.mark.parametrize("expression", ["x*tanh(x)", "x**2*tanh(x)", "relu(x)**2"])
@pytest.mark.parametrize("optimizer", ["gd", "adam"])
def test_higher_orders_say_how_many_are_accepted(expression: str, optimizer: str):
    began = time.process_time()
    with pytest.raises(ActivationError, match=r"10001 weights .* at most \d+ are accepted"):
        check_activation(expression, WIDE, train=False, optimizers=[optimizer])
    assert time.process_time() - began < 10
