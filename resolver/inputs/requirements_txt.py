"""requirements.txt and the pip section of an environment file -> requirements.

Source: pip's "Requirements File Format". Included files (``-r``, ``-c``) are
looked for beside the file that names them; local paths stay as written.
"""

from __future__ import annotations

import posixpath
import re

import msgspec
from msgspec.structs import replace

from resolver.errors import InputError
from resolver.inputs.draft import Draft
from resolver.inputs.pip_options import SplitLine, iter_logical_lines, split_line, strip_comment
from resolver.inputs.pip_requirement import PipContext, parse_pip_requirement
from resolver.inputs.placeholders import first_placeholder, placeholder_error
from resolver.inputs.urls import expand_pip, is_url
from resolver.model.findings import Severity
from resolver.model.names import pypi_name
from resolver.model.origin import Origin
from resolver.model.patterns import pattern
from resolver.model.redaction import redact

_DEEPEST, _MOST_FILES = 50, 500  #: files that include one another, and of a whole run
_NAMES_EXTRA = pattern(r"\bextra\b")
_HASH = pattern(r"(sha256|sha384|sha512):([0-9a-fA-F]+)\Z")
_DIGITS = {"sha256": 64, "sha384": 96, "sha512": 128}


class PipScope(msgspec.Struct, frozen=True, kw_only=True):
    """What holds for all lines of one file or section."""

    file: str
    category: str = "main"
    platforms: frozenset[str] | None = None
    is_constraint: bool = False
    parents: tuple[str, ...] = ()  #: files that are being read, outermost first


def add_pip_file(draft: Draft, text: str, scope: PipScope) -> None:
    """Add every line of a requirements file to the draft."""
    for line in iter_logical_lines(text):
        add_pip_line(draft, line.text, Origin(file=scope.file, line=line.line, column=line.column), scope)


def add_pip_line(draft: Draft, text: str, origin: Origin, scope: PipScope) -> None:
    """Add one line; its faults go to the draft."""
    text = strip_comment(text)
    try:
        written = first_placeholder(text)
        if written:
            raise placeholder_error(written, origin)
        try:
            line = split_line(text)
        except ValueError as error:
            raise InputError(error.args[0], origin, error.args[1]) from None
        _add_split_line(draft, line, origin, scope)
    except InputError as error:
        draft.faults.add_error(error)


def _add_split_line(draft: Draft, line: SplitLine, origin: Origin, scope: PipScope) -> None:
    hashes = tuple(_hash(value, origin) for name, value in line.options if name == "hash")
    editable = next((value for name, value in line.options if name == "editable"), None)
    for text, is_editable in ((line.requirement, False), (editable, True)):
        if not text:
            continue
        context = PipContext(
            origin=origin,
            environ=draft.environ,
            category=scope.category,
            platforms=scope.platforms,
            is_constraint=scope.is_constraint,
        )
        requirement, secret = parse_pip_requirement(text, context, editable=is_editable, hashes=hashes)
        draft.pypi.append(requirement)
        if secret:
            draft.secrets.append(secret)
        if requirement.marker and _NAMES_EXTRA.search(requirement.marker):
            text = f"{origin}: no line here belongs to an extra: `extra` is empty in `{requirement.marker}`"
            draft.say("extra-marker", text, file=scope.file)
    if hashes and not line.requirement:
        raise InputError(
            "`--hash` without a requirement", origin, "put it behind the requirement it belongs to"
        )
    for word in line.dropped:
        text = f"{origin}: `{redact(word)}` stands behind an option, where pip drops it: give it its own line"
        draft.say("word-dropped", text, file=scope.file)
    for name, value in line.options:
        _add_option(draft, name, value, origin, scope)


def _hash(value: str, origin: Origin) -> str:
    found = _HASH.match(value)
    if not found or len(found[2]) != _DIGITS[found[1]]:
        raise InputError(
            f"`--hash={value}` is not a hash",
            origin,
            "it has the form `sha256:` and 64 hex digits (or sha384, sha512)",
        )
    return f"{found[1]}:{found[2].lower()}"


def _add_option(draft: Draft, name: str, value: str, origin: Origin, scope: PipScope) -> None:
    value, missing = expand_pip(value, draft.environ)
    if missing:
        raise InputError(f"the environment variable `{missing[0]}` is not set", origin, f"set `{missing[0]}`")
    match name:
        case "index-url":
            if draft.index_url is not None and draft.index_url[0] != value:
                text = f"{origin}: this `--index-url` stands in place of the one at {draft.index_url[1]}"
                draft.say("index-overruled", text, file=scope.file)
            draft.index_url = (value, origin)
        case "ignored":
            text = f"{origin}: `{value}` is about how pip builds and installs, and is not heeded"
            draft.say("option-not-heeded", text, severity=Severity.NOTE, file=scope.file)
        case "extra-index-url":
            draft.extra_index_urls.extend(value.split())
        case "find-links":
            draft.find_links.append(value if is_url(value) else beside(scope.file, value))
        case "trusted-host":
            draft.trusted_hosts.append(value)
        case "no-index":
            draft.no_index = True
        case "pre":
            draft.pre = True
        case "prefer-binary":
            draft.prefer_binary = True
        case "require-hashes":
            draft.require_hashes = True
        case "no-binary":
            _add_names(draft.no_binary, draft.only_binary, value)
        case "only-binary":
            _add_names(draft.only_binary, draft.no_binary, value)
        case "requirement" | "constraint":
            _include(
                draft,
                value,
                origin,
                replace(scope, is_constraint=scope.is_constraint or name == "constraint"),
            )


def _add_names(names: set[str], others: set[str], value: str) -> None:
    """Do what pip does with ``--no-binary`` and ``--only-binary``: the later one wins for a name."""
    for word in value.split(","):
        word = word.strip()
        if word == ":none:":
            names.clear()
        elif word == ":all:":
            others.clear()
            names.clear()
            names.add(word)
        elif word:
            others.discard(pypi_name(word))
            names.add(pypi_name(word))


def _include(draft: Draft, path: str, origin: Origin, scope: PipScope) -> None:
    target = (
        path if is_url(path) and not path.startswith("file:") else beside(scope.file, _without_scheme(path))
    )
    if _same(target) in scope.parents:
        raise InputError(f"`{redact(target)}` includes itself", origin, "take one of the two lines out")
    if len(scope.parents) >= _DEEPEST or len(draft.files) >= _MOST_FILES:  # a server may go on for ever
        raise InputError(f"more than {_DEEPEST} files within one another, or {_MOST_FILES} in all", origin)
    text = draft.read_text(target, origin)
    if text is None:
        return
    shown = redact(target)
    draft.files.append(shown)
    add_pip_file(draft, text, replace(scope, file=shown, parents=(*scope.parents, _same(target))))


def _without_scheme(path: str) -> str:
    """Return the path of a ``file:`` address; pip takes ``file:name`` as well as ``file:///folder/name``."""
    if not path.startswith("file:"):
        return path
    rest = path[5:]
    return rest.removeprefix("//localhost").removeprefix("//") if rest.startswith("//") else rest


def beside(file: str, path: str) -> str:
    """Return a path seen from the folder of a file (or address), spelled like the file's own."""
    if path.startswith(("/", "~", "\\")) or re.match(r"[A-Za-z]:", path):
        return path
    if is_url(file):
        from urllib.parse import urljoin

        return urljoin(file, path)
    folder = re.split(r"[^/\\]*\Z", file, maxsplit=1)[0]
    return posixpath.normpath(folder + path) if folder else posixpath.normpath(path)


def _same(file: str) -> str:
    return file if is_url(file) else posixpath.normpath(file)
