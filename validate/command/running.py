"""How the command line runs claims: plan, run, write, exit status. Heavy imports happen inside."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import click

from validate.command.place import WARM, Place

FIGURES = "figures.drawn"  # those that were drawn before


class Failure(click.ClickException):
    """Wrong usage or input: one line and exit status 2."""

    exit_code = 2


def run_claims(
    chosen: tuple,
    *,
    out: Path,
    workers: int | None,
    executor: str,
    scheduler: str | None,
    as_json: bool,
    dry_run: bool,
    fail_on: tuple[str, ...],
    verbose: bool,
    csv_file: Path | None = None,
    seeds: tuple[int, ...] = (),
    **settings: Any,
) -> None:
    """Run claims or plan to, print and write what came out, and end with the exit status.

    ``seeds``: run them at each of these instead of at that of ``settings``, with one store, so that
    seeds which were run alone are not run again.
    """
    from validate.command.before.dry_run import dry_run_of
    from validate.command.before.overwriting import refuse_own_files
    from validate.command.scripting import write_csv
    from validate.command.seeds import at_seeds, folder_of

    refuse_own_files(csv_file, (out, *(folder_of(seed, out) for seed in seeds)))
    chosen, left_out = within(chosen, settings["budget"])
    if dry_run and csv_file is not None:
        raise Failure("--csv writes the table of verdicts, and --dry-run has none")
    if dry_run:
        dry_run_of(chosen, out, workers, as_json, seeds, settings)
        tell(left_out)
        return
    place = Place(workers, executor, scheduler)

    places: dict[int, Path] = {}

    def written(seed: int, to: Path) -> Any:
        with finished(
            chosen, out=to, place=place, anew=False, stored=out, **settings | {"seed": seed}
        ) as (runner, draw):
            results, places[seed] = write_results(runner.results(), to, draw)
            return results

    if seeds:
        made = at_seeds(seeds, written, out, as_json, verbose)
    else:
        made = [written(settings["seed"], out)]
        _print(made[0], places[settings["seed"]], as_json, verbose)
    if csv_file is not None:
        from validate.results.claim_tables import verdict_table

        write_csv(csv_file, verdict_table(made, seeds or (settings["seed"],)))
    tell(left_out)
    sys.exit(max(exit_status(results, fail_on) for results in made))


def _print(results: Any, out: Path, as_json: bool, verbose: bool) -> None:
    from validate.command import progress

    if as_json:
        click.echo(progress.summary(results), err=True)
        click.echo(results.to_json(), nl=False)
    else:
        progress.print_results(results, out, verbose)


@contextmanager
def finished(
    chosen: tuple,
    *,
    out: Path,
    place: Place,
    anew: bool = True,
    stored: Path | None = None,
    **settings: Any,
) -> Iterator[tuple[Any, Any]]:
    """The runner of these claims after all is decided, and what draws figures in its processes.

    Progress goes to standard error. Where anything has to be trained, the processes import what
    they need while claims are built.

    Args:
        out: folder of the run.
        anew: every claim is judged, though it was before.
        stored: folder of the store, if it is another.
    """
    from reports.drawing import drawn_by
    from sim.engine.store import Store
    from validate.command import progress
    from validate.command.before.overwriting import refuse_no_files
    from validate.run.claim_progress import Options
    from validate.run.kept_claims import JudgedClaims
    from validate.run.runner import Runner

    refuse_no_files(out)
    options = Options(**settings)
    if place.is_here:
        _check_device(options.device)
    with (
        refused(),
        writing_to(out),
        Store((stored or out) / "results.sqlite") as store,
        place.open() as executor,
    ):
        with progress.display() as report_progress:
            before = None if anew else JudgedClaims(store, options)
            runner = Runner(chosen, options, store, executor, report_progress, WARM, before)
            runner.run()
        yield runner, partial(drawn_by, executor)


def exit_status(results: Any, fail_on: tuple[str, ...] = ()) -> int:
    """1 for an error, a control that failed or a verdict that ``fail_on`` names, else 0."""
    unwanted = {"error", *fail_on}
    bad_verdict = any(c.verdict.value.lower() in unwanted for c in results.claims)
    bad_control = any(not k.as_required for c in results.claims for k in c.controls)
    return int(bad_verdict or bad_control)


def write_results(results: Any, out: Path, draw: Any = None) -> tuple[Any, Path]:
    """results.json and the report; gives what was written and the folder that it is in.

    Appendices of the same run made before are kept, and other budgets on its seed are remembered.
    A claim that ended in an error does not replace its result in the folder: another one is told
    and taken.
    """
    from validate.command.folder import (
        folder_for,
        keep,
        with_former_appendices,
        with_former_budgets,
    )

    results = with_former_budgets(with_former_appendices(results, out), out)
    to = folder_for(results, out)
    if to != out:
        click.echo(f"a claim failed; the former results in {out} stay, these are in {to}", err=True)
    with writing_to(to):
        keep(to / "results.json", results.to_json())
        write_report(results, to, draw)
    return results, to


def write_report(
    results: Any, out: Path, draw: Any = None, of: int | None = None, brief: bool = False
) -> tuple[Path, ...]:
    """report.pdf and report.html; figures that were drawn before are taken from the folder.

    An extract of a run of ``of`` claims is extract.pdf and extract.html, the ``brief`` form without
    the appendix brief.pdf or extract-brief.pdf: none of them replaces the report. Where one cannot
    be built or written the other is there all the same.
    """
    from reports import pdf
    from reports.drawing import drawn_here
    from reports.drawing.kept import DrawingCode, reusing
    from reports.drawing.once import drawn_once
    from reports.page import build as page
    from sim.engine.fingerprint import closure_of, digest, unchanged

    # nothing else of ours is imported by reports
    sources = closure_of("reports.figures", within=("reports", "validate.results", "theory"))
    code = DrawingCode(digest(sources), partial(unchanged, sources))
    draw = drawn_once(reusing(out / FIGURES, code, draw or drawn_here))
    name = "report" if of is None else "extract"
    if brief:
        path = out / f"{'brief' if of is None else 'extract-brief'}.pdf"
        pdf.write(results, path, draw, of, brief)
        return (path,)
    paths = out / f"{name}.pdf", out / f"{name}.html"
    try:
        pdf.write(results, paths[0], draw, of)
    finally:
        page.write(results, paths[1], draw, of)
    return paths


@contextmanager
def refused() -> Iterator[None]:
    """Turn a claim that cannot be trusted, a store or a cluster that fails into one line."""
    from sim.engine.errors import PlacedError
    from sim.engine.lost import ClusterError, SchedulerLost
    from sim.engine.store import StoreError
    from validate.trust.registration import RegistrationError

    try:
        yield
    except (StoreError, RegistrationError, PlacedError, ClusterError) as error:
        raise Failure(str(error)) from error
    except SchedulerLost as error:
        kept = "finished results are kept, the same command goes on"
        raise click.ClickException(f"{error}; {kept}") from error


@contextmanager
def writing_to(out: Path) -> Iterator[None]:
    """Turn what the file system refuses into one line."""
    try:
        yield
    except OSError as error:
        raise Failure(f"cannot write to {out}: {error.strerror}") from error


def within(chosen: tuple, budget: str) -> tuple[tuple, str]:
    """The claims that a budget can decide, and in words which are left out."""
    from validate.registry import affordable

    kept = affordable(chosen, budget)
    costly = [claim for claim in chosen if claim not in kept]
    left_out = ", ".join(f"{claim.id} needs --budget {claim.tier}" for claim in costly)
    if not kept:
        raise Failure(left_out)
    return kept, left_out


def tell(left_out: str) -> None:
    """Say which claims were left out, if any, on standard error."""
    if left_out:
        click.echo(f"left out: {left_out}", err=True)


def _check_device(device: str) -> None:
    if device == "cuda":
        import torch

        if not torch.cuda.is_available():
            raise Failure("--device cuda: this PyTorch sees no CUDA device; use --device cpu")


def print_json(data: Any) -> None:
    """To standard output."""
    click.echo(json.dumps(data, indent=1, ensure_ascii=False))
