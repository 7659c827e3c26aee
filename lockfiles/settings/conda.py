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

import msgspec
import yaml

from lockfiles.regular_files import read_whole
from lockfiles.settings import kinds
from lockfiles.settings.layers import add_value
from lockfiles.settings.setting import Layer, Values
from lockfiles.settings.table import BY_NAME, DEFINITIONS
from lockfiles.settings.values import Where
from resolver.errors import InputError
from resolver.inputs.faults import Faults
from resolver.inputs.text import decode_text
from resolver.inputs.urls import expand_conda
from resolver.inputs.yaml_nodes import compose, is_null, iter_mapping, place
from resolver.model.origin import Origin

#: conda's key -> our setting.
_KEYS: Mapping[str, str] = {row.conda: row.name for row in DEFINITIONS if row.conda}
_ALIASES = {"channel": "channels", "verify_ssl": "ssl_verify", "client_cert": "client_ssl_cert"}
_LISTS = frozenset(row.conda for row in DEFINITIONS if row.kind is kinds.CHANNELS)
_TABLE_KINDS = (kinds.PLACE_TABLE, kinds.LIST_TABLE, kinds.PROXIES)
_TABLES = frozenset(row.conda for row in DEFINITIONS if row.kind in _TABLE_KINDS)


class _Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One key of one file: its value as plain data, its place and its flag; lists keep a flag per item."""

    value: Any
    source: str
    origin: Origin | None
    is_final: bool = False
    flags: tuple[str, ...] = ()  #: of list items: ``top``, ``bottom`` or empty


def read_conda_layer(environ: Mapping[str, str], home: Path, cwd: Path, root: Path, faults: Faults) -> Values:
    """Return what conda's configuration says; a file that can't be read is skipped, as conda does."""
    entries: dict[str, list[_Entry]] = {}
    for path in _search_path(environ, home, cwd, root):
        try:
            raw = read_whole(path)
        except OSError:
            continue
        for key, entry in _read_file(raw, path, faults):
            entries.setdefault(key, []).append(entry)
    for key in _KEYS:
        value = environ.get(f"CONDA_{key.upper()}", "")
        if value.strip() and key not in _TABLES:
            raw_value: Any = [item.strip() for item in value.split(",")] if key in _LISTS else value
            flags = ("",) * len(raw_value) if key in _LISTS else ()
            entries.setdefault(key, []).append(
                _Entry(value=raw_value, source=f"$CONDA_{key.upper()}", origin=None, flags=flags)
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


def _read_file(raw: bytes, path: Path, faults: Faults) -> Iterator[tuple[str, _Entry]]:
    shown = str(path)
    try:
        text = decode_text(raw, shown)
    except InputError as error:
        faults.add_error(error)
        return
    root = compose(text, shown, faults)
    if not isinstance(root, yaml.MappingNode):
        if root is not None and not is_null(root):
            faults.add("conda's configuration is a mapping", place(root, shown))
        return
    lines = text.split("\n")
    for name, key, value in iter_mapping(root, shown, faults):
        known = _ALIASES.get(name, name)
        if known not in _KEYS or is_null(value):
            continue
        origin = place(key, shown)
        flags = (
            tuple(_flag(item, lines) for item in value.value) if isinstance(value, yaml.SequenceNode) else ()
        )
        yield (
            known,
            _Entry(
                value=_plain(value),
                source=f"{shown}:{origin.line}",
                origin=origin,
                is_final=_flag(key, lines) == "final",
                flags=flags,
            ),
        )


def _flag(node: yaml.Node, lines: list[str]) -> str:
    """Return ``final``, ``top`` or ``bottom`` from the comment behind a node; empty without one."""
    if node.start_mark.line >= len(lines):
        return ""
    _, mark, word = lines[node.start_mark.line][node.start_mark.column :].rpartition("#!")
    word = word.strip().lower()
    return word if mark and word in ("final", "top", "bottom") else ""


def _plain(node: yaml.Node, depth: int = 0) -> Any:
    """Return a node as text, list or dict; conda needs no more than three levels."""
    if depth < 4 and isinstance(node, yaml.SequenceNode):
        return [_plain(item, depth + 1) for item in node.value]
    if depth < 4 and isinstance(node, yaml.MappingNode):
        return {str(key.value): _plain(value, depth + 1) for key, value in node.value}
    return "" if is_null(node) else str(node.value)


def _join(key: str, entries: list[_Entry]) -> _Entry:
    """Join one key's entries (farthest first) as conda does."""
    kept: list[_Entry] = []
    for entry in entries:
        kept.append(entry)
        if entry.is_final:
            break
    nearest_entry = kept[-1]
    if key in _LISTS and all(isinstance(entry.value, list) for entry in kept):
        return _Entry(value=_join_lists(kept), source=_sources(kept), origin=nearest_entry.origin)
    if key in _TABLES and all(isinstance(entry.value, dict) for entry in kept):
        table = {name: value for entry in kept for name, value in entry.value.items()}
        return _Entry(value=table, source=_sources(kept), origin=nearest_entry.origin)
    return nearest_entry


def _join_lists(entries: list[_Entry]) -> list[str]:
    """Put nearer items first, ``top`` items before and ``bottom`` items behind all others."""
    marked = [list(zip(entry.value, entry.flags, strict=True)) for entry in entries]
    top = [item for rows in marked for item, flag in rows if flag == "top"]
    bottom = [item for rows in reversed(marked) for item, flag in rows if flag == "bottom"]
    everything = [item for rows in reversed(marked) for item, _ in rows]
    first = list(dict.fromkeys([*top, *everything]))
    return list(reversed(dict.fromkeys([*reversed(bottom), *reversed(first)])))


def _sources(entries: list[_Entry]) -> str:
    return ", ".join(dict.fromkeys(entry.source for entry in reversed(entries)))


def _add(
    layer: Values, key: str, entry: _Entry, environ: Mapping[str, str], home: Path, faults: Faults
) -> None:
    value = _expand(entry.value, environ)
    name = _KEYS[key]
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
