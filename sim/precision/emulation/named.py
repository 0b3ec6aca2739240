"""Formats by name: those of ml_dtypes, numpy and torch, the microscaling ones, and any widths."""

import re

from sim.precision.emulation.blocks import BlockFormat
from sim.precision.emulation.fixed_point import FixedPoint
from sim.precision.emulation.formats import Format, floating_point

AnyFormat = Format | FixedPoint | BlockFormat

BFLOAT16 = floating_point(8, 7, name="bfloat16")
FLOAT16 = floating_point(5, 10, name="float16")
FLOAT32 = floating_point(8, 23, name="float32")
FLOAT8_E3M4 = floating_point(3, 4, name="float8_e3m4")
FLOAT8_E4M3 = floating_point(4, 3, name="float8_e4m3")
FLOAT8_E4M3FN = floating_point(4, 3, variant="fn", name="float8_e4m3fn")
FLOAT8_E4M3FNUZ = floating_point(4, 3, variant="fnuz", name="float8_e4m3fnuz")
FLOAT8_E4M3B11FNUZ = floating_point(4, 3, bias=11, variant="fnuz", name="float8_e4m3b11fnuz")
FLOAT8_E5M2 = floating_point(5, 2, name="float8_e5m2")
FLOAT8_E5M2FNUZ = floating_point(5, 2, variant="fnuz", name="float8_e5m2fnuz")
FLOAT6_E2M3FN = floating_point(2, 3, variant="finite", name="float6_e2m3fn")
FLOAT6_E3M2FN = floating_point(3, 2, variant="finite", name="float6_e3m2fn")
FLOAT4_E2M1FN = floating_point(2, 1, variant="finite", name="float4_e2m1fn")

MXINT8 = BlockFormat(FixedPoint(8, 6, symmetric=True), name="mxint8")
MXFP8_E4M3 = BlockFormat(FLOAT8_E4M3FN, name="mxfp8_e4m3")
MXFP8_E5M2 = BlockFormat(FLOAT8_E5M2, name="mxfp8_e5m2")
MXFP6_E2M3 = BlockFormat(FLOAT6_E2M3FN, name="mxfp6_e2m3")
MXFP6_E3M2 = BlockFormat(FLOAT6_E3M2FN, name="mxfp6_e3m2")
MXFP4_E2M1 = BlockFormat(FLOAT4_E2M1FN, name="mxfp4_e2m1")

NAMED: dict[str, AnyFormat] = {
    one.name: one
    for one in (
        *(BFLOAT16, FLOAT16, FLOAT32),
        *(FLOAT8_E3M4, FLOAT8_E4M3, FLOAT8_E4M3FN, FLOAT8_E4M3FNUZ, FLOAT8_E4M3B11FNUZ),
        *(FLOAT8_E5M2, FLOAT8_E5M2FNUZ, FLOAT6_E2M3FN, FLOAT6_E3M2FN, FLOAT4_E2M1FN),
        *(MXINT8, MXFP8_E4M3, MXFP8_E5M2, MXFP6_E2M3, MXFP6_E3M2, MXFP4_E2M1),
    )
}
_WIDTHS = re.compile(r"(?:e(\d{1,2}))?m(\d{1,2})")
_FIXED = re.compile(r"fixed(\d{1,2})\.(\d{1,3})")


def format_named(name: str) -> AnyFormat:
    """The format of that name.

    Besides the names in `NAMED`, ``e5m7`` is an IEEE-like format of 5 exponent and 7 mantissa bits,
    ``m7`` one of unlimited range, and ``fixed8.6`` fixed point of 8 bits, 6 of them fractional.

    Raises:
        ValueError: there is none.
    """
    if name in NAMED:
        return NAMED[name]
    if found := _WIDTHS.fullmatch(name):
        exponent, mantissa = found.groups()
        return floating_point(None if exponent is None else int(exponent), int(mantissa))
    if found := _FIXED.fullmatch(name):
        return FixedPoint(int(found[1]), int(found[2]))
    known = ", ".join(NAMED)
    raise ValueError(f"unknown format {name!r}: give {known}, or widths such as e5m7, m7, fixed8.6")
