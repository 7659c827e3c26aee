"""Copies of this process that do some of its tasks beside it: forked, only reading, and gone with it.

::

    tasks  1 2 3 4 5     this process takes them in order, and so do its copies: each is begun once
           │ └─┼─┼─> copy A ──> what came out, in memory that both see, and a line in a pipe
           │   └─┼─> copy B
           └─────┴─> this process, which has another copy made when it is done, as its own
                     processor is free, and waits where the next one is a copy's

A copy has all that the process has read and imported, and is forked only while the process has no other
thread. It never asks a server, starts a program or changes a file: where it would, or where anything fails,
it leaves (:mod:`resolver.sources.copied`), and the task is its parent's again. So whatever becomes of a copy,
what comes out is what the process alone would have done; and one that is killed leaves nothing behind.
Copies read a pipe that ends with their parent, and end then, too.

Only on Linux: elsewhere a fork may break what the system's own libraries hold.
"""

from __future__ import annotations

import _thread
import contextlib
import os
import select
import signal
import struct
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import NoReturn

from resolver.sources.copied import become_copy, is_copy

_TICKET = struct.Struct("<I")
#: task, and the bytes that came out; -1: it has begun
_LINE = struct.Struct("<Iq")
_TASK_FOLDER = "/proc/self/task"
_ENDING = ("SIGINT", "SIGTERM", "SIGHUP")


def may_copy() -> bool:
    """Tell whether this process can be copied: it has one thread, and hears of the end of its children."""
    if sys.platform != "linux" or is_copy() or signal.getsignal(signal.SIGCHLD) is signal.SIG_IGN:
        return False
    try:
        return len(os.listdir(_TASK_FOLDER)) == 1  # noqa: PTH208 - names alone
    except OSError:
        return False


