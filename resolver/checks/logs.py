"""Failure signatures in a job's log: what is matched, why it happened, what to look at and to do."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase

import msgspec
from msgspec.structs import replace

from resolver.checks import facts
from resolver.checks.context import CheckContext
from resolver.checks.loaders import LoaderFailure, LoaderState, base_name, find_failures
from resolver.checks.registry import all_rules, iter_findings
from resolver.model.findings import Fact, Finding, sort_findings
from resolver.model.resolution import CondaPin, PypiPin

#: Colours and cursor movements of terminals (ECMA-48), and a carriage return's overwritten text.
_CONTROL = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[@-Z\\-_]")
_SPACE = re.compile(r"\s+")
#: Lines a message may be wrapped over.
_WINDOW = 3
#: What stands before the message in a job's log: times, ranks, process names, levels.
_PREFIX = re.compile(
    r"^(?:\s*(?:"
    r"\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?"
    r"|\d\d:\d\d:\d\d(?:[.,]\d+)?"
    r"|\[(?!WinError|E:|W:)[^\]\s][^\]]{0,60}\]:?"
    r"|\((?:\w+ )?(?:rank|worker|pid)[^)]{0,60}\):?"
    r"|(?:INFO|WARNING|WARN|ERROR|DEBUG|CRITICAL)\b:?"
    r"|(?:stderr|stdout)(?: [FP])?\b:?"
    r"|(?:rank|worker)[ =:]?\d+:"
    r"|\|"
    r")\s*)*"
)
#: A module in a path of installed files.
_MODULE = re.compile(r"(?:site|dist)-packages[/\\]([A-Za-z_]\w*)")
#: Modules whose project has another name.
_PROJECTS = {
    "cv2": "opencv-*",
    "sklearn": "scikit-learn",
    "PIL": "pillow",
    "flash_attn_2_cuda": "flash-attn",
    "torch": "*torch",
    "nvidia": "nvidia-*",
}


class LogMatch(msgspec.Struct, frozen=True, kw_only=True):
    """One signature found in a log; ``line`` counts from 1, ``count`` is how often it stands there.

    ``packages`` are those of the environment that it is about, one line each; ``asker`` is the
    file that couldn't be loaded, where the log names one.
    """

    id: str
    line: int
    text: str
    cause: str
    look: str
    remedy: str
    fact: Fact
    count: int = 1
    asker: str = ""
    findings: tuple[Finding, ...] = ()
    packages: tuple[str, ...] = ()

    def to_json(self) -> dict[str, object]:
        """Return the match as JSON values."""
        return {
            "signature": self.id,
            "line": self.line,
            "text": self.text,
            "count": self.count,
            "cause": self.cause,
            "look_at": self.look,
            "remedy": self.remedy,
            "fact": self.fact.to_json(),
            "findings": [finding.to_json() for finding in self.findings],
            "packages": list(self.packages),
        }


def clean_line(line: str) -> str:
    """Return a log line without colours, overwritten text, and its prefix of time and rank."""
    text = _CONTROL.sub("", line).rstrip("\r\n")
    text = text.rsplit("\r", 1)[-1]
    return _PREFIX.sub("", text, count=1).strip()


class _Hit(msgspec.Struct, frozen=True, kw_only=True):
    """One signature at one place of a text."""

    row: facts.Signature
    text: str
    end: int
    failure: LoaderFailure | None = None


@functools.cache
def _sentences() -> tuple[tuple[facts.Signature, re.Pattern[str]], ...]:
    """Return the signatures with a sentence; a blank in a pattern stands for any white space."""
    return tuple(
        (row, re.compile(_SPACE.sub(r"\\s+", row.pattern.replace(r"\s+", " "))))
        for row in facts.table(facts.Signature).rows
        if row.pattern
    )


@functools.cache
def _any_sentence() -> re.Pattern[str]:
    """One pattern for all: most lines of a log match none of them."""
    return re.compile("|".join(f"(?:{pattern.pattern})" for _, pattern in _sentences()))


@functools.cache
def _of_loaders() -> tuple[tuple[facts.Signature, tuple[re.Pattern[str] | None, ...]], ...]:
    """Return the signatures of what loaders say, with patterns of library, symbol, version and asker."""
    return tuple(
        (
            row,
            tuple(
                re.compile(text) if text else None for text in (row.library, row.symbol, row.version, row.by)
            ),
        )
        for row in facts.table(facts.Signature).rows
        if row.states
    )


def _fits(row: facts.Signature, patterns: tuple[re.Pattern[str] | None, ...], failure: LoaderFailure) -> bool:
    library, symbol, version, by = patterns
    return (
        failure.state.value in row.states
        and (library is None or library.fullmatch(failure.library) is not None)
        and (symbol is None or symbol.fullmatch(failure.symbol) is not None)
        and (version is None or version.fullmatch(failure.version) is not None)
        and (by is None or by.search(failure.by) is not None)
    )


def _hits(text: str) -> Iterator[_Hit]:
    """Yield what a text holds: of what a loader says the first signature that fits, and every sentence."""
    for failure in find_failures(text):
        row = next((row for row, patterns in _of_loaders() if _fits(row, patterns, failure)), None)
        if row is not None:
            yield _Hit(row=row, text=text[failure.start : failure.end], end=failure.end, failure=failure)
    if not _any_sentence().search(text):
        return
    for row, pattern in _sentences():
        for hit in pattern.finditer(text):
            yield _Hit(row=row, text=hit.group(0), end=hit.end())


def match_log(lines: Iterable[str], *, expects_gpu: bool = False) -> tuple[LogMatch, ...]:
    """Return the signatures found, in the order of the log; each stands once, with its count.

    A message may be wrapped over three lines. What is said on every machine without a GPU
    counts where ``expects_gpu``: the job was meant for one.
    """
    found: dict[str, LogMatch] = {}
    window: list[str] = []
    for number, line in enumerate(lines, 1):
        text = clean_line(line)
        window = [*window[-(_WINDOW - 1) :], text]
        joined = " ".join(part for part in window if part)
        # A match that ends before this line was counted with the line it ends in.
        new = {hit.row.id: hit for hit in _hits(joined) if hit.end > len(joined) - len(text)}
        for hit in _counted(new.values(), expects_gpu=expects_gpu):
            before = found.get(hit.row.id)
            found[hit.row.id] = (
                replace(before, count=before.count + 1) if before is not None else _match(hit, number)
            )
    return tuple(sorted(found.values(), key=lambda match: (match.line, match.id)))


def _counted(hits: Iterable[_Hit], *, expects_gpu: bool) -> list[_Hit]:
    """Return the hits of one place that count: a general row where none that stands before it fits."""
    places = {row.id: place for place, row in enumerate(facts.table(facts.Signature).rows)}
    counted: list[_Hit] = []
    for hit in sorted(hits, key=lambda hit: places[hit.row.id]):
        if (hit.row.is_general and counted) or (hit.row.needs_gpu and not expects_gpu):
            continue
        counted.append(hit)
    return counted


def _match(hit: _Hit, line: int) -> LogMatch:
    row, failure = hit.row, hit.failure or LoaderFailure(state=LoaderState.MISSING)
    asker = failure.by or (hit.text if _MODULE.search(hit.text) else "")
    return LogMatch(
        id=row.id,
        line=line,
        text=hit.text,
        cause=_told(row.cause, failure),
        look=_told(row.look, failure),
        remedy=_told(row.remedy, failure),
        fact=row.fact(f"signature `{row.id}`"),
        asker=asker,
    )


def _told(text: str, failure: LoaderFailure) -> str:
    """Return words with what the log says in the place of its names."""
    for name, value in (
        ("{library}", failure.library or "a library"),
        ("{symbol}", failure.symbol or "a symbol"),
        ("{version}", failure.version or "a version"),
        ("{asker}", base_name(failure.by) or "a compiled file"),
    ):
        text = text.replace(name, value)
    return text


def explain_match(match: LogMatch, context: CheckContext) -> LogMatch:
    """Return the match with what shows its cause in the environment: findings of rules, and packages."""
    row = next(row for row in facts.table(facts.Signature).rows if row.id == match.id)
    context = context.on_its_system()
    rules = [rule for rule in all_rules() if rule.id in row.rules]
    names = (*row.packages, *_projects_of(match.asker))
    return replace(
        match,
        findings=sort_findings(iter_findings(context, rules)),
        packages=tuple(
            context.show(pin)
            for pin in context.pins()
            if any(fnmatchcase(_name(pin), name) for name in names)
        ),
    )


def _name(pin: CondaPin | PypiPin) -> str:
    return str(pin.record.name if isinstance(pin, CondaPin) else pin.name)


def _projects_of(path: str) -> tuple[str, ...]:
    """Return the project that a file in site-packages belongs to, by the name of its folder."""
    found = _MODULE.search(path)
    if found is None:
        return ()
    module = found[1].split(".")[0]
    return (_PROJECTS.get(module, module.lower().replace("_", "-")),)
