"""Addresses and texts without their secrets: pure functions over strings.

Three places of an address may hold one: the user information
(``https://user:password@host``), conda's token segment (``https://host/t/TOKEN/channel``),
and the query of a signed address (``?X-Amz-Signature=...``). :func:`split_secrets`
takes them out of one address; :func:`redact` blanks them wherever they stand in a text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from urllib.parse import unquote, urlsplit, urlunsplit

import msgspec

from resolver.model.patterns import pattern

#: What stands where a secret stood.
HIDDEN = "***"

#: Shapes of tokens that conda servers hand out: recognised anywhere in a path, while any
#: other text counts as a token only right behind the host (``/packages/t/torch`` is no token).
_SHAPE = r"(?:[A-Za-z]{2}-)?[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|tk-[0-9A-Za-z-]+"
_FIRST_TOKEN = pattern(r"^/t/([^/]+)(?=/|$)")
_SHAPED_TOKEN = pattern(rf"/t/({_SHAPE}|\$[^/]+)(?=/|$)")
_ANY_TOKEN = pattern(r"/t/([^/]+)(?=/|$)")

#: Words that name a secret, at the end of a query parameter's name.
_PARAMETER_NAME = (
    r"(?:token|key|keyid|password|passwd|pwd|secret|sig|signature|credential|auth|authorization|apikey)"
)
_SECRET_PARAMETER = pattern(rf"(?i)(?:^|[&;])(?:[^=&;]*[_-])?{_PARAMETER_NAME}(?:=[^&;]*)?(?=[&;]|$)")

#: A variable in place of a secret: ``${TOKEN}``, ``$TOKEN``, ``%TOKEN%``, ``user:${TOKEN}``.
_REFERENCE = r"(?:\$\{[A-Za-z_][A-Za-z0-9_]*\}|\$[A-Za-z_][A-Za-z0-9_]*|%[A-Za-z_][A-Za-z0-9_]*%)"
_VARIABLE = pattern(rf"(?:(?:{_REFERENCE}|[^:$%]*):)?{_REFERENCE}")

#: Names of files and packages may begin as tokens do (``sk-learn-training.yml``, ``hf_transformers.txt``):
#: what is random has one long piece of both cases, and most tokens digits in it.
_MIXED_CASE = r"(?=[a-z0-9]*[A-Z])(?=[A-Z0-9]*[a-z])[A-Za-z0-9]{16,}"
_MIXED = rf"(?=[A-Za-z]*[0-9]){_MIXED_CASE}"
_WORDS = r"(?:[A-Za-z0-9]*[_-])*"

_TOKEN_STARTS = (
    "ghp_",
    "gho_",
    "ghu_",
    "ghs_",
    "ghr_",
    "github_pat_",
    "glpat-",
    "AKIA",
    "xox",
    "hf_",
    "pypi-",
    "sk-",
)
_WELL_KNOWN_TOKEN = (
    r"(?P<start>\b)(?P<secret>gh[pousr]_[A-Za-z0-9]{16,}|github_pat_[A-Za-z0-9_]{16,}|glpat-[A-Za-z0-9_-]{16,}"
    r"|AKIA[0-9A-Z]{16}|xox[abprs]-[A-Za-z0-9-]{10,}"
    rf"|hf_{_MIXED_CASE}|(?:pypi|sk)-{_WORDS}{_MIXED}[A-Za-z0-9_-]*)"
)
#: What a text must hold for a rule to be tried, and the rule: it shows what stays as ``start`` and ``end``,
#: and the secret between them as ``secret``. Compiled (and kept by ``re``) when a text first needs it.
_ADDRESS_RULES: tuple[tuple[tuple[str, ...], str], ...] = (
    # user information up to the last @ before the path, as servers read it
    (("://",), r"(?P<start>\b[A-Za-z][A-Za-z0-9+.-]*://)(?P<secret>[^/\s'\"]+)(?P<end>@)"),
    # conda's token, right behind the host
    (("/t/",), r"(?P<start>\b[A-Za-z][A-Za-z0-9+.-]*://[^/\s'\"]+/t/)(?P<secret>[^/?#\s'\"]+)"),
    (("/t/",), rf"(?P<start>/t/)(?P<secret>{_SHAPE})"),
    # conda's token, further down
    (("/t/",), r"(?P<start>://[^\s'\"]*?/t/)(?P<secret>[A-Za-z0-9_.~%-]{6,})(?=/)"),
    (("?", "&"), rf"(?i)(?P<start>[?&](?:[^=&;\s'\"]*{_PARAMETER_NAME}|code)=)(?P<secret>[^&\s'\"#]+)"),
    ((";",), rf"(?i)(?P<start>;[^=&;\s'\"]*{_PARAMETER_NAME}=)(?P<secret>[^&;\s'\"#]+)"),
    # connection strings
    (("ey=", "EY=", "Ey=", "eY="), r"(?i)(?P<start>\b(?:account|sharedaccess)key=)(?P<secret>[^;\s'\"]+)"),
    # well-known tokens, whatever they stand in
    (
        _TOKEN_STARTS,
        _WELL_KNOWN_TOKEN,
    ),
)
#: Folders in which packages stand by their first letter.
_BY_LETTER = pattern(r"/(?:packages|simple|pool)(?:/[^/]+)?/t/\Z")
#: A header's value: in a definition ``basic packages`` is no credential.
_HEADER_WORDS = ("basic", "bearer", "digest")
_HEADER_RULE = pattern(rf"(?P<start>\b(?i:{'|'.join(_HEADER_WORDS)})\s+)(?P<secret>[A-Za-z0-9+/=._~-]{{6,}})")


class SplitAddress(msgspec.Struct, frozen=True, kw_only=True):
    """An address and what was taken out of it.

    ``token_root`` is what stands before ``/t/`` (no trailing slash); empty without a token.
    """

    url: str
    username: str | None = None
    password: str | None = None
    token: str | None = None
    token_root: str = ""
    query: str | None = None  #: as it was, where a parameter of it was taken out


def is_remote(address: str) -> bool:
    """Tell whether ``address`` is read over HTTP; everything else is a file URL or a path."""
    return address[:7].lower() == "http://" or address[:8].lower() == "https://"


def _may_hold_secret(url: str) -> bool:
    """Tell whether an address has to be taken apart: most hold nothing that a secret could stand behind."""
    return "@" in url or "?" in url or "/t/" in url


def split_secrets(url: str, *, channel: bool = False) -> SplitAddress:
    """Take user information, token and secret query values out of ``url``.

    ``channel`` is that of :func:`find_token`. Paths, ``file:`` addresses and those
    without a secret come back unchanged; the account of an ``ssh`` address stays, as
    it is part of the place. Userinfo is percent-decoded. What is no address (``https://me@[half``) comes
    back without what stands before its last ``@``; who reads it says that it is none.
    """
    if not _may_hold_secret(url) or "://" not in url or url[:5].lower() == "file:":
        return SplitAddress(url=url)
    try:
        parts = urlsplit(url)
    except ValueError:
        scheme, _, rest = url.partition("://")
        return SplitAddress(url=f"{scheme}://{rest.rpartition('@')[2]}")
    userinfo, at, host = parts.netloc.rpartition("@")
    name, colon, password = userinfo.partition(":")
    if parts.scheme.endswith("ssh") and name:
        host, at = f"{name}@{host}", ""
    is_repository = "+" in parts.scheme or parts.scheme in ("git", "ssh")  # its folder may be called t
    path, token, before = (parts.path, None, "") if is_repository else _cut_token(parts.path, channel=channel)
    query = _SECRET_PARAMETER.sub("", parts.query)
    query = query if query == parts.query else query.lstrip("&;")
    if (host, path, query) == (parts.netloc, parts.path, parts.query):
        return SplitAddress(url=url)
    return SplitAddress(
        url=urlunsplit((parts.scheme, host, path, query, parts.fragment)),
        username=unquote(name) if at else None,
        password=unquote(password) if colon else None,
        token=token,
        token_root=f"{parts.scheme}://{host}{before}" if token else "",
        query=parts.query if query != parts.query else None,
    )


def find_token(path: str, *, channel: bool = False) -> re.Match[str] | None:
    """Return where ``/t/TOKEN`` stands in an address's path, the token as group 1; None without one.

    With ``channel`` any segment behind ``/t/`` is a token, wherever it stands.
    """
    if "/t/" not in path:
        return None
    return _FIRST_TOKEN.search(path) or (_ANY_TOKEN if channel else _SHAPED_TOKEN).search(path)


def _cut_token(path: str, *, channel: bool) -> tuple[str, str | None, str]:
    """Return the path without its token, the token, and the path before it."""
    found = find_token(path, channel=channel)
    if not found:
        return path, None, ""
    return path[: found.start()] + path[found.end() :], unquote(found[1]), path[: found.start()]


def are_open(urls: Iterable[str]) -> bool:
    """Tell whether none of some addresses holds a secret: :func:`strip` changes none of them."""
    urls = list(urls)
    # One look at all of them: hardly an address has what a secret could stand behind.
    return not _may_hold_secret("\n".join(urls)) or all(strip(url) == url for url in urls)


def strip(url: str) -> str:
    """Return ``url`` without secrets: fit for lockfiles, cache keys, messages and logs."""
    return split_secrets(url).url if _may_hold_secret(url) else url


def redact(text: str) -> str:
    """Return ``text`` with every secret that its shape gives away replaced by ``***``."""
    text = _redact_addresses(text, _hide)
    # Letters that aren't ASCII may stand for some that are, where case doesn't count.
    if text.isascii() and not any(word in text.lower() for word in _HEADER_WORDS):
        return text
    return _HEADER_RULE.sub(_hide, text)


def redact_definition(text: str) -> str:
    """Return a part of an input file with its secrets replaced by ``***``.

    A variable in place of a secret is none and stays, so that the text means the same.
    """
    return _redact_addresses(text, _hide_values)


def is_variable(text: str) -> bool:
    """Tell whether a variable stands in place of a secret: ``${TOKEN}``, ``$TOKEN``, ``%TOKEN%``."""
    return _VARIABLE.fullmatch(text) is not None


def _redact_addresses(text: str, hide: Callable[[re.Match[str]], str]) -> str:
    for signs, rule in _ADDRESS_RULES:
        if any(sign in text for sign in signs):
            text = re.sub(rule, hide, text)
    return text


def _hide(found: re.Match[str]) -> str:
    groups = found.groupdict()
    start, hidden, end = groups["start"], groups["secret"], groups.get("end") or ""
    # ``git@host`` names the account that everybody uses
    if (end and hidden == "git") or _BY_LETTER.search(start):
        return found.group()
    return f"{start}{HIDDEN}{end}"


def _hide_values(found: re.Match[str]) -> str:
    return found.group() if is_variable(found["secret"]) else _hide(found)
