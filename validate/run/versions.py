"""Versions of theorycheck and of what results depend on."""

import importlib.metadata
import platform
from functools import cache

from sim.native import compiler
from validate.results.citation import SOFTWARE

PACKAGES = ("torch", "numpy", "scipy", "sympy", "scikit-learn", "matplotlib", "seaborn", "typst")


def versions() -> dict[str, str]:
    """Of theorycheck, Python, the packages that results depend on, unimported, and the compiler."""
    return {**_installed(), "compiler": compiler() or "none"}


@cache
def _installed() -> dict[str, str]:
    packages = {name: importlib.metadata.version(name) for name in PACKAGES}
    own = {SOFTWARE: _own_version(), "python": platform.python_version()}
    return {**own, **packages}


def _own_version() -> str:
    try:
        return importlib.metadata.version(SOFTWARE)
    except importlib.metadata.PackageNotFoundError:  # run from a folder of source alone
        return "not installed"
