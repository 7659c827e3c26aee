"""Who we are to a server: found in addresses, the environment, netrc and keyring; never stored.

Sources, the first that knows the host wins:

1. addresses the user gave: ``https://user:password@host/...``, ``https://host/t/TOKEN/channel``;
   among several of one host the one whose path agrees longest
2. ``LOCK_INDEX_<NAME>_USERNAME`` and ``LOCK_INDEX_<NAME>_PASSWORD`` for an index with a name
3. ``LOCK_AUTH_<HOST>`` (``LOCK_AUTH_<HOST>_<PORT>`` first), upper case, ``_`` for all but letters
   and digits; its value is ``user:password``, ``basic user:password``, ``bearer TOKEN`` or
   ``token TOKEN`` (conda's ``/t/TOKEN/`` form)
4. the netrc file (``NETRC``, else ``~/.netrc``)
5. keyring, where it is installed, and only once a server has answered 401 or 403

A page may link to any host. There 4 and 5 count only where the user named that host too, as an index's,
a channel's or a mirror's: else who writes the page would choose where we identify ourselves.
"""

from __future__ import annotations

import contextlib
import re
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

import msgspec

from resolver.model.choices import StrEnum
from resolver.model.loggers import lazy_logger
from resolver.model.redaction import HIDDEN, SplitAddress, is_remote, redact, split_secrets, strip

if TYPE_CHECKING:
    import netrc

__all__ = ["Credential", "CredentialKind", "Credentials", "redact", "strip"]

_log = lazy_logger(__name__)
#: A shorter text is no secret but a word: hiding it would tear messages apart.
_SHORTEST_SECRET = 4


class CredentialKind(StrEnum):
    """How a credential travels."""

    BASIC = "basic"  #: ``Authorization: Basic``
    BEARER = "bearer"  #: ``Authorization: Bearer``
    TOKEN = "token"  #: conda's ``/t/TOKEN/`` in the path  # noqa: S105


class Credential(msgspec.Struct, frozen=True, kw_only=True):
    """One way to be known to a server; its text form shows no secret."""

    kind: CredentialKind
    source: str  #: in words, for messages: ``the netrc file``
    username: str = ""
    secret: str = ""
    root: str = ""  #: TOKEN: address before ``/t/``; else empty

    def __repr__(self) -> str:
        told = ", ".join(f"{name}={value!r}" for name, value in self.__rich_repr__())
        return f"{type(self).__name__}({told})"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        return [("kind", self.kind), ("source", self.source), ("root", self.root)]

    def apply(self, url: str) -> tuple[str, dict[str, str]]:
        """Return the address to ask for and the headers to send."""
        if self.kind is CredentialKind.BEARER:
            return url, {"authorization": f"Bearer {self.secret}"}
        if self.kind is CredentialKind.BASIC:
            import base64  # few need a password

            pair = f"{self.username}:{self.secret}".encode()
            return url, {"authorization": f"Basic {base64.b64encode(pair).decode()}"}
        root = self.root if self.root and url.startswith(self.root) else _origin(url)
        return f"{root}/t/{quote(self.secret, safe='')}{url[len(root) :]}", {}


