"""What a row of the table of settings says.

The table stands on the way to ``--help``, so these are named tuples, and values
are read by functions that are imported when the first one is read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from resolver.model.choices import StrEnum

if TYPE_CHECKING:
    from typing import NamedTuple

    from lockfiles.settings.values import Where
else:
    from resolver.model.named_tuples import NamedTuple

#: Verbs that solve, each with the same flags for where packages come from.
SOLVING = frozenset({"lock", "explain", "check", "hash", "outdated", "graph", "add", "remove", "sync"})
#: Verbs that ask servers: those, and one that fetches what a lockfile names.
ASKING = SOLVING | {"install", "verify"}


class Form(StrEnum):
    """How a flag gives its value."""

    ONE = "one"
    MANY = "many"  #: may be repeated
    SWITCH = "switch"


class ValueKind(NamedTuple):
    """What values a setting takes."""

    reader: str  #: function of :mod:`lockfiles.settings.values`, or ``tables.NAME`` of :mod:`tables`
    words: str  #: for documentation
    schema: Mapping[str, Any]  #: JSON Schema of what a settings file holds
    form: Form = Form.ONE
    choices: tuple[str, ...] = ()  #: the only values
    completions: tuple[str, ...] = ()  #: values that a shell offers; others are fine
    show: Callable[[Any], Any] | None = None  #: a value -> what people read, where that differs

    def parse(self, raw: Any, where: Where) -> Any:
        """Return the value of what a place holds; raises ValueError(message, hint)."""
        if self.reader == "choice":
            from lockfiles.settings.values import choice

            return choice(raw, where, self.choices)
        return self.find_reader()(raw, where)

    def find_reader(self) -> Callable[[Any, Where], Any]:
        """Return the function that reads a value."""
        home, _, name = self.reader.rpartition(".")
        if home:
            from lockfiles.settings import tables

            found: Callable[[Any, Where], Any] = getattr(tables, name)
        else:
            from lockfiles.settings import values

            found = getattr(values, name)
        return found


class Group(StrEnum):
    """Groups of flags in ``--help``, in this order."""

    SOURCES = "sources"
    TARGET = "target"
    NETWORK = "network"
    MESSAGES = "messages"
    OWN = ""  #: placed by the one verb that has it


class Flag(NamedTuple):
    """The flag of a setting. In its group flags stand in the table's order, those with ``is_late`` last."""

    name: str  #: as typed
    help: str
    group: Group = Group.SOURCES
    metavar: str | None = None
    short: str = ""  #: ``-p``
    verbs: frozenset[str] = SOLVING
    is_late: bool = False


class Decides(StrEnum):
    """Which part of the request hash holds a setting that can change an answer."""

    TARGET = "target"
    CHANNELS = "channels"  #: names of the channels that are used
    ADDRESSES = "addresses"  #: addresses of the channels that are used, where they aren't conda's own
    INDEXES = "indexes"  #: names of the indexes that are used
    ALWAYS = "always"  #: an entry of its own name
    CHANGED = "changed"  #: an entry of its own name where the value isn't the default


class Definition(NamedTuple):
    """One setting. Either ``decides`` or ``because`` is given."""

    name: str
    kind: ValueKind
    text: str  #: for the documentation: whole sentences
    default: Any = None
    default_words: str = ""  #: where the default's value doesn't speak for itself
    make_default: Callable[[], Any] | None = None  #: where finding the default takes time
    flag: Flag | None = None
    aliases: tuple[str, ...] = ()  #: other spellings in settings files
    conda: str = ""  #: the key of conda's configuration that says the same
    pip: tuple[str, ...] = ()  #: the options of pip's configuration that say the same
    adds_up: bool = False  #: nearer places add to the others instead of standing in their place
    is_own: bool = False  #: from a settings file it counts beside that file alone, not in folders below
    decides: Decides | None = None
    because: str = ""  #: why it can't change an answer

    @property
    def key(self) -> str:
        """The name in settings files."""
        return self.name.replace("_", "-")

    @property
    def variable(self) -> str:
        """The environment variable."""
        return f"LOCK_{self.name.upper()}"

    @property
    def source(self) -> str:
        """What a value from the command line is said to come from."""
        return self.flag.name if self.flag else self.name
