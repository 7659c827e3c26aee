"""Findings about a definition: what will surprise, before an image is built."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from lockfiles.identity.definition import Definition, DefinitionKind
from lockfiles.identity.items import iter_entries, iter_items
from lockfiles.identity.lint.context import lint_context
from lockfiles.identity.lint.findings import check_image, make_finding
from lockfiles.identity.normal import NormalItem
from lockfiles.identity.secret_scan import credential_places
from resolver.model.findings import Finding, Severity, sort_findings
from resolver.model.origin import Origin

#: Packages that bring the inference server.
_INFERENCE = frozenset(
    {"azureml-defaults", "azureml-inference-server-http", "mlflow", "azureml-contrib-services"}
)

_RESERVED = re.compile(r"^(?:AzureML|Microsoft)")
_LOCAL = re.compile(r"^(?:file:|\.{0,2}/|~|[A-Za-z]:[\\/])|(?:^|\s)@\s*file:|\s@\s+\.{0,2}/")


def lint(definition: Definition, *, inference: bool = False) -> tuple[Finding, ...]:
    """Return the findings about a definition, worst first.

    ``inference``: the environment is meant to serve a model (it is known when the
    definition has an ``inference_config``). Raises InputError for an unreadable context.
    """
    if definition.reference is not None:
        return ()
    rules = (_name(definition), _image(definition), _conda(definition), _secrets(definition))
    found = [finding for rule in rules for finding in rule]
    if inference or definition.inference:
        found += _inference(definition)
    if definition.build is not None and definition.build.directory is not None:
        found += lint_context(definition)
    return sort_findings(found)


def _name(definition: Definition) -> Iterator[Finding]:
    name = definition.name
    if name is None:
        return
    if definition.anonymous:
        version = f":{definition.version}" if definition.version else ""
        yield make_finding(
            "azureml/inline-name",
            Severity.WARNING,
            f"an inline environment carries the name `{name}{version}`, which is not used",
            definition.origin("name"),
            f"Drop them, or refer to the registered environment: `azureml:{name}{version or '@latest'}`.",
        )
    if _RESERVED.match(name):
        yield make_finding(
            "azureml/reserved-name",
            Severity.ERROR,
            f"the name `{name}` begins with a reserved word",
            definition.origin("name"),
            "Choose a name that doesn't begin with `AzureML` or `Microsoft`.",
        )


def _image(definition: Definition) -> Iterator[Finding]:
    if definition.image is None:
        return
    # a file that can't name its image got it from a flag
    named = definition.kind in {
        DefinitionKind.AZUREML_V2,
        DefinitionKind.AZUREML_JOB,
        DefinitionKind.AZUREML_V1,
    }
    path = ("docker", "baseImage") if definition.kind is DefinitionKind.AZUREML_V1 else ("image",)
    origin = definition.origin(*path) if named else Origin(file=definition.label)
    yield from check_image(definition.image, origin)


def _conda(definition: Definition) -> Iterator[Finding]:
    conda = definition.conda
    if conda is None:
        return
    if definition.build is not None:
        yield make_finding(
            "azureml/conda-ignored",
            Severity.ERROR,
            "a build context and conda dependencies: the conda dependencies are ignored",
            definition.origin("conda_file"),
            "Create the conda environment in the Dockerfile, or replace `build` by `image`.",
        )
        return
    yield from _numbers(definition, conda)
    yield from _pins(definition, conda)
    yield from _local_paths(definition, conda)
    asked = [(entry.pip, item.name) for entry, item in iter_items(conda)]
    if (
        any(pip for pip, _ in asked)
        and (False, "pip") not in asked
        and definition.kind is not DefinitionKind.LOCKFILE
    ):
        yield make_finding(
            "azureml/conda-without-pip",
            Severity.NOTE,
            "a pip section without `pip` among the dependencies",
            definition.conda_origin("dependencies"),
            "Add `pip` with a version to the dependencies, above the pip section.",
        )


def _numbers(definition: Definition, conda: Mapping[str, Any]) -> Iterator[Finding]:
    for entry in iter_entries(conda):
        if isinstance(entry.value, (int, float)) and not isinstance(entry.value, bool):
            yield make_finding(
                "azureml/number-item",
                Severity.ERROR,
                f"the dependency is the number {entry.value}, not a package",
                definition.conda_origin(*entry.path),
                "Write a package name, in quotes where needed.",
            )


def _pins(definition: Definition, conda: Mapping[str, Any]) -> Iterator[Finding]:
    for entry, item in iter_items(conda):
        if not (item.pinned or item.is_option) and entry.text.strip():
            yield _unpinned(item, entry.text, definition.conda_origin(*entry.path), pip=entry.pip)


def _unpinned(item: NormalItem, text: str, origin: Origin, *, pip: bool) -> Finding:
    exact = f"{item.name}==VERSION" if pip else f"{item.name}=VERSION"
    partly = (
        item.versioned
        and not pip
        and re.fullmatch(r"=[^,|<>!~=]+", item.text.partition(" ")[2] or "") is not None
    )
    return make_finding(
        "azureml/partly-pinned" if partly else "azureml/unpinned-package",
        Severity.NOTE if partly else Severity.WARNING,
        f"`{text.strip()}` is {'only partly ' if partly else 'not '}pinned",
        origin,
        f"Pin it: `{exact}`, or write the definition from a lockfile: `lock export --azureml DIR`.",
    )


def _local_paths(definition: Definition, conda: Mapping[str, Any]) -> Iterator[Finding]:
    for entry in iter_entries(conda):
        text = entry.text.strip()
        bare = re.sub(r"^(?:-e|--editable|-f|--find-links)[ =]\s*", "", text)
        if _LOCAL.search(bare) or (text.endswith(".whl") and "://" not in text):
            yield make_finding(
                "azureml/local-path",
                Severity.ERROR,
                f"`{text}` is a path that only this machine has",
                definition.conda_origin(*entry.path),
                "Put the package on an index, or use a build context that holds the wheel.",
            )


def _secrets(definition: Definition) -> Iterator[Finding]:
    places = credential_places(definition)
    for place in places:
        yield make_finding(
            "azureml/secret",
            Severity.ERROR,
            "a credential stands in the definition",
            _origin_of(place),
            "Take it out: give the feed's credentials in a workspace connection.",
            ["its value is not shown, not stored and not hashed"],
        )
    for name in definition.secret_variables:
        yield make_finding(
            "azureml/secret",
            Severity.ERROR,
            f"the environment variable `{name}` holds a secret",
            definition.origin("environmentVariables", name),
            "Read it from a key vault while the job runs.",
            ["its value is not shown, not stored and not hashed"],
        )


def _origin_of(place: str) -> Origin:
    parts = place.rsplit(":", 2)
    if len(parts) == 3 and parts[1].isdigit() and parts[2].isdigit():
        return Origin(file=parts[0], line=int(parts[1]), column=int(parts[2]))
    file, _, line = place.rpartition(":")
    return Origin(file=file, line=int(line)) if file and line.isdigit() else Origin(file=place)


def _inference(definition: Definition) -> Iterator[Finding]:
    if definition.conda is None or definition.build is not None:
        return
    if not _INFERENCE & {item.name for _, item in iter_items(definition.conda)}:
        yield make_finding(
            "azureml/inference-defaults",
            Severity.WARNING,
            "no package that brings the inference server",
            definition.conda_origin("dependencies"),
            "Add `azureml-inference-server-http` (or `azureml-defaults`) to the pip section.",
        )
