"""One step of noise under batch normalization: what is judged of a unit, panels and notes."""

import functools
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import Any

import numpy as np
from jaxtyping import Float

from sim.batchnorm.layers import LayerStep
from sim.batchnorm.step import OneStep
from theory.batchnorm import moments as theory
from theory.batchnorm import one_step
from theory.batchnorm.derivation import drift_steps
from theory.batchnorm.moments import Drift, Moments
from theory.batchnorm.taylor import Coordinate
from theory.prediction import Step
from validate.claim import Body, Decision, Outcome, Regime, Unit, settings_of
from validate.figure_forms.by_unit import along
from validate.results.records import Figure

Numbers = Float[np.ndarray, " points"]
Points = slice | list[int]
Kind = Callable[[OneStep, Numbers], Moments]

# as many at the first look as a t interval at its share of α needs, with 8 points
BLOCK, LOOKS = 72, (4, 8, 16)
RATE = 0.25  # η at γ = 1: A = 10⁻³ for B = 64
LAYERS = "torch's layers, "  # what is decided on them
LAYER_STARTS = (-0.7, 0.0, 1.0)
FILTERS = 1024  # of a replicate at each r: half-widths of 0.02 of the drift at the first look
LARGEST_NOISE = 3e-3  # A up to which the next order is below 0.25 % where it is judged
# what E[Δθ] depends on along a ladder: setting, symbol, label, its grid points, exponent
LADDERS = {
    "η": ("rates", one_step.ETA, "learning rate η", slice(0, 4), 2.0),
    "1/γ": ("scales", one_step.GAMMA, "scale |γ|", slice(4, 8), -2.0),
}
ALL = slice(None)


def steps_at(
    r: Sequence[float], rate: float, made: type[OneStep] = OneStep, **others: Any
) -> OneStep:
    """Single steps from each r, with one learning rate and γ = ±1."""
    grid = {"starts": tuple(r), "rates": (rate,) * len(r), "scales": (1.0,) * len(r)}
    return made(**{**grid, "block": BLOCK, **others})


def rate_of(batch: int) -> float:
    """η at which A = 10⁻³ for a batch of this size, γ = 1 and s = 1."""
    return RATE * (batch / 64) ** 0.5


# the same by torch's own layers, and those in batches of 16, where drifts are told well
layers_at = partial(steps_at, made=LayerStep, draws=FILTERS)
small_layers = partial(layers_at, LAYER_STARTS, rate_of(16), batch=16)


# -- laws and observables ---------------------------------------------------------------------


def independent(one: OneStep, r: Numbers) -> Moments:
    """Exact moments where noise is independent."""
    return theory.finite_batch_moments(r, one.batch, one.slope)


def centered(one: OneStep, r: Numbers) -> Moments:
    """Exact moments where it sums to zero in each batch."""
    return theory.finite_batch_centered_moments(r, one.batch)


def gaussian(one: OneStep, r: Numbers) -> Moments:
    """Those of a large batch."""
    return theory.centered_moments(r) if one.centered else theory.gaussian_moments(r, one.slope)


def own(one: OneStep) -> Kind:
    """The exact moments of an experiment's noise, which a wrong experiment is judged by as well."""
    return centered if one.centered else independent


@functools.cache
def laws(one: OneStep, kind: Kind | None = None) -> Drift:
    """Mean changes per A at the grid points of an experiment, with its moments or other ones."""
    r = np.array(one.starts)
    return theory.drift((kind or own(one))(one, r), r)


def changes(unit: Unit, name: str) -> Numbers:
    """Mean change per A of a coordinate ("r", "P", "θ"), or mean (Δr)² per A ("r²")."""
    return np.array(unit.measurement[name], dtype=float) / settings_of(unit, OneStep).noise


def relative(unit: Unit, points: Points = ALL, kind: Kind | None = None) -> Numbers:
    """Measured E[Δθ] over the law, with other moments if need be, at chosen grid points."""
    return (changes(unit, "θ") / laws(settings_of(unit, OneStep), kind).mean_theta)[points]


