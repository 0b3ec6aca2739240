"""Claims on filters that come back without a shift, by rare inputs through their gate."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from sim.batchnorm.reopening import Reopenings
from theory.batchnorm.one_step import REFERENCE
from theory.batchnorm.reopening.chance import reopening as chance
from theory.batchnorm.reopening.inputs import Gaussian, Inputs, Normalized
from theory.batchnorm.reopening.share import reopened_prediction, reopening_steps, shut_prediction
from validate.claim import Body, Decision, Outcome, Unit, settings_of
from validate.figure_forms.by_unit import along
from validate.figure_forms.scaling import means, one_figure
from validate.registry import Reading, claim

NEAR, FAR = (-5.0, -3.2), (-7.0, -4.0)  # β/γ at the start
USUAL = Reopenings(1024, ratios=NEAR)
LOOKS = (3, 6)  # Bernstein's interval needs some 3,000 layers for a margin of 0.03
# of sizes: four times as many at budget standard, the smallest that decides them
SIZE_LOOKS = (1, 2)
UNDECAYED, UNDECAYED_LOOKS = replace(USUAL, decay=0.0, block=512), (3, 4)
GROUPS = 6  # of filters with close β/γ at the start, in figures
STATEMENT = (
    "Under batch normalization without a shift, gradient noise and weight decay λ, a filter whose "
    "gate is not exactly shut (τ < √(B − 1)) can come back: decay shrinks (γ, β) along a ray until "
    "a rare input above −β/γ moves it off. "
)


def _chances(made: Reopenings, inputs: Inputs | None = None, **changes: Any) -> np.ndarray:
    """The law for every filter of a layer; with other inputs or settings a wrong one."""
    settings = {name: getattr(made, name) for name in ("rate", "decay", "threshold", "steps")}
    return chance(inputs or Normalized(made.batch), **{**settings, **changes})(*made.starts())


def _returned(unit: Unit) -> float:
    """Share of a layer's filters that were active again."""
    return float(np.mean(unit.measurement["returned"]))


def _judged(name: str, made: Reopenings, looks: tuple[int, ...] = LOOKS) -> Decision:
    """The share of an experiment against its law."""
    prediction = reopened_prediction(float(_chances(made).mean()))
    return Decision.expecting(name, prediction, _returned, (made,), looks)


def _wrong(main: Decision, name: str, share: np.ndarray) -> Decision:
    """A resolution control: other chances."""
    wrong = reopened_prediction(float(share.mean()))
    return main.wrong_prediction(name, replace(wrong, margin=main.prediction.margin))


def _body(panels: Mapping[str, Mapping[str, Reopenings]], *decisions: Decision) -> Body:
    """The claim with these panels in its figure."""
    return Body(
        decisions=decisions,
        derivation=reopening_steps,
        figures=one_figure(
            "Back without a shift",
            "Share of filters under batch normalization that were active again after one of the "
            "steps that they were watched, by where they started: means over all layers of eight "
            "filters that started next to each other, with intervals of 99 %. Lines are the law "
            "for these starts.",
            *(partial(_panel, title=title, named=named) for title, named in panels.items()),
        ),
        references=(REFERENCE,),
        notes=_notes,
    )


def _panel(outcome: Outcome, title: str, named: Mapping[str, Reopenings]) -> dict[str, Any]:
    """Share that came back against β/γ at the start, the same for all, and the law."""

    def grouped(filters: Any) -> np.ndarray:
        return np.reshape(filters, (GROUPS, -1)).mean(1)

    return along(
        outcome,
        title,
        ("β/γ at the start", "share that came back"),
        named,
        lambda unit: grouped(settings_of(unit, Reopenings).starts()[0]),
        lambda unit: grouped(unit.measurement["returned"]),
        {"prediction": lambda x: [grouped(_chances(made)) for made in named.values()]},
        log=(False, False),
        drawn=means,
    )


def _notes(units: Sequence[Unit]) -> list[str]:
    made = settings_of(units[0], Reopenings)
    return [
        f"Layers of {made.filters} filters that see one batch each step; all layers start "
        f"alike, and each is a unit. A filter counts where β/|γ| > −{made.threshold:g} after "
        f"one of {made.steps:,} steps. Longer watching brings back more.",
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
    readings=Reading(
        "Without the shift, too, weight decay brings filters back, unless their gate is "
        "exactly shut: at a batch of 64 by a law that is computed.",
    ),
)
def reopening() -> Body:
    shut = replace(USUAL, batch=8, block=64)
    main = _judged("B = 64, λ = 0.1: share that comes back", USUAL)
    return _body(
        {"λ = 0.1": {"B = 64": USUAL}},
        main,
        Decision(
            "B = 8, a gate that is exactly shut: none comes back",
            shut_prediction(),
            lambda unit: 0.0,
            _returned,
            (shut,),
            LOOKS,
        ),
        _wrong(main, "Gaussian tails, not those of a batch", _chances(USUAL, Gaussian(64))),
        main.wrong_experiment("without decay: the same share", UNDECAYED, looks=UNDECAYED_LOOKS),
    )


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
    readings=Reading(
        "The share of filters that comes back without the shift grows with the batch and with "
        "the decay, by a law that is computed.",
    ),
)
def sizes() -> Body:
    sizes = {f"B = {batch}": replace(USUAL, batch=batch) for batch in (16, 32, 64, 128, 256)}
    decays = {f"λ = {decay:g}": replace(USUAL, decay=decay) for decay in (0.1, 0.05, 0.02)}
    largest, far = sizes["B = 256"], replace(USUAL, batch=256, ratios=FAR)
    judged = {
        made: _judged(f"B = {made.batch}, λ = {made.decay:g}", made, SIZE_LOOKS)
        for made in (*sizes.values(), *decays.values())
    }
    usual, most = judged[USUAL], judged[largest]
    return _body(
        {"λ = 0.1": sizes, "B = 64": decays, "λ = 0.1, from afar": {"B = 256, from afar": far}},
        *judged.values(),
        _judged("B = 256, λ = 0.1, far below τ", far, SIZE_LOOKS),
        _wrong(most, "B = 256: inputs of half the batch", _chances(largest, Normalized(128))),
        _wrong(usual, "B = 64: Gaussian tails", _chances(USUAL, Gaussian(64))),
        _wrong(usual, "B = 64: half the decay", _chances(USUAL, decay=0.05)),
        usual.wrong_experiment("batches of 256: the share of B = 64", largest),
        usual.wrong_experiment("without decay: the share of λ = 0.1", UNDECAYED),
    )
