"""A container registry's list of repositories, or a list of earlier definitions: which of them is reused."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from lockfiles.files import exists
from lockfiles.identity.definition import EnvironmentDefinition
from lockfiles.identity.differences import service_key
from lockfiles.identity.identify import Identities, IdentityKind
from lockfiles.identity.read.reading import ReadOptions, read_definitions
from lockfiles.identity.service import REPOSITORY
from resolver.errors import InputError
from resolver.model.json_text import load_json
from resolver.model.origin import Origin


class RepositoryList(msgspec.Struct, frozen=True, kw_only=True):
    """What is there already, in file order: names of repositories, earlier definitions."""

    file: str
    repositories: tuple[str, ...] = ()
    definitions: tuple[EnvironmentDefinition, ...] = ()


class RegistryAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What a definition reuses of a registry; ``reused`` is None where it can't be told."""

    definition: str
    reused: bool | None
    match: str | None  #: the repository, or the earlier definition
    reason: str

    def to_json(self) -> dict[str, object]:
        """Return the answer as JSON values."""
        return {
            "definition": self.definition,
            "reused": self.reused,
            "match": self.match,
            "reason": self.reason,
        }


def read_registry(text: str, file: str, folder: Path, options: ReadOptions) -> RepositoryList:
    """Return what a list holds: JSON or lines, each a repository's name or a definition's path.

    Paths are relative to ``folder``. Raises InputError for a list without entries, or an entry
    that is neither.
    """
    entries = _entries(text, file)
    repositories: list[str] = []
    definitions: list[EnvironmentDefinition] = []
    for line, entry in entries:
        if found := REPOSITORY.search(entry):
            repositories.append(found.group())
        elif exists(folder / entry):
            definitions.extend(read_definitions(folder / entry, entry, options))
        elif "\\" in entry or entry.endswith((".yml", ".yaml", ".json", ".txt")):
            raise InputError(f"no such definition: `{entry}`", Origin(file=file, line=line))
        # other repositories of the registry are not images of environments
    if not entries:
        raise InputError("the list is empty", Origin(file=file))
    return RepositoryList(file=file, repositories=tuple(repositories), definitions=tuple(definitions))


def _entries(text: str, file: str) -> list[tuple[int | None, str]]:
    stripped = text.strip()
    if stripped.startswith(("[", "{")):
        try:
            data = load_json(stripped)
        except ValueError as error:
            raise InputError(f"not JSON: {error}", Origin(file=file)) from None
        if isinstance(data, dict):
            data = data.get("repositories", data.get("definitions"))
        if not isinstance(data, list):
            hint = "A list of names, as a registry's list command prints it."
            raise InputError("a JSON list of names is needed", Origin(file=file), hint)
        return [(None, _entry(item)) for item in data]
    lines = [(number, line.strip()) for number, line in enumerate(text.splitlines(), start=1)]
    skipped = {"", "Result", "REPOSITORY"}
    return [
        (n, line) for n, line in lines if line not in skipped and not line.startswith("#") and line.strip("-")
    ]


def _entry(item: object) -> str:
    """Return the name in an entry: text, or an object of ``lock hash --json`` or a list command."""
    if isinstance(item, dict):
        return str(item.get("file") or item.get("name") or "")
    return str(item)


def match_registry(
    definition: EnvironmentDefinition, identities: Identities, registry: RepositoryList
) -> RegistryAnswer:
    """Return which entry of the registry this definition reuses."""
    names = [identity.value for identity in identities.of_kind(IdentityKind.IMAGE_REPOSITORY)]
    for name in names:
        if name in registry.repositories:
            return _answer(definition, True, name, "an image of this name is in the registry")
    key = service_key(definition)
    for earlier in registry.definitions:
        if service_key(earlier) == key:
            return _answer(definition, True, earlier.label, "what is hashed is the same")
    if key[0] in {"as-is", "reference"}:
        return _answer(definition, None, None, "no image is built for it")
    if key[0] == "secret":
        return _answer(definition, None, None, "its build context holds a credential: it is not hashed")
    if registry.repositories and not names:
        return _answer(definition, None, None, _why_unnamed(identities))
    return _answer(definition, False, None, "nothing in the list has its hash")


def _answer(
    definition: EnvironmentDefinition, reused: bool | None, match: str | None, reason: str
) -> RegistryAnswer:
    return RegistryAnswer(definition=definition.label, reused=reused, match=match, reason=reason)


def _why_unnamed(identities: Identities) -> str:
    reasons = [item.reason for item in identities.lacking if item.kind is IdentityKind.IMAGE_REPOSITORY]
    return reasons[0] if reasons else "its image's name is not known"


def match_all(
    definitions: Sequence[tuple[EnvironmentDefinition, Identities]], registry: RepositoryList
) -> tuple[RegistryAnswer, ...]:
    """Return the answer for each definition, in order."""
    return tuple(match_registry(definition, identities, registry) for definition, identities in definitions)
