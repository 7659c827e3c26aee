"""What stands in ``conda-meta`` beside the records: what a lock put there, conda's history, variables.

::

    conda-meta/lockstack    this project's own, JSON: what a lock put there, so that nothing else is removed
                            (.lockstack.json in a virtual environment)
    conda-meta/history      conda's: what came and went, for `conda list --revisions`
    conda-meta/state        conda's: variables that activating sets
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from lockfiles.files import exists, read_bytes, write_bytes, write_text
from lockfiles.regular_files import read_whole
from lockfiles.version import VERSION
from resolver.errors import InputError
from resolver.model.json_text import decode_json, load_json
from resolver.model.origin import Origin

_OURS, _HISTORY, _VARIABLES = "lockstack", "history", "state"
SCHEMA_VERSION = 1
#: conda refuses to set these for an environment.
_RESERVED = frozenset({"PATH"})


class PutProject(msgspec.Struct, frozen=True, kw_only=True):
    """A project of the pip part, as a lock put it there."""

    version: str
    file: str  #: hash of its archive (``sha256:...``), or the address of a reference without one


class PutThere(msgspec.Struct, frozen=True, kw_only=True):
    """What locks put into an environment: name -> file name of a conda package, name -> project."""

    conda: Mapping[str, str] = msgspec.field(default_factory=dict)
    pypi: Mapping[str, PutProject] = msgspec.field(default_factory=dict)
    variables: tuple[str, ...] = ()  #: names of those that a lock set
    lock: str = ""  #: SHA-256 of the lockfile's text
    schema_version: int = SCHEMA_VERSION


def read_put_there(prefix: Path) -> PutThere:
    """Return what locks put into an environment; nothing where no lock did. Raises InputError for damage."""
    path = _our_file(prefix)
    if not path.is_symlink() and not path.exists():
        return PutThere()
    hint = "Delete it: then nothing there counts as put there by a lock, and nothing is removed."
    try:
        found = decode_json(read_whole(path), PutThere)
    except (OSError, ValueError) as error:
        raise InputError(f"can't be read: {_told(error)}", Origin(file=str(path)), hint) from None
    if found.schema_version > SCHEMA_VERSION:
        raise InputError("was written by a newer `lock`", Origin(file=str(path)), hint)
    return found


def write_put_there(prefix: Path, put: PutThere) -> None:
    """Write this project's own file; raises OutputError."""
    data = msgspec.json.format(msgspec.json.encode(put), indent=2).decode()
    write_text(_our_file(prefix), data + "\n")


def _our_file(prefix: Path) -> Path:
    """Return where this project's own file stands; in a virtual environment there is no ``conda-meta``."""
    folder = prefix / "conda-meta"
    return folder / _OURS if folder.is_dir() else prefix / f".{_OURS}.json"


def add_history(
    prefix: Path, gone: Collection[str], came: Collection[str], specs: Sequence[str], command: str
) -> None:
    """Add one revision to conda's history; packages are ``CHANNEL/SUBDIR::NAME-VERSION-BUILD``.

    What stands there stays as it is, whatever it is encoded in.
    """
    path = prefix / "conda-meta" / _HISTORY
    before = read_bytes(path) if exists(path) else b""
    now = datetime.now().astimezone()  # conda writes local time
    lines = [f"==> {now:%Y-%m-%d %H:%M:%S} <==", f"# cmd: {command}", f"# lockstack version: {VERSION}"]
    lines += [f"-{name}" for name in sorted(gone)]
    lines += [f"+{name}" for name in sorted(came)]
    if specs:
        lines.append(f"# update specs: {list(specs)}")
    write_bytes(path, before + "\n".join(lines).encode("utf-8", "surrogateescape") + b"\n")


def set_variables(prefix: Path, variables: Mapping[str, str], earlier: Collection[str]) -> tuple[str, ...]:
    """Set the variables that activating sets; those of an earlier lock go, others stay. Return the names set.

    Raises InputError for a name that conda refuses, or where what stands there can't be read.
    """
    path = prefix / "conda-meta" / _VARIABLES
    refused = sorted(_RESERVED & set(variables))
    if refused:
        raise InputError(f"`variables:` may not set `{refused[0]}`", hint="Activating sets it itself.")
    state, known = _state(prefix)
    kept = {name: value for name, value in known.items() if name not in earlier}
    wanted = kept | dict(variables)
    if wanted != known:
        state["env_vars"] = wanted
        write_text(path, json.dumps(state, ensure_ascii=False))
    return tuple(sorted(variables))


def environment_variables(prefix: Path) -> dict[str, str]:
    """Return the variables that activating an environment sets; none where that can't be read."""
    try:
        return {name: str(value) for name, value in _state(prefix)[1].items()}
    except InputError:
        return {}


def check_marks(prefix: Path) -> None:
    """Raise InputError for conda's own files of an environment that can't be read, or written anew."""
    _state(prefix)
    history = prefix / "conda-meta" / _HISTORY
    if exists(history):
        read_bytes(history)


def _state(prefix: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return conda's state file, and the variables in it. Raises InputError."""
    path = prefix / "conda-meta" / _VARIABLES
    try:
        state: Any = load_json(read_whole(path)) if exists(path) else {}
        return state, dict(state.get("env_vars", {}))
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise InputError(f"can't be read: {_told(error)}", Origin(file=str(path))) from None


def _told(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
