"""The page in a real Chromium: what people find, in how many actions, and what hostile names do there.

It needs the dependency group `browser` and a Chromium (Debian: `apt install chromium`); the screenshots of
a run lie in pytest's folder (`--basetemp`).
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest

from lockfiles.difference import diff_resolutions
from lockfiles.drawings.lock import draw_graph, join_graphs
from lockfiles.drawings.model import Drawing, DrawnConflict, DrawnEdge, DrawnPart
from lockfiles.drawings.page import to_page
from lockfiles.graphs.ways import shortest_ways
from resolver.graph import graph_of
from resolver.model.findings import Finding, Severity
from tests import browser as browser_tools
from tests.drawings.make import HOSTILE, graph_of_environment, hostile_drawing
from tests.lockfiles.make import conda, resolution

browser_tools.sync_api()
pytestmark = browser_tools.NEEDS_CHROMIUM
if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with browser_tools.open_browser() as opened:
        yield opened


class Looking(browser_tools.Looking):
    """A drawing's page that is looked at."""

    def open(self, drawing: Drawing, *, fragment: str = "") -> Page:
        return self.show(to_page(drawing), fragment=fragment)


@pytest.fixture
def looking(browser: Browser, tmp_path: Path) -> Iterator[Looking]:
    page = browser.new_page(viewport=browser_tools.SIZE)
    found = Looking(page, tmp_path)
    yield found
    assert found.troubles == []
    page.close()


@functools.cache
def drawing_of(count: int, requested: int) -> Drawing:
    findings = [
        Finding(
            rule="openmp/mixed",
            severity=Severity.WARNING,
            message="two OpenMP runtimes",
            evidence=("zlib is one of them",),
            packages=("zlib", "openssl"),
        )
    ]
    return Drawing(
        title="conda-lock.yml", graphs=(draw_graph(graph_of_environment(count, requested), findings),)
    )


def boxes(page: Page, selector: str) -> list[dict[str, float]]:
    return [box for one in page.query_selector_all(selector) if (box := one.bounding_box()) is not None]


@pytest.mark.parametrize(("count", "requested"), [(40, 6), (300, 25)])
def test_why_openssl_is_there_is_found_in_three_actions(looking: Looking, count: int, requested: int) -> None:
    page = looking.open(drawing_of(count, requested))
    looking.shoot("opened")
    page.click("#search")  # 1
    page.keyboard.type("openssl")  # 2
    page.keyboard.press("Enter")  # 3
    looking.shoot("why-openssl")
    graph = graph_of_environment(count, requested)
    expected = []
    for way in shortest_ways(graph, "openssl"):
        lines = [str(line) for line in way.asked]
        steps = [
            f"{step.node} {graph.nodes[step.node].record.version} {step.requirement}".strip()  # type: ignore[union-attr]
            for step in way.steps
        ]
        expected.append("\n".join([*lines, *steps]))
    assert "environment.yml:3:5: python\npython 3.11.9\nopenssl 3.3.1 openssl >=3.0.14,<4.0a0" in expected
    assert [one.inner_text() for one in page.query_selector_all(".way-list")] == expected
    assert page.inner_text("#detail h2") == "openssl 3.3.1"
    on_plan = page.query_selector_all("#focus .chip")
    assert {one.query_selector("b").inner_text() for one in on_plan} == {  # type: ignore[union-attr]
        step.node for way in shortest_ways(graph, "openssl") for step in way.steps
    }
    assert len(page.query_selector_all("#focus path")) == len(on_plan) - 1


@pytest.mark.parametrize(("count", "requested"), [(40, 6), (300, 25)])
def test_every_package_has_a_place_of_its_own_that_can_be_read(
    looking: Looking, count: int, requested: int
) -> None:
    """Chips lie side by side in their groups, in the width of the window, and hide no other one."""
    page = looking.open(drawing_of(count, requested))
    names = [one.inner_text() for one in page.query_selector_all("#groups .chip b")]
    assert sorted(names) == sorted(node.name for node in drawing_of(count, requested).graphs[0].nodes)
    board = page.query_selector("#board")
    assert board is not None
    assert board.evaluate("e => e.scrollWidth <= e.clientWidth")
    found = boxes(page, "#groups .chip")
    assert all(box["width"] >= 120 and box["height"] >= 18 for box in found)
    for one, other in itertools.combinations(found, 2):
        left, right = sorted((one, other), key=lambda box: box["x"])
        upper, lower = sorted((one, other), key=lambda box: box["y"])
        assert right["x"] >= left["x"] + left["width"] or lower["y"] >= upper["y"] + upper["height"]
    assert len(page.query_selector_all("#groups .group")) <= 45
    clipped = page.eval_on_selector_all(
        "#groups .chip b", "all => all.filter(b => b.scrollWidth > b.clientWidth).length"
    )
    assert clipped <= count // 10


