"""Whom a lock trusts, said: projects in quarantine, given up, on several indexes, or of near names."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.said_world import PYTHON, Said, World
from tests.support.packages import make_page, make_wheel, metadata_text
from tests.support.server import LoopbackServer

JSON_PAGE = {"Content-Type": "application/vnd.pypi.simple.v1+json", "Cache-Control": "no-cache"}


@pytest.fixture
def world(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> World:
    made = World(tmp_path, capsys)
    made.channel(*PYTHON)
    return made


@pytest.fixture
def server() -> Iterator[LoopbackServer]:
    with LoopbackServer() as made:
        yield made


def put(server: LoopbackServer, project: str, *requires: str, status: str = "", form: str = "json") -> None:
    """Put a project of one release on the index; ``status``: what its page says of it, with a reason."""
    name = f"{project}-1.0-py3-none-any.whl"
    server.files[f"simple/{project}/{name}"] = make_wheel(project, "1.0", list(requires))
    if form == "json":
        page = {"files": [{"filename": name, "url": name, "hashes": {}}], "meta": {"api-version": "1.4"}}
        page |= {"project-status": {"status": status, "reason": "it was bad"}} if status else {}
        server.files[f"simple/{project}/"] = json.dumps(page).encode()
        server.extra_headers[f"/simple/{project}/"] = JSON_PAGE
    else:
        said = f'<meta name="pypi:project-status" content="{status}">'
        said += '<meta name="pypi:project-status-reason" content="it was bad">'
        body = make_page({name: b""}).replace(b"<body>", said.encode() + b"<body>")
        server.files[f"simple/{project}/index.html"] = body


def lock(
    world: World, server: LoopbackServer, *lines: str, verb: str = "", flags: tuple[str, ...] = ()
) -> Said:
    name = world.environment("python", pip=lines)
    return world.lock(*([verb] if verb else []), name, "--index-url", f"{server.url}/simple", *flags)


@pytest.mark.parametrize("form", ["json", "html"])
def test_files_of_a_project_in_quarantine_are_not_taken(
    world: World, server: LoopbackServer, form: str
) -> None:
    """Not even where its page goes on to list them."""
    put(server, "tool", status="quarantined", form=form)
    said = lock(world, server, "tool")
    assert said.code == 4
    expected = f"`{server.url}/simple` holds `tool` in quarantine: it was bad: no file of it is offered"
    assert expected in said.err
    assert not (world.folder / "conda-lock.yml").exists()


def test_what_a_release_needs_may_be_in_quarantine(world: World, server: LoopbackServer) -> None:
    put(server, "user", "tool>=1")
    put(server, "tool", status="quarantined")
    said = lock(world, server, "user", verb="explain")
    assert said.code == 4
    assert f"`{server.url}/simple` holds it in quarantine: it was bad" in said.out + said.err


def test_no_other_index_stands_in_for_one_that_holds_a_project(world: World, server: LoopbackServer) -> None:
    put(server, "tool", status="quarantined")
    world.index("other", {"tool": {"2.0": []}})
    name = world.environment("python", pip=("tool",))
    said = world.lock(name, "--index-url", "other", "--extra-index-url", f"{server.url}/simple")
    assert said.code == 4
    assert "holds `tool` in quarantine" in said.err


@pytest.mark.parametrize(
    ("status", "severity", "words"),
    [
        ("archived", "warning", "no more releases are to come, security fixes neither (it was bad)"),
        ("deprecated", "note", "its owners say that another project takes its place (it was bad)"),
        ("sleepy", None, None),
    ],
)
def test_what_an_index_says_of_a_project_is_said(
    world: World, server: LoopbackServer, status: str, severity: str | None, words: str | None
) -> None:
    put(server, "tool", status=status)
    for _ in range(2):  # the second answer is the remembered one
        said = lock(world, server, "tool")
        assert said.code == 0, said.err
        found = [(n["severity"], n["text"]) for n in said.notices if n["code"] == "project-status"]
        line = f"`tool` 1.0 is {status} on `{server.url}/simple`: {words}"
        assert found == ([] if words is None else [(severity, line)])


def test_a_project_that_is_held_since_is_not_taken(world: World, server: LoopbackServer) -> None:
    put(server, "tool")
    assert lock(world, server, "tool").code == 0
    put(server, "tool", status="quarantined")
    assert lock(world, server, "tool", flags=("--update-all",)).code == 4


def test_a_name_like_a_popular_one_is_said(world: World, server: LoopbackServer) -> None:
    put(server, "reqeusts")
    put(server, "scapy", "reqeusts")
    said = lock(world, server, "scapy")
    line = "`reqeusts` 1.0 is one letter from `requests`, which many use: is it the one meant?"
    assert said.of("near-popular") == [line]
    checked = world.lock("check", "conda-lock.yml")
    assert [f["rule"] for f in findings(checked)] == ["supply/near-popular-name"]


def test_whom_a_popular_project_asks_for_is_no_slip(world: World, server: LoopbackServer) -> None:
    put(server, "httpcorre")
    put(server, "httpxx", "httpcorre")
    put(server, "numpy", "httpxx")
    put(server, "reqeusts")
    put(server, "scapy", "reqeusts")
    said = lock(world, server, "numpy", "scapy")
    assert [n["package"] for n in said.notices if n["code"] == "near-popular"] == ["reqeusts"]
    checked = world.lock("check", "conda-lock.yml")
    assert [f["message"].split("`")[1] for f in findings(checked)] == ["reqeusts"]


def findings(said: Said) -> list[dict[str, str]]:
    """Return what a check found."""
    return [finding for one in json.loads(said.out)["checked"] for finding in one["findings"]]


@pytest.mark.parametrize(
    ("strategy", "version", "rule", "severity"),
    [
        ("first-index", "1.0", "supply/name-on-several-indexes", "note"),
        ("unsafe-best-match", "99.0", "supply/later-index", "warning"),
    ],
)
def test_a_name_that_two_indexes_have_is_found_in_the_lockfile(
    world: World, strategy: str, version: str, rule: str, severity: str
) -> None:
    world.index("ours", {"tool": {"1.0": []}, "only": {"1.0": []}})
    world.index("theirs", {"tool": {"99.0": []}})
    name = world.environment("python", pip=("tool", "only"))
    flags = ("--index-url", "theirs", "--extra-index-url", "ours", "--index-strategy", strategy)
    said = world.lock(name, *flags)
    assert said.code == 0, said.err
    assert f"tool-{version}-py3" in (world.folder / "conda-lock.yml").read_text()
    found = findings(world.lock("check", "conda-lock.yml", "--fail-on", "error"))
    assert [(f["rule"], f["severity"]) for f in found] == [(rule, severity)]
    assert "theirs" in found[0]["message"]
    assert "ours" in found[0]["message"]


def test_a_project_with_an_index_of_its_own_is_found_by_no_rule(world: World) -> None:
    world.index("ours", {"tool": {"1.0": []}})
    world.index("theirs", {"tool": {"99.0": []}})
    name = world.environment("python", pip=("tool",))
    world.write("lockstack.toml", '[package-indexes]\ntool = "./ours"\n')
    said = world.lock(name, "--index-url", "theirs", "--extra-index-url", "ours")
    assert said.code == 0, said.err
    assert findings(world.lock("check", "conda-lock.yml")) == []


@pytest.mark.parametrize("is_same", [True, False])
def test_a_wheel_that_its_index_says_something_else_of_is_refused(
    world: World, server: LoopbackServer, *, is_same: bool
) -> None:
    """It is fetched to be hashed, as the index gives no hash: so what is in it is known."""
    put(server, "tool")
    name = "tool-1.0-py3-none-any.whl"
    page = {"files": [{"filename": name, "url": name, "hashes": {}, "core-metadata": True}]}
    server.files["simple/tool/"] = json.dumps(page).encode()
    said_of_it = metadata_text("tool", "1.0", [] if is_same else ["other; python_version < '3'"])
    server.files[f"simple/tool/{name}.metadata"] = said_of_it.encode()
    said = lock(world, server, "tool")
    assert said.code == (0 if is_same else 3), said.err
    assert ("isn't what its index says of it" in said.err) is not is_same
    assert (world.folder / "conda-lock.yml").exists() is is_same


@pytest.mark.parametrize(("held", "words"), [("other", "of another project"), ("tool", "of another version")])
def test_a_wheel_that_is_another_one_than_its_name_says_is_left_out(
    world: World, server: LoopbackServer, held: str, words: str
) -> None:
    put(server, "tool")
    wheel = make_wheel(held, "2.0")
    server.files["simple/tool/tool-1.0-py3-none-any.whl"] = wheel
    said = lock(world, server, "tool", verb="explain")
    assert said.code == 4
    assert words in said.out
