"""A request that locks as its lockfile was locked: what flags said then, and nothing says now, counts.

What is said now wins, by a flag, a variable or a settings file. What was withheld from the lockfile has
to be said again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from lockfiles.asked_flags import RecordedFlags
from lockfiles.locking import LockRequest
from lockfiles.places import SEVERAL, default_output, holds_several, is_ours
from lockfiles.recorded_flags import SAID, missing_flags, read_flags, with_flags
from lockfiles.session import read_inputs, read_settings
from lockfiles.surroundings import STDIN
from resolver.errors import InputError
from resolver.model.origin import Origin

if TYPE_CHECKING:
    from lockfiles.settings.model import Settings


def as_before(request: LockRequest) -> LockRequest:
    """Return the request with the flags that the lockfile at its place records, and with its platforms.

    The same request where no lockfile stands there, or another tool's. Raises InputError where a flag was
    withheld and nothing says it now, and where environments of one lockfile record different flags.
    """
    from lockfiles.files import is_file, read_text

    settings = read_settings(request)
    place = _place(request, settings)
    if place is None or not is_file(place):
        return request
    text = read_text(place)
    if holds_several(place):
        return _several_as_before(request, settings, place, text)
    from lockfiles.formats.conda_lock.text import read_metadata
    from resolver.inputs.file_kinds import kind_of

    kind = kind_of(text, place.name)
    if kind is not None and kind.id != "conda_lock":
        return request
    try:
        metadata = read_metadata(text, str(place))
    except InputError:
        return request  # told where the lockfile itself is read
    asked = _locked_with(request, settings, read_flags(metadata, str(place)), place)
    return _with_platforms(asked, settings, metadata.platforms)


def _place(request: LockRequest, settings: Settings) -> Path | None:
    """Return where the lockfile stands: the pixi.lock of ours where the file of one isn't there."""
    from lockfiles.files import is_file

    asked = settings.output.value
    if asked is not None:
        return None if str(asked) == STDIN else asked
    usual = default_output(request.files)
    several = usual.with_name(SEVERAL)
    return several if not is_file(usual) and is_file(several) and is_ours(several) else usual


def _locked_with(request: LockRequest, settings: Settings, flags: RecordedFlags, place: Path) -> LockRequest:
    """Return the request with recorded flags; raises InputError for one that is withheld and not given."""
    for flag in missing_flags(request, settings, flags):
        raise InputError(
            f"was made with `{flag}`, a place or an address that it doesn't record",
            Origin(file=str(place)),
            "Give it again, or write it into `lockstack.toml`.",
        )
    return with_flags(request, settings, flags)


def _with_platforms(request: LockRequest, settings: Settings, platforms: Sequence[str]) -> LockRequest:
    """Return the request for the lockfile's platforms where neither files nor settings list any."""
    if settings.platforms.layer in SAID or not platforms:
        return request
    if read_inputs(_without_groups(request), settings).platforms:
        return request
    return replace(request, settings=dict(request.settings) | {"platforms": tuple(platforms)})


def _without_groups(request: LockRequest) -> LockRequest:
    """Return the request for what always comes in: a group may be the one that is to be made."""
    return replace(request, groups=(), extras=(), all_groups=False, all_extras=False)


def _several_as_before(request: LockRequest, settings: Settings, place: Path, text: str) -> LockRequest:
    """Return the request for all environments of a pixi.lock of ours."""
    from lockfiles.formats.pixi.reading import read_every

    document, contents = read_every(text, str(place))
    if "lockstack" not in document:
        return request
    flags = {name: read_flags(content.metadata, str(place)) for name, content in contents.items()}
    _check_agreement(flags, place)
    pythons = dict.fromkeys(
        python for one in flags.values() for python in _pythons(one.settings.get("python"))
    )
    groups = dict.fromkeys(name for one in flags.values() for name in one.groups)
    extras = dict.fromkeys(name for one in flags.values() for name in one.extras)
    first = next(iter(flags.values()))
    whole = {key: value for key, value in first.settings.items() if key != "python"}
    together = replace(
        first,
        settings=whole | ({"python": tuple(pythons)} if pythons else {}),
        groups=tuple(groups),
        extras=tuple(extras),
        all_groups=any(one.all_groups for one in flags.values()),
        all_extras=any(one.all_extras for one in flags.values()),
    )
    asked = _locked_with(request, settings, together, place)
    asked = replace(asked, settings=dict(asked.settings) | {"output": str(place)})
    asked = _with_platforms(
        asked, settings, sorted({p for c in contents.values() for p in c.metadata.platforms})
    )
    return _with_environments(asked, settings, contents, tuple(pythons) or settings.python.value)


def _pythons(value: Any) -> tuple[str, ...]:
    return tuple(value.split(",")) if isinstance(value, str) else tuple(map(str, value or ()))


def _check_agreement(flags: Mapping[str, RecordedFlags], place: Path) -> None:
    """Raise InputError where environments record different flags; Pythons and groups may differ."""
    plain = {
        name: replace(
            one,
            settings={key: value for key, value in one.settings.items() if key != "python"},
            groups=(),
            extras=(),
            all_groups=False,
            all_extras=False,
        )
        for name, one in flags.items()
    }
    first = next(iter(plain))
    other = next((name for name, one in plain.items() if one != plain[first]), None)
    if other is not None:
        raise InputError(
            f"its environments `{first}` and `{other}` were locked with different flags",
            Origin(file=str(place)),
            "Lock them with `lock`, each as before.",
        )


def _with_environments(
    request: LockRequest, settings: Settings, there: Mapping[str, object], pythons: Sequence[str]
) -> LockRequest:
    """Return the request for those environments of a manifest that the lockfile holds."""
    from lockfiles.several.planning import named, suffix_of

    if request.groups or request.extras or request.all_groups or request.all_extras:
        return request
    every = [one.name for one in read_inputs(_without_groups(request), settings).environments]
    suffixes = [suffix_of(python) for python in pythons] or [""]
    held = tuple(name for name in every if any(named(name, suffix) in there for suffix in suffixes))
    return request if not held or len(held) == len(every) else replace(request, environments=held)
