"""What code a result depends on: the source files that an experiment's module imports, however far.

Imports are read off the source, those inside functions too, and followed into every file that came
neither with Python nor with an installed library: our packages, the package or folder of an
experiment from outside, and what else is on the path. So an edit of one theory leaves the results
of the others in use, and an edit of anything that an experiment imports does not. A module that is
imported by a name which only running the code tells is not seen.

Files are read once in a process: `fingerprint` speaks of the code as it was then.
"""

import ast
import dataclasses
import hashlib
import importlib.util
import inspect
import sys
import sysconfig
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

PACKAGES = ("theory", "sim", "validate", "reports")
LIBRARIES = tuple({sysconfig.get_path(name) for name in ("stdlib", "purelib", "platlib")})
# what else installers call the folders of libraries: of a user, of a distribution
LIBRARY_FOLDERS = {"site-packages", "dist-packages"}


@dataclass(frozen=True)
class Source:
    """One module's source: its file, and a hash (64 hex digits) of the bytes in it."""

    path: Path
    digest: str


def code_of(experiment: Any) -> dict[str, str]:
    """Hashes of all source that an experiment's results depend on, by module.

    That is what its class imports, and what the classes of objects among its settings do.
    """
    return {
        name: source.digest
        for one in {type(experiment), *_classes(experiment)}
        for name, source in closure(one).items()
    }


def fingerprint_of(experiment: Any) -> str:
    """One hash (16 hex digits) of `code_of`."""
    others = _classes(experiment) - {type(experiment)}
    if not others:
        return fingerprint(type(experiment))
    return combined([fingerprint(one) for one in {type(experiment), *others}])


def _classes(value: Any) -> set[type]:
    """Classes of the dataclasses in a value and in its parts."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        parts = [getattr(value, field.name) for field in dataclasses.fields(value)]
        return {type(value)}.union(*map(_classes, parts))
    if isinstance(value, Mapping):
        return set().union(*map(_classes, value.values()))
    return set().union(*map(_classes, value)) if isinstance(value, list | tuple) else set()


@cache
def fingerprint(experiment_type: type) -> str:
    """Hash (16 hex digits) of all source that an experiment's class imports.

    Where there is no source, nothing tells one version from the next: such a class has a
    fingerprint that no other process, and no other class, ever has.
    """
    sources = closure(experiment_type)
    if not sources:
        return uuid.uuid4().hex[:16]
    return digest(sources)


@cache
def closure(experiment_type: type) -> Mapping[str, Source]:
    """The modules that an experiment's module imports, itself included, by name.

    Empty where its source cannot be found, as for a class that was typed in.
    """
    place = _place(experiment_type)
    return {} if place is None else _followed(place, experiment_type.__module__)


@cache
def closure_of(module: str, within: tuple[str, ...]) -> Mapping[str, Source]:
    """What a module of our packages imports, itself included, by name; of some packages alone."""
    return _followed(_Place(module, module), module, within)


def closure_from(module: str, file: Path) -> Mapping[str, Source]:
    """What a file outside our packages imports from beside it, itself included, by name.

    What our packages import is none of its business.
    """
    return _followed(_Place(module, module, file, file.parent), module, without=PACKAGES)


def unchanged(sources: Mapping[str, Source]) -> bool:
    """Whether the files still have the source that was read."""
    try:
        return all(_hash(one.path.read_bytes()) == one.digest for one in sources.values())
    except OSError:
        return False


def digest(sources: Mapping[str, Source]) -> str:
    """Hash (16 hex digits) of modules with their names; empty where there are none."""
    text = "\n".join(f"{name} {one.digest}" for name, one in sorted(sources.items()))
    return _hash(text.encode())[:16] if text else ""


def _followed(
    place: "_Place", start: str, within: tuple[str, ...] = (), without: tuple[str, ...] = ()
) -> Mapping[str, Source]:
    """A module and what it imports, however far, as far as it is of these places and packages."""
    found: dict[str, Source] = {}
    waiting = [start]
    while waiting:
        name = waiting.pop()
        file = place.file_of(name)
        if name in found or file is None:
            continue
        if within and not f"{name}.".startswith(tuple(f"{package}." for package in within)):
            continue
        if name.partition(".")[0] in without:
            continue
        found[name] = Source(file, _hash(_read(file)))
        waiting += _imports_of(file, place.name if name == start else name)
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
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.If) and _called(node.test) == "TYPE_CHECKING":
            waiting += node.orelse
            continue
        yield node
        waiting += ast.iter_child_nodes(node)


def _named(node: ast.AST, package: str) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        base = _absolute("." * node.level + (node.module or ""), package)
        yield base
        yield from (f"{base}.{alias.name}" for alias in node.names)
    elif isinstance(node, ast.Call) and _called(node.func) in ("import_module", "__import__"):
        values = (*node.args, *(keyword.value for keyword in node.keywords))
        strings = (one.value for one in values if isinstance(one, ast.Constant))
        yield from (_absolute(one, package) for one in strings if isinstance(one, str))


def _absolute(name: str, package: str) -> str:
    """A module's full name, where dots in front are relative to a package."""
    rest = name.lstrip(".")
    level = len(name) - len(rest)
    if not level:
        return name
    parts = package.split(".")
    return ".".join([*parts[: len(parts) - level + 1], *([rest] if rest else [])])


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
    """Where modules are looked for first: our packages, or the folder that an outsider is in."""

    module: str  # of the experiment, which may be __main__
    name: str  # the same, as others would import it
    file: Path | None = None  # of the experiment's module
    folder: Path | None = None
    top: str = ""  # the only package or module of the folder that counts; else all do

    def file_of(self, module: str) -> Path | None:
        """The source file of a module; None where it is not of these places."""
        if module == self.module and self.file is not None:
            return self.file
        top, _, rest = module.partition(".")
        if top in PACKAGES:
            return _file(package_folder(top), rest)
        if self.folder is not None and (not self.top or top == self.top):
            beside = _file(self.folder, module)
            if beside is not None:
                return beside
        folder = _folder_on_path(top)
        return None if folder is None else _file(folder, module)


