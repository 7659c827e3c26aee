"""The page as a text: it holds all it needs, and what stands in it can't become markup or script."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lockfiles.fleet.page import html
from lockfiles.fleet.page.html import SCRIPTS, page_text
from lockfiles.fleet.page.model import FleetPage
from tests.drawings.test_page import Parsed
from tests.fleet.page.make import done, drawn_records, hostile_records, package, page_of
from tests.support.amount import examples

FOLDER = Path(html.__file__).with_name("static")
SCRIPT = "\n".join((FOLDER / name).read_text(encoding="utf-8") for name in SCRIPTS)


def data_of(text: str) -> Any:
    (data,) = [inside for attributes, inside in Parsed(text).all("script") if attributes.get("type")]
    return json.loads(data)


def test_every_part_of_the_script_is_in_the_page() -> None:
    assert sorted(SCRIPTS) == sorted(path.name for path in FOLDER.glob("*.js"))


def test_the_data_is_the_page() -> None:
    page = page_of(hostile_records())
    assert msgspec.convert(data_of(page_text(page)), FleetPage) == page


def test_the_page_is_the_template_whatever_stands_in_it() -> None:
    parsed = Parsed(page_text(page_of(hostile_records())))
    template = Parsed((FOLDER / "page.html").read_text(encoding="utf-8"))
    assert [tag for tag, _ in parsed.elements] == [tag for tag, _ in template.elements]
    (policy,) = [a["content"] or "" for a, _ in parsed.all("meta") if a.get("http-equiv")]
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe" not in policy


@pytest.mark.parametrize(
    "word",
    ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "Function(", "setTimeout(",
     "DOMParser", "createContextualFragment", "srcdoc", "fetch(", "XMLHttpRequest", "import(", "href"],
)  # fmt: skip
def test_the_script_has_no_way_from_text_to_markup_or_to_the_network(word: str) -> None:
    assert word not in SCRIPT


def test_it_names_no_place_of_the_network() -> None:
    style = (FOLDER / "page.css").read_text(encoding="utf-8")
    assert "url(" not in style
    assert "@import" not in style
    code = "\n".join(line for line in SCRIPT.splitlines() if not line.startswith("//"))
    assert re.findall(r"https?://", code) == []


@settings(deadline=None, max_examples=examples(50))
@given(st.text(max_size=60))
def test_any_name_comes_back_and_no_element_is_added(name: str) -> None:
    page = page_of([done(name or "x", package(name or "x"))])
    text = page_text(page)
    assert data_of(text)["environments"][0]["file"] == page.environments[0].file
    assert len(Parsed(text).all("script")) == 2


def test_equal_records_give_equal_bytes() -> None:
    assert page_text(page_of(list(drawn_records(3)))) == page_text(page_of(list(drawn_records(3))))


def test_a_hundred_environments_more_take_less_than_half_a_megabyte() -> None:
    """Each build stands once: what a page grows by is numbers."""
    small, large = (len(page_text(page_of(list(drawn_records(count))))) for count in (100, 200))
    assert large - small < 500_000
