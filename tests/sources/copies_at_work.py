"""Tasks done by copies of a process, as a program: only a process with one thread can be copied.

``python -m tests.sources.copies_at_work``: reads a case as JSON from standard input, prints what came of it.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

from resolver.sources.copied import is_copy, leave_if_copy
from resolver.sources.copies import Copies

HANDLES = Path("/proc/self/fd")
WORD = os.pipe()  #: what a copy that is waited for goes on at


def do(task: int, how: dict[str, str], size: int) -> bytes:
    """Do a task; ``how``: what goes wrong in a copy, by task."""
    match how.get(str(task)) if is_copy() else None:
        case "raises":
            raise ValueError(task)
        case "is killed":
            os.kill(os.getpid(), signal.SIGKILL)
        case "is told to end":
            os.kill(os.getpid(), signal.SIGTERM)
        case "is interrupted":
            os.kill(os.getpid(), signal.SIGINT)
        case "leaves":
            leave_if_copy()
        case "has no memory":
            raise MemoryError
        case "prints":
            sys.stdout.write("heard by nobody\n")
            sys.stdout.flush()
            os.write(2, b"nor is this\n")
        case "is waited for":
            os.read(WORD[0], 1)
        case "is slow":
            time.sleep(0.05)
        case "hangs":
            time.sleep(600)
    return f"{task}:".encode() * size


def tell(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> None:
    case: dict[str, Any] = json.load(sys.stdin)
    handles = len(list(HANDLES.iterdir()))
    if case.get("threads"):
        threading.Thread(target=threading.Event().wait, daemon=True).start()
    tasks, size = list(case["tasks"]), case["size"]
    waited: list[int] = []
    copies = Copies(
        tasks, case["processes"], lambda task: do(task, case["how"], size),
        meanwhile=lambda: waited.append(os.write(WORD[1], b".")),
    )  # fmt: skip
    if case.get("goes on first"):
        while not any(copy.task for copy in copies._copies):
            copies._hear(None)
        copies.go_on()
    begun = len(copies._copies)
    while case.get("patient") and len(copies._done) < len(tasks):
        copies._hear(None)
    found, by_copies = [], 0
    for task in tasks:
        if task in case["passed over"]:
            continue
        data = copies.take(task)
        by_copies += data is not None
        found.append((do(task, {}, size) if data is None else data).decode())
        if case.get("goes on") and data is None:
            copies.go_on()
    if case.get("waits"):
        tell("ready")
        time.sleep(600)
    copies.close()
    try:
        os.waitpid(-1, os.WNOHANG)
        left = True
    except ChildProcessError:
        left = False
    grown = len(list(HANDLES.iterdir())) - handles
    told = {"found": found, "by copies": by_copies, "left": left, "handles": grown}
    tell(json.dumps(told | {"waited": bool(waited), "begun": begun}))


if __name__ == "__main__":
    main()
