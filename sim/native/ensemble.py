"""Training of networks, or of single neurons, each on data of its own, as LLVM code.

Nothing is specialized to sizes, and no network sees another.
"""

from collections.abc import Sequence

from llvmlite import ir

from sim.activation.graph import Graph, Term
from sim.native.loops import COUNT, Table, count, counting
from sim.native.moves import move
from sim.native.scratch import Scratch, Sizes, one_row
from sim.native.sums import Asked, CoupledSums, Samples, SingleSums
from sim.native.vectors import Builder, Format

NAME = "train"
SIZES = 7
ARRAYS = 12  # and four more for Adam


def module_of(
    graph: Graph, value: Term, slope: Term, form: Format, coupled: bool, kind: str
) -> str:
    """LLVM assembly of steps down the losses (1/2n) Σᵢ (fᵢ − yᵢ)², of a kind that `move` knows.

    ``void train(sets, samples, inputs, neurons, columns, steps, fresh, x, y, share, w, a, dw, da,
    amplitude, outputs, open, settings, scratch)``, for Adam with the averages of the gradients of w
    and a and of their squares (mean_w, mean_a, square_w, square_a) after ``settings``.

    Arrays: x (sets, samples, inputs), y (sets, samples), share (samples), w and dw (sets, neurons,
    inputs), a, da and amplitude (sets, neurons), scratch (`sim.native.scratch.rows`, columns); they
    do not overlap. ``columns`` is ``neurons`` filled up to whole vectors, ``samples`` a multiple of
    `AT_ONCE`; ``share`` is 1/n, and 0 for samples that only fill up, copies of others. dw and da
    are minus the gradients: those at the start unless ``fresh`` is 0, and at the end always;
    ``amplitude`` receives max |w·x| there, ``outputs`` f: (sets, samples) where coupled; else
    (sets, samples, columns), and null leaves it out. ``open`` is 0 for networks that stay as they
    are: (sets) where coupled, which are skipped, else (sets, neurons).
    """
    module = ir.Module(NAME)
    pointer = form.scalar.as_pointer()
    arrays = ARRAYS + (4 if kind == "adam" else 0)
    function = ir.Function(
        module, ir.FunctionType(ir.VoidType(), [COUNT] * SIZES + [pointer] * arrays), NAME
    )
    for argument in function.args[SIZES:]:
        argument.add_attribute("noalias")
    builder: Builder = ir.IRBuilder(function.append_basic_block("start"))
    training = _Training(builder, form, coupled, kind, function.args)
    with counting(builder, function.args[0]) as number:
        training.write(number, graph, [graph.materialize(root) for root in (value, slope)])
    builder.ret_void()
    return str(module)


