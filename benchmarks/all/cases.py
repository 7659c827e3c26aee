"""The environments that are measured, and the commands of each side."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.side_by_side import Run, clean_environ, default_index, run

DATA = Path(__file__).resolve().parent.parent / "data"
PYTHON = "3.11"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """An environment file of ``benchmarks/data``."""

    name: str
    file: str
    what: str  #: in words, for people
    target: tuple[str, ...] = ()  #: what lockstack is told of the target
    cuda: str = ""  #: what py-rattler is told of it
    #: a requirement line, and what it becomes: an edit that changes one thing
    edit: tuple[str, str]
    #: a requirement line, and one for another package behind it
    addition: tuple[str, str]
    peers: tuple[str, ...]  #: of :data:`PEERS`, the one that ratios are formed with first

    def write(self, folder: Path, how: str = "") -> Path:
        """Write the environment into a folder, as it is, ``edited`` or ``longer``; return its place.

        ``part-0`` to ``part-2``: with every third line of what is asked.
        """
        text = (DATA / self.file).read_text(encoding="utf-8")
        if how.startswith("part-"):
            text = _every_third(text, int(how[-1]))
        elif how:
            before, after = self.edit if how == "edited" else (self.addition[0], "\n".join(self.addition))
            if f"{before}\n" not in text:
                raise SystemExit(f"{self.file} has no line {before!r}")
            text = text.replace(f"{before}\n", f"{after}\n", 1)
        path = folder / (f"{how}-{self.file}" if how else self.file)
        path.write_text(text, encoding="utf-8")
        return path


def _every_third(text: str, first: int) -> str:
    """Return an environment with every third requirement; python and pip stay."""
    head, mark, body = text.rpartition("dependencies:\n")
    lines = body.splitlines(keepends=True)
    asked = [line for line in lines if _REQUIREMENT.match(line)]
    left_out = {line for place, line in enumerate(asked) if place % PARTS != first}
    return head + mark + "".join(line for line in lines if line not in left_out)


#: Files that have the lines of a case between them.
PARTS = 3
_REQUIREMENT = re.compile(r"(?!\s*- (?:python\b|pip\b))(?:\s+- )?[a-z]")

CASES = (
    Case(
        name="mixed",
        file="train-and-serve.yml",
        what="50 conda and 30 pip requirements",
        edit=("      - gunicorn", "      - gunicorn>=20"),
        addition=("      - gunicorn", "      - humanize"),
        peers=("py-rattler, then uv",),
    ),
    Case(
        name="conda",
        file="conda-alone.yml",
        what="80 conda requirements",
        edit=("  - tqdm", "  - tqdm>=4.60"),
        addition=("  - tqdm", "  - humanize"),
        peers=("py-rattler",),
    ),
    Case(
        name="pip",
        file="pip-alone.txt",
        what="100 pip requirements",
        target=("--python", PYTHON),
        edit=("gunicorn", "gunicorn>=20"),
        addition=("gunicorn", "humanize"),
        peers=("uv",),
    ),
    Case(
        name="service",
        file="small-service.txt",
        what="10 pip requirements",
        target=("--python", PYTHON),
        edit=("httpx", "httpx>=0.20"),
        addition=("httpx", "humanize"),
        peers=("uv", "pip", "resolvelib"),
    ),
    Case(
        name="gpu",
        file="gpu-stack.yml",
        what="a GPU stack: conda's CUDA libraries, torch from PyPI",
        target=("--cuda", "12.8"),
        cuda="12.8",
        edit=("      - lightning", "      - lightning>=2"),
        addition=("      - lightning", "      - humanize"),
        peers=("py-rattler, then uv",),
    ),
)

#: A clash of two lines that stands deep in the environment, for each case where one is asked for.
CLASH = ("  - pyarrow", "  - pyarrow>=20\n  - libprotobuf<4")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a run's files lie: caches that stay, channels in two forms."""

    root: Path
    channels: Path  #: as lockstack reads them
    prepared: Path  #: as py-rattler does
    other_index: str = ""  #: in place of the default one

    @property
    def index(self) -> str:
        """The index that all sides are given."""
        return self.other_index or default_index()

    @property
    def cache(self) -> Path:
        """The cache of lockstack."""
        return self.root / "ours"

    def forget_answers(self, *, packs: bool = False) -> None:
        """Take the remembered answers away, so that the next run must search; ``packs``: like a first one."""
        for pattern in ("answer-*", "pack-*")[: 2 if packs else 1]:
            for folder in list(self.cache.rglob(pattern)):
                shutil.rmtree(folder)

    def keep_packs(self) -> None:
        """Set the packs that there are aside, for :meth:`give_packs_back`."""
        (self.root / "packs").mkdir(exist_ok=True)
        for folder in self.cache.rglob("pack-*"):
            shutil.copytree(folder, self.root / "packs" / folder.relative_to(self.cache))

    def give_packs_back(self) -> None:
        """Put those there again that were set aside, in place of all others."""
        self.forget_answers(packs=True)
        shutil.copytree(self.root / "packs", self.cache, dirs_exist_ok=True)

    def lock(self, source: Path, output: Path, *more: str | Path) -> list[str | Path]:
        """Return the command that locks a file."""
        return [
            sys.executable, "-m", "lockfiles.cli", source, "-o", output, "-q", "-p", "linux-64",
            "--channel-alias", self.channels, "--index-url", self.index,
            "--cache-dir", self.cache, *more,
        ]  # fmt: skip


