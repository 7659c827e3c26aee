"""No secret of an address is left, wherever it stands; what is none stays as it is."""

from __future__ import annotations

import itertools
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.model.redaction import HIDDEN, redact, redact_definition, split_secrets, strip
from tests.support.amount import sampled

WORD = "planted" + "Secret9"
UUID = "12345678-1234-1234-1234-123456789abc"

SCHEMES = ("https://", "http://", "HTTPS://", "git+https://", "git+ssh://", "ssh://", "s3://", "ftp://")
USERS = (
    "",
    f"{WORD}@",
    f"me:{WORD}@",
    f"me:{WORD}@x@",
    f"{WORD}:@",
    f"git:{WORD}@",
    f"me:a<{WORD}>@",
    "git@",
)
PATHS = (
    "",
    "/",
    "/x.whl",
    f"/t/{WORD}",
    f"/t/{WORD}/channel",
    f"/deep/t/{WORD}/channel",
    f"/deep/er/t/tk-{WORD}",
    "/packages/t/torch/torch-2.whl",
)
QUERIES = (
    "",
    "?a=b",
    f"?sig={WORD}",
    f"?a=1&token={WORD}&b=2",
    f"?a=1;token={WORD};b=2",
    f"?X-Amz-Signature={WORD}",
    f"?apikey={WORD}#sha256=ab",
    f"?access_token={WORD}",
)
SENTENCES = ("{}", "can't read {}!", "'{}'", '"{}"', "name @ {} ; python_version > '3'", "(see {})")
ADDRESSES = [
    "".join(parts) for parts in itertools.product(SCHEMES, USERS, ("h.example.org:8080",), PATHS, QUERIES)
]


@pytest.mark.parametrize("sentence", SENTENCES)
def test_no_secret_is_left_in_a_text(sentence: str) -> None:
    # Every pair of parts stands in each sample, and every address in one sentence or another.
    for address in sampled(ADDRESSES, 5, SENTENCES.index(sentence) % 5):
        for shown in (redact(sentence.format(address)), redact_definition(sentence.format(address))):
            assert WORD not in shown, address
            assert redact(shown) == shown


def test_no_secret_is_left_in_an_address() -> None:
    for address in ADDRESSES:
        clean = strip(address)
        is_account = "ssh" in address and address.partition("://")[2].startswith((f"{WORD}@", f"{WORD}:"))
        is_repository = "+" in address.partition(":")[0] or address.startswith("ssh")
        if is_account or (is_repository and "/t/" in address) or "/deep/t/" in address:
            continue  # the account of ssh, folders of a repository, and a folder that is called t
        assert WORD not in clean, address
        assert strip(clean) == clean


KEPT = [
    ("words", "a basic package, python >=3.10"),
    ("a folder by first letter", "https://h.example.org/packages/t/tensorflow/tensorflow-2.whl"),
    ("the same, one deeper", "https://h.example.org/packages/py3/t/tensorflow/tensorflow-2.whl"),
    ("a project called t", "https://h.example.org/simple/t/index.html"),
    ("the account that everybody uses", "git+ssh://git@h.example.org/o/r.git@v1"),
    ("a digest of an image", "registry.example.org/base@sha256:" + "ab" * 32),
    ("a hash behind an address", "https://h.example.org/x.whl?a=b#sha256=" + "ab" * 32),
    ("a variable as the user", "https://${USER}:${TOKEN}@h.example.org/c"),
    ("a variable as the token", "https://h.example.org/t/${TOKEN}/c"),
    ("a variable in the query", "https://h.example.org/c?token=$TOKEN"),
]


@pytest.mark.parametrize("text", [case[1] for case in KEPT], ids=[case[0] for case in KEPT])
def test_what_is_no_secret_stays_in_a_definition(text: str) -> None:
    assert redact_definition(text) == text


HIDDEN_TEXTS = [
    (
        "a password may look like a variable",
        "https://me:$ecret@h.example.org",
        f"https://{HIDDEN}@h.example.org",
    ),
    ("a header", f"Authorization: Bearer {WORD}", f"Authorization: Bearer {HIDDEN}"),
    ("a connection string", f"Name=a;AccountKey={WORD}==;End=x", f"Name=a;AccountKey={HIDDEN};End=x"),
    ("a token of known shape", f"glpat-{WORD}{WORD}", HIDDEN),
    (
        "the hash behind a signed address",
        f"https://h/x?sig={WORD}#sha256=ab",
        f"https://h/x?sig={HIDDEN}#sha256=ab",
    ),
]


@pytest.mark.parametrize(("text", "shown"), [c[1:] for c in HIDDEN_TEXTS], ids=[c[0] for c in HIDDEN_TEXTS])
def test_texts(text: str, shown: str) -> None:
    assert redact(text) == shown


TOKENS = st.builds(
    "".join,
    st.tuples(
        st.sampled_from(["sk-", "sk-proj-", "sk-svcacct-", "sk-ant-api03-", "pypi-AgEIc"]),
        st.text(string.ascii_letters + string.digits, min_size=40, max_size=60).filter(
            lambda text: all(
                any(test(letter) for letter in text[:20]) for test in (str.isupper, str.islower, str.isdigit)
            )
        ),
        st.text(string.ascii_letters + string.digits + "_-", max_size=60),
    ),
)


@given(TOKENS, st.sampled_from(SENTENCES))
def test_random_tokens_are_hidden(token: str, sentence: str) -> None:
    assert redact(sentence.format(token)) == sentence.format(HIDDEN)
    assert redact_definition(sentence.format(token)) == sentence.format(HIDDEN)


FILE_NAMES = [
    "sk-learn-training-environment.yml",
    "sk-learn-Training_Environment-2026-11-28-py311.yml",
    "sk-learn-env-for-gpu-A100/environment.yml",
    "envs/sk-tokenizers-and-transformers.conda-lock.yml",
    "sk-0123456789abcdef0123456789abcdef01234567.yml",
    "hf_transformersfinetuning.yml",
    "hf_finetuning_environment_2026.yml",
    "pypi-only-packages-of-the-training-image.txt",
    "pypi-requirements-2026-11-28-Linux.txt",
    "task-force-environment-for-everyone.yml",
    "scikit-learn-1.5.2-py312h7a48858_1.conda",
]


@pytest.mark.parametrize("name", FILE_NAMES)
def test_names_of_files_are_no_tokens(name: str) -> None:
    for text in (name, f"`{name}`: no such file", f"{name}:3:1: unknown key"):
        assert redact(text) == text
        assert redact_definition(text) == text


def test_what_is_taken_out_is_known() -> None:
    found = split_secrets(f"https://me:p%40ss@h.example.org/c/t/{WORD}/x?a=1;sig=s;b=2#f", channel=True)
    assert found.url == "https://h.example.org/c/x?a=1;b=2#f"
    assert (found.username, found.password, found.token) == ("me", "p@ss", WORD)
    assert found.token_root == "https://h.example.org/c"
    assert found.query == "a=1;sig=s;b=2"


@pytest.mark.parametrize(
    "url",
    [
        "https://H.example.org?",
        "HTTP://h.example.org/x?#",
        "file:///t/x/y@z",
        "../t/x",
        f"git+https://h/t/{UUID}",
    ],
)
def test_an_address_without_a_secret_comes_back_to_the_letter(url: str) -> None:
    assert strip(url) == url


def test_the_account_of_ssh_stays_without_its_password() -> None:
    found = split_secrets(f"git+ssh://git:{WORD}@h.example.org/t/repository")
    assert found.url == "git+ssh://git@h.example.org/t/repository"
    assert (found.username, found.password) == (None, WORD)
