"""Where a session's packages come from: channels and indexes of inputs and settings, in order."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from lockfiles.settings.model import Settings
from lockfiles.settings.setting import Layer
from resolver.model.channels import Channel
from resolver.model.origin import Origin
from resolver.model.requirements import ChannelRequest, Requirements
from resolver.model.target import Target

if TYPE_CHECKING:
    from resolver.model.credentials import SecretAddress
    from resolver.model.indexes import Index
    from resolver.model.notices import Notice


def overrides_input(layer: Layer) -> bool:
    """Whether a setting stands nearer than the input file: typed now, not written down for later."""
    return layer in (Layer.FLAG, Layer.ENVIRONMENT)


def find_channels(
    requirements: Requirements, settings: Settings, targets: Sequence[Target], environ: Mapping[str, str]
) -> tuple[tuple[Channel, ...], tuple[SecretAddress, ...], tuple[str, ...]]:
    """Return the channels, the addresses with credentials among them, and the channels as written."""
    from resolver.inputs.channels import resolve_channels

    requests = requirements.channels or _channels_of_settings(settings)
    rules = settings.channel_rules()
    windows = next((target.subdir for target in targets if target.subdir.startswith("win-")), None)
    subdir = windows or targets[0].subdir
    resolved = resolve_channels(requests, rules, subdir=subdir, environ=environ)
    named = channels_of_specs(requirements, resolved.channels)
    if named:
        # As conda has it, a channel that only a spec names comes after those that are listed.
        listed = requests or (ChannelRequest(text="defaults", origin=named[0].origin),)
        requests = (*listed, *named)
        resolved = resolve_channels(requests, rules, subdir=subdir, environ=environ)
    texts = tuple(request.text for request in requests if request.text != "nodefaults")
    return resolved.channels, resolved.secrets, texts or ("defaults",)


def said_of_channels(
    requirements: Requirements, settings: Settings, channels: Sequence[Channel]
) -> tuple[Notice, ...]:
    """Return what is said of channels that nobody named: conda's default ones stand in."""
    asked = any(not requirement.is_constraint for requirement in requirements.conda)
    if not asked or requirements.channels or settings.channels.layer is not Layer.DEFAULT:
        return ()
    from resolver.model.notices import Notice

    names = tuple(channel.name for channel in channels)
    text = f"no channel is named: `defaults` is taken ({', '.join(names)}; `channels:` or `--channel NAME`)"
    return (Notice(code="default-channels", text=text, facts={"channels": names}),)


def with_overriding_channels(requirements: Requirements, settings: Settings) -> Requirements:
    """Return the requirements with channels of a flag or variable in place of those that the input names."""
    if not (requirements.channels and overrides_input(settings.channels.layer)):
        return requirements
    from msgspec.structs import replace

    return replace(requirements, channels=_channels_of_settings(settings))


def with_set_overrides(requirements: Requirements, settings: Settings) -> Requirements:
    """Return the requirements as the overrides of the settings put them, beside those of the input.

    Raises InputError for one that pip couldn't read, or that names no project.
    """
    asked, excluded = settings.override_dependencies, settings.exclude_dependencies
    if not (asked.value or excluded.value):
        return requirements
    from resolver.errors import InputError
    from resolver.inputs.overrides import with_overrides
    from resolver.inputs.pip_requirement import PipContext, parse_pip_requirement
    from resolver.model.names import PypiName
    from resolver.model.requirements import Override

    origin = Origin(file=asked.source)
    found = []
    for text in asked.value:
        made, _ = parse_pip_requirement(text, PipContext(origin=origin, environ={}))
        if made.name is None:
            raise InputError(f"`{text}` names no project", origin, hint="Write `NAME @ ADDRESS`.")
        found.append(Override(name=made.name, origin=origin, requirement=made))
    gone = Origin(file=excluded.source)
    found += [Override(name=PypiName(name), origin=gone) for name in excluded.value]
    return with_overrides(requirements, found)


