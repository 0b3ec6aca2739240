"""What the page has besides what every report says: names and targets of its links."""

import re
from collections import Counter
from typing import Any

from reports.content.document import document as told
from reports.text import verdict_label
from validate.results.records import Results, Verdict

ORDER = (Verdict.DISAGREE, Verdict.ERROR, Verdict.INCONCLUSIVE, Verdict.OUT_OF_SCOPE, Verdict.AGREE)


def document(results: Results, of: int | None = None) -> dict[str, Any]:
    """Everything on the page except for the pictures; ``of`` is that of an extract."""
    made, taken = told(results, of), Counter[str]()
    for claim in made["claims"]:
        claim["anchor"] = _anchor(claim["id"], taken)
    for place, part in enumerate(made["parts"]):
        part |= {"anchor": f"theory-{place}", "steps": f"step-{place}-"}
        part["shares_steps"] = any(len(one["claims"]) > 1 for one in part["derivation"])
    made["bibtex"] = "\n\n".join(filter(None, (r.get("bibtex") for r in made["references"])))
    labels = [verdict_label(verdict) for verdict in Verdict]
    ranks = {verdict_label(verdict)["key"]: rank for rank, verdict in enumerate(ORDER)}
    tiers = list(dict.fromkeys(claim["tier"] for claim in made["claims"] if claim["tier"]))
    return {**made, "tiers": tiers, "verdicts": labels, "ranks": ranks}


def _anchor(id: str, taken: Counter[str]) -> str:
    """The name of a claim in links, from its id, and no other claim's."""
    name = "claim-" + (re.sub(r"[^a-z0-9.]+", "-", id.lower()).strip("-")[:60] or "unnamed")
    taken[name] += 1
    return name if taken[name] == 1 else f"{name}--{taken[name]}"
