"""What a result depends on: every module that its experiment imports, and nothing else."""

import dataclasses
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

from sim.condensation.experiment import Condensation
from sim.engine.fingerprint import (
    Source,
    closure,
    closure_of,
    code_of,
    combined,
    digest,
    fingerprint,
    fingerprint_of,
    imports,
    unchanged,
)
from tests.sim.engine.tiny_experiment import Tiny

ROOT = Path(__file__).parents[3]


def test_imports_of_every_form():
    source = b"""
import a.b, c
from d import e
from . import f
from ..g import h
from typing import TYPE_CHECKING
import importlib
if TYPE_CHECKING:
    import never
else:
    import otherwise
def later():
    from i.j import k
    importlib.import_module("l.m")
    importlib.import_module(".n", package=__package__)
    importlib.import_module(name="o.s")
    __import__("t.u")
"""
    found = imports(source, "p.q.r", is_package=False)
    expected = {"a", "a.b", "c", "d", "d.e", "p.q.f", "p.g", "p.g.h", "otherwise", "i.j.k", "l.m"}
    expected |= {"p.q.n", "o.s", "t.u"}
    assert expected <= found
    assert {"p", "p.q", "i", "i.j", "l"} <= found  # packages run as well
    assert not found & {"never", "p.q.r.f"}
    assert "p.q.r.f" in imports(b"from . import f", "p.q.r", is_package=True)


def test_what_cannot_be_parsed_imports_nothing():
    assert imports(b"import a\nthis is no code", "p", is_package=False) == set()
    assert imports(b"\0", "p", is_package=False) == set()


def test_an_experiment_of_the_tests_depends_on_its_file_and_the_base():
    names = set(closure(Tiny))
    assert {"tests.sim.engine.tiny_experiment", "sim.experiment", "tests", "sim"} <= names
    assert not any(name.startswith(("sim.batchnorm", "theory", "numpy")) for name in names)
    assert len(fingerprint(Tiny)) == 16
    assert combined(["a", "b"]) == combined(["b", "a", "a"]) != combined(["a"])


def test_a_class_that_was_typed_in_has_no_source():
    made = type("Typed", (), {"__module__": "nowhere_to_be_found"})
    assert dict(closure(made)) == {}
    other = type("Typed", (), {"__module__": "nowhere_to_be_found"})
    assert fingerprint(made) == fingerprint(made) != fingerprint(other)  # nobody else's results


WATCH = r"""
import importlib
import pkgutil
import sys
from pathlib import Path
from sim.engine import fingerprint as f
from sim.experiment import Experiment

root = Path(f.__file__).parents[2]
for theory in sorted(one.parent.name for one in root.glob("sim/*/__init__.py")):
    for module in pkgutil.walk_packages([str(root / "sim" / theory)], f"sim.{theory}."):
        importlib.import_module(module.name)

def below(parent):
    return {one for child in parent.__subclasses__() for one in (child, *below(child))}

TYPES = {one for one in below(Experiment) if one.__module__.startswith("sim.")}

def ours():
    return {name for name in sys.modules if name.partition(".")[0] in f.PACKAGES}

def seen():
    for cached in (f.fingerprint, f.closure, f._read, f._imports_of):
        cached.cache_clear()
    return {f"{one.__module__.split('.')[1]}.{one.__name__}": f.fingerprint(one) for one in TYPES}

before = seen()
print("all", *before)
followed = {name for one in TYPES for name in f.closure(one)}
for name in ours():
    del sys.modules[name]
for one in TYPES:
    importlib.import_module(one.__module__)
print("missed", *(ours() - followed))
for name in sys.argv[1:]:
    file = root / name
    text = file.read_text()
    file.write_text(text + "# edited\n")
    after = seen()
    print(name, *(one for one in before if after[one] != before[one]))
    file.write_text(text)
"""

