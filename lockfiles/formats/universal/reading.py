"""A lockfile for many environments, read for one of each platform that is asked for.

Where nobody says which, the first pair is taken that every package has a file for::

    platforms   the one asked for, else those that are known, most used first
    Pythons     the one asked for, else those that the lockfile allows, lowest first

Which it was is said, in a notice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import msgspec

from lockfiles.formats.conda_lock.target_keys import INDEXES
from lockfiles.formats.reading import MAIN, LockContent, LockReadOptions
from lockfiles.formats.universal.conditions import Variables, holds, variables_of
from lockfiles.formats.universal.files import best_file
from lockfiles.formats.universal.model import Chosen, UniversalLock
from lockfiles.formats.universal.pythons import is_allowed, is_exact, iter_pythons, meets, shown_python
from lockfiles.formats.universal.selecting import ClashError, Selector
from lockfiles.model import LockMetadata
from resolver.errors import InputError
from resolver.metadata.wheel_tags import tags_of_platform
from resolver.model.findings import Severity
from resolver.model.names import PypiName
from resolver.model.notices import Notice
from resolver.model.origin import Origin
from resolver.model.platforms import KNOWN_SUBDIRS
from resolver.model.records import DistFile
from resolver.model.resolution import PypiPin, Resolution
from resolver.model.target import Target

#: Platforms that are tried where none is asked for.
_USUAL = KNOWN_SUBDIRS[:6]
#: So many groups may be left out for the sake of others: each time all is chosen anew.
_MOST_LEFT_OUT = 50


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """What a platform and a Python come to: the packages, each with its file, and those without one."""

    subdir: str
    python: str
    chosen: tuple[tuple[Chosen, DistFile | None], ...]
    lacking: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()  #: categories that can't stand beside the others


def resolutions_of(lock: UniversalLock, options: LockReadOptions) -> LockContent:
    """Return one resolution for each platform asked for; raises InputError where one can't be installed."""
    _check_markers(lock)
    kept = None if options.groups is None else frozenset(options.groups)
    if options.is_preference:
        subdirs = tuple(dict.fromkeys((*options.platforms, *_USUAL)))
        attempts = [_first_fit(lock, subdirs, options, kept)]
    elif options.platforms:
        attempts = [_first_fit(lock, [subdir], options, kept) for subdir in options.platforms]
    else:
        attempts = [_first_fit(lock, _USUAL, options, kept)]
    resolutions = tuple(_resolution(lock, attempt, options) for attempt in attempts)
    indexes = _indexes(resolutions)
    return LockContent(
        groups=lock.groups,
        resolutions=tuple(sorted(resolutions, key=lambda one: one.target.subdir)),
        metadata=LockMetadata(
            platforms=tuple(sorted(attempt.subdir for attempt in attempts)),
            custom={INDEXES: " ".join(indexes)} if indexes else {},
        ),
    )


def _check_markers(lock: UniversalLock) -> None:
    """Raise InputError for a marker that is no text: readers hand on what the file holds."""
    for entry in lock.entries:
        needs = (*entry.edges, *(need for needs in entry.edges_of_extras.values() for need in needs))
        markers = [*entry.conditions, *(one.marker for one in entry.memberships)]
        for marker in (*markers, *(need.marker for need in needs)):
            if marker is not None and not isinstance(marker, str):
                raise InputError(f"`{entry.name}`: a marker is no text: {marker!r}", Origin(file=lock.file))


def _indexes(resolutions: Sequence[Resolution]) -> list[str]:
    """Return the indexes in the order asked: the one that most packages come from is the main one, last."""
    counts = Counter(pin.index for one in resolutions for pin in one.pypi if pin.index)
    return sorted(counts, key=lambda index: (counts[index], index))


def _first_fit(
    lock: UniversalLock, subdirs: Sequence[str], options: LockReadOptions, kept: frozenset[str] | None
) -> Attempt:
    """Return the first pair that lacks nothing; raises InputError with what the nearest one lacks."""
    nearest: Attempt | None = None
    python = options.python
    if python and options.is_preference and not is_allowed(python, lock.requires_python):
        python = None
    for subdir, full in _pairs(lock, subdirs, python):
        attempt = _attempt(lock, subdir, full, kept)
        if not attempt.lacking:
            return attempt
        if nearest is None or (
            nearest.subdir == attempt.subdir and len(attempt.lacking) < len(nearest.lacking)
        ):
            nearest = attempt
    if nearest is None:
        asked = " or ".join(subdirs) if len(subdirs) == 1 else "any known platform"
        hint = f"Its environments: {', '.join(lock.environments)}." if lock.environments else None
        raise InputError(f"isn't for {asked}", Origin(file=lock.file), hint)
    names = ", ".join(f"`{name}`" for name in nearest.lacking[:5])
    more = f" and {len(nearest.lacking) - 5} more" if len(nearest.lacking) > 5 else ""
    verb = "has" if len(nearest.lacking) == 1 else "have"
    raise InputError(
        f"{names}{more} {verb} no file for Python {shown_python(nearest.python)} on {nearest.subdir}",
        Origin(file=lock.file),
        "`--platform` and `--python` choose another.",
    )


