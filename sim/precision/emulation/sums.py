"""Sums in which every addition is rounded, in several orders.

The axis of the terms alone is walked in Python; all other axes are done at once. Additions are
those of exact numbers, rounded once: what float64 leaves off is carried into its last bit.
"""

import math
from collections.abc import Callable
from typing import Literal, get_args

import torch
from jaxtyping import Float64
from torch import Tensor

from sim.precision.emulation.formats import Format
from sim.precision.emulation.rounding import Rounding

Order = Literal["serial", "pairwise", "blocked", "kahan", "exact"]
ORDERS: tuple[Order, ...] = get_args(Order)

Terms = Callable[[int], Tensor]  # the k-th of them, all of one shape
Addition = Callable[[Tensor, Tensor], Tensor]

# With more mantissa bits float64 may round a sum with an exact product to where two numbers are
# equally near. Two rounded numbers of up to 24 bits would be safe (Figueroa 1995).
_SAFE_BITS = 15


def summed(
    terms: Float64[Tensor, "*shape terms"],
    rounding: Rounding,
    order: Order = "serial",
    block: int | None = None,
) -> Float64[Tensor, "*shape"]:
    """Sum over the last axis; the first partial sum is the first term, rounded.

    Args:
        terms: are taken as they are: round them before where they stand for stored numbers.
        rounding: of every addition.
        order: ``serial``; ``pairwise``, the sum of the first ⌈n/2⌉ terms and that of the rest, each
            so in its turn; ``blocked``, serial sums of consecutive terms, summed serially;
            ``kahan``, compensated, each of its four operations rounded; ``exact``, rounded once.
        block: terms in a block of ``blocked``; √n, rounded, if it is not given.

    Raises:
        ValueError: no terms, an unknown order, a block of no terms, or one with another order.
    """
    rows = terms.movedim(-1, 0).contiguous()
    return sum_of(lambda k: rows[k], len(rows), rounding, order, block)


def sum_of(
    terms: Terms, count: int, rounding: Rounding, order: Order = "serial", block: int | None = None
) -> Tensor:
    """`summed` for terms that are made one by one, so that they need not be held at once.

    Raises:
        ValueError: see `summed`.
    """
    check_order(order, block)
    if count < 1:
        raise ValueError("a sum of no terms")
    if order == "exact":
        return rounding(exact_sum(terms, count))
    add = addition(rounding)
    if order == "kahan":
        return _kahan(terms, count, rounding, add)
    if order == "pairwise":
        return _pairwise(terms, 0, count, rounding, add)
    if order == "blocked":
        size = block or max(1, round(math.sqrt(count)))
        starts = range(0, count, size)
        total = None
        for start in starts:
            part = _serial(terms, start, min(start + size, count), rounding, add)
            total = part if total is None else add(total, part)
        assert total is not None
        return total
    return _serial(terms, 0, count, rounding, add)


def check_order(order: str, block: int | None) -> None:
    """
    Raises:
        ValueError: see `summed`.
    """
    if order not in ORDERS:
        raise ValueError(f"unknown order {order!r}: give {', '.join(ORDERS)}")
    if block is not None and order != "blocked":
        raise ValueError(f"order {order} has no blocks: leave block out")
    if block is not None and block < 1:
        raise ValueError(f"blocks of {block} terms: give at least 1")


def addition(rounding: Rounding) -> Addition:
    """The rounded sum of two tensors, as if the exact sum had been rounded.

    But stochastic rounding, which uses the sum in float64: its probabilities are off by 2⁻⁵² of
    the sum in units of the spacing.
    """
    format = rounding.format
    bits = format.mantissa if isinstance(format, Format) else 0
    if rounding.mode == "truncation" or bits > _SAFE_BITS:
        return lambda first, second: rounding(to_odd(*two_sum(first, second)))
    return lambda first, second: rounding(first + second)


def two_sum(first: Tensor, second: Tensor) -> tuple[Tensor, Tensor]:
    """The sum in float64 and what it leaves off, exactly (Knuth, TAOCP 2, 4.2.2, theorem B)."""
    total = first + second
    part = total - first
    return total, (first - (total - part)) + (second - part)


def to_odd(total: Tensor, rest: Tensor) -> Tensor:
    """The sum of both in float64 so that rounding it again, to fewer bits, is rounding the sum.

    Where a rest is left, the last bit becomes 1, away from or towards zero (Boldo and Melquiond,
    IEEE Trans. Computers 57, 2008).

    Args:
        total: in float64, of any sizes.
        rest: at most half the spacing of float64 there.
    """
    bits = total.view(torch.int64)
    inexact = (rest != 0) & rest.isfinite()  # the rest is NaN where the total is no number
    change = torch.where((rest > 0) == (total > 0), 1, -1)
    return (bits + change * (inexact & (bits & 1 == 0))).view(torch.float64)


def exact_sum(terms: Terms, count: int) -> Tensor:
    """The sum, to odd in float64: rounding it is rounding the exact sum, or next to it.

    Kept as a sum of two numbers of float64, off by less than n² 2⁻¹⁰⁶ Σ|x| (Ogita, Rump and Oishi,
    SISC 26, 2005, proposition 4.5).
    """
    total = terms(0).clone()
    rest = torch.zeros_like(total)
    for k in range(1, count):
        total, lost = two_sum(total, terms(k))
        rest += lost
    return to_odd(*two_sum(total, torch.where(total.isfinite(), rest, 0.0)))


def _serial(terms: Terms, start: int, stop: int, rounding: Rounding, add: Addition) -> Tensor:
    total = rounding(terms(start))
    for k in range(start + 1, stop):
        total = add(total, terms(k))
    return total


def _pairwise(terms: Terms, start: int, stop: int, rounding: Rounding, add: Addition) -> Tensor:
    if stop - start == 1:
        return rounding(terms(start))
    middle = (start + stop + 1) // 2
    first = _pairwise(terms, start, middle, rounding, add)
    return add(first, _pairwise(terms, middle, stop, rounding, add))


def _kahan(terms: Terms, count: int, rounding: Rounding, add: Addition) -> Tensor:
    """Kahan, CACM 8 (1965): what an addition leaves off is taken from the next term."""
    total = rounding(terms(0))
    excess = torch.zeros_like(total)
    for k in range(1, count):
        term = add(terms(k), -excess)
        following = add(total, term)
        excess = add(add(following, -total), -term)
        total = following
    return total
