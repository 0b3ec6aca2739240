"""Data sets: the stated moments and covariances, and clear refusals of bad files."""

import math
import os
import time
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from sim.data import data_sets
from sim.data.data_sets import (
    DataError,
    DataSet,
    check_size,
    digits_pair,
    gaussian_coefficients,
    least_norm_targets,
    paper_figure_5,
    paper_sine_sum,
    random_labels,
    read_csv,
    xor_grid,
)

DATA = Path(__file__).parents[2] / "data"
ALPHA = 1e-5  # false-alarm rate of each statistical test, over all its comparisons


def form(dataset: DataSet, order: int, angles: np.ndarray) -> np.ndarray:
    """H(u) = (1/n) Σᵢ yᵢ (u·x̃ᵢ)^p at u = (cos θ, sin θ)."""
    u = np.stack([np.cos(angles), np.sin(angles)])
    return dataset.y @ (dataset.augmented @ u) ** order / len(dataset.y)


def test_augmented_puts_the_constant_last():
    dataset = DataSet(np.array([[1.0, 2.0], [3.0, 4.0]]), np.zeros(2), "two")
    assert dataset.augmented.tolist() == [[1.0, 2.0, 1.0], [3.0, 4.0, 1.0]]


def test_paper_figure_5():
    dataset = paper_figure_5()
    assert dataset.x.shape == (40, 1)
    assert (dataset.x[0, 0], dataset.x[-1, 0]) == (-1.0, 1.5)
    assert dataset.y[0] == pytest.approx(math.sin(-3) + math.sin(-6) / 2, abs=1e-15)


def test_paper_sine_sum():
    figure_2 = paper_sine_sum(np.random.default_rng(0))
    assert figure_2.x.shape == (80, 5)
    assert figure_2.x.min() >= -4
    assert figure_2.x.max() <= 2
    direct = [sum(3.5 * math.sin(5 * x + 1) for x in row) for row in figure_2.x]
    np.testing.assert_allclose(figure_2.y, direct)
    figure_3 = paper_sine_sum(np.random.default_rng(0), amplitude=4.0, frequency=12.0, inputs=3)
    np.testing.assert_allclose(figure_3.y[0], 4 * np.sin(12 * figure_3.x[0] + 1).sum())


def test_random_labels_have_the_stated_laws():
    dataset = random_labels(np.random.default_rng(0), samples=2000, inputs=3, low=-2.0, high=4.0)
    assert dataset.x.shape == (2000, 3)
    # Two exact Kolmogorov–Smirnov tests at ALPHA / 2 each: false-alarm rate ALPHA.
    assert stats.kstest(dataset.x.ravel(), stats.uniform(-2, 6).cdf).pvalue > ALPHA / 2
    assert stats.kstest(dataset.y, stats.norm.cdf).pvalue > ALPHA / 2


@pytest.mark.parametrize("order", [1, 2, 3, 4, 6])
def test_gaussian_coefficients_reproduce_their_moments(order: int):
    dataset = gaussian_coefficients(np.random.default_rng(order), order)
    rng = np.random.default_rng(order)
    rng.uniform(size=40)  # the inputs
    g = rng.standard_normal(order + 1)
    k = np.arange(order + 1)
    moments = (dataset.x**k).T @ dataset.y / 40
    np.testing.assert_allclose(moments * np.sqrt([math.comb(order, j) for j in k]), g, rtol=1e-9)
    angles = np.linspace(0, 2 * np.pi, 7)
    c, s = np.cos(angles), np.sin(angles)
    kostlan = sum(np.sqrt(math.comb(order, j)) * g[j] * c**j * s ** (order - j) for j in k)
    np.testing.assert_allclose(form(dataset, order, angles), kostlan, rtol=0, atol=1e-10)


def test_gaussian_coefficients_prefer_no_direction():
    order, sets = 3, 1500
    angles = np.array([0.1, 0.8, 1.9, 2.7])
    rng = np.random.default_rng(1)
    values = np.array([form(gaussian_coefficients(rng, order), order, angles) for _ in range(sets)])
    covariance = np.cos(angles[:, None] - angles) ** order
    # The theory says values ~ N(0, covariance) with independent rows, so the whitened values
    # are independent N(0, 1): one exact Kolmogorov–Smirnov test of all, and a chi-square of
    # their sums of squares, at ALPHA / 2 each (Bonferroni): false-alarm rate at most ALPHA.
    white = np.linalg.solve(np.linalg.cholesky(covariance), values.T)
    assert stats.kstest(white.ravel(), stats.norm.cdf).pvalue > ALPHA / 2
    square = stats.chi2(white.size).cdf((white**2).sum())
    assert ALPHA / 4 < square < 1 - ALPHA / 4


def test_least_norm_targets_have_the_least_norm():
    x = np.linspace(-1, 1.5, 12)
    moments = np.array([1.0, -2.0, 0.5])
    y = least_norm_targets(x, moments)
    powers = x ** np.arange(3)[:, None] / 12
    np.testing.assert_allclose(y, np.linalg.pinv(powers) @ moments, rtol=1e-10)


def test_dependent_moments_are_refused():
    with pytest.raises(ValueError, match="order must be"):
        gaussian_coefficients(np.random.default_rng(0), 5, samples=5)
    with pytest.raises(ValueError, match="cannot be chosen freely"):
        gaussian_coefficients(np.random.default_rng(0), 6, low=1000.0, high=1001.0)


