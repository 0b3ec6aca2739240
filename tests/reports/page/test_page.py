"""The page is a pure function of the results, needs nothing else, and text in it stays text."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest

import reports.page
from reports.drawing.once import drawn_once
from reports.figures import FigureError
from reports.page.build import build, write
from tests.reports.many import many
from tests.reports.page.results import BREAKOUTS, hostile, small
from tests.reports.synthetic import results
from tests.reports.synthetic_figures import drawn_by_kind
from tests.reports.texts import LONG
from validate.results.guarantee import CONDITION
from validate.results.records import Figure, Results
from validate.results.reproduce import command

OURS = Path(reports.page.__file__).parent
VOID = {"meta", "br", "input", "img", "link"}


class Elements(HTMLParser):
    """Elements, attributes, identifiers and text as an HTML parser reads them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.text, self.open = "", []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))
        self.open += [] if tag in VOID else [tag]

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("style", "script"):
            self.text += data

    def values(self, name: str) -> list[str]:
        return [attributes[name] for _, attributes in self.found if name in attributes]


@pytest.fixture(scope="module")
def page() -> str:
    return build(results()).decode()


@pytest.fixture(scope="module")
def parsed(page: str) -> Elements:
    return Elements(page)


@pytest.fixture(scope="module")
def attacked() -> Elements:
    return Elements(build(hostile(), drawn_by_kind).decode())


def test_rebuilding_gives_the_same_bytes(page, tmp_path):
    write(Results.model_validate(results().model_dump()), tmp_path / "new" / "report.html")
    assert (tmp_path / "new" / "report.html").read_bytes() == page.encode()


def test_nothing_is_loaded_from_elsewhere(parsed):
    """Links lead elsewhere; nothing that a browser fetches by itself does."""
    loading = [
        (tag, value)
        for tag, attributes in parsed.found
        for name, value in attributes.items()
        if name in ("src", "srcset", "data", "action", "href") and tag != "a"
    ]
    assert loading
    assert all(re.match(r"#|data:image/png;base64,", value) for _, value in loading)
    assert "@import" not in "".join(one.read_text() for one in OURS.glob("*.css"))
    assert not re.search(r"url\((?!#)", " ".join(one.read_text() for one in OURS.glob("*.css")))


def test_the_policy_allows_one_style_and_one_script_alone(parsed):
    (policy,) = [a["content"] for t, a in parsed.found if a.get("http-equiv")]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    tags = Counter(tag for tag, _ in parsed.found)
    assert tags["script"] == tags["style"] == 1
    assert not parsed.values("style")


def test_hostile_text_stays_text(attacked):
    for text in BREAKOUTS:
        assert attacked.text.count(" ".join(text.split())) > 20, text
    tags = Counter(tag for tag, _ in attacked.found)
    assert tags["script"] == tags["style"] == 1
    assert tags["img"] == 0
    assert not [name for _, a in attacked.found for name in a if name.startswith("on")]
    assert attacked.open == []


def test_links_go_to_the_web_or_nowhere(attacked):
    outside = [a["href"] for t, a in attacked.found if t == "a" and not a["href"].startswith("#")]
    assert set(outside) == {"https://doi.org/10.1000/182%22%3E%3Cscript%3E"}
    assert "javascript:window.broken=1" in attacked.text
    assert 'https://example.org/"onmouseover="window.broken=1' in attacked.text


@pytest.mark.parametrize("made", [results, many, hostile])
def test_names_are_unique_and_links_lead_somewhere(made):
    found = Elements(build(made(), drawn_by_kind).decode())
    names = found.values("id")
    assert [name for name, count in Counter(names).items() if count > 1] == []
    inside = [link[1:] for link in found.values("href") if link.startswith("#")]
    inside += [
        name for key in ("aria-labelledby", "aria-describedby") for name in found.values(key)
    ]
    inside += re.findall(r"url\(#([^)]+)\)", " ".join(found.values("clip-path")))
    assert len(inside) > 100
    assert set(inside) <= set(names)


