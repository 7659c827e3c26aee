"""Projects that come from no index: an archive by its address, a repository, a folder; by uv and by pip."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from lockfiles.this_machine import platform_here
from tests.environments.sample_environment import Project, make_small_project
from tests.support.packages import make_sdist, make_wheel

pytestmark = pytest.mark.skipif(platform_here() != "linux-64", reason="the sample's packages are linux-64's")

#: A backend within the source tree, so that a build needs nothing from anywhere.
_BACKEND = """\
import base64, hashlib, pathlib, zipfile

NAME = "{name}"
INFO = NAME + "-1.0.dist-info"
FILES = {{
    NAME + ".py": "WHERE = __file__\\n",
    INFO + "/METADATA": "Metadata-Version: 2.1\\nName: " + NAME + "\\nVersion: 1.0\\n",
    INFO + "/WHEEL": "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
}}


def get_requires_for_build_wheel(config_settings=None):
    return []


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    path = pathlib.Path(wheel_directory) / (NAME + "-1.0-py3-none-any.whl")
    record = INFO + "/RECORD,,\\n"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in FILES.items():
            archive.writestr(name, text)
            digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
            record += name + ",sha256=" + digest + "," + str(len(text)) + "\\n"
        archive.writestr(INFO + "/RECORD", record)
    return path.name
"""


def tree_of(name: str) -> dict[str, str]:
    """Return the files of a source tree that builds itself; what it says of itself is static."""
    return {
        "pyproject.toml": (
            '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
            f'[project]\nname = "{name}"\nversion = "1.0"\n'
        ),
        "backend.py": _BACKEND.format(name=name),
    }


def write_tree(folder: Path, name: str) -> Path:
    folder.mkdir()
    for file, text in tree_of(name).items():
        (folder / file).write_text(text)
    return folder


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project whose pip part has one of each kind."""
    folder = tmp_path_factory.mktemp("odd")
    sources = folder / "sources"
    sources.mkdir()
    write_tree(sources / "folder", "plainfolder")
    repository = write_tree(sources / "repository", "gitted")
    git = ["git", "-C", str(repository), "-c", "user.name=a", "-c", "user.email=a@example.org"]
    subprocess.run([*git[:3], "init", "-q"], check=True)
    subprocess.run([*git, "add", "-A"], check=True)
    subprocess.run([*git, "commit", "-qm", "first"], check=True)
    (sources / "addressed-1.0-py3-none-any.whl").write_bytes(make_wheel("addressed", "1.0"))
    (sources / "packed-1.0.tar.gz").write_bytes(make_sdist("packed", "1.0", tree_of("packed")))
    environment = f"""\
channels: [conda-forge]
platforms: [linux-64]
dependencies:
  - python=3.11
  - pip
  - pip:
      - addressed @ file://{sources}/addressed-1.0-py3-none-any.whl
      - packed @ file://{sources}/packed-1.0.tar.gz
      - git+file://{repository}#egg=gitted
      - ./sources/folder
"""
    return make_small_project(folder / "project", environment.replace("./sources", "../sources"))


@pytest.mark.parametrize("installer", ["uv", "pip"])
def test_each_kind_is_installed_and_says_where_it_came_from(
    installer: str, odd: Project, tmp_path: Path
) -> None:
    prefix = tmp_path / "env"
    done = odd.run("install", "-p", prefix, "--installer", installer, "--json")
    assert done.code == 0, done.err
    assert done.json["findings"] == []
    notes = " ".join(done.json["notes"])
    assert "`gitted`, `plainfolder`: a folder or a repository, which no hash is known of" in notes
    assert "`packed`: built here from a source archive" in notes
    site = prefix / "lib" / "python3.11" / "site-packages"
    told = {
        path.parent.name.partition("-")[0]: json.loads(path.read_text())
        for path in site.glob("*.dist-info/direct_url.json")
    }
    assert set(told) == {"addressed", "packed", "gitted", "plainfolder"}
    assert told["gitted"]["vcs_info"]["vcs"] == "git"
    assert told["addressed"]["url"].endswith("/sources/addressed-1.0-py3-none-any.whl")
    assert len(told["addressed"]["archive_info"]["hashes"]["sha256"]) == 64
    again = odd.run("install", "-p", prefix, "--json")
    assert (again.code, again.json["changed"]) == (0, False)


def test_without_uv_and_pip_only_wheels_go_in(odd: Project, tmp_path: Path) -> None:
    done = odd.run("install", "-p", tmp_path / "env", "--installer", "wheels")
    assert done.code == 2
    assert "`gitted`, `packed`, `plainfolder` can't be installed without uv or pip" in done.err
    assert not (tmp_path / "env").exists()


def test_what_would_be_built_is_refused_where_the_settings_forbid_it(odd: Project, tmp_path: Path) -> None:
    done = odd.run("install", "-p", tmp_path / "env", LOCK_NO_BUILD="true")
    assert done.code == 2
    assert "`gitted`, `packed`, `plainfolder` would have to be built, which `no-build` forbids" in done.err
