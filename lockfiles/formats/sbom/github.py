"""GitHub's dependency snapshot: what its dependency submission API takes, one manifest a platform.

Source: the API's documentation (``POST /repos/OWNER/REPO/dependency-graph/snapshots``). Which commit
and run it is of stands in the variables that GitHub Actions sets.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from lockfiles.formats.export import ExportedFile, ExportRequest
from lockfiles.formats.reading import MAIN
from lockfiles.formats.sbom.purls import purl_of
from lockfiles.version import VERSION
from resolver.graph import Graph

#: What the API wants to know of the run -> the variable that says so.
_RUN = {
    "sha": "GITHUB_SHA",
    "ref": "GITHUB_REF",
    "id": "GITHUB_RUN_ID",
    "workflow": "GITHUB_WORKFLOW",
    "server": "GITHUB_SERVER_URL",
    "repository": "GITHUB_REPOSITORY",
}


def export(request: ExportRequest) -> Sequence[ExportedFile]:
    """Return ``dependency-snapshot.json``; raises ValueError where nothing says which commit it is of."""
    told = {name: request.environ.get(variable, "") for name, variable in _RUN.items()}
    missing = [_RUN[name] for name, value in told.items() if not value]
    if missing:
        raise ValueError(f"nothing says which run it is of: GitHub Actions sets {', '.join(missing)}")
    if request.today is None:
        raise ValueError("nothing says what day it is")
    graphs = request.known_graphs
    names = [_manifest_name(graph, request, len(graphs)) for graph in graphs]
    workflow = f"{told['server']}/{told['repository']}"  # the API wants an address of what looks
    value = {
        "version": 0,
        "sha": told["sha"],
        "ref": told["ref"],
        "job": {"id": told["id"], "correlator": f"{told['workflow']} {request.source}"},
        "detector": {"name": "lockstack", "version": VERSION, "url": workflow},
        "scanned": f"{request.today}T00:00:00Z",
        "manifests": {name: _manifest(graph, request) for name, graph in zip(names, graphs, strict=True)},
    }
    text = json.dumps(value, indent=2, ensure_ascii=False) + "\n"
    return (ExportedFile(name="dependency-snapshot.json", text=text),)


def _manifest_name(graph: Graph, request: ExportRequest, count: int) -> str:
    return request.source if count == 1 else f"{request.source} ({graph.platform})"


def _manifest(graph: Graph, request: ExportRequest) -> dict[str, Any]:
    purls = {node: purl_of(pin) for node, pin in graph.nodes.items()}
    return {
        "name": request.source,
        "file": {"source_location": request.source},
        "metadata": {"platform": graph.platform},
        "resolved": {purls[node]: _resolved(node, graph, purls) for node in graph.nodes},
    }


def _resolved(node: str, graph: Graph, purls: Mapping[str, str]) -> dict[str, Any]:
    pin = graph.nodes[node]
    is_direct = node in graph.asked
    return {
        "package_url": purls[node],
        "relationship": "direct" if is_direct else "indirect",
        "scope": "runtime" if MAIN in pin.categories else "development",
        "dependencies": [purls[target] for target in dict.fromkeys(graph.targets[node])],
    }
