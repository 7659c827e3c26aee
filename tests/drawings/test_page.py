"""The page as a text: it holds all it needs, and what stands in it can't become markup or script."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lockfiles.drawings import page
from lockfiles.drawings.lock import draw_graph
from lockfiles.drawings.model import Drawing
from lockfiles.drawings.page import to_page
from resolver.graph import graph_of
from tests.drawings.make import HOSTILE, environment, hostile_drawing
from tests.support.amount import examples

FOLDER = Path(page.__file__).with_name("page")


class Parsed(HTMLParser):
    """Elements with their attributes, and the texts of scripts and styles."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[int, str] = {}
        self.is_open = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self.is_open = True

    def handle_endtag(self, tag: str) -> None:
        self.is_open = False

    def handle_data(self, data: str) -> None:
        place = len(self.elements) - 1
        if not self.is_open:
            return
        self.texts[place] = self.texts.get(place, "") + data

    def all(self, tag: str) -> list[tuple[dict[str, str | None], str]]:
        return [
            (attributes, self.texts.get(place, ""))
            for place, (name, attributes) in enumerate(self.elements)
            if name == tag
        ]


def plain() -> Drawing:
    return Drawing(title="conda-lock.yml", graphs=(draw_graph(graph_of(*environment(40, 6))),))


def data_of(html: str) -> Any:
    (data,) = [text for attributes, text in Parsed(html).all("script") if attributes.get("type")]
    return json.loads(data)


@pytest.mark.parametrize("make", [plain, hostile_drawing])
def test_the_page_is_the_template_whatever_stands_in_it(make: Any) -> None:
    parsed, template = Parsed(to_page(make())), Parsed((FOLDER / "page.html").read_text(encoding="utf-8"))
    assert [tag for tag, _ in parsed.elements] == [tag for tag, _ in template.elements]
    policy = dict(parsed.elements)["meta"]
    for (_, mine), (_, theirs) in zip(parsed.elements, template.elements, strict=True):
        assert {k: v for k, v in mine.items() if k != "content"} == {
            k: v for k, v in theirs.items() if k != "content"
        }
    assert policy is not None


def test_the_policy_allows_its_own_script_and_style_and_nothing_else() -> None:
    parsed = Parsed(to_page(plain()))
    (policy,) = [a["content"] or "" for a, _ in parsed.all("meta") if a.get("http-equiv")]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    ((_, style),) = parsed.all("style")
    ((_, script),) = [one for one in parsed.all("script") if not one[0].get("type")]

    def digest(text: str) -> str:
        return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"

    assert rules == {
        "default-src": "'none'",
        "script-src": digest(script),
        "style-src": digest(style),
        "base-uri": "'none'",
        "form-action": "'none'",
    }


def test_it_names_no_other_place() -> None:
    html = to_page(plain())
    parsed = Parsed(html)
    assert {name for _, attributes in parsed.elements for name in attributes} & {
        "src",
        "href",
        "srcset",
    } == set()
    style, script = ((FOLDER / name).read_text(encoding="utf-8") for name in ("page.css", "page.js"))
    assert "url(" not in style
    assert "@import" not in style
    assert re.findall(r"https?://[^\"'\s]+", script) == ["http://www.w3.org/2000/svg"]


@pytest.mark.parametrize(
    "word",
    ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "Function(", "setTimeout(",
     "DOMParser", "createContextualFragment", "srcdoc", "fetch(", "XMLHttpRequest", "import("],
)  # fmt: skip
def test_the_script_has_no_way_from_text_to_markup_or_to_the_network(word: str) -> None:
    assert word not in (FOLDER / "page.js").read_text(encoding="utf-8")


def test_the_data_is_the_drawing() -> None:
    made = hostile_drawing()
    data = data_of(to_page(made))
    colors = [graph.pop("colors") for graph in data["graphs"]]
    assert msgspec.convert(data, Drawing) == made
    assert set(colors[0]) == {node.source for node in made.graphs[0].nodes}


@settings(deadline=None, max_examples=examples(50))
@given(st.text(max_size=60))
def test_any_title_comes_back_and_no_element_is_added(title: str) -> None:
    try:
        title.encode()
    except UnicodeEncodeError:
        return
    made = msgspec.structs.replace(plain(), title=title, remarks=(title,))
    html = to_page(made)
    assert data_of(html)["title"] == title
    assert len(Parsed(html).all("script")) == 2


def test_nothing_in_the_data_can_end_its_element() -> None:
    html = to_page(hostile_drawing())
    start = html.index('id="data">') + len('id="data">')
    data = html[start : html.index("</script>", start)]
    assert not set("<>&\u2028\u2029") & set(data)
    assert data.isascii()
    assert json.loads(data)["title"] == HOSTILE[0]


def test_equal_drawings_give_equal_bytes() -> None:
    assert to_page(plain()) == to_page(plain())
