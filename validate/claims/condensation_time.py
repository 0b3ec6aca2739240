"""Claims on the time that condensation takes and on how fast orientations are approached.

Whatever is heavy is imported inside the functions: listing claims costs nothing.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from validate.registry import claim

if TYPE_CHECKING:
    import numpy as np

    from sim.approach import Approach
    from sim.escape import Escape, Source
    from theory.prediction import Value
    from validate.claim import Body, Decision, Outcome, Unit
    from validate.results import Figure

SOURCES: tuple[Source, ...] = ("random-labels", "gaussian-coefficients")
# 104 data sets a round for each activation: about 200 are needed at the level of one of 200
# decisions; with 832 in the end even outcomes as skewed as 1 could be judged
BLOCK, LOOKS = 52, (2, 4, 8)
SMALL_OUTPUT = 0.1  # |f| / |y| below which the residual counts as −y
SMALL_INPUT = 0.5  # |w·x| below which the leading part governs: within 10 % for tanh

TANH, RELU = "tanh(x)", "relu(x)"
POWERS = {2: "x*tanh(x)", 3: "x**2*tanh(x)"}
# fixed beforehand: ε well below the amplitude at which a network has escaped
LOG_WINDOW = (1e-10, 1e-8, 1e-6, 1e-4)
POWER_WINDOW = (1e-9, 1e-7, 1e-5, 1e-3)


def _name(activation: str) -> str:
    named = {TANH: "tanh", RELU: "ReLU", POWERS[2]: "x·tanh", POWERS[3]: "x²·tanh"}
    return named[activation]


def _off(prediction: Value) -> Value:
    """For controls that differ from data set to data set: results are shown as deviations."""
    return dataclasses.replace(prediction, expected=0.0)


# -- escape time ------------------------------------------------------------------------------


def _of(unit: Unit) -> Escape:
    from sim.escape import Escape

    if not isinstance(unit.experiment, Escape):
        raise TypeError(f"{unit.experiment.name} is no experiment on escape times")
    return unit.experiment


def times(unit: Unit) -> np.ndarray:
    """Escape times of a unit's networks by increasing ε; NaN where one did not escape."""
    import numpy as np

    return np.array(unit.measurement["times"], dtype=float)


def rate(unit: Unit) -> float:
    """d log(1/ε)/dT in units of H_max, the predicted one."""
    import numpy as np

    experiment = _of(unit)
    log = -np.log(experiment.epsilons)
    log -= log.mean()
    return float(log @ log / (times(unit) @ log) / experiment.fastest(unit.data).height)


def typical_rate(unit: Unit) -> float:
    """A wrong rate in units of H_max: root mean square of H over all directions."""
    from theory.escape import typical_height

    experiment, data = _of(unit), unit.data
    right, left = experiment.slopes
    wrong = typical_height(data.x[:, 0], data.y, right, left)
    return wrong / experiment.fastest(data).height


def _power(p: int, experiments: tuple[Escape, ...]) -> tuple[Decision, Decision]:
    """The exponent 1 − p, and the control −p."""
    from theory.escape import escape_exponent, power_prediction
    from validate.claim import Decision, Role

    exponent, raised = escape_exponent(p), escape_exponent(p + 1)
    name = f"{_name(POWERS[p])}, p = {p}"
    common: dict[str, Any] = {"observe": times, "experiments": experiments, "looks": LOOKS}
    return (
        Decision(
            name=f"{name}: T ∝ ε^({exponent})",
            prediction=power_prediction(p, POWER_WINDOW),
            predict=lambda unit: exponent,
            **common,
        ),
        Decision(
            name=f"{name}: T ∝ ε^({raised})",
            prediction=power_prediction(p + 1, POWER_WINDOW),
            predict=lambda unit: raised,
            role=Role.NEGATIVE,
            distance=float(abs(raised - exponent)),
            **common,
        ),
    )


def _log(activation: str, experiments: tuple[Escape, ...]) -> tuple[Decision, Decision]:
    """The rate H_max, and the control of a typical direction's rate."""
    from theory.escape import log_prediction
    from validate.claim import Decision, Role

    prediction = log_prediction()
    distance = 2 * prediction.margin
    common: dict[str, Any] = {"observe": rate, "experiments": experiments, "looks": LOOKS}
    return (
        Decision(
            name=f"{_name(activation)}: T ~ log(1/ε) / H_max",
            prediction=prediction,
            predict=lambda unit: prediction.expected,
            **common,
        ),
        Decision(
            name=f"{_name(activation)}: rate of a typical direction, not the fastest",
            prediction=_off(prediction),
            predict=typical_rate,
            judged=lambda unit: abs(typical_rate(unit) - prediction.expected) > distance,
            role=Role.NEGATIVE,
            distance=distance,
            **common,
        ),
    )