def slope(unit: Unit, ladder: str) -> float:
    """Exponent b of E[Δθ] ∝ xᵇ along a ladder of grid points, by weighted regression of the means.

    Means over their predicted values q = m/(K x^b₀) are regressed on l = log x − mean:
    b = b₀ + Σ l q / Σ l². That weighs every mean by the inverse of its size, to which its error is
    proportional, and is linear in the means, so that noise shifts it nowhere; logarithms of noisy
    means would be biased. It is exact at b₀ and deviates from it as the exponent does.
    """
    one, (setting, _, _, points, _) = settings_of(unit, OneStep), LADDERS[ladder]
    log = np.log(np.array(getattr(one, setting))[points])
    log -= log.mean()
    predicted = np.log(-(one.noise * laws(one).mean_theta)[points])
    return float(log @ (predicted + relative(unit, points)) / (log @ log))


def measured_root(unit: Unit, name: str, point: int, kind: Kind) -> float:
    """Root of the mean change of a coordinate: a Newton step from the grid point at the predicted
    root, with the predicted slope there.
    """
    one, step = settings_of(unit, OneStep), 1e-4
    expected = one.starts[point]
    r = np.array([expected - step, expected + step])
    low, high = theory.drift(kind(one, r), r).of(name)
    return expected - float(changes(unit, name)[point] * 2 * step / (high - low))


# -- decisions --------------------------------------------------------------------------------


def constants(
    name: str, *made: OneStep, points: Points = ALL, wrong: Kind | None = None
) -> Decision:
    """E[Δθ] is as predicted at all grid points of experiments, or at some.

    With ``wrong`` it is the resolution control that has these moments instead.
    """
    size, kind = len(np.array(made[0].starts)[points]), own(made[0])
    right = Decision(
        name,
        one_step.theta_prediction(size),
        lambda unit: np.ones(size),
        lambda unit: relative(unit, points, kind),
        made,
        LOOKS,
    )
    if wrong is None:
        return right

    def off(one: OneStep) -> Numbers:
        return (laws(one, wrong).mean_theta / laws(one).mean_theta)[points]

    nearest = min(float(np.abs(off(one) - 1).min()) for one in made)
    return right.wrong_law(name, lambda unit: off(settings_of(unit, OneStep)), nearest)


def power(name: str, ladder: str, *made: OneStep, half: bool = False) -> Decision:
    """E[Δθ] ∝ η² or 1/γ² along one of `LADDERS`; by ``half`` a control, ∝ η or 1/γ."""
    _, symbol, _, _, exponent = LADDERS[ladder]
    right, wrong = (one_step.slope_prediction(symbol, b) for b in (exponent, exponent / 2))
    one = Decision.expecting(name, right, lambda unit: slope(unit, ladder), made, LOOKS)
    return one.wrong_prediction(name, wrong) if half else one


def root(coordinate: Coordinate, point: int, one: OneStep, where: str = "") -> Decision:
    """The mean change of a coordinate changes sign at the r of one grid point."""
    expected, kind = one.starts[point], own(one)
    return Decision.expecting(
        f"{where}E[Δ{coordinate.name}] changes sign at r = {expected:.3f}",
        one_step.root_prediction(coordinate, expected),
        lambda unit: measured_root(unit, coordinate.name, point, kind),
        (one,),
        LOOKS,
    )


def sign(coordinate: Coordinate, expected: int, point: int, one: OneStep) -> Decision:
    """The sign of the mean change of a coordinate at one grid point."""
    relation = ">" if expected > 0 else "<"
    return Decision(
        f"r = {one.starts[point]:.3f}: E[Δ{coordinate.name}] {relation} 0",
        one_step.sign_prediction(coordinate, expected),
        lambda unit: 0.0,
        lambda unit: expected * float(changes(unit, coordinate.name)[point]),
        (one,),
        LOOKS,
    )


# -- panels and the rest of a claim -----------------------------------------------------------


