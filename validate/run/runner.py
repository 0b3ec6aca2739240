"""Runs claims: rounds of blocks from the store or the workers, looks, verdicts.

Blocks that several claims share are trained once. What is decided depends on complete rounds
only, never on the order in which blocks arrive, so any number of workers gives the same
results.
"""

import importlib.metadata
import pickle
import platform
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from dataclasses import dataclass
from datetime import UTC, datetime

from sim.engine.errors import described
from sim.engine.executor import CHANGED_MEANWHILE, fresh_processes, import_ahead, run_pickled_block
from sim.engine.fingerprint import code_of, combined, fingerprint_of
from sim.engine.loaded import first_import, other_than, record_imports
from sim.engine.lost import BlockLost, SchedulerLost
from sim.engine.store import Store, key
from sim.experiment import Measurement
from sim.native import compiler
from validate.book import SHARES
from validate.claim import BUDGETS, Decision, Unit, checked, planned_units
from validate.decisions.judge import Judgement, judge, outcome
from validate.registry import Claim, claims, families
from validate.results.records import ClaimResult, Results, Run
from validate.run.claim_progress import Block, ClaimState, Look, Options
from validate.run.record import claim_result, parts, settings_digest

PACKAGES = ("torch", "numpy", "scipy", "sympy", "scikit-learn", "matplotlib", "seaborn", "typst")

WORKER_DIED = "a worker process died (out of memory?); run again, or with fewer --workers"

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
    ) -> None:
        """``importing``: what processes import while claims are built, if anything has to run."""
        self.options = options
        self.store, self.executor, self.report = store, executor, report
        self.importing = importing
        self.states = [self._built(c) for c in chosen]
        self.blocks: dict[Block, Sequence[Measurement]] = {}
        self.units: dict[Block, list[Unit]] = {}
        self.seconds: dict[Block, float] = {}
        self.failures: dict[Block, str] = {}
        self.pending: dict[Future, tuple[Block, int]] = {}
        self.tries: Counter[Block] = Counter()
        self.generation = 0  # of processes
        self.still_changed = CHANGED_MEANWHILE
        self.reused = self.computed = 0
        self.started, self.elapsed = datetime.now(UTC), 0.0

    def _built(self, claim: Claim) -> ClaimState:
        body = checked(claim)
        if self.importing and any(self._key((e, 0)) not in self.store for e in body.grid):
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
        while self.pending:
            # with a timeout: an untimed wait can miss Ctrl-C, and displays want to be redrawn
            done, _ = wait(self.pending, timeout=0.5, return_when=FIRST_COMPLETED)
            # results first: a loss ends the run, and what was finished is kept
            for future in sorted(done, key=lambda one: one.exception() is not None):
                self._take(future)
            self._advance()
        self.elapsed += time.monotonic() - clock

    def results(self) -> Results:
        """The record of the run, which is finished first."""
        self.run()
        run = Run(
            started=self.started.isoformat(timespec="seconds"),
            seconds=round(self.elapsed, 2),
            seed=self.options.seed,
            alpha=self.options.alpha,
            decisions=sum(state.body.shares for state in self.states),
            shares=SHARES,
            budget=self.options.budget,
            device=self.options.device,
            versions=versions(),
            code=combined(fingerprint_of(e) for state in self.states for e in state.body.grid),
            settings_hash=settings_digest(self.states),
            reused=self.reused,
            computed=self.computed,
            failed=len(self.failures),
        )
        return Results(
            run=run,
            claims=tuple(s.result for s in self.states if s.result),
            parts=parts([s.claim for s in self.states], families(), claims()),
        )

    def _advance(self) -> None:
        """Take every look whose blocks are there and ask for what the next ones need."""
        for state in self.states:
            while not state.finished and not state.missing:
                needed = state.needed()
                self._request([block for block in needed if not self._settled(block)])
                state.missing = {block for block in needed if not self._settled(block)}
                if state.missing:
                    break
                self._look(state, needed)
            if state.finished and state.result is None:
                state.result = self._result(state)
        self.report(self)

    def _result(self, state: ClaimState) -> ClaimResult:
        seconds = sum((self.seconds.get(block, 0.0) for block in state.blocks()), 0.0)
        try:
            return claim_result(state, self.options, seconds)
        except Exception as error:  # such as a figure that cannot be drawn from these units
            state.error = described(error)
            return claim_result(state, self.options, seconds)

    def _settled(self, block: Block) -> bool:
        return block in self.blocks or block in self.failures

    def _request(self, blocks: list[Block]) -> None:
        waiting = {block for block, _ in self.pending.values()}
        missing = []
        for block in blocks:
            if block in waiting:
                continue
            changed = other_than(code_of(block[0]))
            if changed is not None:  # what this process analyzed is of other code than the key
                self.failures[block] = f"the code of {changed} {CHANGED_MEANWHILE}"
                continue
            kept = self.store.kept(self._key(block))
            if kept is None:
                missing.append(block)
            else:
                self.blocks[block], self.seconds[block] = kept
                self.reused += 1
        # one of each experiment first, so that workers do not compile the same at once; then long
        # ones, so that no worker is left with one at the end
        for block in sorted(missing, key=lambda b: (b[1] > 0, -b[0].cost() * b[0].block)):
            self._submit(block)

    def _submit(self, block: Block) -> None:
        experiment, index = block
        code = code_of(experiment)
        seed, device = self.options.seed, self.options.device
        try:
            future = self.executor.submit(
                run_pickled_block, pickle.dumps(experiment), seed, index, device, code
            )
        except BrokenExecutor as error:
            self.failures[block] = _why_lost(error)
        else:
            self.pending[future] = block, self.generation
            self.tries[block] += 1

    def _take(self, future: Future) -> None:
        """What became of a block, for all claims that wait for it."""
        block, generation = self.pending.pop(future)
        self._record(future, block, generation)
        if self._settled(block):
            for state in self.states:
                state.missing.discard(block)

    def _record(self, future: Future, block: Block, generation: int) -> None:
        try:
            result = future.result()
        except Exception as error:
            self.failures[block] = _why_lost(error)
            return
        if result.changed is not None:
            self._run_again(block, generation, result.changed)
            return
        if result.error is not None:
            self.failures[block] = result.error
            return
        self.store.put_encoded(self._key(block), block[0].name, result.encoded, result.seconds)
        self.blocks[block] = result.measurements
        self.seconds[block] = result.seconds
        self.computed += 1

    def _run_again(self, block: Block, generation: int, changed: str) -> None:
        """What came from other code than the key says is not stored, nor used.

        The process may have imported it before the key was taken: a new one tells. If that has it
        too, the file was changed since, and what the parent imported is of no use either.
        """
        if self.tries[block] > 1:
            self.failures[block] = f"the code of {changed} {self.still_changed}"
            return
        if generation == self.generation:
            self.still_changed = fresh_processes(self.executor)
            self.generation += 1
        self._submit(block)

    def _key(self, block: Block) -> str:
        return key(block[0], self.options.seed, block[1], self.options.device)

    def _look(self, state: ClaimState, needed: list[Block]) -> None:
        """Judge the open decisions whose plan has a look at this round."""
        failed = [self.failures[block] for block in needed if block in self.failures]
        if failed:
            state.error = failed[0]
            return
        state.units = self._units(needed)
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
        measured = zip(experiment.replicates(index), self.blocks[block], strict=True)
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
        return judge(decision.prediction, outcomes, self.options.level(decision))


