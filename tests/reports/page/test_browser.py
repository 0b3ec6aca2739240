"""The page in a real browser: what people see, click and hear, without a network.

Skipped where no browser is installed, unless THEORYCHECK_BROWSER=required is set, as `.ci/run` does
where there is one or it could install one.
"""

import importlib
from typing import Any

import pytest

from tests.reports.page.browsing import ASKED, MADE, missing

WIDTHS = (360, 800, 1600)


OPEN_ALL = "document.querySelectorAll('details').forEach(one => { one.open = true })"
FITS = "one => one.scrollWidth <= one.clientWidth"
SHOWN = "[...document.querySelectorAll('#claims tbody tr')].filter(one => !one.hidden).length"


def size(width: int) -> dict[str, Any]:
    return {"viewport": {"width": width, "height": 900}}


@pytest.mark.parametrize("name", MADE)
def test_nothing_is_wider_than_the_window(opened, name):
    page = opened(name)
    page.evaluate(OPEN_ALL)
    for width in WIDTHS:
        page.set_viewport_size(size(width)["viewport"])
        assert page.evaluate("document.documentElement.scrollWidth") == width
        assert page.evaluate("document.querySelector('h1').getBoundingClientRect().left") >= 8


def test_hostile_text_does_nothing(opened):
    page = opened("hostile")
    page.evaluate(OPEN_ALL)
    assert page.evaluate("window.broken") is None
    assert page.locator("script").count() == page.locator("style").count() == 1
    assert page.locator("#claims tbody tr").count() == 5


def test_no_other_script_runs(browser, address):
    """The policy of the page stops what would get into it all the same."""
    page = browser.new_page()
    page.goto(address["small"])
    add = "Object.assign(document.createElement('script'), {textContent: 'window.broken = 1'})"
    page.evaluate(f"document.body.append({add})")
    assert page.evaluate("window.broken") is None
    page.close()


def test_filters_show_what_fits_and_say_how_many(opened):
    page = opened("many")
    told = page.locator("#shown")
    assert told.get_attribute("role") == "status"
    assert told.text_content() == "60 of 60 claims"
    page.get_by_role("combobox", name="Verdict").select_option("disagree")
    assert told.text_content() == "12 of 60 claims"
    assert page.evaluate(SHOWN) == 12
    page.get_by_role("searchbox", name="Words").fill("law-16")
    assert told.text_content() == "1 of 60 claims"
    page.get_by_role("combobox", name="Theory").select_option(label="Optics")
    assert told.text_content() == "0 of 60 claims"
    page.get_by_role("combobox", name="Verdict").select_option("")
    page.get_by_role("searchbox", name="Words").fill("")
    assert told.text_content() == "20 of 60 claims"
    assert page.evaluate(SHOWN) == 20


def test_words_of_the_source_find_a_claim(opened):
    page = opened("small")
    assert "Zhou et al." not in page.locator("#claims").inner_text()
    for words, shown in (("zhou theorem 1", 2), ("zhou hinton", 0)):
        page.get_by_role("searchbox", name="Words").fill(words)
        assert page.locator("#shown").text_content() == f"{shown} of 2 claims"


def test_columns_sort_up_and_down_and_back(opened):
    page = opened("many")
    head = page.locator("#claims thead th").nth(1)
    words = "[...document.querySelectorAll('#claims tbody td:nth-child(2)')].map(c => c.innerText)"
    original = page.evaluate(words)
    assert head.get_attribute("aria-sort") == "none"
    head.get_by_role("button").click()
    assert head.get_attribute("aria-sort") == "ascending"
    upwards = page.evaluate(words)
    order = ["disagrees", "error", "inconclusive", "out of scope", "agrees"]
    assert upwards == [word for word in order for _ in range(12)] != original
    page.keyboard.press("Enter")  # the button has the focus
    assert head.get_attribute("aria-sort") == "descending"
    assert page.evaluate(words) == upwards[::-1]
    page.locator("#claims thead th").first.get_by_role("button").click()
    assert head.get_attribute("aria-sort") == "none"
    titles = page.locator("#claims tbody th a").all_inner_texts()
    laws = [f"Law number {number} of gravity, in the long run" for number in range(3)]
    assert titles[:3] == laws
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    assert page.evaluate(words) == original


def test_claims_unfold_by_keyboard(opened):
    page = opened("small")
    claim = page.locator("details.claim").first
    statement = claim.get_by_text("In the initial phase of training")
    assert not statement.is_visible()
    claim.locator("summary").focus()
    page.keyboard.press("Enter")
    assert statement.is_visible()
    page.keyboard.press("Space")
    assert not statement.is_visible()
    page.get_by_role("button", name="Unfold all claims").focus()
    page.keyboard.press("Enter")
    assert page.locator("details.claim[open]").count() == 2


def test_the_first_stop_of_the_keyboard_skips_to_the_verdicts_and_is_seen(opened):
    page = opened("small")
    page.keyboard.press("Tab")
    link = page.locator(":focus")
    assert link.inner_text() == "Skip to the verdicts"
    assert link.bounding_box()["y"] >= 0
    assert link.evaluate("one => getComputedStyle(one).outlineStyle") == "solid"


def test_a_link_to_a_claim_unfolds_it(opened):
    page = opened("small")
    page.locator("#claims tbody th a").last.click()
    page.locator("details.claim[open]").last.wait_for()
    assert page.locator("details.claim").last.get_attribute("open") is not None
    other = opened("small", "#step-0-1")
    assert other.locator("#step-0-1").is_visible()


