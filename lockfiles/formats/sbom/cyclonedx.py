"""CycloneDX 1.6 as JSON: a component for each package, with licence, purl, hashes, address and what it needs.

The library that knows the format (``lockstack[cyclonedx]``) is loaded here alone. The same
lockfile gives the same bytes: the serial number is a digest of the rest, and no time stands in it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from lockfiles.formats.export import ExportedFile, ExportRequest
from lockfiles.formats.reading import MAIN
from lockfiles.formats.sbom.purls import project_purl, purl_of
from lockfiles.version import VERSION
from resolver.model.resolution import CondaPin, PypiPin

if TYPE_CHECKING:
    from cyclonedx.model import ExternalReference, HashType, Property
    from cyclonedx.model.bom import Bom
    from cyclonedx.model.component import Component

    from resolver.graph import Graph

#: Hash algorithms of pins -> those of the format.
_ALGORITHMS = {"md5": "MD5", "sha1": "SHA-1", "sha256": "SHA-256", "sha384": "SHA-384", "sha512": "SHA-512"}
_EXTRA = "cyclonedx-python-lib isn't installed, and writes the format: install `lockstack[cyclonedx]`"


def export(request: ExportRequest) -> Sequence[ExportedFile]:
    """Return ``bom.cdx.json``, or ``bom.PLATFORM.cdx.json`` for each of several platforms.

    Raises ValueError where the library isn't installed.
    """
    try:
        import cyclonedx  # noqa: F401  (is it there?)
    except ImportError as error:
        raise ValueError(_EXTRA) from error
    graphs = request.known_graphs
    return tuple(
        ExportedFile(
            name="bom.cdx.json" if len(graphs) == 1 else f"bom.{graph.platform}.cdx.json",
            text=_text(graph, request),
            remarks=_remarks(graph),
        )
        for graph in graphs
    )


def _remarks(graph: Graph) -> tuple[str, ...]:
    conda = [pin for pin in graph.nodes.values() if isinstance(pin, CondaPin)]
    if conda and not any(pin.record.license for pin in conda):
        return (f"{graph.platform}: the lockfile names no licences, so the file names none",)
    return ()


def _text(graph: Graph, request: ExportRequest) -> str:
    from cyclonedx.output.json import JsonV1Dot6

    bom = _bom(graph, request)
    value: dict[str, Any] = json.loads(JsonV1Dot6(bom).output_as_string())
    value["metadata"].pop("timestamp", None)
    value.pop("serialNumber", None)
    value["serialNumber"] = f"urn:uuid:{_uuid(json.dumps(value, sort_keys=True))}"
    return json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def _uuid(text: str) -> str:
    """Return a text's digest as a UUID of version 8 (RFC 9562: of one's own making)."""
    found = hashlib.sha256(text.encode()).hexdigest()
    return f"{found[:8]}-{found[8:12]}-8{found[13:16]}-8{found[17:20]}-{found[20:32]}"


def _bom(graph: Graph, request: ExportRequest) -> Bom:
    from cyclonedx.model.bom import Bom, BomMetaData
    from cyclonedx.model.component import Component, ComponentType
    from cyclonedx.model.tool import ToolRepository

    tool = Component(name="lockstack", version=VERSION, type=ComponentType.APPLICATION, bom_ref="lockstack")
    root = Component(
        name=request.environment_name, type=ComponentType.APPLICATION, bom_ref=f"environment:{graph.platform}"
    )
    components = {node: _component(node, pin, graph) for node, pin in graph.nodes.items()}
    bom = Bom(
        components=components.values(),
        metadata=BomMetaData(component=root, tools=ToolRepository(components=[tool])),
    )
    bom.register_dependency(root, [components[node] for node in graph.asked if node in components])
    for node, component in components.items():
        targets = dict.fromkeys(graph.targets[node])
        bom.register_dependency(component, [components[target] for target in targets])
    return bom


def _component(node: str, pin: CondaPin | PypiPin, graph: Graph) -> Component:
    from cyclonedx.contrib.license.factories import LicenseFactory
    from cyclonedx.model.component import Component, ComponentScope, ComponentType
    from packageurl import PackageURL

    license_text = pin.record.license if isinstance(pin, CondaPin) else None
    purl = purl_of(pin)
    return Component(
        name=pin.record.name if isinstance(pin, CondaPin) else pin.name,
        version=pin.record.version if isinstance(pin, CondaPin) else pin.version,
        type=ComponentType.LIBRARY,
        bom_ref=purl,
        purl=PackageURL.from_string(purl),
        scope=ComponentScope.REQUIRED if MAIN in pin.categories else ComponentScope.OPTIONAL,
        licenses=[LicenseFactory().make_from_string(license_text)] if license_text else (),
        hashes=_hashes(pin),
        external_references=list(_references(pin)),
        properties=list(_properties(node, pin, graph)),
    )


def _hashes(pin: CondaPin | PypiPin) -> list[HashType]:
    from cyclonedx.model import HashAlgorithm, HashType

    if isinstance(pin, CondaPin):
        known = {"md5": pin.record.md5, "sha256": pin.record.sha256}
    else:
        known = {**(pin.direct.hashes if pin.direct else {}), **(pin.file.hashes if pin.file else {})}
    return [
        HashType(alg=HashAlgorithm(_ALGORITHMS[name]), content=value)
        for name, value in sorted(known.items())
        if value and name in _ALGORITHMS
    ]


def _references(pin: CondaPin | PypiPin) -> Iterator[ExternalReference]:
    from cyclonedx.model import ExternalReference, ExternalReferenceType, XsUri

    if isinstance(pin, CondaPin):
        url = pin.url
    elif pin.direct is not None and pin.direct.kind.value == "vcs":
        yield ExternalReference(type=ExternalReferenceType.VCS, url=XsUri(pin.direct.url or ""))
        return
    else:
        url = (pin.direct.url or "") if pin.direct else pin.file.url if pin.file else ""
    if url:
        yield ExternalReference(type=ExternalReferenceType.DISTRIBUTION, url=XsUri(url))


def _properties(node: str, pin: CondaPin | PypiPin, graph: Graph) -> Iterator[Property]:
    """Yield the categories beside the main one, and the projects of PyPI that a conda package ships."""
    from cyclonedx.model import Property

    for category in sorted(pin.categories - {MAIN}):
        yield Property(name="lockstack:group", value=category)
    if isinstance(pin, CondaPin):
        for project, name in graph.provided.items():
            if name == node:
                yield Property(name="lockstack:provides", value=project_purl(project, pin.record.version))
