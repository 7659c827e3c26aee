"""Private sources, every way to say who one is, and every ending: the secrets are written nowhere."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.end_to_end.inside import run
from tests.end_to_end.secret_world import (
    QUOTED_PAIR,
    SIGNATURE,
    TOKEN,
    USER,
    WORD,
    leaks,
    private_server,
    written_down,
)
from tests.support.amount import IS_WHOLE
from tests.support.packages import make_wheel
from tests.support.server import LoopbackServer


@pytest.fixture
def server() -> Iterator[LoopbackServer]:
    with private_server() as made:
        yield made


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way to hand over secrets; ``{base}``, ``{pair}``, ``{token}`` and others are filled in."""

    why: str
    channel: str = "{base}/conda/private"
    arguments: tuple[str, ...] = ("--index-url", "{base}/simple")
    variables: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    pip: tuple[str, ...] = ()


NETRC = {"netrc": 'machine 127.0.0.1\nlogin "{user}"\npassword "{word}"\n'}
WAYS = [
    Way(
        why="in the addresses",
        channel="{with_pair}/conda/private",
        arguments=("--index-url", "{with_pair}/simple"),
    ),
    Way(
        why="a token in the channel's path, sharded",
        channel="{base}/t/{token}/conda/sharded",
        arguments=("--index-url", "{base}/t/{token}/simple"),
    ),
    Way(why="netrc", variables={"NETRC": "{folder}/netrc"}, files=NETRC),
    Way(why="a variable for the host", variables={"LOCK_AUTH_127_0_0_1": "{user}:{word}"}),
    Way(why="a variable with a token", variables={"LOCK_AUTH_127_0_0_1": "token {token}"}),
    Way(
        why="variables of a named index",
        channel="{base}/t/{token}/conda/private",
        arguments=(),
        variables={"LOCK_INDEX_MINE_USERNAME": "{user}", "LOCK_INDEX_MINE_PASSWORD": "{word}"},
        files={"lockstack.toml": 'index-url = "{base}/simple"\n[indexes]\nmine = "{base}/simple"\n'},
    ),
    Way(
        why="conda's and pip's configuration",
        channel="private",
        arguments=(),
        files={
            ".condarc": "channel_alias: {base}/t/{token}/conda\n",
            "pip.conf": "[global]\nindex-url = {with_pair}/simple\n",
        },
        variables={"PIP_CONFIG_FILE": "{folder}/pip.conf"},
    ),
    Way(
        why="custom channels and an extra index",
        channel="private",
        arguments=("--index-url", "{base}/t/{token}/simple", "--extra-index-url", "{with_pair}/simple"),
        files={"lockstack.toml": '[custom-channels]\nprivate = "{with_pair}/conda"\n'},
    ),
    Way(
        why="variables for the settings",
        channel="private",
        arguments=(),
        variables={"LOCK_CHANNEL_ALIAS": "{base}/t/{token}/conda", "LOCK_INDEX_URL": "{with_pair}/simple"},
    ),
    Way(
        why="in the pip section",
        channel="{with_pair}/conda/private",
        arguments=(),
        pip=("--index-url {with_pair}/simple",),
    ),
    Way(
        why="variables named in the file",
        channel="{base}/t/${{MY_TOKEN}}/conda/private",
        variables={"MY_TOKEN": "{token}", "LOCK_AUTH_127_0_0_1": "{user}:{word}"},
    ),
    Way(
        why="a direct reference",
        channel="{base}/t/{token}/conda/private",
        arguments=("--index-url", "{with_pair}/simple"),
        pip=("needs-new @ {with_pair}/simple/needs-new/needs_new-1.0-py3-none-any.whl",),
    ),
    Way(
        why="links beside the index",
        channel="{base}/t/{token}/conda/private",
        arguments=("--index-url", "{with_pair}/simple"),
        pip=("--find-links {with_pair}/simple/deep/",),
    ),
]