class Credentials:
    """All credentials of one run; safe to use from several threads."""

    def __init__(
        self,
        environ: Mapping[str, str] | None = None,
        *,
        netrc_path: Path | None = None,
        use_keyring: bool = True,
    ) -> None:
        """Take variables from ``environ`` (None: none); ``netrc_path`` None: ``NETRC``, else ``~/.netrc``."""
        self._environ = dict(environ or {})
        self._netrc_path = netrc_path
        self._use_keyring = use_keyring
        self._learned: dict[str, list[tuple[str, Credential]]] = {}
        self._by_keyring: dict[str, Credential | None] = {}
        self._usernames: dict[str, str] = {}
        self._queries: dict[str, str] = {}
        self._netrc: netrc.netrc | None = None
        self._netrc_read = False
        self._secrets: set[str] = set()
        self._named: set[tuple[str, str]] = set()  # schemes and hosts of addresses that the user gave
        self._lock = threading.Lock()

    def learn(self, url: str, *, channel: bool = False) -> str:
        """Remember the secrets inside ``url`` and return it without them.

        ``channel``: it is a conda channel's address, where ``/t/TOKEN/`` may stand anywhere.
        """
        if "://" not in url:
            return url
        parts = split_secrets(url, channel=channel)
        if channel:
            self.name_host(parts.url)
        if is_remote(parts.url) and (parts.token or parts.username is not None or parts.query is not None):
            with self._lock:
                self._remember(parts)
        return parts.url

    def learn_index(self, name: str, url: str) -> str:
        """Tie ``LOCK_INDEX_<NAME>_USERNAME/_PASSWORD`` to ``url``; return it without secrets."""
        clean = self.learn(url)
        self.name_host(clean)
        prefix = f"LOCK_INDEX_{_variable_name(name)}"
        user, password = self._environ.get(f"{prefix}_USERNAME"), self._environ.get(f"{prefix}_PASSWORD")
        if password is not None and is_remote(clean):
            with self._lock:
                self._add(clean, _basic(f"`{prefix}_PASSWORD`", user, password))
        return clean

    def name_host(self, url: str) -> None:
        """Note that the user gave an address: links of others' pages to its host may be identified for."""
        if is_remote(url):
            with contextlib.suppress(ValueError):
                self._named.add(_host(url))

    def is_named(self, url: str) -> bool:
        """Tell whether the user gave an address on this host; one over https says nothing of http."""
        try:
            scheme, host = _host(url)
        except ValueError:  # no address at all
            return False
        return (scheme, host) in self._named or (scheme == "https" and ("http", host) in self._named)

    def find(self, url: str, *, is_link: bool = False) -> Credential | None:
        """Return the credential for ``url`` (without secrets), None where nothing knows its host.

        ``is_link``: a source gave the address, so that netrc and keyring count only for hosts that
        the user named.
        """
        origin = _origin(url)
        with self._lock:
            best = self._best_learned(origin, url) or self._from_environment(url)
            if best is None and (not is_link or self.is_named(url)):
                best = self._from_netrc(url) or self._by_keyring.get(origin)
            if best:
                self._note_secret(best.secret)
            return best

    def ask_keyring(self, url: str) -> Credential | None:
        """Return what keyring knows for ``url``'s host; asked once for each host."""
        origin = _origin(url)
        with self._lock:
            if origin not in self._by_keyring:
                self._by_keyring[origin] = self._from_keyring(url, origin) if self._use_keyring else None
                if found := self._by_keyring[origin]:
                    self._note_secret(found.secret)
            return self._by_keyring[origin]

    def restore_query(self, url: str) -> str:
        """Return ``url`` with the signed query it was learned with, if it was."""
        query = self._queries.get(url)
        return url if query is None else urlsplit(url)._replace(query=query).geturl()

    def redact(self, text: str) -> str:
        """Return ``text`` without any secret known here or recognised by its shape."""
        text = redact(text)
        for secret in sorted(self._secrets, key=len, reverse=True):
            text = text.replace(secret, HIDDEN)
        return text

    def _remember(self, parts: SplitAddress) -> None:
        if parts.query is not None:
            self._queries[parts.url] = parts.query
        if parts.username is None and not parts.token:
            return
        if parts.token:
            credential = Credential(
                kind=CredentialKind.TOKEN, source="the address", secret=parts.token, root=parts.token_root
            )
            self._add(parts.url, credential)
        elif parts.password is None:  # `https://user@host`: the password is elsewhere, or there is none
            self._usernames.setdefault(_origin(parts.url), parts.username or "")
            self._note_secret(parts.username or "")
        else:
            self._add(parts.url, _basic("the address", parts.username, parts.password))

    def _add(self, url: str, credential: Credential) -> None:
        known = self._learned.setdefault(_origin(url), [])
        if (url, credential) not in known:
            known.append((url, credential))
        self._note_secret(credential.secret)

    def _note_secret(self, secret: str) -> None:
        if len(secret) >= _SHORTEST_SECRET:
            self._secrets |= {secret, quote(secret, safe="")}

    def _best_learned(self, origin: str, url: str) -> Credential | None:
        known = self._learned.get(origin)
        if not known:
            return None
        return max(known, key=lambda pair: _agreement(pair[0], url))[1]  # the first learned on a tie

    def _from_environment(self, url: str) -> Credential | None:
        parts = urlsplit(url)
        names = [parts.hostname or ""]
        if parts.port:
            names.insert(0, f"{parts.hostname}_{parts.port}")
        for name in names:
            variable = f"LOCK_AUTH_{_variable_name(name)}"
            if value := self._environ.get(variable, "").strip():
                return _parse_variable(value, source=f"`{variable}`")
        return None

    def _from_netrc(self, url: str) -> Credential | None:
        if not self._netrc_read:
            self._netrc_read = True
            self._netrc = self._read_netrc()
        host = urlsplit(url).hostname or ""
        wanted = self._usernames.get(_origin(url))
        found = self._netrc.authenticators(host) if self._netrc else None
        if found and (wanted is None or wanted == found[0]):
            return _basic("the netrc file", found[0], found[2])
        if wanted is not None:
            return _basic("the address", wanted, "")
        return None

    def _read_netrc(self) -> netrc.netrc | None:
        path = self._netrc_path
        import netrc

        try:
            if path is None:
                path = Path(self._environ.get("NETRC") or "~/.netrc").expanduser()
            return netrc.netrc(str(path)) if path.is_file() else None
        except (netrc.NetrcParseError, OSError, UnicodeDecodeError, RuntimeError) as error:
            # The parser's message quotes the line at fault, which may hold a password.
            _log.warning("can't read the netrc file `%s`: %s", path, type(error).__name__)
            return None

    def _from_keyring(self, url: str, origin: str) -> Credential | None:
        """Ask the optional ``keyring`` package, as pip does: by address, then by host."""
        import importlib.util

        if importlib.util.find_spec("keyring") is None:
            return None
        try:
            keyring: Any = __import__("keyring")
            for service in (url, urlsplit(url).netloc):
                found = keyring.get_credential(service, self._usernames.get(origin))
                if found is not None and found.password:
                    return _basic("keyring", found.username, found.password)
        except Exception as error:  # backends raise whatever they like
            _log.warning("keyring did not answer: %s", type(error).__name__)
        return None


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme.lower()}://{parts.netloc.lower()}"


