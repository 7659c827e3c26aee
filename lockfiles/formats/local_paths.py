"""Paths in a lockfile are relative to its folder: in a file that goes elsewhere they have to be others."""

from __future__ import annotations

import os.path
from pathlib import Path

from msgspec.structs import replace

from lockfiles.formats.export import ExportRequest
from resolver.model.resolution import PypiPin


def move_paths(request: ExportRequest, source: Path, target: Path) -> ExportRequest:
    """Return the request with paths from ``source``'s folder as paths from ``target``; absolute ones stay."""
    if os.path.normpath(source) == os.path.normpath(target):
        return request
    resolutions = tuple(
        replace(one, pypi=tuple(_moved(pin, source, target) for pin in one.pypi))
        for one in request.resolutions
    )
    return replace(request, resolutions=resolutions)


def _moved(pin: PypiPin, source: Path, target: Path) -> PypiPin:
    direct, file = pin.direct, pin.file
    if direct is not None and direct.path is not None:
        direct = replace(direct, path=_from(direct.path, source, target))
    if file is not None and file.url.startswith("file:") and not file.url.startswith("file:/"):
        file = replace(file, url=f"file:{_from(file.url.removeprefix('file:'), source, target)}")
    return replace(pin, direct=direct, file=file)


def _from(path: str, source: Path, target: Path) -> str:
    """Return a path as it is named from the other folder, with ``/``."""
    plain = path.replace("\\", "/")
    if plain.startswith(("/", "~")) or plain[1:3] == ":/":
        return path
    return Path(os.path.relpath(source / plain, target)).as_posix()
