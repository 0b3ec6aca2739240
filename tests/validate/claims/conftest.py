"""One store for all tests of claims: what one file has trained another reads."""

import os
from collections.abc import Iterator

import pytest

from sim.engine.store import Store


@pytest.fixture(scope="session")
def store(tmp_path_factory) -> Iterator[Store]:
    """Shared by the processes that tests run in; a result is that of its key, whoever asks."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:  # each of several processes has its own, in the run's
        folder = folder.parent
    with Store(folder / "claims.sqlite") as opened:
        yield opened
