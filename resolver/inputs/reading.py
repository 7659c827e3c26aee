"""Any input file -> requirements: finds out what a file is, and joins several.

=====================  =====================================================
kind                   known by
=====================  =====================================================
environment file       ``.yml``, ``.yaml``, ``.json``, or text that begins with a key
Azure ML environment   keys ``conda_file``, ``image``, ``build``, ``python.condaDependencies``
MLflow's python_env    keys ``python`` and ``build_dependencies``
requirements file      any other text; ``.txt``, ``.in``
pixi's manifest        the name ``pixi.toml``
pyproject.toml         ``.toml``
=====================  =====================================================
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import PurePath
from typing import TYPE_CHECKING

from resolver.errors import InputError
from resolver.inputs.build_paths import report_build_paths
from resolver.inputs.combine import combine
from resolver.inputs.draft import CondaNameOf, Draft, Read, put_overrides
from resolver.inputs.faults import Faults
from resolver.inputs.file_kinds import conflict_error
from resolver.inputs.foreign import foreign_text
from resolver.inputs.groups import GroupChoice, Groups
from resolver.inputs.requirements_txt import PipScope, add_pip_file
from resolver.model.origin import Origin
from resolver.model.patterns import pattern
from resolver.model.requirements import Requirements

if TYPE_CHECKING:
    from resolver.inputs.workspace import Folders, Workspace

_YAML = (".yml", ".yaml", ".json")
_TEXT = (".txt", ".in", ".pip", ".reqs")
_KEY_LINE = pattern(r"\"?[\w$.-]+\"?\s*:(?:\s|$)|\{|---|%YAML")


def parse_inputs(
    paths: Sequence[str],
    read: Read,
    *,
    environ: Mapping[str, str] | None = None,
    groups: GroupChoice | None = None,
    conda_name_of: CondaNameOf = str,
    folders: Folders | None = None,
) -> Requirements:
    """Return what all the files ask for together.

    ``paths`` and what they include are given to ``read`` as the user typed
    them (an address for ``-r https://...``); it returns bytes or text and may
    raise OSError. ``environ`` serves ``${NAME}`` in pip's lines. ``groups``
    says which extras and groups of project files come in, each as a category
    (None: none; what is left out is among the notices). ``conda_name_of`` serves
    files that ask for PyPI's names as conda packages. ``folders`` gives the folders in
    one, so that members of uv's workspaces are found (None: they are not, which is
    said). Requirements of several
    files all hold; the order of channels is that of the files. Raises InputErrors
    with the faults of all files.
    """
    faults = Faults()
    chosen = Groups(groups)

    def read_file(
        path: str, workspace: Workspace | None, extras: frozenset[str], *, is_named: bool
    ) -> Draft | None:
        draft = Draft(
            read=read,
            environ=environ or {},
            faults=faults,
            groups=chosen,
            conda_name_of=conda_name_of,
            files=[path],
            member_of=workspace,
            is_named=is_named,
            finds_members=folders is not None,
        )
        chosen.extras.of_file[path] = extras
        text = draft.read_text(path, None)
        if text is None:
            return None
        _add_file(draft, text, path)
        report_build_paths(draft)
        return draft

    drafts = []
    for path in dict.fromkeys(paths):
        root = None
        if folders is not None and _is_pyproject(path):
            from resolver.inputs.workspace import root_above

            root = root_above(path, read, folders)
        draft = read_file(path, root, frozenset(), is_named=True)
        if draft is not None:
            drafts.append(draft)
    if folders is not None and any(draft.workspace or draft.member_of for draft in drafts):
        from resolver.inputs.members import add_members

        add_members(drafts, folders, partial(read_file, is_named=False))
    if not paths:
        faults.add("no input file", None, "name an environment file, such as `environment.yml`")
    if not len(faults):  # a file that can't be read may have what is missing
        chosen.report_unknown(faults)
    combined = combine(drafts, faults) if drafts else None
    if len(faults) and combined is not None:
        _add_faults_of_channels(combined, faults)
    faults.raise_if_any()
    assert combined is not None  # noqa: S101  no draft without a fault
    combined.notices.extend(chosen.notices())
    return put_overrides(combined.finish())


def _add_faults_of_channels(combined: Draft, faults: Faults) -> None:
    """Add what is wrong with channels: alone it would be met later, if no flag stands in their place."""
    from resolver.inputs.channels import resolve_channels

    try:
        resolve_channels(combined.channels, environ=combined.environ)
    except InputError as error:
        faults.add_error(error)


def _add_file(draft: Draft, text: str, path: str) -> None:
    try:
        foreign = foreign_text(text, path)
        conflict = conflict_error(text, path)
        if foreign:
            draft.faults.add(foreign[0], Origin(file=path), foreign[1])
        elif conflict is not None:
            draft.faults.add_error(conflict)
        elif _is_pixi(text, path):
            from resolver.inputs.pixi.manifest import add_pixi_toml

            add_pixi_toml(draft, text, path)
        elif path.lower().endswith(".toml"):
            from resolver.inputs.pyproject.reading import add_pyproject

            add_pyproject(draft, text, path)
        elif _is_yaml(text, path):
            from resolver.inputs.yaml_inputs import add_yaml  # YAML takes a tenth of a start

            add_yaml(draft, text, path)
        else:
            draft.has_pip_section = True
            add_pip_file(draft, text, PipScope(file=path, parents=(path,)))
    except InputError as error:
        draft.faults.add_error(error)


def _is_pyproject(path: str) -> bool:
    return PurePath(path.replace("\\", "/")).name == "pyproject.toml"


def _is_pixi(text: str, path: str) -> bool:
    """Tell whether a file is pixi's manifest, by its name; a pyproject.toml may stand under that name too."""
    return PurePath(path.replace("\\", "/")).name.lower() == "pixi.toml" and "[tool.pixi" not in text


def _is_yaml(text: str, path: str) -> bool:
    suffix = PurePath(path).suffix.lower()
    if suffix in _YAML:
        return True
    if suffix in _TEXT:
        return False
    lines = (line.strip() for line in text.split("\n"))
    first = next((line for line in lines if line and not line.startswith("#")), "")
    return _KEY_LINE.match(first) is not None
