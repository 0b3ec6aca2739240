"""What code a result depends on: the source files that an experiment's module imports, however far.

Imports are read off the source, those inside functions too, and followed within our packages and
within the package or folder of an experiment from outside. So an edit of one theory leaves the
results of the others in use, and an edit of anything that an experiment imports does not.

Files are read once in a process: `fingerprint` speaks of the code as it was then.
"""

import ast
import hashlib
import importlib.util
import inspect
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

PACKAGES = ("theory", "sim", "validate", "reports")


@dataclass(frozen=True)
class Source:
    """One module's source: its file, and a hash (64 hex digits) of the bytes in it."""

    path: Path
    digest: str


def fingerprint(experiment_type: type) -> str:
    """Hash (16 hex digits) of all source that an experiment's results depend on."""
    return _digest({name: one.digest for name, one in closure(experiment_type).items()})


@cache
def closure(experiment_type: type) -> Mapping[str, Source]:
    """The modules that an experiment's module imports, itself included, by name.

    Empty where its source cannot be found, as for a class that was typed in.
    """
    start = experiment_type.__module__
    place = _place(experiment_type)
    if place is None:
        return {}
    found: dict[str, Source] = {}
    waiting = [start]
    while waiting:
        name = waiting.pop()
        file = place.file_of(name)
        if name in found or file is None:
            continue
        found[name] = Source(file, hashlib.sha256(_read(file)).hexdigest())
        waiting += _imports_of(file, name)
    return found


def combined(fingerprints: Iterator[str] | list[str]) -> str:
    """One hash (16 hex digits) of several fingerprints, whatever their order."""
    return hashlib.sha256(" ".join(sorted(set(fingerprints))).encode()).hexdigest()[:16]


def imports(source: bytes, module: str, is_package: bool) -> set[str]:
    """Names of all modules that a source may import, with the packages that they are in.

    ``from a import b`` gives both a and a.b, for b may be a module. What is imported for type
    checkers alone is left out, since it never runs; so is source that cannot be parsed.
    """
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return set()
    package = module if is_package else module.rpartition(".")[0]
    named = {name for node in _running(tree) for name in _named(node, package)}
    return {parent for name in {*named, module} for parent in _with_parents(name)}


def _running(tree: ast.AST) -> Iterator[ast.AST]:
    """All nodes but those under ``if TYPE_CHECKING:``."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and _called(node.test) == "TYPE_CHECKING":
            for other in node.orelse:
                yield other
                yield from _running(other)
            continue
        yield node
        yield from _running(node)


def _named(node: ast.AST, package: str) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        base = node.module or ""
        if node.level:
            parts = package.split(".")[: len(package.split(".")) - node.level + 1]
            base = ".".join([*parts, *([base] if base else [])])
        yield base
        yield from (f"{base}.{alias.name}" for alias in node.names)
    elif isinstance(node, ast.Call) and _called(node.func) == "import_module":
        strings = (one.value for one in node.args if isinstance(one, ast.Constant))
        yield from (one for one in strings if isinstance(one, str))


def _called(function: ast.expr) -> str:
    """The last part of a name, such as import_module; empty for other expressions."""
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _with_parents(name: str) -> Iterator[str]:
    parts = name.split(".")
    return (".".join(parts[: k + 1]) for k in range(len(parts)) if parts[k])


@dataclass(frozen=True)
class _Place:
    """Where modules are looked for: our packages, and for outsiders the folder they are in."""

    folder: Path | None = None
    top: str = ""  # its package, if the experiment is in one
    module: str = ""
    file: Path | None = None  # of the experiment's module

    def file_of(self, module: str) -> Path | None:
        """The source file of a module; None where it is not of these places."""
        if module == self.module and self.file is not None:
            return self.file
        top, _, rest = module.partition(".")
        if top in PACKAGES:
            return _file(_package_folder(top), rest)
        if self.folder is None or (self.top and top != self.top):
            return None
        return _file(self.folder, module)


def _place(experiment_type: type) -> _Place | None:
    module = experiment_type.__module__
    top = module.partition(".")[0]
    if top in PACKAGES:
        return _Place()
    try:
        found = inspect.getsourcefile(experiment_type)
    except TypeError:
        return None
    if found is None or not Path(found).is_file():
        return None
    file = Path(found).resolve()
    if "." not in module:
        return _Place(file.parent, "", module, file)
    package = sys.modules.get(top)
    paths = list(getattr(package, "__path__", ()))
    return _Place(Path(paths[0]).resolve().parent, top, module, file) if paths else None


@cache
def _package_folder(package: str) -> Path | None:
    spec = importlib.util.find_spec(package)
    places = spec.submodule_search_locations if spec else None
    return Path(places[0]) if places else None


def _file(folder: Path | None, module: str) -> Path | None:
    if folder is None:
        return None
    path = folder.joinpath(*module.split(".")) if module else folder
    for file in (path / "__init__.py", path.with_suffix(".py")):
        if file.is_file() and (module or file.name == "__init__.py"):
            return file
    return None


@cache
def _imports_of(file: Path, module: str) -> set[str]:
    return imports(_read(file), module, file.name == "__init__.py")


@cache
def _read(path: Path) -> bytes:
    return path.read_bytes()


def _digest(digests: Mapping[str, str]) -> str:
    text = "\n".join(f"{name} {digest}" for name, digest in sorted(digests.items()))
    return hashlib.sha256(text.encode()).hexdigest()[:16] if text else ""