def test_xor_grid_has_the_stated_form():
    dataset = xor_grid()
    assert dataset.x.shape == (81, 2)
    assert set(dataset.x.ravel()) == set(np.linspace(-1, 1, 9))
    assert len(np.unique(dataset.x, axis=0)) == 81
    u = np.random.default_rng(0).standard_normal((3, 20))
    h = dataset.y @ (dataset.augmented @ u) ** 3 / 81
    ratio = h / u.prod(axis=0)  # H is proportional to u₁u₂u₃
    np.testing.assert_allclose(ratio, ratio[0], rtol=1e-10)


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


def test_read_csv():
    dataset = read_csv(DATA / "small.csv")
    assert dataset.x.tolist() == [[0.5, -1.0], [1e-3, 0.25], [-3.0, 4.0]]
    assert dataset.y.tolist() == [2.0, -0.1, 5.0]
    assert dataset.x.dtype == dataset.y.dtype == np.float64
    assert dataset.name == "small.csv"


@pytest.mark.parametrize(
    "text", ["x1,y\r\n1,2\r\n3,2\r\n", "\ufeffx1, y\n 1, 2\n3 ,2", "x1,y\n1,2\n\n3,2\n\n"]
)
def test_read_csv_forgives_line_ends_spaces_and_a_constant_target(tmp_path: Path, text: str):
    path = tmp_path / "data.csv"
    path.write_bytes(text.encode())
    dataset = read_csv(path)
    assert dataset.x.tolist() == [[1.0], [3.0]]
    assert dataset.y.tolist() == [2.0, 2.0]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the header must be"),
        ("\n", "the header must be"),
        ("1,2\n3,4\n", "the header must be x1,…,xd,y, found '1,2'"),
        ("y\n1\n2\n", "the header must be"),
        ("x,y\n1,2\n3,4\n", "the header must be"),
        ("x1,x3,y\n1,2,3\n4,5,6\n", "the header must be"),
        ("x2,x1,y\n1,2,3\n4,5,6\n", "the header must be"),
        ("y,x1\n1,2\n3,4\n", "the header must be"),
        ("x1;y\n1;2\n3;4\n", "the header must be"),
        ("x1,x2\n1,2\n3,4\n", "the header must be"),
        ("x1" * 500 + "\n1\n", "…'"),
        ("x1,y\n", "at least 2 rows are needed, found 0"),
        ("x1,y\n1,2\n", "at least 2 rows are needed, found 1"),
        ("x1,y\n1,2\n\n3,nan\n", "row 2 has a value that is not finite"),
        ("x1,y\n1,2\n3,4\n-inf,2\n", "row 3 has a value that is not finite"),
        ("x1,y\n1,2\n1e999,2\n", "row 2 has a value that is not finite"),
        ("x1,y\n1,2\n\n3,four\n", "row 2 has 'four', which is not a number"),
        ("x1,y\n1,2\n3,\n", "row 2 has '', which is not a number"),
        ("x1,y\n1,2\n3,4\n5\n", "row 3 has 1 values, not 2"),
        ("x1,y\n1,2\n3,4,5\n", "row 2 has 3 values, not 2"),
        ("x1,y\n1,2,3\n3,4,5\n", "row 1 has 3 values, not 2"),
        ("x1,y\n1,2\n1_0,2\n", "not readable"),
        ("x1,y\n1,2\n3,#4\n", "row 2 has '#4'"),
        ("x1,y\n1,2\n3," + "4" * 200_000 + "x\n", "field larger"),
    ],
)
def test_read_csv_refuses_in_one_line(tmp_path: Path, text: str, message: str):
    path = tmp_path / "data.csv"
    path.write_bytes(text.encode())
    with pytest.raises(DataError) as error:
        read_csv(path)
    assert message in str(error.value)
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < len(str(path)) + 150


@pytest.mark.parametrize("content", [b"\xff\xfe\x00x", b"x1,y\n1,2\n3,\xff\n"])
def test_read_csv_refuses_other_encodings(tmp_path: Path, content: bytes):
    path = tmp_path / "data.csv"
    path.write_bytes(content)
    with pytest.raises(DataError, match="UTF-8"):
        read_csv(path)


def test_read_csv_refuses_missing_files_and_folders(tmp_path: Path):
    for path in (tmp_path / "none.csv", tmp_path / "small.csv" / "x"):
        with pytest.raises(DataError, match="no such file"):
            read_csv(path)
    with pytest.raises(DataError, match="too long"):
        read_csv(tmp_path / ("a" * 5000))


def test_read_csv_opens_nothing_that_may_never_end(tmp_path: Path):
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "link").symlink_to("/dev/zero")
    for path in (tmp_path, tmp_path / "fifo", tmp_path / "link", Path("/dev/null")):
        with pytest.raises(DataError, match="a regular CSV file is needed"):
            read_csv(path)


def test_read_csv_does_not_read_a_file_without_line_ends(tmp_path: Path):
    path = tmp_path / "sparse.csv"
    with path.open("wb") as file:
        file.truncate(10**11)  # takes no room on the disk
    start = time.process_time()
    with pytest.raises(DataError, match="the header must be") as error:
        read_csv(path)
    assert time.process_time() - start < 1
    assert len(str(error.value)) < len(str(path)) + 350


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


def test_read_csv_refuses_too_many_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(data_sets, "MAX_ROWS", 3)
    path = tmp_path / "data.csv"
    path.write_text("x1,y\n" + "1,2\n" * 3)
    assert len(read_csv(path).y) == 3
    path.write_text("x1,y\n" + "1,2\n" * 4)
    with pytest.raises(DataError, match="more than 3 rows"):
        read_csv(path)


def test_read_csv_is_fast(tmp_path: Path):
    path = tmp_path / "data.csv"
    path.write_text("x1,x2,y\n" + "0.123456789,-1.5,2.25\n" * 300_000)
    start = time.process_time()
    read_csv(path)
    assert time.process_time() - start < 1.5  # 10⁶ rows in under 5 s
