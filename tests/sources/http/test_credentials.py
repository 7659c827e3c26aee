"""Where credentials come from, which one is taken, and that none shows."""

from __future__ import annotations

import logging
import pickle
import sys
import types

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.errors import AuthenticationError
from resolver.sources.http.credentials import Credentials, redact, strip
from resolver.sources.http.fetching import Fetcher, HttpSettings
from resolver.sources.http.retry import RetryPolicy
from tests.support.server import LoopbackServer

SECRET = "planted-secret-value"
QUICK = HttpSettings(retry=RetryPolicy(attempts=2, first_delay=0.001))
UUID = "12345678-1234-1234-1234-123456789abc"

STRIPPED = [
    ("nothing", "https://example.org/simple/", "https://example.org/simple/"),
    ("user and password", f"https://me:{SECRET}@example.org:8443/a/", "https://example.org:8443/a/"),
    ("user alone", f"https://{SECRET}@example.org/a", "https://example.org/a"),
    ("an @ in the password", f"https://me:{SECRET}@x@example.org/a", "https://example.org/a"),
    ("conda token", f"https://example.org/t/{SECRET}/channel/noarch", "https://example.org/channel/noarch"),
    ("conda token alone", f"https://example.org/t/{SECRET}", "https://example.org"),
    ("token of known shape inside", f"https://example.org/a/t/ab-{UUID}/b", "https://example.org/a/b"),
    (
        "no token: a folder named t",
        "https://example.org/packages/t/torch/x.whl",
        "https://example.org/packages/t/torch/x.whl",
    ),
    ("no token: a project named t", "https://example.org/simple/t/", "https://example.org/simple/t/"),
    (
        "signed address",
        f"https://example.org/w.whl?sv=1&sig={SECRET}&X-Amz-Signature={SECRET}",
        "https://example.org/w.whl?sv=1",
    ),
    ("file address", "file:///t/secret/x", "file:///t/secret/x"),
    ("path", "/t/secret/me:pw@x", "/t/secret/me:pw@x"),
    ("version control", f"git+https://me:{SECRET}@example.org/r.git@v1", "git+https://example.org/r.git@v1"),
    ("fragment stays", f"https://u:{SECRET}@example.org/x#sha256=ab", "https://example.org/x#sha256=ab"),
]


@pytest.mark.parametrize(("url", "expected"), [c[1:] for c in STRIPPED], ids=[c[0] for c in STRIPPED])
def test_strip(url, expected) -> None:
    assert strip(url) == expected
    assert strip(expected) == expected


TEXTS = [
    f"fetching https://me:{SECRET}@example.org/x failed",
    f"'http://{SECRET}@example.org'",
    f"GET https://example.org/t/{SECRET}/channel/noarch/repodata.json",
    f"/a/t/tk-{SECRET}/b",
    f"Authorization: Bearer {SECRET}",
    f"authorization: basic {SECRET}",
    f"https://example.org/x?a=1&token={SECRET}",
    f"https://example.org/x?X-Amz-Signature={SECRET}&b",
]


@pytest.mark.parametrize("text", TEXTS)
def test_redact(text) -> None:
    assert SECRET not in redact(text)
    assert "***" in redact(text)


@given(st.text(alphabet="ab:/@?&=t.-", max_size=30))
def test_redacting_and_stripping_never_fail_on_text_without_a_port(text) -> None:
    assert isinstance(redact(text), str)
    try:
        strip(f"https://example.org/{text}")
    except ValueError:  # what is no address at all for the standard library either
        assert "[" in text or "]" in text


def test_known_secrets_are_hidden_wherever_they_stand() -> None:
    known = Credentials()
    known.learn("https://me:p%40ss%20word@example.org/")
    assert known.redact("it said p@ss word and p%40ss%20word") == "it said *** and ***"


def header(credentials: Credentials, url: str) -> str:
    found = credentials.find(url)
    return "" if found is None else found.apply(url)[1].get("authorization", "")


def basic(user: str, password: str) -> str:
    import base64

    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def test_learned_address_serves_its_server_and_no_other() -> None:
    known = Credentials()
    assert known.learn("https://me:s%23cret@example.org/simple/") == "https://example.org/simple/"
    for url in ("https://example.org/simple/numpy/", "https://example.org/files/x.whl"):
        assert header(known, url) == basic("me", "s#cret")
    for url in (
        "https://example.com/simple/",
        "http://example.org/simple/",
        "https://example.org:444/simple/",
    ):
        assert known.find(url) is None


def test_longest_agreeing_path_wins() -> None:
    known = Credentials()
    known.learn("https://one:1111@example.org/a/")
    known.learn("https://two:2222@example.org/a/b/")
    assert header(known, "https://example.org/a/b/c") == basic("two", "2222")
    assert header(known, "https://example.org/a/c") == basic("one", "1111")
    assert header(known, "https://example.org/z") == basic("one", "1111")  # the first learned


