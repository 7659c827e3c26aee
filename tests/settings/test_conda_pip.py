from __future__ import annotations

import os
from pathlib import Path

import pytest

from lockfiles.settings.model import Settings, load_settings
from lockfiles.settings.setting import Layer
from resolver.errors import InputErrors

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the search paths of other systems")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in (
        "home/.config/pip",
        "home/.config/conda/condarc.d",
        "home/.pip",
        "work",
        "root/etc/conda",
        "prefix",
    ):
        (tmp_path / name).mkdir(parents=True)
    return tmp_path


def load(folder: Path, **environ: str) -> Settings:
    return load_settings(
        {}, environ, None, folder / "home", folder / "work", root=folder / "root", prefix=folder / "prefix"
    )


def test_condarc_keys(folder: Path) -> None:
    (folder / "home" / ".condarc").write_text(
        "channels:\n- conda-forge\n- ./x\nchannel_alias: https://${CORP}/conda/\nchannel_priority: true\n"
        "default_channels: [https://c.example.org/main]\ncustom_channels: {corp: $HOME_OF}\n"
        "custom_multichannels:\n  ours: [corp, conda-forge]\n"
        "mirrored_channels:\n  conda-forge: [https://m.example.org/cf, 'oci://o.example.org/cf']\n"
        "proxy_servers: {https: 'http://p.example.org:3128'}\nssl_verify: no\nremote_read_timeout_secs: 9\n"
        "auto_activate_base: false\n"
    )
    settings = load(folder, CORP="m.example.org", HOME_OF="https://c.example.org")
    assert settings.channels.value == ("conda-forge", "./x")
    assert settings.channel_alias.value == "https://m.example.org/conda"
    assert settings.channel_priority.value == "flexible"
    assert settings.default_channels.value == ("https://c.example.org/main",)
    assert settings.custom_channels.value == {"corp": "https://c.example.org"}
    assert settings.custom_multichannels.value == {"ours": ("corp", "conda-forge")}
    assert settings.mirrors.value["conda-forge"][0] == "https://m.example.org/cf"
    assert settings.proxies.value == {"https": "http://p.example.org:3128"}
    assert settings.ssl_verify.value is False
    assert settings.timeout.value == 9
    assert settings.channel_alias.layer is Layer.CONDA
    assert settings.channel_alias.source == f"{folder}/home/.condarc:4"


def test_variables_that_are_not_set_stay_as_written(folder: Path) -> None:
    (folder / "home" / ".condarc").write_text("custom_channels: {corp: 'https://c.example.org/${NONE}'}\n")
    assert load(folder).custom_channels.value == {"corp": "https://c.example.org/${NONE}"}


def test_condarc_files_are_joined_as_conda_joins_them(folder: Path) -> None:
    (folder / "root" / "etc" / "conda" / ".condarc").write_text(
        "channels: [far, both]\nchannel_priority: disabled\ncustom_channels: {a: https://1.example.org, b: https://1.example.org}\n"
    )
    (folder / "home" / ".config" / "conda" / "condarc.d" / "x.yml").write_text("channels: [middle]\n")
    (folder / "home" / ".condarc").write_text(
        "channels: [near, both]\nchannel_priority: flexible\ncustom_channels: {b: https://2.example.org}\n"
    )
    (folder / "work" / "own.yml").write_text("channel_priority: strict\n")
    settings = load(folder)
    assert settings.channels.value == ("near", "both", "middle", "far")
    assert settings.channel_priority.value == "flexible"
    assert settings.custom_channels.value == {"a": "https://1.example.org", "b": "https://2.example.org"}
    settings = load(folder, CONDARC="own.yml", CONDA_CHANNELS="x,y")
    assert settings.channel_priority.value == "strict"
    assert settings.channels.value == ("x", "y", "near", "both", "middle", "far")


def test_final_top_and_bottom(folder: Path) -> None:
    (folder / "root" / "etc" / "conda" / ".condarc").write_text(
        "channel_priority: strict  #!final\nchannels:\n- first  #!top\n- last  #!bottom\n- far\n"
    )
    (folder / "home" / ".condarc").write_text("channel_priority: disabled\nchannels: [near, last]\n")
    settings = load(folder)
    assert settings.channel_priority.value == "strict"
    assert settings.channels.value == ("first", "near", "far", "last")


