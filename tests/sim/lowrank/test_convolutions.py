"""Ensembles of convolutional networks, against torch's layers one by one, and their images."""

import gzip
import struct

import numpy as np
import pytest
import torch
from torch.nn import functional

from sim.data import idx
from sim.lowrank.convolutions import Architecture, Training, initial, outputs, trained
from sim.lowrank.images import images
from sim.lowrank.shuffled_moment import ShuffledMoment

SMALL = Architecture(inputs=3, outputs=5)


def generator():
    return torch.Generator().manual_seed(0)


def test_every_network_is_alone():
    layers, x = initial(4, SMALL, generator()), torch.randn(4, 6, 8, 8, generator=generator())
    found = outputs(x, layers)
    for one in range(4):
        hidden = functional.conv2d(x[one, :, None], layers[0][one]).relu()
        hidden = functional.conv2d(hidden, layers[1][one]).relu()
        torch.testing.assert_close(found[one], hidden.flatten(1) @ layers[2][one].T)


def test_training_learns_and_keeps_the_initial_kernels():
    pixels, labels = images("digits")
    x, y = torch.from_numpy(pixels).float(), torch.from_numpy(labels)
    first, final, accuracy = trained(x, y, 3, Architecture(), Training(60, 24), generator())
    assert first.shape == final.shape == (3, 16, 72)
    torch.testing.assert_close(first, initial(3, Architecture(), generator())[1].flatten(2))
    assert (final - first).norm() > 0.1 * first.norm()
    assert accuracy.mean() > 0.6


def test_trained_kernels_are_those_of_their_seed():
    small = ShuffledMoment(block=3, entries="trained", outputs=4, inputs=2, permutations=1)
    first, again, other = small.run(1, 0), small.run(1, 0), small.run(2, 0)
    assert first == again
    assert first != other
    assert len({one["moment"] for one in first}) == 3


def test_mnist_is_averaged_in_squares(tmp_path, monkeypatch):
    raw = np.random.default_rng(0).integers(0, 256, (5, 28, 28), dtype=np.uint8)
    folder = tmp_path / "mnist"
    folder.mkdir()
    written = {"images-idx3": raw, "labels-idx1": np.arange(5, dtype=np.uint8)}
    for kind, array in written.items():
        header = struct.pack(f">4B{array.ndim}I", 0, 0, 8, array.ndim, *array.shape)
        (folder / f"train-{kind}-ubyte.gz").write_bytes(gzip.compress(header + array.tobytes()))
    monkeypatch.setenv(idx.FOLDER, str(tmp_path))
    pixels, labels = images("mnist", idx.mnist_files())
    assert labels.tolist() == [0, 1, 2, 3, 4]
    corner = raw[:, 2:5, 2:5].astype(float).mean((1, 2))
    assert pixels[:, 0, 0] == pytest.approx((corner - corner.mean()) / corner.std())
