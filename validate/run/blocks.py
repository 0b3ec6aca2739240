"""The blocks of a run: taken from the store, else from the executor, and kept as they come."""

import pickle
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from concurrent.futures.process import BrokenProcessPool

from sim.engine.errors import described
from sim.engine.executor import CHANGED_MEANWHILE, fresh_processes, run_pickled_block
from sim.engine.fingerprint import code_of
from sim.engine.loaded import other_than
from sim.engine.lost import BlockLost, SchedulerLost
from sim.engine.store import Store, key
from sim.experiment import Measurement
from validate.run.claim_progress import Block, Options
from validate.run.suspects import WORKER_DIED, Suspects

REDRAWN = 0.5  # seconds between two looks of a display, at most


class Blocks:
    """What is known of the blocks of one run.

    Attributes:
        measured: measurements of those that came.
        seconds: how long each took when it was trained.
        failures: of those that will not come, why.
        pending: those that are being trained, each with the generation of its processes.
        reused, computed: keys of those that came from the store, and from processes.
    """

    def __init__(self, options: Options, store: Store, executor: Executor) -> None:
        self.options, self.store, self.executor = options, store, executor
        self.measured: dict[Block, Sequence[Measurement]] = {}
        self.seconds: dict[Block, float] = {}
        self.failures: dict[Block, str] = {}
        self.pending: dict[Future, tuple[Block, int]] = {}
        self.reused: set[str] = set()
        self.computed: set[str] = set()
        self._keys: dict[Block, str] = {}
        self._tries: Counter[Block] = Counter()
        self._suspects = Suspects()
        self._generation = 0  # of processes
        self._still_changed = CHANGED_MEANWHILE

    def key(self, block: Block) -> str:
        """Under which a block is stored."""
        if block not in self._keys:
            experiment, index = block
            self._keys[block] = key(experiment, self.options.seed, index, self.options.device)
        return self._keys[block]

    def unsettled(self, blocks: Iterable[Block]) -> list[Block]:
        """Those that neither came nor failed."""
        return [b for b in blocks if b not in self.measured and b not in self.failures]

    def arrived(self) -> set[Block]:
        """The blocks that came or failed since, waiting for one, though no longer than `REDRAWN`.

        Raises:
            SchedulerLost: what is not stored yet is lost.
        """
        # with a timeout: an untimed wait can miss Ctrl-C, and displays want to be redrawn
        done, _ = wait(self.pending, timeout=REDRAWN, return_when=FIRST_COMPLETED)
        # results first: a loss ends the run, and what was finished is kept
        finished = sorted(done, key=lambda one: one.exception() is not None)
        taken = [self._take(future) for future in finished]
        while not self.pending and (suspect := self._suspects.next()) is not None:
            self._submit(suspect)
        for block in self._suspects.released():
            self._submit(block)
        return set(taken) - set(self.unsettled(taken))

    def request(self, blocks: list[Block]) -> None:
        """Take these from the store, or have them trained."""
        waiting = {block for block, _ in self.pending.values()} | self._suspects.unsent
        missing = []
        for block in blocks:
            if block in waiting:
                continue
            changed = other_than(code_of(block[0]))
            if changed is not None:  # what this process analyzed is of other code than the key
                self.failures[block] = f"the code of {changed} {CHANGED_MEANWHILE}"
                continue
            kept = self.store.kept(self.key(block))
            if kept is None:
                missing.append(block)
            else:
                self.measured[block], self.seconds[block] = kept
                self.reused.add(self.key(block))
        # one of each experiment first, so that workers do not compile the same at once; then long
        # ones, so that no worker is left with one at the end
        for block in sorted(missing, key=lambda b: (b[1] > 0, -b[0].cost() * b[0].block)):
            if self._suspects.active:
                self._suspects.held.append(block)
            else:
                self._submit(block)

    def _submit(self, block: Block) -> None:
        try:
            try:
                future = self._sent(block)
            except BrokenProcessPool:  # of a death that no future has told yet
                self._renew(self._generation)
                future = self._sent(block)
        except BrokenExecutor as error:
            self.failures[block] = _why_lost(error)
        else:
            self.pending[future] = block, self._generation
            self._tries[block] += 1

    def _sent(self, block: Block) -> Future:
        experiment, index = block
        code = code_of(experiment)
        seed, device = self.options.seed, self.options.device
        return self.executor.submit(
            run_pickled_block, pickle.dumps(experiment), seed, index, device, code
        )

    def _take(self, future: Future) -> Block:
        block, generation = self.pending.pop(future)
        self._suspects.ended(block)
        self._record(future, block, generation)
        return block

    def _record(self, future: Future, block: Block, generation: int) -> None:
        try:
            result = future.result()
        except BrokenProcessPool:
            self._after_death(block, generation)
            return
        except Exception as error:
            self.failures[block] = _why_lost(error)
            return
        if result.changed is not None:
            self._run_again(block, generation, result.changed)
            return
        if result.error is not None:
            self.failures[block] = result.error
            return
        self.store.put_encoded(self.key(block), block[0].name, result.encoded, result.seconds)
        self.measured[block] = result.measurements
        self.seconds[block] = result.seconds
        self.computed.add(self.key(block))

    def _run_again(self, block: Block, generation: int, changed: str) -> None:
        """What came from other code than the key says is not stored, nor used.

        The process may have imported it before the key was taken: a new one tells. If that has it
        too, the file was changed since, and what the parent imported is of no use either.
        """
        if self._tries[block] > 1:
            self.failures[block] = f"the code of {changed} {self._still_changed}"
            return
        self._renew(generation)
        self._submit(block)

    def _after_death(self, block: Block, generation: int) -> None:
        """Send a block again that was out when a process died, or let it wait, or give it up."""
        self._renew(generation)
        if self._suspects.died(block):
            self._submit(block)
        elif self._suspects.given_up(block):
            self.failures[block] = WORKER_DIED

    def _renew(self, generation: int) -> None:
        """Have other processes than those of a generation, unless there are already."""
        if generation == self._generation:
            self._still_changed = fresh_processes(self.executor)
            self._generation += 1


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
