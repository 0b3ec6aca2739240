"""Where training inside of a low-rank subspace ends, plain or of a shuffled kernel.

Source: our derivation, from Eckart and Young (1936): a linear layer with whitened inputs.
"""

from collections.abc import Iterator

import sympy as sp

from theory.lowrank.truncation import tail_below

Steps = Iterator[tuple[str, sp.Basic | None]]

REFERENCE = """@article{eckart1936approximation,
  title = {The Approximation of One Matrix by Another of Lower Rank},
  author = {Eckart, Carl and Young, Gale},
  journal = {Psychometrika},
  volume = {1},
  pages = {211--218},
  year = {1936}
}"""

LOSS = sp.Symbol("L", positive=True)  # over that of predicting nothing
OF_SHUFFLED = sp.Symbol("tail(P⁻¹W*)", positive=True)
OF_TEACHER = sp.Symbol("tail(W*)", nonnegative=True)
EXCESS = sp.Symbol("L_shuffled − L_plain", real=True)


def _whitened() -> Steps:
    error = sp.Symbol("‖P(UV) − W*‖²", positive=True)
    yield "A layer P(UV) of rank r, its entries then permuted by P, learns a teacher W*.", None
    yield (
        "With whitened inputs the loss is the squared distance of the matrices, over that of 0,",
        sp.Eq(LOSS, error / sp.Symbol("‖W*‖²", positive=True)),
    )
    yield "and a permutation of all entries keeps distances: UV learns P⁻¹W*.", None


def shuffled_law() -> Steps:
    """Inside of a shuffled subspace, for any teacher."""
    yield from _whitened()
    yield "Its best approximation of rank r leaves", sp.Eq(LOSS, OF_SHUFFLED)


def plain_law() -> Steps:
    """Inside of a plain low-rank subspace."""
    yield "A layer UV of rank r learns a teacher W*. With whitened inputs it ends at", None
    yield "the best approximation of rank r, which leaves", sp.Eq(LOSS, OF_TEACHER)


def unstructured_law() -> Steps:
    """The same as a number that knows of the teacher its size alone."""
    yield from shuffled_law()
    yield (
        "which is, by the law of Marchenko and Pastur, whatever the teacher was,",
        sp.Eq(LOSS, tail_below()),
    )


def embedded() -> Steps:
    """That kernels can be embedded into random low-rank subspaces, in the strong reading."""
    yield "If any kernel can be embedded into a random low-rank subspace as into its own,", None
    yield (
        "training inside of a shuffled subspace ends where it ends inside of a plain one:",
        sp.Eq(EXCESS, sp.Integer(0)),
    )