# an edit, whose results are recomputed, and whose are kept, however many experiments there will be
EDITS = {
    "sim/experiment.py": ("all", ""),
    "sim/__init__.py": ("all", ""),
    "sim/batchnorm/collapse.py": ("batchnorm.Collapse", "batchnorm.Recovery condensation"),
    "sim/batchnorm/recovery.py": ("batchnorm.Recovery", "batchnorm.Collapse condensation"),
    "sim/batchnorm/passage.py": (
        "batchnorm.CollapseLadder batchnorm.Passages",
        "batchnorm.Collapse batchnorm.Recovery condensation",
    ),
    "sim/condensation/experiment.py": (
        "condensation.Condensation condensation.OnData",
        "condensation.PaperFigure condensation.ProvedCase batchnorm",
    ),
    "sim/condensation/paper.py": (
        "condensation.OnPaperData condensation.PaperFigure condensation.ProvedCase",
        "condensation.Condensation condensation.OnData batchnorm",
    ),
    "theory/batchnorm/recovery.py": ("", "all"),
    "theory/symbolic/series.py": (
        "condensation.Condensation condensation.Escape condensation.PaperFigure",
        "condensation.FormSearch batchnorm",
    ),
    "theory/condensation/orientations/ridges.py": (
        "condensation.Condensation condensation.OnData",
        "condensation.PaperFigure batchnorm",
    ),
    "sim/engine/store.py": ("", "all"),
}


def copy_of(packages: tuple[str, ...], folder: Path) -> None:
    for package in packages:
        for file in (ROOT / package).rglob("*.py"):
            copy = folder / file.relative_to(ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(file.read_bytes())


def python(*arguments: str, folder: Path) -> str:
    """What a program in a folder prints."""
    done = subprocess.run(
        [sys.executable, *arguments], cwd=folder, capture_output=True, text=True,
        timeout=300, env={"PYTHONPATH": f"{folder}:{ROOT}", "PATH": ""},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_an_edit_counts_for_those_that_import_it_alone(tmp_path: Path):
    """Edits in a copy: theories leave each other's results in use, however deep an edit is."""
    copy_of(("theory", "sim"), tmp_path)
    (tmp_path / "watch.py").write_text(WATCH)
    rooms = sorted(str(one.relative_to(ROOT)) for one in ROOT.glob("sim/batchnorm/*.py"))
    printed = python("watch.py", *EDITS, *rooms, folder=tmp_path)
    changed = {name: set(them) for name, *them in map(str.split, printed.splitlines())}
    every = changed.pop("all")
    assert len(every) > 10
    assert changed.pop("missed") == set()  # all that is loaded was found in the source
    theories = {one.partition(".")[0] for one in every}
    groups = {one: {other for other in every if other.startswith(f"{one}.")} for one in theories}
    groups["all"] = every

    def named(text: str) -> set[str]:
        return {one for name in text.split() for one in groups.get(name, {name})}

    for name, (recomputed, kept) in EDITS.items():
        assert named(recomputed) <= changed[name], name
        assert named(kept) <= every, name
        assert not named(kept) & changed[name], name
    for name in rooms:
        assert changed[name], name
        assert not changed[name] & groups["condensation"], name


OUTSIDER = """
    from dataclasses import dataclass
    from typing import ClassVar
    from sim.experiment import Experiment

    @dataclass(frozen=True)
    class Outsider(Experiment):
        name: ClassVar[str] = "outsider"

        def simulate(self, seed, replicates, device):
            {body}
            return [dict(count=COUNT) for _ in replicates]

        def cost(self):
            return 0.0
"""


def outsider(folder: Path, name: str, body: str = "COUNT = 0", top: str = "") -> None:
    """A module of somebody else's with an experiment."""
    text = textwrap.dedent(OUTSIDER.format(body=body))
    (folder / f"{name}.py").write_text(top + text)


@pytest.mark.parametrize("edited", ["outside_a", "helper_a", "helper_b"])
def test_helpers_beside_an_experiment_from_outside_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, edited: str
):
    """A helper that it imports inside a function, and what that imports."""
    outsider(tmp_path, "outside_a", "from helper_a import COUNT")
    (tmp_path / "helper_a.py").write_text("from helper_b import COUNT\n")
    (tmp_path / "helper_b.py").write_text("COUNT = 0\n")
    (tmp_path / "bystander.py").write_text("COUNT = 0\n")
    monkeypatch.syspath_prepend(tmp_path)
    import outside_a  # type: ignore[import-not-found]

    def seen(changed: str) -> str:
        from sim.engine import fingerprint as module

        with (tmp_path / f"{changed}.py").open("a") as file:
            file.write("# edited\n")
        for cached in (module.fingerprint, module.closure, module._read, module._imports_of):
            cached.cache_clear()
        return fingerprint(outside_a.Outsider)

    assert {"outside_a", "helper_a", "helper_b"} <= set(closure(outside_a.Outsider))
    before = seen("bystander")
    assert seen("bystander") == before
    assert seen(edited) != before
    del sys.modules["outside_a"]


def seen_by(arguments: tuple[str, ...], folder: Path) -> list[str]:
    *names, _ = found = python(*arguments, folder=folder).split()
    assert set(names) >= {"__main__", "sim.experiment"}
    return found


SHOW = """
if __name__ == "__main__":
    from sim.engine.fingerprint import closure, fingerprint
    print(*closure(Outsider), fingerprint(Outsider))
"""


def test_an_experiment_in_a_started_program_depends_on_its_package(tmp_path: Path):
    """With python -m the package counts, else the folder; a relative import as well."""
    package = tmp_path / "theirs"
    (package / "deep").mkdir(parents=True)
    for name in ("__init__", "helper", "deep/__init__", "deep/far"):
        (package / f"{name}.py").write_text("COUNT = 0\n")
    outsider(package, "started", "from .helper import COUNT")
    with (package / "started.py").open("a") as file:
        file.write(SHOW)
    (package / "helper.py").write_text("from theirs.deep import far\nCOUNT = 0\n")
    how = ("-m", "theirs.started")
    *names, before = seen_by(how, tmp_path)
    assert set(names) >= {"theirs", "theirs.helper", "theirs.deep", "theirs.deep.far"}
    (package / "deep" / "far.py").write_text("COUNT = 1\n")
    assert seen_by(how, tmp_path)[-1] != before


def test_beside_an_installed_module_are_libraries(tmp_path: Path):
    folder = tmp_path / "site-packages"
    folder.mkdir()
    outsider(folder, "installed", "from helper import COUNT")
    (folder / "helper.py").write_text("COUNT = 0\n")
    (tmp_path / "show.py").write_text(
        "import sys; sys.path.insert(0, 'site-packages')\nfrom installed import Outsider\n"
        "from sim.engine.fingerprint import closure\nprint(*closure(Outsider))\n"
    )
    names = set(python("show.py", folder=tmp_path).split())
    assert {"installed", "sim.experiment"} <= names
    assert "helper" not in names


def test_a_module_elsewhere_on_the_path_counts(tmp_path: Path):
    """Such as one directly beside an outsider's package."""
    package = tmp_path / "mylab"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (tmp_path / "mylab_common.py").write_text("import numpy, far_library\nCOUNT = 0\n")
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "far_library.py").write_text("COUNT = 0\n")
    outsider(package, "experiments", "from mylab_common import COUNT")
    (tmp_path / "show.py").write_text(
        "import sys; sys.path.append('lib')\nfrom mylab.experiments import Outsider\n"
        "from sim.engine.fingerprint import closure\nprint(*closure(Outsider))\n"
    )
    names = set(python("show.py", folder=tmp_path).split())
    assert {"mylab_common", "far_library"} <= names
    assert not any(name.partition(".")[0] in ("numpy", "dataclasses") for name in names)


