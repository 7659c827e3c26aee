"""Fields of newer standards in pages, records and lists of shards, with values that they can't have."""

# ruff: noqa: E501 - rows are read across

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
import zstandard

from tests.hostile.rows.makers import HTML, Row, answer, files_json, metadata_file, odd_record, page_json
from tests.hostile.world import PAGE, RECORDS, SUBDIR, WHEELS, Answer, link, listing
from tests.support.channel import repodata
from tests.support.server import LoopbackServer

_WHEEL = WHEELS["2.0"][0]
_LIST = f"{SUBDIR}/repodata_shards.msgpack.zst"
_HEAD = b"Metadata-Version: 2.1\nName: thing\nVersion: 2.0\n"


def _deep(levels: int = 900) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for _ in range(levels):
        found = {"a": found}
    return found


def _file(**fields: Any) -> Callable[[LoopbackServer], None]:
    return files_json({"filename": _WHEEL, "url": _WHEEL, "hashes": {}, **fields})


def _meta(**fields: Any) -> Callable[[LoopbackServer], None]:
    files = [{"filename": _WHEEL, "url": _WHEEL, "hashes": {}}]
    return page_json({"meta": {"api-version": "1.1", **fields}, "name": "thing", "files": files})


def _keyed(key: str, **fields: Any) -> Callable[[LoopbackServer], None]:
    contents = repodata([*RECORDS])
    contents["packages.conda"][key] = odd_record(**fields)

    def put(server: LoopbackServer) -> None:
        server.files[f"{SUBDIR}/repodata.json"] = json.dumps(contents).encode()

    return put


def _listed(change: Callable[[dict[str, Any]], Mapping[str, Any]]) -> Callable[[LoopbackServer], None]:
    def put(server: LoopbackServer) -> None:
        data = zstandard.ZstdDecompressor().decompressobj().decompress(server.files[_LIST])
        changed = msgspec.msgpack.encode(change(msgspec.msgpack.decode(data)))
        server.files[_LIST] = zstandard.ZstdCompressor().compress(changed)

    return put


_ODD: Mapping[str, Any] = {
    "a number": 5,
    "a list": [],
    "a deep mapping": _deep(),
    "an escape": "\x1b[2J",
    "a script": "javascript:alert(1)",
    "a device": "file:///dev/zero",
}
_META: Mapping[str, Mapping[str, Any]] = {
    "tracks that are a number": {"tracks": 5},
    "tracks that are a device": {"tracks": ["file:///dev/zero"]},
    "a status that is a number": {"project-status": 7},
    "a status of 900 levels": {"project-status": _deep()},
}
_KEYS = {
    "that climbs": "../../../etc/thing-3.0-0.conda",
    "with an escape": "thing-3.0-\x1b[2J.conda",
    "with a NUL": "thing-3.0-\0.conda",
    "with a query": "thing-3.0-0.conda?x=../..#y",
    "that is an address": "https://evil.example/thing-3.0-0.conda",
    "that is a drive": "C:\\thing-3.0-0.conda",
    "of another name": "other-3.0-0.conda",
}
_RECORDS: Mapping[str, Mapping[str, Any]] = {
    "a subdir that climbs": {"subdir": "../.."},
    "an address that is a device": {"url": "file:///dev/zero"},
    "a licence of 5 MB": {"license": "x" * 5_000_000},
    "purls with an escape": {"purls": ["pkg:pypi/\x1b[2J"]},
    "purls that are a number": {"purls": 5},
    "a build that climbs": {"build": "../x"},
    "a build of 100,000 characters": {"build": "a" * 100_000},
    "a site-packages that climbs": {"python_site_packages_path": "../../../etc"},
    "run exports of 900 levels": {"run_exports": _deep()},
    "signatures of 900 levels": {"signatures": _deep()},
    "a constraint of 50,000 signs": {"constrains": ["python " + "<" * 50_000]},
    "a dependency on 5,000 extras": {"depends": [f"thing[extras=[{'a,' * 5000}]]"]},
    "a condition of 3,000 brackets": {"depends": [f'python[when="{"(" * 3000}"]']},
    "a dependency on a device": {"depends": ["file:///dev/zero::python"]},
}
_LISTS: Mapping[str, Callable[[dict[str, Any]], Mapping[str, Any]]] = {
    "hashes of one byte": lambda d: {**d, "shards": dict.fromkeys(d["shards"], b"x")},
    "hashes of a megabyte": lambda d: {**d, "shards": dict.fromkeys(d["shards"], b"x" * 1_000_000)},
    "hashes that climb": lambda d: {**d, "shards": dict.fromkeys(d["shards"], "../../x")},
    "shards above the server": lambda d: {**d, "info": {**d["info"], "shards_base_url": "../../../../.."}},
    "shards on a device": lambda d: {**d, "info": {**d["info"], "shards_base_url": "file:///dev/"}},
    "shards behind an escape": lambda d: {**d, "info": {**d["info"], "shards_base_url": "http://\x1b[2J/"}},
}
_METADATA = {
    "a requirement 200,000 times": _HEAD + b"Requires-Dist: a\n" * 200_000,
    "100,000 extras": _HEAD + b"".join(b"Provides-Extra: e%d\n" % number for number in range(100_000)),
    "a name of 500,000 characters": b"Metadata-Version: 2.1\nName: "
    + b"thing" * 100_000
    + b"\nVersion: 2.0\n",
    "a requirement that is an escape": _HEAD + b"Requires-Dist: \x1b[2J\n",
}

FIELDS: tuple[Row, ...] = (
    *(Row(f"provenance (PEP 740): {why}", "JSON page", _file(provenance=value), 0, version="2.0")
      for why, value in _ODD.items()),
    *(Row(f"core-metadata (PEP 714): {why}", "JSON page", _file(**{"core-metadata": value}), 3)
      for why, value in _ODD.items()),
    *(Row(f"meta of a page: {why}", "JSON page", _meta(**fields), 0, version="2.0") for why, fields in _META.items()),
    *(Row(f"a key of repodata {why}", "repodata", _keyed(key), 0) for why, key in _KEYS.items()),
    *(Row(f"a record with {why}", "repodata", _keyed("thing-3.0-0.conda", **fields), 0)
      for why, fields in _RECORDS.items()),
    *(Row(f"a list of shards: {why}", "list of shards", _listed(change), 3) for why, change in _LISTS.items()),
    *(Row(f"METADATA with {why}", "METADATA", metadata_file(Answer(text)), 0) for why, text in _METADATA.items()),
    Row("a page that sends us elsewhere by itself", "page", answer(PAGE, Answer(
        listing('<meta http-equiv=refresh content="0;url=file:///dev/zero">', link(_WHEEL)), headers=HTML)), 0, version="2.0"),
    Row("a page whose base is a folder of devices", "page", answer(PAGE, Answer(
        listing('<base href="file:///dev/">', link(_WHEEL)), headers=HTML)), 4),
    Row("a page in a charset that is none", "page", answer(PAGE, Answer(
        listing(link(_WHEEL)), headers={"Content-Type": "text/html; charset=zlib_codec"})), 0, version="2.0"),
)  # fmt: skip
