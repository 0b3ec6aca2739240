"""scikit-learn's digits with all ten classes, standardized, as inputs of networks."""

from functools import cache

import numpy as np
from jaxtyping import Float64, Int

from sim.data.data_sets import all_digits


@cache
def digit_images() -> tuple[Float64[np.ndarray, "images 64"], Int[np.ndarray, " images"]]:
    """Pixels, each with mean 0 and variance 1 over all images (constant ones 0), and labels."""
    pixels, labels = all_digits()
    scale = pixels.std(axis=0)
    return (pixels - pixels.mean(axis=0)) / np.where(scale == 0, 1.0, scale), labels
