"""Results for tests of the page: text that tries to become markup, and few claims."""

import sympy

from tests.reports.synthetic import results
from theory.symbolic.expression import dump
from validate.results.records import (
    Appendix,
    DerivationStep,
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


def small() -> Results:
    """One claim that agrees and one that does not."""
    base = results()
    wanted = [c for c in base.claims if c.verdict in (Verdict.AGREE, Verdict.DISAGREE)]
    return base.model_copy(update={"claims": tuple(wanted), "parts": base.parts[1:2]})
