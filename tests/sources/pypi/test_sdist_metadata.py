"""What sdists say of themselves, statically and by a build."""

from __future__ import annotations

import hashlib
import logging
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from resolver.errors import SourceError
from resolver.model.records import CoreMetadata, DistFile
from resolver.model.unusable import Cause, Unusable
from resolver.sources.cache.core_metadata import read_metadata, write_metadata
from resolver.sources.cache.folder import Cache
from resolver.sources.http.fetching import Fetcher
from resolver.sources.http.settings import HttpSettings
from resolver.sources.pypi import builds
from resolver.sources.pypi.builds import Builder, BuildSettings, _connection, _places
from resolver.sources.pypi.network_off import without_network
from resolver.sources.pypi.sdist_metadata import _NOT_AGAIN, SdistReader, may_do_better
from tests.support.packages import make_sdist, metadata_text
from tests.support.server import LoopbackServer
from tests.support.tables import table

NAME = "foo-1.0.tar.gz"
PROJECT = '[project]\nname = "foo"\nversion = "1.0"\ndependencies = ["six"]\n'
DYNAMIC = '[project]\nname = "foo"\nversion = "1.0"\ndynamic = ["dependencies"]\n'
BACKEND = """
import os, pathlib, sys, time

def prepare_metadata_for_build_wheel(folder, settings=None):
    {action}
    target = pathlib.Path(folder, "foo-1.0.dist-info")
    target.mkdir(parents=True)
    (target / "METADATA").write_text({metadata!r})
    return target.name

def build_wheel(*arguments, **options):
    raise SystemExit("never called")
"""
IN_TREE = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
EXPECTED = CoreMetadata(name="foo", version="1.0", requires_dist=("six",))


def built_sdist(action: str = "pass", requires: str = "six") -> bytes:
    backend = BACKEND.format(action=action, metadata=metadata_text("foo", "1.0", [requires]))
    return make_sdist("foo", "1.0", {"pyproject.toml": IN_TREE, "backend.py": backend})


@pytest.fixture
def fetcher() -> Iterator[Fetcher]:
    with Fetcher() as made:
        yield made


def file_at(tmp_path: Path, data: bytes) -> DistFile:
    path = tmp_path / NAME
    path.write_bytes(data)
    return DistFile(NAME, "1.0", False, path.as_uri(), {"sha256": hashlib.sha256(data).hexdigest()})


def sdist(**files: str) -> bytes:
    return make_sdist("foo", "1.0", {name.replace("PKG_INFO", "PKG-INFO").replace("_toml", ".toml"): text
                                     for name, text in files.items()})  # fmt: skip


STATIC = [
    ("PKG-INFO of 2.2", sdist(PKG_INFO=metadata_text("foo", "1.0", ["six"], metadata_version="2.2"))),
    ("project table, beside an old PKG-INFO",
     sdist(PKG_INFO=metadata_text("foo", "1.0", ["old"]), pyproject_toml=PROJECT)),
    ("project table, beside a dynamic PKG-INFO",
     sdist(PKG_INFO=metadata_text("foo", "1.0", [], metadata_version="2.2", dynamic="Requires-Dist"),
           pyproject_toml=PROJECT)),
    ("version from the name of the file",
     sdist(pyproject_toml=PROJECT.replace('version = "1.0"', 'dynamic = ["version"]'))),
]  # fmt: skip


@table("data", STATIC)
def test_static_metadata_needs_no_build(data: bytes, fetcher: Fetcher, tmp_path: Path) -> None:
    reader = SdistReader(fetcher, Cache(tmp_path / "cache"), allow_build=False)
    assert reader.metadata(file_at(tmp_path, data)) == EXPECTED


def test_answer_is_kept_by_hash(tmp_path: Path, fetcher: Fetcher) -> None:
    data = sdist(pyproject_toml=PROJECT)
    with LoopbackServer({NAME: data}) as server:
        digest = {"sha256": hashlib.sha256(data).hexdigest()}
        file = DistFile(NAME, "1.0", False, f"{server.url}/{NAME}", digest)
        for _ in range(2):
            assert SdistReader(fetcher, Cache(tmp_path), allow_build=False).metadata(file) == EXPECTED
        assert server.paths == [f"/{NAME}"]


def test_builds_may_be_forbidden(fetcher: Fetcher, tmp_path: Path) -> None:
    reader = SdistReader(fetcher, Cache(None), allow_build=False)
    file = file_at(tmp_path, sdist(pyproject_toml=DYNAMIC))
    reason = "only a build could tell its dependencies, and builds are not allowed"
    assert reader.metadata(file) == Unusable(reason, Cause.BUILD_FORBIDDEN)


