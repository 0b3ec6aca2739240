"""The command line: `python -m validate`. Heavy imports happen inside the commands."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

BUDGETS = ("quick", "standard", "thorough")
OUT = Path("reports/out")


class Failure(click.ClickException):
    """Wrong usage or input: one line and exit status 2."""

    exit_code = 2


def run_options(command: Callable) -> Callable:
    """Options shared by the commands that run claims."""
    options = (
        click.option("--budget", type=click.Choice(BUDGETS), default="quick", show_default=True,
                     help="How many replicates the plan may take."),
        click.option("--out", type=click.Path(path_type=Path), default=OUT, show_default=True,
                     help="Folder for results.json, report.pdf and the store results.sqlite."),
        click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True,
                     help="Seed of all random streams."),
        click.option("--alpha", type=click.FloatRange(0, 0.5, min_open=True, max_open=True),
                     default=0.01, show_default=True,
                     help="Error budget, split over all registered decisions."),
        click.option("--device", type=click.Choice(["cpu", "cuda"]), default="cpu",
                     show_default=True, help="Where networks are trained."),
        click.option("--workers", type=click.IntRange(1, 1024), default=None,
                     help="Processes; default: one for each usable core."),
        click.option("--json", "as_json", is_flag=True,
                     help="Print results.json on standard output and nothing else there."),
        click.option("--dry-run", is_flag=True, help="Say what would run and for how long."),
        click.option("--fail-on", type=click.Choice(["disagree", "inconclusive", "out_of_scope"]),
                     multiple=True, help="Verdicts that make the exit status 1."),
        click.option("-v", "--verbose", is_flag=True, help="Print every decision and control."),
    )  # fmt: skip
    for option in reversed(options):
        command = option(command)
    return command


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="theorycheck", prog_name="theorycheck")
def cli() -> None:
    """Check whether the predictions of deep-learning theories happen in training."""


@cli.command(name="all")
@run_options
def run_all(**options: Any) -> None:
    """Run every claim; write results.json and report.pdf."""
    from validate.registry import claims

    _run(claims(), **options)


@cli.command()
@click.argument("names", nargs=-1, required=True, metavar="CLAIM…")
@run_options
def run(names: tuple[str, ...], **options: Any) -> None:
    """Run some claims, by id or prefix (such as "condensation")."""
    _run(_select(names), **options)


@cli.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def list_claims(as_json: bool) -> None:
    """List the claims: id, source, statement."""
    from validate.registry import claims

    if as_json:
        _print_json([_identity(claim) for claim in claims()])
        return
    for claim in claims():
        click.echo(f"{click.style(claim.id, bold=True)}  [{claim.tier}]\n  {claim.source}")
        click.echo(click.wrap_text(claim.statement, 96, "  ", "  ") + "\n")


@cli.command()
@click.argument("name", metavar="CLAIM")
@click.option("--out", type=click.Path(path_type=Path), default=OUT, show_default=True,
              help="Folder of the last run, for the last verdict.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def show(name: str, out: Path, as_json: bool) -> None:
    """Show claims: derivation, assumptions, margins, controls and last verdict."""
    from validate.describe import description, last_result, text

    for claim in _select((name,)):
        last = last_result(claim.id, out)
        if as_json:
            _print_json({**_identity(claim), **description(claim, last)})
        else:
            click.echo(text(claim, last))


@cli.command()
@click.argument("folder", type=click.Path(path_type=Path), default=OUT, metavar="[DIR]")
def report(folder: Path) -> None:
    """Rebuild report.pdf from the results.json in DIR (default: reports/out)."""
    from reports.pdf import write
    from validate.results import ResultsError, load_results

    try:
        results = load_results(folder / "results.json")
        write(results, folder / "report.pdf")
    except ResultsError as error:
        raise Failure(str(error)) from error
    except OSError as error:
        raise Failure(f"cannot write {folder / 'report.pdf'}: {error.strerror}") from error
    click.echo(f"wrote {folder / 'report.pdf'}")


@cli.command()
@click.option("--runs", type=click.IntRange(100, 1_000_000), default=10_000, show_default=True,
              help="Simulated runs of every rule.")  # fmt: skip
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True,
              help="Seed of the simulation.")  # fmt: skip
@click.option("--out", type=click.Path(path_type=Path), default=OUT, show_default=True,
              help="Folder for calibration.json.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True,
              help="Print calibration.json on standard output and nothing else there.")  # fmt: skip
def calibrate(runs: int, seed: int, out: Path, as_json: bool) -> None:
    """Measure size and power of the decision rules; status 1 if a rule fails."""
    from validate.calibration_run import calibrate as measure
    from validate.calibration_run import print_calibration

    found = measure(runs, seed, lambda name: click.echo(f"calibrating {name}", err=True))
    try:
        out.mkdir(parents=True, exist_ok=True)
        (out / "calibration.json").write_text(found.to_json(), encoding="utf-8")
    except OSError as error:
        raise Failure(f"cannot write to {out}: {error.strerror}") from error
    if as_json:
        click.echo(found.to_json(), nl=False)
    else:
        print_calibration(found)
    sys.exit(int(not found.passed))


def _run(
    chosen: tuple,
    *,
    out: Path,
    workers: int | None,
    as_json: bool,
    dry_run: bool,
    fail_on: tuple[str, ...],
    verbose: bool,
    **settings: Any,
) -> None:
    from sim.executor import default_workers, open_executor
    from sim.store import Store, StoreError
    from validate import progress
    from validate.claim import RegistrationError
    from validate.run import Runner, plan
    from validate.state import Options

    options = Options(**settings)
    workers = workers or default_workers()
    _check_device(options.device)
    if dry_run:
        stored = Store(out / "results.sqlite") if (out / "results.sqlite").exists() else None
        planned = plan(chosen, options, stored, workers)
        _print_json([vars(p) for p in planned]) if as_json else progress.print_plan(planned)
        return
    try:
        out.mkdir(parents=True, exist_ok=True)
        with (
            Store(out / "results.sqlite") as store,
            open_executor(workers) as executor,
            progress.display() as report_progress,
        ):
            results = Runner(chosen, options, store, executor, report_progress).results()
        _write(results, out)
    except (StoreError, RegistrationError) as error:
        raise Failure(str(error)) from error
    except OSError as error:
        raise Failure(f"cannot write to {out}: {error.strerror}") from error
    if as_json:
        click.echo(results.to_json(), nl=False)
    else:
        progress.print_results(results, out, verbose)
    sys.exit(exit_status(results, fail_on))


def exit_status(results: Any, fail_on: tuple[str, ...] = ()) -> int:
    """1 for an error, a control that failed or a verdict that ``fail_on`` names, else 0."""
    unwanted = {"error", *fail_on}
    bad_verdict = any(c.verdict.value.lower() in unwanted for c in results.claims)
    bad_control = any(not k.as_required for c in results.claims for k in c.controls)
    return int(bad_verdict or bad_control)


def _write(results: Any, out: Path) -> None:
    """results.json first, by renaming, so that an interrupted report loses nothing."""
    from reports.pdf import write

    fresh = out / "results.json.new"
    fresh.write_text(results.to_json(), encoding="utf-8")
    fresh.replace(out / "results.json")
    write(results, out / "report.pdf")


def _select(names: tuple[str, ...]) -> tuple:
    from validate.registry import UnknownClaimError, select

    try:
        return select(names)
    except UnknownClaimError as error:
        raise Failure(str(error)) from error


def _check_device(device: str) -> None:
    if device == "cuda":
        import torch

        if not torch.cuda.is_available():
            raise Failure("--device cuda: this PyTorch sees no CUDA device; use --device cpu")


def _identity(claim: Any) -> dict[str, str]:
    return {key: getattr(claim, key) for key in ("id", "title", "source", "statement", "tier")}


def _print_json(data: Any) -> None:
    import json

    click.echo(json.dumps(data, indent=1, ensure_ascii=False))


def main() -> None:
    """Run the command line; every expected failure is one line on standard error."""
    try:
        cli.main(prog_name="python -m validate", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        sys.exit(2)
    except click.UsageError as error:
        where = error.ctx.command_path if error.ctx else "python -m validate"
        message = " ".join(error.format_message().split())
        click.echo(f"Error: {message} (see {where} --help)", err=True)
        sys.exit(2)
    except click.ClickException as error:
        click.echo(f"Error: {error.format_message()}", err=True)
        sys.exit(error.exit_code)
    except (KeyboardInterrupt, click.Abort):
        click.echo("interrupted; finished results are kept, the same command goes on", err=True)
        sys.exit(130)
    except BrokenPipeError:
        sys.exit(141)


if __name__ == "__main__":
    main()
