"""How to talk to servers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec

from resolver.sources.http.retry import RetryPolicy
from resolver.sources.limits import SourceLimits

if TYPE_CHECKING:
    from resolver.sources.tape import Tape


class HttpSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How to talk to servers; times in seconds."""

    connect_timeout: float = 15.0
    read_timeout: float = 60.0  #: longest silence inside an answer
    concurrency: int = 32  #: requests under way at once, and threads of the background pool
    retry: RetryPolicy = msgspec.field(default_factory=RetryPolicy)
    limits: SourceLimits = msgspec.field(default_factory=SourceLimits)  #: of sizes, time and rate
    #: ``http``, ``https``, ``all`` or ``SCHEME://HOST`` -> proxy; for a scheme that isn't
    #: here: HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, NO_PROXY
    proxies: Mapping[str, str] = msgspec.field(default_factory=dict)
    certificates: str | None = None  #: file or folder; None: SSL_CERT_FILE ..., else certifi
    verify_certificates: bool = True
    trusted_hosts: tuple[str, ...] = ()  #: ``host`` or ``host:port`` whose certificate is not checked
    client_certificate: str | None = None  #: PEM file to show to servers, with its key unless that is apart
    client_key: str | None = None
    offline: bool = False  #: only files may be read
    tape: Tape | None = None  #: notes what servers answer, or stands in for them
    user_agent: str = "lockstack"

    @property
    def is_live(self) -> bool:
        """Whether servers, git and builds may be asked: not where a recording stands in for them."""
        return self.tape is None or self.tape.is_live
