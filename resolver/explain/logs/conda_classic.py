"""conda's classic solver: ``UnsatisfiableError``, ``ResolvePackageNotFound``, ``PackagesNotFoundError``."""

from __future__ import annotations

import re
from collections.abc import Sequence

from resolver.explain.logs.lines import Line
from resolver.explain.logs.own_conflict import conflict_of_missing, cut_short
from resolver.explain.logs.report import Collector, LogReport, Tool

_START = re.compile(r"(UnsatisfiableError|ResolvePackageNotFound|PackagesNotFoundError):")
_SPEC = re.compile(
    r"^(?P<name>(?:[\w./-]+::)?[a-zA-Z0-9_][\w.-]*)"
    r"(?P<rest>(?:\s?(?:[<>=!~][^\s\[\]]*|\[[^\]]*\]|\d[^\s\[\]]*))*)$"
)
_ITEM = re.compile(r"^\s*-\s+(?P<text>\S.*)$")
_PACKAGE = re.compile(r"^Package (?P<name>\S+) conflicts for:")
_CHANNEL = re.compile(r"^\s*-\s+(?P<url>(?:https?|file)://\S+?)/?$")
_YOUR_PYTHON = re.compile(r"^\s*Your python: (?P<spec>\S+)")
_FEATURE = re.compile(r"feature:(?:\|@)?/?(?P<platform>[\w-]+)?(?:::)?(?P<name>__\w+)==?(?P<version>[\w.]+)")
_CHANNEL_PARTS = re.compile(
    r"^(?:https?|file)://[^/]+/(?:.*/)?(?P<name>[^/]+)/(?P<subdir>[a-z]+-[a-z0-9]+|noarch)$"
)
#: ``numpy[version='>=1.2',build=x]`` -> its version
_SPEC_BRACKETS = re.compile(r"\[version='([^']*)'[^\]]*\]")
#: A line of these ends the error: the prompt, another tool's message.
_END = re.compile(r"^(?:\$ |Collecting |Step \d|Traceback|CondaValueError|The command |ERROR: |Removing )")


def read_conda_classic(lines: Sequence[Line]) -> LogReport | None:
    """Return the first error of conda's classic solver."""
    start = next((n for n, line in enumerate(lines) if _START.search(line.text)), None)
    if start is None:
        return None
    found = _START.search(lines[start].text)
    kind = found[1] if found else ""
    reader = _Reader(is_missing=kind != "UnsatisfiableError")
    reader.in_list = reader.is_missing or "The following spec" in lines[start].text
    last = start
    for line in lines[start + 1 :]:
        if _END.match(line.text) or (_START.search(line.text) and line is not lines[start]):
            break
        if reader.take(line):
            last = lines.index(line, last)
    return LogReport(
        tool=Tool.CONDA,
        specs=reader.specs.all(),
        first_line=lines[start].number,
        last_line=lines[last].number,
        reasons=tuple(reader.reasons),
        missing=tuple(reader.missing),
        channels=tuple(dict.fromkeys(reader.channels)),
        platform=reader.platform,
        virtual_packages=tuple(dict.fromkeys(reader.virtual)),
        python=reader.python,
        conflict=_conflict_of_chains(reader),
        complete=bool(reader.specs.all()),
    )


def _conflict_of_chains(reader: _Reader) -> tuple[str, ...]:
    """Return the chains of needs in sentences, the machine's facts and the installed Python behind them."""
    told = []
    for chain in dict.fromkeys(reader.reasons):
        first, *rest = [_SPEC_BRACKETS.sub(r" \1", part) for part in chain.split(" -> ")]
        told.append(f"{first} needs {', which needs '.join(rest)}")
    beside = [f"but the machine has {fact.replace('=', ' ')}" for fact in dict.fromkeys(reader.virtual)]
    if reader.python:
        beside.append(f"but {reader.python} is installed")
    absent = conflict_of_missing(dict.fromkeys(reader.missing), "the channels") if not told else ()
    return (*cut_short(told), *beside, *absent)


class _Reader:
    """Takes lines in; knows in which part of the error it is."""

    def __init__(self, *, is_missing: bool) -> None:
        self.specs = Collector()
        self.is_missing = is_missing
        self.in_channels = False
        self.in_list = is_missing
        self.in_package = False
        self.reasons: list[str] = []
        self.missing: list[str] = []
        self.channels: list[str] = []
        self.virtual: list[str] = []
        self.platform: str | None = None
        self.python: str | None = None

    def take(self, line: Line) -> bool:
        """Take a line in; tell whether it belongs to the error."""
        text = line.text.strip()
        if text.startswith(("Current channels", "To search for alternate")):
            self.in_channels = text.startswith("Current")
            self.in_list = False
            return True
        if text.startswith(
            ("Specifications:", "The following packages are not available", "The following specifications")
        ):
            self.in_list, self.in_package = True, False
            return True
        if _PACKAGE.match(text):
            self.in_package = True
            return True
        python = _YOUR_PYTHON.match(line.text)
        if python:
            self.python = python["spec"]
            self.specs.add(python["spec"], "conda", line.number)
            return True
        if self._take_channel(line.text) or self._take_feature(text):
            return True
        return self._take_chain(line, text)

    def _take_channel(self, text: str) -> bool:
        channel = _CHANNEL.match(text)
        if not channel:
            return False
        parts = _CHANNEL_PARTS.match(channel["url"])
        if parts:
            name = parts["name"]
            self.channels.append(f"pkgs/{name}" if "/pkgs/" in channel["url"] else name)
            if parts["subdir"] != "noarch":
                self.platform = self.platform or parts["subdir"]
        return True

    def _take_feature(self, text: str) -> bool:
        feature = _FEATURE.search(text)
        if not feature:
            return False
        self.virtual.append(f"{feature['name']}={feature['version']}")
        self.platform = self.platform or feature["platform"]
        chain = text.split("->")[0].strip().removeprefix("- ")
        return "->" in text or "feature:" in chain

    def _take_chain(self, line: Line, text: str) -> bool:
        item = _ITEM.match(line.text)
        if item is None and not self.in_package:
            return False
        if item is not None and not (self.in_list or self.in_package):
            return False
        chain = [part.strip() for part in (item["text"] if item else text).split("->")]
        head = _SPEC.match(chain[0])
        if not head or self.in_channels:
            return False
        self.specs.add(chain[0], "conda", line.number)
        if self.is_missing:
            self.missing.append(chain[0])
        if len(chain) > 1:
            self.reasons.append(" -> ".join(chain))
        return True
