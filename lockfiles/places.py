"""Places of input files and lockfiles."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from lockfiles.surroundings import STDIN

if TYPE_CHECKING:
    from lockfiles.session import Session


#: The name of a file that holds several environments.
SEVERAL = "pixi.lock"
#: Lockfiles that other tools find by their names.
_OTHERS = frozenset({"uv.lock", "poetry.lock", "pdm.lock"})


def holds_several(place: Path | None) -> bool:
    """Tell whether a file is of the format that holds several environments, by its name."""
    return place is not None and (place.name == SEVERAL or place.name.endswith(f".{SEVERAL}"))


def is_ours(place: str | Path) -> bool:
    """Tell whether ``lock`` wrote the pixi.lock that stands there."""
    from lockfiles.files import read_text

    return "\nlockstack:\n" in read_text(place)[:10_000]


def refuse_other_names(output: Path) -> None:
    """Raise InputError for a place whose name says that another format stands there."""
    from resolver.errors import InputError
    from resolver.model.origin import Origin

    name = output.name
    is_pylock = name.startswith("pylock.") and name.endswith(".toml")
    if is_pylock or name in _OTHERS:
        hint = "Choose another place with `--output`."
        if is_pylock:
            hint = f"Lock without `--output`; then `lock export --format pylock -o {output}` writes it."
        raise InputError(
            "is the name of another format: `lock` writes conda-lock.yml", Origin(file=str(output)), hint
        )


def default_output(files: Sequence[str]) -> Path:
    """Return the lockfile's place beside the first input.

    ``environment.yml`` gives ``conda-lock.yml``, any other ``NAME.yml`` gives
    ``NAME.conda-lock.yml``: two inputs in one folder keep two lockfiles.
    """
    if files[0] == STDIN:
        return Path("conda-lock.yml")
    first = Path(files[0])
    if first.stem.lower() == "environment":
        return first.with_name("conda-lock.yml")
    return first.with_name(f"{first.stem}.conda-lock.yml")


def relative_sources(files: Sequence[str], output: Path | None, cwd: Path) -> tuple[str, ...]:
    """Return the input files as the lockfile names them: seen from its folder, with ``/``.

    ``cwd`` is the folder that relative names start from. A file outside the
    folder that the lockfile and ``cwd`` share is given by its name alone, so that
    no home folder gets into the lockfile.
    """
    here = _absolute(cwd)
    folder = _absolute(here / output.parent if output else here)
    return tuple(_relative(here / name, folder, here) for name in files if name != STDIN)


def refuse_unnameable(session: Session) -> None:
    """Raise InputError for an input whose name isn't UTF-8: a lockfile names its inputs, and is UTF-8."""
    if all(map(str.isascii, session.files)):
        return
    from resolver.errors import InputError
    from resolver.model.origin import Origin

    asked = session.settings.output.value
    output = None if asked is not None and str(asked) == STDIN else asked or default_output(session.files)
    for name in session.files:
        try:
            "".join(relative_sources((name,), output, session.surroundings.cwd)).encode()
        except UnicodeEncodeError:
            told = "its name isn't UTF-8, and a lockfile names its inputs in UTF-8"
            raise InputError(told, Origin(file=name), "Give the file another name.") from None


def _relative(path: Path, folder: Path, here: Path) -> str:
    path = _absolute(path)
    try:
        found = Path(os.path.relpath(path, folder))
    except ValueError:  # another drive
        return path.name
    outside = found.parts[:1] == ("..",)
    if outside and not (path.is_relative_to(here) and folder.is_relative_to(here)):
        return path.name
    return found.as_posix()


def _absolute(path: Path) -> Path:
    """Return the path from the root, ``..`` taken out; links stay as they are."""
    return Path(os.path.abspath(path))  # noqa: PTH100  # resolve() would follow links


def find_output(session: Session) -> Path | None:
    """Return where the lockfile belongs; None: standard output.

    Raises InputError for an input's place, and for inputs that a lockfile can't name.
    """
    from lockfiles.files import is_same_file
    from resolver.errors import InputError
    from resolver.model.origin import Origin

    refuse_unnameable(session)
    asked = session.settings.output.value
    if asked is not None and str(asked) == STDIN:
        return None
    output = asked or default_output(session.files)
    for name in session.requirements.files:
        if name != STDIN and is_same_file(output, name):
            raise InputError(
                "is an input file: a lockfile can't be written there",
                Origin(file=str(output)),
                "Choose another place with `--output`.",
            )
    return output
