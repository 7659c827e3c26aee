"""Names of conda's platforms (subdirs)."""

from __future__ import annotations

#: Platforms that conda packages are built for (conda's ``KNOWN_SUBDIRS``), most used first, without noarch.
KNOWN_SUBDIRS: tuple[str, ...] = (
    "linux-64",
    "linux-aarch64",
    "osx-arm64",
    "osx-64",
    "win-64",
    "win-arm64",
    "linux-ppc64le",
    "linux-s390x",
    "linux-riscv64",
    "linux-armv7l",
    "linux-armv6l",
    "linux-32",
    "linux-ppc64",
    "linux-riscv32",
    "win-32",
    "freebsd-64",
    "emscripten-wasm32",
    "wasi-wasm32",
    "zos-z",
)
