"""``--resolution``: the lowest versions that bounds allow, of all packages or of lines alone; beside uv."""

from __future__ import annotations

import random
import re
import subprocess
import sysconfig
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml
from packaging.version import Version

from lockfiles.formats.conda_lock.target_keys import RESOLUTION
from tests.end_to_end.inside import run
from tests.end_to_end.said_world import PYTHON, World
from tests.support.channel import record
from tests.support.packages import index_files, make_wheel
from tests.support.server import LoopbackServer

MODES = ("highest", "lowest", "lowest-direct")
UV = Path(sysconfig.get_path("scripts")) / "uv"
INDEX = {
    "app": {"1.0": ["lib>=1"], "2.0": ["lib>=2"], "3.0": ["lib>=3"]},
    "lib": {"1.0": [], "2.0": [], "3.0": [], "4.0rc1": []},
    "new": {"1.0": ["lib>=2"], "1.1a1": ["lib>=2"]},
}
CHANNEL = (
    *PYTHON,
    record("python", "3.10.2", "0_cpython"),
    *(record("pip", version, depends=["python"]) for version in ("1.0", "22.0")),
    record("tool", "1.0", "h_0", depends=["dep"]),
    record("tool", "1.0", "h_1", 1, depends=["dep"]),
    record("tool", "2.0", "h_0", depends=["dep"]),
    record("dep", "1.0", "0"),
    record("dep", "2.0", "0"),
)
#: what pip lines need and no line names
IMPLIED = {"python": "3.11.9", "pip": "24.0"}


