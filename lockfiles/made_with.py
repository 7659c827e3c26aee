"""The flags that a lockfile was made with, where a run doesn't give them again.

A lockfile holds its target. What of it came from flags, and not from settings or the input, is gone in a
run that leaves them out; so verbs that lock on the way say which.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lockfiles.formats.conda_lock.target_keys import (
    EXCLUDE_NEWER,
    PRIORITY,
    VIRTUAL_PACKAGES,
    format_virtual_packages,
)
from resolver.errors import InputError
from resolver.model.notices import Notice

if TYPE_CHECKING:
    from lockfiles.session import Session


def flags_notice(session: Session, earlier: str) -> Notice | None:
    """Return which flags an earlier lockfile (its text; empty: there is none) was made with and this run not.

    None where the targets are the same, and for a lockfile of another tool, which doesn't say.
    """
    flags = tuple(dict.fromkeys(_flags(session, earlier)))
    if not flags:
        return None
    told = ", ".join(f"`{flag}`" for flag in flags)
    return Notice(
        code="other-target",
        text=f"the earlier lockfile was made as with {told}, which nothing says now; "
        "give it again, or write it into `lockstack.toml`",
        facts={"flags": flags},
    )


def _flags(session: Session, earlier: str) -> Iterator[str]:
    from lockfiles.formats.conda_lock.text import read_metadata

    if not earlier.strip():
        return
    try:
        custom = read_metadata(earlier, "the earlier lockfile").custom
    except InputError:
        return
    for target in session.targets:
        before = custom.get(VIRTUAL_PACKAGES + target.subdir)
        if before is None:
            continue
        now = set(format_virtual_packages(target.virtual_packages).split())
        for item in before.split():
            if item not in now:
                name, version, build = (*item.split("=", 2), "0", "0")[:3]
                yield f"--virtual-package {name}={version}" + (f"={build}" if build != "0" else "")
    priority = custom.get(PRIORITY)
    if priority and any(target.channel_priority.value != priority for target in session.targets):
        yield f"--channel-priority {priority}"
    date = custom.get(EXCLUDE_NEWER)
    if date and any(target.exclude_newer is None for target in session.targets):
        yield f"--exclude-newer {date}"
