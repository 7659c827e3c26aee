"""The request hash changes with every question, and with nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from lockfiles.request.request_hash import request_hashes
from resolver.inputs.reading import parse_inputs
from resolver.model.channels import ChannelPriority
from resolver.model.requirements import IndexOptions, Requirements
from resolver.model.target import ResolutionMode
from tests.lockfiles.make import LINUX, MACOS

BASE = """\
channels: [conda-forge, pytorch]
dependencies:
- python=3.11
- numpy >=1.26,<2
- pip:
  - requests[socks]>=2; python_version < "3.13"
"""


def parsed(text: str) -> Requirements:
    return parse_inputs(["environment.yml"], lambda _: text.encode())


def of(text: str, **fields: Any) -> str:
    return request_hashes(parsed(text), [replace(LINUX, **fields)])["linux-64"]


def test_one_for_each_target() -> None:
    found = request_hashes(parsed(BASE), [LINUX, MACOS])
    assert sorted(found) == ["linux-64", "osx-arm64"]
    assert len(set(found.values())) == 2


def test_the_form_is_pinned() -> None:
    """A change of this value makes every lockfile look old: raise FORM, and say so in the changelog."""
    assert of(BASE) == "316a18c2ef4aa5824bf7e6dc1a94de74e704fb0e3cbdec1f34beba05c13d1fcd"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("# note\n" + BASE, id="a comment"),
        pytest.param(
            BASE.replace("- python=3.11\n- numpy >=1.26,<2\n", "- numpy >=1.26,<2\n- python=3.11\n"),
            id="order",
        ),
        pytest.param(BASE.replace("numpy >=", "numpy   >="), id="blanks"),
        pytest.param("name: other\n" + BASE, id="the name"),
        pytest.param(BASE.replace("\n", "\r\n"), id="line ends"),
        pytest.param(BASE.replace("- python=3.11\n", "- python=3.11\n- python=3.11\n"), id="a line twice"),
    ],
)
def test_what_does_not_count(text: str) -> None:
    assert of(text) == of(BASE)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(BASE.replace("3.11", "3.12"), id="a version"),
        pytest.param(
            BASE.replace("[conda-forge, pytorch]", "[pytorch, conda-forge]"), id="the order of channels"
        ),
        pytest.param(BASE.replace("[socks]", ""), id="an extra"),
        pytest.param(BASE.replace('; python_version < "3.13"', ""), id="a marker"),
        pytest.param(BASE.replace("- python=3.11\n", "- python=3.11\n- pip=23\n"), id="the user's pip"),
        pytest.param(BASE + "  - -e .\n", id="an editable folder"),
        pytest.param(BASE + "  - --pre\n", id="pre-releases"),
        pytest.param(BASE.replace("- numpy", "- numpy <9\n- numpy"), id="a second line for a package"),
        pytest.param("category: dev\n" + BASE, id="the category"),
    ],
)
def test_what_counts(text: str) -> None:
    assert of(text) != of(BASE)


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"channel_priority": ChannelPriority.FLEXIBLE}, id="priority"),
        pytest.param({"exclude_newer": 1}, id="date"),
        pytest.param({"resolution_mode": ResolutionMode.LOWEST}, id="versions wanted"),
        pytest.param({"virtual_packages": ()}, id="virtual packages"),
        pytest.param({"python": "3.12.1"}, id="python"),
    ],
)
def test_the_target_counts(fields: dict[str, Any]) -> None:
    assert of(BASE, **fields) != of(BASE)


def test_settings_count() -> None:
    hashes = {
        request_hashes(parsed(BASE), [LINUX], settings={"indexes": indexes})["linux-64"]
        for indexes in (("a", "b"), ("b", "a"), ("a",))
    }
    assert len(hashes) == 3


def test_a_secret_does_not_enter() -> None:
    def with_index(url: str) -> str:
        requirements = replace(parsed(BASE), indexes=IndexOptions(index_url=url))
        return request_hashes(requirements, [LINUX])["linux-64"]

    assert with_index("https://u:" + "sesame" + "@example.org/simple") == with_index(
        "https://example.org/simple"
    )
