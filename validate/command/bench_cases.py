"""Which cases `python -m validate bench` has: those of every theory, found in its claims' folder.

All cases together end within a minute.
"""

import importlib
from collections.abc import Sequence
from pathlib import Path

from validate.command.bench import Case
from validate.registry import claims

MODULE = "measured.timings"  # in the folder of a theory's claims; it has `cases`


class UnknownCaseError(ValueError):
    """No case has such a name; says which there are."""


def cases() -> tuple[Case, ...]:
    """All cases, by theory in reading order."""
    found: list[Case] = []
    for theory in dict.fromkeys(claim.build.__module__.rpartition(".")[0] for claim in claims()):
        if _has_cases(theory):
            found += importlib.import_module(f"{theory}.{MODULE}").cases()
    return tuple(found)


def _has_cases(theory: str) -> bool:
    file = Path(*MODULE.split(".")).with_suffix(".py")
    return any(
        (folder / file).exists() for folder in map(Path, importlib.import_module(theory).__path__)
    )


def select(parts: Sequence[str]) -> tuple[Case, ...]:
    """Cases whose name contains one of the parts, whatever the case of letters; all without parts.

    Raises:
        UnknownCaseError: for a part that is in no name.
    """
    every = cases()
    for part in parts:
        if not any(_named(case, part) for case in every):
            known = "; ".join(case.name for case in every)
            raise UnknownCaseError(f"no case with '{part}' in its name; there are: {known}")
    return tuple(case for case in every if not parts or any(_named(case, part) for part in parts))


def _named(case: Case, part: str) -> bool:
    return part.casefold() in case.name.casefold()
