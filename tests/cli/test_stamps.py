"""A lock that nothing has changed for is told again, and never other than a run would say."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from lockfiles.cli import main
from lockfiles.cli.stamps import reading, witness
from lockfiles.settings.table import DEFINITIONS
from tests.cli.process import environ, lock
from tests.end_to_end.inside import clean_variables
from tests.support.audit import hooks_that_end
from tests.support.channel import as_file, record, repodata
from tests.support.packages import index_files, make_wheel
from tests.support.server import LoopbackServer

#: Settings whose variables sound like secrets: each says how servers are asked, not what is asked.
_HOW_TO_ASK = {"client_key"}
_SECONDS = re.compile(r"in \d+\.\d+ s(, \d+ requests \(\d+ B\))?")


def write_channel(home: Path, version: str) -> None:
    records = [record("python", "3.12.4", "0_cpython"), record("base", version)]
    for subdir, contents in (("linux-64", repodata(records)), ("noarch", repodata())):
        folder = home / "first" / subdir
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "repodata.json").write_bytes(as_file(contents, "repodata.json"))


class World:
    """A folder with an input, a channel beside it, and an index on loopback."""

    def __init__(self, folder: Path, server: LoopbackServer) -> None:
        self.folder, self.server = folder, server
        self.variables: dict[str, str] = {}
        self.flags: list[str] = []
        self.write_channel("1.0")
        (folder / "alias").symlink_to(folder / "conda", target_is_directory=True)
        (folder / "map.toml").write_text("")
        wheels = {"user-1.0-py3-none-any.whl": make_wheel("user", "1.0", ["helper"])}
        other = {"helper-1.0-py3-none-any.whl": make_wheel("helper", "1.0")}
        server.files = index_files({"user": wheels, "helper": other})
        server.extra_headers = {"/": {"Cache-Control": "max-age=600"}}
        (folder / "environment.yml").write_text(
            "channels: [first]\ndependencies: [python, base, {pip: [user]}]\n"
        )

    def write_channel(self, version: str, home: str = "conda") -> None:
        write_channel(self.folder / home, version)

    @property
    def lockfile(self) -> Path:
        return self.folder / "conda-lock.yml"

    def entries(self, bucket: str) -> list[Path]:
        return sorted(path for path in (self.folder / "cache").rglob(f"{bucket}*/*/*") if path.is_file())


class Outcome(NamedTuple):
    """What one run gave; seconds left out."""

    code: int
    text: str | None
    told: str


class Runs:
    """The command over a world: with stamps, and without."""

    def __init__(
        self, world: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.world, self._capsys, self.count = world, capsys, 0
        run = main.main

        def counted(*arguments: Any, **options: Any) -> int:
            self.count += 1
            return run(*arguments, **options)

        monkeypatch.setattr(main, "main", counted)

    def arguments(self, *flags: str) -> list[str]:
        alias = self.world.folder / "alias"
        return [
            "environment.yml", "--index-url", f"{self.world.server.url}/simple",
            "--channel-alias", str(alias), "--cache-dir", "cache", "--name-map", "map.toml",
            *self.world.flags, *flags,
        ]  # fmt: skip

    def lock(self, *flags: str, stamps: bool = True) -> Outcome:
        clean = clean_variables(self.world.folder, self.world.variables)
        with clean, contextlib.chdir(self.world.folder), pytest.MonkeyPatch.context() as patch:
            patch.delenv("PYTEST_CURRENT_TEST")  # each phase of a test has another
            arguments = self.arguments(*flags)
            code = main.tell_or_run(arguments) if stamps else main.main(arguments)
        lockfile = self.world.lockfile
        text = lockfile.read_text() if lockfile.is_file() else None
        return Outcome(code, text, _SECONDS.sub("in S s", self._capsys.readouterr().err))

    def is_told_again(self, *flags: str) -> bool:
        before = self.count
        self.lock(*flags)
        return self.count == before


@pytest.fixture
def runs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Runs]:
    """A world that was locked until nothing changed, and is told again."""
    monkeypatch.setattr(witness, "_LAG", -60.0)  # what a test has just written counts as settled
    with hooks_that_end(), LoopbackServer() as server:
        made = Runs(World(tmp_path, server), capsys, monkeypatch)
        made.lock()  # it writes the lockfile
        made.lock()  # it searches under the pins of that
        made.lock()  # it finds the answer
        assert made.is_told_again()
        yield made


def test_what_is_told_again_is_what_the_run_said(runs: Runs) -> None:
    told, count = runs.lock(), runs.count
    assert told == runs.lock(stamps=False)
    assert runs.count == count + 1
    assert told.told.startswith("Locked linux-64: 4 packages")
    assert told.told.endswith("Nothing to change in `conda-lock.yml` in S s.\n")


def test_a_silent_run_stays_silent(runs: Runs) -> None:
    runs.lock("-q")
    assert runs.is_told_again("-q")
    assert runs.lock("-q").told == ""


@pytest.mark.parametrize(
    "flags",
    [("-v",), ("--json",), ("--dry-run",), ("-o", "-"), ("--each",), ("--each", "--check")],
    ids=" ".join,
)
def test_other_forms_of_the_command_are_run_each_time(runs: Runs, flags: tuple[str, ...]) -> None:
    runs.lock(*flags)
    assert not runs.is_told_again(*flags)


@pytest.mark.parametrize("flags", [("--check",), ("--check", "-q")], ids=" ".join)
def test_a_fresh_lockfile_is_told_again_to_be(runs: Runs, flags: tuple[str, ...]) -> None:
    said = runs.lock(*flags)
    assert runs.is_told_again(*flags)
    assert runs.lock(*flags) == said == runs.lock(*flags, stamps=False)
    edit("environment.yml", "channels: [first]\ndependencies: [python, base=7]\n")(runs.world)
    assert runs.lock(*flags).code == 5
    assert not runs.is_told_again(*flags)


def edit(name: str, text: str) -> Callable[[World], object]:
    def change(world: World) -> None:
        path = world.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    return change


def variable(name: str, value: str) -> Callable[[World], object]:
    return lambda world: world.variables.update({name: value})


def flag(*words: str) -> Callable[[World], object]:
    return lambda world: world.flags.extend(words)


def renew_page(world: World) -> None:
    """As another process does that asked the index: a new file in the place of the old."""
    for page in world.entries("project-page"):
        beside = page.with_name("new")
        beside.write_bytes(page.read_bytes())
        beside.replace(page)


def lead_elsewhere(world: World) -> None:
    world.write_channel("1.0", home="other")
    (world.folder / "alias").unlink()
    (world.folder / "alias").symlink_to(world.folder / "other", target_is_directory=True)


def add_better_form(world: World) -> None:
    path = world.folder / "conda/first/linux-64/repodata.json.zst"
    records = [record("python", "3.12.4", "0_cpython"), record("base", "3.0")]
    path.write_bytes(as_file(repodata(records), path.name))


def damage(world: World) -> None:
    for stamp in world.entries("stamp"):
        stamp.write_bytes(stamp.read_bytes().replace(b"Locked", b"locked"))


CHANGES: dict[str, Callable[[World], object]] = {
    "a line of the input": edit("environment.yml", "channels: [first]\ndependencies: [python]\n"),
    "the lockfile is gone": lambda world: world.lockfile.unlink(),
    "a byte of the lockfile": lambda world: world.lockfile.write_text(world.lockfile.read_text() + "\n"),
    "a settings file appears": edit("lockstack.toml", 'channel-priority = "disabled"\n'),
    "a pyproject.toml appears": edit("pyproject.toml", '[tool.lockstack]\nchannel-priority = "disabled"\n'),
    "conda's settings appear": edit(".condarc", "channel_priority: disabled\n"),
    "a part of conda's settings appears": edit(
        "config/conda/condarc.d/a.yml", "channel_priority: disabled\n"
    ),
    "the name map": edit("map.toml", "base = 'helper'\n"),
    "records of the channel": lambda world: world.write_channel("2.0"),
    "a better form of the channel": add_better_form,
    "a channel's link": lead_elsewhere,
    "a page that was asked for again": renew_page,
    "pages that are gone": lambda world: [page.unlink() for page in world.entries("project-page")],
    "a remembered answer that is gone": lambda world: [path.unlink() for path in world.entries("answer")],
    "the stamp, damaged": damage,
    "a variable that is a setting": variable("LOCK_CHANNEL_PRIORITY", "disabled"),
    "a variable of the target": variable("CONDA_OVERRIDE_CUDA", "12.4"),
    "any variable, as an input may name it": variable("ANYTHING", "else"),
    "a flag": flag("--pre"),
}  # fmt: skip


@pytest.mark.parametrize("why", CHANGES)
def test_one_change_and_the_command_runs_again(runs: Runs, why: str) -> None:
    assert runs.is_told_again()
    CHANGES[why](runs.world)
    kept = runs.world.lockfile.read_bytes() if runs.world.lockfile.exists() else None
    before = runs.count
    found = runs.lock()
    assert runs.count == before + 1
    if kept is None:
        runs.world.lockfile.unlink()
    else:
        runs.world.lockfile.write_bytes(kept)
    assert found == runs.lock(stamps=False)


def test_another_program_runs_again(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    assert runs.is_told_again()
    monkeypatch.setattr(reading, "program_state", lambda: "another")
    assert not runs.is_told_again()


DAY = 20_000


@pytest.mark.parametrize(
    ("now", "holds"),
    [
        (DAY * 86_400 + 100.0, True),
        (DAY * 86_400 + 699.0, True),
        (DAY * 86_400 + 700.0, False),  # a page is old
        (DAY * 86_400 + 99.0, False),  # the clock was set back
        ((DAY + 1) * 86_400 + 100.0, False),
    ],
)
@pytest.mark.parametrize("until", [700, "inf"])
def test_a_stamp_holds_for_a_day_and_while_its_pages_are_fresh(
    monkeypatch: pytest.MonkeyPatch, now: float, holds: bool, until: object
) -> None:
    end = until if until == "inf" else DAY * 86_400 + int(str(until))
    lines = [f"P {reading.program_state()}", f"T {DAY} {DAY * 86_400 + 100}.0 {end}"]
    monkeypatch.setattr(time, "time", lambda: now)
    is_over_for_pages_alone = until == "inf" and now == DAY * 86_400 + 700.0
    assert all(reading._holds(lines)) == (holds or is_over_for_pages_alone)


def test_a_stamp_ends_with_the_first_of_its_pages(runs: Runs) -> None:
    (stamp,) = runs.world.entries("stamp")
    (line,) = [line for line in stamp.read_text().split("\n") if line.startswith("T ")]
    first, until = map(float, line.split()[2:])
    assert 0 < until - first <= 600


def test_what_is_as_young_as_the_run_gives_no_stamp(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(witness, "_LAG", 2.0)
    runs.world.flags.append("--prefer-binary")
    runs.lock()
    assert not runs.is_told_again()


def test_an_input_that_names_a_secret_gives_no_stamp(runs: Runs) -> None:
    runs.world.variables["SOME_TOKEN"] = "planted"
    runs.lock()
    assert runs.is_told_again()  # a secret that nothing names is no part of the question
    runs.world.variables["SOME_TOKEN"] = "other"
    assert runs.is_told_again()
    edit("environment.yml", "# $SOME_TOKEN\nchannels: [first]\ndependencies: [python]\n")(runs.world)
    for is_set in (True, False):
        runs.lock()
        runs.lock()
        assert not runs.is_told_again(), is_set
        runs.world.variables.pop("SOME_TOKEN", None)


# --- all that a run looks at is in its stamp -----------------------------------------------------


def whole(path: Any) -> str:
    return os.path.abspath(os.fsdecode(path))  # noqa: PTH100 - links stay


class Watch:
    """Every path that Python code opens, lists or asks about, heard at the same places as any program's."""

    def __init__(self) -> None:
        self.paths: set[str] = set()
        self.is_on = False
        sys.addaudithook(self._hear)

    def _hear(self, event: str, args: tuple[Any, ...]) -> None:
        if self.is_on and event in ("open", "os.listdir", "os.scandir") and not isinstance(args[0], int):
            self.paths.add(whole(args[0] or "."))

    def on(self, patch: pytest.MonkeyPatch) -> None:
        for name in ("stat", "lstat", "readlink"):
            patch.setattr(os, name, self._noting(getattr(os, name)))
        self.is_on = True

    def _noting(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def noted(path: Any, *arguments: Any, **options: Any) -> Any:
            if self.is_on and not isinstance(path, int):
                self.paths.add(whole(path))
            return call(path, *arguments, **options)

        return noted


@pytest.mark.parametrize("flags", [(), ("--check",)], ids=["lock", "check"])
def test_all_that_a_run_looks_at_is_in_its_stamp(
    runs: Runs, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, flags: tuple[str, ...]
) -> None:
    watch = Watch()
    stamp = witness.Witness.stamp

    def stamped(self: witness.Witness, output: str | None, **options: Any) -> bool:
        watch.is_on = False
        return stamp(self, output, **options)

    monkeypatch.setattr(witness.Witness, "stamp", stamped)
    for path in runs.world.entries("stamp"):
        path.unlink()
    with pytest.MonkeyPatch.context() as patch:
        watch.on(patch)
        runs.lock(*flags)
        watch.is_on = False
    (written,) = runs.world.entries("stamp")
    lines = written.read_text().split("\n\n")[0].split("\n")
    named = {whole(tmp_path / line.split(" ")[-1]) for line in lines}
    lasting = tuple(
        str(tmp_path / "cache/v1" / bucket) for bucket in ("answer-", "wheel-metadata-", "stamp-")
    )
    of_the_program = (*reading.program_folders(), sys.prefix, sys.base_prefix, os.devnull)
    on_the_way = {str(parent) for name in named for parent in Path(name).parents}
    missing = {
        path
        for path in watch.paths
        if path not in named and path not in on_the_way and not path.startswith((*of_the_program, *lasting))
    }
    assert len(watch.paths) > 20
    assert missing == set()


# --- names ---------------------------------------------------------------------------------------


def test_no_setting_that_decides_sounds_like_a_secret() -> None:
    found = {d.name for d in DEFINITIONS if reading.sounds_secret(d.variable)}
    found |= {d.name for d in DEFINITIONS if d.conda and reading.sounds_secret(f"CONDA_{d.conda}")}
    found |= {d.name for d in DEFINITIONS for option in d.pip if reading.sounds_secret(f"PIP_{option}")}
    assert found == _HOW_TO_ASK


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("https://name:word@host/simple", "https://host/simple"),
        ("https://a@one/ https://b:c@two/@d", "https://one/ https://two/@d"),
        ("https://host/@scope", "https://host/@scope"),
        ("name@host", "name@host"),
        ("plain", "plain"),
        ("https://host?a@b", "https://host?a@b"),
    ],
)
def test_no_secret_of_an_address_takes_part(text: str, clean: str) -> None:
    assert reading.without_secrets(text) == clean