class World:
    """One way, set up in a folder."""

    def __init__(
        self, way: Way, server: LoopbackServer, folder: Path, capfd: pytest.CaptureFixture[str]
    ) -> None:
        host = f"127.0.0.1:{server.port}"
        self._facts = {
            "base": server.url, "with_pair": f"http://{QUOTED_PAIR}@{host}", "user": USER, "word": WORD,
            "token": TOKEN, "folder": str(folder), "pair": QUOTED_PAIR,
        }  # fmt: skip
        self.folder, self.way, self._capfd = folder, way, capfd
        self.given = frozenset({"environment.yml", *way.files})
        for name, text in way.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(self.fill(text))
            path.chmod(0o600)
        self.variables = {name: self.fill(text) for name, text in way.variables.items()}
        self.arguments = [self.fill(text) for text in way.arguments]

    def fill(self, text: str) -> str:
        return text.format(**self._facts)

    def lock(self, *more: str, pip: tuple[str, ...] = ("secretlib",)) -> tuple[int, str]:
        """Lock and return the exit code and all that was said; fail on any leak."""
        pip_lines = [*map(self.fill, self.way.pip), *pip]
        lines = ["channels:", f"- '{self.fill(self.way.channel)}'", "dependencies:", "- python=3.11"]
        lines += ["- numpy", "- pip:", *(f"  - '{line}'" for line in pip_lines)]
        (self.folder / "environment.yml").write_text("\n".join(lines) + "\n")
        cache = ["--cache-dir", str(self.folder / "cache")]
        variables = {"LOCK_RETRIES": "0", **self.variables}
        code = run("environment.yml", *self.arguments, *cache, *more, folder=self.folder, **variables)
        out, err = self._capfd.readouterr()
        assert leaks(out) == [], out
        assert leaks(err) == [], err
        assert leaks(written_down(self.folder, self.given)) == []
        assert ("Traceback" in err) is False
        return code, out + err


