"""Notation of papers as Python's: ``^``, ``√x``, ``sin x``, ``sin²(x)`` and ``2x``.

What can be read in two ways, such as ``1/2x``, is refused with both ways to write it.
"""

from collections.abc import Callable

from theory.symbolic.functions import CONSTANTS, ActivationError
from theory.symbolic.spelling.tokens import Token, closing, name, opening, shown, sign

_POWER = ("^", "**")
_COMPARE = {"<", "<=", ">", ">=", "==", "!="}
_OPERATORS = {*_POWER, *"+-*/√", "//"}
_PARENTHESES = (sign("("), sign(")"))
# after these, a factor that follows without a sign belongs to nobody knows what
_DIVIDE = ("/", "//", "%")


def pythonic(found: list[Token], is_function: Callable[[str], bool]) -> list[Token]:
    """Tokens that Python's grammar reads as the notation means them.

    Args:
        found: tokens without bars.
        is_function: whether a name is that of a function.

    Raises:
        ActivationError: what has two meanings.
    """
    found = [_in_python(found, place) for place in range(len(found))]
    found = _roots(_without_iverson(_in_parentheses(found, is_function)))
    found = _applied(found, is_function)
    return _multiplied(found, is_function)


def _in_python(found: list[Token], place: int) -> Token:
    """``^`` as a power, ``mod`` between two terms as ``%``."""
    token = found[place]
    if token.text == "^":
        return sign("**")
    before, after = found[max(0, place - 1) : place], found[place + 1 : place + 2]
    between = token.text == "mod" and bool(before) and before[0].ends_operand
    return sign("%") if between and after and after[0].text != "(" else token


def _in_parentheses(found: list[Token], is_function: Callable[[str], bool]) -> list[Token]:
    """Brackets of papers, as in ``Max[0, x]`` and ``x[1 + tanh(x)]``, as parentheses."""
    result = list(found)
    for place, token in enumerate(found):
        stop, before = closing(found, place), found[place - 1] if place else sign("")
        if token.text != "[" or stop == len(found):
            continue
        called = before.kind == "name" and is_function(before.text)
        inside, after_sign = found[place + 1 : stop], place > 0 and before.text in _OPERATORS
        factor = after_sign or place == 0 or before.ends_operand
        if called or (factor and _is_term(inside, 1 if after_sign else 3)):
            result[place], result[stop] = Token("sign", "(", token.spaced), sign(")")
    return result


def _is_term(inside: list[Token], least: int) -> bool:
    """Is it no index, no list and no condition?"""
    texts = {one.text for one in inside}
    return len(inside) >= least and not texts & {*_COMPARE, ",", ":", "for"}


def _without_iverson(found: list[Token]) -> list[Token]:
    """Brackets around a condition, as in ``x [x > 0]``, as parentheses; lists stay."""
    result = list(found)
    for place, token in enumerate(found):
        if token.text != "[":
            continue
        stop, before = closing(found, place), found[place - 1] if place else None
        texts = {one.text for one in found[place + 1 : stop]}
        listed = before is not None and before.kind != "number" and before.text not in "+-*/=:"
        if stop < len(found) and texts & _COMPARE and "," not in texts and not listed:
            result[place], result[stop] = Token("sign", "(", token.spaced), sign(")")
    return result


def _roots(found: list[Token]) -> list[Token]:
    """√ before a number, a name or brackets as a call of ``sqrt``."""
    result, place = list[Token](), 0
    while place < len(found):
        if found[place].text != "√":
            result.append(found[place])
            place += 1
            continue
        result.append(name("sqrt", found[place].spaced))
        stop = _atom(found, place + 1)
        if stop == place + 1:
            raise ActivationError("√ needs an argument, as in √(x)")
        after = found[stop] if stop < len(found) else None
        inside = _roots(found[place + 1 : stop])
        if inside[0].text == "(":
            result += inside
        elif after is not None and (after.kind == "name" or after.text in _POWER):
            raise _two_ways(found[place : stop + 1], "√(…) with brackets around what it covers")
        else:
            result += [_PARENTHESES[0], *inside, _PARENTHESES[1]]
        place = stop
    return result


