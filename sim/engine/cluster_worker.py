"""What a Dask worker does before it runs work of ours, whoever started it.

A worker may be of an older checkout, have other libraries or several threads; it then refuses, with
the reason. A process is made ready by the first work that it gets.
"""

import importlib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sim.engine.executor import BlockResult
from sim.engine.fingerprint import closure
from sim.engine.loaded import other_than, record_imports
from sim.engine.lost import BlockLost
from sim.engine.store import versions
from sim.engine.threads import ONE_THREAD


@dataclass(frozen=True)
class Required:
    """What a worker must have for its results to be those of the process that asks.

    Attributes:
        code: hashes (64 hex digits) of the modules that run blocks, by name.
        versions: of the libraries that results are stored with, by name.
    """

    code: Mapping[str, str]
    versions: Mapping[str, str]


def required_here() -> Required:
    """What this process has."""
    sources = {**closure(BlockResult), **closure(Required)}
    return Required({name: one.digest for name, one in sources.items()}, versions())


def call(required: Required, function: Callable, args: tuple, kwargs: Mapping[str, Any]) -> Any:
    """What a function returns, on a worker that has what is required.

    Raises:
        BlockLost: it has not.
        Exception: whatever the function raises.
    """
    from distributed import get_worker

    worker = get_worker()
    reason = unfit(required, worker)
    if reason is not None:
        raise BlockLost(f"worker {worker.address} {reason}")
    return function(*args, **kwargs)


def unfit(required: Required, dask_worker: Any) -> str | None:
    """Why a worker cannot be used, in words that follow its address; None if it can.

    Args:
        required: what it must have.
        dask_worker: the worker; the name is what ``Client.run`` looks for.
    """
    threads = dask_worker.state.nthreads
    if threads != 1:  # imports, random states and BLAS are a process's, not a thread's
        return f"has {threads} threads; start it with --nthreads 1"
    _make_ready()
    for name, version in required.versions.items():
        if versions()[name] != version:
            return f"has {name} {versions()[name]} instead of {version}"
    changed = other_than(required.code)
    return None if changed is None else f"runs other code of {changed}; restart the workers"


def importing(module: str) -> None:
    """Import a module, for its time; a module could not be sent back."""
    importlib.import_module(module)


_ready: list[bool] = []


def _make_ready() -> None:
    """Record imports and keep to one thread, once in a process."""
    if _ready:
        return
    import psutil  # which distributed needs itself

    record_imports(psutil.Process().create_time())
    os.environ.update(ONE_THREAD)
    # numpy came with distributed, before the environment could say so
    import threadpoolctl
    import torch

    threadpoolctl.threadpool_limits(1)
    torch.set_num_threads(1)
    _ready.append(True)
