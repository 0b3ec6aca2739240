"""Neurons that trail under Adam because they start between two basins."""

import numpy as np

from tests.validate.activation.refusals import data_of
from theory.condensation.fates.adam_flow import adam_flow
from theory.condensation.fates.flow import gaussian_starts
from theory.condensation.fates.stragglers import STARTS, stragglers
from theory.condensation.forms.governing import form_of_part
from theory.condensation.forms.leading_form import Geometry
from theory.condensation.forms.sectors import plane_form
from theory.condensation.orientations.plane import extrema, orientations
from theory.symbolic.activation import activation
from theory.symbolic.leading_part import leading_part

GAP = 8.0  # degrees
X, Y = data_of("x*tanh(x)", 50)
PART = leading_part(activation("x*tanh(x)"))
EXACT = plane_form(PART, X, Y)
FORM = form_of_part(PART, np.column_stack([X, np.ones(len(X))]), Y)
FOUND = orientations(EXACT, Geometry.LINF)


def test_they_are_fewer_the_longer_the_run():
    shares = [stragglers(FORM, FOUND, radius, GAP).share for radius in (30.0, 300.0, 1500.0)]
    assert shares[0] > shares[1] > shares[2] == 0


def test_they_are_neurons_that_start_between_two_basins():
    edge = 36.99  # degrees: where -H is smallest
    assert np.min(np.abs(np.degrees(extrema(EXACT, Geometry.L2)) - edge)) < 0.01
    start = gaussian_starts(np.random.default_rng(0), STARTS, 2)
    late = stragglers(FORM, FOUND, 276.0, GAP)
    end = adam_flow(FORM, start, 276.0)
    trailing = np.isin(end.u[:, 0], late.u[:, 0])
    began = np.degrees(np.arctan2(start.w[trailing, 1], start.w[trailing, 0])) % 180
    assert len(began) == len(late.u) >= 10
    assert np.all(np.abs(began - edge) < 8)
