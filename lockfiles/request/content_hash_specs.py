"""Specs as conda-lock's content hash sees them.

conda-lock takes match specs apart with an old parser of conda (4.x to 23.x),
whose ways are part of every content hash ever written: parentheses are
dropped, ``=1.2`` becomes ``1.2.*``, a channel's address becomes its path. This
is that view, for hashing only; the meaning of a spec is elsewhere.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import msgspec

from lockfiles.model import split_conda_file_name
from resolver.model.patterns import pattern
from resolver.model.platforms import KNOWN_SUBDIRS

#: Key-value pairs between brackets, with conda's leniency about quotes and blanks.
_BRACKET_PAIR = pattern(r"([a-zA-Z0-9_-]+?)=([\"']?)([^'\"]*?)(\2)(?:[, ]|$)")
_LAST_BRACKETS = pattern(r".*(\[.*\])")
_LAST_PARENTHESES = pattern(r".*(\(.*\))")
_NAME_AND_REST = pattern(r"([^ =<>!~]+)?([><!=~ ].+)?")
#: A build is what stands behind the last blank or ``=`` that belongs to no operator.
_VERSION_AND_BUILD = pattern(r"((?:.+?)[^><!,|]?)(?:(?<![=!|,<>~])(?:[ =])([^-=,|<>~]+?))?$")
_OPERATORS = "=<>!~"
#: Names that conda files under the channel ``defaults`` (as on Linux and macOS, where lockfiles are made).
_DEFAULTS = frozenset({"pkgs/main", "pkgs/r"})
_CONDA_HOSTS = frozenset({"conda.anaconda.org", "repo.anaconda.com"})


class HashedSpec(msgspec.Struct, frozen=True, kw_only=True):
    """What of a match spec enters the hash; ``version`` is empty where any will do."""

    name: str
    version: str = ""
    build: str | None = None
    channel: str | None = None


def hashed_spec(text: str) -> HashedSpec:
    """Return the parts of a match spec; any text gives some answer.

    1. Drop a comment and a condition.
    2. Take a package's address apart by its file name.
    3. Cut out brackets, then parentheses.
    4. Split off the channel, then the name.
    5. Split version from build; ``=1.2`` means ``1.2*``.
    6. Let brackets override what stood outside.
    """
    spec = text.split("#", 1)[0].split(" if ", 1)[0]
    if spec.endswith((".conda", ".tar.bz2")):
        return _spec_of_address(spec)
    brackets: dict[str, str] = {}
    if match := _LAST_BRACKETS.match(spec):
        spec = spec.replace(match.group(1), "")
        brackets = {key: value for key, _, value, _ in _BRACKET_PAIR.findall(match.group(1)[1:-1])}
    if match := _LAST_PARENTHESES.match(spec):
        spec = spec.replace(match.group(1), "")
    parts = spec.rsplit(":", 2)
    channel = parts[0] if len(parts) == 3 else ""
    channel = brackets.get("channel", channel)
    found = _NAME_AND_REST.match(parts[-1])
    name, rest = found.groups() if found else (None, None)
    version, build = _split_version((rest or "").strip())
    version = brackets.get("version", version)
    return HashedSpec(
        name=(name or "*").lower(),
        version=_normal_version(version) if version else "",
        build=brackets.get("build", build),
        channel=channel_name(channel) if channel else None,
    )


def _split_version(rest: str) -> tuple[str, str | None]:
    if not rest:
        return "", None
    match = _VERSION_AND_BUILD.search(rest)
    version, build = match.groups() if match else (rest, None)
    version = version.replace(" ", "")
    build = build.strip() if build else None
    if version.startswith("=") and version not in ("=", "=="):
        bare = version[1:]
        if bare.startswith("=") and build is None:
            version = bare[1:]
        elif not any(mark in bare for mark in "=,|"):
            version = bare + "*" if build is None and not bare.endswith("*") else bare
    return version, build


def _normal_version(version: str) -> str:
    """Return a version spec in conda's own spelling: no blanks, no parentheses, ``1.2*`` as ``1.2.*``."""
    if not re.match(r".*[()|,^$]", version):
        return _normal_atom(version.strip())
    pieces = (piece.strip() for piece in re.findall(r"\s*\^[^$]*[$]|\s*[()|,]|[^()|,]+", version))
    kept = (piece for piece in pieces if piece not in ("(", ")"))
    return "".join(piece if piece in ("|", ",") else _normal_atom(piece) for piece in kept)


def _normal_atom(atom: str) -> str:
    if not atom or atom[0] == "^" or atom[0] in _OPERATORS or atom == "*" or "*" in atom.rstrip("*"):
        return atom
    return f"{atom[:-1]}.*" if atom.endswith("*") and not atom.endswith(".*") else atom


def _spec_of_address(address: str) -> HashedSpec:
    base, _, file_name = address.rpartition("/")
    channel, _, subdir = base.rpartition("/")
    parts = split_conda_file_name(file_name)
    if parts is None or subdir not in (*KNOWN_SUBDIRS, "noarch"):
        return HashedSpec(name="*")
    name, version, build = parts
    place = urlsplit(channel)
    known = place.netloc in _CONDA_HOSTS or not place.scheme
    return HashedSpec(
        name=name.lower(), version=version, build=build, channel=channel_name(channel) if known else channel
    )


def channel_name(channel: str) -> str | None:
    """Return the name conda gives to a channel: an address loses its host, a path its folder."""
    place = urlsplit(channel) if "://" in channel else None
    if place is None:
        path = channel.strip("/")
    else:
        path = re.sub(r"^t/[^/]+/", "", place.path.strip("/"))
        if not path:
            return f"{place.scheme}://{place.netloc.rpartition('@')[2]}"
    if channel.startswith(("file:", "/", "./", "../", "~")):
        path = path.rpartition("/")[2]
    head, _, last = path.rpartition("/")
    if head and last in (*KNOWN_SUBDIRS, "noarch"):
        path = head
    if path in _DEFAULTS:
        return "defaults"
    return path or None
