"""What a run takes from the process around it: the one place of the library that asks for it.

Nothing else below asks for variables, folders, standard input or the date. A
caller that gives no surroundings gets none: no settings of the user's, no
variables, no cache.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import msgspec

from lockfiles.regular_files import read_whole

if TYPE_CHECKING:
    from resolver.constraints.kept_domains import ProcessShelf
    from resolver.sources.tape import Tape

#: Name of the file that standard input is given as.
STDIN = "-"


def _no_input() -> bytes:
    return b""


def _no_folder() -> Path | None:
    return None


def _no_date() -> str | None:
    return None


class FileTape(Protocol):
    """A tape of sources that also hears of the files that inputs name."""

    @property
    def sources(self) -> Tape:
        """What servers are asked through."""
        ...

    def note_file(self, name: str, data: bytes) -> None:
        """Note a file that was read."""
        ...


class Surroundings(msgspec.Struct, frozen=True, kw_only=True):
    """Facts of the process that a run may look at.

    ``cwd`` is the folder that relative names start from; it must be the
    process's own, which files are opened against. What is asked for once and
    only sometimes is a function.
    """

    environ: Mapping[str, str] = msgspec.field(default_factory=dict)
    cwd: Path = Path()
    home: Path = Path("~")
    python_prefix: Path | None = None  #: the virtual environment whose ``pip.conf`` counts
    read_stdin: Callable[[], bytes] = _no_input
    cache_folder: Callable[[], Path | None] = _no_folder  #: for downloads; None: nothing is kept
    config_folder: Callable[[], Path | None] = _no_folder  #: for workspaces' templates; None: there are none
    tape: FileTape | None = None  #: notes what is read and what servers answer, or gives both again
    shelf: ProcessShelf | None = None  #: what earlier runs of the process have read; None: nothing is kept
    #: that the run may keep busy with copies of the process; None: it isn't the run's own to copy
    processors: int | None = None
    today: Callable[[], str | None] = _no_date  #: ``2026-01-31``, UTC; None: whatever is announced counts

    def read(self, name: str) -> bytes:
        """Return what a file holds, or standard input for ``-``. Raises OSError."""
        data = self.read_stdin() if name == STDIN else read_whole(name)
        if self.tape is not None:
            self.tape.note_file(name, data)
        return data

    def folders(self, name: str) -> tuple[str, ...]:
        """Return the names of the folders in a folder, sorted; none where it can't be looked into."""
        import os

        try:
            with os.scandir(name or ".") as entries:
                return tuple(sorted(entry.name for entry in entries if entry.is_dir()))
        except OSError:
            return ()


def surroundings_here() -> Surroundings:
    """Return those of this process: its variables, folders, standard input, and today's date."""
    import os
    import sys

    return Surroundings(
        environ=os.environ,
        cwd=_folder(Path.cwd, Path()),
        home=_folder(Path.home, Path("~")),
        python_prefix=Path(sys.prefix) if sys.prefix != sys.base_prefix else None,
        read_stdin=functools.cache(_read_stdin),  # a second reader gets what the first one got
        cache_folder=_user_cache,
        config_folder=_user_config,
        today=_today,
    )


def _folder(find: Callable[[], Path], other: Path) -> Path:
    """Return a folder of the process; ``other`` where it is gone or nobody's."""
    try:
        return find()
    except (OSError, RuntimeError):
        return other


def _read_stdin() -> bytes:
    import sys

    sys.audit("lockstack.unrepeatable")
    return sys.stdin.buffer.read()


def _user_cache() -> Path:
    found = _linux_folder("XDG_CACHE_HOME", ".cache")
    if found is not None:
        return found
    from platformdirs import user_cache_path

    return user_cache_path("lockstack", appauthor=False)


def _user_config() -> Path:
    found = _linux_folder("XDG_CONFIG_HOME", ".config")
    if found is not None:
        return found
    from platformdirs import user_config_path

    return user_config_path("lockstack", appauthor=False)


def _linux_folder(variable: str, under_home: str) -> Path | None:
    """Return a folder of the user's as platformdirs has it, which takes 15 ms; None: it has to be asked."""
    import os
    import sys

    environ = os.environ
    if sys.platform != "linux" or "ANDROID_ROOT" in environ:
        return None
    named, home = environ.get(variable, ""), environ.get("HOME", "")
    if named.startswith("/"):
        return Path(named, "lockstack")
    return Path(home, under_home, "lockstack") if home.startswith("/") and not named.strip() else None


def _today() -> str:
    from datetime import UTC, datetime

    return datetime.now(UTC).date().isoformat()
