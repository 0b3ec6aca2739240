"""Images of 8 × 8 pixels: scikit-learn's digits, and MNIST where its files are given."""

from functools import cache
from typing import Literal

import numpy as np
from jaxtyping import Float64, Int

from sim.data.digits import digit_images
from sim.data.idx import load, mnist_folder

SIDE = 8
CROP, POOL = 24, 3  # of 28 × 28 pixels: the middle, in squares of 3 × 3

Images = Literal["digits", "mnist"]


@cache
def images(
    source: Images, fingerprint: str | None = None
) -> tuple[Float64[np.ndarray, "images 8 8"], Int[np.ndarray, " images"]]:
    """Pixels of mean 0 and variance 1 over all images (constant ones 0), and labels.

    Args:
        source: "digits" or "mnist", whose 24 × 24 middle pixels are averaged in squares of 3 × 3.
        fingerprint: of the files of "mnist".

    Raises:
        sim.data.data_set.DataError: the files are missing, faulty or others.
    """
    if source == "digits":
        pixels, labels = digit_images()
        return pixels.reshape(-1, SIDE, SIDE), labels
    raw, labels = load(mnist_folder(), "train", fingerprint)
    edge = (raw.shape[1] - CROP) // 2
    middle = raw[:, edge : edge + CROP, edge : edge + CROP].astype(float)
    pooled = middle.reshape(-1, SIDE, POOL, SIDE, POOL).mean((2, 4))
    scale = pooled.std(0)
    return (pooled - pooled.mean(0)) / np.where(scale == 0, 1.0, scale), labels.astype(int)
