"""Products of a small matrix with rows of samples, and of such rows with each other.

Sums stay in registers: a block of results at a time. Where a block reaches beyond the last row it
takes that one again, and writes the same numbers twice.
"""

from collections.abc import Iterator

from llvmlite import ir

from sim.native.loops import Sum, Table, count, counting
from sim.native.multilayer.subroutines import Subroutine, smaller
from sim.native.vectors import Builder, Format, Vector

ROWS = 6  # of a product at once: with 16 registers of half a vector, 12 hold its sums
LEFT, RIGHT = 3, 2  # rows of either factor whose sums over samples are made at once
TOGETHER = 4  # vectors whose sums over lanes are made at once


def mixing(module: ir.Module, form: Format) -> Subroutine:
    """``mix(outs, ins, columns, along, across, added, weights, from, to)``.

    to[j, s] = Σₖ weights[along j + across k] from[k, s], j < outs, k < ins, plus what is in ``to``
    where ``added`` is not 0. Rows of ``from`` and ``to`` have ``columns`` numbers, whole vectors.
    """
    subroutine = Subroutine(module, form, "mix", sizes=6, arrays=3)
    with subroutine.body() as (build, arguments):
        outs, ins, columns, along, across, added, weights, start, end = arguments
        source, target = (Table(build, form, one, columns) for one in (start, end))
        again = build.icmp_unsigned("!=", added, count(0))
        with counting(build, outs, ROWS) as first:
            rows = _rows(build, first, outs, ROWS)
            of_rows = [
                Table(build, form, build.gep(weights, [build.mul(row, along)]), across)
                for row in rows
            ]
            with counting(build, columns, form.lanes) as column:
                sums = _sums(build, form, len(rows))
                with counting(build, ins) as k:
                    inputs = source.vector(k, column)
                    for total, weight in zip(sums, of_rows, strict=True):
                        total.value = total.value + weight.everywhere(k) * inputs
                with build.if_then(again):
                    held = [target.vector(row, column) for row in rows]
                    for total, before in zip(sums, held, strict=True):
                        total.value = total.value + before
                for total, row in zip(sums, rows, strict=True):
                    target.store(total.value, row, column)
    return subroutine


def correlating(module: ir.Module, form: Format) -> Subroutine:
    """``correlate(outs, ins, columns, one, other, to)``.

    to[j, k] = Σₛ one[j, s] other[k, s], j < outs, k < ins; rows of samples as in `mixing`, rows of
    ``to`` have ``ins`` numbers.
    """
    subroutine = Subroutine(module, form, "correlate", sizes=3, arrays=3)
    with subroutine.body() as (build, arguments):
        outs, ins, columns, start, other, end = arguments
        left, right = (Table(build, form, at, columns) for at in (start, other))
        target = Table(build, form, end, ins)
        with counting(build, outs, LEFT) as first, counting(build, ins, RIGHT) as second:
            rows, others = _rows(build, first, outs, LEFT), _rows(build, second, ins, RIGHT)
            places = [(row, column) for row in rows for column in others]
            sums = _sums(build, form, len(places))
            with counting(build, columns, form.lanes) as column:
                ones = [left.vector(row, column) for row in rows]
                twos = [right.vector(row, column) for row in others]
                products = [one * two for one in ones for two in twos]
                for total, product in zip(sums, products, strict=True):
                    total.value = total.value + product
            totals = _over_lanes(build, [total.value for total in sums])
            for total, (row, column) in zip(totals, places, strict=True):
                target.store_number(total, row, column)
    return subroutine


def _rows(build: Builder, first: ir.Value, end: ir.Value, number: int) -> list[ir.Value]:
    """Rows from ``first`` on, the last one again where there are no more."""
    last = build.sub(end, count(1))
    return [smaller(build, build.add(first, count(i)), last) for i in range(number)]


def _sums(build: Builder, form: Format, number: int) -> list[Sum]:
    zero = Vector(build, form, form.everywhere(0.0))
    return [Sum(build, zero) for _ in range(number)]


def _over_lanes(build: Builder, vectors: list[Vector]) -> Iterator[ir.Value]:
    """The sum over the lanes of each vector.

    Some are folded to as many lanes as they are, and added as rows of their transpose.
    """
    for start in range(0, len(vectors), TOGETHER):
        some = [_folded(build, one) for one in vectors[start : start + TOGETHER]]
        a, b, c, d = (some * TOGETHER)[:TOGETHER]
        totals = _halved(build, _halved(build, a, b), _halved(build, c, d))
        for lane in range(len(some)):
            yield build.extract_element(totals, ir.Constant(ir.IntType(32), lane))


def _folded(build: Builder, vector: Vector) -> ir.Value:
    value, lanes = vector.value, vector.form.lanes
    while lanes > TOGETHER:
        lanes //= 2
        low, high = (_chosen(build, value, value, range(at, at + lanes)) for at in (0, lanes))
        value = build.fadd(low, high)
    return value


def _halved(build: Builder, one: ir.Value, other: ir.Value) -> ir.Value:
    """Neighbors added, those of one and then those of the other."""
    even, odd = (_chosen(build, one, other, range(at, 2 * TOGETHER, 2)) for at in (0, 1))
    return build.fadd(even, odd)


def _chosen(build: Builder, one: ir.Value, other: ir.Value, lanes: range) -> ir.Value:
    mask = ir.Constant(ir.VectorType(ir.IntType(32), len(lanes)), list(lanes))
    return build.shuffle_vector(one, other, mask)
