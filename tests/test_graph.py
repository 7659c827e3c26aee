"""Who needs whom: paths from what was asked for."""

from __future__ import annotations

import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from resolver.graph import PYPI, adjacency, graph, requested, why
from tests.checks.make import Env, make_context

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
    assert why("libopenblas", context.edges, context.asked) == ("numpy", "libblas", "libopenblas")
    assert why(PYPI + "triton", context.edges, context.asked) == (PYPI + "torch", PYPI + "triton")
    assert why("absent", context.edges, context.asked) == ()
    assert context.show(context.conda["libopenblas"]).endswith(
        "needed by libblas <- numpy <- environment.yml:1: numpy"
    )
    assert context.show(context.pypi["torch"]).endswith("asked for by environment.yml:2: torch")


def test_pip_reaches_conda_packages() -> None:
    edges = adjacency(make_context(ENV).resolution)
    assert edges[PYPI + "torch"] == ("numpy", PYPI + "triton")


def test_without_requirements_the_roots_are_what_nothing_needs() -> None:
    resolution = make_context(ENV).resolution
    assert set(requested(resolution, None)) == {PYPI + "torch"}


def test_networkx_view_has_the_same_edges() -> None:
    resolution = make_context(ENV).resolution
    view = graph(resolution)
    assert {(left, right) for left, right in view.edges} == {
        (left, right) for left, targets in adjacency(resolution).items() for right in targets
    }
    assert view.nodes["numpy"]["channel"] == "conda-forge"
    assert view.nodes[PYPI + "torch"]["ecosystem"] == "pypi"


NODES = st.sampled_from("abcdefgh")


@settings(deadline=None)
@given(
    st.dictionaries(NODES, st.lists(NODES, max_size=4).map(lambda names: tuple(sorted(set(names))))),
    NODES,
    NODES,
)
def test_paths_are_shortest_and_connected(edges: dict[str, tuple[str, ...]], root: str, target: str) -> None:
    import networkx as nx

    path = why(target, edges, {root: "line"})
    view = nx.DiGraph((left, right) for left, targets in edges.items() for right in targets)
    view.add_nodes_from([root, target])
    if not path:
        assert not nx.has_path(view, root, target)
        return
    assert (path[0], path[-1]) == (root, target)
    assert all(right in edges[left] for left, right in itertools.pairwise(path))
    assert len(path) - 1 == nx.shortest_path_length(view, root, target)