def _place(experiment_type: type) -> _Place | None:
    module = experiment_type.__module__
    if module.partition(".")[0] in PACKAGES:
        return _Place(module, module)
    file = _source_file(experiment_type)
    if file is None:
        return None
    name = _name_of(module)
    top = name.partition(".")[0]
    if "." not in name:
        # beside a module that is installed there are libraries
        return _Place(module, name, file, file.parent, top if is_library(file) else "")
    paths = list(getattr(sys.modules.get(top), "__path__", ()))
    return _Place(module, name, file, Path(paths[0]).resolve().parent, top) if paths else None


def _source_file(experiment_type: type) -> Path | None:
    try:
        found = inspect.getsourcefile(experiment_type)
    except (TypeError, OSError):  # built in, or typed in
        return None
    return Path(found).resolve() if found is not None and Path(found).is_file() else None


def _name_of(module: str) -> str:
    """A module's name; that of ``__main__`` is known where it was started with ``python -m``."""
    spec = getattr(sys.modules.get(module), "__spec__", None) if module == "__main__" else None
    return spec.name if spec is not None else module


def is_library(path: str | Path) -> bool:
    """Whether a file came with Python or was installed."""
    return str(path).startswith(LIBRARIES) or not LIBRARY_FOLDERS.isdisjoint(Path(path).parts)


@cache
def _folder_on_path(top: str) -> Path | None:
    """The folder that holds a package or module; None for libraries, and for what is not found."""
    try:
        spec = importlib.util.find_spec(top)
    except (ImportError, ValueError):  # __main__ has no spec
        return None
    if spec is None or spec.origin in (None, "built-in", "frozen"):
        return None
    file = Path(str(spec.origin)).resolve()
    if is_library(str(spec.origin)) or is_library(file):
        return None
    return file.parent.parent if spec.submodule_search_locations else file.parent


@cache
def package_folder(package: str) -> Path | None:
    """The folder of one of our packages."""
    spec = importlib.util.find_spec(package)
    places = spec.submodule_search_locations if spec else None
    return Path(places[0]) if places else None


@cache
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


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
