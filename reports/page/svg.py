"""Figures as SVG inside of a page: what the drawings have in common is defined once.

Only elements and attributes that drawings need come through, so that a text that is no drawing
cannot become a part of the page that does anything. Styles become attributes: the page allows no
other styles than its own.
"""

import re
from html import escape
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

SVG, LINK = "{http://www.w3.org/2000/svg}", "{http://www.w3.org/1999/xlink}href"
ELEMENTS = {"svg", "g", "defs", "path", "use", "rect", "image", "clipPath"}
GEOMETRY = ("d", "x", "y", "width", "height")
STYLES = {
    *("fill", "fill-opacity", "fill-rule", "opacity", "stroke", "stroke-opacity", "stroke-width"),
    *("stroke-linecap", "stroke-linejoin", "stroke-dasharray", "stroke-dashoffset"),
    *("stroke-miterlimit", "image-rendering"),
}
IMAGE = re.compile(r"data:image/png;base64,[A-Za-z0-9+/=]+")
_FINE = re.compile(r"(\.\d\d)\d+(?![\de])")  # digits beyond a hundredth of a point
_SHIFT = re.compile(r"translate\(([^)]*)\)")
_LEVEL = re.compile(r"translate\((-?[\d.]+)(?:[ ,]+0)?\)")
_COMMAND = re.compile(r"\s*([A-Za-z])\s*")
_URL = re.compile(r"url\(#([^)]+)\)")
_UNSAFE = re.compile(r"[^\w.-]")


class Pictures:
    """The figures of one page: each `inline` one may use the shapes of those before it."""

    def __init__(self) -> None:
        self._names: dict[tuple[str, ...], str] = {}  # by what a shape is made of
        self._shapes: list[str] = []
        self._count = 0

    def inline(self, drawing: str, title: str, description: str) -> str:
        """An ``svg`` element, told to a screen reader by its title and description.

        Raises:
            ValueError: the text is no SVG drawing.
        """
        self._count += 1
        name = f"figure-{self._count}"
        try:
            root = ElementTree.fromstring(drawing)
        except ElementTree.ParseError as error:
            raise ValueError(f"a drawing is no SVG: {error}") from error
        if root.tag != f"{SVG}svg":
            raise ValueError("a drawing is no SVG")
        body = "".join(_Drawing(self, name, root).inside(root))
        return (
            f'<svg role="img" aria-labelledby="{name}-title" aria-describedby="{name}-text" '
            f'viewBox="{escape(root.get("viewBox", ""))}" stroke-linejoin="round">'
            f'<title id="{name}-title">{escape(title)}</title>'
            f'<desc id="{name}-text">{escape(description)}</desc>{body}</svg>'
        )

    def shapes(self) -> str:
        """The shapes that the figures use, for one hidden ``svg`` of the page."""
        return "".join(self._shapes)

    def shape(self, element: Element) -> str:
        """The name of a shape, the same for all that are alike."""
        key = (element.get("d", ""), element.get("style", ""), element.get("transform", ""))
        if key not in self._names:
            self._names[key] = f"s{len(self._names)}"
            attributes = f' id="{self._names[key]}"' + "".join(_attributes(element))
            self._shapes.append(f"<path{attributes}/>")
        return self._names[key]


class _Drawing:
    """One drawing, whose own names begin with that of its figure."""

    def __init__(self, pictures: Pictures, name: str, root: Element) -> None:
        self._name = name
        self._shared = {
            path.get("id", ""): pictures.shape(path)
            for defs in root.iter(f"{SVG}defs")
            for path in defs.findall(f"{SVG}path")
        }

    def inside(self, element: Element) -> list[str]:
        return [text for child in element for text in self._written(child)]

    def _written(self, element: Element) -> list[str]:
        tag = element.tag.removeprefix(SVG) if isinstance(element.tag, str) else ""
        if tag not in ELEMENTS or (tag == "path" and element.get("id", "") in self._shared):
            return []
        attributes = self._own(tag, element)
        inner = self.inside(element) if len(element) else []
        if tag in ("g", "defs") and (not attributes or not inner):
            return inner
        return [f"<{tag}", *attributes, ">", *inner, f"</{tag}>"] if inner else [
            f"<{tag}", *attributes, "/>"
        ]  # fmt: skip

    def _own(self, tag: str, element: Element) -> list[str]:
        """Attributes, with names that no other figure has."""
        made = []
        if tag == "clipPath":
            made.append(f' id="{self._local(element.get("id", ""))}"')
        if tag in ("use", "image"):
            target = element.get(LINK, element.get("href", ""))
            if tag == "use":
                known = self._shared.get(target.removeprefix("#"))
                made.append(f' href="#{known or self._local(target.removeprefix("#"))}"')
            elif IMAGE.fullmatch(flat := "".join(target.split())):
                made.append(f' href="{flat}"')
        level = _LEVEL.fullmatch(element.get("transform", "")) if tag == "use" else None
        if level and not element.get("x"):  # a letter of a word
            return [*made, f' x="{_short(level[1])}"'] if level[1] != "0" else made
        clip = _URL.fullmatch(element.get("clip-path", ""))
        if clip:
            made.append(f' clip-path="url(#{self._local(clip[1])})"')
        return [*made, *_attributes(element)]

    def _local(self, name: str) -> str:
        return f"{self._name}-{_UNSAFE.sub('', name)}"


def _attributes(element: Element) -> list[str]:
    """What any element may have, the styles among them, with numbers of two decimals."""
    made = []
    for key in GEOMETRY:
        value = element.get(key)
        if value is not None:
            value = _COMMAND.sub(r"\1", value).strip() if key == "d" else value
            made.append(f' {key}="{escape(_short(value))}"')
    moved = element.get("transform")
    if moved:
        moved = _SHIFT.sub(lambda found: _short(found[0]), moved)
        made.append(f' transform="{escape(moved)}"')
    for part in element.get("style", "").split(";"):
        key, _, value = part.partition(":")
        if key.strip() in STYLES:
            made.append(f' {key.strip()}="{escape(value.strip())}"')
    return made


def _short(numbers: str) -> str:
    """Numbers of two decimals at most."""
    return _FINE.sub(r"\1", numbers)
