"""Addresses: credentials split off, environment variables put in."""

from __future__ import annotations

import re
from collections.abc import Mapping

from resolver.model.credentials import SecretAddress
from resolver.model.patterns import pattern
from resolver.model.redaction import split_secrets

#: pip's own rule: upper case, digits and underscores only.
_PIP_VARIABLE = pattern(r"\$\{([A-Z0-9_]+)\}")
_VCS_PREFIX = pattern(r"\A[A-Za-z]+\+(?=[A-Za-z]+://)")
_SHELL_VARIABLE = pattern(r"\$(?:\{(\w+)\}|(\w+))")


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
    """Return the address without its secrets, and the whole one where it had any (None: it had none).

    Those are user and password, the values of a signed query, and ``/t/TOKEN``. The whole address is the
    one to connect to: without ``git+``.
    """
    try:
        parts = split_secrets(url, channel=is_channel)
    except ValueError:  # such as an unclosed [ of an IPv6 address
        return url, None
    if not (parts.username or parts.password or parts.token or parts.query):
        return parts.url, None
    return parts.url, SecretAddress(url=_VCS_PREFIX.sub("", url), is_channel=is_channel)


def expand_pip(text: str, environ: Mapping[str, str]) -> tuple[str, tuple[str, ...]]:
    """Put variables in as pip does (``${NAME}`` only); return the text and the names that are not set."""
    if "$" not in text:
        return text, ()
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
