"""scikit-learn's digits: all images, standardized as inputs of networks, and pairs of classes."""

import gzip
import importlib.util
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
from jaxtyping import Float64, Int

from sim.data.data_set import DataSet


@cache
def all_digits() -> tuple[Float64[np.ndarray, "images 64"], Int[np.ndarray, " images"]]:
    """Pixels from 0 to 16 and labels of scikit-learn's digits.

    Read from its file as `sklearn.datasets.load_digits` does, whose import takes nearly a second.
    """
    package = importlib.util.find_spec("sklearn")
    if package is None or package.origin is None:
        raise ImportError("scikit-learn, which brings the digits, is not installed")
    file = Path(package.origin).parent / "datasets" / "data" / "digits.csv.gz"
    with gzip.open(file, "rt", encoding="utf-8") as text:
        rows = np.loadtxt(text, delimiter=",")
    return rows[:, :-1], rows[:, -1].astype(int)


@cache
def digit_images() -> tuple[Float64[np.ndarray, "images 64"], Int[np.ndarray, " images"]]:
    """Pixels, each with mean 0 and variance 1 over all images (constant ones 0), and labels."""
    pixels, labels = all_digits()
    scale = pixels.std(axis=0)
    return (pixels - pixels.mean(axis=0)) / np.where(scale == 0, 1.0, scale), labels


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
    return digits_at(first, second, chosen_images(first, second, samples, rng))


def chosen_images(
    first: int, second: int, samples: int | None = None, rng: np.random.Generator | None = None
) -> list[int]:
    """Which of all images `digits_pair` takes, increasing; arguments and errors as there."""
    if first == second or not {first, second} <= set(range(10)):
        raise ValueError(f"two different digits from 0 to 9 are needed, not {first} and {second}")
    _, labels = all_digits()
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
    return np.sort(np.concatenate(chosen)).tolist()


def digits_at(first: int, second: int, rows: Sequence[int]) -> DataSet:
    """The images ``rows`` of all, which show two classes, as `digits_pair` gives them."""
    pixels, labels = all_digits()
    chosen = list(rows)
    y = np.where(labels[chosen] == first, 1.0, -1.0)
    key = {"classes": [first, second], "images": chosen}
    return DataSet(_standardized(pixels[chosen]), y, f"digits {first} and {second}", key=key)


def _standardized(
    x: Float64[np.ndarray, "samples inputs"],
) -> Float64[np.ndarray, "samples inputs"]:
    scale = x.std(axis=0)
    return (x - x.mean(axis=0)) / np.where(scale == 0, 1.0, scale)
