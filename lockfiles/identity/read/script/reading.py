"""A Python script -> the definitions of the environments that it makes."""

from __future__ import annotations

import ast
import os
import warnings
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from lockfiles.identity.definition import DefinitionKind, EnvironmentDefinition
from lockfiles.identity.read.files import beside_reader, raise_all
from lockfiles.identity.read.script.calls import Calls
from lockfiles.identity.read.script.environments import Environment, V1Environment
from lockfiles.identity.read.script.statements import Script
from lockfiles.identity.read.script.values import Beside, Place, places_of, unplaced
from lockfiles.identity.read.v1 import read_v1_environment
from lockfiles.identity.read.v2 import read_environment
from resolver.errors import InputError
from resolver.inputs.faults import Faults
from resolver.inputs.yaml_document import YamlDocument
from resolver.model.origin import Origin


def read_script(
    text: str, path: Path, shown: str, *, version: str, image: str | None
) -> tuple[EnvironmentDefinition, ...]:
    """Return the definitions of the environments that a script makes, in the order of its calls.

    Nothing of it is run: a value that isn't a plain one is refused where an image depends on it.
    A script with ``CondaDependencies`` alone gives those, on ``image``. Raises InputError or InputErrors.
    """
    faults = Faults()
    calls = Calls(version, _beside(path, shown))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of escapes in the script's texts
            tree = ast.parse(text)
        Script(calls, path.name, faults).run(tree)
    except SyntaxError as error:
        origin = Origin(file=shown, line=error.lineno, column=error.offset)
        raise InputError(f"no Python: {error.msg}", origin) from None
    except (ValueError, RecursionError, MemoryError):
        raise InputError("no Python that can be read", Origin(file=shown)) from None
    raise_all(faults)
    found = tuple(_definitions(calls, path.parent, shown, image))
    if not found:
        raise _nothing(calls, shown)
    return found


def _beside(path: Path, shown: str) -> Beside:
    base = path.parent

    def find(name: str) -> str:
        if (base / name).exists() or not Path(name).exists():
            return name
        return os.path.relpath(name, base)  # as from the folder that the script is run in

    def origin(place: Place) -> Origin:
        return Origin(file=shown, line=place[0], column=place[1])

    return Beside(find=find, read=beside_reader(shown, base), origin=origin)


def _definitions(calls: Calls, base: Path, shown: str, image: str | None) -> Iterator[EnvironmentDefinition]:
    for made in calls.made:
        label = shown if len(calls.made) == 1 else f"{shown}#{made.variable or made.place[0]}"
        yield replace(_definition(made, base, shown, image), kind=DefinitionKind.PYTHON, label=label)
    if calls.made:
        return
    for place, conda in calls.conda:
        source = _document(shown, conda.data, place)
        label = shown if len(calls.conda) == 1 else f"{shown}#{place[0]}"
        yield EnvironmentDefinition(
            kind=DefinitionKind.PYTHON,
            label=label,
            source=source,
            image=image,
            conda=source.data,
            conda_source=conda.document,
        )


def _definition(made: Environment, base: Path, shown: str, image: str | None) -> EnvironmentDefinition:
    if not isinstance(made, V1Environment):
        return read_environment(_document(shown, made.document(), made.place), base)
    if made.lacks_default:
        if image is None:
            hint = "Give `--image REF`, or `--v1-sdk-version` of one that is known."
            raise InputError("this azureml-core has a default image that isn't known", None, hint)
        made.image = image
    definition = read_v1_environment(_document(shown, made.document(), made.place), base)
    document = made.conda.document if made.conda is not None else None
    return replace(definition, conda_source=document, conda_path=()) if document is not None else definition


def _document(shown: str, data: dict[str, Any], place: Place) -> YamlDocument:
    return YamlDocument(file=shown, data=unplaced(data), places={(): place, **dict(places_of(data))})


def _nothing(calls: Calls, shown: str) -> InputError:
    hint = "Read are `Environment` of azure-ai-ml and of azureml-core, and `CondaDependencies`."
    if calls.elsewhere:
        place, what = calls.elsewhere[0]
        origin = Origin(file=shown, line=place[0], column=place[1])
        return InputError(f"the script takes its environment from {what}", origin, "Give that one itself.")
    return InputError("no environment is made in this script", Origin(file=shown), hint)
