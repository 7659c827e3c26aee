"""The page in a real Chromium: what people find, at which size, and what hostile names do there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace
from packaging.version import Version

from lockfiles.fleet.page.html import page_text
from lockfiles.fleet.page.model import FleetPage, PageGroup, PageMerges, PageMove, PageOffer
from lockfiles.fleet.records import FindingRow
from resolver.model.match_spec import version
from tests import browser as browser_tools
from tests.fleet.page.make import (
    HOSTILE,
    done,
    drawn_records,
    hostile_records,
    package,
    page_of,
    unsolvable,
)

browser_tools.sync_api()
pytestmark = browser_tools.NEEDS_CHROMIUM
if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with browser_tools.open_browser() as opened:
        yield opened


class Looking(browser_tools.Looking):
    """A fleet's page that is looked at."""

    def open(self, made: FleetPage, *, fragment: str = "") -> Page:
        page = self.show(page_text(made), fragment=fragment)
        page.wait_for_selector("body[data-ready]")
        return page


@pytest.fixture
def looking(browser: Browser, tmp_path: Path) -> Iterator[Looking]:
    page = browser.new_page(viewport=browser_tools.SIZE)
    found = Looking(page, tmp_path)
    yield found
    assert found.troubles == []
    page.close()


def small() -> FleetPage:
    """Three environments that lock, and 40 that fail for the same line."""
    chain = (package("app", "1.0", 1, asked=True), package("lib", "2.0", 2), package("openssl", "3.0.13"))
    direct = (package("openssl", "3.0.15", asked=True), package("torch", "2.6.0", pypi=True))
    records = [
        done("train/a.yml", *chain, seconds=3.0),
        done("train/b.yml", *direct, seconds=1.0, is_written=False, changes=0),
        done("serve/c.yml", *direct, seconds=2.0, platform="osx-arm64"),
        *(unsolvable(f"old/{n:02}.yml", "python=3.8", "numpy>=2") for n in range(40)),
    ]
    return page_of(records)


def texts(page: Page, selector: str) -> list[str]:
    return [text.strip() for text in page.locator(selector).all_inner_texts()]


def rows(page: Page) -> list[str]:
    return texts(page, "#environments-table tbody th")


def test_what_forty_files_fail_for_is_said_once_with_the_files_below_it(looking: Looking) -> None:
    page = looking.open(small())
    assert page.inner_text("#totals") == "43 environments: 40 no solution, 3 done"
    assert texts(page, "#panel-summary summary pre") == ["python=3.8", "numpy>=2"]
    assert texts(page, "#panel-summary summary .hint") == ["hint, of the first of them: read on elsewhere"]
    assert page.locator("#panel-summary .go").count() == 0
    page.click("#panel-summary summary")
    page.wait_for_selector("#panel-summary .go")  # what is unfolded is filled a moment later
    assert texts(page, "#panel-summary .go") == [f"old/{n:02}.yml" for n in range(40)]
    looking.shoot("causes")
    page.click("#panel-summary .go >> nth=3")
    assert page.inner_text("#detail h2") == "old/03.yml"
    assert "python=3.8" in page.inner_text("#detail")
    assert page.url.endswith("#summary/old%2F03.yml")


def test_the_table_is_sorted_and_filtered(looking: Looking) -> None:
    page = looking.open(small(), fragment="#environments")
    assert rows(page)[:3] == ["train/a.yml", "train/b.yml", "serve/c.yml"]
    page.click("thead button:has-text('Seconds')")
    assert page.get_attribute("thead th:has-text('Seconds')", "aria-sort") == "descending"
    assert rows(page)[:3] == ["train/a.yml", "serve/c.yml", "train/b.yml"]
    page.click("thead button:has-text('Seconds')")
    assert rows(page)[-3:] == ["train/b.yml", "serve/c.yml", "train/a.yml"]
    page.keyboard.press("/")
    page.keyboard.type("TRAIN")
    assert rows(page) == ["train/b.yml", "train/a.yml"]
    assert page.inner_text("#panel-environments p") == "2 of 43 environments"
    page.select_option("#panel-environments select >> nth=1", "up to date")
    assert rows(page) == ["train/b.yml"]
    looking.shoot("filtered")


