"""What a claim on a figure of the paper checks over many seeds, with its tables and figures."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from sim.condensation.paper import ProvedCase
from theory.condensation.paper_figures import LEFT, lines_steps
from validate.claim import Body, Decision, Outcome, Unit
from validate.claims.condensation.measured import assumptions
from validate.claims.condensation.paper.panels import Panel, degree, proved_controls, said
from validate.figure_forms.made import figure, table
from validate.results.records import Figure, Table

LEFTS = (0.01, LEFT, 0.1)


def body(
    panels: Sequence[Panel],
    looks: tuple[int, ...],
    proved: ProvedCase,
    wrong: Sequence[Decision],
    notes: Sequence[str],
    figures: Sequence[Callable[[Outcome], Figure]],
    more: Sequence[Decision] = (),
    tables: Callable[[Sequence[Unit]], Sequence[Table]] = lambda units: (),
    steps: Callable[[], Sequence[Any]] = lambda: (),
) -> Body:
    """What a claim on a figure checks: a decision a panel, controls, tables of the counts.

    Args:
        panels, looks: what is decided of each panel, and when.
        proved: where the theory is, for a positive control; ``wrong`` are further controls.
        notes: besides the one on networks whose output has grown.
        more: decisions about the claim that no panel has.
        tables, steps: besides those of counts, and those of the derivation of lines.
    """
    of_panels = [panel.decision(looks) for panel in panels]
    decisions = (*of_panels, *more, *proved_controls(proved, looks), *wrong)
    return assumptions.body(
        decisions,
        lambda: (*lines_steps(), *steps()),
        lambda outcome: [draw(outcome) for draw in figures],
        shares="Share of seeds that show what is reported",
        regime=(),
        notes=lambda units: (*notes, outputs_note(units)),
        tables=lambda units: (
            summary_table(panels, units),
            *tables(units),
            threshold_table(panels, units),
        ),
    )


def distribution(numbers: Sequence[int]) -> str:
    """How often each number occurs, as "1: 61, 2: 3"."""
    return ", ".join(f"{n}: {times}" for n, times in sorted(Counter(numbers).items()))


def summary_table(panels: Sequence[Panel], units: Sequence[Unit]) -> Table:
    """Reported and measured counts, and whether the threshold matters."""

    def row(panel: Panel) -> dict[str, str]:
        declared, found = panel.counts(units), [panel.groups(unit) for unit in panel.of(units)]
        every = (panel.counts(units, variant) for variant in panel.variants())
        shares = [one.count(panel.reported) / len(one) for one in every]
        (threshold, _) = panel.declared()
        inside = [sum(one[panel.kind][threshold]) / one["neurons"] for one in found]
        return {
            "Panel": panel.label,
            f"Count: seeds ({said(panels[0].declared())})": distribution(declared),
            "Reported": panel.words,
            "Seeds with it": f"{declared.count(panel.reported)} of {len(declared)}",
            "Share by way to count": f"{min(shares):.0%} to {max(shares):.0%}",
            "Most seeds in": f"{sum(share > 0.5 for share in shares)} of {len(shares)} ways",
            "Neurons in groups": f"{np.mean(inside):.0%}",
        }

    return table("Reported and measured counts", map(row, panels))


def threshold_table(panels: Sequence[Panel], units: Sequence[Unit]) -> Table:
    """Number of seeds by count for every way to count."""

    def row(panel: Panel) -> dict[str, str]:
        counted = {said(way): distribution(panel.counts(units, way)) for way in panel.variants()}
        return {"Panel": f"{panel.label}, {panel.kind}", **counted}

    return table("Count: seeds, for every threshold and smallest group", map(row, panels))


def epoch_table(panels: Sequence[Panel], epochs: Sequence[int], units: Sequence[Unit]) -> Table:
    """Number of seeds by count at every epoch, counted as declared."""

    def row(panel: Panel) -> dict[str, str]:
        at = {f"Epoch {epoch}": replace(panel, epoch=str(epoch)) for epoch in epochs}
        counted = {name: distribution(one.counts(units)) for name, one in at.items()}
        return {"Panel": panel.label, **counted, "Reported": panel.words}

    return table("Count: seeds, at every epoch", map(row, panels))


def degree_table(panels: Sequence[Panel], units: Sequence[Unit]) -> Table:
    """Degree of the output by the share that the polynomial may leave."""

    def row(panel: Panel) -> dict[str, str]:
        mine = panel.of(units)
        middle = np.median([unit.measurement["unexplained"] for unit in mine], axis=0)
        shares = ", ".join(f"{k}: {share:.2g}" for k, share in enumerate(middle[:5]) if k)
        degrees = {left: distribution([degree(unit, left) for unit in mine]) for left in LEFTS}
        return {
            "Panel": panel.label,
            "Degree: share left (median)": shares,
            **{f"Degree: seeds, {left:.0%} left": told for left, told in degrees.items()},
        }

    return table("The output as a polynomial", map(row, panels))


def heatmap(outcome: Outcome, panels: Sequence[Panel], columns: int, title: str) -> Figure:
    """Cosine similarities of the first seed, which is the one drawn whatever it shows."""
    drawn = []
    for panel in panels:
        first = next(unit for unit in panel.of(outcome.units) if unit.replicate == 0)
        found = panel.counts(outcome.units)
        drawn.append(
            {
                "title": f"{panel.label}: reported {panel.reported}, here {panel.count(first)}, "
                f"{panel.reported} in {found.count(panel.reported)} of {len(found)} seeds",
                "matrix": first.measurement["shown"][panel.epoch]["similarity"][panel.layer],
            }
        )
    caption = (
        "Cosine similarity of the input weights of all neurons of the first seed, not a chosen "
        "one, sorted by line and direction: a line is a square block of +1 (red) and −1 (blue). "
        f"Counted: {said(panels[0].declared())} of the neurons."
    )
    return figure(outcome, "heatmap", title, caption, panels=drawn, columns=columns)


def counts(outcome: Outcome, panels: Sequence[Panel], title: str) -> Figure:
    """How many seeds show each count, with the reported one boxed."""
    return figure(
        outcome,
        "counts",
        title,
        "Share of seeds by what was counted; the box is what the paper reports.",
        categories=[panel.label for panel in panels],
        bound=[panel.reported for panel in panels],
        values=[panel.counts(outcome.units) for panel in panels],
        xlabel="",
        ylabel="number of lines or directions",
        exact=True,
    )


def polynomials(outcome: Outcome, panels: Sequence[Panel]) -> Figure:
    """What the best polynomials of degree p − 1 and p leave of the output, seed by seed."""
    groups = [
        {
            "label": f"{panel.label}: degree {panel.reported - less}",
            "role": "resolution" if less else "claim",
            "values": [
                max(unit.measurement["unexplained"][panel.reported - less], 1e-9)
                for unit in panel.of(outcome.units)
            ],
        }
        for panel in panels
        for less in (0, 1)
    ]
    return figure(
        outcome,
        "groups",
        "The output as a polynomial of degree p, and of degree p − 1",
        "Share of the mean square of f − mean f that the best polynomial leaves at epoch 1000, one "
        f"dot a seed (below 1e-9: drawn there). At most {LEFT:.0%} counts as equal.",
        groups=groups,
        ylabel="share left",
        margin=LEFT,
    )


def outputs_note(units: Sequence[Unit]) -> str:
    """How far the networks had come, as the theory assumes an output far below the target."""
    ratios = [u.measurement["output"] for u in units if "output" in u.measurement]
    return (
        f"|f| / |y| (root mean squares) at the last epoch: median {np.median(ratios):.2g}, "
        f"{min(ratios):.2g} to {max(ratios):.2g} over all networks. The theory of the initial "
        "stage assumes that this is small."
    )
