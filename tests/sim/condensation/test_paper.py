"""The paper's experiments: reproducible, on their own data, with counts that are right."""

import dataclasses
import json

import numpy as np
import pytest
import torch

from sim.condensation.paper import OnPaperData, PaperFigure, ProvedCase, groups, unexplained
from sim.data import idx
from sim.data.data_set import DataError
from sim.engine.store import plain
from tests.sim.data.test_idx import made, written
from tests.sim.reproducible import alone_and_together

SMALL = PaperFigure(width=12, epochs=(5, 20), block=3)
PLANE = dataclasses.replace(SMALL, data="figure-5", inputs=1, samples=40)
DEEP = dataclasses.replace(
    SMALL, activations=("x**2*tanh(x)", "x*tanh(x)", "tanh(x)"), residual=True
)
PROVED = ProvedCase(width=12, block=3)
ALL = pytest.mark.parametrize(
    "experiment", [SMALL, PLANE, DEEP, PROVED], ids=["wide", "plane", "deep", "proved"]
)


@ALL
def test_a_block_is_a_function_of_seed_and_index(experiment: OnPaperData):
    first = experiment.run(0, 1)
    assert experiment.run(0, 1) == first
    assert experiment.run(1, 1) != first
    assert experiment.run(0, 0) != first
    assert plain(first) == json.loads(json.dumps(first))


@ALL
def test_a_replicate_does_not_depend_on_those_trained_with_it(experiment: OnPaperData):
    """Single precision: rounding may differ, so the groups of a short training are compared."""
    for alone, expected in alone_and_together(experiment):
        assert alone["layers"] == expected["layers"]


def test_every_setting_changes_the_streams():
    changed = {"data": "digits", "activations": ("sin(x)",), "residual": True, "epochs": (7,)}
    changed |= {"fingerprint": "0123", "large": 0.5}
    fields = dataclasses.fields(SMALL)
    hashes = {SMALL.settings_hash()}
    for field in fields:
        value = changed.get(field.name) or 2 * getattr(SMALL, field.name)
        hashes.add(dataclasses.replace(SMALL, **{field.name: value}).settings_hash())
    assert len(hashes) == len(fields) + 1


def test_only_the_first_replicate_is_kept_to_be_shown():
    first, *others = PLANE.run(0, 0)
    assert np.shape(first["shown"]["20"]["similarity"]) == (1, 12, 12)
    assert np.shape(first["shown"]["5"]["neurons"]) == (12, 3)
    assert all("shown" not in one for one in others)
    assert all("shown" not in one for one in PLANE.run(0, 1))


def test_similarities_are_cosines_in_percent():
    (matrix,) = SMALL.run(0, 0)[0]["shown"]["20"]["similarity"]
    cosines = np.array(matrix)
    assert (np.diag(cosines) == 100).all()
    assert (cosines == cosines.T).all()
    assert np.abs(cosines).max() == 100


def test_every_layer_is_measured_at_every_epoch():
    for measured in DEEP.run(0, 0):
        assert measured["layers"].keys() == {"5", "20"}
        assert [len(layers) for layers in measured["layers"].values()] == [3, 3]


# -- groups -------------------------------------------------------------------------------------


def test_groups_of_two_lines_and_three_directions():
    rays = np.array([[1.0, 0, 0], [-1.0, 0, 0], [0, 1.0, 0]])
    found = groups(np.repeat(rays, [5, 3, 4], axis=0))
    assert found["neurons"] == 12
    for cosine in ("0.9", "0.95", "0.985"):
        assert found["directions"][cosine] == [5, 4, 3]
        assert found["lines"][cosine] == [8, 4]


def test_single_neurons_are_no_group():
    assert groups(np.eye(3))["directions"] == {"0.9": [], "0.95": [], "0.985": []}


