"""GraphML, node-link JSON and DOT: read back, nothing is lost, and no text breaks out."""

from __future__ import annotations

import json
import re

import networkx as nx
import pytest

from lockfiles.difference import diff_resolutions
from lockfiles.drawing import drawing_text
from lockfiles.drawings.lock import draw_graph, join_graphs
from lockfiles.drawings.model import Drawing
from lockfiles.drawings.network import to_graphml, to_network, to_node_link
from resolver.errors import InputError
from resolver.graph import graph_of
from resolver.model.findings import Finding, Severity
from tests.drawings.make import HOSTILE, environment, hostile_drawing
from tests.lockfiles.make import conda, pypi, resolution


def drawing(platforms: int = 1) -> Drawing:
    graph = graph_of(*environment(40, 6))
    findings = [Finding(rule="r/one", severity=Severity.WARNING, message="m", packages=("openssl",))]
    drawn = draw_graph(graph, findings, index="pypi")
    return Drawing(title="conda-lock.yml", graphs=(drawn,) * platforms)


def test_the_network_has_every_package_and_requirement() -> None:
    resolution_, requirements = environment(40, 6)
    graph = graph_of(resolution_, requirements)
    view = to_network(drawing())
    assert set(view) == set(graph.nodes)
    assert {(a, b): data["requirement"] for a, b, data in view.edges(data=True)} == {
        (edge.source, edge.target): edge.requirement for edges in graph.edges.values() for edge in edges
    }
    assert view.nodes["openssl"] == {
        "platform": "linux-64", "group": "python", "name": "openssl", "version": "3.3.1", "manager": "conda",
        "build": "h4ab18f5_1", "source": "conda-forge", "size": 2_900_000, "license": "Apache-2.0",
        "findings": "r/one",
    }  # fmt: skip
    assert view.nodes["pypi:requests-like"]["source"] == "https://example.org/simple"
    assert view.nodes["python"]["asked"].startswith("environment.yml:3:5: python")


@pytest.mark.parametrize("platforms", [1, 2])
def test_graphml_and_node_link_are_read_back(platforms: int) -> None:
    made = drawing(platforms)
    view = to_network(made)
    assert len(view) == len(made.graphs[0].nodes) * (platforms if platforms == 1 else 1)
    for read in (
        nx.parse_graphml(to_graphml(made)),
        nx.node_link_graph(json.loads(to_node_link(made)), edges="links"),
    ):
        assert dict(read.nodes(data=True)) == dict(view.nodes(data=True))
        assert list(read.edges(data=True)) == list(view.edges(data=True))


def test_platforms_are_parts_of_their_own() -> None:
    one = drawing().graphs[0]
    other = type(one)(
        platform="osx-arm64", nodes=one.nodes, edges=one.edges, groups=one.groups, findings=one.findings
    )
    view = to_network(Drawing(title="t", graphs=(one, other)))
    assert len(view) == 2 * len(one.nodes)
    assert view.nodes["osx-arm64/openssl"]["platform"] == "osx-arm64"


def strings_of(dot: str) -> list[str]:
    """The quoted strings of a DOT text, unescaped; what stands between them must be of the language."""
    parts = re.split(r'("(?:[^"\\]|\\.)*")', dot)
    for outside in parts[::2]:
        assert not re.search(r"[^\w\s{}\[\]=,;>.-]", outside), outside
    return [
        re.sub(r"\\(.)", lambda m: {"n": "\n"}.get(m[1], m[1]), part[1:-1], flags=re.DOTALL)
        for part in parts[1::2]
    ]


def test_dot() -> None:
    made = drawing()
    text = drawing_text(made, "dot")
    found = strings_of(text)
    for node in made.graphs[0].nodes:
        assert f"{node.name}\n{node.version}" in found
    assert text.count(" -> ") == len(made.graphs[0].edges)
    assert text.count("subgraph") == len(made.graphs[0].groups)
    assert "shape=box" in text


def test_hostile_texts_stay_texts() -> None:
    made = hostile_drawing()
    found = strings_of(drawing_text(made, "dot"))
    for node in made.graphs[0].nodes:
        assert f"{node.name}\n{node.version}" in found
    names = {node.name for node in made.graphs[0].nodes}
    read = nx.parse_graphml(to_graphml(made))
    assert {data["name"] for _, data in read.nodes(data=True)} == names
    link = json.loads(to_node_link(made))
    assert {node["name"] for node in link["nodes"]} == names


@pytest.mark.parametrize("text", ["a\ufffeb", "a\x00b", "a\uffffb"])
def test_what_no_xml_may_hold_becomes_something_else(text: str) -> None:
    made = Drawing(title="t", graphs=(draw_graph(graph_of(resolution(conda(text)))),))
    (node,) = nx.parse_graphml(to_graphml(made))
    assert "\x00" not in node


def test_both_sides_of_a_difference() -> None:
    old = resolution(conda("a", "1", "0", "gone"), conda("gone"), conda("same"), pypi("p", "1"))
    new = resolution(conda("a", "2", "0", "come"), conda("come"), conda("same"), pypi("p", "1"))
    changes = diff_resolutions([old], [new]).changes
    drawn = draw_graph(join_graphs(graph_of(old), graph_of(new)), changes=changes)
    assert {node.id: (node.change, node.old, node.version) for node in drawn.nodes} == {
        "a": ("upgraded", "1", "2"),
        "come": ("added", "", "1.0"),
        "gone": ("removed", "", "1.0"),
        "pypi:p": ("", "", "1"),
        "same": ("", "", "1.0"),
    }


def test_of_what_is_too_large_no_ways_are_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lockfiles.drawings.lock.MOST_WITH_WAYS", 41)
    assert not any(node.ways for node in drawing().graphs[0].nodes)
    monkeypatch.setattr("lockfiles.drawings.lock.MOST_WITH_WAYS", 42)
    assert any(node.ways for node in drawing().graphs[0].nodes)


def test_an_unknown_format() -> None:
    with pytest.raises(InputError, match="no drawing is a `svg`") as caught:
        drawing_text(drawing(), "svg")
    assert caught.value.hint == "There are `html`, `graphml`, `dot`, `json`."


def test_hostile_list_is_what_it_says() -> None:
    assert any("<script>" in text for text in HOSTILE)
