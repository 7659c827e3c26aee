"""A channel that only a match spec names is opened too, after those that are listed."""

from __future__ import annotations

from pathlib import Path

from lockfiles.session import SessionRequest, open_session
from lockfiles.session_sources import channels_of_specs
from lockfiles.surroundings import Surroundings
from resolver.model.channels import Channel
from resolver.model.names import CondaName
from resolver.model.origin import Origin
from resolver.model.requirements import CondaRequirement, Requirements

KNOWN = [
    Channel(name="conda-forge", base_url="https://conda.anaconda.org/conda-forge"),
    Channel(name="pkgs/main", base_url="https://repo.anaconda.com/pkgs/main"),
]


def named(*specs: str) -> list[str]:
    conda = tuple(
        CondaRequirement(name=CondaName("x"), spec=spec, origin=Origin(file="environment.yml", line=n))
        for n, spec in enumerate(specs, 1)
    )
    return [request.text for request in channels_of_specs(Requirements(conda=conda), KNOWN)]


def test_unlisted_channels_come_once_in_file_order() -> None:
    assert named(
        "x", "pytorch::x", "nvidia::y >=1", "pytorch::z", "w[channel=bioconda/noarch]", "q::v[channel=r]"
    ) == [
        "pytorch",
        "nvidia",
        "bioconda",
        "r",
    ]


def test_listed_channels_are_known_by_name_address_and_as_defaults() -> None:
    assert named("conda-forge::x", "https://conda.anaconda.org/conda-forge::y", "defaults::z") == []


def test_an_alias_of_condas_own_configuration_leaves_defaults_where_they_are(tmp_path: Path) -> None:
    (tmp_path / ".condarc").write_text("channel_alias: https://mirror.example.org/conda\n")
    file = tmp_path / "environment.yml"
    file.write_text("channels: [conda-forge, defaults]\ndependencies: [python]\n")
    around = Surroundings(environ={"CONDARC": str(tmp_path / ".condarc")})
    session = open_session(SessionRequest(files=(str(file),), surroundings=around))
    addresses = {channel.name: channel.base_url for channel in session.channels}
    assert addresses["conda-forge"] == "https://mirror.example.org/conda/conda-forge"
    assert addresses["pkgs/main"] == "https://repo.anaconda.com/pkgs/main"
