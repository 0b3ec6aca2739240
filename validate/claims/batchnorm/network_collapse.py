"""The claim on filters that collapse in trained networks, with and without post-shifted BN."""

from collections.abc import Sequence
from typing import Any

from sim.batchnorm.collapse import Collapse
from theory.batchnorm.networks import (
    BETTER,
    NOTICEABLE,
    accuracy_prediction,
    equal_prediction,
    growth_prediction,
    idle_prediction,
    prevention_prediction,
)
from theory.batchnorm.one_step import REFERENCE
from theory.batchnorm.recovery_prediction import recovery_steps
from validate.claim import Body, Decision, Outcome, Role, Unit, experiment_control
from validate.claims.batchnorm.measured.collapse import (
    gained,
    growth,
    ladder_panel,
    prevented,
    table,
)
from validate.figure_forms.intervals import intervals
from validate.figure_forms.scaling import scaling
from validate.registry import Reading, claim
from validate.results.records import Figure, Table

LOW, HIGH, DECAY = 1.0, 3.0, 5e-3  # learning rates that are compared, and weight decay
LADDER = tuple((rate, decay) for decay in (DECAY, 0.0) for rate in (0.3, LOW, HIGH))
SEEDS, LOOKS = 19, (1, 2)  # 19 of 19 are above one half at a share of α
LATE_SEEDS = 17  # of each round; at budget standard there are four
# steps of the networks that are judged, and of those for the figure: filters collapse within
# hundreds of steps, but only when most of them have does the accuracy suffer
STEPS, LONG = 400, 2000


@claim(
    "batchnorm.network-collapse",
    title="Filters collapse in trained networks",
    source="arXiv:2001.11216, with our conditions",
    statement="In a perceptron on digits with weight decay more filters collapse at η = 3 than at "
    "η = 1 within 400 steps, and with post-shifted BN fewer do, by a twentieth of all filters or "
    "more. Without weight decay the shift changes nothing.",
    place=14,
    readings=(
        Reading(
            "In a trained perceptron with weight decay more filters collapse at a larger learning "
            "rate, and fewer with post-shifted batch normalization.",
        ),
    ),
)
def network_collapse() -> Body:

    judged = _judged()
    plain = Collapse(  # growth is that of networks without the shift
        trained=((LOW, 0.0), (HIGH, 0.0)), shifts=(0.0,), steps=STEPS, block=SEEDS
    )
    ladder = Collapse(trained=LADDER, steps=LONG, block=1)
    yes: dict[str, Any] = {"predict": lambda unit: 1.0, "looks": LOOKS}
    none: dict[str, Any] = {
        "prediction": equal_prediction(),
        "predict": lambda unit: 0.0,
        "looks": LOOKS,
        "role": Role.RESOLUTION,
        "distance": NOTICEABLE,
        "experiments": (judged,),
    }
    grows = Decision(
        name=f"more filters collapse at η = {HIGH:g} than at {LOW:g}, with decay",
        prediction=growth_prediction(),
        observe=lambda unit: float(growth(unit, LOW, HIGH) > NOTICEABLE),
        experiments=(judged,),
        **yes,
    )
    decisions = (
        grows,
        experiment_control(
            grows,
            f"more filters collapse at η = {HIGH:g} than at {LOW:g}, but trained without decay",
            (plain,),
            LOOKS,
        ),
        Decision(
            name=f"the shift prevents collapse at η = {HIGH:g}, with decay",
            prediction=prevention_prediction(),
            observe=lambda unit: float(prevented(unit, HIGH, DECAY) > NOTICEABLE),
            experiments=(judged,),
            **yes,
        ),
        Decision(
            name=f"the shift changes nothing at η = {HIGH:g}, without decay",
            prediction=idle_prediction(),
            predict=lambda unit: 0.0,
            observe=lambda unit: prevented(unit, HIGH, 0.0),
            experiments=(judged,),
            looks=LOOKS,
        ),
        Decision(
            name="collapse does not depend on the learning rate, with decay",
            observe=lambda unit: growth(unit, LOW, HIGH),
            **none,
        ),
        Decision(
            name=f"the shift changes nothing at η = {HIGH:g}, with decay",
            observe=lambda unit: prevented(unit, HIGH, DECAY),
            **none,
        ),
    )
    return Body(
        grid=(judged, ladder, plain),
        decisions=decisions,
        derivation=recovery_steps,
        regime=(),
        figures=lambda outcome: _collapse_figures(outcome, decisions, ladder),
        references=(REFERENCE,),
        tables=lambda units: _tables(units, judged, ladder),
        notes=lambda units: [
            f"Perceptrons 64-64-64-64-10, batches of 64, gradient descent: {STEPS} steps for the "
            f"networks that are judged, {LONG} for those of the figure. A filter has collapsed "
            "where no training image makes it active. BN and post-shifted BN start from the same "
            "weights and see the same minibatches.",
            "The intervals in the tables are Student's of level 99 % over pairs of networks; they "
            "decide nothing.",
        ],
    )


