"""The input files of a run that names none: those of the lockfile, else the one that is there."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from msgspec.structs import replace

from lockfiles.places import SEVERAL, holds_several, is_ours
from lockfiles.session import SessionRequest, read_settings
from resolver.errors import InputError
from resolver.model.origin import Origin

R = TypeVar("R", bound=SessionRequest)

#: Where no setting says where a lockfile is written.
DEFAULT_LOCKFILE = "conda-lock.yml"
#: Files that are taken by themselves, where one of them alone is there.
USUAL = ("environment.yml", "environment.yaml", "pixi.toml", "pyproject.toml", "requirements.txt")


def with_default_files(request: R, verb: str) -> R:
    """Return the request with files, and with the lockfile that names them as its output.

    ``verb``: how a run that names one begins, for the hint. Raises InputError where nothing tells which
    files are meant.
    """
    from lockfiles.files import is_file, read_text
    from lockfiles.formats.reading import read_lockfile

    if request.files:
        return request
    asked = read_settings(request).output.value
    output = Path(str(asked or DEFAULT_LOCKFILE))
    if asked is None and not is_file(output) and is_file(SEVERAL) and is_ours(SEVERAL):
        output = Path(SEVERAL)
    if not is_file(output):
        there = [name for name in USUAL if is_file(name)]
        if len(there) == 1:
            return replace(request, files=tuple(there))
        why = (
            f"and no `{output}` that names one" if not there else f"and several are there: {', '.join(there)}"
        )
        raise InputError(f"no input file is named, {why}", hint=f"`{verb} {(there or USUAL)[0]}`")
    if holds_several(output):
        from lockfiles.formats.pixi.reading import read_every

        _, contents = read_every(read_text(output), str(output))
        sources = next((one.metadata.sources for one in contents.values() if one.metadata.sources), ())
    else:
        sources = read_lockfile(read_text(output), str(output)).metadata.sources
    if not sources:
        raise InputError("doesn't say what it was made from", Origin(file=str(output)), "Name the files.")
    settings = dict(request.settings) | {"output": str(output)}
    return replace(request, files=tuple(str(output.parent / name) for name in sources), settings=settings)
