"""Whether a stamp still holds; imported before all else, so it imports next to nothing.

::

    lockstack-stamp-1 DIGEST        of all that follows
    P DIGEST                        files of the program: place, size, time
    T DAY FROM UNTIL                day since 1970 (UTC), and the seconds between which it may be told
    F DIGEST PATH                   a file that was read, by its bytes; ``-``: it wasn't there
    K STATE PATH                    a file by its state: those of the cache are replaced, never changed
    L DIGEST PATH                   the names in a folder
    X KIND PATH                     whether there is a file, a folder or nothing
    N REALPATH                      where the path of the next line leads, links followed
    R PATH
    A PATH                          an answer that this rests on: it is there, and of use, so it stays
    O PATH                          the lockfile, for the last line; without it the run was silent
                                    an empty line, then what the run told

The stamp's name is a digest of the command, its variables, its folder, and what runs it. Secrets take no
part, as in the key of a remembered answer: they open doors, and what lies behind is told by the files.
"""

from __future__ import annotations

import os
import stat
import sys
import time

TYPE_CHECKING = False  # type checkers know the name; `typing` takes 10 ms
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

try:
    from _blake2 import blake2b  # `hashlib` loads all of OpenSSL
except ImportError:  # an interpreter that has it elsewhere
    from hashlib import blake2b

MAGIC = "lockstack-stamp-1"
BUCKET = "stamp-1"
#: The cache's layout, as :mod:`resolver.sources.cache.folder` has it.
LAYOUT = "v1"
#: Packages that are the program.
PACKAGES = ("lockfiles", "resolver")
#: Parts of the names of variables that hold secrets.
_SECRET = ("TOKEN", "SECRET", "PASS", "KEY", "AUTH", "CRED")
_ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))


def digest(data: bytes) -> str:
    """Return 32 hex digits that tell bytes from all others."""
    return blake2b(data, digest_size=16).hexdigest()


# -- the name -------------------------------------------------------------------------------------


def place_of(arguments: list[str], environ: Mapping[str, str]) -> str | None:
    """Return the path of the stamp of a command; None where there can be none.

    ``environ`` counts as a whole: an input may name any variable.
    """
    folder = _cache_folder(arguments, environ)
    if folder is None or not environ.get("HOME" if os.name != "nt" else "USERPROFILE") or "-" in arguments:
        return None
    variables = sorted(
        f"{name}={without_secrets(value)}" for name, value in environ.items() if not sounds_secret(name)
    )
    try:
        user = getattr(os, "geteuid", int)()  # whose settings files count
        runs = (os.getcwd(), user, sys.version, sys.executable, sys.prefix, _is_screen(1), _is_screen(2))
    except OSError:  # the folder is gone
        return None
    command = [without_secrets(text) for text in (*sys.orig_argv, "", *arguments)]
    key = digest(repr((MAGIC, runs, command, variables)).encode("utf-8", "surrogatepass"))
    return os.path.join(folder, LAYOUT, BUCKET, key[:2], key)


def _cache_folder(arguments: list[str], environ: Mapping[str, str]) -> str | None:
    """Return the cache's folder as flag or variable name it, else the user's; None: not told here."""
    named = environ.get("LOCK_CACHE_DIR", "").strip()
    for at, text in enumerate(arguments):
        if text == "--cache-dir":
            named = "".join(arguments[at + 1 : at + 2])
        elif text.startswith("--cache-dir="):
            named = text.partition("=")[2]
    if named:
        return None if named.startswith("~") else os.path.abspath(named)
    if sys.platform == "linux":  # as platformdirs has it, which takes 4 ms
        home = environ.get("XDG_CACHE_HOME", "").strip() or os.path.expanduser("~/.cache")
        return os.path.join(home, "lockstack")
    from platformdirs import user_cache_dir

    return user_cache_dir("lockstack", appauthor=False)


def _is_screen(stream: int) -> bool:
    try:
        return os.isatty(stream)
    except OSError:
        return False


def sounds_secret(name: str) -> bool:
    """Tell whether a variable likely holds a secret."""
    return any(word in name.upper() for word in _SECRET)


def without_secrets(text: str) -> str:
    """Return a text without what stands before the ``@`` of its addresses."""
    if "@" not in text or "://" not in text:
        return text
    first, *rest = text.split("://")
    return "://".join((first, *map(_without_user, rest)))


def _without_user(rest: str) -> str:
    end = min((at for at in map(rest.find, "/?# \t\n\"',") if at >= 0), default=len(rest))
    return rest[:end].rpartition("@")[2] + rest[end:]


# -- what there is now ----------------------------------------------------------------------------


