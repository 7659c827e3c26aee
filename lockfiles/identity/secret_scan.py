"""Where a definition, or the files of its build context, hold a credential."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from lockfiles.identity.credentials import find_credentials, has_credential, is_secret_variable
from lockfiles.identity.definition import EnvironmentDefinition

#: Files of a build context that configure installers, and so are where credentials stand.
_WATCHED = re.compile(
    r"(?i)(?:.*dockerfile.*|.*containerfile.*|requirements.*\.(?:txt|in)|constraints.*\.txt|pip\.(?:conf|ini)|\.?condarc"
    r"|\.netrc|_netrc|\.pypirc|\.env|.*\.env|(?:conda|environment).*\.ya?ml)\Z"
)

#: A larger file is data.
_LARGEST = 256 * 1024

_SETTING = re.compile(
    r"(?i)^\s*(?:ENV|ARG|export)?\s*(?P<name>[A-Za-z_][A-Za-z0-9_]*)\s*[= ]\s*(?P<value>\S+)"
)
_NETRC = re.compile(r"(?i)\bpassword\s+\S+")


def credential_places(definition: EnvironmentDefinition) -> tuple[str, ...]:
    """Return the places (file, line, or field) of credentials that would be hashed, in order, each once."""
    places: list[str] = []
    if definition.image and has_credential(definition.image):
        places.append(str(definition.origin("image")))
    if definition.conda:
        places += [str(definition.conda_origin(*path)) for path in find_credentials(definition.conda)]
    if definition.base_dockerfile:
        places += [
            f"base Dockerfile, line {line}" for line in _lines_of(definition.base_dockerfile, "Dockerfile")
        ]
    if definition.build is not None and definition.build.directory is not None:
        places += context_places(definition.build.directory)
    return tuple(dict.fromkeys(places))


def context_places(directory: Path) -> Iterator[str]:
    """Yield ``file:line`` of credentials in a context's Dockerfiles and installer settings, in path order."""
    for path in sorted(directory.rglob("*")):
        if not _WATCHED.match(path.name) or not path.is_file() or path.stat().st_size > _LARGEST:
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        for line in _lines_of(text, path.name):
            yield f"{path.relative_to(directory)}:{line}"


def _lines_of(text: str, name: str) -> Iterator[int]:
    settings = "docker" in name.lower() or "container" in name.lower() or name.lower().endswith(".env")
    for number, line in enumerate(text.splitlines(), start=1):
        if line.lstrip().startswith("#"):
            continue
        match = _SETTING.match(line) if settings else None
        if (
            has_credential(line)
            or (match and is_secret_variable(match["name"], match["value"].strip("'\"")))
            or (name.lower() in {".netrc", "_netrc"} and _NETRC.search(line))
        ):
            yield number
