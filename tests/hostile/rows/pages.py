"""What a page says of its files."""

# ruff: noqa: E501 - rows are read across

from __future__ import annotations

from tests.hostile.rows.makers import (
    PACKED,
    PAGE,
    Row,
    answer,
    bomb,
    files_json,
    link,
    links,
    metadata_file,
    page_json,
)
from tests.hostile.world import Answer

PAGES = (
    Row("a version of 5,000 digits", "page", links(link(f"thing-{'9' * 5000}-py3-none-any.whl")), 0),
    Row("a declaration that is none", "page", links("<![foo[", "<!x"), 3, ("can't be read",)),
    Row("a Requires-Python of 5,000 digits", "page",
        links(link("thing-0.5-py3-none-any.whl", more=f' data-requires-python="&gt;={"9" * 5000}"')), 0),
    Row("a Requires-Python that is none", "page",
        links(link("thing-0.5-py3-none-any.whl", more=' data-requires-python="\x1b[31m((("')), 0),
    Row("a size below 0", "page",
        files_json({"filename": "thing-0.5-py3-none-any.whl", "url": "x", "hashes": {}, "size": -5}), 0),
    Row("a size of 5,000 digits", "page",
        page_json(b'{"files": [{"filename": "x", "url": "x", "hashes": {}, "size": ' + b"9" * 5000 + b"}]}"), 3,
        ("PEP 691",)),
    Row("a date of the year 99999", "page",
        files_json({"filename": "thing-0.5-py3-none-any.whl", "url": "x", "hashes": {}, "upload-time": "99999-01-01"}),
        0),
    Row("a date at the end of time", "page",
        files_json({"filename": "thing-0.5-py3-none-any.whl", "url": "x", "hashes": {},
                    "upload-time": "0001-01-01T00:00:00+23:59"}), 0),
    Row("a hash that is no hash", "page",
        files_json({"filename": "thing-0.5-py3-none-any.whl", "url": "x", "hashes": {"sha256": "\u00fc"}}), 0),
    Row("an escape in a file's name", "page", links(link("thing-\x1b[2J-py3-none-any.whl")), 0),
    Row("a wheel that is none", "wheel",
        answer(f"{PAGE}thing-2.0", Answer(b"garbage", headers={"Content-Type": "x"})), 3, ("its sha256 is",)),
    Row("a wheel that is empty", "wheel", answer(f"{PAGE}thing-2.0", Answer(b"")), 3, ("its sha256 is",)),
    Row("a wheel that is not there", "wheel", lambda s: s.files.pop(f"{PAGE}thing-2.0-py3-none-any.whl"), 3),
    # The wheel says the same, and is read instead.
    Row("METADATA of 10 GB", "METADATA", metadata_file(Answer(bomb("gzip"), headers=PACKED)), 0, version="2.0"),
)  # fmt: skip
