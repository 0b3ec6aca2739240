"""Where tests of activation checks train."""

import pytest

from tests.in_process import open_here


@pytest.fixture
def trained_here(monkeypatch) -> None:
    """Networks are trained in this process; `test_torch` has those that are trained elsewhere."""
    monkeypatch.setattr("sim.engine.executor.open_executor", open_here)
