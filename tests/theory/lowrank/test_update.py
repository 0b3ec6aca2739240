"""Derivations on updates of kernels end in what is evaluated."""

import sympy as sp

from theory.lowrank import update


def test_derivations_end_in_what_is_evaluated():
    ends = [[*law()][-1][1] for law in (update.update_law, update.kernel_law, update.truncated_law)]
    assert [one.rhs for one in ends if isinstance(one, sp.Equality)] == [1, 0, 0]
