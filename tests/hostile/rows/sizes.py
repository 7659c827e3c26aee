"""What never ends, is too large, or too slow."""

# ruff: noqa: E501 - rows are read across

from __future__ import annotations

import random

import zstandard

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
_GAP = ("is damaged: goes on for 16 MiB without a quote",)
_NOISE = random.Random(1).randbytes(65_536)  # noqa: S311
_PACKED_NOISE = zstandard.ZstdCompressor().compress(_NOISE)
_SKIPPED = b"\x50\x2a\x4d\x18" + (65_528).to_bytes(4, "little") + bytes(65_528)
_SLOW = ("comes too slowly",)

SIZES = (
    Row("a page of 10 GB in gzip", "page", lambda s: page(bomb("gzip"), headers={**HTML, **PACKED})(s), 3, _GROWS),
    Row("a JSON page of 10 GB in gzip", "page",
        lambda s: page_json(bomb("gzip"), headers={**JSON, **PACKED})(s), 3, _GROWS),
    Row("repodata of 10 GB in zstd", "repodata", lambda s: repodata_file(bomb("zstd"), ".zst")(s), 3, _DAMAGED),
    Row("repodata of 10 GB in bz2", "repodata",
        lambda s: (s.files.pop(f"{SUBDIR}/repodata.json"), repodata_file(bomb("bz2"), ".bz2")(s))[0], 3, _DAMAGED),
    Row("repodata of 10 GB in gzip", "repodata",
        lambda s: repodata_file(bomb("gzip"), headers=PACKED)(s), 3, _DAMAGED),
    Row("repodata with one value of 10 GB", "repodata",
        lambda s: repodata_file(bomb("zstd", before=b'{"packages": {"a": "'), ".zst")(s), 3, _DAMAGED),
    Row("repodata with a foreign key of 10 GB", "repodata",
        lambda s: repodata_file(bomb("zstd", before=b'{"other": {"a": "'), ".zst")(s), 3, _DAMAGED),
    Row("repodata of blanks without end", "repodata",
        lambda s: answer(f"{SUBDIR}/repodata.json", Answer(endless(b" " * 65_536)))(s), 3, _GAP),
    Row("repodata of blanks without end behind its first bracket", "repodata",
        lambda s: answer(f"{SUBDIR}/repodata.json", Answer(endless(b"\n" * 65_536, b"{")))(s), 3, _GAP),
    Row("repodata of one string without end", "repodata",
        lambda s: answer(f"{SUBDIR}/repodata.json", Answer(endless(b"x" * 65_536, b'{"packages": {"')))(s), 3, _GAP),
    Row("repodata of one number without end", "repodata",
        lambda s: answer(f"{SUBDIR}/repodata.json", Answer(endless(b"9" * 65_536, b'{"repodata_version": ')))(s), 3, _GAP),
    Row("repodata of noise without end behind zstd's mark", "repodata in zstd",
        lambda s: answer(f"{SUBDIR}/repodata.json.zst", Answer(endless(_NOISE, b"\x28\xb5\x2f\xfd")))(s), 3, _DAMAGED),
    Row("repodata of noise without end, packed as zstd packs it", "repodata in zstd",
        lambda s: answer(f"{SUBDIR}/repodata.json.zst", Answer(endless(_PACKED_NOISE)))(s), 3, _DAMAGED),
    Row("zstd frames to skip without end", "repodata in zstd",
        lambda s: answer(f"{SUBDIR}/repodata.json.zst", Answer(endless(_SKIPPED)))(s), 3, _DAMAGED),
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
