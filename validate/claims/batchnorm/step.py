"""Claims on what one noisy step does to units with batch normalization and ReLU."""

from typing import Any

from sim.batchnorm.layers import LayerStep
from sim.batchnorm.step import OneStep
from theory.batchnorm.derivation import batch_steps, root_steps
from theory.batchnorm.one_step import ratio_root, root_prediction, share_root
from theory.batchnorm.taylor import ANGLE, RATIO, SHARE
from validate.claim import Body, Outcome, Role
from validate.claims.batchnorm.measured.drift import (
    gaussian,
    ladder_panel,
    law_panel,
    laws,
    measured_root,
    relative,
    uncentered,
)
from validate.claims.batchnorm.measured.step_decisions import (
    BLOCK,
    LAYERS,
    RATE,
    body,
    constants,
    layers_at,
    other_moments,
    power,
    root,
    sign,
    small_layers,
    steps_at,
)
from validate.figure_forms.scaling import scaling
from validate.registry import Reading, claim, family
from validate.results.records import Figure

# fixed beforehand: A from 10⁻⁴ to 3·10⁻³ along either ladder, for B = 64 and s = 1
STARTS = (-1.0, 0.0, 1.0)
RATES, SCALES = (0.08, 0.14, 0.25, 0.43), (0.23, 0.4, 0.7, 1.25)
# what θ depends on: setting, its grid points, exponent
LADDERS = {"η": ("rates", slice(0, 4), 2.0), "1/γ": ("scales", slice(4, 8), -2.0)}
FIXED_RATE, FIXED_SCALE = 0.1, 1.0  # of the other ladder
SMALL_RATE = 0.13  # η at γ = 1: A = 10⁻³ for B = 16
DRAWS = 320  # batches of a replicate at each of the many points of the ladders
FILTERS = 800  # of torch's layers there
NEARBY, AT_ROOTS = 0.5, 512  # how far from roots their sides are looked at; filters at each root
TOLD = [0, 1]  # of the starts in batches of 16: at r = 1 independent noise scatters too much


family(
    "batchnorm",
    title="Batch normalization",
    text="A filter with batch normalization and ReLU has collapsed where no input makes it active "
    "any more. The paper's abstract, the text that we go by, puts this down to the noise of "
    "minibatch gradients: “the parameters of BN tend to become sparser during SGD updates with "
    "high gradient noise”. Its sentence says neither what the probability is of nor after how many "
    "steps, and the noise need not be all that moves a network. That it may mean the mean drift of "
    "the scale γ and the shift β in one step, or the chance to have collapsed after many, is our "
    "reading: each was checked for itself.",
    sentence="the sparsifying probability is proportional to the square of learning rate and "
    "inversely proportional to the square of the scale parameter of BN",
    source="arXiv:2001.11216, abstract; what it is the probability of is our reading",
    place=2,
)


@claim(
    "batchnorm.drift",
    title="One step of noise drives units towards collapse on average",
    source="our derivation; arXiv:2001.11216, abstract, in our reading as a law of the mean drift",
    statement="In one step of noise-dominated gradient descent the angle θ = atan2(β, |γ|) of a "
    "unit with batch normalization and ReLU moves towards collapse on average, by an amount "
    "proportional to the square of the learning rate and to 1/γ²: −Aφ(r)/(1 + r²)² with "
    "A = η²s²/(Bγ²) for a large batch, and with exact moments for any batch. Judged by true "
    "batches through torch's layers, and for more r by drawing the gradients of γ and β with "
    "their covariance, which tests the calculus.",
    place=1,
    shares=24,
    readings=Reading(
        "One step of pure gradient noise moves a unit towards collapse, on average by an "
        "amount proportional to (η/γ)².",
        where="the mean drift in one step of pure gradient noise",
    ),
)
def drift() -> Body:
    rates = (*RATES, *(FIXED_RATE,) * 4)
    both: dict[str, Any] = {"scales": (*(FIXED_SCALE,) * 4, *SCALES), "block": BLOCK}
    ladders = {
        f"r = {r:g}": OneStep(starts=(r,) * 8, rates=rates, draws=DRAWS, **both) for r in STARTS
    }
    layers = LayerStep(  # batches of 16 cost a fourth; half of each η leaves A as it is
        starts=(0.0,) * 8, rates=tuple(rate / 2 for rate in rates), batch=16, draws=FILTERS, **both
    )
    by_layers = f"{LAYERS}B = 16, r = 0: E[Δθ]"
    in_small = constants(f"{LAYERS}B = 16: E[Δθ] at r = −0.7 and 0", small_layers(), points=TOLD)
    small = steps_at((-1.5, 1.5), SMALL_RATE, batch=16)
    decisions = [
        *(
            power(f"{r}: E[Δθ] ∝ {word}²", *ladder, one)
            for word, ladder in LADDERS.items()
            for r, one in ladders.items()
        ),
        *(constants(f"{r}: E[Δθ] along both ladders", one) for r, one in ladders.items()),
        constants("B = 16, r = ±1.5: E[Δθ] with the moments of a finite batch", small),
        *(power(f"{by_layers} ∝ {word}²", *ladder, layers) for word, ladder in LADDERS.items()),
        constants(f"{by_layers} along both ladders", layers),
        in_small,
        in_small.wrong_experiment(
            f"{LAYERS}B = 16: noise that is correlated in each batch, as it sums to zero",
            small_layers(centered=True),
            observe=lambda unit: relative(unit, TOLD, uncentered),
        ),
        *(
            power(f"E[Δθ] ∝ {word}", variable, points, exponent / 2, *ladders.values(),
                  role=Role.RESOLUTION, distance=1.0)
            for word, (variable, points, exponent) in LADDERS.items()
        ),
        other_moments("B = 16: Gaussian moments", gaussian, small),
    ]  # fmt: skip

    def figure(outcome: Outcome) -> Figure:
        panels = [
            ladder_panel(outcome, r, one, *ladder)
            for ladder in LADDERS.values()
            for r, one in ladders.items()
        ]
        caption = (
            "Mean change of the angle θ in one step, against learning rate (top, γ = 1) and scale "
            "(bottom, η = 0.1): medians over replicates with bars for nine of ten. The lines are "
            "computed, not fitted; the control, an exponent of 1 or −1, passes through the middle "
            "of the prediction."
        )
        return scaling(outcome, "One-step drift", caption, panels)

    return body(
        decisions,
        figure,
        batch_steps,
        further=(
            "The paper speaks of a probability; what is judged here is a mean change in one step, "
            "which is our reading of it.",
            "This is a law of one step. Momentum and Adam carry gradients from step to step: "
            "theirs are laws of long runs and are not judged here.",
            "Slopes come from a weighted regression that is linear in the means: logarithms of "
            "noisy means would be biased.",
        ),
    )


