"""Exact gradients of networks, or of single neurons, each on data of its own, as LLVM code.

A few samples are taken at a time. For each vector of neurons their pre-activations, σ and σ' stay
in registers; where the neurons share a residual they are kept until it is known, then every
gradient is added to. Nothing is specialized to sizes, and no network sees another.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager

from llvmlite import ir

from sim.activation.graph import Graph, Term
from sim.native.elementwise import Values
from sim.native.loops import COUNT, Sum, Table, counting
from sim.native.vectors import Builder, Format, Vector

NAME = "gradients"
AT_ONCE = 4  # samples; data sets are filled up to a multiple of it
SIZES, ARRAYS = 5, 10


def scratch_rows(inputs: int) -> int:
    """Rows of ``columns`` numbers that the code needs for itself."""
    return 2 * inputs + 3 + 2 * AT_ONCE


def module_of(graph: Graph, value: Term, slope: Term, form: Format, coupled: bool) -> str:
    """LLVM assembly of minus the gradients of the losses (1/2n) Σᵢ (fᵢ − yᵢ)².

    ``void gradients(sets, samples, inputs, neurons, columns, x, y, share, w, a, dw, da, amplitude,
    outputs, scratch)``, with arrays x (sets, samples, inputs), y (sets, samples), share (samples),
    w and dw (sets, neurons, inputs), a, da and amplitude (sets, neurons), scratch (`scratch_rows`,
    columns), that do not overlap. ``columns`` is ``neurons`` filled up to whole vectors,
    ``samples`` a multiple of `AT_ONCE`; ``share`` is 1/n, and 0 for samples that only fill up.
    ``amplitude`` receives max |w·x|, ``outputs`` f: (sets, samples) where coupled; else (sets,
    samples, columns), and null leaves it out.
    """
    module = ir.Module(NAME)
    pointer = form.scalar.as_pointer()
    kind = ir.FunctionType(ir.VoidType(), [COUNT] * SIZES + [pointer] * ARRAYS)
    function = ir.Function(module, kind, NAME)
    for argument in function.args[SIZES:]:
        argument.add_attribute("noalias")
    builder: Builder = ir.IRBuilder(function.append_basic_block("start"))
    body = (_Coupled if coupled else _Single)(builder, form, graph, (value, slope), function.args)
    with counting(builder, function.args[0]) as number:
        body.write(number)
    builder.ret_void()
    return str(module)


class _Gradients:
    """What both kinds share: neurons run along vectors, in the scratch, for one set at a time."""

    def __init__(
        self,
        builder: Builder,
        form: Format,
        graph: Graph,
        roots: tuple[Term, Term],
        arguments: Sequence[ir.Value],
    ) -> None:
        self.builder, self.form, self.graph = builder, form, graph
        self.roots = [graph.materialize(root) for root in roots]
        _, self.samples, self.inputs, self.neurons, self.columns = arguments[:SIZES]
        self.arrays, scratch = arguments[SIZES:-1], arguments[-1]
        self.zero = Vector(builder, form, ir.Constant(form.vector, [0.0] * form.lanes))
        # rows of the scratch
        self.w, scratch = self._rows(scratch, self.inputs)
        self.dw, scratch = self._rows(scratch, self.inputs)
        one = ir.Constant(COUNT, 1)
        self.a, scratch = self._rows(scratch, one)
        self.da, scratch = self._rows(scratch, one)
        self.amplitude, scratch = self._rows(scratch, one)
        self.kept = Table(builder, form, scratch, self.columns)

    def _rows(self, start: ir.Value, rows: ir.Value) -> tuple[Table, ir.Value]:
        """Some rows from there on, and where the next ones start."""
        table = Table(self.builder, self.form, start, self.columns)
        return table, self.builder.gep(start, [self.builder.mul(rows, self.columns)])

    def write(self, number: ir.Value) -> None:
        """The gradients on one data set."""
        x, y, share, w, a, dw, da, amplitude, outputs = self.arrays
        neurons = self._of_set(number, self.neurons, a, da, amplitude)
        wide = self._of_set(number, self.builder.mul(self.neurons, self.inputs), w, dw)
        (self.x,) = self._of_set(number, self.builder.mul(self.samples, self.inputs), x)
        self.x.columns = self.inputs
        (self.y,) = self._of_set(number, self.samples, y)
        self.share = Table(self.builder, self.form, share)
        self.outputs = self._outputs(number, outputs)
        self._pack(wide[0], neurons[0])
        self._clear()
        self._sum_up()
        self._unpack(wide[1], neurons[1], neurons[2])

    def _of_set(self, number: ir.Value, size: ir.Value, *arrays: ir.Value) -> list[Table]:
        """The parts of some arrays that belong to a set."""
        first = self.builder.mul(number, size)
        return [Table(self.builder, self.form, self.builder.gep(one, [first])) for one in arrays]

    def _outputs(self, number: ir.Value, outputs: ir.Value) -> Table:
        raise NotImplementedError

    def _sum_up(self) -> None:
        """Add up the gradients over the samples."""
        raise NotImplementedError

    def _vectors(self) -> AbstractContextManager[ir.Value]:
        """A loop over vectors of neurons."""
        return counting(self.builder, self.columns, self.form.lanes)

    def _pack(self, w: Table, a: Table) -> None:
        """Weights of the set to rows of the scratch, 0 beyond the last neuron."""
        build, first = self.builder, ir.Constant(COUNT, 0)
        with counting(build, self.neurons) as j:
            self.a.store_number(a.number(j), first, j)
            with counting(build, self.inputs) as k:
                at = build.add(build.mul(j, self.inputs), k)
                self.w.store_number(w.number(at), k, j)
        zero = ir.Constant(self.form.scalar, 0.0)
        with counting(build, build.sub(self.columns, self.neurons)) as beyond:
            j = build.add(self.neurons, beyond)
            self.a.store_number(zero, first, j)
            with counting(build, self.inputs) as k:
                self.w.store_number(zero, k, j)

    def _unpack(self, dw: Table, da: Table, amplitude: Table) -> None:
        """From sums in the scratch to gradients of the set."""
        build, first = self.builder, ir.Constant(COUNT, 0)
        with counting(build, self.neurons) as j:
            da.store_number(build.fneg(self.da.number(first, j)), j)
            amplitude.store_number(self.amplitude.number(first, j), j)
            pull = build.fneg(self.a.number(first, j))
            with counting(build, self.inputs) as k:
                at = build.add(build.mul(j, self.inputs), k)
                dw.store_number(build.fmul(pull, self.dw.number(k, j)), at)

    def _clear(self) -> None:
        """No gradient and no amplitude yet."""
        first = ir.Constant(COUNT, 0)
        with self._vectors() as column:
            for table in (self.da, self.amplitude):
                table.store(self.zero, first, column)
            with counting(self.builder, self.inputs) as k:
                self.dw.store(self.zero, k, column)

    def _together(self, first: ir.Value) -> list[ir.Value]:
        """The samples from ``first`` on that are taken together."""
        return [self.builder.add(first, ir.Constant(COUNT, k)) for k in range(AT_ONCE)]

    def _activated(
        self, rows: Sequence[ir.Value], column: ir.Value
    ) -> tuple[list[Vector], list[Vector]]:
        """σ and σ' of a vector of neurons on some samples; notes their amplitude."""
        sums = [Sum(self.builder, self.zero) for _ in rows]
        with counting(self.builder, self.inputs) as k:
            weight = self.w.vector(k, column)
            for total, row in zip(sums, rows, strict=True):
                total.value = total.value + weight * self.x.everywhere(row, k)
        first = ir.Constant(COUNT, 0)
        largest = self.amplitude.vector(first, column)
        values, slopes = [], []
        for total in sums:
            z = total.value
            largest = largest.intrinsic("maximum", abs(z))
            made = Values(self.graph, z)
            value, slope = (made.number(root) for root in self.roots)
            values.append(value)
            slopes.append(slope)
        self.amplitude.store(largest, first, column)
        return values, slopes

    def _shares(self, outputs: Sequence[Vector], rows: Sequence[ir.Value]) -> list[Vector]:
        """The residual f − y on some samples, divided by how many there are."""
        return [
            (output - self.y.everywhere(row)) * self.share.everywhere(row)
            for output, row in zip(outputs, rows, strict=True)
        ]

    def _add(
        self,
        rows: Sequence[ir.Value],
        column: ir.Value,
        values: Sequence[Vector],
        slopes: Sequence[Vector],
        residuals: Sequence[Vector],
    ) -> None:
        """Add what some samples give to the sums of a vector of neurons."""
        first = ir.Constant(COUNT, 0)
        total = self.da.vector(first, column)
        for value, residual in zip(values, residuals, strict=True):
            total = total + value * residual
        self.da.store(total, first, column)
        pulls = [slope * one for slope, one in zip(slopes, residuals, strict=True)]
        with counting(self.builder, self.inputs) as k:
            total = self.dw.vector(k, column)
            for pull, row in zip(pulls, rows, strict=True):
                total = total + pull * self.x.everywhere(row, k)
            self.dw.store(total, k, column)


