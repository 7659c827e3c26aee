"""Static metadata of pyproject.toml."""

from __future__ import annotations

from resolver.metadata.project_table import parse_static_metadata
from resolver.model.records import CoreMetadata
from resolver.model.unusable import Unusable
from tests.support.tables import table

FULL = """
[project]
name = "Foo.Bar"
version = "1.0.0-rc.1"
requires-python = ">=3.9"
dependencies = ["six>=1.5", "tomli; python_version < '3.11'"]
dynamic = ["readme"]
[project.optional-dependencies]
Dev_Tools = ["pytest>=8", "colorama ; sys_platform == 'win32' or os_name == 'nt'",
  "x @ https://example.org/x.zip"]
all = []
"""


def test_full_table() -> None:
    assert parse_static_metadata(FULL.encode()) == CoreMetadata(
        name="Foo.Bar",
        version="1.0.0rc1",
        requires_dist=(
            "six>=1.5",
            "tomli; python_version < '3.11'",
            "pytest>=8 ; extra == 'dev-tools'",
            "colorama ; (sys_platform == 'win32' or os_name == 'nt') and extra == 'dev-tools'",
            "x @ https://example.org/x.zip ; extra == 'dev-tools'",
        ),
        requires_python=">=3.9",
        extras=("all", "dev-tools"),
    )


NAMED = '[project]\nname = "a"\nversion = "1"\n'
NOT_STATIC = [
    ("no table", "[build-system]\nrequires = []"),
    ("version made by the backend", '[project]\nname = "a"\ndynamic = ["version"]'),
    ("dependencies made by the backend", f'{NAMED}dynamic = ["dependencies"]'),
    ("extras made by the backend", f'{NAMED}dynamic = ["optional-dependencies"]'),
    ("no name", '[project]\nversion = "1"'),
]


@table("text", NOT_STATIC)
def test_a_build_has_to_tell(text: str) -> None:
    assert parse_static_metadata(text.encode()) is None


def test_version_may_be_known_otherwise() -> None:
    text = b'[project]\nname = "a"\ndynamic = ["version"]'
    assert parse_static_metadata(text, version="2.0") == CoreMetadata(name="a", version="2.0")


BROKEN = [
    ("not TOML", "[project", "its pyproject.toml can't be read: "),
    ("faulty dependency", '[project]\nname = "a"\nversion = "1"\ndependencies = ["b >>1"]',
     "its pyproject.toml has a faulty dependency: `b >>1` is no requirement (PEP 508)"),
    ("no list", '[project]\nname = "a"\nversion = "1"\ndependencies = "b"',
     "its pyproject.toml has dependencies that are no list of texts"),
    ("version of no meaning", '[project]\nname = "a"\nversion = "one"',
     "its pyproject.toml gives a version that PEP 440 rejects: `one`"),
]  # fmt: skip


@table("text, reason", BROKEN)
def test_broken_file_has_a_reason(text: str, reason: str) -> None:
    found = parse_static_metadata(text.encode())
    assert isinstance(found, Unusable)
    assert found.reason.startswith(reason)  # the TOML reader's own words differ between Pythons