def _atom(found: list[Token], start: int) -> int:
    """Where the number, name, call or bracket that begins at ``start`` ends."""
    if start >= len(found):
        return start
    if found[start].text == "(":
        return min(closing(found, start) + 1, len(found))
    if found[start].kind == "name" and start + 1 < len(found) and found[start + 1].text == "(":
        return min(closing(found, start + 1) + 1, len(found))
    return start + 1 if found[start].kind in ("number", "name") else start


def _applied(found: list[Token], is_function: Callable[[str], bool]) -> list[Token]:
    """``sin x``, ``sin^2(x)`` and ``sin^2 x`` as calls."""
    result, place = list[Token](), 0
    while place < len(found):
        token, after = found[place], found[place + 1 : place + 2]
        applies = token.kind == "name" and is_function(token.text) and bool(after)
        attribute = bool(result) and result[-1].text == "."
        if not applies or attribute or after[0].text in ("(", ".", "="):
            result.append(token)
            place += 1
            continue
        power, start = _power_after(found, place, is_function)
        argument, stop = _argument(found, start, is_function)
        if not argument:
            result.append(token)
            place += 1
            continue
        call = [token, sign("("), *_applied(argument, is_function), sign(")")]
        start = Token("sign", "(", token.spaced)
        result += [start, *call, sign("**"), *power, sign(")")] if power else call
        place = stop
    return result


def _power_after(
    found: list[Token], place: int, is_function: Callable[[str], bool]
) -> tuple[list[Token], int]:
    """The exponent between a function's name and its argument, and where the argument starts."""
    start = place + 1
    if found[start].text != "**":
        return [], start
    stop = _atom(found, start + 1)
    exponent = found[start + 1 : stop]
    if any(token.text == "-" for token in found[start + 1 : start + 3]):
        function = found[place].text
        inverse = f"a{function}(x)" if is_function(f"a{function}") else "its name"
        raise ActivationError(
            f"{function}^-1 has two meanings; write {inverse} for the inverse function "
            f"or 1/{function}(x)"
        )
    return exponent, stop


def _argument(
    found: list[Token], start: int, is_function: Callable[[str], bool]
) -> tuple[list[Token], int]:
    """The argument of a function that is written without brackets, and where it ends."""
    if start < len(found) and found[start].text == "(":
        stop = min(closing(found, start) + 1, len(found))
        return found[start + 1 : stop - 1], stop
    if start + 1 < len(found) and found[start].kind == "name" and is_function(found[start].text):
        return _inner_call(found, start, is_function)
    place, complete = start, False
    while place < len(found) and found[place].kind in ("number", "name"):
        text = found[place].text
        if is_function(text) and text != "abs" and (complete or text != "sqrt"):
            break  # sin x cos x
        if complete or text == "sqrt":  # sin x |x|, sin x e^x, sin 2√x
            piece = _from(found, start, _atom(found, place))
            raise _two_ways(piece, "brackets around the argument")
        complete = found[place].kind == "name" and text not in CONSTANTS
        place = _atom(found, place) if is_function(text) or "." in text else place + 1
        if place < len(found) and found[place].text == "**":
            place = _atom(found, place + 1)
    if place < len(found) and place > start:
        _check_product_follows(found, start, place)
        _check_end(found[start - 1 : place + 2], found[place], found[place - 1])
    return found[start:place], place


def _inner_call(
    found: list[Token], start: int, is_function: Callable[[str], bool]
) -> tuple[list[Token], int]:
    """The argument ``cosh x`` of ``ln cosh x``."""
    if found[start + 1].text == "(":
        stop = _atom(found, start)
    else:
        _, inner = _power_after(found, start, is_function)
        stop = _argument(found, inner, is_function)[1]
    if stop < len(found):
        if found[stop].text == "**":  # ln |x|^2
            raise _two_ways(found[start - 1 : stop + 2], "brackets around the argument")
        _check_end(found[start - 1 : stop + 2], found[stop], found[stop - 1])
    return found[start:stop], stop


