"""The conflict that a log itself holds, in sentences: told whether or not it can be solved again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import msgspec

#: So many sentences of one log are told.
MOST_SENTENCES = 8
_BASE = re.compile(r"^(?:[\w./-]+::)?([A-Za-z0-9_][\w.\-]*)")


class LoggedDemand(msgspec.Struct, frozen=True, kw_only=True):
    """What a log says that a package asks of another.

    ``owner`` and ``version``: who asks, empty where it is the user. ``needs``: the requirement.
    ``but``: what stands against it, where the log says so itself (``numpy 1.26.4 is installed``).
    """

    owner: str = ""
    version: str = ""
    needs: str
    is_constraint: bool = False
    but: str = ""


def conflict_of_demands(demands: Sequence[LoggedDemand]) -> tuple[str, ...]:
    """Return who asks what of the projects on which two or more demands meet, the user's own last.

    Nothing where no project has two: then the log holds no conflict that can be told.
    """
    by_name: dict[str, list[LoggedDemand]] = {}
    for demand in demands:
        by_name.setdefault(base_name(demand.needs), []).append(demand)
    told: list[str] = []
    for met in by_name.values():
        if len({demand.needs for demand in met}) < 2 and not any(demand.but for demand in met):
            continue
        owned = [demand for demand in met if demand.owner]
        told += _owned_sentences(owned)
        told += [_users_sentence(demand, is_first=not owned) for demand in met if not demand.owner]
    return cut_short(told)


def _owned_sentences(demands: Sequence[LoggedDemand]) -> list[str]:
    """Return a sentence for each package and need, its versions together; later ones begin with "but"."""
    versions: dict[tuple[str, str, str], list[str]] = {}
    for demand in demands:
        versions.setdefault((demand.owner, demand.needs, demand.but), []).append(demand.version)
    told: list[str] = []
    for (owner, needs, but), found in versions.items():
        lead = "but " if told and not but else ""
        told.append(f"{lead}{owner} {span_of(found)}".rstrip() + f" needs {needs}")
        if but:
            told.append(f"but {but}")
    return told


def _users_sentence(demand: LoggedDemand, *, is_first: bool) -> str:
    what = "is a constraint" if demand.is_constraint else "is asked for"
    return f"{'' if is_first else 'but '}`{demand.needs}` {what}"


def conflict_of_missing(missing: Iterable[str], where: str) -> tuple[str, ...]:
    """Return a sentence for each requirement that nothing met there; ``where``: in words."""
    return cut_short([f"`{text}` is asked for, and {where} had nothing that meets it" for text in missing])


def cut_short(sentences: Sequence[str]) -> tuple[str, ...]:
    """Return the sentences, each once, at most so many: the rest is counted."""
    told = list(dict.fromkeys(sentences))
    if len(told) > MOST_SENTENCES:
        told = [*told[: MOST_SENTENCES - 1], f"... and {len(told) - MOST_SENTENCES + 1} more"]
    return tuple(told)


def span_of(versions: Sequence[str]) -> str:
    """Return versions in the log's order as one text: the only one, or the first to the last."""
    found = list(dict.fromkeys(version for version in versions if version))
    if len(found) < 3:
        return ", ".join(found)
    return f"{found[0]} to {found[-1]}"


def base_name(text: str) -> str:
    """Return the package that a requirement is on, in one spelling."""
    found = _BASE.match(text)
    return re.sub(r"[-_.]+", "-", found[1].split("[")[0].lower()) if found else text
