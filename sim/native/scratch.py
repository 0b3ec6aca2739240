"""The weights of one data set's networks as rows in memory, neurons running along vectors."""

from contextlib import AbstractContextManager
from dataclasses import dataclass

from llvmlite import ir

from sim.native.loops import Table, count, counting
from sim.native.vectors import Builder, Format, Vector

AT_ONCE = 4  # samples; data sets are filled up to a multiple of it
FIRST = count(0)


def rows(inputs: int, adam: bool) -> int:
    """Rows of a scratch for so many inputs."""
    return (4 if adam else 2) * (inputs + 1) + 2 + 2 * AT_ONCE


@dataclass(frozen=True)
class Sizes:
    """Numbers of samples, inputs and neurons, and of columns: neurons filled up to vectors."""

    samples: ir.Value
    inputs: ir.Value
    neurons: ir.Value
    columns: ir.Value


class Scratch:
    """Rows of a scratch.

    Attributes:
        w, dw, a, da: weights, and the gradients with a minus.
        amplitude: largest |w·x|.
        moving: 1 for neurons that are trained, else 0.
        kept: σ and σ' of `AT_ONCE` samples each.
        means, squares: Adam's averages of the gradients and of their squares, of w and then of a.
    """

    def __init__(
        self, builder: Builder, form: Format, sizes: Sizes, start: ir.Value, adam: bool
    ) -> None:
        self.builder, self.form, self.sizes, self._next = builder, form, sizes, start
        one = count(1)
        self.w, self.dw = self._take(sizes.inputs), self._take(sizes.inputs)
        self.a, self.da, self.amplitude, self.moving = (self._take(one) for _ in range(4))
        self.kept = self._take(count(2 * AT_ONCE))
        if adam:
            every = builder.add(sizes.inputs, one)
            self.means, self.squares = self._take(every), self._take(every)

    def _take(self, count: ir.Value) -> Table:
        """The next rows."""
        build, columns = self.builder, self.sizes.columns
        table = Table(build, self.form, self._next, columns)
        self._next = build.gep(self._next, [build.mul(count, columns)])
        return table

    @property
    def zero(self) -> Vector:
        return Vector(self.builder, self.form, self.form.everywhere(0.0))

    def vectors(self) -> AbstractContextManager[ir.Value]:
        """A loop over vectors of neurons."""
        return counting(self.builder, self.sizes.columns, self.form.lanes)

    def inputs(self) -> AbstractContextManager[ir.Value]:
        """A loop over inputs."""
        return counting(self.builder, self.sizes.inputs)

    def read(
        self, row: Table, array: Table, count: ir.Value | None = None, copied: bool = False
    ) -> None:
        """From an array (neurons), or (neurons, inputs), to rows.

        Beyond the last neuron is 0, or what the first has: where nothing must be that a neuron
        could not meet.
        """
        build, sizes = self.builder, self.sizes
        with counting(build, count or one_row()) as k:
            with counting(build, sizes.neurons) as j:
                at = j if count is None else build.add(build.mul(j, count), k)
                row.store_number(array.number(at), k, j)
            with counting(build, build.sub(sizes.columns, sizes.neurons)) as beyond:
                zero = ir.Constant(self.form.scalar, 0.0)
                filled = row.number(k, FIRST) if copied else zero
                row.store_number(filled, k, build.add(sizes.neurons, beyond))

    def write(self, row: Table, array: Table, count: ir.Value | None = None) -> None:
        """From rows to an array."""
        build, sizes = self.builder, self.sizes
        with counting(build, sizes.neurons) as j, counting(build, count or one_row()) as k:
            at = j if count is None else build.add(build.mul(j, count), k)
            array.store_number(row.number(k, j), at)


def one_row() -> ir.Constant:
    """The number 1."""
    return count(1)
