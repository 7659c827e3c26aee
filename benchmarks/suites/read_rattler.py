"""rattler's solver cases: Rust sources whose cases are chains of calls on literals, read as text.

FOLDER is a clone. ``PackageBuilder`` chains are the records, ``SolverCase`` chains the questions; a variable
stands for what it was bound to. What py-rattler alone can say (overrides, conditions, extras, flags) or what
isn't a literal is passed over.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from benchmarks.suites.case import CondaCase, Expected, Package, Passed, Read, Verdict, required
from benchmarks.suites.read_conda_solvers import MACHINE

SUITE = "rattler"
_FUNCTION = re.compile(r"\bfn (\w+)[^{;]*\{")
_LET = re.compile(r"\blet (?:mut )?(\w+)\s*(?::[^=;]+)?=\s*")
_STRATEGIES = {"LowestVersion": "lowest", "LowestVersionDirect": "lowest-direct"}
#: calls on a case that no question says
_UNSAID = ("dependency_overrides", "pinned_packages", "expect_extras", "virtual_packages")
Record = Mapping[str, Any]


class _NotALiteralError(LookupError):
    """Something that text alone doesn't tell."""


def read(folder: Path) -> Read:
    """Yield the cases; raises MissingSuiteError."""
    tests = required(folder / "crates" / "rattler_solve" / "tests" / "backends")
    for path in sorted(tests.glob("*_tests.rs")):
        text = re.sub(r"(?m)^\s*//.*$|(?<=\s)//[^\n\"]*$", "", path.read_text(encoding="utf-8"))
        functions = {m.group(1): _block(text, m.end() - 1) for m in _FUNCTION.finditer(text)}
        for name, body in functions.items():
            for number, chain in enumerate(_chains(body, "SolverCase::new")):
                label = f"{path.stem.removesuffix('_tests')}/{name.removeprefix('solve_')}{number or ''}"
                try:
                    yield _case(label, chain, _bound(body), functions)
                except _NotALiteralError as error:
                    yield Passed(suite=SUITE, name=label, why=str(error))


# --- text to calls ---


def _block(text: str, start: int) -> str:
    """Return what stands between the bracket at ``start`` and the one that closes it."""
    closing = {"(": ")", "[": "]", "{": "}"}
    stack, place = [closing[text[start]]], start + 1
    while stack and place < len(text):
        character = text[place]
        if character == '"':
            place = _end_of_string(text, place)
        elif character in closing:
            stack.append(closing[character])
        elif character == stack[-1]:
            stack.pop()
        place += 1
    return text[start + 1 : place - 1]


def _end_of_string(text: str, place: int) -> int:
    """Return the place of the quote that ends a string."""
    if text[place - 2 : place] == "r#":
        return text.index('"#', place + 1)
    place += 1
    while text[place] != '"':
        place += 2 if text[place] == "\\" else 1
    return place


def _chains(text: str, head: str) -> Iterator[list[tuple[str, str]]]:
    """Yield each chain that begins with ``head(``: (name, arguments) of its calls."""
    for found in re.finditer(re.escape(head) + r"\(", text):
        place, calls = found.end() - 1, []
        name = head
        while True:
            inside = _block(text, place)
            calls.append((name, inside))
            following = re.compile(r"\s*\.(\w+)(?:::<[^>]*>)?\(").match(text, place + len(inside) + 2)
            if following is None:
                break
            name, place = following.group(1), following.end() - 1
        yield calls


def _bound(body: str) -> dict[str, str]:
    """Return the text that each variable is bound to."""
    found = {}
    for match in _LET.finditer(body):
        depth, place = 0, match.end()
        while place < len(body) and (depth or body[place] != ";"):
            if body[place] == '"':
                place = _end_of_string(body, place)
            depth += (body[place] in "([{") - (body[place] in ")]}")
            place += 1
        found[match.group(1)] = body[match.end() : place]
    return found


def _items(text: str) -> list[str]:
    """Return the items of a list, or the one thing that stands there."""
    inner = re.fullmatch(r"\s*(?:vec!)?\[(.*)\]\s*", text, re.DOTALL)
    if inner is None:
        return [text.strip()]
    parts, depth, start, place, inside = [], 0, 0, 0, inner.group(1)
    while place < len(inside):
        if inside[place] == '"':
            place = _end_of_string(inside, place)
        depth += (inside[place] in "([{") - (inside[place] in ")]}")
        if inside[place] == "," and not depth:
            parts.append(inside[start:place])
            start = place + 1
        place += 1
    return [part.strip() for part in (*parts, inside[start:]) if part.strip()]


def _strings(text: str) -> list[str]:
    found = []
    for item in _items(text):
        literal = re.fullmatch(r'r#"(.*)"#|"((?:[^"\\]|\\.)*)"', item, re.DOTALL)
        if literal is None:
            raise _NotALiteralError(f"`{' '.join(item.split())[:60]}` is no literal")
        found.append(literal.group(1) if literal.group(1) is not None else literal.group(2))
    return found


# --- calls to cases ---


