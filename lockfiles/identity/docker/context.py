"""Digests of a Docker build context, as the v2 and the v1 SDK take them."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from lockfiles.identity.docker.ignore_file import Pattern, PatternError, is_excluded, parse_patterns
from lockfiles.identity.sdk_versions import SdkFormula
from lockfiles.regular_files import open_regular_file, read_whole
from resolver.errors import InputError
from resolver.model.origin import Origin

#: What the v2 SDK's directory digest begins with.
SEED = b"Initialize for october 2021 AML CLI version"

#: Ignore files in the context's root; the first that exists is used, and no other (``.dockerignore`` never).
IGNORE_FILES = (".amlignore", ".gitignore")

_CHUNK = 1 << 20


class ContextEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A file or folder that counts in the v2 digest; ``excluded`` entries don't."""

    path: Path
    target: Path  #: what a link leads to, else the path itself
    relative: str  #: to the context's root, ``/`` between parts
    is_file: bool
    excluded: bool = False


def hash_directory(directory: Path, formula: SdkFormula) -> str:
    """Return the v2 SDK's digest of a folder (32 or 64 hex digits).

    Entries stand by lower-cased path; each gives its name, then a file's bytes or
    what lies in the folder. There are no separators, so different trees can agree.

    Raises InputError where the folder is missing, a file is unreadable, a link
    leads nowhere or in a circle, or the ignore file has a bad pattern.
    """
    digest = hashlib.new(formula.algorithm, SEED, usedforsecurity=False)
    for entry in walk_context(directory, formula):
        if not entry.excluded:
            digest.update(entry.path.name.encode())
            if entry.is_file:
                _feed(digest, entry.target, directory)
    return digest.hexdigest()


def walk_context(directory: Path, formula: SdkFormula) -> Iterator[ContextEntry]:
    """Yield the entries in the digest's order, links followed; what an excluded folder holds is left out."""
    _require_directory(directory)
    name, patterns = read_ignore_file(directory)
    root = directory.resolve()

    def visit(folder: Path, relative: str, above: tuple[Path, ...]) -> Iterator[ContextEntry]:
        for path in _sorted_children(folder, directory):
            place = f"{relative}{path.name}"
            # matched by the real path relative to the root, so what a link brings in is matched outside of it
            rule_path = os.path.relpath(path.absolute(), root) if name else place
            excluded = bool(patterns) and is_excluded(
                rule_path.replace(os.sep, "/"), patterns, first_wins=formula.first_ignore_pattern_wins
            )
            target = _follow(path, directory, formula)
            yield ContextEntry(
                path=path, target=target, relative=place, is_file=target.is_file(), excluded=excluded
            )
            if not excluded and target.is_dir():
                real = target.resolve()
                if real in above:
                    raise InputError(
                        f"`{place}` links back to a folder that holds it", Origin(file=str(directory))
                    )
                yield from visit(target, f"{place}/", (*above, real))

    yield from visit(directory, "", (root,))


def read_ignore_file(directory: Path) -> tuple[str | None, tuple[Pattern, ...]]:
    """Return the name and patterns of the ignore file that counts, (None, ()) where there is none."""
    for name in IGNORE_FILES:
        path = directory / name
        if not path.exists():
            continue
        try:
            return name, parse_patterns(read_whole(path).decode("utf-8-sig").splitlines())
        except (PatternError, re.error) as error:
            raise InputError(f"bad pattern `{error}`", Origin(file=str(path))) from None
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"can't be read: {error}", Origin(file=str(path))) from None
    return None, ()


def ambiguous_names(directory: Path, formula: SdkFormula) -> tuple[str, ...]:
    """Return names that differ in case only: their order in the digest is the file system's."""
    by_name: dict[str, list[str]] = {}
    for entry in walk_context(directory, formula):
        by_name.setdefault(entry.relative.lower(), []).append(entry.relative)
    return tuple(name for names in by_name.values() if len(names) > 1 for name in sorted(names))


def v1_context_hash(directory: Path) -> tuple[str, bool]:
    """Return the v1 SDK's digest of a folder (32 hex digits), and whether the file system's order took part.

    Only file contents count, in the order of ``os.walk``; files of one base name
    stand at the first one's place with the last one's content.
    """
    _require_directory(directory)
    files: dict[str, Path] = {}
    count = 0
    for folder, _, names in os.walk(directory):
        for name in names:
            files[name] = Path(folder, name)
            count += 1
    if not files:
        raise InputError("the build context holds no files", Origin(file=str(directory)))
    digest = hashlib.sha256()
    for path in files.values():
        _feed(digest, path, directory)
    return digest.hexdigest()[:32], count > 1


def _require_directory(directory: Path) -> None:
    if not directory.exists():
        raise InputError("no such build context", Origin(file=str(directory)))
    if not directory.is_dir():
        raise InputError("a build context is a folder, this is a file", Origin(file=str(directory)))


def _sorted_children(folder: Path, root: Path) -> list[Path]:
    try:
        children = list(folder.iterdir())
    except OSError as error:
        raise InputError(f"`{folder}` can't be read: {error.strerror}", Origin(file=str(root))) from None
    return sorted(children, key=lambda path: (path.name.lower(), path.name))


def _follow(path: Path, root: Path, formula: SdkFormula) -> Path:
    """Return what a link leads to (through further links), the path itself where it is none."""
    if not path.is_symlink():
        return path
    if formula.links_from_working_folder:
        return path.readlink()  # a target that isn't there counts with its name alone
    try:
        return path.resolve(strict=True)
    except (OSError, RuntimeError):
        raise InputError(f"the link `{path.name}` leads nowhere", Origin(file=str(root))) from None


def _feed(digest: Any, path: Path, root: Path) -> None:
    try:
        with open_regular_file(path) as file:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
    except OSError as error:
        raise InputError(f"`{path}` can't be read: {error.strerror}", Origin(file=str(root))) from None
