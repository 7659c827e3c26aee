"""Index pages in both formats."""

from __future__ import annotations

import hashlib
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolver.errors import SourceError
from resolver.metadata import simple_links
from resolver.metadata.simple_index import (
    build_page,
    merge_pages,
    parse_file_name,
    parse_project_page,
)
from resolver.metadata.simple_links import PageLink, parse_html_links
from resolver.model.names import pypi_name
from resolver.model.records import DistFile, ProjectPage, SkippedFile
from tests.support.amount import examples
from tests.support.tables import table

URL = "https://example.org/simple/foo-bar/"
SHA, MD5 = "ab" * 32, "0f" * 16


def page_of(body: str, content_type: str = "text/html", name: str = "foo-bar") -> ProjectPage:
    return parse_project_page(
        body.encode(), content_type=content_type, url=URL, name=pypi_name(name), index="private"
    )


HTML = f"""<!DOCTYPE html><html><head><meta name="pypi:repository-version" content="1.3"></head><body>
<a href="../../files/foo_bar-1.0-py3-none-any.whl#sha256={SHA}" data-requires-python="&gt;=3.8"
   data-core-metadata="sha256={SHA}" data-dist-info-metadata="false">foo_bar-1.0-py3-none-any.whl</a><br/>
<a href="https://files.example.org/Foo.Bar-1.10.tar.gz" data-yanked="broken &amp; bad">Foo.Bar-1.10.tar.gz</a>
<a href="/abs/foo-bar-1.9.zip#md5={MD5}&amp;egg=x" data-yanked=""
  data-upload-time="2024-02-03T04:05:06.700Z">x</a>
<a href="foo_bar-2.0rc1-cp311-cp311-win_amd64.whl" data-dist-info-metadata="true">x</a>
</body></html>"""

EXPECTED = (
    DistFile("foo_bar-2.0rc1-cp311-cp311-win_amd64.whl", "2.0rc1", True,
             f"{URL}foo_bar-2.0rc1-cp311-cp311-win_amd64.whl", {}, metadata_hashes={}),
    DistFile("Foo.Bar-1.10.tar.gz", "1.10", False, "https://files.example.org/Foo.Bar-1.10.tar.gz", {},
             yanked="broken & bad"),
    DistFile("foo-bar-1.9.zip", "1.9", False, "https://example.org/abs/foo-bar-1.9.zip", {"md5": MD5},
             yanked="", upload_time=1706933106),
    DistFile("foo_bar-1.0-py3-none-any.whl", "1.0", True, "https://example.org/files/foo_bar-1.0-py3-none-any.whl",
             {"sha256": SHA}, requires_python=">=3.8", metadata_hashes={"sha256": SHA}),
)  # fmt: skip


def test_html_page() -> None:
    page = page_of(HTML)
    assert page.files == EXPECTED
    assert (page.name, page.index, page.has_dates, page.skipped) == ("foo-bar", "private", False, ())


def test_json_page() -> None:
    body = {
        "meta": {"api-version": "1.1", "provenance": None},
        "name": "foo-bar",
        "versions": ["1.0"],
        "files": [
            {"filename": "foo_bar-1.0.tar.gz", "url": "../f/foo_bar-1.0.tar.gz",
             "hashes": {"sha256": SHA.upper()}, "size": 10, "upload-time": "2024-02-03T04:05:06.7Z",
             "yanked": False, "core-metadata": False},
            {"filename": "foo_bar-1.0-py3-none-any.whl", "url": "https://u:p@files.example.org/x.whl",
             "hashes": {}, "requires-python": ">=3.8", "upload-time": "2024-02-03T04:05:06Z", "yanked": "why",
             "core-metadata": {"sha256": SHA}, "provenance": "https://example.org/p"},
            {"filename": "foo_bar-1.1-py3-none-any.whl", "url": "x.whl", "hashes": {"nosuch": "00"},
             "yanked": True, "dist-info-metadata": True, "upload-time": "2024-02-03T04:05:06+00:00"},
        ],
    }  # fmt: skip
    page = page_of(json.dumps(body), "application/vnd.pypi.simple.v1+json; charset=utf-8")
    assert page.has_dates
    assert page.files == (
        DistFile("foo_bar-1.1-py3-none-any.whl", "1.1", True, f"{URL}x.whl", {}, yanked="",
                 upload_time=1706933106, metadata_hashes={}),
        DistFile("foo_bar-1.0-py3-none-any.whl", "1.0", True, "https://files.example.org/x.whl", {},
                 requires_python=">=3.8", yanked="why", upload_time=1706933106,
                 metadata_hashes={"sha256": SHA}),
        DistFile("foo_bar-1.0.tar.gz", "1.0", False, "https://example.org/simple/f/foo_bar-1.0.tar.gz",
                 {"sha256": SHA}, size=10, upload_time=1706933106),
    )  # fmt: skip


