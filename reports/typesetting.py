"""From a template, its data and figures to pages, with Typst.

Text reaches the typesetter as JSON data and never as source. The templates evaluate one thing
only, the formulas that `reports.formulas.math` printed.
"""

import json
import shutil
import tempfile
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import matplotlib as mpl
import typst

from reports.content import Formula
from reports.formulas.math import print_math
from reports.text import line
from theory.symbolic.expression import ExpressionError, load

TEMPLATES = Path(__file__).with_name("templates")


def typeset(
    template: str,
    data: Mapping[str, Any],
    figures: Mapping[str, str],
    timestamp: int,
    **options: Any,
) -> Any:
    """What `typst.compile` gives for a template of this package.

    Args:
        template: its file name in the folder of templates.
        data: what the template reads from ``data.json``; in it, formulas as `Formula`.
        figures: SVG text by the file name under which the template looks for each.
        timestamp: seconds since 1970 that the document takes for now.
        options: of `typst.compile`, such as ``format``.
    """
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for source in TEMPLATES.glob("*.typ"):  # they import each other
            shutil.copy(source, root)
        for name, figure in figures.items():
            (root / name).write_text(figure, encoding="utf-8")
        (root / "data.json").write_text(json.dumps(data, default=formula), encoding="utf-8")
        return typst.compile(
            str(root / template),
            root=str(root),
            font_paths=[str(Path(mpl.get_data_path()) / "fonts" / "ttf")],
            ignore_system_fonts=True,
            timestamp=timestamp,
            **options,
        )


def formula(one: Formula) -> dict[str, str]:
    """A formula as Typst math with its plain form for screen readers, or only its raw text."""
    return dict(_printed(one.text))


@lru_cache(maxsize=1024)  # a symbol or a law is in many claims
def _printed(text: str) -> Mapping[str, str]:
    try:
        expr = load(text)
        return {"math": print_math(expr), "alt": line(str(expr))}
    except (ExpressionError, RecursionError):
        return {"raw": line(text)}
