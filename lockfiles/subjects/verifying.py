"""Verify: is an environment what its lockfile says, and whole? The rules of `lock check` for that alone."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from resolver.checks.context import CheckContext
from resolver.checks.deviations import Deviations, LockedWith
from resolver.model.installed import Installation
from resolver.model.resolution import Resolution

if TYPE_CHECKING:
    from resolver.checks.registry import Report

#: Families of rules that look at what is installed, by itself and beside a lockfile.
FAMILIES = ("prefix", "locked")


class VerifyRequest(msgspec.Struct, frozen=True, kw_only=True):
    """An environment's folder, and what was to be installed in it.

    ``locked`` is the resolution for its platform (:func:`read_lockfile` gives those of a file); None:
    the environment is looked at by itself. ``wanted``: the categories that were to be installed beside
    others that may be; None: all. ``silence`` maps rules to the reason why they don't count.
    """

    prefix: Path
    locked: Resolution | None = None
    lockfile: str = "the lockfile"  #: how it is called in messages
    wanted: frozenset[str] | None = frozenset({"main"})
    every_byte: bool = False  #: compare files of any size by their hash
    silence: Mapping[str, str] = msgspec.field(default_factory=dict)


class Verified(msgspec.Struct, frozen=True, kw_only=True):
    """What was found: a report as `lock check` gives it, what is installed, and how it differs."""

    report: Report
    installation: Installation
    deviations: Deviations | None  #: None where there was no lockfile


def verify(request: VerifyRequest) -> Verified:
    """Look at an environment and at its lockfile; none of the environment's code is run.

    Raises InputError for a folder that is no environment or can't be read.
    """
    from lockfiles.subjects.prefix.reading import read_prefix
    from lockfiles.subjects.prefix.resolution import resolution_of
    from resolver.checks.registry import run_checks

    locked = request.locked
    subdir = locked.target.subdir if locked is not None else "linux-64"
    installation = read_prefix(request.prefix, subdir, every_byte=request.every_byte)
    context = CheckContext(
        resolution=resolution_of(installation),
        installation=installation,
        locked=None
        if locked is None
        else LockedWith(
            file=request.lockfile,
            platforms=(subdir,),
            resolution=locked if installation.subdir == subdir else None,
            wanted=request.wanted,
        ),
    )
    report = run_checks(context, silence=request.silence, families=FAMILIES)
    return Verified(report=report, installation=installation, deviations=context.deviations)
