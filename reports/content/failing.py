"""What was found against a claim: each of its decisions that disagrees, in a few words."""

import re

from reports.text import prose
from validate.results.records import ClaimResult, Verdict

MOST = 4  # decisions that are named
_REST = re.compile(r": (?:rate|share)\b.* in \[|; | \(DISAGREE in ")  # what the claim's page tells


def found(claim: ClaimResult) -> str:
    """The decisions that disagree, with what was measured; empty where none does."""
    failing = [one for one in claim.observations if one.verdict is Verdict.DISAGREE]
    if not failing or claim.verdict is not Verdict.DISAGREE:
        return ""
    told = [f"{prose(one.name)}: {in_few_words(one.reason)}" for one in failing[:MOST]]
    if len(failing) == 1 and len(claim.observations) == 1:
        told = [in_few_words(failing[0].reason)]
    more = len(failing) - MOST
    return "; ".join(told) + (f"; and {more} more" if more > 0 else "")


def in_few_words(reason: str) -> str:
    """A reason up to its interval, which is told where there is room."""
    return _REST.split(prose(reason), maxsplit=1)[0]