def test_what_failed_is_remembered_with_its_cause(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    for cause in Cause:
        write_metadata(cache, "some", cause, Unusable("so it is", cause))
        assert read_metadata(cache, "some", cause) == Unusable("so it is", cause)
    assert [cause for cause in Cause if not may_do_better(Unusable("", cause))] == [
        Cause.BUILD_FORBIDDEN,
        Cause.OTHER_PYTHON,
    ]


UNUSABLE = [
    ("another project's", sdist(PKG_INFO=metadata_text("bar", "1.0", metadata_version="2.2")),
     "its metadata is of another project: `bar`, not `foo`"),
    ("another version", sdist(PKG_INFO=metadata_text("foo", "2.0", metadata_version="2.2")),
     "its metadata is of another version: `2.0`, not `1.0`"),
    ("no archive", b"<html>", "`foo-1.0.tar.gz` can't be unpacked: file could not be opened successfully:"),
]  # fmt: skip


@table("data, reason", UNUSABLE)
def test_unusable_sdist_has_a_reason(data: bytes, reason: str, fetcher: Fetcher, tmp_path: Path) -> None:
    found = SdistReader(fetcher, Cache(None), allow_build=False).metadata(file_at(tmp_path, data))
    assert isinstance(found, Unusable)
    assert found.reason.startswith(reason)


def test_another_hash_is_a_fault_of_the_source(fetcher: Fetcher, tmp_path: Path) -> None:
    file = file_at(tmp_path, sdist(pyproject_toml=PROJECT))
    (tmp_path / NAME).write_bytes(sdist(pyproject_toml=PROJECT.replace("six", "evil")))
    with pytest.raises(SourceError, match="its sha256 is"):
        SdistReader(fetcher, Cache(None), allow_build=False).metadata(file)


def test_build_tells_what_is_not_static(
    fetcher: Fetcher, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="resolver")
    reader = SdistReader(fetcher, Cache(tmp_path / "cache"))
    file = file_at(tmp_path, built_sdist("print('hello from the backend')"))
    assert reader.metadata(file) == EXPECTED
    assert "hello from the backend" in caplog.text
    caplog.clear()
    assert reader.metadata(file) == EXPECTED  # kept by hash
    assert caplog.text == ""


def test_build_sees_no_secrets(fetcher: Fetcher, tmp_path: Path) -> None:
    environ = {**os.environ, "LOCK_AUTH_EXAMPLE_ORG": "user:correct-horse", "HTTPS_PROXY": "http://u:horse@p.example",
               "HTTP_PROXY": "http://p.example:3128", "CFLAGS": "-O2"}  # fmt: skip
    settings = BuildSettings(environ=environ, index_urls=["https://user:correct-horse@example.org/simple"])
    action = "(pathlib.Path(__file__).parent / '..' / 'seen').write_text(repr(dict(os.environ)))"
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "pyproject.toml").write_text(IN_TREE)
    metadata = metadata_text("foo", "1.0", ["six"])
    (tree / "backend.py").write_text(BACKEND.format(action=action, metadata=metadata))
    reader = SdistReader(fetcher, Cache(None), builder=lambda: Builder(settings))
    assert reader.read_folder(tree, "tree") == EXPECTED
    seen = (tmp_path / "seen").read_text()
    assert "horse" not in seen
    for shown in ("'HTTP_PROXY': 'http://p.example:3128'", "'CFLAGS': '-O2'",
                  "'PIP_INDEX_URL': 'https://example.org/simple'"):  # fmt: skip
        assert shown in seen
    assert f"'HOME': '{os.environ.get('HOME')}'" not in seen


PLACES = [
    ("all", {}, False, {"PIP_INDEX_URL": "https://a.example/simple", "PIP_EXTRA_INDEX_URL": "file:///b",
                        "PIP_FIND_LINKS": "file:///c"}),
    ("offline, what is on disk", {}, True, {"PIP_INDEX_URL": "file:///b", "PIP_EXTRA_INDEX_URL": "",
                                            "PIP_FIND_LINKS": "file:///c"}),
    ("offline, nothing on disk", {"index_urls": ["https://a.example/simple"], "find_links": []}, True,
     {"PIP_NO_INDEX": "1"}),
    ("no index", {"no_index": True}, False, {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "file:///c"}),
    ("nothing configured", {"index_urls": [], "find_links": []}, False, {}),
]  # fmt: skip


