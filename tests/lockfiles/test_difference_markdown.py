"""A difference as Markdown, judged by a reader of Markdown: what hostile names become is text."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from lockfiles.difference import Change, ChangeKind, Difference, PlatformSize, Side, diff_resolutions
from lockfiles.difference_markdown import difference_to_markdown
from tests.lockfiles.make import MACOS, conda, resolution

#: Elements that the document is made of; a name may add none.
OWN = {"p", "strong", "details", "summary", "ul", "li", "table", "thead", "tbody", "tr", "th", "td", "code"}


class Seen(HTMLParser):
    """Elements, attributes and code spans of an HTML text."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: set[str] = set()
        self.attributes: list[tuple[str, str | None]] = []
        self.codes: list[str] = []
        self.rows: list[int] = []
        self._is_code = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        self.attributes += attrs
        self._is_code |= tag == "code"
        if tag == "code":
            self.codes.append("")
        if tag == "tr":
            self.rows.append(0)
        if tag in ("td", "th"):
            self.rows[-1] += 1

    def handle_endtag(self, tag: str) -> None:
        self._is_code &= tag != "code"

    def handle_data(self, data: str) -> None:
        if self._is_code:
            self.codes[-1] += data


def rendered(difference: Difference) -> Seen:
    """The document as GitHub renders it: CommonMark with tables, and HTML as it stands."""
    reader = MarkdownIt("commonmark").enable("table")
    return Seen(reader.render(difference_to_markdown(difference)))


def change(name: str, version: str = "2", **fields: object) -> Change:
    return Change(
        platform="linux-64", manager="conda", name=name, kind=ChangeKind.UPGRADED,
        old=Side(version="1", license="MIT"), new=Side(version=version, license="MIT"), **fields,
    )  # fmt: skip


EXPECTED = """\
**1 added, 1 removed, 2 upgraded, platform win-64 added**

<details><summary>linux-64, osx-arm64: 1 added, 1 upgraded</summary>

**Asked for**

| | package | old | new | |
|---|---|---|---|---|
| ↑ | `numpy` | `1.26.4` | `2.0.0` | licence `BSD-3-Clause` → `MIT` |

**Brought in**

| | package | old | new | |
|---|---|---|---|---|
| + | `zlib` (pip) |   | `1.3` |   |

- linux-64: size 12.0 MB -> 10.5 MB (-1.5 MB)
</details>

<details><summary>linux-aarch64: 1 removed, 1 rebuilt</summary>

| | package | old | new | |
|---|---|---|---|---|
| ~ | `a` | `1 cpu_0` | `1 cuda_0` |   |
| - | `b` | `1` |   |   |

</details>
"""


def test_the_document() -> None:
    def numpy(platform: str) -> Change:
        return Change(
            platform=platform, manager="conda", name="numpy", kind=ChangeKind.UPGRADED, asked=True,
            old=Side(version="1.26.4", license="BSD-3-Clause"), new=Side(version="2.0.0", license="MIT"),
        )  # fmt: skip

    def zlib(platform: str) -> Change:
        new = Side(version="1.3")
        return Change(
            platform=platform, manager="pip", name="zlib", kind=ChangeKind.ADDED, new=new, asked=False
        )

    other = {"platform": "linux-aarch64", "manager": "conda"}
    cpu, cuda = Side(version="1", build="cpu_0"), Side(version="1", build="cuda_0")
    difference = Difference(
        changes=(
            numpy("linux-64"),
            zlib("linux-64"),
            numpy("osx-arm64"),
            zlib("osx-arm64"),
            Change(**other, name="a", kind=ChangeKind.REBUILT, old=cpu, new=cuda),
            Change(**other, name="b", kind=ChangeKind.REMOVED, old=Side(version="1")),
        ),
        added_platforms=("win-64",),
        sizes=(
            PlatformSize(platform="linux-64", old=12_000_000, new=10_500_000, old_unknown=0, new_unknown=0),
            PlatformSize(platform="osx-arm64", old=1, new=1, old_unknown=1, new_unknown=0),
        ),
    )
    text = difference_to_markdown(difference)
    assert text.split("\n", 1)[1] == EXPECTED.split("\n", 1)[1]
    assert text.startswith("**2 added, 1 removed, 2 upgraded, 1 rebuilt, platform win-64 added**\n")
    assert rendered(difference).elements <= OWN


def test_nothing_changed() -> None:
    assert difference_to_markdown(Difference(changes=())) == "**nothing changed**\n"


def test_a_long_difference_is_cut_and_that_is_said() -> None:
    text = difference_to_markdown(Difference(changes=tuple(change(f"p{n}") for n in range(310))))
    assert text.count("\n| ↑ ") == 300
    assert "\nand 10 more, which `lock diff` lists\n" in text


HOSTILE = [
    "<script>alert(1)</script>",
    "`</code><img src=x onerror=alert(1)>",
    "``` ` ``",
    "a|b | c",
    "a\\|b\\\\|c",
    "[x](javascript:alert(1))",
    "![x](https://example.org/x.png)",
    "@everyone #1 www.example.org https://example.org",
    "</details><h1>x</h1>",
    "a\n\n# heading\n<b>",
    "\\",
    " ",
    "&lt;b&gt;",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_names_stay_text(text: str) -> None:
    check_text(text)


@settings(deadline=None)
@given(st.text(alphabet=st.sampled_from("`|\\<>&[]()!*_~#@\n \"'ab/:-"), min_size=1, max_size=30))
def test_any_name_stays_text(text: str) -> None:
    check_text(text)


def check_text(text: str) -> None:
    """Every cell of a row whose name, version and platform are hostile is one code span with that text."""
    one = change(text, text)
    seen = rendered(Difference(changes=(one,)))
    assert seen.elements <= OWN
    assert seen.attributes == []
    assert seen.rows == [5, 5]
    flat = " ".join(text.split()).replace("\\", "\N{SET MINUS}") or "?"
    assert [" ".join(code.split()) for code in seen.codes] == [flat, "1", flat]


def test_a_hostile_platform_and_licence_stay_text() -> None:
    old, new = Side(version="1", license="MIT"), Side(version="1", build="b", license="<b>|`")
    one = Change(platform="<img src=x>", manager="conda", name="a", kind=ChangeKind.REBUILT, old=old, new=new)
    seen = rendered(Difference(changes=(one,), added_platforms=("<script>*x*",)))
    assert seen.elements <= OWN


def test_sizes_and_licences_are_compared_where_they_are_known() -> None:
    old = [conda("a", "1", size=2_000_000, license="MIT"), conda("b", size=500_000)]
    new = [conda("a", "2", size=3_000_000, license="GPL-3.0-only"), conda("b", size=500_000)]
    difference = diff_resolutions(
        [resolution(*old)], [resolution(*new), resolution(conda("a"), target=MACOS)]
    )
    (one,) = difference.changes
    assert one.licenses == ("MIT", "GPL-3.0-only")
    (size,) = difference.sizes
    assert (size.platform, size.old, size.new, size.is_whole) == ("linux-64", 2_500_000, 3_500_000, True)
    without = diff_resolutions([resolution(*old)], [resolution(*new, conda("c"))])
    assert [(size.new_unknown, size.is_whole) for size in without.sizes] == [(1, False)]
    assert diff_resolutions([resolution(conda("a"))], [resolution(conda("a", "2"))]).sizes == ()
