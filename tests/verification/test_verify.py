"""`lock verify` beside real servers: what became of a package is found, each kind with its own words."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.here import lock
from tests.cli.process import Done
from tests.support.channel import as_file, file_name, record, repodata
from tests.support.packages import make_wheel, metadata_text
from tests.support.server import LoopbackServer

WHEELS = {name: make_wheel(name, "1.0") for name in ("good", "bad")}
TYPE = {"Content-Type": "application/vnd.pypi.simple.v1+json"}


def page(name: str, *, status: dict[str, str] | None = None, yanked: object = False, **more: Any) -> bytes:
    """Return a project's page (PEP 691, PEP 792)."""
    wheel = WHEELS[name]
    file = {
        "filename": f"{name}-1.0-py3-none-any.whl",
        "url": f"/files/{name}-1.0-py3-none-any.whl",
        "hashes": {"sha256": hashlib.sha256(wheel).hexdigest()},
        "yanked": yanked,
        **more,
    }
    value = {"meta": {"api-version": "1.4"}, "name": name, "files": [file]}
    return json.dumps(value | ({"project-status": status} if status else {})).encode()


def html(name: str, meta: str) -> bytes:
    """Return a project's page in HTML (PEP 503)."""
    digest = hashlib.sha256(WHEELS[name]).hexdigest()
    file = f"{name}-1.0-py3-none-any.whl"
    link = f'<a href="/files/{file}#sha256={digest}">{file}</a>'
    return f"<html><head>{meta}</head><body>{link}</body></html>".encode()


class World:
    """A channel and an index on loopback, and a project that was locked from them."""

    def __init__(self, folder: Path, server: LoopbackServer) -> None:
        self.folder, self.server = folder, server
        self.archives = {name: f"archive of {name}".encode() for name in ("alpha", "beta")}
        self.channel()
        for name in WHEELS:
            server.files[f"simple/{name}/"] = page(name)
            server.files[f"files/{name}-1.0-py3-none-any.whl"] = WHEELS[name]
        server.extra_headers["/simple/"] = TYPE
        (folder / "lockstack.toml").write_text(
            f'index-url = "{server.url}/simple"\nextra-index-urls = []\nfind-links = []\n'
        )
        (folder / "environment.yml").write_text(
            f"channels: [{server.url}/channel]\nplatforms: [linux-64]\n"
            "dependencies:\n  - alpha\n  - beta\n  - python\n  - pip:\n    - good\n    - bad\n"
        )

    def channel(self, leave_out: str = "", change: str = "") -> None:
        """Write the channel's repodata, without a package or with another hash of one."""
        entries = []
        for name in ("alpha", "beta", "python"):
            data = self.archives.get(name, b"python")
            entry = record(name, "3.12.1" if name == "python" else "1.0")
            entry |= {
                "sha256": hashlib.sha256(data + (b"!" if name == change else b"")).hexdigest(),
                "md5": hashlib.md5(data, usedforsecurity=False).hexdigest(),
                "size": len(data),
            }
            self.server.files[f"channel/linux-64/{file_name(entry)}"] = data
            if name != leave_out:
                entries.append(entry)
        for subdir, rows in (("linux-64", entries), ("noarch", [])):
            self.server.files[f"channel/{subdir}/repodata.json"] = as_file(
                repodata(rows, subdir=subdir), "repodata.json"
            )

    def run(self, *arguments: str) -> Done:
        return lock(*arguments, folder=self.folder)


@pytest.fixture
def world(tmp_path: Path) -> Any:
    with LoopbackServer() as server:
        made = World(tmp_path, server)
        done = made.run("environment.yml", "-q")
        assert done.code == 0, done.err
        yield made


def kinds(done: Done) -> list[tuple[str, str]]:
    return [(finding["kind"], finding["name"]) for finding in done.json["findings"]]


def test_where_nothing_changed_nothing_is_found(world: World) -> None:
    done = world.run("verify", "--json", "--download")
    assert (done.code, kinds(done)) == (0, [])
    assert (done.json["looked"], done.json["hashed"], done.json["packages"]) == (5, 5, 5)


def _yank(world: World) -> None:
    world.server.files["simple/bad/"] = page("bad", yanked="broken on Tuesdays")


def _status(word: str) -> Any:
    def change(world: World) -> None:
        world.server.files["simple/bad/"] = page("bad", status={"status": word, "reason": "so it is"})

    return change


def _quarantine_without_files(world: World) -> None:
    value = {"meta": {"api-version": "1.4"}, "name": "bad", "files": []}
    world.server.files["simple/bad/"] = json.dumps(
        {**value, "project-status": {"status": "quarantined"}}
    ).encode()


def _change_hash(world: World) -> None:
    world.server.files["simple/bad/"] = page("bad", hashes={"sha256": "0" * 64})


def _no_file(world: World) -> None:
    world.server.files["simple/bad/"] = page("bad", filename="bad-2.0-py3-none-any.whl")


