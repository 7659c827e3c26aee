"""Indexes of PyPI kind, as configured."""

from __future__ import annotations

import msgspec

from resolver.model.choices import StrEnum
from resolver.model.names import PypiName


class IndexStrategy(StrEnum):
    """How files of one project on several indexes go together.

    first-index: the first index that has the project gives all its files, so
    that a public project never stands in for a private one of the same name.
    unsafe-best-match: the files of all indexes together, as pip does.
    """

    FIRST_INDEX = "first-index"
    UNSAFE_BEST_MATCH = "unsafe-best-match"


#: what to ask an index for, best first (PEP 691)
ACCEPT = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1"


class Index(msgspec.Struct, frozen=True, kw_only=True):
    """One index (PEP 503 or 691), or a flat list of files (pip's ``--find-links``).

    ``url`` is http(s), ``file:`` or a plain path, without a trailing slash; it
    may hold credentials only until :class:`resolver.sources.pypi.indexes.IndexSet`
    takes it, so never show it. ``name`` is what people and lockfiles see, ``origin``
    where it is configured, for messages.
    """

    name: str
    url: str
    is_flat: bool = False
    is_explicit: bool = False  #: only for projects that name it
    origin: str = ""


class FormatRules(msgspec.Struct, frozen=True, kw_only=True):
    """Which kinds of files may be used (pip's ``--no-binary``, ``--only-binary``).

    Normalised names; ``:all:`` stands for every project.
    """

    no_binary: frozenset[str] = frozenset()
    only_binary: frozenset[str] = frozenset()

    def then(self, later: FormatRules) -> FormatRules:
        """Return these rules with others read after them: as in pip the later one wins for a name."""
        no_binary, only_binary = set(self.no_binary), set(self.only_binary)
        for names, others, words in (
            (no_binary, only_binary, later.no_binary),
            (only_binary, no_binary, later.only_binary),
        ):
            if ":all:" in words:
                names.clear()
                others.clear()
            others -= words
            names |= words
        return FormatRules(no_binary=frozenset(no_binary), only_binary=frozenset(only_binary))

    def refusal(self, name: PypiName, *, is_wheel: bool) -> str | None:
        """Say why a wheel or sdist of ``name`` may not be used; None: it may. A name outweighs ``:all:``."""
        banned, other = self.no_binary, self.only_binary
        if not is_wheel:
            banned, other = other, banned
        if name not in banned and (":all:" not in banned or name in other):
            return None
        kind, option = ("wheels", "--no-binary") if is_wheel else ("sdists", "--only-binary")
        return f"{kind} are excluded by `{option}`"
