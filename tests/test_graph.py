"""Who needs whom: paths from what was asked for."""

from __future__ import annotations

import itertools

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolver.graph import (
    PYPI,
    UNNEEDED,
    AskingLine,
    Edge,
    Graph,
    by_name,
    graph_of,
    needs_of,
    shortest_path,
    unneeded,
)
from resolver.model.names import CondaName
from resolver.model.origin import Origin
from resolver.model.requirements import CondaRequirement, PypiRequirement, Requirements
from tests.checks.make import Env, make_context
from tests.lockfiles.make import conda, pypi, resolution

CF = "conda-forge/linux-64"
ENV = Env(
    conda=f"{CF}/numpy-1.26.4-py311h64a7726_0.conda {CF}/libblas-3.9.0-30_h59b9bed_openblas.conda "
    f"{CF}/libopenblas-0.3.29-pthreads_h94d23a6_0.conda {CF}/python-3.11.9-hb806964_0_cpython.conda",
    pip="torch-2.6.0-cp311-cp311-manylinux1_x86_64.whl "
    "triton-3.2.0-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
    asked=("numpy", "pip:torch"),
    needs=("torch>triton", "torch>numpy"),
)


def test_paths_lead_from_what_was_asked_for() -> None:
    context = make_context(ENV)
    targets = context.graph.targets
    assert needs_of(context.resolution) == {node: frozenset(targets[node]) for node in targets}
    asked = context.graph.asked
    assert shortest_path("libopenblas", context.edges, asked) == ("numpy", "libblas", "libopenblas")
    assert shortest_path(PYPI + "triton", context.edges, asked) == (PYPI + "torch", PYPI + "triton")
    assert shortest_path("absent", context.edges, asked) == ()
    assert context.show(context.conda["libopenblas"]).endswith(
        "needed by libblas <- numpy <- environment.yml:1: numpy"
    )
    assert context.show(context.pypi["torch"]).endswith("asked for by environment.yml:2: torch")
    assert context.show(context.conda["python"]).endswith(": pip's lines need it")


def test_an_edge_has_the_requirement_in_the_words_of_who_needs_it() -> None:
    graph = graph_of(
        resolution(
            conda("numpy", "1.26.4", "py311_0", "python >=3.11,<3.12.0a0", "libblas", "__glibc >=2.17"),
            conda("python", "3.11.9"),
            conda("libblas"),
            pypi("a", dependencies={"b": ">=2,<3", "numpy": ">1"}),
            pypi("b"),
        )
    )
    assert graph.edges["numpy"] == (
        Edge("numpy", "libblas", ("libblas",)),
        Edge("numpy", "python", ("python >=3.11,<3.12.0a0",)),
    )
    assert graph.edges[PYPI + "a"] == (
        Edge(PYPI + "a", PYPI + "b", ("b>=2,<3",)),
        Edge(PYPI + "a", "numpy", ("numpy>1",)),
    )
    assert [edge.source for edge in graph.needed_by["numpy"]] == [PYPI + "a"]


PYTORCH = conda("pytorch", "2.3.1", "py311_0", "python")


@pytest.mark.parametrize(
    ("pins", "provided", "target"),
    [
        pytest.param(
            [PYTORCH], {"torch": ("pytorch", "2.3.1")}, "pytorch", id="the lockfile says who ships it"
        ),
        pytest.param([PYTORCH], {}, "pytorch", id="the name map does"),
        pytest.param(
            [conda("odd", purls=("pkg:pypi/torch@2.3.1",))], {}, "odd", id="the record's own purls do"
        ),
        pytest.param([PYTORCH, pypi("torch")], {}, PYPI + "torch", id="pip's own is nearer"),
        pytest.param([conda("torch")], {}, "torch", id="conda's of that name"),
        pytest.param([conda("zlib")], {}, None, id="nobody ships it"),
    ],
)
def test_who_meets_a_project(
    pins: list[object], provided: dict[str, tuple[str, str]], target: str | None
) -> None:
    found = resolution(pypi("a", dependencies={"torch": ">=2"}), *pins, provided=provided)
    graph = graph_of(found)
    assert [edge.target for edge in graph.edges[PYPI + "a"]] == ([target] if target else [])
    assert needs_of(found) == {node: frozenset(graph.targets[node]) for node in graph.nodes}


