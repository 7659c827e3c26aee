"""The chains of a solver's tree that end in nothing, as sentences."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import msgspec

from resolver.explain.logs.own_conflict import base_name, cut_short, span_of

CLASHES = "which clashes with what else is asked for"
#: What a leaf says that makes a branch impossible -> the same in words.
_ENDS = (
    (re.compile(r"conflicts? with (?:any|the versions)\b"), CLASHES),
    (re.compile(r"does not exist|for which no candidates|is missing|No candidates"), "which is nowhere"),
    (re.compile(r"is excluded because (?:due to )?(?P<why>.+)$"), "which is left out: {why}"),
    (re.compile(r"is (?:disabled|locked)\b"), "which is locked"),
)
_STRICT = re.compile(r"strict channel priority not using this option from: '?(?P<channel>[^']+)'?")
_WANTS = r"(?:would require|requires|is not installable because it requires)"
_CANDIDATE = re.compile(rf"^(?P<name>[A-Za-z0-9_][\w.\-]*)(?: (?P<versions>.+?))?,? {_WANTS}\b")
_WORDS = re.compile(
    r"(?<!\s),?\s+(?:is requested|is not installable|is installable|can be installed|cannot be installed|"
    r"does not exist|is missing|is locked|would require|requires|which|but|with the potential options|"
    r"is excluded|is disabled|conflicts? with|is uninstallable|, for which|for which)\b.*$"
)
_STARS = re.compile(r"(?<=[\w.])\*\*")
PIN = "the pin"
#: Chains of one root that are told; the others mostly repeat it with other versions.
_MOST_CHAINS = 2


class TreeNode(msgspec.Struct, frozen=True, kw_only=True):
    """A line of a tree: how deep it stands (roots at 0), and its text."""

    depth: int
    text: str


def conflict_of_tree(nodes: Sequence[TreeNode]) -> tuple[str, ...]:
    """Return the chains from a root to a leaf that can't be, each as one sentence.

    A leaf that clashes is followed by the other branch on the same package. A root that clashes
    itself, and facts about other platforms, are told where nothing else is.
    """
    ends = [(list(_path_to(nodes, n)), end) for n, node in enumerate(nodes) if (end := _end_of(node.text))]
    ends.sort(key=lambda item: (_is_virtual(item[0][-1]), _is_root_alone(item[0])))
    told: list[str] = []
    chains: dict[str, set[str]] = {}
    mentioned: set[str] = set()
    for path, end in ends:
        leaf = base_name(_subject(path[-1].text))
        seen = chains.setdefault(base_name(_subject(path[0].text)), set())
        is_told = (_is_root_alone(path) and leaf in mentioned) or (_is_virtual(path[-1]) and told)
        if leaf in seen or len(seen) >= _MOST_CHAINS or is_told:
            continue
        seen.add(leaf)
        mentioned |= {leaf, base_name(_subject(path[0].text))}
        other = _other(nodes, path) if end == CLASHES else None
        told += [_chain(path), f"but {other}"] if other else [f"{_chain(path)}, {end}"]
    return cut_short(told)


def _is_root_alone(path: Sequence[TreeNode]) -> bool:
    """Tell whether a chain is about one package: a requirement, and its candidates."""
    return base_name(_subject(path[0].text)) == base_name(_subject(path[-1].text))


def _is_virtual(node: TreeNode) -> bool:
    return node.text.startswith("__")


def _path_to(nodes: Sequence[TreeNode], place: int) -> Iterator[TreeNode]:
    """Yield the nodes from a root to one of the nodes."""
    path = [nodes[place]]
    for node in reversed(nodes[:place]):
        if node.depth < path[-1].depth:
            path.append(node)
    yield from reversed(path)


def _end_of(text: str) -> str | None:
    """Return why nothing comes of a node, in words; None where something may."""
    strict = _STRICT.search(text)
    if strict:
        return f"which strict channel priority leaves out ({_channel(strict['channel'])})"
    for pattern, words in _ENDS:
        found = pattern.search(text)
        if found:
            return words.format(**found.groupdict())
    return None


def _channel(address: str) -> str:
    return address.rstrip("/.").rpartition("/")[2] or address


def _chain(path: Sequence[TreeNode]) -> str:
    """Return ``a 1.0 needs b >=2, which needs c``; candidates stand for what was asked for."""
    subjects: list[str] = []
    for node in path:
        subject = _subject(node.text)
        # a root, then its candidates: these say which versions; then what they need
        if subjects and base_name(subjects[-1]) == base_name(subject):
            if _CANDIDATE.match(node.text):
                subjects[-1] = subject
            continue
        subjects.append(subject)
    if len(subjects) == 1:
        return f"`{subjects[0]}` is asked for"
    first, *rest = subjects
    needs = "asks for" if first == PIN else "needs"
    return f"{first} {needs} {', which needs '.join(rest)}"


def _subject(text: str) -> str:
    """Return the package that a node is about, with its spec or its versions."""
    text = re.sub(r"^(?:The|the) (?:requested )?", "", text.strip())
    candidate = _CANDIDATE.match(text)
    if text.startswith(("pin-", "pin ")):
        return PIN
    if candidate:
        versions = [part.strip() for part in (candidate["versions"] or "").strip("[]").split("|")]
        return f"{candidate['name']} {span_of(versions)}".rstrip()
    subject = _STARS.sub(".*", _WORDS.sub("", text).rstrip(" ,;:."))
    name, _, rest = subject.partition(" ")
    parts = [part.strip() for part in rest.strip("[]").split("|") if part.strip()]
    if len(parts) > 1 and not any(mark in rest for mark in "<>="):
        rest = span_of(parts)
    return f"{name} {rest}".strip().removesuffix(" *") or name


def _other(nodes: Sequence[TreeNode], path: Sequence[TreeNode]) -> str | None:
    """Return the first other branch that is about a leaf's package: what it clashes with."""
    leaf, inside = base_name(_subject(path[-1].text)), False
    for place, node in enumerate(nodes):
        if node.depth == 0:
            inside = node is path[0]
        if not inside and base_name(_subject(node.text)) == leaf:
            return _chain(list(_path_to(nodes, place)))
    return None
