"""The map between conda and PyPI names: its four sources, its data, and its agreement with real lockfiles."""

from __future__ import annotations

import io
import json
import re
from dataclasses import dataclass
from pathlib import Path

import pytest
import zstandard
from packaging.requirements import Requirement
from packaging.version import Version

from resolver.constraints.name_map import DATA, NameMap, depends_on_python, pep440_version
from resolver.errors import InputError, InputErrors
from resolver.model.match_spec import parse_match_spec
from resolver.model.names import CondaName, PypiName, conda_name, pypi_name
from resolver.model.records import CondaRecord
from tests.oracles.channel_folder import ChannelFolder
from tests.support.amount import IS_WHOLE, sampled
from tests.support.records import conda_record

PYTHON = ("python >=3.11,<3.12.0a0",)
NAMES = NameMap.load()


def record(
    name: str,
    version: str = "1.0",
    build: str = "py311h0_0",
    depends: tuple[str, ...] = PYTHON,
    noarch: str | None = None,
    purls: tuple[str, ...] | None = None,
) -> CondaRecord:
    return conda_record(name, version, build, depends=depends, noarch=noarch, purls=purls)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    why: str
    record: CondaRecord
    ships: dict[str, str | None]


CASES = [
    Case(why="same name", record=record("numpy", "1.26.4"), ships={"numpy": "1.26.4"}),
    Case(why="same name, normalised", record=record("Ruamel.yaml.clib"), ships={"ruamel-yaml-clib": "1.0"}),
    Case(why="noarch python", record=record("rich", depends=(), noarch="python"), ships={"rich": "1.0"}),
    Case(
        why="only the ABI is named",
        record=record("numpy", depends=("python_abi 3.11.* *_cp311",)),
        ships={"numpy": "1.0"},
    ),
    Case(
        why="a stable ABI build",
        record=record("polars", depends=("cpython >=3.9", "_python_abi3_support 1.*")),
        ships={"polars": "1.0"},
    ),
    Case(
        why="a C library of the same name",
        record=record("zstd", depends=("libzlib >=1.3.1,<2.0a0",)),
        ships={},
    ),
    Case(
        why="a dependency that only begins like python",
        record=record("zstd", depends=("python-zstd",)),
        ships={},
    ),
    Case(why="a program whose scripts need python", record=record("cppcheck"), ships={}),
    Case(why="conda's private copy", record=record("ruamel_yaml"), ships={}),
    Case(why="the interpreter", record=record("python", depends=("python_abi 3.11.* *_cp311",)), ships={}),
    Case(why="another name", record=record("pytorch", "2.5.1"), ships={"torch": "2.5.1"}),
    Case(
        why="the binding of a C library", record=record("python-blosc", "1.11.2"), ships={"blosc": "1.11.2"}
    ),
    Case(
        why="the package behind the metapackage",
        record=record("matplotlib-base", "3.9.0"),
        ships={"matplotlib": "3.9.0"},
    ),
    Case(
        why="another project has this name",
        record=record("iris", "3.11.0"),
        ships={"scitools-iris": "3.11.0"},
    ),
    Case(
        why="one record, several projects",
        record=record("py-opencv", "4.10.0"),
        ships={
            "opencv-python": "4.10.0",
            "opencv-python-headless": "4.10.0",
            "opencv-contrib-python": "4.10.0",
            "opencv-contrib-python-headless": "4.10.0",
        },
    ),
    Case(
        why="CuPy for CUDA 12",
        record=record("cupy", "13.3.0", depends=(*PYTHON, "cuda-version >=12.0,<13.0a0")),
        ships={"cupy": "13.3.0", "cupy-cuda12x": "13.3.0"},
    ),
    Case(
        why="CuPy for CUDA 13",
        record=record("cupy-core", "14.0", depends=("cuda-version >=13,<14.0a0",)),
        ships={"cupy": "14.0", "cupy-cuda13x": "14.0"},
    ),
    Case(
        why="CuPy for an older CUDA toolkit",
        record=record("cupy", "8.3.0", depends=("cudatoolkit 10.2.*",)),
        ships={"cupy": "8.3.0", "cupy-cuda102": "8.3.0"},
    ),
    Case(
        why="CuPy for a late CUDA 11 toolkit",
        record=record("cupy", "11.0", depends=("cudatoolkit >=11.2,<12",)),
        ships={"cupy": "11.0", "cupy-cuda11x": "11.0"},
    ),
    Case(
        why="RAPIDS by its build string",
        record=record("cudf", "25.12.00", "cuda12_py312_251210_580975be"),
        ships={"cudf": "25.12.0", "cudf-cu12": "25.12.0"},
    ),
    Case(
        why="ONNX Runtime for CPUs",
        record=record("onnxruntime", "1.20", "py312h1_1_cpu"),
        ships={"onnxruntime": "1.20"},
    ),
    Case(
        why="ONNX Runtime for CUDA",
        record=record("onnxruntime", "1.20", "py312h1_1_cuda"),
        ships={"onnxruntime": "1.20", "onnxruntime-gpu": "1.20"},
    ),
    Case(why="Qt 5", record=record("pyqt", "5.15.11"), ships={"pyqt5": "5.15.11"}),
    Case(why="Qt 6", record=record("pyqt", "6.7.1"), ships={"pyqt6": "6.7.1"}),
    Case(why="a name with rows of which none holds", record=record("pyqt", "3.18"), ships={}),
    Case(
        why="purls win over the table",
        record=record("pytorch", "2.5", purls=("pkg:pypi/our-torch",)),
        ships={"our-torch": "2.5"},
    ),
    Case(
        why="purls with a version, a qualifier and a strange case",
        record=record("x", "2.0", purls=("pkg:pypi/Foo.Bar@2.0.post1?source=hash-mapping",)),
        ships={"foo-bar": "2.0.post1"},
    ),
    Case(why="purls of another type", record=record("numpy", purls=("pkg:github/numpy/numpy",)), ships={}),
    Case(why="an empty list of purls", record=record("numpy", purls=()), ships={}),
    Case(why="a version that PEP 440 can't spell", record=record("pytz", "2012j"), ships={"pytz": None}),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.why)