def _host(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme.lower(), (parts.hostname or "").lower()


def _agreement(prefix: str, url: str) -> int:
    """Count the leading path segments that two addresses share."""
    count = 0
    for left, right in zip(prefix.rstrip("/").split("/"), url.split("/"), strict=False):
        if left != right:
            break
        count += 1
    return count


def _variable_name(text: str) -> str:
    return re.sub(r"[^A-Z0-9]", "_", text.upper())


def _parse_variable(value: str, *, source: str) -> Credential:
    """Read the value of a ``LOCK_AUTH_<HOST>`` variable."""
    scheme, blank, rest = value.partition(" ")
    if blank and scheme.lower() == "bearer":
        return Credential(kind=CredentialKind.BEARER, source=source, secret=rest.strip())
    if blank and scheme.lower() == "token":
        return Credential(kind=CredentialKind.TOKEN, source=source, secret=rest.strip())
    pair = rest.strip() if blank and scheme.lower() == "basic" else value
    user, colon, password = pair.partition(":")
    if not colon:  # a bare word is a token of the common kind
        return Credential(kind=CredentialKind.BEARER, source=source, secret=pair)
    return _basic(source, user, password)


def _basic(source: str, username: str | None, password: str | None) -> Credential:
    return Credential(
        kind=CredentialKind.BASIC, source=source, username=username or "", secret=password or ""
    )
