"""Reused or rebuilt with resolutions, several definitions at once, and lists of a registry."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lockfiles.formats.conda_lock.text import write_conda_lock
from lockfiles.identity.prediction import predict
from lockfiles.identity.read.reading import ReadOptions, read_definitions
from lockfiles.identity.sharing import find_sharing
from lockfiles.model import LockMetadata
from tests.identity.vectors import write_files
from tests.lockfiles.make import conda, pypi, resolution

BASE = "registry.example.org/base:1"
PYTHON, PIP = conda("python", "3.11.9"), conda("pip", "24.0")


def definition(folder: Path, name: str, text: str):  # type: ignore[no-untyped-def]
    write_files(folder, {name: text})
    (found,) = read_definitions(folder / name, name, ReadOptions(image=BASE))
    return found


CONDA = "channels: [conda-forge]\ndependencies: [python=3.11, numpy, pip, {pip: [rich, 'six==1.16']}]\n"


def test_resolutions_decide_what_is_real(tmp_path: Path) -> None:
    """Another order of channels changes the image; whether it changes packages, only a resolution knows."""
    old = definition(tmp_path, "old.yml", CONDA.replace("[conda-forge]", "[conda-forge, bioconda]"))
    new = definition(tmp_path, "new.yml", CONDA.replace("[conda-forge]", "[bioconda, conda-forge]"))
    first = resolution(PYTHON, PIP, conda("numpy", "1.26.4"))
    second = resolution(PYTHON, PIP, conda("numpy", "2.0.0"))
    assert predict(new, old).real is True
    same = predict(new, old, new_resolution=first, old_resolution=first)
    assert (same.reused, same.real) == (False, False)
    other = predict(new, old, new_resolution=second, old_resolution=first)
    assert other.real is True
    assert other.packages is not None
    assert [(c.name, c.kind.value) for c in other.packages.changes] == [("numpy", "upgraded")]


def test_stale_packages_of_a_reused_image(tmp_path: Path) -> None:
    old, new = definition(tmp_path, "old.yml", CONDA), definition(tmp_path, "new.yml", "# later\n" + CONDA)
    frozen = resolution(PYTHON, PIP, conda("numpy", "1.26.4"), pypi("rich", "13.0"), pypi("six", "1.16"))
    fresh = resolution(PYTHON, PIP, conda("numpy", "2.0.0"), pypi("rich", "13.0"), pypi("six", "1.16"))
    prediction = predict(new, old, new_resolution=fresh, frozen=frozen)
    assert prediction.reused is True
    assert [(s.text, s.frozen, s.fresh) for s in prediction.stale] == [("numpy", "1.26.4", "2.0.0")]
    unknown = predict(new, old).stale
    assert [s.text for s in unknown] == ["python=3.11", "numpy", "pip", "rich"]
    assert {(s.frozen, s.fresh) for s in unknown} == {(None, None)}


def test_an_unpinned_base_image_is_stale_too(tmp_path: Path) -> None:
    write_files(tmp_path, {"a.yml": CONDA, "b.yml": CONDA})
    options = ReadOptions(image="registry.example.org/base")
    (a,), (b,) = (read_definitions(tmp_path / name, name, options) for name in ("a.yml", "b.yml"))
    assert predict(a, b).stale[0].where == "image"


def test_nothing_is_built_for_an_image_alone(tmp_path: Path) -> None:
    write_files(tmp_path, {"a.yml": f"image: {BASE}\n", "b.yml": f"image: {BASE}\nname: b\n"})
    (a,), (b,) = read_definitions(tmp_path / "a.yml"), read_definitions(tmp_path / "b.yml")
    prediction = predict(a, b)
    assert (prediction.reused, prediction.reason) == (
        True,
        "no image is built: both use the base image as it is",
    )


def test_sharing(tmp_path: Path) -> None:
    """Two share, one would after three cosmetic edits, one asks for more, one builds nothing."""
    found = [
        definition(tmp_path, "a.yml", CONDA),
        definition(tmp_path, "b.yml", "# the same\nname: other\n" + CONDA),
        definition(tmp_path, "c.yml", CONDA.replace("rich, 'six==1.16'", "'six == 1.16', Rich")),
        definition(tmp_path, "d.yml", CONDA.replace("numpy,", "numpy, scipy,")),
    ]
    write_files(tmp_path, {"e.yml": f"image: {BASE}\n"})
    sharing = find_sharing([*found, *read_definitions(tmp_path / "e.yml", "e.yml")])
    assert (sharing.images, sharing.images_after_edits) == (3, 2)
    assert [group.members for group in sharing.groups] == [
        ("a.yml", "b.yml"),
        ("c.yml",),
        ("d.yml",),
        ("e.yml",),
    ]
    assert [group.built for group in sharing.groups] == [True, True, True, False]
    (suggestion,) = sharing.suggestions
    assert suggestion.like == "a.yml"
    assert [d.change.value for d in suggestion.edits["c.yml"]] == ["blanks", "case", "order"]


def test_resolutions_let_more_share(tmp_path: Path) -> None:
    a = definition(tmp_path, "a.yml", CONDA)
    b = definition(tmp_path, "b.yml", CONDA.replace("numpy,", "numpy>=1,"))
    assert not find_sharing([a, b]).suggestions
    pins = resolution(PYTHON, PIP, conda("numpy", "1.26.4"))
    (suggestion,) = find_sharing([a, b], {"a.yml": pins, "b.yml": pins}).suggestions
    assert [(d.old, d.new) for d in suggestion.edits["b.yml"]] == [("numpy>=1", "numpy")]


def test_command_with_lockfiles(tmp_path: Path, lock_hash: Callable[..., dict[str, Any]]) -> None:
    write_files(tmp_path, {"old.yml": CONDA, "new.yml": CONDA.replace("numpy,", "numpy=2.0.0,")})
    for name, version in (("old", "1.26.4"), ("new", "2.0.0")):
        text = write_conda_lock([resolution(PYTHON, PIP, conda("numpy", version))], LockMetadata())
        (tmp_path / f"{name}.lock.yml").write_text(text, encoding="utf-8")
    document = lock_hash(
        tmp_path / "new.yml", "--lock", tmp_path / "new.lock.yml",
        "--against", tmp_path / "old.yml", "--against-lock", tmp_path / "old.lock.yml", "--image", BASE,
    )  # fmt: skip
    (prediction,) = document["predictions"]
    assert (prediction["reused"], prediction["real"]) == (False, True)
    assert [change["name"] for change in prediction["packages"]] == ["numpy"]
    (content,) = [i for i in document["definitions"][0]["identities"] if i["kind"] == "content"]
    assert content["certainty"] == "exact"


FORMS = {
    "lines of definitions": lambda names: "# built before\n" + "\n".join(names) + "\n",
    "a JSON list": lambda names: json.dumps(names),
    "a document of this command": lambda names: json.dumps({"definitions": [{"file": n} for n in names]}),
}


@pytest.mark.parametrize("form", FORMS)
def test_registry_of_definitions(form: str, tmp_path: Path, lock_hash: Callable[..., dict[str, Any]]) -> None:
    write_files(
        tmp_path, {"a.yml": CONDA, "b.yml": CONDA.replace("numpy", "scipy"), "new.yml": "# new\n" + CONDA}
    )
    (tmp_path / "list").write_text(FORMS[form](["b.yml", "a.yml"]), encoding="utf-8")
    document = lock_hash(tmp_path / "new.yml", "--registry", tmp_path / "list")
    assert document["registry"] == [
        {
            "definition": str(tmp_path / "new.yml"),
            "reused": True,
            "match": "a.yml",
            "reason": "what is hashed is the same",
        }
    ]


def test_registry_without_calibration(tmp_path: Path, lock_hash: Callable[..., dict[str, Any]]) -> None:
    write_files(
        tmp_path, {"new.yml": CONDA, "list": f"Result\n------\nazureml/azureml_{'0' * 32}\nshop/web\n"}
    )
    document = lock_hash(
        tmp_path / "new.yml", "--image", BASE, "--registry", tmp_path / "list", "--exit-code"
    )
    (answer,) = document["registry"]
    assert answer["reused"] is None
    assert answer["reason"] == "no workspace is calibrated; see `lock hash --calibrate`"


CONTEXTS = [
    ("the same files", {"Dockerfile": "FROM b:1\n", "a.txt": "1"}, None, True, None),
    ("another content", {"Dockerfile": "FROM b:1\n", "a.txt": "2"}, None, False, "build.path"),
    ("another name", {"Dockerfile": "FROM b:1\n", "b.txt": "1"}, None, False, "build.path"),
    (
        "the Dockerfile named as it is anyway",
        {"Dockerfile": "FROM b:1\n", "a.txt": "1"},
        "Dockerfile",
        True,
        None,
    ),
]


@pytest.mark.parametrize(
    ("why", "files", "dockerfile", "reused", "where"), CONTEXTS, ids=[c[0] for c in CONTEXTS]
)
def test_build_contexts(
    why: str,
    files: dict[str, str | None],
    dockerfile: str | None,
    reused: bool,
    where: str | None,
    tmp_path: Path,
) -> None:
    write_files(tmp_path / "old", {"context/Dockerfile": "FROM b:1\n", "context/a.txt": "1"})
    write_files(tmp_path / "new" / "context", files)
    build = {"path": "context", **({"dockerfile_path": dockerfile} if dockerfile else {})}
    for name, data in (("old", {"path": "context"}), ("new", build)):
        (tmp_path / name / "environment.yml").write_text(json.dumps({"build": data}), encoding="utf-8")
    (old,), (new,) = (read_definitions(tmp_path / name / "environment.yml") for name in ("old", "new"))
    prediction = predict(new, old)
    assert prediction.reused is reused, why
    assert (prediction.first.where if prediction.first else None) == where
    assert prediction.same_v2_version is (reused and dockerfile is None)