def with_indexes_of_targets(requirements: Requirements, targets: Sequence[Target]) -> Requirements:
    """Return the requirements with the indexes that hold for the targets alone.

    A project comes from one index in one run. Raises InputError where a file names
    different ones for different targets.
    """
    if all(requirement.index is None for requirement in requirements.pypi):
        return requirements
    from msgspec.structs import replace

    from resolver.errors import InputError

    subdirs = {target.subdir for target in targets}
    places: dict[str, dict[str, set[str | None]]] = {}
    for requirement in requirements.pypi:
        if requirement.is_constraint or requirement.name is None:
            continue
        here = subdirs if requirement.platforms is None else subdirs & requirement.platforms
        for subdir in here:
            of_name = places.setdefault(requirement.name, {})
            of_name.setdefault(subdir, set()).add(requirement.index)
    kept = []
    for requirement in requirements.pypi:
        if requirement.index is None:
            kept.append(requirement)
            continue
        named = [found - {None} or found for found in places.get(requirement.name or "", {}).values()]
        applies = requirement.platforms is None or subdirs & requirement.platforms
        if applies and len(set().union(*named)) > 1:
            where, hint = " on different platforms", "Lock one platform at a time: `--platform`."
            if any(len(found) > 1 for found in named):
                where, hint = "", "Take the extras or groups that name them one at a time."
            raise InputError(
                f"`{requirement.name}` is to come from different indexes{where}", requirement.origin, hint
            )
        kept.append(requirement if applies else replace(requirement, index=None))
    return replace(requirements, pypi=tuple(kept))


def _channels_of_settings(settings: Settings) -> tuple[ChannelRequest, ...]:
    origin = Origin(file=settings.channels.source)
    return tuple(ChannelRequest(text=text, origin=origin) for text in settings.channels.value)


def channels_of_specs(requirements: Requirements, known: Sequence[Channel]) -> tuple[ChannelRequest, ...]:
    """Return the channels that match specs name (``channel::package``) and no list does, each once."""
    from resolver.model.match_spec import same_channel

    found: dict[str, ChannelRequest] = {}
    for requirement in requirements.conda:
        if "::" not in requirement.spec and "channel" not in requirement.spec:
            continue  # nearly all: so that a plain spec needn't be read here
        wanted = requirement.match_spec.channel
        if wanted and not any(same_channel(wanted, channel) for channel in known):
            found.setdefault(wanted, ChannelRequest(text=wanted, origin=requirement.origin))
    return tuple(found.values())


def find_indexes(requirements: Requirements, settings: Settings) -> tuple[Index, ...]:
    """Return the indexes in the order asked: extra ones, named ones, then the default.

    What the input file says counts more than settings files, and less than flags and variables.
    """
    from resolver.model.indexes import Index

    options = requirements.indexes
    if (settings.no_index.value or options.no_index) and not overrides_input(settings.index_url.layer):
        return ()
    default = settings.index_url.value
    if options.index_url and not overrides_input(settings.index_url.layer):
        default = options.index_url
    extra = dict.fromkeys((*settings.extra_index_urls.value, *options.extra_index_urls))
    named = settings.indexes.value
    explicit = set(settings.package_indexes.value.values())
    names = _index_names((*extra, default), named)
    places = dict.fromkeys(settings.extra_index_urls.value, settings.extra_index_urls.source)
    found = [
        Index(name=names[url], url=url, origin=_words("extra-index-url", places.get(url))) for url in extra
    ]
    found += [
        Index(
            name=name,
            url=url,
            is_explicit=name in explicit,
            origin=_words("indexes", settings.indexes.source),
        )
        for name, url in named.items()
    ]
    is_ours = default == settings.index_url.value
    origin = _words("index-url", settings.index_url.source if is_ours else None)
    return (*found, Index(name=names[default], url=default, origin=origin))


def _words(option: str, source: str | None) -> str:
    """Return where an index is configured; None: in the input. Empty for the default, which nobody wrote."""
    if source == "default":
        return ""
    if source is None or source.lstrip("-") == option:
        return f"`--{option}`"
    return f"{option} from {source}"


def _index_names(urls: Sequence[str], taken: Collection[str]) -> dict[str, str]:
    """Return what people and lockfiles call each index: its address; of a folder, its last parts.

    A folder's name has as many parts as tell it from every other one and from the names ``taken``.
    """
    from resolver.model.redaction import strip

    parts = {url: _folder_parts(url) for url in urls}
    names: dict[str, str] = {}
    for url, own in parts.items():
        others = [other for place, other in parts.items() if place != url]
        sizes = (n for n in range(1, len(own) + 1) if "/".join(own[-n:]) not in taken)
        size = next((n for n in sizes if all(other[-n:] != own[-n:] for other in others)), None)
        names[url] = strip(url) if size is None else "/".join(own[-size:])
    return names


def _folder_parts(url: str) -> tuple[str, ...]:
    """Return the parts of a folder's path; none of an address."""
    if "://" in url and not url.startswith("file:"):
        return ()
    return tuple(p for p in Path(url.removeprefix("file://")).parts if p not in ("/", ".", ".."))
