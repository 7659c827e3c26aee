"""Sample index: wheels, one source archive, and pages as PEP 503 has them."""

from __future__ import annotations

import base64
import hashlib
import html
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from packaging.utils import canonicalize_name, parse_wheel_filename

from sample.containers import pack_gzip, pack_tar, pack_zip

Row = Mapping[str, Any]


def make_index(rows: Sequence[Row]) -> Iterator[tuple[str, bytes]]:
    """Yield (path below the index, content) of every page, distribution and metadata file."""
    projects: dict[str, list[str]] = {}
    for row in rows:
        project = str(canonicalize_name(row["name"]))
        links = projects.setdefault(project, [])
        for file_name, content in _distributions(row):
            yield f"{project}/{file_name}", content
            metadata = _metadata(row) if row.get("metadata_file") and file_name.endswith(".whl") else None
            if metadata is not None:
                yield f"{project}/{file_name}.metadata", metadata
            links.append(_link(row, file_name, content, metadata))
    for project, links in sorted(projects.items()):
        yield f"{project}/index.html", _page(f"Links for {project}", links)
    names = [f'<a href="{project}/">{project}</a>' for project in sorted(projects)]
    yield "index.html", _page("Simple index", names)


def _distributions(row: Row) -> Iterator[tuple[str, bytes]]:
    for file_name in row["wheels"]:
        yield file_name, _wheel(row, file_name)
    if row.get("sdist"):
        stem = f"{row['name']}-{row['version']}"
        yield f"{stem}.tar.gz", _source_archive(row, stem)


def _metadata(row: Row, version: str = "2.1") -> bytes:
    """Return core metadata (PEP 566, PEP 643 where ``version`` is 2.2), without a description."""
    lines = [f"Metadata-Version: {version}", f"Name: {row['name']}", f"Version: {row['version']}"]
    lines.append("Summary: Stand-in of the sample index: the metadata is real, the content is not")
    if "requires_python" in row:
        lines.append(f"Requires-Python: {row['requires_python']}")
    lines += [f"Provides-Extra: {extra}" for extra in row.get("extras", ())]
    lines += [f"Requires-Dist: {requirement}" for requirement in row.get("requires_dist", ())]
    return ("\n".join(lines) + "\n").encode()


def _wheel(row: Row, file_name: str) -> bytes:
    """Return a wheel with one module (PEP 427): METADATA, WHEEL and a RECORD of true hashes."""
    stem = "-".join(file_name.split("-")[:2])
    *_, tags = parse_wheel_filename(file_name)
    pure = all(tag.platform == "any" for tag in tags)
    wheel = ["Wheel-Version: 1.0", "Generator: lockstack-sample", f"Root-Is-Purelib: {str(pure).lower()}"]
    wheel += sorted(f"Tag: {tag}" for tag in tags)
    members = {
        f"{_module(row)}.py": _module_text(row),
        f"{stem}.dist-info/METADATA": _metadata(row),
        f"{stem}.dist-info/WHEEL": ("\n".join(wheel) + "\n").encode(),
    }
    record = f"{stem}.dist-info/RECORD"
    lines = [f"{name},sha256={_record_hash(content)},{len(content)}\n" for name, content in members.items()]
    return pack_zip(members | {record: "".join([*lines, f"{record},,\n"]).encode()})


def _source_archive(row: Row, stem: str) -> bytes:
    """Return a source archive whose PKG-INFO is static (PEP 643: nothing is ``Dynamic``)."""
    project = f'[project]\nname = "{row["name"]}"\nversion = "{row["version"]}"\n'
    build = '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n\n'
    return pack_gzip(pack_tar({
        f"{stem}/PKG-INFO": _metadata(row, "2.2"),
        f"{stem}/pyproject.toml": (build + project).encode(),
        f"{stem}/{_module(row)}.py": _module_text(row),
    }))  # fmt: skip


def _module(row: Row) -> str:
    return str(canonicalize_name(row["name"])).replace("-", "_")


def _module_text(row: Row) -> bytes:
    return f'"""Stand-in for {row["name"]}."""\n\n__version__ = "{row["version"]}"\n'.encode()


def _record_hash(content: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()


def _link(row: Row, file_name: str, content: bytes, metadata: bytes | None) -> str:
    """Return one anchor (PEP 503, 592, 658, 714)."""
    attributes = {"href": f"{file_name}#sha256={hashlib.sha256(content).hexdigest()}"}
    if "requires_python" in row:
        attributes["data-requires-python"] = row["requires_python"]
    if metadata is not None:
        attributes["data-core-metadata"] = f"sha256={hashlib.sha256(metadata).hexdigest()}"
    if "yanked" in row:
        attributes["data-yanked"] = row["yanked"]
    written = " ".join(f'{key}="{html.escape(value)}"' for key, value in attributes.items())
    return f"<a {written}>{file_name}</a>"


def _page(title: str, links: Sequence[str]) -> bytes:
    version = '<meta name="pypi:repository-version" content="1.0">'
    head = f"<html><head>{version}<title>{title}</title></head><body>"
    lines = ["<!DOCTYPE html>", head, f"<h1>{title}</h1>"]
    return "\n".join([*lines, *(f"{link}<br/>" for link in links), "</body></html>\n"]).encode()