def _no_project(world: World) -> None:
    del world.server.files["simple/bad/"]


CHANGES = [
    pytest.param(_yank, ("yanked", "bad"), "broken on Tuesdays", 5, id="yanked"),
    pytest.param(_status("archived"), ("archived", "bad"), "so it is", 5, id="archived"),
    pytest.param(_status("deprecated"), ("deprecated", "bad"), "so it is", 0, id="deprecated: a note"),
    pytest.param(_status("quarantined"), ("quarantined", "bad"), "in quarantine", 5, id="in quarantine"),
    pytest.param(
        _quarantine_without_files, ("quarantined", "bad"), "in quarantine", 5, id="and without files"
    ),
    pytest.param(_change_hash, ("changed", "bad"), "on its index", 5, id="another file of the name"),
    pytest.param(_no_file, ("removed", "bad"), "is listed no more", 5, id="the file is gone"),
    pytest.param(_no_project, ("removed", "bad"), "its project is gone", 5, id="the project is gone"),
    pytest.param(
        lambda world: world.channel(leave_out="beta"),
        ("removed", "beta"),
        "its channel lists it no more",
        5,
        id="gone from the channel",
    ),
    pytest.param(
        lambda world: world.channel(change="beta"),
        ("changed", "beta"),
        "in its channel",
        5,
        id="another record",
    ),
]


@pytest.mark.parametrize(("change", "finding", "words", "code"), CHANGES)
def test_what_became_of_it(
    change: Any, finding: tuple[str, str], words: str, code: int, world: World
) -> None:
    change(world)
    done = world.run("verify", "--json")
    assert kinds(done) == [finding]
    assert words in done.json["findings"][0]["message"]
    assert done.code == code
    assert done.json["findings"][0]["platforms"] == ["linux-64"]
    told = world.run("verify")
    assert f"[{finding[0]}]: {finding[1]} 1.0" in told.out


def test_status_in_html(world: World) -> None:
    world.server.extra_headers["/simple/bad/"] = {"Content-Type": "text/html"}
    meta = '<meta name="pypi:project-status" content="archived">'
    meta += '<meta name="pypi:project-status-reason" content="moved on">'
    world.server.files["simple/bad/"] = html("bad", meta)
    done = world.run("verify", "--json")
    assert kinds(done) == [("archived", "bad")]
    assert "moved on" in done.json["findings"][0]["message"]


def test_an_archive_that_was_exchanged_is_found_by_its_hash(world: World) -> None:
    world.server.files["files/bad-1.0-py3-none-any.whl"] += b"more"
    assert kinds(world.run("verify", "--json")) == []
    done = world.run("verify", "--json", "--download")
    assert (done.code, kinds(done)) == (5, [("changed", "bad")])


@pytest.mark.parametrize("is_same", [True, False])
def test_what_an_index_says_of_a_wheel_is_compared_with_it(world: World, *, is_same: bool) -> None:
    said = metadata_text("bad", "1.0", [] if is_same else ["something-else>=2"])
    world.server.files["files/bad-1.0-py3-none-any.whl.metadata"] = said.encode()
    assert kinds(world.run("verify", "--json")) == []
    done = world.run("verify", "--json", "--download")
    assert kinds(done) == ([] if is_same else [("metadata", "bad")])
    if not is_same:
        (finding,) = done.json["findings"]
        assert "only the index says that it asks for `something-else>=2`" in finding["message"]


def test_an_archive_that_is_gone(world: World) -> None:
    del world.server.files["channel/linux-64/beta-1.0-0.conda"]
    done = world.run("verify", "--json", "--download")
    assert (done.code, kinds(done)) == (5, [("removed", "beta")])


def test_a_source_that_fails_is_no_finding(world: World) -> None:
    world.server.fail("/simple/bad/", status=500)
    done = world.run("verify", "--json", "--retries", "0")
    assert (done.code, kinds(done)) == (3, [])
    assert len(done.json["unanswered"]) == 1
    assert done.json["looked"] == 4


def test_advisories_need_no_network(world: World) -> None:
    (world.folder / "osv.json").write_text(
        json.dumps(
            {
                "id": "X-1",
                "summary": "it leaks",
                "affected": [
                    {
                        "package": {"ecosystem": "PyPI", "name": "Good"},
                        "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.1"}]}],
                    }
                ],
            }
        )
    )
    asked = len(world.server.seen)
    done = world.run("verify", "--json", "--advisories", "osv.json", "--no-sources")
    assert (done.code, kinds(done)) == (5, [("vulnerable", "good")])
    assert done.json["findings"][0]["fixed"] == ["1.1"]
    assert len(world.server.seen) == asked


def test_what_is_no_lockfile_is_said(world: World) -> None:
    done = world.run("verify", "environment.yml")
    assert done.code == 2
    assert "an environment file, no lockfile" in done.err
    done = world.run("verify", "--advisories", "environment.yml")
    assert done.code == 2
    assert "holds no OSV advisories" in done.err
