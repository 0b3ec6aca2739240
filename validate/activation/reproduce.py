"""How to make an activation check again: the command line, or the call from Python."""

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from theory.symbolic.activation import Activation


def reproduce(
    described: Activation,
    data: Any,
    *,
    expression: str | None,
    bias: bool,
    train: bool,
    optimizers: Sequence[str],
    width: int | None,
    seed: int,
    alpha: float,
) -> str:
    """The command for an expression or an importable callable, else the call with its name."""
    options = ["--no-bias"] * (not bias) + ["--no-train"] * (not train)
    if len(optimizers) == 1:
        options.append(f"--optimizer {optimizers[0]}")
    if width is not None:
        options.append(f"--width {width}")
    options += [f"--seed {seed}", f"--alpha {alpha:g}"]
    if isinstance(data, str | Path):
        options.insert(0, f"--data {shlex.quote(str(data))}")
    source = shlex.quote(expression) if expression is not None else _torch_option(described)
    if source is None:
        return f"check_activation in Python with {described.name} and {' '.join(options)}"
    return " ".join(["python -m validate activation", source, *options])


def _torch_option(described: Activation) -> str | None:
    from sim.activation.numerical import NumericalActivation

    if isinstance(described, NumericalActivation) and described.function.importable:
        return f"--torch {shlex.quote(described.name)}"
    return None
