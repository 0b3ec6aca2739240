"""Checks an activation function: what theory predicts for it, and whether training does it.

From Python: ``validate.check_activation("x**2*tanh(x)")``; on the command line:
``python -m validate activation "x**2*tanh(x)"``.
"""

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np

from sim.condensation.targets import two_sines
from sim.data.csv_file import Table, read_table
from sim.data.data_set import DataError, DataSet, check_size
from theory.condensation.laws import MARGIN, REFERENCE
from theory.direction import Direction
from theory.symbolic.activation import Activation, Leading, activation
from theory.symbolic.expression import dump
from theory.symbolic.guards.deadline import TimeLimit
from theory.symbolic.guards.library_errors import refused
from validate.activation.errors import CheckError, check_numbers, of_a_callable
from validate.activation.expected import Expected, expect
from validate.activation.runs import LIMIT
from validate.activation.scope import out_of_scope
from validate.activation.telling.notes import constant_columns, notes
from validate.activation.telling.reproduce import reproduce
from validate.results.activation import ActivationCheck, NamedVerdict, Side
from validate.results.orientations import OptimizerCheck

OPTIMIZERS = ("gd", "adam")
MAX_SECONDS = 60.0  # for the prediction: many inputs have many orientations
MAX_ROWS = 2000  # rows that networks are trained on


def check_activation(
    expression: str | Callable[..., Any],
    data: Any = None,
    *,
    target: str | None = None,
    bias: bool = True,
    train: bool = True,
    optimizers: Sequence[str] = OPTIMIZERS,
    width: int | None = None,
    seed: int = 0,
    alpha: float = 0.01,
    limit: float = LIMIT,
    epsilon: float | None = None,
    workers: int | None = None,
    executor: Executor | None = None,
    pages: bool = False,
    progress: Callable[[str], None] = lambda text: None,
) -> ActivationCheck:
    """Predict the condensed orientations of an activation and compare them with training.

    Source of the prediction: arXiv:2105.11686 for the multiplicity and the bound, our derivation
    for the orientations and for Adam (`docs/results/condensation.md`).

    Args:
        expression: a function of x such as "x**2*tanh(x)", never evaluated as code; or a torch
            function or module (``torch.nn.Mish()``), elementwise on float64 tensors.
        data: a CSV file with named columns ("-" for standard input), a table read from one, a pair
            of arrays (x with shape (n, d) or (n,), y with shape (n,)), all used as given, or None
            for a built-in target of one input.
        target: name of the file's column of targets; by default that named y, else the last.
        bias: whether the networks have one.
        train: False for the prediction alone.
        optimizers: "gd", "adam" or, by default, both.
        width: neurons of every network, or single-neuron networks for every seed; by default as
            many as the prediction needs.
        seed: of initial weights, and of the rows drawn where there are too many.
        alpha: error budget, between 0 and 0.5, split over all verdicts.
        limit: seconds of one core (by default 120) that a finer run than usual may take, by the
            estimate of its steps, where the usual one could not tell the orientations; what is out
            of scope is trained up to it too.
        epsilon: standard deviation of the initial weights, under Adam the learning rate too; None
            for as small a one as the data need.
        workers: processes to train in, by default one for each core.
        executor: trains instead, for several checks in the same processes.
        pages: also the derivation and the figures of the PDF.
        progress: is told in words how far the training is.

    Returns:
        The record, which shows itself in notebooks.

    Raises:
        theory.symbolic.activation.ActivationError: the expression or the torch callable is refused.
        sim.data.data_set.DataError: the data cannot be used.
        validate.activation.errors.CheckError: an option makes no sense.
        validate.activation.errors.TrainingError: training failed.
    """
    began = time.monotonic()
    if not optimizers or not set(optimizers) <= set(OPTIMIZERS):
        raise CheckError(f"optimizers are gd and adam, not {', '.join(optimizers) or 'none'}")
    check_numbers(alpha=alpha, limit=limit, epsilon=epsilon)
    text = expression if isinstance(expression, str) else None
    described = activation(text) if text is not None else analyzed(cast(Any, expression))
    table = table_of(data, target)
    given, drawn = _rows(check_size(replace(table.data, bias=bias)), seed)
    constant = constant_columns(given, _components(table, given))
    with TimeLimit(MAX_SECONDS, "the prediction on these data, without training,"):
        expected = {
            key: expect(described, given, cast(Any, key), width, limit, epsilon)
            for key in optimizers
        }
    verdicts, checks, figures = _untrained(expected, given), _predictions(expected, given), ()
    seen: Mapping[str, Any] = {}
    if train and any(one.method is not None for one in expected.values()):
        from validate.activation.trained import trained

        with nullcontext(executor) if executor else _processes(workers) as processes:
            done = trained(described, given, expected, seed, alpha, limit, processes, progress)
        verdicts, seen = done.verdicts, done.measurements
        checks = {k: one.model_copy(update=done.changes.get(k, {})) for k, one in checks.items()}
    if pages:
        from validate.activation.telling.pages import figures_of

        with of_a_callable(described):
            figures = figures_of(described, given, expected, seen)
    return ActivationCheck(
        expression=described.name if text is None else text,
        formula=_dumped(described),
        value_at_zero=_number(described.value_at_zero),
        right=_side(described.right),
        left=_side(described.left),
        multiplicity=described.multiplicity,
        bound=described.bound,
        reason=described.reason,
        optimizers=checks,
        verdicts=verdicts,
        data=_named(given),
        components=_components(table, given),
        effective_order=_governing(expected),
        notes=notes(text, (*table.notes, *constant, *drawn), described, given, expected, verdicts),
        derivation=_derivation(described, _governing(expected)) if pages else (),
        figures=figures,
        references=(REFERENCE,),
        reproduce=reproduce(
            described,
            table.source,
            target=target,
            expression=text,
            bias=bias,
            train=train,
            optimizers=optimizers,
            width=width,
            seed=seed,
            alpha=alpha,
            limit=limit,
            epsilon=epsilon,
        ),
        seconds=round(time.monotonic() - began, 2),
        seed=seed,
        alpha=alpha,
        versions=_versions(),
    )


