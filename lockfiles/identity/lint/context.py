"""Build contexts: ignore files, and names that collide."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from lockfiles.files import is_file
from lockfiles.identity.docker.context import ContextEntry, ambiguous_names, read_ignore_file
from lockfiles.identity.lint.registry import LintSubject, Seen, rule
from lockfiles.identity.lint.sources import SDK, SDK_V1
from lockfiles.identity.sdk_versions import formula_for
from resolver.model.findings import Fact, Severity
from resolver.model.origin import Origin

#: A file up to this many bytes is looked at whole for a collision with its name.
_HEAD = 64


@rule(
    "azureml/dockerignore",
    Severity.WARNING,
    "`.dockerignore` is not honoured: what it excludes is hashed and uploaded",
    fact=Fact(
        text="The SDK honours .amlignore, else .gitignore, in the context's root; .dockerignore is "
        "hashed and uploaded like any file.",
        source=SDK,
    ),
)
def dockerignore(subject: LintSubject) -> Iterator[Seen]:
    """Find build contexts that rely on `.dockerignore`."""
    folder, build = subject.context, subject.definition.build
    if folder is None or build is None or not is_file(folder / ".dockerignore"):
        return
    honoured, _ = read_ignore_file(folder)
    yield Seen(
        message="`.dockerignore` is not honoured: what it excludes is hashed and uploaded",
        origin=Origin(file=str(Path(build.path) / ".dockerignore")),
        fix="Write the same patterns into `.amlignore`.",
        evidence=(
            f"`{honoured}` is what counts"
            if honoured
            else "no `.amlignore` or `.gitignore` in the context's root",
        ),
    )


@rule(
    "azureml/context-collision",
    Severity.NOTE,
    "a file can change its name without changing the digest",
    fact=Fact(
        text="The directory digest joins names and contents without separators, so different trees can "
        "have one digest, and the second is then taken for the first.",
        source=SDK,
    ),
)
def context_collision(subject: LintSubject) -> Iterator[Seen]:
    """Find files whose name could go on in their content: no extension, letters only."""
    for entry in subject.entries:
        if _reads_on(entry):
            yield Seen(
                message=f"`{entry.relative}` can change its name without changing the digest",
                origin=_origin(subject),
                fix="End the name with an extension, and the file with a line end.",
                evidence=("its content begins with letters that read on from its name",),
            )


def _reads_on(entry: ContextEntry) -> bool:
    if not entry.is_file or "." in entry.path.name or entry.path.name in {"Dockerfile", "Containerfile"}:
        return False
    try:
        with entry.path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError:
        return False
    return re.match(rb"[A-Za-z0-9_-]+\Z", head) is not None


@rule(
    "azureml/context-case",
    Severity.WARNING,
    "names differ in case only",
    fact=Fact(
        text="Entries are sorted by lower-cased path; names that differ in case only keep the file "
        "system's order.",
        source=SDK,
    ),
)
def context_case(subject: LintSubject) -> Iterator[Seen]:
    """Find names that another machine may hash in another order."""
    folder = subject.context
    names = ambiguous_names(folder, formula_for()) if folder is not None else ()
    if names:
        yield Seen(
            message=f"names that differ in case only: {', '.join(f'`{name}`' for name in names)}",
            origin=_origin(subject),
            fix="Rename one of them: another machine may hash them in another order.",
        )


@rule(
    "azureml/same-base-name",
    Severity.NOTE,
    "several files have one base name: the v1 SDK uploads one of them",
    fact=Fact(
        text="The v1 SDK collects a context's files by base name: of two with one name only the last "
        "is uploaded.",
        source=SDK_V1,
    ),
)
def same_base_name(subject: LintSubject) -> Iterator[Seen]:
    """Find files of one base name in different folders of a build context."""
    by_base: dict[str, list[str]] = {}
    for entry in subject.entries:
        if entry.is_file:
            by_base.setdefault(entry.path.name, []).append(entry.relative)
    for name, places in sorted(by_base.items()):
        if len(places) > 1 and name != "__init__.py":
            yield Seen(
                message=f"{len(places)} files are called `{name}`: the v1 SDK uploads one of them",
                origin=_origin(subject),
                fix="Submit it with the v2 SDK, or rename them.",
                evidence=tuple(places),
            )


def _origin(subject: LintSubject) -> Origin:
    build = subject.definition.build
    return Origin(file=build.path if build is not None else subject.definition.label)
