"""How to make an activation check again: the command line, or the call from Python."""

import shlex
from collections.abc import Sequence

from theory.symbolic.activation import Activation
from validate.activation.runs import LIMIT
from validate.results.activation import ActivationCheck, Unanswered

COMMAND = "python -m validate activation"
FROM_INPUT = "  # with the same data on standard input: < FILE"


def reproduce(
    described: Activation,
    source: str | None,
    *,
    target: str | None,
    expression: str | None,
    bias: bool,
    train: bool,
    optimizers: Sequence[str],
    width: int | Sequence[int] | None,
    seed: int,
    alpha: float,
    epsilon: float | None = None,
    limit: float = LIMIT,
) -> str:
    """The command for an expression or an importable callable, else the call with its name.

    Args:
        described: the activation.
        source: the file of data, "-" for standard input.
        target, bias, train, optimizers, seed, alpha, epsilon, limit: of the check.
        width: of the check, or its widths.
        expression: as it was typed, None for a callable.
    """
    options = ["--no-bias"] * (not bias) + ["--no-train"] * (not train)
    if len(optimizers) == 1:
        options.append(f"--optimizer {optimizers[0]}")
    if isinstance(width, int):
        options.append(f"--width {width}")
    elif width is not None:
        options.append(f"--widths {','.join(map(str, width))}")
    if epsilon is not None:
        options.append(f"--epsilon {epsilon!r}")
    options += [f"--seed {seed}", f"--alpha {alpha:g}"]
    if limit != LIMIT:
        options.append(f"--limit {limit:g}")
    if target is not None:
        options.insert(0, f"--target {shlex.quote(target)}")
    if source is not None:
        options.insert(0, f"--data {shlex.quote(source)}")
    what = _expression(expression) if expression is not None else _torch_option(described)
    if what is None:
        return f"check_activation in Python with {described.name} and {' '.join(options)}"
    parts = [what, *options] if what.startswith("--torch") else [*options, what]
    return " ".join([COMMAND, *parts]) + (FROM_INPUT if source == "-" else "")


def reproduce_all(checks: Sequence[ActivationCheck | Unanswered]) -> str | None:
    """One command for several checks made together, those without an answer too; None if one of
    them can be made from Python only."""
    lines = [check.reproduce for check in checks if isinstance(check, ActivationCheck)]
    words = [shlex.split(line, comments=True) for line in lines]
    if not words or any(one[:4] != COMMAND.split() or len(one) < 5 for one in words):
        return None
    first = words[0][4:]
    by_name = first[0] == "--torch"
    options = first[2:] if by_name else first[:-1]
    options = options[:-1] if options[-1:] == ["--"] else options
    names = [check.expression for check in checks]
    named = [part for name in names if ":" in name for part in ("--torch", name)]
    texts = [name for name in names if ":" not in name]
    end = ["--", *texts] if texts else []
    remark = FROM_INPUT if lines[0].endswith(FROM_INPUT) else ""
    return f"{COMMAND} {shlex.join([*named, *options, *end])}{remark}"


def _expression(text: str) -> str:
    """An expression as a shell takes it; after -- where it would be read as an option."""
    return ("-- " if text.lstrip("'\"").startswith("-") else "") + shlex.quote(text)


def _torch_option(described: Activation) -> str | None:
    from sim.activation.numerical import NumericalActivation

    if isinstance(described, NumericalActivation) and described.function.importable:
        return f"--torch {shlex.quote(described.name)}"
    return None
