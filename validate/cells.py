"""What a claim's units are pooled over, and which of them were chosen before training."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.experiment import Experiment

if TYPE_CHECKING:
    from validate.claim import Unit

SMALLEST_CHOSEN = 0.3  # share of what is drawn: below it a verdict speaks of too little


def _none_before(unit: Unit) -> int:
    return 1


@dataclass(frozen=True)
class Cells:
    """The cells of a claim: units of one cell are alike but for data and initial weights.

    Where units are chosen before training, a cell in which too few are is out of scope alone and
    leaves the pool. From budget `standard` on each cell is a decision of its own, and units that
    nobody chose are trained as well.

    Attributes:
        of: the cell of an experiment's units, such as activation, data, optimizer and dimension.
        drawn: how many a unit was drawn from, itself included.
        chosen: which ones are chosen, in words that go on after "those"; empty if all are.
        at_least: smallest share of a cell's draws that must be chosen.
        as_drawn: experiments without the choice. Their cells are told by ``of``.
        would_choose: whether a unit of them would have been chosen.
    """

    of: Callable[[Experiment], str]
    drawn: Callable[[Unit], int] = _none_before
    chosen: str = ""
    at_least: float = SMALLEST_CHOSEN
    as_drawn: tuple[Experiment, ...] = ()
    would_choose: Callable[[Unit], bool] = lambda unit: True
