"""Log-log slopes of one block: the exponent over the whole window and between neighbors."""

import numpy as np
from jaxtyping import Float


def slopes(
    log_x: Float[np.ndarray, " window"], log_y: Float[np.ndarray, "*blocks window"], local: bool
) -> Float[np.ndarray, "*blocks slopes"]:
    """Least-squares slope of log y over log x and, if ``local``, that of every neighboring pair."""
    centered = log_x - log_x.mean()
    slope = log_y @ centered / (centered @ centered)
    if not local:
        return slope[..., None]
    return np.concatenate([slope[..., None], np.diff(log_y) / np.diff(log_x)], axis=-1)
