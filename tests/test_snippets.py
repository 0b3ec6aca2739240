"""Commands and code of README, CONTRIBUTING and docs: what is cheap is run, the rest is read.

Of a command that trains or draws, all options are read by the command line's own parser. A block
that no test knows how to run is a failure.
"""

import re
import shlex
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from validate.__main__ import cli

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
RUN_ELSEWHERE = {  # by which tests blocks of code and commands are executed
    "write-a-theory.md": "tests/validate/author/test_documentation.py",
    "export.md": "tests/validate/command/finished/test_export_page.py",
}
NEEDS_A_CLUSTER = {"machines.md": "from dask_jobqueue import SLURMCluster"}  # compiled alone
SHELL = ("#", ". ", "export ", "rm ", "until ", "srun ", "dask ", ".ci/run")  # a job's own lines
CHEAP = {"list", "new", "diff", "export"}


def blocks(language: str) -> Iterator[tuple[Path, str]]:
    for page in PAGES:
        for found, text in BLOCK.findall(page.read_text(encoding="utf-8")):
            if found == language:
                yield page, text


def commands() -> list[tuple[str, str]]:
    """Every line of the shell blocks, with its page."""
    lines = [
        (page.name, line.partition("  #")[0].strip())
        for page, text in blocks("sh")
        if page.name not in RUN_ELSEWHERE
        for line in text.splitlines()
    ]
    once = {line: page for page, line in reversed(lines) if line and line[0] != "#"}
    return [(page, line) for line, page in once.items()]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where commands are run: with the runs and files that the pages speak of."""
    for name in ("reports/out", "A", "B", "other", "recovery"):
        (tmp_path / name).mkdir(parents=True)
        shutil.copy(ROOT / "docs" / "results" / "results.json", tmp_path / name)
    author = dict(blocks_of("write-a-theory.md", "python"))
    (tmp_path / "my_theory.py").write_text("\n\n".join(author.values()), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def blocks_of(name: str, language: str) -> list[tuple[int, str]]:
    return [*enumerate(text for page, text in blocks(language) if page.name == name)]


def is_run(arguments: list[str]) -> bool:
    """Whether a command neither trains nor draws nor needs what was measured."""
    if "units" in arguments or arguments[:2] == ["new", "my_theory"]:
        return False  # the file is there already: tests/validate/author has both
    return arguments[0] in CHEAP or bool({"--no-train", "--dry-run"} & {*arguments})


@pytest.mark.parametrize(("page", "line"), commands(), ids=lambda one: one[:60])
def test_commands_are_known(page: str, line: str, folder: Path):
    if line.startswith("make "):
        target = line.split()[-1]
        assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE)
        return
    if " -m pytest" in line:
        assert all((ROOT / one).exists() for one in line.split() if one.startswith("tests/"))
        return
    if " -m reports" in line or " -m tests" in line:
        module = line.partition(" -m ")[2].split()[0].replace(".", "/")
        assert (ROOT / module / "__main__.py").exists()
        return
    if line.startswith(SHELL):
        assert page in ("machines.md", "README.md"), f"{page}: nobody runs {line}"
        return
    python, flag, module, *arguments = shlex.split(line, comments=True)
    assert (python.rpartition("/")[2], flag, module) == ("python", "-m", "validate")
    arguments = [one for one in arguments if one not in ("[CASE…]",)]
    done = CliRunner().invoke(cli, [*arguments, *([] if is_run(arguments) else ["--help"])])
    assert done.exit_code == 0, done.output


def test_a_mistyped_option_or_command_is_found():
    for wrong in (["all", "--buget", "quick"], ["reprot"]):
        assert CliRunner().invoke(cli, [*wrong, "--help"]).exit_code == 2


@pytest.mark.parametrize(("page", "text"), [*blocks("python")], ids=lambda one: str(one)[-40:][:20])
def test_code_is_executed_by_some_test(page: Path, text: str):
    if text.startswith(NEEDS_A_CLUSTER.get(page.name, "\0")):
        compile(text, page.name, "exec")
        return
    if page.parent.name == "reference":
        exec(compile(text, page.name, "exec"), {})
        return
    where = RUN_ELSEWHERE.get(page.name)
    assert where is not None, f"{page.name}: nobody runs this code"
    assert page.name in (ROOT / where).read_text(encoding="utf-8")


def test_other_blocks_are_read():
    languages = {found for page in PAGES for found, _ in BLOCK.findall(page.read_text("utf-8"))}
    assert languages <= {"sh", "python", "toml", "bibtex"}
    for _, text in blocks("toml"):
        assert "theorycheck.claims" in tomllib.loads(text)["project"]["entry-points"]


def test_the_lines_of_a_job_are_a_script(tmp_path: Path):
    (job,) = (text for _, text in blocks("sh") if text.startswith("#!/bin/bash"))
    file = tmp_path / "job.sh"
    file.write_text(job, encoding="utf-8")
    subprocess.run(["bash", "-n", str(file)], check=True, timeout=60)
