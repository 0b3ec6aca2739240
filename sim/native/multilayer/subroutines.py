"""Functions within a module that its other functions call: compiled once, however often called."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from llvmlite import ir

from sim.native.loops import COUNT
from sim.native.vectors import Builder, Format


class Subroutine:
    """A function of some integers and then of some arrays.

    Args:
        sizes, arrays: how many; no two of the arrays overlap.
    """

    def __init__(self, module: ir.Module, form: Format, name: str, sizes: int, arrays: int) -> None:
        pointers = [form.scalar.as_pointer()] * arrays
        kind = ir.FunctionType(ir.VoidType(), [COUNT] * sizes + pointers)
        function: Any = ir.Function(module, kind, name)
        function.linkage = "internal"
        function.attributes.add("noinline")
        for argument in function.args[sizes:]:
            argument.add_attribute("noalias")
        self._function = function

    @contextmanager
    def body(self) -> Iterator[tuple[Builder, tuple[ir.Value, ...]]]:
        """Where its code is written, and its arguments."""
        builder: Builder = ir.IRBuilder(self._function.append_basic_block("start"))
        yield builder, self._function.args
        builder.ret_void()

    def __call__(self, builder: Builder, *arguments: ir.Value) -> None:
        builder.call(self._function, arguments)


def smaller(builder: Builder, one: ir.Value, other: ir.Value) -> ir.Value:
    """The smaller of two counts."""
    return builder.select(builder.icmp_unsigned("<", one, other), one, other)
