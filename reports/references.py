"""BibTeX entries as lines of a reference list.

A small tolerant reader: what it cannot read is shown as it is, so that a broken entry costs
one ugly line and not the report.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import quote

from reports.text import clean, line

_HEAD = re.compile(r"\s*@\s*(\w+)\s*[{(]\s*([^,\s]+)\s*,", re.ASCII)
_ARXIV = re.compile(r"arXiv:\s*([\w.-]+(?:/\d+)?(?:v\d+)?)", re.ASCII)
_WEB = re.compile(r"https?://[^\s\"'<>]+")
_NAME = re.compile(r"[\s,]*([\w-]+)\s*=\s*", re.ASCII)
PLACES = ("journal", "booktitle", "publisher", "howpublished")
ENDS = ("?", "!", ".")
_ACCENTS = {
    **{"'": "\u0301", "`": "\u0300", '"': "\u0308", "^": "\u0302", "~": "\u0303"},
    **{"c": "\u0327", "v": "\u030c", "u": "\u0306", "H": "\u030b", "=": "\u0304", "r": "\u030a"},
}
_SPECIAL = {"ss": "ß", "o": "ø", "O": "Ø", "l": "ł", "L": "Ł", "aa": "å", "AA": "Å", "ae": "æ"}


@dataclass(frozen=True)
class Reference:
    """One entry: ``fields`` in lower case, or only the ``raw`` text where it was unreadable.

    ``bibtex`` is the entry as it was written.
    """

    key: str
    raw: str
    bibtex: str = ""
    fields: dict[str, str] = field(default_factory=dict)


def unique(entries: Iterable[str]) -> list[Reference]:
    """Every entry once, by its key, sorted as in a reference list."""
    found: dict[str, Reference] = {}
    for entry in entries:
        reference = parse(entry)
        found.setdefault(reference.key, reference)
    return sorted(
        found.values(), key=lambda r: (not r.fields, sort_name(r), r.fields.get("year", ""), r.key)
    )


def parse(entry: str) -> Reference:
    """Read one BibTeX entry; never raises."""
    raw = line(entry)
    head = _HEAD.match(entry)
    fields = _fields(entry, head.end()) if head else None
    if head is None or not fields or "title" not in fields:
        return Reference(key=raw, raw=raw)
    return Reference(key=line(head[2]), raw=raw, bibtex=clean(entry).strip(), fields=fields)


def parts(reference: Reference) -> dict[str, str]:
    """The entry as author, title, venue, year and link, ready to print.

    The title has its stop; ``href`` is where the link goes, empty where that is nowhere.
    """
    fields = reference.fields
    if not fields:
        return {"raw": reference.raw}
    return {
        "author": people(fields.get("author", fields.get("editor", ""))),
        "title": fields["title"] if fields["title"][-1:] in ENDS else f"{fields['title']}.",
        "venue": _venue(fields),
        "year": fields.get("year", fields.get("date", "")),
        "link": _link(fields),
        "href": address(_link(fields)),
        "bibtex": reference.bibtex,
    }


def address(link: str) -> str:
    """Where a link of a reference goes; empty where it is no address of the web."""
    scheme, _, rest = link.partition(":")
    if scheme == "doi":
        return f"https://doi.org/{quote(rest, safe='/().;:-_')}"
    if scheme == "arXiv":
        return f"https://arxiv.org/abs/{quote(rest, safe='/.')}"
    return link if _WEB.fullmatch(link) else ""


def people(names: str) -> str:
    """``A, B and C`` in the order of given and family name; more than eight become et al."""
    listed = [_person(name) for name in re.split(r"\s+and\s+", names) if name.strip()]
    if len(listed) > 8:
        return f"{', '.join(listed[:7])} et al."
    if len(listed) < 2:
        return "".join(listed)
    return f"{', '.join(listed[:-1])} and {listed[-1]}"


def sort_name(reference: Reference) -> str:
    """The family name of the first author, without accents and in lower case."""
    first = re.split(r"\s+and\s+", reference.fields.get("author", reference.raw))[0]
    family = first.split(",")[0] if "," in first else first.split(" ")[-1]
    return unicodedata.normalize("NFKD", family).casefold()


def _person(name: str) -> str:
    family, comma, given = name.partition(",")
    return f"{given.strip()} {family.strip()}".strip() if comma else name.strip()


def _venue(fields: dict[str, str]) -> str:
    place = next(
        (fields[k] for k in ("journal", "booktitle", "publisher", "howpublished") if k in fields),
        "",
    )
    volume = fields.get("volume", "")
    if volume and fields.get("number"):
        volume += f"({fields['number']})"
    return ", ".join(
        text for text in (f"{place} {volume}".strip(), fields.get("pages", "")) if text
    )


def _link(fields: dict[str, str]) -> str:
    if fields.get("doi"):
        return f"doi:{fields['doi'].removeprefix('https://doi.org/')}"
    if fields.get("eprint"):
        return f"arXiv:{fields['eprint'].removeprefix('arXiv:')}"
    if noted := _ARXIV.search(fields.get("note", "")):
        return f"arXiv:{noted[1]}"
    return fields.get("url", "")


def _fields(entry: str, start: int) -> dict[str, str] | None:
    fields: dict[str, str] = {}
    while name := _NAME.match(entry, start):
        value, start = _value(entry, name.end())
        if value is None:
            return None
        fields.setdefault(name[1].lower(), _plain(value))
    return fields


def _value(entry: str, start: int) -> tuple[str | None, int]:
    """The field value at ``start`` and where it ends; None where braces do not close."""
    opening = entry[start : start + 1]
    if opening not in ('"', "{"):
        bare = re.compile(r"[^,}\s]+").match(entry, start)
        return (bare[0], bare.end()) if bare else (None, start)
    depth = 0
    for position in range(start, len(entry)):
        char = entry[position]
        depth += (char == "{") - (char == "}")
        closed = char == "}" if opening == "{" else char == '"' and position > start
        if closed and depth == 0:
            return entry[start + 1 : position], position + 1
    return None, start


def _plain(value: str) -> str:
    """A field without the LaTeX in it that bibliographies commonly use."""
    value = re.sub(r"\\([cvuHr'`\"^~=])\s*\{?\\?([A-Za-z])\}?", _accent, value)
    value = re.sub(r"\\(ss|aa|AA|ae|[oOlL])(?![A-Za-z])\s*", lambda m: _SPECIAL[m[1]], value)
    value = re.sub(r"\\([&%$#_])", r"\1", value)
    value = re.sub(r"\\[A-Za-z]+\s*(?=\{)", "", value)
    value = value.replace("---", "—").replace("--", "–").replace("~", " ")
    return line(value.replace("{", "").replace("}", ""))


def _accent(match: re.Match[str]) -> str:
    return unicodedata.normalize("NFC", match[2] + _ACCENTS[match[1]])
