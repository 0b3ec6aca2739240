"""Figures drawn in other processes, while the text of a document is put together.

What draws is imported when there is something to draw.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future

from validate.results.records import Figure

Draw = Callable[[Iterable[Figure]], Iterator[str]]


def drawn(figure: Figure) -> str:
    """SVG text of a figure."""
    from reports.figures import render

    return render(figure)


def drawn_here(figures: Iterable[Figure]) -> Iterator[str]:
    """SVG text of each figure, drawn one after another when it is asked for."""
    return map(drawn, figures)


def drawn_by(executor: Executor, figures: Iterable[Figure]) -> Iterator[str]:
    """SVG text of each figure; drawn here where no process of the executor is left."""
    wanted = list(figures)
    try:
        jobs = [executor.submit(drawn, figure) for figure in wanted]
    except BrokenExecutor:
        return drawn_here(wanted)
    return _collected(jobs, wanted)


def _collected(jobs: Sequence[Future[str]], figures: Sequence[Figure]) -> Iterator[str]:
    for job, figure in zip(jobs, figures, strict=True):
        try:
            yield job.result()
        except BrokenExecutor:
            yield drawn(figure)
