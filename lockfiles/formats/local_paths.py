"""Paths in a lockfile are relative to its folder: in a file that goes elsewhere they have to be others."""

from __future__ import annotations

import os.path
from pathlib import Path

from msgspec.structs import replace

from lockfiles.formats.conda_files import is_path
from lockfiles.formats.export import ExportRequest
from resolver.model.resolution import CondaPin, PypiPin


def move_paths(request: ExportRequest, source: Path, target: Path) -> ExportRequest:
    """Return the request with paths from ``source``'s folder as paths from ``target``; absolute ones stay."""
    if os.path.normpath(source) == os.path.normpath(target):
        return request

    def moved(pin: CondaPin | PypiPin) -> CondaPin | PypiPin:
        return _moved_conda(pin, source, target) if isinstance(pin, CondaPin) else _moved(pin, source, target)

    resolutions = tuple(
        replace(
            one,
            conda=tuple(_moved_conda(pin, source, target) for pin in one.conda),
            pypi=tuple(_moved(pin, source, target) for pin in one.pypi),
        )
        for one in request.resolutions
    )
    graphs = tuple(
        replace(one, nodes={name: moved(pin) for name, pin in one.nodes.items()}) for one in request.graphs
    )
    return replace(request, resolutions=resolutions, graphs=graphs)


def _moved_conda(pin: CondaPin, source: Path, target: Path) -> CondaPin:
    if is_path(pin.url):
        place = _from(pin.url, source, target)
        return replace(pin, url=place if place.startswith((".", "/")) else f"./{place}")
    if pin.source is None or "://" in pin.source:
        return pin
    name, is_named, place = pin.source.rpartition(" @ ")
    return replace(pin, source=f"{name}{is_named}{_from(place, source, target)}")


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
