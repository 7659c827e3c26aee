"""Changes of what was asked for, as values: one edit a line or setting."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from msgspec.structs import replace

from resolver.explain.members import Requirement, line_text
from resolver.inputs.default_python import python_of_target
from resolver.model.channels import Channel, ChannelPriority
from resolver.model.choices import StrEnum
from resolver.model.origin import Origin
from resolver.model.requirements import CondaRequirement, Override, PypiRequirement, Requirements
from resolver.model.target import Target, VirtualPackage


class Action(StrEnum):
    """What is done to a line, or to a setting."""

    REPLACE = "replace"  #: a line gets another text
    REMOVE = "remove"  #: a line goes
    SELECT = "select"  #: a line gets a selector that leaves this platform out
    TO_PIP = "to-pip"  #: a line goes from the conda part to the pip part
    TO_CONDA = "to-conda"  #: and the other way
    ADD = "add"  #: a conda line is added
    ADD_PIP = "add-pip"  #: a pip line is added
    CHANNEL = "channel"  #: a channel is added behind the others
    PRIORITY = "channel-priority"
    VIRTUAL = "virtual-package"
    DATE = "exclude-newer"
    UNDATED = "admit-undated"  #: what has no date counts though there is a limit in time
    PYTHON = "python"  #: where no conda package gives the interpreter
    INDEX = "extra-index-url"  #: an index is asked before the others


class Edit(msgspec.Struct, frozen=True, kw_only=True):
    """One change.

    ``line`` is the requirement that changes (None for settings, channels and what
    is added), ``text`` what comes in its place: a requirement, a channel's name,
    or a setting's value.
    """

    action: Action
    line: Requirement | None = None
    text: str = ""
    name: str = ""  #: the virtual package

    @property
    def is_setting(self) -> bool:
        """Whether it is given by a flag, not by an edit of the file."""
        settings = (Action.PRIORITY, Action.VIRTUAL, Action.DATE, Action.UNDATED, Action.PYTHON, Action.INDEX)
        return self.action in settings

    @property
    def flag(self) -> str:
        """The flag that makes a change of a setting."""
        if self.action is Action.VIRTUAL:
            return f"--virtual-package {self.name}={self.text}"
        return f"--{self.action.value} {self.text}".rstrip()

    def __str__(self) -> str:
        if self.action is Action.ADD:
            return f"add the conda line `{self.text}`"
        if self.action is Action.ADD_PIP:
            return f"add the pip line `{self.text}`"
        if self.line is None:
            return f"add the channel `{self.text}`" if self.action is Action.CHANNEL else f"`{self.flag}`"
        where, old = self.line.origin, line_text(self.line)
        if self.action is Action.REMOVE:
            return f"{where}: drop `{old}`"
        if self.action is Action.SELECT:
            return f"{where}: `{old}` -> `{old}  # [{self.text}]`"
        if self.action is Action.TO_PIP:
            part = "pypi-dependencies" if self.line.origin.file.endswith(".toml") else "pip:"
            return f"{where}: move `{old}` to `{part}` as `{self.text}`"
        if self.action is Action.TO_CONDA:
            return f"{where}: move `{old}` to the conda part as `{self.text}`"
        return f"{where}: `{old}` -> `{self.text}`"


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that one solve depends on."""

    requirements: Requirements
    target: Target
    channels: tuple[Channel, ...] | None = None  #: None: the session's own
    extra_index: str | None = None  #: the address of an index that is asked before the session's own
    admit_undated: bool = False  #: beside the session's own setting

    def changed(self, edits: Sequence[Edit], known: Sequence[Channel] = ()) -> Question:
        """Return the question after edits; ``known`` holds the channels that edits may add."""
        question = self
        for edit in edits:
            question = question._after(edit, known)
        return question

    @property
    def has_default_channels(self) -> bool:
        """Whether no input names a channel, and those in use are the default ones."""
        used = self.channels or ()
        return not self.requirements.channels and all(c.name.startswith("pkgs/") for c in used)

    def _after(self, edit: Edit, known: Sequence[Channel]) -> Question:
        target = self.target
        if edit.action is Action.CHANNEL:
            added = tuple(c for c in known if c.name == edit.text)
            # `channels:` in a file stands in place of the default ones
            stay = () if self.has_default_channels else self.channels or ()
            return replace(self, channels=(*stay, *added))
        if edit.action in (Action.ADD, Action.ADD_PIP):
            return replace(self, requirements=_added(self.requirements, edit))
        if edit.action is Action.PRIORITY:
            return replace(self, target=replace(target, channel_priority=ChannelPriority(edit.text)))
        if edit.action is Action.INDEX:
            return replace(self, extra_index=edit.text)
        if edit.action is Action.UNDATED:
            return replace(self, admit_undated=True)
        if edit.action is Action.PYTHON:
            python = python_of_target(replace(self.requirements, conda=()), edit.text)
            return replace(self, target=replace(target, python=python))
        if edit.action is Action.DATE:
            return replace(self, target=replace(target, exclude_newer=_seconds(edit.text)))
        if edit.action is Action.VIRTUAL:
            kept = [v for v in target.virtual_packages if v.name != edit.name]
            facts = sorted([*kept, VirtualPackage(name=edit.name, version=edit.text)])
            return replace(self, target=replace(target, virtual_packages=tuple(facts)))
        assert edit.line is not None  # noqa: S101  (the other actions are about lines)
        return replace(self, requirements=edit_lines(self.requirements, edit, edit.line))


