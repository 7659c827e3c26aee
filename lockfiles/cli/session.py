"""From arguments to a question for the resolver: inputs, settings, targets, channels, indexes."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from lockfiles.cli.places import STDIN
from lockfiles.settings.model import Layer, Settings, load_settings
from resolver.model.channels import Channel
from resolver.model.origin import Origin
from resolver.model.requirements import ChannelRequest, Requirements
from resolver.model.target import Target, VirtualPackage

if TYPE_CHECKING:
    from resolver.model.credentials import SecretAddress
    from resolver.model.indexes import Index
    from resolver.pipeline import ResolveOptions
    from resolver.sources.http.client import HttpSettings

#: Where nothing says for which platform to lock.
DEFAULT_PLATFORM = "linux-64"


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that one run asks for.

    ``secrets`` are addresses with credentials, for the resolver alone.
    """

    files: tuple[str, ...]
    requirements: Requirements
    settings: Settings
    targets: tuple[Target, ...]
    channels: tuple[Channel, ...]
    channel_texts: tuple[str, ...]  #: as written, for the lockfile
    indexes: tuple[Index, ...]
    secrets: tuple[SecretAddress, ...]
    environ: Mapping[str, str]
    has_declared_machine: bool = False  #: whether virtual packages are other than the default profile's

    def __repr__(self) -> str:
        return f"{type(self).__name__}(files={self.files!r})"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        return [("files", self.files)]

    @property
    def declared_virtual_packages(self) -> dict[str, tuple[Any, ...]] | None:
        """Virtual packages by platform where the user declared any; None with the default profile."""
        if not self.has_declared_machine:
            return None
        return {target.subdir: target.virtual_packages for target in self.targets}

    def fingerprint(self) -> dict[str, tuple[str, ...]]:
        """Return the settings that decide an answer beside the requirements and targets, without secrets."""
        settings = self.settings
        return {
            "channels": tuple(channel.name for channel in self.channels),
            "indexes": tuple(index.name for index in self.indexes),
            "index-strategy": (settings.index_strategy.value,),
            "package-indexes": tuple(f"{k}={v}" for k, v in sorted(settings.package_indexes.value.items())),
            "pre": ("yes",) if settings.pre.value else (),
        }


def read_settings(arguments: argparse.Namespace, environ: Mapping[str, str]) -> Settings:
    """Return the settings of a run; those beside the first input file count."""
    files: Sequence[str] = getattr(arguments, "files", ())
    first = next((Path(name) for name in files if name != STDIN), None)
    flags = {name: value for name, value in vars(arguments).items() if value is not None}
    prefix = Path(sys.prefix) if sys.prefix != sys.base_prefix else None
    return load_settings(flags, environ, first, Path.home(), Path.cwd(), prefix=prefix)


def open_session(arguments: argparse.Namespace, environ: Mapping[str, str]) -> Session:
    """Read inputs and settings, and resolve platforms, channels and indexes to their values.

    Raises InputError or InputErrors for every fault in them.
    """
    from resolver.inputs.reading import parse_inputs

    settings = read_settings(arguments, environ)
    extras = getattr(arguments, "extras", ()) or None
    requirements = parse_inputs(arguments.files, _read_input, environ=environ, extras=extras)
    targets = _targets(requirements, settings, arguments, environ)
    channels, secrets, texts = _channels(requirements, settings, targets, environ)
    return Session(
        files=tuple(arguments.files),
        requirements=requirements,
        settings=settings,
        targets=targets,
        channels=channels,
        channel_texts=texts,
        indexes=_indexes(requirements, settings),
        secrets=(*requirements.secrets, *secrets),
        environ=environ,
        has_declared_machine=bool(settings.virtual_packages.value)
        or settings.this_machine.value
        or has_machine(arguments),
    )


def _read_input(name: str) -> bytes:
    if name == STDIN:
        return sys.stdin.buffer.read()
    return Path(name).read_bytes()


