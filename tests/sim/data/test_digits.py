"""scikit-learn's digits: pairs of classes, drawn and standardized as stated."""

import numpy as np
import pytest
from sklearn.datasets import load_digits

from sim.data.digits import all_digits, digits_pair


def test_digits_pair_is_standardized():
    dataset = digits_pair(3, 8)
    assert dataset.x.shape == (357, 64)
    assert (int((dataset.y == 1).sum()), int((dataset.y == -1).sum())) == (183, 174)
    scale = dataset.x.std(axis=0)
    np.testing.assert_allclose(dataset.x.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(scale[scale > 0], 1, rtol=1e-12)
    assert (scale == 0).any()
    np.testing.assert_array_equal(digits_pair(8, 3).y, -dataset.y)


def test_digits_pair_draws_balanced_samples():
    dataset = digits_pair(0, 1, 21, np.random.default_rng(0))
    again = digits_pair(0, 1, 21, np.random.default_rng(0))
    other = digits_pair(0, 1, 21, np.random.default_rng(1))
    assert dataset.y.sum() == 1
    assert len(np.unique(dataset.x, axis=0)) == 21
    np.testing.assert_array_equal(dataset.x, again.x)
    assert not np.array_equal(dataset.x, other.x)


def test_digits_cannot_be_changed_by_a_user():
    digits_pair(0, 1).x[:] = 7
    assert digits_pair(0, 1).x.max() != 7


@pytest.mark.parametrize(
    ("arguments", "message"),
    [((3, 3), "two different"), ((3, 10), "two different"), ((0, 1, 5), "generator")],
)
def test_digits_pair_refuses(arguments: tuple[int, ...], message: str):
    with pytest.raises(ValueError, match=message):
        digits_pair(*arguments)  # type: ignore[arg-type]


@pytest.mark.parametrize("samples", [-1, 1, 357, 10**6])
def test_digits_pair_refuses_impossible_samples(samples: int):
    with pytest.raises(ValueError, match="samples of two classes"):
        digits_pair(3, 8, samples, np.random.default_rng(0))


def test_images_and_labels_are_those_of_scikit_learn():
    pixels, labels = load_digits(return_X_y=True)
    found = all_digits()
    assert np.array_equal(found[0], pixels)
    assert np.array_equal(found[1], labels)
