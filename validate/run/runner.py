"""Runs claims: rounds of blocks from the store or the workers, looks, verdicts.

Blocks that several claims share are trained once. What is decided depends on complete rounds
only, never on the order in which blocks arrive, so any number of workers gives the same
results.
"""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from datetime import UTC, datetime

from sim.engine.errors import described
from sim.engine.executor import import_ahead
from sim.engine.loaded import first_import, record_imports
from sim.engine.store import Store
from validate.claim import BUDGETS, Decision, Unit
from validate.decisions.judge import Judgement, judge, outcome
from validate.registry import Claim
from validate.results.records import ClaimResult, Results
from validate.run.blocks import Blocks
from validate.run.claim_progress import Block, ClaimState, Look, Options
from validate.run.judged import Judged, judged
from validate.run.kept_claims import JudgedClaims
from validate.run.opened_files import opened_files
from validate.run.pool import planned, pool
from validate.run.record import claim_result, run_result

# before claims are built: what they analyze goes to the workers with their experiments
record_imports(first_import(), trust_compiled=True)


class Runner:
    """One run of some claims with shared blocks; `results` does it all."""

    def __init__(
        self,
        chosen: Sequence[Claim],
        options: Options,
        store: Store,
        executor: Executor,
        report: Callable[["Runner"], None] = lambda runner: None,
        importing: str | None = None,
        judged_before: JudgedClaims | None = None,
    ) -> None:
        """
        Args:
            importing: what processes import while claims are built, if anything has to run.
            judged_before: where to look for claims that were judged, and to keep those that are;
                without it every claim is judged anew, and has a state at the end.
        """
        self.options, self.chosen = options, chosen
        self.store, self.executor, self.report = store, executor, report
        self.importing, self.judged_before = importing, judged_before
        self.blocks = Blocks(options, store, executor)
        self.units: dict[Block, list[Unit]] = {}
        self.opened: dict[str, set[str]] = {claim.id: set() for claim in chosen}
        self.judged = self._found()
        self.states = [self._built(c) for c in chosen if c.id not in self.judged]
        self.started, self.elapsed = datetime.now(UTC), 0.0

    @property
    def reused(self) -> int:
        """Stored blocks that were used, by claims that were judged before too."""
        before = {block for one in self.judged.values() for block in one.blocks}
        return len(before | self.blocks.reused)

    @property
    def computed(self) -> int:
        """Blocks that were trained."""
        return len(self.blocks.computed)

    def verdicts(self) -> list[ClaimResult]:
        """The records of the claims that are decided so far."""
        before = [one.result for one in self.judged.values()]
        return before + [state.result for state in self.states if state.result]

    def _found(self) -> dict[str, Judged]:
        if self.judged_before is None:
            return {}
        found = {claim.id: self.judged_before.find(claim) for claim in self.chosen}
        return {id: one for id, one in found.items() if one is not None}

    def _built(self, claim: Claim) -> ClaimState:
        with opened_files(self.opened[claim.id]):
            body = planned(claim, self.options.budget, self.options.alpha)
        if self.importing and any(self.blocks.key((e, 0)) not in self.store for e in body.grid):
            import_ahead(self.executor, self.importing)
            self.importing = None
        return ClaimState(claim, body, body.rounds(self.options.budget))

    def run(self) -> None:
        """Go on until every claim is decided or its plan has ended.

        Raises:
            SchedulerLost: what is not stored yet is lost.
        """
        clock = time.monotonic()
        self._advance()
        while self.blocks.pending:
            arrived = self.blocks.arrived()
            for state in self.states:
                state.missing -= arrived
            self._advance()
        self.elapsed += time.monotonic() - clock

    def results(self) -> Results:
        """The record of the run, which is finished first."""
        self.run()
        made = {state.claim.id: self._judged(state) for state in self.states if state.result}
        return run_result(
            self.chosen,
            {**self.judged, **made},
            self.options,
            started=self.started.isoformat(timespec="seconds"),
            seconds=round(self.elapsed, 2),
            reused=self.reused,
            computed=self.computed,
            failed=len(self.blocks.failures),
        )

    def _advance(self) -> None:
        """Take every look whose blocks are there and ask for what the next ones need."""
        for state in self.states:
            with opened_files(self.opened[state.claim.id]):
                self._advance_claim(state)
        self.report(self)

    def _advance_claim(self, state: ClaimState) -> None:
        while not state.finished and not state.missing:
            needed = state.needed()
            self.blocks.request(self.blocks.unsettled(needed))
            state.missing = set(self.blocks.unsettled(needed))
            if state.missing:
                break
            self._look(state, needed)
        if state.finished and state.result is None:
            state.result = self._result(state)
            if self.judged_before is not None:
                made = self._judged(state)
                self.judged_before.keep(state.claim, made, self.opened[state.claim.id])

    def _judged(self, state: ClaimState) -> Judged:
        return judged(state, [self.blocks.key(block) for block in state.blocks()])

    def _result(self, state: ClaimState) -> ClaimResult:
        seconds = sum((self.blocks.seconds.get(block, 0.0) for block in state.blocks()), 0.0)
        try:
            return claim_result(state, self.options, seconds)
        except Exception as error:  # such as a figure that cannot be drawn from these units
            state.error = described(error)
            return claim_result(state, self.options, seconds)

    def _look(self, state: ClaimState, needed: list[Block]) -> None:
        """Judge the open decisions whose plan has a look at this round."""
        failed = [self.blocks.failures[block] for block in needed if block in self.blocks.failures]
        if failed:
            state.error = failed[0]
            return
        state.every = self._units(needed)
        state.units = pool(state.body, state.every)
        rounds, factor = state.rounds[state.stage], BUDGETS[self.options.budget]
        try:
            for decision in state.body.decisions:
                plan = [look * factor for look in decision.looks]
                if rounds in plan and state.open(decision):
                    judgement = self._judgement(state, decision)
                    state.looks[decision.name] = Look(judgement, plan.index(rounds) + 1)
        except Exception as error:  # a fault in a claim is its verdict, not the end of the run
            state.error = described(error)
        state.stage += 1

    def _units(self, blocks: list[Block]) -> list[Unit]:
        """The units of some blocks, the same at every look and for all claims."""
        for block in blocks:
            if block not in self.units:
                self.units[block] = self._units_of(block)
        return [unit for block in blocks for unit in self.units[block]]

    def _units_of(self, block: Block) -> list[Unit]:
        experiment, index = block
        measured = zip(experiment.replicates(index), self.blocks.measured[block], strict=True)
        return [
            Unit(experiment, self.options.seed, one, measurement) for one, measurement in measured
        ]

    def _judgement(self, state: ClaimState, decision: Decision) -> Judgement:
        outcomes = []
        for unit in decision.units(state.units):
            at = (decision.name, unit.experiment, unit.replicate)
            if at not in state.outcomes:
                predicted, observed = decision.predict(unit), decision.observe(unit)
                state.outcomes[at] = outcome(decision.prediction, predicted, observed)
            outcomes.append(state.outcomes[at])
        level, hints = self.options.level(decision), not decision.role.must_fail
        return judge(decision.prediction, outcomes, level, hints)
