"""Items of ``dependencies:`` and ``pip:`` with the platforms that selectors leave them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec
import yaml

from resolver.inputs.faults import Faults, did_you_mean
from resolver.inputs.placeholders import placeholder_error
from resolver.inputs.selectors import SELECTOR_NAMES, parse_selector, selector_of_line
from resolver.inputs.yaml_nodes import is_masked, is_null, is_number, iter_mapping, kind_of, place
from resolver.model.loggers import lazy_logger
from resolver.model.origin import Origin
from resolver.model.patterns import pattern
from resolver.model.platforms import KNOWN_SUBDIRS

logger = lazy_logger(__name__)

_SEL_KEY = pattern(r"sel\((?P<selector>.*)\)\Z")


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One entry: text, or ``key: node`` when ``key`` is not None."""

    node: yaml.Node
    origin: Origin
    platforms: frozenset[str] | None = None
    key: str | None = None

    @property
    def text(self) -> str:
        """The text of an entry without key."""
        value: str = self.node.value
        return value


def iter_items(
    node: yaml.SequenceNode,
    file: str,
    lines: Sequence[str],
    faults: Faults,
    *,
    within: frozenset[str] | None = None,
) -> Iterator[Item]:
    """Yield the usable entries of a list; the others become faults.

    ``within`` are the platforms that the list itself is limited to.
    """
    yield from _items_of(node.value, file, lines, faults, within)


def _items_of(
    children: Sequence[yaml.Node],
    file: str,
    lines: Sequence[str],
    faults: Faults,
    within: frozenset[str] | None,
) -> Iterator[Item]:
    for child in children:
        if isinstance(child, yaml.MappingNode):
            yield from _items_of_mapping(child, file, lines, faults, within)
        elif isinstance(child, yaml.SequenceNode):
            faults.add("a list inside the list", place(child, file), "is there one `- ` too many?")
        elif isinstance(child, yaml.ScalarNode) and _is_usable(child, file, faults):
            limits = _comment_platforms(child, file, lines, faults, within)
            yield Item(node=child, origin=place(child, file), platforms=limits)


def _is_usable(node: yaml.ScalarNode, file: str, faults: Faults) -> bool:
    """Tell whether a scalar is text of one line; report it otherwise."""
    if is_masked(node):
        return False
    if is_null(node) or not node.value.strip():
        faults.add(
            "an empty item", place(node, file), "write a requirement behind the `-`, or take the line out"
        )
    elif is_number(node):
        faults.add(
            f"the number `{node.value}` where a requirement is meant",
            place(node, file),
            f"a requirement begins with a package's name, as in `name=={node.value}`",
        )
    elif node.tag.endswith((":bool", ":timestamp")):
        faults.add(
            f"YAML reads `{node.value}` as {kind_of(node)}",
            place(node, file),
            f'write `"{node.value}"` if it is a name',
        )
    elif node.tag != "tag:yaml.org,2002:str":
        faults.add(f"a YAML tag (`{node.tag}`)", place(node, file), "write plain text")
    elif not node.style and node.start_mark.line != node.end_mark.line:
        faults.add(
            f"`{node.value}` goes over {node.end_mark.line - node.start_mark.line + 1} lines",
            place(node, file),
            "is a `- ` missing in front of one of them?",
        )
    else:
        return True
    return False


def _items_of_mapping(
    node: yaml.MappingNode, file: str, lines: Sequence[str], faults: Faults, within: frozenset[str] | None
) -> Iterator[Item]:
    braced = _braced_name(node)
    if braced:
        faults.add_error(placeholder_error(braced, place(node, file)))
        return
    for key, key_node, value in iter_mapping(node, file, faults):
        limits = _comment_platforms(key_node, file, lines, faults, within)
        found = _SEL_KEY.match(key)
        if not found:
            yield Item(node=value, origin=place(key_node, file), platforms=limits, key=key)
            continue
        try:
            selected = parse_selector(found["selector"])
        except ValueError as error:
            _add_selector_fault(str(error), found["selector"], place(key_node, file), faults)
            continue
        limits = _both(limits, selected)
        children = value.value if isinstance(value, yaml.SequenceNode) else [value]
        yield from _items_of(children, file, lines, faults, limits)


def _braced_name(node: yaml.MappingNode) -> str | None:
    """Return ``{NAME}`` for a flow mapping that is nothing else."""
    if node.flow_style and len(node.value) == 1 and is_null(node.value[0][1]):
        key = node.value[0][0]
        return f"{{{key.value}}}" if isinstance(key, yaml.ScalarNode) else None
    return None


def _comment_platforms(
    node: yaml.Node, file: str, lines: Sequence[str], faults: Faults, within: frozenset[str] | None
) -> frozenset[str] | None:
    """Return the platforms that the comment behind a node leaves of ``within``."""
    mark = node.end_mark if node.end_mark.line == node.start_mark.line else node.start_mark
    found = selector_of_line(lines[mark.line], mark.column) if mark.line < len(lines) else None
    if found is None:
        return within
    selector, alone = found
    try:
        return _both(within, parse_selector(selector))
    except ValueError as error:
        origin = Origin(file=file, line=mark.line + 1, column=lines[mark.line].rindex("[") + 1)
        near = did_you_mean(str(error), [*SELECTOR_NAMES, *KNOWN_SUBDIRS])
        if alone and near:
            _add_selector_fault(str(error), selector, origin, faults)
        elif alone:
            logger.warning("%s: `[%s]` is not a platform selector and is ignored", origin, selector)
    return within


def _add_selector_fault(word: str, selector: str, origin: Origin, faults: Faults) -> None:
    hint = (
        did_you_mean(word, [*SELECTOR_NAMES, *KNOWN_SUBDIRS])
        or "selectors are names such as `linux`, `osx`, `win`"
    )
    faults.add(f"unknown selector `{word or selector}`", origin, hint)


def _both(one: frozenset[str] | None, other: frozenset[str]) -> frozenset[str]:
    return other if one is None else one & other
