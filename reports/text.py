"""Text for people: numbers, names and dates of the records in words, cleaned for print."""

import math
import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime

from validate.results.records import Verdict

VERDICT_WORDS = {
    Verdict.AGREE: "agrees",
    Verdict.DISAGREE: "disagrees",
    Verdict.INCONCLUSIVE: "inconclusive",
    Verdict.OUT_OF_SCOPE: "out of scope",
    Verdict.ERROR: "error",
}
VERDICT_COLORS = {
    Verdict.AGREE: "#00694b",
    Verdict.DISAGREE: "#b03a00",
    Verdict.INCONCLUSIVE: "#5f5f5f",
    Verdict.OUT_OF_SCOPE: "#5b4a9c",
    Verdict.ERROR: "#a0002c",
}
MINUS = "\N{MINUS SIGN}"
_SUFFIX = {"degree": "°", "degrees": "°", "deg": "°", "share": " %", "second": " s", "1": ""}


def clean(text: str) -> str:
    """Text without control, bidirectional and unassigned characters; tabs become spaces.

    Newlines are kept. Lone surrogates, which no font can show, become U+FFFD.
    """
    kept = []
    for char in text:
        category = unicodedata.category(char)
        if char in "\n\t":
            kept.append("\n" if char == "\n" else " ")
        elif category == "Cs":
            kept.append("\N{REPLACEMENT CHARACTER}")
        elif category not in ("Cc", "Cf", "Cn", "Co"):
            kept.append(char)
    return "".join(kept)


def line(text: str) -> str:
    """Cleaned text on one line."""
    return " ".join(clean(text).split())


def prose(text: str) -> str:
    """Cleaned text on one line, powers such as 2^m and 4^(−m) with raised exponents.

    Where Unicode has no raised form of a character in it, the exponent stays as it is.
    """
    return _POWER.sub(_raised, line(text))


def ended(text: str) -> str:
    """Text, if there is any, with a full stop where it lacks its end."""
    return text if not text or text.endswith((".", "!", "?", ".)")) else f"{text}."


def _raised(power: re.Match[str]) -> str:
    exponent = power["inner"] or power["word"]
    return exponent.translate(_RAISED) if all(ord(c) in _RAISED for c in exponent) else power[0]


_POWER = re.compile(r"(?<=[\w)])\^(?:\((?P<inner>[^()^]+)\)|(?P<word>[A-Za-z0-9]+))")
_RAISED = str.maketrans(
    "0123456789+-−=()ABDEGHIJKLMNOPRTUVWabcdefghijklmnoprstuvwxyz",
    "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻ",
    " ",  # left out
)


def number(value: float | int | None, digits: int = 3) -> str:
    """A number with at most ``digits`` significant digits; large whole ones in full."""
    if value is None:
        return "–"
    if not math.isfinite(value):
        return "∞" if value > 0 else f"{MINUS}∞" if value < 0 else "undefined"
    if value == 0:
        return "0"
    size = abs(value)
    if value == int(value) and size < 1e9:
        body = (
            f"{int(size):,}".replace(",", "\N{NARROW NO-BREAK SPACE}")
            if size >= 1e4
            else f"{size:.0f}"
        )
    elif 1e-3 <= size < 1e5:
        decimals = max(0, digits - 1 - math.floor(math.log10(size)))
        body = f"{size:.{decimals}f}"
        body = body.rstrip("0").rstrip(".") if "." in body else body
    else:
        mantissa, exponent = f"{size:.{digits - 1}e}".split("e")
        mantissa = mantissa.rstrip("0").rstrip(".")
        power = f"10{_superscript(int(exponent))}"
        body = power if mantissa == "1" else f"{mantissa} × {power}"
    return (MINUS if value < 0 else "") + body


def quantity(value: float | int | None, unit: str) -> str:
    """A number with its unit: shares as percent, angles in degrees."""
    if value is None:
        return "–"
    if unit == "share":
        return f"{percent(value)} %"
    suffix = _SUFFIX.get(unit)
    return number(value) + (f" {line(unit)}" if suffix is None else suffix)


def percent(value: float | int) -> str:
    """A share as percent with one decimal, without the sign; more where near 0 or 100 %."""
    scaled = 100 * value
    if not math.isfinite(scaled):
        return number(scaled)
    if 0 < abs(scaled) < 0.1 or 99.9 < scaled < 100:
        return number(scaled, 2) if scaled < 1 else f"{math.floor(scaled * 100) / 100:.2f}"
    return f"{scaled:.1f}".removesuffix(".0").replace("-", MINUS)


def interval(bounds: tuple[float, float] | None, unit: str) -> str:
    """An interval with its unit written once."""
    if bounds is None:
        return "–"
    if unit == "share":
        return f"{percent(bounds[0])} to {percent(bounds[1])} %"
    suffix = _SUFFIX.get(unit)
    low, high = number(bounds[0]), number(bounds[1])
    if suffix == "°":
        return f"{low}° to {high}°"
    return f"{low} to {high}" + (f" {line(unit)}" if suffix is None else suffix)


def plain_interval(value: float | int, bounds: tuple[float, float], unit: str) -> str:
    """A value with its interval on one short line; units that are words are left out."""
    short = unit if unit == "share" or unit in _SUFFIX else "1"
    return f"{quantity(value, short)} ({interval(bounds, short)})"


def duration(seconds: float | int) -> str:
    """Seconds as people say them."""
    if seconds < 90:
        return f"{number(seconds, 2)} s"
    if seconds < 5400:
        return f"{number(seconds / 60, 2)} min"
    return f"{number(seconds / 3600, 2)} h"


def verdict_label(verdict: Verdict) -> dict[str, str]:
    """The word of a verdict, its color, and its name in style sheets."""
    return {
        "word": VERDICT_WORDS[verdict],
        "color": VERDICT_COLORS[verdict],
        "key": verdict.value.lower().replace("_", "-"),
    }


def verdict_sentence(counts: dict[Verdict, int]) -> str:
    """One sentence that says how many claims ended with which verdict."""
    total = sum(counts.values())
    if not total:
        return "No claim was checked in this run."
    parts = [
        f"{counts[verdict]} {phrase if counts[verdict] > 1 else phrase_one}"
        for verdict, phrase_one, phrase in _PHRASES
        if counts.get(verdict)
    ]
    return f"Of {total} claim{'s' * (total > 1)} checked by simulation, {listed(parts)}."


def listed(items: Sequence[str]) -> str:
    """Some words as people list them: with "and" before the last."""
    return items[0] if len(items) == 1 else ", ".join(items[:-1]) + " and " + items[-1]


_PHRASES = [
    (Verdict.AGREE, "agrees with the theory", "agree with the theory"),
    (Verdict.DISAGREE, "disagrees", "disagree"),
    (Verdict.INCONCLUSIVE, "remains inconclusive", "remain inconclusive"),
    (Verdict.OUT_OF_SCOPE, "is out of the theory's scope", "are out of the theory's scope"),
    (Verdict.ERROR, "ended in an error", "ended in an error"),
]


def _superscript(value: int) -> str:
    return str(value).translate(_RAISED)


def shorten(text: str, length: int) -> str:
    """Text on one line, cut with an ellipsis where it is longer than ``length``."""
    cut = line(text)
    return cut if len(cut) <= length else cut[: length - 1].rstrip() + "…"


def date(started: str) -> str:
    """The day of an ISO time, such as ``1 March 2025``; other text unchanged."""
    try:
        moment = datetime.fromisoformat(started)
    except ValueError:
        return line(started)
    return f"{moment.day} {_MONTHS[moment.month - 1]} {moment.year}"


_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