def test_a_tile_leads_to_the_environments_behind_it(looking: Looking) -> None:
    page = looking.open(small())
    page.click(".tile:has-text('done')")
    assert rows(page) == ["train/a.yml", "train/b.yml", "serve/c.yml"]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("openssl <3.0.15", {"openssl 3.0.13": ["train/a.yml through app 1.0 → lib 2.0"]}),
        ("openssl", {"openssl 3.0.15": ["train/b.yml asked for", "serve/c.yml asked for"],
                     "openssl 3.0.13": ["train/a.yml through app 1.0 → lib 2.0"]}),
        ("openssl 3.0.15", {"openssl 3.0.15": ["train/b.yml asked for", "serve/c.yml asked for"]}),
        ("OPENS ==3.0.*,!=3.0.15", {"openssl 3.0.13": ["train/a.yml through app 1.0 → lib 2.0"]}),
        ("torch >2.5", {"torch (PyPI) 2.6.0": ["train/b.yml through whom isn't recorded",
                                               "serve/c.yml through whom isn't recorded"]}),
        ("openssl >3.0.15", {}),
    ],
)  # fmt: skip
def test_who_holds_a_version_and_through_whom(
    looking: Looking, typed: str, found: dict[str, list[str]]
) -> None:
    page = looking.open(small(), fragment="#packages")
    page.fill("#panel-packages input", typed)
    seen: dict[str, list[str]] = {}
    for name in page.locator("#panel-packages .names > details").all():
        if name.get_attribute("open") is None:
            name.locator("> summary").click()
            name.locator("> .body details").first.wait_for()
        word = name.locator("> summary b").inner_text()
        for one in name.locator("> .body details").all():
            if one.get_attribute("open") is None:
                one.locator("> summary").click()
                one.locator("li:has(.go)").first.wait_for()
            key = f"{word} {one.locator('> summary .text').first.inner_text()}"
            seen[key] = [text.strip() for text in one.locator("li:has(.go)").all_inner_texts()]
    assert seen == found


def test_python_is_there_for_pips_lines(looking: Looking) -> None:
    """As `lock why` and `lock fleet why` have it, where no line asks for Python itself."""
    held = (package("python", "3.12.0", 1), package("openssl", "3.0.13"), package("lone", "1"))
    of_pip = (*held, package("app", "1.0", pypi=True, asked=True))
    of_conda = (*held, package("app", "1.0", asked=True))
    page = looking.open(page_of([done("a.yml", *of_pip), done("b.yml", *of_conda)]), fragment="#packages")
    seen = {}
    for name in ("python", "openssl", "lone"):
        page.fill("#panel-packages input", f"{name} >0")
        page.locator("#panel-packages li:has(.go)").nth(1).wait_for()
        seen[name] = texts(page, "#panel-packages li:has(.go)")
    assert seen == {
        "python": ["a.yml pip's lines need it", "b.yml nothing that was asked for leads to it"],
        "openssl": [
            "a.yml through python 3.12.0, which pip's lines need",
            "b.yml nothing that was asked for leads to it",
        ],
        "lone": [f"{name}.yml nothing that was asked for leads to it" for name in "ab"],
    }


def test_what_nobody_looked_for_is_not_none(looking: Looking) -> None:
    """A run for identifiers alone read no lockfile and checked nothing; parts stay where they were left."""
    files = [f"old/{n:03}.yml" for n in range(200)]
    page = looking.open(page_of([replace(unsolvable(name, "a"), work=("hash",)) for name in files]))
    assert texts(page, "#tabs button")[2:] == ["Findings", "Packages", "Images", "Lockfiles (200 missing)"]
    page.click("#tab-packages")
    assert "No lockfile was read" in page.inner_text("#panel-packages")
    page.keyboard.press("/")
    assert page.get_attribute("#tab-environments", "aria-selected") == "true"
    page.evaluate("document.getElementById('panels').scrollTop = 300")
    page.click("#tab-summary")
    assert page.evaluate("document.getElementById('panels').scrollTop") == 0
    page.click("#tab-environments")
    assert page.evaluate("document.getElementById('panels').scrollTop") == 300


def test_where_nothing_could_be_locked_nothing_was_checked(looking: Looking) -> None:
    page = looking.open(page_of([replace(unsolvable("a.yml", "x"), work=("lock", "check"))]))
    assert texts(page, "#tabs button")[2:4] == ["Findings", "Packages"]
    page.click("#tab-findings")
    assert "nothing to check" in page.inner_text("#panel-findings")
    page.click("#tab-packages")
    assert "No environment has a solution" in page.inner_text("#panel-packages")


