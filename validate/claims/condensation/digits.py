"""Condensation with many inputs: one line on real images."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from sim.condensation.experiment import Condensation
from theory.condensation.laws import REFERENCE, dynamics_steps, line_prediction, line_steps
from theory.condensation.orientations.plane import linear_orientations
from theory.direction import Direction
from validate.cells import Cells
from validate.claim import Body, Decision, Outcome, Unit, experiment_control, once_per_unit
from validate.claims.condensation.measured import orientations as measured_orientations
from validate.claims.condensation.measured.assumptions import regime
from validate.claims.condensation.measured.cells import cell
from validate.claims.condensation.measured.data import data_of
from validate.claims.condensation.measured.grids import GELU
from validate.claims.condensation.measured.instead import shuffled
from validate.claims.condensation.one_input import PAPER
from validate.figure_forms.directions import angle_groups
from validate.figure_forms.intervals import intervals
from validate.registry import Reading, claim
from validate.results.records import Figure

LINE_MARGIN = 10.0  # degrees
LINE_REASON = (
    "neurons within 10° of each other count as one orientation in 65 dimensions, so the mean of "
    "a cluster is not asked to be closer; random directions there are 90° ± 7° apart, and a "
    "control is judged only where it is more than 20° away"
)
# as many at the first look as an interval at its share of α needs
DIGITS_LOOKS = (6, 8)  # of 24 units a round
WRONG = 2  # of each activation a round, trained on shuffled labels


def along_v(unit: Unit) -> tuple[Direction, ...]:
    """±v/|v| with v = Σ yᵢ x̃ᵢ: the prediction for p = 1."""

    data = data_of(unit)
    return linear_orientations(data.augmented, data.y, 1.0)


def along_signs(unit: Unit) -> tuple[Direction, ...]:
    """±sign(v): the prediction for p = 1 in the ℓ∞ geometry."""

    return _line(np.sign(data_of(unit).y @ data_of(unit).augmented))


def along_least_squares(unit: Unit) -> tuple[Direction, ...]:
    """± the least-squares solution, which trained linear models reach in the end."""

    solution = np.linalg.lstsq(data_of(unit).augmented, data_of(unit).y, rcond=None)[0]
    return _line(solution)


def along_shuffled(unit: Unit) -> tuple[Direction, ...]:
    """±v/|v| with v from shuffled labels."""

    shuffle = unit.experiment.stream(unit.seed, unit.replicate, "shuffled labels")
    return _line(shuffle.permutation(data_of(unit).y) @ data_of(unit).augmented)


def _line(vector: Any) -> tuple[Direction, ...]:

    unit_vector = vector / np.linalg.norm(vector)
    return tuple(Direction(tuple((sign * unit_vector).tolist()), sign) for sign in (1, -1))


@claim(
    "condensation.line-digits",
    title="One line on real images",
    source=f"{PAPER}, derived there, to leading order, for p = 1",
    statement="For activations of multiplicity 1 and input of any dimension, here images of two "
    "handwritten digits, neurons condense on the line of v = Σ yᵢ xᵢ: direction v/|v| with "
    "positive output weights, −v/|v| with negative ones.",
    place=5,
    readings=Reading(
        "For p = 1 neurons condense on one line, 2p = 2 orientations, on images too.",
        where="images with p = 1",
    ),
)
def line_digits() -> Body:

    grid = tuple(
        Condensation(activation=activation, data="digits", samples=120, neurons=20, block=12)
        for activation in ("tanh(x)", GELU)
    )
    wrong = tuple(shuffled(one, WRONG) for one in grid)
    main = Decision(
        name="neurons on ±v/|v|, v = Σ y x",
        prediction=line_prediction(LINE_MARGIN, LINE_REASON),
        predict=once_per_unit(along_v),
        observe=measured_orientations.measured,
        experiments=grid,
        looks=DIGITS_LOOKS,
        mutants={"other geometry": along_signs},
    )
    decisions = (
        main,
        *(
            measured_orientations.control(main, name, once_per_unit(other))
            for name, other in (
                ("least-squares direction", along_least_squares),
                ("v from shuffled labels", along_shuffled),
            )
        ),
        experiment_control(main, "labels shuffled before training", wrong, DIGITS_LOOKS[:1]),
    )

    def figures(outcome: Outcome) -> Sequence[Figure]:
        return (
            angle_groups(
                outcome,
                decisions,
                measured_orientations.neurons,
                "angle to the direction (degrees)",
            ),
            intervals(outcome, decisions, "Networks on the predicted line"),
        )

    return Body(
        grid=(*grid, *wrong),
        decisions=decisions,
        derivation=lambda: (*dynamics_steps(), *line_steps()),
        regime=regime(),
        figures=figures,
        references=(REFERENCE, DIGITS),
        cells=Cells(of=cell),
    )


DIGITS = """@misc{alpaydin1998digits,
  title = {Optical Recognition of Handwritten Digits},
  author = {Alpaydin, Ethem and Kaynak, Cenk},
  year = {1998},
  howpublished = {UCI Machine Learning Repository, as packaged in scikit-learn}
}"""
