"""Shares of neurons: in many dimensions the flow of order 1 is that in its plane."""

import numpy as np

from theory.condensation.fates import shares as of_neurons
from theory.condensation.forms.homogeneous import HomogeneousForm
from theory.condensation.forms.leading_form import Geometry
from theory.condensation.orientations.critical import critical_orientations


def test_order_1_in_its_plane(monkeypatch):
    rng = np.random.default_rng(0)
    form = HomogeneousForm(rng.normal(size=(20, 12)), rng.normal(size=20), 1, 1.5, -1.5)
    found = critical_orientations(form, Geometry.L2)
    full = of_neurons.shares(form, found, np.random.default_rng(1), 200)
    monkeypatch.setattr(of_neurons, "MANY_DIMENSIONS", 2)
    plane = of_neurons.shares(form, found, np.random.default_rng(1), 200)
    assert (plane.at, plane.dead, plane.elsewhere) == (full.at, full.dead, full.elsewhere)
    assert np.array_equal(plane.target, full.target)
    np.testing.assert_allclose(plane.arrived, full.arrived, rtol=0.01)