def test_causes_beside_an_environment_are_its_own(looking: Looking) -> None:
    page = looking.open(page_of([unsolvable(name, line) for name, line in ("ax", "bx", "cy")]))
    page.click("#tab-environments")
    for place, words in (
        (0, "✗ with 1 other environment: nothing meets this line:"),
        (2, "✗ nothing meets this line:"),
    ):
        page.locator("#environments-table tbody button").nth(place).click()
        assert texts(page, "#detail summary .error") == [words]


def test_the_keyboard_goes_everywhere(looking: Looking) -> None:
    page = looking.open(small())
    page.focus("#tab-summary")
    page.keyboard.press("ArrowRight")
    assert page.get_attribute("#tab-environments", "aria-selected") == "true"
    page.focus("#environments-table tbody button")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert page.inner_text("#detail h2") == "train/b.yml"
    assert page.get_attribute("tbody tr:nth-child(2)", "aria-selected") == "true"
    page.keyboard.press("Escape")
    assert page.is_hidden("#detail")
    assert page.evaluate("document.activeElement.textContent") == "train/b.yml"  # where it was before
    for key, tab in (("End", "lockfiles"), ("ArrowRight", "summary"), ("Home", "summary")):
        page.focus("#tabs button[aria-selected='true']")
        page.keyboard.press(key)
        assert page.evaluate("document.activeElement.id") == f"tab-{tab}"
    page.click("#tab-packages")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.type") == "search"


CONDA = ["1.0", "1.0.0", "1.0rc1", "1.0.dev1", "1.0post1", "1.1.1", "1.1.1a", "1.1.1w", "3.0.9", "3.0.15",
         "1!0.5", "2024.2", "1.0+cuda118", "1.0+cuda121", "9e", "2.0.0.1", "1.0_1", "0.4.post2"]  # fmt: skip
PYPI = ["1.0", "1.0rc1", "1.0a2", "1.0b1", "1.0.dev1", "1.0.post1", "1.0.post1.dev2", "1.0a1.dev1",
        "1.0+cu118", "1.0+cu121", "1.0+1", "2!0.1", "1.10", "1.9", "2024.2.1", "1.0-1", "v1.2"]  # fmt: skip


@pytest.mark.parametrize(("ecosystem", "versions"), [("conda", CONDA), ("pypi", PYPI)])
def test_versions_are_ordered_as_their_ecosystems_order_them(
    looking: Looking, ecosystem: str, versions: list[str]
) -> None:
    """The oracles: py-rattler and packaging."""
    page = looking.open(small())
    signs = page.evaluate(
        "([e, all]) => all.map((a) => all.map((b) => Math.sign(compareVersions(e)(a, b))))",
        [ecosystem, versions],
    )
    wrong = []
    for one, row in zip(versions, signs, strict=True):
        for other, sign in zip(versions, row, strict=True):
            if ecosystem == "conda":
                expected = (version(one) > version(other)) - (version(one) < version(other))
            else:
                expected = (Version(one) > Version(other)) - (Version(one) < Version(other))
            if sign != expected:
                wrong.append((one, other, sign, expected))
    assert wrong == []


def test_what_cannot_be_read_as_a_search_is_said(looking: Looking) -> None:
    page = looking.open(small(), fragment="#packages")
    page.fill("#panel-packages input", "openssl <<3")
    assert page.inner_text("#panel-packages p") == "not understood: <<3"


def unfold(page: Page, place: str) -> None:
    """Open all that is folded, and what is folded in it."""
    folded = page.locator(f"{place} details:not([open])")
    while count := folded.count():
        folded.evaluate_all("all => all.forEach(one => { one.open = true; })")
        page.wait_for_timeout(20)  # a fold is filled when it says that it was opened
        assert count < 1000


def test_hostile_names_are_text_wherever_they_stand(looking: Looking) -> None:
    page = looking.open(page_of(hostile_records()))
    for tab in ("summary", "environments", "findings", "packages", "images", "lockfiles"):
        page.click(f"#tab-{tab}")
        unfold(page, f"#panel-{tab}")
        looking.shoot(f"hostile-{tab}")
    for place in range(len(HOSTILE)):
        page.evaluate("(place) => showEnvironment(place)", place)
        unfold(page, "#detail")
    assert page.evaluate("window.hit") is None
    assert page.locator("script").count() == 2
    assert page.locator("img, iframe, object, embed, form, a, link, svg").count() == 0
    assert len(looking.asked) == 1


