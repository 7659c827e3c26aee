"""conda's own tests of versions, version specs and match specs, check by check, with two readers.

::

    python -m benchmarks.suites.conda_grammar FOLDER [--show]

FOLDER is a clone of conda. Its two test files are run as they are, with stand-ins for conda's classes
(:mod:`benchmarks.suites.checks`). What looks at conda's inner forms (``is_exact``, ``spec``, the text that it
writes for a spec) or uses more than a spec's text is passed over. The exit code is 5 where ours differs
without a reason.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import rattler
from rattler.package import BuildString

from benchmarks.suites.case import MissingSuiteError
from benchmarks.suites.checks import Checks, InnerFormError, run_checks
from resolver.model.conda_types import parse_version
from resolver.model.match_spec import parse_match_spec, version_spec_matches
from resolver.model.records import CondaRecord

FILES = ("test_version.py", "test_match_spec.py")
#: part of a check -> why ours differs
REASONS: Mapping[str, str] = {
    "0.5*": "a star is no part of a version in py-rattler either, and no published record has one",
    "2013a*": "a run of letters counts whole (2013ab isn't 2013a.*), as in libmamba and py-rattler",
    "~=3.3.2.*": "read as ~=3.3.2, as in py-rattler",
    ">=1.0.1*.vc11": "refused: a bound with a star inside says nothing that could be meant",
    "numpy[version<2]": "refused: no field is compared by anything but `=` in published records",
    '"*[': "refused: a line, or a dependency, is on one package",
    "'* >=1.0'": "refused: a line, or a dependency, is on one package",
    "'pkg..name'": "taken as a name, and told as one that no channel has",
    "'pkg--name'": "taken as a name, and told as one that no channel has",
    "'.pkg'": "taken as a name, and told as one that no channel has",
    "'-pkg'": "taken as a name, and told as one that no channel has",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """Reads versions, version specs and match specs; each raises for a text that is none."""

    name: str
    version: Callable[[str], Any]
    admits: Callable[[str, str], bool]  #: a version spec, a version's text
    matches: Callable[[str, Mapping[str, Any]], bool]  #: a match spec, a record


def _ours(spec: str, fields: Mapping[str, Any]) -> bool:
    wanted = parse_match_spec(spec)
    record = CondaRecord(
        name=fields["name"],
        version=fields["version"],
        build=fields["build"],
        build_number=fields["build_number"],
        file_name=fields.get("fn", ""),
        license=fields.get("license"),
        track_features=fields.get("track_features", ""),
        md5=fields.get("md5"),
    )
    return wanted.matches(record)


def _theirs(spec: str, fields: Mapping[str, Any]) -> bool:
    record = rattler.PackageRecord(
        name=fields["name"],
        version=fields["version"],
        build=BuildString(fields["build"]),
        build_number=fields["build_number"],
        subdir="linux-64",
        arch=None,
        platform=None,
    )
    return rattler.MatchSpec(spec).matches(record)


SIDES = (
    Side(name="lockstack", version=parse_version, admits=version_spec_matches, matches=_ours),
    Side(
        name="py-rattler",
        version=rattler.Version,
        admits=lambda spec, text: rattler.VersionSpec(spec).matches(rattler.Version(text)),
        matches=_theirs,
    ),
)
_NOTHING: dict[str, Any] = {"name": "x", "version": "0", "build": "0", "build_number": 0}


class _Text:
    """What is made of one text; read when its value is asked for."""

    text: str

    def __new__(cls, text: Any = "", **more: Any) -> Any:
        if isinstance(text, _Text) and not more:
            return text
        made = super().__new__(cls)
        made.text = text if isinstance(text, str) and not more else None
        return made

    def _plain(self) -> str:
        if self.text is None:
            raise InnerFormError("made of more than a text")
        return self.text

    def __getattr__(self, name: str) -> Any:
        raise InnerFormError(name)

    def __str__(self) -> str:
        raise InnerFormError("str")

    __repr__ = __str__

    def __contains__(self, _: object) -> bool:
        raise InnerFormError("in")

    def __eq__(self, _: object) -> bool:
        raise InnerFormError("==")

    def __hash__(self) -> int:
        raise InnerFormError("hash")


def stand_ins(side: Side) -> dict[str, dict[str, Any]]:
    """Return what stands for the names of conda's modules."""

    class VersionOrder(_Text):
        @property
        def value(self) -> Any:
            return side.version(self._plain().strip().lower())

        def __eq__(self, other: object) -> bool:
            return bool(self.value == other.value) if isinstance(other, VersionOrder) else False

        def __lt__(self, other: VersionOrder) -> bool:
            return bool(self.value < other.value)

        __hash__ = _Text.__hash__

        def startswith(self, other: VersionOrder) -> bool:
            return bool(self.value.starts_with(other.value))

    class VersionSpec(_Text):
        @property
        def value(self) -> bool:
            return side.admits(self._plain(), "0")

        def match(self, text: str) -> bool:
            return side.admits(self._plain(), text)

    class MatchSpec(_Text):
        @property
        def value(self) -> bool:
            return side.matches(self._plain(), _NOTHING)

        def match(self, record: Any = None) -> bool:
            if not isinstance(record, Mapping) or not record.keys() >= _NOTHING.keys():
                raise InnerFormError("fields that no published record has")
            return side.matches(self._plain(), record)

    return {
        "conda.models.version": {
            "VersionOrder": VersionOrder,
            "VersionSpec": VersionSpec,
            "normalized_version": VersionOrder,
            "ver_eval": lambda text, spec: side.admits(spec, text),
        },
        "conda.models.match_spec": {
            "MatchSpec": MatchSpec,
            "_parse_spec_str": _inner,
            "ChannelMatch": _inner,
        },
        "conda.cli.common": {"spec_from_line": _inner},
        "conda.models.records": {"PackageRecord": Record},
        "conda.models.dist": {"Dist": Dist},
        "conda.base.context": {"context": SimpleNamespace(subdir="linux-64")},
        "conda.exceptions": dict.fromkeys(
            ("InvalidVersionSpec", "InvalidMatchSpec", "InvalidSpec"), ValueError
        ),
    }


