"""What the claims on the figures of arXiv:2105.11686 share: words and how they are judged."""

from collections.abc import Callable, Sequence
from typing import Any

from theory.condensation.laws import REFERENCE, dynamics_steps
from theory.condensation.paper_figures import lines_steps
from validate.claim import Body, Decision, Outcome, Unit
from validate.claims.condensation.paper import panels as paper_panels
from validate.claims.condensation.paper import report as paper_report
from validate.claims.condensation.paper.panels import Panel
from validate.figure_forms.intervals import intervals
from validate.results.records import Figure, Table

SIGMOID, SOFTPLUS, RELU = "1/(1+exp(-x))", "log(1+exp(x))", "Max(x,0)"
NAMES = {SIGMOID: "sigmoid", SOFTPLUS: "softplus", RELU: "ReLU"}
CUBIC = "x**2*tanh(x)"
SEEDS = 32  # of one block
FEW = 20  # where a seed costs more: all with the reported count, or none, decide
LOOKS = (1, 2, 4)
TWICE = (1, 2)  # where a seed costs more

STATEMENT = (
    "At the settings of {figures} of the paper, {what} in most seeds of data and initial weights."
)
CHOICES = (
    "The paper counts lines by eye on one training. Counted here: groups of neurons within "
    "cos > 0.95 of a leading neuron (18°), of at least two neurons and 2 % of the layer. The table "
    "has the counts at other thresholds and of larger groups alone; where they differ in what most "
    "seeds show, the verdict is one on this way to count."
)


def name(activation: str) -> str:
    """The activation as it is printed."""
    return NAMES.get(activation, activation.replace("**2", "²").replace("*", "·"))


def body(
    panels: Sequence[Panel],
    controls: Sequence[Decision],
    looks: tuple[int, ...],
    *,
    figures: Callable[[Outcome], Sequence[Figure]],
    notes: Sequence[str],
    more: Sequence[Decision] = (),
    tables: Callable[[Sequence[Unit]], Sequence[Table]] = lambda units: (),
    steps: Callable[[], Sequence[Any]] = lambda: (),
) -> Body:
    """What a claim on a figure checks: a decision a panel, controls, tables of the counts.

    Args:
        panels: with what the paper reports of each.
        controls: positive and negative ones.
        looks: of the panels' decisions.
        figures: besides the intervals of the decisions.
        notes: besides the one on networks whose output has grown.
        more: decisions about the claim that no panel has.
        tables: between the summary and the counts by threshold.
        steps: of a derivation besides that of the lines.
    """

    decisions = (*(paper_panels.decision(p, looks) for p in panels), *more, *controls)

    def all_figures(outcome: Outcome) -> Sequence[Figure]:
        shares = "Share of seeds that show what is reported"
        return (*figures(outcome), intervals(outcome, decisions, shares))

    def all_tables(units: Sequence[Unit]) -> Sequence[Table]:
        return (
            paper_report.summary_table(panels, units),
            *tables(units),
            paper_report.threshold_table(panels, units),
        )

    return Body(
        grid=tuple(dict.fromkeys(e for d in decisions for e in d.experiments)),
        decisions=decisions,
        derivation=lambda: (*dynamics_steps(), *lines_steps(), *steps()),
        regime=(),
        figures=all_figures,
        references=(REFERENCE,),
        notes=lambda units: (*notes, paper_report.outputs_note(units)),
        tables=all_tables,
    )