class _Single(_Gradients):
    """Every neuron is a network."""

    def _outputs(self, number: ir.Value, outputs: ir.Value) -> Table:
        build = self.builder
        missing = ir.Constant(self.form.scalar.as_pointer(), None)
        self.wanted = build.icmp_unsigned("!=", outputs, missing)
        first = build.mul(number, build.mul(self.samples, self.columns))
        return Table(build, self.form, build.gep(outputs, [first]), self.columns)

    def _sum_up(self) -> None:
        with counting(self.builder, self.samples, AT_ONCE) as first, self._vectors() as column:
            rows = self._together(first)
            values, slopes = self._activated(rows, column)
            weight = self.a.vector(ir.Constant(COUNT, 0), column)
            outputs = [weight * value for value in values]
            self._add(rows, column, values, slopes, self._shares(outputs, rows))
            with self.builder.if_then(self.wanted, likely=False):
                for output, row in zip(outputs, rows, strict=True):
                    self.outputs.store(output, row, column)


class _Coupled(_Gradients):
    """The neurons are one network."""

    def _outputs(self, number: ir.Value, outputs: ir.Value) -> Table:
        (table,) = self._of_set(number, self.samples, outputs)
        return table

    def _sum_up(self) -> None:
        with counting(self.builder, self.samples, AT_ONCE) as first:
            rows = self._together(first)
            self._forward(rows)
            residuals = self._shares([self.outputs.everywhere(row) for row in rows], rows)
            with self._vectors() as column:
                values = [self.kept.vector(at, column) for at in self._slots(0)]
                slopes = [self.kept.vector(at, column) for at in self._slots(AT_ONCE)]
                self._add(rows, column, values, slopes, residuals)

    @staticmethod
    def _slots(first: int) -> list[ir.Value]:
        return [ir.Constant(COUNT, first + k) for k in range(AT_ONCE)]

    def _forward(self, rows: list[ir.Value]) -> None:
        """f on some samples; σ and σ' are kept."""
        sums = [Sum(self.builder, self.zero) for _ in rows]
        with self._vectors() as column:
            values, slopes = self._activated(rows, column)
            weight = self.a.vector(ir.Constant(COUNT, 0), column)
            for total, value in zip(sums, values, strict=True):
                total.value = total.value + weight * value
            slots = self._slots(0) + self._slots(AT_ONCE)
            for slot, vector in zip(slots, values + slopes, strict=True):
                self.kept.store(vector, slot, column)
        for total, row in zip(sums, rows, strict=True):
            self.outputs.store_number(total.value.over_lanes(), row)
