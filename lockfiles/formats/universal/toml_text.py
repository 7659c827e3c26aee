"""TOML lockfiles as plain values, and faults of their form as InputError."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from resolver.errors import InputError
from resolver.model.origin import Origin


def load_toml(text: str, file: str) -> dict[str, Any]:
    """Return what a TOML text holds; raises InputError with the place of a fault."""
    from resolver.inputs.toml_places import toml_error_place

    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        raise InputError(*toml_error_place(error, file)) from None


@contextmanager
def reading_form(title: str, file: str) -> Iterator[None]:
    """Turn what a value of another kind than expected raises into an InputError that names the format."""
    try:
        yield
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        words = f"`{error.args[0]}` is missing" if isinstance(error, KeyError) else str(error)
        raise InputError(f"not in the form of a {title}: {words}", Origin(file=file)) from None


def tables(value: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    """Return a list of tables, empty where there is none; raises TypeError for anything else."""
    found = value.get(key, [])
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise TypeError(f"`{key}` is no list of tables")
    return found


def text_of(value: Mapping[str, Any], key: str) -> str | None:
    """Return a text, None where there is none; raises TypeError for anything else."""
    found = value.get(key)
    if found is not None and not isinstance(found, str):
        raise TypeError(f"`{key}` is no text")
    return found


def texts_of(value: Mapping[str, Any], key: str) -> tuple[str, ...]:
    """Return a list of texts, empty where there is none; raises TypeError for anything else."""
    found = value.get(key, [])
    if not isinstance(found, list) or not all(isinstance(item, str) for item in found):
        raise TypeError(f"`{key}` is no list of texts")
    return tuple(found)
