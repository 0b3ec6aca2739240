"""A browser that opens pages of the report."""

import importlib
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from reports.page.build import build
from tests.reports.page.browsing import MADE, missing
from tests.reports.synthetic_figures import drawn_by_kind

NAMES = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    try:
        sync_api = importlib.import_module("playwright.sync_api")
    except ImportError:
        missing("playwright is not installed")
    with sync_api.sync_playwright() as playwright:
        own = playwright.chromium.executable_path
        found = [path for name in NAMES if (path := shutil.which(name))]
        path = next(iter([*found, *([own] if Path(own).exists() else [])]), None)
        if path is None:
            missing(f"no browser is installed: {', '.join(NAMES)} or playwright's own")
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
        page.set_default_navigation_timeout(60_000)  # a page of many claims on a busy machine
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
