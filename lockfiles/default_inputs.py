"""The input files of a run that names none: those of the lockfile, else the one that is there."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from msgspec.structs import replace

from lockfiles.places import holds_several
from lockfiles.session import SessionRequest, read_settings
from lockfiles.usual_lockfile import usual_lockfile
from resolver.errors import InputError
from resolver.model.origin import Origin

R = TypeVar("R", bound=SessionRequest)

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
    output = Path(usual_lockfile(read_settings(request).output.value))
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
    files = tuple(str(output.parent / name) for name in sources)
    gone = next((name for name in files if not is_file(name)), None)
    if gone is not None:
        what = f"was made from `{gone}`, which isn't there"
        raise InputError(what, Origin(file=str(output)), "Name the files.")
    settings = dict(request.settings) | {"output": str(output)}
    return replace(request, files=files, settings=settings)
