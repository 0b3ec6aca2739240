"""Claims on filters that collapse in trained networks, with and without post-shifted BN."""

from collections.abc import Sequence
from functools import partial

from sim.batchnorm.collapse import Collapse
from theory.batchnorm import networks as theory
from theory.batchnorm.networks import BETTER, NOTICEABLE
from theory.batchnorm.one_step import REFERENCE
from theory.batchnorm.recovery_prediction import recovery_steps
from validate.claim import Body, Decision, Outcome, Role, Unit, units_of
from validate.claims.batchnorm.measured.collapse import effect, ladder_panel, table
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
JUDGED = Collapse(trained=((LOW, DECAY), (HIGH, DECAY), (HIGH, 0.0)), steps=STEPS, block=SEEDS)


def _tables(units: Sequence[Unit], *trained: Collapse) -> list[Table]:
    title = "Means after {} steps; the shift's effect on accuracy with its interval"
    return [table(title.format(made.steps), made, units_of(units, made)) for made in trained]


@claim(
    "batchnorm.network-collapse",
    title="Filters collapse in trained networks",
    source="arXiv:2001.11216, with our conditions",
    statement="In a perceptron on digits with weight decay more filters collapse at η = 3 than at "
    "η = 1 within 400 steps, and with post-shifted BN fewer do, by a twentieth of all filters or "
    "more. Without weight decay the shift changes nothing.",
    place=14,
    readings=Reading(
        "In a trained perceptron with weight decay more filters collapse at a larger learning "
        "rate, and fewer with post-shifted batch normalization.",
    ),
)
def network_collapse() -> Body:
    # growth is that of networks without the shift
    plain = Collapse(trained=((LOW, 0.0), (HIGH, 0.0)), shifts=(0.0,), steps=STEPS, block=SEEDS)
    ladder = Collapse(trained=LADDER, steps=LONG, block=1)

    def grown(unit: Unit) -> float:
        """How many more collapse at the second learning rate than at the first, without shift."""
        low, high, *_ = unit.measurement["collapsed"]
        return high[0] - low[0]

    def prevented(unit: Unit) -> float:
        return -effect(unit, HIGH, DECAY, "collapsed")

    judged = partial(Decision, experiments=(JUDGED,), looks=LOOKS)
    more = f"more filters collapse at η = {HIGH:g} than at {LOW:g}"
    grows = judged(
        f"{more}, with decay",
        theory.growth_prediction(),
        lambda unit: 1.0,
        lambda unit: float(grown(unit) > NOTICEABLE),
    )
    equal = {
        "collapse does not depend on the learning rate, with decay": grown,
        f"the shift changes nothing at η = {HIGH:g}, with decay": prevented,
    }
    decisions = (
        grows,
        grows.wrong_experiment(f"{more}, but trained without decay", plain),
        judged(
            f"the shift prevents collapse at η = {HIGH:g}, with decay",
            theory.prevention_prediction(),
            lambda unit: 1.0,
            lambda unit: float(prevented(unit) > NOTICEABLE),
        ),
        judged(
            f"the shift changes nothing at η = {HIGH:g}, without decay",
            theory.idle_prediction(),
            lambda unit: 0.0,
            lambda unit: -effect(unit, HIGH, 0.0, "collapsed"),
        ),
        *(
            judged(
                name,
                theory.equal_prediction(),
                lambda unit: 0.0,
                observe,
                role=Role.RESOLUTION,
                distance=NOTICEABLE,
            )
            for name, observe in equal.items()
        ),
    )

    def figures(outcome: Outcome) -> tuple[Figure, ...]:
        """The networks that are judged, beside those of the ladder, which decide nothing."""
        judged, late = (units_of(outcome.units, made) for made in (JUDGED, ladder))
        after, what = f"After {LONG} steps", "collapsed filters"
        panels = [
            ladder_panel(f"Judged: {STEPS} steps", what, JUDGED, judged, "collapsed"),
            ladder_panel(after, what, ladder, late, "collapsed"),
            ladder_panel(after, "accuracy on test images", ladder, late, "accuracy"),
        ]
        caption = (
            f"Left: what is judged, pairs of networks after {STEPS} steps: medians over "
            f"{len(judged)} networks for each point, bars hold nine of ten. The others decide "
            f"nothing: after {LONG} steps, {len(late)} for each point."
        )
        return (
            scaling(outcome, "Collapse against the learning rate", caption, panels),
            intervals(outcome, decisions, "Effects on collapsed filters"),
        )

    return Body(
        grid=(JUDGED, ladder, plain),
        decisions=decisions,
        derivation=recovery_steps,
        figures=figures,
        references=(REFERENCE,),
        tables=lambda units: _tables(units, JUDGED, ladder),
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
    readings=Reading(
        "Where most filters collapse, a network with post-shifted batch normalization "
        "recognizes more images.",
    ),
)
def accuracy() -> Body:
    late = Collapse(trained=((HIGH, DECAY), (HIGH, 0.0)), steps=LONG, block=LATE_SEEDS)

    def better(unit: Unit, decay: float = DECAY) -> float:
        return float(effect(unit, HIGH, decay, "accuracy") > BETTER)

    rises = Decision(
        f"the shift raises the accuracy at η = {HIGH:g}, with decay",
        theory.accuracy_prediction(),
        lambda unit: 1.0,
        better,
        (late,),
        LOOKS,
    )
    decisions = (
        rises,
        rises.wrong_experiment(
            f"the same after {STEPS} steps, when fewer filters have collapsed", JUDGED
        ),
        rises.wrong_law(
            f"the shift raises the accuracy at η = {HIGH:g}, without decay",
            rises.predict,
            distance=1.0,
            observe=lambda unit: better(unit, 0.0),
        ),
    )
    return Body(
        decisions=decisions,
        derivation=recovery_steps,
        figures=lambda outcome: (intervals(outcome, decisions, "Effect on accuracy"),),
        references=(REFERENCE,),
        tables=lambda units: _tables(units, late),
        notes=lambda units: [
            f"The perceptrons of batchnorm.network-collapse after {LONG} steps. Both networks of a "
            "pair start from the same weights and see the same minibatches. The intervals in the "
            "table, Student's of level 99 % over pairs, decide nothing."
        ],
    )