def test_what_a_record_ships(case: Case) -> None:
    assert dict(NAMES.pypi_of(case.record)) == case.ships


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.why)
def test_names_lead_back(case: Case) -> None:
    """What a record ships by the table or by its name is found from the project's side too."""
    if case.record.purls is None:
        for project in case.ships:
            assert case.record.name.lower() in NAMES.conda_names_of(PypiName(project))


@pytest.mark.parametrize(
    ("project", "names"),
    [
        ("torch", ["pytorch", "pytorch-cpu", "torch"]),
        ("huggingface-hub", ["huggingface-hub", "huggingface.hub", "huggingface_hub"]),
        ("scitools-iris", ["iris", "scitools-iris", "scitools.iris", "scitools_iris"]),
        ("iris", []),
        ("blosc", ["python-blosc"]),
        ("numpy", ["numpy", "numpy-base"]),
    ],
)
def test_conda_names_of_a_project(project: str, names: list[str]) -> None:
    assert list(NAMES.conda_names_of(PypiName(project))) == names


@pytest.mark.parametrize(
    ("conda", "pypi"),
    [
        ("2.3.1", "2.3.1"),
        ("1.0.post1", "1.0.post1"),
        ("2021a", "2021a0"),
        ("1.0_rc1", "1.0rc1"),
        ("1_4_2", "1.4.2"),
        ("2.1.0.rc1", "2.1.0rc1"),
        ("2023.08.01", "2023.8.1"),
        ("1!2.0", "1!2.0"),
        ("0.1.dev3+gabc_1", "0.1.dev3+gabc.1"),
        ("26.08.00", "26.8.0"),
        ("9e", None),
        ("1.1.1w", None),
        ("custom", None),
        ("3.0.git4", None),
    ],
)
def test_versions(conda: str, pypi: str | None) -> None:
    assert pep440_version(conda) == pypi


# --- the overlay ---

OVERLAYS = {
    "names.toml": '[[map]]\nconda = "our-torch"\npypi = "torch"\nwhen = "our-torch >=2"\n\n'
    '[[map]]\nconda = "numpy"\npypi = false\n\n[[map]]\nconda = "zstd"\npypi = ["zstd", "pyzstd"]\n',
    "names.yaml": "map:\n  - {conda: our-torch, pypi: torch, when: our-torch >=2}\n"
    "  - {conda: numpy, pypi: null}\n  - conda: zstd\n    pypi: [zstd, pyzstd]\n",
    "names.json": json.dumps(
        {
            "map": [
                {"conda": "our-torch", "pypi": "torch", "when": "our-torch >=2"},
                {"conda": "numpy", "pypi": []},
                {"conda": "zstd", "pypi": ["zstd", "pyzstd"]},
            ]
        }
    ),
}


