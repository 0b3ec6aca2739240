"""What code a process really runs: the source of every module, hashed as it was loaded.

A file may be edited while a run goes on, and a process imports it later than another, or long
before. So processes that run experiments compile modules from source that they hash themselves
(compiled files are not trusted: they are told by time and size), and say of which modules the
code is another than was asked for.
"""

import hashlib
import sys
import sysconfig
from collections.abc import Mapping
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path
from types import ModuleType
from typing import Any

from sim.engine.fingerprint import PACKAGES

CHANGED = "changed while it was imported"  # in place of a hash
# file times are as coarse as the kernel's clock ticks
TICK = 0.02  # seconds

_hashes: dict[str, str] = {}


def record_imports(started: float) -> None:
    """Hash the source of all modules that are no libraries', from now on.

    Those that are loaded already are hashed from their files, unless they were written to since
    this process started.

    Args:
        started: when, in seconds since 1970, or earlier.
    """
    for name, module in list(sys.modules.items()):
        path = getattr(module, "__file__", None)
        if path is not None and _is_own(name, path):
            _hashes["__main__" if name == "__mp_main__" else name] = _on_disk(path, started)
    sys.meta_path.insert(0, _Finder())


def other_than(expected: Mapping[str, str]) -> str | None:
    """The first module that was loaded from another source than ``expected`` (hashes by name).

    None if there is none, or where imports are not recorded: a process that runs its own
    experiments has what it has.
    """
    for name, digest in sorted(expected.items()):
        if _hashes.get(name, digest) != digest:
            return name
    return None


def _on_disk(path: str, started: float) -> str:
    try:
        if Path(path).stat().st_mtime > started - TICK:
            return CHANGED
        return hashlib.sha256(Path(path).read_bytes()).hexdigest()
    except OSError:
        return CHANGED


class _Recording(SourceFileLoader):
    """Compiles from the bytes that it hashes."""

    def get_code(self, fullname: str) -> Any:
        path = self.get_filename(fullname)
        source = self.get_data(path)
        _hashes[fullname] = hashlib.sha256(source).hexdigest()
        return self.source_to_code(source, path)


class _Finder(MetaPathFinder):
    """What the other finders find, to be loaded by `_Recording` where it is no library's."""

    def find_spec(
        self, fullname: str, path: Any = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        for finder in sys.meta_path:
            spec = None if finder is self else finder.find_spec(fullname, path, target)
            if spec is not None:
                if type(spec.loader) is SourceFileLoader and _is_own(fullname, spec.loader.path):
                    spec.loader = _Recording(spec.loader.name, spec.loader.path)
                return spec
        return None


_LIBRARIES = tuple({sysconfig.get_path(name) for name in ("stdlib", "purelib", "platlib")})


def _is_own(module: str, path: str) -> bool:
    ours = module.partition(".")[0] in PACKAGES  # even where they are installed as a library
    return path.endswith(".py") and (ours or not path.startswith(_LIBRARIES))
