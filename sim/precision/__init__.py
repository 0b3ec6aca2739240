"""Arithmetic of few bits, emulated in float64.

`Format` is a floating-point format of any numbers of bits, `format_named` one by its name,
`rounded` rounds arrays to it, `summed` sums with every step rounded, and `emulated` runs a module
of torch in it.
"""

from sim.precision.emulation.formats import Format, floating_point
from sim.precision.emulation.modules import emulated
from sim.precision.emulation.named import format_named
from sim.precision.emulation.products import Arithmetic
from sim.precision.emulation.rounding import rounded
from sim.precision.emulation.sums import summed

__all__ = [
    "Arithmetic",
    "Format",
    "emulated",
    "floating_point",
    "format_named",
    "rounded",
    "summed",
]
