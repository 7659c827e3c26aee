"""How servers are asked, and files that inputs name by an address (`-r https://...`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lockfiles.settings.model import Settings
from lockfiles.surroundings import Surroundings

if TYPE_CHECKING:
    from resolver.sources.http.settings import HttpSettings


def fetch_file(address: str, settings: Settings, around: Surroundings) -> bytes:
    """Return what stands at an address, read as sources are; raises SourceError."""
    from resolver.errors import SourceError
    from resolver.sources.http.credentials import Credentials
    from resolver.sources.http.fetching import Fetcher
    from resolver.sources.limits import ResourceKind

    credentials = Credentials(around.environ)
    fetcher = Fetcher(http_settings(settings, around=around), credentials=credentials, environ=around.environ)
    try:
        response = fetcher.get(address, kind=ResourceKind.INPUT)
    finally:
        fetcher.close()
    if not response.found:
        reason = f"the file is not there ({response.status})"
        raise SourceError(reason, credentials.redact(address), status=response.status)
    return response.body


def http_settings(
    settings: Settings, trusted_hosts: Sequence[str] = (), around: Surroundings | None = None
) -> HttpSettings:
    """Return how servers are asked; ``trusted_hosts`` are those that inputs name, behind the settings'.

    ``around``: may have a tape that stands between.
    """
    from resolver.sources.http.retry import RetryPolicy
    from resolver.sources.http.settings import HttpSettings
    from resolver.sources.limits import ResourceKind, SourceLimits

    limits = SourceLimits(
        sizes={ResourceKind(name): size for name, size in settings.size_limits.value.items()},
        deadline=settings.download_deadline.value,
        least_rate=settings.least_rate.value,
    )
    trusted = settings.trusted_hosts.value
    return HttpSettings(
        read_timeout=settings.timeout.value,
        retry=RetryPolicy(attempts=settings.retries.value + 1),
        proxies=settings.proxies.value,
        certificates=str(settings.cert.value) if settings.cert.value else None,
        verify_certificates=settings.ssl_verify.value,
        trusted_hosts=tuple(dict.fromkeys((*trusted, *trusted_hosts))),
        client_certificate=str(settings.client_cert.value) if settings.client_cert.value else None,
        client_key=str(settings.client_key.value) if settings.client_key.value else None,
        offline=settings.offline.value,
        limits=limits,
        tape=around.tape.sources if around is not None and around.tape is not None else None,
    )
