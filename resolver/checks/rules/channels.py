"""Which channels packages come from, and whether those fit together."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping

from resolver.checks import facts
from resolver.checks.context import CheckContext
from resolver.checks.registry import Found, Proposal, rule
from resolver.checks.stack import channel_name
from resolver.model.channels import ChannelPriority
from resolver.model.findings import Severity
from resolver.model.resolution import CondaPin

#: Nodes whose interface is stable across families: an edge to them says nothing.
_NEUTRAL = frozenset(
    {
        "python",
        "python_abi",
        "tzdata",
        "ca-certificates",
        "ld_impl_linux-64",
        "_libgcc_mutex",
        "_openmp_mutex",
        "wheel",
        "setuptools",
        "pip",
        "pytorch-mutex",
        "cpuonly",
    }
)


@functools.cache
def _families() -> Mapping[str, facts.ChannelFamily]:
    return {row.channel: row for row in facts.table(facts.ChannelFamily).rows}


def family(pin: CondaPin) -> str:
    """Return the ABI family of a pin's channel; ``unknown`` for a channel that no row describes."""
    row = _families().get(channel_name(pin)) or _families().get(channel_name(pin).split("/")[0])
    return row.family if row else "unknown"


def is_compiled(pin: CondaPin) -> bool:
    """Tell whether a pin holds machine code, as far as its subdir says."""
    return pin.subdir != "noarch" and pin.record.noarch is None


def _main_families(context: CheckContext) -> dict[str, list[CondaPin]]:
    groups: dict[str, list[CondaPin]] = {}
    for pin in context.resolution.conda:
        if is_compiled(pin) and pin.record.name not in _NEUTRAL and family(pin) not in ("addon", "unknown"):
            groups.setdefault(family(pin), []).append(pin)
    return dict(sorted(groups.items(), key=lambda item: (-len(item[1]), item[0])))


#: Libraries of the GCC runtime: backward compatible, a newer one serves what an older compiler built.
GCC_RUNTIME = (
    "libgcc",
    "libgcc-ng",
    "libstdcxx",
    "libstdcxx-ng",
    "libgfortran",
    "libgfortran-ng",
    "libgfortran5",
    "libgomp",
)


def is_newer_runtime(pin: CondaPin) -> bool:
    """Tell whether a package is conda-forge's GCC runtime, new enough for the packages of any channel."""
    is_runtime = pin.record.name in GCC_RUNTIME and family(pin) == "conda-forge"
    return is_runtime and facts.holds("defaults-gcc", libgcc=pin.record.version)


def linked_pairs(context: CheckContext) -> list[tuple[CondaPin, CondaPin]]:
    """Return pairs (user, library) of compiled packages that belong to different families, by name."""
    pairs = []
    for pin in context.resolution.conda:
        mine = family(pin)
        if mine in ("addon", "unknown") or not is_compiled(pin) or pin.record.name in _NEUTRAL:
            continue
        for name in context.edges.get(pin.record.name, ()):
            other = context.conda.get(name)
            if other is None or name in _NEUTRAL or not is_compiled(other) or is_newer_runtime(other):
                continue
            if family(other) not in (mine, "addon", "unknown"):
                pairs.append((pin, other))
    return pairs


@rule(
    "channel/families-linked",
    Severity.ERROR,
    "a compiled package links a library of another ABI family",
    facts=("channel_families",),
)
def families_linked(context: CheckContext) -> Iterator[Found]:
    """Find compiled packages whose libraries come from a channel built with another toolchain.

    `defaults`, `conda-forge` and `intel` are each consistent in themselves. A
    package of one that loads a library of the other meets other versions, other
    sonames and other compiler flags: import errors and crashes.
    """
    pairs = linked_pairs(context)
    if not pairs:
        return
    user, library = pairs[0]
    more = f", and {len(pairs) - 1} more pairs" if len(pairs) > 1 else ""
    minority = list(_main_families(context).values())[-1]
    main = channel_name(next(iter(_main_families(context).values()))[0])
    yield Found(
        message=f"{user.record.name} ({user.channel.name}) links {library.record.name} "
        f"({library.channel.name}){more}",
        evidence=tuple(item for pair in pairs[:5] for item in pair),
        fact=facts.statement("channels-not-compatible"),
        proposals=(
            Proposal(
                text=f"everything from {main}", conda=tuple(f"{main}::{pin.record.name}" for pin in minority)
            ),
        ),
    )


