"""Makes conda channels of a few records, in every form that channels have."""

from __future__ import annotations

import bz2
import hashlib
import io
import json
import tarfile
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
import zstandard


def record(
    name: str, version: str = "1.0", build: str = "0", number: int = 0, **fields: Any
) -> dict[str, Any]:
    """A record as repodata.json writes it; the hashes are those of its own file name."""
    text = f"{name}-{version}-{build}".encode()
    return {
        "name": name,
        "version": version,
        "build": build,
        "build_number": number,
        "depends": [],
        "md5": hashlib.md5(text, usedforsecurity=False).hexdigest(),
        "sha256": hashlib.sha256(text).hexdigest(),
        "size": len(text),
        "timestamp": 1_700_000_000_000 + number,
        "subdir": "linux-64",
    } | fields


def make_archive(entry: Mapping[str, Any]) -> bytes:
    """Return a ``.tar.bz2`` of the record, with one file in it."""
    name = f"share/{entry['name']}.txt"
    text = f"{entry['name']} {entry['version']}\n".encode()
    digest = hashlib.sha256(text).hexdigest()
    path = {"_path": name, "path_type": "hardlink", "sha256": digest, "size_in_bytes": len(text)}
    index = {key: entry[key] for key in ("name", "version", "build", "build_number", "depends", "subdir")}
    members = {
        "info/files": f"{name}\n".encode(),
        "info/index.json": json.dumps(index).encode(),
        "info/paths.json": json.dumps({"paths": [path], "paths_version": 1}).encode(),
        name: text,
    }
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:bz2") as archive:
        for member, data in members.items():
            info = tarfile.TarInfo(member)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def with_archive(entry: Mapping[str, Any]) -> tuple[dict[str, Any], bytes]:
    """Return the record with the hashes of an archive of it, and that archive."""
    data = make_archive(entry)
    hashes = {
        "md5": hashlib.md5(data, usedforsecurity=False).hexdigest(),
        "sha256": hashlib.sha256(data).hexdigest(),
        "size": len(data),
    }
    return {**entry, **hashes}, data


def file_name(entry: Mapping[str, Any], suffix: str = ".conda") -> str:
    return f"{entry['name']}-{entry['version']}-{entry['build']}{suffix}"


def repodata(
    conda: Iterable[Mapping[str, Any]] = (),
    tar: Iterable[Mapping[str, Any]] = (),
    *,
    info: Mapping[str, Any] | None = None,
    removed: Iterable[str] = (),
    **more: Any,
) -> dict[str, Any]:
    """The contents of a repodata.json."""
    return {
        "info": {"subdir": "linux-64", **(info or {})},
        "packages": {file_name(entry, ".tar.bz2"): dict(entry) for entry in tar},
        "packages.conda": {file_name(entry): dict(entry) for entry in conda},
        "removed": list(removed),
        "repodata_version": 1,
    } | more


def as_file(contents: Mapping[str, Any], name: str) -> bytes:
    """The bytes of one-file repodata under this file name."""
    data = json.dumps(contents).encode()
    if name.endswith(".zst"):
        return zstandard.ZstdCompressor().compress(data)
    return bz2.compress(data) if name.endswith(".bz2") else data


def as_shards(
    contents: Mapping[str, Any], *, folder: str = "shards/", info: Mapping[str, Any] | None = None
) -> dict[str, bytes]:
    """File name in the subdir -> bytes, for the sharded form of the same contents."""
    sections = ("packages", "packages.conda")
    names = sorted({entry["name"] for section in sections for entry in contents[section].values()})
    files, hashes = {}, {}
    for name in names:
        shard: dict[str, Any] = {"removed": list(contents["removed"])}
        for section in sections:
            chosen = {file: entry for file, entry in contents[section].items() if entry["name"] == name}
            shard[section] = {file: _with_bytes(entry) for file, entry in chosen.items()}
        data = zstandard.ZstdCompressor().compress(msgspec.msgpack.encode(shard))
        hashes[name] = hashlib.sha256(data).digest()
        files[f"{folder}{hashes[name].hex()}.msgpack.zst"] = data
    listed = {
        "version": 1,
        "info": {"subdir": "linux-64", "base_url": "", "shards_base_url": f"./{folder}", **(info or {})},
        "shards": hashes,
    }
    files["repodata_shards.msgpack.zst"] = zstandard.ZstdCompressor().compress(msgspec.msgpack.encode(listed))
    return files


def _with_bytes(entry: Mapping[str, Any]) -> dict[str, Any]:
    packed = {key: bytes.fromhex(entry[key]) for key in ("md5", "sha256") if entry.get(key)}
    return {**entry, **packed}