def analyzed(function: Callable[..., Any]) -> Activation:
    """The record of a torch callable."""
    from sim.activation.numerical import analyze_callable
    from sim.activation.torch_callable import in_hand

    return analyze_callable(in_hand(function))


def table_of(data: Any, target: str | None) -> Table:
    """What was given as data, with the names of its columns where it has some."""
    if isinstance(data, Table):
        return data
    if isinstance(data, str | Path):
        return read_table(Path(data), target)
    if target is not None:
        raise CheckError("target names a column of a file of data, and no file is given")
    if data is None:
        return Table(two_sines())
    return Table(data if isinstance(data, DataSet) else _arrays(data))


def _arrays(data: Any) -> DataSet:
    """A pair of arrays as a data set."""
    try:
        x, y = (np.asarray(part, dtype=float) for part in data)
    except (TypeError, ValueError) as error:
        raise DataError("data: a CSV file or a pair of numeric arrays (x, y) is needed") from error
    x = x[:, None] if x.ndim == 1 else x
    if x.ndim != 2 or y.shape != (len(x),) or len(y) < 2 or not x.shape[1]:
        raise DataError(
            f"data: x of shape (n, d) and y of shape (n,) with n ≥ 2, d ≥ 1 are needed, "
            f"not {x.shape} and {y.shape}"
        )
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise DataError("data: a value is not finite")
    return DataSet(x, y, "given arrays")


def _rows(data: DataSet, seed: int) -> tuple[DataSet, tuple[str, ...]]:
    """The data, or as many rows of it as networks can be trained on in seconds."""
    if len(data.y) <= MAX_ROWS:
        return data, ()
    chosen = np.sort(np.random.default_rng(seed).choice(len(data.y), MAX_ROWS, replace=False))
    note = f"{MAX_ROWS} rows drawn at random from {len(data.y)}; prediction and training use those"
    return replace(data, x=data.x[chosen], y=data.y[chosen]), (note,)


def _predictions(expected: dict[str, Expected], data: DataSet) -> dict[str, OptimizerCheck]:
    return {
        key: OptimizerCheck(
            predicted=_directions(one, data),
            trained=False,
            predicted_dead=one.dead if one.out_of_scope is None else None,
            margin_degrees=MARGIN,
        )
        for key, one in expected.items()
    }


def _directions(expected: Expected, data: DataSet) -> tuple[Direction, ...]:
    """Without shares where they are out of scope."""
    told = expected.out_of_scope is None
    return tuple(
        Direction(at.direction, at.sign, share if told else None, bias=data.bias)
        for at, share in zip(expected.orientations, expected.shares, strict=True)
    )


def _untrained(expected: dict[str, Expected], data: DataSet) -> tuple[NamedVerdict, ...]:
    return tuple(
        out_of_scope(key, one.out_of_scope)
        for key, one in expected.items()
        if one.out_of_scope is not None
    )


def _processes(workers: int | None) -> AbstractContextManager[Executor]:
    from sim.engine.executor import default_workers, open_executor

    return open_executor(workers or default_workers())


def _governing(expected: dict[str, Expected]) -> int | None:
    """The order that governs, where the leading form vanishes on the data."""
    return next((one.governing for one in expected.values() if one.governing is not None), None)


def _dumped(described: Activation) -> str:
    """Its expression; some that sympy builds it cannot write down."""
    with refused():
        return dump(described.expression)


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def _side(leading: Leading | None) -> Side | None:
    if leading is None:
        return None
    return Side(order=leading.order, coefficient=float(leading.coefficient))


def _components(table: Table, data: DataSet) -> tuple[str, ...]:
    """Names of the components of a direction."""
    inputs = table.inputs or tuple(f"x{k}" for k in range(1, data.x.shape[1] + 1))
    return (*inputs, "bias") if data.bias else inputs


def _named(data: DataSet) -> str:
    inputs = f"{data.x.shape[1]} input" + "s" * (data.x.shape[1] > 1)
    end = "with bias" if data.bias else "no bias"
    return f"{data.name}, {len(data.y)} rows, {inputs}, {end}"


def _derivation(described: Activation, governing: int | None) -> tuple[Any, ...]:
    from theory.condensation.forms.governing import next_order_steps
    from theory.condensation.laws import counting_steps, dynamics_steps
    from theory.symbolic.leading_part import leading_part
    from validate.run.record import derivation_steps

    steps = dynamics_steps()
    if governing is not None:
        steps = (*steps, *next_order_steps(leading_part(described).order, governing))
    elif described.multiplicity is not None and described.multiplicity <= 5:
        steps = (*steps, *counting_steps(described.multiplicity))
    return derivation_steps(steps)


def _versions() -> dict[str, str]:
    if "torch" not in sys.modules:  # nothing was trained
        return {}
    from validate.run.versions import versions

    return versions()