def test_what_scrolls_can_be_reached_and_what_does_not_is_no_stop(opened):
    page = opened("many", **size(360))
    page.evaluate(OPEN_ALL)
    page.wait_for_function("document.querySelectorAll('.claim .scrolled[tabindex]').length > 10")
    wrong = """[...document.querySelectorAll('.scrolled')].filter(
        one => (one.scrollWidth > one.clientWidth) !== one.hasAttribute('tabindex')).length"""
    assert page.evaluate(wrong) == 0
    unnamed = "document.querySelectorAll('.scrolled:not([aria-label])').length"
    assert page.evaluate(unnamed) == 0
    page.set_viewport_size(size(1600)["viewport"])
    page.wait_for_function(
        "!document.querySelector('.counts').parentElement.hasAttribute('tabindex')"
    )
    assert page.evaluate(wrong) == 0


def test_a_command_is_copied(opened):
    page = opened("small", permissions=["clipboard-read", "clipboard-write"])
    command = page.locator("#glance .command").last  # of all that disagrees
    command.get_by_role("button", name="Copy").click()
    page.wait_for_function("document.getElementById('told').textContent === 'Copied.'")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == command.locator("code").inner_text()
    assert copied.startswith("python -m validate run condensation.")


def test_without_scripts_it_is_a_page_to_read(opened):
    page = opened("small", java_script_enabled=False)
    assert not page.locator("#filters").is_visible()
    assert page.locator("button:visible").count() == 0
    assert page.locator("#claims tbody tr:visible").count() == 2
    claim = page.locator("details.claim").first
    claim.locator("summary").click()
    assert claim.locator("svg").first.is_visible()


def test_print_shows_what_is_folded(opened):
    page = opened("small")
    page.emulate_media(media="print")
    assert page.locator("details.claim[open]").count() == 0
    height = "one => one.getBoundingClientRect().height"
    assert page.locator("details.claim").first.evaluate(height) > 1500
    assert not page.locator("nav").is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_figures_are_drawn_on_white(opened, scheme):
    page = opened("small", color_scheme=scheme)
    color = "one => getComputedStyle(one).backgroundColor"
    assert page.locator(".card").first.evaluate(color) == "rgb(255, 255, 255)"
    page_is_white = page.locator("body").evaluate(color) == "rgb(255, 255, 255)"
    assert page_is_white == (scheme == "light")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_accessibility(opened, scheme):
    """No violation that axe-core finds serious or critical, with everything unfolded."""
    try:
        axe = importlib.import_module("axe_playwright_python.sync_playwright").Axe()
    except ImportError:
        missing("axe is not installed")
    page = opened("small", color_scheme=scheme)
    page.evaluate(OPEN_ALL)
    found = axe.run(page).response
    bad = [one for one in found["violations"] if one["impact"] in ("serious", "critical")]
    assert [(one["id"], one["nodes"][0]["html"]) for one in bad] == []
    assert len(found["passes"]) > 20


def test_on_a_narrow_window_claims_are_cards(opened):
    page = opened("small", **size(360))
    page.evaluate(OPEN_ALL)
    row = page.locator("#claims tbody tr").first
    assert page.locator("#claims").locator("xpath=..").evaluate(FITS)
    for cell in row.locator("td").all():
        box = cell.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 360
    assert row.locator(".verdict").is_visible()
    assert row.locator("td[data-label=Measured]").is_visible()


@pytest.mark.parametrize("width", WIDTHS)
def test_figures_are_readable_without_a_click_and_scroll_by_themselves(opened, width):
    """Letters of 7 in a drawing that is 468 wide have 8 pixels or more."""
    page = opened("small", **size(width))
    page.evaluate(OPEN_ALL)
    cards = page.locator(".card").all()
    assert len(cards) > 2
    for card in cards:
        shown = card.locator("svg").bounding_box()
        assert 7 * shown["width"] / 468 >= 8
        assert card.bounding_box()["x"] + card.bounding_box()["width"] <= width
        assert card.evaluate(FITS) == (width > 600)
        assert (card.get_attribute("tabindex") is None) == (width > 600)
    page.mouse.click(*(cards[0].bounding_box()[side] + 20 for side in "xy"))
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_sentences_in_a_table_that_scrolls_are_not_cut(opened):
    page = opened("small", **size(360))
    page.evaluate(OPEN_ALL)
    for one in page.locator(".decisions .more div").all():
        box = one.bounding_box()
        assert box["x"] + box["width"] <= 360


def test_tiers_can_be_chosen_where_the_record_has_them(opened):
    assert opened("small").get_by_role("combobox", name="Tier").count() == 0
    page = opened("tiers")
    page.get_by_role("combobox", name="Tier").select_option("standard")
    assert page.locator("#shown").text_content() == "1 of 2 claims"


@pytest.mark.parametrize(("asked", "outcome"), [("required", "failed"), ("", "skipped")])
def test_without_a_browser_these_tests_fail_where_one_is_required(asked, outcome, monkeypatch):
    monkeypatch.setenv(ASKED, asked)
    raised = {"failed": pytest.fail.Exception, "skipped": pytest.skip.Exception}[outcome]
    with pytest.raises(raised, match="no browser"):
        missing("no browser")
