"""Output where the terminal takes no Unicode: characters in words that it takes."""

import codecs
import io
import re
import sys
import unicodedata

HANDLER = "theorycheck.plain"
_CHOSEN = "chosen_ascii"
_WRITTEN = {
    **{"−": "-", "–": "-", "—": "-", "…": "...", "·": "*", "×": "x", "≈": "~", "∝": "~"},
    **{"≤": "<=", "≥": ">=", "≠": "!=", "±": "+-", "→": "->", "∞": "inf", "√": "sqrt"},
    **{"“": '"', "”": '"', "‘": "'", "’": "'", "°": " deg", "∈": "in", "∑": "sum", "∏": "prod"},
    **{"│": "|", "─": "-", "━": "-", "•": "*", "\N{NARROW NO-BREAK SPACE}": " ", "∇": "grad"},
}
_RAISED = {"<super>": "^", "<sub>": "_"}


def plain(char: str) -> str:
    """A character in ASCII: written out, without its accents, or a question mark."""
    if char in _WRITTEN:
        return _WRITTEN[char]
    name = unicodedata.name(char, "")
    if name.startswith("GREEK") and " LETTER " in name:
        word = name.split(" LETTER ")[1].split(" WITH ")[0].removeprefix("FINAL ")
        return word.capitalize() if "CAPITAL" in name else word.lower()
    kind = unicodedata.decomposition(char).partition(" ")[0]
    bare = unicodedata.normalize("NFKD", char).translate({ord("−"): "-"})
    letters = bare.encode("ascii", "ignore").decode()
    return _RAISED.get(kind, "") + letters if letters else "?"


def write_plainly() -> None:
    """Have standard output and error write `plain` characters where theirs has no others."""
    codecs.register_error(HANDLER, _replaced)
    codecs.register(_chosen_ascii)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            is_ascii = codecs.lookup(stream.encoding).name == "ascii"
            stream.reconfigure(encoding=_CHOSEN if is_ascii else None, errors=HANDLER)


def _chosen_ascii(name: str) -> codecs.CodecInfo | None:
    """ASCII by another name: click takes a stream in ASCII for a mistake and writes UTF-8."""
    if name != _CHOSEN:
        return None
    ascii_ = codecs.lookup("ascii")
    return codecs.CodecInfo(
        name=_CHOSEN,
        encode=ascii_.encode,
        decode=ascii_.decode,
        incrementalencoder=ascii_.incrementalencoder,
        incrementaldecoder=ascii_.incrementaldecoder,
    )


def _replaced(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    written = "".join(map(plain, error.object[error.start : error.end]))
    written = re.sub(r"(?<=\^[-\d])\^|(?<=_\d)_", "", written)  # x⁻¹² is x^-12
    try:
        written.encode(error.encoding)
    except UnicodeError:  # an encoding without ASCII
        written = "?" * len(written)
    return written, error.end
