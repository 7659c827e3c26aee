"""The conda definition of an Azure ML environment: inline, as text, or in a file beside it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from resolver.errors import InputError
from resolver.inputs.azureml.values import CondaPart, ReadBeside
from resolver.inputs.environment_yml import check_sections
from resolver.inputs.faults import Faults
from resolver.inputs.yaml_document import NodePath, YamlDocument, parse_document
from resolver.inputs.yaml_nodes import kind_of
from resolver.model.redaction import redact

#: Keys that only an environment file has, so that a mapping with one of them is one.
MARKS = frozenset({"image", "build", "conda_file", "inference_config"})

CONDA_KEYS = frozenset({"channels", "dependencies"})


def is_conda_mapping(data: object) -> bool:
    """Tell whether the mapping is a conda file's (``channels`` or ``dependencies`` at the top)."""
    return isinstance(data, Mapping) and bool(CONDA_KEYS & data.keys())


def read_conda_part(
    document: YamlDocument, path: NodePath, faults: Faults, beside: ReadBeside
) -> CondaPart | None:
    """Return the conda definition that a field holds or names; None where it says nothing, or a fault."""
    value = document.at(path)
    if value is None or value in ("", {}):
        return None
    if isinstance(value, Mapping):
        return _checked(CondaPart(document=document, path=path), document, path, faults)
    if not isinstance(value, str):
        node = document.nodes.get(path)
        what = f"is {kind_of(node)}; a mapping or a path is meant" if node else "must be a path or a mapping"
        faults.add(f"`{path[-1]}` {what}", document.origin(*path))
        return None
    if "\n" in value.strip() or "dependencies:" in value:
        return _inline_text(document, path, value, faults)
    if value.startswith("azureml:"):
        faults.add(
            f"`{path[-1]}: {redact(value)}` names an asset of a workspace",
            document.origin(*path),
            "download it and name the file",
        )
        return None
    return read_conda_file(value.removeprefix("file:"), document, path, faults, beside)


def read_conda_file(
    name: str, document: YamlDocument, path: NodePath, faults: Faults, beside: ReadBeside
) -> CondaPart | None:
    """Return the conda definition in the file of that name; ``path`` is the field that asks for it."""
    try:
        shown, text = beside(name)
    except FileNotFoundError:
        hint = "The path is relative to the environment file."
        faults.add(f"`{path[-1]}` names `{redact(name)}`, which doesn't exist", document.origin(*path), hint)
        return None
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        faults.add(f"`{path[-1]}` names `{redact(name)}`: {reason}", document.origin(*path))
        return None
    except InputError as error:
        faults.add_error(error)
        return None
    return parse_conda_text(text, shown, document, path, faults)


def parse_conda_text(
    text: str, shown: str, document: YamlDocument, path: NodePath, faults: Faults
) -> CondaPart | None:
    """Return the conda definition of a file's text."""
    inner = parse_document(text, shown, faults)
    if inner is None:
        return None
    if not isinstance(inner.data, Mapping):
        faults.add("a conda file is a mapping with `dependencies`", inner.origin())
        return None
    return _checked(CondaPart(document=inner, is_file=True), document, path, faults)


def _inline_text(document: YamlDocument, path: NodePath, value: str, faults: Faults) -> CondaPart | None:
    """Return the conda definition written as text into a field.

    A block (``|``) is taken from the file's own lines, with blank ones before
    it, so that places stay true.
    """
    node = document.nodes.get(path)
    text, label = value, f"{document.file} ({path[-1]})"
    if isinstance(node, yaml.ScalarNode) and node.style == "|":
        block = document.lines[node.start_mark.line + 1 : node.end_mark.line + 1]
        kept = len(node.value.rstrip("\n").split("\n"))
        text, label = "\n" * (node.start_mark.line + 1) + "\n".join(block[:kept]), document.file
    inner = parse_document(text, label, faults)
    if inner is None:
        return None
    if not isinstance(inner.data, Mapping):
        faults.add("a conda file is a mapping with `dependencies`", inner.origin())
        return None
    return _checked(CondaPart(document=inner), document, path, faults)


def _checked(part: CondaPart, document: YamlDocument, path: NodePath, faults: Faults) -> CondaPart | None:
    """Return the part where it is in the form of a conda file; the requirements in it aren't judged."""
    data: Mapping[str, Any] = part.data
    if MARKS & data.keys() and not is_conda_mapping(data):
        faults.add(
            f"`{path[-1] if path else 'conda_file'}` leads to an environment file, a conda file is needed",
            document.origin(*path),
        )
        return None
    node = part.document.nodes.get(part.path)
    if isinstance(node, yaml.MappingNode):
        check_sections(node, part.document.file, faults)
    return part
