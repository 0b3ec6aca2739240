"""The derivations of several claims as one: what they share stands once, each claim's own after it.

Two steps are the same where their sentence and their formula are. Steps keep the order that they
have in every claim; where claims order the same steps in different ways, the first claim decides.
"""

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise

from validate.results.records import ClaimResult, DerivationStep


@dataclass(frozen=True)
class Stretch:
    """Steps one after another that the same claims share.

    Attributes:
        first: number of the first step, counted from 1 over all claims.
        steps: at least one.
        claims: ids of all claims that have them, in the order of the claims.
    """

    first: int
    steps: tuple[DerivationStep, ...]
    claims: tuple[str, ...]

    @property
    def last(self) -> int:
        """Number of the last step."""
        return self.first + len(self.steps) - 1


def stretches(claims: Sequence[ClaimResult]) -> tuple[Stretch, ...]:
    """All steps of some claims, each once, by the claims that share them."""
    chains = {claim.id: _chain(claim) for claim in claims}
    owners: dict[DerivationStep, list[str]] = {}
    for id, chain in chains.items():
        for step in chain:
            owners.setdefault(step, []).append(id)
    found, first = [], 1
    for ids, steps in groupby(_merged(list(chains.values())), key=lambda one: tuple(owners[one])):
        stretch = Stretch(first, tuple(steps), ids)
        found.append(stretch)
        first = stretch.last + 1
    return tuple(found)


def numbers(id: str, among: Sequence[Stretch]) -> tuple[tuple[int, int], ...]:
    """First and last number of the steps of a claim, without a gap from one to the other."""
    joined: list[tuple[int, int]] = []
    for stretch in among:
        if id not in stretch.claims:
            continue
        first = stretch.first
        if joined and joined[-1][1] == first - 1:
            first = joined.pop()[0]
        joined.append((first, stretch.last))
    return tuple(joined)


def told(id: str, among: Sequence[Stretch]) -> tuple[Stretch, ...]:
    """The steps of a claim: its own in stretches, and those it shares as long as none is between.

    A stretch that is shared is told by its numbers; ``claims`` are then those of its first step.
    """
    joined: list[Stretch] = []
    for one in among:
        if id not in one.claims:
            continue
        before = joined[-1] if joined else None
        shared = before is not None and (id,) not in (before.claims, one.claims)
        if before is not None and shared and before.last == one.first - 1:
            joined[-1] = replace(before, steps=(*before.steps, *one.steps))
        else:
            joined.append(one)
    return tuple(joined)


def _chain(claim: ClaimResult) -> list[DerivationStep]:
    """A claim's steps, each once and by what makes it the same as another's."""
    return list(dict.fromkeys(step.model_copy(update={"latex": None}) for step in claim.derivation))


def _merged(chains: Sequence[Sequence[DerivationStep]]) -> Iterator[DerivationStep]:
    """Every step once, after those that come before it in a chain, else by first appearance."""
    rank = {step: place for place, step in enumerate(dict.fromkeys(s for c in chains for s in c))}
    later: dict[DerivationStep, set[DerivationStep]] = {step: set() for step in rank}
    for chain in chains:
        for before, after in pairwise(chain):
            later[before].add(after)
    waits = dict.fromkeys(rank, 0)
    for steps in later.values():
        for step in steps:
            waits[step] += 1
    ready = [(place, step) for step, place in rank.items() if not waits[step]]
    left = dict(rank)
    while left:
        # where chains contradict each other nothing is ready, and the first that is left goes on
        step = heapq.heappop(ready)[1] if ready else next(iter(left))
        if left.pop(step, None) is None:
            continue
        yield step
        for after in later[step]:
            waits[after] -= 1
            if not waits[after] and after in left:
                heapq.heappush(ready, (rank[after], after))
