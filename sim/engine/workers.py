"""Worker processes: how they are born and end, and a pool of them that never waits for the dead."""

import multiprocessing
import multiprocessing.connection
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager, suppress
from multiprocessing import spawn
from multiprocessing.context import SpawnContext, SpawnProcess
from typing import Any

from sim.engine.loaded import record_imports
from sim.engine.threads import ONE_THREAD

STARTED = "THEORYCHECK_WORKER_STARTED"  # in the environment: when, in seconds since 1970
LOOK, GRACE = 0.5, 5.0  # seconds between looks for the dead, and until the pool must have noticed


class WorkerPool(ProcessPoolExecutor):
    """A pool of our processes that also ends when one of them dies while it sends a result.

    The others wait for its lock then, and the thread that reads results for the rest of it, which
    the standard pool never ends: this process itself has the pipe open for writing.
    """

    def __init__(self, workers: int) -> None:
        self._processes_started = WorkerContext()
        super().__init__(workers, mp_context=self._processes_started, initializer=_start_worker)
        self._results = self._result_queue
        self._over, self._watch = threading.Event(), None

    def submit(self, fn: Callable, /, *args: Any, **kwargs: Any) -> Future:
        if self._watch is None:
            self._watch = threading.Thread(target=self._end_after_a_death, daemon=True)
            self._watch.start()
        return super().submit(fn, *args, **kwargs)

    def terminate(self) -> None:
        """End all processes at once, and the wait for what they were sending."""
        self._processes_started.terminate()
        with suppress(AttributeError, OSError):  # closed before
            _close_pipe(self._results._writer.fileno())  # pyright: ignore[reportAttributeAccessIssue]

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        super().shutdown(wait, cancel_futures=cancel_futures)
        if wait:
            self._over.set()

    def _end_after_a_death(self) -> None:
        while not self._over.wait(LOOK):
            if self._processes_started.some_died() and not self._over.wait(GRACE):
                self.terminate()  # which changes nothing where the pool has noticed itself
                return


class _Worker(SpawnProcess):
    """A spawned process that is born with one thread and deaf to Ctrl-C.

    Both are set before it starts, since it imports numpy before any initializer can run; torch,
    which takes a second to import and not all work needs, reads its number of threads there too.
    """

    def start(self) -> None:
        with (
            _environment(ONE_THREAD | {STARTED: repr(time.time())}),
            interrupts_blocked(),
            quiet_orphans(),
        ):
            super().start()


def _close_pipe(number: int) -> None:
    """Close a pipe and keep its number, which the pool closes at its own time."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, number)
    os.close(nowhere)


class WorkerContext(SpawnContext):
    """The spawn context, with our processes and a list of them."""

    def __init__(self) -> None:
        super().__init__()
        self.processes: list[_Worker] = []

    def Process(self, *args: Any, **kwargs: Any) -> _Worker:  # type: ignore[override]  # noqa: N802
        process = _Worker(*args, **kwargs)
        self.processes.append(process)
        return process

    def some_died(self) -> bool:
        """Whether a process has ended in another way than by itself."""
        for process in self.processes:
            with suppress(ValueError):  # closed by the pool
                if process.exitcode:
                    return True
        return False

    def terminate(self) -> None:
        """End all processes that were started, at once."""
        for process in self.processes:
            with suppress(ValueError):  # already closed by the pool
                if process.pid is not None:
                    process.terminate()


@contextmanager
def _environment(values: dict[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@contextmanager
def interrupts_blocked() -> Iterator[None]:
    """Block SIGINT: a child inherits it for good, the parent receives a Ctrl-C afterwards."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


_QUIET = """from pickle import UnpicklingError
try: {}
except (EOFError, UnpicklingError): raise SystemExit(1)"""


@contextmanager
def quiet_orphans() -> Iterator[None]:
    """Processes that are spawned meanwhile end without a traceback if nobody says what to do.

    A parent that is killed just then has started them and not yet written all to their pipe.
    """
    before = spawn.get_command_line

    def command_line(**descriptors: Any) -> list[Any]:
        *python, program, last = before(**descriptors)
        if python[-1] == "-c":  # else Python is frozen, and its program is in it
            program = _QUIET.format(program)
        return [*python, program, last]

    spawn.get_command_line = command_line
    try:
        yield
    finally:
        spawn.get_command_line = before


def _start_worker() -> None:
    record_imports(float(os.environ[STARTED]))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_die_with_parent, daemon=True).start()


def _die_with_parent() -> None:
    # The sentinel is ready when the parent is gone, for whatever reason: no polling, and
    # unlike PR_SET_PDEATHSIG it is portable and not tied to the thread that started us.
    parent = multiprocessing.parent_process()
    if parent is not None:
        multiprocessing.connection.wait([parent.sentinel])
        os._exit(1)
