"""Claims of files and of packages on the command line: what runs, what is kept, what is refused."""

import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.validate.author.written import text
from validate.__main__ import cli

ROOT = Path(__file__).parents[3]
EXAMPLES = ROOT / "docs" / "examples"
WITH_HELPER = "from lines_beside import moved\n" + text(
    mean="moved(self.size + self.shift + 0.1 * rng.normal() + 0.01 * float(torch.randn(())))"
).replace("import numpy as np", "import numpy as np, torch")


WITHOUT_REPORT = """
import sys
from pathlib import Path
from sim.engine.executor import open_executor
from sim.engine.store import Store
from validate.author.loading import claims_of_files
from validate.run.claim_progress import Options
from validate.run.runner import Runner

if __name__ == "__main__":
    file, workers, store = sys.argv[1:]
    with open_executor(int(workers)) as executor, Store(Path(store)) as kept:
        print(Runner(claims_of_files([file]), Options(), kept, executor).results().to_json())
"""


def python(*arguments: str | Path, at: Path, path: tuple[Path, ...] = ()) -> str:
    """What a process of its own prints, in a folder and with others on its path."""
    done = subprocess.run(
        [sys.executable, *map(str, arguments)],
        cwd=at,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (ROOT, *path)))},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    (at / "stderr").write_text(done.stderr)
    return done.stdout


def processor_seconds() -> float:
    """Of the processes that were started and have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def without_report(file: str, workers: int, store: str, at: Path) -> dict:
    """The results of a file's claims, in a process of its own that draws no report."""
    (at / "run_claims.py").write_text(WITHOUT_REPORT)
    return json.loads(python("run_claims.py", file, str(workers), store, at=at))


def test_a_theory_of_sixty_lines_agrees_and_its_controls_are_rejected(tmp_path: Path):
    file = EXAMPLES / "dropout.py"
    assert len(file.read_text().splitlines()) <= 60
    start = processor_seconds()
    arguments = ("run", "--claims", file, "--workers", "2", "--json")
    found = json.loads(python("-m", "validate", *arguments, at=tmp_path))
    assert processor_seconds() - start < 20  # of all its processes: so less on a clock of two cores
    (claim,) = found["claims"]
    assert claim["verdict"] == "AGREE"
    assert len(claim["observations"]) == 3
    assert all(one["verdict"] == "DISAGREE" for one in claim["controls"])
    assert {one["role"] for one in claim["controls"]} == {"resolution", "experiment"}
    assert claim["figures"]
    assert claim["reproduce"].endswith(f"--claims {file}")
    (part,) = found["parts"]
    assert part["claims"] == ["dropout.correlation"]
    assert "a book of their own" in part["text"]
    assert "their decisions take 11" in part["text"]
    assert (tmp_path / "reports/out/report.pdf").exists()


def test_workers_do_not_matter_and_an_edit_beside_the_file_recomputes(tmp_path: Path):
    """The file itself is not touched, and torch is drawn from in every replicate."""
    (tmp_path / "noise.py").write_text(WITH_HELPER)
    helper = tmp_path / "lines_beside.py"
    helper.write_text("def moved(x):\n    return x\n")
    first = without_report("noise.py", 2, "kept.sqlite", tmp_path)
    other = without_report("noise.py", 1, "other.sqlite", tmp_path)
    assert measured(first) == measured(other)
    assert first["claims"][0]["verdict"] == "AGREE"
    assert other["run"]["computed"] == first["run"]["computed"] > 0
    helper.write_text("def moved(x):\n    return x + 0.5\n")
    edited = without_report("noise.py", 2, "kept.sqlite", tmp_path)
    assert edited["run"]["reused"] == 0
    assert measured(edited) != measured(first)


def measured(found: dict) -> list[float]:
    (claim,) = found["claims"]
    return [one["measured"] for one in (*claim["observations"], *claim["controls"])]


def test_new_writes_a_theory_that_runs_and_a_test_that_passes(tmp_path: Path):
    told = CliRunner().invoke(cli, ["new", str(tmp_path / "growth")])
    assert "python -m validate run --claims" in told.stdout
    assert len((tmp_path / "growth.py").read_text().splitlines()) <= 60
    found = without_report("growth.py", 2, "kept.sqlite", tmp_path)
    assert [claim["verdict"] for claim in found["claims"]] == ["AGREE"]
    assert all(one["as_required"] for claim in found["claims"] for one in claim["controls"])
    quiet = ("-q", "-p", "no:cacheprovider")
    assert "2 passed" in python("-m", "pytest", *quiet, "test_growth.py", at=tmp_path)


def said(*arguments: str | Path, status: int) -> str:
    """The last line on standard error."""
    done = CliRunner().invoke(cli, [str(one) for one in arguments])
    assert done.exit_code == status, done.output
    assert "Traceback" not in done.output
    return done.stderr.strip().splitlines()[-1]