def _is_near(layer: Layer) -> bool:
    """Whether a setting stands nearer than the input file: typed now, not written down for later."""
    return layer in (Layer.FLAG, Layer.ENVIRONMENT)


def _targets(
    requirements: Requirements,
    settings: Settings,
    arguments: argparse.Namespace,
    environ: Mapping[str, str],
) -> tuple[Target, ...]:
    from resolver.inputs.default_python import python_of_target
    from resolver.inputs.target import build_targets

    asked = settings.platforms
    platforms = asked.value if _is_near(asked.layer) else requirements.platforms or asked.value
    platforms = platforms or (DEFAULT_PLATFORM,)
    return build_targets(
        platforms,
        requests=_virtual_package_requests(platforms, settings, arguments),
        environ=environ,
        facts=_machine_facts if settings.this_machine.value else None,
        channel_priority=settings.channel_priority.value,
        python=python_of_target(requirements, settings.python.value),
        exclude_newer=settings.exclude_newer.value,
    )


def _machine_facts(subdir: str) -> Sequence[VirtualPackage] | None:
    """Return what this machine is, where it is of that platform (``--this-machine``)."""
    from lockfiles.cli.this_machine import virtual_packages_here

    return virtual_packages_here(subdir)


def has_machine(arguments: argparse.Namespace) -> bool:
    """Tell whether a flag describes the machine: ``--image``, ``--vm-size``, ``--gpu`` ..."""
    names = ("image", "vm_size", "gpu", "driver", "cuda", "glibc")
    return any(getattr(arguments, name, None) for name in names)


def _virtual_package_requests(
    platforms: Sequence[str], settings: Settings, arguments: argparse.Namespace
) -> tuple[str, ...]:
    """Return requests for virtual packages, later ones winning: settings, the described machine, flags."""
    asked = settings.virtual_packages.value
    if not has_machine(arguments):
        return asked
    from lockfiles.cli.machine_flags import machine_of
    from resolver.machine.description import virtual_packages

    machine = machine_of(arguments)
    told = {package.name: package.version for package in virtual_packages(machine)}
    if machine.has_gpu is False:
        told["__cuda"] = ""
    flags = tuple(arguments.virtual_packages)
    linux = [platform for platform in platforms if platform.startswith("linux-")]
    described = [
        f"{platform}:{name}={version}" for platform in linux for name, version in sorted(told.items())
    ]
    return (*(text for text in asked if text not in flags), *described, *flags)


def _channels(
    requirements: Requirements, settings: Settings, targets: Sequence[Target], environ: Mapping[str, str]
) -> tuple[tuple[Channel, ...], tuple[SecretAddress, ...], tuple[str, ...]]:
    from resolver.inputs.channels import resolve_channels

    requests = requirements.channels or tuple(
        ChannelRequest(text=text, origin=Origin(file=settings.channels.source))
        for text in settings.channels.value
    )
    rules = settings.channel_rules()
    windows = next((target.subdir for target in targets if target.subdir.startswith("win-")), None)
    subdir = windows or targets[0].subdir
    resolved = resolve_channels(requests, rules, subdir=subdir, environ=environ)
    named = _channels_of_specs(requirements, resolved.channels)
    if named:
        # As conda has it, a channel that only a spec names comes after those that are listed.
        listed = requests or (ChannelRequest(text="defaults", origin=named[0].origin),)
        requests = (*listed, *named)
        resolved = resolve_channels(requests, rules, subdir=subdir, environ=environ)
    texts = tuple(request.text for request in requests if request.text != "nodefaults")
    return resolved.channels, resolved.secrets, texts or ("defaults",)


def _channels_of_specs(requirements: Requirements, known: Sequence[Channel]) -> tuple[ChannelRequest, ...]:
    """Return the channels that match specs name (``channel::package``) and no list does, each once."""
    from resolver.model.match_spec import parse_match_spec, same_channel

    found: dict[str, ChannelRequest] = {}
    for requirement in requirements.conda:
        if "::" not in requirement.spec and "channel" not in requirement.spec:
            continue
        wanted = parse_match_spec(requirement.spec).channel
        if wanted and not any(same_channel(wanted, channel) for channel in known):
            found.setdefault(wanted, ChannelRequest(text=wanted, origin=requirement.origin))
    return tuple(found.values())


