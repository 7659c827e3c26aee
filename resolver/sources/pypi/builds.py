"""Metadata that only a build backend can tell (PEP 517): in a child process, without secrets.

A build has the rights of whoever runs the command, and less than its surroundings: no credentials, a home and
a temporary folder of its own, a limit in time, a process group that is ended whole, and no network once its
tools are there, where the system can do that (:mod:`resolver.sources.pypi.network_off`).
"""

from __future__ import annotations

import json
import logging
import os
import re
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from resolver.errors import SourceError
from resolver.model.builds import BuildRules
from resolver.model.names import PypiName
from resolver.model.redaction import is_remote, redact, split_secrets, strip
from resolver.model.unusable import Cause, Unusable
from resolver.sources.http.settings import HttpSettings
from resolver.sources.processes import EndedEarlyError, run_group
from resolver.sources.pypi.network_off import without_network

_log = logging.getLogger(__name__)
_CHILD = Path(__file__).with_name("build_child.py")
#: variables that a compiler or an installer needs and that hold no secrets
_PASSED = frozenset({
    "PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "SYSTEMROOT", "SYSTEMDRIVE",
    "COMSPEC", "PATHEXT", "WINDIR", "PROGRAMFILES", "PROGRAMFILES(X86)", "PROCESSOR_ARCHITECTURE",
    "NUMBER_OF_PROCESSORS", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE",
    "PIP_CERT", "PIP_DEFAULT_TIMEOUT", "CC", "CXX", "CFLAGS", "CXXFLAGS", "CPPFLAGS", "LDFLAGS", "CPATH",
    "LIBRARY_PATH", "LD_LIBRARY_PATH", "PKG_CONFIG_PATH", "CUDA_HOME", "SOURCE_DATE_EPOCH",
    "MACOSX_DEPLOYMENT_TARGET", "SDKROOT",
})  # fmt: skip
_PROXIES = frozenset({"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"})


#: Exit code of the child when the backend's own requirements can't be installed.
_TOOLS_FAILED = 4
#: A line that names an error: Python's, or the installer's.
_ERROR = re.compile(r"(?:[A-Za-z_][\w.]*(?:Error|Exception|Interrupt|Exit)\b|(?:error|ERROR|fatal)): ?\S")
#: Errors that only say that something below them failed.
_WRAPPING = re.compile(
    r"(?:\w+\.)*(?:BuildException|BuildBackendException|CalledProcessError|FailedProcessError|ToolsError)\b"
)
_NO_WHEEL = re.compile(r"No matching distribution found|Could not find a version that satisfies")
_MISSING = re.compile(r"No module named '([\w.]+)'")
#: What is said where a variable of the environment is missing.
_VARIABLE = re.compile(r"environment variable|os\.environ|/os\.py|<frozen os>")
_MOST_OUTPUT, _READ_OUTPUT = 64 << 20, 1 << 20  #: bytes that a build may print, and that are read of them
#: Characters of a cause.
_LONGEST = 200
#: What pip, urllib3 and OpenSSL print when a server can't be reached.
_NETWORK_TROUBLE = re.compile(
    r"NewConnectionError|NameResolutionError|ConnectTimeoutError|ReadTimeoutError|ProxyError|ProtocolError"
    r"|CERTIFICATE_VERIFY_FAILED|Temporary failure in name resolution|Connection (?:refused|reset|aborted)"
    r"|Network is unreachable"
)


class BuildSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How builds are run. Addresses are given to the build's installer without their credentials."""

    timeout: float = 600.0  #: seconds for one build, its environment included
    index_urls: Sequence[str] = ()  #: first one first; empty and no ``no_index``: the installer's default
    find_links: Sequence[str] = ()
    no_index: bool = False
    #: only harmless names of it are passed on
    environ: Mapping[str, str] = msgspec.field(default_factory=dict)
    #: how the build's installer talks to servers
    http: HttpSettings = msgspec.field(default_factory=HttpSettings)
    concurrency: int = 2  #: builds at once
    network: bool = False  #: whether backends may use it, and what they ask for may be built itself
    #: where the installer keeps what it downloads, for the next build; None: nowhere
    cache: Path | None = None
    rules: BuildRules = msgspec.field(default_factory=BuildRules)


