"""Paths that conda's packages hold: the environment's own, never that of the copy which was worked on."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from lockfiles.this_machine import platform_here
from tests.cli.here import lock

pytestmark = pytest.mark.skipif(platform_here() != "linux-64", reason="the packages are linux-64's")

#: What packages are built with in place of the prefix: as long as any that is to come.
PLACEHOLDER = "/placeholder" * 20
BINARY = b"\x7fELF\0\0" + f"{PLACEHOLDER}/lib:{PLACEHOLDER}/lib64".encode() + b"\0\0after\0"


def package(
    folder: Path,
    name: str,
    files: dict[str, bytes],
    *,
    noarch: str | None = None,
    link: dict[str, Any] | None = None,
) -> Path:
    """Write a package whose files may hold the placeholder."""
    subdir = "noarch" if noarch else "linux-64"
    version = "3.12.1" if name == "python" else "1.0"
    index: dict[str, Any] = {
        "name": name, "version": version, "build": "0", "build_number": 0, "subdir": subdir, "depends": [],
    } | ({"noarch": noarch} if noarch else {})  # fmt: skip
    paths = []
    for path, content in sorted(files.items()):
        entry: dict[str, Any] = {
            "_path": path, "path_type": "hardlink", "size_in_bytes": len(content),
            "sha256": hashlib.sha256(content).hexdigest(),
        }  # fmt: skip
        if PLACEHOLDER.encode() in content:
            entry |= {
                "prefix_placeholder": PLACEHOLDER,
                "file_mode": "binary" if b"\0" in content else "text",
            }
        paths.append(entry)
    members = {
        "info/index.json": json.dumps(index).encode(),
        "info/paths.json": json.dumps({"paths": paths, "paths_version": 1}).encode(),
        "info/files": "".join(f"{path}\n" for path in sorted(files)).encode(),
        **({"info/link.json": json.dumps(link).encode()} if link else {}),
        **files,
    }
    place = folder / subdir / f"{name}-{version}-0.tar.bz2"
    place.parent.mkdir(exist_ok=True)
    with tarfile.open(place, "w:bz2") as archive:
        for member, content in members.items():
            info = tarfile.TarInfo(member)
            info.size, info.mode = len(content), 0o755 if member.startswith("bin/") else 0o644
            archive.addfile(info, io.BytesIO(content))
    return place


def explicit(places: list[Path], algorithm: str = "sha256") -> str:
    """Return an @EXPLICIT lockfile."""
    lines = ["# platform: linux-64", "@EXPLICIT"]
    for place in places:
        digest = hashlib.new(algorithm, place.read_bytes(), usedforsecurity=False).hexdigest()
        lines.append(f"{place.as_uri()}#{'sha256:' if algorithm == 'sha256' else ''}{digest}")
    return "\n".join(lines) + "\n"


@pytest.fixture
def places(tmp_path: Path) -> list[Path]:
    channel = tmp_path / "channel"
    channel.mkdir()
    entry = {"type": "python", "entry_points": ["tool = tool:main"]}
    link = {"noarch": entry, "package_metadata_version": 1}
    return [
        package(channel, "python", {"bin/python3.12": b"#!/bin/sh\n"}),
        package(channel, "native", {
            "etc/native.conf": f"home={PLACEHOLDER}/share\n".encode(), "lib/libnative.so": BINARY,
            "bin/script": f"#!{PLACEHOLDER}/bin/python\n".encode(),
        }),
        package(channel, "tool", {"site-packages/tool.py": b""}, noarch="python", link=link),
    ]  # fmt: skip


def test_files_name_the_environment(places: list[Path], tmp_path: Path) -> None:
    prefix = tmp_path / "env"
    (tmp_path / "explicit.lock").write_text(explicit(places))
    done = lock("install", "explicit.lock", "-p", prefix, folder=tmp_path)
    assert done.code == 0, done.err
    assert (prefix / "etc" / "native.conf").read_text() == f"home={prefix}/share\n"
    assert (prefix / "bin" / "script").read_text() == f"#!{prefix}/bin/python\n"
    binary = (prefix / "lib" / "libnative.so").read_bytes()
    assert len(binary) == len(BINARY)
    assert binary.startswith(b"\x7fELF\0\0" + f"{prefix}/lib:{prefix}/lib64".encode() + b"\0")
    assert binary.endswith(b"\0after\0")
    assert (prefix / "bin" / "tool").read_text().startswith(f"#!{prefix}/bin/python3.12\n")
    for path in prefix.rglob("*"):
        if path.is_file():
            assert b".lockstack/new" not in path.read_bytes(), path
    again = lock("install", "explicit.lock", "-p", prefix, "--json", folder=tmp_path)
    assert (again.code, again.json["changed"]) == (0, False)


def test_an_md5_alone_is_said(places: list[Path], tmp_path: Path) -> None:
    (tmp_path / "explicit.lock").write_text(explicit(places, "md5"))
    done = lock("install", "explicit.lock", "-p", tmp_path / "env", folder=tmp_path)
    assert done.code == 0, done.err
    assert (
        "of `native`, `python`, `tool` the lockfile has an md5 alone: no proof against a forger" in done.err
    )
