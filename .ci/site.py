"""Hooks of mkdocs: pages of the top level join those of docs, with links that lead on."""

import re
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

ROOT = Path(__file__).parents[1]
PAGES = {
    "README.md": "index.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
}
CITATION = "CITATION.cff"
LINK = re.compile(r"\]\(([^)\s]+)\)")


def on_files(files: Files, config: Any) -> Files:
    """Add the pages of the top level, and the citation file that one of them links to."""
    for name, page in PAGES.items():
        text = (ROOT / name).read_text(encoding="utf-8")
        files.append(File.generated(config, page, content=LINK.sub(_from_top, text)))
    files.append(File.generated(config, CITATION, abs_src_path=str(ROOT / CITATION)))
    return files


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Lead links to pages of the top level to where they are in the site."""
    for name, page in PAGES.items():
        markdown = markdown.replace(f"](../{name}", f"]({page}")
    return markdown


def _from_top(found: re.Match[str]) -> str:
    """A link of a page of the top level, as one of a page in docs."""
    name, mark, anchor = found[1].removeprefix("docs/").partition("#")
    return f"]({PAGES.get(name, name)}{mark}{anchor})"
