"""Cluster: blocks on a Dask cluster, of this machine or of many, as another `Executor`.

The library ``distributed`` is optional and imported when a cluster is opened. Its scheduler gives
the work of a worker that died to another one, four times at most.
"""

import gc
import logging
import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Executor, Future
from contextlib import contextmanager, suppress
from functools import partial
from multiprocessing import resource_tracker
from typing import Any

from sim.engine.cluster_worker import Required, call, importing, required_here, unfit
from sim.engine.executor import interrupts_blocked
from sim.engine.lost import BlockLost, ClusterError, SchedulerLost
from sim.engine.threads import ONE_THREAD

PATIENCE = 10  # seconds to wait for a scheduler
RESTART = 60  # seconds to wait for workers that are started again
LOGGERS = ("distributed", "distributed.client", "distributed.worker", "tornado.application")
# of a local cluster: nobody looks at it from outside, and workers may compute for as long as they
# like and with all memory there is, as local processes do
SETTINGS = {
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
    "distributed.scheduler.worker-ttl": None,
    "distributed.worker.profile.enabled": False,
    "distributed.worker.multiprocessing-method": "spawn",
    # nothing else: with dask's own MALLOC_TRIM_THRESHOLD_, training takes half as long again
    "distributed.nanny.pre-spawn-environ": ONE_THREAD,
}


@contextmanager
def open_cluster(
    workers: int = 1, scheduler: str | None = None, warm: str | None = None
) -> Iterator[Executor]:
    """An executor on a Dask cluster, for the time of a ``with`` block.

    On leaving, work that waits is cancelled. A cluster of our own is ended at once, whatever it
    does, and dies with this process; workers of others finish the block that they are at.

    Args:
        workers: single-threaded processes of a cluster on this machine, where there is no
            ``scheduler``.
        scheduler: address of a running cluster's scheduler, such as ``tcp://host:8786``.
        warm: a module that workers of our own import at once.

    Raises:
        ClusterError: distributed is not installed, nothing answers within 10 s, or a worker is
            unfit (`sim.engine.cluster_worker`).
    """
    _check_installed()
    opened = _local(workers) if scheduler is None else _connected(scheduler)
    with _quiet(), opened as client, _without_callbacks_of_gc():
        executor = Cluster(client, required_here())
        try:
            if scheduler is not None:
                executor.check_workers()
            elif warm is not None:
                executor.import_everywhere(warm)
            yield executor
        finally:
            executor.shutdown(cancel_futures=True)


class Cluster(Executor):
    """Work on the workers of a cluster, which first see whether they are fit for it.

    Futures raise `BlockLost` where the workers died or are unfit, `SchedulerLost` where nothing
    more will come.
    """

    still_changed = "is another on the cluster's workers; start them again with this run's files"

    def __init__(self, client: Any, required: Required) -> None:
        self._client, self._required = client, required
        self._address = client.scheduler.address
        self._waiting: dict[Future, Any] = {}  # with the cluster's own futures
        self._imports: list[Any] = []  # kept, since what nobody asks for is not done

    def submit(self, fn: Callable, /, *args: Any, **kwargs: Any) -> Future:
        """Ask for a call of a function that the workers can import.

        Raises:
            SchedulerLost: the connection to the scheduler is lost.
        """
        if self._client.status != "running":
            raise self._lost()
        remote = self._client.submit(call, self._required, fn, args, kwargs, pure=False)
        future: Future = Future()
        self._waiting[future] = remote
        remote.add_done_callback(partial(self._pass_on, future))
        return future

    def replace(self) -> None:
        """Start the workers again, so that they have imported nothing; what they ran runs again.

        Workers without a nanny, which would be lost by it, stay as they are.

        Raises:
            SchedulerLost: the connection to the scheduler is lost.
        """
        known = self._client.scheduler_info(n_workers=-1)["workers"]
        restartable = [address for address, one in known.items() if one.get("nanny")]
        try:
            if restartable:
                self._client.restart_workers(restartable, RESTART, raise_for_error=False)
        except TimeoutError:  # they come later
            pass
        except OSError as error:
            raise self._lost() from error

    def check_workers(self) -> None:
        """See whether the workers that are there can be used.

        Raises:
            ClusterError: one cannot.
        """
        for address, found in self._client.run(unfit, self._required, on_error="return").items():
            if isinstance(found, BaseException):
                found = f"cannot be used: {type(found).__name__}: {' '.join(str(found).split())}"
            if found is not None:
                raise ClusterError(f"worker {address} {found}")

    def import_everywhere(self, module: str) -> None:
        """Have every worker import a module, while the caller does something else."""
        self._imports = [
            self._client.submit(
                call, self._required, importing, (module,), {}, workers=[address],
                allow_other_workers=True, pure=False,
            )
            for address in self._client.scheduler_info(n_workers=-1)["workers"]
        ]  # fmt: skip

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        if cancel_futures:
            for future in list(self._waiting):
                future.cancel()

    def _pass_on(self, future: Future, remote: Any) -> None:
        from distributed import KilledWorker

        self._waiting.pop(future, None)
        if not future.set_running_or_notify_cancel():
            return
        try:
            future.set_result(remote.result())
        except KilledWorker:
            future.set_exception(BlockLost("every worker that ran it died (out of memory?)"))
        except CancelledError:
            future.set_exception(self._lost())
        except Exception as error:  # of the work itself
            future.set_exception(error)

    def _lost(self) -> SchedulerLost:
        return SchedulerLost(f"the connection to the scheduler {self._address} is lost")