@table("changes, offline, expected", PLACES)
def test_build_is_given_the_same_places(
    changes: dict[str, Any], offline: bool, expected: dict[str, str]
) -> None:
    given = {"index_urls": ["https://a.example/simple", "file:///b"], "find_links": ["/c"]}
    assert _places(BuildSettings(**{**given, **changes}), offline=offline) == expected


HTTP = [
    ("nothing", {}, {}),
    ("authorities", {"certificates": "/ca.pem"}, {"PIP_CERT": "/ca.pem"}),
    ("trusted hosts", {"trusted_hosts": ("a.example", "b.example:8080")},
     {"PIP_TRUSTED_HOST": "a.example b.example:8080"}),
    ("no check at all", {"verify_certificates": False}, {"PIP_TRUSTED_HOST": "i.example:8443 w.example"}),
    ("a certificate of its own", {"client_certificate": "/me.pem"}, {"PIP_CLIENT_CERT": "/me.pem"}),
    ("with a key that pip can't take", {"client_certificate": "/me.pem", "client_key": "/key.pem"}, {}),
    ("a proxy", {"proxies": {"http": "http://a.example", "https": "http://b.example"}},
     {"PIP_PROXY": "http://b.example"}),
    ("a proxy with a password", {"proxies": {"https": "http://me:hush@b.example"}}, {}),
]  # fmt: skip


@table("http, expected", HTTP)
def test_build_is_given_the_same_network(http: dict[str, Any], expected: dict[str, str]) -> None:
    settings = BuildSettings(
        index_urls=["https://me:hush@i.example:8443/simple", "file:///b"],
        find_links=["https://w.example/wheels"],
        http=HttpSettings(**http),
    )
    assert _connection(settings) == expected


def test_failed_build_shows_the_end_of_its_output(fetcher: Fetcher, tmp_path: Path) -> None:
    file = file_at(tmp_path, built_sdist("raise RuntimeError('no compiler here')"))
    found = SdistReader(fetcher, Cache(tmp_path / "cache")).metadata(file)
    assert isinstance(found, Unusable)
    assert found.reason.startswith("its metadata can't be built: ")
    assert "RuntimeError: no compiler here" in found.reason
    assert len(found.reason.splitlines()) <= 13
    again = SdistReader(fetcher, Cache(tmp_path / "cache")).metadata(file)
    assert again == Unusable(f"{found.reason} {_NOT_AGAIN}", found.cause)


def test_endless_build_is_ended(fetcher: Fetcher, tmp_path: Path) -> None:
    builder = Builder(BuildSettings(timeout=1.5))
    reader = SdistReader(fetcher, Cache(None), builder=lambda: builder)
    found = reader.metadata(file_at(tmp_path, built_sdist("time.sleep(600)")))
    assert isinstance(found, Unusable)
    assert found.reason.startswith("its build was ended: it took longer than 2 s")


def test_folder_that_is_no_source_tree(fetcher: Fetcher, tmp_path: Path) -> None:
    reader = SdistReader(fetcher, Cache(None))
    assert reader.read_folder(tmp_path, "x") == Unusable("it has neither pyproject.toml nor setup.py")


def test_an_sdist_that_may_not_be_built_is_read_once(tmp_path: Path) -> None:
    data = built_sdist()
    cache = Cache(tmp_path / "cache")
    digest = {"sha256": hashlib.sha256(data).hexdigest()}
    with LoopbackServer({NAME: data}) as server, Fetcher() as fetcher:
        file = DistFile(NAME, "1.0", False, f"{server.url}/{NAME}", digest)
        settings = BuildSettings(find_links=["."], no_index=True)
        reader = SdistReader(fetcher, cache, builder=lambda: Builder(settings))
        first = reader.metadata(file, may_build=False)
        assert isinstance(first, Unusable)
        assert "the target's own Python" in first.reason
        again = SdistReader(fetcher, cache, allow_build=False).metadata(file)
        assert isinstance(again, Unusable)
        assert "builds are not allowed" in again.reason
        assert len(server.paths) == 1
        assert reader.metadata(file) == EXPECTED, "where it may be built, it is"


