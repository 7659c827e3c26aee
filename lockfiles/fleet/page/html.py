"""The page itself: the values of :mod:`model` within their script and style."""

from __future__ import annotations

from importlib.resources import files

import msgspec

from lockfiles.drawings.self_contained import fill_page
from lockfiles.fleet.page.model import FleetPage

#: Parts of the page's script, in order: what it holds, elements, lists, its views, and who shows which.
SCRIPTS = ("data.js", "versions.js", "elements.js", "environments.js", "packages.js", "views.js", "main.js")


def page_text(page: FleetPage) -> str:
    """Return the page as one self-contained HTML file; equal values give equal bytes."""
    return fill_page(files(__package__) / "static", SCRIPTS, msgspec.to_builtins(page))
