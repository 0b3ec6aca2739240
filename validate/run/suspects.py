"""What becomes of blocks that were with the worker processes when one of them died."""

from collections import Counter, deque

from validate.run.claim_progress import Block

RETRIES = 2  # of a block; the second one is alone, so that a death then is its own
WORKER_DIED = (
    "a worker process died each of the three times that this was run, the last time alone "
    "(out of memory?); run again, or with fewer --workers"
)


class Suspects:
    """Blocks that may have killed a process.

    When a process dies nobody can tell which of the blocks that are out was in it. All are sent
    once more. Those that are out again at another death wait until nothing else runs and are then
    run one at a time, and meanwhile nothing else is sent.

    Attributes:
        held: blocks that are asked for while suspects are run alone.
    """

    def __init__(self) -> None:
        self.held: list[Block] = []
        self._deaths: Counter[Block] = Counter()
        self._waiting: deque[Block] = deque()
        self._alone: Block | None = None

    @property
    def active(self) -> bool:
        """Whether there are blocks to be run alone."""
        return bool(self._waiting) or self._alone is not None

    @property
    def unsent(self) -> set[Block]:
        """Blocks that are to run and are not with a process."""
        return {*self.held, *self._waiting}

    def died(self, block: Block) -> bool:
        """Note that a process died while a block was out; whether it is sent again at once.

        A block that is neither waits to be run alone or, when `given_up`, is not run again.
        """
        self._deaths[block] += 1
        if self._deaths[block] == RETRIES:
            self._waiting.append(block)
        return self._deaths[block] < RETRIES

    def given_up(self, block: Block) -> bool:
        """Whether a block has had all its tries."""
        return self._deaths[block] > RETRIES

    def ended(self, block: Block) -> None:
        """Note that a block is out no more."""
        if block == self._alone:
            self._alone = None

    def next(self) -> Block | None:
        """The suspect that is to be run now that nothing else is, if there is one."""
        self._alone = self._waiting.popleft() if self._waiting else None
        return self._alone

    def released(self) -> list[Block]:
        """What was held, once no suspect is left."""
        if self.active:
            return []
        held, self.held = self.held, []
        return held
