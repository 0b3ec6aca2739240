"""Clients of Dask clusters: of one that runs, and of one that is ours, on this machine."""

import gc
import logging
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing import resource_tracker
from typing import Any

from sim.engine.lost import ClusterError
from sim.engine.threads import ONE_THREAD
from sim.engine.workers import interrupts_blocked

PATIENCE = 10  # seconds to wait for a scheduler
LOST_EVERY = 1.0  # seconds between looks for workers that are not started again
LOGGERS = ("distributed", "distributed.client", "distributed.worker", "tornado.application")
# of a local cluster: nobody looks at it from outside, and workers may compute for as long as they
# like and with all memory there is, as local processes do
SETTINGS = {
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
    "distributed.scheduler.worker-ttl": None,
    "distributed.deploy.lost-worker-timeout": "60s",  # a start takes long on a busy machine
    "distributed.worker.profile.enabled": False,
    "distributed.worker.multiprocessing-method": "spawn",
    # nothing else: with dask's own MALLOC_TRIM_THRESHOLD_, training takes half as long again
    "distributed.nanny.pre-spawn-environ": ONE_THREAD,
}


def check_installed() -> None:
    """See whether distributed can be imported.

    Raises:
        ClusterError: it cannot.
    """
    try:
        import distributed  # noqa: F401
    except ImportError as error:
        raise ClusterError(
            "the library distributed is not installed: python -m pip install -e '.[cluster]'"
        ) from error


@contextmanager
def local_cluster(workers: int) -> Iterator[Any]:
    """The client of a cluster on this machine, of single-threaded processes deaf to Ctrl-C.

    On leaving they are ended at once, whatever they do; they die with this process.

    Raises:
        ClusterError: it does not start.
    """
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
        ended = threading.Event()
        replacing = threading.Thread(target=_replace_lost, args=(cluster, ended), daemon=True)
        replacing.start()
        try:
            yield client
        finally:
            ended.set()
            replacing.join()
            _end_processes(cluster)
            client.close()
            cluster.close()


def _replace_lost(cluster: Any, ended: threading.Event) -> None:
    """Put other workers in the place of those that are not started again, until the end.

    A nanny gives up when its new worker dies before it is known to run, of work that kills it at
    once: without others, what waits would wait for ever.
    """
    from distributed.core import Status

    while not ended.wait(LOST_EVERY):
        lost = [
            name
            for name, nanny in list(cluster.workers.items())
            if nanny.status in (Status.closed, Status.failed)
        ]
        for name in lost:
            cluster.workers.pop(name, None)
        if len(cluster.workers) < len(cluster.worker_spec):  # distributed itself drops some too
            cluster.scale(len(cluster.worker_spec))


def _end_processes(cluster: Any) -> None:
    """End the workers at once: asked to, they would first finish what they are at."""
    for nanny in cluster.workers.values():
        nanny.auto_restart = False
        if nanny.pid is not None:
            with suppress(ProcessLookupError):
                os.kill(nanny.pid, signal.SIGKILL)


@contextmanager
def running_cluster(address: str) -> Iterator[Any]:
    """The client of a cluster whose scheduler has this address, such as ``tcp://host:8786``.

    Raises:
        ClusterError: nothing answers there within `PATIENCE`.
    """
    from distributed import Client
    from distributed.comm.addressing import get_address_host_port

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
def without_callbacks_of_gc() -> Iterator[None]:
    """Python loses a Ctrl-C that arrives in one of them; distributed has one that takes times."""
    callbacks = gc.callbacks[:]
    gc.callbacks.clear()
    try:
        yield
    finally:
        gc.callbacks.extend(callbacks)


@contextmanager
def quiet() -> Iterator[None]:
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
