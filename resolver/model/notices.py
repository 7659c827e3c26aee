"""What was chosen for the user, or what decided in silence: a code, one line, and its facts."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from resolver.errors import one_line
from resolver.model.findings import Severity

#: Values of a notice's facts.
FactValue = str | tuple[str, ...] | None


#: Code of what is said of a line of the user's that an exclusion takes out.
EXCLUDED_LINE = "excluded-line"
#: Code of what is said, target by target, of overrides that stand in place of nothing.
IDLE_OVERRIDE = "idle-override"
#: Code of what is said of an index that has nothing of what a target asked of it.
LACKS_ALL = "index-lacks-all"


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is said about a lock that was made.

    ``code`` is a stable identifier in kebab case (``first-index``); ``text`` is one
    line that stands by itself, without the platform. ``facts`` are what it tells, by
    name, for programs; their names are those of the code.
    """

    code: str
    text: str
    severity: Severity = Severity.NOTE
    package: str | None = None  #: the package it is about, by name; None: about no single one
    target: str | None = None  #: subdir; None: about the whole run
    facts: Mapping[str, FactValue] = msgspec.field(default_factory=dict)

    def __post_init__(self) -> None:
        """Keep the text, which may quote a stranger, to its one line."""
        if "\n" in self.text:
            msgspec.structs.force_setattr(self, "text", one_line(self.text))

    def to_json(self) -> dict[str, object]:
        """Return it as JSON values: ``code``, ``severity``, ``target``, ``package``, ``text``, facts."""
        facts = {
            name: list(value) if isinstance(value, tuple) else value for name, value in self.facts.items()
        }
        return {
            "code": self.code,
            "severity": self.severity.value,
            "target": self.target,
            "package": self.package,
            "text": self.text,
            **facts,
        }
