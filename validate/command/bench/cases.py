"""What `python -m validate bench` measures: of every theory, found in its claims' folder.

All of it ends in a minute or two on one core.
"""

import importlib
from collections.abc import Sequence
from pathlib import Path

from validate.command.bench.timing import Case
from validate.command.frameworks.report import Named
from validate.registry import claims

MODULE = "measured.timings"  # in the folder of a theory's claims
MORE = ("workloads", "growths")  # which it may have beside `cases`


class UnknownCaseError(ValueError):
    """No case has such a name; says which there are."""


def everything() -> tuple[Named, ...]:
    """Simulations against one by one, frameworks, sizes; in each, by theory in reading order."""
    modules = _modules()
    more = [getattr(one, name)() for name in MORE for one in modules if hasattr(one, name)]
    return (*cases(), *(one for found in more for one in found))


def cases() -> tuple[Case, ...]:
    """Simulations that are timed against doing the same one by one."""
    return tuple(case for module in _modules() for case in module.cases())


def _modules():
    theories = dict.fromkeys(claim.build.__module__.rpartition(".")[0] for claim in claims())
    return [
        importlib.import_module(f"{theory}.{MODULE}") for theory in theories if _has_cases(theory)
    ]


def _has_cases(theory: str) -> bool:
    file = Path(*MODULE.split(".")).with_suffix(".py")
    return any(
        (folder / file).exists() for folder in map(Path, importlib.import_module(theory).__path__)
    )


def select(parts: Sequence[str]) -> tuple[Named, ...]:
    """What has one of the parts in its name, whatever the case of letters; all without parts.

    Raises:
        UnknownCaseError: for a part that is in no name.
    """
    every = everything()
    for part in parts:
        if not any(_named(case, part) for case in every):
            known = "; ".join(case.name for case in every)
            raise UnknownCaseError(f"no case with '{part}' in its name; there are: {known}")
    return tuple(case for case in every if not parts or any(_named(case, part) for part in parts))


def _named(case: Named, part: str) -> bool:
    return bool(part.strip()) and part.casefold() in case.name.casefold()
