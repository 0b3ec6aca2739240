"""Compiled code is kept on disk: found again, never trusted when damaged, not needed."""

from pathlib import Path

import pytest
import torch

from sim.activation.graph import VARIABLE, Graph, Term
from sim.condensation.experiment import Condensation
from sim.engine.store import key, versions
from sim.native import EAGER, compiler, machine
from sim.native.activation import NativeActivation
from sim.native.elementwise import NAME, module_of
from sim.native.vectors import DOUBLE
from tests.sim.activation.test_compiled import build

Z = torch.linspace(-2.0, 2.0, 9, dtype=torch.float64)


@pytest.fixture
def compilations(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every assembly that is compiled from now on, with an empty folder to keep it in."""
    monkeypatch.setenv("THEORYCHECK_CACHE", str(tmp_path))
    made, real = [], machine._compiled

    def watched(assembly: str) -> bytes:
        made.append(assembly)
        return real(assembly)

    monkeypatch.setattr(machine, "_compiled", watched)
    return made


def results() -> list[torch.Tensor]:
    return list(NativeActivation(build("x*tanh(x)"), torch.float64)(Z))


def test_it_is_compiled_once(compilations: list[str], monkeypatch: pytest.MonkeyPatch):
    first, second = results(), results()
    assert len(compilations) == 1
    assert all(map(torch.equal, first, second))
    monkeypatch.setattr(machine, "_processor", lambda: (machine.llvm.get_host_cpu_name(), ""))
    results()  # another processor
    assert len(compilations) == 2


@pytest.mark.parametrize("damage", [b"", b"short", b"x" * 4000])
def test_a_damaged_file_is_compiled_again(damage: bytes, compilations: list[str], tmp_path: Path):
    first = results()
    (file,) = tmp_path.rglob("*.o")
    kept = file.read_bytes()
    file.write_bytes(damage)
    assert all(map(torch.equal, first, results()))
    assert len(compilations) == 2
    assert file.read_bytes() == kept
    file.write_bytes(kept[:-1] + bytes([kept[-1] ^ 1]))
    assert all(map(torch.equal, first, results()))
    assert len(compilations) == 3


def test_code_that_was_edited_since_it_was_loaded_is_known_by_its_assembly(
    compilations: list[str], monkeypatch: pytest.MonkeyPatch
):
    """Else what the loaded code makes would be kept under the name of the edited one."""
    real = machine.MachineFunction
    made = [module_of(*parts) for parts in ((*graph("sin"), DOUBLE), (*graph("cos"), DOUBLE))]

    def run(number: int) -> torch.Tensor:
        out = torch.empty_like(Z)
        function = real(lambda: made[number], "the same", NAME, sizes=1, arrays=2)
        function(len(Z), Z.data_ptr(), out.data_ptr())
        return out

    monkeypatch.setattr(machine, "recorded", lambda: True)
    monkeypatch.setattr(machine, "other_than", lambda sources: "sim.native.moves")
    torch.testing.assert_close(run(0), Z.sin())
    torch.testing.assert_close(run(1), Z.cos())
    monkeypatch.setattr(machine, "recorded", lambda: False)
    torch.testing.assert_close(run(0), Z.sin())
    torch.testing.assert_close(run(1), Z.cos())
    assert len(compilations) == 2
    monkeypatch.setattr(machine, "recorded", lambda: True)
    monkeypatch.setattr(machine, "other_than", lambda sources: None)
    run(0)
    assert len(compilations) == 3
    run(0)  # found without its assembly
    assert len(compilations) == 3


def graph(name: str) -> tuple[Graph, list[Term]]:
    """A function of the variable."""
    made = Graph()
    return made, [made.apply(name, (1.0, VARIABLE))]


def test_a_folder_that_cannot_be_used_is_done_without(
    compilations: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("THEORYCHECK_CACHE", str(tmp_path / "file"))
    assert results()[0].isfinite().all()
    results()
    assert len(compilations) == 2


def test_a_block_is_kept_under_the_compiler_that_ran(monkeypatch: pytest.MonkeyPatch):
    block = Condensation(), 0, 0, "cpu"
    here = key(*block)
    assert compiler() is not None
    versions.cache_clear()
    monkeypatch.setenv(EAGER, "1")
    assert compiler() is None
    assert key(*block) != here
    versions.cache_clear()
