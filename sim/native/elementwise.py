"""A graph of elementwise operations as LLVM code: one loop over vectors, without text."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from llvmlite import ir

from sim.activation.graph import VARIABLE, Graph, Term
from sim.native.functions import FUNCTIONS
from sim.native.loops import COUNT, count, counting
from sim.native.vectors import Builder, Format, Mask, Vector

NAME = "elementwise"
COMPARISONS = {"gt": ">", "ge": ">=", "lt": "<", "le": "<=", "eq": "==", "ne": "!="}
LARGEST_PRODUCT = 64  # powers above it are the C library's


def module_of(graph: Graph, roots: Sequence[Term], form: Format) -> str:
    """LLVM assembly of ``void elementwise(n, x, out₁, …)``, of arrays of n numbers.

    Every ``out`` receives a root; the arrays do not overlap.

    Raises:
        KeyError: an operation has no translation.
    """
    module = ir.Module(NAME)
    pointer = form.scalar.as_pointer()
    kind = ir.FunctionType(ir.VoidType(), [COUNT, pointer, *(pointer for _ in roots)])
    function = ir.Function(module, kind, NAME)
    for argument in function.args[1:]:
        argument.add_attribute("noalias")
    builder: Builder = ir.IRBuilder(function.append_basic_block("start"))
    n, x, *outs = function.args
    whole = builder.and_(n, count(-form.lanes))
    body = _Body(graph, roots, form, builder)
    with counting(builder, whole, form.lanes) as at:
        body.store(builder.gep(x, [at]), [builder.gep(out, [at]) for out in outs])
    with builder.if_then(builder.icmp_unsigned("<", whole, n)):
        body.rest(builder.sub(n, whole), *(builder.gep(one, [whole]) for one in (x, *outs)))
    builder.ret_void()
    return str(module)


class _Body:
    """What is done for the numbers of one vector."""

    def __init__(self, graph: Graph, roots: Sequence[Term], form: Format, builder: Builder) -> None:
        self.graph, self.form, self.builder = graph, form, builder
        self.roots = [graph.materialize(root) for root in roots]

    def store(self, x: ir.Value, outs: Sequence[ir.Value]) -> None:
        """Read a vector at x, write every root."""
        build, align = self.builder, self.form.bits // 8
        vectors = self.form.vector.as_pointer()
        variable = Vector(build, self.form, build.load(build.bitcast(x, vectors), align=align))
        values = Values(self.graph, variable)
        for root, out in zip(self.roots, outs, strict=True):
            build.store(values.number(root).value, build.bitcast(out, vectors), align=align)

    def rest(self, n: ir.Value, x: ir.Value, *outs: ir.Value) -> None:
        """The last n numbers, fewer than a vector, by way of whole vectors."""
        build = self.builder
        with build.goto_entry_block():
            inside, *results = [build.alloca(self.form.vector) for _ in (x, *outs)]
        build.store(ir.Constant(self.form.vector, [0.0] * self.form.lanes), inside)
        pointer = self.form.scalar.as_pointer()
        inside, *results = [build.bitcast(one, pointer) for one in (inside, *results)]
        with counting(build, n) as at:
            build.store(build.load(build.gep(x, [at])), build.gep(inside, [at]))
        self.store(inside, results)
        with counting(build, n) as at:
            for result, out in zip(results, outs, strict=True):
                build.store(build.load(build.gep(result, [at])), build.gep(out, [at]))


class Values:
    """Nodes of a graph as vectors and masks, each made once."""

    def __init__(self, graph: Graph, variable: Vector) -> None:
        self.graph, self.variable = graph, variable
        self._known: dict[int, Any] = {VARIABLE: variable}
        self._powers: dict[tuple[int, int], Vector] = {}

    def number(self, node: int) -> Vector:
        return self._of(node)

    def mask(self, node: int) -> Mask:
        return self._of(node)

    def _of(self, node: int) -> Any:
        if node not in self._known:
            self._known[node] = self._made(*self.graph.nodes[node])
        return self._known[node]

    def _made(self, name: str, *operands: Any) -> Vector | Mask:
        match name:
            case "one":
                return self.variable.constant(1.0)
            case "constant":
                return self.variable.constant(operands[0])
            case "scale":
                return self.number(operands[1]) * operands[0]
            case "sum":
                return self._sum(*operands)
            case "product":
                return self._product(operands[0])
            case "where":
                condition, yes, no = operands
                return self.mask(condition).where(self.number(yes), self.number(no))
            case "masked":
                condition, variable, inside = operands
                return self.mask(condition).where(self.number(variable), inside)
            case "clamped":
                end, variable, limit = operands
                held = self.number(variable)
                return held.at_least(limit) if end == "min" else held.at_most(limit)
            case "maximum" | "minimum":
                return self._extremum(name, *map(self.number, operands))
            case "and" | "or":
                a, b = map(self.mask, operands)
                return a & b if name == "and" else a | b
            case "not":
                return ~self.mask(operands[0])
        if name in COMPARISONS:
            a, b = map(self.number, operands)
            return a.compared(COMPARISONS[name], b)
        return FUNCTIONS[name](self.number(operands[0]))

    def _sum(self, constant: float, parts: Sequence[tuple[int, float]]) -> Vector:
        total = self.variable.constant(constant) if constant else None
        for node, coefficient in parts:
            value = self.number(node)
            part = value if coefficient == 1.0 else value * coefficient
            total = part if total is None else total + part
        return self.variable.constant(0.0) if total is None else total

    def _product(self, factors: Sequence[tuple[int, Fraction]]) -> Vector:
        first, *rest = [self._power(base, exponent) for base, exponent in factors]
        for factor in rest:
            first = first * factor
        return first

    def _power(self, base: int, exponent: Fraction) -> Vector:
        x = self.number(base)
        if exponent.denominator == 1 and abs(exponent) <= LARGEST_PRODUCT:
            whole = self._whole_power(base, abs(int(exponent)))
            return whole if exponent > 0 else 1.0 / whole
        if exponent.denominator == 2 and abs(exponent) == Fraction(1, 2):
            root = x.intrinsic("sqrt")
            return root if exponent > 0 else 1.0 / root
        return x.intrinsic("pow", float(exponent))

    def _whole_power(self, base: int, exponent: int) -> Vector:
        """By repeated squaring, sharing lower powers of the same base."""
        if exponent == 1:
            return self.number(base)
        at = (base, exponent)
        if at not in self._powers:
            half = self._whole_power(base, exponent // 2)
            square = half * half
            self._powers[at] = square * self.number(base) if exponent % 2 else square
        return self._powers[at]

    def _extremum(self, name: str, a: Vector, b: Vector) -> Vector:
        """NaN where either is."""
        chosen = (a > b if name == "maximum" else a < b).where(a, b)
        return a.compared("!=", a).where(a, chosen)
