"""environment.yml -> requirements: conda's keys, conda-lock's and micromamba's additions.

Keys: ``name``, ``channels``, ``dependencies`` (with ``pip:`` and ``sel(...):``),
``variables`` and ``prefix`` (said: a lockfile has no place for them); conda-lock's
``platforms``, ``category``, ``pip-repositories``, ``allow-pypi-requests`` (ignored:
it speaks of conda-lock's own lookup). ``platform`` is read as ``platforms``, and
said. Other keys are ignored with a warning, as conda does, unless they look like a
misspelt one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import yaml

from resolver.errors import InputError
from resolver.inputs.draft import Draft, Read, add_conda_requirement
from resolver.inputs.environment_items import Item, iter_items
from resolver.inputs.faults import Faults, did_you_mean, nearest
from resolver.inputs.requirements_txt import PipScope, add_pip_line
from resolver.inputs.text import decode_text
from resolver.inputs.yaml_nodes import compose, is_masked, is_null, iter_mapping, kind_of, place
from resolver.model.findings import Severity
from resolver.model.origin import Origin
from resolver.model.platforms import KNOWN_SUBDIRS
from resolver.model.requirements import ChannelRequest, Requirements

KEYS = (
    "name", "channels", "dependencies", "variables", "prefix",
    "platforms", "category", "pip-repositories", "allow-pypi-requests",
)  # fmt: skip


class EnvironmentScope(msgspec.Struct, frozen=True, kw_only=True):
    """The file an environment stands in, with its lines (for selectors in comments)."""

    file: str
    lines: Sequence[str]
    category: str = "main"


def parse_environment_yml(
    text: str | bytes, file: str, read: Read | None = None, *, environ: Mapping[str, str] | None = None
) -> Requirements:
    """Return what an environment file asks for.

    ``read`` serves ``-r`` and ``-c``; ``environ`` the ``${NAME}`` of pip's lines.
    Raises InputErrors with every fault of the file.
    """
    faults = Faults()
    draft = Draft(read=read or _no_reading, environ=environ or {}, faults=faults, files=[file])
    try:
        decoded = decode_text(text, file)
    except InputError as error:
        faults.add_error(error)
    else:
        root = compose(decoded, file, faults)
        if root is not None or not len(faults):
            add_environment(draft, root, EnvironmentScope(file=file, lines=decoded.split("\n")))
    faults.raise_if_any()
    return draft.finish()


def _no_reading(path: str) -> str:
    raise FileNotFoundError(2, "no way to read other files was given", path)


def add_environment(draft: Draft, root: yaml.Node | None, scope: EnvironmentScope) -> None:
    """Add an environment's root node to the draft; its faults go there too."""
    if root is None or is_null(root):
        draft.faults.add(
            "the file is empty", Origin(file=scope.file), "an environment has at least `dependencies:`"
        )
        return
    if not isinstance(root, yaml.MappingNode):
        hint = (
            "begin with `dependencies:`"
            if isinstance(root, yaml.SequenceNode)
            else "is this an environment file?"
        )
        draft.faults.add(f"{kind_of(root)} where a mapping is meant", place(root, scope.file), hint)
        return
    sections = _sections(root, scope.file, draft.faults, draft)
    category = sections.get("category")
    if category is not None and not is_null(category):
        text = _scalar(draft, category, scope.file, "category")
        scope = EnvironmentScope(file=scope.file, lines=scope.lines, category=text or "main")
    if "dependencies" not in sections and not len(draft.faults):  # it may stand in a line that is no YAML
        draft.faults.add(
            "no `dependencies:`", Origin(file=scope.file), "write `dependencies: []` if nothing is asked for"
        )
    for key, add in _READERS.items():
        node = sections.get(key)
        if node is not None and not is_null(node):
            add(draft, node, scope)


def check_sections(root: yaml.MappingNode, file: str, faults: Faults) -> None:
    """Report what is wrong with the form of a conda file: keys and kinds, not the requirements in it."""
    dependencies = _sections(root, file, faults).get("dependencies")
    if dependencies is not None and not is_null(dependencies):
        _is_list(dependencies, file, faults)


