"""The register of claims: who they are, at no cost; what they check is built on demand.

A claim family is one module in `validate.claims`; `claims()` imports all modules there, so a
new family is found by being there. Their modules import nothing heavy at the top.
"""

import functools
import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


class UnknownClaimError(ValueError):
    """No claim has this id or prefix."""


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
    """

    id: str
    title: str
    source: str
    statement: str
    build: Callable[[], Any]
    tier: str = "quick"
    may_disagree: bool = False
    contradicts: str | None = None


_REGISTER: dict[str, Claim] = {}


def claim(
    id: str,
    *,
    title: str,
    source: str,
    statement: str,
    tier: str = "quick",
    may_disagree: bool = False,
    contradicts: str | None = None,
) -> Callable[[Callable[[], Any]], Claim]:
    """Register a claim; decorates the function that builds its body."""

    def register(build: Callable[[], Any]) -> Claim:
        if id in _REGISTER:
            raise ValueError(f"claim {id} is registered twice")
        made = Claim(id, title, source, statement, build, tier, may_disagree, contradicts)
        _REGISTER[id] = made
        return made

    return register


@functools.cache
def claims() -> tuple[Claim, ...]:
    """All registered claims, in the order of their families' names and declarations."""
    package = importlib.import_module("validate.claims")
    for module in sorted(m.name for m in pkgutil.iter_modules(package.__path__)):
        importlib.import_module(f"validate.claims.{module}")
    return tuple(_REGISTER.values())


def select(patterns: tuple[str, ...]) -> tuple[Claim, ...]:
    """Claims by id or by prefix of whole words ("condensation"), in registration order.

    Raises:
        UnknownClaimError: naming the pattern and what there is.
    """
    chosen = set()
    for pattern in patterns:
        found = {c.id for c in claims() if c.id == pattern or c.id.startswith(f"{pattern}.")}
        if not found:
            known = ", ".join(c.id for c in claims())
            raise UnknownClaimError(f"unknown claim '{pattern}'; there are: {known}")
        chosen |= found
    return tuple(c for c in claims() if c.id in chosen)
