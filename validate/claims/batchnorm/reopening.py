"""Claims on filters that come back without a shift, by rare inputs through their gate."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from sim.batchnorm.reopening import Reopenings
from theory.batchnorm.one_step import REFERENCE
from theory.batchnorm.reopening.inputs import Gaussian, Inputs, Normalized
from theory.batchnorm.reopening.share import reopened_prediction, reopening_steps, shut_prediction
from validate.claim import Body, Decision, Outcome, Role, Unit, experiment_control
from validate.claims.batchnorm.measured.reopening import law, returned, start_panel
from validate.figure_forms.scaling import scaling
from validate.registry import Reading, claim
from validate.results.records import Figure

BLOCK, LOOKS = 1024, (3, 6)  # Bernstein's interval needs some 3,000 layers for a margin of 0.03
# of sizes: four times as many at budget standard, the smallest that decides them
SIZE_LOOKS = (1, 2)
CONTROL_BLOCK, CONTROL_LOOKS = 512, (3, 4)
NEAR, FAR = (-5.0, -3.2), (-7.0, -4.0)  # β/γ at the start
STATEMENT = (
    "Under batch normalization without a shift, gradient noise and weight decay λ, a filter whose "
    "gate is not exactly shut (τ < √(B − 1)) can come back: decay shrinks (γ, β) along a ray until "
    "a rare input above −β/γ moves it off. "
)


def _reopenings(**changes: Any) -> Reopenings:

    return Reopenings(**{"block": BLOCK, "ratios": NEAR, **changes})


def _judged(name: str, made: Reopenings, looks: tuple[int, ...] = LOOKS) -> Decision:
    """The share of an experiment against its law."""

    share = law(made)
    return Decision(
        name=name,
        prediction=reopened_prediction(share),
        predict=lambda unit: share,
        observe=returned,
        experiments=(made,),
        looks=looks,
    )


def _wrong(
    main: Decision, name: str, made: Reopenings, inputs: Inputs | None = None, **changes: Any
) -> Decision:
    """A resolution control: the law for other inputs or settings."""

    share, right = law(made, inputs, **changes), law(made)
    margin = main.prediction.margin
    return dataclasses.replace(
        main,
        name=name,
        prediction=dataclasses.replace(reopened_prediction(share), margin=margin),
        predict=lambda unit: share,
        role=Role.RESOLUTION,
        distance=abs(share - right),
    )


def _body(
    panels: Mapping[str, Mapping[str, Reopenings]],
    others: Sequence[Reopenings],
    decisions: Sequence[Decision],
) -> Body:
    """The claim on these experiments, by panels of its figure, with others for its controls."""

    drawn_ones = [made for named in panels.values() for made in named.values()]

    def figures(outcome: Outcome) -> Sequence[Figure]:
        caption = (
            "Share of filters under batch normalization that were active again after one of the "
            "steps that they were watched, by where they started: means over all layers of eight "
            "filters that started next to each other. Lines are the law for these starts."
        )
        drawn = [start_panel(title, named, outcome) for title, named in panels.items()]
        return (scaling(outcome, "Back without a shift", caption, drawn, outcome.units),)

    return Body(
        grid=tuple(dict.fromkeys((*drawn_ones, *others))),
        decisions=tuple(decisions),
        derivation=reopening_steps,
        regime=(),
        figures=figures,
        references=(REFERENCE,),
        notes=_notes,
    )


def _notes(units: Sequence[Unit]) -> list[str]:
    made = units[0].experiment.settings()
    return [
        f"Layers of {made['filters']} filters that see one batch each step; all layers start "
        f"alike, and each is a unit. A filter counts where β/|γ| > −{made['threshold']:g} after "
        f"one of {made['steps']:,} steps. Longer watching brings back more.",
        "The gradients at the output are noise: what a signal in them would do is not judged.",
    ]


@claim(
    "batchnorm.reopening",
    title="Filters that come back without a shift",
    source="our derivation",
    statement=f"{STATEMENT}The share that has come back after T steps follows from the law of the "
    "largest inputs of a batch without a free constant: judged at B = 64; at B = 8 the gate is "
    "exactly shut, and none does.",
    place=11.3,
    readings=(
        Reading(
            "Without the shift, too, weight decay brings filters back, unless their gate is "
            "exactly shut: at a batch of 64 by a law that is computed.",
        ),
    ),
)
def reopening() -> Body:

    usual = _reopenings()
    shut = _reopenings(batch=8, block=64)
    still = _reopenings(decay=0.0, block=CONTROL_BLOCK)
    main = _judged("B = 64, λ = 0.1: share that comes back", usual)
    decisions = (
        main,
        Decision(
            name="B = 8, a gate that is exactly shut: none comes back",
            prediction=shut_prediction(),
            predict=lambda unit: 0.0,
            observe=returned,
            experiments=(shut,),
            looks=LOOKS,
        ),
        _wrong(main, "Gaussian tails, not those of a batch", usual, Gaussian(64)),
        experiment_control(main, "without decay: the same share", (still,), CONTROL_LOOKS),
    )
    return _body({"λ = 0.1": {"B = 64": usual}}, (shut, still), decisions)


@claim(
    "batchnorm.reopening-sizes",
    title="Filters that come back without a shift, by batch size and decay",
    source="our derivation",
    statement=f"{STATEMENT}The law of the share that has come back after T steps holds at batches "
    "of 16 to 256, for several decays, and for filters that start far below τ; each is decided "
    "alone.",
    tier="standard",  # 4,096 layers of every kind
    shares=16,
    place=11.4,
    readings=(
        Reading(
            "The share of filters that comes back without the shift grows with the batch and with "
            "the decay, by a law that is computed.",
        ),
    ),
)
def sizes() -> Body:

    sizes = {f"B = {b}, λ = 0.1": _reopenings(batch=b) for b in (16, 32, 64, 128, 256)}
    decays = {f"B = 64, λ = {d:g}": _reopenings(decay=d) for d in (0.05, 0.02)}
    far = {"B = 256, λ = 0.1, far below τ": _reopenings(batch=256, ratios=FAR)}
    named = {**sizes, **decays, **far}
    still = _reopenings(decay=0.0, block=CONTROL_BLOCK)
    judged = {name: _judged(name, made, SIZE_LOOKS) for name, made in named.items()}
    usual_name, largest_name = (f"B = {b}, λ = 0.1" for b in (64, 256))
    usual, largest = judged[usual_name], judged[largest_name]
    made, made_largest = named[usual_name], named[largest_name]
    decisions = (
        *judged.values(),
        _wrong(largest, "B = 256: inputs of half the batch", made_largest, Normalized(128)),
        _wrong(usual, "B = 64: Gaussian tails", made, Gaussian(64)),
        _wrong(usual, "B = 64: half the decay", made, decay=0.05),
        experiment_control(
            usual, "batches of 256: the share of B = 64", (made_largest,), SIZE_LOOKS
        ),
        experiment_control(usual, "without decay: the share of λ = 0.1", (still,), SIZE_LOOKS),
    )
    by_batch = {f"B = {made.batch}": made for made in sizes.values()}
    by_decay = {f"λ = {made.decay:g}": made for made in (named[usual_name], *decays.values())}
    from_far = {f"B = {made.batch}, from afar": made for made in far.values()}
    panels = {"λ = 0.1": by_batch, "B = 64": by_decay, "λ = 0.1, from afar": from_far}
    return _body(panels, (still,), decisions)
