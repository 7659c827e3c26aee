"""The embedded sample behind a server, in every form and order that servers have."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

from pypi_simple import ProjectPage

from tests.cli.process import SAMPLE
from tests.end_to_end.written import JSON_PAGE, SHARDED, Writing, Written
from tests.support.channel import as_file, as_shards

_LINK = re.compile(r"(?m)^<a href=.*$")


@cache
def _sample_files() -> dict[str, bytes]:
    """Return path -> bytes of the whole sample but for repodata."""
    return {
        path.relative_to(SAMPLE).as_posix(): path.read_bytes()
        for path in sorted(SAMPLE.rglob("*"))
        if path.is_file() and not path.name.startswith(("repodata", "."))
    }


@cache
def write_sample(writing: Writing) -> Written:
    """Write the sample for a server: ``conda/CHANNEL`` and ``pypi/PROJECT/``."""
    served, headers = dict(_sample_files()), {}
    for path in sorted((SAMPLE / "conda").rglob("repodata.json")):
        folder = path.parent.relative_to(SAMPLE).as_posix()
        document: dict[str, Any] = json.loads(path.read_bytes())
        for section in ("packages", "packages.conda"):
            document[section] = writing.mapping(document[section], f"{folder} {section}")
        if writing.channel_form == SHARDED:
            files = as_shards({"removed": [], **document})
        else:
            files = {writing.channel_form: as_file(writing.mapping(document, folder), writing.channel_form)}
        served |= {f"{folder}/{name}": data for name, data in files.items()}
    for path in sorted((SAMPLE / "pypi").glob("*/index.html")):
        project = path.parent.name
        page, place = path.read_text(), f"pypi/{project}/"
        if writing.json_pages:
            served[place] = _json_page(page, project, writing)
            headers[f"/{place}"] = {"Content-Type": JSON_PAGE}
            del served[f"{place}index.html"]
        else:
            links = iter(writing.ordered(_LINK.findall(page), project))
            served[f"{place}index.html"] = _LINK.sub(lambda _, links=links: next(links), page).encode()
    return Written(served=served, headers=headers)


def _json_page(page: str, project: str, writing: Writing) -> bytes:
    """Return a PEP 503 page as PEP 691 has it; addresses stay relative."""
    rows = []
    for link in ProjectPage.from_html(project, page).packages:
        row: dict[str, Any] = {
            "filename": link.filename,
            "url": link.filename,
            "hashes": dict(link.digests),
            "requires-python": link.requires_python,
            "yanked": link.yanked_reason or link.is_yanked,
        }
        if link.has_metadata:
            row["core-metadata"] = link.metadata_digests or True
        rows.append(writing.mapping(row, f"row {link.filename}"))
    document = {
        "meta": {"api-version": "1.0"},
        "name": project,
        "files": writing.ordered(rows, f"page {project}"),
    }
    return json.dumps(writing.mapping(document, f"keys {project}")).encode()