def test_the_legend_the_findings_and_sizes(looking: Looking) -> None:
    page = looking.open(drawing_of(40, 6))
    assert page.inner_text("#totals") == "42 packages, 40.0 MB and 2 of unknown size"
    labels = [one.inner_text().strip() for one in page.query_selector_all("#side label")]
    assert labels == ["conda-forge 40", "https://example.org/simple 2"]
    page.uncheck("#side label >> nth=1 >> input")
    assert page.locator("#groups .chip.pip.dim").count() == 2
    page.click("#side .finding")
    assert page.locator("#groups .chip.way b").all_inner_texts() == ["openssl", "zlib"]
    assert "zlib is one of them" in page.inner_text("#detail")
    looking.shoot("finding")
    page.click("#side .finding")
    assert page.locator("#groups .chip.way").count() == 0


def test_one_package_leads_to_another_and_the_address_to_both(looking: Looking) -> None:
    page = looking.open(drawing_of(40, 6), fragment="#openssl")
    assert page.inner_text("#detail h2") == "openssl 3.3.1"
    page.click("#detail ul .go >> text=python")
    assert page.inner_text("#detail h2") == "python 3.11.9"
    assert page.url.endswith("#python")
    page.keyboard.press("Escape")
    assert "Asked for (" in page.inner_text("#detail h3") or "ASKED FOR (" in page.inner_text("#detail h3")


@pytest.mark.parametrize("fragment", ["#%E0%A4%A", "#nowhere", "#<img src=x onerror=window.hit=1>"])
def test_an_address_that_names_nothing(looking: Looking, fragment: str) -> None:
    page = looking.page
    place = looking._folder / "page.html"
    place.write_text(to_page(drawing_of(40, 6)), encoding="utf-8")
    page.goto(place.as_uri() + fragment)
    assert page.evaluate("window.hit") is None
    assert page.locator("#groups .chip.selected").count() == 0


def test_the_keyboard_is_enough(looking: Looking) -> None:
    page = looking.open(drawing_of(40, 6))
    page.keyboard.press("/")
    page.keyboard.type("PYTHON")
    options = page.locator("#results li").all_inner_texts()
    assert options[0].startswith("python 3.11.9")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    assert page.inner_text("#detail h2") == "python 3.11.9"
    page.fill("#search", "no such thing")
    assert page.inner_text("#results") == "no such package"
    page.keyboard.press("Escape")
    assert not page.is_visible("#results")


def test_a_package_that_is_pointed_at_shows_its_edges(looking: Looking) -> None:
    drawing = drawing_of(40, 6)
    page = looking.open(drawing)
    assert page.locator("#lines path").count() == 0
    page.hover('#groups .chip[title^="python 3"]')
    graph = drawing.graphs[0]
    python = next(place for place, node in enumerate(graph.nodes) if node.id == "python")
    near = [edge for edge in graph.edges if python in (edge.source, edge.target)]
    assert page.locator("#lines path").count() == len(near)
    page.mouse.move(5, 5)
    page.check("#edges")
    assert page.locator("#lines path").count() == len(graph.edges)
    looking.shoot("all-edges")


def test_two_platforms(looking: Looking) -> None:
    one, other = drawing_of(40, 6).graphs[0], drawing_of(300, 25).graphs[0]
    mac = msgspec.structs.replace(other, platform="osx-arm64")
    made = Drawing(title="t", graphs=(one, mac))
    page = looking.open(made)
    page.select_option("#view", label="osx-arm64")
    assert page.locator("#groups .chip").count() == 302


