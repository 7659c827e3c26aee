"""Where a project came from if not from an index (PEP 610), which an installer of a bare file can't know."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from lockfiles.environments.fetching import Fetched
from lockfiles.environments.installed import PresentProject
from lockfiles.environments.planning import archive_of
from lockfiles.environments.record_rows import encode_rows, read_rows
from lockfiles.environments.relocation import replace_file
from resolver.model.requirements import DirectKind
from resolver.model.resolution import PypiPin

_NAME = "direct_url.json"


def write_origins(
    prefix: Path,
    folder: Path,
    pins: Iterable[PypiPin],
    came: Iterable[PresentProject],
    fetched: Mapping[str, Fetched],
) -> None:
    """Write ``direct_url.json`` of each project that was asked for by the address of an archive.

    ``folder``: where paths in the lockfile start. Raises OSError.
    """
    folders = {project.name: project.folder for project in came}
    for pin in pins:
        direct = pin.direct
        if direct is None or direct.kind is not DirectKind.ARCHIVE or archive_of(pin) is None:
            continue
        place = folders.get(pin.name)
        if place is None:
            continue
        url = direct.url or (folder / (direct.path or "")).absolute().as_uri()
        digest = fetched[f"pip {pin.name}"].sha256
        archive = {"hash": f"sha256={digest}", "hashes": {"sha256": digest}}
        value: dict[str, object] = {"url": url, "archive_info": archive}
        if direct.subdirectory:
            value["subdirectory"] = direct.subdirectory
        _add_file(prefix / place, json.dumps(value).encode("utf-8"))


def _add_file(folder: Path, data: bytes) -> None:
    """Put the file into a metadata folder, and into its RECORD."""
    (folder / _NAME).write_bytes(data)
    record = folder / "RECORD"
    if not record.is_file():
        return
    own = f"{folder.name}/{_NAME}"
    rows = [row for row in read_rows(record) if row[0] != own]
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
    replace_file(record, encode_rows([*rows, [own, f"sha256={digest}", str(len(data))]]))