@rule(
    "channel/families-mixed",
    Severity.WARNING,
    "packages of two ABI families stand in one environment",
    facts=("channel_families",),
)
def families_mixed(context: CheckContext) -> Iterator[Found]:
    """Find compiled packages of more than one ABI family that don't link each other (yet).

    Nothing breaks as long as no library is shared; the next update may share one.
    """
    groups = _main_families(context)
    if len(groups) < 2 or linked_pairs(context):
        return
    names = ", ".join(f"{name} ({len(pins)})" for name, pins in groups.items())
    few = list(groups.values())[-1]
    yield Found(
        message=f"compiled packages come from the families {names}",
        evidence=(next(iter(groups.values()))[0], *few[:5]),
        fact=facts.statement("channels-one-family"),
    )


@rule("channel/priority-not-strict", Severity.WARNING, "several channels, and the priority isn't strict")
def priority_not_strict(context: CheckContext) -> Iterator[Found]:
    """Find environments from several channels that are solved without strict channel priority.

    With `flexible` a package comes from a later channel as soon as the first has
    no fitting version, with `disabled` from whichever has the newest.
    """
    channels = sorted({pin.channel.name for pin in context.resolution.conda})
    priority = context.target.channel_priority
    asked = [item.text for item in context.requirements.channels] if context.requirements else channels
    if priority is ChannelPriority.STRICT or len(asked) < 2 or len(channels) < 2:
        return
    first = [next(pin for pin in context.resolution.conda if pin.channel.name == name) for name in channels]
    yield Found(
        message=f"channel priority is {priority.value} with {len(asked)} channels: {', '.join(asked)}",
        evidence=tuple(first),
        fact=facts.statement("channels-strict"),
        fix="set the channel priority to `strict`",
    )


@rule(
    "channel/flips-with-priority",
    Severity.NOTE,
    "a package stands in two of the channels and may change between them",
    facts=("channel_overlap",),
)
def flips_with_priority(context: CheckContext) -> Iterator[Found]:
    """Find packages that two of the channels carry, where the priority doesn't decide between them.

    Under strict priority the first channel has them for good. Else a new version
    in the other channel moves the package there, with everything it links.
    """
    if context.target.channel_priority is ChannelPriority.STRICT:
        return
    used = {channel_name(pin) for pin in context.resolution.conda}
    if context.requirements is not None:
        used |= {
            "pkgs/main" if item.text == "defaults" else item.text for item in context.requirements.channels
        }
    if "conda-forge" not in used:
        return
    for row in facts.table(facts.ChannelOverlap).rows:
        if row.channel not in used:
            continue
        shared = [context.conda[name] for name in row.names if name in context.conda]
        shared = [pin for pin in shared if pin.record.name not in _NEUTRAL]
        if shared:
            names = ", ".join(pin.record.name for pin in shared[:4]) + (" ..." if len(shared) > 4 else "")
            yield Found(
                message=f"{len(shared)} packages stand in conda-forge and {row.channel}: {names}",
                evidence=tuple(shared[:4]),
                fact=row.fact(
                    f"{len(row.names)} names have builds for linux-64 in conda-forge and in {row.channel}"
                ),
                fix="set the channel priority to `strict`",
            )


