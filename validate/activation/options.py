"""The options of the command `activation`."""

from pathlib import Path
from typing import Any

import click

from validate.command.scripting import CSV, FAIL_ON, FILE, Place, number


def _widths(context: click.Context, parameter: click.Parameter, text: Any) -> tuple[int, ...]:
    """The widths of ``--widths 32,64``.

    Raises:
        click.BadParameter: one is no whole number.
    """
    words = [] if text is None else [word.strip() for word in text.split(",")]
    if not all(word.isascii() and word.isdigit() and len(word) < 10 for word in words):
        raise click.BadParameter(f"{text!r} is no list of whole numbers, such as 32,64")
    return tuple(int(word) for word in words)


OPTIONS = (
    click.option(
        "--torch",
        "names",
        multiple=True,
        metavar="MODULE:NAME",
        help="A torch function or module such as torch.nn:Mish or 'torch.nn:PReLU(init=0.1)', or "
        "one of yours: its module is imported, from the working directory too. Arguments are "
        "literals. Repeatable.",
    ),
    click.option(
        "--data",
        type=FILE,
        default=None,
        help="CSV with named columns of numbers (, ; or tabs, plain or .gz; - for standard input), "
        "used as given; default: a built-in target.",
    ),
    click.option(
        "--target",
        metavar="NAME",
        default=None,
        help="Column of the targets; default: the one named y, else the last.",
    ),
    click.option("--no-bias", is_flag=True, help="Networks without bias."),
    click.option("--no-train", is_flag=True, help="The symbolic part and the prediction alone."),
    click.option(
        "--optimizer",
        type=click.Choice(["gd", "adam", "both"]),
        default="both",
        show_default=True,
        help="How networks are trained.",
    ),
    click.option(
        "--width",
        type=click.IntRange(10, 10_000),
        default=None,
        help="Neurons of every network seed.",
    ),
    click.option(
        "--widths",
        default=None,
        callback=_widths,
        metavar="M,M,…",
        help="The share of networks that agree at each of these widths, such as 32,64,128; one "
        "error budget for all.",
    ),
    click.option(
        "--epsilon",
        type=click.FloatRange(1e-30, 0.1),
        default=None,
        callback=number,
        help="Standard deviation of the initial weights; default: as small as the data need.",
    ),
    click.option(
        "--seed",
        type=click.IntRange(min=0),
        default=0,
        show_default=True,
        help="Seed of the initial weights.",
    ),
    click.option(
        "--alpha",
        type=click.FloatRange(0, 0.5, min_open=True, max_open=True),
        default=0.01,
        show_default=True,
        callback=number,
        help="Error budget, split over the verdicts.",
    ),
    click.option(
        "--limit",
        type=click.FloatRange(0, 1e6),
        default=120.0,
        show_default=True,
        metavar="SECONDS",
        callback=number,
        help="Of one core, estimated before training: how long a finer run may take where the "
        "usual one cannot tell the orientations.",
    ),
    click.option(
        "--workers",
        type=click.IntRange(1, 1024),
        default=None,
        help="Processes; default: one for each usable core.",
    ),
    click.option(
        "--json", "as_json", is_flag=True, help="JSON on standard output and nothing else there."
    ),
    click.option(
        "--components",
        type=click.Choice(["largest", "all"]),
        default="largest",
        show_default=True,
        help="Of directions with many components: those that are printed, by name.",
    ),
    FAIL_ON,
    CSV,
    click.option(
        "--pdf",
        type=Place(path_type=Path, dir_okay=False),
        default=None,
        help="Write one or two pages for each expression to this file.",
    ),
)
