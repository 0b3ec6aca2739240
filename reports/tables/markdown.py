"""Tables of a run as Markdown, such as a README shows them."""

from collections.abc import Sequence

from reports.tables.cells import cells_table, judged_of_drawn
from reports.text import line
from validate.results.demands import reason
from validate.results.guarantee import several_books
from validate.results.records import ClaimResult, Results
from validate.results.reproduce import command

NOTHING = "–"


def verdicts(results: Results) -> str:
    """Every claim of a run with its verdict, its reason and what is judged of the data drawn."""
    rows = []
    titles = {part.id: part.title for part in results.parts}
    for before, claim in zip((None, *results.claims), results.claims, strict=False):
        if before is None or before.part != claim.part:
            rows.append([f"**{cell(titles.get(claim.part, claim.part))}**", "", "", ""])
        verdict = f"**{claim.verdict}**"
        name = f"{cell(claim.title)} (`{claim.id}`)"
        rows.append([name, verdict, cell(reason(claim)), _judged(claim)])
    header = ("claim", "verdict", "because", "judged of those drawn")
    return table(header, rows) + "\n" + _made_by(results)


def cells(results: Results) -> str:
    """Cell by cell what is judged of the data drawn and measured on it, a table a claim."""
    made = [
        f"### {cell(claim.title)}\n\n{cells_of(claim)}" for claim in results.claims if claim.cells
    ]
    return "\n".join([*made, _made_by(results)])


def cells_of(claim: ClaimResult) -> str:
    """Cell by cell what is judged of the data of one claim and measured on it."""
    made = cells_table(claim)
    return strings(made["header"], made["rows"]) if made is not None else ""


def strings(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table of any texts."""
    return table([cell(text) for text in header], [[cell(text) for text in row] for row in rows])


def cell(text: str) -> str:
    """A text as it may stand in a cell of a Markdown table."""
    return line(text).replace("\\", "\\\\").replace("|", "\\|").replace("*", "\\*")


def _judged(claim: ClaimResult) -> str:
    """The share judged, over the cells of the pool, and what is out of scope."""
    if not claim.cells:
        return NOTHING
    cells = sum(one.in_pool for one in claim.cells)
    told, *out = judged_of_drawn(claim.cells).split("; ", 1)
    among = f", {cells} cells" if cells > 1 and told != "all" else ""
    return cell("; ".join([told + among, *out]))


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table of cells that may stand in one."""
    return "".join(f"| {' | '.join(row)} |\n" for row in (header, ["---"] * len(header), *rows))


def _made_by(results: Results) -> str:
    """What makes the same results again."""
    books = several_books(results.run)
    return f"(`{command(results)}`)\n" + (f"\n{books}\n" if books else "")
