"""How much of a stranger's data is taken in: the bounds of each kind of resource, and what watches them.

::

    socket ──> Exchange (bytes, deadline, least rate) ──> decoder ──> Unpacking (bytes, ratio) ──> reader

Nothing here does input or output; time comes from a clock that is handed in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import msgspec

from resolver.model.choices import StrEnum

if TYPE_CHECKING:
    from typing import NamedTuple
else:
    from resolver.model.named_tuples import NamedTuple

_MIB, _GIB = 1 << 20, 1 << 30


class ResourceKind(StrEnum):
    """What is fetched; the values are the words of the setting ``size-limits``."""

    REPODATA = "repodata"  #: of one subdir, in any compression
    SHARD_LIST = "shard-list"
    SHARD = "shard"  #: the records of one name
    PAGE = "page"  #: of an index, or a flat list of links
    METADATA = "metadata"  #: one METADATA file beside a wheel
    RANGE = "range"  #: a part of a wheel
    INPUT = "input"  #: a file of requirements that another one includes by its address
    SDIST = "sdist"  #: a whole source archive
    ARCHIVE = "archive"  #: a whole wheel or conda package, a repository


class Bound(NamedTuple):
    """Bytes of one resource: as they are sent, and after decompression."""

    sent: int
    unpacked: int


#: Several times the largest that is published anywhere today; repodata of a large channel has 0.5 GiB.
DEFAULTS: Mapping[ResourceKind, Bound] = {
    ResourceKind.REPODATA: Bound(_GIB, 2 * _GIB),
    ResourceKind.SHARD_LIST: Bound(16 * _MIB, 32 * _MIB),
    ResourceKind.SHARD: Bound(16 * _MIB, 32 * _MIB),
    ResourceKind.PAGE: Bound(64 * _MIB, 64 * _MIB),
    ResourceKind.METADATA: Bound(16 * _MIB, 16 * _MIB),
    ResourceKind.RANGE: Bound(32 * _MIB, 32 * _MIB),
    ResourceKind.INPUT: Bound(16 * _MIB, 16 * _MIB),
    ResourceKind.SDIST: Bound(_GIB, _GIB),
    ResourceKind.ARCHIVE: Bound(8 * _GIB, 8 * _GIB),
}

#: Nothing that is published shrinks so much (repodata: 12 times), and what bombs are made of does.
LARGEST_RATIO = 200
#: Bytes after decompression that no ratio is asked of.
_FREE = 32 * _MIB
#: Bytes that may come before an answer's head is complete, informational answers among them: each costs time.
_HEAD = 512 << 10
#: Bytes of an exchange that are not its body: heads of answers, the frames of chunks.
_OVERHEAD = 4 * _MIB


class LimitError(Exception):
    """A resource is beyond its bounds; the text says which."""

    def __init__(self, reason: str, hint: str | None = None) -> None:
        super().__init__(reason, hint)
        self.reason, self.hint = reason, hint

    def __str__(self) -> str:
        return self.reason


class SourceLimits(msgspec.Struct, frozen=True, kw_only=True):
    """The user's bounds; times in seconds."""

    sizes: Mapping[ResourceKind, int] = msgspec.field(
        default_factory=dict
    )  #: bytes, in place of the default bounds
    deadline: float = 3600.0  #: for one answer as a whole
    least_rate: int = 100  #: bytes a second, over each stretch as long as the longest silence

    def bound(self, kind: ResourceKind) -> Bound:
        """Return the bounds of a kind; a size of the user's holds for both."""
        size = self.sizes.get(kind)
        return DEFAULTS[kind] if size is None else Bound(size, size)


class Unpacking:
    """Counts the bytes of one resource before and after decompression; raises LimitError beyond a bound."""

    def __init__(self, kind: ResourceKind, bound: Bound | None = None) -> None:
        self._kind, self._bound = kind, bound or DEFAULTS[kind]
        self._sent = self._unpacked = 0

    def announce(self, size: int) -> None:
        """Take in the size that a server announces."""
        if size > self._bound.sent:
            raise self._too_large(self._bound.sent)

    def receive(self, size: int) -> None:
        """Count bytes as they are sent."""
        self._sent += size
        if self._sent > self._bound.sent:
            raise self._too_large(self._bound.sent)

    def unpack(self, size: int) -> None:
        """Count bytes after decompression."""
        self._unpacked += size
        if self._unpacked > self._bound.unpacked:
            raise self._too_large(self._bound.unpacked, " when decompressed")
        if self._unpacked > _FREE and self._unpacked > LARGEST_RATIO * self._sent:
            raise LimitError(
                f"it grows more than {LARGEST_RATIO} times when decompressed, which no real "
                f"{self._kind.value} does"
            )

    def _too_large(self, size: int, when: str = "") -> LimitError:
        return LimitError(
            f"it is larger than {describe_size(size)}{when}, the limit for a {self._kind.value}",
            f"If that is what it should be, raise `{self._kind.value}` in the setting `size-limits`.",
        )


class Exchange:
    """Watches one exchange at its socket: bytes, time and rate, heads of answers included."""

    def __init__(
        self,
        kind: ResourceKind,
        limits: SourceLimits,
        clock: Callable[[], float],
        *,
        stretch: float,
        bound: Bound,
    ) -> None:
        """``stretch`` is the longest silence in seconds: the rate is taken over as much."""
        self._kind, self._limits, self._clock = kind, limits, clock
        self._stretch = stretch
        self._left = bound.sent + _OVERHEAD
        self._head_left: int | None = _HEAD  # None: the head is complete
        self._begun = self._since = clock()
        self._recent = 0  # bytes since then
        self._has_begun = False

    def begin_head(self) -> None:
        """Note that an answer is waited for."""
        self._head_left = _HEAD

    def end_head(self) -> None:
        """Note that an answer's head is complete."""
        self._head_left = None

    def receive(self, size: int) -> None:
        """Take in bytes that came; raises LimitError where they are too many, or came too slowly."""
        now = self._clock()
        if not self._has_begun:  # how long a server thinks is another limit's business
            self._has_begun, self._since = True, now
        self._left -= size
        self._recent += size
        if self._head_left is not None:
            self._head_left -= size
        if self._left < 0 or (self._head_left is not None and self._head_left < 0):
            raise LimitError(f"it goes on and on: more than the limit for a {self._kind.value} was sent")
        if now - self._begun > self._limits.deadline:
            raise LimitError(
                f"it is not complete after {self._limits.deadline:g} s",
                "A longer time can be given as `download-deadline`.",
            )
        passed = now - self._since
        if passed >= self._stretch:
            if self._recent < self._limits.least_rate * passed:
                raise LimitError(
                    f"it comes too slowly: {self._recent} bytes in {passed:.0f} s",
                    "A lower bound can be set as `least-rate`.",
                )
            self._since, self._recent = now, 0


def describe_size(size: int) -> str:
    """Return a number of bytes in words."""
    for unit, one in (("GiB", _GIB), ("MiB", _MIB), ("KiB", 1 << 10)):
        if size >= one:
            return f"{size / one:.3g} {unit}"
    return f"{size} bytes"
