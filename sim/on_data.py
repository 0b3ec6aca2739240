"""Condensation on data that somebody gives: every replicate is a network seed on the same data."""

import hashlib
from dataclasses import dataclass, fields
from typing import Any, ClassVar

from sim.condensation import Condensation
from sim.data import DataSet


@dataclass(frozen=True)
class OnData(Condensation):
    """A `Condensation` experiment with a data set of its own, used as it is."""

    name: ClassVar[str] = "condensation-on-data"

    given: DataSet | None = None

    def data_set(self, seed: int, replicate: int, draws: int | None = None) -> tuple[DataSet, int]:
        if self.given is None:
            raise ValueError("no data set is given")
        return self.given, 1

    def settings(self) -> dict[str, Any]:
        """All settings, the data by their content."""
        values = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "given"}
        return {"experiment": self.name, **values, "given": self._digest()}

    def _digest(self) -> str:
        if self.given is None:
            return ""
        content = self.given.augmented.tobytes() + self.given.y.tobytes()
        return hashlib.sha256(content).hexdigest()
