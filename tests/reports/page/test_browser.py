"""The page in a real browser: what people see, click and hear, without a network.

Skipped where no browser is installed; `.ci/run` installs one where it can.
"""

import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from reports.page.build import build
from tests.reports.many import many
from tests.reports.page.results import hostile, small
from tests.reports.synthetic_figures import drawn_by_kind
from validate.results.records import Results, Verdict

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

NAMES = ("chromium", "chromium-browser", "google-chrome")
WIDTHS = (360, 800, 1600)


def tiers() -> Results:
    made = small()
    told = zip(made.claims, ("quick", "standard"), strict=True)
    claims = tuple(claim.model_copy(update={"tier": tier}) for claim, tier in told)
    return made.model_copy(update={"claims": claims})


MADE = {
    "small": small,
    "many": partial(many, 60, tuple(Verdict)),
    "hostile": hostile,
    "tiers": tiers,
}
OPEN_ALL = "document.querySelectorAll('details').forEach(one => { one.open = true })"
SHOWN = "[...document.querySelectorAll('#claims tbody tr')].filter(one => !one.hidden).length"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with sync_api.sync_playwright() as playwright:
        own = playwright.chromium.executable_path
        found = [path for name in NAMES if (path := shutil.which(name))]
        path = next(iter([*found, *([own] if Path(own).exists() else [])]), None)
        if path is None:
            pytest.skip(f"no browser is installed: {', '.join(NAMES)} or playwright's own")
        with playwright.chromium.launch(executable_path=path, args=["--no-sandbox"]) as launched:
            yield launched


@pytest.fixture(scope="module")
def address(tmp_path_factory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("pages")
    for name, made in MADE.items():
        (folder / f"{name}.html").write_bytes(build(made(), drawn_by_kind))
    return {name: (folder / f"{name}.html").as_uri() for name in MADE}


@pytest.fixture
def opened(browser, address) -> Iterator[Any]:
    """Opens a page by name and options of the browser; its complaints fail the test."""
    contexts, complaints = [], []

    def opening(name: str, fragment: str = "", **options: Any) -> Any:
        contexts.append(browser.new_context(offline=True, **options))
        page = contexts[-1].new_page()
        page.set_default_timeout(5000)
        page.on("console", lambda said: complaints.append(said.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda asked: complaints.append(asked.url) if "http" in asked.url[:4]
                else None)  # fmt: skip
        page.goto(address[name] + fragment)
        return page

    yield opening
    for context in contexts:
        context.close()
    assert complaints == []


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
    command = page.locator("#glance .command")
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
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page = opened("small", color_scheme=scheme)
    page.evaluate(OPEN_ALL)
    found = axe.run(page).response
    bad = [one for one in found["violations"] if one["impact"] in ("serious", "critical")]
    assert [(one["id"], one["nodes"][0]["html"]) for one in bad] == []
    assert len(found["passes"]) > 20


def test_on_a_narrow_window_claims_are_cards_and_figures_fit_until_they_are_clicked(opened):
    page = opened("small", **size(360))
    page.evaluate(OPEN_ALL)
    inside = "one => one.scrollWidth <= one.clientWidth"
    row = page.locator("#claims tbody tr").first
    assert page.locator("#claims").locator("xpath=..").evaluate(inside)
    for cell in row.locator("td").all():
        box = cell.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 360
    assert row.locator(".verdict").is_visible()
    assert row.locator("td[data-label=Measured]").is_visible()
    card = page.locator(".card").first
    assert card.evaluate(inside)
    card.locator("svg").click()
    assert not card.evaluate(inside)
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    card.locator("svg").click()
    assert card.evaluate(inside)


def test_tiers_can_be_chosen_where_the_record_has_them(opened):
    assert opened("small").get_by_role("combobox", name="Tier").count() == 0
    page = opened("tiers")
    page.get_by_role("combobox", name="Tier").select_option("standard")
    assert page.locator("#shown").text_content() == "1 of 2 claims"
