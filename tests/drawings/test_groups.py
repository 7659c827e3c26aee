"""Groups: each package once, with what alone brings it in."""

from __future__ import annotations

import networkx as nx
from hypothesis import given, settings
from hypothesis import strategies as st

from lockfiles.drawings.groups import GroupKind, group_nodes
from resolver.graph import AskingLine, Graph, graph_of
from tests.drawings.make import asked, graph_of_environment
from tests.lockfiles.make import conda, pypi, resolution

NAMES = "abcdefgh"


def test_the_kinds() -> None:
    graph = graph_of(
        resolution(
            conda("app", "1", "0", "own", "lib"),
            conda("own", "1", "0", "deeper", "shared-py"),
            conda("deeper"),
            conda("tool", "1", "0", "lib", "shared-py"),
            conda("lib"),
            conda("shared-py", "1", "0", "python"),
            conda("python", "3.11"),
            conda("island"),
            pypi("web", "1", {"idna": ""}),
            pypi("mail", "1", {"idna": ""}),
            pypi("idna"),
        ),
        asked("app", "tool", "pypi:web", "pypi:mail", "python"),
    )
    found = {(group.kind, group.title): group.nodes for group in group_nodes(graph)}
    assert found == {
        (GroupKind.ASKED, "app"): ("app", "deeper", "own"),
        (GroupKind.ALONE, "Asked for, and bringing nothing in alone"): (
            "pypi:mail",
            "python",
            "tool",
            "pypi:web",
        ),
        (GroupKind.PROJECTS, "PyPI projects that several need"): ("pypi:idna",),
        (GroupKind.PYTHON, "Python packages that several need"): ("shared-py",),
        (GroupKind.LIBRARIES, "Libraries and tools that several need"): ("lib",),
        (GroupKind.UNREACHED, "Nothing that was asked for leads here"): ("island",),
    }


def test_a_large_group_is_parted_by_what_brings_the_most_in() -> None:
    below = [f"x{number:02}" for number in range(20)]
    pins = [
        conda("app", "1", "0", "engine", "small", *(f"y{n}" for n in range(9))),
        conda("engine", "1", "0", *below),
        conda("small", "1", "0", "z"),
        *map(conda, (*below, "z", *(f"y{n}" for n in range(9)))),
    ]
    groups = group_nodes(graph_of(resolution(*pins)))
    assert [(group.title, len(group.nodes), group.nodes[0]) for group in groups] == [
        ("app", 12, "app"),
        ("app / engine", 21, "engine"),
    ]


@settings(deadline=None)
@given(
    st.dictionaries(st.sampled_from(NAMES), st.sets(st.sampled_from(NAMES), max_size=3)),
    st.sets(st.sampled_from(NAMES), max_size=3),
)
def test_every_node_once_and_what_is_ones_own_is_reached_through_it_alone(
    needs: dict[str, set[str]], roots: set[str]
) -> None:
    found = graph_of(resolution(*(conda(name, "1", "0", *sorted(needs.get(name, ()))) for name in NAMES)))
    lines = {name: (AskingLine("line"),) for name in sorted(roots)}
    graph = Graph(platform="p", nodes=found.nodes, edges=found.edges, asked=lines, knows_asked=True)
    groups = group_nodes(graph)
    assert sorted(node for group in groups for node in group.nodes) == sorted(NAMES)
    view = nx.DiGraph((e.source, e.target) for edges in graph.edges.values() for e in edges)
    view.add_nodes_from(NAMES)
    for group in groups:
        if group.kind is not GroupKind.ASKED:
            continue
        owner = group.nodes[0]
        without = view.subgraph(set(NAMES) - {owner})
        others = roots - {owner}
        reached = others.union(*(nx.descendants(without, other) for other in others))
        assert not reached & set(group.nodes)
    unreached = {node for group in groups if group.kind is GroupKind.UNREACHED for node in group.nodes}
    assert unreached == set(NAMES) - roots.union(*(nx.descendants(view, root) for root in roots))


def test_three_hundred_packages_are_some_dozens_of_groups() -> None:
    groups = group_nodes(graph_of_environment(300, 25))
    assert sum(len(group.nodes) for group in groups) == 302
    assert len(groups) <= 40


def test_a_long_chain_stays_small() -> None:
    names = [f"p{number:05}" for number in range(3_000)]
    pins = [conda(name, "1", "0", *names[at + 1 : at + 2]) for at, name in enumerate(names)]
    groups = group_nodes(graph_of(resolution(*pins)))
    assert [len(group.nodes) for group in groups] == [1, 1, 2_998]
    assert groups[-1].title == "p00000 / p00001 / p00002"
