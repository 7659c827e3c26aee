"""Pages in a real Chromium: what they ask the network for, and what goes wrong in them.

Whoever imports this needs the dependency group `browser` and a Chromium (Debian: `apt install chromium`).
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
NEEDS_CHROMIUM = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")
SIZE = {"width": 1400, "height": 900}


def sync_api() -> Any:
    """Return playwright; the module that asks is skipped without it."""
    return pytest.importorskip("playwright.sync_api", reason="needs the dependency group `browser`")


@contextlib.contextmanager
def open_browser() -> Iterator[Browser]:
    """A headless Chromium."""
    flags = ["--no-sandbox"] if os.geteuid() == 0 else []  # Chromium refuses to be root's with it
    with sync_api().sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        yield opened
        opened.close()


class Looking:
    """A page that is looked at; what it asks the network for, and what goes wrong in it, is noted."""

    def __init__(self, page: Page, folder: Path) -> None:
        self.page, self._folder = page, folder
        self.troubles: list[str] = []
        self.asked: list[str] = []
        page.on("console", lambda message: self.troubles.append(message.text))
        page.on("pageerror", lambda error: self.troubles.append(str(error)))
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("dialog", lambda dialog: self.troubles.append(dialog.message))

    def show(self, html: str, *, fragment: str = "") -> Page:
        """Open a page's text from the disk."""
        place = self._folder / "page.html"
        place.write_text(html, encoding="utf-8")
        self.page.goto(place.as_uri() + fragment)
        assert self.asked == [place.as_uri()], "the page is all that it needs"
        return self.page

    def shoot(self, name: str) -> None:
        """Keep what is seen in pytest's folder (`--basetemp`)."""
        self.page.screenshot(path=self._folder / f"{name}.png")


@contextlib.contextmanager
def looking_with(browser: Browser, folder: Path, **options: Any) -> Iterator[Looking]:
    """A page of a browser; nothing may have gone wrong in it at the end."""
    page = browser.new_page(viewport=SIZE, **options)
    found = Looking(page, folder)
    yield found
    assert found.troubles == []
    page.close()
