"""Inputs of our own beside the collected cases: of each kind at least two, with what is right for them.

Kinds whose siblings have a module of their own: hashes (``test_given_hashes``), CUDA builds
(``test_cuda_builds``), pip and conda (``test_pip_from_conda``), wanted Pythons (``test_wanted_python``),
constraints that name places (``test_url_constraints``), tables of a pyproject.toml
(``tests/inputs/test_pyproject_tables``), variables in addresses (``tests/inputs/test_repositories``), logs
(``tests/explain/logs``), definitions (``tests/identity/test_lint``).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.end_to_end.inside import run
from tests.end_to_end.said_world import PYTHON, World
from tests.support.channel import record

RECORDS = (
    *PYTHON,
    record("python", "3.12.4", "0_cpython"),
    record("numpy", "1.26.4", "py311_0", depends=["python >=3.11,<3.12.0a0"]),
    record("numpy", "2.1.0", "py312_0", depends=["python >=3.12,<3.13.0a0"]),
    record("gpulib", "1.0", "cuda12_py311_0", depends=["python >=3.11,<3.12.0a0", "__cuda >=12.4"]),
    record("gpulib", "1.0", "cpu_py311_0", depends=["python >=3.11,<3.12.0a0"]),
    record("mpilib", "2.0", "mpi_openmpi_h1_0"),
    record("itables", "2.0", "0", depends=["python"]),
)
INDEX: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "iniconfig": {"2.0": ()},
    "base": {"1.0": ()},
    "user": {"1.0": ("base[missing]",)},
    "torch": {"2.6.0": (), "2.7.0": ()},
    "numpy": {"1.26.4": (), "2.1.0": ()},
    "pyyaml": {"6.0": ()},
    "opencv-python": {"4.10.0": ()},
    "six": {"1.17.0": ()},
}
FOLDER = "channels: [./channel]\ndependencies: "


class Sibling(NamedTuple):
    """One run."""

    kind: str  #: the case that it stands beside
    why: str
    text: str
    run: tuple[str, ...] = ()  #: a verb (``lock`` where none is named) and flags
    code: int = 0
    said: tuple[str, ...] = ()
    unsaid: tuple[str, ...] = ()
    locked: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    file: str = "environment.yml"
    beside: Mapping[str, str] = {}


def pip(*lines: str, conda: str = "python=3.11, pip") -> str:
    return f"{FOLDER}[{conda}, {{pip: {json.dumps(list(lines))}}}]\n"


SIBLINGS = (
    # a marker that is false
    Sibling("marker-false-crash", "on the platform, the only pip line",
            pip('tomli ; sys_platform == "win32"'),
            locked=("python 3.11", "pip "), absent=("tomli",)),
    Sibling("marker-false-crash", "with an extra, beside a line that holds",
            pip('base[x] ; python_version < "3.0"', "base"), locked=("base 1.0",), unsaid=("no extra",)),
    Sibling("marker-false-crash", "in a constraint", pip("-c limits.txt", "iniconfig"),
            locked=("iniconfig 2.0",),
            beside={"limits.txt": 'iniconfig<1 ; python_version < "3.0"\n'}),
    # extras that a release lacks
    Sibling("unknown-extra", "two at once", pip("base[one,two]"), said=("`one`", "`two`"),
            locked=("base 1.0",)),
    Sibling("unknown-extra", "asked for by a package", pip("user"), locked=("user 1.0", "base 1.0"),
            said=("`missing`",)),
    # builds
    Sibling("build-only-spec", "a part, where the builds need no machine", f"{FOLDER}['mpilib=*=openmpi']\n",
            ("explain",), 4, ("no such build", "`mpilib=*=openmpi` -> `mpilib=*=*openmpi*`")),
    Sibling("build-only-spec", "a part, and the machine is not named",
            f"{FOLDER}[python=3.11, 'gpulib=*=cuda12']\n", ("explain",), 4,
            ("no such build", "gpulib=*=*cuda12*", "--virtual-package __cuda=12.4")),
    Sibling("build-only-spec", "nothing like it", f"{FOLDER}['mpilib=*=mpich']\n", ("explain",), 4,
            ("no such build; there are mpi_openmpi_h1_0",), ("*mpich*",)),
    # no python
    Sibling("no-python-in-channel", "a channel without one, and `--python`",
            "channels: [./empty]\ndependencies: [alone, pip: [six]]\n", ("explain", "--python", "3.11"), 4,
            ("python",), ("Stopped after",)),
    Sibling("no-python-in-channel", "none for the line's version", pip("six", conda="python=3.8"),
            ("explain",), 4,
            ("python=3.8",), ("Stopped after",)),
    # local versions
    Sibling("local-version-index", "in an environment file", pip("torch==2.6.0+cpu"), ("explain",), 4,
            ("https://download.pytorch.org/whl/cpu",), ("torch>=2.6",)),
    Sibling("local-version-index", "of CUDA, in a requirements file", "torch==2.6.0+cu124\n", ("explain",), 4,
            ("https://download.pytorch.org/whl/cu124",), ("torch>=2.6",), file="requirements.txt"),
    # names
    Sibling("typo", "the name of an import, on the index", "yaml\ncv2\n", ("explain", "--python", "3.11"), 4,
            ("`yaml` -> `pyyaml`", "`cv2` -> `opencv-python`"), file="requirements.txt"),
    Sibling("typo", "the name of an import, in conda", f"{FOLDER}[python=3.11, cv2]\n", ("explain",), 4,
            ("cv2",),
            ("itables",)),
    Sibling("typo", "a package that only another channel has is none", f"{FOLDER}[pytables]\n",
            ("explain",), 4,
            ("pytables",), ("`pytables` -> `itables`", "near it")),
    # ranges
    Sibling("empty range", "of a pip line keeps a bound", "numpy>=2,<1\n", ("explain", "--python", "3.12"), 4,
            ("no version is both >=2 and <1", "`numpy>=2,<1` -> `numpy>=2`"), ("1.26,<1.27",),
            file="requirements.txt"),
    Sibling("empty range", "of a conda line", f"{FOLDER}['numpy >=3,<2']\n", ("explain",), 4,
            ("no version is both >=3 and <2", "`numpy <2`")),
    Sibling("widened range", "a series keeps all of itself", f"{FOLDER}[python=3.11, numpy=2]\n",
            ("explain",), 4,
            ("`numpy>=1.26,<3`",), ("<=2`",)),
    # small things
    Sibling("small-things", "`--update` with a version that is there", f"{FOLDER}[python]\n",
            ("--update", "python=3.11"), 2, ("`--update python=3.11`",)),
    Sibling("small-things", "`platform:`", f"platform: [linux-64]\n{FOLDER}[python]\n",
            said=("`platform` is read as `platforms`",), locked=("python 3.12",)),
    Sibling("small-things", "an abbreviated option of pip's", pip("--extra-index ./index", "six"),
            locked=("six 1.17.0",)),
    Sibling("small-things", "an option that fits several is refused", pip("--e ./index", "six"), code=2,
            said=("--e",)),
    Sibling("small-things", "folders of conda's build machine",
            "a @ file:///croot/a_1/work\nb @ file:///tmp/build/80754af9/b_1/work\nsix==1.17.0\n", code=2,
            said=("`a @ file:///croot/a_1/work`", "`b` (line 2)"), file="requirements.txt"),
    Sibling("small-things", "a job's YAML to lock", "command: python t.py\nenvironment:\n  image: a:1\n",
            code=2, said=("job",), file="job.yml"),
    Sibling("small-things", "a job's YAML to check", "command: python t.py\nenvironment:\n  image: a:1\n",
            ("check",), 2, ("job",), file="job.yml"),
    Sibling("small-things", "eight impossible lines are a cap, not the time",
            f"{FOLDER}[{', '.join(f'nothing{n}x' for n in range(8))}]\n", ("explain",), 4, ("nothing0x",
            "nothing7x"),
            ("Stopped after",)),
    Sibling("small-things", "an explicit file to diff",
            "@EXPLICIT\nhttps://conda.anaconda.org/c/linux-64/a-1-0.conda\n",
            ("diff", "e.txt"), said=(), unsaid=("not YAML",), file="e.txt"),
    Sibling("small-things", "a word behind an option", pip("--pre six"),
            said=("`six` stands behind an option",),
            absent=("six",)),
    Sibling("small-things", "variables and prefix", f"prefix: /a\nvariables: {{A: b}}\n{FOLDER}[python]\n",
            said=("`variables` (`A`)", "`prefix`"), locked=("python 3.12",)),
)  # fmt: skip


@pytest.mark.parametrize("case", SIBLINGS, ids=lambda case: f"{case.kind}: {case.why}")
def test_sibling(case: Sibling, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    world = World(tmp_path, capsys)
    world.channel(*RECORDS)
    world.channel(record("alone"), name="empty")
    world.index("index", INDEX)
    for name, text in {case.file: case.text, **case.beside}.items():
        world.write(name, text)
    given = list(case.run)
    verb = given.pop(0) if given and not given[0].startswith("-") else "lock"
    flags = ["-p", "linux-64", "--virtual-package", "__glibc=2.35", "--index-url", "index"]
    flags += ["--json"] if verb == "lock" and not case.code else []
    capsys.readouterr()
    code = run(
        *([] if verb == "lock" else [verb]),
        case.file,
        *given,
        *([] if verb == "diff" else flags),
        folder=tmp_path,
    )
    said = capsys.readouterr()
    printed = said.out + said.err
    assert code == case.code, printed
    assert [text for text in case.said if text not in printed] == [], printed
    assert [text for text in case.unsaid if text in printed] == [], printed
    if case.locked or case.absent:
        found = packages(json.loads(said.out))
        assert [start for start in case.locked if not any(one.startswith(start) for one in found)] == [], (
            found
        )
        assert [one for one in found if one.split()[0] in case.absent] == []


def packages(document: dict[str, Any]) -> list[str]:
    (platform,) = document["platforms"]
    return [f"{package['name']} {package['version']}" for package in platform["packages"]]
