"""What is expected of an activation on given data under one optimizer: free of torch.

The prediction, the training settings under which it applies, and why it cannot be judged where it
cannot. Source: our derivation, see `theory.condensation.convergence` and
`theory.condensation.resolution`.
"""

from dataclasses import dataclass

import numpy as np

from sim.condensation.methods import Method, Optimizer
from sim.data.data_set import DataSet
from theory.condensation.convergence import EXPECTED_UNDER_ADAM, SMALLEST_SHARE
from theory.condensation.fates.flow import SHRUNK
from theory.condensation.fates.plane import fates
from theory.condensation.forms.governing import OwnOutputError, governing_part
from theory.condensation.forms.homogeneous import HomogeneousForm
from theory.condensation.forms.leading_form import Geometry
from theory.condensation.orientations.critical import TooManyInputsError
from theory.condensation.orientations.plane import DegenerateError, Orientation
from theory.condensation.protocol import Fineness
from theory.condensation.resolution import predicted_shares
from theory.symbolic.activation import Activation
from theory.symbolic.functions import ActivationError
from theory.symbolic.leading_part import LeadingPart, leading_part
from validate.activation.plan import USUAL, Plan, plane
from validate.activation.runs import LIMIT, Run, in_words, resolving_run, usual_run
from validate.activation.scope import advice, beyond_orders, outside, without_target


@dataclass(frozen=True)
class Expected:
    """A prediction for one optimizer.

    Attributes:
        orientations: all predicted ones.
        judged: which of them a run has neurons enough for; the others may be missing.
        method: how to train, None where there is nothing to train for.
        form: that of the order that governs, of the centered target where σ(0) ≠ 0.
        governing: that order, where the leading form vanishes on the data; None where it is p.
        out_of_scope: why no verdict is possible, None where one is.
        shares: of all neurons predicted to end at each orientation; of the basins alone, as if no
            output weight changed its sign, where `dead` is None.
        dead: share of the neurons predicted to die, None where it is not worked out.
        fine: how much finer than the usual run the chosen one is.
        adapted: what of the run differs from the usual one and why, None where nothing does.
        part: of the activation that governs, None where it has no leading part.
        epsilon: size of the initial weights that was asked for, None where none was.
    """

    orientations: tuple[Orientation, ...] = ()
    judged: tuple[bool, ...] = ()
    method: Method | None = None
    form: HomogeneousForm | None = None
    governing: int | None = None
    out_of_scope: str | None = None
    shares: tuple[float, ...] = ()
    dead: float | None = None
    fine: Fineness = USUAL
    adapted: str | None = None
    part: LeadingPart | None = None
    epsilon: float | None = None


def expect(
    described: Activation,
    data: DataSet,
    optimizer: Optimizer,
    width: int | None = None,
    limit: float = LIMIT,
    epsilon: float | None = None,
) -> Expected:
    """Predicted orientations of an activation on a data set, and whether a run can tell them.

    Args:
        described: the activation.
        data: what networks are trained on.
        optimizer: "gd" or "adam".
        width: neurons of every network.
        limit: seconds of one core that a run which is finer than usual may take.
        epsilon: size of the initial weights, None for one that suits the data.

    Raises:
        ActivationError: there are too many inputs for its order.
    """
    try:
        part = leading_part(described)
    except ValueError as error:
        return Expected(out_of_scope=str(error))
    if described.value_at_zero is None:  # its sides have leading parts, and do not meet
        return Expected(out_of_scope=described.reason)
    target = data.y - np.mean(data.y) if described.value_at_zero else data.y
    nothing = without_target(data, target)
    if nothing:
        return Expected(out_of_scope=nothing)
    plan = Plan(described, data, target, optimizer, width, part, part, epsilon)
    refusal = outside(described, data, optimizer, part)
    if refusal:
        return _refused(plan, refusal)
    try:
        governs = governing_part(described, data.augmented, target)
    except OwnOutputError as error:
        return _refused(plan, str(error))
    plan = Plan(described, data, target, optimizer, width, part, governs, epsilon)
    refusal = beyond_orders(plan)
    if refusal:
        return _refused(plan, refusal)
    try:
        return _resolved(plan, limit)
    except TooManyInputsError as error:
        raise ActivationError(f"{described.name}: {error}") from error
    except (DegenerateError, ArithmeticError) as error:
        return _refused(plan, advice(plan, str(error)))


def _refused(plan: Plan, reason: str) -> Expected:
    """Out of scope, with the method by which it can be trained all the same."""
    if plan.later:
        its = reason.replace("the leading form", "its form")
        reason = f"order {plan.governing} governs on these data: {its}"
    return Expected(
        method=plan.method(),
        form=plan.form,
        governing=plan.governing,
        out_of_scope=reason,
        part=plan.governs,
    )


def _resolved(plan: Plan, limit: float) -> Expected:
    """The prediction, and whether a run can tell it.

    Raises:
        DegenerateError, ArithmeticError: no direction is preferred.
    """
    usual, found = usual_run(plan)
    run = resolving_run(plan, usual, found, limit)
    reason = None if run.reason is None else advice(plan, run.reason)
    shares, dead = _shares(plan, usual, found, reason)
    said = in_words(run)
    judged = _populated(plan, run, shares, dead)
    if reason is None and not any(judged):
        reason = "too few neurons expected at every orientation; a larger width helps"
    return Expected(
        found,
        judged,
        run.method,
        plan.form,
        plan.governing,
        reason,
        shares,
        dead,
        run.protocol.fine,
        None if said is None else f"{said} (of the usual run: {usual.reason})",
        plan.governs,
        plan.epsilon,
    )


def _populated(
    plan: Plan, run: Run, shares: tuple[float, ...], dead: float | None
) -> tuple[bool, ...]:
    """Which orientations are judged: under Adam, whose momentum carries neurons over the edges of
    narrow basins, those where its flow too leaves neurons enough."""
    if not plane(plan.data) or run.protocol.geometry is Geometry.L2 or dead is None:
        return run.judged
    least = max(EXPECTED_UNDER_ADAM / run.protocol.neurons, SMALLEST_SHARE)
    return tuple(at and share >= least for at, share in zip(run.judged, shares, strict=True))


def _shares(
    plan: Plan, usual: Run, found: tuple[Orientation, ...], reason: str | None
) -> tuple[tuple[float, ...], float | None]:
    """Of all neurons at the orientations, and of the dead where that is worked out."""
    known = plane(plan.data) or reason is None
    if plan.centered or not found or not known or plan.passes_rest:
        return tuple(one.share for one in found), None
    if plane(plan.data) and usual.protocol.geometry is Geometry.L2:
        shrunk = 0.0 if usual.method.wide else SHRUNK
        return fates(plan.exact, found).shares(shrunk)
    drawn, _ = predicted_shares(plan.form, found, usual.protocol)
    return drawn.at, drawn.dead
