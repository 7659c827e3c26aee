"""Records of revision 3 of repodata (CEP 48): what holds always apart from what holds under conditions.

Its match specs stand in brackets (``numpy[version=">=2"]``). What says no more than version and build
becomes ``numpy >=2``, as all readers of records have it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from resolver.model.match_spec import MatchSpec, parse_match_spec
from resolver.model.patterns import pattern
from resolver.model.plain_text import plain_text
from resolver.model.records import CondaRecord, RevisionThree

_GROUP = pattern(r"[a-z0-9_.+-]{1,64}\Z")
_FLAG = pattern(r"[a-z0-9_]+(?::[a-z0-9_]+)?\Z")
_MOST_GROUPS = 1000  #: of one record


def revised(record: CondaRecord, extras: Any, flags: Any) -> CondaRecord:
    """Return a record with what its match specs, extras and flags say; raises ValueError for odd ones."""
    depends, conditional = _parted(record.depends)
    constrains, conditional_limits = _parted(record.constrains)
    more = RevisionThree(
        depends=conditional, constrains=conditional_limits, extras=_groups(extras), flags=_flags(flags)
    )
    is_plain = more == RevisionThree() and not any("flags=" in text for text in (*depends, *constrains))
    return msgspec.structs.replace(
        record, depends=depends, constrains=constrains, more=None if is_plain else more
    )


def _parted(texts: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what holds always, and what holds under conditions or brings in extras."""
    always: list[str] = []
    conditional: list[str] = []
    for text in texts:
        try:
            spec = parse_match_spec(text) if "[" in text else None
        except ValueError:
            spec = None  # such a dependency is told when the record is looked at
        if spec is None or _is_odd(spec):
            always.append(text)
            continue
        if not spec.when:
            always.append(plain_text(spec))
        if spec.when or spec.extras:
            conditional.append(text)
    return tuple(dict.fromkeys(always)), tuple(dict.fromkeys(conditional))


def _is_odd(spec: MatchSpec) -> bool:
    """Tell whether it has fields that no dependency has (CEP 48), which only its text holds."""
    fields = (spec.channel, spec.subdir, spec.md5, spec.sha256, spec.file_name, spec.url)
    return not spec.when and not spec.extras and (any(fields) or bool(spec.extra_fields))


def _groups(extras: Any) -> tuple[tuple[str, tuple[str, ...]], ...]:
    if extras is None:
        return ()
    if not isinstance(extras, Mapping) or len(extras) > _MOST_GROUPS:
        raise ValueError("its extras are no table")
    for group, texts in extras.items():
        if not _GROUP.match(group):
            raise ValueError(f"`{group}` is no name of an extra")
        if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
            raise ValueError(f"its extra `{group}` is no list of match specs")
    return tuple((group, tuple(extras[group])) for group in sorted(extras))


def _flags(flags: Any) -> tuple[str, ...]:
    if flags is None:
        return ()
    if not isinstance(flags, list) or not all(isinstance(flag, str) and _FLAG.match(flag) for flag in flags):
        raise ValueError("its flags are no list of flags")
    return tuple(flags)
