"""Results that a command is given: a results.json, or a folder with one."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from validate.command.running import Failure


def results_at(place: Path) -> Any:
    """The results in a file, or in the results.json of a folder.

    Raises:
        Failure: they cannot be read; one line, exit status 2.
    """
    from validate.results.records import ResultsError, load_results

    try:
        return load_results(place / "results.json" if place.is_dir() else place)
    except ResultsError as error:
        raise Failure(str(error)) from error


def check_names(names: Sequence[str], folder: Path) -> None:
    """Words of which any may have been meant as a folder.

    Raises:
        Failure: one of them is no claim either, neither a registered one nor one in the record.
    """
    from validate.command.folder import former
    from validate.registry import claims

    results = former(folder) if names else None
    known = [claim.id for claim in (*claims(), *(results.claims if results else ()))]
    for name in names:
        if not any(f"{id}.".startswith(f"{name}.") for id in known):
            raise Failure(f"{name!r} is neither a folder nor a claim, or the first word of claims")
