"""Do they agree: claims, decision rules, runs and their results."""

import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from validate.activation.check import check_activation

__all__ = ["check_activation"]

LOADED = time.time()  # before any module here; `sim.engine.loaded` asks


def __getattr__(name: str) -> Any:
    """`check_activation` on demand, so that listing claims imports nothing heavy."""
    if name != "check_activation":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from validate.activation.check import check_activation

    return check_activation
