"""Products of vectors and matrices in which every product and every partial sum is rounded."""

from dataclasses import dataclass

import torch
from jaxtyping import Float, Float64
from torch import Tensor

from sim.precision.emulation.blocks import BlockFormat
from sim.precision.emulation.modes import Mode
from sim.precision.emulation.named import AnyFormat
from sim.precision.emulation.rounding import Rounding, rounding
from sim.precision.emulation.sums import Order, addition, check_order, sum_of

AT_ONCE = 1 << 15  # sums: few enough for a processor's cache


@dataclass(frozen=True)
class Arithmetic:
    """What is rounded how in products of matrices and in networks; None: it is not.

    Attributes:
        operands: both factors, before they are multiplied, and biases; block formats share scales
            along the axis that is summed over, and leave biases as they are.
        products: every product of two numbers, which float64 holds if they have up to 26 bits.
        sums: every partial sum. Without it sums are those of float64.
        outputs: what a layer of a network gives; no part of `product`.
        order: of summation, see `sim.precision.emulation.sums.summed`.
        block: of the order ``blocked``.

    Raises:
        ValueError: a block format for products or sums; see also `summed`.
    """

    operands: Rounding | None = None
    products: Rounding | None = None
    sums: Rounding | None = None
    outputs: Rounding | None = None
    order: Order = "serial"
    block: int | None = None

    def __post_init__(self) -> None:
        check_order(self.order, self.block)
        for one in (self.products, self.sums):
            if one is not None and isinstance(one.format, BlockFormat):
                raise ValueError(f"{one.format} is for operands: products and sums share no scale")


def arithmetic_in(
    format: AnyFormat | str,
    mode: Mode = "nearest",
    generator: torch.Generator | None = None,
    *,
    order: Order = "serial",
    block: int | None = None,
) -> Arithmetic:
    """Arithmetic with everything in one format.

    With a block format operands alone are rounded, products and sums are those of float64.

    Raises:
        ValueError: see `format_named`, `check_mode` and `summed`.
    """
    one = rounding(format, mode, generator)
    if isinstance(one.format, BlockFormat):
        return Arithmetic(operands=one, order=order, block=block)
    return Arithmetic(one, one, one, one, order, block)


def dot(
    first: Float[Tensor, "*shape terms"],
    second: Float[Tensor, "*shape terms"],
    arithmetic: Arithmetic,
) -> Float64[Tensor, "*shape"]:
    """Dot products along the last axis, one for each of the other axes.

    Raises:
        ValueError: no terms.
    """
    left, right = (_operand(one, arithmetic).movedim(-1, 0).contiguous() for one in (first, second))
    return _sum_of_products(left, right, arithmetic)


def product(
    left: Float[Tensor, "rows terms"],
    right: Float[Tensor, "terms columns"],
    arithmetic: Arithmetic,
) -> Float64[Tensor, "rows columns"]:
    """The matrix product; some rows at a time, so that stochastic rounding draws for those first.

    Raises:
        ValueError: no terms.
    """
    left = _operand(left, arithmetic)
    right = _operand(right.T, arithmetic).T
    if arithmetic.products is None and arithmetic.sums is None:
        return left @ right
    rows = max(1, AT_ONCE // max(1, right.shape[1]))
    columns = right.contiguous()[:, None, :]
    parts = [
        _sum_of_products(part.T.contiguous()[:, :, None], columns, arithmetic)
        for part in left.split(rows)
    ]
    return torch.cat(parts)


def add_bias(
    sums: Float64[Tensor, "rows columns"],
    bias: Float[Tensor, " columns"],
    arithmetic: Arithmetic,
) -> Float64[Tensor, "rows columns"]:
    """The bias, an operand, added after all products, in one more addition."""
    plain = arithmetic.operands is None or isinstance(arithmetic.operands.format, BlockFormat)
    added = bias.detach().double() if plain else _operand(bias, arithmetic)
    return sums + added if arithmetic.sums is None else addition(arithmetic.sums)(sums, added)


def _operand(values: Tensor, arithmetic: Arithmetic) -> Float64[Tensor, "..."]:
    values = values.detach().double()
    return values if arithmetic.operands is None else arithmetic.operands(values)


def _sum_of_products(left: Tensor, right: Tensor, arithmetic: Arithmetic) -> Tensor:
    """Sum over the first axis of products that are broadcast."""

    def term(k: int) -> Tensor:
        exact = left[k] * right[k]
        return exact if arithmetic.products is None else arithmetic.products(exact)

    if arithmetic.sums is not None:
        return sum_of(term, len(left), arithmetic.sums, arithmetic.order, arithmetic.block)
    total = term(0)
    for k in range(1, len(left)):
        total = total + term(k)
    return total