class Builder:
    """Runs builds, a few at a time; may be used from several threads."""

    def __init__(self, settings: BuildSettings | None = None) -> None:
        self._settings = settings or BuildSettings()
        self._slots = threading.BoundedSemaphore(self._settings.concurrency)
        #: builds that could have used the network though it isn't allowed: the system can't shut it off
        self.unguarded: dict[str, None] = {}

    def metadata(
        self, source: Path, label: str, *, offline: bool = False, name: PypiName | None = None
    ) -> bytes | Unusable:
        """Return METADATA of the source tree, or why it can't be made and what helps.

        The output goes to the log. ``name``: the project, where it is known. ``label`` names the source
        for people. ``offline``: only indexes and links on disk are given to the build's installer. Raises
        SourceError where the network fails while the build's tools are fetched.
        """
        with self._slots, tempfile.TemporaryDirectory(prefix="lockstack-build-") as work:
            _log.info("building the metadata of %s", label)
            folder = Path(work)
            output, result = folder / "output.log", folder / "result"
            (folder / "home").mkdir()
            (folder / "tmp").mkdir()
            environ = self._environment(folder, name, offline=offline)
            command = [sys.executable, "-I", str(_CHILD), str(source), str(folder / "metadata"), str(result)]
            guard = self._guard(environ, label)
            command += [json.dumps(guard), *self._more(name)]
            try:
                with output.open("wb") as sink:
                    code = run_group(
                        command, folder=source, environ=environ, output=sink.fileno(), errors=sink.fileno(),
                        timeout=self._settings.timeout, objection=lambda: _too_much(output),
                    )  # fmt: skip
            except EndedEarlyError as error:
                return _failed(f"its build was ended: {error.reason}")
            finally:
                text = redact(_end_of(output))
                _log.debug("output of the build of %s:\n%s", label, text)
            is_cut_off = bool(guard) and code != _TOOLS_FAILED
            if code != 0 and not offline and not is_cut_off and _NETWORK_TROUBLE.search(text):
                if code == _TOOLS_FAILED:
                    raise SourceError(
                        f"the tools to build `{label}` can't be fetched: {cause_of(text)}",
                        "the index",
                        hint="Try again; `--no-build` leaves out what has to be built.",
                    )
                reason = f"the network failed while it was built: {cause_of(text)}"
                return Unusable(reason, Cause.NETWORK)
            if code != 0 or not result.is_file():
                return _failed(f"its metadata can't be built: {cause_of(text)} ({self._remedy(text, name)})")
            metadata = Path(result.read_text("utf-8")) / "METADATA"
            return metadata.read_bytes() if metadata.is_file() else _failed("its build gives no METADATA")

    def _remedy(self, text: str, name: PypiName | None) -> str:
        found = remedy(text, name, in_place=name in self._settings.rules.in_place)
        if self._settings.network:
            return found
        if _NO_WHEEL.search(text):
            return f"for a build only wheels are installed: `build-network` lets its tools be built; {found}"
        if _NETWORK_TROUBLE.search(text):
            return f"builds reach no network: `build-network` allows it; {found}"
        return found

    def _more(self, name: PypiName | None) -> list[str]:
        """Return the child's arguments that the user's rules for the project ask for."""
        rules = self._settings.rules
        if name is None:
            return []
        return ["--in-place"] if name in rules.in_place else list(rules.extra.get(name, ()))

    def _guard(self, environ: dict[str, str], label: str) -> tuple[str, ...]:
        """Return the words that shut the network off for a backend; none where it is allowed, or can't be."""
        if self._settings.network:
            return ()
        environ["PIP_ONLY_BINARY"] = ":all:"  # what pip builds has the network that pip has
        found = without_network(environ.get("PATH", os.defpath))
        if found is None:
            self.unguarded[label] = None
        return found or ()

    def _environment(self, folder: Path, name: PypiName | None, *, offline: bool) -> dict[str, str]:
        """Return the child's variables: a home of its own, no user's configuration, no credentials.

        Those that the user gives for the project count only beside what is set here.
        """
        settings = self._settings
        environ: dict[str, str] = {}
        for variable, value in settings.environ.items():
            upper = variable.upper()
            if upper in _PASSED or (upper in _PROXIES and split_secrets(value).username is None):
                environ[variable] = value
        environ |= settings.rules.variables.get(name, {}) if name else {}
        home, temporary = str(folder / "home"), str(folder / "tmp")
        environ |= {
            **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), temporary),
            "HOME": home,
            "USERPROFILE": home,
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_NO_INPUT": "1",
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "PIP_NO_COMPILE": "1",  # tools that are used once
            "PYTHONNOUSERSITE": "1",
        }
        if settings.cache is None:
            environ["PIP_NO_CACHE_DIR"] = "1"
        else:
            environ["PIP_CACHE_DIR"] = str(settings.cache.absolute())
        if "PIP_CERT" not in environ and environ.get("SSL_CERT_FILE"):
            environ["PIP_CERT"] = environ["SSL_CERT_FILE"]  # pip reads this name alone
        return environ | _connection(settings) | _places(settings, offline=offline)


