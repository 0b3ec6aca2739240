"""Executor: where blocks run. Local processes here, behind `concurrent.futures.Executor`.

Whoever runs blocks needs `open_executor` and `run_block` or `run_pickled_block` alone; another
back-end (`sim.engine.cluster`) yields another `Executor` that calls the same top-level functions.

Workers are **spawned**, because forked children of a process that used torch's threads hang;
so a script that opens an executor needs the ``if __name__ == "__main__":`` guard. Each worker
uses one thread, and its results do not depend on how many workers there are.
"""

import importlib
import json
import os
import pickle
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol, runtime_checkable

from sim.engine.errors import described
from sim.engine.loaded import other_than
from sim.engine.store import encoded
from sim.engine.workers import WorkerPool
from sim.experiment import Experiment, Measurement

CHANGED_MEANWHILE = "changed while the run went on; run again"


@dataclass(frozen=True)
class BlockResult:
    """What became of one block.

    Attributes:
        encoded: what `sim.engine.store.encoded` made of the measurements; empty on error.
        seconds: wall-clock time of the block.
        error: None, or "Type: message (file:line)".
        changed: None, or the module whose code was another than the one asked for; there are no
            measurements then.
    """

    encoded: bytes
    seconds: float
    error: str | None = None
    changed: str | None = None

    @cached_property
    def measurements(self) -> list[Measurement]:
        """One mapping a replicate, in the form of `sim.engine.store.plain`; empty on error."""
        return json.loads(self.encoded) if self.encoded else []


def run_block(
    experiment: Experiment,
    seed: int,
    block_index: int,
    device: str = "cpu",
    code: Mapping[str, str] | None = None,
) -> BlockResult:
    """Run one block; an exception becomes the result's ``error``, so that others go on.

    Args:
        experiment, seed, block_index, device: what is run, and where.
        code: hashes of the modules that the result is to come from, by name; where a process of
            `open_executor` has loaded others it says so instead.
    """
    result = _measured(experiment, seed, block_index, device)
    changed = other_than(code or {})
    return result if changed is None else BlockResult(b"", result.seconds, changed=changed)


def run_pickled_block(
    pickled: bytes, seed: int, block_index: int, device: str, code: Mapping[str, str]
) -> BlockResult:
    """`run_block` of a pickled experiment; that its module cannot be imported is an error as well.

    A process that is sent the experiment itself would die of it, with all blocks that wait.
    """
    try:
        experiment = pickle.loads(pickled)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # whatever an import may raise, of half-edited code too
        return BlockResult(b"", 0.0, described(error), other_than(code))
    return run_block(experiment, seed, block_index, device, code)


def _measured(experiment: Experiment, seed: int, block_index: int, device: str) -> BlockResult:
    start = time.perf_counter()
    try:
        measurements = experiment.run(seed, block_index, device)
        if len(measurements) != experiment.block:
            raise ValueError(f"{len(measurements)} measurements for {experiment.block} replicates")
        block = encoded(measurements)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # also sys.exit in a user's function
        return BlockResult(b"", time.perf_counter() - start, described(error))
    return BlockResult(block, time.perf_counter() - start)


def default_workers() -> int:
    """Number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextmanager
def open_executor(workers: int, importing: str | None = None) -> Iterator[Executor]:
    """An executor of ``workers`` single-threaded processes, for the time of a ``with`` block.

    `fresh_processes` replaces them for what is submitted from then on.

    Processes start with the first work, or at once where they have a module to import while the
    caller does something else (see `import_ahead`); such processes are ended on leaving, whatever
    they do.

    Else, on leaving, pending work is cancelled. Running blocks are finished when the ``with`` block
    ends normally, and abandoned at once when an exception ends it; Ctrl-C reaches the parent
    alone. Workers die with their parent, even when it is killed.

    Wait for results with a timeout, in a loop: CPython can lose a Ctrl-C that arrives while a
    thread is about to start an untimed wait (seen under load).

    Raises:
        ValueError: ``workers`` is below 1.
    """
    if workers < 1:
        raise ValueError(f"workers must be at least 1, not {workers}")
    executor = _Processes(workers)
    try:
        if importing is not None:
            executor.import_ahead(importing)
        yield executor
        if executor.ahead:
            executor.terminate()
    except BaseException:
        executor.terminate()
        raise
    finally:
        executor.shutdown(cancel_futures=True)


def import_ahead(executor: Executor, module: str) -> None:
    """Start all processes of `open_executor` now, with the import of a module.

    Other executors are left as they are.
    """
    if isinstance(executor, _Processes):
        executor.import_ahead(module)


@runtime_checkable
class Replaceable(Protocol):
    """An executor that can have new processes.

    Attributes:
        still_changed: what to say of a module whose code is another there too.
    """

    still_changed: str

    def replace(self) -> None:
        """Run what is submitted from now on in processes that have imported nothing yet."""
        ...


def fresh_processes(executor: Executor) -> str:
    """Run what is submitted from now on in processes that have imported nothing yet.

    Other executors than `Replaceable` ones are left as they are.

    Returns:
        What to say of a module whose code is another there too, to follow its name.
    """
    if not isinstance(executor, Replaceable):
        return CHANGED_MEANWHILE
    executor.replace()
    return executor.still_changed


class _Processes(Executor):
    """A pool of processes, and those that were replaced, which finish what they have."""

    still_changed = CHANGED_MEANWHILE

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._pools = [WorkerPool(workers)]
        self.ahead = False  # whether they were told to import something

    def submit(self, fn: Callable, /, *args: Any, **kwargs: Any) -> Future:
        return self._pools[-1].submit(fn, *args, **kwargs)

    def import_ahead(self, module: str) -> None:
        """Have every process import a module."""
        self.ahead = True
        for _ in range(self._workers):
            self.submit(importlib.import_module, module)

    def replace(self) -> None:
        """Open another pool; the former one ends when its work is done."""
        self._pools[-1].shutdown(wait=False)
        self._pools.append(WorkerPool(self._workers))

    def terminate(self) -> None:
        """End all processes at once."""
        for pool in self._pools:
            pool.terminate()

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        for pool in self._pools:
            pool.shutdown(wait, cancel_futures=cancel_futures)
