"""Data sets: synthetic targets, scikit-learn's digits and CSV files.

Every source is a pure function; randomness comes from the generator that is passed in.
"""

import csv
import math
import warnings
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path

import numpy as np
from jaxtyping import Float, Float64, Int

LOW, HIGH = -1.0, 1.5  # the range of x in arXiv:2105.11686, Figs. 5 and 6
MAX_ROWS = 2_000_000
MAX_HEADER = 1_000_000  # characters: a file without line ends is not read to its end
MIN_SIZE, MAX_SIZE = 1e-10, 1e10  # of data: squares of their 8th powers stay in double precision
MAX_CONDITION = 1e10  # of the monomials at x: moments are then met to about 1e-6


class DataError(ValueError):
    """A data file cannot be used; the message is one line that says why."""


@dataclass(frozen=True, eq=False)
class DataSet:
    """Inputs and targets.

    Attributes:
        x: inputs, without the constant.
        y: targets.
        name: what the report calls it.
        bias: whether networks on these data have a bias.
    """

    x: Float64[np.ndarray, "samples inputs"]
    y: Float64[np.ndarray, " samples"]
    name: str
    bias: bool = True

    @property
    def augmented(self) -> Float64[np.ndarray, "samples dimension"]:
        """The inputs with a last column of ones, so that the bias is the last weight.

        Without a bias just the inputs.
        """
        return np.column_stack([self.x, np.ones(len(self.x))]) if self.bias else self.x


def paper_figure_5() -> DataSet:
    """The target of arXiv:2105.11686, Figs. 5 and 6: sin(3x) + sin(6x)/2 at 40 even points."""
    x = np.linspace(LOW, HIGH, 40)
    return DataSet(x[:, None], np.sin(3 * x) + np.sin(6 * x) / 2, "sin(3x) + sin(6x)/2")


def two_sines() -> DataSet:
    """The built-in target for new activations: sin(2x + 1) + sin(5x + 1) at 40 even points.

    Chosen, before anything was trained, among sums of two sines because 200 neurons can resolve
    its orientations for every multiplicity from 1 to 6, under gradient descent and under Adam,
    and because its mean is not zero, which σ(0) ≠ 0 needs.
    """
    x = np.linspace(LOW, HIGH, 40)
    return DataSet(x[:, None], np.sin(2 * x + 1) + np.sin(5 * x + 1), "sin(2x + 1) + sin(5x + 1)")


def paper_sine_sum(
    rng: np.random.Generator,
    amplitude: float = 3.5,
    frequency: float = 5.0,
    inputs: int = 5,
    samples: int = 80,
    low: float = -4.0,
    high: float = 2.0,
) -> DataSet:
    """The targets of arXiv:2105.11686 with several inputs: y = Σₖ A sin(ωxₖ + 1), x uniform.

    The defaults are Fig. 2's; Fig. 4a has ω = 2, Figs. 3 and 7 have A = 4, ω = 12 and 3 inputs.
    """
    x = rng.uniform(low, high, size=(samples, inputs))
    y = amplitude * np.sin(frequency * x + 1.0).sum(axis=1)
    return DataSet(x, y, f"sum of {amplitude:g} sin({frequency:g}x + 1), d = {inputs}")


def random_labels(
    rng: np.random.Generator,
    samples: int = 40,
    inputs: int = 1,
    low: float = LOW,
    high: float = HIGH,
) -> DataSet:
    """Inputs uniform on [low, high], independent standard normal targets."""
    x = rng.uniform(low, high, size=(samples, inputs))
    return DataSet(x, rng.standard_normal(samples), f"random labels, d = {inputs}")