def test_new_overwrites_nothing_and_takes_names_of_modules_alone(tmp_path: Path):
    (tmp_path / "test_growth.py").write_text("kept")
    assert "is there already; nothing was written" in said("new", tmp_path / "growth", status=2)
    assert [one.name for one in tmp_path.iterdir()] == ["test_growth.py"]
    assert (tmp_path / "test_growth.py").read_text() == "kept"
    assert "small letters" in said("new", tmp_path / "my theory", status=2)
    assert "a module of that name" in said("new", tmp_path / "random", status=2)
    assert "a module of that name" in said("new", tmp_path / "class", status=2)
    assert "cannot write" in said("new", tmp_path / "nowhere" / "growth", status=2)


@pytest.mark.parametrize("command", ["run", "list", "show", "mutate"])
def test_every_command_tells_a_fault_of_a_file_in_one_line(tmp_path: Path, command: str):
    file = tmp_path / "noise.py"
    file.write_text(text(margin=""))
    assert said(command, "--claims", file, status=2).startswith(
        f"Error: {file}:30: noise.mean: a m"
    )


def test_a_file_has_its_own_claims_alone(tmp_path: Path):
    file = tmp_path / "noise.py"
    file.write_text(text())
    listed = CliRunner().invoke(cli, ["list", "--claims", str(file), "--json"])
    assert [one["id"] for one in json.loads(listed.stdout)] == ["noise.mean"]
    unknown = said("run", "condensation", "--claims", file, status=2)
    assert unknown == "Error: unknown claim 'condensation'; there are: noise.mean"
    assert "Missing argument" in said("run", status=2)
    shown = CliRunner().invoke(cli, ["show", "noise", "--claims", str(file)])
    assert "The mean is what the law says." in shown.stdout
    assert "of a standard deviation" in shown.stdout


def test_what_a_dry_run_tells_of_time_is_measured(tmp_path: Path):
    file = tmp_path / "noise.py"
    slow = "(__import__('time').sleep(0.05), rng.normal())[1]"
    file.write_text(text(mean=slow))
    run = ["run", "--claims", str(file), "--dry-run", "--json", "--out", str(tmp_path), "--workers"]
    (planned,) = json.loads(CliRunner().invoke(cli, [*run, "1"]).stdout)
    assert planned["seconds"] == pytest.approx(0.05 * planned["blocks"] * 53, rel=0.2)


PACKAGE = {
    "theorycheck_outside/__init__.py": "",
    "theorycheck_outside/noise.py": text(),
    "theorycheck_outside/broken.py": "\n1 / 0\n",
    "theorycheck_outside-1.0.dist-info/METADATA": "Metadata-Version: 2.1\n"
    "Name: theorycheck-outside\nVersion: 1.0\n",
    "theorycheck_outside-1.0.dist-info/entry_points.txt": "[theorycheck.claims]\n"
    "broken = theorycheck_outside.broken\nnoise = theorycheck_outside.noise:theory\n",
}


def test_claims_of_an_installed_package_run_by_name_and_a_broken_one_is_left_out(tmp_path: Path):
    """Installed is what is on the path with an entry point."""
    installed = tmp_path / "installed"
    for name, content in PACKAGE.items():
        file = installed / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
    out = python("-m", "validate", "run", "noise.mean", "--json", at=tmp_path, path=(installed,))
    (claim,) = json.loads(out)["claims"]
    assert claim["verdict"] == "AGREE"
    assert "--claims" not in claim["reproduce"]
    left_out = [
        line
        for line in (tmp_path / "stderr").read_text().splitlines()
        if line.startswith("left out: ")
    ]
    assert len(left_out) == 1
    assert "broken.py:2: ZeroDivisionError: division by zero" in left_out[0]
    command = [sys.executable, "-m", "validate", "run", "noise.mean", "batchnorm"]
    path = {**os.environ, "PYTHONPATH": os.pathsep.join((str(installed), str(ROOT)))}
    done = subprocess.run(command, env=path, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 2
    assert "noise.mean is of a package, batchnorm of theorycheck" in done.stderr


def test_what_a_file_prints_is_not_in_the_results(tmp_path: Path):
    """While it is loaded and in every replicate, in this process and in others."""
    noisy = "(print('noise'), rng.normal() / 10 + self.size + self.shift)[1]"
    (tmp_path / "noise.py").write_text("print('loaded')\n" + text(mean=noisy))
    found = without_report("noise.py", 1, "kept.sqlite", tmp_path)
    assert found["claims"][0]["verdict"] == "AGREE"
    said = (tmp_path / "stderr").read_text()
    assert "loaded" in said
    assert "noise\n" in said
