"""Figures drawn in other processes are those drawn here."""

import multiprocessing

import pytest

from reports.drawing import drawn_by, drawn_here
from reports.figures import FigureError
from sim.engine.executor import open_executor
from tests.reports.synthetic import results
from validate.results.records import Figure


def figures() -> list[Figure]:
    return [figure for claim in results().claims for figure in claim.figures][:3]


def test_order_and_bytes_are_the_same():
    with open_executor(2) as executor:
        assert list(drawn_by(executor, figures())) == list(drawn_here(figures()))


def test_figures_are_drawn_here_where_a_process_has_died():
    with open_executor(1) as executor:
        drawn = drawn_by(executor, figures())
        for process in multiprocessing.active_children():
            process.kill()
        assert list(drawn) == list(drawn_here(figures()))
        assert list(drawn_by(executor, figures())) == list(drawn_here(figures()))


def test_a_figure_that_cannot_be_drawn_is_told():
    wrong = figures()[0].model_copy(update={"kind": "unknown"})
    with open_executor(1) as executor, pytest.raises(FigureError, match="unknown kind"):
        list(drawn_by(executor, [wrong]))
