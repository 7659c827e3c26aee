"""Trees of libmamba (conda, mamba, micromamba) and of rattler (pixi), and libmamba's flat list."""

from __future__ import annotations

import re
from collections.abc import Sequence

from resolver.explain.logs.lines import Line
from resolver.explain.logs.own_conflict import conflict_of_missing, cut_short
from resolver.explain.logs.report import Collector, LogReport, Tool
from resolver.explain.logs.tree_conflict import TreeNode, conflict_of_tree
from resolver.explain.logs.wrapped import unwrapped

_MAMBA = re.compile(
    r"LibMambaUnsatisfiableError|Encountered problems while solving|Could not solve for environment specs|"
    r"is not installable because|does not exist \(perhaps"
)
_RATTLER = re.compile(
    r"Cannot solve the request because of:|failed to solve the conda requirements|"
    r"No candidates were found for|"
    r"cannot be installed because there are no viable options|for which no candidates were found"
)
_HEAD = re.compile(
    r"^(?:.*because of: )?(?P<spec>[A-Za-z0-9_][\w.-]*(?: [^├└│]*?)?) "
    r"cannot be installed because there are no viable options"
)
_INCOMPATIBLE = re.compile(r"The following packages? (?:are incompatible|could not be|is incompatible)")
_NODE = re.compile(r"^(?P<mark>[├└][─-]{1,2})\s?(?P<text>\S.*)$")
#: What a node says behind the spec.
_SAYS = re.compile(
    r"(?<!\s),?\s+(?:,\s*)?(?P<says>is requested|is not installable|is installable|can be installed|"
    r"cannot be installed|"
    r"does not exist|is missing|is locked|would require|requires|which|but|with the potential options|"
    r"is excluded|is disabled|"
    r"conflicts? with|is uninstallable|needed by|, for which)\b.*$"
)
_NOTHING = re.compile(
    r"nothing provides (?P<requested>requested )?(?P<spec>[^,]+?)(?: needed by (?P<by>\S+))?(?:, .*)?$"
)
_REQUIRES = re.compile(r"package (?P<package>\S+) requires (?P<spec>[^,]+(?:,[<>=!][^,]+)*), but")
_NO_CANDIDATES = re.compile(r"No candidates were found for (?P<spec>.+?)\.?$")
_PLATFORM = re.compile(r"'(?P<platform>(?:linux|osx|win)-[a-z0-9]+)'")
_STARS = re.compile(r"(?<=[\w.])\*\*$")


def read_mamba(lines: Sequence[Line]) -> LogReport | None:
    """Return the first error of libmamba's."""
    start = _first(lines, _MAMBA)
    return None if start is None else _read(lines, start, Tool.LIBMAMBA)


def read_rattler(lines: Sequence[Line]) -> LogReport | None:
    """Return the first error of rattler's."""
    lines = unwrapped(lines)
    start = _first(lines, _RATTLER)
    return None if start is None else _read(lines, start, Tool.RATTLER)


def _first(lines: Sequence[Line], pattern: re.Pattern[str]) -> int | None:
    return next((n for n, line in enumerate(lines) if pattern.search(line.text)), None)


def _read(lines: Sequence[Line], start: int, tool: Tool) -> LogReport:
    specs = Collector()
    reasons: list[str] = []
    missing: list[str] = []
    nodes: list[TreeNode] = []
    last, closed, offset = start, False, None
    are_roots = not _HEAD.search(lines[start].text.strip()) or bool(_node(lines[start].text))
    for number in range(start, len(lines)):
        line = lines[number]
        text = line.text.strip()
        node = _node(line.text)
        if _INCOMPATIBLE.search(text):
            are_roots, closed, last = True, False, number
        elif node is None and (head := _HEAD.search(text)):
            specs.add(clean_tree_spec(head["spec"]), "conda", line.number)
            nodes.append(TreeNode(depth=0, text=head.group().rpartition("because of: ")[2]))
            are_roots, closed, last = False, False, number
        elif node is not None:
            offset = node[0] if offset is None else min(offset, node[0])
            depth = node[0] - offset + (0 if are_roots else 1)
            nodes.append(TreeNode(depth=max(depth, 0), text=node[2]))
            _take_node(node[2], line, depth=depth, specs=specs, reasons=reasons, missing=missing)
            closed = closed or (node[0] == offset and node[1].startswith("└"))
            last = number
        elif _take_flat(text, line, specs, reasons, missing):
            last, closed = number, True
    platform = _PLATFORM.search(lines[start].text + (lines[start - 1].text if start else ""))
    return LogReport(
        tool=tool,
        specs=specs.all(),
        first_line=lines[start].number,
        last_line=lines[last].number,
        reasons=tuple(dict.fromkeys(reasons)),
        missing=tuple(dict.fromkeys(missing)),
        platform=platform["platform"] if platform else None,
        conflict=conflict_of_tree(nodes) or _flat_conflict(reasons, missing),
        complete=closed,
    )


