"""Source trees from git, through the git command.

No credential is stored: what is known for the host travels in the environment
of the one process that needs it. Git never asks at the terminal.
"""

from __future__ import annotations

import logging
import re
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, NamedTuple

import msgspec

from resolver.errors import SourceError
from resolver.model.redaction import is_remote, redact, strip
from resolver.sources.http.credentials import Credentials
from resolver.sources.limits import ResourceKind, SourceLimits, describe_size
from resolver.sources.processes import EndedEarlyError, run_group, size_of_tree

_log = logging.getLogger(__name__)
FULL_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
#: Ways to a repository; `ext::` and others would run commands of their own. What a server holds can't name
#: a folder of this machine as its submodule.
_REMOTE, _LOCAL = "git:http:https:ssh", "file:git:http:https:ssh"
_TIMEOUT = 600.0  #: seconds for one git command
_MOST_OUTPUT = 1 << 20  #: bytes of what git says that are read


class Checkout(msgspec.Struct, frozen=True, kw_only=True):
    """A working tree at ``folder``; ``commit`` is the full hash."""

    folder: Path
    commit: str


class _Done(NamedTuple):
    code: int
    out: str
    err: str


class Git:
    """Runs git for one source tree: within a time for all of it, and a size of the tree with its history."""

    def __init__(
        self,
        credentials: Credentials,
        environ: Mapping[str, str],
        *,
        timeout: float = _TIMEOUT,
        limits: SourceLimits | None = None,
    ) -> None:
        """``timeout``: seconds of one command; ``limits`` bound all of them, and the size as an archive's."""
        limits = limits or SourceLimits()
        self._credentials, self._timeout = credentials, timeout
        self._deadline, self._largest = limits.deadline, limits.bound(ResourceKind.ARCHIVE).unpacked
        self._begun: float | None = None
        self._environ = {
            **environ,
            "GIT_TERMINAL_PROMPT": "0",
            "GCM_INTERACTIVE": "never",
            "GIT_ASKPASS": "",
            "SSH_ASKPASS": "",
            "GIT_SSH_COMMAND": environ.get("GIT_SSH_COMMAND", "ssh -o BatchMode=yes"),
            "GIT_LFS_SKIP_SMUDGE": "1",
            "LC_ALL": "C",
        }

    def checkout(self, url: str, revision: str | None, folder: Path) -> Checkout:
        """Put the tree of ``url`` at ``revision`` into ``folder``.

        A revision is a branch, tag or commit; None: the default branch.

        1. fetch the one revision; 2. where the server does not give it by itself
        (a short hash), fetch everything; 3. check it out, with its submodules.
        Raises SourceError where there is no such repository or revision.
        """
        wanted = revision or "HEAD"
        if wanted.startswith("-") or url.startswith("-"):
            raise SourceError(f"`{wanted}` is no revision", strip(url))
        self._run(["init", "--quiet"], folder, url)
        fetch = ["fetch", "--quiet", "--depth=1", "--no-tags"]
        if self._try([*fetch, url, wanted], folder, url) is None:
            commit = self._run(["rev-parse", "--verify", "FETCH_HEAD^{commit}"], folder, url)
        else:
            everything = ["+refs/heads/*:refs/remotes/origin/*", "+refs/tags/*:refs/tags/*"]
            self._run(["fetch", "--quiet", url, *everything], folder, url)
            commit = self._resolve(wanted, folder, url)
        self._run(["checkout", "--quiet", "--detach", commit], folder, url)
        if (folder / ".gitmodules").is_file():
            self._run(["submodule", "update", "--quiet", "--init", "--recursive", "--depth=1"], folder, url)
        return Checkout(folder=folder, commit=commit)

    def deepen(self, url: str, checkout: Checkout) -> None:
        """Fetch history and tags, for backends that make the version from them."""
        if (checkout.folder / ".git" / "shallow").is_file():
            fetch = ["fetch", "--quiet", "--unshallow", "--tags", url, checkout.commit]
            fault = self._try(fetch, checkout.folder, url)
            if fault is not None:
                _log.info("%s: history can't be fetched: %s", strip(url), fault)

    def _resolve(self, revision: str, folder: Path, url: str) -> str:
        for candidate in (revision, f"refs/remotes/origin/{revision}", f"refs/tags/{revision}"):
            command = ["rev-parse", "--quiet", "--verify", f"{candidate}^{{commit}}"]
            done = self._start(command, folder, url)
            if done.code == 0:
                return done.out.strip()
        raise SourceError(f"there is no revision `{revision}`", strip(url))

    def _run(self, command: Sequence[str], folder: Path, url: str) -> str:
        done = self._start(command, folder, url)
        if done.code != 0:
            raise SourceError(
                f"git can't read it: {self._last_line(done.err)}",
                strip(url),
                hint="Check address, revision and access; git is not allowed to ask for a password.",
            )
        return done.out.strip()

    def _try(self, command: Sequence[str], folder: Path, url: str) -> str | None:
        """Return None where the command did its work, else the end of what it said."""
        done = self._start(command, folder, url)
        return None if done.code == 0 else self._last_line(done.err)

    def _start(self, command: Sequence[str], folder: Path, url: str) -> _Done:
        if self._begun is None:
            self._begun = time.monotonic()
        left = self._begun + self._deadline - time.monotonic()
        environ = {
            **self._environ,
            "GIT_ALLOW_PROTOCOL": self._environ.get(
                "GIT_ALLOW_PROTOCOL", _REMOTE if is_remote(url) or url.startswith("ssh:") else _LOCAL
            ),
            **self._identification(url),
        }
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            try:
                code = run_group(
                    ["git", "-C", str(folder), *command], folder=folder, environ=environ, output=out.fileno(),
                    errors=err.fileno(), timeout=max(0.0, min(self._timeout, left)),
                    objection=lambda: self._too_large(folder),
                )  # fmt: skip
            except FileNotFoundError:
                raise SourceError(
                    "git is needed to read it, and there is no such command", strip(url), hint="Install git."
                ) from None
            except EndedEarlyError as error:
                raise SourceError(f"git was ended: {error.reason}", strip(url)) from None
            if reason := self._too_large(folder):
                raise SourceError(reason, strip(url))
            return _Done(code, _text(out), _text(err))

    def _too_large(self, folder: Path) -> str | None:
        if size_of_tree(folder) <= self._largest:
            return None
        return f"the repository is larger than {describe_size(self._largest)} (`archive` of `size-limits`)"

    def _identification(self, url: str) -> dict[str, str]:
        """Return variables that make git send what is known for the address's host."""
        credential = self._credentials.find(url) if url.startswith(("http://", "https://")) else None
        if credential is None:
            return {}
        _, headers = credential.apply(url)
        if "authorization" not in headers:
            return {}
        return {
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": f"http.{url}.extraHeader",
            "GIT_CONFIG_VALUE_0": f"Authorization: {headers['authorization']}",
        }

    def _last_line(self, text: str) -> str:
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        return redact(self._credentials.redact(lines[-1])) if lines else "it says nothing"


def _text(file: IO[bytes]) -> str:
    """Return the last part of a file's text."""
    file.seek(max(0, file.seek(0, 2) - _MOST_OUTPUT))
    return file.read().decode("utf-8", "replace")
