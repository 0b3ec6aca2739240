"""Where a growing sum stops: its spacing has become too wide for the next term. Our derivation."""

from collections.abc import Iterator

import sympy as sp

from theory.precision.rounding import M

Steps = Iterator[tuple[str, sp.Basic | None]]

STOP = sp.Symbol("S", positive=True)  # the sum that no further term changes
LARGEST = sp.Symbol("x_max", positive=True)  # what no term exceeds


def nearest_stop(largest: sp.Expr = LARGEST) -> sp.Expr:
    """2^(m+1) of the largest term: there half a spacing is as much as it, and a tie stays."""
    return 2 * truncation_stop(largest)


def truncation_stop(largest: sp.Expr = LARGEST) -> sp.Expr:
    """2^m of the largest term, which is not reached: there a spacing is as much as it."""
    spacing = sp.Symbol("u", positive=True)
    (found,) = sp.solve(sp.Eq(spacing, largest), spacing)
    return found * 2**M


def nearest_law() -> Steps:
    """To nearest, terms up to a power of two."""
    yield (
        "From 2^e on the spacing is 2^(e − m). A term of at most half of it changes nothing,",
        None,
    )
    yield "even where it is half: the tie goes to the even number, which the power of two is.", None
    yield "With terms up to x_max, a power of two, the sum stops at", sp.Eq(STOP, nearest_stop())


def truncation_law() -> Steps:
    """Towards zero, terms below a power of two."""
    yield "From 2^e on the spacing is 2^(e − m). A term below it changes nothing.", None
    yield "With terms below x_max, a power of two, the sum stops at", sp.Eq(STOP, truncation_stop())