BASES = [
    ("base tag", f"<base href='https://mirror.example.org/x/'>{HTML}"),
    ("comment", f"{HTML}<!-- <a href='foo_bar-9.0.tar.gz'>gone</a> -->"),
    ("apostrophes", HTML.replace('"', "'")),
    ("capitals", HTML.replace("<a href", "<A HREF").replace("</a>", "</A>")),
    ("no quotes", "<a href=foo_bar-1.0.tar.gz>x</a>"),
    ("attribute without value", '<a href="foo_bar-1.0.tar.gz" data-yanked>x</a>'),
    ("unescaped order", '<a href="foo_bar-1.0.tar.gz" data-requires-python=">=3.6,<4">x</a>'),
    ("plain", HTML),
    ("script", '<script>\'<a href="foo_bar-9.0.tar.gz">\'</script><a href="foo_bar-1.0.tar.gz">x</a>'),
]


@table("body", BASES)
def test_fast_reading_agrees_with_the_full_parser(body: str, monkeypatch: pytest.MonkeyPatch) -> None:
    fast = parse_html_links(body, URL)
    monkeypatch.setattr(simple_links, "_plain_anchors", lambda _text: None)
    assert fast == parse_html_links(body, URL)
    assert fast


PIECES = st.lists(
    st.sampled_from(['<a href="a-1.tar.gz"', " data-yanked", '="x"', ">", "</a>", "<!--", "-->", "<A ", "<a/",
                     " href='", "'", '"', "\n", "&gt;", "<br/>", "<abbr>", ' data-x="<a "', "text",
                     '<a\nhref="b-2.zip">']),
    max_size=14,
).map("".join)  # fmt: skip


@settings(deadline=None, max_examples=examples(500))
@given(PIECES)
def test_pattern_reads_only_what_the_full_parser_reads(body: str) -> None:
    anchors = simple_links._plain_anchors(body)
    if anchors is None:
        return
    parser = simple_links._AnchorParser()
    parser.feed(body)
    parser.close()
    assert anchors == parser.anchors


def test_base_tag_moves_relative_links() -> None:
    page = page_of("<base href='https://mirror.example.org/x/'><a href='foo_bar-1.0.tar.gz'>x</a>")
    assert [file.url for file in page.files] == ["https://mirror.example.org/x/foo_bar-1.0.tar.gz"]


SKIPPED = [
    ("egg", "foo_bar-1.0-py2.7.egg", "neither a wheel nor an sdist"),
    ("installer", "foo_bar-1.0.win32-py2.4.exe", "neither a wheel nor an sdist"),
    (
        "version of no meaning",
        "foo_bar-1.0-final-really.tar.gz",
        "its version can't be read: `1.0-final-really`",
    ),
    ("wheel version of no meaning", "foo_bar-1.0x-py3-none-any.whl", "its version can't be read: `1.0x`"),
    ("wheel with too few parts", "foo_bar-1.0-py3.whl", "a wheel's name has five or six parts"),
    (
        "wheel variant",
        "foo_bar-1.0-cp313-cp313-linux_x86_64-x86_64_v3.whl",
        "a wheel variant (`x86_64_v3`, PEP 825), of which none is chosen yet",
    ),
    (
        "wheel variant with a build tag",
        "foo_bar-1.0-1a-py3.cp313-none-any-cu12.8_b.whl",
        "a wheel variant (`cu12.8_b`, PEP 825), of which none is chosen yet",
    ),
    ("another project's variant", "foo-1.0-py3-none-any-x.whl", "the name of another project"),
    ("too many parts", "foo_bar-1.0-py3-none-any-x-y.whl", "a wheel's name has five or six parts"),
    ("build tag", "foo_bar-1.0-x1-py3-none-any.whl", "a build tag starts with a digit: `x1`"),
    ("another project", "baz-1.0.tar.gz", "the name of another project"),
    ("another project's wheel", "foo-1.0-py3-none-any.whl", "the name of another project"),
]


