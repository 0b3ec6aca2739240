"""The examples of docs/export.md run as they stand, on what their commands export."""

import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from validate.command.finished.export import export
from validate.results.observation_table import HEADER
from validate.run.stored_units import COLUMNS, NESTED, SETTING, VALUE

ROOT = Path(__file__).parents[4]
PAGE = (ROOT / "docs" / "export.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the commands of the page were run."""
    made = tmp_path_factory.mktemp("exported")
    (commands,) = blocks("sh")
    for line in commands.splitlines():
        arguments = line.removeprefix("python ").split()
        run([*arguments, *(["--workers", "1"] if "run" in arguments else [])], made)
    return made


def run(arguments: list[str], folder: Path) -> None:
    environment = {"PYTHONPATH": str(ROOT), "MPLBACKEND": "agg", "HOME": str(folder)}
    subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=environment, check=True, timeout=300
    )


def test_there_is_one_with_pandas_and_one_without():
    assert ["import pandas" in block for block in blocks("python")] == [True, False]


@pytest.mark.parametrize("block", blocks("python"), ids=["pandas", "csv"])
def test_the_example_draws_its_figure(folder: Path, block: str):
    if "import pandas" in block and find_spec("pandas") is None:
        pytest.skip("pandas is not installed")
    figure = folder / "recovery.png"
    figure.unlink(missing_ok=True)
    run(["-c", block + "\nassert len(plt.gca().patches) == 5"], folder)  # one a group
    assert figure.stat().st_size > 5_000


def test_the_page_names_every_column_and_option():
    text = re.sub(r"```.*?```", "", PAGE, flags=re.DOTALL)
    named = set(re.findall(r"`([^`]+)`", text))
    assert {*HEADER, *COLUMNS, VALUE, NESTED, f"{SETTING}NAME"} <= named
    options = {option for one in export.params for option in one.opts if option.startswith("--")}
    assert len(options) == 4
    for option in options:
        assert option in PAGE
