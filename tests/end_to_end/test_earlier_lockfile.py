"""What becomes of a lockfile that is there: damage, other platforms, updates that name versions."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from lockfiles.formats.conda_lock.text import read_conda_lock
from lockfiles.model import CondaLock
from tests.end_to_end.inside import run
from tests.end_to_end.said_world import PYTHON, Said, World
from tests.support.channel import as_file, record, repodata

PLATFORMS = ("linux-64", "osx-arm64", "win-64")
RECORDS = (
    *PYTHON,
    *(record("numpy", version) for version in ("1.25.0", "1.26.0", "1.26.4", "2.0.0")),
    *(record("torch", version, depends=["torch-base"]) for version in ("2.5.0", "2.6.0")),
    *(record("torch-base", version) for version in ("2.5.0", "2.6.0")),
)
INDEX = {"six": {"1.15": [], "1.16": [], "1.17": []}}


class Folder(World):
    """A world with all platforms, and a lockfile of old versions."""

    def make(self) -> None:
        self.channel(*RECORDS)
        for subdir in PLATFORMS[1:]:
            (self.folder / "channel" / subdir).mkdir()
            contents = repodata(RECORDS, info={"subdir": subdir})
            (self.folder / "channel" / subdir / "repodata.json").write_bytes(
                as_file(contents, "repodata.json")
            )
        self.index("index", INDEX)
        self.ask("numpy=1.25", "torch=2.5", pip="six==1.15")
        assert self.run("-p", "linux-64", "-p", "osx-arm64").code == 0
        self.ask("numpy", "torch", pip="six")

    def ask(self, *conda: str, pip: str, platforms: str = "") -> None:
        lines = "".join(f"- {spec}\n" for spec in conda)
        self.write(
            "environment.yml",
            f"channels: [./channel]\n{platforms}dependencies:\n- python\n- pip\n{lines}- pip:\n  - {pip}\n",
        )

    def run(self, *arguments: str) -> Said:
        self._capsys.readouterr()
        asked = ("environment.yml", *arguments, "--index-url", (self.folder / "index").as_uri(), "--json")
        code = run(*asked, folder=self.folder)
        said = self._capsys.readouterr()
        return Said(code=code, out=said.out, err=said.err)

    @property
    def file(self) -> Path:
        return self.folder / "conda-lock.yml"

    @property
    def lockfile(self) -> CondaLock:
        return read_conda_lock(self.file.read_text(), "conda-lock.yml")

    def versions(self, platform: str = "linux-64") -> dict[str, str]:
        return {package.name: package.version for package in self.lockfile.of_platform(platform)}


@pytest.fixture
def folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Folder:
    made = Folder(tmp_path, capsys)
    made.make()
    return made


def cut_in_an_entry(text: str) -> str:
    return text[: text.rindex("    url: ")]


def cut_behind_an_entry(text: str) -> str:
    return text[: text.rindex("  - name: ")]


def cut_at_its_first_entries(text: str) -> str:
    start = text.index("  - name: ")
    return text[: text.index("  - name: ", start + 1)]


DAMAGES: list[tuple[str, Callable[[str], str]]] = [
    ("marks of a merge", lambda text: text.replace("package:", "<<<<<<< HEAD\npackage:", 1)),
    ("marks of a merge at its beginning", lambda text: f"<<<<<<< HEAD\n{text}=======\n>>>>>>> theirs\n"),
    ("another version of the format", lambda text: text.replace("version: 1\n", "version: 2\n", 1)),
    ("cut off in an entry", cut_in_an_entry),
    ("cut off just behind an entry", cut_behind_an_entry),
    ("cut off behind its first entry", cut_at_its_first_entries),
    ("cut off before the packages", lambda text: text[: text.index("package:")]),
    ("cut off in its first lines", lambda text: text[: text.index("platforms:")]),
    ("a target that can't be read", lambda text: re.sub(r"(channel-priority): \S+", r"\1: often", text)),
]


@pytest.mark.parametrize("damage", [case[1] for case in DAMAGES], ids=[case[0] for case in DAMAGES])
def test_a_damaged_lockfile_is_left_alone_until_its_pins_may_go(
    damage: Callable[[str], str], folder: Folder
) -> None:
    damaged = damage(folder.file.read_text())
    folder.file.write_text(damaged)
    for flags in ([], ["--update", "numpy"], ["-p", "linux-64"], ["--check"]):
        refused = folder.run(*flags)
        assert refused.code == 2, refused.err
        assert "conda-lock.yml" in refused.out
        assert folder.file.read_text() == damaged
    assert "`--update-all` forgets what it holds" in folder.run().out
    anew = folder.run("--update-all")
    assert anew.code == 0, anew.err
    assert anew.err.count("The earlier lockfile can't be read: nothing of it is kept.") == 1
    assert folder.versions() == {
        "python": "3.11.9", "pip": "24.0", "numpy": "2.0.0", "torch": "2.6.0", "torch-base": "2.6.0",
        "six": "1.17",
    }  # fmt: skip


def test_a_file_that_is_no_lockfile_is_never_written_over(folder: Folder) -> None:
    folder.file.write_text("a: letter\n")
    for flags in ([], ["--update-all"]):
        refused = folder.run(*flags)
        assert (refused.code, "exists, and is no lockfile" in refused.out) == (2, True)
        assert folder.file.read_text() == "a: letter\n"


FORMS = [
    ("cut", lambda digest: digest[:-1]),
    ("longer", lambda digest: f"{digest}0"),
    ("no hex digits", lambda digest: f"z{digest[1:]}"),
    ("empty", lambda _: '""'),
]


@pytest.mark.parametrize("algorithm", ["md5", "sha256"])
@pytest.mark.parametrize("change", [case[1] for case in FORMS], ids=[case[0] for case in FORMS])
def test_check_looks_at_the_form_of_hashes(
    change: Callable[[str], str], algorithm: str, folder: Folder
) -> None:
    folder.ask("numpy=1.25", "torch=2.5", pip="six==1.15")
    assert folder.run("--check").code == 0
    for name in ("numpy", "six") if algorithm == "sha256" else ("numpy",):
        text = folder.file.read_text()
        start = text.index(f"      {algorithm}: ", text.index(f"- name: {name}\n")) + len(algorithm) + 8
        digest = text[start:].partition("\n")[0]
        folder.file.write_text(text[:start] + change(digest) + text[start + len(digest) :])
        checked = folder.run("--check")
        assert checked.code == 5, checked.err
        assert f"`{name}`: its {algorithm} `" in checked.err
        folder.file.write_text(text)


def test_platforms_that_are_not_locked_stay_byte_by_byte(folder: Folder) -> None:
    folder.ask("numpy=1.25", "torch=2.5", pip="six==1.15")
    before = folder.file.read_bytes()
    same = folder.run("-p", "linux-64")
    assert same.code == 0, same.err
    assert folder.file.read_bytes() == before
    assert same.of("platform-kept") == ["`osx-arm64` stays in the lockfile as before"]
    assert folder.run("-p", "linux-64", "--check").code == 0
    assert folder.run("-p", "osx-arm64", "-p", "linux-64", "--check").code == 0


@pytest.mark.parametrize("flags", [[], ["--update-all"]], ids=["with the pins", "without"])
def test_another_platform_keeps_its_versions(flags: list[str], folder: Folder) -> None:
    other = folder.lockfile.of_platform("osx-arm64")
    custom = {k: v for k, v in folder.lockfile.metadata.custom.items() if k.endswith(".osx-arm64")}
    done = folder.run("-p", "linux-64", "-p", "win-64", "--update", "numpy", *flags)
    assert done.code == 0, done.err
    assert folder.lockfile.metadata.platforms == PLATFORMS
    assert folder.lockfile.of_platform("osx-arm64") == other
    assert custom.items() <= folder.lockfile.metadata.custom.items()
    assert (folder.versions()["numpy"], folder.versions("osx-arm64")["numpy"]) == ("2.0.0", "1.25.0")
    assert not [c for c in json.loads(done.out)["changes"]["changes"] if c["platform"] == "osx-arm64"]


def test_a_platform_goes_where_that_is_asked(folder: Folder) -> None:
    done = folder.run("-p", "linux-64", "--drop-platform", "osx-arm64")
    assert done.of("platform-dropped") == ["`osx-arm64` leaves the lockfile, as asked"]
    assert folder.lockfile.metadata.platforms == ("linux-64",)
    assert not folder.lockfile.of_platform("osx-arm64")
    assert not [key for key in folder.lockfile.metadata.custom if key.endswith("osx-arm64")]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        pytest.param("linux-64", "this run locks linux-64", id="one that is locked"),
        pytest.param(
            "win-64", "the lockfile has no such platform (it has linux-64, osx-arm64)", id="unknown"
        ),
    ],
)
def test_a_platform_that_can_not_go(name: str, message: str, folder: Folder) -> None:
    before = folder.file.read_bytes()
    refused = folder.run("-p", "linux-64", "--drop-platform", name)
    assert refused.code == 2
    assert f"`--drop-platform {name}`: {message}" in refused.out
    assert folder.file.read_bytes() == before


def test_a_platform_goes_when_the_file_lists_it_no_more(folder: Folder) -> None:
    folder.ask("numpy", "torch", pip="six", platforms="platforms: [linux-64]\n")
    assert folder.run("--check").code == 5
    done = folder.run()
    assert done.of("platform-dropped") == ["`osx-arm64` leaves the lockfile: it is not listed any more"]
    assert folder.lockfile.metadata.platforms == ("linux-64",)


def test_a_platform_that_the_file_lists_stays_whatever_the_flag_says(folder: Folder) -> None:
    folder.ask("numpy", "torch", pip="six", platforms="platforms: [linux-64, osx-arm64]\n")
    assert folder.run("-p", "linux-64").of("platform-kept") == ["`osx-arm64` stays in the lockfile as before"]
    assert folder.lockfile.metadata.platforms == ("linux-64", "osx-arm64")


def test_another_setting_for_the_whole_file_is_told(folder: Folder) -> None:
    done = folder.run("-p", "linux-64", "--channel-priority", "flexible")
    (told,) = done.of("platform-kept-otherwise")
    assert "`osx-arm64`: locked with another channel priority (strict) than this run (flexible)" in told


UPDATES = [
    ("a conda version and what begins with it", "numpy=1.26", {"numpy": "1.26.4"}),
    ("a conda version, exactly", "numpy==1.26.0", {"numpy": "1.26.0"}),
    ("below one", "numpy<2", {"numpy": "1.26.4"}),
    ("a PyPI version", "six=1.16", {"six": "1.16"}),
    ("a PyPI version, exactly", "six == 1.16", {"six": "1.16"}),
    ("in another spelling", "Torch_Base=2.6", {"torch-base": "2.6.0"}),
    ("a pattern", "torch*", {"torch": "2.6.0", "torch-base": "2.6.0"}),
    ("a pattern over both worlds", "[ns]*", {"numpy": "2.0.0", "six": "1.17"}),
    ("a name", "six", {"six": "1.17"}),
]


@pytest.mark.parametrize(("update", "moved"), [c[1:] for c in UPDATES], ids=[c[0] for c in UPDATES])
def test_what_an_update_moves(update: str, moved: dict[str, str], folder: Folder) -> None:
    before = folder.versions()
    done = folder.run("--update", update)
    assert done.code == 0, done.err
    assert folder.versions() == before | moved
    again = folder.file.read_bytes()
    assert folder.run().code == 0
    assert folder.file.read_bytes() == again, "what an update has moved stays"
    assert folder.run("--check").code == 0


REFUSED = [
    ("numpy=9", 4, "numpy=9"),
    ("six=9", 4, "six==9.*"),
    ("scipy=1.11", 2, "names a package that the earlier lockfile doesn't have"),
    ("numpy=", 2, "gives no version"),
    ("torch*=2.6", 2, "gives a pattern a version"),
    ("=2.6", 2, "is no name, pattern or `NAME=VERSION`"),
]


@pytest.mark.parametrize(("update", "code", "message"), REFUSED, ids=[case[0] for case in REFUSED])
def test_an_update_that_is_not_possible(update: str, code: int, message: str, folder: Folder) -> None:
    before = folder.file.read_bytes()
    refused = folder.run("--update", update)
    assert (refused.code, message in refused.out) == (code, True), refused.out
    assert f"--update {update}" in refused.out
    assert folder.file.read_bytes() == before


def test_a_version_against_a_line_of_the_file_is_a_conflict(folder: Folder) -> None:
    folder.ask("numpy<2", "torch", pip="six")
    refused = folder.run("--update", "numpy=2.0")
    assert refused.code == 4
    assert "environment.yml:5:3" in refused.out
    assert "--update numpy=2.0" in refused.out
    assert "lock explain" not in refused.out, "it isn't asked about updates"


@pytest.mark.parametrize(
    ("update", "told"),
    [
        ("numpy=9.9", "channel has no such version of `numpy`; there are 1.25.0 to 2.0.0"),
        ("six=9", "has no such version of `six`; there are 1.15 to 1.17"),
    ],
)
def test_an_update_to_a_version_that_is_not_there_says_what_there_is(
    update: str, told: str, folder: Folder
) -> None:
    refused = folder.run("--update", update)
    assert refused.code == 4
    assert told in refused.err
    assert "in both ranges" not in refused.err


def test_a_pattern_that_fits_nothing_is_told(folder: Folder) -> None:
    done = folder.run("--update", "sci*")
    assert "`--update sci*`: the earlier lockfile has no such package" in done.err
