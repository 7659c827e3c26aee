"""conda's configuration: ``.condarc`` files and ``CONDA_*`` variables.

The search path and the rules for joining files are those of conda's
documentation ("Using the .condarc conda configuration file"): later files win,
lists are joined with the later file's items first, tables key by key; comments
``#!final``, ``#!top`` and ``#!bottom`` change that.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from lockfiles.regular_files import read_whole
from lockfiles.settings import kinds
from lockfiles.settings.conda_keys import KEYS, CondaEntry
from lockfiles.settings.layers import add_value
from lockfiles.settings.setting import Layer, Values
from lockfiles.settings.table import BY_NAME, DEFINITIONS
from lockfiles.settings.values import Where
from resolver.inputs.faults import Faults
from resolver.inputs.urls import expand_conda

_LISTS = frozenset(row.conda for row in DEFINITIONS if row.kind is kinds.CHANNELS)
_TABLE_KINDS = (kinds.PLACE_TABLE, kinds.LIST_TABLE, kinds.PROXIES)
_TABLES = frozenset(row.conda for row in DEFINITIONS if row.kind in _TABLE_KINDS)


def read_conda_layer(environ: Mapping[str, str], home: Path, cwd: Path, root: Path, faults: Faults) -> Values:
    """Return what conda's configuration says; a file that can't be read is skipped, as conda does."""
    entries: dict[str, list[CondaEntry]] = {}
    for path in _search_path(environ, home, cwd, root):
        try:
            raw = read_whole(path)
        except OSError:
            continue
        from lockfiles.settings.condarc import read_condarc  # YAML takes a tenth of a start

        for key, entry in read_condarc(raw, path, faults):
            entries.setdefault(key, []).append(entry)
    for key in KEYS:
        value = environ.get(f"CONDA_{key.upper()}", "")
        if value.strip() and key not in _TABLES:
            raw_value: Any = [item.strip() for item in value.split(",")] if key in _LISTS else value
            flags = ("",) * len(raw_value) if key in _LISTS else ()
            entries.setdefault(key, []).append(
                CondaEntry(value=raw_value, source=f"$CONDA_{key.upper()}", origin=None, flags=flags)
            )
    layer: Values = {}
    for key, found in entries.items():
        _add(layer, key, _join(key, found), environ, home, faults)
    return layer


def _search_path(environ: Mapping[str, str], home: Path, cwd: Path, root: Path) -> Iterator[Path]:
    """Yield existing files in conda's order, farthest first."""
    folders = []
    if sys.platform == "win32":
        folders.append(Path("C:/ProgramData/conda"))
    else:
        folders += [root / "etc" / "conda", root / "var" / "lib" / "conda"]
    folders += [Path(environ[name]) for name in ("CONDA_ROOT", "MAMBA_ROOT_PREFIX") if environ.get(name)]
    executable = environ.get("CONDA_EXE", "")
    if executable and not environ.get("CONDA_ROOT"):
        folders.append(Path(executable).parent.parent)
    configuration = environ.get("XDG_CONFIG_HOME", "") or str(home / ".config")
    folders += [Path(configuration) / "conda", home / ".conda"]
    seen: set[Path] = set()
    candidates = [path for folder in folders for path in _files_in(folder)] + [home / ".condarc"]
    if environ.get("CONDA_PREFIX"):
        candidates += _files_in(Path(environ["CONDA_PREFIX"]))
    if environ.get("CONDARC"):
        named = environ["CONDARC"]
        candidates.append(home / named[2:] if named.startswith("~/") else cwd / named)
    for path in candidates:
        if path not in seen:
            seen.add(path)
            yield path


def _files_in(folder: Path) -> list[Path]:
    drop_in = folder / "condarc.d"
    try:
        more = sorted(path for path in drop_in.iterdir() if path.suffix in (".yml", ".yaml"))
    except OSError:
        more = []
    return [folder / ".condarc", folder / "condarc", *more]


def _join(key: str, entries: list[CondaEntry]) -> CondaEntry:
    """Join one key's entries (farthest first) as conda does."""
    kept: list[CondaEntry] = []
    for entry in entries:
        kept.append(entry)
        if entry.is_final:
            break
    nearest_entry = kept[-1]
    if key in _LISTS and all(isinstance(entry.value, list) for entry in kept):
        return CondaEntry(value=_join_lists(kept), source=_sources(kept), origin=nearest_entry.origin)
    if key in _TABLES and all(isinstance(entry.value, dict) for entry in kept):
        table = {name: value for entry in kept for name, value in entry.value.items()}
        return CondaEntry(value=table, source=_sources(kept), origin=nearest_entry.origin)
    return nearest_entry


def _join_lists(entries: list[CondaEntry]) -> list[str]:
    """Put nearer items first, ``top`` items before and ``bottom`` items behind all others."""
    marked = [list(zip(entry.value, entry.flags, strict=True)) for entry in entries]
    top = [item for rows in marked for item, flag in rows if flag == "top"]
    bottom = [item for rows in reversed(marked) for item, flag in rows if flag == "bottom"]
    everything = [item for rows in reversed(marked) for item, _ in rows]
    first = list(dict.fromkeys([*top, *everything]))
    return list(reversed(dict.fromkeys([*reversed(bottom), *reversed(first)])))


def _sources(entries: list[CondaEntry]) -> str:
    return ", ".join(dict.fromkeys(entry.source for entry in reversed(entries)))


def _add(
    layer: Values, key: str, entry: CondaEntry, environ: Mapping[str, str], home: Path, faults: Faults
) -> None:
    value = _expand(entry.value, environ)
    name = KEYS[key]
    where = Where(home=home)
    if key == "ssl_verify":
        word = str(value).strip()
        if word.lower() == "truststore" or not word:
            return
        if word.lower() not in ("true", "false", "yes", "no", "on", "off", "1", "0"):
            name, value = "cert", word
    add_value(
        layer,
        BY_NAME[name],
        value,
        where,
        faults,
        kind=Layer.CONDA,
        source=entry.source,
        origin=entry.origin,
    )


def _expand(value: Any, environ: Mapping[str, str]) -> Any:
    """Put variables into every text, as conda does: one that is not set stays as written."""
    if isinstance(value, list):
        return [_expand(item, environ) for item in value]
    if isinstance(value, dict):
        return {name: _expand(item, environ) for name, item in value.items()}
    return expand_conda(value, environ)[0]
