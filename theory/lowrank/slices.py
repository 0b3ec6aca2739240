"""Layer compression by channel slices: what truncating each slice costs the whole kernel.

The bound is that of automatic layer-wise decomposition (Liebenwein et al., arXiv:2107.11442), in
our derivation; so is when it is tight.
"""

from collections.abc import Iterator

import sympy as sp

Steps = Iterator[tuple[str, sp.Basic | None]]

REFERENCE = """@misc{liebenwein2021compressing,
  title = {Compressing Neural Networks: Towards Determining the Optimal Layer-wise Decomposition},
  author = {Liebenwein, Lucas and Maalouf, Alaa and Gal, Oren and Feldman, Dan and Rus, Daniela},
  year = {2021},
  note = {arXiv:2107.11442}
}"""

ERROR = sp.Symbol("‖ΔW‖", nonnegative=True)  # largest singular value
SUM = sp.Symbol("Σ_s σ²", positive=True)  # of the first that each slice leaves
LARGEST = sp.Symbol("max_s σ", positive=True)
TIGHTNESS = sp.Symbol("‖ΔW‖/√(Σ_s σ²)", positive=True)


def bound() -> sp.Expr:
    """√Σσ²."""
    return sp.sqrt(SUM)


def bound_law() -> Steps:
    """For any kernel."""
    whole, slices = sp.symbols("‖ΔWΔWᵀ‖ Σ_s‖ΔW_sΔW_sᵀ‖", positive=True)
    yield "Each slice W_s, some of the columns, is truncated to rank j.", None
    yield (
        "ΔWΔWᵀ is the sum of the ΔW_sΔW_sᵀ, and its norm at most the sum of norms,",
        sp.Le(whole, slices),
    )
    yield "each the square of the first singular value that the slice leaves:", None
    yield "the upper bound is", sp.Eq(ERROR, bound())


def tightness_law() -> Steps:
    """Where slices share their left singular vectors, in order."""
    yield (
        "Where slices have their left singular vectors in common, in the same order, the norm of "
        "the sum is the sum of the norms, and the bound is reached:",
        sp.Eq(TIGHTNESS, sp.Integer(1)),
    )