def _check_installed() -> None:
    try:
        import distributed  # noqa: F401
    except ImportError as error:
        raise ClusterError(
            "the library distributed is not installed: python -m pip install -e '.[cluster]'"
        ) from error


@contextmanager
def _local(workers: int) -> Iterator[Any]:
    """The client of a cluster on this machine, of processes that are deaf to Ctrl-C."""
    import dask.config
    from distributed import Client, LocalCluster

    with dask.config.set(SETTINGS):
        try:
            resource_tracker.ensure_running()  # else a thread starts it, and unblocks interrupts
            with interrupts_blocked():  # threads that start processes inherit it
                cluster = LocalCluster(
                    n_workers=workers,
                    threads_per_worker=1,
                    processes=True,
                    host="127.0.0.1",
                    dashboard_address="127.0.0.1:0",  # a port is opened anyway; it serves nothing
                    silence_logs=logging.CRITICAL,
                    memory_limit=0,
                )
                client = Client(cluster, set_as_default=False)
        except (OSError, RuntimeError) as error:
            raise ClusterError(f"the cluster cannot be started: {error}") from error
        try:
            yield client
        finally:
            _end_processes(cluster)
            client.close()
            cluster.close()


def _end_processes(cluster: Any) -> None:
    """End the workers at once: asked to, they would first finish what they are at."""
    for nanny in cluster.workers.values():
        nanny.auto_restart = False
        if nanny.pid is not None:
            with suppress(ProcessLookupError):
                os.kill(nanny.pid, signal.SIGKILL)


@contextmanager
def _connected(address: str) -> Iterator[Any]:
    from distributed import Client
    from distributed.comm import get_address_host_port

    try:
        get_address_host_port(address)  # a client that cannot be made hangs later
        client = Client(address, timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError) as error:
        raise ClusterError(f"no Dask scheduler answers at {address}") from error
    try:
        yield client
    finally:
        client.close()


@contextmanager
def _without_callbacks_of_gc() -> Iterator[None]:
    """Python loses a Ctrl-C that arrives in one of them; distributed has one that takes times."""
    callbacks = gc.callbacks[:]
    gc.callbacks.clear()
    try:
        yield
    finally:
        gc.callbacks.extend(callbacks)


@contextmanager
def _quiet() -> Iterator[None]:
    """No log lines of distributed: what matters is raised."""
    loggers = [logging.getLogger(name) for name in LOGGERS]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for logger, level in zip(loggers, before, strict=True):
            logger.setLevel(level)
