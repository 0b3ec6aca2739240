"""Cluster: blocks on a Dask cluster, of this machine or of many, as another `Executor`.

The library ``distributed`` is optional and imported when a cluster is opened. Its scheduler gives
the work of a worker that died to another one, four times at most.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Executor, Future
from contextlib import contextmanager
from functools import partial
from typing import Any

from sim.engine.cluster_client import (
    check_installed,
    local_cluster,
    quiet,
    running_cluster,
    without_callbacks_of_gc,
)
from sim.engine.cluster_worker import Required, call, importing, required_here, unfit
from sim.engine.lost import BlockLost, ClusterError, SchedulerLost

RESTART = 60  # seconds to wait for workers that are started again


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
    check_installed()
    opened = local_cluster(workers) if scheduler is None else running_cluster(scheduler)
    with quiet(), opened as client, without_callbacks_of_gc():
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
        try:
            known = self._client.scheduler_info(n_workers=-1)["workers"]
            restartable = [address for address, one in known.items() if one.get("nanny")]
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
            SchedulerLost: the connection to the scheduler is lost.
        """
        try:
            answers = self._client.run(unfit, self._required, on_error="return")
        except OSError as error:
            raise self._lost() from error
        for address, found in answers.items():
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
