"""The claim on the paper's sentence, collapse ∝ η²/γ², in our reading as one on many steps."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from sim.batchnorm.ladder import CollapseLadder
from theory.batchnorm.collapse import cone_steps, power_prediction, slopes_prediction
from theory.batchnorm.one_step import REFERENCE
from theory.batchnorm.passage import Column
from validate.claim import Body, Decision, Role, Unit, settings_of
from validate.claims.batchnorm.measured.passage import SMALL, law, predicted
from validate.figure_forms.by_unit import along
from validate.figure_forms.scaling import means, one_figure
from validate.registry import Reading, claim

PAPER = "arXiv:2001.11216"
# as many at the first look as an interval at its share of α needs
BLOCK, LOOKS = 264, (1, 2)
# a decade of learning rates in 150 steps: A₀T from 0.4 to 40 at γ₀ = 1, B = 64
STEPS = 150
RATES = tuple(0.413 * 10 ** (k / 4) for k in range(5))
RATE_UNITS = (180, 80, 80, 80, 80)


@claim(
    "batchnorm.collapse-probability",
    title="Collapse probability ∝ η²/γ² in the long run",
    source=PAPER,
    statement="The probability that a unit has collapsed after a given number of steps is "
    "proportional to the square of the learning rate over that of the scale: the paper's sentence, "
    "in our reading as one on the long run.",
    may_disagree=True,
    contradicts=f"{PAPER} says that the sparsifying probability is proportional to the square of "
    "the learning rate and inversely proportional to the square of the scale. Read as the share "
    "that has collapsed after many steps, which is our reading, this is a power law of exponent 2 "
    "in the learning rate. (Our other reading, the mean drift in one step, is batchnorm.drift.)",
    place=6,
    readings=(
        Reading(
            "The probability that a unit has collapsed after many steps is proportional to (η/γ)².",
            where="the share of units that have collapsed after many steps",
        ),
        Reading(
            "After many steps the power of η is no constant: it is the local slope of that law.",
            decision="local slopes of F(A₀T)",
        ),
    ),
)
def collapse_probability() -> Body:
    ladder = CollapseLadder(rates=RATES, units=RATE_UNITS, steps=STEPS, block=BLOCK)
    # the same A₀, longer, and more units where few collapse: logarithms of few are too skewed
    rates = tuple(rate * (SMALL / ladder.batch) ** 0.5 for rate in RATES)
    small = replace(ladder, batch=SMALL, rates=rates, steps=300, units=(360, 160, 80, 80, 80))
    power, exact = power_prediction(RATES), slopes_prediction(len(RATES) - 1)
    at = np.geomspace(RATES[0] / 1.14, RATES[-1] * 1.14, 60)  # η, of lines

    def shares(unit: Unit) -> Column:
        """Collapsed at each rate, as (k + ½)/N: its logarithm has next to no bias."""
        units = np.array(settings_of(unit, CollapseLadder).units)
        return np.array(unit.measurement["passed"]) + 0.5 / units

    def predicted_shares(made: CollapseLadder) -> Column:
        return np.concatenate([predicted(member) for member in made.members])

    def slopes(values: np.ndarray) -> np.ndarray:
        """Of log ``values`` in log η, between neighbors."""
        return np.diff(np.log(values)) / np.diff(np.log(RATES))

    def clock(rates: Column) -> Column:
        return STEPS * ladder.members[0].strength * (rates / RATES[0]) ** 2

    def square(rates: Column) -> Column:
        """∝ η² through the middle of F, as far as a share can be."""
        return np.minimum((rates / RATES[2]) ** 2 * predicted_shares(ladder)[2], 1)

    def notes(units: Sequence[Unit]) -> list[str]:
        high, at, low = map(law(ladder.members[0]).clock_of_slope, (2.25, 2.0, 1.75))
        return [
            f"The slope of F is 2 at A₀T = {at:.2f} and within 2 ± 0.25 from {high:.2f} to "
            f"{low:.2f}: there the sentence is nearly true, for learning rates within "
            f"{(low / high) ** 0.5 - 1:.0%} of each other. The mean drift in one step is "
            "judged by batchnorm.drift."
        ]

    local = Decision(
        "local slopes of F(A₀T)",
        exact,
        lambda unit: slopes(predicted_shares(settings_of(unit, CollapseLadder))),
        lambda unit: slopes(shares(unit)),
        (ladder,),
        LOOKS,
        Role.POSITIVE,
    )
    return Body(
        decisions=(
            Decision.expecting(
                "P ∝ η² over a decade of learning rates", power, shares, (ladder,), LOOKS
            ),
            local,
            local.wrong_experiment(
                f"local slopes of F at the same A₀T in batches of {SMALL}", small
            ),
            local.wrong_law(
                "local slopes of a power law ∝ η",
                lambda unit: np.ones(len(RATES) - 1),
                distance=2 * exact.margin,
            ),
        ),
        derivation=cone_steps,
        figures=one_figure(
            "Collapse against learning rate",
            "Share of units collapsed after a fixed number of steps against the learning rate "
            "(medians, bars hold nine ensembles of ten), and its local slope (means with intervals "
            "of 99 %). The power law of the paper's sentence, a slope of 2, is that of the mean "
            "drift in one step.",
            lambda outcome: along(
                outcome,
                f"collapsed within {STEPS} steps",
                ("learning rate η", "share collapsed"),
                {"ensembles": ladder},
                lambda unit: RATES,
                shares,
                {"∝ η²": square},
                positive={"F(A₀T)": lambda rates: law(ladder.members[0])(clock(rates))},
                over=at,
            ),
            lambda outcome: along(
                outcome,
                "local slopes",
                ("learning rate η", "d log P / d log η"),
                {"ensembles": ladder},
                lambda unit: np.sqrt(np.array(RATES[1:]) * RATES[:-1]),
                lambda unit: slopes(shares(unit)),
                {"∝ η²": lambda rates: np.full_like(rates, 2)},
                positive={"F(A₀T)": lambda rates: law(ladder.members[0]).slope(clock(rates))},
                over=at,
                log=(True, False),
                drawn=means,
            ),
        ),
        references=(REFERENCE,),
        notes=notes,
    )
