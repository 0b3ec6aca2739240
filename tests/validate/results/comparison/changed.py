"""Changes of a run's record, for tests that compare runs."""

from typing import Any

from validate.results.records import ClaimResult, Observation, Results


def with_run(results: Results, **fields: Any) -> Results:
    """The same claims of a run with other fields."""
    return results.model_copy(update={"run": results.run.model_copy(update=fields)})


def with_claim(results: Results, id: str, **fields: Any) -> Results:
    """The same run with other fields of one claim."""
    return results.model_copy(
        update={
            "claims": tuple(
                one.model_copy(update=fields) if one.id == id else one for one in results.claims
            )
        }
    )


def with_first_decision(results: Results, id: str, **fields: Any) -> Results:
    """The same run with other fields of a claim's first decision."""
    first, *others = claim_of(results, id).observations
    return with_claim(results, id, observations=(first.model_copy(update=fields), *others))


def claim_of(results: Results, id: str) -> ClaimResult:
    return next(one for one in results.claims if one.id == id)


def first_of(results: Results, id: str) -> Observation:
    return claim_of(results, id).observations[0]
