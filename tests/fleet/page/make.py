"""Records of fleets that nobody locked: small ones, large ones of a real shape, hostile ones."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from lockfiles.fleet.causes import ClashingLine, Failure
from lockfiles.fleet.page.building import PageBuilder
from lockfiles.fleet.page.model import FleetPage, PageMerges
from lockfiles.fleet.page.places import PageTexts
from lockfiles.fleet.records import (
    FindingRow,
    FleetRecord,
    ImageRow,
    NoticeRow,
    PackageRow,
    TargetRow,
)

SYLLABLES = (
    "lib",
    "py",
    "torch",
    "num",
    "data",
    "io",
    "xml",
    "core",
    "tools",
    "ssl",
    "kit",
    "net",
    "gpu",
    "flow",
)
TEAMS = ("vision", "fraud", "search", "speech", "ranking", "ads", "maps", "pricing")


def package(
    name: str,
    version: str = "1.0",
    *needs: int,
    asked: bool = False,
    pypi: bool = False,
    build: str = "0",
    size: int | None = 1000,
) -> PackageRow:
    """A row; ``needs``: places in the rows of its target."""
    if pypi:
        place = ("", "https://index.example/simple", size, asked, f"{name}.whl", needs)
        return PackageRow("pypi", name, version, *place)
    file = f"{name}-{version}-{build}.conda"
    return PackageRow("conda", name, version, build, "conda-forge", size, asked, file, needs)


def done(file: str, *rows: PackageRow, platform: str = "linux-64", **fields: object) -> FleetRecord:
    """The record of a file that was locked, anew where nothing else is said."""
    made = FleetRecord(
        file=file, code=0, outcome="done", output=file.replace(".yml", ".conda-lock.yml"), digest="0" * 64,
        is_written=True, seconds=0.25,
        targets=(TargetRow(platform=platform, python="3.12.0", packages=rows),),
    )  # fmt: skip
    return replace(made, **fields)  # type: ignore[arg-type]


def unsolvable(file: str, *lines: str) -> FleetRecord:
    """The record of a file whose lines can't hold together."""
    clash = tuple(ClashingLine(text=text, file=file, line=place) for place, text in enumerate(lines, start=4))
    message = "\n".join(["no solution for linux-64:", *(f"  {file}:{one.line}: {one.text}" for one in clash)])
    failure = Failure(
        kind="NoSolutionError", message=message, hint="read on elsewhere", lines=clash,
        cause=" | ".join(sorted(lines)),
    )  # fmt: skip
    return FleetRecord(file=file, code=4, outcome="no solution", seconds=0.5, failures=(failure,))


def page_of(
    records: Sequence[FleetRecord], *, is_dry: bool = False, merges: PageMerges | None = None
) -> FleetPage:
    """The page of records, as a run in /home/someone/work would make it."""
    builder = PageBuilder(PageTexts([("/home/someone/work", "."), ("/home/someone", "~")], []), is_dry=is_dry)
    for record in records:
        builder.take(record)
    work = tuple(dict.fromkeys(work for record in records for work in record.work))
    return builder.finish(title="envs", work=work, version="0.1.0", date="2026-01-31", merges=merges)


# -- large fleets -------------------------------------------------------------------------------------


