"""A small channel and files that ask for it: fleets that take milliseconds a file."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.cli.process import Done, lock
from tests.support.server import LoopbackServer


def make_channel(folder: Path) -> Path:
    """Write a channel with ``python``, ``a`` (1 and 2), ``b`` that needs ``a`` 1, and ``c``."""
    channel = folder / "channels" / "small"
    rows = {
        "python-3.12.0-0": ("python", "3.12.0", []),
        "a-1.0-0": ("a", "1.0", []),
        "a-2.0-0": ("a", "2.0", []),
        "b-1.0-0": ("b", "1.0", ["a <2"]),
        "c-1.0-0": ("c", "1.0", ["b"]),
    }
    packages = {
        f"{stem}.conda": {
            "name": name, "version": version, "build": "0", "build_number": 0, "depends": depends,
            "subdir": "noarch", "sha256": f"{number:064x}", "md5": f"{number:032x}", "size": 1000 + number,
        }
        for number, (stem, (name, version, depends)) in enumerate(rows.items())
    }  # fmt: skip
    for subdir in ("noarch", "linux-64"):
        (channel / subdir).mkdir(parents=True)
        held = packages if subdir == "noarch" else {}
        text = json.dumps({"info": {"subdir": subdir}, "packages": {}, "packages.conda": held})
        (channel / subdir / "repodata.json").write_text(text)
    return channel


def make_fleet(folder: Path, files: dict[str, list[str]]) -> Path:
    """Write the channel, and environment files with these dependencies, with settings beside each."""
    make_channel(folder)
    for name, lines in files.items():
        write_environment(folder, name, lines)
    return folder


def make_remote(folder: Path, server: LoopbackServer, count: int) -> None:
    """Write environments whose channel is served."""
    make_fleet(folder, {f"e/f{number}.yml": ["a"] for number in range(count)})
    server.root = folder / "channels"
    (folder / "e" / "lockstack.toml").write_text(
        f'channel-alias = "{server.url}"\nplatforms = ["linux-64"]\nno-index = true\n'
    )


def write_environment(folder: Path, name: str, lines: list[str], settings: str = "") -> None:
    """Write an environment file of the fleet that asks for these lines."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("channels: [small]\ndependencies:\n" + "".join(f"  - {line}\n" for line in lines))
    alias = (folder / "channels").as_posix()
    (path.parent / "lockstack.toml").write_text(
        f'channel-alias = "{alias}"\nplatforms = ["linux-64"]\nno-index = true\n{settings}'
    )


def fleet(
    *arguments: str | Path, folder: Path, before: Callable[[], object] | None = None, **variables: str
) -> Done:
    """Run ``lock fleet`` in a folder; ``before``: done in the child first."""
    return lock("fleet", *arguments, folder=folder, before=before, **variables)


def fleet_here(*arguments: str | Path, folder: Path, **more: Any) -> Done:
    """Run ``lock fleet`` without workers: what is done is the same, and starts sooner."""
    return fleet(*arguments, "--workers", "0", folder=folder, **more)


def records(done: Done) -> list[dict[str, Any]]:
    """Return the records that a run with ``--json`` printed."""
    return [json.loads(line) for line in done.out.splitlines()]
