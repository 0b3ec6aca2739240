"""Where the values of a function beside 0 are lost in rounding, seen from the noise around them.

exp(x) − 1 − x is x²/2 until 1e-8, noise from there to 1e-16, and exactly −x beyond: what looks
like order 1 nearest to 0 is made of rounding. Noise of the size of rounding that follows, towards
0, on distances without noise marks the place; all that is nearer says nothing. Source: our
derivation.
"""

import numpy as np
from jaxtyping import Bool, Float64

# Around each distance, at no regular places, to see the noise of rounding.
AROUND = 1 + 0.02 * np.sqrt(np.arange(2.0, 26.0)) / 5
_SMOOTH = np.linalg.qr(np.vander(AROUND - AROUND.mean(), 5))[0]
# Of the values: above it orders and coefficients lose their meaning, …
_NOISY = 1e-4
# … and in absolute terms, of the largest value: above it noise is no rounding in float64.
_ROUNDING = 1e-8
_CLEAN = 3  # octaves without noise that must come before
_SPREAD = 35.0  # noise of an order in units of relative noise: three times 2 log₂e / (2 · 0.125)


def noise(
    values: Float64[np.ndarray, "around octaves"],
) -> Float64[np.ndarray, " octaves"]:
    """What of the values around each distance is no smooth function, at most."""
    return np.abs(values - _SMOOTH @ (_SMOOTH.T @ values)).max(axis=0)


def relative_noise(
    growth: Float64[np.ndarray, "around octaves"],
) -> Float64[np.ndarray, " octaves"]:
    """The noise of σ − σ(0) in units of its size; 0 where it is 0 all around."""
    size = np.abs(growth).max(axis=0)
    return np.divide(noise(growth), size, out=np.zeros_like(size), where=size > 0)


def lost_from(
    growth: Float64[np.ndarray, "around octaves"],
    trusted: Bool[np.ndarray, " octaves"],
    largest: float,
) -> tuple[int | None, bool]:
    """The first octave, towards 0, from which values are lost, and whether that is rounding.

    Args:
        growth: σ − σ(0) around distances that are halved from one to the next.
        trusted: where orders are the same within an octave and between octaves; also where
            values are constant, as the last digits are, without noise.
        largest: size of the values that σ has, σ(0) included.

    Returns:
        None where no noise follows on `_CLEAN` octaves without, or where it ends within an octave,
        as at a kink; False where it is too large for rounding.
    """
    noisy = relative_noise(growth) > _NOISY
    for first in np.flatnonzero(noisy & (_run_before(noisy) >= _CLEAN)):
        following = slice(first + 1, first + 2)
        if noise(growth)[first] <= _ROUNDING * largest:
            if (noisy[following] | ~trusted[following]).all():
                return int(first), True
        elif noisy[first : first + 3].all():
            return int(first), False
    return None, True


def _run_before(noisy: Bool[np.ndarray, " octaves"]) -> Float64[np.ndarray, " octaves"]:
    """How many octaves without noise come right before each."""
    runs = np.zeros(len(noisy))
    for k in range(1, len(noisy)):
        runs[k] = 0 if noisy[k - 1] else runs[k - 1] + 1
    return runs


def drifts(
    orders: Float64[np.ndarray, " octaves"],
    growth: Float64[np.ndarray, "around octaves"],
    order: float,
    allowed: float,
) -> bool:
    """Whether orders leave ``order`` by more than noise: a lower one begins to show.

    Args:
        orders: from where they are stable on to where values are lost.
        growth: σ − σ(0) around the same distances.
        order: the stable one.
        allowed: by what it may differ without noise.
    """
    explained = allowed + _SPREAD * relative_noise(growth)
    return bool((np.abs(orders - order) > explained).any())
