"""One step of training, of the weights in a scratch: gradient descent and Adam.

Settings are numbers in memory, those of `sim.networks.training` and `sim.engine.optimizers`.
"""

from llvmlite import ir

from sim.native.loops import Sum, Table, count
from sim.native.scratch import FIRST, Scratch
from sim.native.vectors import Vector

KINDS = ("network clock", "neuron clock", "plain", "adam")
ADAM_SETTINGS = 6  # numbers a step


def move(kind: str, scratch: Scratch, settings: Table, step: ir.Value) -> None:
    """Write a step; ``step`` counts those of this call, from 0.

    Args:
        kind: "network clock" or "neuron clock", with the settings (relative step, longest time),
            or "plain", with a learning rate, or "adam", with rows (rate over the first bias
            correction, root of the second, ε, 1 − β₁, β₂, 1 − β₂) of every step.
        scratch, settings: where weights, gradients and settings are.
        step: which one.
    """
    match kind:
        case "network clock" | "neuron clock":
            _descend(scratch, settings, shared=kind == "network clock")
        case "plain":
            with scratch.vectors() as column:
                _along(scratch, column, _at(settings, 0))
        case "adam":
            _adam(scratch, settings, step)
        case _:
            raise ValueError(f"no kind of step is called {kind!r}; there are: {', '.join(KINDS)}")


def _at(settings: Table, number: int) -> Vector:
    return settings.everywhere(count(number))


def _descend(scratch: Scratch, settings: Table, shared: bool) -> None:
    relative, longest = _at(settings, 0), _at(settings, 1)
    fastest = None
    if shared:
        most = Sum(scratch.builder, scratch.zero)
        with scratch.vectors() as column:
            speed = (scratch.moving.vector(FIRST, column) > 0.0).where(_speed(scratch, column), 0.0)
            most.value = most.value.intrinsic("maximum", speed)
        fastest = most.value.with_all_lanes("fmaximum")
    with scratch.vectors() as column:
        speed = _speed(scratch, column) if fastest is None else fastest
        time = relative / speed.at_least(speed.form.tiny)
        time = (time > longest).where(longest, time)
        _along(scratch, column, time)


def _along(scratch: Scratch, column: ir.Value, time: Vector) -> None:
    """Move a vector of neurons along minus the gradients, for some time."""
    moving = scratch.moving.vector(FIRST, column) > 0.0
    a = scratch.a.vector(FIRST, column)
    moved = a + time * scratch.da.vector(FIRST, column)
    scratch.a.store(moving.where(moved, a), FIRST, column)
    with scratch.inputs() as k:
        w = scratch.w.vector(k, column)
        moved = w + time * scratch.dw.vector(k, column)
        scratch.w.store(moving.where(moved, w), k, column)


def _speed(scratch: Scratch, column: ir.Value) -> Vector:
    """max(|w'|/|w|, |a'|/√(|w|² + a²)) of a vector of neurons."""
    size, change = Sum(scratch.builder, scratch.zero), Sum(scratch.builder, scratch.zero)
    with scratch.inputs() as k:
        w, dw = scratch.w.vector(k, column), scratch.dw.vector(k, column)
        size.value = size.value + w * w
        change.value = change.value + dw * dw
    a, da = scratch.a.vector(FIRST, column), scratch.da.vector(FIRST, column)
    squared = size.value
    turning = (change.value / squared).intrinsic("sqrt")
    return turning.intrinsic("maximum", abs(da) / (squared + a * a).intrinsic("sqrt"))


def _adam(scratch: Scratch, settings: Table, step: ir.Value) -> None:
    build = scratch.builder
    first = build.mul(step, count(ADAM_SETTINGS))
    rate, root, eps, new_mean, old_square, new_square = (
        settings.everywhere(build.add(first, count(k))) for k in range(ADAM_SETTINGS)
    )

    def moved(weights: Table, slopes: Table, row: ir.Value, at: ir.Value, column: ir.Value) -> None:
        down = -slopes.vector(row, column)
        mean, square = scratch.means.vector(at, column), scratch.squares.vector(at, column)
        mean = mean + (down - mean) * new_mean
        square = square * old_square + down * down * new_square
        scratch.means.store(mean, at, column)
        scratch.squares.store(square, at, column)
        change = rate * mean / (square.intrinsic("sqrt") / root + eps)
        before = weights.vector(row, column)
        moving = scratch.moving.vector(FIRST, column) > 0.0
        weights.store(moving.where(before - change, before), row, column)

    with scratch.vectors() as column:
        moved(scratch.a, scratch.da, FIRST, scratch.sizes.inputs, column)
        with scratch.inputs() as k:
            moved(scratch.w, scratch.dw, k, k, column)
