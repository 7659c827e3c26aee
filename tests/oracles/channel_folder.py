"""A folder of channels read for the judges: plain JSON, nothing of the project's own readers."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable
from functools import cache, partial
from pathlib import Path
from typing import Any

import zstandard

from benchmarks.prepare import BASELINES, Problem
from resolver.model.records import CondaRecord
from tests.oracles.conda_checker import Chosen, Question, Violation, check


class ChannelFolder:
    """Channels under one folder, each ``<channel>/<subdir>/repodata.json`` or ``.json.zst``."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.entries = cache(self._read)
        self._names = cache(self._read_names)

    def _read(self, channel: str, subdir: str) -> dict[str, dict[str, Any]]:
        plain = self.root / channel / subdir / "repodata.json"
        packed = plain.with_name("repodata.json.zst")
        if plain.is_file():
            data = json.loads(plain.read_bytes())
        elif packed.is_file():
            with packed.open("rb") as raw:
                data = json.load(
                    io.TextIOWrapper(zstandard.ZstdDecompressor().stream_reader(raw), encoding="utf-8")
                )
        else:
            return {}
        return {**data.get("packages", {}), **data.get("packages.conda", {})}

    def _read_names(self, channel: str, subdir: str) -> frozenset[str]:
        return frozenset(entry["name"].lower() for entry in self.entries(channel, subdir).values())

    def holds(self, channel: str, name: str, platform: str) -> bool:
        """Tell whether a channel has any record of a name for a platform."""
        return any(name in self._names(channel, subdir) for subdir in (platform, "noarch"))

    def find(self, address: str) -> Chosen | None:
        """Return the record at ``channel/subdir/file``; None: there is none."""
        channel, subdir, file_name = address.rsplit("/", 2)
        entry = self.entries(channel, subdir).get(file_name)
        if entry is None:
            return None
        record = CondaRecord(
            name=entry["name"],
            version=entry["version"],
            build=entry["build"],
            build_number=entry["build_number"],
            file_name=file_name,
            depends=tuple(entry.get("depends", ())),
            constrains=tuple(entry.get("constrains", ())),
        )
        return Chosen(channel=channel, subdir=subdir, record=record)


def question_of(problem: Problem) -> Question:
    """Return what a problem asks, as the judge takes it."""
    builds = {"__archspec": BASELINES[problem.platform]}
    return Question(
        specs=problem.specs,
        channels=problem.channels,
        platform=problem.platform,
        virtual={name: (version, builds.get(name, "0")) for name, version in problem.virtual_packages},
        strict=problem.channel_priority == "strict",
    )


def check_answer(folder: ChannelFolder, problem: Problem, addresses: Iterable[str]) -> list[Violation]:
    """Judge an answer given as ``channel/subdir/file``; one without a record is ``missing``."""
    found = [(address, folder.find(address)) for address in addresses]
    missing = [Violation(kind="missing", text=address) for address, one in found if one is None]
    chosen = [one for _, one in found if one is not None]
    return missing + check(chosen, question_of(problem), partial(folder.holds, platform=problem.platform))
