"""Settings as a table and as JSON, without secrets."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lockfiles.settings.model import Settings
from lockfiles.settings.table import BY_NAME
from resolver.model.redaction import redact


def show_settings(settings: Settings) -> str:
    """Return a table of name, value and source: one line a setting, the columns aligned, no line end."""
    rows = []
    for name, (value, source) in _plain(settings).items():
        rows.append((name.replace("_", "-"), _shown(value), source))
    widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
    widths[1] = min(widths[1], 60)
    return "\n".join(f"{name:<{widths[0]}}  {value:<{widths[1]}}  {source}" for name, value, source in rows)


def settings_as_json(settings: Settings) -> dict[str, dict[str, Any]]:
    """Return name -> ``{"value": ..., "source": ...}`` in the table's order, ready for ``json.dumps``."""
    return {
        name.replace("_", "-"): {"value": value, "source": source}
        for name, (value, source) in _plain(settings).items()
    }


def _plain(settings: Settings) -> dict[str, tuple[Any, str]]:
    plain = {}
    for name in settings.__struct_fields__:
        setting = getattr(settings, name)
        show = BY_NAME[name].kind.show
        value = show(setting.value) if show and setting.value is not None else setting.value
        plain[name] = (_data(value), redact(setting.source))
    return plain


def _data(value: Any) -> Any:
    """Return a value in JSON's types, secrets replaced by ``***``."""
    if isinstance(value, Mapping):
        return {str(name): _data(item) for name, item in value.items()}
    if isinstance(value, tuple | list):
        return [_data(item) for item in value]
    if isinstance(value, Path):
        return value.as_posix()
    return redact(str(value)) if isinstance(value, str) else value


def _shown(value: Any) -> str:
    match value:
        case None:
            return "-"
        case bool():
            return "true" if value else "false"
        case list():
            return ", ".join(_shown(item) for item in value) or "-"
        case dict():
            return ", ".join(f"{name}: {_shown(item)}" for name, item in value.items()) or "-"
    return str(value)
