"""A made index on loopback: the projects that environment files ask pip for, so that many are locked offline.

Names and versions are those that the files name: every version of a specifier, one behind the newest, and
one before the oldest. What a release needs is drawn by its name: up to three of the projects that most files
name, one in twelve times with a bound that newer releases don't meet. So conflicts between pip lines are of
this index alone.
"""

from __future__ import annotations

import hashlib
import json
import random
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from tests.support.packages import metadata_text
from tests.support.server import LoopbackServer

JSON_PAGE = "application/vnd.pypi.simple.v1+json"
#: Projects that releases may need.
_COMMON = 60


def requirements_of(texts: Iterable[str]) -> list[Requirement]:
    """Return what list items and lines of texts name as pip does; what else stands there is left out."""
    found = []
    for text in texts:
        for line in text.splitlines():
            bare = re.sub(r"\s+#.*", "", line.strip().removeprefix("- ")).strip("\"' ")
            try:
                found.append(Requirement(bare))
            except InvalidRequirement:
                continue
    return found


def make_index(files: Iterable[Path], server: LoopbackServer) -> str:
    """Put pages and METADATA of the projects that files name onto a server; return its index's address."""
    asked = requirements_of(file.read_text(encoding="utf-8", errors="replace") for file in files)
    counts = Counter(str(canonicalize_name(one.name)) for one in asked)
    common = sorted(sorted(counts), key=lambda name: -counts[name])[:_COMMON]
    versions: dict[str, set[Version]] = {name: set() for name in counts}
    for one in asked:
        for part in one.specifier:
            try:
                versions[str(canonicalize_name(one.name))].add(Version(part.version.removesuffix(".*")))
            except InvalidVersion:
                continue
    lists = {name: _filled(found) for name, found in versions.items()}
    server.extra_headers["/simple/"] = {"Content-Type": JSON_PAGE}
    for name, releases in lists.items():
        rows: list[dict[str, Any]] = []
        for release in releases:
            file = f"{name.replace('-', '_')}-{release}-py3-none-any.whl"
            needs = list(_needs(name, release, common, lists))
            server.files[f"files/{file}.metadata"] = metadata_text(name, str(release), needs).encode()
            digest = hashlib.sha256(file.encode()).hexdigest()  # of its own: what a file says is known by it
            rows.append(
                {"filename": file, "url": f"{server.url}/files/{file}", "hashes": {"sha256": digest},
                 "core-metadata": True, "size": 1000}
            )  # fmt: skip
        page = {"meta": {"api-version": "1.1"}, "name": name, "files": rows,
                "versions": [str(release) for release in releases]}  # fmt: skip
        server.files[f"simple/{name}/"] = json.dumps(page).encode()
    return f"{server.url}/simple"


def _filled(named: set[Version]) -> list[Version]:
    """Return the versions with one before the oldest and one behind the newest."""
    newest = max(named, default=Version("1.0"))
    return sorted({*named, Version("0.0.1"), Version(f"{newest.epoch}!{newest.release[0] + 1}.0")})


def _needs(name: str, release: Version, common: list[str], lists: dict[str, list[Version]]) -> Iterable[str]:
    drawn = random.Random(f"{name} {release}")  # noqa: S311  (the same each time)
    for other in drawn.sample(common, drawn.randrange(4)):
        if other == name:
            continue
        bound = f"<{lists[other][-1]}" if drawn.random() < 1 / 12 else f">={lists[other][0]}"
        yield f"{other}{bound}"