class _World:
    """Names with versions, and what they need, from which environments are drawn."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        names = [f"{chance.choice(SYLLABLES)}{chance.choice(SYLLABLES)}-{n:04}" for n in range(3000)]
        self.names = ["python", "openssl", "libgcc", "numpy", *names]
        self.needs = [
            tuple(sorted({chance.randrange(min(place, 60)) for _ in range(chance.randrange(1, 6))}))
            if place
            else ()
            for place in range(len(self.names))
        ]
        self.base = list(range(60))
        self.families = [sorted(chance.sample(range(60, len(self.names)), 320)) for _ in range(60)]

    def rows(self) -> tuple[PackageRow, ...]:
        """An environment of a family: its base and most of what the family has, in versions of some day."""
        chance = self.chance
        family = chance.choice(self.families)
        chosen = [*self.base, *sorted(chance.sample(family, chance.randrange(90, len(family))))]
        place_of = {name: place for place, name in enumerate(chosen)}
        day = chance.randrange(6)
        return tuple(
            package(
                self.names[name], f"{name % 7}.{(day + name) % 9 if chance.random() < 0.9 else 9}.{name % 4}",
                *(place_of[needed] for needed in self.needs[name]),
                asked=chance.random() < 0.05, pypi=name % 4 == 3, build=f"py31{day % 3}h{name:07x}_0",
                size=None if name % 97 == 0 else 10_000 * (name % 900 + 1),
            )
            for name in chosen
        )  # fmt: skip


CLASHES = [("python=3.8", "numpy>=2"), ("cudatoolkit=11.8", "pytorch>=2.6"), ("nosuch-package",),
           ("tensorflow=1.15", "python>=3.9"), ("scikit-learn=0.19", "scipy>=1.12")]  # fmt: skip
RULES = [("channels/mixed", "warning"), ("torch/cuda", "error"), ("openmp/mixed", "warning"),
         ("image/never-published", "error"), ("supply/near-popular-name", "note")]  # fmt: skip


def drawn_records(count: int, seed: int = 1) -> Iterator[FleetRecord]:
    """Yield so many records of a fleet whose shape is that of real ones; equal seeds give equal records."""
    chance = random.Random(seed)  # noqa: S311  (a shape, no secret)
    world = _World(chance)
    for number in range(count):
        file = f"{chance.choice(TEAMS)}/{chance.choice(SYLLABLES)}-{number:05}/environment.yml"
        if chance.random() < 0.06:
            yield unsolvable(file, *chance.choice(CLASHES))
            continue
        record = done(
            file, *world.rows(), seconds=round(chance.expovariate(0.7), 3), work=("lock", "check", "hash")
        )
        yield replace(record, **_drawn(chance, file))


def _drawn(chance: random.Random, file: str) -> dict[str, object]:
    rules = [one for one in RULES if chance.random() < 0.15]
    findings = tuple(
        FindingRow(rule=rule, severity=severity, message=f"{rule}: seen in case {chance.randrange(6)}",
                   evidence=("a package is one of them",), platform="linux-64", fix="Take another version.")
        for rule, severity in rules
    )  # fmt: skip
    is_bad = any(severity == "error" for _, severity in rules)
    state = chance.random()
    image = ImageRow(kind="conda-environment", value=f"{chance.randrange(400):064x}", certainty="exact")
    notice = NoticeRow(
        code="default-python", severity="note", text="python 3.12 was chosen: no line asks for one"
    )
    return {
        "findings": findings,
        "code": 5 if is_bad else 0,
        "outcome": "findings" if is_bad else "done",
        "is_written": state < 0.5,
        "changes": None if state < 0.1 else int(20 * (state < 0.5)),
        "images": (image,),
        "notices": (notice,) if chance.random() < 0.3 else (),
        "output": file.replace("environment.yml", "conda-lock.yml"),
    }


HOSTILE = (
    "</script><script>window.hit=1</script>",
    "<img src=x onerror='window.hit=1'>",
    '"><svg/onload=window.hit=1>',
    "{{window.hit=1}}${window.hit=1}",
    "<!--<script>window.hit=1//-->",
    "javascript:window.hit=1",
    "</title></style></textarea><iframe srcdoc='<script>top.hit=1</script>'>",
    "\u2028\u2029\x00\x1b[31m\u202e%%DATA%%%%SCRIPT%%",
    "\\u003cscript\\u003e&lt;b&gt;&amp;#x3c;",
    "__proto__",
    "constructor",
    "a" * 400,
)


def hostile_records() -> list[FleetRecord]:
    """Records in which every text from outside is hostile."""
    records = []
    for place, text in enumerate(HOSTILE):
        other = HOSTILE[(place + 1) % len(HOSTILE)]
        rows = (
            PackageRow("conda", text, other, text, other, place, True, text, (1,)),
            PackageRow("pypi", other, text, "", text, None, False, other),
        )
        line = ClashingLine(text=text, file=other, line=1)
        found = FindingRow(rule=text, severity="error", message=other, fix=text, evidence=(other,))
        failure = Failure(kind=text, message=other, hint=text, lines=(line, line), cause=text)
        target = TargetRow(platform=other, python=text, packages=rows, unproven=(text,))
        records.append(
            FleetRecord(
                file=text, code=4, outcome="no solution", work=("lock", "check", "hash"), output=other,
                digest="0", targets=(target,), findings=(found,), failures=(failure,), reasons=(text,),
                images=(ImageRow(kind=text, value=other, certainty=text),), same_as=other,
                notices=(NoticeRow(code=text, severity="note", text=other),),
            )
        )  # fmt: skip
    return records