def _is_list(node: yaml.Node, file: str, faults: Faults) -> bool:
    if isinstance(node, yaml.SequenceNode):
        return True
    faults.add(f"`dependencies` is {kind_of(node)}; a list is meant", place(node, file), _list_hint(node))
    return False


def _sections(
    root: yaml.MappingNode, file: str, faults: Faults, draft: Draft | None = None
) -> dict[str, yaml.Node]:
    """Return the values of known keys; what is said of others goes to the draft."""
    sections: dict[str, yaml.Node] = {}
    single: tuple[yaml.Node, yaml.Node] | None = None
    for name, key, value in iter_mapping(root, file, faults):
        if name in KEYS:
            sections[name] = value
            continue
        if name == "platform":
            if draft is not None:
                draft.say("key-read-as", f"{place(key, file)}: `platform` is read as `platforms`", file=file)
            single = key, value
            continue
        near = nearest(name, KEYS)
        if near:
            faults.add(f"unknown key `{name}`", place(key, file), f"did you mean `{near}`?")
            sections.setdefault(near, value)  # checked as what it was meant to be
        elif draft is not None:
            draft.say("unknown-key", f"{place(key, file)}: unknown key `{name}` is ignored", file=file)
    if single is not None:
        _add_single_platform(single, sections, file, faults)
    return sections


def _add_single_platform(
    single: tuple[yaml.Node, yaml.Node], sections: dict[str, yaml.Node], file: str, faults: Faults
) -> None:
    """Take the key ``platform``: one platform, or a list of them."""
    key, value = single
    if "platforms" in sections:
        hint = "keep one of the two, with all platforms in it"
        faults.add("`platform` beside `platforms`", place(key, file), hint)
        return
    if isinstance(value, yaml.ScalarNode) and not is_null(value):
        value = yaml.SequenceNode(
            "tag:yaml.org,2002:seq", [value], start_mark=value.start_mark, end_mark=value.end_mark
        )
    sections["platforms"] = value


def _add_name(draft: Draft, node: yaml.Node, scope: EnvironmentScope) -> None:
    draft.name = _scalar(draft, node, scope.file, "name") or None


def _add_channels(draft: Draft, node: yaml.Node, scope: EnvironmentScope) -> None:
    for item in _strings(draft, node, scope.file, "channels"):
        draft.channels.append(ChannelRequest(text=item.value.strip(), origin=place(item, scope.file)))


def _add_platforms(draft: Draft, node: yaml.Node, scope: EnvironmentScope) -> None:
    for item in _strings(draft, node, scope.file, "platforms"):
        origin = place(item, scope.file)
        if item.value not in KNOWN_SUBDIRS:
            draft.faults.add(
                f"unknown platform `{item.value}`", origin, did_you_mean(item.value, KNOWN_SUBDIRS)
            )
        draft.platforms.append((item.value, origin))


def _add_repositories(draft: Draft, node: yaml.Node, scope: EnvironmentScope) -> None:
    for item in _strings(draft, node, scope.file, "pip-repositories"):
        draft.add_repository(item.value, place(item, scope.file))


def _add_variables(draft: Draft, node: yaml.Node, scope: EnvironmentScope) -> None:
    if not isinstance(node, yaml.MappingNode):
        draft.faults.add(
            f"`variables` is {kind_of(node)}; a mapping is meant",
            place(node, scope.file),
            "write `NAME: value` lines",
        )
        return
    for name, key, value in iter_mapping(node, scope.file, draft.faults):
        if isinstance(value, yaml.ScalarNode):
            draft.variables[name] = ("" if is_null(value) else value.value, place(key, scope.file))
        else:
            draft.faults.add(
                f"the variable `{name}` is {kind_of(value)}", place(value, scope.file), "text is meant"
            )
    if draft.variables:
        names = ", ".join(f"`{name}`" for name in sorted(draft.variables))
        text = f"`variables` ({names}) have no place in a lockfile: `lock install` sets them"
        draft.say("variables-left-out", f"{place(node, scope.file)}: {text}", file=scope.file)


def _add_prefix(draft: Draft, node: yaml.Node, scope: EnvironmentScope) -> None:
    text = f"{place(node, scope.file)}: `prefix` is a place on one machine, and is left out"
    draft.say("prefix-left-out", text, severity=Severity.NOTE, file=scope.file)


