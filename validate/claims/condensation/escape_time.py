"""The claim on the time that networks stay small."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from jaxtyping import Float

from sim.condensation.escape import Escape, Source
from theory.condensation import escape as theory
from validate.claim import Body, Decision, Outcome, Regime, Unit, once_per_unit, settings_of
from validate.claims.condensation.measured.assumptions import body
from validate.claims.condensation.measured.cells import chosen, data_of
from validate.figure_forms.by_unit import along
from validate.figure_forms.scaling import scaling
from validate.registry import Reading, claim
from validate.results.records import Figure

SOURCES: tuple[Source, ...] = ("random-labels", "gaussian-coefficients")
NAMES = {"tanh(x)": "tanh", "relu(x)": "ReLU", "x*tanh(x)": "x·tanh", "x**2*tanh(x)": "x²·tanh"}
TANH, RELU, SQUARE, CUBIC = NAMES
POWERS = {2: SQUARE, 3: CUBIC}
LOOKS = (2, 4, 8)
# as many at the first look as an interval at its share of α needs (an exponent more, for its local
# slopes); with 896 in the end outcomes as skewed as 1 could be judged
BLOCK = 66
SMALL_OUTPUT = 0.1  # |f| / |y| below which the residual counts as −y
SMALL_INPUT = 0.5  # |w·x| below which the leading part governs: within 10 % for tanh
# fixed beforehand: ε well below the size at which a network has escaped
LOG_WINDOW = (1e-10, 1e-8, 1e-6, 1e-4)
POWER_WINDOW = (1e-9, 1e-7, 1e-5, 1e-3)
CAPTION = (
    "Time until |f| is 1 % of |y|, or |w·x̃| of a neuron 0.2, against the size ε of the initial "
    "weights: medians over data sets with bars for nine of ten. Times are relative to the mean "
    "over ε on the same data set (for powers the geometric one), so that only the slope of the "
    "lines is predicted, without a fit."
)
Times = Float[np.ndarray, " epsilons"]
Drawn = Mapping[Any, tuple[Decision, Decision]]


@claim(
    "condensation.escape-time",
    title="How long networks stay small",
    source="our derivation, on the setting of arXiv:2105.11686",
    statement="A network with initial weights of size ε stays small for a time that grows like "
    "log(1/ε) / H_max for multiplicity p = 1 and for ReLU, H_max the largest value of |H| on the "
    "unit circle, and like ε^(1−p) for p ≥ 2.",
    place=8,
    shares=24,
    readings=Reading(
        "Networks stay small for a time that grows like log(1/ε) for p = 1 and like ε^(1−p) "
        "above, ε the size of the initial weights."
    ),
)
def escape_time() -> Body:
    logs, powers = {}, {}
    for one, degrees, more in ((TANH, (1, 1), {}), (RELU, (1, 3), {"neurons": 80})):
        on = _trained(one, LOG_WINDOW, degrees, **more)
        name = f"{NAMES[one]}: T ~ log(1/ε) / H_max"
        main = Decision.expecting(name, theory.log_prediction(), _rate, on, LOOKS)
        wrong = f"{NAMES[one]}: rate of a typical direction, not the fastest"
        logs[NAMES[one]] = main, main.wrong_where_apart(wrong, _typical_rate)
    for p, one in POWERS.items():
        on = _trained(one, POWER_WINDOW, (p, p))
        right, wrong = (theory.power_prediction(q, POWER_WINDOW) for q in (p, p + 1))
        name = f"{NAMES[one]}, p = {p}: T ∝ ε^({{:g}})"
        main = Decision.expecting(name.format(right.expected), right, _times, on, LOOKS)
        powers[p] = main, main.wrong_prediction(name.format(wrong.expected), wrong)
    every = [one for pair in (*logs.values(), *powers.values()) for one in pair]
    return body(
        (*every, *_wrong_powers(powers[2][0], powers[3][0])),
        lambda: theory.escape_steps(tuple(POWERS)),
        lambda outcome: _figures(outcome, logs, powers),
        regime=(
            Regime.largest("largest |f| / |y| when networks have escaped", "output", SMALL_OUTPUT),
            Regime.largest("largest |w·x̃| when networks have escaped", "amplitude", SMALL_INPUT),
            Regime(
                "share of data sets with a network that never escaped",
                lambda units: sum(None in u.measurement["times"] for u in units) / len(units),
                at_most=0.0,
            ),
        ),
        notes=lambda units: _notes(logs["ReLU"][0].units(units)),
        cells=chosen(
            "data sets on which enough neurons start where they are sure to reach the fastest "
            "direction (ReLU; all for the others), which is decided before training"
        ),
    )


def _trained(
    activation: str, window: tuple[float, ...], degrees: tuple[int, int], **more: Any
) -> tuple[Escape, ...]:
    """One experiment on each kind of data, of a degree each."""
    common: dict[str, Any] = {"activation": activation, "epsilons": window, **more}
    pairs = zip(SOURCES, degrees, strict=True)
    return tuple(Escape(BLOCK, data=source, degree=degree, **common) for source, degree in pairs)


def _wrong_powers(first: Decision, second: Decision) -> tuple[Decision, Decision]:
    """The exponents of p = 2 and 3 where networks do not have that multiplicity.

    A linear term governs in the end, however small it is: T ∝ log(1/ε). On targets linear in x all
    terms of the form grow with the same numbers, so that all networks cross over alike; on others
    a few with a small linear term skew the slopes.
    """
    power: dict[str, Any] = {"data": SOURCES[1], "epsilons": POWER_WINDOW}
    # units enough for the first look: these are cheap, and somewhat skewed still
    linear = Escape(4 * BLOCK, activation=f"{SQUARE}+x/10", degree=1, **power)
    squared = Escape(2 * BLOCK, activation="1-cos(x)", degree=2, **power)
    return (
        first.wrong_experiment("x·tanh + x/10, p = 1, judged as p = 2", linear),
        second.wrong_experiment("1 − cos(x), p = 2, judged as p = 3", squared),
    )


def _times(unit: Unit) -> Times:
    """Escape times of a unit's networks by increasing ε; NaN where one did not escape."""
    return np.array(unit.measurement["times"], dtype=float)


