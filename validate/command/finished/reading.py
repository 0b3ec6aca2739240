"""Results that a command is given: a results.json, or a folder with one."""

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
