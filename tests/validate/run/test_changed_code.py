"""Code that changes while a run goes on: nothing wrong is stored, a warm process is replaced."""

import dataclasses
import json
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from sim.engine.executor import open_executor
from sim.engine.store import Store
from tests.validate import toy
from validate.claim import Body
from validate.registry import Claim
from validate.results.records import Verdict
from validate.run.claim_progress import Options
from validate.run.runner import Runner

ROOT = Path(__file__).parents[3]

EXPERIMENT = """
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar
from sim.experiment import Experiment

COUNT = 0

@dataclass(frozen=True)
class Counted(Experiment):
    name: ClassVar[str] = __name__
    block: int = 300
    edits: str = ""
    edit: str = "COUNT = 1"

    def simulate(self, seed, replicates, device):
        if self.edits:
            file = Path(self.edits)
            file.write_text(file.read_text().replace("COUNT = 0", self.edit))
        return [dict(count=COUNT) for _ in replicates]

    def cost(self):
        return 1.0 if self.edits else 0.5
"""


def claim_on(name: str, experiment) -> Claim:
    """That an experiment counts nothing, with coins for the control."""
    body = toy.body(looks=(1,))
    main, control = body.decisions
    main = dataclasses.replace(main, experiments=(experiment,))
    made = dataclasses.replace(
        body,
        grid=(experiment, *control.experiments),
        decisions=(main, dataclasses.replace(control, looks=(1,))),
        regime=(),
    )

    def build() -> Body:
        return made

    return dataclasses.replace(toy.claim(name), build=build)


RUN = """
import json, sys
from pathlib import Path
from tests.validate.run.test_changed_code import claim_on, run_claims

if __name__ == "__main__":
    import first_counted, second_counted
    edit = sys.argv[1]
    edits = str(Path(second_counted.__file__)) if edit else ""
    first = first_counted.Counted(edits=edits, edit=edit)
    claims = [claim_on("toy.first", first), claim_on("toy.second", second_counted.Counted())]
    results = run_claims(Path(sys.argv[2]), claims)
    run = results.run
    print(json.dumps([
        *([c.verdict, c.reason] for c in results.claims), [run.computed, run.reused, run.failed]
    ]))
"""


def run_claims(out: Path, claims: list[Claim]):
    with Store(out / "results.sqlite") as store, open_executor(1) as executor:
        return Runner(claims, Options(), store, executor).results()


CHANGED = "the code of second_counted changed while the run went on; run again"


def ran(folder: Path, edit: str) -> list:
    """A run in which the first block edits the module of the second, which comes only then."""
    (folder / "run.py").write_text(textwrap.dedent(RUN))
    return json.loads(said(folder, edit, str(folder)))


def said(folder: Path, *arguments: str) -> str:
    """What run.py prints in a process of its own."""
    done = subprocess.run(
        [sys.executable, "run.py", *arguments],
        cwd=folder,
        env={"PYTHONPATH": f"{ROOT}:{folder}", "PATH": ""},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def only_the_second_fails(folder: Path, edit: str) -> bool:
    """In a first run with an edit."""
    for name in ("first_counted", "second_counted"):
        (folder / f"{name}.py").write_text(EXPERIMENT)
    first, second, (_, _, failed) = ran(folder, edit)
    return first[0] == Verdict.AGREE and second == [Verdict.ERROR, CHANGED] and failed == 1


def test_a_file_that_is_edited_during_a_run_stores_nothing_wrong(tmp_path: Path):
    assert only_the_second_fails(tmp_path, "COUNT = 1")
    first, second, counts = ran(tmp_path, "")
    assert first[0] == Verdict.AGREE
    assert second[0] == Verdict.DISAGREE  # what the code says now, not what is stored
    assert counts[2] == 0


def test_a_half_edited_file_is_an_error_of_its_experiment_alone(tmp_path: Path):
    """Else the process would die of the import, with all blocks that wait for it."""
    assert only_the_second_fails(tmp_path, "COUNT = (")


def test_a_process_that_imported_the_code_before_it_changed_is_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    file = tmp_path / "warm_counted.py"
    file.write_text(EXPERIMENT.replace("COUNT = 0", "COUNT = 1"))
    monkeypatch.syspath_prepend(tmp_path)
    with Store(tmp_path / "results.sqlite") as store, open_executor(1) as executor:
        imported = executor.submit(__import__, "warm_counted")
        while not imported.done():
            time.sleep(0.05)
        file.write_text(EXPERIMENT)
        import warm_counted  # type: ignore[import-not-found]

        claims = [claim_on("toy.warm", warm_counted.Counted())]
        results = Runner(claims, Options(), store, executor).results()
    (claim,) = results.claims
    assert claim.verdict is Verdict.AGREE, claim.reason
    assert results.run.failed == 0


CARRIED = """
import first_counted, second_counted
from pathlib import Path
from sim.engine.executor import open_executor
from sim.engine.store import Store
from tests.validate.run.test_changed_code import claim_on
from validate.run.claim_progress import Options
from validate.run.runner import Runner

if __name__ == "__main__":
    out = Path("results.sqlite")
    modules = first_counted, second_counted
    claims = [claim_on(f"toy.{one.__name__}", one.Counted()) for one in modules]
    with Store(out) as store, open_executor(1) as executor:
        runner = Runner(claims, Options(), store, executor)
        file = Path(second_counted.__file__)
        file.write_text(file.read_text() + "# edited")
        results = runner.results()
    print(json.dumps([
        *([c.verdict, c.reason] for c in results.claims),
        [results.run.computed, results.run.reused, results.run.failed],
    ]))
"""


def test_a_file_that_is_edited_after_claims_were_built_stores_nothing(tmp_path: Path):
    """What experiments carry was made by the code that this process has, not by the file."""
    for name in ("first_counted", "second_counted"):
        (tmp_path / f"{name}.py").write_text(EXPERIMENT)
    (tmp_path / "run.py").write_text("import json\n" + textwrap.dedent(CARRIED))
    first, second, (_, _, failed) = json.loads(said(tmp_path))
    assert first[0] == Verdict.AGREE
    assert second == [Verdict.ERROR, CHANGED]
    assert failed == 1
