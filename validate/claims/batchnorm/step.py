"""Claims on what one noisy step does to units with batch normalization and ReLU."""

from sim.batchnorm.layers import LayerStep
from sim.batchnorm.step import OneStep
from theory.batchnorm.derivation import batch_steps, root_steps
from theory.batchnorm.one_step import ratio_root, root_prediction, share_root
from theory.batchnorm.taylor import ANGLE, RATIO, SHARE
from validate.claim import Body
from validate.claims.batchnorm.measured import step
from validate.claims.batchnorm.measured.step import LADDERS, LAYERS
from validate.figure_forms.scaling import one_figure
from validate.registry import Reading, claim, family

# fixed beforehand: A from 10⁻⁴ to 3·10⁻³ along either ladder, for B = 64 and s = 1
STARTS = (-1.0, 0.0, 1.0)
RATES = (0.08, 0.14, 0.25, 0.43, *(0.1,) * 4)  # one that is fixed along the other ladder
SCALES = (*(1.0,) * 4, 0.23, 0.4, 0.7, 1.25)
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
    ladders = {
        f"r = {r:g}": OneStep(step.BLOCK, (r,) * 8, RATES, SCALES, draws=DRAWS) for r in STARTS
    }
    halves = tuple(rate / 2 for rate in RATES)  # which leaves A as it is in a fourth of a batch
    layers = LayerStep(step.BLOCK, (0.0,) * 8, halves, SCALES, batch=16, draws=FILTERS)
    by_layers = f"{LAYERS}B = 16, r = 0: E[Δθ]"
    in_small = step.constants(
        f"{LAYERS}B = 16: E[Δθ] at r = −0.7 and 0", step.small_layers(), points=TOLD
    )
    small = step.steps_at((-1.5, 1.5), SMALL_RATE, batch=16)
    decisions = [
        *(step.power(f"{r}: E[Δθ] ∝ {x}²", x, one) for x in LADDERS for r, one in ladders.items()),
        *(step.constants(f"{r}: E[Δθ] along both ladders", one) for r, one in ladders.items()),
        step.constants("B = 16, r = ±1.5: E[Δθ] with the moments of a finite batch", small),
        *(step.power(f"{by_layers} ∝ {x}²", x, layers) for x in LADDERS),
        step.constants(f"{by_layers} along both ladders", layers),
        in_small,
        in_small.wrong_experiment(
            f"{LAYERS}B = 16: noise that is correlated in each batch, as it sums to zero",
            step.small_layers(centered=True),
        ),
        *(step.power(f"E[Δθ] ∝ {x}", x, *ladders.values(), half=True) for x in LADDERS),
        step.constants("B = 16: Gaussian moments", small, wrong=step.gaussian),
    ]
    figure = one_figure(
        "One-step drift",
        "Mean change of the angle θ in one step, against learning rate (top, γ = 1) and scale "
        "(bottom, η = 0.1): medians over replicates with bars for nine of ten. The lines are "
        "computed, not fitted; the control, an exponent of 1 or −1, passes through the middle "
        "of the prediction.",
        *(step.ladder_panel(r, one, x) for x in LADDERS for r, one in ladders.items()),
    )
    further = (
        "The paper speaks of a probability; what is judged here is a mean change in one step, "
        "which is our reading of it.",
        "This is a law of one step. Momentum and Adam carry gradients from step to step: "
        "theirs are laws of long runs and are not judged here.",
        "Slopes come from a weighted regression that is linear in the means: logarithms of "
        "noisy means would be biased.",
    )
    return step.body(decisions, figure, batch_steps, further=further)


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
    one = step.steps_at(around, step.RATE)
    layers = step.layers_at((of_ratio, of_share), step.RATE, draws=AT_ROOTS)
    correlated = step.layers_at((of_ratio,), step.RATE, draws=AT_ROOTS, centered=True)
    by_layers, share = step.root(RATIO, 0, layers, LAYERS), step.root(SHARE, 3, one)
    above = step.sign(ANGLE, 1, 2, one)
    decisions = [
        by_layers,
        step.root(SHARE, 1, layers, LAYERS),
        by_layers.wrong_experiment(
            f"{LAYERS}noise that is correlated in each batch: root of E[Δr]",
            correlated,
        ),
        step.root(RATIO, 0, one),
        step.sign(RATIO, -1, 1, one),
        step.sign(RATIO, 1, 2, one),
        share,
        step.sign(SHARE, 1, 4, one),
        step.sign(SHARE, -1, 5, one),
        step.constants("E[Δθ] < 0 at all of these r, as predicted", one),
        above.wrong_law(
            "above the root of E[Δr] noise drives away from collapse: E[Δθ] > 0",
            above.predict,
            abs(float(step.laws(one).mean_theta[2])),
        ),
        share.wrong_prediction(
            "E[ΔP] changes sign where E[Δr] does", root_prediction(SHARE, of_ratio)
        ),
    ]
    titles = {"r": "r = β/|γ|", "P": "P = Φ(r)", "θ": "θ = atan2(β, |γ|)"}
    figure = one_figure(
        "Coordinates",
        "Mean change in one step of three coordinates of the same motion: medians over "
        "replicates with bars for nine of ten, and computed lines. Only that of θ keeps its sign.",
        *(step.law_panel(title, one, name) for name, title in titles.items()),
    )
    return step.body(decisions, figure, root_steps)
