"""Which servers are believed to be who they say, and how this side shows who it is: TLS contexts.

::

    request ──> ByTrust ──> checked     authorities of the settings, else of the environment, else certifi's
                    └─────> unchecked   hosts whose certificate nobody checks (pip's ``--trusted-host``)
"""

from __future__ import annotations

import functools
import ssl
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

if TYPE_CHECKING:
    from resolver.sources.http.settings import HttpSettings

_CERTIFICATE_VARIABLES = ("LOCK_SSL_CERT_FILE", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
_PORTS = {"http": 80, "https": 443}


def checked_context(settings: HttpSettings, environ: Mapping[str, str]) -> ssl.SSLContext | bool:
    """Return what https is spoken with: by default certifi's authorities; False: no certificate is checked.

    Raises OSError with the place of what can't be read.
    """
    if not settings.verify_certificates:
        return unchecked_context(settings) if settings.client_certificate else False
    named = (environ[variable] for variable in _CERTIFICATE_VARIABLES if environ.get(variable))
    found = settings.certificates or next(named, None) or environ.get("SSL_CERT_DIR")
    if not found and not settings.client_certificate:
        return _usual_context()
    return _with_client(_context_of(found or _certifi()), settings)


@functools.cache
def _usual_context() -> ssl.SSLContext:
    """Return the context of certifi's authorities, one a process: reading them takes 25 ms."""
    return _context_of(_certifi())


def unchecked_context(settings: HttpSettings) -> ssl.SSLContext:
    """Return what https is spoken with where the server's certificate doesn't matter."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return _with_client(context, settings)


def _certifi() -> str:
    import certifi

    return certifi.where()


def _context_of(place: str) -> ssl.SSLContext:
    is_folder = Path(place).is_dir()
    try:
        if is_folder:
            return ssl.create_default_context(capath=place)
        return ssl.create_default_context(cafile=place)
    except OSError as error:
        raise OSError(f"`{place}` holds no certificates that can be read: {_words(error)}") from None


def _with_client(context: ssl.SSLContext, settings: HttpSettings) -> ssl.SSLContext:
    """Load the certificate that is shown to servers, if any, and its private key."""
    place = settings.client_certificate
    if place:
        try:
            # without a password a key that has one would be asked for on the terminal
            context.load_cert_chain(place, settings.client_key, password="")
        except OSError as error:
            shown = f"`{place}`" + (f" and `{settings.client_key}`" if settings.client_key else "")
            raise OSError(
                f"{shown} can't serve as certificate and private key (without password): {_words(error)}"
            ) from None
    return context


def _words(error: OSError) -> str:
    return (error.strerror or str(error)).splitlines()[0]


class ByTrust(httpx.BaseTransport):
    """Sends each request through one of two transports, by whether its host's certificate is checked."""

    def __init__(
        self, checked: httpx.BaseTransport, unchecked: httpx.BaseTransport, hosts: Iterable[str]
    ) -> None:
        """``hosts`` are ``host`` (every port) or ``host:port``, lower case; IPv6 in brackets."""
        self._checked, self._unchecked = checked, unchecked
        self._hosts = frozenset(hosts)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request."""
        return self._transport_for(request.url).handle_request(request)

    def close(self) -> None:
        """Close the connections of both."""
        self._checked.close()
        self._unchecked.close()

    def _transport_for(self, url: httpx.URL) -> httpx.BaseTransport:
        host = url.host.lower()
        host = f"[{host}]" if ":" in host else host
        port = url.port or _PORTS.get(url.scheme)
        return self._unchecked if {host, f"{host}:{port}"} & self._hosts else self._checked