def _escape_grid() -> dict[str, tuple[Escape, ...]]:
    """Experiments by activation."""
    from sim.escape import Escape

    log = {"epsilons": LOG_WINDOW, "block": BLOCK}
    power = {"epsilons": POWER_WINDOW, "block": BLOCK}
    labels, gaussian = SOURCES
    grid = {
        TANH: tuple(Escape(activation=TANH, data=source, **log) for source in SOURCES),
        RELU: (
            Escape(activation=RELU, data=labels, neurons=80, **log),
            Escape(activation=RELU, data=gaussian, degree=3, neurons=80, **log),
        ),
    }
    for p, activation in POWERS.items():
        grid[activation] = tuple(
            Escape(activation=activation, data=source, degree=p, **power) for source in SOURCES
        )
    return grid


@claim(
    "condensation.escape-time",
    title="How long networks stay small",
    source="our derivation, on the setting of arXiv:2105.11686",
    statement="A network with initial weights of size ε stays small for a time that grows like "
    "log(1/ε) / H_max for multiplicity p = 1 and for ReLU, H_max the largest value of |H| on the "
    "unit circle, and like ε^(1−p) for p ≥ 2.",
)
def escape_time() -> Body:
    from theory.condensation import REFERENCE, dynamics_steps
    from theory.escape import escape_steps
    from validate.claim import Body, Regime

    grid = _escape_grid()
    pairs = [
        *(_log(activation, grid[activation]) for activation in (TANH, RELU)),
        *(_power(p, grid[activation]) for p, activation in POWERS.items()),
    ]

    def unfinished(units: Sequence[Unit]) -> float:
        return sum(None in unit.measurement["times"] for unit in units) / len(units)

    def figures(outcome: Outcome) -> Sequence[Figure]:
        from validate.scaling import scaling

        panels = [_escape_panel(name, outcome, members) for name, members in grid.items()]
        caption = (
            "Time until |f| is 1 % of |y|, or |w·x̃| of a neuron 0.2, against the size ε of the "
            "initial weights: medians over data sets with bars for nine of ten. Times are relative "
            "to the mean over ε on the same data set (for powers the geometric one), so that only "
            "the slope of the lines is predicted, without a fit."
        )
        return (scaling(outcome, "Escape time", caption, panels, outcome.units),)

    return Body(
        grid=tuple(e for members in grid.values() for e in members),
        decisions=tuple(decision for pair in pairs for decision in pair),
        derivation=lambda: (*dynamics_steps(), *escape_steps(tuple(POWERS))),
        regime=(
            Regime(
                "largest |f| / |y| when networks have escaped",
                lambda units: max(unit.measurement["output"] for unit in units),
                at_most=SMALL_OUTPUT,
            ),
            Regime(
                "largest |w·x̃| when networks have escaped",
                lambda units: max(unit.measurement["amplitude"] for unit in units),
                at_most=SMALL_INPUT,
            ),
            Regime("share of data sets with a network that never escaped", unfinished, at_most=0.0),
        ),
        figures=figures,
        references=(REFERENCE,),
        notes=lambda units: _escape_notes(units, grid[RELU]),
    )


def _escape_panel(
    activation: str, outcome: Outcome, experiments: tuple[Escape, ...]
) -> dict[str, Any]:
    import numpy as np

    from theory.escape import escape_exponent
    from validate.claim import Role
    from validate.scaling import line, medians, panel

    units = [unit for unit in outcome.units if unit.experiment in experiments]
    epsilon = np.array(experiments[0].epsilons)
    measured = np.array([times(unit) for unit in units])
    relative = np.log(epsilon / np.exp(np.log(epsilon).mean()))
    if activation in POWERS.values():
        p = experiments[0].degree
        exponent, raised = escape_exponent(p), escape_exponent(p + 1)
        log = np.log(measured)
        points = medians("data sets", epsilon, np.exp(log - log.mean(axis=1, keepdims=True)))
        lines = [
            line("prediction", epsilon, np.exp(exponent * relative)),
            line("negative control", epsilon, np.exp(raised * relative), Role.NEGATIVE),
        ]
        labels = ("ε", "T / geometric mean")
        return panel(f"{_name(activation)}, p = {p}", labels, [points], lines)
    heights = np.array([highest(unit) for unit in units])
    centered = heights[:, None] * (measured - measured.mean(axis=1, keepdims=True))
    wrong = 1 / float(np.median([typical_rate(unit) for unit in units]))
    lines = [
        line("prediction", epsilon, -relative),
        line("negative control", epsilon, -wrong * relative, Role.NEGATIVE),
    ]
    points = medians("data sets", epsilon, centered)
    return panel(_name(activation), ("ε", "H_max (T − mean)"), [points], lines, (True, False))


