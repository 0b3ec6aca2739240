"""What is expected of an activation on given data under one optimizer: free of torch.

The prediction, the training settings under which it applies, and why it cannot be judged where it
cannot. Source: our derivation, see `theory.condensation.convergence` and
`theory.condensation.resolution`.
"""

from dataclasses import dataclass

import numpy as np

from sim.condensation.methods import Method, Optimizer, method
from sim.data.data_set import DataSet
from theory.condensation.convergence import (
    Offset,
    Protocol,
    enough_neurons,
    orientations_under,
    unresolved,
)
from theory.condensation.fates.flow import SHRUNK
from theory.condensation.fates.plane import fates
from theory.condensation.forms.homogeneous import HomogeneousForm, leading_form_of
from theory.condensation.forms.leading_form import Geometry
from theory.condensation.forms.sectors import form_for
from theory.condensation.orientations.critical import critical_orientations
from theory.condensation.orientations.plane import DegenerateError, Orientation
from theory.condensation.resolution import predicted_shares, unresolved_nd
from theory.symbolic.activation import Activation
from theory.symbolic.leading_part import LeadingPart, leading_part

ROUNDING = 1e-12  # of y: what is left of a constant y when its mean is subtracted
HIGHEST = 8  # order: beyond it gradients of networks that start small leave double precision


@dataclass(frozen=True)
class Expected:
    """A prediction for one optimizer.

    Attributes:
        orientations: all predicted ones.
        judged: which of them a run has neurons enough for; the others may be missing.
        method: how to train, None where there is nothing to train for.
        form: the leading form, of the centered target where σ(0) ≠ 0.
        out_of_scope: why no verdict is possible, None where one is.
        shares: of all neurons predicted to end at each orientation; of the basins alone, as if no
            output weight changed its sign, where `dead` is None.
        dead: share of the neurons predicted to die, None where it is not worked out.
    """

    orientations: tuple[Orientation, ...] = ()
    judged: tuple[bool, ...] = ()
    method: Method | None = None
    form: HomogeneousForm | None = None
    out_of_scope: str | None = None
    shares: tuple[float, ...] = ()
    dead: float | None = None


def expect(
    described: Activation, data: DataSet, optimizer: Optimizer, width: int | None = None
) -> Expected:
    """Predicted orientations of an activation on a data set, and whether a run can tell them."""
    try:
        part = leading_part(described)
    except ValueError as error:
        return Expected(out_of_scope=str(error))
    centered = bool(described.value_at_zero)
    target = data.y - np.mean(data.y) if centered else data.y
    norm = float(np.max(np.linalg.norm(data.augmented, axis=1)))
    if norm == 0 or np.max(np.abs(target)) <= ROUNDING * np.max(np.abs(data.y)):
        what = "y is constant" if centered else "all data are zero"
        return Expected(out_of_scope=f"{what}, so that no direction is preferred")
    form = leading_form_of(described, data.augmented, target)
    chosen = method(
        optimizer, part, centered=centered, neurons=width, norm=norm, size=size_of(part, target)
    )
    refusal = _refusal(described, data, optimizer, part.order)
    if refusal:
        return Expected(form=form, out_of_scope=refusal)
    offset = None
    if centered:
        offset = Offset(float(described.value_at_zero), float(np.mean(data.y)))  # type: ignore[arg-type]
    protocol = chosen.protocol(offset)
    try:
        found, judged, reason = _found(described, data, target, form, protocol)
    except (DegenerateError, ArithmeticError) as error:
        return Expected(form=form, out_of_scope=f"{error}; {_next(described)}")
    shares, dead = tuple(one.share for one in found), None
    if not centered and found and (plane(data) or reason is None):
        if plane(data) and protocol.geometry is Geometry.L2:
            shrunk = 0.0 if chosen.wide else SHRUNK
            shares, dead = fates(form_for(described, data.x, target), found).shares(shrunk)
        else:
            drawn, _ = predicted_shares(form, found, protocol)
            shares, dead = drawn.at, drawn.dead
    return Expected(found, judged, chosen, form, reason, shares, dead)


def size_of(part: LeadingPart, target: np.ndarray) -> float:
    """Root mean square of the targets times the larger leading coefficient."""
    return max(abs(part.right), abs(part.left)) * float(np.sqrt(np.mean(target**2)))


def _found(
    described: Activation,
    data: DataSet,
    target: np.ndarray,
    form: HomogeneousForm,
    protocol: Protocol,
) -> tuple[tuple[Orientation, ...], tuple[bool, ...], str | None]:
    if plane(data):
        exact = form_for(described, data.x, target)
        found = orientations_under(exact, protocol)
        reason = unresolved(exact, data.x, protocol, sparse=True)
        return found, enough_neurons(found, protocol), reason
    found = critical_orientations(form, protocol.geometry)
    following = [term for term in described.terms(2) if term.order > form.order][:1]
    next_order = None
    if following:
        (term,) = following
        coefficients = float(term.right), float(term.left)
        next_order = HomogeneousForm(form.x, form.y, term.order, *coefficients)
    return found, (True,) * len(found), unresolved_nd(form, found, protocol, next_order)


def plane(data: DataSet) -> bool:
    """Whether directions are angles: one input and a bias."""
    return data.bias and data.x.shape[1] == 1


def _refusal(described: Activation, data: DataSet, optimizer: Optimizer, order: int) -> str | None:
    """What is known without looking at the form."""
    if order > HIGHEST:
        return f"order {order}: training is possible up to order {HIGHEST}"
    if data.augmented.shape[1] < 2:
        return "one input without bias leaves no angle to choose"
    if not described.value_at_zero:
        return None
    if optimizer == "adam":
        return (
            "σ(0) ≠ 0 under Adam: the input weights move while the mean of y is fitted, and the "
            "centered target has bias component exactly 0, where the ℓ∞ square is degenerate"
        )
    if not plane(data):
        return "σ(0) ≠ 0 is judged for one input with bias only"
    return None


def _next(described: Activation) -> str:
    """Why the next order does not simply take over."""
    if not described.next_known:
        return "the next order is not known"
    terms = described.terms(2)
    if len(terms) < 2:
        return "there is no next order"
    return (
        f"order {terms[1].order} is the next, but the network's own output enters at the same "
        "order, so that no direction is predicted"
    )
