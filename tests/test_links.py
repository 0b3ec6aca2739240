"""Links of README, CONTRIBUTING and docs lead to files and headings that there are."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
CODE = re.compile(r"^```.*?^```$|`[^`\n]*`", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\]\(([^)\s]+)\)")


def links(text: str) -> list[str]:
    """Targets within the project."""
    return [one for one in LINK.findall(CODE.sub("", text)) if not re.match(r"\w+:", one)]


def anchors(text: str) -> set[str]:
    """Names of headings as GitHub makes them."""
    titles = re.findall(r"^#+ (.+)$", CODE.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def faults(page: Path, text: str) -> Iterator[str]:
    for link in links(text):
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        if not target.exists():
            yield f"{page.name}: no file {name}"
        elif anchor and anchor not in anchors(target.read_text(encoding="utf-8")):
            yield f"{page.name}: no heading {link}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    assert list(faults(page, page.read_text(encoding="utf-8"))) == []


def test_broken_links_are_found():
    text = "[a](docs/none.md) [b](#nowhere) [c](README.md#use) [d](https://x.org) `[e](none)`"
    assert list(faults(ROOT / "README.md", text)) == [
        "README.md: no file docs/none.md",
        "README.md: no heading #nowhere",
    ]


def test_every_page_can_be_reached_from_the_readme():
    reached, left = set(), [ROOT / "README.md"]
    while left:
        page = left.pop()
        if page in reached or page.suffix != ".md":
            continue
        reached.add(page)
        found = links(page.read_text(encoding="utf-8"))
        left += [
            (page.parent / link.partition("#")[0]).resolve() for link in found if link[0] != "#"
        ]
    assert set(PAGES) <= reached
