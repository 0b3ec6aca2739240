"""What a simulation returns, checked: the same names and shapes everywhere, finite numbers."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np

from validate.author.faults import UnusableError


def checked(
    returned: Any, replicates: Sequence[int], settings: Collection[str]
) -> list[dict[str, Any]]:
    """One mapping of names to numbers or lists a replicate, from what a simulation returned.

    Args:
        returned: one mapping for each replicate, or one mapping of arrays whose first axis is that
            of the replicates.
        replicates: their numbers.
        settings: names that mean something else.

    Raises:
        UnusableError: it is anything else, has other names or another shape in one replicate than
            in the first, or a number that is not finite.
    """
    rows = _rows(returned, len(replicates))
    first: dict[str, np.ndarray] | None = None
    made = []
    for number, row in zip(replicates, rows, strict=True):
        values = _values(row, number)
        if first is None:
            first = values
            for name in set(values) & set(settings):
                raise UnusableError(f"'{name}' is measured, and the name of a setting: rename one")
        _compare(values, first, number, replicates[0])
        made.append({name: value.tolist() for name, value in values.items()})
    return made


def _rows(returned: Any, count: int) -> Sequence[Any]:
    if isinstance(returned, Mapping):
        arrays = {name: _array(value, str(name)) for name, value in returned.items()}
        for name, value in arrays.items():
            if value.ndim == 0 or len(value) != count:
                raise UnusableError(
                    f"'{name}' of {count} replicates has the shape {value.shape}, which does not "
                    "begin with their number"
                )
        return [{name: value[k] for name, value in arrays.items()} for k in range(count)]
    if not isinstance(returned, Sequence) or len(returned) != count:
        raise UnusableError(f"{count} replicates need as many mappings of names to numbers")
    return returned


def _values(row: Any, number: int) -> dict[str, np.ndarray]:
    if not isinstance(row, Mapping) or not row:
        raise UnusableError(
            f"replicate {number}: measured is {_short(row)}, and no mapping of names to numbers"
        )
    values = {str(name): _array(value, str(name)) for name, value in row.items()}
    for name, value in values.items():
        if not np.isfinite(value).all():
            odd = value[~np.isfinite(value)].flat[0] if value.ndim else value
            raise UnusableError(f"replicate {number}: '{name}' is {odd}, and no finite number")
    return values


def _array(value: Any, name: str) -> np.ndarray:
    if hasattr(value, "detach"):  # a tensor
        value = value.detach().cpu().numpy()
    try:
        array = np.asarray(value)
        if array.dtype.kind not in "biuf":
            raise ValueError
    except ValueError as error:
        raise UnusableError(
            f"'{name}' is {_short(value)}, and no number or array of numbers"
        ) from error
    return array.astype(float) if array.dtype.kind == "b" else array


def _compare(
    values: dict[str, np.ndarray], first: dict[str, np.ndarray], number: int, other: int
) -> None:
    if values.keys() != first.keys():
        raise UnusableError(
            f"replicate {number} measured {_names(values)}, and replicate {other} {_names(first)}"
        )
    for name, value in values.items():
        if value.shape != first[name].shape:
            raise UnusableError(
                f"replicate {number}: '{name}' has the shape {value.shape}, and in replicate "
                f"{other} {first[name].shape}"
            )


def _names(values: Mapping[str, Any]) -> str:
    return ", ".join(f"'{name}'" for name in values)


def _short(value: Any) -> str:
    text = " ".join(repr(value).split())
    return text if len(text) <= 40 else text[:40] + "…"
