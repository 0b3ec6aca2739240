"""Where a command's blocks run: what --executor, --workers and --scheduler say."""

from concurrent.futures import Executor
from contextlib import AbstractContextManager
from dataclasses import dataclass

import click

WARM = "sim.activation.sigma"  # what takes most time to import: torch and sympy


@dataclass(frozen=True)
class Place:
    """Processes of this machine, or a Dask cluster.

    Attributes:
        workers: number of processes; None for one a usable core.
        executor: "local" or "dask".
        scheduler: address of a Dask cluster that runs; None for one of our own.
    """

    workers: int | None = None
    executor: str = "local"
    scheduler: str | None = None

    @property
    def is_here(self) -> bool:
        """Whether blocks run on this machine."""
        return self.scheduler is None

    def open(self) -> AbstractContextManager[Executor]:
        """The executor, for the time of a ``with`` block.

        Processes of this machine import what they need when there is something to run, those of a
        cluster while the caller does something else.

        Raises:
            click.UsageError: the options contradict each other.
            ClusterError: the cluster cannot be used (raised on entering).
        """
        from sim.engine.executor import default_workers, open_executor

        self._check()
        workers = self.workers or default_workers()
        if self.executor == "local":
            return open_executor(workers)
        from sim.engine.cluster import open_cluster

        return open_cluster(workers, self.scheduler, WARM)

    def _check(self) -> None:
        if self.scheduler is None:
            return
        if not self.scheduler.strip():
            raise click.UsageError("--scheduler needs an address, not an empty one")
        if self.executor != "dask":
            raise click.UsageError("--scheduler needs --executor dask")
        if self.workers is not None:
            raise click.UsageError("--workers: the cluster of --scheduler has its own")
