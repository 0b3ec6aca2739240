"""Who may import whom: rooms, theories and the order of the packages.

All imports are read, those inside functions, names of modules in strings and what is given to
``import_module`` too; names that are put together while running are not. The names of theories are
those of the folders in `validate/claims` and, beside the engine rooms, in `theory`: a new one is
held to the rules by being there.
"""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from validate.registry import claims

ROOT = Path(__file__).parents[1]
PACKAGES = ("theory", "sim", "validate", "reports")
# a package may import itself and these
ALLOWED = {"theory": (), "sim": ("theory",), "validate": ("theory", "sim"), "reports": ("theory",)}
MAY_IMPORT_REPORTS = ("validate.command", "validate.activation.command", "validate.__main__")
# a front end of a theory: it may know that one, and commands alone may know it
FRONT_ENDS = {"validate.activation": "condensation"}
BESIDE = ("__pycache__", "__init__.py", "out")
ENTRANCES = ("validate", "validate.__main__")
THEORY_ROOMS = {"symbolic"}
CROWDED = 15  # entries of a folder, without `__init__.py`
MODULE_NAME = re.compile(r"(theory|sim|validate|reports)(\.\w+)+(:\w+)?")


@dataclass(frozen=True)
class Import:
    """One import of a module by another."""

    by: str
    module: str
    line: int
    top: bool  # whether it runs when the module is imported

    def __str__(self) -> str:
        return f"{self.by}, line {self.line}: imports {self.module}"


