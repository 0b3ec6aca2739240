"""Tables of cells are made of the records alone."""

from reports.tables.cells import cells_table, judged_of_drawn, left_out
from validate.results.records import Cell, CellMeasure, ClaimResult, Verdict


def measure(measured: float, n: int = 20, failing: float | None = None) -> CellMeasure:
    return CellMeasure(
        decision="as predicted",
        n=n,
        measured=measured,
        interval=(measured - 0.05, measured),
        unit="share",
        failing=failing,
    )


def claim(**changes) -> ClaimResult:
    fields = {
        "id": "toy.coins",
        "title": "Coins",
        "source": "our derivation",
        "statement": "Coins.",
        "verdict": Verdict.AGREE,
        "reason": "they do",
        "seconds": 1.0,
        "reproduce": "run",
    }
    return ClaimResult(**{**fields, **changes})


KEPT = Cell(
    name="tanh",
    judged=12,
    drawn=24,
    in_pool=True,
    measured=(measure(1.0),),
    rejected=(measure(0.75, n=8, failing=0.25),),
    as_drawn=(measure(0.9),),
)
LEFT_OUT = Cell(name="x·tanh", judged=1, drawn=10, in_pool=False, measured=(measure(0.5),))


def test_a_claim_without_cells_has_no_table():
    assert cells_table(claim()) is None
    assert (judged_of_drawn(()), left_out(())) == ("all", "")


def test_every_cell_is_a_row_with_its_share_and_its_rate():
    table = cells_table(claim(cells=(KEPT, LEFT_OUT)))
    assert table is not None
    first, second = table["rows"]
    assert first[:2] == ["tanh", "12 of 24 (50%)"]
    assert "95 to 100 %" in first[2]
    assert "8 units" in first[3]
    assert second[1].endswith("out of scope")
    assert second[3:] == ["–", "–"]
    assert {len(row) for row in table["rows"]} == {len(table["header"])}


def test_a_rate_of_violations_is_told_as_what_is_as_predicted():
    rate = CellMeasure(
        decision="at most 2", n=20, measured=0.25, interval=(0.1, 0.5), unit="share", failing=0.25
    )
    share = measure(0.75, failing=0.25)
    table = cells_table(claim(cells=(LEFT_OUT.model_copy(update={"measured": (rate,)}),)))
    assert table is not None
    assert table["rows"][0][2] == "75 % [50 to 90 %] as predicted, 20 units"
    table = cells_table(claim(cells=(LEFT_OUT.model_copy(update={"measured": (share,)}),)))
    assert table is not None
    assert table["rows"][0][2] == "75 % [70 to 75 %] as predicted, 20 units"


def test_several_decisions_are_told_apart_by_name_or_by_shorter_words():
    second = measure(0.5).model_copy(update={"decision": "another"})
    made = claim(cells=(KEPT.model_copy(update={"measured": (measure(1.0), second)}),))
    by_name, shorter = cells_table(made), cells_table(made, {"another": "(2)"})
    assert by_name is not None
    assert shorter is not None
    assert by_name["rows"][0][2].startswith("as predicted: 100 %")
    assert "; another: 50 %" in by_name["rows"][0][2]
    assert "; (2): 50 %" in shorter["rows"][0][2]
    # one decision needs no name
    alone = cells_table(claim(cells=(KEPT,)), {"as predicted": "(1)"})
    assert alone is not None
    assert alone["rows"][0][2].startswith("100 %")


def test_what_is_selected_in_a_few_words():
    assert judged_of_drawn((KEPT, LEFT_OUT)) == "50%; out of scope: x·tanh (10%)"
    assert left_out((KEPT, LEFT_OUT)) == "2 of 8"
