"""The command line: `python -m validate`. Heavy imports happen inside the commands."""

import shlex
import sys
from pathlib import Path
from typing import Any

import click

from validate.activation.command import activation
from validate.author.command import CLAIMS, chosen, listed, new
from validate.command.before.overwriting import refuse_own_files
from validate.command.finished.diff import diff
from validate.command.finished.export import export
from validate.command.finished.report import report
from validate.command.options import OUT, RUNNING, SETTINGS, with_options
from validate.command.place import Place
from validate.command.process import UNREAD, set_up, silence
from validate.command.running import (
    Failure,
    finished,
    print_json,
    refused,
    run_claims,
    tell,
    within,
    write_results,
    writing_to,
)
from validate.command.scripting import CSV, FOLDER, write_csv


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="theorycheck", prog_name="theorycheck")
def cli() -> None:
    """Check whether the predictions of deep-learning theories happen in training."""


@cli.command(name="all")
@with_options(RUNNING)
def run_all(**options: Any) -> None:
    """Run every claim that the budget can decide; write results.json and the report."""
    from validate.registry import claims

    run_claims(claims(), **options)


@cli.command()
@click.argument("names", nargs=-1, metavar="CLAIM…")
@CLAIMS
@with_options(RUNNING)
def run(names: tuple[str, ...], claims_files: tuple[str, ...], **options: Any) -> None:
    """Run some claims, by id or prefix (such as "condensation"), or all of --claims FILE."""
    run_claims(_select(names, claims_files), **options)


@cli.command(name="list")
@CLAIMS
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@CSV
def list_claims(claims_files: tuple[str, ...], as_json: bool, csv_file: Path | None) -> None:
    """List the claims: id, title, source, statement."""
    refuse_own_files(csv_file, (OUT,))
    there = listed(claims_files)
    if csv_file is not None:
        from validate.results.claim_tables import claim_table

        write_csv(csv_file, claim_table(there))
    if as_json:
        print_json([_identity(claim) for claim in there])
        return
    for claim in there:
        click.echo(f"{click.style(claim.id, bold=True)}  [{claim.tier}]  {claim.title}")
        click.echo(f"  {claim.source}")
        click.echo(click.wrap_text(claim.statement, 96, "  ", "  ") + "\n")


@cli.command()
@click.argument("names", nargs=-1, metavar="CLAIM")
@CLAIMS
@click.option("--out", type=FOLDER, default=OUT, show_default=True,
              help="Folder of the last run, for the last verdict.")  # fmt: skip
@click.option("--budget", type=click.Choice(["quick", "standard", "thorough"]), default=None,
              help="Whose units to show; by default the smallest that decides.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def show(
    names: tuple[str, ...],
    claims_files: tuple[str, ...],
    out: Path,
    budget: str | None,
    as_json: bool,
) -> None:
    """Show claims: derivation, assumptions, margins, last verdict, units and power of decisions."""
    from validate.command.describe import description, last_result, text
    from validate.run.claim_progress import Options

    for claim in _select(names, claims_files):
        last, options = last_result(claim.id, out), Options(budget=budget or claim.tier)
        with refused():
            if as_json:
                print_json({**_identity(claim), **description(claim, last, options)})
            else:
                click.echo(text(claim, last, options))


cli.add_command(activation)
cli.add_command(new)


@cli.command()
@click.argument("names", nargs=-1, metavar="[CLAIM…]")
@CLAIMS
@with_options(SETTINGS)
def mutate(
    names: tuple[str, ...],
    claims_files: tuple[str, ...],
    as_json: bool,
    workers: int | None,
    executor: str,
    scheduler: str | None,
    **options: Any,
) -> None:
    """Change every prediction; say which wrong theories the measurements reject.

    That is what the margins can tell apart. What could have failed by training something else is
    judged by `run`: the experiment controls of each claim.

    Measurements of a former run with these settings are reused. Exit status 1 if fewer than
    95 % of the mutants are rejected.
    """
    from validate.command import progress
    from validate.command.folder import keep
    from validate.registry import claims
    from validate.trust.appendix import of_mutation
    from validate.trust.mutation import REQUIRED, mutants, rejected_share, to_json

    asked = _select(names, claims_files) if names or claims_files else claims()
    taken, left_out = within(asked, options["budget"])
    out = options["out"]
    files = [word for file in claims_files for word in ("--claims", file)]
    asked_for = "".join(f"{shlex.quote(word)} " for word in (*names, *files))
    settings = f"{asked_for}--seed {options['seed']} --budget {options['budget']}"
    place = Place(workers, executor, scheduler)
    with finished(taken, place=place, **options) as (runner, draw):
        made = [mutant for state in runner.states for mutant in mutants(state, runner.options)]
        keep(out / "mutation.json", to_json(made))
        write_results(runner.results().with_appendix(of_mutation(made, settings)), out, draw)
    click.echo(to_json(made), nl=False) if as_json else progress.print_mutants(made)
    tell(left_out)
    sys.exit(int(rejected_share(made) < REQUIRED))


