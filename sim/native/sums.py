"""Sums over the samples that make the gradients: one pass over a data set.

A few samples are taken at a time. For each vector of neurons their pre-activations, σ and σ' stay
in registers; where the neurons share a residual they are kept until it is known, then every
gradient is added to.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from llvmlite import ir

from sim.activation.graph import Graph
from sim.native.elementwise import Values
from sim.native.loops import Sum, Table, count, counting
from sim.native.scratch import AT_ONCE, FIRST, Scratch
from sim.native.vectors import Vector


@dataclass(frozen=True)
class Asked:
    """What a call is for besides the gradients: conditions of the machine code.

    Attributes:
        outputs: f(x) is wanted of single neurons too (coupled ones need it anyway).
        amplitude: max |w·x| is: by those alone who look at the state where a call ends.
    """

    outputs: ir.Value
    amplitude: ir.Value


@dataclass(frozen=True)
class Samples:
    """One data set: x (samples, inputs), y and share (samples), see `sim.native.ensemble`."""

    x: Table
    y: Table
    share: Table


class Sums:
    """What both kinds of ensembles share.

    Args:
        scratch: weights, and where the gradients go.
        graph, roots: σ and σ'.
    """

    def __init__(self, scratch: Scratch, graph: Graph, roots: Sequence[int]) -> None:
        self.scratch, self.graph, self.roots = scratch, graph, roots
        self.builder = scratch.builder

    def write(self, data: Samples, outputs: Table, asked: Asked) -> None:
        """Minus the gradients on a data set, and what else is asked for."""
        self._clear()
        self._sum_up(data, outputs, asked)
        self._finish()

    def _sum_up(self, data: Samples, outputs: Table, asked: Asked) -> None:
        raise NotImplementedError

    def _clear(self) -> None:
        scratch = self.scratch
        with scratch.vectors() as column:
            for table in (scratch.da, scratch.amplitude):
                table.store(scratch.zero, FIRST, column)
            with scratch.inputs() as k:
                scratch.dw.store(scratch.zero, k, column)

    def _finish(self) -> None:
        """From sums to gradients."""
        scratch = self.scratch
        with scratch.vectors() as column:
            scratch.da.store(-scratch.da.vector(FIRST, column), FIRST, column)
            pull = -scratch.a.vector(FIRST, column)
            with scratch.inputs() as k:
                scratch.dw.store(pull * scratch.dw.vector(k, column), k, column)

    def _together(self, first: ir.Value) -> list[ir.Value]:
        """The samples from ``first`` on that are taken together."""
        return [self.builder.add(first, count(k)) for k in range(AT_ONCE)]

    def _activated(
        self, x: Table, rows: Sequence[ir.Value], column: ir.Value, asked: Asked
    ) -> tuple[list[Vector], list[Vector]]:
        """σ and σ' of a vector of neurons on some samples; their amplitude where it is asked."""
        scratch = self.scratch
        sums = [Sum(self.builder, scratch.zero) for _ in rows]
        with scratch.inputs() as k:
            weight = scratch.w.vector(k, column)
            for total, row in zip(sums, rows, strict=True):
                total.value = total.value + weight * x.everywhere(row, k)
        inside = [total.value for total in sums]
        with self.builder.if_then(asked.amplitude, likely=False):
            largest = scratch.amplitude.vector(FIRST, column)
            for z in inside:
                largest = largest.intrinsic("maximum", abs(z))
            scratch.amplitude.store(largest, FIRST, column)
        values, slopes = [], []
        for z in inside:
            made = Values(self.graph, z)
            value, slope = (made.number(root) for root in self.roots)
            values.append(value)
            slopes.append(slope)
        return values, slopes

    def _shares(
        self, data: Samples, outputs: Sequence[Vector], rows: Sequence[ir.Value]
    ) -> list[Vector]:
        """The residual f − y on some samples, divided by how many there are."""
        return [
            (output - data.y.everywhere(row)) * data.share.everywhere(row)
            for output, row in zip(outputs, rows, strict=True)
        ]

    def _add(
        self,
        x: Table,
        rows: Sequence[ir.Value],
        column: ir.Value,
        values: Sequence[Vector],
        slopes: Sequence[Vector],
        residuals: Sequence[Vector],
    ) -> None:
        """Add what some samples give to the sums of a vector of neurons."""
        scratch = self.scratch
        total = scratch.da.vector(FIRST, column)
        for value, residual in zip(values, residuals, strict=True):
            total = total + value * residual
        scratch.da.store(total, FIRST, column)
        pulls = [slope * one for slope, one in zip(slopes, residuals, strict=True)]
        with scratch.inputs() as k:
            total = scratch.dw.vector(k, column)
            for pull, row in zip(pulls, rows, strict=True):
                total = total + pull * x.everywhere(row, k)
            scratch.dw.store(total, k, column)


class SingleSums(Sums):
    """Every neuron is a network; outputs are (samples, columns)."""

    def _sum_up(self, data: Samples, outputs: Table, asked: Asked) -> None:
        scratch = self.scratch
        loop = counting(self.builder, scratch.sizes.samples, AT_ONCE)
        with loop as first, scratch.vectors() as column:
            rows = self._together(first)
            values, slopes = self._activated(data.x, rows, column, asked)
            weight = scratch.a.vector(FIRST, column)
            found = [weight * value for value in values]
            self._add(data.x, rows, column, values, slopes, self._shares(data, found, rows))
            with self.builder.if_then(asked.outputs, likely=False):
                for output, row in zip(found, rows, strict=True):
                    outputs.store(output, row, column)


class CoupledSums(Sums):
    """The neurons are one network; outputs are (samples), and always needed."""

    def _sum_up(self, data: Samples, outputs: Table, asked: Asked) -> None:
        scratch = self.scratch
        with counting(self.builder, scratch.sizes.samples, AT_ONCE) as first:
            rows = self._together(first)
            self._forward(data.x, rows, outputs, asked)
            found = [outputs.everywhere(row) for row in rows]
            residuals = self._shares(data, found, rows)
            with scratch.vectors() as column:
                values = [scratch.kept.vector(at, column) for at in self._slots(0)]
                slopes = [scratch.kept.vector(at, column) for at in self._slots(AT_ONCE)]
                self._add(data.x, rows, column, values, slopes, residuals)

    @staticmethod
    def _slots(first: int) -> list[ir.Value]:
        return [count(first + k) for k in range(AT_ONCE)]

    def _forward(self, x: Table, rows: list[ir.Value], outputs: Table, asked: Asked) -> None:
        """f on some samples; σ and σ' are kept."""
        scratch = self.scratch
        sums = [Sum(self.builder, scratch.zero) for _ in rows]
        with scratch.vectors() as column:
            values, slopes = self._activated(x, rows, column, asked)
            weight = scratch.a.vector(FIRST, column)
            for total, value in zip(sums, values, strict=True):
                total.value = total.value + weight * value
            slots = self._slots(0) + self._slots(AT_ONCE)
            for slot, vector in zip(slots, values + slopes, strict=True):
                scratch.kept.store(vector, slot, column)
        for total, row in zip(sums, rows, strict=True):
            outputs.store_number(total.value.over_lanes("fadd"), row)
