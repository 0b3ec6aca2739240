"""Claims of the tool's own, written as authors write theirs: a body from what a check says."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypedDict, TypeVar, Unpack

from validate.author.bodies import body
from validate.author.faults import AuthorError, UnusableError, here
from validate.author.reading import read
from validate.author.words import Given, Limit, Margin, Power
from validate.claim import Body, Decision, Outcome, Regime, Unit, units_of
from validate.results.records import Figure, Table

T = TypeVar("T")


class Said(TypedDict, total=False):
    """The arguments of `Theory.check` that are about what is trained and judged."""

    law: Callable[[], Iterable[Any]]
    observe: str | Callable[[Mapping[str, Any]], Any]
    on: Any
    given: Given | Sequence[Given]
    margin: Margin
    wrong: Mapping[str, Any]
    wrong_experiment: Mapping[str, Any]
    no_wrong_experiment: str
    positive: Mapping[str, Any]
    regime: Mapping[str, Limit]
    relative: bool
    bound: float | bool | None
    exponent: Power | None
    curve: bool
    ordering: float | bool | None
    count: float | bool | None
    identity: bool
    within: tuple[float | int, float | int] | None
    assumptions: Sequence[str]
    figures: Callable[[Outcome], Sequence[Figure]] | None


UNSAID: dict[str, Any] = {
    **dict.fromkeys(Said.__annotations__),
    **{"given": (), "no_wrong_experiment": "", "assumptions": (), "identity": False},
}


def checked(*, references: Sequence[str] = (), **said: Unpack[Said]) -> Body:
    """The body of a claim that `validate.registry.claim` declares.

    Args:
        references: BibTeX entries.
        said: as in `validate.author.theory.Theory.check`. Simulations may be any experiments of
            ``sim`` that measure numbers and arrays by name; of those with ``block=0`` as many
            replicates are trained together as the looks need.

    Raises:
        AuthorError: something is missing or cannot be checked.
    """
    place = here()
    try:
        for name in set(said) - set(UNSAID):
            raise UnusableError(f"there is no argument {name}")
        return body(read(place, {**UNSAID, **said}, references, ()))
    except UnusableError as error:
        raise AuthorError(str(error), place) from error


def together(
    parts: Mapping[str, Body],
    figures: Callable[[Outcome], Sequence[Figure]] | None = None,
    tables: Callable[[Sequence[Unit]], Sequence[Table]] = lambda units: (),
) -> Body:
    """One body of several: a claim about more than one law.

    Args:
        parts: by a name that goes before those of their decisions; one may be empty.
        figures: of the claim; by default those of all parts.
        tables: of the claim.
    """
    made = [_named(name, one) for name, one in parts.items()]

    def every(get: Callable[[Body], Iterable[T]]) -> tuple[T, ...]:
        return tuple(found for one in made for found in get(one))

    return Body(
        decisions=every(lambda one: one.decisions),
        derivation=lambda: tuple(dict.fromkeys(every(lambda one: one.derivation()))),
        figures=figures or (lambda outcome: every(lambda one: one.figures(outcome))),
        regime=every(lambda one: one.regime),
        references=tuple(dict.fromkeys(every(lambda one: one.references))),
        notes=lambda units: tuple(dict.fromkeys(every(lambda one: one.notes(units)))),
        tables=tables,
    )


def _named(name: str, one: Body) -> Body:
    """A part with its name before those of its decisions, whose regime is that of its units."""

    def named(decision: Decision) -> Decision:
        return dataclasses.replace(decision, name=f"{name}: {decision.name}")

    def of_part(regime: Regime) -> Regime:
        def measure(units: Sequence[Unit]) -> float:
            return regime.measure(units_of(units, *one.grid))

        label = f"{name}: {regime.name}" if name else regime.name
        return dataclasses.replace(regime, name=label, measure=measure)

    return dataclasses.replace(
        one,
        decisions=tuple(map(named, one.decisions)) if name else one.decisions,
        regime=tuple(map(of_part, one.regime)),
    )