def test_the_policy_is_in_force(looking: Looking) -> None:
    """Even script that was put there would not run."""
    page = looking.open(small())
    page.evaluate(
        "document.body.append(Object.assign(document.createElement('script'), {text: 'window.hit = 1'}))"
    )
    assert page.evaluate("window.hit") is None
    assert any("Content Security Policy" in text for text in looking.troubles)
    looking.troubles.clear()


def test_a_thousand_environments(looking: Looking) -> None:
    """Few elements stand for them until more are looked at, and all are found."""
    page = looking.open(page_of(list(drawn_records(1000))))
    assert page.locator("*").count() < 600
    looking.shoot("thousand")
    page.click("#tab-environments")
    assert page.locator("tbody tr").count() < 700
    for last in (559, 999):
        page.locator("#environments-table .more").scroll_into_view_if_needed()
        page.locator(f"tbody tr >> nth={last}").wait_for(state="attached")
    looking.shoot("thousand-environments")
    page.click("#tab-packages")
    page.fill("#panel-packages input", "openssl")
    held = texts(page, "#panel-packages .names > details > summary .soft")[0]
    assert held.startswith("947 environments, ")
    looking.shoot("thousand-packages")


MERGES = PageMerges(
    environments=5,
    images=3,
    lower=2,
    groups=(
        PageGroup(
            members=("a.yml", "b.yml", "c.yml", "d.yml"), targets=("linux-64",), images=2, lower=2,
            offers=(
                PageOffer(
                    members=("a.yml", "b.yml", "c.yml"), builds=2, before=9_000_000, after=4_000_000,
                    unknown=1,
                    moves=(PageMove(name="a.yml", changes=("↓ numpy 2.0 -> 1.26.4",), added=3),
                           PageMove(name="b.yml", has_lockfile=False), PageMove(name="c.yml")),
                    findings=("warning: channels/mixed: two channels",),
                ),
            ),
            alone=("d.yml",), clash=("a.yml", "d.yml"), conflicts=(("numpy<2", "numpy>=2"),),
        ),
    ),
    apart=(("e.yml", "its addresses have credentials, which are written nowhere"),),
    failed=(("f.yml", "line 3:5: no version"), ("g.yml", "line 4:5: no version"),
            ("h.yml", "line 5: not so")),
)  # fmt: skip


def test_merges(looking: Looking) -> None:
    page = looking.open(page_of([], merges=MERGES))
    assert texts(page, "#tabs button") == ["Merges"]
    assert page.inner_text("#totals") == "5 environments, 3 images; 3 more can't be read or locked"
    assert "no version 2 environments" in page.inner_text("#panel-merges")
    assert "h.yml line 5: not so" in page.inner_text("#panel-merges")
    assert "g.yml" not in page.inner_text("#panel-merges")
    told = page.inner_text("#panel-merges p >> nth=0")
    assert told == "3 images serve 5 environments: 2 builds saved. No fewer than 2 can."
    unfold(page, "#panel-merges")
    looking.shoot("merges")
    seen = page.inner_text("#panel-merges")
    assert "Group 1: 4 environments, 2 images" in seen
    assert "linux-64; proven: fewer can't serve them" in seen
    assert "2 builds saved, 5.0 MB less as far as sizes are known (1 aren't)" in seen
    assert "a.yml 1 package moves or goes, 3 come in" in seen
    assert "↓ numpy 2.0 -> 1.26.4" in seen
    assert "numpy<2 | numpy>=2" in seen
    assert "b.yml nothing moves, beside what it locks to today" in seen
    assert "its addresses have credentials" in seen
    assert "g.yml" in seen


def test_printing_takes_all_rows(looking: Looking) -> None:
    page = looking.open(page_of(list(drawn_records(150))), fragment="#environments")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert page.locator("tbody tr").count() == 150
    page.emulate_media(media="print")
    looking.shoot("print")


