"""Ways to a package and trees, over random graphs and against networkx."""

from __future__ import annotations

import re

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lockfiles.graphs.tree import draw_rows, not_shown, tree_rows
from lockfiles.graphs.ways import all_ways, shortest_ways
from resolver.graph import AskingLine, Graph, graph_of
from tests.lockfiles.make import conda, resolution

NAMES = "abcdefg"
NEEDS = st.dictionaries(st.sampled_from(NAMES), st.sets(st.sampled_from(NAMES), max_size=4))
ROOTS = st.sets(st.sampled_from(NAMES), min_size=1, max_size=3)


def make_graph(needs: dict[str, set[str]], roots: set[str]) -> Graph:
    """A graph of conda packages; asked for are ``roots``."""
    found = graph_of(resolution(*(conda(name, "1.0", "0", *sorted(needs.get(name, ()))) for name in NAMES)))
    asked = {name: (AskingLine(f"line {name}"),) for name in sorted(roots)}
    return Graph(platform=found.platform, nodes=found.nodes, edges=found.edges, asked=asked, knows_asked=True)


def view_of(graph: Graph) -> nx.DiGraph[str]:
    view = nx.DiGraph((e.source, e.target) for edges in graph.edges.values() for e in edges)
    view.add_nodes_from(graph.nodes)
    return view


@settings(deadline=None)
@given(NEEDS, ROOTS, st.sampled_from(NAMES))
def test_the_shortest_way_from_each_root_passes_no_other_root(
    needs: dict[str, set[str]], roots: set[str], node: str
) -> None:
    graph = make_graph(needs, roots)
    found = {way.steps[0].node: [step.node for step in way.steps] for way in shortest_ways(graph, node)}
    for root in roots:
        view = view_of(graph)
        view.remove_nodes_from(roots - {root, node})
        if nx.has_path(view, root, node):
            assert len(found[root]) == 1 + nx.shortest_path_length(view, root, node)
            assert nx.is_path(view, found[root])
        else:
            assert root not in found


@settings(deadline=None)
@given(NEEDS, ROOTS, st.sampled_from(NAMES))
def test_all_ways_are_all_simple_paths(needs: dict[str, set[str]], roots: set[str], node: str) -> None:
    graph = make_graph(needs, roots)
    view = view_of(graph)
    expected = {
        tuple(path) for root in roots for path in nx.all_simple_paths(view, root, node) if root != node
    } | ({(node,)} if node in roots else set())
    ways, is_complete = all_ways(graph, node, 10_000)
    assert {tuple(step.node for step in way.steps) for way in ways} == expected
    assert is_complete
    assert [len(way.steps) for way in ways] == sorted(map(len, expected))
    some, is_complete = all_ways(graph, node, 2)
    assert (some, is_complete) == (ways[:2] if len(ways) <= 2 else some, len(ways) <= 2)
    assert [len(way.steps) for way in some] == [len(way.steps) for way in ways[:2]]


@settings(deadline=None)
@given(NEEDS, ROOTS, st.booleans())
def test_a_tree_shows_every_edge_that_can_be_reached_once(
    needs: dict[str, set[str]], roots: set[str], inverted: bool
) -> None:
    graph = make_graph(needs, roots)
    view = view_of(graph).reverse() if inverted else view_of(graph)
    rows = tree_rows(graph, sorted(roots), inverted=inverted)
    above: list[str] = []
    shown = []
    for row in rows:
        del above[row.depth :]
        if above:
            shown.append((above[-1], row.node))
        above.append(row.node)
    reached = roots.union(*(nx.descendants(view, root) for root in roots))
    assert sorted(shown) == sorted(view.subgraph(reached).edges)
    rest = not_shown(graph, rows, graph.edges) if not inverted else ()
    if not inverted:
        left = set(NAMES) - reached
        assert set(rest).union(*(nx.descendants(view, one) for one in rest)) - reached == left


@settings(deadline=None)
@given(NEEDS, ROOTS)
def test_what_is_drawn_can_be_read_back(needs: dict[str, set[str]], roots: set[str]) -> None:
    graph = make_graph(needs, roots)
    rows = tree_rows(graph, sorted(roots))
    lines = draw_rows(rows, [row.node for row in rows])
    read = [(len(line) // 4, line[-1]) for line in lines]
    assert read == [(row.depth, row.node) for row in rows]
    for at, line in enumerate(lines):
        for place, mark in ((found.start(), found[0]) for found in re.finditer(r"[│├└]", line)):
            following = lines[at + 1][place : place + 1] if at + 1 < len(lines) else ""
            assert (following in "│├└" and following != "") == (mark in "│├") or mark == "├", lines


def test_all_ways_of_a_graph_that_means_harm_end() -> None:
    """A ladder of thousands has 2**n ways, and each takes as many searches as it has steps."""
    rungs = [(f"a{n:04}", f"b{n:04}") for n in range(600)]
    ends = [*rungs[1:], ("end", "end")]
    pins = [
        conda(side, "1", "0", *sorted(set(after)))
        for pair, after in zip(rungs, ends, strict=True)
        for side in pair
    ]
    graph = graph_of(resolution(*pins, conda("end")))
    ways, is_complete = all_ways(graph, "end", 1_000_000)
    assert not is_complete
    assert all(len(way.steps) == 601 for way in ways)


def test_depth_cuts_and_says_so() -> None:
    graph = make_graph({"a": {"b"}, "b": {"c"}}, {"a"})
    rows = tree_rows(graph, ["a"], depth=1)
    assert [(row.node, row.has_more) for row in rows] == [("a", False), ("b", True)]


def test_what_was_cut_is_shown_where_it_comes_higher_up() -> None:
    graph = make_graph({"a": {"b", "c"}, "b": {"c"}, "c": {"d"}}, {"a"})
    rows = tree_rows(graph, ["a"], depth=2)
    assert [(row.depth, row.node, row.is_repeated, row.has_more) for row in rows] == [
        (0, "a", False, False),
        (1, "b", False, False),
        (2, "c", False, True),
        (1, "c", False, False),
        (2, "d", False, False),
    ]


@pytest.mark.parametrize("length", [5_000])
def test_a_chain_of_thousands_needs_no_deep_stack(length: int) -> None:
    names = [f"p{number:05}" for number in range(length)]
    pins = [conda(name, "1", "0", *names[at + 1 : at + 2]) for at, name in enumerate(names)]
    graph = graph_of(resolution(*pins))
    assert [row.depth for row in tree_rows(graph, tuple(graph.asked))] == list(range(length))
    (way,) = shortest_ways(graph, names[-1])
    assert len(way.steps) == length