def gaussian_coefficients(
    rng: np.random.Generator,
    order: int,
    samples: int = 40,
    low: float = LOW,
    high: float = HIGH,
) -> DataSet:
    """One-dimensional inputs with targets that make the leading form a Gaussian random one.

    With u = (cos θ, sin θ) and augmented inputs (xᵢ, 1) the form of order p is

        H(u) = (1/n) Σᵢ yᵢ (u₁xᵢ + u₂)^p = Σₖ C(p,k) mₖ cosᵏθ sin^{p−k}θ,  mₖ = (1/n) Σᵢ yᵢ xᵢᵏ.

    Targets of least norm with mₖ = gₖ / √C(p,k), gₖ independent N(0, 1), give
    H = Σₖ √C(p,k) gₖ cosᵏθ sin^{p−k}θ, the Kostlan form: its covariance is cos^p(θ − φ), so no
    direction is preferred. (Our derivation; Kostlan 1993 for the ensemble.) One input is drawn
    in each of n equal cells, which keeps the moments well conditioned.

    Raises:
        ValueError: p + 1 moments cannot be met at these inputs.
    """
    if not 1 <= order < samples:
        raise ValueError(f"order must be between 1 and samples - 1 = {samples - 1}, not {order}")
    x = low + (high - low) * (np.arange(samples) + rng.uniform(size=samples)) / samples
    weights = np.sqrt([float(math.comb(order, k)) for k in range(order + 1)])
    y = least_norm_targets(x, rng.standard_normal(order + 1) / weights)
    return DataSet(x[:, None], y, f"Gaussian coefficients, order {order}")


def least_norm_targets(
    x: Float64[np.ndarray, " samples"], moments: Float64[np.ndarray, " orders"]
) -> Float64[np.ndarray, " samples"]:
    """The y of least norm with (1/n) Σᵢ yᵢ xᵢᵏ = moments[k], k = 0, 1, …

    Raises:
        ValueError: the monomials at x are (almost) linearly dependent.
    """
    monomials = np.vander(x, len(moments), increasing=True)
    basis, triangle = np.linalg.qr(monomials)
    if np.linalg.cond(triangle) > MAX_CONDITION:
        raise ValueError(f"{len(moments)} moments cannot be chosen freely at these inputs")
    return len(x) * basis @ np.linalg.solve(triangle.T, moments)


def xor_grid(points: int = 9) -> DataSet:
    """y = x₁x₂ on an even grid in [−1, 1]²: eight orientations at order 3 (our derivation)."""
    axis = np.linspace(-1.0, 1.0, points)
    x = np.array(np.meshgrid(axis, axis, indexing="ij")).reshape(2, -1).T
    return DataSet(x, x[:, 0] * x[:, 1], "x₁x₂ on a grid")


