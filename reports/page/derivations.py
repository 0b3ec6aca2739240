"""Which steps of their derivations the claims of a theory have in common."""

from collections import Counter
from collections.abc import Iterable

from validate.results.records import ClaimResult, DerivationStep


def shared_steps(claims: Iterable[ClaimResult]) -> list[DerivationStep]:
    """The steps that more than one of these claims has, once each, in order of appearance."""
    counts = Counter(step for claim in claims for step in dict.fromkeys(claim.derivation))
    return [step for step, count in counts.items() if count > 1]
