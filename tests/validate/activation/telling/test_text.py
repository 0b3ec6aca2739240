"""What the terminal shows: plain where it is none, and never steered by text of users."""

import io

import pytest
from rich.console import Console

from tests.reports.texts import HOSTILE
from tests.validate.activation.synthetic_checks import empty, every, hostile, kinked, smooth
from validate.activation.telling.text import print_checks


def named(dimension: int):
    """A check whose components have names."""
    names = (*(f"x{k}" for k in range(1, dimension)), "bias")
    return smooth(dimension).model_copy(update={"components": names})


def printed(*checks, width: int = 110, terminal: bool = False, **options) -> str:
    stream = io.StringIO()
    console = Console(file=stream, width=width, highlight=False, force_terminal=terminal)
    print_checks(checks, console, **options)
    return stream.getvalue()


def words(text: str) -> str:
    """Text without table rules and line breaks."""
    return " ".join(text.translate(dict.fromkeys(map(ord, "│┃━─┏┓┗┛└┘┳┴┡┩╇┼├┤"), " ")).split())


def test_one_expression():
    found = words(printed(smooth()))
    assert "σ(0) = 0; σ(x) − σ(0) ≈ x³; multiplicity 3, bound 2p = 6" in found
    assert "gradient descent 17.0° + 17 % 17.7° 17 % 0.7°" in found
    assert "317.0° − 17 % none" in found  # predicted, and nobody there
    assert "INCONCLUSIVE which orientations, gradient descent: 5 of 6" in found
    assert "Neurons in no orientation: 4 % (gradient descent); 4 % (Adam)" in found
    assert "note: The smallest basin has 4.6 % of the neurons." in found
    assert "reproduce: python -m validate activation" in found


def test_the_reason_is_given_where_there_is_no_bound():
    assert "no multiplicity: one-sided expansions differ" in words(printed(kinked()))
    assert "σ(0) = no limit; no multiplicity: infinite at 0" in words(printed(empty()))


def test_several_dimensions():
    assert "(−1.00, 0.00, 0.00)" in words(printed(smooth(3)))
    assert "x1 −1.00, bias 0.01, …" in words(printed(named(6)))


def test_all_components_by_name_on_request():
    found = words(printed(named(6), components=None, width=250))
    assert "x1 −1.00, x2 0.00, x3 0.00, x4 0.00, x5 0.00, bias 0.01" in found
    assert "…" not in found


def test_the_command_is_one_line_whatever_the_width():
    long = smooth().model_copy(update={"reproduce": "python -m validate " + "x " * 80 + "end"})
    (line,) = [line for line in printed(long, width=60).splitlines() if "reproduce" in line]
    assert line.endswith("end")


def test_many_orientations_are_cut():
    one = smooth().optimizers["gd"]
    many = one.model_copy(update={"predicted": one.predicted * 5, "measured": ()})
    found = words(printed(smooth().model_copy(update={"optimizers": {"gd": many}})))
    assert "18 more" in found


def test_untrained():
    assert words(printed(smooth(trained=False))).count("not trained") == 12


def test_an_order_that_governs_on_these_data_is_told():
    assert "governs" not in printed(smooth())
    other = smooth().model_copy(update={"effective_order": 5})
    assert "on these data order 5 governs" in printed(other)


def test_several_expressions():
    found = words(printed(smooth(), kinked(), smooth(trained=False)))
    assert "x**2*tanh(x) 3 6 6, 5 INCONCLUSIVE 6, 5 AGREE" in found
    assert "relu(x) – – 4, 3 DISAGREE" in found
    assert "x**2*tanh(x) 3 6 6, – 6, –" in found
    assert "relu(x): no bound: one-sided expansions differ" in found
    assert "relu(x): DISAGREE which orientations, gradient descent: 5 of 6" in found
    assert "AGREE at most 2p" not in found  # the table has said so


def test_no_expression_prints_nothing():
    assert printed() == ""


@pytest.mark.parametrize("others", [(), (kinked(),)])
@pytest.mark.parametrize("width", [40, 110])
def test_hostile_text_neither_steers_nor_breaks(others, width):
    found = printed(hostile(), *others, width=width, terminal=True)
    assert "\x1b[31m \x1b" not in found
    assert not set("\x00\x07\u202e\u2066") & set(found)
    assert ":smile:" in "".join(words(found).split())
    assert "[/red]" in "".join(words(found).split())
    if width == 110:
        assert "".join(HOSTILE.split()) in "".join(words(found).split())


@pytest.mark.parametrize("terminal", [True, False])
def test_colors_only_on_a_terminal(terminal, monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    assert ("\x1b[" in printed(smooth(), terminal=terminal)) is terminal


def test_no_color_is_respected(monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    found = printed(smooth(), terminal=True)
    assert "\x1b[33m" not in found  # yellow of INCONCLUSIVE; bold remains


def test_lines_fit_the_width():
    for checks in (every()[:1], every()):
        lines = printed(*checks, width=90).splitlines()
        assert max(len(line) for line in lines if not line.startswith("reproduce: ")) <= 90