def _check_product_follows(found: list[Token], start: int, place: int) -> None:
    """``sin x (x+1)``: of the product, or a factor of it? Of ``|x|`` the bars tell the end."""
    if found[place].text == "(" and found[start].text != "abs":
        stop = min(closing(found, place) + 1, len(found))
        raise _two_ways(_from(found, start, stop), "brackets around the argument")


def _from(found: list[Token], start: int, stop: int) -> list[Token]:
    """An argument and what follows it, with the function's name where it stands next to it."""
    return found[start - (found[start - 1].kind == "name") : stop]


def _check_end(piece: list[Token], after: Token, last: Token) -> None:
    """``tanh x/2``: of the quotient, or half of it?"""
    joined = after.text in _DIVIDE and not after.spaced
    if joined or (after.text == "*" and last.kind == "number"):
        raise _two_ways(piece, "brackets around the argument")


def _multiplied(found: list[Token], is_function: Callable[[str], bool]) -> list[Token]:
    """``2x``, ``(x+1)(x-1)``, ``x tanh(x)``: a sign between factors side by side."""
    letters = _letters(found)
    result = list[Token]()
    for place, token in enumerate(found):
        before = found[place - 1] if place else None
        if before is None or not (before.ends_operand and token.starts_operand):
            result.append(token)
            continue
        if token.kind == "number":
            raise ActivationError(
                f"a sign is missing between {before.text} and {token.text}; write * for a product"
            )
        called = token.text == "(" and (
            _is_call(before, is_function, letters) or _is_module(found, place - 1, is_function)
        )
        if called or before.text == "]":
            result.append(token)
            continue
        _check_product(found, place)
        result += [sign("*"), token]
    return result


def _letters(found: list[Token]) -> set[str]:
    """Names that stand somewhere without an argument in brackets."""
    after = [*found[1:], sign("")]
    return {
        token.text
        for token, following in zip(found, after, strict=True)
        if token.kind == "name" and following.text not in ("(", "=", ".")
    }


def _is_call(before: Token, is_function: Callable[[str], bool], letters: set[str]) -> bool:
    """Is the bracket after this token that of a call? ``x(1 - x)`` is a product."""
    if before.kind != "name":
        return False
    return is_function(before.text) or "." in before.text or before.text not in letters


def _is_module(found: list[Token], end: int, is_function: Callable[[str], bool]) -> bool:
    """Does the bracket at ``end`` close a module such as ``nn.ELU(alpha=0.5)``?

    It begins with a capital and has numbers, words and keywords in its brackets, no variable.
    """
    start = opening(found, end) if found[end].text == ")" else 0
    if start < 1 or found[start - 1].kind != "name" or not is_function(found[start - 1].text):
        return False
    inside = found[start + 1 : end]
    after = [*inside[1:], sign("")]
    plain = all(
        one.kind != "name" or following.text == "=" or one.text in ("True", "False", "None")
        for one, following in zip(inside, after, strict=False)
    )
    return plain and found[start - 1].text.rpartition(".")[2][:1].isupper()


def _check_product(found: list[Token], place: int) -> None:
    """A factor that follows a divisor or an exponent without a sign has two readings."""
    start = place - 1
    if found[start].text == ")":
        start = opening(found, start)
        if start > 0 and found[start - 1].kind == "name":
            start -= 1
    sign_before = found[start - 1].text if start > 0 else ""
    if sign_before in ("-", "+") and start > 1 and found[start - 2].text == "**":
        sign_before = "**"
    bracketed = found[start].text == "("
    fraction = start > 1 and found[start].kind == found[start - 2].kind == "number"
    if sign_before == "/" and fraction and found[place].spaced and not found[start].spaced:
        return  # 1/2 sin(x)
    if sign_before in _DIVIDE:
        piece = found[max(0, start - 2) : place + 1]
        raise _two_ways(piece, "* for the product, and brackets around the divisor")
    if sign_before == "**" and not bracketed and not found[place].spaced:
        piece = found[max(0, start - 2) : place + 1]
        raise _two_ways(piece, "* for the product, and brackets around the exponent")


def _two_ways(piece: list[Token], advice: str) -> ActivationError:
    return ActivationError(f"{shown(piece)!r} can be read in two ways; write {advice}")
