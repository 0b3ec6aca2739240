"""PDF and page say how one of their verdicts is cited."""

from pathlib import Path

import pypdf
import pytest

from tests.reports.synthetic import results
from validate.command.running import write_report
from validate.results.citation import HOW, example
from validate.results.records import Results

TITLE = "How to cite a verdict"


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory):
    """The text of both reports of some results, without spaces."""

    def texts(made: Results) -> list[str]:
        folder: Path = tmp_path_factory.mktemp("report")
        pdf, page = write_report(made, folder)
        pages = "".join(one.extract_text() for one in pypdf.PdfReader(pdf).pages)
        return ["".join(text.split()) for text in (pages, page.read_text(encoding="utf-8"))]

    return texts


def test_in_both_with_all_of_the_line(told):
    bare = {"figures": (), "derivation": (), "tables": ()}
    claims = tuple(one.model_copy(update=bare) for one in results().claims)
    made = results().model_copy(update={"claims": claims})
    for text in told(made):
        for words in (TITLE, HOW, example(made)):
            assert "".join(words.split()) in text


def test_not_where_there_is_no_verdict(told):
    for text in told(results().model_copy(update={"claims": ()})):
        assert "".join(TITLE.split()) not in text
