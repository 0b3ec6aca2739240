"""What is expected of an activation on given data under one optimizer: free of torch.

The prediction, the training settings under which it applies, and why it cannot be judged where it
cannot. Source: our derivation, see `theory.condensation.convergence` and
`theory.condensation.resolution`.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sim.condensation.methods import AMPLITUDE, Method, Optimizer, method
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
from theory.condensation.forms.governing import (
    OwnOutputError,
    form_of_part,
    governing_part,
    part_of,
)
from theory.condensation.forms.homogeneous import HomogeneousForm
from theory.condensation.forms.leading_form import Form, Geometry
from theory.condensation.forms.sectors import SectorForm, plane_form
from theory.condensation.orientations.critical import critical_orientations
from theory.condensation.orientations.plane import DegenerateError, Orientation
from theory.condensation.own_output import quiet_amplitude
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
        form: that of the order that governs, of the centered target where σ(0) ≠ 0.
        governing: that order, where the leading form vanishes on the data; None where it is p.
        out_of_scope: why no verdict is possible, None where one is.
        shares: of all neurons predicted to end at each orientation; of the basins alone, as if no
            output weight changed its sign, where `dead` is None.
        dead: share of the neurons predicted to die, None where it is not worked out.
    """

    orientations: tuple[Orientation, ...] = ()
    judged: tuple[bool, ...] = ()
    method: Method | None = None
    form: HomogeneousForm | None = None
    governing: int | None = None
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
    if described.value_at_zero is None:  # its sides have leading parts, and do not meet
        return Expected(out_of_scope=described.reason)
    centered = bool(described.value_at_zero)
    target = data.y - np.mean(data.y) if centered else data.y
    norm = float(np.max(np.linalg.norm(data.augmented, axis=1)))
    if norm == 0 or np.max(np.abs(target)) <= ROUNDING * np.max(np.abs(data.y)):
        what = "y is constant" if centered else "all data are zero"
        return Expected(out_of_scope=f"{what}, so that no direction is preferred")
    refusal = _refusal(described, data, optimizer, part.order) or _moved(described, optimizer)
    leading = form_of_part(part, data.augmented, target)
    if refusal:
        return Expected(form=leading, out_of_scope=refusal)
    try:
        governs = governing_part(described, data.augmented, target)
    except OwnOutputError as error:
        return Expected(form=leading, out_of_scope=str(error))
    plan = Plan(described, data, target, optimizer, width, part, governs)
    if governs.order > HIGHEST:
        return plan.refused(f"order {governs.order}: training is possible up to order {HIGHEST}")
    if plan.later and optimizer == "adam" and not governs.smooth:
        return plan.refused(
            "it differs between the sides, so that it hardly acts in some directions, where under "
            "Adam the network's own output moves neurons as fast as any force"
        )
    try:
        return _resolved(plan, plan.method())
    except (DegenerateError, ArithmeticError) as error:
        return plan.refused(str(error))


