"""What conda's versions and match specs mean.

The meaning of a version, a version spec and a match spec is conda's (CEP 29,
CEP 33), taken from py-rattler's types (:mod:`conda_types`), and beyond their grammar from
:mod:`version_grammar`. Results are memoised for the life of the process: a channel repeats its spec
strings thousands of times.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import msgspec

from resolver.model.channels import Channel
from resolver.model.dependency_text import MEMORY
from resolver.model.names import CondaName
from resolver.model.patterns import pattern
from resolver.model.platforms import KNOWN_SUBDIRS
from resolver.model.records import CondaRecord

if TYPE_CHECKING:
    from resolver.model.conda_types import Version, VersionSpec

#: A token that begins or ends like this belongs to an operator spread over blanks (``>=1.2, <2``, ``< 2``).
_OPERATORS = frozenset("<>=!~,|")
_PLAIN_NAME = pattern(r"[a-z0-9_][a-z0-9_.\-]*\Z")
#: A name with clauses that every reader takes for the same: ``python=3.11``, ``numpy>=1.24,<2``.
_SIMPLE = pattern(
    r"([a-z0-9_][a-z0-9_.\-]*)"
    r"(?:=([0-9]{1,18}(?:\.[0-9]{1,18})*)|((?:[<>]=?|==|!=)[0-9]{1,18}(?:\.[0-9]{1,18})*(?:,(?:[<>]=?|==|!=)[0-9]{1,18}(?:\.[0-9]{1,18})*)*))\Z"
)
#: Version specs that nothing can be wrong with: numbers of 19 digits and more are beyond py-rattler's.
_SURE = pattern(
    r"(?:[0-9]{1,18}(?:\.[0-9]{1,18})*(?:\.\*)?|(?:[<>]=?|==|!=)[0-9]{1,18}(?:\.[0-9]{1,18})*(?:a0)?(?:,(?:[<>]=?|==|!=)[0-9]{1,18}(?:\.[0-9]{1,18})*(?:a0)?)*)\Z"
)
#: The channel among the fields in brackets: ``numpy[version='>=1', channel=conda-forge/noarch]``.
_BRACKET_CHANNEL = pattern(r"""\[(?:[^\]]*[,\s])?channel\s*=\s*["']?([^"',\]]+)""")
_QUOTED = pattern(r""" "[^"]*"|'[^']*' """.strip())
_KEY = pattern(r"(?:^|[\s,])([a-z_0-9]+)\s*=(?!=)")
#: Fields that records are not asked for.
_NOT_HONOURED = frozenset({"license_family", "namespace"})
_SUBDIRS = frozenset({*KNOWN_SUBDIRS, "noarch"})
_LONGEST = 20_000  #: characters of a match spec; of the published ones the longest has 600
_GLOB_MAGIC = pattern(r"[*^$]")


class MatchSpec(msgspec.Struct, frozen=True, kw_only=True):
    """A query over record fields; a field that is None matches anything.

    ``version``, ``build`` and ``build_number`` keep conda's notation.
    """

    name: CondaName
    version: str | None = None
    build: str | None = None
    build_number: str | None = None
    channel: str | None = None  #: name or address, without subdir
    subdir: str | None = None
    md5: str | None = None
    sha256: str | None = None
    file_name: str | None = None
    url: str | None = None
    extra_fields: tuple[tuple[str, str], ...] = ()  #: ``license``, ``track_features`` ... as written
    flags: tuple[str, ...] = ()  #: CEP 45: the record has each of them; globs
    extras: tuple[str, ...] = ()  #: CEP 44: groups of further dependencies that come with it
    #: CEP 43: it counts where each match spec of one of these is met by what is there; empty: always
    when: tuple[tuple[MatchSpec, ...], ...] = ()

    @property
    def asks_more_than_version(self) -> bool:
        """Tell whether :meth:`matches_build` can say no."""
        return bool(self.build) or self.asks_more_than_build

    @property
    def asks_more_than_build(self) -> bool:
        """Tell whether :meth:`matches_build` looks at anything but the build string."""
        return bool(
            self.build_number
            or self.md5
            or self.sha256
            or self.file_name
            or self.url
            or self.extra_fields
            or self.flags
        )

    def matches_build(self, record: CondaRecord) -> bool:
        """Tell whether everything but the version, channel and subdir matches."""
        if self.build is not None and not build_matcher(self.build)(record.build):
            return False
        if self.build_number is not None and not version_spec_matches(
            self.build_number, str(record.build_number)
        ):
            return False
        return not (
            (self.md5 is not None and self.md5 != record.md5)
            or (self.sha256 is not None and self.sha256 != record.sha256)
            or (self.file_name is not None and self.file_name != record.file_name)
            or (self.url is not None and self.url.rsplit("/", 1)[-1].split("#")[0] != record.file_name)
            or not all(_field_matches(record, field, value) for field, value in self.extra_fields)
            or not all(any(map(build_matcher(flag), record.flags)) for flag in self.flags)
        )

    def matches(self, record: CondaRecord) -> bool:
        """Tell whether name, version and build fields match (channel and subdir are the caller's)."""
        return (
            record.name == self.name
            and (self.version is None or version_spec_matches(self.version, record.version))
            and self.matches_build(record)
        )


def _field_matches(record: CondaRecord, field: str, value: str) -> bool:
    if field == "track_features":
        return set(value.replace(",", " ").split()) <= set(record.track_features.split())
    if field == "license":  # as in conda: a glob, whatever the case
        return record.license is not None and bool(build_matcher(value.lower())(record.license.lower()))
    return True


@functools.lru_cache(maxsize=MEMORY)
def version(text: str) -> Version:
    """Return the parsed version; a text that conda can't read ranks below all others."""
    from resolver.model.conda_types import parse_version

    try:
        return parse_version(text)
    except ValueError:
        return parse_version("0.dev0")


@functools.lru_cache(maxsize=MEMORY)
def _version_spec(text: str) -> VersionSpec:
    """Return a version spec within py-rattler's grammar; raises ValueError for a text that is none."""
    from resolver.model.conda_types import parse_version_spec

    return parse_version_spec(text)


def version_matcher(spec: str) -> Callable[[Version], bool]:
    """Return a predicate over parsed versions for a version spec within py-rattler's grammar.

    Raises ValueError for any other.
    """
    return _version_spec(spec).matches


@functools.lru_cache(maxsize=MEMORY)
def version_text_matcher(spec: str) -> Callable[[str], bool] | None:
    """Return a predicate over texts of versions for a spec beyond py-rattler's grammar; None for one within.

    Raises ValueError for a bad one.
    """
    if not _is_beyond(spec):
        return None
    from resolver.model.version_grammar import text_matcher

    def within(clause: str) -> Callable[[str], bool] | None:
        if _is_beyond(clause):
            return None
        matches = version_matcher(clause)
        return lambda text: matches(version(text))

    return text_matcher(spec, within)


def _is_beyond(spec: str) -> bool:
    """Tell whether a version spec holds a regular expression, or a star before something of the version."""
    if "^" in spec or "$" in spec:
        return True
    behind = spec.split("*")[1:]
    return any(part[:1] not in ("", ",", "|", ")", " ") for part in behind)


def version_spec_matches(spec: str, text: str) -> bool:
    """Tell whether the version ``text`` is in the version spec."""
    by_text = version_text_matcher(spec)
    return version_matcher(spec)(version(text)) if by_text is None else by_text(text)


def _check_version_spec(spec: str) -> None:
    """Raise ValueError for a text that is no version spec."""
    if version_text_matcher(spec) is None:
        _version_spec(spec)


@functools.lru_cache(maxsize=MEMORY)
def build_matcher(pattern: str) -> Callable[[str], object]:
    """Return a predicate over build strings: exact text, ``*`` globs, or ``^...$`` (CEP 29).

    Raises ValueError for a regular expression that isn't supported.
    """
    if not _GLOB_MAGIC.search(pattern):
        return pattern.__eq__
    if pattern.startswith("^") and pattern.endswith("$"):
        from resolver.model.linear_regex import linear_matcher

        return linear_matcher(pattern)
    start, _, end = pattern.partition("*")
    if not set("*^$") & set(end) and not set("^$") & set(start):  # one star: as most have it
        if not end:
            return lambda build: build.startswith(start)
        if not start:
            return lambda build: build.endswith(end)
        least = len(start) + len(end)
        return lambda build: build.startswith(start) and build.endswith(end) and len(build) >= least
    from resolver.model.version_grammar import glob_matcher

    return glob_matcher(pattern)


@functools.lru_cache(maxsize=MEMORY)
def plain_parts(text: str) -> tuple[CondaName, str | None, str | None] | None:
    """Return name, version and build of a match spec that is these alone, as nearly all are.

    None of the latter: any will do. None for any other match spec. Raises ValueError for what is no version
    or build.
    """
    parts = text.split()
    if not 1 <= len(parts) <= 3 or len(text) > _LONGEST or not _PLAIN_NAME.match(parts[0]):
        return None
    name = CondaName(parts[0])
    if len(parts) == 1:
        return name, None, None
    spec, build = parts[1], parts[2] if len(parts) > 2 else None
    if spec[-1] in _OPERATORS or "[" in spec or "=" in spec.lstrip("<>=!~,|"):
        # An inner '=' may be a build; ranges such as `>=1,<=2` are rare enough for the long way.
        return None
    if build is not None and (build[0] in _OPERATORS or "[" in build):
        return None
    if spec != "*":
        _check_sure(spec)
    if build is not None and build[0] == "^":
        build_matcher(build)
    return name, None if spec == "*" else spec, None if build == "*" else build


@functools.lru_cache(maxsize=MEMORY)
def parse_match_spec(text: str) -> MatchSpec:
    """Return the meaning of a match spec in any of conda's spellings.

    Raises ValueError with a message for a text that is none.
    """
    if len(text) > _LONGEST:
        raise ValueError(f"`{text[:40]}...` is longer than {_LONGEST} characters")
    plain = plain_parts(text)
    if plain is not None:
        return MatchSpec(name=plain[0], version=plain[1], build=plain[2])
    simple = _SIMPLE.match(text)
    if simple is not None:
        name, start, clauses = simple.groups()
        return MatchSpec(name=CondaName(name), version=clauses or f"{start}.*")
    try:
        found = _parse_with_rattler(text)
        if found.build is not None and found.build[0] != "^" and not _OPERATORS.isdisjoint(found.build):
            raise ValueError(f"`{text}` is not a match spec: `{found.build}` is no build")
    except ValueError:
        beyond = _parse_beyond(text)
        if beyond is None:
            raise
        return beyond
    if found.build is not None and found.build[0] == "^":
        build_matcher(found.build)
    return found


def _parse_beyond(text: str) -> MatchSpec | None:
    """Return a match spec whose version is beyond py-rattler's grammar; None for any other.

    The rest is read without the version. Raises ValueError for a version that is none.
    """
    from resolver.model.version_grammar import take_version

    taken = take_version(text)
    if taken is None or not _is_beyond(taken.version):
        return None
    _check_version_spec(taken.version)
    return msgspec.structs.replace(parse_match_spec(taken.rest), version=taken.version)


@functools.lru_cache(maxsize=MEMORY)
def _check_sure(spec: str) -> None:
    """Raise ValueError for a text that is no version spec: mostly one look tells that it is one."""
    if not _SURE.match(spec):
        _check_version_spec(spec)


def _parse_with_rattler(text: str) -> MatchSpec:
    from resolver.model.conda_types import parse_any_match_spec

    try:
        _check_brackets(text)
        spec = parse_any_match_spec(text)
        bare = _without_condition(text) if spec.condition else text
        plain = spec.name.normalized
        if not _PLAIN_NAME.match(plain):
            plain = text.split("::")[-1].split("[")[0].split()[0].lower()
        version_text = None if spec.version is None or str(spec.version) == "*" else str(spec.version)
        channel, subdir = _channel_of(bare, spec)
        build = None if spec.build is None or str(spec.build) == "*" else str(spec.build)
        return MatchSpec(
            name=CondaName(_name_of(spec, plain)),
            version=version_text,
            build=build,
            build_number=None if spec.build_number is None else str(spec.build_number),
            channel=channel,
            subdir=subdir,
            md5=None if spec.md5 is None else spec.md5.hex(),
            sha256=None if spec.sha256 is None else spec.sha256.hex(),
            file_name=spec.file_name,
            url=_url_of(bare),
            extra_fields=_extra_fields(bare),
            flags=_flags_of(spec),
            extras=tuple(dict.fromkeys(spec.extras or ())),
            when=_conditions_of(spec),
        )
    except ValueError:
        raise
    except Exception as error:  # py-rattler raises its own exception types
        raise ValueError(str(error).splitlines()[0] or f"`{text}` is not a match spec") from None


def _without_condition(text: str) -> str:
    from resolver.model.spec_conditions import WHEN

    return WHEN.sub("when", text)


def _flags_of(spec: Any) -> tuple[str, ...]:
    flags = tuple(dict.fromkeys(spec.flags or ()))
    if flags:
        from resolver.model.spec_conditions import check_flags

        check_flags(flags)
    return flags


def _conditions_of(spec: Any) -> tuple[tuple[MatchSpec, ...], ...]:
    """Return what a match spec's condition comes to; raises ValueError for one that can't be met."""
    if not spec.condition:
        return ()
    from resolver.model.spec_conditions import alternatives

    found = tuple(tuple(parse_match_spec(one) for one in each) for each in alternatives(spec.condition))
    if any(one.extras or one.when or one.name == "not" for each in found for one in each):
        raise ValueError(
            f"`{spec.condition}`: a condition has no `not`, no extras and no condition of its own"
        )
    return found


def _check_brackets(text: str) -> None:
    """Raise ValueError for a field in the brackets that stands twice, or that nothing is asked for."""
    start, bracket, inside = text.rstrip().removesuffix("]").partition("[")
    if bracket and not start.startswith("^"):
        keys = _KEY.findall(_QUOTED.sub("''", inside))
        twice = next((key for key in keys if keys.count(key) > 1), None)
        if twice is not None:
            raise ValueError(f"`{text}`: `{twice}` stands twice in the brackets")
        unmet = next((key for key in keys if key in _NOT_HONOURED), None)
        if unmet is not None:
            raise ValueError(f"`{text}`: `{unmet}` in the brackets isn't honoured here")


def _name_of(spec: Any, fallback: str) -> str:
    match = re.match(r"\"([^\"]+)\"", spec.name.display_inner())
    return (match.group(1) if match else fallback).lower()


def _channel_of(text: str, spec: Any) -> tuple[str | None, str | None]:
    """Return channel and subdir as written: py-rattler only has the channel resolved against its own alias.

    One in brackets wins over one before ``::``, as in conda.
    """
    subdir = None if spec.subdir is None else str(spec.subdir)
    if spec.channel is None:
        return None, subdir
    found = _BRACKET_CHANNEL.search(text)
    if found is not None:
        written = found[1]
    elif "::" in text:
        written = text.split("::", 1)[0]  # `*::name` and an empty channel ask for any
    else:
        written = str(spec.channel.name)
    written = written.strip().rstrip("/")
    start, _, last = written.rpartition("/")
    if start and last in _SUBDIRS:
        return start, subdir or last
    return written or None, subdir


def _url_of(text: str) -> str | None:
    stripped = text.strip()
    if "://" in stripped and "::" not in stripped and stripped.split("#")[0].endswith((".conda", ".tar.bz2")):
        return stripped
    match = re.search(r"\burl\s*=\s*[\"']([^\"']+)[\"']", text)
    return match.group(1) if match else None


def _extra_fields(text: str) -> tuple[tuple[str, str], ...]:
    if "[" not in text:
        return ()
    found = re.findall(r"\b(track_features|license)\s*=\s*[\"']?([^\"',\]]+)", text.split("[", 1)[1])
    return tuple((field, value.strip()) for field, value in found)


def same_channel(text: str, channel: Channel) -> bool:
    """Tell whether a channel written in a spec is this channel."""
    wanted = text.rstrip("/")
    return wanted in (channel.name, channel.base_url) or (
        wanted == "defaults" and channel.name.startswith("pkgs/")
    )
