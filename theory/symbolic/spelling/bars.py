"""``|x|`` as ``abs(x)``; a single bar between conditions stays Python's "or"."""

from theory.symbolic.functions import ActivationError
from theory.symbolic.spelling.tokens import Token, name, opening, shown, sign

_COMPARE = {"<", "<=", ">", ">=", "==", "!="}


def without_bars(found: list[Token]) -> list[Token]:
    """Every pair of bars as a call of ``abs``.

    A bar closes where one is open in the same brackets and a factor ends before it; else it opens.

    Raises:
        ActivationError: a bar without a partner.
    """
    found = _signs_of_logic(found)
    result, inside = list[Token](), list[str]()
    for place, token in enumerate(found):
        if token.text in ("(", "["):
            inside.append(token.text)
        elif token.text in (")", "]"):
            if inside and inside[-1] == "|":
                raise _unpaired(found)
            if inside:
                inside.pop()
        if token.text != "|":
            result.append(token)
        elif not (result and result[-1].ends_operand):
            result += [name("abs", token.spaced), sign("(")]
            inside.append("|")
        elif inside and inside[-1] == "|":
            result.append(sign(")"))
            inside.pop()
        elif _is_or(found, place, result):
            result.append(token)
        else:
            result += [name("abs", True), sign("(")]
            inside.append("|")
    if "|" in inside:
        raise _unpaired(found)
    return result


def _signs_of_logic(found: list[Token]) -> list[Token]:
    """``||`` as two bars or as "or", ``&&`` as "and"."""
    result = list[Token]()
    for place, token in enumerate(found):
        if token.text == "&&":
            result.append(Token("word", "and", True))
        elif token.text != "||":
            result.append(token)
        elif any(one.text in _COMPARE for one in found[:place]) and found[place - 1].ends_operand:
            result.append(Token("word", "or", True))
        else:
            result += [sign("|"), sign("|")]
    return result


def _is_or(found: list[Token], place: int, before: list[Token]) -> bool:
    """Does a bar after a factor, with none open, join two conditions?"""
    if before[-1].text == ")":
        group = before[opening(before, len(before) - 1) :]
        if any(token.text in _COMPARE or token.text in ("and", "or") for token in group):
            return True
    return sum(token.text == "|" for token in found[place:]) % 2 == 1


def _unpaired(found: list[Token]) -> ActivationError:
    return ActivationError(f"a bar of {shown(found)[:40]!r} has no partner; write |x| or abs(x)")
