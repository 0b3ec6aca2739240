"""Energy that Tucker and tensor-train approximations keep of a shuffled kernel: laws in a chain.

Both truncate one unfolding after another, and what is left of an unstructured kernel is taken as
unstructured again. Source: our derivation; sequentially truncated higher-order singular values are
Vannieuwenhoven's (2012), trains Oseledets' (2011).
"""

from collections.abc import Iterator, Sequence
from math import prod

import sympy as sp

from theory.lowrank.truncation import tail, tail_below

Steps = Iterator[tuple[str, sp.Basic | None]]

REFERENCE = """@article{vannieuwenhoven2012new,
  title = {A New Truncation Strategy for the Higher-Order Singular Value Decomposition},
  author = {Vannieuwenhoven, Nick and Vandebril, Raf and Meerbergen, Karl},
  journal = {SIAM Journal on Scientific Computing},
  volume = {34},
  pages = {A1027--A1052},
  year = {2012}
}"""

KEPT = sp.Symbol("E", positive=True)
CAPS = sp.symbols("κ1:4", positive=True)
CAP = sp.Symbol("κ_i", positive=True)
SIZES = sp.symbols("k1:4", positive=True)
RANKS = sp.symbols("r1:4", positive=True)


def chained() -> sp.Expr:
    """Product of what each step keeps."""
    return sp.Mul(*CAPS)


def parameters() -> sp.Expr:
    """∏ r/k: share of the entries that the core has."""
    return sp.Mul(*(rank / size for rank, size in zip(RANKS, SIZES, strict=True)))


def _steps(unfolding: str) -> Steps:
    yield (
        "A step truncates an unfolding of an unstructured kernel and keeps, by the law of "
        "Marchenko and Pastur with its size and rank,",
        sp.Eq(CAP, 1 - tail_below()),
    )
    yield f"What it keeps is truncated next, {unfolding}.", None
    yield "Of the energy is kept in all", sp.Eq(KEPT, chained())


def tucker_law() -> Steps:
    """Sequentially truncated Tucker approximation."""
    return _steps("mode by mode, with as many rows as this mode has and the sizes left by then")


def train_law() -> Steps:
    """Tensor train."""
    return _steps("with as many rows as the last bond times the next mode")


def cap(rows: int, columns: int, rank: int) -> float:
    """Share that the best approximation keeps of an unstructured matrix."""
    return 1 - tail(rows, columns, rank)


def tucker_caps(shape: Sequence[int], ranks: Sequence[int]) -> tuple[float, ...]:
    """What each step keeps, the sizes updated after it."""
    sizes, found = list(shape), []
    for mode, rank in enumerate(ranks):
        found.append(cap(sizes[mode], prod(sizes) // sizes[mode], rank))
        sizes[mode] = rank
    return tuple(found)


def plain_caps(shape: Sequence[int], ranks: Sequence[int]) -> tuple[float, ...]:
    """The same with the sizes of the whole kernel at every step."""
    entries = prod(shape)
    return tuple(cap(size, entries // size, rank) for size, rank in zip(shape, ranks, strict=True))


def train_caps(shape: Sequence[int], ranks: Sequence[int]) -> tuple[float, ...]:
    """What each step keeps of a tensor train with these bonds, one fewer than modes; and 1."""
    bond, found = 1, []
    for mode, rank in enumerate(ranks[: len(shape) - 1]):
        found.append(cap(bond * shape[mode], prod(shape[mode + 1 :]), rank))
        bond = rank
    return (*found, *[1.0] * (len(shape) - len(found)))


def caps_without_bond(shape: Sequence[int], bonds: Sequence[int]) -> tuple[float, ...]:
    """The same with as many rows as the next mode alone."""
    return tuple(
        cap(shape[mode], prod(shape[mode + 1 :]), min(rank, shape[mode]))
        for mode, rank in enumerate(bonds[: len(shape) - 1])
    )
