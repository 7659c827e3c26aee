"""Addresses and texts without their secrets: pure functions over strings.

Three places of an address may hold one: the user information
(``https://user:password@host``), conda's token segment (``https://host/t/TOKEN/channel``),
and the query of a signed address (``?X-Amz-Signature=...``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit, urlunsplit

#: What stands where a secret stood.
HIDDEN = "***"

#: Shapes of tokens that conda servers hand out: recognised anywhere in a path, while any
#: other text counts as a token only right behind the host (``/packages/t/torch`` is no token).
_SHAPE = r"(?:[A-Za-z]{2}-)?[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|tk-[0-9A-Za-z-]+"
_FIRST_TOKEN = re.compile(r"^/t/([^/]+)(?=/|$)")
_SHAPED_TOKEN = re.compile(rf"/t/({_SHAPE})(?=/|$)")
_ANY_TOKEN = re.compile(r"/t/([^/]+)(?=/|$)")

#: Names of query parameters whose values open doors.
_SECRET_PARAMETER = re.compile(
    r"(?i)(?:^|[_-])(?:token|key|keyid|password|passwd|pwd|secret|sig|signature|credential|auth|authorization)$"
)
_TEXT_RULES = (
    (re.compile(r"(?i)\b([a-z][a-z0-9+.-]*://)[^/\s@'\"<>]*@"), rf"\1{HIDDEN}@"),
    (re.compile(r"(?i)\b(https?://[^/\s]+)/t/[^/\s'\"]+"), rf"\1/t/{HIDDEN}"),
    (re.compile(rf"/t/(?:{_SHAPE})"), f"/t/{HIDDEN}"),
    (re.compile(r"(?i)\b(basic|bearer|digest)\s+[A-Za-z0-9+/=._~-]{6,}"), rf"\1 {HIDDEN}"),
    (
        re.compile(
            r"(?i)([?&;][^=&\s]*(?:token|key|keyid|password|passwd|pwd|secret|sig|signature|credential|auth)=)[^&\s'\"]+"
        ),
        rf"\1{HIDDEN}",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitAddress:
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


def split_secrets(url: str, *, channel: bool = False) -> SplitAddress:
    """Take user information, token and secret query values out of ``url``.

    With ``channel`` any segment behind ``/t/`` is a token, wherever it stands.
    Paths and ``file:`` addresses come back unchanged. Userinfo is percent-decoded.
    """
    if "://" not in url or url[:5].lower() == "file:":
        return SplitAddress(url=url)
    parts = urlsplit(url)
    userinfo, at, host = parts.netloc.rpartition("@")
    name, colon, password = userinfo.partition(":")
    path, token, before = _cut_token(parts.path, channel=channel)
    query = _clean_query(parts.query)
    clean = urlunsplit((parts.scheme, host, path, query, parts.fragment))
    return SplitAddress(
        url=clean,
        username=unquote(name) if at else None,
        password=unquote(password) if colon else None,
        token=token,
        token_root=f"{parts.scheme}://{host}{before}" if token else "",
        query=parts.query if query != parts.query else None,
    )


def _cut_token(path: str, *, channel: bool) -> tuple[str, str | None, str]:
    """Return the path without its token, the token, and the path before it."""
    if "/t/" not in path:
        return path, None, ""
    found = _FIRST_TOKEN.search(path) or (_ANY_TOKEN if channel else _SHAPED_TOKEN).search(path)
    if not found:
        return path, None, ""
    return path[: found.start()] + path[found.end() :], unquote(found[1]), path[: found.start()]


def _clean_query(query: str) -> str:
    """Leave out the parameters that hold secrets."""
    if not query:
        return query
    kept = (part for part in query.split("&") if not _SECRET_PARAMETER.search(part.partition("=")[0]))
    return "&".join(kept)


def strip(url: str) -> str:
    """Return ``url`` without secrets: fit for lockfiles, cache keys, messages and logs."""
    return split_secrets(url).url


def redact(text: str) -> str:
    """Return ``text`` with every secret that its shape gives away replaced by ``***``."""
    for pattern, replacement in _TEXT_RULES:
        text = pattern.sub(replacement, text)
    return text
