"""Gradients of multilayer networks, each on data of its own, as LLVM code.

How many layers there are, their activations and whether they are residual is fixed in the code;
nothing is specialized to sizes, and no network sees another.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from llvmlite import ir

from sim.activation.graph import Graph, Term
from sim.native.loops import COUNT, count, counting
from sim.native.multilayer.passes import activating, adding, comparing, multiplying
from sim.native.multilayer.products import correlating, mixing
from sim.native.multilayer.subroutines import Subroutine
from sim.native.vectors import Builder, Format

NAME = "multilayer"
FIXED_SIZES, FIXED_ARRAYS = 4, 7  # of any number of layers


def rows(widths: Sequence[int]) -> int:
    """Rows of a scratch for hidden layers so wide."""
    return 1 + 2 * max(widths) + sum(2 * width + 1 for width in widths)


def module_of(
    activations: Sequence[tuple[Graph, Term, Term]],
    layers: Sequence[int],
    residual: bool,
    form: Format,
) -> str:
    """LLVM assembly of the gradients of the losses (1/2n) Σᵢ (fᵢ − yᵢ)².

    ``void multilayer(networks, columns, widest, inputs, width₁, …, x, y, share, a, da, f, scratch,
    w₁, …, dw₁, …)``.

    Arrays: x (networks, inputs + 1, columns), whose last row is 1, y and f (networks, columns),
    share (columns), a and da (networks, last width), wₗ and dwₗ (networks, widthₗ, widthₗ₋₁ + 1)
    with width₀ = inputs, scratch (`rows`, columns), which holds ones; they do not overlap.
    ``columns`` is the number of samples filled up to whole vectors; ``share`` is 1/n, and 0 for
    samples that only fill up, copies of others. ``widest`` is the largest width. da, dwₗ and f,
    the outputs, are written.

    Args:
        activations: σ and σ', each pair once.
        layers: which of them the hidden layers have.
        residual: whether a layer's inputs are added to its outputs where they are as many.

    Raises:
        KeyError: an operation has no translation.
    """
    module, pointer, depth = ir.Module(NAME), form.scalar.as_pointer(), len(layers)
    routines = _Routines(
        mix=mixing(module, form),
        correlate=correlating(module, form),
        activate=[
            activating(module, form, f"activate{number}", *one)
            for number, one in enumerate(activations)
        ],
        add=adding(module, form),
        multiply=multiplying(module, form),
        compare=comparing(module, form),
    )
    sizes, arrays = [COUNT] * (FIXED_SIZES + depth), [pointer] * (FIXED_ARRAYS + 2 * depth)
    function = ir.Function(module, ir.FunctionType(ir.VoidType(), [*sizes, *arrays]), NAME)
    builder: Builder = ir.IRBuilder(function.append_basic_block("start"))
    with counting(builder, function.args[0]) as number:
        _Network(builder, routines, residual, number, function.args, layers).write()
    builder.ret_void()
    return str(module)


@dataclass(frozen=True)
class _Routines:
    """What the gradients are made of."""

    mix: Subroutine
    correlate: Subroutine
    activate: Sequence[Subroutine]
    add: Subroutine
    multiply: Subroutine
    compare: Subroutine


@dataclass(frozen=True)
class _Layer:
    """A hidden layer of one network.

    Attributes:
        activation: its number.
        inputs, units: how many.
        before, after: the rows of its inputs, of its units' outputs, and a row of ones.
        slopes: rows of σ'.
        w, dw: weights and their gradients, bias last.
    """

    activation: int
    inputs: ir.Value
    units: ir.Value
    before: ir.Value
    after: ir.Value
    slopes: ir.Value
    w: ir.Value
    dw: ir.Value


class _Network:
    """What is done for one network."""

    def __init__(
        self,
        builder: Builder,
        routines: _Routines,
        residual: bool,
        number: ir.Value,
        arguments: Sequence[ir.Value],
        layers: Sequence[int],
    ) -> None:
        self.builder, self.routines, self.residual = builder, routines, residual
        depth = len(layers)
        _, self.columns, widest, *widths = arguments[: FIXED_SIZES + depth]
        x, y, self.share, a, da, f, scratch, *weights = arguments[FIXED_SIZES + depth :]
        self._number, self._next = number, scratch
        self.y, self.f = (self._own(one, self.columns) for one in (y, f))
        self.a, self.da = (self._own(one, widths[-1]) for one in (a, da))
        self.error, self.back, self.at_z = map(self._take, (count(1), widest, widest))
        self.layers: list[_Layer] = []
        before = self._own(x, builder.mul(self._more(widths[0]), self.columns))
        for at, activation in enumerate(layers):
            inputs, units = widths[at : at + 2]
            after, slopes = self._take(self._more(units)), self._take(units)
            every = builder.mul(units, self._more(inputs))
            w, dw = (self._own(one, every) for one in (weights[at], weights[depth + at]))
            self.layers.append(
                _Layer(activation, inputs, units, before, after, slopes, w, dw),
            )
            before = after

    def write(self) -> None:
        """Outputs and gradients."""
        build, routines, columns, last = self.builder, self.routines, self.columns, self.layers[-1]
        for layer in self.layers:
            self._forward(layer)
        compared = (self.a, last.after, self.y, self.share, self.f, self.error)
        routines.compare(build, last.units, columns, *compared)
        one, no = count(1), count(0)
        routines.correlate(build, one, last.units, columns, self.error, last.after, self.da)
        shape = (last.units, one, columns, one, one)
        routines.mix(build, *shape, no, self.a, self.error, self.back)
        for layer in reversed(self.layers):
            self._backward(layer)

    def _forward(self, layer: _Layer) -> None:
        build, routines, one = self.builder, self.routines, count(1)
        row, every = self._more(layer.inputs), build.mul(layer.units, self.columns)
        shape = (layer.units, row, self.columns, row, one)
        routines.mix(build, *shape, count(0), layer.w, layer.before, layer.after)
        routines.activate[layer.activation](build, every, layer.after, layer.slopes)
        if self.residual:
            with build.if_then(self._skips(layer)):
                routines.add(build, every, layer.before, layer.after)

    def _backward(self, layer: _Layer) -> None:
        """From the gradient by a layer's outputs to those by its weights and by its inputs."""
        build, routines, columns, one = self.builder, self.routines, self.columns, count(1)
        row, every = self._more(layer.inputs), build.mul(layer.units, columns)
        routines.multiply(build, every, self.back, layer.slopes, self.at_z)
        routines.correlate(build, layer.units, row, columns, self.at_z, layer.before, layer.dw)
        if layer is self.layers[0]:
            return
        added = build.zext(self._skips(layer), one.type) if self.residual else count(0)
        shape = (layer.inputs, layer.units, columns, one, row)
        routines.mix(build, *shape, added, layer.w, self.at_z, self.back)

    def _skips(self, layer: _Layer) -> ir.Value:
        return self.builder.icmp_unsigned("==", layer.inputs, layer.units)

    def _more(self, number: ir.Value) -> ir.Value:
        return self.builder.add(number, count(1))

    def _own(self, array: ir.Value, size: ir.Value) -> ir.Value:
        """The part of an array that belongs to the network."""
        return self.builder.gep(array, [self.builder.mul(self._number, size)])

    def _take(self, number: ir.Value) -> ir.Value:
        """The next rows of the scratch."""
        taken = self._next
        self._next = self.builder.gep(taken, [self.builder.mul(number, self.columns)])
        return taken
