"""The short way to write a theory: a simulation, a law and a check that ties them, in one file."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from validate.author.simulations.simulation import Simulation
    from validate.author.theory import Theory
    from validate.author.words import Given, Limit, Margin, Power

__all__ = ["Given", "Limit", "Margin", "Power", "Simulation", "Theory"]


def __getattr__(name: str) -> Any:
    """What authors import, which is heavy, when they do; commands import this package too."""
    if name not in __all__:
        raise AttributeError(f"module {__name__} has no attribute {name}")
    from validate.author.simulations.simulation import Simulation
    from validate.author.theory import Theory
    from validate.author.words import Given, Limit, Margin, Power

    every = (Given, Limit, Margin, Power, Simulation, Theory)
    return {one.__name__: one for one in every}[name]