@pytest.mark.parametrize(
    ("learned", "asked", "sent"),
    [
        (
            "https://example.org/t/TOK/chan",
            "https://example.org/chan/noarch/x",
            "https://example.org/t/TOK/chan/noarch/x",
        ),
        (
            "https://example.org/get/t/TOK/c",
            "https://example.org/get/c/x",
            "https://example.org/get/t/TOK/c/x",
        ),
    ],
)
def test_conda_token_goes_back_to_its_place(learned, asked, sent) -> None:
    known = Credentials()
    assert "TOK" not in known.learn(learned, channel=True)
    found = known.find(asked)
    assert found
    assert found.apply(asked) == (sent, {})


VALUES = [
    ("me:pass:word", basic("me", "pass:word")),
    ("basic me:password", basic("me", "password")),
    ("bearer tokentoken", "Bearer tokentoken"),
    ("tokentoken", "Bearer tokentoken"),
]


@pytest.mark.parametrize(("value", "expected"), VALUES)
@pytest.mark.parametrize("name", ["LOCK_AUTH_MY_HOST_EXAMPLE_ORG", "LOCK_AUTH_MY_HOST_EXAMPLE_ORG_8080"])
def test_variables_by_host(name, value, expected) -> None:
    known = Credentials({name: value})
    assert header(known, "https://my-host.example.org:8080/x") == expected


def test_variable_with_a_conda_token() -> None:
    found = Credentials({"LOCK_AUTH_EXAMPLE_ORG": "token TOKEN"}).find("https://example.org/c/noarch/x")
    assert found
    assert found.apply("https://example.org/c/noarch/x")[0] == "https://example.org/t/TOKEN/c/noarch/x"


def test_variables_by_index_name() -> None:
    known = Credentials({"LOCK_INDEX_MY_CORP_USERNAME": "me", "LOCK_INDEX_MY_CORP_PASSWORD": "word"})
    assert known.learn_index("my-corp", "https://example.org/simple/") == "https://example.org/simple/"
    assert header(known, "https://example.org/simple/x/") == basic("me", "word")
    assert known.find("https://example.com/") is None


def test_netrc(tmp_path) -> None:
    path = tmp_path / "netrc"
    path.write_text("machine example.org login me password word\n")
    known = Credentials({"NETRC": str(path)})
    assert header(known, "https://example.org/x") == basic("me", "word")
    assert known.find("https://example.com/x") is None
    other = Credentials({"NETRC": str(path)})
    other.learn("https://someone@example.org/")
    assert header(other, "https://example.org/x") == basic("someone", "")


def test_broken_netrc_is_a_warning_without_its_text(tmp_path, caplog) -> None:
    path = tmp_path / "netrc"
    path.write_text(f"machine example.org nonsense {SECRET}\n")
    assert Credentials({"NETRC": str(path)}).find("https://example.org/x") is None
    assert "can't read the netrc file" in caplog.text
    assert SECRET not in caplog.text


@pytest.fixture
def keyring(monkeypatch):
    module = types.ModuleType("keyring")
    module.asked = []

    def get_credential(service, username):
        module.asked.append((service, username))
        if not service.startswith("127.0.0.1"):
            return None
        return types.SimpleNamespace(username=username or "me", password=SECRET)

    module.get_credential = get_credential
    module.__spec__ = types.SimpleNamespace(name="keyring")
    monkeypatch.setitem(sys.modules, "keyring", module)
    return module


def test_keyring_is_asked_only_after_a_refusal(keyring, tmp_path) -> None:
    with LoopbackServer({"open/x": b"1", "closed/x": b"2"}) as server:
        server.require_basic("me", SECRET, "/closed")
        credentials = Credentials(netrc_path=tmp_path / "none")
        with Fetcher(QUICK, credentials=credentials) as fetcher:
            assert fetcher.get(f"{server.url}/open/x").body == b"1"
            assert keyring.asked == []
            assert fetcher.get(f"{server.url}/closed/x").body == b"2"
            assert len(keyring.asked) == 2  # by address, by host
            assert fetcher.get(f"{server.url}/closed/x").body == b"2"
            assert len(keyring.asked) == 2


def test_redirect_to_another_server_carries_nothing(tmp_path) -> None:
    path = tmp_path / "netrc"
    path.write_text(f"machine 127.0.0.1 login me password {SECRET}\n")
    with LoopbackServer({"x": b"other"}) as other, LoopbackServer({"here/x": b"same"}) as server:
        server.redirect("/away/", f"{other.url}/")
        server.redirect("/stay/", "/here/")
        with Fetcher(QUICK, credentials=Credentials(netrc_path=path)) as fetcher:
            assert fetcher.get(f"{server.url}/away/x").body == b"other"
            assert fetcher.get(f"{server.url}/stay/x").body == b"same"
        assert [s.headers.get("authorization") for s in server.seen] == [basic("me", SECRET)] * 3
        assert [s.headers.get("authorization") for s in other.seen] == [None]


