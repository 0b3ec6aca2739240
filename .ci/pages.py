"""Hooks of MkDocs: pages of the top level join those of docs; nothing is loaded from elsewhere."""

import logging
import re
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

ROOT = Path(__file__).parents[1]
TOP = {
    "README.md": "index.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
}
CITATION = "CITATION.cff"  # that one of them links to
LINK = re.compile(r"\]\(([^)\s]+)\)")
UP = re.compile(r"\]\(((?:\.\./)+)([A-Z]+\.md)")
SOURCE = re.compile(r"<!-- source: (\S+) -->")
FETCHED = re.compile(r"<(?:script|img|iframe|link|source)\b[^>]*?\b(?:src|href)=\"?(?:https?:)?//")
log = logging.getLogger("mkdocs.hooks.pages")


def on_files(files: Files, config: Any) -> Files:
    """Add the pages of the top level; their links are those of a page in docs."""
    for name, page in TOP.items():
        text = LINK.sub(_from_docs, (ROOT / name).read_text(encoding="utf-8"))
        files.append(File.generated(config, page, content=text))
    files.append(File.generated(config, CITATION, abs_src_path=str(ROOT / CITATION)))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Lead links to the top level to its pages, and show the source where a file is named."""
    folder = Path(page.file.src_uri).parent
    markdown = UP.sub(lambda found: _to_top(found, len(folder.parts)), markdown)
    return SOURCE.sub(lambda found: _shown(ROOT / "docs" / folder / found[1]), markdown)


def on_post_build(config: Any) -> None:
    """A page that loads something from elsewhere is a warning, and so an error."""
    for path in sorted(Path(config.site_dir).rglob("*.html")):
        for found in FETCHED.finditer(path.read_text(encoding="utf-8")):
            log.warning("%s loads from elsewhere: %s…", path.name, found[0])


def _from_docs(found: re.Match[str]) -> str:
    """A link of a page of the top level, as it is from docs."""
    name, mark, anchor = found[1].removeprefix("docs/").partition("#")
    return f"]({TOP.get(name, name)}{mark}{anchor})"


def _to_top(found: re.Match[str], depth: int) -> str:
    """A link from a page so many folders below docs to one of the top level."""
    if found[1].count("/") != depth + 1 or found[2] not in TOP:
        return found[0]
    return f"]({'../' * depth}{TOP[found[2]]}"


def _shown(file: Path) -> str:
    return f"```python\n{file.read_text(encoding='utf-8')}```"
