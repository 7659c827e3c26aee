"""Whatever stands in a file, it is read or refused in words; a broken disk too."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from lockfiles.cli.main import main
from lockfiles.identity.calibration import calibrate
from lockfiles.identity.content import asked_content, digest_of
from lockfiles.identity.identify import identify
from lockfiles.identity.lint.registry import lint
from lockfiles.identity.normal import _any_pip, normal_conda, normal_pip
from lockfiles.identity.prediction import predict
from lockfiles.identity.read.reading import read_definitions
from resolver.errors import InputError
from tests.identity.vectors import write_files
from tests.support.amount import examples

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-9, 9)
    | st.floats(allow_nan=False)
    | st.text(max_size=12)
    | st.dates()
)
OUTER = ("image", "build", "conda_file", "environment", "jobs", "docker", "python", "package", "metadata")
INNER = (
    "channels",
    "dependencies",
    "pip",
    "name",
    "version",
    "path",
    "inference_config",
    "tags",
    "variables",
)
KEYS = st.sampled_from((*OUTER, *INNER, "$schema"))
DATA = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=12,
)


@settings(max_examples=examples(300), deadline=None)
@given(data=st.dictionaries(KEYS, DATA, max_size=6))
def test_any_mapping_is_read_or_refused(
    data: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("any") / "environment.yml"
    path.write_text(yaml.safe_dump(data), encoding="utf-8")
    try:
        definitions = read_definitions(path)
    except InputError:
        return
    for definition in definitions:
        identify(definition)
        lint(definition)
        assert predict(definition, definition).reused is not False


@settings(max_examples=examples(200), deadline=None)
@given(raw=st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(raw: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    for name in ("environment.yml", "requirements.txt", "environment.json"):
        path = tmp_path_factory.mktemp("bytes") / name
        path.write_bytes(raw)
        try:
            for definition in read_definitions(path):
                identify(definition)
        except InputError:
            continue


@settings(max_examples=examples(200), deadline=None)
@given(text=st.text(max_size=40))
def test_any_line_has_a_normal_form(text: str) -> None:
    normal_conda(text)
    item = normal_pip(text)
    if item is not None and not item.is_option:
        again = normal_pip(item.text)
        assert again is None or again.key == item.key or again.is_option


@settings(max_examples=examples(300), deadline=None)
@given(
    name=st.text(alphabet="aB1-_.", min_size=1, max_size=5),
    extras=st.lists(st.text(alphabet="aA-1", min_size=1, max_size=3), max_size=3),
    version=st.sampled_from(
        ["", "==1.0", "==01.2.0", "==1.0rc1", "==2.post1", "==0", "==1.*", ">=1", "===1", "==1+a"]
    ),
)
def test_a_plain_line_has_the_normal_form_of_any(name: str, extras: list[str], version: str) -> None:
    line = f"{name}[{','.join(extras)}]{version}" if extras else f"{name}{version}"
    if not line.startswith("-"):
        assert normal_pip(line) == _any_pip(line, [])


@settings(max_examples=examples(200), deadline=None)
@given(text=st.text(max_size=200))
def test_any_log_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        calibrate([("log", text)], "team")


def test_content_of_odd_values() -> None:
    """Dates, numbers as keys and sets stand in a canonical form too."""
    data = yaml.safe_load("{1: 2, when: 2025-01-01, some: !!set {a, b}, dependencies: [python, null, 3.5]}")
    from lockfiles.identity.definition import DefinitionKind, EnvironmentDefinition
    from resolver.inputs.yaml_document import YamlDocument

    definition = EnvironmentDefinition(
        kind=DefinitionKind.CONDA_FILE, label="x", source=YamlDocument(file="x", data=data), conda=data
    )
    assert len(digest_of(asked_content(definition))) == 64


CONTEXTS = {
    "a link that leads nowhere": lambda folder: (folder / "link").symlink_to("gone"),
    "a link back to the context": lambda folder: (folder / "link").symlink_to("."),
    "a bad ignore pattern": lambda folder: (folder / ".amlignore").write_text("a\\\n", encoding="utf-8"),
    "an ignore file that is no text": lambda folder: (folder / ".gitignore").write_bytes(b"\xff\xfe"),
}


@pytest.mark.parametrize("why", CONTEXTS)
def test_contexts_that_cant_be_hashed(why: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_files(tmp_path, {"context/Dockerfile": "FROM base:1\n"})
    CONTEXTS[why](tmp_path / "context")
    assert main(["hash", str(tmp_path / "context")]) == 2
    output = capsys.readouterr()
    assert output.err.startswith("error: ")
    assert "Traceback" not in output.err


def test_nothing_given(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["hash"]) == 2
    assert "nothing to hash" in capsys.readouterr().err
    assert main(["hash", "--sdk-version", "0.9", "x.yml"]) == 2
    assert "older than the oldest known formula" in capsys.readouterr().err
