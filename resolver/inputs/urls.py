"""Addresses: credentials split off, environment variables put in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlsplit, urlunsplit

from resolver.model.credentials import SecretAddress

_TOKEN = re.compile(r"/t/([^/]+)(?=/|$)")
_USER_INFO = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*://)(?P<user>[^/\s@]+)@")
#: pip's own rule: upper case, digits and underscores only.
_PIP_VARIABLE = re.compile(r"\$\{([A-Z0-9_]+)\}")
_SHELL_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")
#: Query parameters that carry a secret in the address itself.
_SECRET_QUERY = re.compile(
    r"([?&](?:token|access_token|api_?key|auth|password|sig|signature)=)[^&#\s]*", re.IGNORECASE
)


def is_url(text: str) -> bool:
    """Tell whether a text begins with a scheme and ``//`` (a Windows drive is none)."""
    return re.match(r"[A-Za-z][A-Za-z0-9+.-]+://", text) is not None or text.startswith("file:")


def is_path(text: str) -> bool:
    """Tell whether a text can only be a local path: absolute, or begun with ``.``, ``~`` or a drive."""
    return (
        text in (".", "..", "~")
        or text.startswith(("/", "./", "../", ".\\", "..\\", "~/", "\\\\"))
        or re.match(r"[A-Za-z]:[\\/]", text) is not None
    )


def split_credentials(url: str, *, is_channel: bool = False) -> tuple[str, SecretAddress | None]:
    """Return the address without user and password, and the whole one where it had them (None: it had none).

    In a channel's address ``/t/TOKEN`` is taken out too.
    """
    scheme, netloc, path, query, fragment = _split(url)
    user_info, at, host = netloc.rpartition("@")
    found = _TOKEN.search(path) if is_channel and scheme in ("http", "https") else None
    if found:
        path = path[: found.start()] + path[found.end() :]
    if not at and not found:
        return url, None
    clean = urlunsplit((scheme, host, path, query, fragment))
    return clean, SecretAddress(url=url, is_channel=is_channel) if user_info or found else None


def _split(url: str) -> tuple[str, str, str, str, str]:
    try:
        parts = urlsplit(url)
    except ValueError:  # such as an unclosed [ of an IPv6 address
        return ("", "", url, "", "")
    return (parts.scheme, parts.netloc, parts.path, parts.query, parts.fragment)


def redact(text: str) -> str:
    """Return the text with every secret of the addresses in it replaced by ``****``."""
    text = _USER_INFO.sub(_mask_user, text)
    if "://" in text:
        text = _TOKEN.sub("/t/****", text)
        text = _SECRET_QUERY.sub(r"\1****", text)
    return text


def _mask_user(found: re.Match[str]) -> str:
    user = found["user"]
    scheme = found["scheme"]
    if scheme.lower() in ("ssh://", "git+ssh://") and ":" not in user:
        return found.group()  # the account name of an ssh address is no secret
    return f"{scheme}****@"


def expand_pip(text: str, environ: Mapping[str, str]) -> tuple[str, tuple[str, ...]]:
    """Put variables in as pip does (``${NAME}`` only); return the text and the names that are not set."""
    missing = []

    def value(found: re.Match[str]) -> str:
        name = found.group(1)
        if environ.get(name):
            return environ[name]
        missing.append(name)
        return found.group()

    return _PIP_VARIABLE.sub(value, text), tuple(dict.fromkeys(missing))


def expand_conda(text: str, environ: Mapping[str, str]) -> tuple[str, tuple[str, ...]]:
    """Put variables in as conda does (``$NAME``, ``${NAME}``); return the text and the names not set."""
    missing = []

    def value(found: re.Match[str]) -> str:
        name = found.group(1) or found.group(2)
        if name in environ:
            return environ[name]
        missing.append(name)
        return found.group()

    return _SHELL_VARIABLE.sub(value, text), tuple(dict.fromkeys(missing))