def _pairs(lock: UniversalLock, subdirs: Sequence[str], python: str | None) -> Iterator[tuple[str, str]]:
    """Yield platform and full version of Python, those that the lockfile's environments allow."""
    for subdir in subdirs:
        target = Target(subdir=subdir)
        for full in iter_pythons(lock.requires_python, python, lock.file):
            variables = variables_of(target, full)
            if not lock.environments or any(holds(marker, variables) for marker in lock.environments):
                yield subdir, full


def _choose(
    lock: UniversalLock, variables: Variables, kept: frozenset[str] | None
) -> tuple[dict[PypiName, Chosen], tuple[str, ...]]:
    """Return the packages, and the categories that are left out as they can't stand beside the others.

    Raises InputError where those that were asked for can't stand beside each other.
    """
    left_out: list[str] = []
    while True:
        try:
            return Selector(without(lock, left_out), variables, kept).select(), tuple(left_out)
        except ClashError as clash:
            if kept is None and clash.category not in (MAIN, *left_out) and len(left_out) < _MOST_LEFT_OUT:
                left_out.append(clash.category)
                continue
            names = ", ".join(f"`{name}`" for name in clash.categories)
            raise InputError(
                f"{names}: different versions of `{clash.name}`, which one environment can't have",
                Origin(file=lock.file),
                "`--group NAME` takes in what belongs together.",
            ) from None


def without(lock: UniversalLock, categories: Sequence[str]) -> UniversalLock:
    """Return a lockfile without some of its categories."""
    if not categories:
        return lock
    return msgspec.structs.replace(
        lock,
        entries=tuple(
            msgspec.structs.replace(
                entry, memberships=tuple(one for one in entry.memberships if one.category not in categories)
            )
            for entry in lock.entries
        ),
        roots=lock.roots and {name: edges for name, edges in lock.roots.items() if name not in categories},
        optional={name: names for name, names in lock.optional.items() if name not in categories},
    )


def _attempt(lock: UniversalLock, subdir: str, python: str, kept: frozenset[str] | None) -> Attempt:
    variables = variables_of(Target(subdir=subdir), python)
    chosen, left_out = _choose(lock, variables, kept)
    tags = tags_of_platform(subdir)
    found: list[tuple[Chosen, DistFile | None]] = []
    lacking = []
    for name, one in chosen.items():
        entry = one.entry
        file = None if entry.direct is not None else best_file(entry.files, tags, python)
        if (file is None and entry.direct is None) or not meets(python, entry.requires_python):
            lacking.append(str(name))
        found.append((one, file))
    return Attempt(
        subdir=subdir, python=python, chosen=tuple(found), lacking=tuple(lacking), left_out=left_out
    )


def _resolution(lock: UniversalLock, attempt: Attempt, options: LockReadOptions) -> Resolution:
    pins = tuple(_pin(chosen, file) for chosen, file in attempt.chosen)
    taken = {pin.name for pin in pins}
    return Resolution(
        target=Target(subdir=attempt.subdir),
        python=shown_python(attempt.python),
        conda=(),
        pypi=pins,
        provided={name: pair for name, pair in sorted(lock.provided.items()) if name not in taken},
        notices=tuple(_notices(lock, attempt, options)),
    )


def _pin(chosen: Chosen, file: DistFile | None) -> PypiPin:
    entry = chosen.entry
    return PypiPin(
        name=entry.name,
        version=entry.version,
        file=file,
        direct=entry.direct,
        commit=entry.commit,
        index=entry.index,
        extras=chosen.extras,
        dependencies=chosen.needs,
        requires_python=entry.requires_python,
        categories=chosen.categories,
    )


def _notices(lock: UniversalLock, attempt: Attempt, options: LockReadOptions) -> Iterator[Notice]:
    python, subdir = shown_python(attempt.python), attempt.subdir
    if not options.python and not is_exact(lock.requires_python):
        yield Notice(
            code="read-for-python",
            text=f"`{lock.file}` is for several Pythons: read for {python}; `--python` chooses another",
            target=subdir,
            facts={"python": python},
        )
    if not options.platforms and subdir != _USUAL[0]:
        yield Notice(
            code="read-for-platform",
            text=f"`{lock.file}` was read for {subdir}: it has not all files for {_USUAL[0]}",
            target=subdir,
            facts={"platform": subdir},
        )
    if attempt.left_out:
        names = ", ".join(f"`{name}`" for name in attempt.left_out)
        yield Notice(
            code="groups-left-out",
            text=f"{names}: left out, as other versions are needed than beside them; `--group` takes one in",
            severity=Severity.WARNING,
            target=subdir,
            facts={"groups": attempt.left_out},
        )
    members = tuple(sorted(str(entry.name) for entry in lock.entries if entry.is_member))
    if members:
        names = ", ".join(f"`{name}`" for name in members[:5]) + (" ..." if len(members) > 5 else "")
        yield Notice(
            code="members-left-out",
            text=f"{names}: what `{lock.file}` was made for, which isn't one of its packages",
            target=subdir,
            facts={"members": members},
        )
    if not lock.is_told and lock.roots is None:
        yield Notice(
            code="categories-unknown",
            text=f"`{lock.file}` doesn't say what was asked for: all is taken but what others need elsewhere "
            "alone, and groups aren't known",
            target=subdir,
        )