@pytest.fixture
def world(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> World:
    world = World(tmp_path, capsys)
    world.channel(*CHANNEL)
    world.index("own", INDEX)
    return world


def pins(world: World) -> dict[str, str]:
    packages = yaml.safe_load((world.folder / "conda-lock.yml").read_text())["package"]
    return {one["name"]: one["version"] for one in packages}


CASES = [
    ("pip: all of them", "lowest", ["app>=2"], [], {"app": "2.0", "lib": "2.0", **IMPLIED}),
    ("pip: what is asked for", "lowest-direct", ["app>=2"], [],
     {"app": "2.0", "lib": "3.0", **IMPLIED}),
    ("pip: the newest", "highest", ["app>=2"], [], {"app": "3.0", "lib": "3.0", **IMPLIED}),
    ("two lines that need each other's bounds", "lowest", ["app", "new"], [],
     {"app": "1.0", "new": "1.0", "lib": "2.0", **IMPLIED}),
    ("a pre-release that is named", "lowest", ["new>=1.1a1"], [],
     {"new": "1.1a1", "lib": "2.0", **IMPLIED}),
    ("a pre-release that only bounds leave", "lowest", ["lib>3"], [],
     {"lib": "4.0rc1", **IMPLIED}),
    ("conda: all of them, the best build", "lowest", [], ["tool"], {"tool": "1.0", "dep": "1.0"}),
    ("conda: what is asked for", "lowest-direct", [], ["tool >=1.5"], {"tool": "2.0", "dep": "2.0"}),
    ("a python that is asked for", "lowest", ["lib"], ["python >=3.10"],
     {"lib": "1.0", "python": "3.10.2", "pip": "24.0"}),
    ("a bare pip installs what the pip lines ask for", "lowest", ["lib"], ["pip"], {"lib": "1.0", **IMPLIED}),
    ("the same, of what is asked for alone", "lowest-direct", ["lib"], ["pip"], {"lib": "1.0", **IMPLIED}),
    ("a pip with a bound", "lowest", ["lib"], ["pip >=21"],
     {"lib": "1.0", "pip": "22.0", "python": "3.11.9"}),
    ("one that isn't, for conda's sake", "lowest", [], ["pip"], {"pip": "24.0", "python": "3.10.2"}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("mode", "pip", "conda", "expected"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_lock(world: World, mode: str, pip: list[str], conda: list[str], expected: dict[str, str]) -> None:
    said = world.lock(world.environment(*conda, pip=pip), "--index-url", "own", "--resolution", mode)
    assert said.code == 0, said.err
    assert pins(world) == expected
    custom = yaml.safe_load((world.folder / "conda-lock.yml").read_text())["metadata"]["custom_metadata"]
    assert custom.get(RESOLUTION) == (None if mode == "highest" else mode)
    assert f", {mode} versions" in said.err or mode == "highest"
    assert said.of("held-back") == []


def test_a_missing_bound_is_said(world: World) -> None:
    name = world.environment("tool", "dep <2", "pip", pip=["app", "lib>=1", "new!=1.0"])
    said = world.lock(name, "--index-url", "own", "--resolution", "lowest", "--dry-run")
    (text,) = said.of("no-lower-bound")
    told, behind = "no lower bound on `tool`, `dep`, `app`, `new`", "goes back to the first version there is"
    assert text == f"{told}: resolution lowest {behind}"


def test_a_pin_that_stays_goes_back_to_nothing(world: World) -> None:
    flags = ("--index-url", "own", "--resolution", "lowest")
    assert world.lock(world.environment(pip=["app>=2"]), *flags).code == 0
    name = world.environment(pip=["app"])
    assert world.lock(name, *flags).of("no-lower-bound") == []
    assert pins(world)["app"] == "2.0"
    assert len(world.lock(name, *flags, "--update", "app").of("no-lower-bound")) == 1
    assert pins(world)["app"] == "1.0"


@pytest.mark.parametrize(("mode", "version"), [("highest", "2.0"), ("lowest", "1.0")])
def test_a_change_is_solved_in_the_mode_asked_for(
    world: World, capsys: pytest.CaptureFixture[str], mode: str, version: str
) -> None:
    name = world.environment("toool")
    assert run("explain", name, "-p", "linux-64", "--resolution", mode, folder=world.folder) == 4
    assert f"`toool` -> `tool`   gives tool {version}" in capsys.readouterr().out


def test_pins_of_another_mode_go(world: World) -> None:
    name = world.environment(pip=["app"])
    flags = (name, "--index-url", "own")
    world.lock(*flags)
    assert pins(world)["app"] == "3.0"
    assert world.lock(*flags, "--check", "--resolution", "lowest").code == 5
    said = world.lock(*flags, "--resolution", "lowest")
    assert "was made with resolution `highest`: with `lowest` none of its pins stays" in said.err
    assert pins(world)["app"] == "1.0"
    said = world.lock(name, "--index-url", "own", "--resolution", "lowest", "--check")
    assert said.code == 0, said.err
    said = world.lock(world.environment(pip=["app", "new"]), "--index-url", "own", "--resolution", "lowest")
    assert "none of its pins" not in said.err
    assert pins(world)["app"] == "1.0"


# --- beside uv ---


def draw(seed: int) -> tuple[dict[str, dict[str, list[str]]], list[str]]:
    """Return six projects of up to four versions, and two or three lines."""
    rng = random.Random(seed)  # noqa: S311
    names = [f"p{n}" for n in range(6)]
    versions = ["1.0", "1.1", "2.0", "3.0"]
    index: dict[str, dict[str, list[str]]] = {}
    for name in names:
        index[name] = {}
        for version in sorted(rng.sample(versions, rng.randint(1, 4))):
            others = rng.sample([other for other in names if other != name], rng.choice([0, 1, 1, 2]))
            index[name][version] = [f"{other}{bound(rng, versions)}" for other in others]
    return index, [f"{name}{bound(rng, versions)}" for name in rng.sample(names, rng.randint(2, 3))]


def bound(rng: random.Random, versions: list[str]) -> str:
    return rng.choice(
        ["", f">={rng.choice(versions)}", f">={rng.choice(versions)}", f"<{rng.choice(versions[1:])}"]
    )


def by_uv(lines: str, mode: str, url: str) -> dict[str, str] | None:
    """Return uv's pins; None: it finds no solution."""
    command = [
        UV,
        "pip",
        "compile",
        "-",
        "--resolution",
        mode,
        "--index-url",
        url,
        "--no-header",
        "--no-annotate",
    ]
    done = subprocess.run(
        [*command, "--python-version", "3.11", "--no-cache", "--no-config", "--quiet"],
        input=lines, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    found = dict(re.findall(r"^(\S+)==(\S+)$", done.stdout, re.MULTILINE))
    assert done.returncode == 0 or "No solution found" in done.stderr, done.stderr
    return found if done.returncode == 0 else None


def worse(ours: Mapping[str, str], theirs: Mapping[str, str], names: list[str], mode: str) -> bool:
    """Tell whether uv's requested versions are nowhere worse than ours and somewhere better."""
    sign = 1 if mode == "highest" else -1
    order = [
        sign * ((Version(theirs[n]) > Version(ours[n])) - (Version(theirs[n]) < Version(ours[n])))
        for n in names
    ]
    return min(order) >= 0 and max(order) > 0


@pytest.mark.skipif(not UV.is_file(), reason="uv is not installed")
@pytest.mark.parametrize("seed", range(5))
def test_never_dominated_by_uv(seed: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    index, lines = draw(seed)
    wheels = {
        name: {f"{name}-{v}-py3-none-any.whl": make_wheel(name, v, needs) for v, needs in versions.items()}
        for name, versions in index.items()
    }
    names = [re.split("[<>]", line)[0] for line in lines]
    world = World(tmp_path, capsys)
    world.write("requirements.txt", "\n".join(lines) + "\n")
    with LoopbackServer(files=index_files(wheels)) as server:
        for mode in MODES:
            said = world.lock(
                "requirements.txt", "--python", "3.11", "--index-url", f"{server.url}/simple",
                "--resolution", mode, "--update-all", "-o", "conda-lock.yml",
            )  # fmt: skip
            theirs = by_uv("\n".join(lines), mode, f"{server.url}/simple")
            assert said.code == (0 if theirs is not None else 4), said.err
            if theirs is not None:
                assert not worse(pins(world), theirs, names, mode)
