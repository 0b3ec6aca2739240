"""What was found about frameworks as rows of text, for the terminal and for Markdown."""

from dataclasses import dataclass

from validate.command.bench.text import duration, factor
from validate.command.frameworks.comparison import Comparison, Side
from validate.command.frameworks.growth import MEMORY, REFERENCE, Grown
from validate.command.frameworks.report import Report

MISSING = "not installed"
_SHARE = (
    "library share: what torch's products of matrices and tanh alone take for as many operations,"
    " in parts of our time; above 100% our tanh is the faster one"
)


@dataclass(frozen=True)
class Rows:
    """A table: what is above the columns, and the cells."""

    head: tuple[str, ...]
    cells: list[tuple[str, ...]]


def compared(report: Report) -> Rows:
    """Times a unit, how much slower the others are, and the share of the machine's limit."""
    head = ("training", "ours", "torch one by one", "by hand", "JAX", "library share")
    cells = [_compared(one) for one in report.frameworks]
    if len(cells) > 1:
        means = report.means
        ratios = (means.one_by_one, means.by_hand, means.jax)
        cells.append(("geometric mean", "", *map(_mean, ratios), ""))
    return Rows(head, cells)


def _compared(one: Comparison) -> tuple[str, ...]:
    return (
        f"{one.name}, {one.dtype}",
        f"{duration(one.seconds)} per {one.unit}",
        _against(one.one_by_one),
        _against(one.by_hand),
        _against(one.jax),
        f"{one.share:.0%}",
    )


def _against(side: Side | None) -> str:
    return MISSING if side is None else f"{duration(side.seconds)}, ×{factor(side.ratio)}"


def _mean(ratio: float | None) -> str:
    return MISSING if ratio is None else f"×{factor(ratio)}"


def compiled(report: Report) -> Rows:
    """What it takes before the first step."""
    head = ("code of", "compiled anew", "from the cache", "JAX compiles")
    return Rows(head, [_compiled(one) for one in report.frameworks])


def _compiled(one: Comparison) -> tuple[str, ...]:
    mine, jax = one.compiled, one.jax
    times = ("no compiler",) * 2 if mine is None else (duration(mine.cold), duration(mine.warm))
    theirs = MISSING if jax is None else duration(jax.compile_seconds or 0.0)
    return (f"{one.name}, {one.dtype}", *times, theirs)


def grown(one: Grown) -> Rows:
    """What a network costs in ensembles of each size."""
    cells = [
        (
            f"{size.networks:,}",
            f"{duration(size.seconds)} per {one.unit}",
            f"×{factor(size.relative)}",
            _bytes(size.memory),
        )
        for size in one.sizes
    ]
    return Rows((one.name, "a network", f"against {REFERENCE:,}", "peak memory"), cells)


def sentences(report: Report) -> list[str]:
    """What else there is to say, one a line."""
    machine = report.machine
    versions = ", ".join(
        f"{name} {version or MISSING}" if name != "compiler" else version or "no compiler"
        for name, version in machine.versions.items()
    )
    said = [f"{machine.processor}, one thread; {versions}"]
    if report.frameworks:
        said.append(_SHARE)
    said += [
        f"torch in {dtype}: {one.multiply_adds / 1e9:.3g}·10⁹ multiply-adds/s in products of"
        f" matrices, {one.tanh / 1e9:.3g}·10⁹ tanh/s"
        for dtype, one in machine.limits.items()
    ]
    said += [_grown(one) for one in report.ensemble_sizes]
    jax = report.peak_memory.jax
    theirs = "" if jax is None else f"; JAX's process {_bytes(jax)}"
    return [*said, f"peak memory {_bytes(report.peak_memory.ours)}{theirs}"]


def _grown(one: Grown) -> str:
    linear = {True: "linear", False: "NOT linear", None: "too few sizes to tell"}[one.linear]
    memory = "within" if one.fits else "MORE than"
    return (
        f"{one.name}: {linear} (from {REFERENCE:,} networks on, one costs the same within"
        f" {one.spread:.1%}), memory {memory} {_bytes(MEMORY)}"
    )


def _bytes(number: int) -> str:
    return f"{number / 2**30:.3g} GiB" if number >= 2**30 else f"{number / 2**20:.0f} MiB"
