"""Text as a list of tokens, so that notation can be rewritten before Python's parser reads it."""

import keyword
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from theory.symbolic.functions import ActivationError

Kind = Literal["number", "name", "string", "word", "sign"]

# Python's words are no operands.
WORDS = set(keyword.kwlist) - {"True", "False", "None"}
_PATTERN = re.compile(
    r"""(?P<number>(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)
      | (?P<name>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)
      | (?P<string>'[\w .-]*'|"[\w .-]*")
      | (?P<sign>\.(?:\*\*?|/|\^)
        |\*\*|//|<=|>=|==|!=|:=|->|=>|&&|\|\||[-+*/%^()\[\],.:=<>&|~!√?;@{}])""",
    re.VERBOSE | re.ASCII,
)


@dataclass(frozen=True)
class Token:
    """A piece of text.

    Attributes:
        spaced: whether white space stands before it.
    """

    kind: Kind
    text: str
    spaced: bool = False

    @property
    def ends_operand(self) -> bool:
        """Whether a factor may end with it."""
        return self.kind in ("number", "name") or self.text in (")", "]")

    @property
    def starts_operand(self) -> bool:
        """Whether a factor may start with it."""
        return self.kind in ("number", "name") or self.text in ("(", "√")


def tokens(text: str) -> list[Token]:
    """The tokens of an ASCII text (with √).

    A dotted name is one token, such as ``torch.nn.functional.gelu``.

    Raises:
        ActivationError: a character that begins no token, or an imaginary number.
    """
    found, position, spaced = list[Token](), 0, False
    while position < len(text):
        if text[position] == " ":
            position, spaced = position + 1, True
            continue
        match = _PATTERN.match(text, position)
        if match is None:
            raise ActivationError(_stray(text[position]))
        kind, piece = match.lastgroup, match.group()
        if kind == "number" and text[match.end() : match.end() + 1] in ("j", "J"):
            raise ActivationError(f"{piece}j is an imaginary number in Python; use real numbers")
        if kind == "name" and piece in WORDS:
            kind = "word"
        if kind == "sign" and piece[0] == "." and len(piece) > 1:
            piece = piece[1:]  # MATLAB's .* ./ .^
        found.append(Token(kind, piece, spaced))  # type: ignore[arg-type]
        position, spaced = match.end(), False
    return found


def written(found: Sequence[Token]) -> str:
    """Text for Python's parser."""
    return " ".join(token.text for token in found)


def shown(found: Sequence[Token]) -> str:
    """Text for people, with the spaces that were given."""
    return "".join(" " * token.spaced + token.text for token in found).strip()


def sign(text: str) -> Token:
    return Token("sign", text)


def name(text: str, spaced: bool = False) -> Token:
    return Token("name", text, spaced)


def closing(found: Sequence[Token], start: int) -> int:
    """The place of the bracket that closes the one at ``start``, the end where there is none."""
    depth = 0
    for place in range(start, len(found)):
        if found[place].text in ("(", "["):
            depth += 1
        elif found[place].text in (")", "]"):
            depth -= 1
            if depth == 0:
                return place
    return len(found)


def opening(found: Sequence[Token], end: int) -> int:
    """The place of the bracket that the one at ``end`` closes, -1 where there is none."""
    depth = 0
    for place in range(end, -1, -1):
        if found[place].text in (")", "]"):
            depth += 1
        elif found[place].text in ("(", "["):
            depth -= 1
            if depth == 0:
                return place
    return -1


def _stray(character: str) -> str:
    if character in "'\"":
        return "text in quotes is not accepted here"
    return f"the character {character} is not accepted"