@table("file_name, reason", SKIPPED)
def test_unusable_file_is_skipped_with_a_reason(file_name: str, reason: str) -> None:
    page = page_of(f'<a href="{file_name}">x</a>')
    assert (page.files, page.skipped) == ((), (SkippedFile(file_name, reason),))


NAMES = [
    ("wheel", "foo_bar-1.0-py3-none-any.whl", ("foo-bar", "1.0", True)),
    ("wheel with a build tag", "foo_bar-1.0-1-py3-none-any.whl", ("foo-bar", "1.0", True)),
    ("local version", "torch-2.1.0+cu121-cp311-cp311-linux_x86_64.whl", ("torch", "2.1.0+cu121", True)),
    ("local version escaped", "a-1.0_x-py3-none-any.whl", None),
    ("sdist with dashes in its name", "foo-bar-1.0.tar.gz", ("foo-bar", "1.0", False)),
    ("sdist of dotted name", "zope.interface-5.0.zip", ("zope-interface", "5.0", False)),
    ("no version", "foo.zip", None),
    ("something else", "readme.txt", None),
]  # fmt: skip


@table("file_name, expected", NAMES)
def test_name_and_version_of_a_lone_file(file_name: str, expected: tuple[str, str, bool] | None) -> None:
    assert parse_file_name(file_name) == expected


def test_versions_are_sorted_as_numbers_and_wheels_come_first() -> None:
    names = ["foo_bar-1.9.tar.gz", "foo_bar-1.10.tar.gz", "foo_bar-1.10-py3-none-any.whl",
             "foo_bar-1.10rc1.tar.gz", "foo_bar-1.10-py2-none-any.whl", "foo_bar-1!0.1.tar.gz"]  # fmt: skip
    page = page_of("".join(f'<a href="{name}">x</a>' for name in names))
    assert [file.file_name for file in page.files] == [
        "foo_bar-1!0.1.tar.gz", "foo_bar-1.10-py2-none-any.whl", "foo_bar-1.10-py3-none-any.whl",
        "foo_bar-1.10.tar.gz", "foo_bar-1.10rc1.tar.gz", "foo_bar-1.9.tar.gz",
    ]  # fmt: skip


@settings(deadline=None, max_examples=examples(100))
@given(
    st.permutations(
        [
            PageLink(f"foo_bar-{version}{end}", f"https://example.org/{version}{end}")
            for version in ("1.0", "1", "1.1", "2a1")
            for end in (".tar.gz", "-py3-none-any.whl", "-py2-none-any.whl")
        ]
    )
)
def test_order_of_the_page_makes_no_difference(links: list[PageLink]) -> None:
    page = build_page(links, name=pypi_name("foo-bar"), index="i")
    ordered = sorted(links, key=lambda link: link.file_name)
    assert page == build_page(ordered, name=pypi_name("foo-bar"), index="i")


def test_flat_page_leaves_other_projects_out_silently() -> None:
    names = ("foo-1.0.tar.gz", "foo-bar-1.0.tar.gz", "x.txt")
    links = [PageLink(name, f"https://example.org/{name}") for name in names]
    page = build_page(links, name=pypi_name("foo"), index="i", flat=True)
    assert [file.file_name for file in page.files] == ["foo-1.0.tar.gz"]
    assert page.skipped == ()


def test_merging_keeps_the_file_of_the_first_page() -> None:
    first = page_of('<a href="https://a.example.org/foo_bar-1.0.tar.gz">x</a>')
    second = page_of(
        '<a href="https://b.example.org/foo_bar-1.0.tar.gz">x</a><a href="foo_bar-2.0.tar.gz">x</a>'
    )
    urls = [file.url for file in merge_pages(first, second).files]
    assert urls == [f"{URL}foo_bar-2.0.tar.gz", "https://a.example.org/foo_bar-1.0.tar.gz"]
    assert (
        merge_pages(first, second, prefer_first=False).files[1].url
        == "https://b.example.org/foo_bar-1.0.tar.gz"
    )


