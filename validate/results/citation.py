"""How a verdict is cited: by all that it follows from."""

from validate.results.records import ClaimResult, Results, Run
from validate.results.words import printable

SOFTWARE = "theorycheck"
HOW = (
    "A verdict is cited by its claim, the version of theorycheck and what its numbers follow from: "
    "seed, budget, α, device, and the hashes of the run’s settings and code. Beside it belong the "
    "claim’s source and theorycheck itself (CITATION.cff)."
)


def citation(claim: ClaimResult, run: Run) -> str:
    """One line that names a verdict."""
    return printable(
        f"{_software(run)}, claim {claim.id}: {claim.verdict}. Run of {run.started[:10]}, seed "
        f"{run.seed}, budget {run.budget}, α = {run.alpha:g}, device {run.device}, settings "
        f"{run.settings_hash}, code {run.code}."
    )


def example(results: Results) -> str:
    """The first claim of a run, cited; empty where there is none."""
    return citation(results.claims[0], results.run) if results.claims else ""


def cited(results: Results) -> dict[str, str]:
    """What reports say: how a verdict is cited, and an example."""
    return {"how": HOW, "example": example(results)}


def _software(run: Run) -> str:
    """The package with its version, which older files do not tell."""
    version = run.versions.get(SOFTWARE)
    return f"{SOFTWARE} {version}" if version else f"{SOFTWARE} (version not recorded)"
