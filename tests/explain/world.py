"""A small world of packages, in memory: what explanations are told of in tests."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from resolver.constraints.conda_side import CondaSide, own_channels
from resolver.constraints.name_map import NameMap
from resolver.constraints.pypi_policy import Policy
from resolver.constraints.universe import JointUniverse
from resolver.explain.explanation import Explainer, Explanation
from resolver.explain.fixes.changes import Question
from resolver.explain.fixes.trying import Fix
from resolver.metadata.passed_over import PassedOver
from resolver.metadata.record_index import order_key, version_ranks
from resolver.model.channels import Channel, ChannelPriority
from resolver.model.names import PypiName
from resolver.model.origin import Origin
from resolver.model.records import CondaRecord, CoreMetadata, DistFile, ProjectPage
from resolver.model.requirements import CondaRequirement, PypiRequirement, Requirements
from resolver.model.target import Target, VirtualPackage
from resolver.model.unusable import Unusable

FILE = "environment.yml"
DAY = 86_400
NOW = 20_500 * DAY  #: when everything without a date of its own was built

#: ``channel subdir | name version build | depends; ... | day`` -- the day (since 1970) may be left out.
CONDA = """
conda-forge linux-64 | python 3.8.20 h1_0 |
conda-forge linux-64 | python 3.10.14 h1_0 |
conda-forge linux-64 | python 3.11.9 h1_0 |
conda-forge linux-64 | python 3.12.4 h1_0 |
conda-forge linux-64 | python 3.13.1 h1_0 |
conda-forge linux-64 | numpy 1.26.4 py310_0 | python >=3.10,<3.11.0a0; __glibc >=2.17
conda-forge linux-64 | numpy 1.26.4 py311_0 | python >=3.11,<3.12.0a0; __glibc >=2.17
conda-forge linux-64 | numpy 1.26.4 py312_0 | python >=3.12,<3.13.0a0; __glibc >=2.17
conda-forge linux-64 | numpy 2.0.0 py310_0 | python >=3.10,<3.11.0a0; __glibc >=2.17
conda-forge linux-64 | numpy 2.0.0 py311_0 | python >=3.11,<3.12.0a0; __glibc >=2.17
conda-forge linux-64 | numpy 2.0.0 py312_0 | python >=3.12,<3.13.0a0; __glibc >=2.17
conda-forge linux-64 | numpy 2.2.1 py312_0 | python >=3.12,<3.13.0a0; __glibc >=2.17
conda-forge linux-64 | numpy 2.2.1 py313_0 | python >=3.13,<3.14.0a0; __glibc >=2.17
conda-forge linux-64 | scikit-learn 1.4.2 py311_0 | python >=3.11,<3.12.0a0; numpy >=1.23.5,<2.0a0
conda-forge linux-64 | scikit-learn 1.5.0 py311_0 | python >=3.11,<3.12.0a0; numpy >=1.23.5,<2.0a0
conda-forge linux-64 | scikit-learn 1.5.0 py312_0 | python >=3.12,<3.13.0a0; numpy >=1.26.4,<2.0a0
conda-forge linux-64 | scikit-learn 1.6.1 py311_0 | python >=3.11,<3.12.0a0; numpy >=1.23.5,<3
conda-forge linux-64 | scikit-learn 1.6.1 py312_0 | python >=3.12,<3.13.0a0; numpy >=1.26.4,<3
conda-forge noarch | pythran 0.15.0 pyh_0 | python >=3.8; gast >=0.5.0,<0.6
conda-forge noarch | pythran 0.16.1 pyh_0 | python >=3.8; gast >=0.6.0,<0.7
conda-forge noarch | gast 0.4.0 pyh_0 | python >=3.8
conda-forge noarch | gast 0.5.5 pyh_0 | python >=3.8
conda-forge noarch | gast 0.6.0 pyh_0 | python >=3.8
conda-forge linux-64 | pytorch 2.3.0 cpu_py312_0 | python >=3.12,<3.13.0a0; numpy >=1.19,<3
conda-forge linux-64 | pytorch 2.3.0 cuda120_py312_300 | python >=3.12,<3.13.0a0; numpy >=1.19; __cuda >=12.0
conda-forge linux-64 | graphviz 12.0.0 h1_0 | pango >=1.50.14,<2.0a0
conda-forge linux-64 | pygraphviz 1.14 py312_0 | python >=3.12,<3.13.0a0; graphviz >=12.0.0,<13.0a0
conda-forge linux-64 | pango 1.48.2 h1_0 |
conda-forge linux-64 | pango 1.50.14 h1_0 |
conda-forge linux-64 | pango 1.54.0 h1_0 |
conda-forge noarch | jupyterlab 4.0.0 pyh_0 | python >=3.8; jupyter_server >=2.4.0,<3 | 19500
conda-forge noarch | jupyterlab 4.3.0 pyh_0 | python >=3.8; jupyter_server >=2.4.0,<3 | 20100
conda-forge noarch | jupyter_server 2.4.0 pyh_0 | python >=3.8; tornado >=6.2 | 19400
conda-forge linux-64 | tornado 6.1 py311_0 | python >=3.11,<3.12.0a0 | 19000
conda-forge linux-64 | tornado 6.4 py311_0 | python >=3.11,<3.12.0a0 | 19300
conda-forge linux-64 | tornado 6.4 py312_0 | python >=3.12,<3.13.0a0 | 19300
conda-forge osx-arm64 | mlx-data 0.1 h1_0 |
conda-forge osx-64 | mlx-data 0.1 h1_0 |
conda-forge osx-arm64 | mlx 0.5.0 py312_0 | python >=3.12,<3.13.0a0
conda-forge linux-64 | samtools 1.6 h1_0 |
conda-forge linux-64 | libold 2.0 h1_0 | __glibc >=2.28
conda-forge linux-64 | onlyconda 1.0 h1_0 | python
conda-forge linux-64 | wgpuless 1.0 cpu_py312_0 | python
conda-forge noarch | pip 24.0 pyh_0 | python >=3.8
conda-forge noarch | oddly-spelt 1.0 pyh_0 | NumPy <2
conda-forge noarch | tightly-spelt 1.0 pyh_0 | numpy<2
conda-forge noarch | bracket-spelt 1.0 pyh_0 | numpy[version='<2']
conda-forge linux-64 | report 1.0.0 h1_0 | charts 1.*
conda-forge linux-64 | report 2.0.0 h1_0 | charts 2.*
conda-forge linux-64 | report 2.1.0 h1_0 | charts 2.*
conda-forge linux-64 | charts 1.8.0 h1_0 | fonts 1.*; locales 3.*
conda-forge linux-64 | charts 2.0.0 h1_0 | fonts 2.*
conda-forge linux-64 | charts 2.3.0 h1_0 | fonts 2.*
conda-forge linux-64 | fonts 1.0.0 h1_0 |
conda-forge linux-64 | fonts 2.0.0 h1_0 |
conda-forge linux-64 | locales 3.0.0 h1_0 |
conda-forge linux-64 | locales 5.0.0 h1_0 |
conda-forge linux-64 | same-side 1.0 h1_0 | left 1.*; right 1.*
conda-forge linux-64 | same-side 2.0 h1_0 | left 2.*; right 2.*
conda-forge linux-64 | crosswise 1.0 h1_0 | left 1.*; right 2.*
conda-forge linux-64 | crosswise 2.0 h1_0 | left 2.*; right 1.*
conda-forge linux-64 | crosswise 0.5 h1_0 | left 2.*; right 1.*
conda-forge linux-64 | crosswise 0.4 h1_0 |
conda-forge linux-64 | left 1.0 h1_0 |
conda-forge linux-64 | left 2.0 h1_0 |
conda-forge linux-64 | right 1.0 h1_0 |
conda-forge linux-64 | right 2.0 h1_0 |
conda-forge linux-64 | opencv-python 2.4 py38_0 | python >=3.8,<3.9.0a0 | 12000
conda-forge linux-64 | opencv 4.9 py312_0 | python >=3.12,<3.13.0a0
conda-forge linux-64 | azure-core 1.30 h1_0 |
conda-forge linux-64 | pytorch_geometric 1.0 py312_0 | python >=3.12,<3.13.0a0 | 15000
conda-forge linux-64 | pytorch_geometric 2.0 py311_0 | python >=3.11,<3.12.0a0 | 20100
conda-forge linux-64 | accel 2.4.1 cpu_0 | python
conda-forge linux-64 | accel 2.5.1 cpu_0 | python
conda-forge linux-64 | accel 2.5.1 cuda_0 | python; __cuda >=12.0
conda-forge linux-64 | blas 1.0 openblas_0 |
conda-forge osx-64 | blas 1.0 mkl_0 |
conda-forge win-64 | blas 1.0 mkl_0 |
conda-forge noarch | shipped 2.0.0 pyh_0 | python >=3.8
conda-forge linux-64 | frames 1.17 h1_0 | libbase >=13
conda-forge linux-64 | frames 1.33 h1_0 | frames-default 1.33
conda-forge linux-64 | frames 1.34 h1_0 | frames-runtime 1.34
conda-forge linux-64 | frames-default 1.33 h1_0 | libbase >=14
conda-forge linux-64 | frames-runtime 1.34 h1_0 | libbase >=14
conda-forge linux-64 | libbase 14.0 h1_0 |
pkgs/main linux-64 | libbase 7.2 h1_0 |
pkgs/main linux-64 | python 3.12.4 h1_0 |
bioconda linux-64 | samtools 1.20 h1_0 |
bioconda linux-64 | callers 1.0 h1_0 | samtools >=1.20
bioconda linux-64 | bwa 0.7.18 h1_0 |
conda-forge noarch | webframe 0.1.17 pyh_0 | | 17900
conda-forge noarch | webframe 0.95.0 pyh_0 | datamodel <2 | 19450
conda-forge noarch | datamodel 1.10.0 pyh_0 | | 19400
conda-forge noarch | datamodel 2.0.0 pyh_0 | | 19600
conda-forge noarch | oldframe 0.1.17 pyh_0 | | 17900
conda-forge noarch | oldframe 0.95.0 pyh_0 | newmodel <2 | 19450
conda-forge noarch | newmodel 2.0.0 pyh_0 | | 19600
"""
#: ``project version | requires; ... | requires-python | tag | yanked``
PYPI = """
numba 0.59.1 | numpy (<1.27,>=1.22) | >=3.9 | cp312-cp312-manylinux2014_x86_64 |
numba 0.59.1 | numpy (<1.27,>=1.22) | >=3.9 | cp311-cp311-manylinux2014_x86_64 |
numba 0.61.0 | numpy (<2.2,>=1.24) | >=3.10 | cp312-cp312-manylinux2014_x86_64 |
numpy 1.26.4 | | >=3.9 | cp312-cp312-manylinux2014_x86_64 |
numpy 2.0.0 | | >=3.9 | cp312-cp312-manylinux2014_x86_64 |
reader 1.0 | rich (>=13) | >=3.8 | py3-none-any |
rich 13.7.0 | | >=3.8 | py3-none-any |
rich 13.9.0 | | >=3.8 | py3-none-any |
broken 1.0 | | | py3-none-any | wrong metadata
broken 1.1 | | | py3-none-any |
tensorrt-x 10.0 | | | cp312-cp312-manylinux_2_34_x86_64 |
azureml-core 1.61.0 | | >=3.8 | py3-none-any |
torch 2.6.0 | | >=3.8 | cp312-cp312-manylinux2014_x86_64 |
torch 2.7.0 | | >=3.8 | cp312-cp312-manylinux2014_x86_64 |
labelled 2.5.1+cpu | | >=3.8 | py3-none-any |
labelled 2.6.0 | | >=3.8 | py3-none-any |
fastweb 0.95.0 | models (>=1.6.2,!=1.7,!=1.7.1,!=1.7.2,!=1.8,<2.0.0) | >=3.7 | py3-none-any |
models 1.6.2 | | >=3.7 | py3-none-any |
models 1.7 | | >=3.7 | py3-none-any |
models 1.7.1 | | >=3.7 | py3-none-any |
models 1.8 | | >=3.7 | py3-none-any |
models 1.10.0 | | >=3.7 | py3-none-any |
models 2.0.0 | | >=3.7 | py3-none-any |
models 2.7.0 | | >=3.8 | py3-none-any |
shipped 1.0.0 | | >=3.7 | py3-none-any |
shipped 2.0.0 | | >=3.7 | py3-none-any |
shipper 1.0.0 | shipped (<2) | >=3.7 | py3-none-any |
shipper 2.0.0 | shipped (>=2) | >=3.7 | py3-none-any |
oldwheel 0.9 | | | cp38-cp38-manylinux2014_x86_64 |
"""


def _records() -> dict[tuple[str, str], list[CondaRecord]]:
    found: dict[tuple[str, str], list[CondaRecord]] = {}
    for line in CONDA.strip().splitlines():
        place, package, depends, *day = (part.strip() for part in line.split("|"))
        channel, subdir = place.split()
        name, version, build = package.split()
        record = CondaRecord(
            name=name, version=version, build=build, build_number=0,
            file_name=f"{name}-{version}-{build}.conda",
            depends=tuple(text.strip() for text in depends.split(";") if text.strip()),
            timestamp=(int(day[0]) * DAY if day else NOW - 1000 * DAY) * 1000,
            noarch="python" if subdir == "noarch" else None,
        )  # fmt: skip
        found.setdefault((channel, subdir), []).append(record)
    return found


RECORDS = _records()


@dataclass
class Subdir:
    """One subdir of a channel, in memory."""

    channel: Channel
    subdir: str

    def records(self, name: str) -> Sequence[CondaRecord]:
        found = [r for r in RECORDS.get((self.channel.name, self.subdir), ()) if r.name == name]
        ranks = version_ranks({record.version for record in found})
        return sorted(found, key=lambda record: order_key(record, ranks[record.version]))

    def find(self, name: str, file_name: str) -> None:
        pass

    def faulty(self, name: str) -> Sequence[CondaRecord]:
        return ()

    def names(self) -> Sequence[str]:
        return sorted({r.name for r in RECORDS.get((self.channel.name, self.subdir), ())})

    def prefetch(self, names: Sequence[str]) -> None:
        del names

    def url_of(self, record: CondaRecord) -> str:
        return f"{self.channel.base_url}/{self.subdir}/{record.file_name}"


#: What well-known indexes have, by address.
BESIDE = {
    "https://download.pytorch.org/whl/cpu": "torch 2.6.0+cpu | | >=3.9 | cp312-cp312-manylinux2014_x86_64 |"
}


def before(line: str) -> str:
    """Return :data:`PYPI` behind an index that has one project, and so decides it."""
    name = line.split()[0]
    return "\n".join([line, *(one for one in PYPI.strip().splitlines() if one.split()[0] != name)])


class IndexInMemory:
    """The projects of :data:`PYPI`, or of other such lines."""

    def __init__(self, lines: str = PYPI) -> None:
        self.files: dict[str, list[DistFile]] = {}
        self.said: dict[str, CoreMetadata] = {}
        for line in lines.strip().splitlines():
            package, requires, python, tag, yanked = (part.strip() for part in line.split("|"))
            name, version = package.split()
            file_name = f"{name.replace('-', '_')}-{version}-{tag}.whl"
            file = DistFile(
                file_name=file_name, version=version, is_wheel=True, url=f"https://files.example.org/{file_name}",
                hashes={"sha256": "0" * 64}, requires_python=python or None, yanked=yanked or None,
            )  # fmt: skip
            self.files.setdefault(name, []).insert(0, file)
            wanted = tuple(text.strip() for text in requires.split(";") if text.strip())
            self.said[file_name] = CoreMetadata(name=name, version=version, requires_dist=wanted)

    def project(self, name: PypiName) -> ProjectPage | None:
        files = self.files.get(name)
        return ProjectPage(name=name, index="index", files=tuple(files)) if files else None

    def prefetch_projects(self, names: Iterable[PypiName]) -> None:
        del names

    def metadata(self, file: DistFile, *, may_build: bool = True) -> CoreMetadata | Unusable:
        del may_build
        return self.said[file.file_name]

    def prefetch_metadata(self, files: Iterable[DistFile]) -> None:
        del files


def channel(name: str) -> Channel:
    return Channel(name=name, base_url=f"https://conda.example.org/{name}")


class World:
    """Serves questions of explain (a bench) from memory."""

    def __init__(self, requirements: Requirements, channels: Sequence[str]) -> None:
        self.requirements = requirements
        self.names = NameMap.load()
        self.indexes = IndexInMemory()
        self.channels = tuple(channel(name) for name in channels)

    def check_sources(self) -> None:
        """All are there."""

    def where_asked(self, name: PypiName) -> str:
        del name
        return "the package index"

    def passed_over(self, names: Sequence[PypiName]) -> dict[PypiName, PassedOver]:
        del names
        return {}

    def open_channels(self, target: Target, channels: Sequence[Channel] | None = None) -> list[Subdir]:
        return [
            Subdir(c, s)
            for c in (self.channels if channels is None else channels)
            for s in (target.subdir, "noarch")
        ]

    def other_channels(self) -> list[Channel]:
        used = {c.name for c in self.channels}
        return [channel(name) for name in ("conda-forge", "bioconda") if name not in used]

    def universe(
        self,
        target: Target,
        requirements: Requirements | None = None,
        *,
        channels: Sequence[Channel] | None = None,
        wild: frozenset[str] = frozenset(),
        apart: bool = False,
        extra_index: str | None = None,
        admit_undated: bool = False,
        lenient: bool = False,
        beside: JointUniverse | None = None,
    ) -> JointUniverse:
        del beside  # which spares work alone
        source = self.indexes if extra_index is None else IndexInMemory(before(BESIDE[extra_index]))
        asked = requirements or self.requirements
        used = self.channels if channels is None else channels
        side = CondaSide(
            self.open_channels(target, used),
            target,
            own_channels=own_channels(asked.conda, used),
            wild=wild,
            apart=apart,
            lenient=lenient,
        )
        if not asked.pypi:
            return JointUniverse(side, asked.conda)
        policy = Policy.from_requirements(asked.pypi, exclude_newer=None)
        return JointUniverse(side, asked.conda, asked.pypi, source=source, names=self.names, policy=policy)


@dataclass(frozen=True, kw_only=True)
class Case:
    """One problem: lines, and what differs from a plain target."""

    name: str
    conda: tuple[str, ...]
    pip: tuple[str, ...] = ()
    channels: tuple[str, ...] = ("conda-forge",)
    facts: dict[str, str] = field(default_factory=lambda: {"__glibc": "2.28"})
    priority: ChannelPriority = ChannelPriority.STRICT
    exclude_newer: int | None = None


def requirements_of(conda: Sequence[str], pip: Sequence[str] = ()) -> Requirements:
    """Return lines of an imagined environment file; dependencies begin in line 4."""
    lines = tuple(
        PypiRequirement.parse(text, Origin(file=FILE, line=number))
        for number, text in enumerate(pip, start=5 + len(conda))
    )
    specs = tuple(
        CondaRequirement.parse(text, Origin(file=FILE, line=number))
        for number, text in enumerate(conda, start=4)
    )
    return Requirements(conda=specs, pypi=lines, has_pip_section=bool(pip))


def question_of(case: Case) -> tuple[World, Question]:
    """Return the world and the question of a case."""
    world = World(requirements_of(case.conda, case.pip), case.channels)
    target = Target(
        subdir="linux-64",
        virtual_packages=tuple(VirtualPackage(name=n, version=v) for n, v in sorted(case.facts.items())),
        channel_priority=case.priority,
        exclude_newer=case.exclude_newer,
    )
    return world, Question(requirements=world.requirements, target=target, channels=world.channels)


def universe_after(fix: Fix, world: World, question: Question) -> JointUniverse:
    """Return what is searched once a change has been made."""
    changed = question.changed(fix.edits, world.other_channels())
    return world.universe(
        changed.target,
        changed.requirements,
        channels=changed.channels,
        extra_index=changed.extra_index,
        admit_undated=changed.admit_undated,
    )


def explain_case(case: Case, **rest: float) -> Explanation | None:
    """Explain a case; ``rest`` is :class:`Explainer`'s."""
    world, question = question_of(case)
    return Explainer(world, question, **rest).run()


