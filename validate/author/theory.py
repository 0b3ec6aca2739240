"""Theory: what an author's file says, and what it checks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from validate.author.faults import AuthorError, UnusableError, here, refuse
from validate.author.files import for_simulations_alone
from validate.author.words import Given, Limit, Margin, Power
from validate.registry import TIERS, Claim, Family, Reading

if TYPE_CHECKING:
    from validate.claim import Body, Outcome
    from validate.results.records import Figure

NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")


class Theory:
    """A family of claims; `check` adds one. The commands find it by being in the file.

    Attributes:
        family: what it is about.
        claims: its checks, in their order.
        place: file and line.
    """

    def __init__(
        self,
        id: str,
        *,
        title: str,
        source: str,
        text: str = "",
        sentence: str = "",
        references: Sequence[str] = (),
        assumptions: Sequence[str] = (),
    ) -> None:
        """
        Args:
            id: first word of its claims' ids: small letters, digits, - and _.
            title: a few words.
            source: paper and place, or "our derivation".
            text: a paragraph for the report.
            sentence: what the source says, word for word.
            references: BibTeX entries.
            assumptions: sentences, each a condition of the theory.

        Raises:
            AuthorError: something is missing.
        """
        if not isinstance(id, str) or not NAME.fullmatch(id):
            refuse(f"Theory: the id {id!r} has other characters than a-z, 0-9, - and _")
        _require_text("Theory", title=title, source=source)
        self.place = here()
        self.family = Family(id, title, text, sentence, source if sentence else "")
        self.source = source
        self.references, self.assumptions = tuple(references), tuple(assumptions)
        self.claims: list[Claim] = []

    def check(
        self,
        name: str,
        *,
        statement: str,
        law: Callable[[], Iterable[Any]],
        observe: str | Callable[[Mapping[str, Any]], Any],
        on: Any,
        given: Given | Sequence[Given] = (),
        margin: Margin | None = None,
        wrong: Mapping[str, Any] | None = None,
        wrong_experiment: Mapping[str, Any] | None = None,
        no_wrong_experiment: str = "",
        positive: Mapping[str, Any] | None = None,
        regime: Mapping[str, Limit] | None = None,
        relative: bool = False,
        bound: float | bool | None = None,
        exponent: Power | None = None,
        curve: bool = False,
        ordering: float | bool | None = None,
        count: float | bool | None = None,
        identity: bool = False,
        within: tuple[float | int, float | int] | None = None,
        title: str = "",
        tier: str = "quick",
        contradicts: str | None = None,
        assumptions: Sequence[str] = (),
        figures: Callable[[Outcome], Sequence[Figure]] | None = None,
    ) -> Claim | None:
        """Claim that what simulations measure is what the law says.

        Without one of the kinds below the mean of the observable is to lie within the margin of
        the law, on every entry of ``on``.

        Args:
            name: second word of the claim's id: small letters, digits, - and _.
            statement: the claim in words: true if it agrees.
            law: generator of (sentence, sympy formula or None); the right side of the last formula,
                an equation, is evaluated.
            observe: name of a measured number or array, or a function of the measurement, a mapping
                by name.
            on: simulations by name, or one: whose units are judged. Of an ``ordering`` pairs.
            given: what the symbols of the law and of wrong laws stand for.
            margin: the largest deviation that still counts as agreement, and why.
            wrong: wrong laws by name, which the measurements must reject (resolution controls).
            wrong_experiment: simulations by name, with the same law, where it must fail because the
                experiment is wrong.
            no_wrong_experiment: why there is none, where nothing can be trained that must fail.
            positive: simulations by name for which the law is proved; the claim may then disagree.
            regime: limits on measured numbers by name; beyond them the claim is out of scope.
            relative: the margin is one of measured / law.
            bound: the law is an upper bound; share of replicates that may exceed it (True: 0.05).
            exponent: the law is a power of one setting, see `Power`.
            curve: the law and the observable are arrays.
            ordering: of each pair the one with the larger law is larger, in more than this share of
                replicates (True: 0.5).
            count: more than this share of replicates have the law's number (True: 0.5).
            identity: every replicate has the law's number up to rounding.
            within: range of the observable whatever the truth, such as (0, 1) of a share; needed
                where more than half of the outcomes are the same.
            title: a few words; by default made from name.
            tier: smallest budget that can decide it: "quick", "standard" or "thorough".
            contradicts: the published statement that a DISAGREE would contradict.
            assumptions: further ones than the theory's.
            figures: of the outcome, instead of measured against law.

        Returns:
            The claim; None in processes that need the file's simulations alone.

        Raises:
            AuthorError: something is missing or cannot be checked; one line with the place.
        """
        said = {k: v for k, v in locals().items() if k != "self"}
        if for_simulations_alone():
            return None
        place = here()
        try:
            claim = self._claim(place, said)
        except UnusableError as error:
            raise AuthorError(f"{self.family.id}.{name}: {error}", place) from error
        self.claims.append(claim)
        return claim

    def _claim(self, place: str, said: dict[str, Any]) -> Claim:
        from validate.author.bodies import body
        from validate.author.reading import read

        name, statement, tier = said["name"], said["statement"], said["tier"]
        if not isinstance(name, str) or not NAME.fullmatch(name):
            raise UnusableError(f"the name {name!r} has other characters than a-z, 0-9, - and _")
        if any(claim.id == f"{self.family.id}.{name}" for claim in self.claims):
            raise UnusableError("there is a check of that name already")
        if not isinstance(statement, str) or not statement.strip():
            raise UnusableError("it needs a statement in words")
        if tier not in TIERS:
            raise UnusableError(f"the tier is one of {', '.join(TIERS)}, not {tier!r}")
        check = read(place, said, self.references, self.assumptions)
        made: list[Body] = []

        def build() -> Body:
            if not made:
                made.append(body(check))
            return made[0]

        claim = Claim(
            f"{self.family.id}.{name}",
            title=said["title"] or _title(self.family.title, name),
            source=self.source,
            statement=statement,
            build=build,
            tier=tier,
            may_disagree=bool(check.positive),
            contradicts=said["contradicts"],
            place=len(self.claims),
            readings=(Reading(statement),),
            shares=check.most_shares,
            about=self.family,
        )
        if not check.needs_trial:  # else it is checked once the simulation is run
            _checked(claim, build, place)
        return claim


def _checked(claim: Claim, build: Callable[[], Body], place: str) -> None:
    from validate.trust.registration import RegistrationError, check

    try:
        check(claim, build())
    except RegistrationError as error:
        raise AuthorError(str(error), place) from error


def _title(theory: str, name: str) -> str:
    words = name.replace("-", " ").replace("_", " ")
    return f"{theory}: {words}" if words.lower() not in theory.lower() else theory


def _require_text(what: str, **texts: Any) -> None:
    for name, text in texts.items():
        if not isinstance(text, str) or not text.strip():
            refuse(f"{what}: {name} is to be said in words")
