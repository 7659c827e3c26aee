"""Which platform a program and wheels are for, and what pyvenv.cfg says of its Python."""

from __future__ import annotations

import struct
import sys
from pathlib import Path

import pytest

from lockfiles.subjects.prefix.platform import (
    platform_of_interpreter,
    platform_of_program,
    platform_of_tags,
    python_of_settings,
    pyvenv_settings,
)
from tests.support.tables import table


def elf(machine: int, order: str = "<") -> bytes:
    """The first 20 bytes of an ELF file (System V ABI, chapter 4)."""
    ident = b"\x7fELF\x02" + (b"\x01" if order == "<" else b"\x02") + b"\x01" + bytes(9)
    return ident + struct.pack(f"{order}HH", 2, machine)


def portable_executable(machine: int, start: int = 128) -> bytes:
    """The first bytes of a PE file."""
    return (
        b"MZ"
        + bytes(58)
        + struct.pack("<I", start)
        + bytes(start - 64)
        + b"PE\0\0"
        + struct.pack("<H", machine)
    )


@table(
    "head, subdir",
    [
        ("x86-64", elf(62), "linux-64"),
        ("64-bit ARM", elf(183), "linux-aarch64"),
        ("PowerPC, little-endian", elf(21), "linux-ppc64le"),
        ("System z, big-endian", elf(22, ">"), "linux-s390x"),
        ("32-bit x86", elf(3), "linux-32"),
        ("an ELF of a processor nobody locks for", elf(8), None),
        ("a Mac with Apple silicon", b"\xcf\xfa\xed\xfe" + struct.pack("<I", 0x0100000C), "osx-arm64"),
        ("an older Mac", b"\xcf\xfa\xed\xfe" + struct.pack("<I", 0x01000007), "osx-64"),
        ("a Mac's program for both", b"\xca\xfe\xba\xbe" + bytes(8), None),
        ("Windows", portable_executable(0x8664), "win-64"),
        ("Windows on ARM", portable_executable(0xAA64), "win-arm64"),
        ("Windows, 32 bits", portable_executable(0x014C, 240), "win-32"),
        ("a PE whose header lies elsewhere", portable_executable(0x8664)[:70], None),
        ("a script", b"#!/bin/sh\n", None),
        ("nothing", b"", None),
        ("cut short", b"\x7fELF", None),
    ],
)
def test_a_program_tells_its_platform(head: bytes, subdir: str | None) -> None:
    assert platform_of_program(head) == subdir


@pytest.mark.skipif(sys.platform != "linux", reason="the interpreter's own platform is known there")
def test_the_interpreter_that_runs_tells_its_platform() -> None:
    import platform

    known = {"x86_64": "linux-64", "aarch64": "linux-aarch64"}
    assert platform_of_interpreter(Path(sys.prefix)) == known[platform.machine()]


@table(
    "tags, subdir",
    [
        ("pure ones say nothing", ["py3-none-any"], None),
        ("most count", ["cp312-cp312-manylinux_2_17_x86_64"] * 2 + ["cp312-cp312-win_amd64"], "linux-64"),
        ("legacy names", ["cp39-cp39-manylinux2014_aarch64"], "linux-aarch64"),
        ("built here", ["cp39-cp39-linux_x86_64"], "linux-64"),
        ("macOS", ["cp312-cp312-macosx_11_0_arm64"], "osx-arm64"),
        ("macOS for both", ["cp312-cp312-macosx_11_0_universal2"], None),
        ("Windows", ["cp312-cp312-win32"], "win-32"),
    ],
)
def test_wheels_tell_their_platform(tags: list[str], subdir: str | None) -> None:
    assert platform_of_tags(tags) == subdir


@table(
    "text, python",
    [
        ("the standard library's", "home = /usr/bin\nversion = 3.11.7\n", "3.11.7"),
        ("virtualenv's", "version_info = 3.12.1.final.0\nversion = 20.1\n", "3.12.1"),
        ("uv's", "uv = 0.5\nversion_info = 3.13.0\n", "3.13.0"),
        ("none", "home = /usr/bin\n", None),
        ("no version", "version = latest\n", None),
    ],
)
def test_pyvenv_names_the_python(tmp_path: Path, text: str, python: str | None) -> None:
    (tmp_path / "pyvenv.cfg").write_text(text, encoding="utf-8")
    assert python_of_settings(pyvenv_settings(tmp_path)) == python