@pytest.mark.parametrize("written", ["false", "~/ca.pem", "truststore", "true"])
def test_ssl_verify_is_a_switch_or_a_bundle(folder: Path, written: str) -> None:
    (folder / "home" / ".condarc").write_text(f"ssl_verify: {written}\n")
    settings = load(folder)
    assert settings.ssl_verify.value is (written != "false")
    assert settings.cert.value == (folder / "home" / "ca.pem" if written.startswith("~") else None)


def test_broken_condarc(folder: Path) -> None:
    (folder / "home" / ".condarc").write_text("channels: [a\n")
    with pytest.raises(InputErrors, match=r"\.condarc:1:11: not YAML: an unclosed `\["):
        load(folder)
    (folder / "home" / ".condarc").write_text("- a\n")
    with pytest.raises(InputErrors, match="conda's configuration is a mapping"):
        load(folder)


def pip_conf(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_pip_files_in_pip_s_order(folder: Path) -> None:
    files = [
        folder / "root" / "etc" / "xdg" / "pip" / "pip.conf",
        folder / "root" / "etc" / "pip.conf",
        folder / "home" / ".pip" / "pip.conf",
        folder / "home" / ".config" / "pip" / "pip.conf",
        folder / "prefix" / "pip.conf",
    ]
    for number, path in enumerate(files):
        pip_conf(path, f"[global]\nindex-url = https://i{number}.example.org/simple\n")
        found = load(folder).index_url
        assert found.value == f"https://i{number}.example.org/simple"
        assert found.source == f"{path} [global]"
    pip_conf(folder / "work" / "own.conf", "[global]\nindex_url = https://own.example.org/simple/\n")
    named = str(folder / "work" / "own.conf")
    assert load(folder, PIP_CONFIG_FILE=named).index_url.value == "https://own.example.org/simple"
    found = load(folder, PIP_CONFIG_FILE=named, PIP_INDEX_URL="https://e.example.org/simple").index_url
    assert (found.value, found.source, found.layer) == (
        "https://e.example.org/simple",
        "$PIP_INDEX_URL",
        Layer.PIP,
    )
    assert load(folder, PIP_CONFIG_FILE=os.devnull).index_url.layer is Layer.DEFAULT


def test_pip_options(folder: Path) -> None:
    pip_conf(
        folder / "home" / ".config" / "pip" / "pip.conf",
        "[global]\nextra-index-url =\n    https://a.example.org/simple\n    https://b.example.org/simple\n"
        "find-links = /opt/wheels https://w.example.org\nno-index = true\ncert = ~/ca.pem\ntimeout = 7\n"
        "trusted-host = h.example.org\n    k.example.org:80\nproxy = http://p.example.org\nquiet = 1\n"
        "[install]\ntimeout = 8\npre = yes\n[freeze]\ntimeout = 10\n",
    )
    settings = load(folder, PIP_DEFAULT_TIMEOUT="", PIP_NO_COLOR="1")
    assert settings.extra_index_urls.value == ("https://a.example.org/simple", "https://b.example.org/simple")
    assert settings.find_links.value == ("/opt/wheels", "https://w.example.org")
    assert settings.no_index.value is True
    assert settings.cert.value == folder / "home" / "ca.pem"
    assert settings.timeout.value == 8
    assert settings.trusted_hosts.value == ("h.example.org", "k.example.org:80")
    assert settings.proxies.value == {"http": "http://p.example.org", "https": "http://p.example.org"}
    assert settings.pre.value is True


def test_broken_pip_configuration(folder: Path) -> None:
    pip_conf(folder / "home" / ".pip" / "pip.conf", "[global]\nnonsense\n")
    with pytest.raises(InputErrors, match=r"pip\.conf:2: not a configuration that pip can read"):
        load(folder)
    pip_conf(folder / "home" / ".pip" / "pip.conf", "x = 1\n")
    with pytest.raises(InputErrors, match=r"pip\.conf:1: not a configuration that pip can read"):
        load(folder)
