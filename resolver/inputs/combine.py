"""Several input files as one: everything holds, nothing is overwritten."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from resolver.inputs.draft import Draft
from resolver.inputs.faults import Faults
from resolver.model.names import PypiName
from resolver.model.redaction import redact
from resolver.model.requirements import ChannelRequest


def combine(drafts: Sequence[Draft], faults: Faults) -> Draft:
    """Return the first draft with the others added.

    Channels, platforms and index addresses: united in file order. Two files
    that order two channels differently, give one variable two values or name
    two main indexes contradict each other: a fault.
    """
    first, *others = drafts
    projects = {draft.project: draft.brought for draft in drafts if draft.project is not None}
    for other in others:
        first.members |= other.members
        first.name = first.name or other.name
        first.image = first.image or other.image
        first.conda.extend(other.conda)
        first.pypi.extend(other.pypi)
        first.overrides.extend(other.overrides)
        first.channels = _join_channels(first.channels, other.channels, faults)
        first.platforms.extend(other.platforms)
        first.files.extend(other.files)
        first.secrets.extend(other.secrets)
        first.notices.extend(other.notices)
        first.virtual_packages.extend(other.virtual_packages)
        first.environments.extend(other.environments)
        first.requires_python.extend(other.requires_python)
        first.has_pip_section = first.has_pip_section or other.has_pip_section
        _join_variables(first, other, faults)
        _join_indexes(first, other, faults)
    _settle_members(first, projects)
    return first


def _settle_members(draft: Draft, projects: Mapping[PypiName, Collection[str]]) -> None:
    """Take out what asks for a project whose own file is read: what that needs is asked for already.

    A member of a workspace whose file isn't read is asked for by its name, which is said.
    """
    for name, file in draft.members.items():
        if name not in projects:
            text = (
                f"{file}: `tool.uv.sources.{name}`: not honoured: workspace (name its pyproject.toml as well)"
            )
            draft.say("table-not-honoured", text, file=file)
            continue
        asked = [line for line in draft.pypi if line.name == name and not line.is_constraint]
        draft.pypi = [line for line in draft.pypi if line not in asked]
        extras = sorted({extra for line in asked for extra in line.extras} - set(projects[name]))
        if extras:
            listed = ", ".join(f"`{extra}`" for extra in extras)
            text = f"{file}: extras of the member `{name}` are taken in with `--extra`: {listed}"
            draft.say("table-not-honoured", text, file=file)


def _join_channels(
    one: list[ChannelRequest], other: list[ChannelRequest], faults: Faults
) -> list[ChannelRequest]:
    """Unite two channel lists: the first keeps its order, new channels follow where the second has them."""
    at = {channel.text: index for index, channel in enumerate(one)}
    last = -1
    for channel in other:
        index = at.get(channel.text)
        if index is None:
            continue
        if index < last:
            earlier = one[last]
            faults.add(
                f"channel `{redact(channel.text)}` stands behind `{redact(earlier.text)}` here, "
                f"and before it in {one[index].origin}",
                channel.origin,
                "the order of channels decides where packages come from: use one order in all files",
            )
        last = max(last, index)
    return one + [channel for channel in other if channel.text not in at]


def _join_variables(first: Draft, other: Draft, faults: Faults) -> None:
    for name, (value, origin) in other.variables.items():
        known = first.variables.setdefault(name, (value, origin))
        if known[0] != value:
            faults.add(
                f"the variable `{name}` has another value in {known[1]}", origin, "keep one of the two"
            )


def _join_indexes(first: Draft, other: Draft, faults: Faults) -> None:
    if other.index_url:
        if first.index_url and first.index_url[0] != other.index_url[0]:
            faults.add(
                f"another main index than in {first.index_url[1]}",
                other.index_url[1],
                "keep one `--index-url`; name the other with `--extra-index-url`",
            )
        first.index_url = first.index_url or other.index_url
    first.extra_index_urls.extend(other.extra_index_urls)
    first.find_links.extend(other.find_links)
    first.trusted_hosts.extend(other.trusted_hosts)
    first.no_index = first.no_index or other.no_index
    first.pre = first.pre or other.pre
    first.prefer_binary = first.prefer_binary or other.prefer_binary
    first.require_hashes = first.require_hashes or other.require_hashes
    first.no_binary |= other.no_binary
    first.only_binary |= other.only_binary
