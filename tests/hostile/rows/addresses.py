"""Where a source sends us."""

# ruff: noqa: E501 - rows are read across

from __future__ import annotations

from tests.hostile.rows.makers import (
    PAGE,
    SUBDIR,
    Row,
    files_json,
    link,
    links,
)
from tests.hostile.world import RECORDS
from tests.support.channel import as_file, repodata

ADDRESSES = (
    Row("a redirect to a file", "page", lambda s: s.redirect(f"/{PAGE}", "file:///etc/passwd"), 3, ("not http",)),
    Row("a redirect to ftp", "page", lambda s: s.redirect(f"/{PAGE}", "ftp://127.0.0.1/x"), 3, ("not http",)),
    Row("a redirect to no address", "page", lambda s: s.redirect(f"/{PAGE}", "http://[::1/"), 3),
    Row("a redirect to a port of 5,000 digits", "page",
        lambda s: s.redirect(f"/{PAGE}", f"http://127.0.0.1:{'9' * 5000}/"), 3),
    Row("a redirect to port 99999", "page", lambda s: s.redirect(f"/{PAGE}", "http://127.0.0.1:99999/"), 3),
    Row("redirects in a circle", "page", lambda s: s.redirect(f"/{PAGE}", f"/{PAGE}x"), 3, ("redirects more than",)),
    Row("a wheel in a file", "page", links(link("file:///etc/thing-3.0-py3-none-any.whl")), 0),
    Row("an sdist that is a device", "page", links(link("file:///dev/zero#/thing-3.0.tar.gz")), 0),
    Row("a wheel in a file, in JSON", "page",
        files_json({"filename": "thing-3.0-py3-none-any.whl", "url": "file:///etc/x", "hashes": {}}), 0),
    Row("a wheel by ftp", "page", links(link("ftp://127.0.0.1/thing-3.0-py3-none-any.whl")), 0),
    Row("a wheel on a port that is none", "page", links(link("http://127.0.0.1:x/thing-3.0-py3-none-any.whl")), 0),
    Row("a wheel on a port of 5,000 digits", "page",
        links(link(f"http://127.0.0.1:{'9' * 5000}/thing-3.0-py3-none-any.whl")), 0),
    Row("a wheel at half an IPv6 address", "page", links(link("http://[::1/thing-3.0-py3-none-any.whl")), 0),
    Row("a wheel at a name that is no host", "page", links(link("http://a@[x]@/thing-3.0-py3-none-any.whl")), 0),
    Row("an address of a megabyte", "page", links(link("http://h/" + "a" * (1 << 20) + "/thing-3.0-py3-none-any.whl")),
        0),
    Row("a base that is a folder", "page", links('<base href="file:///etc/">'), 4),
    Row("repodata that keeps its packages in a folder", "repodata",
        lambda s: s.files.update({f"{SUBDIR}/repodata.json":
                                  as_file(repodata(RECORDS, info={"base_url": "file:///etc/"}), "")}),
        3, ("not http",)),
)  # fmt: skip
