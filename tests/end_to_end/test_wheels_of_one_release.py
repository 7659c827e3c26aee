"""Wheels of one release that ask for different things: what is locked is what the chosen wheel asks for."""

from __future__ import annotations

from pathlib import Path

import pytest

from lockfiles.formats.conda_lock.text import read_conda_lock
from tests.end_to_end.inside import run
from tests.support.packages import index_files, make_wheel
from tests.support.server import LoopbackServer

#: Tags of a release's wheels -> what that wheel requires.
WHEELS = {
    "py3-none-manylinux2014_x86_64": ["everywhere"],
    "py3-none-manylinux_2_28_x86_64": ["everywhere", "newer-systems"],
    "cp311-cp311-manylinux_2_28_x86_64": ["everywhere", "one-python"],
    "py3-none-manylinux_2_28_aarch64": ["everywhere", "other-machine"],
    "py3-none-win_amd64": ["everywhere", "other-system"],
}


@pytest.mark.parametrize(
    ("flags", "tags"),
    [
        pytest.param("--python 3.12 --glibc 2.17", "py3-none-manylinux2014_x86_64", id="an old system"),
        pytest.param("--python 3.12 --glibc 2.28", "py3-none-manylinux_2_28_x86_64", id="a newer one"),
        pytest.param("--python 3.11 --glibc 2.28", "cp311-cp311-manylinux_2_28_x86_64", id="of one Python"),
        pytest.param("--python 3.11 --glibc 2.27", "py3-none-manylinux2014_x86_64", id="too new a wheel"),
        pytest.param("-p linux-aarch64 --python 3.11", "py3-none-manylinux_2_28_aarch64", id="a machine"),
        pytest.param("-p win-64 --python 3.11", "py3-none-win_amd64", id="another system"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("order", [1, -1], ids=["as listed", "turned round"])
def test_the_chosen_wheel_is_the_one_that_was_read(flags: str, tags: str, order: int, tmp_path: Path) -> None:
    wheels = {f"x-1.0-{tags}.whl": make_wheel("x", "1.0", needs) for tags, needs in WHEELS.items()}
    others = {name for needs in WHEELS.values() for name in needs}
    pages = {"x": dict(list(wheels.items())[::order])}
    pages |= {
        name: {f"{name.replace('-', '_')}-1-py3-none-any.whl": make_wheel(name, "1")} for name in others
    }
    (tmp_path / "requirements.txt").write_text("x\n")
    with LoopbackServer() as server:
        server.files = index_files(pages)
        more = ("--index-url", f"{server.url}/simple", "-o", "lock.yml", "-q")
        code = run("requirements.txt", *flags.split(), *more, folder=tmp_path)
    assert code == 0
    packages = read_conda_lock((tmp_path / "lock.yml").read_text(), "lock.yml").packages
    found = {package.name: package for package in packages}
    assert found["x"].url.endswith(f"x-1.0-{tags}.whl")
    assert set(found) == {"x", *WHEELS[tags]}
