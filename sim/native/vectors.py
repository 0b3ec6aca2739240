"""Numbers of one SIMD register in LLVM code, with Python's operators."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from llvmlite import ir

Builder = Any  # an ir.IRBuilder, whose types leave out what its decorators add
BYTES = 64  # of a vector: a register of AVX-512; other machines take two or four
CONTRACT = ("contract",)  # x·y + z may be one operation with one rounding
# added to a number below 2^51 (2^22) it leaves the nearest integer in the last bits
ROUNDER = {64: 1.5 * 2.0**52, 32: 1.5 * 2.0**23}


@dataclass(frozen=True)
class Format:
    """A floating-point format and the integers of its size.

    Attributes:
        bits: 64 or 32.
    """

    bits: int

    @property
    def scalar(self) -> ir.Type:
        return ir.DoubleType() if self.bits == 64 else ir.FloatType()

    @property
    def integer(self) -> ir.Type:
        return ir.IntType(self.bits)

    @property
    def lanes(self) -> int:
        """Numbers in a vector."""
        return 8 * BYTES // self.bits

    @property
    def fraction(self) -> int:
        """Bits of the fraction."""
        return 52 if self.bits == 64 else 23

    @property
    def bias(self) -> int:
        """Of the exponent."""
        return 1023 if self.bits == 64 else 127

    @property
    def epsilon(self) -> float:
        """Distance from 1 to the next number."""
        return 2.0**-self.fraction

    @property
    def tiny(self) -> float:
        """Smallest positive number with all its digits."""
        return 2.0 ** (1 - self.bias)

    def everywhere(self, number: float) -> ir.Constant:
        """A vector of one number."""
        return ir.Constant(self.vector, [float(number)] * self.lanes)

    def spread(self, builder: Builder, number: ir.Value) -> ir.Value:
        """A vector of one number that code computes."""
        empty, lane = ir.Constant(self.vector, ir.Undefined), ir.Constant(ir.IntType(32), 0)
        alone = builder.insert_element(empty, number, lane)
        first = ir.Constant(ir.VectorType(ir.IntType(32), self.lanes), None)
        return builder.shuffle_vector(alone, empty, first)

    @property
    def vector(self) -> ir.Type:
        return ir.VectorType(self.scalar, self.lanes)

    @property
    def integers(self) -> ir.Type:
        return ir.VectorType(self.integer, self.lanes)


DOUBLE, SINGLE = Format(64), Format(32)
FORMATS = {torch.float64: DOUBLE, torch.float32: SINGLE}  # of the numbers of tensors


class Mask:
    """A truth value a lane."""

    def __init__(self, builder: Builder, value: Any) -> None:
        self.builder, self.value = builder, value

    def __and__(self, other: "Mask") -> "Mask":
        return Mask(self.builder, self.builder.and_(self.value, other.value))

    def __or__(self, other: "Mask") -> "Mask":
        return Mask(self.builder, self.builder.or_(self.value, other.value))

    def __invert__(self) -> "Mask":
        return Mask(self.builder, self.builder.not_(self.value))

    def any(self) -> ir.Value:
        """Whether it holds in some lane, one bit."""
        lanes = self.value.type.count
        packed = self.builder.bitcast(self.value, ir.IntType(lanes))
        return self.builder.icmp_unsigned("!=", packed, ir.Constant(ir.IntType(lanes), 0))

    def where(self, yes: "Vector", no: "Vector | float") -> "Vector":
        """``yes`` where it holds, else ``no``."""
        return yes.made(self.builder.select(self.value, yes.value, yes.operand(no)))


class Vector:
    """A number a lane. Sums of products may be fused; nothing else is reordered."""

    def __init__(self, builder: Builder, form: Format, value: ir.Value) -> None:
        self.builder, self.form, self.value = builder, form, value

    def made(self, value: ir.Value) -> "Vector":
        """Another of this format."""
        return Vector(self.builder, self.form, value)

    def constant(self, number: float) -> "Vector":
        """The same number in every lane."""
        return self.made(self.form.everywhere(number))

    def operand(self, other: "Vector | float") -> ir.Value:
        return other.value if isinstance(other, Vector) else self.constant(other).value

    def __add__(self, other: "Vector | float") -> "Vector":
        return self.made(self.builder.fadd(self.value, self.operand(other), flags=CONTRACT))

    def __sub__(self, other: "Vector | float") -> "Vector":
        return self.made(self.builder.fsub(self.value, self.operand(other), flags=CONTRACT))

    def __rsub__(self, other: float) -> "Vector":
        return self.constant(other) - self

    def __mul__(self, other: "Vector | float") -> "Vector":
        return self.made(self.builder.fmul(self.value, self.operand(other), flags=CONTRACT))

    def __truediv__(self, other: "Vector | float") -> "Vector":
        return self.made(self.builder.fdiv(self.value, self.operand(other)))

    def __rtruediv__(self, other: float) -> "Vector":
        return self.constant(other) / self

    def __neg__(self) -> "Vector":
        return self.made(self.builder.fneg(self.value))

    __radd__, __rmul__ = __add__, __mul__

    def __abs__(self) -> "Vector":
        return self.intrinsic("fabs")

    def plus(self, factor: "Vector | float", other: "Vector | float") -> "Vector":
        """self + factor · other with one rounding, on every machine."""
        first = factor if isinstance(factor, Vector) else self.constant(factor)
        return first.intrinsic("fma", other, self)

    def with_sign_of(self, other: "Vector") -> "Vector":
        return self.intrinsic("copysign", other)

    def at_least(self, limit: float) -> "Vector":
        """The larger of both; NaN stays NaN."""
        return (self < limit).where(self.constant(limit), self)

    def at_most(self, limit: float) -> "Vector":
        """The smaller of both; NaN stays NaN."""
        return (self > limit).where(self.constant(limit), self)

    def compared(self, how: str, other: "Vector | float") -> Mask:
        """ "<", "<=", ">", ">=" or "==", false for NaN, or "!=", true for it."""
        compare = self.builder.fcmp_unordered if how == "!=" else self.builder.fcmp_ordered
        return Mask(self.builder, compare(how, self.value, self.operand(other)))

    def __lt__(self, other: "Vector | float") -> Mask:
        return self.compared("<", other)

    def __gt__(self, other: "Vector | float") -> Mask:
        return self.compared(">", other)

    def intrinsic(self, name: str, *others: "Vector | float") -> "Vector":
        """A function of LLVM, lane by lane."""
        kind = self.form.vector
        name = f"llvm.{name}.v{self.form.lanes}f{self.form.bits}"
        module: Any = self.builder.module
        function = module.globals.get(name) or ir.Function(
            module, ir.FunctionType(kind, [kind] * (1 + len(others))), name
        )
        operands = [self.value, *(self.operand(other) for other in others)]
        return self.made(self.builder.call(function, operands))

    def over_lanes(self, operation: str) -> ir.Value:
        """One number: their sum ("fadd") or largest ("fmaximum", NaN where one is)."""
        form: Format = self.form
        name = f"llvm.vector.reduce.{operation}.v{form.lanes}f{form.bits}"
        starts = [ir.Constant(form.scalar, -0.0)] if operation == "fadd" else []
        kinds = [*(start.type for start in starts), form.vector]
        module: Any = self.builder.module
        function = module.globals.get(name) or ir.Function(
            module, ir.FunctionType(form.scalar, kinds), name
        )
        return self.builder.call(function, [*starts, self.value], fastmath=("reassoc",))

    def with_all_lanes(self, operation: str) -> "Vector":
        """`over_lanes` in every lane."""
        return self.made(self.form.spread(self.builder, self.over_lanes(operation)))

    def bits(self) -> ir.Value:
        """The same bits as integers."""
        return self.builder.bitcast(self.value, self.form.integers)

    def from_bits(self, integers: ir.Value) -> "Vector":
        return self.made(self.builder.bitcast(integers, self.form.vector))

    def integers(self, number: int) -> ir.Value:
        """The same integer in every lane."""
        return ir.Constant(self.form.integers, [number] * self.form.lanes)


def polynomial(x: Vector, coefficients: Sequence[float]) -> Vector:
    """Σ_k coefficients[k] x^k by Horner's scheme."""
    *rest, last = coefficients
    total = x.constant(last)
    for coefficient in reversed(rest):
        total = total * x + coefficient
    return total
