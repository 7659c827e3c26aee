"""Addresses in a lockfile hold no secret: at most the name of an environment variable that does."""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit, urlunsplit

from lockfiles.model import LockedChannel
from resolver.model.patterns import pattern
from resolver.model.redaction import find_token, strip

_REFERENCE = pattern(r"\$(?:\{([A-Za-z_][A-Za-z0-9_]*)\}|([A-Za-z_][A-Za-z0-9_]*))\Z")


def locked_channel(text: str) -> LockedChannel:
    """Return a channel as a lockfile may hold it.

    References to variables are kept as ``${NAME}`` and listed, as conda-lock
    has it; a user, password or token written out is left out, and must come
    from the installer's own settings.
    """
    if "://" not in text:
        return LockedChannel(url=text)
    parts = urlsplit(text)
    token = find_token(parts.path)
    user, _, password = parts.netloc.rpartition("@")[0].partition(":")
    pieces = (user, "" if password and not _variable(password) else password, token.group(1) if token else "")
    if not any(_variable(piece) for piece in pieces):
        return LockedChannel(url=strip(text))
    netloc = _join_netloc(user, password, parts.netloc.rpartition("@")[2])
    path = parts.path
    if token:
        name = _variable(token.group(1))
        path = path[: token.start()] + (f"/t/${{{name}}}" if name else "") + path[token.end() :]
    url = urlunsplit(SplitResult(parts.scheme, netloc, path, parts.query, parts.fragment))
    kept = {name for piece in pieces if (name := _variable(piece)) and f"${{{name}}}" in url}
    return LockedChannel(url=url, used_env_vars=tuple(sorted(kept)))


def _variable(piece: str) -> str | None:
    match = _REFERENCE.match(piece)
    return (match.group(1) or match.group(2)) if match else None


def _join_netloc(user: str, password: str, host: str) -> str:
    """Return host with user and password where the password is a reference (or there is only such a user)."""
    if password and not _variable(password):
        return host
    if not password:
        return f"${{{_variable(user)}}}@{host}" if _variable(user) else host
    shown = f"${{{_variable(user)}}}" if _variable(user) else user
    return f"{shown}:${{{_variable(password)}}}@{host}"
