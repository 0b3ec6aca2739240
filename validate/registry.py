"""The register of claims: who they are, at no cost; what they check is built on demand.

`claims()` reads the modules of every theory's folder in `validate.claims`, so a new one is found by
being there; it imports none (`validate.declared`) and does not enter the folders below. Claims
whose ids begin with the same word are a family; a module may say with `family` what it is about.
Reading order is what `place` says, of families and of claims within theirs; where nothing is said a
claim comes last.
"""

import functools
import importlib
import math
import pkgutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from validate.book import USUAL, reserve
from validate.declared import Declaration, declarations

TIERS = ("quick", "standard", "thorough")  # budgets, the smallest first


class UnknownClaimError(ValueError):
    """No claim has this id or prefix."""


@dataclass(frozen=True)
class Reading:
    """A statement in plain words whose truth is the verdict of a claim or of one of its decisions.

    Attributes:
        text: one sentence, true if the claim agrees.
        where: for what the family's sentence is true if the claim agrees, in a few words to go on
            after "holds for"; empty if the text is no reading of that sentence.
        decision: name of the decision that is meant, which is no resolution control; without one it
            is the claim.
    """

    text: str
    where: str = ""
    decision: str | None = None


MADE_OF = {"Reading": Reading}  # what a declaration may contain beside text and numbers


@dataclass(frozen=True)
class Family:
    """What claims with a common first word are about: a part of the report.

    Attributes:
        id: the first word of the claims' ids.
        title: a few words.
        text: a paragraph that leads to the sentence.
        sentence: what the source says, word for word; empty if the claims have no such source.
        source: paper, of the sentence.
        place: sort key among families.
    """

    id: str
    title: str
    text: str = ""
    sentence: str = ""
    source: str = ""
    place: float | int = math.inf


@dataclass(frozen=True)
class Claim:
    """A claim's identity.

    Attributes:
        id: "family.name".
        title: a few words for tables.
        source: paper and place, or "our derivation".
        statement: the claim in words.
        build: makes the `validate.claim.Body`, with its heavy imports.
        tier: smallest budget that can decide it.
        may_disagree: whether DISAGREE is a possible outcome, which needs a positive control.
        contradicts: the published statement that a DISAGREE would contradict.
        place: sort key within the family; equal ones are read by module and declaration.
        readings: what its verdict says in plain words.
        shares: of α that its decisions may take, see `validate.book`.
        reads: where ``build`` looks at files or the environment, text that tells one content of
            them from another; claims that do without saying so are judged anew in every run.
        about: of a claim from outside, which is in no register: its family.
        file: of a claim from outside: the file that it is in, as it was asked for; empty if it came
            with an installed package.
    """

    id: str
    title: str
    source: str
    statement: str
    build: Callable[[], Any]
    tier: str = "quick"
    may_disagree: bool = False
    contradicts: str | None = None
    place: float | int = math.inf
    readings: tuple[Reading, ...] = ()
    shares: int = USUAL
    reads: Callable[[], str | None] | None = None
    about: Family | None = None
    file: str = ""

    @property
    def family(self) -> str:
        return self.id.partition(".")[0]


def claim(
    id: str,
    *,
    title: str,
    source: str,
    statement: str,
    tier: str = "quick",
    may_disagree: bool = False,
    contradicts: str | None = None,
    place: float | int = math.inf,
    readings: tuple[Reading, ...] | Reading = (),
    shares: int = USUAL,
    reads: Callable[[], str | None] | None = None,
) -> Callable[[Callable[[], Any]], Claim]:
    """Declare a claim; decorates the function that builds its body.

    Its arguments are written out: `validate.declared` reads them without importing the module.

    Raises:
        ValueError: an unknown tier.
    """
    if tier not in TIERS:
        raise ValueError(f"claim {id}: the tier is one of {', '.join(TIERS)}, not {tier!r}")

    def declare(build: Callable[[], Any]) -> Claim:
        identity = (id, title, source, statement, build)
        read = (readings,) if isinstance(readings, Reading) else readings
        return Claim(*identity, tier, may_disagree, contradicts, place, read, shares, reads)

    return declare


