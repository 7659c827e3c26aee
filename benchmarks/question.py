"""Problems as questions to the resolver, over channels in a folder and the index of pip's configuration."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Protocol

from benchmarks.prepare import BASELINES
from resolver.constraints.universe import JointUniverse
from resolver.explain.fixes.changes import Question
from resolver.model.channels import Channel, ChannelPriority
from resolver.model.indexes import Index
from resolver.model.origin import Origin
from resolver.model.records import CondaRecord
from resolver.model.requirements import CondaRequirement, PypiRequirement, Requirements
from resolver.model.target import Target, VirtualPackage
from resolver.options import ResolveOptions
from resolver.pipeline import Reporter, Resolver

FILE = "environment.yml"


class Asked(Protocol):
    """What a question is made of; :class:`benchmarks.make_unsolvable.Unsolvable` has it."""

    platform: str
    channels: tuple[str, ...]
    channel_priority: str
    virtual_packages: tuple[tuple[str, str], ...]
    specs: tuple[str, ...]
    pip: tuple[str, ...]
    exclude_newer: int | None


def default_index() -> str:
    """Return the address of the index that pip would ask."""
    from lockfiles.settings.public_index import default_index_url

    return os.environ.get("PIP_INDEX_URL") or default_index_url()


class Bench:
    """Sessions over a folder of channels, one for each list of channels; used as a context."""

    def __init__(self, channels: Path, cache: Path | None = None) -> None:
        self.folder = channels.resolve()
        self._temporary = None if cache else tempfile.TemporaryDirectory()
        self.cache = cache or Path(self._temporary.name if self._temporary else ".")
        self._sessions: dict[tuple[str, ...], Resolver] = {}

    def __enter__(self) -> Bench:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for session in self._sessions.values():
            session.fetcher.close()
        if self._temporary is not None:
            self._temporary.cleanup()

    def session(self, channels: Sequence[str]) -> Resolver:
        """Return the session of a list of channels."""
        key = tuple(channels)
        found = self._sessions.get(key)
        if found is None:
            options = ResolveOptions(
                targets=(),
                channels=tuple(Channel(name=c, base_url=str(self.folder / c)) for c in channels),
                indexes=(Index(name="pip", url=default_index()),),
                cache_dir=self.cache,
                environ=dict(os.environ),
            )
            found = self._sessions[key] = Resolver(Requirements(), options, Reporter())
        return found

    def question(self, asked: Asked) -> Question:
        """Return the problem as the resolver takes it."""
        return Question(
            requirements=requirements_of(asked.specs, asked.pip),
            target=target_of(asked),
            channels=self.session(asked.channels).options.channels,
        )

    def universe_of(self, asked: Asked) -> JointUniverse:
        """Return the problem's packages and rules."""
        question = self.question(asked)
        return self.session(asked.channels).universe(
            question.target, question.requirements, channels=question.channels
        )

    def records(self, asked: Asked, name: str, channel: str | None = None) -> list[CondaRecord]:
        """Return the records of a name in the problem's channels (or one of them)."""
        session = self.session(asked.channels)
        opened = session.open_channels(target_of(asked))
        return [r for s in opened if channel in (None, s.channel.name) for r in s.records(name)]


def target_of(asked: Asked) -> Target:
    """Return the problem's target."""
    builds = {"__archspec": BASELINES.get(asked.platform, "0")}
    facts = sorted(
        VirtualPackage(name=n, version=v, build=builds.get(n, "0")) for n, v in asked.virtual_packages
    )
    return Target(
        subdir=asked.platform,
        virtual_packages=tuple(facts),
        channel_priority=ChannelPriority(asked.channel_priority),
        exclude_newer=asked.exclude_newer,
    )


def requirements_of(specs: Sequence[str], pip: Sequence[str]) -> Requirements:
    """Return lines of an imagined environment file."""
    conda = tuple(
        CondaRequirement.parse(text, Origin(file=FILE, line=line)) for line, text in enumerate(specs, start=5)
    )
    lines = tuple(
        PypiRequirement.parse(text, Origin(file=FILE, line=line))
        for line, text in enumerate(pip, start=5 + len(specs) + 1)
    )
    return Requirements(conda=conda, pypi=lines, has_pip_section=bool(pip))
