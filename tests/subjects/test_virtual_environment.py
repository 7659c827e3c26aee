"""Real virtual environments, filled by pip and uv, beside lockfiles of every pip format."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.here import lock
from tests.cli.process import Done, environ
from tests.support.packages import make_wheel
from tests.support.tables import table

PYTHON = f"{sys.version_info[0]}.{sys.version_info[1]}"
SITE = f"lib/python{PYTHON}/site-packages"
#: Project -> version, requirements.
WHEELS = {
    "alpha": ("1.0", ["beta>=2", 'gamma; python_version < "3"', 'delta>=1; extra == "more"']),
    "beta": ("2.1", []),
    "epsilon": ("3.0", ["alpha[more]", "delta<5"]),
    "delta": ("4.0", []),
}


def wheel_name(name: str, version: str) -> str:
    return f"{name}-{version}-py3-none-any.whl"


class Venvs:
    """A virtual environment for each installer, and the lockfiles of what is in them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.wheels = folder / "wheels"
        self.wheels.mkdir()
        sums = {}
        for name, (version, requires) in WHEELS.items():
            data = make_wheel(name, version, requires, files={f"{name}/__init__.py": b"x = 1\n" * 20})
            (self.wheels / wheel_name(name, version)).write_bytes(data)
            sums[name] = hashlib.sha256(data).hexdigest()
        for installer in ("pip", "uv"):
            self._make(installer)
        self._write_locks(sums)

    def _make(self, installer: str) -> None:
        env = self.folder / installer
        subprocess.run(
            [sys.executable, "-m", "venv", "--without-pip", str(env)],
            check=True,
            capture_output=True,
            timeout=120,
        )
        command = {
            "pip": [sys.executable, "-m", "pip", "--python", str(env / "bin" / "python"), "install"],
            "uv": [sys.executable, "-m", "uv", "pip", "install", "--python", str(env), "--offline"],
        }[installer]
        asked = [f"{name}=={version}" for name, (version, _) in WHEELS.items()]
        subprocess.run(
            [*command, "--no-index", "--find-links", str(self.wheels), *asked],
            check=True,
            capture_output=True,
            timeout=120,
            env=environ(self.folder, PYTHONWARNINGS="ignore"),
        )

    def _write_locks(self, sums: dict[str, str]) -> None:
        lines = [f"{name}=={version} --hash=sha256:{sums[name]}" for name, (version, _) in WHEELS.items()]
        (self.folder / "requirements.txt").write_text(
            "\n".join([*lines, 'gamma==1.0 ; sys_platform == "win32"', ""]), encoding="utf-8"
        )
        parts = [f'lock-version = "1.0"\ncreated-by = "test"\nrequires-python = ">={PYTHON}"']
        for name, (version, _) in WHEELS.items():
            file = wheel_name(name, version)
            parts.append(
                f'[[packages]]\nname = "{name}"\nversion = "{version}"\n'
                f'wheels = [{{name = "{file}", path = "wheels/{file}", '
                f'hashes = {{sha256 = "{sums[name]}"}}}}]'
            )
        parts.append(
            '[[packages]]\nname = "old"\nversion = "1"\nmarker = "python_version < \'3.9\'"\n'
            f'wheels = [{{name = "old-1-py3-none-any.whl", path = "x", hashes = {{sha256 = "{"0" * 64}"}}}}]'
        )
        (self.folder / "pylock.toml").write_text("\n\n".join([*parts, ""]), encoding="utf-8")


@pytest.fixture(scope="module")
def venvs(tmp_path_factory: pytest.TempPathFactory) -> Venvs:
    return Venvs(tmp_path_factory.mktemp("venvs"))


@pytest.fixture
def env(venvs: Venvs, tmp_path: Path) -> Path:
    """A copy of pip's environment, with the lockfiles beside it."""
    shutil.copytree(venvs.folder / "pip", tmp_path / "env", symlinks=True)
    for name in ("requirements.txt", "pylock.toml"):
        shutil.copy(venvs.folder / name, tmp_path / name)
    return tmp_path / "env"


def look(env: Path, *more: str) -> Done:
    return lock("check", "--prefix", env.name, *more, "--json", folder=env.parent)


def rules(done: Done) -> dict[str, list[str]]:
    """Return the rules that spoke, each with all that they said."""
    (checked,) = done.json["checked"]
    found: dict[str, list[str]] = {}
    for one in checked["findings"]:
        found.setdefault(one["rule"], []).extend([one["severity"], one["message"], *one["evidence"]])
    return found


