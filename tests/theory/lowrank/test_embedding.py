"""Derivations on training inside of subspaces end in what is evaluated."""

import sympy as sp

from theory.lowrank import embedding
from theory.lowrank.truncation import tail_below


def test_derivations_end_in_what_is_evaluated():
    ends = {}
    for law in (
        embedding.shuffled_law,
        embedding.plain_law,
        embedding.unstructured_law,
        embedding.embedded,
    ):
        *_, (_, last) = law()
        assert isinstance(last, sp.Equality)
        ends[law.__name__] = last.rhs
    assert ends["unstructured_law"] == tail_below()
    assert ends["embedded"] == 0
    assert ends["shuffled_law"] != ends["plain_law"]
