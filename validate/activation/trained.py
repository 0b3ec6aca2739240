"""Trains what is predicted and what is out of scope, and says beside each verdict what was done."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.data.data_set import DataSet
from theory.symbolic.activation import Activation
from validate.activation import stage
from validate.activation.compare import Compared, compare, matcher, shown
from validate.activation.errors import of_a_callable
from validate.activation.expected import Expected
from validate.activation.scope import out_of_scope
from validate.activation.training import BLOCK, Prepared, prepare, run_all, train
from validate.results.activation import NamedVerdict
from validate.results.records import Verdict
from validate.results.words import share

Measured = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Trained:
    """What training gave.

    Attributes:
        verdicts: of all optimizers.
        changes: what to change in each optimizer's record.
        measurements: by optimizer, of all networks.
    """

    verdicts: tuple[NamedVerdict, ...]
    changes: dict[str, dict[str, Any]]
    measurements: Mapping[str, Measured]


def trained(
    described: Activation,
    data: DataSet,
    expected: Mapping[str, Expected],
    seed: int,
    alpha: float,
    limit: float,
    executor: Executor,
    progress: Callable[[str], None],
) -> Trained:
    """Trains all that can be, and judges what is in scope.

    Args:
        described: the activation.
        data: what networks are trained on.
        expected: predictions by optimizer.
        seed: of the initial weights.
        alpha: error budget of all verdicts.
        limit: seconds of one core for what is out of scope.
        executor: where networks are trained.
        progress: told how far training is.
    """
    with of_a_callable(described):
        plans = {key: prepare(described, data, one, limit) for key, one in expected.items()}
    seen = train(plans, seed, executor, progress)
    judged = sum(plan.out_of_scope is None for plan in plans.values())
    level = alpha / max(1, judged * (1 if described.bound is None else 2))
    verdicts, changes = list[NamedVerdict](), dict[str, dict[str, Any]]()
    for key, plan in plans.items():
        measured = seen.get(key, plan.untrained or "")
        if plan.out_of_scope is not None:
            verdicts.append(out_of_scope(key, plan.out_of_scope, (_said(plan, measured),)))
            compared = None if isinstance(measured, str) else shown(measured, data.bias)
        else:
            assert not isinstance(measured, str)
            compared = compare(key, described, expected[key], measured, level, data.bias)
            verdicts += _with_stage(compared, plan, expected[key], measured, seed, limit, executor)
        if compared is not None:
            changes[key] = _change(compared)
    found = {key: one for key, one in seen.items() if not isinstance(one, str)}
    return Trained(tuple(verdicts), changes, found)


def _change(compared: Compared) -> dict[str, Any]:
    return {
        "measured": compared.measured,
        "trained": True,
        "dead_share": compared.dead_share,
    }


def _said(plan: Prepared, measured: Measured | str) -> str:
    """What was trained where nothing is judged."""
    if isinstance(measured, str):
        return f"not trained: {measured}"
    unfinished = float(np.mean([one["unfinished"] for one in measured]))
    output = float(np.median([one["output"] for one in measured]))
    end = f"|f| = {share(output)} of |y| at the end"
    late = f", {share(unfinished)} of the neurons' networks had not finished" * (unfinished > 0)
    return (
        f"trained all the same and shown without a verdict: {len(measured)} networks, {end}{late}"
    )


def _with_stage(
    compared: Compared,
    plan: Prepared,
    expected: Expected,
    measured: Measured,
    seed: int,
    limit: float,
    executor: Executor,
) -> list[NamedVerdict]:
    """The verdicts with what is said beside them."""
    remarks = [] if expected.adapted is None else [f"a finer run: {expected.adapted}"]
    told = list(compared.verdicts)
    if told and told[0].verdict is Verdict.AGREE and plan.experiment is not None:
        growth = float(np.median([one["growth"] for one in measured]))
        runs = run_all(stage.later(plan.experiment, growth, limit / 10), seed, executor)
        found = stage.stage_of(measured[:BLOCK], runs, matcher(expected))
        remarks.append(stage.in_words(found))
    return [told[0].model_copy(update={"remarks": tuple(remarks)}), *told[1:]] if told else told
