"""1,000 seeded definitions each: names, and our own content identity."""

# ruff: noqa: S311  # seeded, so that a failure can be repeated

from __future__ import annotations

import copy
import random

from lockfiles.identity.anonymous import anonymous_version
from lockfiles.identity.content import asked_content, digest_of, locked_content
from lockfiles.identity.differences import service_key
from lockfiles.identity.prediction import predict
from lockfiles.identity.service import conda_environment_name
from resolver.model.channels import Channel
from resolver.model.requirements import DirectKind, DirectReference
from tests.identity.random_definitions import random_environment, respell_meaning
from tests.identity.test_properties import COUNT, FORMULAS, read_data
from tests.lockfiles.make import FORGE, conda, pypi, resolution


def test_conda_name_counts_for_the_sdk_alone() -> None:
    for seed in range(COUNT):
        rng = random.Random(seed)
        data = random_environment(rng)
        data["conda_file"] = {**data.get("conda_file", {"dependencies": ["python"]}), "name": "before"}
        renamed = copy.deepcopy(data)
        renamed["conda_file"]["name"] = "after"
        old, new = read_data(data), read_data(renamed)
        assert old.conda is not None
        assert new.conda is not None
        assert anonymous_version(old, FORMULAS[1]) != anonymous_version(new, FORMULAS[1])
        assert conda_environment_name(old.conda) == conda_environment_name(new.conda)
        assert predict(new, old).reused is True


def test_content_keeps_under_every_respelling() -> None:
    """Shuffles and respellings that ask for the same keep the content identity, and are called cosmetic."""
    respelled = 0
    for seed in range(COUNT):
        rng = random.Random(seed)
        data = random_environment(rng)
        if "conda_file" not in data:
            data["conda_file"] = {"dependencies": ["python=3.10"]}
        old, new = read_data(data), read_data(respell_meaning(data, rng))
        assert asked_content(old) == asked_content(new), seed
        respelled += service_key(old) != service_key(new)
        prediction = predict(new, old)
        if prediction.reused is False:
            assert prediction.real is False, (seed, prediction.differences)
    assert respelled > COUNT // 2  # most edits are edits


def test_content_changes_with_what_is_asked_for() -> None:
    digests = set()
    for seed in range(COUNT):
        rng = random.Random(seed)
        data = random_environment(rng)
        data["conda_file"] = {"dependencies": ["python=3.10", f"package-{seed}=1.0"]}
        digests.add(digest_of(asked_content(read_data(data))))
    assert len(digests) == COUNT


def test_where_a_file_comes_from_is_no_part_of_what_an_image_holds() -> None:
    """A hash tells the file, be it MD5 alone; an address does where there is none."""

    def told(**fields: str | None) -> list[str]:
        found: list[str] = []
        for channel in (FORGE, Channel(name="mirror", base_url="https://mirror.example.org/conda-forge")):
            one = resolution(conda("numpy", "1.26.4", channel=channel, **fields))
            found.append(digest_of(locked_content(one, None)))
        return found

    def told_of(commit: str, url: str = "git+https://example.org/x.git") -> str:
        direct = DirectReference(kind=DirectKind.VCS, url=url, revision="main")
        one = resolution(pypi("x", direct=direct, file=False, commit=commit))
        return digest_of(locked_content(one, None))

    assert told_of("a" * 40) == told_of("a" * 40)
    assert told_of("a" * 40) != told_of("b" * 40)
    assert told_of("a" * 40) != told_of("a" * 40, "git+https://example.org/y.git")
    both, md5, none = told(), told(sha256=None), told(sha256=None, md5=None)
    assert both[0] == both[1]
    assert md5[0] == md5[1]
    assert none[0] != none[1]
    assert len({*both, *md5, *none}) == 4