@pytest.mark.parametrize(
    ("arguments", "variables", "folder"),
    [
        (["a.yml"], {"XDG_CACHE_HOME": "/x"}, "/x/lockstack"),
        (["a.yml"], {"LOCK_CACHE_DIR": "/y", "XDG_CACHE_HOME": "/x"}, "/y"),
        (["a.yml", "--cache-dir", "/z"], {"LOCK_CACHE_DIR": "/y"}, "/z"),
        (["a.yml", "--cache-dir=/z"], {}, "/z"),
        (["a.yml", "--cache-dir", "~/z"], {}, None),
        (["-"], {}, None),
    ],
)
def test_the_stamp_lies_in_the_cache(
    arguments: list[str], variables: dict[str, str], folder: str | None
) -> None:
    place = reading.place_of(arguments, {"HOME": "/h", **variables})
    assert (
        place is None if folder is None else place is not None and place.startswith(f"{folder}/v1/stamp-1/")
    )


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere platformdirs itself is asked")
def test_the_user_s_cache_is_that_of_platformdirs(tmp_path: Path) -> None:
    from platformdirs import user_cache_path, user_config_path

    from lockfiles.surroundings import surroundings_here

    for value in (None, str(tmp_path / "xdg"), " ", "/x y/", "//", "/a/../b"):
        variables = {} if value is None else {"XDG_CACHE_HOME": value, "XDG_CONFIG_HOME": value}
        with clean_variables(tmp_path, variables):
            assert surroundings_here().cache_folder() == user_cache_path("lockstack", appauthor=False)
            assert surroundings_here().config_folder() == user_config_path("lockstack", appauthor=False)
            place = reading.place_of(["a.yml"], os.environ)
            assert place is not None
            assert place.startswith(f"{surroundings_here().cache_folder()}{os.sep}")