cli.add_command(report)
cli.add_command(diff)
cli.add_command(export)


@cli.command()
@click.option("--runs", type=click.IntRange(100, 1_000_000), default=10_000, show_default=True,
              help="Simulated runs of every rule.")  # fmt: skip
@click.option("--complete-runs", type=click.IntRange(50, 1_000_000), default=5_000,
              show_default=True, help="Simulated complete runs in every noise.")  # fmt: skip
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True,
              help="Seed of the simulation.")  # fmt: skip
@click.option("--out", type=FOLDER, default=OUT, show_default=True,
              help="Folder for calibration.json.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True,
              help="Print calibration.json on standard output and nothing else there.")  # fmt: skip
def calibrate(runs: int, complete_runs: int, seed: int, out: Path, as_json: bool) -> None:
    """Measure size and power of the decision rules, in every noise; status 1 if a rule fails.

    Complete runs have all decisions of the registered claims, or several of every kind; required
    is that the upper 99 % limit of those with any false verdict is at most α.

    Where the folder holds the results of a run, its report gets an appendix.
    """
    from validate.command.folder import former, keep
    from validate.trust.appendix import of_calibration
    from validate.trust.calibrate import calibrate as measure
    from validate.trust.calibrate import print_calibration

    found = measure(
        runs, seed, lambda name: click.echo(f"calibrating {name}", err=True), complete_runs
    )
    with writing_to(out):
        keep(out / "calibration.json", found.to_json())
    results = former(out)
    if results is not None:
        write_results(results.with_appendix(of_calibration(found)), out)
    if as_json:
        click.echo(found.to_json(), nl=False)
    else:
        print_calibration(found)
    sys.exit(int(not found.passed))


@cli.command()
@click.argument("names", nargs=-1, metavar="[CASE…]")
@click.option("--json", "as_json", is_flag=True,
              help="JSON on standard output and nothing else there.")  # fmt: skip
@click.option("--markdown", "as_markdown", is_flag=True,
              help="Frameworks as a Markdown table, as in docs/speed.md.")  # fmt: skip
def bench(names: tuple[str, ...], as_json: bool, as_markdown: bool) -> None:
    """Time the simulations against others on one thread: one by one, torch, JAX.

    All of them, or those with one of the given parts in their names (such as "units"). JAX is the
    optional extra "bench".
    """
    from validate.command.bench.cases import UnknownCaseError, select
    from validate.command.frameworks.comparison import DifferentWeightsError
    from validate.command.frameworks.printing import markdown, print_report, to_json
    from validate.command.frameworks.report import find

    try:
        chosen = select(names)
        report = find(chosen, lambda name: click.echo(f"timing {name}", err=True))
    except (UnknownCaseError, DifferentWeightsError) as error:
        raise Failure(str(error)) from error
    if as_json or as_markdown:
        click.echo(to_json(report) if as_json else markdown(report), nl=False)
    else:
        print_report(report)


def _select(names: tuple[str, ...], claims_files: tuple[str, ...] = ()) -> tuple:
    if not names and not claims_files:
        raise click.UsageError("Missing argument 'CLAIM…'.")
    return chosen(names, claims_files)


def _identity(claim: Any) -> dict[str, str]:
    return {key: getattr(claim, key) for key in ("id", "title", "source", "statement", "tier")}


def main() -> None:
    """Run the command line; every expected failure is one line on standard error."""
    set_up()
    try:
        _run()
    except click.exceptions.NoArgsIsHelpError as error:
        _say(error.format_message())
        sys.exit(2)
    except click.UsageError as error:
        where = error.ctx.command_path if error.ctx else "python -m validate"
        message = " ".join(error.format_message().split())
        _say(f"Error: {message} (see {where} --help)")
        sys.exit(2)
    except click.ClickException as error:
        _say(f"Error: {error.format_message()}")
        sys.exit(error.exit_code)
    except (KeyboardInterrupt, click.Abort):
        _say("interrupted; finished results are kept, the same command goes on")
        sys.exit(130)
    except BrokenPipeError:
        sys.exit(UNREAD)
    except OSError as error:
        if error.filename is not None:  # a fault of ours, not of standard output
            raise
        silence(sys.stdout)
        _say(f"Error: cannot write to standard output: {error.strerror}")
        sys.exit(2)


def _say(line: str) -> None:
    """To standard error, where that takes it: the exit status stays."""
    try:
        click.echo(line, err=True)
    except OSError:
        silence(sys.stderr)


def _run() -> None:
    """The command that was typed; a reader that has read enough ends it quietly."""
    try:
        cli.main(prog_name="python -m validate", standalone_mode=False)
        sys.stdout.flush()
    except SystemExit:
        if "PacifyFlush" in type(sys.stdout).__name__:  # click met a closed pipe
            sys.exit(UNREAD)
        raise


if __name__ == "__main__":
    main()
