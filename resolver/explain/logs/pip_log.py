"""pip's ``ResolutionImpossible``, and its "No matching distribution"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from resolver.explain.logs.lines import Line
from resolver.explain.logs.report import Collector, LogReport, Tool

_CANNOT = re.compile(
    r"ERROR: Cannot install (?P<names>.+?) because these package versions have conflicting dependencies"
)
_CANNOT_CUT = re.compile(r"ERROR: Cannot install (?P<names>.+)$")
_REQUESTED = re.compile(r"The user requested (?P<constraint>\(constraint\) )?(?P<spec>\S.*)$")
_DEPENDS = re.compile(
    r"^\s*(?P<name>[A-Za-z0-9][\w.\-\[\],]*) (?P<version>\d[\w.!+\-]*) depends on (?P<spec>\S.*)$"
)
_NOT_FOUND = re.compile(
    r"ERROR: Could not find a version that satisfies the requirement (?P<spec>.+?) \(from "
)
_NO_MATCH = re.compile(r"ERROR: No matching distribution found for (?P<spec>\S.*?)(?: \(from .*\))?$")
_IMPOSSIBLE = re.compile(r"ResolutionImpossible")
_PLACE = re.compile(r"^-[rc] ")
_PEP508 = re.compile(r"^[A-Za-z0-9][\w.\-]*(?:\[[^\]]*\])?")


def read_pip(lines: Sequence[Line]) -> LogReport | None:
    """Return the first error of pip's resolver."""
    specs = Collector()
    named: list[tuple[str, int]] = []
    reasons: list[str] = []
    missing: list[str] = []
    first = last = None
    closed = False
    for line in lines:
        text = line.text.strip()
        cannot = _CANNOT.search(text) or _CANNOT_CUT.search(text)
        requested, depends = _REQUESTED.search(text), _DEPENDS.match(text)
        absent, no_match = _NOT_FOUND.search(text), _NO_MATCH.search(text)
        if cannot:
            named.extend((name, line.number) for name in split_names(cannot["names"]))
        elif requested:
            specs.add(
                _clean(requested["spec"]), "pypi", line.number, is_constraint=bool(requested["constraint"])
            )
        elif depends:
            reasons.append(text)
        elif absent or no_match:
            found = absent or no_match
            assert found is not None  # noqa: S101  (one of them matched)
            spec = _clean(found["spec"])
            missing.append(spec)
            specs.add(spec, "pypi", line.number)
            closed = closed or no_match is not None
        elif _IMPOSSIBLE.search(text):
            closed = True
        else:
            continue
        first = line.number if first is None else first
        last = line.number
    if first is None or last is None:
        return None
    _add_named(named, specs)
    return LogReport(
        tool=Tool.PIP,
        specs=specs.all(),
        first_line=first,
        last_line=last,
        reasons=tuple(dict.fromkeys(reasons)),
        missing=tuple(dict.fromkeys(missing)),
        complete=closed,
    )


def split_names(text: str) -> list[str]:
    """Return the items of ``a==1, -r x.txt (line 2) and b``."""
    return [part.strip() for part in re.split(r", (?![<>=!~])| and ", text) if part.strip()]


def _add_named(named: Sequence[tuple[str, int]], specs: Collector) -> None:
    """Add what the first line names, where nothing better is known of it."""
    known = {(_PEP508.match(spec.text) or [""])[0].lower().split("[")[0] for spec in specs.all()}
    for name, number in named:
        base = _PEP508.match(name)
        if _PLACE.match(name) or base is None or base[0].lower().split("[")[0] in known:
            continue
        specs.add(_clean(name), "pypi", number)


def _clean(text: str) -> str:
    """Return a requirement as PEP 508 has it: pip writes ``numpy<1.27 and >=1.22``."""
    clean = re.sub(r"\s+and\s+(?=[<>=!~])", ",", text.strip().rstrip(";"))
    return re.sub(r"\s*\(from .*\)$", "", clean)
