"""One activation on one data set under one optimizer: how a run may be set, and what it can tell.

Free of torch. Source: our derivation, see `theory.condensation.convergence` and
`theory.condensation.resolution`.
"""

import math
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from sim.condensation.clustering import GAP, chance_of_cluster
from sim.condensation.finer import finer
from sim.condensation.methods import AMPLITUDE, Method, Optimizer, method
from sim.data.data_set import DataSet
from theory.condensation.convergence import (
    ARRIVED,
    enough_neurons,
    growth,
    orientations_under,
    unresolved,
)
from theory.condensation.fates.adam_flow import STEPS
from theory.condensation.fates.flow import RESIDUAL
from theory.condensation.fates.stragglers import stragglers
from theory.condensation.forms.governing import form_of_part, part_of
from theory.condensation.forms.homogeneous import HomogeneousForm
from theory.condensation.forms.leading_form import Form, Geometry
from theory.condensation.forms.sectors import SectorForm, plane_form
from theory.condensation.late import beside_under_adam, late_under_adam
from theory.condensation.orientations.critical import critical_orientations
from theory.condensation.orientations.plane import Orientation
from theory.condensation.protocol import Fineness, Offset, Protocol
from theory.condensation.resolution import unresolved_nd
from theory.symbolic.activation import Activation
from theory.symbolic.leading_part import LeadingPart

USUAL = Fineness()
CHANCE = 0.01  # of a network to show a cluster on its way: a tenth of what a verdict tolerates


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
    epsilon: float | None = None

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

    def method(self, amplitude: float = AMPLITUDE, fine: Fineness = USUAL) -> Method:
        """How to train up to an amplitude."""
        usual = method(
            self.optimizer,
            self.governs,
            centered=self.centered,
            neurons=self.width,
            norm=float(np.max(np.linalg.norm(self.data.augmented, axis=1))),
            amplitude=amplitude,
            size=size_of(self.governs, self.target),
            epsilon=self.epsilon,
        )
        return finer(usual, fine, self.governs.order)

    def protocol(self, chosen: Method, fine: Fineness = USUAL) -> Protocol:
        """What of a method decides how far a run converges."""
        offset = None
        if self.centered:
            value = float(self.described.value_at_zero)  # type: ignore[arg-type]
            offset = Offset(value, float(np.mean(self.data.y)))
        return replace(chosen.protocol(offset), fine=fine)

    def orientations(self, protocol: Protocol) -> tuple[Orientation, ...]:
        """All that are predicted.

        Raises:
            DegenerateError, ArithmeticError: no direction is preferred.
        """
        if plane(self.data):
            return orientations_under(self.exact, protocol)
        return critical_orientations(self.form, protocol.geometry)

    def unresolved(
        self, found: tuple[Orientation, ...], protocol: Protocol
    ) -> tuple[tuple[bool, ...], str | None]:
        """Which orientations a run has neurons enough for, and why it can tell none of them."""
        if plane(self.data):
            reason = unresolved(self.exact, self.data.x, protocol, sparse=True)
            return enough_neurons(found, protocol), reason or self._late(found, protocol)
        form = self.form
        count = form.order - self.leading.order + 2
        following = [t for t in self.described.terms(count) if t.order > form.order][:1]
        next_order = form_of_part(part_of(following[0]), form.x, form.y) if following else None
        return (True,) * len(found), unresolved_nd(form, found, protocol, next_order)

    def _late(self, found: tuple[Orientation, ...], protocol: Protocol) -> str | None:
        """Whether too many neurons are on their way under Adam: kinks delay many, and of smooth
        activations few that pass the same place together look like a cluster."""
        if protocol.geometry is not Geometry.LINF:
            return None
        radius = min(growth(self.exact, self.data.x, at, protocol) for at in found) * math.sqrt(2)
        if self.governs.smooth:
            return self._straggling(found, protocol, radius)
        late = late_under_adam(self.form, found, radius, protocol.fine.gap)
        if late <= 1 - ARRIVED:
            return None
        beside = beside_under_adam(self.form, found)
        if beside > 1 - ARRIVED:
            return (
                f"{beside:.0%} of the neurons stay more than {RESIDUAL:g}° beside the orientations "
                f"in {STEPS} steps of Adam's flow, as at kinks, where they are not just signs"
            )
        return f"{late:.0%} of the neurons are still on their way at the end"

    def _straggling(
        self, found: tuple[Orientation, ...], protocol: Protocol, radius: float
    ) -> str | None:
        """Whether those on their way would look like a cluster in too many networks."""
        gap = protocol.fine.gap
        late = stragglers(self.form, found, radius, GAP * gap)
        chance = chance_of_cluster(late.u, late.sign, late.share, protocol.neurons, gap)
        if chance <= CHANCE:
            return None
        return (
            f"{late.share:.1%} of the neurons are still on their way at the end, together enough "
            f"for a cluster in {chance:.0%} of the networks"
        )


def size_of(part: LeadingPart, target: np.ndarray) -> float:
    """Root mean square of the targets times the larger leading coefficient."""
    return max(abs(part.right), abs(part.left)) * float(np.sqrt(np.mean(target**2)))


def plane(data: DataSet) -> bool:
    """Whether directions are angles: one input and a bias."""
    return data.bias and data.x.shape[1] == 1
