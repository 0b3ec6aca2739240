"""Passes over the rows of a layer: one number after another, whatever unit and sample it is of."""

from llvmlite import ir

from sim.activation.graph import Graph, Term
from sim.native.elementwise import Values
from sim.native.loops import Sum, Table, counting
from sim.native.multilayer.subroutines import Subroutine
from sim.native.vectors import Format, Vector


def activating(
    module: ir.Module, form: Format, name: str, graph: Graph, value: Term, slope: Term
) -> Subroutine:
    """``name(n, z, slopes)``: z becomes σ(z), ``slopes`` receives σ'(z); n fills whole vectors."""
    subroutine = Subroutine(module, form, name, sizes=1, arrays=2)
    roots = [graph.materialize(root) for root in (value, slope)]
    with subroutine.body() as (build, (n, z, slopes)):
        targets = [Table(build, form, one) for one in (z, slopes)]
        with counting(build, n, form.lanes) as at:
            values = Values(graph, targets[0].vector(at))
            for target, root in zip(targets, roots, strict=True):
                target.store(values.number(root), at)
    return subroutine


def adding(module: ir.Module, form: Format) -> Subroutine:
    """``add(n, from, to)``: ``from`` is added to ``to``; n fills whole vectors."""
    subroutine = Subroutine(module, form, "add", sizes=1, arrays=2)
    with subroutine.body() as (build, (n, start, end)):
        source, target = (Table(build, form, one) for one in (start, end))
        with counting(build, n, form.lanes) as at:
            target.store(target.vector(at) + source.vector(at), at)
    return subroutine


def multiplying(module: ir.Module, form: Format) -> Subroutine:
    """``multiply(n, one, other, to)``: ``to`` receives their products; n fills whole vectors."""
    subroutine = Subroutine(module, form, "multiply", sizes=1, arrays=3)
    with subroutine.body() as (build, (n, one, other, end)):
        left, right, target = (Table(build, form, place) for place in (one, other, end))
        with counting(build, n, form.lanes) as at:
            target.store(left.vector(at) * right.vector(at), at)
    return subroutine


def comparing(module: ir.Module, form: Format) -> Subroutine:
    """``compare(units, columns, a, hidden, y, share, f, error)`` on one network's output.

    f = Σⱼ aⱼ hidden[j, ·] and error = (f − y) share, for every sample.
    """
    subroutine = Subroutine(module, form, "compare", sizes=2, arrays=6)
    with subroutine.body() as (build, (units, columns, *arrays)):
        a, _, y, share, f, error = (Table(build, form, one) for one in arrays)
        hidden = Table(build, form, arrays[1], columns)
        with counting(build, columns, form.lanes) as column:
            total = Sum(build, Vector(build, form, form.everywhere(0.0)))
            with counting(build, units) as j:
                total.value = total.value + a.everywhere(j) * hidden.vector(j, column)
            f.store(total.value, column)
            error.store((total.value - y.vector(column)) * share.vector(column), column)
    return subroutine
