"""What a file that isn't there was probably meant to be: a verb, or a file beside it."""

from __future__ import annotations

from pathlib import Path

from lockfiles.cli.verbs import VERBS
from lockfiles.files import exists
from resolver.errors import InputError

#: Lockfiles of one name, ours first.
_LOCKFILES = ("pixi.lock", "pylock.toml", "uv.lock", "poetry.lock", "pdm.lock")


def hint_of(error: InputError) -> str | None:
    """Return an error's own hint; for a missing file without one, the nearest verb or file."""
    if error.hint is not None or error.origin is None or not error.is_missing:
        return error.hint
    return meant_by(error.origin.file)


def meant_by(name: str) -> str | None:
    """Return a hint for a file that isn't there; None where nothing is near."""
    from lockfiles.usual_lockfile import DEFAULT_LOCKFILE, named_lockfiles
    from resolver.inputs.faults import did_you_mean, nearest

    path = Path(name)
    if exists(path):
        return None
    if path.name == name and "." not in name:
        if name == "help":
            return "`lock --help` tells what there is, `lock VERB --help` of a verb"
        if name == "lock":
            return "`lock` is the command itself: leave the second one out"
        verb = nearest(name, VERBS)
        if verb is not None:
            return f"did you mean the verb `lock {verb}`?"
    try:
        beside = [other.name for other in path.parent.iterdir() if other.is_file()]
    except OSError:
        folder = path.parent.as_posix()
        return f"there is no folder `{folder}`" if not path.parent.exists() else None
    near = nearest(path.name, beside)
    if path.name == DEFAULT_LOCKFILE and len(named := named_lockfiles(path.parent)) > 1:
        return f"name one of {', '.join(f'`{path.with_name(other).as_posix()}`' for other in named)}"
    if near is None and path.name == DEFAULT_LOCKFILE:
        other = next((other for other in _LOCKFILES if other in beside), None)
        if other:
            return f"did you mean `{path.with_name(other).as_posix()}`?"
        return "name a lockfile, or make one: `lock environment.yml`"
    return did_you_mean(name, [path.with_name(near).as_posix()]) if near else None
