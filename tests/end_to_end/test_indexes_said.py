"""Indexes that lack what is asked of them: named, and an error where there is no index at all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.said_world import PYTHON, World
from tests.support.channel import record
from tests.support.packages import index_files, make_wheel
from tests.support.server import LoopbackServer, Rule

VERBS = ("lock", "explain")


@pytest.fixture
def world(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> World:
    made = World(tmp_path, capsys)
    made.channel(*PYTHON, record("tool", "1.0", depends=["python"]))
    made.index("own", {"tool": {"1.0": []}, "user": {"1.0": []}})
    made.index("other", {"unrelated": {"1.0": []}})
    return made


@pytest.fixture
def server() -> Iterator[LoopbackServer]:
    files = index_files({"user": {"user-1.0-py3-none-any.whl": make_wheel("user", "1.0")}})
    with LoopbackServer({**files, "simple/index.html": b"<html></html>", "rest/index.html": b""}) as made:
        yield made


def arguments(verb: str, *more: str) -> tuple[str, ...]:
    return (*(("explain",) if verb == "explain" else ()), *more)


@pytest.mark.parametrize("verb", VERBS)
def test_a_project_that_every_index_lacks_names_them(world: World, verb: str) -> None:
    name = world.environment("python", pip=("tool", "no-such-thing"))
    said = world.lock(*arguments(verb, name, "--index-url", "own", "--extra-index-url", "other"))
    assert said.code == 4
    assert "no project `no-such-thing` on `other`, `own`" in said.out + said.err


@pytest.mark.parametrize("name", ["tool", "no-such-thing"])
def test_where_no_index_is_asked_that_is_said(world: World, name: str) -> None:
    said = world.lock(world.environment("python", pip=(f"{name}==99",)), "--no-index")
    assert said.code == 4
    assert f"  no index is asked for `{name}` (`--no-index`)\n" in said.err
    assert "no project" not in said.err


def test_conda_s_packages_are_not_the_index_s(world: World) -> None:
    """What only conda has is told as that, not as versions of an index."""
    said = world.lock(world.environment("python", pip=("tool",)), "--index-url", "other")
    assert said.code == 4
    assert "no project `tool` on `other`" in said.err
    assert "add the conda line `tool`" in said.err


def test_an_index_that_lacks_all_is_named_and_the_lock_goes_on(world: World) -> None:
    name = world.environment("python", pip=("tool", "user"))
    said = world.lock(name, "--index-url", "own", "--extra-index-url", "other", "--dry-run")
    assert said.code == 0
    assert said.of("index-lacks-all") == ["the index `other` doesn't have any of the 2 projects asked of it"]
    assert said.err.count("warning: the index `other`") == 1


def test_a_newer_version_on_a_later_index_is_told_by_the_indexes_alone(world: World) -> None:
    """Whatever conda has of the project, with and without an earlier lockfile; not against the lines."""
    world.channel(
        *PYTHON, record("tool", "1.0", depends=["python"]), record("user", "2.0", depends=["python"])
    )
    world.index("later", {"user": {"2.0": []}})
    for line, more, count in (
        ("user", (), 1),
        ("user", ("tool",), 1),
        ("user<2; sys_platform == 'linux'", ("tool",), 0),
        ("user<2; sys_platform == 'win32'", ("tool", "user"), 1),
    ):
        name = world.environment("python", pip=(line, *more))
        said = world.lock(name, "--index-url", "later", "--extra-index-url", "own")
        assert (said.code, len(said.of("first-index"))) == (0, count), said.err


def test_an_index_that_has_something_is_not_named(world: World) -> None:
    name = world.environment("python", pip=("tool", "unrelated"))
    said = world.lock(name, "--index-url", "own", "--extra-index-url", "other", "--dry-run")
    assert (said.code, said.of("index-lacks-all")) == (0, [])


@pytest.mark.parametrize("remembered", [False, True], ids=["searched", "remembered"])
def test_a_server_s_index_that_lacks_all(world: World, server: LoopbackServer, remembered: bool) -> None:
    flags = ("--index-url", f"{server.url}/simple", "--extra-index-url", f"{server.url}/rest")
    name = world.environment("python", pip=("user",))
    for _ in range(1 + remembered):
        said = world.lock(name, *flags, "--dry-run", "--cache-dir", "cache")
        assert said.code == 0, said.err
        assert said.of("index-lacks-all") == [f"the index `{server.url}/rest` doesn't have `user`"]


def test_an_index_that_is_gone_is_an_error_though_the_answer_is_remembered(
    world: World, server: LoopbackServer
) -> None:
    name = world.environment("python", pip=("user",))
    flags = ("--index-url", f"{server.url}/simple", "--extra-index-url", f"{server.url}/rest")
    for code in (0, 3, 3):
        said = world.lock(name, *flags, "--dry-run", "--cache-dir", "cache")
        assert (said.code, "no index is there" in said.out + said.err) == (code, code == 3)
        server.files.pop("rest/index.html", None)


def test_what_one_platform_asks_of_an_index_is_not_told_of_the_next(
    world: World, server: LoopbackServer
) -> None:
    """Whether the first one's answer was searched or remembered."""
    files = {"more-1.0-py3-none-any.whl": make_wheel("more", "1.0")}
    server.files |= index_files({"more": files})
    flags = ("--index-url", f"{server.url}/simple", "--extra-index-url", f"{server.url}/rest", "--dry-run")
    name = world.write("requirements.txt", "user\nmore; sys_platform == 'linux'\n")
    told = []
    for platforms, cache in (
        (("linux-64",), "a"),
        (("linux-64", "win-64"), "a"),
        (("linux-64", "win-64"), "b"),
    ):
        asked = [word for platform in platforms for word in ("-p", platform)]
        told.append(world.lock(name, *flags, *asked, "--cache-dir", cache).of("index-lacks-all"))
    words = [f"the index `{server.url}/rest` doesn't have any of the 2 projects asked of it"]
    both = [*words, f"the index `{server.url}/rest` doesn't have `user`"]
    assert told == [words, both, both]