def test_findings_that_say_the_same_stand_once(looking: Looking) -> None:
    def found(*evidence: str) -> FindingRow:
        return FindingRow(rule="torch/numpy-2", severity="error", message="numpy 2 is too new", fix="numpy<2",
                          platform="linux-64", evidence=evidence)  # fmt: skip

    rows = (package("numpy", "2.0.0", 1),)
    page = looking.open(
        page_of(
            [
                done("a.yml", *rows, findings=(found("through a"),)),
                done("b.yml", *rows, findings=(found("through b"),)),
                done("c.yml", *rows, findings=(found("through a"),)),
            ]
        ),
        fragment="#findings",
    )
    unfold(page, "#panel-findings")
    (whole,) = texts(page, "#panel-findings details details")
    assert [line for line in whole.splitlines() if line] == [
        "numpy 2 is too new 3 environments (linux-64)",
        "what helps: numpy<2",
        "through a",
        "a.yml",
        "c.yml",
        "through b",
        "b.yml",
    ]


def test_a_phone_shows_what_became_of_each(browser: Browser, tmp_path: Path) -> None:
    with browser_tools.looking_with(browser, tmp_path, has_touch=True) as looking:
        page = looking.page
        page.set_viewport_size({"width": 390, "height": 844})
        looking.show(page_text(page_of(list(drawn_records(100)))))
        for tab in ("environments", "findings", "packages", "images", "lockfiles", "summary"):
            page.click(f"#tab-{tab}")
            looking.shoot(f"phone-{tab}")
            assert page.evaluate("document.documentElement.scrollWidth") == 390
        page.click("#tab-environments")
        box = page.locator("tbody tr >> nth=0 >> td >> nth=0").bounding_box()
        assert box is not None
        assert box["x"] + 100 <= 390
        page.locator("tbody button >> nth=40").click()
        seen = page.locator("#detail h2").bounding_box()
        assert seen is not None
        assert 0 <= seen["y"] < 844


#: Elements with text of their own that are seen, with colours of theirs and of what is behind them.
_COLORS = """() => {
  const behind = (one) => {
    for (let at = one; at; at = at.parentElement) {
      const color = getComputedStyle(at).backgroundColor;
      if (!/, 0\\)$/.test(color)) return color;
    }
    return 'rgb(255, 255, 255)';
  };
  const own = (one) => [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
  const found = new Map();
  for (const one of document.querySelectorAll('body *')) {
    if (!one.checkVisibility()) continue;
    const style = getComputedStyle(one);
    const [ink, ground] = [style.color, behind(one)];
    if (own(one)) found.set(`${ink} ${ground}`, ['text', ink, ground, one.className]);
    if (/^(INPUT|SELECT)$/.test(one.tagName)) {
      const edge = style.borderTopColor;
      found.set(`edge ${edge}`, ['edge', edge, behind(one.parentElement), one.tagName]);
      const hint = getComputedStyle(one, '::placeholder').color;
      found.set(`hint ${hint}`, ['text', hint, style.backgroundColor, 'placeholder']);
    }
  }
  return [...found.values()];
}"""


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_all_that_is_seen_can_be_told_from_what_is_behind_it(looking: Looking, scheme: str) -> None:
    """WCAG 2.2, AA: 4.5 for text, 3 for the edges of what is typed into."""
    page = looking.open(page_of(list(drawn_records(60))))
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    seen = 0
    for tab in ("summary", "environments", "findings", "packages", "images", "lockfiles"):
        page.click(f"#tab-{tab}")
        page.evaluate("showEnvironment(0)")
        for folded in page.locator(f"#panel-{tab} summary").all()[:1]:
            folded.click()
        for kind, color, ground, where in page.evaluate(_COLORS):
            seen += 1
            least = 4.5 if kind == "text" else 3
            assert contrast(color, ground) >= least, (tab, kind, color, ground, where)
    assert seen > 40


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_dark_and_light(looking: Looking, scheme: str) -> None:
    page = looking.open(small())
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.click("#tab-environments")
    page.click("tbody button >> nth=0")
    looking.shoot(scheme)
    ink, paper = page.evaluate(
        "['color', 'backgroundColor'].map((one) => getComputedStyle(at('detail'))[one])"
    )
    assert contrast(ink, paper) > 7


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours as WCAG 2.2 computes it, from 1 to 21."""

    def light(color: str) -> float:
        parts = [int(part) / 255 for part in color[color.index("(") + 1 : -1].split(",")[:3]]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((light(one), light(other)))
    return (high + 0.05) / (low + 0.05)