def line(text: str, **fields: object) -> CondaRequirement:
    return CondaRequirement(
        name=CondaName(text.split("=")[0]), spec=text, origin=Origin(file="e.yml"), **fields
    )


def test_lines_of_this_platform_ask_and_constraints_do_not() -> None:
    numpy, requests = conda("numpy"), pypi("requests")
    asked = Requirements(
        conda=(
            line("numpy=1.0"),
            line("numpy"),
            line("python", platforms=frozenset({"osx-arm64"})),
            line("zlib", is_constraint=True),
        ),
        pypi=(
            PypiRequirement.parse("requests; sys_platform == 'linux'", Origin(file="e.yml", line=9)),
            PypiRequirement.parse("idna; sys_platform == 'win32'", Origin(file="e.yml", line=10)),
        ),
    )
    pins = (numpy, requests, pypi("idna"), conda("python", "3.11.9"), conda("zlib"))
    graph = graph_of(resolution(*pins), asked)
    assert [(node, [str(a) for a in lines]) for node, lines in graph.asked.items()] == [
        ("numpy", ["e.yml: numpy=1.0", "e.yml: numpy"]),
        ("python", ["pip's lines need it"]),
        (PYPI + "requests", ["e.yml:9: requests; sys_platform == 'linux'"]),
    ]


@pytest.mark.parametrize(
    ("name", "nodes"),
    [
        ("numpy", ("numpy",)),
        ("NumPy", ("numpy",)),
        ("torch", (PYPI + "torch",)),
        ("both", ("both", PYPI + "both")),
        ("pypi:both", (PYPI + "both",)),
        ("Zope.Interface", (PYPI + "zope-interface",)),
        ("opencv_python", ("py-opencv",)),
        ("absent", ()),
    ],
)
def test_names_as_people_write_them(name: str, nodes: tuple[str, ...]) -> None:
    pins = (
        conda("numpy"),
        pypi("torch"),
        conda("both"),
        pypi("both"),
        pypi("zope-interface"),
        conda("py-opencv"),
    )
    graph = graph_of(resolution(*pins, provided={"opencv-python": ("py-opencv", "4")}))
    assert graph.find(name) == nodes


def test_without_requirements_the_roots_are_what_nothing_needs() -> None:
    graph = graph_of(make_context(ENV).resolution)
    assert graph.asked == {PYPI + "torch": (AskingLine(UNNEEDED),)}
    assert not graph.knows_asked


NODES = st.sampled_from("abcdefgh")
TARGETS = st.dictionaries(NODES, st.lists(NODES, max_size=4).map(lambda names: tuple(sorted(set(names)))))


def view_of(targets: dict[str, tuple[str, ...]]) -> nx.DiGraph[str]:
    view = nx.DiGraph((left, right) for left, ends in targets.items() for right in ends)
    view.add_nodes_from(targets)
    return view


@settings(deadline=None)
@given(TARGETS, NODES, NODES)
def test_paths_are_shortest_and_connected(
    targets: dict[str, tuple[str, ...]], root: str, target: str
) -> None:
    path = shortest_path(target, targets, {root: "line"})
    view = view_of(targets)
    view.add_nodes_from([root, target])
    if not path:
        assert not nx.has_path(view, root, target)
        return
    assert (path[0], path[-1]) == (root, target)
    assert all(right in targets[left] for left, right in itertools.pairwise(path))
    assert len(path) - 1 == nx.shortest_path_length(view, root, target)


@settings(deadline=None)
@given(TARGETS)
def test_from_what_nothing_needs_all_is_reached_and_no_root_reaches_another(
    targets: dict[str, tuple[str, ...]],
) -> None:
    view = view_of(targets)
    edges = {node: [Edge(node, end, ()) for end in view.successors(node)] for node in view}
    roots = unneeded(edges)
    reached = set(roots).union(*(nx.descendants(view, root) for root in roots))
    assert reached == set(view)
    for one, other in itertools.permutations(roots, 2):
        assert not nx.has_path(view, one, other)


def test_a_graph_is_typed_and_total() -> None:
    graph = graph_of(make_context(ENV).resolution)
    assert isinstance(graph, Graph)
    assert list(graph.edges) == list(graph.nodes) == sorted(graph.nodes, key=by_name) == list(graph.needed_by)
