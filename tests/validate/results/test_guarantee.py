"""What α promises stands with its condition wherever it is told to people."""

from click.testing import CliRunner

from validate.__main__ import cli
from validate.results.guarantee import CONDITION, at_most


def test_the_help_of_alpha_has_the_condition():
    for command in ("all", "run", "mutate"):
        shown = CliRunner().invoke(cli, [command, "--help"]).output
        assert at_most("this") in " ".join(shown.split())


def test_the_condition_is_part_of_the_sentence():
    assert at_most("1 %").startswith("at most 1 %, where outcomes rarer than one in n")
    assert CONDITION in at_most("1 %")
