"""Sample channels: conda archives and the repodata that lists them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sample.containers import pack_bz2, pack_tar, pack_zip, pack_zstd
from sample.launchers import PIP, python_launcher

Row = Mapping[str, Any]

#: Keys of a row that go into ``info/index.json`` and repodata as they are.
_RECORD_KEYS = (
    "build", "build_number", "constrains", "depends", "features", "license", "name", "noarch",
    "timestamp", "track_features", "version",
)  # fmt: skip
#: Packages whose project has another name on the index.
_PROJECTS = {"pytorch": "torch", "torchtriton": "triton"}
#: Both subdirs and an empty one: clients ask for these of every channel that ``defaults`` names.
_ALWAYS = (("pkgs/r", "linux-64"), ("pkgs/r", "noarch"), ("pkgs/r", "osx-arm64"),
           ("pkgs/main", "osx-arm64"), ("pytorch", "osx-arm64"), ("nvidia", "osx-arm64"))  # fmt: skip


def make_channels(groups: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, bytes]]:
    """Yield (path below the channel alias, content) of every file of every channel."""
    for group in groups:
        yield from _make_subdir(group["channel"], group["subdir"], group["rows"])
    for channel, subdir in _ALWAYS:
        yield from _make_subdir(channel, subdir, ())


def _make_subdir(channel: str, subdir: str, rows: Sequence[Row]) -> Iterator[tuple[str, bytes]]:
    listed: dict[str, dict[str, Any]] = {"packages": {}, "packages.conda": {}}
    for row in rows:
        stem = f"{row['name']}-{row['version']}-{row['build']}"
        file_name = f"{stem}.{row['type']}"
        archive = _make_archive(row, stem, subdir)
        record = _index_json(row, subdir)
        record["md5"] = hashlib.md5(archive, usedforsecurity=False).hexdigest()
        record["sha256"] = hashlib.sha256(archive).hexdigest()
        record["size"] = len(archive)
        listed["packages.conda" if row["type"] == "conda" else "packages"][file_name] = record
        yield f"{channel}/{subdir}/{file_name}", archive
    repodata = {"info": {"subdir": subdir}, **listed, "removed": [], "repodata_version": 1}
    text = json.dumps(repodata, indent=1, sort_keys=True) + "\n"
    yield f"{channel}/{subdir}/repodata.json", text.encode()


def _index_json(row: Row, subdir: str) -> dict[str, Any]:
    record = {key: row[key] for key in _RECORD_KEYS if key in row}
    return record | {"subdir": subdir}


def _make_archive(row: Row, stem: str, subdir: str) -> bytes:
    """Return a package of either format with ``info/`` and one or two files of payload."""
    payload = _payload(row)
    info = {
        "info/files": "".join(f"{name}\n" for name in sorted(payload)).encode(),
        "info/index.json": _compact(_index_json(row, subdir)),
        "info/paths.json": _compact({"paths": [_path_entry(name, payload[name]) for name in sorted(payload)],
                                     "paths_version": 1}),
    }  # fmt: skip
    if row.get("noarch") == "python":
        info["info/link.json"] = _compact({"noarch": {"type": "python"}, "package_metadata_version": 1})
    if row["type"] == "tar.bz2":
        return pack_bz2(pack_tar(info | payload))
    return pack_zip({
        "metadata.json": _compact({"conda_pkg_format_version": 2}),
        f"pkg-{stem}.tar.zst": pack_zstd(pack_tar(payload)),
        f"info-{stem}.tar.zst": pack_zstd(pack_tar(info)),
    })  # fmt: skip


def _payload(row: Row) -> dict[str, bytes]:
    """Return the files that the package installs: a module with its metadata, or a note.

    Python is a launcher of one of the machine's own, and pip runs that one's pip.
    """
    python = _site_packages(row)
    name, version = row["name"], row["version"]
    if name == "python":
        minor = ".".join(version.split(".")[:2])
        launcher = python_launcher(version)
        return {f"bin/{command}": launcher for command in ("python", "python3", f"python{minor}")}
    if python is None:
        return {f"share/lockstack-sample/{name}.txt": f"{name} {version} {row['build']}\n".encode()}
    project = _PROJECTS.get(name, name)
    module = project.replace("-", "_").replace(".", "_")
    text = f'"""Stand-in for {name}."""\n\n__version__ = "{version}"\n'.encode()
    parts = (
        {f"{python}/pip/__init__.py": text, f"{python}/pip/__main__.py": PIP}
        if name == "pip"
        else {f"{python}/{module}.py": text}
    )
    return parts | {
        f"{python}/{module}-{version}.dist-info/METADATA":
            f"Metadata-Version: 2.1\nName: {project}\nVersion: {version}\n".encode(),
    }  # fmt: skip


def _site_packages(row: Row) -> str | None:
    """Return the folder for modules, None for a package that is not Python's."""
    if row.get("noarch") == "python":
        return "site-packages"
    limits = [text.split()[1] for text in row["depends"] if text.startswith("python >=3.") and ",<3." in text]
    if row["name"] == "python" or not limits:
        return None
    return f"lib/python{limits[0].removeprefix('>=').split(',')[0]}/site-packages"


def _path_entry(name: str, content: bytes) -> dict[str, Any]:
    return {"_path": name, "path_type": "hardlink", "sha256": hashlib.sha256(content).hexdigest(),
            "size_in_bytes": len(content)}  # fmt: skip


def _compact(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":"), sort_keys=True).encode()
