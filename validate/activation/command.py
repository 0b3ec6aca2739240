"""The command `python -m validate activation`; heavy imports happen inside."""

import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import click

from validate.activation.options import OPTIONS
from validate.command.before.overwriting import refuse_one_file, refuse_own_files
from validate.command.options import with_options
from validate.command.process import diverted
from validate.command.scripting import write_csv

LARGEST = 3  # components of a direction that are printed


class _Refused(click.ClickException):
    """Bad input: one line, exit status 2."""

    exit_code = 2


class _OfExpressions(click.Command):
    """A command whose arguments may begin with a minus sign, as -tanh(x) does."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        end = args.index("--") if "--" in args else len(args)
        spared = [f" {text}" if _is_negative(text) else text for text in args[:end]]
        return super().parse_args(ctx, [*spared, *args[end:]])


def _is_negative(text: str) -> bool:
    """Whether it is an expression after a minus sign: options are --words or -h."""
    return text.startswith("-") and not text.startswith("--") and text not in ("-", "-h")


@click.command(cls=_OfExpressions)
@click.argument("expressions", nargs=-1, metavar="[EXPR…]")
@with_options(OPTIONS)
def activation(
    expressions: tuple[str, ...],
    names: tuple[str, ...],
    no_bias: bool,
    no_train: bool,
    optimizer: str,
    as_json: bool,
    workers: int | None,
    pdf: Path | None,
    data: Path | None,
    target: str | None,
    widths: tuple[int, ...],
    components: str,
    fail_on: tuple[str, ...],
    csv_file: Path | None,
    **options: Any,
) -> None:
    """Check activation functions of x, such as "x**2*tanh(x)", or torch functions by name.

    Exit status: 0 whatever the verdicts, 1 where training failed or a verdict is one of --fail-on,
    2 where something is refused.
    """
    from validate.activation.check import OPTIMIZERS
    from validate.results.activation import ActivationCheck, Unanswered

    if not expressions and not names:
        raise click.UsageError("an expression or --torch MODULE:NAME is needed")
    if pdf is not None:
        _check_writable(pdf)
    refuse_one_file({"--csv": csv_file, "--pdf": pdf}, {"--data": data})
    refuse_own_files(csv_file, ())
    if target is not None and data is None:
        raise click.UsageError("--target names a column of --data FILE")
    if widths and (no_train or pdf is not None or options["width"] is not None):
        other = "--no-train" if no_train else "--pdf" if pdf is not None else "--width"
        raise click.UsageError(f"--widths trains at several widths and has no {other}")
    settings = {
        "data": None if data is None else _table(data, target),
        "target": target,
        "bias": not no_bias,
        "train": not no_train,
        "optimizers": OPTIMIZERS if optimizer == "both" else (optimizer,),
        "pages": pdf is not None,
        **options,
    }
    if widths:
        settings = {k: v for k, v in settings.items() if k not in ("train", "pages", "width")}
        settings["widths"] = widths
    with diverted(sys.stdout, sys.stderr) if as_json else nullcontext():
        # before processes start: they look for modules where this one found them
        asked = [*((text.strip(), text.strip()) for text in expressions), *_imported(names)]
        with nullcontext() if no_train else _processes(workers) as executor:
            settings["executor"] = executor
            checks = [_checked(shown, given, len(asked), settings) for shown, given in asked]
    if pdf is not None:
        _write([check for check in checks if isinstance(check, ActivationCheck)], pdf)
    _tell(checks, bool(widths), as_json, csv_file, None if components == "all" else LARGEST)
    unanswered = [check.refused for check in checks if isinstance(check, Unanswered)]
    if unanswered:
        sys.exit(2 if True in unanswered else 1)
    sys.exit(int(any(one.lower() in fail_on for check in checks for one in _verdicts(check))))


def _tell(
    checks: list, at_widths: bool, as_json: bool, csv_file: Path | None, components: int | None
) -> None:
    """Print what was found, and write the table where one is asked for."""
    from validate.activation.telling import tables
    from validate.activation.telling.text import print_checks
    from validate.activation.telling.width_text import print_widths
    from validate.results.activation import checks_to_json
    from validate.results.widths import widths_to_json

    if csv_file is not None:
        text = tables.widths(checks) if at_widths else tables.table_of_checks(checks)
        write_csv(csv_file, text)
    if as_json:
        text = widths_to_json(checks) if at_widths else checks_to_json(checks)
        click.echo(text, nl=False)
    elif at_widths:
        print_widths(checks)
    else:
        print_checks(checks, components=components)


def _verdicts(check: Any) -> list[str]:
    """Of a check, or of one at several widths."""
    from validate.results.activation import ActivationCheck

    found = check.verdicts if isinstance(check, ActivationCheck) else check.widths
    return [str(one.verdict) for one in found]


def _table(path: Path, target: str | None) -> Any:
    """The data of all expressions, read once."""
    from sim.data.csv_file import read_table
    from sim.data.data_set import DataError
    from validate.results.words import printable

    try:
        return read_table(path, target)
    except DataError as error:
        raise _Refused(printable(str(error))) from error


def _processes(workers: int | None) -> Any:
    """Processes that import what training needs while the expressions are analyzed."""
    from sim.engine.executor import default_workers, open_executor

    module = "sim.condensation.variants.on_data"
    return open_executor(workers or default_workers(), importing=module)


def _imported(names: tuple[str, ...]) -> list[tuple[str, Any]]:
    """Names with their callables; the working directory counts as in ``python -m``."""
    if not names:
        return []
    from sim.activation.torch_callable import resolve
    from theory.symbolic.functions import ActivationError

    if not {"", str(Path.cwd())} & set(sys.path):
        sys.path.insert(0, str(Path.cwd()))
    found = list[tuple[str, Any]]()
    for name in names:
        try:
            found.append((name, resolve(name)))
        except ActivationError as error:
            found.append((name, error))
    return found


def _checked(shown: str, given: Any, count: int, settings: dict[str, Any]) -> Any:
    """One check; what is refused, and what fails, is one line, among several a record."""
    from sim.data.data_set import DataError
    from theory.symbolic.functions import ActivationError
    from validate.activation.check import check_activation
    from validate.activation.errors import CheckError, TrainingError
    from validate.activation.widths import check_widths
    from validate.results.activation import Unanswered
    from validate.results.words import printable

    try:
        if isinstance(given, ActivationError):
            raise given
        check = check_widths if "widths" in settings else check_activation
        with _progress(shown) as progress:
            return check(given, progress=progress, **settings)
    except (DataError, CheckError) as error:  # of all expressions alike
        raise _Refused(printable(str(error))) from error
    except (ActivationError, TrainingError) as error:
        refused, message = isinstance(error, ActivationError), printable(str(error))
        if count > 1:
            return Unanswered(expression=shown, error=message, refused=refused)
        raise (_Refused(message) if refused else click.ClickException(message)) from error


def _check_writable(path: Path) -> None:
    if str(path) == "-":
        raise _Refused("--pdf -: that is no file; standard output is /dev/stdout")
    if not path.parent.is_dir():
        raise _Refused(f"--pdf {path}: there is no folder {path.parent}")


def _write(checks: list, path: Path) -> None:
    from reports.activation import write_activation

    try:
        write_activation(checks, path)
    except OSError as error:
        raise _Refused(f"cannot write {path}: {error.strerror}") from error


def _progress(expression: str) -> Any:
    """Where to tell how far the training is: a status line on a terminal, else nothing."""
    if not sys.stderr.isatty():
        return nullcontext(lambda text: None)
    from contextlib import contextmanager

    from rich.console import Console

    from validate.command.terminal import literal

    @contextmanager
    def live():
        with Console(stderr=True).status(literal(expression)) as status:
            yield lambda text: status.update(literal(f"{expression}: {text}"))

    return live()
