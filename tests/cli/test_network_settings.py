"""Settings of the network, through the command and servers on loopback that speak TLS."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from tests.cli.here import lock
from tests.cli.process import Done
from tests.support.channel import as_file, record, repodata
from tests.support.packages import index_files, make_wheel
from tests.support.server import LoopbackServer

FILES = {
    **index_files({"tool": {"tool-1.0-py3-none-any.whl": make_wheel("tool", "1.0")}}),
    "channel/linux-64/repodata.json": as_file(repodata([record("cli", "2.0")]), "repodata.json"),
    "channel/noarch/repodata.json": as_file(repodata([]), "repodata.json"),
}


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def certificates(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder: the authority, a client's certificate with its key, both apart, and a key with a password."""
    folder = tmp_path_factory.mktemp("certificates")
    authority.cert_pem.write_to_path(str(folder / "authority.pem"))
    client = authority.issue_cert("client@example.org")
    client.private_key_and_cert_chain_pem.write_to_path(str(folder / "client.pem"))
    client.cert_chain_pems[0].write_to_path(str(folder / "client-only.pem"))
    client.private_key_pem.write_to_path(str(folder / "key.pem"))
    return folder


def tls(authority: trustme.CA, *, asks_client: bool = False, names: str = "127.0.0.1") -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(names).configure_cert(context)
    if asks_client:
        context.verify_mode = ssl.CERT_REQUIRED
        authority.configure_trust(context)
    return context


@pytest.fixture
def server(authority: trustme.CA) -> Iterator[LoopbackServer]:
    with LoopbackServer(dict(FILES), tls=tls(authority)) as made:
        yield made


@pytest.fixture
def strict_server(authority: trustme.CA) -> Iterator[LoopbackServer]:
    with LoopbackServer(dict(FILES), tls=tls(authority, asks_client=True)) as made:
        yield made


def run(folder: Path, server: LoopbackServer, *flags: str, text: str = "tool\n", **variables: str) -> Done:
    """Lock a requirement against the server's index."""
    (folder / "requirements.txt").write_text(text)
    return lock(
        *("requirements.txt", "--python", "3.12", "--index-url", f"{server.url}/simple", *flags),
        folder=folder,
        **variables,
    )


def test_an_unknown_authority_is_refused(server: LoopbackServer, tmp_path: Path) -> None:
    done = run(tmp_path, server)
    assert done.code == 3
    assert "the server's certificate is not trusted" in done.err
    assert not server.seen


@pytest.mark.parametrize("place", ["flag", "variable", "file", "pip"])
def test_cert_names_the_authority(
    place: str, server: LoopbackServer, certificates: Path, tmp_path: Path
) -> None:
    bundle = str(certificates / "authority.pem")
    flags = ["--cert", bundle] if place == "flag" else []
    variables = {"variable": {"LOCK_CERT": bundle}, "pip": {"PIP_CERT": bundle}}.get(place, {})
    if place == "file":
        (tmp_path / "lockstack.toml").write_text(f'cert = "{bundle}"\n')
    done = run(tmp_path, server, *flags, **variables)
    assert done.code == 0, done.err
    assert "/simple/tool/" in server.paths


def test_cert_serves_channels_too(server: LoopbackServer, certificates: Path, tmp_path: Path) -> None:
    (tmp_path / "environment.yml").write_text("channels: [nowhere]\ndependencies: [cli]\n")
    flags = ("--channel", f"{server.url}/channel", "--cert", str(certificates / "authority.pem"))
    done = lock("environment.yml", "-p", "linux-64", *flags, folder=tmp_path)
    assert done.code == 0, done.err
    text = (tmp_path / "conda-lock.yml").read_text()
    assert f"{server.url}/channel/linux-64/cli-2.0" in text
    assert "nowhere" not in text


