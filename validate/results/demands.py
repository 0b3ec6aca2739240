"""How a decision that agrees is said to be far from failing: the most it could have demanded."""

from collections.abc import Callable, Sequence

from validate.results.records import ClaimResult, Demand, Observation, Verdict


def plain(value: float, unit: str) -> str:
    """A value with its unit on a terminal, shares in percent."""
    if unit == "share":
        return f"{value:.2%}"
    return f"{value:.3g}" if unit == "1" else f"{value:.3g} {unit}"


def demands(one: Observation, show: Callable[[float, str], str] = plain) -> str:
    """A clause that goes on after a reason; empty where nothing is told."""
    return clause(one.tightest, show)


def clause(tightest: Sequence[Demand], show: Callable[[float, str], str] = plain) -> str:
    """The clause on what could have been demanded; empty where there is nothing."""
    told = [
        f"{demand.of} {show(demand.value, demand.unit)} "
        f"(declared {show(demand.declared, demand.unit)})"
        for demand in tightest
    ]
    return f"would still agree at {' and '.join(told)}" if told else ""


def decisive(observations: Sequence[Observation], verdict: Verdict) -> Observation | None:
    """The decision that a verdict is told by: where all agree the one that was nearest to failing,
    else the first with the verdict, or else the first one."""
    same = [one for one in observations if one.verdict is verdict]
    if verdict is Verdict.AGREE and same:
        return max(same, key=_used)
    return next(iter(same), next(iter(observations), None))


def _used(one: Observation) -> float:
    """The largest part of what was tolerable that a decision needs."""
    return max((demand.used for demand in one.tightest), default=0.0)


def deciding(claim: ClaimResult) -> Observation | None:
    """The decision that a claim's reason is of."""
    return decisive(claim.observations, claim.verdict)


def reason(claim: ClaimResult) -> str:
    """Why a claim has its verdict; where it agrees with the most its reason could have demanded."""
    one = deciding(claim)
    if one is None or claim.verdict is not Verdict.AGREE:
        return claim.reason
    return "; ".join(filter(None, (claim.reason, demands(one))))
