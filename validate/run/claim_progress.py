"""How far a run has come: its options, and what is known of each claim so far."""

from dataclasses import dataclass, field

from sim.experiment import Experiment
from validate.book import ALPHA, level
from validate.claim import Body, Decision, Unit
from validate.decisions.judge import Judgement
from validate.decisions.rules.base import Contribution
from validate.registry import Claim
from validate.results.records import ClaimResult, Verdict

Block = tuple[Experiment, int]


@dataclass(frozen=True)
class Options:
    """What a run depends on besides the claims: all of it is written into the results."""

    seed: int = 0
    alpha: float = ALPHA
    budget: str = "quick"
    device: str = "cpu"

    def level(self, decision: Decision) -> float:
        """α of one look, 0 where nothing is random and nothing is spent."""
        return level(self.alpha, len(decision.looks)) if decision.takes_share else 0.0


@dataclass(frozen=True)
class Look:
    """The last look at a decision."""

    judgement: Judgement
    used: int  # looks taken


@dataclass
class ClaimState:
    """How far a claim has come; what progress displays read."""

    claim: Claim
    body: Body
    rounds: list[int]
    looks: dict[str, Look] = field(default_factory=dict)
    outcomes: dict[tuple[str, Experiment, int], Contribution] = field(default_factory=dict)
    units: list[Unit] = field(default_factory=list)  # the pool
    every: list[Unit] = field(default_factory=list)
    stage: int = 0  # index of the next look
    missing: set[Block] = field(default_factory=set)  # blocks asked for that it waits for
    error: str | None = None
    result: ClaimResult | None = None

    @property
    def finished(self) -> bool:
        return self.error is not None or self.stage >= len(self.rounds) or self._decided()

    def needed(self) -> list[Block]:
        """All blocks of the rounds up to the next look."""
        return [(e, block) for block in range(self.rounds[self.stage]) for e in self.body.grid]

    def open(self, decision: Decision) -> bool:
        """Whether a decision still waits for more units."""
        look = self.looks.get(decision.name)
        return look is None or (
            look.judgement.verdict is Verdict.INCONCLUSIVE and look.used < len(decision.looks)
        )

    def _decided(self) -> bool:
        return not any(self.open(decision) for decision in self.body.decisions)

    def blocks(self) -> list[Block]:
        """The blocks behind all units so far."""
        return list(
            dict.fromkeys((u.experiment, u.replicate // u.experiment.block) for u in self.every)
        )