def highest(unit: Unit) -> float:
    """H_max on a unit's data."""
    return _of(unit).fastest(unit.data).height


def _escape_notes(units: Sequence[Unit], kinked: tuple[Escape, ...]) -> list[str]:
    chosen = [unit for unit in units if unit.experiment in kinked]
    share = len(chosen) / sum(unit.measurement["draws"] for unit in chosen)
    kinks = sum(_of(unit).fastest(unit.data).at_kink for unit in chosen) / len(chosen)
    return [
        f"ReLU: {share:.0%} of the data sets drawn were trained: those on which ten of the 80 "
        "neurons at least are expected to start where they are sure to reach the fastest "
        "direction, decided before training. Elsewhere a slower direction may come first.",
        f"ReLU: on {kinks:.0%} of them the fastest direction has its kink on a data point, where H "
        "is not differentiable.",
        "The four networks of a data set have independent initial weights, so that slopes deviate "
        "to both sides alike. With the same normalized weights each data set would give one small "
        "deviation of always the same sign, too skewed for a t interval.",
    ]


# -- convergence ------------------------------------------------------------------------------


def _approach(unit: Unit) -> Approach:
    from sim.approach import Approach

    if not isinstance(unit.experiment, Approach):
        raise TypeError(f"{unit.experiment.name} is no experiment on convergence")
    return unit.experiment


def _curvature(unit: Unit) -> tuple[np.ndarray, np.ndarray, float, int]:
    """Hessian of sign·H, direction, sign·H and p at the orientation that was followed."""
    import numpy as np

    from theory.approach import leading_hessian

    experiment, data, sign = _approach(unit), unit.data, unit.measurement["sign"]
    u, p, c = np.array(unit.measurement["direction"]), experiment.order, experiment.coefficient
    hessian = sign * leading_hessian(data.augmented, data.y, u, p, c)
    height = sign * c * float(np.mean(data.y * (data.augmented @ u) ** p))
    return hessian, u, height, p


def predicted_kappa(unit: Unit) -> float:
    """κ from the data, at the orientation that was followed."""
    from theory.approach import convergence_exponent

    return convergence_exponent(*_curvature(unit))


def unrestricted_kappa(unit: Unit) -> float:
    """A wrong κ: from the whole Hessian, not only its tangent part."""
    from theory.approach import unrestricted_exponent

    hessian, _, height, p = _curvature(unit)
    return unrestricted_exponent(hessian, height, p)


def measured_kappa(unit: Unit) -> float:
    """Slope of log(1/angle) over log G, each angle of the window passed by other neurons.

    Neuron j tells the growth at angle j mod 4 only. So the points are independent and the slope
    deviates to both sides alike: along one run it is exact to a part in 10³, with a skew.
    """
    import numpy as np

    growth = np.array(unit.measurement["log_growth"], dtype=float)
    angles = growth.shape[1]
    passed = np.array([growth[k::angles, k].mean() for k in range(angles)])
    return 1 / _per_log_angle(unit, passed)


def single_run_kappas(unit: Unit) -> np.ndarray:
    """Slope of log(1/angle) over log G along the run of each neuron."""
    import numpy as np

    return 1 / _per_log_angle(unit, np.array(unit.measurement["log_growth"], dtype=float))


def _per_log_angle(unit: Unit, log_growth: np.ndarray) -> Any:
    """Least-squares slope of log G over log(1/angle) in the window."""
    import numpy as np

    log = -np.log(_approach(unit).angles)
    log -= log.mean()
    return log_growth @ log / (log @ log)


