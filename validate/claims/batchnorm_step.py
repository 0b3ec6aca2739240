"""Claims on what one noisy step does to units with batch normalization.

Whatever is heavy is imported inside the functions: listing claims costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from validate.registry import claim

if TYPE_CHECKING:
    from sim.bn_step import OneStep
    from theory.prediction import Step
    from validate.claim import Body, Decision, Outcome, Unit
    from validate.results import Figure

SOURCE = "our derivation, on arXiv:2001.11216"
# a t interval at the level of one of 200 decisions and 8 points needs about 250 replicates
BLOCK, LOOKS = 64, (4, 6, 10)
LARGEST_NOISE = 3e-3  # A up to which the next order is below 0.3 %
RATE, SMALL_RATE = 0.25, 0.13  # η at γ = 1: A = 10⁻³ for B = 64 and for B = 16

# fixed beforehand: A from 10⁻⁴ to 3·10⁻³ along either ladder
STARTS = (-1.0, 0.0, 1.0)
RATES = (0.08, 0.14, 0.25, 0.43)  # at γ = 1
SCALES = (0.23, 0.4, 0.7, 1.25)  # at η = 0.1
BY_RATE, BY_SCALE = slice(0, 4), slice(4, 8)


def _at(r: Sequence[float], rate: float, **others: Any) -> OneStep:
    """One learning rate at γ = 1 for all r."""
    from sim.bn_step import OneStep

    n = len(r)
    return OneStep(
        starts=tuple(r), rates=(rate,) * n, scales=(1.0,) * n, **{"block": BLOCK, **others}
    )


def _regime() -> tuple:
    from validate import bn_drift
    from validate.claim import Regime

    return (
        Regime("largest A", bn_drift.largest_noise, at_most=LARGEST_NOISE),
        Regime("share of steps across γ = 0", bn_drift.crossings, at_most=0.0),
    )


def _body(
    grid: tuple[OneStep, ...],
    decisions: Sequence[Decision],
    derivation: Callable[[], Sequence[Step]],
    figures: Callable[[Outcome], Sequence[Figure]],
    further: Sequence[str] = (),
) -> Body:
    from theory.batchnorm import REFERENCE
    from validate import bn_drift
    from validate.claim import Body

    return Body(
        grid=grid,
        decisions=tuple(decisions),
        derivation=derivation,
        regime=_regime(),
        figures=figures,
        references=(REFERENCE,),
        notes=lambda units: [*bn_drift.notes(units), *further],
    )


def _of(experiment: OneStep, units: Sequence[Unit]) -> list[Unit]:
    return [unit for unit in units if unit.experiment == experiment]


def _constants(name: str, experiment: OneStep) -> Decision:
    """E[Δθ] at all grid points of an experiment."""
    from theory.batchnorm import theta_prediction
    from validate.bn_drift import relative
    from validate.claim import Decision

    return Decision(
        name=name,
        prediction=theta_prediction(len(experiment.starts)),
        predict=lambda unit: (1.0,) * len(experiment.starts),
        observe=relative,
        experiments=(experiment,),
        looks=LOOKS,
    )


def _rejected(
    name: str, experiments: tuple[OneStep, ...], kind: Any, points: Sequence[int]
) -> Decision:
    """A negative control: E[Δθ] with other moments."""
    from theory.batchnorm import theta_prediction
    from validate.bn_drift import nearest, relative, wrong
    from validate.claim import Decision, Role

    return Decision(
        name=name,
        prediction=theta_prediction(len(points)),
        predict=lambda unit: wrong(unit, kind, points),
        observe=lambda unit: relative(unit, points),
        experiments=experiments,
        looks=LOOKS,
        role=Role.NEGATIVE,
        distance=nearest(experiments, kind, points),
    )


# -- the drift of the angle -------------------------------------------------------------------


def _power(
    variable: str, exponent: int, experiments: tuple[OneStep, ...], control: bool
) -> Decision:
    """E[Δθ] ∝ η^exponent or γ^exponent."""
    from theory.batchnorm import ETA, GAMMA, slope_prediction
    from validate.bn_drift import slope
    from validate.claim import Decision, Role

    symbol, points = {"rates": (ETA, BY_RATE), "scales": (GAMMA, BY_SCALE)}[variable]
    where = f"r = {experiments[0].starts[0]:g}" if not control else "all r"
    return Decision(
        name=f"{where}: E[Δθ] ∝ {symbol}^({exponent})",
        prediction=slope_prediction(symbol, float(exponent)),
        predict=lambda unit: float(exponent),
        observe=lambda unit: slope(unit, variable, points),
        experiments=experiments,
        looks=LOOKS,
        role=Role.NEGATIVE if control else Role.CLAIM,
        distance=1.0 if control else None,
    )


@claim(
    "batchnorm.drift",
    title="Noise drives units with batch normalization towards collapse",
    source=SOURCE,
    statement="In one step of noise-dominated gradient descent the angle θ = atan2(β, |γ|) of a "
    "unit with batch normalization and ReLU moves towards collapse on average, by an amount "
    "proportional to the square of the learning rate and to 1/γ²: −Aφ(r)/(1 + r²)² with "
    "A = η²s²/(Bγ²), with exact moments for a batch of B samples.",
)
def drift() -> Body:
    from sim.bn_step import OneStep
    from theory.bn_derivation import batch_steps, drift_steps
    from validate import bn_drift
    from validate.scaling import scaling

    ladders = tuple(
        OneStep(
            starts=(r,) * 8,
            rates=(*RATES, *(0.1,) * 4),
            scales=(*(1.0,) * 4, *SCALES),
            block=BLOCK,
            draws=320,
        )
        for r in STARTS
    )
    small = _at((-1.5, 1.5), SMALL_RATE, batch=16)
    decisions = [
        *(_power("rates", 2, (one,), control=False) for one in ladders),
        *(_power("scales", -2, (one,), control=False) for one in ladders),
        *(
            _constants(f"r = {one.starts[0]:g}: E[Δθ] at 8 values of η or γ", one)
            for one in ladders
        ),
        _constants("B = 16, r = ±1.5: E[Δθ] with the moments of a finite batch", small),
        _power("rates", 1, ladders, control=True),
        _power("scales", -1, ladders, control=True),
        _rejected("B = 16: Gaussian moments", (small,), bn_drift.gaussian, (0, 1)),
    ]

    def figures(outcome: Outcome) -> Sequence[Figure]:
        panels = []
        for variable, points, exponent in (("rates", BY_RATE, 1.0), ("scales", BY_SCALE, -1.0)):
            for one in ladders:
                units = _of(one, outcome.units)
                title = f"r = {one.starts[0]:g}"
                panels.append(bn_drift.ladder_panel(title, units, variable, points, exponent))
        caption = (
            "Mean change of the angle θ in one step, against learning rate (top, γ = 1) and scale "
            "(bottom, η = 0.1): medians over replicates with bars for nine of ten. The lines are "
            "computed, not fitted; the control, an exponent of 1 or −1, passes through the middle "
            "of the prediction."
        )
        return (scaling(outcome, "One-step drift", caption, panels, outcome.units),)

    return _body(
        (*ladders, small),
        decisions,
        lambda: (*drift_steps(), *batch_steps()),
        figures,
        (
            "This is a law of one step. Momentum and Adam carry gradients from step to step: "
            "theirs are laws of long runs and are not judged here.",
            "Slopes are solved for from the weighted means themselves, not from logarithms of "
            "noisy means.",
        ),
    )


# -- the choice of coordinate -----------------------------------------------------------------


def _root(coordinate: Any, key: str, law: str, point: int, experiment: OneStep) -> Decision:
    """Where the mean change of a coordinate changes sign."""
    from theory.batchnorm import root_prediction
    from validate.bn_drift import measured_root
    from validate.claim import Decision

    root = experiment.starts[point]
    return Decision(
        name=f"E[Δ{coordinate.name}] changes sign at r = {root:.3f}",
        prediction=root_prediction(coordinate, root),
        predict=lambda unit: root,
        observe=lambda unit: measured_root(unit, key, law, point),
        experiments=(experiment,),
        looks=LOOKS,
    )


def _sign(coordinate: Any, key: str, sign: int, point: int, experiment: OneStep) -> Decision:
    """The sign of the mean change of a coordinate at one grid point."""
    from theory.batchnorm import sign_prediction
    from validate.bn_drift import changes
    from validate.claim import Decision

    return Decision(
        name=f"r = {experiment.starts[point]:.3f}: E[Δ{coordinate.name}] {'<>'[sign > 0]} 0",
        prediction=sign_prediction(coordinate, sign),
        predict=lambda unit: 0.0,
        observe=lambda unit: sign * float(changes(unit, key)[point]),
        experiments=(experiment,),
        looks=LOOKS,
    )


@claim(
    "batchnorm.coordinate",
    title="Where the mean change of r and of P vanishes, that of the angle does not",
    source="our derivation",
    statement="In one step of noise the mean changes of r = β/|γ| and of P = Φ(r) change sign at "
    "values of r that can be computed, that of the angle θ nowhere: that filters above some r do "
    "not collapse is an artifact of the coordinate.",
)
def coordinate() -> Body:
    import dataclasses

    from theory.batchnorm import ratio_root, root_prediction, share_root
    from theory.bn_derivation import drift_steps, root_steps
    from theory.bn_taylor import ANGLE, RATIO, SHARE
    from validate import bn_drift
    from validate.claim import Role
    from validate.scaling import scaling

    roots = (ratio_root(64), share_root(64))
    around = tuple(root + shift for root in roots for shift in (0.0, -0.5, 0.5))
    one = _at(around, RATE)
    of_p = _root(SHARE, "p", "mean_p", 3, one)
    away = _sign(ANGLE, "theta", 1, 2, one)
    decisions = [
        _root(RATIO, "r", "mean_r", 0, one),
        of_p,
        _sign(RATIO, "r", -1, 1, one),
        _sign(RATIO, "r", 1, 2, one),
        _sign(SHARE, "p", 1, 4, one),
        _sign(SHARE, "p", -1, 5, one),
        _constants("E[Δθ] < 0 at all of these r, as predicted", one),
        dataclasses.replace(
            away,
            name="above the root of E[Δr] units are driven away from collapse: E[Δθ] > 0",
            role=Role.NEGATIVE,
            distance=abs(float(bn_drift.laws(one).mean_theta[2])),
        ),
        dataclasses.replace(
            of_p,
            name="E[ΔP] changes sign where E[Δr] does",
            prediction=root_prediction(SHARE, roots[0]),
            predict=lambda unit: roots[0],
            role=Role.NEGATIVE,
            distance=abs(roots[0] - roots[1]),
        ),
    ]

    def figures(outcome: Outcome) -> Sequence[Figure]:
        kinds = [("prediction", bn_drift.moments, Role.CLAIM)]
        panels = [
            bn_drift.law_panel("r", outcome.units, "r", "mean_r", "E[Δr] / A", kinds),
            bn_drift.law_panel("P = Φ(r)", outcome.units, "p", "mean_p", "E[ΔP] / A", kinds),
            bn_drift.law_panel("θ", outcome.units, "theta", "mean_theta", "E[Δθ] / A", kinds),
        ]
        caption = (
            "Mean change in one step of three coordinates of the same motion: medians over "
            "replicates with bars for nine of ten, and computed lines. Only that of θ keeps its "
            "sign."
        )
        return (scaling(outcome, "Coordinates", caption, panels, outcome.units),)

    return _body((one,), decisions, lambda: (*drift_steps(), *root_steps()), figures)


# -- leaky ReLU -------------------------------------------------------------------------------

LEAKS, BATCHES, LEAKY_STARTS = (0.1, 0.5), (8, 16, 32), (-1.5, 0.5)
BELOW = -9.0  # below −√63: no sample of a batch of 64 is active


def _leak_panel(a: float, members: Sequence[OneStep], units: Sequence[Unit]) -> dict[str, Any]:
    import numpy as np

    from validate import bn_drift
    from validate.claim import Role
    from validate.scaling import line, medians, panel

    batches = np.array(BATCHES, dtype=float)
    measured = np.array([[bn_drift.changes(u, "theta")[0] for u in _of(e, units)] for e in members])
    exact, large = (
        np.array([bn_drift.laws(e, kind).mean_theta[0] for e in members])
        for kind in (bn_drift.moments, bn_drift.gaussian)
    )
    lines = [
        line("prediction", batches, exact),
        line("negative control", batches, large, Role.NEGATIVE),
        line("negative control", batches, exact / (1 + a), Role.NEGATIVE),
    ]
    labels = ("batch size B", f"E[Δθ] / A at r = {LEAKY_STARTS[0]:g}")
    points = [medians("replicates", batches, measured.T)]
    return panel(f"a = {a:g}", labels, points, lines, (False, False))


@claim(
    "batchnorm.leaky",
    title="Leaky ReLU: a weaker drift, and no region without noise",
    source="our derivation",
    statement="For leaky ReLU of slope a the mean change of θ in one step is that of ReLU times "
    "1 − a², with the exact moments of small batches. ReLU units stop moving where no sample of a "
    "batch can be active; leaky ones do not, their noise there is a² times that of a linear unit.",
)
def leaky() -> Body:
    from theory.batchnorm import scatter_prediction, still_prediction, theta_prediction
    from theory.bn_derivation import batch_steps, drift_steps, leaky_steps
    from validate import bn_drift
    from validate.claim import Decision, Role
    from validate.scaling import scaling

    by_leak = {
        a: tuple(
            _at(LEAKY_STARTS, SMALL_RATE * (batch / 16) ** 0.5, batch=batch, slope=a)
            for batch in BATCHES
        )
        for a in LEAKS
    }
    grid = tuple(one for members in by_leak.values() for one in members)
    dead = _at((BELOW,), RATE, draws=64)
    alive = _at((BELOW,), RATE, draws=64, slope=LEAKS[0])
    factor = max(1 / (1 + a) for a in LEAKS)
    decisions = [
        *(
            _constants(f"a = {one.slope:g}, B = {one.batch}: E[Δθ] at r = −1.5 and 0.5", one)
            for one in grid
        ),
        Decision(
            name=f"a = {LEAKS[0]:g}, no sample active: the noise that is left",
            prediction=scatter_prediction(),
            predict=lambda unit: 1.0,
            observe=lambda unit: float(
                bn_drift.changes(unit, "square")[0] / bn_drift.laws(alive).var_r[0]
            ),
            experiments=(alive,),
            looks=LOOKS,
        ),
        Decision(
            name="ReLU, no sample active: nothing moves",
            prediction=still_prediction(),
            predict=lambda unit: 0.0,
            observe=lambda unit: float(bn_drift.changes(unit, "square")[0]),
            experiments=(dead,),
            looks=LOOKS,
        ),
        Decision(
            name="times 1 − a",
            prediction=theta_prediction(len(LEAKY_STARTS)),
            predict=lambda unit: (1 / (1 + bn_drift.settings(unit).slope),) * len(LEAKY_STARTS),
            observe=bn_drift.relative,
            experiments=grid,
            looks=LOOKS,
            role=Role.NEGATIVE,
            distance=1 - factor,
        ),
        _rejected("r = −1.5: Gaussian moments", grid, bn_drift.gaussian, (0,)),
    ]

    def figures(outcome: Outcome) -> Sequence[Figure]:
        panels = [_leak_panel(a, members, outcome.units) for a, members in by_leak.items()]
        caption = (
            "Mean change of θ in one step against the batch size: medians over replicates with "
            "bars for nine of ten. The line is computed with the exact moments of a batch of B; "
            "the controls have those of a large batch, or the factor 1 − a."
        )
        return (scaling(outcome, "Leaky ReLU", caption, panels, outcome.units),)

    return _body(
        (*grid, dead, alive),
        decisions,
        lambda: (*drift_steps(), *batch_steps(), *leaky_steps()),
        figures,
    )


# -- hidden layers ----------------------------------------------------------------------------


@claim(
    "batchnorm.hidden-moments",
    title="Noise that sums to zero in each batch, as in hidden layers",
    source="our derivation",
    statement="Where a linear layer with batch normalization follows, the gradients of a batch sum "
    "to zero. The one-step drift then follows from the centered moments Φ(1 − Φ), φ(1 − Φ) and "
    "Φ − rφ − φ², with their corrections for a finite batch: at r = 0 half of that of independent "
    "noise, and away from collapse above r ≈ 0.49.",
)
def hidden() -> Body:
    from theory.batchnorm import centered_batch_root
    from theory.bn_derivation import centered_steps, drift_steps
    from theory.bn_taylor import ANGLE
    from validate import bn_drift
    from validate.claim import Role
    from validate.scaling import scaling

    points = (-1.0, 0.0, 1.0, 1.5)
    large = _at(points, RATE, centered=True)
    small = _at((0.0, 1.5), SMALL_RATE, batch=16, centered=True)
    zero = _at((centered_batch_root(64),), RATE, centered=True)
    decisions = [
        _constants("B = 64: E[Δθ] at r = −1, 0, 1, 1.5", large),
        _constants("B = 16: E[Δθ] at r = 0, 1.5", small),
        _root(ANGLE, "theta", "mean_theta", 0, zero),
        _rejected("moments that are not centered", (large, small), bn_drift.uncentered, (0, 1)),
        _rejected("B = 16: Gaussian moments", (small,), bn_drift.gaussian, (0, 1)),
    ]

    def figures(outcome: Outcome) -> Sequence[Figure]:
        kinds = [
            ("prediction", bn_drift.moments, Role.CLAIM),
            ("negative control", bn_drift.uncentered, Role.NEGATIVE),
        ]
        panels = [
            bn_drift.law_panel(
                f"B = {one.batch}",
                _of(one, outcome.units),
                "theta",
                "mean_theta",
                "E[Δθ] / A",
                kinds,
            )
            for one in (large, small)
        ]
        caption = (
            "Mean change of θ in one step under noise that sums to zero in each batch: medians "
            "over replicates with bars for nine of ten, the line of the centered moments and, as a "
            "control, of those that are not."
        )
        return (scaling(outcome, "Centered noise", caption, panels, outcome.units),)

    return _body(
        (large, small, zero),
        decisions,
        lambda: (*drift_steps(), *centered_steps()),
        figures,
        (
            "s² is the variance of the centered noise, as measured in a network. That such noise "
            "is what a whole network has is judged elsewhere; here it is drawn.",
        ),
    )