@pytest.mark.parametrize("place", ["flag", "flag with port", "requirements", "pip"])
def test_a_trusted_host_is_not_checked(place: str, server: LoopbackServer, tmp_path: Path) -> None:
    with_port = f"127.0.0.1:{server.port}"
    flags = {"flag": ["--trusted-host", "127.0.0.1"], "flag with port": ["--trusted-host", with_port]}
    text = f"--trusted-host {with_port}\ntool\n" if place == "requirements" else "tool\n"
    variables = {"PIP_TRUSTED_HOST": "example.org 127.0.0.1"} if place == "pip" else {}
    done = run(tmp_path, server, *flags.get(place, []), text=text, **variables)
    assert done.code == 0, done.err


@pytest.mark.parametrize("host", ["example.org", "localhost", "127.0.0.1:1", "27.0.0.1"])
def test_other_hosts_are_checked_all_the_same(host: str, server: LoopbackServer, tmp_path: Path) -> None:
    done = run(tmp_path, server, "--trusted-host", host)
    assert done.code == 3
    assert "the server's certificate is not trusted" in done.err


def test_a_redirect_leaves_the_trusted_host(
    server: LoopbackServer, authority: trustme.CA, tmp_path: Path
) -> None:
    with LoopbackServer(tls=tls(authority)) as first:
        first.redirect("/simple/", f"{server.url}/simple/")
        done = run(tmp_path, first, "--trusted-host", f"127.0.0.1:{first.port}")
    assert done.code == 3
    assert "not trusted" in done.err
    assert not server.seen


def test_a_certificate_for_another_name(authority: trustme.CA, certificates: Path, tmp_path: Path) -> None:
    with LoopbackServer(dict(FILES), tls=tls(authority, names="example.org")) as made:
        bundle = str(certificates / "authority.pem")
        refused = run(tmp_path, made, "--cert", bundle)
        trusted = run(tmp_path, made, "--cert", bundle, "--trusted-host", "127.0.0.1")
    assert (refused.code, trusted.code) == (3, 0), trusted.err


def test_a_host_is_no_address(server: LoopbackServer, tmp_path: Path) -> None:
    done = run(tmp_path, server, "--trusted-host", server.url)
    assert done.code == 2
    assert "is not a host" in done.err
    assert "hint: write `HOST` or `HOST:PORT`" in done.err


@pytest.mark.parametrize("place", ["flag", "settings", "pip", "conda"])
def test_client_cert_is_shown(
    place: str, strict_server: LoopbackServer, certificates: Path, tmp_path: Path
) -> None:
    client = str(certificates / "client.pem")
    flags = ["--cert", str(certificates / "authority.pem")]
    variables = {}
    match place:
        case "flag":
            flags += ["--client-cert", client]
        case "settings":
            (tmp_path / "lockstack.toml").write_text(
                f'client-cert = "{certificates}/client-only.pem"\nclient-key = "{certificates}/key.pem"\n'
            )
        case "pip":
            variables = {"PIP_CLIENT_CERT": client}
        case "conda":
            (tmp_path / ".condarc").write_text(
                f"client_ssl_cert: {certificates}/client-only.pem\n"
                f"client_ssl_cert_key: {certificates}/key.pem\n"
            )
    done = run(tmp_path, strict_server, *flags, **variables)
    assert done.code == 0, done.err


def test_client_cert_goes_to_trusted_hosts_too(
    strict_server: LoopbackServer, certificates: Path, tmp_path: Path
) -> None:
    flags = ("--trusted-host", "127.0.0.1", "--client-cert", str(certificates / "client.pem"))
    done = run(tmp_path, strict_server, *flags)
    assert done.code == 0, done.err


def test_a_server_that_asks_for_a_client_cert_is_told(
    strict_server: LoopbackServer, certificates: Path, tmp_path: Path
) -> None:
    done = run(tmp_path, strict_server, "--cert", str(certificates / "authority.pem"))
    assert done.code == 3
    assert "the server asks for a client certificate" in done.err
    assert "hint: Name it with `--client-cert`" in done.err


