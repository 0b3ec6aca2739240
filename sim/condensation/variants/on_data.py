"""Condensation on data that somebody gives: every replicate is a network seed on the same data."""

import hashlib
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
import torch
from jaxtyping import Bool

from sim.activation.numerical import analyze_callable
from sim.activation.torch_callable import TorchCallable, resolve
from sim.condensation.experiment import Condensation
from sim.data.data_set import DataSet
from sim.experiment import Measurement
from sim.networks.ensemble import Faded, Trained, Weights
from theory.condensation.forms.governing import directions, form_of_part, part_of
from theory.symbolic.activation import Activation, activation
from theory.symbolic.leading_part import LeadingPart, leading_part

# of the largest slope of a form, and its square of the largest form: within 3° of a direction in
# which a form that vanishes there to second order does not act
REST = 0.05
# of the largest force and slope of a form: within the time in which the fastest neurons grow to
# the end, some ten of its units, what is slower than that moves by a few percent
SLOW = 3e-3
# of the slope that σ has at a neuron's largest |w·x| on the side that acts: where no sample has
# more, nothing moves within a run
FLAT = 1e-4


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
        narrow: gap of the clusters in units of the usual one.
    """

    name: ClassVar[str] = "condensation-on-data"

    given: DataSet | None = None
    imported: bool = False
    function: TorchCallable | None = None
    governing: int | None = None
    narrow: float = 1.0  # pyright: ignore[reportIncompatibleVariableOverride]

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
        higher = self.governing is None and self.described.orders_differ
        if self.given is None or (self.governing is None and not higher):
            return None
        form = form_of_part(self.part, self.given.augmented, self.given.y)
        u = directions(form.dimension)
        force = float(np.abs(form.value(u)).max())
        pull = float(np.linalg.norm(form.gradient(u), axis=1).max())
        if higher:
            return Faded(form.order, SLOW * force, SLOW * pull, growing=True)
        return Faded(form.order, REST**2 * force, REST * pull)

    @property
    def samples_given(self) -> int:
        """Rows of the given data."""
        return 0 if self.given is None else len(self.given.y)

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

    def _measured(self, start: Weights, trained: Trained, i: int) -> dict[str, Any]:
        return {**super()._measured(start, trained, i), "output": self._output(trained, i)}

    def _output(self, trained: Trained, i: int) -> float:
        """|f|/|y|, root mean squares, of the network; of the largest where each neuron is one."""
        if self.given is None:
            return 0.0
        w, a = trained.weights.w[i].cpu(), trained.weights.a[i].cpu()
        z = w @ torch.as_tensor(self.given.augmented, dtype=w.dtype).T
        each = a[:, None] * self.sigma()(z)[0].detach()
        target = torch.as_tensor(self.given.y, dtype=w.dtype)
        if self.centered:
            each, target = each - each.mean(1, keepdim=True), target - target.mean()
        f = each.sum(0, keepdim=True) if self.wide else each
        return float(f.norm(dim=1).max() / target.norm())

    def _silent(self, w: np.ndarray) -> Bool[np.ndarray, "neurons"]:
        """Where one side of σ does not act: those whose every w·x̃ is there, or beyond it by next to
        nothing: Adam stalls there, for it remembers gradients that were far larger.
        """
        if self.given is None or self.part.right * self.part.left:
            return super()._silent(w)
        z = torch.as_tensor(w @ self.given.augmented.T)
        reach = z.abs().amax(dim=1, keepdim=True)
        _, slopes = self.sigma()(z)
        _, steepest = self.sigma()(torch.cat([reach, -reach], dim=1))
        return (slopes.abs().amax(1) <= FLAT * steepest.abs().amax(1)).numpy()

    def settings(self) -> dict[str, Any]:
        """All settings, the data by their content."""
        left_out = {"given", "imported", "function"}
        if self.governing is None:  # as before there was such a setting
            left_out.add("governing")
        if self.narrow == 1:
            left_out.add("narrow")
        values = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in left_out}
        return {"experiment": self.name, **values, "given": self._digest()}

    def _digest(self) -> str:
        if self.given is None:
            return ""
        content = self.given.augmented.tobytes() + self.given.y.tobytes()
        return hashlib.sha256(content).hexdigest()