def test_both_sides_of_a_difference(looking: Looking) -> None:
    old = resolution(conda("app", "1", "0", "lib", "gone"), conda("lib", "1"), conda("gone"), conda("same"))
    new = resolution(conda("app", "1", "0", "lib", "come"), conda("lib", "2"), conda("come"), conda("same"))
    changes = diff_resolutions([old], [new]).changes
    drawn = draw_graph(join_graphs(graph_of(old), graph_of(new)), changes=changes)
    page = looking.open(Drawing(title="new.yml", old="old.yml", graphs=(drawn,)))
    assert page.inner_text("#title") == "old.yml → new.yml"
    signs = {
        one.query_selector("b").inner_text(): one.query_selector(".mark").inner_text()  # type: ignore[union-attr]
        for one in page.query_selector_all("#groups .chip:has(.mark)")
    }
    assert signs == {"lib": "↑", "gone": "-", "come": "+"}
    page.check("#changed")
    assert sorted(page.locator("#groups .chip.dim b").all_inner_texts()) == ["app", "same"]
    page.click('#groups .chip[title^="lib"]')
    assert "upgraded from 1" in page.inner_text("#detail dl")
    looking.shoot("difference")


CONFLICT = DrawnConflict(
    platform="linux-64",
    text="no solution for linux-64: these 2 lines can't hold together:\n  a\n  b",
    parts=(
        DrawnPart(id="l0", label="environment.yml:3\nshap=0.45", part="line", column=0),
        DrawnPart(id="l1", label="environment.yml:4\nnumpy>=2", part="line", column=0),
        DrawnPart(id="p0", label="shap", part="package", column=1),
        DrawnPart(id="p1", label="numpy", part="dead", column=2),
    ),
    edges=(DrawnEdge(0, 2, ""), DrawnEdge(2, 3, "numpy >=1.23.5,<2"), DrawnEdge(1, 3, "")),
)


def test_the_conflict_of_an_unsolvable_input(looking: Looking) -> None:
    page = looking.open(Drawing(title="environment.yml", conflicts=(CONFLICT,)))
    assert page.inner_text("#totals") == "no solution for linux-64"
    assert page.locator(".part").all_inner_texts() == [part.label for part in CONFLICT.parts]
    assert page.locator("#groups svg path").count() == 3
    assert page.inner_text("#detail pre") == CONFLICT.text
    lefts = [box["x"] for box in boxes(page, ".part")]
    assert lefts == sorted(lefts)
    assert lefts[0] == lefts[1]
    assert page.locator("#groups svg text").all_text_contents() == ["numpy >=1.23.5,<2"]
    looking.shoot("conflict")


def test_one_platform_with_a_solution_and_one_without(looking: Looking) -> None:
    page = looking.open(Drawing(title="t", graphs=drawing_of(40, 6).graphs, conflicts=(CONFLICT,)))
    page.select_option("#view", label="linux-64: no solution")
    assert page.is_hidden("#search")
    page.select_option("#view", label="linux-64")
    assert page.locator("#groups .chip").count() == 42


def test_hostile_names_are_text_wherever_they_stand(looking: Looking) -> None:
    made = hostile_drawing()
    parts = tuple(
        DrawnPart(id=str(n), label=text, part="line", column=n % 2) for n, text in enumerate(HOSTILE)
    )
    conflict = DrawnConflict(
        platform=HOSTILE[0], text=HOSTILE[1], parts=parts, edges=(DrawnEdge(0, 1, HOSTILE[0]),)
    )
    made = Drawing(
        title=made.title, old=made.old, graphs=made.graphs, conflicts=(conflict,), remarks=made.remarks
    )
    page = looking.open(made)
    names = [node.name for node in made.graphs[0].nodes]
    texts = [one.text_content() for one in page.query_selector_all("#groups .chip b")]
    assert sorted(texts) == sorted(names)
    for chip in page.query_selector_all("#groups .chip"):
        chip.click()
        assert chip.query_selector("b").text_content() in (page.text_content("#detail h2") or "")  # type: ignore[union-attr]
    for finding in page.query_selector_all("#side .finding"):
        finding.click()
    page.fill("#search", "<")
    page.select_option("#view", index=2)
    seen = [one.text_content() for one in page.query_selector_all(".part")]
    assert sorted(map(str, seen)) == sorted(text for text in HOSTILE)
    looking.shoot("hostile")
    assert page.evaluate("window.hit") is None
    assert page.locator("script").count() == 2
    assert page.locator("img, iframe, object, embed, form, a, link").count() == 0
    assert len(looking.asked) == 1


def test_the_policy_is_in_force(looking: Looking) -> None:
    """Even script that was put there would not run."""
    page = looking.open(drawing_of(40, 6))
    page.evaluate(
        "document.body.append(Object.assign(document.createElement('script'), {text: 'window.hit = 1'}))"
    )
    assert page.evaluate("window.hit") is None
    assert any("Content Security Policy" in text for text in looking.troubles)
    looking.troubles.clear()
