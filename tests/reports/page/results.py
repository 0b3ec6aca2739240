"""Results for tests of the page: text that tries to become markup, and many claims."""

from collections.abc import Iterable, Iterator
from functools import cache

import sympy

from reports.drawing import drawn
from tests.reports.synthetic import results
from tests.reports.synthetic_figures import figures
from theory.symbolic.expression import dump
from validate.results.records import (
    Appendix,
    DerivationStep,
    Figure,
    Results,
    SymbolRow,
    Table,
    Verdict,
)

SCRIPT = "<script>window.broken = 1</script><img src=x onerror='window.broken = 1'>"
BREAKOUTS = (
    *(SCRIPT, "</style><style>body{display:none}</style>", "</script></title></svg></math>"),
    *('" onload="window.broken = 1', "{{ 7 * 7 }}{% raw %}", "]]>--><!--", "&lt;b&gt;&#60;"),
)
LINK = """@misc{link, title = {A link}, author = {Somebody}, year = {2020},
  url = {javascript:window.broken=1}}"""
QUOTED = """@misc{quoted, title = {Quotes}, year = {2020},
  url = {https://example.org/"onmouseover="window.broken=1}}"""
SAFE = """@article{safe, title = {A paper}, author = {Writer, A.}, year = {2021},
  doi = {10.1000/182"><script>}}"""


def hostile() -> Results:
    """The results of the other reports' tests with markup wherever there is text."""
    text = " ".join(BREAKOUTS)
    base = results()
    named = sympy.Symbol(SCRIPT.replace("_", "")) + sympy.Function(BREAKOUTS[1])(sympy.Symbol("x"))
    claims = tuple(
        claim.model_copy(update={
            **dict.fromkeys(("title", "source", "statement", "selection", "reason"), text),
            "disagrees_with": text,
            "reproduce": f"python {text}",
            "notes": (text,),
            "assumptions": (text,),
            "tables": (Table(title=text, header=(text,), rows=((text,),)),),
            "derivation": (DerivationStep(text=text, formula=dump(named)),),
            "symbols": (SymbolRow(formula=text, latex="", meaning=text, unit=text),),
            "references": (LINK, QUOTED, SAFE, text),
            "figures": tuple(
                one.model_copy(update={"title": text, "caption": text}) for one in claim.figures
            ),
        })
        for claim in base.claims
    )  # fmt: skip
    run = base.run.model_copy(update={"started": text, "versions": {text: text}, "code": text})
    appendix = Appendix(title=text, text=(text,), reproduce=text,
                        figures=base.claims[0].figures[:1])  # fmt: skip
    parts = tuple(
        part.model_copy(update={"title": text, "text": text, "sentence": text, "source": text})
        for part in base.parts
    )
    return Results(run=run, claims=claims, parts=parts, appendices=(appendix,))


def many(copies: int = 12) -> Results:
    """Sixty claims with every verdict, ids that are alike, and a derivation that they share."""
    base = results()
    claims = tuple(
        claim.model_copy(update={
            "id": f"{claim.id}-{number}",
            "title": f"{claim.title} ({number})",
            "figures": claim.figures if number == 0 else (),
        })
        for number in range(copies)
        for claim in base.claims
    )  # fmt: skip
    return base.model_copy(update={"claims": claims})


def small() -> Results:
    """One claim that agrees and one that does not."""
    base = results()
    wanted = [c for c in base.claims if c.verdict in (Verdict.AGREE, Verdict.DISAGREE)]
    return base.model_copy(update={"claims": tuple(wanted), "parts": base.parts[1:2]})


def drawn_by_kind(wanted: Iterable[Figure]) -> Iterator[str]:
    """SVG text of figures of the tests, whose series and verdict follow from their kind."""
    return (_of_kind(figure.kind, figure.verdict) for figure in wanted)


@cache
def _of_kind(kind: str, verdict: Verdict | None) -> str:
    (figure,) = [one for one in figures().values() if one.kind == kind]
    return drawn(figure.model_copy(update={"verdict": verdict}))
