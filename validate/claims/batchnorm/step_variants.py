"""Claims on one noisy step where gates leak, or where the noise of a batch sums to zero."""

from theory.batchnorm import one_step as theory
from theory.batchnorm.derivation import batch_steps, centered_steps, leaky_steps
from theory.batchnorm.moments import Moments, finite_batch_moments
from theory.batchnorm.taylor import ANGLE
from validate.claim import Body, Decision, Unit
from validate.claims.batchnorm.measured import step
from validate.claims.batchnorm.measured.step import LAYERS, LOOKS, RATE, OneStep
from validate.figure_forms.scaling import one_figure
from validate.registry import Reading, claim

STARTS = (-1.0, 0.0, 1.0, 1.5)
LEAKS = (0.1, 0.5)
# r by batch size where it matters by 7 % or more and the drift does not scatter too much
LEAKY_STARTS = {8: -1.2, 16: -1.4, 32: -1.5}
ABOVE = 0.5  # a second r, the same for all
LEAKY_DRAWS = 600
BELOW = (-9.0,)  # below −√63: no sample of a batch of 64 can be active
LAYER_STARTS = (-0.5, 0.0)


@claim(
    "batchnorm.hidden-moments",
    title="Noise that sums to zero in each batch, as in hidden layers",
    source="our derivation",
    statement="Where a linear layer with batch normalization follows, the gradients of a batch sum "
    "to zero. The one-step drift then follows from the centered moments Φ(1 − Φ), φ(1 − Φ) and "
    "Φ − rφ − φ², with their corrections for a finite batch: at r = 0 half of that of independent "
    "noise, and away from collapse above r ≈ 0.49. Judged by true batches of 16 through torch's "
    "layers, and for more r by drawing the gradients with their covariance, which tests the "
    "calculus.",
    place=4,
    readings=Reading(
        "Where the noise of a batch sums to zero, as in hidden layers, the drift is weaker, "
        "and away from collapse above some r."
    ),
)
def hidden() -> Body:
    large = step.steps_at(STARTS, RATE, centered=True)
    small = step.steps_at((0.0, 1.5), step.rate_of(16), batch=16, centered=True)
    at_root = step.steps_at((theory.centered_batch_root(64),), RATE, centered=True)
    by_layers = step.constants(
        f"{LAYERS}B = 16: E[Δθ] at r = −0.7, 0 and 1", step.small_layers(centered=True)
    )
    decisions = [
        by_layers,
        by_layers.wrong_experiment(
            f"{LAYERS}B = 16: noise that is independent",
            step.small_layers(),
        ),
        step.constants("B = 64: E[Δθ] at r = −1, 0, 1, 1.5", large),
        step.constants("B = 16: E[Δθ] at r = 0, 1.5", small),
        step.root(ANGLE, 0, at_root),
        step.constants("moments that are not centered", large, wrong=step.independent),
        step.constants("B = 16: Gaussian moments", small, wrong=step.gaussian),
    ]
    control = {"resolution control": step.independent}
    figure = one_figure(
        "Centered noise",
        "Mean change of θ in one step under noise that sums to zero in each batch: medians "
        "over replicates with bars for nine of ten, the line of the centered moments and, as a "
        "control, of those that are not.",
        *(step.law_panel(f"B = {one.batch}", one, wrong=control) for one in (large, small)),
    )
    further = (
        "Here noise that sums to zero is drawn, with s² the variance of the centered noise; "
        "how far that describes the gradients in a whole network is not judged.",
    )
    return step.body(decisions, figure, centered_steps, further=further)


@claim(
    "batchnorm.leaky",
    title="Leaky ReLU: a weaker drift, and no region without noise",
    source="our derivation",
    statement="For leaky ReLU of slope a the mean change of θ in one step is that of ReLU times "
    "1 − a², with the exact moments of small batches. ReLU units stop moving where no sample of a "
    "batch can be active; leaky ones do not: their noise there is a² times that of a linear unit. "
    "Judged by true batches through torch's layers at one a and B, and for more of them by drawing "
    "the gradients with their covariance, which tests the calculus.",
    place=3,
    shares=12,
    readings=Reading(
        "With leaky ReLU of slope a the drift is 1 − a² times that of ReLU, and units go on "
        "moving where ReLU units stop."
    ),
)
def leaky() -> Body:
    every = [_leaky(a, batch) for a in LEAKS for batch in LEAKY_STARTS]
    settings = {"batch": 16, "slope": LEAKS[1]}
    layers = step.layers_at(LAYER_STARTS, step.rate_of(16), **settings)
    correlated = step.layers_at(LAYER_STARTS, step.rate_of(16), centered=True, **settings)
    by_layers = step.constants(f"{LAYERS}a = {LEAKS[1]:g}, B = 16: E[Δθ] at r = −0.5 and 0", layers)
    controls = {"moments of a large batch": step.gaussian, "times 1 − a": _once}
    decisions = [
        *(
            step.constants(
                f"a = {one.slope:g}, B = {one.batch}: E[Δθ] at r = {one.starts[0]:g} and {ABOVE:g}",
                one,
            )
            for one in every
        ),
        *_below(),
        by_layers,
        by_layers.wrong_experiment(
            f"{LAYERS}noise that is correlated in each batch, as it sums to zero",
            correlated,
        ),
        step.constants("times 1 − a", *every, wrong=_once),
        step.constants("Gaussian moments", *every, points=[0], wrong=step.gaussian),
    ]
    figure = one_figure(
        "Leaky ReLU",
        "Mean change of θ in one step over the law with the exact moments of a batch of B: medians "
        "over replicates with bars for nine of ten. The controls have the moments of a large "
        "batch, or the factor 1 − a.",
        *(
            step.law_panel(
                f"a = {one.slope:g}, B = {one.batch}", one, wrong=controls, over_law=True
            )
            for one in every
        ),
    )
    return step.body(decisions, figure, batch_steps, leaky_steps)


def _leaky(a: float, batch: int) -> OneStep:
    starts, rate = (LEAKY_STARTS[batch], ABOVE), step.rate_of(batch)
    return step.steps_at(starts, rate, batch=batch, slope=a, draws=LEAKY_DRAWS)


def _once(one: OneStep, r: step.Numbers) -> Moments:
    """Those of ReLU times 1 − a, for 1 − a²."""
    relu = finite_batch_moments(r, one.batch)
    return Moments(*((1 - one.slope) * m for m in (relu.m0, relu.m1, relu.m2)))


def _below() -> tuple[Decision, Decision]:
    """Where no sample is active leaky units feel noise, ReLU units none."""
    alive = step.steps_at(BELOW, RATE, slope=LEAKS[0], draws=150)
    shut = step.steps_at(BELOW, RATE, draws=20)
    left = f"a = {alive.slope:g}, no sample active: the noise that is left"
    expected = float(step.laws(alive).var_r[0])

    def scatter(unit: Unit) -> float:
        return float(step.changes(unit, "r²")[0])

    return (
        Decision.expecting(
            left, theory.scatter_prediction(), lambda u: scatter(u) / expected, (alive,), LOOKS
        ),
        Decision(
            "ReLU, no sample active: nothing moves",
            theory.still_prediction(),
            lambda unit: 0.0,
            scatter,
            (shut,),
            LOOKS,
        ),
    )
