"""Names in Typst math: letters, Greek, subscripts, primes and quoted words.

Every name that comes from a symbol or a function is printed as a single letter, a Greek letter
or a quoted and escaped string, so no name can become Typst markup.
"""

import re

from reports.text import line

_ALPHABET = """
    alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho
    final_sigma sigma tau upsilon phi chi psi omega
""".split()  # noqa: SIM905
_LOWER = {name: chr(0x3B1 + position) for position, name in enumerate(_ALPHABET)}
_LOWER |= {"lamda": "λ", "varepsilon": "ε", "vartheta": "ϑ", "varphi": "φ"}
GREEK = _LOWER | {name.capitalize(): char.upper() for name, char in _LOWER.items()}
MARKS = {
    **{"star": "⋆", "plus": "+", "minus": "−", "perp": "⊥", "ell": "ℓ", "nabla": "∇"},
    **{"inf": "∞", "infty": "∞", "+": "+", "-": "−", "*": "∗", "prime": "′"},
}


def quote(text: str) -> str:
    """A Typst string literal, shown upright in math."""
    escaped = line(text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def name_parts(text: str) -> tuple[str, list[str], str]:
    """The base letter, the subscripts and the primes of a name such as ``w_0`` or ``y_bar``."""
    stem = text.rstrip("'′") or text
    primes = "'" * (len(text) - len(stem))
    base, *subscripts = [part for part in stem.split("_") if part] or [stem]
    trailing = re.fullmatch(r"(.*?[^0-9])([0-9]+)", base)
    if trailing and (len(trailing[1]) == 1 or trailing[1] in GREEK):
        base, subscripts = trailing[1], [trailing[2], *subscripts]
    if len(base) > 1 and base not in GREEK | MARKS and subscripts and len(subscripts[0]) > 1:
        return quote(stem.replace("_", " ")), [], primes  # words such as learning_rate
    return _letter(base), [_letter(part) for part in subscripts], primes


def attach(base: str, subscripts: list[str], primes: str = "") -> str:
    """A base with its primes and subscripts."""
    return base + primes + (script("_", ", ".join(subscripts)) if subscripts else "")


def script(mark: str, content: str) -> str:
    """``content`` as a subscript (mark ``_``) or superscript (mark ``^``)."""
    return f"{mark}{content}" if content.isalnum() and len(content) == 1 else f"{mark}({content})"


def _letter(text: str) -> str:
    if text in GREEK or text in MARKS:
        return GREEK.get(text) or MARKS[text]
    text = line(text)
    plain = (len(text) == 1 and text.isalpha()) or (text.isascii() and text.isdigit())
    return text if plain else quote(text)
