"""Files of authors as modules: loaded by their paths, the same in every process.

A file is code that the user asked to run. Its folder comes last on the path, so that it may import
what is beside it and hides nothing of ours or of a library.
"""

import hashlib
import importlib.util
import sys
from contextlib import redirect_stdout, suppress
from pathlib import Path
from types import ModuleType

from sim.engine.loaded import load_file

_FILES: dict[str, Path] = {}  # of modules that were loaded by their paths
_AS_WORKER: list[bool] = []  # whether claims are of no use in this process


def module_name(file: Path) -> str:
    """What the module of a file is called: as the file, with a hash where that is taken."""
    stem, other = file.stem, None
    with suppress(ImportError, ValueError, AttributeError):
        spec = importlib.util.find_spec(stem.partition(".")[0])
        other = None if spec is None else spec.origin or "built in"
    free = other is None or Path(other).resolve() == file
    if stem in sys.modules:
        free = _FILES.get(stem) == file
    if free and "." not in stem:
        return stem
    return f"{stem.replace('.', '_')}_{hashlib.sha256(str(file).encode()).hexdigest()[:8]}"


def load(module: str, file: Path) -> ModuleType:
    """Run a file as a module.

    Raises:
        Exception: whatever it raises; there is no such module then.
    """
    folder = str(file.parent)
    if folder not in sys.path:
        sys.path.append(folder)
    _FILES[module] = file
    try:
        with redirect_stdout(sys.stderr):  # standard output is for results
            return load_file(module, file)
    except BaseException:
        del _FILES[module]
        raise


def loaded(module: str, file: str) -> ModuleType:
    """The module of a file, loaded for its simulations alone if it is not there."""
    if module in sys.modules:
        return sys.modules[module]
    _AS_WORKER.append(True)
    try:
        return load(module, Path(file))
    finally:
        _AS_WORKER.pop()


def for_simulations_alone() -> bool:
    """Whether a file is being loaded that nobody wants the claims of."""
    return bool(_AS_WORKER)


def file_of(module: str) -> Path | None:
    """The file that a module was loaded from by its path; None for other modules."""
    return _FILES.get(module)


def named(module: str) -> str:
    """What a module's simulations are called by: of a file its name, wherever it is."""
    file = file_of(module)
    return module if file is None else file.stem
