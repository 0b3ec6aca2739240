"""What a result depends on: every module that its experiment imports, and nothing else."""

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from sim.engine.fingerprint import closure, combined, fingerprint, imports
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
import sys
from pathlib import Path
from sim.batchnorm.collapse import Collapse
from sim.batchnorm.recovery import Recovery
from sim.condensation.approach import Approach
from sim.condensation.experiment import Condensation
from sim.condensation.paper import PaperFigure
from sim.engine import fingerprint as f

root = Path(f.__file__).parents[2]
TYPES = Recovery, Collapse, Condensation, Approach, PaperFigure

def seen():
    for cached in (f.fingerprint, f.closure, f._read, f._imports_of):
        cached.cache_clear()
    return {one.__name__: f.fingerprint(one) for one in TYPES}

before = seen()
for name in sys.argv[1:]:
    file = root / name
    text = file.read_text()
    file.write_text(text + "# edited\n")
    after = seen()
    print(name, *sorted(one for one in before if after[one] != before[one]))
    file.write_text(text)
"""

EVERY = "Approach Collapse Condensation PaperFigure Recovery"
EDITS = {
    "sim/batchnorm/recovery.py": "Recovery",
    "sim/batchnorm/collapse.py": "Collapse",
    "sim/condensation/experiment.py": "Condensation",
    "sim/experiment.py": EVERY,
    "sim/__init__.py": EVERY,
    "sim/engine/store.py": "",
    "theory/batchnorm/recovery.py": "",
    # far below: imported by what is imported
    "theory/symbolic/series.py": "Approach Condensation PaperFigure",
    "theory/condensation/orientations/ridges.py": "Condensation",
    "sim/data/digits.py": "Collapse Condensation PaperFigure",
}


def test_an_edit_counts_for_those_that_import_it_alone(tmp_path: Path):
    """Edits in a copy: theories leave each other's results in use, however deep an edit is."""
    for package in ("theory", "sim"):
        for file in (ROOT / package).rglob("*.py"):
            copy = tmp_path / file.relative_to(ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(file.read_bytes())
    (tmp_path / "watch.py").write_text(WATCH)
    done = subprocess.run(
        [sys.executable, "watch.py", *EDITS], cwd=tmp_path, capture_output=True, text=True,
        timeout=300, env={"PYTHONPATH": str(tmp_path), "PATH": ""},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = {name: " ".join(changed) for name, *changed in map(str.split, done.stdout.splitlines())}
    assert found == EDITS


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
