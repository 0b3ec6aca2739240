import pytest

from reports import references
from reports.text import (
    clean,
    duration,
    ended,
    interval,
    line,
    number,
    percent,
    prose,
    quantity,
)


@pytest.mark.parametrize(
    ("value", "printed"),
    [
        (0.0, "0"),
        (1.2345, "1.23"),
        (-0.5, "−0.5"),
        (100.0, "100"),
        (12345.0, "12\u202f345"),
        (0.00062, "6.2 × 10⁻⁴"),
        (3.1e12, "3.1 × 10¹²"),
        (99.96, "100"),
        (float("inf"), "∞"),
        (None, "–"),
    ],
)
def test_number(value, printed):
    assert number(value) == printed


def test_units():
    assert quantity(1.234, "degree") == "1.23°"
    assert quantity(0.974, "share") == "97.4 %"
    assert quantity(None, "share") == "–"
    assert quantity(2.5, "1") == "2.5"
    assert quantity(2.5, "bits") == "2.5 bits"
    assert interval((0.93, 0.995), "share") == "93 to 99.5 %"
    assert interval((0.5, 1.5), "degree") == "0.5° to 1.5°"
    assert interval(None, "1") == "–"


def test_shares_next_to_none_and_all_are_not_rounded_to_them():
    assert percent(0.0) == "0"
    assert percent(1.0) == "100"
    assert percent(0.9999) == "99.99"
    assert percent(0.0002) == "0.02"


def test_duration():
    assert duration(31.4) == "31 s"
    assert duration(300.0) == "5 min"
    assert duration(7200.0) == "2 h"


def test_clean_strips_control_and_bidirectional_characters():
    assert clean("a\u202eb\u2066c\u200bd\x00e\x1bf\tg\nh") == "abcdef g\nh"
    assert clean("\ud800") == "\N{REPLACEMENT CHARACTER}"
    assert line("  a \n b ") == "a b"


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("2^D, up to 2^m/4", "2ᴰ, up to 2ᵐ/4"),
        ("4^(−m), 2^(e − m) and (1 − b)^n", "4⁻ᵐ, 2ᵉ⁻ᵐ and (1 − b)ⁿ"),
        ("2^(−m/2), G^(−κ)", "2^(−m/2), G^(−κ)"),  # Unicode raises no solidus and no κ
        ("no ^ power, ^here", "no ^ power, ^here"),
    ],
)
def test_powers_in_prose_are_raised_where_they_can_be(written: str, shown: str):
    assert prose(written) == shown


def test_a_sentence_gets_the_stop_that_it_lacks():
    assert [ended(text) for text in ("", "a", "a.", "a?", "a (b.)", "a (b)")] == [
        *("", "a.", "a.", "a?", "a (b.)", "a (b).")
    ]


def test_references_are_read_and_unique():
    entry = """@article{g1822,
    author = "Gau{\\ss}, Carl Friedrich and {\\'E}va M{\\"u}ller", title = {On {SGD} \\& its Noise},
    journal={Ann. Phys.}, volume = 3, year = 1822, doi={10.1/x}}"""
    only = references.unique([entry, entry])
    assert len(only) == 1
    assert references.parts(only[0]) == {
        "author": "Carl Friedrich Gauß and Éva Müller",
        "title": "On SGD & its Noise.",
        "venue": "Ann. Phys. 3",
        "year": "1822",
        "link": "doi:10.1/x",
        "href": "https://doi.org/10.1/x",
        "bibtex": entry.strip(),
    }


@pytest.mark.parametrize(
    "text", ["", "@", "@article{", "@article{a, title={x", "plain", "@a{b,c=}"]
)
def test_broken_references_are_shown_as_they_are(text):
    assert references.parts(references.parse(text)) == {"raw": line(text)}


@pytest.mark.parametrize(
    ("fields", "link", "href"),
    [
        ("note = {arXiv:2001.11216}", "arXiv:2001.11216", "https://arxiv.org/abs/2001.11216"),
        ("eprint = {2001.11216}", "arXiv:2001.11216", "https://arxiv.org/abs/2001.11216"),
        ("doi = {10.1/x}, eprint = {1}", "doi:10.1/x", "https://doi.org/10.1/x"),
        ("url = {javascript:alert(1)}", "javascript:alert(1)", ""),
    ],
)
def test_references_have_a_link_and_a_question_keeps_its_mark(fields, link, href):
    made = references.parts(references.parse(f"@misc{{x, title = {{Does it?}}, {fields}}}"))
    assert (made["title"], made["link"], made["href"]) == ("Does it?", link, href)