@pytest.mark.parametrize(
    ("flag", "file", "words"),
    [
        ("--cert", "none.pem", "none.pem` holds no certificates that can be read: No such file"),
        ("--cert", "key.pem", "key.pem` holds no certificates that can be read"),
        ("--client-cert", "client-only.pem", "can't serve as certificate and private key"),
        ("--client-cert", "none.pem", "none.pem` can't serve as certificate and private key"),
    ],
    ids=["no such bundle", "no bundle", "no key", "no such certificate"],
)
def test_files_that_hold_no_certificate(
    flag: str, file: str, words: str, server: LoopbackServer, certificates: Path, tmp_path: Path
) -> None:
    done = run(tmp_path, server, flag, str(certificates / file))
    assert done.code == 3
    assert words in done.err


def test_a_key_with_a_password_is_refused_and_not_asked_for(
    server: LoopbackServer, certificates: Path, tmp_path: Path
) -> None:
    from cryptography.hazmat.primitives import serialization

    key = serialization.load_pem_private_key((certificates / "key.pem").read_bytes(), None)
    locked = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"hush"),
    )
    (tmp_path / "locked.pem").write_bytes((certificates / "client-only.pem").read_bytes() + locked)
    done = run(tmp_path, server, "--client-cert", "locked.pem")
    assert done.code == 3
    assert "(without password)" in done.err


def test_retries_count_what_is_asked_again(tmp_path: Path) -> None:
    with LoopbackServer(dict(FILES)) as plain:
        plain.fail("/simple/tool/", status=503)
        done = run(tmp_path, plain, "--retries", "0")
        assert (done.code, plain.count("/simple/tool/")) == (3, 1)
    with LoopbackServer(dict(FILES)) as plain:
        plain.fail("/simple/tool/", status=503, times=1, headers={"Retry-After": "0"})
        assert run(tmp_path, plain, "--retries", "1").code == 0


def test_timeout_is_the_longest_silence(tmp_path: Path) -> None:
    with LoopbackServer(dict(FILES)) as plain:
        plain.slow("/simple/tool/", 3.0)
        done = run(tmp_path, plain, "--timeout", "0.3", "--retries", "0")
    assert done.code == 3
    assert "does not answer in time" in done.err


def test_no_index_leaves_find_links(tmp_path: Path) -> None:
    (tmp_path / "wheels").mkdir()
    (tmp_path / "wheels" / "tool-0.9-py3-none-any.whl").write_bytes(make_wheel("tool", "0.9"))
    (tmp_path / "requirements.txt").write_text("tool\n")
    flags = ("--python", "3.12", "--no-index", "--find-links", "wheels")
    done = lock("requirements.txt", *flags, folder=tmp_path, PIP_INDEX_URL="http://127.0.0.1:9/simple")
    assert done.code == 0, done.err
    assert "tool-0.9" in (tmp_path / "requirements.conda-lock.yml").read_text()


def test_progress_is_on_where_it_is_asked_for(tmp_path: Path) -> None:
    with LoopbackServer(dict(FILES)) as plain:
        shown = run(tmp_path, plain, "--progress", "on")
        hidden = run(tmp_path, plain, "--progress", "off", "--update-all")
    assert (shown.code, hidden.code) == (0, 0)
    assert len(shown.err) > len(hidden.err)


@pytest.mark.parametrize("verb", ["explain", "check", "hash"])
def test_every_verb_that_solves_takes_them(
    verb: str, server: LoopbackServer, certificates: Path, tmp_path: Path
) -> None:
    (tmp_path / "requirements.txt").write_text("tool\n")
    (tmp_path / "environment.yml").write_text(
        f"channels: [{server.url}/channel]\ndependencies: [cli, python=3.12, pip: [tool]]\n"
    )
    file = "environment.yml" if verb == "hash" else "requirements.txt"
    more = ["--resolve", "--kind", "conda-file", "--no-lint"] if verb == "hash" else ["--python", "3.12"]
    bundle = str(certificates / "authority.pem")
    asked = (verb, file, *more, "--index-url", f"{server.url}/simple")
    refused = lock(*asked, folder=tmp_path)
    done = lock(*asked, "--cert", bundle, "--retries", "1", "--progress", "off", folder=tmp_path)
    assert refused.code == 3, refused.err
    assert "not trusted" in refused.err
    assert done.code in (0, 4), done.err  # the channel has no python
    assert "not trusted" not in done.err
    assert server.seen
