"""What a run reads, heard by Python's own audit events, and written down as a stamp.

Python tells of every file that is opened and every folder that is listed (``open``, ``os.scandir`` ...).
Where a run looks at more than that, it tells so itself:

==========================  ======================================================================
``lockstack.kind``          a path was asked whether it is a file or a folder
``lockstack.state``         a file counts by its size and time, unread
``lockstack.link``          a path stands for what it leads to
``lockstack.fresh``         an answer of a server counts until then (seconds since 1970)
``lockstack.answer``        an answer is remembered, there
``lockstack.unrepeatable``  a search begins, or what was read can't be told to be the same later
==========================  ======================================================================

Whoever asks the network or starts a process can't be told again. There is no stamp either where something
that was read is as young as the run: nobody could say which state of it the run has seen.
"""

from __future__ import annotations

import os
import sys
import time
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from lockfiles.cli.stamps.reading import (
    BUCKET,
    MAGIC,
    bytes_of,
    digest,
    kind_of,
    names_in,
    program_folders,
    program_state,
    sounds_secret,
    state_of,
)
from resolver.model.patterns import pattern

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TextIO

#: Seconds: clocks of file systems lag behind (the kernel's by some ms, FAT's by two seconds).
_LAG = 2.0
#: Events of what can't be told again.
_BEYOND = frozenset(
    {
        "lockstack.unrepeatable", "os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn",
        "os.startfile", "os.system", "socket.connect", "socket.getaddrinfo", "socket.gethostbyname",
        "socket.sendto", "subprocess.Popen",
    }
)  # fmt: skip
_VARIABLE = pattern(rb"\$\{?([A-Za-z_][A-Za-z0-9_]*)")
_LISTS = frozenset({"os.listdir", "os.scandir"})
#: Buckets of the cache that an answer doesn't rest on: what never changes, and answers themselves.
_LASTING = ("answer-", "sdist-built-", "stamp-", "wheel-metadata-")
#: Bytes of a file that is read again for its digest, at most.
_LARGEST = 64 << 20
#: As answers that nobody asked for.
_MOST_BYTES, _LONGEST_AGE = 16 << 20, 30 * 86_400.0


class _NotedError(Exception):
    """Something that was read can't be told again."""


class Copy:
    """A stream, and what was written to it; lines that are drawn over are left out."""

    def __init__(self, stream: TextIO) -> None:
        self.stream, self._texts = stream, list[str]()

    def write(self, text: str) -> int:
        """Write to the stream."""
        if not text.startswith("\r"):
            self._texts.append(text)
        return self.stream.write(text)

    @property
    def text(self) -> str:
        """What was written so far."""
        return "".join(self._texts)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


