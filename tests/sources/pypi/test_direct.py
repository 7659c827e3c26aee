"""Archives, folders and repositories that a requirement names."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from resolver.errors import InputError, OfflineError, SourceError
from resolver.model.origin import Origin
from resolver.model.records import CoreMetadata
from resolver.model.requirements import DirectKind, DirectReference
from resolver.sources.cache.folder import Cache
from resolver.sources.http.credentials import Credentials
from resolver.sources.http.fetching import Fetcher, HttpSettings
from resolver.sources.limits import ResourceKind, SourceLimits
from resolver.sources.pypi.direct import DirectReader
from resolver.sources.pypi.sdist_metadata import SdistReader
from resolver.sources.pypi.version_control import Git
from tests.support.packages import make_sdist, make_wheel
from tests.support.server import LoopbackServer
from tests.support.tables import table

PROJECT = '[project]\nname = "foo"\nversion = "1.0"\ndependencies = ["six"]\n'
EXPECTED = CoreMetadata(name="foo", version="1.0", requires_dist=("six",))
WHEEL = make_wheel("foo", "1.0", ["six"])
SDIST = make_sdist("foo", "1.0", {"pyproject.toml": PROJECT})
ORIGIN = Origin(file="requirements.txt", line=3)
ARCHIVES = [("wheel", "foo-1.0-py3-none-any.whl", WHEEL), ("sdist", "foo-1.0.tar.gz", SDIST)]
needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="there is no git command")


def reader_of(fetcher: Fetcher, cache: Path | None = None) -> DirectReader:
    kept = Cache(cache)
    sdists = SdistReader(fetcher, kept, allow_build=False)
    return DirectReader(fetcher=fetcher, cache=kept, sdists=sdists, environ=dict(os.environ))


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[DirectReader]:
    with Fetcher() as fetcher:
        yield reader_of(fetcher, tmp_path / "cache")


def archive(url: str | None = None, path: str | None = None, sha256: str | None = None) -> DirectReference:
    hashes = {"sha256": sha256} if sha256 else {}
    return DirectReference(kind=DirectKind.ARCHIVE, url=url, path=path, hashes=hashes)


@table("name, data", ARCHIVES)
def test_archive_on_disk(name: str, data: bytes, reader: DirectReader, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(data)
    found = reader.resolve(archive(path=f"./{name}"), tmp_path)
    assert (found.name, found.version, found.metadata) == ("foo", "1.0", EXPECTED)
    assert found.file is not None
    assert (found.file.file_name, found.file.size, found.file.url) == (
        name,
        len(data),
        (tmp_path / name).as_uri(),
    )
    assert found.sha256 == hashlib.sha256(data).hexdigest() == found.file.hashes["sha256"]


@table("name, data", ARCHIVES)
def test_archive_at_an_address_is_read_once_while_it_holds(
    name: str, data: bytes, reader: DirectReader, tmp_path: Path
) -> None:
    with LoopbackServer({f"a b/{name}": data}) as server:
        reference = archive(url=f"{server.url}/a%20b/{name}#egg=foo")
        for _ in range(2):
            found = reader.resolve(reference, tmp_path)
            assert (found.metadata, found.sha256) == (EXPECTED, hashlib.sha256(data).hexdigest())
        assert [seen.status for seen in server.seen] == [200, 304]
        pinned = archive(url=reference.url, sha256=hashlib.sha256(data).hexdigest())
        assert reader.resolve(pinned, tmp_path).metadata == EXPECTED
        assert len(server.seen) == 2


def test_changed_archive_is_read_anew(reader: DirectReader, tmp_path: Path) -> None:
    name = "foo-1.0-py3-none-any.whl"
    with LoopbackServer({name: WHEEL}) as server:
        reference = archive(url=f"{server.url}/{name}")
        reader.resolve(reference, tmp_path)
        server.files[name] = make_wheel("foo", "1.0", ["tomli"])
        assert reader.resolve(reference, tmp_path).metadata.requires_dist == ("tomli",)


def test_archive_is_answered_offline_once_it_was_read(reader: DirectReader, tmp_path: Path) -> None:
    name = "foo-1.0-py3-none-any.whl"
    with LoopbackServer({name: WHEEL}) as server:
        reference = archive(url=f"{server.url}/{name}")
        reader.resolve(reference, tmp_path)
    with Fetcher(HttpSettings(offline=True)) as fetcher:
        assert reader_of(fetcher, tmp_path / "cache").resolve(reference, tmp_path).metadata == EXPECTED
        with pytest.raises(OfflineError):
            reader_of(fetcher).resolve(reference, tmp_path)


def test_credentials_of_the_address_are_in_nothing_that_comes_back(
    reader: DirectReader, tmp_path: Path
) -> None:
    name = "foo-1.0-py3-none-any.whl"
    with LoopbackServer({name: WHEEL}) as server:
        server.require_basic("user", "correct-horse")
        url = f"{server.with_user('user', 'correct-horse')}/{name}"
        found = reader.resolve(archive(url=url), tmp_path)
        assert found.file is not None
        assert found.file.url == f"{server.url}/{name}"


REFUSED = [
    ("nothing there", archive(path="./nowhere.whl"), "requirements.txt:3: there is no `./nowhere.whl`"),
    ("neither wheel nor sdist", archive(path="./a.txt"),
     "requirements.txt:3: `./a.txt` is neither a wheel nor an sdist"),
    ("not named as a wheel", archive(path="./a.whl"),
     "requirements.txt:3: `./a.whl` can't be used: its name is not that of a wheel (PEP 427)"),
    ("another hash", archive(path="./foo-1.0-py3-none-any.whl", sha256="0" * 64),
     ("requirements.txt:3: the sha256 of `./foo-1.0-py3-none-any.whl` is "
      f"{hashlib.sha256(WHEEL).hexdigest()}, not {'0' * 64} as required")),
    ("another version inside", archive(path="./foo-2.0-py3-none-any.whl"),
     ("requirements.txt:3: `./foo-2.0-py3-none-any.whl` can't be used: "
      "its metadata is of another version: `1.0`, not `2.0`")),
    ("folder without a project", DirectReference(kind=DirectKind.DIRECTORY, path="./empty"),
     "requirements.txt:3: `./empty` can't be used: it has neither pyproject.toml nor setup.py"),
    ("folder above", DirectReference(kind=DirectKind.DIRECTORY, path="./empty", subdirectory="../.."),
     "requirements.txt:3: there is no folder `../..` in `./empty`"),
    ("not git", DirectReference(kind=DirectKind.VCS, url="hg+https://example.org/foo"),
     "requirements.txt:3: `hg` repositories can't be read"),
]  # fmt: skip


@table("reference, message", REFUSED)
def test_refusal_names_place_and_reason(
    reference: DirectReference, message: str, reader: DirectReader, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    for name in ("a.txt", "a.whl", "foo-1.0-py3-none-any.whl", "foo-2.0-py3-none-any.whl"):
        (tmp_path / name).write_bytes(WHEEL)
    with pytest.raises(InputError) as error:
        reader.resolve(reference, tmp_path, ORIGIN)
    assert str(error.value) == message


def test_missing_archive_of_a_server(reader: DirectReader, tmp_path: Path) -> None:
    with LoopbackServer() as server, pytest.raises(InputError, match="there is no file at"):
        reader.resolve(archive(url=f"{server.url}/foo-1.0-py3-none-any.whl"), tmp_path, ORIGIN)


def write_tree(folder: Path, text: str = PROJECT) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pyproject.toml").write_text(text)
    return folder


@table("path, subdirectory", [("folder", "./tree/sub", None), ("subdirectory", "tree", "sub")])
def test_folder(path: str, subdirectory: str | None, reader: DirectReader, tmp_path: Path) -> None:
    write_tree(tmp_path / "tree" / "sub")
    reference = DirectReference(
        kind=DirectKind.DIRECTORY, path=path, subdirectory=subdirectory, editable=True
    )
    found = reader.resolve(reference, tmp_path)
    assert (found.metadata, found.file, found.commit, found.reference) == (EXPECTED, None, None, reference)


# ---------------------------------------------------------------- git


def run_git(folder: Path, *arguments: str) -> str:
    facts = {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.org", "GIT_COMMITTER_NAME": "a",
             "GIT_COMMITTER_EMAIL": "a@example.org", "GIT_CONFIG_GLOBAL": os.devnull}  # fmt: skip
    done = subprocess.run(
        ["git", "-C", str(folder), *arguments],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, **facts},
        timeout=240,
    )
    return done.stdout.strip()


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two commits: version 1.0 (tag v1, annotated), then 2.0 on main with a package in ``sub``."""
    folder = tmp_path_factory.mktemp("repository")
    run_git(folder, "init", "--quiet", "--initial-branch=main")
    write_tree(folder)
    run_git(folder, "add", ".")
    run_git(folder, "commit", "--quiet", "-m", "one")
    run_git(folder, "tag", "-a", "v1", "-m", "one")
    write_tree(folder, PROJECT.replace("1.0", "2.0"))
    write_tree(folder / "sub", PROJECT.replace("1.0", "3.0"))
    run_git(folder, "add", ".")
    run_git(folder, "commit", "--quiet", "-m", "two")
    return folder