def _case(
    label: str, chain: list[tuple[str, str]], bound: Mapping[str, str], functions: Mapping[str, str]
) -> CondaCase:
    said: dict[str, list[str]] = {}
    for name, inside in chain:
        said.setdefault(name, []).append(inside)
    unsaid = [name for name in _UNSAID if name in said]
    if unsaid:
        raise _NotALiteralError(f"`{unsaid[0]}` is no part of a question")
    records = [r for text in said["repository"] for r in _records(text, bound, functions)]
    specs = [spec for text in said.get("specs", ()) for spec in _strings(text)]
    if any("[" in text for text in (*specs, *(d for r in records for d in r["depends"]))):
        raise _NotALiteralError("extras, conditions and flags are a draft of conda's")
    if any("extra_depends" in record for record in records):
        raise _NotALiteralError("extras, conditions and flags are a draft of conda's")
    channels: dict[str, dict[str, dict[str, Record]]] = {}
    for record in records:
        place = channels.setdefault(record["channel"], {}).setdefault(record["subdir"], {})
        place[record["fn"]] = record
    named = "".join(said.get("strategy", ())).rpartition("::")[2].strip()
    return CondaCase(
        suite=SUITE,
        name=label,
        channels=channels,
        specs=tuple(specs),
        constraints=tuple(c for text in said.get("constraints", ()) for c in _strings(text)),
        expected=Expected(
            verdict=Verdict.SOLUTION,
            present=tuple(_expected(said.get("expect_present", []), bound, functions)),
            absent=tuple(_expected(said.get("expect_absent", []), bound, functions)),
        ),
        virtual=MACHINE,
        locked=tuple(
            _package(r) for text in said.get("locked_packages", ()) for r in _records(text, bound, functions)
        ),
        **_limit(said.get("exclude_newer", []), bound, functions),
        strategy=_STRATEGIES.get(named, "highest"),
    )


def _records(text: str, bound: Mapping[str, str], functions: Mapping[str, str]) -> Iterator[Record]:
    """Yield the records that an expression stands for."""
    for item in _items(text):
        plain = re.sub(r"^&|\.clone\(\)$", "", item.strip()).strip()
        call = re.fullmatch(r"(\w+)\(\)", plain)
        if "PackageBuilder::new" in plain and not plain.startswith(("vec!", "[")):
            yield _record(next(_chains(plain, "PackageBuilder::new")))
        elif plain in bound:
            yield from _records(bound[plain], bound, functions)
        elif call and call.group(1) in functions:
            yield from _records(functions[call.group(1)], bound, functions)
        elif plain != item or plain.startswith(("vec!", "[")):
            yield from _records(plain, bound, functions)
        else:
            raise _NotALiteralError(f"`{' '.join(plain.split())[:60]}` is no literal")


def _record(chain: list[tuple[str, str]]) -> Record:
    """Return the record that a ``PackageBuilder`` makes."""
    found: dict[str, Any] = {
        "version": "0.0.0", "build": "h123456_0", "build_number": 0, "depends": [], "constrains": [],
        "subdir": "linux-64", "channel": "test", "md5": "0" * 32, "sha256": "0" * 64,
    }  # fmt: skip
    suffix = ".conda"
    for name, inside in chain:
        if name == "PackageBuilder::new":
            found["name"] = _strings(inside)[0]
        elif name in ("version", "subdir", "channel"):
            found[name] = _strings(inside)[0]
        elif name == "build_string":
            found["build"] = _strings(inside)[0]
        elif name == "build_number":
            found["build_number"] = int(inside)
        elif name == "depends":
            found["depends"] = _strings(inside)
        elif name == "timestamp":
            found["timestamp"] = int(_moment(_strings(inside)[0]) * 1000)
        elif name == "archive_type":
            suffix = ".tar.bz2" if "TarBz2" in inside else ".conda"
        elif name in ("extra_depends", "flags"):
            found["extra_depends"] = True
    found["fn"] = f"{found['name']}-{found['version']}-{found['build']}{suffix}"
    return found


def _package(record: Record) -> Package:
    return Package(name=record["name"], version=record["version"], build=record["build"])


def _expected(texts: list[str], bound: Mapping[str, str], functions: Mapping[str, str]) -> Iterator[Package]:
    for text in texts:
        for item in _items(text):
            if item.startswith("("):
                yield Package(
                    **dict(zip(("name", "version", "build"), _strings(f"[{item[1:-1]}]"), strict=False))
                )
            elif item.startswith('"'):
                yield Package(name=_strings(item)[0], version="")
            else:
                yield from (_package(record) for record in _records(item, bound, functions))


def _limit(texts: list[str], bound: Mapping[str, str], functions: Mapping[str, str]) -> dict[str, Any]:
    """Return the limit in time as a moment, with what it doesn't hold for."""
    if not texts:
        return {}
    text = bound.get(texts[0].strip(), texts[0])
    literal = re.search(r'from_datetime\(\s*"([^"]+)"', text)
    if literal is not None:
        return {"exclude_newer": int(_moment(literal.group(1)))}
    age = re.search(r"from_secs\(([\d *]+)\)", bound.get("min_age", ""))
    now = re.search(r'"([^"]+)"', functions.get("fixed_now", ""))
    if age is None or now is None or "min_age" not in text:
        raise _NotALiteralError("a limit in time that isn't written out")
    seconds = math.prod(int(part) for part in age.group(1).split("*"))
    names = re.findall(r'with_package_duration_with_now\(\s*"([^"]+)"', text)
    channels = re.findall(r'with_channel_duration_with_now\(\s*"([^"]+)"', text)
    if text.count("_with_now(") != text.count("Duration::ZERO"):
        raise _NotALiteralError("an age for a package by itself")
    return {
        "exclude_newer": int(_moment(now.group(1))) - seconds,
        "exempt": (*names, *(f"{name}::*" for name in channels)),
        "admit_undated": "with_include_unknown_timestamp(true)" in text,
    }


def _moment(text: str) -> float:
    return dt.datetime.fromisoformat(text).timestamp()