class _Training:
    """What is done on one data set."""

    def __init__(
        self,
        builder: Builder,
        form: Format,
        coupled: bool,
        kind: str,
        arguments: Sequence[ir.Value],
    ) -> None:
        self.builder, self.form, self.coupled, self.kind = builder, form, coupled, kind
        _, samples, inputs, neurons, columns, self.steps, self.fresh = arguments[:SIZES]
        self.sizes = Sizes(samples, inputs, neurons, columns)
        self.arrays, scratch = arguments[SIZES:-1], arguments[-1]
        self.scratch = Scratch(builder, form, self.sizes, scratch, kind == "adam")

    def write(self, number: ir.Value, graph: Graph, roots: Sequence[int]) -> None:
        """Train the networks of a data set."""
        build = self.builder
        if not self.coupled:
            self._train(number, graph, roots)
            return
        open_ = self._of_set(number, one_row(), self.arrays[9])
        zero = ir.Constant(self.form.scalar, 0.0)
        with build.if_then(build.fcmp_ordered("!=", open_.number(count(0)), zero)):
            self._train(number, graph, roots)

    def _train(self, number: ir.Value, graph: Graph, roots: Sequence[int]) -> None:
        build, sizes, scratch = self.builder, self.sizes, self.scratch
        x, y, share, w, a, dw, da, amplitude, outputs, open_, settings, *averages = self.arrays
        every = build.mul(sizes.neurons, sizes.inputs)
        tables = [
            (scratch.w, self._of_set(number, every, w), sizes.inputs),
            (scratch.a, self._of_set(number, sizes.neurons, a), None),
            (scratch.dw, self._of_set(number, every, dw), sizes.inputs),
            (scratch.da, self._of_set(number, sizes.neurons, da), None),
            *self._averages(number, averages),
        ]
        for row, array, inputs in tables:
            scratch.read(row, array, inputs, copied=row is scratch.w)
        self._read_moving(number, open_)
        data = Samples(
            self._of_set(number, build.mul(sizes.samples, sizes.inputs), x, sizes.inputs),
            self._of_set(number, sizes.samples, y),
            Table(build, self.form, share),
        )
        self._steps(data, number, outputs, settings, graph, roots)
        for row, array, inputs in tables:
            scratch.write(row, array, inputs)
        scratch.write(scratch.amplitude, self._of_set(number, sizes.neurons, amplitude))

    def _steps(
        self,
        data: Samples,
        number: ir.Value,
        outputs: ir.Value,
        settings: ir.Value,
        graph: Graph,
        roots: Sequence[int],
    ) -> None:
        """(Gradients unless they are known,) then a step and gradients, again and again."""
        build, sizes = self.builder, self.sizes
        sums = (CoupledSums if self.coupled else SingleSums)(self.scratch, graph, roots)
        missing = ir.Constant(self.form.scalar.as_pointer(), None)
        stored = build.icmp_unsigned("!=", outputs, missing)
        if self.coupled:
            f = self._of_set(number, sizes.samples, outputs)
        else:
            size = build.mul(sizes.samples, sizes.columns)
            f = self._of_set(number, size, outputs, sizes.columns)
        chosen = Table(build, self.form, settings)
        with counting(build, build.add(self.steps, one_row())) as at:
            later = build.icmp_unsigned("!=", at, count(0))
            with build.if_then(later):
                move(self.kind, self.scratch, chosen, build.sub(at, one_row()))
            unknown = build.icmp_unsigned("==", self.fresh, count(0))
            with build.if_then(build.or_(later, unknown)):
                last = build.icmp_unsigned("==", at, self.steps)
                sums.write(data, f, Asked(build.and_(stored, last), last))

    def _of_set(
        self, number: ir.Value, size: ir.Value, array: ir.Value, columns: ir.Value | None = None
    ) -> Table:
        """The part of an array that belongs to a set."""
        start = self.builder.gep(array, [self.builder.mul(number, size)])
        return Table(self.builder, self.form, start, columns)

    def _read_moving(self, number: ir.Value, open_: ir.Value) -> None:
        """1 for neurons that are trained, 0 for others and beyond the last."""
        scratch, sizes = self.scratch, self.sizes
        if not self.coupled:
            scratch.read(scratch.moving, self._of_set(number, sizes.neurons, open_))
            return
        with counting(self.builder, sizes.columns) as j:
            inside = self.builder.icmp_unsigned("<", j, sizes.neurons)
            one = self.builder.uitofp(inside, self.form.scalar)
            scratch.moving.store_number(one, count(0), j)

    def _averages(
        self, number: ir.Value, averages: Sequence[ir.Value]
    ) -> list[tuple[Table, Table, ir.Value | None]]:
        """Adam's, as rows of the scratch and arrays."""
        found: list[tuple[Table, Table, ir.Value | None]] = []
        sizes, scratch = self.sizes, self.scratch
        if self.kind != "adam":
            return found
        every = self.builder.mul(sizes.neurons, sizes.inputs)
        for rows, w, a in (
            (scratch.means, *averages[:2]),
            (scratch.squares, *averages[2:]),
        ):
            last = rows.from_row(sizes.inputs)
            found.append((rows, self._of_set(number, every, w), sizes.inputs))
            found.append((last, self._of_set(number, sizes.neurons, a), None))
        return found