def _flat_conflict(reasons: Sequence[str], missing: Sequence[str]) -> tuple[str, ...]:
    """Return what the flat list says, in sentences."""
    told = []
    for reason in dict.fromkeys(reasons):
        nothing, requires = _NOTHING.search(reason), _REQUIRES.search(reason)
        if nothing and nothing["by"]:
            told.append(f"{_exact(nothing['by'])} needs {nothing['spec']}, which nothing provides")
        elif requires:
            needs = f"{_exact(requires['package'])} needs {requires['spec']}"
            told.append(f"{needs}, and none of it can be installed")
    said = " ".join(told)
    told += conflict_of_missing((text for text in missing if text not in said), "the channels")
    return cut_short(told)


def _node(text: str) -> tuple[int, str, str] | None:
    """Return depth (in columns), mark and text of a tree's line."""
    at = min((found for mark in "├└" if (found := text.find(mark)) >= 0), default=-1)
    if at < 0:
        return None
    node = _NODE.match(text[at:])
    return (at, node["mark"], node["text"]) if node else None


def _take_node(
    text: str, line: Line, *, depth: int, specs: Collector, reasons: list[str], missing: list[str]
) -> None:
    said = _SAYS.search(text)
    spec = clean_tree_spec(text[: said.start()] if said else text)
    if (said and said["says"] in ("does not exist", "is missing")) or "No candidates" in text:
        missing.append(spec)
    if depth <= 0 and spec and not spec.startswith(("pin-", "pin ")):
        specs.add(spec, "conda", line.number)
    elif spec:
        reasons.append(" ".join(text.split()).rstrip(";:."))


def clean_tree_spec(text: str) -> str:
    """Return a spec as a tree has it, in conda's notation: ``numpy 2.0.0**`` is ``numpy 2.0.0.*``."""
    spec = text.strip().rstrip(",;:")
    spec = re.sub(r"^(?:The|the) (?:requested )?", "", spec)
    name, _, rest = spec.partition(" ")
    rest = rest.strip()
    if _STARS.search(rest):
        rest = _STARS.sub(".*", rest)
    options = [part.strip() for part in rest.split("|")]
    if len(options) > 1:  # versions of a candidate, not a spec
        rest = ""
    rest = rest.removesuffix(" *").strip()
    return name if rest in ("", "*", "**") else f"{name} {rest}"


def _take_flat(text: str, line: Line, specs: Collector, reasons: list[str], missing: list[str]) -> bool:
    """Take one line of the flat list (``- nothing provides ...``)."""
    nothing = _NOTHING.search(text)
    if nothing:
        spec = clean_tree_spec(nothing["spec"])
        missing.append(spec)
        if nothing["requested"]:
            specs.add(spec, "conda", line.number)
        if nothing["by"]:
            reasons.append(text.removeprefix("- "))
            specs.add(_exact(nothing["by"]), "conda", line.number)
        return True
    requires = _REQUIRES.search(text)
    if requires:
        reasons.append(text.removeprefix("- "))
        specs.add(_exact(requires["package"]), "conda", line.number)
        return True
    none = _NO_CANDIDATES.search(text)
    if none:
        spec = clean_tree_spec(none["spec"])
        missing.append(spec)
        specs.add(spec, "conda", line.number)
        return True
    return False


def _exact(file: str) -> str:
    """Return ``name ==version`` for ``name-version-build``."""
    parts = file.rstrip(".,").rsplit("-", 2)
    return f"{parts[0]} =={parts[1]}" if len(parts) == 3 else file
