"""No secret gets into a lockfile, and nothing else is lost from an address."""

from __future__ import annotations

import pytest

from lockfiles.addresses import locked_channel
from lockfiles.model import LockedChannel
from resolver.model.redaction import strip

WORD = "sesame" + "open"
SHAPED = "ab-" + "01234567-89ab-cdef-0123-456789abcdef"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        pytest.param("conda-forge", "conda-forge", id="a name"),
        pytest.param(
            "https://example.org/c/a.conda", "https://example.org/c/a.conda", id="nothing to take out"
        ),
        pytest.param(f"https://u:{WORD}@example.org/c", "https://example.org/c", id="user and password"),
        pytest.param(
            f"https://{WORD}@example.org:8080/c", "https://example.org:8080/c", id="a token as the user"
        ),
        pytest.param(f"https://u:{WORD}@x@example.org/c", "https://example.org/c", id="an @ in the password"),
        pytest.param(
            f"https://example.org/t/{WORD}/c/linux-64", "https://example.org/c/linux-64", id="a token"
        ),
        pytest.param(f"https://example.org/t/{WORD}", "https://example.org", id="a token at the end"),
        pytest.param(
            f"https://example.org/api/t/{SHAPED}/c", "https://example.org/api/c", id="a token deeper"
        ),
        pytest.param("https://example.org/t/${TOKEN}/c", "https://example.org/c", id="a variable"),
        pytest.param(
            "https://example.org/packages/t/torch/torch-2.0.whl",
            "https://example.org/packages/t/torch/torch-2.0.whl",
            id="a folder that is called t",
        ),
        pytest.param(
            "git+ssh://git@example.org/o/n", "git+ssh://git@example.org/o/n", id="the user of ssh stays"
        ),
        pytest.param(
            f"git+ssh://git:{WORD}@example.org/o/n", "git+ssh://git@example.org/o/n", id="without password"
        ),
        pytest.param(
            f"git+https://{WORD}@example.org/t/n@v1", "git+https://example.org/t/n@v1", id="git over https"
        ),
        pytest.param(
            "https://example.org/x?a=b#sha256=0", "https://example.org/x?a=b#sha256=0", id="query and hash"
        ),
    ],
)
def test_strip(url: str, expected: str) -> None:
    assert strip(url) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("pkgs/main", LockedChannel(url="pkgs/main"), id="a name"),
        pytest.param("../sample", LockedChannel(url="../sample"), id="a folder"),
        pytest.param(
            "https://$USER:${PASS}@example.org/c",
            LockedChannel(url="https://${USER}:${PASS}@example.org/c", used_env_vars=("PASS", "USER")),
            id="variables",
        ),
        pytest.param(
            "https://bob:${PASS}@example.org/c",
            LockedChannel(url="https://bob:${PASS}@example.org/c", used_env_vars=("PASS",)),
            id="a user is no secret",
        ),
        pytest.param(
            f"https://${{USER}}:{WORD}@example.org/c",
            LockedChannel(url="https://example.org/c", used_env_vars=()),
            id="a password written out",
        ),
        pytest.param(
            "https://example.org/t/$TOKEN/c",
            LockedChannel(url="https://example.org/t/${TOKEN}/c", used_env_vars=("TOKEN",)),
            id="a token's variable",
        ),
        pytest.param(
            f"https://example.org/t/{WORD}/c", LockedChannel(url="https://example.org/c"), id="a token"
        ),
    ],
)
def test_channels(text: str, expected: LockedChannel) -> None:
    assert locked_channel(text) == expected
