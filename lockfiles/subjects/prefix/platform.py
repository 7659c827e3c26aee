"""Which platform and Python an environment is for, by what lies in it."""

from __future__ import annotations

import re
import struct
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from lockfiles.regular_files import open_regular_file
from resolver.model.patterns import pattern

#: Where an interpreter stands, by the tools that make environments.
_INTERPRETERS = ("bin/python3", "bin/python", "python.exe", "Scripts/python.exe")
#: ELF ``e_machine`` -> the processor in a subdir (System V ABI; 21 is big-endian without ``le``).
_ELF = {3: "32", 21: "ppc64le", 22: "s390x", 62: "64", 183: "aarch64", 243: "riscv64"}
#: Mach-O ``cputype`` -> subdir.
_MACH = {0x01000007: "osx-64", 0x0100000C: "osx-arm64"}
#: PE ``Machine`` -> subdir.
_PE = {0x014C: "win-32", 0x8664: "win-64", 0xAA64: "win-arm64"}
#: Ends of platform tags -> subdir; ``universal2`` says nothing.
_TAGS = (
    (pattern(r"(?:many)?linux.*_x86_64\Z"), "linux-64"),
    (pattern(r"(?:many)?linux.*_i686\Z"), "linux-32"),
    (pattern(r"(?:many)?linux.*_(aarch64|ppc64le|s390x|riscv64)\Z"), "linux-"),
    (pattern(r"macosx_.*_x86_64\Z"), "osx-64"),
    (pattern(r"macosx_.*_arm64\Z"), "osx-arm64"),
    (pattern(r"win_amd64\Z"), "win-64"),
    (pattern(r"win_arm64\Z"), "win-arm64"),
    (pattern(r"win32\Z"), "win-32"),
)
_HEADER = 4096  #: bytes: a PE file's own header lies within
_PYVENV_LARGEST = 64 * 1024


def platform_of_interpreter(prefix: Path) -> str | None:
    """Return the subdir that the environment's interpreter was built for.

    None where none is there, a link leads nowhere, or the file is for several processors.
    """
    for name in _INTERPRETERS:
        try:
            with open_regular_file(prefix / name) as file:
                found = platform_of_program(file.read(_HEADER))
        except OSError:
            continue
        if found:
            return found
    return None


def platform_of_program(head: bytes) -> str | None:
    """Return the subdir of a program by its first bytes (ELF, Mach-O, PE); None for anything else."""
    if head[:4] == b"\x7fELF" and len(head) >= 20:
        (machine,) = struct.unpack_from("<H" if head[5] == 1 else ">H", head, 18)
        return f"linux-{_ELF[machine]}" if machine in _ELF else None
    if head[:4] == b"\xcf\xfa\xed\xfe" and len(head) >= 8:
        return _MACH.get(struct.unpack_from("<I", head, 4)[0])
    if head[:2] == b"MZ" and len(head) >= 64:
        (start,) = struct.unpack_from("<I", head, 60)
        if head[start : start + 4] == b"PE\0\0" and len(head) >= start + 6:
            return _PE.get(struct.unpack_from("<H", head, start + 4)[0])
    return None


def platform_of_tags(tags: Iterable[str]) -> str | None:
    """Return the subdir that most wheels were for; None where no tag names one."""
    counts: Counter[str] = Counter()
    for tag in tags:
        platform = tag.rpartition("-")[2].lower()
        for known, subdir in _TAGS:
            if found := known.match(platform):
                counts[subdir + (found[1] if subdir.endswith("-") else "")] += 1
                break
    return min(counts, key=lambda name: (-counts[name], name)) if counts else None


def pyvenv_settings(prefix: Path) -> dict[str, str]:
    """Return the pairs of a virtual environment's ``pyvenv.cfg``, names in lower case; empty without one."""
    try:
        with open_regular_file(prefix / "pyvenv.cfg") as file:
            text = file.read(_PYVENV_LARGEST).decode("utf-8", "replace")
    except OSError:
        return {}
    pairs = (line.partition("=") for line in text.splitlines() if "=" in line)
    return {name.strip().lower(): value.strip() for name, _, value in pairs}


def python_of_settings(settings: dict[str, str]) -> str | None:
    """Return the interpreter's version that ``pyvenv.cfg`` names; None where it names none.

    ``version`` is that of the standard library's venv, ``version_info`` that of virtualenv and uv
    (``3.12.7.final.0``).
    """
    text = settings.get("version_info") or settings.get("version") or ""
    found = re.match(r"\d+\.\d+(?:\.\d+)?", text)
    return found[0] if found else None
