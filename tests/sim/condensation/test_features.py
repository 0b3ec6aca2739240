"""Features of the stop rule against the full tensor, the sphere's average, and by hand."""

import itertools
import math

import numpy as np
import pytest
import torch

from sim.condensation.features import features
from theory.symbolic.leading_part import LeadingPart

RELU, EVEN, CUBIC = LeadingPart(1, 1.0, 0.0), LeadingPart(2, 1.0, 0.3), LeadingPart(3, 2.0, -2.0)


def moment(f: np.ndarray, phi: torch.Tensor) -> float:
    return float(np.linalg.norm(f @ phi[0].numpy()) / len(f))


def drawn(samples: int, dimension: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(samples + dimension)
    return rng.standard_normal((samples, dimension)), rng.standard_normal(samples)


@pytest.mark.parametrize(("samples", "dimension"), [(30, 3), (9, 3), (4, 5)])
def test_a_smooth_norm_is_that_of_the_tensor(samples: int, dimension: int):
    # 10 monomials of 3 variables and 35 of 5: the first case has fewer than samples, the others
    # take the root of the Gram matrix. Both must be the Frobenius norm, entry by entry.
    x, f = drawn(samples, dimension)
    total = 0.0
    for indices in itertools.product(range(dimension), repeat=3):
        total += float(np.mean(f * np.prod(x[:, list(indices)], axis=1))) ** 2
    phi = features(torch.tensor(x)[None], CUBIC)
    assert moment(f, phi) == pytest.approx(math.sqrt(total), rel=1e-9)


@pytest.mark.parametrize("part", [RELU, EVEN], ids=["relu", "order 2"])
@pytest.mark.parametrize("dimension", [2, 3])
def test_a_kinked_norm_is_the_root_mean_square_over_the_sphere(part: LeadingPart, dimension: int):
    x, f = drawn(12, dimension)
    rng = np.random.default_rng(0)
    u = rng.standard_normal((200_000, dimension))
    u /= np.linalg.norm(u, axis=1, keepdims=True)
    z = u @ x.T
    lead = np.where(z > 0, part.right, part.left) * np.abs(z) ** part.order
    exact = math.sqrt(np.mean((lead @ f / len(f)) ** 2))
    found = moment(f, features(torch.tensor(x)[None], part))
    # An even grid on the circle; 128 directions drawn once on the sphere, good to about 1/√128.
    assert found == pytest.approx(exact, rel=0.01 if dimension == 2 else 0.25)


def test_a_line_has_two_directions():
    # H(1) = (1·2 + 0)/2 and H(−1) = 0.5·3·(−1)/2 for f = (1, −1): their root mean square
    x = torch.tensor([[[2.0], [-3.0]]], dtype=torch.float64)
    phi = features(x, LeadingPart(1, 1.0, 0.5))
    forward, backward = (2.0 - 0.5 * 3.0) / 2, (0.5 * 2.0 - 3.0) / 2
    expected = math.hypot(forward, backward) / math.sqrt(2)
    assert moment(np.array([1.0, -1.0]), phi) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("part", [RELU, CUBIC], ids=["relu", "cubic"])
@pytest.mark.parametrize("samples", [6, 30])
def test_centered_features_do_not_see_constants(part: LeadingPart, samples: int):
    x, f = drawn(samples, 3)
    plain, centered = (features(torch.tensor(x)[None], part, flag) for flag in (False, True))
    assert moment(np.ones(samples), plain) > 0.01
    assert moment(np.ones(samples), centered) < 1e-12
    # for a function of mean 0 nothing changes
    rest = f - f.mean()
    assert moment(f, centered) == pytest.approx(moment(rest, plain), rel=1e-9)


def test_data_sets_do_not_mix():
    x = torch.tensor(np.random.default_rng(0).standard_normal((3, 7, 2)))
    for part in (RELU, CUBIC, LeadingPart(8, 1.0, 1.0)):
        together = features(x, part, centered=True)
        alone = torch.cat([features(x[i : i + 1], part, centered=True) for i in range(3)])
        # roots of a Gram matrix are unique up to a rotation: their products are compared
        torch.testing.assert_close(together @ together.mT, alone @ alone.mT)
