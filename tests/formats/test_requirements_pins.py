"""Requirements that pin everything are a resolution as they stand."""

from __future__ import annotations

import pytest

from lockfiles.formats.requirements.pins import is_pinned, pinned_version, resolution_of_pins
from resolver.inputs.reading import parse_inputs
from resolver.model.requirements import Requirements
from resolver.model.target import Target

HASH = "--hash=sha256:" + "0" * 64
TARGET = Target(subdir="linux-64", python="3.11.9")


def read(text: str) -> Requirements:
    """Return the requirements of a file's text."""
    return parse_inputs(["requirements.txt"], lambda _: text.encode())


@pytest.mark.parametrize(
    ("line", "version"),
    [
        (f"torch==2.6.0+cu124 {HASH}", "2.6.0+cu124"),
        ("numpy === 1.26.4", "1.26.4"),
        ("numpy==1.26.*", None),
        ("numpy>=1.26", None),
        ("numpy==1.26,!=1.27", None),
        ("numpy", None),
    ],
)
def test_only_one_version_is_a_pin(line: str, version: str | None) -> None:
    requirements = read(line + "\n")
    assert pinned_version(requirements.pypi[0]) == version
    assert is_pinned(requirements) is (version is not None)


def test_markers_are_judged_for_the_target() -> None:
    requirements = read("a==1 ; sys_platform == 'win32'\nb==2 ; python_version >= '3.10'\nc==3\n")
    resolution = resolution_of_pins(requirements, TARGET)
    assert [(pin.name, pin.version) for pin in resolution.pypi] == [("b", "2"), ("c", "3")]
    assert resolution.python == "3.11.9"
