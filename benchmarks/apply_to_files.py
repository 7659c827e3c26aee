"""Make real environment files unsolvable, let `lock explain --apply 1` mend them, and check what it did.

Run as::

    python -m benchmarks.apply_to_files ENVS CHANNELS [--count 50] [--cache DIR] [--show]

Each file that has a solution gets one of its lines changed to something impossible, in a copy. Checked:

- after ``--apply 1`` the file has a solution;
- every line that was not edited is as before, comments and order included;
- a second ``--apply 1`` changes nothing.
"""

from __future__ import annotations

import argparse
import contextlib
import difflib
import io
import random
import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from lockfiles.cli.main import main as lock

_ITEM = re.compile(
    r"^(?P<head>\s+-\s+)(?P<quote>['\"]?)(?P<name>[a-z][a-z0-9_-]+)(?P<rest>[^#'\"]*?)(?P=quote)(?P<tail>\s*(?:#.*)?)$"
)


#: So many lines of one file are made impossible, each in a copy of its own.
PER_FILE = 2


def run(*arguments: str) -> tuple[int, str]:
    """Run the command in this process; return its exit code and what it printed."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = lock(list(arguments))
    return code, out.getvalue() + err.getvalue()


def spoiled(text: str, chance: random.Random) -> Iterator[str]:
    """Yield the text with one line of ``dependencies:`` made impossible, in several ways."""
    lines = text.split("\n")
    start = next((n for n, line in enumerate(lines) if line.startswith("dependencies")), None)
    if start is None:
        return
    places = [n for n in range(start + 1, len(lines)) if _ITEM.match(lines[n])]
    chance.shuffle(places)
    for place in places[:4]:
        found = _ITEM.match(lines[place])
        if found is None:
            continue
        name, rest = found["name"], found["rest"]
        for wrong in (f"{name}=99.1", f"{name[:2]}{name[2:][::-1][:1]}{name[2:]}{rest.rstrip()}"):
            changed = f"{found['head']}{found['quote']}{wrong}{found['quote']}{found['tail']}"
            yield "\n".join([*lines[:place], changed, *lines[place + 1 :]])


def edited_only_items(before: str, after: str) -> bool:
    """Tell whether only list items differ: at most two lines went, two came, and no comment was lost."""
    gone, come = [], []
    for line in difflib.ndiff(before.splitlines(), after.splitlines()):
        if line.startswith("- "):
            gone.append(line[2:])
        elif line.startswith("+ "):
            come.append(line[2:])
    comments = [part.split("#", 1)[1] for part in gone if " #" in part]
    kept = all(any(comment in line for line in come) or not come for comment in comments)
    return (
        kept
        and len(gone) <= 2
        and len(come) <= 3
        and all(line.lstrip().startswith("-") for line in (*gone, *come))
    )


def main() -> int:
    """Run from the command line; return 0 where every file was mended as it should."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("envs", type=Path)
    parser.add_argument("channels", type=Path)
    parser.add_argument("--count", type=int, default=50)
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--show", action="store_true")
    arguments = parser.parse_args()
    options = ["--channel-alias", str(arguments.channels.resolve()), "--timeout", "20", "-p", "linux-64"]
    if arguments.cache:
        options += ["--cache-dir", str(arguments.cache)]
    chance = random.Random(3)  # noqa: S311
    done = held = kept = idle = 0
    files = sorted(path for path in arguments.envs.rglob("*.y*ml") if path.is_file())
    chance.shuffle(files)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "environment.yml"
        for source in files:
            if done >= arguments.count:
                break
            text = source.read_bytes().decode("utf-8", "replace")
            path.write_bytes(text.encode())
            if run("explain", str(path), *options)[0] != 0:
                continue
            before = done
            for wrong in spoiled(text, chance):
                if done - before >= PER_FILE:
                    break
                path.write_bytes(wrong.encode())
                if run("explain", str(path), *options, "--apply", "1", "--dry-run")[0] != 0:
                    continue
                code, said = run("explain", str(path), *options, "--apply", "1")
                after = path.read_bytes().decode()
                if after == wrong:
                    continue
                done += 1
                held += run("explain", str(path), *options)[0] == 0
                clean = edited_only_items(wrong, after)
                kept += clean
                run("explain", str(path), *options, "--apply", "1")
                idle += path.read_bytes().decode() == after
                if arguments.show or not clean:
                    print(source.relative_to(arguments.envs), code, said, sep="\n")
    print(
        f"{done} files: {held} lock afterwards, {kept} keep comments and order, "
        f"{idle} stay as they are at a second --apply"
    )
    return 0 if done and done == held == kept == idle else 1


if __name__ == "__main__":
    sys.exit(main())
