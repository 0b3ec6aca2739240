"""Where tests run: those that need a card are marked `cuda`, and those on one pretend one as well.

The process is set up as that of a command: with one thread, which a busy machine needs, and with
few searches for garbage.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager

import pytest

from validate.command.process import set_up

set_up()  # before torch and sympy are imported


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip tests marked `cuda` where no card is seen."""
    marked = [item for item in items if item.get_closest_marker("cuda")]
    if not marked:
        return
    import torch

    if not torch.cuda.is_available():
        for item in marked:
            item.add_marker(pytest.mark.skip(reason="needs a CUDA device"))


@pytest.fixture(params=["pretended", pytest.param("real", marks=pytest.mark.cuda)])
def card(request, monkeypatch) -> Iterator[AbstractContextManager]:
    """A context in which ``device="cuda"`` is a card: a real one, and one that is not there."""
    from contextlib import nullcontext

    from sim.engine.precision import full_precision
    from tests.sim.pretended_card import PretendedCard

    if request.param == "real":
        full_precision()
        yield nullcontext()
        return
    monkeypatch.setattr("sim.networks.chunks.free_memory", lambda device: 10**9)
    yield PretendedCard()


@pytest.fixture
def trained_here(monkeypatch) -> None:
    """Networks are trained in this process, for tests of what comes of it and not of where."""
    from tests.in_process import open_here

    monkeypatch.setattr("sim.engine.executor.open_executor", open_here)
