"""What a claim measured, in words that stand beside its verdict: against what was predicted."""

from reports.text import interval, line, number, plain_interval, prose, quantity, shorten
from validate.results.demands import deciding
from validate.results.records import ClaimResult, Observation, Verdict

RATIO = "of the prediction"  # the unit of what is measured in predictions
MEANS = ("Value", "Curve", "Exponent")  # are held against a number
READ = (
    "For claims on units (independent data sets or networks) it is the share of those that are as "
    "predicted, or that exceed a bound; for the others the value or how far it is off, with the "
    "prediction or what was allowed, at the point that is farthest off. In parentheses is the "
    "range that the data allow. For claims out of scope it is the assumption that did not hold."
)


def result(claim: ClaimResult) -> dict[str, str]:
    """What explains the verdict, and on one line: of an observation, or of what was assumed."""
    failed = [check for check in claim.regime if not check.ok]
    if claim.verdict is Verdict.OUT_OF_SCOPE and failed:
        value, required = number(failed[0].value), failed[0].required
        said = {"measured": value, "interval": f"required {line(required)}"}
        return {**said, "short": f"{value}, required {shorten(required, 24)}"}
    one = deciding(claim)
    if one is None or one.measured is None:
        return {"measured": "–", "interval": "", "short": "–"}
    return _told(one, one.measured)


def _told(one: Observation, value: float) -> dict[str, str]:
    center = one.against
    if one.interval is None:
        return _lines(quantity(value, one.unit), "", shorten(quantity(value, one.unit), 30))
    around = interval(one.interval, one.unit)
    short = plain_interval(value, one.interval, one.unit)
    margin = quantity(one.margin, one.unit)
    if one.kind == "Bound":
        return _lines(f"{quantity(value, one.unit)} exceed", around, f"{short} exceed")
    if one.kind == "Identity":
        off, allowed = f"off by at most {quantity(value, one.unit)}", f"allowed {margin}"
        return _lines(off, allowed, f"{off.removesuffix(f' {one.unit}')}, {allowed}")
    if one.kind == "Ordering":
        needed = f"required above {margin}"
        return _lines(f"effect {quantity(value, one.unit)}", f"{around}, {needed}",
                      f"effect {short}, {needed}")  # fmt: skip
    if center is None and one.kind in MEANS:  # an older file: it has the number in words alone
        return _lines(prose(one.reason).split("; ")[0], "", prose(one.reason))
    if center is None:
        return _lines(quantity(value, one.unit), around, short)
    if one.unit == RATIO:
        low, high = number(center - one.margin), number(center + one.margin)
        times, allowed = f"{number(value)} × predicted", f"allowed {low} to {high}"
        around = interval(one.interval, "1")
        return _lines(times, f"{around}, {allowed}", f"{times}, {allowed}")
    if center == 0:
        return _lines(f"off by {quantity(value, one.unit)}", f"{around}, allowed {margin}",
                      f"off by {short}, allowed {margin}")  # fmt: skip
    slope = "slope " * (one.kind == "Exponent")
    predicted = f"predicted {quantity(center, 'share' if one.unit == 'share' else '1')}"
    return _lines(f"{slope}{quantity(value, one.unit)}", f"{around}, {predicted} ± {margin}",
                  f"{slope}{short}, {predicted}")  # fmt: skip


def _lines(measured: str, interval: str, short: str) -> dict[str, str]:
    return {"measured": measured, "interval": interval, "short": shorten(short, 60)}