def _inner(*_: object, **__: object) -> Any:
    raise InnerFormError("conda's own function")


class Record(dict[str, Any]):
    """A record's fields."""

    def __init__(self, **fields: Any) -> None:
        super().__init__(fields)

    def dump(self) -> Mapping[str, Any]:
        """Return the fields."""
        return self


class Dist:
    """A package by its file name: ``CHANNEL::NAME-VERSION-BUILD.tar.bz2``."""

    def __init__(self, text: str | Dist = "", **fields: Any) -> None:
        if fields:
            raise InnerFormError("made of fields")
        self.text: str = text.text if isinstance(text, Dist) else text
        self.channel, _, file = self.text.rpartition("::")
        stem = file.removesuffix(".tar.bz2").removesuffix(".conda")
        self.name, self.version, self.build_string = stem.rsplit("-", 2)

    def to_filename(self) -> str:
        """Return the file's name."""
        return f"{self.name}-{self.version}-{self.build_string}.tar.bz2"


def run(folder: Path, side: Side) -> Checks:
    """Run conda's files with a side; raises MissingSuiteError where there are none."""
    found = Checks()
    fixtures = {"benchmark": lambda test: test(), "match_spec_v3": None}
    for name in FILES:
        checks = run_checks(folder / "tests" / "models" / name, stand_ins(side), ("conda",), fixtures)
        found.agree += checks.agree
        found.passed_over += checks.passed_over
        found.differ += checks.differ
    return found


def reason_of(check: str) -> str:
    """Return why ours differs in a check; empty: no reason is known."""
    return next((why for part, why in REASONS.items() if part in check), "")


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--show", action="store_true", help="print each check that differs")
    arguments = parser.parse_args()
    try:
        found = [(side, run(arguments.folder, side)) for side in SIDES]
    except MissingSuiteError as error:
        print(f"skipped: {error}")
        return 0
    print(f"{'side':<14}{'checks':>8}{'agree':>8}{'differ':>8}{'explained':>11}{'passed over':>13}")
    for side, checks in found:
        explained = sum(bool(reason_of(text)) for text, _ in checks.differ) if side is SIDES[0] else ""
        print(
            f"{side.name:<14}{checks.agree + len(checks.differ):>8}{checks.agree:>8}{len(checks.differ):>8}"
            f"{explained:>11}{checks.passed_over:>13}"
        )
    for side, checks in found if arguments.show else ():
        for text, said in checks.differ:
            why = reason_of(text) if side is SIDES[0] else ""
            print(f"{side.name}: {text}: {said}" + (f"\n    reason: {why}" if why else ""))
    return 5 if any(not reason_of(text) for text, _ in found[0][1].differ) else 0


if __name__ == "__main__":
    sys.exit(main())
