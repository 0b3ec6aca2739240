"""Condensation on data that somebody gives: every replicate is a network seed on the same data."""

import hashlib
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from jaxtyping import Float

from sim.activation.numerical import analyze_callable
from sim.activation.torch_callable import TorchCallable, resolve
from sim.condensation.experiment import Condensation
from sim.data.data_set import DataSet
from sim.experiment import Measurement
from sim.networks.ensemble import Faded
from theory.condensation.forms.governing import directions, form_of_part, part_of
from theory.symbolic.activation import Activation, activation
from theory.symbolic.leading_part import LeadingPart, leading_part

# of the largest slope of a form, and its square of the largest form: within 3° of a direction in
# which a form that vanishes there to second order does not act
REST = 0.05
# of the largest form and slope: what acts less on a neuron than this is of a higher order. Where
# the orders of the sides differ that is less by the size of the initial weights, 1e-5.
STILL = 1e-3


@dataclass(frozen=True)
class OnData(Condensation):
    """A `Condensation` experiment with a data set of its own, used as it is.

    Attributes:
        given: the data.
        governing: the order that governs on them, where the leading form vanishes; what the stop
            rule compares is of that order.
        imported: whether ``activation`` is the name of a torch callable, which is imported
            wherever the experiment runs.
        function: a torch callable in hand, which cannot leave this process.
    """

    name: ClassVar[str] = "condensation-on-data"

    given: DataSet | None = None
    imported: bool = False
    function: TorchCallable | None = None
    governing: int | None = None

    @cached_property
    def described(self) -> Activation:
        if self.function is not None:
            return analyze_callable(self.function)
        if self.imported:
            return analyze_callable(resolve(self.activation))
        return activation(self.activation)

    @cached_property
    def part(self) -> LeadingPart:
        """The part of the activation that governs on these data."""
        leading = leading_part(self.described)
        if self.governing is None:
            return leading
        terms = self.described.terms(self.governing - leading.order + 1)
        return part_of(next(term for term in terms if term.order == self.governing))

    def faded(self) -> Faded | None:
        if self.governing is None or self.given is None:
            return None
        form = form_of_part(self.part, self.given.augmented, self.given.y)
        u = directions(form.dimension)
        return Faded(
            form.order,
            REST**2 * float(np.abs(form.value(u)).max()),
            REST * float(np.linalg.norm(form.gradient(u), axis=1).max()),
        )

    def still(self) -> Faded | None:
        """Where the orders differ between the sides of 0: neurons that only the higher one drives.

        In a network they are left where they were, when those that the lower one drives have
        grown: times are as ε^(p − q). With a clock each they would make clusters that no
        network has.
        """
        if self.given is None or not self.described.orders_differ:
            return None
        form = form_of_part(self.part, self.given.augmented, self._target())
        u = directions(form.dimension)
        return Faded(
            form.order,
            STILL * float(np.abs(form.value(u)).max()),
            STILL * float(np.linalg.norm(form.gradient(u), axis=1).max()),
        )

    def _target(self) -> Float[np.ndarray, " samples"]:
        y = self.given.y if self.given is not None else np.zeros(0)
        return y - np.mean(y) if self.centered else y

    def __getstate__(self) -> dict[str, Any]:
        """What goes to other processes: of a torch callable its name, its code is not sent."""
        state = dict(self.__dict__)
        if self.imported:
            state.pop("described", None)
        return state

    def data_set(self, seed: int, replicate: int, draws: int | None = None) -> tuple[DataSet, int]:
        if self.given is None:
            raise ValueError("no data set is given")
        return self.given, 1

    def data_of(self, measurement: Measurement) -> DataSet:
        return self.data_set(0, 0)[0]

    def settings(self) -> dict[str, Any]:
        """All settings, the data by their content."""
        left_out = {"given", "imported", "function"}
        if self.governing is None:  # as before there was such a setting
            left_out.add("governing")
        values = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in left_out}
        return {"experiment": self.name, **values, "given": self._digest()}

    def _digest(self) -> str:
        if self.given is None:
            return ""
        content = self.given.augmented.tobytes() + self.given.y.tobytes()
        return hashlib.sha256(content).hexdigest()