def module_of(file: Path, root: Path) -> str:
    parts = file.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(file: Path, root: Path) -> Iterator[Import]:
    """Every import of a file; ``from a import b`` is one of a.b."""
    by, tree = module_of(file, root), ast.parse(file.read_text(encoding="utf-8"))
    inside = {
        id(node)
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        for node in ast.walk(function)
    }
    for node in ast.walk(tree):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = "." * node.level + (node.module or "")
            names = [f"{base}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            names = [node.value.partition(":")[0]] if MODULE_NAME.fullmatch(node.value) else []
        elif isinstance(node, ast.Call):
            names = [*given_to_import(node)]
        for name in names:
            yield Import(by, name, getattr(node, "lineno", 0), id(node) not in inside)


def given_to_import(call: ast.Call) -> Iterator[str]:
    """The module of ``import_module("…")`` or ``__import__("…")``, in full."""
    name = getattr(call.func, "attr", getattr(call.func, "id", ""))
    if name not in ("import_module", "__import__"):
        return
    given = (*call.args, *(keyword.value for keyword in call.keywords))
    texts = [text for one in given if isinstance(text := getattr(one, "value", None), str)]
    if texts and not MODULE_NAME.fullmatch(texts[0]):  # those are found as strings
        yield texts[0] if not texts[0].startswith(".") else absolute(*texts[:2])


def absolute(name: str, package: str = "") -> str:
    parts, rest = package.split("."), name.lstrip(".")
    return ".".join([*parts[: len(parts) - (len(name) - len(rest)) + 1], rest])


def theories(root: Path) -> set[str]:
    folders = [*(root / "validate" / "claims").iterdir(), *(root / "theory").glob("*/")]
    return {one.name for one in folders if one.is_dir() and "__" not in one.name} - THEORY_ROOMS


def theory_of(module: str, known: set[str]) -> str | None:
    """Whose folder a module is in; None for engine rooms."""
    parts = module.split(".")
    place = 2 if parts[:2] == ["validate", "claims"] else 1
    return parts[place] if len(parts) > place and parts[place] in known else None


def whose(module: str, known: set[str]) -> str | None:
    """Whose folder or front end a module is in; None for engine rooms."""
    fronts = [theory for front, theory in FRONT_ENDS.items() if below(module, front)]
    return fronts[0] if fronts else theory_of(module, known)


def below(module: str, *folders: str) -> bool:
    return any(module == folder or module.startswith(f"{folder}.") for folder in folders)


def fault(one: Import, known: set[str]) -> str | None:
    """Which rule an import breaks."""
    if one.module.startswith("."):
        return "absolute imports only"
    mine, other = one.by.partition(".")[0], one.module.partition(".")[0]
    if other == "torch":
        if mine == "theory":
            return "no torch in theory"
        if below(one.by, "validate.claims") and one.top:
            return "no torch at the top of a module of claims"
    if other not in PACKAGES:
        return None
    if other != mine and other not in ALLOWED[mine]:
        if other == "reports" and below(one.by, *MAY_IMPORT_REPORTS):
            return None
        if mine == "reports" and below(one.module, "validate.results"):
            return None
        return f"{mine} must not import {other}"
    ours, theirs = whose(one.by, known), whose(one.module, known)
    if below(one.module, *FRONT_ENDS):
        allowed = below(one.by, "validate.command", *FRONT_ENDS) or one.by in ENTRANCES
        return None if allowed else "front ends are for commands"
    if theirs is None or ours == theirs:
        return None
    return "engine rooms know no theory" if ours is None else "theories do not import each other"


def faults(root: Path) -> list[str]:
    known = theories(root)
    return [
        f"{one}: {broken}"
        for package in PACKAGES
        for file in sorted((root / package).rglob("*.py"))
        for one in imports(file, root)
        if (broken := fault(one, known)) is not None
    ]


def test_everyone_keeps_to_the_rules():
    assert faults(ROOT) == []


def test_the_theories_are_found():
    assert {"condensation", "batchnorm"} <= theories(ROOT)
    assert theory_of("sim.condensation.paper", {"condensation"}) == "condensation"
    assert theory_of("validate.claims.batchnorm.step", {"batchnorm"}) == "batchnorm"
    assert theory_of("validate.batchnorm", {"condensation"}) is None


PLANTED = {
    "theory/laws.py: import sim.experiment": "theory must not import sim",
    "sim/runs.py: from validate import claim": "sim must not import validate",
    "theory/laws.py: from validate.results import records": "theory must not import validate",
    "reports/pages.py: from validate.run import runner": "reports must not import validate",
    "reports/pages.py: import sim.experiment": "reports must not import sim",
    "validate/run/runner.py: from reports.pdf import write": "validate must not import reports",
    "validate/claims/old/claim.py: import reports.pdf": "validate must not import reports",
    "sim/engine/store.py: from sim.old.runs import Run": "engine rooms know no theory",
    "sim/engine/store.py: from sim import old": "engine rooms know no theory",
    "theory/prediction.py: import theory.old.laws": "engine rooms know no theory",
    "validate/figure_forms/lines.py: from validate.claims.old import claim": "engine rooms know",
    "validate/registry.py: WARM = 'sim.old.runs'": "engine rooms know no theory",
    "theory/new/laws.py: from theory.old.laws import law": "theories do not import each other",
    "sim/new/runs.py: import theory.old.laws": "theories do not import each other",
    "validate/claims/new/claim.py: import sim.old.runs": "theories do not import each other",
    "theory/new/laws.py: import torch": "no torch in theory",
    "theory/new/laws.py: from torch import nn": "no torch in theory",
    "validate/claims/new/claim.py: import torch": "no torch at the top",
    "sim/new/runs.py: from . import other": "absolute imports only",
    "theory/new/laws.py: import_module('torch.nn')": "no torch in theory",
    "theory/new/laws.py: __import__('torch')": "no torch in theory",
    "validate/claims/new/claim.py: importlib.import_module('torch')": "no torch at the top",
    "theory/laws.py: import_module('sim')": "theory must not import sim",
    "validate/run/runner.py: import_module('reports')": "validate must not import reports",
    "sim/engine/store.py: import_module('.old.runs', 'sim')": "engine rooms know no theory",
    "sim/new/runs.py: import_module('..old.runs', 'sim.new')": "theories do not import each other",
    "validate/registry.py: WARM = 'sim.old.runs:Run'": "engine rooms know no theory",
    "sim/engine/store.py: import theory.third.laws": "engine rooms know no theory",
    "validate/activation/check.py: import theory.old.laws": "theories do not import each other",
    "validate/claims/new/claim.py: import validate.activation.check": "front ends are for commands",
    "validate/run/runner.py: from validate.activation import check": "front ends are for commands",
}
FINE = (
    "sim/new/runs.py: from theory.new.laws import law",
    "validate/claims/new/claim.py: from sim.new import runs",
    "validate/claims/new/measured/unit.py: import theory.new.laws",
    "validate/command/running.py: from reports.pdf import write",
    "validate/activation/command.py: import reports.activation",
    "validate/activation/check.py: import theory.condensation.laws",
    "validate/__main__.py: import validate.activation.command",
    "validate/__main__.py: import reports.pdf",
    "reports/pages.py: from validate.results.records import Results",
    "sim/engine/store.py: import sim.experiment, torch",
    "theory/laws.py: NAME = 'an old law of theory.old'",
)


def plant(root: Path, line: str, *, inside: bool) -> None:
    for theory in ("new", "old"):
        (root / "validate" / "claims" / theory).mkdir(parents=True, exist_ok=True)
    (root / "theory" / "third").mkdir(parents=True, exist_ok=True)
    name, _, code = line.partition(": ")
    file = root / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"def later():\n    {code}\n" if inside else f"{code}\n")


