"""Fields of a definition that the SDK refuses, though what they mean is plain enough to be hashed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lockfiles.identity.definition import DefinitionKind
from lockfiles.identity.lint.registry import LintSubject, Seen, rule
from lockfiles.identity.lint.sources import SDK
from resolver.model.findings import Fact, Severity

#: Kinds whose fields are the SDK's schema of an environment.
_SCHEMA = frozenset({DefinitionKind.AZUREML_V2, DefinitionKind.AZUREML_JOB})
#: Fields that may stand without a value inside a job: the SDK drops them there.
_DROPPED_INSIDE = frozenset({"name", "version"})


@rule(
    "azureml/name-missing",
    Severity.WARNING,
    "an environment file has no `name`",
    fact=Fact(
        text="The schema of an environment file requires `name`; inside a job, and in a file that a job "
        "names, an environment needs none.",
        source=SDK,
        date="2026-11",
    ),
)
def name_missing(subject: LintSubject) -> Iterator[Seen]:
    """Find environment files that can't be registered as they are: `load_environment` refuses them."""
    definition = subject.definition
    fields = definition.source.at(definition.path)
    if definition.kind is DefinitionKind.AZUREML_V2 and isinstance(fields, Mapping) and "name" not in fields:
        yield Seen(
            message="the environment has no `name`: the SDK refuses the file, except where a job names it",
            origin=definition.origin(),
            fix="Add `name:`, or give `--name` to `az ml environment create`.",
        )


@rule(
    "azureml/empty-field",
    Severity.ERROR,
    "a field has no value, and the SDK refuses the file",
    fact=Fact(
        text="No field of an environment may be null; a field that says nothing is left out.",
        source=SDK,
        date="2026-11",
    ),
)
def empty_field(subject: LintSubject) -> Iterator[Seen]:
    """Find fields without a value: every one of them stops the submission."""
    definition = subject.definition
    fields = definition.source.at(definition.path)
    if definition.kind not in _SCHEMA or not isinstance(fields, Mapping):
        return
    inside = definition.kind is DefinitionKind.AZUREML_JOB
    for key, value in fields.items():
        if value is None and not (inside and key in _DROPPED_INSIDE):
            yield Seen(
                message=f"`{key}` has no value: the SDK refuses it",
                origin=definition.origin(str(key)),
                fix="Drop the line, or give it a value.",
            )


@rule(
    "azureml/refused-field",
    Severity.ERROR,
    "a field that the SDK's schema of files doesn't have",
    fact=Fact(
        text="`properties` is an attribute of the SDK's objects; in a file, also in a job's, it is refused.",
        source=SDK,
        date="2026-11",
    ),
)
def refused_field(subject: LintSubject) -> Iterator[Seen]:
    """Find `properties`, which only a program can give to an environment."""
    definition = subject.definition
    fields = definition.source.at(definition.path)
    if definition.kind not in _SCHEMA or not isinstance(fields, Mapping) or "properties" not in fields:
        return
    given = fields["properties"]
    if not (isinstance(given, Mapping) and "condaFile" in given):  # that is the service's own form
        yield Seen(
            message="`properties` is no field of an environment file: the SDK refuses it",
            origin=definition.origin("properties"),
            fix="Say it in `tags`, or drop it.",
        )


@rule(
    "azureml/tag-not-text",
    Severity.ERROR,
    "the name of a tag is not text, and the SDK refuses the file",
    fact=Fact(text="Names of tags are text; their values may be numbers.", source=SDK, date="2026-11"),
)
def tag_not_text(subject: LintSubject) -> Iterator[Seen]:
    """Find tags whose name YAML reads as a number or a truth value."""
    definition = subject.definition
    fields = definition.source.at(definition.path)
    tags = fields.get("tags") if isinstance(fields, Mapping) else None
    if definition.kind in _SCHEMA and isinstance(tags, Mapping):
        for key in tags:
            if not isinstance(key, str):
                yield Seen(
                    message=f"the tag `{key}` has a name that is no text: the SDK refuses it",
                    origin=definition.origin("tags"),
                    fix=f"Put it in quotes: `'{key}'`.",
                )