def test_a_network_that_fails_while_tools_are_fetched_is_the_source_s_fault(
    fetcher: Fetcher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(builds, "_PASSED", builds._PASSED | {"PIP_RETRIES"})  # else ten seconds go by
    tree = '[build-system]\nrequires = ["a-tool-nobody-has"]\nbuild-backend = "a_tool"\n'
    data = make_sdist("foo", "1.0", {"pyproject.toml": tree})
    environ = {**os.environ, "PIP_RETRIES": "1"}
    builder = Builder(BuildSettings(index_urls=["http://127.0.0.1:9/simple"], environ=environ))
    reader = SdistReader(fetcher, Cache(tmp_path / "cache"), builder=lambda: builder)
    with pytest.raises(SourceError, match="can't be fetched"):
        reader.metadata(file_at(tmp_path, data))


def test_a_network_that_fails_inside_a_build_is_tried_again(fetcher: Fetcher, tmp_path: Path) -> None:
    action = "raise OSError('Connection refused')"
    cache = Cache(tmp_path / "cache")
    reader = SdistReader(fetcher, cache, builder=lambda: Builder(BuildSettings(network=True)))
    found = reader.metadata(file_at(tmp_path, built_sdist(action)))
    assert isinstance(found, Unusable)
    assert "the network failed" in found.reason
    assert isinstance(SdistReader(fetcher, cache).metadata(file_at(tmp_path, built_sdist())), CoreMetadata)


CONNECT = "import socket; socket.create_connection(('127.0.0.1', {port}), timeout=5).close()"


@pytest.mark.parametrize("allowed", [True, False])
def test_a_backend_reaches_no_network_unless_it_is_allowed(
    allowed: bool, fetcher: Fetcher, tmp_path: Path
) -> None:
    builder = Builder(BuildSettings(network=allowed, environ=dict(os.environ)))
    can_shut_off = without_network(os.environ["PATH"]) is not None
    with LoopbackServer({}) as server:
        reader = SdistReader(fetcher, Cache(None), builder=lambda: builder)
        found = reader.metadata(file_at(tmp_path, built_sdist(CONNECT.format(port=server.port))))
    if allowed or not can_shut_off:
        assert found == EXPECTED
        assert list(builder.unguarded) == ([] if allowed else [NAME])
    else:
        assert isinstance(found, Unusable)
        assert "builds reach no network: `build-network` allows it" in found.reason
        assert list(builder.unguarded) == []


def test_without_a_way_to_shut_the_network_off_it_is_said(fetcher: Fetcher, tmp_path: Path) -> None:
    builder = Builder(BuildSettings(environ={"PATH": str(tmp_path)}))
    reader = SdistReader(fetcher, Cache(None), builder=lambda: builder)
    assert reader.metadata(file_at(tmp_path, built_sdist())) == EXPECTED
    assert list(builder.unguarded) == [NAME]


def has_ended(pid: int) -> bool:
    """Tell whether a process is gone, or only its parent hasn't heard of its end yet."""
    for _ in range(500):
        found = subprocess.run(
            ["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False
        )
        if found.stdout.strip()[:1] in ("", "Z"):
            return True
        time.sleep(0.01)
    return False


def test_what_a_build_leaves_running_is_ended_and_its_temporary_folder_is_its_own(
    fetcher: Fetcher, tmp_path: Path
) -> None:
    seen = tmp_path / "seen"
    action = (
        "import subprocess, tempfile; "
        "left = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']); "
        f"pathlib.Path({str(seen)!r}).write_text(f'{{left.pid}} {{tempfile.mkdtemp()}}')"
    )
    settings = BuildSettings(environ=dict(os.environ))
    reader = SdistReader(fetcher, Cache(None), builder=lambda: Builder(settings))
    assert reader.metadata(file_at(tmp_path, built_sdist(action))) == EXPECTED
    pid, folder = seen.read_text().split()
    assert has_ended(int(pid))
    assert not Path(folder).exists()


def test_a_build_that_prints_without_end_is_ended(fetcher: Fetcher, tmp_path: Path) -> None:
    action = "[sys.stdout.write('x' * (1 << 20)) for _ in range(1 << 20)]"
    found = SdistReader(fetcher, Cache(None)).metadata(file_at(tmp_path, built_sdist(action)))
    assert isinstance(found, Unusable)
    assert found.reason == "its build was ended: it printed more than 64 MiB"


@pytest.mark.parametrize("goal", ["/dev/zero", "/etc/passwd"])
def test_a_project_file_that_leads_out_of_its_tree_is_not_read(
    goal: str, fetcher: Fetcher, tmp_path: Path
) -> None:
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "setup.py").write_text("")
    (tree / "pyproject.toml").symlink_to(goal)
    found = SdistReader(fetcher, Cache(None), allow_build=False).read_folder(tree, "tree")
    assert isinstance(found, Unusable)
