"""Characters beyond ASCII: Greek, superscripts, roots and signs, as ASCII text.

Every character that is not in these tables is refused by name: look-alikes, such as a Cyrillic х,
and marks that change the direction of text would show one formula and mean another.
"""

import unicodedata

from theory.symbolic.functions import ActivationError

_GREEK_NAMES = (
    *("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa"),
    *("lamda", "mu", "nu", "xi", "omicron", "pi", "rho", "sigma", "tau", "upsilon", "phi"),
    *("chi", "psi", "omega"),
)
_SMALL = "αβγδεζηθικλμνξοπρστυφχψω"
_CAPITAL = "ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩ"
# Letters that look like Latin ones are refused: nobody could tell Α from A.
_LIKE_LATIN = set("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧο")

GREEK: dict[str, str] = {
    **dict(zip(_SMALL, _GREEK_NAMES, strict=True)),
    **{c: name.capitalize() for c, name in zip(_CAPITAL, _GREEK_NAMES, strict=True)},
    **{"ϕ": "phi", "ϵ": "epsilon", "ς": "sigma", "ϑ": "theta", "ϱ": "rho", "µ": "mu"},
}
GREEK = {character: name for character, name in GREEK.items() if character not in _LIKE_LATIN}

_SUPERSCRIPTS = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ˣʸᶻⁿᵗ", "0123456789+-()xyznt", strict=True))
_SUBSCRIPTS = dict(zip("₀₁₂₃₄₅₆₇₈₉", "0123456789", strict=True))
_SIGNS: dict[str, str] = {
    **dict.fromkeys("·⋅×∙∗•", "*"),
    **dict.fromkeys("÷∕⁄", "/"),
    **dict.fromkeys("−–‐‒﹣－", "-"),
    **dict.fromkeys("∣｜│", "|"),
    **dict.fromkeys("\u00a0\u2009\u202f\u2002\u2003\u2006\u200a\t\n\r", " "),
    **{"≤": "<=", "⩽": "<=", "≥": ">=", "⩾": ">=", "≠": "!=", "≔": ":=", "→": "->", "↦": "->"},
    **{
        "∧": " and ",
        "∨": " or ",
        "¬": " not ",
        "∞": " inf ",
        "√": " √ ",
        "∛": " cbrt ",
        "ℯ": " e ",
        "ℝ": "R",
    },
    **{"⌊": " floor(", "⌋": ")", "⌈": " ceil(", "⌉": ")"},
    **{"½": "(1/2)", "⅓": "(1/3)", "⅔": "(2/3)", "¼": "(1/4)", "¾": "(3/4)", "⅕": "(1/5)"},
    **{"⅙": "(1/6)", "⅛": "(1/8)", "’": "'", "‘": "'", "“": '"', "”": '"'},
}


def to_ascii(text: str) -> str:
    """The text in ASCII, but for √, which stays.

    A run of superscripts becomes a power in parentheses, of subscripts digits after ``_``; a Greek
    letter becomes its name in English (λ ``lamda``).

    Raises:
        ActivationError: another character.
    """
    pieces, position = list[str](), 0
    while position < len(text):
        run = _run(text, position, _SUPERSCRIPTS)
        if run:
            pieces.append(f"^({''.join(_SUPERSCRIPTS[c] for c in run)})")
        else:
            run = _run(text, position, _SUBSCRIPTS)
            pieces.append(f"_{''.join(_SUBSCRIPTS[c] for c in run)}" if run else "")
        if not run:
            run = text[position]
            pieces.append(_one(run))
        position += len(run)
    return "".join(pieces)


def _run(text: str, start: int, among: dict[str, str]) -> str:
    stop = start
    while stop < len(text) and text[stop] in among:
        stop += 1
    return text[start:stop]


def _one(character: str) -> str:
    if character in _SIGNS:
        return _SIGNS[character]
    if character in GREEK:
        return f" {GREEK[character]} "
    if character.isascii() and character.isprintable():
        return character
    plain = unicodedata.normalize("NFKC", character)
    if len(plain) == 1 and plain != character and (plain.isascii() or plain in GREEK):
        # mathematical letters such as 𝑥, full-width digits
        return _one(plain)
    raise ActivationError(_refusal(character))


def _refusal(character: str) -> str:
    name = unicodedata.name(character, f"U+{ord(character):04X}").lower()
    shown = f"{character} ({name})" if character.isprintable() else f"({name})"
    likely = _look_alike(character)
    advice = f"; did you mean {likely}?" if likely else "; type printable ASCII in its place"
    return f"the character {shown} is not accepted{advice}"


def _look_alike(character: str) -> str:
    cyrillic = dict(zip("хуеосрахУЕОСРАХ", "xyeocpaxYEOCPAX", strict=True))
    capitals = dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧο", "ABEZHIKMNOPTYXo", strict=True))
    return {**cyrillic, **capitals}.get(character, "")