@pytest.fixture(params=WAYS, ids=lambda way: way.why)
def world(
    request: pytest.FixtureRequest,
    server: LoopbackServer,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> World:
    return World(request.param, server, tmp_path, capfd)


def test_locked_and_silent(world: World, server: LoopbackServer) -> None:
    code, said = world.lock("-vv")
    assert code == 0, said
    text = (world.folder / "conda-lock.yml").read_text()
    assert "secretlib-1.0" in text
    assert "numpy-1.26.4" in text
    assert {seen.status for seen in server.seen} >= {200}
    settings = "--show-settings"
    for arguments in (["--check"], ["--json"], [settings], [settings, "--json"], ["--offline"]):
        code, said = world.lock("-vv", *arguments)
        assert code == 0, (arguments, said)
    assert (world.folder / "conda-lock.yml").read_text() == text


@pytest.mark.parametrize("flags", [("-vv",), ("-q", "--json")], ids=["-vv", "json"])
def test_a_conflict(flags: tuple[str, ...], world: World) -> None:
    code, said = world.lock(*flags, pip=("needs-old", "needs-new", "deep"))
    assert code == 4, said
    assert "needs-old" in said


@pytest.mark.parametrize(
    ("source", "status"),
    [
        (source, status)
        for number, status in enumerate((401, 403, 404, 500))
        for source in ("conda", "simple")
        if IS_WHOLE or (source == "simple") == number % 2
    ],
)
def test_a_server_that_refuses(source: str, status: int, world: World, server: LoopbackServer) -> None:
    act = server.rules[0].act

    def refuse(handler: object) -> bool:
        if f"/{source}/" in handler.path:  # type: ignore[attr-defined]
            return handler.answer(status, b"no")  # type: ignore[attr-defined, no-any-return]
        return act(handler)

    server.rules[0].act = refuse
    # a project that is not there is no fault of the server, a direct reference one of the file
    expected = {2, 3, 4} if (source, status) == ("simple", 404) else {3}
    for flags in (["-vv"], ["--json", "-q"]):
        code, said = world.lock(*flags)
        assert code in expected, said
    assert not (world.folder / "conda-lock.yml").exists()


LINKS = [
    pytest.param(f"{{base}}/files/{{wheel}}?X-Amz-Signature={SIGNATURE}&X-Amz-Expires=60", id="signed"),
    pytest.param("{with_pair}/files/{wheel}", id="with a user"),
    pytest.param("/t/{token}/files/{wheel}", id="with a token"),
]


@pytest.mark.parametrize("content_type", ["text/html", "application/vnd.pypi.simple.v1+json"])
@pytest.mark.parametrize("link", LINKS)
def test_pages_whose_links_open_doors(
    link: str, content_type: str, server: LoopbackServer, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """What an index writes into its links for a day belongs in no lockfile, and not on the disk."""
    wheel = "signed-1.0-py3-none-any.whl"
    world = World(WAYS[0], server, tmp_path, capfd)
    address = world.fill(link.replace("{wheel}", wheel))
    page = f'<a href="{address}">{wheel}</a>'
    if "json" in content_type:
        rows = [{"filename": wheel, "url": address, "hashes": {}}]
        page = json.dumps({"meta": {"api-version": "1.0"}, "name": "signed", "files": rows})
    server.files["simple/signed/"] = page.encode()
    server.extra_headers["/simple/signed/"] = {"Content-Type": content_type}
    server.files[f"files/{wheel}"] = make_wheel("signed", "1.0")
    for _ in range(2):
        code, said = world.lock("-vv", pip=("signed",))
        assert code == 0, said
    assert f"{server.url}/files/{wheel}" in (tmp_path / "conda-lock.yml").read_text()
    if "Signature" in link:
        assert any(SIGNATURE in path for path in server.paths), "the signature never reached the server"


BAD_FILES = [
    pytest.param({"lockstack.toml": 'index-url = "{with_pair}/simple\nfoo = 3\n'}, 2, id="an unclosed quote"),
    pytest.param({"lockstack.toml": 'index-urll = "{with_pair}"\n'}, 2, id="an unknown setting"),
    pytest.param({"lockstack.toml": 'retries = "{with_pair}"\n'}, 2, id="not a number"),
    pytest.param({"lockstack.toml": 'mirrors = ["{with_pair}"]\n'}, 2, id="not a table"),
    pytest.param({"lockstack.toml": '[proxies]\nhttp = "{nobody}"\n'}, 3, id="a proxy"),
    pytest.param({"lockstack.toml": '[proxies]\nhttp = "{nobody}"\nx = ["\n'}, 2, id="a proxy in a bad file"),
    pytest.param({"netrc": 'machine 127.0.0.1 login "{user}" "{word}\n'}, 3, id="a bad netrc file"),
    pytest.param({".condarc": "channel_alias: [{with_pair}\n"}, 2, id="an unclosed list"),
]


@pytest.mark.parametrize(("files", "expected"), BAD_FILES)
def test_faults_of_settings(
    files: dict[str, str],
    expected: int,
    server: LoopbackServer,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    base = "http://example.org" if "proxies" in str(files) else "{base}"
    way = Way(
        why="", channel=f"{base}/conda/private",
        files={name: text.replace("{nobody}", "http://{pair}@127.0.0.1:1") for name, text in files.items()},
        variables={"NETRC": "{folder}/netrc"},
    )  # fmt: skip
    world = World(way, server, tmp_path, capfd)
    for flags in (["-vv"], ["--json"], ["--show-settings"]):
        code, said = world.lock(*flags)
        assert code == (0 if flags == ["--show-settings"] and expected == 3 else expected), said


BAD_LINES = [
    "a b @ {with_pair}/x.whl",
    "{with_pair}/x.whl extra",
    "-r {with_pair}/r.txt",
    "--bogus {with_pair}",
    "git+{with_pair}/x.git@a@b#egg",
    "x @ {with_pair}/simple/deep/deep-1.0-py3-none-any.whl",
    "deep @ {with_pair}/simple/deep/deep-1.0-py3-none-any.whl#sha256=00",
]


@pytest.mark.parametrize("line", BAD_LINES)
def test_faults_of_the_file(
    line: str, server: LoopbackServer, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    world = World(WAYS[0], server, tmp_path, capfd)
    for flags in (["-vv"], ["--json"]):
        code, said = world.lock(*flags, pip=(world.fill(line),))
        assert code in (2, 3), said
