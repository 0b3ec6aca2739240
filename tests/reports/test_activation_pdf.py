"""The PDF of the activation checker: one page, the same bytes, and any text on it."""

import io
import re
from typing import Any

import pypdf
import pytest
import sympy
from matplotlib.image import imread

from reports.activation import build, content, leading_formula, pages, write_activation
from reports.figures import FigureError
from tests.reports.texts import HOSTILE
from tests.validate.activation.synthetic_checks import empty, every, hostile, kinked, smooth
from theory.symbolic.expression import dump
from validate.results.activation import ActivationCheck, Side


def read(*checks: ActivationCheck) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(build(checks)))


def text_of(reader: pypdf.PdfReader) -> str:
    return " ".join("\n".join(page.extract_text() for page in reader.pages).split())


def squeezed(string: str) -> str:
    return re.sub(r"\s+", "", string)


def test_the_same_check_gives_the_same_bytes(tmp_path):
    path = tmp_path / "new" / "check.pdf"
    slower = ActivationCheck.model_validate(smooth().model_dump() | {"seconds": 99.0})
    write_activation([slower], path)
    assert path.read_bytes() == build([smooth()])
    assert b"CreationDate" not in path.read_bytes()


@pytest.mark.parametrize(
    ("check", "most"),
    [
        (smooth(), 1),
        (smooth(3), 2),
        (smooth(6), 2),
        (smooth(trained=False), 1),
        (kinked(), 1),
        (empty(), 1),
        (hostile(), 2),
    ],
    ids=["d = 1", "d = 2", "d = 5", "untrained", "kinked", "empty", "hostile"],
)
def test_a_page_or_two(check, most):
    assert len(read(check).pages) <= most


def test_everything_is_on_the_page():
    found = text_of(read(smooth()))
    for phrase in (
        *("x**2*tanh(x)", "at most 2p = 6 orientations", "p = 3", "built-in target, 40 rows"),
        *("INCONCLUSIVE", "AGREES", "which orientations, Adam", "137.7°", "none"),
        *("The leading form of the data.", "The smallest basin has 4.6 %", "seed 0, α = 0.01"),
        *("Towards Understanding the Condensation", "Neurons in no orientation: 4 %"),
    ):
        assert phrase in found, phrase
    assert squeezed("python -m validate activation 'x**2*tanh(x)' --seed 0") in squeezed(found)


def test_directions_of_five_inputs_are_written_in_full():
    assert "(−1.00, 0.00, 0.00, 0.00, 0.00, 0.00)" in text_of(read(smooth(6)))


def test_the_reason_stands_where_a_multiplicity_would():
    found = text_of(read(kinked()))
    assert "Why no multiplicity" in found
    assert "one-sided expansions differ" in found
    assert "Multiplicity p" not in found


def test_every_check_starts_on_a_page_of_its_own():
    reader = read(smooth(), kinked(), empty())
    assert [page.extract_text().count("Activation check") for page in reader.pages] == [1, 1, 1]
    assert len(reader.outline) >= 3
    assert reader.metadata is not None
    assert reader.metadata.title == "Activation check of 3 expressions"


def test_hostile_text_appears_literally():
    found = text_of(read(hostile()))
    assert squeezed(found).count(squeezed(HOSTILE)) >= 6
    assert "__import__('os')" in found
    assert "<script>alert(1)</script>" in squeezed(found)
    assert not set("\x1b\x00\x07\u202e\u2066") & set(found)


@pytest.mark.parametrize(
    "formula",
    [
        sympy.Symbol("x", real=True) ** 10**30,
        sympy.Function("f")(*sympy.symbols("a:40")),
        sympy.Symbol("w" * 300),
        sympy.Piecewise(*((sympy.Symbol("x") ** k, sympy.Symbol("x") > k) for k in range(60))),
    ],
    ids=["digits", "arguments", "name", "cases"],
)
def test_a_formula_too_wide_for_the_page_is_shown_as_text(formula):
    check = empty().model_copy(update={"formula": dump(formula)})
    assert margins_are_empty(check)


@pytest.mark.parametrize("check", every(), ids=lambda check: check.expression[:16])
def test_nothing_runs_off_the_page(check):
    assert margins_are_empty(check)


def margins_are_empty(check: ActivationCheck) -> bool:
    """Whether the outer 1.8 cm at the left and right and 0.6 cm at top and bottom are white."""
    ppi = 50
    side, top = round(1.8 / 2.54 * ppi), round(0.6 / 2.54 * ppi)
    for page in pages([check], ppi):
        ink = imread(io.BytesIO(page))[..., :3].min(axis=2) < 1
        ink[top:-top, side:-side] = False
        if ink.any():
            return False
    return True


def test_many_orientations_are_cut():
    one = smooth().optimizers["gd"]
    many = one.model_copy(update={"predicted": one.predicted * 4, "measured": ()})
    check = smooth().model_copy(update={"optimizers": {"gd": many}})
    assert "and 10 more, in the output of --json" in text_of(read(check))


def test_tagged_and_up_to_the_standard_for_accessible_pdf():
    for checks in ([smooth()], [kinked(), hostile()]):
        assert build(checks, standard="ua-1").startswith(b"%PDF")


def resolved(item: Any) -> Any:
    return item.get_object()


def test_every_font_is_embedded():
    reader = read(*every())
    fonts: list[Any] = [
        font.get_object()
        for page in reader.pages
        for font in resolved(resolved(page["/Resources"])["/Font"]).values()
    ]
    inner = [resolved(font.get("/DescendantFonts", [font])[0]) for font in fonts]
    descriptors = [resolved(one["/FontDescriptor"]) for one in inner]
    assert descriptors
    assert all({"/FontFile", "/FontFile2", "/FontFile3"} & set(one) for one in descriptors)


@pytest.mark.parametrize(
    ("right", "left", "words"),
    [
        ((3, 1.0), (3, -1.0), "x³"),
        ((1, 1.0), (1, -0.01), "x for x > 0, −0.01 |x| for x < 0"),
        ((2, 1e-9), None, "1e−09 x² for x > 0, no power for x < 0"),
    ],
)
def test_leading_part(right, left, words):
    sides = {
        name: side and Side(order=side[0], coefficient=side[1])
        for name, side in (("right", right), ("left", left))
    }
    made = leading_formula(smooth().model_copy(update=sides))
    assert made is not None
    assert made["alt"] == f"σ(x) − σ(0) ≈ {words}"


def test_without_leading_part_there_is_no_formula():
    assert leading_formula(empty()) is None
    assert [fact["name"] for fact in content(empty())["facts"]] == [
        "Value at 0",
        "Why no multiplicity",
    ]


def test_an_unknown_figure_is_refused():
    figure = smooth().figures[0].model_copy(update={"kind": "pie"})
    with pytest.raises(FigureError, match="unknown kind of figure 'pie'"):
        build([smooth().model_copy(update={"figures": (figure,)})])