CASES = [
    Case(name="old-scikit-learn-caps-numpy", conda=("python=3.12", "scikit-learn==1.5.0", "numpy==2.0.0")),
    Case(name="python-too-new", conda=("python=3.13", "scikit-learn")),
    Case(name="two-pythons", conda=("python=3.11", "numpy", "python 3.12.*")),
    Case(name="no-such-version", conda=("python=3.12", "numpy=2.1")),
    Case(name="misspelt", conda=("python=3.12", "sckit-learn>=1.5")),
    Case(name="import-name", conda=("python=3.12", "sklearn")),
    Case(name="other-channel", conda=("python=3.12", "bwa")),
    Case(name="other-platform", conda=("python=3.12", "mlx")),
    Case(name="hidden-by-priority", conda=("samtools>=1.20",), channels=("conda-forge", "bioconda")),
    Case(name="not-in-that-channel", conda=("bioconda::numpy",), channels=("conda-forge", "bioconda")),
    Case(name="only-on-the-index", conda=("python=3.12", "rich>=13")),
    Case(name="no-such-release", conda=("python=3.12", "pip"), pip=("rich==12.*",)),
    Case(name="too-new-for-the-date", conda=("python=3.11", "jupyterlab>=4.3"), exclude_newer=20_000 * DAY),
    Case(name="yanked", conda=("python=3.12", "pip"), pip=("broken<1.1",)),
    Case(name="no-wheel-for-this-glibc", conda=("python=3.12", "pip"), pip=("tensorrt-x",)),
    Case(name="no-wheel-for-this-python", conda=("python=3.12", "pip"), pip=("oldwheel",)),
    Case(name="cuda-build-without-cuda", conda=("python=3.12", "pytorch=2.3.0=cuda*")),
    Case(name="glibc-too-old", conda=("libold",), facts={"__glibc": "2.17"}),
    Case(name="conda-against-pip", conda=("python=3.12", "numpy>=2", "pip"), pip=("numba==0.59.1",)),
    Case(name="through-another-package", conda=("pygraphviz", "pango==1.48.2")),
    Case(name="brought-in", conda=("python=3.11", "jupyterlab", "tornado=6.1")),
    Case(name="two-conflicts", conda=(
        "python=3.12", "pythran>=0.16", "gast==0.4.0", "scikit-learn==1.5.0", "numpy>=2")),
    Case(name="no-such-build", conda=("python=3.12", "numpy=2.0.0=py39_0")),
    Case(name="no-channel-was-named", conda=("python=3.12", "numpy"), channels=("pkgs/main",)),
    Case(name="empty-range", conda=("python=3.12", "numpy>=2,<1")),
    Case(name="empty-pip-range", conda=("python=3.12", "pip"), pip=("rich>=14,<13",)),
    Case(name="swapped-letters-of-a-project", conda=("python=3.12", "azureml-croe")),
    Case(name="swapped-letters-in-pip", conda=("python=3.12", "pip"), pip=("azureml-croe",)),
    Case(name="the-counterpart-is-from-another-time", conda=("python=3.12", "torch-geometric", "sklearn")),
    Case(name="four-unknown-names", conda=("python=3.12", "nunpy", "zzz-no-such", "sklearn", "numpy==9")),
    Case(name="local-version-without-its-index", conda=("python=3.12", "pip"), pip=("torch==2.6.0+cpu",)),
    Case(name="unknown-variant", conda=("python=3.12", "pip"), pip=("labelled==2.6.0+gpu",)),
    Case(name="another-version-of-the-variant", conda=("python=3.12", "pip"), pip=("labelled==2.6.0+cpu",)),
    Case(name="hidden-behind-another-package", conda=("callers",), channels=("conda-forge", "bioconda")),
    Case(name="two-of-another-platform", conda=("python=3.12", "mlx", "mlx-data")),
    Case(name="unknown-beside-a-clash", conda=(
        "python=3.12", "mlx", "zzz-no-such", "scikit-learn==1.5.0", "numpy>=2")),
    Case(name="an-old-build-under-the-other-name", conda=("python=3.12", "opencv-python")),
    Case(name="each-version-runs-into-another-line", conda=("report", "fonts=1.*", "locales=5.*")),
    Case(name="no-chain-alone-ends", conda=("same-side", "crosswise>=0.5")),
    Case(name="a-range-with-holes", conda=("python=3.12", "pip"), pip=("fastweb==0.95.0", "models>=2")),
    Case(name="a-series-beside-a-build", conda=("python=3.12", "accel=2.5=cuda*")),
    Case(name="one-of-four-names-has-no-counterpart", conda=(
        "python=3.12", "nunpy", "sklearn", "tornaod", "torch-geometric")),
    Case(name="ten-unknown-names", conda=(
        "python=3.12", "nunpy", "scikit-lern", "pythn", "tornaod", "jupyterlap", "sklearn", "pygraphvis",
        "pangoo", "zzz-no-such", "zzz-nor-such")),
    Case(name="conda-ships-it-too", conda=("python=3.12", "pip"), pip=("shipper==1.0.0", "shipped>=2")),
    Case(name="a-build-of-other-platforms", conda=("python=3.12", "blas=*=mkl*")),
    Case(name="without-what-is-hidden", conda=("frames",), channels=("pkgs/main", "conda-forge")),
    Case(name="no-change-goes-years-back", conda=("webframe==0.95.0", "datamodel>=2")),
    Case(name="years-back-where-nothing-else-helps", conda=("oldframe==0.95.0",)),
    Case(name="unknown-project", conda=("python=3.12", "pip"), pip=("no-such-thing",)),
]  # fmt: skip
