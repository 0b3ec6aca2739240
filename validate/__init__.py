"""Do they agree: claims, decision rules, runs and their results."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from validate.activation.check import check_activation

__all__ = ["check_activation"]


def __getattr__(name: str) -> Any:
    """`check_activation` on demand, so that listing claims imports nothing heavy."""
    if name != "check_activation":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from validate.activation.check import check_activation

    return check_activation