def digits_pair(
    first: int, second: int, samples: int | None = None, rng: np.random.Generator | None = None
) -> DataSet:
    """Two classes of scikit-learn's digits, 64 inputs; y = +1 for ``first``, −1 for ``second``.

    ``samples`` images are drawn without replacement, half of each class (``first`` gets the
    odd one); None takes all. Each pixel is standardized over the chosen images, except that a
    constant pixel is only centered, to 0.

    Raises:
        ValueError: not two different digits, too many samples, or samples without ``rng``.
    """
    if first == second or not {first, second} <= set(range(10)):
        raise ValueError(f"two different digits from 0 to 9 are needed, not {first} and {second}")
    pixels, labels = all_digits()
    chosen = [np.flatnonzero(labels == digit) for digit in (first, second)]
    if samples is not None:
        if rng is None:
            raise ValueError("a generator is needed to draw samples")
        counts = (samples - samples // 2, samples // 2)
        if samples < 2 or any(n > len(rows) for n, rows in zip(counts, chosen, strict=True)):
            have = " and ".join(str(len(rows)) for rows in chosen)
            raise ValueError(f"{samples} samples of two classes with {have} images")
        chosen = [
            rng.choice(rows, n, replace=False) for n, rows in zip(counts, chosen, strict=True)
        ]
    rows = np.sort(np.concatenate(chosen))
    y = np.where(labels[rows] == first, 1.0, -1.0)
    return DataSet(_standardized(pixels[rows]), y, f"digits {first} and {second}")


@cache
def all_digits() -> tuple[Float64[np.ndarray, "images 64"], Int[np.ndarray, " images"]]:
    """Pixels from 0 to 16 and labels of scikit-learn's digits."""
    from sklearn.datasets import load_digits  # half a second to import

    pixels, labels = load_digits(return_X_y=True)
    return np.asarray(pixels), np.asarray(labels)


def _standardized(
    x: Float64[np.ndarray, "samples inputs"],
) -> Float64[np.ndarray, "samples inputs"]:
    scale = x.std(axis=0)
    return (x - x.mean(axis=0)) / np.where(scale == 0, 1.0, scale)


def read_csv(path: Path) -> DataSet:
    """A data set from a CSV file with the header ``x1,…,xd,y``; values are used as given.

    UTF-8, comma-separated, blank lines ignored. A constant y is allowed: whether a theory says
    anything about it is for that theory's regime checks. Rows in messages count from 1 after
    the header.

    Raises:
        DataError: no such file, another header, a cell that is no finite number, a row of
            another length, fewer than 2 rows or more than 2·10⁶.
    """
    try:
        _check_regular(path)
        columns = _header_length(path)
        table = _table(path, columns)
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: not a text file in UTF-8") from error
    except OSError as error:
        raise DataError(f"{path}: {error.strerror or error}") from error
    except csv.Error as error:
        raise DataError(f"{path}: {error}") from error
    if len(table) > MAX_ROWS:
        raise DataError(f"{path}: more than {MAX_ROWS} rows; at most {MAX_ROWS} are read")
    bad = np.flatnonzero(~np.isfinite(table).all(axis=1))
    if len(bad):
        raise DataError(
            f"{path}: row {bad[0] + 1} has a value that is not finite; finite numbers are needed"
        )
    if len(table) < 2:
        raise DataError(f"{path}: at least 2 rows are needed, found {len(table)}")
    return DataSet(np.ascontiguousarray(table[:, :-1]), table[:, -1].copy(), path.name)


def _check_regular(path: Path) -> None:
    """Refuse what may never end or answer when it is read: folders, pipes, devices."""
    if not path.exists():
        raise DataError(f"{path}: no such file")
    if not path.is_file():
        raise DataError(f"{path}: a folder, pipe or device; a regular CSV file is needed")


def check_size(data: DataSet) -> DataSet:
    """The data, if powers of their numbers cannot leave double precision.

    Raises:
        DataError: the largest input with its bias, or the largest target, is not zero and outside
            1e-10 to 1e10.
    """
    for name, values in (("x", data.augmented), ("y", data.y)):
        largest = float(np.max(np.abs(values)))
        if largest and not MIN_SIZE <= largest <= MAX_SIZE:
            raise DataError(
                f"{data.name}: the largest |{name}| is {largest:.3g}; "
                f"{MIN_SIZE:g} to {MAX_SIZE:g} is accepted: rescale {name}"
            )
    return data


def _header_length(path: Path) -> int:
    """Number of columns, once the header is known to be x1,…,xd,y."""
    with path.open(encoding="utf-8-sig", newline="") as lines:
        line = lines.readline(MAX_HEADER).rstrip("\r\n")
    try:
        names = [name.strip() for name in next(csv.reader([line]), [])]
    except csv.Error:  # a field that is too long
        names = []
    expected = [f"x{k}" for k in range(1, len(names))] + ["y"]
    if len(names) < 2 or names != expected:
        shown = line if len(line) <= 60 else line[:60] + "…"
        raise DataError(f"{path}: the header must be x1,…,xd,y, found {shown!r}")
    return len(names)


def _table(path: Path, columns: int) -> Float[np.ndarray, "rows columns"]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # blank lines, no rows: judged later
            table = np.loadtxt(
                path,
                delimiter=",",
                skiprows=1,
                comments=None,
                quotechar='"',
                encoding="utf-8-sig",
                max_rows=MAX_ROWS + 1,
                ndmin=2,
            )
    except UnicodeDecodeError:
        raise
    except ValueError as error:
        raise DataError(f"{path}: {_first_fault(path, columns)}") from error
    if len(table) and table.shape[1] != columns:
        raise DataError(f"{path}: {_first_fault(path, columns)}")
    return table


def _first_fault(path: Path, columns: int) -> str:
    """What is wrong with the first bad row; a second, slower pass over the file."""
    with path.open(encoding="utf-8-sig", newline="") as lines:
        rows = islice((row for row in csv.reader(lines) if row), 1, None)
        for number, row in enumerate(rows, start=1):
            if len(row) != columns:
                return f"row {number} has {len(row)} values, not {columns}"
            for cell in row:
                try:
                    float(cell)
                except ValueError:
                    shown = f"row {number} has {cell[:40]!r}, which is not a number"
                    return f"{shown}; finite numbers such as -1.5e3 are needed"
    return "not readable as numbers separated by commas"