def _places(settings: BuildSettings, *, offline: bool) -> dict[str, str]:
    """Return the variables that tell pip where to find what a build needs."""
    indexes = [] if settings.no_index else [_as_address(url) for url in settings.index_urls]
    links = [_as_address(url) for url in settings.find_links]
    if offline:
        indexes = [url for url in indexes if not is_remote(url)]
        links = [url for url in links if not is_remote(url)]
    environ: dict[str, str] = {}
    if indexes:
        environ |= {"PIP_INDEX_URL": indexes[0], "PIP_EXTRA_INDEX_URL": " ".join(indexes[1:])}
    elif settings.no_index or offline:
        environ["PIP_NO_INDEX"] = "1"
    if links:
        environ["PIP_FIND_LINKS"] = " ".join(links)
    return environ


def _connection(settings: BuildSettings) -> dict[str, str]:
    """Return the variables that tell pip whom to trust, and how to get through; never a credential."""
    http, environ = settings.http, dict[str, str]()
    trusted = list(http.trusted_hosts)
    if not http.verify_certificates:
        places = (
            urlsplit(place) for place in (*settings.index_urls, *settings.find_links) if is_remote(place)
        )
        trusted += [place.netloc.rpartition("@")[2] for place in places]
    if trusted:
        environ["PIP_TRUSTED_HOST"] = " ".join(dict.fromkeys(trusted))
    if http.certificates:
        environ["PIP_CERT"] = str(Path(http.certificates).absolute())
    if http.client_certificate and not http.client_key:  # pip takes one file
        environ["PIP_CLIENT_CERT"] = str(Path(http.client_certificate).absolute())
    proxy = next((http.proxies[name] for name in ("https", "all", "http") if name in http.proxies), None)
    if proxy and split_secrets(proxy).username is None:  # pip takes one for every scheme
        environ["PIP_PROXY"] = proxy
    return environ


def _as_address(place: str) -> str:
    """Return an address that needs no quoting, without credentials."""
    if is_remote(place) or place[:5].lower() == "file:":
        return strip(place)
    return Path(place).expanduser().absolute().as_uri()


def _too_much(output: Path) -> str | None:
    """Return why a build that says so much is ended."""
    return f"it printed more than {_MOST_OUTPUT >> 20} MiB" if output.stat().st_size > _MOST_OUTPUT else None


def _end_of(output: Path) -> str:
    """Return the last part of what a build printed."""
    with output.open("rb") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - _READ_OUTPUT))
        return file.read().decode("utf-8", "replace")


def _failed(reason: str) -> Unusable:
    return Unusable(reason, Cause.BUILD_FAILED)


def cause_of(text: str) -> str:
    """Return the line of a build's output that tells most: the last error that is not another's wrapping."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if _ERROR.match(line) and not _WRAPPING.match(line)]
    found = errors[-1] if errors else lines[-1] if lines else "it says nothing"
    return found if len(found) <= _LONGEST else f"{found[: _LONGEST - 3]}..."


def remedy(text: str, name: PypiName | None, *, in_place: bool = False) -> str:
    """Return what helps against a build that fails: what it lacks, or its metadata by hand.

    ``in_place``: it was built in the environment that runs here.
    """
    project = str(name) if name else "NAME"
    missing = _MISSING.findall(text)
    module = missing[-1].partition(".")[0] if missing else "..."
    if in_place:
        what = f"install `{module}` there" if missing else "what it looks for has to be there"
        extra = f"it is built where `lock` runs (`no-build-isolation-package`): {what}"
    else:
        extra = _extra_words(project, module)
    if not missing and _VARIABLE.search(text):
        variables = f'`extra-build-variables`: `{project} = {{NAME = "VALUE"}}`'
        extra += f"; {variables} sets what it finds in its environment"
    by_hand = f"`dependency-metadata` (`{project}==VERSION`) says by hand what it requires"
    named = "" if name else "for a line `NAME @ PLACE`: "
    return f"{named}{extra}; {by_hand}; `-vv` shows the output"


def _extra_words(project: str, module: str) -> str:
    return f'`extra-build-dependencies`: `{project} = ["{module}"]` gives the build what it doesn\'t ask for'
