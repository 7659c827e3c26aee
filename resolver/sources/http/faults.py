"""What goes wrong with an exchange: what may pass, and what asking again can't help."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from resolver.errors import AuthenticationError, LockstackError, SourceError, UnknownHostError, iter_causes
from resolver.model.redaction import redact
from resolver.sources.http.credentials import Credential

if TYPE_CHECKING:
    import httpx


class Retry(Exception):  # noqa: N818 - a signal between two methods, not an error
    """The exchange failed in a way that may pass."""

    def __init__(
        self,
        reason: str,
        retry_after: float | None = None,
        hint: str | None = None,
        status: int | None = None,
        is_silence: bool = False,
    ) -> None:
        super().__init__(reason)
        self.reason, self.retry_after, self.hint, self.status = redact(reason), retry_after, hint, status
        self.is_silence = is_silence


def refusal(
    status: int, url: str, credential: Credential | None, *, is_foreign: bool = False
) -> AuthenticationError:
    """Return the error of an answer 401 or 403; ``is_foreign``: at a source's link to a host nobody named."""
    if credential:
        return AuthenticationError(
            f"the server answers {status}: it refuses the credentials from {credential.source}",
            url,
            "Renew them, or check that they may read this address.",
            status,
        )
    host = (urlsplit(url).hostname or "HOST").upper().replace(".", "_").replace("-", "_")
    if is_foreign:
        return AuthenticationError(
            f"the server answers {status}; only a source's link leads to this host, "
            "so netrc and keyring don't count for it",
            url,
            f"If you trust the link, set `LOCK_AUTH_{host}` to `user:password`.",
            status,
        )
    return AuthenticationError(
        f"the server answers {status}, and no credentials are known for it",
        url,
        f"Set `LOCK_AUTH_{host}` to `user:password`, or add the host to your netrc file or keyring.",
        status,
    )


def transport_fault(error: httpx.TransportError, url: str, words: str) -> Exception:
    """Turn a broken exchange into Retry, or into SourceError where asking again can't help.

    ``words`` are the error's own, without secrets.
    """
    import socket
    import ssl

    import httpx

    for cause in iter_causes(error):
        if isinstance(cause, (LockstackError, Retry)):
            break  # of another exchange: it was being handled when this one broke
        if isinstance(cause, ssl.SSLCertVerificationError):
            reason = f"the server's certificate is not trusted: {cause.verify_message}"
            return SourceError(reason, url, "Set `SSL_CERT_FILE` to the certificates of your network.")
        if isinstance(cause, ssl.SSLError) and "CERTIFICATE_REQUIRED" in (cause.reason or ""):
            return SourceError(
                "the server asks for a client certificate",
                url,
                "Name it with `--client-cert`, or as `client-cert` in the settings.",
            )
        if isinstance(cause, socket.gaierror) and cause.errno == socket.EAI_NONAME:
            return UnknownHostError("the host's name is unknown", url, "Check the address and the network.")
    if isinstance(error, httpx.TimeoutException):
        return Retry("the server does not answer in time", is_silence=True)
    if isinstance(error, httpx.ProxyError):
        return Retry(f"the proxy fails: {words}", hint="Check the proxy settings.")
    if isinstance(error, httpx.ConnectError):
        return Retry(f"can't connect: {words}", hint="Check the address and the network.")
    return Retry(f"the connection broke: {words}")
