"""From a template, its data and figures to pages, with Typst.

Text reaches the typesetter as JSON data and never as source. The templates evaluate one thing
only, the formulas that `reports.formulas.math` printed.
"""

import json
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import matplotlib as mpl
import typst

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
        data: what the template reads from ``data.json``.
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
        (root / "data.json").write_text(json.dumps(data), encoding="utf-8")
        return typst.compile(
            str(root / template),
            root=str(root),
            font_paths=[str(Path(mpl.get_data_path()) / "fonts" / "ttf")],
            ignore_system_fonts=True,
            timestamp=timestamp,
            **options,
        )
