"""Settings for all tests of simulations."""

import pytest
import torch


@pytest.fixture(autouse=True, scope="session")
def one_thread() -> None:
    """Threads waiting for each other make arrays this small slower, on a busy machine by far."""
    torch.set_num_threads(1)