@claim(
    "batchnorm.accuracy",
    title="Accuracy where filters collapse",
    source="arXiv:2001.11216, with our conditions",
    statement="Where most filters of a perceptron on digits collapse (a large learning rate with "
    "weight decay, long training), post-shifted BN recognizes more test images than BN. Without "
    "weight decay the shift changes nothing.",
    tier="standard",  # six pairs of seven differ: 34 pairs do not always decide
    place=15,
    readings=(
        Reading(
            "Where most filters collapse, a network with post-shifted batch normalization "
            "recognizes more images.",
        ),
    ),
)
def accuracy() -> Body:

    late = Collapse(trained=((HIGH, DECAY), (HIGH, 0.0)), steps=LONG, block=LATE_SEEDS)

    def better(decay: float) -> dict[str, Any]:
        return {
            "prediction": accuracy_prediction(),
            "predict": lambda unit: 1.0,
            "observe": lambda unit: float(gained(unit, HIGH, decay) > BETTER),
            "experiments": (late,),
            "looks": LOOKS,
        }

    rises = Decision(
        name=f"the shift raises the accuracy at η = {HIGH:g}, with decay", **better(DECAY)
    )
    decisions = (
        rises,
        experiment_control(
            rises,
            f"the same after {STEPS} steps, when fewer filters have collapsed",
            (_judged(),),
            LOOKS,
        ),
        Decision(
            name=f"the shift raises the accuracy at η = {HIGH:g}, without decay",
            role=Role.RESOLUTION,
            distance=1.0,
            **better(0.0),
        ),
    )
    return Body(
        grid=(late, _judged()),
        decisions=decisions,
        derivation=recovery_steps,
        regime=(),
        figures=lambda outcome: (intervals(outcome, decisions, "Effect on accuracy"),),
        references=(REFERENCE,),
        tables=lambda units: _tables(units, late),
        notes=lambda units: [
            f"The perceptrons of batchnorm.network-collapse after {LONG} steps. Both networks of a "
            "pair start from the same weights and see the same minibatches. The intervals in the "
            "table, Student's of level 99 % over pairs, decide nothing."
        ],
    )


def _judged() -> Collapse:
    """The networks of network-collapse."""

    trained = ((LOW, DECAY), (HIGH, DECAY), (HIGH, 0.0))
    return Collapse(trained=trained, steps=STEPS, block=SEEDS)


def _tables(units: Sequence[Unit], *trained: Collapse) -> tuple[Table, ...]:

    return tuple(
        table(
            f"Means after {made.steps} steps; the shift's effect on accuracy with its interval",
            [unit for unit in units if unit.experiment == made],
        )
        for made in trained
    )


def _collapse_figures(
    outcome: Outcome, decisions: Sequence[Decision], ladder: Collapse
) -> tuple[Figure, ...]:

    units = [unit for unit in outcome.units if unit.experiment == ladder]
    panels = [
        ladder_panel("Collapsed filters", units, "collapsed"),
        ladder_panel("Accuracy on test images", units, "accuracy"),
    ]
    several = f"medians over {len(units)} networks for each point, bars hold nine networks of ten"
    points = several if len(units) > 1 else "one network for each point"
    caption = f"After {LONG} steps, with and without shift and weight decay: {points}."
    title = "Collapse against the learning rate"
    return (
        scaling(outcome, title, caption, panels, units),
        intervals(outcome, decisions, "Effects on collapsed filters"),
    )
