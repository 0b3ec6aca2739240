"""The pages of a run of many claims as a reader turns them: how many, how full, in what order."""

import io
import re
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pypdf
import pytest
from jaxtyping import Bool
from matplotlib.image import imread

from reports.pdf import build, pages
from tests.reports.many import many
from tests.reports.synthetic_figures import drawn_by_kind

PPI = 30
TOP, BOTTOM = 2 / 29.7, 1 - 1.8 / 29.7  # of the page: what is between is text
CLAIMS = len(many().claims)


@dataclass(frozen=True)
class Heading:
    """A heading of the outline: its depth from 1, its page from 0, its distance from the top."""

    title: str
    depth: int
    page: int
    top: float

    @property
    def share(self) -> float:
        """How far down it stands, as a part of the room for text."""
        return max(0.0, (self.top - TOP) / (BOTTOM - TOP))


@cache
def pdf() -> bytes:
    return build(many(), draw=drawn_by_kind)


@cache
def reader() -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(pdf()))


@cache
def texts() -> tuple[str, ...]:
    return tuple(" ".join(page.extract_text().split()) for page in reader().pages)


@cache
def inked() -> tuple[Bool[np.ndarray, " rows"], ...]:
    """For every page which of the rows between header and footer have something on them."""
    found = []
    for page in pages(many(), PPI, draw=drawn_by_kind):
        dark = (imread(io.BytesIO(page))[..., :3].min(axis=2) < 0.9).any(axis=1)
        found.append(dark[round(TOP * len(dark)) : round(BOTTOM * len(dark))])
    return tuple(found)


@cache
def headings() -> tuple[Heading, ...]:
    return tuple(walk(reader().outline, 1))


def walk(entries: Any, depth: int) -> list[Heading]:
    found = []
    for entry in entries:
        if isinstance(entry, list):
            found += walk(entry, depth + 1)
            continue
        page = reader().get_destination_page_number(entry)
        assert page is not None
        top = 1 - float(entry["/Top"]) / float(reader().pages[page].mediabox.height)
        found.append(Heading(entry.title, depth, page, top))
    return found


def of_title(title: str, place: int = 0) -> Heading:
    return [one for one in headings() if one.title == title][place]


def appendix() -> int:
    """The page that the appendix begins on, which is the number of those before."""
    return of_title("How the verdicts are made").page


def last_rows() -> list[float]:
    """How far down each page is used, as a part of the room for text."""
    return [float(rows.nonzero()[0].max(initial=-1) + 1) / len(rows) for rows in inked()]


def test_pages_a_claim():
    assert appendix() <= 1.2 * CLAIMS + 4
    assert len(reader().pages) <= 2 * CLAIMS


def test_no_page_is_less_than_a_third_full_but_the_last_of_a_chapter():
    used = last_rows()
    starts = {one.page for one in headings() if one.depth == 1 and one.top < TOP + 0.03}
    ends = {page - 1 for page in starts} | {len(used) - 1}
    empty = [page + 1 for page, part in enumerate(used) if part < 1 / 3 and page not in ends]
    assert not empty
    # and of the chapters' last pages none holds a line alone
    assert min(used) > 0.05


def test_what_follows_a_heading_stands_below_it():
    for one in headings():
        rows = inked()[one.page]
        below = rows[round(one.share * len(rows)) :]
        lines = np.count_nonzero(np.diff(below.astype(int)) == 1) + bool(below[0])
        assert lines >= 2, one.title


def test_a_claim_takes_at_most_one_page():
    """From its heading to the next one."""
    body = [one for one in headings() if one.page < appendix()]
    claims = {claim.title for claim in many().claims}
    ends = [*body[1:], of_title("How the verdicts are made")]
    taken = {
        one.title: extent(one, after)
        for one, after in zip(body, ends, strict=True)
        if one.title in claims
    }
    assert set(taken) == claims
    assert min(taken.values()) > 0.2
    assert max(taken.values()) <= 1


def extent(one: Heading, after: Heading) -> float:
    """What is used from one heading to another, in pages."""
    total = 0.0
    for page in range(one.page, after.page + 1):
        begin = one.share if page == one.page else 0.0
        end = after.share if page == after.page else last_rows()[page]
        total += max(0.0, end - begin)
    return total


def test_page_one_tells_what_disagrees_before_all_verdicts():
    first = texts()[0]
    disagreeing = [claim for claim in many().claims if claim.disagrees_with]
    what, every = first.index("What disagrees"), first.index("All verdicts at a glance")
    for claim in disagreeing:
        assert what < first.index(claim.title) < every
        assert " ".join((claim.disagrees_with or "").split()) in first[what:every]
        assert claim.reproduce in first[what:every], "how to see it oneself"
        assert claim.source in first[what:every]
    for claim in many().claims:
        assert claim.title in first[every:]
    assert first.index("Reproduce this report") > every


def test_steps_that_claims_share_stand_once_in_each_chapter():
    told = " ".join(texts())
    assert told.count("The activation at small arguments.") == 3
    assert told.count("Own step 0 of law 5.") == 1
    assert "steps 1 to 4 and" in told


def test_the_main_pages_hold_no_tables_of_decisions():
    assert "Level α" not in " ".join(texts()[: appendix()])
    assert "Level α" in " ".join(texts()[appendix() :])


def test_claims_and_their_details_link_to_each_other():
    for claim in many().claims:
        page, entry = (of_title(claim.title, place).page for place in (0, 1))
        assert page < appendix() <= entry
        assert f"details: page {entry + 1}" in texts()[page] + texts()[page + 1]
        assert f"statement, verdict and figure: page {page + 1}" in texts()[entry]
        assert entry in targets(page)
        assert page in targets(entry)


def targets(page: int) -> set[int]:
    """Pages, from 0, that links on a page lead to."""
    numbers = {one.indirect_reference.idnum: n for n, one in enumerate(reader().pages)}  # type: ignore[union-attr]
    links: list[Any] = [one.get_object() for one in reader().pages[page].get("/Annots", [])]
    named = reader().named_destinations
    found = set()
    for link in links:
        target = link.get("/Dest") or link.get("/A", {}).get("/D")
        if isinstance(target, str):
            target = named[target].dest_array
        if target is not None:
            found.add(numbers[target[0].idnum])
    return found


def test_the_brief_form_is_what_comes_before_the_appendix():
    brief = pypdf.PdfReader(io.BytesIO(build(many(), draw=drawn_by_kind, brief=True)))
    assert abs(len(brief.pages) - appendix()) <= 1
    told = " ".join(page.extract_text() for page in brief.pages)
    assert "Level α" not in told
    assert "How the verdicts are made" not in told
    assert len(re.findall("This claim (?:dis)?agrees", told)) == CLAIMS


@pytest.mark.parametrize(("names", "count"), [(["optics"], 8), (["heat.law-20"], 1)])
def test_an_extract_says_of_what(names: list[str], count: int):
    extract = many().only(names)
    made = pypdf.PdfReader(io.BytesIO(build(extract, draw=drawn_by_kind, of=CLAIMS)))
    first = " ".join(made.pages[0].extract_text().split())
    assert f"This is an extract: {count} of the {CLAIMS} claims of a run." in first
    assert f"python -m validate run {names[0]} --seed 1" in first
    assert len(made.pages) <= 2 * count + 6
    assert "extract" not in texts()[0]


def test_many_claims_rebuild_to_the_same_bytes():
    assert build(many(), draw=drawn_by_kind) == pdf()


def test_many_claims_meet_the_standard_for_accessible_pdf():
    assert build(many(), standard="ua-1", draw=drawn_by_kind).startswith(b"%PDF")
