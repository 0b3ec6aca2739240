"""What a data set must be like."""

import numpy as np
import pytest

from sim.data.data_set import DataError, DataSet, check_size


def test_augmented_puts_the_constant_last():
    dataset = DataSet(np.array([[1.0, 2.0], [3.0, 4.0]]), np.zeros(2), "two")
    assert dataset.augmented.tolist() == [[1.0, 2.0, 1.0], [3.0, 4.0, 1.0]]


@pytest.mark.parametrize("size", [1e-10, 1e10])
def test_sizes_that_leave_double_precision_are_refused(size: float):
    x, y = np.array([[0.0], [1.0]]), np.array([0.0, -1.0])
    zero, within = DataSet(x, 0 * y, "zero"), DataSet(size * x, size * y, "within")
    assert check_size(zero) is zero
    assert check_size(within) is within
    beyond = size * (1.01 if size > 1 else 0.99)
    with pytest.raises(DataError, match=r"largest \|y\|"):
        check_size(DataSet(x, beyond * y, "beyond"))
    # beside a bias of 1 small inputs are as good as 0
    bias = size < 1
    with pytest.raises(DataError, match=r"largest \|x\|"):
        check_size(DataSet(beyond * x, y, "beyond", bias=not bias))
    if bias:
        assert check_size(DataSet(beyond * x, y, "with bias"))
