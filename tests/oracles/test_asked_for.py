"""The independent reader is judged: what is planted as lost is found, each thing by itself."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from tests.oracles.asked_for import draw, missing_in_lockfile, read_asked

TEXT = """\
name: train
channels: [conda-forge, https://channels.example.org/own]
variables: {FLAG: "1"}
prefix: /opt/x
odd: 1
dependencies:
- python=3.11
- numpy >=1.26,<2   # [linux]
- pywin32           # [win]
- pip:
  - --extra-index-url https://index.example.org/simple
  - requests[socks]>=2 ; python_version >= "3.8"
  - tomli ; python_version < "3.11"
"""
SAID = "`FLAG` has no place; `prefix` is left out; unknown key `odd`"


def package(name: str, version: str, manager: str = "conda", build: str = "h1_0") -> dict[str, Any]:
    url = f"https://example.org/{name}-{version}-{build}.conda"
    return {"name": name, "version": version, "manager": manager, "platform": "linux-64", "url": url}


def lockfile(**changed: Any) -> str:
    found = {
        "metadata": {
            "channels": [{"url": "conda-forge"}, {"url": "https://channels.example.org/own"}],
            "custom_metadata": {"lockstack.name": "train", "lockstack.indexes": "index.example.org/simple"},
        },
        "package": [
            package("python", "3.11.9"),
            package("numpy", "1.26.4"),
            package("requests", "2.32.0", "pip"),
        ],
    }
    return yaml.safe_dump({**found, **changed})


def missing(text: str = TEXT, lock: str | None = None, said: str = SAID) -> list[str]:
    asked = read_asked(text)
    assert asked is not None
    return missing_in_lockfile(asked, lock or lockfile(), subdir="linux-64", python="3.11.9", said=said)


def test_nothing_is_missing_of_a_whole_lockfile() -> None:
    assert missing() == []


PLANTED = [
    ("a package", {"package": [package("python", "3.11.9"), package("requests", "2.32.0", "pip")]},
     ["conda line `numpy >=1.26,<2   # [linux]`"]),
    ("another version", {"package": [package("python", "3.12.1"), package("numpy", "1.26.4"),
                                     package("requests", "2.32.0", "pip")]}, ["conda line `python=3.11`"]),
    ("a pip line", {"package": [package("python", "3.11.9"), package("numpy", "1.26.4")]},
     ['pip line `requests[socks]>=2 ; python_version >= "3.8"`']),
    ("a channel, the name, the index", {"metadata": {"channels": [{"url": "conda-forge"}]}},
     ["channel `https://channels.example.org/own`", "name `train`",
      "index `https://index.example.org/simple`"]),
]  # fmt: skip


@pytest.mark.parametrize(("changed", "lost"), [row[1:] for row in PLANTED], ids=[row[0] for row in PLANTED])
def test_what_is_planted_as_lost_is_found(changed: dict[str, Any], lost: list[str]) -> None:
    assert sorted(missing(lock=lockfile(**changed))) == sorted(_spelled(lost))


def _spelled(lost: list[str]) -> list[str]:
    """Return the lines as the loader of plain text gives them: without comments."""
    return [line.replace("   # [linux]", "") for line in lost]


def test_what_is_not_said_is_missing() -> None:
    assert missing(said="") == ["variable `FLAG`", "prefix `/opt/x`", "key `odd`"]


def test_what_is_no_environment_file() -> None:
    assert read_asked("a: [") is None
    assert read_asked("image: x\n") is None
    assert draw(["c", "a", "b"], 2, seed=8) == draw(["b", "c", "a"], 2, seed=8)
