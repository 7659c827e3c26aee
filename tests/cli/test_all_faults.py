"""Every fault of files, settings and flags is told at once, in whichever stage it would be met alone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.cli.here import lock

CHANNEL = "the environment variable `NOWHERE` is not set"
SPEC = "`numpy ==` is not a match spec"
SETTING = "unknown setting `nonesuch`"
SIZE = "unknown VM size `Standard_Foo`"
PACKAGE = "`zz` is not a virtual package"

FILES = {
    "channel.yml": 'channels: ["https://${NOWHERE}/c"]\ndependencies: [numpy]\n',
    "spec.yml": "channels: [conda-forge]\ndependencies: [numpy ==]\n",
    "both.yml": 'channels: ["https://${NOWHERE}/c"]\ndependencies: [numpy ==]\n',
    "good.yml": "channels: [conda-forge]\ndependencies: [numpy]\n",
}
CASES = [
    ("channel.yml", "", (), {CHANNEL}),
    ("both.yml", "", (), {CHANNEL, SPEC}),
    ("both.yml", "", ("--vm-size", "Standard_Foo"), {CHANNEL, SPEC, SIZE}),
    ("channel.yml", "", ("--vm-size", "Standard_Foo"), {CHANNEL, SIZE}),
    ("spec.yml", "nonesuch = 1\n", ("--vm-size", "Standard_Foo"), {SPEC, SETTING, SIZE}),
    ("good.yml", "nonesuch = 1\n", ("--vm-size", "Standard_Foo"), {SETTING, SIZE}),
    ("spec.yml", "", ("--virtual-package", "zz"), {SPEC, PACKAGE}),
    ("good.yml", "", ("--virtual-package", "zz"), {PACKAGE}),
]


@pytest.mark.parametrize("verb", [(), ("explain",)], ids=["lock", "explain"])
@pytest.mark.parametrize(("name", "settings", "flags", "told"), CASES)
def test_each_fault_is_told_once(
    verb: tuple[str, ...], name: str, settings: str, flags: tuple[str, ...], told: set[str], tmp_path: Path
) -> None:
    for file, text in (FILES | {"lockstack.toml": settings}).items():
        (tmp_path / file).write_text(text)
    done = lock(*verb, name, *flags, folder=tmp_path)
    assert done.code == 2, done.err
    faults = re.findall(r"^error: (.*)", done.err, re.MULTILINE)
    assert len(faults) == len(told), done.err
    assert all(any(words in fault for fault in faults) for words in told), done.err


def test_standard_input_is_read_once(tmp_path: Path) -> None:
    done = lock("-", "-o", "x.yml", "--vm-size", "Standard_Foo", folder=tmp_path, stdin=FILES["good.yml"])
    assert re.findall(r"^error: (.*)", done.err, re.MULTILINE) == [f"--vm-size: {SIZE}"]


def test_a_flag_s_channel_stands_in_place_of_one_that_can_not_be_meant(tmp_path: Path) -> None:
    (tmp_path / "channel.yml").write_text(FILES["channel.yml"])
    done = lock("channel.yml", "--channel", "./c", "--offline", folder=tmp_path)
    assert CHANNEL not in done.err