def test_signed_redirect_is_followed_and_not_shown() -> None:
    with LoopbackServer({"blob": b"data"}) as other, LoopbackServer() as server:
        server.redirect("/x", f"{other.url}/blob?sig={SECRET}")
        with Fetcher(QUICK) as fetcher:
            answer = fetcher.get(f"{server.url}/x")
        assert (answer.body, answer.url) == (b"data", f"{other.url}/blob")
        assert other.paths == [f"/blob?sig={SECRET}"]


def test_signed_address_is_sent_signed_and_shown_without() -> None:
    with LoopbackServer({"blob": b"data"}) as server:
        with Fetcher(QUICK) as fetcher:
            answer = fetcher.get(f"{server.url}/blob?sv=1&sig={SECRET}")
        assert answer.url == f"{server.url}/blob?sv=1"
        assert server.paths == [f"/blob?sv=1&sig={SECRET}"]


WAYS = [
    ("password", lambda s: s.require_basic("me", SECRET), lambda s: s.with_user("me", SECRET) + "/x"),
    ("conda token", lambda s: s.require_token(SECRET), lambda s: f"{s.url}/t/{SECRET}/x"),
]


@pytest.mark.parametrize(("guard", "address"), [w[1:] for w in WAYS], ids=[w[0] for w in WAYS])
def test_secret_is_sent_and_shows_nowhere(guard, address, caplog) -> None:
    with LoopbackServer({"x": b"data"}) as server, caplog.at_level(logging.DEBUG):
        guard(server)
        with Fetcher(QUICK) as fetcher:
            answer = fetcher.get(address(server))
        assert (answer.body, answer.url) == (b"data", f"{server.url}/x")
        server.fail("/", status=500)
        server.rules.reverse()
        with Fetcher(QUICK) as fetcher, pytest.raises(Exception, match="500") as caught:
            fetcher.get(address(server))
    shown = caplog.text + repr(caught.value) + str(caught.value) + repr(answer) + repr(vars(fetcher))
    assert SECRET not in shown


def test_refused_credentials_are_named_by_their_source() -> None:
    with LoopbackServer() as server:
        server.require_basic("me", "right", status=403)
        with Fetcher(QUICK) as fetcher, pytest.raises(AuthenticationError) as caught:
            fetcher.get(server.with_user("me", SECRET) + "/x")
    words = "the server answers 403: it refuses the credentials from the address"
    assert str(caught.value) == f"{server.url}/x: {words}"
    assert SECRET not in repr(pickle.loads(pickle.dumps(caught.value)))  # noqa: S301


def test_text_form_of_a_credential_shows_nothing() -> None:
    known = Credentials({"LOCK_AUTH_EXAMPLE_ORG": f"me:{SECRET}"})
    assert SECRET not in repr(known.find("https://example.org/"))
    assert SECRET not in repr(known)


def test_a_link_is_followed_with_what_is_known_for_hosts_that_were_named(tmp_path) -> None:
    path = tmp_path / "netrc"
    path.write_text(f"machine a.example login me password {SECRET}\n")
    found = Credentials({"LOCK_AUTH_B_EXAMPLE": f"me:{SECRET}"}, netrc_path=path, use_keyring=False)
    link = "https://a.example/x.whl"
    assert found.find(link, is_link=True) is None
    assert found.find(link) is not None
    assert found.find("https://b.example/x.whl", is_link=True) is not None, "said for links too"
    found.name_host("https://a.example:8080/simple/")
    assert found.find(link, is_link=True) is not None
    assert found.find("http://a.example/x.whl", is_link=True) is None, "not in clear text"
    assert not found.is_named("https://[half")


def test_a_link_to_a_host_that_nobody_named_is_told_so(tmp_path) -> None:
    path = tmp_path / "netrc"
    path.write_text(f"machine 127.0.0.1 login me password {SECRET}\n")
    known = Credentials({}, netrc_path=path, use_keyring=False)
    with LoopbackServer({"x": b"x"}) as server, Fetcher(QUICK, credentials=known) as fetcher:
        server.require_basic("me", SECRET)
        with pytest.raises(AuthenticationError, match="only a source's link leads to this host") as error:
            fetcher.get(f"{server.url}/x", is_link=True)
        assert "LOCK_AUTH_127_0_0_1" in str(error.value.hint)
        known.name_host(f"{server.url}/simple/")
        assert fetcher.get(f"{server.url}/x", is_link=True).body == b"x"