def test_what_a_remembered_answer_rested_on_is_not_asked_by_the_search_that_follows(
    world: World, server: LoopbackServer
) -> None:
    server.extra_headers = {"/": {"Cache-Control": "max-age=0"}}
    flags = ("--index-url", f"{server.url}/simple", "--extra-index-url", f"{server.url}/rest", "--dry-run")
    name = world.environment("python", pip=("user",))
    for count, needs in ((2, ["more"]), (1, [])):
        users = {f"user-{2 - count}.5-py3-none-any.whl": make_wheel("user", f"{2 - count}.5", needs)}
        server.files |= index_files(
            {"user": users, "more": {"more-1-py3-none-any.whl": make_wheel("more", "1")}}
        )
        (told,) = world.lock(name, *flags, "--cache-dir", "cache").of("index-lacks-all")
        assert told.endswith("any of the 2 projects asked of it" if count == 2 else "doesn't have `user`")


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("asked", ["user", "tool"])
def test_no_index_at_the_address_is_an_error(
    world: World, server: LoopbackServer, verb: str, asked: str
) -> None:
    """Whether conda has the project or nobody: the address is at fault."""
    name = world.environment("python", pip=(asked,))
    said = world.lock(*arguments(verb, name, "--index-url", f"{server.url}/simpel"))
    assert said.code == 3, said.err
    assert "no index is there: this address answers 404" in said.out + said.err
    assert "index-url" in said.out + said.err


def test_an_extra_index_that_is_not_there_is_an_error_though_the_rest_would_do(
    world: World, server: LoopbackServer
) -> None:
    name = world.environment("python", pip=("user",))
    flags = ("--index-url", f"{server.url}/simple", "--extra-index-url", f"{server.url}/simpel")
    said = world.lock(name, *flags)
    assert (said.code, f"{server.url}/simpel: no index is there" in said.out + said.err) == (3, True)
    assert not (world.folder / "conda-lock.yml").exists()


def test_a_root_that_is_closed_says_nothing(world: World, server: LoopbackServer) -> None:
    """An index may keep its list to itself: only "not found" tells that nothing is there."""
    server.files["closed/index.html"] = b""

    def refuse(handler: Any) -> bool:
        return handler.path == "/closed/" and bool(handler.answer(403, b"no"))

    server.rules.append(Rule(prefix="/closed/", act=refuse))
    name = world.environment("python", pip=("user",))
    flags = ("--index-url", f"{server.url}/simple", "--extra-index-url", f"{server.url}/closed")
    said = world.lock(name, *flags, "--dry-run")
    assert (said.code, len(said.of("index-lacks-all"))) == (0, 1), said.err


def test_a_folder_that_is_not_there_is_an_error(world: World) -> None:
    said = world.lock(world.environment("python", pip=("user",)), "--index-url", "nowhere")
    assert (said.code, "there is no such folder" in said.out + said.err) == (3, True)


# -- the first index wins -----------------------------------------------------------------------------


@pytest.fixture
def two(world: World) -> World:
    """Two indexes: the first is partial."""
    world.index("partial", {"lib": {"1.0": [], "1.5": []}, "app": {"1.0": ["lib<3"]}, "same": {"2.0": []}})
    world.index(
        "full", {"lib": {"1.5": [], "2.0": [], "3.0": [], "4.0rc1": []}, "same": {"1.0": [], "2.0": []}}
    )
    return world


