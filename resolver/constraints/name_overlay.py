"""The user's additions to the map between conda and PyPI names.

Rows, in TOML, YAML or JSON (the file's suffix decides)::

    [[map]]
    conda = "our-torch"
    pypi = "torch"            # one name, a list of names, or false: no PyPI project
    when = "our-torch >=2"    # optional; see resolver.constraints.name_map

or the short form, one key for each conda name: ``our-torch: torch``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from resolver.errors import InputError, InputErrors
from resolver.model.names import CondaName, PypiName, conda_name, pypi_name
from resolver.model.origin import Origin
from resolver.model.patterns import pattern

if TYPE_CHECKING:
    from resolver.model.match_spec import MatchSpec

_KEYS = ("conda", "pypi", "when")
_CONDA_NAME = pattern(r"[a-z0-9_][a-z0-9_.\-]*\Z")
_PYPI_NAME = pattern(r"[A-Za-z0-9]([A-Za-z0-9._\-]*[A-Za-z0-9])?\Z")


class MapRow(msgspec.Struct, frozen=True, dict=True):
    """One fact: records of ``conda`` (under ``when``, a match spec) ship ``pypi``; None: no project.

    ``condition`` is what ``when`` means, read when it is first asked for: most rows never are.
    """

    conda: CondaName
    pypi: PypiName | None
    when: str | None = None

    @cached_property
    def condition(self) -> MatchSpec | None:
        """What ``when`` means; None: the row always holds. Raises ValueError where it is no match spec."""
        from resolver.model.match_spec import parse_match_spec

        return parse_match_spec(self.when) if self.when is not None else None


def parse_overlay(text: str, path: Path) -> tuple[MapRow, ...]:
    """Return the rows of an overlay file, in file order; ``path`` gives its suffix, and places for faults.

    Raises InputError for a text that can't be parsed, and InputErrors with every faulty row.
    """
    document, lines = _parse(text, path)
    rows: list[MapRow] = []
    faults: list[InputError] = []
    for place, entry in enumerate(_entries(document, path)):
        origin = Origin(file=str(path), line=lines[place] if place < len(lines) else None)
        try:
            rows += _rows(entry, origin)
        except InputError as error:
            faults.append(error)
    if faults:
        raise faults[0] if len(faults) == 1 else InputErrors(faults)
    return tuple(rows)


def _parse(text: str, path: Path) -> tuple[Any, list[int]]:
    """Return the document and the line of each of its entries (fewer where the parser tells none)."""
    suffix = path.suffix.lower()
    if suffix == ".toml":
        return _parse_toml(text, path)
    if suffix == ".json":
        from resolver.model.json_text import load_json

        try:
            return load_json(text), []
        except json.JSONDecodeError as error:
            place = Origin(file=str(path), line=error.lineno, column=error.colno)
            raise InputError(error.msg, place) from None
        except ValueError as error:
            raise InputError(f"can't be read as JSON: {error}", Origin(file=str(path))) from None
    if suffix in (".yaml", ".yml"):
        return _parse_yaml(text, path)
    raise InputError(
        "the name map is none of TOML, YAML and JSON",
        Origin(file=str(path)),
        "Give the file the suffix `.toml`, `.yaml` or `.json`.",
    )


def _parse_toml(text: str, path: Path) -> tuple[Any, list[int]]:
    import tomllib

    try:
        document = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        at = re.search(r"\(at line (\d+), column (\d+)\)", str(error))
        origin = Origin(file=str(path), line=int(at[1]) if at else None, column=int(at[2]) if at else None)
        raise InputError(str(error).partition(" (at ")[0], origin) from None
    heads = [
        number for number, line in enumerate(text.splitlines(), 1) if re.match(r"\s*\[\[\s*map\s*\]\]", line)
    ]
    return document, heads


def _parse_yaml(text: str, path: Path) -> tuple[Any, list[int]]:
    import yaml

    from resolver.inputs.faults import Faults
    from resolver.inputs.yaml_document import parse_document

    faults = Faults()
    document = parse_document(text, str(path), faults)
    if len(faults):
        raise faults.in_order()[0]
    if document is None or document.data is None:
        return {}, []
    data, root = document.data, document.nodes[()]
    rows = data.get("map") if isinstance(data, dict) else None
    if isinstance(rows, list):
        return data, [document.places["map", number][0] for number in range(len(rows))]
    keys = root.value if isinstance(root, yaml.MappingNode) else ()
    return data, [key.start_mark.line + 1 for key, _ in keys]


def _entries(document: Any, path: Path) -> Iterator[Any]:
    """Yield the entries, the short form as if it were written out."""
    if not isinstance(document, dict):
        raise InputError(
            "a name map is a list of rows under `map`, or one key for each conda name", Origin(file=str(path))
        )
    rows = document.get("map")
    if isinstance(rows, list):
        yield from rows
    else:
        yield from ({"conda": key, "pypi": value} for key, value in document.items())


def _rows(entry: Any, origin: Origin) -> list[MapRow]:
    """Return the rows of one entry; raises InputError for what is wrong with it."""
    if not isinstance(entry, dict):
        raise InputError("a row of the name map has the keys `conda` and `pypi`", origin)
    unknown = next((str(key) for key in entry if key not in _KEYS), None)
    if unknown is not None:
        raise InputError(f"unknown key `{unknown}` in a row of the name map", origin, _meant(unknown))
    if "conda" not in entry or "pypi" not in entry:
        raise InputError("a row of the name map needs `conda` and `pypi`", origin)
    conda = conda_name(str(entry["conda"]))
    if not _CONDA_NAME.match(conda):
        raise InputError(f"`{entry['conda']}` is not a conda package name", origin)
    when = _condition(entry.get("when"), conda, origin)
    given = entry["pypi"]
    names = given if isinstance(given, list) else [given] if given else []
    wrong = next((name for name in names if not (isinstance(name, str) and _PYPI_NAME.match(name))), None)
    if wrong is not None:
        raise InputError(f"`{wrong}` is not a PyPI project name", origin)
    if not names:
        return [MapRow(conda, None, when)]
    return [MapRow(conda, pypi_name(name), when) for name in names]


def _condition(given: Any, conda: CondaName, origin: Origin) -> str | None:
    """Return a row's condition, checked; None: it has none."""
    if given is None:
        return None
    from resolver.model.match_spec import parse_match_spec

    try:
        spec = parse_match_spec(str(given))
    except ValueError as error:
        raise InputError(
            f"`when` is not a match spec: {error}",
            origin,
            f"Write a match spec on `{conda}` itself or on one of its dependencies, as `cuda-version 12.*`.",
        ) from None
    if spec.name != conda and spec.build is not None:
        raise InputError("a condition on a dependency looks at its version alone, not at its build", origin)
    return str(given)


def _meant(key: str) -> str | None:
    from resolver.inputs.faults import nearest

    near = nearest(key, _KEYS)
    return (
        f"Did you mean `{near}`?" if near else f"The keys are {', '.join(f'`{known}`' for known in _KEYS)}."
    )
