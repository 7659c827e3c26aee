"""Several files that are several environments: one request a file, each with its own settings and place."""

from __future__ import annotations

from pathlib import Path

from msgspec.structs import replace

from lockfiles.locking import LockRequest
from lockfiles.places import default_output
from lockfiles.session import read_settings
from lockfiles.surroundings import STDIN


def split_request(request: LockRequest) -> tuple[LockRequest, ...]:
    """Return one request for each file, in order, each file once.

    Settings are those of each file's nearest settings file. Raises InputError where two lockfiles would
    stand in one place, or one in standard output.
    """
    from resolver.errors import InputError

    requests = tuple(replace(request, files=(name,)) for name in dict.fromkeys(request.files))
    places: dict[Path, str] = {}
    for one in requests:
        (name,) = one.files
        asked = read_settings(one).output
        place = asked.value or default_output(one.files)
        if str(place) == STDIN:
            raise InputError(
                f"{asked.source}: standard output can't hold a lockfile of each file",
                hint="Leave the setting `output` out: each lockfile stands beside its file.",
            )
        other = places.setdefault(place, name)
        if other != name:
            raise InputError(
                f"the lockfiles of `{other}` and `{name}` would both be `{place}`",
                hint="Leave the setting `output` out, or give the files names that differ before the dot.",
            )
    return requests
