"""Answers that are none."""

# ruff: noqa: E501 - rows are read across

from __future__ import annotations

import gzip

import zstandard

from tests.hostile.rows.makers import (
    HTML,
    PACKED,
    SUBDIR,
    Row,
    answer,
    page,
    page_json,
    repodata_file,
)
from tests.hostile.world import RECORDS, Answer
from tests.support.channel import as_file, repodata

_DAMAGED = ("is damaged",)

ANSWERS = (
    Row("204 for a page", "page", page(b"", status=204, length=None), 3, ("204",)),
    Row("206 for a whole page", "page", page(b"<html>", status=206), 3, ("206",)),
    Row("304 without having been asked", "page", page(b"", status=304, length=None), 3, ("304",)),
    Row("an empty page", "page", page(b""), 3, ("nothing in it",)),
    Row("a page of blanks", "page", page(b" \n"), 3, ("no index page",)),
    Row("a login page", "page",
        page(b"<html><title>Log in</title><form action=/login><input type=password><a href=/forgot>x</a></form></html>"),
        3, ("no index page",)),
    Row("a page that says it is an error", "page", page(b"<html><h1>Error</h1></html>"), 3, ("no index page",)),
    Row("a page cut in half, its end the connection's", "page",
        page(b"<!DOCTYPE html><html><body><a href=thing-1.0-py3-none-any.whl>thing</a>\n<a hre", length=None), 3,
        ("ends too early",)),
    Row("a page in gzip cut in half", "page",
        page(gzip.compress(b"<html>" + bytes(range(256)) * 99)[:300], headers={**HTML, **PACKED}), 3, ("too early",)),
    Row("a page in an unknown encoding", "page", page(b"x", headers={**HTML, "Content-Encoding": "br"}), 3,
        ("not asked for",)),
    Row("JSON that is HTML", "page", page_json(b"<html></html>"), 3, ("PEP 691",)),
    Row("JSON of an error", "page", page_json({"error": "log in"}), 3, ("PEP 691",)),
    Row("JSON cut in half", "page", page_json(b'{"files": [{"filename": "thing-1.0'), 3, ("PEP 691",)),
    Row("JSON of 100,000 brackets", "page", page_json(b'{"files": ' + b"[" * 100_000), 3, ("PEP 691",)),
    Row("JSON of a version with 5,000 digits", "page",
        page_json({"meta": {"api-version": "9" * 5000}, "files": []}), 3, ("simple API",)),
    Row("a project without files that says so", "page",
        page(b"<!DOCTYPE html><html><title>Links for thing</title><h1>Links for thing</h1></html>"), 4),
    Row("a project without files in JSON", "page", page_json({"meta": {"api-version": "1.0"}, "files": []}), 4),
    Row("a page of a type that is none", "page", page(b"x", headers={"Content-Type": "x/\x7fy"}), 3, ("type",)),
    Row("a page in a character set that is none", "page", page(b"x", headers={"Content-Type": "text/html; charset=x"}),
        3, ("no index page",)),
    Row("a page in a character set that isn't text", "page",
        page(b"x", headers={"Content-Type": "text/html; charset=hex"}), 3, ("no index page",)),
    Row("204 for repodata", "repodata", repodata_file(b"", status=204, length=None), 3, ("204",)),
    Row("empty repodata", "repodata", repodata_file(b""), 3, ("nothing in it",)),
    Row("HTML for repodata", "repodata", repodata_file(b"<html>log in</html>"), 3, _DAMAGED),
    Row("an error in JSON for repodata", "repodata", repodata_file(b'{"error": "log in"}'), 3, _DAMAGED),
    Row("a list for repodata", "repodata", repodata_file(b"[]"), 3, _DAMAGED),
    Row("repodata cut in half", "repodata", repodata_file(as_file(repodata(RECORDS), "")[:300]), 3, _DAMAGED),
    Row("repodata of 100,000 brackets", "repodata", repodata_file(b'{"packages": ' + b"[" * 100_000), 3, _DAMAGED),
    Row("a value of 100,000 brackets in repodata", "repodata",
        repodata_file(b'{"packages": {"a": ' + b"[" * 100_000), 3, _DAMAGED),
    Row("repodata that is no text", "repodata", repodata_file(bytes(range(256)) * 10), 3, _DAMAGED),
    Row("garbage for the list of shards", "list of shards",
        answer(f"{SUBDIR}/repodata_shards.msgpack.zst", Answer(b"garbage")), 3, _DAMAGED),
    Row("a list of shards that is a number", "list of shards",
        answer(f"{SUBDIR}/repodata_shards.msgpack.zst", Answer(zstandard.compress(b"\x05"))), 3, _DAMAGED),
    Row("a list of shards nested 100,000 times", "list of shards",
        answer(f"{SUBDIR}/repodata_shards.msgpack.zst", Answer(zstandard.compress(b"\x91" * 100_000))), 3, _DAMAGED),
    Row("a list of shards with a date of the year 10^12", "list of shards",
        answer(f"{SUBDIR}/repodata_shards.msgpack.zst",
               Answer(zstandard.compress(b"\x81\xa1x\xc7\x0c\xff\x00\x00\x00\x00" + b"\x7f" * 8))), 3, _DAMAGED),
    Row("500 for ever", "page", page(b"no", status=500), 3, ("500",)),
    Row("a status of 999", "page", page(b"no", status=999), 3, ("999",)),
)  # fmt: skip
