"""An executor of this process, for tests of what runs and not of where it does."""

import pickle
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from typing import Any


class InProcess(Executor):
    """Runs what is submitted at once, of a copy that was pickled as for another process."""

    def submit(self, fn: Callable, /, *args: Any, **kwargs: Any) -> Future:
        future = Future()
        try:
            sent, given, named = pickle.loads(pickle.dumps((fn, args, kwargs)))
            future.set_result(pickle.loads(pickle.dumps(sent(*given, **named))))
        except Exception as error:
            future.set_exception(error)
        return future


@contextmanager
def open_here(workers: int, importing: str | None = None) -> Iterator[Executor]:
    """In place of `sim.engine.executor.open_executor`: no process is started."""
    yield InProcess()
