"""What the readers of one call fill in, before it becomes a Requirements."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import msgspec

from resolver.errors import InputError
from resolver.inputs.faults import Faults
from resolver.inputs.file_kinds import conflict_error
from resolver.inputs.groups import Groups
from resolver.inputs.text import decode_text
from resolver.inputs.urls import expand_conda, is_url
from resolver.model.credentials import SecretAddress
from resolver.model.findings import Severity
from resolver.model.names import CondaName, PypiName
from resolver.model.notices import Notice
from resolver.model.origin import Origin
from resolver.model.redaction import redact
from resolver.model.requirements import (
    ChannelRequest,
    CondaRequirement,
    IndexOptions,
    OfferedEnvironment,
    Override,
    PypiRequirement,
    Requirements,
)

if TYPE_CHECKING:
    from resolver.inputs.workspace import Workspace
    from resolver.model.images import NamedImage

#: Gives the content behind a path or an address; raises OSError or a LockstackError where it can't.
Read = Callable[[str], str | bytes]


#: Gives the conda name under which a PyPI project is best known.
CondaNameOf = Callable[[PypiName], str]


class Draft(msgspec.Struct, kw_only=True):
    """Mutable twin of Requirements for one input file and the files that it includes.

    ``groups`` is shared by all files of a run; ``conda_name_of`` serves files that
    ask for PyPI's names as conda packages.
    """

    read: Read
    environ: Mapping[str, str]
    faults: Faults
    groups: Groups = msgspec.field(default_factory=Groups)
    conda_name_of: CondaNameOf = str
    name: str | None = None
    image: NamedImage | None = None
    channels: list[ChannelRequest] = msgspec.field(default_factory=list)
    conda: list[CondaRequirement] = msgspec.field(default_factory=list)
    pypi: list[PypiRequirement] = msgspec.field(default_factory=list)
    overrides: list[Override] = msgspec.field(default_factory=list)
    platforms: list[tuple[str, Origin]] = msgspec.field(default_factory=list)
    variables: dict[str, tuple[str, Origin]] = msgspec.field(default_factory=dict)
    index_url: tuple[str, Origin] | None = None
    extra_index_urls: list[str] = msgspec.field(default_factory=list)
    find_links: list[str] = msgspec.field(default_factory=list)
    trusted_hosts: list[str] = msgspec.field(default_factory=list)
    no_index: bool = False
    pre: bool = False
    prefer_binary: bool = False
    require_hashes: bool = False
    no_binary: set[str] = msgspec.field(default_factory=set)
    only_binary: set[str] = msgspec.field(default_factory=set)
    files: list[str] = msgspec.field(default_factory=list)
    has_pip_section: bool = False
    requires_python: list[str] = msgspec.field(default_factory=list)
    secrets: list[SecretAddress] = msgspec.field(default_factory=list)
    notices: list[Notice] = msgspec.field(default_factory=list)
    virtual_packages: list[str] = msgspec.field(default_factory=list)
    environments: list[OfferedEnvironment] = msgspec.field(default_factory=list)
    project: PypiName | None = None  #: that the file is of
    members: dict[PypiName, str] = msgspec.field(default_factory=dict)
    #: projects of the same workspace that are asked for -> the file that says they are
    workspace: Workspace | None = None  #: that the file is the root of
    member_of: Workspace | None = None
    brought: frozenset[str] = frozenset()  #: extras that other members ask for
    is_named: bool = True  #: by the run itself; False: found
    finds_members: bool = False  #: whether members of workspaces are looked for

    def say(self, code: str, text: str, *, severity: Severity = Severity.WARNING, file: str) -> None:
        """Remember one line that people are told of what was read; the same text counts once."""
        notice = Notice(code=code, text=text, severity=severity, facts={"file": file})
        if notice not in self.notices:
            self.notices.append(notice)

    def read_text(self, file: str, named_by: Origin | None) -> str | None:
        """Return the text of a file, None (and a fault) where it can't be had.

        ``named_by``: the line of another file that names it; the marks of an unfinished
        merge in such a file are a fault here.
        """
        from resolver.errors import LockstackError, SourceError

        shown = redact(file)
        if named_by is None and is_url(file):
            message = f"can't read `{shown}`: an address, and only files are read"
            self.faults.add(message, Origin(file=shown), "download it, and name the file")
            return None
        try:
            text = decode_text(self.read(file), shown)
            conflict = conflict_error(text, shown) if named_by else None
            if conflict is None:
                return text
            self.faults.add_error(conflict)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            if is_url(file):
                reason = "an address, and only files are read"
            is_missing = named_by is None and isinstance(error, FileNotFoundError)
            message = "no such file" if is_missing else f"can't read `{shown}`: {reason}"
            hint = None
            if named_by and is_url(file):
                hint = "download it, and name the file"
            elif named_by:
                hint = f"it is looked for from the folder of `{named_by.file}`"
            origin = named_by or Origin(file=shown)
            self.faults.add_error(InputError(message, origin, hint, is_missing=is_missing))
        except InputError as error:
            self.faults.add_error(error)
        except SourceError:
            raise  # an address that fails is no fault of the file that names it
        except LockstackError as error:
            if named_by is None:
                raise
            self.faults.add(f"can't read `{shown}`: {error}", named_by, error.hint)
        return None

    def add_repository(self, text: str, origin: Origin) -> None:
        """Add an index of conda-lock's ``pip-repositories``, with ``$NAME`` and ``${NAME}`` put in."""
        url, missing = expand_conda(text.strip(), self.environ)
        for name in missing:
            self.faults.add(f"the environment variable `{name}` is not set", origin, f"set `{name}`")
        if not missing:
            self.extra_index_urls.append(url)

    def finish(self) -> Requirements:
        """Return the values as a Requirements."""
        return Requirements(
            name=self.name,
            image=self.image,
            channels=tuple(self.channels),
            conda=tuple(self.conda),
            pypi=tuple(self.pypi),
            platforms=tuple(dict.fromkeys(subdir for subdir, _ in self.platforms)),
            variables={name: value for name, (value, _) in self.variables.items()},
            indexes=self._indexes(),
            files=tuple(dict.fromkeys(self.files)),
            has_pip_section=self.has_pip_section,
            requires_python=",".join(dict.fromkeys(self.requires_python)) or None,
            overrides=tuple(dict.fromkeys(self.overrides)),
            secrets=tuple(dict.fromkeys(self.secrets)),
            notices=tuple(self.notices),
            virtual_packages=tuple(dict.fromkeys(self.virtual_packages)),
            environments=tuple(self.environments),
        )

    def _indexes(self) -> IndexOptions:
        return IndexOptions(
            index_url=self.index_url[0] if self.index_url else None,
            extra_index_urls=tuple(dict.fromkeys(self.extra_index_urls)),
            find_links=tuple(dict.fromkeys(self.find_links)),
            no_index=self.no_index,
            pre=self.pre,
            no_binary=frozenset(self.no_binary),
            only_binary=frozenset(self.only_binary),
            require_hashes=self.require_hashes,
            trusted_hosts=tuple(dict.fromkeys(self.trusted_hosts)),
            prefer_binary=self.prefer_binary,
        )


def put_overrides(requirements: Requirements) -> Requirements:
    """Return the requirements with their overrides in place of lines."""
    if not requirements.overrides:
        return requirements
    from resolver.inputs.overrides import with_overrides

    return with_overrides(requirements)


def add_conda_requirement(
    draft: Draft,
    text: str,
    origin: Origin,
    *,
    category: str = "main",
    platforms: frozenset[str] | None = None,
) -> None:
    """Check a match spec and add it; a bad one is a fault."""
    from resolver.inputs.conda_spec import check_match_spec

    try:
        name = check_match_spec(text, origin)
    except InputError as error:
        draft.faults.add_error(error)
        return
    draft.conda.append(
        CondaRequirement(
            name=CondaName(name), spec=text.strip(), origin=origin, category=category, platforms=platforms
        )
    )
