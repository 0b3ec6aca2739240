"""The pages that are opened in a browser, and what happens where there is none."""

import os
from functools import partial
from typing import NoReturn

import pytest

from tests.reports.many import many
from tests.reports.page.results import hostile, small
from validate.results.records import Results, Verdict

ASKED = "THEORYCHECK_BROWSER"  # "required": these tests fail where they would be skipped


def tiers() -> Results:
    made = small()
    told = zip(made.claims, ("quick", "standard"), strict=True)
    claims = tuple(claim.model_copy(update={"tier": tier}) for claim, tier in told)
    return made.model_copy(update={"claims": claims})


MADE = {
    "small": small,
    "many": partial(many, 60, tuple(Verdict)),
    "hostile": hostile,
    "tiers": tiers,
}


def missing(what: str) -> NoReturn:
    """Skip what a browser is needed for, unless one must be there."""
    if os.environ.get(ASKED) == "required":
        pytest.fail(f"{what}, and {ASKED}=required")
    pytest.skip(what)
