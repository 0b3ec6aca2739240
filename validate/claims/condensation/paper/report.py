"""Tables, figures and notes on the paper's figures over many seeds."""

import dataclasses
from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np

from sim.experiment import Experiment
from theory.condensation.paper_figures import LEFT
from validate.claim import Outcome, Unit
from validate.claims.condensation.paper.panels import Panel, degree, said
from validate.results.records import Figure, Table
from validate.run.record import units_hash

LEFTS = (0.01, LEFT, 0.1)


def of(units: Sequence[Unit], experiment: Experiment) -> list[Unit]:
    """The units of one experiment."""
    return [unit for unit in units if unit.experiment == experiment]


def distribution(numbers: Sequence[int]) -> str:
    """How often each number occurs, as "1: 61, 2: 3"."""
    return ", ".join(f"{n}: {times}" for n, times in sorted(Counter(numbers).items()))


def summary_table(panels: Sequence[Panel], units: Sequence[Unit]) -> Table:
    """Reported and measured counts, and whether the threshold matters."""
    rows = []
    for panel in panels:
        mine = of(units, panel.experiment)
        shares = [
            np.mean([panel.count(u, v) == panel.reported for u in mine]) for v in panel.variants()
        ]
        at_declared = [panel.observe(u) for u in mine]
        inside = np.mean([_inside(panel, u) for u in mine])
        rows.append(
            (
                panel.label,
                distribution(at_declared),
                panel.words,
                f"{at_declared.count(panel.reported)} of {len(mine)}",
                f"{min(shares):.0%} to {max(shares):.0%}",
                f"{sum(share > 0.5 for share in shares)} of {len(shares)} ways",
                f"{inside:.0%}",
            )
        )
    return Table(
        title="Reported and measured counts",
        header=(
            "Panel",
            f"Count: seeds ({said(panels[0].declared())})",
            "Reported",
            "Seeds with it",
            "Share by way to count",
            "Most seeds in",
            "Neurons in groups",
        ),
        rows=tuple(rows),
    )


def _inside(panel: Panel, unit: Unit) -> float:
    found = panel.groups(unit)
    return sum(found[panel.kind][panel.declared()[0]]) / found["neurons"]


def threshold_table(panels: Sequence[Panel], units: Sequence[Unit]) -> Table:
    """Number of seeds by count for every way to count."""
    variants = panels[0].variants()
    rows = [
        (
            f"{panel.label}, {panel.kind}",
            *(
                distribution([panel.count(u, v) for u in of(units, panel.experiment)])
                for v in variants
            ),
        )
        for panel in panels
    ]
    return Table(
        title="Count: seeds, for every threshold and smallest group",
        header=("Panel", *(said(v) for v in variants)),
        rows=tuple(rows),
    )


def epoch_table(panels: Sequence[Panel], epochs: Sequence[int], units: Sequence[Unit]) -> Table:
    """Number of seeds by count at every epoch, counted as declared."""
    rows = []
    for panel in panels:
        mine = of(units, panel.experiment)
        at = [dataclasses.replace(panel, epoch=str(epoch)) for epoch in epochs]
        counted = [distribution([one.observe(unit) for unit in mine]) for one in at]
        rows.append((panel.label, *counted, panel.words))
    return Table(
        title="Count: seeds, at every epoch",
        header=("Panel", *(f"Epoch {epoch}" for epoch in epochs), "Reported"),
        rows=tuple(rows),
    )


def degree_table(panels: Sequence[Panel], units: Sequence[Unit]) -> Table:
    """Degree of the output by the share that the polynomial may leave."""
    rows = []
    for panel in panels:
        mine = of(units, panel.experiment)
        middle = np.median([unit.measurement["unexplained"] for unit in mine], axis=0)
        rows.append(
            (
                panel.label,
                ", ".join(f"{k}: {share:.2g}" for k, share in enumerate(middle[:5]) if k),
                *(distribution([degree(u, left) for u in mine]) for left in LEFTS),
            )
        )
    return Table(
        title="The output as a polynomial",
        header=(
            "Panel",
            "Degree: share left (median)",
            *(f"Degree: seeds, {left:.0%} left" for left in LEFTS),
        ),
        rows=tuple(rows),
    )


# -- figures ------------------------------------------------------------------------------------


def heatmap(outcome: Outcome, panels: Sequence[Panel], columns: int, title: str) -> Figure:
    """Cosine similarities of the first seed, which is the one drawn whatever it shows."""
    drawn = []
    for panel in panels:
        mine = of(outcome.units, panel.experiment)
        first = next(unit for unit in mine if unit.replicate == 0)
        same = sum(panel.observe(unit) == panel.reported for unit in mine)
        drawn.append(
            {
                "title": f"{panel.label}: reported {panel.reported}, here {panel.observe(first)}, "
                f"{panel.reported} in {same} of {len(mine)} seeds",
                "matrix": first.measurement["shown"][panel.epoch]["similarity"][panel.layer],
            }
        )
    return Figure(
        kind="heatmap",
        title=title,
        caption="Cosine similarity of the input weights of all neurons of the first seed, not a "
        "chosen one, sorted by line and direction: a line is a square block of +1 (red) and −1 "
        f"(blue). Counted: {said(panels[0].declared())} of the neurons.",
        series={"panels": drawn, "columns": columns},
        verdict=outcome.verdict,
        settings_hash=units_hash(outcome.units),
    )


def counts(
    outcome: Outcome,
    panels: Sequence[Panel],
    title: str,
    observe: Callable[[Panel, Unit], int] = Panel.observe,
    ylabel: str = "number of lines or directions",
) -> Figure:
    """How many seeds show each count, with the reported one boxed."""
    return Figure(
        kind="counts",
        title=title,
        caption="Share of seeds by what was counted; the box is what the paper reports.",
        series={
            "categories": [panel.label for panel in panels],
            "bound": [panel.reported for panel in panels],
            "values": [
                [observe(panel, unit) for unit in of(outcome.units, panel.experiment)]
                for panel in panels
            ],
            "xlabel": "",
            "ylabel": ylabel,
            "exact": True,
        },
        verdict=outcome.verdict,
        settings_hash=units_hash(outcome.units),
    )


def polynomials(outcome: Outcome, panels: Sequence[Panel]) -> Figure:
    """What the best polynomials of degree p − 1 and p leave of the output, seed by seed."""
    groups = [
        {
            "label": f"{panel.label}: degree {panel.reported - less}",
            "role": "resolution" if less else "claim",
            "values": [
                max(unit.measurement["unexplained"][panel.reported - less], 1e-9)
                for unit in of(outcome.units, panel.experiment)
            ],
        }
        for panel in panels
        for less in (0, 1)
    ]
    return Figure(
        kind="groups",
        title="The output as a polynomial of degree p, and of degree p − 1",
        caption="Share of the mean square of f − mean f that the best polynomial leaves at epoch "
        f"1000, one dot a seed (below 1e-9: drawn there). At most {LEFT:.0%} counts as equal.",
        series={"groups": groups, "ylabel": "share left", "margin": LEFT},
        verdict=outcome.verdict,
        settings_hash=units_hash(outcome.units),
    )


def outputs_note(units: Sequence[Unit]) -> str:
    """How far the networks had come, as the theory assumes an output far below the target."""
    ratios = [u.measurement["output"] for u in units if "output" in u.measurement]
    return (
        f"|f| / |y| (root mean squares) at the last epoch: median {np.median(ratios):.2g}, "
        f"{min(ratios):.2g} to {max(ratios):.2g} over all networks. The theory of the initial "
        "stage assumes that this is small."
    )
