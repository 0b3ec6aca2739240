"""Tables of claims as CSV."""

from collections.abc import Iterable, Sequence
from typing import Any

from validate.results.csv_table import csv_text
from validate.results.demands import reason
from validate.results.records import Results


def verdict_table(made: Sequence[Results], seeds: Sequence[int]) -> str:
    """A line for each claim at each seed, as in the table of verdicts."""
    return csv_text(
        ("claim", "seed", "verdict", "reason", "seconds"),
        [
            (claim.id, seed, str(claim.verdict), reason(claim), claim.seconds)
            for results, seed in zip(made, seeds, strict=True)
            for claim in results.claims
        ],
    )


def claim_table(claims: Iterable[Any]) -> str:
    """A line for each registered claim, as `list` prints them."""
    return csv_text(
        ("claim", "title", "tier", "source", "statement"),
        [(one.id, one.title, one.tier, one.source, one.statement) for one in claims],
    )