FLAGS = ("--extra-index-url", "partial", "--index-url", "full")
NAMED = "`partial` (`--extra-index-url`), the first index that has it"
WON = [
    ("the newest that fits what asks for it, also of a dependency", ("app",), (),
     f"`lib`: 1.5 is from {NAMED}; 2.0 is on `full`"),
    ("a requested one, without a pre-release", ("lib",), (), f"`lib`: 1.5 is from {NAMED}; 3.0 is on `full`"),
    ("a pre-release where they are taken", ("lib",), ("--pre",),
     f"`lib`: 1.5 is from {NAMED}; 4.0rc1 is on `full`"),
]  # fmt: skip


@pytest.mark.parametrize(("pip", "more", "told"), [c[1:] for c in WON], ids=[c[0] for c in WON])
def test_a_newer_version_on_a_later_index_is_named(
    two: World, pip: tuple[str, ...], more: tuple[str, ...], told: str
) -> None:
    said = two.lock(two.environment("python", pip=pip), *FLAGS, *more, "--dry-run")
    assert said.code == 0, said.err
    remedy = ": `--index-strategy unsafe-best-match`, or `package-indexes`"
    where = told.replace("`full`", "`full` (`--index-url`)")
    assert said.of("first-index") == [where + remedy]
    assert f"note: {where}" in said.err


SILENT = [
    ("the pin is what was asked for", ("lib==1.5",), FLAGS),
    ("the later index has nothing newer", ("same",), FLAGS),
    ("all indexes decide", ("lib",), (*FLAGS, "--index-strategy", "unsafe-best-match")),
    ("the first index is the only one that has it", ("app==1.0", "lib<=1.5"), FLAGS),
]


@pytest.mark.parametrize(("pip", "flags"), [c[1:] for c in SILENT], ids=[c[0] for c in SILENT])
def test_where_the_first_index_decides_nothing_it_is_silent(
    two: World, pip: tuple[str, ...], flags: tuple[str, ...]
) -> None:
    said = two.lock(two.environment("python", pip=pip), *flags, "--dry-run")
    assert (said.code, said.of("first-index")) == (0, []), said.err


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize(
    "pip", [("lib>=2",), ("app", "lib>=2")], ids=["a line alone", "a line with a dependency's"]
)
def test_no_solution_names_the_index_that_decided(two: World, verb: str, pip: tuple[str, ...]) -> None:
    said = two.lock(*arguments(verb, two.environment("python", pip=pip), *FLAGS))
    assert said.code == 4
    told = (
        "`lib`: 1.0 to 1.5 is all that `partial` (`--extra-index-url`) has; 3.0 is on `full` (`--index-url`)"
    )
    assert told in said.out + said.err
    assert "`full` have no such version" not in said.out + said.err, "it wasn't asked, and has one"


@pytest.mark.parametrize("verb", VERBS)
def test_no_solution_names_the_index_whose_files_are_all_for_others(world: World, verb: str) -> None:
    world.index("partial", {"lib": {"1.0": []}})
    folder = world.folder / "partial" / "lib"
    (folder / "lib-1.0-py3-none-any.whl").rename(folder / "lib-1.0-cp39-cp39-win32.whl")
    world.index("full", {"lib": {"3.0": []}})
    said = world.lock(*arguments(verb, world.environment("python", pip=("lib",)), *FLAGS))
    assert said.code == 4
    told = "`lib`: `partial` (`--extra-index-url`) has no file that fits; 3.0 is on `full` (`--index-url`)"
    assert told in said.out + said.err


def test_a_later_index_that_fails_changes_nothing(two: World, server: LoopbackServer) -> None:
    server.fail("/simple/lib/", status=500)
    flags = ("--extra-index-url", "partial", "--index-url", f"{server.url}/simple", "--retries", "0")
    said = two.lock(two.environment("python", pip=("lib",)), *flags, "--dry-run")
    assert (said.code, said.of("first-index")) == (0, []), said.err


def test_the_index_is_named_with_the_place_that_configures_it(two: World) -> None:
    two.write("lockstack.toml", 'extra-index-urls = ["partial"]\nindex-url = "full"\n')
    said = two.lock(two.environment("python", pip=("lib",)), "--dry-run")
    (text,) = said.of("first-index")
    assert "lockstack.toml" in text


def test_projects_that_nobody_named_share_a_line(two: World) -> None:
    two.index("partial2", {"top": {"1.0": ["lib", "same2"]}, "same2": {"1.0": []}, "lib": {"1.0": []}})
    two.index("full2", {"same2": {"2.0": []}, "lib": {"2.0": []}, "top": {"1.0": []}})
    flags = ("--extra-index-url", "partial2", "--index-url", "full2")
    said = two.lock(two.environment("python", pip=("top",)), *flags, "--dry-run")
    (text,) = said.of("first-index")
    assert text == (
        "2 projects that come in are from `partial2` (`--extra-index-url`), the first index that has them, "
        "and newer on `full2` (`--index-url`): lib 1.0 (2.0), same2 1.0 (2.0): "
        "`--index-strategy unsafe-best-match`, or `package-indexes`"
    )
