"""pip's configuration: its files and ``PIP_*`` variables (pip's "Configuration").

Later ones win: system, user, environment (``prefix``), ``PIP_CONFIG_FILE``,
variables; within a file ``[install]`` before ``[global]``.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from lockfiles.regular_files import read_whole
from lockfiles.settings.kinds import PROXIES
from lockfiles.settings.layers import add_value
from lockfiles.settings.setting import Layer, Values
from lockfiles.settings.table import BY_NAME, DEFINITIONS
from lockfiles.settings.values import Where
from resolver.errors import InputError
from resolver.inputs.faults import Faults
from resolver.inputs.text import decode_text
from resolver.model.origin import Origin

#: pip's option -> our setting.
_OPTIONS: Mapping[str, str] = {option: row.name for row in DEFINITIONS for option in row.pip}
_FILE_NAME = "pip.ini" if sys.platform == "win32" else "pip.conf"


def read_pip_layer(
    environ: Mapping[str, str], home: Path, root: Path, prefix: Path | None, faults: Faults
) -> Values:
    """Return what pip's configuration says; a file that can't be read is skipped, as pip does."""
    layer: Values = {}
    for path in _files(environ, home, root, prefix):
        try:
            raw = read_whole(path)
        except OSError:
            continue
        _add_file(layer, raw, path, home, faults)
    for option, name in _OPTIONS.items():
        variable = f"PIP_{option.upper().replace('-', '_')}"
        value = environ.get(variable, "")
        if value.strip():
            _add(layer, name, value, f"${variable}", None, home, faults)
    return layer


def _files(environ: Mapping[str, str], home: Path, root: Path, prefix: Path | None) -> Iterator[Path]:
    """Yield the files in the order pip reads them."""
    named = environ.get("PIP_CONFIG_FILE", "")
    if named == os.devnull:
        return
    yield from _system_files(environ, root)
    if not (named and Path(named).exists()):
        yield home / ("pip" if sys.platform == "win32" else ".pip") / _FILE_NAME
        yield _user_folder(environ, home) / "pip" / _FILE_NAME
    if prefix is not None:
        yield prefix / _FILE_NAME
    if named:
        yield Path(named)


def _system_files(environ: Mapping[str, str], root: Path) -> Iterator[Path]:
    if sys.platform == "win32":
        yield Path(environ.get("PROGRAMDATA", "C:\\ProgramData")) / "pip" / _FILE_NAME
    elif sys.platform == "darwin":
        yield root / "Library" / "Application Support" / "pip" / _FILE_NAME
    else:
        folders = environ.get("XDG_CONFIG_DIRS", "") or "/etc/xdg"
        for folder in folders.split(os.pathsep):
            yield root / folder.lstrip("/") / "pip" / _FILE_NAME
        yield root / "etc" / _FILE_NAME


def _user_folder(environ: Mapping[str, str], home: Path) -> Path:
    if sys.platform == "win32":
        return Path(environ.get("APPDATA", str(home / "AppData" / "Roaming")))
    support = home / "Library" / "Application Support"
    if sys.platform == "darwin" and (support / "pip").is_dir():
        return support
    named = environ.get("XDG_CONFIG_HOME", "")
    return Path(named) if named else home / ".config"


def _add_file(layer: Values, raw: bytes, path: Path, home: Path, faults: Faults) -> None:
    import configparser  # most machines have no such file

    parser = configparser.RawConfigParser()
    try:
        parser.read_string(decode_text(raw, str(path)), str(path))
    except InputError as error:
        faults.add_error(error)
        return
    except configparser.Error as error:
        line = getattr(error, "lineno", None) or next(iter(getattr(error, "errors", [])), (None,))[0]
        faults.add("not a configuration that pip can read", Origin(file=str(path), line=line))
        return
    for section in ("global", "install"):
        if not parser.has_section(section):
            continue
        for key, value in parser.items(section):
            name = _OPTIONS.get(key.lower().replace("_", "-").removeprefix("--"))
            if name and value.strip():
                _add(layer, name, value, f"{path} [{section}]", Origin(file=str(path)), home, faults)


def _add(
    layer: Values, name: str, value: str, source: str, origin: Origin | None, home: Path, faults: Faults
) -> None:
    definition = BY_NAME[name]
    # pip's one proxy serves every scheme
    raw = dict.fromkeys(("http", "https"), value.strip()) if definition.kind is PROXIES else value.strip()
    add_value(layer, definition, raw, Where(home=home), faults, kind=Layer.PIP, source=source, origin=origin)