def ladder_panel(title: str, one: OneStep, ladder: str) -> Callable[[Outcome], dict[str, Any]]:
    """−E[Δθ] along a ladder with the predicted power, and half of it through its middle."""
    setting, _, label, points, exponent = LADDERS[ladder]
    x = np.array(getattr(one, setting))[points]

    def law(b: float, at: Numbers) -> Numbers:
        middle = np.log(-(one.noise * laws(one).mean_theta)[points]).mean()
        return np.exp(middle + b * (np.log(at) - np.log(x).mean()))

    return lambda outcome: along(
        outcome,
        title,
        (label, "−E[Δθ]"),
        {"replicates": one},
        lambda unit: x,
        lambda unit: -np.array(unit.measurement["θ"])[points],
        {"prediction": partial(law, exponent)},
        {"resolution control": partial(law, exponent / 2)},
    )


def law_panel(
    title: str,
    one: OneStep,
    name: str = "θ",
    wrong: Mapping[str, Kind] = MappingProxyType({}),
    over_law: bool = False,
) -> Callable[[Outcome], dict[str, Any]]:
    """Mean change per A, or over the law, against r, with its curve and those of other moments."""

    def curve(kind: Kind, r: Numbers) -> Numbers:
        found, law = (theory.drift(each(one, r), r).of(name) for each in (kind, own(one)))
        return found / law if over_law else found

    return lambda outcome: along(
        outcome,
        title,
        ("r = β/|γ|", f"E[Δ{name}] / {'law' if over_law else 'A'}"),
        {"replicates": one},
        lambda unit: one.starts,
        relative if over_law else partial(changes, name=name),
        {"prediction": partial(curve, own(one))},
        {label: partial(curve, kind) for label, kind in wrong.items()},
        (False, False),
        np.linspace(min(one.starts) - 0.25, max(one.starts) + 0.25, 61),
    )


def body(
    decisions: Sequence[Decision],
    figures: Callable[[Outcome], Sequence[Figure]],
    *derivations: Callable[[], Sequence[Step]],
    further: Sequence[str] = (),
) -> Body:
    """The body of a claim on single steps, with its regime checks and notes."""

    return Body(
        decisions=tuple(decisions),
        derivation=lambda: [step for steps in (drift_steps, *derivations) for step in steps()],
        regime=(
            Regime(
                "largest A",
                lambda units: max(float(settings_of(u, OneStep).noise.max()) for u in units),
                at_most=LARGEST_NOISE,
            ),
            Regime(
                "share of steps across γ = 0",
                lambda units: sum(unit.measurement["crossed"] for unit in units) / len(units),
                at_most=0.0,
            ),
        ),
        figures=figures,
        references=(one_step.REFERENCE,),
        notes=lambda units: [*_notes(units), *further],
    )


def _notes(units: Sequence[Unit]) -> list[str]:
    """How the mean of a change was measured."""
    steps = {False: 0, True: 0}  # by whether they went through layers
    for one in (settings_of(unit, OneStep) for unit in units):
        steps[isinstance(one, LayerStep)] += one.steps_per_batch * one.draws * len(one.starts)
    return [
        f"{steps[False]:,} single steps from fixed γ and β, half of them with γ < 0. Every "
        "normalized batch takes four steps, with the noise ξ, −ξ and both turned by a right angle "
        "in the plane of the two normals, so that the odd orders cancel exactly; no two grid "
        "points share a batch or noise.",
        "Given a batch, the gradients of γ and β are exactly Gaussian with a covariance that is "
        "computed from the batch, so that two normals replace the noise of B samples. So these "
        "decisions test the calculus from that covariance to the mean change, and the average "
        "over batches; that a layer has this covariance is not tested by them.",
        f"It is by the decisions named after torch's layers, on {steps[True]:,} "
        "single steps: Gaussian inputs, filters, BatchNorm1d, (leaky) ReLU, a loss with a random "
        "gradient δ for each sample and filter, autograd, and a step of SGD for δ and one for −δ. "
        "Nothing of the theory enters there.",
    ]
