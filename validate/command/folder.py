"""The output folder: files written as a whole, and the results that are there already."""

import os
from collections.abc import Sequence
from pathlib import Path

from validate.registry import TIERS
from validate.results.records import Results, ResultsError, Verdict, load_results
from validate.results.whole_file import write_whole

SEPARATORS = ("/", os.sep)
WITH_ERRORS = "with-errors"  # folder of a run that failed where another one had not


def keep(path: Path, text: str) -> None:
    """Write a file of text as a whole, so that an interruption loses nothing; makes the folder."""
    write_whole(path, text.encode())


def folder_and_claims(words: Sequence[str], usual: Path) -> tuple[Path, tuple[str, ...]]:
    """What was typed as a folder and names of claims, in any order.

    A folder is what is one, or is written as a path; the ``usual`` one stands in where none is.

    Raises:
        ResultsError: for a second folder, and for a word that is empty.
    """
    if any(not word.strip() for word in words):
        raise ResultsError("an empty word is neither a folder nor a claim")
    folders = [word for word in words if Path(word).is_dir() or set(SEPARATORS) & set(word)]
    if len(folders) > 1:
        raise ResultsError(f"one folder at a time, not {' and '.join(folders)}")
    names = tuple(word for word in words if word not in folders)
    return (Path(folders[0]) if folders else usual), names


def former(out: Path) -> Results | None:
    """The results that a folder holds, if it does."""
    try:
        return load_results(out / "results.json")
    except ResultsError:
        return None


def folder_for(results: Results, out: Path) -> Path:
    """Where results are to be written: not over those of a claim that had a verdict and now failed.

    Then it is a folder in it, whose results are replaced by the next ones that failed.
    """
    before = former(out)
    kept = before.claims if before is not None else ()
    decided = {claim.id for claim in kept if claim.verdict is not Verdict.ERROR}
    failed = {claim.id for claim in results.claims if claim.verdict is Verdict.ERROR}
    return out / WITH_ERRORS if failed & decided else out


def with_former_budgets(results: Results, out: Path) -> Results:
    """Results that say with which other budgets their claims were run before on their seed."""
    before = former(out)
    if before is None or before.run.seed != results.run.seed:
        return results
    if not {claim.id for claim in before.claims} & {claim.id for claim in results.claims}:
        return results
    run = results.run
    found = {*run.former_budgets, *before.run.former_budgets, before.run.budget} - {run.budget}
    known = tuple(budget for budget in TIERS if budget in found)
    return results.model_copy(update={"run": run.model_copy(update={"former_budgets": known})})


def with_former_appendices(results: Results, out: Path) -> Results:
    """Results with the appendices that were made for the same run before."""
    before = former(out)
    if before is None or not before.run.same_as(results.run):
        return results
    new = {appendix.title for appendix in results.appendices}
    for appendix in before.appendices:
        if appendix.title not in new:
            results = results.with_appendix(appendix)
    return results