@dataclasses.dataclass(frozen=True)
class Holding(Tiny):
    """Its setting is an object of a class that its own module need not import."""

    held: Any = ()


def test_classes_of_settings_count():
    other = Condensation()
    assert set(code_of(Holding(held=({"a": [other]},)))) == set(closure(Holding)) | set(
        closure(Condensation)
    )
    assert code_of(Tiny()) == {name: one.digest for name, one in closure(Tiny).items()}
    assert fingerprint_of(Tiny()) == fingerprint(Tiny)
    assert fingerprint_of(Holding(held=other)) != fingerprint_of(Holding())


def test_a_module_has_a_closure_that_tells_when_a_file_changes(tmp_path: Path):
    sources = closure_of("reports.figures", within=("reports", "validate.results"))
    assert {"reports.figures.style", "reports.text", "validate.results.records"} <= set(sources)
    assert {name.partition(".")[0] for name in sources} == {"reports", "validate"}
    assert not set(sources) & {"validate", "validate.activation", "reports.pdf"}
    assert len(digest(sources)) == 16
    assert unchanged(sources)
    file = tmp_path / "style.py"
    file.write_bytes(sources["reports.figures.style"].path.read_bytes())
    copied = {"style": Source(file, sources["reports.figures.style"].digest)}
    assert unchanged(copied)
    file.write_text("WIDTH = 6.0\n")
    assert not unchanged(copied)
    file.unlink()
    assert not unchanged(copied)
