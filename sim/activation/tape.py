"""A graph of elementwise operations as a flat list of torch calls, without generated code."""

import math
from collections import Counter
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from sim.activation.graph import ONE, VARIABLE, Graph, Term
from sim.activation.special import FUNCTIONS as SPECIAL
from sim.activation.special import special
from theory.symbolic.guards.deadline import check

Step = Callable[[list[Tensor]], Tensor]

# Beyond it torch raises an error for `alpha` and `value` where the tensor is of single precision.
_LARGEST_ALPHA = 3e38


def _softplus(u: Tensor) -> Tensor:
    # Beyond 40 softplus(u) = u to the last digit of float64; torch's default 20 is too early.
    return functional.softplus(u, threshold=40.0)


def _sinc(u: Tensor) -> Tensor:
    # The shift is far below the rounding error of sinc and keeps 0 out of the denominator.
    distance = u.abs() + 1e-30
    return distance.sin() / distance


# sinc'(u) = (cos u − sinc u)/u loses digits near 0; below this radius its Taylor series in u²
# reaches the last digit of float64.
_SINC_RADIUS = 0.3
_SINC_SLOPE = [(-1) ** k * 2 * k / math.factorial(2 * k + 1) for k in range(1, 8)]


def _sinc_slope(u: Tensor) -> Tensor:
    near = u.abs() < _SINC_RADIUS
    square = u.clamp(-_SINC_RADIUS, _SINC_RADIUS).square()
    series = square * _SINC_SLOPE[-1]
    for coefficient in reversed(_SINC_SLOPE[1:-1]):
        series = (series + coefficient) * square
    large = torch.where(near, 1.0, u)
    return torch.where(near, (series + _SINC_SLOPE[0]) * u, (large.cos() - _sinc(large)) / large)


