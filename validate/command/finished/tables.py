"""Tables as CSV or JSON, written row by row."""

import json
import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from validate.results.csv_table import Cell, csv_lines


def csv_pieces(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """CSV line by line; lists and mappings are JSON text."""
    return csv_lines(header, ([_flat(cell) for cell in row] for row in rows))


def json_pieces(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """A JSON list of objects, one on a line; what is not finite is null."""
    before = "[\n"
    for row in rows:
        data = {name: _finite(cell) for name, cell in zip(header, row, strict=True)}
        yield before + json.dumps(data, ensure_ascii=False, allow_nan=False)
        before = ",\n"
    yield "\n]\n" if before == ",\n" else "[]\n"


def _flat(cell: Any) -> Cell:
    if isinstance(cell, list | tuple | dict):
        return json.dumps(_finite(cell), ensure_ascii=False)
    return cell


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {name: _finite(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(one) for one in value]
    return value
