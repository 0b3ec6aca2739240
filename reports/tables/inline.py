"""Single numbers within sentences of docs, written anew from the results like the tables.

A number stands between ``<!-- number: WHAT -->`` and ``<!-- / -->``. WHAT is ``measured``,
``expected``, ``margin`` or ``percent``, which is the margin as percent, with the id of a claim and,
where it is not its first decision, ``|`` and the decision's name; or ``cell`` with the id, the
title of a table, a row by its first cell, and a column, with ``|`` between them.
"""

import re

from reports.text import number, quantity
from validate.results.records import ClaimResult, Observation, Results

NUMBER = re.compile(r"<!-- number: ([^\n]*?) -->.*?<!-- / -->", re.DOTALL)
FIELDS = {"measured": "measured", "expected": "against", "margin": "margin", "percent": "margin"}
DIGITS = 2


class MissingNumberError(ValueError):
    """A sentence asks for a number that the results do not have."""


def fill_numbers(text: str, results: Results) -> str:
    """A text with every such number made anew.

    Raises:
        MissingNumberError: for what the results do not have.
    """

    def made(found: re.Match[str]) -> str:
        return f"<!-- number: {found[1]} -->{_number(found[1], results)}<!-- / -->"

    return NUMBER.sub(made, text)


def _number(what: str, results: Results) -> str:
    kind, _, rest = what.partition(" ")
    id, *more = (word.strip() for word in rest.split("|"))
    claim = next((one for one in results.claims if one.id == id), None)
    if claim is None:
        raise MissingNumberError(f"the results have no claim {id!r}")
    if kind == "cell" and len(more) == 3:
        return _rounded(_cell(claim, *more))
    if kind in FIELDS and len(more) <= 1:
        one = _decision(claim, *more)
        value = getattr(one, FIELDS[kind])
        if value is not None:
            return _told(float(value), one, kind)
    raise MissingNumberError(f"the results have no number {what!r}")


def _decision(claim: ClaimResult, name: str = "") -> Observation:
    for one in claim.observations:
        if name in ("", one.name):
            return one
    raise MissingNumberError(f"{claim.id} has no decision {name!r}")


def _told(value: float, one: Observation, kind: str) -> str:
    """Shares as percent too, but not the margin of one."""
    if kind == "percent" or (one.unit == "share" and kind != "margin"):
        return quantity(value, "share")
    return number(value, DIGITS)


def _cell(claim: ClaimResult, title: str, row: str, column: str) -> str:
    for table in claim.tables:
        if table.title == title and column in table.header:
            place = table.header.index(column)
            for cells in table.rows:
                if cells[0] == row:
                    return cells[place]
    raise MissingNumberError(f"{claim.id} has no cell {title} | {row} | {column}")


def _rounded(text: str) -> str:
    """A cell in percent as whole ones; others as they are."""
    if not text.endswith("%"):
        return text
    try:
        return f"{float(text.removesuffix('%')):.0f} %"
    except ValueError:
        return text
