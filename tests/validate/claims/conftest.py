"""One store and one process for all tests of claims."""

import os
from collections.abc import Iterator
from concurrent.futures import Executor

import pytest

from sim.engine.executor import open_executor
from sim.engine.store import Store


@pytest.fixture(scope="session")
def store(tmp_path_factory) -> Iterator[Store]:
    """Shared by the processes that tests run in; a result is that of its key, whoever asks."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:  # each of several processes has its own, in the run's
        folder = folder.parent
    with Store(folder / "claims.sqlite") as opened:
        yield opened


@pytest.fixture(scope="session")
def process() -> Iterator[Executor]:
    """Trains for all of them: to start one takes seconds, and it does not check shapes."""
    with open_executor(1) as opened:
        yield opened
