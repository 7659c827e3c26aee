"""The resolver as a library: its public names, silence, and a resolution of the embedded sample."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import resolver
from resolver import (
    Channel,
    Index,
    InputError,
    NoSolutionError,
    Reporter,
    Requirements,
    ResolveOptions,
    Target,
    build_targets,
    parse_inputs,
    resolve,
)


def requirements(text: str) -> Requirements:
    return parse_inputs(["environment.yml"], lambda _: text.encode())


@pytest.fixture
def options(root: Path, tmp_path: Path) -> ResolveOptions:
    sample = root / "examples" / "sample"
    return ResolveOptions(
        targets=build_targets(["linux-64"]),
        channels=(Channel(name="conda-forge", base_url=str(sample / "conda" / "conda-forge")),),
        indexes=(Index(name="sample", url=str(sample / "pypi")),),
        cache_dir=tmp_path / "cache",
    )


JOINT = """
channels: [conda-forge]
dependencies:
  - python
  - numpy
  - pip:
      - pytest==8.2.2
"""


def test_public_names_are_pinned_and_all_there() -> None:
    assert sorted(resolver._HOMES) == sorted(resolver.__all__)
    assert all(getattr(resolver, name) is not None for name in resolver.__all__)
    with pytest.raises(AttributeError):
        resolver.nothing  # noqa: B018


def test_importing_it_loads_nothing_heavy() -> None:
    code = "import resolver, sys; print(sorted({'httpx', 'rattler', 'networkx', 'yaml'} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=240
    )
    assert done.stdout.strip() == "[]"


def test_both_ecosystems_in_one_answer(options: ResolveOptions, capfd: pytest.CaptureFixture[str]) -> None:
    (answer,) = resolve(requirements(JOINT), options)
    names = {pin.name: pin for pin in answer.conda}
    assert answer.python == names["python"].record.version
    assert [pin.name for pin in answer.conda] == sorted(names)
    assert {pin.name: pin.version for pin in answer.pypi}["pytest"] == "8.2.2"
    assert all(pin.file is not None and "sha256" in pin.file.hashes for pin in answer.pypi)
    assert all(pin.url.startswith("file://") for pin in answer.conda)
    assert capfd.readouterr() == ("", "")


def test_progress_goes_to_the_reporter(options: ResolveOptions) -> None:
    class Listener(Reporter):
        def __init__(self) -> None:
            self.heard: list[str] = []

        def target_started(self, target: Target) -> None:
            self.heard.append(f"started {target.subdir}")

        def decided(self, count: int) -> None:
            self.heard.append("decided")

        def target_done(self, target: Target) -> None:
            self.heard.append(f"done {target.subdir}")

    listener = Listener()
    resolve(requirements(JOINT), options, listener)
    assert listener.heard[0] == "started linux-64"
    assert listener.heard[-1] == "done linux-64"
    assert "decided" in listener.heard


def test_pins_of_before_are_kept_unless_something_forbids(options: ResolveOptions) -> None:
    from msgspec.structs import replace

    older = requirements(JOINT.replace("- numpy", "- numpy <2"))
    (before,) = resolve(older, options)
    numpy = next(pin for pin in before.conda if pin.name == "numpy")
    kept = {"linux-64": {"conda:numpy": numpy.record.file_name}}
    (after,) = resolve(requirements(JOINT), replace(options, preferred=kept))
    (fresh,) = resolve(requirements(JOINT), options)
    version = {pin.name: pin.record.version for pin in after.conda}["numpy"]
    assert version == numpy.record.version
    assert {pin.name: pin.record.version for pin in fresh.conda}["numpy"] != version


def test_no_solution_names_the_clashing_lines(options: ResolveOptions) -> None:
    asked = requirements(JOINT.replace("- numpy", "- numpy >=2\n  - shap=0.45.1"))
    with pytest.raises(NoSolutionError) as caught:
        resolve(asked, options)
    assert [(str(origin), text) for origin, text in caught.value.core] == [
        ("environment.yml:5:5", "numpy >=2"),
        ("environment.yml:6:5", "shap=0.45.1"),
    ]


def test_the_second_engine_answers_too(options: ResolveOptions) -> None:
    from msgspec.structs import replace

    (answer,) = resolve(requirements(JOINT), replace(options, engine="resolvelib"))
    assert {pin.name for pin in answer.conda} >= {"python", "numpy"}
    with pytest.raises(InputError, match="no engine `clasp`"):
        resolve(requirements(JOINT), replace(options, engine="clasp"))


CONDITIONAL = [
    ("false on the Python that was asked for", "python=3.11", 'python_version < "3.11"', False),
    ("true on it", "python=3.11", 'python_version < "3.12"', True),
    ("false on the newest Python, which nothing forbids", "python>=3.12", 'python_version < "3.11"', False),
    ("false on every Python of the channel", "python=3.11", 'python_version < "3.8"', False),
]


@pytest.mark.parametrize("case", CONDITIONAL, ids=lambda case: case[0])
def test_a_line_is_left_out_where_its_marker_is_false(
    options: ResolveOptions, case: tuple[str, str, str, bool]
) -> None:
    _, python, marker, there = case
    pip = ["typing-extensions", f"iniconfig ; {marker}"]
    document = {"channels": ["conda-forge"], "dependencies": [python, {"pip": pip}]}
    (answer,) = resolve(requirements(json.dumps(document)), options)
    names = {pin.name for pin in answer.pypi}
    assert "typing-extensions" in names
    assert ("iniconfig" in names) is there