def two_steps(case: Case, source: Path, place: Place, more: Sequence[str]) -> list[str | Path]:
    """Return the command of py-rattler's solve, and uv's behind it where there are pip lines."""
    virtual = ["--virtual", f"__cuda={case.cuda}"] if case.cuda else []
    return [
        sys.executable, "-m", "benchmarks.two_steps", source, place.prepared, "--index", place.index,
        "--cache", place.root / "uv", *virtual, *more,
    ]  # fmt: skip


def uv(case: Case, source: Path, place: Place, more: Sequence[str]) -> list[str | Path]:
    """Return the command of ``uv pip compile``."""
    return [
        "uv", "pip", "compile", source, "-o", place.root / f"{case.name}-uv.txt", "-q", "--no-header",
        "--no-annotate", "--python", sys.executable, "--python-version", PYTHON, "--python-platform",
        "x86_64-manylinux_2_28", "--cache-dir", place.root / "uv", "--default-index", place.index,
        "--generate-hashes", "--upgrade", *more,
    ]  # fmt: skip


def pip(case: Case, source: Path, place: Place, more: Sequence[str]) -> list[str | Path]:
    """Return the command of pip's resolver; it can't be told to ask nobody, so it is warm at best."""
    del more
    tags = ["manylinux2014", *(f"manylinux_2_{minor}" for minor in range(17, 29))]
    platforms = [text for tag in tags for text in ("--platform", f"{tag}_x86_64")]
    return [
        sys.executable, "-m", "pip", "install", "--dry-run", "--ignore-installed", "--quiet",
        "--report", place.root / f"{case.name}-pip.json", "--only-binary", ":all:",
        "--python-version", PYTHON, *platforms, "--target", place.root / "nowhere",
        "--index-url", place.index, "--cache-dir", place.root / "pip", "-r", source,
    ]  # fmt: skip


def resolvelib(case: Case, source: Path, place: Place, more: Sequence[str]) -> list[str | Path]:
    """Return the command of our sources behind resolvelib's search."""
    output = place.root / f"{case.name}-resolvelib.yml"
    return place.lock(source, output, "--update-all", "--engine", "resolvelib", *case.target, *more)


PEERS: dict[str, Callable[[Case, Path, Place, Sequence[str]], list[str | Path]]] = {
    "py-rattler, then uv": two_steps,
    "py-rattler": two_steps,
    "uv": uv,
    "pip": pip,
    "resolvelib": resolvelib,
}
#: Peers that ask the network in every run.
ALWAYS_ONLINE = frozenset({"pip"})
#: Peers that are never cold behind a run of ours.
SHARE_OUR_CACHE = frozenset({"resolvelib"})


def start(command: Sequence[str | Path]) -> Run:
    """Run a command with nothing of the user's settings."""
    return run(command, clean_environ())
