"""Random generators that code may draw from unasked, seeded for a time and then put back."""

import random
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np


@contextmanager
def seeded(stream: np.random.Generator) -> Iterator[None]:
    """Seed torch's, numpy's old and Python's generators from a stream; restore them afterwards.

    So what a simulation draws from them depends on its replicate alone, not on what its process
    did before.
    """
    import torch

    seed = int(stream.integers(2**63))
    on_cards = torch.cuda.is_initialized()
    cards = list(range(torch.cuda.device_count())) if on_cards else []
    of_python, of_numpy = random.getstate(), np.random.get_state()  # noqa: NPY002
    with torch.random.fork_rng(devices=cards):
        # torch.manual_seed notes a traceback for every kind of card that is not there, 1.5 ms
        torch.default_generator.manual_seed(seed)
        if on_cards:
            torch.cuda.manual_seed_all(seed)
        np.random.seed(seed % 2**32)  # noqa: NPY002
        random.seed(seed)
        try:
            yield
        finally:
            random.setstate(of_python)
            np.random.set_state(of_numpy)  # noqa: NPY002
