"""Condensation on data that somebody gives: every replicate is a network seed on the same data."""

import hashlib
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, ClassVar

from sim.activation.numerical import analyze_callable
from sim.activation.torch_callable import TorchCallable, resolve
from sim.condensation.experiment import Condensation
from sim.data.data_set import DataSet
from sim.experiment import Measurement
from theory.symbolic.activation import Activation, activation


@dataclass(frozen=True)
class OnData(Condensation):
    """A `Condensation` experiment with a data set of its own, used as it is.

    Attributes:
        given: the data.
        imported: whether ``activation`` is the name of a torch callable, which is imported
            wherever the experiment runs.
        function: a torch callable in hand, which cannot leave this process.
    """

    name: ClassVar[str] = "condensation-on-data"

    given: DataSet | None = None
    imported: bool = False
    function: TorchCallable | None = None

    @cached_property
    def described(self) -> Activation:
        if self.function is not None:
            return analyze_callable(self.function)
        if self.imported:
            return analyze_callable(resolve(self.activation))
        return activation(self.activation)

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
        values = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in left_out}
        return {"experiment": self.name, **values, "given": self._digest()}

    def _digest(self) -> str:
        if self.given is None:
            return ""
        content = self.given.augmented.tobytes() + self.given.y.tobytes()
        return hashlib.sha256(content).hexdigest()
