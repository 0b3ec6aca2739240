"""The short way to write a theory: a simulation, a law and a check that ties them, in one file."""

from validate.author.simulations.simulation import Simulation
from validate.author.theory import Theory
from validate.author.words import Given, Limit, Margin, Power

__all__ = ["Given", "Limit", "Margin", "Power", "Simulation", "Theory"]
