"""Generated universes as files behind a server, in every form and order that servers have."""

from __future__ import annotations

import html
import json
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from resolver.model.records import DistFile
from tests.oracles import universe_text
from tests.oracles.universes import Kind, Universe
from tests.support.channel import as_file, as_shards
from tests.support.packages import make_wheel
from tests.support.server import LoopbackServer

T = TypeVar("T")
JSON_PAGE = "application/vnd.pypi.simple.v1+json"
ONE_FILE, PACKED, SHARDED = "repodata.json", "repodata.json.zst", "repodata_shards.msgpack.zst"


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """How a universe is written: nothing of it may be seen in the answer."""

    seed: int | None = None  #: of the order of everything that a server may order; None: as generated
    channel_form: str = ONE_FILE
    json_pages: bool = False

    def ordered(self, values: Iterable[T], what: str) -> list[T]:
        """Return the values in this writing's order; ``what`` tells the places apart."""
        found = list(values)
        if self.seed is not None:
            random.Random(f"{self.seed} {what}").shuffle(found)  # noqa: S311 - wanted: a seed
        return found

    def mapping(self, values: Mapping[str, T], what: str) -> dict[str, T]:
        """Return a mapping in this writing's order."""
        return dict(self.ordered(values.items(), what))


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What a server serves (path -> bytes, headers by prefix), and the user's files (name -> text)."""

    served: Mapping[str, bytes]
    headers: Mapping[str, dict[str, str]] = field(default_factory=dict)
    inputs: Mapping[str, str] = field(default_factory=dict)

    def serve(self, server: LoopbackServer) -> None:
        """Let the server serve this and nothing else."""
        server.files, server.extra_headers = dict(self.served), dict(self.headers)


def write_universe(universe: Universe, base: str, writing: Writing) -> Written:
    """Write a universe for a server at ``base``: ``conda/CHANNEL``, ``simple/PROJECT/``, ``files/``."""
    inputs = {
        name: text.replace(universe_text.FILES, f"{base}/files/")
        for name, text in universe_text.environment_files(universe).items()
    }
    served = _channels(universe, writing) | _archives(universe)
    headers = {}
    for name, page in universe_text.project_pages(universe).items():
        files = writing.ordered(page.files, f"page {name}")
        path = f"simple/{name}/"
        if writing.json_pages:
            served[path] = _json_page(name, files, base, writing)
            headers[f"/{path}"] = {"Content-Type": JSON_PAGE}
        else:
            served[path] = _html_page(files, base)
    return Written(served=served, headers=headers, inputs=inputs)


def _channels(universe: Universe, writing: Writing) -> dict[str, bytes]:
    found = {}
    for channel, subdirs in universe_text.repodata(universe).items():
        for subdir, document in subdirs.items():
            what = f"{channel} {subdir}"
            document["packages.conda"] = writing.mapping(
                {
                    name: writing.mapping(entry, f"{what} {name}")
                    for name, entry in document["packages.conda"].items()
                },
                what,
            )
            folder = f"conda/{channel}/{subdir}"
            if writing.channel_form == SHARDED:
                files = as_shards({"removed": [], **document})
            else:
                files = {writing.channel_form: as_file(writing.mapping(document, what), writing.channel_form)}
            found |= {f"{folder}/{name}": data for name, data in files.items()}
    return found


def _archives(universe: Universe) -> dict[str, bytes]:
    """Return the METADATA file of each wheel, and the wheels that the root names directly."""
    found = {}
    for file_name, metadata in universe_text.core_metadata(universe).items():
        found[f"files/{file_name}.metadata"] = universe_text.metadata_text(metadata).encode()
    for key, package in universe.packages.items():
        if package.kind is Kind.PYPI and package.direct:
            candidate = package.candidates[0]
            wheel = make_wheel(
                key.removeprefix("pypi:"),
                candidate.version,
                candidate.texts,
                **({"requires_python": candidate.requires_python} if candidate.requires_python else {}),
            )
            found |= {f"files/direct/{name}": wheel for name in candidate.files}
    return found


def _html_page(files: Sequence[DistFile], base: str) -> bytes:
    lines = ["<!DOCTYPE html><html><body>"]
    for file in files:
        marks = ['data-core-metadata="true"']
        if file.requires_python:
            marks.append(f'data-requires-python="{html.escape(file.requires_python)}"')
        if file.yanked is not None:
            marks.append(f'data-yanked="{file.yanked}"')
        address = f"{base}/files/{file.file_name}#sha256={file.hashes['sha256']}"
        lines.append(f'<a href="{address}" {" ".join(marks)}>{file.file_name}</a><br>')
    return "\n".join([*lines, "</body></html>"]).encode()


def _json_page(name: str, files: Sequence[DistFile], base: str, writing: Writing) -> bytes:
    rows: list[dict[str, Any]] = []
    for file in files:
        row: dict[str, Any] = {
            "filename": file.file_name,
            "url": f"{base}/files/{file.file_name}",
            "hashes": dict(file.hashes),
            "requires-python": file.requires_python,
            "core-metadata": True,
            "yanked": False if file.yanked is None else file.yanked,
            "size": file.size,
        }
        rows.append(writing.mapping(row, f"row {file.file_name}"))
    document = {"meta": {"api-version": "1.1"}, "name": name, "files": rows}
    versions = sorted({file.version for file in files})
    document["versions"] = writing.ordered(versions, f"versions {name}")
    return json.dumps(writing.mapping(document, f"page keys {name}")).encode()