@pytest.mark.parametrize("inside", [False, True], ids=["at the top", "inside a function"])
@pytest.mark.parametrize("line", PLANTED)
def test_a_planted_fault_is_found(tmp_path: Path, line: str, inside: bool):
    plant(tmp_path, line, inside=inside)
    found = faults(tmp_path)
    if inside and "at the top" in PLANTED[line]:
        assert found == []  # there it costs nothing until a claim is built
        return
    (only,) = found
    assert PLANTED[line] in only


@pytest.mark.parametrize("line", FINE)
def test_what_is_allowed_is_no_fault(tmp_path: Path, line: str):
    plant(tmp_path, line, inside=False)
    assert faults(tmp_path) == []


def imported_by(code: str) -> set[str]:
    """Modules that a process of its own has imported after running some code."""
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys\nprint(*sys.modules)"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return set(done.stdout.split())


def test_listing_claims_imports_nothing_heavy():
    found = imported_by("from validate.registry import claims\nclaims()")
    assert "validate.registry" in found
    assert not {one.build.__module__ for one in claims()} & found
    assert not found & {"torch", "sympy", "scipy", "numpy", "pydantic"}


@pytest.mark.parametrize(
    ("claim", "theory"),
    [("condensation.bound-1d", "condensation"), ("batchnorm.recovery", "batchnorm")],
)
def test_the_body_of_one_claim_imports_no_other_theory(claim: str, theory: str):
    """Other claims are registered, which costs nothing; what they need is not imported."""
    found = imported_by(
        f"from validate.registry import select\n(one,) = select(({claim!r},))\none.build()"
    )
    listed = imported_by("from validate.registry import claims\nclaims()")
    known = theories(ROOT)
    named = {theory_of(module, known) for module in found - listed}
    assert named - {None} == {theory}


def test_no_folder_is_crowded():
    folders = [
        folder
        for package in (*PACKAGES, "tests")
        for folder in (ROOT / package, *(ROOT / package).rglob("*/"))
        if folder.name not in ("__pycache__", "out")
        and folder.is_dir()
        and "out" not in folder.parts
    ]
    assert len(folders) > 30
    for folder in folders:
        entries = [one.name for one in folder.iterdir() if one.name not in BESIDE]
        assert len(entries) <= CROWDED, f"{folder}: {len(entries)} files and folders"
