"""What stands for records that can't be used, each with the reason."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from resolver.errors import one_line
from resolver.model.records import CondaRecord

_LONGEST_REASON = 300  #: characters


class Named(msgspec.Struct):
    """What is read of a record of a kind that isn't known."""

    name: str
    version: str
    build: str = ""


def faulty_record(file_name: str, reason: str) -> CondaRecord:
    """Return what stands for a record that can't be used: what its file's name says, and why."""
    stem = file_name.removesuffix(".conda").removesuffix(".tar.bz2")
    name, version, build = (["", "", *stem.rsplit("-", 2)])[-3:]
    return CondaRecord(name, version, build, 0, file_name, fault=one_line(reason)[:_LONGEST_REASON])


def unread_of(members: Iterable[tuple[str, Any]], decode: Any, why: str) -> Iterator[CondaRecord]:
    """Yield what stands for files of a kind that isn't known here, each with the reason ``why``."""
    for file_name, encoded in members:
        try:
            said: Named = decode(encoded)
        except msgspec.ValidationError:
            yield faulty_record(file_name, why)
        else:
            fault = one_line(why)[:_LONGEST_REASON]
            yield CondaRecord(said.name, said.version, said.build, 0, file_name, fault=fault)


def reason_unread(revision: str, ending: str) -> str | None:
    """Return why files of a section can't be used: a later revision, no conda packages; None: they can."""
    if revision not in ("", "v3"):
        return f"it is of revision `{revision}` of repodata, which isn't known here"
    if ending not in ("conda", "tar.bz2"):
        return f"a `.{ending}` isn't installed as a conda package here"
    return None