@pytest.mark.parametrize("lockfile", ["requirements.txt", "pylock.toml"])
@pytest.mark.parametrize("installer", ["pip", "uv"])
def test_what_was_installed_from_a_lockfile_is_as_locked(venvs: Venvs, installer: str, lockfile: str) -> None:
    done = look(venvs.folder / installer, "--against", lockfile)
    (checked,) = done.json["checked"]
    assert (done.code, rules(done)) == (0, {}), done.out
    assert (checked["against"]["locked"], checked["against"]["as_locked"]) == (4, 4)
    assert checked["files"]["by_hash"] >= 8
    assert checked["files"]["unlisted"] == []


def info(env: Path, name: str) -> Path:
    (path,) = (env / SITE).glob(f"{name}-*.dist-info")
    return path


def edit_metadata(name: str, old: str, new: str, file: str = "METADATA") -> Callable[[Path], None]:
    """Change a line of a project's metadata, and forget what RECORD says of it."""

    def change(env: Path) -> None:
        path = info(env, name) / file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")
        record = info(env, name) / "RECORD"
        kept = [line for line in record.read_text(encoding="utf-8").splitlines() if f"/{file}," not in line]
        record.write_text("\n".join([*kept, ""]), encoding="utf-8")

    return change


def remove(path: str) -> Callable[[Path], None]:
    def change(env: Path) -> None:
        place = env / SITE / path
        shutil.rmtree(place) if place.is_dir() else place.unlink()

    return change


def remove_project(name: str) -> Callable[[Path], None]:
    def change(env: Path) -> None:
        shutil.rmtree(info(env, name))
        shutil.rmtree(env / SITE / name)

    return change


def add_files(**files: str) -> Callable[[Path], None]:
    """Write files; ``__`` in a name stands for a slash, ``_D_`` for a dot."""

    def change(env: Path) -> None:
        for name, text in files.items():
            path = env / name.replace("SITE", SITE).replace("__", "/").replace("_D_", ".")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")

    return change


def direct_url(name: str, **told: object) -> Callable[[Path], None]:
    def change(env: Path) -> None:
        (info(env, name) / "direct_url.json").write_text(json.dumps(told), encoding="utf-8")

    return change


ZERO = "0" * 64


@table(
    "harm, expected",
    [
        (
            "a file is gone",
            remove("beta/__init__.py"),
            {"prefix/files-missing": ["beta/__init__.py"]},
        ),
        (
            "a project was removed",
            remove_project("beta"),
            {
                "locked/missing": ["1 of 4", "beta 2.1"],
                "prefix/requirement": ["alpha 1.0 requires `beta>=2`, beta isn't installed"],
            },
        ),
        (
            "a version that nobody asked for",
            edit_metadata("beta", "Version: 2.1", "Version: 1.9"),
            {
                "locked/other-version": ["locked 2.1, installed 1.9"],
                "prefix/requirement": ["alpha 1.0 requires `beta>=2`, beta 1.9 is installed"],
            },
        ),
        (
            "what an extra requires that another project asks for",
            edit_metadata("delta", "Version: 4.0", "Version: 0.5"),
            {
                "locked/other-version": ["delta"],
                "prefix/requirement": ["warning", "alpha[more] 1.0 asks for", "there is 0.5"],
            },
        ),
        (
            "a project that needs a newer Python",
            edit_metadata("beta", "Version: 2.1", "Version: 2.1\nRequires-Python: >=3.99"),
            {"prefix/requirement": ["beta 2.1 requires `Python >=3.99`", "this is Python 3."]},
        ),
        (
            "a project nobody locked",
            add_files(
                SITE__zeta_D_dist="x",
                **{"SITE__zeta-1_D_0_D_dist-info__METADATA": "Name: zeta\nVersion: 1.0\n"},
            ),
            {"locked/foreign-pip": ["error", "zeta 1.0"]},
        ),
        (
            "what makes virtual environments, put in afterwards",
            add_files(**{"SITE__pip-25_D_0_D_dist-info__METADATA": "Name: pip\nVersion: 25.0\n"}),
            {"locked/foreign-pip": ["note", "pip 25.0"]},
        ),
        (
            "two versions of one project",
            add_files(**{"SITE__beta-1_D_0_D_dist-info__METADATA": "Name: beta\nVersion: 1.0\n"}),
            {"prefix/two-records": ["beta is installed 2 times", "beta 1.0", "beta 2.1"]},
        ),
        (
            "what pip couldn't remove",
            add_files(
                **{
                    "SITE__~eta-1_D_0_D_dist-info__METADATA": "Name: beta\nVersion: 1.0\n",
                    "SITE__gone-1_D_0_D_dist-info__INSTALLER": "pip\n",
                }
            ),
            {"prefix/remains": ["note", "~eta-1.0.dist-info", "gone-1.0.dist-info"]},
        ),
        (
            "projects of an earlier Python",
            add_files(
                **{"lib__python3_D_2__site-packages__old-1_D_dist-info__METADATA": "Name: old\nVersion: 1\n"}
            ),
            {"prefix/other-python": ["lib/python3.2/site-packages", "old"]},
        ),
        (
            "a wheel of another Python",
            edit_metadata("beta", "Tag: py3-none-any", "Tag: cp36-cp36m-manylinux1_x86_64", "WHEEL"),
            {"python/wheel-tag": ["beta 2.1 is a wheel for Python cp36"]},
        ),
        (
            "a checkout in the place of a release",
            direct_url("beta", url="file:///home/me/beta", dir_info={"editable": True}),
            {"locked/other-build": ["beta", "installed 2.1 from file:///home/me/beta"]},
        ),
        (
            "another file of the same version",
            direct_url("beta", url="https://example.org/beta.whl", archive_info={"hashes": {"sha256": ZERO}}),
            {"locked/other-build": ["beta", "https://example.org/beta.whl"]},
        ),
    ],
)
def test_each_harm_is_told(env: Path, harm: Callable[[Path], None], expected: dict[str, list[str]]) -> None:
    harm(env)
    done = look(env, "--against", "pylock.toml")
    found = rules(done)
    assert found.keys() == expected.keys(), found
    for rule, texts in expected.items():
        for text in texts:
            assert text in "\n".join(found[rule])
    severities = {one["severity"] for one in done.json["checked"][0]["findings"]}
    assert done.code == (5 if "error" in severities else 0)