def _add_dependencies(draft: Draft, node: yaml.Node, scope: EnvironmentScope) -> None:
    if not _is_list(node, scope.file, draft.faults) or not isinstance(node, yaml.SequenceNode):
        return
    for item in iter_items(node, scope.file, scope.lines, draft.faults):
        if item.key is None:
            add_conda_requirement(
                draft, item.text, item.origin, category=scope.category, platforms=item.platforms
            )
        elif item.key == "pip":
            _add_pip(draft, item, scope)
        else:
            _add_stray_mapping(draft, item)


def _list_hint(node: yaml.Node) -> str:
    if isinstance(node, yaml.MappingNode) and node.value and isinstance(node.value[0][0], yaml.ScalarNode):
        key, value = node.value[0]
        if isinstance(value, yaml.ScalarNode) and not is_null(value):
            return f"write `- {key.value}={value.value.lstrip('=')}`"
    return "write one `- name` line for each"


def _add_pip(draft: Draft, item: Item, scope: EnvironmentScope) -> None:
    draft.has_pip_section = True
    node = item.node
    if is_null(node):
        return
    if not isinstance(node, yaml.SequenceNode):
        draft.faults.add(
            f"`pip` is {kind_of(node)}; a list is meant", place(node, scope.file), _pip_hint(node)
        )
        return
    for line in iter_items(node, scope.file, scope.lines, draft.faults, within=item.platforms):
        if line.key is not None:
            _add_stray_mapping(draft, line, pip=True)
            continue
        pip_scope = PipScope(
            file=scope.file, category=scope.category, platforms=line.platforms, parents=(scope.file,)
        )
        add_pip_line(draft, " ".join(line.text.split("\n")), line.origin, pip_scope)


def _pip_hint(node: yaml.Node) -> str:
    if isinstance(node, yaml.ScalarNode):
        return f"write `- {node.value}` in a line of its own below `- pip:`"
    return "write one `- requirement` line for each below `- pip:`"


def _add_stray_mapping(draft: Draft, item: Item, *, pip: bool = False) -> None:
    """Report ``key: value`` where a requirement is meant."""
    operator = "==" if pip else "="
    is_option = (item.key or "").startswith("-")
    if isinstance(item.node, yaml.ScalarNode) and not is_null(item.node) and not is_option:
        value = item.node.value
        hint = f"write `{item.key}{value if value[:1] in '<>=!~' else operator + value}`"
        message = f"`{item.key}: {value}` is a mapping; a requirement is meant"
    else:
        message = f"`{item.key}:` is a mapping; a requirement is meant"
        near = nearest(item.key or "", ["pip"]) if not pip else None
        hint = f"did you mean `{near}:`?" if near else "take the `:` out, or put the text between quotes"
    draft.faults.add(message, item.origin, hint)


def _strings(draft: Draft, node: yaml.Node, file: str, key: str) -> list[yaml.ScalarNode]:
    """Return the items of a list of words; anything else is a fault."""
    if not isinstance(node, yaml.SequenceNode):
        hint = (
            f"write `- {node.value}` below `{key}:`"
            if isinstance(node, yaml.ScalarNode)
            else "write `- ...` lines"
        )
        draft.faults.add(f"`{key}` is {kind_of(node)}; a list is meant", place(node, file), hint)
        return []
    words = []
    for item in node.value:
        if is_masked(item):
            continue
        if isinstance(item, yaml.ScalarNode) and not is_null(item) and item.value.strip():
            words.append(item)
        else:
            what = "nothing" if isinstance(item, yaml.ScalarNode) else kind_of(item)
            draft.faults.add(f"{what} as an item of `{key}`", place(item, file), "a word is meant")
    return words


def _scalar(draft: Draft, node: yaml.Node, file: str, key: str) -> str | None:
    if isinstance(node, yaml.ScalarNode):
        text: str = node.value
        return text.strip()
    draft.faults.add(f"`{key}` is {kind_of(node)}; a word is meant", place(node, file))
    return None


_READERS = {
    "name": _add_name,
    "channels": _add_channels,
    "platforms": _add_platforms,
    "pip-repositories": _add_repositories,
    "variables": _add_variables,
    "prefix": _add_prefix,
    "dependencies": _add_dependencies,
}
