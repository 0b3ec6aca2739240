"""Versions of what results depend on."""

import importlib.metadata
import platform
from functools import cache

from sim.native import compiler

PACKAGES = ("torch", "numpy", "scipy", "sympy", "scikit-learn", "matplotlib", "seaborn", "typst")


def versions() -> dict[str, str]:
    """Of Python, of the packages that results depend on, unimported, and of the compiler."""
    return {**_installed(), "compiler": compiler() or "none"}


@cache
def _installed() -> dict[str, str]:
    packages = {name: importlib.metadata.version(name) for name in PACKAGES}
    return {"python": platform.python_version(), **packages}
