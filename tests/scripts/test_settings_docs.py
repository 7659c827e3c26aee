"""docs/settings.md and the schema of lockstack.toml are what the table of settings says."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from lockfiles.settings.table import DEFINITIONS
from tests.settings.test_model import VALUES, WHOLE

if TYPE_CHECKING:
    import jsonschema


@pytest.fixture(scope="module")
def validator(root: Path) -> jsonschema.Draft202012Validator:
    import jsonschema  # which takes two seconds to load

    schema = json.loads((root / "docs" / "lockstack.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def plain(value: Any) -> Any:
    """Return TOML's values as an editor hands them to a schema: dates as text."""
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value if isinstance(value, str | int | float) else value.isoformat()


def faults(validator: jsonschema.Draft202012Validator, text: str) -> list[str]:
    return [error.message for error in validator.iter_errors(plain(tomllib.loads(text)))]


def test_files_are_up_to_date(root: Path) -> None:
    command = [sys.executable, str(root / "scripts" / "build_settings_docs.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=240)
    assert done.returncode == 0, done.stdout + done.stderr


def test_settings_of_the_examples_fit(validator: jsonschema.Draft202012Validator, root: Path) -> None:
    found = sorted((root / "examples").glob("*/lockstack.toml"))
    assert found
    for path in found:
        assert faults(validator, path.read_text(encoding="utf-8")) == [], path


def test_the_example_of_the_documentation_fits(
    validator: jsonschema.Draft202012Validator, root: Path
) -> None:
    page = (root / "docs" / "settings.md").read_text(encoding="utf-8")
    assert faults(validator, page.split("```toml\n")[1].split("```")[0]) == []


def test_the_examples_of_going_live_fit(validator: jsonschema.Draft202012Validator, root: Path) -> None:
    blocks = (root / "docs" / "live.md").read_text(encoding="utf-8").split("```toml\n")[1:]
    assert len(blocks) > 2
    for block in blocks:
        assert faults(validator, block.split("```")[0]) == []


def test_what_the_reader_takes_fits(validator: jsonschema.Draft202012Validator) -> None:
    assert faults(validator, WHOLE) == []
    for name, _, data, _ in VALUES:
        assert [error.message for error in validator.iter_errors({name: data})] == [], name


REFUSED = [
    "platfroms = []",
    "offline = 'maybe'",
    "channel-priority = 'strikt'",
    "engine = 'z3'",
    "python = 3.10",
    "timeout = 0",
    "platforms = 3",
    "mirrors = 3",
    "retries = 101",
    "index-url = ['a']",
    "virtual-packages = {__cuda = true}",
]


@pytest.mark.parametrize("text", REFUSED)
def test_what_the_reader_refuses_does_not(text: str, validator: jsonschema.Draft202012Validator) -> None:
    assert faults(validator, text)


def test_every_spelling_is_known(validator: jsonschema.Draft202012Validator) -> None:
    known = set(validator.schema["properties"])  # type: ignore[index]  # an object, as the file shows
    for row in DEFINITIONS:
        assert {row.key, row.name, *row.aliases} <= known
