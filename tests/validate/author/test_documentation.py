"""The page on writing a theory, and the examples: what stands there runs and says what it says."""

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.validate.author.written import claims_in, run
from validate.__main__ import cli
from validate.author.loading import claims_of_files
from validate.author.simulations.simulation import trial
from validate.claim import Role
from validate.results.records import Verdict

DOCS = Path(__file__).parents[3] / "docs"
PAGE = (DOCS / "write-a-theory.md").read_text(encoding="utf-8")
VERDICTS = {
    "relu.half": Verdict.AGREE,
    "relu.half-of-any": Verdict.DISAGREE,
    "relu.half-in-scope": Verdict.OUT_OF_SCOPE,
    "relu.error": Verdict.AGREE,
    "relu.wider": Verdict.AGREE,
    "relu.hoeffding": Verdict.AGREE,
}


def snippets(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def test_the_snippets_in_a_row_are_a_file_with_the_verdicts_that_the_page_tells(tmp_path: Path):
    found = run(tmp_path, claims_in(tmp_path, "\n\n".join(snippets("python")), "my_theory.py"))
    assert {one.id: one.verdict for one in found.claims} == VERDICTS
    controls = [one for claim in found.claims for one in claim.controls]
    assert all(one.as_required for one in controls)
    of_any = found.claims[1].observations[0]
    assert of_any.measured == pytest.approx(1.04, abs=0.01)
    assert "1.04 instead of 0.5" in PAGE


def test_the_commands_of_the_page_are_known(tmp_path: Path, monkeypatch):
    """Those that train nothing are run; of the others the arguments are read."""
    monkeypatch.chdir(tmp_path)
    claims_in(tmp_path, "\n\n".join(snippets("python")), "my_theory.py")
    (commands,) = snippets("sh")
    for line in commands.splitlines():
        python, flag, module, *arguments = shlex.split(line)
        assert [python, flag, module] == ["python", "-m", "validate"]
        trains = arguments[0] in ("run", "mutate") and "--dry-run" not in arguments
        done = CliRunner().invoke(cli, [*arguments, *(["--help"] if trains else [])])
        assert done.exit_code == 0, done.output


@pytest.mark.parametrize("name", ["dropout", "stability", "width"])
def test_an_example_is_short_and_each_of_its_experiments_measures(name: str):
    file = DOCS / "examples" / f"{name}.py"
    assert f"examples/{name}.py" in PAGE
    assert len(file.read_text(encoding="utf-8").splitlines()) <= 60
    for claim in claims_of_files([str(file)]):
        body = claim.build()
        assert Role.EXPERIMENT in {one.role for one in body.decisions}
        assert all(len(trial(experiment, 1)) == 1 for experiment in body.grid)
