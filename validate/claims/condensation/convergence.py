"""The claim on how fast orientations are approached."""

from collections.abc import Mapping, Sequence
from operator import sub
from typing import Any

import numpy as np
from jaxtyping import Float

from sim.condensation.approach import Approach
from sim.condensation.variants.decaying import DecayingApproach
from theory.condensation import approach as theory
from validate.claim import Body, Decision, Outcome, Regime, Unit, once_per_unit, settings_of
from validate.claims.condensation.escape_time import LOOKS, NAMES, POWERS, SOURCES, TANH
from validate.claims.condensation.measured.assumptions import body
from validate.claims.condensation.measured.cells import chosen, data_of
from validate.figure_forms.by_unit import along, equality
from validate.figure_forms.scaling import scaling
from validate.registry import Reading, claim
from validate.results.records import Figure

BLOCK = 56
# the next order turns directions by the square of |w·x|, here far below the angles of the window
TINY_INPUT = 1e-6
CAPTION = (
    "Left: growth until a neuron is at an angle to its orientation, relative to that at the "
    "largest angle and to the power κ of its data set, so that one line is predicted for every p: "
    "medians over data sets with bars for nine of ten; the controls are κ = 1. Others: exponent "
    "measured along runs (mean over a data set's neurons) against the predicted one; the control "
    "is κ = 1."
)
Neurons = Float[np.ndarray, "neurons angles"]


@claim(
    "condensation.convergence",
    title="How fast neurons turn to their orientation",
    source="our derivation",
    statement="The angle between a neuron and its final orientation is proportional to G^(−κ), G "
    "the growth |w|/|w₀| and κ = 1 − μ/(pH), where μ is the largest eigenvalue of the Hessian of "
    "sign(a)·H in the tangent space of the unit sphere; κ = 1 for p = 1.",
    place=9,
    shares=24,
    readings=Reading(
        "The angle to the final orientation falls like a power of growth that the data give."
    ),
)
def convergence() -> Body:
    mains = {}
    for p, one in {1: TANH, **POWERS}.items():
        name, on = f"{NAMES[one]}, p = {p}", [Approach(BLOCK, one, source) for source in SOURCES]
        told = f"{name}: angle ∝ G^(−κ)"
        mains[name] = Decision.expecting(
            told, theory.approach_prediction(), _relative, tuple(on), LOOKS
        )
    first, second, third = mains.values()
    # more units than others have: outcomes are as skewed, and a first look shall do
    decaying = (DecayingApproach(2 * BLOCK, TANH, source) for source in SOURCES)
    decisions = (
        *(first, second, third),
        second.wrong_where_apart(
            "p = 2, 3: κ = 1 as for p = 1, where κ is larger",
            lambda unit: 1 / _kappa(unit),
            sub,
            experiments=(*second.experiments, *third.experiments),
        ),
        second.wrong_where_apart(
            "p = 2: Hessian not restricted to the tangent space",
            lambda unit: _kappa(unit, restricted=False) / _kappa(unit),
            sub,
        ),
        first.wrong_experiment("tanh, p = 1: under weight decay", *decaying),
    )
    return body(
        decisions,
        theory.approach_steps,
        lambda outcome: _figures(outcome, mains),
        regime=(
            Regime.largest("largest |w·x̃| at the end of the window", "amplitude", TINY_INPUT),
            Regime.largest("largest share of neurons that did not finish", "unfinished", 0.0),
        ),
        notes=_notes,
        cells=chosen(
            "data sets that have an orientation of known exponent with enough starts around it, "
            "which is decided before training (on others there is no angle to follow)"
        ),
    )


@once_per_unit
def _kappa(unit: Unit, restricted: bool = True) -> float:
    """κ from the data, at the orientation that was followed.

    It is wrong where the Hessian is not restricted to the tangent space.
    """
    made, data, sign = settings_of(unit, Approach), data_of(unit), unit.measurement["sign"]
    u, p, c = np.array(unit.measurement["direction"]), made.order, made.coefficient
    hessian = sign * theory.leading_hessian(data.augmented, data.y, u, p, c)
    height = sign * c * float(np.mean(data.y * (data.augmented @ u) ** p))
    if restricted:
        return theory.convergence_exponent(hessian, u, height, p)
    return theory.unrestricted_exponent(hessian, height, p)


def _relative(unit: Unit) -> float:
    """Slope of log(1/angle) over log G in units of κ, each angle passed by other neurons.

    Of K angles neuron j tells the growth at angle j mod K only. So the points are independent and
    the slope deviates to both sides alike; along single runs it is nearly exact, with a skew.
    """
    growth = _growth(unit)
    angles = growth.shape[1]
    passed = np.array([growth[k::angles, k].mean() for k in range(angles)])
    return float(_exponents(unit, passed)) / _kappa(unit)


def _growth(unit: Unit) -> Neurons:
    """log G of each neuron when it passes the angles of the window."""
    return np.array(unit.measurement["log_growth"], dtype=float)


def _exponents(unit: Unit, log_growth: Float[np.ndarray, "*neurons angles"]) -> Any:
    """Slope of log(1/angle) over log G in the window, by least squares, of one run or several."""
    log = -np.log(settings_of(unit, Approach).angles)
    log -= log.mean()
    return 1 / (log_growth @ log / (log @ log))


def _figures(outcome: Outcome, mains: Mapping[str, Decision]) -> Sequence[Figure]:
    wrong, exponents = {}, []
    for name, main in list(mains.items())[1:]:  # κ = 1 for the first
        kappa = np.median([_kappa(unit) for unit in outcome.of(main)])
        wrong[f"κ = 1: {name}"] = lambda angle, kappa=kappa: (angle.max() / angle) ** kappa
        exponents.append(equality(
            outcome, name, ("predicted κ", "measured κ"), {"data sets": main.experiments},
            _kappa, lambda unit: _exponents(unit, _growth(unit)).mean(),
            {"resolution control": np.ones_like},
        ))  # fmt: skip

    def grown(unit: Unit) -> Float[np.ndarray, " angles"]:
        growth = _growth(unit).mean(axis=0)
        return np.exp(_kappa(unit) * (growth - growth[0]))

    runs = along(
        outcome, "growth to an angle", ("angle (radian)", "growth G^κ"),
        {name: main.experiments for name, main in mains.items()},
        lambda unit: settings_of(unit, Approach).angles, grown,
        {"prediction": lambda angle: angle.max() / angle}, wrong,
    )  # fmt: skip
    return (scaling(outcome, "Convergence exponent", CAPTION, (runs, *exponents)),)


def _notes(units: Sequence[Unit]) -> list[str]:
    """What was left out, where neurons start, and how exact single runs are."""
    experiment = settings_of(units[0], Approach)
    share = len(units) / sum(unit.measurement["draws"] for unit in units)
    runs = [_exponents(unit, _growth(unit)) / _kappa(unit) for unit in units]
    off = [np.abs(one - 1).max() for one in runs]
    return [
        f"{share:.0%} of the data sets drawn were trained. Left out, before training, are those "
        f"whose main orientation has κ < {experiment.slowest:g} (the window of angles would take "
        f"more growth than the initial size leaves room for) or κ > {experiment.fastest:g} (the "
        "direction turns faster than the steps resolve), or too narrow a cap for the starts.",
        "Neurons start on the cap around the orientation where sign·H is positive and concave: "
        "elsewhere nearly flat stretches can hold a neuron for many orders of magnitude of growth, "
        "which κ says nothing about.",
        f"Along single runs the exponent is κ up to {max(off):.1g} (relative, all neurons; median "
        f"over data sets {np.median(off):.1g}).",
    ]
