"""Tucker and tensor-train approximations, against tensorly and numpy one by one."""

import numpy as np
import pytest
import tensorly
import torch
from tensorly import tenalg
from tensorly.decomposition import tensor_train

from sim.lowrank.chained import Chained
from sim.lowrank.decompositions import last_of_train, tucker_core
from sim.lowrank.kernels import normal

SHAPE = (4, 7, 6, 5)


@pytest.fixture
def kernels():
    return normal(SHAPE, torch.Generator().manual_seed(0))


@pytest.mark.parametrize("bonds", [(3, 2), (7, 5), (1, 4)])
def test_trains_keep_what_tensorly_keeps(kernels, bonds):
    found = last_of_train(kernels, bonds).square().sum((1, 2))
    for one, energy in zip(kernels.numpy(), found, strict=True):
        train = tensor_train(one, [1, *bonds, 1])
        rebuilt = np.asarray(tensorly.tt_to_tensor(train))
        assert energy.item() == pytest.approx((rebuilt**2).sum())
        # what is left is orthogonal to what is kept
        assert energy.item() == pytest.approx((one**2).sum() - ((one - rebuilt) ** 2).sum())


@pytest.mark.parametrize("ranks", [(3, 4, 2), (7, 6, 1), (7, 6, 5)])
def test_tucker_keeps_what_projections_keep(kernels, ranks):
    found = tucker_core(kernels, ranks)
    assert found.shape[1:] == ranks
    for one, core in zip(kernels.numpy(), found, strict=True):
        for mode, rank in enumerate(ranks):
            left, _, _ = np.linalg.svd(tensorly.unfold(one, mode), full_matrices=False)
            one = np.asarray(
                tenalg.mode_dot(  # type: ignore[attr-defined]
                    one, left[:, :rank].T, mode
                )
            )
        assert core.square().sum().item() == pytest.approx((one**2).sum())


def test_kept_shares_are_those_of_their_seed():
    small = Chained(block=3, shape=(5, 4, 3), ranks=(2, 2, 2))
    first, again, other = small.run(1, 0), small.run(1, 0), small.run(2, 0)
    assert first == again
    assert first != other
    assert all(0 < one["kept"] < 1 for one in first)