UNARY: dict[str, Callable[[Tensor], Tensor]] = {
    **{name: getattr(torch, name) for name in ("exp", "expm1", "log", "log1p", "erf", "erfc")},
    **{name: getattr(torch, name) for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh")},
    **{name: getattr(torch, name) for name in ("atan", "asinh", "sigmoid", "abs", "sign")},
    "softplus": _softplus,
    "sinc": _sinc,
    "sinc_slope": _sinc_slope,
    "floor": torch.floor,
    **{name: special(name) for name in SPECIAL},
}
COMPARISONS: dict[str, Callable[..., Tensor]] = {
    name: getattr(torch, name) for name in ("gt", "ge", "lt", "le", "eq", "ne")
}


class Tape:
    """A list of torch calls that computes some terms of a graph from one tensor."""

    def __init__(self, graph: Graph, roots: Sequence[Term]) -> None:
        writer = _Writer(graph, roots)
        self._outputs = writer.outputs
        self._steps = writer.steps
        self._constants = list(writer.constants)
        self._tensors: dict[tuple[torch.dtype, torch.device], list[Tensor]] = {}

    @property
    def operations(self) -> int:
        """Number of torch calls."""
        return len(self._steps)

    def run(self, z: Tensor) -> list[Tensor]:
        """Evaluate at every element of z; the results have its shape, type and device."""
        key = (z.dtype, z.device)
        constants = self._tensors.get(key)
        if constants is None:
            constants = [torch.tensor(c, dtype=z.dtype, device=z.device) for c in self._constants]
            self._tensors[key] = constants
        registers = [z, *constants]
        push = registers.append
        for step in self._steps:
            push(step(registers))
        return [registers[slot] for slot in self._outputs]


class _Writer:
    """Flattens a graph: register 0 is the variable, then the constants, then every step."""

    def __init__(self, graph: Graph, roots: Sequence[Term]) -> None:
        self.graph = graph
        nodes = [graph.materialize(root) for root in roots]
        self.uses, self.powers = Counter[int](nodes), set[tuple[int, int]]()
        self._survey(nodes)
        # Constants come first, so that their registers are known before any step is.
        self.constants: dict[float, int] = {}
        self._constant(1.0)
        for node in self.uses:
            self._collect_constants(graph.nodes[node])
        self.steps: list[Step] = []
        self._slots: dict[tuple[Any, ...], int] = {}
        self.outputs = [self._output(node) for node in nodes]

    def _survey(self, nodes: list[int]) -> None:
        """Count how often each reachable node is used, and note its integer powers."""
        waiting, seen = list(nodes), set(nodes)
        while waiting:
            key = self.graph.nodes[waiting.pop()]
            for operand in _operands(key):
                self.uses[operand] += 1
                if operand not in seen:
                    seen.add(operand)
                    waiting.append(operand)
            if key[0] == "product":
                self.powers |= {(b, abs(int(e))) for b, e in key[1] if e.denominator == 1}

    def _collect_constants(self, key: tuple[Any, ...]) -> None:
        if key[0] == "constant" or (key[0] == "sum" and key[1] != 0.0):
            self._constant(key[1])

    def _constant(self, value: float) -> int:
        return self.constants.setdefault(value, 1 + len(self.constants))

    def _push(self, step: Step) -> int:
        check()
        self.steps.append(step)
        return len(self.constants) + len(self.steps)

    def _output(self, node: int) -> int:
        """A register of full shape that nothing else aliases."""
        slot = self.slot(node)
        if slot <= len(self.constants):
            if slot == 0:
                return self._push(lambda r: r[0].clone())
            return self._push(lambda r: r[slot].expand_as(r[0]).clone())
        return slot if self._varies(node) else self._push(lambda r: r[slot].expand_as(r[0]).clone())

    def _varies(self, node: int) -> bool:
        """Whether a node reads the variable: where terms cancel, nothing of it may be left."""
        waiting, seen = [node], {node}
        while waiting:
            found = waiting.pop()
            if found == VARIABLE:
                return True
            new = set(_operands(self.graph.nodes[found])) - seen
            seen |= new
            waiting.extend(new)
        return False

    def slot(self, node: int) -> int:
        """The register of a node, computed on first use."""
        if node == VARIABLE:
            return 0
        key = self.graph.nodes[node]
        if node == ONE or key[0] == "constant":
            return self.constants[1.0 if node == ONE else key[1]]
        return self._once(("node", node), lambda: self._write(*key))

    def _once(self, key: tuple[Any, ...], write: Callable[[], int]) -> int:
        if key not in self._slots:
            self._slots[key] = write()
        return self._slots[key]

    def _write(self, name: str, *operands: Any) -> int:
        match name:
            case "scale":
                factor, a = operands[0], self.slot(operands[1])
                return self._push(lambda r: r[a] * factor)
            case "sum":
                return self._sum(*operands)
            case "product":
                slots = self._factor_slots(operands[0])
                return self._multiply(slots)
            case "where":
                return self._where(*operands)
            case "masked":
                return self._masked(*operands)
            case "clamped":
                return self._clamp(*operands)
            case "maximum" | "minimum":
                return self._extremum(name, *operands)
            case "and" | "or":
                a, b = map(self.slot, operands)
                combine = torch.logical_and if name == "and" else torch.logical_or
                return self._push(lambda r: combine(r[a], r[b]))
            case "not":
                a = self.slot(operands[0])
                return self._push(lambda r: torch.logical_not(r[a]))
        if name in COMPARISONS:
            compare, (a, b) = COMPARISONS[name], map(self.slot, operands)
            return self._push(lambda r: compare(r[a], r[b]))
        function, a = UNARY[name], self.slot(operands[0])
        return self._push(lambda r: function(r[a]))

    def _sum(self, constant: float, parts: Sequence[tuple[int, float]]) -> int:
        """constant + Σ coefficient · node, products fused into `addcmul`."""
        plain = [part for part in parts if not self._fusible(part[0])]
        fused = [part for part in parts if self._fusible(part[0])]
        total = None
        if constant != 0.0:
            total = self.constants[constant]
        elif any(coefficient == 1.0 for _, coefficient in plain):
            first = next(part for part in plain if part[1] == 1.0)
            plain.remove(first)
            total = self.slot(first[0])
        if total is None:
            group = plain or fused
            first = min(group, key=lambda part: part[1] != 1.0)
            group.remove(first)
            total = self._scaled(*first)
        for node, coefficient in plain:
            total = self._accumulate(total, coefficient, [self.slot(node)])
        for node, coefficient in fused:
            factors = self._factor_slots(self.graph.nodes[node][1])
            pair = [self._multiply(factors[:-1]), factors[-1]]
            total = self._accumulate(total, coefficient, pair)
        return total

    def _fusible(self, node: int) -> bool:
        """Is it a product of two or more factors that nothing else needs?"""
        key = self.graph.nodes[node]
        if key[0] != "product" or self.uses[node] > 1:
            return False
        return len(key[1]) > 1 or key[1][0][1] == 2

    def _scaled(self, node: int, coefficient: float) -> int:
        a = self.slot(node)
        return a if coefficient == 1.0 else self._push(lambda r: r[a] * coefficient)

    def _accumulate(self, total: int, coefficient: float, factors: list[int]) -> int:
        if abs(coefficient) > _LARGEST_ALPHA:
            a = self._multiply(factors)
            return self._push(lambda r: r[total] + r[a] * coefficient)
        if len(factors) == 1:
            (a,) = factors
            return self._push(lambda r: torch.add(r[total], r[a], alpha=coefficient))
        a, b = factors
        return self._push(lambda r: torch.addcmul(r[total], r[a], r[b], value=coefficient))

    def _factor_slots(self, factors: Sequence[tuple[int, Fraction]]) -> list[int]:
        """Registers whose product is the node; a lone square gives its base twice."""
        if len(factors) == 1 and factors[0][1] == 2:
            return [self.slot(factors[0][0])] * 2
        return [self._power(base, exponent) for base, exponent in factors]

    def _multiply(self, slots: list[int]) -> int:
        total = slots[0]
        for factor in slots[1:]:
            pair = (min(total, factor), max(total, factor))
            total = self._once(("multiply", *pair), lambda pair=pair: self._push_product(*pair))
        return total

    def _push_product(self, a: int, b: int) -> int:
        return self._push(lambda r: r[a] * r[b])

    def _power(self, base: int, exponent: Fraction) -> int:
        if exponent.denominator != 1:
            return self._once(("power", base, exponent), lambda: self._root(base, exponent))
        if exponent < 0:
            return self._once(("power", base, exponent), lambda: self._inverse(base, exponent))
        return self._integer_power(base, int(exponent))

    def _integer_power(self, base: int, exponent: int) -> int:
        """Repeated multiplication, through the next lower power where that is needed anyway."""
        if exponent == 1:
            return self.slot(base)
        if exponent % 2 or (exponent > 2 and (base, exponent - 1) in self.powers):
            return self._multiply([self._integer_power(base, exponent - 1), self.slot(base)])
        return self._multiply([self._integer_power(base, exponent // 2)] * 2)

    def _inverse(self, base: int, exponent: Fraction) -> int:
        a = self._integer_power(base, -int(exponent))
        return self._push(lambda r: r[a].reciprocal())

    def _root(self, base: int, exponent: Fraction) -> int:
        a, real = self.slot(base), float(exponent)
        if exponent == Fraction(1, 2):
            return self._push(lambda r: r[a].sqrt())
        if exponent == Fraction(-1, 2):
            return self._push(lambda r: r[a].rsqrt())
        return self._push(lambda r: torch.pow(r[a], real))

    def _where(self, condition: int, yes: int, no: int) -> int:
        c, a, b = self.slot(condition), self.slot(yes), self.slot(no)
        is_zero = self.graph.nodes[no] == ("constant", 0.0)
        if yes == ONE and is_zero:
            return self._push(lambda r: r[c].to(r[0].dtype))
        return self._push(lambda r: torch.where(r[c], r[a], r[b]))

    def _clamp(self, end: str, node: int, limit: float) -> int:
        a = self.slot(node)
        if end == "min":
            return self._push(lambda r: r[a].clamp(min=limit))
        return self._push(lambda r: r[a].clamp(max=limit))

    def _masked(self, condition: int, variable: int, inside: float) -> int:
        a, key = self.slot(variable), self.graph.nodes[condition]
        if key[0] == "not":
            c = self.slot(key[1])
            return self._push(lambda r: torch.where(r[c], inside, r[a]))
        c = self.slot(condition)
        return self._push(lambda r: torch.where(r[c], r[a], inside))

    def _extremum(self, name: str, left: int, right: int) -> int:
        limit = self.graph.constant_value(right)
        if limit is not None:
            return self._clamp("min" if name == "maximum" else "max", left, limit)
        a, b = self.slot(left), self.slot(right)
        function = torch.maximum if name == "maximum" else torch.minimum
        return self._push(lambda r: function(r[a], r[b]))


def _operands(key: tuple[Any, ...]) -> list[int]:
    """The nodes that a node reads."""
    match key[0]:
        case "one" | "variable" | "constant":
            return []
        case "scale":
            return [key[2]]
        case "sum":
            return [node for node, _ in key[2]]
        case "product":
            return [node for node, _ in key[1]]
        case "masked":
            return [key[1], key[2]]
        case "clamped":
            return [key[2]]
    return list(key[1:])
