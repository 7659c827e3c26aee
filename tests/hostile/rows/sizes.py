"""What never ends, is too large, or too slow."""

# ruff: noqa: E501 - rows are read across

from __future__ import annotations

from tests.hostile.rows.makers import (
    HTML,
    JSON,
    PACKED,
    PAGE,
    SUBDIR,
    Row,
    answer,
    bomb,
    endless,
    endless_head,
    page,
    page_json,
    repodata_file,
    slow_head,
    trickle,
)
from tests.hostile.world import Answer

_GROWS = ("grows more than 200 times when decompressed",)
_LARGE = ("is larger than 64 MiB",)
_DAMAGED = ("is damaged",)
_SLOW = ("comes too slowly",)

SIZES = (
    Row("a page of 10 GB in gzip", "page", lambda s: page(bomb("gzip"), headers={**HTML, **PACKED})(s), 3, _GROWS),
    Row("a JSON page of 10 GB in gzip", "page",
        lambda s: page_json(bomb("gzip"), headers={**JSON, **PACKED})(s), 3, _GROWS),
    Row("repodata of 10 GB in zstd", "repodata", lambda s: repodata_file(bomb("zstd"), ".zst")(s), 3, _DAMAGED),
    Row("repodata of 10 GB in bz2", "repodata",
        lambda s: (s.files.pop(f"{SUBDIR}/repodata.json"), repodata_file(bomb("bz2"), ".bz2")(s))[0], 3, _DAMAGED),
    Row("repodata of 10 GB in gzip", "repodata",
        lambda s: repodata_file(bomb("gzip"), headers=PACKED)(s), 3, _GROWS),
    Row("repodata with one value of 10 GB", "repodata",
        lambda s: repodata_file(bomb("zstd", before=b'{"packages": {"a": "'), ".zst")(s), 3, _DAMAGED),
    Row("repodata with a foreign key of 10 GB", "repodata",
        lambda s: repodata_file(bomb("zstd", before=b'{"other": {"a": "'), ".zst")(s), 3, _DAMAGED),
    Row("a list of shards of 10 GB in zstd", "list of shards",
        lambda s: answer(f"{SUBDIR}/repodata_shards.msgpack.zst", Answer(bomb("zstd")))(s), 3, _DAMAGED),
    Row("a page of 2 GB, announced", "page", page(b"<html>", length=2 << 30), 3, _LARGE),
    Row("a page of 2 GB, not announced", "page",
        answer(PAGE, Answer(endless(b"<!-- " + bytes(65531)), headers=HTML)), 3, _LARGE),
    Row("a page whose size has 5,000 digits", "page",
        answer(PAGE, Answer(b"<html>", headers={**HTML, "Content-Length": "9" * 5000}, length=None)), 3),
    Row("a page a byte a second", "page", answer(PAGE, Answer(trickle(b"<html>"), headers=HTML)), 3, _SLOW),
    Row("repodata a byte a second", "repodata",
        answer(f"{SUBDIR}/repodata.json", Answer(trickle(b'{"packages": {'))), 3, _SLOW),
    Row("a header a byte at a time", "page", lambda s: s.misbehave(slow_head, f"/{PAGE}"), 3, _SLOW),
    Row("informational answers without end", "page", lambda s: s.misbehave(endless_head, f"/{PAGE}"), 3,
        ("goes on and on",)),
    Row("a million links", "page", page(b"<html>" + b"<a href=x>" * 1_000_000 + b"</html>"), 3),
)  # fmt: skip
