"""Claims on filters that come back without a shift, by rare inputs through their gate."""

import dataclasses
from collections.abc import Mapping, Sequence
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

BLOCK, LOOKS = 1024, (3, 6)  # Bernstein's interval needs some 3,000 layers for a margin of 0.03
# of sizes: four times as many at budget standard, the smallest that decides them
SIZE_LOOKS = (1, 2)
CONTROL_BLOCK, CONTROL_LOOKS = 512, (3, 4)
GROUPS = 6  # of filters with close β/γ at the start, in figures
NEAR, FAR = (-5.0, -3.2), (-7.0, -4.0)  # β/γ at the start
STATEMENT = (
    "Under batch normalization without a shift, gradient noise and weight decay λ, a filter whose "
    "gate is not exactly shut (τ < √(B − 1)) can come back: decay shrinks (γ, β) along a ray until "
    "a rare input above −β/γ moves it off. "
)


def _reopenings(**changes: Any) -> Reopenings:
    return Reopenings(**{"block": BLOCK, "ratios": NEAR, **changes})


def _chances(made: Reopenings, inputs: Inputs | None = None, **changes: Any) -> np.ndarray:
    """The law for every filter of a layer; with other inputs or settings a wrong one."""
    settings = {name: getattr(made, name) for name in ("rate", "decay", "threshold", "steps")}
    return chance(inputs or Normalized(made.batch), **{**settings, **changes})(*made.starts())


def _share(made: Reopenings, *inputs: Inputs | None, **changes: Any) -> float:
    return float(_chances(made, *inputs, **changes).mean())


def _returned(unit: Unit) -> float:
    """Share of a layer's filters that were active again."""
    return float(np.mean(unit.measurement["returned"]))


def _judged(name: str, made: Reopenings, looks: tuple[int, ...] = LOOKS) -> Decision:
    """The share of an experiment against its law."""
    share = _share(made)
    return Decision(
        name=name,
        prediction=reopened_prediction(share),
        predict=lambda unit: share,
        observe=_returned,
        experiments=(made,),
        looks=looks,
    )


def _wrong(
    main: Decision, name: str, made: Reopenings, inputs: Inputs | None = None, **changes: Any
) -> Decision:
    """A resolution control: the law for other inputs or settings."""
    share, right = _share(made, inputs, **changes), _share(made)
    prediction = dataclasses.replace(reopened_prediction(share), margin=main.prediction.margin)
    return main.wrong_law(name, lambda unit: share, abs(share - right), prediction=prediction)


def _body(panels: Mapping[str, Mapping[str, Reopenings]], decisions: Sequence[Decision]) -> Body:
    """The claim with these panels in its figure."""
    return Body(
        decisions=tuple(decisions),
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
    return along(
        outcome,
        title,
        ("β/γ at the start", "share that came back"),
        named,
        lambda unit: _grouped(settings_of(unit, Reopenings).starts()[0]),
        lambda unit: _grouped(unit.measurement["returned"]),
        {"prediction": lambda x: [_grouped(_chances(made)) for made in named.values()]},
        log=(False, False),
        drawn=means,
    )


def _grouped(filters: Any) -> np.ndarray:
    """Means over `GROUPS` groups of neighbors."""
    return np.reshape(filters, (GROUPS, -1)).mean(1)


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
    usual, shut = _reopenings(), _reopenings(batch=8, block=64)
    main = _judged("B = 64, λ = 0.1: share that comes back", usual)
    decisions = (
        main,
        Decision(
            name="B = 8, a gate that is exactly shut: none comes back",
            prediction=shut_prediction(),
            predict=lambda unit: 0.0,
            observe=_returned,
            experiments=(shut,),
            looks=LOOKS,
        ),
        _wrong(main, "Gaussian tails, not those of a batch", usual, Gaussian(64)),
        main.wrong_experiment(
            "without decay: the same share",
            _reopenings(decay=0.0, block=CONTROL_BLOCK),
            looks=CONTROL_LOOKS,
        ),
    )
    return _body({"λ = 0.1": {"B = 64": usual}}, decisions)


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
    sizes = {batch: _reopenings(batch=batch) for batch in (16, 32, 64, 128, 256)}
    decays = {decay: _reopenings(decay=decay) for decay in (0.05, 0.02)}
    far = _reopenings(batch=256, ratios=FAR)
    judged = {
        made: _judged(f"B = {made.batch}, λ = {made.decay:g}{where}", made, SIZE_LOOKS)
        for where, several in (
            ("", (*sizes.values(), *decays.values())),
            (", far below τ", (far,)),
        )
        for made in several
    }
    usual, largest = judged[sizes[64]], judged[sizes[256]]
    decisions = (
        *judged.values(),
        _wrong(largest, "B = 256: inputs of half the batch", sizes[256], Normalized(128)),
        _wrong(usual, "B = 64: Gaussian tails", sizes[64], Gaussian(64)),
        _wrong(usual, "B = 64: half the decay", sizes[64], decay=0.05),
        usual.wrong_experiment("batches of 256: the share of B = 64", sizes[256]),
        usual.wrong_experiment(
            "without decay: the share of λ = 0.1", _reopenings(decay=0.0, block=CONTROL_BLOCK)
        ),
    )
    panels = {
        "λ = 0.1": {f"B = {batch}": made for batch, made in sizes.items()},
        "B = 64": {f"λ = {d:g}": made for d, made in {0.1: sizes[64], **decays}.items()},
        "λ = 0.1, from afar": {"B = 256, from afar": far},
    }
    return _body(panels, decisions)
