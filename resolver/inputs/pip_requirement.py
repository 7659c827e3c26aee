"""One pip requirement as people write it: PEP 508, URL, VCS, local file or folder."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, unquote, urlsplit

import msgspec

from resolver.errors import InputError
from resolver.inputs.placeholders import first_placeholder, placeholder_error
from resolver.inputs.urls import expand_pip, is_path, is_url, split_credentials
from resolver.model.credentials import SecretAddress
from resolver.model.names import PypiName, pypi_name
from resolver.model.origin import Origin
from resolver.model.patterns import pattern
from resolver.model.redaction import redact
from resolver.model.requirements import DirectKind, DirectReference, PypiRequirement

_ARCHIVES = (
    ".whl",
    ".zip",
    ".tar.gz",
    ".tgz",
    ".tar",
    ".tar.bz2",
    ".tbz",
    ".tar.xz",
    ".txz",
    ".tlz",
    ".tar.lz",
    ".tar.lzma",
)
_VCS = pattern(r"(?:git|hg|svn|bzr)\+[a-z+]+:", re.IGNORECASE)
#: Algorithms of a fragment -> hex digits.
_HASHES = {"sha256": 64, "sha512": 128, "sha384": 96, "sha224": 56, "sha1": 40, "md5": 32}
_USUAL = 400  #: characters of a requirement that nobody need look at
_EXTRAS = pattern(r"^(?P<base>.+?)\s*\[(?P<extras>[^\]/\\]*)\]$")
_NAMED = pattern(r"^(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[(?P<extras>[^\]]*)\])?\s*@\s*(?P<url>\S.*)$")
#: A name with extras and clauses in which nothing can be wrong, and that every reader takes for the same.
_CLAUSE = r"(?:(?:[<>]=?|[=!]=)[0-9]+(?:\.[0-9]+)*|~=[0-9]+(?:\.[0-9]+)+)"
_SIMPLE = pattern(
    r"([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?) ?(?:\[([A-Za-z0-9]+(?:, ?[A-Za-z0-9]+)*)\])? ?"
    rf"({_CLAUSE}(?:, ?{_CLAUSE})*)?\Z"
)
_SINGLE_EQUALS = pattern(r"^([A-Za-z0-9._-]+)\s*(\[[^\]]*\])?\s*=\s*([^=\s;,]+)")
_TURNED = pattern(r"^([A-Za-z0-9._-]+)\s*(\[[^\]]*\])?\s*=([<>])\s*([^=<>\s;,]+)")
#: A second clause behind the first one, without what divides them.
_SECOND_CLAUSE = pattern(r"[<>=!~]\s*[\w.*+]+\s+([<>=!~]+\s*[\w.*+]+)")
_LEGACY = pattern(r"(>=|<=|>|<|~=|===)\s*(\d[\w.]*?)\.\*")


class PipContext(msgspec.Struct, frozen=True, kw_only=True):
    """What surrounds a requirement: who named it, and the variables it may use."""

    origin: Origin
    environ: Mapping[str, str]
    category: str = "main"
    platforms: frozenset[str] | None = None
    is_constraint: bool = False


class _Parts(msgspec.Struct, frozen=True, kw_only=True):
    """A requirement taken apart."""

    name: PypiName | None
    extras: frozenset[str]
    specifier: str
    marker: str | None
    direct: DirectReference | None
    secret: SecretAddress | None = None


def parse_pip_requirement(
    text: str, context: PipContext, *, editable: bool = False, hashes: tuple[str, ...] = ()
) -> tuple[PypiRequirement, SecretAddress | None]:
    """Return a requirement as pip understands the text, and the whole address where it holds credentials.

    Raises InputError, with the context's origin, for a text pip would refuse
    too, a template placeholder and a variable that is not set.
    """
    text = text.strip()
    origin = context.origin
    if len(text) > _USUAL and _is_out_of_bounds(text):  # packaging's readers take the square of its length
        said = f"`{text[:40]}...` is longer than a requirement may be, or has a number that is"
        raise InputError(said, origin)
    written = first_placeholder(text)
    if written:
        raise placeholder_error(written, origin)
    expanded, missing = expand_pip(text, context.environ)
    if missing:
        raise InputError(f"the environment variable `{missing[0]}` is not set", origin, f"set `{missing[0]}`")
    try:
        parts = (None if editable else _simple(expanded)) or _take_apart(expanded, editable=editable)
    except ValueError as error:
        message, hint = _explain(text, str(error) if text == expanded else "")
        raise InputError(message, origin, hint) from None
    if context.is_constraint and (parts.extras or editable):
        what = "extras" if parts.extras else "`-e`"
        raise InputError(f"a constraint can't have {what}: `{redact(text)}`", origin, "pip refuses it too")
    requirement = PypiRequirement(
        name=parts.name,
        text=redact(text),
        origin=origin,
        extras=parts.extras,
        specifier=parts.specifier,
        marker=parts.marker,
        direct=parts.direct,
        hashes=hashes,
        category=context.category,
        platforms=context.platforms,
        is_constraint=context.is_constraint,
    )
    return requirement, parts.secret


def _is_out_of_bounds(text: str) -> bool:
    from resolver.model.specifiers import is_out_of_bounds  # brings packaging along

    return is_out_of_bounds(text)


def _take_apart(text: str, *, editable: bool) -> _Parts:
    """Find out which of the four forms a text has (pip's ``parse_req_from_line``); raises ValueError.

    A plain name with clauses has been read by then.
    """
    named = _NAMED.match(text)
    if named and not is_url(text):
        return _from_address(named["url"], editable=editable, name=named["name"], extras=named["extras"])
    if editable or _VCS.match(text) or is_url(text) or _looks_local(text):
        return _from_address(text, editable=editable, name=None, extras=None)
    from packaging.markers import InvalidMarker
    from packaging.requirements import InvalidRequirement, Requirement

    try:
        requirement = Requirement(text)
        if requirement.marker:
            from resolver.model.pep508 import check_marker

            check_marker(requirement.marker)
    except (InvalidRequirement, InvalidMarker) as error:
        raise ValueError(str(error).split("\n", 1)[0]) from None
    return _Parts(
        name=pypi_name(requirement.name),
        extras=frozenset(pypi_name(extra) for extra in requirement.extras),
        specifier=str(requirement.specifier),
        marker=str(requirement.marker) if requirement.marker else None,
        direct=None,
    )


def _simple(text: str) -> _Parts | None:
    """Return what a text of the common form says; None where packaging must look at it."""
    found = _SIMPLE.match(text)
    if found is None:
        return None
    name, extras, specifier = found.groups()
    if name.lower().endswith(_ARCHIVES):
        return None  # a local file
    clauses = (specifier or "").replace(" ", "").split(",")
    if len({clause.rstrip("0123456789.") for clause in clauses}) < len(clauses):
        return None  # two of one operator: they may be the same
    return _Parts(
        name=pypi_name(name),
        extras=frozenset(pypi_name(extra) for extra in extras.split(",")) if extras else frozenset(),
        specifier=",".join(sorted(clauses)),
        marker=None,
        direct=None,
    )


def _looks_local(text: str) -> bool:
    base = re.split(r"\s*;|\s+", text, maxsplit=1)[0]
    found = _EXTRAS.match(base)
    base = found["base"] if found else base
    return is_path(base) or "/" in base or "\\" in base or base.lower().endswith(_ARCHIVES)


def _from_address(text: str, *, editable: bool, name: str | None, extras: str | None) -> _Parts:
    """Take ``address[extras]; marker`` apart."""
    address, marker = _split_marker(text, spaced=is_url(text) or _VCS.match(text) is not None)
    if extras is None:
        found = _EXTRAS.match(address)
        if found:
            address, extras = found["base"], found["extras"]
    if not address or (re.search(r"\s", address) and (is_url(address) or _VCS.match(address))):
        raise ValueError("an address can't hold blanks")
    reference, egg, secret = _reference(address, editable=editable)
    if egg:
        found = _EXTRAS.match(egg)
        egg_name, egg_extras = (found["base"], found["extras"]) if found else (egg, None)
        name, extras = name or egg_name, extras or egg_extras
    file_name = (reference.path or urlsplit(reference.url or "").path).replace("\\", "/").rsplit("/", 1)[-1]
    specifier = ""
    if reference.kind is DirectKind.ARCHIVE and file_name.lower().endswith(".whl"):
        from packaging.utils import InvalidWheelFilename, parse_wheel_filename

        try:
            parsed_name, version, _, _ = parse_wheel_filename(unquote(file_name))
            wheel_name = pypi_name(parsed_name)
        except InvalidWheelFilename:
            from resolver.model.wheel_names import variant_label, variant_words

            label = variant_label(unquote(file_name))
            words = "not a wheel's file name" if label is None else variant_words(label)
            raise ValueError(f"`{file_name}` is {words}") from None
        if name is not None and pypi_name(name) != wheel_name:
            raise ValueError(f"`{name}` is not what the wheel `{file_name}` holds")
        name, specifier = wheel_name, f"=={version}"
    from packaging.requirements import Requirement

    parsed = Requirement(f"{name or 'unnamed'}[{extras or ''}]") if name or extras else None
    return _Parts(
        name=pypi_name(parsed.name) if parsed and name else None,
        extras=frozenset(pypi_name(extra) for extra in parsed.extras) if parsed else frozenset(),
        specifier=specifier,
        marker=marker,
        direct=reference,
        secret=secret,
    )


def _split_marker(text: str, *, spaced: bool) -> tuple[str, str | None]:
    """Split ``address; marker``: in a URL the semicolon needs a blank beside it (PEP 508)."""
    pieces = re.split(r"\s+;\s*|;\s+" if spaced else r"\s*;\s*", text, maxsplit=1)
    if len(pieces) == 1:
        return text.strip(), None
    from packaging.markers import InvalidMarker, Marker

    from resolver.model.pep508 import check_marker

    try:
        marker = Marker(pieces[1])
        check_marker(marker)
        return pieces[0].strip(), str(marker)
    except InvalidMarker as error:
        raise ValueError(f"in the marker: {str(error).split(chr(10), 1)[0]}") from None


def _reference(address: str, *, editable: bool) -> tuple[DirectReference, str | None, SecretAddress | None]:
    """Return what an address points to, its ``#egg=``, and the whole address where it holds credentials."""
    base, _, fragment = address.partition("#")
    options = dict(parse_qsl(fragment))
    egg, subdirectory = options.get("egg"), options.get("subdirectory")
    hashes = {name: options[name].lower() for name in _HASHES if name in options}
    for name, digest in hashes.items():
        if not re.fullmatch(rf"[0-9a-f]{{{_HASHES[name]}}}", digest):
            raise ValueError(f"`{name}={digest}` is not a hash")
    if _VCS.match(base):
        url, revision = _split_revision(base)
        clean, secret = split_credentials(url)
        reference = DirectReference(
            kind=DirectKind.VCS, url=clean, revision=revision, subdirectory=subdirectory, editable=editable
        )
        return reference, egg, secret
    if is_url(base) and not base.startswith("file:"):
        if not base.lower().startswith(("http://", "https://", "ftp://")):
            raise ValueError(f"`{base.split(':', 1)[0]}` is no scheme that can be downloaded from")
        if editable:
            raise ValueError("`-e` takes a folder or a VCS address")
        clean, secret = split_credentials(base)
        if not urlsplit(clean).netloc:
            raise ValueError("an address without a host")
        reference = DirectReference(
            kind=DirectKind.ARCHIVE, url=clean, subdirectory=subdirectory, hashes=hashes
        )
        return reference, egg, secret
    path = _local_path(base)
    is_archive = path.lower().endswith(_ARCHIVES)
    if editable and is_archive:
        raise ValueError("`-e` takes a folder or a VCS address")
    kind = DirectKind.ARCHIVE if is_archive else DirectKind.DIRECTORY
    reference = DirectReference(
        kind=kind, path=path, subdirectory=subdirectory, hashes=hashes, editable=editable
    )
    return reference, egg, None


def _local_path(text: str) -> str:
    """Return the path of ``file:`` in its several forms, or the text itself."""
    if not text.startswith("file:"):
        return text
    path = unquote(text[5:])
    if path.startswith("//"):
        host, slash, rest = path[2:].partition("/")
        if host not in ("", "localhost"):
            raise ValueError(f"a file address with a host (`{host}`)")
        path = slash + rest
    return path[1:] if re.match(r"/[A-Za-z]:", path) else path


def _split_revision(url: str) -> tuple[str, str | None]:
    scheme, separator, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    base, at, revision = path.rpartition("@")
    if not at:
        return url, None
    if not revision:
        raise ValueError("nothing behind `@` where a revision is expected")
    return scheme + separator + host + slash + base, revision


def _explain(text: str, reason: str) -> tuple[str, str | None]:
    """Return message and hint for a text that is no requirement."""
    from resolver.inputs.typographic import hint_of_characters

    shown = redact(text)
    legacy = _LEGACY.search(text)
    if legacy:
        operator, version = legacy.groups()
        return (
            f"`{operator}{version}.*` in `{shown}`: only `==` and `!=` take `.*`",
            f"write `{operator}{version}`",
        )
    turned = _TURNED.match(text)
    if turned:
        name, extras, operator, version = turned.groups()
        return (
            f"`{shown}`: `={operator}` is written `{operator}=`",
            f"write `{name}{extras or ''}{operator}={version}`",
        )
    single = _SINGLE_EQUALS.match(text)
    if single:
        name, extras, version = single.groups()
        return (
            f"`{shown}` has one `=`, which is conda's notation; pip wants two",
            f"write `{name}{extras or ''}=={version}`",
        )
    hint = hint_of_characters(text)
    if hint is None and text[:1] in ("'", '"'):
        hint = "leave the quotes out: no shell reads the line"
    second = _SECOND_CLAUSE.search(text)
    if hint is None and second is not None and reason.startswith("Expected comma"):
        hint = f"a `,` is missing before `{second[1]}`"
    elif re.search(r"[=<>!~]\s*$", text):
        hint = "a version is missing at the end"
    elif re.match(r"[A-Za-z0-9._-]+\s+[A-Za-z0-9._*-]+\s*\Z", text):
        hint = "is a comparison (`==`, `>=`) missing, or a line break?"
    return f"`{shown}` is not a pip requirement" + (f": {redact(reason)}" if reason else ""), hint
