"""Hashes that the user gives: each file is compared with them, wherever it comes from."""

from __future__ import annotations

import hashlib
import re
import shutil
from pathlib import Path

import pytest

from tests.end_to_end.said_world import Said, World
from tests.support.packages import make_wheel
from tests.support.server import LoopbackServer

NAME = "extra-0.1.0-py3-none-any.whl"
WHEEL = make_wheel("extra", "0.1.0")
OTHER = make_wheel("extra", "0.1.0", ["six"])
WRONG = "0" * 64


def digest(data: bytes = WHEEL, kind: str = "sha256") -> str:
    return hashlib.new(kind, data).hexdigest()


RIGHT = digest()
PYTHON = ("--python", "3.11")


@pytest.fixture
def world(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> World:
    made = World(tmp_path, capsys)
    (tmp_path / "wheels").mkdir()
    (tmp_path / "wheels" / NAME).write_bytes(WHEEL)
    return made


def lock(world: World, text: str, *flags: str, constraints: str = "") -> Said:
    for place in ("FILE", "FOLDER"):
        folder = world.folder / "wheels"
        address = (folder / NAME if place == "FILE" else folder).as_uri()
        text, constraints = text.replace(place, address), constraints.replace(place, address)
    if constraints:
        world.write("constraints.txt", constraints)
        text = f"-c constraints.txt\n{text}"
    world.write("requirements.txt", text)
    return world.lock("requirements.txt", *PYTHON, *flags)


#: why, lines, constraints; HASH stands for one that is right or wrong
DIRECT = [
    ("behind the reference", "extra @ FILE --hash=HASH", ""),
    ("behind a reference without a name", "FILE --hash=HASH", ""),
    ("in the fragment", "extra @ FILE#KIND=HEX", ""),
    ("behind the line that a constraint gives a place", "extra==0.1.0 --hash=HASH", "extra @ FILE"),
    ("behind the constraint", "extra", "extra @ FILE --hash=HASH"),
    ("behind a constraint beside the reference", "extra @ FILE", "extra==0.1.0 --hash=HASH"),
    ("in hash-checking mode", "--require-hashes\nextra @ FILE --hash=HASH", ""),
]


@pytest.mark.parametrize("kind", ["sha256", "sha384", "sha512"])
@pytest.mark.parametrize(("text", "constraints"), [c[1:] for c in DIRECT], ids=[c[0] for c in DIRECT])
def test_a_direct_reference(text: str, constraints: str, kind: str, world: World) -> None:
    right, wrong = digest(kind=kind), "0" * len(digest(kind=kind))
    for value, code in ((right, 0), (wrong, 2)):
        said = lock(
            world,
            _given(text, kind, value),
            "--no-index",
            constraints=_given(constraints, kind, value),
        )
        assert said.code == code, said.out
        if code:
            assert right in said.out
            assert wrong in said.out
            assert re.search(r"(requirements|constraints)\.txt", said.out)


def _given(text: str, kind: str, value: str) -> str:
    return text.replace("HASH", f"{kind}:{value}").replace("KIND", kind).replace("HEX", value)


def test_one_of_several_hashes_will_do(world: World) -> None:
    line = f"extra @ FILE --hash=sha256:{WRONG} --hash=sha256:{RIGHT}"
    assert lock(world, line, "--no-index").code == 0


def test_at_an_address_also_when_it_was_read_before(world: World) -> None:
    with LoopbackServer({NAME: WHEEL}) as server:
        for kind, value, code in (
            ("sha256", RIGHT, 0), ("sha256", WRONG, 2), ("sha512", digest(kind="sha512"), 0),
            ("sha512", "0" * 128, 2), ("sha384", "0" * 96, 2),
        ):  # fmt: skip
            said = lock(world, f"extra @ {server.url}/{NAME} --hash={kind}:{value}", "--no-index")
            assert (said.code, digest(kind=kind) in said.out) == (code, code == 2 or kind == "sha256"), (
                said.out
            )


def test_a_folder_has_no_hash(world: World) -> None:
    (world.folder / "tree").mkdir()
    world.write("tree/pyproject.toml", "[project]\nname = 'extra'\nversion = '0.1.0'\n")
    said = lock(world, f"extra @ {(world.folder / 'tree').as_uri()} --hash=sha256:{RIGHT}", "--no-index")
    assert said.code == 2
    assert "comes from a folder, whose hash can't be checked" in said.out


@pytest.mark.parametrize("kind", ["sha256", "sha512"])
@pytest.mark.parametrize("place", ["./wheels", f"./wheels/{NAME}", "./page.html", "FOLDER"])
def test_files_without_a_hash_in_their_listing_are_hashed(place: str, kind: str, world: World) -> None:
    world.write("page.html", f"<a href='wheels/{NAME}'>{NAME}</a>")
    for value, code in ((digest(kind=kind), 0), ("0" * len(digest(kind=kind)), 4)):
        line = f"--no-index\n--find-links {place}\nextra==0.1.0 --hash={kind}:{value}"
        said = lock(world, line)
        assert said.code == code, said.out
        assert digest(kind=kind) in said.out or not code
        assert value in said.out or not code


def test_an_index_with_another_file(world: World) -> None:
    world.index("index", {"extra": {"0.1.0": ["six"]}, "six": {"1.0": []}})
    found = digest((world.folder / "index" / "extra" / NAME).read_bytes())
    said = lock(world, f"extra==0.1.0 --hash=sha256:{RIGHT}", "--index-url", "index")
    assert said.code == 4
    text = f"the hash of `{NAME}` is sha256:{found}, not sha256:{RIGHT} as required"
    assert text in said.out


def test_the_files_for_the_platform_are_told_first(world: World) -> None:
    (world.folder / "wheels" / NAME).unlink()
    tags = ("win_amd64", "win_arm64", "macosx_11_0_arm64", "manylinux_2_17_x86_64")
    for tag in tags:
        (world.folder / "wheels" / f"extra-0.1.0-cp311-cp311-{tag}.whl").write_bytes(WHEEL + tag.encode())
    line = f"--no-index\n--find-links ./wheels\nextra==0.1.0 --hash=sha256:{WRONG}"
    said = lock(world, line)
    assert said.code == 4
    found = digest(WHEEL + tags[3].encode())
    first = f"the hash of `extra-0.1.0-cp311-cp311-manylinux_2_17_x86_64.whl` is sha256:{found}"
    assert f"`extra==0.1.0`: {first}" in said.out
    assert "(1 more files)" in said.out
    of_windows = digest(WHEEL + b"win_amd64")
    said = lock(world, line.replace(WRONG, of_windows))
    assert said.code == 4
    assert (
        "what has a required hash (`extra-0.1.0-cp311-cp311-win_amd64.whl`) does not fit linux-64" in said.out
    )


def test_check_compares_with_the_lockfile(world: World) -> None:
    for line in (
        "extra @ FILE --hash=sha256:HEX",
        "extra==0.1.0 --hash=sha256:HEX",
        "extra @ FILE#sha256=HEX",
    ):
        flags = ("--no-index", "--find-links", str(world.folder / "wheels"), "--update-all")
        assert lock(world, line.replace("HEX", RIGHT), *flags).code == 0
        assert lock(world, line.replace("HEX", RIGHT), *flags, "--check").code == 0
        said = lock(world, line.replace("HEX", WRONG), *flags, "--check")
        assert said.code == 5
        assert f"the lockfile has a file with sha256:{RIGHT}, not sha256:{WRONG}" in said.err


#: suite, file, exit code, and what is said
CASES = [
    ("hash-direct-url", "requirements.txt", 2, f"not sha256:{WRONG} as required"),
    ("hash-direct-url", "r3.txt", 2, f"not {WRONG} as required"),
    ("hash-direct-url", "r5.txt", 2, f"not sha256:{WRONG} as required"),
    ("hash-direct-url", "r6.txt", 2, f"not sha256:{WRONG} as required"),
    ("hash-find-links", "requirements.txt", 0, '"name": "extra"'),
    ("hash-find-links", "r2.txt", 0, '"name": "extra"'),
]


@pytest.mark.shared
@pytest.mark.parametrize(("suite", "name", "code", "words"), CASES, ids=[f"{c[0]} {c[1]}" for c in CASES])
def test_collected_cases(suite: str, name: str, code: int, words: str, shared: Path, world: World) -> None:
    shutil.copytree(shared / "cases" / "suites" / suite, world.folder, dirs_exist_ok=True)
    wheels = {path.name: path.read_bytes() for path in world.folder.glob("*.whl")}
    with LoopbackServer({f"hash-direct-url/{file}": data for file, data in wheels.items()}) as server:
        for path in world.folder.glob("*.txt"):
            text = path.read_text().replace("/FOLDER", world.folder.as_posix())
            path.write_text(re.sub(r"http://127\.0\.0\.1:\d+", server.url, text))
        said = world.lock(name, *PYTHON)
    assert (said.code, words in said.out) == (code, True), said.out


#: why, lines, the packages that are named (None: nothing is said)
SOME = [
    ("every line has one", "extra==0.1.0 --hash=sha256:RIGHT", None),
    ("no line has one", "extra\nsix", None),
    ("one without", "extra==0.1.0 --hash=sha256:RIGHT\nsix==1.17.0", "`six`"),
    ("one without a pin", "extra --hash=sha256:RIGHT", "`extra`"),
    ("behind a constraint, which counts for its line", "extra\nsix", "`six`"),
]


@pytest.mark.parametrize(("text", "named"), [c[1:] for c in SOME], ids=[c[0] for c in SOME])
def test_that_some_lines_have_a_hash_is_said(text: str, named: str | None, world: World) -> None:
    """pip asks for all or none; here those that are given are compared."""
    links = (world.folder / "wheels").as_uri()
    (world.folder / "wheels" / "six-1.17.0-py3-none-any.whl").write_bytes(make_wheel("six", "1.17.0"))
    constraints = f"extra==0.1.0 --hash=sha256:{RIGHT}" if text == SOME[-1][1] and named else ""
    said = lock(
        world, text.replace("RIGHT", RIGHT), "--no-index", "--find-links", links, constraints=constraints
    )
    assert said.code == 0, said.out
    told = said.of("some-hashes")
    assert len(told) == (named is not None)
    if named is not None:
        assert f"has a hash, and {named} no hash or no pin: pip refuses such lines together" in told[0]
