"""The pooled httpx client: certificates, proxies, limits, and a muzzle for its logs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from resolver.model.redaction import redact
from resolver.sources.http.settings import HttpSettings

if TYPE_CHECKING:
    import logging
    import ssl

    import httpx

    from resolver.sources.http.metering import SocketMeter

_SERVERS = 4  #: that a thread keeps a connection to; an index has two
#: The libraries below write addresses and headers into their logs, at INFO and DEBUG.
_TALKATIVE = ("httpx", "httpcore.connection", "httpcore.http11", "httpcore.proxy", "httpcore.socks")


def make_client(
    settings: HttpSettings, environ: Mapping[str, str], meter: SocketMeter | None = None
) -> httpx.Client:
    """Return a client that keeps connections open, follows no redirects and adds no credentials.

    ``meter`` counts what it receives.
    """
    import httpx

    from resolver.sources.http.name_lookup import NameLookup, use_lookup
    from resolver.sources.http.thread_pools import ThreadPools
    from resolver.sources.http.trust import ByTrust, checked_context, unchecked_context

    verify = httpx.create_ssl_context(verify=checked_context(settings, environ), trust_env=False)
    limits = httpx.Limits(max_connections=_SERVERS, max_keepalive_connections=_SERVERS, keepalive_expiry=30.0)

    lookup = NameLookup()

    def make(proxy: str | None, context: ssl.SSLContext | bool) -> httpx.BaseTransport:
        def make_one() -> httpx.HTTPTransport:
            made = httpx.HTTPTransport(verify=context, limits=limits, proxy=proxy, trust_env=False)
            use_lookup(made, lookup, meter)
            return made

        return ThreadPools(make_one, settings.concurrency)

    def transport(proxy: str | None) -> httpx.BaseTransport:
        checked = make(proxy, verify)
        if not settings.trusted_hosts:
            return checked
        return ByTrust(checked, make(proxy, unchecked_context(settings)), settings.trusted_hosts)

    mounts = {
        pattern: transport(proxy) if proxy else None
        for pattern, proxy in _proxies(settings.proxies, environ).items()
    }
    return httpx.Client(
        transport=transport(None),
        mounts=mounts,
        trust_env=False,
        follow_redirects=False,
        timeout=httpx.Timeout(settings.read_timeout, connect=settings.connect_timeout, pool=None),
        headers={"user-agent": settings.user_agent, "accept": "*/*"},
    )


def _proxies(explicit: Mapping[str, str], environ: Mapping[str, str]) -> dict[str, str | None]:
    """Return httpx's mount patterns with their proxies; None: go there directly.

    The environment, with its exceptions, counts for the schemes that ``explicit`` says nothing of.
    """
    found = {_pattern(name): _with_scheme(proxy) for name, proxy in explicit.items()}
    if "all" in explicit:
        return dict(found)
    rest: dict[str, str | None] = {}
    for pattern, proxy in _proxies_of(environ).items():
        scheme, _, host = pattern.partition("://")
        covered = [name for name in ("http", "https") if name not in explicit]
        for name in covered if scheme == "all" and len(covered) < 2 else (scheme,):
            if name not in explicit:
                rest[f"{name}://{host}"] = proxy
    return rest | found


def _pattern(name: str) -> str:
    return name if "://" in name else f"{name}://"


def _proxies_of(environ: Mapping[str, str]) -> dict[str, str | None]:
    """Return patterns and proxies of the environment's variables."""
    found: dict[str, str | None] = {}
    for scheme in ("http", "https", "all"):
        # Upper-case HTTP_PROXY may come from a request header where a program runs as CGI.
        cgi = scheme == "http" and "REQUEST_METHOD" in environ
        value = environ.get(f"{scheme}_proxy") or ("" if cgi else environ.get(f"{scheme.upper()}_PROXY"))
        if value:
            found[f"{scheme}://"] = _with_scheme(value)
    for entry in (environ.get("no_proxy") or environ.get("NO_PROXY") or "").split(","):
        host = entry.strip()
        if host == "*":
            return {}
        if host:
            found[_exception_pattern(host)] = None
    return found


def _exception_pattern(host: str) -> str:
    """Write an entry of ``NO_PROXY`` as httpx's pattern; a plain domain covers its subdomains."""
    if "://" in host:
        return host
    bare = host.lstrip(".")
    if bare.replace(".", "").isdigit() or ":" in bare or bare.lower() == "localhost":
        inner = f"[{bare}]" if bare.count(":") > 1 and not bare.startswith("[") else bare
        return f"all://{inner}"
    return f"all://*{bare}" if not host.startswith(".") else f"all://*.{bare}"


def _with_scheme(proxy: str) -> str:
    return proxy if "://" in proxy else f"http://{proxy}"


class Muzzle:
    """Takes secrets out of the log lines of httpx and httpcore; drops the lines that show headers."""

    def __init__(self, hide: Callable[[str], str]) -> None:
        """``hide`` replaces the secrets it knows."""
        self._hide, self._is_on = hide, False

    def put_on(self) -> None:
        """Filter the loggers of both libraries from now on."""
        import logging  # which they load too

        self._is_on = True
        for name in _TALKATIVE:
            logging.getLogger(name).addFilter(self)

    def take_off(self) -> None:
        """Leave the loggers as they were."""
        if not self._is_on:
            return
        import logging

        for name in _TALKATIVE:
            logging.getLogger(name).removeFilter(self)

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the record; False where it would show headers."""
        message: Any = record.getMessage()
        if "headers" in message:
            return False
        record.msg, record.args = redact(self._hide(message)), ()
        return True
