"""The noise of units that share a batch, in machine code.

A unit is compared with every input of its batch, many units at once: for batches of a few hundred
that is faster than a sort and a search, whose jumps no processor can foresee.
`sim.batchnorm.shared.shared_gate_sums` and `sim.batchnorm.units.noise_gradient` say the same.
"""

from functools import cache

import torch
from jaxtyping import Float
from llvmlite import ir
from torch import Tensor

from sim.native.loops import COUNT, Sum, Table, counting
from sim.native.machine import MachineFunction
from sim.native.vectors import SINGLE, Builder, Vector

NAME = "shared_noise"
SIZES, ARRAYS = 3, 7
AT_ONCE = 2  # vectors of units that share the reading of an input
UNITS = AT_ONCE * SINGLE.lanes
ZERO = ir.Constant(COUNT, 0)


def native_noise(
    x_hat: Float[Tensor, "replicates batch"],
    gamma: Float[Tensor, " units"],
    beta: Float[Tensor, " units"],
    normals: Float[Tensor, "2 units"],
    std: float,
) -> Float[Tensor, "2 units"]:
    """(∂γ, ∂β) as `sim.batchnorm.shared.shared_noise` in torch calls.

    x̂, the normals and the result in float32.
    """
    replicates, batch = x_hat.shape
    units = len(gamma)
    # rows are read and written by whole vectors: beyond their ends, in order
    edges, scales, first, second = x_hat.new_empty(4, units + UNITS)
    torch.div(beta, gamma, out=edges[:units]).neg_()
    scales[:units], first[:units], second[:units] = gamma, normals[0], normals[1]
    gradient = x_hat.new_empty(2, units + UNITS)
    whole = x_hat.new_tensor([batch, std / batch])
    arrays = (x_hat.contiguous(), edges, scales, first, second, gradient, whole)
    _function()(replicates, batch, units // replicates, *(one.data_ptr() for one in arrays))
    return gradient[:, :units]


@cache
def _function() -> MachineFunction:
    return MachineFunction(assembly, NAME, NAME, SIZES, ARRAYS)


def assembly() -> str:
    """``void shared_noise(replicates, batch, units, x, edges, γ, normals, normals, ∂, settings)``.

    All arrays in float32: −β/γ and γ of all units, the pairs of normals and ∂γ row by row,
    followed by `UNITS` numbers of no meaning; ∂β comes after ∂γ. Settings are B and s/B.
    """
    module, number = ir.Module(NAME), SINGLE.scalar.as_pointer()
    kind = ir.FunctionType(ir.VoidType(), [COUNT] * SIZES + [number] * ARRAYS)
    function = ir.Function(module, kind, NAME)
    for argument in function.args[SIZES:]:
        argument.add_attribute("noalias")
    build: Builder = ir.IRBuilder(function.append_basic_block("start"))
    replicates, batch, units, *arrays = function.args
    x, *rows, settings = (Table(build, SINGLE, array) for array in arrays)
    beyond = build.add(build.mul(replicates, units), ir.Constant(COUNT, UNITS))
    edges, scales, first, second, gradient = rows
    for_bias = gradient.from_row(beyond)
    with counting(build, replicates) as replicate:
        inputs = x.from_row(build.mul(replicate, batch))
        start = build.mul(replicate, units)
        with counting(build, units, UNITS) as unit:
            places = [
                build.add(build.add(start, unit), ir.Constant(COUNT, k * SINGLE.lanes))
                for k in range(AT_ONCE)
            ]
            above = _sums_above(build, inputs, batch, [edges.vector(at) for at in places])
            for at, sums in zip(places, above, strict=True):
                s0, s1, s2 = _active(sums, scales.vector(at), settings.everywhere(ZERO))
                scale = settings.everywhere(ir.Constant(COUNT, 1))
                normals = first.vector(at), second.vector(at)
                root = s0.intrinsic("sqrt")
                tilt = s1 / root.at_least(SINGLE.tiny)
                rest = (s2 - tilt * tilt).at_least(0.0).intrinsic("sqrt")
                gradient.store(scale * (tilt * normals[0] + rest * normals[1]), at)
                for_bias.store(scale * root * normals[0], at)
    build.ret_void()
    return str(module)


def _sums_above(
    build: Builder, inputs: Table, batch: ir.Value, edges: list[Vector]
) -> list[tuple[Vector, Vector, Vector]]:
    """Σ 1, Σ x̂ and Σ x̂² over the inputs above each edge."""
    zero = edges[0].constant(0.0)
    sums = [[Sum(build, zero) for _ in range(3)] for _ in edges]
    for one in sums:
        for total in one:
            total.value = zero
    with counting(build, batch) as sample:
        x = inputs.everywhere(sample)
        for edge, one in zip(edges, sums, strict=True):
            above = x > edge
            for total, term in zip(one, (1.0, x, x * x), strict=True):
                before = total.value
                total.value = above.where(before + term, before)
    return [(one[0].value, one[1].value, one[2].value) for one in sums]


def _active(
    above: tuple[Vector, Vector, Vector], gamma: Vector, batch: Vector
) -> tuple[Vector, Vector, Vector]:
    """S₀, S₁, S₂: for γ < 0 what is left of the sums over a whole batch, which are B, 0 and B."""
    left = gamma < 0.0
    s0, s1, s2 = above
    s0 = left.where(batch - s0, s0)
    some = s0.at_most(1.0)  # without an active sample exactly 0, whatever rounding has left
    return s0, some * left.where(-s1, s1), some * left.where(batch - s2, s2)
