"""Machine code for training on a CPU, by LLVM: activations, gradients of ensembles and of
multilayer networks, batch normalization.

`sim.activation.compiled`, `sim.networks.gradients`, `sim.networks.multilayer` and
`sim.networks.perceptrons` say the same in torch calls: they are the reference, and what runs on
other devices and where there is no compiler.
"""

import importlib.metadata
import os
from functools import cache

EAGER = "THEORYCHECK_EAGER"  # in the environment: do without machine code


def compiler() -> str | None:
    """Name and version of the compiler; None where it is missing or not wanted."""
    return None if os.environ.get(EAGER) else _installed()


@cache
def _installed() -> str | None:
    try:
        return f"llvmlite {importlib.metadata.version('llvmlite')}"
    except importlib.metadata.PackageNotFoundError:
        return None
