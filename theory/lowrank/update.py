"""Where training leaves its structure: in the update of a kernel, and seldom in the kernel.

Source: our derivation. W = W₀ + ΔW with independent initial entries of variance σ₀² is a spiked
matrix: a singular value s of ΔW is seen in W above s = σ₀(kn)^(1/4) alone.
"""

from collections.abc import Iterator
from typing import Any

import sympy as sp

from theory.lowrank.shuffle import shuffled_moment
from theory.lowrank.spike import THETA, threshold

Steps = Iterator[tuple[str, sp.Basic | None]]

MOMENT = sp.Symbol("Σσ⁴", positive=True)
SPREAD = sp.Symbol("sd(Σσ⁴)", positive=True)
Z = sp.Symbol("z", real=True)
SEEN = sp.Symbol("[z > 10]", nonnegative=True)
EXCESS = sp.Symbol("tail(W) − tail(PW)", real=True)


def _z() -> Steps:
    moment: Any = shuffled_moment()
    yield (
        "A kernel is told from its permutations by Σσ⁴, in standard deviations over permutations",
        sp.Eq(Z, (MOMENT - moment) / SPREAD, evaluate=False),
    )


def update_law() -> Steps:
    """Structure is in the update."""
    yield from _z()
    yield "An update of a few steps is a sum of few outer products: in nearly every network", None
    yield "it is told at more than ten,", sp.Eq(SEEN, sp.Integer(1))


def kernel_law() -> Steps:
    """It is not in the kernel."""
    yield from _z()
    yield (
        "W₀ hides singular values s of the update with s²/σ₀² below",
        sp.Eq(THETA, threshold(), evaluate=False),
    )
    yield "so that the trained kernel itself has", sp.Eq(Z, sp.Integer(0))


def truncated_law() -> Steps:
    """So that a permutation costs nothing in truncation."""
    yield "A kernel that is not told from its permutations is truncated like them:", None
    yield "of its energy is left as much,", sp.Eq(EXCESS, sp.Integer(0))