def test_the_requirements_are_those_that_pip_check_misses(env: Path) -> None:
    remove_project("beta")(env)
    edit_metadata("delta", "Version: 4.0", "Version: 7.0")(env)
    told = subprocess.run(
        [sys.executable, "-m", "pip", "--python", str(env / "bin" / "python"), "check"],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env=environ(env.parent, PYTHONWARNINGS="ignore"),
    )
    assert told.returncode == 1
    ours = rules(look(env))["prefix/requirement"]
    assert len(told.stdout.splitlines()) == 2
    for name, what in (("alpha", "beta"), ("epsilon", "delta")):
        assert any(line.startswith(name) and what in line for line in told.stdout.splitlines())
        assert any(line.startswith(name) and what in line for line in ours)


def test_packages_of_the_system_make_a_missing_project_a_note(env: Path) -> None:
    settings = env / "pyvenv.cfg"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(
        text.replace("include-system-site-packages = false", "include-system-site-packages = true"),
        encoding="utf-8",
    )
    remove_project("beta")(env)
    assert rules(look(env))["prefix/requirement"][0] == "note"


def test_a_project_without_a_list_of_files_is_named(env: Path) -> None:
    (info(env, "beta") / "RECORD").unlink()
    done = lock("check", "--prefix", "env", folder=env.parent)
    assert done.code == 0
    assert "no list of files is there for beta" in done.err


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("../../../../../../etc/passwd,sha256=AAAA,1", "above the prefix"),
        ("/etc/passwd,sha256=AAAA,1", "an absolute path"),
    ],
)
def test_files_outside_the_environment_are_not_looked_at(env: Path, line: str, why: str) -> None:
    record = info(env, "beta") / "RECORD"
    record.write_text(f"{record.read_text(encoding='utf-8')}{line}\n", encoding="utf-8")
    done = look(env)
    assert (done.code, done.json["checked"][0]["files"]["outside"]) == (0, 1), why


def test_another_python_than_locked_is_told(env: Path) -> None:
    (env.parent / "reqs.txt").write_text(
        "# platform: linux-64, Python 3.2.1\nalpha==1.0\nbeta==2.1\ndelta==4.0\nepsilon==3.0\n",
        encoding="utf-8",
    )
    found = rules(look(env, "--against", "reqs.txt"))
    assert set(found) == {"locked/python"}
    assert "locked for Python 3.2.1" in found["locked/python"][1]
