from __future__ import annotations

import pytest

from resolver.errors import InputError, InputErrors
from resolver.inputs.target import build_targets, parse_platform
from resolver.inputs.virtual_packages import default_virtual_packages, parse_virtual_package
from resolver.model.channels import ChannelPriority
from resolver.model.match_spec import version
from resolver.model.platforms import KNOWN_SUBDIRS
from resolver.model.target import Target, VirtualPackage


def facts(target: Target) -> dict[str, str]:
    return {package.name: f"{package.version}={package.build}" for package in target.virtual_packages}


def test_default_profiles() -> None:
    linux, osx, win = build_targets(["linux-64", "osx-arm64", "win-64"])
    assert facts(linux) == {
        "__archspec": "1=x86_64",
        "__glibc": "2.28=0",
        "__linux": "4.18=0",
        "__unix": "0=0",
    }
    assert facts(osx) == {"__archspec": "1=m1", "__osx": "13.0=0", "__unix": "0=0"}
    assert facts(win) == {"__archspec": "1=x86_64", "__win": "10.0=0"}


@pytest.mark.parametrize("subdir", KNOWN_SUBDIRS)
def test_every_profile_is_sorted_readable_and_without_a_gpu(subdir: str) -> None:
    packages = default_virtual_packages(subdir)
    assert list(packages) == sorted(packages)
    assert all(version("0.dev0") < version(package.version) for package in packages)
    assert "__cuda" not in {package.name for package in packages}


def test_nearer_facts_win() -> None:
    def machine(subdir: str) -> tuple[VirtualPackage, ...] | None:
        if subdir != "linux-64":
            return None
        return VirtualPackage(name="__glibc", version="2.39"), VirtualPackage(name="__cuda", version="12.0")

    linux, osx = build_targets(
        ["linux-64", "osx-64"],
        facts=machine,
        environ={
            "CONDA_OVERRIDE_CUDA": "12.2",
            "CONDA_OVERRIDE_OSX": "14.5",
            "CONDA_OVERRIDE_ARCHSPEC": "x86_64_v3",
        },
        requests=["__cuda=12.4"],
    )
    assert facts(linux) == {"__archspec": "1=x86_64_v3", "__cuda": "12.4=0", "__glibc": "2.39=0"}
    assert facts(osx) == {"__archspec": "1=x86_64_v3", "__osx": "14.5=0", "__unix": "0=0"}


def test_facts_can_be_taken_away() -> None:
    (target,) = build_targets(
        ["linux-64"], requests=["__glibc=", "__unix="], environ={"CONDA_OVERRIDE_LINUX": ""}
    )
    assert facts(target) == {"__archspec": "1=x86_64"}


def test_a_request_for_one_platform() -> None:
    one, other = build_targets(["linux-64", "linux-aarch64"], requests=["linux-64:__cuda=12.4", "__x=1=b"])
    assert facts(one)["__cuda"] == "12.4=0"
    assert "__cuda" not in facts(other)
    assert facts(one)["__x"] == facts(other)["__x"] == "1=b"


def test_the_order_of_variables_and_the_machine_say_nothing() -> None:
    (target,) = build_targets(["linux-64"])
    assert target.virtual_packages == default_virtual_packages("linux-64")


def test_rules_are_carried_over_and_platforms_counted_once() -> None:
    (target,) = build_targets(
        ["linux-64", "linux-64"], channel_priority=ChannelPriority.FLEXIBLE, python="3.12.7", exclude_newer=5
    )
    assert (target.channel_priority, target.python, target.exclude_newer) == ("flexible", "3.12.7", 5)


FAULTS = [
    ("linux-46", "unknown platform `linux-46`", "did you mean `linux-64`?"),
    ("linux", "unknown platform `linux`", "did you mean `linux-64`?"),
    ("win64", "unknown platform `win64`", "did you mean `win-64`?"),
    ("linux/amd64", "unknown platform `linux/amd64`", "did you mean `linux-64`?"),
    ("noarch", "unknown platform `noarch`", "platforms are named as `linux-64`, `osx-arm64`, `win-64`"),
]


@pytest.mark.parametrize(("text", "message", "hint"), FAULTS, ids=[row[0] for row in FAULTS])
def test_unknown_platform(text: str, message: str, hint: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_platform(text)
    assert (caught.value.message, caught.value.hint) == (message, hint)


REQUESTS = [
    ("cuda=12.4", "their names begin with `__`", "did you mean `__cuda`?"),
    ("__cuda", "is not a virtual package", "write it as `__cuda=12.4`, or `__cuda=` to leave it out"),
    ("__cuda=twelve", "`twelve` in `__cuda=twelve` is not a version", "write it as `__cuda=12.4`"),
    ("lnux-64:__cuda=12", "unknown platform `lnux-64`", "did you mean `linux-64`?"),
    ("__cuda=1=2=3", "is not a virtual package", "write it as `__cuda=12.4`, or `__cuda=` to leave it out"),
]


@pytest.mark.parametrize(("text", "message", "hint"), REQUESTS, ids=[row[0] for row in REQUESTS])
def test_bad_request(text: str, message: str, hint: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_virtual_package(text)
    assert message in caught.value.message
    assert caught.value.hint == hint


def test_a_request_that_speaks_of_no_platform_is_refused() -> None:
    with pytest.raises(InputErrors, match="`__osx=14` speaks of none of the platforms linux-64"):
        build_targets(["linux-64"], requests=["__osx=14"])


def test_all_faults_come_together() -> None:
    with pytest.raises(InputErrors) as caught:
        build_targets(
            ["nope", "linux-64"], requests=["cuda=1", "__win=1"], environ={"CONDA_OVERRIDE_GLIBC": "x"}
        )
    assert len(caught.value.errors) == 4
