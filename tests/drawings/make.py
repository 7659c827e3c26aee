"""Environments to draw: small ones with every kind of text, and one of three hundred packages."""

from __future__ import annotations

import random

from lockfiles.drawings.lock import draw_graph
from lockfiles.drawings.model import Drawing
from resolver.graph import Graph, graph_of
from resolver.model.findings import Finding, Severity
from resolver.model.names import CondaName, pypi_name
from resolver.model.origin import Origin
from resolver.model.requirements import CondaRequirement, PypiRequirement, Requirements
from resolver.model.resolution import Resolution
from tests.lockfiles.make import conda, pypi, resolution

SYLLABLES = ("lib", "py", "torch", "num", "data", "io", "xml", "core", "tools", "ssl", "kit", "net")


def asked(*names: str) -> Requirements:
    """Lines of an `environment.yml`, of PyPI where a name begins so."""
    conda_lines, pypi_lines = [], []
    for number, name in enumerate(names, start=3):
        origin = Origin(file="environment.yml", line=number, column=5)
        if name.startswith("pypi:"):
            text = name.removeprefix("pypi:")
            pypi_lines.append(PypiRequirement(name=pypi_name(text), text=text, origin=origin))
        else:
            conda_lines.append(CondaRequirement(name=CondaName(name), spec=name, origin=origin))
    return Requirements(conda=tuple(conda_lines), pypi=tuple(pypi_lines))


def environment(count: int, requested: int, seed: int = 1) -> tuple[Resolution, Requirements]:
    """An environment of so many packages whose shape is that of real ones.

    Python and openssl are there; requested packages lean on a few dozen shared libraries and on
    some of their own.
    """
    chance = random.Random(seed)  # noqa: S311  (a shape, no secret)
    names = [
        f"{chance.choice(SYLLABLES)}{chance.choice(SYLLABLES)}-{number:03}" for number in range(count - 3)
    ]
    roots, rest = names[:requested], names[requested:]
    shared, own = rest[: len(rest) // 3], rest[len(rest) // 3 :]
    needs: dict[str, set[str]] = {name: set() for name in names}
    for place, name in enumerate(own):
        needs[chance.choice([*roots, *own[:place]] if place else roots)].add(name)
        needs[name].update(chance.sample(shared, 2))
    for place, name in enumerate(shared):
        needs[name].update(chance.sample(shared[place + 1 :], min(2, len(shared) - place - 1)))
    for place, name in enumerate(roots):
        needs[name].update({"python"} | set(chance.sample(shared, 3)))
        needs[shared[place % len(shared)]].add("zlib") if place % 5 else None
    pins = [
        conda("python", "3.11.9", "h955ad1f_0", "openssl >=3.0.14,<4.0a0", "zlib", size=30_000_000),
        conda("openssl", "3.3.1", "h4ab18f5_1", size=2_900_000, license="Apache-2.0"),
        conda("zlib", "1.3.1", "h4ab18f5_1", size=90_000),
        *(
            conda(
                name,
                f"{at % 9}.{at % 7}",
                "0",
                *(f"{n} >=1" for n in sorted(needs[name])),
                size=10_000 * (at + 1),
            )
            for at, name in enumerate(names)
        ),
        pypi("requests-like", "2.32", {"python-like": ">=1"}),
        pypi("python-like", "1.0"),
    ]
    return resolution(*pins), asked("python", *roots, "pypi:requests-like")


def graph_of_environment(count: int, requested: int) -> Graph:
    """The graph of such an environment."""
    return graph_of(*environment(count, requested))


HOSTILE = (
    "</script><script>window.hit=1</script>",
    "<img src=x onerror='window.hit=1'>",
    '"><svg/onload=window.hit=1>',
    "'-window.hit=1-'",
    "{{window.hit=1}}${window.hit=1}",
    "<!--<script>window.hit=1//-->",
    "javascript:window.hit=1",
    "</title></style></textarea><iframe srcdoc='<script>top.hit=1</script>'>",
    "\u2028\u2029\x00\x1b[31m\u202e%%DATA%%%%SCRIPT%%",
    "\\u003cscript\\u003e&lt;b&gt;&amp;#x3c;",
    "]]>&quot;\"'`",
    "__proto__",
    "constructor",
    "a" * 400,
)


def hostile_drawing() -> Drawing:
    """A drawing in which every text from outside is hostile."""
    pins = []
    for place, text in enumerate(HOSTILE):
        below = HOSTILE[place + 1 : place + 3]
        channel = conda("x").channel.__class__(name=text, base_url="https://example.org")
        pins.append(
            conda(text, text, text, *(f"{name}" for name in below), channel=channel, license=text, size=place)
        )
    graph = graph_of(resolution(*pins))
    edges = {node: tuple(edge.__class__(edge.source, edge.target, (HOSTILE[0],)) for edge in found)
             for node, found in graph.edges.items()}  # fmt: skip
    line = Origin(file=HOSTILE[0], line=1)
    asking = next(iter(graph.asked.values()))[0].__class__
    graph = graph.__class__(
        platform=HOSTILE[1],
        nodes=graph.nodes,
        edges=edges,
        asked={node: (asking(HOSTILE[2], line),) for node in list(graph.nodes)[:4]},
        knows_asked=True,
    )
    findings = [
        Finding(
            rule=text, severity=Severity.ERROR, message=text, evidence=(text,), fix=text, packages=(node,)
        )
        for text, node in zip(HOSTILE, graph.nodes, strict=False)
    ]
    drawn = draw_graph(graph, findings)
    return Drawing(title=HOSTILE[0], old=HOSTILE[1], graphs=(drawn, drawn), remarks=HOSTILE)