def test_groups_in_the_plane_are_split_at_gaps():
    degrees = np.array([1.0, 6.0, 179.0, 186.0, 90.0, 90.0])
    at = np.radians(degrees)
    found = groups(np.column_stack([np.cos(at), np.sin(at)]))
    assert found["directions"] == {"4": [2], "8": [2, 2, 2], "16": [2, 2, 2]}
    assert found["lines"] == {"4": [2, 2, 2], "8": [4, 2], "16": [4, 2]}


def test_thresholds_are_angles_to_the_leader():
    at = np.radians([0.0, 0.0, 0.0, 15.0, 15.0])
    directions = np.column_stack([np.cos(at), np.sin(at), 0 * at])
    found = groups(directions)["directions"]
    assert found == {"0.9": [5], "0.95": [5], "0.985": [3, 2]}


def test_neurons_of_small_norm_can_be_left_out():
    counted = [
        one["layers"]["5"][0]["neurons"] for one in dataclasses.replace(SMALL, large=0.9).run(0, 0)
    ]
    assert max(counted) < SMALL.width
    assert min(counted) >= 1


def test_one_line_where_it_is_proved():
    """All twelve neurons of each network; one direction is enough, their a may have one sign."""
    for measured in PROVED.run(0, 0):
        (layer,) = measured["layers"]["end"]
        assert layer["lines"]["0.985"] == [12]
        assert len(layer["directions"]["0.985"]) in (1, 2)


# -- polynomials --------------------------------------------------------------------------------


@pytest.mark.parametrize("degree", range(5))
def test_a_polynomial_leaves_nothing_from_its_degree_on(degree):
    x = torch.linspace(-1, 1.5, 40)
    left = unexplained(x, (x + 0.2) ** degree)
    assert all(value > 1e-3 for value in left[:degree])
    assert all(value < 1e-9 for value in left[degree:])


def test_shares_are_those_of_least_squares():
    rng = np.random.default_rng(0)
    x, f = np.linspace(-1, 1.5, 40), rng.standard_normal(40)
    found = unexplained(torch.tensor(x), torch.tensor(f))
    for degree, share in enumerate(found):
        residual = f - np.polyval(np.polyfit(x, f, degree), x)
        assert share == pytest.approx(residual @ residual / (40 * f.var()), rel=1e-9)
    assert found[0] == pytest.approx(1)


# -- data ---------------------------------------------------------------------------------------


def test_sine_sums_differ_between_replicates_and_figure_5_does_not():
    first, second = (SMALL.data_set(0, replicate)[0] for replicate in (0, 1))
    assert (first.x != second.x).all()
    np.testing.assert_array_equal(PLANE.data_set(0, 0)[0].y, PLANE.data_set(3, 9)[0].y)
    np.testing.assert_allclose(first.y, 3.5 * np.sin(5 * first.x + 1).sum(1))


def test_digits_are_images_with_their_digit():
    images = PaperFigure(data="digits", samples=100).data_set(0, 0)[0]
    assert images.x.shape == (100, 64)
    assert (images.x.min(), images.x.max()) == (0.0, 1.0)
    assert set(images.y.tolist()) <= set(range(10))


@pytest.fixture
def mnist(tmp_path, monkeypatch):
    (tmp_path / "mnist").mkdir()
    monkeypatch.setenv(idx.FOLDER, str(tmp_path))
    return written(tmp_path / "mnist", *made(30))


def test_mnist_images_are_those_of_the_files(mnist):
    experiment = PaperFigure(data="mnist", samples=9, fingerprint=str(idx.fingerprint(mnist)))
    chosen = experiment.data_set(0, 0)[0]
    pixels = made(30)[0].reshape(30, -1) / 255.0
    for image, digit in zip(chosen.x, chosen.y, strict=True):
        (at,) = np.flatnonzero((pixels == image).all(axis=1))
        assert digit == at % 10


def test_files_that_changed_are_refused(mnist):
    experiment = PaperFigure(data="mnist", samples=9, fingerprint=str(idx.fingerprint(mnist)))
    written(mnist, *made(31))
    with pytest.raises(DataError, match="have changed"):
        experiment.data_set(0, 0)
