"""Figures that several documents of the same results show."""

from collections.abc import Iterable, Iterator, Sequence

from reports.drawing import Draw
from validate.results.records import Figure


def drawn_once(draw: Draw) -> Draw:
    """``draw`` that remembers: a figure that was given before is not drawn again.

    The records of the figures are to stay as long as this is used.
    """
    known: dict[int, str] = {}  # by the identity of the record

    def drawn(figures: Iterable[Figure]) -> Iterator[str]:
        wanted = list(figures)
        missing = {id(one): one for one in wanted if id(one) not in known}
        return given(wanted, draw(missing.values()) if missing else iter(()))

    def given(wanted: Sequence[Figure], fresh: Iterator[str]) -> Iterator[str]:
        for one in wanted:
            if id(one) not in known:
                known[id(one)] = next(fresh)
            yield known[id(one)]
        next(fresh, None)  # it may have something to do after the last one

    return drawn
