"""The examples' settings hold on any machine: nothing but the sample is asked, whatever it is set to."""

from __future__ import annotations

from pathlib import Path

import pytest

from lockfiles.settings.model import load_settings

PIP = "[global]\nindex-url = https://index.example.org/simple\nextra-index-url = https://more.example.org/simple\n"
CONDA = """\
channel_alias: https://conda.example.org
default_channels: [https://conda.example.org/main]
custom_channels: {conda-forge: https://conda.example.org/mirror}
"""


@pytest.mark.parametrize("name", ["fraud-train", "gpu-train"])
def test_only_the_sample_is_asked(root: Path, tmp_path: Path, name: str) -> None:
    (tmp_path / ".condarc").write_text(CONDA)
    (tmp_path / ".config" / "pip").mkdir(parents=True)
    (tmp_path / ".config" / "pip" / "pip.conf").write_text(PIP)
    environ = {"HOME": str(tmp_path), "PIP_FIND_LINKS": "https://links.example.org"}
    file = root / "examples" / name / "environment.yml"
    settings = load_settings({}, environ, file, tmp_path, tmp_path, root=tmp_path)
    assert Path(settings.channel_alias.value).resolve() == root / "examples" / "sample" / "conda"
    assert Path(settings.index_url.value).resolve() == root / "examples" / "sample" / "pypi"
    assert (settings.extra_index_urls.value, settings.find_links.value) == ((), ())
    assert (settings.custom_channels.value, settings.mirrors.value) == ({}, {})
    assert settings.default_channels.value == ("pkgs/main", "pkgs/r")


def test_only_the_gpu_example_declares_a_driver(root: Path, tmp_path: Path) -> None:
    found = {}
    for name in ("fraud-train", "gpu-train"):
        file = root / "examples" / name / "environment.yml"
        settings = load_settings({}, {}, file, tmp_path, tmp_path, root=tmp_path)
        found[name] = settings.virtual_packages.value
    assert found == {"fraud-train": (), "gpu-train": ("__cuda=12.4",)}
