"""The claim on one rounding, and what claims on rounding are about."""

from collections.abc import Callable

import sympy as sp

from sim.precision.emulation.modes import Mode
from sim.precision.one_rounding import OneRounding
from theory.precision import rounding as theory
from theory.precision.accuracy import REFERENCE
from theory.precision.rounding import M
from validate.author.checked import checked, together
from validate.author.words import Given, Margin
from validate.claim import Body
from validate.registry import Reading, claim, family

BITS = Given(M, "mantissa", "mantissa bits that are stored")
MARGIN = Margin(
    0.02, "constants that are told from one another, ½ or ¼ apart, and from those of other data"
)
REFERENCES = (
    REFERENCE,
    "@article{connolly2021stochastic, title={Stochastic Rounding and Its Probabilistic Backward "
    "Error Analysis}, author={Connolly, Michael P. and Higham, Nicholas J. and Mary, Theo}, "
    "journal={SIAM J. Sci. Comput.}, volume={43}, pages={A566--A585}, year={2021}}",
)

family(
    "precision",
    title="Arithmetic of few bits",
    text="Networks may be run in numbers of few bits, rounded after every operation. How large the "
    "error of a sum of n products is decides how many bits are needed, and it depends on how is "
    "rounded: to the nearest number, towards zero, or at random without bias. The books' bounds "
    "grow like n or √n; the constants, and where the growth ends, are derived and measured here, "
    "and so is what the paper says of formats and of its fast search for them.",
    place=3,
)


@claim(
    "precision.one-rounding",
    title="What one rounding does",
    source="our derivation",
    statement="Rounding numbers that cover several octaves to m ≥ 7 mantissa bits adds noise of "
    "0.0451·4^(−m) of their mean square to nearest, twice that stochastically, without bias, and "
    "four times that towards zero, where they shrink by 0.3607·2^(−m). "
    "With fewer bits the density of normal numbers is not flat over a spacing: at m = 4 the noise "
    "of truncation is 3 % less.",
    place=1,
    shares=24,
    readings=(
        Reading("One rounding adds noise of 0.0451·4^(−m), twice or four times that by its mode."),
    ),
)
def one_rounding() -> Body:
    return together(
        {
            "nearest": _noise("nearest", theory.nearest_law, theory.stochastic_noise()),
            "stochastic": _noise("stochastic", theory.stochastic_law, theory.nearest_noise()),
            "towards zero": _noise("truncation", theory.truncation_law, theory.nearest_noise()),
            "shrinks towards zero": _shrinkage(),
            "stochastic does not shrink": _unbiased(),
        }
    )


def _noise(mode: Mode, law: Callable[[], theory.Steps], wrong: sp.Expr) -> Body:
    """Of one mode; ``wrong`` is the noise of another one."""
    return checked(
        law=law,
        given=BITS,
        observe="noise",
        on={
            "normal numbers": OneRounding(0, 7, mode),
            "products": OneRounding(0, 10, mode, "product"),
        },
        relative=True,
        margin=MARGIN,
        wrong={"of another mode": wrong},
        wrong_experiment={"uniform numbers, of one octave": OneRounding(0, 7, mode, "uniform")},
        references=REFERENCES,
    )


def _shrinkage() -> Body:
    return checked(
        law=theory.truncation_bias_law,
        given=BITS,
        observe="shrinkage",
        on=OneRounding(0, 7, "truncation"),
        relative=True,
        margin=MARGIN,
        wrong={"half of it": theory.truncation_bias() / 2},
        wrong_experiment={"to nearest": OneRounding(0, 7, "nearest")},
    )


def _unbiased() -> Body:
    return checked(
        law=theory.unbiased_law,
        given=BITS,
        observe="shrinkage",
        on=OneRounding(0, 4, "stochastic"),
        margin=Margin(0.001, "a fifteenth of a spacing, a twentieth of what truncation takes"),
        wrong={"that of truncation": theory.truncation_bias()},
        wrong_experiment={"towards zero": OneRounding(0, 4, "truncation")},
    )
