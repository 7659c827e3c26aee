"""Every file of the sample index is real, and its pages say what PEP 503, 592, 658 and 714 ask."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import tarfile
import zipfile
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

from packaging.metadata import Metadata, parse_email
from packaging.utils import canonicalize_name, parse_wheel_filename
from packaging.version import Version

Link = tuple[str, dict[str, str]]


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[Link] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            attributes = {key: value or "" for key, value in attrs}
            self.found.append((attributes.pop("href"), attributes))


def _links(page: Path) -> list[Link]:
    parser = _Links()
    parser.feed(page.read_text())
    return parser.found


def _wheels(sample: Path) -> Iterator[tuple[Path, dict[str, str]]]:
    for page in sorted((sample / "pypi").glob("*/index.html")):
        for href, attributes in _links(page):
            path = page.with_name(href.split("#")[0])
            if path.suffix == ".whl":
                yield path, attributes


def test_pages_list_every_file_with_its_hash(sample: Path) -> None:
    pages = sorted((sample / "pypi").glob("*/index.html"))
    projects = [href.rstrip("/") for href, _ in _links(sample / "pypi" / "index.html")]
    assert projects == [page.parent.name for page in pages]
    for page in pages:
        assert page.parent.name == canonicalize_name(page.parent.name)
        named = set()
        for href, attributes in _links(page):
            name, _, fragment = href.partition("#sha256=")
            named.add(name)
            assert hashlib.sha256(page.with_name(name).read_bytes()).hexdigest() == fragment
            core = attributes.get("data-core-metadata")
            metadata = page.with_name(f"{name}.metadata")
            assert metadata.is_file() == (core is not None)
            if core:
                named.add(metadata.name)
                assert core == f"sha256={hashlib.sha256(metadata.read_bytes()).hexdigest()}"
        assert named == {path.name for path in page.parent.iterdir()} - {"index.html"}


def test_every_wheel_is_complete(sample: Path) -> None:
    count = 0
    for path, attributes in _wheels(sample):
        name, version, _, tags = parse_wheel_filename(path.name)
        stem = "-".join(path.name.split("-")[:2])
        with zipfile.ZipFile(path) as archive:
            members = {info: archive.read(info) for info in archive.namelist()}
        metadata = Metadata.from_email(members[f"{stem}.dist-info/METADATA"])
        assert (canonicalize_name(metadata.name), metadata.version) == (name, version)
        assert str(metadata.requires_python or "") == str(_specifiers(attributes.get("data-requires-python")))
        said = members[f"{stem}.dist-info/WHEEL"].decode().splitlines()
        assert {f"Tag: {tag}" for tag in tags} <= set(said)
        record = list(csv.reader(io.StringIO(members[f"{stem}.dist-info/RECORD"].decode())))
        assert {row[0] for row in record} == set(members)
        for member, digest, size in record:
            if not member.endswith("/RECORD"):
                true = base64.urlsafe_b64encode(hashlib.sha256(members[member]).digest()).decode()
                assert (digest, int(size)) == (f"sha256={true.rstrip('=')}", len(members[member]))
        beside = path.with_name(f"{path.name}.metadata")
        if beside.is_file():
            assert beside.read_bytes() == members[f"{stem}.dist-info/METADATA"]
        count += 1
    assert count > 250


def _specifiers(text: str | None) -> object:
    from packaging.specifiers import SpecifierSet

    return SpecifierSet(text) if text else ""


def test_some_wheels_have_a_metadata_file_and_some_have_none(sample: Path) -> None:
    shares = [("data-core-metadata" in attributes) for _, attributes in _wheels(sample)]
    assert 0.3 < sum(shares) / len(shares) < 0.7


def test_yanked_releases_keep_their_reason(sample: Path) -> None:
    marks = {path.name: attributes.get("data-yanked") for path, attributes in _wheels(sample)}
    yanked = {name: reason for name, reason in marks.items() if reason is not None}
    assert len(yanked) == 3
    assert yanked["pytest_timeout-2.5.0-py3-none-any.whl"] == "accidental breaking change (probably)"


def test_one_project_has_a_prerelease_that_is_its_newest(sample: Path) -> None:
    names = [path.name for path, _ in _wheels(sample) if path.parent.name == "protobuf"]
    versions = {parse_wheel_filename(name)[1] for name in names}
    assert max(versions) == Version("7.37.0rc1")
    assert len(versions) > 2


def test_one_project_has_a_static_source_archive_alone(sample: Path) -> None:
    (link,) = _links(sample / "pypi" / "antlr4-python3-runtime" / "index.html")
    archive = sample / "pypi" / "antlr4-python3-runtime" / link[0].split("#")[0]
    with tarfile.open(archive) as members:
        content = members.extractfile(f"{archive.name.removesuffix('.tar.gz')}/PKG-INFO")
        assert content is not None
        raw, unparsed = parse_email(content.read())
    assert not unparsed
    said = raw["metadata_version"], raw["name"], raw["version"]
    assert said == ("2.2", "antlr4-python3-runtime", "4.9.3")
    assert "dynamic" not in raw
