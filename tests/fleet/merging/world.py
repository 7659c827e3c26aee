"""Fleets over a channel and an index in folders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lockfiles.fleet.merging.keep import Keep
from lockfiles.fleet.merging.merging import Merged, MergeRequest, merge
from lockfiles.fleet.merging.verdicts import MergeLimits
from lockfiles.locking import Locked, LockRequest, lock
from lockfiles.surroundings import Surroundings
from tests.support.channel import as_file, record, repodata
from tests.support.packages import make_wheel

PYTHONS = (
    record("python", "3.9.18", "0_cpython"), record("python", "3.11.9", "0_cpython"),
    record("python", "3.12.4", "0_cpython"), record("pip", "24.0", depends=["python"]),
)  # fmt: skip


class Fleet:
    """Environment files below one folder, and what they are locked from."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.around = Surroundings(cwd=folder, cache_folder=lambda: folder / "cache")
        self.files: list[str] = []

    def channel(self, *records: Mapping[str, Any], name: str = "channel") -> None:
        for subdir, contents in (("linux-64", repodata(records)), ("noarch", repodata())):
            (self.folder / name / subdir).mkdir(parents=True, exist_ok=True)
            (self.folder / name / subdir / "repodata.json").write_bytes(as_file(contents, "repodata.json"))

    def index(self, projects: Mapping[str, Mapping[str, Sequence[str]]]) -> None:
        for project, versions in projects.items():
            (self.folder / "index" / project).mkdir(parents=True)
            for version, requires in versions.items():
                name = f"{project.replace('-', '_')}-{version}-py3-none-any.whl"
                (self.folder / "index" / project / name).write_bytes(make_wheel(project, version, requires))

    def write(self, name: str, *conda: str, pip: Sequence[str] = (), more: str = "") -> str:
        lines = [f"channels: [{self.folder}/channel]", "dependencies:", *(f"- {spec}" for spec in conda)]
        lines += ["- pip:", *(f"  - '{text}'" for text in pip)] if pip else []
        return self.put(f"{name}.yml", "\n".join(lines) + "\n" + more)

    def put(self, name: str, text: str) -> str:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        self.files.append(str(path))
        return str(path)

    def request(self, file: str, **settings: object) -> LockRequest:
        base: dict[str, object] = {"platforms": "linux-64", "index_url": f"{self.folder}/index"}
        return LockRequest(files=(file,), settings=base | settings, surroundings=self.around)

    def lock(self, file: str, **settings: object) -> Locked:
        made = lock(self.request(file, **settings))
        assert made.output is not None
        made.output.write_text(made.text)
        return made

    def merge(self, keep: Keep | None = None, folder: str | None = None, **limits: Any) -> Merged:
        requests = tuple(self.request(file) for file in self.files)
        return merge(
            MergeRequest(environments=requests, keep=keep, folder=folder, limits=MergeLimits(**limits))
        )


def shares(merged: Merged) -> list[list[str]]:
    """Return who shares an image, by names without folder and ending."""
    found = [list(offer.members) for offer in merged.offers]
    found += [[name] for group in merged.groups for name in group.alone]
    return sorted(sorted(Path(name).stem for name in one) for one in found)