@claim(
    "condensation.convergence",
    title="How fast neurons turn to their orientation",
    source="our derivation",
    statement="The angle between a neuron and its final orientation is proportional to G^(−κ), G "
    "the growth |w|/|w₀| and κ = 1 − μ/(pH), where μ is the largest eigenvalue of the Hessian of "
    "sign(a)·H in the tangent space of the unit sphere; κ = 1 for p = 1.",
)
def convergence() -> Body:
    from sim.approach import Approach
    from theory.approach import approach_prediction, approach_steps
    from theory.condensation import REFERENCE, dynamics_steps
    from validate.claim import Body, Decision, Regime, Role

    by_order = {
        p: tuple(Approach(activation=activation, data=source, block=BLOCK) for source in SOURCES)
        for p, activation in {1: TANH, **POWERS}.items()
    }
    prediction = approach_prediction()
    distance = 2 * prediction.margin
    common: dict[str, Any] = {
        "observe": lambda unit: measured_kappa(unit) / predicted_kappa(unit),
        "looks": LOOKS,
    }
    control = {"prediction": _off(prediction), "role": Role.NEGATIVE, "distance": distance}
    decisions = (
        *(
            Decision(
                name=f"{_name(experiments[0].activation)}, p = {p}: angle ∝ G^(−κ)",
                prediction=prediction,
                predict=lambda unit: prediction.expected,
                experiments=experiments,
                **common,
            )
            for p, experiments in by_order.items()
        ),
        Decision(
            name="p = 2, 3: κ = 1 as for p = 1, where κ is larger",
            predict=lambda unit: 1 / predicted_kappa(unit),
            judged=lambda unit: 1 - 1 / predicted_kappa(unit) > distance,
            experiments=(*by_order[2], *by_order[3]),
            **control,
            **common,
        ),
        Decision(
            name="p = 2: Hessian not restricted to the tangent space",
            predict=lambda unit: unrestricted_kappa(unit) / predicted_kappa(unit),
            judged=lambda unit: 1 - unrestricted_kappa(unit) / predicted_kappa(unit) > distance,
            experiments=by_order[2],
            **control,
            **common,
        ),
    )

    def largest(key: str, units: Sequence[Unit]) -> float:
        return max(unit.measurement[key] for unit in units)

    def figures(outcome: Outcome) -> Sequence[Figure]:
        from validate.scaling import scaling

        caption = (
            "Left: angle to the orientation against growth along one run for each p; the lines "
            "have the predicted slope and pass through the first point. Others: exponent measured "
            "along runs (mean over a data set's neurons) against the predicted one."
        )
        panels = [
            _run_panel(outcome, by_order),
            *(_kappa_panel(outcome, p, by_order[p]) for p in POWERS),
        ]
        return (scaling(outcome, "Convergence exponent", caption, panels, outcome.units),)

    return Body(
        grid=tuple(e for members in by_order.values() for e in members),
        decisions=decisions,
        derivation=lambda: (*dynamics_steps(), *approach_steps()),
        regime=(
            Regime(
                "largest |w·x̃| at the end of the window",
                lambda units: largest("amplitude", units),
                at_most=1e-6,  # the next order turns directions by its square, below the angles
            ),
            Regime(
                "largest share of neurons that did not finish",
                lambda units: largest("unfinished", units),
                at_most=0.0,
            ),
        ),
        figures=figures,
        references=(REFERENCE,),
        notes=_convergence_notes,
    )


def _run_panel(outcome: Outcome, by_order: dict[int, tuple[Approach, ...]]) -> dict[str, Any]:
    """The first neuron of the first data set for each p."""
    import numpy as np

    from validate.scaling import dots, line, panel

    points, lines = [], []
    for p, experiments in by_order.items():
        unit = next(u for u in outcome.units if u.experiment == experiments[0])
        angles = np.array(experiments[0].angles)
        log = np.array(unit.measurement["log_growth"][0], dtype=float)
        points.append(dots(f"p = {p}", np.exp(log), angles))
        fall = np.exp(-predicted_kappa(unit) * (log - log[0]))
        lines.append(line("prediction", np.exp(log), angles[0] * fall))
    return panel("one run for each p", ("growth G", "angle (radian)"), points, lines)


def _kappa_panel(outcome: Outcome, p: int, experiments: tuple[Approach, ...]) -> dict[str, Any]:
    import numpy as np

    from validate.claim import Role
    from validate.scaling import dots, line, panel

    units = [unit for unit in outcome.units if unit.experiment in experiments]
    predicted = np.array([predicted_kappa(unit) for unit in units])
    measured = np.array([single_run_kappas(unit).mean() for unit in units])
    ends = np.array([predicted.min(), predicted.max()])
    lines = [
        line("prediction", ends, ends),
        line("negative control", ends, np.ones(2), Role.NEGATIVE),
    ]
    labels = ("predicted κ", "measured κ")
    points = [dots("data sets", predicted, measured)]
    return panel(
        f"{_name(experiments[0].activation)}, p = {p}", labels, points, lines, (False, False)
    )


def _convergence_notes(units: Sequence[Unit]) -> list[str]:
    import numpy as np

    experiment = _approach(units[0])
    share = len(units) / sum(unit.measurement["draws"] for unit in units)
    off = [np.abs(single_run_kappas(unit) / predicted_kappa(unit) - 1).max() for unit in units]
    return [
        f"{share:.0%} of the data sets drawn were trained. Left out, before training, are those "
        f"whose main orientation has κ < {experiment.slowest:g} (the window of angles would take "
        f"more growth than fits in double precision) or κ > {experiment.fastest:g} (the direction "
        "turns faster than the steps resolve), or too narrow a cap for the starts.",
        "Neurons start on the cap around the orientation where sign·H is positive and concave: "
        "elsewhere nearly flat stretches can hold a neuron for many orders of magnitude of growth, "
        "which κ says nothing about.",
        f"Along single runs the exponent is κ up to {max(off):.1g} (relative, all neurons, median "
        f"over data sets {np.median(off):.1g}).",
    ]