_SCRIPT = """\
import sys
from lockfiles.cli.main import tell_or_run
code = tell_or_run(sys.argv[1:])
print(code, *sorted(sys.modules))
"""
#: What costs more to load than a stamp to read.
_NEVER = {
    "argparse", "hashlib", "importlib.metadata", "json", "logging", "msgspec", "packaging", "pathlib",
    "platformdirs", "re", "resolver", "tempfile", "typing", "yaml",
}  # fmt: skip


@pytest.mark.slow
def test_a_process_tells_again_what_one_before_it_said(tmp_path: Path) -> None:
    write_channel(tmp_path / "conda", "1.0")
    (tmp_path / "environment.yml").write_text("channels: [first]\ndependencies: [python, base]\n")
    command = ["environment.yml", "--channel-alias", str(tmp_path / "conda"), "--offline"]
    for _ in range(2):
        lock(*command, folder=tmp_path)
    time.sleep(2.1)  # until what was written is older than the next run
    said = lock(*command, folder=tmp_path)
    (stamp,) = (tmp_path / "cache").rglob("stamp-1/*/*")
    again = lock(*command, folder=tmp_path)
    assert (again.code, again.out) == (said.code, said.out)
    assert _SECONDS.sub("", again.err) == _SECONDS.sub("", said.err)
    text = stamp.read_text()
    body = "\n".join(text.split("\n")[1:]).replace("Locked", "It is the stamp that says: locked")
    stamp.write_text(f"{reading.MAGIC} {reading.digest(body.encode())}\n{body}")
    assert "It is the stamp that says" in lock(*command, folder=tmp_path).err
    stamp.write_text(text.replace("Locked", "It is a damaged stamp that says: locked"))
    assert lock(*command, folder=tmp_path).err.startswith("Locked linux-64: 2 packages")
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-c", _SCRIPT, *command], cwd=tmp_path, env=environ(tmp_path),
            capture_output=True, text=True, check=True, timeout=240,
        )  # fmt: skip
    code, *loaded = done.stdout.split()
    own = [name for name in loaded if name.partition(".")[0] in ("lockfiles", "resolver")]
    assert (code, _NEVER & set(loaded)) == ("0", set())
    assert len(own) <= 6, own