@dataclass(frozen=True)
class Plan:
    """One activation on one data set: with the part that governs there, which is nearly always
    the leading one.
    """

    described: Activation
    data: DataSet
    target: np.ndarray
    optimizer: Optimizer
    width: int | None
    leading: LeadingPart
    governs: LeadingPart

    @cached_property
    def form(self) -> HomogeneousForm:
        return form_of_part(self.governs, self.data.augmented, self.target)

    @cached_property
    def exact(self) -> Form | SectorForm:
        """The same for one input with bias."""
        return plane_form(self.governs, self.data.x, self.target)

    @property
    def centered(self) -> bool:
        return bool(self.described.value_at_zero)

    @property
    def later(self) -> bool:
        """Whether an order beyond the leading one governs."""
        return self.governs.order != self.leading.order

    @property
    def governing(self) -> int | None:
        return self.governs.order if self.later else None

    @property
    def passes_rest(self) -> bool:
        """Whether neurons may pass a direction in which nothing acts, so that shares are not told.

        A form of order q vanishes to order p + 1 in w where the bias alone is left: for q > p + 1
        it may change its sign there, and the own output decides who passes.
        """
        return self.governs.order > self.leading.order + 1 and self.data.bias

    def method(self, amplitude: float = AMPLITUDE) -> Method:
        """How to train up to an amplitude."""
        return method(
            self.optimizer,
            self.governs,
            centered=self.centered,
            neurons=self.width,
            norm=float(np.max(np.linalg.norm(self.data.augmented, axis=1))),
            amplitude=amplitude,
            size=size_of(self.governs, self.target),
        )

    def protocol(self, chosen: Method) -> Protocol:
        if not self.centered:
            return chosen.protocol()
        mean = float(np.mean(self.data.y))
        return chosen.protocol(Offset(float(self.described.value_at_zero), mean))  # type: ignore[arg-type]

    def refused(self, reason: str) -> Expected:
        if self.later:
            its = reason.replace("the leading form", "its form")
            reason = f"order {self.governing} governs on these data: {its}"
        return Expected(form=self.form, governing=self.governing, out_of_scope=reason)


def _resolved(plan: Plan, chosen: Method) -> Expected:
    """The prediction, and whether a run can tell it.

    Raises:
        DegenerateError, ArithmeticError: no direction is preferred.
    """
    if plan.later:
        found = _orientations(plan, plan.protocol(chosen))
        if found:
            level = quiet_amplitude(plan.leading, plan.form, found, plan.protocol(chosen))
            chosen = plan.method(level)
    form, protocol = plan.form, plan.protocol(chosen)
    found, judged, reason = _found(plan, protocol)
    shares, dead = tuple(one.share for one in found), None
    known = plane(plan.data) or reason is None
    if not plan.centered and found and known and not plan.passes_rest:
        if plane(plan.data) and protocol.geometry is Geometry.L2:
            shrunk = 0.0 if chosen.wide else SHRUNK
            shares, dead = fates(plan.exact, found).shares(shrunk)
        else:
            drawn, _ = predicted_shares(form, found, protocol)
            shares, dead = drawn.at, drawn.dead
    return Expected(found, judged, chosen, form, plan.governing, reason, shares, dead)


def size_of(part: LeadingPart, target: np.ndarray) -> float:
    """Root mean square of the targets times the larger leading coefficient."""
    return max(abs(part.right), abs(part.left)) * float(np.sqrt(np.mean(target**2)))


def _orientations(plan: Plan, protocol: Protocol) -> tuple[Orientation, ...]:
    if plane(plan.data):
        return orientations_under(plan.exact, protocol)
    return critical_orientations(plan.form, protocol.geometry)


def _found(
    plan: Plan, protocol: Protocol
) -> tuple[tuple[Orientation, ...], tuple[bool, ...], str | None]:
    """Orientations, which of them are judged, and why none can be."""
    found, form = _orientations(plan, protocol), plan.form
    if plane(plan.data):
        reason = unresolved(plan.exact, plan.data.x, protocol, sparse=True)
        return found, enough_neurons(found, protocol), reason
    count = form.order - plan.leading.order + 2
    following = [t for t in plan.described.terms(count) if t.order > form.order][:1]
    next_order = form_of_part(part_of(following[0]), form.x, form.y) if following else None
    return found, (True,) * len(found), unresolved_nd(form, found, protocol, next_order)


def plane(data: DataSet) -> bool:
    """Whether directions are angles: one input and a bias."""
    return data.bias and data.x.shape[1] == 1


def _moved(described: Activation, optimizer: Optimizer) -> str | None:
    """Why Adam moves neurons that the governing order leaves where they are."""
    if optimizer == "gd" or not described.orders_differ:
        return None
    return (
        "the orders of the two sides differ: under Adam, which moves all weights at one speed, "
        "neurons that the lower order leaves at rest condense by the higher one"
    )


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