def state_of(path: str) -> str:
    """Return what tells a file's state from every other: place on the disk, size, times; ``-``: none."""
    try:
        facts = os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        return "-"
    if not stat.S_ISREG(facts.st_mode):
        return "other"
    return f"{facts.st_dev}:{facts.st_ino}:{facts.st_size}:{facts.st_mtime_ns}:{facts.st_ctime_ns}"


def bytes_of(path: str) -> bytes | None:
    """Return what a file holds; None where there is none. Raises OSError for what is no file."""
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0))
    except (FileNotFoundError, NotADirectoryError):
        return None
    with open(handle, "rb", buffering=0) as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError("no file")
        return file.read()


def digest_of(path: str) -> str:
    """Return the digest of a file; ``-``: there is none. Raises OSError."""
    data = bytes_of(path)
    return "-" if data is None else digest(data)


def names_in(path: str) -> str:
    """Return the digest of the names in a folder, and which are folders; ``-``: there is none."""
    try:
        with os.scandir(path) as entries:
            found = sorted(f"{entry.is_dir():d}{entry.name}" for entry in entries)
    except (FileNotFoundError, NotADirectoryError):
        return "-"
    return digest("\n".join(found).encode("utf-8", "surrogateescape"))


def kind_of(path: str) -> str:
    """Return what is there: ``f`` a file, ``d`` a folder, ``-`` nothing, ``o`` something else."""
    if os.path.isfile(path):
        return "f"
    if os.path.isdir(path):
        return "d"
    return "o" if os.path.lexists(path) else "-"


def program_state() -> str:
    """Return the digest of place, size and time of each file of the program."""
    lines: list[str] = []
    for package in PACKAGES:
        _add_files(os.path.join(_ROOT, package), lines)
    lines.sort()
    return digest("\n".join(lines).encode("utf-8", "surrogateescape"))


def program_folders() -> tuple[str, ...]:
    """Return the folders whose files :func:`program_state` covers."""
    return tuple(os.path.join(_ROOT, package) for package in PACKAGES)


def _add_files(folder: str, lines: list[str]) -> None:
    with os.scandir(folder) as entries:
        for entry in entries:
            name = entry.name
            if name.endswith(".py") or "." in name:
                if not name.endswith(".pyc"):
                    facts = entry.stat()
                    lines.append(f"{entry.path} {facts.st_size} {facts.st_mtime_ns}")
            elif name != "__pycache__" and entry.is_dir():
                _add_files(entry.path, lines)


# -- the stamp ------------------------------------------------------------------------------------


def tell_again(place: str) -> bool:
    """Say what the stamped run said, if the stamp holds; tell whether it did."""
    begun = time.monotonic()
    try:
        data = bytes_of(place)
        if data is None:
            return False
        head, _, told = data.decode("utf-8", "surrogateescape").partition("\n\n")
        lines = head.split("\n")
        if lines[0] != f"{MAGIC} {digest(data[len(lines[0]) + 1 :])}" or not all(_holds(lines[1:])):
            return False
        _use([place, *(line[2:] for line in lines if line.startswith("A "))])
        for line in lines:
            if line.startswith("O "):
                told += f"{nothing_to_change(f'`{line[2:]}`', time.monotonic() - begun)}\n"
        if told:
            sys.stderr.write(told)
    except (OSError, ValueError):  # told by the run itself, in its place
        return False
    return True


def _holds(lines: list[str]) -> Iterator[bool]:
    """Yield for each line whether it is so, the cheap ones first."""
    link = ""
    for line in lines:
        kind, rest = line[0], line[2:]
        known, _, path = rest.partition(" ")
        if kind == "K":
            yield state_of(path) == known
        elif kind == "F":
            yield digest_of(path) == known
        elif kind == "X":
            yield kind_of(path) == known
        elif kind == "L":
            yield names_in(path) == known
        elif kind == "T":
            first, until = map(float, path.split())
            now = time.time()
            yield int(now // 86_400) == int(known) and first <= now < until
        elif kind == "N":
            link = rest
        elif kind == "R":
            yield os.path.realpath(rest) == link
        elif kind == "A":
            yield os.path.isfile(rest)
        elif kind not in "PO":
            yield False
    yield lines[0] == f"P {program_state()}"


def _use(paths: Iterable[str]) -> None:
    for path in paths:
        try:
            os.utime(path)
        except OSError:  # gone, or another's
            continue


def nothing_to_change(place: str, seconds: float, fetched: str = "") -> str:
    """Return what a run ends with that leaves the lockfile as it is."""
    return f"Nothing to change in {place} in {format_seconds(seconds)}{fetched}."


def format_seconds(seconds: float) -> str:
    """Return a time for people: ``0.24 s``, ``12.3 s``, ``3 min 5 s``."""
    if seconds < 10:
        return f"{seconds:.2f} s"
    if seconds < 120:
        return f"{seconds:.1f} s"
    return f"{int(seconds // 60)} min {int(seconds % 60)} s"
