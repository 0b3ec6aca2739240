"""What code a process really runs: the source of every module, hashed as it was loaded.

A file may be edited while a run goes on, and a process imports it later than another, or long
before. So processes hash the source of modules as they load them, and say of which modules the code
is another than was asked for. Those that run experiments compile from what they hashed (compiled
files are told by time and size alone, and not trusted); the one that plans a run, and analyzes
what experiments carry with them, takes compiled files as Python does.
"""

import hashlib
import math
import sys
from collections.abc import Mapping
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

from sim.engine.fingerprint import PACKAGES, is_library

CHANGED = "changed while it was imported"  # in place of a hash
# file times are as coarse as the kernel's clock ticks
TICK = 0.02  # seconds

_hashes: dict[str, str] = {}
_since: list[float] = []  # when the process started, if imports are recorded


def first_import() -> float:
    """When the first of our packages was imported here, in seconds since 1970."""
    return min(getattr(sys.modules.get(one), "LOADED", math.inf) for one in PACKAGES)


def record_imports(started: float, trust_compiled: bool = False) -> None:
    """Hash the source of all modules that are no libraries', from now on.

    Those that are loaded already are hashed from their files, unless they were written to since
    this process started. A second call changes nothing.

    Args:
        started: when, in seconds since 1970, or earlier.
        trust_compiled: whether compiled files may be used.
    """
    if _since:
        return
    _since[:] = [started]
    for name, module in list(sys.modules.items()):
        path = getattr(module, "__file__", None)
        if path is not None and _is_own(name, path):
            _hashes["__main__" if name == "__mp_main__" else name] = _on_disk(module, started)
    sys.meta_path.insert(0, _Finder(_Recording if trust_compiled else _Compiling))


def recorded() -> bool:
    """Whether this process hashes what it imports."""
    return bool(_since)


def load_file(name: str, path: Path) -> ModuleType:
    """Run a file as the module ``name``, compiled from the bytes that are hashed.

    Raises:
        Exception: whatever the file raises; there is no such module then.
    """
    spec = spec_from_file_location(name, path, loader=_Compiling(name, str(path)))
    assert spec is not None  # it has a loader
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        sys.modules.pop(name, None)
        raise
    return module


def other_than(expected: Mapping[str, str]) -> str | None:
    """The first module that was loaded from another source than ``expected`` (hashes by name).

    None if there is none, or where imports are not recorded.
    """
    if not recorded():
        return None
    for name, digest in sorted(expected.items()):
        if name not in _hashes:
            _look_at(name)
        if _hashes.get(name, digest) != digest:
            return name
    return None


def _look_at(name: str) -> None:
    """Hash a module that was loaded past our finder, as by another import hook."""
    module = sys.modules.get(name)
    path = getattr(module, "__file__", None)
    if module is not None and path is not None and _is_own(name, path):
        _hashes[name] = _on_disk(module, _since[0])


def _on_disk(module: ModuleType, started: float) -> str:
    path = Path(str(module.__file__))
    try:
        status = path.stat()
        # a file that is put in another's place keeps the time when it was written
        if max(status.st_mtime, status.st_ctime) > started - TICK:
            return CHANGED
        source = path.read_bytes()
        return CHANGED if _is_stale(module, source) else hashlib.sha256(source).hexdigest()
    except (OSError, ImportError, SyntaxError):
        return CHANGED


def _is_stale(module: ModuleType, source: bytes) -> bool:
    """Whether its compiled file was of another source that was written in the same second.

    Python tells them by that second and the size alone. The file is removed, for the next process.
    """
    cached, loader = getattr(module, "__cached__", None), module.__loader__
    if cached is None or not isinstance(loader, SourceFileLoader) or not Path(cached).is_file():
        return False
    if int(Path(cached).stat().st_mtime) > int(Path(str(module.__file__)).stat().st_mtime) + 1:
        return False
    if loader.get_code(loader.name) == loader.source_to_code(source, loader.path):
        return False
    Path(cached).unlink(missing_ok=True)
    return True


class _Recording(SourceFileLoader):
    """Hashes the source that it loads."""

    def get_code(self, fullname: str) -> Any:
        self._hashed(fullname)
        return super().get_code(fullname)

    def _hashed(self, fullname: str) -> bytes:
        source = self.get_data(self.get_filename(fullname))
        _hashes[fullname] = hashlib.sha256(source).hexdigest()
        return source


class _Compiling(_Recording):
    """Compiles from the bytes that it hashes."""

    def get_code(self, fullname: str) -> Any:
        return self.source_to_code(self._hashed(fullname), self.get_filename(fullname))


class _Finder(MetaPathFinder):
    """What the other finders find, with a loader of ours where it is no library's."""

    def __init__(self, loader: type[_Recording]) -> None:
        self._loader = loader

    def find_spec(
        self, fullname: str, path: Any = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        for finder in sys.meta_path:
            spec = None if finder is self else finder.find_spec(fullname, path, target)
            if spec is not None:
                if type(spec.loader) is SourceFileLoader and _is_own(fullname, spec.loader.path):
                    spec.loader = self._loader(spec.loader.name, spec.loader.path)
                return spec
        return None


def _is_own(module: str, path: str) -> bool:
    ours = module.partition(".")[0] in PACKAGES  # even where they are installed as a library
    return path.endswith(".py") and (ours or not is_library(path))
