"""Every collected case, run as it lies there; and that none is forgotten."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from resolver.errors import SourceError
from resolver.model.indexes import Index
from resolver.model.names import pypi_name
from resolver.sources.cache.folder import Cache
from resolver.sources.http.fetching import Fetcher
from resolver.sources.pypi.indexes import IndexSet
from tests.end_to_end.inside import run
from tests.end_to_end.live import HTTP, INDEX
from tests.end_to_end.said_world import PYTHON, World
from tests.end_to_end.shared_cases import BESIDE, CASES, FOLDERS, Case
from tests.support.amount import IS_WHOLE
from tests.support.channel import as_file, record, repodata
from tests.support.packages import index_files, make_wheel
from tests.support.server import LoopbackServer

pytestmark = [pytest.mark.shared, pytest.mark.usefixtures("shared_tables")]

#: What only serves a case: records, archives and the words about it.
_SERVES = (".md", ".whl", ".json.zst")
VERBS = ("lock", "explain", "check", "hash")
#: The case whose servers ask for a token and a password.
_PRIVATE = "inputs/pip-repositories-env/environment.yml"
SECRET = "SEKRET123"
#: Variables that say how a network is left.
_NETWORK = ("SSL_CERT_FILE", "PIP_CERT", "REQUESTS_CA_BUNDLE", "HTTPS_PROXY", "https_proxy", "NO_PROXY")


def inputs_of(cases: Path) -> Iterator[str]:
    """Yield every input of the folders, below the folder of cases."""
    for folder in FOLDERS:
        for path in sorted((cases / folder).rglob("*")):
            if path.is_file() and not path.name.endswith(_SERVES) and path.name != "repodata.json":
                yield path.relative_to(cases).as_posix()


def test_every_input_has_a_row(shared: Path) -> None:
    inputs = set(inputs_of(shared / "cases"))
    assert inputs - {case.at for case in CASES} - BESIDE.keys() == set()
    assert {case.at for case in CASES} | BESIDE.keys() <= inputs
    assert set(BESIDE.values()) <= {case.at for case in CASES}


class Place:
    """A copy of a case's folder, in which it is run."""

    def __init__(self, case: Case, shared: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.case, self.shared, self.capsys = case, shared, capsys
        source = shared / "cases" / case.at
        self.folder = tmp_path / "case"
        if source.parent.parent == shared / "cases":  # a file that stands alone
            self.folder.mkdir()
            shutil.copy(source, self.folder)
        else:
            shutil.copytree(source.parent, self.folder)
            for channel in source.parent.parent.glob("mychan"):
                shutil.copytree(channel, tmp_path / channel.name)
        self.index = tmp_path / "index"
        self.index.mkdir()
        World(tmp_path, capsys).index("index", case.index or {})
        self.name = source.name
        if source.suffix == ".toml":
            self.name = "pyproject.toml"
            if source.name != self.name:
                (self.folder / source.name).rename(self.folder / self.name)

    def filled(self, text: str) -> str:
        """Return a text of a row with its places."""
        return text.format(channels=self.shared / "channels", index=self.index, case=self.folder)

    def run(self, server: LoopbackServer) -> tuple[int, str, str]:
        """Run the case; return the exit code, standard output, and all that was printed."""
        for path in self.folder.rglob("*"):
            if path.suffix in (".txt", ".yml", ".toml"):
                text = re.sub(r"file:///?FOLDER", self.folder.as_uri(), path.read_text())
                text = re.sub(r"127\.0\.0\.1:\d+", server.url.removeprefix("http://"), text)
                if self.case.edit and path.name == self.name:
                    assert self.case.edit[0] in text
                    text = text.replace(self.case.edit[0], self.filled(self.case.edit[1]))
                path.write_text(text)
        given = [self.filled(text) for text in self.case.run]
        verb = given.pop(0) if given and given[0] in VERBS else "lock"
        lead = [given.pop(0)] if given[:1] == ["--log"] else []
        target = [] if verb == "hash" else ["-p", "linux-64"]
        more = ["--json"] if verb == "lock" and not self.case.code else []
        more += ["--index-url", INDEX] if self.case.live else []
        self.capsys.readouterr()
        head = [] if verb == "lock" else [verb]
        code = run(*head, *lead, self.name, *given, *target, *more, folder=self.folder, **self.variables())
        said = self.capsys.readouterr()
        return code, said.out, said.out + said.err

    def variables(self) -> dict[str, str]:
        """Return the row's variables, and how a live index is reached."""
        kept = {name: os.environ[name] for name in _NETWORK if name in os.environ} if self.case.live else {}
        return {**kept, **dict(self.case.variables)}


def serve_private(server: LoopbackServer) -> None:
    """Serve the channel and the index of the case about secrets, to those who have the right ones."""
    server.require_basic("aws", SECRET, "/simple/")
    for subdir, contents in (("linux-64", repodata([record("snakerules"), *PYTHON])), ("noarch", repodata())):
        server.files[f"t/{SECRET}/chan/{subdir}/repodata.json"] = as_file(contents, "repodata.json")
    wheel = {"privatepackage-1.2.3-py3-none-any.whl": make_wheel("privatepackage", "1.2.3")}
    server.files.update(index_files({"privatepackage": wheel}))


@pytest.fixture(scope="module")
def live_index() -> None:
    """Skip where the live index can't be reached."""
    try:
        with Fetcher(HTTP, environ=os.environ) as fetcher:
            IndexSet([Index(name="default", url=INDEX)], fetcher=fetcher, cache=Cache(None)).project(
                pypi_name("six")
            )
    except SourceError as error:
        pytest.skip(f"the index can't be reached: {error}")


OFFLINE = [case for case in CASES if not case.live]
#: One of them takes part in every run, all of them where LOCKSTACK_ALL is set.
LIVE = [case for case in CASES if case.live][None if IS_WHOLE else 1 : None if IS_WHOLE else 2]


@pytest.mark.live
@pytest.mark.usefixtures("live_index")
@pytest.mark.parametrize("case", LIVE, ids=lambda case: f"{case.at}: {case.why}")
def test_live_case(case: Case, shared: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    judge(case, shared, tmp_path, capsys)


@pytest.mark.parametrize("case", OFFLINE, ids=lambda case: f"{case.at}: {case.why}")
def test_case(case: Case, shared: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    judge(case, shared, tmp_path, capsys)


def judge(case: Case, shared: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Run a case, and compare all that its row says."""
    place = Place(case, shared, tmp_path, capsys)
    wheels = {f"hash-direct-url/{path.name}": path.read_bytes() for path in place.folder.glob("*.whl")}
    with LoopbackServer(wheels) as server:
        if case.at == _PRIVATE:
            serve_private(server)
        code, out, printed = place.run(server)
    assert code == case.code, printed
    for text in case.said:
        assert text in printed, printed
    for text in case.unsaid:
        assert text not in printed, printed
    if case.locked:
        (platform,) = json.loads(out)["platforms"]
        found = [f"{p['name']} {p['version']} {p.get('build', '')}" for p in platform["packages"]]
        for start in case.locked:
            assert any(one.startswith(start) for one in found), (start, found)
        assert not [one for one in found if one.split()[0] in case.absent]
