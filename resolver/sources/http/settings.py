"""How to talk to servers."""

from __future__ import annotations

import msgspec

from resolver.sources.http.retry import RetryPolicy


class HttpSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How to talk to servers; times in seconds."""

    connect_timeout: float = 15.0
    read_timeout: float = 60.0  #: longest silence inside an answer
    concurrency: int = 32  #: requests under way at once, and threads of the background pool
    retry: RetryPolicy = msgspec.field(default_factory=RetryPolicy)
    proxy: str | None = None  #: for everything; None: HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, NO_PROXY
    certificates: str | None = None  #: file or folder; None: SSL_CERT_FILE ..., else certifi
    verify_certificates: bool = True
    trusted_hosts: tuple[str, ...] = ()  #: ``host`` or ``host:port`` whose certificate is not checked
    client_certificate: str | None = None  #: PEM file to show to servers, with its key unless that is apart
    client_key: str | None = None
    offline: bool = False  #: only files may be read
    user_agent: str = "lockstack"
