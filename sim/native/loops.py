"""Loops and arrays in LLVM code."""

from collections.abc import Iterator
from contextlib import contextmanager

from llvmlite import ir

from sim.native.vectors import Builder, Format, Vector

COUNT = ir.IntType(64)


def count(number: int) -> ir.Constant:
    """A number that is known when compiling."""
    return ir.Constant(COUNT, number)


@contextmanager
def counting(builder: Builder, end: ir.Value, step: int = 1) -> Iterator[ir.Value]:
    """A loop over 0, step, 2 step, … < end."""
    head, body, after = (builder.append_basic_block(name) for name in ("head", "body", "after"))
    before = builder.block
    builder.branch(head)
    builder.position_at_end(head)
    at = builder.phi(COUNT)
    at.add_incoming(count(0), before)
    builder.cbranch(builder.icmp_unsigned("<", at, end), body, after)
    builder.position_at_end(body)
    yield at
    following = builder.add(at, count(step))
    at.add_incoming(following, builder.block)
    builder.branch(head)
    builder.position_at_end(after)


class Sum:
    """A vector that a loop adds to: a variable, which LLVM keeps in a register."""

    def __init__(self, builder: Builder, start: Vector) -> None:
        with builder.goto_entry_block():
            self._place = builder.alloca(start.form.vector)
        self._builder, self._like = builder, start
        self.value = start

    @property
    def value(self) -> Vector:
        return self._like.made(self._builder.load(self._place))

    @value.setter
    def value(self, value: Vector) -> None:
        self._builder.store(value.value, self._place)


class Table:
    """A matrix in memory whose rows are read and written by vectors, one after another."""

    def __init__(
        self, builder: Builder, form: Format, start: ir.Value, columns: ir.Value | None = None
    ) -> None:
        self.builder, self.form, self.start, self.columns = builder, form, start, columns

    def _place(self, row: ir.Value, column: ir.Value | None) -> ir.Value:
        build = self.builder
        at = row if self.columns is None else build.mul(row, self.columns)
        return build.gep(self.start, [at if column is None else build.add(at, column)])

    def _vectors(self, row: ir.Value, column: ir.Value | None) -> ir.Value:
        return self.builder.bitcast(self._place(row, column), self.form.vector.as_pointer())

    def vector(self, row: ir.Value, column: ir.Value | None = None) -> Vector:
        """A vector from there on."""
        loaded = self.builder.load(self._vectors(row, column), align=self.form.bits // 8)
        return Vector(self.builder, self.form, loaded)

    def store(self, value: Vector, row: ir.Value, column: ir.Value | None = None) -> None:
        """Write a vector from there on."""
        self.builder.store(value.value, self._vectors(row, column), align=self.form.bits // 8)

    def number(self, row: ir.Value, column: ir.Value | None = None) -> ir.Value:
        """One number."""
        return self.builder.load(self._place(row, column))

    def store_number(self, value: ir.Value, row: ir.Value, column: ir.Value | None = None) -> None:
        """Write one number."""
        self.builder.store(value, self._place(row, column))

    def everywhere(self, row: ir.Value, column: ir.Value | None = None) -> Vector:
        """The number that is there, in every lane."""
        spread = self.form.spread(self.builder, self.number(row, column))
        return Vector(self.builder, self.form, spread)

    def from_row(self, row: ir.Value) -> "Table":
        """The same from a row on."""
        return Table(self.builder, self.form, self._place(row, None), self.columns)
