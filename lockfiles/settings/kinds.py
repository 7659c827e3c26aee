"""The kinds of values that settings take: how each is read, described and checked by an editor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lockfiles.settings.definition import Form, ValueKind
from resolver.model.platforms import KNOWN_SUBDIRS

if TYPE_CHECKING:
    from lockfiles.settings.ages import Age

_TEXT = {"type": "string"}
_TEXTS = {"anyOf": [{"type": "array", "items": _TEXT}, _TEXT]}
_TABLE_OF_TEXTS = {"type": "object", "additionalProperties": _TEXT}


def _moment(value: int | Age) -> str:
    import datetime as dt

    if not isinstance(value, int):
        return value.text
    return dt.datetime.fromtimestamp(value, dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def choice(*options: str) -> ValueKind:
    """Return the kind of a setting that is one of several words."""
    return ValueKind(
        reader="choice",
        words=" or ".join(f"`{option}`" for option in options),
        schema={"enum": list(options)},
        choices=options,
    )


BOOLEAN = ValueKind(
    reader="boolean", words="true or false", schema={"type": "boolean"}, form=Form.SWITCH
)  # fmt: skip
PLATFORMS = ValueKind(
    reader="platforms", words="list of platforms", schema=_TEXTS, form=Form.MANY,
    completions=KNOWN_SUBDIRS,
)  # fmt: skip
PATH = ValueKind(reader="path", words="path", schema=_TEXT)
CHANNELS = ValueKind(reader="channels", words="list of channels", schema=_TEXTS, form=Form.MANY)
PLACE = ValueKind(reader="place_or_address", words="address or folder", schema=_TEXT)
PLACES = ValueKind(reader="addresses", words="list of addresses or folders", schema=_TEXTS, form=Form.MANY)
_PRIORITIES = ("strict", "flexible", "disabled")
PRIORITY = ValueKind(
    reader="priority",
    words=" or ".join(f"`{priority}`" for priority in _PRIORITIES),
    schema={"enum": [*_PRIORITIES, True, False]},
    choices=_PRIORITIES,
)
PLACE_TABLE = ValueKind(
    reader="tables.address_table", words="table: name to address or folder", schema=_TABLE_OF_TEXTS
)
LIST_TABLE = ValueKind(
    reader="tables.list_table",
    words="table: name to list of addresses, folders or channels",
    schema={"type": "object", "additionalProperties": _TEXTS},
)
PROJECT_TABLE = ValueKind(
    reader="tables.project_table", words="table: project to index (name or address)", schema=_TABLE_OF_TEXTS
)
REQUIREMENTS = ValueKind(
    reader="tables.requirements", words="list of requirements (PEP 508)", schema=_TEXTS, form=Form.MANY
)
REQUIREMENT_TABLE = ValueKind(
    reader="tables.requirement_table",
    words="table: project to list of requirements",
    schema={"type": "object", "additionalProperties": _TEXTS},
)
VARIABLE_TABLE = ValueKind(
    reader="tables.variable_table",
    words="table: project to table of variables",
    schema={
        "type": "object",
        "additionalProperties": {"type": "object", "additionalProperties": {"type": "string"}},
    },
)
METADATA_TABLE = ValueKind(
    reader="tables.metadata_table",
    words="table: `NAME` or `NAME==VERSION` to list of requirements; or uv's list of tables",
    schema={
        "anyOf": [
            {"type": "object", "additionalProperties": _TEXTS},
            {"type": "array", "items": {"type": "object"}},
        ]
    },
)
_VERSION: dict[str, Any] = {"anyOf": [_TEXT, {"type": "number"}, {"const": False}]}
VIRTUAL_PACKAGES = ValueKind(
    reader="virtual_packages",
    words="list of `[PLATFORM:]NAME=VERSION[=BUILD]`, or table: name to version, or to `false` for none",
    schema={
        "anyOf": [
            *_TEXTS["anyOf"],
            {
                "type": "object",
                "additionalProperties": {
                    "anyOf": [*_VERSION["anyOf"], {"type": "object", "additionalProperties": _VERSION}]
                },
            },
        ]
    },
    form=Form.MANY,
)
_PYTHON = {"type": "string", "pattern": r"^\s*\d+\.\d+(\.\d+)?(\s*,\s*\d+\.\d+(\.\d+)?)*\s*$"}
PYTHONS = ValueKind(
    reader="python_versions",
    words="versions of two or three numbers",
    schema={"anyOf": [_PYTHON, {"type": "array", "items": _PYTHON}]},
    form=Form.MANY,
)
MOMENT = ValueKind(
    reader="moment_or_age",
    words="date, date with time and zone, or age (`7 days`, `P7D`)",
    schema={"type": "string", "description": "a date as text, TOML's own date, or an age"},
    show=_moment,
)
EXEMPT = ValueKind(
    reader="exempt",
    words="list of packages, `CHANNEL::PACKAGE` or `CHANNEL::*`",
    schema=_TEXTS,
    form=Form.MANY,
)
HOSTS = ValueKind(reader="hosts", words="list of `HOST` or `HOST:PORT`", schema=_TEXTS, form=Form.MANY)
PROXIES = ValueKind(reader="tables.proxies", words="table: scheme to address", schema=_TABLE_OF_TEXTS)
TORCH_BACKEND = ValueKind(reader="torch_backend", words="`cpu`, `cu124`, `rocm6.2`, `xpu` ...", schema=_TEXT)
PROJECTS = ValueKind(
    reader="projects", words="list of projects, `:all:`, `:none:`", schema=_TEXTS, form=Form.MANY
)
SECONDS = ValueKind(
    reader="seconds", words="seconds", schema={"type": ["number", "string"], "exclusiveMinimum": 0}
)
COUNT = ValueKind(
    reader="count",
    words="number from 0 to 100",
    schema={"type": ["integer", "string"], "minimum": 0, "maximum": 100},
)
STEPS = ValueKind(
    reader="steps",
    words="number of at most 12 digits; 0 for no limit",
    schema={"type": ["integer", "string"], "minimum": 0, "maximum": 999_999_999_999},
)
SIZES = ValueKind(
    reader="tables.sizes",
    words="table: kind of resource to size",
    schema={"type": "object", "additionalProperties": {"type": ["integer", "string"]}},
)
RATE = ValueKind(reader="tables.rate", words="bytes", schema={"type": ["integer", "string"]})
REASONS = ValueKind(
    reader="tables.reasons", words="table: rule to reason", schema=_TABLE_OF_TEXTS, form=Form.MANY
)
