"""What the GitHub Action does: freshness, findings and changes of lockfiles, in the folder of the checkout.

Inputs are the variables ``LOCK_ACTION_*`` of action.yml and those that every runner has. Results: annotations
(by a problem matcher), the step's summary, the outputs ``sarif`` and ``markdown`` (paths), and as exit code
the lowest of the commands' that isn't 0. A comparison that can't be made is said, and fails nothing.
"""

from __future__ import annotations

import os
import secrets
import shlex
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

LOCK = (sys.executable, "-P", "-m", "lockfiles.cli")  # -P: nothing of the checkout is imported
MARK = "<!-- lockstack: changes of lockfiles -->"  #: how the comment is found again
LIMIT = 60_000  # characters: a comment holds 65,536
_NO_REVISION = "0" * 40  #: what GitHub calls "before" of a new branch


def variable(name: str) -> str:
    """Return an input of the action."""
    return os.environ.get(f"LOCK_ACTION_{name}", "").strip()


def matching_files(name: str) -> list[str]:
    """Return the files that the lines of an input name, each once; leave with 2 where one fits none."""
    found: dict[str, None] = {}
    for line in filter(None, map(str.strip, variable(name).splitlines())):
        files = sorted(path.as_posix() for path in Path().glob(line) if path.is_file())
        if not files:
            say("error", f"`{line}` of the input `{name.lower()}` is no file of the checkout")
            raise SystemExit(2)
        found.update(dict.fromkeys(files))
    return list(found)


def say(kind: str, text: str) -> None:
    """Write an annotation (``error``, ``warning``, ``notice``)."""
    escaped = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    print(f"::{kind} title=lockstack::{escaped}", flush=True)


def run_lock(*arguments: str) -> int:
    """Run ``lock``; its output goes to the log, where no line of it acts as a command of the runner."""
    token = secrets.token_hex(16)
    print(f"::group::lock {shlex.join(arguments)}", flush=True)
    print(f"::stop-commands::{token}", flush=True)
    code = subprocess.run([*LOCK, *arguments], stderr=subprocess.STDOUT, check=False).returncode
    print(f"\n::{token}::", flush=True)
    print("::endgroup::", flush=True)
    return code


def has_revision(base: str) -> bool:
    """Tell whether the commit is there, after fetching it alone where the checkout is a shallow one."""
    show = ["git", "cat-file", "-e", "--end-of-options", f"{base}^{{commit}}"]
    if subprocess.run(show, capture_output=True, check=False).returncode == 0:
        return True
    fetch = ["git", "fetch", "--quiet", "--no-tags", "--depth=1", "--end-of-options", "origin", base]
    subprocess.run(fetch, capture_output=True, check=False)
    return subprocess.run(show, capture_output=True, check=False).returncode == 0


def compare(lockfiles: Sequence[str], base: str) -> str:
    """Return the changes of lockfiles since ``base`` as Markdown; what can't be compared is said there."""
    parts = [MARK, "## Lockfiles"]
    for name in lockfiles:
        parts.append(f"### `{name.replace('`', '')}`")
        there = ["git", "cat-file", "-e", "--end-of-options", f"{base}:./{name}"]
        if subprocess.run(there, capture_output=True, check=False).returncode != 0:
            parts.append("*new*")
            continue
        command = [*LOCK, "diff", "--format", "markdown", f"{base}:./{name}", f"./{name}"]
        done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
        parts.append(done.stdout.strip() if done.returncode == 0 else "*not compared: see the log*")
        if done.returncode != 0:
            say("warning", f"{name} was not compared with {base}: {done.stderr.strip()}")
    text = "\n\n".join(parts) + "\n"
    if len(text) <= LIMIT:
        return text
    return "\n\n".join((MARK, "## Lockfiles", f"Too long for a comment ({len(text):,} characters)", ""))


def write_output(name: str, value: str) -> None:
    """Give the step an output."""
    with Path(os.environ["GITHUB_OUTPUT"]).open("a", encoding="utf-8") as file:
        file.write(f"{name}={value}\n")


def main() -> int:
    """Do what the inputs ask for; return the exit code."""
    files, lockfiles = matching_files("FILES"), matching_files("LOCKFILES")
    work = Path(os.environ["RUNNER_TEMP"])
    print(f"::add-matcher::{Path(__file__).with_name('lock-problems.json')}", flush=True)
    codes = [run_lock("--each", "--check", "--", *files)] if files else []
    if lockfiles:
        sarif = work / "lockstack.sarif"
        more = shlex.split(variable("CHECK_ARGUMENTS"))
        limit = ("--fail-on", variable("FAIL_ON") or "error")
        codes.append(run_lock("check", "--no-fix", *limit, "--sarif", str(sarif), *more, "--", *lockfiles))
        if sarif.is_file():
            write_output("sarif", str(sarif))
    for owner in ("lockstack", "lockstack-fresh"):
        print(f"::remove-matcher owner={owner}::", flush=True)
    base = variable("BASE")
    if lockfiles and base and base != _NO_REVISION:
        if has_revision(base):
            markdown = work / "lockstack.md"
            markdown.write_text(compare(lockfiles, base), encoding="utf-8")
            write_output("markdown", str(markdown))
            with Path(os.environ["GITHUB_STEP_SUMMARY"]).open("a", encoding="utf-8") as summary:
                summary.write(markdown.read_text(encoding="utf-8"))
        else:
            say("warning", f"lockfiles were not compared: the checkout has no commit {base}")
    return min(filter(None, codes), default=0)


if __name__ == "__main__":
    raise SystemExit(main())
