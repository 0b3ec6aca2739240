"""Notes of a check: what the reader has to know beside its verdicts."""

from collections.abc import Mapping, Sequence

import numpy as np

from sim.data.data_set import DataSet
from theory.symbolic.activation import Activation
from theory.symbolic.parsing import read
from validate.activation.expected import Expected
from validate.activation.scope import bias_line
from validate.activation.telling.remarks import remarks
from validate.results.activation import NamedVerdict
from validate.results.records import Verdict
from validate.results.words import OPTIMIZERS

CONTROLS = (
    "a check trains no controls beside it, as claims do: what the rules of its verdicts reject is "
    "shown by python -m validate run condensation"
)


def notes(
    text: str | None,
    of_data: Sequence[str],
    described: Activation,
    data: DataSet,
    expected: Mapping[str, Expected],
    verdicts: Sequence[NamedVerdict],
) -> tuple[str, ...]:
    """All notes, of the spelling first, then of the data, the activation and the verdicts.

    Args:
        text: the expression as typed; None for a torch callable.
        of_data: notes on how the data were read and drawn.
    """
    return (
        *_conventions(text),
        *of_data,
        *_numerical(described, expected),
        *_unjudged(expected),
        *_bias_lines(data, expected),
        *_uncontrolled(verdicts),
    )


def constant_columns(data: DataSet, names: Sequence[str]) -> tuple[str, ...]:
    """Inputs, and the target, that are the same in all rows.

    Args:
        names: of the inputs, in order.
    """
    still = [name for name, values in zip(names, data.x.T, strict=False) if not np.ptp(values)]
    shown = ", ".join(still[:3]) + (f", … ({len(still)} in all)" if len(still) > 3 else "")
    many = "inputs" if len(still) > 1 else "input"
    told = [f"the {many} {shown} {'are' if len(still) > 1 else 'is'} constant"] if still else []
    return (*told, *(["the target is constant"] if not np.ptp(data.y) else []))


def _conventions(text: str | None) -> tuple[str, ...]:
    """What was taken where libraries define a function in different ways."""
    return () if text is None else read(text).notes


def _numerical(described: Activation, expected: Mapping[str, Expected]) -> tuple[str, ...]:
    """What a torch callable's record does not know, and what is kept fixed in it."""
    if described.next_known or not any(one.form is not None for one in expected.values()):
        return remarks(described)
    return (
        *remarks(described),
        "the order after the leading part is not known in float64: only how far σ itself turns "
        "orientations at the amplitude where training ends is checked",
    )


def _unjudged(expected: Mapping[str, Expected]) -> tuple[str, ...]:
    return tuple(
        f"{OPTIMIZERS[key]}: {one.judged.count(False)} of {len(one.judged)} predicted orientations "
        "have too few neurons in their basin to be judged; a larger width helps"
        for key, one in expected.items()
        if one.out_of_scope is None and False in one.judged
    )


def _uncontrolled(verdicts: Sequence[NamedVerdict]) -> tuple[str, ...]:
    """What a check is weaker in than a claim, where it agrees."""
    if not any(one.verdict is Verdict.AGREE for one in verdicts):
        return ()
    return (CONTROLS,)


def _bias_lines(data: DataSet, expected: Mapping[str, Expected]) -> tuple[str, ...]:
    """Where the line is the bias: a prediction that is true and says nothing of the inputs."""
    found = (
        bias_line(data, one.orientations, one.part.order)
        for one in expected.values()
        if one.part is not None
    )
    return tuple(dict.fromkeys(line for line in found if line is not None))
