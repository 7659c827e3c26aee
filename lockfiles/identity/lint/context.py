"""Findings about a build context: ignore files, names that collide, base images in the Dockerfile."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from lockfiles.identity.definition import Build, Definition
from lockfiles.identity.docker.context import Entry, ambiguous_names, read_ignore_file, walk_context
from lockfiles.identity.lint.findings import check_image, make_finding
from lockfiles.identity.sdk_versions import formula_for
from resolver.model.findings import Finding, Severity
from resolver.model.origin import Origin

_FROM = re.compile(
    r"(?i)^\s*FROM\s+(?:--platform=\S+\s+)?(?P<image>\S+)(?:\s+AS\s+(?P<stage>\S+))?\s*$", re.MULTILINE
)

#: A file up to this many bytes is looked at whole for a collision with its name.
_HEAD = 64


def lint_context(definition: Definition) -> Iterator[Finding]:
    """Yield the findings about a local build context."""
    build = definition.build
    if build is None or build.directory is None:
        return
    yield from _ignore_files(build, build.directory)
    yield from _collisions(build, build.directory)
    yield from _dockerfile(build)


def _ignore_files(build: Build, directory: Path) -> Iterator[Finding]:
    if not (directory / ".dockerignore").is_file():
        return
    honoured, _ = read_ignore_file(directory)
    yield make_finding(
        "azureml/dockerignore",
        Severity.WARNING,
        "`.dockerignore` is not honoured: what it excludes is hashed and uploaded",
        Origin(file=str(Path(build.path) / ".dockerignore")),
        "Write the same patterns into `.amlignore`.",
        [
            f"`{honoured}` is what counts"
            if honoured
            else "no `.amlignore` or `.gitignore` in the context's root"
        ],
    )


def _collisions(build: Build, directory: Path) -> Iterator[Finding]:
    formula = formula_for()
    entries = [entry for entry in walk_context(directory, formula) if not entry.excluded]
    origin = Origin(file=build.path)
    for entry in _ambiguous_boundaries(entries):
        yield make_finding(
            "azureml/context-collision",
            Severity.NOTE,
            f"`{entry.relative}` can change its name without changing the digest",
            origin,
            "End the name with an extension, and the file with a line end.",
            ["its content begins with letters that read on from its name"],
        )
    names = ambiguous_names(directory, formula)
    if names:
        yield make_finding(
            "azureml/context-case",
            Severity.WARNING,
            f"names that differ in case only: {', '.join(f'`{name}`' for name in names)}",
            origin,
            "Rename one of them: another machine may hash them in another order.",
        )
    by_base: dict[str, list[str]] = {}
    for entry in entries:
        if entry.is_file:
            by_base.setdefault(entry.path.name, []).append(entry.relative)
    for name, places in sorted(by_base.items()):
        if len(places) > 1 and name != "__init__.py":
            yield make_finding(
                "azureml/same-base-name",
                Severity.NOTE,
                f"{len(places)} files are called `{name}`: the v1 SDK uploads one of them",
                origin,
                "Submit it with the v2 SDK, or rename them.",
                places,
            )


def _ambiguous_boundaries(entries: list[Entry]) -> Iterator[Entry]:
    """Yield files whose name could go on in their content: no extension, letters only."""
    for entry in entries:
        if not entry.is_file or "." in entry.path.name or entry.path.name in {"Dockerfile", "Containerfile"}:
            continue
        try:
            with entry.path.open("rb") as file:
                head = file.read(_HEAD)
        except OSError:
            continue
        if re.match(rb"[A-Za-z0-9_-]+\Z", head):
            yield entry


def _dockerfile(build: Build) -> Iterator[Finding]:
    path = build.dockerfile
    if path is None or not path.is_file():
        return
    text = path.read_text(encoding="utf-8", errors="replace")
    shown = str(Path(build.path) / (build.dockerfile_path or "Dockerfile"))
    stages: set[str] = set()
    for match in _FROM.finditer(text):
        image = match["image"]
        known = image in stages or image == "scratch" or "$" in image
        stages |= {match["stage"]} if match["stage"] else set()
        if not known:
            yield from check_image(image, Origin.at(shown, text, match.start("image")))