REFUSED = [
    ("a page of another kind", "text/plain", "x",
     "the page of `foo-bar` is of an unknown type: `text/plain`"),
    ("newer HTML", "text/html", HTML.replace('"1.3"', '"2.0"'),
     "the index speaks version 2 of the simple API; this program reads version 1"),
    ("newer JSON", "application/vnd.pypi.simple.v1+json", '{"meta": {"api-version": "2.0"}, "files": []}',
     "the index speaks version 2 of the simple API; this program reads version 1"),
    ("broken JSON", "application/vnd.pypi.simple.v1+json", '{"files": 3}',
     "the index page is not what PEP 691 describes: Expected `array`, got `int` - at `$.files`"),
]  # fmt: skip


@table("kind, body, message", REFUSED)
def test_page_is_refused(kind: str, body: str, message: str) -> None:
    with pytest.raises(SourceError) as error:
        page_of(body, kind)
    assert error.value.message == message


FILE_NAMES = [
    "foo_bar-{}-py3-none-any.whl",
    "foo_bar-{}-cp311-cp311-win_amd64.whl",
    "Foo_Bar-{}-py2.py3-none-any.whl",
    "foo_bar-{}-1-py3-none-any.whl",
    "foo-bar-{}.tar.gz",
    "foo_bar-{}.zip",
    "foo_bar-{}.WHL",
    "other-{}.tar.gz",
    "foo_bar-{}-py3.egg",
    "foo_bar-{}\x07.tar.gz",
]
VERSIONS = ["1.0", "1.0.0", "01.0", "2.0rc1", "x"]
FILES = st.fixed_dictionaries(
    {
        "filename": st.builds(str.format, st.sampled_from(FILE_NAMES), st.sampled_from(VERSIONS)),
        "url": st.just("https://files.example.org/a/b.whl"),
        "hashes": st.just({"sha256": SHA}),
    },
    optional={
        "requires-python": st.sampled_from(["", ">=3.8"]),
        "yanked": st.sampled_from([True, False, "", "why"]),
        "size": st.integers(0, 9),
        "upload-time": st.sampled_from(["2024-02-03T04:05:06.7Z", "2024-02-03T04:05:06", "never", ""]),
        "core-metadata": st.sampled_from([True, False, {"sha256": SHA}]),
        "dist-info-metadata": st.sampled_from([True, {"sha256": SHA}]),
    },
)
UNPLAIN: list[dict[str, object]] = [
    {"url": "b.whl"},
    {"url": "https://files.example.org/b.whl#sha256=x"},
    {"url": "https://u:p@example.org/b.whl"},
    {"url": "https://example.org/a b"},
    {"url": "https://example.org/a\nhttps://example.org/b"},
    {"url": "ftp://a/b"},
    {"hashes": {}},
    {"hashes": {"md5": MD5}},
    {"hashes": {"sha256": SHA, "md5": MD5}},
    {"hashes": {"sha256": SHA[1:]}},
    {"hashes": {"sha256": SHA.upper()}},
    {"hashes": {"sha256": f"{SHA[1:]}\n"}},
    {"core-metadata": {"sha256": "00"}},
    {"core-metadata": {"md5": MD5}},
]


@given(st.lists(FILES, max_size=9), st.sampled_from(UNPLAIN), st.booleans())
def test_plain_pages_are_read_as_any_other(
    files: list[dict[str, object]], change: dict[str, object], is_changed: bool
) -> None:
    if is_changed and files:
        files = [*files[:-1], files[-1] | change]
    body = json.dumps({"meta": {"api-version": "1.1"}, "files": files})
    read = page_of(body, "application/json")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(simple_links, "_are_plain", lambda _: False)
        patch.setattr("resolver.metadata.simple_index.are_plain_addresses", lambda *_: False)
        assert read == page_of(body, "application/json")
    assert simple_links._are_plain(simple_links._JSON_DECODER.decode(body).files) <= (
        not is_changed or not files
    )


def test_digests_have_the_lengths_that_hashlib_gives_them() -> None:
    lengths = {name: 2 * (hashlib.new(name).digest_size or 32) for name in hashlib.algorithms_guaranteed}
    assert lengths == simple_links._HASHES
