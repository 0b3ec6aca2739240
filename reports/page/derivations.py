"""Which steps of their derivations the claims of a theory have in common."""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import groupby

from validate.results.records import ClaimResult, DerivationStep


def shared_steps(claims: Iterable[ClaimResult]) -> list[DerivationStep]:
    """The steps that more than one of these claims has, once each, in order of appearance."""
    counts = Counter(step for claim in claims for step in dict.fromkeys(claim.derivation))
    return [step for step, count in counts.items() if count > 1]


def runs(
    steps: Iterable[DerivationStep], shared: Sequence[DerivationStep]
) -> list[DerivationStep | range]:
    """A derivation with its shared steps replaced by the ranges of their numbers, from 1."""
    made: list[DerivationStep | range] = []
    numbered = [
        (shared.index(step) + 1 if step in shared else None, place, step)
        for place, step in enumerate(steps)
    ]
    # what follows one another in both lists differs by the same from its place
    for shift, group in groupby(numbered, lambda one: None if one[0] is None else one[0] - one[1]):
        members = list(group)
        if shift is None:
            made += [step for _, _, step in members]
        else:
            made.append(range(members[0][1] + shift, members[-1][1] + shift + 1))
    return made
