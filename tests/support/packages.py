"""Small wheels and sdists, made in memory."""

from __future__ import annotations

import base64
import hashlib
import io
import random
import tarfile
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path


def metadata_text(name: str, version: str, requires: Sequence[str] = (), **headers: str) -> str:
    """Return a METADATA file; ``headers`` with ``_`` for ``-``."""
    lines = [
        f"Metadata-Version: {headers.pop('metadata_version', '2.1')}",
        f"Name: {name}",
        f"Version: {version}",
    ]
    lines += [f"{key.replace('_', '-').title()}: {value}" for key, value in headers.items()]
    lines += [f"Requires-Dist: {text}" for text in requires]
    return "\n".join([*lines, "", "A description.", ""])


def make_wheel(
    name: str,
    version: str,
    requires: Sequence[str] = (),
    *,
    padding: int = 0,
    metadata_first: bool = False,
    files: Mapping[str, bytes] | None = None,
    comment: bytes = b"",
    **headers: str,
) -> bytes:
    """Return a wheel; ``padding`` bytes of noise stand after METADATA if that is first, else before."""
    escaped = name.replace("-", "_")
    info = f"{escaped}-{version}.dist-info"
    content = {f"{info}/METADATA": metadata_text(name, version, requires, **headers).encode()}
    noise = {f"{escaped}/noise.bin": random.Random(0).randbytes(padding)} if padding else {}  # noqa: S311
    members = {**content, **noise} if metadata_first else {**noise, **content}
    members |= {
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        **(files or {}),
    }
    record = [
        f"{path},sha256={base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip('=')},{len(data)}"
        for path, data in members.items()
    ]
    members[f"{info}/RECORD"] = "\n".join([*record, f"{info}/RECORD,,", ""]).encode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in members.items():
            archive.writestr(zipfile.ZipInfo(path, (2024, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)
        archive.comment = comment
    return buffer.getvalue()


def make_tar(members: Mapping[str, bytes]) -> bytes:
    """Return a ``.tar.gz`` of the members."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for path, data in members.items():
            info = tarfile.TarInfo(path)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def make_sdist(name: str, version: str, files: Mapping[str, str]) -> bytes:
    """Return an sdist with ``files`` in its top folder."""
    top = f"{name.replace('-', '_')}-{version}"
    return make_tar({f"{top}/{path}": text.encode() for path, text in files.items()})


def make_page(
    files: Mapping[str, bytes], *, attributes: Mapping[str, str] | None = None, hashes: bool = True
) -> bytes:
    """Return a PEP 503 page for files that lie beside it."""
    lines = ["<!DOCTYPE html><html><body>"]
    for name, data in files.items():
        fragment = f"#sha256={hashlib.sha256(data).hexdigest()}" if hashes else ""
        lines.append(f'<a href="{name}{fragment}"{(attributes or {}).get(name, "")}>{name}</a>')
    return "\n".join([*lines, "</body></html>"]).encode()


def index_files(projects: Mapping[str, Mapping[str, bytes]], root: str = "simple") -> dict[str, bytes]:
    """Return the files of an index: a page for each project, and its archives beside it."""
    found: dict[str, bytes] = {}
    for project, files in projects.items():
        found[f"{root}/{project}/index.html"] = make_page(files)
        found |= {f"{root}/{project}/{name}": data for name, data in files.items()}
    return found


def write_index(folder: Path, releases: Mapping[str, Mapping[str, Sequence[str]]]) -> Path:
    """Write an index of wheels into a folder; return the address (a path) to ask.

    ``releases``: project to version to requirements.
    """
    projects = {
        name: {f"{name}-{v}-py3-none-any.whl": make_wheel(name, v, list(needs)) for v, needs in of.items()}
        for name, of in releases.items()
    }
    for path, body in index_files(projects).items():
        place = folder / path / "index.html" if path.endswith("/") else folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(body)
    return folder / "simple"
