"""How a decision that agrees is said to be far from failing: the most it could have demanded."""

from collections.abc import Callable

from validate.results.records import ClaimResult, Observation, Verdict


def plain(value: float, unit: str) -> str:
    """A value with its unit on a terminal, shares in percent."""
    if unit == "share":
        return f"{value:.2%}"
    return f"{value:.3g}" if unit == "1" else f"{value:.3g} {unit}"


def demands(one: Observation, show: Callable[[float, str], str] = plain) -> str:
    """A clause that goes on after a reason; empty where nothing is told."""
    if not one.tightest:
        return ""
    told = [
        f"{demand.of} {show(demand.value, demand.unit)} "
        f"(declared {show(demand.declared, demand.unit)})"
        for demand in one.tightest
    ]
    return f"would still agree at {' and '.join(told)}"


def deciding(claim: ClaimResult) -> Observation | None:
    """The first decision with the claim's verdict, else the first one: what its reason is of."""
    same = (one for one in claim.observations if one.verdict is claim.verdict)
    return next(same, next(iter(claim.observations), None))


def reason(claim: ClaimResult) -> str:
    """Why a claim has its verdict; where it agrees with the most its reason could have demanded."""
    one = deciding(claim)
    if one is None or claim.verdict is not Verdict.AGREE:
        return claim.reason
    return "; ".join(filter(None, (claim.reason, demands(one))))