def family(
    id: str,
    *,
    title: str,
    text: str = "",
    sentence: str = "",
    source: str = "",
    place: float | int = math.inf,
) -> Family:
    """Say what a family of claims is about, in one of its modules, with arguments written out."""
    return Family(id, title, text, sentence, source, place)


@functools.cache
def claims() -> tuple[Claim, ...]:
    """All declared claims, in reading order.

    Raises:
        DeclarationError: a declaration cannot be read.
        ValueError: an unknown tier, or an id that is declared twice.
        validate.book.BookError: the shares of α that a claim asks for are not there.
    """
    made: dict[str, Claim] = {}
    for one in _declared():
        if one.what == "claim":
            make: Callable[[Callable[[], Any]], Claim] = claim(one.id, **one.said)
            add(made, make(one.build))
    return in_reading_order(made.values(), _families())


def add(register: dict[str, Claim], one: Claim) -> None:
    """Add a claim to a register, and its shares to the book.

    Raises:
        ValueError: its id is taken.
        validate.book.BookError: the shares of α that it asks for are not there.
    """
    if one.id in register:
        raise ValueError(f"claim {one.id} is declared twice")
    reserve(f"claim {one.id}", one.shares, sum(other.shares for other in register.values()))
    register[one.id] = one


@functools.cache
def _declared() -> tuple[Declaration, ...]:
    modules = [
        f"{theory}.{module.name}"
        for theory in theories()
        for module in pkgutil.iter_modules(importlib.import_module(theory).__path__)
        if not module.ispkg
    ]
    return tuple(one for name in sorted(modules) for one in declarations(name, MADE_OF))


def _families() -> dict[str, Family]:
    made: dict[str, Family] = {}
    for one in _declared():
        if one.what == "family":
            if one.id in made:
                raise ValueError(f"family {one.id} is declared twice")
            made[one.id] = family(one.id, **one.said)
    return made


def theories() -> tuple[str, ...]:
    """The packages with claims, one a theory, by name."""
    package = importlib.import_module("validate.claims")
    found = pkgutil.iter_modules(package.__path__, f"{package.__name__}.")
    return tuple(sorted(module.name for module in found if module.ispkg))


def in_reading_order(
    registered: Iterable[Claim], families: Mapping[str, Family]
) -> tuple[Claim, ...]:
    """Claims by families and places; never by which module was imported first."""

    def key(one: Claim) -> tuple[float | int, str, float | int, str]:
        known = families.get(one.family)
        return (known.place if known else math.inf, one.family, one.place, one.build.__module__)

    return tuple(sorted(registered, key=key))


def families() -> tuple[Family, ...]:
    """The declared families that have claims, in reading order."""
    known = _families()
    words = dict.fromkeys(one.family for one in claims())
    return tuple(known[word] for word in words if word in known)


def affordable(chosen: Sequence[Claim], budget: str) -> tuple[Claim, ...]:
    """The claims that a budget can decide: those of its tier and below."""
    return tuple(c for c in chosen if TIERS.index(c.tier) <= TIERS.index(budget))


def select(patterns: tuple[str, ...], among: Sequence[Claim] | None = None) -> tuple[Claim, ...]:
    """Claims by id or by prefix of whole words ("condensation"), in reading order.

    They are taken from those of the register, or from ``among``.

    Raises:
        UnknownClaimError: naming the pattern and what there is.
    """
    there = claims() if among is None else among
    chosen = set()
    for pattern in patterns:
        found = _named(pattern, there)
        if not found:
            known = ", ".join(c.id for c in there)
            raise UnknownClaimError(f"unknown claim '{pattern}'; there are: {known}")
        chosen |= found
    return tuple(c for c in there if c.id in chosen)


def is_known(pattern: str, among: Sequence[Claim]) -> bool:
    """Whether it is the id or prefix of one of these claims, as `select` takes it."""
    return bool(_named(pattern, among))


def _named(pattern: str, among: Sequence[Claim]) -> set[str]:
    return {c.id for c in among if c.id == pattern or c.id.startswith(f"{pattern}.")}