def _why_lost(error: Exception) -> str:
    """What to say of a block that did not come back from a worker; the run ends with the cluster.

    Raises:
        SchedulerLost: the error, if it is that.
    """
    if isinstance(error, SchedulerLost):
        raise error
    if isinstance(error, BlockLost):
        return str(error)
    # a worker of a cluster may not even be able to import what runs blocks
    return WORKER_DIED if isinstance(error, BrokenExecutor) else described(error)


def versions() -> dict[str, str]:
    """Versions of Python and of the packages that results depend on, without importing them."""
    packages = {name: importlib.metadata.version(name) for name in PACKAGES}
    return {"python": platform.python_version(), **packages, "compiler": compiler() or "none"}


@dataclass(frozen=True)
class PlannedClaim:
    """What a claim would run at most, for ``--dry-run``."""

    id: str
    looks: tuple[int, ...]
    blocks: int
    stored: int
    seconds: float


def plan(
    chosen: Sequence[Claim], options: Options, store: Store | None, workers: int
) -> list[PlannedClaim]:
    """What would run if every decision took all its looks; shared blocks count once."""
    seen: set[Block] = set()
    planned = []
    for c in chosen:
        body = checked(c)
        rounds = body.rounds(options.budget)[-1]
        blocks = {(e, b) for e in body.grid for b in range(rounds)} - seen
        seen |= blocks
        missing = [
            block
            for block in blocks
            if store is None
            or store.get(key(block[0], options.seed, block[1], options.device)) is None
        ]
        seconds = sum(e.cost() * e.block for e, _ in missing) / workers
        looks = max((planned_units(d, options.budget) for d in body.decisions), key=lambda n: n[-1])
        planned.append(PlannedClaim(c.id, looks, len(blocks), len(blocks) - len(missing), seconds))
    return planned