def test_headings_descend_one_level_at_a_time(parsed):
    levels = [int(tag[1]) for tag, _ in parsed.found if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(below <= above + 1 for above, below in pairwise(levels))


def test_every_figure_is_told_in_words(parsed):
    count = sum(len(claim.figures) for claim in results().claims)
    pictures = [a for tag, a in parsed.found if tag == "svg" and a.get("role") == "img"]
    assert len(pictures) == count
    assert "directions: what was predicted and what was measured" in parsed.text
    assert "Every unit is one data set. Verdict: agrees." in parsed.text


def test_what_the_pdf_says_is_on_the_page(parsed):
    text = " ".join(parsed.text.split())
    for phrase in (
        "Of 5 claims checked by simulation, 1 agrees with the theory, 1 disagrees",
        "Against the source: the paper states the bound for every data set",
        command(results()),
        "divided into 1000 equal shares of 10⁻⁵",
        CONDITION,
        "Does not hold for several inputs.",
        "Not checked in this run, and so not told here: condensation.time.",
        "Counts by setting",
        "Biometrika 26(4), 404–413.",
        "this is not BibTeX #panic() {",
        "norm at the end of the phase",
        "Adam was run with β₁ = 0.9.",
        LONG,
    ):
        assert phrase in text


def test_disagreements_come_before_the_table_and_the_theories(parsed):
    text = parsed.text[parsed.text.index("Of 5 claims") :]
    order = ["Where theory and training part", "the paper states the bound", "Reproduce this",
             "Every claim\n", "In plain words", "How the verdicts are made"]  # fmt: skip
    places = [text.index(one) for one in order]
    assert places == sorted(places)
    first = text[: places[2]]
    assert first.count("python -m validate run ") == first.count("Measured:") > 0


def test_shared_steps_are_written_once_for_a_theory():
    shared = results().claims[1].derivation
    assert shared == results().claims[0].derivation[: len(shared)]
    found = Elements(build(small(), drawn_by_kind).decode())
    assert found.text.count("Steps 1 to 2 of those that derivations share") == 2
    assert found.text.count(shared[0].text) == 1
    once = [a for tag, a in found.found if a.get("id", "").startswith("step-")]
    assert [a["value"] for a in once] == ["1", "2"]
    own = [a["value"] for tag, a in found.found if tag == "li" and "value" in a][len(once) :]
    assert own == ["3", "4", "5", "6"]


def test_ids_that_are_alike_have_names_of_their_own():
    base = results()
    ids = ("a.law-1", "a.law 1", "a.Law/1", "a.law-1--2", *(f"{LONG}{end}" for end in "xyz"))
    claims = tuple(base.claims[4].model_copy(update={"id": id}) for id in ids)
    names = Elements(build(Results(run=base.run, claims=claims)).decode()).values("id")
    anchors = [name for name in names if name.startswith("claim-")]
    assert len(anchors) == len(set(anchors)) == len(ids)


def test_no_claims_and_an_odd_run_still_build():
    run = results().run.model_copy(update={"started": "yesterday", "decisions": 0, "versions": {}})
    found = Elements(build(Results(run=run, claims=())).decode())
    assert "No claim was checked in this run." in found.text


def test_an_unknown_figure_is_refused():
    claim = results().claims[0]
    figure = claim.figures[0].model_copy(update={"kind": "pie"})
    claims = (claim.model_copy(update={"figures": (figure,)}),)
    with pytest.raises(FigureError, match="unknown kind of figure 'pie'"):
        build(results().model_copy(update={"claims": claims}))


def test_a_figure_of_two_documents_is_drawn_once():
    asked: list[str] = []

    def draw(figures: Iterable[Figure]) -> Iterator[str]:
        wanted = list(figures)
        asked.extend(figure.title for figure in wanted)
        return drawn_by_kind(wanted)

    once, made = drawn_once(draw), small()
    assert build(made, once) == build(made, once)
    assert len(asked) == sum(len(claim.figures) for claim in made.claims)


def luminance(color: str) -> float:
    parts = [int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_text_has_the_contrast_that_wcag_asks_for(scheme):
    """4.5 to 1 on both backgrounds; a checker in a browser gives up beside the verdicts' marks."""
    block = re.findall(r":root \{(.*?)\}", (OURS / "style.css").read_text(), re.DOTALL)[scheme]
    colors = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", block))
    grounds = [luminance(colors.pop(name)) for name in ("paper", "faint")]
    colors.pop("line")
    assert len(colors) == 9
    for name, color in colors.items():
        for ground in grounds:
            low, high = sorted((luminance(color), ground))
            assert (high + 0.05) / (low + 0.05) >= 4.5, name


def test_the_own_files_close_no_element_early():
    for name, tag in (("style.css", "style"), ("script.js", "script")):
        assert f"</{tag}" not in (OURS / name).read_text().lower()


def test_a_sign_of_percent_stays_with_its_number(page):
    assert re.search(r'<td>97.4\xa0%<br><span class="quiet">93.1 to 99.5\xa0%</span>', page)
