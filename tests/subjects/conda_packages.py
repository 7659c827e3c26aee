"""Small conda packages, and real environments that py-rattler makes of them."""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
import sys
import tarfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from tests.support.packages import metadata_text

#: What stands in a package's files for the folder it will be installed in.
PLACEHOLDER = "/opt/placeholder" + "_placehold" * 20
#: py-rattler's asynchronous parts abort at a normal exit.
_INSTALL = """
import asyncio, json, os, sys
from rattler import BuildString, NoArchType, PackageRecord, RepoDataRecord, Subdir, install

def read(item):
    record = item["record"]
    noarch, build = record.pop("noarch", None), BuildString(record.pop("build"))
    sums = {name: bytes.fromhex(record.pop(name)) for name in ("md5", "sha256")}
    kind = {"noarch": NoArchType(noarch)} if noarch else {}
    return RepoDataRecord(
        PackageRecord(build=build, **record, **sums, **kind), item["file_name"], item["url"], item["channel"]
    )

async def main(data):
    records = [read(item) for item in data["records"]]
    await install(
        records, data["prefix"], cache_dir=data["cache"], show_progress=False, platform=Subdir("linux-64")
    )

try:
    asyncio.run(main(json.load(sys.stdin)))
except BaseException as error:
    print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
    os._exit(1)
os._exit(0)
"""


class CondaPackage(msgspec.Struct, frozen=True, kw_only=True):
    """A package to be made: its files, which may hold the placeholder, and links."""

    name: str
    version: str = "1.0"
    build: str = "0"
    depends: Sequence[str] = ()
    files: Mapping[str, bytes] = {}
    links: Mapping[str, str] = {}
    noarch: str | None = None

    @property
    def file_name(self) -> str:
        """Its file name in a channel."""
        return f"{self.name}-{self.version}-{self.build}.tar.bz2"

    @property
    def subdir(self) -> str:
        """Where it lies in a channel."""
        return "noarch" if self.noarch else "linux-64"

    @property
    def index(self) -> dict[str, Any]:
        """Its record, as info/index.json holds it."""
        return {
            "name": self.name,
            "version": self.version,
            "build": self.build,
            "build_number": 0,
            "depends": list(self.depends),
            "subdir": self.subdir,
            **({"noarch": self.noarch} if self.noarch else {}),
        }


def project_files(
    name: str, version: str, requires: Sequence[str] = (), site: str = "site-packages"
) -> dict[str, bytes]:
    """Return the files of a Python project as a conda package has them."""
    info = f"{site}/{name}-{version}.dist-info"
    return {
        f"{site}/{name}/__init__.py": f"VERSION = {version!r}\n".encode(),
        f"{info}/METADATA": metadata_text(name, version, requires).encode(),
        f"{info}/RECORD": f"{name}/__init__.py,,\n".encode(),
        f"{info}/INSTALLER": b"conda\n",
    }


def make_package(package: CondaPackage) -> bytes:
    """Return a package as a ``.tar.bz2``."""
    paths = [
        {
            "_path": path,
            "path_type": "hardlink",
            "sha256": hashlib.sha256(data).hexdigest(),
            "size_in_bytes": len(data),
            **(
                {"prefix_placeholder": PLACEHOLDER, "file_mode": "binary" if b"\0" in data else "text"}
                if PLACEHOLDER.encode() in data
                else {}
            ),
        }
        for path, data in package.files.items()
    ]
    paths += [{"_path": path, "path_type": "softlink"} for path in package.links]
    members = {
        "info/index.json": json.dumps(package.index).encode(),
        "info/paths.json": json.dumps({"paths": paths, "paths_version": 1}).encode(),
        **(
            {"info/link.json": b'{"noarch": {"type": "python"}, "package_metadata_version": 1}'}
            if package.noarch == "python"
            else {}
        ),
        **package.files,
    }
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:bz2") as archive:
        for path, data in members.items():
            info = tarfile.TarInfo(path)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
        for path, target in package.links.items():
            info = tarfile.TarInfo(path)
            info.type, info.linkname = tarfile.SYMTYPE, target
            archive.addfile(info)
    return buffer.getvalue()


def install(packages: Sequence[CondaPackage], prefix: Path, folder: Path) -> list[str]:
    """Install packages into ``prefix`` from a channel in ``folder``; return their addresses with hash."""
    records, lines = [], []
    for package in packages:
        data = make_package(package)
        place = folder / "channel" / package.subdir / package.file_name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
        sums = {
            "md5": hashlib.md5(data, usedforsecurity=False).hexdigest(),
            "sha256": hashlib.sha256(data).hexdigest(),
        }
        records.append(
            {
                "record": {**package.index, **sums, "size": len(data)},
                "file_name": package.file_name,
                "url": place.as_uri(),
                "channel": (folder / "channel").as_uri(),
            }
        )
        lines.append(f"{place.as_uri()}#{sums['md5']}")
    asked = {"records": records, "prefix": str(prefix), "cache": str(folder / "cache")}
    done = subprocess.run(
        [sys.executable, "-c", _INSTALL],
        input=json.dumps(asked),
        text=True,
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return lines
