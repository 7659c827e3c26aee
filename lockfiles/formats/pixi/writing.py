"""``pixi.lock``, version 7, as rattler reads it: ``default`` and one environment a group."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from msgspec.structs import replace

from lockfiles.canonical import Node, to_yaml
from lockfiles.formats.conda_lock.assemble import direct_url
from lockfiles.formats.export import ExportedFile, ExportRequest, check_addresses
from lockfiles.formats.reading import MAIN, limit_categories
from resolver.model.patterns import pattern
from resolver.model.requirements import DirectKind
from resolver.model.resolution import CondaPin, PypiPin, Resolution
from resolver.model.target import Target, VirtualPackage

FORMAT_VERSION = 7
#: The environment that pixi takes where none is named.
DEFAULT = "default"
_NOT_IN_A_NAME = pattern(r"[^a-z0-9-]+")
_OR = pattern(r"\s*\|\|\s*")


def export(request: ExportRequest) -> Sequence[ExportedFile]:
    """Return ``pixi.lock``. pixi needs a manifest beside it that asks for no more than it holds."""
    platforms = Platforms([request, *request.environments.values()])
    value: dict[str, Node] = {
        "version": FORMAT_VERSION,
        "platforms": platforms.rows(),
        "environments": environments_of(request, platforms=platforms),
        "packages": list(iter_packages(every_resolution(request))),
    }
    return (ExportedFile(name="pixi.lock", text=to_yaml(value)),)


def every_resolution(request: ExportRequest) -> list[Resolution]:
    """Return the resolutions of all environments; raises ValueError for a package without an address."""
    found: list[Resolution] = []
    for one in (request, *request.environments.values()):
        check_addresses(one)
        found += one.resolutions
    return found


class Platforms:
    """The platforms of a file by name: that of the subdir, numbered for further machines of its kind."""

    def __init__(
        self,
        requests: Sequence[ExportRequest],
        taken: Mapping[str, tuple[str, tuple[VirtualPackage, ...]]] | None = None,
    ) -> None:
        """``taken``: names that stand already, each with its subdir and virtual packages."""
        self._names: dict[tuple[str, tuple[VirtualPackage, ...]], str] = {}
        self._more = dict(taken or {})  # of a kind that has a name already, too
        for name, key in self._more.items():
            self._names.setdefault(key, name)
        used = set(self._more)
        counts: Counter[str] = Counter()
        for target in (resolution.target for one in requests for resolution in one.resolutions):
            key = (target.subdir, target.virtual_packages)
            while key not in self._names:
                counts[target.subdir] += 1
                number = counts[target.subdir]
                name = target.subdir if number == 1 else f"{target.subdir}-{number}"
                if name not in used:
                    self._names[key] = name
                    used.add(name)

    def name(self, target: Target) -> str:
        """Return what the file calls a target."""
        return self._names[target.subdir, target.virtual_packages]

    def rows(self) -> list[Node]:
        """Return the list of platforms, each with its virtual packages."""
        if not self._more:
            return [_platform(name, subdir, virtual) for (subdir, virtual), name in self._names.items()]
        every = {**self._more, **{name: key for key, name in self._names.items()}}
        return [_platform(name, *key) for name, key in sorted(every.items())]


def _platform(name: str, subdir: str, virtual: Sequence[VirtualPackage]) -> dict[str, Node]:
    found: dict[str, Node] = {"name": name}
    if name != subdir:
        found["subdir"] = subdir
    if virtual:
        found["virtual-packages"] = [_virtual(package) for package in virtual]
    return found


def _virtual(package: VirtualPackage) -> str:
    text = f"{package.name}={package.version}"
    return text if package.build == "0" and package.version != "0" else f"{text}={package.build}"


def environments_of(
    request: ExportRequest, version: int = FORMAT_VERSION, platforms: Platforms | None = None
) -> dict[str, Node]:
    """Return the environments by name: ``default``, those beside it, and one more for each category of each.

    An environment holds what is always installed, that of a category its packages, too. Raises
    ValueError where two have one name.
    """
    found: dict[str, Node] = {}
    for name, one in {request.key: request, **request.environments}.items():
        prefix = "" if name == DEFAULT else f"{name}-"
        wanted = {name: frozenset({MAIN})} | {
            prefix + _NOT_IN_A_NAME.sub("-", category.lower()): frozenset({MAIN, category})
            for category in one.categories
        }
        for environment, categories in wanted.items():
            if environment in found:
                raise ValueError(f"two environments are called `{environment}`")
            found[environment] = _environment(one, categories, version, platforms)
    return found


def environment_of(
    request: ExportRequest, version: int = FORMAT_VERSION, platforms: Platforms | None = None
) -> dict[str, Node]:
    """Return one environment with all that a request holds."""
    return _environment(request, frozenset({MAIN, *request.categories}), version, platforms)


def _environment(
    request: ExportRequest, categories: frozenset[str], version: int, platforms: Platforms | None
) -> dict[str, Node]:
    resolutions = [limit_categories(resolution, categories) for resolution in request.resolutions]
    bases = dict.fromkeys(
        pin.channel.base_url for r in request.resolutions for pin in r.conda if pin.channel.base_url
    )
    found: dict[str, Node] = {"channels": [{"url": f"{base}/"} for base in bases]}
    indexes = [name for name in request.indexes if "://" in name]
    if indexes and any(resolution.pypi for resolution in resolutions):
        found["indexes"] = list(reversed(indexes))
    found["packages"] = {
        platforms.name(resolution.target) if platforms else resolution.target.subdir: [
            *(_reference(pin, version) for pin in resolution.conda),
            *({"pypi": place} for place in sorted(map(_place, resolution.pypi))),
        ]
        for resolution in resolutions
    }
    return found


def iter_packages(resolutions: Sequence[Resolution], version: int = FORMAT_VERSION) -> Iterator[Node]:
    """Yield each file once, conda by name and address, then PyPI by address."""
    provided: dict[str, set[str]] = {}
    conda: dict[str, CondaPin] = {}
    pypi: dict[str, PypiPin] = {}
    for resolution in resolutions:
        by_name: dict[str, list[str]] = {}
        for project, (name, _) in sorted(resolution.provided.items()):
            by_name.setdefault(name, []).append(project)
        for pin in resolution.conda:
            conda.setdefault(pin.source or pin.url, pin)
            provided.setdefault(pin.source or pin.url, set()).update(by_name.get(pin.record.name, []))
        for one in resolution.pypi:
            pypi.setdefault(_place(one), one)
    for url, pin in sorted(conda.items(), key=lambda item: (item[1].record.name, item[0])):
        yield _conda(pin, sorted(provided[url]), version)
    for place, one in sorted(pypi.items()):
        yield _pypi(place, one, version)


def _reference(pin: CondaPin, version: int) -> dict[str, Node]:
    """Return how an environment names a package: by its address, or by what its source is called."""
    if pin.source is None:
        return {"conda": pin.url}
    _, is_named, place = pin.source.partition(" @ ")
    return {"conda_source": pin.source} if is_named and version >= 7 else {"conda": place or pin.source}


def _conda(pin: CondaPin, projects: Sequence[str], version: int) -> dict[str, Node]:
    record = pin.record
    found = _reference(pin, version)
    if pin.source is not None:
        named: dict[str, Node] = {} if "conda_source" in found else {"name": record.name}
        found |= named | {"version": record.version} | ({"build": record.build} if record.build else {})
    if not pin.url.startswith("http"):  # rattler takes the subdir from web addresses only
        found["subdir"] = pin.subdir
    if record.noarch:
        found["noarch"] = record.noarch
    if record.sha256:
        found["sha256"] = record.sha256
    if record.md5:
        found["md5"] = record.md5
    if record.depends:
        found["depends"] = [_spec(text) for text in record.depends]
    if record.constrains:
        found["constrains"] = [_spec(text) for text in record.constrains]
    if record.license:
        found["license"] = record.license
    found["purls"] = [f"pkg:pypi/{project}" for project in projects]
    if record.size:
        found["size"] = record.size
    if record.timestamp:
        found["timestamp"] = record.timestamp
    return found


def _spec(text: str) -> str:
    """Return a match spec with ``|`` for the ``||`` that conda takes as well, and rattler refuses."""
    return _OR.sub("|", text) if "||" in text else text


def _pypi(place: str, pin: PypiPin, version: int) -> dict[str, Node]:
    found: dict[str, Node] = {"pypi": place, "name": pin.name, "version": pin.version}
    hashes = pin.file.hashes if pin.file else pin.direct.hashes if pin.direct else {}
    if "sha256" in hashes:
        found["sha256"] = hashes["sha256"]
    if version >= 7 and pin.index and "://" in pin.index and not pin.direct:
        found["index"] = pin.index
    if pin.dependencies:
        found["requires_dist"] = [f"{name}{spec}" for name, spec in sorted(pin.dependencies.items())]
    if pin.requires_python:
        found["requires_python"] = pin.requires_python
    if version < 7 and pin.direct and pin.direct.editable:
        found["editable"] = True
    return found


def _place(pin: PypiPin) -> str:
    """Return where a file lies, a repository's commit behind ``#`` as pixi has it."""
    direct = pin.direct
    if direct is None:
        return pin.file.url if pin.file else f"{pin.name}=={pin.version}"
    if direct.path is not None:
        path = direct.path.replace("\\", "/")
        return path if path.startswith(("/", ".")) else f"./{path}"
    if direct.kind is DirectKind.VCS and pin.commit:
        base = direct_url(direct, None).partition("#")[0]
        head, at, revision = base.rpartition("@") if direct.revision else (base, "", "")
        query = [f"rev={revision}"] if at else []
        query += [f"subdirectory={direct.subdirectory}"] if direct.subdirectory else []
        return f"{head if at else base}{'?' if query else ''}{'&'.join(query)}#{pin.commit}"
    plain = replace(direct, hashes={}) if direct.kind is DirectKind.ARCHIVE else direct
    return direct_url(plain, pin.commit)
