"""The file of a merged environment: lines of several members as one, read back as `lock` reads it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from lockfiles.fleet.merging.members import FleetMember, Requirement, lines_of
from lockfiles.session import Session, SessionRequest, open_session
from lockfiles.surroundings import Surroundings
from resolver.errors import InputError, InputErrors
from resolver.model.requirements import CondaRequirement, IndexOptions, PypiRequirement


class MergedFile(msgspec.Struct, frozen=True, kw_only=True):
    """The texts of a merged environment (path -> text; its own first), and what reading them gives."""

    path: str
    texts: Mapping[str, str]
    session: Session


class _WithTexts(Surroundings, frozen=True, kw_only=True):
    """Surroundings in which some files stand that aren't written yet."""

    texts: Mapping[str, str]

    def read(self, name: str) -> bytes:
        """Return what a file is to hold, or does."""
        text = self.texts.get(name)
        return super().read(name) if text is None else text.encode("utf-8")


def merged_file(
    member: FleetMember, lines: Sequence[Requirement], variables: Mapping[str, str], stem: str
) -> MergedFile:
    """Return the file of some lines under the settings of a member; ``stem``: its path without an ending.

    It is an environment.yml, or a requirements.txt where no conda package gives the interpreter. Raises
    InputError where such a file can't say what the lines say: what is read back is compared with them.
    """
    texts = _texts(member.session, lines, variables, stem)
    path = next(iter(texts))
    around = member.request.surroundings
    values = {name: getattr(around, name) for name in Surroundings.__struct_fields__}
    request = SessionRequest(
        files=(path,),
        settings=member.request.settings,  # what of them were flags is recorded
        machine=member.request.machine,
        settled=member.session.settings,
        surroundings=_WithTexts(**values, texts=texts),
    )
    try:
        session = open_session(request)
    except InputErrors as error:
        raise error.errors[0] from None
    _compare(member.session, session, lines)
    return MergedFile(path=path, texts=texts, session=session)


def _compare(before: Session, session: Session, lines: Sequence[Requirement]) -> None:
    """Raise InputError where a file that was read back doesn't say what it is to say."""
    subdirs = [target.subdir for target in session.targets]
    read, meant = set(lines_of(session.requirements, subdirs)), set(lines)
    lost = sorted(_text(line) for line in meant - read) or sorted(_text(line) for line in read - meant)
    if lost:
        raise InputError(f"an environment file can't say `{lost[0]}`")
    for what, one, other in (
        ("targets", before.targets, session.targets),
        ("channels", before.channels, session.channels),
        ("indexes", before.indexes, session.indexes),
        ("options of pip", before.requirements.indexes, session.requirements.indexes),
        ("overrides", before.requirements.overrides, session.requirements.overrides),
    ):
        if one != other:
            raise InputError(f"an environment file can't say its {what}")


def _text(line: Requirement) -> str:
    return line.spec if isinstance(line, CondaRequirement) else line.text


def _texts(
    session: Session, lines: Sequence[Requirement], variables: Mapping[str, str], stem: str
) -> dict[str, str]:
    subdirs = [target.subdir for target in session.targets]
    constraints = [line for line in lines if isinstance(line, PypiRequirement) and line.is_constraint]
    pip = [line for line in lines if isinstance(line, PypiRequirement) and not line.is_constraint]
    options = _options(session.requirements.indexes)
    texts: dict[str, str] = {}
    name = f"{Path(stem).name}.constraints.txt"
    if constraints:
        options.append(f"-c {name}")
        texts[str(Path(stem).with_name(name))] = "\n".join(map(_pip_line, constraints)) + "\n"
    if any(target.python is not None for target in session.targets):
        own = "\n".join([*options, *map(_pip_line, pip)]) + "\n"
        return {f"{stem}.txt": own, **texts}
    conda = [line for line in lines if isinstance(line, CondaRequirement) and not line.is_constraint]
    made = [f"name: {Path(stem).name}"]
    if session.requirements.channels:
        made += ["channels:", *(f"  - {_quoted(one.text)}" for one in session.requirements.channels)]
    if session.requirements.platforms:
        made += ["platforms:", *(f"  - {one}" for one in session.requirements.platforms)]
    made += ["dependencies:" if conda or pip or options else "dependencies: []"]
    made += [f"  - {_quoted(line.spec)}{_selector(line, subdirs)}" for line in conda]
    if pip or options:
        made.append("  - pip:")
        made += [f"      - {_quoted(option)}" for option in options]
        made += [f"      - {_quoted(_pip_line(line))}{_selector(line, subdirs)}" for line in pip]
    if variables:
        made += ["variables:", *(f"  {_quoted(k)}: {_quoted(v)}" for k, v in sorted(variables.items()))]
    return {f"{stem}.yml": "\n".join(made) + "\n", **texts}


def _quoted(text: str) -> str:
    from lockfiles.canonical import format_scalar

    return format_scalar(text)


def _selector(line: Requirement, subdirs: Sequence[str]) -> str:
    if line.platforms is None:
        return ""
    from resolver.inputs.selectors import selector_for

    return f"  # [{selector_for(line.platforms, subdirs)}]"


def _pip_line(line: PypiRequirement) -> str:
    return " ".join([line.text, *(f"--hash={value}" for value in line.hashes)])


def _options(options: IndexOptions) -> list[str]:
    """Return pip's options as lines."""
    made: list[str] = []
    if options.index_url is not None:
        made.append(f"--index-url {options.index_url}")
    made += [f"--extra-index-url {url}" for url in options.extra_index_urls]
    made += [f"--find-links {place}" for place in options.find_links]
    made += [f"--trusted-host {host}" for host in options.trusted_hosts]
    flags = ("no_index", "pre", "prefer_binary", "require_hashes")
    made += [f"--{flag.replace('_', '-')}" for flag in flags if getattr(options, flag)]
    made += [f"--no-binary {name}" for name in sorted(options.no_binary)]
    made += [f"--only-binary {name}" for name in sorted(options.only_binary)]
    return made
