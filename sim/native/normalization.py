"""Batch normalization with a leaky ReLU and its gradient as LLVM code, one channel at a time.

A channel's samples are a row; those of one minibatch stay in the cache nearest to the processor
while they are read for mean, variance and result. Nothing is specialized to sizes.
"""

from collections.abc import Callable
from dataclasses import dataclass

from llvmlite import ir

from sim.native.loops import COUNT, Sum, Table, count, counting
from sim.native.vectors import Builder, Format, Vector

FORWARD, BACKWARD = "normalize", "normalize_back"
SIZES = 2  # of either; then come their arrays
FORWARD_ARRAYS, BACKWARD_ARRAYS = 6, 9
EPSILON, SLOPE, SHARE = range(3)  # of the settings: ε, slope of the leaky ReLU, 1 / samples


@dataclass(frozen=True)
class Channel:
    """What a channel is made of: its number, γ, β, and loops over vectors of its samples."""

    builder: Builder
    number: ir.Value
    samples: ir.Value
    gamma: Vector
    beta: Vector
    settings: Table

    def setting(self, which: int) -> Vector:
        return self.settings.everywhere(count(which))

    def each(self, act: Callable[[ir.Value], None]) -> None:
        """Do something for every vector, given its first column."""
        with counting(self.builder, self.samples, self.gamma.form.lanes) as column:
            act(column)

    def sums(self, terms: Callable[[ir.Value], tuple[Vector, ...]], count: int) -> list[Vector]:
        """Sums of some terms over the samples, in every lane."""
        zero = self.gamma.constant(0.0)
        totals = [Sum(self.builder, zero) for _ in range(count)]
        for total in totals:
            total.value = zero

        def add(column: ir.Value) -> None:
            for total, term in zip(totals, terms(column), strict=True):
                total.value = total.value + term

        self.each(add)
        return [total.value.with_all_lanes("fadd") for total in totals]


def forward_module(form: Format) -> str:
    """``void normalize(channels, samples, γ, β, settings, z, inverse, active)``.

    z (channels, samples) becomes x̂, ``inverse`` (channels) receives 1/√(variance + ε) and
    ``active`` the leaky ReLU of γ x̂ + β. ``samples`` is a multiple of the lanes of a vector.
    """
    return _module(form, FORWARD, FORWARD_ARRAYS, _normalize)


def backward_module(form: Format) -> str:
    """``void normalize_back(channels, samples, γ, β, settings, x̂, inverse, slopes, dz, dγ, dβ)``.

    From the gradient ``slopes`` with respect to the leaky ReLU's output those with respect to z,
    γ and β.
    """
    return _module(form, BACKWARD, BACKWARD_ARRAYS, _normalize_back)


def _normalize(channel: Channel, z: Table, inverse: Table, active: Table) -> None:
    number, share = channel.number, channel.setting(SHARE)
    (total,) = channel.sums(lambda at: (z.vector(number, at),), 1)
    mean = total * share

    def square(at: ir.Value) -> tuple[Vector, ...]:
        away = z.vector(number, at) - mean
        return (away * away,)

    (squares,) = channel.sums(square, 1)
    scale = 1.0 / (squares * share + channel.setting(EPSILON)).intrinsic("sqrt")
    _store_one(inverse, scale, number)

    def write(at: ir.Value) -> None:
        x_hat = (z.vector(number, at) - mean) * scale
        z.store(x_hat, number, at)
        y = channel.gamma * x_hat + channel.beta
        active.store((y > 0.0).where(y, y * channel.setting(SLOPE)), number, at)

    channel.each(write)


def _normalize_back(
    channel: Channel, x_hat: Table, inverse: Table, slopes: Table, dz: Table, *sums: Table
) -> None:
    number, share, gamma = channel.number, channel.setting(SHARE), channel.gamma

    def through(at: ir.Value) -> tuple[Vector, Vector]:
        """The gradient with respect to γ x̂ + β, and it times x̂."""
        x, slope = x_hat.vector(number, at), slopes.vector(number, at)
        passing = gamma * x + channel.beta > 0.0
        dy = passing.where(slope, slope * channel.setting(SLOPE))
        return dy * x, dy

    totals = channel.sums(through, 2)
    for table, total in zip(sums, totals, strict=True):
        _store_one(table, total, number)
    tilt, mean = (total * share for total in totals)
    scale = gamma * _numbers(inverse).everywhere(number)

    def write(at: ir.Value) -> None:
        _, dy = through(at)
        dz.store(scale * (dy - mean - x_hat.vector(number, at) * tilt), number, at)

    channel.each(write)


def _store_one(table: Table, value: Vector, number: ir.Value) -> None:
    lane = ir.Constant(ir.IntType(32), 0)
    one = value.builder.extract_element(value.value, lane)
    _numbers(table).store_number(one, number)


def _numbers(table: Table) -> Table:
    """The same memory with one number a channel."""
    return Table(table.builder, table.form, table.start)


def _module(form: Format, name: str, arrays: int, act: Callable[..., None]) -> str:
    module, pointer = ir.Module(name), form.scalar.as_pointer()
    kind = ir.FunctionType(ir.VoidType(), [COUNT] * SIZES + [pointer] * arrays)
    function = ir.Function(module, kind, name)
    for argument in function.args[SIZES:]:
        argument.add_attribute("noalias")
    builder: Builder = ir.IRBuilder(function.append_basic_block("start"))
    channels, samples, gamma, beta, settings, *others = function.args
    scales, biases, settings = (Table(builder, form, one) for one in (gamma, beta, settings))
    tables = [Table(builder, form, one, samples) for one in others]
    with counting(builder, channels) as number:
        gamma, beta = scales.everywhere(number), biases.everywhere(number)
        act(Channel(builder, number, samples, gamma, beta, settings), *tables)
    builder.ret_void()
    return str(module)
