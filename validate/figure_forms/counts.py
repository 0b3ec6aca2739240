"""Series for figures of kind ``counts``: numbers counted by group, against bounds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from validate.claim import Outcome, Unit
from validate.figure_forms.made import figure
from validate.results.records import Figure


@dataclass(frozen=True)
class Counted:
    """One category: the bound, and the number counted on each unit."""

    bound: int
    numbers: Sequence[int]


def counts(
    outcome: Outcome,
    units: Sequence[Unit],
    categories: Mapping[str, Counted],
    title: str,
    counted: str,
    caption: str,
) -> Figure:
    """Distribution of a number in each category, with its bound 2p; ``counted`` names the axis."""
    return figure(
        outcome,
        "counts",
        title,
        caption,
        units,
        categories=list(categories),
        bound=[one.bound for one in categories.values()],
        bound_is="2p",
        values=[list(one.numbers) for one in categories.values()],
        xlabel="",
        ylabel=counted,
    )
