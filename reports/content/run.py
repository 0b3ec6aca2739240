"""What a report says of the run as a whole."""

from reports.text import duration, line, number, quantity
from validate.results.records import Results

TITLE = "Does the theory happen in training?"


def extract(claims: int, of: int | None) -> str:
    """That a report tells a part of a run alone; empty where it tells all."""
    if of is None:
        return ""
    return f"This is an extract: {claims} of the {of} claims of a run."


def facts(results: Results) -> list[list[str]]:
    """How the run was made: names and values."""
    run = results.run
    return [
        ["Started", line(run.started)],
        ["Duration", duration(run.seconds)],
        ["Budget", line(run.budget)],
        *([["Budgets before", line(", ".join(run.former_budgets))]] if run.former_budgets else []),
        ["Seed", str(run.seed)],
        ["Device", line(run.device)],
        ["Error budget α", quantity(run.alpha, "share")],
        ["Equal shares of α", number(run.parts_of_alpha)],
        ["Decisions with a share", number(run.decisions)],
        ["Results reused / computed / failed", f"{run.reused} / {run.computed} / {run.failed}"],
        ["Settings hash", line(run.settings_hash)],
        ["Code digest", line(run.code)],
        *([f"Version of {line(name)}", line(v)] for name, v in sorted(run.versions.items())),
    ]