@once_per_unit
def _fastest(unit: Unit) -> theory.Fastest:
    """The fastest direction on a unit's data, whose height is H_max."""
    return settings_of(unit, Escape).fastest(data_of(unit))


def _rate(unit: Unit) -> float:
    """d log(1/ε)/dT in units of H_max, the predicted one; by least squares."""
    log = _log(LOG_WINDOW)
    return float(log @ log / (_times(unit) @ log) / _fastest(unit).height)


@once_per_unit
def _typical_rate(unit: Unit) -> float:
    """A wrong rate in units of H_max: root mean square of H over all directions."""
    data, slopes = data_of(unit), settings_of(unit, Escape).slopes
    return theory.typical_height(data.x[:, 0], data.y, *slopes) / _fastest(unit).height


def _centered(values: Times) -> Times:
    return values - values.mean()


def _log(epsilon: Any) -> Times:
    """log(1/ε), less its mean."""
    return -_centered(np.log(epsilon))


def _figures(outcome: Outcome, logs: Drawn, powers: Drawn) -> Sequence[Figure]:
    """Times against ε with the laws of the predictions and of the controls."""

    def power(p: int) -> Any:
        return lambda epsilon: np.exp(-theory.escape_exponent(p) * _log(epsilon))

    panels = []
    for name, (main, _) in logs.items():
        rate = np.median([_typical_rate(unit) for unit in outcome.of(main)])
        panels.append(along(
            outcome, name, ("ε", "H_max (T − mean)"), {"data sets": main.experiments},
            lambda unit: LOG_WINDOW, lambda unit: _fastest(unit).height * _centered(_times(unit)),
            {"prediction": _log},
            {"resolution control": lambda epsilon, rate=rate: _log(epsilon) / rate},
            log=(True, False),
        ))  # fmt: skip
    for p, (main, _) in powers.items():
        panels.append(along(
            outcome, f"{NAMES[POWERS[p]]}, p = {p}", ("ε", "T / geometric mean"),
            {"data sets": main.experiments},
            lambda unit: POWER_WINDOW, lambda unit: np.exp(_centered(np.log(_times(unit)))),
            {"prediction": power(p)}, {"resolution control": power(p + 1)},
        ))  # fmt: skip
    return (scaling(outcome, "Escape time", CAPTION, panels),)


def _notes(kinked: Sequence[Unit]) -> list[str]:
    """What the choice of data sets and of weights means for the verdict."""
    share = len(kinked) / sum(unit.measurement["draws"] for unit in kinked)
    at_kinks = sum(_fastest(unit).at_kink for unit in kinked) / len(kinked)
    return [
        f"ReLU: {share:.0%} of the data sets drawn were trained: those on which at least ten "
        "neurons are expected to start where they are sure to reach the fastest direction, "
        "decided before training. Elsewhere a slower direction may come first.",
        f"ReLU: on {at_kinks:.0%} of them the fastest direction has its kink on a data point, "
        "where H is not differentiable.",
        "The four networks of a data set have independent initial weights, so that slopes deviate "
        "to both sides alike. With the same normalized weights each data set would give one small "
        "deviation of always the same sign, too skewed for a t interval.",
    ]