class _Copy:
    """A copy as its parent knows it."""

    def __init__(self, process: int, lines: int, memory: int) -> None:
        self.process, self.lines, self.memory = process, lines, memory
        self.read = 0  #: bytes of the memory whose meaning is known
        self.task: int | None = None  #: what it does

    def receive(self) -> tuple[int, bytes] | None:
        """Return a task and what came out; None: one has begun. Raises EOFError behind the last."""
        line = os.read(self.lines, _LINE.size)
        if len(line) < _LINE.size:
            raise EOFError
        task, size = _LINE.unpack(line)
        if size < 0:
            self.task = task
            return None
        self.task = None
        data = os.pread(self.memory, size, self.read)
        self.read += size
        return task, data

    def end(self) -> None:
        """End it, if it hasn't ended, and let go of all that it is known by."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.process, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self.process, 0)
        os.close(self.lines)
        os.close(self.memory)


class Copies:
    """Numbered tasks, done here and in copies, none of which is left behind :meth:`close`.

    ``do`` does a task in a copy and gives what comes out. The caller goes through the tasks in their order:
    what :meth:`take` doesn't give is his own to do.
    """

    def __init__(
        self,
        tasks: Sequence[int],
        processes: int,
        do: Callable[[int], bytes],
        still: Callable[[], AbstractContextManager[None]] = contextlib.nullcontext,
        meanwhile: Callable[[], None] = lambda: None,
    ) -> None:
        """Make the first copies.

        ``tasks``: numbers that grow; ``processes``: how many may work at once, this one included. ``still``
        gives a context in which threads that can be done without aren't there. ``meanwhile`` is called
        before a copy is waited for.
        """
        self._do, self._processes, self._still, self._meanwhile = do, processes, still, meanwhile
        self._copies: list[_Copy] = []
        self._done: dict[int, bytes] = {}
        self._own: set[int] = set()  # taken for a copy that couldn't be made
        self._tickets, given = os.pipe()
        os.write(given, b"".join(map(_TICKET.pack, tasks)))
        os.close(given)
        self._life, self._living = os.pipe()  # copies read the first: it ends with this process
        for _ in range(processes - 1):
            self._start(None)

    def close(self) -> None:
        """End all copies, also those that are at work."""
        os.close(self._living)
        for copy in self._copies:
            copy.end()
        os.close(self._life)
        os.close(self._tickets)
        self._copies.clear()

    def go_on(self) -> None:
        """Have a copy made in place of this process, which is done with a task of its own.

        And in place of copies that have died. Else :meth:`take` does it.
        """
        self._hear(0)
        while len(self._copies) < self._processes and (ticket := self._ticket()) is not None:
            if not self._start(ticket):
                self._own.add(ticket)
                return

    def take(self, task: int) -> bytes | None:
        """Return what came out of a task; None: the caller does it.

        Waits for a copy that has begun it. Another one goes on with the tasks behind it meanwhile.
        """
        if task in self._own:
            return None
        self._hear(0)
        while task not in self._done and self._may_come(task):
            is_free = len(self._copies) < self._processes
            if is_free or not any(copy.task == task for copy in self._copies):
                ticket = self._ticket(task)
                if ticket == task:
                    return None
                if ticket is not None and not (is_free and self._start(ticket)):
                    self._own.add(ticket)
            self._meanwhile()
            self._hear(None)
        return self._done.pop(task, None)

    def _may_come(self, task: int) -> bool:
        """Tell whether a copy is at a task, or may be: one that begins says so a little later."""
        return any(copy.task in (task, None) for copy in self._copies)

    def _ticket(self, least: int = 0) -> int | None:
        """Return the next task that nobody has begun, none before ``least``; None: all are begun."""
        while data := os.read(self._tickets, _TICKET.size):
            (ticket,) = _TICKET.unpack(data)
            if ticket >= least:
                return int(ticket)
        return None

    def _hear(self, seconds: float | None) -> None:
        """Take what copies have said, waiting so long for the first of it; None: until there is some."""
        waiting = select.poll()
        known = {copy.lines: copy for copy in self._copies}
        for lines in known:
            waiting.register(lines, select.POLLIN)
        for lines, _ in waiting.poll(None if seconds is None else seconds * 1000):
            copy = known[lines]
            try:
                said = copy.receive()
            except EOFError:
                self._copies.remove(copy)
                copy.end()
                continue
            if said is not None:
                self._done[said[0]] = said[1]

    def _start(self, first: int | None) -> bool:
        """Make a copy that does ``first`` and then what nobody has begun; False where that can't be."""
        with self._still(), _held_back() as before:
            if not may_copy():
                return False
            try:
                memory = os.memfd_create("lockstack")
            except OSError:
                return False
            lines, saying = os.pipe()
            try:
                process = os.fork()
            except OSError:
                for handle in (memory, lines, saying):
                    os.close(handle)
                return False
            if not process:
                self._be_copy(first, memory, saying, before)
            os.close(saying)
            self._copies.append(_Copy(process, lines, memory))
        return True

    def _be_copy(
        self, first: int | None, memory: int, saying: int, before: set[int | signal.Signals]
    ) -> NoReturn:
        """Do tasks until none is left, or until something is this process's parent's to do."""
        try:
            become_copy()
            _hear_as_any_other(before)
            os.close(self._living)
            _thread.start_new_thread(_end_with, (self._life,))
            _say_nothing()
            task = self._ticket() if first is None else first
            while task is not None:
                os.write(saying, _LINE.pack(task, -1))
                data = self._do(task)
                _write(memory, data)
                os.write(saying, _LINE.pack(task, len(data)))
                task = self._ticket()
        finally:
            os._exit(0)  # whatever it was: the parent meets it itself


def _end_with(life: int) -> None:
    """Leave when the parent is gone, or lets go of its copies."""
    os.read(life, 1)
    os._exit(0)


def _write(handle: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(handle, rest) :]


def _say_nothing() -> None:
    """Keep what a library may say to itself: the parent says it."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nowhere, number)
    os.close(nowhere)


@contextlib.contextmanager
def _held_back() -> Iterator[set[int | signal.Signals]]:
    """Hold signals that end the process back; gives those that were held back before."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [getattr(signal, name) for name in _ENDING])
    try:
        yield before
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _hear_as_any_other(before: set[int | signal.Signals]) -> None:
    """End at signals without a word, but for those that the caller has the process ignore."""
    for name in _ENDING:
        number = getattr(signal, name)
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, before)
