"""Text of users and errors is printed as it is: neither markup nor control of the terminal."""

import io
from pathlib import Path

import pytest
import rich.console

from tests.reports.synthetic import results
from validate.activation import command as activation_command
from validate.command.progress import print_mutants, print_plan, print_results
from validate.command.terminal import literal
from validate.results.records import Results, Verdict
from validate.run.plan import PlannedClaim
from validate.trust.mutation import Mutant

MARKUP = "[bold]a[/] [/x] [link=file:///]b [/bold"


def with_markup(made: Results) -> Results:
    first, *_ = made.claims
    observed = first.observations[0].model_copy(update={"name": MARKUP, "reason": MARKUP})
    changed = first.model_copy(
        update={
            "reason": MARKUP,
            "disagrees_with": MARKUP,
            "reproduce": MARKUP,
            "observations": (observed,),
        }
    )
    return made.model_copy(update={"claims": (changed,)})


def squeezed(text: str) -> str:
    return "".join(text.split())


def test_reasons_of_a_run_are_literal(capsys: pytest.CaptureFixture[str]):
    out = Path("folder[/]") / "[bold]"
    print_results(with_markup(results()), out, verbose=True)
    shown = capsys.readouterr().out
    assert squeezed(shown).count(squeezed(MARKUP)) == 5
    assert "folder[/]/[bold]/results.json" in shown


def test_mutants_and_plans_are_literal(capsys: pytest.CaptureFixture[str]):
    print_mutants([Mutant("[/a]", "[/b]", "÷ 2", 9, Verdict.INCONCLUSIVE, MARKUP)])
    print_plan([PlannedClaim(id="[/a]", looks=(64,), blocks=1, stored=0, seconds=1.0)])
    shown = capsys.readouterr().out
    assert squeezed(f"survives: [/a], [/b], ÷ 2: {MARKUP}") in squeezed(shown)
    assert shown.count("[/a]") == 4


def test_the_status_line_is_literal(monkeypatch: pytest.MonkeyPatch):
    stream, original = io.StringIO(), rich.console.Console
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    monkeypatch.setattr(
        rich.console,
        "Console",
        lambda **options: original(file=stream, force_terminal=True, width=100),
    )
    with activation_command._progress("[/x]") as progress:
        progress("[bold]trained[/] 1 of 2")
    shown = stream.getvalue()
    assert "[/x]: [bold]trained[/] 1 of 2" in shown


def test_control_characters_do_not_reach_the_terminal():
    assert literal("\x1b[31mred\n\u202eb\x07").plain == "[31mred b"