@pytest.mark.parametrize("name", sorted(OVERLAYS))
def test_an_overlay_decides_first(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text(OVERLAYS[name], encoding="utf-8")
    names = NameMap.load(path)
    assert names.pypi_of(record("our-torch", "2.1")) == (("torch", "2.1"),)
    assert names.pypi_of(record("our-torch", "1.9")) == (("our-torch", "1.9"),), (
        "no row holds: as without overlay"
    )
    assert names.pypi_of(record("numpy", purls=("pkg:pypi/numpy",))) == ()
    assert names.pypi_of(record("zstd", depends=())) == (("pyzstd", "1.0"), ("zstd", "1.0"))
    assert names.pypi_of(record("pytorch")) == (("torch", "1.0"),)
    assert "our-torch" in names.conda_names_of(PypiName("torch"))
    assert names.conda_names_of(PypiName("numpy")) == ("numpy-base",)
    assert names.conda_names_of(PypiName("pyzstd")) == ("pyzstd", "zstd")
    assert NameMap.load().pypi_of(record("numpy")) == (("numpy", "1.0"),), "the overlay leaves no trace"
    assert names.always("our-torch") is None, "under a condition"
    assert names.always("pytorch") == {"torch"}


def test_the_short_form(tmp_path: Path) -> None:
    path = tmp_path / "map.json"
    path.write_text('{"our-torch": "torch", "numpy": null}', encoding="utf-8")
    names = NameMap.load(str(path))
    assert names.pypi_of(record("our-torch")) == (("torch", "1.0"),)
    assert names.pypi_of(record("numpy")) == ()


@pytest.mark.parametrize(
    ("name", "text", "message", "hint"),
    [
        ("m.toml", "[[map]\n", "m.toml:1:6: Expected ']]' at the end of an array declaration", None),
        (
            "m.yaml",
            "map:\n\t- x\n",
            "m.yaml:2:1: a tab in the indentation",
            "YAML wants blanks; replace the tab",
        ),
        ("m.json", '{"a": }', "m.json:1:7: Expecting value", None),
        (
            "m.txt",
            "",
            "m.txt: the name map is none of TOML, YAML and JSON",
            "Give the file the suffix `.toml`, `.yaml` or `.json`.",
        ),
        (
            "m.yaml",
            "- a\n",
            "m.yaml: a name map is a list of rows under `map`, or one key for each conda name",
            None,
        ),
        (
            "m.toml",
            '\n[[map]]\nconda = "a"\npyp = "b"\n',
            "m.toml:2: unknown key `pyp` in a row of the name map",
            "Did you mean `pypi`?",
        ),
        ("m.yaml", "map:\n  - conda: a\n", "m.yaml:2: a row of the name map needs `conda` and `pypi`", None),
        ("m.yaml", "map: [3]\n", "m.yaml:1: a row of the name map has the keys `conda` and `pypi`", None),
        ("m.yaml", "a b: c\n", "m.yaml:1: `a b` is not a conda package name", None),
        ("m.yaml", "a: b c\n", "m.yaml:1: `b c` is not a PyPI project name", None),
        (
            "m.toml",
            '[[map]]\nconda = "a"\npypi = "b"\nwhen = "c 1.* cuda*"\n',
            "m.toml:1: a condition on a dependency looks at its version alone, not at its build",
            None,
        ),
        (
            "m.json",
            '{"map": [{"conda": "a", "pypi": "b", "when": "a >>1"}]}',
            "m.json: `when` is not a match spec: ",
            "Write a match spec on `a` itself or on one of its dependencies, as `cuda-version 12.*`.",
        ),
    ],
)
def test_a_faulty_overlay(
    name: str, text: str, message: str, hint: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(name).write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        NameMap.load(name)
    assert str(caught.value).startswith(message)
    assert caught.value.hint == hint


def test_all_faults_of_an_overlay_at_once(tmp_path: Path) -> None:
    path = tmp_path / "map.yaml"
    path.write_text(
        "map:\n  - {conda: a}\n  - {conda: b, pypi: b}\n  - {conda: c, pypi: '!'}\n", encoding="utf-8"
    )
    with pytest.raises(InputErrors) as caught:
        NameMap.load(path)
    assert [error.origin.line for error in caught.value.errors if error.origin] == [2, 4]


def test_a_missing_overlay(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="can't read the name map: No such file or directory"):
        NameMap.load(tmp_path / "none.toml")


# --- the table itself ---


def rows() -> list[tuple[str, str | None, str | None]]:
    groups = json.loads(DATA.read_text(encoding="utf-8"))["groups"]
    return [(*row, None)[:3] for group in groups for row in group["rows"]]


def test_the_table_is_well_formed() -> None:
    found = rows()
    assert len(found) > 450
    assert len(set(found)) == len(found), "a row stands twice"
    for conda, project, when in found:
        assert conda == conda_name(conda)
        assert project is None or project == pypi_name(project)
        if when is not None:
            spec = parse_match_spec(when)
            assert spec.version is not None or spec.build is not None
            assert spec.name == conda or spec.build is None
    for group in json.loads(DATA.read_text(encoding="utf-8"))["groups"]:
        assert group["about"]
        assert group["source"]


def test_a_name_ships_projects_or_none() -> None:
    none = {conda for conda, project, _ in rows() if project is None}
    assert not none & {conda for conda, project, _ in rows() if project is not None}


def test_no_row_repeats_the_rule_of_the_same_name() -> None:
    """A name with the single row that the rule would give too is there only for its mixed separators."""
    found = rows()
    for conda, project, _ in found:
        alone = sum(other == conda for other, _, _ in found) == 1
        if alone and project == pypi_name(conda):
            assert len(set(re.findall(r"[-_.]", conda))) > 1, conda


# --- real records ---


@pytest.mark.shared
def test_every_python_version_has_a_spelling(shared: Path) -> None:
    """Of the records that need python, all but a handful of old ones have a PEP 440 version."""
    folder = ChannelFolder(shared / "channels")
    odd = set()
    for channel in ("conda-forge", "pytorch", "nvidia", "rapidsai"):
        for subdir in ("linux-64", "noarch"):
            for entry in folder.entries(channel, subdir).values():
                one = record(entry["name"], entry["version"], depends=tuple(entry["depends"]))
                for _, version in NAMES.pypi_of(one):
                    if version is None:
                        odd.add((entry["name"], entry["version"]))
                    else:
                        Version(version)
    assert odd <= {("pytz", "2012d"), ("pytz", "2012j"), ("vispy", "0.4.0.106.gf8a69d0")}


@pytest.mark.shared
def test_agrees_with_real_joint_lockfiles(shared: Path) -> None:
    """A pip requirement that a public lockfile leaves to conda is one the map finds in its conda packages.

    And what such a lockfile takes from the index is nothing that its conda packages ship. Both hold but for
    a few lockfiles that lag behind their manifest, or that install one module from both sides.
    """
    folder = ChannelFolder(shared / "channels")
    met, unmet, twice, wheels = 0, set(), set(), 0
    with (shared / "problems" / "conda.jsonl.zst").open("rb") as raw:
        stream = zstandard.ZstdDecompressor().stream_reader(raw)
        problems = [json.loads(line) for line in io.TextIOWrapper(stream, encoding="utf-8")]
    for problem in sampled(problems[::7], 4):
        wanted = [
            pypi_name(Requirement(name).name)
            for name, asked in dict(problem["pypi"]).items()
            if not is_direct(asked)
        ]
        index = {pypi_name(re.split(r"[ =@\[]", pin)[0]) for pin in problem["pypi_solution"]}
        if not index:
            continue
        found = (folder.find(address) for address in problem["solution"])
        shipped = {project for one in found if one for project, _ in NAMES.pypi_of(one.record)}
        left = {name for name in wanted if name not in index}
        met += len(left & shipped)
        unmet |= left - shipped
        twice |= index & shipped
        wheels += len(index)
    assert met > (500 if IS_WHOLE else 100)
    assert wheels > (2000 if IS_WHOLE else 400)
    assert len(unmet) <= 3, unmet
    assert twice <= {"networkx", "scipy", "opencv-contrib-python", "faiss-cpu"}


def is_direct(asked: list[object]) -> bool:
    return any(isinstance(one, dict) and one.keys() & {"path", "git", "url"} for one in asked)


def test_depends_on_python_reads_every_spelling() -> None:
    for text in (
        "python",
        "python >=3.8",
        "python>=3.8",
        "python[version='>=3.8']",
        "conda-forge::python",
        "cpython",
    ):
        assert depends_on_python(record("x", depends=(text,))), text
    for text in ("python-dateutil", "pythonic", "python.x", "ipython"):
        assert not depends_on_python(record("x", depends=(text,))), text


def test_names_are_plain_text() -> None:
    assert all(isinstance(name, str) for name in NAMES.conda_names_of(PypiName("torch")))
    assert CondaName("pytorch") in NAMES.table
