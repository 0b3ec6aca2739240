"""What one kind of fault came to: counts of outcomes, and what must not happen."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Tally:
    """Outcomes by name, and faults in words.

    Attributes:
        kind: what was done, such as "kills of the parent".
    """

    kind: str
    outcomes: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def count(self, outcome: str, number: int = 1) -> None:
        """Count an outcome."""
        self.outcomes[outcome] += number

    def check(self, good: bool, fault: str) -> bool:
        """Note a fault unless all is good; gives what it was given."""
        if not good:
            self.faults.append(fault)
        return good

    def text(self) -> str:
        """One line of counts."""
        counts = ", ".join(f"{number} {name}" for name, number in self.outcomes.items())
        return f"{self.kind}: {counts or 'none'}; {len(self.faults)} faults"

    def plain(self) -> dict:
        """JSON-ready."""
        return {"kind": self.kind, "outcomes": dict(self.outcomes), "faults": self.faults}