class Witness:
    """Hears of what the process reads from now on; ``place``: where its stamp belongs."""

    def __init__(self, place: str, started: float | None = None) -> None:
        """Begin to listen with ``with``; ``started``: seconds since 1970, None: now."""
        self._place = place
        self._root = os.path.dirname(os.path.dirname(os.path.dirname(place))) + os.sep
        self._started = time.time() if started is None else started
        self._opened: dict[str, bool] = {}  # whether it was there
        self._listed: dict[str, None] = {}
        self._kinds: dict[str, str] = {}
        self._states: dict[str, None] = {}
        self._links: dict[str, str] = {}
        self._answers: list[str] = []
        self._until = float("inf")
        self._beyond: str | None = None
        #: what notes an event's arguments, until all has been heard
        self._hearing: dict[str, Callable[..., None]] = {
            "open": self._note_open,
            **dict.fromkeys(_LISTS, self._note_list),
            **{event: partial(self._note_beyond, event) for event in _BEYOND},
            "lockstack.kind": self._note_kind,
            "lockstack.state": self._note_state,
            "lockstack.link": self._note_link,
            "lockstack.fresh": self._note_fresh,
            "lockstack.answer": self._answers.append,
        }
        self._errors = Copy(sys.stderr)

    def __enter__(self) -> Witness:
        sys.stderr = cast("TextIO", self._errors)
        hearing = self._hearing

        def hear(event: str, args: tuple[Any, ...]) -> None:
            note = hearing.get(event)
            if note is not None:
                note(*args)

        # Nobody can take it away again. A function: of a method, Python would look for an attribute that it
        # lacks at each of two thousand events, and make an error of that.
        sys.addaudithook(hear)
        return self

    def __exit__(self, *_: object) -> None:
        self._hearing.clear()
        sys.stderr = self._errors.stream

    def _note_open(self, path: Any, mode: str | None, flags: int) -> None:
        writes = os.O_WRONLY | os.O_RDWR | os.O_CREAT
        if isinstance(path, int) or (flags & writes if mode is None else set(mode) & set("wxa+")):
            return
        name = os.fsdecode(path)
        self._opened.setdefault(name, os.path.lexists(name))

    def _note_list(self, path: Any) -> None:
        if isinstance(path, int):
            self._beyond = self._beyond or "a folder without a name"
        else:
            self._listed[os.fsdecode(os.curdir if path is None else path)] = None

    def _note_beyond(self, event: str, *_: Any) -> None:
        self._beyond = event
        self._hearing.clear()

    def _note_kind(self, path: str) -> None:
        self._kinds.setdefault(path, kind_of(path))

    def _note_state(self, path: str) -> None:
        self._states[path] = None

    def _note_link(self, path: str) -> None:
        self._links[path] = os.path.realpath(path)

    def _note_fresh(self, until: float) -> None:
        self._until = min(self._until, until)

    # -- the stamp --------------------------------------------------------------------------------

    def stamp(self, output: str | None, *, is_solved: bool = True) -> bool:
        """Write the stamp, where there can be one; tell whether it was written.

        What was said so far is told again, and then the last line; ``output``: the lockfile, as that
        line names it, None for a run that has no such line. ``is_solved``: it rests on remembered answers.
        """
        self._hearing.clear()
        if is_solved and not self._answers:
            return False
        try:
            lines = [*self._lines(), *([] if output is None else [f"O {output}"])]
            if any("\n" in line or "\r" in line for line in lines):
                return False
            body = ("\n".join(lines) + f"\n\n{self._errors.text}").encode("utf-8", "surrogateescape")
            self._write(f"{MAGIC} {digest(body)}\n".encode() + body)
        except (_NotedError, OSError, ValueError):  # the next run is as this one was
            return False
        return True

    def _lines(self) -> list[str]:
        is_here = all(os.path.abspath(answer).startswith(self._root) for answer in self._answers)
        if self._beyond or not is_here or not _is_own_resolver():
            raise _NotedError
        now = time.time()
        lines = [f"P {program_state()}", f"T {int(now // 86_400)} {self._started} {self._until}"]
        lines += self._files()
        for path in self._states:
            lines.append(f"K {self._settled(path)} {path}")
        lines += [f"X {kind} {path}" for path, kind in self._kinds.items()]
        for path in self._listed:
            if not _is_in(path, program_folders()) and not _is_of_python(path):
                self._settled(path)
                lines.append(f"L {names_in(path)} {path}")
        for path, target in self._links.items():
            lines += [f"N {target}", f"R {path}"]
        return [*lines, *(f"A {path}" for path in self._answers)]

    def _files(self) -> list[str]:
        """Return the lines of files that were opened; the program's are told by its own line."""
        own, secrets = _module_files(), [name.encode() for name in os.environ if sounds_secret(name)]
        lines = []
        for path, was_there in self._opened.items():
            if path in own or _is_in(path, program_folders()) or path == os.devnull:
                continue
            whole = os.path.abspath(path)
            if whole.startswith(self._root) and whole[len(self._root) :].startswith(_LASTING):
                continue
            state = self._settled(path)
            if was_there is (state == "-") or state == "other":
                raise _NotedError(path)
            if whole.startswith(self._root):
                lines.append(f"K {state} {path}")
                continue
            data = bytes_of(path) if state == "-" or int(state.split(":")[2]) <= _LARGEST else None
            if data is None and state != "-":
                raise _NotedError(path)
            if data is not None and (any(name in data for name in secrets) or _asks_for_secret(data)):
                raise _NotedError(path)
            lines.append(f"F {'-' if data is None else digest(data)} {path}")
        return lines

    def _settled(self, path: str) -> str:
        """Return a file's state; raises _NotedError where it may have changed while the run read it."""
        state = state_of(path)
        if state != "-":
            facts = os.stat(path)
            if max(facts.st_mtime, facts.st_ctime) > self._started - _LAG or state_of(path) != state:
                raise _NotedError(path)
        if state == "other" and not os.path.isdir(path):
            raise _NotedError
        return state

    def _write(self, data: bytes) -> None:
        """Put the stamp in its place, whole; ones that are old or too many go."""
        from lockfiles.regular_files import new_file

        folder = os.path.dirname(self._place)
        os.makedirs(folder, exist_ok=True)
        handle, name = new_file(os.path.join(folder, ".part-"))
        try:
            with open(handle, "wb") as file:
                file.write(data)
            os.replace(name, self._place)
        except OSError:
            os.unlink(name)
            raise
        from pathlib import Path

        from resolver.sources.cache.folder import Cache

        root = Path(self._root).parent
        Cache(root).trim(BUCKET, most_bytes=_MOST_BYTES, longest_age=_LONGEST_AGE)


def _asks_for_secret(data: bytes) -> bool:
    """Tell whether a file names a variable that would hold a secret, set or not."""
    return b"$" in data and any(sounds_secret(name.decode()) for name in _VARIABLE.findall(data))


def _is_of_python(path: str) -> bool:
    """Tell whether a folder is one of the standard library, which the version tells."""
    home = os.path.dirname(os.path.abspath(os.__file__))
    return _is_in(path, (home,)) and "site-packages" not in path


def _is_in(path: str, folders: tuple[str, ...]) -> bool:
    whole = os.path.abspath(path)
    return any(whole == folder or whole.startswith(folder + os.sep) for folder in folders)


def _module_files() -> set[str]:
    """Return the files that modules were loaded from."""
    found: set[str] = set()
    for module in list(sys.modules.values()):
        spec = getattr(module, "__spec__", None)
        found.update(text for text in (getattr(spec, "origin", None), getattr(spec, "cached", None)) if text)
    return found


def _is_own_resolver() -> bool:
    """Tell whether the resolver that is loaded is the one that :func:`program_state` looks at."""
    import resolver

    return _is_in(resolver.__file__ or "", program_folders())
