"""What stands before a formula: ``f(x) =``, ``y =``, ``lambda x:``, ``x ->``, ``def … return``."""

from theory.symbolic.functions import ActivationError
from theory.symbolic.spelling.tokens import Token, shown


def without_heading(found: list[Token]) -> tuple[str | None, list[Token]]:
    """The variable that a heading declares, if it does, and the tokens after all headings.

    Raises:
        ActivationError: two headings that declare different variables.
    """
    variable = None
    if found and found[-1].text == ";":
        found = found[:-1]
    while True:
        declared, rest = _one(found)
        if rest is None:
            return variable, found
        if declared is not None and variable not in (None, declared):
            raise ActivationError(f"the formula has two variables, {variable} and {declared}")
        variable, found = declared or variable, rest


def _one(found: list[Token]) -> tuple[str | None, list[Token] | None]:
    """The variable and what follows one heading; None in place of the tokens where none is."""
    texts = [token.text for token in found[:7]]
    kinds = [token.kind for token in found[:7]]
    match kinds, texts:
        case (["word", "name", _, "name", *_], ["def", _, "(", variable, ")", ":", *_]):
            return variable, found[6:]
        case (["word", *_], ["return", *_]):
            return None, found[1:]
        case (["word", "name", *_], ["lambda", variable, ":", *_]):
            return variable, found[3:]
        case [["word", "name", "sign", "name", *_], ["lambda" as word, _, ",", other, *_]] | [
            ["word", "name", "sign", "name", "sign", "name", *_],
            ["def" as word, _, "(", _, ",", other, *_],
        ]:
            raise ActivationError(
                f"{word} has one argument here; write the value of {other} in its place"
            )
        case (["name", "sign", "name", *_], [_, "(", variable, ")", "=" | ":=", *_]):
            return variable, found[5:]
        case (["name", *_], [variable, "->" | "=>", *_]):
            return variable, found[2:]
        case (["name", *_], [_, ":", *_]) if "->" in texts:
            return None, found[2:]
        case (["name", *_], [left, "=" | ":=", *_]):
            return None, _assigned(left, found)
    return None, None


def _assigned(left: str, found: list[Token]) -> list[Token]:
    if left == "x":
        raise ActivationError(
            f"{shown(found)[:40]!r} gives x a value; write a function of x such as tanh(x)"
        )
    return found[2:]