def _added(requirements: Requirements, edit: Edit) -> Requirements:
    """Return the requirements with one more line, in the first file."""
    origin = Origin(file=requirements.files[0] if requirements.files else "")
    if edit.action is Action.ADD_PIP:
        return replace(requirements, pypi=(*requirements.pypi, PypiRequirement.parse(edit.text, origin)))
    return replace(requirements, conda=(*requirements.conda, CondaRequirement.parse(edit.text, origin)))


def edit_lines(requirements: Requirements, edit: Edit, line: Requirement) -> Requirements:
    """Return the requirements with one line changed."""
    conda: list[CondaRequirement] = []
    pypi: list[PypiRequirement] = []
    new = None if edit.action in (Action.REMOVE, Action.SELECT) else new_line(line, edit.text, edit.action)
    everything: tuple[Requirement, ...] = (*requirements.conda, *requirements.pypi)
    for old in everything:
        kept: Requirement | None = new if old is line else old
        if isinstance(kept, CondaRequirement):
            conda.append(kept)
        elif kept is not None:
            pypi.append(kept)
    overrides = (_edit_override(override, line, new) for override in requirements.overrides)
    return replace(
        requirements,
        conda=tuple(conda),
        pypi=tuple(pypi),
        overrides=tuple(override for override in overrides if override is not None),
    )


def stands_for_line(override: Override, question: Question) -> bool:
    """Tell whether an override stands in place of a line too: without it that line would come back."""
    return any(line.origin == override.origin for line in question.requirements.pypi)


def _edit_override(override: Override, line: Requirement, new: Requirement | None) -> Override | None:
    """Return an override as it is once a line was changed: it goes with the line that it was written as."""
    asked = override.requirement
    is_its = line.origin == override.origin and line.name == override.name
    if asked is None or isinstance(line, CondaRequirement) or not is_its:
        return override
    if not isinstance(new, PypiRequirement):
        return None
    return replace(override, requirement=replace(asked, specifier=new.specifier, text=new.text))


def new_line(line: Requirement, text: str, action: Action = Action.REPLACE) -> Requirement:
    """Return a line with another text, at the same place."""
    is_conda = isinstance(line, CondaRequirement)
    if action is Action.TO_PIP or (not is_conda and action is not Action.TO_CONDA):
        return _pip_line(line, text)
    if isinstance(line, CondaRequirement):
        return line.with_spec(text)
    new = CondaRequirement.parse(text, line.origin)
    return replace(new, category=line.category, platforms=line.platforms)


def _pip_line(line: Requirement, text: str) -> PypiRequirement:
    if isinstance(line, PypiRequirement):
        return line.with_text(text)
    new = PypiRequirement.parse(text, line.origin)
    return replace(new, category=line.category, platforms=line.platforms)


def _seconds(text: str) -> int | None:
    from datetime import UTC, datetime

    if not text:
        return None
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())
