"""The claim on sums that stop growing."""

from sim.precision.summation import Summation
from theory.precision.rounding import M
from theory.precision.stagnation import LARGEST, nearest_law, truncation_law
from validate.author.checked import checked, together
from validate.author.words import Given, Margin
from validate.claim import Body
from validate.claims.precision.rounding import BITS
from validate.registry import Reading, claim

GIVEN = (BITS, Given(LARGEST, lambda values: 1.0, "what no term exceeds"))
EXACT = Margin(0.0, "it is a number of the format")
TERMS = 600  # far more than it takes: about 6·2^m for terms uniform in (0, 1)


@claim(
    "precision.stagnation",
    title="Where a sum stops growing",
    source="our derivation",
    statement="Sums of terms uniform in (0, 1) stop at exactly 2^(m+1) to nearest and at exactly "
    "2^m towards zero; sums of ones at 2^(m+1) in both.",
    place=4,
    readings=(
        Reading("A sum of ones stops at 256 in bfloat16 (m = 7), whatever is added after that."),
    ),
)
def stagnation() -> Body:
    return together(
        {
            "2^(m+1)": checked(
                law=nearest_law,
                given=GIVEN,
                observe="final",
                on={
                    "ones, to nearest": Summation(0, TERMS, 7, data="ones", sums=2),
                    "uniform, to nearest": Summation(0, TERMS, 5, data="uniform", sums=4),
                },
                identity=True,
                margin=EXACT,
                wrong={"2^m": 2**M},
                wrong_experiment={
                    "terms without a bound, exponential": Summation(
                        0, TERMS, 5, data="exponential", sums=4
                    ),
                    "stochastic rounding": Summation(
                        0, TERMS, 5, "stochastic", data="uniform", sums=4
                    ),
                },
            ),
            "2^m": checked(
                law=truncation_law,
                given=GIVEN,
                observe="final",
                on={
                    "uniform, towards zero": Summation(
                        0, TERMS, 5, "truncation", data="uniform", sums=4
                    )
                },
                identity=True,
                margin=EXACT,
                wrong={"2^(m+1)": 2 * 2**M},
                wrong_experiment={"to nearest": Summation(0, TERMS, 5, data="uniform", sums=4)},
            ),
        }
    )