@rule(
    "channel/defaults-despite-conda-forge",
    Severity.ERROR,
    "packages come from defaults although the file names only conda-forge",
)
def defaults_despite_conda_forge(context: CheckContext) -> Iterator[Found]:
    """Find packages from defaults where the environment file lists conda-forge and not defaults.

    conda adds the channels of the user's configuration to those of the file;
    what is locked or installed isn't what the file says, and has other terms of use.
    """
    if context.requirements is None or not context.requirements.channels:
        return
    texts = [item.text for item in context.requirements.channels]
    if "conda-forge" not in texts or any(
        text in ("defaults", "anaconda") or "pkgs/" in text or "repo.anaconda.com" in text for text in texts
    ):
        return
    found = [pin for pin in context.resolution.conda if family(pin) == "defaults"]
    if found:
        origin = context.requirements.channels[0].origin
        yield Found(
            message=f"{len(found)} packages come from defaults, which `{origin.file}` doesn't list",
            evidence=(*found[:5], f"channels of {origin}: {', '.join(texts)}"),
            fact=facts.statement("nodefaults"),
            origin=origin,
            fix="add `nodefaults` to the channels and lock again",
        )


@rule("channel/nodefaults-missing", Severity.NOTE, "the file lists channels without `nodefaults`")
def nodefaults_missing(context: CheckContext) -> Iterator[Found]:
    """Find environment files that conda will read in an Azure ML image, without `defaults` or `nodefaults`.

    A lock of this file is safe: it takes the file's channels alone. The conda of
    those images has `defaults` in its configuration, and adds it to the file's channels.
    """
    image = context.machine.image
    reads_it = image is not None and (image.curated is not None or "/azureml/" in f"/{image.repository}")
    if context.requirements is None or not context.requirements.channels or not reads_it:
        return
    texts = [item.text for item in context.requirements.channels]
    origin = context.requirements.channels[0].origin
    named = any(text in ("nodefaults", "defaults") or "pkgs/" in text for text in texts)
    if named or "conda-forge" not in texts or not origin.file.endswith((".yml", ".yaml")):
        return
    yield Found(
        message=f"`{origin.file}` lists {', '.join(texts)} without `nodefaults`",
        evidence=(f"channels of {origin}: {', '.join(texts)}",),
        fact=facts.statement("nodefaults"),
        fix="add `- nodefaults` below the channels",
        origin=origin,
    )


@rule("channel/broken-label", Severity.WARNING, "a package comes from a label for broken packages")
def broken_label(context: CheckContext) -> Iterator[Found]:
    """Find packages from a channel's `broken` label: their channel took them back."""
    found = [pin for pin in context.resolution.conda if pin.channel.name.endswith("/label/broken")]
    if found:
        yield Found(
            message=f"{len(found)} packages come from {found[0].channel.name}",
            evidence=tuple(found[:5]),
            fact=facts.statement("broken-label")
            if channel_name(found[0]).startswith("conda-forge")
            else None,
            proposals=(
                Proposal(
                    text="a build from the channel itself",
                    conda=tuple(f"{channel_name(pin)}::{pin.record.name}" for pin in found),
                ),
            ),
        )


@rule(
    "channel/free", Severity.WARNING, "a package comes from pkgs/free or pkgs/archive, which no longer change"
)
def free_channel(context: CheckContext) -> Iterator[Found]:
    """Find packages from `pkgs/free` or `pkgs/archive`: built with the old compilers, never updated again."""
    found = [
        pin for pin in context.resolution.conda if channel_name(pin) in ("pkgs/free", "pkgs/archive", "free")
    ]
    if found:
        yield Found(
            message=f"{len(found)} packages come from {found[0].channel.name}, which is closed",
            evidence=tuple(found[:5]),
            fact=facts.statement("free-channel") if channel_name(found[0]) != "pkgs/archive" else None,
        )


@rule("channel/pytorch-ended", Severity.NOTE, "PyTorch comes from the `pytorch` channel, which has ended")
def pytorch_ended(context: CheckContext) -> Iterator[Found]:
    """Find torch from the `pytorch` channel: no release and no fix will come from there any more."""
    pin = context.conda.get("pytorch")
    if pin is not None and channel_name(pin) == "pytorch":
        yield Found(
            message=f"pytorch {pin.record.version} comes from the `pytorch` channel, which has ended",
            evidence=(pin,),
            fact=facts.statement("pytorch-channel-ended"),
            proposals=(
                Proposal(text="conda-forge's build", conda=(f"conda-forge::pytorch={pin.record.version}",)),
            ),
        )