@claim(
    "batchnorm.coordinate",
    title="Where the mean change of r and of P vanishes, that of the angle does not",
    source="our derivation",
    statement="In one step of noise the mean changes of r = β/|γ| and of P = Φ(r) change sign at "
    "values of r that can be computed, that of the angle θ nowhere: that filters above some r do "
    "not collapse is an artifact of the coordinate. The signs are judged by drawing the gradients "
    "with their covariance, which tests the calculus; the roots by torch's layers as well.",
    place=2,
    shares=12,
    readings=Reading(
        "In one step the mean change of r = β/|γ| and of the share of active samples changes "
        "sign, that of the angle θ = atan2(β, |γ|) does not."
    ),
)
def coordinate() -> Body:
    of_ratio, of_share = ratio_root(64), share_root(64)
    around = [at + shift for at in (of_ratio, of_share) for shift in (0.0, -NEARBY, NEARBY)]
    one = steps_at(around, RATE)
    layers = layers_at((of_ratio, of_share), RATE, draws=AT_ROOTS)
    by_layers = root(RATIO, 0, layers, LAYERS)
    decisions = [
        by_layers,
        root(SHARE, 1, layers, LAYERS),
        by_layers.wrong_experiment(
            f"{LAYERS}noise that is correlated in each batch: root of E[Δr]",
            layers_at((of_ratio,), RATE, draws=AT_ROOTS, centered=True),
            observe=lambda unit: measured_root(unit, "r", 0, uncentered),
        ),
        root(RATIO, 0, one),
        sign(RATIO, -1, 1, one),
        sign(RATIO, 1, 2, one),
        root(SHARE, 3, one),
        sign(SHARE, 1, 4, one),
        sign(SHARE, -1, 5, one),
        constants("E[Δθ] < 0 at all of these r, as predicted", one),
        sign(ANGLE, 1, 2, one).wrong_law(
            "above the root of E[Δr] noise drives away from collapse: E[Δθ] > 0",
            lambda unit: 0.0,
            abs(float(laws(one).mean_theta[2])),
        ),
        root(SHARE, 3, one).wrong_law(
            "E[ΔP] changes sign where E[Δr] does",
            lambda unit: of_ratio,
            of_ratio - of_share,
            prediction=root_prediction(SHARE, of_ratio),
        ),
    ]

    def figure(outcome: Outcome) -> Figure:
        titles = {"r": "r = β/|γ|", "P": "P = Φ(r)", "θ": "θ = atan2(β, |γ|)"}
        panels = [law_panel(outcome, titles[name], one, name) for name in titles]
        caption = (
            "Mean change in one step of three coordinates of the same motion: medians over "
            "replicates with bars for nine of ten, and computed lines. Only that of θ keeps its "
            "sign."
        )
        return scaling(outcome, "Coordinates", caption, panels)

    return body(decisions, figure, root_steps)