REVISIONS = [
    ("default branch", None, None, "main", "2.0"),
    ("branch", "main", None, "main", "2.0"),
    ("annotated tag", "v1", None, "v1^{commit}", "1.0"),
    ("subdirectory", "main", "sub", "main", "3.0"),
    ("full hash", "{main~1}", None, "main~1", "1.0"),
    ("short hash", "{short main~1}", None, "main~1", "1.0"),
]


@needs_git
@table("revision, subdirectory, meant, version", REVISIONS)
def test_repository(
    revision: str | None,
    subdirectory: str | None,
    meant: str,
    version: str,
    repository: Path,
    reader: DirectReader,
    tmp_path: Path,
) -> None:
    if revision and revision.startswith("{"):
        *short, name = revision.strip("{}").split()
        revision = run_git(repository, "rev-parse", *(["--short=9"] if short else []), name)
    reference = DirectReference(
        kind=DirectKind.VCS, url=f"git+{repository.as_uri()}", revision=revision, subdirectory=subdirectory
    )
    found = reader.resolve(reference, tmp_path)
    assert (found.name, found.version) == ("foo", version)
    assert found.commit == run_git(repository, "rev-parse", meant)


@needs_git
def test_full_hash_is_answered_from_the_cache(repository: Path, reader: DirectReader, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(repository, copy)
    commit = run_git(copy, "rev-parse", "main")
    reference = DirectReference(kind=DirectKind.VCS, url=f"git+{copy.as_uri()}", revision=commit)
    first = reader.resolve(reference, tmp_path)
    shutil.rmtree(copy)
    assert reader.resolve(reference, tmp_path) == first


UNKNOWN = [
    ("revision", "nowhere", "there is no revision `nowhere`"),
    ("option as a revision", "--upload-pack=touch evil", "`--upload-pack=touch evil` is no revision"),
]


@needs_git
@table("revision, message", UNKNOWN)
def test_unknown_revision(
    revision: str, message: str, repository: Path, reader: DirectReader, tmp_path: Path
) -> None:
    reference = DirectReference(kind=DirectKind.VCS, url=f"git+{repository.as_uri()}", revision=revision)
    with pytest.raises(SourceError) as error:
        reader.resolve(reference, tmp_path)
    assert error.value.message == message


@needs_git
def test_git_is_known_to_the_server_and_shows_no_password(reader: DirectReader, tmp_path: Path) -> None:
    with LoopbackServer() as server:
        url = f"git+http://user:correct-horse@127.0.0.1:{server.port}/foo.git"
        with pytest.raises(SourceError) as error:
            reader.resolve(DirectReference(kind=DirectKind.VCS, url=url), tmp_path)
        assert "correct-horse" not in str(error.value)
        assert server.seen[-1].headers["authorization"].startswith("Basic ")


@needs_git
def test_transport_that_runs_commands_is_refused(reader: DirectReader, tmp_path: Path) -> None:
    reference = DirectReference(kind=DirectKind.VCS, url=f"git+ext::sh -c touch% {tmp_path}/evil")
    with pytest.raises(SourceError, match="not allowed"):
        reader.resolve(reference, tmp_path)
    assert not (tmp_path / "evil").exists()


@needs_git
def test_a_repository_has_a_size(repository: Path, tmp_path: Path) -> None:
    limits = SourceLimits(sizes={ResourceKind.ARCHIVE: 100})
    with pytest.raises(SourceError, match="the repository is larger than 100 bytes"):
        Git(Credentials(), os.environ, limits=limits).checkout(repository.as_uri(), None, tmp_path)


@needs_git
def test_a_repository_has_its_time(tmp_path: Path) -> None:
    with LoopbackServer() as server:
        server.slow("/", 20)
        with pytest.raises(SourceError, match="git was ended: it took longer than 1 s"):
            Git(Credentials(), os.environ, timeout=1).checkout(f"{server.url}/x.git", None, tmp_path)


@needs_git
def test_a_server_s_submodule_is_no_folder_of_this_machine(repository: Path, tmp_path: Path) -> None:
    outer = tmp_path / "outer"
    outer.mkdir()
    run_git(outer, "init", "--quiet", "--initial-branch=main")
    run_git(
        outer, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", repository.as_uri(), "in"
    )
    run_git(outer, "commit", "--quiet", "-m", "one")
    run_git(outer, "update-server-info")
    work = tmp_path / "work"
    work.mkdir()
    with (
        LoopbackServer(root=outer / ".git") as server,
        pytest.raises(SourceError, match="Failed to clone 'in'"),
    ):
        Git(Credentials(), os.environ).checkout(f"{server.url}/", "main", work)
