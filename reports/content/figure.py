"""Which of the figures carry the message."""

from collections.abc import Sequence

from reports.figures import OF_ONE_RUN
from validate.results.records import ClaimResult, Verdict

# whose figure carries the message of a part: the first claim with the first of these verdicts
TELLING = (Verdict.DISAGREE, Verdict.AGREE, Verdict.INCONCLUSIVE, Verdict.OUT_OF_SCOPE)


def chosen(claim: ClaimResult) -> int | None:
    """The figure beside the verdict of a claim: the first that shows all units, else the first."""
    kinds = [figure.kind for figure in claim.figures]
    of_all = [place for place, kind in enumerate(kinds) if kind not in OF_ONE_RUN]
    return next(iter(of_all), 0 if kinds else None)


def telling(claims: Sequence[ClaimResult]) -> tuple[int, int] | None:
    """The claim and the figure that carry the message of a part, by place; None without figures.

    A claim that contradicts its source comes first, then the first with a figure by verdict.
    """
    drawn = [place for place, claim in enumerate(claims) if claim.figures]

    def rank(place: int) -> tuple[bool, int, int]:
        claim = claims[place]
        known = claim.verdict in TELLING
        order = TELLING.index(claim.verdict) if known else len(TELLING)
        return (claim.verdict is Verdict.DISAGREE and not claim.disagrees_with, order, place)

    if not drawn:
        return None
    best = min(drawn, key=rank)
    return best, chosen(claims[best]) or 0