def _indexes(requirements: Requirements, settings: Settings) -> tuple[Index, ...]:
    """Return the indexes in the order asked: extra ones, named ones, then the default.

    What the input file says counts more than settings files, and less than flags and variables.
    """
    from resolver.model.indexes import Index

    options = requirements.indexes
    if (settings.no_index.value or options.no_index) and not _is_near(settings.index_url.layer):
        return ()
    default = settings.index_url.value
    if options.index_url and not _is_near(settings.index_url.layer):
        default = options.index_url
    extra = dict.fromkeys((*settings.extra_index_urls.value, *options.extra_index_urls))
    named = settings.indexes.value
    explicit = set(settings.package_indexes.value.values())
    known = set(named)
    found = [Index(name=_index_name(url, known), url=url) for url in extra]
    found += [Index(name=name, url=url, is_explicit=name in explicit) for name, url in named.items()]
    return (*found, Index(name=_index_name(default, known), url=default))


def _index_name(url: str, known: set[str]) -> str:
    """Return what people and lockfiles call an index: its address; of a folder, its last parts."""
    from resolver.model.redaction import strip

    name = strip(url)
    if "://" not in url or url.startswith("file:"):
        parts = [part for part in Path(url.removeprefix("file://")).parts if part not in ("/", ".", "..")]
        name = next(
            (name for size in range(1, len(parts) + 1) if (name := "/".join(parts[-size:])) not in known),
            name,
        )
    known.add(name)
    return name


def resolve_options(session: Session, *, preferred: Mapping[str, Mapping[str, str]]) -> ResolveOptions:
    """Return the session as the resolver takes it; ``preferred`` holds the pins to try first."""
    from resolver.model.indexes import FormatRules, IndexStrategy
    from resolver.model.names import PypiName
    from resolver.pipeline import ResolveOptions
    from resolver.sources.http.credentials import Credentials

    settings, options = session.settings, session.requirements.indexes
    credentials = Credentials(session.environ)
    for secret in session.secrets:
        credentials.learn(secret.url, channel=secret.is_channel)
    return ResolveOptions(
        targets=session.targets,
        channels=session.channels,
        mirrors=settings.mirrors.value,
        indexes=session.indexes,
        find_links=tuple(dict.fromkeys((*options.find_links, *settings.find_links.value))),
        index_strategy=IndexStrategy(settings.index_strategy.value),
        per_package={PypiName(name): index for name, index in settings.package_indexes.value.items()},
        formats=FormatRules(no_binary=options.no_binary, only_binary=options.only_binary),
        pre=settings.pre.value,
        no_build=settings.no_build.value,
        http=_http_settings(settings),
        credentials=credentials,
        environ=session.environ,
        cache_dir=cache_folder(settings),
        name_map=settings.name_map.value,
        preferred=preferred,
        engine=settings.engine.value,
    )


def _http_settings(settings: Settings) -> HttpSettings:
    from resolver.sources.http.client import HttpSettings
    from resolver.sources.http.retry import RetryPolicy

    proxies = settings.proxies.value
    return HttpSettings(
        read_timeout=settings.timeout.value,
        retry=RetryPolicy(attempts=settings.retries.value + 1),
        proxy=proxies.get("https") or proxies.get("http"),
        certificates=str(settings.cert.value) if settings.cert.value else None,
        verify_certificates=settings.ssl_verify.value,
        offline=settings.offline.value,
    )


def cache_folder(settings: Settings) -> Path:
    """Return the folder for downloads: the one asked for, else the user's cache folder."""
    if settings.cache_dir.value is not None:
        return settings.cache_dir.value
    from platformdirs import user_cache_path

    return user_cache_path("lockstack", appauthor=False)
