"""Neurons that stay in one sector are put where they end: the same as by steps all the way."""

import numpy as np
import pytest

from theory.condensation.fates import flow as flow_module
from theory.condensation.fates.flow import flow, gaussian_starts
from theory.condensation.forms.homogeneous import MANY, HomogeneousForm, enough_starts
from theory.condensation.forms.leading_form import Geometry
from theory.condensation.orientations import cube, ridges
from theory.condensation.orientations.critical import critical_orientations
from theory.condensation.orientations.within_sector import has_sectors, remains

SIDES = {"relu": (1.0, 0.0), "leaky": (1.0, -0.1), "abs": (1.0, 1.0)}


def form_of(kind: str, seed: int, samples: int = 30, bias: float = 1.0) -> HomogeneousForm:
    rng = np.random.default_rng(seed)
    x = np.column_stack([rng.standard_normal((samples, 2)), np.full(samples, bias)])
    return HomogeneousForm(x, rng.standard_normal(samples), 1, *SIDES[kind])


@pytest.fixture
def step_by_step(monkeypatch):
    """A switch: nobody is put ahead."""

    def on() -> None:
        for module in (cube, ridges, flow_module):
            monkeypatch.setattr(module, "remains", lambda form, u, end: np.zeros(len(u), bool))

    return on


def test_sectors():
    form = form_of("relu", 0, bias=5.0)
    assert has_sectors(form)
    assert not has_sectors(HomogeneousForm(form.x, form.y, 1, 1.0, -1.0))
    up, aside = np.array([[0.0, 0.0, 1.0]]), np.array([[1.0, 0.0, 0.0]])
    assert remains(form, up, up).all()
    assert not remains(form, aside, up).any()
    assert not remains(form, up, np.zeros((1, 3))).any()  # on the boundary of all


@pytest.mark.parametrize("geometry", list(Geometry))
@pytest.mark.parametrize("bias", [1.0, 6.0])
@pytest.mark.parametrize("kind", SIDES)
def test_orientations_are_those_of_all_steps(step_by_step, kind: str, bias: float, geometry):
    for seed in range(3):
        form = form_of(kind, seed, bias=bias)
        ahead = critical_orientations(form, geometry, starts=200)
        step_by_step()
        slowly = critical_orientations(form, geometry, starts=200)
        assert len(ahead) == len(slowly)
        for one in ahead:
            same = min((one.angle_to(o), o) for o in slowly if o.sign == one.sign)[1]
            assert one.angle_to(same) < 1e-4
            assert one.share == pytest.approx(same.share, abs=0.02)


@pytest.mark.parametrize("kind", SIDES)
def test_fates_are_those_of_all_steps(step_by_step, kind: str):
    form = form_of(kind, 1, bias=3.0)
    targets = critical_orientations(form, Geometry.L2)
    starts = gaussian_starts(np.random.default_rng(0), 300, 3)
    ahead = flow(form, starts, targets=targets)
    step_by_step()
    slowly = flow(form, starts, targets=targets)
    same = (np.einsum("nd,nd->n", ahead.u, slowly.u) > 0.999) & (ahead.sign == slowly.sign)
    assert same.mean() > 0.98  # Euler steps of 2 % cross an edge now and then
    assert (ahead.alive == slowly.alive).mean() > 0.98
    both = same & np.isfinite(ahead.arrived) & np.isfinite(slowly.arrived)
    assert both.mean() > 0.3
    assert np.median(np.abs(ahead.arrived[both] - slowly.arrived[both])) < 0.05


@pytest.mark.parametrize(("order", "right", "left"), [(1, 1.0, 0.3), (2, 1.0, 0.0), (4, 1.0, 1.0)])
def test_gradients_in_parts_are_those_at_once(order: int, right: float, left: float):
    rng = np.random.default_rng(0)
    form = HomogeneousForm(
        rng.standard_normal((300, 4)), rng.standard_normal(300), order, right, left
    )
    u = rng.standard_normal((MANY // 300 + 100, 4))
    single = np.concatenate([form.gradient(u[i : i + 50]) for i in range(0, len(u), 50)])
    np.testing.assert_allclose(form.gradient(u), single, rtol=1e-11, atol=1e-12)


def test_fewer_starts_where_there_are_many_samples():
    assert [enough_starts(form_of("relu", 0, n), 2000) for n in (40, 100, 400, 10_000)] == [
        *(2000, 2000, 500, 250)
    ]
